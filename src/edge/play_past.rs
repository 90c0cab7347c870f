//! Looking back: the session as it was after each command, on the screen in place of the present, and going on from
//! there. The present stands still meanwhile; nothing of the past is kept. Must never change what counts without
//! having asked.
#![allow(clippy::disallowed_methods, reason = "coming back to the present, time runs on from now")]

use anyhow::Result;

use crate::edge::play_loop::PlayLoop;
use crate::lesson::course::Language;
use crate::session::play::Play;
use crate::session::{Effect, Input};
use crate::ui::derive::chronicle::Chronicle;
use crate::ui::terminal::tab::Tab;
use crate::ui::texts::Texts;
use crate::ui::time_line::{Tick, TimeLine};

/// A moment of the past on the screen.
pub struct Past {
    pub play: Play,
    pub chronicle: Chronicle,
    /// Commands that had been given; with all of them it is the present.
    commands: usize,
    /// The present's tabs, put by.
    tabs: Vec<Tab>,
    active: usize,
}

impl PlayLoop<'_> {
    /// Opens the time line at the last command.
    pub(super) fn look_back(&mut self) -> Result<()> {
        let points = self.play.points();
        if points.is_empty() {
            self.say_with("nothing-to-undo", &[]);
            return Ok(());
        }
        let language = self.language;
        let titles = self.play.session().run().map(|run| titles(run.quest(), language));
        let texts = &self.ui.texts;
        let tick = |point: &crate::session::play::Point| Tick {
            at_ms: point.at_ms,
            step: point.step,
            text: in_words(texts, &point.input),
        };
        let ticks: Vec<Tick> = points.iter().map(tick).collect();
        let last = ticks.len().saturating_sub(1);
        self.ui.time_line = Some(TimeLine::new(ticks, titles.unwrap_or_default(), last));
        self.travel(last)
    }

    /// Shows the session as it was when so many commands had been given.
    pub(super) fn travel(&mut self, commands: usize) -> Result<()> {
        let effects = match &mut self.past {
            Some(past) if past.commands == commands => return Ok(()),
            // Onwards it only goes on; backwards it begins anew.
            Some(past) if past.commands + 1 == commands => {
                past.commands = commands;
                past.play.past_forward(self.play.session().now())
            }
            _ => {
                let (play, effects) = self.play.past(commands);
                let chronicle = Chronicle::default();
                let (tabs, active) = match self.past.take() {
                    Some(past) => (past.tabs, past.active),
                    None => (std::mem::take(&mut self.ui.tabs), self.ui.active),
                };
                self.ui.tabs.clear();
                self.past = Some(Past { play, chronicle, commands, tabs, active });
                effects
            }
        };
        self.show_past(effects);
        self.stale = true;
        self.dirty = true;
        Ok(())
    }

    /// Output and prompts of the past go into its tabs; nothing else is acted on.
    fn show_past(&mut self, effects: Vec<Effect>) {
        let before = self.ui.active;
        for effect in effects {
            match effect {
                Effect::TerminalClosed { terminal } => self.ui.close_tab(terminal),
                Effect::Output { .. } | Effect::Prompt { .. } | Effect::NoPrompt { .. } => {
                    self.hand_to_tab(effect);
                }
                _ => {}
            }
        }
        self.ui.active = before.min(self.ui.tabs.len().saturating_sub(1));
    }

    /// Goes on from the moment on the screen: what came after it is taken back.
    pub(super) fn go_on_here(&mut self, typed: Option<char>) -> Result<()> {
        let Some(past) = &self.past else { return Ok(()) };
        let times = self.play.points().len().saturating_sub(past.commands);
        self.return_to_present();
        if times > 0 && self.inputs(Input::Undo, times)? {
            self.say_with("went-back", &[("n", &times.to_string())]);
        }
        if let (Some(typed), Some(tab)) = (typed, self.ui.tabs.get_mut(self.ui.active)) {
            tab.paste(&typed.to_string());
        }
        Ok(())
    }

    /// Back to the present, which has not moved.
    pub(super) fn return_to_present(&mut self) {
        self.ui.time_line = None;
        if let Some(past) = self.past.take() {
            self.ui.tabs = past.tabs;
            self.ui.active = past.active;
        }
        let now = self.play.session().now();
        self.pacing.set(std::time::Instant::now(), now);
        self.stale = true;
        self.dirty = true;
    }
}

/// The headings of all steps.
fn titles(quest: &crate::lesson::course::Quest, language: Language) -> Vec<String> {
    let steps = quest.lesson.steps.iter();
    steps.map(|step| quest.step_prose(language, &step.id).heading.clone()).collect()
}

/// An input in words, for the notice after an undo and for the time line.
pub(super) fn in_words(texts: &Texts, input: &Input) -> String {
    match input {
        Input::Line { text, .. } => text.clone(),
        Input::Interrupt { .. } => "Ctrl-C".to_owned(),
        Input::Suspend { .. } => "Ctrl-Z".to_owned(),
        Input::EndOfFile { .. } => "Ctrl-D".to_owned(),
        Input::FileSaved { .. } => texts.say("did-edit"),
        Input::Predict { .. } => texts.say("did-answer"),
        Input::Api { call } => {
            format!("{} {}", call.method, call.target.split('?').next().unwrap_or_default())
        }
        Input::Hint => format!("F2 {}", texts.say("key-hint")),
        Input::Advance => format!("F8 {}", texts.say("key-next")),
        other => format!("{other:?}").split([' ', '{']).next().unwrap_or_default().to_owned(),
    }
}
