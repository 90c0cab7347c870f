//! The pod template inside objects that have one. Pure.

use serde_json::Value;

/// Where the pod spec of a kind is.
pub fn pod_spec_pointer(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "Pod" => "/spec",
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "ReplicationController" | "Job" => {
            "/spec/template/spec"
        }
        "CronJob" => "/spec/jobTemplate/spec/template/spec",
        "PodTemplate" => "/template/spec",
        _ => return None,
    })
}

pub fn pod_spec(object: &Value) -> Option<&Value> {
    object.pointer(pod_spec_pointer(object.get("kind")?.as_str()?)?)
}

pub fn pod_spec_mut(object: &mut Value) -> Option<&mut Value> {
    let pointer = pod_spec_pointer(object.get("kind")?.as_str()?)?;
    object.pointer_mut(pointer)
}

/// All containers of a pod spec, init containers first.
pub fn containers_mut(spec: &mut Value) -> Vec<&mut Value> {
    let Some(map) = spec.as_object_mut() else { return Vec::new() };
    let mut out = Vec::new();
    for (key, list) in map.iter_mut() {
        if matches!(key.as_str(), "containers" | "initContainers")
            && let Some(items) = list.as_array_mut()
        {
            out.extend(items.iter_mut());
        }
    }
    out
}
