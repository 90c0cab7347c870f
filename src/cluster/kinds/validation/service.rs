//! Services: types, ports, and the addresses that belong to them.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};

use super::container::port_number;
use super::{check_name, labels, one_of, probe};
use crate::cluster::kinds::field::{Errors, quoted, strings};
use crate::cluster::kinds::names;

/// A port that a load balancer must not publish: the kubelet's.
const KUBELET_PORT: i32 = 10250;
const TYPES: &[&str] = &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];

pub(super) fn validate(service: &Service, errors: &mut Errors) {
    let empty = ServiceSpec::default();
    let spec = service.spec.as_ref().unwrap_or(&empty);
    let type_ = spec.type_.as_deref().unwrap_or_default();
    let headless = spec.cluster_ip.as_deref() == Some("None");
    let ports = spec.ports.as_deref().unwrap_or_default();
    if ports.is_empty() && !headless && type_ != "ExternalName" {
        errors.required("spec.ports", "");
    }
    type_rules(type_, spec, headless, ports, errors);
    let mut seen = BTreeSet::new();
    for (index, port) in ports.iter().enumerate() {
        service_port(&format!("spec.ports[{index}]"), port, ports.len() > 1, &mut seen, errors);
    }
    labels::labels("spec.selector", spec.selector.as_ref(), errors);
    one_of(
        "spec.sessionAffinity",
        spec.session_affinity.as_deref().unwrap_or_default(),
        &["ClientIP", "None"],
        errors,
    );
    one_of("spec.type", type_, TYPES, errors);
    if type_ == "ClusterIP" {
        for (index, port) in ports.iter().enumerate() {
            if port.node_port.is_some_and(|p| p != 0) {
                let why = "may not be used when `type` is 'ClusterIP'";
                errors.forbidden(&format!("spec.ports[{index}].nodePort"), why);
            }
        }
    }
    duplicate_ports(ports, errors);
}

fn type_rules(type_: &str, spec: &ServiceSpec, headless: bool, ports: &[ServicePort], errors: &mut Errors) {
    match type_ {
        "LoadBalancer" => {
            for (index, port) in ports.iter().enumerate().filter(|(_, p)| p.port == KUBELET_PORT) {
                let why =
                    format!("may not expose port {KUBELET_PORT} externally since it is used by kubelet");
                errors.invalid(&format!("spec.ports[{index}]"), &port.port.to_string(), &why);
            }
            if headless {
                errors.invalid_text(
                    "spec.clusterIPs[0]",
                    "None",
                    "may not be set to 'None' for LoadBalancer services",
                );
            }
        }
        "NodePort" if headless => {
            errors.invalid_text(
                "spec.clusterIPs[0]",
                "None",
                "may not be set to 'None' for NodePort services",
            );
        }
        "ExternalName" => {
            if spec.cluster_ip.as_deref().is_some_and(|ip| !ip.is_empty()) {
                errors.forbidden("spec.clusterIPs", "may not be set when `type` is 'ExternalName'");
            }
            let name = spec.external_name.as_deref().unwrap_or_default();
            match name.trim_end_matches('.') {
                "" => errors.required("spec.externalName", ""),
                name => check_name("spec.externalName", name, names::dns_subdomain, errors),
            }
        }
        _ => {}
    }
}

fn service_port(
    path: &str,
    port: &ServicePort,
    needs_name: bool,
    seen: &mut BTreeSet<String>,
    errors: &mut Errors,
) {
    let at = |field: &str| format!("{path}.{field}");
    let name = port.name.as_deref().unwrap_or_default();
    if needs_name && name.is_empty() {
        errors.required(&at("name"), "");
    } else if !name.is_empty() {
        check_name(&at("name"), name, names::dns_label, errors);
        if !seen.insert(name.to_owned()) {
            errors.duplicate(&at("name"), &quoted(name));
        }
    }
    port_number(&at("port"), port.port, errors);
    one_of(&at("protocol"), port.protocol.as_deref().unwrap_or_default(), &["SCTP", "TCP", "UDP"], errors);
    if let Some(target) = &port.target_port {
        probe::port(&at("targetPort"), target, errors);
    }
}

fn duplicate_ports(ports: &[ServicePort], errors: &mut Errors) {
    let mut seen = BTreeSet::new();
    for (index, port) in ports.iter().enumerate() {
        let protocol = port.protocol.clone().unwrap_or_default();
        if !seen.insert((protocol.clone(), port.port)) {
            let shown = format!("{{\"port\":{},\"protocol\":{}}}", port.port, quoted(&protocol));
            errors.duplicate(&format!("spec.ports[{index}]"), &shown);
        }
    }
}

/// The cluster IP stays as long as the type has one.
pub(super) fn validate_update(new: &Service, old: &Service, errors: &mut Errors) {
    let (Some(n), Some(o)) = (&new.spec, &old.spec) else { return };
    let external = |s: &ServiceSpec| s.type_.as_deref() == Some("ExternalName");
    let given = n.cluster_ip.as_deref().unwrap_or_default();
    if external(n) || external(o) || given.is_empty() || o.cluster_ip.is_none() {
        return;
    }
    if n.cluster_ip != o.cluster_ip {
        let shown = strings(&[given.to_owned()]);
        errors.invalid("spec.clusterIPs[0]", &shown, "may not change once set");
    }
}
