//! `--raw` of get, create, replace and delete: a request to a path of the server, and its answer as it is.

use super::context::Context;
use super::fail::{Failure, Outcome};
use super::output::json;
use crate::cluster::api::http::{self, Asked, Call};
use crate::cluster::api::{Reply, Status, Verb};
use serde_json::{Value, json};

/// Answers the request that a command's `--raw` and `--filename` describe.
pub async fn run(cx: &Context, verb: Verb) -> Outcome {
    let wanted = cx.flags.text("raw");
    if !cx.args.is_empty() {
        return Err(cx.usage("arguments may not be passed when --raw is specified"));
    }
    if !wanted.starts_with('/') {
        return Err(Failure::Message(format!(
            "--raw must be a valid URL path: parse {wanted:?}: invalid URI for request"
        )));
    }
    cx.client()?.reach(cx).await?;
    let method = match verb {
        Verb::Create => "POST",
        Verb::Update => "PUT",
        Verb::Delete => "DELETE",
        _ => "GET",
    };
    let body =
        if matches!(verb, Verb::Create | Verb::Update) { body(cx).await?.to_string() } else { String::new() };
    let call = Call { method: method.to_owned(), target: wanted.to_owned(), body, ..Call::default() };
    match answer(cx, call).await? {
        Answer::Object(value) => cx.outln(json::compact_typed(&value)).await,
        Answer::Text(text) => cx.out(text).await,
    }
    Ok(())
}

/// What the server answers to a path.
pub enum Answer {
    Object(Value),
    Text(String),
}

/// Asks the server as kubectl's user.
pub async fn answer(cx: &Context, mut call: Call) -> Outcome<Answer> {
    let client = cx.client()?;
    client.reach(cx).await?;
    call.agent = "kubectl".to_owned();
    let (key, user) = (client.cluster_key(), client.user());
    let asked = cx.sys.view(|w| w.cloud.kubernetes(&key).map(|cluster| http::read(cluster, user, &call)));
    let request = match asked.unwrap_or_else(|| Err(Status::no_such_path()))? {
        Asked::Text(text) => return Ok(Answer::Text(text)),
        Asked::Document(version) if version.get("gitVersion").is_some() => {
            return Ok(Answer::Text(fields(&version)));
        }
        Asked::Document(mut found) => {
            if found["kind"] == "APIVersions" {
                found["serverAddressByClientCIDRs"] = json!([
                    {"clientCIDR": "0.0.0.0/0", "serverAddress": with_port(&client.authority())}
                ]);
            }
            return Ok(Answer::Object(found));
        }
        Asked::Request(request) => *request,
    };
    match client.send(cx, request).await? {
        Reply::Object(value) | Reply::List(value) => Ok(Answer::Object(value)),
        Reply::Text(text) => Ok(Answer::Text(text)),
        Reply::Table(_) | Reply::Watch(_) => {
            Err(Failure::message("watching a path is not imitated by KubeJam; use kubectl get -w"))
        }
    }
}

fn with_port(address: &str) -> String {
    if address.contains(':') { address.to_owned() } else { format!("{address}:443") }
}

/// What `-f` holds, YAML or JSON.
async fn body(cx: &Context) -> Outcome<Value> {
    let files = cx.flags.list("filename");
    let [file] = files.as_slice() else {
        return Err(cx.usage("--raw can only use a single local file or stdin"));
    };
    let text = if file == "-" {
        String::from_utf8_lossy(&cx.io.stdin.read_to_end().await.0).into_owned()
    } else {
        let failed = |error| Failure::Message(format!("open {file}: {}", format!("{error}").to_lowercase()));
        cx.sys.read_text(&cx.path(file)).map_err(failed)?
    };
    super::resource::manifest::documents(file, &text)
        .into_iter()
        .next()
        .map_or(Ok(Value::Null), |document| document.value.map_err(Failure::Message))
}

const VERSION_FIELDS: [&str; 13] = [
    "major",
    "minor",
    "emulationMajor",
    "emulationMinor",
    "minCompatibilityMajor",
    "minCompatibilityMinor",
    "gitVersion",
    "gitCommit",
    "gitTreeState",
    "buildDate",
    "goVersion",
    "compiler",
    "platform",
];

/// The version as the server writes it: two spaces, its own order, no newline.
fn fields(version: &Value) -> String {
    let line = |key: &&str| version.get(*key).map(|value| format!("  \"{key}\": {value}"));
    format!("{{\n{}\n}}", VERSION_FIELDS.iter().filter_map(line).collect::<Vec<_>>().join(",\n"))
}
