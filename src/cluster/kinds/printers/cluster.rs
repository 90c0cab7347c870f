//! Rows of configuration, storage, access and the cluster's own kinds.

use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{
    ComponentStatus, ConfigMap, Event, Namespace, Node, PersistentVolume, PersistentVolumeClaim,
    ResourceQuota, Secret,
};
use k8s_openapi::api::rbac::v1::{RoleRef, Subject};
use k8s_openapi::api::scheduling::v1::PriorityClass;
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::format::{age, human_duration, name, seconds_between, since};
use crate::base::time::SimTime;
use crate::cluster::object::Object;
use crate::cluster::sim_time;

pub fn config_map(o: &ConfigMap, now: SimTime) -> Vec<String> {
    let count = o.data.as_ref().map_or(0, |d| d.len()) + o.binary_data.as_ref().map_or(0, |d| d.len());
    vec![name(&o.metadata), count.to_string(), age(&o.metadata, now)]
}

pub fn component_status(o: &ComponentStatus) -> Vec<String> {
    let healthy = o.conditions.iter().flatten().find(|c| c.type_ == "Healthy");
    let status = match healthy.map(|c| c.status.as_str()) {
        Some("True") => "Healthy",
        Some("False") => "Unhealthy",
        _ => "Unknown",
    };
    let text = |of: Option<&String>| of.cloned().unwrap_or_default();
    let message = text(healthy.and_then(|c| c.message.as_ref()));
    vec![name(&o.metadata), status.to_owned(), message, text(healthy.and_then(|c| c.error.as_ref()))]
}

pub fn secret(o: &Secret, now: SimTime) -> Vec<String> {
    let count = o.data.as_ref().map_or(0, |d| d.len());
    vec![name(&o.metadata), o.type_.clone().unwrap_or_default(), count.to_string(), age(&o.metadata, now)]
}

pub fn namespace(o: &Namespace, now: SimTime) -> Vec<String> {
    let phase = o.status.as_ref().and_then(|s| s.phase.clone()).unwrap_or_default();
    vec![name(&o.metadata), phase, age(&o.metadata, now)]
}

/// A name with an age, or with a creation time for the kinds that have no printer of their own.
pub fn name_and_time(object: &Object, now: SimTime) -> Vec<String> {
    let meta = object.meta();
    let time = match object {
        Object::ServiceAccount(_) => age(meta, now),
        _ => meta.creation_timestamp.as_ref().map_or("<unknown>".to_owned(), |t| sim_time(t).rfc3339()),
    };
    vec![name(meta), time]
}

pub fn node(o: &Node, now: SimTime) -> Vec<String> {
    let status = o.status.clone().unwrap_or_default();
    let ready = status.conditions.iter().flatten().find(|c| c.type_ == "Ready");
    let mut word = match ready.map(|c| c.status.as_str()) {
        Some("True") => "Ready".to_owned(),
        Some(_) => "NotReady".to_owned(),
        None => "Unknown".to_owned(),
    };
    if o.spec.as_ref().is_some_and(|s| s.unschedulable == Some(true)) {
        word.push_str(",SchedulingDisabled");
    }
    let roles: Vec<&str> = o
        .metadata
        .labels
        .iter()
        .flatten()
        .filter_map(|(key, value)| match key.strip_prefix("node-role.kubernetes.io/") {
            Some(role) if !role.is_empty() => Some(role),
            _ if key == "kubernetes.io/role" && !value.is_empty() => Some(value.as_str()),
            _ => None,
        })
        .collect();
    let address = |type_: &str| {
        let found = status.addresses.iter().flatten().find(|a| a.type_ == type_);
        found.map_or("<none>".to_owned(), |a| a.address.clone())
    };
    let info = status.node_info.clone().unwrap_or_default();
    let known = |text: String| if text.is_empty() { "<unknown>".to_owned() } else { text };
    let kernel = match info.architecture.is_empty() {
        true => known(info.kernel_version),
        false => format!("{} ({})", known(info.kernel_version), info.architecture),
    };
    vec![
        name(&o.metadata),
        word,
        if roles.is_empty() { "<none>".to_owned() } else { roles.join(",") },
        age(&o.metadata, now),
        info.kubelet_version,
        address("InternalIP"),
        address("ExternalIP"),
        known(info.os_image),
        kernel,
        known(info.container_runtime_version),
    ]
}

pub fn event(o: &Event, now: SimTime) -> Vec<String> {
    let ago = |at: jiff::Timestamp| human_duration(seconds_between(SimTime::from_timestamp(at), now));
    let first = match (&o.first_timestamp, &o.event_time) {
        (Some(time), _) => ago(time.0),
        (None, Some(time)) => ago(time.0),
        (None, None) => "<unknown>".to_owned(),
    };
    let last = match (&o.series, &o.last_timestamp) {
        (Some(series), _) => series.last_observed_time.as_ref().map_or(first.clone(), |t| ago(t.0)),
        (None, Some(time)) => ago(time.0),
        (None, None) => first.clone(),
    };
    let count = o.series.as_ref().and_then(|s| s.count).or(o.count).unwrap_or(1).max(1);
    let involved = &o.involved_object;
    let kind = involved.kind.as_deref().unwrap_or_default().to_ascii_lowercase();
    let source = o.source.clone().unwrap_or_default();
    let mut from = vec![source.component.or(o.reporting_component.clone()).unwrap_or_default()];
    from.extend(source.host.or(o.reporting_instance.clone()).filter(|h| !h.is_empty()));
    vec![
        last,
        o.type_.clone().unwrap_or_default(),
        o.reason.clone().unwrap_or_default(),
        format!("{kind}/{}", involved.name.as_deref().unwrap_or_default()),
        involved.field_path.clone().unwrap_or_default(),
        from.join(", "),
        o.message.as_deref().unwrap_or_default().trim().to_owned(),
        first,
        count.to_string(),
        name(&o.metadata),
    ]
}

fn modes(modes: Option<&Vec<String>>) -> String {
    let short = |mode: &str| match mode {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        _ => "",
    };
    let given: Vec<&str> = modes.into_iter().flatten().map(|m| short(m)).collect();
    let in_order: Vec<&str> =
        ["RWO", "ROX", "RWX", "RWOP"].into_iter().filter(|m| given.contains(m)).collect();
    in_order.join(",")
}

fn unset() -> String {
    "<unset>".to_owned()
}

pub fn volume(o: &PersistentVolume, now: SimTime) -> Vec<String> {
    let spec = o.spec.clone().unwrap_or_default();
    let status = o.status.clone().unwrap_or_default();
    let claim = spec.claim_ref.as_ref().map_or(String::new(), |c| {
        format!("{}/{}", c.namespace.as_deref().unwrap_or_default(), c.name.as_deref().unwrap_or_default())
    });
    let phase = match o.metadata.deletion_timestamp {
        Some(_) => "Terminating".to_owned(),
        None => status.phase.unwrap_or_default(),
    };
    vec![
        name(&o.metadata),
        spec.capacity.as_ref().and_then(|c| c.get("storage")).map_or(String::new(), |q| q.0.clone()),
        modes(spec.access_modes.as_ref()),
        spec.persistent_volume_reclaim_policy.unwrap_or_default(),
        phase,
        claim,
        spec.storage_class_name.unwrap_or_default(),
        spec.volume_attributes_class_name.unwrap_or_else(unset),
        status.reason.unwrap_or_default(),
        age(&o.metadata, now),
        spec.volume_mode.unwrap_or_else(unset),
    ]
}

pub fn claim(o: &PersistentVolumeClaim, now: SimTime) -> Vec<String> {
    let spec = o.spec.clone().unwrap_or_default();
    let status = o.status.clone().unwrap_or_default();
    let phase = match o.metadata.deletion_timestamp {
        Some(_) => "Terminating".to_owned(),
        None => status.phase.unwrap_or_default(),
    };
    let volume = spec.volume_name.unwrap_or_default();
    let (capacity, access) = match volume.is_empty() {
        true => (String::new(), String::new()),
        false => (
            status.capacity.as_ref().and_then(|c| c.get("storage")).map_or(String::new(), |q| q.0.clone()),
            modes(status.access_modes.as_ref()),
        ),
    };
    vec![
        name(&o.metadata),
        phase,
        volume,
        capacity,
        access,
        spec.storage_class_name.unwrap_or_default(),
        spec.volume_attributes_class_name.unwrap_or_else(unset),
        age(&o.metadata, now),
        spec.volume_mode.unwrap_or_else(unset),
    ]
}

pub fn quota(o: &ResourceQuota, now: SimTime) -> Vec<String> {
    let status = o.status.clone().unwrap_or_default();
    let used = status.used.unwrap_or_default();
    let (mut requests, mut limits) = (Vec::new(), Vec::new());
    for (resource, hard) in status.hard.iter().flatten() {
        let now = used.get(resource).map_or("0", |q| q.0.as_str());
        let text = format!("{resource}: {now}/{}", hard.0);
        if resource.starts_with("limits.") { limits.push(text) } else { requests.push(text) }
    }
    vec![name(&o.metadata), requests.join(", "), limits.join(", "), age(&o.metadata, now)]
}

pub fn lease(o: &Lease, now: SimTime) -> Vec<String> {
    let holder = o.spec.as_ref().and_then(|s| s.holder_identity.clone()).unwrap_or_default();
    vec![name(&o.metadata), holder, age(&o.metadata, now)]
}

pub fn binding(meta: &ObjectMeta, role: &RoleRef, subjects: Option<&[Subject]>, now: SimTime) -> Vec<String> {
    let of = |kind: &str| {
        let names = subjects.unwrap_or_default().iter().filter(|s| s.kind == kind);
        let text = |s: &Subject| match (kind, &s.namespace) {
            ("ServiceAccount", Some(namespace)) => format!("{namespace}/{}", s.name),
            _ => s.name.clone(),
        };
        names.map(text).collect::<Vec<_>>().join(", ")
    };
    vec![
        name(meta),
        format!("{}/{}", role.kind, role.name),
        age(meta, now),
        of("User"),
        of("Group"),
        of("ServiceAccount"),
    ]
}

pub fn priority_class(o: &PriorityClass, now: SimTime) -> Vec<String> {
    vec![
        name(&o.metadata),
        o.value.unwrap_or(0).to_string(),
        o.global_default.unwrap_or(false).to_string(),
        age(&o.metadata, now),
        o.preemption_policy.clone().unwrap_or_default(),
    ]
}

pub fn storage_class(o: &StorageClass, now: SimTime) -> Vec<String> {
    let annotations = o.metadata.annotations.clone().unwrap_or_default();
    let default = annotations.get("storageclass.kubernetes.io/is-default-class").is_some_and(|v| v == "true");
    vec![
        format!("{}{}", name(&o.metadata), if default { " (default)" } else { "" }),
        o.provisioner.clone(),
        o.reclaim_policy.clone().unwrap_or_else(|| "Delete".to_owned()),
        o.volume_binding_mode.clone().unwrap_or_else(|| "Immediate".to_owned()),
        o.allow_volume_expansion.unwrap_or(false).to_string(),
        since(o.metadata.creation_timestamp.as_ref(), now),
    ]
}
