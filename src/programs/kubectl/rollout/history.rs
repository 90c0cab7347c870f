//! `kubectl rollout history`: revisions of deployments (replica sets) and of daemon and stateful sets (controller
//! revisions).

use super::super::context::{CHANGE_CAUSE, Context};
use super::super::describe::pod_template_raw;
use super::super::fail::{Failure, Outcome};
use super::super::output::tabwriter::TabWriter;
use super::super::print::Printer;
use super::super::resource::{Info, Selection, mapper};
use crate::cluster::api::{Options, strategic};
use serde_json::Value;

pub const REVISION: &str = "deployment.kubernetes.io/revision";

/// One revision: its number, why it came, and its object (replica set or controller revision).
pub struct Revision {
    pub number: i64,
    pub cause: String,
    pub object: Value,
}

pub fn annotation<'a>(object: &'a Value, key: &str) -> &'a str {
    object
        .pointer("/metadata/annotations")
        .and_then(|map| map.get(key))
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// `ReplicaSet.apps`.
pub fn group_kind(info: &Info) -> String {
    match info.resource.group {
        "" => info.resource.kind.to_string(),
        group => format!("{}.{group}", info.resource.kind),
    }
}

/// Why there is no viewer of history, or no rollbacker, for a kind: some are known to have none, most are not known.
pub fn not_visited(info: &Info, what: &str) -> Failure {
    let name = group_kind(info);
    let known =
        matches!(info.resource.kind, "Job" | "CronJob" | "Pod" | "ReplicaSet" | "ReplicationController");
    let tool = if what == "rollbacker" { "rollbacker" } else { "history viewer" };
    Failure::Message(match known {
        true => format!("no {tool} has been implemented for {name:?}"),
        false => format!(
            "error retrieving {what} for {name:?}, no visitor method exists for {{{} {}}}",
            info.resource.group, info.resource.kind
        ),
    })
}

/// The revisions of an object, oldest first.
pub async fn revisions(cx: &Context, info: &Info) -> Outcome<Vec<Revision>> {
    let deployment = info.resource.kind == "Deployment";
    let plural = if deployment { "replicasets" } else { "controllerrevisions" };
    let resource = mapper::find(plural)?;
    let items = cx.client()?.items(cx, resource, info.namespace.as_deref(), Options::default()).await?;
    let uid = info.object().pointer("/metadata/uid");
    let owned = |item: &Value| {
        let owners = item.pointer("/metadata/ownerReferences").and_then(Value::as_array);
        owners.into_iter().flatten().any(|owner| owner.get("uid") == uid)
    };
    let mut found: Vec<Revision> = items
        .into_iter()
        .filter(owned)
        .filter_map(|object| {
            let number = match deployment {
                true => annotation(&object, REVISION).parse().ok()?,
                false => object.get("revision")?.as_i64()?,
            };
            let cause = annotation(&object, CHANGE_CAUSE).to_string();
            Some(Revision { number, cause, object })
        })
        .collect();
    found.sort_by_key(|revision| revision.number);
    Ok(found)
}

/// The pod template of a revision.
pub fn template_of(info: &Info, revision: &Revision) -> Value {
    match info.resource.kind {
        "Deployment" => revision.object.pointer("/spec/template").cloned().unwrap_or_default(),
        _ => {
            let data = revision.object.get("data").and_then(Value::as_object).cloned().unwrap_or_default();
            let then = strategic::apply(info.object(), &data).unwrap_or_default();
            then.pointer("/spec/template").cloned().unwrap_or_default()
        }
    }
}

pub async fn run(cx: &Context) -> Outcome {
    let wanted = cx.flags.int("revision");
    if wanted < 0 {
        return Err(Failure::Message(format!("revision must be a positive integer: {wanted}")));
    }
    let selection = Selection::of(cx, &cx.args).latest().kind_alone(true);
    let (infos, mut failures) = selection.infos(cx).await?;
    for info in infos {
        match show(cx, &info, wanted).await {
            Ok(text) => cx.out(text).await,
            Err(failure) => failures.push(failure),
        }
    }
    Failure::all(failures)
}

async fn show(cx: &Context, info: &Info, wanted: i64) -> Outcome<String> {
    if !matches!(info.resource.kind, "Deployment" | "DaemonSet" | "StatefulSet") {
        return Err(not_visited(info, "history"));
    }
    let revisions = revisions(cx, info).await?;
    if let Some(printer) = Printer::of(cx, false)? {
        let mut out = String::new();
        for revision in revisions.iter().filter(|revision| wanted == 0 || revision.number == wanted) {
            out.push_str(&printer.render(cx, &revision.object)?);
        }
        return Ok(out);
    }
    if wanted > 0 {
        let Some(revision) = revisions.iter().find(|revision| revision.number == wanted) else {
            return Err(Failure::message("unable to find the specified revision"));
        };
        let mut template = template_of(info, revision);
        if !revision.cause.is_empty() {
            template["metadata"]["annotations"][CHANGE_CAUSE] = revision.cause.clone().into();
        }
        return Ok(format!("{} with revision #{wanted}\n{}\n", info.title(), pod_template_raw(&template)));
    }
    if revisions.is_empty() {
        return Ok(format!("{} \nNo rollout history found.\n", info.title()));
    }
    let mut writer = TabWriter::describe();
    writer.row(&["REVISION", "CHANGE-CAUSE"]);
    for revision in &revisions {
        let cause = if revision.cause.is_empty() { "<none>" } else { &revision.cause };
        writer.row(&[revision.number.to_string().as_str(), cause]);
    }
    Ok(format!("{} \n{}\n", info.title(), writer.flush()))
}
