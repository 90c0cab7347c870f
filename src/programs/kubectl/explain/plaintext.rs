//! The usual way to print an explanation, as kubectl's template for OpenAPI v3 lays it out.

use super::wrap::wrap;
use super::{Field, Level, Question, Shape, Type, fields, follow, inner, named, words};

/// Width of what is printed.
const WIDTH: usize = 78;
/// How many values of an enumeration a list of fields shows.
const VALUES_SHOWN: usize = 4;

/// The text, and what was wrong.
pub fn explain(question: &Question) -> (String, Option<String>) {
    let mut out = head(question);
    let Some(root) = fields::find(&fields::type_of(question.resource)) else {
        return (out, Some("the kind is not found in the OpenAPI schema".to_owned()));
    };
    if question.path.is_empty() {
        describe(&mut out, &root.text, Some(&root), question.recursive);
        return (out, None);
    }
    let Ok(field) = follow(&root, &question.path) else {
        let last = question.path.last().map(String::as_str).unwrap_or_default();
        return (out, Some(format!("field {last:?} does not exist")));
    };
    out.push_str(&format!("FIELD: {} <{}>\n", field.name, type_name(field.shape)));
    if let Level::OneOf(name) = field.shape.level() {
        out.push_str("ENUM:");
        fields::values(name).iter().for_each(|(value, _)| out.push_str(&format!("\n    {}", shown(value))));
    }
    out.push_str("\n\n");
    let below = inner(field.shape);
    let own = words(&field);
    let texts = [own.as_str(), below.as_ref().map_or("", |of| of.text.as_str())];
    let text = texts.iter().filter(|text| !text.is_empty()).copied().collect::<Vec<_>>().join("\n");
    describe(&mut out, &text, below.as_ref(), question.recursive);
    (out, None)
}

fn head(question: &Question) -> String {
    let resource = question.resource;
    let group = match resource.group {
        "" => String::new(),
        group => format!("GROUP:      {group}\n"),
    };
    format!("{group}KIND:       {}\nVERSION:    {}\n\n", resource.kind, resource.version)
}

fn describe(out: &mut String, text: &str, below: Option<&Type>, recursive: bool) {
    let text = if text.is_empty() { "<empty>".to_owned() } else { format!("{text}\n") };
    out.push_str(&format!("DESCRIPTION:\n{}\n", indent(4, &wrap(&text, WIDTH - 2))));
    if let Some(of) = below.filter(|of| !of.fields.is_empty()) {
        out.push_str("FIELDS:\n");
        list(out, of, 1, recursive, &mut Vec::new());
    }
    out.push('\n');
}

/// The fields of a type; with `recursive` a line each and the fields below it. `above` are the types on the way.
fn list(out: &mut String, of: &Type, level: usize, recursive: bool, above: &mut Vec<&'static str>) {
    for field in &of.fields {
        detail(out, field, level * 2, recursive);
        if let Some(name) = named(field.shape).filter(|name| recursive && !above.contains(name))
            && let Some(below) = fields::find(name)
        {
            above.push(name);
            list(out, &below, level + 1, recursive, above);
            above.pop();
        }
    }
}

fn detail(out: &mut String, field: &Field, pad: usize, short: bool) {
    let required = if field.required { " -required-" } else { "" };
    out.push_str(&format!("{:pad$}{}\t<{}>{required}", "", field.name, type_name(field.shape)));
    if let Level::OneOf(name) = field.shape.level() {
        let values = fields::values(name);
        let first: Vec<&str> = values.iter().take(VALUES_SHOWN).map(|(value, _)| shown(value)).collect();
        let more = if values.len() > VALUES_SHOWN { ", ...." } else { "" };
        out.push_str(&format!("\n{:pad$}enum: {}{more}", "", first.join(", ")));
    }
    out.push('\n');
    if !short {
        let text = Some(words(field)).filter(|text| !text.is_empty());
        let text = text.unwrap_or_else(|| "<no description>".to_owned());
        out.push_str(&format!("{}\n\n", indent(pad + 2, &wrap(&text, WIDTH - pad))));
    }
}

fn shown(value: &str) -> &str {
    if value.is_empty() { "\"\"" } else { value }
}

/// Types with fields have their names.
fn type_name(shape: Shape) -> String {
    super::type_name(shape, |name, base| match base {
        "" | "object" => name.rsplit('.').next().unwrap_or(name).to_owned(),
        base => base.to_owned(),
    })
}

fn indent(pad: usize, text: &str) -> String {
    text.split('\n').map(|line| format!("{:pad$}{line}", "")).collect::<Vec<_>>().join("\n")
}
