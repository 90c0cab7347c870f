//! One pod on its node: a small machine that goes through the kubelet's stages (volumes, sandbox, image, container;
//! stopping, cleaning up), each lasting as long as the pace says. Acts only when time or the runtime moved.
//! As kubelet's pod_workers.go and kuberuntime's SyncPod.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Node, Pod};

use super::hooks::Hook;
use super::pace::{Span, draw};
use super::run::{Blocked, Role, Run, adopt, ephemeral_runs, restart_policy, runs_of};
use super::status::{Facts, generate};
use super::{pull, start, stop, volumes};
use crate::base::time::SimTime;
use crate::cluster::controllers::Ctx;
use crate::cluster::object::{Key, Typed};
use crate::cluster::sim_time;
use crate::image::Image;
use crate::image::process::{NetNsId, NetNsSpec, RuntimeRequest};

/// Stages one look may go through without time passing.
const STEP_LIMIT: usize = 200;
/// From a container's successful start to the look that tells it (RequestPodRelist).
const RELIST_NOW: Duration = Duration::from_millis(12);

/// What the worker is doing; the times say until when.
#[derive(Debug, Clone)]
pub enum Activity {
    Idle,
    Mount {
        retry_at: SimTime,
        attempt: u32,
    },
    Sandbox {
        until: SimTime,
    },
    Pull(pull::Pull),
    Start {
        run: usize,
        until: SimTime,
        image: Rc<Image>,
    },
    /// The runtime was asked to start it.
    AwaitStart {
        run: usize,
    },
    Stop(stop::Stop),
    Unmount {
        until: SimTime,
    },
}

/// How far a pod's life is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Alive,
    /// Containers are being stopped for good.
    Terminating,
    /// Every container has ended; nothing will start again.
    Terminated,
}

/// When the worker wants to be looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    At(SimTime),
    Never,
    /// The pod is gone from the node.
    Gone,
}

enum Step {
    Again,
    Wait(Option<SimTime>),
    Gone,
}

#[derive(Debug)]
pub struct Worker {
    pub uid: String,
    pub key: Key,
    pub node: String,
    /// The pod as last seen.
    pub pod: Typed<Pod>,
    /// It is no longer in the store.
    pub vanished: bool,
    pub runs: Vec<Run>,
    pub sandbox_ip: Option<String>,
    pub host_ip: String,
    pub stage: Stage,
    pub activity: Activity,
    mounted: bool,
    /// The next look at the pod as a whole.
    sync_at: Option<SimTime>,
    /// When the containers of a deleted pod are told to stop.
    stop_at: Option<SimTime>,
    /// The runtime's next regular look that has news.
    relist_at: Option<SimTime>,
    /// Containers still to start in this look.
    todo: VecDeque<usize>,
    /// This look failed somewhere; the time is when a back-off ends.
    failed: Option<Option<SimTime>>,
    started_any: bool,
    seen_generation: Option<i64>,
    draws: u64,
    /// Hooks under way, by token.
    pub hooks: BTreeMap<u64, Hook>,
    /// Why the kubelet itself put an end to the pod: reason and message.
    evicted: Option<(&'static str, &'static str)>,
    /// Ends that are not to be seen yet.
    pub late_exits: Vec<LateExit>,
}

/// A process that ended sooner than any real one could.
#[derive(Debug, Clone, Copy)]
pub struct LateExit {
    pub at: SimTime,
    pub run: usize,
    pub code: i32,
    pub oom: bool,
}

impl Worker {
    pub fn new(pod: Typed<Pod>, ctx: &mut Ctx) -> Worker {
        let node = pod.spec.as_ref().and_then(|s| s.node_name.clone()).unwrap_or_default();
        let mut worker = Worker {
            uid: pod.uid().to_owned(),
            key: pod.key(),
            host_ip: host_ip(&node, ctx),
            node,
            vanished: false,
            runs: runs_of(&pod),
            sandbox_ip: None,
            stage: Stage::Alive,
            activity: Activity::Idle,
            mounted: false,
            sync_at: None,
            stop_at: None,
            relist_at: None,
            todo: VecDeque::new(),
            failed: None,
            started_any: false,
            seen_generation: pod.metadata.generation,
            draws: 0,
            hooks: BTreeMap::new(),
            evicted: None,
            late_exits: Vec::new(),
            pod,
        };
        let notice = worker.draw(ctx.node.pace.notice_ms, ctx);
        worker.sync_at = Some(ctx.now + notice);
        worker.adopt(ctx);
        worker
    }

    /// Takes over a pod whose status says that it runs already.
    fn adopt(&mut self, ctx: &mut Ctx) {
        let status = self.pod.status.clone().unwrap_or_default();
        let statuses = status.container_statuses.iter().chain(&status.init_container_statuses).flatten();
        for known in statuses {
            if let Some(run) = self.runs.iter_mut().find(|r| r.name == known.name) {
                adopt(run, known);
            }
        }
        let Some(ip) = status.pod_ip.filter(|_| self.runs.iter().any(Run::is_running)) else { return };
        ctx.node.reserve_ip(&self.node, &node_cidr(&self.node, ctx), &ip);
        self.sandbox_ip = Some(ip);
        self.mounted = true;
    }

    /// A span of this pod's own stream of draws.
    pub fn draw(&mut self, span: Span, ctx: &Ctx) -> Duration {
        self.draws += 1;
        draw(span, &mut ctx.stream(&format!("{}/{}", self.uid, self.draws)))
    }

    /// Hexadecimal digits of this pod's own stream.
    pub fn draw_hex(&mut self, digits: usize, ctx: &Ctx) -> String {
        self.draws += 1;
        ctx.stream(&format!("{}/{}", self.uid, self.draws)).hex(digits)
    }

    /// Does what is due now. `pod` is the pod as stored, if it still is.
    pub fn tick(&mut self, pod: Option<Typed<Pod>>, ctx: &mut Ctx) -> Next {
        self.observe(pod, ctx.now);
        let late = super::start::late_exits(self, ctx);
        for _ in 0..STEP_LIMIT {
            match self.step(ctx) {
                Step::Again => {}
                Step::Gone => return Next::Gone,
                Step::Wait(until) => {
                    let probe = super::kubelet::send_probes(self, ctx);
                    return until.into_iter().chain(probe).chain(late).min().map_or(Next::Never, Next::At);
                }
            }
        }
        Next::At(ctx.now + Duration::from_secs(1))
    }

    fn observe(&mut self, pod: Option<Typed<Pod>>, now: SimTime) {
        match pod {
            Some(pod) => {
                let asked = pod.metadata.deletion_timestamp.is_some()
                    && (self.pod.metadata.deletion_timestamp != pod.metadata.deletion_timestamp
                        || self.pod.metadata.deletion_grace_period_seconds
                            != pod.metadata.deletion_grace_period_seconds);
                let changed = pod.metadata.generation != self.seen_generation;
                self.seen_generation = pod.metadata.generation;
                self.pod = pod;
                let added = ephemeral_runs(&self.pod, &self.runs);
                self.runs.extend(added);
                if asked || changed {
                    self.sync_soon(now);
                }
            }
            None if !self.vanished => {
                self.vanished = true;
                self.sync_soon(now);
            }
            None => {}
        }
    }

    pub fn sync_soon(&mut self, now: SimTime) {
        self.sync_at = Some(self.sync_at.map_or(now, |at| at.min(now)));
    }

    /// The runtime's state changed: the next regular look will see it.
    pub fn note_change(&mut self, now: SimTime, ctx_relist_ms: u64) {
        let at = next_relist(&self.node, now, ctx_relist_ms);
        self.relist_at = Some(self.relist_at.map_or(at, |known| known.min(at)));
    }

    pub fn is_deletion_asked(&self) -> bool {
        self.vanished || self.pod.metadata.deletion_timestamp.is_some()
    }

    fn step(&mut self, ctx: &mut Ctx) -> Step {
        if self.stage == Stage::Alive && self.is_deletion_asked() && self.can_stop_now() {
            let at = match self.stop_at {
                Some(at) => at,
                None => {
                    let wait = self.draw(ctx.node.pace.stop_ms, ctx);
                    *self.stop_at.insert(ctx.now + wait)
                }
            };
            if ctx.now < at {
                return Step::Wait(Some(at));
            }
            self.stage = Stage::Terminating;
            return self.begin_stop(ctx);
        }
        match self.activity.clone() {
            Activity::Idle => self.idle(ctx),
            Activity::Mount { retry_at, attempt } => self.mount(retry_at, attempt, ctx),
            Activity::Sandbox { until } => self.sandbox(until, ctx),
            Activity::Pull(pull) => match pull::step(self, pull, ctx) {
                Some(until) => Step::Wait(Some(until)),
                None => Step::Again,
            },
            Activity::Start { run, until, image } => {
                if ctx.now < until {
                    return Step::Wait(Some(until));
                }
                start::create_and_start(self, run, image, ctx);
                Step::Again
            }
            Activity::AwaitStart { .. } => Step::Wait(None),
            Activity::Stop(mut stopping) => match stop::step(self, &mut stopping, ctx) {
                stop::Progress::Wait(until) => {
                    self.activity = Activity::Stop(stopping);
                    Step::Wait(until)
                }
                stop::Progress::Done => self.stopped(ctx),
            },
            Activity::Unmount { until } if ctx.now < until => Step::Wait(Some(until)),
            Activity::Unmount { .. } => self.clean_up(ctx),
        }
    }

    /// A container that is just being started is waited for; everything else is dropped at once.
    fn can_stop_now(&self) -> bool {
        !matches!(self.activity, Activity::AwaitStart { .. } | Activity::Stop(_) | Activity::Unmount { .. })
    }

    fn idle(&mut self, ctx: &mut Ctx) -> Step {
        let now = ctx.now;
        if self.stage == Stage::Terminated {
            if self.is_deletion_asked() {
                let unmount = self.draw(ctx.node.pace.unmount_ms, ctx);
                self.activity = Activity::Unmount { until: now + unmount };
                return Step::Again;
            }
            return Step::Wait(None);
        }
        let deadline = self.deadline();
        if deadline.is_some_and(|at| at <= now) {
            return self.overdue(ctx);
        }
        let due = self.sync_at.into_iter().chain(self.relist_at).chain(deadline).min();
        match due {
            Some(at) if at <= now => {
                self.sync_at = None;
                if self.relist_at.is_some_and(|at| at <= now) {
                    self.relist_at = None;
                }
                self.begin_sync(ctx)
            }
            other => Step::Wait(other),
        }
    }

    /// When the pod has been active for as long as it may (activeDeadlineSeconds).
    fn deadline(&self) -> Option<SimTime> {
        let seconds = self.pod.spec.as_ref()?.active_deadline_seconds?;
        let since = self.pod.status.as_ref()?.start_time.as_ref()?;
        Some(sim_time(since) + Duration::from_secs(u64::try_from(seconds).ok()?))
    }

    /// Its time is over: what runs is stopped, and the pod has failed.
    fn overdue(&mut self, ctx: &mut Ctx) -> Step {
        const WHY: (&str, &str) =
            ("DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
        self.event(None, "Normal", WHY.0, WHY.1.to_owned(), ctx);
        self.evicted = Some(WHY);
        self.stage = Stage::Terminating;
        self.begin_stop(ctx)
    }

    /// Tells the status, then goes on with what the pod needs (SyncPod).
    fn begin_sync(&mut self, ctx: &mut Ctx) -> Step {
        (self.failed, self.started_any) = (None, false);
        self.write_status(ctx);
        if self.has_finished() {
            self.stage = Stage::Terminating;
            // The kubelet waits for its next look at the runtime before it calls a finished pod finished.
            let at = next_relist(&self.node, ctx.now, ctx.node.pace.relist_ms);
            self.activity = Activity::Stop(stop::Stop::after_finish(at));
            return Step::Again;
        }
        if !self.mounted {
            self.activity = Activity::Mount { retry_at: ctx.now, attempt: 0 };
        } else if self.sandbox_ip.is_none() {
            self.begin_sandbox(ctx);
        } else {
            self.act(ctx);
        }
        Step::Again
    }

    fn begin_sandbox(&mut self, ctx: &mut Ctx) {
        let span = self.draw(ctx.node.pace.sandbox_ms, ctx);
        self.activity = Activity::Sandbox { until: ctx.now + span };
    }

    /// No container will start again and none that counts runs.
    fn has_finished(&self) -> bool {
        let policy = restart_policy(&self.pod);
        let failed_init = self.runs.iter().any(|r| {
            r.role == Role::Init && r.exited().is_some_and(|end| end.code != 0) && !r.wants_start(policy)
        });
        let mut regular = self.runs.iter().filter(|r| r.role == Role::Regular);
        failed_init || regular.all(|r| r.exited().is_some() && !r.wants_start(policy))
    }

    fn mount(&mut self, retry_at: SimTime, attempt: u32, ctx: &mut Ctx) -> Step {
        if ctx.now < retry_at {
            return Step::Wait(Some(retry_at));
        }
        let failures = volumes::failures(&self.volume_sources(ctx));
        if failures.is_empty() {
            self.mounted = true;
            self.begin_sandbox(ctx);
            return Step::Again;
        }
        for (volume, why) in failures {
            let message = format!("MountVolume.SetUp failed for volume {volume:?} : {why}");
            self.event(None, "Warning", "FailedMount", message, ctx);
        }
        // As the volume reconciler: 0.5 s, doubled up to two minutes and two seconds.
        let wait = Duration::from_millis(500 * (1 << attempt.min(8))).min(Duration::from_secs(122));
        let retry_at = ctx.now + wait;
        self.activity = Activity::Mount { retry_at, attempt: attempt + 1 };
        Step::Wait(Some(retry_at))
    }

    pub fn volume_sources<'a>(&'a self, ctx: &'a Ctx) -> volumes::Sources<'a> {
        volumes::Sources {
            store: ctx.store(),
            pod: &self.pod,
            pod_ip: self.sandbox_ip.as_deref().unwrap_or_default(),
            host_ip: &self.host_ip,
            now: ctx.now,
        }
    }

    fn sandbox(&mut self, until: SimTime, ctx: &mut Ctx) -> Step {
        if ctx.now < until {
            return Step::Wait(Some(until));
        }
        let host_network = self.pod.spec.as_ref().and_then(|s| s.host_network).unwrap_or(false);
        let ip = match host_network {
            true => self.host_ip.clone(),
            false => ctx.node.allocate_ip(&self.node, &node_cidr(&self.node, ctx)),
        };
        let spec = NetNsSpec {
            hostname: self.hostname(),
            ip: ip.clone(),
            node: self.node.clone(),
            hosts: start::host_aliases(&self.pod),
        };
        ctx.runtime_requests.push(RuntimeRequest::CreateNetNs { id: self.netns(), spec });
        self.sandbox_ip = Some(ip);
        self.note_change(ctx.now, ctx.node.pace.relist_ms);
        self.write_status(ctx);
        self.act(ctx);
        Step::Again
    }

    pub fn netns(&self) -> NetNsId {
        NetNsId(format!("pod/{}", self.uid))
    }

    pub fn hostname(&self) -> String {
        let spec = self.pod.spec.as_ref();
        if spec.and_then(|s| s.host_network).unwrap_or(false) {
            return self.node.clone();
        }
        let name =
            spec.and_then(|s| s.hostname.as_deref()).filter(|h| !h.is_empty()).unwrap_or(self.pod.name());
        name.get(..63).unwrap_or(name).trim_end_matches(['-', '.']).to_owned()
    }

    /// Decides which containers to stop and to start now (computePodActions).
    fn act(&mut self, ctx: &mut Ctx) {
        let condemned: Vec<usize> = (0..self.runs.len())
            .filter(|i| self.runs[*i].kill.is_some() && self.runs[*i].is_running())
            .collect();
        self.todo = self.to_start(&condemned).into();
        if condemned.is_empty() {
            self.next_start(ctx);
        } else {
            self.activity = Activity::Stop(stop::Stop::some(self, condemned, ctx));
        }
    }

    fn to_start(&self, condemned: &[usize]) -> Vec<usize> {
        let policy = restart_policy(&self.pod);
        let indexed = || self.runs.iter().enumerate();
        let ephemeral = indexed().filter(|(_, r)| r.role == Role::Ephemeral && r.wants_start(policy));
        let mut starts: Vec<usize> = ephemeral.map(|(index, _)| index).collect();
        for (index, run) in indexed().filter(|(_, r)| r.role.is_init()) {
            let restarts = condemned.contains(&index);
            match run.role {
                Role::Init if run.has_initialized() => {}
                Role::Init => {
                    if run.wants_start(policy) || restarts {
                        starts.push(index);
                    }
                    return starts;
                }
                _ => {
                    if run.wants_start(policy) || restarts {
                        starts.push(index);
                    }
                    if !run.has_initialized() && !self.any_regular_started() {
                        return starts;
                    }
                }
            }
        }
        let regular = indexed().filter(|(_, r)| r.role == Role::Regular);
        let wanted =
            regular.filter(|(i, r)| r.wants_start(policy) || (condemned.contains(i) && policy != "Never"));
        starts.extend(wanted.map(|(i, _)| i));
        starts
    }

    fn any_regular_started(&self) -> bool {
        self.runs.iter().any(|r| r.role == Role::Regular && r.current.is_some())
    }

    /// Goes on with the next container of this look, or ends the look.
    pub fn next_start(&mut self, ctx: &mut Ctx) {
        self.activity = Activity::Idle;
        while let Some(index) = self.todo.pop_front() {
            let crash_wait = self.runs[index].exited().map(|end| end.finished);
            if let Some(finished) = crash_wait {
                if let Some(until) = self.runs[index].crash.until_since(finished, ctx.now) {
                    self.crash_loop(index, until, ctx);
                    continue;
                }
                self.runs[index].crash.next(finished, ctx.now);
            }
            if pull::begin(self, index, ctx) {
                return;
            }
        }
        self.end_sync(ctx);
    }

    fn crash_loop(&mut self, index: usize, until: SimTime, ctx: &mut Ctx) {
        let pod = format!("{}_{}({})", self.pod.name(), self.pod.namespace(), self.uid);
        let name = self.runs[index].name.clone();
        let message = format!("Back-off restarting failed container {name} in pod {pod}");
        self.event(Some(index), "Warning", "BackOff", message, ctx);
        let delay = go_duration(self.runs[index].crash.delay());
        let message = format!("back-off {delay} restarting failed container={name} pod={pod}");
        let known = self.runs[index].blocked.as_ref().is_some_and(|b| b.reason == "CrashLoopBackOff");
        self.runs[index].blocked = Some(Blocked { reason: "CrashLoopBackOff", message });
        if ctx.node.pace.tells_back_off && !known {
            self.note_change(ctx.now, ctx.node.pace.relist_ms);
        }
        self.fail(Some(until));
    }

    /// Notes that this look did not succeed; `until` is when a back-off ends.
    pub fn fail(&mut self, until: Option<SimTime>) {
        let earlier = match (self.failed.flatten(), until) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.failed = Some(earlier);
    }

    /// A container started in this look.
    pub fn mark_started(&mut self) {
        self.started_any = true;
    }

    fn end_sync(&mut self, ctx: &mut Ctx) {
        let now = ctx.now;
        let retry = self.draw(ctx.node.pace.retry_ms, ctx);
        match self.failed.take() {
            None if self.started_any => self.sync_at = Some(now + RELIST_NOW),
            None => {}
            Some(None) => self.sync_at = Some(now + retry),
            Some(Some(until)) => {
                // The back-off's rest, stretched by up to half of it, as the work queue's jitter does.
                let rest = until.since(now);
                let stretch = self.draw((0, 500), ctx).as_millis();
                let stretch = rest * u32::try_from(stretch).unwrap_or(0) / 1000;
                self.sync_at = Some(now + rest + stretch);
            }
        }
    }

    fn begin_stop(&mut self, ctx: &mut Ctx) -> Step {
        self.todo.clear();
        if !self.vanished {
            self.write_status(ctx);
        }
        let all = (0..self.runs.len()).filter(|i| self.runs[*i].is_running()).collect();
        self.activity = Activity::Stop(stop::Stop::all(self, all, ctx));
        Step::Again
    }

    /// Containers that were to be stopped have ended.
    fn stopped(&mut self, ctx: &mut Ctx) -> Step {
        if self.stage == Stage::Alive {
            self.next_start(ctx);
            return Step::Again;
        }
        self.stage = Stage::Terminated;
        self.activity = Activity::Idle;
        if !self.vanished {
            self.write_status(ctx);
        }
        Step::Again
    }

    fn clean_up(&mut self, ctx: &mut Ctx) -> Step {
        for run in &self.runs {
            if let Some(id) = run.id() {
                ctx.runtime_requests.push(RuntimeRequest::Remove { id: id.clone() });
            }
        }
        if let Some(ip) = self.sandbox_ip.take() {
            ctx.runtime_requests.push(RuntimeRequest::RemoveNetNs { id: self.netns() });
            ctx.node.release_ip(&self.node, &ip);
        }
        if !self.vanished {
            super::kubelet::delete_from_api(self, ctx);
        }
        Step::Gone
    }

    /// Writes the status if it differs from what is stored, and lets the probes begin.
    pub fn write_status(&mut self, ctx: &mut Ctx) {
        let Some(stored) = ctx.get::<Pod>(&self.key.namespace, &self.key.name) else { return };
        if stored.uid() != self.uid {
            return;
        }
        self.pod = stored;
        let facts = Facts {
            pod: &self.pod,
            runs: &self.runs,
            sandbox_ip: self.sandbox_ip.as_deref(),
            host_ip: &self.host_ip,
            terminal: self.stage == Stage::Terminated,
            may_run: self.stage != Stage::Terminated,
            evicted: self.evicted,
            now: ctx.now,
        };
        let status = generate(&facts);
        for run in &mut self.runs {
            if run.is_running() && self.stage == Stage::Alive {
                run.probes.trigger(ctx.now);
            }
        }
        if self.pod.status.as_ref() == Some(&status) {
            return;
        }
        let mut copy = Pod::clone(&self.pod);
        copy.status = Some(status);
        if let Ok(stored) = ctx.update_status(copy) {
            self.pod = stored;
        }
    }

    /// Records an event about the pod, or about one of its containers.
    pub fn event(&self, run: Option<usize>, type_: &str, reason: &str, message: String, ctx: &mut Ctx) {
        let path = run.and_then(|i| self.runs.get(i)).map(Run::field_path);
        ctx.record_event_at(&*self.pod, path.as_deref(), Some(&self.node), type_, reason, message);
    }
}

/// A node's next look at its runtime: every node looks at its own moments.
fn next_relist(node: &str, now: SimTime, relist_ms: u64) -> SimTime {
    let relist_ms = relist_ms.max(1);
    let phase = node.bytes().fold(7u64, |h, b| h.wrapping_mul(31).wrapping_add(u64::from(b))) % relist_ms;
    let since = (now.millis() + relist_ms - phase) % relist_ms;
    now + Duration::from_millis(relist_ms - since)
}

/// The node's address, as pods show it in `hostIP`.
fn host_ip(node: &str, ctx: &Ctx) -> String {
    let node = ctx.get::<Node>("", node);
    let addresses = node.as_ref().and_then(|n| n.status.as_ref()).and_then(|s| s.addresses.as_ref());
    let internal = addresses.into_iter().flatten().find(|a| a.type_ == "InternalIP");
    internal.map(|a| a.address.clone()).unwrap_or_default()
}

fn node_cidr(node: &str, ctx: &Ctx) -> String {
    let node = ctx.get::<Node>("", node);
    node.and_then(|n| n.spec.as_ref().and_then(|s| s.pod_cidr.clone()))
        .unwrap_or_else(|| "10.244.0.0/24".to_owned())
}

/// A span as Go prints it: `10s`, `2m40s`, `504ms`, `1.204s`.
pub fn go_duration(span: Duration) -> String {
    let ms = span.as_millis();
    if ms < 1000 {
        return if ms == 0 { "0s".to_owned() } else { format!("{ms}ms") };
    }
    let (minutes, rest) = (ms / 60_000, ms % 60_000);
    let seconds = match rest % 1000 {
        0 => format!("{}s", rest / 1000),
        fraction => format!("{}.{}s", rest / 1000, format!("{fraction:03}").trim_end_matches('0')),
    };
    match (minutes / 60, minutes % 60) {
        (0, 0) => seconds,
        (0, minutes) => format!("{minutes}m{seconds}"),
        (hours, minutes) => format!("{hours}h{minutes}m{seconds}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_print_as_go_prints_them() {
        let check = |ms, expect| assert_eq!(go_duration(Duration::from_millis(ms)), expect);
        check(504, "504ms");
        check(1204, "1.204s");
        check(10_000, "10s");
        check(160_000, "2m40s");
        check(300_000, "5m0s");
        check(1_500, "1.5s");
    }
}
