//! Columns as Go's text/tabwriter lays them out (elastic tab stops), with the fork's remembered widths that
//! kubectl's `-w` needs. Pads with blanks only; must never reorder or drop text.

/// A writer of tab-separated cells. Text is buffered until [`TabWriter::flush`].
pub struct TabWriter {
    min_width: usize,
    padding: usize,
    remember: bool,
    max_widths: Vec<usize>,
    buffer: String,
}

impl TabWriter {
    /// Tables of `kubectl get`: minwidth 6, padding 3, widths remembered from flush to flush.
    pub fn table() -> Self {
        TabWriter { min_width: 6, padding: 3, remember: true, max_widths: Vec::new(), buffer: String::new() }
    }

    /// `kubectl describe`: minwidth 0, padding 2.
    pub fn describe() -> Self {
        TabWriter { min_width: 0, padding: 2, remember: false, max_widths: Vec::new(), buffer: String::new() }
    }

    /// Any other layout.
    pub fn new(min_width: usize, padding: usize) -> Self {
        TabWriter { min_width, padding, remember: false, max_widths: Vec::new(), buffer: String::new() }
    }

    pub fn write(&mut self, text: &str) {
        self.buffer.push_str(text);
    }

    /// Writes one line of cells.
    pub fn row<S: AsRef<str>>(&mut self, cells: &[S]) {
        for (i, cell) in cells.iter().enumerate() {
            if i > 0 {
                self.buffer.push('\t');
            }
            self.buffer.push_str(cell.as_ref());
        }
        self.buffer.push('\n');
    }

    /// Forgets the widths of what was laid out so far (a new table starts).
    pub fn forget(&mut self) {
        self.max_widths.clear();
    }

    /// Lays out everything written since the last flush.
    pub fn flush(&mut self) -> String {
        let text = std::mem::take(&mut self.buffer);
        let lines: Vec<Vec<&str>> = text.split('\n').map(|line| line.split('\t').collect()).collect();
        let mut layout =
            Layout { lines: &lines, widths: Vec::new(), out: String::with_capacity(text.len() * 2) };
        self.format(&mut layout, 0, lines.len());
        layout.out
    }

    fn format(&mut self, layout: &mut Layout<'_>, from: usize, to: usize) {
        let column = layout.widths.len();
        let (mut start, mut line) = (from, from);
        while line < to {
            if column + 1 >= layout.lines[line].len() {
                line += 1;
                continue;
            }
            layout.write_lines(start, line);
            start = line;
            let mut width = self.min_width;
            while line < to && column + 1 < layout.lines[line].len() {
                width = width.max(cell_width(layout.lines[line][column]) + self.padding);
                line += 1;
            }
            width = self.remembered(column, width);
            layout.widths.push(width);
            self.format(layout, start, line);
            layout.widths.pop();
            start = line;
            line += 1;
        }
        layout.write_lines(start, to);
    }

    fn remembered(&mut self, column: usize, width: usize) -> usize {
        if !self.remember {
            return width;
        }
        if self.max_widths.len() <= column {
            self.max_widths.resize(column + 1, 0);
        }
        self.max_widths[column] = self.max_widths[column].max(width);
        self.max_widths[column]
    }
}

const BLANKS: &str = "                                ";

struct Layout<'a> {
    lines: &'a [Vec<&'a str>],
    widths: Vec<usize>,
    out: String,
}

impl Layout<'_> {
    fn write_lines(&mut self, from: usize, to: usize) {
        for index in from..to {
            for (i, cell) in self.lines[index].iter().enumerate() {
                self.out.push_str(cell);
                if let Some(width) = self.widths.get(i) {
                    let mut pad = width.saturating_sub(cell_width(cell));
                    while pad > 0 {
                        let blanks = &BLANKS[..pad.min(BLANKS.len())];
                        self.out.push_str(blanks);
                        pad -= blanks.len();
                    }
                }
            }
            if index + 1 < self.lines.len() {
                self.out.push('\n');
            }
        }
    }
}

/// Go counts characters, not columns.
fn cell_width(cell: &str) -> usize {
    cell.chars().count()
}

#[cfg(test)]
mod tests {
    use super::TabWriter;

    #[test]
    fn a_table_has_three_blanks_between_columns_and_none_after_the_last() {
        let mut writer = TabWriter::table();
        writer.row(&["NAME", "READY", "AGE"]);
        writer.row(&["hello-node", "0/1", "0s"]);
        assert_eq!(writer.flush(), "NAME         READY   AGE\nhello-node   0/1     0s\n");
    }

    #[test]
    fn later_rows_keep_the_widths_of_earlier_ones() {
        let mut writer = TabWriter::table();
        writer.row(&["NAME", "READY"]);
        writer.row(&["hello-node", "0/1"]);
        writer.flush();
        writer.row(&["web", "1/1"]);
        assert_eq!(writer.flush(), "web          1/1\n");
    }

    #[test]
    fn describe_lays_out_blocks_on_their_own() {
        let mut writer = TabWriter::describe();
        writer.write("Name:\tx\nLabels:\t<none>\nPod Template:\n  Labels:\tapp=x\n");
        assert_eq!(writer.flush(), "Name:    x\nLabels:  <none>\nPod Template:\n  Labels:  app=x\n");
    }
}
