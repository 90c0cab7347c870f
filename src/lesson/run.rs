//! A learner's way through a quest: which step, what was typed in it, which hints are open, what the coach said.
//!
//! A pure state machine: the session tells it what happened and passes the events on. It never changes the
//! world, and it does not know a language: words are looked up by `view`.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::base::time::SimTime;
use crate::lesson::check::{self, Line, View};
use crate::lesson::coach::{Coach, Message, Situation};
use crate::lesson::course::{HINTS, Quest};
use crate::lesson::facts::{Executed, Facts, MAX_OUTPUT_KEPT_BYTES};
use crate::lesson::format::{Question, Step};
use crate::lesson::meaning;

/// Typed lines that a step remembers; older ones are forgotten first.
const MAX_EXECUTED: usize = 1000;

/// How a step stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Progress {
    #[default]
    Ahead,
    Here,
    Passed,
    Skipped,
}

/// What the session is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    StepBegan {
        step: String,
    },
    StepPassed {
        step: String,
    },
    QuestComplete,
    Coach(Message),
    /// A question or prediction was answered.
    Answered {
        question: String,
        choice: String,
        right: bool,
    },
    /// Another rung of the hint ladder is open, from 0.
    Hint {
        rung: usize,
    },
}

/// A quest in play.
#[derive(Debug, Clone)]
pub struct QuestRun {
    quest: Rc<Quest>,
    /// Index of the step on the screen.
    at: usize,
    progress: Vec<Progress>,
    /// Since when what the learner does counts for the step.
    began: SimTime,
    /// When the step on the screen passed.
    passed_at: Option<SimTime>,
    executed: Vec<Executed>,
    /// Lines that still run, by terminal: index into `executed`.
    running: BTreeMap<usize, usize>,
    /// How many of `executed` were typed before the step on the screen passed.
    before_pass: usize,
    answered: BTreeSet<String>,
    /// All choices made, by question, the last one each.
    choices: BTreeMap<String, String>,
    hints: usize,
    coach: Coach,
    message: Option<Message>,
    lines: Vec<Line>,
    names: BTreeMap<String, String>,
    /// Registry digests when the step began.
    baseline: BTreeMap<String, String>,
    stamp: Option<u64>,
}

impl QuestRun {
    /// A quest at its first step.
    pub fn new(quest: Rc<Quest>, now: SimTime) -> Self {
        let mut progress = vec![Progress::Ahead; quest.lesson.steps.len()];
        if let Some(first) = progress.first_mut() {
            *first = Progress::Here;
        }
        QuestRun {
            quest,
            at: 0,
            progress,
            began: now,
            passed_at: None,
            executed: Vec::new(),
            running: BTreeMap::new(),
            before_pass: 0,
            answered: BTreeSet::new(),
            choices: BTreeMap::new(),
            hints: 0,
            coach: Coach::default(),
            message: None,
            lines: Vec::new(),
            names: BTreeMap::new(),
            baseline: BTreeMap::new(),
            stamp: None,
        }
    }

    /// The quest in play.
    pub fn quest(&self) -> &Rc<Quest> {
        &self.quest
    }

    /// The step on the screen.
    pub fn step(&self) -> Option<&Step> {
        self.quest.lesson.steps.get(self.at)
    }

    /// Its index, from 0.
    pub fn step_index(&self) -> usize {
        self.at
    }

    /// How every step stands, in order.
    pub fn progress(&self) -> &[Progress] {
        &self.progress
    }

    /// Whether the step on the screen has passed; [`Self::advance`] goes on.
    pub fn step_passed(&self) -> bool {
        self.passed_at.is_some()
    }

    /// When the step on the screen passed, if it did.
    pub fn passed_at(&self) -> Option<SimTime> {
        self.passed_at
    }

    /// Whether every step has passed.
    pub fn complete(&self) -> bool {
        self.progress.iter().all(|p| *p == Progress::Passed)
    }

    /// Whether the last step has passed or was skipped: the closing text is on the screen.
    pub fn at_end(&self) -> bool {
        self.at + 1 == self.progress.len() && self.passed_at.is_some()
    }

    /// The checklist as it was last evaluated.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Values for `{names}` as they were last looked up.
    pub fn names(&self) -> &BTreeMap<String, String> {
        &self.names
    }

    /// Open rungs of the hint ladder.
    pub fn hints_open(&self) -> usize {
        self.hints
    }

    /// What the coach said last in this step and is still on the screen.
    pub fn message(&self) -> Option<&Message> {
        self.message.as_ref()
    }

    /// The choice that was made for a question, and whether it was right.
    pub fn choice(&self, question: &Question) -> Option<(&str, bool)> {
        self.choices.get(&question.id).map(|c| (c.as_str(), *c == question.answer))
    }

    /// The question that waits for an answer: a step's questions in order, then its prediction, until it passes.
    pub fn open_question(&self) -> Option<&Question> {
        if self.passed_at.is_some() {
            return None;
        }
        let step = self.step()?;
        let asked = step.questions.iter().find(|q| !self.answered.contains(&q.id));
        asked.or_else(|| step.predict.as_ref().filter(|q| !self.choices.contains_key(&q.id)))
    }

    /// A line was typed at a prompt, in this directory.
    pub fn command_began(&mut self, at: SimTime, terminal: usize, line: &str, cwd: &str) {
        if line.trim().is_empty() {
            return;
        }
        if self.executed.len() >= MAX_EXECUTED {
            self.executed.remove(0);
            self.before_pass = self.before_pass.saturating_sub(1);
            self.running = self.running.iter().filter_map(|(t, i)| Some((*t, i.checked_sub(1)?))).collect();
        }
        self.running.insert(terminal, self.executed.len());
        self.executed.push(Executed {
            at,
            terminal,
            line: line.to_owned(),
            cwd: cwd.to_owned(),
            exit: None,
            output: String::new(),
        });
    }

    /// The line of that terminal ended; `output` is the end of what it wrote.
    pub fn command_ended(
        &mut self,
        terminal: usize,
        exit: i32,
        output: &str,
        facts: &dyn Facts,
    ) -> Vec<Event> {
        let Some(index) = self.running.remove(&terminal) else { return self.changed(facts) };
        let mut from = output.len().saturating_sub(MAX_OUTPUT_KEPT_BYTES);
        while !output.is_char_boundary(from) {
            from += 1;
        }
        if let Some(executed) = self.executed.get_mut(index) {
            executed.exit = Some(exit);
            output[from..].clone_into(&mut executed.output);
        }
        self.stamp = None;
        let mut events = self.evaluate(facts);
        if self.passed_at.is_none() {
            let hints = self.hints;
            let said = self
                .coach_about(Some(index), facts, |coach, situation| coach.after_command(situation, hints));
            events.extend(said);
        }
        events
    }

    /// Something in the world changed. Cheap when nothing did.
    pub fn changed(&mut self, facts: &dyn Facts) -> Vec<Event> {
        let stamp = facts.stamp();
        if self.stamp == Some(stamp) {
            return Vec::new();
        }
        let mut events = self.evaluate(facts);
        self.stamp = Some(stamp);
        if self.passed_at.is_none() {
            events.extend(self.coach_about(None, facts, |coach, situation| coach.after_change(situation)));
        }
        events
    }

    /// Opens another rung of the hint ladder.
    pub fn hint(&mut self) -> Option<Event> {
        if self.passed_at.is_some() || self.hints >= HINTS {
            return None;
        }
        self.hints += 1;
        Some(Event::Hint { rung: self.hints - 1 })
    }

    /// Answers the open question with a choice's id.
    pub fn answer(&mut self, choice: &str, facts: &dyn Facts) -> Vec<Event> {
        let Some(question) = self.open_question().filter(|q| q.choices.iter().any(|c| c == choice)).cloned()
        else {
            return Vec::new();
        };
        let right = question.answer == choice;
        self.choices.insert(question.id.clone(), choice.to_owned());
        if right {
            self.answered.insert(question.id.clone());
        }
        let mut events = vec![Event::Answered { question: question.id, choice: choice.to_owned(), right }];
        events.extend(self.evaluate(facts));
        events
    }

    /// Goes on to the next step once this one has passed.
    pub fn advance(&mut self, facts: &dyn Facts) -> Vec<Event> {
        let Some(passed_at) = self.passed_at else { return Vec::new() };
        if self.at + 1 >= self.progress.len() {
            return Vec::new();
        }
        self.next_step(passed_at);
        let mut events =
            self.step().map(|s| Event::StepBegan { step: s.id.clone() }).into_iter().collect::<Vec<_>>();
        events.extend(self.evaluate(facts));
        events
    }

    /// Leaves the step without passing it. The record then says so.
    pub fn skip(&mut self, facts: &dyn Facts) -> Vec<Event> {
        if self.passed_at.is_none() {
            if let Some(progress) = self.progress.get_mut(self.at) {
                *progress = Progress::Skipped;
            }
            self.passed_at = Some(facts.now());
            self.before_pass = self.executed.len();
        }
        self.advance(facts)
    }

    fn next_step(&mut self, passed_at: SimTime) {
        // What was typed after the last step had passed counts for the new one already.
        let cut = self.before_pass.min(self.executed.len());
        self.executed.drain(..cut);
        self.running = self.running.iter().filter_map(|(t, i)| Some((*t, i.checked_sub(cut)?))).collect();
        self.before_pass = 0;
        self.at += 1;
        if let Some(progress) = self.progress.get_mut(self.at) {
            *progress = Progress::Here;
        }
        self.began = passed_at;
        self.passed_at = None;
        self.hints = 0;
        self.coach.next_step();
        self.message = None;
        self.stamp = None;
    }

    /// Looks at the goals; says so when the step passes.
    fn evaluate(&mut self, facts: &dyn Facts) -> Vec<Event> {
        self.names = check::names(&self.quest.lesson, facts);
        let quest = Rc::clone(&self.quest);
        let Some(step) = quest.lesson.steps.get(self.at).filter(|_| self.passed_at.is_none()) else {
            return Vec::new();
        };
        let view = View {
            facts,
            began: self.began,
            executed: &self.executed,
            answered: &self.answered,
            names: &self.names,
            baseline: &self.baseline,
        };
        self.lines = check::evaluate(&step.goals, &view);
        if !check::passed(&self.lines) {
            return Vec::new();
        }
        self.passed_at = Some(facts.now());
        self.before_pass = self.executed.len();
        self.message = None;
        if let Some(progress) = self.progress.get_mut(self.at) {
            *progress = Progress::Passed;
        }
        if let Some(next) = quest.lesson.steps.get(self.at + 1) {
            self.baseline = check::baseline(&next.goals, &self.names, facts);
        }
        let mut events = vec![Event::StepPassed { step: step.id.clone() }];
        if self.complete() {
            events.push(Event::QuestComplete);
        }
        events
    }

    fn coach_about(
        &mut self,
        index: Option<usize>,
        facts: &dyn Facts,
        ask: impl FnOnce(&mut Coach, &Situation<'_>) -> Option<Message>,
    ) -> Option<Event> {
        let quest = Rc::clone(&self.quest);
        let step = quest.lesson.steps.get(self.at)?;
        let last = index.and_then(|i| self.executed.get(i));
        let commands = last.map(|e| meaning::of_line(&e.line)).unwrap_or_default();
        let situation = Situation {
            facts,
            names: &self.names,
            goals: &step.goals,
            lines: &self.lines,
            executed: &self.executed,
            last,
            commands,
        };
        let said = ask(&mut self.coach, &situation);
        match said {
            Some(message) => {
                if let Some(rung) = message.hint {
                    self.hints = self.hints.max(rung + 1);
                }
                self.message = Some(message.clone());
                Some(Event::Coach(message))
            }
            None => {
                // A message stays until the next command has nothing wrong with it.
                if last.is_some_and(|e| e.exit == Some(0)) {
                    self.message = None;
                }
                None
            }
        }
    }
}
