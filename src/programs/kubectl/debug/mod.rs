//! `kubectl debug`: a container put into a running pod, a changed copy of a pod, or a pod on a node.

mod copy;
mod profile;

use super::client::Write;
use super::context::Context;
use super::fail::{Failure, Outcome};
use super::merge::apply_patch;
use super::resource::manifest::parse_yaml;
use super::resource::{Info, Selection, mapper};
use super::{attach, logs};
use crate::world::World;
use serde_json::{Value, json};

/// Letters of generated names, which are never vowels.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_LENGTH: usize = 5;

/// Where debugging happens now: a pod, and the container to attach to.
struct Place {
    namespace: String,
    pod: String,
    container: String,
}

pub async fn run(cx: &Context) -> Outcome {
    let (targets, words) = cx.args.split_at(cx.flags.dash_at.unwrap_or(cx.args.len()).min(cx.args.len()));
    check(cx, targets, words)?;
    if !cx.flags.text("target").is_empty() && !cx.flags.on("quiet") {
        cx.outln(format!(
            "Targeting container {:?}. If you don't see processes from this container it may be because the container runtime doesn't support this feature.",
            cx.flags.text("target")
        ))
        .await;
    }
    let args = targets
        .iter()
        .map(|target| if target.contains('/') { target.clone() } else { format!("pods/{target}") })
        .collect();
    let files = cx.flags.list("filename").to_vec();
    let infos = Selection { args, files, ..Selection::default() }.latest().all_or_fail(cx).await?;
    for info in infos {
        let place = match info.resource.kind {
            "Pod" if !cx.flags.text("copy-to").is_empty() => copy::make(cx, info.object(), words).await?,
            "Pod" => Some(beside(cx, &info, words).await?),
            "Node" => Some(on_node(cx, &info, words).await?),
            kind => {
                let version = info.resource.api_version();
                return Err(Failure::Message(format!("\"{version}, Kind={kind}\" not supported by debug")));
            }
        };
        let attaches = cx.flags.on("attach") || (cx.flags.on("stdin") && !cx.flags.given("attach"));
        if let Some(place) = place.filter(|_| attaches) {
            attach_when_running(cx, &place).await?;
        }
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
    } else if !profile::NAMES.contains(&cx.flags.text("profile")) {
        return Err(Failure::Message(format!("unknown profile: {}", cx.flags.text("profile"))));
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

/// What the flags say about the container for debugging.
fn container(cx: &Context, name: &str, words: &[String]) -> Value {
    let mut made = json!({"name": name, "terminationMessagePolicy": "File"});
    change(cx, &mut made, words);
    made
}

/// Gives a container the image, words, environment and input that the flags ask for.
fn change(cx: &Context, container: &mut Value, words: &[String]) {
    if !words.is_empty() {
        let field = if cx.flags.on("arguments-only") { "args" } else { "command" };
        container[field] = json!(words);
        if let Some(map) = container.as_object_mut().filter(|_| field == "command") {
            map.remove("args");
        }
    }
    let pairs = cx.flags.list("env");
    let env: Vec<Value> = pairs
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
    for field in ["stdin", "tty"] {
        if cx.flags.on(field) {
            container[field] = true.into();
        } else if let Some(map) = container.as_object_mut() {
            map.remove(field);
        }
    }
}

/// Lays the part of a container's specification in `--custom`'s file over the container.
fn customize(cx: &Context, container: &mut Value) -> Outcome {
    let file = cx.flags.text("custom");
    if file.is_empty() {
        return Ok(());
    }
    let failed =
        |why: String| Failure::Message(format!("must pass a valid container spec json file {file:?}: {why}"));
    let text = cx.sys.read_text(&cx.path(file)).map_err(|error| failed(error.to_string()))?;
    let custom = parse_yaml(&text).map_err(failed)?;
    let reserved = ["name", "command", "image", "lifecycle", "volumeDevices"];
    if reserved.iter().any(|field| custom.get(field).is_some()) {
        return Err(Failure::message(
            "name, command, image, lifecycle and volume devices are not modifiable via custom profile",
        ));
    }
    apply_patch(container, &custom);
    Ok(())
}

/// The name of a new container: the one that was asked for, or one that is told.
async fn container_name(cx: &Context) -> String {
    let given = cx.flags.text("container");
    if !given.is_empty() {
        return given.to_owned();
    }
    let name = format!("debugger-{}", suffix(cx));
    if !cx.flags.on("quiet") {
        cx.outln(format!("Defaulting debug container name to {name}.")).await;
    }
    name
}

/// Adds an ephemeral container to a running pod.
async fn beside(cx: &Context, info: &Info, words: &[String]) -> Outcome<Place> {
    let name = container_name(cx).await;
    let mut made = container(cx, &name, words);
    if !cx.flags.text("target").is_empty() {
        made["targetContainerName"] = cx.flags.text("target").into();
    }
    profile::of_container(cx.flags.text("profile"), &mut made);
    customize(cx, &mut made)?;
    let mut pod = info.object().clone();
    let all = &mut pod["spec"]["ephemeralContainers"];
    let others = all.as_array().cloned().unwrap_or_default();
    *all = others.into_iter().chain([made]).collect();
    let pods = mapper::find("pods")?;
    let write = Write::new(pods, info.namespace.as_deref(), "kubectl-debug").on("ephemeralcontainers");
    cx.client()?.update(cx, &write, &info.name, pod).await?;
    let namespace = info.namespace.clone().unwrap_or_default();
    Ok(Place { namespace, pod: info.name.clone(), container: name })
}

/// A pod in the namespaces of a node, with the node's files at `/host`.
async fn on_node(cx: &Context, info: &Info, words: &[String]) -> Outcome<Place> {
    let given = cx.flags.text("container");
    let name = if given.is_empty() { "debugger" } else { given };
    let pod_name = format!("node-debugger-{}-{}", info.name, suffix(cx));
    if !cx.flags.on("quiet") {
        cx.outln(format!("Creating debugging pod {pod_name} with container {name} on node {}.", info.name))
            .await;
    }
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": pod_name, "labels": {"app.kubernetes.io/managed-by": "kubectl-debug"}},
        "spec": {
            "containers": [container(cx, name, words)], "nodeName": info.name, "restartPolicy": "Never",
            "tolerations": [{"operator": "Exists"}],
        },
    });
    profile::of_node(cx.flags.text("profile"), &mut pod["spec"]);
    customize(cx, &mut pod["spec"]["containers"][0])?;
    let client = cx.client()?;
    let write = Write::new(mapper::find("pods")?, Some(&client.namespace), "kubectl-debug");
    client.create(cx, &write, pod).await?;
    Ok(Place { namespace: client.namespace.clone(), pod: pod_name, container: name.to_owned() })
}

/// Waits until the container runs, then follows it; one that has ended shows its log.
async fn attach_when_running(cx: &Context, place: &Place) -> Outcome {
    let client = cx.client()?;
    let pods = mapper::find("pods")?;
    let mut warned = String::new();
    loop {
        let epoch = cx.sys.view(World::epoch);
        let pod = client.get(cx, pods, Some(&place.namespace), &place.pod).await?;
        let state = logs::status_of(&pod, &place.container).map(|status| status["state"].clone());
        let state = state.unwrap_or_default();
        if state.get("terminated").is_some() {
            let text = logs::whole(cx, &place.namespace, &place.pod, &place.container).await?;
            cx.out(text).await;
            return Ok(());
        }
        if state.get("running").is_some() {
            return attach::to(cx, &pod, &place.container).await;
        }
        let message = state.pointer("/waiting/message").and_then(Value::as_str).unwrap_or_default();
        if !message.is_empty() && message != warned && !cx.flags.on("quiet") {
            cx.errln(format!("Warning: container {}: {message}", place.container)).await;
            warned = message.to_owned();
        }
        cx.sys.changed(epoch).await;
    }
}

fn suffix(cx: &Context) -> String {
    let mut random = cx.sys.stream(&format!("kubectl/debug/{}", cx.now_ms()));
    (0..SUFFIX_LENGTH)
        .map(|_| char::from(LETTERS[random.range(0, LETTERS.len() as u64 - 1) as usize]))
        .collect()
}
