//! The CronJob controller: makes a Job at each moment of a schedule. Never runs a pod itself.
//! As pkg/controller/cronjob, with the schedule in UTC.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use k8s_openapi::api::batch::v1::{CronJob, CronJobSpec, Job};
use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::pod_template::controller_reference;
use super::{Controller, Ctx, Outcome, reference_of};
use crate::base::time::SimTime;
use crate::cluster::api::{Reason, Status};
use crate::cluster::object::{Key, KindId, Typed, controller_of};
use crate::cluster::store::{Change, Store};
use crate::cluster::{sim_time, time_of};

/// How far ahead a schedule is searched for its next moment: beyond, it never comes (`0 0 31 2 *`).
const SEARCH_MINUTES: u64 = 5 * 366 * MINUTES_PER_DAY;
const MINUTES_PER_DAY: u64 = 24 * 60;
/// Moments that may have been missed; the real one gives up after a hundred, too.
const MISSED_LIMIT: usize = 100;

pub struct CronJobController;

impl Controller for CronJobController {
    fn name(&self) -> &'static str {
        "cronjob-controller"
    }

    fn wakes_for(&self, change: &Change, _store: &Store, keys: &mut Vec<Key>) {
        match change.key.kind {
            KindId::CronJob => keys.push(change.key.clone()),
            KindId::Job => {
                let owner =
                    change.object().and_then(|o| controller_of(o.meta())).filter(|o| o.kind == "CronJob");
                keys.extend(owner.map(|o| Key::new(KindId::CronJob, &change.key.namespace, &o.name)));
            }
            _ => {}
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(cron) = ctx.get_key::<CronJob>(key) else { return Outcome::Done };
        if cron.metadata.deletion_timestamp.is_some() {
            return Outcome::Done;
        }
        match sync(&cron, ctx) {
            Ok(next) => next.map_or(Outcome::Done, Outcome::RequeueAt),
            Err(_) => Outcome::Retry,
        }
    }
}

fn end_of(job: &Job) -> Option<&str> {
    let conditions = job.status.as_ref()?.conditions.as_ref()?;
    conditions
        .iter()
        .find(|c| c.status == "True" && matches!(c.type_.as_str(), "Complete" | "Failed"))
        .map(|c| c.type_.as_str())
}

fn sync(cron: &Typed<CronJob>, ctx: &mut Ctx) -> Result<Option<SimTime>, Status> {
    let spec = cron.spec.clone();
    let mut status = cron.status.clone().unwrap_or_default();
    let jobs: Vec<Typed<Job>> = ctx.dependents(cron.uid());
    notice_ends(cron, &mut status.active, &jobs, ctx);
    let completed = jobs.iter().filter(|j| end_of(j) == Some("Complete"));
    let last_success =
        completed.filter_map(|j| j.status.as_ref()?.completion_time.as_ref().map(sim_time)).max();
    status.last_successful_time = last_success.map(time_of).or(status.last_successful_time);
    trim(&spec, &jobs, ctx);
    let mut next = None;
    if spec.suspend != Some(true)
        && let Some(schedule) = Schedule::parse(&spec.schedule)
    {
        let born = cron.metadata.creation_timestamp.as_ref().map_or(ctx.now, sim_time);
        let since = status.last_schedule_time.as_ref().map_or(born, sim_time);
        if let Some(due) = schedule.latest(since, ctx.now) {
            start(cron, &spec, &mut status, &jobs, due, ctx)?;
        }
        next = schedule.after(ctx.now);
    }
    if cron.status.as_ref() != Some(&status) {
        let mut copy = CronJob::clone(cron);
        copy.status = Some(status);
        ctx.update_status(copy)?;
    }
    Ok(next)
}

fn notice_ends(
    cron: &Typed<CronJob>,
    active: &mut Option<Vec<ObjectReference>>,
    jobs: &[Typed<Job>],
    ctx: &mut Ctx,
) {
    let Some(listed) = active else { return };
    listed.retain(|reference| {
        let job = jobs.iter().find(|j| Some(j.uid()) == reference.uid.as_deref());
        match job.map(|j| (j, end_of(j))) {
            Some((_, None)) => true,
            Some((job, Some(end))) => {
                let message = format!("Saw completed job: {}, condition: {end}", job.name());
                ctx.record_event(&**cron, "Normal", "SawCompletedJob", message);
                false
            }
            None => false,
        }
    });
    if listed.is_empty() {
        *active = None;
    }
}

fn start(
    cron: &Typed<CronJob>,
    spec: &CronJobSpec,
    status: &mut k8s_openapi::api::batch::v1::CronJobStatus,
    jobs: &[Typed<Job>],
    due: SimTime,
    ctx: &mut Ctx,
) -> Result<(), Status> {
    let running: Vec<&Typed<Job>> = jobs.iter().filter(|j| end_of(j).is_none()).collect();
    match spec.concurrency_policy.as_deref() {
        Some("Forbid") if !running.is_empty() => {
            let message =
                "Not starting job because prior execution is running and concurrency policy is Forbid";
            ctx.record_event(&**cron, "Normal", "JobAlreadyActive", message);
            return Ok(());
        }
        Some("Replace") => {
            for job in running {
                ctx.delete(&job.key())?;
                let message = format!("Deleted job {}", job.name());
                ctx.record_event(&**cron, "Normal", "SuccessfulDelete", message);
            }
        }
        _ => {}
    }
    let template = spec.job_template.clone();
    let meta = template.metadata.unwrap_or_default();
    let mut annotations = meta.annotations.unwrap_or_default();
    annotations.insert("batch.kubernetes.io/cronjob-scheduled-timestamp".to_owned(), due.rfc3339());
    let job = Job {
        metadata: ObjectMeta {
            name: Some(format!("{}-{}", cron.name(), due.secs() / 60)),
            namespace: cron.metadata.namespace.clone(),
            labels: meta.labels,
            annotations: Some(annotations),
            owner_references: Some(vec![controller_reference("batch/v1", "CronJob", &cron.metadata)]),
            ..ObjectMeta::default()
        },
        spec: template.spec,
        status: None,
    };
    match ctx.create(job) {
        Ok(job) => {
            ctx.record_event(&**cron, "Normal", "SuccessfulCreate", format!("Created job {}", job.name()));
            status.active.get_or_insert_default().push(reference_of(&*job, None));
        }
        Err(error) if error.reason == Reason::AlreadyExists => {}
        Err(error) => {
            ctx.record_event(
                &**cron,
                "Warning",
                "FailedCreate",
                format!("Error creating job: {}", error.message),
            );
            return Err(error);
        }
    }
    status.last_schedule_time = Some(time_of(due));
    Ok(())
}

/// Keeps as many finished Jobs as the limits say, the newest.
fn trim(spec: &CronJobSpec, jobs: &[Typed<Job>], ctx: &mut Ctx) {
    let limits =
        [("Complete", spec.successful_jobs_history_limit, 3), ("Failed", spec.failed_jobs_history_limit, 1)];
    for (end, limit, default) in limits {
        let mut finished: Vec<&Typed<Job>> = jobs.iter().filter(|j| end_of(j) == Some(end)).collect();
        finished.sort_by_key(|j| j.status.as_ref().and_then(|s| s.start_time.clone()));
        let keep = usize::try_from(limit.unwrap_or(default)).unwrap_or(0);
        let excess = finished.len().saturating_sub(keep);
        for job in finished.into_iter().take(excess) {
            // Already gone is as good.
            let _ = ctx.delete(&job.key());
        }
    }
}

/// A cron schedule: for each of its five fields the values that count.
#[derive(Debug, PartialEq)]
struct Schedule {
    fields: [u64; 5],
    any_day_of_month: bool,
    any_day_of_week: bool,
}

impl Schedule {
    fn parse(text: &str) -> Option<Schedule> {
        let text = match text.trim() {
            "@hourly" => "0 * * * *",
            "@daily" | "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            "@yearly" | "@annually" => "0 0 1 1 *",
            other => other,
        };
        let parts: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = parts.as_slice() else { return None };
        Some(Schedule {
            fields: [
                field(minute, 0, 59)?,
                field(hour, 0, 23)?,
                field(day, 1, 31)?,
                field(month, 1, 12)?,
                field(weekday, 0, 7).map(|bits| bits | (bits >> 7 & 1))?,
            ],
            any_day_of_month: day.starts_with(['*', '?']),
            any_day_of_week: weekday.starts_with(['*', '?']),
        })
    }

    /// Does the day that holds this minute (since the epoch) count?
    fn has_day(&self, minute: u64) -> bool {
        let zoned = Timestamp::to_zoned(SimTime::from_secs(minute * 60).timestamp(), TimeZone::UTC);
        let day = self.has(2, zoned.day());
        let weekday = self.has(4, zoned.weekday().to_sunday_zero_offset());
        let date = match (self.any_day_of_month, self.any_day_of_week) {
            (false, false) => day || weekday,
            _ => day && weekday,
        };
        date && self.has(3, zoned.month())
    }

    fn has(&self, index: usize, value: i8) -> bool {
        u32::try_from(value).is_ok_and(|v| self.fields[index] >> v & 1 == 1)
    }

    /// Days are told by UTC, so that minutes and hours are remainders.
    fn has_time(&self, minute: u64) -> bool {
        self.fields[0] >> (minute % 60) & 1 == 1 && self.fields[1] >> (minute / 60 % 24) & 1 == 1
    }

    /// The first moment after `at`.
    fn after(&self, at: SimTime) -> Option<SimTime> {
        let mut minute = at.secs() / 60 + 1;
        let end = minute + SEARCH_MINUTES;
        while minute < end {
            let next_day = (minute / MINUTES_PER_DAY + 1) * MINUTES_PER_DAY;
            let found = (minute..next_day).find(|m| self.has_time(*m)).filter(|_| self.has_day(minute));
            if let Some(found) = found {
                return Some(SimTime::from_secs(found * 60));
            }
            minute = next_day;
        }
        None
    }

    /// The last moment after `since` and up to `now`.
    fn latest(&self, since: SimTime, now: SimTime) -> Option<SimTime> {
        let mut due = None;
        let mut at = since;
        for _ in 0..MISSED_LIMIT {
            match self.after(at).filter(|next| *next <= now) {
                Some(next) => (due, at) = (Some(next), next),
                None => break,
            }
        }
        due
    }
}

/// One field: `*`, `5`, `1-5`, `*/15`, `1,2,3`, and names are not known.
fn field(text: &str, low: u32, high: u32) -> Option<u64> {
    let mut bits = 0u64;
    for part in text.split(',') {
        let (range, step) = part.split_once('/').map_or((part, 1), |(r, s)| (r, s.parse().unwrap_or(0)));
        if step == 0 {
            return None;
        }
        let (from, to) = match range {
            "*" | "?" => (low, high),
            single if !single.contains('-') => {
                let from: u32 = single.parse().ok()?;
                (from, if part.contains('/') { high } else { from })
            }
            other => {
                let (from, to) = other.split_once('-')?;
                (from.parse().ok()?, to.parse().ok()?)
            }
        };
        if from < low || to > high || from > to {
            return None;
        }
        for value in (from..=to).step_by(step) {
            bits |= 1 << value;
        }
    }
    Some(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_find_their_next_moment() {
        // Sunday, 22 November 2026, 12:45:39.
        let now = SimTime(1_795_351_539_042);
        let check = |schedule: &str, expect: Option<&str>| {
            let at = Schedule::parse(schedule).and_then(|s| s.after(now)).map(SimTime::rfc3339);
            assert_eq!(at.as_deref(), expect, "{schedule}");
        };
        check("*/5 * * * *", Some("2026-11-22T12:50:00Z"));
        check("0 3 * * 1-5", Some("2026-11-23T03:00:00Z"));
        check("30 12 1 * *", Some("2026-12-01T12:30:00Z"));
        check("@hourly", Some("2026-11-22T13:00:00Z"));
        check("0 0 * * 7", Some("2026-11-29T00:00:00Z"));
        check("0 0 31 2 *", None);
        check("61 * * * *", None);
    }
}
