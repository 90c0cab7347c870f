//! JSON as Go's encoding/json writes it: four blanks of indent for `-o json`, and `<`, `>` and `&` escaped.
//! Order of keys is the order of the value; must never sort on its own.

use serde_json::Value;

/// `json.Marshal`.
pub fn compact(value: &Value) -> String {
    escape_html(&serde_json::to_string(value).unwrap_or_default())
}

/// `json.MarshalIndent(v, "", "    ")` with a final newline, as the JSON printer does.
pub fn pretty(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    let mut out = escape_html(&out);
    out.push('\n');
    out
}

/// Fields in the order of Go's structs, as far as generators set them; other keys follow by name.
const STRUCT_ORDER: [&str; 61] = [
    "kind",
    "apiVersion",
    "metadata",
    "name",
    "generateName",
    "namespace",
    "labels",
    "annotations",
    "ownerReferences",
    "groupVersion",
    "version",
    "versions",
    "preferredVersion",
    "serverAddressByClientCIDRs",
    "spec",
    "schedule",
    "jobTemplate",
    "scaleTargetRef",
    "minReplicas",
    "maxReplicas",
    "metrics",
    "replicas",
    "rules",
    "ports",
    "selector",
    "template",
    "strategy",
    "clusterIP",
    "type",
    "externalIPs",
    "sessionAffinity",
    "loadBalancerIP",
    "externalName",
    "volumes",
    "initContainers",
    "containers",
    "restartPolicy",
    "dnsPolicy",
    "image",
    "command",
    "args",
    "env",
    "value",
    "valueFrom",
    "resources",
    "imagePullPolicy",
    "securityContext",
    "stdin",
    "stdinOnce",
    "tty",
    "protocol",
    "port",
    "targetPort",
    "nodePort",
    "containerPort",
    "data",
    "binaryData",
    "subjects",
    "roleRef",
    "hard",
    "status",
];

/// The order of the fields that describe a resource in discovery.
const DISCOVERY_ORDER: [&str; 10] = [
    "name",
    "singularName",
    "namespaced",
    "group",
    "version",
    "kind",
    "verbs",
    "shortNames",
    "categories",
    "storageVersionHash",
];

/// As [`pretty`], with keys in the order of Go's structs where a generator made the object.
pub fn pretty_typed(value: &Value) -> String {
    let mut out = String::new();
    write_in(value, 0, &mut out, true);
    let mut out = escape_html(&out);
    out.push('\n');
    out
}

/// As [`compact`], with keys in the order of Go's structs.
pub fn compact_typed(value: &Value) -> String {
    let mut out = String::new();
    write_compact(value, &mut out, true);
    escape_html(&out)
}

fn write_compact(value: &Value, out: &mut String, typed: bool) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                write_compact(item, out, typed);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (at, (key, item)) in entries(map, typed).into_iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                out.push_str(&format!("{}:", Value::String(key.clone())));
                write_compact(item, out, typed && !is_map(key));
            }
            out.push('}');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

/// The entries of an object, `typed` in the order of Go's structs.
pub fn entries(map: &serde_json::Map<String, Value>, typed: bool) -> Vec<(&String, &Value)> {
    let mut entries: Vec<(&String, &Value)> = map.iter().collect();
    if typed {
        let described = map.contains_key("singularName");
        entries.sort_by_key(|(key, _)| if described { place(&DISCOVERY_ORDER, key) } else { rank(key) });
    }
    entries
}

/// Fields whose keys are data, which Go sorts.
pub fn is_map(key: &str) -> bool {
    matches!(key, "labels" | "annotations" | "data" | "matchLabels")
}

fn rank(key: &str) -> usize {
    place(&STRUCT_ORDER, key)
}

fn place(order: &[&str], key: &str) -> usize {
    order.iter().position(|known| *known == key).unwrap_or(order.len())
}

fn write(value: &Value, depth: usize, out: &mut String) {
    write_in(value, depth, out, false);
}

fn write_in(value: &Value, depth: usize, out: &mut String, typed: bool) {
    match value {
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Object(map) if map.is_empty() => out.push_str("{}"),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i == 0 { "\n" } else { ",\n" });
                indent(depth + 1, out);
                write_in(item, depth + 1, out, typed);
            }
            out.push('\n');
            indent(depth, out);
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (i, (key, item)) in entries(map, typed).into_iter().enumerate() {
                out.push_str(if i == 0 { "\n" } else { ",\n" });
                indent(depth + 1, out);
                out.push_str(&Value::String(key.clone()).to_string());
                out.push_str(": ");
                write_in(item, depth + 1, out, typed && !is_map(key));
            }
            out.push('\n');
            indent(depth, out);
            out.push('}');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("    ", depth));
}

fn escape_html(text: &str) -> String {
    if !text.contains(['<', '>', '&', '\u{2028}', '\u{2029}']) {
        return text.to_string();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{compact, pretty};
    use serde_json::json;

    #[test]
    fn indents_with_four_blanks_and_escapes_as_go_does() {
        assert_eq!(
            pretty(&json!({"a": [1, {}], "b": "<x>"})),
            "{\n    \"a\": [\n        1,\n        {}\n    ],\n    \"b\": \"\\u003cx\\u003e\"\n}\n"
        );
        assert_eq!(compact(&json!({"a": [1, null]})), "{\"a\":[1,null]}");
    }
}
