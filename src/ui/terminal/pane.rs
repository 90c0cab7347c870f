//! Draws a terminal tab: its output, then the line being typed after the prompt, and says where the cursor is.

use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::terminal::output::styled_graphemes;
use crate::ui::terminal::tab::{Asking, Tab};
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

/// Places of a selection, in rows and columns of the pane's view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    pub from: (u16, u16),
    pub to: (u16, u16),
}

impl Selection {
    pub fn ordered(self) -> ((u16, u16), (u16, u16)) {
        if self.from <= self.to { (self.from, self.to) } else { (self.to, self.from) }
    }
}

/// One cell of the input line, by row and column below the output's top.
struct Placed {
    row: u16,
    column: u16,
    text: String,
    style: Style,
}

struct Input {
    cells: Vec<Placed>,
    cursor: (u16, u16),
    last_row: u16,
}

/// Draws `tab` into `area`; returns where the cursor belongs.
pub fn draw(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    tab: &mut Tab,
    selection: Option<Selection>,
) -> Option<Position> {
    if area.width < 2 || area.height == 0 {
        return None;
    }
    tab.output.resize(area.height, area.width);
    let input = lay_out(brush, tab, area.width);
    let skip = (input.last_row + 1).saturating_sub(area.height);
    if tab.back > 0 {
        tab.output.draw(buffer, area, tab.back, 0);
        draw_scroll_note(buffer, area, brush, tab);
    } else {
        tab.output.draw(buffer, area, 0, skip);
        for cell in &input.cells {
            if cell.row >= skip && cell.row - skip < area.height {
                let (x, y) = (area.x + cell.column, area.y + cell.row - skip);
                buffer.set_string(x, y, &cell.text, cell.style);
            }
        }
    }
    if let Some(selection) = selection {
        draw_selection(buffer, area, brush, selection);
    }
    let cursor = Position::new(
        area.x + input.cursor.1.min(area.width - 1),
        area.y + input.cursor.0.saturating_sub(skip).min(area.height - 1),
    );
    if let Some(popup) = &tab.popup {
        let back =
            tab.editor.text().get(popup.completions.start..tab.editor.cursor()).map_or(0, measure::width);
        let start_x = cursor.x.saturating_sub(back as u16);
        popup.draw(buffer, area, brush, (cursor.x, cursor.y), start_x);
    }
    (tab.back == 0 && tab.asking != Asking::Nobody && !tab.output.hides_cursor()).then_some(cursor)
}

/// The prompt and the text, wrapped from where the output ended.
fn lay_out(brush: &Brush<'_>, tab: &Tab, width: u16) -> Input {
    let (search, text, offset) = tab.input_line();
    let mut start = tab.output.cursor();
    let mut cells = Vec::new();
    if search.is_some() {
        start.1 = start.1.saturating_sub(tab.prompt_width() as u16);
        let blanks = " ".repeat(usize::from(width - start.1));
        cells.push(Placed { row: start.0, column: start.1, text: blanks, style: Style::new() });
    }
    let mut at = start;
    let mut place = |at: &mut (u16, u16), text: &str, style: Style| {
        if text == "\n" {
            *at = (at.0 + 1, 0);
            return;
        }
        let columns = if text == "\t" { 8 - at.1 % 8 } else { measure::width(text) as u16 };
        if at.1 + columns > width {
            *at = (at.0 + 1, 0);
        }
        let shown = if text == "\t" { " ".repeat(usize::from(columns)) } else { text.to_owned() };
        cells.push(Placed { row: at.0, column: at.1, text: shown, style });
        at.1 += columns;
    };
    for (grapheme, _) in styled_graphemes(search.as_deref().unwrap_or_default()) {
        place(&mut at, &grapheme, brush.style(Role::Accent));
    }
    let mut cursor = None;
    let mut byte = 0;
    let style = brush.style(Role::Text);
    for (grapheme, _) in styled_graphemes(&text) {
        if byte >= offset && cursor.is_none() {
            cursor = Some(at);
        }
        byte += grapheme.len();
        place(&mut at, &grapheme, style);
    }
    let mut cursor = cursor.unwrap_or(at);
    if cursor.1 >= width {
        cursor = (cursor.0 + 1, 0);
    }
    let last_row = at.0.max(cursor.0);
    if tab.asking == Asking::Nobody {
        let text = brush.texts.say("terminal-closed");
        cells.push(Placed { row: start.0, column: 0, text, style: brush.style(Role::Faint) });
    }
    Input { cells, cursor, last_row: last_row.max(start.0) }
}

fn draw_scroll_note(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, tab: &Tab) {
    let mut text = brush.texts.say_with("terminal-scrolled", &[("n", &tab.back.to_string())]);
    if tab.news {
        text = format!("{text} · {}", brush.texts.say("terminal-new-output"));
    }
    let text = format!(" {} {text} ", brush.theme.marks.up);
    let width = (measure::width(&text) as u16).min(area.width);
    let x = area.right() - width;
    let style = brush.style(Role::Accent).patch(brush.style(Role::Selection));
    paint::put(buffer, area, x, area.bottom() - 1, &text, style);
}

fn draw_selection(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, selection: Selection) {
    let (from, to) = selection.ordered();
    for row in from.0..=to.0.min(area.height - 1) {
        let first = if row == from.0 { from.1 } else { 0 };
        let last = if row == to.0 { to.1 } else { area.width - 1 };
        if first <= last && first < area.width {
            let width = (last - first + 1).min(area.width - first);
            let line = Rect::new(area.x + first, area.y + row, width, 1);
            buffer.set_style(line, brush.style(Role::Selection));
        }
    }
}

/// The text in `area` of a frame between two places, for copying what is seen.
pub fn selected_text(buffer: &Buffer, area: Rect, selection: Selection) -> String {
    let (from, to) = selection.ordered();
    let mut lines = Vec::new();
    for row in from.0..=to.0.min(area.height.saturating_sub(1)) {
        let first = if row == from.0 { from.1 } else { 0 };
        let last = if row == to.0 { to.1 } else { area.width.saturating_sub(1) };
        let mut line = String::new();
        let mut column = first;
        while column <= last && column < area.width {
            let symbol = buffer[(area.x + column, area.y + row)].symbol();
            line.push_str(symbol);
            column += measure::width(symbol).max(1) as u16;
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::draw;
    use crate::ui::paint::Brush;
    use crate::ui::terminal::tab::Tab;
    use crate::ui::texts::{Language, Texts};
    use crate::ui::theme::{Depth, Ground, Theme};
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;

    fn check(width: u16, height: u16, output: &str, typed: &str, expect: &[&str], cursor: (u16, u16)) {
        let theme = Theme::new(Ground::Dark, Depth::None, false);
        let texts = Texts::new(Language::English);
        let brush = Brush { theme: &theme, texts: &texts, now_ms: 0 };
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        let mut tab = Tab::new(1, height, width, Vec::new());
        tab.write(output.as_bytes());
        tab.write(b"$ ");
        tab.prompt("$ ", false);
        tab.paste(typed);
        let at = draw(&mut buffer, area, &brush, &mut tab, None).expect("a cursor");
        let lines: Vec<String> = (0..height)
            .map(|y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned())
            .collect();
        assert_eq!(lines, expect);
        assert_eq!((at.x, at.y), cursor);
    }

    #[test]
    fn the_line_wraps_and_pushes_the_output_up() {
        check(10, 3, "one\n", "ls -l", &["one", "$ ls -l", ""], (7, 1));
        check(6, 3, "one\ntwo\n", "ls -laR", &["two", "$ ls -", "laR"], (3, 2));
        check(8, 2, "no newline", "x", &["no newli", "ne$ x"], (5, 1));
        check(6, 2, "", "a\nb", &["$ a", "b"], (1, 1));
        check(7, 2, "", "파드들", &["$ 파 드", "들"], (2, 1));
    }
}
