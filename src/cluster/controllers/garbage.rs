//! The garbage collector: dependents go when their last owner is gone, or before it (foreground), or are let go
//! (orphan). Follows owner references only; knows no kind.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

use super::{Controller, Ctx, Outcome, kind_named, look_through_pods};
use crate::cluster::api::server::DeleteOptions;
use crate::cluster::api::{Propagation, Reason};
use crate::cluster::object::{Key, KindId, Object};
use crate::cluster::store::{Change, ChangeVerb, Store};

const FOREGROUND: &str = "foregroundDeletion";
const ORPHAN: &str = "orphan";

pub struct GarbageCollector;

impl Controller for GarbageCollector {
    fn name(&self) -> &'static str {
        "generic-garbage-collector"
    }

    fn latency(&self, store: &Store) -> Duration {
        look_through_pods(store)
    }

    fn wakes_for(&self, change: &Change, store: &Store, keys: &mut Vec<Key>) {
        let Some(object) = change.object() else { return };
        if object.kind() == KindId::Event {
            return;
        }
        match change.verb {
            ChangeVerb::Deleted => {
                keys.extend(store.dependents(object.uid()).map(|d| d.key()));
                // An owner that waits for its dependents looks again when one of them goes.
                for owner in object.meta().owner_references.iter().flatten() {
                    keys.extend(
                        owner_of(owner, object.namespace(), store)
                            .filter(|o| o.is_deleting())
                            .map(Object::key),
                    );
                }
            }
            ChangeVerb::Created if has_absent_owner(object, store) => keys.push(object.key()),
            ChangeVerb::Updated if object.is_deleting() && is_held(object) => keys.push(object.key()),
            _ => {}
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(object) = ctx.store().get_key(key).cloned() else { return Outcome::Done };
        if object.is_deleting() {
            return match () {
                () if has_finalizer(&object, ORPHAN) => orphan(&object, ctx),
                () if has_finalizer(&object, FOREGROUND) => foreground(&object, ctx),
                () => Outcome::Done,
            };
        }
        if has_absent_owner(&object, ctx.store()) { collect(&object, ctx) } else { Outcome::Done }
    }
}

fn is_held(object: &Object) -> bool {
    has_finalizer(object, FOREGROUND) || has_finalizer(object, ORPHAN)
}

fn has_finalizer(object: &Object, name: &str) -> bool {
    object.meta().finalizers.iter().flatten().any(|f| f == name)
}

/// The owner that a reference means, if it still is the same object.
fn owner_of<'a>(reference: &OwnerReference, namespace: &str, store: &'a Store) -> Option<&'a Object> {
    let kind = kind_named(&reference.api_version, &reference.kind)?;
    let found =
        store.get(kind, namespace, &reference.name).or_else(|| store.get(kind, "", &reference.name))?;
    (found.uid() == reference.uid).then_some(&**found)
}

fn has_absent_owner(object: &Object, store: &Store) -> bool {
    let owners = object.meta().owner_references.iter().flatten();
    let mut owners = owners.filter(|o| kind_named(&o.api_version, &o.kind).is_some());
    owners.any(|o| owner_of(o, object.namespace(), store).is_none())
}

/// Deletes an object without living owners; one that has others left only forgets the absent (attemptToDeleteItem).
fn collect(object: &Object, ctx: &mut Ctx) -> Outcome {
    let owners = object.meta().owner_references.clone().unwrap_or_default();
    let (solid, absent): (Vec<OwnerReference>, Vec<OwnerReference>) =
        owners.into_iter().partition(|o| owner_of(o, object.namespace(), ctx.store()).is_some());
    if absent.is_empty() {
        return Outcome::Done;
    }
    if !solid.is_empty() {
        return rewrite(object, ctx, |copy| copy.meta_mut().owner_references = Some(solid));
    }
    let options = DeleteOptions {
        propagation: Some(Propagation::Background),
        precondition_uid: Some(object.uid().to_owned()),
        ..DeleteOptions::default()
    };
    outcome(ctx.delete_with(&object.key(), &options).map_err(|e| e.reason))
}

fn outcome(result: Result<(), Reason>) -> Outcome {
    match result {
        Ok(()) | Err(Reason::NotFound) => Outcome::Done,
        Err(_) => Outcome::Retry,
    }
}

fn rewrite(object: &Object, ctx: &mut Ctx, change: impl FnOnce(&mut Object)) -> Outcome {
    let mut copy = object.clone();
    change(&mut copy);
    outcome(ctx.update_object(copy).map_err(|e| e.reason))
}

/// Lets all dependents go, then the owner.
fn orphan(owner: &Object, ctx: &mut Ctx) -> Outcome {
    let dependents: Vec<_> = ctx.store().dependents(owner.uid()).cloned().collect();
    for dependent in dependents {
        let result = rewrite(&dependent, ctx, |copy| {
            let meta = copy.meta_mut();
            if let Some(owners) = &mut meta.owner_references {
                owners.retain(|o| o.uid != owner.uid());
            }
            meta.owner_references = meta.owner_references.take().filter(|o| !o.is_empty());
        });
        if result != Outcome::Done {
            return result;
        }
    }
    remove_finalizer(owner, ORPHAN, ctx)
}

/// Deletes the dependents that block the owner, and the owner once none is left.
fn foreground(owner: &Object, ctx: &mut Ctx) -> Outcome {
    let dependents: Vec<_> = ctx.store().dependents(owner.uid()).cloned().collect();
    let mut blocked = false;
    for dependent in dependents {
        let references = dependent.meta().owner_references.iter().flatten();
        let mut own = references.filter(|o| o.uid == owner.uid());
        blocked |= own.any(|o| o.block_owner_deletion == Some(true));
        if !dependent.is_deleting() {
            let options = DeleteOptions {
                propagation: Some(Propagation::Foreground),
                precondition_uid: Some(dependent.uid().to_owned()),
                ..DeleteOptions::default()
            };
            // Already gone is as good.
            let _ = ctx.delete_with(&dependent.key(), &options);
        }
    }
    let left = ctx.store().dependents(owner.uid()).next().is_some();
    if blocked && left { Outcome::Done } else { remove_finalizer(owner, FOREGROUND, ctx) }
}

fn remove_finalizer(object: &Object, name: &str, ctx: &mut Ctx) -> Outcome {
    let Some(current) = ctx.store().get_key(&object.key()).cloned() else { return Outcome::Done };
    rewrite(&current, ctx, |copy| {
        let meta = copy.meta_mut();
        if let Some(finalizers) = &mut meta.finalizers {
            finalizers.retain(|f| f != name);
        }
        meta.finalizers = meta.finalizers.take().filter(|f| !f.is_empty());
    })
}
