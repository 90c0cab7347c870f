//! One session on the screen: keys to inputs, inputs to the journal and the session, effects to the interface, and
//! frames when something changed. Sleeps until a key, the session's next wake-up or the next frame of a motion.
#![allow(clippy::disallowed_methods, reason = "this is where virtual time meets the wall clock")]

use std::time::{Duration, Instant};

use anyhow::Result;
use crossterm::event::{self, Event};

use crate::base::SimTime;
use crate::cluster::api::http::Answer;
use crate::edge::display::Display;
use crate::edge::journal_file::JournalFile;
use crate::edge::kube_http::door::Door;
use crate::edge::opening::Told;
use crate::edge::pacing::{Pacing, STEP};
use crate::edge::play_past::{Past, in_words};
use crate::edge::storage::{Learner, Storage};
use crate::edge::terminal::Look;
use crate::lesson::course::Language;
use crate::lesson::run::Event as QuestEvent;
use crate::programs;
use crate::session::play::Play;
use crate::session::{Effect, Input};
use crate::shell;
use crate::ui::app::{Ask, Ui};
use crate::ui::bars::speed_text;
use crate::ui::certificate::Certificate;
use crate::ui::derive::{self, chronicle::Chronicle};
use crate::ui::terminal::popup::{Candidate, Completions};
use crate::ui::terminal::tab::{Asking, Tab};
use crate::ui::texts::Texts;
use crate::ui::theme::Theme;
use crate::ui::view::{Pace, View};
use crate::world::TerminalId;
use crate::world::tty::Size;

/// Virtual time that a skip may run ahead.
const LONGEST_SKIP: Duration = Duration::from_secs(30 * 60);
/// Wall time that a skip may take before a frame is shown again.
const SKIP_PATIENCE: Duration = Duration::from_millis(1500);
/// The clock's digits change this often while time runs.
const TICK: Duration = Duration::from_secs(1);
/// Steps of the session between two frames, so that a busy world cannot starve the keys.
const MAX_CATCH_UP: Duration = Duration::from_secs(60);

/// Why the loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// Back to the home screen.
    Home,
    /// Out of the program.
    Quit,
}

/// A session on the screen.
pub struct PlayLoop<'a> {
    pub(super) play: Play,
    pub(super) journal: JournalFile,
    pub(super) storage: &'a Storage,
    pub(super) language: Language,
    pub(super) ui: Ui,
    pub(super) view: View,
    pub(super) chronicle: Chronicle,
    pub(super) pacing: Pacing,
    pub(super) began: Instant,
    /// The view is older than the session.
    pub(super) stale: bool,
    /// The screen is older than view or interface.
    pub(super) dirty: bool,
    pub(super) bell: bool,
    /// The terminals' size as the session knows it.
    pub(super) size: Size,
    pub(super) journal_full: bool,
    /// The journal's name, under which progress is kept as well.
    pub(super) name: String,
    pub(super) learner: Learner,
    /// While the learner looks back.
    pub(super) past: Option<Past>,
    pub(super) certificate: Option<Certificate>,
    /// The API server's, while clients outside may call.
    pub(super) door: Option<Door>,
    /// What the last call from outside was answered.
    pub(super) api_reply: Option<Answer>,
    /// The session's time when those who listen outside were told last.
    pub(super) told_outside: Option<SimTime>,
}

impl<'a> PlayLoop<'a> {
    pub fn new(
        play: Play,
        journal: JournalFile,
        storage: &'a Storage,
        name: &str,
        look: &Look,
        theme: Theme,
    ) -> Self {
        let wall = Instant::now();
        let now = play.session().now();
        let size = play.session().start().size;
        PlayLoop {
            play,
            journal,
            storage,
            language: look.language,
            ui: Ui::new(theme, Texts::new(look.language), look.still),
            view: View::default(),
            chronicle: Chronicle::default(),
            pacing: Pacing::new(look.speed, wall, now),
            began: wall,
            stale: true,
            dirty: true,
            bell: false,
            size,
            journal_full: false,
            name: name.to_owned(),
            learner: Learner::default(),
            past: None,
            certificate: None,
            door: None,
            api_reply: None,
            told_outside: None,
        }
    }

    /// Runs until the learner leaves. `effects` are the session's so far; `told` is what happened to its journal.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn run(&mut self, display: &mut Display, effects: Vec<Effect>, told: Option<Told>) -> Result<Leave> {
        self.replayed(effects)?;
        if let Some(told) = told {
            self.tell(&told);
        }
        loop {
            self.pass_time()?;
            self.receive_visits()?;
            self.draw(display)?;
            if let Some(leave) = self.wait(display)? {
                return Ok(leave);
            }
        }
    }

    pub(super) fn now_ms(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }

    /// The clock stands while nothing will happen by itself.
    pub(super) fn idle(&self) -> bool {
        self.past.is_some() || self.play.session().next_wakeup().is_none()
    }

    /// Brings the session to the present.
    fn pass_time(&mut self) -> Result<()> {
        let wall = Instant::now();
        let session_now = self.play.session().now();
        if self.idle() {
            self.pacing.set(wall, session_now);
            return Ok(());
        }
        let mut to = self.pacing.now(wall);
        if to > session_now + MAX_CATCH_UP {
            // After the computer slept, time goes on from where it was.
            to = session_now + MAX_CATCH_UP;
            self.pacing.set(wall, to);
        }
        if to > session_now {
            let due = self.play.session().next_wakeup().is_some_and(|at| at <= to);
            if due {
                let effects = self.play.advance(to);
                self.stale = true;
                self.apply(effects)?;
            }
        }
        Ok(())
    }

    /// Makes the view anew when the session has changed.
    fn refresh(&mut self, now_ms: u64) {
        if self.stale {
            self.view = match &mut self.past {
                Some(past) => derive::view(past.play.session(), &mut past.chronicle, self.language),
                None => derive::view(self.play.session(), &mut self.chronicle, self.language),
            };
            if let Some(finish) = self.view.quest.as_mut().and_then(|q| q.finished.as_mut()) {
                finish.certificate.clone_from(&self.certificate);
            }
            self.ui.take_in(&self.view, now_ms);
            self.stale = false;
            self.dirty = true;
        }
    }

    fn draw(&mut self, display: &mut Display) -> Result<()> {
        let now_ms = self.now_ms();
        let wall = Instant::now();
        self.refresh(now_ms);
        if self.ui.next_frame_ms.is_some_and(|due| now_ms >= due) {
            self.ui.take_in(&self.view, now_ms);
            self.dirty = true;
        }
        let begin = self.play.session().start().at;
        let shown = match &self.past {
            Some(past) => past.play.session().now(),
            None if self.idle() => self.play.session().now(),
            None => self.pacing.now(wall),
        };
        let clock_ms = shown.0.saturating_sub(begin.0);
        if clock_ms / 1000 != self.view.clock_ms / 1000 {
            self.dirty = true;
        }
        self.view.clock_ms = clock_ms;
        if self.dirty {
            let pace = Pace { speed: self.pacing.speed(), paused: self.pacing.paused(), idle: self.idle() };
            let mut frame = display.frame();
            let cursor = self.ui.draw(&mut frame, &self.view, pace, now_ms);
            display.show(frame, cursor)?;
            self.dirty = false;
            if let Some(text) = self.ui.copied.take() {
                display.copy(&text);
            }
        }
        if std::mem::take(&mut self.bell) {
            display.bell();
        }
        Ok(())
    }

    /// When something is due without a key: a frame, the session, the clock's next second.
    fn due(&self, wall: Instant) -> Option<Instant> {
        let frame = self.ui.next_frame_ms.map(|ms| self.began + Duration::from_millis(ms));
        let next = if self.past.is_some() { None } else { self.play.session().next_wakeup() };
        let session = next.and_then(|at| self.pacing.due(at, wall));
        let ticking = !self.idle() && !self.pacing.paused();
        let tick = ticking.then(|| wall + TICK.div_f32(self.pacing.speed().max(1.0)));
        [frame, session, tick].into_iter().flatten().min()
    }

    /// Sleeps until something is due or a key comes, then takes all keys there are.
    fn wait(&mut self, display: &mut Display) -> Result<Option<Leave>> {
        let wall = Instant::now();
        let some = match self.due(wall).into_iter().chain(self.next_look_outside(wall)).min() {
            Some(due) => event::poll(due.saturating_duration_since(wall))?,
            None => true,
        };
        if !some {
            return Ok(None);
        }
        loop {
            let event = event::read()?;
            if let Event::Resize(width, height) = event {
                display.resize(width, height);
            }
            self.dirty = true;
            if let Some(leave) = self.event(&event)? {
                return Ok(Some(leave));
            }
            if !event::poll(Duration::ZERO)? {
                return Ok(None);
            }
        }
    }

    fn event(&mut self, event: &Event) -> Result<Option<Leave>> {
        self.pass_time()?;
        let now_ms = self.now_ms();
        self.refresh(now_ms);
        let play = &self.play;
        let complete = |terminal: u32, line: &str, cursor: usize| complete(play, terminal, line, cursor);
        for ask in self.ui.handle(event, &self.view, &complete, now_ms) {
            if let Some(leave) = self.ask(ask)? {
                return Ok(Some(leave));
            }
        }
        Ok(None)
    }

    fn ask(&mut self, ask: Ask) -> Result<Option<Leave>> {
        match ask {
            Ask::Line { terminal, text } => self.line(terminal, text)?,
            Ask::Interrupt { terminal, typed } => self.input(Input::Interrupt { terminal, typed })?,
            Ask::Eof { terminal } => self.input(Input::EndOfFile { terminal })?,
            Ask::Suspend { terminal } => self.input(Input::Suspend { terminal })?,
            Ask::OpenTerminal => self.input(Input::OpenTerminal)?,
            Ask::Edited { terminal, bytes, .. } => {
                let text = bytes.map(|b| String::from_utf8_lossy(&b).into_owned());
                self.input(Input::FileSaved { terminal, text })?;
            }
            Ask::Hint => self.hint()?,
            Ask::Predict { choice } => self.predict(choice)?,
            Ask::Next => self.input(Input::Advance)?,
            Ask::Undo => self.undo(Input::Undo)?,
            Ask::Redo => self.undo(Input::Redo)?,
            Ask::TimeLine => self.look_back()?,
            Ask::Travel(commands) => self.travel(commands)?,
            Ask::GoOnHere(typed) => self.go_on_here(typed)?,
            Ask::Present => self.return_to_present(),
            Ask::Name(name) => self.sign(&name),
            Ask::Pause => self.pacing.toggle_pause(Instant::now()),
            Ask::StepTime => self.step_time()?,
            Ask::Speed => {
                self.pacing.next_speed(Instant::now());
                let x = speed_text(self.pacing.speed());
                self.say_with("speed-now", &[("x", &x)]);
            }
            Ask::SkipWait => self.skip_wait()?,
            Ask::Bell => self.bell = true,
            Ask::Copy(_) => {}
            Ask::Home => return Ok(Some(Leave::Home)),
            Ask::Quit => return Ok(Some(Leave::Quit)),
        }
        Ok(None)
    }

    pub(super) fn say_with(&mut self, key: &str, values: &[(&str, &str)]) {
        let text = self.ui.texts.say_with(key, values);
        let now_ms = self.now_ms();
        self.ui.notify(text, now_ms);
    }

    /// A line, after the size that its program will ask for.
    fn line(&mut self, terminal: TerminalId, text: String) -> Result<()> {
        let inside = self.ui.terminal_inside;
        let size = Size { cols: inside.width.max(2), rows: inside.height.max(1) };
        if size != self.size && inside.area() > 0 {
            self.size = size;
            self.input(Input::Resize { terminal, size })?;
        }
        self.input(Input::Line { terminal, text })
    }

    fn input(&mut self, input: Input) -> Result<()> {
        self.inputs(input, 1).map(drop)
    }

    /// Journal first, then the session, then the screen. What the journal does not take does not happen.
    pub(super) fn inputs(&mut self, input: Input, times: usize) -> Result<bool> {
        let wall = Instant::now();
        let at = if self.idle() { self.play.session().now() } else { self.pacing.now(wall) };
        let Some(entry) = self.play.entry(at, input) else {
            self.bell = true;
            return Ok(false);
        };
        let entries = vec![entry; times];
        if let Err(error) = self.journal.entries(&entries) {
            self.not_kept(&entries, &error);
            return Ok(false);
        }
        let played = self.play.handle(entries);
        self.stale = true;
        if played.afresh {
            self.begin_afresh(played.effects)?;
        } else {
            self.apply(played.effects)?;
        }
        // Whatever happens next is counted from the moment it was caused.
        if !self.pacing.paused() {
            self.pacing.set(wall, self.play.session().now());
        }
        Ok(true)
    }

    fn hint(&mut self) -> Result<()> {
        let more = self.view.quest.as_ref().is_some_and(|q| q.step.more_hints);
        if more {
            return self.input(Input::Hint);
        }
        self.say_with("no-more-hints", &[]);
        Ok(())
    }

    fn predict(&mut self, choice: usize) -> Result<()> {
        let question = self.play.session().run().and_then(|run| run.open_question());
        let Some(choice) = question.and_then(|q| q.choices.get(choice)).cloned() else { return Ok(()) };
        self.input(Input::Predict { choice })
    }

    fn undo(&mut self, input: Input) -> Result<()> {
        let can = if input == Input::Undo { self.play.can_undo() } else { self.play.can_redo() };
        if !can {
            self.say_with("nothing-to-undo", &[]);
            return Ok(());
        }
        let key = if input == Input::Undo { "undo-done" } else { "redo-done" };
        let last = |all: &Self| all.play.points().last().map(|point| in_words(&all.ui.texts, &point.input));
        let before = last(self);
        if !self.inputs(input, 1)? {
            return Ok(());
        }
        let what = if key == "undo-done" { before } else { last(self) };
        self.say_with(key, &[("what", &what.unwrap_or_default())]);
        let wall = Instant::now();
        self.pacing.set(wall, self.play.session().now());
        Ok(())
    }

    /// While paused, one second; paused first when it was not.
    fn step_time(&mut self) -> Result<()> {
        let wall = Instant::now();
        if !self.pacing.paused() {
            self.pacing.toggle_pause(wall);
        }
        let to = self.pacing.now(wall) + STEP;
        let effects = self.play.advance(to);
        self.pacing.set(wall, self.play.session().now().max(to));
        self.stale = true;
        self.apply(effects)
    }

    /// Runs ahead until the command in front returns.
    fn skip_wait(&mut self) -> Result<()> {
        let Some(terminal) = self.ui.tabs.get(self.ui.active).map(|t| t.id) else { return Ok(()) };
        if !self.play.session().is_busy(terminal) {
            self.say_with("nothing-to-skip", &[]);
            return Ok(());
        }
        let (wall, until) = (Instant::now(), self.play.session().now() + LONGEST_SKIP);
        while self.play.session().is_busy(terminal) && wall.elapsed() < SKIP_PATIENCE {
            let Some(next) = self.play.session().next_wakeup().filter(|at| *at <= until) else { break };
            let effects = self.play.advance(next);
            self.apply(effects)?;
        }
        self.stale = true;
        self.pacing.set(Instant::now(), self.play.session().now());
        Ok(())
    }

    /// After an undo the terminals are written anew; what the interface holds of each comes along.
    fn begin_afresh(&mut self, effects: Vec<Effect>) -> Result<()> {
        let active = self.ui.active;
        self.ui.tabs.clear();
        self.ui.editor = None;
        self.chronicle = Chronicle::default();
        self.replayed(effects)?;
        self.ui.active = active.min(self.ui.tabs.len().saturating_sub(1));
        Ok(())
    }

    /// Effects of inputs that are in the journal already: they are shown, and nothing is noted again.
    fn replayed(&mut self, effects: Vec<Effect>) -> Result<()> {
        self.apply(effects.into_iter().filter(|e| !matches!(e, Effect::Quest(_))).collect())?;
        self.restore_histories();
        self.ui.bring_asking_tab();
        self.save_progress();
        self.note_completion();
        Ok(())
    }

    /// Every tab's history from the commands the world remembers.
    fn restore_histories(&mut self) {
        restore_histories(&self.play, &mut self.ui.tabs);
    }

    /// What the session wants shown. Lines of a paste that wait for a prompt are sent on.
    pub(super) fn apply(&mut self, effects: Vec<Effect>) -> Result<()> {
        let mut lines = Vec::new();
        for effect in effects {
            self.dirty = true;
            match effect {
                Effect::Output { .. } | Effect::Prompt { .. } | Effect::NoPrompt { .. } => {
                    lines.extend(self.hand_to_tab(effect));
                }
                Effect::Edit { terminal, request } => {
                    self.ui.edit(terminal, &request.program, &request.path, &request.bytes);
                }
                Effect::TerminalOpened { terminal } => self.with_tab(terminal, |_| {}),
                Effect::TerminalClosed { terminal } => self.ui.close_tab(terminal),
                Effect::Quest(event) => self.quest_event(&event)?,
                Effect::ApiReply { answer } => self.api_reply = Some(answer),
                Effect::Bell => self.bell = true,
            }
        }
        for (terminal, text) in lines {
            self.line(terminal, text)?;
        }
        if self.ui.tabs.is_empty() && !self.journal_full {
            self.input(Input::OpenTerminal)?;
            self.journal_full = self.ui.tabs.is_empty();
        }
        Ok(())
    }

    /// Output and prompts go to their tab; the next line of a paste may come back.
    pub(super) fn hand_to_tab(&mut self, effect: Effect) -> Option<(TerminalId, String)> {
        let mut line = None;
        match effect {
            Effect::Output { terminal, bytes } => self.with_tab(terminal, |tab| tab.write(&bytes)),
            Effect::Prompt { terminal, reading } => self.with_tab(terminal, |tab| {
                if reading.shell {
                    let continuation = reading.prompt == "> ";
                    line = tab.prompt(&reading.prompt, continuation).map(|line| (terminal, line));
                } else {
                    tab.program_reads(reading.echo);
                }
            }),
            Effect::NoPrompt { terminal } => self.with_tab(terminal, |tab| {
                tab.asking = Asking::Program { echo: true };
            }),
            _ => {}
        }
        line
    }

    /// Terminals write before they are announced: a tab is there from the first mention on.
    fn with_tab(&mut self, terminal: TerminalId, act: impl FnOnce(&mut Tab)) {
        if self.ui.tab(terminal).is_none() {
            self.ui.open_tab(terminal);
        }
        if let Some(tab) = self.ui.tab(terminal) {
            act(tab);
        }
    }

    fn quest_event(&mut self, event: &QuestEvent) -> Result<()> {
        match event {
            QuestEvent::QuestComplete => {
                self.save_progress();
                self.note_completion();
            }
            QuestEvent::StepBegan { .. } => self.save_progress(),
            QuestEvent::StepPassed { step } => {
                self.inputs(Input::Passed { step: step.clone() }, 1)?;
                self.save_progress();
            }
            _ => {}
        }
        Ok(())
    }
}

/// Every tab's history from the commands the world remembers.
pub(super) fn restore_histories(play: &Play, tabs: &mut [Tab]) {
    let lines: Vec<(Option<TerminalId>, String)> = play
        .session()
        .view(|w| w.history.iter().map(|record| (record.terminal, record.line.clone())).collect());
    for tab in tabs {
        for (_, line) in lines.iter().filter(|(terminal, _)| *terminal == Some(tab.id)) {
            tab.history.push(line);
        }
    }
}

/// What could stand at the cursor.
fn complete(play: &Play, terminal: TerminalId, line: &str, cursor: usize) -> Completions {
    let found = play.session().view(|world| {
        let view = world.terminals.get(&terminal)?.prompt_view()?;
        Some(shell::complete::complete(world, &view, line, cursor, programs::complete::find))
    });
    let Some(found) = found else { return Completions::default() };
    let candidates = found.candidates.into_iter().map(|candidate| Candidate {
        text: candidate.text,
        label: candidate.label,
        note: candidate.note,
        complete: candidate.complete,
    });
    Completions { start: found.start, candidates: candidates.collect() }
}
