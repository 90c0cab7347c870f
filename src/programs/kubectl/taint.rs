//! `kubectl taint`.

use super::client::Write;
use super::context::{Context, DryRun};
use super::fail::{Failure, Outcome};
use super::print::Printer;
use super::resource::{Info, Selection};
use crate::cluster::api::PatchType;
use serde_json::{Value, json};

struct Changes {
    adds: Vec<Value>,
    /// Key and, when given, effect.
    removes: Vec<(String, Option<String>)>,
}

pub async fn run(cx: &Context) -> Outcome {
    let is_change =
        |arg: &String| arg.contains('=') || arg.contains(':') || arg.ends_with('-') && arg.len() > 1;
    let first = cx.args.iter().position(is_change).unwrap_or(cx.args.len());
    let (resources, words) = cx.args.split_at(first);
    if resources.is_empty() && !cx.flags.on("all") {
        return Err(Failure::message("one or more resources must be specified as <resource> <name>"));
    }
    if words.is_empty() {
        return Err(Failure::message("at least one taint update is required"));
    }
    let changes = parse(words)?;
    let dry_run = cx.dry_run().await?;
    let (infos, mut failures) = Selection::of(cx, resources).latest().infos(cx).await?;
    for info in infos {
        if let Err(failure) = one(cx, &info, &changes, dry_run).await {
            failures.push(failure);
        }
    }
    Failure::all(failures)
}

fn parse(words: &[String]) -> Outcome<Changes> {
    let mut changes = Changes { adds: Vec::new(), removes: Vec::new() };
    for word in words {
        let invalid = || Failure::Message(format!("invalid taint spec: {word}"));
        if let Some(body) = word.strip_suffix('-') {
            let (key, effect) =
                body.split_once(':').map_or((body, None), |(key, effect)| (key, Some(effect.to_string())));
            changes.removes.push((key.split('=').next().unwrap_or(key).to_string(), effect));
            continue;
        }
        let (pair, effect) = word.split_once(':').ok_or_else(invalid)?;
        if !matches!(effect, "NoSchedule" | "PreferNoSchedule" | "NoExecute") {
            return Err(Failure::Message(format!(
                "invalid taint effect: {effect}, unsupported taint effect"
            )));
        }
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if key.is_empty() {
            return Err(invalid());
        }
        let mut taint = json!({"key": key, "effect": effect});
        if !value.is_empty() {
            taint["value"] = value.into();
        }
        changes.adds.push(taint);
    }
    Ok(changes)
}

async fn one(cx: &Context, info: &Info, changes: &Changes, dry_run: DryRun) -> Outcome {
    if info.resource.kind != "Node" {
        return Err(Failure::Message(format!(
            "invalid resource type {}, only node is supported",
            info.resource.plural
        )));
    }
    let mut taints =
        info.object().pointer("/spec/taints").and_then(Value::as_array).cloned().unwrap_or_default();
    let same = |a: &Value, b: &Value| a["key"] == b["key"] && a["effect"] == b["effect"];
    if !cx.flags.on("overwrite") {
        let clash: Vec<&str> = changes
            .adds
            .iter()
            .filter(|add| taints.iter().any(|known| same(known, add)))
            .filter_map(|add| add["key"].as_str())
            .collect();
        if !clash.is_empty() {
            return Err(Failure::Message(format!(
                "node {} already has {} taint(s) with same effect(s) and --overwrite is false",
                info.name,
                clash.join(",")
            )));
        }
    }
    for (key, effect) in &changes.removes {
        let before = taints.len();
        taints.retain(|taint| {
            !(taint["key"] == **key && effect.as_ref().is_none_or(|effect| taint["effect"] == **effect))
        });
        if taints.len() == before {
            let title = effect.as_ref().map_or(key.clone(), |effect| format!("{key}:{effect}"));
            return Err(Failure::Message(format!("taint {title:?} not found")));
        }
    }
    for add in &changes.adds {
        taints.retain(|known| !same(known, add));
    }
    let mut all = changes.adds.clone();
    all.extend(taints);
    let operation = match (changes.adds.is_empty(), changes.removes.is_empty()) {
        (true, _) => "untainted",
        (false, true) => "tainted",
        _ => "modified",
    };
    let printer = Printer::for_operation(cx, operation, dry_run)?;
    let mut object = info.object().clone();
    if dry_run == DryRun::Client {
        object["spec"]["taints"] = json!(all);
    } else {
        let write = Write::new(info.resource, None, cx.flags.text("field-manager")).dry(dry_run);
        let taints = if all.is_empty() { Value::Null } else { json!(all) };
        object = cx
            .client()?
            .patch(cx, &write, &info.name, PatchType::Merge, json!({"spec": {"taints": taints}}))
            .await?;
    }
    cx.out(printer.render(cx, &object)?).await;
    Ok(())
}
