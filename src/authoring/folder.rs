//! Quests in folders of the host: found, read, and named. Must never prove or play one.
#![allow(clippy::disallowed_methods, reason = "lessons are files of the host")]

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, Result, bail};

use crate::lesson::course::{Course, Files, Quest, shared_coach};
use crate::lesson::format::LessonError;

/// A lesson's folder may hold this many files.
const MAX_FILES: usize = 500;
/// The longest file that belongs into a lesson.
const FILE_LIMIT_BYTES: u64 = 4 * 1024 * 1024;

/// The lessons inside the program.
///
/// # Errors
/// A mistake of ours, found by the tests.
pub fn embedded() -> Result<Course> {
    Course::embedded().map_err(|errors| said(&errors))
}

/// A quest and the name that its journal and progress go by.
#[derive(Debug, Clone)]
pub struct Named {
    /// The quest.
    pub quest: Rc<Quest>,
    /// The quest's id; for one in a folder that shares it with one of the program's, told apart.
    pub name: String,
}

/// A quest of the program by id or number, or one in a folder by its path.
///
/// # Errors
/// When there is none, or its folder has mistakes.
pub fn find(course: &Course, wanted: &str) -> Result<Named> {
    let path = Path::new(wanted);
    let is_path = wanted.contains(['/', '\\']) || wanted == "." || wanted == "..";
    if !is_path && let Some(quest) = course.quest(wanted) {
        return Ok(Named { quest: Rc::clone(quest), name: quest.id().to_owned() });
    }
    if is_path || path.join("lesson.toml").is_file() {
        let quest = read(path)?;
        let taken = course.quests.iter().any(|q| q.id() == quest.id());
        let name = if taken { format!("own.{}", quest.id()) } else { quest.id().to_owned() };
        return Ok(Named { quest, name });
    }
    let known: Vec<&str> = course.quests.iter().map(|q| q.id()).collect();
    bail!(
        "there is no quest `{wanted}`; there is {}. One of your own is given by its folder, as ./{wanted}",
        known.join(", ")
    )
}

/// The quest in a folder.
///
/// # Errors
/// All mistakes that keep it from being read.
pub fn read(folder: &Path) -> Result<Rc<Quest>> {
    if !folder.join("lesson.toml").is_file() {
        bail!("{}: no lesson.toml here; `kubejam new {}` makes a quest", folder.display(), folder.display());
    }
    let coach = Rc::new(shared_coach().unwrap_or_default());
    let quest = Quest::read(&name_of(folder), &files(folder)?, coach).map_err(|errors| said(&errors))?;
    Ok(Rc::new(quest))
}

/// The folder's own name.
pub fn name_of(folder: &Path) -> String {
    let full = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    full.file_name().map_or_else(|| ".".to_owned(), |n| n.to_string_lossy().into_owned())
}

/// The folders of lessons at a place: the folder itself, or those in it.
///
/// # Errors
/// When it cannot be read, or there is none.
pub fn folders(dir: &Path) -> Result<Vec<PathBuf>> {
    if dir.join("lesson.toml").is_file() {
        return Ok(vec![dir.to_owned()]);
    }
    let mut found: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| dir.display().to_string())? {
        found.push(entry?.path());
    }
    found.retain(|f| f.join("lesson.toml").is_file());
    found.sort();
    if found.is_empty() {
        bail!("{}: no lesson.toml here, nor in a folder below", dir.display());
    }
    Ok(found)
}

/// Everything in a lesson's folder.
///
/// # Errors
/// When it cannot be read, or holds more than a lesson does.
pub fn files(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    collect(folder, "", &mut files)?;
    Ok(files)
}

fn collect(dir: &Path, prefix: &str, files: &mut Files) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| dir.display().to_string())? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let path = entry.path();
        if files.len() >= MAX_FILES {
            bail!("{}: more than {MAX_FILES} files; a lesson's folder holds its lesson only", dir.display());
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&path, &format!("{name}/"), files)?;
            continue;
        }
        if !fs::metadata(&path).is_ok_and(|m| m.is_file() && m.len() <= FILE_LIMIT_BYTES) {
            bail!("{}: not a file, or longer than {FILE_LIMIT_BYTES} bytes", path.display());
        }
        files.insert(name, fs::read(&path).with_context(|| path.display().to_string())?);
    }
    Ok(())
}

fn said(errors: &[LessonError]) -> anyhow::Error {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    anyhow::anyhow!("{}", lines.join("\n"))
}
