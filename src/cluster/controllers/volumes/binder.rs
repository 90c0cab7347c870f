//! The persistent volume controller: brings claims and volumes together and follows what becomes of either.
//! As pkg/controller/volume/persistentvolume/pv_controller.go.

use std::time::Duration;

use k8s_openapi::api::core::v1::{ObjectReference, PersistentVolume, PersistentVolumeClaim};

use super::find::best_match;
use super::{
    BETA_PROVISIONER, BIND_COMPLETED, BOUND_BY_CONTROLLER, PROVISIONED_BY, PROVISIONER, SELECTED_NODE,
    claim_reference, class_of, is_bound, refers_to, users, volume_name, waits_for_consumer,
};
use crate::cluster::api::Status;
use crate::cluster::controllers::pod_state;
use crate::cluster::controllers::{Controller, Ctx, Outcome, reference_of};
use crate::cluster::object::{Key, KindId, Typed};
use crate::cluster::store::{Change, Store};

/// The controller looks at everything again this often, whatever happens in between.
const RESYNC: Duration = Duration::from_secs(15);
/// A new claim meets that round half-way.
const FIRST_RESYNC: Duration = Duration::from_secs(7);

/// The in-tree names of drivers that CSI took over.
const MIGRATED: &[(&str, &str)] = &[("kubernetes.io/gce-pd", "pd.csi.storage.gke.io")];

/// Its look at claims.
pub struct ClaimBinder;

/// Its look at volumes, which comes a little later: a claim made together with its volume does not find it
/// available yet, and waits for the next round.
pub struct VolumeBinder;

const NAME: &str = "persistentvolume-controller";

impl Controller for ClaimBinder {
    fn name(&self) -> &'static str {
        NAME
    }

    fn latency(&self, _store: &Store) -> Duration {
        Duration::from_millis(20)
    }

    fn wakes_for(&self, change: &Change, store: &Store, keys: &mut Vec<Key>) {
        match change.key.kind {
            KindId::PersistentVolumeClaim if change.new.is_some() => keys.push(change.key.clone()),
            KindId::PersistentVolume => {
                // What is set aside for a claim is told to that claim.
                let reference = change.new_as::<PersistentVolume>().and_then(claim_reference);
                let claim = reference.and_then(|r| Some((r.namespace.as_deref()?, r.name.as_deref()?)));
                let claim =
                    claim.filter(|(ns, name)| store.get(KindId::PersistentVolumeClaim, ns, name).is_some());
                keys.extend(claim.map(|(ns, name)| Key::new(KindId::PersistentVolumeClaim, ns, name)));
            }
            _ => {}
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(claim) = ctx.get_key::<PersistentVolumeClaim>(key) else { return Outcome::Done };
        sync_claim(&claim, ctx).unwrap_or(Outcome::Retry)
    }
}

impl Controller for VolumeBinder {
    fn name(&self) -> &'static str {
        NAME
    }

    fn latency(&self, _store: &Store) -> Duration {
        Duration::from_millis(200)
    }

    fn wakes_for(&self, change: &Change, _store: &Store, keys: &mut Vec<Key>) {
        match change.key.kind {
            KindId::PersistentVolume if change.new.is_some() => keys.push(change.key.clone()),
            KindId::PersistentVolumeClaim => {
                let claim = change.new_as::<PersistentVolumeClaim>().or(change.old_as());
                let volume = claim.map(volume_name).filter(|name| !name.is_empty());
                keys.extend(volume.map(|name| Key::new(KindId::PersistentVolume, "", name)));
            }
            _ => {}
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(volume) = ctx.get_key::<PersistentVolume>(key) else { return Outcome::Done };
        sync_volume(&volume, ctx).unwrap_or(Outcome::Retry)
    }
}

fn sync_claim(claim: &Typed<PersistentVolumeClaim>, ctx: &mut Ctx) -> Result<Outcome, Status> {
    if is_bound(claim) {
        return sync_bound(claim, ctx);
    }
    if claim.metadata.deletion_timestamp.is_some() {
        return Ok(Outcome::Done);
    }
    let wanted = volume_name(claim);
    if wanted.is_empty() {
        let held_back =
            waits_for_consumer(claim, ctx.store()) && claim.object().annotation(SELECTED_NODE).is_none();
        if let Some(found) = best_match(claim, None, held_back, ctx.store()).cloned() {
            return bind(claim, found, ctx);
        }
        without_volume(claim, held_back, ctx)?;
        return Ok(again(claim, ctx));
    }
    match ctx.get::<PersistentVolume>("", wanted) {
        Some(volume) => match claim_reference(&volume) {
            Some(other) if !refers_to(other, claim) => {
                let message = format!("volume {wanted:?} already bound to a different claim.");
                ctx.record_event(&**claim, "Warning", "FailedBinding", message);
                Ok(again(claim, ctx))
            }
            _ => bind(claim, PersistentVolume::clone(&volume), ctx),
        },
        None => Ok(again(claim, ctx)),
    }
}

/// The next regular look at a claim that is still without a volume.
fn again(claim: &Typed<PersistentVolumeClaim>, ctx: &Ctx) -> Outcome {
    let born = claim.metadata.creation_timestamp.as_ref().map_or(ctx.now, crate::cluster::sim_time);
    let young = ctx.now.since(born) < FIRST_RESYNC - Duration::from_secs(2);
    Outcome::RequeueAt(ctx.now + if young { FIRST_RESYNC } else { RESYNC })
}

/// Says why there is no volume yet, and asks for one to be made where that is possible.
fn without_volume(
    claim: &Typed<PersistentVolumeClaim>,
    held_back: bool,
    ctx: &mut Ctx,
) -> Result<(), Status> {
    if held_back {
        let mut waiting = users(ctx.store(), claim.namespace(), claim.name());
        let unplaced =
            waiting.find(|p| pod_state::node_name(p).is_empty()).and_then(|p| p.metadata.name.clone());
        drop(waiting);
        match unplaced {
            Some(pod) => ctx.record_event(
                &**claim,
                "Normal",
                "WaitForPodScheduled",
                format!("waiting for pod {pod} to be scheduled"),
            ),
            None => ctx.record_event(
                &**claim,
                "Normal",
                "WaitForFirstConsumer",
                "waiting for first consumer to be created before binding",
            ),
        }
        return Ok(());
    }
    let name = claim.spec.as_ref().and_then(|s| s.storage_class_name.clone()).unwrap_or_default();
    if name.is_empty() {
        let message = "no persistent volumes available for this claim and no storage class is set";
        ctx.record_event(&**claim, "Normal", "FailedBinding", message);
        return Ok(());
    }
    let Some(class) = class_of(claim, ctx.store()) else {
        let message = format!("storageclass.storage.k8s.io {name:?} not found");
        ctx.record_event(&**claim, "Warning", "ProvisioningFailed", message);
        return Ok(());
    };
    if class.provisioner == "kubernetes.io/no-provisioner" {
        return Ok(());
    }
    let driver = driver(&class.provisioner);
    if claim.object().annotation(PROVISIONER) != Some(driver) {
        let mut copy = PersistentVolumeClaim::clone(claim);
        let annotations = copy.metadata.annotations.get_or_insert_default();
        for name in [PROVISIONER, BETA_PROVISIONER] {
            annotations.insert(name.to_owned(), driver.to_owned());
        }
        ctx.update(copy)?;
    }
    let message = format!(
        "Waiting for a volume to be created either by the external provisioner '{driver}' or manually by the system \
         administrator. If volume creation is delayed, please verify that the provisioner is running and correctly \
         registered."
    );
    ctx.record_event(&**claim, "Normal", "ExternalProvisioning", message);
    Ok(())
}

fn driver(provisioner: &str) -> &str {
    MIGRATED.iter().find(|(old, _)| *old == provisioner).map_or(provisioner, |(_, new)| new)
}

/// Writes down on both sides that they belong together: volume, its status, claim, its status.
fn bind(
    claim: &Typed<PersistentVolumeClaim>,
    mut volume: PersistentVolume,
    ctx: &mut Ctx,
) -> Result<Outcome, Status> {
    let spec = volume.spec.get_or_insert_default();
    let complete = spec.claim_ref.as_ref().is_some_and(|r| r.uid.is_some());
    if !complete {
        if spec.claim_ref.is_none() {
            let annotations = volume.metadata.annotations.get_or_insert_default();
            annotations.insert(BOUND_BY_CONTROLLER.to_owned(), "yes".to_owned());
        }
        let reference = reference_of(&**claim, None);
        spec.claim_ref = Some(ObjectReference { field_path: None, ..reference });
        volume = PersistentVolume::clone(&*ctx.update(volume)?);
    }
    set_phase(&volume, "Bound", ctx)?;
    let mut copy = PersistentVolumeClaim::clone(claim);
    let annotations = copy.metadata.annotations.get_or_insert_default();
    if volume_name(claim).is_empty() {
        annotations.insert(BOUND_BY_CONTROLLER.to_owned(), "yes".to_owned());
    }
    annotations.insert(BIND_COMPLETED.to_owned(), "yes".to_owned());
    copy.spec.get_or_insert_default().volume_name.clone_from(&volume.metadata.name);
    let written = ctx.update(copy)?;
    tell_bound(&written, &volume, ctx)?;
    Ok(Outcome::Done)
}

fn tell_bound(
    claim: &Typed<PersistentVolumeClaim>,
    volume: &PersistentVolume,
    ctx: &mut Ctx,
) -> Result<(), Status> {
    let mut copy = PersistentVolumeClaim::clone(claim);
    let status = copy.status.get_or_insert_default();
    status.phase = Some("Bound".to_owned());
    status.access_modes = volume.spec.as_ref().and_then(|s| s.access_modes.clone());
    status.capacity = volume.spec.as_ref().and_then(|s| s.capacity.clone());
    ctx.update_status(copy).map(|_| ())
}

fn sync_bound(claim: &Typed<PersistentVolumeClaim>, ctx: &mut Ctx) -> Result<Outcome, Status> {
    let Some(volume) = ctx.get::<PersistentVolume>("", volume_name(claim)) else {
        let message = "Bound claim has lost its PersistentVolume. Data on the volume is lost!";
        let lost = claim.status.as_ref().and_then(|s| s.phase.as_deref()) == Some("Lost");
        if !lost {
            let mut copy = PersistentVolumeClaim::clone(claim);
            let status = copy.status.get_or_insert_default();
            (status.phase, status.access_modes, status.capacity) = (Some("Lost".to_owned()), None, None);
            ctx.update_status(copy)?;
            ctx.record_event(&**claim, "Warning", "ClaimLost", message);
        }
        return Ok(Outcome::Done);
    };
    match claim_reference(&volume) {
        Some(reference) if refers_to(reference, claim) => tell_bound(claim, &volume, ctx)?,
        None => return bind(claim, PersistentVolume::clone(&volume), ctx),
        Some(_) => {}
    }
    Ok(Outcome::Done)
}

fn set_phase(volume: &PersistentVolume, phase: &str, ctx: &mut Ctx) -> Result<(), Status> {
    let mut copy = volume.clone();
    let status = copy.status.get_or_insert_default();
    if status.phase.as_deref() == Some(phase) {
        return Ok(());
    }
    status.phase = Some(phase.to_owned());
    status.last_phase_transition_time = Some(crate::cluster::time_of(ctx.now));
    ctx.update_status(copy).map(|_| ())
}

fn sync_volume(volume: &Typed<PersistentVolume>, ctx: &mut Ctx) -> Result<Outcome, Status> {
    let Some(reference) = claim_reference(volume).cloned() else {
        set_phase(volume, "Available", ctx)?;
        return Ok(Outcome::Done);
    };
    if reference.uid.is_none() {
        set_phase(volume, "Available", ctx)?;
        return Ok(Outcome::Done);
    }
    let namespace = reference.namespace.clone().unwrap_or_default();
    let claim = ctx.get::<PersistentVolumeClaim>(&namespace, reference.name.as_deref().unwrap_or_default());
    match claim.filter(|c| refers_to(&reference, c)) {
        Some(claim) => {
            if volume_name(&claim) == volume.name() {
                set_phase(volume, "Bound", ctx)?;
            }
        }
        None => {
            set_phase(volume, "Released", ctx)?;
            reclaim(volume, ctx)?;
        }
    }
    Ok(Outcome::Done)
}

/// What becomes of a released volume. A driver's own volumes are its provisioner's business.
fn reclaim(volume: &Typed<PersistentVolume>, ctx: &mut Ctx) -> Result<(), Status> {
    let policy = volume.spec.as_ref().and_then(|s| s.persistent_volume_reclaim_policy.clone());
    let host_path = volume.spec.as_ref().and_then(|s| s.host_path.as_ref()).map(|h| h.path.clone());
    let provisioned = volume.object().annotation(PROVISIONED_BY).is_some();
    match (policy.as_deref(), host_path) {
        (Some("Delete"), Some(path)) if !provisioned && path.starts_with("/tmp/") => {
            ctx.delete(&volume.key())?;
        }
        (Some("Delete"), Some(path)) if !provisioned => {
            let why = format!("host_path deleter only supports /tmp/.+ but received provided {path}");
            fail(volume, "VolumeFailedDelete", &why, ctx)?;
        }
        (Some("Delete"), None) if !provisioned => {
            let why = format!(
                "error getting deleter volume plugin for volume {:?}: no volume plugin matched",
                volume.name()
            );
            fail(volume, "VolumeFailedDelete", &why, ctx)?;
        }
        _ => {}
    }
    Ok(())
}

fn fail(volume: &Typed<PersistentVolume>, reason: &str, why: &str, ctx: &mut Ctx) -> Result<(), Status> {
    let Some(current) = ctx.get_key::<PersistentVolume>(&volume.key()) else { return Ok(()) };
    let mut copy = PersistentVolume::clone(&current);
    let status = copy.status.get_or_insert_default();
    (status.phase, status.message) = (Some("Failed".to_owned()), Some(why.to_owned()));
    ctx.update_status(copy)?;
    ctx.record_event(&*current, "Warning", reason, why);
    Ok(())
}
