//! Creating and updating: defaults, admission, preparation, validation, allocation, and only then the store.

use std::rc::Rc;

use serde_json::Value;

use super::server::{ApiServer, Caller, Part, namespace_of};
use super::types::{Reply, Request};
use super::{Cause, Status, allocate, codec, ephemeral};
use crate::cluster::kinds::field::Errors;
use crate::cluster::kinds::table::{self, Resource};
use crate::cluster::kinds::{defaults, strategy, validation};
use crate::cluster::object::{KindId, Object};
use crate::cluster::time_of;

/// Draws of a generated name before the server gives up.
const NAME_ATTEMPTS: usize = 8;

impl ApiServer {
    pub(super) fn handle_create(
        &mut self,
        resource: &Resource,
        caller: &Caller,
        request: &Request,
        warnings: &mut Vec<String>,
    ) -> Result<Reply, Status> {
        let body = body_of(request)?;
        let mut object = self.decode(resource, body, request.options.field_validation, warnings)?;
        check_namespace_matches(resource, request, &mut object)?;
        validation::warnings(&object, warnings);
        let created = self.create(caller, object, request.options.dry_run)?;
        Ok(Reply::Object(self.encode(resource, &created)))
    }

    pub(super) fn handle_update(
        &mut self,
        resource: &Resource,
        caller: &Caller,
        request: &Request,
        warnings: &mut Vec<String>,
    ) -> Result<Reply, Status> {
        let body = body_of(request)?;
        let mut object = self.decode(resource, body, request.options.field_validation, warnings)?;
        check_namespace_matches(resource, request, &mut object)?;
        if let Some(name) = request.name.as_deref()
            && name != object.name()
        {
            return Err(Status::bad_request(format!(
                "the name of the object ({}) does not match the name on the URL ({name})",
                object.name()
            )));
        }
        validation::warnings(&object, warnings);
        let updated = self.update(caller, object, part_of(request), request.options.dry_run)?;
        Ok(Reply::Object(self.encode(resource, &updated)))
    }

    /// Creates an object as its caller; the result is what was stored (or would have been).
    pub fn create(
        &mut self,
        caller: &Caller,
        mut object: Object,
        dry_run: bool,
    ) -> Result<Rc<Object>, Status> {
        let resource = table::of(object.kind());
        if !resource.namespaced {
            object.meta_mut().namespace = None;
        }
        defaults::default(&mut object);
        self.name_generated(&mut object);
        let stated = (caller.tracks && caller.is_person()).then(|| codec::encode(&object));
        self.admit(resource, &mut object)?;
        let uid = self.store.draw_uid(&object);
        let meta = object.meta_mut();
        meta.uid = Some(uid);
        meta.creation_timestamp = Some(time_of(caller.now));
        strategy::prepare_for_create(&mut object);
        defaults::default(&mut object);
        let mut errors = Errors::default();
        validation::validate(&object, &mut errors);
        refuse(resource, &object, errors.into_result())?;
        self.check_limits(&object)?;
        self.check_quota(resource, &object)?;
        if self.store.get_key(&object.key()).is_some() {
            return Err(Status::already_exists(resource.group, resource.plural, object.name()));
        }
        if let Object::Service(service) = &mut object {
            let allocated = self.allocate_service(service, None);
            refuse(resource, &object, allocated)?;
        }
        if dry_run {
            return Ok(Rc::new(object));
        }
        let created = self.store.create(object, &caller.origin());
        if let Some(stated) = stated {
            self.managers.created(caller, created.kind(), created.uid(), &stated);
        }
        Ok(created)
    }

    fn name_generated(&mut self, object: &mut Object) {
        let Some(prefix) = object.meta().generate_name.clone().filter(|_| object.name().is_empty()) else {
            return;
        };
        for _ in 0..NAME_ATTEMPTS {
            let name = self.store.draw_name(object.kind(), object.namespace(), &prefix);
            object.meta_mut().name = Some(name);
            if self.store.get_key(&object.key()).is_none() {
                return;
            }
        }
    }

    /// Replaces an object, or its status only. An update that changes nothing writes nothing.
    pub fn update(
        &mut self,
        caller: &Caller,
        mut object: Object,
        part: Part,
        dry_run: bool,
    ) -> Result<Rc<Object>, Status> {
        let resource = table::of(object.kind());
        let key = object.key();
        let missing = || Status::not_found(resource.group, resource.plural, &key.name);
        let old = self.store.get_key(&key).cloned().ok_or_else(missing)?;
        check_preconditions(resource, &object, &old)?;
        object = match part {
            Part::Main => {
                defaults::default(&mut object);
                strategy::prepare_for_update(&mut object, &old);
                object
            }
            // A part of the control plane that read this very version changes nothing but the status.
            Part::Status if !caller.is_person() && object.meta().resource_version.is_some() => {
                debug_assert_eq!(strategy::status_update(&object, &old), object);
                object
            }
            Part::Status => strategy::status_update(&object, &old),
            Part::Ephemeral => ephemeral::update(&object, &old)?,
            Part::Finalize => {
                let mut changed = Object::clone(&old);
                if let (Object::Namespace(to), Object::Namespace(from)) = (&mut changed, &object) {
                    to.spec.clone_from(&from.spec);
                }
                changed
            }
        };
        if part == Part::Main {
            if let (Object::Service(service), Object::Service(before)) = (&mut object, &*old) {
                allocate::keep_allocated(service, before);
            }
            self.admit_resize(&object, &old)?;
            let mut errors = Errors::default();
            validation::validate_update(&object, &old, &mut errors);
            refuse(resource, &object, errors.into_result())?;
            if let (Object::Service(service), Object::Service(before)) = (&mut object, &*old) {
                let allocated = self.allocate_service(service, Some(before));
                refuse(resource, &object, allocated)?;
            }
        }
        object.meta_mut().resource_version.clone_from(&old.meta().resource_version);
        if *old == object {
            return Ok(old);
        }
        if dry_run {
            return Ok(Rc::new(object));
        }
        let done = is_ready_to_go(&object);
        let written = self.store.update(object, &caller.origin());
        if caller.tracks {
            self.managers.updated(caller, part, &old, &written);
        }
        if done {
            self.store.delete(&key, &caller.origin());
            self.managers.forget(old.uid());
        }
        Ok(written)
    }
}

/// Being deleted, and nothing holds it any more.
fn is_ready_to_go(object: &Object) -> bool {
    let held = object.meta().finalizers.as_ref().is_some_and(|f| !f.is_empty());
    let waits = match object {
        // A pod's containers stop first; the kubelet then deletes it with no grace.
        Object::Pod(_) => object.meta().deletion_grace_period_seconds.unwrap_or(0) > 0,
        Object::Namespace(n) => {
            n.spec.as_ref().is_some_and(|s| s.finalizers.iter().flatten().next().is_some())
        }
        _ => false,
    };
    object.is_deleting() && !held && !waits
}

/// Turns field errors into the `Invalid` status of an object.
pub(super) fn refuse(
    resource: &Resource,
    object: &Object,
    result: Result<(), Vec<Cause>>,
) -> Result<(), Status> {
    result.map_err(|causes| Status::invalid(resource.group, resource.kind, object.name(), causes))
}

fn check_preconditions(resource: &Resource, new: &Object, old: &Object) -> Result<(), Status> {
    let (given, stored) = (new.meta(), old.meta());
    if let Some(uid) = given.uid.as_deref().filter(|u| !u.is_empty() && *u != old.uid()) {
        let why =
            format!("Precondition failed: UID in precondition: {uid}, UID in object meta: {}", old.uid());
        return Err(Status::conflict(resource.group, resource.plural, old.name(), &why));
    }
    match given.resource_version.as_deref() {
        Some(version) if !version.is_empty() && Some(version) != stored.resource_version.as_deref() => {
            Err(Status::modified(resource.group, resource.plural, old.name()))
        }
        _ => Ok(()),
    }
}

pub(super) fn body_of(request: &Request) -> Result<&Value, Status> {
    request.body.as_ref().ok_or_else(|| Status::bad_request("the object provided is unrecognized (must be of type Object): couldn't get version/kind; json parse error: unexpected end of JSON input"))
}

pub(super) fn part_of(request: &Request) -> Part {
    match request.subresource.as_deref() {
        Some("status") => Part::Status,
        Some("finalize") => Part::Finalize,
        Some("ephemeralcontainers") => Part::Ephemeral,
        _ => Part::Main,
    }
}

/// The namespace of a body must be that of the URL.
pub(super) fn check_namespace_matches(
    resource: &Resource,
    request: &Request,
    object: &mut Object,
) -> Result<(), Status> {
    if !resource.namespaced || object.kind() == KindId::Namespace {
        return Ok(());
    }
    let namespace = namespace_of(resource, request);
    let given = object.namespace();
    if !given.is_empty() && given != namespace {
        return Err(Status::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    object.meta_mut().namespace = Some(namespace.to_owned());
    Ok(())
}
