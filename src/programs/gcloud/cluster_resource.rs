//! Clusters, their pools and operations as the Kubernetes API of Google shows them. Must never change one.

use serde_json::{Value, json};

use super::locations::link;
use crate::base::SimTime;
use crate::cloud::gke::{GKE_VERSION, GkeCluster, NodePool};
use crate::cloud::operations::Operation;
use crate::cloud::project::Project;
use crate::image::Digest;

/// A cluster.
pub fn cluster(cluster: &GkeCluster, project: &Project, now: SimTime) -> Value {
    let (name, location) = (&cluster.spec.name, &cluster.spec.location);
    let region = if project.is_region(location) { location.as_str() } else { region_of(location) };
    let zones = project.node_zones(location);
    let network = format!("projects/{}/global/networks/default", project.id);
    let subnetwork = format!("projects/{}/regions/{region}/subnetworks/default", project.id);
    let endpoint = &cluster.endpoint;
    let pools: Vec<Value> = cluster.pools.iter().map(|pool| node_pool(cluster, pool, project)).collect();
    let mut value = json!({
        "addonsConfig": {
            "dnsCacheConfig": { "enabled": true },
            "gcePersistentDiskCsiDriverConfig": { "enabled": true },
            "horizontalPodAutoscaling": {},
            "httpLoadBalancing": {},
            "kubernetesDashboard": { "disabled": true },
            "networkPolicyConfig": { "disabled": true },
        },
        "autoscaling": { "autoscalingProfile": "BALANCED" },
        "clusterIpv4Cidr": "10.148.0.0/14",
        "controlPlaneEndpointsConfig": {
            "dnsEndpointConfig": {
                "allowExternalTraffic": false,
                "endpoint": format!("gke-{}-{}.{region}.gke.goog", &Digest::of(cluster.key().as_bytes()).hex()[..32], project.number),
            },
            "ipEndpointsConfig": {
                "enablePublicEndpoint": true, "enabled": true, "privateEndpoint": "10.128.0.139", "publicEndpoint": endpoint,
            },
        },
        "createTime": cluster.created.rfc3339().replace('Z', "+00:00"),
        "currentMasterVersion": GKE_VERSION,
        "currentNodeCount": cluster.node_count(),
        "currentNodeVersion": GKE_VERSION,
        "databaseEncryption": { "currentState": "CURRENT_STATE_DECRYPTED", "state": "DECRYPTED" },
        "defaultMaxPodsConstraint": { "maxPodsPerNode": "110" },
        "endpoint": endpoint,
        "initialClusterVersion": GKE_VERSION,
        "initialNodeCount": cluster.spec.nodes,
        "ipAllocationPolicy": { "clusterIpv4Cidr": "10.148.0.0/14", "stackType": "IPV4", "useIpAliases": true },
        "labelFingerprint": "a9dc16a7",
        "legacyAbac": {},
        "location": location,
        "locations": zones,
        "loggingService": "logging.googleapis.com/kubernetes",
        "masterAuth": { "clientCertificateConfig": {} },
        "monitoringService": "monitoring.googleapis.com/kubernetes",
        "name": name,
        "network": "default",
        "networkConfig": { "network": network, "subnetwork": subnetwork },
        "nodeConfig": pools.first().map_or(Value::Null, |pool| pool["config"].clone()),
        "nodePools": pools,
        "releaseChannel": { "channel": "REGULAR" },
        "selfLink": link(&project.id, location, name),
        "servicesIpv4Cidr": "34.118.224.0/20",
        "status": cluster.status.word(),
        "subnetwork": "default",
        "zone": location,
    });
    if !cluster.labels.is_empty() {
        value["resourceLabels"] = json!(cluster.labels);
    }
    for (addon, enabled) in &cluster.addons {
        if let Some(field) = addon_field(addon) {
            value["addonsConfig"][field] = if *enabled { json!({}) } else { json!({ "disabled": true }) };
        }
    }
    match cluster.channel.to_uppercase().as_str() {
        "NONE" => value["releaseChannel"] = json!({}),
        channel => value["releaseChannel"]["channel"] = json!(channel),
    }
    if cluster.resizes.iter().any(|resize| resize.done > now) {
        value["status"] = json!("RECONCILING");
    }
    sorted(value)
}

/// Where the API keeps an add-on.
fn addon_field(addon: &str) -> Option<&'static str> {
    match addon {
        "HorizontalPodAutoscaling" => Some("horizontalPodAutoscaling"),
        "HttpLoadBalancing" => Some("httpLoadBalancing"),
        "KubernetesDashboard" => Some("kubernetesDashboard"),
        "NetworkPolicy" => Some("networkPolicyConfig"),
        _ => None,
    }
}

/// A pool.
pub fn node_pool(cluster: &GkeCluster, pool: &NodePool, project: &Project) -> Value {
    let (name, location) = (&cluster.spec.name, &cluster.spec.location);
    let mut value = json!({
        "config": {
            "diskSizeGb": pool.disk_gb,
            "diskType": "pd-balanced",
            "imageType": "COS_CONTAINERD",
            "machineType": pool.machine_type,
            "metadata": { "disable-legacy-endpoints": "true" },
            "oauthScopes": [
                "https://www.googleapis.com/auth/devstorage.read_only",
                "https://www.googleapis.com/auth/logging.write",
                "https://www.googleapis.com/auth/monitoring",
                "https://www.googleapis.com/auth/service.management.readonly",
                "https://www.googleapis.com/auth/servicecontrol",
                "https://www.googleapis.com/auth/trace.append",
            ],
            "serviceAccount": "default",
            "shieldedInstanceConfig": { "enableIntegrityMonitoring": true },
        },
        "initialNodeCount": pool.nodes,
        "locations": pool.zones,
        "management": { "autoRepair": true, "autoUpgrade": true },
        "maxPodsConstraint": { "maxPodsPerNode": "110" },
        "name": pool.name,
        "podIpv4CidrSize": 24,
        "selfLink": format!("{}/nodePools/{}", link(&project.id, location, name), pool.name),
        "status": "RUNNING",
        "upgradeSettings": { "maxSurge": 1, "strategy": "SURGE" },
        "version": GKE_VERSION,
    });
    if let Some((least, most)) = pool.autoscaling {
        value["autoscaling"] = json!({ "enabled": true, "maxNodeCount": most, "minNodeCount": least });
    }
    sorted(value)
}

/// Fields in the order of their names.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut fields: Vec<(String, Value)> = map.into_iter().collect();
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(fields.into_iter().collect())
        }
        other => other,
    }
}

/// An operation.
pub fn operation(operation: &Operation, project: &Project, now: SimTime) -> Value {
    let mut value = json!({
        "name": operation.id,
        "operationType": operation.kind,
        "selfLink": format!(
            "https://container.googleapis.com/v1/projects/{}/zones/{}/operations/{}",
            project.number, operation.zone, operation.id
        ),
        "startTime": operation.began.rfc3339_nanos(),
        "status": if operation.ends <= now { "DONE" } else { "RUNNING" },
        "targetLink": operation.target,
        "zone": operation.zone,
    });
    if operation.ends <= now {
        value["endTime"] = json!(operation.ends.rfc3339_nanos());
    }
    value
}

/// The region of a zone.
pub fn region_of(zone: &str) -> &str {
    zone.rsplit_once('-').map_or(zone, |(region, _)| region)
}
