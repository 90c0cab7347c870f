//! kubectl's dialect of JSONPath: `{…}` actions in text, `range`/`end`, filters, slices, unions and `..`.
//! The messages are client-go's. Never touches anything but the value it is given.

mod eval;
mod parse;

use super::json;
use serde_json::Value;

/// Recursion of `..` and of nested ranges stops here with an error.
const DEPTH_LIMIT: usize = 200;

/// A parsed template.
pub struct JsonPath {
    actions: Vec<Vec<Node>>,
    /// Without a match `.nope` is an error unless this is set.
    pub allow_missing_keys: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    Text(String),
    Field(String),
    Wildcard,
    Recursive,
    Array { from: Option<i64>, to: Bound, step: Option<i64> },
    Union(Vec<Vec<Node>>),
    Filter { left: Vec<Node>, operator: String, right: Vec<Node> },
    Int(i64),
    Float(f64),
    Bool(bool),
    Identifier(String),
}

/// The end of a slice: given, left out (`[2:]`), or derived from a plain index (`[2]`).
#[derive(Debug, Clone, Copy)]
pub(super) enum Bound {
    At(i64),
    Open,
    Derived(i64),
}

impl JsonPath {
    pub fn parse(text: &str) -> Result<Self, String> {
        Ok(JsonPath { actions: parse::template(text)?, allow_missing_keys: false })
    }

    /// Every action's results, in order.
    pub fn find(&self, data: &Value) -> Result<Vec<Vec<Value>>, String> {
        eval::find(self, data)
    }

    /// As `-o jsonpath` prints: results of one action separated by a blank.
    pub fn render(&self, data: &Value) -> Result<String, String> {
        let mut out = String::new();
        for results in self.find(data)? {
            let texts: Vec<String> = results.iter().map(text).collect();
            out.push_str(&texts.join(" "));
        }
        Ok(out)
    }

    /// As `-o jsonpath-as-json` prints: each action's results as one JSON list.
    pub fn render_json(&self, data: &Value) -> Result<String, String> {
        Ok(self.find(data)?.into_iter().map(|results| json::pretty(&Value::Array(results))).collect())
    }
}

/// One value as Go prints it: maps and lists as JSON.
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => json::compact(value),
        Value::Null => "null".into(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// `get.RelaxedJSONPathExpression`: `name`, `.name`, `{name}` and `{.name}` all mean `{.name}`.
pub fn relaxed(expression: &str) -> Result<String, String> {
    if expression.is_empty() {
        return Ok(String::new());
    }
    let braced = expression.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let inner = braced.unwrap_or(expression);
    let inner = inner.strip_prefix('.').unwrap_or(inner);
    if inner.is_empty() || inner.contains(['{', '}']) {
        return Err("unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'".to_string());
    }
    Ok(format!("{{.{inner}}}"))
}

#[cfg(test)]
mod tests {
    use super::{JsonPath, relaxed};
    use serde_json::{Value, json};

    fn pods() -> Value {
        json!({"kind": "List", "items": [
            {"metadata": {"name": "a", "labels": {"app": "web"}}, "spec": {"ports": [80, 443]}, "status": {"ready": true}},
            {"metadata": {"name": "b", "labels": {"app": "db"}}, "spec": {"ports": [5432]}, "status": {"ready": false}},
        ]})
    }

    fn check(template: &str, expect: &str) {
        let found = JsonPath::parse(template).and_then(|mut path| {
            path.allow_missing_keys = true;
            path.render(&pods())
        });
        assert_eq!(found.unwrap_or_else(|error| format!("error: {error}")), expect, "{template}");
    }

    #[test]
    fn walks_fields_lists_and_ranges() {
        check("{.items[*].metadata.name}", "a b");
        check("{.items[0].metadata.labels['app']}", "web");
        check(
            "{range .items[*]}{.metadata.name}{\"\\t\"}{.status.ready}{\"\\n\"}{end}done",
            "a\ttrue\nb\tfalse\ndone",
        );
        check(
            "{range .items[*]}{.metadata.name}:{range .spec.ports[*]} {@}{end};{end}",
            "a: 80 443;b: 5432;",
        );
        check("{.items[?(@.metadata.name==\"b\")].spec.ports}", "[5432]");
        check("{.items[?(@.spec.ports[0]>100)].metadata.name}", "b");
        check("{.items[-1:].metadata.name}", "b");
        check("{.items[0:2:2].metadata.name}", "a");
        check("{..name}", "a b");
        check("{.items[*]['metadata.name','spec.ports']}", "a b [80,443] [5432]");
        check("{.nope}", "");
        check("plain", "plain");
        check("{.kind}-{.kind}", "List-List");
    }

    #[test]
    fn mistakes_have_the_words_of_client_go() {
        check("{.items[0", "error: unterminated array");
        check("{.items", "error: unclosed action");
        check("{.items[5].metadata}", "error: array index out of bounds: index 5, length 2");
        check("{end}", "error: not in range, nothing to end");
        check("{#}", "error: unrecognized character in action: U+0023 '#'");
        check("{.kind[0]}", "error: string is not array or slice");
        assert_eq!(JsonPath::parse("{.nope}").unwrap().render(&pods()), Err("nope is not found".into()));
    }

    #[test]
    fn relaxed_expressions() {
        assert_eq!(relaxed("metadata.name"), Ok("{.metadata.name}".into()));
        assert_eq!(relaxed("{.metadata.name}"), Ok("{.metadata.name}".into()));
        assert!(relaxed("{.a}{.b}").is_err());
    }
}
