//! Processes: identity, signals and how they end. Must never run anything; the kernel does.

use std::collections::{BTreeSet, VecDeque};
use std::task::Waker;

use crate::base::SimTime;
use crate::image::process::Signal;

use super::env::Env;
use super::host::HostId;
use super::tty::Tty;

/// A process's number over all hosts; programs see the number on their own host ([`Process::pid`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessId(pub u64);

/// How a process ended, as `wait` reports it: 0 to 255, 128 + n after signal n.
pub type ExitStatus = i32;

/// Most processes alive on one host; past it `fork` fails.
pub const PROCESS_LIMIT: usize = 400;

/// Whether a process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Running or waiting for something.
    Alive,
    /// Held back by SIGSTOP or SIGTSTP.
    Stopped(Signal),
    /// Ended; kept until somebody has asked.
    Exited(ExitStatus),
}

/// A process.
pub struct Process {
    /// Its number over all hosts.
    pub id: ProcessId,
    /// Its number on its host; 1 is a container's main process.
    pub pid: u32,
    /// Who started it.
    pub parent: Option<ProcessId>,
    /// Its children that nobody has waited for yet.
    pub children: BTreeSet<ProcessId>,
    /// The process group, for job control: the id of its leader.
    pub group: ProcessId,
    /// Where it runs.
    pub host: HostId,
    /// The command line.
    pub argv: Vec<String>,
    /// Its environment at the start.
    pub env: Env,
    /// Its working directory at the start.
    pub cwd: String,
    /// The first process of its host: signals that it does not handle pass it by.
    pub sheltered: bool,
    /// Who it runs as: a name or a number, with a group after a colon perhaps. Empty is root.
    pub user: String,
    /// When it was started.
    pub started: SimTime,
    /// The terminal it belongs to.
    pub tty: Option<Tty>,
    /// Whether it runs.
    pub state: State,
    /// Signals it handles itself, see `Sys::handle`.
    pub handled: BTreeSet<Signal>,
    /// Signals it ignores.
    pub ignored: BTreeSet<Signal>,
    /// Handled signals that it has not fetched yet.
    pub pending: VecDeque<Signal>,
    /// Whoever waits for a signal, an exit or a stop of this process.
    pub waiting: Vec<Waker>,
}

impl Process {
    /// Whether it has not ended.
    pub fn is_alive(&self) -> bool {
        !matches!(self.state, State::Exited(_))
    }

    /// Wakes everyone who waits for this process or inside it.
    pub fn wake(&mut self) {
        for waker in self.waiting.drain(..) {
            waker.wake();
        }
    }

    /// What a signal does to this process: the kernel's rules (signal(7)), where the first process of a
    /// container is only reached by signals that it handles, or by SIGKILL.
    pub fn reaction(&self, signal: Signal) -> Reaction {
        match signal {
            Signal::Kill => Reaction::End,
            Signal::Stop => Reaction::Stop,
            Signal::Cont => Reaction::Continue,
            _ if self.handled.contains(&signal) => Reaction::Handle,
            _ if self.ignored.contains(&signal) => Reaction::Nothing,
            Signal::Chld | Signal::Winch => Reaction::Nothing,
            _ if self.sheltered => Reaction::Nothing,
            Signal::Tstp => Reaction::Stop,
            _ => Reaction::End,
        }
    }
}

/// What a signal does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// The process ends with 128 + the signal's number.
    End,
    /// The process is held back.
    Stop,
    /// A stopped process runs on.
    Continue,
    /// The process fetches it itself.
    Handle,
    /// Nothing.
    Nothing,
}
