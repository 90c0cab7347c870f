//! Deployments, jobs and cron jobs out of flags.

use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::super::resource::mapper;
use super::{command_words, one_name};
use serde_json::{Value, json};

pub fn deployment(cx: &Context) -> Outcome<Value> {
    let name = one_name(cx)?;
    let images = cx.flags.list("image");
    let command = command_words(cx);
    if images.len() > 1 && !command.is_empty() {
        return Err(Failure::message("cannot specify multiple --image options and command"));
    }
    let mut containers: Vec<Value> = images.iter().map(|image| container(cx, image, &command)).collect();
    let port = cx.flags.int("port");
    if port >= 0
        && let Some(first) = containers.first_mut()
    {
        first["ports"] = json!([{"containerPort": port}]);
    }
    let labels = json!({"app": name});
    Ok(json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "replicas": cx.flags.int("replicas"),
            "selector": {"matchLabels": labels},
            "strategy": {},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
        },
        "status": {},
    }))
}

fn container(cx: &Context, image: &str, command: &[String]) -> Value {
    let last = image.rsplit('/').next().unwrap_or(image);
    let name = last.split([':', '@']).next().unwrap_or(last);
    let mut name = name.to_string();
    if name.contains(['_', '.']) {
        let suffix = cx.sys.stream(&format!("kubectl/container-name/{image}")).kube_suffix(5);
        name = format!("{}-{suffix}", name.replace(['_', '.'], "-"));
    }
    let mut container = json!({"image": image, "name": name, "resources": {}});
    if !command.is_empty() {
        container["command"] = json!(command);
    }
    container
}

pub async fn job(cx: &Context) -> Outcome<Value> {
    let name = one_name(cx)?;
    let (image, from, command) = (cx.flags.text("image"), cx.flags.text("from"), command_words(cx));
    if image.is_empty() == from.is_empty() {
        return Err(Failure::message("either --image or --from must be specified"));
    }
    if !from.is_empty() && !command.is_empty() {
        return Err(Failure::message("cannot specify --from and command"));
    }
    if from.is_empty() {
        let mut container = json!({"name": name, "image": image, "resources": {}});
        if !command.is_empty() {
            container["command"] = json!(command);
        }
        let template = json!({"metadata": {}, "spec": {"containers": [container], "restartPolicy": "Never"}});
        return Ok(json!({
            "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": {"template": template}, "status": {},
        }));
    }
    let client = cx.client()?;
    client.discover(cx).await?;
    let (kind, source) = from.split_once('/').unwrap_or(("", from));
    let resource = mapper::find(kind)?;
    let namespace = resource.namespaced.then_some(client.namespace.as_str());
    let cron = client.get(cx, resource, namespace, source).await?;
    if resource.kind != "CronJob" {
        let kind = format!("*{}.{}", resource.version, resource.kind);
        return Err(Failure::Message(format!("unknown object type {kind}")));
    }
    let mut annotations =
        cron.pointer("/spec/jobTemplate/metadata/annotations").cloned().unwrap_or_else(|| json!({}));
    annotations["cronjob.kubernetes.io/instantiate"] = "manual".into();
    let mut metadata = json!({"name": name, "annotations": annotations});
    if let Some(labels) = cron.pointer("/spec/jobTemplate/metadata/labels") {
        metadata["labels"] = labels.clone();
    }
    metadata["ownerReferences"] = json!([{
        "apiVersion": "batch/v1", "kind": "CronJob", "name": source, "uid": cron.pointer("/metadata/uid"), "controller": true,
    }]);
    Ok(json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": metadata,
        "spec": cron.pointer("/spec/jobTemplate/spec"), "status": {},
    }))
}

pub fn cron_job(cx: &Context) -> Outcome<Value> {
    let name = one_name(cx)?;
    let mut container = json!({"name": name, "image": cx.flags.text("image"), "resources": {}});
    let command = command_words(cx);
    if !command.is_empty() {
        container["command"] = json!(command);
    }
    let restart = match cx.flags.text("restart") {
        "" => "OnFailure",
        given => given,
    };
    let template = json!({"metadata": {}, "spec": {"containers": [container], "restartPolicy": restart}});
    Ok(json!({
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name},
        "spec": {"schedule": cx.flags.text("schedule"), "jobTemplate": {"metadata": {"name": name}, "spec": {"template": template}}},
        "status": {},
    }))
}
