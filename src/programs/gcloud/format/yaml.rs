//! YAML as gcloud writes it (ruamel.yaml): sorted keys, lists at the depth of their key, single quotes where plain
//! words would mean something else, folding behind column 80. Must never read YAML.

use serde_json::{Map, Value};

/// Text is folded at the first blank behind this column.
const WIDTH: usize = 80;

/// A document without a mark at its begin.
pub fn emit(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => mapping(map, 0, &mut out),
        Value::Array(items) if !items.is_empty() => sequence(items, 0, &mut out),
        other => {
            scalar(other, 0, &mut out);
            out.push('\n');
            if plain_needs_end(other) {
                out.push_str("...\n");
            }
        }
    }
    out
}

/// A scalar that stands alone and without quotes is ended by a mark.
fn plain_needs_end(value: &Value) -> bool {
    match value {
        Value::String(s) => is_plain(s),
        Value::Array(_) | Value::Object(_) => false,
        _ => true,
    }
}

fn mapping(map: &Map<String, Value>, depth: usize, out: &mut String) {
    let mut keys: Vec<&String> = map.keys().collect();
    keys.sort();
    for (index, key) in keys.into_iter().enumerate() {
        if index > 0 {
            out.push_str(&" ".repeat(depth));
        }
        out.push_str(&quoted(key));
        out.push(':');
        entry(&map[key], depth, out);
    }
}

/// What stands behind a key.
fn entry(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            out.push_str(&" ".repeat(depth + 2));
            mapping(map, depth + 2, out);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            out.push_str(&" ".repeat(depth));
            sequence(items, depth, out);
        }
        other => {
            out.push(' ');
            scalar(other, depth + 2, out);
            out.push('\n');
        }
    }
}

fn sequence(items: &[Value], depth: usize, out: &mut String) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(&" ".repeat(depth));
        }
        out.push_str("- ");
        match item {
            Value::Object(map) if !map.is_empty() => mapping(map, depth + 2, out),
            Value::Array(inner) if !inner.is_empty() => sequence(inner, depth + 2, out),
            other => {
                scalar(other, depth + 2, out);
                out.push('\n');
            }
        }
    }
}

fn scalar(value: &Value, depth: usize, out: &mut String) {
    let text = match value {
        Value::Null => "null".to_owned(),
        Value::Bool(set) => set.to_string(),
        Value::Number(n) => n.to_string(),
        Value::Array(_) => "[]".to_owned(),
        Value::Object(_) => "{}".to_owned(),
        Value::String(s) if s.contains('\n') => return literal(s, depth, out),
        Value::String(s) => quoted(s),
    };
    fold(&text, depth, out);
}

/// Text of several lines keeps them.
fn literal(text: &str, depth: usize, out: &mut String) {
    let (mark, body) = match text.strip_suffix('\n') {
        Some(body) if !body.ends_with('\n') => ("|", body),
        Some(body) => ("|+", body),
        None => ("|-", text),
    };
    out.push_str(mark);
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.push_str(&" ".repeat(depth));
            out.push_str(line);
        }
    }
}

/// Breaks a long text at single blanks behind the width.
fn fold(text: &str, depth: usize, out: &mut String) {
    let mut column = out.rsplit('\n').next().unwrap_or_default().chars().count();
    let chars: Vec<char> = text.chars().collect();
    for (index, c) in chars.iter().enumerate() {
        let neighbour = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|c| *c != ' ');
        let alone = *c == ' ' && neighbour(index.checked_sub(1)) && neighbour(index.checked_add(1));
        if alone && column > WIDTH {
            out.push('\n');
            out.push_str(&" ".repeat(depth));
            column = depth;
        } else {
            out.push(*c);
            column += 1;
        }
    }
}

fn quoted(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    if text.chars().any(char::is_control) {
        return serde_json::to_string(text).unwrap_or_default();
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// Whether a text means itself without quotes.
fn is_plain(text: &str) -> bool {
    let first = text.chars().next();
    let indicator = first.is_none_or(|c| ",[]{}#&*!|>'\"%@`".contains(c) || c.is_whitespace());
    let lead =
        first.is_some_and(|c| "-?:".contains(c)) && text.chars().nth(1).is_none_or(char::is_whitespace);
    let inside = text.contains(": ") || text.contains(" #") || text.ends_with(':') || text.ends_with(' ');
    !indicator && !lead && !inside && !text.chars().any(char::is_control) && !means_something(text)
}

/// Words, numbers and times that a reader would not take for text.
fn means_something(text: &str) -> bool {
    // YAML 1.2's words: of 1.1's, `yes`, `on` and `y` are text.
    let word = matches!(text.to_lowercase().as_str(), "null" | "true" | "false" | "~");
    let digits = text.trim_start_matches(['-', '+']);
    let begins = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let number = begins && (digits.parse::<f64>().is_ok() || digits.replace('_', "").parse::<f64>().is_ok());
    let special = [".inf", ".nan", "=", "<<", "---", "..."].contains(&digits.to_lowercase().as_str());
    let based = digits.strip_prefix("0x").is_some_and(|hex| hex.chars().all(|c| c.is_ascii_hexdigit()))
        || digits.strip_prefix("0o").is_some_and(|octal| octal.chars().all(|c| c.is_digit(8)));
    let date: Vec<&str> = text.splitn(3, '-').collect();
    let all_digits = |s: &str| !s.is_empty() && s.chars().all(|c| c.is_ascii_digit());
    let time = matches!(date.as_slice(), [year, month, day]
        if year.len() == 4 && all_digits(year) && all_digits(month)
            && (all_digits(day) || day.get(..2).is_some_and(all_digits) && day[2..].starts_with(['T', 't', ' '])));
    word || number || special || based || time
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(value: Value, expect: &str) {
        assert_eq!(emit(&value), expect);
    }

    #[test]
    fn lists_stand_below_their_key() {
        check(json!({ "b": [{ "x": 1, "a": "1" }], "a": {} }), "a: {}\nb:\n- a: '1'\n  x: 1\n");
    }

    #[test]
    fn what_could_be_misread_is_quoted() {
        check(
            json!({ "a": "2026-03-02T09:14:33Z", "b": "", "c": "1.33.5-gke.1", "d": "true", "e": "a: b" }),
            "a: '2026-03-02T09:14:33Z'\nb: ''\nc: 1.33.5-gke.1\nd: 'true'\ne: 'a: b'\n",
        );
    }

    #[test]
    fn long_text_is_folded() {
        let hint = format!("{} {}", "x".repeat(82), "y");
        check(json!({ "k": hint }), &format!("k: {}\n  y\n", "x".repeat(82)));
    }
}
