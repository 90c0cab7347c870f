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
    /// Those being pulled or built come last.
    pub images: Vec<Image>,
    /// Oldest first.
    pub containers: Vec<Container>,
    /// A push under way.
    pub push: Option<Push>,
    /// What the project's registries hold: full names with their tags.
    pub registry: Vec<String>,
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

/// An image as a stack of slabs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Image {
    pub id: String,
    /// All its tags; empty when it has none.
    pub names: Vec<String>,
    pub size: String,
    /// Bottom first.
    pub slabs: Vec<Slab>,
    /// Which colour it and its containers share.
    pub hue: usize,
    pub making: Making,
}

/// Whether an image is there or on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Making {
    #[default]
    There,
    Pulling,
    Building,
}

/// One layer of an image, or several that always come together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Slab {
    /// The same content under the same content has the same key.
    pub key: String,
    /// `COPY . .`, or the name of the base image; empty when it has none.
    pub label: String,
    pub size: String,
    pub layers: usize,
    /// Whether another image stands on the same layer.
    pub shared: bool,
    pub state: SlabState,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum SlabState {
    #[default]
    There,
    /// The last build took it from its cache; a push found it there.
    Reused,
    Waiting,
    /// 0.0 to 1.0; none: under way without a measure.
    Moving(Option<f32>),
    Done,
    Failed,
}

/// Layers on their way to a registry.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Push {
    pub name: String,
    /// Top first, as docker lists them.
    pub slabs: Vec<Slab>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Container {
    pub id: String,
    pub name: String,
    pub image: String,
    /// The colour of its image.
    pub hue: usize,
    pub running: bool,
    /// Whether it ended as it should: exit code 0.
    pub failed: bool,
    /// `running`, `exited (137)`: docker's words.
    pub status: String,
    /// What it runs.
    pub command: String,
    /// host port, container port
    pub ports: Vec<(u16, u16)>,
    /// Ports that its image names and nobody published.
    pub exposed: Vec<u16>,
    /// The network it is on, unless that is the usual one.
    pub network: String,
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
    /// `kubectl port-forward` at work.
    pub tunnels: Vec<Tunnel>,
    /// The pods that the last command selected by label.
    pub lit: Option<Lit>,
}

/// Pods in the light of a selector.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lit {
    /// As typed: `app=monolith,secure=enabled`.
    pub selector: String,
    /// uids of the pods that match.
    pub pods: Vec<String>,
}

/// A port of the learner's machine that leads to a pod.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tunnel {
    pub pid: u32,
    pub port: u16,
    /// `pod/monolith:80`
    pub target: String,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    pub name: String,
    /// The last part of the name, which tells nodes apart.
    pub short: String,
    pub ready: bool,
    pub schedulable: bool,
    pub external_ip: String,
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
    /// Kind and name of what it belongs to in the end: `Deployment/web`; empty for a pod of its own.
    pub workload: String,
    /// When there are several: name and shape of each.
    pub containers: Vec<(String, Shape)>,
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
    /// `34.72.10.5`, `<pending>`, or the cluster address; what an ExternalName stands for.
    pub address: String,
    pub external: bool,
    pub pending: bool,
    pub ports: Vec<String>,
    /// Ports that every node opens for it.
    pub node_ports: Vec<u16>,
    /// uids of the pods behind it now: its ready endpoints.
    pub endpoints: Vec<String>,
    /// Whether the Internet gets as far as this Service.
    pub gate: Gate,
    /// Why there is nobody behind it.
    pub trouble: Option<Trouble>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gate {
    /// Only from inside the cluster.
    #[default]
    Inside,
    /// A load balancer's address.
    Balancer,
    /// A node port that the firewall lets through, or does not.
    NodePort { open: bool },
}

/// Why a Service has no endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It selects nothing by itself.
    NoSelector,
    /// No pod has its labels; `near`: a pod that has some of them, and the first that it lacks.
    NoMatch { selector: String, near: Option<(String, String)> },
    /// Pods match, none is Ready.
    NotReady { matching: usize },
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
    /// Where it came by, in order.
    pub way: Vec<Station>,
    pub end: End,
}

/// A place on a request's way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Station {
    /// The learner's prompt.
    You,
    /// A port of the learner's machine, open or not.
    Door(u16),
    /// A process of the learner's machine, by pid.
    Process(u32),
    /// A Docker container, by name.
    Container(String),
    /// The edge of the cluster before a Service, by its name: the firewall for a node port.
    Gate(String),
    Service(String),
    /// By uid.
    Pod(String),
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Status(u16),
    Refused,
    TimedOut,
    Broken,
}

impl Default for End {
    fn default() -> Self {
        Self::Status(200)
    }
}

impl End {
    pub fn is_good(self) -> bool {
        matches!(self, End::Status(..400))
    }
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
