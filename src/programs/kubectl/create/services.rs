//! Services out of flags.

use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::one_name;
use serde_json::{Value, json};

pub fn service(cx: &Context, kind: &str) -> Outcome<Value> {
    let name = one_name(cx)?;
    let pairs = cx.flags.list("tcp");
    let cluster_ip = if kind == "clusterip" { cx.flags.text("clusterip") } else { "" };
    let external = if kind == "externalname" { cx.flags.text("external-name") } else { "" };
    if cluster_ip != "None" && pairs.is_empty() && kind != "externalname" {
        return Err(Failure::message("at least one tcp port specifier must be provided"));
    }
    let kind_name = match kind {
        "nodeport" => "NodePort",
        "loadbalancer" => "LoadBalancer",
        "externalname" => "ExternalName",
        _ => "ClusterIP",
    };
    let node_port = if kind == "nodeport" { cx.flags.int("node-port") } else { 0 };
    let ports: Outcome<Vec<Value>> = pairs.iter().map(|pair| port(pair, node_port)).collect();
    let labels = json!({"app": name});
    let mut spec = json!({"type": kind_name, "selector": labels});
    let ports = ports?;
    if !ports.is_empty() {
        spec["ports"] = json!(ports);
    }
    if !cluster_ip.is_empty() {
        spec["clusterIP"] = cluster_ip.into();
    }
    if !external.is_empty() {
        spec["externalName"] = external.into();
    }
    Ok(json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "labels": labels}, "spec": spec,
        "status": {"loadBalancer": {}},
    }))
}

fn port(pair: &str, node_port: i64) -> Outcome<Value> {
    let (from, to) = pair.split_once(':').unwrap_or((pair, pair));
    let number = |text: &str| -> Outcome<i64> {
        text.parse::<i64>()
            .map_err(|_| Failure::Message(format!("strconv.Atoi: parsing {text:?}: invalid syntax")))
    };
    let port = number(from)?;
    let target = if to == from { Value::from(port) } else { target_port(to) };
    let mut found =
        json!({"name": pair.replace(':', "-"), "port": port, "protocol": "TCP", "targetPort": target});
    if node_port != 0 {
        found["nodePort"] = node_port.into();
    }
    Ok(found)
}

/// A number if it is one, else a name.
pub fn target_port(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from)
}
