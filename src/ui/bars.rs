//! The top line (where the learner is, the clock) and the bottom line (keys). Both give way from the right.

use crate::ui::app::Hit;
use crate::ui::keymap::{BINDINGS, Command};
use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::story::clock;
use crate::ui::theme::Role;
use crate::ui::view::{Mark, Pace, View};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// The top line. While the learner looks back, the clock's place says that this is the past.
pub fn draw_top(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, view: &View, pace: Pace, past: bool) {
    let mut x = paint::put(
        buffer,
        area,
        area.x + 1,
        area.y,
        "KubeJam",
        brush.style(Role::Accent).add_modifier(Modifier::BOLD),
    );
    let right = draw_clock(buffer, area, brush, view, pace, past);
    let room = Rect { width: right.saturating_sub(area.x), ..area };
    let Some(quest) = &view.quest else {
        let title = brush.texts.say("sandbox-title");
        paint::put(buffer, room, x + 2, area.y, &title, brush.style(Role::Strong));
        return;
    };
    let dots_width = quest.steps.len() as u16 + 2;
    let dots_x = right.saturating_sub(dots_width + 1);
    let with_dots = dots_x > x + 36;
    let room = if with_dots { Rect { width: dots_x.saturating_sub(area.x), ..room } } else { room };
    let count = format!("{}/{}", quest.at + 1, quest.steps.len());
    let widths = [&quest.title, &count, &quest.step.title].map(|text| measure::width(text));
    // The step's title counts more than the quest's.
    if usize::from(x) + widths.iter().sum::<usize>() + 6 <= usize::from(room.right()) {
        x = paint::put(buffer, room, x + 2, area.y, &quest.title, brush.style(Role::Bar));
    }
    x = paint::put(buffer, room, x + 2, area.y, &count, brush.style(Role::BarKey));
    paint::put(buffer, room, x + 1, area.y, &quest.step.title, brush.style(Role::Strong));
    if with_dots {
        for (at, step) in quest.steps.iter().enumerate() {
            let (mark, role) = match step {
                Mark::Met => (brush.theme.marks.ready, Role::Good),
                _ if at == quest.at => (brush.theme.marks.half, Role::Busy),
                Mark::Partly => (brush.theme.marks.half, Role::Busy),
                Mark::Open => (brush.theme.marks.waiting, Role::Faint),
            };
            paint::put(buffer, area, dots_x + at as u16, area.y, mark, brush.style(role));
        }
    }
}

/// Right-aligned clock, speed and learner; returns the column where they begin.
fn draw_clock(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    view: &View,
    pace: Pace,
    past: bool,
) -> u16 {
    let marks = &brush.theme.marks;
    let speed = brush.texts.say_with("clock-speed", &[("x", &speed_text(pace.speed))]);
    let (state, role) = if past {
        (format!("{} {}", marks.back, brush.texts.say("clock-past")), Role::Busy)
    } else if pace.paused {
        (format!("{} {}", marks.pause, brush.texts.say("clock-paused")), Role::Busy)
    } else if pace.idle {
        (format!("{} {speed}", marks.waiting), Role::Faint)
    } else {
        (format!("{} {speed}", marks.play), Role::Good)
    };
    let time = clock(view.clock_ms);
    let learner = if area.width >= 70 && !view.learner.is_empty() {
        format!("  {}", view.learner)
    } else {
        String::new()
    };
    let width = measure::width(&time) + 2 + measure::width(&state) + measure::width(&learner) + 1;
    let start = area.right().saturating_sub(width as u16);
    let x = paint::put(buffer, area, start, area.y, &time, brush.style(Role::Strong));
    let x = paint::put(buffer, area, x + 2, area.y, &state, brush.style(role));
    paint::put(buffer, area, x, area.y, &learner, brush.style(Role::Faint));
    start.saturating_sub(2)
}

pub fn speed_text(speed: f32) -> String {
    if speed.fract() == 0.0 { format!("{speed:.0}") } else { format!("{speed}") }
}

/// What changes the labels of the bottom line.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeysState {
    pub paused: bool,
    pub step_done: bool,
    pub waiting: bool,
    pub tab_completes: bool,
    pub zoomed: bool,
}

pub fn draw_keys(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    state: KeysState,
    hits: &mut Vec<(Rect, Hit)>,
) {
    let mut entries: Vec<Entry> = BINDINGS
        .iter()
        .filter(|b| !b.label.is_empty())
        .map(|b| {
            let label = match b.command {
                Command::Pause if state.paused => "key-resume",
                Command::Zoom if state.zoomed => "key-unzoom",
                _ => b.label,
            };
            let wanted = match b.command {
                Command::Next => state.step_done,
                Command::SkipWait => state.waiting,
                Command::Pause => state.paused,
                Command::Zoom => state.zoomed,
                _ => false,
            };
            let idle = (b.command == Command::Next && !state.step_done)
                || (b.command == Command::SkipWait && !state.waiting);
            Entry { key: b.shown, label: brush.texts.say(label), wanted, idle, command: Some(b.command) }
        })
        .collect();
    if state.tab_completes {
        let at = entries.len() - 1;
        entries.insert(
            at,
            Entry {
                key: "Tab",
                label: brush.texts.say("key-complete"),
                wanted: false,
                idle: false,
                command: None,
            },
        );
    }
    let quit = entries.pop();
    let quit_width = quit.as_ref().map_or(0, |q| q.width() + 2);
    let mut room = usize::from(area.width).saturating_sub(quit_width + 1);
    // The gap shrinks before keys are left out; what the moment calls for is never left out.
    let total: usize = entries.iter().map(Entry::width).sum();
    let gap = if total + entries.len() * 2 <= room { 2 } else { 1 };
    while entries.len() > 1 && entries.iter().map(|e| e.width() + gap).sum::<usize>() > room {
        let Some(at) = first_to_go(&entries) else { break };
        entries.remove(at);
    }
    room = room.min(usize::from(area.width));
    let mut x = area.x + 1;
    let inside = Rect { width: room as u16 + 1, ..area };
    for entry in &entries {
        x = draw_key(buffer, inside, brush, x, entry, hits) + gap as u16;
    }
    if let Some(quit) = quit {
        let x = area.right().saturating_sub(quit_width as u16 - 1);
        draw_key(buffer, area, brush, x, &quit, hits);
    }
}

/// What a narrow line can best do without; every key is on the help page.
const GIVES_WAY: [Option<Command>; 8] = [
    None,
    Some(Command::Speed),
    Some(Command::Story),
    Some(Command::Zoom),
    Some(Command::Pause),
    Some(Command::SkipWait),
    Some(Command::Next),
    Some(Command::Undo),
];

/// What the moment calls for stays.
fn first_to_go(entries: &[Entry]) -> Option<usize> {
    let place = |command: &Option<Command>| entries.iter().position(|e| e.command == *command && !e.wanted);
    GIVES_WAY.iter().find_map(place).or_else(|| entries.iter().rposition(|e| !e.wanted))
}

struct Entry {
    key: &'static str,
    label: String,
    /// What the moment calls for.
    wanted: bool,
    /// It would have nothing to do at the moment.
    idle: bool,
    command: Option<Command>,
}

impl Entry {
    fn width(&self) -> usize {
        measure::width(self.key) + 1 + measure::width(&self.label)
    }
}

fn draw_key(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    x: u16,
    entry: &Entry,
    hits: &mut Vec<(Rect, Hit)>,
) -> u16 {
    if let Some(command) = entry.command {
        hits.push((Rect::new(x, area.y, entry.width() as u16, 1), Hit::Key(command)));
    }
    let (key, label) = match (entry.wanted, entry.idle) {
        (true, _) => (Role::BarKey, Role::Strong),
        (_, true) => (Role::Faint, Role::Faint),
        _ => (Role::BarKey, Role::Bar),
    };
    let x = paint::put(buffer, area, x, area.y, entry.key, brush.style(key));
    let mut style = brush.style(label);
    if entry.wanted {
        style = style.add_modifier(Modifier::UNDERLINED);
    }
    paint::put(buffer, area, x + 1, area.y, &entry.label, style)
}
