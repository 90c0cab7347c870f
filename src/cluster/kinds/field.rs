//! Field errors: what is wrong, where, in the words of apimachinery's `field` package.

use std::fmt::Display;

use crate::cluster::api::Cause;

/// The errors found so far, in the order of finding. Paths are texts such as `spec.ports[0].name`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors {
    causes: Vec<Cause>,
}

impl Errors {
    fn push(&mut self, reason: &'static str, path: &str, message: String) {
        self.causes.push(Cause { reason, message, field: path.to_owned() });
    }

    pub fn is_empty(&self) -> bool {
        self.causes.is_empty()
    }

    pub fn len(&self) -> usize {
        self.causes.len()
    }

    pub fn into_causes(self) -> Vec<Cause> {
        self.causes
    }

    pub fn into_result(self) -> Result<(), Vec<Cause>> {
        match self.causes.is_empty() {
            true => Ok(()),
            false => Err(self.causes),
        }
    }

    /// `Required value` or `Required value: detail`.
    pub fn required(&mut self, path: &str, detail: &str) {
        let tail = if detail.is_empty() { String::new() } else { format!(": {detail}") };
        self.push("FieldValueRequired", path, format!("Required value{tail}"));
    }

    /// `value` as it is to be shown: a number, or a text through `quoted`, or JSON.
    pub fn invalid(&mut self, path: &str, value: &str, detail: &str) {
        self.push("FieldValueInvalid", path, format!("Invalid value: {value}: {detail}"));
    }

    /// An invalid text.
    pub fn invalid_text(&mut self, path: &str, value: &str, detail: &str) {
        self.invalid(path, &quoted(value), detail);
    }

    pub fn duplicate(&mut self, path: &str, value: &str) {
        self.push("FieldValueDuplicate", path, format!("Duplicate value: {value}"));
    }

    pub fn not_found(&mut self, path: &str, value: &str) {
        self.push("FieldValueNotFound", path, format!("Not found: {}", quoted(value)));
    }

    pub fn forbidden(&mut self, path: &str, detail: &str) {
        self.push("FieldValueForbidden", path, format!("Forbidden: {detail}"));
    }

    /// The supported values in the order of the alphabet, as the server sorts them.
    pub fn not_supported(&mut self, path: &str, value: &str, supported: &[&str]) {
        let mut known: Vec<String> = supported.iter().map(|s| quoted(s)).collect();
        known.sort();
        let message = format!("Unsupported value: {}: supported values: {}", quoted(value), known.join(", "));
        self.push("FieldValueNotSupported", path, message);
    }

    /// An unsupported value that is no text; the message is complete.
    pub fn unsupported_object(&mut self, path: &str, message: String) {
        self.push("FieldValueNotSupported", path, message);
    }

    pub fn too_long(&mut self, path: &str, limit: usize) {
        self.push("FieldValueTooLong", path, format!("Too long: may not be more than {limit} bytes"));
    }

    pub fn too_many(&mut self, path: &str, count: usize, limit: usize) {
        self.push("FieldValueTooMany", path, format!("Too many: {count}: must have at most {limit} items"));
    }

    pub fn internal(&mut self, path: &str, detail: &str) {
        self.push("InternalError", path, format!("Internal error: {detail}"));
    }

    pub fn at_least_zero(&mut self, path: &str, value: impl Into<i64> + Display + Copy) {
        if value.into() < 0 {
            self.invalid(path, &value.to_string(), "must be greater than or equal to 0");
        }
    }

    /// A number that no update may change.
    pub fn immutable<T: PartialEq>(&mut self, path: &str, new: &T, old: &T, shown: impl FnOnce() -> String) {
        if new != old {
            self.invalid(path, &shown(), "field is immutable");
        }
    }
}

/// A text as Go's `%q` writes it.
pub fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

/// A list of texts as JSON.
pub fn strings(list: &[String]) -> String {
    let quoted: Vec<String> = list.iter().map(|s| quoted(s)).collect();
    format!("[{}]", quoted.join(","))
}
