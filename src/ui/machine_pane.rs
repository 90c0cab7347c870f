//! The learner's machine, drawn: files here, what runs and listens, images and containers with their ports.

use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::scene::Machine;
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub fn draw(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, machine: &Machine) {
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
    if area.height == 0 || area.width < 10 {
        return;
    }
    let columns = if area.width >= 56 { 2 } else { 1 };
    let left = [files(brush, machine, usize::from(area.width / columns)), processes(brush, machine)];
    let right = [containers(brush, machine), images(brush, machine)];
    if columns == 2 {
        let width = area.width / 2;
        column(buffer, Rect { width: width - 1, ..area }, brush, &left);
        column(buffer, Rect::new(area.x + width, area.y, area.width - width, area.height), brush, &right);
    } else {
        let [files, processes] = left;
        let [containers, images] = right;
        column(buffer, area, brush, &[files, processes, containers, images]);
    }
}

struct Section {
    title: String,
    lines: Vec<Line<'static>>,
}

/// Sections one below the other; a long one gives way so that each keeps its title and a first line.
fn column(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, sections: &[Section]) {
    let mut y = area.y;
    for (at, section) in sections.iter().enumerate() {
        if y >= area.bottom() {
            return;
        }
        let later: u16 = sections[at + 1..].iter().map(|s| 2 + (s.lines.len() as u16).min(2)).sum();
        let room = area.bottom().saturating_sub(y + 1 + later).max(1);
        paint::put(buffer, area, area.x, y, &section.title, brush.style(Role::Faint));
        y += 1;
        let total = section.lines.len() as u16;
        let shown = if total > room { room.saturating_sub(1) } else { total };
        for line in section.lines.iter().take(usize::from(shown)) {
            if y < area.bottom() {
                paint::put_line(buffer, area, area.x + 1, y, line);
            }
            y += 1;
        }
        if total > shown {
            let n = (total - shown).to_string();
            paint::put(
                buffer,
                area,
                area.x + 1,
                y,
                &brush.texts.say_with("more-pods", &[("n", &n)]),
                brush.style(Role::Faint),
            );
            y += 1;
        }
        y += u16::from(area.height > 10);
    }
}

fn section(brush: &Brush<'_>, key: &str, mut lines: Vec<Line<'static>>) -> Section {
    if lines.is_empty() {
        lines.push(Line::styled(brush.texts.say("machine-nothing"), brush.style(Role::Faint)));
    }
    Section { title: brush.texts.say(key), lines }
}

fn files(brush: &Brush<'_>, machine: &Machine, width: usize) -> Section {
    let mut lines = Vec::new();
    for file in &machine.files {
        let name = if file.is_dir { format!("{}/", file.name) } else { file.name.clone() };
        let role = if file.is_dir { Role::Accent } else { Role::Text };
        let size = if file.is_dir { String::new() } else { format!("{} B", file.bytes) };
        let name = measure::padded(&name, width.saturating_sub(14).clamp(8, 24));
        lines.push(Line::from(vec![
            Span::styled(name, brush.style(role)),
            Span::styled(format!(" {size:>8}"), brush.style(Role::Faint)),
        ]));
    }
    let mut section = section(brush, "machine-files", lines);
    section.title = format!("{}  {}", section.title, machine.directory);
    section
}

fn processes(brush: &Brush<'_>, machine: &Machine) -> Section {
    let line = |process: &crate::ui::scene::Process| {
        let mut spans = vec![
            Span::styled(format!("{} ", brush.theme.marks.ready), brush.style(Role::Good)),
            Span::styled(process.command.clone(), brush.style(Role::Text)),
        ];
        if !process.ports.is_empty() {
            let ports: Vec<String> = process.ports.iter().map(u16::to_string).collect();
            let text = brush.texts.say_with("machine-listens", &[("ports", &ports.join(", "))]);
            spans.push(Span::styled(format!("  {text}"), brush.style(Role::Route)));
        }
        Line::from(spans)
    };
    section(brush, "machine-processes", machine.processes.iter().map(line).collect())
}

fn containers(brush: &Brush<'_>, machine: &Machine) -> Section {
    let mut lines = Vec::new();
    for container in &machine.containers {
        let (mark, role) = if container.running {
            (brush.theme.marks.ready, Role::Good)
        } else {
            (brush.theme.marks.leaving, Role::Gone)
        };
        lines.push(Line::from(vec![
            Span::styled(format!("{mark} "), brush.style(role)),
            Span::styled(container.name.clone(), brush.style(Role::Strong)),
            Span::styled(format!("  {}", container.status), brush.style(role)),
        ]));
        let mut below = vec![Span::styled(format!("  {}", container.image), brush.style(Role::Faint))];
        for (host, inner) in &container.ports {
            let road = format!("  :{host} {} :{inner}", brush.theme.marks.arrow);
            below.push(Span::styled(road, brush.style(Role::Route)));
        }
        lines.push(Line::from(below));
    }
    section(brush, "machine-containers", lines)
}

fn images(brush: &Brush<'_>, machine: &Machine) -> Section {
    let line = |image: &crate::ui::scene::Image| {
        Line::from(vec![
            Span::styled(image.name.clone(), brush.style(Role::Text)),
            Span::styled(format!("  {}", image.size), brush.style(Role::Faint)),
        ])
    };
    section(brush, "machine-images", machine.images.iter().map(line).collect())
}
