//! Roles and bindings.

use k8s_openapi::api::rbac::v1::{PolicyRule, RoleRef, Subject};

use super::{internal, one_of};
use crate::cluster::kinds::field::Errors;

/// A name that can stand in a URL's path.
pub(super) fn path_segment(text: &str) -> Vec<String> {
    if text == "." || text == ".." {
        return vec![format!("may not be '{text}'")];
    }
    ['/', '%'].iter().filter(|c| text.contains(**c)).map(|c| format!("may not contain '{c}'")).collect()
}

pub(super) fn rules(rules: &[PolicyRule], errors: &mut Errors) {
    for (index, rule) in rules.iter().enumerate() {
        let at = |field: &str| format!("rules[{index}].{field}");
        if rule.verbs.is_empty() {
            errors.required(&at("verbs"), "verbs must contain at least one value");
        }
        if rule.non_resource_urls.as_ref().is_some_and(|u| !u.is_empty()) {
            continue;
        }
        if rule.api_groups.as_ref().is_none_or(Vec::is_empty) {
            errors.required(&at("apiGroups"), "resource rules must supply at least one api group");
        }
        if rule.resources.as_ref().is_none_or(Vec::is_empty) {
            errors.required(&at("resources"), "resource rules must supply at least one resource");
        }
    }
}

pub(super) fn binding(role: &RoleRef, subjects: &[Subject], errors: &mut Errors) {
    let group = role.api_group.as_deref().unwrap_or_default();
    if group != "rbac.authorization.k8s.io" {
        errors.not_supported("roleRef.apiGroup", group, &["rbac.authorization.k8s.io"]);
    }
    if !matches!(role.kind.as_str(), "Role" | "ClusterRole") {
        errors.not_supported("roleRef.kind", &role.kind, &["ClusterRole", "Role"]);
    }
    if role.name.is_empty() {
        errors.required("roleRef.name", "");
    }
    for (index, subject) in subjects.iter().enumerate() {
        let at = |field: &str| format!("subjects[{index}].{field}");
        if subject.name.is_empty() {
            errors.required(&at("name"), "");
        }
        one_of(&at("kind"), &subject.kind, &["Group", "ServiceAccount", "User"], errors);
        if subject.kind == "ServiceAccount" && subject.namespace.as_deref().unwrap_or_default().is_empty() {
            errors.required(&at("namespace"), "");
        }
    }
}

pub(super) fn role_is_immutable(new: &RoleRef, old: &RoleRef, errors: &mut Errors) {
    if new != old {
        errors.invalid("roleRef", &internal::role(new), "cannot change roleRef");
    }
}
