//! A Deployment's status: counts, the Available and Progressing conditions in the order in which they are set, and
//! the progress deadline. Computes; the caller writes. As deployment/progress.go and sync.go, calculateStatus.

use std::time::Duration;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::arithmetic::{available, max_unavailable, size, wanted};
use crate::base::time::SimTime;

pub const AVAILABLE: &str = "Available";
pub const PROGRESSING: &str = "Progressing";
const REPLICA_FAILURE: &str = "ReplicaFailure";
pub const NEW_RS_AVAILABLE: &str = "NewReplicaSetAvailable";
pub const TIMED_OUT: &str = "ProgressDeadlineExceeded";
pub const PAUSED: &str = "DeploymentPaused";
pub const RESUMED: &str = "DeploymentResumed";

/// Real deployments store `math.MaxInt32` for "no deadline".
const NO_DEADLINE: i32 = i32::MAX;

/// The deadline for progress, if the Deployment has one.
pub fn progress_deadline(d: &Deployment) -> Option<Duration> {
    let seconds = d.spec.as_ref()?.progress_deadline_seconds.filter(|s| *s != NO_DEADLINE)?;
    u64::try_from(seconds).ok().map(Duration::from_secs)
}

pub fn condition<'a>(status: Option<&'a DeploymentStatus>, kind: &str) -> Option<&'a DeploymentCondition> {
    status?.conditions.as_ref()?.iter().find(|c| c.type_ == kind)
}

pub fn new_condition(
    kind: &str,
    status: &str,
    reason: &str,
    message: String,
    now: SimTime,
) -> DeploymentCondition {
    let at = Some(Time(now.timestamp()));
    DeploymentCondition {
        type_: kind.into(),
        status: status.into(),
        reason: Some(reason.into()),
        message: Some(message),
        last_transition_time: at.clone(),
        last_update_time: at,
    }
}

/// Adds or replaces a condition; one that changes moves to the end of the list, one with the same status and reason
/// stays untouched (deploymentutil.SetDeploymentCondition).
pub fn set_condition(status: &mut DeploymentStatus, mut new: DeploymentCondition) {
    if let Some(old) = condition(Some(status), &new.type_) {
        if old.status == new.status && old.reason == new.reason {
            return;
        }
        if old.status == new.status {
            new.last_transition_time = old.last_transition_time.clone();
        }
    }
    remove_condition(status, &new.type_.clone());
    status.conditions.get_or_insert_default().push(new);
}

pub fn remove_condition(status: &mut DeploymentStatus, kind: &str) {
    if let Some(conditions) = &mut status.conditions {
        conditions.retain(|c| c.type_ != kind);
        if conditions.is_empty() {
            status.conditions = None;
        }
    }
}

/// Counts and the Available condition. `all` holds every ReplicaSet, the new one included.
pub fn calculate(
    d: &Deployment,
    all: &[&ReplicaSet],
    new_rs: Option<&ReplicaSet>,
    now: SimTime,
) -> DeploymentStatus {
    let old = d.status.clone().unwrap_or_default();
    let sum = |count: &dyn Fn(&ReplicaSet) -> i32| all.iter().map(|rs| count(rs)).sum::<i32>();
    let actual = |rs: &ReplicaSet| rs.status.as_ref().map_or(0, |s| s.replicas);
    let ready = |rs: &ReplicaSet| rs.status.as_ref().and_then(|s| s.ready_replicas).unwrap_or(0);
    let terminating = |rs: &ReplicaSet| rs.status.as_ref().and_then(|s| s.terminating_replicas).unwrap_or(0);
    let total_available = sum(&available);
    let some = |n: i32| Some(n).filter(|n| *n != 0);
    let mut status = DeploymentStatus {
        observed_generation: d.metadata.generation,
        replicas: some(sum(&actual)),
        updated_replicas: some(new_rs.map_or(0, actual)),
        ready_replicas: some(sum(&ready)),
        available_replicas: some(total_available),
        unavailable_replicas: some((sum(&size) - total_available).max(0)),
        terminating_replicas: Some(sum(&terminating)),
        collision_count: old.collision_count,
        conditions: old.conditions,
    };
    let (value, reason, message) = if total_available >= wanted(d) - max_unavailable(d) {
        ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    } else {
        ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    };
    set_condition(&mut status, new_condition(AVAILABLE, value, reason, message.into(), now));
    status
}

/// The status after a rollout step: counts, progress and the failures of ReplicaSets (syncRolloutStatus).
pub fn after_rollout(
    d: &Deployment,
    all: &[&ReplicaSet],
    new_rs: Option<&ReplicaSet>,
    now: SimTime,
) -> DeploymentStatus {
    let mut status = calculate(d, all, new_rs, now);
    if progress_deadline(d).is_none() {
        remove_condition(&mut status, PROGRESSING);
    }
    let current = condition(d.status.as_ref(), PROGRESSING);
    let finished_before = status.replicas == status.updated_replicas
        && current.is_some_and(|c| c.reason.as_deref() == Some(NEW_RS_AVAILABLE));
    if progress_deadline(d).is_some() && !finished_before {
        estimate_progress(d, new_rs, &mut status, now);
    }
    match replica_failure(all, new_rs) {
        Some(failure) => set_condition(&mut status, failure),
        None => remove_condition(&mut status, REPLICA_FAILURE),
    }
    status
}

fn estimate_progress(
    d: &Deployment,
    new_rs: Option<&ReplicaSet>,
    status: &mut DeploymentStatus,
    now: SimTime,
) {
    let subject = match new_rs {
        Some(rs) => format!("ReplicaSet {:?}", rs.metadata.name.as_deref().unwrap_or_default()),
        None => format!("Deployment {:?}", d.metadata.name.as_deref().unwrap_or_default()),
    };
    if is_complete(d, Some(status)) {
        let message = format!("{subject} has successfully progressed.");
        set_condition(status, new_condition(PROGRESSING, "True", NEW_RS_AVAILABLE, message, now));
    } else if has_progressed(d, status) {
        let message = format!("{subject} is progressing.");
        let mut new = new_condition(PROGRESSING, "True", "ReplicaSetUpdated", message, now);
        if let Some(current) = condition(d.status.as_ref(), PROGRESSING) {
            if current.status == "True" {
                new.last_transition_time = current.last_transition_time.clone();
            }
            remove_condition(status, PROGRESSING);
        }
        set_condition(status, new);
    } else if has_timed_out(d, status, now) {
        let message = format!("{subject} has timed out progressing.");
        set_condition(status, new_condition(PROGRESSING, "False", TIMED_OUT, message, now));
    }
}

/// All replicas are new and available, and nothing old runs (deploymentutil.DeploymentComplete).
pub fn is_complete(d: &Deployment, status: Option<&DeploymentStatus>) -> bool {
    let Some(s) = status else { return false };
    let all = |n: Option<i32>| n.unwrap_or(0) == wanted(d);
    all(s.updated_replicas)
        && all(s.replicas)
        && all(s.available_replicas)
        && s.observed_generation.unwrap_or(0) >= d.metadata.generation.unwrap_or(0)
}

fn has_progressed(d: &Deployment, new: &DeploymentStatus) -> bool {
    let default = DeploymentStatus::default();
    let old = d.status.as_ref().unwrap_or(&default);
    let n = |value: Option<i32>| value.unwrap_or(0);
    n(new.updated_replicas) > n(old.updated_replicas)
        || n(new.replicas) - n(new.updated_replicas) < n(old.replicas) - n(old.updated_replicas)
        || n(new.ready_replicas) > n(old.ready_replicas)
        || n(new.available_replicas) > n(old.available_replicas)
}

fn has_timed_out(d: &Deployment, status: &DeploymentStatus, now: SimTime) -> bool {
    let Some(current) = condition(Some(status), PROGRESSING) else { return false };
    match current.reason.as_deref() {
        Some(NEW_RS_AVAILABLE) => false,
        Some(TIMED_OUT) => true,
        _ => deadline_at(d, current).is_some_and(|at| at < now),
    }
}

fn deadline_at(d: &Deployment, progressing: &DeploymentCondition) -> Option<SimTime> {
    let from = SimTime::from_timestamp(progressing.last_update_time.as_ref()?.0);
    Some(from + progress_deadline(d)?)
}

/// When a Deployment without news must be looked at again, lest its deadline pass unnoticed
/// (requeueStuckDeployment; the extra second is the real one's).
pub fn next_progress_check(d: &Deployment) -> Option<SimTime> {
    let current = condition(d.status.as_ref(), PROGRESSING)?;
    if is_complete(d, d.status.as_ref()) || current.reason.as_deref() == Some(TIMED_OUT) {
        return None;
    }
    if current.reason.as_deref() == Some(NEW_RS_AVAILABLE) {
        return None;
    }
    deadline_at(d, current).map(|at| at + Duration::from_secs(1))
}

fn replica_failure(all: &[&ReplicaSet], new_rs: Option<&ReplicaSet>) -> Option<DeploymentCondition> {
    let failure = |rs: &ReplicaSet| {
        let conditions = rs.status.as_ref()?.conditions.as_ref()?;
        conditions.iter().find(|c| c.type_ == REPLICA_FAILURE).cloned()
    };
    let found = new_rs.and_then(failure).or_else(|| all.iter().find_map(|rs| failure(rs)))?;
    Some(DeploymentCondition {
        type_: found.type_,
        status: found.status,
        reason: found.reason,
        message: found.message,
        last_update_time: found.last_transition_time.clone(),
        last_transition_time: found.last_transition_time,
    })
}

/// The condition to set when a Deployment was paused or resumed since the last look (checkPausedConditions), so
/// that a deadline does not strike a rollout that stood still on purpose.
pub fn paused_condition(d: &Deployment, now: SimTime) -> Option<DeploymentCondition> {
    progress_deadline(d)?;
    let current = condition(d.status.as_ref(), PROGRESSING).and_then(|c| c.reason.as_deref());
    if current == Some(TIMED_OUT) {
        return None;
    }
    let paused = d.spec.as_ref().and_then(|s| s.paused).unwrap_or(false);
    match (paused, current == Some(PAUSED)) {
        (true, false) => {
            Some(new_condition(PROGRESSING, "Unknown", PAUSED, "Deployment is paused".into(), now))
        }
        (false, true) => {
            Some(new_condition(PROGRESSING, "Unknown", RESUMED, "Deployment is resumed".into(), now))
        }
        _ => None,
    }
}
