//! `kubectl logs`.

use super::context::Context;
use super::fail::{Failure, Outcome};
use super::output::duration;
use super::resource::{Info, Selection, mapper};
use crate::cluster::api::{LogOptions, Options, Reply, Verb};
use crate::world::World;
use serde_json::Value;

const USAGE: &str = "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command";
/// Lines shown by default with a selector.
const SELECTOR_TAIL: usize = 10;

/// One log to show.
struct Source {
    namespace: String,
    pod: String,
    container: String,
    /// `[pod/x/c] ` with `--prefix`.
    prefix: String,
}

pub async fn run(cx: &Context) -> Outcome {
    let selector = cx.flags.text("selector");
    if cx.args.is_empty() && selector.is_empty() {
        return Err(cx.usage(USAGE));
    }
    if !cx.args.is_empty() && !selector.is_empty() {
        return Err(cx.usage("only a selector (-l) or a POD name is allowed"));
    }
    if cx.args.len() > 2 {
        return Err(cx.usage(USAGE));
    }
    let all = cx.flags.on("all-containers");
    let since_time = cx.flags.text("since-time");
    if let Some(why) = Some(since_time).filter(|text| !text.is_empty()).and_then(duration::time_fault) {
        return Err(Failure::Message(why));
    }
    let pods = pods(cx).await?;
    agree(cx, all)?;
    let mut sources = Vec::new();
    for pod in &pods {
        sources.extend(containers(cx, pod, all, !selector.is_empty()).await?);
    }
    let limit = cx.flags.int("max-log-requests").max(1) as usize;
    if cx.flags.on("follow") && sources.len() > limit {
        return Err(Failure::Message(format!(
            "you are attempting to follow {} log streams, but maximum allowed concurrency is {limit}, use --max-log-requests to increase the limit",
            sources.len()
        )));
    }
    if cx.flags.on("follow") {
        let all: Vec<_> = sources.iter().map(|source| Box::pin(follow(cx, source))).collect();
        for result in futures_util::future::join_all(all).await {
            result?;
        }
        return Ok(());
    }
    for source in &sources {
        match fetch(cx, source, &options(cx, source)).await {
            Ok(text) => cx.out(with_prefix(&text, &source.prefix)).await,
            Err(failure) if cx.flags.on("ignore-errors") => {
                cx.out(format!("error: {}\n", failure.bare())).await;
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}

/// What excludes each other; looked at when the pod is known.
fn agree(cx: &Context, all: bool) -> Outcome {
    let (given, number) = (|flag: &str| cx.flags.given(flag), |flag: &str| cx.flags.int(flag));
    let container = container_flag(cx);
    let rules = [
        (
            given("since-time") && given("since") && cx.flags.span_ms("since") != 0,
            "at most one of `sinceTime` or `sinceSeconds` may be specified".to_owned(),
        ),
        (
            all && !container.is_empty(),
            format!("--all-containers=true should not be specified with container name {container}"),
        ),
        (
            given("container") && cx.args.len() == 2,
            "only one of -c or an inline [CONTAINER] arg is allowed".to_owned(),
        ),
        (number("limit-bytes") < 0, "--limit-bytes must be greater than 0".to_owned()),
        (given("since") && cx.flags.span_ms("since") < 0, "--since must be greater than 0".to_owned()),
        (given("tail") && number("tail") < -1, "--tail must be greater than or equal to -1".to_owned()),
    ];
    match rules.into_iter().find(|(broken, _)| *broken) {
        Some((_, why)) => Err(Failure::Message(why)),
        None => Ok(()),
    }
}

/// `-c`, or the second word of the old form.
fn container_flag(cx: &Context) -> &str {
    match cx.flags.text("container") {
        "" => cx.args.get(1).map_or("", String::as_str),
        given => given,
    }
}

/// The pods that the arguments stand for.
async fn pods(cx: &Context) -> Outcome<Vec<Value>> {
    let client = cx.client()?;
    let resource = mapper::find("pods")?;
    let selector = cx.flags.text("selector");
    if !selector.is_empty() {
        client.discover(cx).await?;
        let options = Options { label_selector: Some(selector.into()), ..Options::default() };
        let pods = client.items(cx, resource, Some(&client.namespace), options).await?;
        if pods.is_empty() {
            cx.errln(format!("No resources found in {} namespace.", client.namespace)).await;
        }
        return Ok(pods);
    }
    let target = &cx.args[0];
    let word = if target.contains('/') { target.clone() } else { format!("pods/{target}") };
    let selection = Selection { args: vec![word], ..Selection::default() };
    let (infos, failures) = selection.infos(cx).await?;
    if let Some(failure) = failures.into_iter().next() {
        return Err(match failure {
            Failure::Status(status) if Failure::Status(status.clone()).is_not_found() => {
                Failure::Message(format!(
                    "error from server ({}): {} in namespace {:?}",
                    status.reason.word(),
                    status.message,
                    client.namespace
                ))
            }
            other => other,
        });
    }
    let Some(info) = infos.into_iter().next() else { return Ok(Vec::new()) };
    if info.resource.kind == "Pod" {
        return Ok(info.object.into_iter().collect());
    }
    let found = pods_behind(cx, &info, "get the logs from").await?;
    if cx.flags.on("all-pods") {
        return Ok(found);
    }
    let mut found = found;
    match found.len() {
        0 => Err(Failure::message("timed out waiting for the condition")),
        1 => Ok(found),
        several => {
            let text = |pod: &Value| {
                pod.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_string()
            };
            cx.errln(format!("Found {several} pods, using pod/{}", text(&found[0]))).await;
            found.truncate(1);
            Ok(found)
        }
    }
}

/// The pods behind what is to be attached to.
pub async fn pods_of(cx: &Context, info: &Info) -> Outcome<Vec<Value>> {
    pods_behind(cx, info, "attach to").await
}

/// The pods behind a deployment, job, service ..., those that run longest first (`ByLogging`).
async fn pods_behind(cx: &Context, info: &Info, purpose: &str) -> Outcome<Vec<Value>> {
    let object = info.object();
    let selector = match info.resource.kind {
        "Service" | "ReplicationController" => object.pointer("/spec/selector").map(labels_text),
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job" => {
            object.pointer("/spec/selector/matchLabels").map(labels_text)
        }
        _ => None,
    };
    let Some(selector) = selector.filter(|text| !text.is_empty()) else {
        let kind = format!("*{}.{}", info.resource.version, info.resource.kind);
        let why = match info.resource.kind {
            "Service" => {
                format!("invalid service '{}': Service is defined without a selector", info.name)
            }
            _ => format!("selector for {kind} not implemented"),
        };
        return Err(Failure::Message(format!("cannot {purpose} {kind}: {why}")));
    };
    let client = cx.client()?;
    let resource = mapper::find("pods")?;
    let options = Options { label_selector: Some(selector), ..Options::default() };
    let mut pods = client.items(cx, resource, info.namespace.as_deref(), options).await?;
    let key = |pod: &Value| {
        let text =
            |pointer: &str| pod.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_string();
        let phase = match text("/status/phase").as_str() {
            "Pending" => 1,
            "Running" => 0,
            _ => 2,
        };
        (text("/spec/nodeName").is_empty(), phase, !ready(pod), text("/metadata/creationTimestamp"))
    };
    pods.sort_by_key(key);
    Ok(pods)
}

fn ready(pod: &Value) -> bool {
    let conditions = pod.pointer("/status/conditions").and_then(Value::as_array);
    conditions.into_iter().flatten().any(|found| found["type"] == "Ready" && found["status"] == "True")
}

fn labels_text(map: &Value) -> String {
    let pairs: Vec<String> = map
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    pairs.join(",")
}

/// A container's log from its beginning.
pub async fn whole(cx: &Context, namespace: &str, pod: &str, container: &str) -> Outcome<String> {
    let source = Source {
        namespace: namespace.into(),
        pod: pod.into(),
        container: container.into(),
        prefix: String::new(),
    };
    let log = LogOptions { container: Some(container.to_owned()), ..LogOptions::default() };
    fetch(cx, &source, &log).await
}

/// Names of containers by kind of list.
pub fn names(pod: &Value, list: &str) -> Vec<String> {
    let items = pod.pointer(&format!("/spec/{list}")).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(|item| item["name"].as_str()).map(str::to_string).collect()
}

/// `a, b, c (init)`.
pub fn all_containers(pod: &Value) -> String {
    let mut all = names(pod, "containers");
    all.extend(names(pod, "ephemeralContainers").into_iter().map(|name| format!("{name} (ephem)")));
    all.extend(names(pod, "initContainers").into_iter().map(|name| format!("{name} (init)")));
    all.join(", ")
}

/// The container that is meant when none is named, with kubectl's notice when there are several.
pub async fn default_container(cx: &Context, pod: &Value) -> String {
    const ANNOTATION: &str = "kubectl.kubernetes.io/default-container";
    let chosen =
        pod.pointer("/metadata/annotations").and_then(|map| map.get(ANNOTATION)).and_then(Value::as_str);
    let containers = names(pod, "containers");
    if let Some(chosen) = chosen.filter(|chosen| containers.iter().any(|name| name == chosen)) {
        return chosen.to_string();
    }
    let first = containers.first().cloned().unwrap_or_default();
    let total =
        containers.len() + names(pod, "initContainers").len() + names(pod, "ephemeralContainers").len();
    if total > 1 {
        cx.errln(format!("Defaulted container {first:?} out of: {}", all_containers(pod))).await;
    }
    first
}

async fn containers(cx: &Context, pod: &Value, all: bool, selected: bool) -> Outcome<Vec<Source>> {
    let text = |pointer: &str| pod.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_string();
    let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
    let prefixed = cx.flags.on("prefix") || cx.flags.on("all-pods");
    let source = |container: String| {
        let prefix = if prefixed { format!("[pod/{name}/{container}] ") } else { String::new() };
        Source { namespace: namespace.clone(), pod: name.clone(), container, prefix }
    };
    if all {
        let mut found = names(pod, "initContainers");
        found.extend(names(pod, "containers"));
        found.extend(names(pod, "ephemeralContainers"));
        return Ok(found.into_iter().map(source).collect());
    }
    let wanted = container_flag(cx);
    if wanted.is_empty() {
        let chosen = default_container(cx, pod).await;
        return Ok(vec![source(chosen)]);
    }
    let known = ["containers", "initContainers", "ephemeralContainers"]
        .iter()
        .any(|list| names(pod, list).iter().any(|name| name == wanted));
    if !known {
        if selected {
            return Ok(Vec::new());
        }
        return Err(Failure::Message(format!(
            "container {wanted} is not valid for pod {name} out of: {}",
            all_containers(pod)
        )));
    }
    Ok(vec![source(wanted.to_string())])
}

fn options(cx: &Context, source: &Source) -> LogOptions {
    let tail = match cx.flags.int("tail") {
        n if n >= 0 => Some(n as usize),
        _ if !cx.flags.text("selector").is_empty() && !cx.flags.given("tail") => Some(SELECTOR_TAIL),
        _ => None,
    };
    let since = match (cx.flags.span_ms("since"), duration::parse_time(cx.flags.text("since-time"))) {
        (ms, _) if ms > 0 => Some((ms + 999) / 1000),
        (_, Some(then)) => Some((cx.now_ms() / 1000 - then).max(1)),
        _ => None,
    };
    let limit = cx.flags.int("limit-bytes");
    LogOptions {
        container: Some(source.container.clone()),
        follow: false,
        previous: cx.flags.on("previous"),
        since_seconds: since,
        tail_lines: tail,
        limit_bytes: (limit > 0).then_some(limit as usize),
        timestamps: cx.flags.on("timestamps"),
    }
}

async fn fetch(cx: &Context, source: &Source, log: &LogOptions) -> Outcome<String> {
    let client = cx.client()?;
    let resource = mapper::find("pods")?;
    let options = Options { log: log.clone(), ..Options::default() };
    let request =
        client.request("kubectl", Verb::Get, resource).named(&source.pod).in_namespace(&source.namespace);
    match client.send(cx, request.on_subresource("log").with_options(options)).await? {
        Reply::Text(text) => Ok(text),
        _ => Ok(String::new()),
    }
}

fn with_prefix(text: &str, prefix: &str) -> String {
    if prefix.is_empty() {
        return text.to_string();
    }
    text.split_inclusive('\n').map(|line| format!("{prefix}{line}")).collect()
}

/// From where a log is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    Beginning,
    Now,
}

/// Shows a log as it grows, until the container has ended.
async fn follow(cx: &Context, source: &Source) -> Outcome {
    let first = fetch(cx, source, &options(cx, source)).await?;
    cx.out(with_prefix(&first, &source.prefix)).await;
    let whole =
        LogOptions { tail_lines: None, since_seconds: None, limit_bytes: None, ..options(cx, source) };
    let seen = fetch(cx, source, &whole).await?.len();
    follow_from(cx, source, &whole, seen).await
}

/// Shows what is written after the first `seen` bytes.
async fn follow_from(cx: &Context, source: &Source, whole: &LogOptions, mut seen: usize) -> Outcome {
    let client = cx.client()?;
    let resource = mapper::find("pods")?;
    loop {
        let epoch = cx.sys.view(World::epoch);
        let pod = client.get(cx, resource, Some(&source.namespace), &source.pod).await;
        let text = fetch(cx, source, whole).await.unwrap_or_default();
        if text.len() > seen {
            cx.out(with_prefix(&text[seen..], &source.prefix)).await;
        }
        seen = text.len();
        if !pod.is_ok_and(|pod| is_running(&pod, &source.container)) {
            return Ok(());
        }
        cx.sys.changed(epoch).await;
    }
}

fn is_running(pod: &Value, container: &str) -> bool {
    status_of(pod, container).is_some_and(|status| status.pointer("/state/running").is_some())
}

/// A container's status, whatever kind of container it is.
pub fn status_of<'a>(pod: &'a Value, container: &str) -> Option<&'a Value> {
    ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"].iter().find_map(|list| {
        pod.pointer(&format!("/status/{list}"))?.as_array()?.iter().find(|status| status["name"] == container)
    })
}

/// Follows a container's log for somebody who is attached.
pub async fn follow_one(cx: &Context, namespace: &str, pod: &str, container: &str, since: Since) -> Outcome {
    let source = Source {
        namespace: namespace.into(),
        pod: pod.into(),
        container: container.into(),
        prefix: String::new(),
    };
    let whole = LogOptions { container: Some(container.to_owned()), ..LogOptions::default() };
    let seen = match since {
        Since::Beginning => 0,
        Since::Now => fetch(cx, &source, &whole).await?.len(),
    };
    follow_from(cx, &source, &whole, seen).await
}

/// Waits until a pod has ended; the pod as it is then.
pub async fn until_ended(cx: &Context, namespace: &str, name: &str) -> Outcome<Value> {
    let client = cx.client()?;
    let resource = mapper::find("pods")?;
    loop {
        let epoch = cx.sys.view(World::epoch);
        let pod = client.get(cx, resource, Some(namespace), name).await?;
        let phase = pod.pointer("/status/phase").and_then(Value::as_str).unwrap_or_default();
        if matches!(phase, "Succeeded" | "Failed") {
            return Ok(pod);
        }
        cx.sys.changed(epoch).await;
    }
}
