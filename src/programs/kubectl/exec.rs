//! `kubectl exec`: a command inside a running container.

use super::context::Context;
use super::fail::{Failure, Outcome};
use super::logs::{all_containers, default_container, pods_of, status_of};
use super::resource::{Selection, mapper};
use crate::image::process::ContainerId;
use crate::world::runtime::ContainerProcess;
use crate::world::sys::ExecError;
use crate::world::{HostId, Input, Io};
use serde_json::Value;

pub async fn run(cx: &Context) -> Outcome {
    let files = !cx.flags.list("filename").is_empty();
    let command: Vec<String> = match cx.flags.dash_at {
        Some(at) => cx.args[at..].to_vec(),
        None if cx.args.len() > 1 || (files && !cx.args.is_empty()) => {
            return Err(Failure::message(
                "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\nSee 'kubectl exec -h' for help and examples",
            ));
        }
        None => Vec::new(),
    };
    if !files && (cx.args.is_empty() || cx.flags.dash_at == Some(0)) {
        return Err(Failure::message("pod, type/name or --filename must be specified"));
    }
    if command.is_empty() {
        return Err(Failure::message("you must specify at least one command for the container"));
    }
    let pod = pod(cx).await?;
    let phase = pod.pointer("/status/phase").and_then(Value::as_str).unwrap_or_default();
    if matches!(phase, "Succeeded" | "Failed") {
        return Err(Failure::Message(format!(
            "cannot exec into a container in a completed pod; current phase is {phase}"
        )));
    }
    let name = pod.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_string();
    let container = match cx.flags.text("container") {
        "" => default_container(cx, &pod).await,
        given => given.to_string(),
    };
    if status_of(&pod, &container).is_none() && !known(&pod, &container) {
        return Err(Failure::Message(format!(
            "container {container} is not valid for pod {name} out of: {}",
            all_containers(&pod)
        )));
    }
    let mut tty = cx.flags.on("tty");
    if tty && !cx.io.stdin.is_terminal() {
        cx.errln("Unable to use a TTY - input is not a terminal or the right kind of file").await;
        tty = false;
    }
    let Some(id) = running_id(&pod, &container) else {
        return Err(Failure::Message(format!(
            "unable to upgrade connection: container not found ({container:?})"
        )));
    };
    in_container(cx, &id, command, tty).await
}

/// The pod that is meant: a pod, or the first of a deployment's or service's.
async fn pod(cx: &Context) -> Outcome<Value> {
    let word = match cx.args.first() {
        Some(word) if cx.flags.dash_at != Some(0) => word.clone(),
        _ => String::new(),
    };
    let word = if word.contains('/') || word.is_empty() { word } else { format!("pods/{word}") };
    let args = if word.is_empty() { Vec::new() } else { vec![word] };
    let selection =
        Selection { args, files: cx.flags.list("filename"), latest: true, ..Selection::default() };
    let infos = selection.all_or_fail(cx).await?;
    let Some(info) = infos.into_iter().next() else { return Err(Failure::message("no pod was found")) };
    if info.resource.kind == "Pod" {
        return Ok(info.object.unwrap_or_default());
    }
    pods_of(cx, &info)
        .await?
        .into_iter()
        .next()
        .ok_or_else(|| Failure::message("timed out waiting for the condition"))
}

/// Whether the pod's spec has a container of this name.
pub fn known(pod: &Value, container: &str) -> bool {
    ["containers", "initContainers", "ephemeralContainers"].iter().any(|list| {
        let items = pod.pointer(&format!("/spec/{list}")).and_then(Value::as_array);
        items.into_iter().flatten().any(|item| item["name"] == container)
    })
}

/// The runtime's id of a container that runs.
pub fn running_id(pod: &Value, container: &str) -> Option<ContainerId> {
    let status = status_of(pod, container)?;
    status.pointer("/state/running")?;
    let id = status["containerID"].as_str()?;
    Some(ContainerId(id.rsplit('/').next().unwrap_or(id).to_string()))
}

/// The running container of a pod, by name or the first.
pub async fn container_of(cx: &Context, namespace: &str, name: &str, container: &str) -> Option<ContainerId> {
    let pod = cx.client().ok()?.get(cx, mapper::find("pods").ok()?, Some(namespace), name).await.ok()?;
    let first =
        pod.pointer("/spec/containers/0/name").and_then(Value::as_str).unwrap_or_default().to_string();
    running_id(&pod, if container.is_empty() { &first } else { container })
}

async fn in_container(cx: &Context, id: &ContainerId, argv: Vec<String>, tty: bool) -> Outcome {
    let found = cx.sys.view(|w| {
        let host: HostId = *w.container_hosts.get(id)?;
        let first = w.hosts.get(&host)?.first_process;
        let cwd = first.and_then(|process| w.processes.get(&process)).map(|process| process.cwd.clone());
        Some((host, w.hosts.get(&host)?.env.clone(), cwd.unwrap_or_else(|| "/".into())))
    });
    let Some((host, mut env, cwd)) = found else {
        return Err(Failure::message("unable to upgrade connection: container not found"));
    };
    if !env.contains_key("HOME") {
        env.insert("HOME".into(), "/root".into());
    }
    let stdin = if cx.flags.on("stdin") { cx.io.stdin.clone() } else { Input::Null };
    let io = Io { stdin, stdout: cx.io.stdout.clone(), stderr: cx.io.stderr.clone() };
    let terminal = if tty { cx.sys.tty() } else { None };
    if tty {
        env.insert("TERM".into(), "xterm".into());
    }
    let name = argv.first().cloned().unwrap_or_default();
    let process = ContainerProcess { host, argv, env, cwd, io, tty: terminal.clone(), user: None };
    let child = match cx.sys.kernel().exec(process, Some(cx.sys.me)) {
        Ok(child) => child,
        Err(error) => return Err(cannot_start(cx, &name, error)),
    };
    let own_group = cx.sys.view(|w| w.processes.get(&cx.sys.me).map(|process| process.group));
    if terminal.is_some() {
        cx.sys.set_foreground(child);
    }
    let code = cx.sys.wait(child).await;
    if terminal.is_some()
        && let Some(group) = own_group
    {
        cx.sys.set_foreground(group);
    }
    match code {
        0 => Ok(()),
        code => Err(Failure::Code(format!("command terminated with exit code {code}"), code)),
    }
}

fn cannot_start(cx: &Context, name: &str, error: ExecError) -> Failure {
    let why = match error {
        ExecError::NotFound => format!("exec: {name:?}: executable file not found in $PATH"),
        ExecError::NoSuchFile => format!("exec: {name:?}: stat {name}: no such file or directory"),
        ExecError::Format => format!("exec {name}: exec format error"),
        ExecError::Permission | ExecError::IsADirectory => format!("exec: {name:?}: permission denied"),
    };
    let session = cx.sys.stream(&format!("kubectl/exec/{}", cx.sys.me.0)).hex(64);
    Failure::Message(format!(
        "Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec \"{session}\": OCI runtime exec failed: exec failed: unable to start container process: {why}: unknown"
    ))
}
