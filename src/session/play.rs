//! A session with its journal: what is typed is kept, can be taken back and put back. Taking back is replaying
//! without the last inputs; nothing is ever cloned. Must never write the journal anywhere; `edge::storage` does.

use crate::base::SimTime;
use crate::world::TerminalId;

use super::journal::{ENTRY_LIMIT, Entry, SPAN_LIMIT_MS};
use super::ledger::{Kept, Ledger};
use super::{Effect, Input, Session, Start};

/// Bytes of a replay's output that are handed on; what was shown before that has scrolled out of reach.
const REPLAY_OUTPUT_LIMIT_BYTES: usize = 4 * 1024 * 1024;

/// A session in play.
pub struct Play {
    session: Session,
    ledger: Ledger,
    /// The step that was on the screen when each input that counts came.
    steps: Vec<usize>,
}

/// What inputs did.
pub struct Played {
    /// What the interface must do.
    pub effects: Vec<Effect>,
    /// Whether the effects are the whole session's from its beginning: terminals start empty.
    pub afresh: bool,
}

/// A command on the time line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// When, in milliseconds since the beginning.
    pub at_ms: u64,
    /// The step that was on the screen.
    pub step: usize,
    /// What was done.
    pub input: Input,
}

impl Play {
    /// A new session; its first effects come along.
    pub fn begin(start: Start) -> (Self, Vec<Effect>) {
        let mut session = Session::new(start);
        let effects = session.take_effects();
        (Play { session, ledger: Ledger::default(), steps: Vec::new() }, effects)
    }

    /// A session after everything in a journal; its effects come along.
    pub fn resume(start: Start, entries: Vec<Entry>) -> (Self, Vec<Effect>) {
        let (mut play, first) = Play::begin(start);
        for entry in entries {
            play.ledger.take(entry);
        }
        let until = play.ledger.kept().len();
        let effects = play.replay(first, until);
        (play, effects)
    }

    /// The session as it was when so many commands had been given, just before the next one came; the interface
    /// looks at it and throws it away.
    pub fn past(&self, commands: usize) -> (Self, Vec<Effect>) {
        let (mut past, first) = Play::begin(self.session.start().clone());
        past.ledger = self.ledger.clone();
        let until = self.position(commands);
        let mut effects = past.replay(first, until);
        let then = self.ledger.kept().get(until).map(|next| past.moment(next.entry.at));
        effects.extend(past.session.advance(then.unwrap_or_else(|| self.session.now())));
        (past, effects)
    }

    /// Lets a session of the past go on by one command; after the last one, to the present at `now`.
    pub fn past_forward(&mut self, now: SimTime) -> Vec<Effect> {
        let from = self.steps.len();
        let mut effects = Vec::new();
        let mut commands = 0;
        for index in from..self.ledger.kept().len() {
            let entry = self.ledger.kept()[index].entry.clone();
            commands += usize::from(entry.input.is_command());
            if commands > 1 {
                effects.extend(self.session.advance(self.moment(entry.at)));
                return effects;
            }
            self.steps.push(self.step_index());
            effects.extend(self.session.handle(self.moment(entry.at), entry.input));
        }
        effects.extend(self.session.advance(now));
        effects
    }

    /// The session as it is.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The inputs that count, oldest first.
    pub fn kept(&self) -> &[Kept] {
        self.ledger.kept()
    }

    /// Commands that count: the places of the time line, besides its beginning.
    pub fn points(&self) -> Vec<Point> {
        let point = |(kept, step): (&Kept, &usize)| Point {
            at_ms: kept.entry.at,
            step: *step,
            input: kept.entry.input.clone(),
        };
        let inputs = self.ledger.kept().iter().zip(&self.steps);
        inputs.filter(|(kept, _)| kept.entry.input.is_command()).map(point).collect()
    }

    /// Whether something can be put back.
    pub fn can_redo(&self) -> bool {
        self.ledger.redoable() > 0
    }

    /// Whether something can be taken back.
    pub fn can_undo(&self) -> bool {
        self.ledger.commands() > 0
    }

    /// An input as the journal will keep it, before anything has come of it. `None` when there is nothing to take
    /// back or put back, or the journal is full.
    pub fn entry(&self, at: SimTime, input: Input) -> Option<Entry> {
        let possible = match input {
            Input::Undo => self.can_undo(),
            Input::Redo => self.can_redo(),
            _ => true,
        };
        let at = at.max(self.session.now());
        let at = at.0.saturating_sub(self.session.start().at.0);
        let room = self.ledger.taken() < ENTRY_LIMIT && at <= SPAN_LIMIT_MS;
        (possible && room).then_some(Entry { at, input })
    }

    /// Answers inputs that are in the journal. Several are several steps back, or forth.
    pub fn handle(&mut self, entries: Vec<Entry>) -> Played {
        let mut effects = Vec::new();
        let mut afresh = false;
        for entry in entries {
            let turned = matches!(entry.input, Input::Undo | Input::Redo);
            afresh |= turned;
            if !self.ledger.take(entry.clone()) || turned {
                continue;
            }
            self.steps.push(self.step_index());
            let at = self.moment(entry.at);
            effects.extend(self.session.handle(at, entry.input));
        }
        if afresh {
            effects = self.begin_again();
        }
        Played { effects, afresh }
    }

    /// Lets time pass.
    pub fn advance(&mut self, to: SimTime) -> Vec<Effect> {
        self.session.advance(to)
    }

    /// After something was taken back, time stands where it had been done.
    fn begin_again(&mut self) -> Vec<Effect> {
        self.session = Session::new(self.session.start().clone());
        self.steps.clear();
        let first = self.session.take_effects();
        let mut effects = self.replay(first, self.ledger.kept().len());
        if let Some(at) = self.ledger.undone_at() {
            effects.extend(self.session.advance(self.moment(at)));
        }
        effects
    }

    /// The place among all inputs after so many commands and what belongs to them.
    fn position(&self, commands: usize) -> usize {
        let mut seen = 0;
        let next = self.ledger.kept().iter().position(|kept| {
            seen += usize::from(kept.entry.input.is_command());
            seen > commands
        });
        next.unwrap_or(self.ledger.kept().len())
    }

    fn step_index(&self) -> usize {
        self.session.run().map_or(0, crate::lesson::run::QuestRun::step_index)
    }

    fn moment(&self, at_ms: u64) -> SimTime {
        SimTime(self.session.start().at.0.saturating_add(at_ms))
    }

    /// Plays what counts, up to a place. What a learner cannot see any more is left out of the effects.
    fn replay(&mut self, first: Vec<Effect>, until: usize) -> Vec<Effect> {
        let mut seen = Seen { effects: first, bytes: 0 };
        for index in 0..until {
            let entry = self.ledger.kept()[index].entry.clone();
            self.steps.push(self.step_index());
            seen.take(self.session.handle(self.moment(entry.at), entry.input));
        }
        let session = &self.session;
        let edits = |terminal: TerminalId| {
            session.view(|w| w.terminals.get(&terminal).is_some_and(crate::world::Tty::is_editing))
        };
        seen.end(&edits)
    }
}

/// The effects of a replay, as far as they still matter.
struct Seen {
    effects: Vec<Effect>,
    bytes: usize,
}

impl Seen {
    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Output { terminal, bytes } = &effect {
                self.bytes += bytes.len();
                if let Some(Effect::Output { terminal: last, bytes: all }) = self.effects.last_mut()
                    && last == terminal
                {
                    all.extend_from_slice(bytes);
                    continue;
                }
            }
            self.effects.push(effect);
        }
        if self.bytes > 2 * REPLAY_OUTPUT_LIMIT_BYTES {
            self.shed();
        }
    }

    /// Drops the oldest output.
    fn shed(&mut self) {
        let mut excess = self.bytes.saturating_sub(REPLAY_OUTPUT_LIMIT_BYTES);
        self.bytes -= excess;
        for effect in &mut self.effects {
            if let Effect::Output { bytes, .. } = effect {
                let cut = excess.min(bytes.len());
                bytes.drain(..cut);
                excess -= cut;
            }
        }
    }

    /// Only the editor that is still open is opened, and only once.
    fn end(mut self, is_editing: &dyn Fn(TerminalId) -> bool) -> Vec<Effect> {
        let last = self
            .effects
            .iter()
            .rposition(|effect| matches!(effect, Effect::Edit { terminal, .. } if is_editing(*terminal)));
        let mut index = 0;
        self.effects.retain(|effect| {
            index += 1;
            !matches!(effect, Effect::Edit { .. }) || last == Some(index - 1)
        });
        self.effects
    }
}
