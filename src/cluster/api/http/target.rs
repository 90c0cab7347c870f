//! Paths and queries of the API.

use super::propagation;
use crate::cluster::api::{FieldValidation, Options};

/// What a path names: `/apis/apps/v1/namespaces/default/deployments/web/scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'p> {
    pub group: &'p str,
    pub version: &'p str,
    pub namespace: Option<&'p str>,
    pub plural: &'p str,
    pub name: Option<&'p str>,
    pub subresource: Option<&'p str>,
}

impl<'p> Place<'p> {
    /// The place of a path in its parts; none when it has another shape.
    pub fn of(path: &[&'p str]) -> Option<Self> {
        let (group, version, rest) = match path {
            ["api", version, rest @ ..] => ("", *version, rest),
            ["apis", group, version, rest @ ..] => (*group, *version, rest),
            _ => return None,
        };
        let (namespace, rest) = match rest {
            // A namespace's own parts are addressed as those of any object.
            ["namespaces", _, "status" | "finalize"] => (None, rest),
            ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (Some(*namespace), rest),
            rest => (None, rest),
        };
        let (plural, name, subresource) = match rest {
            [plural] => (*plural, None, None),
            [plural, name] => (*plural, Some(*name), None),
            [plural, name, subresource] => (*plural, Some(*name), Some(*subresource)),
            _ => return None,
        };
        Some(Place { group, version, namespace, plural, name, subresource })
    }
}

/// A part of a path without its percent signs.
pub fn decoded(part: &str) -> String {
    percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned()
}

/// The pairs of a query, in order.
pub fn query(text: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// What a query asks for; what is not known is passed over, as the server does.
pub fn options(query: &[(String, String)]) -> Options {
    let mut options = Options::default();
    for (key, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        let text = || Some(value.clone());
        match key.as_str() {
            "labelSelector" => options.label_selector = text(),
            "fieldSelector" => options.field_selector = text(),
            "resourceVersion" => options.resource_version = text(),
            "limit" => options.limit = value.parse().ok(),
            "continue" => options.continue_token = text(),
            "dryRun" => options.dry_run = value == "All",
            "force" => options.force = value == "true",
            "fieldValidation" => options.field_validation = field_validation(value),
            "gracePeriodSeconds" => options.grace_period_seconds = value.parse().ok(),
            "propagationPolicy" => options.propagation = propagation(value),
            "container" => options.log.container = text(),
            "follow" => options.log.follow = value == "true",
            "previous" => options.log.previous = value == "true",
            "timestamps" => options.log.timestamps = value == "true",
            "sinceSeconds" => options.log.since_seconds = value.parse().ok(),
            "tailLines" => options.log.tail_lines = value.parse().ok(),
            "limitBytes" => options.log.limit_bytes = value.parse().ok(),
            _ => {}
        }
    }
    options
}

fn field_validation(word: &str) -> FieldValidation {
    match word {
        "Strict" => FieldValidation::Strict,
        "Ignore" => FieldValidation::Ignore,
        _ => FieldValidation::Warn,
    }
}
