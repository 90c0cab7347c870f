//! Getting an image onto the node for one container: the pull policy, one pull at a time, back-off after failures,
//! and the events that tell of it. As kubelet's images/image_manager.go.

use std::rc::Rc;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Secret, ServiceAccount};

use super::backoff::go_duration;
use super::run::Blocked;
use super::worker::{Activity, Worker};
use crate::base::time::SimTime;
use crate::cluster::controllers::{Ctx, PullCredentials};
use crate::image::{Image, ImageRef};

/// What asking the registry about an image that is already there takes.
const CHECK_MS: (u64, u64) = (180, 420);

/// A pull under way.
#[derive(Debug, Clone)]
pub struct Pull {
    run: usize,
    name: String,
    reference: ImageRef,
    asked: SimTime,
    begins: SimTime,
    until: SimTime,
    outcome: Result<Rc<Image>, String>,
}

/// Begins to get the image of a container. False when it cannot be started in this look; why is in its `blocked`.
pub fn begin(worker: &mut Worker, run: usize, ctx: &mut Ctx) -> bool {
    let Some(spec) = worker.runs[run].spec(&worker.pod).cloned() else { return false };
    let name = spec.image.clone().unwrap_or_default();
    let reference = match ImageRef::parse(&name) {
        Ok(reference) => reference.with_default_tag(),
        Err(_) => return invalid_name(worker, run, &name, ctx),
    };
    let present = ctx.node.image(&worker.node, &reference.canonical());
    let policy = spec.image_pull_policy.as_deref().unwrap_or("IfNotPresent");
    match (policy, present) {
        ("IfNotPresent" | "Never", Some(image)) => {
            let message =
                format!("Container image {name:?} already present on machine and can be accessed by the pod");
            worker.event(Some(run), "Normal", "Pulled", message, ctx);
            begin_start(worker, run, image, ctx);
            true
        }
        ("Never", None) => {
            let message = format!("Container image {name:?} is not present with pull policy of Never");
            worker.event(Some(run), "Warning", "ErrImageNeverPull", message.clone(), ctx);
            refuse(worker, run, "ErrImageNeverPull", message, ctx)
        }
        _ => begin_pull(worker, run, name, reference, ctx),
    }
}

fn invalid_name(worker: &mut Worker, run: usize, name: &str, ctx: &mut Ctx) -> bool {
    let message = format!(
        "Failed to apply default image tag {name:?}: couldn't parse image name {name:?}: invalid reference format"
    );
    worker.event(Some(run), "Warning", "InspectFailed", message.clone(), ctx);
    refuse(worker, run, "InvalidImageName", message, ctx)
}

/// Notes why a container does not start; the look goes on with the next one.
fn refuse(worker: &mut Worker, run: usize, reason: &'static str, message: String, ctx: &mut Ctx) -> bool {
    worker.event(Some(run), "Warning", "Failed", format!("Error: {reason}"), ctx);
    worker.runs[run].blocked = Some(Blocked { reason, message });
    worker.fail(None);
    false
}

fn begin_pull(worker: &mut Worker, run: usize, name: String, reference: ImageRef, ctx: &mut Ctx) -> bool {
    if worker.runs[run].pull.until_since_update(ctx.now).is_some() {
        let message = format!("Back-off pulling image {name:?}");
        worker.event(Some(run), "Normal", "BackOff", message.clone(), ctx);
        let message = match &worker.runs[run].last_pull_error {
            Some(error) => format!("{message}: ErrImagePull: {error}"),
            None => message,
        };
        return refuse(worker, run, "ImagePullBackOff", message, ctx);
    }
    worker.event(Some(run), "Normal", "Pulling", format!("Pulling image {name:?}"), ctx);
    let credentials = credentials(worker, ctx);
    let node = worker.node.clone();
    let outcome = ctx.outside.resolve_image(ctx.now, &node, &reference, &credentials);
    let outcome = outcome.map_err(|e| rpc_error(&reference, &e.message));
    let canonical = reference.canonical();
    let known = ctx.node.image(&node, &canonical).is_some() || ctx.node.is_pulling(&node, &canonical);
    let span = match known && outcome.is_ok() {
        true => worker.draw(CHECK_MS, ctx),
        false => ctx.outside.pull_time(&node, &reference),
    };
    let begins = ctx.node.pull_slot(&node).max(ctx.now);
    let until = begins + span;
    ctx.node.note_pull(&node, &canonical, until);
    worker.activity = Activity::Pull(Pull { run, name, reference, asked: ctx.now, begins, until, outcome });
    true
}

/// The error as it comes through the CRI: the resolver's words in containerd's frame.
fn rpc_error(reference: &ImageRef, message: &str) -> String {
    let name = reference.canonical();
    let code = if message.ends_with(": not found") { "NotFound" } else { "Unknown" };
    format!(
        "rpc error: code = {code} desc = failed to pull and unpack image {name:?}: failed to resolve reference \
         {name:?}: {message}"
    )
}

fn credentials(worker: &Worker, ctx: &Ctx) -> PullCredentials {
    let namespace = worker.pod.namespace();
    let spec = worker.pod.spec.as_ref();
    let own = spec.and_then(|s| s.image_pull_secrets.clone()).unwrap_or_default();
    let account = spec.and_then(|s| s.service_account_name.as_deref()).unwrap_or("default");
    let of_account = ctx.get::<ServiceAccount>(namespace, account);
    let of_account = of_account.and_then(|a| a.image_pull_secrets.clone()).unwrap_or_default();
    let secrets = own.into_iter().chain(of_account).filter_map(|s| ctx.get::<Secret>(namespace, &s.name));
    let config = |secret: &Secret| {
        let data = secret.data.as_ref()?;
        Some(data.get(".dockerconfigjson").or_else(|| data.get(".dockercfg"))?.0.clone())
    };
    PullCredentials { docker_configs: secrets.filter_map(|s| config(&s)).collect() }
}

/// Goes on with a pull; returns the time to wait for, or nothing when it is decided.
pub fn step(worker: &mut Worker, pull: Pull, ctx: &mut Ctx) -> Option<SimTime> {
    if ctx.now < pull.until {
        return Some(pull.until);
    }
    match pull.outcome.clone() {
        Ok(image) => succeed(worker, pull, image, ctx),
        Err(error) => fail(worker, &pull, error, ctx),
    }
    None
}

fn succeed(worker: &mut Worker, pull: Pull, image: Rc<Image>, ctx: &mut Ctx) {
    ctx.node.keep_image(&worker.node, &pull.reference.canonical(), image.clone());
    worker.runs[pull.run].pull = super::backoff::Backoff::default();
    let message = format!(
        "Successfully pulled image {:?} in {} ({} including waiting). Image size: {} bytes.",
        pull.name,
        go_duration(pull.until - pull.begins),
        go_duration(pull.until - pull.asked),
        image.compressed_bytes(),
    );
    worker.event(Some(pull.run), "Normal", "Pulled", message, ctx);
    begin_start(worker, pull.run, image, ctx);
}

fn fail(worker: &mut Worker, pull: &Pull, error: String, ctx: &mut Ctx) {
    let message = format!("Failed to pull image {:?}: {error}", pull.name);
    worker.event(Some(pull.run), "Warning", "Failed", message, ctx);
    let run = &mut worker.runs[pull.run];
    run.pull.next(ctx.now, ctx.now);
    run.last_pull_error = Some(error.clone());
    refuse(worker, pull.run, "ErrImagePull", error, ctx);
    worker.next_start(ctx);
}

fn begin_start(worker: &mut Worker, run: usize, image: Rc<Image>, ctx: &mut Ctx) {
    let span: Duration = worker.draw(ctx.node.pace.start_ms, ctx);
    worker.activity = Activity::Start { run, until: ctx.now + span, image };
}
