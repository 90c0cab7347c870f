//! The program as it is played: the home screen, and the loop that carries keys to the session and frames to the
//! terminal. Must never know what a command or an object means.
#![allow(clippy::disallowed_methods, reason = "the host's environment and clock say how and when to begin")]

use anyhow::{Context, Result};
use crossterm::event::{self, Event};

use crate::authoring::player::Player;
use crate::authoring::solve::solve_on;
use crate::base::{Seed, SimTime};
use crate::edge::display::Display;
use crate::edge::options::Common;
use crate::edge::plain::PlainLoop;
use crate::edge::play_loop::{Leave, PlayLoop};
use crate::edge::storage::{Found, JournalFile, Learner, Storage};
use crate::lesson::course::{Course, Language, PLAN, Quest};
use crate::session::journal::{Entry, Header, Journal};
use crate::session::play::Play;
use crate::session::{Effect, Input, Start, WorldKind};
use crate::ui::home::{Card, Choice, Home};
use crate::ui::texts::Texts;
use crate::ui::theme::{Depth, Ground, Theme};
use crate::world::tty::Size;
use std::rc::Rc;

/// The size that programs see when there is no screen: wide, because whoever reads aloud needs no wrapping.
const PLAIN_COLUMNS: u16 = 200;
const PLAIN_ROWS: u16 = 50;

/// What to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Open {
    /// The home screen.
    Home,
    /// A quest, by id: where the learner was, afresh, or at the beginning of a step.
    Quest { id: String, fresh: bool, step: Option<String> },
    /// Free play.
    Sandbox { fresh: bool },
}

/// Where a session begins.
struct From {
    /// At the very beginning; what was there is kept beside it.
    fresh: bool,
    /// At the beginning of this step.
    step: Option<String>,
}

/// How the interface looks and speaks.
#[derive(Debug, Clone)]
pub struct Look {
    pub language: Language,
    pub depth: Depth,
    pub ground: Ground,
    pub ascii: bool,
    pub still: bool,
    pub speed: f32,
}

impl Look {
    /// From the command line, then the environment, then what the learner chose before.
    pub fn of(common: &Common, learner: &Learner) -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
        let locale =
            ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| variable(name)).unwrap_or_default();
        let chosen = common.lang.clone().or_else(|| Some(learner.lang.clone()).filter(|l| !l.is_empty()));
        let term = variable("TERM").unwrap_or_default();
        let truecolor = variable("COLORTERM").is_some_and(|v| v == "truecolor" || v == "24bit");
        let depth = if common.no_color || variable("NO_COLOR").is_some() || term == "dumb" {
            Depth::None
        } else if truecolor {
            Depth::True
        } else {
            Depth::Indexed
        };
        let light = match variable("KUBEJAM_THEME").as_deref() {
            Some("light") => true,
            Some(_) => false,
            // `foreground;background`: 7 and 15 are white.
            None => variable("COLORFGBG").is_some_and(|v| matches!(v.rsplit(';').next(), Some("7" | "15"))),
        };
        let utf8 = locale.is_empty() || locale.to_ascii_lowercase().contains("utf");
        Look {
            language: Language::of(&chosen.unwrap_or(locale)),
            depth,
            ground: if light { Ground::Light } else { Ground::Dark },
            ascii: common.ascii || !utf8,
            still: common.no_animation || term == "dumb",
            speed: common.speed.unwrap_or(1.0) as f32,
        }
    }

    fn theme(&self) -> Theme {
        Theme::new(self.ground, self.depth, self.ascii)
    }
}

/// Runs the interface until the learner leaves.
///
/// # Errors
/// When there is no terminal, or nothing can be kept on the disk.
pub fn run(open: Open, common: &Common) -> Result<()> {
    let storage = Storage::open(common.data_dir.as_deref())?;
    let mut learner = storage.learner()?;
    if let Some(name) = &common.name
        && learner.name != *name
    {
        learner.name.clone_from(name);
        storage.save_learner(&learner)?;
    }
    let mut look = Look::of(common, &learner);
    let course = Course::embedded().map_err(|errors| anyhow::anyhow!("{}", errors[0]))?;
    if let Open::Quest { id, step, .. } = &open {
        let quest = course
            .quest(id)
            .with_context(|| format!("there is no quest {id:?}; `kubejam list` shows them"))?;
        if let Some(step) = step {
            quest
                .step(step)
                .with_context(|| format!("{id} has no step {step:?}; `kubejam list` shows them"))?;
        }
    }
    if common.plain {
        return run_plain(open, common, &storage, &course, &learner, &look);
    }
    let mut display = Display::take().context("KubeJam needs a terminal")?;
    let mut next = Some(open);
    while let Some(open) = next.take() {
        next = match open {
            Open::Home => home(&mut display, &storage, &course, &mut learner, &mut look)?,
            Open::Quest { id, fresh, step } => {
                let quest = course.quest(&id).cloned();
                let from = From { fresh, step };
                play(&mut display, &storage, &learner, &look, common, quest, from)?
            }
            Open::Sandbox { fresh } => {
                let from = From { fresh, step: None };
                play(&mut display, &storage, &learner, &look, common, None, from)?
            }
        };
    }
    Ok(())
}

/// Without a screen: what there is to play is listed, what was asked for is played.
fn run_plain(
    open: Open,
    common: &Common,
    storage: &Storage,
    course: &Course,
    learner: &Learner,
    look: &Look,
) -> Result<()> {
    let (quest, from) = match open {
        Open::Home => {
            let texts = Texts::new(look.language);
            for quest in &course.quests {
                println!("kubejam --plain start {}: {}", quest.id(), quest.prose(look.language).title);
            }
            println!("kubejam --plain sandbox: {}", texts.say("home-sandbox-note"));
            return Ok(());
        }
        Open::Quest { id, fresh, step } => (course.quest(&id).cloned(), From { fresh, step }),
        Open::Sandbox { fresh } => (None, From { fresh, step: None }),
    };
    let size = Size { cols: PLAIN_COLUMNS, rows: PLAIN_ROWS };
    let (play, file, effects) = open_play(storage, learner, common, quest, from, size)?;
    PlainLoop::new(play, file, storage, look, Theme::new(look.ground, Depth::None, true)).run(effects)
}

fn home(
    display: &mut Display,
    storage: &Storage,
    course: &Course,
    learner: &mut Learner,
    look: &mut Look,
) -> Result<Option<Open>> {
    let mut theme = look.theme();
    let mut texts = Texts::new(look.language);
    let mut home = Home::new(cards(storage, course, look.language));
    loop {
        let mut frame = display.frame();
        let cursor = home.draw(&mut frame, &theme, &texts);
        display.show(frame, cursor)?;
        let event = event::read()?;
        if let Event::Resize(width, height) = event {
            display.resize(width, height);
            continue;
        }
        match home.handle(&event) {
            None => {}
            Some(Choice::Start(id)) => return Ok(Some(Open::Quest { id, fresh: false, step: None })),
            Some(Choice::Sandbox) => return Ok(Some(Open::Sandbox { fresh: false })),
            Some(Choice::Quit) => return Ok(None),
            Some(Choice::Language) => {
                look.language = match look.language {
                    Language::English => Language::Korean,
                    Language::Korean => Language::English,
                };
                learner.lang = look.language.code().to_owned();
                storage.save_learner(learner)?;
                theme = look.theme();
                texts = Texts::new(look.language);
                let selected = home.selected;
                home = Home::new(cards(storage, course, look.language));
                home.selected = selected;
            }
        }
    }
}

/// The planned quests; those that are not in the program yet are shown as such.
fn cards(storage: &Storage, course: &Course, language: Language) -> Vec<Card> {
    let progress = storage.progress();
    let card = |(order, id, english, korean): &(u32, &str, &str, &str)| {
        let title = if language == Language::Korean { korean } else { english };
        let Some(quest) = course.quests.iter().find(|q| q.lesson.order == *order) else {
            return Card { id: (*id).to_owned(), title: (*title).to_owned(), ..Card::default() };
        };
        let prose = quest.prose(language);
        let done = progress.quests.get(quest.id());
        let at = done.map(|d| d.at.as_str()).filter(|at| !at.is_empty());
        Card {
            id: quest.id().to_owned(),
            title: prose.title.clone(),
            about: prose.about.split_whitespace().collect::<Vec<_>>().join(" "),
            minutes: quest.lesson.minutes,
            done: done.map_or(0, |d| d.passed.len()),
            total: quest.lesson.steps.len(),
            current: at.map(|step| quest.step_prose(language, step).heading.clone()),
            built: true,
        }
    };
    PLAN.iter().map(card).collect()
}

/// Opens the journal and plays on from its end.
fn play(
    display: &mut Display,
    storage: &Storage,
    learner: &Learner,
    look: &Look,
    common: &Common,
    quest: Option<Rc<Quest>>,
    from: From,
) -> Result<Option<Open>> {
    let area = display.frame().area;
    let size = Size { cols: area.width.saturating_sub(4).max(20), rows: (area.height / 2).max(5) };
    let (play, file, effects) = open_play(storage, learner, common, quest, from, size)?;
    let mut running = PlayLoop::new(play, file, storage, look, look.theme());
    let leave = running.run(display, effects)?;
    Ok(match leave {
        Leave::Home => Some(Open::Home),
        Leave::Quit => None,
    })
}

/// The session as its journal says, or a new one.
fn open_play(
    storage: &Storage,
    learner: &Learner,
    common: &Common,
    quest: Option<Rc<Quest>>,
    from: From,
    size: Size,
) -> Result<(Play, JournalFile, Vec<Effect>)> {
    let name = quest.as_ref().map_or("sandbox", |q| q.id()).to_owned();
    if from.fresh || from.step.is_some() {
        storage.put_aside(&name)?;
    }
    let (mut file, found) = storage.journal(&name)?;
    let is_new = matches!(found, Found::Nothing);
    let resumed = match found {
        Found::Journal(journal) => resumed(*journal, quest.as_ref()),
        Found::Nothing | Found::PutAside(..) => None,
    };
    let (play, effects) = match resumed {
        Some((start, journal)) => Play::resume(start, journal.entries),
        None => {
            // What is there belongs to another version of the quest: it is kept, and the quest goes on from the
            // beginning of the step that was reached.
            drop(file);
            storage.put_aside(&name)?;
            file = storage.journal(&name)?.0;
            let start = start(learner, common, quest.clone(), size);
            file.begin(&Header::of(&start, &learner.name))?;
            let reached = || {
                storage.progress().quests.get(&name).map(|p| p.at.clone()).filter(|_| !from.fresh && !is_new)
            };
            match from.step.clone().or_else(reached).zip(quest.as_ref()) {
                Some((step, quest)) => begin_at(start, quest, &step, &mut file)?,
                None => Play::begin(start),
            }
        }
    };
    Ok((play, file, effects))
}

/// A session at the beginning of a step: everything before it is played as its solutions say, and kept as if typed.
fn begin_at(
    start: Start,
    quest: &Rc<Quest>,
    step: &str,
    file: &mut JournalFile,
) -> Result<(Play, Vec<Effect>)> {
    let player = Player::of(start.clone());
    let player =
        solve_on(player, quest, Some(step), &mut |_, _| {}).map_err(|stuck| anyhow::anyhow!("{stuck}"))?;
    let entry =
        |(at, input): &(SimTime, Input)| Entry { at: at.0.saturating_sub(start.at.0), input: input.clone() };
    let entries: Vec<Entry> = player.inputs.iter().map(entry).collect();
    for entry in &entries {
        file.entry(entry)?;
    }
    Ok(Play::resume(start, entries))
}

/// The start of a journal's session, when its quest is still the same.
fn resumed(journal: Journal, quest: Option<&Rc<Quest>>) -> Option<(Start, Journal)> {
    let header = &journal.header;
    if header.content.as_ref() != quest.map(|q| &q.digest) {
        return None;
    }
    let world = WorldKind::parse(&header.world)?;
    let start = Start {
        seed: header.seed,
        learner: header.learner.clone(),
        at: header.start,
        world,
        quest: quest.cloned(),
        size: header.size,
    };
    Some((start, journal))
}

fn start(learner: &Learner, common: &Common, quest: Option<Rc<Quest>>, size: Size) -> Start {
    let world = quest.as_ref().map_or(Some(WorldKind::Cluster), |q| WorldKind::parse(&q.lesson.world));
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let at = SimTime(since.as_secs() * 1000);
    let mut start = Start::new(&learner.id, at, world.unwrap_or(WorldKind::CloudShell));
    start.quest = quest;
    if let Some(seed) = common.seed {
        start.seed = Seed(seed);
    }
    start.size = size;
    start
}
