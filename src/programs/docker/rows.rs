//! Lists: rows of named cells, printed as a table, by a template, or as JSON (docker/cli's formatter). Never collects
//! them.

use crate::base::table::{Layout, render};
use crate::machine::docker::inspect::Json;

use super::Docker;
use super::template::{self, TemplateError};

/// The rows whose template docker tries out before it asks the engine.
const PROBED: &str = "*formatter.ContainerContext";

/// How a list is laid out when nobody says otherwise.
pub struct Listing {
    /// The columns of the default table: field and heading.
    pub columns: Vec<(&'static str, &'static str)>,
    /// Headings of further fields for `table TEMPLATE`.
    pub more: &'static [(&'static str, &'static str)],
    /// What a missing field is said to be missing from.
    pub type_name: &'static str,
    /// The field that `-q` prints.
    pub quiet: &'static str,
    /// The template that `--format raw` means; empty where there is none.
    pub raw: &'static str,
    pub rows: Vec<Vec<(&'static str, Json)>>,
}

impl Listing {
    /// Prints; 1 when the template is wrong.
    pub async fn print(&self, docker: &Docker, format: Option<&str>, quiet: bool) -> i32 {
        let format = format.filter(|f| *f != "table" && !f.is_empty());
        if let Some(why) = format.filter(|_| self.type_name == PROBED).and_then(|format| self.probe(format)) {
            docker.err(format!("{why}\n")).await;
            return 1;
        }
        // Where both are given, others follow the template.
        let ignored = quiet && format.is_some() && self.type_name == PROBED;
        if ignored {
            docker.err("WARNING: Ignoring custom format, because both --format and --quiet are set.\n").await;
        }
        let format = format.filter(|_| !ignored);
        match self.text(format, quiet) {
            Ok(text) => {
                docker.out(text).await;
                0
            }
            Err(why) => {
                docker.err(format!("{why}\n")).await;
                1
            }
        }
    }

    /// The list as text; the error is docker's line about the template.
    pub fn text(&self, format: Option<&str>, quiet: bool) -> Result<String, String> {
        let format = format.filter(|f| *f != "table" && !f.is_empty());
        let text = match format {
            None if quiet => Ok(self.rows.iter().map(|row| format!("{}\n", cell(row, self.quiet))).collect()),
            None => Ok(self.default_table()),
            Some("json") => self.templated("{{json .}}"),
            Some("raw") if !self.raw.is_empty() => self.templated(self.raw),
            Some(format) => match format.strip_prefix("table ") {
                Some(columns) => self.custom_table(columns),
                None => self.templated(format),
            },
        };
        text.map_err(|error| match error {
            TemplateError::Parse(error) | TemplateError::Execute(error) => {
                format!("template parsing error: {error}")
            }
        })
    }

    fn default_table(&self) -> String {
        let head = self.columns.iter().map(|(_, heading)| (*heading).to_owned()).collect();
        let rows =
            self.rows.iter().map(|row| self.columns.iter().map(|(field, _)| cell(row, field)).collect());
        render(&std::iter::once(head).chain(rows).collect::<Vec<Vec<String>>>(), Layout::DOCKER)
    }

    /// What `docker ps` finds when it tries a template out on a container of which nothing is known.
    fn probe(&self, format: &str) -> Option<String> {
        let format = match format {
            "json" | "raw" => return None,
            format => format.strip_prefix("table ").unwrap_or(format),
        };
        let format = unescape(&with_labels(format, label));
        let fields = self.columns.iter().chain(self.more).map(|(field, _)| (*field, Json::from("")));
        let data = with_label_map(json(&fields.collect::<Vec<_>>()));
        match template::render(&format, &data, self.type_name) {
            Ok(_) => None,
            Err(TemplateError::Parse(error)) => Some(format!("failed to parse template: {error}")),
            Err(TemplateError::Execute(error)) => Some(format!("failed to execute template: {error}")),
        }
    }

    fn templated(&self, format: &str) -> Result<String, TemplateError> {
        let format = unescape(&with_labels(format, label));
        let mut out = String::new();
        if self.rows.is_empty() {
            // A template that cannot be read is a mistake even without rows.
            match template::render(&format, &Json::Struct(Vec::new()), self.type_name) {
                Err(error @ TemplateError::Parse(_)) => return Err(error),
                Ok(_) | Err(TemplateError::Execute(_)) => {}
            }
        }
        for row in &self.rows {
            let mut data = json(row);
            if format.contains(".LabelMap") {
                data = with_label_map(data);
            }
            out.push_str(&template::render(&format, &data, self.type_name)?);
            out.push('\n');
        }
        Ok(out)
    }

    fn custom_table(&self, columns: &str) -> Result<String, TemplateError> {
        // A column of one label is headed by the last part of its name.
        let heading = |name: &str| {
            let last = name.trim_matches('"').rsplit('.').next().unwrap_or_default().replace(['-', '_'], " ");
            super::format::quote(&last)
        };
        let head = unescape(&with_labels(columns, heading));
        let format = unescape(&with_labels(columns, label));
        let all = self.columns.iter().chain(self.more);
        let headings: Vec<(&'static str, Json)> =
            all.map(|(field, heading)| (*field, Json::from((*heading).to_owned()))).collect();
        let mut lines = vec![template::render(&head, &json(&headings), self.type_name)?];
        for row in &self.rows {
            lines.push(template::render(&format, &with_label_map(json(row)), self.type_name)?);
        }
        let cells: Vec<Vec<String>> =
            lines.iter().map(|l| l.split('\t').map(str::to_owned).collect()).collect();
        Ok(render(&cells, Layout::DOCKER))
    }
}

/// The label of that name, nothing where there is none.
fn label(name: &str) -> String {
    format!("(or (index .LabelMap {name}) \"\")")
}

/// `.Label "name"` in a template, a method of Go's, as what stands for it here.
fn with_labels(format: &str, stand_in: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once(".Label ") {
        out.push_str(before);
        let name = after.trim_start();
        match name.strip_prefix('"').and_then(|name| name.split_once('"')) {
            Some((name, tail)) => {
                out.push_str(&stand_in(&format!("\"{name}\"")));
                rest = tail;
            }
            None => {
                out.push_str(".Label ");
                rest = after;
            }
        }
    }
    out + rest
}

fn json(row: &[(&'static str, Json)]) -> Json {
    let mut fields: Vec<(String, Json)> =
        row.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    fields.sort_by(|a, b| a.0.cmp(&b.0));
    Json::Struct(fields)
}

/// The row with its labels as a map, too.
fn with_label_map(row: Json) -> Json {
    let Json::Struct(mut fields) = row else { return row };
    let text = fields.iter().find(|(name, _)| name == "Labels").map(|(_, labels)| labels.go_print());
    let text = text.unwrap_or_default();
    let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
    let map = Json::map(pairs.map(|(k, v)| (k.to_owned(), Json::from(v))));
    fields.push(("LabelMap".to_owned(), map));
    Json::Struct(fields)
}

fn cell(row: &[(&'static str, Json)], field: &str) -> String {
    match row.iter().find(|(name, _)| *name == field) {
        Some((_, Json::Text(text))) => text.clone(),
        Some((_, other)) => other.go_print(),
        None => String::new(),
    }
}

/// `\t` and `\n` as people type them between double quotes.
fn unescape(format: &str) -> String {
    format.replace("\\t", "\t").replace("\\n", "\n")
}

/// Labels in one cell: `a=1,b=2`.
pub fn labels(labels: &std::collections::BTreeMap<String, String>) -> String {
    labels.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(",")
}
