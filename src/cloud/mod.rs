//! The cloud project: registries, clusters, instances, firewall, load balancers, addresses.
//! Must never know who looks at it.

pub mod registry;

use crate::base::SimTime;
use crate::base::net::{Hop, Refusal};
use crate::image::process::{NetNsId, RuntimeEvent, RuntimeRequest};

/// The cloud project.
#[derive(Default)]
pub struct Cloud {}

impl Cloud {
    /// A number that grows with every change of the project or one of its clusters.
    pub fn epoch(&self) -> u64 {
        0
    }

    /// When something happens by itself.
    pub fn next_wakeup(&self) -> Option<SimTime> {
        None
    }

    /// Lets everything in the project work up to `now`.
    pub fn advance(&mut self, _now: SimTime) {}

    /// What the kubelets ask of the runtime since the last call, with the cluster's name.
    pub fn take_runtime_requests(&mut self) -> Vec<(String, RuntimeRequest)> {
        Vec::new()
    }

    /// Reports to a cluster what became of a container.
    pub fn runtime_event(&mut self, _cluster: &str, _now: SimTime, _event: RuntimeEvent) {}

    /// The address behind a name as a pod of that cluster resolves it.
    pub fn resolve_in_cluster(&self, _cluster: &str, _from: &NetNsId, _name: &str) -> Option<String> {
        None
    }

    /// The address behind a public name.
    pub fn resolve_public(&self, _name: &str) -> Option<String> {
        None
    }

    /// The pod (namespace, name) that has an address in a cluster's network.
    pub fn pod_at(&self, _cluster: &str, _address: &str) -> Option<(String, String)> {
        None
    }

    /// Where a connection from the Internet (or, with `cluster`, from one of its pods) to an address ends.
    pub fn route(&self, _cluster: Option<&str>, _from: &NetNsId, address: &str, _port: u16) -> CloudRoute {
        CloudRoute { hops: vec![Hop::Internet(address.to_owned())], target: Err(Refusal::TimedOut) }
    }
}

/// Where a connection into the cloud ends.
pub struct CloudRoute {
    /// The way there.
    pub hops: Vec<Hop>,
    /// Cluster, pod address, port, and the client's address as the pod sees it; or why it ends before.
    pub target: Result<(String, String, u16, String), Refusal>,
}
