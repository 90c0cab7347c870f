//! The simulated Kubernetes. Must never know that it is being watched, nor which lesson is played.
//!
//! `Cluster` is the store, the API server, the controllers and the nodes as one deterministic machine over
//! virtual time: requests go in with their time, `advance` lets controllers work, `next_wakeup` says when there
//! will be work again.

pub mod quantity;
pub mod object;
pub(crate) mod pod_state;
pub mod usage;
pub mod replicas;
pub mod store;
pub mod kinds;
pub mod api;
pub mod controllers;
pub mod node;
pub mod network;
mod start;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, Time};
use sha2::Digest;

use crate::base::seed::Seed;
use crate::base::time::SimTime;
use crate::image::process::{RuntimeEvent, RuntimeRequest};
use api::{ApiServer, LogOptions, Reply, Request, Response, Status, WatchEvent};
use controllers::{Outside, WorkQueue};
use node::NodeState;
use store::{Change, Store};

/// Kubernetes' `Time`: whole seconds.
pub fn time_of(at: SimTime) -> Time {
    Time(SimTime::from_secs(at.secs()).timestamp())
}

/// Kubernetes' `MicroTime`.
pub fn micro_time_of(at: SimTime) -> MicroTime {
    MicroTime(at.timestamp())
}

/// Back from Kubernetes' `Time`.
pub fn sim_time(time: &Time) -> SimTime {
    let at: Timestamp = time.0;
    SimTime::from_timestamp(at)
}

/// What a cluster is made with. Everything that differs from cloud to cloud is here.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterConfig {
    pub seed: Seed,
    pub now: SimTime,
    /// `v1.36.2`
    pub version: String,
    pub nodes: Vec<NodeConfig>,
    /// The range of cluster IPs.
    pub service_cidr: String,
    pub node_port_first: u16,
    pub node_port_last: u16,
    /// How long the cluster has existed when the session begins, in seconds.
    pub age_secs: u64,
    pub storage_classes: Vec<StorageClassConfig>,
    /// A driver stands behind the storage classes and makes volumes for claims.
    pub provisions_volumes: bool,
    /// How fast the nodes work.
    pub pace: node::Pace,
}

impl ClusterConfig {
    /// A cluster for tests and examples: `nodes` machines of two cores.
    pub fn example(seed: Seed, now: SimTime, nodes: u8) -> ClusterConfig {
        let resources = |cpu: &str, memory: &str| Resources {
            cpu: cpu.to_owned(),
            memory: memory.to_owned(),
            ephemeral_storage: "98831908Ki".to_owned(),
            pods: "110".to_owned(),
        };
        let node = |index: u8| NodeConfig {
            name: format!("node-{}", index + 1),
            internal_ip: format!("10.128.0.{}", 11 + index),
            external_ip: None,
            pod_cidr: format!("10.4.{index}.0/24"),
            machine_type: "e2-standard-2".to_owned(),
            region: "us-central1".to_owned(),
            zone: "us-central1-a".to_owned(),
            capacity: resources("2", "8131880Ki"),
            allocatable: resources("1930m", "6226224Ki"),
            kernel_version: "6.12.55+".to_owned(),
            os_image: "Container-Optimized OS from Google".to_owned(),
            container_runtime: "containerd://2.0.7".to_owned(),
            kubelet_version: "v1.36.2".to_owned(),
            labels: Vec::new(),
            annotations: Vec::new(),
            provider_id: format!("gce://example/us-central1-a/node-{}", index + 1),
        };
        ClusterConfig {
            seed,
            now,
            version: "v1.36.2".to_owned(),
            nodes: (0..nodes).map(node).collect(),
            service_cidr: "34.118.224.0/20".to_owned(),
            node_port_first: 30000,
            node_port_last: 32767,
            age_secs: 120,
            storage_classes: vec![StorageClassConfig {
                name: "standard".to_owned(),
                provisioner: "kubernetes.io/gce-pd".to_owned(),
                default: true,
                volume_binding_mode: "Immediate".to_owned(),
                parameters: Vec::new(),
            }],
            provisions_volumes: true,
            pace: node::Pace::recorded(),
        }
    }
}

/// One node as it joins.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeConfig {
    pub name: String,
    pub internal_ip: String,
    pub external_ip: Option<String>,
    pub pod_cidr: String,
    pub machine_type: String,
    pub region: String,
    pub zone: String,
    /// Capacity and allocatable as quantities: cpu, memory, ephemeral storage, pods.
    pub capacity: Resources,
    pub allocatable: Resources,
    pub kernel_version: String,
    pub os_image: String,
    pub container_runtime: String,
    pub kubelet_version: String,
    pub labels: Vec<(String, String)>,
    pub annotations: Vec<(String, String)>,
    /// `gce://PROJECT/ZONE/NAME`
    pub provider_id: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Resources {
    pub cpu: String,
    pub memory: String,
    pub ephemeral_storage: String,
    pub pods: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct StorageClassConfig {
    pub name: String,
    pub provisioner: String,
    pub default: bool,
    pub volume_binding_mode: String,
    pub parameters: Vec<(String, String)>,
}

/// A cluster. Call `handle` as requests come, `advance` to let time pass; both only ever with growing times.
pub struct Cluster {
    pub api: ApiServer,
    pub(crate) queue: WorkQueue,
    pub(crate) node: NodeState,
    pub(crate) recorder: controllers::Recorder,
    pub(crate) runtime_requests: Vec<RuntimeRequest>,
    pub(crate) now: SimTime,
}

impl Cluster {
    /// A cluster with its nodes and system objects, before any controller has run.
    pub fn new(config: ClusterConfig) -> Cluster {
        let now = config.now;
        let mut node = NodeState::default();
        node.pace = config.pace.clone();
        let mut api = ApiServer::new(config);
        start::populate(&mut api);
        Cluster {
            api,
            queue: WorkQueue::default(),
            node,
            recorder: controllers::Recorder::default(),
            runtime_requests: Vec::new(),
            now,
        }
    }

    pub fn store(&self) -> &Store {
        &self.api.store
    }

    pub fn now(&self) -> SimTime {
        self.now
    }

    /// The version that the API server says it is: `v1.36.2`.
    pub fn version(&self) -> &str {
        &self.api.config.version
    }

    /// A node joins, ready for pods.
    pub fn join(&mut self, now: SimTime, node: NodeConfig) {
        self.now = self.now.max(now);
        start::join(&mut self.api, node, self.now);
    }

    /// A node is taken away, and with it the pods that were bound to it.
    pub fn leave(&mut self, now: SimTime, node: &str) {
        self.now = self.now.max(now);
        start::leave(&mut self.api, node, self.now);
    }

    /// Answers one request. Controllers notice its effects at the next `advance`.
    pub fn handle(&mut self, now: SimTime, request: Request) -> Response {
        self.now = self.now.max(now);
        if request.resource == "pods" && request.subresource.as_deref() == Some("log") {
            let result = self.log(&request);
            return Response { result, warnings: Vec::new() };
        }
        self.api.handle(self.now, request)
    }

    fn log(&self, request: &Request) -> Result<Reply, Status> {
        let (pod, container) = self.api.log_target(request)?;
        let options: &LogOptions = &request.options.log;
        self.node.read_log(&pod, &container, options, self.now).map(Reply::Text)
    }

    /// What has happened to a watch's objects since `from.revision`, with the revision to go on from.
    pub fn watch_events(&self, from: &api::WatchFrom) -> Result<(Vec<WatchEvent>, u64), Status> {
        self.api.watch_events(from)
    }

    /// The changes after `revision`, oldest first; old ones are forgotten.
    pub fn changes_since(&self, revision: u64) -> impl Iterator<Item = &Change> {
        self.api.store.changes_since(revision)
    }

    pub fn revision(&self) -> u64 {
        self.api.store.revision()
    }

    /// A number that grows with every change that can be seen from outside: of objects, or of container logs.
    pub fn epoch(&self) -> u64 {
        self.revision()
    }

    /// A digest over all objects: equal digests, equal clusters.
    pub fn digest(&self) -> Vec<u8> {
        let mut hash = sha2::Sha256::new();
        for resource in kinds::table::RESOURCES {
            let Some(kind) = resource.id else { continue };
            for object in self.api.store.list(kind, None) {
                hash.update(object.uid());
                hash.update(object.name());
                hash.update(object.revision().to_le_bytes());
            }
        }
        hash.finalize().to_vec()
    }

    /// Lets controllers work on everything that is due up to and including `to`.
    pub fn advance(&mut self, to: SimTime, outside: &mut dyn Outside) {
        controllers::advance(self, to, outside);
    }

    /// When a controller will have something to do; `None` when only a request or a runtime event can change
    /// anything.
    pub fn next_wakeup(&self) -> Option<SimTime> {
        self.queue.next_wakeup(&self.api.store, self.now)
    }

    /// What the nodes ask of their container runtimes since the last call.
    pub fn take_runtime_requests(&mut self) -> Vec<RuntimeRequest> {
        std::mem::take(&mut self.runtime_requests)
    }

    /// What a container runtime reports.
    pub fn runtime_event(&mut self, now: SimTime, event: RuntimeEvent) {
        self.now = self.now.max(now);
        self.node.runtime_event(self.now, event, &mut self.queue);
    }
}
