//! Running commands in a session without a terminal: for scripts, pipes, transcripts and tests. Must never wait in
//! real time.

use std::time::Duration;

use crate::base::SimTime;
use crate::image::process::Signal;
use crate::world::kernel::Spawn;
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

/// A command to run.
pub struct Batch {
    /// The command line of a program on the learner's machine, e.g. `bash -c ...`.
    pub argv: Vec<String>,
    /// Its environment.
    pub env: Env,
    /// Its working directory.
    pub cwd: String,
    /// What it reads.
    pub stdin: Input,
    /// Ctrl-C after so long.
    pub interrupt_after: Option<Duration>,
}

impl Session {
    /// Runs a command to its end, letting virtual time pass as fast as it can.
    pub fn run_batch(&mut self, batch: Batch) -> Ran {
        let (stdout, out) = Output::buffer(OUTPUT_LIMIT_BYTES);
        let (stderr, err) = Output::buffer(OUTPUT_LIMIT_BYTES);
        let io = Io { stdin: batch.stdin, stdout, stderr };
        let started = self.now();
        let name = batch.argv.first().cloned().unwrap_or_default();
        let program = self.kernel.program(name.rsplit('/').next().unwrap_or_default());
        let spec = Spawn {
            host: HostId::MACHINE,
            parent: None,
            group: None,
            argv: batch.argv,
            env: batch.env,
            cwd: batch.cwd,
            io,
            tty: None,
        };
        let id = match program.map(|program| self.kernel.spawn_watched(spec, program)) {
            Some(Ok(id)) => id,
            _ => {
                let stderr = format!("kubejam: {name}: command not found\n").into_bytes();
                return Ran { stdout: Vec::new(), stderr, exit: Some(127), started, ended: started };
            }
        };
        let exit = self.run_to_end(id, started, batch.interrupt_after);
        let (stdout, stderr) = (out.take(), err.take());
        Ran { stdout, stderr, exit, started, ended: self.now() }
    }

    fn run_to_end(
        &mut self,
        id: ProcessId,
        started: SimTime,
        interrupt_after: Option<Duration>,
    ) -> Option<i32> {
        let limit = started + interrupt_after.unwrap_or(TIME_LIMIT);
        loop {
            if let Some(status) = self.kernel.with(|w| w.take_exit(id)) {
                return Some(status);
            }
            if !self.kernel.step(limit) {
                break;
            }
            self.observe();
        }
        self.kernel.reach(limit);
        self.kernel.signal_group(id, Signal::Int);
        let now = self.now();
        self.pass_time(now);
        let exit = self.kernel.with(|w| w.take_exit(id));
        if exit.is_none() {
            self.kernel.signal_group(id, Signal::Kill);
            self.settle();
            self.kernel.with(|w| w.take_exit(id));
        }
        None
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
