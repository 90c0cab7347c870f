//! `kubectl set`: one aspect of objects that run containers, of services and of role bindings.

mod env;
mod resources;
mod subject;

use super::client::Write;
use super::context::{Context, DryRun};
use super::fail::{Failure, Outcome};
use super::not_imitated;
use super::print::Printer;
use super::resource::{Info, Selection};
use super::template::{containers_mut, pod_spec_mut};
use crate::cluster::api::{PatchType, strategic};
use serde_json::{Value, json};

const NO_RESOURCE: &str = "one or more resources must be specified as <resource> <name> or <resource>/<name>";

pub async fn run(cx: &Context) -> Outcome {
    match cx.flags.path[1] {
        "image" => image(cx).await,
        "env" => env::run(cx).await,
        "resources" => resources::run(cx).await,
        "selector" => selector(cx).await,
        "serviceaccount" => service_account(cx).await,
        "subject" => subject::run(cx).await,
        _ => Err(not_imitated(&cx.flags.path)),
    }
}

/// How one of the commands tells what it did.
struct Manner {
    done: &'static str,
    /// Before the server's reason.
    failed: &'static str,
    /// Objects that are so already are sent and told, too.
    always: bool,
}

/// What an edit says: nothing, complaints beside which the object is changed all the same, or why it cannot be.
type Edited = Result<Vec<Failure>, String>;

/// Flags that exclude each other for all of these commands.
fn agree(cx: &Context, dry_run: DryRun) -> Outcome {
    let known = |flag: &str| cx.flags.command.flag(flag).is_some();
    if known("selector") && cx.flags.on("all") && !cx.flags.text("selector").is_empty() {
        return Err(Failure::message("cannot set --all and --selector at the same time"));
    }
    if cx.flags.on("local") && dry_run == DryRun::Server {
        return Err(Failure::message(
            "cannot specify --local and --dry-run=server - did you mean --dry-run=client?",
        ));
    }
    Ok(())
}

/// The objects that are named; with `--local` only files may be.
async fn selected(cx: &Context, args: &[String]) -> Outcome<Vec<Info>> {
    let local = cx.flags.on("local");
    if local && !args.is_empty() {
        return Err(Failure::message(
            "error: you must specify resources by --filename when --local is set.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'",
        ));
    }
    Selection { latest: !local, ..Selection::of(cx, args) }.all_or_fail(cx).await
}

/// Makes one change to every object and prints those that changed.
async fn change(
    cx: &Context,
    infos: Vec<Info>,
    manner: &Manner,
    dry_run: DryRun,
    mut edit: impl FnMut(&mut Value) -> Edited,
) -> Outcome {
    let printer = Printer::for_operation(cx, manner.done, dry_run)?;
    let (mut failures, mut edited) = (Vec::new(), Vec::new());
    for info in infos {
        let mut object = info.object().clone();
        let outcome = edit(&mut object);
        cx.record(&mut object);
        edited.push((info, object, outcome.map(|complaints| failures.extend(complaints))));
    }
    for (info, object, outcome) in edited {
        if let Err(why) = outcome {
            let text = format!("error: {}/{} {why}\n", info.resource.plural, info.name);
            failures.push(Failure::Message(text));
            continue;
        }
        let patch = Value::Object(strategic::two_way(info.object(), &object));
        if patch == json!({}) && !manner.always {
            continue;
        }
        if cx.flags.on("local") || dry_run == DryRun::Client {
            cx.out(printer.render(cx, &object)?).await;
            continue;
        }
        let write =
            Write::new(info.resource, info.namespace.as_deref(), cx.flags.text("field-manager")).dry(dry_run);
        match cx.client()?.patch(cx, &write, &info.name, PatchType::Strategic, patch).await {
            Ok(after) => cx.out(printer.render(cx, &after)?).await,
            Err(failure) if manner.failed.is_empty() => failures.push(failure),
            Err(failure) => {
                failures.push(Failure::Message(format!("{}{}", manner.failed, failure.bare())));
            }
        }
    }
    Failure::all(failures)
}

/// Why an object without containers cannot be changed; the Go type is what the original prints.
fn no_template(object: &Value) -> String {
    let text = |key: &str| object[key].as_str().unwrap_or_default();
    let version = text("apiVersion");
    let package = version.rsplit('/').next().unwrap_or(version);
    format!("the object is not a pod or does not have a pod template: *{package}.{}", text("kind"))
}

async fn image(cx: &Context) -> Outcome {
    const MANNER: Manner = Manner {
        done: "image updated",
        failed: "failed to patch image update to pod template: ",
        always: false,
    };
    let (resources, images) = images(&cx.args)?;
    let dry_run = cx.dry_run().await?;
    let infos = selected(cx, &resources).await?;
    let mut wrong = Vec::new();
    wrong.extend(agree(cx, dry_run).err());
    if resources.is_empty() && cx.flags.list("filename").is_empty() && cx.flags.text("kustomize").is_empty() {
        wrong.push(Failure::message(NO_RESOURCE));
    }
    if images.is_empty() {
        wrong.push(Failure::message("at least one image update is required"));
    } else if images.len() > 1 && images.iter().any(|(name, _)| name == "*") {
        wrong.push(Failure::message(
            "all containers are already specified by *, but saw more than one container_name=container_image pairs",
        ));
    }
    Failure::all(wrong)?;
    change(cx, infos, &MANNER, dry_run, |object| {
        let Some(spec) = pod_spec_mut(object) else { return Err(no_template(object)) };
        let mut containers = containers_mut(spec);
        let mut missing = Vec::new();
        for (name, image) in &images {
            let mut found = false;
            for container in containers.iter_mut().filter(|c| name == "*" || c["name"] == **name) {
                container["image"] = image.clone().into();
                found = true;
            }
            if !found {
                let text = format!("error: unable to find container named {name:?}");
                missing.push(Failure::Message(text));
            }
        }
        Ok(missing)
    })
    .await
}

/// Objects, and images by container.
type Images = (Vec<String>, Vec<(String, String)>);

fn images(args: &[String]) -> Outcome<Images> {
    let is_pair = |word: &str| word.find('=').is_some_and(|at| at > 0) || word.ends_with('-') && word != "-";
    let first = args.iter().position(|word| is_pair(word)).unwrap_or(args.len());
    let (resources, pairs) = args.split_at(first);
    if let Some(late) = pairs.iter().find(|word| !is_pair(word)) {
        return Err(Failure::Message(format!(
            "all resources must be specified before image changes: {late}"
        )));
    }
    let (good, bad): (Vec<&String>, Vec<&String>) = pairs.iter().partition(|pair| pair.contains('='));
    if !bad.is_empty() {
        let bad: Vec<&str> = bad.into_iter().map(String::as_str).collect();
        return Err(Failure::Message(format!("invalid image format: {}", bad.join(", "))));
    }
    let pairs = good.into_iter().filter_map(|pair| pair.split_once('='));
    Ok((resources.to_vec(), pairs.map(|(name, image)| (name.to_owned(), image.to_owned())).collect()))
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
    const MANNER: Manner = Manner { done: "selector updated", failed: "", always: true };
    let Some((last, resources)) = cx.args.split_last() else {
        return Err(Failure::message("one selector is required"));
    };
    let labels = super::create::parse_labels(last)?;
    let dry_run = cx.dry_run().await?;
    let version = cx.flags.text("resource-version");
    let infos = selected(cx, resources).await?;
    if infos.iter().any(|info| info.resource.kind != "Service") {
        return Err(Failure::message("setting a selector is only supported for Services"));
    }
    change(cx, infos, &MANNER, dry_run, |object| {
        object["spec"]["selector"] = labels.clone();
        if !version.is_empty() {
            object["metadata"]["resourceVersion"] = version.into();
        }
        Ok(Vec::new())
    })
    .await
}

async fn service_account(cx: &Context) -> Outcome {
    const MANNER: Manner = Manner {
        done: "serviceaccount updated",
        failed: "failed to patch ServiceAccountName ",
        always: true,
    };
    let dry_run = cx.dry_run().await?;
    agree(cx, dry_run)?;
    let Some((account, resources)) = cx.args.split_last() else {
        return Err(Failure::message("serviceaccount is required"));
    };
    let infos = selected(cx, resources).await?;
    change(cx, infos, &MANNER, dry_run, |object| {
        let Some(spec) = pod_spec_mut(object) else { return Err(no_template(object)) };
        spec["serviceAccountName"] = account.clone().into();
        Ok(Vec::new())
    })
    .await
}
