//! The EndpointSlice controller: for every Service with a selector, slices of up to a hundred endpoints, one set per
//! combination of ports. Changes as few slices as it can; never touches the older Endpoints.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Node, Service};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointConditions, EndpointPort, EndpointSlice};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::endpoints::{TRIGGER_TIME, target, trigger_time};
use super::pod_template::{controller_reference, generate_prefix};
use super::service_pods::{Member, Port, members, ports_of, services_concerned};
use super::{Controller, Ctx, Outcome, look_through_pods, pod_state};
use crate::base::time::SimTime;
use crate::cluster::object::{Key, KindId, Typed};
use crate::cluster::store::{Change, Store};

const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const MANAGER: &str = "endpointslice-controller.k8s.io";
const SERVICE_NAME: &str = "kubernetes.io/service-name";
const MAX_ENDPOINTS: usize = 100;

pub struct EndpointSliceController;

impl Controller for EndpointSliceController {
    fn name(&self) -> &'static str {
        "endpointslice-controller"
    }

    fn latency(&self, store: &Store) -> Duration {
        look_through_pods(store)
    }

    fn wakes_for(&self, change: &Change, store: &Store, keys: &mut Vec<Key>) {
        services_concerned(change, store, keys);
        if change.key.kind == KindId::EndpointSlice && change.new.is_none() {
            let service = change.object().and_then(|o| o.label(SERVICE_NAME).map(str::to_owned));
            keys.extend(service.map(|s| Key::new(KindId::Service, &change.key.namespace, &s)));
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(service) = ctx.get::<Service>(&key.namespace, &key.name) else { return Outcome::Done };
        if service.metadata.deletion_timestamp.is_some() {
            return Outcome::Done;
        }
        let Some(members) = members(&service, ctx) else { return Outcome::Done };
        let trigger = trigger_time(&service, &members);
        let wanted = wanted(&service, &members, ctx);
        match write(&service, wanted, trigger, ctx) {
            true => Outcome::Done,
            false => Outcome::Retry,
        }
    }
}

type Wanted = BTreeMap<Vec<Port>, Vec<Endpoint>>;

fn wanted(service: &Service, members: &[Member], ctx: &Ctx) -> Wanted {
    let mut wanted = Wanted::new();
    for member in members {
        let endpoint = endpoint(member, ctx);
        wanted.entry(ports_of(service, &member.pod)).or_default().push(endpoint);
    }
    if wanted.is_empty() {
        // A Service without pods keeps one empty slice.
        wanted.insert(Vec::new(), Vec::new());
    }
    wanted
}

fn endpoint(member: &Member, ctx: &Ctx) -> Endpoint {
    let node_name = pod_state::node_name(&member.pod).to_owned();
    let node = ctx.get::<Node>("", &node_name);
    let zone = node.and_then(|n| n.object().label("topology.kubernetes.io/zone").map(str::to_owned));
    let spec = member.pod.spec.as_ref();
    Endpoint {
        addresses: vec![member.ip.clone()],
        conditions: Some(EndpointConditions {
            ready: Some(member.ready),
            serving: Some(member.serving),
            terminating: Some(member.terminating),
        }),
        hostname: spec.filter(|s| s.subdomain.is_some()).and_then(|s| s.hostname.clone()),
        node_name: Some(node_name).filter(|n| !n.is_empty()),
        target_ref: Some(target(member)),
        zone,
        ..Endpoint::default()
    }
}

fn write(service: &Typed<Service>, wanted: Wanted, trigger: Option<SimTime>, ctx: &mut Ctx) -> bool {
    // By label and not by owner: slices that an earlier Service of the name left behind are taken over.
    let mut known: Vec<Typed<EndpointSlice>> = ctx.dependents::<EndpointSlice>(service.uid());
    known.extend(ctx.orphans::<EndpointSlice>(service.namespace()));
    let ours = |s: &Typed<EndpointSlice>| {
        s.object().label(MANAGED_BY) == Some(MANAGER)
            && s.object().label(SERVICE_NAME) == Some(service.name())
    };
    known.retain(ours);
    let mut ok = true;
    for (ports, endpoints) in wanted {
        let ports: Vec<EndpointPort> = ports.into_iter().map(slice_port).collect();
        let ports = Some(ports).filter(|p| !p.is_empty());
        let (mut same, other): (Vec<_>, Vec<_>) = known.into_iter().partition(|s| s.ports == ports);
        known = other;
        for chunk in chunks(endpoints, &same) {
            // The slice that holds these already, else one that may be reused, else a new one.
            let position = same.iter().position(|s| listed(s) == chunk).or((!same.is_empty()).then_some(0));
            ok &= match position {
                Some(at) => update(&same.remove(at), service, chunk, ports.clone(), trigger, ctx),
                None => match known.iter().position(|s| listed(s).is_empty()) {
                    Some(at) => update(&known.remove(at), service, chunk, ports.clone(), trigger, ctx),
                    None => create(service, chunk, ports.clone(), trigger, ctx),
                },
            };
        }
        known.extend(same);
    }
    for slice in known {
        ok &= ctx.delete(&slice.key()).is_ok();
    }
    ok
}

/// Splits endpoints into slices so that those a slice already has stay in it.
fn chunks(endpoints: Vec<Endpoint>, known: &[Typed<EndpointSlice>]) -> Vec<Vec<Endpoint>> {
    if endpoints.len() <= MAX_ENDPOINTS {
        return vec![endpoints];
    }
    let mut home: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, slice) in known.iter().enumerate() {
        for address in listed(slice).iter().filter_map(|e| e.addresses.first()) {
            home.insert(address, index);
        }
    }
    let mut chunks: Vec<Vec<Endpoint>> = vec![Vec::new(); known.len()];
    let mut homeless = Vec::new();
    for endpoint in endpoints {
        match endpoint.addresses.first().and_then(|a| home.get(a.as_str())) {
            Some(index) => chunks[*index].push(endpoint),
            None => homeless.push(endpoint),
        }
    }
    for endpoint in homeless {
        match chunks.iter_mut().find(|c| c.len() < MAX_ENDPOINTS) {
            Some(chunk) => chunk.push(endpoint),
            None => chunks.push(vec![endpoint]),
        }
    }
    chunks.retain(|c| !c.is_empty());
    chunks
}

fn listed(slice: &EndpointSlice) -> &[Endpoint] {
    slice.endpoints.as_deref().unwrap_or_default()
}

fn slice_port(port: Port) -> EndpointPort {
    EndpointPort {
        name: Some(port.name),
        port: Some(port.number),
        protocol: Some(port.protocol),
        app_protocol: port.app_protocol,
    }
}

fn labels(service: &Service) -> BTreeMap<String, String> {
    let mut labels = service.metadata.labels.clone().unwrap_or_default();
    labels.insert(MANAGED_BY.to_owned(), MANAGER.to_owned());
    labels.insert(SERVICE_NAME.to_owned(), service.metadata.name.clone().unwrap_or_default());
    if service.spec.as_ref().is_some_and(|s| s.cluster_ip.as_deref() == Some("None")) {
        labels.insert("service.kubernetes.io/headless".to_owned(), String::new());
    }
    labels
}

fn annotations(trigger: Option<SimTime>) -> Option<BTreeMap<String, String>> {
    trigger.map(|at| [(TRIGGER_TIME.to_owned(), at.rfc3339())].into())
}

fn update(
    slice: &Typed<EndpointSlice>,
    service: &Service,
    endpoints: Vec<Endpoint>,
    ports: Option<Vec<EndpointPort>>,
    trigger: Option<SimTime>,
    ctx: &mut Ctx,
) -> bool {
    let labels = Some(labels(service));
    let owned = slice.metadata.owner_references.is_some();
    if owned && listed(slice) == endpoints && slice.ports == ports && slice.metadata.labels == labels {
        return true;
    }
    let mut copy = EndpointSlice::clone(slice);
    copy.metadata.owner_references = Some(vec![controller_reference("v1", "Service", &service.metadata)]);
    copy.endpoints = Some(endpoints);
    copy.ports = ports;
    copy.metadata.labels = labels;
    copy.metadata.annotations = annotations(trigger);
    ctx.update(copy).is_ok()
}

fn create(
    service: &Typed<Service>,
    endpoints: Vec<Endpoint>,
    ports: Option<Vec<EndpointPort>>,
    trigger: Option<SimTime>,
    ctx: &mut Ctx,
) -> bool {
    let slice = EndpointSlice {
        metadata: ObjectMeta {
            generate_name: Some(generate_prefix(service.name())),
            namespace: service.metadata.namespace.clone(),
            labels: Some(labels(service)),
            annotations: annotations(trigger),
            owner_references: Some(vec![controller_reference("v1", "Service", &service.metadata)]),
            ..ObjectMeta::default()
        },
        address_type: "IPv4".to_owned(),
        endpoints: Some(endpoints),
        ports,
    };
    ctx.create(slice).is_ok()
}
