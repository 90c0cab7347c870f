//! Names, labels, annotations and finalizers: `ValidateObjectMeta`.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{check_name, labels};
use crate::cluster::kinds::field::Errors;
use crate::cluster::kinds::names;

/// All annotations together, in bytes.
const ANNOTATIONS_LIMIT: usize = 256 * 1024;

pub(super) fn validate(
    meta: &ObjectMeta,
    namespaced: bool,
    name_rule: fn(&str) -> Vec<String>,
    errors: &mut Errors,
) {
    let name = meta.name.as_deref().unwrap_or_default();
    if let Some(prefix) = meta.generate_name.as_deref().filter(|p| !p.is_empty()) {
        // A prefix may end in a dash or dot that only the suffix makes valid.
        check_name("metadata.generateName", &format!("{}x", prefix), name_rule, errors);
    }
    match name.is_empty() {
        true => errors.required("metadata.name", "name or generateName is required"),
        false => check_name("metadata.name", name, name_rule, errors),
    }
    let namespace = meta.namespace.as_deref().unwrap_or_default();
    if namespaced && namespace.is_empty() {
        errors.required("metadata.namespace", "");
    } else if namespaced {
        check_name("metadata.namespace", namespace, names::dns_label, errors);
    }
    validate_update(meta, errors);
}

/// What may be wrong with the metadata of an update as well.
pub(super) fn validate_update(meta: &ObjectMeta, errors: &mut Errors) {
    labels::labels("metadata.labels", meta.labels.as_ref(), errors);
    labels::annotations("metadata.annotations", meta.annotations.as_ref(), ANNOTATIONS_LIMIT, errors);
    for (index, finalizer) in meta.finalizers.iter().flatten().enumerate() {
        check_name("metadata.finalizers", finalizer, names::qualified_name, errors);
        if !finalizer.contains('/')
            && !["foregroundDeletion", "orphan", "kubernetes"].contains(&finalizer.as_str())
        {
            errors.invalid_text(
                &format!("metadata.finalizers[{index}]"),
                finalizer,
                "name is neither a standard finalizer name nor is it fully qualified",
            );
        }
    }
}
