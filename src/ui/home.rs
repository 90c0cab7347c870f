//! The first screen: quests with progress, sandbox, language. Events in, one choice out.

use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::texts::Texts;
use crate::ui::theme::{Role, Theme};
use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;

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
    Quit,
}

#[derive(Debug)]
pub struct Home {
    pub cards: Vec<Card>,
    pub selected: usize,
    /// Why the last choice could not be opened; empty when it could.
    pub notice: String,
    hits: Vec<(Rect, usize)>,
}

const WIDTH: u16 = 78;

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

    /// Quests, then sandbox, language, quit.
    fn count(&self) -> usize {
        self.cards.len() + 3
    }

    fn chosen(&self) -> Option<Choice> {
        let beyond = self.selected.checked_sub(self.cards.len());
        match beyond {
            None => {
                let card = &self.cards[self.selected];
                card.built.then(|| Choice::Start(card.id.clone()))
            }
            Some(0) => Some(Choice::Sandbox),
            Some(1) => Some(Choice::Language),
            Some(_) => Some(Choice::Quit),
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
                KeyCode::Char('q') | KeyCode::Esc => return Some(Choice::Quit),
                KeyCode::Char('l') => return Some(Choice::Language),
                KeyCode::Char('s') => return Some(Choice::Sandbox),
                KeyCode::Char(c @ '1'..='9') => {
                    let at = c as usize - '1' as usize;
                    if at < self.cards.len() {
                        self.selected = at;
                        return self.chosen();
                    }
                }
                _ => {}
            },
            Event::Mouse(mouse) => {
                let at = Position::new(mouse.column, mouse.row);
                let hit = self.hits.iter().find(|(area, _)| area.contains(at)).map(|(_, entry)| *entry);
                match (mouse.kind, hit) {
                    (MouseEventKind::Down(MouseButton::Left), Some(entry)) => {
                        self.selected = entry;
                        return self.chosen();
                    }
                    (MouseEventKind::ScrollDown, _) => self.step(1),
                    (MouseEventKind::ScrollUp, _) => self.step(self.count() - 1),
                    _ => {}
                }
            }
            _ => {}
        }
        None
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
            let text = texts.say_with(
                "tiny",
                &[("have", &format!("{}x{}", window.width, window.height)), ("need", "40x12")],
            );
            let spans = [ratatui::text::Span::styled(text, brush.style(Role::Text))];
            for (row, line) in measure::wrap(&spans, usize::from(window.width), 0).iter().enumerate() {
                paint::put_line(buffer, window, 0, row as u16, line);
            }
            return None;
        }
        let width = WIDTH.min(window.width - 2);
        let logo = window.height >= 20;
        let abouts: Vec<Vec<ratatui::text::Line<'static>>> =
            self.cards.iter().map(|card| about(&brush, card, usize::from(width).saturating_sub(6))).collect();
        // What does not fit goes in this order: the words about a quest, the blank lines between.
        let fixed = if logo { 6 } else { 3 } + 4;
        let rows = |lines: u16, gap: u16| -> u16 {
            let card = |(card, about): (&Card, &Vec<_>)| {
                1 + u16::from(card.built) + lines.min(about.len() as u16) + gap
            };
            self.cards.iter().zip(&abouts).map(card).sum::<u16>() + fixed
        };
        let fits = [(4, 1), (3, 1), (2, 1), (1, 1), (0, 1), (0, 0)];
        let (lines, gap) = fits.into_iter().find(|(l, g)| rows(*l, *g) <= window.height).unwrap_or((0, 0));
        let area = paint::centered(window, width, rows(lines, gap).min(window.height));
        let mut y = self.draw_head(buffer, area, &brush, logo);
        for (at, about) in abouts.iter().enumerate() {
            let mut shown = about[..about.len().min(usize::from(lines))].to_vec();
            if let Some(last) = shown.last_mut().filter(|_| about.len() > usize::from(lines)) {
                last.spans.push(ratatui::text::Span::styled(" …", brush.style(Role::Faint)));
            }
            let height = 1 + u16::from(self.cards[at].built) + shown.len() as u16;
            let card = Rect { y, height, ..area }.intersection(area);
            self.draw_card(buffer, card, &brush, at, &shown);
            y += height + gap;
        }
        self.draw_tail(buffer, area, &brush, y);
        None
    }

    fn draw_head(&self, buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, logo: bool) -> u16 {
        let mut y = area.y;
        let center = |text: &str| area.x + area.width.saturating_sub(measure::width(text) as u16) / 2;
        if logo && !brush.theme.ascii {
            for (row, line) in LOGO.iter().enumerate() {
                let style = brush.theme.version(0);
                paint::put(buffer, area, center(LOGO[0]), y + row as u16, line, style);
            }
            y += 4;
        } else {
            let style = brush.style(Role::Accent).add_modifier(Modifier::BOLD);
            paint::put(buffer, area, center("KubeJam"), y, "KubeJam", style);
            y += 1;
        }
        let tagline = brush.texts.say("home-tagline");
        let spans = [ratatui::text::Span::styled(tagline, brush.style(Role::Text))];
        for line in measure::wrap(&spans, usize::from(area.width), 0) {
            let x = area.x + area.width.saturating_sub(line.width() as u16) / 2;
            paint::put_line(buffer, area, x, y, &line);
            y += 1;
        }
        y + 1
    }

    fn draw_card(
        &mut self,
        buffer: &mut Buffer,
        area: Rect,
        brush: &Brush<'_>,
        at: usize,
        about: &[ratatui::text::Line<'static>],
    ) {
        let card = &self.cards[at];
        let selected = at == self.selected;
        self.hits.push((area, at));
        let marks = &brush.theme.marks;
        let name_role = if !card.built {
            Role::Gone
        } else if selected {
            Role::Strong
        } else {
            Role::Text
        };
        if selected {
            paint::put(buffer, area, area.x, area.y, marks.right, brush.style(Role::Accent));
        }
        let style = brush.style(name_role).add_modifier(Modifier::BOLD);
        let x = paint::put(buffer, area, area.x + 2, area.y, &format!("{}  {}", at + 1, card.title), style);
        let (state, role) = self.state(brush, card);
        let state_x = area.right().saturating_sub(measure::width(&state) as u16 + 1).max(x + 2);
        paint::put(buffer, area, state_x, area.y, &state, brush.style(role));
        if area.height < 2 {
            return;
        }
        let dots: String =
            (0..card.total).map(|n| if n < card.done { marks.ready } else { marks.waiting }).collect();
        let mut x = area.x + 5;
        if card.built {
            x = paint::put(
                buffer,
                area,
                x,
                area.y + 1,
                &dots,
                brush.style(if card.done > 0 { Role::Good } else { Role::Faint }),
            ) + 2;
            let action = match (&card.current, card.done >= card.total && card.total > 0) {
                (_, true) => brush.texts.say("home-again"),
                (Some(step), false) => format!("{}: {step}", brush.texts.say("home-continue")),
                (None, false) => brush.texts.say("home-start"),
            };
            let role = if selected { Role::Accent } else { Role::Faint };
            paint::put(buffer, area, x, area.y + 1, &format!("{} {action}", marks.arrow), brush.style(role));
        }
        for (row, line) in about.iter().enumerate() {
            let y = area.y + 1 + u16::from(card.built) + row as u16;
            paint::put_line(buffer, area, area.x + 5, y, line);
        }
    }

    fn state(&self, brush: &Brush<'_>, card: &Card) -> (String, Role) {
        if !card.built {
            return (brush.texts.say("home-not-built"), Role::Gone);
        }
        if card.total > 0 && card.done >= card.total {
            return (format!("{} {}", brush.theme.marks.check, brush.texts.say("home-done")), Role::Good);
        }
        if card.done > 0 || card.current.is_some() {
            let (done, total) = (card.done.to_string(), card.total.to_string());
            return (brush.texts.say_with("home-steps", &[("done", &done), ("total", &total)]), Role::Busy);
        }
        (brush.texts.say_with("home-minutes", &[("n", &card.minutes.to_string())]), Role::Faint)
    }

    fn draw_tail(&mut self, buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, mut y: u16) {
        let entries = [
            ("S", brush.texts.say("home-sandbox"), brush.texts.say("home-sandbox-note")),
            ("L", brush.texts.say("home-language"), String::new()),
            ("Q", brush.texts.say("home-quit"), String::new()),
        ];
        for (at, (key, text, note)) in entries.into_iter().enumerate() {
            if y >= area.bottom() {
                return;
            }
            let entry = self.cards.len() + at;
            let selected = entry == self.selected;
            self.hits.push((Rect { y, height: 1, ..area }, entry));
            if selected {
                paint::put(buffer, area, area.x, y, brush.theme.marks.right, brush.style(Role::Accent));
            }
            let x = paint::put(buffer, area, area.x + 2, y, key, brush.style(Role::BarKey));
            let style = brush.style(if selected { Role::Strong } else { Role::Text });
            let x = paint::put(buffer, area, x + 2, y, &text, style);
            paint::put(buffer, area, x + 2, y, &note, brush.style(Role::Faint));
            y += 1;
        }
        if !self.notice.is_empty() {
            let span = ratatui::text::Span::styled(self.notice.clone(), brush.style(Role::Bad));
            let lines = measure::wrap(&[span], usize::from(area.width).saturating_sub(4), 0);
            let top = buffer.area.bottom().saturating_sub(lines.len() as u16).max(y);
            for (row, line) in (top..).zip(lines) {
                paint::put_line(buffer, buffer.area, area.x + 2, row, &line);
            }
        } else if y + 1 < area.bottom() {
            let text = brush.texts.say("home-offline");
            paint::put(buffer, area, area.x + 2, y + 1, &text, brush.style(Role::Faint));
        }
    }
}

/// What a quest is about, wrapped.
fn about(brush: &Brush<'_>, card: &Card, columns: usize) -> Vec<ratatui::text::Line<'static>> {
    if card.about.is_empty() {
        return Vec::new();
    }
    let span = ratatui::text::Span::styled(card.about.clone(), brush.style(Role::Faint));
    measure::wrap(&[span], columns, 0)
}
