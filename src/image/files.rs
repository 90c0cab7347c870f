//! The virtual file tree of a machine, an image or a container: directories, files, symbolic links and program
//! entries. Cloning is cheap (copy on write). Never touches the host's files, never checks who is asking.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::base::SimTime;

/// How many bytes of content one tree may hold before writing says `No space left on device`.
pub const TREE_LIMIT_BYTES: u64 = 64 * 1024 * 1024;
/// How many symbolic links one lookup follows.
const LINK_LIMIT: usize = 40;
/// The longest name of one entry.
const NAME_LIMIT: usize = 255;
/// The longest path.
const PATH_LIMIT: usize = 4096;

/// One entry of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub kind: EntryKind,
    /// Permission bits, e.g. `0o644`.
    pub mode: u32,
    pub owner: Rc<str>,
    pub group: Rc<str>,
    pub mtime: SimTime,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    Dir(BTreeMap<String, Rc<Entry>>),
    File(Rc<[u8]>),
    Symlink(String),
    /// An executable whose behaviour is the named program; read as bytes it is an ELF header.
    Program(String),
}

/// What a file operation can fail with; `Display` is the C library's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FsError {
    #[error("No such file or directory")]
    NotFound,
    #[error("Not a directory")]
    NotADirectory,
    #[error("Is a directory")]
    IsADirectory,
    #[error("File exists")]
    Exists,
    #[error("Permission denied")]
    Permission,
    #[error("Directory not empty")]
    NotEmpty,
    #[error("No space left on device")]
    NoSpace,
    #[error("Too many levels of symbolic links")]
    TooManyLinks,
    #[error("File name too long")]
    NameTooLong,
    #[error("Read-only file system")]
    ReadOnly,
    #[error("Invalid argument")]
    Invalid,
    #[error("Device or resource busy")]
    Busy,
}

/// One difference between two trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeChange {
    pub path: String,
    pub kind: ChangeKind,
}

/// As `docker diff` letters them: A, C, D.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    Changed,
    Added,
    Deleted,
}

/// A whole tree of files. Paths are absolute; `.`, `..` and repeated slashes are resolved.
#[derive(Debug, Clone)]
pub struct FileTree {
    root: Rc<Entry>,
    used_bytes: u64,
    limit_bytes: u64,
}

impl Default for FileTree {
    fn default() -> Self {
        FileTree::new()
    }
}

impl PartialEq for FileTree {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.root, &other.root) || self.root == other.root
    }
}

impl Entry {
    /// An entry owned by root.
    pub fn new(kind: EntryKind, mode: u32, mtime: SimTime) -> Self {
        let root: Rc<str> = Rc::from("root");
        Entry { kind, mode, owner: root.clone(), group: root, mtime }
    }

    pub fn is_dir(&self) -> bool {
        matches!(self.kind, EntryKind::Dir(_))
    }

    /// Whether any execute bit is set.
    pub fn is_executable(&self) -> bool {
        self.mode & 0o111 != 0
    }

    /// Length in bytes as `ls -l` shows it.
    pub fn size(&self) -> u64 {
        match &self.kind {
            EntryKind::Dir(_) => 4096,
            EntryKind::File(bytes) => bytes.len() as u64,
            EntryKind::Symlink(target) => target.len() as u64,
            EntryKind::Program(name) => program_size(name),
        }
    }

    fn content_bytes(&self) -> u64 {
        match &self.kind {
            EntryKind::Dir(children) => children.values().map(|c| c.content_bytes()).sum(),
            EntryKind::File(bytes) => bytes.len() as u64,
            EntryKind::Symlink(_) | EntryKind::Program(_) => 0,
        }
    }
}

/// A plausible, stable size for an executable that has no bytes.
fn program_size(name: &str) -> u64 {
    name.bytes().fold(26_000, |size, b| size + u64::from(b) * 137)
}

/// What reading a program entry as bytes gives: enough of an ELF header for `file`, `cat` and `head -c`.
pub const ELF_HEADER: &[u8] =
    b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x3e\x00\x01\x00\x00\x00";

/// Resolves `path` against `cwd`, without links: `.`, `..`, repeated and trailing slashes vanish.
pub fn join(cwd: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let base = if path.starts_with('/') { "" } else { cwd };
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    format!("/{}", parts.join("/"))
}

/// The parent of a normalised absolute path, and its last component (empty for the root).
pub fn split_parent(path: &str) -> (&str, &str) {
    match path.rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some((parent, name)) => (parent, name),
        None => ("/", path),
    }
}

impl FileTree {
    /// A tree with nothing but its root directory.
    pub fn new() -> Self {
        let root = Entry::new(EntryKind::Dir(BTreeMap::new()), 0o755, SimTime(0));
        FileTree { root: Rc::new(root), used_bytes: 0, limit_bytes: TREE_LIMIT_BYTES }
    }

    /// A tree whose root is `entry`, such as a volume's directory.
    pub fn from_root(entry: Rc<Entry>) -> Self {
        let used_bytes = entry.content_bytes();
        FileTree { root: entry, used_bytes, limit_bytes: TREE_LIMIT_BYTES }
    }

    /// The same tree with another limit on its content.
    pub fn with_limit(mut self, limit_bytes: u64) -> Self {
        self.limit_bytes = limit_bytes;
        self
    }

    /// The root directory.
    pub fn root(&self) -> &Rc<Entry> {
        &self.root
    }

    /// Bytes of file content in the tree.
    pub fn used_bytes(&self) -> u64 {
        self.used_bytes
    }

    /// The real path of `path`, with every symbolic link resolved (the last one too when `follow_last`). The last
    /// component need not exist; everything before it must be a directory.
    pub fn resolve(&self, path: &str, follow_last: bool) -> Result<String, FsError> {
        if path.len() > PATH_LIMIT {
            return Err(FsError::NameTooLong);
        }
        let mut pending: Vec<String> =
            path.split('/').rev().filter(|p| !p.is_empty()).map(str::to_owned).collect();
        let mut links = 0;
        let mut done: Vec<(String, &Rc<Entry>)> = Vec::new();
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
            match children.get(&part) {
                None if pending.iter().all(|p| p == ".") => {
                    let mut out = path_of(&done);
                    out.push('/');
                    out.push_str(&part);
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
                        pending.extend(target.split('/').rev().filter(|p| !p.is_empty()).map(str::to_owned));
                    }
                    _ => done.push((part, entry)),
                },
            }
        }
        let out = path_of(&done);
        Ok(if out.is_empty() { "/".to_owned() } else { out })
    }

    fn at(&self, real: &str) -> Option<&Rc<Entry>> {
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
        self.at(&self.resolve(path, true)?).ok_or(FsError::NotFound)
    }

    /// The entry at `path` itself, the last link not followed.
    pub fn lstat(&self, path: &str) -> Result<&Rc<Entry>, FsError> {
        self.at(&self.resolve(path, false)?).ok_or(FsError::NotFound)
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

    /// Creates or replaces a file's content; mode and owner of an existing file stay.
    pub fn write(&mut self, path: &str, bytes: impl Into<Rc<[u8]>>, now: SimTime) -> Result<(), FsError> {
        let bytes = bytes.into();
        let real = self.resolve(path, true)?;
        if path.ends_with('/') {
            return Err(if self.at(&real).is_some() { FsError::IsADirectory } else { FsError::NotFound });
        }
        let mut entry = match self.at(&real) {
            Some(old) if old.is_dir() => return Err(FsError::IsADirectory),
            Some(old) => Entry::clone(old),
            None => self.inherit_owner(&real, Entry::new(EntryKind::File(Rc::from([])), 0o644, now)),
        };
        entry.kind = EntryKind::File(bytes);
        entry.mtime = now;
        self.put(&real, entry)
    }

    /// Adds to the end of a file, creating it when needed.
    pub fn append(&mut self, path: &str, bytes: &[u8], now: SimTime) -> Result<(), FsError> {
        let mut content = match self.read(path) {
            Ok(old) => old.to_vec(),
            Err(FsError::NotFound) => Vec::new(),
            Err(error) => return Err(error),
        };
        content.extend_from_slice(bytes);
        self.write(path, content, now)
    }

    /// Puts a whole entry (a directory with everything below it, too) at a path whose parent exists, replacing what
    /// is there.
    pub fn put(&mut self, path: &str, entry: Entry) -> Result<(), FsError> {
        let real = self.resolve(path, false)?;
        if real == "/" {
            self.used_bytes = entry.content_bytes();
            self.root = Rc::new(entry);
            return Ok(());
        }
        let before = self.at(&real).map_or(0, |e| e.content_bytes());
        let after = (self.used_bytes - before.min(self.used_bytes)).saturating_add(entry.content_bytes());
        if after > self.limit_bytes {
            return Err(FsError::NoSpace);
        }
        let mtime = entry.mtime;
        let (parent, name) = split_parent(&real);
        let known = self.at(&real).is_some();
        let directory = self.edit(parent).ok_or(FsError::NotFound)?;
        let EntryKind::Dir(children) = &mut directory.kind else { return Err(FsError::NotADirectory) };
        children.insert(name.to_owned(), Rc::new(entry));
        if !known {
            directory.mtime = directory.mtime.max(mtime);
        }
        self.used_bytes = after;
        Ok(())
    }

    /// Makes a directory; with `parents` those above it too, and an existing directory is no error.
    pub fn mkdir(&mut self, path: &str, parents: bool, now: SimTime) -> Result<(), FsError> {
        if parents {
            let whole = join("/", path);
            let mut upto = String::new();
            for part in whole.split('/').filter(|p| !p.is_empty()) {
                upto.push('/');
                upto.push_str(part);
                match self.stat(&upto) {
                    Ok(entry) if entry.is_dir() => {}
                    Ok(_) => return Err(FsError::NotADirectory),
                    Err(FsError::NotFound) => self.mkdir(&upto, false, now)?,
                    Err(error) => return Err(error),
                }
            }
            return Ok(());
        }
        let real = self.resolve(path, true)?;
        if self.at(&real).is_some() {
            return Err(FsError::Exists);
        }
        let entry = self.inherit_owner(&real, Entry::new(EntryKind::Dir(BTreeMap::new()), 0o755, now));
        self.put(&real, entry)
    }

    /// Removes an entry; a directory only when it is empty or `recursive`.
    pub fn remove(&mut self, path: &str, recursive: bool, now: SimTime) -> Result<(), FsError> {
        let real = self.resolve(path, false)?;
        let entry = self.at(&real).ok_or(FsError::NotFound)?;
        if let EntryKind::Dir(children) = &entry.kind
            && !recursive
            && !children.is_empty()
        {
            return Err(FsError::NotEmpty);
        }
        if real == "/" {
            return Err(FsError::Busy);
        }
        let freed = entry.content_bytes();
        let (parent, name) = split_parent(&real);
        let directory = self.edit(parent).ok_or(FsError::NotFound)?;
        if let EntryKind::Dir(children) = &mut directory.kind {
            children.remove(name);
        }
        directory.mtime = now;
        self.used_bytes = self.used_bytes.saturating_sub(freed);
        Ok(())
    }

    /// Moves an entry, replacing a file or an empty directory at `to`, as rename(2).
    pub fn rename(&mut self, from: &str, to: &str, now: SimTime) -> Result<(), FsError> {
        let from = self.resolve(from, false)?;
        let to = self.resolve(to, false)?;
        let moved = self.at(&from).ok_or(FsError::NotFound)?.clone();
        if from == to {
            return Ok(());
        }
        if to.starts_with(&format!("{from}/")) {
            return Err(FsError::Invalid);
        }
        match self.at(&to).map(|e| &e.kind) {
            Some(EntryKind::Dir(_)) if !moved.is_dir() => return Err(FsError::IsADirectory),
            Some(EntryKind::Dir(children)) if !children.is_empty() => return Err(FsError::NotEmpty),
            Some(kind) if moved.is_dir() && !matches!(kind, EntryKind::Dir(_)) => {
                return Err(FsError::NotADirectory);
            }
            _ => {}
        }
        if !self.is_dir(split_parent(&to).0) {
            return Err(FsError::NotFound);
        }
        self.remove(&from, true, now)?;
        self.put(&to, Entry::clone(&moved))
    }

    /// Makes a symbolic link at `path` to `target`.
    pub fn symlink(&mut self, target: &str, path: &str, now: SimTime) -> Result<(), FsError> {
        let real = self.resolve(path, false)?;
        if self.at(&real).is_some() {
            return Err(FsError::Exists);
        }
        let entry = self.inherit_owner(&real, Entry::new(EntryKind::Symlink(target.to_owned()), 0o777, now));
        self.put(&real, entry)
    }

    /// Puts an executable that behaves as the named program, with the directories above it.
    pub fn put_program(&mut self, path: &str, program: &str, now: SimTime) -> Result<(), FsError> {
        let real = join("/", path);
        self.mkdir(split_parent(&real).0, true, now)?;
        self.put(&real, Entry::new(EntryKind::Program(program.to_owned()), 0o755, now))
    }

    /// Sets permission bits, links followed.
    pub fn chmod(&mut self, path: &str, mode: u32) -> Result<(), FsError> {
        self.change(path, |entry| entry.mode = mode & 0o7777)
    }

    /// Sets owner and group, links followed.
    pub fn chown(&mut self, path: &str, owner: &str, group: &str) -> Result<(), FsError> {
        self.change(path, |entry| {
            entry.owner = Rc::from(owner);
            entry.group = Rc::from(group);
        })
    }

    /// Sets the modification time, links followed.
    pub fn touch(&mut self, path: &str, mtime: SimTime) -> Result<(), FsError> {
        self.change(path, |entry| entry.mtime = mtime)
    }

    /// Makes `owner` the owner of everything below `path`.
    pub fn chown_all(&mut self, path: &str, owner: &str, group: &str) -> Result<(), FsError> {
        for (below, _) in self.walk(path) {
            let real = self.resolve(&below, false)?;
            if let Some(entry) = self.edit(&real) {
                entry.owner = Rc::from(owner);
                entry.group = Rc::from(group);
            }
        }
        Ok(())
    }

    fn change(&mut self, path: &str, what: impl FnOnce(&mut Entry)) -> Result<(), FsError> {
        let real = self.resolve(path, true)?;
        what(self.edit(&real).ok_or(FsError::NotFound)?);
        Ok(())
    }

    /// A writable view of the entry at a real path; copies what other trees share.
    fn edit(&mut self, real: &str) -> Option<&mut Entry> {
        let mut here = Rc::make_mut(&mut self.root);
        for part in real.split('/').filter(|p| !p.is_empty()) {
            let EntryKind::Dir(children) = &mut here.kind else { return None };
            here = Rc::make_mut(children.get_mut(part)?);
        }
        Some(here)
    }

    /// New entries belong to whoever owns the directory they are made in.
    fn inherit_owner(&self, real: &str, mut entry: Entry) -> Entry {
        if let Some(parent) = self.at(split_parent(real).0) {
            entry.owner = parent.owner.clone();
            entry.group = parent.group.clone();
        }
        entry
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

    /// What changed from `base` to this tree, sorted by path, as `docker diff` lists it: a directory whose content
    /// changed is listed as changed; below an added or deleted directory, additions are listed and deletions are not.
    pub fn diff(&self, base: &FileTree) -> Vec<TreeChange> {
        let mut out = Vec::new();
        compare("", &base.root, &self.root, &mut out);
        out
    }
}

fn path_of(parts: &[(String, &Rc<Entry>)]) -> String {
    parts.iter().fold(String::new(), |mut out, (name, _)| {
        out.push('/');
        out.push_str(name);
        out
    })
}

fn collect(path: String, entry: &Rc<Entry>, out: &mut Vec<(String, Rc<Entry>)>) {
    out.push((path.clone(), entry.clone()));
    if let EntryKind::Dir(children) = &entry.kind {
        let prefix = if path == "/" { "" } else { &path };
        for (name, child) in children {
            collect(format!("{prefix}/{name}"), child, out);
        }
    }
}

fn compare(path: &str, old: &Rc<Entry>, new: &Rc<Entry>, out: &mut Vec<TreeChange>) {
    if Rc::ptr_eq(old, new) {
        return;
    }
    let change = |path: &str, kind| TreeChange { path: path.to_owned(), kind };
    let (EntryKind::Dir(before), EntryKind::Dir(after)) = (&old.kind, &new.kind) else {
        if old != new {
            out.push(change(path, ChangeKind::Changed));
            if new.is_dir() {
                let mut all = Vec::new();
                collect(path.to_owned(), new, &mut all);
                out.extend(all.iter().skip(1).map(|(p, _)| change(p, ChangeKind::Added)));
            }
        }
        return;
    };
    let mut below = Vec::new();
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let child = format!("{path}/{name}");
        match (before.get(name), after.get(name)) {
            (Some(old), Some(new)) => compare(&child, old, new, &mut below),
            (Some(_), None) => below.push(change(&child, ChangeKind::Deleted)),
            (None, Some(new)) => {
                let mut all = Vec::new();
                collect(child, new, &mut all);
                below.extend(all.iter().map(|(p, _)| change(p, ChangeKind::Added)));
            }
            (None, None) => {}
        }
    }
    let own = old.mode != new.mode || old.owner != new.owner || old.group != new.group;
    if !path.is_empty() && (own || !below.is_empty()) {
        out.push(change(path, ChangeKind::Changed));
    }
    out.extend(below);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> FileTree {
        let mut t = FileTree::new();
        let now = SimTime::from_secs(1);
        t.mkdir("/home/student/test", true, now).unwrap();
        t.write("/home/student/test/app.js", *b"x", now).unwrap();
        t.symlink("test", "/home/student/link", now).unwrap();
        t.symlink("loop", "/loop", now).unwrap();
        t
    }

    #[test]
    fn links_are_followed_to_a_limit() {
        let t = tree();
        assert_eq!(t.read_text("/home/student/link/app.js"), Ok("x".to_owned()));
        assert_eq!(t.read("/loop"), Err(FsError::TooManyLinks));
        assert_eq!(t.read("/home/student/link"), Err(FsError::IsADirectory));
        assert_eq!(t.read("/home/student/test/app.js/x"), Err(FsError::NotADirectory));
        assert_eq!(t.read("/nowhere/x"), Err(FsError::NotFound));
    }

    #[test]
    fn a_clone_does_not_see_later_changes() {
        let before = tree();
        let mut after = before.clone();
        after.write("/home/student/test/b", *b"b", SimTime(2)).unwrap();
        after.remove("/loop", false, SimTime(2)).unwrap();
        assert!(!before.exists("/home/student/test/b"));
        let changes: Vec<String> =
            after.diff(&before).iter().map(|c| format!("{:?} {}", c.kind, c.path)).collect();
        assert_eq!(
            changes,
            [
                "Changed /home",
                "Changed /home/student",
                "Changed /home/student/test",
                "Added /home/student/test/b",
                "Deleted /loop"
            ]
        );
    }

    #[test]
    fn rename_and_remove_keep_the_rules() {
        let mut t = tree();
        let now = SimTime(3);
        assert_eq!(t.remove("/home", false, now), Err(FsError::NotEmpty));
        assert_eq!(t.rename("/home", "/home/student/x", now), Err(FsError::Invalid));
        t.rename("/home/student/test", "/home/student/moved", now).unwrap();
        assert!(t.exists("/home/student/moved/app.js") && !t.exists("/home/student/test"));
    }

    #[test]
    fn writing_stops_at_the_limit() {
        let mut t = FileTree::new().with_limit(10);
        t.write("/a", vec![0; 8], SimTime(0)).unwrap();
        assert_eq!(t.write("/b", vec![0; 3], SimTime(0)), Err(FsError::NoSpace));
        t.write("/a", vec![0; 2], SimTime(0)).unwrap();
        t.write("/b", vec![0; 3], SimTime(0)).unwrap();
        assert_eq!(t.used_bytes(), 5);
    }
}
