//! Config maps and secrets out of files, directories, env files and literals.

use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::super::kustomize::generate::hash_with_name;
use super::one_name;
use base64::Engine;
use serde_json::{Map, Value, json};

/// Keys and their bytes, in the order in which they were given.
type Entries = Vec<(String, Vec<u8>)>;

const KEY_RULE: &str = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

const NAME_RULE: &str = "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')";

/// As apimachinery's `validation.IsEnvVarName`.
fn variable_name(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && !text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(letter)
}

fn encode(bytes: &[u8]) -> Value {
    base64::engine::general_purpose::STANDARD.encode(bytes).into()
}

pub fn config_map(cx: &Context) -> Outcome<Value> {
    let name = one_name(cx)?;
    let entries = entries(cx, "ConfigMap", &name)?;
    let mut object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
    let (mut data, mut binary) = (Map::new(), Map::new());
    for (key, bytes) in entries {
        match String::from_utf8(bytes) {
            Ok(text) => data.insert(key, text.into()),
            Err(error) => binary.insert(key, encode(error.as_bytes())),
        };
    }
    if !data.is_empty() {
        object["data"] = Value::Object(data);
    }
    if !binary.is_empty() {
        object["binaryData"] = Value::Object(binary);
    }
    append_hash(cx, &mut object);
    Ok(object)
}

/// `--append-hash`: the name ends in a digest of the content.
fn append_hash(cx: &Context, object: &mut Value) {
    if cx.flags.on("append-hash") {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        object["metadata"]["name"] = format!("{name}-{}", hash_with_name(object)).into();
    }
}

pub fn secret(cx: &Context, kind: &str) -> Outcome<Value> {
    let name = one_name(cx)?;
    let (entries, type_name) = match kind {
        "generic" => (entries(cx, "Secret", &name)?, cx.flags.text("type").to_string()),
        "tls" => (tls(cx)?, "kubernetes.io/tls".to_string()),
        _ => (docker(cx)?, "kubernetes.io/dockerconfigjson".to_string()),
    };
    let data: Map<String, Value> = entries.into_iter().map(|(key, bytes)| (key, encode(&bytes))).collect();
    let mut object = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}});
    if !data.is_empty() {
        object["data"] = Value::Object(data);
    }
    if !type_name.is_empty() {
        object["type"] = type_name.into();
    }
    append_hash(cx, &mut object);
    Ok(object)
}

fn tls(cx: &Context) -> Outcome<Entries> {
    let (cert, key) = (cx.flags.text("cert"), cx.flags.text("key"));
    if cert.is_empty() || key.is_empty() {
        return Err(Failure::message("key and cert must be specified"));
    }
    let read = |path: &str| {
        cx.sys.read(&cx.path(path)).map(|bytes| bytes.to_vec()).map_err(|_| {
            Failure::Message(format!("Cannot read file {path}, open {path}: no such file or directory"))
        })
    };
    let (cert, key) = (read(cert)?, read(key)?);
    let is_pem = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("-----BEGIN ");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if text(&cert).contains("PRIVATE KEY-----") {
        return Err(Failure::message(
            "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched",
        ));
    }
    if text(&key).contains("-----BEGIN CERTIFICATE") && !text(&key).contains("PRIVATE KEY-----") {
        return Err(Failure::message(
            "tls: found a certificate rather than a key in the PEM for the private key",
        ));
    }
    if !is_pem(&cert) {
        return Err(Failure::message("tls: failed to find any PEM data in certificate input"));
    }
    if !is_pem(&key) {
        return Err(Failure::message("tls: failed to find any PEM data in key input"));
    }
    Ok(vec![("tls.crt".into(), cert), ("tls.key".into(), key)])
}

fn docker(cx: &Context) -> Outcome<Entries> {
    if !cx.flags.list("from-file").is_empty() {
        let mut found = entries(cx, "Secret", "")?;
        if let Some(entry) = found.first_mut() {
            entry.0 = ".dockerconfigjson".into();
        }
        return Ok(found);
    }
    let flag = |name: &str| cx.flags.text(name).to_string();
    let (user, password, email, server) =
        (flag("docker-username"), flag("docker-password"), flag("docker-email"), flag("docker-server"));
    if user.is_empty() || password.is_empty() || server.is_empty() {
        return Err(Failure::message(
            "either --from-file or the combination of --docker-username, --docker-password and --docker-server is required",
        ));
    }
    let auth = encode(format!("{user}:{password}").as_bytes());
    // In the order of Go's struct, which no map of ours keeps.
    let fields =
        [("username", user.into()), ("password", password.into()), ("email", email.into()), ("auth", auth)];
    let entry: Vec<String> = fields
        .into_iter()
        .filter(|(_, value): &(_, Value)| value != "")
        .map(|(key, value)| format!("\"{key}\":{value}"))
        .collect();
    let config = format!("{{\"auths\":{{{}:{{{}}}}}}}", Value::from(server), entry.join(","));
    Ok(vec![(".dockerconfigjson".into(), config.into_bytes())])
}

fn entries(cx: &Context, kind: &str, name: &str) -> Outcome<Entries> {
    let known =
        |flag: &str| if cx.flags.command.flag(flag).is_some() { cx.flags.list(flag) } else { Vec::new() };
    let (files, literals, env_files) = (known("from-file"), known("from-literal"), known("from-env-file"));
    if !env_files.is_empty() && !(files.is_empty() && literals.is_empty()) {
        return Err(Failure::message("from-env-file cannot be combined with from-file or from-literal"));
    }
    let mut found: Entries = Vec::new();
    let mut add = |key: String, bytes: Vec<u8>| -> Outcome {
        if key.is_empty() || !key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')) {
            return Err(Failure::Message(format!(
                "{key:?} is not a valid key name for a {kind}: {KEY_RULE}"
            )));
        }
        if found.iter().any(|(known, _)| *known == key) {
            let place =
                if kind == "ConfigMap" { format!(" in Data for ConfigMap {name:?}") } else { String::new() };
            return Err(Failure::Message(if place.is_empty() {
                format!("cannot add key {key}, another key by that name already exists")
            } else {
                format!("cannot add key {key:?}, another key by that name already exists{place}")
            }));
        }
        found.push((key, bytes));
        Ok(())
    };
    for source in files {
        from_file(cx, &source, &mut add)?;
    }
    for literal in literals {
        let (key, value) = literal.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or_else(|| {
            Failure::Message(format!("invalid literal source {literal}, expected key=value"))
        })?;
        let quoted = value.len() >= 2
            && (value.starts_with('"') && value.ends_with('"')
                || value.starts_with('\'') && value.ends_with('\''));
        let value = if quoted { &value[1..value.len() - 1] } else { value };
        add(key.to_string(), value.as_bytes().to_vec())?;
    }
    for path in env_files {
        from_env_file(cx, &path, &mut add)?;
    }
    Ok(found)
}

fn from_file(cx: &Context, source: &str, add: &mut impl FnMut(String, Vec<u8>) -> Outcome) -> Outcome {
    let (key, path) = match source.split_once('=') {
        None => (source.rsplit('/').next().unwrap_or(source).to_string(), source),
        Some(("", path)) => return Err(Failure::Message(format!("key name for file path {path} missing"))),
        Some((key, "")) => return Err(Failure::Message(format!("file path for key name {key} missing"))),
        Some((_, path)) if path.contains('=') => {
            return Err(Failure::message("key names or file paths cannot contain '='"));
        }
        Some((key, path)) => (key.to_string(), path),
    };
    let absolute = cx.path(path);
    if cx.sys.is_dir(&absolute) {
        if source.contains('=') {
            return Err(Failure::message("cannot give a key name for a directory path"));
        }
        for name in cx.sys.list(&absolute).unwrap_or_default() {
            let file = format!("{absolute}/{name}");
            if !cx.sys.is_dir(&file) {
                add(name, cx.sys.read(&file).map(|bytes| bytes.to_vec()).unwrap_or_default())?;
            }
        }
        return Ok(());
    }
    let bytes = cx.sys.read(&absolute).map_err(|error| {
        Failure::Message(format!("error reading {path}: {}", error.to_string().to_lowercase()))
    })?;
    add(key, bytes.to_vec())
}

fn from_env_file(cx: &Context, path: &str, add: &mut impl FnMut(String, Vec<u8>) -> Outcome) -> Outcome {
    let absolute = cx.path(path);
    if cx.sys.is_dir(&absolute) {
        return Err(Failure::message("env config file cannot be a directory"));
    }
    let text = cx.sys.read_text(&absolute).map_err(|error| {
        Failure::Message(format!("error reading {path}: {}", error.to_string().to_lowercase()))
    })?;
    for line in text.lines() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = match line.split_once('=') {
            Some((key, value)) => (key.to_string(), value.to_string()),
            None => (line.to_string(), cx.env.get(line).cloned().unwrap_or_default()),
        };
        if !variable_name(&key) {
            return Err(Failure::Message(format!("{key:?} is not a valid key name: {NAME_RULE}")));
        }
        add(key, value.into_bytes())?;
    }
    Ok(())
}
