//! Starting processes for parts of a program, and waiting for them under job control.

use std::time::Duration;

use crate::image::process::Signal;
use crate::world::process::State;
use crate::world::sys::{Child, ChildChange, Group};
use crate::world::{Call, ProcessId};

use super::super::jobs::{JobState, Member};
use super::super::redirect::Fds;
use super::super::state::Shell;
use super::super::syntax::ast::{AndOr, Command, CommandKind, Item, List};
use super::super::syntax::list_text;
use super::{Flow, LocalFuture, Outcome};

/// Times `fork` is tried again, after 1, 2, 4 and 8 seconds.
const FORK_RETRIES: u32 = 4;

/// What a new process of the shell runs.
pub(super) enum Part {
    Command(Command),
    List(List),
}

impl Shell {
    /// Starts a copy of this shell as a process that runs one part.
    pub(super) async fn start_part(
        &mut self,
        part: Part,
        fds: Fds,
        leader: Option<ProcessId>,
        background: bool,
    ) -> Result<Member, Flow> {
        let group = match leader {
            _ if !self.job_control() => Group::Inherit,
            Some(leader) => Group::Join(leader),
            None => Group::Own,
        };
        let silent = background && !self.job_control();
        let mut part = Some((part, fds));
        for attempt in 0..=FORK_RETRIES {
            let Some((_, fds)) = &part else { break };
            let io = crate::world::Io { stdin: fds.input(0), stdout: fds.output(1), stderr: fds.output(2) };
            let argv = vec![self.arg0.clone()];
            let child = Child { argv, env: self.vars.environment(), cwd: self.cwd.clone(), io, group };
            let parent = &*self;
            let taken = &mut part;
            let started = self.sys.spawn_body(child, move |call: Call| {
                let mut shell = parent.fork(call.sys);
                drop(call.io);
                shell.owns_signals = true;
                if let Some(command) = parent.traps.get("ERR").filter(|_| parent.options.errtrace) {
                    shell.traps.insert("ERR".into(), command.clone());
                }
                let part = taken.take();
                Box::pin(async move {
                    let Some((part, fds)) = part else { return 1 };
                    shell.fds = fds;
                    shell.begin_process(silent);
                    shell.run_part(part).await
                })
            });
            match started {
                Ok(id) => {
                    let pid = self.sys.view(|w| w.processes.get(&id).map_or(0, |process| process.pid));
                    return Ok(Member { id, pid, status: None });
                }
                Err(error) if attempt < FORK_RETRIES => {
                    self.complain(&format!("fork: retry: {error}")).await;
                    self.sys.sleep(Duration::from_secs(1 << attempt)).await;
                }
                Err(error) => self.complain(&format!("fork: {error}")).await,
            }
        }
        self.status = 254;
        Err(if self.interactive { Flow::Abort(254) } else { Flow::Exit(254) })
    }

    /// Signals as a new process has them.
    fn begin_process(&mut self, silent: bool) {
        if silent {
            self.sys.ignore(Signal::Int);
            self.sys.ignore(Signal::Quit);
        }
        for name in self.traps.keys() {
            if let Some(signal) = Signal::parse(name) {
                self.sys.ignore(signal);
            }
        }
    }

    async fn run_part(&mut self, part: Part) -> i32 {
        self.may_replace = matches!(&part, Part::Command(command) if is_simple(command))
            || matches!(&part, Part::List(list) if is_single(list));
        let result = match &part {
            Part::Command(command) => {
                let result = self.run_command(command).await;
                match result {
                    Ok(status) => self.check_status(status).await,
                    other => other,
                }
            }
            Part::List(list) => self.run_list(list).await,
        };
        self.finish(result).await
    }

    /// The status a shell ends with, after its EXIT trap.
    pub(in super::super) async fn finish(&mut self, result: Outcome) -> i32 {
        let mut status = match result {
            Ok(status) | Err(Flow::Exit(status) | Flow::Abort(status) | Flow::Return(status)) => status,
            Err(Flow::Break(_) | Flow::Continue(_)) => 0,
        };
        self.status = status;
        if self.traps.contains_key("EXIT") && status != 141 {
            match self.run_trap("EXIT").await {
                Err(Flow::Exit(other)) => status = other,
                _ => self.status = status,
            }
        }
        self.drop_substituted().await;
        status & 0xff
    }

    /// Waits for a foreground pipeline. A stopped one becomes a job.
    pub(super) fn wait_foreground<'a>(
        &'a mut self,
        mut members: Vec<Member>,
        text: String,
    ) -> LocalFuture<'a, Result<Vec<i32>, Flow>> {
        Box::pin(async move {
            let Some(group) = members.first().map(|member| member.id) else { return Ok(Vec::new()) };
            let control = self.job_control();
            if control {
                self.sys.set_foreground(group);
            }
            let mut statuses = Vec::new();
            let mut stopped = None;
            for member in &mut members {
                let status = match control {
                    false => self.sys.wait(member.id).await,
                    true => match self.sys.wait_change(member.id).await {
                        ChildChange::Exited(status) => status,
                        ChildChange::Stopped(signal) => {
                            stopped = Some(signal);
                            break;
                        }
                    },
                };
                member.status = Some(status);
                statuses.push(status);
            }
            self.take_foreground();
            if let Some(signal) = stopped {
                return self.note_stopped(group, members, text, signal).await;
            }
            if self.interactive && statuses.last() == Some(&Signal::Int.exit_code()) {
                self.fresh_line().await;
                self.status = 130;
                return Err(Flow::Abort(130));
            }
            Ok(statuses)
        })
    }

    /// The terminal is the shell's again.
    pub(in super::super) fn take_foreground(&self) {
        if self.job_control()
            && let Some(group) = self.my_group()
        {
            self.sys.set_foreground(group);
        }
    }

    async fn fresh_line(&mut self) {
        let column_zero = self.sys.tty().is_none_or(|tty| tty.at_column_zero());
        if !column_zero {
            let _ = self.err_text("\n").await;
        }
    }

    async fn note_stopped(
        &mut self,
        group: ProcessId,
        members: Vec<Member>,
        text: String,
        signal: Signal,
    ) -> Result<Vec<i32>, Flow> {
        let number = self.jobs.add(group, members, text);
        if let Some(job) = self.jobs.get_mut(number) {
            job.state = JobState::Stopped(signal);
        }
        self.fresh_line().await;
        let line = self.jobs.get(number).map(|job| self.jobs.line(job, false)).unwrap_or_default();
        self.err_text(&line).await?;
        Ok(vec![signal.exit_code()])
    }

    /// `list &`
    pub(super) fn start_background<'a>(&'a mut self, chain: &'a AndOr) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            let text = list_text(chain);
            let list = List { items: vec![Item { chain: chain.clone(), background: false }] };
            let mut fds = self.fds.clone();
            if !self.job_control() {
                fds.set(0, super::super::redirect::Fd::In(crate::world::Input::Null));
            }
            let member = self.start_part(Part::List(list), fds, None, true).await?;
            self.last_background = Some(member.pid);
            let (id, pid) = (member.id, member.pid);
            let number = self.jobs.add(id, vec![member], text);
            if self.interactive {
                self.err_text(&format!("[{number}] {pid}\n")).await?;
            }
            self.status = 0;
            Ok(0)
        })
    }

    /// Before a prompt: tells about jobs that ended or stopped, and forgets those that ended.
    pub async fn show_changed_jobs(&mut self) {
        self.jobs.refresh(&self.sys);
        let changed: Vec<u32> =
            self.jobs.all().iter().filter(|job| job.unseen).map(|job| job.number).collect();
        for number in changed {
            let Some(job) = self.jobs.get(number) else { continue };
            let line = self.jobs.line(job, false);
            let done = matches!(job.state, JobState::Done(_));
            let _ = self.err_text(&line).await;
            if done {
                self.reap(number).await;
                self.jobs.remove(number);
            } else if let Some(job) = self.jobs.get_mut(number) {
                job.unseen = false;
            }
        }
    }

    /// Waits for the processes of a job that has ended, so that the world forgets them.
    pub(in super::super) async fn reap(&mut self, number: u32) {
        let ids: Vec<ProcessId> = match self.jobs.get(number) {
            Some(job) => job.members.iter().map(|member| member.id).collect(),
            None => return,
        };
        for id in ids {
            if matches!(self.sys.state_of(id), Some(State::Exited(_))) {
                self.sys.wait(id).await;
            }
        }
    }

    /// Continues a job in the foreground and waits for it: `fg`.
    pub(in super::super) async fn continue_foreground(&mut self, number: u32) -> Outcome {
        let Some(job) = self.jobs.get(number).cloned() else { return Ok(1) };
        self.jobs.remove(number);
        self.sys.set_foreground(job.group);
        self.sys.kill_group(job.group, Signal::Cont);
        let alive = job.members.into_iter().filter(|member| member.status.is_none()).collect();
        let statuses = self.wait_foreground(alive, job.text).await?;
        Ok(statuses.last().copied().unwrap_or(0))
    }
}

/// What a loop runs must come back to the loop; only a simple command may take over the process.
fn is_simple(command: &Command) -> bool {
    matches!(command.kind, CommandKind::Simple(_))
}

fn is_single(list: &List) -> bool {
    match list.items.as_slice() {
        [item] => {
            !item.background
                && item.chain.rest.is_empty()
                && matches!(item.chain.first.commands.as_slice(), [one] if is_simple(one))
        }
        _ => false,
    }
}
