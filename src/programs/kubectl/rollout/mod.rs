//! `kubectl rollout`.

mod history;
mod status;
mod undo;

use super::client::Write;
use super::context::{Context, DryRun};
use super::fail::{Failure, Outcome};
use super::print::Printer;
use super::resource::{Info, Selection, mapper};
use crate::cluster::api::PatchType;
use serde_json::{Value, json};

pub async fn run(cx: &Context) -> Outcome {
    if cx.args.is_empty() && cx.flags.list("filename").is_empty() {
        return Err(Failure::message("required resource not specified"));
    }
    match cx.flags.path[1] {
        "status" => status::run(cx).await,
        "history" => history::run(cx).await,
        "undo" => undo::run(cx).await,
        "pause" => change(cx, "paused", pause).await,
        "resume" => change(cx, "resumed", resume).await,
        _ => change(cx, "restarted", restart).await,
    }
}

/// `deployments.apps "kiosk"`.
fn named(info: &Info) -> String {
    format!("{} {:?}", mapper::full_name(info.resource), info.name)
}

async fn change(cx: &Context, operation: &str, edit: fn(&Context, &Info) -> Outcome<Value>) -> Outcome {
    let printer = Printer::for_operation(cx, operation, DryRun::None)?;
    let selection = Selection::of(cx, &cx.args).latest().kind_alone(true);
    let (infos, mut failures) = selection.infos(cx).await?;
    if infos.is_empty() && failures.is_empty() {
        cx.errln(format!("No resources found in {} namespace.", cx.namespace()?)).await;
    }
    for info in infos {
        let result = match edit(cx, &info) {
            Ok(patch) => {
                let write =
                    Write::new(info.resource, info.namespace.as_deref(), cx.flags.text("field-manager"));
                cx.client()?.patch(cx, &write, &info.name, PatchType::Strategic, patch).await
            }
            Err(failure) => Err(failure),
        };
        match result {
            Ok(object) => cx.out(printer.render(cx, &object)?).await,
            Err(failure) => failures.push(failure),
        }
    }
    let failures: Vec<Failure> = failures
        .into_iter()
        .map(|failure| match failure {
            Failure::Message(text) if !text.starts_with("error: ") && cx.args.len() != 1 => {
                Failure::Message(format!("error: {text}"))
            }
            other => other,
        })
        .collect();
    Failure::all(failures)
}

fn is_paused(info: &Info) -> bool {
    info.object().pointer("/spec/paused").and_then(Value::as_bool).unwrap_or_default()
}

fn pause(_cx: &Context, info: &Info) -> Outcome<Value> {
    if info.resource.kind != "Deployment" {
        return Err(Failure::Message(format!("{} pausing is not supported", named(info))));
    }
    if is_paused(info) {
        return Err(Failure::Message(format!("{} is already paused", named(info))));
    }
    Ok(json!({"spec": {"paused": true}}))
}

fn resume(_cx: &Context, info: &Info) -> Outcome<Value> {
    if info.resource.kind != "Deployment" {
        return Err(Failure::Message(format!("{} resuming is not supported", named(info))));
    }
    if !is_paused(info) {
        return Err(Failure::Message(format!("{} is not paused", named(info))));
    }
    Ok(json!({"spec": {"paused": null}}))
}

fn restart(cx: &Context, info: &Info) -> Outcome<Value> {
    const ANNOTATION: &str = "kubectl.kubernetes.io/restartedAt";
    if !matches!(info.resource.kind, "Deployment" | "DaemonSet" | "StatefulSet") {
        return Err(Failure::Message(format!("{} restarting is not supported", named(info))));
    }
    if is_paused(info) {
        return Err(Failure::Message(format!(
            "{} can't restart paused deployment (run rollout resume first)",
            named(info)
        )));
    }
    let now = cx.sys.now().rfc3339();
    let before =
        info.object().pointer("/spec/template/metadata/annotations").and_then(|map| map.get(ANNOTATION));
    if before.and_then(Value::as_str) == Some(now.as_str()) {
        return Err(Failure::Message(format!(
            "{}: if restart has already been triggered within the past second, please wait before attempting to trigger another",
            named(info)
        )));
    }
    Ok(json!({"spec": {"template": {"metadata": {"annotations": {ANNOTATION: now}}}}}))
}
