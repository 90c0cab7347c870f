//! Hosts: the learner's machine and every container, each with its files, mounts and network. Must never run
//! anything itself.

use std::collections::BTreeSet;

use crate::image::files::FileTree;
use crate::image::process::ContainerId;

use super::env::Env;
use super::network::NetNsId;
use super::process::ProcessId;

/// A host's number; 0 is the learner's machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostId(pub u64);

impl HostId {
    /// The learner's machine.
    pub const MACHINE: HostId = HostId(0);
}

/// Something mounted over a directory or file of a host.
#[derive(Debug, Clone)]
pub struct Mount {
    /// Where it appears: absolute, without a trailing slash.
    pub path: String,
    /// What appears there.
    pub source: MountSource,
    /// Whether writing is refused.
    pub read_only: bool,
}

/// What is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MountSource {
    /// A path on the learner's machine (a bind mount).
    Machine(String),
    /// A path inside a volume, by the volume's name; `""` is its root.
    Volume(String, String),
}

/// A machine or container.
pub struct Host {
    /// Its number.
    pub id: HostId,
    /// The container, unless it is the learner's machine.
    pub container: Option<ContainerId>,
    /// What `hostname` says.
    pub hostname: String,
    /// Its own files.
    pub files: FileTree,
    /// Mounts, longest path last.
    pub mounts: Vec<Mount>,
    /// The network it lives in.
    pub netns: NetNsId,
    /// The environment that a process gets when nobody says otherwise.
    pub env: Env,
    /// The user that processes run as.
    pub user: String,
    /// The next process number.
    pub next_pid: u32,
    /// The home directory of that user.
    pub home: String,
    /// A container's first process, while it lives.
    pub first_process: Option<ProcessId>,
    /// Its living processes.
    pub processes: BTreeSet<ProcessId>,
    /// What it may not do, if it is a container.
    pub limits: Limits,
}

/// How a container is held in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Its own files cannot be changed, only what is mounted.
    pub read_only_root: bool,
    /// Memory that its processes may use together.
    pub memory_bytes: Option<u64>,
    /// A process of it was killed for want of memory.
    pub out_of_memory: bool,
    /// Its first process is a small init, with which signals have their default actions.
    pub init: bool,
}

/// Which tree a path of a host lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The host's own files.
    Own(HostId),
    /// A volume.
    Volume(String),
}

impl Host {
    /// The mount that holds `path`, and the path inside what is mounted.
    pub fn mount_at(&self, path: &str) -> Option<(&Mount, String)> {
        self.mounts.iter().rev().find_map(|mount| {
            let rest = path.strip_prefix(mount.path.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then(|| (mount, rest.to_owned()))
        })
    }

    /// Adds a mount, keeping longer paths after shorter ones so that the innermost wins.
    pub fn mount(&mut self, mount: Mount) {
        self.mounts.retain(|m| m.path != mount.path);
        let at = self.mounts.partition_point(|m| m.path.len() <= mount.path.len());
        self.mounts.insert(at, mount);
    }
}
