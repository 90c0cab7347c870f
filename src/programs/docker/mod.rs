//! The `docker` command: finds the command, reads its flags, answers mistakes as docker does. Each command is a file.
//! Never keeps state: the engine is the machine's.

pub mod command;
pub mod complete;
pub mod flags;
pub mod format;
mod help;
mod rows;
mod table;
mod template;

mod archive;
mod attach;
mod beyond;
mod build;
mod buildx;
pub mod compose;
mod config;
mod containers;
mod context;
mod copy;
mod create;
mod dispatch;
mod events;
mod exec;
mod filters;
mod images;
mod inspect;
mod joining;
mod keys;
mod limits;
mod login;
mod logs;
mod mounts;
mod network;
mod prune;
mod ps;
mod pull;
mod push;
mod refusals;
mod run;
mod start;
mod stats;
mod stop;
mod system;
mod values;
mod versions;
mod volume;

use crate::base::SimTime;
use crate::machine::Engine;
use crate::machine::docker::EngineError;
use crate::machine::docker::work::{Progress, WorkKind};
use crate::world::{Call, ExitStatus, LocalFuture, Output};

pub use dispatch::{flags_of, understand};

/// Version of the client that is imitated.
pub const CLIENT_VERSION: &str = "28.2.2";
/// Build of the client.
pub const CLIENT_BUILD: &str = "e6534b4";

/// A running docker command: its call, and the shortest ways to the engine and the streams.
pub struct Docker {
    pub call: Call,
}

impl Docker {
    /// Looks at or changes the engine.
    pub fn engine<R>(&self, act: impl FnOnce(&mut Engine, SimTime) -> R) -> R {
        self.call.sys.with(|w| act(&mut w.machine.docker, w.now))
    }

    /// Only looks.
    pub fn view<R>(&self, look: impl FnOnce(&Engine, SimTime) -> R) -> R {
        self.call.sys.view(|w| look(&w.machine.docker, w.now))
    }

    /// Begins work that the picture shows; its number.
    pub fn begin_work(&self, kind: WorkKind, subject: &str) -> u64 {
        let client = self.call.sys.pid();
        self.engine(|engine, _| engine.works.begin(kind, subject, client))
    }

    /// How far a part of that work is.
    pub fn work_part(&self, work: u64, name: &str, progress: Progress) {
        self.engine(|engine, _| engine.works.part(work, name, progress));
    }

    /// Writes to standard output. A reader that went away is no concern of docker's.
    pub async fn out(&self, text: impl AsRef<[u8]>) {
        let _reader_gone = self.call.io.stdout.write(text).await;
    }

    /// Writes to standard error.
    pub async fn err(&self, text: impl AsRef<[u8]>) {
        let _reader_gone = self.call.io.stderr.write(text).await;
    }

    /// The engine refused: the sentence on standard error, 1.
    pub async fn fail(&self, error: &EngineError) -> ExitStatus {
        self.err(format!("Error response from daemon: {error}\n")).await;
        1
    }

    /// `docker run` and `docker create` failed: their frame around the sentence, and 125 or what the sentence tells
    /// of a command that cannot be run. As the client's toStatusError.
    pub async fn fail_run(&self, typed: &str, message: &str, code: i32) -> ExitStatus {
        let name = typed.rsplit(' ').next().unwrap_or(typed);
        if name == "create" && message.starts_with("Error response") {
            self.err(format!("{message}\n")).await;
            return 1;
        }
        // Only what came of asking the engine is read so, not what the client refused before.
        let asked = message.starts_with("Error response") || message.starts_with("failed to create");
        let says = |parts: &[&str]| asked && parts.iter().any(|part| message.contains(part));
        let code = match code {
            125 if says(&["executable file not found", "no such file or directory"]) => 127,
            125 if says(&["permission denied", "is a directory"]) => 126,
            code => code,
        };
        self.err(format!("docker: {message}\n\nRun 'docker {name} --help' for more information\n")).await;
        code
    }

    /// Waits until `done` gives an answer, looking again after every change of the engine.
    pub async fn until<T>(&self, mut done: impl FnMut(&Engine, SimTime) -> Option<T>) -> T {
        loop {
            let (found, epoch) = self.call.sys.with(|w| {
                let epoch = w.epoch();
                (done(&w.machine.docker, w.now), epoch)
            });
            if let Some(found) = found {
                return found;
            }
            self.call.sys.changed(epoch).await;
        }
    }

    /// Whether standard output is a terminal.
    pub fn on_terminal(&self) -> bool {
        self.call.io.stdout.is_terminal()
    }

    /// Columns of the terminal behind a stream.
    pub fn columns(&self, stream: &Output) -> usize {
        stream.tty().map_or(80, |tty| usize::from(tty.size().cols))
    }

    /// The ports that programs on the machine itself listen on.
    pub fn busy_ports(&self) -> std::collections::BTreeSet<u16> {
        self.call.sys.view(|w| {
            let machine = w.hosts.get(&crate::world::HostId::MACHINE).map(|h| h.netns.clone());
            let network = machine.and_then(|id| w.networks.get(&id));
            network.map(|n| n.sockets.keys().copied().collect()).unwrap_or_default()
        })
    }
}

/// The program.
pub fn main(call: Call) -> LocalFuture<ExitStatus> {
    Box::pin(async move { dispatch::dispatch(Docker { call }).await })
}

/// Splits a line into words as a Dockerfile does; for tests.
#[cfg(test)]
fn build_words(line: &str) -> Vec<String> {
    build::words(line)
}

#[cfg(test)]
mod tests;
