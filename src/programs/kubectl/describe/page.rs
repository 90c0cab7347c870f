//! The page that describers write on: levels of indentation and tab stops. Holds no knowledge of kinds.

use super::super::output::{duration, tabwriter::TabWriter};
use serde_json::Value;

pub struct Page {
    writer: TabWriter,
    done: String,
    raw: Option<String>,
    pub now_ms: i64,
}

impl Page {
    pub fn new(now_ms: i64) -> Self {
        Page { writer: TabWriter::describe(), done: String::new(), raw: None, now_ms }
    }

    /// A page whose tabs stay tabs (`rollout history --revision`).
    pub fn raw() -> Self {
        Page { raw: Some(String::new()), ..Page::new(0) }
    }

    /// Text as it is, at a level of two blanks each.
    pub fn write(&mut self, level: usize, text: &str) {
        match &mut self.raw {
            Some(raw) => {
                raw.push_str(&"  ".repeat(level));
                raw.push_str(text);
            }
            None => {
                self.writer.write(&"  ".repeat(level));
                self.writer.write(text);
            }
        }
    }

    pub fn line(&mut self, level: usize, text: &str) {
        self.write(level, text);
        self.write(0, "\n");
    }

    /// `Title:<tab>value`.
    pub fn field(&mut self, level: usize, title: &str, value: impl std::fmt::Display) {
        self.line(level, &format!("{title}:\t{value}"));
    }

    /// A field only when the JSON has something there.
    pub fn optional(&mut self, level: usize, title: &str, value: Option<&Value>) {
        if let Some(value) = value.filter(|value| !value.is_null() && value.as_str() != Some("")) {
            self.field(level, title, plain(value));
        }
    }

    /// Ends the tab stops of everything so far.
    pub fn flush(&mut self) {
        self.done.push_str(&self.writer.flush());
    }

    pub fn finish(mut self) -> String {
        self.flush();
        self.raw.unwrap_or(self.done)
    }

    pub fn age(&self, value: Option<&Value>) -> String {
        duration::since(value, self.now_ms)
    }
}

/// A scalar as `%v` prints it.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "<nil>".into(),
        other => other.to_string(),
    }
}

/// The string at a JSON pointer, or nothing.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The whole number at a JSON pointer, or 0.
pub fn number(value: &Value, pointer: &str) -> i64 {
    value.pointer(pointer).and_then(Value::as_i64).unwrap_or_default()
}

pub fn flag(value: &Value, pointer: &str) -> bool {
    value.pointer(pointer).and_then(Value::as_bool).unwrap_or_default()
}

/// The list at a JSON pointer, or an empty one.
pub fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub fn texts(value: &Value, pointer: &str) -> Vec<String> {
    list(value, pointer).iter().map(plain).collect()
}

/// The time at a JSON pointer in describe's form.
pub fn time(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer).and_then(Value::as_str) {
        Some(text) => duration::rfc1123z(text),
        None => "Mon, 01 Jan 0001 00:00:00 +0000".into(),
    }
}

pub fn or_none(text: &str) -> &str {
    if text.is_empty() { "<none>" } else { text }
}

/// `True` / `False`.
pub fn title_bool(flag: bool) -> &'static str {
    if flag { "True" } else { "False" }
}
