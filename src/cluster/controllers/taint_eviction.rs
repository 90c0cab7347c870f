//! The taint eviction controller: pods leave a node whose NoExecute taints they do not tolerate, at once or when the
//! time of their toleration is over. As pkg/controller/tainteviction.

use std::time::Duration;

use k8s_openapi::api::core::v1::{Node, Pod, Taint};

use super::{Controller, Ctx, Outcome, pod_state};
use crate::base::time::SimTime;
use crate::cluster::api::Status;
use crate::cluster::node::tolerates;
use crate::cluster::object::{Key, Kind, KindId, Typed};
use crate::cluster::sim_time;
use crate::cluster::store::{Change, Store};

pub struct TaintEvictionController;

impl Controller for TaintEvictionController {
    fn name(&self) -> &'static str {
        "taint-eviction-controller"
    }

    fn wakes_for(&self, change: &Change, store: &Store, keys: &mut Vec<Key>) {
        let taints = |object: &crate::cluster::object::Object| {
            Node::of(object).and_then(|n| n.spec.as_ref()).and_then(|s| s.taints.clone())
        };
        match change.key.kind {
            KindId::Node => {
                let (old, new) =
                    (change.old.as_deref().and_then(taints), change.new.as_deref().and_then(taints));
                if old != new {
                    keys.extend(store.pods_on(&change.key.name).map(|p| p.key()));
                }
            }
            KindId::Pod => {
                let node = change.new_as::<Pod>().map(pod_state::node_name).filter(|n| !n.is_empty());
                let was = change.old_as::<Pod>().map(pod_state::node_name).filter(|n| !n.is_empty());
                if node.is_some() && was.is_none() {
                    keys.push(change.key.clone());
                }
            }
            _ => {}
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(pod) = ctx.get_key::<Pod>(key) else { return Outcome::Done };
        let Some(node) = ctx.get::<Node>("", pod_state::node_name(&pod)) else { return Outcome::Done };
        if pod_state::is_deleting(&pod) {
            return Outcome::Done;
        }
        let Some(at) = leaves_at(&pod, &node, ctx.now) else { return Outcome::Done };
        if ctx.now < at {
            return Outcome::RequeueAt(at);
        }
        match evict(&pod, ctx) {
            Ok(()) => Outcome::Done,
            Err(_) => Outcome::Retry,
        }
    }
}

/// When the pod must leave the node; `None` while it may stay.
fn leaves_at(pod: &Pod, node: &Node, now: SimTime) -> Option<SimTime> {
    let taints = node.spec.as_ref().and_then(|s| s.taints.as_ref());
    let mut taints = taints.into_iter().flatten().filter(|t| t.effect == "NoExecute").peekable();
    taints.peek()?;
    let tolerations = pod.spec.as_ref().and_then(|s| s.tolerations.as_deref()).unwrap_or_default();
    let mut leaves: Option<SimTime> = None;
    for taint in taints {
        let mut tolerated = tolerations.iter().filter(|t| tolerates(t, taint)).peekable();
        if tolerated.peek().is_none() {
            return Some(now);
        }
        // The shortest toleration counts; one without a time lasts for ever.
        let seconds = tolerated.filter_map(|t| t.toleration_seconds).min();
        let until = seconds.map(|s| since(taint, now) + Duration::from_secs(u64::try_from(s).unwrap_or(0)));
        leaves = leaves.into_iter().chain(until).min();
    }
    leaves
}

fn since(taint: &Taint, now: SimTime) -> SimTime {
    taint.time_added.as_ref().map_or(now, sim_time)
}

fn evict(pod: &Typed<Pod>, ctx: &mut Ctx) -> Result<(), Status> {
    let message = format!("Marking for deletion Pod {}", pod.key());
    ctx.record_event(&**pod, "Normal", "TaintManagerEviction", message);
    let why = "Taint manager: deleting due to NoExecute taint";
    let copy = pod_state::disrupted(pod, "DeletionByTaintManager", why, ctx.now);
    ctx.update_status(copy)?;
    ctx.delete(&pod.key())
}
