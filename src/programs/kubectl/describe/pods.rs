//! The page of a pod.

use super::containers::{self, Source};
use super::multiline::{annotations, controller, labels, tolerations};
use super::page::{Page, list, number, or_none, text, time};
use super::{Subject, volumes};
use serde_json::Value;

pub fn pod(subject: &Subject<'_>, page: &mut Page) {
    let pod = subject.object;
    page.field(0, "Name", text(pod, "/metadata/name"));
    page.field(0, "Namespace", text(pod, "/metadata/namespace"));
    page.optional(0, "Priority", pod.pointer("/spec/priority"));
    page.optional(0, "Priority Class Name", pod.pointer("/spec/priorityClassName"));
    page.optional(0, "Runtime Class Name", pod.pointer("/spec/runtimeClassName"));
    page.optional(0, "Service Account", pod.pointer("/spec/serviceAccountName"));
    match text(pod, "/spec/nodeName") {
        "" => page.field(0, "Node", "<none>"),
        node => page.field(0, "Node", format!("{node}/{}", text(pod, "/status/hostIP"))),
    }
    if pod.pointer("/status/startTime").is_some() {
        page.field(0, "Start Time", time(pod, "/status/startTime"));
    }
    labels(page, "Labels", pod, "/metadata/labels");
    annotations(page, "Annotations", pod, "/metadata/annotations");
    status(page, pod);
    page.field(0, "IP", text(pod, "/status/podIP"));
    match list(pod, "/status/podIPs") {
        [] => page.field(0, "IPs", "<none>"),
        ips => {
            page.line(0, "IPs:");
            for ip in ips {
                page.field(1, "IP", text(ip, "/ip"));
            }
        }
    }
    if let Some(owner) = controller(pod) {
        page.field(0, "Controlled By", owner);
    }
    page.optional(0, "NominatedNodeName", pod.pointer("/status/nominatedNodeName"));
    if let Some(resources) = pod.pointer("/spec/resources") {
        page.line(0, "Resources:");
        containers::resources(page, Some(resources), 1);
    }
    all_containers(page, pod);
    conditions(page, pod);
    volumes::write(page, list(pod, "/spec/volumes"), "");
    page.field(0, "QoS Class", text(pod, "/status/qosClass"));
    labels(page, "Node-Selectors", pod, "/spec/nodeSelector");
    tolerations(page, "Tolerations", pod, "/spec/tolerations");
    spread(page, list(pod, "/spec/topologySpreadConstraints"), "");
}

fn status(page: &mut Page, pod: &Value) {
    let phase = text(pod, "/status/phase");
    let deleted = pod.pointer("/metadata/deletionTimestamp");
    if let Some(deleted) = deleted.filter(|_| !matches!(phase, "Failed" | "Succeeded")) {
        page.field(0, "Status", format!("Terminating (lasts {})", page.age(Some(deleted))));
        let grace = number(pod, "/metadata/deletionGracePeriodSeconds");
        page.field(0, "Termination Grace Period", format!("{grace}s"));
    } else {
        page.field(0, "Status", phase);
    }
    page.optional(0, "Reason", pod.pointer("/status/reason"));
    page.optional(0, "Message", pod.pointer("/status/message"));
    page.optional(0, "SeccompProfile", pod.pointer("/spec/securityContext/seccompProfile/type"));
}

fn all_containers(page: &mut Page, pod: &Value) {
    let kinds = [
        ("Init Containers", "/spec/initContainers", "/status/initContainerStatuses"),
        ("Containers", "/spec/containers", "/status/containerStatuses"),
        ("Ephemeral Containers", "/spec/ephemeralContainers", "/status/ephemeralContainerStatuses"),
    ];
    for (label, spec, status) in kinds {
        let found = list(pod, spec);
        if !found.is_empty() || label == "Containers" {
            let source =
                Source { label, containers: found, statuses: list(pod, status), pod: Some(pod), space: "" };
            containers::write(page, &source);
        }
    }
}

fn conditions(page: &mut Page, pod: &Value) {
    let conditions = list(pod, "/status/conditions");
    let gates = list(pod, "/spec/readinessGates");
    if !gates.is_empty() {
        page.line(0, "Readiness Gates:\n  Type\tStatus");
        for gate in gates {
            let kind = text(gate, "/conditionType");
            let found = conditions.iter().find(|condition| text(condition, "/type") == kind);
            page.line(1, &format!("{kind} \t{} ", or_none(found.map_or("", |found| text(found, "/status")))));
        }
    }
    if !conditions.is_empty() {
        page.line(0, "Conditions:\n  Type\tStatus");
        for condition in conditions {
            page.line(1, &format!("{} \t{} ", text(condition, "/type"), text(condition, "/status")));
        }
    }
}

/// Topology spread constraints, also of templates.
pub fn spread(page: &mut Page, constraints: &[Value], space: &str) {
    if constraints.is_empty() {
        return;
    }
    let mut sorted: Vec<&Value> = constraints.iter().collect();
    sorted.sort_by_key(|constraint| text(constraint, "/topologyKey").to_string());
    page.write(0, &format!("{space}Topology Spread Constraints:\t"));
    for (i, constraint) in sorted.into_iter().enumerate() {
        if i > 0 {
            page.write(0, &format!("{space}\t"));
        }
        let mut line = format!(
            "{}:{} when max skew {} is exceeded",
            text(constraint, "/topologyKey"),
            text(constraint, "/whenUnsatisfiable"),
            number(constraint, "/maxSkew")
        );
        if constraint.get("labelSelector").is_some() {
            line.push_str(&format!(
                " for selector {}",
                super::multiline::format_selector(constraint.get("labelSelector"))
            ));
        }
        page.line(0, &line);
    }
}
