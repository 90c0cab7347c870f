//! Small objects out of flags: namespaces, accounts, quotas, budgets, priority classes, ingresses.

use super::super::client;
use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::super::print::Printer;
use super::super::quantity::Quantity;
use super::super::resource::mapper;
use super::services::target_port;
use super::{one_name, parse_labels};
use crate::cluster::api::Verb;
use serde_json::{Value, json};

pub fn namespace(cx: &Context) -> Outcome<Value> {
    let name = one_name(cx)?;
    Ok(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}, "spec": {}, "status": {}}))
}

pub fn service_account(cx: &Context) -> Outcome<Value> {
    let name = one_name(cx)?;
    Ok(json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}))
}

/// A token of a service account, which only the server can make.
pub async fn token(cx: &Context) -> Outcome {
    let name = one_name(cx)?;
    let client = cx.client()?;
    let resource = mapper::find("serviceaccounts")?;
    let mut spec = json!({"audiences": cx.flags.list("audience")});
    let duration = cx.flags.span_ms("duration");
    bound(cx, duration, &mut spec)?;
    if duration > 0 {
        spec["expirationSeconds"] = (duration / 1000).into();
    }
    let body = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "metadata": {}, "spec": spec});
    let request =
        client.request("kubectl-create", Verb::Create, resource).named(&name).in_namespace(&client.namespace);
    let failed = |failure: Failure| Failure::Message(format!("failed to create token: {}", failure.bare()));
    let reply = client.send(cx, request.on_subresource("token").with_body(body)).await.map_err(failed)?;
    let object = client::object(reply)?;
    match Printer::of(cx, false)? {
        Some(printer) => cx.out(printer.render(cx, &object)?).await,
        None => cx.outln(object.pointer("/status/token").and_then(Value::as_str).unwrap_or_default()).await,
    }
    Ok(())
}

/// The object that a token lives with, and what the flags about it may not be.
fn bound(cx: &Context, duration_ms: i64, spec: &mut Value) -> Outcome {
    const KINDS: [&str; 3] = ["Node", "Pod", "Secret"];
    let text = |flag: &str| cx.flags.text(flag);
    let (kind, name, uid) = (text("bound-object-kind"), text("bound-object-name"), text("bound-object-uid"));
    let complaint = if duration_ms < 0 {
        "--duration must be greater than or equal to 0"
    } else if duration_ms % 1000 != 0 {
        "--duration cannot be expressed in units less than seconds"
    } else if cx.flags.list("audience").iter().any(String::is_empty) {
        "--audience must not be an empty string"
    } else if kind.is_empty() && !name.is_empty() {
        "--bound-object-name can only be set if --bound-object-kind is provided"
    } else if kind.is_empty() && !uid.is_empty() {
        "--bound-object-uid can only be set if --bound-object-kind is provided"
    } else if !kind.is_empty() && !KINDS.contains(&kind) {
        return Err(Failure::Message(format!(
            "supported --bound-object-kind values are {}",
            KINDS.join(", ")
        )));
    } else if !kind.is_empty() && name.is_empty() {
        "--bound-object-name is required if --bound-object-kind is provided"
    } else {
        if !kind.is_empty() {
            spec["boundObjectRef"] = json!({"kind": kind, "apiVersion": "v1", "name": name});
            if !uid.is_empty() {
                spec["boundObjectRef"]["uid"] = uid.into();
            }
        }
        return Ok(());
    };
    Err(Failure::message(complaint))
}

pub fn quota(cx: &Context) -> Outcome<Value> {
    let name = one_name(cx)?;
    let mut hard = json!({});
    for part in cx.flags.text("hard").split(',').filter(|part| !part.is_empty()) {
        let Some((key, amount)) = part.split_once('=') else {
            return Err(Failure::Message(format!(
                "Invalid argument syntax {part}, expected <resource>=<value>"
            )));
        };
        Quantity::parse(amount).map_err(Failure::Message)?;
        hard[key] = amount.into();
    }
    let scopes: Vec<&str> = cx.flags.text("scopes").split(',').filter(|part| !part.is_empty()).collect();
    let mut spec = json!({});
    if hard.as_object().is_some_and(|map| !map.is_empty()) {
        spec["hard"] = hard;
    }
    if !scopes.is_empty() {
        spec["scopes"] = json!(scopes);
    }
    Ok(
        json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": name}, "spec": spec, "status": {}}),
    )
}

pub fn priority_class(cx: &Context) -> Outcome<Value> {
    let name = one_name(cx)?;
    let mut object = json!({
        "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name},
        "value": cx.flags.int("value"), "preemptionPolicy": cx.flags.text("preemption-policy"),
    });
    if cx.flags.on("global-default") {
        object["globalDefault"] = true.into();
    }
    if !cx.flags.text("description").is_empty() {
        object["description"] = cx.flags.text("description").into();
    }
    Ok(object)
}

pub fn disruption_budget(cx: &Context) -> Outcome<Value> {
    let name = one_name(cx)?;
    let (selector, least, most) =
        (cx.flags.text("selector"), cx.flags.text("min-available"), cx.flags.text("max-unavailable"));
    if selector.is_empty() {
        return Err(Failure::message("a selector must be specified"));
    }
    if least.is_empty() == most.is_empty() {
        let text = if least.is_empty() {
            "one of min-available or max-unavailable must be specified"
        } else {
            "min-available and max-unavailable cannot be both specified"
        };
        return Err(Failure::message(text));
    }
    for (flag, amount) in [("min-available", least), ("max-unavailable", most)] {
        let digits = amount.strip_suffix('%').unwrap_or(amount);
        if !amount.is_empty() && !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Failure::Message(format!("invalid format specified for {flag}")));
        }
    }
    let mut spec = json!({"selector": {"matchLabels": parse_labels(selector)?}});
    match least.is_empty() {
        false => spec["minAvailable"] = target_port(least),
        true => spec["maxUnavailable"] = target_port(most),
    }
    let status =
        json!({"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0});
    Ok(
        json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name}, "spec": spec, "status": status}),
    )
}

pub fn ingress(cx: &Context) -> Outcome<Value> {
    let name = one_name(cx)?;
    let (rules, default) = (cx.flags.list("rule"), cx.flags.text("default-backend"));
    if rules.is_empty() && default.is_empty() {
        return Err(Failure::message(
            "not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)",
        ));
    }
    let mut spec = json!({});
    if !cx.flags.text("class").is_empty() {
        spec["ingressClassName"] = cx.flags.text("class").into();
    }
    if !default.is_empty() {
        spec["defaultBackend"] = backend(default)?;
    }
    let mut hosts: Vec<(String, Vec<Value>)> = Vec::new();
    let mut tls: Vec<Value> = Vec::new();
    for rule in rules {
        let invalid = || {
            Failure::Message(format!(
                "rule {rule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]"
            ))
        };
        let mut parts = rule.split(',');
        let (address, target) = parts.next().and_then(|part| part.split_once('=')).ok_or_else(invalid)?;
        if target.split_once(':').is_none_or(|(service, port)| service.is_empty() || port.is_empty()) {
            return Err(invalid());
        }
        let (host, path) = address.split_once('/').ok_or_else(invalid)?;
        let (path, kind) = match path.strip_suffix('*') {
            Some(prefix) => (format!("/{prefix}"), "Prefix"),
            None => (format!("/{path}"), "Exact"),
        };
        let entry = json!({"path": path, "pathType": kind, "backend": backend(target)?});
        match hosts.iter_mut().find(|(known, _)| known == host) {
            Some((_, paths)) => paths.push(entry),
            None => hosts.push((host.to_string(), vec![entry])),
        }
        if let Some(part) = parts.next().filter(|part| part.starts_with("tls")) {
            let mut item = json!({});
            if !host.is_empty() {
                item["hosts"] = json!([host]);
            }
            if let Some((_, secret)) = part.split_once('=') {
                item["secretName"] = secret.into();
            }
            tls.push(item);
        }
    }
    if !hosts.is_empty() {
        let rules: Vec<Value> = hosts
            .into_iter()
            .map(|(host, paths)| match host.is_empty() {
                true => json!({"http": {"paths": paths}}),
                false => json!({"host": host, "http": {"paths": paths}}),
            })
            .collect();
        spec["rules"] = json!(rules);
    }
    if !tls.is_empty() {
        spec["tls"] = json!(tls);
    }
    let mut metadata = json!({"name": name});
    for annotation in cx.flags.list("annotation") {
        let (key, value) = annotation.split_once('=').ok_or_else(|| {
            Failure::Message(format!(
                "annotation {annotation} is invalid and should be in format key=[value]"
            ))
        })?;
        metadata["annotations"][key] = value.into();
    }
    Ok(
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": spec, "status": {"loadBalancer": {}}}),
    )
}

fn backend(text: &str) -> Outcome<Value> {
    let Some((service, port)) = text.split_once(':') else {
        return Err(Failure::message("default-backend should be in format servicename:serviceport"));
    };
    let port = match port.parse::<i64>() {
        Ok(number) => json!({"number": number}),
        Err(_) => json!({"name": port}),
    };
    Ok(json!({"service": {"name": service, "port": port}}))
}
