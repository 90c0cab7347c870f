//! The registry beside the machine: what was pushed there, and layers on their way up to it.

use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::scene::{Machine, Slab, SlabState};
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// The columns of a layer's bar.
const BAR_COLUMNS: usize = 6;

/// Whether there is anything to show.
pub fn is_used(machine: &Machine) -> bool {
    machine.push.is_some() || !machine.registry.is_empty()
}

/// Rows that the box would like to have.
pub fn wanted_rows(machine: &Machine) -> u16 {
    let push = machine.push.as_ref().map_or(0, |p| p.slabs.len() + 1);
    (machine.registry.len() + push) as u16 + 2
}

/// Host and path of an image's name.
fn split(name: &str) -> (&str, &str) {
    name.split_once('/').unwrap_or(("", name))
}

/// Draws the box.
pub fn draw(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, machine: &Machine) {
    if area.height < 3 || area.width < 16 {
        return;
    }
    let first = machine.push.as_ref().map(|p| &p.name).or(machine.registry.first());
    let host = first.map_or("", |name| split(name).0);
    let title = Line::from(vec![
        Span::styled(brush.texts.say("registry"), brush.style(Role::Text)),
        Span::styled(format!(" {host}"), brush.style(Role::Faint)),
    ]);
    let area = Rect { height: area.height.min(wanted_rows(machine)), ..area };
    let inside = paint::frame_styled(buffer, area, brush, &title, brush.style(Role::Border));
    let room = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
    let mut y = room.y;
    let columns = usize::from(room.width);
    if let Some(push) = &machine.push {
        let name = measure::ellipsis_start(split(&push.name).1, columns.saturating_sub(2));
        let text = format!("{} {name}", brush.theme.marks.up);
        paint::put(buffer, room, room.x, y, &text, brush.style(Role::Busy));
        y += 1;
        let rows = usize::from(room.bottom() - y.min(room.bottom()));
        // What moves stays in sight.
        let settled = |s: &Slab| matches!(s.state, SlabState::Done | SlabState::Reused);
        let moving = push.slabs.iter().position(|s| !settled(s)).unwrap_or(0);
        let skip = (moving + 1).saturating_sub(rows).min(push.slabs.len().saturating_sub(rows));
        for slab in push.slabs.iter().skip(skip).take(rows) {
            draw_layer(buffer, room, brush, slab, y);
            y += 1;
        }
    }
    let rows = usize::from(room.bottom() - y.min(room.bottom()));
    let skip = machine.registry.len().saturating_sub(rows);
    for name in machine.registry.iter().skip(skip) {
        let text =
            format!("{} {}", brush.theme.marks.check, measure::ellipsis_start(split(name).1, columns - 2));
        paint::put(buffer, room, room.x, y, &text, brush.style(Role::Text));
        y += 1;
    }
}

fn draw_layer(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, slab: &Slab, y: u16) {
    let (tail, role) = match slab.state {
        SlabState::Reused => (brush.texts.say("already-there"), Role::Faint),
        SlabState::Moving(part) => {
            let (full, empty) = paint::bar(brush, BAR_COLUMNS, part.unwrap_or(0.0));
            (format!("{full}{empty}"), Role::Busy)
        }
        SlabState::Done | SlabState::There => (brush.theme.marks.check.to_owned(), Role::Good),
        SlabState::Failed => (brush.theme.marks.failed.to_owned(), Role::Bad),
        SlabState::Waiting => (brush.texts.say("waits"), Role::Faint),
    };
    let width = measure::width(&tail) as u16;
    let room = usize::from(area.width.saturating_sub(width + 3));
    let label = measure::ellipsis(&slab.label, room);
    paint::put(buffer, area, area.x + 2, y, &label, brush.style(Role::Text));
    paint::put(buffer, area, area.right().saturating_sub(width), y, &tail, brush.style(role));
}

/// On one line, where there is no room for a box.
pub fn draw_line(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, machine: &Machine) {
    let label = format!("{} ", brush.texts.say("registry"));
    let mut x = paint::put(buffer, area, area.x + 1, area.y, &label, brush.style(Role::Faint));
    if let Some(push) = &machine.push {
        let moved = |s: &&Slab| matches!(s.state, SlabState::Done | SlabState::Reused);
        let done = push.slabs.iter().filter(moved).count();
        let (full, empty) = paint::bar(brush, BAR_COLUMNS, done as f32 / push.slabs.len().max(1) as f32);
        let name = measure::ellipsis_start(split(&push.name).1, 30);
        let text = format!("{} {name} {full}{empty}  ", brush.theme.marks.up);
        x = paint::put(buffer, area, x, area.y, &text, brush.style(Role::Busy));
    }
    for name in machine.registry.iter().rev() {
        let name = split(name).1;
        let short = name.rsplit('/').next().unwrap_or(name);
        let text = format!("{} {short}  ", brush.theme.marks.check);
        x = paint::put(buffer, area, x, area.y, &text, brush.style(Role::Text));
    }
}
