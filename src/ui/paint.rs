//! Drawing primitives on a ratatui buffer: text that ends at its column, frames with titles, the brush a pane
//! gets (theme, texts, time). They clip at the area and never panic on a tiny one.

use crate::ui::measure;
use crate::ui::texts::Texts;
use crate::ui::theme::{Depth, Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::Line;

/// What every pane draws with.
#[derive(Clone, Copy)]
pub struct Brush<'a> {
    pub theme: &'a Theme,
    pub texts: &'a Texts,
    /// Milliseconds since the interface started.
    pub now_ms: u64,
}

impl Brush<'_> {
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }
}

/// Writes `text` at (x, y) inside `area`, cut with `…` at its right edge; returns the column after it.
pub fn put(buffer: &mut Buffer, area: Rect, x: u16, y: u16, text: &str, style: Style) -> u16 {
    let area = area.intersection(buffer.area);
    if y < area.y || y >= area.bottom() || x >= area.right() || x < area.x {
        return x;
    }
    let room = usize::from(area.right() - x);
    let text = measure::ellipsis(text, room);
    let (end, _) = buffer.set_stringn(x, y, &text, room, style);
    end
}

/// Writes a styled line, cut at the right edge.
pub fn put_line(buffer: &mut Buffer, area: Rect, x: u16, y: u16, line: &Line<'_>) {
    let area = area.intersection(buffer.area);
    if y < area.y || y >= area.bottom() || x >= area.right() || x < area.x {
        return;
    }
    buffer.set_line(x, y, line, area.right() - x);
}

/// A rounded frame; the title stands in its top edge. Returns the inside.
pub fn frame(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, title: &Line<'_>, focused: bool) -> Rect {
    let role = if focused { Role::BorderFocus } else { Role::Border };
    frame_styled(buffer, area, brush, title, brush.style(role))
}

pub fn frame_styled(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    title: &Line<'_>,
    style: Style,
) -> Rect {
    let area = area.intersection(buffer.area);
    if area.width < 2 || area.height < 2 {
        return Rect::new(area.x, area.y, 0, 0);
    }
    let [tl, tr, bl, br, horizontal, vertical] = brush.theme.marks.frame;
    let across = horizontal.repeat(usize::from(area.width - 2));
    buffer.set_string(area.x, area.y, format!("{tl}{across}{tr}"), style);
    buffer.set_string(area.x, area.bottom() - 1, format!("{bl}{across}{br}"), style);
    for y in area.y + 1..area.bottom() - 1 {
        buffer.set_string(area.x, y, vertical, style);
        buffer.set_string(area.right() - 1, y, vertical, style);
    }
    if !title.spans.is_empty() && area.width > 4 {
        let room = area.width - 4;
        let end = buffer.set_line(area.x + 2, area.y, title, room).0;
        buffer.set_string(area.x + 1, area.y, " ", style);
        if end < area.right() - 1 {
            buffer.set_string(end, area.y, " ", style);
        }
    }
    Rect::new(area.x + 1, area.y + 1, area.width - 2, area.height - 2)
}

/// Blanks an area (under a popup).
pub fn blank(buffer: &mut Buffer, area: Rect) {
    let area = area.intersection(buffer.area);
    for y in area.y..area.bottom() {
        for x in area.x..area.right() {
            buffer[(x, y)].reset();
        }
        // A wide character cut in half by the popup's left edge would draw over it.
        if area.x > buffer.area.x && measure::width(buffer[(area.x - 1, y)].symbol()) > 1 {
            buffer[(area.x - 1, y)].set_symbol(" ");
        }
    }
}

/// What is done to every frame when all is drawn.
pub fn finish(buffer: &mut Buffer, theme: &Theme) {
    if theme.ascii {
        plain_signs(buffer);
    }
    if theme.depth != Depth::None {
        ground(buffer, theme);
    }
}

/// The theme's own ground under everything that has none: what is written on it was chosen for it, whatever the
/// terminal's colours are. Comes after all drawing, because what lies over the panes blanks them first.
fn ground(buffer: &mut Buffer, theme: &Theme) {
    let ground = theme.ground_style();
    for cell in &mut buffer.content {
        if cell.bg == Color::Reset {
            cell.bg = ground.bg.unwrap_or(Color::Reset);
        }
        if cell.fg == Color::Reset {
            cell.fg = ground.fg.unwrap_or(Color::Reset);
        }
    }
}

/// Signs that texts and names bring along, in plain characters: the last thing that is done to a frame for a terminal
/// that has only ASCII. Words of other scripts stay as they are.
fn plain_signs(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let plain = match cell.symbol() {
            symbol if symbol.is_ascii() => continue,
            "…" => "~",
            "→" | "▶" => ">",
            "←" => "<",
            "↑" | "▲" => "^",
            "↓" | "▼" => "v",
            "·" | "•" | "–" | "—" | "−" => "-",
            "‘" | "’" => "'",
            "“" | "”" => "\"",
            "×" => "x",
            "✔" | "✓" => "v",
            "✖" | "✗" => "x",
            _ => continue,
        };
        cell.set_symbol(plain);
    }
}

/// A bar of `width` columns, `part` of `whole` full.
pub fn bar(brush: &Brush<'_>, width: usize, part: f32) -> (String, String) {
    let full = ((width as f32) * part.clamp(0.0, 1.0)).round() as usize;
    (brush.theme.marks.full.repeat(full), brush.theme.marks.empty.repeat(width - full.min(width)))
}

/// A rectangle of at most `width` x `height` in the middle of `area`.
pub fn centered(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect::new(area.x + (area.width - width) / 2, area.y + (area.height - height) / 2, width, height)
}
