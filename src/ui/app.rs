//! The interface's own state: which pane has the focus, what is scrolled where, open tabs, editors, overlays.
//!
//! Events go in and become at most a few things to ask of the session; drawing is in `screen`. Nothing here may
//! hold or change the truth about cluster or machine.

use crate::ui::certificate;
use crate::ui::editor::Editor;
use crate::ui::keymap::{self, Command};
use crate::ui::layout::{Focus, Layout, Picture, Wish};
use crate::ui::lesson_foot;
use crate::ui::lesson_pane::{Laid, Scrolled};
use crate::ui::stage::Stage;
use crate::ui::terminal::pane::Selection;
use crate::ui::terminal::popup::Completions;
use crate::ui::terminal::tab::{Act, Asking, Tab};
use crate::ui::texts::Texts;
use crate::ui::theme::Theme;
use crate::ui::time_line::TimeLine;
use crate::ui::view::View;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::layout::Rect;

/// Terminals open at once.
pub const MAX_TABS: usize = 9;
const NOTICE_MS: u64 = 3500;

/// What the interface asks the loop around it to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    Line {
        terminal: u32,
        text: String,
    },
    Interrupt {
        terminal: u32,
        typed: String,
    },
    Eof {
        terminal: u32,
    },
    Suspend {
        terminal: u32,
    },
    OpenTerminal,
    /// An editor was left; none: without saving.
    Edited {
        terminal: u32,
        path: String,
        bytes: Option<Vec<u8>>,
    },
    Hint,
    Predict {
        choice: usize,
    },
    Next,
    Undo,
    Redo,
    TimeLine,
    /// Show the session as it was after so many commands.
    Travel(usize),
    /// Go on from there; what was typed goes to the prompt.
    GoOnHere(Option<char>),
    /// Back to the present.
    Present,
    /// The name for the certificate.
    Name(String),
    Pause,
    StepTime,
    Speed,
    SkipWait,
    Bell,
    Copy(String),
    Home,
    Quit,
}

/// What lies over the panes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Overlay {
    Help {
        page: usize,
    },
    Story {
        selected: usize,
    },
    Complete {
        since_ms: u64,
        name: Option<String>,
    },
    /// Something to read; any key closes it.
    Told {
        text: String,
    },
}

/// What a click hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    Tab(usize),
    NewTab,
    Picture(Picture),
    Lesson,
    /// A choice of the open question.
    Choice(usize),
    Key(Command),
}

/// Answers what could stand at the cursor: terminal, line, byte offset.
pub type Complete<'a> = &'a dyn Fn(u32, &str, usize) -> Completions;

#[derive(Debug)]
pub struct Ui {
    pub theme: Theme,
    pub texts: Texts,
    pub stage: Stage,
    pub laid: Laid,
    pub tabs: Vec<Tab>,
    pub active: usize,
    pub focus: Focus,
    pub zoom: Option<Focus>,
    pub picture: Picture,
    pub lesson_in_front: bool,
    /// Where the learner scrolled the lesson to; none: wherever attention is wanted.
    pub lesson_scroll: Option<usize>,
    pub lesson_at: Scrolled,
    pub overlay: Option<Overlay>,
    /// While the past is on the screen.
    pub time_line: Option<TimeLine>,
    pub editor: Option<(u32, Editor)>,
    pub notice: Option<(String, u64)>,
    pub selection: Option<Selection>,
    pub selecting: bool,
    pub copy_wanted: bool,
    pub copied: Option<String>,
    pub hits: Vec<(Rect, Hit)>,
    pub layout: Layout,
    /// The inside of the terminal pane in the last frame.
    pub terminal_inside: Rect,
    /// Esc put the open prediction aside: its step's id.
    pub predict_aside: Option<String>,
    /// Set by drawing: when the next frame is due by itself.
    pub next_frame_ms: Option<u64>,
    /// What the coach said when the lesson was last on the screen.
    pub heard: Option<String>,
    shown_step: String,
    /// What attention was wanted for last: step, answers, hints, done.
    wanted: (String, usize, usize, bool),
}

impl Ui {
    pub fn new(theme: Theme, texts: Texts, still: bool) -> Self {
        Self {
            theme,
            texts,
            stage: Stage::new(still),
            laid: Laid::default(),
            tabs: Vec::new(),
            active: 0,
            focus: Focus::Terminal,
            zoom: None,
            picture: Picture::Cluster,
            lesson_in_front: true,
            lesson_scroll: None,
            lesson_at: Scrolled::default(),
            overlay: None,
            time_line: None,
            editor: None,
            notice: None,
            selection: None,
            selecting: false,
            copy_wanted: false,
            copied: None,
            hits: Vec::new(),
            layout: Layout::default(),
            terminal_inside: Rect::default(),
            predict_aside: None,
            next_frame_ms: None,
            heard: None,
            shown_step: String::new(),
            wanted: Default::default(),
        }
    }

    /// The view changed: scenes go on stage, a new step is shown from its first line.
    pub fn take_in(&mut self, view: &View, now_ms: u64) {
        self.stage.take_in(&view.scene, now_ms);
        let Some(quest) = &view.quest else { return };
        if self.shown_step != quest.step.id {
            self.shown_step = quest.step.id.clone();
            self.lesson_in_front = true;
            self.predict_aside = None;
        }
        let step = &quest.step;
        let wants = (step.id.clone(), step.answered.len(), step.hints.len(), step.done);
        if self.wanted != wants {
            self.wanted = wants;
            self.lesson_scroll = None;
            if step.done {
                self.lesson_in_front = true;
            }
        }
    }

    pub fn tab(&mut self, id: u32) -> Option<&mut Tab> {
        self.tabs.iter_mut().find(|t| t.id == id)
    }

    /// A new tab for terminal `id`, in front.
    pub fn open_tab(&mut self, id: u32) {
        let history = self.tabs.first().map_or(Vec::new(), |t| t.history.entries().to_vec());
        let inside = self.terminal_inside;
        let (rows, columns) = if inside.area() > 0 { (inside.height, inside.width) } else { (24, 80) };
        self.tabs.push(Tab::new(id, rows, columns, history));
        self.active = self.tabs.len() - 1;
    }

    /// Brings a terminal to the front whose shell asks for a command, unless that in front does: who comes back to a
    /// session is not to type into a program that runs there.
    pub fn bring_asking_tab(&mut self) {
        let asks = |tab: &Tab| matches!(tab.asking, Asking::Shell { .. });
        if !self.tabs.get(self.active).is_some_and(asks)
            && let Some(at) = self.tabs.iter().position(asks)
        {
            self.active = at;
        }
    }

    pub fn close_tab(&mut self, id: u32) {
        self.tabs.retain(|t| t.id != id);
        self.active = self.active.min(self.tabs.len().saturating_sub(1));
    }

    /// A program wants a file edited in its terminal.
    pub fn edit(&mut self, terminal: u32, program: &str, path: &str, bytes: &[u8]) {
        self.editor = Some((terminal, Editor::open(program, path, bytes)));
        if let Some(at) = self.tabs.iter().position(|t| t.id == terminal) {
            self.active = at;
        }
        self.focus = Focus::Terminal;
    }

    pub fn notify(&mut self, text: String, now_ms: u64) {
        self.notice = Some((text, now_ms + NOTICE_MS));
    }

    pub fn editing(&self) -> bool {
        let active = self.tabs.get(self.active).map(|t| t.id);
        self.editor.as_ref().is_some_and(|(terminal, _)| Some(*terminal) == active)
    }

    pub fn wish(&self, view: &View) -> Wish {
        Wish {
            zoom: self.zoom,
            editing: self.editing(),
            lesson_in_front: self.lesson_in_front,
            has_lesson: view.quest.is_some(),
            machine_beside: view.scene.cluster.is_some() && self.picture == Picture::Cluster,
        }
    }

    /// Takes one event.
    pub fn handle(&mut self, event: &Event, view: &View, complete: Complete<'_>, now_ms: u64) -> Vec<Ask> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => self.key(*key, view, complete, now_ms),
            Event::Paste(text) => self.paste(text),
            Event::Mouse(mouse) => self.mouse(*mouse, view),
            _ => Vec::new(),
        }
    }

    fn paste(&mut self, text: &str) -> Vec<Ask> {
        if self.overlay.is_some() || self.time_line.is_some() {
            return Vec::new();
        }
        if self.editing() {
            if let Some((_, editor)) = &mut self.editor {
                editor.paste(text);
            }
            return Vec::new();
        }
        self.focus = Focus::Terminal;
        match self.tabs.get_mut(self.active).map(|t| t.paste(text)) {
            Some(Act::Bell) => vec![Ask::Bell],
            _ => Vec::new(),
        }
    }

    fn key(&mut self, key: KeyEvent, view: &View, complete: Complete<'_>, now_ms: u64) -> Vec<Ask> {
        self.selection = None;
        self.notice = None;
        let command = keymap::command(key);
        if command == Some(Command::Quit) && !self.editing() {
            return vec![Ask::Quit];
        }
        if self.overlay.is_some() {
            return self.overlay_key(key, command, view);
        }
        if let Some(time_line) = &mut self.time_line {
            return time_line.key(key, command);
        }
        if self.editing() && self.focus == Focus::Terminal {
            let f_key = matches!(key.code, KeyCode::F(_));
            return match command {
                Some(command) if f_key => self.command(command, view, now_ms),
                _ => self.editor_key(key),
            };
        }
        if let Some(choice) = self.prediction_key(key, view) {
            return choice;
        }
        if let Some(command) = command {
            return self.command(command, view, now_ms);
        }
        if self.focus != Focus::Terminal && self.scroll_key(key, view) {
            return Vec::new();
        }
        self.terminal_key(key, view, complete, now_ms)
    }

    fn editor_key(&mut self, key: KeyEvent) -> Vec<Ask> {
        let Some((terminal, editor)) = &mut self.editor else { return Vec::new() };
        let rows = self.terminal_inside.height;
        if !editor.key(key, rows) {
            return Vec::new();
        }
        let ask = Ask::Edited { terminal: *terminal, path: editor.path().to_owned(), bytes: editor.saved() };
        self.editor = None;
        vec![ask]
    }

    /// A digit answers an open question while nothing is typed.
    fn prediction_key(&mut self, key: KeyEvent, view: &View) -> Option<Vec<Ask>> {
        let step = view.quest.as_ref().map(|q| &q.step)?;
        let question = step.question.as_ref()?;
        let typed =
            self.tabs.get(self.active).is_some_and(|t| !t.editor.text().is_empty() || t.search.is_some());
        if typed || self.predict_aside.as_ref() == Some(&step.id) {
            return None;
        }
        match key.code {
            KeyCode::Esc => {
                self.predict_aside = Some(step.id.clone());
                Some(Vec::new())
            }
            KeyCode::Char(c) if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => {
                let choice = (0..question.choices.len()).find(|at| lesson_foot::choice_key(*at) == c)?;
                Some(vec![Ask::Predict { choice }])
            }
            _ => None,
        }
    }

    fn command(&mut self, command: Command, view: &View, now_ms: u64) -> Vec<Ask> {
        match command {
            Command::Help => self.overlay = Some(Overlay::Help { page: 0 }),
            Command::Story => self.overlay = Some(Overlay::Story { selected: 0 }),
            Command::Zoom => self.zoom = if self.zoom.is_some() { None } else { Some(self.focus) },
            Command::View => self.next_view(view),
            Command::NextPane => self.next_pane(view),
            Command::NextTab => self.step_tab(1),
            Command::PreviousTab => self.step_tab(self.tabs.len().saturating_sub(1)),
            Command::NewTab if self.tabs.len() >= MAX_TABS => {
                let n = self.tabs.len().to_string();
                let text = self.texts.say_with("terminal-too-many", &[("n", &n)]);
                self.notify(text, now_ms);
                return vec![Ask::Bell];
            }
            Command::NewTab => return vec![Ask::OpenTerminal],
            Command::Hint => {
                self.lesson_in_front = true;
                return vec![Ask::Hint];
            }
            Command::Undo => return vec![Ask::Undo],
            Command::Redo => return vec![Ask::Redo],
            Command::TimeLine => return vec![Ask::TimeLine],
            Command::Pause => return vec![Ask::Pause],
            Command::StepTime => return vec![Ask::StepTime],
            Command::Speed => return vec![Ask::Speed],
            Command::SkipWait => return vec![Ask::SkipWait],
            Command::Next => return self.next(view, now_ms),
            Command::Quit => return vec![Ask::Quit],
        }
        Vec::new()
    }

    /// On from a finished step; after the last one comes the quest-complete screen.
    fn next(&mut self, view: &View, now_ms: u64) -> Vec<Ask> {
        if view.quest.as_ref().is_some_and(|q| q.finished.is_some()) {
            self.overlay = Some(Overlay::Complete { since_ms: now_ms, name: None });
            return Vec::new();
        }
        vec![Ask::Next]
    }

    fn step_tab(&mut self, by: usize) {
        if !self.tabs.is_empty() {
            self.active = (self.active + by) % self.tabs.len();
            self.focus = Focus::Terminal;
        }
    }

    /// In a small window the lesson is one of the views.
    fn next_view(&mut self, view: &View) {
        if self.layout.tabbed && self.lesson_in_front && view.quest.is_some() {
            self.lesson_in_front = false;
            self.picture = Picture::Cluster;
            return;
        }
        self.picture = match self.picture {
            Picture::Cluster => Picture::Machine,
            _ => {
                self.lesson_in_front = true;
                Picture::Cluster
            }
        };
    }

    fn next_pane(&mut self, view: &View) {
        let order = [Focus::Terminal, Focus::Lesson, Focus::Picture];
        let at = order.iter().position(|f| *f == self.focus).unwrap_or(0);
        self.focus = order[(at + 1) % order.len()];
        if self.focus == Focus::Lesson && view.quest.is_none() {
            self.focus = Focus::Picture;
        }
        match self.focus {
            Focus::Lesson => self.lesson_in_front = true,
            Focus::Picture => self.lesson_in_front = false,
            Focus::Terminal => {}
        }
        if self.zoom.is_some() {
            self.zoom = Some(self.focus);
        }
    }

    /// Scrolling keys of a pane other than the terminal. Anything else is for the prompt.
    fn scroll_key(&mut self, key: KeyEvent, _view: &View) -> bool {
        let page = usize::from(self.layout.lesson.map_or(10, |r| r.height)).saturating_sub(4).max(1) as isize;
        let rows = match key.code {
            KeyCode::Up => -1,
            KeyCode::Down => 1,
            KeyCode::PageUp => -page,
            KeyCode::PageDown => page,
            KeyCode::Home => isize::MIN / 2,
            KeyCode::End => isize::MAX / 2,
            KeyCode::Esc => {
                self.focus = Focus::Terminal;
                return true;
            }
            _ => {
                self.focus = Focus::Terminal;
                if self.zoom.is_some() {
                    self.zoom = None;
                }
                return false;
            }
        };
        if self.focus == Focus::Lesson {
            self.scroll_lesson(rows);
        }
        true
    }

    pub fn scroll_lesson(&mut self, rows: isize) {
        let Scrolled { from, most } = self.lesson_at;
        self.lesson_scroll = Some(from.saturating_add_signed(rows).min(most));
    }

    fn terminal_key(&mut self, key: KeyEvent, view: &View, complete: Complete<'_>, now_ms: u64) -> Vec<Ask> {
        let page = isize::from(self.terminal_inside.height.saturating_sub(1).max(1) as i16);
        let Some(tab) = self.tabs.get_mut(self.active) else { return Vec::new() };
        match key.code {
            KeyCode::PageUp => tab.scroll(page),
            KeyCode::PageDown if tab.back > 0 => tab.scroll(-page),
            KeyCode::PageDown => self.scroll_lesson(page),
            _ => {
                let id = tab.id;
                let empty = tab.at_prompt() && tab.editor.text().is_empty() && tab.search.is_none();
                let done = view.quest.as_ref().is_some_and(|q| q.step.done);
                if key.code == KeyCode::Enter && empty && done {
                    return self.next(view, now_ms);
                }
                return match tab.key(key, &|line, cursor| complete(id, line, cursor)) {
                    Act::Line(text) => vec![Ask::Line { terminal: id, text }],
                    Act::Interrupt(typed) => vec![Ask::Interrupt { terminal: id, typed }],
                    Act::Eof => vec![Ask::Eof { terminal: id }],
                    Act::Suspend => vec![Ask::Suspend { terminal: id }],
                    Act::Bell => vec![Ask::Bell],
                    Act::Nothing | Act::Pass => Vec::new(),
                };
            }
        }
        Vec::new()
    }

    fn overlay_key(&mut self, key: KeyEvent, command: Option<Command>, view: &View) -> Vec<Ask> {
        match &mut self.overlay {
            Some(Overlay::Help { page }) => match key.code {
                KeyCode::PageDown | KeyCode::Right | KeyCode::Char(' ') | KeyCode::Down => *page += 1,
                KeyCode::PageUp | KeyCode::Left | KeyCode::Up => *page = page.saturating_sub(1),
                _ => self.overlay = None,
            },
            Some(Overlay::Story { selected }) => {
                let most = view.story.len().saturating_sub(1);
                match key.code {
                    KeyCode::Up => *selected = (*selected + 1).min(most),
                    KeyCode::Down => *selected = selected.saturating_sub(1),
                    KeyCode::PageUp => *selected = (*selected + 10).min(most),
                    KeyCode::PageDown => *selected = selected.saturating_sub(10),
                    KeyCode::Home => *selected = most,
                    KeyCode::End => *selected = 0,
                    // The clock can be run while reading.
                    _ if matches!(command, Some(Command::Pause)) => return vec![Ask::Pause],
                    _ if matches!(command, Some(Command::StepTime)) => return vec![Ask::StepTime],
                    _ => self.overlay = None,
                }
            }
            Some(Overlay::Complete { name, .. }) => match certificate::key(name, key) {
                certificate::Act::Nothing => {}
                certificate::Act::Name(name) => return vec![Ask::Name(name)],
                certificate::Act::Stay => self.overlay = None,
                certificate::Act::Home => {
                    self.overlay = None;
                    return vec![Ask::Home];
                }
            },
            Some(Overlay::Told { .. }) => self.overlay = None,
            None => {}
        }
        Vec::new()
    }
}
