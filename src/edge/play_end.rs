//! What is kept of a session besides its inputs: how far the learner is, that the quest is complete, the certificate,
//! and what is said when the disk does not take it. None of it may stop the play.
#![allow(clippy::disallowed_methods, reason = "a certificate bears the day of the wall clock")]

use std::io;

use crate::edge::opening::Told;
use crate::edge::play_loop::PlayLoop;
use crate::edge::storage::{self, proper_name};
use crate::lesson::run::QuestRun;
use crate::session::Input;
use crate::session::journal::{Entry, Footer};
use crate::session::proof;
use crate::ui::app::Overlay;
use crate::ui::certificate::{Certificate, svg};

impl PlayLoop<'_> {
    /// How far the learner is. A disk that takes no progress does not stop the quest: the journal has it all.
    pub(super) fn save_progress(&mut self) {
        if let Some(run) = self.play.session().run() {
            self.storage.keep_progress(&self.name, run);
        }
    }

    /// Says what happened to the journal: briefly, or on a card that stays until it was read.
    pub(super) fn tell(&mut self, told: &Told) {
        let values: Vec<(&str, &str)> = told.values.iter().map(|(k, v)| (*k, v.as_str())).collect();
        if !told.grave {
            return self.say_with(told.key, &values);
        }
        let step = self.play.session().run().and_then(|run| {
            let id = &run.step()?.id;
            Some(run.quest().step_prose(self.language, id).heading.clone())
        });
        let mut text = self.ui.texts.say_with(told.key, &values);
        if let Some(step) = step {
            text = format!("{text}\n\n{}", self.ui.texts.say_with("resume-at", &[("step", &step)]));
        }
        self.ui.overlay = Some(Overlay::Told { text });
    }

    /// The disk did not take inputs: they have not happened, and a typed line is at the prompt again.
    pub(super) fn not_kept(&mut self, entries: &[Entry], error: &io::Error) {
        self.bell = true;
        if let Some(Input::Line { terminal, text }) = entries.first().map(|entry| &entry.input) {
            let reading = self.play.session().view(|w| w.terminals.get(terminal).and_then(|t| t.reading()));
            if let (Some(reading), Some(tab)) = (reading, self.ui.tab(*terminal)) {
                tab.give_back(&reading, text);
            }
        }
        let values = [("path", self.journal.path().display().to_string()), ("why", error.to_string())];
        let values: Vec<(&str, &str)> = values.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let text = self.ui.texts.say_with("not-kept", &values);
        self.ui.overlay = Some(Overlay::Told { text });
    }

    /// Once a quest is complete its journal says so, and there is a certificate.
    pub(super) fn note_completion(&mut self) {
        let complete = self.play.session().run().is_some_and(QuestRun::complete);
        if !complete || self.certificate.is_some() {
            return;
        }
        let now = jiff::Zoned::now().date().to_string();
        let footer = Footer { on: now, name: self.learner.name.clone(), ..Footer::of(self.play.session()) };
        if let Err(error) = self.journal.footer(&footer) {
            return self.not_kept(&[], &error);
        }
        self.make_certificate();
    }

    /// The learner signs with a name.
    pub(super) fn sign(&mut self, name: &str) {
        self.learner.name = proper_name(name);
        self.storage.save_learner(&self.learner).ok();
        self.make_certificate();
        self.stale = true;
    }

    /// Reads the journal as `kubejam check` does: what the certificate says is what the check will say.
    fn make_certificate(&mut self) {
        let Some(quest) = self.play.session().run().map(|run| run.quest().clone()) else { return };
        let text = std::fs::read(self.journal.path()).unwrap_or_default();
        let report = proof::examine(&text, &|_| Some(quest.clone()), &mut || true);
        let Some(mut certificate) = Certificate::of(&report, &quest, self.language) else { return };
        if !self.learner.name.is_empty() {
            certificate.name.clone_from(&self.learner.name);
        }
        let path = self.storage.journal_path(&self.name).with_extension("svg");
        certificate.file = path.display().to_string();
        storage::write_in_one_step(&path, svg(&certificate, &self.ui.texts).as_bytes()).ok();
        self.certificate = Some(certificate);
    }
}
