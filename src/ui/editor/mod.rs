//! The editors behind `vi`, `nano` and `kubectl edit`: a file's bytes go in, keys go in, saved bytes come out.
//!
//! They know one file and no file system: what was saved is handed over when the editor is left.

pub mod nano;
pub mod text;
pub mod vi;

use crate::ui::editor::nano::Nano;
use crate::ui::editor::vi::Vi;
use crate::ui::highlight::{self, Syntax};
use crate::ui::measure;
use crate::ui::paint::Brush;
use crate::ui::theme::Role;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use text::{Place, Text};

/// Columns of a tab stop.
const TAB_COLUMNS: usize = 8;

#[derive(Debug)]
pub enum Editor {
    Vi(Box<Vi>),
    Nano(Box<Nano>),
}

impl Editor {
    /// `program` as typed: nano and emacs get the modeless editor, all else is vi.
    pub fn open(program: &str, path: &str, bytes: &[u8]) -> Self {
        match program {
            "nano" | "pico" | "emacs" => Self::Nano(Box::new(Nano::open(path, bytes))),
            _ => Self::Vi(Box::new(Vi::open(path, bytes))),
        }
    }

    pub fn path(&self) -> &str {
        match self {
            Self::Vi(vi) => &vi.path,
            Self::Nano(nano) => &nano.path,
        }
    }

    pub fn title(&self) -> String {
        match self {
            Self::Vi(vi) => format!("vi {}", vi.path),
            Self::Nano(nano) => format!("nano {}", nano.path),
        }
    }

    /// Message key of the words that help whoever is here for the first time; nano's own lines do that.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Vi(_) => Some("editor-vi-help"),
            Self::Nano(_) => None,
        }
    }

    /// What was saved last; none when nothing was.
    pub fn saved(&self) -> Option<Vec<u8>> {
        match self {
            Self::Vi(vi) => vi.saved.clone(),
            Self::Nano(nano) => nano.saved.clone(),
        }
    }

    /// Takes a key; true when the editor has been left. `rows` is the height it is drawn in.
    pub fn key(&mut self, key: KeyEvent, rows: u16) -> bool {
        match self {
            Self::Vi(vi) => vi.key(key, usize::from(rows)),
            Self::Nano(nano) => nano.key(key, usize::from(rows)),
        }
    }

    pub fn paste(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        match self {
            Self::Vi(vi) => vi.paste(&text),
            Self::Nano(nano) => nano.insert(&text),
        }
    }

    pub fn wheel(&mut self, rows: isize) {
        match self {
            Self::Vi(vi) => vi.wheel(rows),
            Self::Nano(nano) => nano.wheel(rows),
        }
    }

    pub fn draw(&mut self, buffer: &mut Buffer, area: Rect, brush: &Brush<'_>) -> Option<Position> {
        match self {
            Self::Vi(vi) => vi.draw(buffer, area, brush),
            Self::Nano(nano) => nano.draw(buffer, area, brush),
        }
    }
}

/// What a text area shows besides its text.
pub struct TextView {
    pub top: usize,
    pub syntax: Syntax,
    pub numbers: bool,
    /// Places from and to (both included) shown as selected.
    pub selected: Option<(Place, Place)>,
    /// What stands at rows after the last line.
    pub filler: &'static str,
}

/// The first line to show so that `line` is visible.
pub fn scrolled(top: usize, line: usize, rows: usize) -> usize {
    if line < top { line } else { top.max((line + 1).saturating_sub(rows.max(1))) }
}

/// Draws the text from `view.top`; lines too long scroll sideways together when the cursor is far right.
/// Returns the cursor's cell.
pub fn draw_text(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    text: &Text,
    cursor: Place,
    view: &TextView,
) -> Position {
    let gutter = if view.numbers { text.lines().to_string().len().max(3) + 1 } else { 0 };
    let columns = usize::from(area.width).saturating_sub(gutter).max(1);
    let cursor_column = shown_width(text.line(cursor.line), cursor.column);
    let aside = if cursor_column >= columns { cursor_column + 1 + columns / 4 - columns } else { 0 };
    for row in 0..usize::from(area.height) {
        let (at, y) = (view.top + row, area.y + row as u16);
        if at >= text.lines() {
            buffer.set_stringn(area.x, y, view.filler, usize::from(area.width), brush.style(Role::Faint));
            continue;
        }
        if view.numbers {
            let number = format!("{:>width$} ", at + 1, width = gutter - 1);
            buffer.set_stringn(area.x, y, number, gutter, brush.style(Role::Faint));
        }
        draw_line(
            buffer,
            Rect::new(area.x + gutter as u16, y, columns as u16, 1),
            brush,
            text,
            at,
            aside,
            view,
        );
    }
    let x = area.x + (gutter + cursor_column - aside) as u16;
    let y = area.y + cursor.line.saturating_sub(view.top) as u16;
    Position::new(x.min(area.right().saturating_sub(1)), y.min(area.bottom().saturating_sub(1)))
}

fn draw_line(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    text: &Text,
    at: usize,
    aside: usize,
    view: &TextView,
) {
    let line: String = text.line(at).iter().collect();
    let mut column = 0;
    let mut index = 0;
    for (piece, role) in highlight::pieces(view.syntax, &line) {
        let style = brush.style(role);
        for c in piece.chars() {
            let width = char_width(c, column);
            let place = Place { line: at, column: index };
            let chosen = view.selected.is_some_and(|(from, to)| from <= place && place <= to);
            let style = if chosen { style.patch(brush.style(Role::Selection)) } else { style };
            put_char(buffer, area, column, aside, c, width, style);
            column += width;
            index += 1;
        }
    }
    let here = Place { line: at, column: 0 };
    let empty_chosen = view.selected.is_some_and(|(from, to)| from <= here && here <= to) && line.is_empty();
    if empty_chosen {
        buffer.set_style(Rect { width: 1, ..area }, brush.style(Role::Selection));
    }
}

fn put_char(
    buffer: &mut Buffer,
    area: Rect,
    column: usize,
    aside: usize,
    c: char,
    width: usize,
    style: Style,
) {
    if column < aside || column + width > aside + usize::from(area.width) {
        return;
    }
    let x = area.x + (column - aside) as u16;
    if c == '\t' {
        buffer.set_stringn(x, area.y, " ".repeat(width), width, style);
    } else if c.is_control() {
        let shown = format!("^{}", char::from((c as u8) ^ 0x40));
        buffer.set_stringn(x, area.y, shown, width, style.add_modifier(ratatui::style::Modifier::BOLD));
    } else {
        buffer.set_stringn(x, area.y, c.encode_utf8(&mut [0; 4]), width, style);
    }
}

fn char_width(c: char, column: usize) -> usize {
    match c {
        '\t' => TAB_COLUMNS - column % TAB_COLUMNS,
        c if c.is_control() => 2,
        c => measure::width(c.encode_utf8(&mut [0; 4])),
    }
}

/// Columns that the first `count` characters of a line take.
fn shown_width(line: &[char], count: usize) -> usize {
    line.iter().take(count).fold(0, |column, c| column + char_width(*c, column))
}
