//! The state in which a cluster is handed over: namespaces, nodes, the `kubernetes` service, DNS and proxies
//! already running, storage classes and the default access rules.
//!
//! Made through the API server like everything else, at the time of the cluster's birth. Names, versions,
//! addresses and ranges come from the configuration.

mod manifests;
mod roles;
mod system_pods;

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use serde_json::Value;

pub(super) use self::manifests::{kubernetes_service, of_every_namespace};
use super::NodeConfig;
use super::api::server::Caller;
use super::api::server::DeleteOptions;
use super::api::{ApiServer, codec};
use super::kinds::table;
use super::object::{Key, KindId, Object};
use crate::base::time::SimTime;

/// Fills an empty store. A manifest that the server refuses is a mistake of this module: it is skipped, and the
/// test below would see it.
pub(super) fn populate(api: &mut ApiServer) {
    let config = api.config.clone();
    let born = SimTime(config.now.0.saturating_sub(config.age_secs.saturating_mul(1000)));
    let mut start = Start { api, born, refused: Vec::new() };
    for manifest in manifests::cluster(&config) {
        start.create(&manifest);
    }
    for object in roles::all() {
        let name = object.name().to_owned();
        if let Err(status) = start.api.create(&start.caller(), object, false) {
            start.refused.push(format!("{name}: {}", status.message));
        }
    }
    for (index, node) in config.nodes.iter().enumerate() {
        start.create(&manifests::node(&config, index, born));
        start.create(&manifests::node_lease(node, config.now));
    }
    system_pods::create(&mut start, &config);
    debug_assert!(start.refused.is_empty(), "start manifests refused: {:?}", start.refused);
}

/// Adds a node to a cluster that runs: its proxy and whatever else belongs on every node follows through the
/// daemon sets.
pub(super) fn join(api: &mut ApiServer, node: NodeConfig, now: SimTime) {
    api.config.nodes.push(node);
    let config = api.config.clone();
    let index = config.nodes.len() - 1;
    let mut start = Start { api, born: now, refused: Vec::new() };
    start.create(&manifests::node(&config, index, now));
    start.create(&manifests::node_lease(&config.nodes[index], now));
    debug_assert!(start.refused.is_empty(), "node refused: {:?}", start.refused);
}

/// Takes a node away with the pods on it, as the cloud's node manager and the pod collector do.
pub(super) fn leave(api: &mut ApiServer, node: &str, now: SimTime) {
    api.config.nodes.retain(|known| known.name != node);
    let pods: Vec<Key> = api
        .store
        .each::<Pod>(None)
        .filter(|pod| pod.spec.as_ref().and_then(|s| s.node_name.as_deref()) == Some(node))
        .filter_map(|pod| {
            Some(Key::new(KindId::Pod, pod.metadata.namespace.as_deref()?, pod.metadata.name.as_deref()?))
        })
        .collect();
    let collector = Caller::controller("pod-garbage-collector", now, None);
    let at_once = DeleteOptions { grace_period_seconds: Some(0), ..DeleteOptions::default() };
    for pod in pods {
        api.delete(&collector, &pod, &at_once).ok();
    }
    let manager = Caller::controller("cloud-node-lifecycle-controller", now, None);
    api.delete(&manager, &Key::new(KindId::Lease, "kube-node-lease", node), &DeleteOptions::default()).ok();
    api.delete(&manager, &Key::new(KindId::Node, "", node), &DeleteOptions::default()).ok();
}

struct Start<'a> {
    api: &'a mut ApiServer,
    born: SimTime,
    refused: Vec<String>,
}

impl Start<'_> {
    fn caller(&self) -> Caller {
        Caller::controller("kube-apiserver", self.born, None)
    }

    /// Creates an object from its JSON and gives it the status that the JSON has.
    fn create(&mut self, manifest: &Value) -> Option<std::rc::Rc<Object>> {
        let text = |field: &str| manifest[field].as_str().unwrap_or_default();
        let (group, version) = text("apiVersion").split_once('/').unwrap_or(("", text("apiVersion")));
        let kind = table::find_kind(group, version, text("kind")).and_then(|r| r.id);
        let decoded = kind.ok_or_else(|| "unknown kind".to_owned()).and_then(|k| codec::decode(k, manifest));
        let created = decoded.and_then(|decoded| {
            let object = decoded.object;
            let mut stored = self.api.create(&self.caller(), object.clone(), false).map_err(|s| s.message)?;
            if manifest.get("status").is_some() {
                let mut with_status = object;
                with_status.meta_mut().name = stored.meta().name.clone();
                with_status.meta_mut().namespace = stored.meta().namespace.clone();
                with_status.meta_mut().labels = stored.meta().labels.clone();
                with_status.meta_mut().annotations = stored.meta().annotations.clone();
                let part = super::api::server::Part::Status;
                stored = self.api.update(&self.caller(), with_status, part, false).map_err(|s| s.message)?;
            }
            Ok(stored)
        });
        created.map_err(|why| self.refused.push(format!("{}: {why}", manifest["metadata"]["name"]))).ok()
    }

    /// A moment after the cluster's birth.
    fn after(&self, seconds: u64) -> SimTime {
        self.born + Duration::from_secs(seconds)
    }
}

#[cfg(test)]
mod tests {
    use crate::base::seed::Seed;
    use crate::base::time::SimTime;
    use crate::cluster::object::KindId;
    use crate::cluster::{Cluster, ClusterConfig};

    #[test]
    fn a_new_cluster_has_its_nodes_its_dns_and_the_kubernetes_service() {
        let config = ClusterConfig::example(Seed(7), SimTime::from_secs(1_795_000_000), 3);
        let cluster = Cluster::new(config);
        let store = cluster.store();
        assert_eq!(store.count(KindId::Namespace), 4);
        assert_eq!(store.count(KindId::Node), 3);
        assert_eq!(store.count(KindId::Pod), 5);
        assert_eq!(store.count(KindId::StorageClass), 1);
        assert!(store.get(KindId::Service, "default", "kubernetes").is_some());
        assert!(store.get(KindId::ServiceAccount, "default", "default").is_some());
        assert!(store.get(KindId::ConfigMap, "kube-system", "kube-root-ca.crt").is_some());
    }
}
