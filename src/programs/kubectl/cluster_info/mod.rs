//! `kubectl cluster-info`.

mod dump;

use super::context::Context;
use super::fail::Outcome;
use super::resource::mapper;
use crate::cluster::api::Options;
use serde_json::Value;

pub async fn run(cx: &Context) -> Outcome {
    if cx.flags.path.len() > 1 {
        return dump::run(cx).await;
    }
    let client = cx.client()?;
    let discovered = client.discover(cx).await;
    if let Err(failure) = discovered {
        cx.outln("").await;
        cx.outln("To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.").await;
        return Err(failure);
    }
    let options =
        Options { label_selector: Some("kubernetes.io/cluster-service=true".into()), ..Options::default() };
    let services = client.items(cx, mapper::find("services")?, Some("kube-system"), options).await?;
    line(cx, "Kubernetes control plane", &client.server).await;
    for service in services {
        let text =
            |pointer: &str| service.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_string();
        let name = match service
            .pointer("/metadata/labels")
            .and_then(|labels| labels.get("kubernetes.io/name"))
            .and_then(Value::as_str)
        {
            Some(name) => name.to_string(),
            None => text("/metadata/name"),
        };
        let port = service
            .pointer("/spec/ports/0/name")
            .and_then(Value::as_str)
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        let link = format!(
            "{}/api/v1/namespaces/{}/services/{}{port}/proxy",
            client.server,
            text("/metadata/namespace"),
            text("/metadata/name")
        );
        line(cx, &name, &link).await;
    }
    cx.outln("").await;
    cx.outln("To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.").await;
    Ok(())
}

/// Colours only on a terminal, as upstream's color library does.
async fn line(cx: &Context, name: &str, link: &str) {
    match cx.io.stdout.is_terminal() {
        true => {
            cx.outln(format!("\u{1b}[0;32m{name}\u{1b}[0m is running at \u{1b}[0;33m{link}\u{1b}[0m")).await
        }
        false => cx.outln(format!("{name} is running at {link}")).await,
    }
}
