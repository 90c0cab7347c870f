//! What each node offers and what its pods have asked for: an index beside the store, kept up to date with every
//! write, so that the scheduler need not count. Knows nothing of scheduling rules.

use std::collections::BTreeMap;
use std::rc::Rc;

use k8s_openapi::api::core::v1::{Container, Node, Pod};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::object::{Object, controller_of};
use super::quantity;

/// What the scheduler assumes of a container that requests nothing, for scoring only.
const DEFAULT_MILLI_CPU: i64 = 100;
const DEFAULT_MEMORY: i64 = 200 * 1024 * 1024;

/// Amounts of resources by name: cpu in thousandths, the others in units.
pub type Amounts = BTreeMap<String, i64>;

/// A port of the node that a pod takes: number and protocol.
pub type HostPort = (i32, String);

/// A node as the scheduler sees it.
#[derive(Debug, Default, Clone)]
pub struct NodeInfo {
    /// The node itself; `None` while only pods name it.
    pub node: Option<Rc<Object>>,
    pub allocatable: Amounts,
    pub pods_allowed: i64,
    /// Sums over the pods bound here that have not finished.
    pub requested: Amounts,
    /// As `requested`, with the defaults for containers that request nothing.
    pub assumed_milli_cpu: i64,
    pub assumed_memory: i64,
    pub pods: i64,
    pub ports: BTreeMap<HostPort, i64>,
    /// Pods per controller, by its uid.
    pub by_owner: BTreeMap<String, i64>,
}

/// What one pod needs.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Demand {
    pub requests: Amounts,
    pub assumed_milli_cpu: i64,
    pub assumed_memory: i64,
    pub ports: Vec<HostPort>,
}

#[derive(Debug, Default)]
pub struct Usage {
    nodes: BTreeMap<String, NodeInfo>,
    /// Pods that wait for a place which others were sent away from, by the node's name and their own uid.
    nominated: BTreeMap<String, BTreeMap<String, Rc<Object>>>,
}

impl Usage {
    /// All nodes that exist, by name.
    pub fn nodes(&self) -> impl Iterator<Item = (&str, &NodeInfo)> {
        self.nodes.iter().filter(|(_, info)| info.node.is_some()).map(|(name, info)| (name.as_str(), info))
    }

    pub fn node(&self, name: &str) -> Option<&NodeInfo> {
        self.nodes.get(name)
    }

    /// Pods that a place on this node is kept for.
    pub fn nominated(&self, node: &str) -> impl Iterator<Item = &Pod> {
        let waiting = self.nominated.get(node).into_iter().flat_map(BTreeMap::values);
        waiting.filter_map(|object| match &**object {
            Object::Pod(pod) => Some(pod),
            _ => None,
        })
    }

    /// An object was written or taken out.
    pub fn note(&mut self, object: &Rc<Object>, add: bool) {
        match &**object {
            Object::Node(node) => self.note_node(object, node, add),
            Object::Pod(pod) => {
                self.note_pod(pod, add);
                self.note_nomination(object, pod, add);
            }
            _ => {}
        }
    }

    fn note_node(&mut self, object: &Rc<Object>, node: &Node, add: bool) {
        let info = self.nodes.entry(object.name().to_owned()).or_default();
        info.node = add.then(|| object.clone());
        let listed = node.status.as_ref().and_then(|s| s.allocatable.as_ref());
        info.allocatable = listed.map(amounts).unwrap_or_default();
        info.pods_allowed = info.allocatable.get("pods").copied().unwrap_or(110);
    }

    fn note_pod(&mut self, pod: &Pod, add: bool) {
        let Some(name) = pod.spec.as_ref().and_then(|s| s.node_name.as_deref()).filter(|n| !n.is_empty())
        else {
            return;
        };
        let phase = pod.status.as_ref().and_then(|s| s.phase.as_deref()).unwrap_or_default();
        if matches!(phase, "Succeeded" | "Failed") {
            return;
        }
        if !self.nodes.contains_key(name) {
            self.nodes.insert(name.to_owned(), NodeInfo::default());
        }
        if let Some(info) = self.nodes.get_mut(name) {
            info.count(pod, add);
        }
    }

    fn note_nomination(&mut self, object: &Rc<Object>, pod: &Pod, add: bool) {
        let bound = pod.spec.as_ref().is_some_and(|s| s.node_name.as_deref().is_some_and(|n| !n.is_empty()));
        let node =
            pod.status.as_ref().and_then(|s| s.nominated_node_name.as_deref()).filter(|n| !n.is_empty());
        let (false, Some(node)) = (bound, node) else { return };
        let uid = pod.metadata.uid.clone().unwrap_or_default();
        if add {
            self.nominated.entry(node.to_owned()).or_default().insert(uid, object.clone());
        } else if let Some(waiting) = self.nominated.get_mut(node) {
            waiting.remove(&uid);
            if waiting.is_empty() {
                self.nominated.remove(node);
            }
        }
    }
}

impl NodeInfo {
    /// Adds what a pod takes of the node, or gives it back.
    pub fn count(&mut self, pod: &Pod, add: bool) {
        let sign = if add { 1 } else { -1 };
        let demand = Demand::of(pod);
        for (resource, amount) in demand.requests {
            *self.requested.entry(resource).or_insert(0) += sign * amount;
        }
        self.assumed_milli_cpu += sign * demand.assumed_milli_cpu;
        self.assumed_memory += sign * demand.assumed_memory;
        self.pods += sign;
        for port in demand.ports {
            bump(&mut self.ports, port, sign);
        }
        if let Some(owner) = controller_of(&pod.metadata) {
            bump(&mut self.by_owner, owner.uid.clone(), sign);
        }
    }
}

fn bump<K: Ord + Clone>(counts: &mut BTreeMap<K, i64>, key: K, sign: i64) {
    let count = counts.entry(key.clone()).or_insert(0);
    *count += sign;
    if *count == 0 {
        counts.remove(&key);
    }
}

impl Demand {
    /// The pod's requests: containers and sidecars together, or the largest init container if that is more.
    pub fn of(pod: &Pod) -> Demand {
        let mut demand = Demand::default();
        let Some(spec) = &pod.spec else { return demand };
        for container in &spec.containers {
            demand.add(container);
        }
        let mut init_most = Amounts::new();
        for container in spec.init_containers.iter().flatten() {
            if container.restart_policy.as_deref() == Some("Always") {
                demand.add(container);
                continue;
            }
            for (name, amount) in requests(container) {
                let most = init_most.entry(name).or_insert(0);
                *most = (*most).max(amount);
            }
        }
        for (name, amount) in init_most {
            let sum = demand.requests.entry(name).or_insert(0);
            *sum = (*sum).max(amount);
        }
        demand
    }

    fn add(&mut self, container: &Container) {
        let requests = requests(container);
        self.assumed_milli_cpu += requests.get("cpu").copied().unwrap_or(DEFAULT_MILLI_CPU);
        self.assumed_memory += requests.get("memory").copied().unwrap_or(DEFAULT_MEMORY);
        for (name, amount) in requests {
            *self.requests.entry(name).or_insert(0) += amount;
        }
        for port in container.ports.iter().flatten() {
            if let Some(host_port) = port.host_port.filter(|p| *p != 0) {
                self.ports.push((host_port, port.protocol.clone().unwrap_or_else(|| "TCP".to_owned())));
            }
        }
    }
}

fn requests(container: &Container) -> Amounts {
    let listed = container.resources.as_ref().and_then(|r| r.requests.as_ref());
    listed.map(amounts).unwrap_or_default()
}

fn amounts(listed: &BTreeMap<String, Quantity>) -> Amounts {
    let amount = |name: &str, text: &str| match quantity::parse(text) {
        Ok(q) if name == "cpu" => q.milli_value(),
        Ok(q) => q.value(),
        Err(_) => 0,
    };
    listed.iter().map(|(name, q)| (name.clone(), amount(name, &q.0))).collect()
}
