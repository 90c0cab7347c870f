//! The pages of services, endpoints, endpoint slices and ingresses.

use super::Subject;
use super::multiline::{annotations, format_labels, labels};
use super::page::{Page, list, number, or_none, plain, text, texts};
use serde_json::Value;

fn head(page: &mut Page, object: &Value) {
    page.field(0, "Name", text(object, "/metadata/name"));
    page.field(0, "Namespace", text(object, "/metadata/namespace"));
    labels(page, "Labels", object, "/metadata/labels");
    annotations(page, "Annotations", object, "/metadata/annotations");
}

pub fn service(subject: &Subject<'_>, page: &mut Page) {
    let service = subject.object;
    head(page, service);
    page.field(0, "Selector", format_labels(service, "/spec/selector"));
    page.field(0, "Type", text(service, "/spec/type"));
    page.optional(0, "IP Family Policy", service.pointer("/spec/ipFamilyPolicy"));
    page.field(0, "IP Families", or_none(&texts(service, "/spec/ipFamilies").join(",")));
    page.field(0, "IP", text(service, "/spec/clusterIP"));
    page.field(0, "IPs", or_none(&texts(service, "/spec/clusterIPs").join(",")));
    let external = texts(service, "/spec/externalIPs");
    if !external.is_empty() {
        page.field(0, "External IPs", external.join(","));
    }
    page.optional(0, "Desired LoadBalancer IP", service.pointer("/spec/loadBalancerIP"));
    page.optional(0, "External Name", service.pointer("/spec/externalName"));
    let ingress = ingress_text(list(service, "/status/loadBalancer/ingress"));
    if !ingress.is_empty() {
        page.field(0, "LoadBalancer Ingress", ingress);
    }
    for port in list(service, "/spec/ports") {
        let protocol = text(port, "/protocol");
        let name = match text(port, "/name") {
            "" => "<unset>",
            name => name,
        };
        page.field(0, "Port", format!("{name}\t{}/{protocol}", number(port, "/port")));
        page.field(
            0,
            "TargetPort",
            format!("{}/{protocol}", port.get("targetPort").map(plain).unwrap_or_default()),
        );
        page.optional(0, "AppProtocol", port.get("appProtocol"));
        if number(port, "/nodePort") != 0 {
            page.field(0, "NodePort", format!("{name}\t{}/{protocol}", number(port, "/nodePort")));
        }
        page.field(
            0,
            "Endpoints",
            endpoints_of(subject.related("endpointslices"), Some(text(port, "/name"))),
        );
    }
    page.field(0, "Session Affinity", text(service, "/spec/sessionAffinity"));
    page.optional(0, "External Traffic Policy", service.pointer("/spec/externalTrafficPolicy"));
    page.optional(0, "Internal Traffic Policy", service.pointer("/spec/internalTrafficPolicy"));
    if number(service, "/spec/healthCheckNodePort") != 0 {
        page.field(0, "HealthCheck NodePort", number(service, "/spec/healthCheckNodePort"));
    }
    let ranges = texts(service, "/spec/loadBalancerSourceRanges");
    if !ranges.is_empty() {
        page.field(0, "LoadBalancer Source Ranges", ranges.join(","));
    }
    page.optional(0, "Traffic Distribution", service.pointer("/spec/trafficDistribution"));
}

fn ingress_text(ingress: &[Value]) -> String {
    let parts: Vec<String> = ingress
        .iter()
        .map(|point| match (text(point, "/ip"), text(point, "/ipMode")) {
            ("", _) => text(point, "/hostname").to_string(),
            (ip, "") => ip.to_string(),
            (ip, mode) => format!("{ip} ({mode})"),
        })
        .collect();
    parts.join(", ")
}

/// `formatEndpointSlices`: ready addresses, at most three of them.
fn endpoints_of(slices: &[Value], port_name: Option<&str>) -> String {
    const SHOWN: usize = 3;
    if slices.is_empty() {
        return "<none>".into();
    }
    let mut all = Vec::new();
    for slice in slices {
        let ready = || {
            list(slice, "/endpoints")
                .iter()
                .filter(|endpoint| {
                    endpoint.pointer("/conditions/ready").and_then(Value::as_bool).unwrap_or(true)
                })
                .map(|endpoint| text(endpoint, "/addresses/0"))
        };
        let ports = list(slice, "/ports");
        if ports.is_empty() {
            all.extend(ready().map(str::to_string));
        }
        for port in ports.iter().filter(|port| port_name.is_none_or(|name| name == text(port, "/name"))) {
            all.extend(ready().map(|address| format!("{address}:{}", number(port, "/port"))));
        }
    }
    if all.len() > SHOWN {
        return format!("{} + {} more...", all[..SHOWN].join(","), all.len() - SHOWN);
    }
    all.join(",")
}

pub fn endpoints(subject: &Subject<'_>, page: &mut Page) {
    head(page, subject.object);
    page.line(0, "Subsets:");
    for subset in list(subject.object, "/subsets") {
        for (title, pointer) in [("Addresses", "/addresses"), ("NotReadyAddresses", "/notReadyAddresses")] {
            let addresses: Vec<&str> =
                list(subset, pointer).iter().map(|address| text(address, "/ip")).collect();
            page.field(1, title, or_none(&addresses.join(",")));
        }
        let ports = list(subset, "/ports");
        if !ports.is_empty() {
            page.line(1, "Ports:");
            page.line(2, "Name\tPort\tProtocol");
            page.line(2, "----\t----\t--------");
            for port in ports {
                page.line(2, &port_row(port));
            }
        }
        page.line(0, "");
    }
}

fn port_row(port: &Value) -> String {
    let name = match text(port, "/name") {
        "" => "<unset>",
        name => name,
    };
    format!("{name}\t{}\t{}", port.get("port").map_or("<unset>".into(), plain), text(port, "/protocol"))
}

pub fn endpoint_slice(subject: &Subject<'_>, page: &mut Page) {
    let slice = subject.object;
    head(page, slice);
    page.field(0, "AddressType", text(slice, "/addressType"));
    let ports = list(slice, "/ports");
    if ports.is_empty() {
        page.line(0, "Ports: <unset>");
    } else {
        page.line(0, "Ports:");
        page.line(1, "Name\tPort\tProtocol");
        page.line(1, "----\t----\t--------");
        for port in ports {
            page.line(1, &port_row(port));
        }
    }
    let endpoints = list(slice, "/endpoints");
    page.line(0, if endpoints.is_empty() { "Endpoints: <none>" } else { "Endpoints:" });
    for endpoint in endpoints {
        let unset = |pointer: &str| endpoint.pointer(pointer).map_or("<unset>".into(), plain);
        page.field(1, "- Addresses", or_none(&texts(endpoint, "/addresses").join(", ")));
        page.line(2, "Conditions:");
        page.field(3, "Ready", unset("/conditions/ready"));
        page.field(2, "Hostname", unset("/hostname"));
        if let Some(target) = endpoint.get("targetRef") {
            page.field(2, "TargetRef", format!("{}/{}", text(target, "/kind"), text(target, "/name")));
        }
        page.field(2, "NodeName", unset("/nodeName"));
        page.field(2, "Zone", unset("/zone"));
    }
}

pub fn ingress(subject: &Subject<'_>, page: &mut Page) {
    let ingress = subject.object;
    page.field(0, "Name", text(ingress, "/metadata/name"));
    labels(page, "Labels", ingress, "/metadata/labels");
    page.field(0, "Namespace", text(ingress, "/metadata/namespace"));
    page.field(0, "Address", ingress_text(list(ingress, "/status/loadBalancer/ingress")));
    page.field(0, "Ingress Class", ingress.pointer("/spec/ingressClassName").map_or("<none>".into(), plain));
    let default =
        ingress.pointer("/spec/defaultBackend").map_or("<default>".into(), |found| backend(subject, found));
    page.field(0, "Default backend", &default);
    let tls = list(ingress, "/spec/tls");
    if !tls.is_empty() {
        page.line(0, "TLS:");
        for entry in tls {
            let hosts = texts(entry, "/hosts").join(",");
            match text(entry, "/secretName") {
                "" => page.line(1, &format!("SNI routes {hosts}")),
                secret => page.line(1, &format!("{secret} terminates {hosts}")),
            }
        }
    }
    page.line(0, "Rules:\n  Host\tPath\tBackends");
    page.line(1, "----\t----\t--------");
    let rules: Vec<&Value> =
        list(ingress, "/spec/rules").iter().filter(|rule| rule.get("http").is_some()).collect();
    for rule in &rules {
        let host = text(rule, "/host");
        page.line(1, &format!("{}\t", if host.is_empty() { "*" } else { host }));
        for path in list(rule, "/http/paths") {
            let target = path.get("backend").map(|found| backend(subject, found)).unwrap_or_default();
            page.line(2, &format!("\t{} \t{target}", text(path, "/path")));
        }
    }
    if rules.is_empty() {
        page.line(1, &format!("*\t*\t{default}"));
    }
    annotations(page, "Annotations", ingress, "/metadata/annotations");
}

fn backend(subject: &Subject<'_>, backend: &Value) -> String {
    let Some(service) = backend.get("service") else {
        let (group, kind) = (text(backend, "/resource/apiGroup"), text(backend, "/resource/kind"));
        return format!(
            "APIGroup: {}, Kind: {kind}, Name: {}",
            or_none(group),
            text(backend, "/resource/name")
        );
    };
    let name = text(service, "/name");
    let port = match text(service, "/port/name") {
        "" => number(service, "/port/number").to_string(),
        port => port.to_string(),
    };
    let label = format!("{name}:{port}");
    let Some(found) = subject.related("services").iter().find(|found| text(found, "/metadata/name") == name)
    else {
        return format!("{label} (<error: services \"{name}\" not found>)");
    };
    let port_name = list(found, "/spec/ports")
        .iter()
        .find(|found| number(found, "/port").to_string() == port || text(found, "/name") == port)
        .map_or("", |found| text(found, "/name"));
    let slices: Vec<Value> = subject
        .related("endpointslices")
        .iter()
        .filter(|slice| {
            slice.pointer("/metadata/labels/kubernetes.io~1service-name").and_then(Value::as_str)
                == Some(name)
        })
        .cloned()
        .collect();
    format!("{label} ({})", endpoints_of(&slices, Some(port_name)))
}
