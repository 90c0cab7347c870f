//! `kubectl debug`: a changed copy of a pod. Containers put into a running pod, and nodes, are not imitated.

use super::client::Write;
use super::context::Context;
use super::fail::{Failure, Outcome};
use super::resource::{Selection, mapper};
use super::{delete, not_imitated};
use serde_json::{Value, json};

/// Letters of generated names, which are never vowels.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_LENGTH: usize = 5;
/// Probes, with the flags that keep them.
const PROBES: [(&str, &str); 3] = [
    ("livenessProbe", "keep-liveness"),
    ("readinessProbe", "keep-readiness"),
    ("startupProbe", "keep-startup"),
];

pub async fn run(cx: &Context) -> Outcome {
    let (targets, words) = cx.args.split_at(cx.flags.dash_at.unwrap_or(cx.args.len()).min(cx.args.len()));
    check(cx, targets, words)?;
    let args = targets
        .iter()
        .map(|target| if target.contains('/') { target.clone() } else { format!("pods/{target}") })
        .collect();
    let files = cx.flags.list("filename").to_vec();
    let infos = Selection { args, files, ..Selection::default() }.latest().all_or_fail(cx).await?;
    for info in infos {
        if info.resource.kind != "Pod" {
            return Err(not_imitated(&["debug for nodes and other kinds"]));
        }
        if cx.flags.text("copy-to").is_empty() {
            return Err(not_imitated(&["debug without --copy-to"]));
        }
        if cx.flags.on("stdin") || cx.flags.on("attach") {
            return Err(not_imitated(&["debug with --attach or --stdin"]));
        }
        copy(cx, info.object(), words).await?;
    }
    Ok(())
}

fn check(cx: &Context, targets: &[String], words: &[String]) -> Outcome {
    let (image, copy, container) =
        (cx.flags.text("image"), cx.flags.text("copy-to"), cx.flags.text("container"));
    let images = cx.flags.list("set-image");
    let complaint = if cx.flags.on("attach") && image.is_empty() && container.is_empty() {
        "you must specify --container or create a new container using --image in order to attach."
    } else if !copy.is_empty() && image.is_empty() && images.is_empty() && words.is_empty() {
        "you must specify --image, --set-image or command arguments."
    } else if !copy.is_empty() && !words.is_empty() && container.is_empty() && image.is_empty() {
        "you must specify an existing container or a new image when specifying args."
    } else if copy.is_empty() && cx.flags.on("replace") {
        "--replace may only be used with --copy-to."
    } else if copy.is_empty() && cx.flags.on("same-node") {
        "--same-node may only be used with --copy-to."
    } else if copy.is_empty() && !images.is_empty() {
        "--set-image may only be used with --copy-to."
    } else if copy.is_empty() && image.is_empty() {
        "you must specify --image when not using --copy-to."
    } else if !image.is_empty() && crate::image::ImageRef::parse(image).is_err() {
        return Err(Failure::Message(format!("invalid image name {image:?}: invalid reference format")));
    } else if targets.is_empty() && cx.flags.list("filename").is_empty() {
        "NAME or filename is required for debug"
    } else if !matches!(cx.flags.text("image-pull-policy"), "" | "Always" | "IfNotPresent" | "Never") {
        return Err(Failure::Message(format!(
            "invalid image pull policy: {}",
            cx.flags.text("image-pull-policy")
        )));
    } else if !copy.is_empty() && !cx.flags.text("target").is_empty() {
        "--target is incompatible with --copy-to. Use --share-processes instead."
    } else if cx.flags.on("tty") && !cx.flags.on("stdin") {
        "-i/--stdin is required for containers with -t/--tty=true"
    } else {
        return Ok(());
    };
    Err(Failure::message(complaint))
}

async fn copy(cx: &Context, pod: &Value, words: &[String]) -> Outcome {
    let client = cx.client()?;
    let pods = mapper::find("pods")?;
    let made = copied(cx, pod);
    let (made, notice) = with_container(cx, made, words)?;
    if let Some(notice) = notice {
        cx.outln(notice).await;
    }
    let namespace =
        pod.pointer("/metadata/namespace").and_then(Value::as_str).unwrap_or(&client.namespace).to_string();
    client.create(cx, &Write::new(pods, Some(&namespace), "kubectl-debug"), made).await?;
    if cx.flags.on("replace") {
        let name = pod.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        delete::remove_quietly(cx, pods, &namespace, name).await?;
    }
    Ok(())
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
    spec["shareProcessNamespace"] = cx.flags.on("share-processes").into();
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

/// Adds the container for debugging, or changes the one that is named; and what is said about its name.
fn with_container(cx: &Context, mut pod: Value, words: &[String]) -> Outcome<(Value, Option<String>)> {
    let image = cx.flags.text("image");
    let mut name = cx.flags.text("container").to_string();
    let mut notice = None;
    let Some(containers) = pod["spec"]["containers"].as_array_mut() else { return Ok((pod, None)) };
    let place = containers.iter().position(|container| container["name"] == name.as_str());
    if place.is_none() && image.is_empty() {
        return match cx.flags.list("set-image").is_empty() {
            true => Err(Failure::message("you must specify image when creating new container")),
            false => Ok((pod, None)),
        };
    }
    if name.is_empty() {
        name = format!("debugger-{}", suffix(cx));
        notice = Some(format!("Defaulting debug container name to {name}."));
    }
    let place = place.unwrap_or_else(|| {
        containers.push(json!({"name": name, "terminationMessagePolicy": "File"}));
        containers.len() - 1
    });
    let container = &mut containers[place];
    if !words.is_empty() {
        let field = if cx.flags.on("arguments-only") { "args" } else { "command" };
        container[field] = json!(words);
        if let Some(map) = container.as_object_mut().filter(|_| field == "command") {
            map.remove("args");
        }
    }
    let env: Vec<Value> = cx
        .flags
        .list("env")
        .iter()
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    if !env.is_empty() {
        container["env"] = json!(env);
    }
    for (field, flag) in [("image", "image"), ("imagePullPolicy", "image-pull-policy")] {
        if !cx.flags.text(flag).is_empty() {
            container[field] = cx.flags.text(flag).into();
        }
    }
    container["securityContext"]["capabilities"]["add"] = json!(["SYS_PTRACE"]);
    Ok((pod, notice))
}

fn suffix(cx: &Context) -> String {
    let mut random = cx.sys.stream(&format!("kubectl/debug/{}", cx.now_ms()));
    (0..SUFFIX_LENGTH)
        .map(|_| char::from(LETTERS[random.range(0, LETTERS.len() as u64 - 1) as usize]))
        .collect()
}
