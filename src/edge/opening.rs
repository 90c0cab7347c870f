//! Opens what is to be played: finds the journal, brings the session to where it ended, and can say what happened to
//! it. Must never throw away a journal: what cannot be played is kept beside the new one.
#![allow(clippy::disallowed_methods, reason = "a new session begins at the wall clock's present")]

use std::path::Path;
use std::rc::Rc;

use anyhow::Result;

use crate::authoring::player::Player;
use crate::authoring::solve::solve_on;
use crate::base::{Seed, SimTime};
use crate::edge::journal_file::{Found, JournalFile};
use crate::edge::options::Common;
use crate::edge::storage::{Learner, QuestProgress, Storage};
use crate::lesson::course::Quest;
use crate::lesson::run::Progress;
use crate::session::journal::{BELIEVABLE, Entry, Header, Journal, JournalError};
use crate::session::play::Play;
use crate::session::{Effect, Input, Start, WorldKind};
use crate::world::tty::Size;

/// When sessions begin whose computer's clock cannot be believed.
const INSTEAD: SimTime = SimTime::from_secs(1_795_351_539);

/// What is to be played.
pub struct Wanted {
    /// The quest; none is free play.
    pub quest: Option<Rc<Quest>>,
    /// The journal's name.
    pub name: String,
    /// From the very beginning; what was there is kept beside it.
    pub fresh: bool,
    /// At the beginning of this step.
    pub step: Option<String>,
}

/// A session that was brought back.
pub struct Opened {
    pub play: Play,
    pub effects: Vec<Effect>,
    pub journal: JournalFile,
    /// What happened: a message's key and its values. None for a session that simply begins.
    pub told: Option<Told>,
}

/// What happened to the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The message's key.
    pub key: &'static str,
    /// Its values.
    pub values: Vec<(&'static str, String)>,
    /// Whether it stays on the screen until it was read.
    pub grave: bool,
}

impl Told {
    fn new(key: &'static str, values: Vec<(&'static str, String)>) -> Self {
        Told { key, values, grave: true }
    }
}

/// Opens the journal and plays on from its end.
///
/// # Errors
/// When another process has it, or the disk does not take a new one.
pub fn open(
    storage: &Storage,
    learner: &Learner,
    common: &Common,
    wanted: &Wanted,
    size: Size,
) -> Result<Opened> {
    let (mut journal, found) = storage.journal(&wanted.name)?;
    let start = || start(learner, common, wanted.quest.clone(), size);
    if wanted.fresh || wanted.step.is_some() {
        journal = journal.begin_anew()?.0;
        return begin(journal, start(), learner, wanted, wanted.step.as_deref(), None);
    }
    let (sound, told) = match found {
        Found::Nothing => return begin(journal, start(), learner, wanted, None, None),
        Found::Sound(sound) => {
            let told = sound.torn.then(|| Told::new("resume-torn", Vec::new()));
            (sound, told)
        }
        Found::Damaged(sound, error, aside) => {
            let JournalError::Line { line, message } = error else {
                return set_aside(journal, start(), learner, wanted, storage, &aside, "resume-foreign");
            };
            let values =
                vec![("line", line.to_string()), ("why", message), ("path", aside.display().to_string())];
            (sound, Some(Told::new("resume-damaged", values)))
        }
        Found::PutAside(error, aside) => {
            let key = match error {
                JournalError::OtherVersion(_) => "resume-version",
                _ => "resume-foreign",
            };
            return set_aside(journal, start(), learner, wanted, storage, &aside, key);
        }
    };
    match resumed(*sound, wanted.quest.as_ref()) {
        Some((play, effects, commands)) => {
            let welcome =
                Told { grave: false, ..Told::new("resume-back", vec![("n", commands.to_string())]) };
            Ok(Opened { play, effects, journal, told: Some(told.unwrap_or(welcome)) })
        }
        None => {
            let (journal, aside) = journal.begin_anew()?;
            let aside = aside.unwrap_or_else(|| journal.path().to_owned());
            set_aside(journal, start(), learner, wanted, storage, &aside, "resume-version")
        }
    }
}

/// The session of a journal, when its quest is still the same and the replay leads where it had led.
fn resumed(journal: Journal, quest: Option<&Rc<Quest>>) -> Option<(Play, Vec<Effect>, usize)> {
    if journal.header.content.as_ref() != quest.map(|q| &q.digest) {
        return None;
    }
    let start = journal.header.begin(quest.cloned())?;
    let (play, effects) = Play::resume(start, journal.entries);
    let run = play.session().run();
    let has_passed = |id: &str| {
        let run = run.as_ref()?;
        let at = run.quest().lesson.steps.iter().position(|s| s.id == id)?;
        run.progress().get(at).map(|p| *p == Progress::Passed)
    };
    let led_there = play.kept().iter().all(|kept| match &kept.entry.input {
        Input::Passed { step } => has_passed(step).unwrap_or(true),
        _ => true,
    });
    let commands = play.points().len();
    led_there.then_some((play, effects, commands))
}

/// The quest goes on at the beginning of the step that was reached; the old journal stays where it was put.
fn set_aside(
    journal: JournalFile,
    start: Start,
    learner: &Learner,
    wanted: &Wanted,
    storage: &Storage,
    aside: &Path,
    key: &'static str,
) -> Result<Opened> {
    let (journal, _) = journal.begin_anew()?;
    let progress = storage.progress();
    let reached = wanted.quest.as_ref().zip(progress.quests.get(&wanted.name));
    let step = reached.and_then(|(quest, progress)| reached_step(quest, progress));
    let told = Told::new(key, vec![("path", aside.display().to_string())]);
    begin(journal, start, learner, wanted, step.as_deref(), Some(told))
}

/// The step to go on with; none is the beginning. Steps may have gone with an update.
fn reached_step(quest: &Quest, progress: &QuestProgress) -> Option<String> {
    if progress.complete {
        return None;
    }
    if quest.step(&progress.at).is_some() {
        return Some(progress.at.clone());
    }
    let steps = quest.lesson.steps.iter();
    let missing = steps.map(|s| &s.id).find(|id| !progress.passed.contains(id));
    missing.cloned()
}

/// A new journal: at the quest's beginning, or at a step's, where everything before it is played as its solutions
/// say and kept as if typed.
fn begin(
    mut journal: JournalFile,
    start: Start,
    learner: &Learner,
    wanted: &Wanted,
    step: Option<&str>,
    told: Option<Told>,
) -> Result<Opened> {
    let mut header = Header::of(&start, &learner.name);
    let Some((step, quest)) = step.zip(wanted.quest.as_ref()) else {
        journal.begin(&header)?;
        let (play, effects) = Play::begin(start);
        return Ok(Opened { play, effects, journal, told });
    };
    let player = Player::of(start.clone());
    let player =
        solve_on(player, quest, Some(step), &mut |_, _| {}).map_err(|stuck| anyhow::anyhow!("{stuck}"))?;
    let entries: Vec<Entry> = player.entries();
    header.given = entries.len();
    journal.begin(&header)?;
    journal.entries(&entries)?;
    let (play, effects) = Play::resume(start, entries);
    Ok(Opened { play, effects, journal, told })
}

fn start(learner: &Learner, common: &Common, quest: Option<Rc<Quest>>, size: Size) -> Start {
    let world = quest.as_ref().map_or(Some(WorldKind::Cluster), |q| WorldKind::parse(&q.lesson.world));
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let now = SimTime(since.as_secs().saturating_mul(1000));
    let at = if BELIEVABLE.contains(&now.0) { now } else { INSTEAD };
    let mut start = Start::new(&learner.id, at, world.unwrap_or(WorldKind::CloudShell));
    start.quest = quest;
    if let Some(seed) = common.seed {
        start.seed = Seed(seed);
    }
    start.size = size;
    start
}
