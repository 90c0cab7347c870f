//! Files as a process sees them: its host's tree with mounts laid over it, the few devices, and permissions.
//! Must never follow a path to the real computer.

use std::cell::RefCell;
use std::rc::Rc;

use crate::base::SimTime;
use crate::image::files::{Entry, EntryKind, FileTree, FsError, join, split_parent};

use super::World;
use super::host::{HostId, MountSource, Place};
use super::io::{Input, Output, WriteError};
use super::sys::Sys;

/// Most bytes that one file may hold.
pub const FILE_LIMIT_BYTES: usize = 64 * 1024 * 1024;

/// An open file to write to. Every write goes to its end: programs of the simulation write front to back.
#[derive(Clone)]
pub struct FileRef {
    sys: Sys,
    path: String,
}

impl FileRef {
    /// Appends bytes.
    ///
    /// # Errors
    /// [`WriteError::NoSpace`] when the file or the disk is full.
    pub fn write(&self, bytes: &[u8]) -> Result<(), WriteError> {
        self.sys.append(&self.path, bytes).map_err(|_| WriteError::NoSpace)
    }
}

impl World {
    /// Which tree holds `path` of a host, the path in that tree, and whether it may be written.
    pub fn place(&self, host: HostId, path: &str) -> (Place, String, bool) {
        let Some(of) = self.hosts.get(&host) else { return (Place::Own(host), path.to_owned(), true) };
        match of.mount_at(path) {
            None => (Place::Own(host), path.to_owned(), !of.limits.read_only_root || always_writable(path)),
            Some((mount, rest)) => match &mount.source {
                MountSource::Machine(base) => {
                    (Place::Own(HostId::MACHINE), format!("{base}{rest}"), !mount.read_only)
                }
                MountSource::Volume(name, base) => {
                    let path = format!("{base}{rest}");
                    let path = if path.is_empty() { "/".to_owned() } else { path };
                    (Place::Volume(name.clone()), path, !mount.read_only)
                }
            },
        }
    }

    /// The tree of a place.
    pub fn tree(&self, place: &Place) -> Option<&FileTree> {
        match place {
            Place::Own(host) => self.hosts.get(host).map(|h| &h.files),
            Place::Volume(name) => self.volumes.get(name),
        }
    }

    /// The tree of a place, to change it.
    pub fn tree_mut(&mut self, place: &Place) -> Option<&mut FileTree> {
        self.file_changes += 1;
        match place {
            Place::Own(host) => self.hosts.get_mut(host).map(|h| &mut h.files),
            Place::Volume(name) => self.volumes.get_mut(name),
        }
    }

    /// Reads from the tree that holds `path`.
    pub fn look<R>(&self, host: HostId, path: &str, read: impl FnOnce(&FileTree, &str) -> R) -> Option<R> {
        let (place, inner, _) = self.place(host, path);
        self.tree(&place).map(|tree| read(tree, &inner))
    }

    /// Changes the tree that holds `path`, if its mount and the permissions allow.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn change<R>(
        &mut self,
        host: HostId,
        path: &str,
        write: impl FnOnce(&mut FileTree, &str, SimTime) -> Result<R, FsError>,
    ) -> Result<R, FsError> {
        let (place, inner, writable) = self.place(host, path);
        if !writable {
            return Err(FsError::ReadOnly);
        }
        let user = self.hosts.get(&host).map(|h| h.user.clone()).unwrap_or_default();
        let now = self.now;
        let tree = self.tree_mut(&place).ok_or(FsError::NotFound)?;
        if !may_write(tree, &inner, &user) {
            return Err(FsError::Permission);
        }
        let known = tree.lstat(&inner).is_ok();
        let result = write(tree, &inner, now)?;
        if !known && !user.is_empty() && tree.lstat(&inner).is_ok() {
            // What is new belongs to whoever makes it.
            tree.chown(&inner, &user, &user).ok();
        }
        Ok(result)
    }
}

/// What the engine mounts into every container, also into those whose own files cannot be changed.
fn always_writable(path: &str) -> bool {
    matches!(path, "/etc/hosts" | "/etc/hostname" | "/etc/resolv.conf")
        || ["/dev/", "/proc/", "/sys/"].iter().any(|dir| path.starts_with(dir))
}

/// Whether `user` may change what stands at `path`: its own file, or an entry of a directory of its own.
fn may_write(tree: &FileTree, path: &str, user: &str) -> bool {
    if user.is_empty() || user == "root" || user == "0" {
        return true;
    }
    let entry = match tree.get(path) {
        Some(entry) if !entry.is_dir() => entry,
        _ => match tree.get(split_parent(path).0) {
            Some(parent) => parent,
            None => return true,
        },
    };
    (*entry.owner == *user && entry.mode & 0o200 != 0) || entry.mode & 0o002 != 0
}

impl Sys {
    /// A path as this process means it: absolute and normalised.
    pub fn absolute(&self, cwd: &str, path: &str) -> String {
        join(cwd, path)
    }

    /// A file's bytes.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn read(&self, path: &str) -> Result<Rc<[u8]>, FsError> {
        self.view(|w| w.look(self.host, path, |tree, path| tree.read(path))).unwrap_or(Err(FsError::NotFound))
    }

    /// A file's text; bytes that are not UTF-8 are replaced.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn read_text(&self, path: &str) -> Result<String, FsError> {
        self.read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The entry at a path, following symbolic links.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn stat(&self, path: &str) -> Result<Rc<Entry>, FsError> {
        self.view(|w| w.look(self.host, path, |tree, path| tree.stat(path).cloned()))
            .unwrap_or(Err(FsError::NotFound))
    }

    /// The entry at a path itself, also when it is a symbolic link.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn lstat(&self, path: &str) -> Result<Rc<Entry>, FsError> {
        self.view(|w| w.look(self.host, path, |tree, path| tree.lstat(path).cloned()))
            .unwrap_or(Err(FsError::NotFound))
    }

    /// The names in a directory, sorted by bytes.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn list(&self, path: &str) -> Result<Vec<String>, FsError> {
        self.view(|w| w.look(self.host, path, |tree, path| tree.list(path))).unwrap_or(Err(FsError::NotFound))
    }

    /// Whether something is there, following symbolic links.
    pub fn exists(&self, path: &str) -> bool {
        self.stat(path).is_ok()
    }

    /// Whether it is a directory, following symbolic links.
    pub fn is_dir(&self, path: &str) -> bool {
        self.stat(path).is_ok_and(|e| e.is_dir())
    }

    /// Changes the tree that holds `path`; the closure gets that tree, the path inside it and the time.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn change<R>(
        &self,
        path: &str,
        write: impl FnOnce(&mut FileTree, &str, SimTime) -> Result<R, FsError>,
    ) -> Result<R, FsError> {
        self.with(|w| w.change(self.host, path, write))
    }

    /// Writes a whole file.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn write(&self, path: &str, bytes: impl Into<Rc<[u8]>>) -> Result<(), FsError> {
        self.change(path, |tree, path, now| tree.write(path, bytes, now))
    }

    /// Adds to the end of a file, which is made if it is not there.
    ///
    /// # Errors
    /// What the file system answers; [`FsError::NoSpace`] past [`FILE_LIMIT_BYTES`].
    pub fn append(&self, path: &str, bytes: &[u8]) -> Result<(), FsError> {
        self.change(path, |tree, path, now| {
            let size = tree.get(path).map_or(0, |e| e.size() as usize);
            if size + bytes.len() > FILE_LIMIT_BYTES {
                return Err(FsError::NoSpace);
            }
            tree.append(path, bytes, now)
        })
    }

    /// Opens something to read: a file or one of the devices.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn open_input(&self, path: &str) -> Result<Input, FsError> {
        match path {
            "/dev/null" => return Ok(Input::Null),
            "/dev/zero" => return Ok(Input::Endless(None)),
            "/dev/urandom" | "/dev/random" => {
                let rng = self.stream(&format!("urandom/{}", self.me.0));
                return Ok(Input::Endless(Some(Rc::new(RefCell::new(rng)))));
            }
            "/dev/tty" => return self.tty().map(Input::Terminal).ok_or(FsError::NotFound),
            _ => {}
        }
        let entry = self.stat(path)?;
        match &entry.kind {
            EntryKind::Dir(_) => Err(FsError::IsADirectory),
            EntryKind::File(bytes) if self.may_read(&entry) => Ok(Input::bytes(Rc::clone(bytes))),
            EntryKind::File(_) => Err(FsError::Permission),
            EntryKind::Program(name) => Ok(Input::bytes(format!("\u{7f}ELF {name}\n").into_bytes())),
            EntryKind::Symlink(_) => Err(FsError::TooManyLinks),
        }
    }

    fn may_read(&self, entry: &Entry) -> bool {
        let user = self.view(|w| w.user_of(self.me).to_owned());
        user.is_empty() || user == "root" || user == "0" || *entry.owner == *user || entry.mode & 0o004 != 0
    }

    /// Opens something to write: a file, emptied unless `append`, or one of the devices.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn open_output(&self, path: &str, append: bool) -> Result<Output, FsError> {
        match path {
            "/dev/null" => return Ok(Output::Null),
            "/dev/tty" => return self.tty().map(Output::Terminal).ok_or(FsError::NotFound),
            "/dev/full" => return Ok(Output::buffer(0).0),
            _ => {}
        }
        if self.is_dir(path) {
            return Err(FsError::IsADirectory);
        }
        if append {
            self.append(path, b"")?;
        } else {
            self.write(path, Vec::new())?;
        }
        Ok(Output::File(FileRef { sys: self.clone(), path: path.to_owned() }))
    }
}
