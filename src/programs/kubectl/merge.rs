//! Merging on the client: the three-way merge of apply, and differences as JSON merge patches. Lists whose items
//! have a merge key are merged item by item, as strategic merge patches do; others are replaced.

use serde_json::{Map, Value};

/// Nesting deeper than this is replaced as a whole.
const DEPTH_LIMIT: usize = 64;

/// The live object after apply: what `modified` says, without what only `original` had, and everything else as
/// it is.
pub fn three_way(original: &Value, modified: &Value, live: &Value) -> Value {
    merge(Some(original), modified, live, "", 0)
}

fn merge(original: Option<&Value>, modified: &Value, live: &Value, field: &str, depth: usize) -> Value {
    if depth > DEPTH_LIMIT {
        return modified.clone();
    }
    match (modified, live) {
        (Value::Object(modified), Value::Object(live)) => {
            let original = original.and_then(Value::as_object);
            Value::Object(merge_maps(original, modified, live, depth))
        }
        (Value::Array(modified), Value::Array(live)) => {
            let original = original.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            match merge_key(field, modified.first().or_else(|| live.first())) {
                Some("") => Value::Array(merge_sets(original, modified, live)),
                Some(key) => Value::Array(merge_lists(original, modified, live, key, depth)),
                None => Value::Array(modified.clone()),
            }
        }
        _ => modified.clone(),
    }
}

fn merge_maps(
    original: Option<&Map<String, Value>>,
    modified: &Map<String, Value>,
    live: &Map<String, Value>,
    depth: usize,
) -> Map<String, Value> {
    let mut result = live.clone();
    for (key, value) in modified {
        let merged = match live.get(key) {
            _ if value.is_null() => Value::Null,
            Some(there) => merge(original.and_then(|map| map.get(key)), value, there, key, depth + 1),
            None => value.clone(),
        };
        if merged.is_null() {
            result.remove(key);
        } else {
            result.insert(key.clone(), merged);
        }
    }
    for key in original.into_iter().flat_map(Map::keys).filter(|key| !modified.contains_key(*key)) {
        result.remove(key);
    }
    result
}

fn merge_lists(
    original: &[Value],
    modified: &[Value],
    live: &[Value],
    key: &str,
    depth: usize,
) -> Vec<Value> {
    let find =
        |list: &[Value], item: &Value| list.iter().find(|other| other.get(key) == item.get(key)).cloned();
    let mut result: Vec<Value> = modified
        .iter()
        .map(|item| match find(live, item) {
            Some(there) => merge(find(original, item).as_ref(), item, &there, "", depth + 1),
            None => item.clone(),
        })
        .collect();
    for item in live {
        if find(modified, item).is_none() && find(original, item).is_none() {
            result.push(item.clone());
        }
    }
    result
}

fn merge_sets(original: &[Value], modified: &[Value], live: &[Value]) -> Vec<Value> {
    let mut result = modified.to_vec();
    result.extend(live.iter().filter(|item| !modified.contains(item) && !original.contains(item)).cloned());
    result
}

/// The key that items of a list are told apart by; `Some("")` for lists of words that are sets.
fn merge_key(field: &str, item: Option<&Value>) -> Option<&'static str> {
    let has = |key: &str| item.is_some_and(|item| item.get(key).is_some());
    match field {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "env"
        | "volumes"
        | "imagePullSecrets"
        | "secrets" => Some("name"),
        "volumeMounts" => Some("mountPath"),
        "volumeDevices" => Some("devicePath"),
        "hostAliases" => Some("ip"),
        "conditions" => Some("type"),
        "ownerReferences" => Some("uid"),
        "topologySpreadConstraints" => Some("topologyKey"),
        "ports" if has("containerPort") => Some("containerPort"),
        "ports" if has("port") => Some("port"),
        "finalizers" => Some(""),
        _ => None,
    }
}

/// The JSON merge patch that makes `after` out of `before`; empty when they are the same.
pub fn difference(before: &Value, after: &Value) -> Map<String, Value> {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else { return Map::new() };
    let mut patch = Map::new();
    for (key, value) in after {
        match before.get(key) {
            Some(old) if old == value => {}
            Some(old) if old.is_object() && value.is_object() => {
                patch.insert(key.clone(), Value::Object(difference(old, value)));
            }
            _ => {
                patch.insert(key.clone(), value.clone());
            }
        }
    }
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    patch
}

/// RFC 7386.
pub fn apply_patch(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(map) = target.as_object_mut() else { return };
    for (key, value) in patch {
        if value.is_null() {
            map.remove(key);
        } else {
            apply_patch(map.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{apply_patch, difference, three_way};
    use serde_json::json;

    #[test]
    fn apply_keeps_what_others_set_and_removes_what_the_file_lost() {
        let original = json!({"spec": {"replicas": 2, "paused": true, "containers": [{"name": "a", "image": "x", "env": [{"name": "A", "value": "1"}]}, {"name": "gone"}]}});
        let modified = json!({"spec": {"replicas": 3, "containers": [{"name": "a", "image": "y"}]}});
        let live = json!({"spec": {"replicas": 5, "paused": true, "strategy": {}, "containers": [
            {"name": "a", "image": "x", "pull": "Always", "env": [{"name": "A", "value": "1"}]}, {"name": "gone"}, {"name": "sidecar"}]}});
        let merged = three_way(&original, &modified, &live);
        let expect = json!({"spec": {"replicas": 3, "strategy": {}, "containers": [{"name": "a", "image": "y", "pull": "Always"}, {"name": "sidecar"}]}});
        assert_eq!(merged, expect);
        let mut patched = live.clone();
        apply_patch(&mut patched, &serde_json::Value::Object(difference(&live, &merged)));
        assert_eq!(patched, expect);
        assert!(difference(&merged, &merged).is_empty());
    }
}
