//! Following a container as an attached terminal does. Output comes from its log, input goes into its standard
//! input where that is open.

use super::context::Context;
use super::fail::{Failure, Outcome};
use super::logs::{self, Since};
use super::resource::Selection;
use serde_json::Value;

const RECORDED: &str = "All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.";
const PROMPT: &str = "If you don't see a command prompt, try pressing enter.";

/// `kubectl attach`.
pub async fn run(cx: &Context) -> Outcome {
    let args = match cx.args.as_slice() {
        [] => return Err(Failure::message("at least 1 argument is required for attach")),
        [target] if target.contains('/') => vec![target.clone()],
        [target] => vec![format!("pods/{target}")],
        [kind, name] => vec![kind.clone(), name.clone()],
        more => {
            return Err(Failure::Message(format!(
                "expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw {}: [{}]",
                more.len(),
                more.join(" ")
            )));
        }
    };
    let infos = Selection { args, ..Selection::default() }.all_or_fail(cx).await?;
    let Some(info) = infos.into_iter().next() else { return Err(Failure::message("no pod was found")) };
    let pod = match info.resource.kind {
        "Pod" => info.object().clone(),
        _ => logs::pods_of(cx, &info).await?.into_iter().next().unwrap_or_default(),
    };
    let phase = pod.pointer("/status/phase").and_then(Value::as_str).unwrap_or_default();
    if matches!(phase, "Succeeded" | "Failed") {
        return Err(Failure::Message(format!(
            "cannot attach a container in a completed pod; current phase is {phase}"
        )));
    }
    let container = match cx.flags.text("container") {
        "" => logs::default_container(cx, &pod).await,
        given => given.to_owned(),
    };
    if spec_of(&pod, &container).is_none() {
        return Err(Failure::Message(format!(
            "cannot attach to the container: container {container} is not valid for pod {} out of: {}",
            pod["metadata"]["name"].as_str().unwrap_or_default(),
            logs::all_containers(&pod)
        )));
    }
    session(cx, &pod, &container, Since::Now).await
}

/// Attaches to a container that has just been started.
pub async fn to(cx: &Context, pod: &Value, container: &str) -> Outcome {
    session(cx, pod, container, Since::Beginning).await
}

/// What an attached terminal is told first.
pub async fn notice(cx: &Context) {
    if !cx.flags.on("quiet") {
        if cx.flags.on("stdin") && cx.flags.on("tty") && !cx.io.stdin.is_terminal() {
            cx.errln("Unable to use a TTY - input is not a terminal or the right kind of file").await;
        }
        cx.errln(RECORDED).await;
        cx.errln(PROMPT).await;
    }
}

/// The container's part of the spec, and whether it is ephemeral.
fn spec_of<'a>(pod: &'a Value, container: &str) -> Option<(&'a Value, bool)> {
    ["containers", "initContainers", "ephemeralContainers"].iter().find_map(|list| {
        let all = pod["spec"][*list].as_array()?;
        let found = all.iter().find(|spec| spec["name"] == container)?;
        Some((found, *list == "ephemeralContainers"))
    })
}

async fn session(cx: &Context, pod: &Value, container: &str, since: Since) -> Outcome {
    let spec = spec_of(pod, container);
    let has_tty = spec.is_some_and(|(spec, _)| spec["tty"] == true);
    if cx.flags.on("tty") && !has_tty && !cx.flags.on("quiet") {
        cx.errln(format!("error: Unable to use a TTY - container {container} did not allocate one")).await;
    }
    notice(cx).await;
    let text = |pointer: &str| pod.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    stream(cx, text("/metadata/namespace"), text("/metadata/name"), container, since).await?;
    let again = cx.flags.on("stdin") && has_tty && cx.io.stdin.is_terminal();
    if again && !cx.flags.on("quiet") {
        let (name, namespace) = (text("/metadata/name"), text("/metadata/namespace"));
        let command = format!("'kubectl attach {name} -c {container} -n {namespace} -i -t'");
        cx.outln(match spec {
            Some((_, true)) => format!(
                "Session ended, the ephemeral container will not be restarted but may be reattached using {command} if it is still running"
            ),
            _ => format!("Session ended, resume using {command} command"),
        })
        .await;
    }
    Ok(())
}

/// Shows what the container writes until it ends; with `-i`, hands standard input over.
pub async fn stream(cx: &Context, namespace: &str, pod: &str, container: &str, since: Since) -> Outcome {
    let input = async {
        if cx.flags.on("stdin") {
            feed(cx, namespace, pod, container).await;
        }
        std::future::pending::<()>().await;
    };
    let follow = logs::follow_one(cx, namespace, pod, container, since);
    let (input, follow) = (std::pin::pin!(input), std::pin::pin!(follow));
    match futures_util::future::select(follow, input).await {
        futures_util::future::Either::Left((result, _)) => result,
        futures_util::future::Either::Right(_) => Ok(()),
    }
}

async fn feed(cx: &Context, namespace: &str, pod: &str, container: &str) {
    let Some(container) = super::exec::container_of(cx, namespace, pod, container).await else { return };
    while let Some(line) = cx.io.stdin.read_line().await {
        let writer = cx.sys.view(|w| w.container_input(&container));
        match writer {
            Some(writer) if writer.write(&line).await.is_ok() => {}
            _ => return,
        }
    }
    cx.sys.with(|w| w.close_container_input(&container));
}
