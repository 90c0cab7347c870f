//! A stranger at a step: types only what is wrong, and from then on only what the coach and the hints give to copy. Who
//! arrives that way shows that nobody stays stuck. Must never look at the lesson's solution but to mistype it.

mod copied;
mod wrong;

use std::rc::Rc;
use std::time::Duration;

use crate::authoring::player::Player;
use crate::authoring::solve::{open_goals, solve};
use crate::authoring::stranger::copied::copied;
use crate::authoring::stranger::wrong::{filled, wrong_things};
use crate::base::SimTime;
use crate::lesson::coach::Message;
use crate::lesson::course::{HINTS, Language, Quest};
use crate::lesson::format::{Action, FullAction, Step};
use crate::lesson::run::QuestRun;
use crate::session::{Input, Session};
use crate::world::{TerminalId, Tty};

pub use copied::{Copied, copied as what_can_be_copied};

/// How long the stranger looks at a command before it counts as one that stays.
const PATIENCE: Duration = Duration::from_secs(60);
/// Time between two wrong things.
const BREATH: Duration = Duration::from_secs(2);
/// Time to read on, once something was copied; what was ordered gets ready meanwhile.
const READING: Duration = Duration::from_secs(15);
/// How often the last hint is gone through.
const ROUNDS: usize = 4;
/// Most things copied out of one text.
const COPIED_LIMIT: usize = 20;
/// Terminals that the stranger opens at most.
const TERMINALS: usize = 6;
/// Failures after which somebody must have said something.
const FAILURES_IN_SILENCE: usize = 4;

/// What a stranger makes of what the coach says to a wrong thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Goes on to the next wrong thing; listens when there is none left.
    Stubborn,
    /// Copies at once what the coach shows.
    Obedient,
}

/// Somebody who did not find the way, or was not treated well on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The step's id.
    pub step: String,
    /// The language that was read.
    pub language: Language,
    /// What went wrong.
    pub why: String,
    /// What was said and typed, the last part.
    pub last: Vec<String>,
}

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "step `{}` ({}): {}\n    {}",
            self.step,
            self.language,
            self.why,
            self.last.join("\n    ")
        )
    }
}

/// Lets a stranger find the way through a step. Who passes before every wrong thing was typed begins again with those
/// that are left.
///
/// # Errors
/// When the step does not pass, or the coach gave the answer first, spoke twice at once, or nagged.
pub fn led(
    quest: &Rc<Quest>,
    step: &Step,
    at: SimTime,
    language: Language,
    manner: Manner,
) -> Result<(), Lost> {
    let wrongs = wrong_things(quest, step);
    let mut left = wrongs.as_slice();
    loop {
        let lost =
            |why: String| Lost { step: step.id.clone(), language, why, last: Vec::new() };
        let player = solve(quest, "student-5eed", at, Some(&step.id), &mut |_, _| {})
            .map_err(|stuck| lost(stuck.to_string()))?;
        let mut stranger = Stranger::new(player, step, language);
        let first = left.len() == wrongs.len();
        left = stranger.goes_wrong(left, manner, first);
        stranger.finds_the_way();
        stranger.judged()?;
        if left.is_empty() {
            return Ok(());
        }
    }
}

struct Stranger<'a> {
    player: Player,
    step: &'a Step,
    language: Language,
    /// Messages since the list was emptied, with the moment of each.
    heard: Vec<(SimTime, Message)>,
    failures: usize,
    spoken_to: bool,
    /// What was said and typed.
    log: Vec<String>,
    faults: Vec<String>,
}

impl<'a> Stranger<'a> {
    fn new(player: Player, step: &'a Step, language: Language) -> Self {
        Stranger {
            player,
            step,
            language,
            heard: Vec::new(),
            failures: 0,
            spoken_to: false,
            log: Vec::new(),
            faults: Vec::new(),
        }
    }

    fn passed(&self) -> bool {
        self.player.run().is_some_and(QuestRun::step_passed)
    }

    /// Types wrong things; gives back those that are left once the step has passed.
    fn goes_wrong<'w>(&mut self, wrongs: &'w [Vec<Action>], manner: Manner, first: bool) -> &'w [Vec<Action>] {
        for (number, wrong) in wrongs.iter().enumerate() {
            if self.passed() {
                return &wrongs[number..];
            }
            self.heard.clear();
            for action in wrong {
                self.act(action);
            }
            if first && number == 0 {
                self.answer_is_not_given(wrong);
            }
            let said = self.heard.last().map(|(_, message)| message.clone());
            self.one_at_a_time();
            if let Some(message) = said {
                self.does_not_nag(&message);
                let text = self.words(&message);
                if manner == Manner::Obedient {
                    self.follow(&|_| text.clone(), true);
                }
            }
        }
        if self.failures >= FAILURES_IN_SILENCE && !self.spoken_to {
            self.faults.push(format!("{} failures, and the coach said nothing", self.failures));
        }
        &[]
    }

    /// Reads the hints rung by rung, copies what they show, and tries what can be chosen.
    fn finds_the_way(&mut self) {
        for rung in 0..HINTS {
            if self.passed() {
                return;
            }
            self.ask_up_to(rung);
            self.follow(&|s| s.hint(rung), false);
        }
        for _ in 0..ROUNDS {
            self.choose();
            if self.passed() {
                return;
            }
            self.follow(&|s| s.hint(HINTS - 1), false);
        }
        self.choose();
    }

    fn ask_up_to(&mut self, rung: usize) {
        let open = |player: &Player| player.run().map_or(HINTS, QuestRun::hints_open);
        while open(&self.player) <= rung {
            let before = open(&self.player);
            self.player.input(Input::Hint);
            if open(&self.player) == before {
                return;
            }
        }
    }

    /// A hint as it stands on the screen now.
    fn hint(&self, rung: usize) -> String {
        let hints = self.player.run().map(|run| run.view(self.language).hints).unwrap_or_default();
        hints.get(rung).cloned().unwrap_or_default()
    }

    /// Copies what a text shows, in its order. It is read again after each thing: names in it may have got their
    /// values. What the coach says to a command that fails is followed before it is tried again.
    fn follow(&mut self, text: &dyn Fn(&Self) -> String, aside: bool) {
        self.log.push(format!("reads: {}", text(self).replace('\n', " / ")));
        for number in 0..COPIED_LIMIT {
            if self.passed() {
                return;
            }
            let shown = copied(&text(self));
            let Some(thing) = shown.into_iter().nth(number) else { return };
            match thing {
                Copied::Interrupt => self.interrupt(),
                Copied::Command(line) if aside => drop(self.copy(&line)),
                Copied::Command(line) => self.copy_until_it_works(&line),
            }
        }
    }

    fn copy_until_it_works(&mut self, line: &str) {
        self.heard.clear();
        let failed = self.copy(line);
        self.one_at_a_time();
        let Some((_, message)) = self.heard.last().cloned() else { return };
        let advice = self.words(&message);
        self.follow(&|_| advice.clone(), true);
        if failed && !self.passed() {
            self.copy(line);
        }
    }

    /// Types a line as it stands; says whether it failed.
    fn copy(&mut self, line: &str) -> bool {
        let action = FullAction { line: Some(line.to_owned()), terminal: 1, ..FullAction::default() };
        let failed = self.types(&action);
        self.player.wait(READING, |s| s.run().is_some_and(QuestRun::step_passed));
        self.listen();
        failed
    }

    /// Tries choice after choice; a wrong one costs nothing, but deserves words.
    fn choose(&mut self) {
        while let Some(question) = self.player.run().and_then(QuestRun::open_question).cloned() {
            for choice in &question.choices {
                self.player.input(Input::Predict { choice: choice.clone() });
                let open = self.player.run().and_then(QuestRun::open_question);
                if open.is_none_or(|open| open.id != question.id) {
                    break;
                }
                let view = self.player.run().map(|run| run.view(self.language)).unwrap_or_default();
                let answered = view.answered.iter().find(|q| q.id == question.id);
                if answered.is_none_or(|q| q.after.is_empty()) {
                    self.faults.push(format!("nothing is said to the choice `{choice}`"));
                }
            }
            let open = self.player.run().and_then(QuestRun::open_question);
            if open.is_some_and(|open| open.id == question.id) {
                return;
            }
        }
    }

    fn act(&mut self, action: &Action) {
        match action {
            Action::Line(line) => {
                let full = FullAction { line: Some(line.clone()), terminal: 1, ..FullAction::default() };
                self.types(&full);
            }
            Action::Full(full) if full.line.is_some() => drop(self.types(full)),
            Action::Full(full) if full.press.is_some() => self.interrupt(),
            Action::Full(full) => {
                if let Err(why) = self.player.play(&[Action::Full(full.clone())]) {
                    self.log.push(why);
                }
            }
        }
        self.player.wait(BREATH, |_| false);
        self.listen();
    }

    /// Types a line where a prompt is, and looks at it until the prompt is back or patience is at its end.
    fn types(&mut self, action: &FullAction) -> bool {
        let number = self.at_a_prompt(action.terminal);
        let line = action.line.clone().unwrap_or_default();
        self.log.push(format!("types in {number}: {line}"));
        let action = FullAction { terminal: number, stays: true, ..action.clone() };
        if let Err(why) = self.player.play(&[Action::Full(action)]) {
            self.log.push(why);
            return true;
        }
        let Some(terminal) = self.player.session().terminals().get(number - 1).copied() else { return false };
        self.player.wait(PATIENCE, |s| asks(s, terminal));
        self.listen();
        let exit = self.player.session().view(|w| {
            w.history.iter().rev().find(|record| record.terminal == Some(terminal)).and_then(|r| r.exit)
        });
        let failed = exit.is_some_and(|exit| exit != 0);
        self.failures += usize::from(failed);
        failed
    }

    /// The number of a terminal that waits for a line: this one, another, a new one.
    fn at_a_prompt(&mut self, wanted: usize) -> usize {
        let session = self.player.session();
        let terminals = session.terminals();
        let free = |number: &usize| terminals.get(*number - 1).is_none_or(|t| asks(session, *t));
        let found = std::iter::once(wanted).chain(1..=terminals.len() + 1).find(free);
        match found.filter(|number| *number <= TERMINALS) {
            Some(number) => number,
            None => {
                self.interrupt();
                1
            }
        }
    }

    /// Ctrl-C in the first terminal that is busy.
    fn interrupt(&mut self) {
        let session = self.player.session();
        let busy = session.terminals().into_iter().find(|t| !asks(session, *t));
        if let Some(terminal) = busy {
            self.log.push(format!("presses Ctrl-C in {terminal}"));
            self.player.input(Input::Interrupt { terminal, typed: String::new() });
            self.player.wait(BREATH, |s| asks(s, terminal));
        }
    }

    /// Takes down what the coach has said.
    fn listen(&mut self) {
        let new: Vec<(SimTime, Message)> =
            self.player.coach_at.iter().copied().zip(self.player.coach.iter().cloned()).collect();
        self.player.forget_coach();
        for (_, message) in &new {
            self.spoken_to = true;
            let words = self.words(message);
            self.log.push(format!("coach [{}]: {}", message.id, words.replace('\n', " / ")));
        }
        self.heard.extend(new);
    }

    fn words(&self, message: &Message) -> String {
        self.player.run().and_then(|run| run.say(message, self.language)).unwrap_or_default()
    }

    fn one_at_a_time(&mut self) {
        let crowd = self.heard.windows(2).find(|pair| pair[0].0 == pair[1].0);
        if let Some([(_, one), (_, other)]) = crowd {
            self.faults.push(format!("the coach says `{}` and `{}` at once", one.id, other.id));
        }
    }

    /// The first words of the coach must not hold a line of the solution, unless it is the stranger's own, corrected.
    fn answer_is_not_given(&mut self, wrong: &[Action]) {
        let Some((_, message)) = self.heard.first().cloned() else { return };
        let Some(run) = self.player.run() else { return };
        let names = run.names();
        let typed = filled(wrong, names);
        let solution = filled(&self.step.solution, names);
        let own = |line: &String| typed.iter().any(|t| strsim::damerau_levenshtein(t, line) <= NEARLY);
        for language in Language::ALL {
            let words = run.say(&message, language).unwrap_or_default();
            let given = solution.iter().find(|l| l.contains(' ') && words.contains(l.as_str()) && !own(l));
            if let Some(line) = given {
                self.faults.push(format!("the coach gives the answer first: `{line}`"));
                return;
            }
        }
    }

    /// After something that has nothing to do with it and succeeds, the same is not said again.
    fn does_not_nag(&mut self, said: &Message) {
        if self.passed() {
            return;
        }
        self.heard.clear();
        self.act(&Action::Line("pwd".to_owned()));
        if self.heard.iter().any(|(_, message)| message.id == said.id) {
            self.faults.push(format!("the coach says `{}` again after an innocent `pwd`", said.id));
        }
    }

    fn judged(self) -> Result<(), Lost> {
        let why = match (self.faults.first(), self.passed()) {
            (Some(_), _) => self.faults.join("; "),
            (None, true) => return Ok(()),
            (None, false) => format!("the hints do not lead on\n{}", open_goals(&self.player)),
        };
        let from = self.log.len().saturating_sub(LOG_SHOWN);
        let last = self.log[from..].to_vec();
        Err(Lost { step: self.step.id.clone(), language: self.language, why, last })
    }
}

/// A line is the stranger's own when it differs by no more than this.
const NEARLY: usize = 4;
/// Lines of the log in a report.
const LOG_SHOWN: usize = 60;

/// Whether somebody waits for a line there: a shell, or a program that asks.
fn asks(session: &Session, terminal: TerminalId) -> bool {
    let reading = session.view(|w| w.terminals.get(&terminal).and_then(Tty::reading));
    reading.is_some_and(|reading| reading.shell || !reading.prompt.is_empty())
}
