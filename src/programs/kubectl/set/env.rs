//! `kubectl set env`.

use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::super::resource::{Selection, mapper};
use super::super::template::{containers_mut, pod_spec_mut};
use super::{change, listing_title, matches};
use serde_json::{Value, json};

pub async fn run(cx: &Context) -> Outcome {
    let is_change =
        |word: &String| word.contains('=') || word.ends_with('-') && word.len() > 1 && !word.contains('/');
    let (mut words, resources): (Vec<String>, Vec<String>) = cx.args.iter().cloned().partition(is_change);
    words.extend(cx.flags.list("env"));
    let from = cx.flags.text("from");
    if cx.flags.on("list") {
        return list(cx, &resources).await;
    }
    if words.is_empty() && from.is_empty() {
        return Err(cx.usage("at least one environment variable must be provided"));
    }
    if resources.is_empty() && cx.flags.list("filename").is_empty() {
        return Err(Failure::message(
            "one or more resources must be specified as <resource> <name> or <resource>/<name>",
        ));
    }
    let mut sets: Vec<Value> = imported(cx, from).await?;
    let mut removes = Vec::new();
    for word in words {
        match word.split_once('=') {
            Some((name, value)) => sets.push(json!({"name": name, "value": value})),
            None => removes.push(word.trim_end_matches('-').to_string()),
        }
    }
    let pattern = cx.flags.text("containers").to_string();
    let overwrite = cx.flags.on("overwrite");
    change(cx, &resources, "env updated", |info, object| {
        let Some(spec) = pod_spec_mut(object) else {
            return Err(Failure::Message(format!(
                "{} is not a pod or does not have a pod template",
                info.title()
            )));
        };
        let mut found = false;
        for container in containers_mut(spec) {
            if !matches(&pattern, container["name"].as_str().unwrap_or_default()) {
                continue;
            }
            found = true;
            update(container, &sets, &removes, overwrite)?;
        }
        if found {
            Ok(())
        } else {
            Err(Failure::Message(format!(
                "{} does not have any containers matching {pattern:?}",
                info.title()
            )))
        }
    })
    .await
}

fn update(container: &mut Value, sets: &[Value], removes: &[String], overwrite: bool) -> Outcome {
    let mut env = container["env"].as_array().cloned().unwrap_or_default();
    for entry in sets {
        match env.iter_mut().find(|known| known["name"] == entry["name"]) {
            Some(_) if !overwrite => {
                let (name, value) =
                    (entry["name"].as_str().unwrap_or_default(), entry["value"].as_str().unwrap_or_default());
                return Err(Failure::Message(format!(
                    "'{name}' already has a value ({value}), and --overwrite is false"
                )));
            }
            Some(known) => *known = entry.clone(),
            None => env.push(entry.clone()),
        }
    }
    env.retain(|entry| !removes.iter().any(|name| entry["name"] == **name));
    let Some(map) = container.as_object_mut() else { return Ok(()) };
    if env.is_empty() {
        map.remove("env");
    } else {
        map.insert("env".into(), env.into());
    }
    Ok(())
}

/// `--from=configmap/x` or `secret/x`: references to every key.
async fn imported(cx: &Context, from: &str) -> Outcome<Vec<Value>> {
    if from.is_empty() {
        return Ok(Vec::new());
    }
    let infos = Selection { args: vec![from.to_string()], ..Selection::default() }.all_or_fail(cx).await?;
    let (prefix, keys) = (cx.flags.text("prefix"), cx.flags.list("keys"));
    let mut out = Vec::new();
    for info in infos {
        let field = match info.resource.kind {
            "ConfigMap" => "configMapKeyRef",
            "Secret" => "secretKeyRef",
            other => {
                return Err(Failure::Message(format!("unsupported resource specified in --from: {other}")));
            }
        };
        for key in info.object().get("data").and_then(Value::as_object).into_iter().flat_map(|map| map.keys())
        {
            if !keys.is_empty() && !keys.contains(key) {
                continue;
            }
            let name: String = key
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
                .collect();
            out.push(json!({"name": format!("{prefix}{name}"), "valueFrom": {field: {"key": key, "name": info.name}}}));
        }
    }
    Ok(out)
}

async fn list(cx: &Context, resources: &[String]) -> Outcome {
    let infos = Selection { latest: true, ..Selection::of(cx, resources) }.all_or_fail(cx).await?;
    let pattern = cx.flags.text("containers");
    for info in infos {
        let mut object = info.object().clone();
        let copy = object.clone();
        let Some(spec) = pod_spec_mut(&mut object) else { continue };
        for container in containers_mut(spec) {
            let name = container["name"].as_str().unwrap_or_default().to_string();
            if !matches(pattern, &name) {
                continue;
            }
            cx.outln(listing_title(&copy, &name)).await;
            for entry in container["env"].as_array().into_iter().flatten() {
                cx.outln(listed(cx, entry, info.namespace.as_deref()).await?).await;
            }
        }
    }
    Ok(())
}

async fn listed(cx: &Context, entry: &Value, namespace: Option<&str>) -> Outcome<String> {
    let name = entry["name"].as_str().unwrap_or_default();
    let Some(from) = entry.get("valueFrom") else {
        return Ok(format!("{name}={}", entry["value"].as_str().unwrap_or_default()));
    };
    let text = |pointer: &str| from.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (kind, key, owner) = if from.get("configMapKeyRef").is_some() {
        ("configmap", text("/configMapKeyRef/key"), text("/configMapKeyRef/name"))
    } else if from.get("secretKeyRef").is_some() {
        ("secret", text("/secretKeyRef/key"), text("/secretKeyRef/name"))
    } else if from.get("fieldRef").is_some() {
        return Ok(format!("# {name} from field path {}", text("/fieldRef/fieldPath")));
    } else {
        return Ok(format!("# {name} from resource {}", text("/resourceFieldRef/resource")));
    };
    if !cx.flags.on("resolve") {
        return Ok(format!("# {name} from {kind} {owner}, key {key}"));
    }
    let object = cx.client()?.get(cx, mapper::find(kind)?, namespace, owner).await?;
    let value = object
        .pointer("/data")
        .and_then(|data| data.get(key))
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_string();
    if kind == "secret" {
        use base64::Engine;
        let bytes = base64::engine::general_purpose::STANDARD.decode(&value).unwrap_or_default();
        return Ok(format!("{name}={}", String::from_utf8_lossy(&bytes)));
    }
    Ok(format!("{name}={value}"))
}
