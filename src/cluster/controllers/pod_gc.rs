//! Pod garbage collection: pods of a node that is gone are ended and deleted. As pkg/controller/podgc.

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;

use super::{Controller, Ctx, Outcome, pod_state};
use crate::cluster::api::Status;
use crate::cluster::api::server::DeleteOptions;
use crate::cluster::object::{Key, KindId, Typed};
use crate::cluster::store::{Change, Store};

/// A node that was not there is looked for again after 40 s, at the next of the rounds that are made every 20 s.
const QUARANTINE: Duration = Duration::from_secs(60);

pub struct PodGarbageCollector;

impl Controller for PodGarbageCollector {
    fn name(&self) -> &'static str {
        "pod-garbage-collector"
    }

    fn latency(&self, _store: &Store) -> Duration {
        QUARANTINE
    }

    /// Its keys are nodes.
    fn wakes_for(&self, change: &Change, store: &Store, keys: &mut Vec<Key>) {
        let gone = |name: &str| !name.is_empty() && store.get(KindId::Node, "", name).is_none();
        let node = match change.key.kind {
            KindId::Node => &*change.key.name,
            KindId::Pod => change.new_as::<Pod>().map(pod_state::node_name).unwrap_or_default(),
            _ => return,
        };
        keys.extend(gone(node).then(|| Key::new(KindId::Node, "", node)));
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        if ctx.store().get(KindId::Node, "", &key.name).is_some() {
            return Outcome::Done;
        }
        let pods: Vec<Typed<Pod>> =
            ctx.store().pods_on(&key.name).filter_map(|pod| Typed::new(pod.clone())).collect();
        match pods.iter().try_for_each(|pod| collect(pod, ctx)) {
            Ok(()) => Outcome::Done,
            Err(_) => Outcome::Retry,
        }
    }
}

fn collect(pod: &Typed<Pod>, ctx: &mut Ctx) -> Result<(), Status> {
    if !pod_state::is_finished(pod) {
        let mut copy = pod_state::disrupted(pod, "DeletionByPodGC", "PodGC: node no longer exists", ctx.now);
        copy.status.get_or_insert_default().phase = Some("Failed".to_owned());
        ctx.update_status(copy)?;
    }
    ctx.delete_with(&pod.key(), &DeleteOptions { grace_period_seconds: Some(0), ..DeleteOptions::default() })
}
