//! A cloned folder: where it begins, which repository it came from, and how its files differ from that. Must never
//! print anything.

use std::collections::{BTreeMap, BTreeSet};

use super::repositories::Repository;
use crate::image::files::{FsError, split_parent};
use crate::world::Sys;

/// The folder in which git keeps its own.
pub const DOT_GIT: &str = ".git";
/// Files of a work tree looked at.
const MAX_FILES: usize = 10_000;
/// Folders between a working directory and the root, looked at for `.git`.
const MAX_DEPTH: usize = 100;

/// A cloned folder.
pub struct WorkTree {
    /// Its absolute path.
    pub root: String,
    /// What it was cloned from.
    pub repository: Repository,
    /// That repository's URL as it was typed.
    pub url: String,
}

/// How the files differ from the newest commit; paths below the root.
#[derive(Debug, Default)]
pub struct Changes {
    pub modified: BTreeSet<String>,
    pub deleted: BTreeSet<String>,
    pub untracked: BTreeSet<String>,
}

impl WorkTree {
    /// The work tree that holds `cwd`.
    pub fn around(sys: &Sys, cwd: &str) -> Option<WorkTree> {
        let mut dir = cwd.to_owned();
        for _ in 0..MAX_DEPTH {
            if let Ok(config) = sys.read_text(&format!("{}/{DOT_GIT}/config", dir.trim_end_matches('/'))) {
                let url = config.lines().find_map(|l| l.trim().strip_prefix("url = ")).map(str::to_owned)?;
                return Some(WorkTree { root: dir, repository: Repository::find(&url)?, url });
            }
            if dir == "/" {
                return None;
            }
            dir = split_parent(&dir).0.to_owned();
        }
        None
    }

    /// What is different.
    pub fn changes(&self, sys: &Sys) -> Changes {
        let mut changes = Changes::default();
        for (path, bytes) in &self.repository.files {
            match sys.read(&format!("{}/{path}", self.root)) {
                Ok(have) if have.as_ref() == *bytes => {}
                Ok(_) => drop(changes.modified.insert(path.clone())),
                Err(_) => drop(changes.deleted.insert(path.clone())),
            }
        }
        changes.untracked = self.untracked(sys);
        changes
    }

    /// Files that the repository does not have; a folder without any of its files counts as one, with a slash.
    fn untracked(&self, sys: &Sys) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open = vec![String::new()];
        let mut budget = MAX_FILES;
        while let Some(dir) = open.pop() {
            for name in sys.list(&format!("{}/{dir}", self.root)).unwrap_or_default() {
                budget = budget.saturating_sub(1);
                let path = if dir.is_empty() { name.clone() } else { format!("{dir}/{name}") };
                if path == DOT_GIT || budget == 0 {
                    continue;
                }
                let is_dir = sys.is_dir(&format!("{}/{path}", self.root));
                let below = format!("{path}/");
                match is_dir {
                    true if self.repository.files.keys().any(|f| f.starts_with(&below)) => open.push(path),
                    true => drop(found.insert(below)),
                    false if !self.repository.files.contains_key(&path) => drop(found.insert(path)),
                    false => {}
                }
            }
        }
        found
    }

    /// The files of the newest commit at or below a path relative to the root; `""` is all of them.
    pub fn committed(&self, path: &str) -> BTreeMap<String, &'static [u8]> {
        let below = format!("{path}/");
        let at = |f: &String| path.is_empty() || f == path || f.starts_with(&below);
        self.repository.files.iter().filter(|(f, _)| at(f)).map(|(f, b)| (f.clone(), *b)).collect()
    }

    /// A path below the root as it is written from `cwd`.
    pub fn shown_from(&self, cwd: &str, path: &str) -> String {
        let inside = cwd.strip_prefix(self.root.as_str()).unwrap_or_default().trim_matches('/').to_owned();
        let mut here: Vec<&str> = inside.split('/').filter(|p| !p.is_empty()).collect();
        let mut rest = path;
        while let (Some(first), Some((head, tail))) = (here.first(), rest.split_once('/')) {
            if *first != head {
                break;
            }
            here.remove(0);
            rest = tail;
        }
        format!("{}{rest}", "../".repeat(here.len()))
    }
}

/// Writes a file below `root` with the folders above it; scripts can be run.
pub fn write_file(sys: &Sys, root: &str, path: &str, bytes: Vec<u8>) -> Result<(), FsError> {
    let script = bytes.starts_with(b"#!");
    sys.change(&format!("{root}/{path}"), |tree, full, now| {
        let parent = split_parent(full).0.to_owned();
        if tree.get(&parent).is_none() {
            tree.mkdir(&parent, true, now)?;
        }
        tree.write(full, bytes, now)?;
        if script { tree.chmod(full, 0o755) } else { Ok(()) }
    })
}

/// Makes everything below `root` the user's own.
pub fn own(sys: &Sys, root: &str) {
    let user = sys.view(|w| w.hosts.get(&sys.host).map(|h| h.user.clone())).unwrap_or_default();
    // A tree that cannot be owned is still there to be read.
    sys.change(root, |tree, root, _| tree.chown_all(root, &user, &user)).ok();
}
