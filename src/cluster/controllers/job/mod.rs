//! The Job controller: runs pods until enough have succeeded or too many have failed. Every pod carries a finalizer until
//! its end is counted in the Job's status, so that no end is missed or counted twice. As pkg/controller/job.

mod count;
mod indexes;

use std::time::Duration;

use k8s_openapi::api::batch::v1::{Job, JobCondition, JobSpec, JobStatus, UncountedTerminatedPods};
use k8s_openapi::api::core::v1::Pod;

use self::count::{Count, count, is_tracked, replaces_late};
use super::pod_template::{controller_reference, pod_from_template};
use super::{Controller, Ctx, Outcome, look_through_pods};
use crate::base::time::SimTime;
use crate::cluster::api::Status;
use crate::cluster::object::{Key, KindId, Typed, controller_of};
use crate::cluster::store::{Change, Store};
use crate::cluster::{sim_time, time_of};

/// On a pod whose end is not counted yet.
const TRACKING: &str = "batch.kubernetes.io/job-tracking";
const FIRST_BACKOFF: Duration = Duration::from_secs(10);
const MAX_BACKOFF: Duration = Duration::from_secs(600);
const DEFAULT_BACKOFF_LIMIT: i32 = 6;

pub struct JobController;

impl Controller for JobController {
    fn name(&self) -> &'static str {
        "job-controller"
    }

    fn latency(&self, store: &Store) -> Duration {
        look_through_pods(store)
    }

    fn wakes_for(&self, change: &Change, _store: &Store, keys: &mut Vec<Key>) {
        match change.key.kind {
            KindId::Job => keys.push(change.key.clone()),
            KindId::Pod => {
                let owner = change.object().and_then(|o| controller_of(o.meta())).filter(|o| o.kind == "Job");
                keys.extend(owner.map(|o| Key::new(KindId::Job, &change.key.namespace, &o.name)));
            }
            _ => {}
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let job = ctx.get_key::<Job>(key).filter(|job| job.metadata.deletion_timestamp.is_none());
        let Some(job) = job else {
            // Nobody counts any more: pods may go.
            return match release(without_job(key, ctx), ctx) {
                Ok(()) => Outcome::Done,
                Err(_) => Outcome::Retry,
            };
        };
        match sync(&job, ctx) {
            Ok(next) => next.map_or(Outcome::Done, Outcome::RequeueAt),
            Err(_) => Outcome::Retry,
        }
    }
}

/// The condition that ended a Job.
fn finished(job: &Job) -> Option<&JobCondition> {
    let conditions = job.status.as_ref().and_then(|s| s.conditions.as_ref());
    conditions
        .into_iter()
        .flatten()
        .find(|c| matches!(c.type_.as_str(), "Complete" | "Failed") && c.status == "True")
}

/// Pods that are still to be counted for a Job that is gone or going.
fn without_job(key: &Key, ctx: &Ctx) -> Vec<Typed<Pod>> {
    let of_job = |pod: &Typed<Pod>| {
        let owner = controller_of(&pod.metadata);
        owner.is_some_and(|o| o.kind == "Job" && *o.name == *key.name) && is_tracked(pod)
    };
    let pods = ctx.list::<Pod>(Some(&key.namespace));
    pods.into_iter().filter(of_job).collect()
}

/// Their end is counted: the pods need not stay.
fn release(pods: Vec<Typed<Pod>>, ctx: &mut Ctx) -> Result<(), Status> {
    for pod in pods {
        let Some(pod) = ctx.get_key::<Pod>(&pod.key()).filter(|p| is_tracked(p)) else { continue };
        let mut copy = Pod::clone(&pod);
        if let Some(finalizers) = &mut copy.metadata.finalizers {
            finalizers.retain(|f| f != TRACKING);
        }
        copy.metadata.finalizers.take_if(|f| f.is_empty());
        ctx.update(copy)?;
    }
    Ok(())
}

/// With restartPolicy OnFailure it is restarts that count against the limit (pastBackoffLimitOnFailure).
fn restarted_too_often(spec: &JobSpec, count: &Count, limit: i32) -> bool {
    let policy = spec.template.spec.as_ref().and_then(|s| s.restart_policy.as_deref());
    policy == Some("OnFailure") && if limit == 0 { count.restarts > 0 } else { count.restarts >= limit }
}

/// One look (syncJob); returns when to look again for a back-off, a deadline or the clean-up.
fn sync(job: &Typed<Job>, ctx: &mut Ctx) -> Result<Option<SimTime>, Status> {
    let spec = job.spec.clone().unwrap_or_default();
    if let Some(end) = finished(job) {
        let late = ctx.dependents::<Pod>(job.uid()).into_iter().filter(|p| is_tracked(p)).collect();
        release(late, ctx)?;
        return expire(job, &spec, end.last_transition_time.as_ref().map(sim_time), ctx);
    }
    let mut status = job.status.clone().unwrap_or_default();
    let suspended = spec.suspend == Some(true);
    if status.start_time.is_none() && !suspended {
        status.start_time = Some(time_of(ctx.now));
    }
    let mut count = count(job, ctx);
    let limit = spec.backoff_limit.unwrap_or(DEFAULT_BACKOFF_LIMIT);
    let deadline = deadline(&spec, &status);
    let mut next = deadline.filter(|at| *at > ctx.now);
    let end = if let Some(decided) = decided(&status) {
        Some(decided)
    } else if let Some(why) = count.verdict.clone() {
        Some(("Failed", "PodFailurePolicy".to_owned(), why))
    } else if count.failed > limit || restarted_too_often(&spec, &count, limit) {
        Some((
            "Failed",
            "BackoffLimitExceeded".to_owned(),
            "Job has reached the specified backoff limit".to_owned(),
        ))
    } else if deadline.is_some_and(|at| at <= ctx.now) {
        Some((
            "Failed",
            "DeadlineExceeded".to_owned(),
            "Job was active longer than specified deadline".to_owned(),
        ))
    } else if let Some(end) = indexes::verdict(&spec, &count) {
        Some(end)
    } else if is_complete(&spec, &count) {
        Some((
            "Complete",
            "CompletionsReached".to_owned(),
            "Reached expected number of succeeded pods".to_owned(),
        ))
    } else {
        None
    };
    let counted = std::mem::take(&mut count.counted);
    let mut ended = None;
    match end {
        Some(end) => {
            for pod in std::mem::take(&mut count.active) {
                match end.0 {
                    // The pods that are left over by a success have not failed.
                    "Complete" => take_away(job, pod, &mut count, ctx)?,
                    _ => {
                        delete_pod(job, &pod, ctx)?;
                        count.terminating += 1;
                    }
                }
            }
            count.ready = 0;
            decide(&mut status, &end, ctx.now);
            // The last word waits until no pod is left that still runs.
            if count.terminating == 0 {
                finish(&mut status, &end, ctx.now);
                ended = Some(end);
            }
        }
        None => {
            if suspended {
                for pod in std::mem::take(&mut count.active) {
                    take_away(job, pod, &mut count, ctx)?;
                }
                count.ready = 0;
            } else {
                next = next.into_iter().chain(manage(job, &spec, &mut count, ctx)?).min();
            }
            tell_suspension(job, &mut status, suspended, ctx);
        }
    }
    tell(&mut status, &spec, &count);
    write_status(job, status, ended, ctx)?;
    release(counted, ctx)?;
    Ok(next)
}

/// How and why a Job ends: `Complete` or `Failed`, reason and message.
type End = (&'static str, String, String);

/// What was decided before, while pods were still running.
fn decided(status: &JobStatus) -> Option<End> {
    status.conditions.iter().flatten().filter(|c| c.status == "True").find_map(|c| {
        let kind = match c.type_.as_str() {
            "FailureTarget" => "Failed",
            "SuccessCriteriaMet" => "Complete",
            _ => return None,
        };
        Some((kind, c.reason.clone().unwrap_or_default(), c.message.clone().unwrap_or_default()))
    })
}

fn is_complete(spec: &JobSpec, count: &Count) -> bool {
    match spec.completions {
        Some(wanted) => count.succeeded >= wanted,
        // Without a number one success is enough, once nobody works any more.
        None => count.succeeded > 0 && count.active.is_empty(),
    }
}

fn deadline(spec: &JobSpec, status: &JobStatus) -> Option<SimTime> {
    let seconds = u64::try_from(spec.active_deadline_seconds?).ok()?;
    Some(sim_time(status.start_time.as_ref()?) + Duration::from_secs(seconds))
}

/// Creates or deletes pods so that as many run as should; returns when a back-off ends.
fn manage(
    job: &Typed<Job>,
    spec: &JobSpec,
    count: &mut Count,
    ctx: &mut Ctx,
) -> Result<Option<SimTime>, Status> {
    let active = i32::try_from(count.active.len()).unwrap_or(i32::MAX);
    let parallelism = spec.parallelism.unwrap_or(1);
    let wanted = match spec.completions {
        Some(completions) => parallelism
            .min(completions - count.succeeded - i32::try_from(count.failed_indexes.len()).unwrap_or(0)),
        None if count.succeeded > 0 => active,
        None => parallelism,
    };
    if active > wanted {
        let excess = usize::try_from(active - wanted.max(0)).unwrap_or(0);
        for pod in count.active.drain(..excess).collect::<Vec<_>>() {
            take_away(job, pod, count, ctx)?;
        }
        return Ok(None);
    }
    let missing = wanted - active - if replaces_late(job) { count.terminating } else { 0 };
    if missing <= 0 {
        return Ok(None);
    }
    if spec.completion_mode.as_deref() == Some("Indexed") {
        // Each index waits for itself where it has a limit of its own.
        let own = spec.backoff_limit_per_index.is_some();
        if let Some(at) = backoff_end(count.failed, count.last_failure).filter(|at| !own && *at > ctx.now) {
            return Ok(Some(at));
        }
        let mut next = None;
        for (index, failures, last) in indexes::missing(spec, count, missing) {
            match backoff_end(failures, last).filter(|at| own && *at > ctx.now) {
                Some(at) => next = next.into_iter().chain([at]).min(),
                None => create_pod(job, spec, Some((index, failures)), count, ctx)?,
            }
        }
        return Ok(next);
    }
    if let Some(at) = backoff_end(count.failed, count.last_failure).filter(|at| *at > ctx.now) {
        return Ok(Some(at));
    }
    for _ in 0..missing {
        create_pod(job, spec, None, count, ctx)?;
    }
    Ok(None)
}

/// After failures the next pod waits: 10 s, 20 s, 40 s … since the last one.
fn backoff_end(failures: i32, last: Option<SimTime>) -> Option<SimTime> {
    let doublings = u32::try_from(failures.checked_sub(1).filter(|n| *n >= 0)?).unwrap_or(0);
    let wait = FIRST_BACKOFF.saturating_mul(2u32.saturating_pow(doublings.min(10))).min(MAX_BACKOFF);
    Some(last? + wait)
}

/// Creates a pod, for an index that has failed so often already where pods have indexes.
fn create_pod(
    job: &Typed<Job>,
    spec: &JobSpec,
    index: Option<(i32, i32)>,
    count: &mut Count,
    ctx: &mut Ctx,
) -> Result<(), Status> {
    let owner = controller_reference("batch/v1", "Job", &job.metadata);
    let mut pod = pod_from_template(&spec.template, job.name(), owner);
    pod.metadata.namespace = job.metadata.namespace.clone();
    pod.metadata.finalizers = Some(vec![TRACKING.to_owned()]);
    if let Some((index, failures)) = index {
        indexes::give(&mut pod, job.name(), index, spec.backoff_limit_per_index.map(|_| failures));
    }
    match ctx.create(pod) {
        Ok(created) => {
            ctx.record_event(
                &**job,
                "Normal",
                "SuccessfulCreate",
                format!("Created pod: {}", created.name()),
            );
            count.active.push(created);
            Ok(())
        }
        Err(error) => {
            ctx.record_event(&**job, "Warning", "FailedCreate", format!("Error creating: {}", error.message));
            Err(error)
        }
    }
}

/// Deletes a pod that is not needed; its end does not count.
fn take_away(job: &Typed<Job>, pod: Typed<Pod>, count: &mut Count, ctx: &mut Ctx) -> Result<(), Status> {
    release(vec![pod.clone()], ctx)?;
    delete_pod(job, &pod, ctx)?;
    count.terminating += 1;
    Ok(())
}

fn delete_pod(job: &Typed<Job>, pod: &Typed<Pod>, ctx: &mut Ctx) -> Result<(), Status> {
    ctx.delete(&pod.key())?;
    ctx.record_event(&**job, "Normal", "SuccessfulDelete", format!("Deleted pod: {}", pod.name()));
    Ok(())
}

/// Says how the Job will end.
fn decide(status: &mut JobStatus, end: &End, now: SimTime) {
    let first = if end.0 == "Complete" { "SuccessCriteriaMet" } else { "FailureTarget" };
    let conditions = status.conditions.get_or_insert_default();
    if conditions.iter().all(|c| c.type_ != first) {
        conditions.push(condition(first, end, now));
    }
}

fn finish(status: &mut JobStatus, end: &End, now: SimTime) {
    status.conditions.get_or_insert_default().push(condition(end.0, end, now));
    if end.0 == "Complete" {
        status.completion_time = Some(time_of(now));
    }
}

fn condition(type_: &str, (_, reason, message): &End, now: SimTime) -> JobCondition {
    JobCondition {
        type_: type_.to_owned(),
        status: "True".to_owned(),
        reason: Some(reason.clone()),
        message: Some(message.clone()),
        last_probe_time: Some(time_of(now)),
        last_transition_time: Some(time_of(now)),
    }
}

/// Suspending and resuming show in a condition and an event; a Job that goes on has a new start time.
fn tell_suspension(job: &Typed<Job>, status: &mut JobStatus, suspended: bool, ctx: &mut Ctx) {
    let conditions = status.conditions.get_or_insert_default();
    let known = conditions.iter().position(|c| c.type_ == "Suspended");
    let was = known.is_some_and(|at| conditions[at].status == "True");
    if suspended == was {
        status.conditions.take_if(|c| c.is_empty());
        return;
    }
    let (word, reason, message) = match suspended {
        true => ("True", "JobSuspended", "Job suspended"),
        false => ("False", "JobResumed", "Job resumed"),
    };
    let condition = JobCondition {
        type_: "Suspended".to_owned(),
        status: word.to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message.to_owned()),
        last_probe_time: Some(time_of(ctx.now)),
        last_transition_time: Some(time_of(ctx.now)),
    };
    match known {
        Some(at) => conditions[at] = condition,
        None => conditions.push(condition),
    }
    status.start_time = (!suspended).then(|| time_of(ctx.now));
    let word = if suspended { "Suspended" } else { "Resumed" };
    ctx.record_event(&**job, "Normal", word, message);
}

fn tell(status: &mut JobStatus, spec: &JobSpec, count: &Count) {
    let some = |n: i32| Some(n).filter(|n| *n != 0);
    status.active = some(i32::try_from(count.active.len()).unwrap_or(i32::MAX));
    status.ready = Some(count.ready);
    status.succeeded = some(count.succeeded);
    status.failed = some(count.failed);
    status.terminating = Some(count.terminating);
    status.uncounted_terminated_pods = Some(UncountedTerminatedPods::default());
    if spec.completion_mode.as_deref() == Some("Indexed") {
        status.completed_indexes = Some(indexes::ranges(&count.done_indexes)).filter(|r| !r.is_empty());
        status.failed_indexes = spec.backoff_limit_per_index.map(|_| indexes::ranges(&count.failed_indexes));
    }
}

fn write_status(job: &Typed<Job>, status: JobStatus, end: Option<End>, ctx: &mut Ctx) -> Result<(), Status> {
    if job.status.as_ref() == Some(&status) {
        return Ok(());
    }
    let mut copy = Job::clone(job);
    copy.status = Some(status);
    ctx.update_status(copy)?;
    match end {
        Some(("Complete", ..)) => ctx.record_event(&**job, "Normal", "Completed", "Job completed"),
        Some((_, reason, message)) => ctx.record_event(&**job, "Warning", &reason, message),
        None => {}
    }
    Ok(())
}

/// Deletes a finished Job when its time to live is over.
fn expire(
    job: &Typed<Job>,
    spec: &JobSpec,
    ended: Option<SimTime>,
    ctx: &mut Ctx,
) -> Result<Option<SimTime>, Status> {
    let ttl = spec.ttl_seconds_after_finished.and_then(|s| u64::try_from(s).ok());
    let (Some(ttl), Some(ended)) = (ttl, ended) else { return Ok(None) };
    let at = ended + Duration::from_secs(ttl);
    if ctx.now < at {
        return Ok(Some(at));
    }
    ctx.delete(&job.key()).map(|()| None)
}
