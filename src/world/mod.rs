//! One time line over cloud, machine and every running process: executor, hosts, network between them.
//! Must never know a program by name, nor what a lesson wants.

pub mod container;
mod container_host;
pub mod env;
mod executable;
pub mod executor;
pub mod files;
pub mod host;
pub mod http;
pub mod io;
pub mod kernel;
pub mod kube;
pub mod network;
pub mod pipe;
pub mod process;
pub mod routing;
pub mod runtime;
pub mod sockets;
pub mod sys;
pub mod tty;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::task::Waker;

use crate::base::{Seed, SimTime};
use crate::cloud::Cloud;
use crate::image::files::FileTree;
use crate::image::process::ContainerId;
use crate::machine::Machine;

pub use env::Env;
pub use executor::LocalFuture;
pub use host::{Host, HostId};
pub use io::{Input, Io, Output, WriteError};
pub use kernel::{Kernel, ProgramTable};
pub use process::{ExitStatus, Process, ProcessId};
pub use sys::{Call, Program, Sys};
pub use tty::{TerminalId, Tty};

use container::{EventQueue, Owner};
use network::{NetNs, NetNsId, TRACE_LIMIT, Trace};
use process::State;
use runtime::Attachment;

/// Everything that exists: the state that programs act on and pictures are drawn from.
pub struct World {
    /// The present moment.
    pub now: SimTime,
    /// Where every draw comes from.
    pub seed: Seed,
    /// The cloud project with its clusters.
    pub cloud: Cloud,
    /// The learner's computer.
    pub machine: Machine,
    /// The machine and every container.
    pub hosts: BTreeMap<HostId, Host>,
    /// Which host a container is.
    pub container_hosts: BTreeMap<ContainerId, HostId>,
    /// Who asked for a container.
    pub container_owners: BTreeMap<ContainerId, Owner>,
    /// Files whose content is reported when the container ends.
    pub termination_logs: BTreeMap<ContainerId, String>,
    /// Running and ended processes.
    pub processes: BTreeMap<ProcessId, Process>,
    /// Network namespaces.
    pub networks: BTreeMap<NetNsId, NetNs>,
    /// Which namespace has an address in a cluster's pod network.
    pub addresses: BTreeMap<(String, String), NetNsId>,
    /// Named volumes of containers.
    pub volumes: BTreeMap<String, FileTree>,
    /// Terminals, by number.
    pub terminals: BTreeMap<TerminalId, Tty>,
    /// The process group in a terminal's foreground.
    pub foreground: BTreeMap<TerminalId, ProcessId>,
    /// The last requests over the network.
    pub traces: VecDeque<Trace>,
    /// Commands that were run from a prompt, oldest first.
    pub history: VecDeque<CommandRecord>,
    /// A number that grows with every change of a file.
    pub file_changes: u64,
    commands_begun: u64,
    commands_ended: Vec<u64>,
    /// Clients to be attached to containers that are about to start.
    pub attachments: BTreeMap<ContainerId, Attachment>,
    idle_inputs: BTreeMap<ContainerId, pipe::Writer>,
    events: EventQueue,
    timers: BTreeMap<(SimTime, u64), Waker>,
    next_timer: u64,
    next_process: u64,
    next_host: u64,
    next_trace: u64,
    watchers: Vec<(u64, Waker)>,
    watched: BTreeMap<ProcessId, Option<ExitStatus>>,
}

/// A command that a person ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandRecord {
    /// Counts up from 1.
    pub number: u64,
    /// When it was started.
    pub at: SimTime,
    /// On which terminal; `None` when it was not typed at one.
    pub terminal: Option<TerminalId>,
    /// The line as typed.
    pub line: String,
    /// Where it was run.
    pub cwd: String,
    /// How it ended; `None` while it runs.
    pub exit: Option<ExitStatus>,
    /// The end of what it wrote to its terminal, for the coach.
    pub output: String,
}

/// Commands remembered; older ones are forgotten.
pub const HISTORY_LIMIT: usize = 10_000;

impl World {
    /// A world at `now` around a cloud and the learner's machine; `host` is that machine as programs see it, at
    /// `address` for others.
    pub fn new(now: SimTime, seed: Seed, cloud: Cloud, machine: Machine, host: Host, address: &str) -> Self {
        let netns = host.netns.clone();
        let network = NetNs { address: address.to_owned(), ..NetNs::default() };
        World {
            now,
            seed,
            cloud,
            machine,
            hosts: BTreeMap::from([(HostId::MACHINE, host)]),
            container_hosts: BTreeMap::new(),
            container_owners: BTreeMap::new(),
            termination_logs: BTreeMap::new(),
            processes: BTreeMap::new(),
            networks: BTreeMap::from([(netns, network)]),
            addresses: BTreeMap::new(),
            volumes: BTreeMap::new(),
            terminals: BTreeMap::new(),
            foreground: BTreeMap::new(),
            traces: VecDeque::new(),
            history: VecDeque::new(),
            file_changes: 0,
            commands_begun: 0,
            commands_ended: Vec::new(),
            attachments: BTreeMap::new(),
            idle_inputs: BTreeMap::new(),
            events: EventQueue::default(),
            timers: BTreeMap::new(),
            next_timer: 0,
            next_process: 0,
            next_host: 1,
            next_trace: 0,
            watchers: Vec::new(),
            watched: BTreeMap::new(),
        }
    }

    /// The learner's machine as a host.
    pub fn machine_host(&self) -> Option<&Host> {
        self.hosts.get(&HostId::MACHINE)
    }

    /// A number that grows with every change of a cluster, the Docker engine or the cloud.
    pub fn epoch(&self) -> u64 {
        self.cloud.epoch() + self.machine.epoch()
    }

    /// Notes that a person's line begins to run; the number is for [`World::command_ended`].
    pub fn command_began(&mut self, terminal: Option<TerminalId>, line: &str, cwd: &str) -> u64 {
        if let Some(tty) = terminal.and_then(|t| self.terminals.get(&t)) {
            tty.begin_recording();
        }
        if self.history.len() >= HISTORY_LIMIT {
            self.history.pop_front();
        }
        self.commands_begun += 1;
        let (at, line, cwd) = (self.now, line.to_owned(), cwd.to_owned());
        self.history.push_back(CommandRecord {
            number: self.commands_begun,
            at,
            terminal,
            line,
            cwd,
            exit: None,
            output: String::new(),
        });
        self.commands_begun
    }

    /// Notes how a line ended.
    pub fn command_ended(&mut self, number: u64, exit: ExitStatus) {
        let terminals = &self.terminals;
        let Some(record) = self.history.iter_mut().rev().find(|r| r.number == number) else { return };
        record.exit = Some(exit);
        if let Some(tty) = record.terminal.and_then(|t| terminals.get(&t)) {
            record.output = tty.recorded();
        }
        self.commands_ended.push(number);
    }

    /// The numbers of lines that ended since the last call.
    pub fn take_commands_ended(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.commands_ended)
    }

    /// A line that was run, by its number.
    pub fn command(&self, number: u64) -> Option<&CommandRecord> {
        self.history.iter().rev().find(|r| r.number == number)
    }

    /// How many lines have begun.
    pub fn commands_begun(&self) -> u64 {
        self.commands_begun
    }

    /// Remembers a request for the picture.
    pub fn note_trace(&mut self, request: &http::HttpRequest, hops: Vec<network::Hop>) -> u64 {
        self.next_trace += 1;
        if self.traces.len() >= TRACE_LIMIT {
            self.traces.pop_front();
        }
        let (id, at) = (self.next_trace, self.now);
        let (host, port, path) = (request.host.clone(), request.port, request.target.clone());
        let (body, by) = (String::new(), String::new());
        self.traces.push_back(Trace { id, at, host, port, path, hops, outcome: None, body, by });
        self.next_trace
    }

    /// Completes a remembered request.
    pub fn settle_trace(&mut self, id: u64, result: &Result<http::HttpResponse, network::Refusal>) {
        let Some(trace) = self.traces.iter_mut().rev().find(|t| t.id == id) else { return };
        trace.outcome = Some(result.as_ref().map(|r| r.status).map_err(Clone::clone));
        if let Ok(reply) = result {
            let kept = &reply.body[..reply.body.len().min(network::TRACE_BODY_LIMIT_BYTES)];
            trace.body = String::from_utf8_lossy(kept).into_owned();
            trace.by.clone_from(&reply.answered_by);
        }
    }

    fn next_pid(&mut self, host: HostId) -> u32 {
        let Some(host) = self.hosts.get_mut(&host) else { return 1 };
        let pid = host.next_pid;
        host.next_pid = host.next_pid.wrapping_add(1).max(1);
        pid
    }

    /// The next moment at which something happens by itself.
    fn next_event(&self) -> Option<SimTime> {
        let timer = self.timers.first_key_value().map(|((at, _), _)| *at);
        [timer, self.cloud.next_wakeup(), self.machine.next_wakeup()].into_iter().flatten().min()
    }

    fn fire_timers(&mut self) {
        while let Some(entry) = self.timers.first_entry() {
            if entry.key().0 > self.now {
                break;
            }
            entry.remove().wake();
        }
    }

    fn set_timer(&mut self, at: SimTime, waker: Waker) -> (SimTime, u64) {
        self.next_timer += 1;
        let key = (at, self.next_timer);
        self.timers.insert(key, waker);
        key
    }

    /// Who a process runs as; the first process of a host as the host says, a child as its parent.
    pub fn user_of(&self, process: ProcessId) -> &str {
        self.processes.get(&process).map_or("", |p| &p.user)
    }

    fn inherited_user(&self, host: HostId, parent: Option<ProcessId>) -> String {
        let parent = parent.and_then(|p| self.processes.get(&p)).filter(|p| p.host == host);
        let user = parent.map(|p| &p.user).or_else(|| self.hosts.get(&host).map(|h| &h.user));
        user.cloned().unwrap_or_default()
    }

    fn note_birth(&mut self, id: ProcessId, pid: u32, host: HostId, parent: Option<ProcessId>) {
        if let Some(host) = self.hosts.get_mut(&host) {
            host.processes.insert(id);
            if pid == 1 {
                host.first_process = Some(id);
            }
        }
        if let Some(parent) = parent.and_then(|p| self.processes.get_mut(&p)) {
            parent.children.insert(id);
        }
    }

    /// Notes that a process ended. Returns processes that must end with it: those of a container whose first
    /// process is gone.
    fn note_exit(&mut self, id: ProcessId, status: ExitStatus) -> Vec<ProcessId> {
        let Some(process) = self.processes.get_mut(&id).filter(|p| p.is_alive()) else { return Vec::new() };
        process.state = State::Exited(status);
        process.wake();
        if let Some(kept) = self.watched.get_mut(&id) {
            *kept = Some(status);
        }
        let (host, pid, parent) = (process.host, process.pid, process.parent);
        let children = std::mem::take(&mut process.children);
        if let Some(host) = self.hosts.get_mut(&host) {
            host.processes.remove(&id);
        }
        match parent.and_then(|p| self.processes.get_mut(&p)) {
            Some(parent) => parent.wake(),
            None => drop(self.processes.remove(&id)),
        }
        for child in children {
            match self.processes.get_mut(&child) {
                Some(process) if process.is_alive() => process.parent = None,
                _ => drop(self.processes.remove(&child)),
            }
        }
        if pid == 1 { self.note_container_exit(host, status) } else { Vec::new() }
    }

    /// The exit status of a watched process, once it has ended; afterwards it is forgotten.
    pub fn take_exit(&mut self, id: ProcessId) -> Option<ExitStatus> {
        let status = self.watched.get(&id).copied().flatten()?;
        self.watched.remove(&id);
        Some(status)
    }

    /// The living processes that a process has started, directly or not.
    pub fn descendants(&self, of: ProcessId) -> Vec<ProcessId> {
        let mut found = Vec::new();
        let mut next: Vec<ProcessId> = vec![of];
        while let Some(id) = next.pop() {
            let Some(process) = self.processes.get(&id) else { continue };
            next.extend(&process.children);
            found.extend(
                process.children.iter().filter(|c| self.processes.get(c).is_some_and(Process::is_alive)),
            );
        }
        found
    }

    /// Forgets an ended process that was waited for.
    fn reap(&mut self, id: ProcessId) {
        if let Some(process) = self.processes.remove(&id)
            && let Some(parent) = process.parent.and_then(|p| self.processes.get_mut(&p))
        {
            parent.children.remove(&id);
        }
    }
}
