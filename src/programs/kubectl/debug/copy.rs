//! `kubectl debug --copy-to`: a pod under another name, with a container more or one that is changed.

use super::super::client::Write;
use super::super::context::Context;
use super::super::delete;
use super::super::fail::{Failure, Outcome};
use super::super::resource::mapper;
use super::{Place, change, container, container_name, customize, profile};
use serde_json::{Value, json};

/// Probes, with the flags that keep them.
const PROBES: [(&str, &str); 3] = [
    ("livenessProbe", "keep-liveness"),
    ("readinessProbe", "keep-readiness"),
    ("startupProbe", "keep-startup"),
];

/// Makes the copy; the place is missing when no container was added or named.
pub async fn make(cx: &Context, pod: &Value, words: &[String]) -> Outcome<Option<Place>> {
    let client = cx.client()?;
    let pods = mapper::find("pods")?;
    let mut made = copied(cx, pod);
    let container = with_container(cx, &mut made, words).await?;
    let text = |pointer: &str| pod.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let namespace = text("/metadata/namespace");
    client.create(cx, &Write::new(pods, Some(&namespace), "kubectl-debug"), made).await?;
    if cx.flags.on("replace") {
        delete::remove_quietly(cx, pods, &namespace, &text("/metadata/name")).await?;
    }
    Ok(container.map(|container| Place { namespace, pod: cx.flags.text("copy-to").to_owned(), container }))
}

/// The pod under its new name, without what a copy does not keep.
fn copied(cx: &Context, pod: &Value) -> Value {
    let mut spec = pod["spec"].clone();
    let mut metadata = json!({"name": cx.flags.text("copy-to"), "namespace": pod["metadata"]["namespace"]});
    for (field, flag) in [("labels", "keep-labels"), ("annotations", "keep-annotations")] {
        if cx.flags.on(flag) && pod["metadata"].get(field).is_some() {
            metadata[field] = pod["metadata"][field].clone();
        }
    }
    if let Some(map) = spec.as_object_mut() {
        map.remove("ephemeralContainers");
        if !cx.flags.on("same-node") {
            map.remove("nodeName");
        }
        if !cx.flags.on("keep-init-containers") {
            map.remove("initContainers");
        }
    }
    if cx.flags.given("share-processes") || spec["shareProcessNamespace"].is_null() {
        spec["shareProcessNamespace"] = cx.flags.on("share-processes").into();
    }
    for container in spec["containers"].as_array_mut().into_iter().flatten() {
        for (probe, flag) in PROBES {
            if let Some(map) = container.as_object_mut().filter(|_| !cx.flags.on(flag)) {
                map.remove(probe);
            }
        }
        for pair in &cx.flags.list("set-image") {
            let (name, image) = pair.split_once('=').unwrap_or((pair.as_str(), ""));
            if name == "*" || container["name"] == name {
                container["image"] = image.into();
            }
        }
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
}

/// Adds the container for debugging, or changes the one that is named; its name.
async fn with_container(cx: &Context, pod: &mut Value, words: &[String]) -> Outcome<Option<String>> {
    let wanted = cx.flags.text("container");
    let Some(containers) = pod["spec"]["containers"].as_array_mut() else { return Ok(None) };
    let place = containers.iter().position(|container| container["name"] == wanted);
    if place.is_none() && cx.flags.text("image").is_empty() {
        return match cx.flags.list("set-image").is_empty() {
            true => Err(Failure::message("you must specify image when creating new container")),
            false => Ok(None),
        };
    }
    let name = if place.is_some() { wanted.to_owned() } else { container_name(cx).await };
    let made = match place {
        Some(place) => {
            change(cx, &mut containers[place], words);
            &mut containers[place]
        }
        None => {
            containers.push(container(cx, &name, words));
            let last = containers.len() - 1;
            &mut containers[last]
        }
    };
    profile::of_container(cx.flags.text("profile"), made);
    customize(cx, made)?;
    Ok(Some(name))
}
