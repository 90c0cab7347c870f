//! Creating and starting one container: command line, environment, mounts, and the request to the runtime; and what
//! the runtime's answer means. As kuberuntime_container.go, startContainer.

use std::rc::Rc;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Container, Pod};

use super::run::{Blocked, Instance, State, Terminated};
use super::worker::{Activity, LateExit, Worker};
use super::{environment, hooks, volumes};
use crate::base::time::SimTime;
use crate::cluster::controllers::Ctx;
use crate::cluster::quantity;
use crate::image::process::{ContainerId, RuntimeRequest, StartContainer};
use crate::image::{Image, ImageRef};

/// runc's exit code for a container whose process could not be started.
const START_ERROR_CODE: i32 = 128;

/// containerd's and runc's frame around the reason why a process does not start.
const START_ERROR: &str = "failed to create containerd task: failed to create shim task: OCI runtime create failed: \
                           runc create failed: unable to start container process: error during container init: ";

/// Creates the container and asks the runtime to start it; or notes why that cannot be.
pub fn create_and_start(worker: &mut Worker, run: usize, image: Rc<Image>, ctx: &mut Ctx) {
    let Some(spec) = worker.runs[run].spec(&worker.pod).cloned() else { return worker.next_start(ctx) };
    let request = match request(worker, &spec, &image, ctx) {
        Ok(request) => request,
        Err(refusal) => {
            worker.event(Some(run), "Warning", "Failed", format!("Error: {}", refusal.message), ctx);
            worker.runs[run].blocked = Some(refusal);
            worker.fail(None);
            return worker.next_start(ctx);
        }
    };
    let id = request.id.clone();
    replace_instance(worker, run, &id, &image, ctx);
    worker.event(Some(run), "Normal", "Created", "Container created".to_owned(), ctx);
    ctx.node.register(&id, &worker.key, &worker.uid, run, &spec.name);
    ctx.runtime_requests.push(RuntimeRequest::Start(Box::new(request)));
    worker.activity = Activity::AwaitStart { run };
}

/// The new instance takes the place of the old one, which becomes the last state.
fn replace_instance(worker: &mut Worker, run: usize, id: &ContainerId, image: &Rc<Image>, ctx: &mut Ctx) {
    let name = worker.runs[run].spec(&worker.pod).and_then(|c| c.image.clone()).unwrap_or_default();
    let reference = ImageRef::parse(&name).map(ImageRef::with_default_tag).ok();
    let run = &mut worker.runs[run];
    if let Some(old) = run.current.take() {
        if let State::Exited(end) = old.state {
            run.previous = Some(end);
        }
        run.restarts += 1;
        ctx.runtime_requests.push(RuntimeRequest::Remove { id: old.id });
    }
    run.kill = None;
    run.current = Some(Instance {
        id: id.clone(),
        image: image.clone(),
        image_name: reference.as_ref().map_or(name.clone(), ImageRef::canonical),
        image_id: format!("{}@{}", reference.map_or(name, |r| r.name()), image.manifest_digest()),
        state: State::Created,
        adopted: false,
    });
}

fn request(
    worker: &mut Worker,
    spec: &Container,
    image: &Rc<Image>,
    ctx: &Ctx,
) -> Result<StartContainer, Blocked> {
    let config_error = |message| Blocked { reason: "CreateContainerConfigError", message };
    let ip = worker.sandbox_ip.clone().unwrap_or_default();
    let sources = environment::Sources {
        store: ctx.store(),
        pod: &worker.pod,
        container: spec,
        pod_ip: &ip,
        host_ip: &worker.host_ip,
    };
    refuse_root(&worker.pod, spec, &image.config.user).map_err(config_error)?;
    let vars = environment::variables(&sources).map_err(config_error)?;
    let mounts = volumes::mounts(spec, &worker.volume_sources(ctx)).map_err(config_error)?;
    let expanded = |words: &Option<Vec<String>>| -> Option<Vec<String>> {
        let words = words.as_ref().filter(|w| !w.is_empty())?;
        Some(words.iter().map(|w| environment::expand(w, &[&vars])).collect())
    };
    let argv = image.argv(expanded(&spec.command).as_deref(), &expanded(&spec.args).unwrap_or_default());
    let id = ContainerId(worker.draw_hex(64, ctx));
    if argv.is_empty() {
        let message = format!(
            "failed to generate container {:?} spec: failed to apply OCI options: no command specified",
            id.0
        );
        return Err(Blocked { reason: "CreateContainerError", message });
    }
    let mut env = image.config.env.clone();
    env.push(("HOSTNAME".to_owned(), worker.hostname()));
    for (name, value) in vars {
        match env.iter_mut().find(|(known, _)| *known == name) {
            Some(known) => known.1 = value,
            None => env.push((name, value)),
        }
    }
    let workdir = spec.working_dir.clone().filter(|d| !d.is_empty()).unwrap_or(image.config.workdir.clone());
    Ok(StartContainer {
        id,
        image: image.clone(),
        files: image.files(),
        argv,
        env,
        workdir,
        user: user(&worker.pod, spec).unwrap_or(image.config.user.clone()),
        hostname: worker.hostname(),
        netns: worker.netns(),
        ip,
        mounts,
        tty: spec.tty.unwrap_or(false),
        stdin_open: spec.stdin.unwrap_or(false),
        memory_limit_bytes: memory_limit(spec),
        init: false,
        read_only_root: spec
            .security_context
            .as_ref()
            .and_then(|s| s.read_only_root_filesystem)
            .unwrap_or(false),
        termination_log: spec.termination_message_path.clone().filter(|p| !p.is_empty()),
    })
}

fn user(pod: &Pod, spec: &Container) -> Option<String> {
    let own = spec.security_context.as_ref().and_then(|s| s.run_as_user);
    let of_pod = pod.spec.as_ref().and_then(|s| s.security_context.as_ref()).and_then(|s| s.run_as_user);
    own.or(of_pod).map(|uid| uid.to_string())
}

/// `runAsNonRoot`: why a container that would run as root, or might, does not start (verifyRunAsNonRoot).
fn refuse_root(pod: &Pod, spec: &Container, image_user: &str) -> Result<(), String> {
    let own = spec.security_context.as_ref();
    let shared = pod.spec.as_ref().and_then(|s| s.security_context.as_ref());
    let wanted = own.and_then(|s| s.run_as_non_root).or(shared.and_then(|s| s.run_as_non_root));
    if wanted != Some(true) {
        return Ok(());
    }
    let meta = &pod.metadata;
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    let named = format!("{}_{}({})", text(&meta.name), text(&meta.namespace), text(&meta.uid));
    let place = format!("(pod: {named:?}, container: {})", spec.name);
    let user = own.and_then(|s| s.run_as_user).or(shared.and_then(|s| s.run_as_user));
    let image_user = image_user.split(':').next().unwrap_or_default();
    match (user, image_user) {
        (Some(0), _) => Err(format!("container's runAsUser breaks non-root policy {place}")),
        (Some(_), _) => Ok(()),
        (None, "" | "0") => Err(format!("container has runAsNonRoot and image will run as root {place}")),
        (None, name) if name.parse::<u32>().is_err() => Err(format!(
            "container has runAsNonRoot and image has non-numeric user ({name}), cannot verify user is non-root {place}"
        )),
        (None, _) => Ok(()),
    }
}

fn memory_limit(spec: &Container) -> Option<u64> {
    let limit = spec.resources.as_ref()?.limits.as_ref()?.get("memory")?;
    u64::try_from(quantity::parse(&limit.0).ok()?.value()).ok()
}

/// The pod's own additions to `/etc/hosts`: name and address.
pub fn host_aliases(pod: &Pod) -> Vec<(String, String)> {
    let aliases = pod.spec.as_ref().and_then(|s| s.host_aliases.as_ref());
    let pairs = aliases
        .into_iter()
        .flatten()
        .flat_map(|alias| alias.hostnames.iter().flatten().map(|name| (name.clone(), alias.ip.clone())));
    pairs.collect()
}

/// The runtime started the process.
pub fn started(worker: &mut Worker, run: usize, ctx: &mut Ctx) {
    if let Some(instance) = &mut worker.runs[run].current {
        instance.state = State::Running { since: ctx.now };
    }
    worker.runs[run].blocked = None;
    worker.runs[run].probes.reset();
    worker.event(Some(run), "Normal", "Started", "Container started".to_owned(), ctx);
    hooks::post_start(worker, run, ctx);
    worker.mark_started();
    worker.note_change(ctx.now, ctx.node.pace.relist_ms);
    go_on(worker, run, ctx);
}

/// The runtime could not start the process.
pub fn start_failed(worker: &mut Worker, run: usize, reason: &str, ctx: &mut Ctx) {
    let error = format!("{START_ERROR}{reason}: unknown");
    worker.event(Some(run), "Warning", "Failed", format!("Error: {error}"), ctx);
    let end = Terminated {
        id: worker.runs[run].id().cloned().unwrap_or(ContainerId(String::new())),
        code: START_ERROR_CODE,
        reason: "StartError",
        message: Some(error.clone()),
        started: None,
        finished: ctx.now,
    };
    if let Some(instance) = &mut worker.runs[run].current {
        instance.state = State::Exited(end);
    }
    worker.runs[run].blocked = Some(Blocked { reason: "RunContainerError", message: error });
    worker.fail(None);
    worker.note_change(ctx.now, ctx.node.pace.relist_ms);
    go_on(worker, run, ctx);
}

fn go_on(worker: &mut Worker, run: usize, ctx: &mut Ctx) {
    if matches!(worker.activity, Activity::AwaitStart { run: awaited } if awaited == run) {
        worker.next_start(ctx);
    }
}

/// A container's process ended. One that took no time at all is reported after the least time a process takes.
pub fn ended(worker: &mut Worker, run: usize, code: i32, oom: bool, ctx: &mut Ctx) {
    let least = Duration::from_millis(ctx.node.pace.least_run_ms);
    match worker.runs[run].running_since().map(|since| since + least).filter(|at| ctx.now < *at) {
        Some(at) => worker.late_exits.push(LateExit { at, run, code, oom }),
        None => exited(worker, run, code, oom, ctx),
    }
}

/// The exits that were held back and are due; returns when the next one is.
pub fn late_exits(worker: &mut Worker, ctx: &mut Ctx) -> Option<SimTime> {
    let (due, later): (Vec<LateExit>, Vec<LateExit>) =
        std::mem::take(&mut worker.late_exits).into_iter().partition(|exit| exit.at <= ctx.now);
    worker.late_exits = later;
    for exit in due {
        exited(worker, exit.run, exit.code, exit.oom, ctx);
    }
    worker.late_exits.iter().map(|exit| exit.at).min()
}

/// Takes note of a container's end.
pub fn exited(worker: &mut Worker, run: usize, code: i32, oom: bool, ctx: &mut Ctx) {
    let started = worker.runs[run].running_since();
    let Some(instance) = &mut worker.runs[run].current else { return };
    if matches!(instance.state, State::Exited(_)) {
        return;
    }
    let reason = match (oom, code) {
        (true, _) => "OOMKilled",
        (false, 0) => "Completed",
        _ => "Error",
    };
    let id = instance.id.clone();
    let message = last_words(worker, run, code, ctx);
    let end = Terminated { id, code, reason, message, started, finished: ctx.now };
    if let Some(instance) = &mut worker.runs[run].current {
        instance.state = State::Exited(end);
    }
    worker.note_change(ctx.now, ctx.node.pace.relist_ms);
    go_on(worker, run, ctx);
}

/// What the status says of a container's end: its termination log, or where its policy says so the end of its log.
fn last_words(worker: &mut Worker, run: usize, code: i32, ctx: &Ctx) -> Option<String> {
    let words = worker.runs[run].last_words.take().filter(|text| !text.is_empty());
    let spec = worker.runs[run].spec(&worker.pod)?;
    let falls_back = spec.termination_message_policy.as_deref() == Some("FallbackToLogsOnError") && code != 0;
    words
        .or_else(|| falls_back.then(|| ctx.node.log_tail(&worker.uid, &spec.name, ctx.now)))
        .filter(|text| !text.is_empty())
}
