//! `kubectl edit`: an object in an editor, again with the reasons on top when the server refuses.

use super::client::Write;
use super::context::{Context, DryRun};
use super::create::validation;
use super::fail::{Failure, Outcome};
use super::merge::difference;
use super::output::{json, yaml};
use super::print::{Printer, list_of};
use super::resource::manifest::{self, parse_yaml};
use super::resource::{Info, Selection, mapper};
use crate::cluster::api::{PatchType, Reason};
use serde_json::Value;

/// Openings of the editor before it is given up.
const ROUND_LIMIT: usize = 100;

const HEADER: &str = "# Please edit the object below. Lines beginning with a '#' will be ignored,\n# and an empty file will abort the edit. If an error occurs while saving this file will be\n# reopened with the relevant failures.\n#\n";

pub async fn run(cx: &Context) -> Outcome {
    let infos = Selection::of(cx, &cx.args).latest().kind_alone(true).all_or_fail(cx).await?;
    if infos.is_empty() {
        return Err(Failure::message("edit cancelled, no objects found"));
    }
    let as_json = match cx.flags.text("output") {
        "" | "yaml" => false,
        "json" => true,
        other => {
            return Err(Failure::Message(format!(
                "The flag 'output' must be one of yaml|json, not {other:?}"
            )));
        }
    };
    let original = text_of(&infos, as_json);
    let (mut body, mut reasons) = (original.clone(), String::new());
    let mut refused: Option<String> = None;
    for _ in 0..ROUND_LIMIT {
        let (path, edited) = open(cx, &format!("{HEADER}{reasons}{body}"), as_json).await?;
        let stripped = without_comments(&edited);
        if refused.as_deref() == Some(stripped.as_str()) {
            cx.errln(format!("A copy of your changes has been stored to {path:?}")).await;
            return Err(Failure::message("Edit cancelled, no valid changes were saved."));
        }
        if stripped == without_comments(&original) {
            cx.sys.change(&path, |tree, path, now| tree.remove(path, false, now)).ok();
            cx.errln("Edit cancelled, no changes made.").await;
            return Ok(());
        }
        if stripped.trim().is_empty() {
            cx.errln("Edit cancelled, saved file was empty.").await;
            return Ok(());
        }
        let problems = match save(cx, &infos, &stripped).await? {
            Verdict::Done => {
                cx.sys.change(&path, |tree, path, now| tree.remove(path, false, now)).ok();
                return Ok(());
            }
            Verdict::Conflict => {
                cx.errln(format!("You can run `kubectl replace -f {path}` to try this update again.")).await;
                return Err(Failure::Exit(1));
            }
            Verdict::Gone => {
                cx.errln(format!("The edits you made on deleted resources have been saved to {path:?}"))
                    .await;
                return Err(Failure::Exit(1));
            }
            Verdict::Refused(problems) => problems,
        };
        (reasons, body, refused) = (problems, stripped.clone(), Some(stripped));
    }
    Err(Failure::message("Edit cancelled, the editor was opened too often."))
}

/// `create --edit`: the objects as the learner leaves them; `None` when nothing was changed.
pub async fn before_creation(cx: &Context, infos: &[Info]) -> Outcome<Option<Vec<Info>>> {
    let Some(edited) = text(cx, &text_of(infos, false)).await? else { return Ok(None) };
    let namespace = cx.namespace()?;
    let (edited, failures) = manifest::infos(manifest::documents("edited-file", &edited), &namespace, false);
    Failure::all(failures)?;
    Ok(Some(edited))
}

/// A YAML text in an editor, once; `None` when nothing was changed, which is told.
pub async fn text(cx: &Context, original: &str) -> Outcome<Option<String>> {
    let (path, edited) = open(cx, &format!("{HEADER}{original}"), false).await?;
    cx.sys.change(&path, |tree, path, now| tree.remove(path, false, now)).ok();
    let stripped = without_comments(&edited);
    if stripped == without_comments(original) || stripped.trim().is_empty() {
        let why = if stripped.trim().is_empty() { "saved file was empty" } else { "no changes made" };
        cx.errln(format!("Edit cancelled, {why}.")).await;
        return Ok(None);
    }
    Ok(Some(stripped))
}

fn text_of(infos: &[Info], as_json: bool) -> String {
    let clean = |info: &Info| {
        let mut object = info.object().clone();
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("managedFields");
        }
        object
    };
    let value = match infos {
        [one] => clean(one),
        several => list_of(several.iter().map(clean).collect()),
    };
    if as_json { json::pretty(&value) } else { yaml::emit(&value) }
}

/// Comments are whole lines; the file's own blank lines stay.
fn without_comments(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with('#')).map(|line| format!("{line}\n")).collect()
}

/// Runs the editor on a temporary file; the path and what was saved.
async fn open(cx: &Context, text: &str, as_json: bool) -> Outcome<(String, String)> {
    let number =
        cx.sys.stream(&format!("kubectl/edit/{}/{}", cx.sys.me.0, cx.sys.now().0)).below(4_000_000_000);
    let path = format!("/tmp/kubectl-edit-{number}.{}", if as_json { "json" } else { "yaml" });
    let failed = |why: String| Failure::Message(format!("unable to launch the editor {why}"));
    cx.sys.write(&path, text.as_bytes().to_vec()).map_err(|error| failed(error.to_string()))?;
    let editor =
        ["KUBE_EDITOR", "EDITOR"].iter().find_map(|name| cx.env.get(name).filter(|value| !value.is_empty()));
    let editor = editor.map_or("vi", String::as_str);
    let argv = match editor.contains([' ', '"', '\'', '\\', '$', '|', ';', '&']) {
        true => vec!["sh".to_string(), "-c".into(), format!("{editor} {path}")],
        false => vec![editor.to_string(), path.clone()],
    };
    let mut ran = cx.sys.run(argv, &cx.env, &cx.cwd, cx.io.clone()).await;
    if ran.is_err() {
        let argv = vec!["sh".to_string(), "-c".into(), format!("{editor} {path}")];
        ran = cx.sys.run(argv, &cx.env, &cx.cwd, cx.io.clone()).await;
    }
    match ran {
        Ok(0) => {}
        Ok(_) => return Err(Failure::Message(format!("there was a problem with the editor {editor:?}"))),
        Err(_) => return Err(failed(format!("{editor:?}"))),
    }
    let edited = cx.sys.read_text(&path).map_err(|error| failed(error.to_string()))?;
    Ok((path, edited))
}

enum Verdict {
    Done,
    Conflict,
    Gone,
    /// Comment lines for the top of the file.
    Refused(String),
}

async fn save(cx: &Context, infos: &[Info], text: &str) -> Outcome<Verdict> {
    let value = match parse_yaml(text) {
        Ok(value) if value.is_object() => value,
        Ok(_) => {
            return Ok(Verdict::Refused(
                "# The edited file had a syntax error: the edited file is not an object\n#\n".into(),
            ));
        }
        Err(why) => {
            return Ok(Verdict::Refused(format!(
                "# The edited file had a syntax error: error parsing edited-file: {why}\n#\n"
            )));
        }
    };
    let edited: Vec<Value> = match value.get("items") {
        Some(Value::Array(items)) if infos.len() > 1 => items.clone(),
        _ => vec![value],
    };
    for object in edited {
        let uid = object.pointer("/metadata/uid");
        let Some(info) = infos.iter().find(|info| info.object().pointer("/metadata/uid") == uid) else {
            return Err(Failure::message("At least one of apiVersion, kind and name was changed"));
        };
        let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        if name != info.name
            || object["kind"] != info.object()["kind"]
            || object["apiVersion"] != info.object()["apiVersion"]
        {
            return Err(Failure::message("At least one of apiVersion, kind and name was changed"));
        }
        match send(cx, info, &object).await? {
            Verdict::Done => {}
            other => return Ok(other),
        }
    }
    Ok(Verdict::Done)
}

async fn send(cx: &Context, info: &Info, object: &Value) -> Outcome<Verdict> {
    let mut before = info.object().clone();
    if let Some(metadata) = before.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
    let patch = Value::Object(difference(&before, object));
    if patch.as_object().is_some_and(|map| map.is_empty()) {
        cx.out(Printer::for_operation(cx, "skipped", DryRun::None)?.render(cx, object)?).await;
        return Ok(Verdict::Done);
    }
    if cx.flags.on("output-patch") {
        cx.outln(format!("Patch: {}", json::compact(&patch))).await;
    }
    let write = Write::new(info.resource, info.namespace.as_deref(), cx.flags.text("field-manager"))
        .validated(validation(cx)?)
        .on(cx.flags.text("subresource"));
    let status = match cx.client()?.patch(cx, &write, &info.name, PatchType::Merge, patch).await {
        Ok(after) => {
            let printer = Printer::Name(Some("edited".into()));
            cx.out(printer.render(cx, &after)?).await;
            return Ok(Verdict::Done);
        }
        Err(Failure::Status(status)) => status,
        Err(other) => return Err(other),
    };
    let title = format!("{} {:?}", mapper::full_name(info.resource), info.name);
    match status.reason {
        Reason::NotFound => {
            cx.errln(format!("error: {title} could not be found on the server")).await;
            Ok(Verdict::Gone)
        }
        Reason::Invalid | Reason::BadRequest => {
            cx.errln(format!("error: {title} is invalid")).await;
            let mut text = format!("# {title} was not valid:\n");
            if status.causes.is_empty() {
                text.push_str(&format!("# * {}\n", status.message));
            }
            for cause in &status.causes {
                text.push_str(&format!("# * {}: {}\n", cause.field, cause.message));
            }
            Ok(Verdict::Refused(text + "#\n"))
        }
        _ => {
            cx.errln(format!("error: {title} could not be patched: {}", status.message)).await;
            Ok(Verdict::Conflict)
        }
    }
}
