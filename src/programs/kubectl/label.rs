//! `kubectl label` and `kubectl annotate`: both change a map in the metadata, each with its own rules and words.

use super::client::Write;
use super::context::{CHANGE_CAUSE, Context, DryRun};
use super::fail::{Failure, Outcome};
use super::merge::apply_patch;
use super::print::Printer;
use super::resource::{Info, Selection};
use crate::cluster::api::PatchType;
use serde_json::{Map, Value, json};

const BAD_VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const VALUE_LIMIT: usize = 63;

struct Changes {
    /// Annotations, not labels.
    annotates: bool,
    sets: Vec<(String, String)>,
    removes: Vec<String>,
}

impl Changes {
    fn field(&self) -> &'static str {
        if self.annotates { "annotations" } else { "labels" }
    }

    fn word(&self) -> &'static str {
        if self.annotates { "annotation" } else { "label" }
    }
}

pub async fn run(cx: &Context) -> Outcome {
    let annotates = cx.flags.path[0] == "annotate";
    let is_pair =
        |arg: &String| arg.find('=').is_some_and(|at| at > 0) || arg.ends_with('-') && arg.len() > 1;
    let first_pair = cx.args.iter().position(is_pair).unwrap_or(cx.args.len());
    let (resources, pairs) = cx.args.split_at(first_pair);
    if let Some(bad) = pairs.iter().find(|arg| !is_pair(arg)) {
        let word = if annotates { "annotation" } else { "label" };
        return Err(Failure::message(format!(
            "all resources must be specified before {word} changes: {bad}"
        )));
    }
    let changes = changes(annotates, pairs)?;
    let dry_run = cx.dry_run().await?;
    agree(cx, resources, &changes, dry_run)?;
    let local = cx.flags.on("local");
    let selection = Selection { latest: !local, ..Selection::of(cx, resources) };
    let alone = selection.single();
    if !alone && !cx.flags.text("resource-version").is_empty() {
        return Err(Failure::message("--resource-version may only be used with a single resource"));
    }
    let (infos, mut failures) = selection.infos(cx).await?;
    for info in &infos {
        if let Err(failure) = one(cx, info, &changes, dry_run, alone).await {
            failures.push(failure);
        }
    }
    Failure::all(failures)
}

/// `key=value` and `key-`.
fn changes(annotates: bool, pairs: &[String]) -> Outcome<Changes> {
    let mut changes = Changes { annotates, sets: Vec::new(), removes: Vec::new() };
    for pair in pairs {
        match pair.split_once('=') {
            None => changes.removes.push(pair[..pair.len() - 1].into()),
            Some((key, value)) if annotates => changes.sets.push((key.into(), value.into())),
            Some((_, value)) if value.contains('=') => {
                return Err(Failure::Message(format!("invalid label spec: {pair}")));
            }
            Some((key, value)) => {
                let mut problems = Vec::new();
                if value.len() > VALUE_LIMIT {
                    problems.push(format!("must be no more than {VALUE_LIMIT} characters"));
                }
                if !valid_value(value) {
                    problems.push(BAD_VALUE.to_owned());
                }
                if !problems.is_empty() {
                    return Err(Failure::Message(format!(
                        "invalid label value: {pair:?}: {}",
                        problems.join(";")
                    )));
                }
                changes.sets.push((key.into(), value.into()));
            }
        }
    }
    Ok(changes)
}

fn valid_value(value: &str) -> bool {
    let edge = |c: Option<char>| c.is_none_or(|c| c.is_ascii_alphanumeric());
    value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && edge(value.chars().next())
        && edge(value.chars().last())
}

/// What excludes each other, in the order in which each of the two commands looks at it.
fn agree(cx: &Context, resources: &[String], changes: &Changes, dry_run: DryRun) -> Outcome {
    let both: Vec<&str> = changes
        .removes
        .iter()
        .filter(|key| changes.sets.iter().any(|(other, _)| other == *key))
        .map(String::as_str)
        .collect();
    let (on, given) = (|flag: &str| cx.flags.on(flag), |flag: &str| !cx.flags.text(flag).is_empty());
    let (local, files) = (on("local"), !cx.flags.list("filename").is_empty() || given("kustomize"));
    let (one_file, file) =
        if changes.annotates { ("rsrc.yaml", "rsrc.json") } else { ("pod.yaml", "pod.json") };
    let rules = [
        (
            !both.is_empty() && !changes.annotates,
            "can not both modify and remove a label in the same command".to_owned(),
        ),
        (on("list") && given("output"), "--list and --output may not be specified together".to_owned()),
        (on("all") && given("selector"), "cannot set --all and --selector at the same time".to_owned()),
        (
            on("all") && given("field-selector"),
            "cannot set --all and --field-selector at the same time".to_owned(),
        ),
        (
            local && dry_run == DryRun::Server,
            "cannot specify --local and --dry-run=server - did you mean --dry-run=client?".to_owned(),
        ),
        (
            local && !resources.is_empty(),
            format!(
                "can only use local files by -f {one_file} or --filename={file} when --local=true is set"
            ),
        ),
        (
            local && !files,
            format!("one or more files must be specified as -f {one_file} or --filename={file}"),
        ),
        (
            resources.is_empty() && !files,
            "one or more resources must be specified as <resource> <name> or <resource>/<name>".to_owned(),
        ),
        (
            changes.sets.is_empty() && changes.removes.is_empty() && !on("list"),
            format!("at least one {} update is required", changes.word()),
        ),
        (
            !both.is_empty(),
            format!(
                "can not both modify and remove the following annotation(s) in the same command: {}",
                both.join(", ")
            ),
        ),
    ];
    match rules.into_iter().find(|(broken, _)| *broken) {
        Some((_, why)) => Err(Failure::Message(why)),
        None => Ok(()),
    }
}

async fn one(cx: &Context, info: &Info, changes: &Changes, dry_run: DryRun, alone: bool) -> Outcome {
    let empty = Map::new();
    let before = info
        .object()
        .pointer(&format!("/metadata/{}", changes.field()))
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let list = cx.flags.on("list");
    let only_here = dry_run == DryRun::Client || cx.flags.on("local") || list;
    if !only_here && !changes.annotates {
        for key in changes.removes.iter().filter(|key| !before.contains_key(*key)) {
            cx.outln(format!("label {key:?} not found.")).await;
        }
    }
    if !cx.flags.on("overwrite") {
        refuse_overwrite(changes, before)?;
    }
    let mut fields = json!({});
    for (key, value) in &changes.sets {
        fields[key.as_str()] = value.clone().into();
    }
    for key in &changes.removes {
        fields[key.as_str()] = Value::Null;
    }
    let mut patch = json!({"metadata": {changes.field(): fields}});
    cx.record(&mut patch);
    let version = cx.flags.text("resource-version");
    if !version.is_empty() {
        patch["metadata"]["resourceVersion"] = version.into();
    }
    let operation = operation(changes, before);
    let mut after = info.object().clone();
    apply_patch(&mut after, &patch);
    if list {
        return told(cx, info, changes, &after, alone).await;
    }
    if !only_here && operation != "not labeled" {
        let write =
            Write::new(info.resource, info.namespace.as_deref(), cx.flags.text("field-manager")).dry(dry_run);
        let answer = cx.client()?.patch(cx, &write, &info.name, PatchType::Merge, patch).await?;
        // What label prints is the object as it changed it itself.
        if changes.annotates {
            after = answer;
        }
    }
    let printer = Printer::for_operation(cx, operation, dry_run)?;
    cx.out(printer.render(cx, &after)?).await;
    Ok(())
}

/// `--list`; with a title where there are several objects.
async fn told(cx: &Context, info: &Info, changes: &Changes, object: &Value, alone: bool) -> Outcome {
    if !alone {
        let (kind, group) = (info.resource.kind, info.resource.group);
        cx.outln(format!("Listing {} for {kind}.{group}/{}:", changes.field(), info.name)).await;
    }
    let indent = if alone { "" } else { " " };
    let now = object.pointer(&format!("/metadata/{}", changes.field())).and_then(Value::as_object);
    for (key, value) in now.into_iter().flatten() {
        cx.outln(format!("{indent}{key}={}", value.as_str().unwrap_or_default())).await;
    }
    Ok(())
}

fn refuse_overwrite(changes: &Changes, before: &Map<String, Value>) -> Outcome {
    let taken: Vec<String> = changes
        .sets
        .iter()
        .filter(|(key, _)| !(changes.annotates && key == CHANGE_CAUSE))
        .filter_map(|(key, value)| {
            let old = before.get(key).and_then(Value::as_str).filter(|old| old != value)?;
            Some(format!("'{key}' already has a value ({old})"))
        })
        .collect();
    match taken.as_slice() {
        [] => Ok(()),
        taken if changes.annotates => Err(Failure::Message(format!(
            "--overwrite is false but found the following declared annotation(s): {}",
            taken.join("; ")
        ))),
        taken => Failure::all(
            taken.iter().map(|what| Failure::Message(format!("{what}, and --overwrite is false"))).collect(),
        ),
    }
}

/// `labeled`, `unlabeled`, `modified`, `not labeled`, `annotated`.
fn operation(changes: &Changes, before: &Map<String, Value>) -> &'static str {
    if changes.annotates {
        return "annotated";
    }
    let added =
        changes.sets.iter().any(|(key, value)| before.get(key).and_then(Value::as_str) != Some(value));
    let removed = changes.removes.iter().any(|key| before.contains_key(key));
    match (added, removed) {
        (true, true) => "modified",
        (true, false) => "labeled",
        (false, true) => "unlabeled",
        (false, false) => "not labeled",
    }
}
