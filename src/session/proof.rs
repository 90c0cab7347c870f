//! What a record proves: its inputs are played again and every step is looked at anew. It proves that these inputs
//! reach the goal, not who typed them. Must never believe a figure that a file claims, and never read a file or the
//! clock: who calls says how long it may take.

use std::collections::BTreeMap;
use std::rc::Rc;

use sha2::{Digest, Sha256};

use crate::base::{Seed, SimTime};
use crate::lesson::course::Quest;
use crate::lesson::run::{Progress, QuestRun};

use super::journal::{Entry, Header, Journal, JournalError, end_digest};
use super::ledger::Ledger;
use super::{Input, Session};

/// With fewer inputs, the same times may be chance.
const RHYTHM_INPUTS: usize = 4;

/// What came of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Its inputs complete the quest.
    Complete,
    /// They do not; this is the first step that is missing.
    Incomplete {
        /// The step's id.
        step: String,
    },
    /// It was edited or damaged, or cannot be played.
    DoesNotReplay {
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        why: String,
    },
    /// It is for another version of the program or the quest.
    OtherVersion(String),
    /// It is something else.
    NotARecord(String),
}

impl Verdict {
    /// As lists and scripts have it.
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Complete => "complete",
            Verdict::Incomplete { .. } => "incomplete",
            Verdict::DoesNotReplay { .. } => "does not replay",
            Verdict::OtherVersion(_) => "other version",
            Verdict::NotARecord(_) => "not a record",
        }
    }

    /// The rest of it: the step, the line and what is wrong there.
    pub fn detail(&self) -> String {
        match self {
            Verdict::Complete => String::new(),
            Verdict::Incomplete { step } => format!("at {step}"),
            Verdict::DoesNotReplay { line, why } => format!("line {line}: {why}"),
            Verdict::OtherVersion(why) | Verdict::NotARecord(why) => why.clone(),
        }
    }
}

/// One step, as the replay saw it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepFigures {
    /// The step's id.
    pub step: String,
    /// Whether it passed.
    pub passed: bool,
    /// Whether the program had played it, to begin later.
    pub given: bool,
    /// Hints asked for, also those that were taken back.
    pub hints: usize,
    /// Commands taken back.
    pub undos: usize,
    /// Commands run.
    pub commands: usize,
    /// Virtual time it took, in milliseconds.
    pub took_ms: u64,
}

/// All about a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What came of it.
    pub verdict: Verdict,
    /// Its header; none when it could not be read.
    pub header: Option<Header>,
    /// The name it should stand under: a claim.
    pub name: String,
    /// The day of completion: a claim.
    pub on: String,
    /// Every step.
    pub steps: Vec<StepFigures>,
    /// The record's digest, when the quest is complete.
    pub digest: Option<String>,
    /// The times of its inputs, as a digest: two people do not type in the same rhythm.
    pub rhythm: Option<String>,
}

impl Report {
    /// A report of nothing but a verdict.
    pub fn of(verdict: Verdict) -> Self {
        let (name, on) = (String::new(), String::new());
        Report { verdict, header: None, name, on, steps: Vec::new(), digest: None, rhythm: None }
    }

    /// How many steps passed.
    pub fn passed(&self) -> usize {
        self.steps.iter().filter(|s| s.passed).count()
    }

    /// A figure summed over all steps.
    pub fn sum(&self, figure: impl Fn(&StepFigures) -> u64) -> u64 {
        self.steps.iter().map(figure).sum()
    }
}

/// Finds the quest of a record by its id.
pub type Quests<'a> = &'a dyn Fn(&str) -> Option<Rc<Quest>>;

/// Looks at the text of a record. `go_on` is asked again and again and ends it by saying no.
pub fn examine(text: &[u8], quests: Quests<'_>, go_on: &mut dyn FnMut() -> bool) -> Report {
    let journal = match Journal::parse(text) {
        Ok(journal) => journal,
        Err(error) => return unreadable(text, error),
    };
    let mut report = Report {
        name: journal.header.name.clone(),
        header: Some(journal.header.clone()),
        rhythm: rhythm(journal.entries.get(journal.header.given..).unwrap_or_default()),
        ..Report::of(Verdict::Complete)
    };
    if let Some(ended) = &journal.ended {
        report.on.clone_from(&ended.footer.on);
        if !ended.footer.name.is_empty() {
            report.name.clone_from(&ended.footer.name);
        }
    }
    let quest = match quest_of(&journal.header, quests) {
        Ok(quest) => quest,
        Err(verdict) => return Report { verdict, ..report },
    };
    let mut replay = Replay::new(&journal, quest);
    report.verdict = replay.run(&journal, go_on);
    report.steps = replay.steps;
    if report.verdict == Verdict::Complete {
        report.digest = journal.ended.map(|ended| ended.digest);
    }
    report
}

fn unreadable(text: &[u8], error: JournalError) -> Report {
    let header = Journal::salvage(text).ok().map(|(journal, _)| journal.header);
    let name = header.as_ref().map(|h| h.name.clone()).unwrap_or_default();
    let verdict = match error {
        JournalError::Foreign(why) => Verdict::NotARecord(why.to_owned()),
        JournalError::OtherVersion(_) => Verdict::OtherVersion(error.to_string()),
        JournalError::Line { line, message } => Verdict::DoesNotReplay { line, why: message },
        JournalError::TooLarge => Verdict::NotARecord(error.to_string()),
    };
    Report { header, name, ..Report::of(verdict) }
}

fn quest_of(header: &Header, quests: Quests<'_>) -> Result<Rc<Quest>, Verdict> {
    let Some(id) = &header.quest else {
        return Err(Verdict::NotARecord("it is a journal of free play, which has no goal".to_owned()));
    };
    if header.seed != Seed::from_text(&header.learner) {
        let why = "the seed is not this learner's; played with --seed, or copied".to_owned();
        return Err(Verdict::DoesNotReplay { line: 1, why });
    }
    let Some(quest) = quests(id) else {
        let why =
            format!("there is no quest `{id}` in this KubeJam; for one of your own give --quest FOLDER");
        return Err(Verdict::OtherVersion(why));
    };
    if header.content.as_deref() != Some(&quest.digest) {
        return Err(Verdict::OtherVersion(format!("it is for another version of the quest `{id}`")));
    }
    Ok(quest)
}

/// A digest of the times of all inputs.
fn rhythm(entries: &[Entry]) -> Option<String> {
    if entries.len() < RHYTHM_INPUTS {
        return None;
    }
    let mut hash = Sha256::new();
    for entry in entries {
        hash.update(entry.at.to_le_bytes());
    }
    Some(hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

const TOO_LONG: &str = "it takes longer than a record may";

/// A record being played again.
struct Replay {
    session: Session,
    ledger: Ledger,
    begin: SimTime,
    steps: Vec<StepFigures>,
    /// When the step on the screen began.
    step_began: SimTime,
    /// Commands taken back and hints asked for, by how many inputs counted there.
    aside: BTreeMap<usize, (usize, usize)>,
}

impl Replay {
    fn new(journal: &Journal, quest: Rc<Quest>) -> Self {
        let figures =
            |step: &crate::lesson::format::Step| StepFigures { step: step.id.clone(), ..Default::default() };
        let steps = quest.lesson.steps.iter().map(figures).collect();
        let mut ledger = Ledger::default();
        let until = journal.ended.as_ref().map_or(journal.entries.len(), |ended| ended.after);
        for entry in &journal.entries[..until] {
            ledger.take(entry.clone());
        }
        let world = crate::session::WorldKind::parse(&quest.lesson.world);
        let mut start = super::Start::new(
            &journal.header.learner,
            journal.header.start,
            world.unwrap_or(super::WorldKind::CloudShell),
        );
        start.size = journal.header.size;
        start.quest = Some(quest);
        let begin = start.at;
        let mut aside: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        for place in ledger.undos() {
            aside.entry(*place).or_default().0 += 1;
        }
        for place in ledger.hints() {
            aside.entry(*place).or_default().1 += 1;
        }
        Replay { session: Session::new(start), ledger, begin, steps, step_began: begin, aside }
    }

    fn run(&mut self, journal: &Journal, go_on: &mut dyn FnMut() -> bool) -> Verdict {
        let line = |number: usize| journal.lines.get(number).copied().unwrap_or(1);
        let mut broken = None;
        for place in 0..self.ledger.kept().len() {
            let kept = self.ledger.kept()[place].clone();
            if !self.session.advance_while(self.moment(kept.entry.at), go_on) {
                return Verdict::DoesNotReplay { line: line(kept.number), why: TOO_LONG.to_owned() };
            }
            self.look();
            if let Input::Passed { step } = &kept.entry.input
                && broken.is_none()
                && !self.has_passed(step)
            {
                let why = format!("`{step}` had passed here, and does not when it is replayed");
                broken = Some(Verdict::DoesNotReplay { line: line(kept.number), why });
            }
            self.count(place, kept.number < journal.header.given);
            let commands = self.session.view(crate::world::World::commands_begun);
            let step = self.step_index();
            self.session.handle(self.moment(kept.entry.at), kept.entry.input);
            let ran = self.session.view(crate::world::World::commands_begun) - commands;
            if let Some(figures) = self.steps.get_mut(step) {
                figures.commands += ran as usize;
            }
            self.look();
        }
        self.count(self.ledger.kept().len(), false);
        if let Some(verdict) = self.end(journal, go_on) {
            return verdict;
        }
        if self.session.run().is_some_and(QuestRun::complete) {
            return Verdict::Complete;
        }
        broken.unwrap_or_else(|| Verdict::Incomplete { step: self.missing() })
    }

    /// Holds the end against the footer.
    fn end(&mut self, journal: &Journal, go_on: &mut dyn FnMut() -> bool) -> Option<Verdict> {
        let footer = &journal.ended.as_ref()?.footer;
        let line = journal.ended.as_ref().map_or(1, |ended| ended.line);
        let wrong = |why: &str| Some(Verdict::DoesNotReplay { line, why: why.to_owned() });
        if !self.session.advance_while(self.moment(footer.at), go_on) {
            return wrong(TOO_LONG);
        }
        self.look();
        let complete = self.session.run().is_some_and(QuestRun::complete);
        if complete && end_digest(&self.session) != footer.end {
            return wrong("the end is another one than when it was played");
        }
        None
    }

    fn moment(&self, at_ms: u64) -> SimTime {
        SimTime(self.begin.0.saturating_add(at_ms))
    }

    fn step_index(&self) -> usize {
        self.session.run().map_or(0, QuestRun::step_index)
    }

    fn has_passed(&self, id: &str) -> bool {
        let Some(run) = self.session.run() else { return false };
        let at = run.quest().lesson.steps.iter().position(|s| s.id == id);
        at.and_then(|at| run.progress().get(at)).is_some_and(|p| *p == Progress::Passed)
    }

    /// Notes which steps passed, and when.
    fn look(&mut self) {
        let Some(run) = self.session.run() else { return };
        for (figures, progress) in self.steps.iter_mut().zip(run.progress()) {
            let passed = *progress == Progress::Passed;
            if passed && !figures.passed {
                let at = run.passed_at().unwrap_or_else(|| self.session.now());
                figures.took_ms = at.since(self.step_began).as_millis() as u64;
                self.step_began = at;
            }
            figures.passed = passed;
        }
    }

    /// Counts to the step on the screen what was taken back and asked for at this place.
    fn count(&mut self, place: usize, given: bool) {
        let step = self.step_index();
        let (undos, hints) = self.aside.remove(&place).unwrap_or_default();
        let Some(figures) = self.steps.get_mut(step) else { return };
        figures.undos += undos;
        figures.hints += hints;
        figures.given |= given;
    }

    fn missing(&self) -> String {
        self.steps.iter().find(|s| !s.passed).map(|s| s.step.clone()).unwrap_or_default()
    }
}
