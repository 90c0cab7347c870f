//! Kubernetes clusters of the project: how they come to be, their nodes, and their life.

use std::time::Duration;

use crate::base::{Seed, SimTime};
use crate::cluster::{Cluster, ClusterConfig, NodeConfig, Resources, StorageClassConfig};

use super::project::{MachineType, machine_type};

/// How long a cluster takes to be created, at teaching pace.
pub const CREATE_TIME: Duration = Duration::from_secs(20);
/// How long deleting one takes.
pub const DELETE_TIME: Duration = Duration::from_secs(8);
/// The version that GKE's regular channel gives out.
pub const GKE_VERSION: &str = "1.36.2-gke.1204000";
/// Most nodes of one cluster.
pub const NODE_LIMIT: u32 = 100;

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
    /// The Kubernetes inside; answers once it runs.
    pub cluster: Cluster,
}

/// Numbers that clusters of one project do not share: which part of the address space a cluster gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot(pub u8);

impl GkeCluster {
    /// A cluster as it is being created at `now`.
    pub fn create(seed: Seed, project: &str, spec: ClusterSpec, slot: Slot, now: SimTime) -> Self {
        let mut rng = seed.stream(&format!("gke/{}/{}", spec.location, spec.name));
        let pool = rng.hex(8);
        let machine = machine_type(&spec.machine_type).copied().unwrap_or(super::project::MACHINE_TYPES[2]);
        let zone = if super::project::is_zone(&spec.location) {
            spec.location.clone()
        } else {
            format!("{}-a", spec.location)
        };
        let instances: Vec<Instance> = (0..spec.nodes.min(NODE_LIMIT))
            .map(|index| Instance {
                name: format!(
                    "gke-{}-default-pool-{pool}-{}",
                    spec.name,
                    rng.letters(b"0123456789bcdfghjklmnpqrstvwxz", 4)
                ),
                zone: zone.clone(),
                machine_type: spec.machine_type.clone(),
                internal_ip: format!("10.128.{}.{}", slot.0, 2 + index),
                external_ip: format!("34.{}.{}.{}", rng.range(66, 140), rng.range(1, 255), rng.range(2, 254)),
                created: now,
            })
            .collect();
        let endpoint = format!("34.{}.{}.{}", rng.range(66, 140), rng.range(1, 255), rng.range(2, 254));
        let ready = now + CREATE_TIME;
        let cluster = Cluster::new(config(seed, project, &spec, &instances, &machine, slot, ready));
        GkeCluster {
            spec,
            status: ClusterStatus::Provisioning(ready),
            created: now,
            endpoint,
            instances,
            cluster,
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
        GkeCluster { spec, status, created: now, endpoint, instances, cluster: Cluster::new(config) }
    }

    /// How the cluster is called among all clusters of the project.
    pub fn key(&self) -> String {
        format!("{}/{}", self.spec.location, self.spec.name)
    }
}

fn config(
    seed: Seed,
    project: &str,
    spec: &ClusterSpec,
    instances: &[Instance],
    machine: &MachineType,
    slot: Slot,
    now: SimTime,
) -> ClusterConfig {
    let nodes = instances
        .iter()
        .enumerate()
        .map(|(index, instance)| node(project, index, instance, machine, slot, spec));
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

fn node(
    project: &str,
    index: usize,
    instance: &Instance,
    machine: &MachineType,
    slot: Slot,
    spec: &ClusterSpec,
) -> NodeConfig {
    let region = instance.zone.rsplit_once('-').map_or("", |(region, _)| region).to_owned();
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
            ("cloud.google.com/gke-nodepool".to_owned(), "default-pool".to_owned()),
            (
                "cloud.google.com/machine-family".to_owned(),
                spec.machine_type.split('-').next().unwrap_or("e2").to_owned(),
            ),
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
