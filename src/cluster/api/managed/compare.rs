//! Two versions of an object, or one version and nothing: which fields differ, which are stated. Pure functions.
//! As structured-merge-diff's `Compare` and `ToFieldSet`.

use serde_json::Value;

use super::fields::Fields;
use super::shape::{Shape, item_step, shape};

/// The fields of `new` that are not so in `old`. What is altogether new counts with everything in it.
pub fn changed(old: Option<&Value>, new: &Value) -> Fields {
    changed_at(old, new, "", "")
}

fn changed_at(old: Option<&Value>, new: &Value, parent: &str, field: &str) -> Fields {
    let old = old.filter(|v| !v.is_null());
    let mut fields = Fields::default();
    match (shape(parent, field, new), new) {
        (Shape::Map, Value::Object(map)) => {
            fields.own = old.is_none();
            for (name, value) in map.iter().filter(|(_, v)| !v.is_null()) {
                let before = old.and_then(|o| o.get(name));
                fields.put(format!("f:{name}"), changed_at(before, value, field, name));
            }
        }
        (Shape::Keys(keys), Value::Array(items)) => {
            fields.own = old.is_none();
            for item in items {
                let step = item_step(item, keys);
                let known = old.and_then(Value::as_array).into_iter().flatten();
                let before = known.into_iter().find(|o| item_step(o, keys) == step);
                fields.put(step, changed_at(before, item, parent, field));
            }
        }
        (Shape::Set, Value::Array(items)) => {
            fields.own = old.is_none();
            let known = old.and_then(Value::as_array);
            for item in items.iter().filter(|i| known.is_none_or(|k| !k.contains(i))) {
                fields.put(format!("v:{item}"), Fields { own: true, ..Fields::default() });
            }
        }
        _ => fields.own = old != Some(new),
    }
    fields
}

/// The fields that an applied configuration states: its values, and the items of its lists.
pub fn stated(value: &Value) -> Fields {
    stated_at(value, "", "")
}

fn stated_at(value: &Value, parent: &str, field: &str) -> Fields {
    let mut fields = Fields::default();
    match (shape(parent, field, value), value) {
        (Shape::Map, Value::Object(map)) => {
            fields.own = map.is_empty();
            for (name, value) in map.iter().filter(|(_, v)| !v.is_null()) {
                fields.put(format!("f:{name}"), stated_at(value, field, name));
            }
        }
        (Shape::Keys(keys), Value::Array(items)) => {
            fields.own = items.is_empty();
            for item in items {
                let mut child = stated_at(item, parent, field);
                child.own = true;
                fields.put(item_step(item, keys), child);
            }
        }
        (Shape::Set, Value::Array(items)) => {
            fields.own = items.is_empty();
            for item in items {
                fields.put(format!("v:{item}"), Fields { own: true, ..Fields::default() });
            }
        }
        _ => fields.own = true,
    }
    fields
}

/// What stands in `value` at a step of the set.
pub fn at_step<'a>(value: &'a Value, step: &str) -> Option<&'a Value> {
    match step.split_once(':') {
        Some(("f", name)) => value.get(name).filter(|v| !v.is_null()),
        Some(("k", keys)) => value.as_array()?.iter().find(|item| has_keys(item, keys)),
        Some(("v", text)) => value.as_array()?.iter().find(|item| is_written(item, text)),
        _ => None,
    }
}

/// Whether a list's item, as JSON, is `text`.
pub fn is_written(item: &Value, text: &str) -> bool {
    let written = item.to_string();
    written == text
}

pub fn has_keys(item: &Value, keys: &str) -> bool {
    let keys: Value = serde_json::from_str(keys).unwrap_or_default();
    let names: Vec<&str> = keys.as_object().into_iter().flat_map(|k| k.keys()).map(String::as_str).collect();
    !names.is_empty() && item_step(item, &names) == format!("k:{keys}")
}

/// Drops from a set what the object no longer has.
pub fn prune(fields: &mut Fields, value: &Value) {
    fields.children.retain(|step, child| match at_step(value, step) {
        Some(inner) => {
            prune(child, inner);
            !child.is_empty()
        }
        None => false,
    });
}
