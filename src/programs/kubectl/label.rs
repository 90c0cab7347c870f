//! `kubectl label` and `kubectl annotate`.

use super::client::Write;
use super::context::{Context, DryRun};
use super::fail::{Failure, Outcome};
use super::merge::apply_patch;
use super::print::Printer;
use super::resource::{Info, Selection};
use crate::cluster::api::PatchType;
use serde_json::{Map, Value, json};

struct Changes {
    /// `labels` or `annotations`.
    field: &'static str,
    /// `label` or `annotation`.
    word: &'static str,
    sets: Vec<(String, String)>,
    removes: Vec<String>,
}

pub async fn run(cx: &Context) -> Outcome {
    let annotate = cx.flags.path[0] == "annotate";
    let (field, word) = if annotate { ("annotations", "annotation") } else { ("labels", "label") };
    let files = !cx.flags.list("filename").is_empty();
    let is_pair = |arg: &String| arg.contains('=') || arg.ends_with('-') && arg.len() > 1;
    let first_pair = cx.args.iter().position(is_pair).unwrap_or(cx.args.len());
    let (resources, pairs) = cx.args.split_at(first_pair);
    if let Some(bad) = pairs.iter().find(|arg| !is_pair(arg)) {
        return Err(Failure::message(format!(
            "all resources must be specified before {word} changes: {bad}"
        )));
    }
    let mut changes = Changes { field, word, sets: Vec::new(), removes: Vec::new() };
    for pair in pairs {
        match pair.split_once('=') {
            Some((key, value)) if !key.is_empty() => {
                if !annotate && !valid_value(value) {
                    return Err(Failure::Message(format!(
                        "invalid label value: {pair:?}: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
                    )));
                }
                changes.sets.push((key.into(), value.into()));
            }
            Some(_) => return Err(Failure::Message(format!("invalid {word} format: {pair}"))),
            None => changes.removes.push(pair.trim_end_matches('-').into()),
        }
    }
    if changes.sets.iter().any(|(key, _)| changes.removes.contains(key)) {
        let article = if annotate { "an" } else { "a" };
        return Err(Failure::Message(format!(
            "can not both modify and remove {article} {word} in the same command"
        )));
    }
    let list = cx.flags.on("list");
    if resources.is_empty() && !files {
        return Err(Failure::message(
            "one or more resources must be specified as <resource> <name> or <resource>/<name>",
        ));
    }
    if changes.sets.is_empty() && changes.removes.is_empty() && !list {
        return Err(Failure::Message(format!("at least one {word} update is required")));
    }
    let dry_run = cx.dry_run().await?;
    let local = cx.flags.on("local");
    let selection = Selection { latest: !local, ..Selection::of(cx, resources) };
    let (infos, mut failures) = selection.infos(cx).await?;
    for info in &infos {
        if let Err(failure) = one(cx, info, &changes, dry_run, list).await {
            failures.push(failure);
        }
    }
    Failure::all(failures)
}

fn valid_value(value: &str) -> bool {
    const LIMIT: usize = 63;
    let edge = |c: Option<char>| c.is_none_or(|c| c.is_ascii_alphanumeric());
    value.len() <= LIMIT
        && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && edge(value.chars().next())
        && edge(value.chars().last())
}

async fn one(cx: &Context, info: &Info, changes: &Changes, dry_run: DryRun, list: bool) -> Outcome {
    let empty = Map::new();
    let before = info
        .object()
        .pointer(&format!("/metadata/{}", changes.field))
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    if list {
        for (key, value) in before {
            cx.outln(format!("{key}={}", value.as_str().unwrap_or_default())).await;
        }
    }
    if !cx.flags.on("overwrite") && !cx.flags.on("local") {
        refuse_overwrite(changes, before)?;
    }
    let mut patch = json!({});
    for key in &changes.removes {
        if !before.contains_key(key) && changes.word == "label" {
            cx.outln(format!("label {key:?} not found.")).await;
        }
        patch[key.as_str()] = Value::Null;
    }
    for (key, value) in &changes.sets {
        patch[key.as_str()] = value.clone().into();
    }
    let patch = json!({"metadata": {changes.field: patch}});
    let mut after = info.object().clone();
    apply_patch(&mut after, &patch);
    let changed = after != *info.object();
    let operation = operation(changes, changed, before);
    let version = cx.flags.text("resource-version");
    if !cx.flags.on("local")
        && dry_run != DryRun::Client
        && (changed || changes.word == "annotation")
        && !(changes.sets.is_empty() && changes.removes.is_empty())
    {
        let mut body = patch;
        if !version.is_empty() {
            body["metadata"]["resourceVersion"] = version.into();
        }
        let write =
            Write::new(info.resource, info.namespace.as_deref(), cx.flags.text("field-manager")).dry(dry_run);
        after = cx.client()?.patch(cx, &write, &info.name, PatchType::Merge, body).await?;
    }
    if list {
        return Ok(());
    }
    let printer = Printer::for_operation(cx, &operation, dry_run)?;
    cx.out(printer.render(cx, &after)?).await;
    Ok(())
}

fn refuse_overwrite(changes: &Changes, before: &Map<String, Value>) -> Outcome {
    let mut failures = Vec::new();
    for (key, value) in &changes.sets {
        let Some(old) = before.get(key).and_then(Value::as_str) else { continue };
        if changes.word == "annotation" {
            failures.push(key.clone());
        } else if old != value {
            failures.push(format!("'{key}' already has a value ({old}), and --overwrite is false"));
        }
    }
    match failures.as_slice() {
        [] => Ok(()),
        _ if changes.word == "annotation" => Err(Failure::message(
            "--overwrite is false but found the following declared annotation(s): ".to_string()
                + &failures_of(changes, before),
        )),
        _ => Err(Failure::Message(failures.join("; "))),
    }
}

fn failures_of(changes: &Changes, before: &Map<String, Value>) -> String {
    let parts: Vec<String> = changes
        .sets
        .iter()
        .filter_map(|(key, _)| Some(format!("'{key}' already has a value ({})", before.get(key)?.as_str()?)))
        .collect();
    parts.join("; ")
}

/// `labeled`, `unlabeled`, `not labeled`, `annotated`.
fn operation(changes: &Changes, changed: bool, before: &Map<String, Value>) -> String {
    if changes.word == "annotation" {
        return "annotated".into();
    }
    let removed = changes.removes.iter().any(|key| before.contains_key(key));
    match (changed, changes.sets.is_empty() && removed) {
        (false, _) => "not labeled".into(),
        (true, true) => "unlabeled".into(),
        (true, false) => "labeled".into(),
    }
}
