//! `kubectl run`: a pod out of flags, optionally with a service, and attached to.

use super::client::Write;
use super::context::{Context, DryRun};
use super::create::parse_labels;
use super::fail::{Failure, Outcome};
use super::logs::{self, Since};
use super::merge::apply_patch;
use super::print::Printer;
use super::resource::mapper;
use super::{attach, delete};
use crate::cluster::api::strategic;
use crate::world::World;
use serde_json::{Value, json};

pub async fn run(cx: &Context) -> Outcome {
    let restart = cx.flags.text("restart");
    if !matches!(restart, "Always" | "OnFailure" | "Never") {
        return Err(cx.usage(format!("invalid restart policy: {restart}")));
    }
    if !matches!(cx.flags.text("image-pull-policy"), "" | "Always" | "IfNotPresent" | "Never") {
        return Err(cx.usage(format!("invalid image pull policy: {}", cx.flags.text("image-pull-policy"))));
    }
    let dry_run = cx.dry_run().await?;
    let attach = if cx.flags.given("attach") { cx.flags.on("attach") } else { cx.flags.on("stdin") };
    check(cx, attach, dry_run)?;
    let printer = Printer::for_operation(cx, "created", dry_run)?;
    let port = cx.flags.text("port");
    if !port.is_empty() && port.parse::<i64>().is_err() {
        return Err(Failure::Message(format!("strconv.Atoi: parsing {port:?}: invalid syntax")));
    }
    let name = cx.args[0].clone();
    let labels = match cx.flags.text("labels") {
        "" => json!({"run": name}),
        given => parse_labels(given)?,
    };
    let mut pod = pod(cx, &name, &labels)?;
    override_object(cx, &mut pod)?;
    let client = cx.client()?;
    if dry_run != DryRun::Client {
        client.discover(cx).await?;
    }
    let pod = make(cx, pod, dry_run).await?;
    let mut made = Vec::new();
    if cx.flags.on("expose") {
        made.push(make(cx, service(cx, &name, &labels), dry_run).await?);
    }
    if !attach {
        made.push(pod);
        return printer.print_each(cx, &made).await;
    }
    let ended = attached(cx, &name).await;
    if cx.flags.on("rm") {
        delete::remove_quietly(cx, mapper::find("pods")?, &client.namespace, &name).await?;
    }
    ended
}

fn check(cx: &Context, attach: bool, dry_run: DryRun) -> Outcome {
    let image = cx.flags.text("image");
    if cx.args.is_empty() || cx.flags.dash_at == Some(0) {
        return Err(cx.usage("NAME is required for run"));
    }
    if image.is_empty() {
        return Err(Failure::message("--image is required"));
    }
    if crate::image::ImageRef::parse(image).is_err() {
        return Err(Failure::Message(format!("Invalid image name {image:?}: invalid reference format")));
    }
    if cx.flags.on("tty") && !cx.flags.on("stdin") {
        return Err(cx.usage("-i/--stdin is required for containers with -t/--tty=true"));
    }
    let port = cx.flags.text("port");
    if cx.flags.on("expose") && port.is_empty() {
        return Err(cx.usage("--port must be set when exposing a service"));
    }
    if !attach && cx.flags.on("rm") {
        return Err(cx.usage("--rm should only be used for attached containers"));
    }
    if attach && dry_run != DryRun::None {
        return Err(cx.usage("--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)"));
    }
    Ok(())
}

fn pod(cx: &Context, name: &str, labels: &Value) -> Outcome<Value> {
    let mut container = json!({"name": name, "image": cx.flags.text("image"), "resources": {}});
    let words = &cx.args[1..];
    if !words.is_empty() {
        container[if cx.flags.on("command") { "command" } else { "args" }] = json!(words);
    }
    if let Ok(port) = cx.flags.text("port").parse::<i64>() {
        container["ports"] = json!([{"containerPort": port}]);
    }
    let env: Outcome<Vec<Value>> = cx.flags.list("env").iter().map(|pair| env_pair(pair)).collect();
    let env = env?;
    if !env.is_empty() {
        container["env"] = json!(env);
    }
    if !cx.flags.text("image-pull-policy").is_empty() {
        container["imagePullPolicy"] = cx.flags.text("image-pull-policy").into();
    }
    if cx.flags.on("stdin") {
        container["stdin"] = true.into();
        if !cx.flags.on("leave-stdin-open") {
            container["stdinOnce"] = true.into();
        }
    }
    if cx.flags.on("tty") {
        container["tty"] = true.into();
    }
    if cx.flags.on("privileged") {
        container["securityContext"] = json!({"privileged": true});
    }
    let mut metadata = json!({"name": name, "labels": labels});
    for pair in cx.flags.list("annotations") {
        let (key, value) = pair
            .split_once('=')
            .ok_or_else(|| Failure::Message(format!("unexpected annotations spec: {pair}")))?;
        metadata["annotations"][key] = value.into();
    }
    let spec = json!({"containers": [container], "dnsPolicy": "ClusterFirst", "restartPolicy": cx.flags.text("restart")});
    Ok(json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": {}}))
}

fn env_pair(pair: &str) -> Outcome<Value> {
    let valid = |name: &str| !name.is_empty() && !name.contains(' ');
    match pair.split_once('=') {
        Some((name, value)) if valid(name) => Ok(json!({"name": name, "value": value})),
        _ => Err(Failure::Message(format!("invalid env: {pair}"))),
    }
}

fn service(cx: &Context, name: &str, selector: &Value) -> Value {
    let port = cx.flags.text("port").parse::<i64>().unwrap_or_default();
    let ports = json!([{"port": port, "protocol": "TCP", "targetPort": port}]);
    let mut object = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
        "spec": {"selector": selector, "ports": ports}, "status": {"loadBalancer": {}},
    });
    if !cx.flags.text("labels").is_empty() {
        object["metadata"]["labels"] = selector.clone();
    }
    object
}

/// `--overrides`.
pub fn override_object(cx: &Context, object: &mut Value) -> Outcome {
    let text = cx.flags.text("overrides");
    if text.is_empty() {
        return Ok(());
    }
    let patch: Value = serde_json::from_str(text).map_err(|_| Failure::message("Invalid JSON Patch"))?;
    match cx.flags.text("override-type") {
        "merge" => apply_patch(object, &patch),
        "strategic" => {
            let fields = patch.as_object().cloned().unwrap_or_default();
            *object = strategic::apply(object, &fields).map_err(Failure::Message)?;
        }
        "json" => {
            let patch: json_patch::Patch =
                serde_json::from_value(patch).map_err(|error| Failure::Message(error.to_string()))?;
            json_patch::patch(object, &patch).map_err(|error| Failure::Message(error.to_string()))?;
        }
        other => return Err(Failure::Message(format!("invalid overrideType: {other}"))),
    }
    // The result is read as a typed object again, which writes the structs that are in it whole.
    let containers = object.pointer_mut("/spec/containers").and_then(Value::as_array_mut);
    for container in containers.into_iter().flatten().filter_map(Value::as_object_mut) {
        container.entry("resources").or_insert_with(|| json!({}));
    }
    Ok(())
}

async fn make(cx: &Context, mut object: Value, dry_run: DryRun) -> Outcome<Value> {
    let client = cx.client()?;
    if dry_run == DryRun::Client {
        if cx.namespace_given() {
            object["metadata"]["namespace"] = client.namespace.clone().into();
        }
        return Ok(object);
    }
    cx.record(&mut object);
    if cx.flags.on("save-config") {
        super::apply::annotate_typed(&mut object);
    }
    let resource = mapper::find(if object["kind"] == "Pod" { "pods" } else { "services" })?;
    let write = Write::new(resource, Some(&client.namespace), cx.flags.text("field-manager")).dry(dry_run);
    client.create(cx, &write, object).await
}

/// Follows the pod as an attached terminal would, then reports how it ended.
async fn attached(cx: &Context, name: &str) -> Outcome {
    let client = cx.client()?;
    let resource = mapper::find("pods")?;
    let namespace = client.namespace.clone();
    let deadline = cx.sys.now()
        + std::time::Duration::from_millis(cx.flags.span_ms("pod-running-timeout").max(0) as u64);
    let phase = loop {
        let epoch = cx.sys.view(World::epoch);
        let pod = client.get(cx, resource, Some(&namespace), name).await?;
        let phase = pod.pointer("/status/phase").and_then(Value::as_str).unwrap_or_default().to_string();
        let ready =
            pod.pointer("/status/containerStatuses/0/ready").and_then(Value::as_bool).unwrap_or_default();
        if matches!(phase.as_str(), "Succeeded" | "Failed") || phase == "Running" && ready {
            break phase;
        }
        if cx.sys.now() >= deadline {
            return Err(Failure::message("timed out waiting for the condition"));
        }
        cx.sys.timeout(deadline - cx.sys.now(), cx.sys.changed(epoch)).await;
    };
    if phase == "Running" {
        attach::notice(cx).await;
    }
    attach::stream(cx, &namespace, name, name, Since::Beginning).await?;
    if cx.flags.text("restart") == "Always" || cx.flags.on("leave-stdin-open") {
        return Ok(());
    }
    let pod = logs::until_ended(cx, &namespace, name).await?;
    let text = |pointer: &str| pod.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_string();
    if text("/status/phase") != "Failed" {
        return Ok(());
    }
    let ended = pod.pointer("/status/containerStatuses/0/state/terminated").cloned().unwrap_or_default();
    let code = ended.get("exitCode").and_then(Value::as_i64).unwrap_or_default();
    if code == 0 {
        return Err(Failure::Message(format!("pod {namespace}/{name} failed with unknown exit code")));
    }
    let word = |key: &str| ended.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
    Err(Failure::Code(
        format!("pod {namespace}/{name} terminated ({})\n{}", word("reason"), word("message")),
        code as i32,
    ))
}
