//! The profiles of `kubectl debug`: what a container for debugging may do, as profiles.go sets it.

use serde_json::{Value, json};

/// Every profile; the first is on its way out.
pub const NAMES: [&str; 6] = ["legacy", "general", "baseline", "restricted", "netadmin", "sysadmin"];

/// The rights of a pod on a node.
pub fn of_node(profile: &str, spec: &mut Value) {
    if matches!(profile, "legacy" | "general" | "sysadmin") {
        spec["volumes"] = json!([{"name": "host-root", "hostPath": {"path": "/"}}]);
        spec["containers"][0]["volumeMounts"] = json!([{"name": "host-root", "mountPath": "/host"}]);
    }
    if matches!(profile, "legacy" | "general" | "sysadmin" | "netadmin") {
        for field in ["hostNetwork", "hostPID", "hostIPC"] {
            spec[field] = true.into();
        }
    }
    // On a node, general gives no capability: the namespaces are the node's own.
    if profile != "general" {
        of_container(profile, &mut spec["containers"][0]);
    }
}

/// The rights of a container in a running pod, or in a copy.
pub fn of_container(profile: &str, container: &mut Value) {
    match profile {
        "general" => add_capabilities(container, &["SYS_PTRACE"]),
        "netadmin" => add_capabilities(container, &["NET_ADMIN", "NET_RAW"]),
        "sysadmin" => container["securityContext"]["privileged"] = true.into(),
        "baseline" => clear(container),
        "restricted" => {
            container["securityContext"] = json!({
                "runAsNonRoot": true, "capabilities": {"drop": ["ALL"]}, "allowPrivilegeEscalation": false,
                "seccompProfile": {"type": "RuntimeDefault"},
            });
        }
        _ => {}
    }
}

fn add_capabilities(container: &mut Value, wanted: &[&str]) {
    let added = &mut container["securityContext"]["capabilities"]["add"];
    let mut all = added.as_array().cloned().unwrap_or_default();
    for capability in wanted.iter().map(|name| Value::from(*name)) {
        if !all.contains(&capability) {
            all.push(capability);
        }
    }
    *added = all.into();
}

fn clear(container: &mut Value) {
    if let Some(map) = container.as_object_mut() {
        map.remove("securityContext");
    }
}
