//! The `Status` object: how the API server says no, in its own words.
//!
//! Constructors hold the wording of apimachinery's `errors.go`; callers never write such a sentence themselves.

use std::fmt;

use serde_json::{Map, Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    Unknown,
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    AlreadyExists,
    Conflict,
    Gone,
    Expired,
    Invalid,
    MethodNotAllowed,
    NotAcceptable,
    UnsupportedMediaType,
    TooManyRequests,
    InternalError,
    ServiceUnavailable,
    Timeout,
}

impl Reason {
    /// As in the `reason` field; empty for `Unknown`.
    pub fn word(self) -> &'static str {
        match self {
            Reason::Unknown => "",
            Reason::BadRequest => "BadRequest",
            Reason::Unauthorized => "Unauthorized",
            Reason::Forbidden => "Forbidden",
            Reason::NotFound => "NotFound",
            Reason::AlreadyExists => "AlreadyExists",
            Reason::Conflict => "Conflict",
            Reason::Gone => "Gone",
            Reason::Expired => "Expired",
            Reason::Invalid => "Invalid",
            Reason::MethodNotAllowed => "MethodNotAllowed",
            Reason::NotAcceptable => "NotAcceptable",
            Reason::UnsupportedMediaType => "UnsupportedMediaType",
            Reason::TooManyRequests => "TooManyRequests",
            Reason::InternalError => "InternalError",
            Reason::ServiceUnavailable => "ServiceUnavailable",
            Reason::Timeout => "Timeout",
        }
    }
    pub fn code(self) -> u16 {
        match self {
            Reason::Unknown | Reason::InternalError => 500,
            Reason::BadRequest => 400,
            Reason::Unauthorized => 401,
            Reason::Forbidden => 403,
            Reason::NotFound => 404,
            Reason::AlreadyExists | Reason::Conflict => 409,
            Reason::Gone | Reason::Expired => 410,
            Reason::Invalid => 422,
            Reason::MethodNotAllowed => 405,
            Reason::NotAcceptable => 406,
            Reason::UnsupportedMediaType => 415,
            Reason::TooManyRequests => 429,
            Reason::ServiceUnavailable => 503,
            Reason::Timeout => 504,
        }
    }
}

/// One entry of `details.causes`: a field error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// `FieldValueRequired`, `FieldValueInvalid` ...
    pub reason: &'static str,
    pub message: String,
    pub field: String,
}

/// A refused request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub code: u16,
    pub reason: Reason,
    pub message: String,
    pub group: String,
    /// The plural resource for most errors, the kind for `Invalid`.
    pub kind: String,
    pub name: String,
    pub uid: String,
    pub causes: Vec<Cause>,
    pub retry_after_seconds: Option<i32>,
}

/// `pods` or `deployments.apps`.
pub fn qualified(group: &str, resource: &str) -> String {
    match group.is_empty() {
        true => resource.to_owned(),
        false => format!("{resource}.{group}"),
    }
}

impl Status {
    pub fn new(reason: Reason, message: impl Into<String>) -> Status {
        Status {
            code: reason.code(),
            reason,
            message: message.into(),
            group: String::new(),
            kind: String::new(),
            name: String::new(),
            uid: String::new(),
            causes: Vec::new(),
            retry_after_seconds: None,
        }
    }

    fn about(mut self, group: &str, kind: &str, name: &str) -> Status {
        self.group = group.to_owned();
        self.kind = kind.to_owned();
        self.name = name.to_owned();
        self
    }

    pub fn not_found(group: &str, resource: &str, name: &str) -> Status {
        let message = format!("{} \"{name}\" not found", qualified(group, resource));
        Status::new(Reason::NotFound, message).about(group, resource, name)
    }

    /// No such URL: an unknown resource or version.
    pub fn no_such_path() -> Status {
        Status::new(Reason::NotFound, "the server could not find the requested resource")
    }

    pub fn already_exists(group: &str, resource: &str, name: &str) -> Status {
        let message = format!("{} \"{name}\" already exists", qualified(group, resource));
        Status::new(Reason::AlreadyExists, message).about(group, resource, name)
    }

    pub fn conflict(group: &str, resource: &str, name: &str, why: &str) -> Status {
        let message =
            format!("Operation cannot be fulfilled on {} \"{name}\": {why}", qualified(group, resource));
        Status::new(Reason::Conflict, message).about(group, resource, name)
    }

    /// The optimistic lock failed.
    pub fn modified(group: &str, resource: &str, name: &str) -> Status {
        let why =
            "the object has been modified; please apply your changes to the latest version and try again";
        Status::conflict(group, resource, name, why)
    }

    pub fn forbidden(group: &str, resource: &str, name: &str, why: &str) -> Status {
        let message = match (name.is_empty(), resource.is_empty()) {
            (_, true) => format!("forbidden: {why}"),
            (true, _) => format!("{} is forbidden: {why}", qualified(group, resource)),
            (false, _) => format!("{} \"{name}\" is forbidden: {why}", qualified(group, resource)),
        };
        Status::new(Reason::Forbidden, message).about(group, resource, name)
    }

    pub fn bad_request(message: impl Into<String>) -> Status {
        Status::new(Reason::BadRequest, message)
    }

    pub fn internal(message: &str) -> Status {
        Status::new(Reason::InternalError, format!("Internal error occurred: {message}"))
    }

    pub fn method_not_allowed(group: &str, resource: &str, verb: &str) -> Status {
        let message =
            format!("{verb} is not supported on resources of kind \"{}\"", qualified(group, resource));
        Status::new(Reason::MethodNotAllowed, message).about(group, resource, "")
    }

    pub fn too_many_requests(message: &str, retry_after_seconds: i32) -> Status {
        Status {
            retry_after_seconds: Some(retry_after_seconds),
            ..Status::new(Reason::TooManyRequests, message)
        }
    }

    pub fn unsupported_media_type(message: &str) -> Status {
        Status::new(Reason::UnsupportedMediaType, message)
    }

    pub fn expired(message: &str) -> Status {
        Status::new(Reason::Expired, message)
    }

    /// `Kind.group "name" is invalid: ` and the field errors, as `ErrorList.ToAggregate` joins them.
    pub fn invalid(group: &str, kind: &str, name: &str, causes: Vec<Cause>) -> Status {
        let texts: Vec<String> = causes.iter().map(Cause::text).collect();
        let mut distinct: Vec<&str> = Vec::new();
        for text in &texts {
            if !distinct.contains(&text.as_str()) {
                distinct.push(text);
            }
        }
        let errors = match distinct.as_slice() {
            [] => String::from("<nil>"),
            [one] => (*one).to_owned(),
            several => format!("[{}]", several.join(", ")),
        };
        let message = format!("{} \"{name}\" is invalid: {errors}", qualified(group, kind));
        Status { causes, ..Status::new(Reason::Invalid, message).about(group, kind, name) }
    }

    /// The JSON of the `Status` object.
    pub fn to_value(&self) -> Value {
        let mut details = Map::new();
        for (key, text) in
            [("name", &self.name), ("group", &self.group), ("kind", &self.kind), ("uid", &self.uid)]
        {
            if !text.is_empty() {
                details.insert(key.to_owned(), json!(text));
            }
        }
        if !self.causes.is_empty() {
            let causes: Vec<Value> = self
                .causes
                .iter()
                .map(|c| json!({"reason": c.reason, "message": c.message, "field": c.field}))
                .collect();
            details.insert("causes".to_owned(), Value::Array(causes));
        }
        if let Some(seconds) = self.retry_after_seconds {
            details.insert("retryAfterSeconds".to_owned(), json!(seconds));
        }
        let mut status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message, "code": self.code,
        });
        if let Some(map) = status.as_object_mut() {
            if self.reason != Reason::Unknown {
                map.insert("reason".to_owned(), json!(self.reason.word()));
            }
            if !details.is_empty() {
                map.insert("details".to_owned(), Value::Object(details));
            }
        }
        status
    }
}

impl Cause {
    /// `spec.containers: Required value`.
    pub fn text(&self) -> String {
        format!("{}: {}", self.field, self.message)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Status {}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: &Status, expect: &str) {
        assert_eq!(status.message, expect);
    }

    #[test]
    fn refusals_use_the_servers_words() {
        check(&Status::not_found("", "pods", "x"), "pods \"x\" not found");
        check(&Status::already_exists("apps", "deployments", "x"), "deployments.apps \"x\" already exists");
        check(&Status::forbidden("", "pods", "x", "no"), "pods \"x\" is forbidden: no");
        let one =
            Cause { reason: "FieldValueRequired", message: "Required value".into(), field: "spec.a".into() };
        let two = Cause { field: "spec.b".into(), ..one.clone() };
        check(
            &Status::invalid("apps", "Deployment", "x", vec![one.clone()]),
            "Deployment.apps \"x\" is invalid: spec.a: Required value",
        );
        check(
            &Status::invalid("", "Pod", "x", vec![one, two]),
            "Pod \"x\" is invalid: [spec.a: Required value, spec.b: Required value]",
        );
    }
}
