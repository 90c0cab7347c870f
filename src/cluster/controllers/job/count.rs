//! What a Job's pods come to: how many run, have succeeded and have failed, with those that were counted before.
//! Decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};

use super::super::failure_policy::{self, Judgement};
use super::super::{Ctx, pod_state};
use super::{TRACKING, indexes};
use crate::base::time::SimTime;
use crate::cluster::object::Typed;
use crate::cluster::sim_time;

/// What a Job's pods come to.
pub(super) struct Count {
    pub(super) active: Vec<Typed<Pod>>,
    pub(super) terminating: i32,
    pub(super) ready: i32,
    /// With those that were counted before.
    pub(super) succeeded: i32,
    pub(super) failed: i32,
    pub(super) last_failure: Option<SimTime>,
    pub(super) done_indexes: BTreeSet<i32>,
    /// Indexes that have failed for good.
    pub(super) failed_indexes: BTreeSet<i32>,
    /// How often each index has failed, and when it did last.
    pub(super) index_failures: BTreeMap<i32, (i32, Option<SimTime>)>,
    /// How often containers of running pods were restarted.
    pub(super) restarts: i32,
    /// What the pod failure policy says must end the Job.
    pub(super) verdict: Option<String>,
    /// Pods whose end is in the count now.
    pub(super) counted: Vec<Typed<Pod>>,
}

pub(super) fn count(job: &Typed<Job>, ctx: &Ctx) -> Count {
    let policy = job.spec.as_ref().and_then(|s| s.pod_failure_policy.as_ref());
    let before = job.status.clone().unwrap_or_default();
    let mut count = Count {
        active: Vec::new(),
        terminating: 0,
        ready: 0,
        succeeded: before.succeeded.unwrap_or(0),
        failed: before.failed.unwrap_or(0),
        last_failure: None,
        done_indexes: before.completed_indexes.as_deref().map(indexes::read).unwrap_or_default(),
        failed_indexes: before.failed_indexes.as_deref().map(indexes::read).unwrap_or_default(),
        index_failures: BTreeMap::new(),
        restarts: 0,
        verdict: None,
        counted: Vec::new(),
    };
    let waits_for_end = replaces_late(job);
    let per_index = job.spec.as_ref().and_then(|s| s.backoff_limit_per_index);
    for pod in ctx.dependents::<Pod>(job.uid()) {
        let (tracked, deleting) = (is_tracked(&pod), pod_state::is_deleting(&pod));
        match pod_state::phase(&pod) {
            "Succeeded" if tracked => {
                count.succeeded += 1;
                count.done_indexes.extend(indexes::of(&pod));
                count.counted.push(pod);
            }
            "Succeeded" => {}
            "Failed" => {
                count.last_failure = count.last_failure.max(finish_time(&pod));
                note_index(&mut count, &pod, per_index);
                if tracked {
                    match policy.and_then(|p| failure_policy::judge(p, &pod)) {
                        Some(Judgement::Ignore) => count.failed -= 1,
                        Some(Judgement::FailJob(why)) => count.verdict = Some(why),
                        Some(Judgement::FailIndex) => count.failed_indexes.extend(indexes::of(&pod)),
                        None => {}
                    }
                    count.failed += 1;
                    count.counted.push(pod);
                }
            }
            _ if deleting => {
                count.terminating += 1;
                if tracked && !waits_for_end {
                    count.failed += 1;
                    count.counted.push(pod);
                }
            }
            _ => {
                count.restarts += restarts(&pod);
                count.ready += i32::from(pod_state::is_ready(&pod));
                count.active.push(pod);
            }
        }
    }
    count
}

/// A pod that is being deleted is replaced only when it has ended.
pub(super) fn replaces_late(job: &Job) -> bool {
    job.spec.as_ref().and_then(|s| s.pod_replacement_policy.as_deref()) == Some("Failed")
}

pub(super) fn is_tracked(pod: &Pod) -> bool {
    pod.metadata.finalizers.iter().flatten().any(|f| f == TRACKING)
}

/// An index whose pod has failed: once more than its own limit allows, and it has failed for good.
fn note_index(count: &mut Count, pod: &Pod, limit: Option<i32>) {
    let (Some(index), Some(limit)) = (indexes::of(pod), limit) else { return };
    let failures = indexes::failures_before(pod) + 1;
    let known = count.index_failures.entry(index).or_default();
    *known = (*known).max((failures, finish_time(pod)));
    if failures > limit {
        count.failed_indexes.insert(index);
    }
}

fn restarts(pod: &Pod) -> i32 {
    let status = pod.status.as_ref();
    let of = |list: Option<&Vec<ContainerStatus>>| -> i32 {
        list.into_iter().flatten().map(|c| c.restart_count).sum()
    };
    of(status.and_then(|s| s.container_statuses.as_ref()))
        + of(status.and_then(|s| s.init_container_statuses.as_ref()))
}

fn finish_time(pod: &Pod) -> Option<SimTime> {
    let statuses = pod.status.as_ref()?.container_statuses.as_ref()?;
    statuses
        .iter()
        .filter_map(|c| Some(sim_time(c.state.as_ref()?.terminated.as_ref()?.finished_at.as_ref()?)))
        .max()
}
