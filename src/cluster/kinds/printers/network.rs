//! Rows of services and what stands around them.

use k8s_openapi::api::core::v1::{Endpoints, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::networking::v1::{Ingress, IngressClass, NetworkPolicy};

use super::format::{age, first_few, labels, name, selector};
use crate::base::time::SimTime;

pub fn service(o: &Service, now: SimTime) -> Vec<String> {
    let spec = o.spec.clone().unwrap_or_default();
    let type_ = spec.type_.clone().unwrap_or_default();
    let internal = spec.cluster_ips.as_ref().and_then(|ips| ips.first()).cloned();
    let own: Vec<String> = spec.external_ips.clone().unwrap_or_default();
    let external = match type_.as_str() {
        "ExternalName" => spec.external_name.clone().unwrap_or_default(),
        "LoadBalancer" => {
            let given = o.status.as_ref().and_then(|s| s.load_balancer.as_ref()?.ingress.as_ref());
            let mut addresses: Vec<String> =
                given.into_iter().flatten().filter_map(|i| i.ip.clone().or(i.hostname.clone())).collect();
            addresses.sort();
            addresses.extend(own);
            if addresses.is_empty() { "<pending>".to_owned() } else { addresses.join(",") }
        }
        _ if own.is_empty() => "<none>".to_owned(),
        _ => own.join(","),
    };
    let ports: Vec<String> = spec
        .ports
        .iter()
        .flatten()
        .map(|p| {
            let protocol = p.protocol.as_deref().unwrap_or("TCP");
            match p.node_port {
                Some(node) if node > 0 => format!("{}:{node}/{protocol}", p.port),
                _ => format!("{}/{protocol}", p.port),
            }
        })
        .collect();
    let ports = if ports.is_empty() { "<none>".to_owned() } else { ports.join(",") };
    vec![
        name(&o.metadata),
        type_,
        internal.unwrap_or_else(|| "<none>".to_owned()),
        external,
        ports,
        age(&o.metadata, now),
        labels(spec.selector.as_ref()),
    ]
}

pub fn endpoints(o: &Endpoints, now: SimTime) -> Vec<String> {
    let mut entries = Vec::new();
    for subset in o.subsets.iter().flatten() {
        let ports = subset.ports.as_deref().unwrap_or_default();
        for address in subset.addresses.iter().flatten().filter(|_| ports.is_empty()) {
            entries.push(address.ip.clone());
        }
        for port in ports {
            entries.extend(subset.addresses.iter().flatten().map(|a| format!("{}:{}", a.ip, port.port)));
        }
    }
    vec![name(&o.metadata), first_few(&entries, "<none>"), age(&o.metadata, now)]
}

pub fn endpoint_slice(o: &EndpointSlice, now: SimTime) -> Vec<String> {
    let ports: Vec<String> =
        o.ports.iter().flatten().map(|p| p.port.map_or("*".to_owned(), |n| n.to_string())).collect();
    let addresses: Vec<String> =
        o.endpoints.iter().flatten().flat_map(|e| e.addresses.iter().cloned()).collect();
    vec![
        name(&o.metadata),
        o.address_type.clone(),
        first_few(&ports, "<unset>"),
        first_few(&addresses, "<unset>"),
        age(&o.metadata, now),
    ]
}

pub fn ingress(o: &Ingress, now: SimTime) -> Vec<String> {
    let spec = o.spec.clone().unwrap_or_default();
    let hosts: Vec<String> =
        spec.rules.iter().flatten().filter_map(|r| r.host.clone()).filter(|h| !h.is_empty()).collect();
    let given = o.status.as_ref().and_then(|s| s.load_balancer.as_ref()?.ingress.as_ref());
    let addresses: Vec<String> =
        given.into_iter().flatten().filter_map(|i| i.ip.clone().or(i.hostname.clone())).collect();
    let tls = spec.tls.as_ref().is_some_and(|t| !t.is_empty());
    vec![
        name(&o.metadata),
        spec.ingress_class_name.unwrap_or_else(|| "<none>".to_owned()),
        first_few(&hosts, "*"),
        addresses.join(","),
        if tls { "80, 443" } else { "80" }.to_owned(),
        age(&o.metadata, now),
    ]
}

pub fn ingress_class(o: &IngressClass, now: SimTime) -> Vec<String> {
    let spec = o.spec.clone().unwrap_or_default();
    let parameters = spec.parameters.map_or("<none>".to_owned(), |p| {
        let group = p.api_group.map_or(String::new(), |g| format!(".{g}"));
        format!("{}{group}/{}", p.kind, p.name)
    });
    vec![name(&o.metadata), spec.controller.unwrap_or_default(), parameters, age(&o.metadata, now)]
}

pub fn network_policy(o: &NetworkPolicy, now: SimTime) -> Vec<String> {
    let pods = o.spec.as_ref().and_then(|s| s.pod_selector.as_ref());
    vec![name(&o.metadata), selector(pods), age(&o.metadata, now)]
}
