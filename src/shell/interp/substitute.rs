//! Command substitution and process substitution: what commands print becomes text or a file.

use std::rc::Rc;

use crate::world::{Input, Output, pipe};

use super::super::redirect::Fd;
use super::super::state::Shell;
use super::super::syntax::ast::{CommandKind, List, RedirectKind, Substitution};
use super::{Flow, LocalFuture, Outcome};

/// Bytes one command substitution may produce.
const MAX_CAPTURE_BYTES: usize = 16 * 1024 * 1024;

/// A file that stands for a process substitution until the command that named it ends.
#[derive(Clone)]
pub struct Substituted {
    pub path: String,
    /// `>( )`: the commands that read it afterwards.
    pub reader: Option<Rc<List>>,
}

impl Shell {
    /// The output of `$( )`, without trailing newlines.
    pub(in super::super) fn substitute<'a>(
        &'a mut self,
        substitution: &'a Substitution,
    ) -> LocalFuture<'a, Result<String, Flow>> {
        Box::pin(async move {
            let list = match &substitution.list {
                Ok(list) => list,
                Err(message) => {
                    let line = self.line;
                    let shown = message.replace(
                        '\n',
                        &format!("\n{}command substitution: line {line}: `", self.prefix_name()),
                    );
                    let quote = if message.contains('\n') { "'" } else { "" };
                    let prefix = self.prefix_name();
                    let text = format!("{prefix}command substitution: line {line}: {shown}{quote}\n");
                    self.err_text(&text).await?;
                    self.substitution_status = Some(2);
                    return Ok(String::new());
                }
            };
            if let Some(result) = self.file_contents(list).await? {
                return Ok(trimmed(result));
            }
            let (bytes, status) = self.capture(list).await?;
            self.status = status;
            self.substitution_status = Some(status);
            Ok(trimmed(bytes))
        })
    }

    fn prefix_name(&self) -> String {
        format!("{}: ", self.arg0)
    }

    /// `$(< file)`
    async fn file_contents(&mut self, list: &List) -> Result<Option<Vec<u8>>, Flow> {
        let [item] = list.items.as_slice() else { return Ok(None) };
        let [command] = item.chain.first.commands.as_slice() else { return Ok(None) };
        let (CommandKind::Simple(simple), [redirect]) = (&command.kind, command.redirects.as_slice()) else {
            return Ok(None);
        };
        let reads = matches!(redirect.kind, RedirectKind::Read(_)) && redirect.fd.is_none();
        if !reads || !simple.args.is_empty() || !simple.assignments.is_empty() || !item.chain.rest.is_empty()
        {
            return Ok(None);
        }
        let saved = self.fds.clone();
        let opened = self.redirect(&command.redirects).await;
        let input = self.fds.input(0);
        self.fds = saved;
        if !opened? {
            self.substitution_status = Some(1);
            return Ok(Some(Vec::new()));
        }
        self.substitution_status = Some(0);
        Ok(Some(input.read_to_end().await.0))
    }

    /// Runs a list in a copy of the shell and collects what it prints.
    fn capture<'a>(&'a mut self, list: &'a List) -> LocalFuture<'a, Result<(Vec<u8>, i32), Flow>> {
        Box::pin(async move {
            let (writer, reader) = pipe::pipe();
            let mut child = self.fork(self.sys.clone());
            child.owns_signals = false;
            child.nesting = self.nesting + 1;
            child.errexit_in_substitution();
            child.fds.set(1, Fd::Out(Output::Pipe(writer)));
            let run = async move {
                let result: Outcome = child.run_list(list).await;
                child.finish(result).await
            };
            let collect = async move {
                let input = Input::Pipe(reader);
                let mut all = Vec::new();
                loop {
                    let some = input.read_some(pipe::CAPACITY_BYTES).await;
                    if some.is_empty() {
                        return Ok(all);
                    }
                    all.extend_from_slice(&some);
                    if all.len() > MAX_CAPTURE_BYTES {
                        return Err(());
                    }
                }
            };
            let (status, collected) = futures_util::future::join(run, collect).await;
            match collected {
                Ok(bytes) => Ok((bytes, status)),
                Err(()) => {
                    let message = format!("xrealloc: cannot allocate {} bytes", MAX_CAPTURE_BYTES * 2);
                    self.abort(&message).await
                }
            }
        })
    }

    /// Without `inherit_errexit`, `set -e` does not reach into a substitution.
    fn errexit_in_substitution(&mut self) {
        if !self.options.inherit_errexit && self.is_bash() {
            self.options.errexit = false;
        }
    }

    /// The path that stands for `<( )` or `>( )`.
    pub(in super::super) fn process_substitution<'a>(
        &'a mut self,
        input: bool,
        list: Rc<List>,
    ) -> LocalFuture<'a, Result<String, Flow>> {
        Box::pin(async move {
            let number = 63 - self.substituted.len() as i32 % 60;
            let path = format!("/dev/fd/{number}");
            let bytes = if input { self.capture(&list).await?.0 } else { Vec::new() };
            self.put_device(&path, bytes);
            self.substituted.push(Substituted { path: path.clone(), reader: (!input).then_some(list) });
            Ok(path)
        })
    }

    fn put_device(&self, path: &str, bytes: Vec<u8>) {
        let host = self.sys.host;
        self.sys.with(|w| {
            let now = w.now;
            if let Some(host) = w.hosts.get_mut(&host) {
                let _ = host.files.mkdir("/dev/fd", true, now);
                if host.files.write(path, bytes, now).is_ok() {
                    let _ = host.files.chmod(path, 0o666);
                }
            }
        });
    }

    /// After a command: what was written to `>( )` is read, and the files vanish.
    pub(super) async fn finish_substituted(&mut self) {
        if self.substituted.is_empty() {
            return;
        }
        let status = self.status;
        for substituted in std::mem::take(&mut self.substituted) {
            let bytes = self.sys.read(&substituted.path).unwrap_or_else(|_| [].into());
            self.remove_device(&substituted.path);
            if let Some(list) = substituted.reader {
                self.read_substituted(&list, bytes).await;
            }
        }
        self.status = status;
    }

    fn read_substituted<'a>(&'a mut self, list: &'a List, bytes: Rc<[u8]>) -> LocalFuture<'a, i32> {
        Box::pin(async move {
            let mut child = self.fork(self.sys.clone());
            child.owns_signals = false;
            child.fds.set(0, Fd::In(Input::bytes(bytes)));
            let result = child.run_list(list).await;
            child.finish(result).await
        })
    }

    pub(super) async fn drop_substituted(&mut self) {
        for substituted in std::mem::take(&mut self.substituted) {
            self.remove_device(&substituted.path);
        }
    }

    fn remove_device(&self, path: &str) {
        let host = self.sys.host;
        self.sys.with(|w| {
            let now = w.now;
            if let Some(host) = w.hosts.get_mut(&host) {
                let _ = host.files.remove(path, false, now);
            }
        });
    }
}

fn trimmed(mut bytes: Vec<u8>) -> String {
    while bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    bytes.retain(|byte| *byte != 0);
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }
}
