//! A container: what it was asked to be and what became of it. Never acts; the engine does.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use crate::base::SimTime;
use crate::image::health::Healthcheck;
use crate::image::process::{ContainerId, MountSource};
use crate::image::{FileTree, Image};

use super::error::EngineError;
use super::health::Health;
use super::host::{HostConfig, PublishedPort};
use super::logs::Logs;

/// What `docker create` sends.
#[derive(Debug, Clone, Default)]
pub struct CreateSpec {
    /// Empty: the engine makes one up.
    pub name: String,
    /// As typed.
    pub image_name: String,
    /// `None`: the image's. `Some(empty)`: none at all.
    pub entrypoint: Option<Vec<String>>,
    pub cmd: Vec<String>,
    /// `NAME=value`, over the image's.
    pub env: Vec<String>,
    pub workdir: Option<String>,
    pub user: Option<String>,
    pub hostname: Option<String>,
    pub domainname: String,
    pub labels: BTreeMap<String, String>,
    /// `80/tcp`.
    pub expose: Vec<String>,
    pub tty: bool,
    pub open_stdin: bool,
    /// Which streams a client attached to: stdin, stdout, stderr.
    pub attach: [bool; 3],
    pub stop_signal: Option<String>,
    pub stop_timeout: Option<Duration>,
    pub host: HostConfig,
}

/// Where a container is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Created,
    Running,
    Paused,
    Restarting,
    Exited,
    Dead,
}

impl Status {
    /// As inspect and filters name it.
    pub fn name(self) -> &'static str {
        match self {
            Status::Created => "created",
            Status::Running => "running",
            Status::Paused => "paused",
            Status::Restarting => "restarting",
            Status::Exited => "exited",
            Status::Dead => "dead",
        }
    }

    /// Whether its process lives.
    pub fn is_running(self) -> bool {
        matches!(self, Status::Running | Status::Paused)
    }
}

/// The state of a container.
#[derive(Debug, Clone)]
pub struct State {
    pub status: Status,
    /// Handed to the runtime, no answer yet.
    pub starting: bool,
    pub exit_code: i32,
    pub error: String,
    /// What the health checks say, when there are any.
    pub health: Option<Health>,
    pub oom_killed: bool,
    pub pid: u32,
    pub started: Option<SimTime>,
    pub finished: Option<SimTime>,
    /// How often it was started; a client that waits for an end remembers the number.
    pub starts: u32,
    pub restart_count: u32,
    /// A person stopped or killed it: restart policies keep still.
    pub stopped_by_hand: bool,
    /// When SIGKILL follows.
    pub kill_at: Option<SimTime>,
    /// When the restart policy starts it again.
    pub restart_at: Option<SimTime>,
    /// `docker restart`: start as soon as it has stopped.
    pub start_again: bool,
}

/// A mount of a container.
#[derive(Debug, Clone)]
pub struct MountPoint {
    /// `bind` or `volume`.
    pub kind: &'static str,
    /// The volume's name; empty for a bind mount.
    pub name: String,
    /// The path on the machine.
    pub source: String,
    pub target: String,
    pub mode: String,
    pub read_only: bool,
    pub content: MountSource,
}

/// A container.
#[derive(Debug, Clone)]
pub struct Container {
    pub id: ContainerId,
    pub name: String,
    pub created: SimTime,
    /// Counts up over the engine's life.
    pub order: u64,
    pub image: Rc<Image>,
    pub image_name: String,
    pub entrypoint: Vec<String>,
    pub cmd: Vec<String>,
    pub env: Vec<(String, String)>,
    pub workdir: String,
    pub user: String,
    pub hostname: String,
    pub domainname: String,
    pub labels: BTreeMap<String, String>,
    pub exposed: Vec<String>,
    pub tty: bool,
    pub open_stdin: bool,
    pub attach: [bool; 3],
    pub stop_signal: String,
    pub stop_timeout: Duration,
    pub host: HostConfig,
    pub mounts: Vec<MountPoint>,
    pub state: State,
    pub published: Vec<PublishedPort>,
    /// The check that is made, if any.
    pub health: Healthcheck,
    pub logs: Logs,
    /// Its files as far as the engine knows them: at the start, and as the runtime left them.
    pub files: FileTree,
}

impl Container {
    /// Everything it runs: entrypoint, then command.
    pub fn argv(&self) -> Vec<String> {
        self.entrypoint.iter().chain(&self.cmd).cloned().collect()
    }

    /// What the tables show: path and arguments with a blank between.
    pub fn command(&self) -> String {
        let argv = self.argv();
        let quoted = |(index, word): (usize, &String)| {
            if index > 0 && word.contains(' ') { format!("'{word}'") } else { word.clone() }
        };
        argv.iter().enumerate().map(quoted).collect::<Vec<_>>().join(" ")
    }

    /// Whether it has ports of its own: not on the machine's network, nor on none, nor on another container's.
    pub fn has_ports(&self) -> bool {
        !matches!(self.network(), "host" | "none") && !self.network().starts_with("container:")
    }

    /// Whether its files know a user and group, `NAME[:GROUP]` by name or number.
    ///
    /// # Errors
    /// Which of them they do not know.
    pub fn knows_user(&self, user: &str) -> Result<(), EngineError> {
        knows_user(&self.files, user)
    }

    /// The name of the network it is on.
    pub fn network(&self) -> &str {
        if self.host.network.is_empty() || self.host.network == "default" {
            "bridge"
        } else {
            &self.host.network
        }
    }
}

/// Whether files know a user and group, `NAME[:GROUP]` by name or number.
///
/// # Errors
/// Which of them they do not know.
pub fn knows_user(files: &FileTree, user: &str) -> Result<(), EngineError> {
    let (user, group) = user.split_once(':').unwrap_or((user, ""));
    let known = |name: &str, file: &str| {
        let text = files.read_text(file).unwrap_or_default();
        name.is_empty()
            || name == "root"
            || name.parse::<u32>().is_ok()
            || text.lines().any(|line| line.split(':').next() == Some(name))
    };
    for (name, kind, file) in [(user, "user", "passwd"), (group, "group", "group")] {
        if !known(name, &format!("/etc/{file}")) {
            return Err(EngineError::invalid(format!(
                "unable to find {kind} {name}: no matching entries in {file} file"
            )));
        }
    }
    Ok(())
}
