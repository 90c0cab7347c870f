//! What is kept on the host between runs: who learns, how far they are, and their journals. A journal is only ever
//! appended to; progress is replaced in one step. Must never lose an input that was answered.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "this is where files are")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufRead, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use etcetera::AppStrategy;
use serde::{Deserialize, Serialize};

use crate::edge::journal_file::{Found, JournalFile, OpenError};
use crate::lesson::run::{Progress as StepProgress, QuestRun};
use crate::session::journal::{Journal, is_id};

/// Longest name of a person.
const NAME_LIMIT_CHARS: usize = 60;
/// The file that says how far a learner is.
const PROGRESS: &str = "progress.json";
/// Longest first line of a journal that is looked at for its learner.
const HEADER_LIMIT_BYTES: u64 = 64 * 1024;

/// Where everything is kept.
#[derive(Debug, Clone)]
pub struct Storage {
    dir: PathBuf,
}

/// The person who learns here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learner {
    /// Chosen once, by chance: `student-7f3a`.
    pub id: String,
    /// As it should stand on a record.
    #[serde(default)]
    pub name: String,
    /// Language of lessons and interface.
    #[serde(default)]
    pub lang: String,
    /// `dark` or `light`, once chosen.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub theme: String,
}

/// How far a learner is, by quest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// By quest id.
    #[serde(default)]
    pub quests: BTreeMap<String, QuestProgress>,
    /// The quest that was played last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
}

/// How far a learner is in one quest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestProgress {
    /// Steps that passed.
    #[serde(default)]
    pub passed: Vec<String>,
    /// The step on the screen.
    #[serde(default)]
    pub at: String,
    /// Whether the quest was completed.
    #[serde(default)]
    pub complete: bool,
}

impl Storage {
    /// The storage in a directory, or where this platform keeps data of programs.
    ///
    /// # Errors
    /// When there is no home directory or the directory cannot be made.
    pub fn open(dir: Option<&Path>) -> Result<Self> {
        let dir = match dir {
            Some(dir) => dir.to_owned(),
            None => platform_dir()?,
        };
        fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        Ok(Storage { dir })
    }

    /// Where it is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The person who learns here; made up on the first start.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn learner(&self) -> Result<Learner> {
        let path = self.dir.join("learner.json");
        if let Ok(Some(learner)) = read_json::<Learner>(&path)
            && !learner.id.is_empty()
        {
            if !is_id(&learner.id) {
                bail!("{}: an id has letters, digits, - and _ only, not {:?}", path.display(), learner.id);
            }
            return Ok(learner);
        }
        // A file that was lost or damaged must not make somebody else of a learner.
        let learner = self.learner_of_journals().unwrap_or_else(|| {
            // Six digits: among the two thousand of a large study jam, two alike are unlikely.
            let chance = std::hash::RandomState::new().build_hasher().finish();
            Learner { id: format!("student-{:06x}", chance & 0xff_ffff), ..Learner::default() }
        });
        self.save_learner(&learner)?;
        Ok(learner)
    }

    /// Keeps the person.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save_learner(&self, learner: &Learner) -> Result<()> {
        write_json(&self.dir.join("learner.json"), learner)
    }

    /// How far they are. What cannot be read counts as nothing done.
    pub fn progress(&self) -> Progress {
        read_json(&self.dir.join(PROGRESS)).ok().flatten().unwrap_or_default()
    }

    /// Changes how far they are, in one step; two processes that play two quests do not lose each other's steps. A
    /// file that cannot be read is kept beside the new one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn change_progress(&self, change: impl FnOnce(&mut Progress)) -> Result<()> {
        let path = self.dir.join(PROGRESS);
        let guard = File::create(self.dir.join("progress.lock")).and_then(|file| file.lock().map(|()| file));
        let mut progress = match read_json(&path) {
            Ok(read) => read.unwrap_or_default(),
            Err(_) => {
                fs::rename(&path, path.with_extension("damaged.json")).ok();
                Progress::default()
            }
        };
        change(&mut progress);
        let written = write_json(&path, &progress);
        drop(guard);
        written
    }

    /// Notes how far a run is. A disk that takes no progress does not stop the quest: the journal has it all.
    pub fn keep_progress(&self, name: &str, run: &QuestRun) {
        let steps = run.quest().lesson.steps.iter().zip(run.progress());
        let passed = steps.filter(|(_, p)| **p == StepProgress::Passed).map(|(s, _)| s.id.clone()).collect();
        let at = run.step().map(|s| s.id.clone()).unwrap_or_default();
        let changed = self.change_progress(|progress| {
            let quest = progress.quests.entry(name.to_owned()).or_default();
            (quest.passed, quest.at) = (passed, at);
            quest.complete |= run.complete();
            progress.last = Some(name.to_owned());
        });
        changed.ok();
    }

    /// Opens the journal of a quest (or of free play) for this process alone and reads what is in it.
    ///
    /// # Errors
    /// [`OpenError::InUse`] when another process has it.
    pub fn journal(&self, name: &str) -> Result<(JournalFile, Found), OpenError> {
        JournalFile::open(&self.journal_path(name))
    }

    /// Where the journal of a quest is.
    pub fn journal_path(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.jam"))
    }

    /// The learner's id and name as some journal here has them.
    fn learner_of_journals(&self) -> Option<Learner> {
        let mut paths: Vec<PathBuf> = fs::read_dir(&self.dir).ok()?.flatten().map(|e| e.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|e| e == "jam") && path.is_file());
        paths.sort();
        paths.iter().find_map(|path| {
            let mut line = String::new();
            let file = File::open(path).ok()?.take(HEADER_LIMIT_BYTES);
            io::BufReader::new(file).read_line(&mut line).ok()?;
            let header = Journal::salvage(line.as_bytes()).ok()?.0.header;
            Some(Learner { id: header.learner, name: header.name, ..Learner::default() })
        })
    }
}

/// A name as it can stand on a record: one line, of a length that fits.
pub fn proper_name(name: &str) -> String {
    let one_line: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words: Vec<&str> = one_line.split_whitespace().collect();
    words.join(" ").chars().take(NAME_LIMIT_CHARS).collect()
}

fn platform_dir() -> Result<PathBuf> {
    let strategy = etcetera::choose_app_strategy(etcetera::AppStrategyArgs {
        top_level_domain: "dev".into(),
        author: "KubeJam".into(),
        app_name: "kubejam".into(),
    });
    Ok(strategy.context("no home directory; say where with --data-dir")?.data_dir())
}

fn read_json<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Option<T>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).with_context(|| path.display().to_string())?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    write_in_one_step(path, &serde_json::to_vec_pretty(value)?)
}

/// Writes a file so that it is there whole or not at all, and what was there before stays until then.
///
/// # Errors
/// When it cannot be written.
pub fn write_in_one_step(path: &Path, bytes: &[u8]) -> Result<()> {
    let said = || path.display().to_string();
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = File::create(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        fs::remove_file(&beside).ok();
    }
    written.with_context(said)?;
    // The new name is on the disk as well; where folders cannot be synced, the file system sees to it.
    if let Some(folder) = path.parent() {
        File::open(folder).and_then(|folder| folder.sync_all()).ok();
    }
    Ok(())
}
