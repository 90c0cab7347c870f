//! Files in the wrong place and folders that are not there, or that one is in already.

use super::{Args, Rule, Situation};
use crate::lesson::check::State;
use crate::lesson::goal::Predicate;
use crate::lesson::template;

/// In order of precedence.
pub(super) const RULES: &[Rule] = &[
    Rule::after("already-there", already_there),
    Rule::after("no-such-folder", no_such_folder),
    Rule::after("file-name", file_name),
    Rule::after("wrong-folder", wrong_folder),
];

/// The folder that `cd` did not find.
fn lost(s: &Situation<'_>) -> Option<String> {
    let cd = s.commands.iter().find(|m| m.program == "cd").filter(|_| s.exit() != Some(0))?;
    s.wrote("No such file or directory").then(|| cd.names.first().cloned())?
}

fn already_there(s: &Situation<'_>) -> Option<Args> {
    let folder = lost(s)?;
    let cwd = &s.last?.cwd;
    (cwd.rsplit('/').next() == Some(folder.trim_end_matches('/'))).then(|| vec![("folder", folder)])
}

fn no_such_folder(s: &Situation<'_>) -> Option<Args> {
    lost(s).map(|folder| vec![("folder", folder)])
}

/// Folder and name of each file that a goal waits for and that is not there, `~` resolved.
fn awaited(s: &Situation<'_>) -> Vec<(String, String)> {
    let home = s.names.get("home").map_or("/root", String::as_str);
    let missing = s.goals.iter().zip(s.lines).filter(|(_, line)| line.state != State::Done);
    let paths = missing.filter_map(|(goal, _)| match &goal.predicate {
        Predicate::File { path, .. } => Some(template::fill(path, s.names).replacen('~', home, 1)),
        _ => None,
    });
    let absent = paths.filter(|path| s.facts.file(path).is_none());
    absent
        .filter_map(|path| path.rsplit_once('/').map(|(dir, name)| (dir.to_owned(), name.to_owned())))
        .collect()
}

/// The file is there, but its name has other letters or an ending.
fn file_name(s: &Situation<'_>) -> Option<Args> {
    for (dir, name) in awaited(s) {
        for other in [name.to_lowercase(), capitalised(&name), format!("{name}.txt")] {
            if other != name && s.facts.file(&format!("{dir}/{other}")).is_some() {
                return Some(vec![("have", other), ("want", name)]);
            }
        }
    }
    None
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The file is there, but in the folder where the command was typed or at home.
fn wrong_folder(s: &Situation<'_>) -> Option<Args> {
    let cwd = s.last?.cwd.as_str();
    let home = s.names.get("home").map_or("/root", String::as_str);
    let tilde = |path: &str| path.replacen(home, "~", 1);
    awaited(s).into_iter().find_map(|(dir, name)| {
        let mut elsewhere = [cwd, home].into_iter().filter(|other| *other != dir);
        let found = elsewhere.find(|other| s.facts.file(&format!("{other}/{name}")).is_some())?;
        Some(vec![
            ("file", name.clone()),
            ("from", format!("{}/{name}", tilde(found))),
            ("folder", tilde(&dir)),
        ])
    })
}
