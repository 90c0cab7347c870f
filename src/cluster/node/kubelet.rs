//! The kubelet as a controller: wakes for the pods of its nodes, hears the runtime, sends probes. What happens to one
//! pod is `worker`'s business; this file only brings news to it.

use k8s_openapi::api::core::v1::Pod;

use super::worker::{Activity, Next, Stage, Worker};
use super::{Owner, hooks, start};
use crate::base::time::SimTime;
use crate::cluster::api::server::DeleteOptions;
use crate::cluster::controllers::{Controller, Ctx, Outcome};
use crate::cluster::object::{Key, KindId, Typed};
use crate::cluster::store::{Change, Store};
use crate::image::process::{ProbeResult, RuntimeEvent, RuntimeRequest};

pub const NAME: &str = "kubelet";

pub struct Kubelet;

impl Controller for Kubelet {
    fn name(&self) -> &'static str {
        NAME
    }

    fn wakes_for(&self, change: &Change, _store: &Store, keys: &mut Vec<Key>) {
        if change.key.kind != KindId::Pod || &*change.actor == NAME {
            return;
        }
        let pod = change.new_as::<Pod>().or(change.old_as::<Pod>());
        let bound = pod.and_then(|p| p.spec.as_ref()).is_some_and(|s| s.node_name.is_some());
        if bound {
            keys.push(change.key.clone());
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let mut workers = ctx.node.workers.remove(key).unwrap_or_default();
        let pod = ctx.get::<Pod>(&key.namespace, &key.name);
        if let Some(pod) = pod.as_ref().filter(|p| is_new(p, &workers)) {
            workers.push(Worker::new(pod.clone(), ctx));
        }
        for (owner, event) in ctx.node.inbox.remove(key).unwrap_or_default() {
            if let Some(worker) = workers.iter_mut().find(|w| w.uid == owner.uid) {
                hear(worker, &owner, event, ctx);
            }
        }
        let mut next: Option<SimTime> = None;
        workers.retain_mut(|worker| {
            let own = pod.clone().filter(|p| p.uid() == worker.uid);
            match worker.tick(own, ctx) {
                Next::Gone => {
                    ctx.node.forget(&worker.uid);
                    return false;
                }
                Next::At(at) => next = Some(next.map_or(at, |n| n.min(at))),
                Next::Never => {}
            }
            true
        });
        if !workers.is_empty() {
            ctx.node.workers.insert(key.clone(), workers);
        }
        next.map_or(Outcome::Done, Outcome::RequeueAt)
    }
}

/// A bound pod that has no worker yet and is not over already.
fn is_new(pod: &Typed<Pod>, workers: &[Worker]) -> bool {
    let bound = pod.spec.as_ref().is_some_and(|s| s.node_name.is_some());
    // A pod that has stopped may still be held by a finalizer.
    let over = pod.metadata.deletion_grace_period_seconds == Some(0);
    bound && !over && !workers.iter().any(|w| w.uid == pod.uid())
}

/// What the runtime reports about one of the pod's containers.
fn hear(worker: &mut Worker, owner: &Owner, event: RuntimeEvent, ctx: &mut Ctx) {
    let run = owner.run;
    let current = worker.runs.get(run).and_then(|r| r.id()) == Some(&owner.id);
    match event {
        RuntimeEvent::Started { .. } if current => start::started(worker, run, ctx),
        RuntimeEvent::StartFailed { error, .. } if current => start::start_failed(worker, run, &error, ctx),
        RuntimeEvent::LastWords { text, .. } if current => worker.runs[run].last_words = Some(text),
        RuntimeEvent::Exited { code, oom, .. } if current => start::ended(worker, run, code, oom, ctx),
        RuntimeEvent::ProbeResult { token, result, .. } => probe_result(worker, run, token, &result, ctx),
        _ => {}
    }
}

fn probe_result(worker: &mut Worker, run: usize, token: u64, result: &ProbeResult, ctx: &mut Ctx) {
    if let Some(hook) = worker.hooks.remove(&token) {
        if let Activity::Stop(stop) = &mut worker.activity {
            stop.release(hook.run, ctx.now);
        }
        return hooks::answered(worker, hook, result, ctx);
    }
    let ip = worker.sandbox_ip.clone().unwrap_or_default();
    let Some(verdict) = worker.runs.get_mut(run).and_then(|r| r.probes.result(token, result, &ip)) else {
        return;
    };
    if worker.stage != Stage::Alive {
        return;
    }
    if let Some(complaint) = &verdict.complaint {
        let message = format!("{} probe failed: {complaint}", verdict.kind.word());
        worker.event(Some(run), "Warning", "Unhealthy", message, ctx);
    }
    if verdict.kill {
        let name = &worker.runs[run].name;
        let word = verdict.kind.word().to_lowercase();
        worker.runs[run].kill = Some(format!("Container {name} failed {word} probe, will be restarted"));
        worker.sync_soon(ctx.now);
    } else if verdict.changed.is_some() {
        worker.write_status(ctx);
        // A sidecar that has started lets the next container begin.
        worker.sync_soon(ctx.now);
    }
}

/// Sends the probes that are due; returns when the next one is.
pub fn send_probes(worker: &mut Worker, ctx: &mut Ctx) -> Option<SimTime> {
    if worker.stage != Stage::Alive {
        return None;
    }
    let ip = worker.sandbox_ip.clone().unwrap_or_default();
    let mut next: Option<SimTime> = None;
    for run in worker.runs.iter_mut().filter(|r| !r.probes.is_empty()) {
        let (Some(since), Some(id)) = (run.running_since(), run.id().cloned()) else { continue };
        let due = run.probes.take_due(ctx.now, since, &ip, || ctx.node.token());
        for (token, probe, timeout) in due {
            ctx.runtime_requests.push(RuntimeRequest::Probe { id: id.clone(), token, probe, timeout });
        }
        next = next.into_iter().chain(run.probes.next_due()).min();
    }
    next
}

/// The last act for a deleted pod: the object goes, provided it is still the same pod.
pub fn delete_from_api(worker: &Worker, ctx: &mut Ctx) {
    let options = DeleteOptions {
        grace_period_seconds: Some(0),
        precondition_uid: Some(worker.uid.clone()),
        ..DeleteOptions::default()
    };
    // Not found or another pod by now: then there is nothing left to delete.
    let _ = ctx.delete_with(&worker.key, &options);
}
