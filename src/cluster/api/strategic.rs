//! Strategic merge patch: lists are merged by their patch keys, directives included.
//!
//! As apimachinery's `strategicpatch`. The keys come from the API types' `patchMergeKey` tags; a list that has
//! none is replaced.

mod diff;

use serde_json::{Map, Value};

pub use diff::{three_way, two_way};

/// Nesting accepted in a patch.
const DEPTH_LIMIT: usize = 64;

/// How a list field merges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ListMerge {
    /// By this field of its items.
    Key(&'static str),
    /// As a set of plain values.
    Set,
    Replace,
}

/// `parent` tells apart the lists that share a name.
fn list_merge(parent: &str, field: &str) -> ListMerge {
    match (parent, field) {
        (
            _,
            "containers" | "initContainers" | "ephemeralContainers" | "env" | "volumes" | "schedulingGates",
        ) => ListMerge::Key("name"),
        (_, "imagePullSecrets" | "secrets" | "resourceClaims") => ListMerge::Key("name"),
        ("spec", "ports") => ListMerge::Key("port"),
        ("containers" | "initContainers" | "ephemeralContainers", "ports") => ListMerge::Key("containerPort"),
        (_, "volumeMounts") => ListMerge::Key("mountPath"),
        (_, "volumeDevices") => ListMerge::Key("devicePath"),
        (_, "hostAliases" | "podIPs" | "hostIPs") => ListMerge::Key("ip"),
        (_, "topologySpreadConstraints") => ListMerge::Key("topologyKey"),
        ("status", "conditions" | "addresses") => ListMerge::Key("type"),
        ("metadata", "ownerReferences") => ListMerge::Key("uid"),
        ("metadata", "finalizers") | ("spec", "podCIDRs" | "finalizers") => ListMerge::Set,
        _ => ListMerge::Replace,
    }
}

/// A change of these says which fields stay: the others belong to another choice (a volume's source, a strategy's
/// parameters).
fn retains_keys(parent: &str, field: &str) -> bool {
    matches!((parent, field), ("spec", "strategy" | "volumes" | "resourceClaims"))
}

/// Applies a patch to the JSON of an object. The error is the server's sentence.
pub fn apply(original: &Value, patch: &Map<String, Value>) -> Result<Value, String> {
    let Value::Object(original) = original else { return Err("the object is not a map".to_owned()) };
    merge_maps(original.clone(), patch, "", 0).map(Value::Object)
}

fn merge_maps(
    mut original: Map<String, Value>,
    patch: &Map<String, Value>,
    place: &str,
    depth: usize,
) -> Result<Map<String, Value>, String> {
    if depth > DEPTH_LIMIT {
        return Err("the patch is nested too deeply".to_owned());
    }
    match patch.get("$patch").and_then(Value::as_str) {
        Some("replace") => return Ok(without_directives(patch)),
        Some("delete") => return Ok(Map::new()),
        Some("merge") | None => {}
        Some(other) => return Err(format!("Unknown patch type found: {other}")),
    }
    if let Some(retained) = patch.get("$retainKeys").and_then(Value::as_array) {
        original.retain(|key, _| retained.iter().any(|r| r == key));
    }
    for (key, value) in patch {
        if let Some(field) = key.strip_prefix("$deleteFromPrimitiveList/") {
            let gone = value.as_array().map(Vec::as_slice).unwrap_or_default();
            if let Some(list) = original.get_mut(field).and_then(Value::as_array_mut) {
                list.retain(|item| !gone.contains(item));
            }
        }
    }
    for (key, value) in patch.iter().filter(|(key, _)| !key.starts_with('$')) {
        let merged = match (original.remove(key), value) {
            (_, Value::Null) => continue,
            (Some(Value::Object(old)), Value::Object(new)) => {
                Value::Object(merge_maps(old, new, key, depth + 1)?)
            }
            (Some(Value::Array(old)), Value::Array(new)) => {
                Value::Array(merge_lists(old, new, list_merge(place, key), key, depth + 1)?)
            }
            (_, Value::Object(new)) => Value::Object(merge_maps(Map::new(), new, key, depth + 1)?),
            (_, Value::Array(new)) => {
                Value::Array(merge_lists(Vec::new(), new, list_merge(place, key), key, depth + 1)?)
            }
            (_, plain) => plain.clone(),
        };
        original.insert(key.clone(), merged);
    }
    for (key, order) in patch {
        if let (Some(field), Some(order)) = (key.strip_prefix("$setElementOrder/"), order.as_array())
            && let Some(Value::Array(list)) = original.remove(field)
        {
            let ordered = in_order(list.clone(), order, &list, list_merge(place, field));
            original.insert(field.to_owned(), Value::Array(ordered));
        }
    }
    Ok(original)
}

fn without_directives(map: &Map<String, Value>) -> Map<String, Value> {
    map.iter().filter(|(key, _)| !key.starts_with('$')).map(|(k, v)| (k.clone(), v.clone())).collect()
}

fn merge_lists(
    original: Vec<Value>,
    patch: &[Value],
    merge: ListMerge,
    place: &str,
    depth: usize,
) -> Result<Vec<Value>, String> {
    let directive = |item: &Value| item.get("$patch").and_then(Value::as_str).map(str::to_owned);
    let plain = || patch.iter().filter(|i| directive(i).is_none()).cloned().collect::<Vec<Value>>();
    match merge {
        ListMerge::Replace => return Ok(plain()),
        _ if patch.iter().any(|item| directive(item).as_deref() == Some("replace")) => return Ok(plain()),
        ListMerge::Set => {
            let mut merged = original.clone();
            merged.extend(patch.iter().filter(|item| !original.contains(item)).cloned());
            return Ok(in_order(merged, patch, &original, merge));
        }
        ListMerge::Key(_) => {}
    }
    let mut merged = original.clone();
    for item in patch {
        let id = identity(item, merge);
        if id.is_none() {
            let ListMerge::Key(key) = merge else { continue };
            let shown = go_map(item);
            return Err(format!("map: {shown} does not contain declared merge key: {key}"));
        }
        let found = merged.iter().position(|old| identity(old, merge) == id);
        match (directive(item).as_deref(), found) {
            (Some("delete"), Some(at)) => drop(merged.remove(at)),
            (Some("delete"), None) => {}
            (_, Some(at)) => {
                if let (Some(old), Some(new)) = (merged[at].as_object().cloned(), item.as_object()) {
                    merged[at] = Value::Object(merge_maps(old, new, place, depth + 1)?);
                }
            }
            (_, None) => {
                let new = item.as_object().cloned().unwrap_or_default();
                merged.push(Value::Object(merge_maps(Map::new(), &new, place, depth + 1)?));
            }
        }
    }
    Ok(in_order(merged, patch, &original, merge))
}

fn identity(item: &Value, merge: ListMerge) -> Option<Value> {
    match merge {
        ListMerge::Key(key) => item.get(key).filter(|v| !v.is_null()).cloned(),
        _ => Some(item.clone()),
    }
}

/// The items that the patch names stand in its order, the others in the server's; where an item of the patch is
/// new, it comes first (`mergeSortedSlice`).
fn in_order(merged: Vec<Value>, patch: &[Value], server: &[Value], merge: ListMerge) -> Vec<Value> {
    let place = |list: &[Value], item: &Value| {
        let id = identity(item, merge);
        list.iter().position(|other| identity(other, merge) == id)
    };
    let (mut named, mut others): (Vec<Value>, Vec<Value>) =
        merged.into_iter().partition(|item| place(patch, item).is_some());
    named.sort_by_key(|item| place(patch, item));
    others.sort_by_key(|item| place(server, item));
    let (mut named, mut others) = (named.into_iter().peekable(), others.into_iter().peekable());
    let mut result = Vec::new();
    while let (Some(name), Some(other)) = (named.peek(), others.peek()) {
        let other_first = match (place(server, other), place(server, name)) {
            (Some(other), Some(name)) => other < name,
            _ => false,
        };
        result.extend(if other_first { others.next() } else { named.next() });
    }
    result.extend(named);
    result.extend(others);
    result
}

/// A JSON value as Go's `%v` prints it: `map[spec:map[replicas:x]]`.
pub fn go_map(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let entries: Vec<String> = map.iter().map(|(k, v)| format!("{k}:{}", go_map(v))).collect();
            format!("map[{}]", entries.join(" "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(go_map).collect::<Vec<_>>().join(" ")),
        Value::String(text) => text.clone(),
        Value::Null => "<nil>".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    fn check(original: Value, patch: Value, expect: Value) {
        let patch = patch.as_object().cloned().expect("a map");
        assert_eq!(super::apply(&original, &patch), Ok(expect));
    }

    #[test]
    fn containers_merge_by_name_and_ports_by_number() {
        check(
            json!({"spec": {"containers": [{"name": "a", "image": "x:1"}, {"name": "b", "image": "y"}]}}),
            json!({"spec": {"containers": [{"name": "a", "image": "x:2"}]}}),
            json!({"spec": {"containers": [{"name": "a", "image": "x:2"}, {"name": "b", "image": "y"}]}}),
        );
        check(
            json!({"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}),
            json!({"spec": {"containers": [{"name": "a", "$patch": "delete"}]}}),
            json!({"spec": {"containers": [{"name": "b"}]}}),
        );
        check(
            json!({"spec": {"args": ["a"]}}),
            json!({"spec": {"args": ["b"]}}),
            json!({"spec": {"args": ["b"]}}),
        );
    }

    #[test]
    fn an_element_order_and_null_are_obeyed() {
        check(
            json!({"env": [{"name": "A", "value": "1"}]}),
            json!({"$setElementOrder/env": [{"name": "A"}, {"name": "B"}], "env": [{"name": "B", "value": "2"}]}),
            json!({"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}),
        );
        check(
            json!({"metadata": {"annotations": {"a": "1", "b": "2"}}}),
            json!({"metadata": {"annotations": {"a": null}}}),
            json!({"metadata": {"annotations": {"b": "2"}}}),
        );
    }

    #[test]
    fn retained_keys_drop_the_rest() {
        check(
            json!({"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}),
            json!({"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}),
            json!({"strategy": {"type": "Recreate"}}),
        );
    }
}
