//! `kubectl describe`: fetches objects and what belongs to them; `describe` lays the pages out.

use super::context::Context;
use super::describe::{Subject, describe, needs, shows_events};
use super::fail::{Failure, Outcome};
use super::resource::select::{Targets, info_of};
use super::resource::{Info, Selection, mapper};
use crate::cluster::api::Options;
use serde_json::Value;
use std::collections::BTreeMap;

pub async fn run(cx: &Context) -> Outcome {
    let files = !cx.flags.list("filename").is_empty() || !cx.flags.text("kustomize").is_empty();
    if cx.args.is_empty() && !files {
        return Err(Failure::message(
            "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of supported resources.",
        ));
    }
    let selection = Selection::of(cx, &cx.args).kind_alone(true).latest();
    let (infos, failures) = selection.infos(cx).await?;
    // Events are told of one object that is there, and of several only when that is asked for.
    let alone = infos.len() <= 1 && failures.is_empty();
    let events = cx.flags.on("show-events") && (alone || cx.flags.given("show-events"));
    if infos.is_empty() && failures.iter().any(Failure::is_not_found) && cx.args.len() == 2 {
        let found = by_prefix(cx, &selection).await?;
        for info in &found {
            cx.outln(page(cx, info, events).await?).await;
        }
        return if found.is_empty() { Failure::all(failures) } else { Ok(()) };
    }
    for (i, info) in infos.iter().enumerate() {
        if i > 0 {
            cx.out("\n\n").await;
        }
        cx.out(page(cx, info, events).await?).await;
    }
    if infos.is_empty() && failures.is_empty() {
        if selection.all_namespaces {
            cx.errln("No resources found").await;
        } else {
            cx.errln(format!("No resources found in {} namespace.", cx.namespace()?)).await;
        }
    }
    Failure::all(failures)
}

/// A name that matches nothing is taken as the beginning of names.
async fn by_prefix(cx: &Context, selection: &Selection) -> Outcome<Vec<Info>> {
    let client = cx.client()?;
    let Targets::Named(pairs) = selection.targets(cx).await? else { return Ok(Vec::new()) };
    let Some((resource, prefix)) = pairs.into_iter().next() else { return Ok(Vec::new()) };
    let namespace = resource.namespaced.then(|| client.namespace.clone());
    let items = client.items(cx, resource, namespace.as_deref(), Options::default()).await?;
    Ok(items
        .into_iter()
        .map(|item| info_of(resource, item))
        .filter(|info| info.name.starts_with(&prefix))
        .collect())
}

async fn page(cx: &Context, info: &Info, with_events: bool) -> Outcome<String> {
    let client = cx.client()?;
    let mut related = BTreeMap::new();
    for plural in needs(info.resource.kind) {
        let Some(resource) = mapper::lookup(plural) else { continue };
        let (namespace, options) = scope(info, plural);
        let items = client.items(cx, resource, namespace.as_deref(), options).await.unwrap_or_default();
        related.insert(*plural, items);
    }
    let events = match with_events && shows_events(info.resource.kind) {
        true => Some(events_of(cx, info).await),
        false => None,
    };
    Ok(describe(&Subject { object: info.object(), events, related, now_ms: cx.now_ms() }))
}

/// Where a related list is looked for, and with which filter.
fn scope(info: &Info, plural: &str) -> (Option<String>, Options) {
    let label = |text: String| Options { label_selector: Some(text), ..Options::default() };
    match (info.resource.kind, plural) {
        ("Node", "leases") => (Some("kube-node-lease".into()), Options::default()),
        ("Node", _) => (None, Options::default()),
        ("Namespace", _) => (Some(info.name.clone()), Options::default()),
        ("Service", _) => {
            (info.namespace.clone(), label(format!("kubernetes.io/service-name={}", info.name)))
        }
        _ => (info.namespace.clone(), Options::default()),
    }
}

/// The events about an object.
pub async fn events_of(cx: &Context, info: &Info) -> Vec<Value> {
    let (Ok(client), Some(resource)) = (cx.client(), mapper::lookup("events")) else { return Vec::new() };
    let uid = info.object().pointer("/metadata/uid").and_then(Value::as_str).unwrap_or_default().to_string();
    let namespace = info.namespace.clone().unwrap_or_else(|| "default".into());
    let items = client.items(cx, resource, Some(&namespace), Options::default()).await.unwrap_or_default();
    let about = |event: &Value| {
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let same =
            text("/involvedObject/name") == info.name && text("/involvedObject/kind") == info.resource.kind;
        same && (text("/involvedObject/uid") == uid || info.resource.kind == "Node")
    };
    items.into_iter().filter(about).collect()
}
