//! Config maps and secrets that a kustomization makes, and the hash at the end of their names.

use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::{Item, list, strings, text};
use base64::Engine;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Letters of the hash that are put in place of vowels and look-alikes.
const REPLACED: [(char, char); 5] = [('0', 'g'), ('1', 'h'), ('3', 'k'), ('a', 'm'), ('e', 't')];
const HASH_LENGTH: usize = 10;

pub fn all(cx: &Context, directory: &str, file: &Map<String, Value>, items: &mut Vec<Item>) -> Outcome {
    let options = file.get("generatorOptions").cloned().unwrap_or_default();
    for (field, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
        for generator in list(file, field) {
            let made = one(cx, directory, generator, kind, &options)?;
            add(items, made, text(generator, "/behavior"))?;
        }
    }
    Ok(())
}

/// A new object, or more content for one that is there.
fn add(items: &mut Vec<Item>, made: Item, behavior: &str) -> Outcome {
    let same = |item: &Item| {
        item.kind() == made.kind() && (item.known_as == made.known_as || item.name() == made.name())
    };
    let place = items.iter().position(same);
    let id = format!("{}.v1.[noGrp]/{}.[noNs]", made.kind(), made.name());
    match (place, behavior) {
        (None, "" | "create") => items.push(made),
        (Some(_), "" | "create") => {
            return Err(Failure::Message(format!(
                "may not add resource with an already registered id: {id}"
            )));
        }
        (Some(place), "merge" | "replace") => {
            let there = &mut items[place];
            for field in ["data", "binaryData"] {
                let new = made.value.get(field).and_then(Value::as_object).cloned().unwrap_or_default();
                if behavior == "replace" {
                    there.value[field] = Value::Object(Map::new());
                }
                for (key, value) in new {
                    there.value[field][key] = value;
                }
                if let Some(map) = there.value.as_object_mut()
                    && map.get(field).and_then(Value::as_object).is_some_and(Map::is_empty)
                {
                    map.remove(field);
                }
            }
            for field in ["labels", "annotations"] {
                for (key, value) in made.value["metadata"][field].as_object().into_iter().flatten() {
                    there.value["metadata"][field][key] = value.clone();
                }
            }
        }
        (None, "merge" | "replace") => {
            return Err(Failure::Message(format!("id {id} does not exist; cannot merge or replace")));
        }
        (_, other) => return Err(Failure::Message(format!("unknown behavior {other:?} of a generator"))),
    }
    Ok(())
}

fn one(cx: &Context, directory: &str, generator: &Value, kind: &str, options: &Value) -> Outcome<Item> {
    let name = text(generator, "/name");
    if name.is_empty() {
        return Err(Failure::message("configMapGenerator and secretGenerator entries need a name"));
    }
    let mut object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}});
    let (mut data, mut binary) = (Map::new(), Map::new());
    for (key, bytes) in entries(cx, directory, generator)? {
        match (kind, String::from_utf8(bytes)) {
            ("ConfigMap", Ok(plain)) => data.insert(key, plain.into()),
            ("ConfigMap", Err(error)) => binary.insert(key, encode(error.as_bytes())),
            (_, Ok(plain)) => data.insert(key, encode(plain.as_bytes())),
            (_, Err(error)) => data.insert(key, encode(error.as_bytes())),
        };
    }
    if !data.is_empty() {
        object["data"] = Value::Object(data);
    }
    if !binary.is_empty() {
        object["binaryData"] = Value::Object(binary);
    }
    if kind == "Secret" {
        let given = text(generator, "/type");
        object["type"] = if given.is_empty() { "Opaque" } else { given }.into();
    }
    if !text(generator, "/namespace").is_empty() {
        object["metadata"]["namespace"] = generator["namespace"].clone();
    }
    let own = generator.get("options").unwrap_or(&Value::Null);
    for source in [options, own] {
        for field in ["labels", "annotations"] {
            for (key, value) in source.get(field).and_then(Value::as_object).into_iter().flatten() {
                object["metadata"][field][key] = value.clone();
            }
        }
    }
    let off = |source: &Value| source.get("disableNameSuffixHash").and_then(Value::as_bool);
    Ok(Item::new(object, !off(own).or(off(options)).unwrap_or(false)))
}

fn encode(bytes: &[u8]) -> Value {
    base64::engine::general_purpose::STANDARD.encode(bytes).into()
}

/// Keys and contents out of literals, files and env files.
fn entries(cx: &Context, directory: &str, generator: &Value) -> Outcome<Vec<(String, Vec<u8>)>> {
    let Some(map) = generator.as_object() else { return Ok(Vec::new()) };
    let read = |path: &str| {
        let absolute = cx.path(&format!("{directory}/{path}"));
        cx.sys.read(&absolute).map(|bytes| bytes.to_vec()).map_err(|_| {
            Failure::Message(format!(
                "loading KV pairs: file sources: [{path}]: open {absolute}: no such file or directory"
            ))
        })
    };
    let mut entries = Vec::new();
    let mut env_files = strings(map, "envs");
    env_files.extend(map.get("env").and_then(Value::as_str).map(str::to_string));
    for path in env_files {
        let content = String::from_utf8_lossy(&read(&path)?).into_owned();
        for line in content.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            entries.push((key.to_string(), value.as_bytes().to_vec()));
        }
    }
    for literal in strings(map, "literals") {
        let Some((key, value)) = literal.split_once('=') else {
            return Err(Failure::Message(format!(
                "literal values should be key=value pairs, found {literal:?}"
            )));
        };
        let quoted = ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
        entries.push((key.to_string(), quoted.unwrap_or(value).as_bytes().to_vec()));
    }
    for source in strings(map, "files") {
        let base = source.rsplit('/').next().unwrap_or_default().to_string();
        let (key, path) =
            source.split_once('=').map_or((base, source.as_str()), |(key, path)| (key.to_string(), path));
        entries.push((key, read(path)?));
    }
    Ok(entries)
}

/// The suffix that changes with the content.
pub fn hash(object: &Value) -> String {
    let data = object.get("data").cloned().unwrap_or_else(|| json!(""));
    hash_of(object, json!({"kind": object["kind"], "name": "", "data": data}))
}

/// As `create --append-hash` makes it, which counts the name.
pub fn hash_with_name(object: &Value) -> String {
    let name = object.pointer("/metadata/name").cloned().unwrap_or_default();
    hash_of(object, json!({"kind": object["kind"], "name": name, "data": object["data"]}))
}

fn hash_of(object: &Value, mut content: Value) -> String {
    match object["kind"].as_str() {
        Some("Secret") => content["type"] = object.get("type").cloned().unwrap_or_else(|| json!("")),
        _ => {
            if let Some(binary) = object.get("binaryData") {
                content["binaryData"] = binary.clone();
            }
        }
    }
    let sum = Sha256::digest(super::super::output::json::compact(&content).as_bytes());
    let hex: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    let replace =
        |letter: char| REPLACED.iter().find(|(from, _)| *from == letter).map_or(letter, |(_, to)| *to);
    hex.chars().take(HASH_LENGTH).map(replace).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_the_one_that_kustomize_makes() {
        let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "dev-opts"}, "data": {"a": "1"}});
        assert_eq!(hash(&object), "h29d89cmmt");
    }
}
