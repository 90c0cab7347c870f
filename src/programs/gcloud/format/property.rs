//! Values of resources: where a key leads, and how a value is written in a cell. Must never change a value.

use serde_json::{Map, Value};

use super::lexer::Part;

/// What a key leads to; `Null` where there is nothing.
pub fn get(value: &Value, key: &[Part]) -> Value {
    let Some((first, rest)) = key.split_first() else { return value.clone() };
    match (value, first) {
        (Value::Object(map), Part::Name(name)) => {
            let found = field(map, name);
            found.map_or(Value::Null, |inner| get(inner, rest))
        }
        (Value::Object(map), Part::Each) if !rest.is_empty() => {
            Value::Array(map.values().map(|inner| get(inner, rest)).collect())
        }
        (Value::Object(_) | Value::Array(_), Part::Each) if rest.is_empty() => value.clone(),
        (Value::Array(items), Part::Each) => Value::Array(items.iter().map(|item| get(item, rest)).collect()),
        (Value::Array(items), Part::Index(index)) => {
            item(items, *index).map_or(Value::Null, |i| get(i, rest))
        }
        (Value::Array(items), Part::Name(name)) => {
            // `quotas.metric.CPUS`: the item whose `metric` is CPUS.
            if let Some(Part::Name(value)) = rest.first()
                && let Some(found) = items.iter().find(|item| item[name.as_str()] == value.as_str())
            {
                return get(found, &rest[1..]);
            }
            let known = items.first().and_then(Value::as_object).is_some_and(|map| map.contains_key(name));
            if known {
                return Value::Array(items.iter().map(|item| get(item, key)).collect());
            }
            let some: Vec<Value> = items.iter().filter_map(|item| item.get(name).cloned()).collect();
            if some.is_empty() { Value::Null } else { Value::Array(some) }
        }
        _ => Value::Null,
    }
}

/// Whether a resource has a key at all.
pub fn contains(value: &Value, key: &[Part]) -> bool {
    let Some((first, rest)) = key.split_first() else { return true };
    match (value, first) {
        (Value::Object(map), Part::Name(name)) => field(map, name).is_some_and(|inner| contains(inner, rest)),
        (Value::Array(items), Part::Index(index)) => item(items, *index).is_some_and(|i| contains(i, rest)),
        (Value::Array(items), Part::Each) => rest.is_empty() || items.iter().any(|i| contains(i, rest)),
        (Value::Array(items), Part::Name(_)) => items.iter().any(|i| contains(i, key)),
        _ => false,
    }
}

fn item(items: &[Value], index: i64) -> Option<&Value> {
    let at = if index < 0 { items.len() as i64 + index } else { index };
    items.get(usize::try_from(at).ok()?)
}

/// A field by its name, or by that written the other way.
fn field<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    map.get(name).or_else(|| map.get(&snake(name))).or_else(|| map.get(&camel(name)))
}

/// `camelCase` as `snake_case`.
fn snake(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !text.is_empty() && !text.ends_with('_') {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

/// `snake_case` as `camelCase`.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut text, word| {
        let mut letters = word.chars();
        text.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        text.extend(letters);
        text
    })
}

/// Whether a value counts as something: not null, false, zero or empty.
pub fn is_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(set) => *set,
        Value::Number(n) => n.as_f64() != Some(0.0),
        Value::String(s) => !s.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}

/// A value as a cell of a table, and as text in general: lists and maps as Python writes them.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(s) => s.clone(),
        other => repr(other),
    }
}

/// A value as Python's `repr` writes it.
pub fn repr(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(n) => n.to_string(),
        Value::String(s) if s.contains('\'') && !s.contains('"') => format!("\"{s}\""),
        Value::String(s) => {
            format!("'{}'", s.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n"))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(repr).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let pairs: Vec<String> = map.iter().map(|(k, v)| format!("'{k}': {}", repr(v))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::gcloud::format::lexer::Lexer;
    use serde_json::json;

    fn check(key: &str, expect: Value) {
        let item = json!({ "a": [{ "n": 1 }, { "n": 2 }], "b": { "someField": "x" } });
        assert_eq!(get(&item, &Lexer::new(key).key().expect("a key")), expect, "{key}");
    }

    #[test]
    fn keys_lead_through_lists_and_maps() {
        check("a[1].n", json!(2));
        check("a[-1].n", json!(2));
        check("a[].n", json!([1, 2]));
        check("a.n", json!([1, 2]));
        check("b.some_field", json!("x"));
        check("B.someField", json!("x"));
        check("b.nosuch", Value::Null);
    }

    #[test]
    fn cells_are_written_as_python_does() {
        assert_eq!(text(&json!(["a", 1, true, null])), "['a', 1, True, None]");
        assert_eq!(text(&json!({ "k": "v" })), "{'k': 'v'}");
    }
}
