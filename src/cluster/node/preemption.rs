//! Preemption: a pod that fits nowhere may take the place of less important ones. Chooses the node and the victims;
//! the scheduler deletes them and waits for the place. As kube-scheduler's DefaultPreemption.

use k8s_openapi::api::core::v1::Pod;

use super::claims::Claims;
use super::fit::{self, Group};
use crate::cluster::api::Status;
use crate::cluster::controllers::{Ctx, pod_state};
use crate::cluster::object::Typed;
use crate::cluster::store::Store;
use crate::cluster::usage::{Demand, NodeInfo};

/// Where a pod could go, and who would have to go for it.
pub struct Place {
    pub node: String,
    pub victims: Vec<Typed<Pod>>,
}

fn priority(pod: &Pod) -> i32 {
    pod.spec.as_ref().and_then(|s| s.priority).unwrap_or(0)
}

/// Why the pod may not look for victims now.
pub fn not_eligible(pod: &Pod, store: &Store) -> Option<&'static str> {
    let spec = pod.spec.as_ref();
    if spec.and_then(|s| s.preemption_policy.as_deref()) == Some("Never") {
        return Some("not eligible due to preemptionPolicy=Never.");
    }
    let nominated = pod.status.as_ref().and_then(|s| s.nominated_node_name.as_deref())?;
    let mut leaving = store.pods_on(nominated).filter_map(|o| Typed::<Pod>::new(o.clone()));
    let waits = leaving.any(|p| pod_state::is_terminating(&p) && priority(&p) < priority(pod));
    waits.then_some("not eligible due to terminating pod on the nominated node.")
}

/// The node as it will be once the pods that others were sent away for have come; `None` when no place is kept
/// against this pod.
pub fn kept_places(pod: &Pod, node: &str, info: &NodeInfo, store: &Store) -> Option<NodeInfo> {
    let before_it = |other: &&Pod| priority(other) >= priority(pod) && other.metadata.uid != pod.metadata.uid;
    let mut kept = None;
    for other in store.usage().nominated(node).filter(before_it) {
        kept.get_or_insert_with(|| info.clone()).count(other, true);
    }
    kept
}

/// The node where the least important victims make room.
pub fn find(pod: &Pod, claims: &Claims, store: &Store) -> Option<Place> {
    let demand = Demand::of(pod);
    let group = Group::new(pod, store);
    let places = store.usage().nodes().filter_map(|(name, info)| {
        let kept = kept_places(pod, name, info, store);
        let info = kept.as_ref().unwrap_or(info);
        let hopeless = fit::misfit(pod, &demand, info, &group).is_some_and(|m| m.unresolvable);
        if hopeless || claims.misfit(name, store).is_some() {
            return None;
        }
        let victims = victims(pod, &demand, name, info, &group, store)?;
        Some(Place { node: name.to_owned(), victims })
    });
    // The lowest of the highest priorities, then the lowest sum, then the fewest victims, then the first node.
    places.min_by_key(|place| {
        let of = || place.victims.iter().map(|v| i64::from(priority(v)));
        (of().max(), of().map(|p| p - i64::from(i32::MIN)).sum::<i64>(), place.victims.len())
    })
}

/// Takes all less important pods away, then gives back as many as fit beside the pod, the most important first.
fn victims(
    pod: &Pod,
    demand: &Demand,
    node: &str,
    info: &NodeInfo,
    group: &Group,
    store: &Store,
) -> Option<Vec<Typed<Pod>>> {
    let on_node = store.pods_on(node).filter_map(|o| Typed::<Pod>::new(o.clone()));
    let mut lower: Vec<Typed<Pod>> =
        on_node.filter(|p| !pod_state::is_finished(p) && priority(p) < priority(pod)).collect();
    if lower.is_empty() {
        return None;
    }
    let mut rest = info.clone();
    lower.iter().for_each(|p| rest.count(p, false));
    if fit::misfit(pod, demand, &rest, group).is_some() {
        return None;
    }
    lower.sort_by(|a, b| priority(b).cmp(&priority(a)).then_with(|| a.name().cmp(b.name())));
    lower.retain(|candidate| {
        rest.count(candidate, true);
        let crowded = fit::misfit(pod, demand, &rest, group).is_some();
        if crowded {
            rest.count(candidate, false);
        }
        crowded
    });
    Some(lower)
}

/// Sends the victims away, with the reason in their conditions.
pub fn evict(pod: &Typed<Pod>, place: &Place, ctx: &mut Ctx) -> Result<(), Status> {
    for victim in place.victims.iter().filter(|v| !pod_state::is_deleting(v)) {
        let why = "default-scheduler: preempting to accommodate a higher priority pod";
        let copy = pod_state::disrupted(victim, "PreemptionByScheduler", why, ctx.now);
        ctx.update_status(copy)?;
        ctx.delete(&victim.key())?;
        let note = format!("Preempted by pod {} on node {}", pod.uid(), place.node);
        ctx.record_new_event(&**victim, "Normal", "Preempted", "Preempting", note);
    }
    Ok(())
}
