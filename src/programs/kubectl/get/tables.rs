//! Server-side tables on the terminal: which columns, prefixes and titles, and widths that are remembered while
//! watching. Never asks anything.

use std::borrow::Cow;

use super::super::context::Context;
use super::super::output::tabwriter::TabWriter;
use super::super::resource::mapper;
use crate::base::SimTime;
use crate::cluster::api::{Column, Row, Table};
use crate::cluster::kinds::printers::format;
use crate::cluster::kinds::table::Resource;
use crate::cluster::object::Object;

pub struct TablePrinter {
    writer: TabWriter,
    wide: bool,
    with_kind: bool,
    with_namespace: bool,
    headers: bool,
    label_columns: Vec<String>,
    show_labels: bool,
    /// The kind whose titles were printed last.
    current: Option<&'static Resource>,
}

impl TablePrinter {
    pub fn of(cx: &Context, several: bool, all_namespaces: bool) -> Self {
        TablePrinter {
            writer: TabWriter::table(),
            wide: cx.flags.text("output") == "wide",
            with_kind: several || cx.flags.on("show-kind"),
            with_namespace: all_namespaces,
            headers: !cx.flags.on("no-headers"),
            label_columns: cx.flags.list("label-columns"),
            show_labels: cx.flags.on("show-labels"),
            current: None,
        }
    }

    /// What kubectl makes of objects by itself: their names and ages.
    pub fn plain(table: &Table, now: SimTime) -> Table {
        let column = |name, format| Column { name, type_: "string", format, priority: 0 };
        let row = |row: &Row| {
            let meta = row.object.meta();
            Row { cells: vec![format::name(meta), format::age(meta, now)], object: row.object.clone() }
        };
        Table {
            columns: vec![column("Name", "name"), column("Age", "")],
            rows: table.rows.iter().map(row).collect(),
            ..table.clone()
        }
    }

    /// The text of a table; titles only when the kind changes, with a blank line between kinds.
    pub fn print(&mut self, resource: &'static Resource, table: &Table) -> String {
        self.print_event(resource, table, None)
    }

    /// As [`TablePrinter::print`], with what happened in a first column.
    pub fn print_event(&mut self, resource: &'static Resource, table: &Table, event: Option<&str>) -> String {
        if table.rows.is_empty() {
            return String::new();
        }
        let mut out = String::new();
        let same = self.current.is_some_and(|current| std::ptr::eq(current, resource));
        if !same {
            if self.current.is_some() && self.headers {
                out.push('\n');
            }
            self.writer.forget();
            if self.headers {
                let mut titles = self.titles(resource, table);
                if event.is_some() {
                    titles.insert(0, "EVENT".to_string());
                }
                self.writer.row(&titles);
            }
            self.current = Some(resource);
        }
        for row in &table.rows {
            let mut cells = self.cells(resource, table, row);
            if let Some(event) = event {
                cells.insert(0, event.into());
            }
            self.writer.row(&cells);
        }
        out + &self.writer.flush()
    }

    fn titles(&self, resource: &Resource, table: &Table) -> Vec<String> {
        let mut titles = Vec::new();
        if self.with_namespace && resource.namespaced {
            titles.push("NAMESPACE".to_string());
        }
        titles.extend(
            table
                .columns
                .iter()
                .filter(|column| self.wide || column.priority == 0)
                .map(|column| column.name.to_uppercase()),
        );
        titles.extend(
            self.label_columns.iter().map(|label| label.rsplit('/').next().unwrap_or(label).to_uppercase()),
        );
        if self.show_labels {
            titles.push("LABELS".into());
        }
        titles
    }

    fn cells<'a>(&self, resource: &Resource, table: &Table, row: &'a Row) -> Vec<Cow<'a, str>> {
        let mut cells = Vec::with_capacity(table.columns.len() + 2);
        if self.with_namespace && resource.namespaced {
            cells.push(Object::namespace(&row.object).into());
        }
        for (i, column) in
            table.columns.iter().enumerate().filter(|(_, column)| self.wide || column.priority == 0)
        {
            let cell = row.cells.get(i).map_or("", String::as_str);
            let break_at = cell.bytes().position(|b| matches!(b, b'\n' | b'\r' | 0x0c | 0x0b));
            let cell = break_at.map_or(Cow::Borrowed(cell), |at| format!("{}...", &cell[..at]).into());
            let prefixed = self.with_kind && i == 0 && column.format == "name" && !cell.contains('/');
            cells.push(if prefixed {
                format!("{}/{cell}", mapper::kind_name(resource)).into()
            } else {
                cell
            });
        }
        let labels = row.object.meta().labels.as_ref();
        for label in &self.label_columns {
            cells.push(labels.and_then(|all| all.get(label)).map_or("", String::as_str).into());
        }
        if self.show_labels {
            let all: Vec<String> =
                labels.into_iter().flatten().map(|(key, value)| format!("{key}={value}")).collect();
            cells.push(if all.is_empty() { "<none>".into() } else { all.join(",").into() });
        }
        cells
    }
}
