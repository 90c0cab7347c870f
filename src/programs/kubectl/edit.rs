//! `kubectl edit`: an object in an editor, again with the reasons on top when the server refuses.

use super::client::Write;
use super::context::{Context, DryRun};
use super::create::validation;
use super::fail::{Failure, Outcome};
use super::output::{json, yaml};
use super::print::{Printer, list_of};
use super::resource::manifest::{self, parse_yaml};
use super::resource::{Info, Selection, mapper};
use crate::cluster::api::{PatchType, Reason, strategic};
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
    let mut refused: Option<Value> = None;
    for _ in 0..ROUND_LIMIT {
        let (path, edited) = open(cx, &format!("{HEADER}{reasons}{body}"), as_json).await?;
        let kept = || format!("A copy of your changes has been stored to {path:?}");
        let content = content(&edited);
        if refused.as_ref() == Some(&content) {
            cx.errln(kept()).await;
            return Err(Failure::message("Edit cancelled, no valid changes were saved."));
        }
        let verdict = match validity(&edited) {
            Err(why) => {
                let title = title(&infos[0]);
                cx.errln(format!("error: {title} is invalid")).await;
                Verdict::Refused(format!(
                    "# {title} was not valid:\n# * <nil>: Invalid value: \"The edited file failed validation\": {}\n#\n",
                    commented(&why)
                ))
            }
            Ok(_) if content == self::content(&original) => {
                cx.sys.change(&path, |tree, path, now| tree.remove(path, false, now)).ok();
                cx.errln("Edit cancelled, no changes made.").await;
                return Ok(());
            }
            Ok(value) => match save(cx, &infos, value).await {
                Ok(verdict) => verdict,
                Err(failure) => {
                    cx.errln(kept()).await;
                    return Err(failure);
                }
            },
        };
        match verdict {
            Verdict::Done => {
                cx.sys.change(&path, |tree, path, now| tree.remove(path, false, now)).ok();
                return Ok(());
            }
            Verdict::Retryable => {
                cx.errln(format!("You can run `kubectl replace -f {path}` to try this update again.")).await;
                return Err(Failure::Exit(1));
            }
            Verdict::Gone => {
                cx.errln(format!("The edits you made on deleted resources have been saved to {path:?}"))
                    .await;
                return Err(Failure::Exit(1));
            }
            Verdict::Refused(problems) => {
                (reasons, body, refused) = (problems, without_comments(&edited), Some(content));
            }
        }
    }
    Err(Failure::message("Edit cancelled, the editor was opened too often."))
}

/// What a file says, whatever its layout; a text that is no YAML stands for itself.
fn content(text: &str) -> Value {
    parse_yaml(text).unwrap_or_else(|_| without_comments(text).into())
}

/// The edited object, if it is one at all.
fn validity(text: &str) -> Result<Value, String> {
    let value = parse_yaml(text)?;
    if !value.is_object() {
        return Err("invalid object to validate".into());
    }
    let missing: Vec<String> = ["apiVersion", "kind"]
        .iter()
        .filter(|key| !value[**key].is_string())
        .map(|key| {
            if value[*key].is_null() { format!("{key} not set") } else { format!("{key} isn't string type") }
        })
        .collect();
    match missing.as_slice() {
        [] => Ok(value),
        [one] => Err(one.clone()),
        several => Err(format!("[{}]", several.join(", "))),
    }
}

/// A reason of several lines, as comment lines.
fn commented(why: &str) -> String {
    why.replace('\n', "\n# ")
}

fn title(info: &Info) -> String {
    format!("{} {:?}", mapper::full_name(info.resource), info.name)
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
    let through_shell = editor.contains(['"', '\'', '\\', '$', '|', ';', '&']);
    let argv: Vec<String> = match through_shell {
        true => vec!["sh".to_string(), "-c".into(), format!("{editor} {path}")],
        false => editor.split(' ').map(str::to_string).chain([path.clone()]).collect(),
    };
    match cx.sys.run(argv, &cx.env, &cx.cwd, cx.io.clone()).await {
        Ok(0) => {}
        Ok(_) => return Err(Failure::Message(format!("there was a problem with the editor {editor:?}"))),
        Err(_) => return Err(failed(format!("{editor:?}"))),
    }
    let edited = cx.sys.read_text(&path).map_err(|error| failed(error.to_string()))?;
    Ok((path, edited))
}

enum Verdict {
    Done,
    /// The server did not take it, but perhaps will.
    Retryable,
    Gone,
    /// Comment lines for the top of the file.
    Refused(String),
}

async fn save(cx: &Context, infos: &[Info], value: Value) -> Outcome<Verdict> {
    let edited: Vec<Value> = match value.get("items") {
        Some(Value::Array(items)) if infos.len() > 1 => items.clone(),
        _ => vec![value],
    };
    for object in &edited {
        let namespace = object.pointer("/metadata/namespace").and_then(Value::as_str);
        let own = cx.namespace()?;
        if let Some(other) = namespace.filter(|name| **name != *own) {
            return Err(Failure::Message(format!(
                "the namespace from the provided object {other:?} does not match the namespace {own:?}. You must pass '--namespace={other}' to perform this operation."
            )));
        }
    }
    let (mut reasons, mut worst) = (String::new(), Verdict::Done);
    for object in edited {
        let uid = object.pointer("/metadata/uid");
        let Some(info) = infos.iter().find(|info| info.object().pointer("/metadata/uid") == uid) else {
            return Err(Failure::Message(format!("no original object found for {}", json::compact(&object))));
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
            Verdict::Refused(why) => reasons.push_str(&why),
            Verdict::Retryable => worst = Verdict::Retryable,
            Verdict::Gone if matches!(worst, Verdict::Done) => worst = Verdict::Gone,
            Verdict::Gone => {}
        }
    }
    match worst {
        Verdict::Done if !reasons.is_empty() => Ok(Verdict::Refused(reasons)),
        worst => Ok(worst),
    }
}

async fn send(cx: &Context, info: &Info, object: &Value) -> Outcome<Verdict> {
    let mut before = info.object().clone();
    if let Some(metadata) = before.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
    if before == *object {
        cx.out(Printer::for_operation(cx, "skipped", DryRun::None)?.render(cx, object)?).await;
        return Ok(Verdict::Done);
    }
    let mut object = object.clone();
    cx.record(&mut object);
    let patch = Value::Object(strategic::two_way(&before, &object));
    if cx.flags.on("output-patch") {
        cx.outln(format!("Patch: {}", json::compact(&patch))).await;
    }
    let write = Write::new(info.resource, info.namespace.as_deref(), cx.flags.text("field-manager"))
        .validated(validation(cx)?)
        .on(cx.flags.text("subresource"));
    let failure = match cx.client()?.patch(cx, &write, &info.name, PatchType::Strategic, patch).await {
        Ok(after) => {
            cx.out(Printer::for_operation(cx, "edited", DryRun::None)?.render(cx, &after)?).await;
            return Ok(Verdict::Done);
        }
        Err(failure) => failure,
    };
    let title = title(info);
    match &failure {
        Failure::Status(status) if status.reason == Reason::Invalid => {
            cx.errln(format!("error: {title} is invalid")).await;
            let mut text = format!("# {title} was not valid");
            text.push_str(if status.causes.is_empty() { "\n" } else { ":\n" });
            for cause in &status.causes {
                text.push_str(&format!("# * {}: {}\n", cause.field, commented(&cause.message)));
            }
            Ok(Verdict::Refused(text + "#\n"))
        }
        _ if failure.is_not_found() => {
            cx.errln(format!("error: {title} could not be found on the server")).await;
            Ok(Verdict::Gone)
        }
        _ => {
            cx.errln(format!("error: {title} could not be patched: {}", failure.bare())).await;
            Ok(Verdict::Retryable)
        }
    }
}
