//! `kubectl auth can-i`: one question to the server's authorizer, or everything it allows.

use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::super::output::tabwriter::TabWriter;
use super::super::resource::mapper;
use super::review;
use super::rules;
use serde_json::{Value, json};

pub async fn can_i(cx: &Context) -> Outcome {
    const VERBS: [&str; 17] = [
        "get",
        "list",
        "watch",
        "create",
        "update",
        "patch",
        "delete",
        "deletecollection",
        "use",
        "bind",
        "impersonate",
        "*",
        "approve",
        "sign",
        "escalate",
        "attest",
        "proxy",
    ];
    const URL_VERBS: [&str; 8] = ["get", "put", "post", "head", "options", "delete", "patch", "*"];
    let client = cx.client()?;
    let [verb, target] = cx.args.as_slice() else {
        return Err(Failure::message(
            "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
        ));
    };
    if cx.flags.on("no-headers") {
        return Err(Failure::message("--no-headers cannot be set without --list specified"));
    }
    if target.starts_with('/') && !cx.flags.text("subresource").is_empty() {
        return Err(Failure::message("--subresource can not be used with NonResourceURL"));
    }
    client.discover(cx).await?;
    let known: &[&str] = if target.starts_with('/') { &URL_VERBS } else { &VERBS };
    let spec = if target.starts_with('/') {
        json!({"nonResourceAttributes": {"path": target, "verb": verb}})
    } else {
        resource_spec(cx, verb, target, &client.namespace).await
    };
    if !known.contains(&verb.as_str()) {
        cx.errln(format!("Warning: verb '{verb}' is not a known verb\n")).await;
    }
    let answer = review(cx, "selfsubjectaccessreviews", spec).await?;
    let allowed = answer.pointer("/status/allowed").and_then(Value::as_bool).unwrap_or_default();
    let reason = answer.pointer("/status/reason").and_then(Value::as_str).unwrap_or_default();
    if !cx.flags.on("quiet") {
        let why = if reason.is_empty() || allowed { String::new() } else { format!(" - {reason}") };
        cx.outln(format!("{}{why}", if allowed { "yes" } else { "no" })).await;
    }
    if allowed { Ok(()) } else { Err(Failure::Exit(1)) }
}

async fn resource_spec(cx: &Context, verb: &str, target: &str, namespace: &str) -> Value {
    let (kind, name) = target.split_once('/').unwrap_or((target, ""));
    let (group, plural) = match mapper::lookup(kind) {
        _ if kind == "*" => ("*", "*"),
        None if matches!(kind, "users" | "groups") => ("", kind),
        None => {
            cx.errln(format!("Warning: the server doesn't have a resource type '{kind}'\n")).await;
            ("", kind)
        }
        Some(found) => {
            if !found.namespaced && !cx.flags.on("all-namespaces") {
                let group = if found.group.is_empty() {
                    String::new()
                } else {
                    format!(" in group '{}'", found.group)
                };
                cx.errln(format!("Warning: resource '{}' is not namespace scoped{group}\n", found.plural))
                    .await;
            }
            (found.group, found.plural)
        }
    };
    let namespace = if cx.flags.on("all-namespaces") { "" } else { namespace };
    json!({"resourceAttributes": {
        "namespace": namespace, "verb": verb, "group": group, "resource": plural, "name": name,
        "subresource": cx.flags.text("subresource"),
    }})
}

pub async fn list(cx: &Context) -> Outcome {
    if !cx.args.is_empty() {
        return Err(Failure::message("list option must be specified with no arguments"));
    }
    let extra =
        cx.flags.on("quiet") || cx.flags.on("all-namespaces") || !cx.flags.text("subresource").is_empty();
    if extra {
        return Err(Failure::message(
            "list option can't be specified with neither quiet, all-namespaces nor subresource options",
        ));
    }
    let namespace = cx.namespace()?;
    let answer = review(cx, "selfsubjectrulesreviews", json!({"namespace": namespace})).await?;
    let of = |pointer: &str| answer.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
    let allowed = [of("/status/resourceRules"), of("/status/nonResourceRules")].concat();
    let mut writer = TabWriter::table();
    if !cx.flags.on("no-headers") {
        writer.row(&["Resources", "Non-Resource URLs", "Resource Names", "Verbs"]);
    }
    rules::rows(&allowed).iter().for_each(|cells| writer.row(cells));
    cx.out(writer.flush()).await;
    Ok(())
}
