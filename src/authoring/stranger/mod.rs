//! A stranger at a step: types only what is wrong, and from then on only what the coach and the hints give to copy. Who
//! arrives that way shows that nobody stays stuck. Must never look at the lesson's solution but to mistype it.

mod copied;
mod hands;
mod verdict;
mod wrong;

use std::rc::Rc;
use std::time::Duration;

use crate::authoring::player::Player;
use crate::authoring::solve::solve;
use crate::authoring::stranger::copied::copied;
use crate::authoring::stranger::wrong::wrong_things;
use crate::base::SimTime;
use crate::lesson::coach::Message;
use crate::lesson::course::{HINTS, Language, Quest};
use crate::lesson::format::{Action, FullAction, Step};
use crate::lesson::run::QuestRun;
use crate::session::Input;

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
/// Advice on advice on a command is followed, and no further.
const DEEPEST: usize = 2;
/// How often a copied line that fails is typed.
const ATTEMPTS: usize = 2;
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
        write!(f, "step `{}` ({}): {}\n    {}", self.step, self.language, self.why, self.last.join("\n    "))
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
        let lost = |why: String| Lost { step: step.id.clone(), language, why, last: Vec::new() };
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
    fn goes_wrong<'w>(
        &mut self,
        wrongs: &'w [Vec<Action>],
        manner: Manner,
        first: bool,
    ) -> &'w [Vec<Action>] {
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
                    self.follow(&|_| text.clone(), 1);
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
            self.comes_out();
            self.follow(&|s| s.hint(rung), 0);
        }
        for _ in 0..ROUNDS {
            self.choose();
            if self.passed() {
                return;
            }
            self.comes_out();
            self.follow(&|s| s.hint(HINTS - 1), 0);
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
    fn follow(&mut self, text: &dyn Fn(&Self) -> String, depth: usize) {
        self.log.push(format!("reads: {}", text(self).replace('\n', " / ")));
        for number in 0..COPIED_LIMIT {
            if self.passed() {
                return;
            }
            let shown = copied(&text(self));
            let Some(thing) = shown.into_iter().nth(number) else { return };
            match thing {
                Copied::Interrupt => self.interrupt(),
                Copied::Command(line) => self.copy_until_it_works(&line, depth),
            }
        }
    }

    /// Copies a line; when it fails, once more after what the coach said to it was followed.
    fn copy_until_it_works(&mut self, line: &str, depth: usize) {
        for _ in 0..ATTEMPTS {
            self.heard.clear();
            let failed = self.copy(line);
            self.one_at_a_time();
            if depth == DEEPEST {
                return;
            }
            for (_, message) in std::mem::take(&mut self.heard) {
                let advice = self.words(&message);
                self.follow(&|_| advice.clone(), depth + 1);
            }
            if !failed || self.passed() {
                return;
            }
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
}
