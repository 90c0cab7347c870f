//! `--format`: resources as tables, blocks, value, csv, json, yaml and the rest of the family. Must never know which
//! command prints.

mod functions;
pub mod lexer;
mod moments;
pub mod projection;
pub mod property;
mod table;
pub mod transform;
pub mod yaml;

pub use table::compare;

use serde_json::{Map, Value};

use lexer::Part;
use projection::{Column, Format};
use property::{repr, text};

/// The formats that there are.
const FORMATS: &str = "config, csv, default, diff, disable, flattened, get, json, list, multi, none, object, table, text, value, yaml";
/// Those that cannot do without a projection.
const NEED_COLUMNS: &[&str] = &["csv", "diff", "get", "table", "value"];

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
        "value" if format.attributes.contains_key("no-transforms") => {
            separated(&without_transforms(format), items, "\t", false)
        }
        "value" => separated(format, items, "\t", false),
        "get" => separated(&without_transforms(format), items, "\t", false),
        "csv" => separated(format, items, ",", true),
        "json" => json(format, items, manner.single),
        "yaml" | "default" => documents(format, items, manner.single, |item| match item {
            Value::Null => "\n  null\n".to_owned(),
            item => yaml::emit(item),
        }),
        "flattened" | "text" => {
            let separator = format.attributes.get("separator").map_or(": ", String::as_str);
            let pads = !format.attributes.contains_key("no-pad");
            documents(format, items, manner.single, |item| flattened(item, separator, pads))
        }
        "list" => {
            let title = format.attributes.get("title").map(|title| format!("{title}\n"));
            let items: String = items.iter().map(|item| list(format, item)).collect();
            title.unwrap_or_default() + &items
        }
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

/// Only the projected parts of a resource, null where it has none of them; all of it without a projection.
fn projected(format: &Format, item: &Value) -> Value {
    if format.columns.is_empty() {
        return item.clone();
    }
    let attribute = |name: &str| format.attributes.contains_key(name);
    let (transforms, inherited) = (!attribute("no-transforms"), attribute("transforms"));
    let mut out = Value::Null;
    for column in &format.columns {
        let apply = |value: &Value| match transforms && (inherited || !column.inherited) {
            true => column.transforms.apply(value.clone()),
            false => value.clone(),
        };
        insert(&mut out, &column.key, item, &apply);
    }
    out
}

/// Puts what a key leads to into its place; what leads nowhere leaves nothing.
fn insert(out: &mut Value, key: &[Part], item: &Value, apply: &dyn Fn(&Value) -> Value) {
    match (key.split_first(), item) {
        (None, _) => *out = apply(item),
        (Some((Part::Name(name), rest)), Value::Object(inner)) => {
            let mut there = out.get(name).cloned().unwrap_or(Value::Null);
            insert(&mut there, rest, inner.get(name).unwrap_or(&Value::Null), apply);
            if there.is_null() {
                return;
            }
            if !out.is_object() {
                *out = Value::Object(Map::new());
            }
            if let Value::Object(map) = out {
                map.insert(name.clone(), there);
            }
        }
        (Some((Part::Each, rest)), Value::Array(inner)) => {
            let mut slots = out.as_array().cloned().unwrap_or_default();
            slots.resize(inner.len().max(slots.len()), Value::Null);
            for (slot, value) in slots.iter_mut().zip(inner) {
                insert(slot, rest, value, apply);
            }
            keep(out, slots);
        }
        (Some((Part::Each, rest)), item) if !item.is_null() => insert(out, rest, item, apply),
        (Some((Part::Index(index), rest)), Value::Array(inner)) => {
            let at = if *index < 0 { inner.len() as i64 + index } else { *index };
            let Some(value) = usize::try_from(at).ok().and_then(|at| inner.get(at)) else { return };
            let mut slots = out.as_array().cloned().unwrap_or_else(|| vec![Value::Null]);
            if let Some(first) = slots.first_mut() {
                insert(first, rest, value, apply);
            }
            keep(out, slots);
        }
        _ => {}
    }
}

fn keep(out: &mut Value, slots: Vec<Value>) {
    if slots.iter().any(|slot| !slot.is_null()) {
        *out = Value::Array(slots);
    }
}

fn json(format: &Format, items: &[Value], single: bool) -> String {
    let mut all: Vec<Value> = items.iter().map(|item| projected(format, item)).collect();
    let value = if single { all.pop().unwrap_or(Value::Null) } else { Value::Array(all) };
    format!("{}\n", serde_json::to_string_pretty(&value).unwrap_or_default())
}

/// A document for each resource; several are separated by a line of dashes.
fn documents(format: &Format, items: &[Value], single: bool, write: impl Fn(&Value) -> String) -> String {
    let document = |item: &Value| {
        let text = write(item);
        match (single, text.starts_with('\n')) {
            (true, _) => text,
            (false, true) => format!("---{text}"),
            (false, false) => format!("---\n{text}"),
        }
    };
    items.iter().map(|item| document(&projected(format, item))).collect()
}

fn list(format: &Format, item: &Value) -> String {
    let lines: Vec<String> = match (format.columns.as_slice(), item) {
        ([], Value::Object(map)) => {
            map.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| format!("{k}: {}", text(v))).collect()
        }
        ([], other) => vec![text(other)],
        (columns, item) => {
            let cells = columns.iter().map(|column| cell(column, item)).filter(|value| !value.is_null());
            cells.map(|value| text(&value)).collect()
        }
    };
    let between = if format.attributes.contains_key("compact") { " " } else { "\n   " };
    format!(" - {}\n", lines.join(between))
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
fn flattened(item: &Value, separator: &str, pads: bool) -> String {
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
    match item {
        Value::Null => pairs.push((String::new(), repr(item))),
        item => walk(item, "", &mut pairs),
    }
    let width = pairs.iter().map(|(k, _)| k.chars().count()).max().unwrap_or(0);
    let pad = |key: &str| " ".repeat(if pads { width - key.chars().count() } else { 0 });
    pairs.iter().map(|(k, v)| format!("{k}{separator}{}{v}\n", pad(k))).collect()
}

#[cfg(test)]
mod tests;
