//! Running commands in a session without a terminal: for scripts, pipes, transcripts and tests. Must never wait in
//! real time.

use std::time::Duration;

use crate::base::SimTime;
use crate::image::process::Signal;
use crate::shell::serve::{Commands, serve};
use crate::world::kernel::{ForkError, Spawn};
use crate::world::{Env, HostId, Input, Io, Output, ProcessId};

use super::Session;

/// Most bytes that one command may print on each stream.
pub const OUTPUT_LIMIT_BYTES: usize = 64 * 1024 * 1024;

/// How long a command may run, in virtual time, before it is interrupted.
pub const TIME_LIMIT: Duration = Duration::from_secs(3600);

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// The exit status; `None` when it was interrupted.
    pub exit: Option<i32>,
    /// When it started.
    pub started: SimTime,
    /// When it ended.
    pub ended: SimTime,
}

/// A shell without a terminal that answers commands one after the other and keeps its state in between.
pub struct BatchShell {
    commands: Commands,
    process: ProcessId,
}

impl Session {
    /// Starts a shell for commands without a terminal, in a directory of the learner's machine.
    ///
    /// # Errors
    /// When the machine has too many processes.
    pub fn open_shell(&mut self, cwd: &str) -> Result<BatchShell, ForkError> {
        let env: Env =
            self.view(|w| w.hosts.get(&HostId::MACHINE).map(|h| h.env.clone())).unwrap_or_default();
        let commands = Commands::default();
        let spec = Spawn {
            host: HostId::MACHINE,
            parent: None,
            group: None,
            argv: vec!["bash".into()],
            env,
            cwd: cwd.to_owned(),
            io: Io::none(),
            tty: None,
        };
        let served = commands.clone();
        let process = self.kernel.spawn_watched(spec, move |call| serve(call, served))?;
        self.settle();
        Ok(BatchShell { commands, process })
    }

    /// Ends a shell; what it left in the background runs on.
    pub fn close_shell(&mut self, shell: BatchShell) {
        self.kernel.end(shell.process, 0);
        self.kernel.with(|w| w.take_exit(shell.process));
    }

    /// Whether the shell still answers: a command may have left it with `exit`.
    pub fn is_open(&self, shell: &BatchShell) -> bool {
        self.view(|w| w.processes.get(&shell.process).is_some_and(crate::world::Process::is_alive))
    }

    /// Runs a command to its end, letting virtual time pass as fast as it can; Ctrl-C after `interrupt_after`.
    pub fn run_command(
        &mut self,
        shell: &BatchShell,
        text: &str,
        stdin: Input,
        interrupt_after: Option<Duration>,
    ) -> Ran {
        let (stdout, out) = Output::buffer(OUTPUT_LIMIT_BYTES);
        let (stderr, err) = Output::buffer(OUTPUT_LIMIT_BYTES);
        let started = self.now();
        shell.commands.push(text, Io { stdin, stdout, stderr });
        let limit = started + interrupt_after.unwrap_or(TIME_LIMIT);
        let exit = self.run_to_end(shell, limit);
        Ran { stdout: out.take(), stderr: err.take(), exit, started, ended: self.now() }
    }

    fn run_to_end(&mut self, shell: &BatchShell, limit: SimTime) -> Option<i32> {
        loop {
            self.observe();
            if let Some(status) = shell.commands.take_ended() {
                return Some(status);
            }
            if let Some(status) = self.kernel.with(|w| w.take_exit(shell.process)) {
                return Some(status);
            }
            if !self.kernel.step(limit) {
                // Its last step may have ended the command.
                self.observe();
                match shell.commands.take_ended().or_else(|| self.kernel.with(|w| w.take_exit(shell.process)))
                {
                    Some(status) => return Some(status),
                    None => break,
                }
            }
        }
        self.kernel.reach(limit);
        self.interrupt_children(shell.process);
        if shell.commands.take_ended().is_none() {
            // A loop of builtins: nothing but the shell itself can be stopped.
            self.kernel.end(shell.process, Signal::Int.exit_code());
        }
        None
    }

    /// Ctrl-C for everything that the shell has started, and the end of what does not listen.
    fn interrupt_children(&mut self, shell: ProcessId) {
        for signal in [Signal::Int, Signal::Kill] {
            for child in self.view(|w| w.descendants(shell)) {
                self.kernel.signal(child, signal);
            }
            self.settle();
        }
    }

    /// Lets time pass until `holds` is true, in steps of what happens by itself; false when `limit` passed first.
    pub fn wait_until(&mut self, limit: Duration, mut holds: impl FnMut(&mut Session) -> bool) -> bool {
        let end = self.now() + limit;
        loop {
            self.settle();
            if holds(self) {
                return true;
            }
            match self.next_wakeup() {
                Some(at) if at <= end => self.pass_time(at),
                _ => {
                    self.pass_time(end);
                    return holds(self);
                }
            }
        }
    }
}
