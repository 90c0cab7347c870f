//! The API server: finds the resource of a request and hands it to the verb. One line per verb; the work is in
//! `read`, `write` and `subresources`.

use std::rc::Rc;

use serde_json::Value;

use super::managed::Managers;
use super::types::{Reply, Request, Response, UserInfo, Verb};
use super::{FieldValidation, Propagation, Status, codec};
use crate::base::time::SimTime;
use crate::cluster::ClusterConfig;
use crate::cluster::kinds::autoscaler;
use crate::cluster::kinds::table::{self, Resource};
use crate::cluster::object::{Key, Kind, KindId, Object, Typed};
use crate::cluster::store::{Origin, Store};
use k8s_openapi::api::core::v1::Pod;

/// Who calls, when, and because of which change.
#[derive(Clone, Debug)]
pub struct Caller {
    pub user: UserInfo,
    pub manager: Rc<str>,
    pub now: SimTime,
    pub cause: Option<u64>,
    /// Which fields it writes is remembered under its name.
    pub tracks: bool,
    /// `scale` when it comes by that door.
    pub subresource: &'static str,
}

impl Caller {
    /// A part of the control plane acting under its own name.
    pub fn controller(name: &str, now: SimTime, cause: Option<u64>) -> Caller {
        let user = UserInfo::new(&format!("system:serviceaccount:kube-system:{name}"), &["system:masters"]);
        Caller { user, manager: name.into(), now, cause, tracks: true, subresource: "" }
    }
    /// Not a part of the control plane.
    pub(super) fn is_person(&self) -> bool {
        !self.user.name.starts_with("system:serviceaccount:kube-system:")
    }
    pub(in crate::cluster) fn origin(&self) -> Origin {
        Origin { actor: self.manager.clone(), at: self.now, cause: self.cause }
    }
}

/// Which part of an object an update may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Main,
    Status,
    /// `spec.finalizers` of a namespace.
    Finalize,
    /// `spec.ephemeralContainers` of a pod.
    Ephemeral,
}

/// How to delete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteOptions {
    pub grace_period_seconds: Option<i64>,
    pub propagation: Option<Propagation>,
    pub precondition_uid: Option<String>,
    pub precondition_resource_version: Option<String>,
    pub dry_run: bool,
}

pub struct ApiServer {
    pub(crate) store: Store,
    pub(crate) config: ClusterConfig,
    pub(super) managers: Managers,
}

const ENDPOINTS_DEPRECATED: &str =
    "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";
const COMPONENTS_DEPRECATED: &str = "v1 ComponentStatus is deprecated in v1.19+";

impl ApiServer {
    /// An API server over an empty store.
    pub fn new(config: ClusterConfig) -> ApiServer {
        ApiServer { store: Store::new(config.seed), config, managers: Managers::default() }
    }

    pub fn config(&self) -> &ClusterConfig {
        &self.config
    }

    /// Answers a request.
    pub fn handle(&mut self, now: SimTime, request: Request) -> Response {
        let mut warnings = Vec::new();
        let result = self.answer(now, request, &mut warnings);
        Response { result, warnings }
    }

    fn answer(
        &mut self,
        now: SimTime,
        request: Request,
        warnings: &mut Vec<String>,
    ) -> Result<Reply, Status> {
        let resource = table::find(&request.group, &request.version, &request.resource)
            .ok_or_else(Status::no_such_path)?;
        let caller = Caller {
            user: request.user.clone(),
            manager: request.manager.as_str().into(),
            now,
            cause: None,
            tracks: true,
            subresource: if request.subresource.as_deref() == Some("scale") { "scale" } else { "" },
        };
        self.authorize(resource, &request)?;
        if let Some(result) = self.handle_review(resource, &request) {
            return result;
        }
        if let Some(result) = self.handle_subresource(resource, &caller, &request) {
            return result;
        }
        match resource.id {
            Some(KindId::Endpoints) => warnings.push(ENDPOINTS_DEPRECATED.to_owned()),
            Some(KindId::ComponentStatus) => warnings.push(COMPONENTS_DEPRECATED.to_owned()),
            _ => {}
        }
        match request.verb {
            Verb::Get => self.handle_get(resource, &request, now),
            Verb::List => self.handle_list(resource, &request, now),
            Verb::Watch => self.handle_watch(resource, &request),
            Verb::Create => self.handle_create(resource, &caller, &request, warnings),
            Verb::Update => self.handle_update(resource, &caller, &request, warnings),
            Verb::Patch(kind) => self.handle_patch(resource, &caller, &request, kind, warnings),
            Verb::Delete => self.handle_delete(resource, &caller, &request),
            Verb::DeleteCollection => self.handle_delete_collection(resource, &caller, &request),
        }
    }

    /// The stored object that a request names.
    pub(super) fn named(&self, resource: &Resource, request: &Request) -> Result<&Rc<Object>, Status> {
        let name = request.name.as_deref().unwrap_or_default();
        let missing = || Status::not_found(resource.group, resource.plural, name);
        let kind = resource.id.ok_or_else(missing)?;
        self.store.get(kind, namespace_of(resource, request), name).ok_or_else(missing)
    }

    /// Decodes a request's body as the resource's kind, with field validation.
    pub(super) fn decode(
        &self,
        resource: &Resource,
        body: &Value,
        validation: FieldValidation,
        warnings: &mut Vec<String>,
    ) -> Result<Object, Status> {
        let kind = resource.id.ok_or_else(Status::no_such_path)?;
        let cannot = |why: &str| {
            Status::bad_request(format!(
                "{} in version \"{}\" cannot be handled as a {}: {why}",
                resource.kind, resource.version, resource.kind
            ))
        };
        check_type(resource, body)?;
        let converted = match (kind, resource.version) {
            (KindId::HorizontalPodAutoscaler, "v1") => Some(autoscaler::from_v1(body.clone())),
            _ => None,
        };
        let decoded = codec::decode(kind, converted.as_ref().unwrap_or(body)).map_err(|why| cannot(&why))?;
        let unknown: Vec<String> =
            decoded.unknown_fields.iter().map(|path| format!("unknown field \"{path}\"")).collect();
        match validation {
            FieldValidation::Strict if !unknown.is_empty() => {
                Err(cannot(&format!("strict decoding error: {}", unknown.join(", "))))
            }
            FieldValidation::Warn => {
                warnings.extend(unknown);
                Ok(decoded.object)
            }
            _ => Ok(decoded.object),
        }
    }

    /// The pod and container whose log is asked for.
    pub fn log_target(&self, request: &Request) -> Result<(Typed<Pod>, String), Status> {
        let name = request.name.as_deref().unwrap_or_default();
        let missing = || Status::not_found("", "pods", name);
        let object = self.store.get(KindId::Pod, request.namespace.as_deref().unwrap_or("default"), name);
        let pod: Typed<Pod> = object.and_then(|o| Typed::new(o.clone())).ok_or_else(missing)?;
        let spec = pod.spec.clone().unwrap_or_default();
        let names: Vec<&str> = spec.containers.iter().map(|c| c.name.as_str()).collect();
        let init: Vec<&str> = spec.init_containers.iter().flatten().map(|c| c.name.as_str()).collect();
        let ephemeral: Vec<&str> =
            spec.ephemeral_containers.iter().flatten().map(|c| c.name.as_str()).collect();
        let container = match (&request.options.log.container, names.as_slice()) {
            (Some(asked), _)
                if [&names, &init, &ephemeral].iter().any(|all| all.contains(&asked.as_str())) =>
            {
                asked.clone()
            }
            (Some(asked), _) => {
                return Err(Status::bad_request(format!("container {asked} is not valid for pod {name}")));
            }
            (None, [only]) => (*only).to_owned(),
            (None, several) => {
                let mut message = format!(
                    "a container name must be specified for pod {name}, choose one of: [{}]",
                    several.join(" ")
                );
                if !init.is_empty() {
                    message.push_str(&format!(" or one of the init containers: [{}]", init.join(" ")));
                }
                return Err(Status::bad_request(message));
            }
        };
        Ok((pod, container))
    }
}

/// The namespace of a request, empty for cluster-scoped resources.
pub(super) fn namespace_of<'a>(resource: &Resource, request: &'a Request) -> &'a str {
    match resource.namespaced {
        true => request.namespace.as_deref().unwrap_or("default"),
        false => "",
    }
}

/// The key that a request names.
pub(super) fn key_of(resource: &Resource, request: &Request) -> Result<Key, Status> {
    let name = request.name.as_deref().unwrap_or_default();
    let kind = resource.id.ok_or_else(|| Status::not_found(resource.group, resource.plural, name))?;
    Ok(Key::new(kind, namespace_of(resource, request), name))
}

fn check_type(resource: &Resource, body: &Value) -> Result<(), Status> {
    let text = |field: &str| body.get(field).and_then(Value::as_str).unwrap_or_default();
    let (version, kind) = (text("apiVersion"), text("kind"));
    if version.is_empty() && kind.is_empty() {
        return Ok(());
    }
    if version != resource.api_version() || kind != resource.kind {
        let known = "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30";
        return Err(Status::bad_request(format!(
            "{kind} in version \"{}\" cannot be handled as a {}: no kind \"{kind}\" is registered for version \"{version}\" in scheme \"{known}\"",
            version.rsplit('/').next().unwrap_or_default(),
            resource.kind
        )));
    }
    Ok(())
}

/// A typed object from a stored one; the kinds agree by construction.
pub(super) fn typed<K: Kind>(object: &Rc<Object>) -> Result<Typed<K>, Status> {
    Typed::new(object.clone()).ok_or_else(|| Status::internal("an object of another kind"))
}
