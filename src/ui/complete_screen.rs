//! Quest complete: a card worth reaching, with sparks for a moment. A pure function of the view and the age.

use crate::ui::certificate;
use crate::ui::markdown;
use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::story::clock;
use crate::ui::theme::Role;
use crate::ui::view::View;
use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

/// How long the sparks fall.
const SPARKS_MS: u64 = 6000;
const FRAME_MS: u64 = 60;
/// One spark per this many cells of the window.
const CELLS_PER_SPARK: u32 = 40;

/// Draws over everything; returns after how many milliseconds the next frame is due.
/// `naming` is the name being typed for the certificate.
pub fn draw(
    buffer: &mut Buffer,
    window: Rect,
    brush: &Brush<'_>,
    view: &View,
    age_ms: u64,
    naming: Option<&str>,
) -> Option<u64> {
    let moving = age_ms < SPARKS_MS && brush.theme.depth != crate::ui::theme::Depth::None;
    paint::blank(buffer, window);
    if moving {
        sparks(buffer, window, brush, age_ms);
    }
    let Some(quest) = &view.quest else { return None };
    let width = 76.min(window.width);
    let columns = usize::from(width.saturating_sub(6));
    let room = |head: u16| usize::from(window.height.saturating_sub(head + 3));
    let lines = card(brush, view, columns, naming);
    let big = window.width >= 60 && lines.len() <= room(7);
    let head = if big { 7 } else { 2 };
    let lines = if lines.len() <= room(head) { lines } else { short(brush, view, columns, naming) };
    let height = (lines.len() as u16 + head + 4).min(window.height);
    let area = paint::centered(window, width, height);
    paint::blank(buffer, area);
    let title = Line::styled(quest.title.clone(), brush.style(Role::Strong));
    let inside = paint::frame_styled(buffer, area, brush, &title, brush.style(Role::Good));
    let mut y = inside.y + 1;
    if big {
        banner(buffer, inside, brush, y, age_ms);
    } else {
        let text = brush.texts.say("complete-title");
        let x = inside.x + inside.width.saturating_sub(measure::width(&text) as u16) / 2;
        paint::put(buffer, inside, x, y, &text, brush.style(Role::Good).add_modifier(Modifier::BOLD));
    }
    y += head;
    for line in lines {
        let middle = line.alignment == Some(Alignment::Center);
        let indent = if middle { inside.width.saturating_sub(line.width() as u16) / 2 } else { 2 };
        paint::put_line(buffer, inside, inside.x + indent, y, &line);
        y += 1;
    }
    moving.then_some(FRAME_MS)
}

/// The certificate, the quest's closing words, where the record is, the keys.
fn card(brush: &Brush<'_>, view: &View, columns: usize, naming: Option<&str>) -> Vec<Line<'static>> {
    let mut lines = head(brush, view, columns, naming);
    if let Some(finish) = view.quest.as_ref().and_then(|q| q.finished.as_ref()).filter(|f| !f.text.is_empty())
    {
        lines.push(Line::default());
        lines.push(Line::styled(finish.heading.clone(), brush.style(Role::Accent)));
        lines.extend(markdown::lines(brush.theme, &finish.text, columns));
    }
    lines.push(Line::default());
    lines.extend(tail(brush, view, columns, naming));
    lines
}

/// Without the closing words, for small windows.
fn short(brush: &Brush<'_>, view: &View, columns: usize, naming: Option<&str>) -> Vec<Line<'static>> {
    let mut lines = head(brush, view, columns, naming);
    lines.push(Line::default());
    lines.extend(tail(brush, view, columns, naming));
    lines
}

fn head(brush: &Brush<'_>, view: &View, columns: usize, naming: Option<&str>) -> Vec<Line<'static>> {
    let Some(quest) = &view.quest else { return Vec::new() };
    let finish = quest.finished.clone().unwrap_or_default();
    let lines = match &finish.certificate {
        Some(certificate) => certificate::lines(brush, certificate, naming, columns),
        None => {
            let facts = [
                brush.texts.say_with("complete-time", &[("time", &clock(view.clock_ms))]),
                brush.texts.say_with("complete-commands", &[("n", &finish.commands.to_string())]),
            ];
            let done = brush.texts.say_with("complete-line", &[("quest", &quest.title)]);
            vec![
                Line::styled(done, brush.style(Role::Strong)),
                Line::styled(facts.join(" · "), brush.style(Role::Faint)),
            ]
        }
    };
    lines.into_iter().map(Line::centered).collect()
}

fn tail(brush: &Brush<'_>, view: &View, columns: usize, naming: Option<&str>) -> Vec<Line<'static>> {
    let Some(quest) = &view.quest else { return Vec::new() };
    let faint = |text: String| measure::wrap(&[Span::styled(text, brush.style(Role::Faint))], columns, 2);
    let mut lines = Vec::new();
    let certificate = quest.finished.as_ref().and_then(|f| f.certificate.as_ref());
    if let Some(certificate) = certificate.filter(|c| !c.file.is_empty()) {
        lines.extend(faint(brush.texts.say_with("complete-record", &[("path", &certificate.file)])));
    }
    lines.extend(faint(brush.texts.say_with("complete-export", &[("quest", &quest.id)])));
    lines.push(Line::default());
    let mut keys = vec![brush.texts.say("complete-home"), brush.texts.say("complete-stay")];
    match (naming, certificate) {
        (Some(_), _) => keys = vec![brush.texts.say("certificate-sign")],
        (None, Some(_)) => keys.push(brush.texts.say("certificate-name")),
        _ => {}
    }
    lines.extend(measure::wrap(&[Span::styled(keys.join("    "), brush.style(Role::BarKey))], columns, 0));
    lines
}

/// Pods in a row that become ready one after the other, under a check mark.
fn banner(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, y: u16, age_ms: u64) {
    let text = spaced(&brush.texts.say("complete-title"));
    let center = |width: usize| area.x + area.width.saturating_sub(width as u16) / 2;
    let style = brush.style(Role::Good).add_modifier(Modifier::BOLD);
    paint::put(buffer, area, center(measure::width(&text)), y, &text, style);
    let count = 9;
    let lit = (age_ms / 180) as usize;
    let x = center(count * 4 - 1);
    for at in 0..count as u16 {
        let on = usize::from(at) < lit;
        let style = if on { brush.theme.version(usize::from(at)) } else { brush.style(Role::Gone) };
        let [tl, tr, bl, br, horizontal, vertical] = brush.theme.marks.frame;
        let mark = if on { brush.theme.marks.ready } else { brush.theme.marks.waiting };
        let left = x + at * 4;
        paint::put(buffer, area, left, y + 2, &format!("{tl}{horizontal}{tr}"), style);
        paint::put(buffer, area, left, y + 3, &format!("{vertical}{mark}{vertical}"), style);
        paint::put(buffer, area, left, y + 4, &format!("{bl}{horizontal}{br}"), style);
    }
}

/// Latin capitals with air between them; other scripts as they are.
fn spaced(text: &str) -> String {
    if !text.is_ascii() {
        return text.to_owned();
    }
    let letters: Vec<String> = text.to_ascii_uppercase().chars().map(String::from).collect();
    letters.join(" ")
}

/// Sparks fall at their own speeds; where each is follows from its number and the age alone.
fn sparks(buffer: &mut Buffer, window: Rect, brush: &Brush<'_>, age_ms: u64) {
    let count = window.area() / CELLS_PER_SPARK;
    let marks = ["*", ".", "+", "'"];
    let fade = 1.0 - age_ms as f32 / SPARKS_MS as f32;
    for number in 0..count {
        let scattered = number.wrapping_mul(2_654_435_761);
        let x = window.x + (scattered % u32::from(window.width)) as u16;
        let start = (scattered >> 8) % u32::from(window.height);
        let speed = 3 + (scattered >> 16) % 9;
        let fallen = age_ms * u64::from(speed) / 1000;
        let y = window.y + ((u64::from(start) + fallen) % u64::from(window.height)) as u16;
        let style = brush.theme.faded(brush.theme.version(number as usize), fade.max(0.15));
        paint::put(buffer, window, x, y, marks[number as usize % marks.len()], style);
    }
}
