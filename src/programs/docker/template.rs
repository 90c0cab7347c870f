//! Go templates with docker's own functions, over values that remember the order of their fields. The engine of
//! templates is kubectl's. Never prints.

use std::rc::Rc;

use serde_json::Value;

use super::format::quote;
use crate::machine::docker::inspect::Json;
use crate::programs::kubectl::output::template::{Dialect, Template};

/// Why a template gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateError {
    /// It cannot be read; Go's sentence.
    Parse(String),
    /// It cannot be carried out; Go's sentence.
    Execute(String),
}

/// Fills a template with a value. `type_name` is what a missing field is said to be missing from; empty: a map.
pub fn render(text: &str, data: &Json, type_name: &str) -> Result<String, TemplateError> {
    filled(text, data, type_name, "<nil>")
}

/// The same over JSON that was read back: a null is no value at all to Go then.
pub fn render_raw(text: &str, data: &Json) -> Result<String, TemplateError> {
    filled(text, data, "", "<no value>")
}

fn filled(text: &str, data: &Json, type_name: &str, null: &'static str) -> Result<String, TemplateError> {
    let ours = |error: String| {
        error.replace("template: output:", "template: :").replace("executing \"output\"", "executing \"\"")
    };
    let dialect = Rc::new(DockerDialect { root: data.clone(), null });
    let template = Template::parse_in(text, dialect).map_err(|e| TemplateError::Parse(ours(e)))?;
    template.render(&data.to_value()).map_err(|error| {
        let error = ours(error);
        TemplateError::Execute(located(&error, text, type_name))
    })
}

/// Go names line and column of the part that failed, and what it failed on.
fn located(error: &str, text: &str, type_name: &str) -> String {
    let Some(part) =
        error.split_once("at <").and_then(|(_, rest)| rest.split_once('>')).map(|(part, _)| part)
    else {
        return error.to_owned();
    };
    let at = text.find(part).unwrap_or(0);
    let line = text[..at].matches('\n').count() + 1;
    let column = at - text[..at].rfind('\n').map_or(0, |n| n + 1);
    let error = error.replacen(":1:2:", &format!(":{line}:{column}:"), 1);
    match error.split_once("map has no entry for key ") {
        Some((before, key)) if !type_name.is_empty() => {
            format!("{before}can't evaluate field {} in type {type_name}", key.trim_matches('"'))
        }
        _ => error,
    }
}

/// docker's functions.
struct DockerDialect {
    root: Json,
    /// How a null is printed.
    null: &'static str,
}

const NAMES: &[&str] = &["json", "split", "join", "title", "lower", "upper", "pad", "truncate"];

impl Dialect for DockerDialect {
    fn has(&self, name: &str) -> bool {
        NAMES.contains(&name)
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, String> {
        let text = |at: usize| match arguments.get(at) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        let number = |at: usize| arguments.get(at).and_then(Value::as_u64).unwrap_or(0).min(10_000) as usize;
        Ok(match name {
            "json" => {
                let value = arguments.first().unwrap_or(&Value::Null);
                Value::from(self.ordered(value).map_or_else(|| value.to_string(), Json::compact))
            }
            "lower" => Value::from(text(0).to_lowercase()),
            "upper" => Value::from(text(0).to_uppercase()),
            "title" => Value::from(title(&text(0))),
            "split" => Value::from(text(0).split(&text(1)).map(str::to_owned).collect::<Vec<_>>()),
            "join" => {
                let items = arguments.first().and_then(Value::as_array).cloned().unwrap_or_default();
                let items: Vec<String> =
                    items.iter().map(|i| i.as_str().map_or_else(|| i.to_string(), str::to_owned)).collect();
                Value::from(items.join(&text(1)))
            }
            "pad" => Value::from(format!("{}{}{}", " ".repeat(number(1)), text(0), " ".repeat(number(2)))),
            "truncate" => Value::from(text(0).chars().take(number(1)).collect::<String>()),
            other => return Err(format!("function {} not defined", quote(other))),
        })
    }

    fn print(&self, value: &Value) -> Option<String> {
        match value {
            Value::Null => Some(self.null.to_owned()),
            Value::String(_) | Value::Bool(_) => None,
            Value::Number(number) => Some(number.to_string()),
            composite => self.ordered(composite).map(Json::go_print),
        }
    }
}

impl DockerDialect {
    /// The part of the data that looks like this value, with its order of fields.
    fn ordered(&self, value: &Value) -> Option<&Json> {
        find(&self.root, value)
    }
}

fn find<'a>(tree: &'a Json, value: &Value) -> Option<&'a Json> {
    if tree.to_value() == *value {
        return Some(tree);
    }
    match tree {
        Json::List(items) => items.iter().find_map(|i| find(i, value)),
        Json::Struct(fields) | Json::Map(fields) => fields.iter().find_map(|(_, v)| find(v, value)),
        _ => None,
    }
}

fn title(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
