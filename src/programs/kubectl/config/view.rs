//! `kubectl config view`.

use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::super::kubeconfig::Kubeconfig;
use super::super::output::yaml;
use super::super::print::Printer;
use serde_json::{Value, json};

pub async fn run(cx: &Context) -> Outcome {
    let config = Kubeconfig::load_if_there(cx)?;
    let mut value = config.value;
    for cluster in value["clusters"].as_array_mut().into_iter().flatten() {
        if cluster["cluster"]["server"].is_null() {
            cluster["cluster"]["server"] = "".into();
        }
    }
    for list in ["clusters", "contexts", "users"] {
        if !value[list].is_array() {
            value[list] = json!([]);
        }
        if let Some(items) = value[list].as_array_mut() {
            items.sort_by_key(|item| item["name"].as_str().unwrap_or_default().to_string());
        }
    }
    for context in value["contexts"].as_array_mut().into_iter().flatten() {
        // These two are always written.
        for key in ["cluster", "user"] {
            if context["context"][key].is_null() {
                context["context"][key] = "".into();
            }
        }
    }
    if cx.flags.on("minify") {
        minify(&mut value, cx.flags.text("context"))?;
    }
    if !cx.flags.on("raw") && !cx.flags.on("flatten") {
        hide(&mut value);
    }
    if let Some(map) = value.as_object_mut() {
        map.retain(|key, value| key != "preferences" || value.as_object().is_some_and(|map| !map.is_empty()));
        for list in ["clusters", "contexts", "users"] {
            if map.get(list).and_then(Value::as_array).is_some_and(Vec::is_empty) {
                map.insert(list.into(), Value::Null);
            }
        }
    }
    match Printer::of(cx, false)? {
        Some(Printer::Yaml) | None => cx.out(yaml::emit(&value)).await,
        Some(printer) => cx.out(printer.render(cx, &value)?).await,
    }
    Ok(())
}

/// Only the current context with its cluster and user.
fn minify(value: &mut Value, wanted: &str) -> Outcome {
    let current = match wanted {
        "" => value["current-context"].as_str().unwrap_or_default().to_string(),
        given => given.to_string(),
    };
    if current.is_empty() {
        return Err(Failure::message("current-context must exist in order to minify"));
    }
    value["current-context"] = current.clone().into();
    let context =
        value["contexts"].as_array().into_iter().flatten().find(|item| item["name"] == current).cloned();
    let Some(context) = context else {
        return Err(Failure::Message(format!("cannot locate context {current}")));
    };
    let keep =
        [("contexts", current), ("clusters", text(&context, "cluster")), ("users", text(&context, "user"))];
    for (list, name) in keep {
        if let Some(items) = value[list].as_array_mut() {
            items.retain(|item| item["name"] == name);
        }
    }
    Ok(())
}

fn text(context: &Value, key: &str) -> String {
    context.pointer(&format!("/context/{key}")).and_then(Value::as_str).unwrap_or_default().to_string()
}

/// Certificates and secrets are replaced by a word.
fn hide(value: &mut Value) {
    for list in ["clusters", "users"] {
        for item in value[list].as_array_mut().into_iter().flatten() {
            let inner = if list == "clusters" { "cluster" } else { "user" };
            let Some(map) = item.get_mut(inner).and_then(Value::as_object_mut) else { continue };
            for (key, value) in map.iter_mut() {
                match key.as_str() {
                    "certificate-authority-data" | "client-certificate-data" | "client-key-data" => {
                        *value = "DATA+OMITTED".into()
                    }
                    "token" | "password" => *value = "REDACTED".into(),
                    "exec" => {
                        for (field, empty) in [("args", Value::Null), ("env", Value::Null)] {
                            if value.get(field).is_none() {
                                value[field] = empty;
                            }
                        }
                        let must_say =
                            value["apiVersion"].as_str().is_some_and(|version| version.ends_with("/v1"));
                        if value.get("interactiveMode").is_none() && !must_say {
                            value["interactiveMode"] = "IfAvailable".into();
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}
