//! PersistentVolumes and their claims: who is bound to whom, who makes new volumes, and what keeps either from going
//! while it is in use. Never mounts anything; the kubelet does.

mod binder;
mod find;
mod protection;
mod provisioner;

use k8s_openapi::api::core::v1::{ObjectReference, PersistentVolume, PersistentVolumeClaim, Pod};
use k8s_openapi::api::storage::v1::StorageClass;

use super::pod_state;
use crate::cluster::object::{Kind, KindId};
use crate::cluster::store::Store;

pub use binder::{ClaimBinder, VolumeBinder};
pub use find::{best_match, reaches};
pub use protection::{ClaimProtectionController, VolumeProtectionController};
pub use provisioner::VolumeProvisioner;

/// Says on which node the pod that waits for a claim will run; written by the scheduler.
pub const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";
const BOUND_BY_CONTROLLER: &str = "pv.kubernetes.io/bound-by-controller";
const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";
const PROVISIONER: &str = "volume.kubernetes.io/storage-provisioner";
const BETA_PROVISIONER: &str = "volume.beta.kubernetes.io/storage-provisioner";

/// The storage class that a claim names; `None` when it names none, or one that is not there.
fn class_of(claim: &PersistentVolumeClaim, store: &Store) -> Option<StorageClass> {
    let name = claim.spec.as_ref()?.storage_class_name.as_deref().filter(|n| !n.is_empty())?;
    store.get(KindId::StorageClass, "", name).and_then(|o| StorageClass::of(o)).cloned()
}

/// A claim whose class waits for the first pod that uses it.
pub fn waits_for_consumer(claim: &PersistentVolumeClaim, store: &Store) -> bool {
    let mode = class_of(claim, store).and_then(|c| c.volume_binding_mode);
    mode.as_deref() == Some("WaitForFirstConsumer")
}

/// Can new volumes be made for the claim's class at all?
pub fn can_provision(claim: &PersistentVolumeClaim, store: &Store) -> bool {
    class_of(claim, store).is_some_and(|c| c.provisioner != "kubernetes.io/no-provisioner")
}

/// The volume a claim is bound to; empty while it is not.
pub fn volume_name(claim: &PersistentVolumeClaim) -> &str {
    claim.spec.as_ref().and_then(|s| s.volume_name.as_deref()).unwrap_or_default()
}

/// Both sides agree that they belong together.
pub fn is_bound(claim: &PersistentVolumeClaim) -> bool {
    !volume_name(claim).is_empty()
        && claim.metadata.annotations.as_ref().is_some_and(|a| a.contains_key(BIND_COMPLETED))
}

/// The pods of a namespace that mount a claim and are not over.
fn users<'a>(store: &'a Store, namespace: &'a str, claim: &'a str) -> impl Iterator<Item = &'a Pod> {
    let mounts = move |pod: &&Pod| {
        let volumes = pod.spec.as_ref().and_then(|s| s.volumes.as_ref());
        let of_claim = |v: &k8s_openapi::api::core::v1::Volume| {
            v.persistent_volume_claim.as_ref().is_some_and(|c| c.claim_name == claim)
        };
        volumes.into_iter().flatten().any(of_claim)
    };
    store.each::<Pod>(Some(namespace)).filter(mounts).filter(|p| !pod_state::is_finished(p))
}

/// Does the volume's claim reference mean this claim? One without a uid was written by a person and means any claim
/// of that name.
fn refers_to(reference: &ObjectReference, claim: &PersistentVolumeClaim) -> bool {
    let uid = reference.uid.as_deref().filter(|u| !u.is_empty());
    reference.name == claim.metadata.name
        && reference.namespace == claim.metadata.namespace
        && (uid.is_none() || uid == claim.metadata.uid.as_deref())
}

fn claim_reference(volume: &PersistentVolume) -> Option<&ObjectReference> {
    volume.spec.as_ref()?.claim_ref.as_ref()
}
