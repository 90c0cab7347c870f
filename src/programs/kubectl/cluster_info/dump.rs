//! `kubectl cluster-info dump`: the objects of some namespaces and the logs of their pods, one after another or as
//! files in a directory.

use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::super::logs;
use super::super::output::{json, yaml};
use super::super::resource::mapper;
use crate::cluster::api::Options;
use serde_json::Value;

/// What is dumped of a namespace, and under which name.
const DUMPED: [(&str, &str); 7] = [
    ("events", "events"),
    ("replicationcontrollers", "replication-controllers"),
    ("services", "services"),
    ("daemonsets", "daemonsets"),
    ("deployments", "deployments"),
    ("replicasets", "replicasets"),
    ("pods", "pods"),
];

/// Where the dump goes.
struct Target {
    /// `None`: standard output.
    directory: Option<String>,
    extension: &'static str,
}

pub async fn run(cx: &Context) -> Outcome {
    let client = cx.client()?;
    let extension = match cx.flags.text("output") {
        "" | "json" => ".json",
        "yaml" => ".yaml",
        other => {
            return Err(Failure::Message(format!(
                "unable to match a printer suitable for the output format {other:?}, allowed formats are: json,yaml"
            )));
        }
    };
    let directory = Some(cx.flags.text("output-directory")).filter(|dir| !matches!(*dir, "" | "-"));
    let target = Target { directory: directory.map(str::to_owned), extension };
    client.discover(cx).await?;
    list(cx, &target, "nodes", None, "nodes").await?;
    for namespace in namespaces(cx).await? {
        for (plural, file) in DUMPED {
            list(cx, &target, plural, Some(&namespace), &format!("{namespace}/{file}")).await?;
        }
        for pod in client.items(cx, mapper::find("pods")?, Some(&namespace), Options::default()).await? {
            let name = pod["metadata"]["name"].as_str().unwrap_or_default();
            let text = logs_of(cx, &pod).await?;
            put(cx, &target, &format!("{namespace}/{name}/logs.txt"), &text).await?;
        }
    }
    if let Some(directory) = &target.directory {
        cx.outln(format!("Cluster info dumped to {directory}")).await;
    }
    Ok(())
}

async fn namespaces(cx: &Context) -> Outcome<Vec<String>> {
    let client = cx.client()?;
    if cx.flags.on("all-namespaces") {
        let all = client.items(cx, mapper::find("namespaces")?, None, Options::default()).await?;
        return Ok(all.iter().filter_map(|ns| ns["metadata"]["name"].as_str()).map(str::to_owned).collect());
    }
    let given = cx.flags.list("namespaces");
    Ok(if given.is_empty() { vec!["kube-system".into(), client.namespace.clone()] } else { given })
}

async fn list(cx: &Context, target: &Target, plural: &str, namespace: Option<&str>, file: &str) -> Outcome {
    let mut all = cx.client()?.list(cx, mapper::find(plural)?, namespace, Options::default()).await?;
    for item in all["items"].as_array_mut().into_iter().flatten() {
        if let Some(map) = item.as_object_mut() {
            map.remove("kind");
            map.remove("apiVersion");
            if let Some(metadata) = map.get_mut("metadata").and_then(Value::as_object_mut) {
                metadata.remove("managedFields");
            }
        }
    }
    let text = if target.extension == ".yaml" {
        format!("---\n{}", yaml::emit(&all))
    } else {
        json::pretty_typed(&all)
    };
    let text = if target.directory.is_some() { text.trim_start_matches("---\n").to_owned() } else { text };
    put(cx, target, &format!("{file}{}", target.extension), &text).await
}

async fn logs_of(cx: &Context, pod: &Value) -> Outcome<String> {
    let text = |field: &str| pod["metadata"][field].as_str().unwrap_or_default();
    let (namespace, name) = (text("namespace"), text("name"));
    let mut out = String::new();
    for list in ["initContainers", "containers"] {
        for container in logs::names(pod, list) {
            let of = format!("logs for container {container} of pod {namespace}/{name} ====\n");
            let log = match logs::whole(cx, namespace, name, &container).await {
                Ok(text) => text,
                Err(failure) => format!("Request log error: {}\n", failure.bare()),
            };
            out.push_str(&format!("==== START {of}{log}==== END {of}"));
        }
    }
    Ok(out)
}

async fn put(cx: &Context, target: &Target, file: &str, text: &str) -> Outcome {
    let Some(directory) = &target.directory else {
        cx.out(text).await;
        return Ok(());
    };
    let path = cx.path(&format!("{directory}/{file}"));
    let parent = path.rsplit_once('/').map_or("/", |(parent, _)| parent);
    let failed = |error: crate::image::files::FsError| {
        Failure::Message(format!("open {path}: {}", error.to_string().to_lowercase()))
    };
    cx.sys.change(parent, |tree, path, now| tree.mkdir(path, true, now)).map_err(failed)?;
    cx.sys.write(&path, text.as_bytes().to_vec()).map_err(failed)
}
