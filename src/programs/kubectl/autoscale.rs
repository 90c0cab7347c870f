//! `kubectl autoscale`: an autoscaler out of flags.

use super::client::Write;
use super::context::{Context, DryRun};
use super::fail::{Failure, Outcome};
use super::print::Printer;
use super::quantity::Quantity;
use super::resource::select::go_name;
use super::resource::{Info, Selection, mapper};
use serde_json::{Value, json};

pub async fn run(cx: &Context) -> Outcome {
    let (min, max) = (cx.flags.int("min"), cx.flags.int("max"));
    if max < 1 {
        return Err(Failure::Message(format!(
            "--max=MAXPODS is required and must be at least 1, max: {max}"
        )));
    }
    if max < min {
        return Err(Failure::Message(format!(
            "--max=MAXPODS must be larger or equal to --min=MINPODS, max: {max}, min: {min}"
        )));
    }
    if cx.flags.int("cpu-percent") > 0 && !cx.flags.text("cpu").is_empty() {
        return Err(Failure::message("--cpu-percent and --cpu are mutually exclusive"));
    }
    let metrics = metrics(cx)?;
    let dry_run = cx.dry_run().await?;
    let printer = Printer::for_operation(cx, "autoscaled", dry_run)?;
    let infos = Selection::of(cx, &cx.args).latest().all_or_fail(cx).await?;
    for info in infos {
        if !matches!(
            info.resource.kind,
            "Deployment" | "ReplicaSet" | "StatefulSet" | "ReplicationController"
        ) {
            return Err(Failure::Message(format!(
                "cannot autoscale a {}: could not find scale subresource for {} in discovery information",
                info.resource.kind,
                go_name(info.resource)
            )));
        }
        let mut object = scaler(cx, &info, min, max, &metrics);
        cx.record(&mut object);
        let shown = match dry_run {
            DryRun::Client => object,
            _ => {
                let client = cx.client()?;
                let resource = mapper::find("horizontalpodautoscalers")?;
                let write = Write::new(resource, info.namespace.as_deref(), cx.flags.text("field-manager"))
                    .dry(dry_run);
                client.create(cx, &write, object).await.map_err(|failure| second_try(cx, failure))?
            }
        };
        cx.out(printer.render(cx, &shown)?).await;
    }
    Ok(())
}

fn scaler(cx: &Context, info: &Info, min: i64, max: i64, metrics: &[Value]) -> Value {
    let name = match cx.flags.text("name") {
        "" => info.name.as_str(),
        given => given,
    };
    let target =
        json!({"apiVersion": info.resource.api_version(), "kind": info.resource.kind, "name": info.name});
    let mut spec = json!({"maxReplicas": max, "scaleTargetRef": target});
    if min > 0 {
        spec["minReplicas"] = min.into();
    }
    if !metrics.is_empty() {
        spec["metrics"] = json!(metrics);
    }
    json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": name}, "spec": spec,
        "status": {"currentMetrics": null, "desiredReplicas": 0},
    })
}

fn metrics(cx: &Context) -> Outcome<Vec<Value>> {
    let mut out = Vec::new();
    let percent = cx.flags.int("cpu-percent");
    if percent > 0 {
        out.push(utilization("cpu", percent));
    }
    for (name, unit) in [("cpu", "m"), ("memory", "Mi")] {
        let text = cx.flags.text(name).trim();
        if text.is_empty() {
            continue;
        }
        if let Some(share) = text.strip_suffix('%') {
            let share = share.parse::<i32>().ok().filter(|share| *share >= 0);
            let invalid =
                || Failure::Message(format!("invalid percentage value: {}", text.trim_end_matches('%')));
            out.push(utilization(name, share.ok_or_else(invalid)?.into()));
            continue;
        }
        let amount = if text.parse::<f64>().is_ok() { format!("{text}{unit}") } else { text.to_string() };
        if Quantity::parse(&amount).is_err() {
            return Err(Failure::Message(format!("invalid resource {name} value: {text}")));
        }
        out.push(json!({"type": "Resource", "resource": {"name": name, "target": {"type": "AverageValue", "averageValue": amount}}}));
    }
    Ok(out)
}

/// What is said after a refusal: kubectl tries the older version of the kind again where that can say the same.
fn second_try(cx: &Context, failure: Failure) -> Failure {
    let start =
        "failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1";
    let (cpu, memory) = (cx.flags.text("cpu").trim(), cx.flags.text("memory"));
    if cpu.is_empty() {
        Failure::Message(format!("{start}: empty input"))
    } else if memory.is_empty() && (cx.flags.int("cpu-percent") >= 0 || cpu.ends_with('%')) {
        failure
    } else {
        Failure::Message(format!("{start}: %!w(<nil>)"))
    }
}

fn utilization(name: &str, percent: i64) -> Value {
    json!({"type": "Resource", "resource": {"name": name, "target": {"type": "Utilization", "averageUtilization": percent}}})
}
