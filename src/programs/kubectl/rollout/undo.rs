//! `kubectl rollout undo`: back to the template of an earlier revision.

use super::super::apply::LAST_APPLIED;
use super::super::client::Write;
use super::super::context::{Context, DryRun};
use super::super::describe::pod_template_raw;
use super::super::fail::{Failure, Outcome};
use super::super::print::Printer;
use super::super::resource::{Info, Selection};
use super::history::{REVISION, Revision, annotation, not_visited, revisions, template_of};
use crate::cluster::api::PatchType;
use serde_json::{Value, json};

/// Annotations that belong to the deployment, not to a revision (`annotationsToSkip`).
const KEPT: [&str; 6] = [
    LAST_APPLIED,
    REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
];

pub async fn run(cx: &Context) -> Outcome {
    let to = cx.flags.int("to-revision");
    let dry_run = cx.dry_run().await?;
    let selection = Selection::of(cx, &cx.args).latest().kind_alone(true);
    let (infos, mut failures) = selection.infos(cx).await?;
    for info in infos {
        if !annotation(info.object(), LAST_APPLIED).is_empty() {
            cx.errln(format!(
                "Warning: resource {}/{} was previously managed with 'kubectl apply'. Rolling back will not update the {LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.",
                info.resource.plural, info.name
            ))
            .await;
        }
        match undo(cx, &info, to, dry_run).await {
            Ok(result) => {
                let printer = Printer::for_operation(cx, &result, dry_run)?;
                cx.out(printer.render(cx, info.object())?).await;
            }
            Err(failure) => failures.push(failure),
        }
    }
    Failure::all(failures)
}

async fn undo(cx: &Context, info: &Info, to: i64, dry_run: DryRun) -> Outcome<String> {
    if to < 0 {
        return Err(Failure::Message(format!("unable to find specified revision {to} in history")));
    }
    if !matches!(info.resource.kind, "Deployment" | "DaemonSet" | "StatefulSet") {
        return Err(not_visited(info, "rollbacker"));
    }
    let revisions = revisions(cx, info).await?;
    let revision = pick(info, &revisions, to)?;
    let mut template = template_of(info, revision);
    if dry_run == DryRun::Client {
        return Ok(pod_template_raw(&template));
    }
    if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
        labels.remove("pod-template-hash");
    }
    if info.object().pointer("/spec/paused").and_then(Value::as_bool).unwrap_or_default() {
        return Err(Failure::message(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
        ));
    }
    if info.object().pointer("/spec/template") == Some(&template) {
        return Ok(format!(
            "skipped rollback (current template already matches revision {})",
            if to == 0 { revision.number } else { to }
        ));
    }
    let mut patch = vec![json!({"op": "replace", "path": "/spec/template", "value": template})];
    if info.resource.kind == "Deployment" {
        patch.push(
            json!({"op": "replace", "path": "/metadata/annotations", "value": annotations(info, revision)}),
        );
    }
    let write = Write::new(info.resource, info.namespace.as_deref(), "kubectl-rollout").dry(dry_run);
    cx.client()?.patch(cx, &write, &info.name, PatchType::Json, patch.into()).await?;
    Ok("rolled back".into())
}

fn pick<'a>(info: &Info, revisions: &'a [Revision], to: i64) -> Outcome<&'a Revision> {
    let lost = || Failure::Message(format!("unable to find specified revision {to} in history"));
    if to > 0 {
        return revisions.iter().find(|revision| revision.number == to).ok_or_else(lost);
    }
    if revisions.len() < 2 {
        return Err(Failure::Message(format!(
            "no rollout history found for {} {:?}",
            info.resource.singular(),
            info.name
        )));
    }
    Ok(&revisions[revisions.len() - 2])
}

/// The deployment's own annotations, and the revision's.
fn annotations(info: &Info, revision: &Revision) -> Value {
    let mut out = json!({});
    let own = info.object().pointer("/metadata/annotations").and_then(Value::as_object);
    for (key, value) in own.into_iter().flatten().filter(|(key, _)| KEPT.contains(&key.as_str())) {
        out[key.as_str()] = value.clone();
    }
    let old = revision.object.pointer("/metadata/annotations").and_then(Value::as_object);
    for (key, value) in old.into_iter().flatten().filter(|(key, _)| !KEPT.contains(&key.as_str())) {
        out[key.as_str()] = value.clone();
    }
    out
}
