//! Services out of flags.

use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::one_name;
use crate::cluster::kinds::names;
use serde_json::{Value, json};

pub fn service(cx: &Context, kind: &str) -> Outcome<Value> {
    let name = one_name(cx)?;
    let pairs = cx.flags.list("tcp");
    let cluster_ip = if kind == "clusterip" { cx.flags.text("clusterip") } else { "" };
    let external = if kind == "externalname" { cx.flags.text("external-name") } else { "" };
    if cluster_ip != "None" && pairs.is_empty() && kind != "externalname" {
        return Err(Failure::message("at least one tcp port specifier must be provided"));
    }
    if kind == "externalname" && !names::dns_subdomain(external).is_empty() {
        return Err(Failure::Message(format!("invalid service external name {external}")));
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

/// As kubectl's `parsePorts`.
fn port(pair: &str, node_port: i64) -> Outcome<Value> {
    const RANGE: &str = "must be between 1 and 65535, inclusive";
    let mut parts = pair.split(':');
    let from = parts.next().unwrap_or_default();
    let unsigned = |why: &str| Failure::Message(format!("strconv.ParseUint: parsing {from:?}: {why}"));
    let port = match from.parse::<u64>() {
        Ok(number) => i64::from(u16::try_from(number).map_err(|_| unsigned("value out of range"))?),
        Err(_) => return Err(unsigned("invalid syntax")),
    };
    let target = match parts.next() {
        None => Value::from(port),
        Some(to) => match to.parse::<i64>() {
            Ok(number) if (1..=65_535).contains(&number) => Value::from(number),
            Ok(_) => return Err(Failure::message(RANGE)),
            Err(_) => {
                let wrong = names::port_name(to);
                if !wrong.is_empty() {
                    return Err(Failure::Message(wrong.join(",")));
                }
                Value::from(to)
            }
        },
    };
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
