//! `kubectl create`: from files, and the generators by kind.

mod data;
mod misc;
mod rbac;
mod services;
mod workloads;

use super::client::Write;
use super::context::{Context, DryRun};
use super::fail::{Failure, Outcome};
use super::print::Printer;
use super::resource::{Info, Selection, mapper};
use crate::cluster::api::{FieldValidation, Verb};
use serde_json::{Value, json};

pub use services::target_port;

pub async fn run(cx: &Context) -> Outcome {
    let object = match cx.flags.path[1..].as_ref() {
        [] => return from_files(cx).await,
        ["token"] => return misc::token(cx).await,
        ["deployment"] => workloads::deployment(cx)?,
        ["job"] => workloads::job(cx).await?,
        ["cronjob"] => workloads::cron_job(cx)?,
        ["namespace"] => misc::namespace(cx)?,
        ["serviceaccount"] => misc::service_account(cx)?,
        ["quota"] => misc::quota(cx)?,
        ["priorityclass"] => misc::priority_class(cx)?,
        ["poddisruptionbudget"] => misc::disruption_budget(cx)?,
        ["ingress"] => misc::ingress(cx)?,
        ["configmap"] => data::config_map(cx)?,
        ["secret", kind] => data::secret(cx, kind)?,
        ["service", kind] => services::service(cx, kind)?,
        ["role"] => rbac::role(cx).await?,
        ["clusterrole"] => rbac::cluster_role(cx).await?,
        ["rolebinding"] => rbac::role_binding(cx)?,
        ["clusterrolebinding"] => rbac::cluster_role_binding(cx)?,
        path => return Err(Failure::Message(format!("unknown command {:?}", path.join(" ")))),
    };
    generate(cx, object).await
}

/// What a generator's error says before the server's reason.
fn failed_to_create(path: &[&str], object: &Value) -> Option<String> {
    Some(
        match path {
            ["service", _] => format!(
                "failed to create {} service",
                object.pointer("/spec/type").and_then(Value::as_str).unwrap_or("ClusterIP")
            ),
            // Without a colon.
            ["secret", _] => return Some("failed to create secret ".to_owned()),
            ["poddisruptionbudget"] => "failed to create poddisruptionbudgets".to_string(),
            ["quota"] => "failed to create quota".to_string(),
            ["namespace"] | ["role"] | ["clusterrole"] => return None,
            [kind] => format!("failed to create {kind}"),
            _ => return None,
        } + ": ",
    )
}

async fn generate(cx: &Context, mut object: Value) -> Outcome {
    let dry_run = cx.dry_run().await?;
    let printer = Printer::for_operation(cx, "created", dry_run)?;
    let text =
        |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_string();
    let Some(resource) = mapper::for_manifest(&text("/apiVersion"), &text("/kind")) else {
        return Err(Failure::message("this kind is not served"));
    };
    if resource.namespaced && cx.namespace_given() {
        object["metadata"]["namespace"] = cx.flags.text("namespace").into();
    }
    if cx.flags.on("save-config") {
        super::apply::annotate_typed(&mut object);
    }
    if dry_run != DryRun::Client {
        let client = cx.client()?;
        let namespace = resource.namespaced.then(|| client.namespace.clone());
        let write = Write::new(resource, namespace.as_deref(), cx.flags.text("field-manager"))
            .dry(dry_run)
            .validated(validation(cx)?);
        let path = cx.flags.path[1..].to_vec();
        let head = failed_to_create(&path, &object);
        object = client.create(cx, &write, object).await.map_err(|failure| match head {
            Some(head) => Failure::Message(format!("{head}{}", failure.bare())),
            None => failure,
        })?;
    }
    cx.out(printer.render_typed(cx, &object, dry_run)?).await;
    Ok(())
}

/// `--validate`.
pub fn validation(cx: &Context) -> Outcome<FieldValidation> {
    match cx.flags.text("validate") {
        "true" | "strict" | "" => Ok(FieldValidation::Strict),
        "warn" => Ok(FieldValidation::Warn),
        "false" | "ignore" => Ok(FieldValidation::Ignore),
        other => Err(Failure::Message(format!(
            "invalid - validate option {other:?}; must be one of: strict (or true), warn, ignore (or false)"
        ))),
    }
}

/// The one name that generators take.
pub fn one_name(cx: &Context) -> Outcome<String> {
    let before = cx.flags.dash_at.unwrap_or(cx.args.len());
    let named: Vec<&String> =
        cx.args.iter().take(if cx.flags.dash_at.is_some() { before } else { cx.args.len() }).collect();
    match named.as_slice() {
        [name] => Ok((*name).clone()),
        other => Err(cx.usage(format!(
            "exactly one NAME is required, got {}",
            if cx.flags.dash_at.is_some() { cx.args.len().max(other.len()) } else { other.len() }
        ))),
    }
}

/// The words after `--`.
pub fn command_words(cx: &Context) -> Vec<String> {
    cx.flags.dash_at.map(|at| cx.args[at..].to_vec()).unwrap_or_default()
}

async fn from_files(cx: &Context) -> Outcome {
    if !cx.flags.text("raw").is_empty() {
        return super::raw::run(cx, Verb::Create).await;
    }
    if cx.flags.list("filename").is_empty() && cx.flags.text("kustomize").is_empty() {
        if !cx.args.is_empty() {
            return Err(cx.usage(format!("Unexpected args: [{}]", cx.args.join(" "))));
        }
        return Err(Failure::message("must specify one of -f and -k"));
    }
    if !cx.args.is_empty() {
        return Err(cx.usage(format!("Unexpected args: [{}]", cx.args.join(" "))));
    }
    let dry_run = cx.dry_run().await?;
    let printer = Printer::for_operation(cx, "created", dry_run)?;
    let (mut infos, mut failures) = Selection::of(cx, &[]).infos(cx).await?;
    if cx.flags.on("edit") && !infos.is_empty() {
        let Some(edited) = super::edit::before_creation(cx, &infos).await? else { return Ok(()) };
        infos = edited;
    }
    let mut done = 0;
    for info in infos {
        match create_one(cx, &info, dry_run).await {
            Ok(object) => {
                done += 1;
                cx.out(printer.render(cx, &object)?).await;
            }
            Err(failure) => failures.push(failure.about("creating", info.source.as_deref())),
        }
    }
    if done == 0 && failures.is_empty() {
        return Err(Failure::message("no objects passed to create"));
    }
    Failure::all(failures)
}

async fn create_one(cx: &Context, info: &Info, dry_run: DryRun) -> Outcome<Value> {
    let mut object = info.object().clone();
    cx.record(&mut object);
    if cx.flags.on("save-config") {
        super::apply::annotate(&mut object);
    }
    if dry_run == DryRun::Client {
        return Ok(object);
    }
    let write = Write::new(info.resource, info.namespace.as_deref(), cx.flags.text("field-manager"))
        .dry(dry_run)
        .validated(validation(cx)?);
    cx.client()?.create(cx, &write, object).await
}

/// `a=b,c=d` as kubectl's `parseLabels` reads it.
pub fn parse_labels(spec: &str) -> Outcome<Value> {
    let mut labels = json!({});
    for part in spec.split(',') {
        match part.split('=').collect::<Vec<_>>().as_slice() {
            ["", _] => return Err(Failure::message("unexpected empty label key")),
            [key, value] => labels[*key] = (*value).into(),
            _ => return Err(Failure::Message(format!("unexpected label spec: {part}"))),
        }
    }
    Ok(labels)
}
