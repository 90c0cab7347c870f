//! What the server tells about itself: groups, resources, its version.

use serde_json::{Value, json};

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

#[rustfmt::skip]
const PARTS: &[Part] = &[
    Part { of: &["pods"], name: "attach", kind: ("", "v1", "PodAttachOptions"), verbs: CONNECT },
    Part { of: &["pods"], name: "binding", kind: ("", "v1", "Binding"), verbs: CREATE },
    Part { of: &["pods"], name: "ephemeralcontainers", kind: ("", "", ""), verbs: CHANGE },
    Part { of: &["pods"], name: "eviction", kind: ("policy", "v1", "Eviction"), verbs: CREATE },
    Part { of: &["pods"], name: "exec", kind: ("", "v1", "PodExecOptions"), verbs: CONNECT },
    Part { of: &["pods"], name: "log", kind: ("", "", ""), verbs: &["get"] },
    Part { of: &["pods"], name: "portforward", kind: ("", "v1", "PodPortForwardOptions"), verbs: CONNECT },
    Part { of: &["pods"], name: "resize", kind: ("", "", ""), verbs: CHANGE },
    Part { of: SCALED, name: "scale", kind: ("autoscaling", "v1", "Scale"), verbs: CHANGE },
    Part { of: &["serviceaccounts"], name: "token", kind: ("authentication.k8s.io", "v1", "TokenRequest"), verbs: CREATE },
    Part { of: &["namespaces"], name: "finalize", kind: ("", "", ""), verbs: &["update"] },
    Part { of: WITH_STATUS, name: "status", kind: ("", "", ""), verbs: CHANGE },
];

const WITH_STATUS: &[&str] = &[
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
    "services",
    "statefulsets",
];

/// The document at a path, if it is one of those that stand ready. `version` is the server's: `v1.36.2`.
pub fn document(version: &str, path: &[&str]) -> Option<Value> {
    match path {
        ["version"] => Some(self::version(version)),
        ["api"] => Some(json!({"kind": "APIVersions", "versions": ["v1"]})),
        ["api", version] => resources("", version),
        ["apis"] => Some(json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups()})),
        ["apis", name] => groups().into_iter().find(|group| group["name"] == *name).map(|mut group| {
            group["kind"] = json!("APIGroup");
            group["apiVersion"] = json!("v1");
            group
        }),
        ["apis", group, version] => resources(group, version),
        _ => None,
    }
}

fn groups() -> Vec<Value> {
    let mut groups: Vec<Value> = Vec::new();
    for resource in RESOURCES.iter().filter(|resource| !resource.group.is_empty()) {
        let version = json!({"groupVersion": resource.api_version(), "version": resource.version});
        match groups.iter_mut().find(|group| group["name"] == resource.group) {
            None => groups
                .push(json!({"name": resource.group, "versions": [version], "preferredVersion": version})),
            Some(group) => {
                let versions = group["versions"].as_array_mut();
                versions
                    .into_iter()
                    .filter(|all| !all.contains(&version))
                    .for_each(|all| all.push(version.clone()));
            }
        }
    }
    groups
}

fn resources(group: &str, version: &str) -> Option<Value> {
    let of = RESOURCES.iter().filter(|one| one.group == group && one.version == version);
    let rows: Vec<Value> = of.flat_map(|one| std::iter::once(whole(one)).chain(parts(one))).collect();
    let name = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    (!rows.is_empty()).then(|| json!({"kind": "APIResourceList", "groupVersion": name, "resources": rows}))
}

fn whole(one: &Resource) -> Value {
    let mut row = json!({"name": one.plural, "singularName": one.singular(), "namespaced": one.namespaced,
        "kind": one.kind, "verbs": one.verbs});
    for (key, words) in [("shortNames", one.short_names), ("categories", one.categories)] {
        if !words.is_empty() {
            row[key] = json!(words);
        }
    }
    row
}

fn parts(one: &'static Resource) -> impl Iterator<Item = Value> {
    let of = |part: &&Part| one.id.is_some() && part.of.contains(&one.plural);
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
