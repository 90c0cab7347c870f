//! The time line: every command as a place that can be gone to, drawn under the panes while they show the past. Keys
//! go in, at most one thing to ask comes out. Must never know how the past is brought back.

use crate::ui::app::Ask;
use crate::ui::keymap::Command;
use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::story::clock;
use crate::ui::theme::Role;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

/// Rows it takes from the panes; it also covers the bottom line.
pub const ROWS: u16 = 4;

/// A command on the line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tick {
    pub at_ms: u64,
    /// Index of the step that was on the screen.
    pub step: usize,
    /// What was typed.
    pub text: String,
}

/// The line and the place on it.
#[derive(Clone, Debug, Default)]
pub struct TimeLine {
    ticks: Vec<Tick>,
    /// Headings of the steps; none in free play.
    steps: Vec<String>,
    /// Commands that had been given at the place shown.
    at: usize,
    /// Going on from here was asked for, perhaps by typing this.
    asking: Option<Option<char>>,
    bar: Rect,
}

impl TimeLine {
    /// A line of these commands, at the place before command `at`.
    pub fn new(ticks: Vec<Tick>, steps: Vec<String>, at: usize) -> Self {
        TimeLine { at: at.min(ticks.len()), ticks, steps, ..TimeLine::default() }
    }

    /// Commands that had been given at the place shown.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent, command: Option<Command>) -> Vec<Ask> {
        if let Some(typed) = self.asking.take() {
            let yes = matches!(key.code, KeyCode::Enter | KeyCode::Char('y' | 'Y'));
            return if yes { vec![Ask::GoOnHere(typed)] } else { Vec::new() };
        }
        let plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let to = match (key.code, command) {
            (KeyCode::Left, _) | (_, Some(Command::Undo)) => self.at.saturating_sub(1),
            (KeyCode::Right, _) | (_, Some(Command::Redo)) => self.at + 1,
            (KeyCode::PageUp | KeyCode::Up, _) => self.step_before(),
            (KeyCode::PageDown | KeyCode::Down, _) => self.step_after(),
            (KeyCode::Home, _) => 0,
            (KeyCode::End, _) => self.ticks.len(),
            (KeyCode::Esc, _) | (_, Some(Command::TimeLine)) => return vec![Ask::Present],
            (KeyCode::Enter, _) => return self.go_on(None),
            (KeyCode::Char(c), _) if plain => return self.go_on(Some(c)),
            _ => return Vec::new(),
        };
        self.go(to)
    }

    /// A click on the line goes there.
    pub fn click(&mut self, at: Position) -> Vec<Ask> {
        if !self.bar.contains(at) || self.asking.is_some() || self.bar.width < 2 {
            return Vec::new();
        }
        let part = usize::from(at.x - self.bar.x) * self.ticks.len();
        let room = usize::from(self.bar.width - 1);
        self.go((part + room / 2) / room)
    }

    fn go(&mut self, to: usize) -> Vec<Ask> {
        self.at = to.min(self.ticks.len());
        vec![Ask::Travel(self.at)]
    }

    fn go_on(&mut self, typed: Option<char>) -> Vec<Ask> {
        if self.at == self.ticks.len() {
            return vec![Ask::GoOnHere(typed)];
        }
        self.asking = Some(typed);
        Vec::new()
    }

    fn begins_step(&self, at: usize) -> bool {
        at == 0 || at >= self.ticks.len() || self.ticks[at].step != self.ticks[at - 1].step
    }

    fn step_before(&self) -> usize {
        (0..self.at).rev().find(|at| self.begins_step(*at)).unwrap_or(0)
    }

    fn step_after(&self) -> usize {
        (self.at + 1..=self.ticks.len()).find(|at| self.begins_step(*at)).unwrap_or(self.ticks.len())
    }

    /// The column of a place on a bar of so many columns.
    fn column(&self, at: usize, width: u16) -> u16 {
        let room = usize::from(width.saturating_sub(1));
        (at * room / self.ticks.len().max(1)) as u16
    }
}

/// Draws the strip.
pub fn draw(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, line: &mut TimeLine) {
    paint::blank(buffer, area);
    let total = line.ticks.len();
    let (at, of) = (line.at.to_string(), total.to_string());
    let place = brush.texts.say_with("time-line-place", &[("at", &at), ("of", &of)]);
    let mut title = vec![
        Span::styled(brush.texts.say("time-line"), brush.style(Role::Strong)),
        Span::styled(format!("  {place}"), brush.style(Role::Accent)),
    ];
    let step = line.ticks.get(line.at).or(line.ticks.last()).map_or(0, |tick| tick.step);
    if let Some(heading) = line.steps.get(step) {
        let text = format!("  {}/{} {heading}", step + 1, line.steps.len());
        title.push(Span::styled(text, brush.style(Role::Text)));
    }
    let inside = paint::frame(buffer, area, brush, &Line::from(title), true);
    let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
    line.bar = Rect { height: 1, ..inside };
    draw_bar(buffer, line.bar, brush, line);
    if line.asking.is_some() {
        return ask(buffer, inside, brush, total - line.at);
    }
    let told = |at: Option<&Tick>| at.map(|t| t.text.lines().next().unwrap_or_default().to_owned());
    let before = line.at.checked_sub(1).and_then(|at| line.ticks.get(at));
    let y = inside.y + 1;
    let mut x = paint::put(
        buffer,
        inside,
        inside.x,
        y,
        &clock(before.map_or(0, |t| t.at_ms)),
        brush.style(Role::Faint),
    );
    let last = told(before).unwrap_or_else(|| brush.texts.say("time-line-start"));
    let half = usize::from(inside.width) * 6 / 10;
    x = paint::put(buffer, inside, x + 2, y, &measure::ellipsis(&last, half), brush.style(Role::Strong));
    let next = told(line.ticks.get(line.at)).map(|next| format!("{} {next}", brush.theme.marks.arrow));
    let next = next.unwrap_or_else(|| brush.texts.say("time-line-now"));
    paint::put(buffer, inside, x + 3, y, &next, brush.style(Role::Faint));
    let keys = brush.texts.say("time-line-keys");
    paint::put(buffer, inside, inside.x, inside.y + 2, &keys, brush.style(Role::BarKey));
}

fn ask(buffer: &mut Buffer, inside: Rect, brush: &Brush<'_>, later: usize) {
    let text = brush.texts.say_with("time-line-ask", &[("n", &later.to_string())]);
    let style = brush.style(Role::Coach).add_modifier(Modifier::BOLD);
    paint::put(buffer, inside, inside.x, inside.y + 1, &text, style);
    let keys = brush.texts.say("time-line-ask-keys");
    paint::put(buffer, inside, inside.x, inside.y + 2, &keys, brush.style(Role::BarKey));
}

/// Commands as marks; where a step begins, an upright line. Behind the place everything is full, before it hollow.
fn draw_bar(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, line: &TimeLine) {
    let marks = &brush.theme.marks;
    let here = line.column(line.at, area.width);
    for x in 0..area.width {
        let style = brush.style(if x <= here { Role::Good } else { Role::Border });
        paint::put(buffer, area, area.x + x, area.y, marks.frame[4], style);
    }
    for (index, _) in line.ticks.iter().enumerate() {
        let x = line.column(index + 1, area.width);
        let (mark, role) =
            if index < line.at { (marks.ready, Role::Good) } else { (marks.waiting, Role::Faint) };
        paint::put(buffer, area, area.x + x, area.y, mark, brush.style(role));
    }
    for at in (1..line.ticks.len()).filter(|at| line.begins_step(*at)) {
        let x = line.column(at, area.width);
        let role = if at <= line.at { Role::Good } else { Role::Text };
        paint::put(buffer, area, area.x + x, area.y, marks.route[1], brush.style(role));
    }
    let style = brush.style(Role::Accent).add_modifier(Modifier::BOLD | Modifier::REVERSED);
    paint::put(buffer, area, area.x + here, area.y, marks.dot, style);
}

#[cfg(test)]
mod tests {
    use super::{Tick, TimeLine};
    use crate::ui::app::Ask;
    use crate::ui::keymap;
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    /// Five commands, two in the first step; what the keys ask for last.
    fn check(keys: &[KeyCode], expect: &[Ask]) {
        let tick = |step| Tick { step, ..Tick::default() };
        let mut line = TimeLine::new([0, 0, 1, 1, 2].map(tick).to_vec(), Vec::new(), 4);
        let mut asked = Vec::new();
        for code in keys {
            let key = KeyEvent::new(*code, KeyModifiers::NONE);
            asked = line.key(key, keymap::command(key));
        }
        assert_eq!(asked, expect, "{keys:?}");
    }

    #[test]
    fn keys_go_by_command_and_by_step_and_end_at_the_ends() {
        use KeyCode::{End, Esc, F, Home, Left, PageDown, PageUp, Right};
        check(&[Left], &[Ask::Travel(3)]);
        check(&[F(3)], &[Ask::Travel(3)]);
        check(&[Right, Right, Right], &[Ask::Travel(5)]);
        check(&[PageUp], &[Ask::Travel(2)]);
        check(&[PageUp, PageUp], &[Ask::Travel(0)]);
        check(&[Home, PageDown], &[Ask::Travel(2)]);
        check(&[Home, Left], &[Ask::Travel(0)]);
        check(&[Home, End], &[Ask::Travel(5)]);
        check(&[Esc], &[Ask::Present]);
        check(&[F(12)], &[Ask::Present]);
    }

    #[test]
    fn going_on_in_the_past_is_asked_first() {
        use KeyCode::{Char, End, Enter, Esc};
        check(&[Enter], &[]);
        check(&[Enter, Enter], &[Ask::GoOnHere(None)]);
        check(&[Char('k'), Enter], &[Ask::GoOnHere(Some('k'))]);
        check(&[Char('k'), Esc], &[]);
        check(&[End, Enter], &[Ask::GoOnHere(None)]);
    }
}
