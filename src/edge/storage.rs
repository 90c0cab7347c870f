//! What is kept on the host between runs: who learns, how far they are, and their journals. A journal is only ever
//! appended to; progress is replaced in one step. Must never lose an input that was answered.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "this is where files are")]

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use etcetera::AppStrategy;
use serde::{Deserialize, Serialize};

use crate::lesson::run::{Progress as StepProgress, QuestRun};
use crate::session::journal::{Entry, Footer, Header, Journal, JournalError};

/// Largest journal that is read.
const JOURNAL_LIMIT_BYTES: u64 = 256 * 1024 * 1024;

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

/// A journal that is open for this process alone.
#[derive(Debug)]
pub struct JournalFile {
    file: File,
    path: PathBuf,
}

/// A journal as it was found.
#[derive(Debug)]
pub enum Found {
    /// None yet.
    Nothing,
    /// One that can be replayed.
    Journal(Box<Journal>),
    /// One that cannot; it was put aside under this name.
    PutAside(PathBuf, JournalError),
}

/// Why a journal could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another KubeJam plays from it right now.
    #[error("{0} is in use by another KubeJam. Close that one first, or play another quest here.")]
    InUse(PathBuf),
    /// The host's answer.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
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
        match read_json::<Learner>(&path)? {
            Some(learner) if !learner.id.is_empty() => Ok(learner),
            _ => {
                let chance = std::hash::RandomState::new().build_hasher().finish();
                let learner =
                    Learner { id: format!("student-{:04x}", chance & 0xffff), ..Learner::default() };
                self.save_learner(&learner)?;
                Ok(learner)
            }
        }
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
        read_json(&self.dir.join("progress.json")).ok().flatten().unwrap_or_default()
    }

    /// Keeps how far they are, in one step.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save_progress(&self, progress: &Progress) -> Result<()> {
        write_json(&self.dir.join("progress.json"), progress)
    }

    /// Notes how far a run is. A disk that takes no progress does not stop the quest: the journal has it all.
    pub fn keep_progress(&self, run: &QuestRun) {
        let mut progress = self.progress();
        let quest = progress.quests.entry(run.quest().id().to_owned()).or_default();
        let steps = run.quest().lesson.steps.iter().zip(run.progress());
        let passed = steps.filter(|(_, p)| **p == StepProgress::Passed).map(|(s, _)| s.id.clone());
        quest.passed = passed.collect();
        quest.at = run.step().map(|s| s.id.clone()).unwrap_or_default();
        quest.complete = quest.complete || run.complete();
        progress.last = Some(run.quest().id().to_owned());
        self.save_progress(&progress).ok();
    }

    /// Opens the journal of a quest (or of free play) for this process alone and reads what is in it. One that
    /// cannot be read is put aside, never overwritten.
    ///
    /// # Errors
    /// [`OpenError::InUse`] when another process has it.
    pub fn journal(&self, name: &str) -> Result<(JournalFile, Found), OpenError> {
        let path = self.dir.join(format!("{name}.jam"));
        let failed = |e| OpenError::Io(path.clone(), e);
        let mut file = open(&path).map_err(failed)?;
        if file.try_lock().is_err() {
            return Err(OpenError::InUse(path));
        }
        let mut text = Vec::new();
        Read::by_ref(&mut file).take(JOURNAL_LIMIT_BYTES).read_to_end(&mut text).map_err(failed)?;
        if text.is_empty() {
            return Ok((JournalFile { file, path }, Found::Nothing));
        }
        match Journal::parse(&text) {
            Ok(journal) => {
                file.set_len(journal.sound_bytes as u64).map_err(failed)?;
                file.seek(SeekFrom::End(0)).map_err(failed)?;
                Ok((JournalFile { file, path }, Found::Journal(Box::new(journal))))
            }
            Err(error) => {
                let aside = self.free_name(name);
                fs::rename(&path, &aside).map_err(failed)?;
                let file = open(&path).map_err(failed)?;
                file.try_lock().map_err(|_| OpenError::InUse(path.clone()))?;
                Ok((JournalFile { file, path }, Found::PutAside(aside, error)))
            }
        }
    }

    /// Puts a journal aside so that the quest begins afresh.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn put_aside(&self, name: &str) -> Result<()> {
        let path = self.dir.join(format!("{name}.jam"));
        if path.exists() {
            fs::rename(&path, self.free_name(name)).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }

    fn free_name(&self, name: &str) -> PathBuf {
        let numbered = |n: u32| self.dir.join(format!("{name}.{n}.jam"));
        (1..).map(numbered).find(|path| !path.exists()).unwrap_or_else(|| numbered(0))
    }
}

impl JournalFile {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the first line of an empty journal.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn begin(&mut self, header: &Header) -> io::Result<()> {
        self.append(&header.line())
    }

    /// Writes an input, before its effects are shown.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        self.append(&entry.line())
    }

    /// Writes the end of a completed quest.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn footer(&mut self, footer: &Footer) -> io::Result<()> {
        self.append(&footer.line())
    }

    fn append(&mut self, line: &str) -> io::Result<()> {
        self.file.write_all(line.as_bytes())?;
        self.file.flush()
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
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
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    let beside = path.with_extension("json.new");
    let text = serde_json::to_vec_pretty(value)?;
    let mut file = File::create(&beside).with_context(|| beside.display().to_string())?;
    file.write_all(&text).and_then(|()| file.sync_all()).with_context(|| beside.display().to_string())?;
    fs::rename(&beside, path).with_context(|| path.display().to_string())
}
