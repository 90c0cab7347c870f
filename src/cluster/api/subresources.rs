//! The parts of objects that are addressed by themselves: scale, binding, eviction, and the doors to a pod's
//! processes (exec, attach, port-forward), which only check here that the pod is there.

use std::rc::Rc;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use k8s_openapi::api::core::v1::{Node, Pod, PodCondition};
use serde_json::{Value, json};

use super::patch::patch_value;
use super::server::{ApiServer, Caller, Part, namespace_of, typed};
use super::types::{Column, Reply, Request, Row, Table, Verb};
use super::write::body_of;
use super::{Cause, Status, codec};
use crate::base::time::SimTime;
use crate::cluster::kinds::field::Errors;
use crate::cluster::kinds::printers::format;
use crate::cluster::kinds::table::Resource;
use crate::cluster::object::{Key, Kind, Object};
use crate::cluster::time_of;

/// Who issues the tokens of service accounts, and whom they are for.
const ISSUER: &str = "https://kubernetes.default.svc.cluster.local";
const BASE64_URL: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const TOPOLOGY: &[&str] = &["topology.kubernetes.io/region", "topology.kubernetes.io/zone"];

impl ApiServer {
    /// Answers a request to a subresource that is no part of the plain verbs; `None` for those that are.
    pub(super) fn handle_subresource(
        &mut self,
        resource: &Resource,
        caller: &Caller,
        request: &Request,
    ) -> Option<Result<Reply, Status>> {
        match (request.subresource.as_deref()?, resource.plural) {
            ("status" | "finalize" | "ephemeralcontainers" | "resize", _) => None,
            ("scale", _) => Some(self.handle_scale(resource, caller, request)),
            ("binding", "pods") => Some(self.handle_binding(caller, request)),
            ("eviction", "pods") => Some(self.handle_eviction(caller, request)),
            ("exec" | "attach" | "portforward", "pods") => Some(self.handle_process(resource, request)),
            ("token", "serviceaccounts") => Some(self.handle_token(resource, caller, request)),
            _ => Some(Err(Status::no_such_path())),
        }
    }

    fn handle_scale(
        &mut self,
        resource: &Resource,
        caller: &Caller,
        request: &Request,
    ) -> Result<Reply, Status> {
        let object = self.named(resource, request)?.clone();
        let Some(scale) = scale_of(&object) else { return Err(Status::no_such_path()) };
        let changed = match request.verb {
            Verb::Get if request.options.as_table => {
                return Ok(Reply::Table(scale_table(&scale, object, caller.now)));
            }
            Verb::Get => return Ok(Reply::Object(scale)),
            Verb::Update => body_of(request)?.clone(),
            Verb::Patch(kind) => patch_value(&scale, body_of(request)?, kind)?,
            _ => {
                return Err(Status::method_not_allowed(resource.group, resource.plural, request.verb.word()));
            }
        };
        let replicas = &changed["spec"]["replicas"];
        let replicas = match replicas {
            Value::Null => 0,
            value => value.as_i64().and_then(|n| i32::try_from(n).ok()).ok_or_else(|| {
                Status::bad_request("Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal string into Go struct field ScaleSpec.spec.replicas of type int32")
            })?,
        };
        let mut errors = Errors::default();
        errors.at_least_zero("spec.replicas", replicas);
        if !errors.is_empty() {
            return Err(Status::invalid("autoscaling", "Scale", object.name(), errors.into_causes()));
        }
        let mut wanted = Object::clone(&object);
        set_replicas(&mut wanted, replicas);
        wanted.meta_mut().resource_version = match changed["metadata"]["resourceVersion"].as_str() {
            Some(version) if request.verb == Verb::Update => Some(version.to_owned()),
            _ => None,
        };
        let updated = self.update(caller, wanted, Part::Main, request.options.dry_run)?;
        scale_of(&updated).map(Reply::Object).ok_or_else(Status::no_such_path)
    }

    fn handle_binding(&mut self, caller: &Caller, request: &Request) -> Result<Reply, Status> {
        let body = body_of(request)?;
        let node = body["target"]["name"].as_str().unwrap_or_default().to_owned();
        let name = request.name.as_deref().unwrap_or_default();
        self.bind(caller, request.namespace.as_deref().unwrap_or("default"), name, &node)?;
        Ok(Reply::Object(
            json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}),
        ))
    }

    /// Binds a pod to a node, as the scheduler's Binding does; the pod takes over the node's topology labels.
    pub fn bind(&mut self, caller: &Caller, namespace: &str, pod: &str, node: &str) -> Result<(), Status> {
        let key = Key::new(Pod::KIND, namespace, pod);
        let old = self.store.get_key(&key).ok_or_else(|| Status::not_found("", "pods", pod))?;
        let mut bound = Pod::clone(&*typed::<Pod>(old)?);
        let spec = bound.spec.get_or_insert_default();
        if let Some(current) = spec.node_name.as_deref().filter(|n| !n.is_empty()) {
            let why = format!("pod {pod} is already assigned to node \"{current}\"");
            return Err(Status::conflict("", "pods/binding", pod, &why));
        }
        spec.node_name = Some(node.to_owned());
        let node_labels = self.store.get_as::<Node>("", node).and_then(|n| n.metadata.labels.clone());
        for name in TOPOLOGY {
            if let Some(value) = node_labels.as_ref().and_then(|l| l.get(*name)) {
                bound.metadata.labels.get_or_insert_default().insert((*name).to_owned(), value.clone());
            }
        }
        let observed = bound.metadata.generation;
        let conditions = bound.status.get_or_insert_default().conditions.get_or_insert_default();
        conditions.retain(|c| c.type_ != "PodScheduled");
        conditions.push(PodCondition {
            type_: "PodScheduled".to_owned(),
            status: "True".to_owned(),
            last_transition_time: Some(time_of(caller.now)),
            observed_generation: observed,
            ..PodCondition::default()
        });
        self.store.update(bound.into_object(), &caller.origin());
        Ok(())
    }

    /// The pod to whose processes a connection is wanted.
    fn handle_process(&mut self, resource: &Resource, request: &Request) -> Result<Reply, Status> {
        let pod = self.named(resource, request)?;
        Ok(Reply::Object(codec::encode(pod)))
    }

    /// A token for a service account: its claims can be read, its signature is drawn by lot.
    fn handle_token(
        &mut self,
        resource: &Resource,
        caller: &Caller,
        request: &Request,
    ) -> Result<Reply, Status> {
        let account = self.named(resource, request)?;
        let seconds =
            request.body.as_ref().and_then(|b| b["spec"]["expirationSeconds"].as_u64()).unwrap_or(3600);
        const LEAST_SECONDS: u64 = 600;
        if seconds < LEAST_SECONDS {
            let cause = Cause {
                reason: "FieldValueInvalid",
                message: format!("Invalid value: {seconds}: may not specify a duration less than 10 minutes"),
                field: "spec.expirationSeconds".to_owned(),
            };
            return Err(Status::invalid("authentication.k8s.io", "TokenRequest", "", vec![cause]));
        }
        let until = caller.now + std::time::Duration::from_secs(seconds);
        let mut draw = self.config.seed.stream(&format!("token/{}/{}", account.uid(), caller.now.0));
        let asked =
            |field: &str| request.body.as_ref().map(|body| body["spec"][field].clone()).unwrap_or_default();
        let audiences = match asked("audiences") {
            Value::Array(given) if !given.is_empty() => Value::Array(given),
            _ => json!([ISSUER]),
        };
        let (name, namespace) = (account.name(), namespace_of(resource, request));
        let claims = json!({
            "aud": audiences, "exp": until.secs(), "iat": caller.now.secs(), "iss": ISSUER, "jti": draw.uuid(),
            "kubernetes.io": {
                "namespace": namespace, "serviceaccount": {"name": name, "uid": account.uid()},
            },
            "nbf": caller.now.secs(), "sub": format!("system:serviceaccount:{namespace}:{name}"),
        });
        let head = json!({"alg": "RS256", "kid": self.config.seed.stream("issuer").letters(BASE64_URL, 43)});
        let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let token = format!("{}.{}.{}", encode(&head), encode(&claims), draw.letters(BASE64_URL, 342));
        Ok(Reply::Object(json!({
            "kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1",
            "metadata": {
                "name": account.name(), "namespace": namespace_of(resource, request), "uid": account.uid(),
                "creationTimestamp": caller.now.rfc3339(),
            },
            "spec": {
                "audiences": audiences, "boundObjectRef": asked("boundObjectRef"), "expirationSeconds": seconds,
            },
            "status": {"token": token, "expirationTimestamp": until.rfc3339()},
        })))
    }
}

/// The `Scale` of an object that can be scaled.
fn scale_of(object: &Rc<Object>) -> Option<Value> {
    let (wanted, current, selector) = match &**object {
        Object::Deployment(o) => (
            o.spec.as_ref()?.replicas,
            o.status.as_ref().and_then(|s| s.replicas).unwrap_or(0),
            format::selector(Some(&o.spec.as_ref()?.selector)),
        ),
        Object::ReplicaSet(o) => (
            o.spec.as_ref()?.replicas,
            o.status.as_ref().map_or(0, |s| s.replicas),
            format::selector(Some(&o.spec.as_ref()?.selector)),
        ),
        Object::StatefulSet(o) => (
            o.spec.as_ref()?.replicas,
            o.status.as_ref().map_or(0, |s| s.replicas),
            format::selector(Some(&o.spec.as_ref()?.selector)),
        ),
        Object::ReplicationController(o) => (
            o.spec.as_ref()?.replicas,
            o.status.as_ref().map_or(0, |s| s.replicas),
            format::labels(o.spec.as_ref()?.selector.as_ref()),
        ),
        _ => return None,
    };
    let meta = object.meta();
    let created = meta.creation_timestamp.as_ref().map(|t| crate::cluster::sim_time(t).rfc3339());
    Some(json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1",
        "metadata": {
            "name": object.name(), "namespace": object.namespace(), "uid": object.uid(),
            "resourceVersion": meta.resource_version, "creationTimestamp": created,
        },
        "spec": {"replicas": wanted.unwrap_or(0)},
        "status": {"replicas": current, "selector": selector},
    }))
}

/// The table of a `Scale`; its row stands for the object that is scaled.
fn scale_table(scale: &Value, object: Rc<Object>, now: SimTime) -> Table {
    let column = |name, type_, format| Column { name, type_, format, priority: 0 };
    let cells = vec![
        object.name().to_owned(),
        scale["spec"]["replicas"].to_string(),
        scale["status"]["replicas"].to_string(),
        format::age(object.meta(), now),
    ];
    Table {
        columns: vec![
            column("Name", "string", "name"),
            column("Desired", "integer", ""),
            column("Available", "integer", ""),
            column("Age", "string", ""),
        ],
        rows: vec![Row { cells, object }],
        ..Table::default()
    }
}

fn set_replicas(object: &mut Object, replicas: i32) {
    match object {
        Object::Deployment(o) => o.spec.get_or_insert_default().replicas = Some(replicas),
        Object::ReplicaSet(o) => o.spec.get_or_insert_default().replicas = Some(replicas),
        Object::StatefulSet(o) => o.spec.get_or_insert_default().replicas = Some(replicas),
        Object::ReplicationController(o) => o.spec.get_or_insert_default().replicas = Some(replicas),
        _ => {}
    }
}
