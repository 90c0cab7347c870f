//! A journal on a disk: opened by one process alone, only ever appended to, and cut back to its last sound line when
//! an append fails. Must never let an input's effect be seen before the input is written, and never lose what it
//! could not read.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "this is where journals are files")]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::session::journal::{Entry, Footer, Header, Journal, JournalError, Lines};

/// Largest journal that is read; play keeps far below it.
const JOURNAL_LIMIT_BYTES: u64 = 256 * 1024 * 1024;
/// Names that are tried for a journal that is put aside.
const ASIDE_LIMIT: u32 = 10_000;

/// What a journal is written to.
pub trait Medium {
    /// Writes at a place, which is the end.
    ///
    /// # Errors
    /// The host's; part of the bytes may be there.
    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()>;
    /// Cuts off what lies beyond.
    ///
    /// # Errors
    /// The host's.
    fn cut(&mut self, length: u64) -> io::Result<()>;
    /// Sees to it that a loss of power loses nothing.
    ///
    /// # Errors
    /// The host's.
    fn sync(&mut self) -> io::Result<()>;
}

impl Medium for File {
    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.seek(SeekFrom::Start(at))?;
        self.write_all(bytes)
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

/// A journal that is open for this process alone.
pub struct JournalFile {
    medium: Box<dyn Medium>,
    path: PathBuf,
    /// Bytes up to the end of the last sound line.
    length: u64,
    lines: Lines,
    /// An append failed, and what it left behind may still be there.
    ragged: bool,
    /// The digest of the record in it, once the quest was completed.
    digest: Option<String>,
}

/// A journal as it was found.
#[derive(Debug)]
pub enum Found {
    /// None yet.
    Nothing,
    /// One that can be replayed, perhaps without a last line that was torn off.
    Sound(Box<Journal>),
    /// One that can be replayed up to a damaged line; the whole of it was put aside under this name.
    Damaged(Box<Journal>, JournalError, PathBuf),
    /// One that cannot be replayed; it was put aside under this name.
    PutAside(JournalError, PathBuf),
}

/// Why a journal could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another KubeJam plays from it right now.
    #[error("{0} is in use by another KubeJam. Close that one first, or play another quest here.")]
    InUse(PathBuf),
    /// Something else stands where it should be.
    #[error("{0} is no file; move it away first")]
    NoFile(PathBuf),
    /// The host's answer.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
}

impl JournalFile {
    /// Opens the journal at a path for this process alone and reads what is in it. What cannot be read is put
    /// aside, never overwritten.
    ///
    /// # Errors
    /// [`OpenError::InUse`] when another process has it.
    pub fn open(path: &Path) -> Result<(Self, Found), OpenError> {
        let failed = |e| OpenError::Io(path.to_owned(), e);
        let mut file = lock(path)?;
        let length = file.metadata().map_err(failed)?.len();
        if length == 0 {
            return Ok((JournalFile::empty(Box::new(file), path), Found::Nothing));
        }
        let read = if length > JOURNAL_LIMIT_BYTES {
            Err(JournalError::TooLarge)
        } else {
            let mut text = Vec::new();
            Read::by_ref(&mut file).take(JOURNAL_LIMIT_BYTES).read_to_end(&mut text).map_err(failed)?;
            Journal::salvage(&text).map(|(journal, error)| {
                let torn = is_last_line(&text[journal.sound_bytes..]);
                (journal, error.filter(|_| !torn), text.len())
            })
        };
        match read {
            Ok((journal, damage, length)) => {
                let found = match damage {
                    Some(error) => {
                        let aside = free_name(path);
                        fs::copy(path, &aside).map_err(failed)?;
                        Found::Damaged(Box::new(journal.clone()), error, aside)
                    }
                    None => {
                        let torn = journal.sound_bytes < length;
                        Found::Sound(Box::new(Journal { torn, ..journal.clone() }))
                    }
                };
                let opened = JournalFile::going_on(Box::new(file), path, &journal);
                Ok((opened.map_err(failed)?, found))
            }
            Err(error) => {
                let aside = free_name(path);
                fs::rename(path, &aside).map_err(failed)?;
                Ok((JournalFile::empty(Box::new(lock(path)?), path), Found::PutAside(error, aside)))
            }
        }
    }

    /// A journal without a line, on any medium.
    pub fn empty(medium: Box<dyn Medium>, path: &Path) -> Self {
        let (path, lines) = (path.to_owned(), Lines::default());
        JournalFile { medium, path, length: 0, lines, ragged: false, digest: None }
    }

    /// A journal that goes on where a reader found its sound end.
    ///
    /// # Errors
    /// When the rest cannot be cut off.
    pub fn going_on(mut medium: Box<dyn Medium>, path: &Path, journal: &Journal) -> io::Result<Self> {
        let length = journal.sound_bytes as u64;
        medium.cut(length)?;
        let lines = Lines::after(journal.seal.clone());
        let digest = journal.ended.as_ref().map(|ended| ended.digest.clone());
        Ok(JournalFile { medium, path: path.to_owned(), length, lines, ragged: false, digest })
    }

    /// Puts what is there aside and begins with nothing; another process cannot come between.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn begin_anew(self) -> Result<(Self, Option<PathBuf>), OpenError> {
        if self.length == 0 {
            return Ok((self, None));
        }
        let path = self.path.clone();
        let aside = free_name(&path);
        fs::rename(&path, &aside).map_err(|e| OpenError::Io(path.clone(), e))?;
        drop(self);
        Ok((JournalFile::empty(Box::new(lock(&path)?), &path), Some(aside)))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The digest of the record in it, once the quest was completed.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// Writes the first line.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn begin(&mut self, header: &Header) -> io::Result<()> {
        self.append(&[header])
    }

    /// Writes inputs, before their effects are shown: all of them or none.
    ///
    /// # Errors
    /// When the disk does not take them; then the journal is as it was.
    pub fn entries(&mut self, entries: &[Entry]) -> io::Result<()> {
        self.append(entries)
    }

    /// Writes the end of a completed quest; only the first one counts.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn footer(&mut self, footer: &Footer) -> io::Result<()> {
        if self.digest.is_some() {
            return Ok(());
        }
        let digest = self.lines.digest(footer);
        self.append(&[footer])?;
        self.digest = Some(digest);
        Ok(())
    }

    fn append(&mut self, values: &[impl Serialize]) -> io::Result<()> {
        if self.ragged {
            self.medium.cut(self.length)?;
            self.ragged = false;
        }
        let mut lines = self.lines.clone();
        let text: String = values.iter().map(|value| lines.line(value)).collect();
        let written = self.medium.write_at(self.length, text.as_bytes()).and_then(|()| self.medium.sync());
        match written {
            Ok(()) => {
                self.length += text.len() as u64;
                self.lines = lines;
            }
            Err(_) => self.ragged = self.medium.cut(self.length).is_err(),
        }
        written
    }
}

/// Whether the first line that cannot be read is the last of the file: then it was being written when the computer
/// stopped, and nobody was told that it is there.
fn is_last_line(rest: &[u8]) -> bool {
    !rest.is_empty() && !rest[..rest.len() - 1].contains(&b'\n')
}

fn lock(path: &Path) -> Result<File, OpenError> {
    let failed = |e| OpenError::Io(path.to_owned(), e);
    // A pipe or a device would be waited for without end.
    if fs::metadata(path).is_ok_and(|m| !m.is_file()) {
        return Err(OpenError::NoFile(path.to_owned()));
    }
    let file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
    match file.try_lock() {
        // Some network file systems know no locks: better to play than not to.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
    }
}

/// The first name of `quest.1.jam`, `quest.2.jam` ... that is free.
fn free_name(path: &Path) -> PathBuf {
    let numbered = |n: u32| path.with_extension(format!("{n}.jam"));
    (1..ASIDE_LIMIT).map(numbered).find(|path| !path.exists()).unwrap_or_else(|| numbered(ASIDE_LIMIT))
}
