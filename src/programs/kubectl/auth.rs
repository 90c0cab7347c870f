//! `kubectl auth`.

use super::client;
use super::context::Context;
use super::fail::{Failure, Outcome};
use super::not_imitated;
use super::output::tabwriter::TabWriter;
use super::resource::mapper;
use crate::cluster::api::Verb;
use serde_json::{Value, json};

pub async fn run(cx: &Context) -> Outcome {
    match cx.flags.path[1] {
        "whoami" => whoami(cx).await,
        "can-i" if cx.flags.on("list") => list(cx).await,
        "can-i" => can_i(cx).await,
        _ => Err(not_imitated(&cx.flags.path)),
    }
}

/// Asks the server to review something.
async fn review(cx: &Context, plural: &str, spec: Value) -> Outcome<Value> {
    let client = cx.client()?;
    let resource = mapper::find(plural)?;
    let body =
        json!({"apiVersion": resource.api_version(), "kind": resource.kind, "metadata": {}, "spec": spec});
    let request = client.request("kubectl", Verb::Create, resource).with_body(body);
    client::object(client.send(cx, request).await?)
}

async fn whoami(cx: &Context) -> Outcome {
    let answer = review(cx, "selfsubjectreviews", json!({})).await?;
    let texts = |pointer: &str| -> Vec<String> {
        let items = answer.pointer(pointer).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(Value::as_str).map(str::to_string).collect()
    };
    let mut writer = TabWriter::table();
    writer.row(&["ATTRIBUTE", "VALUE"]);
    writer.row(&[
        "Username",
        answer.pointer("/status/userInfo/username").and_then(Value::as_str).unwrap_or_default(),
    ]);
    writer.row(&["Groups", &format!("[{}]", texts("/status/userInfo/groups").join(" "))]);
    cx.out(writer.flush()).await;
    Ok(())
}

async fn can_i(cx: &Context) -> Outcome {
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
    let client = cx.client()?;
    let [verb, target, ..] = cx.args.as_slice() else {
        return Err(Failure::message(
            "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
        ));
    };
    client.discover(cx).await?;
    if !VERBS.contains(&verb.as_str()) {
        cx.errln(format!("Warning: verb '{verb}' is not a known verb\n")).await;
    }
    let spec = if target.starts_with('/') {
        json!({"nonResourceAttributes": {"path": target, "verb": verb}})
    } else {
        resource_spec(cx, verb, target, &client.namespace).await
    };
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

async fn list(cx: &Context) -> Outcome {
    let namespace = cx.namespace()?;
    let answer = review(cx, "selfsubjectrulesreviews", json!({"namespace": namespace})).await?;
    let texts = |rule: &Value, key: &str| -> Vec<String> {
        let items = rule.get(key).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(Value::as_str).map(str::to_string).collect()
    };
    let mut rows: Vec<[String; 4]> = Vec::new();
    let bracketed = |words: Vec<String>| format!("[{}]", words.join(" "));
    for rule in answer.pointer("/status/resourceRules").and_then(Value::as_array).into_iter().flatten() {
        for group in texts(rule, "apiGroups") {
            for resource in texts(rule, "resources") {
                let full = if group.is_empty() { resource.clone() } else { format!("{resource}.{group}") };
                rows.push([
                    full,
                    "[]".into(),
                    bracketed(texts(rule, "resourceNames")),
                    bracketed(texts(rule, "verbs")),
                ]);
            }
        }
    }
    for rule in answer.pointer("/status/nonResourceRules").and_then(Value::as_array).into_iter().flatten() {
        for url in texts(rule, "nonResourceURLs") {
            rows.push([String::new(), format!("[{url}]"), "[]".into(), bracketed(texts(rule, "verbs"))]);
        }
    }
    let mut writer = TabWriter::table();
    if !cx.flags.on("no-headers") {
        writer.row(&["Resources", "Non-Resource URLs", "Resource Names", "Verbs"]);
    }
    rows.iter().for_each(|row| writer.row(row));
    cx.out(writer.flush()).await;
    Ok(())
}
