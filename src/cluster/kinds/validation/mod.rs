//! Validation of every kind: what the server refuses, with its paths and words (`pkg/apis/*/validation`).
//!
//! The order of the checks is the server's, because several errors are printed in that order.

mod access;
mod config;
mod internal;
mod container;
mod labels;
mod meta;
mod pod;

mod probe;
mod quota;
mod schedule;
mod service;
mod volumes;
mod workload;

use k8s_openapi::Metadata;

use super::field::Errors;
use super::names;
use super::table;
use crate::cluster::object::{KindId, Object};

/// Checks a new object.
pub fn validate(object: &Object, errors: &mut Errors) {
    let namespaced = table::of(object.kind()).namespaced;
    meta::validate(object.meta(), namespaced, name_rule(object.kind()), errors);
    validate_content(object, errors);
}

/// Checks a new version against the old one.
pub fn validate_update(new: &Object, old: &Object, errors: &mut Errors) {
    meta::validate_update(new.meta(), errors);
    validate_content(new, errors);
    match (new, old) {
        (Object::Pod(n), Object::Pod(o)) => pod::validate_update(n, o, errors),
        (Object::Deployment(n), Object::Deployment(o)) => {
            let of = |d: &k8s_openapi::api::apps::v1::Deployment| d.spec.as_ref().map(|s| s.selector.clone());
            workload::selector_is_immutable(of(n), of(o), errors);
        }
        (Object::ReplicaSet(n), Object::ReplicaSet(o)) => {
            let of = |d: &k8s_openapi::api::apps::v1::ReplicaSet| d.spec.as_ref().map(|s| s.selector.clone());
            workload::selector_is_immutable(of(n), of(o), errors);
        }
        (Object::DaemonSet(n), Object::DaemonSet(o)) => {
            let of = |d: &k8s_openapi::api::apps::v1::DaemonSet| d.spec.as_ref().map(|s| s.selector.clone());
            workload::selector_is_immutable(of(n), of(o), errors);
        }
        (Object::StatefulSet(n), Object::StatefulSet(o)) => workload::stateful_set_update(n, o, errors),
        (Object::Job(n), Object::Job(o)) => workload::job_update(n, o, errors),
        (Object::Service(n), Object::Service(o)) => service::validate_update(n, o, errors),
        (Object::ConfigMap(n), Object::ConfigMap(o)) => config::config_map_update(n, o, errors),
        (Object::Secret(n), Object::Secret(o)) => config::secret_update(n, o, errors),
        (Object::PersistentVolumeClaim(n), Object::PersistentVolumeClaim(o)) => {
            config::claim_update(n, o, errors)
        }
        (Object::PriorityClass(n), Object::PriorityClass(o)) => quota::priority_class_update(n, o, errors),
        (Object::RoleBinding(n), Object::RoleBinding(o)) => {
            access::role_is_immutable(&n.role_ref, &o.role_ref, errors)
        }
        (Object::ClusterRoleBinding(n), Object::ClusterRoleBinding(o)) => {
            access::role_is_immutable(&n.role_ref, &o.role_ref, errors);
        }
        _ => {}
    }
}

fn validate_content(object: &Object, errors: &mut Errors) {
    match object {
        Object::Pod(o) => pod::validate(o, errors),
        Object::Deployment(o) => workload::deployment(o, errors),
        Object::ReplicaSet(o) => workload::replica_set(o, errors),
        Object::ReplicationController(o) => workload::replication_controller(o, errors),
        Object::DaemonSet(o) => workload::daemon_set(o, errors),
        Object::StatefulSet(o) => workload::stateful_set(o, errors),
        Object::Job(o) => workload::job(o, errors),
        Object::CronJob(o) => workload::cron_job(o, errors),
        Object::HorizontalPodAutoscaler(o) => workload::autoscaler(o, errors),
        Object::PodDisruptionBudget(o) => workload::budget(o, errors),
        Object::Service(o) => service::validate(o, errors),
        Object::ConfigMap(o) => config::config_map(o, errors),
        Object::Secret(o) => config::secret(o, errors),
        Object::PersistentVolumeClaim(o) => config::claim(o, errors),
        Object::PersistentVolume(o) => config::volume(o, errors),
        Object::Ingress(o) => config::ingress(o, errors),
        Object::ResourceQuota(o) => quota::quota(o, errors),
        Object::LimitRange(o) => quota::limit_range(o, errors),
        Object::PriorityClass(o) => quota::priority_class(o, errors),
        Object::Role(o) => access::rules(o.rules.as_deref().unwrap_or_default(), errors),
        Object::ClusterRole(o) => access::rules(o.rules.as_deref().unwrap_or_default(), errors),
        Object::RoleBinding(o) => {
            access::binding(&o.role_ref, o.subjects.as_deref().unwrap_or_default(), errors)
        }
        Object::ClusterRoleBinding(o) => {
            access::binding(&o.role_ref, o.subjects.as_deref().unwrap_or_default(), errors);
        }
        _ => {}
    }
}

/// What a kind's names may look like.
fn name_rule(kind: KindId) -> fn(&str) -> Vec<String> {
    match kind {
        KindId::Namespace | KindId::Service => names::dns_label,
        KindId::Role | KindId::RoleBinding | KindId::ClusterRole | KindId::ClusterRoleBinding => {
            access::path_segment
        }
        _ => names::dns_subdomain,
    }
}

/// Remarks that go back as `Warning:` headers.
pub fn warnings(object: &Object, warnings: &mut Vec<String>) {
    if let Object::Service(service) = object
        && service.spec.as_ref().and_then(|s| s.external_ips.as_ref()).is_some_and(|ips| !ips.is_empty())
    {
        warnings.push(
            "spec.externalIPs is deprecated and may no longer be implemented in some clusters".to_owned(),
        );
    }
    let place = match object {
        Object::Deployment(o) => Some((o.metadata(), "this is used in Pod names and hostnames")),
        Object::ReplicaSet(o) => Some((o.metadata(), "this is used in Pod names and hostnames")),
        Object::DaemonSet(o) => Some((o.metadata(), "this is used in Pod names and hostnames")),
        Object::StatefulSet(o) => Some((o.metadata(), "this is used in Pod names and hostnames")),
        Object::Job(o) => Some((o.metadata(), "this is used in Pod names and hostnames")),
        Object::CronJob(o) => Some((o.metadata(), "this is used in Pod names and hostnames")),
        Object::Pod(o) => Some((o.metadata(), "this is used in the Pod's hostname")),
        _ => None,
    };
    let Some((meta, use_)) = place else { return };
    let name = meta.name.as_deref().unwrap_or_default();
    if name.contains('.') && names::dns_subdomain(name).is_empty() {
        warnings.push(format!(
            "metadata.name: {use_}, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]"
        ));
    }
}

/// An identifier's objections as field errors.
fn check_name(path: &str, text: &str, rule: fn(&str) -> Vec<String>, errors: &mut Errors) {
    for why in rule(text) {
        errors.invalid_text(path, text, &why);
    }
}

fn one_of(path: &str, value: &str, supported: &[&str], errors: &mut Errors) {
    if value.is_empty() {
        errors.required(path, "");
    } else if !supported.contains(&value) {
        errors.not_supported(path, value, supported);
    }
}

#[cfg(test)]
mod tests;
