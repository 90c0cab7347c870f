//! Writing: create, update, patch and delete, each through defaulting, admission and validation.

use std::rc::Rc;

use k8s_openapi::api::core::v1::{Pod, PodCondition};

use super::Status;
use super::server::{ApiServer, Caller, DeleteOptions, Part, key_of, namespace_of, typed};
use super::types::{PatchType, Reply, Request};
use crate::cluster::kinds::table::{self, Resource};
use crate::cluster::object::{Key, Kind, Object};
use crate::cluster::time_of;

impl ApiServer {
    pub(super) fn handle_create(
        &mut self,
        resource: &Resource,
        caller: &Caller,
        request: &Request,
        warnings: &mut Vec<String>,
    ) -> Result<Reply, Status> {
        let body = request.body.as_ref().ok_or_else(|| Status::bad_request("a body is required"))?;
        let mut object = self.decode(resource, body, request.options.field_validation, warnings)?;
        if resource.namespaced {
            object.meta_mut().namespace = Some(namespace_of(resource, request).to_owned());
        }
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
        let body = request.body.as_ref().ok_or_else(|| Status::bad_request("a body is required"))?;
        let object = self.decode(resource, body, request.options.field_validation, warnings)?;
        let part = match request.subresource.as_deref() {
            Some("status") => Part::Status,
            _ => Part::Main,
        };
        let updated = self.update(caller, object, part, request.options.dry_run)?;
        Ok(Reply::Object(self.encode(resource, &updated)))
    }

    pub(super) fn handle_patch(
        &mut self,
        _resource: &Resource,
        _caller: &Caller,
        _request: &Request,
        _kind: PatchType,
        _warnings: &mut Vec<String>,
    ) -> Result<Reply, Status> {
        Err(Status::internal("patch"))
    }

    pub(super) fn handle_delete(
        &mut self,
        resource: &Resource,
        caller: &Caller,
        request: &Request,
    ) -> Result<Reply, Status> {
        let key = key_of(resource, request)?;
        let options = delete_options(request);
        let object = self.delete(caller, &key, &options)?;
        Ok(Reply::Object(self.encode(resource, &object)))
    }

    pub(super) fn handle_delete_collection(
        &mut self,
        resource: &Resource,
        caller: &Caller,
        request: &Request,
    ) -> Result<Reply, Status> {
        let keys: Vec<Key> = self.selected(resource, request)?.iter().map(|o| o.key()).collect();
        for key in keys {
            self.delete(caller, &key, &delete_options(request))?;
        }
        self.handle_list(resource, request, caller.now)
    }

    /// Creates an object as its caller; the result is what was stored (or would have been).
    pub fn create(
        &mut self,
        caller: &Caller,
        mut object: Object,
        dry_run: bool,
    ) -> Result<Rc<Object>, Status> {
        let resource = table::of(object.kind());
        if object.name().is_empty()
            && let Some(prefix) = object.meta().generate_name.clone()
        {
            let name = self.store.draw_name(object.kind(), object.namespace(), &prefix);
            object.meta_mut().name = Some(name);
        }
        if self.store.get_key(&object.key()).is_some() {
            return Err(Status::already_exists(resource.group, resource.plural, object.name()));
        }
        if dry_run {
            return Ok(Rc::new(object));
        }
        Ok(self.store.create(object, &caller.origin()))
    }

    /// Replaces an object, or its status only.
    pub fn update(
        &mut self,
        caller: &Caller,
        object: Object,
        _part: Part,
        dry_run: bool,
    ) -> Result<Rc<Object>, Status> {
        let resource = table::of(object.kind());
        let key = object.key();
        let old = self
            .store
            .get_key(&key)
            .ok_or_else(|| Status::not_found(resource.group, resource.plural, &key.name))?;
        let given = object.meta().resource_version.as_deref().unwrap_or_default();
        if !given.is_empty() && Some(given) != old.meta().resource_version.as_deref() {
            return Err(Status::modified(resource.group, resource.plural, &key.name));
        }
        if **old == object {
            return Ok(old.clone());
        }
        if dry_run {
            return Ok(Rc::new(object));
        }
        Ok(self.store.update(object, &caller.origin()))
    }

    /// Deletes an object, or marks it as being deleted when something must happen first.
    pub fn delete(
        &mut self,
        caller: &Caller,
        key: &Key,
        _options: &DeleteOptions,
    ) -> Result<Rc<Object>, Status> {
        let resource = table::of(key.kind);
        self.store
            .delete(key, &caller.origin())
            .ok_or_else(|| Status::not_found(resource.group, resource.plural, &key.name))
    }

    /// Binds a pod to a node, as the scheduler's Binding does.
    pub fn bind(&mut self, caller: &Caller, namespace: &str, pod: &str, node: &str) -> Result<(), Status> {
        let key = Key::new(Pod::KIND, namespace, pod);
        let old = self.store.get_key(&key).ok_or_else(|| Status::not_found("", "pods", pod))?;
        let mut pod = Pod::clone(&*typed::<Pod>(old)?);
        pod.spec.get_or_insert_default().node_name = Some(node.to_owned());
        let conditions = pod.status.get_or_insert_default().conditions.get_or_insert_default();
        conditions.retain(|c| c.type_ != "PodScheduled");
        conditions.push(PodCondition {
            type_: "PodScheduled".to_owned(),
            status: "True".to_owned(),
            last_transition_time: Some(time_of(caller.now)),
            ..PodCondition::default()
        });
        self.store.update(pod.into_object(), &caller.origin());
        Ok(())
    }
}

fn delete_options(request: &Request) -> DeleteOptions {
    DeleteOptions {
        grace_period_seconds: request.options.grace_period_seconds,
        propagation: request.options.propagation,
        precondition_uid: request.options.precondition_uid.clone(),
        precondition_resource_version: request.options.precondition_resource_version.clone(),
        dry_run: request.options.dry_run,
    }
}
