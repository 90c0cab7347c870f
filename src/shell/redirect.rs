//! Descriptors, and redirections of them. It opens files of the shell's host and nothing else.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::image::files::FsError;
use crate::world::{Input, Io, Output};

use super::interp::{Flow, LocalFuture};
use super::state::Shell;
use super::syntax::ast::{Redirect, RedirectKind, Word};

/// Descriptors a shell may have open.
const MAX_FD: i32 = 1023;

/// An open descriptor.
#[derive(Clone)]
pub enum Fd {
    In(Input),
    Out(Output),
    Both(Input, Output),
}

/// The open descriptors of a shell. Cheap to clone: clones refer to the same open files.
#[derive(Clone, Default)]
pub struct Fds(Rc<BTreeMap<i32, Fd>>);

impl Fds {
    /// The three streams of a program.
    pub fn of(io: Io) -> Self {
        let all = [(0, Fd::In(io.stdin)), (1, Fd::Out(io.stdout)), (2, Fd::Out(io.stderr))];
        Fds(Rc::new(BTreeMap::from(all)))
    }

    pub fn set(&mut self, number: i32, fd: Fd) {
        Rc::make_mut(&mut self.0).insert(number, fd);
    }

    pub fn close(&mut self, number: i32) {
        Rc::make_mut(&mut self.0).remove(&number);
    }

    pub fn get(&self, number: i32) -> Option<&Fd> {
        self.0.get(&number)
    }

    pub fn input(&self, number: i32) -> Input {
        match self.0.get(&number) {
            Some(Fd::In(input) | Fd::Both(input, _)) => input.clone(),
            Some(Fd::Out(Output::Terminal(tty))) => Input::Terminal(tty.clone()),
            _ => Input::Null,
        }
    }

    pub fn output(&self, number: i32) -> Output {
        match self.0.get(&number) {
            Some(Fd::Out(output) | Fd::Both(_, output)) => output.clone(),
            Some(Fd::In(Input::Terminal(tty))) => Output::Terminal(tty.clone()),
            _ => Output::Closed,
        }
    }

    pub fn is_terminal(&self, number: i32) -> bool {
        match self.0.get(&number) {
            Some(Fd::In(input) | Fd::Both(input, _)) => input.is_terminal(),
            Some(Fd::Out(output)) => output.is_terminal(),
            None => false,
        }
    }
}

impl Shell {
    /// Applies redirections in order. `Ok(false)`: one failed, was complained about, and the command must not run.
    pub fn redirect<'a>(&'a mut self, redirects: &'a [Redirect]) -> LocalFuture<'a, Result<bool, Flow>> {
        Box::pin(async move {
            for redirect in redirects {
                if let Err(message) = self.redirect_one(redirect).await? {
                    self.complain(&message).await;
                    self.status = 1;
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    fn redirect_one<'a>(
        &'a mut self,
        redirect: &'a Redirect,
    ) -> LocalFuture<'a, Result<Result<(), String>, Flow>> {
        Box::pin(async move {
            let input_fd = redirect.fd.unwrap_or(0);
            let output_fd = redirect.fd.unwrap_or(1);
            match &redirect.kind {
                RedirectKind::HereDoc(doc) => {
                    let text = match doc.body.get() {
                        Some(body) if doc.quoted => body.raw.to_string(),
                        Some(body) => self.expand_quoted(body).await?,
                        None => String::new(),
                    };
                    self.fds.set(input_fd, Fd::In(Input::bytes(text.into_bytes())));
                }
                RedirectKind::HereString(word) => {
                    let text = self.expand_text(word).await? + "\n";
                    self.fds.set(input_fd, Fd::In(Input::bytes(text.into_bytes())));
                }
                RedirectKind::Duplicate { target, input } => {
                    return self.duplicate(redirect, target, *input).await;
                }
                RedirectKind::Read(word) => {
                    let opened = self.open(word, |shell, path| shell.open_read(path)).await?;
                    return Ok(opened.map(|fd| self.fds.set(input_fd, fd)));
                }
                RedirectKind::Write { target, clobber } => {
                    let clobber = *clobber || !self.options.noclobber;
                    let opened =
                        self.open(target, |shell, path| shell.open_write(path, false, clobber)).await?;
                    return Ok(opened.map(|fd| self.fds.set(output_fd, fd)));
                }
                RedirectKind::Append(word) => {
                    let opened = self.open(word, |shell, path| shell.open_write(path, true, true)).await?;
                    return Ok(opened.map(|fd| self.fds.set(output_fd, fd)));
                }
                RedirectKind::ReadWrite(word) => {
                    let opened = self.open(word, |shell, path| shell.open_both(path)).await?;
                    return Ok(opened.map(|fd| self.fds.set(input_fd, fd)));
                }
                RedirectKind::Both { target, append } => {
                    let clobber = *append || !self.options.noclobber;
                    let opened =
                        self.open(target, |shell, path| shell.open_write(path, *append, clobber)).await?;
                    return Ok(opened.map(|fd| {
                        self.fds.set(1, fd.clone());
                        self.fds.set(2, fd);
                    }));
                }
            }
            Ok(Ok(()))
        })
    }

    async fn open(
        &mut self,
        word: &Word,
        open: impl FnOnce(&Shell, &str) -> Result<Fd, String>,
    ) -> Result<Result<Fd, String>, Flow> {
        let path = match self.expand_target(word).await? {
            Ok(path) => path,
            Err(message) => return Ok(Err(message)),
        };
        Ok(open(self, &path).map_err(|reason| self.open_message(&path, &reason)))
    }

    fn open_message(&self, path: &str, reason: &str) -> String {
        if self.is_bash() {
            return format!("{path}: {reason}");
        }
        let short = if reason.starts_with("No such file") { "nonexistent directory" } else { reason };
        match self.flavor {
            super::state::Flavor::Dash => {
                format!("cannot open {path}: {}", reason.trim_end_matches(" or directory"))
            }
            _ => format!("can't open {path}: {}", if short == reason { reason } else { "no such file" }),
        }
    }

    fn open_read(&self, path: &str) -> Result<Fd, String> {
        if let Some(fd) = self.own_descriptor(path) {
            return fd;
        }
        match self.sys.open_input(&self.absolute(path)) {
            // A directory opens; reading it is what fails.
            Err(FsError::IsADirectory) => Ok(Fd::In(Input::Null)),
            other => other.map(Fd::In).map_err(|error| error.to_string()),
        }
    }

    fn open_write(&self, path: &str, append: bool, clobber: bool) -> Result<Fd, String> {
        if let Some(fd) = self.own_descriptor(path) {
            return fd;
        }
        if path.is_empty() {
            return Err(FsError::NotFound.to_string());
        }
        let absolute = self.absolute(path);
        if !clobber {
            let exists = self.sys.stat(&absolute).is_ok_and(|entry| !entry.is_dir());
            if exists && !absolute.starts_with("/dev/") {
                return Err("cannot overwrite existing file".into());
            }
        }
        if path.ends_with('/') {
            return Err(FsError::IsADirectory.to_string());
        }
        self.sys.open_output(&absolute, append).map(Fd::Out).map_err(|error| error.to_string())
    }

    fn open_both(&self, path: &str) -> Result<Fd, String> {
        let absolute = self.absolute(path);
        let output = self.sys.open_output(&absolute, true).map_err(|error| error.to_string())?;
        let input = self.sys.open_input(&absolute).map_err(|error| error.to_string())?;
        Ok(Fd::Both(input, output))
    }

    /// `/dev/stdin`, `/dev/fd/3` and their like are the shell's own descriptors.
    fn own_descriptor(&self, path: &str) -> Option<Result<Fd, String>> {
        let number = match path {
            "/dev/stdin" => 0,
            "/dev/stdout" => 1,
            "/dev/stderr" => 2,
            _ => path.strip_prefix("/dev/fd/")?.parse::<i32>().ok()?,
        };
        match self.fds.get(number) {
            Some(fd) => Some(Ok(fd.clone())),
            None if number >= 60 => None,
            None => Some(Err(FsError::NotFound.to_string())),
        }
    }

    async fn duplicate(
        &mut self,
        redirect: &Redirect,
        target: &Word,
        input: bool,
    ) -> Result<Result<(), String>, Flow> {
        let number = redirect.fd.unwrap_or(if input { 0 } else { 1 });
        let text = match self.expand_target(target).await? {
            Ok(text) => text,
            Err(message) => return Ok(Err(message)),
        };
        if text == "-" {
            self.fds.close(number);
            return Ok(Ok(()));
        }
        let (digits, moves) = match text.strip_suffix('-') {
            Some(digits) => (digits, true),
            None => (text.as_str(), false),
        };
        let Ok(from) = digits.parse::<i32>() else {
            if !input && redirect.fd.is_none() {
                let opened = self.open_write(&text, false, !self.options.noclobber);
                return Ok(opened.map_err(|reason| format!("{text}: {reason}")).map(|fd| {
                    self.fds.set(1, fd.clone());
                    self.fds.set(2, fd);
                }));
            }
            return Ok(Err(format!("{text}: ambiguous redirect")));
        };
        if number > MAX_FD {
            return Ok(Err(format!("{number}: Bad file descriptor")));
        }
        let Some(fd) = self.fds.get(from).cloned() else {
            return Ok(Err(format!("{from}: Bad file descriptor")));
        };
        self.fds.set(number, fd);
        if moves && from != number {
            self.fds.close(from);
        }
        Ok(Ok(()))
    }
}
