//! Stopping containers: the Killing event, the preStop hook, the stop signal, and after the grace period the kill.
//! Sidecars go after the others, last started first. As kuberuntime_container.go, killContainer.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::hooks;
use super::probes::ProbeKind;
use super::run::Role;
use super::start::exited;
use super::worker::{Stage, Worker};
use crate::base::time::SimTime;
use crate::cluster::controllers::Ctx;
use crate::image::process::{RuntimeRequest, Signal};

/// The grace of a pod that was deleted by force.
const FORCED_GRACE: Duration = Duration::from_secs(1);
/// How long a runtime may take to report a killed container before it counts as ended.
const KILL_PATIENCE: Duration = Duration::from_secs(2);
const KILLED_CODE: i32 = 137;

/// A stop under way.
#[derive(Debug, Clone)]
pub struct Stop {
    /// Begins at this time.
    not_before: SimTime,
    /// Not yet asked to stop; groups, one after the other.
    groups: Vec<Vec<usize>>,
    current: Vec<usize>,
    /// Waiting for a preStop hook, until at most.
    held: BTreeMap<usize, SimTime>,
    signalled: BTreeSet<usize>,
    grace: Duration,
    deadline: SimTime,
    killed: bool,
    /// The container is restarted afterwards: how its event ends.
    restart: bool,
}

pub enum Progress {
    Wait(Option<SimTime>),
    Done,
}

impl Stop {
    fn new(not_before: SimTime, groups: Vec<Vec<usize>>, grace: Duration, restart: bool) -> Stop {
        Stop {
            not_before,
            groups,
            current: Vec::new(),
            held: BTreeMap::new(),
            signalled: BTreeSet::new(),
            grace,
            deadline: not_before + grace,
            killed: false,
            restart,
        }
    }

    /// All running containers of a pod that is to go.
    pub fn all(worker: &Worker, running: Vec<usize>, ctx: &Ctx) -> Stop {
        let (sidecars, others): (Vec<usize>, Vec<usize>) =
            running.into_iter().partition(|i| worker.runs[*i].role == Role::Sidecar);
        let mut groups = vec![others];
        groups.extend(sidecars.into_iter().rev().map(|i| vec![i]));
        groups.retain(|g| !g.is_empty());
        Stop::new(ctx.now, groups, grace(worker), false)
    }

    /// Some containers that are to be started again.
    pub fn some(worker: &Worker, condemned: Vec<usize>, ctx: &Ctx) -> Stop {
        let of_probe = condemned.iter().find_map(|i| {
            let probes = &worker.runs[*i].probes;
            probes.grace_seconds(ProbeKind::Liveness).or(probes.grace_seconds(ProbeKind::Startup))
        });
        let grace =
            of_probe.and_then(|s| u64::try_from(s).ok()).map_or_else(|| grace(worker), Duration::from_secs);
        Stop::new(ctx.now, vec![condemned], grace, true)
    }

    /// A pod that finished by itself: what still runs (sidecars) is stopped at the next look.
    pub fn after_finish(at: SimTime) -> Stop {
        Stop::new(at, Vec::new(), Duration::from_secs(30), false)
    }

    /// A hook was answered.
    pub fn release(&mut self, run: usize, now: SimTime) {
        if let Some(until) = self.held.get_mut(&run) {
            *until = now;
        }
    }
}

fn grace(worker: &Worker) -> Duration {
    if worker.vanished {
        return FORCED_GRACE;
    }
    let meta = &worker.pod.metadata;
    let own = worker.pod.spec.as_ref().and_then(|s| s.termination_grace_period_seconds);
    let seconds = meta.deletion_grace_period_seconds.or(own).unwrap_or(30);
    Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}

pub fn step(worker: &mut Worker, stop: &mut Stop, ctx: &mut Ctx) -> Progress {
    if ctx.now < stop.not_before && !(worker.is_deletion_asked() && worker.stage != Stage::Alive) {
        return Progress::Wait(Some(stop.not_before));
    }
    loop {
        let open: Vec<usize> =
            stop.current.iter().copied().filter(|i| worker.runs[*i].is_running()).collect();
        if open.is_empty() {
            if stop.groups.is_empty() {
                let left = leftover(worker, stop.restart);
                if left.is_empty() {
                    return Progress::Done;
                }
                stop.groups.push(left);
            }
            begin_group(worker, stop, ctx);
            continue;
        }
        return wait_for(worker, stop, &open, ctx);
    }
}

/// Sidecars of a pod that finished by itself.
fn leftover(worker: &Worker, restart: bool) -> Vec<usize> {
    if restart {
        return Vec::new();
    }
    (0..worker.runs.len()).filter(|i| worker.runs[*i].is_running()).collect()
}

fn begin_group(worker: &mut Worker, stop: &mut Stop, ctx: &mut Ctx) {
    stop.current = stop.groups.remove(0);
    stop.killed = false;
    stop.deadline = ctx.now + stop.grace;
    for run in stop.current.clone() {
        let name = worker.runs[run].name.clone();
        let message = match worker.runs[run].kill.clone() {
            Some(why) if stop.restart => why,
            _ => format!("Stopping container {name}"),
        };
        worker.event(Some(run), "Normal", "Killing", message, ctx);
        if let Some(until) = hooks::pre_stop(worker, run, stop.deadline, ctx) {
            stop.held.insert(run, until);
        }
    }
}

fn wait_for(worker: &mut Worker, stop: &mut Stop, open: &[usize], ctx: &mut Ctx) -> Progress {
    let now = ctx.now;
    for &run in open {
        let held = stop.held.get(&run).is_some_and(|until| now < *until);
        if !held && stop.signalled.insert(run) {
            send(worker, run, stop_signal(worker, run), ctx);
        }
    }
    if now >= stop.deadline && !stop.killed {
        stop.killed = true;
        for &run in open {
            send(worker, run, Signal::Kill, ctx);
        }
    }
    if stop.killed && now >= stop.deadline + KILL_PATIENCE {
        for &run in open {
            exited(worker, run, KILLED_CODE, false, ctx);
        }
        return Progress::Wait(Some(now));
    }
    if open.iter().any(|run| !worker.runs[*run].is_running()) {
        return Progress::Wait(Some(now));
    }
    let held = stop.held.values().copied().filter(|until| *until > now).min();
    let end = if stop.killed { stop.deadline + KILL_PATIENCE } else { stop.deadline };
    Progress::Wait(Some(held.map_or(end, |h| h.min(end))))
}

fn send(worker: &mut Worker, run: usize, signal: Signal, ctx: &mut Ctx) {
    if worker.runs[run].current.as_ref().is_some_and(|i| i.adopted) {
        return exited(worker, run, 0, false, ctx);
    }
    if let Some(id) = worker.runs[run].id().cloned() {
        ctx.runtime_requests.push(RuntimeRequest::Signal { id, signal });
    }
}

fn stop_signal(worker: &Worker, run: usize) -> Signal {
    let own = worker.runs[run].spec(&worker.pod).and_then(|c| c.lifecycle.as_ref()?.stop_signal.clone());
    let of_image = worker.runs[run].current.as_ref().map(|i| i.image.config.stop_signal.clone());
    let name = own.or(of_image).unwrap_or_default();
    Signal::parse(&name).unwrap_or(Signal::Term)
}
