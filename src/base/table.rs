//! Text tables: columns padded to their widest cell, measured in terminal columns. Never colours anything.

use unicode_width::UnicodeWidthStr;

/// How the columns of a table are padded.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Blanks between a column's widest cell and the next column.
    pub gap: usize,
    /// The least width of a column, gap excluded.
    pub min_width: usize,
    /// Whether cells of the last column are padded too.
    pub pad_last: bool,
}

impl Layout {
    /// kubectl's tabwriter: minimal width 6 (counting the gap), three blanks between.
    pub const KUBECTL: Layout = Layout { gap: 3, min_width: 3, pad_last: false };
    /// Docker's tables: minimal cell width 10, three blanks between.
    pub const DOCKER: Layout = Layout { gap: 3, min_width: 7, pad_last: false };
}

/// Lays out `rows` (the header is simply the first), one line each, ending in a newline. Rows may be ragged.
pub fn render(rows: &[Vec<String>], layout: Layout) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut widths = vec![layout.min_width; columns];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let mut out = String::new();
    for row in rows {
        for (index, cell) in row.iter().enumerate() {
            out.push_str(cell);
            if index + 1 < row.len() || layout.pad_last {
                let blanks = widths[index] - cell.width() + layout.gap;
                out.extend(std::iter::repeat_n(' ', blanks));
            }
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_follow_their_widest_cell() {
        let rows = [vec!["NAME".to_owned(), "AGE".to_owned()], vec!["하나".to_owned(), "3s".to_owned()]];
        assert_eq!(render(&rows, Layout::KUBECTL), "NAME   AGE\n하나   3s\n");
    }
}
