//! What the picture shows, as plain data: the cluster's objects and the learner's machine at one moment.
//!
//! A scene is derived from the world and knows neither colours nor places; drawing knows no objects. Nothing
//! here may reach back into the simulation.

/// One moment of what the learner has: their machine, and a cluster once there is one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    pub machine: Machine,
    pub cluster: Option<Cluster>,
    /// Requests answered lately, oldest first; each is drawn once, from the moment it is first seen.
    pub trips: Vec<Trip>,
}

/// The learner's computer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Machine {
    pub host: String,
    pub directory: String,
    pub files: Vec<File>,
    pub processes: Vec<Process>,
    pub images: Vec<Image>,
    pub containers: Vec<Container>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    pub name: String,
    pub is_dir: bool,
    pub bytes: u64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Process {
    pub pid: u32,
    pub command: String,
    /// Ports it listens on.
    pub ports: Vec<u16>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Image {
    pub name: String,
    pub id: String,
    pub size: String,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Container {
    pub id: String,
    pub name: String,
    pub image: String,
    pub running: bool,
    /// `Up 3 seconds`, `Exited (137)`: docker's words.
    pub status: String,
    /// host port, container port
    pub ports: Vec<(u16, u16)>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cluster {
    pub name: String,
    /// `Provisioning` while it is being created, empty when it serves.
    pub note: String,
    pub namespace: String,
    /// Pods in other namespaces that are not drawn (the system's own excepted).
    pub elsewhere: usize,
    pub nodes: Vec<Node>,
    pub pods: Vec<Pod>,
    pub workloads: Vec<Workload>,
    pub services: Vec<Service>,
    pub autoscalers: Vec<Autoscaler>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    pub name: String,
    /// The last part of the name, which tells nodes apart.
    pub short: String,
    pub ready: bool,
    pub schedulable: bool,
}

/// The five shapes a pod has on the screen. Running is not Ready: they differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// Not started yet: Pending, ContainerCreating.
    #[default]
    Waiting,
    /// Running, but not Ready.
    Half,
    Ready,
    /// The container does not run as it should: CrashLoopBackOff, ImagePullBackOff, Error.
    Failed,
    Leaving,
    Done,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pod {
    /// Identity between frames.
    pub uid: String,
    pub name: String,
    /// The end of the name: what its owner did not share.
    pub suffix: String,
    /// Name of the node, none while unscheduled.
    pub node: Option<String>,
    pub shape: Shape,
    /// kubectl's STATUS word.
    pub word: String,
    pub ready: (usize, usize),
    pub restarts: u32,
    /// What the image's name ends with: `v1`.
    pub tag: String,
    /// Index of its version among its workload's, for the colour.
    pub version: usize,
    /// A pull under way, 0.0 to 1.0.
    pub progress: Option<f32>,
    pub ip: String,
}

/// A Deployment (or another owner of pods) with the ReplicaSets under it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workload {
    pub kind: String,
    pub name: String,
    pub desired: usize,
    pub ready: usize,
    pub paused: bool,
    /// Newest last.
    pub versions: Vec<Version>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Version {
    /// The ReplicaSet's own part of its name.
    pub hash: String,
    pub tag: String,
    pub index: usize,
    pub desired: usize,
    pub ready: usize,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Service {
    pub name: String,
    pub kind: String,
    /// `34.72.10.5`, `<pending>`, or the cluster address.
    pub address: String,
    pub external: bool,
    pub pending: bool,
    pub ports: Vec<String>,
    /// uids of the pods behind it now: its ready endpoints.
    pub endpoints: Vec<String>,
    /// Whether its selector matches any pod at all, ready or not.
    pub matches_any: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Autoscaler {
    pub name: String,
    pub target: String,
    /// `cpu: 12%/50%` as kubectl says it.
    pub metric: String,
    pub min: usize,
    pub max: usize,
    pub replicas: usize,
}

/// A request as it travelled.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trip {
    /// Counts up over the session.
    pub id: u64,
    /// Name of the Service it went through; none when it went to a pod or a local port directly.
    pub service: Option<String>,
    /// The pod that answered.
    pub pod: Option<String>,
    /// `200`, `refused`, `timeout`.
    pub outcome: String,
    pub ok: bool,
}

/// One sentence of the story: who did what, because of which other sentence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Happening {
    /// The change's revision: identity, and what `cause` points at.
    pub id: u64,
    pub cause: Option<u64>,
    /// Milliseconds of virtual time.
    pub at_ms: u64,
    pub actor: String,
    pub what: What,
}

/// What happened, in a form that every language can put into words.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Created { kind: String, name: String },
    CreatedPods { count: usize },
    Deleted { kind: String, name: String },
    DeletedPods { count: usize },
    Scaled { kind: String, name: String, from: i64, to: i64 },
    ChangedTemplate { kind: String, name: String, from: String, to: String },
    Changed { kind: String, name: String },
    Scheduled { pod: String, node: String, fits: Option<(usize, usize)> },
    Unschedulable { pod: String, reason: String },
    Pulling { pod: String, image: String },
    PullFailed { pod: String, word: String },
    Started { pod: String },
    Ready { pod: String },
    NotReady { pod: String },
    Crashed { pod: String, code: i64 },
    Stopping { pod: String },
    Endpoints { service: String, count: usize },
    Address { service: String, address: String },
}

impl Default for What {
    fn default() -> Self {
        Self::Changed { kind: String::new(), name: String::new() }
    }
}
