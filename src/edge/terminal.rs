//! The program as it is played: the home screen, and the loop that carries keys to the session and frames to the
//! terminal. Must never know what a command or an object means.
#![allow(clippy::disallowed_methods, reason = "the host's environment and clock say how and when to begin")]

use anyhow::{Context, Result, bail};
use crossterm::event::{self, Event};

use crate::authoring::folder::{self, Named};
use crate::edge::display::Display;
use crate::edge::journal_file::OpenError;
use crate::edge::kube_http;
use crate::edge::opening::{self, Told, Wanted};
use crate::edge::options::Common;
use crate::edge::plain::PlainLoop;
use crate::edge::play_loop::{Leave, PlayLoop};
use crate::edge::storage::{Learner, Storage, proper_name};
use crate::lesson::course::{Course, Language, PLAN};
use crate::ui::home::{Card, Choice, Home};
use crate::ui::layout;
use crate::ui::texts::Texts;
use crate::ui::theme::{Depth, Ground, Theme};
use crate::world::tty::Size;

/// The size that programs see when there is no screen: wide, because whoever reads aloud needs no wrapping.
const PLAIN_COLUMNS: u16 = 200;
const PLAIN_ROWS: u16 = 50;

/// What to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Open {
    /// The home screen.
    Home,
    /// A quest, by id or folder: where the learner was, afresh, or at the beginning of a step.
    Quest { id: String, fresh: bool, step: Option<String> },
    /// Free play.
    Sandbox { fresh: bool },
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
        let locale = locale();
        let term = variable("TERM").unwrap_or_default();
        let truecolor = variable("COLORTERM").is_some_and(|v| v == "truecolor" || v == "24bit");
        let depth = if common.no_color || variable("NO_COLOR").is_some() || term == "dumb" {
            Depth::None
        } else if truecolor {
            Depth::True
        } else {
            Depth::Indexed
        };
        let chosen = common.theme.as_deref().or(Some(learner.theme.as_str()).filter(|t| !t.is_empty()));
        let light = match chosen {
            Some(theme) => theme == "light",
            // `foreground;background`: 7 and 15 are white.
            None => variable("COLORFGBG").is_some_and(|v| matches!(v.rsplit(';').next(), Some("7" | "15"))),
        };
        let utf8 = locale.is_empty() || locale.to_ascii_lowercase().contains("utf");
        Look {
            language: language(common, learner),
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

fn locale() -> String {
    let set = |name: &&str| std::env::var(name).ok().filter(|v| !v.is_empty());
    ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set).unwrap_or_default()
}

/// The language asked for, else the one chosen before, else the locale's.
pub fn language(common: &Common, learner: &Learner) -> Language {
    let before = Some(learner.lang.clone()).filter(|lang| !lang.is_empty());
    Language::of(&common.lang.clone().or(before).unwrap_or_else(locale))
}

/// Runs the interface until the learner leaves.
///
/// # Errors
/// When there is no terminal, or nothing can be kept on the disk.
pub fn run(open: Open, common: &Common, serve: Option<u16>) -> Result<()> {
    let storage = Storage::open(common.data_dir.as_deref())?;
    let mut learner = storage.learner()?;
    if let Some(name) = common.name.as_deref().map(proper_name)
        && learner.name != name
    {
        learner.name = name;
        storage.save_learner(&learner)?;
    }
    let mut look = Look::of(common, &learner);
    let course = Course::embedded().map_err(|errors| anyhow::anyhow!("{}", errors[0]))?;
    if let Open::Quest { id, step, .. } = &open {
        let Named { quest, .. } = folder::find(&course, id)?;
        if let Some(step) = step {
            quest
                .step(step)
                .with_context(|| format!("{id} has no step {step:?}; `kubejam list` shows them"))?;
        }
    }
    if common.plain && serve.is_some() {
        bail!("--serve needs the screen; without one, `kubejam serve` answers clients");
    }
    if common.plain {
        return run_plain(open, common, &storage, &course, &learner, &look);
    }
    let mut display = Display::take().context("KubeJam needs a terminal")?;
    let mut next = Some((open, String::new()));
    let mut has_been_home = false;
    while let Some((open, notice)) = next.take() {
        let wanted = match open {
            Open::Home => {
                has_been_home = true;
                next = home(&mut display, &storage, &course, &mut learner, &mut look, &notice)?
                    .map(|open| (open, String::new()));
                continue;
            }
            Open::Quest { id, fresh, step } => {
                let Named { quest, name } = folder::find(&course, &id)?;
                Wanted { quest: Some(quest), name, fresh, step }
            }
            Open::Sandbox { fresh } => Wanted { quest: None, name: "sandbox".to_owned(), fresh, step: None },
        };
        next = match play(&mut display, &storage, &mut learner, &look, common, &wanted, serve) {
            Ok(Leave::Home) => Some((Open::Home, String::new())),
            Ok(Leave::Quit) => None,
            // From the home screen there is another way to go.
            Err(error) if has_been_home => Some((Open::Home, why(&error, &look))),
            Err(error) => bail!("{}", why(&error, &look)),
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
    let texts = Texts::new(look.language);
    let wanted = match open {
        Open::Home => {
            for quest in &course.quests {
                println!("kubejam --plain start {}: {}", quest.id(), quest.prose(look.language).title);
            }
            println!("kubejam --plain sandbox: {}", texts.say("home-sandbox-note"));
            return Ok(());
        }
        Open::Quest { id, fresh, step } => {
            let Named { quest, name } = folder::find(course, &id)?;
            Wanted { quest: Some(quest), name, fresh, step }
        }
        Open::Sandbox { fresh } => Wanted { quest: None, name: "sandbox".to_owned(), fresh, step: None },
    };
    let size = Size { cols: PLAIN_COLUMNS, rows: PLAIN_ROWS };
    let opened = opening::open(storage, learner, common, &wanted, size);
    let opened = opened.map_err(|error| anyhow::anyhow!("{}", why(&error, look)))?;
    if let Some(told) = &opened.told {
        let values: Vec<(&str, &str)> = told.values.iter().map(|(k, v)| (*k, v.as_str())).collect();
        println!("{}", texts.say_with(told.key, &values));
    }
    let theme = Theme::new(look.ground, Depth::None, true);
    PlainLoop::new(opened.play, opened.journal, storage, &wanted.name, look, theme).run(opened.effects)
}

/// Why something could not be opened, in the learner's language where it is about the journal.
fn why(error: &anyhow::Error, look: &Look) -> String {
    let texts = Texts::new(look.language);
    let path = |path: &std::path::Path| path.display().to_string();
    match error.downcast_ref::<OpenError>() {
        Some(OpenError::InUse(at)) => texts.say_with("open-in-use", &[("path", &path(at))]),
        Some(OpenError::NoFile(at)) => texts.say_with("open-no-file", &[("path", &path(at))]),
        Some(OpenError::Io(at, why)) => {
            texts.say_with("open-failed", &[("path", &path(at)), ("why", &why.to_string())])
        }
        None => format!("{error:#}"),
    }
}

fn home(
    display: &mut Display,
    storage: &Storage,
    course: &Course,
    learner: &mut Learner,
    look: &mut Look,
    notice: &str,
) -> Result<Option<Open>> {
    let mut theme = look.theme();
    let mut texts = Texts::new(look.language);
    let mut home = Home::new(cards(storage, course, look.language));
    notice.clone_into(&mut home.notice);
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
            Some(Choice::Theme) => {
                look.ground = match look.ground {
                    Ground::Dark => Ground::Light,
                    Ground::Light => Ground::Dark,
                };
                learner.theme = if look.ground == Ground::Light { "light" } else { "dark" }.to_owned();
                storage.save_learner(learner)?;
                theme = look.theme();
            }
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

/// Plays until the learner leaves. What keeps it from being opened is said where the learner is.
fn play(
    display: &mut Display,
    storage: &Storage,
    learner: &mut Learner,
    look: &Look,
    common: &Common,
    wanted: &Wanted,
    serve: Option<u16>,
) -> Result<Leave> {
    let inside = layout::terminal_inside(display.frame().area, wanted.quest.is_some());
    let size = Size { cols: inside.width.max(20), rows: inside.height.max(5) };
    let opened = opening::open(storage, learner, common, wanted, size)?;
    let mut running = PlayLoop::new(opened.play, opened.journal, storage, &wanted.name, look, look.theme());
    running.learner = learner.clone();
    let mut told = opened.told;
    if let Some(port) = serve {
        let path = storage.dir().join(kube_http::KUBECONFIG);
        let door = kube_http::open(port, &path)?;
        let values = vec![("address", door.address().to_string()), ("path", path.display().to_string())];
        told = told.or(Some(Told { key: "serve-card", values, grave: true }));
        running.open_to(door);
    }
    let leave = running.run(display, opened.effects, told)?;
    *learner = running.learner;
    Ok(leave)
}
