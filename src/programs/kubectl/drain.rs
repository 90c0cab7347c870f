//! `kubectl cordon`, `uncordon` and `drain`.

use super::client::Write;
use super::context::{Context, DryRun};
use super::fail::{Failure, Outcome};
use super::print::Printer;
use super::resource::select::info_of;
use super::resource::{Info, Selection, mapper};
use super::wait;
use crate::cluster::api::{Options, PatchType, Reason, Verb};
use serde_json::{Value, json};
use std::time::Duration;

/// Between attempts to evict a pod that a budget protects.
const RETRY: Duration = Duration::from_secs(5);

async fn nodes(cx: &Context, command: &str) -> Outcome<Vec<Info>> {
    if cx.args.is_empty() && cx.flags.text("selector").is_empty() {
        return Err(cx.usage(format!("USAGE: {command} NODE [flags]")));
    }
    if !cx.args.is_empty() && !cx.flags.text("selector").is_empty() {
        return Err(Failure::message("error: cannot specify both a node name and a --selector option"));
    }
    let mut args = vec!["nodes".to_string()];
    args.extend(
        cx.args.iter().map(|name| {
            name.strip_prefix("node/").or(name.strip_prefix("nodes/")).unwrap_or(name).to_string()
        }),
    );
    Selection { args, ..Selection::of(cx, &[]) }.kind_alone(true).all_or_fail(cx).await
}

async fn set_schedulable(cx: &Context, info: &Info, cordon: bool, dry_run: DryRun) -> Outcome {
    let already =
        info.object().pointer("/spec/unschedulable").and_then(Value::as_bool).unwrap_or_default() == cordon;
    let word = if cordon { "cordoned" } else { "uncordoned" };
    let operation = if already { format!("already {word}") } else { word.to_string() };
    if !already && dry_run != DryRun::Client {
        let body = json!({"spec": {"unschedulable": if cordon { json!(true) } else { Value::Null }}});
        let write = Write::new(info.resource, None, "kubectl").dry(dry_run);
        cx.client()?.patch(cx, &write, &info.name, PatchType::Strategic, body).await?;
    }
    cx.out(Printer::for_operation(cx, &operation, dry_run)?.render(cx, info.object())?).await;
    Ok(())
}

pub async fn cordon(cx: &Context) -> Outcome {
    let dry_run = cx.dry_run().await?;
    let command = cx.flags.path[0];
    for info in nodes(cx, command).await? {
        set_schedulable(cx, &info, command == "cordon", dry_run).await?;
    }
    Ok(())
}

pub async fn drain(cx: &Context) -> Outcome {
    let dry_run = cx.dry_run().await?;
    let nodes = nodes(cx, "drain").await?;
    for info in &nodes {
        set_schedulable(cx, info, true, dry_run).await?;
    }
    let mut failed: Vec<(String, Failure)> = Vec::new();
    for info in &nodes {
        match empty(cx, info, dry_run).await {
            Ok(()) => {
                cx.out(Printer::for_operation(cx, "drained", dry_run)?.render(cx, info.object())?).await
            }
            Err(failure) => {
                cx.errln(format!(
                    "error: unable to drain node {:?} due to error: {}, continuing command...",
                    info.name,
                    failure.bare()
                ))
                .await;
                failed.push((info.name.clone(), failure));
            }
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    cx.errln("There are pending nodes to be drained:").await;
    for (name, failure) in &failed {
        cx.errln(format!(" {name}\n{}", failure.bare())).await;
    }
    Err(Failure::Exit(1))
}

/// Evicts the pods of a node.
async fn empty(cx: &Context, node: &Info, dry_run: DryRun) -> Outcome {
    let client = cx.client()?;
    let resource = mapper::find("pods")?;
    let pods: Vec<Info> = client
        .items(cx, resource, None, Options::default())
        .await?
        .into_iter()
        .filter(|pod| pod.pointer("/spec/nodeName").and_then(Value::as_str) == Some(node.name.as_str()))
        .map(|pod| info_of(resource, pod))
        .collect();
    let (victims, warnings, errors) = judge(cx, pods);
    if !errors.is_empty() {
        return Err(Failure::Message(errors.join(", ")));
    }
    if !warnings.is_empty() {
        cx.errln(format!("Warning: {}", warnings.join("; "))).await;
    }
    for pod in &victims {
        let suffix = match dry_run {
            DryRun::None => "",
            DryRun::Client => " (dry run)",
            DryRun::Server => " (server dry run)",
        };
        cx.outln(format!(
            "evicting pod {}/{}{suffix}",
            pod.namespace.as_deref().unwrap_or_default(),
            pod.name
        ))
        .await;
        if dry_run == DryRun::None {
            evict(cx, pod).await?;
        }
    }
    if dry_run == DryRun::None {
        for pod in &victims {
            let uid = pod.object().pointer("/metadata/uid").cloned();
            wait::until(cx, pod, None, |object| {
                object.is_none_or(|object| object.pointer("/metadata/uid").cloned() != uid)
            })
            .await?;
            cx.outln(format!("pod/{} evicted", pod.name)).await;
        }
    }
    Ok(())
}

type Judgement = (Vec<Info>, Vec<String>, Vec<String>);

/// Which pods go, what is only mentioned, and what forbids the whole.
fn judge(cx: &Context, pods: Vec<Info>) -> Judgement {
    let (mut victims, mut daemons, mut bare, mut local) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for pod in pods {
        let title = format!("{}/{}", pod.namespace.as_deref().unwrap_or_default(), pod.name);
        let owners = pod
            .object()
            .pointer("/metadata/ownerReferences")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let owner = owners
            .iter()
            .find(|owner| owner["controller"] == true)
            .and_then(|owner| owner["kind"].as_str())
            .unwrap_or_default()
            .to_string();
        let phase = pod.object().pointer("/status/phase").and_then(Value::as_str).unwrap_or_default();
        let ended = matches!(phase, "Succeeded" | "Failed");
        let volumes =
            pod.object().pointer("/spec/volumes").and_then(Value::as_array).cloned().unwrap_or_default();
        if owner == "DaemonSet" && !ended {
            daemons.push(title);
            continue;
        }
        if volumes.iter().any(|volume| volume.get("emptyDir").is_some()) && !ended {
            local.push(title.clone());
        }
        if owner.is_empty() && !ended {
            bare.push(title);
        }
        victims.push(pod);
    }
    let (mut warnings, mut errors) = (Vec::new(), Vec::new());
    let mut decide = |found: Vec<String>, allowed: bool, warning: &str, error: &str| {
        if !found.is_empty() {
            let list = found.join(", ");
            if allowed {
                warnings.push(format!("{warning}: {list}"))
            } else {
                errors.push(format!("{error}: {list}"))
            }
        }
    };
    decide(
        daemons,
        cx.flags.on("ignore-daemonsets"),
        "ignoring DaemonSet-managed Pods",
        "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)",
    );
    decide(
        local,
        cx.flags.on("delete-emptydir-data"),
        "deleting Pods with local storage",
        "cannot delete Pods with local storage (use --delete-emptydir-data to override)",
    );
    decide(
        bare,
        cx.flags.on("force"),
        "deleting Pods that declare no controller",
        "cannot delete Pods that declare no controller (use --force to override)",
    );
    (victims, warnings, errors)
}

async fn evict(cx: &Context, pod: &Info) -> Outcome {
    let client = cx.client()?;
    let timeout = cx.flags.span_ms("timeout");
    let deadline = (timeout > 0).then(|| cx.sys.now() + Duration::from_millis(timeout as u64));
    loop {
        let mut request = match cx.flags.on("disable-eviction") {
            true => client.request("kubectl", Verb::Delete, pod.resource).named(&pod.name),
            false => {
                let metadata = json!({"name": pod.name, "namespace": pod.namespace});
                let body = json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata});
                client
                    .request("kubectl", Verb::Create, pod.resource)
                    .named(&pod.name)
                    .on_subresource("eviction")
                    .with_body(body)
            }
        };
        request.namespace = pod.namespace.clone();
        match client.send(cx, request).await {
            Ok(_) => return Ok(()),
            Err(failure) if failure.is_not_found() => return Ok(()),
            Err(Failure::Status(status)) if status.reason == Reason::TooManyRequests => {
                let namespace = pod.namespace.as_deref().unwrap_or_default();
                cx.errln(format!(
                    "error when evicting pods/{:?} -n {namespace:?} (will retry after 5s): {}",
                    pod.name, status.message
                ))
                .await;
                if deadline.is_some_and(|deadline| cx.sys.now() >= deadline) {
                    return Err(Failure::Message(format!(
                        "error when evicting pods/{:?} -n {namespace:?}: global timeout reached: {}",
                        pod.name,
                        super::output::duration::go_string(timeout)
                    )));
                }
                cx.sys.sleep(RETRY).await;
            }
            Err(other) => return Err(other),
        }
    }
}
