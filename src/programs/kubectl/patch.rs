//! `kubectl patch`.

use super::client::Write;
use super::context::{Context, DryRun};
use super::fail::{Failure, Outcome};
use super::merge::apply_patch;
use super::print::Printer;
use super::resource::manifest::parse_yaml;
use super::resource::{Info, Selection};
use crate::cluster::api::{FieldValidation, PatchType};
use serde_json::{Value, json};

pub async fn run(cx: &Context) -> Outcome {
    let (inline, file) = (cx.flags.text("patch"), cx.flags.text("patch-file"));
    if inline.is_empty() == file.is_empty() {
        let text = if inline.is_empty() {
            "must specify --patch or --patch-file containing the contents of the patch"
        } else {
            "cannot specify --patch and --patch-file together"
        };
        return Err(Failure::message(text));
    }
    let kind = match cx.flags.text("type") {
        "strategic" => PatchType::Strategic,
        "merge" => PatchType::Merge,
        "json" => PatchType::Json,
        other => {
            return Err(Failure::Message(format!(
                "--type must be one of [json merge strategic], not {other:?}"
            )));
        }
    };
    let text = match file {
        "" => inline.to_string(),
        path => cx.sys.read_text(&cx.path(path)).map_err(|_| {
            Failure::Message(format!("unable to read patch file: open {path}: no such file or directory"))
        })?,
    };
    let patch = parse_yaml(&text).map_err(|why| {
        Failure::Message(format!(
            "unable to parse {text:?}: {}",
            why.replace("error converting YAML to JSON: ", "")
        ))
    })?;
    let dry_run = cx.dry_run().await?;
    let local = cx.flags.on("local");
    let infos = Selection { latest: !local, ..Selection::of(cx, &cx.args) }.all_or_fail(cx).await?;
    if infos.is_empty() {
        return Err(Failure::message("no objects passed to patch"));
    }
    for info in infos {
        let (object, changed) = match local || dry_run == DryRun::Client {
            true => locally(&info, kind, &patch)?,
            false => on_server(cx, &info, kind, &patch, dry_run).await?,
        };
        let operation = if changed { "patched" } else { "patched (no change)" };
        // That nothing was written is not said: the word for what was done replaces the one with the remark.
        cx.out(Printer::for_operation(cx, operation, DryRun::None)?.render(cx, &object)?).await;
    }
    Ok(())
}

fn locally(info: &Info, kind: PatchType, patch: &Value) -> Outcome<(Value, bool)> {
    let mut object = info.object().clone();
    match kind {
        PatchType::Json => {
            let patch: json_patch::Patch =
                serde_json::from_value(patch.clone()).map_err(|error| Failure::Message(error.to_string()))?;
            json_patch::patch(&mut object, &patch).map_err(|error| Failure::Message(error.to_string()))?;
        }
        _ => apply_patch(&mut object, patch),
    }
    let changed = object != *info.object();
    Ok((object, changed))
}

async fn on_server(
    cx: &Context,
    info: &Info,
    kind: PatchType,
    patch: &Value,
    dry_run: DryRun,
) -> Outcome<(Value, bool)> {
    let write = Write::new(info.resource, info.namespace.as_deref(), cx.flags.text("field-manager"))
        .dry(dry_run)
        .validated(FieldValidation::Warn)
        .on(cx.flags.text("subresource"));
    let before = info.object();
    let mut after = cx.client()?.patch(cx, &write, &info.name, kind, patch.clone()).await?;
    let mut cause = json!({});
    cx.record(&mut cause);
    if cause != json!({}) {
        after = cx.client()?.patch(cx, &write, &info.name, PatchType::Merge, cause).await?;
    }
    let plain = |object: &Value| {
        let mut object = object.clone();
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("managedFields");
            metadata.remove("resourceVersion");
        }
        object
    };
    let changed = after["kind"] != before["kind"] || plain(&after) != plain(before);
    Ok((after, changed))
}
