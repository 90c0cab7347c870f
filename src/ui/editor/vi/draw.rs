//! vi on the screen: the text with `~` after its end, and the bottom line as vim writes it.

use super::{Mode, Vi};
use crate::ui::editor::{TextView, draw_text};
use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;

impl Vi {
    pub fn draw(&mut self, buffer: &mut Buffer, area: Rect, brush: &Brush<'_>) -> Option<Position> {
        if area.height < 2 {
            return None;
        }
        self.rows = usize::from(area.height - 1);
        self.settle();
        let selected = match self.mode {
            Mode::Visual { lines } => {
                let (mut from, mut to) = (self.anchor.min(self.cursor), self.anchor.max(self.cursor));
                if lines {
                    from.column = 0;
                    to.column = usize::MAX;
                }
                Some((from, to))
            }
            _ => None,
        };
        let view =
            TextView { top: self.top, syntax: self.syntax, numbers: self.numbers, selected, filler: "~" };
        let inside = Rect { height: area.height - 1, ..area };
        let cursor = draw_text(buffer, inside, brush, &self.text, self.cursor, &view);
        let y = area.bottom() - 1;
        if let Mode::Line { kind } = self.mode {
            let x =
                paint::put(buffer, area, area.x, y, &format!("{kind}{}", self.line), brush.style(Role::Text));
            return Some(Position::new(x.min(area.right() - 1), y));
        }
        self.draw_bottom(buffer, area, brush, y);
        Some(cursor)
    }

    fn draw_bottom(&self, buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, y: u16) {
        let mode = match self.mode {
            Mode::Insert => "-- INSERT --",
            Mode::Replace => "-- REPLACE --",
            Mode::Visual { lines: false } => "-- VISUAL --",
            Mode::Visual { lines: true } => "-- VISUAL LINE --",
            _ => "",
        };
        let column = self.cursor.column
            + usize::from(!self.text.line(self.cursor.line).is_empty() || self.cursor.column > 0);
        let ruler = if column == 0 {
            format!("{},0-1", self.cursor.line + 1)
        } else {
            format!("{},{}", self.cursor.line + 1, column)
        };
        let pending: String = self.pending.iter().filter(|c| !c.is_control()).collect();
        let right = format!("{pending:<6}{ruler:<10}{}", self.part());
        let right_x = area.right().saturating_sub(measure::width(&right) as u16 + 1);
        if mode.is_empty() {
            let style = if self.message_is_error { brush.style(Role::Bad) } else { brush.style(Role::Text) };
            let room = Rect { width: right_x.saturating_sub(area.x + 1).max(10), ..area };
            paint::put(buffer, room, area.x, y, &self.message, style);
        } else {
            paint::put(buffer, area, area.x, y, mode, brush.style(Role::Strong).add_modifier(Modifier::BOLD));
        }
        paint::put(buffer, area, right_x, y, &right, brush.style(Role::Faint));
    }

    /// Where the window is in the text: All, Top, Bot or a share.
    fn part(&self) -> String {
        let below = self.text.lines().saturating_sub(self.top + self.rows);
        match (self.top, below) {
            (0, 0) => "All".to_owned(),
            (0, _) => "Top".to_owned(),
            (_, 0) => "Bot".to_owned(),
            (above, below) => format!("{}%", above * 100 / (above + below)),
        }
    }
}
