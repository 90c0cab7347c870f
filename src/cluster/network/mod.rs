//! Who answers at an address of a cluster: DNS names, Services, node ports, load balancers, ready endpoints. Only
//! reads the store, as kube-proxy and CoreDNS do; never sends anything.

use k8s_openapi::api::core::v1::{Pod, Service, ServicePort};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::store::Store;

/// The domain of a cluster's names.
pub const CLUSTER_DOMAIN: &str = "cluster.local";

/// How many ExternalName steps one look-up follows.
const ALIAS_LIMIT: usize = 8;

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// Addresses: one cluster IP, or the ready pods of a headless Service.
    Addresses(Vec<String>),
    /// A name outside the cluster (an ExternalName Service).
    Alias(String),
}

/// Where a Service sends a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// The Service's namespace.
    pub namespace: String,
    /// The Service's name.
    pub service: String,
    /// A ready endpoint; `None`: the Service has none, and the node refuses the connection.
    pub endpoint: Option<(String, u16)>,
}

/// What a name means to a pod of `namespace`, along the search list of its resolver.
pub fn resolve(store: &Store, namespace: &str, name: &str) -> Option<Resolved> {
    let mut name = name.to_owned();
    for _ in 0..ALIAS_LIMIT {
        match resolve_once(store, namespace, &name)? {
            Resolved::Alias(other) => match resolve_once(store, namespace, &other) {
                Some(_) => name = other,
                None => return Some(Resolved::Alias(other)),
            },
            found => return Some(found),
        }
    }
    None
}

fn resolve_once(store: &Store, namespace: &str, name: &str) -> Option<Resolved> {
    let name = name.trim_end_matches('.');
    let full = format!(".svc.{CLUSTER_DOMAIN}");
    let short = name.strip_suffix(full.as_str()).or_else(|| name.strip_suffix(".svc")).unwrap_or(name);
    let parts: Vec<&str> = short.split('.').collect();
    match parts.as_slice() {
        [service] => of_service(store, namespace, service),
        [service, other] => of_service(store, other, service),
        [host, service, other] => of_pod(store, other, service, host),
        _ => None,
    }
}

fn of_service(store: &Store, namespace: &str, name: &str) -> Option<Resolved> {
    let service = store.get_as::<Service>(namespace, name)?;
    let spec = service.spec.as_ref()?;
    if spec.type_.as_deref() == Some("ExternalName") {
        return spec.external_name.clone().map(Resolved::Alias);
    }
    match spec.cluster_ip.as_deref() {
        Some("None") => {
            let addresses = ready_addresses(store, namespace, name);
            (!addresses.is_empty()).then_some(Resolved::Addresses(addresses))
        }
        Some(address) if !address.is_empty() => Some(Resolved::Addresses(vec![address.to_owned()])),
        _ => None,
    }
}

/// A pod with a host name of its own behind a headless Service, such as a StatefulSet's.
fn of_pod(store: &Store, namespace: &str, service: &str, host: &str) -> Option<Resolved> {
    store.get_as::<Service>(namespace, service)?;
    let pod = store.get_as::<Pod>(namespace, host)?;
    let own = pod.spec.as_ref()?.subdomain.as_deref() == Some(service);
    let address = pod.status.as_ref()?.pod_ip.clone()?;
    own.then(|| Resolved::Addresses(vec![address]))
}

fn slices<'a>(
    store: &'a Store,
    namespace: &'a str,
    service: &'a str,
) -> impl Iterator<Item = &'a EndpointSlice> {
    store.each::<EndpointSlice>(Some(namespace)).filter(move |slice| {
        let label = slice.metadata.labels.as_ref().and_then(|l| l.get("kubernetes.io/service-name"));
        label.map(String::as_str) == Some(service)
    })
}

fn ready_addresses(store: &Store, namespace: &str, service: &str) -> Vec<String> {
    let endpoints = slices(store, namespace, service).flat_map(|slice| slice.endpoints.iter().flatten());
    let ready = endpoints.filter(|e| e.conditions.as_ref().and_then(|c| c.ready).unwrap_or(true));
    ready.flat_map(|e| e.addresses.iter().cloned()).collect()
}

/// Ready endpoints of one port of a Service: address and port.
pub fn endpoints(store: &Store, namespace: &str, service: &str, port: &ServicePort) -> Vec<(String, u16)> {
    let mut found = Vec::new();
    for slice in slices(store, namespace, service) {
        let named = |p: &&k8s_openapi::api::discovery::v1::EndpointPort| {
            p.name.as_deref().unwrap_or("") == port.name.as_deref().unwrap_or("")
        };
        let Some(number) = slice.ports.iter().flatten().find(named).and_then(|p| p.port) else { continue };
        let Ok(number) = u16::try_from(number) else { continue };
        let ready = slice
            .endpoints
            .iter()
            .flatten()
            .filter(|e| e.conditions.as_ref().and_then(|c| c.ready).unwrap_or(true));
        found.extend(ready.flat_map(|e| e.addresses.iter().map(move |a| (a.clone(), number))));
    }
    found
}

/// The Service whose cluster IP this is, and what a connection to one of its ports meets. `draw` chooses among the
/// ready endpoints. `None`: no Service has that address; a port that the Service does not have is dropped silently.
pub fn at_cluster_ip(store: &Store, address: &str, port: u16, draw: u64) -> Option<Result<Backend, ()>> {
    let service = store.each::<Service>(None).find(|s| {
        s.spec.as_ref().is_some_and(|spec| spec.cluster_ips.iter().flatten().any(|ip| ip == address))
    })?;
    Some(
        port_of(service, |p| u16::try_from(p.port) == Ok(port))
            .map(|p| backend(store, service, p, draw))
            .ok_or(()),
    )
}

/// What a connection to a port of any node meets. `None`: no Service has that node port.
pub fn at_node_port(store: &Store, port: u16, draw: u64) -> Option<Backend> {
    store.each::<Service>(None).find_map(|service| {
        let found = port_of(service, |p| p.node_port.and_then(|n| u16::try_from(n).ok()) == Some(port))?;
        Some(backend(store, service, found, draw))
    })
}

/// The Service behind a load balancer's address, and what a connection to one of its ports meets. `None`: no Service
/// has that address; an error: it has no such port.
pub fn at_balancer(store: &Store, address: &str, port: u16, draw: u64) -> Option<Result<Backend, ()>> {
    let service = store.each::<Service>(None).find(|s| {
        let ingress = s.status.as_ref().and_then(|s| s.load_balancer.as_ref()?.ingress.as_ref());
        ingress.into_iter().flatten().any(|i| i.ip.as_deref() == Some(address))
    })?;
    Some(
        port_of(service, |p| u16::try_from(p.port) == Ok(port))
            .map(|p| backend(store, service, p, draw))
            .ok_or(()),
    )
}

fn port_of(service: &Service, matches: impl Fn(&ServicePort) -> bool) -> Option<&ServicePort> {
    service.spec.as_ref()?.ports.iter().flatten().find(|p| matches(p))
}

fn backend(store: &Store, service: &Service, port: &ServicePort, draw: u64) -> Backend {
    let namespace = service.metadata.namespace.clone().unwrap_or_default();
    let name = service.metadata.name.clone().unwrap_or_default();
    let all = endpoints(store, &namespace, &name, port);
    let chosen = if all.is_empty() { None } else { all.get((draw % all.len() as u64) as usize).cloned() };
    Backend { namespace, service: name, endpoint: chosen }
}

/// The pod that has an address: namespace and name.
pub fn pod_at(store: &Store, address: &str) -> Option<(String, String)> {
    let pod = store.each::<Pod>(None).find(|pod| {
        let status = pod.status.as_ref();
        let host_network = pod.spec.as_ref().and_then(|s| s.host_network) == Some(true);
        let running = status.and_then(|s| s.phase.as_deref()) == Some("Running");
        !host_network && running && status.and_then(|s| s.pod_ip.as_deref()) == Some(address)
    })?;
    Some((pod.metadata.namespace.clone()?, pod.metadata.name.clone()?))
}

/// The port number that a Service's target means in a pod: a number, or the name of a container's port.
pub fn target_port(pod: &Pod, target: &IntOrString) -> Option<u16> {
    match target {
        IntOrString::Int(number) => u16::try_from(*number).ok(),
        IntOrString::String(name) => {
            let containers = pod.spec.as_ref().map(|s| s.containers.iter()).into_iter().flatten();
            let mut ports = containers.flat_map(|c| c.ports.iter().flatten());
            ports.find(|p| p.name.as_ref() == Some(name)).and_then(|p| u16::try_from(p.container_port).ok())
        }
    }
}
