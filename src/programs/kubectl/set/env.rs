//! `kubectl set env`.

use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::super::resource::{Info, Selection, mapper};
use super::super::template::{containers_mut, pod_spec_mut};
use super::{Manner, NO_RESOURCE, agree, change, matches, no_template, selected};
use serde_json::{Value, json};

const MANNER: Manner =
    Manner { done: "env updated", failed: "failed to patch env update to pod template: ", always: false };
const BAD_NAME: &str = "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')";

/// What is to be set, as entries of `env`, and what is to be removed.
#[derive(Default)]
struct Changes {
    sets: Vec<Value>,
    removes: Vec<String>,
}

pub async fn run(cx: &Context) -> Outcome {
    let (resources, words) = split(&cx.args)?;
    let dry_run = cx.dry_run().await?;
    agree(cx, dry_run)?;
    let from = cx.flags.text("from");
    if cx.flags.list("filename").is_empty() && resources.is_empty() {
        return Err(Failure::message(NO_RESOURCE));
    }
    let list = cx.flags.on("list");
    if list && !cx.flags.text("output").is_empty() {
        return Err(Failure::message("--list and --output may not be specified together"));
    }
    if !cx.flags.list("keys").is_empty() && from.is_empty() {
        return Err(Failure::message(
            "when specifying --keys, a configmap or secret must be provided with --from",
        ));
    }
    let mut changes = parse(cx, cx.flags.list("env").into_iter().chain(words).collect()).await?;
    changes.sets.extend(imported(cx, from).await?);
    for entry in &mut changes.sets {
        let name = entry["name"].as_str().unwrap_or_default();
        entry["name"] = format!("{}{name}", cx.flags.text("prefix")).into();
    }
    let infos = selected(cx, &resources).await?;
    if list {
        return self::list(cx, infos, &changes).await;
    }
    let pattern = cx.flags.text("containers");
    for info in &infos {
        let mut object = info.object().clone();
        let named = pod_spec_mut(&mut object).map(|spec| {
            containers_mut(spec).iter().any(|c| matches(pattern, c["name"].as_str().unwrap_or_default()))
        });
        if named == Some(false) {
            let (kind, name) = (info.resource.kind, &info.name);
            cx.errln(format!("Warning: {kind}/{name} does not have any containers matching {pattern:?}"))
                .await;
        }
    }
    let overwrite = cx.flags.on("overwrite");
    change(cx, infos, &MANNER, dry_run, |object| {
        let Some(spec) = pod_spec_mut(object) else { return Err(no_template(object)) };
        for container in containers_mut(spec) {
            if matches(pattern, container["name"].as_str().unwrap_or_default()) {
                update(container, &changes, overwrite)?;
            }
        }
        Ok(Vec::new())
    })
    .await
}

/// Objects come first, then `NAME=value` and `NAME-`.
fn split(args: &[String]) -> Outcome<(Vec<String>, Vec<String>)> {
    let is_change = |word: &String| word.contains('=') || word.ends_with('-');
    let first = args.iter().position(is_change).unwrap_or(args.len());
    let (resources, words) = args.split_at(first);
    if words.iter().any(|word| !is_change(word)) {
        return Err(Failure::Message(format!(
            "all resources must be specified before environment changes: {}",
            args.join(" ")
        )));
    }
    Ok((resources.to_vec(), words.to_vec()))
}

async fn parse(cx: &Context, words: Vec<String>) -> Outcome<Changes> {
    let mut changes = Changes::default();
    for word in words {
        match word.split_once('=') {
            _ if word == "-" => {
                let (bytes, _) = cx.io.stdin.read_to_end().await;
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let lines = text.lines().filter_map(|line| line.split('#').next()?.split_once('='));
                changes.sets.extend(lines.map(|(name, value)| json!({"name": name, "value": value})));
            }
            Some((name, value)) => {
                if !is_name(name) {
                    return Err(Failure::Message(format!("{name:?} is not a valid key name: {BAD_NAME}")));
                }
                changes.sets.push(json!({"name": name, "value": value}));
            }
            None if word.ends_with('-') => changes.removes.push(word[..word.len() - 1].to_string()),
            None => return Err(Failure::Message(format!("unknown environment variable: {word}"))),
        }
    }
    if changes.removes.iter().any(|name| changes.sets.iter().any(|entry| entry["name"] == **name)) {
        return Err(Failure::message(
            "can not both modify and remove the same environment variable in the same command",
        ));
    }
    Ok(changes)
}

fn is_name(name: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    !name.is_empty() && name.chars().all(good) && !name.starts_with(|c: char| c.is_ascii_digit())
}

fn update(container: &mut Value, changes: &Changes, overwrite: bool) -> Result<(), String> {
    let mut env = container["env"].as_array().cloned().unwrap_or_default();
    let known = |name: &Value| env.iter().find(|known| known["name"] == *name);
    if let Some(taken) = changes.sets.iter().find_map(|entry| known(&entry["name"])).filter(|_| !overwrite) {
        return Err(format!(
            "'{}' already has a value ({}), and --overwrite is false",
            taken["name"].as_str().unwrap_or_default(),
            taken["value"].as_str().unwrap_or_default()
        ));
    }
    for entry in &changes.sets {
        match env.iter_mut().find(|known| known["name"] == entry["name"]) {
            Some(known) => *known = entry.clone(),
            None => env.push(entry.clone()),
        }
    }
    env.retain(|entry| !changes.removes.iter().any(|name| entry["name"] == **name));
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
    let keys = cx.flags.list("keys");
    let mut out = Vec::new();
    for info in infos {
        let field = match info.resource.kind {
            "ConfigMap" => "configMapKeyRef",
            "Secret" => "secretKeyRef",
            _ => return Err(Failure::message("unsupported resource specified in --from")),
        };
        let data = info.object().get("data").and_then(Value::as_object);
        for key in data.into_iter().flat_map(|map| map.keys()) {
            if !keys.is_empty() && !keys.contains(key) {
                continue;
            }
            let letter =
                |c: char| if c.is_ascii_alphanumeric() || c == '_' { c.to_ascii_uppercase() } else { '_' };
            let name: String = key.chars().map(letter).collect();
            if name != *key {
                cx.errln(format!("Warning: key {key} transferred to {name}")).await;
            }
            out.push(json!({"name": name, "valueFrom": {field: {"key": key, "name": info.name}}}));
        }
    }
    Ok(out)
}

/// `--list`: every container's variables as they would be, with the changes of the command line.
async fn list(cx: &Context, infos: Vec<Info>, changes: &Changes) -> Outcome {
    let pattern = cx.flags.text("containers");
    for info in infos {
        let mut object = info.object().clone();
        let Some(spec) = pod_spec_mut(&mut object) else { continue };
        for container in containers_mut(spec) {
            let name = container["name"].as_str().unwrap_or_default().to_string();
            if !matches(pattern, &name) || update(container, changes, true).is_err() {
                continue;
            }
            cx.outln(format!("# {} {}, container {name}", info.resource.kind, info.name)).await;
            let mut unresolved = Vec::new();
            for entry in container["env"].as_array().into_iter().flatten() {
                match listed(cx, entry, &info).await {
                    Ok(line) => cx.outln(line).await,
                    Err((line, why)) => {
                        cx.outln(line).await;
                        unresolved.push((why, entry["name"].as_str().unwrap_or_default()));
                    }
                }
            }
            complain(cx, unresolved).await;
        }
    }
    Ok(())
}

/// References that lead nowhere, by reason.
async fn complain(cx: &Context, mut unresolved: Vec<(String, &str)>) {
    unresolved.sort();
    let mut reasons: Vec<String> = unresolved.iter().map(|(why, _)| why.clone()).collect();
    reasons.dedup();
    let of = |reason: &String| -> Vec<&str> {
        unresolved.iter().filter(|(why, _)| why == reason).map(|(_, name)| *name).collect()
    };
    let mut lines: Vec<String> = reasons
        .iter()
        .map(|why| format!("error retrieving reference for {}: {why}", of(why).join(", ")))
        .collect();
    lines.sort();
    for line in lines {
        cx.errln(line).await;
    }
}

/// A variable's line; with an error also what is printed in its place.
async fn listed(cx: &Context, entry: &Value, info: &Info) -> Result<String, (String, String)> {
    let name = entry["name"].as_str().unwrap_or_default();
    let Some(from) = entry.get("valueFrom") else {
        return Ok(format!("{name}={}", entry["value"].as_str().unwrap_or_default()));
    };
    let text = |pointer: &str| from.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let described = if from.get("configMapKeyRef").is_some() {
        format!("configmap {}, key {}", text("/configMapKeyRef/name"), text("/configMapKeyRef/key"))
    } else if from.get("secretKeyRef").is_some() {
        format!("secret {}, key {}", text("/secretKeyRef/name"), text("/secretKeyRef/key"))
    } else if from.get("fieldRef").is_some() {
        format!("field path {}", text("/fieldRef/fieldPath"))
    } else {
        let container = text("/resourceFieldRef/containerName");
        let slash = if container.is_empty() { "" } else { "/" };
        format!("resource field {container}{slash}{}", text("/resourceFieldRef/resource"))
    };
    let line = format!("# {name} from {described}");
    if !cx.flags.on("resolve") {
        return Ok(line);
    }
    match resolved(cx, from, info).await {
        Ok(value) => Ok(format!("{name}={value}")),
        Err(why) => Err((line, why)),
    }
}

async fn resolved(cx: &Context, from: &Value, info: &Info) -> Result<String, String> {
    use base64::Engine;
    let text = |pointer: &str| from.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    for (field, kind) in [("configMapKeyRef", "configmap"), ("secretKeyRef", "secret")] {
        let Some(reference) = from.get(field) else { continue };
        let word = |key: &str| reference[key].as_str().unwrap_or_default();
        let resource = mapper::find(kind).map_err(|failure| failure.bare())?;
        let client = cx.client().map_err(|failure| failure.bare())?;
        let object = client.get(cx, resource, info.namespace.as_deref(), word("name")).await;
        let object = object.map_err(|failure| failure.bare())?;
        let value = object["data"].get(word("key")).and_then(Value::as_str);
        let noun = if kind == "secret" { "secret" } else { "config map" };
        let value =
            value.ok_or_else(|| format!("key {} not found in {noun} {}", word("key"), word("name")))?;
        if kind == "secret" {
            let bytes = base64::engine::general_purpose::STANDARD.decode(value).unwrap_or_default();
            return Ok(String::from_utf8_lossy(&bytes).into_owned());
        }
        return Ok(value.to_owned());
    }
    match text("/fieldRef/fieldPath") {
        path @ ("metadata.name" | "metadata.namespace" | "metadata.uid") => {
            let pointer = format!("/{}", path.replace('.', "/"));
            Ok(info.object().pointer(&pointer).and_then(Value::as_str).unwrap_or_default().to_owned())
        }
        path => Err(format!("unsupported fieldPath: {path}")),
    }
}
