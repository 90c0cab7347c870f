//! Field selectors: `status.phase=Running,metadata.name!=x`, over the few fields that each kind offers.

use crate::cluster::object::{KindId, Object};

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    field: String,
    value: String,
    equal: bool,
}

/// All terms must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSelector {
    terms: Vec<Term>,
}

/// What a kind offers besides `metadata.name` and `metadata.namespace`; `None` for kinds that offer nothing.
fn offered(kind: KindId) -> Option<&'static [&'static str]> {
    match kind {
        KindId::Pod => Some(&[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.podIPs",
            "status.nominatedNodeName",
        ]),
        KindId::Event => Some(&[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ]),
        KindId::Node => Some(&["spec.unschedulable"]),
        KindId::Namespace => Some(&["status.phase"]),
        KindId::Secret => Some(&["type"]),
        KindId::Service => Some(&["spec.clusterIP", "spec.type"]),
        KindId::ReplicaSet | KindId::ReplicationController => Some(&["status.replicas"]),
        KindId::Job => Some(&["status.successful"]),
        _ => None,
    }
}

/// The value of an offered field.
fn value_of(object: &Object, field: &str) -> String {
    let text = |value: Option<&String>| value.cloned().unwrap_or_default();
    match (object, field) {
        (_, "metadata.name") => object.name().to_owned(),
        (_, "metadata.namespace") => object.namespace().to_owned(),
        (Object::Pod(pod), _) => pod_field(pod, field),
        (Object::Event(event), _) => {
            let about = &event.involved_object;
            match field {
                "involvedObject.kind" => text(about.kind.as_ref()),
                "involvedObject.namespace" => text(about.namespace.as_ref()),
                "involvedObject.name" => text(about.name.as_ref()),
                "involvedObject.uid" => text(about.uid.as_ref()),
                "involvedObject.apiVersion" => text(about.api_version.as_ref()),
                "involvedObject.resourceVersion" => text(about.resource_version.as_ref()),
                "involvedObject.fieldPath" => text(about.field_path.as_ref()),
                "reason" => text(event.reason.as_ref()),
                "reportingComponent" => text(event.reporting_component.as_ref()),
                "source" => text(event.source.as_ref().and_then(|s| s.component.as_ref())),
                _ => text(event.type_.as_ref()),
            }
        }
        (Object::Node(node), _) => {
            node.spec.as_ref().and_then(|s| s.unschedulable).unwrap_or(false).to_string()
        }
        (Object::Namespace(o), _) => text(o.status.as_ref().and_then(|s| s.phase.as_ref())),
        (Object::Secret(o), _) => text(o.type_.as_ref()),
        (Object::Service(o), "spec.type") => text(o.spec.as_ref().and_then(|s| s.type_.as_ref())),
        (Object::Service(o), _) => text(o.spec.as_ref().and_then(|s| s.cluster_ip.as_ref())),
        (Object::ReplicaSet(o), _) => o.status.as_ref().map_or(0, |s| s.replicas).to_string(),
        (Object::ReplicationController(o), _) => o.status.as_ref().map_or(0, |s| s.replicas).to_string(),
        (Object::Job(o), _) => o.status.as_ref().and_then(|s| s.succeeded).unwrap_or(0).to_string(),
        _ => String::new(),
    }
}

fn pod_field(pod: &k8s_openapi::api::core::v1::Pod, field: &str) -> String {
    let text = |value: Option<&String>| value.cloned().unwrap_or_default();
    let (spec, status) = (pod.spec.as_ref(), pod.status.as_ref());
    match field {
        "spec.nodeName" => text(spec.and_then(|s| s.node_name.as_ref())),
        "spec.restartPolicy" => text(spec.and_then(|s| s.restart_policy.as_ref())),
        "spec.schedulerName" => text(spec.and_then(|s| s.scheduler_name.as_ref())),
        "spec.serviceAccountName" => text(spec.and_then(|s| s.service_account_name.as_ref())),
        "spec.hostNetwork" => spec.and_then(|s| s.host_network).unwrap_or(false).to_string(),
        "status.phase" => text(status.and_then(|s| s.phase.as_ref())),
        "status.podIP" | "status.podIPs" => text(status.and_then(|s| s.pod_ip.as_ref())),
        _ => text(status.and_then(|s| s.nominated_node_name.as_ref())),
    }
}

impl FieldSelector {
    /// Reads a selector for objects of `kind`; the error is the server's sentence.
    pub fn parse(text: &str, kind: KindId) -> Result<FieldSelector, String> {
        let mut terms = Vec::new();
        for part in text.split(',').filter(|p| !p.is_empty()) {
            let (field, value, equal) =
                match (part.split_once("!="), part.split_once("=="), part.split_once('=')) {
                    (Some((field, value)), _, _) => (field, value, false),
                    (_, Some((field, value)), _) | (_, _, Some((field, value))) => (field, value, true),
                    _ => return Err(format!("invalid selector: '{text}'; can't understand '{part}'")),
                };
            let known = offered(kind);
            let plain = matches!(field, "metadata.name" | "metadata.namespace");
            if !plain && !known.is_some_and(|known| known.contains(&field)) {
                return Err(match known {
                    Some(_) => format!("field label not supported: {field}"),
                    None => format!(
                        "\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
                    ),
                });
            }
            terms.push(Term { field: field.to_owned(), value: value.to_owned(), equal });
        }
        Ok(FieldSelector { terms })
    }

    pub fn matches(&self, object: &Object) -> bool {
        self.terms.iter().all(|term| (value_of(object, &term.field) == term.value) == term.equal)
    }
}
