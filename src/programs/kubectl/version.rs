//! `kubectl version`.

use super::context::Context;
use super::fail::{Failure, Outcome};
use super::output::{json, yaml};
use crate::cluster::api::http;
use serde_json::{Value, json};

const CLIENT: &str = "v1.36.3";
const KUSTOMIZE: &str = "v5.8.1";

fn build(version: &str, date: &str, commit: &str, go: &str) -> Value {
    let minor = version.split('.').nth(1).unwrap_or_default();
    json!({
        "buildDate": date, "compiler": "gc", "gitCommit": commit, "gitTreeState": "clean", "gitVersion": version,
        "goVersion": go, "major": "1", "minor": minor, "platform": "linux/amd64",
    })
}

pub async fn run(cx: &Context) -> Outcome {
    if !cx.args.is_empty() {
        return Err(Failure::Message(format!("extra arguments: [{}]", cx.args.join(" "))));
    }
    let output = cx.flags.text("output");
    if !matches!(output, "" | "yaml" | "json") {
        return Err(Failure::message("--output must be 'yaml' or 'json'"));
    }
    let client =
        build(CLIENT, "2026-07-22T18:10:35Z", "0f29094e5b73085e3802ecc1298ecae13866bfe6", "go1.26.5");
    let mut all = json!({"clientVersion": client, "kustomizeVersion": KUSTOMIZE});
    let mut failure = None;
    if !cx.flags.on("client") {
        match server(cx).await {
            Ok(version) => all["serverVersion"] = version,
            Err(found) => failure = Some(found),
        }
    }
    match output {
        "yaml" => cx.out(yaml::emit(&all) + "\n").await,
        "json" => cx.out(json::pretty(&all)).await,
        _ => {
            cx.outln(format!("Client Version: {CLIENT}\nKustomize Version: {KUSTOMIZE}")).await;
            if let Some(version) = all.pointer("/serverVersion/gitVersion").and_then(Value::as_str) {
                cx.outln(format!("Server Version: {version}")).await;
            }
        }
    }
    failure.map_or(Ok(()), Err)
}

pub async fn server(cx: &Context) -> Outcome<Value> {
    let client = cx.client()?;
    client.reach(cx).await?;
    let key = client.cluster_key();
    let found = cx.sys.view(|w| w.cloud.kubernetes(&key).map(|cluster| http::version(cluster.version())));
    Ok(found.unwrap_or_default())
}
