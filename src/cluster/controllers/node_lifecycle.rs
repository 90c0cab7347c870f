//! The node lifecycle controller: a node's conditions and its cordon become taints. Evicts nothing; the taint eviction
//! controller does. As pkg/controller/nodelifecycle.

use k8s_openapi::api::core::v1::{Node, Taint};

use super::{Controller, Ctx, Outcome};
use crate::cluster::object::{Key, KindId};
use crate::cluster::store::{Change, Store};
use crate::cluster::time_of;

/// A condition, the status of it that makes a taint, and the taint's key.
const CONDITIONS: &[(&str, &str, &str)] = &[
    ("Ready", "False", "node.kubernetes.io/not-ready"),
    ("Ready", "Unknown", "node.kubernetes.io/unreachable"),
    ("MemoryPressure", "True", "node.kubernetes.io/memory-pressure"),
    ("DiskPressure", "True", "node.kubernetes.io/disk-pressure"),
    ("PIDPressure", "True", "node.kubernetes.io/pid-pressure"),
    ("NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"),
];
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";
/// The keys that also drive pods away.
const EXECUTED: &[&str] = &["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

pub struct NodeLifecycleController;

impl Controller for NodeLifecycleController {
    fn name(&self) -> &'static str {
        "node-controller"
    }

    fn wakes_for(&self, change: &Change, _store: &Store, keys: &mut Vec<Key>) {
        if change.key.kind == KindId::Node && change.new.is_some() {
            keys.push(change.key.clone());
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(node) = ctx.get_key::<Node>(key) else { return Outcome::Done };
        let wanted = wanted(&node);
        let present: Vec<Taint> = node.spec.as_ref().and_then(|s| s.taints.clone()).unwrap_or_default();
        let is_wanted = |t: &Taint| wanted.iter().any(|(key, effect)| t.key == *key && t.effect == *effect);
        let mut taints: Vec<Taint> =
            present.iter().filter(|t| !is_ours(t) || is_wanted(t)).cloned().collect();
        for (key, effect) in &wanted {
            if !taints.iter().any(|t| t.key == *key && t.effect == *effect) {
                taints.push(Taint {
                    key: (*key).to_owned(),
                    effect: (*effect).to_owned(),
                    time_added: Some(time_of(ctx.now)),
                    value: None,
                });
            }
        }
        if taints == present {
            return Outcome::Done;
        }
        let mut copy = Node::clone(&node);
        copy.spec.get_or_insert_default().taints = Some(taints).filter(|t| !t.is_empty());
        match ctx.update(copy) {
            Ok(_) => Outcome::Done,
            Err(_) => Outcome::Retry,
        }
    }
}

fn is_ours(taint: &Taint) -> bool {
    taint.key == UNSCHEDULABLE || CONDITIONS.iter().any(|(_, _, key)| taint.key == *key)
}

/// Key and effect of the taints that the node should have from this controller.
fn wanted(node: &Node) -> Vec<(&'static str, &'static str)> {
    let conditions = node.status.as_ref().and_then(|s| s.conditions.as_ref());
    let holds = |type_: &str, status: &str| {
        conditions.into_iter().flatten().any(|c| c.type_ == type_ && c.status == status)
    };
    let mut wanted = Vec::new();
    for (_, _, key) in CONDITIONS.iter().filter(|(type_, status, _)| holds(type_, status)) {
        wanted.push((*key, "NoSchedule"));
        if EXECUTED.contains(key) {
            wanted.push((*key, "NoExecute"));
        }
    }
    if node.spec.as_ref().and_then(|s| s.unschedulable) == Some(true) {
        wanted.push((UNSCHEDULABLE, "NoSchedule"));
    }
    wanted
}
