//! The kernel: runs the processes of all hosts in virtual time and carries out what the kubelets and the Docker
//! engine ask. The only place where the world's clock moves.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use crate::base::SimTime;
use crate::image::process::Signal;

use super::executor::{Executor, LocalFuture};
use super::process::{ExitStatus, PROCESS_LIMIT, Process, ProcessId, Reaction, State};
use super::sys::{Call, Program, Sys};
use super::tty::Tty;
use super::{HostId, Io, World};

/// Looks a program up by the name that a file tree's executables carry.
pub type ProgramTable = fn(&str) -> Option<Program>;

/// Polls that fit into a millisecond of virtual time: what busy programs cost. A loop without end thereby lets
/// time pass and can be interrupted.
const POLLS_PER_MILLISECOND: u32 = 5_000;

/// The world and the tasks that live in it. Shared by every [`Sys`].
pub struct Kernel {
    world: RefCell<World>,
    executor: RefCell<Executor>,
    programs: ProgramTable,
    polls: Cell<u32>,
}

/// What to run and how.
pub struct Spawn {
    /// On which host.
    pub host: HostId,
    /// The parent, `None` for the first process of a terminal or container.
    pub parent: Option<ProcessId>,
    /// The process group to join; `None` makes the process the leader of its own.
    pub group: Option<ProcessId>,
    /// The command line.
    pub argv: Vec<String>,
    /// The environment.
    pub env: super::env::Env,
    /// The working directory.
    pub cwd: String,
    /// The streams.
    pub io: Io,
    /// The controlling terminal.
    pub tty: Option<Tty>,
}

/// A process could not be made: too many on that host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Resource temporarily unavailable")]
pub struct ForkError;

impl Kernel {
    /// A kernel over a world, with the programs that its executables name.
    pub fn new(world: World, programs: ProgramTable) -> Rc<Self> {
        Rc::new(Kernel {
            world: RefCell::new(world),
            executor: RefCell::default(),
            programs,
            polls: Cell::new(0),
        })
    }

    /// Looks at or changes the world. Not to be nested, and never held across an await.
    pub fn with<R>(&self, look: impl FnOnce(&mut World) -> R) -> R {
        look(&mut self.world.borrow_mut())
    }

    /// Looks at the world.
    pub fn view<R>(&self, look: impl FnOnce(&World) -> R) -> R {
        look(&self.world.borrow())
    }

    /// The program behind an executable's name.
    pub fn program(&self, name: &str) -> Option<Program> {
        (self.programs)(name)
    }

    /// Starts a process whose code is `body`.
    ///
    /// # Errors
    /// [`ForkError`] when the host has [`PROCESS_LIMIT`] processes.
    pub fn spawn(
        self: &Rc<Self>,
        spec: Spawn,
        body: impl FnOnce(Call) -> LocalFuture<ExitStatus>,
    ) -> Result<ProcessId, ForkError> {
        let Spawn { host, parent, group, argv, env, cwd, io, tty } = spec;
        let id = self.with(|world| {
            if world.hosts.get(&host).is_some_and(|h| h.processes.len() >= PROCESS_LIMIT) {
                return Err(ForkError);
            }
            world.next_process += 1;
            let id = ProcessId(world.next_process);
            let pid = world.next_pid(host);
            let started = world.now;
            let user = world.inherited_user(host, parent);
            let sheltered = pid == 1 && !world.hosts.get(&host).is_some_and(|h| h.limits.init);
            let process = Process {
                id,
                pid,
                parent,
                children: Default::default(),
                group: group.unwrap_or(id),
                host,
                argv: argv.clone(),
                env: env.clone(),
                cwd: cwd.clone(),
                user,
                sheltered,
                started,
                tty,
                state: State::Alive,
                handled: Default::default(),
                ignored: Default::default(),
                pending: Default::default(),
                waiting: Vec::new(),
            };
            world.processes.insert(id, process);
            world.note_birth(id, pid, host, parent);
            Ok(id)
        })?;
        let sys = Sys::new(Rc::clone(self), id, host);
        let future = body(Call { argv, env, cwd, io, sys });
        self.executor.borrow_mut().spawn(id.0, future);
        Ok(id)
    }

    /// As [`Kernel::spawn`], but the exit status is kept until [`World::take_exit`] fetches it.
    ///
    /// # Errors
    /// [`ForkError`] when the host has [`PROCESS_LIMIT`] processes.
    pub fn spawn_watched(
        self: &Rc<Self>,
        spec: Spawn,
        body: impl FnOnce(Call) -> LocalFuture<ExitStatus>,
    ) -> Result<ProcessId, ForkError> {
        let id = self.spawn(spec, body)?;
        self.with(|w| w.watched.insert(id, None));
        Ok(id)
    }

    /// Lets time pass up to `to`, running whatever becomes due on the way.
    pub fn run_until(self: &Rc<Self>, to: SimTime) {
        while self.step(to) {}
        self.reach(to);
    }

    /// Lets the next thing happen that is due by `to`: either what is ready now, or, when nothing is, the clock moves
    /// to the next moment at which something is due. False when nothing more is due by `to`, or busy programs have
    /// used the time up.
    pub fn step(self: &Rc<Self>, to: SimTime) -> bool {
        let before = self.polls.get();
        if !self.run_ready(to) {
            return false;
        }
        if self.pump() || self.polls.get() != before {
            return true;
        }
        match self.view(World::next_event) {
            Some(at) if at <= to => {
                self.set_now(at);
                self.with(World::fire_timers);
                true
            }
            _ => false,
        }
    }

    /// Moves the clock to `to` after everything due by then has happened.
    pub fn reach(&self, to: SimTime) {
        if self.view(|w| w.now < to) {
            self.set_now(to);
        }
    }

    /// When something will happen by itself; `None`: never.
    pub fn next_wakeup(&self) -> Option<SimTime> {
        if self.executor.borrow().has_ready() {
            return Some(self.view(|w| w.now) + Duration::from_millis(1));
        }
        self.view(World::next_event)
    }

    fn set_now(&self, at: SimTime) {
        self.polls.set(0);
        self.with(|world| world.now = world.now.max(at));
    }

    /// Polls tasks until all wait. False when the time up to `to` is used up by busy programs.
    fn run_ready(self: &Rc<Self>, to: SimTime) -> bool {
        loop {
            if self.polls.get() >= POLLS_PER_MILLISECOND && self.executor.borrow().has_ready() {
                let later = self.view(|w| w.now) + Duration::from_millis(1);
                if later > to {
                    return false;
                }
                self.set_now(later);
                self.with(World::fire_timers);
            }
            let Some(mut task) = self.executor.borrow_mut().take_next() else { return true };
            self.polls.set(self.polls.get() + 1);
            match task.poll() {
                Poll::Pending => {
                    let removed = self.executor.borrow_mut().put_back(task);
                    drop(removed);
                }
                Poll::Ready(status) => {
                    let id = ProcessId(task.id);
                    drop(task);
                    self.end(id, status);
                }
            }
        }
    }

    /// Ends a process: its streams close, its listeners vanish, whoever waits for it learns the status.
    pub fn end(self: &Rc<Self>, id: ProcessId, status: ExitStatus) {
        let future = self.executor.borrow_mut().remove(id.0);
        drop(future);
        let orphans = self.with(|world| world.note_exit(id, status));
        for orphan in orphans {
            self.end(orphan, Signal::Kill.exit_code());
        }
    }

    /// Sends a signal to one process.
    pub fn signal(self: &Rc<Self>, id: ProcessId, signal: Signal) {
        let reaction =
            self.view(|w| w.processes.get(&id).filter(|p| p.is_alive()).map(|p| p.reaction(signal)));
        match reaction {
            None | Some(Reaction::Nothing) => {}
            Some(Reaction::End) => self.end(id, signal.exit_code()),
            Some(Reaction::Handle) => self.with(|world| {
                if let Some(process) = world.processes.get_mut(&id) {
                    process.pending.push_back(signal);
                    process.wake();
                }
            }),
            Some(Reaction::Stop) => self.set_stopped(id, State::Stopped(signal)),
            Some(Reaction::Continue) => self.set_stopped(id, State::Alive),
        }
    }

    /// Sends a signal to every process of a group.
    pub fn signal_group(self: &Rc<Self>, group: ProcessId, signal: Signal) {
        let members: Vec<ProcessId> = self.view(|w| {
            w.processes.values().filter(|p| p.group == group && p.is_alive()).map(|p| p.id).collect()
        });
        for id in members {
            self.signal(id, signal);
        }
    }

    /// Freezes or thaws a process without telling it (Ctrl-Z, `docker pause`).
    pub fn set_stopped(self: &Rc<Self>, id: ProcessId, state: State) {
        let stopped = matches!(state, State::Stopped(_));
        self.with(|world| {
            if let Some(process) = world.processes.get_mut(&id) {
                process.state = state;
                process.wake();
            }
        });
        self.executor.borrow_mut().set_stopped(id.0, stopped);
    }

    /// Ends everything. The kernel and its tasks refer to each other; this cuts the knot.
    pub fn shut_down(self: &Rc<Self>) {
        let all: BTreeMap<u64, LocalFuture<i32>> = self.executor.borrow_mut().drain();
        drop(all);
    }
}
