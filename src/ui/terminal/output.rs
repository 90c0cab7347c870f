//! What programs wrote, on an emulated terminal screen with scrollback.
//!
//! The bytes are kept (up to a limit) so that a resize lays them out anew instead of cutting long lines.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use std::num::NonZeroU16;
use unicode_segmentation::UnicodeSegmentation;

/// Rows that can be scrolled back.
const SCROLLBACK_ROWS: usize = 3000;
/// Bytes kept for a resize; older ones go by whole lines.
const MAX_KEPT_BYTES: usize = 512 * 1024;

pub struct Output {
    parser: vt100::Parser,
    kept: Vec<u8>,
    rows: u16,
    columns: u16,
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output").field("kept", &self.kept.len()).finish_non_exhaustive()
    }
}

impl Output {
    pub fn new(rows: u16, columns: u16) -> Self {
        let (rows, columns) = (rows.max(1), columns.max(2));
        Self { parser: parser(rows, columns), kept: Vec::new(), rows, columns }
    }

    /// Takes in what a program wrote; a bare line feed starts a new line, as a terminal driver makes it.
    pub fn write(&mut self, bytes: &[u8]) {
        let mut cooked = Vec::with_capacity(bytes.len() + 16);
        let mut last = self.kept.last().copied().unwrap_or(0);
        for byte in bytes {
            if *byte == b'\n' && last != b'\r' {
                cooked.push(b'\r');
            }
            cooked.push(*byte);
            last = *byte;
        }
        self.parser.process(&cooked);
        self.kept.extend_from_slice(&cooked);
        if self.kept.len() > MAX_KEPT_BYTES {
            let from = self.kept.len() - MAX_KEPT_BYTES / 2;
            let cut = self.kept[from..].iter().position(|b| *b == b'\n').map_or(from, |at| from + at + 1);
            self.kept.drain(..cut);
        }
    }

    pub fn resize(&mut self, rows: u16, columns: u16) {
        let (rows, columns) = (rows.max(1), columns.max(2));
        if (rows, columns) == (self.rows, self.columns) {
            return;
        }
        self.rows = rows;
        self.columns = columns;
        self.parser = parser(rows, columns);
        self.parser.process(&self.kept);
    }

    pub fn size(&self) -> (u16, u16) {
        (self.rows, self.columns)
    }

    /// Clears the visible screen (Ctrl-L); what was there can be scrolled back to.
    pub fn clear(&mut self) {
        let push = "\r\n".repeat(usize::from(self.rows));
        self.write(format!("\x1b[{};1H{push}\x1b[H", self.rows).as_bytes());
    }

    /// Row and column after the last byte written.
    pub fn cursor(&self) -> (u16, u16) {
        self.parser.screen().cursor_position()
    }

    pub fn hides_cursor(&self) -> bool {
        self.parser.screen().hide_cursor()
    }

    /// Rows above the screen.
    pub fn scrollback_len(&self) -> usize {
        self.parser.screen().scrollback_len()
    }

    /// Draws the screen, scrolled `back` rows up, its first `skip` rows pushed out at the top.
    pub fn draw(&mut self, buffer: &mut Buffer, area: Rect, back: usize, skip: u16) {
        self.parser.screen_mut().set_scrollback(back);
        let screen = self.parser.screen();
        for row in skip..self.rows {
            let y = area.y + row - skip;
            if y >= area.bottom() {
                break;
            }
            let mut column = 0;
            while column < self.columns.min(area.width) {
                let Some(cell) = screen.cell(row, column) else { break };
                let at = &mut buffer[(area.x + column, y)];
                let wide = cell.is_wide();
                if cell.has_contents() && !(wide && column + 1 >= area.width) {
                    at.set_symbol(cell.contents());
                }
                at.set_style(style(cell));
                column += if wide { 2 } else { 1 };
            }
        }
        self.parser.screen_mut().set_scrollback(0);
    }

    /// The text between two places of the view scrolled `back` rows up, both ends included.
    pub fn text_between(&mut self, back: usize, from: (u16, u16), to: (u16, u16)) -> String {
        self.parser.screen_mut().set_scrollback(back);
        let text = self.parser.screen().contents_between(from.0, from.1, to.0, to.1.saturating_add(1));
        self.parser.screen_mut().set_scrollback(0);
        text
    }
}

fn parser(rows: u16, columns: u16) -> vt100::Parser {
    let size = |n: u16| NonZeroU16::new(n).unwrap_or(NonZeroU16::MIN);
    vt100::Parser::new(size(rows), size(columns), SCROLLBACK_ROWS)
}

fn color(color: vt100::Color) -> Option<Color> {
    match color {
        vt100::Color::Default => None,
        vt100::Color::Idx(index) => Some(Color::Indexed(index)),
        vt100::Color::Rgb(r, g, b) => Some(Color::Rgb(r, g, b)),
    }
}

fn style(cell: &vt100::Cell) -> Style {
    let mut style = Style { fg: color(cell.fgcolor()), bg: color(cell.bgcolor()), ..Style::default() };
    let flags = [
        (cell.bold(), Modifier::BOLD),
        (cell.dim(), Modifier::DIM),
        (cell.italic(), Modifier::ITALIC),
        (cell.underline(), Modifier::UNDERLINED),
        (cell.inverse(), Modifier::REVERSED),
    ];
    for (on, modifier) in flags {
        if on {
            style = style.add_modifier(modifier);
        }
    }
    style
}

/// A prompt's graphemes with their styles, its escape sequences taken out (`\x01` and `\x02` around them too).
pub fn styled_graphemes(text: &str) -> Vec<(String, Style)> {
    let mut out = Vec::new();
    let mut style = Style::default();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("\x1b[") {
            let end = after.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(after.len());
            if after[end..].starts_with('m') {
                style = sgr(style, &after[..end]);
            }
            rest = after.get(end + 1..).unwrap_or("");
        } else if let Some(after) = rest.strip_prefix("\x1b]") {
            let end = after.find('\x07').map_or(after.len(), |at| at + 1);
            rest = &after[end..];
        } else {
            let end = rest.find('\x1b').filter(|at| *at > 0).unwrap_or(rest.len());
            for grapheme in rest[..end].graphemes(true) {
                if !grapheme.starts_with(|c: char| c.is_control() && c != '\n') {
                    out.push((grapheme.to_owned(), style));
                }
            }
            rest = &rest[end..];
        }
    }
    out
}

fn sgr(mut style: Style, parameters: &str) -> Style {
    for parameter in parameters.split(';') {
        match parameter.parse::<u8>().unwrap_or(0) {
            0 => style = Style::default(),
            1 => style = style.add_modifier(Modifier::BOLD),
            2 => style = style.add_modifier(Modifier::DIM),
            4 => style = style.add_modifier(Modifier::UNDERLINED),
            7 => style = style.add_modifier(Modifier::REVERSED),
            n @ 30..=37 => style = style.fg(Color::Indexed(n - 30)),
            n @ 90..=97 => style = style.fg(Color::Indexed(n - 82)),
            39 => style.fg = None,
            _ => {}
        }
    }
    style
}

#[cfg(test)]
mod tests {
    use super::{Output, styled_graphemes};
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;

    fn shown(output: &mut Output, width: u16, height: u16, back: usize) -> Vec<String> {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        output.draw(&mut buffer, area, back, 0);
        (0..height)
            .map(|y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned())
            .collect()
    }

    #[test]
    fn lines_scroll_and_come_back() {
        let mut output = Output::new(3, 10);
        output.write(b"one\ntwo\nthree\nfour");
        assert_eq!(shown(&mut output, 10, 3, 0), ["two", "three", "four"]);
        assert_eq!(output.scrollback_len(), 1);
        assert_eq!(shown(&mut output, 10, 3, 1), ["one", "two", "three"]);
    }

    #[test]
    fn a_resize_lays_long_lines_out_anew() {
        let mut output = Output::new(3, 4);
        output.write(b"abcdefgh");
        assert_eq!(shown(&mut output, 8, 3, 0), ["abcd", "efgh", ""]);
        output.resize(3, 8);
        assert_eq!(shown(&mut output, 8, 3, 0), ["abcdefgh", "", ""]);
    }

    #[test]
    fn prompts_keep_their_colours_and_lose_their_escapes() {
        let cells = styled_graphemes("\x1b[1;32mme\x1b[0m:~ $ ");
        let text: String = cells.iter().map(|(g, _)| g.as_str()).collect();
        assert_eq!(text, "me:~ $ ");
        assert!(cells[0].1.fg.is_some() && cells[3].1.fg.is_none());
    }
}
