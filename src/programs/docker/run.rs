//! `docker run`: pull if needed, create, start, and stay with the container unless it is detached.

use std::time::Duration;

use crate::image::process::{ContainerId, Signal};
use crate::world::runtime::Attachment;

use super::flags::Parsed;
use super::{Docker, attach, create};

/// What creating and starting a container takes.
pub const START_TIME: Duration = Duration::from_millis(150);

pub async fn run(docker: Docker, parsed: Parsed) -> i32 {
    let detached = parsed.is("detach");
    let interactive = parsed.is("interactive");
    let streams = parsed.all("attach");
    let wants = |name: &str| streams.is_empty() || streams.iter().any(|s| s.eq_ignore_ascii_case(name));
    let attached =
        if detached { [false; 3] } else { [interactive && wants("stdin"), wants("stdout"), wants("stderr")] };
    let spec = match create::spec(&docker, &parsed, attached) {
        Ok(spec) => spec,
        Err(error) => return docker.fail_run(&parsed.typed, &error, 125).await,
    };
    if detached && !streams.is_empty() {
        docker.err("conflicting options: cannot specify both --attach and --detach\n").await;
        return 1;
    }
    if parsed.is("tty") && attached[0] && !docker.call.io.stdin.is_terminal() {
        docker.err("the input device is not a TTY\n").await;
        return 1;
    }
    let id = match create::create(&docker, &parsed, spec).await {
        Ok(id) => id,
        Err(code) => return code,
    };
    docker.call.sys.sleep(START_TIME).await;
    if detached {
        return run_detached(&docker, &parsed, &id).await;
    }
    run_attached(&docker, &parsed, &id).await
}

async fn run_detached(docker: &Docker, parsed: &Parsed, id: &ContainerId) -> i32 {
    let started = start(docker, id).await;
    docker.out(format!("{id}\n")).await;
    match started {
        Ok(()) => {
            docker.call.sys.sleep(START_TIME).await;
            0
        }
        Err((message, code)) => {
            discard_failed(docker, id);
            docker.fail_run(&parsed.typed, &format!("Error response from daemon: {message}"), code).await
        }
    }
}

async fn run_attached(docker: &Docker, parsed: &Parsed, id: &ContainerId) -> i32 {
    let proxy = parsed.get("sig-proxy") != Some("false");
    let terminal = attach_streams(docker, id, parsed.is("interactive"), parsed.is("tty"));
    if proxy {
        docker.call.sys.handle(Signal::Int);
        docker.call.sys.handle(Signal::Term);
    }
    docker.engine(|engine, now| engine.note(now, id, "attach", []));
    if let Err((message, code)) = start(docker, id).await {
        discard_failed(docker, id);
        return docker.fail_run(&parsed.typed, &format!("Error response from daemon: {message}"), code).await;
    }
    attach::follow(docker, id, attach::Cursor::default(), !terminal, proxy).await
}

/// With `--rm`, a container that never came up goes, too.
fn discard_failed(docker: &Docker, id: &ContainerId) {
    docker.engine(|engine, now| {
        if engine.container(id).is_some_and(|c| c.host.auto_remove) {
            // It was just found; nothing else can be in the way of a container that does not run.
            let _gone = engine.remove(&id.0, true, true, now);
        }
    });
}

/// Prepares the streams that the container gets. True when its output goes to the terminal by itself.
pub fn attach_streams(docker: &Docker, id: &ContainerId, interactive: bool, tty: bool) -> bool {
    let stdin = if interactive { docker.call.io.stdin.clone() } else { crate::world::Input::Null };
    let terminal = if tty { docker.call.io.stdout.tty().cloned() } else { None };
    let given = terminal.is_some();
    docker.call.sys.with(|w| w.attachments.insert(id.clone(), Attachment { stdin, tty: terminal }));
    given
}

/// Starts a container and waits until it is known whether it came up; the engine's sentence and the code if not.
pub async fn start(docker: &Docker, id: &ContainerId) -> Result<(), (String, i32)> {
    let busy = docker.busy_ports();
    docker.engine(|engine, now| engine.start(id, &busy, now)).map_err(|e| (e.message, 125))?;
    docker
        .until(|engine, _| {
            let Some(container) = engine.container_or_removed(id) else { return Some(Ok(())) };
            let state = &container.state;
            match (state.starting, state.error.is_empty()) {
                (true, _) => None,
                (false, true) => Some(Ok(())),
                (false, false) => Some(Err((state.error.clone(), state.exit_code))),
            }
        })
        .await
}
