//! Docker's networks: subnets, addresses, endpoints. Never routes anything; `world` asks who has an address.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::base::{Rng, SimTime};
use crate::image::process::ContainerId;

use super::error::EngineError;

/// What the engine says to whoever wants something of a swarm.
pub const NO_SWARM: &str = "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.";

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
    /// Its addresses; none for host and none.
    pub subnet: Option<Subnet>,
    /// Whether somebody chose them.
    pub chosen_subnet: bool,
    /// Whether somebody chose the way out of them.
    pub chosen_gateway: bool,
    pub internal: bool,
    pub attachable: bool,
    /// Options of its driver.
    pub options: BTreeMap<String, String>,
    pub labels: BTreeMap<String, String>,
    pub endpoints: BTreeMap<ContainerId, Endpoint>,
}

/// What a network is to be.
#[derive(Debug, Clone, Default)]
pub struct NetworkSpec {
    pub name: String,
    pub driver: String,
    /// The addresses asked for.
    pub subnet: Option<Subnet>,
    /// Whether the way out was asked for, too.
    pub chosen_gateway: bool,
    pub internal: bool,
    pub attachable: bool,
    pub options: BTreeMap<String, String>,
    pub labels: BTreeMap<String, String>,
}

/// A range of addresses, and which of them is the way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subnet {
    pub base: Ipv4Addr,
    pub bits: u8,
    pub gateway: Ipv4Addr,
}

impl Subnet {
    /// `10.1.0.0/24`, its first address the gateway; `None` when it is none, or not at its own beginning.
    pub fn parse(text: &str) -> Option<Self> {
        let (base, bits) = text.split_once('/')?;
        let (base, bits): (Ipv4Addr, u8) = (base.parse().ok()?, bits.parse().ok()?);
        let gateway = Ipv4Addr::from(u32::from(base) + 1);
        let subnet = Subnet { base, bits, gateway };
        (bits <= 30 && u32::from(base) & !subnet.mask() == 0).then_some(subnet)
    }

    /// `10.1.2.3` and `24` as `10.1.2.0/24`.
    pub fn masked(base: &str, bits: &str) -> Option<String> {
        let (base, bits): (Ipv4Addr, u8) = (base.parse().ok()?, bits.parse().ok()?);
        let subnet = Subnet { base, bits: bits.min(32), gateway: base };
        Some(format!("{}/{bits}", Ipv4Addr::from(u32::from(base) & subnet.mask())))
    }

    fn mask(&self) -> u32 {
        u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0)
    }

    /// Whether an address lies in it.
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        u32::from(address) & self.mask() == u32::from(self.base)
    }

    fn overlaps(&self, other: &Subnet) -> bool {
        self.contains(other.base) || other.contains(self.base)
    }

    /// Its addresses but the first and the last.
    fn hosts(&self) -> impl Iterator<Item = Ipv4Addr> {
        let (first, last) = (u32::from(self.base), u32::from(self.base) | !self.mask());
        (first + 1..last).map(Ipv4Addr::from)
    }
}

/// `172.N.0.0/16`.
fn pool(second: u8) -> Subnet {
    Subnet { base: Ipv4Addr::new(172, second, 0, 0), bits: 16, gateway: Ipv4Addr::new(172, second, 0, 1) }
}

/// moby's default pools after the first bridge's.
fn pools() -> impl Iterator<Item = Subnet> {
    let small = |third: u8| Subnet {
        base: Ipv4Addr::new(192, 168, third * 16, 0),
        bits: 20,
        gateway: Ipv4Addr::new(192, 168, third * 16, 1),
    };
    (18..32).map(pool).chain((0..16).map(small))
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
    fn new(spec: NetworkSpec, subnet: Option<Subnet>, id: String, created: SimTime) -> Self {
        Network {
            id,
            name: spec.name,
            driver: spec.driver,
            created,
            subnet,
            chosen_subnet: spec.subnet.is_some(),
            chosen_gateway: spec.chosen_gateway,
            internal: spec.internal,
            attachable: spec.attachable,
            options: spec.options,
            labels: spec.labels,
            endpoints: BTreeMap::new(),
        }
    }

    /// `172.18.0.0/16`; empty for host and none.
    pub fn subnet(&self) -> String {
        self.subnet.map(|s| format!("{}/{}", s.base, s.bits)).unwrap_or_default()
    }

    /// `172.18.0.1`; empty for host and none.
    pub fn gateway(&self) -> String {
        self.subnet.map(|s| s.gateway.to_string()).unwrap_or_default()
    }

    /// How many bits of an address name the network.
    pub fn prefix_bits(&self) -> u8 {
        self.subnet.map_or(0, |s| s.bits)
    }

    /// Whether containers on it know each other's names: on every bridge but the first.
    pub fn has_names(&self) -> bool {
        self.driver == "bridge" && self.name != "bridge"
    }

    /// Whether an address, as text, lies in its range.
    pub fn contains(&self, address: &str) -> bool {
        let address = address.parse::<Ipv4Addr>().ok();
        self.subnet.zip(address).is_some_and(|(subnet, address)| subnet.contains(address))
    }

    /// Puts a container on the network, at the address it wants or at the lowest free one.
    pub fn connect(
        &mut self,
        id: &ContainerId,
        names: Vec<String>,
        wanted: &str,
        rng: &mut Rng,
    ) -> Result<(), EngineError> {
        let mut address = String::new();
        let taken = |candidate: &str| self.endpoints.values().any(|e| e.address == candidate);
        if !wanted.is_empty() {
            if taken(wanted) || self.gateway() == wanted {
                return Err(EngineError::conflict(
                    "failed to set up container networking: Address already in use",
                ));
            }
            wanted.clone_into(&mut address);
        } else if let Some(subnet) = self.subnet {
            address = subnet
                .hosts()
                .filter(|host| *host != subnet.gateway)
                .map(|host| host.to_string())
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
        for (name, driver, subnet) in
            [("bridge", "bridge", Some(pool(17))), ("host", "host", None), ("none", "null", None)]
        {
            let spec =
                NetworkSpec { name: name.to_owned(), driver: driver.to_owned(), ..NetworkSpec::default() };
            all.push(Network::new(spec, subnet, rng.hex(64), now));
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

    /// Creates a network, on the next free subnet unless one is asked for; its id is returned.
    pub fn create(&mut self, spec: NetworkSpec, rng: &mut Rng, now: SimTime) -> Result<String, EngineError> {
        let (name, driver) = (&spec.name, &spec.driver);
        if PREDEFINED.contains(&name.as_str()) {
            return Err(EngineError::conflict(format!(
                "operation is not permitted on predefined {name} network "
            )));
        }
        if self.all.iter().any(|n| n.name == *name) {
            return Err(EngineError::conflict(format!("network with name {name} already exists")));
        }
        match driver.as_str() {
            "bridge" => {}
            "host" | "null" => {
                return Err(EngineError::conflict(format!(
                    "only one instance of \"{driver}\" network is allowed"
                )));
            }
            "macvlan" | "ipvlan" => return Err(EngineError::server("operation not supported")),
            "overlay" => return Err(EngineError::server(NO_SWARM)),
            _ => {
                return Err(EngineError::not_found(format!("plugin \"{driver}\" not found")));
            }
        }
        let overlaps = |wanted: &Subnet| self.all.iter().filter_map(|n| n.subnet).any(|s| s.overlaps(wanted));
        let subnet = match spec.subnet {
            Some(subnet) if overlaps(&subnet) => {
                return Err(EngineError::server(
                    "invalid pool request: Pool overlaps with other one on this address space",
                ));
            }
            Some(subnet) => Some(subnet),
            None => pools().find(|subnet| !overlaps(subnet)),
        };
        if subnet.is_none() || self.all.len() >= NETWORK_LIMIT {
            return Err(EngineError::server("all predefined address pools have been fully subnetted"));
        }
        let id = rng.hex(64);
        self.all.push(Network::new(spec, subnet, id.clone(), now));
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
            let name = |e: &Endpoint| e.names.first().cloned().unwrap_or_default();
            let mut who: Vec<String> = network
                .endpoints
                .values()
                .map(|e| format!("name:\"{}\" id:\"{}\"", name(e), &e.id[..12]))
                .collect();
            who.sort();
            return Err(EngineError::conflict(format!(
                "error while removing network: network {} has active endpoints ({})",
                network.name,
                who.join(", ")
            )));
        }
        self.all.remove(at);
        Ok(())
    }

    /// Removes user networks without containers that `fits` lets through; their names are returned.
    pub fn prune(&mut self, fits: impl Fn(&Network) -> bool) -> Vec<String> {
        let unused =
            |n: &Network| !PREDEFINED.contains(&n.name.as_str()) && n.endpoints.is_empty() && fits(n);
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
