//! `--raw` of get, create, replace and delete: a request to a path of the server, and its answer as it is.

use super::client::Client;
use super::context::Context;
use super::fail::{Failure, Outcome};
use super::output::json;
use super::version;
use crate::cluster::api::{Options, Reply, Request, Status, Verb};
use crate::cluster::kinds::table;
use serde_json::{Value, json};

/// Answers the request that a command's `--raw` and `--filename` describe.
pub async fn run(cx: &Context, verb: Verb) -> Outcome {
    let wanted = cx.flags.text("raw");
    if !cx.args.is_empty() {
        return Err(cx.usage("arguments may not be passed when --raw is specified"));
    }
    if !wanted.starts_with('/') {
        return Err(Failure::message("--raw must be a valid URL path: it begins with /"));
    }
    cx.client()?.reach(cx).await?;
    let body = if matches!(verb, Verb::Create | Verb::Update) { Some(body(cx).await?) } else { None };
    match answer(cx, verb, wanted, body).await? {
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

/// Asks the server for a path with its query.
pub async fn answer(cx: &Context, verb: Verb, target: &str, body: Option<Value>) -> Outcome<Answer> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = path.trim_end_matches('/');
    let client = cx.client()?;
    if verb == Verb::Get
        && let Some(found) = plain(cx, path).await?
    {
        return Ok(found);
    }
    let mut request = request(&client, verb, path, query)?;
    request.body = body;
    match client.send(cx, request).await? {
        Reply::Object(value) | Reply::List(value) => Ok(Answer::Object(value)),
        Reply::Text(text) => Ok(Answer::Text(text)),
        Reply::Table(_) | Reply::Watch(_) => {
            Err(Failure::message("watching a path is not imitated by KubeJam; use kubectl get -w"))
        }
    }
}

/// What has no objects behind it: health, version, discovery.
async fn plain(cx: &Context, path: &str) -> Outcome<Option<Answer>> {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    Ok(match parts.as_slice() {
        ["healthz" | "livez" | "readyz"] => Some(Answer::Text("ok".to_owned())),
        ["version"] => Some(Answer::Text(fields(&version::server(cx).await?))),
        ["api"] => Some(Answer::Object(json!({"kind": "APIVersions", "versions": ["v1"]}))),
        ["api", version] => resources("", version).map(Answer::Object),
        ["apis"] => Some(Answer::Object(groups())),
        ["apis", group, version] => resources(group, version).map(Answer::Object),
        _ => None,
    })
}

fn groups() -> Value {
    let mut groups: Vec<Value> = Vec::new();
    for resource in table::RESOURCES.iter().filter(|resource| !resource.group.is_empty()) {
        let version = json!({"groupVersion": resource.api_version(), "version": resource.version});
        match groups.iter_mut().find(|group| group["name"] == resource.group) {
            None => groups
                .push(json!({"name": resource.group, "versions": [version], "preferredVersion": version})),
            Some(group) => {
                let versions = group["versions"].as_array_mut();
                versions
                    .into_iter()
                    .filter(|all| !all.contains(&version))
                    .for_each(|all| all.push(version.clone()));
            }
        }
    }
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

fn resources(group: &str, version: &str) -> Option<Value> {
    let of = table::RESOURCES.iter().filter(|one| one.group == group && one.version == version);
    let rows: Vec<Value> = of
        .map(|one| {
            json!({"name": one.plural, "singularName": one.singular(), "namespaced": one.namespaced,
                "kind": one.kind, "verbs": one.verbs, "shortNames": one.short_names, "categories": one.categories})
        })
        .collect();
    let name = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    (!rows.is_empty()).then(|| json!({"kind": "APIResourceList", "groupVersion": name, "resources": rows}))
}

/// The request behind `/api/v1/namespaces/default/pods/x/log?container=c`.
fn request(client: &Client, verb: Verb, path: &str, query: &str) -> Outcome<Request> {
    let missing = || Failure::from(Status::no_such_path());
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let (group, version, rest) = match parts.as_slice() {
        ["api", version, rest @ ..] => ("", *version, rest),
        ["apis", group, version, rest @ ..] => (*group, *version, rest),
        _ => return Err(missing()),
    };
    let (namespace, rest) = match rest {
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (Some(*namespace), rest),
        rest => (None, rest),
    };
    let (plural, name, subresource) = match rest {
        [plural] => (*plural, None, None),
        [plural, name] => (*plural, Some(*name), None),
        [plural, name, subresource] => (*plural, Some(*name), Some(*subresource)),
        _ => return Err(missing()),
    };
    let resource = table::find(group, version, plural).ok_or_else(missing)?;
    let verb = match (verb, name) {
        (Verb::Get, None) => Verb::List,
        (Verb::Delete, None) => Verb::DeleteCollection,
        (verb, _) => verb,
    };
    let mut request = client.request("kubectl", verb, resource).with_options(options(query));
    request.namespace = namespace.map(str::to_owned);
    request.name = name.map(str::to_owned);
    request.subresource = subresource.map(str::to_owned);
    Ok(request)
}

fn options(query: &str) -> Options {
    let mut options = Options::default();
    for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        let value = value.replace("%3D", "=").replace("%2C", ",");
        match key {
            "labelSelector" => options.label_selector = Some(value),
            "fieldSelector" => options.field_selector = Some(value),
            "limit" => options.limit = value.parse().ok(),
            "continue" => options.continue_token = Some(value),
            "container" => options.log.container = Some(value),
            "previous" => options.log.previous = value == "true",
            "tailLines" => options.log.tail_lines = value.parse().ok(),
            "timestamps" => options.log.timestamps = value == "true",
            _ => {}
        }
    }
    options
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
