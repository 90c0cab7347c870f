//! Lifecycle hooks: what a container asks to be done after its start and before its stop. Sends the request; the
//! stop waits for its answer.

use std::time::Duration;

use k8s_openapi::api::core::v1::LifecycleHandler;

use super::probes::resolve_port;
use super::run::Blocked;
use super::worker::{Stage, Worker};
use crate::base::time::SimTime;
use crate::cluster::controllers::Ctx;
use crate::image::process::{ProbeAction, ProbeResult, RuntimeRequest};

/// How long a hook may take at most; the grace period of a stop is usually shorter.
const HOOK_LIMIT: Duration = Duration::from_secs(3600);

/// Which of a container's hooks was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    PostStart,
    PreStop,
}

/// A hook under way.
#[derive(Debug, Clone, Copy)]
pub struct Hook {
    pub run: usize,
    moment: Moment,
}

/// Sends the postStart hook, if there is one. Its result is not waited for.
pub fn post_start(worker: &mut Worker, run: usize, ctx: &mut Ctx) {
    let spec = worker.runs[run].spec(&worker.pod).cloned().unwrap_or_default();
    if let Some(handler) = spec.lifecycle.and_then(|l| l.post_start) {
        send(worker, run, Moment::PostStart, &handler, ctx);
    }
}

/// What became of a hook: one that failed is told, and a container whose postStart hook failed is stopped.
pub fn answered(worker: &mut Worker, hook: Hook, result: &ProbeResult, ctx: &mut Ctx) {
    let why = match result {
        ProbeResult::Ok => return,
        ProbeResult::HttpStatus { code, .. } if (200..400).contains(code) => return,
        ProbeResult::HttpStatus { code, .. } => format!("HTTP status {code}"),
        ProbeResult::ExecFailed { code, output } => format!("exited with {code}: {output}"),
        ProbeResult::ConnectionRefused => "connection refused".to_owned(),
        ProbeResult::Timeout => "timeout".to_owned(),
    };
    let run = hook.run;
    if hook.moment == Moment::PreStop {
        let message = "PreStopHook failed".to_owned();
        return worker.event(Some(run), "Warning", "FailedPreStopHook", message, ctx);
    }
    if worker.stage != Stage::Alive || !worker.runs[run].is_running() {
        return;
    }
    worker.event(Some(run), "Warning", "FailedPostStartHook", "PostStartHook failed".to_owned(), ctx);
    worker.runs[run].kill = Some("FailedPostStartHook".to_owned());
    worker.runs[run].blocked = Some(Blocked { reason: "PostStartHookError", message: why });
    worker.sync_soon(ctx.now);
}

/// Sends the preStop hook and returns until when the stop must wait for it; `deadline` ends every wait.
pub fn pre_stop(worker: &mut Worker, run: usize, deadline: SimTime, ctx: &mut Ctx) -> Option<SimTime> {
    let spec = worker.runs[run].spec(&worker.pod).cloned().unwrap_or_default();
    let handler = spec.lifecycle.and_then(|l| l.pre_stop)?;
    if let Some(sleep) = &handler.sleep {
        let span = Duration::from_secs(u64::try_from(sleep.seconds).unwrap_or(0));
        return Some((ctx.now + span).min(deadline));
    }
    send(worker, run, Moment::PreStop, &handler, ctx).then_some(deadline)
}

fn send(worker: &mut Worker, run: usize, moment: Moment, handler: &LifecycleHandler, ctx: &mut Ctx) -> bool {
    let Some(id) = worker.runs[run].id().cloned() else { return false };
    let Some(action) = action(worker, run, handler) else { return false };
    let token = ctx.node.token();
    worker.hooks.insert(token, Hook { run, moment });
    ctx.runtime_requests.push(RuntimeRequest::Probe { id, token, probe: action, timeout: HOOK_LIMIT });
    true
}

fn action(worker: &Worker, run: usize, handler: &LifecycleHandler) -> Option<ProbeAction> {
    if let Some(exec) = &handler.exec {
        return Some(ProbeAction::Exec { argv: exec.command.clone().unwrap_or_default() });
    }
    let http = handler.http_get.as_ref()?;
    let spec = worker.runs[run].spec(&worker.pod)?;
    let ports = spec
        .ports
        .iter()
        .flatten()
        .filter_map(|p| Some((p.name.clone()?, u16::try_from(p.container_port).ok()?)));
    let ports: Vec<(String, u16)> = ports.collect();
    Some(ProbeAction::Http {
        host: http.host.clone().or(worker.sandbox_ip.clone()).unwrap_or_default(),
        port: resolve_port(&http.port, &ports)?,
        path: http.path.clone().unwrap_or_else(|| "/".to_owned()),
        scheme: http.scheme.clone().unwrap_or_else(|| "HTTP".to_owned()),
        headers: Vec::new(),
    })
}
