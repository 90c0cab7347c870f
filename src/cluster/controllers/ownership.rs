//! Who controls what: adoption of matching orphans, release of what no longer matches, as the real
//! ControllerRefManager. Changes owner references only.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use super::Ctx;
use super::pod_template::controller_reference;
use crate::cluster::api::selector::Selector;
use crate::cluster::object::{Kind, KindId, Typed, controller_of};
use crate::cluster::store::Store;

/// A controller object that claims its dependents.
pub struct Claim<'a> {
    pub owner: &'a ObjectMeta,
    pub api_version: &'a str,
    pub kind: &'a str,
    pub selector: Option<&'a LabelSelector>,
}

/// Whether claiming pods would change nothing: the owner selects all that it controls, and no orphan waits for it.
/// Answered from the store's counts.
pub fn has_claimed_pods(owner: &ObjectMeta, selector: &Selector, store: &Store) -> bool {
    let uid = owner.uid.as_deref().unwrap_or_default();
    let namespace = owner.namespace.as_deref().unwrap_or_default();
    let selects_its_own = store.replicas().of(uid).is_none_or(|owned| owned.all_match(selector));
    selects_its_own
        && !store.orphans(KindId::Pod, namespace).any(|pod| selector.matches(pod.meta().labels.as_ref()))
}

/// The objects of kind `K` that belong to the owner: those it controls and still selects, and matching orphans,
/// which it adopts. What it controls but no longer selects is released.
pub fn claim<K: Kind>(claim: Claim, ctx: &mut Ctx) -> Vec<Typed<K>> {
    let Some(selector) = claim.selector.map(Selector::of_label_selector) else { return Vec::new() };
    let uid = claim.owner.uid.clone().unwrap_or_default();
    let alive = claim.owner.deletion_timestamp.is_none();
    let mut claimed = Vec::new();
    for object in ctx.dependents::<K>(&uid) {
        let is_controller = controller_of(object.meta()).is_some_and(|o| o.uid == uid);
        if !is_controller {
            continue;
        }
        if selector.matches(object.meta().labels.as_ref()) {
            claimed.push(object);
        } else if alive && object.meta().deletion_timestamp.is_none() {
            release(&object, &uid, ctx);
        }
    }
    if alive {
        let namespace = claim.owner.namespace.as_deref().unwrap_or_default();
        for orphan in ctx.orphans::<K>(namespace) {
            let wanted =
                orphan.meta().deletion_timestamp.is_none() && selector.matches(orphan.meta().labels.as_ref());
            if wanted {
                claimed.extend(adopt(&orphan, &claim, ctx));
            }
        }
    }
    claimed
}

fn adopt<K: Kind>(orphan: &Typed<K>, claim: &Claim, ctx: &mut Ctx) -> Option<Typed<K>> {
    let mut copy = K::clone(orphan);
    let reference = controller_reference(claim.api_version, claim.kind, claim.owner);
    copy.meta_mut().owner_references.get_or_insert_default().push(reference);
    ctx.update(copy).ok()
}

fn release<K: Kind>(object: &Typed<K>, uid: &str, ctx: &mut Ctx) {
    let mut copy = K::clone(object);
    let meta = copy.meta_mut();
    if let Some(owners) = &mut meta.owner_references {
        owners.retain(|o| o.uid != uid);
    }
    meta.owner_references = meta.owner_references.take().filter(|o| !o.is_empty());
    // A conflict means that somebody else just changed it; the next look decides again.
    let _ = ctx.update(copy);
}
