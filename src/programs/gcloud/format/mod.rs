//! `--format`: resources as tables, blocks, value, csv, json, yaml and the rest of the family. Must never know which
//! command prints.

mod functions;
pub mod lexer;
pub mod projection;
pub mod property;
mod table;
mod transform;
pub mod yaml;

pub use table::compare;

use serde_json::{Map, Value};

use lexer::Part;
use projection::{Column, Format};
use property::{repr, text};

/// The formats that there are.
const FORMATS: &str = "config, csv, default, diff, disable, flattened, get, json, list, multi, none, object, table, text, value, yaml";
/// Those that cannot do without a projection.
const NEED_COLUMNS: &[&str] = &["csv", "diff", "get", "multi", "table", "value"];

/// How resources are printed, apart from their format.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// Whether there is one resource rather than a list.
    pub single: bool,
    /// Whether tables become blocks of `KEY: value`.
    pub screen_reader: bool,
}

/// Resources as text.
///
/// # Errors
/// A format that nobody knows, or one that lacks its projection.
pub fn render(format: &Format, items: &[Value], manner: Manner) -> Result<String, String> {
    let name = format.name.as_str();
    if !FORMATS.split(", ").any(|known| known == name) {
        return Err(format!(
            "Format must be one of {FORMATS}; received [{name}].\n\nFor information on output formats:\n  $ gcloud topic formats\n"
        ));
    }
    if NEED_COLUMNS.contains(&name) && format.columns.is_empty() {
        return Err(format!(
            "Format [{name}] requires a non-empty projection. Use key parameters to specify a projection like so `{name}(foo, bar.baz)`"
        ));
    }
    Ok(match name {
        "table" => table::render(format, items, manner.screen_reader),
        "value" => separated(format, items, "\t", false),
        "get" => separated(&without_transforms(format), items, "\t", false),
        "csv" => separated(format, items, ",", true),
        "json" => json(format, items, manner.single),
        "yaml" | "default" => documents(format, items, manner.single, yaml::emit),
        "flattened" | "text" => {
            let separator = format.attributes.get("separator").map_or(": ", String::as_str);
            documents(format, items, manner.single, |item| flattened(item, separator))
        }
        "list" => items.iter().map(|item| list(format, item)).collect(),
        "config" => items.iter().map(|item| config(&projected(format, item), "")).collect(),
        "object" => items.iter().map(repr).collect(),
        _ => String::new(),
    })
}

/// The format without its transforms.
fn without_transforms(format: &Format) -> Format {
    let bare = |column: &Column| Column { transforms: Default::default(), ..column.clone() };
    Format {
        name: format.name.clone(),
        attributes: format.attributes.clone(),
        columns: format.columns.iter().map(bare).collect(),
        ..Format::default()
    }
}

/// A column's value of a resource.
fn cell(column: &Column, item: &Value) -> Value {
    column.transforms.apply(property::get(item, &column.key))
}

/// `value` and `csv`: a line for each resource.
fn separated(format: &Format, items: &[Value], separator: &str, is_csv: bool) -> String {
    let attribute =
        |name: &str, default: &str| format.attributes.get(name).map_or(default, String::as_str).to_owned();
    let (separator, terminator) = (attribute("separator", separator), attribute("terminator", "\n"));
    let delimiter = attribute("delimiter", ";");
    let quotes = if is_csv {
        !format.attributes.contains_key("no-quote")
    } else {
        format.attributes.contains_key("quote")
    };
    let quote = |field: String| {
        let needs =
            [delimiter.as_str(), "\"", &separator, &terminator].iter().any(|mark| field.contains(mark));
        let blank = field.starts_with(char::is_whitespace) || field.ends_with(char::is_whitespace);
        if quotes && !field.is_empty() && (needs || blank) {
            format!("\"{}\"", field.replace('"', "\"\""))
        } else {
            field
        }
    };
    let mut out = String::new();
    if is_csv && !format.attributes.contains_key("no-heading") {
        let labels: Vec<String> = format.columns.iter().map(|c| quote(c.label.to_lowercase())).collect();
        out.push_str(&format!("{}{terminator}", labels.join(&separator)));
    }
    for item in items {
        let cells = format.columns.iter().map(|column| match cell(column, item) {
            Value::Array(all) => all.iter().map(|v| quote(text(v))).collect::<Vec<_>>().join(&delimiter),
            Value::Object(map) => map
                .iter()
                .map(|(k, v)| quote(format!("{k}={}", text(v))))
                .collect::<Vec<_>>()
                .join(&delimiter),
            other => quote(text(&other)),
        });
        out.push_str(&format!("{}{terminator}", cells.collect::<Vec<_>>().join(&separator)));
    }
    out
}

/// Only the projected parts of a resource; all of it without a projection.
fn projected(format: &Format, item: &Value) -> Value {
    if format.columns.is_empty() {
        return item.clone();
    }
    let transforms = !format.attributes.contains_key("no-transforms");
    let mut out = Value::Object(Map::new());
    for column in &format.columns {
        let apply = |value: &Value| match transforms && !column.inherited {
            true => column.transforms.apply(value.clone()),
            false => value.clone(),
        };
        insert(&mut out, &column.key, item, &apply);
    }
    out
}

fn insert(out: &mut Value, key: &[Part], item: &Value, apply: &dyn Fn(&Value) -> Value) {
    match key.split_first() {
        None => *out = apply(item),
        Some((Part::Name(name), rest)) => {
            if let Value::Array(_) = item {
                // A slice that is not written as one.
                let with_slice: Vec<Part> = std::iter::once(Part::Each).chain(key.iter().cloned()).collect();
                return insert(out, &with_slice, item, apply);
            }
            let Some(inner) = item.get(name).filter(|inner| !inner.is_null()) else { return };
            if !out.is_object() {
                *out = Value::Object(Map::new());
            }
            if let Value::Object(map) = out {
                insert(map.entry(name.clone()).or_insert(Value::Null), rest, inner, apply);
            }
        }
        Some((Part::Each, rest)) => {
            let Value::Array(inner) = item else { return insert(out, rest, item, apply) };
            slots(out, inner.len());
            let Value::Array(slots) = out else { return };
            for (slot, value) in slots.iter_mut().zip(inner) {
                insert(slot, rest, value, apply);
            }
        }
        Some((Part::Index(index), rest)) => {
            let Value::Array(inner) = item else { return };
            slots(out, 0);
            let at = if *index < 0 { inner.len() as i64 + index } else { *index };
            let Some(value) = usize::try_from(at).ok().and_then(|at| inner.get(at)) else { return };
            if let Value::Array(slots) = out {
                if slots.is_empty() {
                    slots.push(Value::Null);
                }
                insert(&mut slots[0], rest, value, apply);
            }
        }
    }
}

fn slots(out: &mut Value, count: usize) {
    if !out.is_array() {
        *out = Value::Array(Vec::new());
    }
    if let Value::Array(slots) = out
        && slots.len() < count
    {
        slots.resize_with(count, || Value::Object(Map::new()));
    }
}

fn json(format: &Format, items: &[Value], single: bool) -> String {
    let mut all: Vec<Value> = items.iter().map(|item| projected(format, item)).collect();
    let value = if single { all.pop().unwrap_or(Value::Null) } else { Value::Array(all) };
    format!("{}\n", serde_json::to_string_pretty(&value).unwrap_or_default())
}

/// A document for each resource; several are separated by a line of dashes.
fn documents(format: &Format, items: &[Value], single: bool, write: impl Fn(&Value) -> String) -> String {
    let lead = if single { "" } else { "---\n" };
    items.iter().map(|item| format!("{lead}{}", write(&projected(format, item)))).collect()
}

fn list(format: &Format, item: &Value) -> String {
    let lines: Vec<String> = match (format.columns.as_slice(), item) {
        ([], Value::Object(map)) => {
            map.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| format!("{k}: {}", text(v))).collect()
        }
        ([], other) => vec![text(other)],
        (columns, item) => columns.iter().map(|column| text(&cell(column, item))).collect(),
    };
    format!(" - {}\n", lines.join("\n   "))
}

/// `[section]` with `key = value` lines.
fn config(value: &Value, section: &str) -> String {
    let below = |name: &str| if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") };
    let pairs: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), v)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect(),
        _ => Vec::new(),
    };
    let (mut top, mut sub) = (String::new(), String::new());
    for (name, value) in pairs {
        match value {
            Value::Object(_) | Value::Array(_) => sub.push_str(&config(value, &below(&name))),
            Value::Null => top.push_str(&format!("{name} (unset)\n")),
            other => top.push_str(&format!("{name} = {}\n", text(other))),
        }
    }
    let heading = !section.is_empty() && (!top.is_empty() || !sub.is_empty() && !sub.starts_with('['));
    let heading = if heading { format!("[{section}]\n") } else { String::new() };
    format!("{heading}{top}{sub}")
}

/// A line for each leaf.
fn flattened(item: &Value, separator: &str) -> String {
    fn walk(value: &Value, path: &str, out: &mut Vec<(String, String)>) {
        match value {
            Value::Object(map) if !map.is_empty() => map.iter().for_each(|(k, v)| {
                walk(v, &if path.is_empty() { k.clone() } else { format!("{path}.{k}") }, out);
            }),
            Value::Array(all) if !all.is_empty() => {
                all.iter().enumerate().for_each(|(i, v)| walk(v, &format!("{path}[{i}]"), out));
            }
            Value::Null => {}
            other => out.push((path.to_owned(), text(other))),
        }
    }
    let mut pairs = Vec::new();
    walk(item, "", &mut pairs);
    let width = pairs.iter().map(|(k, _)| k.chars().count()).max().unwrap_or(0);
    let pad = |key: &str| " ".repeat(width - key.chars().count());
    pairs.iter().map(|(k, v)| format!("{k}{separator}{}{v}\n", pad(k))).collect()
}

#[cfg(test)]
mod tests;
