//! `kubejam new`: a small quest of one's own that works and lints, to begin with. Must never write over anything.
#![allow(clippy::disallowed_methods, reason = "a quest is files of the host")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::lesson::course::Files;
use crate::lesson::format::good_id;

/// The quest that new ones are made from; docs/authoring.md shows the same.
const TEMPLATE: [(&str, &str); 3] = [
    ("lesson.toml", include_str!("../../assets/new-quest/lesson.toml")),
    ("en.md", include_str!("../../assets/new-quest/en.md")),
    ("ko.md", include_str!("../../assets/new-quest/ko.md")),
];

/// Arguments of `kubejam new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The folder to make; its name becomes the quest's id.
    dir: PathBuf,
}

/// Makes the folder.
///
/// # Errors
/// When something is there already, or it cannot be written.
pub fn run(args: &NewArgs) -> Result<ExitCode> {
    let dir = &args.dir;
    let name = dir.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let Some(id) = id_of(&name) else {
        bail!("{}: a quest's id is made from the folder's name and begins with a letter", dir.display());
    };
    if fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) || dir.is_file() {
        bail!("{} is there already; choose another name", dir.display());
    }
    fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
    for (file, bytes) in files(&id) {
        let path = dir.join(file);
        fs::write(&path, bytes).with_context(|| path.display().to_string())?;
    }
    let shown = given(dir);
    let mut out = std::io::stdout().lock();
    writeln!(out, "Made the quest `{id}` in {shown}: lesson.toml, en.md, ko.md").ok();
    writeln!(out, "  kubejam lint {shown}     proves it").ok();
    writeln!(out, "  kubejam start {shown}    plays it").ok();
    Ok(ExitCode::SUCCESS)
}

/// The files of a new quest.
pub fn files(id: &str) -> Files {
    let title = id.replace('-', " ");
    let filled = |text: &str| text.replace("QUEST_ID", id).replace("QUEST_TITLE", &title);
    TEMPLATE.iter().map(|(name, text)| ((*name).to_owned(), filled(text).into_bytes())).collect()
}

/// The folder as the other commands take it: with a slash, so that it is no id.
fn given(dir: &Path) -> String {
    let shown = dir.display().to_string();
    if shown.contains('/') { shown } else { format!("./{shown}") }
}

/// An id made from a folder's name: `10 My Quest` is `my-quest`.
fn id_of(name: &str) -> Option<String> {
    let dashed: String =
        name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let words: Vec<&str> = dashed.split('-').filter(|w| !w.is_empty()).collect();
    let id = words.join("-");
    let id = id.trim_start_matches(|c: char| !c.is_ascii_lowercase()).to_owned();
    good_id(&id).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::id_of;

    #[test]
    fn a_folders_name_becomes_an_id() {
        let check = |name: &str, expect: Option<&str>| assert_eq!(id_of(name).as_deref(), expect, "{name}");
        check("my-quest", Some("my-quest"));
        check("10 My Quest!", Some("my-quest"));
        check("내 퀘스트", None);
        check("42", None);
    }
}
