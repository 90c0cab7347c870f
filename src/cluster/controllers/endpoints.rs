//! The endpoints controller: for every Service with a selector the older `Endpoints` object of the same name.
//! Never writes slices.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::{
    EndpointAddress, EndpointPort, EndpointSubset, Endpoints, ObjectReference, Service,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::service_pods::{Member, Port, address_order, members, ports_of, services_concerned};
use super::{Controller, Ctx, Outcome, look_through_pods, pod_state};
use crate::base::time::SimTime;
use crate::cluster::object::{Key, KindId};
use crate::cluster::store::{Change, Store};

pub const TRIGGER_TIME: &str = "endpoints.kubernetes.io/last-change-trigger-time";

pub struct EndpointsController;

impl Controller for EndpointsController {
    fn name(&self) -> &'static str {
        "endpoint-controller"
    }

    fn latency(&self, store: &Store) -> Duration {
        look_through_pods(store)
    }

    fn wakes_for(&self, change: &Change, store: &Store, keys: &mut Vec<Key>) {
        services_concerned(change, store, keys);
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(service) = ctx.get::<Service>(&key.namespace, &key.name) else {
            // As the real one: the Endpoints of a Service that is gone go with it.
            if ctx.get::<Endpoints>(&key.namespace, &key.name).is_some() {
                let _ = ctx.delete(&Key::new(KindId::Endpoints, &key.namespace, &key.name));
            }
            return Outcome::Done;
        };
        let Some(members) = members(&service, ctx) else { return Outcome::Done };
        let wanted = subsets(&service, &members);
        match write(&service, wanted, trigger_time(&service, &members), ctx) {
            true => Outcome::Done,
            false => Outcome::Retry,
        }
    }
}

/// When the newest news came that led to the present endpoints.
pub fn trigger_time(service: &Service, members: &[Member]) -> Option<SimTime> {
    let created = service.metadata.creation_timestamp.as_ref().map(|t| SimTime::from_timestamp(t.0));
    members.iter().filter_map(|m| pod_state::ready_since(&m.pod)).chain(created).max()
}

fn subsets(service: &Service, members: &[Member]) -> Vec<EndpointSubset> {
    let mut by_ports: BTreeMap<Vec<Port>, (Vec<EndpointAddress>, Vec<EndpointAddress>)> = BTreeMap::new();
    for member in members.iter().filter(|m| !m.terminating) {
        let ports = ports_of(service, &member.pod);
        // A pod that has none of the ports that are asked for by name is no endpoint.
        if ports.is_empty()
            && service.spec.as_ref().and_then(|s| s.ports.as_ref()).is_some_and(|p| !p.is_empty())
        {
            continue;
        }
        let (ready, not_ready) = by_ports.entry(ports).or_default();
        let list = if member.ready { ready } else { not_ready };
        list.push(address(member));
    }
    let some = |mut list: Vec<EndpointAddress>| {
        list.sort_by_key(|a| address_order(&a.ip));
        Some(list).filter(|l| !l.is_empty())
    };
    let subset = |(ports, (ready, not_ready)): (Vec<Port>, (Vec<EndpointAddress>, Vec<EndpointAddress>))| {
        let ports: Vec<EndpointPort> = ports.into_iter().map(endpoint_port).collect();
        EndpointSubset {
            addresses: some(ready),
            not_ready_addresses: some(not_ready),
            ports: Some(ports).filter(|p| !p.is_empty()),
        }
    };
    by_ports.into_iter().map(subset).collect()
}

fn endpoint_port(port: Port) -> EndpointPort {
    EndpointPort {
        name: Some(port.name).filter(|n| !n.is_empty()),
        port: port.number,
        protocol: Some(port.protocol),
        app_protocol: port.app_protocol,
    }
}

fn address(member: &Member) -> EndpointAddress {
    let pod = &member.pod;
    EndpointAddress {
        ip: member.ip.clone(),
        hostname: pod.spec.as_ref().and_then(|s| s.hostname.clone()).filter(|h| !h.is_empty()),
        node_name: pod.spec.as_ref().and_then(|s| s.node_name.clone()),
        target_ref: Some(target(member)),
    }
}

/// The reference from an endpoint to its pod.
pub fn target(member: &Member) -> ObjectReference {
    ObjectReference {
        kind: Some("Pod".to_owned()),
        name: Some(member.pod.name().to_owned()),
        namespace: Some(member.pod.namespace().to_owned()),
        uid: Some(member.pod.uid().to_owned()),
        ..ObjectReference::default()
    }
}

fn write(service: &Service, subsets: Vec<EndpointSubset>, trigger: Option<SimTime>, ctx: &mut Ctx) -> bool {
    let meta = &service.metadata;
    let (namespace, name) =
        (meta.namespace.clone().unwrap_or_default(), meta.name.clone().unwrap_or_default());
    let mut labels = meta.labels.clone().unwrap_or_default();
    labels.insert("endpoints.kubernetes.io/managed-by".to_owned(), "endpoint-controller".to_owned());
    if service.spec.as_ref().is_some_and(|s| s.cluster_ip.as_deref() == Some("None")) {
        labels.insert("service.kubernetes.io/headless".to_owned(), String::new());
    }
    let subsets = Some(subsets).filter(|s| !s.is_empty());
    let annotations = trigger.map(|at| [(TRIGGER_TIME.to_owned(), at.rfc3339())].into());
    match ctx.get::<Endpoints>(&namespace, &name) {
        Some(known) if known.subsets == subsets && known.metadata.labels.as_ref() == Some(&labels) => true,
        Some(known) => {
            let mut copy = Endpoints::clone(&known);
            copy.subsets = subsets;
            copy.metadata.labels = Some(labels);
            copy.metadata.annotations = annotations;
            ctx.update(copy).is_ok()
        }
        None => {
            let metadata = ObjectMeta {
                name: Some(name),
                namespace: Some(namespace),
                labels: Some(labels),
                annotations,
                ..ObjectMeta::default()
            };
            ctx.create(Endpoints { metadata, subsets }).is_ok()
        }
    }
}
