//! Finding what stands at a path. Must never change anything.

use std::rc::Rc;

use super::FileTree;
use super::entry::{ELF_HEADER, Entry, EntryKind, FsError};

/// How many symbolic links one lookup follows.
const LINK_LIMIT: usize = 40;
/// The longest name of one entry.
const NAME_LIMIT: usize = 255;
/// The longest path.
const PATH_LIMIT: usize = 4096;

impl FileTree {
    /// The real path of `path`, with every symbolic link resolved (the last one too when `follow_last`). The last
    /// component need not exist; everything before it must be a directory.
    pub fn resolve(&self, path: &str, follow_last: bool) -> Result<String, FsError> {
        if path.len() > PATH_LIMIT {
            return Err(FsError::NameTooLong);
        }
        let mut pending: Vec<&str> = path.split('/').rev().filter(|p| !p.is_empty()).collect();
        let mut links = 0;
        let mut done: Vec<(&str, &Rc<Entry>)> = Vec::new();
        while let Some(part) = pending.pop() {
            if part == "." {
                continue;
            }
            if part == ".." {
                done.pop();
                continue;
            }
            if part.len() > NAME_LIMIT {
                return Err(FsError::NameTooLong);
            }
            let here = done.last().map_or(&self.root, |(_, entry)| *entry);
            let EntryKind::Dir(children) = &here.kind else { return Err(FsError::NotADirectory) };
            match children.get(part) {
                None if pending.iter().all(|p| *p == ".") => {
                    let mut out = path_of(&done);
                    out.push('/');
                    out.push_str(part);
                    return Ok(out);
                }
                None => return Err(FsError::NotFound),
                Some(entry) => match &entry.kind {
                    EntryKind::Symlink(target) if follow_last || !pending.is_empty() => {
                        links += 1;
                        if links > LINK_LIMIT {
                            return Err(FsError::TooManyLinks);
                        }
                        if target.starts_with('/') {
                            done.clear();
                        }
                        pending.extend(target.split('/').rev().filter(|p| !p.is_empty()));
                    }
                    _ => done.push((part, entry)),
                },
            }
        }
        let out = path_of(&done);
        Ok(if out.is_empty() { "/".to_owned() } else { out })
    }

    /// The entry at a path on which nothing has to be resolved, as on nearly all: no links, no dots. `None` where
    /// [`FileTree::resolve`] has to look.
    pub(super) fn plain(&self, path: &str, follow_last: bool) -> Option<Result<&Rc<Entry>, FsError>> {
        let mut here = &self.root;
        if path.len() > PATH_LIMIT {
            return None;
        }
        for part in path.split('/').filter(|p| !p.is_empty()) {
            match &here.kind {
                _ if part == "." || part == ".." || part.len() > NAME_LIMIT => return None,
                EntryKind::Symlink(_) => return None,
                EntryKind::Dir(children) => match children.get(part) {
                    Some(child) => here = child,
                    None => return Some(Err(FsError::NotFound)),
                },
                _ => return Some(Err(FsError::NotADirectory)),
            }
        }
        let is_link = matches!(here.kind, EntryKind::Symlink(_));
        (!is_link || !follow_last).then_some(Ok(here))
    }

    pub(super) fn at(&self, real: &str) -> Option<&Rc<Entry>> {
        let mut here = &self.root;
        for part in real.split('/').filter(|p| !p.is_empty()) {
            let EntryKind::Dir(children) = &here.kind else { return None };
            here = children.get(part)?;
        }
        Some(here)
    }

    /// The entry at `path`, links followed.
    pub fn get(&self, path: &str) -> Option<&Rc<Entry>> {
        self.stat(path).ok()
    }

    /// The entry at `path`, links followed, or why there is none.
    pub fn stat(&self, path: &str) -> Result<&Rc<Entry>, FsError> {
        self.find(path, true)
    }

    /// The entry at `path` itself, the last link not followed.
    pub fn lstat(&self, path: &str) -> Result<&Rc<Entry>, FsError> {
        self.find(path, false)
    }

    fn find(&self, path: &str, follow_last: bool) -> Result<&Rc<Entry>, FsError> {
        match self.plain(path, follow_last) {
            Some(found) => found,
            None => self.at(&self.resolve(path, follow_last)?).ok_or(FsError::NotFound),
        }
    }

    pub fn exists(&self, path: &str) -> bool {
        self.stat(path).is_ok()
    }

    pub fn is_dir(&self, path: &str) -> bool {
        self.get(path).is_some_and(|e| e.is_dir())
    }

    /// The content of a file.
    pub fn read(&self, path: &str) -> Result<Rc<[u8]>, FsError> {
        match &self.stat(path)?.kind {
            EntryKind::File(bytes) => Ok(bytes.clone()),
            EntryKind::Program(_) => Ok(Rc::from(ELF_HEADER)),
            EntryKind::Dir(_) => Err(FsError::IsADirectory),
            EntryKind::Symlink(_) => Err(FsError::TooManyLinks),
        }
    }

    /// The content of a file as text; other bytes become replacement characters.
    pub fn read_text(&self, path: &str) -> Result<String, FsError> {
        Ok(String::from_utf8_lossy(&self.read(path)?).into_owned())
    }

    /// Names in a directory, in byte order.
    pub fn list(&self, path: &str) -> Result<Vec<String>, FsError> {
        match &self.stat(path)?.kind {
            EntryKind::Dir(children) => Ok(children.keys().cloned().collect()),
            _ => Err(FsError::NotADirectory),
        }
    }

    /// Every entry at and below `path` with its absolute path, parents first, names in order. Links are not followed.
    pub fn walk(&self, path: &str) -> Vec<(String, Rc<Entry>)> {
        let mut out = Vec::new();
        let Ok(real) = self.resolve(path, false) else { return out };
        if let Some(entry) = self.at(&real) {
            collect(real, entry, &mut out);
        }
        out
    }
}

fn path_of(parts: &[(&str, &Rc<Entry>)]) -> String {
    parts.iter().fold(String::new(), |mut out, (name, _)| {
        out.push('/');
        out.push_str(name);
        out
    })
}

pub(super) fn collect(path: String, entry: &Rc<Entry>, out: &mut Vec<(String, Rc<Entry>)>) {
    out.push((path.clone(), entry.clone()));
    if let EntryKind::Dir(children) = &entry.kind {
        let prefix = if path == "/" { "" } else { &path };
        for (name, child) in children {
            collect(format!("{prefix}/{name}"), child, out);
        }
    }
}
