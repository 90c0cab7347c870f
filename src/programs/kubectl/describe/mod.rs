//! `kubectl describe`: pages as upstream's describe.go lays them out. Pure: the command has fetched the object
//! and what belongs to it; nothing here asks the cluster.

mod containers;
mod events;
mod generic;
mod multiline;
mod network;
mod nodes;
mod page;
mod pods;
mod policy;
mod services;
mod storage;
mod volumes;
mod workloads;

pub use events::sort_events;
pub use workloads::pod_template_raw;

use page::Page;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a page is made of.
pub struct Subject<'a> {
    pub object: &'a Value,
    /// `None` with `--show-events=false`.
    pub events: Option<Vec<Value>>,
    /// Related objects by plural resource name ("pods", "replicasets", "endpointslices", ...).
    pub related: BTreeMap<&'static str, Vec<Value>>,
    /// Milliseconds since the epoch.
    pub now_ms: i64,
}

impl Subject<'_> {
    fn related(&self, resource: &str) -> &[Value] {
        self.related.get(resource).map_or(&[], Vec::as_slice)
    }
}

/// The lists that the page of a kind needs besides the object and its events.
pub fn needs(kind: &str) -> &'static [&'static str] {
    match kind {
        "Deployment" => &["replicasets"],
        "ReplicaSet" | "StatefulSet" | "DaemonSet" | "ReplicationController" | "PersistentVolumeClaim" => {
            &["pods"]
        }
        "Service" => &["endpointslices"],
        "Ingress" => &["services", "endpointslices"],
        "Node" => &["pods", "leases"],
        "Namespace" => &["resourcequotas", "limitranges"],
        _ => &[],
    }
}

/// Whether upstream looks for events of this kind.
pub fn shows_events(kind: &str) -> bool {
    !matches!(
        kind,
        "Namespace"
            | "Secret"
            | "ResourceQuota"
            | "LimitRange"
            | "Role"
            | "RoleBinding"
            | "ClusterRole"
            | "ClusterRoleBinding"
            | "NetworkPolicy"
    )
}

/// The page of one object.
pub fn describe(subject: &Subject<'_>) -> String {
    let mut page = Page::new(subject.now_ms);
    let kind = subject.object.get("kind").and_then(Value::as_str).unwrap_or_default();
    match kind {
        "Pod" => pods::pod(subject, &mut page),
        "Deployment" => workloads::deployment(subject, &mut page),
        "ReplicaSet" => workloads::replica_set(subject, &mut page),
        "ReplicationController" => workloads::replication_controller(subject, &mut page),
        "StatefulSet" => workloads::stateful_set(subject, &mut page),
        "DaemonSet" => workloads::daemon_set(subject, &mut page),
        "Job" => workloads::job(subject, &mut page),
        "CronJob" => workloads::cron_job(subject, &mut page),
        "Service" => services::service(subject, &mut page),
        "Endpoints" => services::endpoints(subject, &mut page),
        "EndpointSlice" => services::endpoint_slice(subject, &mut page),
        "Ingress" => services::ingress(subject, &mut page),
        "Node" => nodes::node(subject, &mut page),
        "Namespace" => policy::namespace(subject, &mut page),
        "ResourceQuota" => policy::quota(subject, &mut page),
        "LimitRange" => policy::limit_range(subject, &mut page),
        "ServiceAccount" => policy::service_account(subject, &mut page),
        "Role" | "ClusterRole" => policy::role(subject, &mut page),
        "RoleBinding" | "ClusterRoleBinding" => policy::role_binding(subject, &mut page),
        "PodDisruptionBudget" => policy::disruption_budget(subject, &mut page),
        "PriorityClass" => policy::priority_class(subject, &mut page),
        "HorizontalPodAutoscaler" => policy::autoscaler(subject, &mut page),
        "NetworkPolicy" => network::policy(subject, &mut page),
        "IngressClass" => network::ingress_class(subject, &mut page),
        "ConfigMap" => storage::config_map(subject, &mut page),
        "Secret" => storage::secret(subject, &mut page),
        "PersistentVolume" => storage::volume(subject, &mut page),
        "PersistentVolumeClaim" => storage::claim(subject, &mut page),
        "StorageClass" => storage::class(subject, &mut page),
        _ => generic::any(subject, &mut page),
    }
    if let Some(events) = subject.events.as_ref().filter(|_| shows_events(kind)) {
        events::write(&mut page, events);
    }
    page.finish()
}

#[cfg(test)]
mod tests;
