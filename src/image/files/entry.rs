//! One entry of a tree: what it is, whose, and what can go wrong with it. Must never know where it stands.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::base::SimTime;

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

    pub(super) fn content_bytes(&self) -> u64 {
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
