//! Which existing volume suits a claim: capacity, access modes, class, labels, and from which nodes it can be reached.
//! Pure functions; never binds. As pkg/controller/volume/persistentvolume/index.go.

use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, VolumeNodeAffinity};

use super::{claim_reference, refers_to};
use crate::cluster::api::selector::Selector;
use crate::cluster::node::node_matches;
use crate::cluster::object::KindId;
use crate::cluster::quantity::{self, Quantity};
use crate::cluster::store::Store;

/// The smallest free volume that suits the claim, or one that was set aside for it. With `prebound_only` only the
/// latter: a claim that waits for its first consumer takes nothing else before a node is chosen.
pub fn best_match<'a>(
    claim: &PersistentVolumeClaim,
    node: Option<&str>,
    prebound_only: bool,
    store: &'a Store,
) -> Option<&'a PersistentVolume> {
    let mut best: Option<(&PersistentVolume, Quantity)> = None;
    for volume in store.each::<PersistentVolume>(None) {
        if volume.metadata.deletion_timestamp.is_some() || !suits(volume, claim) {
            continue;
        }
        if let Some(reference) = claim_reference(volume) {
            if refers_to(reference, claim) {
                return Some(volume);
            }
            continue;
        }
        let phase = volume.status.as_ref().and_then(|s| s.phase.as_deref());
        if prebound_only || phase != Some("Available") || !matches_labels(volume, claim) {
            continue;
        }
        if node.is_some_and(|name| !reaches(volume, name, store)) {
            continue;
        }
        let size = capacity(volume);
        if best.is_none_or(|(_, smallest)| size < smallest) {
            best = Some((volume, size));
        }
    }
    best.map(|(volume, _)| volume)
}

fn capacity(volume: &PersistentVolume) -> Quantity {
    let listed = volume.spec.as_ref().and_then(|s| s.capacity.as_ref());
    listed.and_then(|c| c.get("storage")).and_then(|q| quantity::parse(&q.0).ok()).unwrap_or(Quantity::ZERO)
}

/// The storage that a claim asks for.
pub fn requested(claim: &PersistentVolumeClaim) -> Quantity {
    let resources = claim.spec.as_ref().and_then(|s| s.resources.as_ref());
    let listed = resources.and_then(|r| r.requests.as_ref()).and_then(|r| r.get("storage"));
    listed.and_then(|q| quantity::parse(&q.0).ok()).unwrap_or(Quantity::ZERO)
}

fn suits(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    let (Some(has), Some(wants)) = (&volume.spec, &claim.spec) else { return false };
    let class = |name: &Option<String>| name.clone().unwrap_or_default();
    let modes = has.access_modes.as_deref().unwrap_or_default();
    capacity(volume) >= requested(claim)
        && class(&has.storage_class_name) == class(&wants.storage_class_name)
        && wants.access_modes.iter().flatten().all(|mode| modes.contains(mode))
        && has.volume_mode == wants.volume_mode
}

fn matches_labels(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    let selector = claim.spec.as_ref().and_then(|s| s.selector.as_ref());
    selector.is_none_or(|s| Selector::of_label_selector(s).matches(volume.metadata.labels.as_ref()))
}

/// Can the node reach the volume? (its node affinity)
pub fn reaches(volume: &PersistentVolume, node: &str, store: &Store) -> bool {
    let affinity: Option<&VolumeNodeAffinity> = volume.spec.as_ref().and_then(|s| s.node_affinity.as_ref());
    let Some(required) = affinity.and_then(|a| a.required.as_ref()) else { return true };
    let Some(node) = store.get(KindId::Node, "", node) else { return false };
    required.node_selector_terms.iter().any(|term| node_matches(term, node))
}
