//! The learner's own computer: the Docker engine's state. Its files are a host's of `world`, like a container's.
//! Must never run anything itself.

pub mod docker;

use crate::base::{Seed, SimTime};
use crate::image::process::{NetNsId, RuntimeEvent, RuntimeRequest};

pub use docker::Engine;

/// The learner's computer, apart from its files and processes.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The Docker engine.
    pub docker: Engine,
    /// Whether the name server answers.
    pub name_server_reached: bool,
}

/// Where the machine asks for names.
const NAME_SERVER: &str = "169.254.169.254:53";

impl Default for Machine {
    fn default() -> Self {
        Machine::new(Seed(0), SimTime(0))
    }
}

impl Machine {
    /// A machine with a fresh Docker engine.
    pub fn new(seed: Seed, now: SimTime) -> Self {
        Machine { docker: Engine::new(seed, now), name_server_reached: true }
    }

    /// A number that grows with every change of the Docker engine.
    pub fn epoch(&self) -> u64 {
        self.docker.epoch()
    }

    /// When the engine does something by itself.
    pub fn next_wakeup(&self) -> Option<SimTime> {
        self.docker.next_wakeup()
    }

    /// Lets the engine work up to `now`.
    pub fn advance(&mut self, now: SimTime) {
        self.docker.advance(now);
    }

    /// What the engine asks of the runtime since the last call.
    pub fn take_runtime_requests(&mut self) -> Vec<RuntimeRequest> {
        self.docker.take_requests()
    }

    /// Why a name that nothing has cannot be looked up, as Go's resolver says it.
    pub fn lookup_failure(&self, name: &str) -> String {
        let why = match self.name_server_reached {
            true => "no such host".to_owned(),
            false => format!("dial udp {NAME_SERVER}: connect: network is unreachable"),
        };
        format!("lookup {name} on {NAME_SERVER}: {why}")
    }

    /// Reports what became of a container.
    pub fn runtime_event(&mut self, now: SimTime, event: RuntimeEvent) {
        self.docker.runtime_event(now, event);
    }

    /// The address of a container by its name on a Docker network.
    pub fn resolve(&self, network: &str, name: &str) -> Option<String> {
        let network = self.docker.networks.find(network).filter(|n| n.has_names())?;
        let found = network.endpoints.values().find(|e| e.names.iter().any(|n| n == name))?;
        Some(found.address.clone())
    }

    /// The name of the container that has an address.
    pub fn container_at(&self, address: &str) -> Option<String> {
        self.netns_at(address).map(|(_, name)| name)
    }

    /// The namespace and container name at an address.
    pub fn netns_at(&self, address: &str) -> Option<(NetNsId, String)> {
        let id = self.docker.networks.by_address(address)?;
        let container = self.docker.container(id)?;
        Some((docker::lifecycle::netns_of(container), container.name.clone()))
    }

    /// Whether an address is this machine's on one of Docker's networks.
    pub fn is_gateway(&self, address: &str) -> bool {
        self.docker.networks.list().iter().any(|n| n.subnet.is_some() && n.gateway() == address)
    }

    /// The client address that a container sees: another container's own, else the bridge's.
    pub fn gateway_or(&self, address: &str) -> String {
        if self.docker.networks.by_address(address).is_some() {
            return address.to_owned();
        }
        self.docker.networks.find("bridge").map(docker::network::Network::gateway).unwrap_or_default()
    }

    /// What Docker publishes on a port of this machine.
    pub fn published(&self, port: u16) -> Option<Published> {
        let (id, published) = self.docker.published(port)?;
        let container = self.docker.container(id)?;
        let gateway = self.docker.networks.of_container(id).next().map(|(n, _)| n.gateway());
        Some(Published {
            container: container.name.clone(),
            netns: docker::lifecycle::netns_of(container),
            port: published.container_port,
            gateway: gateway.unwrap_or_default(),
        })
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
