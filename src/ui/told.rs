//! A card with something that must be read before going on: what happened to a journal, a disk that is full. Draws,
//! and decides nothing.

use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

const WIDTH: u16 = 72;

/// Draws the card over everything.
pub fn draw(buffer: &mut Buffer, window: Rect, brush: &Brush<'_>, text: &str) {
    let width = WIDTH.min(window.width);
    let columns = usize::from(width.saturating_sub(6));
    let mut lines: Vec<Line<'static>> = Vec::new();
    for paragraph in text.split('\n') {
        let span = Span::styled(paragraph.to_owned(), brush.style(Role::Text));
        lines.extend(measure::wrap(&[span], columns, 0));
    }
    lines.push(Line::default());
    lines.push(Line::styled(brush.texts.say("told-key"), brush.style(Role::BarKey)));
    let area = paint::centered(window, width, lines.len() as u16 + 4);
    paint::blank(buffer, area);
    let title = Line::styled("KubeJam", brush.style(Role::Strong));
    let inside = paint::frame_styled(buffer, area, brush, &title, brush.style(Role::Busy));
    for (y, line) in (inside.y + 1..inside.bottom()).zip(&lines) {
        paint::put_line(buffer, inside, inside.x + 2, y, line);
    }
}
