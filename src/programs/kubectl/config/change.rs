//! The subcommands of `kubectl config` that write.

use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::unexpected;
use base64::Engine;
use serde_json::{Value, json};

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
    let mut config = cx.kubeconfig()?;
    let entry = config.entry_mut("clusters", name);
    for flag in ["server", "tls-server-name", "proxy-url"] {
        if cx.flags.given(flag) {
            entry.insert(flag.into(), cx.flags.text(flag).trim_end_matches('/').into());
        }
    }
    if cx.flags.given("insecure-skip-tls-verify") {
        entry.insert("insecure-skip-tls-verify".into(), cx.flags.on("insecure-skip-tls-verify").into());
    }
    if let Some((key, value)) = certificate(cx, "certificate-authority")? {
        entry.insert(key, value);
    }
    entry.entry("server").or_insert_with(|| json!(""));
    config.save(cx)?;
    cx.outln(format!("Cluster {name:?} set.")).await;
    Ok(())
}

pub async fn set_credentials(cx: &Context) -> Outcome {
    let [name] = cx.args.as_slice() else { return Err(unexpected(cx).await) };
    let mut config = cx.kubeconfig()?;
    let entry = config.entry_mut("users", name);
    for flag in ["token", "username", "password"] {
        if cx.flags.given(flag) {
            entry.insert(flag.into(), cx.flags.text(flag).into());
        }
    }
    for flag in ["client-certificate", "client-key"] {
        if let Some((key, value)) = certificate(cx, flag)? {
            entry.insert(key, value);
        }
    }
    config.save(cx)?;
    cx.outln(format!("User {name:?} set.")).await;
    Ok(())
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

pub async fn set(cx: &Context) -> Outcome {
    let [path, value] = cx.args.as_slice() else { return Err(unexpected(cx).await) };
    let mut config = cx.kubeconfig()?;
    match steps(path) {
        Some((head, None)) if head == "current-context" => {
            config.value["current-context"] = value.clone().into()
        }
        Some((list, Some((name, Some(field)))))
            if matches!(list.as_str(), "clusters" | "contexts" | "users") =>
        {
            let value = if field == "insecure-skip-tls-verify" {
                (value == "true").into()
            } else {
                Value::from(value.clone())
            };
            config.entry_mut(&list, &name).insert(field, value);
        }
        _ => return Err(Failure::Message(format!("unable to locate path {path}"))),
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
        Some((list, Some((name, None)))) => {
            config.remove(&list, &name);
        }
        Some((list, Some((name, Some(field))))) => {
            config.entry_mut(&list, &name).remove(&field);
        }
        _ => return Err(Failure::Message(format!("current map key `{path}` is invalid"))),
    }
    config.save(cx)?;
    cx.outln(format!("Property {path:?} unset.")).await;
    Ok(())
}
