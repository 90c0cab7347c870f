//! Services as the picture shows them: who is behind each, why nobody is, and whether the Internet gets there. And
//! what the learner points at: tunnels of `kubectl port-forward`, pods selected by label.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Pod, Service, ServicePort};
use k8s_openapi::api::discovery::v1::EndpointSlice;

use crate::cloud::firewall;
use crate::cluster::api::selector::Selector;
use crate::cluster::store::Store;
use crate::lesson::meaning;
use crate::ui::derive::cluster::NAMESPACE;
use crate::ui::scene::{self, Gate, Lit, Trouble, Tunnel};
use crate::world::{HostId, World};

type Labels = BTreeMap<String, String>;

/// All Services of the namespace but the API server's.
pub fn services(world: &World, store: &Store) -> Vec<scene::Service> {
    let all = store.each::<Service>(Some(NAMESPACE));
    let own = all.filter(|s| s.metadata.name.as_deref() != Some("kubernetes"));
    own.map(|s| service(s, world, store)).collect()
}

fn service(service: &Service, world: &World, store: &Store) -> scene::Service {
    let name = service.metadata.name.clone().unwrap_or_default();
    let spec = service.spec.clone().unwrap_or_default();
    let kind = spec.type_.clone().unwrap_or_else(|| "ClusterIP".to_owned());
    let external = kind == "LoadBalancer";
    let ingress =
        service.status.as_ref().and_then(|s| s.load_balancer.as_ref()).and_then(|l| l.ingress.as_ref());
    let address = ingress.and_then(|i| i.first()).and_then(|i| i.ip.clone().or_else(|| i.hostname.clone()));
    let pending = external && address.is_none();
    let alias = spec.external_name.clone().filter(|_| kind == "ExternalName");
    let shown = match (external, address) {
        (true, Some(address)) => address,
        (true, None) => "<pending>".to_owned(),
        _ => alias.or_else(|| spec.cluster_ip.clone()).unwrap_or_default(),
    };
    let number = |port: i32| u16::try_from(port).ok();
    let ports = spec.ports.as_deref().unwrap_or_default();
    let node_ports: Vec<u16> = ports.iter().filter_map(|p| number(p.node_port?)).collect();
    let gate = match kind.as_str() {
        "LoadBalancer" => Gate::Balancer,
        "NodePort" => {
            Gate::NodePort { open: node_ports.iter().any(|p| firewall::lets_in(&world.cloud.firewall, *p)) }
        }
        _ => Gate::Inside,
    };
    let endpoints = endpoints(&name, store);
    let trouble = if endpoints.is_empty() && kind != "ExternalName" {
        Some(trouble(spec.selector.as_ref(), store))
    } else {
        None
    };
    let port = |p: &ServicePort| match (kind.as_str(), p.node_port) {
        ("NodePort", Some(node)) => format!("{}:{node}", p.port),
        _ => p.port.to_string(),
    };
    scene::Service {
        name,
        address: shown,
        external,
        pending,
        ports: ports.iter().map(port).collect(),
        node_ports,
        endpoints,
        gate,
        trouble,
        kind,
    }
}

/// uids of the ready pods behind a Service.
fn endpoints(name: &str, store: &Store) -> Vec<String> {
    let mut found = Vec::new();
    for slice in store.each::<EndpointSlice>(Some(NAMESPACE)) {
        let labels = slice.metadata.labels.as_ref();
        if labels.and_then(|l| l.get("kubernetes.io/service-name")).map(String::as_str) != Some(name) {
            continue;
        }
        for endpoint in slice.endpoints.as_deref().unwrap_or_default() {
            let ready = endpoint.conditions.as_ref().and_then(|c| c.ready).unwrap_or(true);
            if let (true, Some(target)) = (ready, &endpoint.target_ref) {
                found.extend(target.uid.clone());
            }
        }
    }
    found
}

/// Why nobody is behind a Service with this selector.
fn trouble(selector: Option<&Labels>, store: &Store) -> Trouble {
    let Some(wanted) = selector.filter(|s| !s.is_empty()) else { return Trouble::NoSelector };
    let pods: Vec<&Pod> = store.each::<Pod>(Some(NAMESPACE)).collect();
    let lacking = |pod: &Pod| -> Vec<String> {
        let labels = pod.metadata.labels.as_ref();
        let lacks = wanted.iter().filter(|(k, v)| labels.and_then(|l| l.get(*k)) != Some(v));
        lacks.map(|(k, v)| format!("{k}={v}")).collect()
    };
    let matching = pods.iter().filter(|p| lacking(p).is_empty()).count();
    if matching > 0 {
        return Trouble::NotReady { matching };
    }
    let near = pods.iter().filter(|p| lacking(p).len() < wanted.len()).min_by_key(|p| lacking(p).len());
    let near = near.and_then(|p| Some((p.metadata.name.clone()?, lacking(p).into_iter().next()?)));
    let selector = wanted.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(",");
    Trouble::NoMatch { selector, near }
}

/// What `kubectl port-forward` holds open on the machine.
pub fn tunnels(world: &World) -> Vec<Tunnel> {
    let mut tunnels = Vec::new();
    for process in world.processes.values().filter(|p| p.host == HostId::MACHINE && p.is_alive()) {
        let Some(at) = process.argv.iter().position(|w| w == "port-forward") else { continue };
        if process.argv.first().is_none_or(|name| !name.ends_with("kubectl")) {
            continue;
        }
        let words = process.argv[at + 1..].iter().filter(|w| !w.starts_with('-'));
        let (pairs, names): (Vec<&String>, Vec<&String>) =
            words.partition(|w| w.split(':').all(|part| part.parse::<u16>().is_ok()));
        let Some(name) = names.first() else { continue };
        for pair in pairs {
            let (local, remote) = pair.split_once(':').unwrap_or((pair, pair));
            if let Ok(port) = local.parse() {
                tunnels.push(Tunnel { pid: process.pid, port, target: format!("{name}:{remote}") });
            }
        }
    }
    tunnels
}

/// The pods that the last command selected by label.
pub fn lit(world: &World, store: &Store) -> Option<Lit> {
    let line = &world.history.back()?.line;
    let meaning = meaning::of_line(line).into_iter().rfind(|m| m.program == "kubectl")?;
    let about_pods = meaning.kinds.contains("pods") || meaning.verb() == "logs";
    let text = meaning.flags.get("selector").filter(|_| about_pods)?;
    let namespace = meaning.flags.get("namespace").map_or(NAMESPACE, String::as_str);
    if namespace != NAMESPACE {
        return None;
    }
    let selector = Selector::parse(text).ok()?;
    let pods = store.each::<Pod>(Some(NAMESPACE)).filter(|p| selector.matches(p.metadata.labels.as_ref()));
    let pods = pods.filter_map(|p| p.metadata.uid.clone()).collect();
    Some(Lit { selector: text.clone(), pods })
}
