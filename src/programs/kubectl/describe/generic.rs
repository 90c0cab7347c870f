//! Kinds without a page of their own: every field, with titles made out of field names.

use super::Subject;
use super::multiline::{annotations, labels};
use super::page::{Page, plain, text};
use serde_json::{Map, Value};

/// Nesting deeper than this is not printed (no real object comes near).
const DEPTH_LIMIT: usize = 64;

const SKIPPED: [&str; 5] = [
    ".metadata.managedFields",
    ".metadata.name",
    ".metadata.namespace",
    ".metadata.labels",
    ".metadata.annotations",
];

pub fn any(subject: &Subject<'_>, page: &mut Page) {
    let object = subject.object;
    page.field(0, "Name", text(object, "/metadata/name"));
    page.field(0, "Namespace", text(object, "/metadata/namespace"));
    labels(page, "Labels", object, "/metadata/labels");
    annotations(page, "Annotations", object, "/metadata/annotations");
    if let Some(map) = object.as_object() {
        content(page, 0, map, "");
    }
}

fn content(page: &mut Page, level: usize, map: &Map<String, Value>, prefix: &str) {
    if level > DEPTH_LIMIT {
        return page.line(level, "...");
    }
    for (name, value) in map {
        let path = format!("{prefix}.{name}");
        if SKIPPED.contains(&path.as_str()) {
            continue;
        }
        match value {
            Value::Object(inner) => {
                page.line(level, &format!("{}:", title(name)));
                content(page, level + 1, inner, &path);
            }
            Value::Array(items) => {
                page.line(level, &format!("{}:", title(name)));
                for item in items {
                    match item {
                        Value::Object(inner) => content(page, level + 1, inner, &path),
                        scalar => page.line(level + 1, &plain(scalar)),
                    }
                }
            }
            scalar => page.field(level, &title(name), plain(scalar)),
        }
    }
}

/// `smartLabelFor`: `podSelector` becomes `Pod Selector`, `apiVersion` becomes `API Version`.
fn title(name: &str) -> String {
    if !name.chars().all(|c| c.is_alphabetic() || c == '-') {
        return name.to_string();
    }
    let mut words: Vec<String> = Vec::new();
    let chars: Vec<char> = name.chars().collect();
    for (i, &c) in chars.iter().enumerate() {
        let previous_upper = i > 0 && chars[i - 1].is_uppercase();
        let next_lower = chars.get(i + 1).is_some_and(|next| next.is_lowercase());
        if words.is_empty() || c.is_uppercase() && (!previous_upper || next_lower) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    let words: Vec<String> = words
        .into_iter()
        .map(|word| match word.to_uppercase().as_str() {
            upper @ ("API" | "URL" | "UID" | "GUID") => upper.to_string(),
            _ if word.chars().all(char::is_lowercase) => {
                let mut chars = word.chars();
                chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
            }
            _ => word,
        })
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::title;

    #[test]
    fn field_names_become_titles() {
        for (name, expect) in [
            ("apiVersion", "API Version"),
            ("podSelector", "Pod Selector"),
            ("clusterIP", "Cluster IP"),
            ("uid", "UID"),
            ("kind", "Kind"),
            ("a.b", "a.b"),
        ] {
            assert_eq!(title(name), expect);
        }
    }
}
