//! The page of a node: conditions, capacity, and who asks for how much of it.

use super::super::quantity::Quantity;
use super::Subject;
use super::multiline::{annotations, labels, taints};
use super::page::{Page, flag, list, plain, text, texts, time};
use serde_json::Value;
use std::collections::BTreeMap;

type Amounts = BTreeMap<String, Quantity>;

pub fn node(subject: &Subject<'_>, page: &mut Page) {
    let node = subject.object;
    page.field(0, "Name", text(node, "/metadata/name"));
    page.field(0, "Roles", roles(node));
    labels(page, "Labels", node, "/metadata/labels");
    annotations(page, "Annotations", node, "/metadata/annotations");
    page.field(0, "CreationTimestamp", time(node, "/metadata/creationTimestamp"));
    taints(page, node);
    page.field(0, "Unschedulable", flag(node, "/spec/unschedulable"));
    lease(subject, page);
    conditions(page, node);
    page.line(0, "Addresses:");
    for address in list(node, "/status/addresses") {
        page.field(1, text(address, "/type"), text(address, "/address"));
    }
    for (title, pointer) in [("Capacity:", "/status/capacity"), ("Allocatable:", "/status/allocatable")] {
        if let Some(amounts) = node.pointer(pointer).and_then(Value::as_object).filter(|map| !map.is_empty())
        {
            page.line(0, title);
            for (name, amount) in amounts {
                page.field(1, name, plain(amount));
            }
        }
    }
    system(page, node);
    page.optional(0, "PodCIDR", node.pointer("/spec/podCIDR"));
    let ranges = texts(node, "/spec/podCIDRs");
    if !ranges.is_empty() {
        page.field(0, "PodCIDRs", ranges.join(","));
    }
    page.optional(0, "ProviderID", node.pointer("/spec/providerID"));
    pods(subject, page);
}

fn roles(node: &Value) -> String {
    let labels = node.pointer("/metadata/labels").and_then(Value::as_object);
    let mut roles: Vec<String> = labels
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| match key.strip_prefix("node-role.kubernetes.io/") {
            Some(role) if !role.is_empty() => Some(role.to_string()),
            _ if key == "kubernetes.io/role" => {
                value.as_str().filter(|role| !role.is_empty()).map(str::to_string)
            }
            _ => None,
        })
        .collect();
    roles.sort();
    roles.dedup();
    if roles.is_empty() { "<none>".into() } else { roles.join(",") }
}

fn lease(subject: &Subject<'_>, page: &mut Page) {
    let name = text(subject.object, "/metadata/name");
    let Some(lease) = subject.related("leases").iter().find(|lease| text(lease, "/metadata/name") == name)
    else {
        return page
            .line(0, &format!("Lease:\tFailed to get lease: leases.coordination.k8s.io {name:?} not found"));
    };
    page.line(0, "Lease:");
    page.field(1, "HolderIdentity", lease.pointer("/spec/holderIdentity").map_or("<unset>".into(), plain));
    for (title, pointer) in [("AcquireTime", "/spec/acquireTime"), ("RenewTime", "/spec/renewTime")] {
        let known = lease.pointer(pointer).is_some_and(|value| !value.is_null());
        page.field(1, title, if known { time(lease, pointer) } else { "<unset>".into() });
    }
}

fn conditions(page: &mut Page, node: &Value) {
    let conditions = list(node, "/status/conditions");
    if conditions.is_empty() {
        return;
    }
    page.line(0, "Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
    page.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    for condition in conditions {
        let row = format!(
            "{} \t{} \t{} \t{} \t{} \t{}",
            text(condition, "/type"),
            text(condition, "/status"),
            time(condition, "/lastHeartbeatTime"),
            time(condition, "/lastTransitionTime"),
            text(condition, "/reason"),
            text(condition, "/message")
        );
        page.line(1, &row);
    }
}

fn system(page: &mut Page, node: &Value) {
    page.line(0, "System Info:");
    for (title, key) in [
        ("Machine ID", "machineID"),
        ("System UUID", "systemUUID"),
        ("Boot ID", "bootID"),
        ("Kernel Version", "kernelVersion"),
        ("OS Image", "osImage"),
        ("Operating System", "operatingSystem"),
        ("Architecture", "architecture"),
        ("Container Runtime Version", "containerRuntimeVersion"),
        ("Kubelet Version", "kubeletVersion"),
    ] {
        page.field(1, title, text(node, &format!("/status/nodeInfo/{key}")));
    }
}

/// Requests or limits of a pod: the sum of its containers, or the largest init container.
fn pod_amounts(pod: &Value, which: &str) -> Amounts {
    let mut total = Amounts::new();
    let of = |container: &Value| -> Amounts {
        let map = container.pointer(&format!("/resources/{which}")).and_then(Value::as_object);
        map.into_iter()
            .flatten()
            .filter_map(|(name, amount)| Some((name.clone(), Quantity::parse(&plain(amount)).ok()?)))
            .collect()
    };
    for container in list(pod, "/spec/containers") {
        for (name, amount) in of(container) {
            let sum = total.remove(&name).map_or(amount, |had| had.plus(amount));
            total.insert(name, sum);
        }
    }
    for container in list(pod, "/spec/initContainers") {
        for (name, amount) in of(container) {
            let had = total.get(&name).copied();
            total.insert(name, had.filter(|had| had.milli >= amount.milli).unwrap_or(amount));
        }
    }
    total
}

fn share(amounts: &Amounts, capacity: &Value, name: &str) -> String {
    let amount = amounts.get(name).copied().unwrap_or_default();
    let whole = capacity
        .get(name)
        .and_then(|value| Quantity::parse(&plain(value)).ok())
        .map_or(0, |found| found.milli);
    let percent = if whole == 0 { 0 } else { amount.milli * 100 / whole };
    format!("{amount} ({percent}%)")
}

fn pods(subject: &Subject<'_>, page: &mut Page) {
    let nothing = Value::Null;
    let capacity = subject.object.pointer("/status/allocatable").unwrap_or(&nothing);
    let name = text(subject.object, "/metadata/name");
    let pods: Vec<&Value> = subject
        .related("pods")
        .iter()
        .filter(|pod| {
            text(pod, "/spec/nodeName") == name
                && !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed")
        })
        .collect();
    page.field(0, "Non-terminated Pods", format!("({} in total)", pods.len()));
    page.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
    page.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
    let (mut requests, mut limits) = (Amounts::new(), Amounts::new());
    for pod in pods {
        let (asked, allowed) = (pod_amounts(pod, "requests"), pod_amounts(pod, "limits"));
        let cells = [
            text(pod, "/metadata/namespace").to_string(),
            text(pod, "/metadata/name").to_string(),
            String::new(),
            share(&asked, capacity, "cpu"),
            share(&allowed, capacity, "cpu"),
            share(&asked, capacity, "memory"),
            share(&allowed, capacity, "memory"),
            page.age(pod.pointer("/metadata/creationTimestamp")),
        ];
        page.line(1, &cells.join("\t"));
        for (total, part) in [(&mut requests, asked), (&mut limits, allowed)] {
            for (name, amount) in part {
                let sum = total.remove(&name).map_or(amount, |had| had.plus(amount));
                total.insert(name, sum);
            }
        }
    }
    page.line(0, "Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)");
    page.line(1, "Resource\tRequests\tLimits");
    page.line(1, "--------\t--------\t------");
    let huge: Vec<&str> = capacity
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .filter(|name| name.starts_with("hugepages-"))
        .collect();
    for name in ["cpu", "memory", "ephemeral-storage"].into_iter().chain(huge) {
        page.line(
            1,
            &format!("{name}\t{}\t{}", share(&requests, capacity, name), share(&limits, capacity, name)),
        );
    }
}
