//! What the server tells about itself: groups, resources, its version.

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cluster::kinds::table::{RESOURCES, Resource};

/// A part of an object with an address of its own.
struct Part {
    /// The plural of its object; empty: of everything that has a status.
    of: &'static [&'static str],
    name: &'static str,
    /// Group, version and kind of what is sent and answered; the object itself when empty.
    kind: (&'static str, &'static str, &'static str),
    verbs: &'static [&'static str],
}

const SCALED: &[&str] = &["deployments", "replicasets", "replicationcontrollers", "statefulsets"];
const CHANGE: &[&str] = &["get", "patch", "update"];
const CONNECT: &[&str] = &["create", "get"];
const CREATE: &[&str] = &["create"];
const PASS: &[&str] = &["create", "delete", "get", "patch", "update"];

#[rustfmt::skip]
const PARTS: &[Part] = &[
    Part { of: &["pods"], name: "attach", kind: ("", "v1", "PodAttachOptions"), verbs: CONNECT },
    Part { of: &["pods"], name: "binding", kind: ("", "v1", "Binding"), verbs: CREATE },
    Part { of: &["pods"], name: "ephemeralcontainers", kind: ("", "", ""), verbs: CHANGE },
    Part { of: &["pods"], name: "eviction", kind: ("policy", "v1", "Eviction"), verbs: CREATE },
    Part { of: &["pods"], name: "exec", kind: ("", "v1", "PodExecOptions"), verbs: CONNECT },
    Part { of: &["pods"], name: "log", kind: ("", "", ""), verbs: &["get"] },
    Part { of: &["pods"], name: "portforward", kind: ("", "v1", "PodPortForwardOptions"), verbs: CONNECT },
    Part { of: &["nodes"], name: "proxy", kind: ("", "v1", "NodeProxyOptions"), verbs: PASS },
    Part { of: &["pods"], name: "proxy", kind: ("", "v1", "PodProxyOptions"), verbs: PASS },
    Part { of: &["services"], name: "proxy", kind: ("", "v1", "ServiceProxyOptions"), verbs: PASS },
    Part { of: &["certificatesigningrequests"], name: "approval", kind: ("", "", ""), verbs: CHANGE },
    Part { of: &["pods"], name: "resize", kind: ("", "", ""), verbs: CHANGE },
    Part { of: SCALED, name: "scale", kind: ("autoscaling", "v1", "Scale"), verbs: CHANGE },
    Part { of: &["serviceaccounts"], name: "token", kind: ("authentication.k8s.io", "v1", "TokenRequest"), verbs: CREATE },
    Part { of: &["namespaces"], name: "finalize", kind: ("", "", ""), verbs: &["update"] },
    Part { of: WITH_STATUS, name: "status", kind: ("", "", ""), verbs: CHANGE },
];

const WITH_STATUS: &[&str] = &[
    "certificatesigningrequests",
    "cronjobs",
    "daemonsets",
    "deployments",
    "horizontalpodautoscalers",
    "ingresses",
    "jobs",
    "namespaces",
    "nodes",
    "persistentvolumeclaims",
    "persistentvolumes",
    "poddisruptionbudgets",
    "pods",
    "replicasets",
    "replicationcontrollers",
    "resourcequotas",
    "servicecidrs",
    "services",
    "statefulsets",
    "volumeattachments",
];

/// The document at a path, if it is one of those that stand ready. `version` is the server's: `v1.36.2`.
pub fn document(version: &str, path: &[&str]) -> Option<Value> {
    match path {
        ["version"] => Some(self::version(version)),
        ["api"] => Some(json!({"kind": "APIVersions", "versions": ["v1"]})),
        ["api", version] => resources("", version),
        ["apis"] => Some(
            json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": GROUPS.iter().filter_map(|name| group(name)).collect::<Vec<_>>()}),
        ),
        ["apis", name] => group(name).map(|mut group| {
            group["kind"] = json!("APIGroup");
            group["apiVersion"] = json!("v1");
            group
        }),
        ["apis", group, version] => resources(group, version),
        _ => None,
    }
}

/// The groups in the order of the server's priorities.
const GROUPS: &[&str] = &[
    "apiregistration.k8s.io",
    "apps",
    "events.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "storage.k8s.io",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "scheduling.k8s.io",
    "coordination.k8s.io",
    "node.k8s.io",
    "discovery.k8s.io",
    "resource.k8s.io",
    "flowcontrol.apiserver.k8s.io",
];

fn group(name: &str) -> Option<Value> {
    let mut versions: Vec<Value> = Vec::new();
    for resource in RESOURCES.iter().filter(|resource| resource.group == name && !name.is_empty()) {
        let version = json!({"groupVersion": resource.api_version(), "version": resource.version});
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    let preferred = versions.first()?.clone();
    Some(json!({"name": name, "versions": versions, "preferredVersion": preferred}))
}

fn resources(group: &str, version: &str) -> Option<Value> {
    let of = RESOURCES.iter().filter(|one| one.group == group && one.version == version);
    let rows: Vec<Value> = of.flat_map(|one| std::iter::once(whole(one)).chain(parts(one))).collect();
    let name = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    let mut list = json!({"kind": "APIResourceList", "groupVersion": name, "resources": rows});
    if !group.is_empty() {
        list["apiVersion"] = "v1".into();
    }
    list["resources"].as_array().is_some_and(|rows| !rows.is_empty()).then_some(list)
}

fn whole(one: &Resource) -> Value {
    let mut row = json!({"name": one.plural, "singularName": one.singular(), "namespaced": one.namespaced,
        "kind": one.kind, "verbs": one.verbs});
    for (key, words) in [("shortNames", one.short_names), ("categories", one.categories)] {
        if !words.is_empty() {
            row[key] = json!(words);
        }
    }
    // What is only created, such as a review, is not stored.
    if one.verbs.contains(&"watch") {
        row["storageVersionHash"] = storage_hash(one).into();
    }
    row
}

/// As apiserver's `discovery.StorageVersionHash`: eight bytes of the digest of group, version and kind.
fn storage_hash(one: &Resource) -> String {
    let (group, version) = match (one.group, one.kind) {
        ("events.k8s.io", _) => ("", "v1"),
        ("autoscaling", _) => ("autoscaling", "v2"),
        (group, _) => (group, one.version),
    };
    BASE64_STANDARD.encode(&Sha256::digest(format!("{group}/{version}/{}", one.kind))[..8])
}

fn parts(one: &'static Resource) -> impl Iterator<Item = Value> {
    let of = |part: &&Part| part.of.contains(&one.plural);
    PARTS.iter().filter(of).map(|part| {
        let (group, version, kind) = part.kind;
        let mut row = json!({"name": format!("{}/{}", one.plural, part.name), "singularName": "",
            "namespaced": one.namespaced, "kind": if kind.is_empty() { one.kind } else { kind }, "verbs": part.verbs});
        if !kind.is_empty() && (group, version) != (one.group, one.version) {
            row["group"] = json!(group);
            row["version"] = json!(version);
        }
        row
    })
}

/// The version document of a server that says it is `version`.
pub fn version(version: &str) -> Value {
    let minor = version.split('.').nth(1).unwrap_or_default();
    let previous = minor.parse::<u32>().map(|minor| minor.saturating_sub(1)).unwrap_or_default();
    json!({
        "major": "1", "minor": minor,
        "emulationMajor": "1", "emulationMinor": minor,
        "minCompatibilityMajor": "1", "minCompatibilityMinor": previous.to_string(),
        "gitVersion": version, "gitCommit": "8e16b12fda5b1dccc41a6de48b3e356cc7d5048b", "gitTreeState": "clean",
        "buildDate": "2026-08-21T11:29:00Z", "goVersion": "go1.26.6", "compiler": "gc", "platform": "linux/amd64",
    })
}

/// The checks of all three probes but the first ones, which differ.
const HOOKS: &[&str] = &[
    "poststarthook/start-apiserver-admission-initializer",
    "poststarthook/generic-apiserver-start-informers",
    "poststarthook/priority-and-fairness-config-consumer",
    "poststarthook/priority-and-fairness-filter",
    "poststarthook/storage-object-count-tracker-hook",
    "poststarthook/start-apiextensions-informers",
    "poststarthook/start-apiextensions-controllers",
    "poststarthook/crd-informer-synced",
    "poststarthook/start-system-namespaces-controller",
    "poststarthook/peer-endpoint-reconciler-controller",
    "poststarthook/start-cluster-authentication-info-controller",
    "poststarthook/start-kube-apiserver-identity-lease-controller",
    "poststarthook/start-kube-apiserver-identity-lease-garbage-collector",
    "poststarthook/storage-readiness",
    "poststarthook/start-legacy-token-tracking-controller",
    "poststarthook/start-service-ip-repair-controllers",
    "poststarthook/rbac/bootstrap-roles",
    "poststarthook/scheduling/bootstrap-system-priority-classes",
    "poststarthook/priority-and-fairness-config-producer",
    "poststarthook/bootstrap-controller",
    "poststarthook/start-kubernetes-service-cidr-controller",
    "poststarthook/aggregator-reload-proxy-client-cert",
    "poststarthook/start-kube-aggregator-informers",
    "poststarthook/apiservice-status-local-available-controller",
    "poststarthook/apiservice-status-remote-available-controller",
    "poststarthook/apiservice-registration-controller",
    "poststarthook/apiservice-wait-for-first-sync",
    "poststarthook/apiservice-discovery-controller",
    "poststarthook/kube-apiserver-autoregistration",
    "autoregister-completion",
    "poststarthook/apiservice-openapi-controller",
    "poststarthook/apiservice-openapiv3-controller",
];

fn checks(probe: &str) -> impl Iterator<Item = &'static str> {
    let (first, last): (&[&str], &[&str]) = match probe {
        "readyz" => (&["ping", "log", "informer-sync"], &["shutdown"]),
        _ => (&["ping", "log", "loopback-serving-certificate", "etcd"], &[]),
    };
    first.iter().chain(HOOKS).chain(last).copied()
}

/// The answer of a probe: `healthz`, `livez`, `readyz`, or one of its checks. `None` for a check that there is not.
pub fn health(probe: &str, check: &[&str], verbose: bool) -> Option<String> {
    let check = check.join("/");
    if !verbose || !check.is_empty() {
        return (check.is_empty() || checks(probe).any(|known| known == check)).then(|| "ok".to_owned());
    }
    let lines: String = checks(probe).map(|check| format!("[+]{check} ok\n")).collect();
    Some(format!("{lines}{probe} check passed\n"))
}
