//! The objects of a new cluster as JSON: pure functions of its configuration.

use serde_json::{Map, Value, json};

use crate::base::time::SimTime;
use crate::cluster::kinds::table;
use crate::cluster::{ClusterConfig, NodeConfig};

const NAMESPACES: &[&str] = &["default", "kube-node-lease", "kube-public", "kube-system"];
/// Services that the control plane's parts act as.
const SYSTEM_ACCOUNTS: &[&str] = &["coredns", "kube-proxy"];

/// Everything but nodes and pods, in an order that can be created.
pub fn cluster(config: &ClusterConfig) -> Vec<Value> {
    let mut all: Vec<Value> = NAMESPACES
        .iter()
        .map(|name| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}))
        .collect();
    for namespace in NAMESPACES {
        all.extend(of_every_namespace(namespace));
    }
    for name in SYSTEM_ACCOUNTS {
        all.push(json!({"apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": {"name": name, "namespace": "kube-system"}}));
    }
    all.extend(priority_classes());
    all.extend(component_statuses());
    all.extend(config.storage_classes.iter().map(|class| {
        let annotations = match class.default {
            true => json!({"storageclass.kubernetes.io/is-default-class": "true"}),
            false => Value::Null,
        };
        let parameters: Map<String, Value> =
            class.parameters.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
        json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
            "metadata": {"name": class.name, "annotations": annotations},
            "provisioner": class.provisioner, "parameters": parameters, "reclaimPolicy": "Delete",
            "volumeBindingMode": class.volume_binding_mode, "allowVolumeExpansion": true})
    }));
    all.extend(kubernetes_service(config));
    all.push(dns_service(config));
    all
}

/// What the namespace controllers put into every namespace.
pub fn of_every_namespace(namespace: &str) -> [Value; 2] {
    let certificate = "-----BEGIN CERTIFICATE-----\nMIIELTCCApWgAwIBAgIRAKubeJamRootAuthorityPlaceholder\n-----END CERTIFICATE-----\n";
    [
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": namespace}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"ca.crt": certificate},
        "metadata": {"name": "kube-root-ca.crt", "namespace": namespace, "annotations": {
            "kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters."
        }}}),
    ]
}

/// What the API server says of the control plane's parts, should somebody still ask.
fn component_statuses() -> [Value; 3] {
    ["controller-manager", "etcd-0", "scheduler"].map(|name| {
        json!({"apiVersion": "v1", "kind": "ComponentStatus", "metadata": {"name": name},
            "conditions": [{"type": "Healthy", "status": "True", "message": "ok"}]})
    })
}

fn priority_classes() -> [Value; 2] {
    let class = |name: &str, value: i64, description: &str| {
        json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name},
            "value": value, "description": description})
    };
    [
        class(
            "system-cluster-critical",
            2_000_000_000,
            "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
        ),
        class(
            "system-node-critical",
            2_000_001_000,
            "Used for system critical pods that must not be moved from their current node.",
        ),
    ]
}

/// The address at `offset` of the service range.
pub fn service_ip(config: &ClusterConfig, offset: u32) -> String {
    let first = config.service_cidr.split('/').next().and_then(|a| a.parse::<std::net::Ipv4Addr>().ok());
    first.map_or_else(String::new, |a| std::net::Ipv4Addr::from_bits(a.to_bits() + offset).to_string())
}

/// Where the API server is reached inside: beside the nodes.
fn control_plane_ip(config: &ClusterConfig) -> String {
    let node = config.nodes.first().map_or("10.128.0.3", |n| n.internal_ip.as_str());
    let subnet = node.rsplit_once('.').map_or("10.128.0", |(subnet, _)| subnet);
    let taken = |last: u8| config.nodes.iter().any(|n| n.internal_ip == format!("{subnet}.{last}"));
    let last = (2..=254u8).find(|last| !taken(*last)).unwrap_or(2);
    format!("{subnet}.{last}")
}

pub fn kubernetes_service(config: &ClusterConfig) -> [Value; 3] {
    let address = control_plane_ip(config);
    [
        json!({"apiVersion": "v1", "kind": "Service",
            "metadata": {"name": "kubernetes", "namespace": "default",
                "labels": {"component": "apiserver", "provider": "kubernetes"}},
            "spec": {"clusterIP": service_ip(config, 1), "type": "ClusterIP",
                "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 443}]}}),
        json!({"apiVersion": "v1", "kind": "Endpoints",
            "metadata": {"name": "kubernetes", "namespace": "default",
                "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"}},
            "subsets": [{"addresses": [{"ip": address}], "ports": [{"name": "https", "port": 443, "protocol": "TCP"}]}]}),
        json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {"name": "kubernetes", "namespace": "default",
                "labels": {"kubernetes.io/service-name": "kubernetes"}},
            "endpoints": [{"addresses": [address], "conditions": {"ready": true}}],
            "ports": [{"name": "https", "port": 443, "protocol": "TCP"}]}),
    ]
}

fn dns_service(config: &ClusterConfig) -> Value {
    json!({"apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "kube-dns", "namespace": "kube-system", "labels": {
            "k8s-app": "kube-dns", "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "KubeDNS"}},
        "spec": {"clusterIP": service_ip(config, 10), "selector": {"k8s-app": "kube-dns"}, "ports": [
            {"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 53},
            {"name": "dns-tcp", "port": 53, "protocol": "TCP", "targetPort": 53}]}})
}

/// The heartbeat object that `describe node` shows.
pub fn node_lease(node: &NodeConfig, now: SimTime) -> Value {
    debug_assert!(table::find_kind("coordination.k8s.io", "v1", "Lease").is_some());
    json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"name": node.name, "namespace": "kube-node-lease"},
        "spec": {"holderIdentity": node.name, "leaseDurationSeconds": 40,
            "renewTime": now.timestamp().strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()}})
}

pub fn node(config: &ClusterConfig, index: usize, born: SimTime) -> Value {
    let node = &config.nodes[index];
    let mut labels = Map::new();
    for (key, value) in [
        ("beta.kubernetes.io/arch", "amd64"),
        ("beta.kubernetes.io/instance-type", &node.machine_type),
        ("beta.kubernetes.io/os", "linux"),
        ("failure-domain.beta.kubernetes.io/region", &node.region),
        ("failure-domain.beta.kubernetes.io/zone", &node.zone),
        ("kubernetes.io/arch", "amd64"),
        ("kubernetes.io/hostname", &node.name),
        ("kubernetes.io/os", "linux"),
        ("node.kubernetes.io/instance-type", &node.machine_type),
        ("topology.kubernetes.io/region", &node.region),
        ("topology.kubernetes.io/zone", &node.zone),
    ] {
        labels.insert(key.to_owned(), json!(value));
    }
    labels.extend(node.labels.iter().map(|(key, value)| (key.clone(), json!(value))));
    let mut annotations = Map::new();
    annotations.insert("node.alpha.kubernetes.io/ttl".to_owned(), json!("0"));
    annotations.extend(node.annotations.iter().map(|(key, value)| (key.clone(), json!(value))));
    let mut addresses = vec![json!({"type": "InternalIP", "address": node.internal_ip})];
    addresses.extend(node.external_ip.iter().map(|ip| json!({"type": "ExternalIP", "address": ip})));
    addresses.push(json!({"type": "Hostname", "address": node.name}));
    json!({"apiVersion": "v1", "kind": "Node",
    "metadata": {"name": node.name, "labels": labels, "annotations": annotations},
    "spec": {"podCIDR": node.pod_cidr, "podCIDRs": [node.pod_cidr],
        "providerID": node.provider_id},
    "status": {
        "addresses": addresses,
        "allocatable": amounts(&node.allocatable), "capacity": amounts(&node.capacity),
        "conditions": node_conditions(config.now, born),
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "declaredFeatures": ["ExtendWebSocketsToKubelet", "InPlacePodLevelResourcesVerticalScaling",
            "InPlacePodVerticalScalingInitContainers", "RestartAllContainersOnContainerExits"],
        "features": {"supplementalGroupsPolicy": true},
        "nodeInfo": node_info(config, node),
        "runtimeHandlers": [
            {"name": "", "features": {"recursiveReadOnlyMounts": true, "userNamespaces": true}},
            {"name": "runc", "features": {"recursiveReadOnlyMounts": true, "userNamespaces": true}}],
    }})
}

fn amounts(resources: &crate::cluster::Resources) -> Value {
    json!({"cpu": resources.cpu, "memory": resources.memory, "pods": resources.pods,
        "ephemeral-storage": resources.ephemeral_storage, "hugepages-1Gi": "0", "hugepages-2Mi": "0"})
}

fn node_conditions(now: SimTime, born: SimTime) -> Vec<Value> {
    [
        ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ]
    .into_iter()
    .map(|(type_, status, reason, message)| {
        json!({"type": type_, "status": status, "reason": reason, "message": message,
            "lastHeartbeatTime": now.rfc3339(), "lastTransitionTime": born.rfc3339()})
    })
    .collect()
}

fn node_info(config: &ClusterConfig, node: &NodeConfig) -> Value {
    let mut draw = config.seed.stream(&format!("node-info/{}", node.name));
    let machine = draw.hex(32);
    let dashed =
        [&machine[..8], &machine[8..12], &machine[12..16], &machine[16..20], &machine[20..]].join("-");
    json!({"architecture": "amd64", "bootID": draw.uuid(), "containerRuntimeVersion": node.container_runtime,
        "kernelVersion": node.kernel_version, "kubeProxyVersion": "", "kubeletVersion": node.kubelet_version,
        "machineID": machine, "operatingSystem": "linux", "osImage": node.os_image, "systemUUID": dashed})
}
