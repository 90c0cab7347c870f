//! Tables, with and without boxes, and the blocks that a screen reader gets in their place.

use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::cell;
use super::projection::{Column, Format};
use super::property::text;

/// The table, or nothing when there are no resources.
pub fn render(format: &Format, items: &[Value], screen_reader: bool) -> String {
    let columns: Vec<&Column> = format.columns.iter().filter(|c| c.subformat.is_none()).collect();
    if items.is_empty() || columns.is_empty() {
        return String::new();
    }
    let rows = sorted(&columns, items);
    if screen_reader {
        return blocks(format, &columns, &rows);
    }
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(text).collect()).collect();
    let has_data = |index: usize| rows.iter().any(|row| !row[index].is_empty());
    let shown: Vec<usize> = (0..columns.len()).filter(|i| !columns[*i].optional || has_data(*i)).collect();
    let keep = |row: &[String]| shown.iter().map(|i| row[*i].clone()).collect::<Vec<String>>();
    let labels: Vec<String> = columns.iter().map(|c| c.label.clone()).collect();
    let heading = (!format.attributes.contains_key("no-heading")).then(|| keep(&labels));
    let rows: Vec<Vec<String>> = rows.iter().map(|row| keep(row)).collect();
    let columns: Vec<&Column> = shown.iter().map(|i| columns[*i]).collect();
    let widths = widths(&columns, heading.iter().chain(&rows));
    if format.attributes.contains_key("box") || format.attributes.contains_key("all-box") {
        return boxed(format, &columns, heading.as_deref(), &rows, &widths);
    }
    let pad = format.attributes.get("pad").and_then(|pad| pad.parse().ok()).unwrap_or(2);
    let mut out = String::new();
    if let Some(title) = format.attributes.get("title") {
        let width = widths.iter().sum::<usize>() + pad * widths.len().saturating_sub(1);
        out.push_str(&format!("{}\n", centred(title, width).trim_end()));
    }
    for row in heading.iter().chain(&rows) {
        let cells: Vec<String> = row
            .iter()
            .zip(&columns)
            .zip(&widths)
            .map(|((cell, column), width)| aligned(cell, column, *width))
            .collect();
        out.push_str(cells.join(&" ".repeat(pad)).trim_end());
        out.push('\n');
    }
    out
}

/// The rows in the order that the columns ask for.
fn sorted(columns: &[&Column], items: &[Value]) -> Vec<Vec<Value>> {
    let mut rows: Vec<Vec<Value>> =
        items.iter().map(|item| columns.iter().map(|column| cell(column, item)).collect()).collect();
    let mut order: Vec<(i64, usize, bool)> =
        columns.iter().enumerate().filter_map(|(index, c)| Some((c.sort?, index, c.reverse))).collect();
    order.sort_unstable();
    for (_, index, reverse) in order.into_iter().rev() {
        rows.sort_by(|a, b| {
            let order = compare(&a[index], &b[index]);
            if reverse { order.reverse() } else { order }
        });
    }
    rows
}

/// Numbers by size and before text, text by its characters.
pub fn compare(a: &Value, b: &Value) -> std::cmp::Ordering {
    let number = |value: &Value| value.as_f64().unwrap_or(f64::INFINITY);
    number(a).total_cmp(&number(b)).then_with(|| text(a).cmp(&text(b)))
}

fn widths<'a>(columns: &[&Column], rows: impl Iterator<Item = &'a Vec<String>>) -> Vec<usize> {
    rows.fold(columns.iter().map(|c| c.width).collect(), |widths: Vec<usize>, row| {
        widths.iter().zip(row).map(|(width, cell)| (*width).max(cell.width())).collect()
    })
}

fn aligned(cell: &str, column: &Column, width: usize) -> String {
    let room = width.saturating_sub(cell.width());
    match column.align.as_str() {
        "right" => format!("{}{cell}", " ".repeat(room)),
        "center" => centred(cell, width),
        _ => format!("{cell}{}", " ".repeat(room)),
    }
}

/// As Python's `str.center`: of an odd surplus, the greater half is left when the width is odd.
fn centred(text: &str, width: usize) -> String {
    let room = width.saturating_sub(text.width());
    let left = room / 2 + (room & width & 1);
    format!("{}{text}{}", " ".repeat(left), " ".repeat(room - left))
}

fn blocks(format: &Format, columns: &[&Column], rows: &[Vec<Value>]) -> String {
    let heading = !format.attributes.contains_key("no-heading");
    let block = |row: &Vec<Value>| -> String {
        let cells = columns.iter().zip(row).filter(|(column, _)| !column.optional);
        cells
            .map(|(column, value)| match heading && !column.label.is_empty() {
                true => format!("{}: {}\n", column.label, text(value)),
                false => format!("{}\n", text(value)),
            })
            .collect()
    };
    let body = rows.iter().map(block).collect::<Vec<_>>().join("\n");
    match format.attributes.get("title") {
        Some(title) => format!("{title}\n\n{body}"),
        None => body,
    }
}

fn boxed(
    format: &Format,
    columns: &[&Column],
    heading: Option<&[String]>,
    rows: &[Vec<String>],
    widths: &[usize],
) -> String {
    let rule = |left: &str, middle: &str, right: &str| {
        let cells: Vec<String> = widths.iter().map(|width| "─".repeat(width + 2)).collect();
        format!("{left}{}{right}\n", cells.join(middle))
    };
    let mut out = String::new();
    let title = format.attributes.get("title");
    if let Some(title) = title {
        let width = widths.iter().sum::<usize>() + 3 * widths.len() - 1;
        out.push_str(&format!("┌{}┐\n│{}│\n", "─".repeat(width), centred(title, width)));
        out.push_str(&rule("├", "┬", "┤"));
    } else {
        out.push_str(&rule("┌", "┬", "┐"));
    }
    if let Some(heading) = heading {
        let cells: Vec<String> =
            heading.iter().zip(widths).map(|(label, width)| centred(label, *width)).collect();
        out.push_str(&format!("│ {} │\n{}", cells.join(" │ "), rule("├", "┼", "┤")));
    }
    for (index, row) in rows.iter().enumerate() {
        if index > 0 && format.attributes.contains_key("all-box") {
            out.push_str(&rule("├", "┼", "┤"));
        }
        let cells: Vec<String> = row
            .iter()
            .zip(columns)
            .zip(widths)
            .map(|((cell, column), width)| aligned(cell, column, *width))
            .collect();
        out.push_str(&format!("│ {} │\n", cells.join(" │ ")));
    }
    out.push_str(&rule("└", "┴", "┘"));
    out
}
