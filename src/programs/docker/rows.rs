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
        match text {
            Ok(text) => {
                docker.out(text).await;
                0
            }
            Err(TemplateError::Parse(error)) => {
                docker.err(format!("failed to parse template: {error}\n")).await;
                1
            }
            Err(TemplateError::Execute(error)) => {
                docker.err(format!("failed to execute template: {error}\n")).await;
                1
            }
        }
    }

    fn default_table(&self) -> String {
        let head = self.columns.iter().map(|(_, heading)| (*heading).to_owned()).collect();
        let rows =
            self.rows.iter().map(|row| self.columns.iter().map(|(field, _)| cell(row, field)).collect());
        render(&std::iter::once(head).chain(rows).collect::<Vec<Vec<String>>>(), Layout::DOCKER)
    }

    fn templated(&self, format: &str) -> Result<String, TemplateError> {
        let format = unescape(&with_labels(format, |name| format!("(index .LabelMap {name})")));
        let mut out = String::new();
        if self.rows.is_empty() {
            // A template that cannot be read is a mistake even without rows; `docker ps` also tries it out first.
            let fields = self
                .columns
                .iter()
                .chain(self.more)
                .map(|(field, _)| (*field, Json::from("")))
                .collect::<Vec<_>>();
            template::render(&format, &json(&fields), self.type_name).map(drop).or_else(|e| match e {
                TemplateError::Execute(_) if self.type_name != PROBED => Ok(()),
                other => Err(other),
            })?;
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
        let format = unescape(&with_labels(columns, |name| format!("(index .LabelMap {name})")));
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
