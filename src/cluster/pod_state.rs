//! What controllers ask of a pod: is it ready, since when, is it available, does it still count.
//! Reads status only; never decides what a pod's status should be (the kubelet does).

use std::time::Duration;

use k8s_openapi::api::core::v1::{Pod, PodCondition};

use crate::base::time::SimTime;
use crate::cluster::store::Change;
use crate::cluster::time_of;

/// The condition of one type, if the kubelet or scheduler has set it.
pub fn condition<'a>(pod: &'a Pod, kind: &str) -> Option<&'a PodCondition> {
    pod.status.as_ref()?.conditions.as_ref()?.iter().find(|c| c.type_ == kind)
}

/// The Ready condition is True. Running is not Ready.
pub fn is_ready(pod: &Pod) -> bool {
    condition(pod, "Ready").is_some_and(|c| c.status == "True")
}

/// Since when the pod is ready; `None` while it is not.
pub fn ready_since(pod: &Pod) -> Option<SimTime> {
    let ready = condition(pod, "Ready").filter(|c| c.status == "True")?;
    ready.last_transition_time.as_ref().map(|t| SimTime::from_timestamp(t.0))
}

/// Ready for at least `min_ready_seconds` (podutil.IsPodAvailable).
pub fn is_available(pod: &Pod, min_ready_seconds: i32, now: SimTime) -> bool {
    available_at(pod, min_ready_seconds).is_some_and(|at| at <= now)
}

/// When a ready pod becomes available; `None` while it is not ready.
pub fn available_at(pod: &Pod, min_ready_seconds: i32) -> Option<SimTime> {
    let since = ready_since(pod)?;
    match u64::try_from(min_ready_seconds) {
        Ok(0) | Err(_) => Some(since),
        Ok(seconds) => Some(since + Duration::from_secs(seconds)),
    }
}

/// The phase; `Pending` before anyone has written a status.
pub fn phase(pod: &Pod) -> &str {
    pod.status.as_ref().and_then(|s| s.phase.as_deref()).unwrap_or("Pending")
}

/// Succeeded or Failed: its containers will not run again.
pub fn is_finished(pod: &Pod) -> bool {
    matches!(phase(pod), "Succeeded" | "Failed")
}

/// Someone asked for its deletion.
pub fn is_deleting(pod: &Pod) -> bool {
    pod.metadata.deletion_timestamp.is_some()
}

/// Neither finished nor being deleted: it counts as a replica (controller.IsPodActive).
pub fn is_active(pod: &Pod) -> bool {
    !is_finished(pod) && !is_deleting(pod)
}

/// Being deleted but not finished (controller.IsPodTerminating).
pub fn is_terminating(pod: &Pod) -> bool {
    !is_finished(pod) && is_deleting(pod)
}

/// Does the change alter how a pod counts for those who own or select it: labels, owners, readiness, end?
pub fn counts_differently(change: &Change) -> bool {
    let (Some(old), Some(new)) = (change.old_as::<Pod>(), change.new_as::<Pod>()) else { return true };
    let facts = |pod| (ready_since(pod), is_deleting(pod), is_finished(pod));
    let (before, after) = (&old.metadata, &new.metadata);
    facts(old) != facts(new)
        || before.labels != after.labels
        || before.owner_references != after.owner_references
}

/// The pod with the condition that says why it goes: what disrupts pods writes it before it deletes them.
pub fn disrupted(pod: &Pod, reason: &str, message: &str, now: SimTime) -> Pod {
    let mut copy = pod.clone();
    let conditions = copy.status.get_or_insert_default().conditions.get_or_insert_default();
    conditions.retain(|c| c.type_ != "DisruptionTarget");
    conditions.push(PodCondition {
        type_: "DisruptionTarget".to_owned(),
        status: "True".to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message.to_owned()),
        last_transition_time: Some(time_of(now)),
        observed_generation: pod.metadata.generation,
        last_probe_time: None,
    });
    copy
}

/// The node the pod is bound to; empty while it is not.
pub fn node_name(pod: &Pod) -> &str {
    pod.spec.as_ref().and_then(|s| s.node_name.as_deref()).unwrap_or_default()
}
