//! Which pods stand behind a Service and under which ports: shared by the two endpoint controllers.
//! Reads only.

use k8s_openapi::api::core::v1::{Pod, Service, ServicePort};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Ctx, pod_state};
use crate::cluster::api::selector::Selector;
use crate::cluster::object::{Key, Kind, KindId, Object, Typed};
use crate::cluster::store::{Change, Store};

/// A pod behind a Service.
pub struct Member {
    pub pod: Typed<Pod>,
    pub ip: String,
    /// Takes traffic.
    pub ready: bool,
    /// Would answer, even if it is on its way out.
    pub serving: bool,
    pub terminating: bool,
}

/// A port as endpoints carry it: name (may be empty), number, protocol, application protocol.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Port {
    pub name: String,
    pub number: i32,
    pub protocol: String,
    pub app_protocol: Option<String>,
}

/// The Services whose endpoints a change may touch.
pub fn services_concerned(change: &Change, store: &Store, keys: &mut Vec<Key>) {
    match change.key.kind {
        KindId::Service => keys.push(change.key.clone()),
        KindId::Pod if matters(change) => {
            for object in store.list(KindId::Service, Some(&change.key.namespace)) {
                let spec = Service::of(object).and_then(|s| s.spec.as_ref());
                let Some(labels) = spec.and_then(|s| s.selector.as_ref()).filter(|s| !s.is_empty()) else {
                    continue;
                };
                let selector = Selector::of_map(labels);
                let hit = |o: &std::rc::Rc<Object>| selector.matches(o.meta().labels.as_ref());
                if change.new.iter().chain(&change.old).any(hit) {
                    keys.push(object.key());
                }
            }
        }
        _ => {}
    }
}

/// Does the change alter what endpoints show of a pod?
fn matters(change: &Change) -> bool {
    let ip = |pod: Option<&Pod>| pod.and_then(|p| p.status.as_ref()?.pod_ip.clone());
    pod_state::counts_differently(change) || ip(change.old_as()) != ip(change.new_as())
}

/// The pods that the Service selects and that have an address, by name. `None` for a Service without selector:
/// its endpoints are somebody else's.
pub fn members(service: &Service, ctx: &Ctx) -> Option<Vec<Member>> {
    let spec = service.spec.as_ref()?;
    let labels = spec.selector.as_ref().filter(|s| !s.is_empty())?;
    if spec.type_.as_deref() == Some("ExternalName") {
        return None;
    }
    let selector = Selector::of_map(labels);
    let namespace = service.metadata.namespace.as_deref().unwrap_or_default();
    let always = spec.publish_not_ready_addresses == Some(true);
    let pods = ctx.store().list(KindId::Pod, Some(namespace));
    let chosen = pods.filter(|o| selector.matches(o.meta().labels.as_ref()));
    let members = chosen.filter_map(|o| Typed::<Pod>::new(o.clone())).filter_map(|pod| {
        let ip = pod.status.as_ref().and_then(|s| s.pod_ip.clone())?;
        if pod_state::is_finished(&pod) {
            return None;
        }
        let serving = pod_state::is_ready(&pod);
        let terminating = pod_state::is_deleting(&pod);
        Some(Member { ip, ready: always || (serving && !terminating), serving, terminating, pod })
    });
    Some(members.collect())
}

/// The Service's ports as this pod has them; a port name that the pod does not know is left out.
pub fn ports_of(service: &Service, pod: &Pod) -> Vec<Port> {
    let ports = service.spec.as_ref().and_then(|s| s.ports.as_ref());
    let resolved = ports.into_iter().flatten().filter_map(|port| {
        Some(Port {
            name: port.name.clone().unwrap_or_default(),
            number: target_number(port, pod)?,
            protocol: port.protocol.clone().unwrap_or_else(|| "TCP".to_owned()),
            app_protocol: port.app_protocol.clone(),
        })
    });
    resolved.collect()
}

/// The number behind a Service port on this pod (podutil.FindPort).
pub fn target_number(port: &ServicePort, pod: &Pod) -> Option<i32> {
    match &port.target_port {
        None => Some(port.port),
        Some(IntOrString::Int(0)) => Some(port.port),
        Some(IntOrString::Int(n)) => Some(*n),
        Some(IntOrString::String(name)) => {
            let spec = pod.spec.as_ref()?;
            let sidecars = spec.init_containers.iter().flatten();
            let sidecars = sidecars.filter(|c| c.restart_policy.as_deref() == Some("Always"));
            let mut ports = spec.containers.iter().chain(sidecars).flat_map(|c| c.ports.iter().flatten());
            let protocol = port.protocol.as_deref().unwrap_or("TCP");
            let same = |p: &&k8s_openapi::api::core::v1::ContainerPort| {
                p.name.as_deref() == Some(name) && p.protocol.as_deref().unwrap_or("TCP") == protocol
            };
            ports.find(same).map(|p| p.container_port).or_else(|| name.parse().ok())
        }
    }
}

/// Numeric order of addresses.
pub fn address_order(ip: &str) -> Vec<u8> {
    ip.split('.').filter_map(|part| part.parse().ok()).collect()
}
