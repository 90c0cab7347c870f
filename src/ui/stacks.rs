//! Images as stacks of layers: a layer that several images share is one slab below all of them. What is being pulled
//! or built grows beside them.

use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::scene::{Image, Making, Slab, SlabState};
use crate::ui::stage::Stage;
use crate::ui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

const MIN_COLUMN: u16 = 17;
const MAX_COLUMN: u16 = 30;
/// Names shown over one stack; the others are counted.
const MAX_NAMES: usize = 2;
/// The columns of a progress bar in a slab.
const BAR_COLUMNS: usize = 6;

/// An image with its visibility, in the order of the columns.
type Column<'a> = (&'a Image, f32);

/// Rows that the stacks would like to have.
pub fn wanted_rows(stage: &Stage) -> u16 {
    let rows = |image: &Image| image.slabs.len().max(1) + image.names.len().clamp(1, MAX_NAMES);
    stage.images().places().iter().map(|p| rows(&p.item)).max().unwrap_or(0) as u16
}

/// Images side by side, those on the same base next to each other; what does not fit is the oldest.
fn columns<'a>(stage: &'a Stage, brush: &Brush<'_>, fit: usize) -> (Vec<Column<'a>>, usize) {
    let all: Vec<Column<'_>> =
        stage.images().places().iter().map(|p| (&p.item, p.visible(brush.now_ms))).collect();
    let hidden = all.len().saturating_sub(fit);
    let kept = &all[hidden..];
    let base = |image: &Image| image.slabs.first().map(|s| s.key.clone()).unwrap_or_default();
    let mut ordered: Vec<Column<'_>> = Vec::with_capacity(kept.len());
    for column in kept {
        let last = ordered.iter().rposition(|(image, _)| base(image) == base(column.0));
        let at = last.map_or(ordered.len(), |at| at + 1);
        ordered.insert(at, *column);
    }
    (ordered, hidden)
}

/// Draws the stacks on the floor of `area`.
pub fn draw(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, stage: &Stage) {
    if area.height < 2 || area.width < MIN_COLUMN {
        return;
    }
    let fit = usize::from(area.width / MIN_COLUMN).max(1);
    let (columns, hidden) = columns(stage, brush, fit);
    if columns.is_empty() {
        return;
    }
    let width = (area.width / columns.len() as u16).clamp(MIN_COLUMN, MAX_COLUMN);
    let place = |at: usize| Rect::new(area.x + at as u16 * width, area.y, width - 1, area.height);
    let stacks: Vec<Vec<Slab>> =
        columns.iter().map(|(image, _)| fitting(image, usize::from(area.height) - 1)).collect();
    for (at, (image, visible)) in columns.iter().enumerate() {
        draw_names(buffer, place(at), brush, image, *visible, stacks[at].len() as u16);
    }
    let tallest = stacks.iter().map(Vec::len).max().unwrap_or(0);
    for level in 0..tallest {
        let mut at = 0;
        while at < stacks.len() {
            let Some(slab) = stacks[at].get(level) else {
                at += 1;
                continue;
            };
            let same = |other: &Vec<Slab>| other.get(level).is_some_and(|s| s.key == slab.key);
            let span = stacks[at..].iter().take_while(|other| same(other)).count();
            let (from, to) = (place(at), place(at + span - 1));
            let row = Rect::new(from.x, area.bottom() - 1 - level as u16, to.right() - from.x, 1);
            let (image, visible) = columns[at];
            draw_slab(buffer, row, brush, slab, image.hue, span, visible, level);
            at += span;
        }
    }
    if hidden > 0 {
        let text = brush.texts.say_with("more-images", &[("n", &hidden.to_string())]);
        let x = area.right().saturating_sub(measure::width(&text) as u16);
        paint::put(buffer, area, x, area.y, &text, brush.style(Role::Faint));
    }
}

/// The slabs that fit into `rows`: the lower ones give way and are counted in one.
fn fitting(image: &Image, rows: usize) -> Vec<Slab> {
    let slabs = &image.slabs;
    if slabs.len() <= rows.max(1) {
        return slabs.clone();
    }
    let cut = slabs.len() + 1 - rows.max(1);
    let below = &slabs[..cut];
    let bottom = Slab {
        key: below.last().map(|s| s.key.clone()).unwrap_or_default(),
        layers: below.iter().map(|s| s.layers).sum(),
        shared: below.last().is_some_and(|s| s.shared),
        ..Slab::default()
    };
    [bottom].into_iter().chain(slabs[cut..].iter().cloned()).collect()
}

fn draw_names(buffer: &mut Buffer, at: Rect, brush: &Brush<'_>, image: &Image, visible: f32, slabs: u16) {
    let room = usize::from(at.height.saturating_sub(slabs));
    let style = brush.theme.faded(brush.theme.version(image.hue), visible).add_modifier(Modifier::BOLD);
    let mut lines: Vec<String> = image.names.clone();
    if lines.is_empty() {
        lines.push("<none>".to_owned());
    }
    let most = room.min(MAX_NAMES);
    if lines.len() > most {
        let more = lines.len() - most.saturating_sub(1).min(lines.len());
        lines.truncate(most.saturating_sub(1));
        if most > 0 && more > 0 {
            lines.push(brush.texts.say_with("more-names", &[("n", &more.to_string())]));
        }
    }
    let top = at.bottom().saturating_sub(slabs + lines.len() as u16);
    let last = lines.len().saturating_sub(1);
    for (row, name) in lines.iter().enumerate() {
        let y = top + row as u16;
        let tail = match image.making {
            _ if row < last => String::new(),
            Making::There => image.size.clone(),
            Making::Pulling => brush.texts.say("pulling"),
            Making::Building => brush.texts.say("building"),
        };
        let columns = usize::from(at.width);
        let fits = |tail: &str| measure::width(name) + 1 + measure::width(tail) <= columns;
        let tail = match image.making {
            Making::Pulling | Making::Building if !fits(&tail) => brush.theme.marks.half.to_owned(),
            _ => tail,
        };
        let with_tail = fits(&tail);
        let keep = if image.making == Making::There { with_tail } else { true };
        let for_name = if keep && !tail.is_empty() { columns - measure::width(&tail) - 1 } else { columns };
        paint::put(buffer, at, at.x, y, &measure::ellipsis_start(name, for_name), style);
        if keep {
            let x = at.right() - measure::width(&tail) as u16;
            let role = if image.making == Making::There { Role::Faint } else { Role::Busy };
            paint::put(buffer, at, x, y, &tail, brush.theme.faded(brush.style(role), visible));
        }
    }
}

/// How many layers a slab stands for, or what it is.
fn name(brush: &Brush<'_>, slab: &Slab) -> String {
    match (slab.label.is_empty(), slab.layers) {
        (true, layers) => brush.texts.say_with("layers", &[("n", &layers.to_string())]),
        (false, 0 | 1) => slab.label.clone(),
        (false, layers) => {
            format!("{} · {}", slab.label, brush.texts.say_with("layers", &[("n", &layers.to_string())]))
        }
    }
}

#[allow(clippy::too_many_arguments)]
fn draw_slab(
    buffer: &mut Buffer,
    at: Rect,
    brush: &Brush<'_>,
    slab: &Slab,
    hue: usize,
    span: usize,
    visible: f32,
    level: usize,
) {
    let common = span > 1 || slab.shared;
    let role = if common { Role::Own } else { Theme::version_role(hue) };
    let strength = if level.is_multiple_of(2) { 0.34 } else { 0.24 };
    let (strength, tone) = match slab.state {
        SlabState::Waiting => (0.08, Role::Faint),
        SlabState::Moving(_) => (0.14, Role::Busy),
        SlabState::Failed => (0.14, Role::Bad),
        SlabState::Reused => (strength, Role::Good),
        SlabState::There | SlabState::Done => (strength, Role::Text),
    };
    let surface = brush.theme.surface(role, strength * visible);
    buffer.set_style(at.intersection(buffer.area), surface);
    let edge = brush.theme.faded(brush.style(role), visible).patch(surface);
    let [left, right] = brush.theme.marks.block;
    paint::put(buffer, at, at.x, at.y, left, edge);
    paint::put(buffer, at, at.right() - 1, at.y, right, edge);
    let inner = Rect { x: at.x + 1, width: at.width.saturating_sub(2), ..at };
    if let SlabState::Moving(Some(part)) = slab.state {
        let filled = (f32::from(inner.width) * part.clamp(0.0, 1.0)).round() as u16;
        buffer.set_style(Rect { width: filled, ..inner }, brush.theme.surface(role, 0.42 * visible));
    }
    let text = name(brush, slab);
    let room = usize::from(inner.width);
    let tail = tail(brush, slab, span, room.saturating_sub(measure::width(&text) + 1));
    let tail_width = measure::width(&tail);
    let with_tail = tail_width > 0 && tail_width + 6 <= room;
    let for_text = if with_tail { room - tail_width - 1 } else { room };
    let style = |role: Role| brush.theme.faded(brush.style(role), visible);
    let label = if slab.state == SlabState::Waiting { style(Role::Faint) } else { style(Role::Text) };
    put_over(buffer, inner, inner.x, &measure::ellipsis(&text, for_text), label);
    if with_tail {
        let x = inner.right() - tail_width as u16;
        let role = if tone == Role::Text { Role::Faint } else { tone };
        put_over(buffer, inner, x, &tail, style(role));
    }
}

/// Text that leaves the surface below it as it is.
fn put_over(buffer: &mut Buffer, area: Rect, x: u16, text: &str, style: ratatui::style::Style) {
    paint::put(buffer, area, x, area.y, text, style);
}

/// What stands at a slab's right end: what happens to it, else that it is shared and its size as far as `room` goes.
fn tail(brush: &Brush<'_>, slab: &Slab, span: usize, room: usize) -> String {
    let marks = &brush.theme.marks;
    match slab.state {
        SlabState::Reused => format!("{} {}", marks.reused, brush.texts.say("cached")),
        SlabState::Waiting => brush.texts.say("waits"),
        SlabState::Moving(Some(part)) => {
            let (full, empty) = paint::bar(brush, BAR_COLUMNS, part);
            format!("{full}{empty}")
        }
        SlabState::Moving(None) => marks.half.to_owned(),
        SlabState::Failed => marks.failed.to_owned(),
        SlabState::Done => marks.check.to_owned(),
        SlabState::There => {
            let shared = match (span, slab.shared) {
                (2.., _) => brush.texts.say_with("shared-by", &[("n", &span.to_string())]),
                (_, true) => brush.texts.say("shared"),
                _ => String::new(),
            };
            let both = format!("{}  {shared}", slab.size);
            let choices = [both, shared, slab.size.clone(), String::new()];
            choices
                .into_iter()
                .find(|c| measure::width(c.trim()) <= room)
                .unwrap_or_default()
                .trim()
                .to_owned()
        }
    }
}

/// One line per image for a low pane: its name, a block per slab, its size.
pub fn draw_lines(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, stage: &Stage) {
    let (columns, hidden) = columns(stage, brush, usize::from(area.height));
    let name = |image: &Image| image.names.first().cloned().unwrap_or_else(|| "<none>".to_owned());
    let widest = columns.iter().map(|(image, _)| measure::width(&name(image))).max().unwrap_or(0);
    let for_name = widest.min(usize::from(area.width) * 2 / 5);
    for (row, (image, visible)) in columns.iter().enumerate() {
        let y = area.y + row as u16;
        let style = |role: Role| brush.theme.faded(brush.style(role), *visible);
        let named = brush.theme.faded(brush.theme.version(image.hue), *visible);
        let text = measure::padded(&measure::ellipsis_start(&name(image), for_name), for_name);
        let mut x = paint::put(buffer, area, area.x + 1, y, &text, named) + 1;
        for slab in &image.slabs {
            let role = if slab.shared { Role::Own } else { Theme::version_role(image.hue) };
            let mark = match slab.state {
                SlabState::Reused => brush.theme.marks.reused,
                SlabState::Waiting | SlabState::Moving(_) => brush.theme.marks.empty,
                SlabState::Failed => brush.theme.marks.failed,
                SlabState::There | SlabState::Done => brush.theme.marks.full,
            };
            x = paint::put(buffer, area, x, y, &format!("{mark}{mark}"), style(role)) + 1;
        }
        let text = match (image.making, image.slabs.iter().filter(|s| s.shared).count()) {
            (Making::Pulling, _) => brush.texts.say("pulling"),
            (Making::Building, _) => brush.texts.say("building"),
            (Making::There, 0) => image.size.clone(),
            (Making::There, _) => format!("{}  {}", image.size, brush.texts.say("partly-shared")),
        };
        let x = paint::put(buffer, area, x + 1, y, &text, style(Role::Faint));
        if hidden > 0 && row + 1 == columns.len() {
            let text = brush.texts.say_with("more-images", &[("n", &hidden.to_string())]);
            paint::put(buffer, area, x + 2, y, &text, brush.style(Role::Faint));
        }
    }
}
