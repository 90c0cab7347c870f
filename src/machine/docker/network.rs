//! Docker's networks: subnets, addresses, endpoints. Never routes anything; `world` asks who has an address.

use std::collections::BTreeMap;

use crate::base::{Rng, SimTime};
use crate::image::process::ContainerId;

use super::error::EngineError;

/// Networks that always exist.
pub const PREDEFINED: &[&str] = &["bridge", "host", "none"];
/// How many networks one machine may have: moby's default pools hold 31.
const NETWORK_LIMIT: usize = 31;

/// A network.
#[derive(Debug, Clone)]
pub struct Network {
    pub id: String,
    pub name: String,
    pub driver: String,
    pub created: SimTime,
    /// The first two numbers of its /16, e.g. `172.18`; empty for host and none.
    pub prefix: String,
    pub internal: bool,
    pub labels: BTreeMap<String, String>,
    pub endpoints: BTreeMap<ContainerId, Endpoint>,
}

/// A container on a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub id: String,
    pub address: String,
    pub mac: String,
    /// The container's name and its aliases there.
    pub names: Vec<String>,
}

impl Network {
    /// `172.18.0.0/16`.
    pub fn subnet(&self) -> String {
        if self.prefix.is_empty() { String::new() } else { format!("{}.0.0/16", self.prefix) }
    }

    /// `172.18.0.1`.
    pub fn gateway(&self) -> String {
        if self.prefix.is_empty() { String::new() } else { format!("{}.0.1", self.prefix) }
    }

    /// Whether containers on it know each other's names: on every bridge but the first.
    pub fn has_names(&self) -> bool {
        self.driver == "bridge" && self.name != "bridge"
    }

    /// Puts a container on the network at the lowest free address.
    pub fn connect(
        &mut self,
        id: &ContainerId,
        names: Vec<String>,
        rng: &mut Rng,
    ) -> Result<(), EngineError> {
        let mut address = String::new();
        if !self.prefix.is_empty() {
            let taken = |candidate: &str| self.endpoints.values().any(|e| e.address == candidate);
            address = (2u32..65_534)
                .map(|n| format!("{}.{}.{}", self.prefix, n / 256, n % 256))
                .find(|candidate| !taken(candidate))
                .ok_or_else(|| {
                    EngineError::server("no available IPv4 addresses on this network's address pools")
                })?;
        }
        let mac = (0..5).fold("02".to_owned(), |mac, _| format!("{mac}:{}", rng.hex(2)));
        self.endpoints.insert(id.clone(), Endpoint { id: rng.hex(64), address, mac, names });
        Ok(())
    }
}

/// The machine's networks.
#[derive(Debug, Clone)]
pub struct Networks {
    all: Vec<Network>,
}

impl Networks {
    /// bridge, host and none.
    pub fn new(rng: &mut Rng, now: SimTime) -> Self {
        let mut all = Vec::new();
        for (name, driver, prefix) in
            [("bridge", "bridge", "172.17"), ("host", "host", ""), ("none", "null", "")]
        {
            all.push(Network {
                id: rng.hex(64),
                name: name.to_owned(),
                driver: driver.to_owned(),
                created: now,
                prefix: prefix.to_owned(),
                internal: false,
                labels: BTreeMap::new(),
                endpoints: BTreeMap::new(),
            });
        }
        Networks { all }
    }

    /// All networks, by name.
    pub fn list(&self) -> Vec<&Network> {
        let mut list: Vec<&Network> = self.all.iter().collect();
        list.sort_by(|a, b| a.name.cmp(&b.name));
        list
    }

    /// By name, id, or unambiguous beginning of an id.
    pub fn find(&self, name: &str) -> Option<&Network> {
        let at = self.position(name)?;
        self.all.get(at)
    }

    pub fn find_mut(&mut self, name: &str) -> Option<&mut Network> {
        let at = self.position(name)?;
        self.all.get_mut(at)
    }

    fn position(&self, name: &str) -> Option<usize> {
        let exact = self.all.iter().position(|n| n.name == name || n.id == name);
        exact.or_else(|| {
            let mut matching =
                self.all.iter().enumerate().filter(|(_, n)| !name.is_empty() && n.id.starts_with(name));
            let first = matching.next()?;
            matching.next().is_none().then_some(first.0)
        })
    }

    /// Creates a bridge network on the next free subnet; its id is returned.
    pub fn create(
        &mut self,
        name: &str,
        driver: &str,
        rng: &mut Rng,
        now: SimTime,
    ) -> Result<String, EngineError> {
        if self.all.iter().any(|n| n.name == name) {
            return Err(EngineError::conflict(format!("network with name {name} already exists")));
        }
        if driver != "bridge" {
            return Err(EngineError::not_found(format!(
                "could not find plugin {driver} in v1 plugin registry: plugin \"{driver}\" not found"
            )));
        }
        let prefixes =
            (18..32).map(|n| format!("172.{n}")).chain((0..16).map(|n| format!("192.168.{}", n * 16)));
        let free = prefixes
            .map(|p| p.splitn(3, '.').take(2).collect::<Vec<_>>().join("."))
            .find(|prefix| self.all.iter().all(|n| n.prefix != *prefix));
        let (Some(prefix), true) = (free, self.all.len() < NETWORK_LIMIT) else {
            return Err(EngineError::server("all predefined address pools have been fully subnetted"));
        };
        let id = rng.hex(64);
        self.all.push(Network {
            id: id.clone(),
            name: name.to_owned(),
            driver: driver.to_owned(),
            created: now,
            prefix,
            internal: false,
            labels: BTreeMap::new(),
            endpoints: BTreeMap::new(),
        });
        Ok(id)
    }

    /// Removes a network nobody is on.
    pub fn remove(&mut self, name: &str) -> Result<(), EngineError> {
        let Some(at) = self.position(name) else {
            return Err(EngineError::not_found(format!("network {name} not found")));
        };
        let network = &self.all[at];
        if PREDEFINED.contains(&network.name.as_str()) {
            let name = &network.name;
            return Err(EngineError::invalid(format!(
                "{name} is a pre-defined network and cannot be removed"
            )));
        }
        if !network.endpoints.is_empty() {
            let who: Vec<String> = network
                .endpoints
                .values()
                .map(|e| {
                    format!("name:\"{}\" id:\"{}\"", e.names.first().map_or("", String::as_str), &e.id[..12])
                })
                .collect();
            return Err(EngineError::conflict(format!(
                "error while removing network: network {} has active endpoints ({})",
                network.name,
                who.join(", ")
            )));
        }
        self.all.remove(at);
        Ok(())
    }

    /// Removes user networks without containers; their names are returned.
    pub fn prune(&mut self) -> Vec<String> {
        let unused = |n: &Network| !PREDEFINED.contains(&n.name.as_str()) && n.endpoints.is_empty();
        let names = self.all.iter().filter(|n| unused(n)).map(|n| n.name.clone()).collect();
        self.all.retain(|n| !unused(n));
        names
    }

    /// Takes a container off every network.
    pub fn disconnect_all(&mut self, id: &ContainerId) {
        for network in &mut self.all {
            network.endpoints.remove(id);
        }
    }

    /// The networks a container is on.
    pub fn of_container<'a>(
        &'a self,
        id: &'a ContainerId,
    ) -> impl Iterator<Item = (&'a Network, &'a Endpoint)> {
        self.all.iter().filter_map(move |n| n.endpoints.get(id).map(|e| (n, e)))
    }

    /// Who has an address.
    pub fn by_address(&self, address: &str) -> Option<&ContainerId> {
        self.all.iter().flat_map(|n| &n.endpoints).find(|(_, e)| e.address == address).map(|(id, _)| id)
    }
}
