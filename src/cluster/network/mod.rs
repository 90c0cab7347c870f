//! Who answers at an address of a cluster: DNS names, Services, node ports, load balancers, ready endpoints. Only
//! reads the store, as kube-proxy and CoreDNS do; never sends anything.

use k8s_openapi::api::core::v1::{Pod, Service, ServicePort};
use k8s_openapi::api::discovery::v1 as discovery;
use k8s_openapi::api::discovery::v1::{EndpointPort, EndpointSlice};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::store::Store;
use crate::base::Seed;
use crate::base::net::Refusal;

pub mod dns;

/// A connection that asks a Service.
#[derive(Debug, Clone, Copy)]
pub struct Knock<'a> {
    /// The port that it asks for.
    pub port: u16,
    /// The client's address; with session affinity the same client gets the same pod.
    pub client: &'a str,
    /// The node at which it enters, when that decides anything.
    pub node: Option<&'a str>,
    /// Chooses among the endpoints.
    pub draw: u64,
}

/// Where a Service sends a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// The Service's namespace.
    pub namespace: String,
    /// The Service's name.
    pub service: String,
    /// A ready endpoint, or what the node does without one.
    pub endpoint: Result<(String, u16), Refusal>,
    /// Whether the pod sees the client's own address (`externalTrafficPolicy: Local`).
    pub keeps_client: bool,
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
    endpoints.filter(|e| is_ready(e)).flat_map(|e| e.addresses.iter().cloned()).collect()
}

/// A ready endpoint of a Service's port.
struct Endpoint<'a> {
    address: &'a str,
    port: u16,
    node: Option<&'a str>,
}

/// Ready endpoints of one port of a Service.
fn endpoints<'a>(
    store: &'a Store,
    namespace: &'a str,
    service: &'a str,
    port: &ServicePort,
) -> Vec<Endpoint<'a>> {
    let mut found = Vec::new();
    for slice in slices(store, namespace, service) {
        let named = |p: &&EndpointPort| p.name.as_deref().unwrap_or("") == port.name.as_deref().unwrap_or("");
        let Some(number) = slice.ports.iter().flatten().find(named).and_then(|p| p.port) else { continue };
        let Ok(port) = u16::try_from(number) else { continue };
        for endpoint in slice.endpoints.iter().flatten().filter(|e| is_ready(e)) {
            let node = endpoint.node_name.as_deref();
            found.extend(endpoint.addresses.iter().map(|address| Endpoint { address, port, node }));
        }
    }
    found
}

fn is_ready(endpoint: &discovery::Endpoint) -> bool {
    endpoint.conditions.as_ref().and_then(|c| c.ready).unwrap_or(true)
}

/// From where a connection comes to a Service: which of its traffic policies counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Inside,
    Outside,
}

/// The Service whose cluster IP this is, and what a connection to one of its ports meets. `None`: no Service has that
/// address. A port that the Service does not have is dropped silently.
pub fn at_cluster_ip(store: &Store, address: &str, knock: Knock<'_>) -> Option<Result<Backend, Refusal>> {
    let service = store.each::<Service>(None).find(|s| has_cluster_ip(s, address))?;
    let port = port_of(service, |p| u16::try_from(p.port) == Ok(knock.port));
    Some(port.map(|p| backend(store, service, p, knock, Side::Inside)).ok_or(Refusal::TimedOut))
}

/// Whether the address is a Service's: no machine has it, there are only rules about its ports.
pub fn is_cluster_ip(store: &Store, address: &str) -> bool {
    store.each::<Service>(None).any(|s| has_cluster_ip(s, address))
}

fn has_cluster_ip(service: &Service, address: &str) -> bool {
    service.spec.as_ref().is_some_and(|spec| spec.cluster_ips.iter().flatten().any(|ip| ip == address))
}

/// What a connection to a port of a node meets. `None`: no Service has that node port.
pub fn at_node_port(store: &Store, knock: Knock<'_>) -> Option<Backend> {
    store.each::<Service>(None).find_map(|service| {
        let number = |p: &ServicePort| p.node_port.and_then(|n| u16::try_from(n).ok());
        let found = port_of(service, |p| number(p) == Some(knock.port))?;
        Some(backend(store, service, found, knock, Side::Outside))
    })
}

/// The Service behind a load balancer's address, and what a connection to one of its ports meets. `None`: no Service
/// has that address.
pub fn at_balancer(store: &Store, address: &str, knock: Knock<'_>) -> Option<Result<Backend, Refusal>> {
    let service = store.each::<Service>(None).find(|s| {
        let ingress = s.status.as_ref().and_then(|s| s.load_balancer.as_ref()?.ingress.as_ref());
        ingress.into_iter().flatten().any(|i| i.ip.as_deref() == Some(address))
    })?;
    let port = port_of(service, |p| u16::try_from(p.port) == Ok(knock.port));
    Some(port.map(|p| backend(store, service, p, knock, Side::Outside)).ok_or(Refusal::TimedOut))
}

fn port_of(service: &Service, matches: impl Fn(&ServicePort) -> bool) -> Option<&ServicePort> {
    service.spec.as_ref()?.ports.iter().flatten().find(|p| matches(p))
}

/// kube-proxy's choice among the ready endpoints. Without any the node refuses; with a `Local` policy and none on this
/// node, the packet is dropped.
fn backend(store: &Store, service: &Service, port: &ServicePort, knock: Knock<'_>, side: Side) -> Backend {
    let namespace = service.metadata.namespace.clone().unwrap_or_default();
    let name = service.metadata.name.clone().unwrap_or_default();
    let spec = service.spec.as_ref();
    let policy = spec.and_then(|s| match side {
        Side::Inside => s.internal_traffic_policy.as_deref(),
        Side::Outside => s.external_traffic_policy.as_deref(),
    });
    let local = policy == Some("Local");
    let mut all = endpoints(store, &namespace, &name, port);
    let any = !all.is_empty();
    if let Some(node) = knock.node.filter(|_| local) {
        all.retain(|e| e.node == Some(node));
    }
    let sticky = spec.and_then(|s| s.session_affinity.as_deref()) == Some("ClientIP");
    let number = if sticky { Seed::from_text(knock.client).0 } else { knock.draw };
    let endpoint = match all.len() as u64 {
        0 if any => Err(Refusal::TimedOut),
        0 => Err(Refusal::Refused),
        count => {
            all.get((number % count) as usize).map(|e| (e.address.to_owned(), e.port)).ok_or(Refusal::Refused)
        }
    };
    Backend { namespace, service: name, endpoint, keeps_client: local && side == Side::Outside }
}

/// The pod that has an address, and has not ended: namespace and name.
pub fn pod_at(store: &Store, address: &str) -> Option<(String, String)> {
    let phase = |pod: &Pod| pod.status.as_ref().and_then(|s| s.phase.clone());
    let over = |pod: &&Pod| matches!(phase(pod).as_deref(), Some("Succeeded" | "Failed"));
    let pod = store.pods_at(address).find(|pod| !over(pod))?;
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
