//! The learner's machine, drawn: files on top, what runs behind its wall, images as stacks of layers below, the
//! registry beside. With nothing of Docker's there yet, files and processes have the room.

use crate::ui::containers;
use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::registry;
use crate::ui::scene::Machine;
use crate::ui::stacks;
use crate::ui::stage::Stage;
use crate::ui::theme::Role;
use crate::ui::trips::Anchors;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::Span;

/// From this height on images are stacks; below it, a line each.
const STACKS_HEIGHT: u16 = 12;
/// A file's name is shortened to no fewer columns than these.
const MIN_NAME: usize = 8;
/// Headings have their own rows from this height on.
const HEADINGS_HEIGHT: u16 = 9;

pub fn draw(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, machine: &Machine, stage: &Stage) {
    if area.height == 0 || area.width < 10 {
        return;
    }
    draw_files(buffer, area, brush, machine);
    let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let images = stage.images().places().len() as u16;
    let headings = u16::from(area.height >= HEADINGS_HEIGHT);
    let stacked = area.height >= STACKS_HEIGHT;
    let wanted = if stacked { stacks::wanted_rows(stage) } else { images };
    let most = if stacked { body.height / 2 } else { body.height / 3 };
    let none_yet = [Span::styled(brush.texts.say("no-images"), brush.style(Role::Faint))];
    let none_yet = measure::wrap(&none_yet, usize::from(area.width.saturating_sub(3)), 0);
    let wanted = if images == 0 { none_yet.len() as u16 } else { wanted };
    let floor = wanted.min(most).max(1);
    let line = u16::from(!stacked && registry::is_used(machine));
    let upper = Rect { height: body.height.saturating_sub(floor + 2 * headings + line), ..body };
    let lower = Rect { y: body.bottom() - floor, height: floor, ..body };
    draw_upper(buffer, upper, brush, machine, stage, headings, stacked);
    let line_area = Rect { y: lower.y.saturating_sub(headings + line), height: 1, ..body };
    if line > 0 {
        registry::draw_line(buffer, line_area, brush, machine);
    }
    if headings > 0 {
        heading(buffer, Rect { y: lower.y - 1, ..body }, brush, "machine-images", "about-images");
    }
    if images == 0 {
        for (y, line) in (lower.y..lower.bottom()).zip(&none_yet) {
            paint::put_line(buffer, lower, lower.x + 2, y, line);
        }
    } else if stacked {
        let room = Rect { x: lower.x + 2, width: lower.width.saturating_sub(3), ..lower };
        stacks::draw(buffer, room, brush, stage);
    } else {
        stacks::draw_lines(buffer, lower, brush, stage);
    }
}

/// Containers behind the wall, and the registry's box at the right where there is room.
fn draw_upper(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    machine: &Machine,
    stage: &Stage,
    headings: u16,
    boxes: bool,
) {
    let mut area = area;
    if headings > 0 {
        heading(buffer, area, brush, "machine-containers", "about-containers");
        area = Rect { y: area.y + 1, ..area };
    }
    if boxes && registry::is_used(machine) && area.width >= 60 {
        let width = (area.width * 2 / 5).clamp(26, 46);
        let place = Rect { x: area.right() - width, width: width - 1, ..area };
        registry::draw(buffer, place, brush, machine);
        area.width -= width;
    }
    let mut anchors = Anchors::default();
    containers::draw(buffer, area, brush, machine, stage, &mut anchors);
    let anybody =
        !stage.containers().places().is_empty() || machine.processes.iter().any(|p| !p.ports.is_empty());
    if !anybody && area.height > 0 {
        let text = brush.texts.say("no-containers");
        let x = area.x + 20;
        let room = Rect { x, width: area.right().saturating_sub(x), ..area };
        let wrapped =
            measure::wrap(&[Span::styled(text, brush.style(Role::Faint))], usize::from(room.width), 0);
        for (row, line) in wrapped.iter().take(usize::from(area.height)).enumerate() {
            paint::put_line(buffer, room, x, area.y + row as u16, line);
        }
    }
}

/// A heading with a few words on what the thing is, for those who meet it for the first time.
fn heading(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, title: &str, about: &str) {
    let style = brush.style(Role::Text).add_modifier(Modifier::BOLD);
    let x = paint::put(buffer, area, area.x + 1, area.y, &brush.texts.say(title), style);
    let about = brush.texts.say(about);
    if measure::width(&about) + 3 <= usize::from(area.right().saturating_sub(x)) {
        paint::put(buffer, area, x + 2, area.y, &about, brush.style(Role::Faint));
    }
}

/// The files at home and the programs in the foreground, on one line.
fn draw_files(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, machine: &Machine) {
    let mut x = paint::put(buffer, area, area.x + 1, area.y, &machine.directory, brush.style(Role::Accent));
    if machine.files.is_empty() {
        let text = brush.texts.say("machine-empty");
        paint::put(buffer, area, x + 2, area.y, &text, brush.style(Role::Faint));
        return;
    }
    for (at, file) in machine.files.iter().enumerate() {
        let name = if file.is_dir { format!("{}/", file.name) } else { file.name.clone() };
        let rest = machine.files.len() - at;
        let more = brush.texts.say_with("more-pods", &[("n", &rest.to_string())]);
        let room = usize::from(area.right().saturating_sub(x));
        let last = rest == 1;
        let keep = if last { 2 } else { 4 + measure::width(&more) };
        let room = room.saturating_sub(keep);
        let fits = measure::width(&name) <= room;
        if !fits && room < MIN_NAME {
            paint::put(buffer, area, x + 2, area.y, &more, brush.style(Role::Faint));
            return;
        }
        let role = if file.is_dir { Role::Accent } else { Role::Text };
        let name = measure::ellipsis_middle(&name, room);
        x = paint::put(buffer, area, x + 2, area.y, &name, brush.style(role));
    }
}
