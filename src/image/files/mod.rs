//! The virtual file tree of a machine, an image or a container: directories, files, symbolic links and program
//! entries. Cloning is cheap (copy on write). Never touches the host's files, never checks who is asking.

mod changes;
mod entry;
mod lookup;

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::base::SimTime;

pub use changes::{ChangeKind, TreeChange};
pub use entry::{ELF_HEADER, Entry, EntryKind, FsError};

/// How many bytes of content one tree may hold before writing says `No space left on device`.
pub const TREE_LIMIT_BYTES: u64 = 64 * 1024 * 1024;

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
        self.place(&real, entry)
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
        self.place(&real, entry)
    }

    /// As [`FileTree::put`], at a real path.
    fn place(&mut self, real: &str, entry: Entry) -> Result<(), FsError> {
        if real == "/" {
            self.used_bytes = entry.content_bytes();
            self.root = Rc::new(entry);
            return Ok(());
        }
        let before = self.at(real).map(|e| e.content_bytes());
        let known = before.is_some();
        let before = before.unwrap_or(0);
        let after = (self.used_bytes - before.min(self.used_bytes)).saturating_add(entry.content_bytes());
        if after > self.limit_bytes {
            return Err(FsError::NoSpace);
        }
        let mtime = entry.mtime;
        let (parent, name) = split_parent(real);
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
            if let Some(Ok(entry)) = self.plain(path, true)
                && entry.is_dir()
            {
                return Ok(());
            }
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
        self.place(&real, entry)
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
        self.place(&to, Entry::clone(&moved))
    }

    /// Makes a symbolic link at `path` to `target`.
    pub fn symlink(&mut self, target: &str, path: &str, now: SimTime) -> Result<(), FsError> {
        let real = self.resolve(path, false)?;
        if self.at(&real).is_some() {
            return Err(FsError::Exists);
        }
        let entry = self.inherit_owner(&real, Entry::new(EntryKind::Symlink(target.to_owned()), 0o777, now));
        self.place(&real, entry)
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
    fn a_path_on_which_nothing_is_to_be_resolved_means_what_resolving_it_says() {
        let t = tree();
        let known = ["/", "/home/student", "/home/student/link", "/home//student/test/app.js/", "/loop"];
        let unknown =
            ["/home/x", "/home/student/test/app.js/y", "/home/./student", "/home/student/link/app.js"];
        for path in known.into_iter().chain(unknown) {
            for follow in [false, true] {
                let resolved = t.resolve(path, follow).and_then(|real| t.at(&real).ok_or(FsError::NotFound));
                assert_eq!(t.plain(path, follow).unwrap_or(resolved), resolved, "{path}");
            }
        }
        assert_eq!(t.plain("/home/student/link/app.js", true), None, "a link on the way has to be resolved");
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
