//! What a pod's worker does between its looks at the world: setting up volumes, sandbox and containers, starting what
//! should run, stopping, cleaning up. Each stage lasts as long as the pace says.

use std::time::Duration;

use super::{Activity, RELIST_NOW, Stage, Step, Worker, next_relist, node_cidr};
use crate::base::time::SimTime;
use crate::cluster::controllers::Ctx;
use crate::cluster::node::backoff::go_duration;
use crate::cluster::node::run::{Blocked, Role, restart_policy};
use crate::cluster::node::{kubelet, pull, start, stop, volumes};
use crate::image::process::{NetNsId, NetNsSpec, RuntimeRequest};

impl Worker {
    /// Tells the status, then goes on with what the pod needs (SyncPod).
    pub(super) fn begin_sync(&mut self, ctx: &mut Ctx) -> Step {
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

    pub(super) fn mount(&mut self, retry_at: SimTime, attempt: u32, ctx: &mut Ctx) -> Step {
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

    pub(super) fn sandbox(&mut self, until: SimTime, ctx: &mut Ctx) -> Step {
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

    pub(super) fn begin_stop(&mut self, ctx: &mut Ctx) -> Step {
        self.todo.clear();
        if !self.vanished {
            self.write_status(ctx);
        }
        let all = (0..self.runs.len()).filter(|i| self.runs[*i].is_running()).collect();
        self.activity = Activity::Stop(stop::Stop::all(self, all, ctx));
        Step::Again
    }

    /// Containers that were to be stopped have ended.
    pub(super) fn stopped(&mut self, ctx: &mut Ctx) -> Step {
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

    pub(super) fn clean_up(&mut self, ctx: &mut Ctx) -> Step {
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
            kubelet::delete_from_api(self, ctx);
        }
        Step::Gone
    }
}
