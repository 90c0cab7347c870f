//! Pods and the pod specs of templates: `ValidatePodSpec`.

use k8s_openapi::api::core::v1::{Pod, PodSpec, PodTemplateSpec, Toleration};

use super::{check_name, container, internal, labels, one_of, volumes};
use crate::cluster::kinds::field::{Errors, quoted};
use crate::cluster::kinds::names;

const ANNOTATIONS_LIMIT: usize = 256 * 1024;

pub(super) fn validate(pod: &Pod, errors: &mut Errors) {
    let empty = PodSpec::default();
    let spec = pod.spec.as_ref().unwrap_or(&empty);
    pod_spec("spec", spec, errors);
}

pub(super) fn template(path: &str, template: &PodTemplateSpec, errors: &mut Errors) {
    let meta = template.metadata.clone().unwrap_or_default();
    labels::labels(&format!("{path}.metadata.labels"), meta.labels.as_ref(), errors);
    labels::annotations(
        &format!("{path}.metadata.annotations"),
        meta.annotations.as_ref(),
        ANNOTATIONS_LIMIT,
        errors,
    );
    let empty = PodSpec::default();
    pod_spec(&format!("{path}.spec"), template.spec.as_ref().unwrap_or(&empty), errors);
}

fn pod_spec(path: &str, spec: &PodSpec, errors: &mut Errors) {
    let at = |field: &str| format!("{path}.{field}");
    let volume_names = volumes::validate(&at("volumes"), spec.volumes.as_deref().unwrap_or_default(), errors);
    container::containers(&at("containers"), &spec.containers, &volume_names, errors);
    container::init_containers(
        &at("initContainers"),
        spec.init_containers.as_deref().unwrap_or_default(),
        &spec.containers,
        &volume_names,
        errors,
    );
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    one_of(&at("restartPolicy"), &text(&spec.restart_policy), &["Always", "Never", "OnFailure"], errors);
    let policies = &["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"];
    one_of(&at("dnsPolicy"), &text(&spec.dns_policy), policies, errors);
    labels::labels(&at("nodeSelector"), spec.node_selector.as_ref(), errors);
    for (index, secret) in spec.image_pull_secrets.iter().flatten().enumerate() {
        if secret.name.is_empty() {
            errors.required(&format!("{path}.imagePullSecrets[{index}].name"), "");
        }
    }
    if let Some(account) = spec.service_account_name.as_deref().filter(|a| !a.is_empty()) {
        check_name(&at("serviceAccountName"), account, names::dns_subdomain, errors);
    }
    if let Some(node) = spec.node_name.as_deref().filter(|n| !n.is_empty()) {
        check_name(&at("nodeName"), node, names::dns_subdomain, errors);
    }
    if let Some(seconds) = spec.active_deadline_seconds.filter(|s| !(1..=i64::from(i32::MAX)).contains(s)) {
        let why = "must be between 1 and 2147483647, inclusive";
        errors.invalid(&at("activeDeadlineSeconds"), &seconds.to_string(), why);
    }
    if let Some(host) = spec.hostname.as_deref().filter(|h| !h.is_empty()) {
        check_name(&at("hostname"), host, names::dns_label, errors);
    }
    if let Some(domain) = spec.subdomain.as_deref().filter(|d| !d.is_empty()) {
        check_name(&at("subdomain"), domain, names::dns_label, errors);
    }
    for (index, toleration) in spec.tolerations.iter().flatten().enumerate() {
        tolerations(&format!("{path}.tolerations[{index}]"), toleration, errors);
    }
    if let Some(seconds) = spec.termination_grace_period_seconds {
        errors.at_least_zero(&at("terminationGracePeriodSeconds"), seconds);
    }
}

fn tolerations(path: &str, toleration: &Toleration, errors: &mut Errors) {
    let key = toleration.key.as_deref().unwrap_or_default();
    let operator = toleration.operator.as_deref().unwrap_or_default();
    if !key.is_empty() {
        check_name(&format!("{path}.key"), key, names::qualified_name, errors);
    }
    if key.is_empty() && operator != "Exists" {
        let why =
            "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
        errors.invalid_text(&format!("{path}.operator"), operator, why);
    }
    if toleration.toleration_seconds.is_some() && toleration.effect.as_deref() != Some("NoExecute") {
        let shown = quoted(toleration.effect.as_deref().unwrap_or_default());
        errors.invalid(
            &format!("{path}.effect"),
            &shown,
            "effect must be 'NoExecute' when `tolerationSeconds` is set",
        );
    }
    match operator {
        "" | "Equal" => {
            if let Some(value) = toleration.value.as_deref() {
                check_name(&format!("{path}.operator"), value, names::label_value, errors);
            }
        }
        "Exists" => {
            if let Some(value) = toleration.value.as_deref().filter(|v| !v.is_empty()) {
                let why = "value must be empty when `operator` is 'Exists'";
                errors.invalid_text(&format!("{path}.operator"), value, why);
            }
        }
        other => errors.not_supported(&format!("{path}.operator"), other, &["Equal", "Exists"]),
    }
    if let Some(effect) = toleration.effect.as_deref().filter(|e| !e.is_empty()) {
        let known = &["NoSchedule", "PreferNoSchedule", "NoExecute"];
        if !known.contains(&effect) {
            errors.not_supported(&format!("{path}.effect"), effect, known);
        }
    }
}

const POD_UPDATES: &str = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// Of a running pod only images, the deadline and further tolerations may change.
pub(super) fn validate_update(new: &Pod, old: &Pod, errors: &mut Errors) {
    let (Some(n), Some(o)) = (&new.spec, &old.spec) else { return };
    if n.containers.len() != o.containers.len() {
        return errors.forbidden("spec.containers", "pod updates may not add or remove containers");
    }
    let initial = |s: &PodSpec| s.init_containers.as_ref().map_or(0, Vec::len);
    if initial(n) != initial(o) {
        return errors.forbidden("spec.initContainers", "pod updates may not add or remove containers");
    }
    let mut same = n.clone();
    for (c, before) in same.containers.iter_mut().zip(&o.containers) {
        c.image.clone_from(&before.image);
    }
    for (c, before) in same.init_containers.iter_mut().flatten().zip(o.init_containers.iter().flatten()) {
        c.image.clone_from(&before.image);
    }
    let kept = |t: &Toleration| n.tolerations.iter().flatten().any(|other| other == t);
    if !o.tolerations.iter().flatten().all(kept) {
        errors.forbidden(
            "spec.tolerations",
            "existing toleration can not be modified except its tolerationSeconds",
        );
    }
    same.tolerations.clone_from(&o.tolerations);
    deadline_update(n, o, errors);
    same.active_deadline_seconds = o.active_deadline_seconds;
    gate_update(n, o, errors);
    same.scheduling_gates.clone_from(&o.scheduling_gates);
    if o.scheduling_gates.as_ref().is_some_and(|gates| !gates.is_empty()) {
        selector_update(&mut same, o, errors);
    }
    if same != *o {
        errors.forbidden("spec", &format!("{POD_UPDATES}\n{}", internal::pod_diff(o, &same)));
    }
}

/// A deadline may be set and brought nearer, never taken away or put off.
fn deadline_update(new: &PodSpec, old: &PodSpec, errors: &mut Errors) {
    const PATH: &str = "spec.activeDeadlineSeconds";
    match (new.active_deadline_seconds, old.active_deadline_seconds) {
        (Some(new), Some(old)) if new > old => {
            errors.invalid(PATH, &new.to_string(), "must be less than or equal to previous value");
        }
        (None, Some(_)) => {
            errors.invalid(PATH, "null", "must not update from a positive integer to nil value")
        }
        _ => {}
    }
}

/// Gates may only be opened.
fn gate_update(new: &PodSpec, old: &PodSpec, errors: &mut Errors) {
    for (index, gate) in new.scheduling_gates.iter().flatten().enumerate() {
        if !old.scheduling_gates.iter().flatten().any(|known| known.name == gate.name) {
            let why = format!("only deletion is allowed, but found new scheduling gate '{}'", gate.name);
            errors.forbidden(&format!("spec.schedulingGates[{index}].name"), &why);
        }
    }
}

/// Before its gates are open, a pod's node selector may grow.
fn selector_update(new: &mut PodSpec, old: &PodSpec, errors: &mut Errors) {
    let kept = |(key, value): (&String, &String)| {
        new.node_selector.as_ref().and_then(|now| now.get(key)).is_some_and(|now| now == value)
    };
    if !old.node_selector.iter().flatten().all(kept) {
        let shown = serde_json::to_string(&new.node_selector).unwrap_or_default();
        errors.invalid("spec.nodeSelector", &shown, "only additions are allowed (no mutations or deletions)");
    }
    new.node_selector.clone_from(&old.node_selector);
}
