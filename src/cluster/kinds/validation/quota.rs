//! Quotas, limit ranges and priority classes.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{LimitRange, ResourceQuota};
use k8s_openapi::api::scheduling::v1::PriorityClass;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Text;

use crate::cluster::kinds::field::{Errors, quoted, strings};
use crate::cluster::quantity::{self, Quantity};

/// Measured in whole things.
const COUNTED: &[&str] = &[
    "configmaps",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "services",
    "services.loadbalancers",
    "services.nodeports",
];
/// What pods ask of nodes.
const COMPUTE: &[&str] = &["cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory"];
const STORED: &[&str] =
    &["ephemeral-storage", "limits.ephemeral-storage", "requests.ephemeral-storage", "requests.storage"];
const HIGHEST_USER_PRIORITY: i32 = 1_000_000_000;

pub(super) fn quota(o: &ResourceQuota, errors: &mut Errors) {
    let spec = o.spec.clone().unwrap_or_default();
    let hard = spec.hard.unwrap_or_default();
    for (name, amount) in &hard {
        let path = format!("spec.hard[{name}]");
        if !name.contains('/') && !is_standard(name) {
            errors.invalid_text(&path, name, "must be a standard resource for quota");
        }
        let Ok(value) = quantity::parse(&amount.0) else { continue };
        if value.is_negative() {
            errors.invalid_text(&path, &amount.0, "must be greater than or equal to 0");
        }
        if COUNTED.contains(&name.as_str()) && !value.is_whole() {
            errors.invalid_text(&path, &amount.0, "must be an integer");
        }
    }
    let scopes = spec.scopes.unwrap_or_default();
    let shown = strings(&scopes);
    for scope in &scopes {
        let fits: fn(&str) -> bool = match scope.as_str() {
            "BestEffort" => |name| name == "pods",
            "Terminating"
            | "NotTerminating"
            | "NotBestEffort"
            | "PriorityClass"
            | "CrossNamespacePodAffinity" => |name| name == "pods" || COMPUTE.contains(&name),
            "VolumeAttributesClass" => |name| matches!(name, "persistentvolumeclaims" | "requests.storage"),
            _ => {
                errors.invalid("spec.scopes", &shown, "unsupported scope");
                continue;
            }
        };
        for _ in hard.keys().filter(|name| is_standard(name) && !fits(name)) {
            errors.invalid("spec.scopes", &shown, "unsupported scope applied to resource");
        }
    }
    for pair in [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]] {
        if pair.iter().all(|one| scopes.iter().any(|scope| scope == one)) {
            errors.invalid("spec.scopes", &shown, "conflicting scopes");
        }
    }
}

fn is_standard(name: &str) -> bool {
    [COUNTED, COMPUTE, STORED].iter().any(|list| list.contains(&name))
        || name.starts_with("hugepages-")
        || name.starts_with("requests.hugepages-")
}

pub(super) fn limit_range(o: &LimitRange, errors: &mut Errors) {
    let limits = o.spec.clone().unwrap_or_default().limits;
    let mut seen: Vec<&str> = Vec::new();
    for (index, limit) in limits.iter().enumerate() {
        let path = format!("spec.limits[{index}]");
        if seen.contains(&limit.type_.as_str()) {
            errors.duplicate(&format!("{path}.type"), &quoted(&limit.type_));
        }
        seen.push(&limit.type_);
        let empty = BTreeMap::new();
        let map = |map: &'_ Option<BTreeMap<String, Text>>| map.clone().unwrap_or_default();
        let (min, max) = (map(&limit.min), map(&limit.max));
        let (mut usual, mut asked) = (map(&limit.default), map(&limit.default_request));
        if limit.type_ == "Pod" {
            for (field, list) in [("default", &mut usual), ("defaultRequest", &mut asked)] {
                if !list.is_empty() {
                    errors.forbidden(&format!("{path}.{field}"), "may not be specified when `type` is 'Pod'");
                    list.clone_from(&empty);
                }
            }
        }
        if limit.type_ == "PersistentVolumeClaim"
            && !min.contains_key("storage")
            && !max.contains_key("storage")
        {
            errors.required(
                &format!("{path}.limits"),
                "either minimum or maximum storage value is required, but neither was provided",
            );
        }
        let mut names: Vec<&String> =
            [&min, &max, &usual, &asked].into_iter().flat_map(BTreeMap::keys).collect();
        names.sort();
        names.dedup();
        for name in names {
            // Smaller, larger, the field that is wrong, the value shown, and the words for the two.
            let rules = [
                (min.get(name), max.get(name), "min", "min value", "max value"),
                (min.get(name), asked.get(name), "defaultRequest", "min value", "default request value"),
                (asked.get(name), max.get(name), "defaultRequest", "default request value", "max value"),
                (
                    asked.get(name),
                    usual.get(name),
                    "defaultRequest",
                    "default request value",
                    "default limit value",
                ),
                (min.get(name), usual.get(name), "default", "min value", "default value"),
                (usual.get(name), max.get(name), "default", "default value", "max value"),
            ];
            for (small, large, field, first, second) in rules {
                let (Some(small), Some(large)) = (small, large) else { continue };
                if !exceeds(small, large) {
                    continue;
                }
                let shown = match (field, first) {
                    ("default", "default value") => large,
                    ("defaultRequest", "min value") => large,
                    _ => small,
                };
                let why = format!("{first} {} is greater than {second} {}", small.0, large.0);
                errors.invalid_text(&format!("{path}.{field}[{name}]"), &shown.0, &why);
            }
        }
    }
}

fn exceeds(a: &Text, b: &Text) -> bool {
    let amount = |text: &Text| quantity::parse(&text.0).map(Quantity::milli_value).unwrap_or_default();
    amount(a) > amount(b)
}

pub(super) fn priority_class(o: &PriorityClass, errors: &mut Errors) {
    let name = o.metadata.name.as_deref().unwrap_or_default();
    let value = o.value.unwrap_or(0);
    let known = matches!(
        (name, value),
        ("system-node-critical", 2_000_001_000) | ("system-cluster-critical", 2_000_000_000)
    );
    if name.starts_with("system-") {
        if !known {
            errors.forbidden(
                "metadata.name",
                &format!(
                    "priority class names with 'system-' prefix are reserved for system use only. error: {name} is not a known system priority class"
                ),
            );
        }
    } else if value > HIGHEST_USER_PRIORITY {
        let why = format!("maximum allowed value of a user defined priority is {HIGHEST_USER_PRIORITY}");
        errors.forbidden("value", &why);
    }
    let policy = o.preemption_policy.as_deref().unwrap_or("PreemptLowerPriority");
    if !matches!(policy, "PreemptLowerPriority" | "Never") {
        errors.unsupported_object(
            "preemptionPolicy",
            format!(
                "Unsupported value: {}: supported values: \"PreemptLowerPriority\", \"Never\"",
                quoted(policy)
            ),
        );
    }
}

pub(super) fn priority_class_update(new: &PriorityClass, old: &PriorityClass, errors: &mut Errors) {
    if new.value != old.value {
        errors.forbidden("value", "may not be changed in an update.");
    }
    errors.immutable("preemptionPolicy", &new.preemption_policy, &old.preemption_policy, || {
        quoted(new.preemption_policy.as_deref().unwrap_or_default())
    });
}
