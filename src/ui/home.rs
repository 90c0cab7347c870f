//! The first screen: quests with progress, the chosen one opened up, sandbox, and the keys. Events in, one choice out.

use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::texts::Texts;
use crate::ui::theme::{Depth, Ground, Role, Theme};
use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

/// A quest as the home screen lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    pub id: String,
    pub title: String,
    /// One sentence.
    pub about: String,
    pub minutes: u32,
    pub done: usize,
    pub total: usize,
    /// Title of the step where the learner is; none when not begun.
    pub current: Option<String>,
    pub built: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    Start(String),
    Sandbox,
    Language,
    /// The other of the dark and the light theme.
    Theme,
    Quit,
}

#[derive(Debug)]
pub struct Home {
    pub cards: Vec<Card>,
    pub selected: usize,
    /// Why the last choice could not be opened; empty when it could.
    pub notice: String,
    hits: Vec<(Rect, Target)>,
}

/// What a click hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Entry(usize),
    Language,
    Theme,
    Quit,
}

const WIDTH: u16 = 78;
/// The chosen entry lies on a surface of the accent's colour.
const SURFACE: f32 = 0.14;
/// Steps are dots when there are no more than these.
const MAX_DOTS: usize = 40;

/// "KubeJam" in half blocks, three rows.
const LOGO: [&str; 3] = [
    "█ ▄▀ █  █ █▀▀▄ █▀▀    █ ▄▀▀▄ █▄ ▄█",
    "██▄  █  █ █▀▀▄ █▀▀ █  █ █▀▀█ █ ▀ █",
    "▀  ▀ ▀▀▀▀ ▀▀▀  ▀▀▀ ▀▀▀▀ ▀  ▀ ▀   ▀",
];

impl Home {
    /// The quest in play, or the next one, is selected.
    pub fn new(cards: Vec<Card>) -> Self {
        let playing = cards.iter().position(|c| c.built && c.current.is_some() && c.done < c.total);
        let next = cards.iter().position(|c| c.built && c.done < c.total);
        let selected = playing.or(next).or_else(|| cards.iter().position(|c| c.built)).unwrap_or(0);
        Self { cards, selected, notice: String::new(), hits: Vec::new() }
    }

    /// Quests, then the sandbox.
    fn count(&self) -> usize {
        self.cards.len() + 1
    }

    fn chosen(&self) -> Option<Choice> {
        match self.cards.get(self.selected) {
            Some(card) => card.built.then(|| Choice::Start(card.id.clone())),
            None => Some(Choice::Sandbox),
        }
    }

    pub fn handle(&mut self, event: &Event) -> Option<Choice> {
        if matches!(event, Event::Key(_)) {
            self.notice.clear();
        }
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => match key.code {
                KeyCode::Up | KeyCode::BackTab | KeyCode::Char('k') => self.step(self.count() - 1),
                KeyCode::Down | KeyCode::Tab | KeyCode::Char('j') => self.step(1),
                KeyCode::Home => self.selected = 0,
                KeyCode::End => self.selected = self.count() - 1,
                KeyCode::Enter | KeyCode::Char(' ') => return self.chosen(),
                KeyCode::Char('q' | 'c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => {
                    return Some(Choice::Quit);
                }
                KeyCode::Char('q' | 'Q' | 'ㅂ') | KeyCode::Esc => return Some(Choice::Quit),
                KeyCode::Char('l' | 'L' | 'ㅣ') => return Some(Choice::Language),
                KeyCode::Char('t' | 'T' | 'ㅅ') => return Some(Choice::Theme),
                KeyCode::Char('s' | 'S' | 'ㄴ') => return Some(Choice::Sandbox),
                KeyCode::Char(c @ '1'..='9') => {
                    let at = c as usize - '1' as usize;
                    if at < self.cards.len() {
                        self.selected = at;
                        return self.chosen();
                    }
                }
                _ => {}
            },
            Event::Mouse(mouse) => return self.mouse(*mouse),
            _ => {}
        }
        None
    }

    fn mouse(&mut self, mouse: MouseEvent) -> Option<Choice> {
        let at = Position::new(mouse.column, mouse.row);
        let hit = self.hits.iter().find(|(area, _)| area.contains(at)).map(|(_, target)| *target);
        match (mouse.kind, hit) {
            (MouseEventKind::Down(MouseButton::Left), Some(Target::Entry(entry))) => {
                // A click opens an entry up; a click on the open one plays it.
                let again = std::mem::replace(&mut self.selected, entry) == entry;
                if again { self.chosen() } else { None }
            }
            (MouseEventKind::Down(MouseButton::Left), Some(Target::Language)) => Some(Choice::Language),
            (MouseEventKind::Down(MouseButton::Left), Some(Target::Theme)) => Some(Choice::Theme),
            (MouseEventKind::Down(MouseButton::Left), Some(Target::Quit)) => Some(Choice::Quit),
            (MouseEventKind::ScrollDown, _) => {
                self.step(1);
                None
            }
            (MouseEventKind::ScrollUp, _) => {
                self.step(self.count() - 1);
                None
            }
            _ => None,
        }
    }

    fn step(&mut self, by: usize) {
        self.selected = (self.selected + by) % self.count();
    }

    /// Draws the screen; there is nothing to type, so no cursor.
    pub fn draw(&mut self, buffer: &mut Buffer, theme: &Theme, texts: &Texts) -> Option<Position> {
        let brush = Brush { theme, texts, now_ms: 0 };
        let window = buffer.area;
        self.hits.clear();
        if window.width < 40 || window.height < 12 {
            draw_tiny(buffer, &brush);
        } else {
            self.draw_entries(buffer, &brush);
            self.draw_keys(buffer, &brush);
        }
        paint::finish(buffer, theme);
        None
    }

    fn draw_entries(&mut self, buffer: &mut Buffer, brush: &Brush<'_>) {
        let window = Rect { height: buffer.area.height - 1, ..buffer.area };
        let width = WIDTH.min(window.width - 2);
        let abouts: Vec<Vec<Line<'static>>> =
            (0..self.count()).map(|at| self.about(brush, at, usize::from(width) - 9)).collect();
        // The longest decides, so that nothing moves up or down when another is chosen.
        let longest = abouts.iter().map(Vec::len).max().unwrap_or(0) as u16;
        let logo = window.height >= 19;
        let tagline = tagline(brush, width).len() as u16;
        let head = if logo { 4 } else { 1 } + tagline + 1;
        let rows = |lines: u16, gap: u16| {
            head + self.cards.iter().map(|c| 1 + u16::from(c.built) + gap).sum::<u16>() + 1 + lines
        };
        // What does not fit goes in this order: blank lines between, then words about the quest.
        let fits = [(longest, 1), (longest, 0), (4, 0), (3, 0), (2, 0), (1, 0)];
        let (lines, gap) = fits.into_iter().find(|(l, g)| rows(*l, *g) <= window.height).unwrap_or((0, 0));
        let area = paint::centered(window, width, rows(lines, gap).min(window.height));
        let mut y = draw_head(buffer, area, brush, logo);
        for (at, about) in abouts.iter().enumerate() {
            let built = self.cards.get(at).is_some_and(|c| c.built);
            let open = if at == self.selected { (about.len() as u16).min(lines) } else { 0 };
            let height = 1 + u16::from(built) + open;
            let place = Rect { y, height, ..area }.intersection(area);
            self.hits.push((place, Target::Entry(at)));
            if at == self.selected {
                let surface = brush.theme.surface(Role::Accent, SURFACE);
                buffer.set_style(place, surface);
                for row in place.y..place.bottom() {
                    paint::put(
                        buffer,
                        place,
                        place.x,
                        row,
                        brush.theme.marks.edge,
                        brush.style(Role::Accent),
                    );
                }
            }
            match self.cards.get(at) {
                Some(card) => draw_card(buffer, place, brush, card, at, at == self.selected),
                None => draw_sandbox(buffer, place, brush, at == self.selected),
            }
            let first = place.y + 1 + u16::from(built);
            for (y, line) in (first..place.bottom()).zip(about) {
                paint::put_line(buffer, place, place.x + 6, y, line);
            }
            y += height + gap;
        }
    }

    /// What an entry is about, wrapped.
    fn about(&self, brush: &Brush<'_>, at: usize, columns: usize) -> Vec<Line<'static>> {
        let text = match self.cards.get(at) {
            Some(card) => card.about.clone(),
            None => brush.texts.say("home-sandbox-note"),
        };
        if text.is_empty() {
            return Vec::new();
        }
        measure::wrap(&[Span::styled(text, brush.style(Role::Text))], columns, 0)
    }

    /// The bottom line: what the keys do, or why the last choice could not be opened.
    fn draw_keys(&mut self, buffer: &mut Buffer, brush: &Brush<'_>) {
        let window = buffer.area;
        if !self.notice.is_empty() {
            let span = Span::styled(self.notice.clone(), brush.style(Role::Bad));
            let lines = measure::wrap(&[span], usize::from(window.width).saturating_sub(4), 0);
            let top = window.bottom().saturating_sub(lines.len() as u16);
            for (row, line) in (top..).zip(lines) {
                paint::blank(buffer, Rect { y: row, height: 1, ..window });
                paint::put_line(buffer, window, window.x + 2, row, &line);
            }
            return;
        }
        let keys = [
            ("↑↓", "key-choose", None),
            ("Enter", "key-open", None),
            ("L", "home-language", Some(Target::Language)),
            (
                "T",
                if brush.theme.ground == Ground::Dark { "home-light" } else { "home-dark" },
                Some(Target::Theme),
            ),
            ("Q", "home-quit", Some(Target::Quit)),
        ];
        let y = window.bottom() - 1;
        let mut x = window.x + 1;
        for (key, label, target) in keys {
            if target == Some(Target::Theme) && brush.theme.depth == Depth::None {
                continue;
            }
            let from = x;
            x = paint::put(buffer, window, x, y, key, brush.style(Role::BarKey));
            x = paint::put(buffer, window, x + 1, y, &brush.texts.say(label), brush.style(Role::Bar));
            if let Some(target) = target {
                self.hits.push((Rect::new(from, y, x - from, 1), target));
            }
            x += 2;
        }
        let note = brush.texts.say("home-offline");
        let note_x = window.right().saturating_sub(measure::width(&note) as u16 + 1);
        if note_x > x + 1 {
            paint::put(buffer, window, note_x, y, &note, brush.style(Role::Faint));
        }
    }
}

fn draw_tiny(buffer: &mut Buffer, brush: &Brush<'_>) {
    let window = buffer.area;
    let have = format!("{}x{}", window.width, window.height);
    let text = brush.texts.say_with("tiny", &[("have", &have), ("need", "40x12")]);
    let spans = [Span::styled(text, brush.style(Role::Text))];
    for (row, line) in measure::wrap(&spans, usize::from(window.width), 0).iter().enumerate() {
        paint::put_line(buffer, window, 0, row as u16, line);
    }
}

fn draw_head(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, logo: bool) -> u16 {
    let mut y = area.y;
    let center = |width: usize| area.x + area.width.saturating_sub(width as u16) / 2;
    if logo && !brush.theme.ascii {
        for (row, line) in LOGO.iter().enumerate() {
            let x = center(measure::width(LOGO[0]));
            paint::put(buffer, area, x, y + row as u16, line, brush.theme.version(0));
        }
        y += 4;
    } else {
        let style = brush.style(Role::Accent).add_modifier(Modifier::BOLD);
        paint::put(buffer, area, center(7), y, "KubeJam", style);
        y += if logo { 4 } else { 1 };
    }
    for line in tagline(brush, area.width) {
        paint::put_line(buffer, area, center(line.width()), y, &line);
        y += 1;
    }
    y + 1
}

fn tagline(brush: &Brush<'_>, width: u16) -> Vec<Line<'static>> {
    let spans = [Span::styled(brush.texts.say("home-tagline"), brush.style(Role::Text))];
    measure::wrap(&spans, usize::from(width), 0)
}

fn title_style(brush: &Brush<'_>, selected: bool) -> Style {
    brush.style(if selected { Role::Strong } else { Role::Text }).add_modifier(Modifier::BOLD)
}

fn draw_card(buffer: &mut Buffer, at: Rect, brush: &Brush<'_>, card: &Card, index: usize, selected: bool) {
    let number = (index + 1).to_string();
    let x = paint::put(buffer, at, at.x + 3, at.y, &number, brush.style(Role::BarKey));
    let style = if card.built { title_style(brush, selected) } else { brush.style(Role::Gone) };
    let (mut state, role) = state(brush, card);
    if measure::width(&card.title) + measure::width(&state) + 10 > usize::from(at.width) {
        state.clear();
    }
    let state_x = at.right().saturating_sub(measure::width(&state) as u16 + 2);
    let room = Rect { width: state_x.saturating_sub(at.x + 1), ..at };
    paint::put(buffer, room, x + 2, at.y, &card.title, style);
    paint::put(buffer, at, state_x.max(x), at.y, &state, brush.style(role));
    if at.height < 2 || !card.built {
        return;
    }
    let x = draw_progress(buffer, at, brush, card);
    let action = match (&card.current, is_done(card)) {
        (_, true) => brush.texts.say("home-again"),
        (Some(step), false) => format!("{}: {step}", brush.texts.say("home-continue")),
        (None, false) => brush.texts.say("home-start"),
    };
    let role = if selected { Role::Accent } else { Role::Faint };
    let text = format!("{} {action}", brush.theme.marks.arrow);
    let room = Rect { width: at.width.saturating_sub(2), ..at };
    paint::put(buffer, room, x + 2, at.y + 1, &text, brush.style(role));
}

/// A dot for every step; the column after them.
fn draw_progress(buffer: &mut Buffer, at: Rect, brush: &Brush<'_>, card: &Card) -> u16 {
    let marks = &brush.theme.marks;
    let (y, x) = (at.y + 1, at.x + 6);
    if card.total > MAX_DOTS || usize::from(at.width) < card.total + 20 {
        let (full, empty) = paint::bar(brush, 10, card.done as f32 / card.total.max(1) as f32);
        let x = paint::put(buffer, at, x, y, &full, brush.style(Role::Good));
        return paint::put(buffer, at, x, y, &empty, brush.style(Role::Faint));
    }
    let done = marks.ready.repeat(card.done.min(card.total));
    let x = paint::put(buffer, at, x, y, &done, brush.style(Role::Good));
    let here = usize::from(card.current.is_some() && card.done < card.total);
    let x = paint::put(buffer, at, x, y, &marks.half.repeat(here), brush.style(Role::Busy));
    let open = marks.waiting.repeat(card.total.saturating_sub(card.done + here));
    paint::put(buffer, at, x, y, &open, brush.style(Role::Faint))
}

fn draw_sandbox(buffer: &mut Buffer, at: Rect, brush: &Brush<'_>, selected: bool) {
    let x = paint::put(buffer, at, at.x + 3, at.y, "S", brush.style(Role::BarKey));
    paint::put(buffer, at, x + 2, at.y, &brush.texts.say("home-sandbox"), title_style(brush, selected));
}

fn is_done(card: &Card) -> bool {
    card.total > 0 && card.done >= card.total
}

/// How far the learner is with a quest, in words.
fn state(brush: &Brush<'_>, card: &Card) -> (String, Role) {
    if !card.built {
        return (brush.texts.say("home-not-built"), Role::Gone);
    }
    if is_done(card) {
        return (format!("{} {}", brush.theme.marks.check, brush.texts.say("home-done")), Role::Good);
    }
    if card.done > 0 || card.current.is_some() {
        let (done, total) = (card.done.to_string(), card.total.to_string());
        return (brush.texts.say_with("home-steps", &[("done", &done), ("total", &total)]), Role::Busy);
    }
    (brush.texts.say_with("home-minutes", &[("n", &card.minutes.to_string())]), Role::Faint)
}
