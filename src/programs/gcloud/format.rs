//! `--format`: projections of resources as blocks, tables, value, csv, json, yaml, list. A projection is a list of
//! keys with transforms, e.g. `table(name,zone.basename():label=ZONE)`.

use serde_json::{Map, Value};

use crate::base::table::{Layout, render as render_table};
use crate::programs::kubectl::output::yaml;

/// The formats that the real client names when it is asked for another.
const FORMATS: &str = "config, csv, default, diff, disable, flattened, get, json, list, multi, none, object, table, text, value, yaml";

const GCLOUD_TABLE: Layout = Layout { gap: 2, min_width: 0, pad_last: false };

/// One column: where the value is, what is done to it, and its heading.
struct Column {
    path: Vec<Part>,
    transforms: Vec<String>,
    label: Option<String>,
}

enum Part {
    Key(String),
    Index(usize),
    Each,
}

/// Resources as text.
///
/// # Errors
/// A format that nobody knows, or a projection that cannot be read.
pub fn render(format: &str, default: &str, items: &[Value], screen_reader: bool) -> Result<String, String> {
    let (name, projection) = split(format)?;
    let defaults = split(default).map(|(_, p)| columns(p.unwrap_or_default())).unwrap_or_default();
    let columns = |text: Option<&str>| -> Vec<Column> {
        let mut own = columns(text.unwrap_or_default());
        for column in &mut own {
            inherit(column, &defaults);
        }
        own
    };
    match name {
        "json" => Ok(json(items, projection.map(|_| columns(projection)))),
        "yaml" => Ok(yaml_text(items, projection.map(|_| columns(projection)))),
        "describe" | "default" => Ok(items.iter().map(yaml::emit).collect()),
        "value" | "get" => Ok(lines(items, &columns(projection), "\t", false)),
        "csv" => Ok(lines(items, &columns(projection), ",", true)),
        "table" if screen_reader => Ok(blocks(items, &columns(projection), title(format))),
        "table" => Ok(table(items, &columns(projection), title(format))),
        "list" => Ok(items.iter().map(|item| format!(" - {}\n", text_of(item))).collect()),
        "none" | "disable" => Ok(String::new()),
        "text" | "flattened" => Ok(items.iter().map(flattened).collect::<Vec<_>>().join("---\n")),
        other => Err(format!("Unknown format [{other}]; format must be one of [{FORMATS}].")),
    }
}

/// `table[title=X](a,b)` as name and projection.
fn split(format: &str) -> Result<(&str, Option<&str>), String> {
    let name_end = format.find(['(', '[']).unwrap_or(format.len());
    let name = format[..name_end].trim();
    let Some(open) = format.find('(') else { return Ok((name, None)) };
    let close = format.rfind(')').filter(|close| *close > open);
    let inside = close.ok_or_else(|| format!("Expected ) in projection expression [{format} *HERE*]."))?;
    Ok((name, Some(&format[open + 1..inside])))
}

/// The title among a format's attributes.
fn title(format: &str) -> Option<&str> {
    let head = format.split('(').next().unwrap_or_default();
    let attributes = head.split_once('[')?.1.trim_end_matches(']');
    attributes.split(',').find_map(|a| a.trim().strip_prefix("title="))
}

fn columns(projection: &str) -> Vec<Column> {
    split_top(projection).iter().filter(|c| !c.trim().is_empty()).map(|c| column(c.trim())).collect()
}

/// Splits at commas outside of brackets.
fn split_top(text: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0_i32);
    for c in text.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ => {}
        }
        match parts.last_mut() {
            _ if c == ',' && depth == 0 => parts.push(String::new()),
            Some(last) => last.push(c),
            None => {}
        }
    }
    parts
}

fn column(text: &str) -> Column {
    let mut label = None;
    let mut key = text.to_owned();
    if let Some((before, attributes)) =
        text.split_once(':').filter(|(b, _)| b.matches('(').count() == b.matches(')').count())
    {
        label = attributes
            .split(':')
            .find_map(|a| a.strip_prefix("label="))
            .map(|l| l.trim_matches(['"', '\'']).to_owned());
        key = before.to_owned();
    }
    let (mut path, mut transforms, mut word) = (Vec::new(), Vec::new(), String::new());
    let mut chars = key.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '.' => push_key(&mut path, &mut word),
            '[' => {
                push_key(&mut path, &mut word);
                let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                path.push(inside.parse().map_or(Part::Each, Part::Index));
            }
            '(' => {
                let arguments: String = chars.by_ref().take_while(|c| *c != ')').collect();
                transforms.push(format!("{}:{arguments}", std::mem::take(&mut word)));
            }
            other => word.push(other),
        }
    }
    push_key(&mut path, &mut word);
    Column { path, transforms, label }
}

fn push_key(path: &mut Vec<Part>, word: &mut String) {
    if !word.is_empty() {
        path.push(Part::Key(std::mem::take(word)));
    }
}

impl Column {
    fn heading(&self) -> String {
        let last = self.path.iter().rev().find_map(|p| match p {
            Part::Key(key) => Some(key.as_str()),
            _ => None,
        });
        let mut heading = String::new();
        for c in last.unwrap_or_default().chars() {
            if c.is_uppercase() && !heading.is_empty() {
                heading.push('_');
            }
            heading.extend(c.to_uppercase());
        }
        self.label.clone().unwrap_or(heading)
    }

    fn key(&self) -> String {
        let keys = self.path.iter().map(|p| match p {
            Part::Key(key) => key.clone(),
            Part::Index(n) => n.to_string(),
            Part::Each => "*".into(),
        });
        keys.collect::<Vec<_>>().join(".")
    }

    fn value(&self, item: &Value) -> Value {
        let found = at(item, &self.path);
        self.transforms.iter().fold(found, |value, transform| transformed(&value, transform))
    }
}

/// A command's own projection gives its keys transforms and labels that a user's projection keeps.
fn inherit(column: &mut Column, defaults: &[Column]) {
    if let Some(same) = defaults.iter().find(|d| d.key() == column.key()) {
        if column.transforms.is_empty() {
            column.transforms.clone_from(&same.transforms);
        }
        if column.label.is_none() {
            column.label.clone_from(&same.label);
        }
    }
}

fn at(value: &Value, path: &[Part]) -> Value {
    match path.split_first() {
        None => value.clone(),
        Some((Part::Key(key), rest)) => match value {
            Value::Array(all) => Value::Array(all.iter().map(|v| at(v, path)).collect()),
            _ => value.get(key).map_or(Value::Null, |v| at(v, rest)),
        },
        Some((Part::Index(index), rest)) => value.get(index).map_or(Value::Null, |v| at(v, rest)),
        Some((Part::Each, rest)) => match value {
            Value::Array(all) => Value::Array(all.iter().map(|v| at(v, rest)).collect()),
            _ => Value::Null,
        },
    }
}

/// The transforms that this project's commands and learners use.
fn transformed(value: &Value, transform: &str) -> Value {
    let (name, argument) = transform.split_once(':').unwrap_or((transform, ""));
    match (name, value) {
        ("basename", Value::String(s)) => Value::String(s.rsplit('/').next().unwrap_or_default().to_owned()),
        ("scope", Value::String(s)) => Value::String(s.rsplit('/').next().unwrap_or_default().to_owned()),
        ("segment", Value::String(s)) => {
            let index: i64 = argument.parse().unwrap_or(-1);
            let parts: Vec<&str> = s.split('/').collect();
            let at = if index < 0 { parts.len() as i64 + index } else { index };
            Value::String(
                usize::try_from(at)
                    .ok()
                    .and_then(|i| parts.get(i))
                    .map_or(String::new(), |p| (*p).to_owned()),
            )
        }
        ("list" | "join", Value::Array(all)) => {
            let separator = if argument.is_empty() { "," } else { argument };
            Value::String(all.iter().map(text_of).collect::<Vec<_>>().join(separator))
        }
        ("yesno", value) => {
            let (yes, no) = argument.split_once(',').unwrap_or((argument, ""));
            let set = !matches!(value, Value::Null | Value::Bool(false)) && !text_of(value).is_empty();
            Value::String(value_part(if set { yes } else { no }))
        }
        ("len" | "count", Value::Array(all)) => Value::from(all.len()),
        ("date", Value::String(s)) => Value::String(s.get(..19).unwrap_or(s).to_owned()),
        ("firewall_rule", Value::Array(all)) => {
            Value::Array(all.iter().map(|v| transformed(v, transform)).collect())
        }
        ("firewall_rule", Value::Object(rule)) => Value::String(firewall_rule(rule)),
        _ => value.clone(),
    }
}

fn value_part(text: &str) -> String {
    let text = text.rsplit('=').next().unwrap_or_default();
    text.trim().trim_matches(['"', '\'']).to_owned()
}

fn firewall_rule(rule: &Map<String, Value>) -> String {
    let protocol = rule.get("IPProtocol").map(text_of).unwrap_or_default();
    match rule.get("ports") {
        Some(Value::Array(ports)) if !ports.is_empty() => {
            ports.iter().map(|p| format!("{protocol}:{}", text_of(p))).collect::<Vec<_>>().join(",")
        }
        _ => protocol,
    }
}

/// A value as one cell.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(s) => s.clone(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Number(n) => n.to_string(),
        Value::Array(all) => all.iter().map(text_of).collect::<Vec<_>>().join(";"),
        Value::Object(map) => {
            map.iter().map(|(k, v)| format!("{k}={}", text_of(v))).collect::<Vec<_>>().join(";")
        }
    }
}

fn lines(items: &[Value], columns: &[Column], separator: &str, heading: bool) -> String {
    let mut text = String::new();
    if heading {
        let keys: Vec<String> = columns.iter().map(|c| c.heading().to_lowercase()).collect();
        text.push_str(&format!("{}\n", keys.join(separator)));
    }
    for item in items {
        let cells: Vec<String> = columns.iter().map(|c| text_of(&c.value(item))).collect();
        text.push_str(&format!("{}\n", cells.join(separator)));
    }
    text
}

fn blocks(items: &[Value], columns: &[Column], title: Option<&str>) -> String {
    let block = |item: &Value| -> String {
        columns.iter().map(|c| format!("{}: {}\n", c.heading(), text_of(&c.value(item)))).collect()
    };
    let text = items.iter().map(block).collect::<Vec<_>>().join("\n");
    match title {
        Some(title) if !items.is_empty() => format!("{title}\n\n{text}"),
        _ => text,
    }
}

fn table(items: &[Value], columns: &[Column], title: Option<&str>) -> String {
    if items.is_empty() {
        return String::new();
    }
    let mut rows = vec![columns.iter().map(Column::heading).collect::<Vec<String>>()];
    rows.extend(items.iter().map(|item| columns.iter().map(|c| text_of(&c.value(item))).collect()));
    let text = render_table(&rows, GCLOUD_TABLE);
    let trimmed: String = text.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    match title {
        Some(title) => {
            let width = text.lines().map(str::len).max().unwrap_or(0);
            format!("{}{title}\n{trimmed}", " ".repeat(width.saturating_sub(title.len()) / 2))
        }
        None => trimmed,
    }
}

/// Only the projected parts of a resource.
fn projected(item: &Value, columns: Option<&Vec<Column>>) -> Value {
    let Some(columns) = columns else { return item.clone() };
    let mut out = Value::Object(Map::new());
    for column in columns {
        insert(&mut out, &column.path, item);
    }
    out
}

fn insert(out: &mut Value, path: &[Part], item: &Value) {
    match path.split_first() {
        None => *out = item.clone(),
        Some((Part::Key(key), rest)) => {
            let Some(inner) = item.get(key) else { return };
            if let Value::Object(map) = out {
                let slot = map.entry(key.clone()).or_insert_with(|| match rest.first() {
                    Some(Part::Each | Part::Index(_)) => Value::Array(Vec::new()),
                    _ => Value::Object(Map::new()),
                });
                insert(slot, rest, inner);
            }
        }
        Some((_, rest)) => {
            let (Value::Array(slots), Value::Array(inner)) = (&mut *out, item) else { return };
            slots.resize_with(inner.len(), || Value::Object(Map::new()));
            for (slot, value) in slots.iter_mut().zip(inner) {
                insert(slot, rest, value);
            }
        }
    }
}

fn json(items: &[Value], columns: Option<Vec<Column>>) -> String {
    let all: Vec<Value> = items.iter().map(|item| projected(item, columns.as_ref())).collect();
    format!("{}\n", serde_json::to_string_pretty(&Value::Array(all)).unwrap_or_default())
}

fn yaml_text(items: &[Value], columns: Option<Vec<Column>>) -> String {
    let several = items.len() > 1;
    let document = |item: &Value| {
        let text = yaml::emit(&projected(item, columns.as_ref()));
        if several { format!("---\n{text}") } else { text }
    };
    items.iter().map(document).collect()
}

fn flattened(item: &Value) -> String {
    fn walk(value: &Value, path: &str, out: &mut Vec<(String, String)>) {
        match value {
            Value::Object(map) => map.iter().for_each(|(k, v)| {
                walk(v, &if path.is_empty() { k.clone() } else { format!("{path}.{k}") }, out);
            }),
            Value::Array(all) => {
                all.iter().enumerate().for_each(|(i, v)| walk(v, &format!("{path}[{i}]"), out))
            }
            other => out.push((path.to_owned(), text_of(other))),
        }
    }
    let mut pairs = Vec::new();
    walk(item, "", &mut pairs);
    let width = pairs.iter().map(|(k, _)| k.len() + 1).max().unwrap_or(0);
    pairs.iter().map(|(k, v)| format!("{:<width$} {v}\n", format!("{k}:"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(format: &str, screen_reader: bool, expect: &str) {
        let items = [
            json!({"name": "a", "zone": "https://x/zones/us-central1-b", "ports": ["1", "2"], "ok": true}),
            json!({"name": "bb", "zone": "https://x/zones/us-east1-b", "ports": [], "ok": false}),
        ];
        let default = "table(name,zone.basename())";
        assert_eq!(render(format, default, &items, screen_reader).unwrap_or_else(|e| e), expect);
    }

    #[test]
    fn projections_print_as_gcloud_prints_them() {
        check("value(name,zone)", true, "a\tus-central1-b\nbb\tus-east1-b\n");
        check("table(name,ok:label=FINE)", true, "NAME: a\nFINE: True\n\nNAME: bb\nFINE: False\n");
        check("table(name,zone)", false, "NAME  ZONE\na     us-central1-b\nbb    us-east1-b\n");
        check("csv(name,ports.list())", true, "name,ports\na,1,2\nbb,\n");
        check("yaml(name)", true, "---\nname: a\n---\nname: bb\n");
        check("json(name)", true, "[\n  {\n    \"name\": \"a\"\n  },\n  {\n    \"name\": \"bb\"\n  }\n]\n");
    }
}
