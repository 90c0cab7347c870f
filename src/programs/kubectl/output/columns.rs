//! `-o custom-columns`: titles and JSONPaths.

use super::jsonpath::{JsonPath, relaxed};
use super::tabwriter::TabWriter;
use super::template::print_value;
use serde_json::Value;
use std::cell::Cell;

pub struct Columns {
    /// Titles and paths; what is wrong with a path is said when it is first walked.
    columns: Vec<(String, Result<JsonPath, String>)>,
    header_due: Cell<bool>,
}

impl Columns {
    /// `NAME:.metadata.name,IMAGE:.spec.containers[*].image`
    pub fn parse(text: &str, no_headers: bool) -> Result<Self, String> {
        let mut columns = Vec::new();
        for part in text.split(',') {
            let Some((title, path)) = part.split_once(':').filter(|(_, path)| !path.contains(": ")) else {
                return Err(format!(
                    "unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>"
                ));
            };
            columns.push((title.to_string(), path_of(path)?));
        }
        Ok(Columns { columns, header_due: Cell::new(!no_headers) })
    }

    /// A file with titles in its first line and paths in its second.
    pub fn parse_file(text: &str, no_headers: bool) -> Result<Self, String> {
        let mut lines = text.lines();
        let titles: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
        let paths: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
        if titles.len() != paths.len() {
            return Err(format!(
                "number of headers ({}) and field specifications ({}) don't match",
                titles.len(),
                paths.len()
            ));
        }
        let columns: Result<Vec<_>, String> = titles
            .iter()
            .zip(paths)
            .map(|(title, path)| Ok(((*title).to_string(), path_of(path)?)))
            .collect();
        Ok(Columns { columns: columns?, header_due: Cell::new(!no_headers) })
    }

    /// The table of an object or of a list's items, and why it ends early.
    pub fn render(&self, object: &Value) -> (String, Result<(), String>) {
        let mut writer = TabWriter::table();
        if self.header_due.replace(false) {
            let titles: Vec<&str> = self.columns.iter().map(|(title, _)| title.as_str()).collect();
            writer.row(&titles);
        }
        let ended = match object.get("items").and_then(Value::as_array) {
            Some(items) => items.iter().try_for_each(|item| self.row(&mut writer, item)),
            None => self.row(&mut writer, object),
        };
        (writer.flush(), ended)
    }

    fn row(&self, writer: &mut TabWriter, object: &Value) -> Result<(), String> {
        let mut cells = Vec::new();
        for (_, path) in &self.columns {
            let path = path.as_ref().map_err(Clone::clone)?;
            let values: Vec<String> = path.find(object)?.concat().iter().map(print_value).collect();
            cells.push(if values.is_empty() { "<none>".to_string() } else { values.join(",") });
        }
        writer.row(&cells);
        Ok(())
    }
}

/// A path whose braces are wrong is refused at once, any other mistake in it later.
fn path_of(text: &str) -> Result<Result<JsonPath, String>, String> {
    let mut path = JsonPath::parse(&relaxed(text)?);
    if let Ok(path) = &mut path {
        path.allow_missing_keys = true;
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::Columns;
    use serde_json::json;

    #[test]
    fn columns_of_paths() {
        let list =
            json!({"items": [{"metadata": {"name": "a"}, "ports": [1, 2]}, {"metadata": {"name": "bb"}}]});
        let columns = Columns::parse("NAME:.metadata.name,PORTS:ports[*]", false).unwrap();
        assert_eq!(columns.render(&list), ("NAME   PORTS\na      1,2\nbb     <none>\n".into(), Ok(())));
        let open = Columns::parse("NAME:.metadata.name[", false).unwrap();
        assert_eq!(open.render(&list), ("NAME\n".into(), Err("unterminated array".into())));
        assert_eq!(
            Columns::parse("NAME", false).err(),
            Some("unexpected custom-columns spec: NAME, expected <header>:<json-path-expr>".into())
        );
    }
}
