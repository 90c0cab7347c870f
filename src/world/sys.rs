//! What a program may ask of the world, and the shape of a program. Must never be kept by the world itself: a
//! `Sys` belongs to a running process.

use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use crate::base::{Rng, SimTime};
use crate::image::files::join;
use crate::image::process::Signal;

use super::env::Env;
use super::executor::LocalFuture;
pub use super::files::FileRef;
use super::kernel::{ForkError, Kernel, Spawn};
use super::process::{ExitStatus, ProcessId, State};
use super::tty::{EditRequest, Edited, Tty};
use super::{HostId, Io, World};

/// A program: it gets its call and ends with a status. Programs are named in a table (`programs`), and executables
/// in file trees carry such a name.
pub type Program = fn(Call) -> LocalFuture<ExitStatus>;

/// How a program was called.
pub struct Call {
    /// The command line; the first word is the name it was called by.
    pub argv: Vec<String>,
    /// The environment.
    pub env: Env,
    /// The working directory, absolute.
    pub cwd: String,
    /// The streams.
    pub io: Io,
    /// The rest of the world.
    pub sys: Sys,
}

impl Call {
    /// The arguments after the program's name.
    pub fn args(&self) -> &[String] {
        self.argv.get(1..).unwrap_or_default()
    }

    /// The name it was called by, without directories.
    pub fn name(&self) -> &str {
        self.argv.first().map_or("", |n| n.rsplit('/').next().unwrap_or(n))
    }

    /// An argument as an absolute path.
    pub fn path(&self, path: &str) -> String {
        join(&self.cwd, path)
    }

    /// Notes that this process wants more memory than its container may have; false when nothing limits it. The
    /// caller then ends as if killed, with 137.
    pub fn out_of_memory(&self) -> bool {
        self.sys.with(|w| {
            let host = w.hosts.get_mut(&self.sys.host).filter(|h| h.limits.memory_bytes.is_some());
            host.map(|h| h.limits.out_of_memory = true).is_some()
        })
    }

    /// An environment variable.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str)
    }
}

/// A process's door to the world. Cheap to clone. Nothing obtained through [`Sys::with`] may be kept across an
/// await.
#[derive(Clone)]
pub struct Sys {
    kernel: Rc<Kernel>,
    /// The process that asks.
    pub me: ProcessId,
    /// The host that it runs on.
    pub host: HostId,
}

/// Why a command could not be started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExecError {
    /// No such executable; bash ends with 127.
    #[error("command not found")]
    NotFound,
    /// The path does not exist; bash ends with 127.
    #[error("No such file or directory")]
    NoSuchFile,
    /// Not executable; bash ends with 126.
    #[error("Permission denied")]
    Permission,
    /// A directory; bash ends with 126.
    #[error("Is a directory")]
    IsADirectory,
    /// Neither a program nor a script with an interpreter line.
    #[error("Exec format error")]
    Format,
}

/// What stands behind a command's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Executable {
    /// A program of the table, and the path it was found at.
    Program {
        /// Its name in the table.
        name: String,
        /// Where it was found.
        path: String,
    },
    /// A text file: its interpreter line's words (empty when it has none), and its path.
    Script {
        /// Interpreter and its argument.
        interpreter: Vec<String>,
        /// Where it was found.
        path: String,
    },
}

/// What happened to a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChildChange {
    /// It ended.
    Exited(ExitStatus),
    /// It was stopped by a signal.
    Stopped(Signal),
}

impl Sys {
    /// The door of one process. Made by the kernel.
    pub(super) fn new(kernel: Rc<Kernel>, me: ProcessId, host: HostId) -> Self {
        Sys { kernel, me, host }
    }

    /// The kernel, for what runs processes itself (shells, container engines).
    pub fn kernel(&self) -> &Rc<Kernel> {
        &self.kernel
    }

    /// The present moment.
    pub fn now(&self) -> SimTime {
        self.view(|w| w.now)
    }

    /// A stream of draws for one purpose.
    pub fn stream(&self, purpose: &str) -> Rng {
        self.view(|w| w.seed).stream(purpose)
    }

    /// Looks at or changes the world; not nested, never across an await.
    pub fn with<R>(&self, look: impl FnOnce(&mut World) -> R) -> R {
        self.kernel.with(look)
    }

    /// Looks at the world; not across an await.
    pub fn view<R>(&self, look: impl FnOnce(&World) -> R) -> R {
        self.kernel.view(look)
    }

    /// Waits for a span of virtual time.
    pub async fn sleep(&self, span: Duration) {
        self.sleep_until(self.now() + span).await;
    }

    /// Waits until a moment of virtual time.
    pub async fn sleep_until(&self, at: SimTime) {
        let mut timer = Timer { sys: self, key: None };
        poll_fn(|cx| {
            if self.now() >= at {
                return Poll::Ready(());
            }
            timer.clear();
            timer.key = Some(self.with(|w| w.set_timer(at, cx.waker().clone())));
            Poll::Pending
        })
        .await;
    }

    /// Lets others run; costs a little virtual time when done very often.
    pub async fn yield_now(&self) {
        let mut yielded = false;
        poll_fn(|cx| {
            if std::mem::replace(&mut yielded, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    /// Waits until a cluster, the Docker engine or the cloud changes after `epoch` (see [`World::epoch`]); gives
    /// the new number.
    pub async fn changed(&self, epoch: u64) -> u64 {
        poll_fn(|cx| {
            let now = self.view(World::epoch);
            if now != epoch {
                return Poll::Ready(now);
            }
            self.with(|w| w.watchers.push((epoch, cx.waker().clone())));
            Poll::Pending
        })
        .await
    }

    /// Runs `work`, but not longer than `limit`; `None` when time ran out.
    pub async fn timeout<T>(&self, limit: Duration, work: impl Future<Output = T>) -> Option<T> {
        let work = std::pin::pin!(work);
        let timer = std::pin::pin!(self.sleep(limit));
        match futures_util::future::select(work, timer).await {
            futures_util::future::Either::Left((value, _)) => Some(value),
            futures_util::future::Either::Right(_) => None,
        }
    }

    /// The terminal that this process belongs to.
    pub fn tty(&self) -> Option<Tty> {
        self.view(|w| w.processes.get(&self.me).and_then(|p| p.tty.clone()))
    }

    /// Opens a file in the interface's editor; `None` without a terminal.
    pub async fn edit(&self, program: &str, path: &str) -> Option<Edited> {
        let tty = self.tty()?;
        let bytes = self.read(path).map(|b| b.to_vec()).unwrap_or_default();
        Some(tty.edit(EditRequest { program: program.to_owned(), path: path.to_owned(), bytes }).await)
    }

    // --- processes ---------------------------------------------------------------------------------------------

    /// Finds what a command's name means: a path if it has a slash, else the first hit along `search` (`$PATH`).
    ///
    /// # Errors
    /// Why it cannot be run.
    pub fn find_executable(&self, name: &str, cwd: &str, search: &str) -> Result<Executable, ExecError> {
        self.view(|w| w.find_executable(self.host, name, cwd, search))
    }

    /// Starts a program of the table as a child of this process.
    ///
    /// # Errors
    /// [`ForkError`] when there are too many processes.
    pub fn spawn_program(&self, program: Program, child: Child) -> Result<ProcessId, ForkError> {
        self.spawn_body(child, program)
    }

    /// Starts any code as a child of this process (a subshell, a pipeline's part).
    ///
    /// # Errors
    /// [`ForkError`] when there are too many processes.
    pub fn spawn_body(
        &self,
        child: Child,
        body: impl FnOnce(Call) -> LocalFuture<ExitStatus>,
    ) -> Result<ProcessId, ForkError> {
        let (group, tty) =
            self.view(|w| w.processes.get(&self.me).map_or((None, None), |p| (Some(p.group), p.tty.clone())));
        let group = match child.group {
            Group::Inherit => group,
            Group::Own => None,
            Group::Join(leader) => Some(leader),
        };
        let Child { argv, env, cwd, io, .. } = child;
        let spec = Spawn { host: self.host, parent: Some(self.me), group, argv, env, cwd, io, tty };
        self.kernel.spawn(spec, body)
    }

    /// Runs a command by name and waits for it; 127 when it cannot be found, 126 when it cannot be run.
    pub async fn run(
        &self,
        argv: Vec<String>,
        env: &Env,
        cwd: &str,
        io: Io,
    ) -> Result<ExitStatus, ExecError> {
        let name = argv.first().cloned().unwrap_or_default();
        let search = env.get("PATH").map_or("", String::as_str);
        let (program, argv) = match self.find_executable(&name, cwd, search)? {
            Executable::Program { name, .. } => (name, argv),
            Executable::Script { interpreter, path } => {
                self.view(|w| w.script_argv(self.host, interpreter, path, argv))?
            }
        };
        let program = self.kernel.program(&program).ok_or(ExecError::Format)?;
        let child = Child { argv, env: env.clone(), cwd: cwd.to_owned(), io, group: Group::Inherit };
        let id = self.spawn_program(program, child).map_err(|_| ExecError::Format)?;
        Ok(self.wait(id).await)
    }

    /// Waits until a child has ended.
    pub async fn wait(&self, id: ProcessId) -> ExitStatus {
        loop {
            if let ChildChange::Exited(status) = self.wait_change(id).await {
                return status;
            }
            self.wait_resumed(id).await;
        }
    }

    async fn wait_resumed(&self, id: ProcessId) {
        self.wait_state(id, |state| (!matches!(state, State::Stopped(_))).then_some(())).await;
    }

    /// Waits until a child has ended or was stopped.
    pub async fn wait_change(&self, id: ProcessId) -> ChildChange {
        self.wait_state(id, |state| match state {
            State::Alive => None,
            State::Stopped(signal) => Some(ChildChange::Stopped(signal)),
            State::Exited(status) => Some(ChildChange::Exited(status)),
        })
        .await
    }

    async fn wait_state<T>(&self, id: ProcessId, read: impl Fn(State) -> Option<T>) -> T {
        poll_fn(|cx| {
            self.with(|w| match w.processes.get_mut(&id) {
                None => read(State::Exited(127)).map_or(Poll::Pending, Poll::Ready),
                Some(process) => match read(process.state) {
                    Some(value) => {
                        if matches!(process.state, State::Exited(_)) {
                            w.reap(id);
                        }
                        Poll::Ready(value)
                    }
                    None => {
                        process.waiting.push(cx.waker().clone());
                        Poll::Pending
                    }
                },
            })
        })
        .await
    }

    /// The state of a process, without waiting; `None` when it is unknown or was waited for already.
    pub fn state_of(&self, id: ProcessId) -> Option<State> {
        self.view(|w| w.processes.get(&id).map(|p| p.state))
    }

    /// The process with this number on this host.
    pub fn find_process(&self, pid: u32) -> Option<ProcessId> {
        self.view(|w| {
            w.processes.values().find(|p| p.host == self.host && p.pid == pid && p.is_alive()).map(|p| p.id)
        })
    }

    /// This process's number on its host.
    pub fn pid(&self) -> u32 {
        self.view(|w| w.processes.get(&self.me).map_or(0, |p| p.pid))
    }

    /// Sends a signal to a process. A process that ends itself this way stops at its next await.
    pub fn kill(&self, id: ProcessId, signal: Signal) {
        self.kernel.signal(id, signal);
    }

    /// Sends a signal to a process group.
    pub fn kill_group(&self, group: ProcessId, signal: Signal) {
        self.kernel.signal_group(group, signal);
    }

    /// Puts a process group into the foreground of this process's terminal.
    pub fn set_foreground(&self, group: ProcessId) {
        if let Some(tty) = self.tty() {
            self.with(|w| w.foreground.insert(tty.id, group));
        }
    }

    // --- signals -----------------------------------------------------------------------------------------------

    /// From now on this process handles `signal` itself; fetch it with [`Sys::next_signal`].
    pub fn handle(&self, signal: Signal) {
        self.with(|w| {
            if let Some(process) = w.processes.get_mut(&self.me) {
                process.ignored.remove(&signal);
                process.handled.insert(signal);
            }
        });
    }

    /// From now on this process ignores `signal`.
    pub fn ignore(&self, signal: Signal) {
        self.with(|w| {
            if let Some(process) = w.processes.get_mut(&self.me) {
                process.handled.remove(&signal);
                process.ignored.insert(signal);
            }
        });
    }

    /// Back to the default action for `signal`.
    pub fn default_action(&self, signal: Signal) {
        self.with(|w| {
            if let Some(process) = w.processes.get_mut(&self.me) {
                process.handled.remove(&signal);
                process.ignored.remove(&signal);
            }
        });
    }

    /// A handled signal that has arrived, without waiting.
    pub fn take_signal(&self) -> Option<Signal> {
        self.with(|w| w.processes.get_mut(&self.me).and_then(|p| p.pending.pop_front()))
    }

    /// Waits for the next handled signal.
    pub async fn next_signal(&self) -> Signal {
        poll_fn(|cx| {
            self.with(|w| match w.processes.get_mut(&self.me) {
                Some(process) => match process.pending.pop_front() {
                    Some(signal) => Poll::Ready(signal),
                    None => {
                        process.waiting.push(cx.waker().clone());
                        Poll::Pending
                    }
                },
                None => Poll::Pending,
            })
        })
        .await
    }

    /// Runs `work` unless a handled signal arrives first.
    ///
    /// # Errors
    /// The signal that interrupted it.
    pub async fn interruptible<T>(&self, work: impl Future<Output = T>) -> Result<T, Signal> {
        let work = std::pin::pin!(work);
        let signal = std::pin::pin!(self.next_signal());
        match futures_util::future::select(work, signal).await {
            futures_util::future::Either::Left((value, _)) => Ok(value),
            futures_util::future::Either::Right((signal, _)) => Err(signal),
        }
    }
}

/// A child to be started.
pub struct Child {
    /// The command line.
    pub argv: Vec<String>,
    /// Its environment.
    pub env: Env,
    /// Its working directory.
    pub cwd: String,
    /// Its streams.
    pub io: Io,
    /// Its process group.
    pub group: Group,
}

/// Which process group a child joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The parent's.
    Inherit,
    /// A new one that it leads.
    Own,
    /// The one of that leader.
    Join(ProcessId),
}

/// The words of a script's interpreter line; empty without one.
pub(super) fn interpreter_of(bytes: &[u8]) -> Vec<String> {
    let line = bytes.split(|&b| b == b'\n').next().unwrap_or_default();
    let text = String::from_utf8_lossy(line);
    text.strip_prefix("#!").map_or_else(Vec::new, |rest| rest.split_whitespace().map(str::to_owned).collect())
}

/// A pending timer that disappears with whoever waits for it.
struct Timer<'a> {
    sys: &'a Sys,
    key: Option<(SimTime, u64)>,
}

impl Timer<'_> {
    fn clear(&mut self) {
        if let Some(key) = self.key.take() {
            self.sys.with(|w| w.timers.remove(&key));
        }
    }
}

impl Drop for Timer<'_> {
    fn drop(&mut self) {
        self.clear();
    }
}
