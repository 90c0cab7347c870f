//! `kubectl rollout status`: a line per change until it is done.

use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::super::resource::{Info, Selection};
use crate::cluster::api::{Options, Reply, Verb, codec};
use crate::world::World;
use serde_json::Value;
use std::time::Duration;

pub async fn run(cx: &Context) -> Outcome {
    if cx.flags.int("revision") < 0 {
        return Err(Failure::Message(format!(
            "revision must be a positive integer: {}",
            cx.flags.int("revision")
        )));
    }
    let selection = Selection::of(cx, &cx.args).latest().kind_alone(true);
    let (infos, mut failures) = selection.infos(cx).await?;
    if infos.is_empty() && failures.is_empty() {
        cx.errln("No resources found").await;
    }
    let timeout = cx.flags.span_ms("timeout");
    for info in infos {
        let work = follow(cx, &info);
        let result = match timeout {
            0 => work.await,
            ms => match cx.sys.timeout(Duration::from_millis(ms.max(0) as u64), work).await {
                Some(result) => result,
                None => Err(Failure::message("timed out waiting for the condition")),
            },
        };
        if let Err(failure) = result {
            failures.push(failure);
        }
    }
    Failure::all(failures)
}

async fn follow(cx: &Context, info: &Info) -> Outcome {
    let client = cx.client()?;
    let (text, done) = status(info.object(), cx.flags.int("revision"))?;
    cx.out(text).await;
    if done || !cx.flags.on("watch") {
        return Ok(());
    }
    let version =
        info.object().pointer("/metadata/resourceVersion").and_then(Value::as_str).map(str::to_string);
    let options = Options { resource_version: version, ..Options::default() };
    let mut request =
        client.request("kubectl", Verb::Watch, info.resource).named(&info.name).with_options(options);
    request.namespace = info.namespace.clone();
    let Reply::Watch(mut from) = client.send(cx, request).await? else {
        return Err(Failure::message("the server did not begin a watch"));
    };
    loop {
        let epoch = cx.sys.view(World::epoch);
        for event in client.watch_events(cx, &mut from)? {
            if event.kind == crate::cluster::api::WatchKind::Deleted {
                return Err(Failure::message("object has been deleted"));
            }
            let (text, done) = status(&codec::encode(&event.object), cx.flags.int("revision"))?;
            cx.out(text).await;
            if done {
                return Ok(());
            }
        }
        cx.sys.changed(epoch).await;
    }
}

fn number(object: &Value, pointer: &str) -> i64 {
    object.pointer(pointer).and_then(Value::as_i64).unwrap_or_default()
}

/// What to print, and whether the rollout is done.
fn status(object: &Value, revision: i64) -> Outcome<(String, bool)> {
    let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
    match object.get("kind").and_then(Value::as_str).unwrap_or_default() {
        "Deployment" => deployment(object, name, revision),
        "DaemonSet" => daemon_set(object, name),
        "StatefulSet" => stateful_set(object),
        kind => {
            let version = object.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
            let group = version.split_once('/').map(|(group, _)| format!(".{group}")).unwrap_or_default();
            Err(Failure::Message(format!("no status viewer has been implemented for {kind}{group}")))
        }
    }
}

fn deployment(object: &Value, name: &str, revision: i64) -> Outcome<(String, bool)> {
    if revision > 0 {
        let own = object
            .pointer("/metadata/annotations")
            .and_then(|map| map.get("deployment.kubernetes.io/revision"));
        let own: i64 = own.and_then(Value::as_str).and_then(|text| text.parse().ok()).unwrap_or_default();
        if own != revision {
            return Err(Failure::Message(format!(
                "desired revision ({revision}) is different from the running revision ({own})"
            )));
        }
    }
    if number(object, "/metadata/generation") > number(object, "/status/observedGeneration") {
        return Ok(("Waiting for deployment spec update to be observed...\n".into(), false));
    }
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
    let late = conditions
        .into_iter()
        .flatten()
        .any(|found| found["type"] == "Progressing" && found["reason"] == "ProgressDeadlineExceeded");
    if late {
        return Err(Failure::Message(format!("deployment {name:?} exceeded its progress deadline")));
    }
    let waiting =
        |what: String| Ok((format!("Waiting for deployment {name:?} rollout to finish: {what}...\n"), false));
    let (wanted, updated) = (number(object, "/spec/replicas"), number(object, "/status/updatedReplicas"));
    let (total, available) =
        (number(object, "/status/replicas"), number(object, "/status/availableReplicas"));
    if updated < wanted {
        return waiting(format!("{updated} out of {wanted} new replicas have been updated"));
    }
    if total > updated {
        return waiting(format!("{} old replicas are pending termination", total - updated));
    }
    if available < updated {
        return waiting(format!("{available} of {updated} updated replicas are available"));
    }
    Ok((format!("deployment {name:?} successfully rolled out\n"), true))
}

fn only_rolling(object: &Value) -> Outcome {
    let kind = object.pointer("/spec/updateStrategy/type").and_then(Value::as_str).unwrap_or_default();
    if kind == "RollingUpdate" {
        Ok(())
    } else {
        Err(Failure::message("rollout status is only available for RollingUpdate strategy type"))
    }
}

fn daemon_set(object: &Value, name: &str) -> Outcome<(String, bool)> {
    only_rolling(object)?;
    if number(object, "/metadata/generation") > number(object, "/status/observedGeneration") {
        return Ok(("Waiting for daemon set spec update to be observed...\n".into(), false));
    }
    let (wanted, updated) =
        (number(object, "/status/desiredNumberScheduled"), number(object, "/status/updatedNumberScheduled"));
    let available = number(object, "/status/numberAvailable");
    let waiting =
        |what: String| Ok((format!("Waiting for daemon set {name:?} rollout to finish: {what}...\n"), false));
    if updated < wanted {
        return waiting(format!("{updated} out of {wanted} new pods have been updated"));
    }
    if available < wanted {
        return waiting(format!("{available} of {wanted} updated pods are available"));
    }
    Ok((format!("daemon set {name:?} successfully rolled out\n"), true))
}

fn stateful_set(object: &Value) -> Outcome<(String, bool)> {
    only_rolling(object)?;
    let observed = number(object, "/status/observedGeneration");
    if observed == 0 || number(object, "/metadata/generation") > observed {
        return Ok(("Waiting for statefulset spec update to be observed...\n".into(), false));
    }
    let (wanted, ready) = (number(object, "/spec/replicas"), number(object, "/status/readyReplicas"));
    if ready < wanted {
        return Ok((format!("Waiting for {} pods to be ready...\n", wanted - ready), false));
    }
    let updated = number(object, "/status/updatedReplicas");
    let partition = number(object, "/spec/updateStrategy/rollingUpdate/partition");
    if object.pointer("/spec/updateStrategy/rollingUpdate/partition").is_some() {
        if updated < wanted - partition {
            let text = format!(
                "Waiting for partitioned roll out to finish: {updated} out of {} new pods have been updated...\n",
                wanted - partition
            );
            return Ok((text, false));
        }
        return Ok((
            format!("partitioned roll out complete: {updated} new pods have been updated...\n"),
            true,
        ));
    }
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (update, current) = (text("/status/updateRevision"), text("/status/currentRevision"));
    if update != current {
        return Ok((
            format!(
                "waiting for statefulset rolling update to complete {updated} pods at revision {update}...\n"
            ),
            false,
        ));
    }
    let total = number(object, "/status/currentReplicas");
    Ok((format!("statefulset rolling update complete {total} pods at revision {current}...\n"), true))
}
