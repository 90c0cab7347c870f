//! The mirroring controller: Endpoints that a person writes for a Service without a selector become EndpointSlices,
//! which is what proxies read. Never touches slices of other managers. As pkg/controller/endpointslicemirroring.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{EndpointAddress, EndpointSubset, Endpoints, Service};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointConditions, EndpointPort, EndpointSlice};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::pod_template::{controller_reference, generate_prefix};
use super::{Controller, Ctx, Outcome};
use crate::cluster::object::{Key, KindId, Typed};
use crate::cluster::store::{Change, Store};

const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const MANAGER: &str = "endpointslicemirroring-controller.k8s.io";
const SERVICE_NAME: &str = "kubernetes.io/service-name";
const SKIP_MIRROR: &str = "endpointslice.kubernetes.io/skip-mirror";
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

pub struct EndpointSliceMirroringController;

impl Controller for EndpointSliceMirroringController {
    fn name(&self) -> &'static str {
        "endpointslicemirroring-controller"
    }

    fn wakes_for(&self, change: &Change, _store: &Store, keys: &mut Vec<Key>) {
        let name = match change.key.kind {
            KindId::Endpoints | KindId::Service => Some(change.key.name.to_string()),
            KindId::EndpointSlice if change.new.is_none() => {
                let slice = change.object().filter(|o| o.label(MANAGED_BY) == Some(MANAGER));
                slice.and_then(|o| o.label(SERVICE_NAME).map(str::to_owned))
            }
            _ => None,
        };
        keys.extend(name.map(|name| Key::new(KindId::Endpoints, &change.key.namespace, &name)));
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let endpoints = ctx.get::<Endpoints>(&key.namespace, &key.name);
        let service = ctx.get::<Service>(&key.namespace, &key.name);
        // Slices of Endpoints that are gone go with them, by their owner reference.
        let Some(endpoints) = endpoints else { return Outcome::Done };
        let selects = service.as_ref().is_some_and(|s| {
            s.spec.as_ref().and_then(|s| s.selector.as_ref()).is_some_and(|s| !s.is_empty())
        });
        let wanted = service.is_some() && !selects && endpoints.object().label(SKIP_MIRROR) != Some("true");
        match mirror(&endpoints, wanted, ctx) {
            true => Outcome::Done,
            false => Outcome::Retry,
        }
    }
}

fn mirror(endpoints: &Typed<Endpoints>, wanted: bool, ctx: &mut Ctx) -> bool {
    let mut known: Vec<Typed<EndpointSlice>> = ctx.dependents(endpoints.uid());
    known.retain(|s| s.object().label(MANAGED_BY) == Some(MANAGER));
    let subsets = endpoints.subsets.iter().flatten().filter(|_| wanted);
    let mut ok = true;
    for slice in subsets.map(|subset| slice(endpoints, subset)) {
        match known.iter().position(|k| k.ports == slice.ports) {
            Some(at) => {
                let mut copy = EndpointSlice::clone(&known.remove(at));
                copy.endpoints = slice.endpoints;
                copy.metadata.labels = slice.metadata.labels;
                copy.metadata.annotations = slice.metadata.annotations;
                ok &= ctx.update(copy).is_ok();
            }
            None => ok &= ctx.create(slice).is_ok(),
        }
    }
    for slice in known {
        ok &= ctx.delete(&slice.key()).is_ok();
    }
    ok
}

fn slice(endpoints: &Typed<Endpoints>, subset: &EndpointSubset) -> EndpointSlice {
    let meta = &endpoints.metadata;
    let mut labels = meta.labels.clone().unwrap_or_default();
    labels.insert(MANAGED_BY.to_owned(), MANAGER.to_owned());
    labels.insert(SERVICE_NAME.to_owned(), endpoints.name().to_owned());
    let copied = meta.annotations.iter().flatten().filter(|(name, _)| *name != LAST_APPLIED);
    let annotations: BTreeMap<String, String> = copied.map(|(k, v)| (k.clone(), v.clone())).collect();
    let port = |port: &k8s_openapi::api::core::v1::EndpointPort| EndpointPort {
        name: Some(port.name.clone().unwrap_or_default()),
        port: Some(port.port),
        protocol: port.protocol.clone(),
        app_protocol: port.app_protocol.clone(),
    };
    let ready = subset.addresses.iter().flatten().map(|a| endpoint(a, true));
    let others = subset.not_ready_addresses.iter().flatten().map(|a| endpoint(a, false));
    EndpointSlice {
        metadata: ObjectMeta {
            generate_name: Some(generate_prefix(endpoints.name())),
            namespace: meta.namespace.clone(),
            labels: Some(labels),
            annotations: Some(annotations).filter(|a| !a.is_empty()),
            owner_references: Some(vec![controller_reference("v1", "Endpoints", meta)]),
            ..ObjectMeta::default()
        },
        address_type: "IPv4".to_owned(),
        endpoints: Some(ready.chain(others).collect()),
        ports: subset.ports.as_ref().map(|ports| ports.iter().map(port).collect()),
    }
}

fn endpoint(address: &EndpointAddress, ready: bool) -> Endpoint {
    Endpoint {
        addresses: vec![address.ip.clone()],
        conditions: Some(EndpointConditions { ready: Some(ready), ..EndpointConditions::default() }),
        hostname: address.hostname.clone().filter(|h| !h.is_empty()),
        node_name: address.node_name.clone(),
        target_ref: address.target_ref.clone(),
        ..Endpoint::default()
    }
}
