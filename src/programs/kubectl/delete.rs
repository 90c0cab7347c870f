//! `kubectl delete`: deleting and waiting until things are gone.

use super::context::{Context, DryRun};
use super::fail::{Failure, Outcome};
use super::resource::select::Targets;
use super::resource::{Info, Selection, mapper};
use crate::cluster::api::{Options, Propagation, Reply, Verb};
use crate::cluster::kinds::table::Resource;
use serde_json::Value;

const IMMEDIATE: &str = "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.";

pub async fn run(cx: &Context) -> Outcome {
    if !cx.flags.text("raw").is_empty() {
        return super::raw::run(cx, Verb::Delete).await;
    }
    let mut grace = cx.flags.int("grace-period");
    let force = cx.flags.on("force");
    if cx.flags.on("now") {
        if grace != -1 {
            return Err(Failure::message("--now and --grace-period cannot be specified together"));
        }
        grace = 1;
    }
    let mut wait = cx.flags.on("wait");
    if force && grace < 0 {
        grace = 0;
    }
    if grace == 0 && !force {
        (grace, wait) = (1, true);
    }
    if grace > 0 && force {
        return Err(Failure::message(
            "--force and --grace-period greater than 0 cannot be specified together",
        ));
    }
    if !matches!(cx.flags.text("output"), "" | "name") {
        return Err(Failure::Message(format!(
            "unexpected -o output mode: {}. We only support '-o name'",
            cx.flags.text("output")
        )));
    }
    let cascade = propagation(cx)?;
    if let given @ ("true" | "false") = cx.flags.text("cascade") {
        let instead = if given == "true" { "background" } else { "orphan" };
        cx.errln(format!(
            "warning: --cascade={given} is deprecated (boolean value) and can be replaced with --cascade={instead}."
        ))
        .await;
    }
    let dry_run = cx.dry_run().await?;
    let selection = Selection { names_only: true, all_selects: true, ..Selection::of(cx, &cx.args) };
    if selection.all && selection.selector.is_some() {
        return Err(Failure::message("setting 'all' parameter but found a non empty selector. "));
    }
    let (infos, mut failures) = victims(cx, &selection).await?;
    if grace == 0 && force {
        cx.errln(IMMEDIATE).await;
    }
    if cx.flags.on("interactive") && !infos.is_empty() && !confirmed(cx, &infos).await {
        return Ok(());
    }
    let ignore = cx.flags.on("ignore-not-found") || selection.all || selection.selector.is_some();
    let mut deleted = Vec::new();
    for info in infos {
        match delete(cx, &info, grace, cascade, dry_run).await {
            Ok(uid) => {
                announce(cx, &info, grace, dry_run).await;
                deleted.push((info, uid));
            }
            Err(failure) if ignore && failure.is_not_found() => {}
            Err(failure) => failures.push(failure.about("deleting", info.source.as_deref())),
        }
    }
    let by_selector = selection.all || selection.selector.is_some() || selection.field_selector.is_some();
    if deleted.is_empty() && failures.is_empty() {
        if by_selector {
            cx.outln("No resources found").await;
        }
        return Ok(());
    }
    if wait && dry_run == DryRun::None {
        for (info, uid) in &deleted {
            until_gone(cx, info, uid).await?;
        }
    }
    Failure::all(failures)
}

pub fn propagation(cx: &Context) -> Outcome<Propagation> {
    match cx.flags.text("cascade") {
        "background" | "true" => Ok(Propagation::Background),
        "foreground" => Ok(Propagation::Foreground),
        "orphan" | "false" => Ok(Propagation::Orphan),
        other => Err(Failure::Message(format!(
            "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\""
        ))),
    }
}

/// What is to be deleted; named objects are not looked up first.
async fn victims(cx: &Context, selection: &Selection) -> Outcome<(Vec<Info>, Vec<Failure>)> {
    if let Targets::Named(pairs) = match selection.args.is_empty() {
        true => Targets::Files(Vec::new(), Vec::new()),
        false => selection.targets(cx).await?,
    } {
        let namespace = cx.namespace()?;
        let info = |(resource, name): (&'static Resource, String)| Info {
            resource,
            namespace: resource.namespaced.then(|| namespace.clone()),
            name,
            object: None,
            source: None,
        };
        return Ok((pairs.into_iter().map(info).collect(), Vec::new()));
    }
    selection.infos(cx).await
}

async fn confirmed(cx: &Context, infos: &[Info]) -> bool {
    cx.outln("You are about to delete the following ".to_string() + &format!("{} resource(s):", infos.len()))
        .await;
    for info in infos {
        let kind = info.resource.kind.to_ascii_lowercase();
        let of_group = match info.resource.group {
            "" => String::new(),
            group => format!(".{group}"),
        };
        cx.outln(format!("{kind}{of_group}/{}", info.name)).await;
    }
    cx.out("Do you want to continue? (y/N): ").await;
    let answer = cx.io.stdin.read_line().await.unwrap_or_default();
    let yes = String::from_utf8_lossy(&answer).trim().eq_ignore_ascii_case("y");
    if !yes {
        cx.outln("deletion is cancelled").await;
    }
    yes
}

/// Deletes one object; its UID.
pub async fn delete(
    cx: &Context,
    info: &Info,
    grace: i64,
    cascade: Propagation,
    dry_run: DryRun,
) -> Outcome<String> {
    let client = cx.client()?;
    let uid_of = |object: &Value| {
        let found = object.pointer("/details/uid").or_else(|| object.pointer("/metadata/uid"));
        found.and_then(Value::as_str).unwrap_or_default().to_string()
    };
    // The server is not asked whether there is such an object.
    if dry_run == DryRun::Client {
        return Ok(info.object.as_ref().map(uid_of).unwrap_or_default());
    }
    let options = Options {
        grace_period_seconds: (grace >= 0).then_some(grace),
        propagation: Some(cascade),
        dry_run: dry_run == DryRun::Server,
        ..Options::default()
    };
    let mut request =
        client.request("kubectl", Verb::Delete, info.resource).named(&info.name).with_options(options);
    request.namespace = info.namespace.clone();
    match client.send(cx, request).await? {
        Reply::Object(object) => Ok(uid_of(&object)),
        _ => Ok(String::new()),
    }
}

async fn announce(cx: &Context, info: &Info, grace: i64, dry_run: DryRun) {
    if cx.flags.text("output") == "name" {
        return cx.outln(info.title()).await;
    }
    let operation = if grace == 0 { "force deleted" } else { "deleted" };
    let suffix = match dry_run {
        DryRun::None => "",
        DryRun::Client => " (dry run)",
        DryRun::Server => " (server dry run)",
    };
    let place =
        info.namespace.as_ref().map(|namespace| format!(" from {namespace} namespace")).unwrap_or_default();
    let kind = mapper::kind_name(info.resource);
    cx.outln(format!("{kind} {:?} {operation}{place}{suffix}", info.name)).await;
}

async fn until_gone(cx: &Context, info: &Info, uid: &str) -> Outcome {
    let timeout = cx.flags.span_ms("timeout");
    let gone = |object: Option<&Value>| match object {
        None => true,
        Some(object) => {
            let now = object.pointer("/metadata/uid").and_then(Value::as_str).unwrap_or_default();
            !uid.is_empty() && now != uid
        }
    };
    super::wait::until(cx, info, (timeout > 0).then_some(timeout), gone).await
}

/// Deletes a pod that a command made, and says so (`run --rm`).
pub async fn remove_quietly(
    cx: &Context,
    resource: &'static Resource,
    namespace: &str,
    name: &str,
) -> Outcome {
    let info =
        Info { resource, namespace: Some(namespace.into()), name: name.into(), object: None, source: None };
    match delete(cx, &info, -1, Propagation::Background, DryRun::None).await {
        Ok(_) => {
            if !cx.flags.on("quiet") {
                announce_removed(cx, &info).await;
            }
            Ok(())
        }
        Err(failure) if failure.is_not_found() => Ok(()),
        Err(failure) => Err(failure),
    }
}

async fn announce_removed(cx: &Context, info: &Info) {
    let place = info.namespace.as_deref().unwrap_or("default");
    cx.outln(format!("{} {:?} deleted from {place} namespace", mapper::kind_name(info.resource), info.name))
        .await;
}
