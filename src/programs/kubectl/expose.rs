//! `kubectl expose`: a service whose selector is that of an object.

use super::client::Write;
use super::context::{Context, DryRun};
use super::create::{parse_labels, target_port};
use super::fail::{Failure, Outcome};
use super::print::Printer;
use super::resource::{Info, Selection, mapper};
use super::template;
use serde_json::{Value, json};

const NAME_LIMIT: usize = 63;

pub async fn run(cx: &Context) -> Outcome {
    let dry_run = cx.dry_run().await?;
    let printer = Printer::for_operation(cx, "exposed", dry_run)?;
    let selection = Selection { selector: None, ..Selection::of(cx, &cx.args) }.latest();
    let infos = selection.all_or_fail(cx).await?;
    for info in infos {
        let mut service = service(cx, &info)?;
        cx.record(&mut service);
        let shown = if dry_run == DryRun::Client {
            let mut service = service;
            if cx.namespace_given() {
                service["metadata"]["namespace"] = cx.flags.text("namespace").into();
            }
            service
        } else {
            let client = cx.client()?;
            let resource = mapper::find("services")?;
            let write =
                Write::new(resource, Some(&client.namespace), cx.flags.text("field-manager")).dry(dry_run);
            client.create(cx, &write, service).await?
        };
        cx.out(printer.render(cx, &shown)?).await;
    }
    Ok(())
}

fn service(cx: &Context, info: &Info) -> Outcome<Value> {
    let object = info.object();
    if !matches!(
        info.resource.kind,
        "Pod" | "Service" | "Deployment" | "ReplicaSet" | "ReplicationController"
    ) {
        return Err(Failure::Message(format!(
            "cannot expose a {}",
            mapper::full_name(info.resource).replacen(info.resource.plural, info.resource.kind, 1)
        )));
    }
    let selector = match cx.flags.text("selector") {
        "" => selector_of(info)?,
        given => parse_labels(given)?,
    };
    let ports = ports(cx, info)?;
    let labels = match cx.flags.text("labels") {
        "" => object.pointer("/metadata/labels").cloned(),
        given => Some(parse_labels(given)?),
    };
    let name = match cx.flags.text("name") {
        "" => info.name.chars().take(NAME_LIMIT).collect::<String>(),
        given => given.to_string(),
    };
    let mut service = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": {"selector": selector}, "status": {"loadBalancer": {}},
    });
    if let Some(labels) = labels.filter(|labels| labels.as_object().is_some_and(|map| !map.is_empty())) {
        service["metadata"]["labels"] = labels;
    }
    if !ports.is_empty() {
        service["spec"]["ports"] = json!(ports);
    }
    for (flag, field) in [
        ("type", "type"),
        ("cluster-ip", "clusterIP"),
        ("session-affinity", "sessionAffinity"),
        ("load-balancer-ip", "loadBalancerIP"),
    ] {
        let value = cx.flags.text(flag);
        if !value.is_empty() && (flag != "load-balancer-ip" || cx.flags.text("type") == "LoadBalancer") {
            service["spec"][field] = value.into();
        }
    }
    if !matches!(cx.flags.text("session-affinity"), "" | "None" | "ClientIP") {
        return Err(Failure::Message(format!(
            "unknown session affinity: {}",
            cx.flags.text("session-affinity")
        )));
    }
    if !cx.flags.text("external-ip").is_empty() {
        service["spec"]["externalIPs"] = json!([cx.flags.text("external-ip")]);
    }
    super::run::override_object(cx, &mut service)?;
    Ok(service)
}

fn selector_of(info: &Info) -> Outcome<Value> {
    let object = info.object();
    let missing = |why: &str| {
        Failure::Message(format!("couldn't retrieve selectors via --selector flag or introspection: {why}"))
    };
    let found = match info.resource.kind {
        "Pod" => object.pointer("/metadata/labels"),
        "Service" | "ReplicationController" => object.pointer("/spec/selector"),
        _ => {
            if object.pointer("/spec/selector/matchExpressions").is_some() {
                return Err(missing("couldn't convert expressions to map-based selector format"));
            }
            object.pointer("/spec/selector/matchLabels")
        }
    };
    match found.filter(|labels| labels.as_object().is_some_and(|map| !map.is_empty())) {
        Some(labels) => Ok(labels.clone()),
        None if info.resource.kind == "Pod" => Err(missing("the pod has no labels and cannot be exposed")),
        None => Err(missing(&format!("the {} has no pod selector set", info.resource.singular()))),
    }
}

/// The object's own ports: number and protocol.
fn own_ports(info: &Info) -> Vec<(i64, String)> {
    let pair = |port: &Value, key: &str| {
        let protocol = port.get("protocol").and_then(Value::as_str).unwrap_or("TCP");
        Some((port.get(key)?.as_i64()?, protocol.to_string()))
    };
    if info.resource.kind == "Service" {
        let ports = info.object().pointer("/spec/ports").and_then(Value::as_array);
        return ports.into_iter().flatten().filter_map(|port| pair(port, "port")).collect();
    }
    let containers =
        template::pod_spec(info.object()).and_then(|spec| spec.get("containers")).and_then(Value::as_array);
    let ports = containers.into_iter().flatten().filter_map(|container| container.get("ports")?.as_array());
    ports.flatten().filter_map(|port| pair(port, "containerPort")).collect()
}

fn ports(cx: &Context, info: &Info) -> Outcome<Vec<Value>> {
    let own = own_ports(info);
    let given = cx.flags.text("port");
    let mut wanted: Vec<String> =
        given.split(',').filter(|part| !part.is_empty()).map(str::to_string).collect();
    if wanted.is_empty() {
        for (port, _) in &own {
            if !wanted.contains(&port.to_string()) {
                wanted.push(port.to_string());
            }
        }
        if wanted.is_empty() && cx.flags.text("cluster-ip") != "None" {
            return Err(Failure::message("couldn't find port via --port flag or introspection"));
        }
    }
    let several = wanted.len() > 1;
    let mut out = Vec::new();
    for (i, text) in wanted.iter().enumerate() {
        let port: i64 = text
            .parse()
            .map_err(|_| Failure::Message(format!("strconv.Atoi: parsing {text:?}: invalid syntax")))?;
        let protocols: Vec<&str> =
            own.iter().filter(|(number, _)| *number == port).map(|(_, protocol)| protocol.as_str()).collect();
        let target = match cx.flags.text("target-port") {
            "" => Value::from(port),
            target => target_port(target),
        };
        let protocol = cx.flags.text("protocol");
        if protocol.is_empty() && protocols.len() > 1 {
            for protocol in protocols {
                let name = format!("port-{}-{}", i + 1, protocol.to_lowercase());
                out.push(json!({"name": name, "port": port, "protocol": protocol, "targetPort": target}));
            }
            continue;
        }
        let protocol =
            if protocol.is_empty() { protocols.first().copied().unwrap_or("TCP") } else { protocol };
        let mut entry = json!({"port": port, "protocol": protocol, "targetPort": target});
        if several {
            entry["name"] = format!("port-{}", i + 1).into();
        }
        out.push(entry);
    }
    Ok(out)
}
