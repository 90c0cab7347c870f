//! Labels, annotations and label selectors.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::check_name;
use crate::cluster::kinds::field::{Errors, quoted};
use crate::cluster::kinds::names;

type Map = BTreeMap<String, String>;

pub(super) fn labels(path: &str, map: Option<&Map>, errors: &mut Errors) {
    for (key, value) in map.into_iter().flatten() {
        check_name(path, key, names::qualified_name, errors);
        check_name(path, value, names::label_value, errors);
    }
}

pub(super) fn annotations(path: &str, map: Option<&Map>, limit: usize, errors: &mut Errors) {
    let mut total = 0;
    for (key, value) in map.into_iter().flatten() {
        // Keys are compared in lower case, as annotations always were.
        let lower = key.to_ascii_lowercase();
        for why in names::qualified_name(&lower) {
            errors.invalid_text(path, key, &why);
        }
        total += key.len() + value.len();
    }
    if total > limit {
        errors.too_long(path, limit);
    }
}

/// The JSON of a label map, as error messages show it.
pub(super) fn shown(map: Option<&Map>) -> String {
    match map {
        Some(map) => {
            serde_json::Value::from_iter(map.iter().map(|(k, v)| (k.clone(), v.clone()))).to_string()
        }
        None => "null".to_owned(),
    }
}

/// The JSON of a label selector, as error messages show it.
pub(super) fn shown_selector(selector: &LabelSelector) -> String {
    crate::cluster::api::codec::encode_value(selector).to_string()
}

/// True when the selector can be used.
pub(super) fn selector(path: &str, selector: &LabelSelector, errors: &mut Errors) -> bool {
    let before = errors.len();
    labels(&format!("{path}.matchLabels"), selector.match_labels.as_ref(), errors);
    for (index, expression) in selector.match_expressions.iter().flatten().enumerate() {
        let at = format!("{path}.matchExpressions[{index}]");
        let count = expression.values.as_ref().map_or(0, Vec::len);
        match expression.operator.as_str() {
            "In" | "NotIn" if count == 0 => {
                errors.required(
                    &format!("{at}.values"),
                    "must be specified when `operator` is 'In' or 'NotIn'",
                );
            }
            "Exists" | "DoesNotExist" if count > 0 => errors.forbidden(
                &format!("{at}.values"),
                "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
            ),
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            other => {
                errors.invalid(&format!("{at}.operator"), &quoted(other), "not a valid selector operator")
            }
        }
        check_name(&format!("{at}.key"), &expression.key, names::qualified_name, errors);
        for (n, value) in expression.values.iter().flatten().enumerate() {
            check_name(&format!("{at}.values[{n}]"), value, names::label_value, errors);
        }
    }
    errors.len() == before
}
