//! A pod's claims as the scheduler sees them: whether they let it be placed, on which nodes, and what has to be
//! written before it can be bound. As kube-scheduler's VolumeBinding plug-in.

use k8s_openapi::api::core::v1::{ObjectReference, PersistentVolume, PersistentVolumeClaim, Pod};

use super::fit::Misfit;
use crate::cluster::controllers::volumes::{
    SELECTED_NODE, best_match, can_provision, is_bound, reaches, volume_name, waits_for_consumer,
};
use crate::cluster::controllers::{Ctx, reference_of};
use crate::cluster::object::Typed;
use crate::cluster::store::Store;

/// What a pod's claims ask of its node.
#[derive(Debug, Default)]
pub struct Claims {
    /// Volumes that claims are bound to already.
    bound: Vec<String>,
    /// Claims that wait for the pod to be placed.
    open: Vec<Typed<PersistentVolumeClaim>>,
}

impl Claims {
    /// The claims of a pod; the error is why it can be placed nowhere.
    pub fn of(pod: &Pod, store: &Store) -> Result<Claims, String> {
        let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
        let volumes = pod.spec.as_ref().and_then(|s| s.volumes.as_ref());
        let mut claims = Claims::default();
        for source in volumes.into_iter().flatten().filter_map(|v| v.persistent_volume_claim.as_ref()) {
            let name = &source.claim_name;
            let Some(claim) = store.get_as::<PersistentVolumeClaim>(namespace, name) else {
                return Err(format!("persistentvolumeclaim {name:?} not found"));
            };
            if claim.metadata.deletion_timestamp.is_some() {
                return Err(format!("persistentvolumeclaim {name:?} is being deleted"));
            }
            if is_bound(&claim) {
                claims.bound.push(volume_name(&claim).to_owned());
            } else if waits_for_consumer(&claim, store) && volume_name(&claim).is_empty() {
                claims.open.push(claim);
            } else {
                return Err("pod has unbound immediate PersistentVolumeClaims".to_owned());
            }
        }
        Ok(claims)
    }

    /// Why a node will not do.
    pub fn misfit(&self, node: &str, store: &Store) -> Option<Misfit> {
        let refused = |reason: &str| Some(Misfit { reasons: vec![reason.to_owned()], unresolvable: true });
        let volume = |name: &String| store.get_as::<PersistentVolume>("", name);
        if self.bound.iter().filter_map(volume).any(|v| !reaches(&v, node, store)) {
            return refused("node(s) had volume node affinity conflict");
        }
        for claim in &self.open {
            let elsewhere = claim.object().annotation(SELECTED_NODE).is_some_and(|chosen| chosen != node);
            let available =
                can_provision(claim, store) || best_match(claim, Some(node), false, store).is_some();
            if elsewhere || !available {
                return refused("node(s) didn't find available persistent volumes to bind");
            }
        }
        None
    }

    /// Sets volumes aside for the open claims, or asks for new ones near the node. True when nothing is open.
    pub fn settle(&self, node: &str, ctx: &mut Ctx) -> bool {
        for claim in &self.open {
            if let Some(found) = best_match(claim, Some(node), false, ctx.store()).cloned() {
                let mut volume = found;
                let reference = ObjectReference { field_path: None, ..reference_of(&**claim, None) };
                volume.spec.get_or_insert_default().claim_ref = Some(reference);
                // Somebody else took it: the pod is looked at again, as for every change of a claim.
                let _ = ctx.update(volume);
            } else if claim.object().annotation(SELECTED_NODE) != Some(node) {
                let mut copy = PersistentVolumeClaim::clone(claim);
                let annotations = copy.metadata.annotations.get_or_insert_default();
                annotations.insert(SELECTED_NODE.to_owned(), node.to_owned());
                let _ = ctx.update(copy);
            }
        }
        self.open.is_empty()
    }
}
