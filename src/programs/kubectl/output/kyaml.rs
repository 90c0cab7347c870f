//! KYAML, the flow-style YAML of `-o kyaml`: strings always quoted, braces and brackets, a comma after each item.

use super::json::{entries, is_map};
use serde_json::Value;

pub fn emit(value: &Value) -> String {
    document(value, false)
}

/// As [`emit`], with keys in the order of Go's structs where a generator made the object.
pub fn emit_typed(value: &Value) -> String {
    document(value, true)
}

fn document(value: &Value, typed: bool) -> String {
    let mut out = String::from("---\n");
    write(value, 0, &mut out, typed);
    out.push('\n');
    out
}

fn write(value: &Value, depth: usize, out: &mut String, typed: bool) {
    match value {
        Value::Object(map) if map.is_empty() => out.push_str("{}"),
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Object(map) => {
            out.push_str("{\n");
            for (key, item) in entries(map, typed) {
                indent(depth + 1, out);
                out.push_str(&self::key(key));
                out.push_str(": ");
                write(item, depth + 1, out, typed && !is_map(key));
                out.push_str(",\n");
            }
            indent(depth, out);
            out.push('}');
        }
        Value::Array(items)
            if items.iter().all(|item| matches!(item, Value::Object(map) if !map.is_empty())) =>
        {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write(item, depth, out, typed);
            }
            out.push(']');
        }
        Value::Array(items) => {
            out.push_str("[\n");
            for item in items {
                indent(depth + 1, out);
                write(item, depth + 1, out, typed);
                out.push_str(",\n");
            }
            indent(depth, out);
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", depth));
}

/// Keys are quoted only when they could be read as something else.
fn key(key: &str) -> String {
    let plain = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
        && !matches!(
            key.to_lowercase().as_str(),
            "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null"
        );
    if plain { key.to_string() } else { format!("{key:?}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn braces_quotes_and_commas() {
        let value = json!({"a": {"n": 1}, "l": [{"x": "y"}, {"z": true}], "w": ["p"], "e": {}});
        let expect = "---\n{\n  a: {\n    \"n\": 1,\n  },\n  e: {},\n  l: [{\n    x: \"y\",\n  }, {\n    z: true,\n  }],\n  w: [\n    \"p\",\n  ],\n}\n";
        assert_eq!(super::emit(&value), expect);
    }
}
