//! Where a connection from the Internet, or from one of a cluster's pods, ends in the project. Only reads.

use crate::base::net::{Hop, Refusal};
use crate::cluster::network::dns::{self, Lookup};
use crate::cluster::network::{self, Backend, Knock};
use crate::cluster::store::Store;

use super::gke::{ClusterStatus, GkeCluster, Instance};
use super::{Cloud, firewall};

/// Where a connection into the cloud ends.
pub struct CloudRoute {
    /// The way there.
    pub hops: Vec<Hop>,
    /// The pod, or why the way ends before.
    pub target: Result<Target, Refusal>,
}

/// A pod that a connection reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The cluster's key.
    pub cluster: String,
    /// The pod's address.
    pub address: String,
    /// The port there.
    pub port: u16,
    /// The client's address as the pod sees it.
    pub remote: String,
}

/// The address of whoever connects from the Internet.
const OUTSIDE_ADDRESS: &str = "35.235.240.17";

/// Names of the Internet that answer with an address, and nothing behind it: enough for `ping`.
const PUBLIC_NAMES: &[(&str, &str)] = &[
    ("google.com", "142.250.152.102"),
    ("www.google.com", "142.250.152.103"),
    ("example.com", "93.184.215.14"),
    ("www.example.com", "93.184.215.14"),
    ("github.com", "140.82.112.3"),
    ("kubernetes.io", "147.75.40.148"),
    ("www.kubernetes.io", "147.75.40.148"),
    ("metadata.google.internal", "169.254.169.254"),
];

impl Cloud {
    /// What a name means to a pod of that cluster with that address; its namespace is tried first.
    pub fn look_up_in_cluster(&self, cluster: &str, pod_address: &str, name: &str) -> Option<Lookup> {
        let store = self.kubernetes(cluster)?.store();
        let found = dns::look_up(store, &namespace_of(store, pod_address), name)?;
        Some(self.completed(found))
    }

    /// What exactly this name means in that cluster, without trying others.
    pub fn look_up_full(&self, cluster: &str, name: &str) -> Option<Lookup> {
        match dns::look_up_full(self.kubernetes(cluster)?.store(), name) {
            Some(found) => Some(self.completed(found)),
            None => {
                let address = self.resolve_public(name)?;
                Some(Lookup { names: vec![name.to_owned()], addresses: vec![address] })
            }
        }
    }

    /// Adds the address of a name outside the cluster.
    fn completed(&self, mut found: Lookup) -> Lookup {
        if found.addresses.is_empty()
            && let Some(last) = found.names.last()
        {
            found.addresses.extend(self.resolve_public(last));
        }
        found
    }

    /// `/etc/resolv.conf` of a pod with that address, as the kubelet writes it.
    pub fn resolv_conf(&self, cluster: &str, pod_address: &str) -> Option<String> {
        let store = self.kubernetes(cluster)?.store();
        let service = store.get_as::<k8s_openapi::api::core::v1::Service>("kube-system", "kube-dns")?;
        let server = service.spec.as_ref()?.cluster_ip.clone()?;
        let search = dns::search_list(&namespace_of(store, pod_address)).join(" ");
        let zone = &self.project.zone;
        let project = &self.project.id;
        Some(format!(
            "search {search} {zone}.c.{project}.internal c.{project}.internal google.internal\nnameserver {server}\noptions ndots:5\n"
        ))
    }

    /// The address behind a public name.
    pub fn resolve_public(&self, name: &str) -> Option<String> {
        let known = PUBLIC_NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        known.map(|(_, address)| (*address).to_owned())
    }

    /// The pod (namespace, name) that has an address in a cluster's network.
    pub fn pod_at(&self, cluster: &str, address: &str) -> Option<(String, String)> {
        network::pod_at(self.kubernetes(cluster)?.store(), address)
    }

    /// Names of the ready pods that would answer at a load balancer's or node's address.
    pub fn pods_behind(&self, address: &str, port: u16) -> Vec<String> {
        let mut pods: Vec<String> = Vec::new();
        // Every choice comes up among that many draws.
        for draw in 0..self.choices_behind(address) {
            if let Ok(target) = self.route(None, address, port, draw).target
                && let Some((_, name)) = self.pod_at(&target.cluster, &target.address)
                && !pods.contains(&name)
            {
                pods.push(name);
            }
        }
        pods.sort();
        pods
    }

    fn choices_behind(&self, address: &str) -> u64 {
        use k8s_openapi::api::discovery::v1::EndpointSlice;
        let of = |c: &GkeCluster| {
            let slices = c.cluster.store().each::<EndpointSlice>(None);
            slices.map(|s| s.endpoints.as_ref().map_or(0, Vec::len)).max().unwrap_or(0)
        };
        let known = |c: &&GkeCluster| self.knows(c, address);
        self.clusters.values().filter(known).map(of).max().unwrap_or(0) as u64
    }

    fn knows(&self, cluster: &GkeCluster, address: &str) -> bool {
        cluster.instances.iter().any(|i| i.external_ip == address || i.internal_ip == address) || {
            let knock = Knock { port: 0, client: OUTSIDE_ADDRESS, node: None, draw: 0 };
            network::at_balancer(cluster.cluster.store(), address, knock).is_some()
        }
    }

    /// Where a connection from the Internet (or, with `from`, from a pod: its cluster and address) ends. `draw`
    /// chooses among ready endpoints.
    pub fn route(&self, from: Option<(&str, &str)>, address: &str, port: u16, draw: u64) -> CloudRoute {
        let client = from.map_or(OUTSIDE_ADDRESS, |(_, pod)| pod);
        let knock = Knock { port, client, node: None, draw };
        if let Some((cluster, _)) = from
            && let Some(route) = self.route_inside(cluster, address, knock)
        {
            return route;
        }
        let running = self.clusters.iter().filter(|(_, c)| c.status == ClusterStatus::Running);
        for (key, cluster) in running {
            if let Some(route) = route_to_balancer(key, cluster, address, knock) {
                return route;
            }
            if let Some(route) = self.route_to_node(key, cluster, address, knock) {
                return route;
            }
        }
        CloudRoute { hops: vec![Hop::Internet(address.to_owned())], target: Err(Refusal::TimedOut) }
    }

    /// From a pod to another pod, to a cluster IP, or to a node of the same cluster.
    fn route_inside(&self, key: &str, address: &str, knock: Knock<'_>) -> Option<CloudRoute> {
        let cluster = self.clusters.get(key)?;
        let store = cluster.cluster.store();
        let own_node = node_of(store, knock.client);
        let at_home = Knock { node: own_node.as_deref(), ..knock };
        if let Some(found) = network::at_cluster_ip(store, address, at_home) {
            return Some(match found {
                Ok(backend) => to_backend(key, store, backend, knock.client, Vec::new()),
                Err(refusal) => CloudRoute { hops: Vec::new(), target: Err(refusal) },
            });
        }
        if let Some((namespace, name)) = network::pod_at(store, address) {
            let (port, remote) = (knock.port, knock.client.to_owned());
            let target = Target { cluster: key.into(), address: address.into(), port, remote };
            return Some(CloudRoute { hops: vec![Hop::Pod { namespace, name }], target: Ok(target) });
        }
        let node = cluster.instances.iter().find(|i| i.internal_ip == address)?;
        Some(at_node(key, store, node, knock, Vec::new()))
    }

    fn route_to_node(
        &self,
        key: &str,
        cluster: &GkeCluster,
        address: &str,
        knock: Knock<'_>,
    ) -> Option<CloudRoute> {
        let node = cluster.instances.iter().find(|i| i.external_ip == address)?;
        let open = firewall::lets_in(&self.firewall, knock.port);
        let hops = vec![Hop::Firewall { open }];
        if !open {
            return Some(CloudRoute { hops, target: Err(Refusal::TimedOut) });
        }
        Some(at_node(key, cluster.cluster.store(), node, knock, hops))
    }

    /// Whether an address answers a ping, from the Internet or from a pod (its cluster and address). A cluster IP does
    /// not: no machine has it, and the rules about it know only the Service's ports.
    pub fn answers_ping(&self, from: Option<(&str, &str)>, address: &str) -> bool {
        if let Some(cluster) = from.and_then(|(key, _)| self.clusters.get(key)) {
            let store = cluster.cluster.store();
            if network::is_cluster_ip(store, address) {
                return false;
            }
            let node = cluster.instances.iter().any(|i| i.internal_ip == address);
            if node || network::pod_at(store, address).is_some() {
                return true;
            }
        }
        let balancer = |c: &GkeCluster| {
            let knock = Knock { port: 0, client: OUTSIDE_ADDRESS, node: None, draw: 0 };
            network::at_balancer(c.cluster.store(), address, knock).is_some()
        };
        let private = ["10.", "192.168.", "172.", "34.118."].iter().any(|net| address.starts_with(net));
        match self.clusters.values().any(|c| c.instances.iter().any(|i| i.external_ip == address)) {
            true => firewall::lets_in_pings(&self.firewall),
            false => !private && !self.clusters.values().any(balancer),
        }
    }
}

/// The namespace of the pod with that address.
fn namespace_of(store: &Store, address: &str) -> String {
    network::pod_at(store, address).map_or_else(|| "default".to_owned(), |(namespace, _)| namespace)
}

/// The node on which the pod with that address runs.
fn node_of(store: &Store, address: &str) -> Option<String> {
    let (namespace, name) = network::pod_at(store, address)?;
    let pod = store.get_as::<k8s_openapi::api::core::v1::Pod>(&namespace, &name)?;
    pod.spec.as_ref()?.node_name.clone()
}

/// At a port of a node.
fn at_node(key: &str, store: &Store, node: &Instance, knock: Knock<'_>, mut hops: Vec<Hop>) -> CloudRoute {
    hops.push(Hop::Node(node.name.clone()));
    match network::at_node_port(store, Knock { node: Some(&node.name), ..knock }) {
        Some(backend) => {
            let remote = if backend.keeps_client { knock.client } else { &node.internal_ip };
            to_backend(key, store, backend, remote, hops)
        }
        None => CloudRoute { hops, target: Err(Refusal::Refused) },
    }
}

fn route_to_balancer(key: &str, cluster: &GkeCluster, address: &str, knock: Knock<'_>) -> Option<CloudRoute> {
    let store = cluster.cluster.store();
    let found = network::at_balancer(store, address, knock)?;
    let hops = vec![Hop::LoadBalancer { address: address.to_owned() }];
    Some(match found {
        Ok(backend) => {
            // With `externalTrafficPolicy: Cluster` the client's address is replaced by that of the node passed.
            let node = cluster.instances.get((knock.draw % cluster.instances.len().max(1) as u64) as usize);
            let node = node.map_or("", |n| n.internal_ip.as_str());
            let remote = if backend.keeps_client { knock.client } else { node };
            to_backend(key, store, backend, remote, hops)
        }
        Err(refusal) => CloudRoute { hops, target: Err(refusal) },
    })
}

fn to_backend(key: &str, store: &Store, backend: Backend, remote: &str, mut hops: Vec<Hop>) -> CloudRoute {
    hops.push(Hop::Service { namespace: backend.namespace, name: backend.service });
    let (address, port) = match backend.endpoint {
        Ok(endpoint) => endpoint,
        Err(refusal) => return CloudRoute { hops, target: Err(refusal) },
    };
    if let Some((namespace, name)) = network::pod_at(store, &address) {
        hops.push(Hop::Pod { namespace, name });
    }
    CloudRoute { hops, target: Ok(Target { cluster: key.into(), address, port, remote: remote.into() }) }
}
