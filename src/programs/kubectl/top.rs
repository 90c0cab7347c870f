//! `kubectl top`: what nodes and pods use, as a metrics server would say. There is an answer only while one runs
//! (pods labelled `k8s-app=metrics-server` or of a deployment of that name in kube-system). Nothing in the simulation
//! is measured: the figures are made up, small, and stay about the same for the same pod.

use super::context::Context;
use super::fail::{Failure, Outcome};
use super::output::tabwriter::TabWriter;
use super::quantity::Quantity;
use super::resource::mapper;
use crate::cluster::api::{Options, Status};
use serde_json::Value;

const MEBIBYTE: u64 = 1024 * 1024;
/// What a node uses for itself.
const NODE_MILLI_CPU: u64 = 60;
const NODE_MEBIBYTES: u64 = 600;

/// Use of CPU in thousandths and of memory in MiB.
#[derive(Debug, Clone, Copy, Default)]
struct Used {
    milli_cpu: u64,
    mebibytes: u64,
}

impl Used {
    fn plus(self, other: Used) -> Used {
        Used { milli_cpu: self.milli_cpu + other.milli_cpu, mebibytes: self.mebibytes + other.mebibytes }
    }
}

/// A pod with what its containers use.
struct PodUse {
    namespace: String,
    name: String,
    node: String,
    containers: Vec<(String, Used)>,
}

impl PodUse {
    fn total(&self) -> Used {
        self.containers.iter().fold(Used::default(), |sum, (_, used)| sum.plus(*used))
    }
}

pub async fn run(cx: &Context) -> Outcome {
    let of_pods = cx.flags.path[1] == "pod";
    if cx.args.len() > 1 {
        return Err(cx.usage(cx.flags.command.usage));
    }
    if !matches!(cx.flags.text("sort-by"), "" | "cpu" | "memory") {
        return Err(Failure::message("--sort-by accepts only cpu or memory"));
    }
    let fields = of_pods && !cx.flags.text("field-selector").is_empty();
    if !cx.args.is_empty() && (fields || !cx.flags.text("selector").is_empty()) {
        let what = if of_pods { "selector" } else { "--selector" };
        return Err(Failure::Message(format!("only one of NAME or {what} can be provided")));
    }
    let client = cx.client()?;
    client.discover(cx).await?;
    if !is_served(cx).await? {
        return Err(Failure::message("Metrics API not available"));
    }
    if of_pods { pods(cx).await } else { nodes(cx).await }
}

/// Whether somebody measures: a metrics server with a pod that is Ready.
async fn is_served(cx: &Context) -> Outcome<bool> {
    let pods = cx.client()?.items(cx, mapper::find("pods")?, Some("kube-system"), Options::default()).await?;
    let serves = |pod: &Value| {
        let label = |key: &str| pod["metadata"]["labels"][key] == "metrics-server";
        let ready = |condition: &Value| condition["type"] == "Ready" && condition["status"] == "True";
        (label("k8s-app") || label("app"))
            && pod["status"]["conditions"].as_array().is_some_and(|all| all.iter().any(ready))
    };
    Ok(pods.iter().any(serves))
}

/// What every running pod uses.
async fn measured(cx: &Context, namespace: Option<&str>, selector: &str) -> Outcome<Vec<PodUse>> {
    let label_selector = Some(selector.to_owned()).filter(|text| !text.is_empty());
    let field_selector = Some(cx.flags.text("field-selector").to_owned())
        .filter(|text| cx.flags.command.flag("field-selector").is_some() && !text.is_empty());
    let options = Options { label_selector, field_selector, ..Options::default() };
    let pods = cx.client()?.items(cx, mapper::find("pods")?, namespace, options).await?;
    Ok(pods.iter().filter(|pod| pod["status"]["phase"] == "Running").map(|pod| pod_use(cx, pod)).collect())
}

fn pod_use(cx: &Context, pod: &Value) -> PodUse {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let uid = text(&pod["metadata"]["uid"]);
    let containers = pod["spec"]["containers"].as_array().cloned().unwrap_or_default();
    let used = |container: &Value| {
        let name = text(&container["name"]);
        let mut draw = cx.sys.stream(&format!("metrics/{uid}/{name}"));
        let (milli_cpu, mebibytes) = (1 + draw.below(4), 3 + draw.below(22));
        let limit = container.pointer("/resources/limits/memory").and_then(Value::as_str);
        let limit =
            limit.and_then(|text| Quantity::parse(text).ok()).map(|of| of.milli as u64 / 1000 / MEBIBYTE);
        let mebibytes = limit.map_or(mebibytes, |most| mebibytes.min(most * 3 / 4)).max(1);
        (name, Used { milli_cpu, mebibytes })
    };
    PodUse {
        namespace: text(&pod["metadata"]["namespace"]),
        name: text(&pod["metadata"]["name"]),
        node: text(&pod["spec"]["nodeName"]),
        containers: containers.iter().map(used).collect(),
    }
}

/// Largest first where it was asked for.
fn sort<T>(cx: &Context, rows: &mut [T], used: impl Fn(&T) -> Used) {
    match cx.flags.text("sort-by") {
        "cpu" => rows.sort_by_key(|row| std::cmp::Reverse(used(row).milli_cpu)),
        "memory" => rows.sort_by_key(|row| std::cmp::Reverse(used(row).mebibytes)),
        _ => {}
    }
}

async fn pods(cx: &Context) -> Outcome {
    let client = cx.client()?;
    let everywhere = cx.flags.on("all-namespaces");
    let namespace = (!everywhere).then_some(client.namespace.as_str());
    let mut found = measured(cx, namespace, cx.flags.text("selector")).await?;
    found.retain(|pod| cx.args.first().is_none_or(|name| *name == pod.name));
    if let (Some(name), true) = (cx.args.first(), found.is_empty()) {
        return Err(unmeasured("podmetrics", &format!("{}/{name}", client.namespace)));
    }
    if found.is_empty() {
        let place = if everywhere { String::new() } else { format!(" in {} namespace.", client.namespace) };
        cx.errln(format!("No resources found{place}")).await;
        return Ok(());
    }
    sort(cx, &mut found, PodUse::total);
    let split = cx.flags.on("containers");
    let mut titles: Vec<&str> = Vec::new();
    titles.extend(everywhere.then_some("NAMESPACE"));
    titles.extend(split.then_some("POD"));
    titles.extend(["NAME", "CPU(cores)", "MEMORY(bytes)"]);
    let mut writer = TabWriter::table();
    if !cx.flags.on("no-headers") {
        writer.row(&titles);
    }
    for pod in &mut found {
        sort(cx, &mut pod.containers, |(_, used)| *used);
        let whole = [(pod.name.clone(), pod.total())];
        let lines = if split { &pod.containers[..] } else { &whole[..] };
        for (name, used) in lines {
            let mut cells: Vec<String> = Vec::new();
            cells.extend(everywhere.then(|| pod.namespace.clone()));
            cells.extend(split.then(|| pod.name.clone()));
            cells.extend([name.clone(), cpu(*used), memory(*used)]);
            writer.row(&cells);
        }
    }
    if cx.flags.on("sum") {
        let total = found.iter().fold(Used::default(), |sum, pod| sum.plus(pod.total()));
        let mut rule = vec![String::new(); titles.len() - 2];
        rule.extend(["________".to_owned(), "________".to_owned()]);
        let mut sum = vec![String::new(); titles.len() - 2];
        sum.extend([cpu(total), memory(total)]);
        writer.row(&rule);
        writer.row(&sum);
    }
    cx.out(writer.flush()).await;
    Ok(())
}

async fn nodes(cx: &Context) -> Outcome {
    let client = cx.client()?;
    let resource = mapper::find("nodes")?;
    let nodes = match cx.args.first() {
        Some(name) => {
            let found = client.get(cx, resource, None, name).await;
            vec![found.map_err(|_| unmeasured("nodemetrics", name))?]
        }
        None => {
            let selector = Some(cx.flags.text("selector").to_owned()).filter(|text| !text.is_empty());
            let options = Options { label_selector: selector, ..Options::default() };
            client.items(cx, resource, None, options).await?
        }
    };
    let pods = measured(cx, None, "").await?;
    let own = Used { milli_cpu: NODE_MILLI_CPU, mebibytes: NODE_MEBIBYTES };
    let mut rows: Vec<(String, Used, Used)> = Vec::new();
    for node in &nodes {
        let name = node["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        let used = pods.iter().filter(|pod| pod.node == name).fold(own, |sum, pod| sum.plus(pod.total()));
        let list = if cx.flags.on("show-capacity") { "capacity" } else { "allocatable" };
        let amount = |key: &str| {
            let text = node["status"][list][key].as_str().unwrap_or_default();
            Quantity::parse(text).map_or(0, |found| found.milli as u64)
        };
        rows.push((
            name,
            used,
            Used { milli_cpu: amount("cpu"), mebibytes: amount("memory") / 1000 / MEBIBYTE },
        ));
    }
    sort(cx, &mut rows, |(_, used, _)| *used);
    let mut writer = TabWriter::table();
    if !cx.flags.on("no-headers") {
        writer.row(&["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"]);
    }
    let share = |part: u64, of: u64| format!("{}%", part * 100 / of.max(1));
    for (name, used, most) in rows {
        let cpu_share = share(used.milli_cpu, most.milli_cpu);
        let memory_share = share(used.mebibytes, most.mebibytes);
        writer.row(&[name, cpu(used), cpu_share, memory(used), memory_share]);
    }
    cx.out(writer.flush()).await;
    Ok(())
}

fn unmeasured(plural: &str, name: &str) -> Failure {
    Status::not_found("metrics.k8s.io", plural, name).into()
}

fn cpu(used: Used) -> String {
    format!("{}m", used.milli_cpu)
}

fn memory(used: Used) -> String {
    format!("{}Mi", used.mebibytes)
}
