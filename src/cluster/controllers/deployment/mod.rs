//! The Deployment controller: keeps the ReplicaSets of a Deployment at the sizes that its strategy asks for, and
//! tells in the status how far a rollout has come. Never creates or deletes a pod.

mod arithmetic;
mod replica_sets;
mod rolling;
mod status;

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};

use self::replica_sets::{Family, clean_up, sync_revision, write_status};
use super::{Controller, Ctx, Outcome};
use crate::cluster::api::Status;
use crate::cluster::object::{Key, KindId, Typed, controller_of};
use crate::cluster::store::{Change, Store};

pub use self::arithmetic::scaled_value;

pub struct DeploymentController;

impl Controller for DeploymentController {
    fn name(&self) -> &'static str {
        "deployment-controller"
    }

    fn wakes_for(&self, change: &Change, store: &Store, keys: &mut Vec<Key>) {
        match change.key.kind {
            KindId::Deployment => keys.push(change.key.clone()),
            KindId::ReplicaSet => keys.extend(owning_deployment(change)),
            // A Recreate rollout waits for the last old pod to be gone.
            KindId::Pod if change.new.is_none() => keys.extend(deployment_of_pod(change, store)),
            _ => {}
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(d) = ctx.get::<Deployment>(&key.namespace, &key.name) else { return Outcome::Done };
        let family = Family::new(Deployment::clone(&d), replica_sets_of(&d, ctx));
        match sync(family, ctx) {
            Ok(d) => status::next_progress_check(&d).map_or(Outcome::Done, Outcome::RequeueAt),
            Err(_) => Outcome::Retry,
        }
    }
}

fn owning_deployment(change: &Change) -> Option<Key> {
    let owner = controller_of(change.object()?.meta()).filter(|o| o.kind == "Deployment")?;
    Some(Key::new(KindId::Deployment, &change.key.namespace, &owner.name))
}

fn deployment_of_pod(change: &Change, store: &Store) -> Option<Key> {
    let owner = controller_of(change.object()?.meta()).filter(|o| o.kind == "ReplicaSet")?;
    let rs = store.get(KindId::ReplicaSet, &change.key.namespace, &owner.name)?;
    let owner = rs.controller_ref().filter(|o| o.kind == "Deployment")?;
    let deployment = store.get_as::<Deployment>(&change.key.namespace, &owner.name)?;
    (arithmetic::strategy_type(&deployment) == "Recreate").then(|| deployment.key())
}

/// The ReplicaSets that this Deployment controls, after adopting matching orphans.
fn replica_sets_of(d: &Typed<Deployment>, ctx: &mut Ctx) -> Vec<Typed<ReplicaSet>> {
    super::ownership::claim::<ReplicaSet>(
        super::ownership::Claim {
            owner: &d.metadata,
            api_version: "apps/v1",
            kind: "Deployment",
            selector: d.spec.as_ref().map(|s| &s.selector),
        },
        ctx,
    )
}

/// One look at a Deployment (syncDeployment). Returns it as it is afterwards.
fn sync(mut family: Family, ctx: &mut Ctx) -> Result<Deployment, Status> {
    if family.d.metadata.deletion_timestamp.is_some() {
        sync_revision(&mut family, false, ctx)?;
        return write_if_changed(family, Step::Count, ctx);
    }
    if let Some(condition) = status::paused_condition(&family.d, ctx.now) {
        status::set_condition(family.d.status.get_or_insert_default(), condition);
        write_status(&mut family, ctx)?;
    }
    let paused = family.d.spec.as_ref().and_then(|s| s.paused).unwrap_or(false);
    if paused || rolling::was_scaled(&mut family, ctx)? {
        sync_revision(&mut family, false, ctx)?;
        rolling::distribute(&mut family, ctx)?;
        if paused {
            clean_up(&mut family, ctx)?;
        }
        return write_if_changed(family, Step::Count, ctx);
    }
    match arithmetic::strategy_type(&family.d) {
        "Recreate" => rolling::recreate(&mut family, ctx)?,
        _ => rolling::roll(&mut family, ctx)?,
    }
    write_if_changed(family, Step::Rollout, ctx)
}

/// What the status at the end of a look takes into account.
#[derive(Clone, Copy)]
enum Step {
    Count,
    Rollout,
}

fn write_if_changed(mut family: Family, step: Step, ctx: &mut Ctx) -> Result<Deployment, Status> {
    let all = family.all();
    let new = family.new.as_deref();
    let status = match step {
        Step::Count => status::calculate(&family.d, &all, new, ctx.now),
        Step::Rollout => status::after_rollout(&family.d, &all, new, ctx.now),
    };
    if family.d.status.as_ref() != Some(&status) {
        family.d.status = Some(status);
        write_status(&mut family, ctx)?;
    }
    Ok(family.d)
}
