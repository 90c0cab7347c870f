//! The learner's own computer: the Docker engine's state. Its files are a host's of `world`, like a container's.
//! Must never run anything itself.

use crate::base::SimTime;
use crate::image::process::{NetNsId, RuntimeEvent, RuntimeRequest};

/// The learner's computer, apart from its files and processes.
#[derive(Default)]
pub struct Machine {}

impl Machine {
    /// A number that grows with every change of the Docker engine.
    pub fn epoch(&self) -> u64 {
        0
    }

    /// When the engine does something by itself.
    pub fn next_wakeup(&self) -> Option<SimTime> {
        None
    }

    /// Lets the engine work up to `now`.
    pub fn advance(&mut self, _now: SimTime) {}

    /// What the engine asks of the runtime since the last call.
    pub fn take_runtime_requests(&mut self) -> Vec<RuntimeRequest> {
        Vec::new()
    }

    /// Reports what became of a container.
    pub fn runtime_event(&mut self, _now: SimTime, _event: RuntimeEvent) {}

    /// The address of a container by its name on a Docker network.
    pub fn resolve(&self, _network: &str, _name: &str) -> Option<String> {
        None
    }

    /// The container that has an address.
    pub fn container_at(&self, _address: &str) -> Option<String> {
        None
    }

    /// The namespace and container name at an address.
    pub fn netns_at(&self, _address: &str) -> Option<(NetNsId, String)> {
        None
    }

    /// Whether an address is this machine's on one of Docker's networks.
    pub fn is_gateway(&self, _address: &str) -> bool {
        false
    }

    /// The client address that a container sees: another container's own, else the bridge's.
    pub fn gateway_or(&self, address: &str) -> String {
        address.to_owned()
    }

    /// What Docker publishes on a port of this machine.
    pub fn published(&self, _port: u16) -> Option<Published> {
        None
    }
}

/// A published port: who is behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The container's name.
    pub container: String,
    /// Its network namespace.
    pub netns: NetNsId,
    /// The port in the container.
    pub port: u16,
    /// The client's address as the container sees it.
    pub gateway: String,
}
