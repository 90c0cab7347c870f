//! What a container is given of the machine, and how far it is shut off from it: `HostConfig` in the engine's API.
//! Never acts; `admission` judges it.

use std::collections::BTreeMap;

use super::health::HealthFlags;

/// What concerns the machine rather than the container.
#[derive(Debug, Clone, Default)]
pub struct HostConfig {
    /// `-v` as typed: `source:target[:mode]` or `target`.
    pub binds: Vec<String>,
    pub ports: Vec<PortBinding>,
    pub publish_all: bool,
    pub restart: RestartPolicy,
    /// Empty means `bridge`.
    pub network: String,
    pub network_aliases: Vec<String>,
    /// The address asked for on that network; empty: any.
    pub address: String,
    /// Networks beside the first.
    pub more_networks: Vec<Joined>,
    pub auto_remove: bool,
    pub limits: Limits,
    pub isolation: Isolation,
    pub names: Names,
    pub log: LogConfig,
    pub read_only_root: bool,
    pub privileged: bool,
    pub init: bool,
    /// Paths with a file system in memory, and its options.
    pub tmpfs: BTreeMap<String, String>,
    /// `NAME[:ro]`: containers whose mounts it has, too.
    pub volumes_from: Vec<String>,
    /// Where the client wrote the id.
    pub id_file: String,
    pub health: HealthFlags,
}

/// A network to be on, under which names and at which address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Joined {
    pub network: String,
    pub aliases: Vec<String>,
    /// Empty: any.
    pub address: String,
}

/// How much a container may use; zero and empty: as much as there is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    pub memory_bytes: i64,
    /// Memory and swap together; -1: without limit.
    pub memory_swap_bytes: i64,
    pub memory_reservation_bytes: i64,
    pub nano_cpus: i64,
    pub cpu_shares: i64,
    pub cpu_period_us: i64,
    pub cpu_quota_us: i64,
    /// `0-1,3`.
    pub cpuset_cpus: String,
    pub cpuset_mems: String,
    pub pids: Option<i64>,
    /// 10 to 1000.
    pub blkio_weight: i64,
    /// Name, soft and hard limit.
    pub ulimits: Vec<(String, i64, i64)>,
}

impl Limits {
    /// Memory and swap together, as the engine fills it in: twice the memory when nobody said.
    pub fn swap_bytes(&self) -> i64 {
        if self.memory_swap_bytes == 0 { self.memory_bytes * 2 } else { self.memory_swap_bytes }
    }
}

/// Namespaces, rights and devices; empty: as usual.
#[derive(Debug, Clone, Default)]
pub struct Isolation {
    pub cap_add: Vec<String>,
    pub cap_drop: Vec<String>,
    pub security: Vec<String>,
    pub groups: Vec<String>,
    pub pid: String,
    pub ipc: String,
    pub uts: String,
    pub userns: String,
    pub cgroupns: String,
    pub cgroup_parent: String,
    pub runtime: String,
    pub sysctls: BTreeMap<String, String>,
    /// Paths on the machine.
    pub devices: Vec<String>,
    /// Graphics processors were asked for.
    pub gpus: bool,
    pub shm_bytes: i64,
    pub oom_score_adj: i64,
}

/// Where names are looked up.
#[derive(Debug, Clone, Default)]
pub struct Names {
    pub servers: Vec<String>,
    pub options: Vec<String>,
    pub search: Vec<String>,
    /// `NAME:ADDRESS` for `/etc/hosts`.
    pub hosts: Vec<String>,
    /// `CONTAINER[:ALIAS]`.
    pub links: Vec<String>,
}

/// Where output goes.
#[derive(Debug, Clone, Default)]
pub struct LogConfig {
    /// Empty: `json-file`.
    pub driver: String,
    pub options: BTreeMap<String, String>,
}

impl LogConfig {
    /// The driver's name.
    pub fn driver(&self) -> &str {
        if self.driver.is_empty() { "json-file" } else { &self.driver }
    }
}

/// `-p`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortBinding {
    /// Empty: every address.
    pub host_ip: String,
    /// 0: any free one.
    pub host_port: u16,
    pub container_port: u16,
    pub protocol: String,
}

/// A port that is really published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedPort {
    pub host_ip: String,
    pub host_port: u16,
    pub container_port: u16,
    pub protocol: String,
}

/// When a container that ended is started again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RestartPolicy {
    #[default]
    No,
    Always,
    UnlessStopped,
    /// At most so often; 0: without limit.
    OnFailure(u32),
}

impl RestartPolicy {
    /// As inspect names it.
    pub fn name(self) -> &'static str {
        match self {
            RestartPolicy::No => "no",
            RestartPolicy::Always => "always",
            RestartPolicy::UnlessStopped => "unless-stopped",
            RestartPolicy::OnFailure(_) => "on-failure",
        }
    }
}
