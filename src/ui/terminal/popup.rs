//! The list of completions over the prompt.

use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

const MAX_ROWS: usize = 8;

/// One thing that could stand at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidate {
    /// What replaces the text from `Completions::start`.
    pub text: String,
    /// What the list shows, when it differs (`scale` for `kubectl scale`).
    pub label: String,
    /// A few words beside it.
    pub note: String,
    /// A blank follows when it is the only one (not after `dir/` or `--replicas=`).
    pub complete: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completions {
    /// Byte offset in the line where the candidates' text goes.
    pub start: usize,
    pub candidates: Vec<Candidate>,
}

impl Completions {
    /// The longest text with which every candidate starts.
    pub fn common(&self) -> &str {
        let mut candidates = self.candidates.iter();
        let Some(first) = candidates.next() else { return "" };
        let mut end = first.text.len();
        for candidate in candidates {
            let same = first.text.char_indices().zip(candidate.text.chars()).find(|((_, a), b)| a != b);
            let length = same.map_or(first.text.len().min(candidate.text.len()), |((at, _), _)| at);
            end = end.min(length);
        }
        while !first.text.is_char_boundary(end) {
            end -= 1;
        }
        &first.text[..end]
    }
}

#[derive(Clone, Debug)]
pub struct Popup {
    pub completions: Completions,
    pub selected: Option<usize>,
}

impl Popup {
    pub fn step(&mut self, down: bool) {
        let count = self.completions.candidates.len();
        if count == 0 {
            return;
        }
        self.selected = Some(match (self.selected, down) {
            (None, true) => 0,
            (None, false) => count - 1,
            (Some(at), true) => (at + 1) % count,
            (Some(at), false) => (at + count - 1) % count,
        });
    }

    /// Draws above or below the cursor's cell, wherever there is more room inside `area`.
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, cursor: (u16, u16), start_x: u16) {
        let candidates = &self.completions.candidates;
        let rows = candidates.len().min(MAX_ROWS);
        let label =
            |c: &Candidate| if c.label.is_empty() { c.text.trim_end().to_owned() } else { c.label.clone() };
        let label_width = candidates.iter().map(|c| measure::width(&label(c))).max().unwrap_or(0).min(40);
        let note_width = candidates.iter().map(|c| measure::width(&c.note)).max().unwrap_or(0).min(56);
        let count = format!("{}/{}", self.selected.map_or(0, |s| s + 1), candidates.len());
        let keys = brush.texts.say(if self.selected.is_some() { "popup-take" } else { "popup-choose" });
        let title = format!("{count}  {keys}");
        let width = (label_width + note_width + if note_width > 0 { 6 } else { 4 })
            .max(measure::width(&title) + 6)
            .min(usize::from(area.width)) as u16;
        let height = rows as u16 + 2;
        let below = area.bottom().saturating_sub(cursor.1 + 1);
        let above = cursor.1.saturating_sub(area.y);
        let y = if below >= height || below >= above {
            cursor.1 + 1
        } else {
            cursor.1.saturating_sub(height).max(area.y)
        };
        let height = height.min(if y > cursor.1 { below } else { above });
        if height < 3 || width < 6 {
            return;
        }
        let x = start_x.saturating_sub(2).min(area.right().saturating_sub(width)).max(area.x);
        let at = Rect::new(x, y, width, height);
        paint::blank(buffer, at);
        let rows = usize::from(height - 2);
        let chosen = self.selected.unwrap_or(0);
        let first = (chosen + 1).saturating_sub(rows);
        let title = Line::styled(title, brush.style(Role::Faint));
        let inside = paint::frame_styled(buffer, at, brush, &title, brush.style(Role::Border));
        for (row, candidate) in candidates.iter().skip(first).take(rows).enumerate() {
            let y = inside.y + row as u16;
            let text = measure::padded(&label(candidate), label_width);
            let end = paint::put(buffer, inside, inside.x + 1, y, &text, brush.style(Role::Text));
            paint::put(buffer, inside, end + 2, y, &candidate.note, brush.style(Role::Faint));
            if self.selected == Some(first + row) {
                buffer.set_style(Rect::new(inside.x, y, inside.width, 1), brush.style(Role::Selection));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Candidate, Completions};

    #[test]
    fn the_common_start() {
        let check = |texts: &[&str], expect: &str| {
            let candidates =
                texts.iter().map(|t| Candidate { text: (*t).into(), ..Candidate::default() }).collect();
            assert_eq!(Completions { start: 0, candidates }.common(), expect);
        };
        check(&["deployment", "deploy"], "deploy");
        check(&["pods", "services"], "");
        check(&["파드", "파일"], "파");
        check(&[], "");
    }
}
