//! Where a connection from the Internet, or from one of a cluster's pods, ends in the project. Only reads.

use crate::base::net::{Hop, Refusal};
use crate::cluster::Cluster;
use crate::cluster::network::{self, Backend, Resolved};

use super::gke::{ClusterStatus, GkeCluster};
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

/// Names of the Internet that answer with an address, and nothing behind it: enough for `ping`.
const PUBLIC_NAMES: &[(&str, &str)] = &[
    ("google.com", "142.250.152.102"),
    ("www.google.com", "142.250.152.103"),
    ("example.com", "93.184.215.14"),
    ("www.example.com", "93.184.215.14"),
    ("github.com", "140.82.112.3"),
    ("metadata.google.internal", "169.254.169.254"),
];

impl Cloud {
    /// The addresses behind a name as a pod of that cluster, in that namespace, resolves it.
    pub fn resolve_in_cluster(&self, cluster: &str, pod_address: &str, name: &str) -> Option<Vec<String>> {
        let store = self.kubernetes(cluster)?.store();
        let namespace =
            network::pod_at(store, pod_address).map_or_else(|| "default".to_owned(), |(ns, _)| ns);
        match network::resolve(store, &namespace, name)? {
            Resolved::Addresses(addresses) => Some(addresses),
            Resolved::Alias(other) => self.resolve_public(&other).map(|address| vec![address]),
        }
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
        cluster.instances.iter().any(|i| i.external_ip == address || i.internal_ip == address)
            || network::at_balancer(cluster.cluster.store(), address, 0, 0).is_some()
    }

    /// Where a connection from the Internet (or, with `from`, from a pod: its cluster and address) ends. `draw`
    /// chooses among ready endpoints.
    pub fn route(&self, from: Option<(&str, &str)>, address: &str, port: u16, draw: u64) -> CloudRoute {
        if let Some((cluster, pod)) = from
            && let Some(route) = self.route_inside(cluster, pod, address, port, draw)
        {
            return route;
        }
        let running = self.clusters.iter().filter(|(_, c)| c.status == ClusterStatus::Running);
        for (key, cluster) in running {
            if let Some(route) = self.route_to_balancer(key, &cluster.cluster, address, port, draw) {
                return route;
            }
            if let Some(route) = self.route_to_node(key, cluster, address, port, draw) {
                return route;
            }
        }
        CloudRoute { hops: vec![Hop::Internet(address.to_owned())], target: Err(Refusal::TimedOut) }
    }

    /// From a pod to another pod, to a cluster IP, or to a node of the same cluster.
    fn route_inside(&self, key: &str, pod: &str, address: &str, port: u16, draw: u64) -> Option<CloudRoute> {
        let cluster = self.clusters.get(key)?;
        let store = cluster.cluster.store();
        if let Some(found) = network::at_cluster_ip(store, address, port, draw) {
            return Some(match found {
                Ok(backend) => to_backend(key, store, backend, pod, Vec::new()),
                Err(()) => CloudRoute { hops: Vec::new(), target: Err(Refusal::TimedOut) },
            });
        }
        if let Some((namespace, name)) = network::pod_at(store, address) {
            let target = Target { cluster: key.into(), address: address.into(), port, remote: pod.into() };
            return Some(CloudRoute { hops: vec![Hop::Pod { namespace, name }], target: Ok(target) });
        }
        let node = cluster.instances.iter().find(|i| i.internal_ip == address)?;
        let hops = vec![Hop::Node(node.name.clone())];
        Some(match network::at_node_port(store, port, draw) {
            Some(backend) => to_backend(key, store, backend, &node.internal_ip, hops),
            None => CloudRoute { hops, target: Err(Refusal::Refused) },
        })
    }

    fn route_to_balancer(
        &self,
        key: &str,
        cluster: &Cluster,
        address: &str,
        port: u16,
        draw: u64,
    ) -> Option<CloudRoute> {
        let found = network::at_balancer(cluster.store(), address, port, draw)?;
        let hops = vec![Hop::LoadBalancer { address: address.to_owned() }];
        Some(match found {
            // The client's address is replaced by a node's, as `externalTrafficPolicy: Cluster` does.
            Ok(backend) => to_backend(key, cluster.store(), backend, "10.128.0.2", hops),
            Err(()) => CloudRoute { hops, target: Err(Refusal::TimedOut) },
        })
    }

    fn route_to_node(
        &self,
        key: &str,
        cluster: &GkeCluster,
        address: &str,
        port: u16,
        draw: u64,
    ) -> Option<CloudRoute> {
        let node = cluster.instances.iter().find(|i| i.external_ip == address)?;
        let open = firewall::lets_in(&self.firewall, port);
        let mut hops = vec![Hop::Firewall { open }];
        if !open {
            return Some(CloudRoute { hops, target: Err(Refusal::TimedOut) });
        }
        hops.push(Hop::Node(node.name.clone()));
        Some(match network::at_node_port(cluster.cluster.store(), port, draw) {
            Some(backend) => to_backend(key, cluster.cluster.store(), backend, &node.internal_ip, hops),
            None => CloudRoute { hops, target: Err(Refusal::Refused) },
        })
    }
}

fn to_backend(
    key: &str,
    store: &crate::cluster::store::Store,
    backend: Backend,
    remote: &str,
    mut hops: Vec<Hop>,
) -> CloudRoute {
    hops.push(Hop::Service { namespace: backend.namespace, name: backend.service });
    let Some((address, port)) = backend.endpoint else {
        return CloudRoute { hops, target: Err(Refusal::Refused) };
    };
    if let Some((namespace, name)) = network::pod_at(store, &address) {
        hops.push(Hop::Pod { namespace, name });
    }
    CloudRoute { hops, target: Ok(Target { cluster: key.into(), address, port, remote: remote.into() }) }
}
