//! The two protections: a claim stays while a pod uses it, a volume while it is bound. Removes finalizers and nothing
//! else; admission puts them there.

use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Pod};

use super::users;
use crate::cluster::controllers::{Controller, Ctx, Outcome};
use crate::cluster::object::{Key, Kind, KindId, Typed};
use crate::cluster::store::{Change, Store};

const CLAIM_FINALIZER: &str = "kubernetes.io/pvc-protection";
const VOLUME_FINALIZER: &str = "kubernetes.io/pv-protection";

pub struct ClaimProtectionController;

impl Controller for ClaimProtectionController {
    fn name(&self) -> &'static str {
        "pvc-protection-controller"
    }

    fn wakes_for(&self, change: &Change, store: &Store, keys: &mut Vec<Key>) {
        match change.key.kind {
            KindId::PersistentVolumeClaim if change.new.as_ref().is_some_and(|o| o.is_deleting()) => {
                keys.push(change.key.clone());
            }
            KindId::Pod if store.count(KindId::PersistentVolumeClaim) > 0 => {
                let pod = change.old_as::<Pod>().or(change.new_as::<Pod>());
                let volumes = pod.and_then(|p| p.spec.as_ref()).and_then(|s| s.volumes.as_ref());
                let claims = volumes.into_iter().flatten().filter_map(|v| v.persistent_volume_claim.as_ref());
                keys.extend(
                    claims.map(|c| {
                        Key::new(KindId::PersistentVolumeClaim, &change.key.namespace, &c.claim_name)
                    }),
                );
            }
            _ => {}
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(claim) = ctx.get_key::<PersistentVolumeClaim>(key) else { return Outcome::Done };
        let in_use = users(ctx.store(), &key.namespace, &key.name).next().is_some();
        if claim.metadata.deletion_timestamp.is_none() || in_use {
            return Outcome::Done;
        }
        release(&claim, CLAIM_FINALIZER, ctx)
    }
}

pub struct VolumeProtectionController;

impl Controller for VolumeProtectionController {
    fn name(&self) -> &'static str {
        "pv-protection-controller"
    }

    fn wakes_for(&self, change: &Change, _store: &Store, keys: &mut Vec<Key>) {
        if change.key.kind == KindId::PersistentVolume && change.new.as_ref().is_some_and(|o| o.is_deleting())
        {
            keys.push(change.key.clone());
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(volume) = ctx.get_key::<PersistentVolume>(key) else { return Outcome::Done };
        let bound = volume.status.as_ref().and_then(|s| s.phase.as_deref()) == Some("Bound");
        if volume.metadata.deletion_timestamp.is_none() || bound {
            return Outcome::Done;
        }
        release(&volume, VOLUME_FINALIZER, ctx)
    }
}

fn release<K: Kind>(object: &Typed<K>, finalizer: &str, ctx: &mut Ctx) -> Outcome {
    let mut copy = K::clone(object);
    let finalizers = copy.meta_mut().finalizers.get_or_insert_default();
    if !finalizers.iter().any(|f| f == finalizer) {
        return Outcome::Done;
    }
    finalizers.retain(|f| f != finalizer);
    match ctx.update(copy) {
        Ok(_) => Outcome::Done,
        Err(_) => Outcome::Retry,
    }
}
