//! Labels, annotations, tolerations, taints and selectors, one per line under one title. Sorted by key.

use super::page::{Page, text};
use serde_json::{Map, Value};

const ANNOTATION_LENGTH: usize = 140;
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

fn map<'a>(value: &'a Value, pointer: &str) -> Option<&'a Map<String, Value>> {
    value.pointer(pointer).and_then(Value::as_object).filter(|map| !map.is_empty())
}

pub fn labels(page: &mut Page, title: &str, object: &Value, pointer: &str) {
    page.write(0, &format!("{title}:\t"));
    let Some(labels) = map(object, pointer) else { return page.line(0, "<none>") };
    for (i, (key, value)) in labels.iter().enumerate() {
        page.line(
            0,
            &format!("{}{key}={}", if i > 0 { "\t" } else { "" }, value.as_str().unwrap_or_default()),
        );
    }
}

pub fn annotations(page: &mut Page, title: &str, object: &Value, pointer: &str) {
    page.write(0, &format!("{title}:\t"));
    let shown: Vec<(&String, &str)> = map(object, pointer)
        .into_iter()
        .flatten()
        .filter(|(key, _)| *key != LAST_APPLIED)
        .map(|(key, value)| (key, value.as_str().unwrap_or_default()))
        .collect();
    if shown.is_empty() {
        return page.line(0, "<none>");
    }
    for (i, (key, value)) in shown.into_iter().enumerate() {
        let indent = if i > 0 { "\t" } else { "" };
        let value = value.strip_suffix('\n').unwrap_or(value);
        if value.len() + key.len() + 2 > ANNOTATION_LENGTH || value.contains('\n') {
            page.line(0, &format!("{indent}{key}:"));
            for line in value.split('\n') {
                page.line(0, &format!("\t  {}", shorten(line)));
            }
        } else {
            page.line(0, &format!("{indent}{key}: {value}"));
        }
    }
}

fn shorten(line: &str) -> String {
    if line.len() <= ANNOTATION_LENGTH - 2 {
        return line.to_string();
    }
    let cut = (0..=ANNOTATION_LENGTH - 2).rev().find(|&at| line.is_char_boundary(at)).unwrap_or(0);
    format!("{}...", &line[..cut])
}

pub fn tolerations(page: &mut Page, title: &str, object: &Value, pointer: &str) {
    page.write(0, &format!("{title}:\t"));
    let mut items: Vec<&Value> = super::page::list(object, pointer).iter().collect();
    if items.is_empty() {
        return page.line(0, "<none>");
    }
    items.sort_by_key(|item| text(item, "/key").to_string());
    for (i, item) in items.into_iter().enumerate() {
        let mut line = if i > 0 { "\t".to_string() } else { String::new() };
        let (key, value, effect) = (text(item, "/key"), text(item, "/value"), text(item, "/effect"));
        line.push_str(key);
        if !value.is_empty() {
            line.push_str(&format!("={value}"));
        }
        if !effect.is_empty() {
            line.push_str(&format!(":{effect}"));
        }
        if text(item, "/operator") == "Exists" && value.is_empty() {
            line.push_str(if key.is_empty() && effect.is_empty() { "op=Exists" } else { " op=Exists" });
        }
        if let Some(seconds) = item.get("tolerationSeconds").and_then(Value::as_i64) {
            line.push_str(&format!(" for {seconds}s"));
        }
        page.line(0, &line);
    }
}

pub fn taints(page: &mut Page, object: &Value) {
    page.write(0, "Taints:\t");
    let mut items: Vec<&Value> = super::page::list(object, "/spec/taints").iter().collect();
    if items.is_empty() {
        return page.line(0, "<none>");
    }
    items.sort_by_key(|taint| format!("{},{}", text(taint, "/effect"), text(taint, "/key")));
    for (i, taint) in items.into_iter().enumerate() {
        page.line(0, &format!("{}{}", if i > 0 { "\t" } else { "" }, taint_text(taint)));
    }
}

/// `key=value:Effect`, without `=value` when there is none.
fn taint_text(taint: &Value) -> String {
    let (key, value, effect) = (text(taint, "/key"), text(taint, "/value"), text(taint, "/effect"));
    match (value.is_empty(), effect.is_empty()) {
        (true, true) => key.to_string(),
        (true, false) => format!("{key}:{effect}"),
        (false, true) => format!("{key}={value}:"),
        (false, false) => format!("{key}={value}:{effect}"),
    }
}

/// `labels.FormatLabels`: `a=b,c=d` or `<none>`.
pub fn format_labels(object: &Value, pointer: &str) -> String {
    match map(object, pointer) {
        None => "<none>".into(),
        Some(labels) => {
            let pairs: Vec<String> = labels
                .iter()
                .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
                .collect();
            pairs.join(",")
        }
    }
}

/// A LabelSelector as its string form.
pub fn format_selector(selector: Option<&Value>) -> String {
    let Some(selector) = selector else { return "<none>".into() };
    let mut parts: Vec<(String, String)> = map(selector, "/matchLabels")
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), format!("{key}={}", value.as_str().unwrap_or_default())))
        .collect();
    for item in super::page::list(selector, "/matchExpressions") {
        let key = text(item, "/key");
        let mut values = super::page::texts(item, "/values");
        values.sort();
        let part = match text(item, "/operator") {
            "In" => format!("{key} in ({})", values.join(",")),
            "NotIn" => format!("{key} notin ({})", values.join(",")),
            "DoesNotExist" => format!("!{key}"),
            _ => key.to_string(),
        };
        parts.push((key.to_string(), part));
    }
    parts.sort();
    if parts.is_empty() {
        "<none>".into()
    } else {
        parts.into_iter().map(|(_, part)| part).collect::<Vec<_>>().join(",")
    }
}

/// `Kind/name` of the controlling owner.
pub fn controller(object: &Value) -> Option<String> {
    super::page::list(object, "/metadata/ownerReferences")
        .iter()
        .find(|owner| super::page::flag(owner, "/controller"))
        .map(|owner| format!("{}/{}", text(owner, "/kind"), text(owner, "/name")))
}
