//! How globbing sees the files of the host the shell runs on. Read-only.

use super::super::glob::Directory;
use super::super::state::Shell;

pub(super) struct Listing<'a> {
    pub(super) shell: &'a Shell,
}

impl Directory for Listing<'_> {
    fn names(&self, path: &str) -> Vec<String> {
        self.shell.sys.list(&self.shell.absolute(path)).unwrap_or_default()
    }

    fn exists(&self, path: &str) -> bool {
        self.shell.sys.lstat(&self.shell.absolute(path)).is_ok()
    }

    fn is_directory(&self, path: &str) -> bool {
        self.shell.sys.is_dir(&self.shell.absolute(path))
    }
}

impl Shell {
    pub fn absolute(&self, path: &str) -> String {
        crate::image::files::join(&self.cwd, path)
    }

    /// The home directory of a user, from the host's passwd file.
    pub(super) fn passwd_home(&self, user: &str) -> Option<String> {
        let passwd = self.sys.read_text("/etc/passwd").ok()?;
        passwd.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            (fields.first() == Some(&user)).then(|| fields.get(5).map(|home| home.to_string())).flatten()
        })
    }
}
