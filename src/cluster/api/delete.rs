//! Deleting: at once, after a grace period, or when the last finalizer is gone.

use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value, json};

use super::server::{ApiServer, Caller, DeleteOptions, key_of};
use super::types::{Propagation, Reply, Request};
use super::{Reason, Status};
use crate::cluster::kinds::table::{self, Resource};
use crate::cluster::object::{Key, Object};
use crate::cluster::{sim_time, time_of};

/// Namespaces that cannot be deleted.
const IMMORTAL: &[&str] = &["default", "kube-system", "kube-public"];
const FOREGROUND: &str = "foregroundDeletion";
const ORPHAN: &str = "orphan";

/// What a deletion did: the object is gone, or is on its way with this version.
pub struct Deleted {
    pub object: Rc<Object>,
    pub gone: bool,
}

impl ApiServer {
    pub(super) fn handle_delete(
        &mut self,
        resource: &Resource,
        caller: &Caller,
        request: &Request,
    ) -> Result<Reply, Status> {
        let key = key_of(resource, request)?;
        let deleted = self.delete(caller, &key, &delete_options(request))?;
        Ok(Reply::Object(match deleted.gone && key.kind != crate::cluster::object::KindId::Pod {
            true => success(resource, &deleted.object),
            false => self.encode(resource, &deleted.object),
        }))
    }

    pub(super) fn handle_delete_collection(
        &mut self,
        resource: &Resource,
        caller: &Caller,
        request: &Request,
    ) -> Result<Reply, Status> {
        if !resource.verbs.contains(&"deletecollection") {
            return Err(Status::method_not_allowed(resource.group, resource.plural, "delete"));
        }
        let reply = self.handle_list(resource, request, caller.now)?;
        let keys: Vec<Key> = self.selected(resource, request)?.iter().map(|o| o.key()).collect();
        for key in keys {
            match self.delete(caller, &key, &delete_options(request)) {
                Err(status) if status.reason != Reason::NotFound => return Err(status),
                _ => {}
            }
        }
        Ok(reply)
    }

    /// Deletes an object, or marks it as being deleted when something must happen first.
    pub fn delete(&mut self, caller: &Caller, key: &Key, options: &DeleteOptions) -> Result<Deleted, Status> {
        let resource = table::of(key.kind);
        let missing = || Status::not_found(resource.group, resource.plural, &key.name);
        let old = self.store.get_key(key).cloned().ok_or_else(missing)?;
        if let Object::Namespace(_) = &*old
            && IMMORTAL.contains(&&*key.name)
        {
            return Err(Status::forbidden("", "namespaces", &key.name, "this namespace may not be deleted"));
        }
        check_preconditions(resource, &old, options)?;
        let mut marked = Object::clone(&old);
        let waits = mark_deleted(&mut marked, caller, options);
        if options.dry_run {
            return Ok(Deleted { object: Rc::new(marked), gone: !waits });
        }
        if !waits {
            self.store.delete(key, &caller.origin());
            self.managers.forget(old.uid());
            return Ok(Deleted { object: Rc::new(marked), gone: true });
        }
        if marked == *old {
            return Ok(Deleted { object: old, gone: false });
        }
        Ok(Deleted { object: self.store.update(marked, &caller.origin()), gone: false })
    }
}

/// Sets the marks of deletion; true when the object must stay for now.
fn mark_deleted(object: &mut Object, caller: &Caller, options: &DeleteOptions) -> bool {
    let grace = grace_seconds(object, options);
    let first_time = !object.is_deleting();
    let namespace_waits = begin_namespace_end(object);
    let meta = object.meta_mut();
    let finalizers = meta.finalizers.get_or_insert_default();
    match options.propagation {
        Some(Propagation::Foreground) => add(finalizers, FOREGROUND, ORPHAN),
        Some(Propagation::Orphan) => add(finalizers, ORPHAN, FOREGROUND),
        Some(Propagation::Background) => finalizers.retain(|f| f != FOREGROUND && f != ORPHAN),
        None => {}
    }
    let held = !finalizers.is_empty();
    meta.finalizers.take_if(|f| f.is_empty());
    let until = caller.now + Duration::from_secs(u64::try_from(grace).unwrap_or(0));
    let sooner = meta.deletion_timestamp.as_ref().is_none_or(|t| sim_time(t) > until);
    if first_time || (sooner && grace < meta.deletion_grace_period_seconds.unwrap_or(0)) {
        meta.deletion_timestamp = Some(time_of(until));
        meta.deletion_grace_period_seconds = Some(grace);
    }
    if first_time {
        // What follows from a deletion differs from what follows from the spec, so the generation moves on.
        meta.generation = meta.generation.map(|g| g + 1);
    }
    let stopping = meta.deletion_grace_period_seconds.unwrap_or(0) > 0 && grace > 0;
    held || stopping || namespace_waits
}

fn add(finalizers: &mut Vec<String>, wanted: &str, instead_of: &str) {
    finalizers.retain(|f| f != instead_of);
    if !finalizers.iter().any(|f| f == wanted) {
        finalizers.push(wanted.to_owned());
    }
}

/// Pods stop gracefully once they are on a node and as long as they run; nothing else has a grace period.
fn grace_seconds(object: &Object, options: &DeleteOptions) -> i64 {
    let Object::Pod(pod) = object else { return 0 };
    let spec = pod.spec.as_ref();
    let bound = spec.and_then(|s| s.node_name.as_deref()).is_some_and(|n| !n.is_empty());
    let phase = pod.status.as_ref().and_then(|s| s.phase.as_deref());
    if !bound || matches!(phase, Some("Succeeded" | "Failed")) {
        return 0;
    }
    let own = spec.and_then(|s| s.termination_grace_period_seconds).unwrap_or(30);
    options.grace_period_seconds.unwrap_or(own).max(0)
}

/// A namespace ends when its content is gone (`spec.finalizers`).
fn begin_namespace_end(object: &mut Object) -> bool {
    let Object::Namespace(namespace) = object else { return false };
    let waits = namespace.spec.as_ref().is_some_and(|s| s.finalizers.iter().flatten().next().is_some());
    if waits {
        namespace.status.get_or_insert_default().phase = Some("Terminating".to_owned());
    }
    waits
}

fn check_preconditions(resource: &Resource, object: &Object, options: &DeleteOptions) -> Result<(), Status> {
    let conflict = |why: String| Err(Status::conflict(resource.group, resource.plural, object.name(), &why));
    match (&options.precondition_uid, &options.precondition_resource_version) {
        (Some(uid), _) if uid != object.uid() => conflict(format!(
            "Precondition failed: UID in precondition: {uid}, UID in object meta: {}",
            object.uid()
        )),
        (_, Some(version)) if Some(version) != object.meta().resource_version.as_ref() => conflict(format!(
            "Precondition failed: ResourceVersion in precondition: {version}, ResourceVersion in object meta: {}",
            object.revision()
        )),
        _ => Ok(()),
    }
}

/// The `Status` that answers a deletion that is complete.
fn success(resource: &Resource, object: &Object) -> Value {
    let mut details = json!({"name": object.name(), "kind": resource.plural, "uid": object.uid()});
    if !resource.group.is_empty() {
        details["group"] = json!(resource.group);
    }
    json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details})
}

pub(super) fn delete_options(request: &Request) -> DeleteOptions {
    DeleteOptions {
        grace_period_seconds: request.options.grace_period_seconds,
        propagation: request.options.propagation,
        precondition_uid: request.options.precondition_uid.clone(),
        precondition_resource_version: request.options.precondition_resource_version.clone(),
        dry_run: request.options.dry_run,
    }
}
