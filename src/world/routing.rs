//! Who answers at an address, seen from a network namespace. Only reads.

use super::network::{DeadEnd, Hop, NetNsId, Refusal, Route};
use super::{HostId, World};
use crate::cluster::network::dns::Lookup;

/// The addresses of a host's loopback interface.
fn is_loopback(address: &str) -> bool {
    address.starts_with("127.") || address == "::1" || address == "0.0.0.0" || address == "::"
}

/// Whether it is an IPv4 or IPv6 address rather than a name.
pub fn is_address(host: &str) -> bool {
    host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok()
}

impl World {
    /// The address behind a name as that namespace's resolver answers.
    ///
    /// # Errors
    /// [`Refusal::Resolve`] when nobody knows the name.
    pub fn resolve(&self, from: &NetNsId, name: &str) -> Result<String, Refusal> {
        let name = name.trim_matches(['[', ']']).trim_end_matches('.');
        if is_address(name) {
            return Ok(name.to_owned());
        }
        if name.eq_ignore_ascii_case("localhost") {
            return Ok("127.0.0.1".to_owned());
        }
        let unknown = || Refusal::Resolve(name.to_owned());
        let network = self.networks.get(from).ok_or_else(unknown)?;
        if let Some(address) = network.names.get(name) {
            return Ok(address.clone());
        }
        if let Some(host) = self.hosts.values().find(|h| &h.netns == from && h.hostname == name) {
            let own = self.networks.get(&host.netns).map(|n| n.address.clone()).unwrap_or_default();
            return Ok(if host.id == HostId::MACHINE { "127.0.0.1".into() } else { own });
        }
        if let Some(found) = network.docker_network.as_ref().and_then(|n| self.machine.resolve(n, name)) {
            return Ok(found);
        }
        let found = self.look_up(from, name).ok_or_else(unknown)?.addresses;
        let draw = self.draw() as usize % found.len().max(1);
        found.get(draw).cloned().ok_or_else(unknown)
    }

    /// What the name server answers to a name: along the search list of a pod, or as it stands.
    pub fn look_up(&self, from: &NetNsId, name: &str) -> Option<Lookup> {
        let network = self.networks.get(from)?;
        let of_cluster = |c: &String| self.cloud.look_up_in_cluster(c, &network.address, name);
        network.cluster.as_ref().and_then(of_cluster).or_else(|| self.look_up_full(from, name))
    }

    /// What the name server answers to exactly this name.
    pub fn look_up_full(&self, from: &NetNsId, name: &str) -> Option<Lookup> {
        let name = name.trim_end_matches('.');
        if let Some(cluster) = self.networks.get(from).and_then(|n| n.cluster.as_ref()) {
            return self.cloud.look_up_full(cluster, name);
        }
        let address = self.cloud.resolve_public(name)?;
        Some(Lookup { names: vec![name.to_owned()], addresses: vec![address] })
    }

    /// Whether an address answers a ping from that namespace.
    pub fn answers_ping(&self, from: &NetNsId, address: &str) -> bool {
        let Some(network) = self.networks.get(from) else { return false };
        if is_loopback(address) || network.address == address {
            return true;
        }
        if let Some(cluster) = network.cluster.as_deref() {
            return self.cloud.answers_ping(Some((cluster, network.address.as_str())), address);
        }
        self.machine.is_gateway(address)
            || self.machine.netns_at(address).is_some()
            || self.cloud.answers_ping(None, address)
    }

    /// Where a connection to `host:port` ends.
    ///
    /// # Errors
    /// How far it comes and why not further.
    pub fn route(&self, from: &NetNsId, host: &str, port: u16) -> Result<Route, DeadEnd> {
        let start = self.start_hop(from);
        let address = self.resolve(from, host).map_err(|refusal| DeadEnd { refusal, hops: start.clone() })?;
        if is_loopback(&address) || self.networks.get(from).is_some_and(|n| n.address == address) {
            return self.route_inside(from, port, is_loopback(&address), start);
        }
        let network = self.networks.get(from);
        if let Some(route) = self.route_docker(from, &address, port, &start) {
            return route;
        }
        let pod = network.and_then(|n| Some((n.cluster.as_deref()?, n.address.as_str())));
        self.route_cloud(pod, &address, port, start)
    }

    fn start_hop(&self, from: &NetNsId) -> Vec<Hop> {
        let Some(network) = self.networks.get(from) else { return Vec::new() };
        if let Some(cluster) = &network.cluster {
            return self
                .cloud
                .pod_at(cluster, &network.address)
                .map(|(namespace, name)| Hop::Pod { namespace, name })
                .into_iter()
                .collect();
        }
        match &network.docker_network {
            Some(_) => self.machine.container_at(&network.address).map(Hop::Container).into_iter().collect(),
            None => vec![Hop::Machine],
        }
    }

    /// Inside one namespace; on the learner's machine also the ports that Docker publishes there.
    fn route_inside(
        &self,
        from: &NetNsId,
        port: u16,
        loopback: bool,
        hops: Vec<Hop>,
    ) -> Result<Route, DeadEnd> {
        let network = self.networks.get(from);
        if network.is_some_and(|n| n.accepts(port, loopback)) {
            let remote = if loopback {
                "127.0.0.1".into()
            } else {
                network.map(|n| n.address.clone()).unwrap_or_default()
            };
            return Ok(Route { netns: from.clone(), port, loopback, proxied: false, remote, hops });
        }
        let is_machine = self.hosts.get(&HostId::MACHINE).is_some_and(|h| &h.netns == from);
        if is_machine && let Some(published) = self.machine.published(port) {
            let mut hops = hops;
            hops.push(Hop::Container(published.container));
            return Ok(Route {
                netns: published.netns,
                port: published.port,
                loopback: false,
                proxied: true,
                remote: published.gateway,
                hops,
            });
        }
        Err(DeadEnd { refusal: Refusal::Refused, hops })
    }

    /// Addresses of Docker's networks, as its machine and its containers reach them. `None`: not one of them.
    fn route_docker(
        &self,
        from: &NetNsId,
        address: &str,
        port: u16,
        hops: &[Hop],
    ) -> Option<Result<Route, DeadEnd>> {
        let network = self.networks.get(from)?;
        if network.cluster.is_some() {
            return None;
        }
        let mut hops = hops.to_vec();
        if network.docker_network.is_some() && self.machine.is_gateway(address) {
            let machine = self.hosts.get(&HostId::MACHINE)?.netns.clone();
            hops.push(Hop::Machine);
            return Some(self.route_inside(&machine, port, false, hops));
        }
        let (netns, name) = self.machine.netns_at(address)?;
        hops.push(Hop::Container(name));
        Some(if self.networks.get(&netns).is_some_and(|n| n.accepts(port, false)) {
            let remote = self.machine.gateway_or(&network.address);
            Ok(Route { netns, port, loopback: false, proxied: false, remote, hops })
        } else {
            Err(DeadEnd { refusal: Refusal::Refused, hops })
        })
    }

    fn route_cloud(
        &self,
        pod: Option<(&str, &str)>,
        address: &str,
        port: u16,
        mut hops: Vec<Hop>,
    ) -> Result<Route, DeadEnd> {
        let end = self.cloud.route(pod, address, port, self.draw());
        hops.extend(end.hops);
        let target = match end.target {
            Ok(target) => target,
            Err(refusal) => return Err(DeadEnd { refusal, hops }),
        };
        let (port, remote) = (target.port, target.remote);
        match self.addresses.get(&(target.cluster, target.address)) {
            Some(netns) if self.networks.get(netns).is_some_and(|n| n.accepts(port, false)) => {
                Ok(Route { netns: netns.clone(), port, loopback: false, proxied: false, remote, hops })
            }
            _ => Err(DeadEnd { refusal: Refusal::Refused, hops }),
        }
    }

    /// A number that differs from request to request, for kube-proxy's choice.
    fn draw(&self) -> u64 {
        self.seed.stream(&format!("route/{}", self.next_trace)).next_u64()
    }
}
