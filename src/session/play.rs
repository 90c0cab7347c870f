//! A session with its journal: what is typed is kept, can be taken back and put back. Taking back is replaying
//! without the last input; nothing is ever cloned. Must never write the journal anywhere; `edge::storage` does.

use crate::base::SimTime;

use super::journal::{ENTRY_LIMIT, Entry};
use super::{Effect, Input, Session, Start};

/// A session in play.
pub struct Play {
    session: Session,
    /// The inputs that count.
    entries: Vec<Entry>,
    /// Inputs that were taken back, the last one first.
    undone: Vec<Entry>,
}

/// What an input did: the line for the journal, and what to show.
pub struct Played {
    /// To be written before the effects are shown. `None` when the journal is full.
    pub entry: Option<Entry>,
    /// What the interface must do.
    pub effects: Vec<Effect>,
    /// Whether the effects are the whole session's from its beginning: terminals start empty.
    pub afresh: bool,
}

impl Play {
    /// A new session; its first effects come along.
    pub fn begin(start: Start) -> (Self, Vec<Effect>) {
        let mut session = Session::new(start);
        let effects = session.take_effects();
        (Play { session, entries: Vec::new(), undone: Vec::new() }, effects)
    }

    /// A session after everything in a journal; all its effects come along.
    pub fn resume(start: Start, entries: Vec<Entry>) -> (Self, Vec<Effect>) {
        let (mut play, mut effects) = Play::begin(start);
        for entry in entries {
            match entry.input {
                Input::Undo => play.pop(),
                Input::Redo => play.entries.extend(play.undone.pop()),
                _ => {
                    play.undone.clear();
                    play.entries.push(entry);
                }
            }
        }
        effects.extend(play.replay());
        (play, effects)
    }

    /// The session as it is.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The inputs that count, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether something can be put back.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Whether something can be taken back.
    pub fn can_undo(&self) -> bool {
        self.entries.iter().any(|entry| entry.input.is_command())
    }

    /// Answers an input.
    pub fn handle(&mut self, at: SimTime, input: Input) -> Played {
        let at = at.max(self.session.now());
        let entry = Entry { at: at.0 - self.session.start().at.0, input };
        if self.entries.len() >= ENTRY_LIMIT {
            return Played { entry: None, effects: vec![Effect::Bell], afresh: false };
        }
        match entry.input {
            Input::Undo | Input::Redo => self.step_back_or_forth(entry),
            _ => {
                self.undone.clear();
                self.entries.push(entry.clone());
                let effects = self.session.handle(at, entry.input.clone());
                Played { entry: Some(entry), effects, afresh: false }
            }
        }
    }

    /// Lets time pass.
    pub fn advance(&mut self, to: SimTime) -> Vec<Effect> {
        self.session.advance(to)
    }

    fn step_back_or_forth(&mut self, entry: Entry) -> Played {
        let possible = if entry.input == Input::Undo { self.can_undo() } else { self.can_redo() };
        if !possible {
            return Played { entry: None, effects: vec![Effect::Bell], afresh: false };
        }
        let until = if entry.input == Input::Undo {
            self.pop();
            self.undone.last().map(|e| e.at)
        } else {
            self.entries.extend(self.undone.pop());
            None
        };
        let start = self.session.start().clone();
        let begin = start.at;
        self.session = Session::new(start);
        let mut effects = self.session.take_effects();
        effects.extend(self.replay());
        if let Some(at) = until {
            effects.extend(self.session.advance(SimTime(begin.0.saturating_add(at))));
        }
        Played { entry: Some(entry), effects, afresh: true }
    }

    /// Takes back the last command and everything after it.
    fn pop(&mut self) {
        while let Some(entry) = self.entries.pop() {
            let was_command = entry.input.is_command();
            if was_command {
                self.undone.push(entry);
                return;
            }
        }
    }

    fn replay(&mut self) -> Vec<Effect> {
        let begin = self.session.start().at;
        let mut effects = Vec::new();
        for entry in &self.entries {
            let at = SimTime(begin.0.saturating_add(entry.at));
            effects.extend(self.session.handle(at, entry.input.clone()));
        }
        effects
    }
}
