//! `kubectl apply`: the client-side three-way merge with its annotation; server-side with a flag.

mod last_applied;
mod prune;

use super::client::Write;
use super::context::{Context, DryRun};
use super::create::validation;
use super::fail::{Failure, Outcome};
use super::merge::{difference, three_way};
use super::output::json;
use super::print;
use super::print::Printer;
use super::resource::select::go_name;
use super::resource::{Info, Selection};
use crate::cluster::api::selector::Selector;
use crate::cluster::api::{Options, PatchType, Verb};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Puts the object itself into its annotation, as `--save-config` and apply do.
pub fn annotate(object: &mut Value) {
    let text = last_applied(object);
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
    let prunes = cx.flags.on("prune");
    if prunes && !cx.flags.on("all") && cx.flags.text("selector").is_empty() {
        return Err(Failure::message(
            "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector",
        ));
    }
    let pruned = prune::kinds(cx)?;
    let server_side = cx.flags.on("server-side");
    let dry_run = cx.dry_run().await?;
    if server_side && dry_run == DryRun::Client {
        return Err(Failure::message(
            "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)",
        ));
    }
    if cx.flags.on("force-conflicts") && !server_side {
        return Err(Failure::message("--force-conflicts only works with --server-side"));
    }
    let (mut infos, mut failures) = Selection { selector: None, ..Selection::of(cx, &[]) }.infos(cx).await?;
    let selector = Selector::parse(cx.flags.text("selector")).map_err(Failure::Message)?;
    infos.retain(|info| selector.matches(Some(&labels(info.object()))));
    let none = infos.is_empty();
    let mut applied = prune::Applied::default();
    for info in infos {
        let result = if server_side {
            on_server(cx, &info, dry_run).await
        } else {
            on_client(cx, &info, dry_run).await
        };
        match result {
            Ok((object, operation)) => {
                applied.note(&info, &object);
                let printer = Printer::for_operation(cx, operation, dry_run)?;
                cx.out(printer.render(cx, &object)?).await;
            }
            Err(failure) => failures.push(failure),
        }
    }
    if none && failures.is_empty() {
        return Err(Failure::message("no objects passed to apply"));
    }
    if prunes && failures.is_empty() {
        prune::run(cx, &pruned, &applied, dry_run).await?;
    }
    Failure::all(failures)
}

fn labels(object: &Value) -> BTreeMap<String, String> {
    let map = object.pointer("/metadata/labels").and_then(Value::as_object);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    map.into_iter().flatten().map(|(key, value)| (key.clone(), text(value))).collect()
}

/// What the live object would be after apply, as the server would store it.
pub async fn preview(cx: &Context, info: &Info, live: &Value) -> Outcome<Value> {
    let original =
        live.pointer("/metadata/annotations").and_then(|map| map.get(LAST_APPLIED)).and_then(Value::as_str);
    let original: Value = original.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
    let mut modified = info.object().clone();
    if !modified["metadata"]["annotations"].is_object() {
        modified["metadata"]["annotations"] = json!({});
    }
    let mut merged = three_way(&original, &modified, live);
    if let Some(status) = live.get("status") {
        merged["status"] = status.clone();
    }
    let patch = Value::Object(difference(live, &merged));
    if patch == json!({}) {
        return Ok(live.clone());
    }
    let write = Write::new(info.resource, info.namespace.as_deref(), cx.flags.text("field-manager"))
        .dry(DryRun::Server);
    cx.client()?.patch(cx, &write, &info.name, PatchType::Merge, patch).await
}

async fn on_client(cx: &Context, info: &Info, dry_run: DryRun) -> Outcome<(Value, &'static str)> {
    let client = cx.client()?;
    let source = info.source.as_deref();
    let mut modified = info.object().clone();
    annotate(&mut modified);
    let manager = cx.flags.text("field-manager");
    let write =
        Write::new(info.resource, info.namespace.as_deref(), manager).dry(dry_run).validated(validation(cx)?);
    if info.name.is_empty() {
        let unnamed = "resource name may not be empty";
        return Err(retrieval(info, unnamed));
    }
    let live = match client.get(cx, info.resource, info.namespace.as_deref(), &info.name).await {
        Ok(live) => live,
        Err(failure) if failure.is_not_found() => {
            if dry_run == DryRun::Client {
                return Ok((modified, "created"));
            }
            let made = client
                .create(cx, &write, modified)
                .await
                .map_err(|failure| failure.about("creating", source))?;
            return Ok((made, "created"));
        }
        Err(failure) => {
            return Err(retrieval(info, &failure.bare()));
        }
    };
    let original =
        live.pointer("/metadata/annotations").and_then(|map| map.get(LAST_APPLIED)).and_then(Value::as_str);
    if original.is_none() && dry_run != DryRun::Client {
        cx.err(missing_annotation(&print::title(&live))).await;
    }
    let original: Value = original.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
    let mut merged = three_way(&original, &modified, &live);
    merged["status"] = live.get("status").cloned().unwrap_or(Value::Null);
    if merged["status"].is_null()
        && let Some(map) = merged.as_object_mut()
    {
        map.remove("status");
    }
    let patch = Value::Object(difference(&live, &merged));
    if patch == json!({}) {
        return Ok((live, "unchanged"));
    }
    if dry_run == DryRun::Client {
        return Ok((merged, "configured"));
    }
    let after =
        client.patch(cx, &write, &info.name, PatchType::Merge, patch.clone()).await.map_err(|failure| {
            match failure {
                Failure::Status(mut status) => {
                    status.message = format!(
                        "error when applying patch:\n{}\nto:\n{}\nfor: {:?}: {}",
                        json::compact(&patch),
                        subject(info),
                        source.unwrap_or_default(),
                        status.message
                    );
                    Failure::Status(status)
                }
                other => other,
            }
        })?;
    let version = |object: &Value| object.pointer("/metadata/resourceVersion").cloned();
    let same = version(&after) == version(&live) && dry_run == DryRun::None;
    Ok((after, if same { "unchanged" } else { "configured" }))
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

fn missing_annotation(title: &str) -> String {
    let (kind, name) = title.split_once('/').unwrap_or((title, ""));
    let plural = super::resource::mapper::lookup(kind).map_or(kind, |resource| resource.plural);
    format!(
        "Warning: resource {plural}/{name} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n"
    )
}

async fn on_server(cx: &Context, info: &Info, dry_run: DryRun) -> Outcome<(Value, &'static str)> {
    let client = cx.client()?;
    let manager = if cx.flags.given("field-manager") { cx.flags.text("field-manager") } else { "kubectl" };
    let options = Options {
        force: cx.flags.on("force-conflicts"),
        dry_run: dry_run == DryRun::Server,
        field_validation: validation(cx)?,
        ..Options::default()
    };
    let request = client.request(manager, Verb::Patch(PatchType::Apply), info.resource);
    let mut request = request.named(&info.name).with_body(info.object().clone()).with_options(options);
    request.namespace = info.namespace.clone();
    let object = super::client::object(client.send(cx, request).await?)?;
    Ok((object, "serverside-applied"))
}
