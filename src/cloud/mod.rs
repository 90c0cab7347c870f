//! The cloud project: registries, clusters, instances, firewall, load balancers, addresses.
//! Must never know who looks at it.

pub mod firewall;
pub mod gke;
pub mod outside;
pub mod project;
pub mod registry;
pub mod routing;

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Service;

use crate::base::{Seed, SimTime};
use crate::cluster::Cluster;
use crate::image::Catalogue;
use crate::image::process::{RuntimeEvent, RuntimeRequest};

use gke::{ClusterSpec, ClusterStatus, GkeCluster, Slot};
use outside::{Balancers, CloudOutside, Pace};
use project::Project;
use registry::Registries;

/// Most clusters of one project.
pub const CLUSTER_LIMIT: usize = 8;

/// The cloud project.
pub struct Cloud {
    seed: Seed,
    /// Who and where.
    pub project: Project,
    /// Where images come from and go to.
    pub registries: Registries,
    /// Clusters, by `LOCATION/NAME`.
    pub clusters: BTreeMap<String, GkeCluster>,
    /// Firewall rules of the default network.
    pub firewall: Vec<firewall::Rule>,
    /// Load balancers that Services asked for.
    pub balancers: Balancers,
    /// How fast things happen here.
    pub pace: Pace,
    next_slot: u8,
    changes: u64,
}

/// Why a cluster was not created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateClusterError {
    /// One of that name is there.
    Exists,
    /// Too many clusters or nodes.
    Quota,
}

impl Cloud {
    /// A project without clusters.
    pub fn new(seed: Seed, project: Project, now: SimTime) -> Self {
        Cloud {
            seed,
            project,
            registries: Registries::new(Catalogue::builtin()),
            clusters: BTreeMap::new(),
            firewall: firewall::defaults(now),
            balancers: Balancers::default(),
            pace: Pace::default(),
            next_slot: 0,
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
            return Err(CreateClusterError::Quota);
        }
        let slot = Slot(self.next_slot);
        self.next_slot = (self.next_slot + 1) % 60;
        self.changes += 1;
        let cluster = GkeCluster::create(self.seed, &self.project.id, spec, slot, now);
        Ok(self.clusters.entry(key).or_insert(cluster))
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
        self.changes += 1;
        true
    }

    /// When something happens by itself.
    pub fn next_wakeup(&self) -> Option<SimTime> {
        let of = |c: &GkeCluster| match c.status {
            ClusterStatus::Running => c.cluster.next_wakeup(),
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
        let Cloud { seed, project, registries, clusters, balancers, pace, .. } = self;
        for (key, cluster) in clusters.iter_mut().filter(|(_, c)| c.status == ClusterStatus::Running) {
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
