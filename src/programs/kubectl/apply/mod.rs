//! `kubectl apply`: the client-side three-way merge with its annotation; server-side with a flag.

mod last_applied;
mod prune;
pub mod server_side;

use super::client::Write;
use super::context::{Context, DryRun};
use super::create::validation;
use super::fail::{Failure, Outcome};
use super::output::json;
use super::print::Printer;
use super::resource::select::go_name;
use super::resource::{Info, Selection};
use super::{delete, wait};
use crate::cluster::api::selector::Selector;
use crate::cluster::api::{PatchType, Reason, strategic};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Puts the object itself into its annotation, as `--save-config` and apply do.
pub fn annotate(object: &mut Value) {
    let text = last_applied(object);
    object["metadata"]["annotations"][LAST_APPLIED] = text.into();
}

/// The same for an object that a generator made: its annotation is what Go's structs would be written as.
pub fn annotate_typed(object: &mut Value) {
    let text = json::compact_typed(object) + "\n";
    object["metadata"]["annotations"][LAST_APPLIED] = text.into();
}

/// The annotation's value: compact JSON with a final newline, annotations present but without itself.
fn last_applied(object: &Value) -> String {
    let mut plain = object.clone();
    if !plain["metadata"]["annotations"].is_object() {
        plain["metadata"]["annotations"] = json!({});
    }
    if let Some(map) = plain["metadata"]["annotations"].as_object_mut() {
        map.remove(LAST_APPLIED);
    }
    json::compact(&plain) + "\n"
}

pub async fn run(cx: &Context) -> Outcome {
    if cx.flags.path.len() > 1 {
        return last_applied::run(cx).await;
    }
    if cx.flags.list("filename").is_empty() && cx.flags.text("kustomize").is_empty() {
        if !cx.args.is_empty() {
            return Err(cx.usage(format!("Unexpected args: [{}]", cx.args.join(" "))));
        }
        return Err(Failure::message("must specify one of -f and -k"));
    }
    let dry_run = cx.dry_run().await?;
    agree(cx, dry_run)?;
    let pruned = prune::kinds(cx)?;
    let prints = !matches!(cx.flags.text("output"), "" | "name");
    let (mut infos, mut failures) = Selection { selector: None, ..Selection::of(cx, &[]) }.infos(cx).await?;
    let selector = Selector::parse(cx.flags.text("selector")).map_err(Failure::Message)?;
    infos.retain(|info| selector.matches(Some(&labels(info.object()))));
    let none = infos.is_empty();
    let mut applied = prune::Applied::default();
    let mut objects = Vec::new();
    for info in infos {
        let result = if cx.flags.on("server-side") {
            server_side::apply(cx, &info, dry_run).await
        } else {
            on_client(cx, &info, dry_run).await
        };
        match result {
            Ok((object, operation)) => {
                applied.note(&info, &object);
                if !prints {
                    let printer = Printer::for_operation(cx, operation, dry_run)?;
                    cx.out(printer.render(cx, &object)?).await;
                }
                objects.push(object);
            }
            Err(failure) => failures.push(failure),
        }
    }
    if none && failures.is_empty() {
        return Err(Failure::message("no objects passed to apply"));
    }
    Failure::all(failures)?;
    if prints {
        print_all(cx, objects, dry_run).await?;
    }
    if cx.flags.on("prune") {
        prune::run(cx, &pruned, &applied, dry_run).await?;
    }
    Ok(())
}

/// Flags that exclude each other.
fn agree(cx: &Context, dry_run: DryRun) -> Outcome {
    let on = |flag: &str| cx.flags.on(flag);
    let selected = !cx.flags.text("selector").is_empty();
    let rules = [
        (on("force-conflicts") && !on("server-side"), "--force-conflicts only works with --server-side"),
        (
            dry_run == DryRun::Client && on("server-side"),
            "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)",
        ),
        (on("server-side") && on("force"), "--force cannot be used with --server-side"),
        (dry_run == DryRun::Server && on("force"), "--dry-run=server cannot be used with --force"),
        (on("all") && selected, "cannot set --all and --selector at the same time"),
        (on("prune") && on("force"), "--force cannot be used with --prune"),
        (
            on("prune") && !on("all") && !selected,
            "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector",
        ),
        (
            on("prune") && on("server-side"),
            "--prune is in alpha and doesn't currently work on objects created by server-side apply",
        ),
        (
            !cx.flags.text("subresource").is_empty() && !on("server-side"),
            "--subresource can only be specified for --server-side",
        ),
    ];
    match rules.iter().find(|(broken, _)| *broken) {
        Some((_, why)) => Err(Failure::message(*why)),
        None => Ok(()),
    }
}

/// `-o yaml` and its like: one object as it is, several as a list.
async fn print_all(cx: &Context, mut objects: Vec<Value>, dry_run: DryRun) -> Outcome {
    let printer = Printer::for_operation(cx, "", dry_run)?;
    let object = match objects.len() {
        1 => objects.remove(0),
        _ => json!({"apiVersion": "v1", "kind": "List", "metadata": {}, "items": objects}),
    };
    cx.out(printer.render(cx, &object)?).await;
    Ok(())
}

/// An object's labels.
pub fn labels(object: &Value) -> BTreeMap<String, String> {
    let map = object.pointer("/metadata/labels").and_then(Value::as_object);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    map.into_iter().flatten().map(|(key, value)| (key.clone(), text(value))).collect()
}

/// What apply would send: the three-way patch between the annotation, the file and the live object.
fn patch_for(info: &Info, modified: &Value, live: &Value) -> Outcome<Map<String, Value>> {
    let original = annotation(live).and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
    strategic::three_way(&original, modified, live).map_err(|why| {
        let shown = |value: &Value| json::compact(value);
        Failure::Message(format!(
            "creating patch with:\noriginal:\n{}\nmodified:\n{}\ncurrent:\n{}\nfor: {:?}: {why}",
            annotation(live).unwrap_or_default(),
            shown(modified),
            shown(live),
            info.source.as_deref().unwrap_or_default()
        ))
    })
}

fn annotation(live: &Value) -> Option<&str> {
    live.pointer("/metadata/annotations").and_then(|map| map.get(LAST_APPLIED)).and_then(Value::as_str)
}

/// What the live object would be after apply, as the server would store it. The annotation is left out of it.
pub async fn preview(cx: &Context, info: &Info, live: &Value) -> Outcome<Value> {
    let mut modified = info.object().clone();
    if !modified["metadata"]["annotations"].is_object() {
        modified["metadata"]["annotations"] = json!({});
    }
    let patch = patch_for(info, &modified, live)?;
    if patch.is_empty() {
        return Ok(live.clone());
    }
    let write = Write::new(info.resource, info.namespace.as_deref(), cx.flags.text("field-manager"))
        .dry(DryRun::Server);
    cx.client()?.patch(cx, &write, &info.name, PatchType::Strategic, Value::Object(patch)).await
}

async fn on_client(cx: &Context, info: &Info, dry_run: DryRun) -> Outcome<(Value, &'static str)> {
    let client = cx.client()?;
    let source = info.source.as_deref();
    let generated = info.object().pointer("/metadata/generateName").and_then(Value::as_str);
    match generated.filter(|name| info.name.is_empty() && !name.is_empty()) {
        Some(name) => {
            return Err(Failure::Message(format!("from {name}: cannot use generate name with apply")));
        }
        None if info.name.is_empty() => return Err(retrieval(info, "resource name may not be empty")),
        None => {}
    }
    let mut modified = info.object().clone();
    cx.record(&mut modified);
    annotate(&mut modified);
    let write = Write::new(info.resource, info.namespace.as_deref(), cx.flags.text("field-manager"))
        .dry(dry_run)
        .validated(validation(cx)?);
    let live = match client.get(cx, info.resource, info.namespace.as_deref(), &info.name).await {
        Ok(live) => live,
        Err(failure) if failure.is_not_found() => {
            drop_nulls(&mut modified);
            if dry_run == DryRun::Client {
                return Ok((modified, "created"));
            }
            let made = client.create(cx, &write, modified).await;
            return Ok((made.map_err(|failure| failure.about("creating", source))?, "created"));
        }
        Err(failure) => return Err(retrieval(info, &failure.bare())),
    };
    if annotation(&live).is_none() {
        cx.err(missing_annotation(info)).await;
    }
    let patch = patch_for(info, &modified, &live)?;
    if patch.is_empty() {
        warn_if_deleting(cx, &live).await;
        return Ok((live, "unchanged"));
    }
    if dry_run == DryRun::Client {
        let merged = strategic::apply(&live, &patch).map_err(Failure::Message)?;
        warn_if_deleting(cx, &merged).await;
        return Ok((merged, "configured"));
    }
    let patch = Value::Object(patch);
    let after = match client.patch(cx, &write, &info.name, PatchType::Strategic, patch.clone()).await {
        Err(Failure::Status(status))
            if cx.flags.on("force") && matches!(status.reason, Reason::Conflict | Reason::Invalid) =>
        {
            make_anew(cx, info, &write, &live, modified).await
        }
        other => other.map_err(|failure| failure.about("patching", source)),
    };
    let after = after.map_err(|failure| {
        let doing = format!("applying patch:\n{}\nto:\n{}\nfor:", json::compact(&patch), subject(info));
        failure.about(&doing, source)
    })?;
    warn_if_deleting(cx, &after).await;
    Ok((after, "configured"))
}

/// `--force`: what cannot be changed is deleted and made again; what cannot be made is put back.
async fn make_anew(
    cx: &Context,
    info: &Info,
    write: &Write<'_>,
    live: &Value,
    modified: Value,
) -> Outcome<Value> {
    let client = cx.client()?;
    let (grace, cascade) = (cx.flags.int("grace-period"), delete::propagation(cx)?);
    delete::delete(cx, info, grace, cascade, DryRun::None).await?;
    wait::until(cx, info, None, |object| object.is_none()).await?;
    let why = match client.create(cx, write, modified).await {
        Ok(made) => return Ok(made),
        Err(failure) => failure,
    };
    let mut before = live.clone();
    if let Some(metadata) = before.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|key, _| !matches!(key.as_str(), "resourceVersion" | "uid" | "managedFields"));
    }
    client.create(cx, write, before).await.map_err(|again| {
        Failure::Message(format!(
            "An error occurred force-replacing the existing object with the newly provided one:\n\n{}.\n\nAdditionally, an error occurred attempting to restore the original object:\n\n{}",
            why.bare(),
            again.bare()
        ))
    })?;
    Err(why)
}

/// A create takes fields that are null as not given.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

pub async fn warn_if_deleting(cx: &Context, object: &Value) {
    if object.pointer("/metadata/deletionTimestamp").is_some_and(|time| !time.is_null()) {
        let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        cx.errln(format!("Warning: Detected changes to resource {name} which is currently being deleted."))
            .await;
    }
}

fn retrieval(info: &Info, why: &str) -> Failure {
    let source = info.source.as_deref().unwrap_or_default();
    Failure::Message(format!(
        "error when retrieving current configuration of:\n{}\nfrom server for: {source:?}: {why}",
        subject(info)
    ))
}

fn subject(info: &Info) -> String {
    let (resource, kind) = (info.resource, info.resource.kind);
    format!(
        "Resource: \"{}\", GroupVersionKind: \"{}/{}, Kind={kind}\"\nName: {:?}, Namespace: {:?}",
        go_name(resource),
        resource.group,
        resource.version,
        info.name,
        info.namespace.as_deref().unwrap_or_default()
    )
}

fn missing_annotation(info: &Info) -> String {
    format!(
        "Warning: resource {}/{} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n",
        info.resource.plural, info.name
    )
}
