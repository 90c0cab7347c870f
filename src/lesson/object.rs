//! Reading objects of the cluster as JSON: fields by path, and what a pod's status says. Only reads.

use serde_json::{Map, Value};

/// Follows `.spec.containers[0].image`, `.metadata.labels["a.b/c"]`.
pub fn at_path<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let mut value = value;
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (key, after) = inner.split_once(']')?;
            let key = key.trim_matches(|c| c == '"' || c == '\'');
            value = match key.parse::<usize>() {
                Ok(index) => value.get(index)?,
                Err(_) => value.get(key)?,
            };
            rest = after;
        } else {
            rest = rest.strip_prefix('.')?;
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            if end > 0 {
                value = value.get(&rest[..end])?;
            }
            rest = &rest[end..];
        }
    }
    Some(value)
}

/// As `Value::pointer`, for paths without escapes: every look at the world asks for so many fields that unescaping
/// their names shows.
pub fn pointer<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('/').skip(1).try_fold(value, |value, name| match value {
        Value::Object(fields) => fields.get(name),
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Text as it is, anything else as JSON, nothing as `-`.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// `deployment` of `deployments`.
pub fn singular(kind: &str) -> &str {
    kind.strip_suffix('s').unwrap_or(kind)
}

/// Whether an object is on its way out.
pub fn deleting(object: &Value) -> bool {
    pointer(object, "/metadata/deletionTimestamp").is_some_and(|t| !t.is_null())
}

/// The Ready condition of a pod; Running is not enough.
pub fn is_ready(pod: &Value) -> bool {
    let conditions = pointer(pod, "/status/conditions").and_then(Value::as_array);
    conditions.is_some_and(|all| all.iter().any(|c| c["type"] == "Ready" && c["status"] == "True"))
}

/// Whether a pod carries all labels of a Service's selector.
pub fn selects(selector: &Map<String, Value>, pod: &Value) -> bool {
    let labels = pointer(pod, "/metadata/labels");
    selector.iter().all(|(key, value)| labels.is_some_and(|l| l.get(key) == Some(value)))
}

/// Why the first waiting container of a pod waits.
pub fn waiting_reason(pod: &Value) -> Option<&str> {
    let statuses = pointer(pod, "/status/containerStatuses").and_then(Value::as_array)?;
    statuses.iter().find_map(|s| pointer(s, "/state/waiting/reason").and_then(Value::as_str))
}

/// Reasons that do not go away by waiting.
pub fn is_trouble(reason: &str) -> bool {
    !matches!(reason, "ContainerCreating" | "PodInitializing")
}

/// The image a pod's first container was given.
pub fn first_image(pod: &Value) -> Option<&String> {
    match pointer(pod, "/spec/containers/0/image") {
        Some(Value::String(image)) => Some(image),
        _ => None,
    }
}

/// Whether a pod's first container runs exactly the image of this digest.
pub fn runs_digest(pod: &Value, digest: &str) -> bool {
    let id = pointer(pod, "/status/containerStatuses/0/imageID").and_then(Value::as_str);
    id.is_some_and(|id| id.ends_with(digest))
}
