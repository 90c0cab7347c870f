//! The StatefulSet controller: pods with numbers and names that stay, created and renewed one after the other, each
//! with its own claims. Never reuses a name while its old pod is there. As pkg/controller/statefulset.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec, StatefulSetStatus};
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, PersistentVolumeClaimVolumeSource, Pod, Volume};

use super::ownership::{Claim, claim};
use super::pod_template::{controller_reference, pod_from_template};
use super::revisions::{self, History, Owner, REVISION_LABEL, hash_of};
use super::{Controller, Ctx, Outcome, look_through_pods, pod_state};
use crate::cluster::api::{Reason, Status};
use crate::cluster::object::{Key, KindId, Typed, controller_of};
use crate::cluster::store::{Change, Store};

const POD_NAME_LABEL: &str = "statefulset.kubernetes.io/pod-name";
const POD_INDEX_LABEL: &str = "apps.kubernetes.io/pod-index";

pub struct StatefulSetController;

impl Controller for StatefulSetController {
    fn name(&self) -> &'static str {
        "statefulset-controller"
    }

    fn latency(&self, store: &Store) -> Duration {
        look_through_pods(store)
    }

    fn wakes_for(&self, change: &Change, _store: &Store, keys: &mut Vec<Key>) {
        match change.key.kind {
            KindId::StatefulSet => keys.push(change.key.clone()),
            KindId::Pod => {
                let owner =
                    change.object().and_then(|o| controller_of(o.meta())).filter(|o| o.kind == "StatefulSet");
                keys.extend(owner.map(|o| Key::new(KindId::StatefulSet, &change.key.namespace, &o.name)));
            }
            _ => {}
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(set) = ctx.get_key::<StatefulSet>(key) else { return Outcome::Done };
        if set.metadata.deletion_timestamp.is_some() {
            return Outcome::Done;
        }
        match sync(&set, ctx) {
            Ok(()) => Outcome::Done,
            Err(_) => Outcome::Retry,
        }
    }
}

struct Plan<'a> {
    set: &'a Typed<StatefulSet>,
    spec: StatefulSetSpec,
    /// Pods by ordinal.
    pods: BTreeMap<i32, Typed<Pod>>,
    /// The hash of the revision to bring everything to.
    hash: String,
    /// Pods are made and renewed one after the other.
    ordered: bool,
}

fn sync(set: &Typed<StatefulSet>, ctx: &mut Ctx) -> Result<(), Status> {
    let spec = set.spec.clone().unwrap_or_default();
    let owner = Owner {
        meta: &set.metadata,
        kind: "StatefulSet",
        template: &spec.template,
        collisions: set.status.as_ref().and_then(|s| s.collision_count),
        history_limit: usize::try_from(spec.revision_history_limit.unwrap_or(10)).unwrap_or(10),
    };
    let history = revisions::sync(&owner, ctx)?;
    let pods = claim::<Pod>(
        Claim {
            owner: &set.metadata,
            api_version: "apps/v1",
            kind: "StatefulSet",
            selector: Some(&spec.selector),
        },
        ctx,
    );
    let in_use = |hash: &str| pods.iter().any(|p| p.object().label(REVISION_LABEL) == Some(hash));
    revisions::clean_up(&owner, &history, &in_use, ctx);
    let prefix = format!("{}-", set.name());
    let by_ordinal = pods.into_iter().filter_map(|p| {
        let ordinal = p.name().strip_prefix(prefix.as_str())?.parse().ok()?;
        Some((ordinal, p))
    });
    let plan = Plan {
        set,
        pods: by_ordinal.collect(),
        hash: hash_of(&history.current).to_owned(),
        ordered: spec.pod_management_policy.as_deref() != Some("Parallel"),
        spec: spec.clone(),
    };
    let result = bring_about(&plan, ctx);
    write_status(&plan, &history, ctx)?;
    result
}

/// The next step: replace the failed, create the missing, drop the surplus, renew the old; one at a time when ordered.
fn bring_about(plan: &Plan, ctx: &mut Ctx) -> Result<(), Status> {
    let start = plan.spec.ordinals.as_ref().and_then(|o| o.start).unwrap_or(0);
    let end = start + plan.spec.replicas.unwrap_or(1);
    for ordinal in start..end {
        match plan.pods.get(&ordinal) {
            Some(pod) if pod_state::is_finished(pod) && !pod_state::is_deleting(pod) => {
                delete(plan, pod, ctx)?;
                return Ok(());
            }
            Some(pod) if plan.ordered && !is_settled(plan, pod, ctx) => return Ok(()),
            Some(_) => {}
            None => {
                create(plan, ordinal, ctx)?;
                if plan.ordered {
                    return Ok(());
                }
            }
        }
    }
    for (_, pod) in plan.pods.range(end..).rev() {
        if !pod_state::is_deleting(pod) {
            delete(plan, pod, ctx)?;
        }
        if plan.ordered {
            return Ok(());
        }
    }
    keep_or_drop_claims(plan, start, end, ctx)?;
    renew(plan, start, end, ctx)
}

/// Claims of ordinals that are no longer wanted go when the retention policy says so and their pods are gone.
fn keep_or_drop_claims(plan: &Plan, start: i32, end: i32, ctx: &mut Ctx) -> Result<(), Status> {
    let policy = plan.spec.persistent_volume_claim_retention_policy.as_ref();
    if policy.and_then(|p| p.when_scaled.as_deref()) != Some("Delete") {
        return Ok(());
    }
    let templates =
        plan.spec.volume_claim_templates.iter().flatten().filter_map(|t| t.metadata.name.as_deref());
    let prefixes: Vec<String> = templates.map(|name| format!("{name}-{}-", plan.set.name())).collect();
    for claim in ctx.list::<PersistentVolumeClaim>(Some(plan.set.namespace())) {
        let ordinal =
            prefixes.iter().find_map(|p| claim.name().strip_prefix(p.as_str())?.parse::<i32>().ok());
        let unwanted = ordinal.is_some_and(|n| !(start..end).contains(&n) && !plan.pods.contains_key(&n));
        if unwanted && claim.metadata.deletion_timestamp.is_none() {
            ctx.delete(&claim.key())?;
        }
    }
    Ok(())
}

fn is_settled(plan: &Plan, pod: &Pod, ctx: &Ctx) -> bool {
    let min_ready = plan.spec.min_ready_seconds.unwrap_or(0);
    !pod_state::is_deleting(pod) && pod_state::is_available(pod, min_ready, ctx.now)
}

/// Rolling update: the highest ordinal that is old goes, if all above it are settled.
fn renew(plan: &Plan, start: i32, end: i32, ctx: &mut Ctx) -> Result<(), Status> {
    let strategy = plan.spec.update_strategy.as_ref();
    if strategy.and_then(|s| s.type_.as_deref()) == Some("OnDelete") {
        return Ok(());
    }
    let partition = strategy.and_then(|s| s.rolling_update.as_ref()).and_then(|r| r.partition).unwrap_or(0);
    for ordinal in (start.max(partition)..end).rev() {
        let Some(pod) = plan.pods.get(&ordinal) else { return Ok(()) };
        if pod.object().label(REVISION_LABEL) != Some(plan.hash.as_str()) {
            if !pod_state::is_deleting(pod) {
                delete(plan, pod, ctx)?;
            }
            return Ok(());
        }
        if !is_settled(plan, pod, ctx) {
            return Ok(());
        }
    }
    Ok(())
}

fn create(plan: &Plan, ordinal: i32, ctx: &mut Ctx) -> Result<(), Status> {
    let set = plan.set;
    let name = format!("{}-{ordinal}", set.name());
    let owner = controller_reference("apps/v1", "StatefulSet", &set.metadata);
    let mut pod = pod_from_template(&plan.spec.template, set.name(), owner);
    pod.metadata.generate_name = Some(format!("{}-", set.name()));
    pod.metadata.name = Some(name.clone());
    pod.metadata.namespace = set.metadata.namespace.clone();
    let labels = pod.metadata.labels.get_or_insert_default();
    labels.insert(POD_NAME_LABEL.to_owned(), name.clone());
    labels.insert(POD_INDEX_LABEL.to_owned(), ordinal.to_string());
    labels.insert(REVISION_LABEL.to_owned(), plan.hash.clone());
    let spec = pod.spec.get_or_insert_default();
    spec.hostname = Some(name.clone());
    spec.subdomain = plan.spec.service_name.clone();
    for template in plan.spec.volume_claim_templates.iter().flatten() {
        let volume = template.metadata.name.clone().unwrap_or_default();
        let claim_name = format!("{volume}-{name}");
        create_claim(plan, template, &claim_name, &name, ctx)?;
        let volumes = spec.volumes.get_or_insert_default();
        volumes.retain(|v| v.name != volume);
        let source = PersistentVolumeClaimVolumeSource { claim_name, read_only: None };
        volumes.push(Volume { name: volume, persistent_volume_claim: Some(source), ..Volume::default() });
    }
    let result = ctx.create(pod).map(|_| ());
    tell(plan, "Create", &name, &result, ctx);
    result
}

fn create_claim(
    plan: &Plan,
    template: &PersistentVolumeClaim,
    claim_name: &str,
    pod: &str,
    ctx: &mut Ctx,
) -> Result<(), Status> {
    let set = plan.set;
    if ctx.get::<PersistentVolumeClaim>(set.namespace(), claim_name).is_some() {
        return Ok(());
    }
    let mut claim = template.clone();
    claim.status = None;
    claim.metadata.name = Some(claim_name.to_owned());
    claim.metadata.namespace = set.metadata.namespace.clone();
    let labels = claim.metadata.labels.get_or_insert_default();
    labels.extend(plan.spec.selector.match_labels.clone().unwrap_or_default());
    let policy = plan.spec.persistent_volume_claim_retention_policy.as_ref();
    if policy.and_then(|p| p.when_deleted.as_deref()) == Some("Delete") {
        // Owned by the set, the claim goes with it.
        let owner = controller_reference("apps/v1", "StatefulSet", &set.metadata);
        claim.metadata.owner_references = Some(vec![owner]);
    }
    match ctx.create(claim) {
        Ok(_) => {
            let message =
                format!("Create Claim {claim_name} Pod {pod} in StatefulSet {} success", set.name());
            ctx.record_event(&**set, "Normal", "SuccessfulCreate", message);
            Ok(())
        }
        Err(error) if error.reason == Reason::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

fn delete(plan: &Plan, pod: &Typed<Pod>, ctx: &mut Ctx) -> Result<(), Status> {
    let result = ctx.delete(&pod.key());
    tell(plan, "Delete", pod.name(), &result, ctx);
    result
}

fn tell(plan: &Plan, verb: &str, pod: &str, result: &Result<(), Status>, ctx: &mut Ctx) {
    let set = plan.set;
    match result {
        Ok(()) => {
            let message = format!("{verb} Pod {pod} in StatefulSet {} successful", set.name());
            ctx.record_event(&**set, "Normal", &format!("Successful{verb}"), message);
        }
        Err(error) => {
            let message =
                format!("{verb} Pod {pod} in StatefulSet {} failed error: {}", set.name(), error.message);
            ctx.record_event(&**set, "Warning", &format!("Failed{verb}"), message);
        }
    }
}

fn write_status(plan: &Plan, history: &History, ctx: &mut Ctx) -> Result<(), Status> {
    let set = plan.set;
    let min_ready = plan.spec.min_ready_seconds.unwrap_or(0);
    let update = plan.hash.clone();
    let old = set.status.clone().unwrap_or_default();
    let has = |pod: &Typed<Pod>, revision: &str| pod.object().label(REVISION_LABEL) == Some(revision);
    let count = |test: &dyn Fn(&Typed<Pod>) -> bool| {
        i32::try_from(plan.pods.values().filter(|p| !pod_state::is_deleting(p) && test(p)).count())
            .unwrap_or(0)
    };
    let known = old.current_revision.clone().filter(|r| history.old.iter().any(|h| h.name() == r));
    let mut current = known.unwrap_or_else(|| update.clone());
    let some = |n: i32| Some(n).filter(|n| *n != 0);
    let updated = count(&|p| has(p, &update));
    let replicas = i32::try_from(plan.pods.len()).unwrap_or(i32::MAX);
    let wanted = plan.spec.replicas.unwrap_or(1);
    let ready = count(&|p| pod_state::is_ready(p));
    // The rollout is over when every pod has the new revision and is ready.
    if updated == wanted && replicas == wanted && ready == wanted {
        current.clone_from(&update);
    }
    let status = StatefulSetStatus {
        observed_generation: set.metadata.generation,
        replicas,
        ready_replicas: some(ready),
        available_replicas: Some(count(&|p| pod_state::is_available(p, min_ready, ctx.now))),
        current_replicas: some(count(&|p| has(p, &current))),
        updated_replicas: some(updated),
        current_revision: Some(current),
        update_revision: Some(update),
        collision_count: Some(old.collision_count.unwrap_or(0)),
        conditions: old.conditions,
    };
    if set.status.as_ref() == Some(&status) {
        return Ok(());
    }
    let mut copy = StatefulSet::clone(set);
    copy.status = Some(status);
    ctx.update_status(copy).map(|_| ())
}
