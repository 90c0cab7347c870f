//! `kubectl set`: one aspect of objects that run containers.

mod env;

use super::client::Write;
use super::context::{Context, DryRun};
use super::fail::{Failure, Outcome};
use super::merge::difference;
use super::not_imitated;
use super::print::Printer;
use super::quantity::Quantity;
use super::resource::{Info, Selection};
use super::template::{containers_mut, pod_spec_mut};
use crate::cluster::api::PatchType;
use serde_json::{Value, json};

pub async fn run(cx: &Context) -> Outcome {
    match cx.flags.path[1] {
        "image" => image(cx).await,
        "env" => env::run(cx).await,
        "resources" => resources(cx).await,
        "selector" => selector(cx).await,
        "serviceaccount" => service_account(cx).await,
        _ => Err(not_imitated(&cx.flags.path)),
    }
}

/// Words with `=` (or a final `-`) are changes, the others name objects.
fn split_pairs(args: &[String]) -> (Vec<String>, Vec<String>) {
    args.iter().cloned().partition(|arg| !arg.contains('='))
}

/// Applies one change to every selected object and prints those that changed.
async fn change(
    cx: &Context,
    args: &[String],
    operation: &str,
    mut edit: impl FnMut(&Info, &mut Value) -> Outcome,
) -> Outcome {
    let dry_run = cx.dry_run().await?;
    let printer = Printer::for_operation(cx, operation, dry_run)?;
    let local = cx.flags.on("local");
    let selection = Selection { latest: !local, ..Selection::of(cx, args) };
    let (infos, mut failures) = selection.infos(cx).await?;
    for info in infos {
        let mut object = info.object().clone();
        if let Err(failure) = edit(&info, &mut object) {
            failures.push(failure);
            continue;
        }
        let patch = Value::Object(difference(info.object(), &object));
        if local || dry_run == DryRun::Client {
            cx.out(printer.render(cx, &object)?).await;
            continue;
        }
        if patch == json!({}) {
            continue;
        }
        let write =
            Write::new(info.resource, info.namespace.as_deref(), cx.flags.text("field-manager")).dry(dry_run);
        match cx.client()?.patch(cx, &write, &info.name, PatchType::Merge, patch).await {
            Ok(after) => cx.out(printer.render(cx, &after)?).await,
            Err(failure) => failures.push(failed(operation, &info, failure)),
        }
    }
    Failure::all(failures)
}

fn failed(operation: &str, info: &Info, failure: Failure) -> Failure {
    let what = match operation {
        "image updated" => "image update to",
        "env updated" => "failed to patch env update to",
        "resource requirements updated" => "failed to patch limit update to",
        _ => "failed to patch",
    };
    match (&failure, what) {
        (Failure::Status(_), "image update to") => {
            Failure::Message(format!("failed to patch {what} pod template: {}", failure.bare()))
        }
        (Failure::Status(_), _) => Failure::Message(format!("{what} pod template {}", failure.bare())),
        _ => {
            let _ = info;
            failure
        }
    }
}

async fn image(cx: &Context) -> Outcome {
    let (resources, pairs) = split_pairs(&cx.args);
    let files = !cx.flags.list("filename").is_empty();
    if resources.is_empty() && !files {
        return Err(Failure::message(super::resource::select::MISSING));
    }
    let mut images: Vec<(String, String)> = Vec::new();
    for pair in &pairs {
        match pair.split_once('=') {
            Some((name, image)) if !name.is_empty() => images.push((name.into(), image.into())),
            _ => return Err(Failure::Message(format!("unable to parse {pair:?}: expected container=image"))),
        }
    }
    if images.is_empty() && resources.iter().all(|word| !word.contains('/')) && resources.len() > 2 {
        return Err(Failure::message("at least one image update is required"));
    }
    if images.is_empty() {
        // Upstream looks the object up before it misses the images.
        Selection { latest: true, ..Selection::of(cx, &resources) }.all_or_fail(cx).await?;
        return Err(Failure::message("at least one image update is required"));
    }
    change(cx, &resources, "image updated", |info, object| {
        let mut missing = Vec::new();
        let Some(spec) = pod_spec_mut(object) else {
            return Err(Failure::Message(format!("{} does not have containers", info.title())));
        };
        let mut containers = containers_mut(spec);
        for (name, image) in &images {
            let mut found = false;
            for container in &mut containers {
                if name == "*" || container["name"] == *name {
                    container["image"] = image.clone().into();
                    found = true;
                }
            }
            if !found && name != "*" {
                missing.push(Failure::Message(format!("unable to find container named {name:?}")));
            }
        }
        Failure::all(missing)
    })
    .await
}

fn amounts(text: &str) -> Outcome<Vec<(String, String)>> {
    let mut out = Vec::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let Some((name, amount)) = part.split_once('=') else {
            return Err(Failure::Message(format!(
                "invalid argument syntax {part}, expected <resource>=<value>"
            )));
        };
        Quantity::parse(amount).map_err(Failure::Message)?;
        out.push((name.to_string(), amount.to_string()));
    }
    Ok(out)
}

async fn resources(cx: &Context) -> Outcome {
    let (limits, requests) = (cx.flags.text("limits"), cx.flags.text("requests"));
    if limits.is_empty() && requests.is_empty() {
        return Err(Failure::message(
            "you must specify an update to requests or limits (in the form of --requests/--limits)",
        ));
    }
    let changes = [("limits", amounts(limits)?), ("requests", amounts(requests)?)];
    let wanted = cx.flags.text("containers").to_string();
    change(cx, &cx.args, "resource requirements updated", |info, object| {
        let Some(spec) = pod_spec_mut(object) else {
            return Err(Failure::Message(format!("{} does not have containers", info.title())));
        };
        let mut found = false;
        for container in containers_mut(spec) {
            if !matches(&wanted, container["name"].as_str().unwrap_or_default()) {
                continue;
            }
            found = true;
            for (key, list) in &changes {
                for (name, amount) in list {
                    if amount == "0" {
                        if let Some(map) =
                            container.pointer_mut(&format!("/resources/{key}")).and_then(Value::as_object_mut)
                        {
                            map.remove(name);
                        }
                    } else {
                        container["resources"][*key][name.as_str()] = amount.clone().into();
                    }
                }
            }
        }
        if found { Ok(()) } else { Err(Failure::Message(format!("unable to find container named {wanted}"))) }
    })
    .await
}

/// A name against a pattern with `*`.
pub fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, tail)) => {
            name.len() >= head.len() + tail.len() && name.starts_with(head) && name.ends_with(tail)
        }
    }
}

async fn selector(cx: &Context) -> Outcome {
    let Some(last) = cx.args.last() else {
        return Err(Failure::message(
            "one or more resources must be specified as <resource> <name> or <resource>/<name>",
        ));
    };
    let labels = super::create::parse_labels(last)?;
    change(cx, &cx.args[..cx.args.len() - 1], "selector updated", |info, object| {
        if info.resource.kind != "Service" {
            return Err(Failure::Message(format!(
                "setting a selector is only supported for Services, not {}",
                info.resource.kind
            )));
        }
        object["spec"]["selector"] = labels.clone();
        Ok(())
    })
    .await
}

async fn service_account(cx: &Context) -> Outcome {
    let Some(account) = cx.args.last().cloned() else {
        return Err(Failure::message("serviceaccount is required"));
    };
    change(cx, &cx.args[..cx.args.len() - 1], "serviceaccount updated", |info, object| {
        let Some(spec) = pod_spec_mut(object) else {
            return Err(Failure::Message(format!("{} does not have a pod template", info.title())));
        };
        spec["serviceAccountName"] = account.clone().into();
        spec["serviceAccount"] = account.clone().into();
        Ok(())
    })
    .await
}

/// `# Deployment kiosk, container nginx`.
fn listing_title(object: &Value, container: &str) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    format!("# {} {}, container {container}", text("/kind"), text("/metadata/name"))
}
