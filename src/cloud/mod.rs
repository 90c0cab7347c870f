//! The cloud project: registries, clusters, instances, firewall, load balancers, addresses.
//! Must never know who looks at it.

pub mod firewall;
pub mod gke;
pub mod instances;
pub mod operations;
pub mod outside;
pub mod project;
pub mod registry;
pub mod routing;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use k8s_openapi::api::core::v1::Service;

use crate::base::{Seed, SimTime};
use crate::cluster::Cluster;
use crate::image::Catalogue;
use crate::image::process::{RuntimeEvent, RuntimeRequest};

use gke::{ClusterSpec, ClusterStatus, GkeCluster, NodePool, Resize, Slot};
use instances::VirtualMachine;
use operations::{Operation, Operations};
use outside::{Balancers, CloudOutside, Pace};
use project::Project;
use registry::Registries;

/// Most clusters of one project.
pub const CLUSTER_LIMIT: usize = 8;

/// The cloud project.
pub struct Cloud {
    seed: Seed,
    /// When the project was made.
    pub created: SimTime,
    /// Who and where.
    pub project: Project,
    /// Where images come from and go to.
    pub registries: Registries,
    /// Clusters, by `LOCATION/NAME`.
    pub clusters: BTreeMap<String, GkeCluster>,
    /// Virtual machines that are no cluster's nodes.
    pub machines: Vec<VirtualMachine>,
    /// What was begun with clusters.
    pub operations: Operations,
    /// APIs that are switched on.
    pub services: BTreeSet<String>,
    /// CPUs that all clusters together may have.
    pub cpu_quota: u32,
    /// How long creating a cluster takes.
    pub create_time: Duration,
    /// Firewall rules of the default network.
    pub firewall: Vec<firewall::Rule>,
    /// Load balancers that Services asked for.
    pub balancers: Balancers,
    /// How fast things happen here.
    pub pace: Pace,
    next_slot: u8,
    next_host: u32,
    changes: u64,
}

/// Why a cluster was not created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateClusterError {
    /// One of that name is there.
    Exists,
    /// More CPUs than there are.
    Quota {
        /// CPUs that the request needs.
        wanted: u32,
        /// CPUs that are left.
        available: u32,
    },
    /// Too many clusters or nodes.
    Limit,
}

/// APIs that a project begins with.
const SERVICES: &[&str] =
    &["artifactregistry.googleapis.com", "compute.googleapis.com", "container.googleapis.com"];
/// CPUs that all clusters of a project may have.
const CPU_QUOTA: u32 = 24;

impl Cloud {
    /// A project without clusters.
    pub fn new(seed: Seed, project: Project, now: SimTime) -> Self {
        Cloud {
            seed,
            created: now,
            project,
            registries: Registries::new(Catalogue::builtin()),
            clusters: BTreeMap::new(),
            machines: Vec::new(),
            operations: Operations::default(),
            services: SERVICES.iter().map(|name| (*name).to_owned()).collect(),
            cpu_quota: CPU_QUOTA,
            create_time: gke::CREATE_TIME,
            firewall: firewall::defaults(now),
            balancers: Balancers::default(),
            pace: Pace::default(),
            next_slot: 0,
            next_host: 0,
            changes: 0,
        }
    }

    /// A number that grows with every change of the project or one of its clusters.
    pub fn epoch(&self) -> u64 {
        let clusters: u64 = self.clusters.values().map(|c| c.cluster.epoch()).sum();
        self.changes + self.registries.revision() + clusters
    }

    /// Notes that something of the project was changed through its public fields.
    pub fn touch(&mut self) {
        self.changes += 1;
    }

    /// Begins to create a cluster.
    ///
    /// # Errors
    /// When it exists or the project has too many.
    pub fn create_cluster(
        &mut self,
        spec: ClusterSpec,
        now: SimTime,
    ) -> Result<&GkeCluster, CreateClusterError> {
        let key = format!("{}/{}", spec.location, spec.name);
        if self.clusters.contains_key(&key) {
            return Err(CreateClusterError::Exists);
        }
        if self.clusters.len() >= CLUSTER_LIMIT || spec.nodes > gke::NODE_LIMIT {
            return Err(CreateClusterError::Limit);
        }
        let zones = self.project.node_zones(&spec.location).len() as u32;
        self.within_quota(spec.nodes * zones, &spec.machine_type, None)?;
        let slot = Slot(self.next_slot);
        self.next_slot = (self.next_slot + 1) % 60;
        self.changes += 1;
        let target = self.link(&spec.location, &format!("clusters/{}", spec.name));
        self.begin("CREATE_CLUSTER", &spec.location.clone(), target, now, self.create_time);
        let ready = now + self.create_time;
        let cluster =
            GkeCluster::create(self.seed, &self.project, spec, slot, &mut self.next_host, now, ready);
        Ok(self.clusters.entry(key).or_insert(cluster))
    }

    /// Whether so many nodes of a machine type may be had, apart from those of one cluster.
    ///
    /// # Errors
    /// When they may not.
    pub fn within_quota(
        &self,
        nodes: u32,
        machine: &str,
        apart: Option<&str>,
    ) -> Result<(), CreateClusterError> {
        let cpus = |machine: &str| project::machine_type(machine).map_or(2, |m| m.cpus);
        let others = self.clusters.iter().filter(|(key, _)| apart != Some(key.as_str()));
        let used: u32 = others.flat_map(|(_, c)| &c.instances).map(|i| cpus(&i.machine_type)).sum();
        let (wanted, available) = (nodes * cpus(machine), self.cpu_quota.saturating_sub(used));
        if wanted > available { Err(CreateClusterError::Quota { wanted, available }) } else { Ok(()) }
    }

    fn link(&self, location: &str, path: &str) -> String {
        let (api, project) = ("https://container.googleapis.com/v1/projects", &self.project.number);
        format!("{api}/{project}/zones/{location}/{path}")
    }

    fn begin(
        &mut self,
        kind: &'static str,
        zone: &str,
        target: String,
        now: SimTime,
        takes: Duration,
    ) -> String {
        let id = operations::id(self.seed, now, &target);
        self.operations.note(Operation {
            id: id.clone(),
            kind,
            zone: zone.to_owned(),
            target,
            began: now,
            ends: now + takes,
        });
        id
    }

    /// Begins to change the number of a pool's nodes in each zone; the operation's name comes back.
    pub fn resize_pool(&mut self, key: &str, pool: &str, nodes: u32, now: SimTime) -> Option<String> {
        let (location, name) = key.split_once('/')?;
        let target = self.link(location, &format!("clusters/{name}/nodePools/{pool}"));
        let done = now + gke::RESIZE_TIME;
        self.clusters.get_mut(key)?.resizes.push(Resize { pool: pool.to_owned(), nodes: Some(nodes), done });
        self.changes += 1;
        Some(self.begin("SET_NODE_POOL_SIZE", location, target, now, gke::RESIZE_TIME))
    }

    /// Changes a setting of a cluster, if there is such a one.
    pub fn change_cluster(&mut self, key: &str, change: gke::Change, now: SimTime) {
        let Some((location, name)) = key.split_once('/') else { return };
        let target = self.link(location, &format!("clusters/{name}"));
        let Some(cluster) = self.clusters.get_mut(key) else { return };
        cluster.change(change);
        self.changes += 1;
        self.begin("UPDATE_CLUSTER", location, target, now, gke::RESIZE_TIME);
    }

    /// Begins to create a pool; false when there is no such cluster.
    pub fn create_pool(&mut self, key: &str, pool: NodePool, now: SimTime) -> bool {
        let Some((location, name)) = key.split_once('/') else { return false };
        let target = self.link(location, &format!("clusters/{name}/nodePools/{}", pool.name));
        let done = now + gke::RESIZE_TIME;
        let Some(cluster) = self.clusters.get_mut(key) else { return false };
        cluster.resizes.push(Resize { pool: pool.name.clone(), nodes: Some(pool.nodes), done });
        cluster.pools.push(NodePool { nodes: 0, ..pool });
        self.changes += 1;
        self.begin("CREATE_NODE_POOL", location, target, now, gke::RESIZE_TIME);
        true
    }

    /// Begins to delete a pool; false when there is no such cluster.
    pub fn delete_pool(&mut self, key: &str, pool: &str, now: SimTime) -> bool {
        let Some((location, name)) = key.split_once('/') else { return false };
        let target = self.link(location, &format!("clusters/{name}/nodePools/{pool}"));
        let done = now + gke::RESIZE_TIME;
        let Some(cluster) = self.clusters.get_mut(key) else { return false };
        cluster.resizes.push(Resize { pool: pool.to_owned(), nodes: None, done });
        self.changes += 1;
        self.begin("DELETE_NODE_POOL", location, target, now, gke::RESIZE_TIME);
        true
    }

    /// Adds a cluster that runs since that moment.
    pub fn add_running(&mut self, spec: ClusterSpec, since: SimTime) {
        let slot = Slot(self.next_slot);
        self.next_slot = (self.next_slot + 1) % 60;
        let asked = SimTime(since.0.saturating_sub(self.create_time.as_millis() as u64));
        let mut cluster =
            GkeCluster::create(self.seed, &self.project, spec, slot, &mut self.next_host, asked, since);
        cluster.status = ClusterStatus::Running;
        self.add_cluster(cluster);
    }

    /// Adds a virtual machine of its own.
    pub fn add_machine(&mut self, zone: &str, name: &str, machine_type: &str, running: bool, now: SimTime) {
        let internal_ip = gke::internal_ip(&mut self.next_host);
        self.machines.push(VirtualMachine::new(
            self.seed,
            zone,
            name,
            machine_type,
            internal_ip,
            running,
            now,
        ));
        self.changes += 1;
    }

    /// Adds a cluster that is there already.
    pub fn add_cluster(&mut self, cluster: GkeCluster) {
        self.changes += 1;
        self.clusters.insert(cluster.key(), cluster);
    }

    /// Begins to delete a cluster; false when there is none.
    pub fn delete_cluster(&mut self, key: &str, now: SimTime) -> bool {
        let Some(cluster) = self.clusters.get_mut(key) else { return false };
        cluster.status = ClusterStatus::Stopping(now + gke::DELETE_TIME);
        let (location, name) = (cluster.spec.location.clone(), cluster.spec.name.clone());
        self.changes += 1;
        let target = self.link(&location, &format!("clusters/{name}"));
        self.begin("DELETE_CLUSTER", &location, target, now, gke::DELETE_TIME);
        true
    }

    /// When something happens by itself.
    pub fn next_wakeup(&self) -> Option<SimTime> {
        let of = |c: &GkeCluster| match c.status {
            ClusterStatus::Running => {
                c.cluster.next_wakeup().into_iter().chain(c.resizes.iter().map(|r| r.done)).min()
            }
            other => other.until(),
        };
        self.clusters.values().filter_map(of).min()
    }

    /// Lets everything in the project work up to `now`.
    pub fn advance(&mut self, now: SimTime) {
        let due = |c: &GkeCluster| c.status.until().is_some_and(|at| at <= now);
        if self.clusters.values().any(due) {
            self.changes += 1;
            self.clusters.retain(|_, c| !(due(c) && matches!(c.status, ClusterStatus::Stopping(_))));
            for cluster in self.clusters.values_mut().filter(|c| due(c)) {
                cluster.status = ClusterStatus::Running;
            }
        }
        let Cloud { seed, project, registries, clusters, balancers, pace, next_host, changes, .. } = self;
        for (key, cluster) in clusters.iter_mut().filter(|(_, c)| c.status == ClusterStatus::Running) {
            if cluster.resize_due(*seed, project, next_host, now) {
                *changes += 1;
            }
            let mut outside =
                CloudOutside { seed: *seed, project, registries, balancers, pace, cluster: key };
            cluster.cluster.advance(now, &mut outside);
        }
    }

    /// The cluster whose API server answers at an address, from outside.
    pub fn cluster_at(&self, endpoint: &str) -> Option<&str> {
        let running = |c: &GkeCluster| c.endpoint == endpoint && c.status == ClusterStatus::Running;
        self.clusters.iter().find(|(_, c)| running(c)).map(|(key, _)| key.as_str())
    }

    /// Whether an address is that of a cluster's own API Service (`kubernetes.default`).
    pub fn is_api_service(&self, key: &str, address: &str) -> bool {
        let service = self.kubernetes(key).and_then(|c| c.store().get_as::<Service>("default", "kubernetes"));
        let cluster_ip = service.as_ref().and_then(|s| s.spec.as_ref()?.cluster_ip.as_deref());
        cluster_ip == Some(address)
    }

    /// The Kubernetes of a cluster.
    pub fn kubernetes(&self, key: &str) -> Option<&Cluster> {
        self.clusters.get(key).map(|c| &c.cluster)
    }

    /// The Kubernetes of a cluster, to ask it something.
    pub fn kubernetes_mut(&mut self, key: &str) -> Option<&mut Cluster> {
        self.clusters.get_mut(key).map(|c| &mut c.cluster)
    }

    /// What the kubelets ask of the runtime since the last call, with the cluster's key.
    pub fn take_runtime_requests(&mut self) -> Vec<(String, RuntimeRequest)> {
        let mut all = Vec::new();
        for (key, cluster) in &mut self.clusters {
            all.extend(cluster.cluster.take_runtime_requests().into_iter().map(|r| (key.clone(), r)));
        }
        all
    }

    /// Reports to a cluster what became of a container.
    pub fn runtime_event(&mut self, cluster: &str, now: SimTime, event: RuntimeEvent) {
        if let Some(cluster) = self.clusters.get_mut(cluster) {
            cluster.cluster.runtime_event(now, event);
        }
    }
}
