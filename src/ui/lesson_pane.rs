//! The lesson: the step's text with its hints, and the foot below it. It scrolls; the foot stays in sight at the
//! bottom when there is room.

use crate::ui::app::Hit;
use crate::ui::lesson_foot::Foot;
use crate::ui::markdown;
use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::theme::Role;
use crate::ui::view::Quest;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::Line;

/// From this height on there is a row of air below the title.
const AIRY_HEIGHT: u16 = 20;
/// Below this height the foot has no air.
const COMPACT_HEIGHT: u16 = 14;

/// The laid-out text of a step, kept between frames: Markdown is read when the step or the width changes.
#[derive(Clone, Debug, Default)]
pub struct Laid {
    key: (String, u16, usize, usize),
    text: Vec<Line<'static>>,
}

impl Laid {
    fn of(&mut self, brush: &Brush<'_>, quest: &Quest, width: u16) -> &[Line<'static>] {
        let step = &quest.step;
        let key = (format!("{}/{}", quest.id, step.id), width, step.hints.len(), step.text.len());
        if self.key != key {
            self.text = markdown::lines(brush.theme, &step.text, usize::from(width));
            for (at, hint) in step.hints.iter().enumerate() {
                self.text.push(Line::default());
                let title = brush.texts.say_with("hint-title", &[("n", &(at + 1).to_string())]);
                self.text.push(Line::styled(title, brush.style(Role::Coach).add_modifier(Modifier::BOLD)));
                self.text.extend(markdown::lines(brush.theme, hint, usize::from(width)));
            }
            if !step.hints.is_empty() && step.more_hints {
                self.text.push(Line::styled(brush.texts.say("hint-more"), brush.style(Role::Faint)));
            }
            self.key = key;
        }
        &self.text
    }

    /// For a change of theme or language.
    pub fn forget(&mut self) {
        self.key = Default::default();
    }
}

/// How far down the pane is, and how far it can go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scrolled {
    pub from: usize,
    pub most: usize,
}

/// Draws the lesson from line `scroll` on; without one, from where attention is wanted.
pub fn draw(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    quest: &Quest,
    laid: &mut Laid,
    scroll: Option<usize>,
    hits: &mut Vec<(Rect, Hit)>,
) -> Scrolled {
    if area.width < 10 || area.height < 2 {
        return Scrolled::default();
    }
    let air = u16::from(area.height >= AIRY_HEIGHT);
    let area = Rect { y: area.y + air, height: area.height - air, ..area };
    let inner = Rect { x: area.x + 1, width: area.width - 2, ..area };
    let foot = Foot::of(brush, quest, usize::from(inner.width), inner.height < COMPACT_HEIGHT);
    let text = laid.of(brush, quest, inner.width);
    let rows = usize::from(inner.height);
    if text.len() + 1 + foot.lines.len() <= rows {
        lines(buffer, inner, inner.y, text);
        draw_foot(buffer, inner, brush, &foot, inner.y + text.len() as u16 + 1);
        foot.hits(inner, text.len() as isize + 1, hits);
        return Scrolled::default();
    }
    // Too long for the pane: a small foot stays in sight and the text scrolls above it; a large one scrolls too.
    if foot.lines.len() + 4 <= rows {
        foot.hits(inner, rows as isize - foot.lines.len() as isize, hits);
        return draw_pinned(buffer, area, inner, brush, quest, text, &foot, scroll);
    }
    let before = text.len() + 1;
    let most = (before + foot.lines.len()).saturating_sub(rows);
    let wanted = foot.attention.map_or(0, |at| before + at);
    let from = scroll.unwrap_or(wanted).min(most);
    for row in 0..rows {
        let (at, y) = (from + row, inner.y + row as u16);
        match text.get(at) {
            Some(line) => paint::put_line(buffer, inner, inner.x, y, line),
            None if at >= before => foot.draw_line(buffer, inner, brush, at - before, y),
            None => {}
        }
    }
    foot.hits(inner, before as isize - from as isize, hits);
    more_above(buffer, area, brush, from);
    if from < most {
        let style = brush.style(Role::Accent);
        paint::put(buffer, area, area.right() - 1, area.bottom() - 1, brush.theme.marks.down, style);
    }
    Scrolled { from, most }
}

#[allow(clippy::too_many_arguments)]
fn draw_pinned(
    buffer: &mut Buffer,
    area: Rect,
    inner: Rect,
    brush: &Brush<'_>,
    quest: &Quest,
    text: &[Line<'static>],
    foot: &Foot,
    scroll: Option<usize>,
) -> Scrolled {
    let upper = usize::from(inner.height) - foot.lines.len() - 1;
    let most = text.len().saturating_sub(upper);
    // The newest hint stands at the end of the text.
    let wanted = if quest.step.hints.is_empty() { 0 } else { most };
    let from = scroll.unwrap_or(wanted).min(most);
    lines(buffer, inner, inner.y, &text[from..(from + upper).min(text.len())]);
    let y = inner.y + upper as u16;
    rule(buffer, inner, brush, y, from < most);
    draw_foot(buffer, inner, brush, foot, y + 1);
    more_above(buffer, area, brush, from);
    Scrolled { from, most }
}

fn lines(buffer: &mut Buffer, area: Rect, y: u16, lines: &[Line<'static>]) {
    for (row, line) in lines.iter().enumerate() {
        paint::put_line(buffer, area, area.x, y + row as u16, line);
    }
}

fn draw_foot(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, foot: &Foot, y: u16) {
    for at in 0..foot.lines.len() {
        foot.draw_line(buffer, area, brush, at, y + at as u16);
    }
}

fn rule(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, y: u16, more: bool) {
    let text = brush.theme.marks.rule.repeat(usize::from(area.width));
    paint::put(buffer, area, area.x, y, &text, brush.style(Role::Border));
    if more {
        let note = format!(" {} PgDn ", brush.theme.marks.down);
        let x = area.right().saturating_sub(measure::width(&note) as u16 + 1);
        paint::put(buffer, area, x, y, &note, brush.style(Role::Accent));
    }
}

fn more_above(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, from: usize) {
    if from > 0 {
        paint::put(buffer, area, area.right() - 1, area.y, brush.theme.marks.up, brush.style(Role::Accent));
    }
}
