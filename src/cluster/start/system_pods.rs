//! CoreDNS and kube-proxy as they run from the first moment: their workload objects and their pods, Ready.
//!
//! These pods have no process behind them; what they stand for (names and addresses) is the world's network.

use std::rc::Rc;

use serde_json::{Value, json};

use super::Start;
use crate::base::time::SimTime;
use crate::cluster::api::{codec, server::Caller};
use crate::cluster::controllers::template_hash;
use crate::cluster::object::{Kind, Object};
use crate::cluster::{ClusterConfig, NodeConfig};
use k8s_openapi::api::apps::v1::{DaemonSet, Deployment};
use k8s_openapi::api::core::v1::Pod;

const DNS_REPLICAS: usize = 2;
/// Seconds after the cluster's birth at which its system pods were started.
const STARTED_AFTER_SECS: u64 = 3;

pub(super) fn create(start: &mut Start<'_>, config: &ClusterConfig) {
    if config.nodes.is_empty() {
        return;
    }
    dns(start, config);
    proxies(start, config);
}

fn owner(api_version: &str, kind: &str, object: &Object) -> Value {
    json!([{"apiVersion": api_version, "kind": kind, "name": object.name(), "uid": object.uid(),
        "controller": true, "blockOwnerDeletion": true}])
}

fn dns(start: &mut Start<'_>, config: &ClusterConfig) {
    let wanted = i32::try_from(DNS_REPLICAS).unwrap_or(2);
    let template = json!({"metadata": {"labels": {"k8s-app": "kube-dns"}}, "spec": {
        "serviceAccountName": "coredns", "priorityClassName": "system-cluster-critical",
        "containers": [{"name": "coredns", "image": "registry.k8s.io/coredns/coredns:v1.12.1",
            "ports": [{"name": "dns", "containerPort": 53, "protocol": "UDP"},
                {"name": "dns-tcp", "containerPort": 53, "protocol": "TCP"}],
            "resources": {"requests": {"cpu": "100m", "memory": "70Mi"}, "limits": {"memory": "170Mi"}}}]}});
    let at = start.after(STARTED_AFTER_SECS).rfc3339();
    let condition = |type_: &str, reason: &str, message: &str| {
        json!({"type": type_, "status": "True", "reason": reason, "message": message,
            "lastTransitionTime": at, "lastUpdateTime": at})
    };
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "coredns", "namespace": "kube-system", "labels": {"k8s-app": "kube-dns"},
            "annotations": {"deployment.kubernetes.io/revision": "1"}},
        "spec": {"replicas": wanted, "selector": {"matchLabels": {"k8s-app": "kube-dns"}}, "template": template},
        "status": {"observedGeneration": 1, "replicas": wanted, "updatedReplicas": wanted, "readyReplicas": wanted,
            "availableReplicas": wanted, "terminatingReplicas": 0, "conditions": [
            condition("Available", "MinimumReplicasAvailable", "Deployment has minimum availability."),
            condition("Progressing", "NewReplicaSetAvailable", "ReplicaSet has successfully progressed.")]}});
    let Some(deployment) = start.create(&deployment) else { return };
    let spec = Deployment::of(&deployment).and_then(|d| d.spec.clone()).unwrap_or_default();
    let hash = template_hash(&spec.template, None);
    let labels = json!({"k8s-app": "kube-dns", "pod-template-hash": hash});
    let mut of_set = codec::encode_value(&spec.template);
    of_set["metadata"]["labels"] = labels.clone();
    let set = json!({"apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {"name": format!("coredns-{hash}"), "namespace": "kube-system", "labels": labels,
            "annotations": {"deployment.kubernetes.io/desired-replicas": wanted.to_string(),
                "deployment.kubernetes.io/max-replicas": (wanted + 1).to_string(),
                "deployment.kubernetes.io/revision": "1"},
            "ownerReferences": owner("apps/v1", "Deployment", &deployment)},
        "spec": {"replicas": wanted, "selector": {"matchLabels": labels}, "template": of_set},
        "status": {"observedGeneration": 1, "replicas": wanted, "fullyLabeledReplicas": wanted,
            "readyReplicas": wanted, "availableReplicas": wanted, "terminatingReplicas": 0}});
    let Some(set) = start.create(&set) else { return };
    for index in 0..DNS_REPLICAS {
        let node = &config.nodes[(1 + index) % config.nodes.len()];
        let address = pod_ip(node, 2 + index / config.nodes.len());
        running_pod(start, config, &set, ("apps/v1", "ReplicaSet"), &of_set, node, &address);
    }
}

fn proxies(start: &mut Start<'_>, config: &ClusterConfig) {
    let count = config.nodes.len();
    let template = json!({"metadata": {"labels": {"k8s-app": "kube-proxy"}}, "spec": {
        "serviceAccountName": "kube-proxy", "priorityClassName": "system-node-critical", "hostNetwork": true,
        "tolerations": [{"operator": "Exists"}],
        "containers": [{"name": "kube-proxy", "image": format!("registry.k8s.io/kube-proxy:{}", plain(&config.version)),
            "resources": {"requests": {"cpu": "100m"}}}]}});
    let set = json!({"apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": {"name": "kube-proxy", "namespace": "kube-system", "labels": {"k8s-app": "kube-proxy"},
            "annotations": {"deprecated.daemonset.template.generation": "1"}},
        "spec": {"selector": {"matchLabels": {"k8s-app": "kube-proxy"}}, "template": template},
        "status": {"observedGeneration": 1, "desiredNumberScheduled": count, "currentNumberScheduled": count,
            "updatedNumberScheduled": count, "numberReady": count, "numberAvailable": count,
            "numberMisscheduled": 0}});
    let Some(set) = start.create(&set) else { return };
    let spec = DaemonSet::of(&set).and_then(|d| d.spec.clone()).unwrap_or_default();
    let hash = template_hash(&spec.template, None);
    let mut of_pods = codec::encode_value(&spec.template);
    of_pods["metadata"]["labels"] = json!({"k8s-app": "kube-proxy", "controller-revision-hash": hash,
        "pod-template-generation": "1"});
    for node in &config.nodes {
        running_pod(start, config, &set, ("apps/v1", "DaemonSet"), &of_pods, node, &node.internal_ip);
    }
}

/// `v1.36.2-gke.100` without the distributor's suffix.
fn plain(version: &str) -> &str {
    version.split('-').next().unwrap_or(version)
}

fn pod_ip(node: &NodeConfig, last: usize) -> String {
    let network = node.pod_cidr.split('/').next().unwrap_or_default();
    let prefix = network.rsplit_once('.').map_or("", |(prefix, _)| prefix);
    format!("{prefix}.{last}")
}

fn running_pod(
    start: &mut Start<'_>,
    config: &ClusterConfig,
    set: &Rc<Object>,
    (api_version, kind): (&str, &str),
    template: &Value,
    node: &NodeConfig,
    address: &str,
) {
    let pod = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"generateName": format!("{}-", set.name()), "namespace": "kube-system",
            "labels": template["metadata"]["labels"], "ownerReferences": owner(api_version, kind, set)},
        "spec": template["spec"]});
    let Some(created) = start.create(&pod) else { return };
    let caller = Caller::controller("default-scheduler", start.born, None);
    if start.api.bind(&caller, "kube-system", created.name(), &node.name).is_err() {
        return;
    }
    let Some(bound) = start.api.store.get_as::<Pod>("kube-system", created.name()) else { return };
    let started = start.after(STARTED_AFTER_SECS);
    let status = status(config, &bound, node, address, start.born, started);
    let Ok((status, _)) = codec::decode_value(&status) else { return };
    let mut running = Pod::clone(&bound);
    running.status = Some(status);
    start.api.store.update(running.into_object(), &caller.origin());
}

fn status(
    config: &ClusterConfig,
    pod: &Pod,
    node: &NodeConfig,
    address: &str,
    born: SimTime,
    started: SimTime,
) -> Value {
    let spec = pod.spec.clone().unwrap_or_default();
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    let conditions: Vec<Value> = [
        ("PodReadyToStartContainers", started),
        ("Initialized", born),
        ("Ready", started),
        ("ContainersReady", started),
        ("PodScheduled", born),
    ]
    .into_iter()
    .map(|(type_, at)| {
        json!({"type": type_, "status": "True", "observedGeneration": 1, "lastTransitionTime": at.rfc3339()})
    })
    .collect();
    let containers: Vec<Value> = spec
        .containers
        .iter()
        .map(|c| {
            let image = c.image.as_deref().unwrap_or_default();
            let repository = image.rsplit_once(':').map_or(image, |(repository, _)| repository);
            let resources = codec::encode_value(&c.resources);
            json!({"name": c.name, "image": image, "ready": true, "started": true, "restartCount": 0,
                "containerID": format!("containerd://{}", config.seed.stream(&format!("container/{name}")).hex(64)),
                "imageID": format!("{repository}@sha256:{}", config.seed.stream(&format!("image/{image}")).hex(64)),
                "lastState": {}, "state": {"running": {"startedAt": started.rfc3339()}}, "resources": resources,
                "allocatedResources": resources["requests"]})
        })
        .collect();
    json!({"phase": "Running", "observedGeneration": 1, "conditions": conditions, "containerStatuses": containers,
        "hostIP": node.internal_ip, "hostIPs": [{"ip": node.internal_ip}], "podIP": address,
        "podIPs": [{"ip": address}], "startTime": born.rfc3339(), "qosClass": pod.status.as_ref().and_then(|s| s.qos_class.clone()),
        "resources": {}})
}
