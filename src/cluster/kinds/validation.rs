//! Validation of every kind: what the server refuses, with its paths and words (`pkg/apis/*/validation`).

use super::field::Errors;
use crate::cluster::object::Object;

/// Checks a new object.
pub fn validate(_object: &Object, _errors: &mut Errors) {}

/// Checks a new version against the old one.
pub fn validate_update(_new: &Object, _old: &Object, _errors: &mut Errors) {}

/// Remarks that go back as `Warning:` headers.
pub fn warnings(_object: &Object, _warnings: &mut Vec<String>) {}
