//! `kubectl apply --server-side`: the configuration goes to the server as it is, which merges it and knows who manages
//! which field.

use super::super::client;
use super::super::context::{Context, DryRun};
use super::super::create::validation;
use super::super::fail::{Failure, Outcome};
use super::super::resource::Info;
use super::{LAST_APPLIED, warn_if_deleting};
use crate::cluster::api::{Options, PatchType, Reason, Verb};
use serde_json::{Map, Value, json};

const DEFAULT_MANAGER: &str = "kubectl";
/// Keeps the annotation of client-side apply.
const LAST_APPLIED_MANAGER: &str = "kubectl-last-applied";
/// What to do about fields of other managers.
const ADVICE: &str = "Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts";

pub async fn apply(cx: &Context, info: &Info, dry_run: DryRun) -> Outcome<(Value, &'static str)> {
    let object = send(cx, info, dry_run).await.map_err(|failure| match failure {
        Failure::Status(status) if status.reason == Reason::Conflict => {
            Failure::Message(format!("{}\n{ADVICE}", status.message))
        }
        other => other,
    })?;
    let object = match dry_run {
        DryRun::None => take_over(cx, info, object).await?,
        _ => object,
    };
    warn_if_deleting(cx, &object).await;
    Ok((object, "serverside-applied"))
}

/// What client-side apply managed before becomes this manager's, so that fields which leave the configuration go.
async fn take_over(cx: &Context, info: &Info, mut object: Value) -> Outcome<Value> {
    let client = cx.client()?;
    let write = |kind| {
        let mut request = client.request(LAST_APPLIED_MANAGER, Verb::Patch(kind), info.resource);
        request.namespace = info.namespace.clone();
        request.named(&info.name)
    };
    let manager = manager(cx);
    let annotation = object["metadata"]["annotations"][LAST_APPLIED].clone();
    let held = entries(&object).iter().any(|entry| entry["operation"] == "Apply" && owns_annotation(entry));
    if manager == DEFAULT_MANAGER && !annotation.is_null() && !held {
        let only = json!({
            "apiVersion": object["apiVersion"], "kind": object["kind"],
            "metadata": {
                "name": info.name, "namespace": info.namespace, "annotations": {LAST_APPLIED: annotation},
            },
        });
        object = client::object(client.send(cx, write(PatchType::Apply).with_body(only)).await?)?;
    }
    let Some(upgraded) = upgraded(&entries(&object), manager) else { return Ok(object) };
    let patch = json!([
        {"op": "replace", "path": "/metadata/managedFields", "value": upgraded},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": object["metadata"]["resourceVersion"]},
    ]);
    client.send(cx, write(PatchType::Json).with_body(patch)).await?;
    send(cx, info, DryRun::None).await
}

fn entries(object: &Value) -> Vec<Value> {
    object["metadata"]["managedFields"].as_array().cloned().unwrap_or_default()
}

fn owns_annotation(entry: &Value) -> bool {
    entry["fieldsV1"]["f:metadata"]["f:annotations"].get(format!("f:{LAST_APPLIED}")).is_some()
}

/// The entries with those of client-side apply made part of the manager's; `None` when there are none.
fn upgraded(entries: &[Value], manager: &str) -> Option<Vec<Value>> {
    let client_side = |entry: &Value| {
        entry["operation"] == "Update" && entry["subresource"].is_null() && owns_annotation(entry)
    };
    let (old, mut kept): (Vec<Value>, Vec<Value>) = entries.iter().cloned().partition(client_side);
    let last = old.last()?;
    let own = |entry: &&mut Value| {
        entry["operation"] == "Apply" && entry["manager"] == manager && entry["subresource"].is_null()
    };
    match kept.iter_mut().find(own) {
        Some(own) => unite(&mut own["fieldsV1"], &last["fieldsV1"]),
        None => {
            let mut own = last.clone();
            own["operation"] = "Apply".into();
            own["manager"] = manager.into();
            kept.push(own);
        }
    }
    Some(kept)
}

/// One set of fields added to another; a place by itself is an empty map.
fn unite(fields: &mut Value, more: &Value) {
    let (Value::Object(fields), Value::Object(more)) = (fields, more) else { return };
    let alone = |map: &Map<String, Value>| map.is_empty() || map.contains_key(".");
    if alone(fields) != alone(more) {
        fields.insert(".".to_owned(), json!({}));
    }
    for (step, child) in more {
        unite(fields.entry(step.clone()).or_insert_with(|| child.clone()), child);
    }
}

fn manager(cx: &Context) -> &str {
    if cx.flags.given("field-manager") { cx.flags.text("field-manager") } else { DEFAULT_MANAGER }
}

/// The configuration merged by the server.
pub async fn send(cx: &Context, info: &Info, dry_run: DryRun) -> Outcome<Value> {
    let client = cx.client()?;
    let manager = manager(cx);
    let known = |flag: &str| cx.flags.command.flag(flag).is_some();
    let options = Options {
        force: cx.flags.on("force-conflicts"),
        dry_run: dry_run == DryRun::Server,
        field_validation: if known("validate") { validation(cx)? } else { Default::default() },
        ..Options::default()
    };
    let request = client.request(manager, Verb::Patch(PatchType::Apply), info.resource);
    let mut request = request.named(&info.name).with_body(info.object().clone()).with_options(options);
    request.namespace = info.namespace.clone();
    if known("subresource") {
        request.subresource = Some(cx.flags.text("subresource").to_owned()).filter(|name| !name.is_empty());
    }
    client::object(client.send(cx, request).await?)
}
