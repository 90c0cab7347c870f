//! PATCH: JSON patch, merge patch and strategic merge over the object's JSON; server-side apply is `managed`'s.

use serde_json::{Map, Value};

use super::server::{ApiServer, Caller};
use super::strategic::go_map;
use super::types::{PatchType, Reply, Request};
use super::write::{body_of, check_namespace_matches, part_of};
use super::{Cause, Reason, Status, strategic};
use crate::cluster::kinds::field::quoted;
use crate::cluster::kinds::table::Resource;
use crate::cluster::kinds::validation;

/// Operations accepted in one JSON patch.
const OPERATION_LIMIT: usize = 10_000;

impl ApiServer {
    pub(super) fn handle_patch(
        &mut self,
        resource: &Resource,
        caller: &Caller,
        request: &Request,
        kind: PatchType,
        warnings: &mut Vec<String>,
    ) -> Result<Reply, Status> {
        if kind == PatchType::Apply {
            return self.handle_apply(resource, caller, request, warnings);
        }
        let patch = body_of(request)?;
        let old = self.named(resource, request)?.clone();
        let about_managers = names_managers(patch);
        let plain = match about_managers {
            true => self.encode(resource, &old),
            false => self.encode_plain(resource, &old),
        };
        let mut patched = patch_value(&plain, patch, kind)?;
        if kind == PatchType::Strategic {
            // It is laid over the typed object, which has no kind to change.
            for field in ["apiVersion", "kind"] {
                patched[field] = plain[field].clone();
            }
        }
        let validation = request.options.field_validation;
        let decoded = self.decode(resource, &patched, validation, warnings);
        let mut object = match (decoded, kind) {
            (Err(status), PatchType::Strategic) => {
                return Err(unconvertible(patch, &status.message));
            }
            (decoded, _) => decoded?,
        };
        check_namespace_matches(resource, request, &mut object)?;
        if object.name() != old.name() {
            return Err(Status::bad_request(format!(
                "the name of the object ({}) does not match the name on the URL ({})",
                object.name(),
                old.name()
            )));
        }
        if !names_revision(patch) {
            object.meta_mut().resource_version = None;
        }
        validation::warnings(&object, warnings);
        let updated = self.update(caller, object, part_of(request), request.options.dry_run)?;
        if about_managers && !request.options.dry_run {
            self.managers.restated(caller, &updated, &patched["metadata"]["managedFields"]);
        }
        Ok(Reply::Object(self.encode(resource, &updated)))
    }
}

/// Does a patch say who manages what?
fn names_managers(patch: &Value) -> bool {
    let path = |operation: &Value| {
        operation["path"].as_str().is_some_and(|path| path.starts_with("/metadata/managedFields"))
    };
    match patch {
        Value::Array(operations) => operations.iter().any(path),
        other => other["metadata"].get("managedFields").is_some(),
    }
}

/// A patch that names a resource version is subject to the optimistic lock.
fn names_revision(patch: &Value) -> bool {
    patch.get("metadata").and_then(|m| m.get("resourceVersion")).is_some()
}

/// The JSON that a patch makes of an object's JSON.
pub(super) fn patch_value(old: &Value, patch: &Value, kind: PatchType) -> Result<Value, Status> {
    match (kind, patch) {
        (PatchType::Json, Value::Array(operations)) => {
            json_patch(old.clone(), operations).map_err(|()| rejected())
        }
        (PatchType::Json, other) => {
            let mut status = cannot_unmarshal(other, "[]handlers.jsonPatchOp");
            status.message = format!("error decoding patch: {}", status.message);
            Err(status)
        }
        (PatchType::Merge, Value::Object(map)) => Ok(merge_patch(old, map)),
        (PatchType::Strategic | PatchType::Apply, Value::Object(map)) => {
            // What Go calls plain errors has no reason.
            strategic::apply(old, map).map_err(|why| Status::new(Reason::Unknown, why))
        }
        (_, other) => Err(cannot_unmarshal(other, "map[string]interface {}")),
    }
}

fn cannot_unmarshal(value: &Value, into: &str) -> Status {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    Status::bad_request(format!("json: cannot unmarshal {found} into Go value of type {into}"))
}

fn rejected() -> Status {
    let causes = Vec::new();
    Status {
        message: "the server rejected our request due to an error in our request".to_owned(),
        ..Status::invalid("", "", "", causes)
    }
}

/// A strategic merge that no longer fits the type, in the words of the unstructured converter.
fn unconvertible(patch: &Value, why: &str) -> Status {
    let found = why.split("cannot unmarshal ").nth(1).and_then(|t| t.split(' ').next()).unwrap_or_default();
    let wanted = why.rsplit(" of type ").next().unwrap_or_default();
    let text = match (found, wanted) {
        ("number", "string") => "cannot convert int64 to string".to_owned(),
        (_, list) if list.starts_with("[]") => format!("cannot restore slice from {}", go_name(found)),
        (_, map) if map.starts_with("map[") => format!("cannot restore map from {}", go_name(found)),
        (_, named) if named.contains('.') => format!("cannot restore struct from: {}", go_name(found)),
        (_, plain) if why.contains("cannot unmarshal") => format!("unrecognized type: {plain}"),
        _ => why
            .rsplit("cannot be handled as a ")
            .next()
            .and_then(|t| t.split_once(": "))
            .map_or(why, |t| t.1)
            .to_owned(),
    };
    let value = quoted(&go_map(&as_left(patch)));
    let cause = Cause {
        reason: "FieldValueInvalid",
        message: format!("Invalid value: {value}: {text}"),
        field: "patch".to_owned(),
    };
    Status::invalid("", "", "", vec![cause])
}

/// What is left of a patch when it has been laid over an object: lists that came with the order of their elements
/// have been taken out.
fn as_left(patch: &Value) -> Value {
    const ORDER: &str = "$setElementOrder/";
    let Value::Object(map) = patch else { return patch.clone() };
    let merged = |key: &str| key.starts_with(ORDER) || map.contains_key(&format!("{ORDER}{key}"));
    map.iter().filter(|(key, _)| !merged(key)).map(|(key, value)| (key.clone(), as_left(value))).collect()
}

fn go_name(found: &str) -> &str {
    match found {
        "number" => "int64",
        "object" => "map[string]interface {}",
        "array" => "[]interface {}",
        other => other,
    }
}

/// RFC 7386.
fn merge_patch(old: &Value, patch: &Map<String, Value>) -> Value {
    let mut result = old.as_object().cloned().unwrap_or_default();
    for (key, value) in patch {
        let merged = match value {
            Value::Null => {
                result.remove(key);
                continue;
            }
            Value::Object(inner) => merge_patch(result.get(key).unwrap_or(&Value::Null), inner),
            other => other.clone(),
        };
        result.insert(key.clone(), merged);
    }
    Value::Object(result)
}

/// RFC 6902, as lenient as the server's library: a replace of a missing key adds it.
fn json_patch(mut document: Value, operations: &[Value]) -> Result<Value, ()> {
    for operation in operations.iter().take(OPERATION_LIMIT) {
        let text = |field: &str| operation.get(field).and_then(Value::as_str).ok_or(());
        let value = || operation.get("value").cloned().ok_or(());
        let path = text("path")?;
        match text("op")? {
            "add" => put(&mut document, path, value()?, true)?,
            "replace" => put(&mut document, path, value()?, false)?,
            "remove" => drop(take(&mut document, path)?),
            "move" => {
                let moved = take(&mut document, text("from")?)?;
                put(&mut document, path, moved, true)?;
            }
            "copy" => {
                let copied = document.pointer(text("from")?).cloned().ok_or(())?;
                put(&mut document, path, copied, true)?;
            }
            "test" => {
                let found = document.pointer(path).cloned().unwrap_or(Value::Null);
                (found == operation.get("value").cloned().unwrap_or(Value::Null)).then_some(()).ok_or(())?;
            }
            _ => return Err(()),
        }
    }
    Ok(document)
}

fn parent<'a>(document: &'a mut Value, path: &str) -> Result<(&'a mut Value, String), ()> {
    let (above, last) = path.rsplit_once('/').ok_or(())?;
    let last = last.replace("~1", "/").replace("~0", "~");
    Ok((document.pointer_mut(above).ok_or(())?, last))
}

fn put(document: &mut Value, path: &str, value: Value, insert: bool) -> Result<(), ()> {
    if path.is_empty() {
        *document = value;
        return Ok(());
    }
    match parent(document, path)? {
        (Value::Object(map), key) => drop(map.insert(key, value)),
        (Value::Array(list), key) if key == "-" && insert => list.push(value),
        (Value::Array(list), key) => {
            let at: usize = key.parse().map_err(|_| ())?;
            match insert {
                true if at <= list.len() => list.insert(at, value),
                false if at < list.len() => list[at] = value,
                _ => return Err(()),
            }
        }
        _ => return Err(()),
    }
    Ok(())
}

fn take(document: &mut Value, path: &str) -> Result<Value, ()> {
    match parent(document, path)? {
        (Value::Object(map), key) => map.remove(&key).ok_or(()),
        (Value::Array(list), key) => {
            let at: usize = key.parse().map_err(|_| ())?;
            if at < list.len() { Ok(list.remove(at)) } else { Err(()) }
        }
        _ => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{PatchType, patch_value};

    fn check(kind: PatchType, patch: serde_json::Value, expect: serde_json::Value) {
        let old = json!({"a": {"b": 1, "list": ["x"]}});
        assert_eq!(patch_value(&old, &patch, kind).map_err(|s| s.message), Ok(expect));
    }

    #[test]
    fn json_and_merge_patches_apply() {
        check(
            PatchType::Json,
            json!([{"op": "replace", "path": "/a/b", "value": 2}, {"op": "add", "path": "/a/list/-", "value": "y"}]),
            json!({"a": {"b": 2, "list": ["x", "y"]}}),
        );
        check(
            PatchType::Merge,
            json!({"a": {"b": null, "c": {"d": 1}}}),
            json!({"a": {"list": ["x"], "c": {"d": 1}}}),
        );
        let refused = patch_value(&json!({}), &json!([{"op": "remove", "path": "/x"}]), PatchType::Json);
        assert!(refused.is_err_and(|s| s.code == 422));
        let refused =
            patch_value(&json!({}), &json!("not json"), PatchType::Strategic).map_err(|s| s.message);
        let expect = "json: cannot unmarshal string into Go value of type map[string]interface {}";
        assert_eq!(refused, Err(expect.to_owned()));
    }
}
