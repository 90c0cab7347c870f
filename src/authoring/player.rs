//! Plays a quest's actions on a session as a learner would: types, presses keys, edits, waits in virtual time.
//! Must never reach into the world in another way than an interface does.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use crate::base::SimTime;
use crate::lesson::coach::Message;
use crate::lesson::course::Quest;
use crate::lesson::format::{Action, FullAction};
use crate::lesson::run::{Event, QuestRun};
use crate::lesson::template;
use crate::session::journal::{Entry, Footer, Header, Lines};
use crate::session::{Effect, Input, Session, Start, WorldKind};
use crate::world::TerminalId;

/// A command may take this long, in virtual time, before the player gives up on its prompt.
const LONGEST_COMMAND: Duration = Duration::from_secs(15 * 60);
/// How long a line that `stays` is given to begin.
const BEGINNING: Duration = Duration::from_millis(300);
/// How long a step may take to pass after its last action.
const LONGEST_WAIT: Duration = Duration::from_secs(180);
/// Steps of the clock in one wait.
const MAX_WAKEUPS: usize = 200_000;

/// A session, and who plays it.
pub struct Player {
    session: Session,
    /// Everything that went in, with its time: a journal.
    pub inputs: Vec<(SimTime, Input)>,
    /// What each terminal showed, for reports.
    shown: BTreeMap<TerminalId, String>,
    /// What the coach said since the last action list began.
    pub coach: Vec<Message>,
    /// When it said each of that.
    pub coach_at: Vec<SimTime>,
    /// What the next editor gets.
    editor: FullAction,
}

impl Player {
    /// A player at the beginning of a quest.
    pub fn new(quest: &Rc<Quest>, learner: &str, at: SimTime) -> Self {
        let world = if quest.lesson.world == "cluster" { WorldKind::Cluster } else { WorldKind::CloudShell };
        Player::of(Start { quest: Some(Rc::clone(quest)), ..Start::new(learner, at, world) })
    }

    /// A player at the beginning of any session, with a quest or without.
    pub fn of(start: Start) -> Self {
        Player {
            session: Session::new(start),
            inputs: Vec::new(),
            shown: BTreeMap::new(),
            coach: Vec::new(),
            coach_at: Vec::new(),
            editor: FullAction::default(),
        }
    }

    /// Everything that went in, as a journal keeps it.
    pub fn entries(&self) -> Vec<Entry> {
        let begin = self.session.start().at;
        let entry =
            |(at, input): &(SimTime, Input)| Entry { at: at.0.saturating_sub(begin.0), input: input.clone() };
        self.inputs.iter().map(entry).collect()
    }

    /// The journal of what was played, with its end when the quest is complete.
    pub fn record(&self, name: &str) -> String {
        let header = Header::of(self.session.start(), name);
        let complete = self.run().is_some_and(QuestRun::complete);
        let footer = complete.then(|| Footer::of(&self.session));
        Lines::all(&header, &self.entries(), footer.as_ref())
    }

    /// The session as it stands.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The session, to go on with.
    pub fn into_session(self) -> Session {
        self.session
    }

    /// The quest in play.
    pub fn run(&self) -> Option<&QuestRun> {
        self.session.run()
    }

    /// The end of what a terminal showed.
    pub fn screen(&self, terminal: TerminalId) -> &str {
        self.shown.get(&terminal).map_or("", String::as_str)
    }

    /// Plays actions in order; says which one cannot be played.
    pub fn play(&mut self, actions: &[Action]) -> Result<(), String> {
        self.forget_coach();
        for action in actions {
            match action {
                Action::Line(line) => {
                    self.line(&FullAction { line: Some(line.clone()), terminal: 1, ..FullAction::default() })?
                }
                Action::Full(full) => self.full(full)?,
            }
        }
        Ok(())
    }

    /// Begins a new list of what the coach says.
    pub fn forget_coach(&mut self) {
        self.coach.clear();
        self.coach_at.clear();
    }

    fn full(&mut self, action: &FullAction) -> Result<(), String> {
        if let Some(seconds) = action.wait_s {
            self.wait(Duration::from_secs(u64::from(seconds)), |_| false);
            return Ok(());
        }
        if let Some(choice) = &action.answer {
            self.input(Input::Predict { choice: choice.clone() });
            return Ok(());
        }
        if let Some(key) = &action.press {
            let terminal = self.terminal(action.terminal)?;
            let input = if key == "ctrl-d" {
                Input::EndOfFile { terminal }
            } else {
                Input::Interrupt { terminal, typed: String::new() }
            };
            self.input(input);
            return self.prompt(terminal, key);
        }
        self.line(action)
    }

    fn line(&mut self, action: &FullAction) -> Result<(), String> {
        let terminal = self.terminal(action.terminal)?;
        let names = self.run().map(|r| r.names().clone()).unwrap_or_default();
        let text = template::fill(action.line.as_deref().unwrap_or_default(), &names);
        self.editor = action.clone();
        for line in text.trim_end_matches('\n').split('\n') {
            self.input(Input::Line { terminal, text: line.to_owned() });
        }
        if action.stays {
            self.wait(BEGINNING, |_| false);
            return Ok(());
        }
        self.prompt(terminal, &text)
    }

    /// Waits until the terminal's shell asks for the next command.
    fn prompt(&mut self, terminal: TerminalId, after: &str) -> Result<(), String> {
        self.wait(LONGEST_COMMAND, |s| !s.is_busy(terminal));
        if self.session.is_busy(terminal) {
            return Err(format!(
                "`{}` does not give the prompt back",
                after.lines().next().unwrap_or_default()
            ));
        }
        Ok(())
    }

    /// The n-th terminal, opened if it is not there yet.
    fn terminal(&mut self, number: usize) -> Result<TerminalId, String> {
        while self.session.terminals().len() < number {
            let before = self.session.terminals().len();
            self.input(Input::OpenTerminal);
            if self.session.terminals().len() == before {
                return Err(format!("terminal {number} cannot be opened"));
            }
        }
        let found = self.session.terminals().get(number.saturating_sub(1)).copied();
        found.ok_or_else(|| format!("there is no terminal {number}"))
    }

    /// Lets the step pass by itself, if it will.
    pub fn wait_for_pass(&mut self) -> bool {
        let passed = |s: &Session| s.run().is_some_and(QuestRun::step_passed);
        if !passed(&self.session) {
            self.wait(LONGEST_WAIT, passed);
        }
        passed(&self.session)
    }

    /// Goes on to the next step.
    pub fn advance(&mut self) {
        self.input(Input::Advance);
    }

    /// Gives the session an input, now.
    pub fn input(&mut self, input: Input) {
        let at = self.session.now();
        self.inputs.push((at, input.clone()));
        let effects = self.session.handle(at, input);
        self.take(effects);
    }

    /// Lets virtual time pass until `done`, at most `span`.
    pub fn wait(&mut self, span: Duration, done: impl Fn(&Session) -> bool) {
        let until = self.session.now() + span;
        for _ in 0..MAX_WAKEUPS {
            if done(&self.session) {
                return;
            }
            let Some(next) = self.session.next_wakeup().filter(|next| *next <= until) else { break };
            let effects = self.session.advance(next);
            self.take(effects);
        }
        if !done(&self.session) {
            let effects = self.session.advance(until);
            self.take(effects);
        }
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Output { terminal, bytes } => {
                    self.shown.entry(terminal).or_default().push_str(&String::from_utf8_lossy(&bytes))
                }
                Effect::Edit { terminal, request } => {
                    let text = self.edited(&String::from_utf8_lossy(&request.bytes));
                    self.input(Input::FileSaved { terminal, text: Some(text) });
                }
                Effect::Quest(Event::Coach(message)) => {
                    self.coach.push(message);
                    self.coach_at.push(self.session.now());
                }
                _ => {}
            }
        }
    }

    /// What the person at the editor makes of the text.
    fn edited(&self, text: &str) -> String {
        let names = self.run().map(|r| r.names().clone()).unwrap_or_default();
        if let Some(whole) = &self.editor.save {
            return template::fill(whole, &names);
        }
        let replace = |text: String, (from, to): &(String, String)| {
            text.replace(&template::fill(from, &names), &template::fill(to, &names))
        };
        self.editor.edit.iter().fold(text.to_owned(), replace)
    }
}
