//! What a container runtime is asked to do and what it reports: the simulator's CRI. The Docker engine and the
//! kubelet ask, `world` runs the programs and answers. Never holds state.

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use super::config::Image;
use super::files::FileTree;

/// A container's id, 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerId(pub String);

impl ContainerId {
    /// The first 12 digits, as tables and hostnames show them.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl fmt::Display for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A network namespace: containers of a pod share one, a Docker container has its own or another's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NetNsId(pub String);

/// A POSIX signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signal {
    Hup,
    Int,
    Quit,
    Kill,
    Usr1,
    Usr2,
    Pipe,
    Alrm,
    Term,
    Chld,
    Cont,
    Stop,
    Tstp,
    Ttin,
    Ttou,
    Winch,
}

/// Number, name, signal, in the order of the numbers on Linux.
const SIGNALS: &[(i32, &str, Signal)] = &[
    (1, "HUP", Signal::Hup),
    (2, "INT", Signal::Int),
    (3, "QUIT", Signal::Quit),
    (9, "KILL", Signal::Kill),
    (10, "USR1", Signal::Usr1),
    (12, "USR2", Signal::Usr2),
    (13, "PIPE", Signal::Pipe),
    (14, "ALRM", Signal::Alrm),
    (15, "TERM", Signal::Term),
    (17, "CHLD", Signal::Chld),
    (18, "CONT", Signal::Cont),
    (19, "STOP", Signal::Stop),
    (20, "TSTP", Signal::Tstp),
    (21, "TTIN", Signal::Ttin),
    (22, "TTOU", Signal::Ttou),
    (28, "WINCH", Signal::Winch),
];

impl Signal {
    /// The number on Linux.
    pub fn number(self) -> i32 {
        SIGNALS.iter().find(|(_, _, s)| *s == self).map_or(15, |(n, _, _)| *n)
    }

    /// The name without `SIG`.
    pub fn name(self) -> &'static str {
        SIGNALS.iter().find(|(_, _, s)| *s == self).map_or("TERM", |(_, name, _)| name)
    }

    /// From `9`, `KILL` or `SIGKILL`, in any case.
    pub fn parse(text: &str) -> Option<Signal> {
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        let number: Option<i32> = text.parse().ok();
        SIGNALS.iter().find(|(n, known, _)| Some(*n) == number || *known == name).map(|(_, _, s)| *s)
    }

    /// What a shell reports for a process that died of it.
    pub fn exit_code(self) -> i32 {
        128 + self.number()
    }
}

/// What the runtime is asked to do.
#[derive(Debug, Clone)]
pub enum RuntimeRequest {
    /// Prepares a network namespace with an address, before its first container starts.
    CreateNetNs {
        id: NetNsId,
        spec: NetNsSpec,
    },
    RemoveNetNs {
        id: NetNsId,
    },
    Start(Box<StartContainer>),
    /// Delivers a signal to the container's first process. It acts only if that process handles it, except KILL and
    /// STOP: a first process has no default actions.
    Signal {
        id: ContainerId,
        signal: Signal,
    },
    /// Freezes or thaws every process of the container.
    Pause {
        id: ContainerId,
        paused: bool,
    },
    /// Forgets an exited container and its files.
    Remove {
        id: ContainerId,
    },
    Probe {
        id: ContainerId,
        token: u64,
        probe: ProbeAction,
        timeout: Duration,
    },
}

/// A network namespace to make.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetNsSpec {
    pub hostname: String,
    /// Empty: no network.
    pub ip: String,
    /// The machine, node or Docker network it hangs on: which host's ports and which DNS it sees.
    pub node: String,
    /// Names this namespace resolves by itself, as in `/etc/hosts`.
    pub hosts: Vec<(String, String)>,
}

/// A container to start.
#[derive(Debug, Clone)]
pub struct StartContainer {
    pub id: ContainerId,
    pub image: Rc<Image>,
    /// The tree it starts on: the image's for a new container, what it left behind for a restarted one.
    pub files: FileTree,
    pub argv: Vec<String>,
    pub env: Vec<(String, String)>,
    pub workdir: String,
    pub user: String,
    pub hostname: String,
    pub netns: NetNsId,
    pub ip: String,
    pub mounts: Vec<Mount>,
    pub tty: bool,
    pub stdin_open: bool,
    pub memory_limit_bytes: Option<u64>,
    pub read_only_root: bool,
    /// A file whose content is reported when the container ends: its last words.
    pub termination_log: Option<String>,
    /// A small init is the first process: it passes signals on, and their default actions hold.
    pub init: bool,
}

/// A directory or file laid over the container's tree.
#[derive(Debug, Clone)]
pub struct Mount {
    pub path: String,
    pub source: MountSource,
    pub read_only: bool,
}

/// Where a mount's content lives.
#[derive(Debug, Clone)]
pub enum MountSource {
    /// A tree handed over by value (a ConfigMap, a Secret, an emptyDir's start).
    Tree(FileTree),
    /// A path on the machine or node, shared both ways.
    HostPath(String),
    /// A named volume, shared by everybody who names it.
    Volume(String),
}

/// What a probe does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeAction {
    Exec { argv: Vec<String> },
    Http { host: String, port: u16, path: String, scheme: String, headers: Vec<(String, String)> },
    Tcp { host: String, port: u16 },
}

/// What the runtime reports.
#[derive(Debug, Clone)]
pub enum RuntimeEvent {
    Started {
        id: ContainerId,
    },
    /// The wording is runc's and containerd's; `code` is 127 (not found), 126 (not executable) or 128.
    StartFailed {
        id: ContainerId,
        error: String,
        code: i32,
    },
    Exited {
        id: ContainerId,
        code: i32,
        oom: bool,
    },
    /// What an ending container left in its termination log; comes before its end.
    LastWords {
        id: ContainerId,
        text: String,
    },
    Log {
        id: ContainerId,
        stream: LogStream,
        bytes: Vec<u8>,
    },
    ProbeResult {
        id: ContainerId,
        token: u64,
        result: ProbeResult,
    },
}

/// Which of its two streams a container wrote to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogStream {
    Stdout,
    Stderr,
}

/// How a probe ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeResult {
    /// The command ended with 0, or the connection was taken.
    Ok,
    HttpStatus {
        code: u16,
        body: String,
    },
    ConnectionRefused,
    Timeout,
    ExecFailed {
        code: i32,
        output: String,
    },
}

impl RuntimeEvent {
    /// The container that it is about.
    pub fn container(&self) -> &ContainerId {
        match self {
            RuntimeEvent::Started { id }
            | RuntimeEvent::StartFailed { id, .. }
            | RuntimeEvent::Exited { id, .. }
            | RuntimeEvent::LastWords { id, .. }
            | RuntimeEvent::Log { id, .. }
            | RuntimeEvent::ProbeResult { id, .. } => id,
        }
    }
}
