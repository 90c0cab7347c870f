//! JSON that remembers the order of its fields and whether an object is a Go struct or a map: docker's answers and
//! templates show both. Never parses.

use serde_json::{Number, Value};

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    List(Vec<Json>),
    /// Fields in the order of the Go struct; `%v` prints the values only.
    Struct(Vec<(String, Json)>),
    /// Keys sorted; `%v` prints `map[key:value]`.
    Map(Vec<(String, Json)>),
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Json::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Json::Text(text)
    }
}

impl From<bool> for Json {
    fn from(flag: bool) -> Self {
        Json::Bool(flag)
    }
}

impl From<i64> for Json {
    fn from(number: i64) -> Self {
        Json::Int(number)
    }
}

impl From<u64> for Json {
    fn from(number: u64) -> Self {
        Json::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl Json {
    /// A struct of these fields.
    pub fn fields(fields: Vec<(&str, Json)>) -> Self {
        Json::Struct(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// A map, its keys sorted.
    pub fn map(entries: impl IntoIterator<Item = (String, Json)>) -> Self {
        let mut entries: Vec<(String, Json)> = entries.into_iter().collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        Json::Map(entries)
    }

    /// A list of texts.
    pub fn texts<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> Self {
        Json::List(texts.into_iter().map(|t| Json::Text(t.as_ref().to_owned())).collect())
    }

    /// A list of texts, null when it is empty.
    pub fn texts_or_null<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> Self {
        match Json::texts(texts) {
            Json::List(items) if items.is_empty() => Json::Null,
            list => list,
        }
    }

    /// A keys-only map as `ExposedPorts` and `Volumes` are, null when it is empty.
    pub fn key_set<S: AsRef<str>>(keys: impl IntoIterator<Item = S>) -> Self {
        let entries: Vec<(String, Json)> =
            keys.into_iter().map(|k| (k.as_ref().to_owned(), Json::Struct(Vec::new()))).collect();
        if entries.is_empty() { Json::Null } else { Json::map(entries) }
    }

    /// The same as a serde value; the order of fields is lost.
    pub fn to_value(&self) -> Value {
        match self {
            Json::Null => Value::Null,
            Json::Bool(flag) => Value::Bool(*flag),
            Json::Int(number) => Value::Number(Number::from(*number)),
            Json::Text(text) => Value::String(text.clone()),
            Json::List(items) => items.iter().map(Json::to_value).collect(),
            Json::Struct(fields) | Json::Map(fields) => {
                Value::Object(fields.iter().map(|(k, v)| (k.clone(), v.to_value())).collect())
            }
        }
    }

    /// On one line, as Go's json.Marshal writes it.
    pub fn compact(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, None, 0);
        out
    }

    /// Indented by four blanks, as `docker inspect` writes it.
    pub fn pretty(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, Some(4), 0);
        out
    }

    fn write(&self, out: &mut String, indent: Option<usize>, depth: usize) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Json::Int(number) => out.push_str(&number.to_string()),
            Json::Text(text) => out.push_str(&quoted(text, indent.is_none())),
            Json::List(items) => {
                sequence(out, ('[', ']'), items.iter(), indent, depth, |out, item, depth| {
                    item.write(out, indent, depth);
                });
            }
            Json::Struct(fields) | Json::Map(fields) => {
                sequence(out, ('{', '}'), fields.iter(), indent, depth, |out, (name, value), depth| {
                    out.push_str(&quoted(name, indent.is_none()));
                    out.push_str(if indent.is_some() { ": " } else { ":" });
                    value.write(out, indent, depth);
                });
            }
        }
    }

    /// As Go's `%v` prints it.
    pub fn go_print(&self) -> String {
        let list = |items: Vec<String>| items.join(" ");
        match self {
            Json::Null => "<nil>".to_owned(),
            Json::Bool(flag) => flag.to_string(),
            Json::Int(number) => number.to_string(),
            Json::Text(text) => text.clone(),
            Json::List(items) => format!("[{}]", list(items.iter().map(Json::go_print).collect())),
            Json::Struct(fields) => {
                format!("{{{}}}", list(fields.iter().map(|(_, v)| v.go_print()).collect()))
            }
            Json::Map(entries) => {
                format!(
                    "map[{}]",
                    list(entries.iter().map(|(k, v)| format!("{k}:{}", v.go_print())).collect())
                )
            }
        }
    }
}

fn sequence<T>(
    out: &mut String,
    (open, close): (char, char),
    items: impl ExactSizeIterator<Item = T>,
    indent: Option<usize>,
    depth: usize,
    write: impl Fn(&mut String, T, usize),
) {
    out.push(open);
    let count = items.len();
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        if let Some(indent) = indent {
            out.push('\n');
            out.push_str(&" ".repeat(indent * (depth + 1)));
        }
        write(out, item, depth + 1);
    }
    if let (Some(indent), true) = (indent, count > 0) {
        out.push('\n');
        out.push_str(&" ".repeat(indent * depth));
    }
    out.push(close);
}

/// A JSON string; with `html`, `<`, `>` and `&` are escaped as Go does by default.
fn quoted(text: &str, html: bool) -> String {
    let mut out = serde_json::to_string(text).unwrap_or_default();
    if html {
        out = out.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    }
    out
}
