//! One pod on its node: a small machine that goes through the kubelet's stages (volumes, sandbox, image, container;
//! stopping, cleaning up), each lasting as long as the pace says. Acts only when time or the runtime moved.
//! As kubelet's pod_workers.go and kuberuntime's SyncPod.

mod activities;

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Node, Pod};

use super::hooks::Hook;
use super::pace::{Span, draw};
use super::run::{Run, adopt, ephemeral_runs, runs_of};
use super::status::{Facts, generate};
use super::{kubelet, pull, start, stop};
use crate::base::time::SimTime;
use crate::cluster::controllers::Ctx;
use crate::cluster::object::{Key, Typed};
use crate::cluster::sim_time;
use crate::image::Image;

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
        let late = start::late_exits(self, ctx);
        for _ in 0..STEP_LIMIT {
            match self.step(ctx) {
                Step::Again => {}
                Step::Gone => return Next::Gone,
                Step::Wait(until) => {
                    let probe = kubelet::send_probes(self, ctx);
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
