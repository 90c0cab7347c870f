//! The files a script sees, as one small trait: the virtual file tree of whatever host it runs on. Must never
//! reach the real file system.

/// A file system call that failed: the errno's name.
pub type Errno = &'static str;

/// What `stat` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    pub directory: bool,
    pub symlink: bool,
    pub mode: u32,
    pub size: u64,
    pub mtime_ms: u64,
}

/// The virtual files behind `fs`. Paths are absolute.
pub trait Files {
    fn read(&self, path: &str) -> Result<Vec<u8>, Errno>;
    fn write(&self, path: &str, bytes: &[u8], append: bool) -> Result<(), Errno>;
    fn stat(&self, path: &str, follow: bool) -> Result<Stat, Errno>;
    fn list(&self, path: &str) -> Result<Vec<String>, Errno>;
    fn mkdir(&self, path: &str, parents: bool) -> Result<(), Errno>;
    fn remove(&self, path: &str, directory: bool) -> Result<(), Errno>;
    fn rename(&self, from: &str, to: &str) -> Result<(), Errno>;
    /// The path with symlinks resolved.
    fn real_path(&self, path: &str) -> Result<String, Errno>;
}
