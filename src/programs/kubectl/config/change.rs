//! The subcommands of `kubectl config` that write.

use super::super::command::help_text;
use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::unexpected;
use base64::Engine;
use serde_json::{Map, Value, json};

pub async fn use_context(cx: &Context) -> Outcome {
    let [name] = cx.args.as_slice() else { return Err(unexpected(cx).await) };
    let mut config = cx.kubeconfig()?;
    if config.entry("contexts", name).is_none() {
        return Err(Failure::Message(format!("no context exists with the name: {name:?}")));
    }
    config.value["current-context"] = name.clone().into();
    config.save(cx)?;
    cx.outln(format!("Switched to context {name:?}.")).await;
    Ok(())
}

pub async fn set_context(cx: &Context) -> Outcome {
    let mut config = cx.kubeconfig()?;
    let current = cx.flags.on("current");
    let name = match (cx.args.as_slice(), current) {
        ([name], false) => name.clone(),
        ([], true) if config.current().is_empty() => {
            return Err(Failure::message("no current context is set"));
        }
        ([], true) => config.current().to_string(),
        ([_, ..], true) => {
            return Err(Failure::message("you cannot specify both a context name and --current"));
        }
        ([], false) => {
            return Err(Failure::message("you must specify a non-empty context name or --current"));
        }
        _ => return Err(unexpected(cx).await),
    };
    let exists = config.entry("contexts", &name).is_some();
    let entry = config.entry_mut("contexts", &name);
    for (flag, key) in [("cluster", "cluster"), ("user", "user"), ("namespace", "namespace")] {
        if cx.flags.given(flag) {
            match cx.flags.text(flag) {
                "" => drop(entry.remove(key)),
                value => drop(entry.insert(key.into(), value.into())),
            }
        }
    }
    for key in ["cluster", "user"] {
        entry.entry(key).or_insert_with(|| json!(""));
    }
    config.save(cx)?;
    cx.outln(format!("Context {name:?} {}.", if exists { "modified" } else { "created" })).await;
    Ok(())
}

pub async fn rename_context(cx: &Context) -> Outcome {
    let [old, new] = cx.args.as_slice() else { return Err(unexpected(cx).await) };
    let mut config = cx.kubeconfig()?;
    let Some(entry) = config.entry("contexts", old).cloned() else {
        return Err(Failure::Message(format!(
            "cannot rename the context {old:?}, it's not in {}",
            config.path
        )));
    };
    if config.entry("contexts", new).is_some() {
        return Err(Failure::Message(format!(
            "cannot rename the context {old:?}, the context {new:?} already exists in {}",
            config.path
        )));
    }
    config.remove("contexts", old);
    if let Value::Object(map) = entry {
        *config.entry_mut("contexts", new) = map;
    }
    if config.current() == old {
        config.value["current-context"] = new.clone().into();
    }
    config.save(cx)?;
    cx.outln(format!("Context {old:?} renamed to {new:?}.")).await;
    Ok(())
}

pub async fn delete(cx: &Context, list: &str, word: &str) -> Outcome {
    if cx.args.is_empty() && list == "contexts" {
        cx.out(help_text(cx.flags.command, &cx.flags.path)).await;
        return Ok(());
    }
    let [name] = cx.args.as_slice() else { return Err(unexpected(cx).await) };
    let mut config = cx.kubeconfig()?;
    if !config.remove(list, name) {
        return Err(Failure::Message(format!("cannot delete {word} {name}, not in {}", config.path)));
    }
    if list == "contexts" && config.current() == name {
        cx.errln("warning: this removed your active context, use \"kubectl config use-context\" to select a different one").await;
    }
    config.save(cx)?;
    cx.outln(format!("deleted {word} {name} from {}", config.path)).await;
    Ok(())
}

/// A file's bytes for `--embed-certs`, else its path.
fn certificate(cx: &Context, flag: &str) -> Outcome<Option<(String, Value)>> {
    if !cx.flags.given(flag) {
        return Ok(None);
    }
    let path = cx.flags.text(flag);
    if !cx.flags.on("embed-certs") {
        return Ok(Some((flag.to_string(), cx.path(path).into())));
    }
    let bytes = cx.sys.read(&cx.path(path)).map_err(|_| {
        Failure::Message(format!("could not stat {flag} file {path}: stat {path}: no such file or directory"))
    })?;
    Ok(Some((format!("{flag}-data"), base64::engine::general_purpose::STANDARD.encode(bytes).into())))
}

pub async fn set_cluster(cx: &Context) -> Outcome {
    let [name] = cx.args.as_slice() else { return Err(unexpected(cx).await) };
    let insecure = cx.flags.on("insecure-skip-tls-verify");
    if insecure && cx.flags.given("certificate-authority") {
        return Err(Failure::message(
            "you cannot specify a certificate authority and insecure mode at the same time",
        ));
    }
    if cx.flags.on("embed-certs") && !cx.flags.given("certificate-authority") {
        return Err(Failure::message("you must specify a --certificate-authority to embed"));
    }
    let mut config = cx.kubeconfig()?;
    let entry = config.entry_mut("clusters", name);
    if cx.flags.given("server") {
        entry.remove("tls-server-name");
    }
    for flag in ["server", "tls-server-name", "proxy-url"] {
        if cx.flags.given(flag) {
            entry.insert(flag.into(), cx.flags.text(flag).trim_end_matches('/').into());
        }
    }
    // Trusting anyone and trusting an authority exclude each other; what is not asked for again ends.
    entry.remove("insecure-skip-tls-verify");
    if insecure {
        entry.insert("insecure-skip-tls-verify".into(), true.into());
    }
    let authority = certificate(cx, "certificate-authority")?;
    if insecure || authority.is_some() {
        entry.remove("certificate-authority");
        entry.remove("certificate-authority-data");
    }
    entry.extend(authority);
    entry.entry("server").or_insert_with(|| json!(""));
    config.save(cx)?;
    cx.outln(format!("Cluster {name:?} set.")).await;
    Ok(())
}

pub async fn set_credentials(cx: &Context) -> Outcome {
    let [name] = cx.args.as_slice() else { return Err(unexpected(cx).await) };
    let filled = |flag: &str| !cx.flags.text(flag).is_empty();
    let (token, basic) = (filled("token"), filled("username") || filled("password"));
    if token && basic {
        return Err(Failure::message(
            "you cannot specify more than one authentication method at the same time: --token, --username/--password",
        ));
    }
    if cx.flags.on("embed-certs") && !filled("client-certificate") && !filled("client-key") {
        return Err(Failure::message("you must specify a --client-certificate or --client-key to embed"));
    }
    if !matches!(cx.flags.text("exec-interactive-mode"), "" | "IfAvailable" | "Never" | "Always") {
        return Err(Failure::message(
            "invalid interactive mode type, can be only IfAvailable, Never, Always",
        ));
    }
    let mut config = cx.kubeconfig()?;
    let entry = config.entry_mut("users", name);
    for flag in ["client-certificate", "client-key"] {
        if let Some((key, value)) = certificate(cx, flag)? {
            entry.remove(flag);
            entry.remove(&format!("{flag}-data"));
            entry.insert(key, value);
        }
    }
    for flag in ["token", "username", "password"] {
        // One way of proving who one is replaces the other.
        if (token || basic) && basic == (flag == "token") {
            entry.remove(flag);
        }
        if cx.flags.given(flag) {
            entry.insert(flag.into(), cx.flags.text(flag).into());
        }
    }
    provider(cx, entry);
    plug_in(cx, entry);
    config.save(cx)?;
    cx.outln(format!("User {name:?} set.")).await;
    Ok(())
}

/// What `--auth-provider` and its arguments say; `key-` removes one.
fn provider(cx: &Context, entry: &mut Map<String, Value>) {
    let name = cx.flags.text("auth-provider");
    if !name.is_empty() && entry.get("auth-provider").is_none_or(|old| old["name"] != name) {
        entry.insert("auth-provider".into(), json!({"config": {}, "name": name}));
    }
    let Some(config) = entry.get_mut("auth-provider").and_then(|found| found["config"].as_object_mut())
    else {
        return;
    };
    for pair in cx.flags.list("auth-provider-arg") {
        match pair.split_once('=') {
            Some((key, value)) => drop(config.insert(key.to_owned(), value.into())),
            None => drop(config.remove(pair.trim_end_matches('-'))),
        }
    }
}

/// What the `--exec-…` flags say of the program that hands out credentials.
fn plug_in(cx: &Context, entry: &mut Map<String, Value>) {
    let command = cx.flags.text("exec-command");
    if !command.is_empty() {
        let exec = entry.entry("exec").or_insert_with(
            || json!({"args": null, "command": "", "env": null, "provideClusterInfo": false}),
        );
        exec["command"] = command.into();
        exec["args"] = Value::Null;
    }
    let Some(exec) = entry.get_mut("exec") else { return };
    for (flag, field) in [("exec-api-version", "apiVersion"), ("exec-interactive-mode", "interactiveMode")] {
        if cx.flags.given(flag) {
            exec[field] = cx.flags.text(flag).into();
        }
    }
    if cx.flags.given("exec-arg") {
        exec["args"] = json!(cx.flags.list("exec-arg"));
    }
    if cx.flags.given("exec-provide-cluster-info") {
        exec["provideClusterInfo"] = cx.flags.on("exec-provide-cluster-info").into();
    }
    let mut env = exec["env"].as_array().cloned().unwrap_or_default();
    for pair in cx.flags.list("exec-env") {
        let (name, value) = pair.split_once('=').unwrap_or((pair.trim_end_matches('-'), ""));
        env.retain(|known| known["name"] != name);
        if pair.contains('=') {
            env.push(json!({"name": name, "value": value}));
        }
    }
    exec["env"] = if env.is_empty() { Value::Null } else { env.into() };
}

/// `clusters.NAME.server`: the list, the entry's name (which may hold dots) and the field.
fn steps(path: &str) -> Option<(String, Option<(String, Option<String>)>)> {
    let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
    let Some(rest) = rest else { return Some((head.to_string(), None)) };
    let fields = [
        "server",
        "cluster",
        "user",
        "namespace",
        "token",
        "username",
        "password",
        "certificate-authority",
        "certificate-authority-data",
        "insecure-skip-tls-verify",
        "tls-server-name",
        "client-certificate",
        "client-key",
        "client-certificate-data",
        "client-key-data",
    ];
    let field = fields.iter().find(|field| rest.ends_with(&format!(".{field}")));
    Some(match field {
        Some(field) => (
            head.to_string(),
            Some((rest[..rest.len() - field.len() - 1].to_string(), Some((*field).to_string()))),
        ),
        None => (head.to_string(), Some((rest.to_string(), None))),
    })
}

fn unknown_path(path: &str) -> Failure {
    Failure::Message(format!("unable to parse {path} after [] at api.Config"))
}

/// Certificates are given in base64.
fn decodable(value: &str) -> Outcome {
    use base64::DecodeError::{InvalidByte, InvalidLastSymbol};
    match base64::engine::general_purpose::STANDARD.decode(value) {
        Ok(_) => Ok(()),
        Err(error) => {
            let at = match error {
                InvalidByte(at, _) | InvalidLastSymbol(at, _) => at,
                _ => value.len() / 4 * 4,
            };
            Err(Failure::Message(format!(
                "error decoding input value: illegal base64 data at input byte {at}"
            )))
        }
    }
}

pub async fn set(cx: &Context) -> Outcome {
    let [path, value] = cx.args.as_slice() else { return Err(unexpected(cx).await) };
    let mut config = cx.kubeconfig()?;
    match steps(path) {
        Some((head, None)) if head == "current-context" => {
            config.value["current-context"] = value.clone().into()
        }
        Some((list, Some((field, None)))) if list == "preferences" && field == "colors" => {
            config.value["preferences"]["colors"] = (value == "true").into();
        }
        Some((list, Some((name, Some(field)))))
            if matches!(list.as_str(), "clusters" | "contexts" | "users") =>
        {
            if field.ends_with("-data") && !cx.flags.on("set-raw-bytes") {
                decodable(value)?;
            }
            let value = if field == "insecure-skip-tls-verify" {
                (value == "true").into()
            } else {
                Value::from(value.clone())
            };
            config.entry_mut(&list, &name).insert(field, value);
        }
        _ => return Err(unknown_path(path)),
    }
    config.save(cx)?;
    cx.outln(format!("Property {path:?} set.")).await;
    Ok(())
}

pub async fn unset(cx: &Context) -> Outcome {
    let [path] = cx.args.as_slice() else { return Err(unexpected(cx).await) };
    let mut config = cx.kubeconfig()?;
    match steps(path) {
        Some((head, None)) if head == "current-context" => config.value["current-context"] = json!(""),
        Some((list, None)) if matches!(list.as_str(), "clusters" | "contexts" | "users") => {
            config.value[list.as_str()] = json!([])
        }
        Some((list, Some(_)))
            if !matches!(list.as_str(), "clusters" | "contexts" | "users" | "preferences") =>
        {
            return Err(unknown_path(path));
        }
        Some((list, Some((name, None)))) => {
            config.remove(&list, &name);
        }
        Some((list, Some((name, Some(field))))) => {
            if config.entry(&list, &name).is_none() {
                return Err(Failure::Message(format!("current map key `{name}` is invalid")));
            }
            config.entry_mut(&list, &name).remove(&field);
        }
        _ => return Err(unknown_path(path)),
    }
    config.save(cx)?;
    cx.outln(format!("Property {path:?} unset.")).await;
    Ok(())
}
