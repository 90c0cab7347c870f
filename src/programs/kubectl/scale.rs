//! `kubectl scale`.

use super::client::Write;
use super::context::{Context, DryRun};
use super::fail::{Failure, Outcome};
use super::print::Printer;
use super::resource::{Info, Selection};
use crate::cluster::api::PatchType;
use serde_json::{Value, json};

pub async fn run(cx: &Context) -> Outcome {
    let replicas = cx.flags.int("replicas");
    if replicas < 0 {
        return Err(Failure::message(
            "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0",
        ));
    }
    if cx.flags.given("current-replicas") && cx.flags.int("current-replicas") < -1 {
        return Err(Failure::message("The --current-replicas must specify an integer of -1 or greater"));
    }
    let dry_run = cx.dry_run().await?;
    let printer = Printer::for_operation(cx, "scaled", dry_run)?;
    let (infos, failures) = Selection::of(cx, &cx.args).latest().infos(cx).await?;
    if infos.len() > 1 && !cx.flags.text("resource-version").is_empty() {
        return Err(Failure::message("cannot use --resource-version with multiple resources"));
    }
    if infos.is_empty() && failures.is_empty() {
        return Err(Failure::message("no objects passed to scale"));
    }
    // What was not found is told in the end; the first that cannot be scaled ends the command.
    for info in infos {
        let object = scale(cx, &info, replicas, dry_run).await?;
        cx.out(printer.render(cx, &object)?).await;
    }
    Failure::all(failures)
}

async fn scale(cx: &Context, info: &Info, replicas: i64, dry_run: DryRun) -> Outcome<Value> {
    let mut object = info.object().clone();
    if dry_run == DryRun::Client {
        object["spec"]["replicas"] = replicas.into();
        return Ok(object);
    }
    if !matches!(info.resource.kind, "Deployment" | "ReplicaSet" | "StatefulSet" | "ReplicationController") {
        return Err(crate::cluster::api::Status::no_such_path().into());
    }
    let current = object.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
    let wanted = cx.flags.int("current-replicas");
    if wanted >= 0 && wanted != current {
        return Err(Failure::Message(format!("Expected replicas to be {wanted}, was {current}")));
    }
    let version = cx.flags.text("resource-version");
    let actual = object.pointer("/metadata/resourceVersion").and_then(Value::as_str).unwrap_or_default();
    if !version.is_empty() && version != actual {
        return Err(Failure::Message(format!("Expected resource version to be {version}, was {actual}")));
    }
    let write = Write::new(info.resource, info.namespace.as_deref(), "kubectl").dry(dry_run).on("scale");
    let body = json!({"spec": {"replicas": replicas}});
    cx.client()?.patch(cx, &write, &info.name, PatchType::Merge, body).await?;
    note(cx, info).await?;
    object["spec"]["replicas"] = replicas.into();
    let timeout = cx.flags.span_ms("timeout");
    if timeout > 0 && dry_run == DryRun::None {
        until_scaled(cx, info, replicas, timeout).await?;
    }
    Ok(object)
}

/// With `--record`, the cause of the change goes into the object after it.
async fn note(cx: &Context, info: &Info) -> Outcome {
    let mut patch = json!({});
    cx.record(&mut patch);
    if patch != json!({}) {
        let write = Write::new(info.resource, info.namespace.as_deref(), "kubectl");
        cx.client()?.patch(cx, &write, &info.name, PatchType::Merge, patch).await?;
    }
    Ok(())
}

async fn until_scaled(cx: &Context, info: &Info, replicas: i64, timeout_ms: i64) -> Outcome {
    let reached = |object: &Value| {
        object.pointer("/status/replicas").and_then(Value::as_i64).unwrap_or_default() == replicas
            && object.pointer("/status/observedGeneration").and_then(Value::as_i64)
                >= object.pointer("/metadata/generation").and_then(Value::as_i64)
    };
    super::wait::until(cx, info, Some(timeout_ms), |object| object.is_some_and(reached)).await
}
