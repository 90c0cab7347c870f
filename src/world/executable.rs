//! What a command's name means on a host: which file, which program, which interpreter. Must never run anything.

use crate::image::files::{EntryKind, FsError, join};

use super::sys::{ExecError, Executable};
use super::{HostId, World};

/// runc's sentence and the exit code for a first command that cannot be run.
pub(super) fn start_error(name: &str, error: &ExecError) -> (String, i32) {
    match error {
        ExecError::NotFound => (format!("exec: {name:?}: executable file not found in $PATH"), 127),
        ExecError::NoSuchFile => (format!("exec: {name:?}: stat {name}: no such file or directory"), 127),
        ExecError::Permission | ExecError::IsADirectory => {
            (format!("exec: {name:?}: permission denied"), 126)
        }
        ExecError::Format => (format!("exec {name}: exec format error"), 126),
    }
}

impl World {
    /// The program and command line behind a name on a host.
    pub(super) fn find_program(
        &self,
        host: HostId,
        name: &str,
        cwd: &str,
        search: &str,
        argv: Vec<String>,
    ) -> Result<(String, Vec<String>), ExecError> {
        match self.find_executable(host, name, cwd, search)? {
            Executable::Program { name, .. } => Ok((name, argv)),
            Executable::Script { interpreter, path } => self.script_argv(host, interpreter, path, argv),
        }
    }

    /// What stands at an absolute path, if it can be executed.
    fn executable_at(&self, host: HostId, path: &str) -> Result<Executable, ExecError> {
        let found = self.look(host, path, |tree, path| tree.stat(path).cloned());
        let entry = found.unwrap_or(Err(FsError::NotFound)).map_err(|e| match e {
            FsError::Permission => ExecError::Permission,
            _ => ExecError::NoSuchFile,
        })?;
        match &entry.kind {
            EntryKind::Dir(_) => Err(ExecError::IsADirectory),
            _ if !entry.is_executable() => Err(ExecError::Permission),
            EntryKind::Program(name) => Ok(Executable::Program { name: name.clone(), path: path.to_owned() }),
            EntryKind::File(bytes) => Ok(Executable::Script {
                interpreter: super::sys::interpreter_of(bytes),
                path: path.to_owned(),
            }),
            EntryKind::Symlink(_) => Err(ExecError::NoSuchFile),
        }
    }

    /// Finds what a command's name means on a host: a path if it has a slash, else the first hit along `search`.
    ///
    /// # Errors
    /// Why it cannot be run.
    pub fn find_executable(
        &self,
        host: HostId,
        name: &str,
        cwd: &str,
        search: &str,
    ) -> Result<Executable, ExecError> {
        if name.contains('/') {
            return self.executable_at(host, &join(cwd, name));
        }
        let mut denied = false;
        for dir in search.split(':').filter(|_| !name.is_empty()) {
            match self.executable_at(host, &join(&join(cwd, dir), name)) {
                Ok(found) => return Ok(found),
                Err(ExecError::Permission) => denied = true,
                Err(_) => {}
            }
        }
        Err(if denied { ExecError::Permission } else { ExecError::NotFound })
    }

    /// The program and command line that run a script: its interpreter's, or `sh`'s without an interpreter line.
    ///
    /// # Errors
    /// When the interpreter cannot be run.
    pub fn script_argv(
        &self,
        host: HostId,
        interpreter: Vec<String>,
        path: String,
        argv: Vec<String>,
    ) -> Result<(String, Vec<String>), ExecError> {
        let words = if interpreter.is_empty() { vec!["/bin/sh".to_owned()] } else { interpreter };
        let mut words = words.into_iter();
        let mut program = words.next().unwrap_or_default();
        let mut rest: Vec<String> = words.collect();
        let env_search = program.ends_with("/env") && !rest.is_empty();
        if env_search {
            program = rest.remove(0);
        }
        let search = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        let name = match self.find_executable(host, &program, "/", search)? {
            Executable::Program { name, .. } => name,
            Executable::Script { .. } => return Err(ExecError::Format),
        };
        Ok((
            name,
            std::iter::once(program).chain(rest).chain([path]).chain(argv.into_iter().skip(1)).collect(),
        ))
    }
}
