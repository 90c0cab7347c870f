//! `kubectl apply view-last-applied`, `set-last-applied` and `edit-last-applied`: the annotation that apply compares
//! with, looked at or changed by itself.

use super::super::client::Write;
use super::super::context::{Context, DryRun};
use super::super::edit;
use super::super::fail::{Failure, Outcome};
use super::super::output::yaml;
use super::super::print::Printer;
use super::super::resource::manifest::parse_yaml;
use super::super::resource::{Info, Selection};
use super::{LAST_APPLIED, last_applied};
use crate::cluster::api::PatchType;
use serde_json::{Value, json};

pub async fn run(cx: &Context) -> Outcome {
    match cx.flags.path[1] {
        "view-last-applied" => view(cx).await,
        "set-last-applied" => set(cx).await,
        _ => edit_one(cx).await,
    }
}

/// The annotation's text.
fn text_of(object: &Value) -> Option<&str> {
    object.pointer("/metadata/annotations").and_then(|map| map.get(LAST_APPLIED)).and_then(Value::as_str)
}

fn missing(info: &Info) -> Failure {
    Failure::Message(format!("no last-applied-configuration annotation found on resource: {}", info.name))
}

async fn view(cx: &Context) -> Outcome {
    let infos = Selection::of(cx, &cx.args).latest().all_or_fail(cx).await?;
    for info in infos {
        let text = text_of(info.object());
        let Some(value) = text.and_then(|text| serde_json::from_str::<Value>(text).ok()) else {
            return Err(missing(&info));
        };
        match cx.flags.text("output") {
            // Two blanks deep, unlike what printers of objects write.
            "json" => {
                let text = serde_json::to_string_pretty(&value).unwrap_or_default();
                cx.outln(text).await;
            }
            "yaml" => cx.out(yaml::emit(&value)).await,
            other => {
                return Err(cx.usage(format!(
                    "Unexpected -o output mode: {other}, the flag 'output' must be one of yaml|json"
                )));
            }
        }
    }
    Ok(())
}

async fn set(cx: &Context) -> Outcome {
    if cx.flags.list("filename").is_empty() {
        return Err(Failure::message("must specify one of -f and -k"));
    }
    let dry_run = cx.dry_run().await?;
    let (infos, failures) = Selection::of(cx, &[]).infos(cx).await?;
    Failure::all(failures)?;
    let mut changed = Vec::new();
    for info in infos {
        let live = cx.client()?.get(cx, info.resource, info.namespace.as_deref(), &info.name).await?;
        let wanted = last_applied(info.object());
        match text_of(&live) {
            None if !cx.flags.on("create-annotation") => {
                return Err(Failure::Message(format!(
                    "no last-applied-configuration annotation found on resource: {}, to create the annotation, run the command with --create-annotation",
                    info.name
                )));
            }
            Some(present) if present.trim_end() == wanted.trim_end() => {
                cx.outln(format!("set-last-applied {}: no changes required.", info.name)).await;
            }
            _ => changed.push((info, live, wanted)),
        }
    }
    for (info, live, wanted) in changed {
        let object =
            if dry_run == DryRun::Client { live } else { write(cx, &info, &wanted, dry_run).await? };
        cx.out(Printer::for_operation(cx, "configured", dry_run)?.render(cx, &object)?).await;
    }
    Ok(())
}

async fn edit_one(cx: &Context) -> Outcome {
    let infos = Selection::of(cx, &cx.args).latest().all_or_fail(cx).await?;
    for info in infos {
        let text = text_of(info.object()).ok_or_else(|| missing(&info))?;
        let value: Value = serde_json::from_str(text).map_err(|error| Failure::Message(error.to_string()))?;
        let Some(edited) = edit::text(cx, &yaml::emit(&value)).await? else { continue };
        let value = parse_yaml(&edited)
            .map_err(|why| Failure::Message(format!("The edited file had a syntax error: {why}")))?;
        let object = write(cx, &info, &last_applied(&value), DryRun::None).await?;
        cx.out(Printer::for_operation(cx, "edited", DryRun::None)?.render(cx, &object)?).await;
    }
    Ok(())
}

async fn write(cx: &Context, info: &Info, text: &str, dry_run: DryRun) -> Outcome<Value> {
    let write = Write::new(info.resource, info.namespace.as_deref(), "kubectl-last-applied").dry(dry_run);
    let patch = json!({"metadata": {"annotations": {LAST_APPLIED: text}}});
    cx.client()?.patch(cx, &write, &info.name, PatchType::Merge, patch).await
}
