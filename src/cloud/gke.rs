//! Kubernetes clusters of the project: how they come to be, their nodes, and their life.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::{Seed, SimTime};
use crate::cluster::{Cluster, ClusterConfig, NodeConfig, Resources, StorageClassConfig};

use super::project::{MACHINE_TYPES, MachineType, Project, machine_type};

/// How long a cluster takes to be created, at teaching pace.
pub const CREATE_TIME: Duration = Duration::from_secs(20);
/// How long deleting one takes.
pub const DELETE_TIME: Duration = Duration::from_secs(8);
/// The version that GKE's regular channel gives out.
pub const GKE_VERSION: &str = "1.36.2-gke.1204000";
/// How long changing the number of nodes takes.
pub const RESIZE_TIME: Duration = Duration::from_secs(8);
/// Most nodes of one cluster.
pub const NODE_LIMIT: u32 = 100;
/// The pool that every cluster begins with.
pub const DEFAULT_POOL: &str = "default-pool";

/// The release channel of a cluster that nobody chose one for.
const DEFAULT_CHANNEL: &str = "regular";

/// What is asked for when a cluster is created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterSpec {
    /// Its name.
    pub name: String,
    /// Zone or region.
    pub location: String,
    /// Nodes per zone.
    pub nodes: u32,
    /// Machine type of the nodes.
    pub machine_type: String,
}

/// What a cluster is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterStatus {
    /// Being created until the given moment.
    Provisioning(SimTime),
    /// Usable.
    Running,
    /// Being deleted until the given moment.
    Stopping(SimTime),
}

impl ClusterStatus {
    /// As gcloud prints it.
    pub fn word(self) -> &'static str {
        match self {
            ClusterStatus::Provisioning(_) => "PROVISIONING",
            ClusterStatus::Running => "RUNNING",
            ClusterStatus::Stopping(_) => "STOPPING",
        }
    }

    /// When it ends by itself.
    pub fn until(self) -> Option<SimTime> {
        match self {
            ClusterStatus::Running => None,
            ClusterStatus::Provisioning(at) | ClusterStatus::Stopping(at) => Some(at),
        }
    }
}

/// A node as a virtual machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its name.
    pub name: String,
    /// Its zone.
    pub zone: String,
    /// Its machine type.
    pub machine_type: String,
    /// Its address inside the network.
    pub internal_ip: String,
    /// Its address on the Internet.
    pub external_ip: String,
    /// When it was made.
    pub created: SimTime,
}

/// Nodes of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodePool {
    /// Its name.
    pub name: String,
    /// Its machine type.
    pub machine_type: String,
    /// Size of its disks.
    pub disk_gb: u32,
    /// Nodes in each zone.
    pub nodes: u32,
    /// The zones that it spans.
    pub zones: Vec<String>,
    /// The names of its instances.
    pub members: Vec<String>,
    /// Fewest and most nodes in each zone, if an autoscaler may choose.
    pub autoscaling: Option<(u32, u32)>,
}

/// A change of a cluster's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A label, or its end.
    Label(String, Option<String>),
    /// An add-on, on or off.
    Addon {
        /// As the command line calls it.
        addon: String,
        /// Whether it is on.
        enabled: bool,
    },
    /// Another release channel.
    Channel(String),
    /// A pool's autoscaling with its bounds, or none.
    Autoscaling(String, Option<(u32, u32)>),
}

/// A change of a pool's size that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resize {
    /// The pool.
    pub pool: String,
    /// Nodes in each zone; none: the pool goes.
    pub nodes: Option<u32>,
    /// When it is done.
    pub done: SimTime,
}

/// A cluster of the project.
pub struct GkeCluster {
    /// What was asked for.
    pub spec: ClusterSpec,
    /// What it is doing.
    pub status: ClusterStatus,
    /// When it was asked for.
    pub created: SimTime,
    /// Address of its API server.
    pub endpoint: String,
    /// Its nodes' virtual machines.
    pub instances: Vec<Instance>,
    /// Its nodes by their kind.
    pub pools: Vec<NodePool>,
    /// Changes of size that are under way.
    pub resizes: Vec<Resize>,
    /// Its labels in the project.
    pub labels: BTreeMap<String, String>,
    /// Add-ons that were switched.
    pub addons: BTreeMap<String, bool>,
    /// Its release channel, in lower case.
    pub channel: String,
    /// The Kubernetes inside; answers once it runs.
    pub cluster: Cluster,
    slot: Slot,
    /// Counts the nodes that there ever were: names and pod ranges do not come back.
    next_node: u32,
}

/// Numbers that clusters of one project do not share: which part of the address space a cluster gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot(pub u8);

impl GkeCluster {
    /// A cluster as it is being created from `now` until it is `ready`. Addresses inside the network are counted on in `next_host`.
    pub fn create(
        seed: Seed,
        project: &Project,
        spec: ClusterSpec,
        slot: Slot,
        next_host: &mut u32,
        now: SimTime,
        ready: SimTime,
    ) -> Self {
        let mut rng = seed.stream(&format!("gke/{}/{}", spec.location, spec.name));
        let endpoint = format!("34.{}.{}.{}", rng.range(66, 140), rng.range(1, 255), rng.range(2, 254));
        let pool = NodePool {
            name: DEFAULT_POOL.to_owned(),
            machine_type: spec.machine_type.clone(),
            disk_gb: 100,
            nodes: 0,
            zones: project.node_zones(&spec.location),
            members: Vec::new(),
            autoscaling: None,
        };
        let nodes = spec.nodes.min(NODE_LIMIT);
        let instances = instances_of(seed, &spec, &pool, 0..nodes, next_host, now);
        let members = instances.iter().map(|i| i.name.clone()).collect();
        let pool = NodePool { nodes, members, ..pool };
        let cluster = Cluster::new(config(seed, &project.id, &spec, &instances, slot, ready));
        let next_node = instances.len() as u32;
        GkeCluster {
            spec,
            status: ClusterStatus::Provisioning(ready),
            created: now,
            endpoint,
            instances,
            pools: vec![pool],
            resizes: Vec::new(),
            labels: BTreeMap::new(),
            addons: BTreeMap::new(),
            channel: DEFAULT_CHANNEL.to_owned(),
            cluster,
            slot,
            next_node,
        }
    }

    /// A running cluster as it is described, for worlds that are set up by hand.
    pub fn described(
        spec: ClusterSpec,
        instances: Vec<Instance>,
        endpoint: &str,
        config: ClusterConfig,
        now: SimTime,
    ) -> Self {
        let (status, endpoint) = (ClusterStatus::Running, endpoint.to_owned());
        let pool = NodePool {
            name: DEFAULT_POOL.to_owned(),
            machine_type: spec.machine_type.clone(),
            disk_gb: 100,
            nodes: spec.nodes,
            zones: vec![spec.location.clone()],
            members: instances.iter().map(|i| i.name.clone()).collect(),
            autoscaling: None,
        };
        let (pools, resizes, cluster) = (vec![pool], Vec::new(), Cluster::new(config));
        let (slot, next_node) = (Slot(0), instances.len() as u32);
        GkeCluster {
            spec,
            status,
            created: now,
            endpoint,
            instances,
            pools,
            resizes,
            labels: BTreeMap::new(),
            addons: BTreeMap::new(),
            channel: DEFAULT_CHANNEL.to_owned(),
            cluster,
            slot,
            next_node,
        }
    }

    /// Changes a setting.
    pub fn change(&mut self, change: Change) {
        match change {
            Change::Label(key, Some(value)) => drop(self.labels.insert(key, value)),
            Change::Label(key, None) => drop(self.labels.remove(&key)),
            Change::Addon { addon, enabled } => drop(self.addons.insert(addon, enabled)),
            Change::Channel(channel) => self.channel = channel.to_lowercase(),
            Change::Autoscaling(name, bounds) => {
                let pools = self.pools.iter_mut().filter(|pool| pool.name == name);
                pools.for_each(|pool| pool.autoscaling = bounds);
            }
        }
    }

    /// A pool by its name.
    pub fn pool(&self, name: &str) -> Option<&NodePool> {
        self.pools.iter().find(|pool| pool.name == name)
    }

    /// How many nodes it has in all zones.
    pub fn node_count(&self) -> usize {
        self.instances.len()
    }

    /// Does the changes of size that are due, and says whether there were any.
    pub fn resize_due(&mut self, seed: Seed, project: &Project, next_host: &mut u32, now: SimTime) -> bool {
        let (due, later) = std::mem::take(&mut self.resizes).into_iter().partition(|r| r.done <= now);
        self.resizes = later;
        let due: Vec<Resize> = due;
        for resize in &due {
            self.set_size(seed, project, resize, next_host, now);
        }
        !due.is_empty()
    }

    fn set_size(
        &mut self,
        seed: Seed,
        project: &Project,
        resize: &Resize,
        next_host: &mut u32,
        now: SimTime,
    ) {
        let Some(at) = self.pools.iter().position(|pool| pool.name == resize.pool) else { return };
        let (had, wants) = (self.pools[at].nodes, resize.nodes.unwrap_or(0).min(NODE_LIMIT));
        if wants > had {
            let numbers = self.next_node..self.next_node + (wants - had);
            let added = instances_of(seed, &self.spec, &self.pools[at], numbers, next_host, now);
            for instance in added {
                let index = self.next_node as usize;
                self.next_node += 1;
                let node = node(&project.id, index, &instance, self.slot, &resize.pool);
                self.cluster.join(now, node);
                self.pools[at].members.push(instance.name.clone());
                self.instances.push(instance);
            }
        } else {
            let per_zone = self.pools[at].zones.len();
            let keep = wants as usize * per_zone;
            // The newest of each zone go first.
            let gone = keep_first(&self.instances, &mut self.pools[at], keep / per_zone.max(1));
            for name in gone {
                self.cluster.leave(now, &name);
                self.instances.retain(|instance| instance.name != name);
            }
        }
        self.pools[at].nodes = wants;
        if resize.nodes.is_none() {
            self.pools.remove(at);
        }
    }

    /// How the cluster is called among all clusters of the project.
    pub fn key(&self) -> String {
        format!("{}/{}", self.spec.location, self.spec.name)
    }
}

/// Keeps the first members of a pool in each zone; the names of the others come back.
fn keep_first(instances: &[Instance], pool: &mut NodePool, per_zone: usize) -> Vec<String> {
    let mut gone = Vec::new();
    for zone in &pool.zones {
        let in_zone = |name: &&String| instances.iter().any(|i| &i.name == *name && &i.zone == zone);
        gone.extend(pool.members.iter().filter(in_zone).skip(per_zone).cloned().collect::<Vec<_>>());
    }
    pool.members.retain(|name| !gone.contains(name));
    gone
}

/// The instances of a pool with these numbers, in each of its zones.
fn instances_of(
    seed: Seed,
    spec: &ClusterSpec,
    pool: &NodePool,
    numbers: std::ops::Range<u32>,
    next_host: &mut u32,
    now: SimTime,
) -> Vec<Instance> {
    let mut all = Vec::new();
    for zone in &pool.zones {
        let group = seed.stream(&format!("gke/{}/{}/{}/{zone}", spec.location, spec.name, pool.name)).hex(8);
        for number in numbers.clone() {
            let mut rng = seed.stream(&format!("node/{group}/{number}"));
            let suffix = rng.letters(b"0123456789bcdfghjklmnpqrstvwxz", 4);
            all.push(Instance {
                name: format!("gke-{}-{}-{group}-{suffix}", spec.name, pool.name),
                zone: zone.clone(),
                machine_type: pool.machine_type.clone(),
                internal_ip: internal_ip(next_host),
                external_ip: format!("34.{}.{}.{}", rng.range(66, 140), rng.range(1, 255), rng.range(2, 254)),
                created: now,
            });
        }
    }
    all
}

/// The next free address of the default network.
pub fn internal_ip(next_host: &mut u32) -> String {
    let host = *next_host;
    *next_host += 1;
    format!("10.128.{}.{}", host / 250, 2 + host % 250)
}

fn config(
    seed: Seed,
    project: &str,
    spec: &ClusterSpec,
    instances: &[Instance],
    slot: Slot,
    now: SimTime,
) -> ClusterConfig {
    let nodes = instances
        .iter()
        .enumerate()
        .map(|(index, instance)| node(project, index, instance, slot, DEFAULT_POOL));
    ClusterConfig {
        seed: Seed(seed.stream(&format!("cluster/{}/{}", spec.location, spec.name)).next_u64()),
        now,
        version: format!("v{GKE_VERSION}"),
        nodes: nodes.collect(),
        service_cidr: format!("34.118.{}.0/20", 224 + 16 * u32::from(slot.0 % 2)),
        node_port_first: 30000,
        node_port_last: 32767,
        age_secs: 60,
        storage_classes: storage_classes(),
        provisions_volumes: true,
        pace: crate::cluster::node::Pace::teaching(),
    }
}

fn node(project: &str, index: usize, instance: &Instance, slot: Slot, pool: &str) -> NodeConfig {
    let region = instance.zone.rsplit_once('-').map_or("", |(region, _)| region).to_owned();
    let machine: MachineType = machine_type(&instance.machine_type).copied().unwrap_or(MACHINE_TYPES[2]);
    let family = instance.machine_type.split('-').next().unwrap_or("e2").to_owned();
    let resources = |cpu: String, memory_kib: u64, storage: &str| Resources {
        cpu,
        memory: format!("{memory_kib}Ki"),
        ephemeral_storage: storage.to_owned(),
        pods: "110".to_owned(),
    };
    NodeConfig {
        name: instance.name.clone(),
        internal_ip: instance.internal_ip.clone(),
        external_ip: Some(instance.external_ip.clone()),
        pod_cidr: format!("10.{}.{index}.0/24", 4 + 4 * slot.0),
        machine_type: instance.machine_type.clone(),
        region,
        zone: instance.zone.clone(),
        capacity: resources(machine.cpus.to_string(), machine.memory_kib, "98831908Ki"),
        allocatable: resources(
            format!("{}m", machine.allocatable_millicpu),
            machine.allocatable_memory_kib,
            "47060071478",
        ),
        kernel_version: "6.12.55+".to_owned(),
        os_image: "Container-Optimized OS from Google".to_owned(),
        container_runtime: "containerd://2.1.5".to_owned(),
        kubelet_version: format!("v{GKE_VERSION}"),
        labels: vec![
            ("cloud.google.com/gke-nodepool".to_owned(), pool.to_owned()),
            ("cloud.google.com/machine-family".to_owned(), family),
        ],
        annotations: Vec::new(),
        provider_id: format!("gce://{project}/{}/{}", instance.zone, instance.name),
    }
}

/// The storage classes that every cluster has.
pub fn storage_classes() -> Vec<StorageClassConfig> {
    let class = |name: &str, default, kind: &str| StorageClassConfig {
        name: name.to_owned(),
        provisioner: if name == "standard" { "kubernetes.io/gce-pd" } else { "pd.csi.storage.gke.io" }
            .to_owned(),
        default,
        volume_binding_mode: if name == "standard" { "Immediate" } else { "WaitForFirstConsumer" }.to_owned(),
        parameters: vec![("type".to_owned(), kind.to_owned())],
    };
    vec![
        class("premium-rwo", false, "pd-ssd"),
        class("standard", false, "pd-standard"),
        class("standard-rwo", true, "pd-balanced"),
    ]
}
