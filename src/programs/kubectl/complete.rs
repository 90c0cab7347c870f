//! Completion of kubectl's command line: subcommands, flags, resource types and the names of what exists. Reads
//! the cluster's store directly, so that looking leaves no trace; it never sends a request.

use super::command::flag::Kind;
use super::command::{Command, ROOT};
use crate::cluster::Cluster;
use crate::cluster::kinds::table::RESOURCES;
use crate::shell::complete::{Candidate, Request};
use serde_json::Value;

/// What could follow.
pub fn complete(request: &Request<'_>) -> Option<Vec<Candidate>> {
    let (command, words) = command_of(&request.words[1..]);
    let word = request.word;
    if let Some(candidates) = flag_value(request, command) {
        return candidates;
    }
    if word.starts_with('-') {
        return Some(flags(command));
    }
    if !command.children.is_empty() {
        let mut found: Vec<Candidate> = Vec::new();
        for child in command.children.iter().filter(|child| !child.hidden) {
            found.push(Candidate::word(child.name, child.short));
        }
        if words.is_empty() {
            return Some(found);
        }
    }
    arguments(request, command, &words)
}

/// The command that the words name, and the arguments after it.
fn command_of(words: &[String]) -> (&'static Command, Vec<String>) {
    let mut command: &'static Command = &ROOT;
    let mut rest = Vec::new();
    let mut skip = false;
    for word in words {
        if std::mem::take(&mut skip) {
            continue;
        }
        if word.starts_with('-') {
            skip = takes_value(command, word);
            continue;
        }
        let child = command
            .children
            .iter()
            .find(|child| child.name == word || child.aliases.contains(&word.as_str()));
        match child {
            Some(child) if rest.is_empty() => command = child,
            _ => rest.push(word.clone()),
        }
    }
    (command, rest)
}

fn takes_value(command: &Command, word: &str) -> bool {
    if word.contains('=') {
        return false;
    }
    let flags = || command.sorted_flags().into_iter().chain(super::command::groups::GLOBAL);
    let found = match word.strip_prefix("--") {
        Some(name) => flags().find(|flag| flag.name == name),
        None => flags().find(|flag| flag.short.is_some_and(|short| word == format!("-{short}"))),
    };
    found.is_some_and(|flag| flag.bare.is_none() && !matches!(flag.kind, Kind::Bool | Kind::Count))
}

fn flags(command: &Command) -> Vec<Candidate> {
    let own = command.sorted_flags().into_iter().chain(super::command::groups::GLOBAL);
    own.filter(|flag| !flag.hidden)
        .map(|flag| {
            let valued = flag.bare.is_none() && !matches!(flag.kind, Kind::Bool | Kind::Count);
            match valued {
                true => Candidate::prefix(&format!("--{}=", flag.name), flag.help),
                false => Candidate::word(&format!("--{}", flag.name), flag.help),
            }
        })
        .collect()
}

/// After `-n`, `--namespace=`, `-o`: the outer `Some` says that a value stands here.
#[allow(clippy::option_option)]
fn flag_value(request: &Request<'_>, command: &Command) -> Option<Option<Vec<Candidate>>> {
    let (flag, lead) = match request.word.split_once('=') {
        Some((flag, _)) if flag.starts_with("--") => (flag.to_string(), format!("{flag}=")),
        _ => {
            let last =
                request.words.last().filter(|last| last.starts_with('-') && takes_value(command, last))?;
            (last.clone(), String::new())
        }
    };
    let values: Vec<String> = match flag.as_str() {
        "-n" | "--namespace" => names(request, "namespaces", None),
        "-o" | "--output" => ["json", "yaml", "wide", "name", "jsonpath=", "custom-columns=", "go-template="]
            .map(str::to_string)
            .to_vec(),
        "--type" if command.name == "expose" => {
            ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"].map(str::to_string).to_vec()
        }
        "--dry-run" => ["none", "client", "server"].map(str::to_string).to_vec(),
        "-f" | "--filename" | "--kubeconfig" => return Some(None),
        _ => Vec::new(),
    };
    Some(Some(values.iter().map(|value| Candidate::word(&format!("{lead}{value}"), "")).collect()))
}

/// Resource types, then names: `get pods NAME`, `logs POD`, `rollout status deployment/NAME`.
fn arguments(request: &Request<'_>, command: &Command, words: &[String]) -> Option<Vec<Candidate>> {
    let namespace = namespace(request);
    match command.name {
        "logs" | "exec" | "attach" | "port-forward" | "debug" if words.is_empty() => {
            if let Some((kind, _)) = request.word.split_once('/') {
                return Some(slashed(request, kind, &namespace));
            }
            Some(words_of(names(request, "pods", Some(&namespace))))
        }
        "cordon" | "uncordon" | "drain" => Some(words_of(names(request, "nodes", None))),
        "use-context" | "set-context" | "delete-context" => Some(words_of(contexts(request))),
        "apply" | "create" | "replace" | "diff" | "kustomize" | "cp" => None,
        _ => {
            if let Some((kind, _)) = request.word.split_once('/') {
                return Some(slashed(request, kind, &namespace));
            }
            match words.first() {
                None => Some(types()),
                Some(kind) if !kind.contains('/') => Some(words_of(names(request, kind, Some(&namespace)))),
                Some(_) => Some(Vec::new()),
            }
        }
    }
}

fn words_of(names: Vec<String>) -> Vec<Candidate> {
    names.iter().map(|name| Candidate::word(name, "")).collect()
}

fn slashed(request: &Request<'_>, kind: &str, namespace: &str) -> Vec<Candidate> {
    let names = names(request, kind, Some(namespace));
    names.iter().map(|name| Candidate::word(&format!("{kind}/{name}"), "")).collect()
}

fn types() -> Vec<Candidate> {
    let listed = RESOURCES.iter().filter(|resource| resource.verbs.contains(&"list"));
    listed
        .map(|resource| Candidate::word(resource.plural, resource.short_names.first().unwrap_or(&"")))
        .collect()
}

/// The names of what exists of a type, by any of the type's names.
fn names(request: &Request<'_>, kind: &str, namespace: Option<&str>) -> Vec<String> {
    let kind = kind.split('.').next().unwrap_or(kind).to_lowercase();
    let found = RESOURCES.iter().find(|resource| {
        resource.plural == kind
            || resource.singular() == kind
            || resource.short_names.contains(&kind.as_str())
    });
    let (Some(resource), Some(cluster)) = (found, cluster(request)) else { return Vec::new() };
    let namespace = namespace.filter(|_| resource.namespaced);
    let Some(id) = resource.id else { return Vec::new() };
    cluster.store().list(id, namespace).map(|object| object.name().to_string()).collect()
}

fn config(request: &Request<'_>) -> Option<Value> {
    let path = match request.view.kubeconfig.is_empty() {
        true => format!("{}/.kube/config", request.view.home),
        false => request.view.kubeconfig.clone(),
    };
    let text =
        request.world.look(request.view.host, &path, |tree, path| tree.read_text(path).ok()).flatten()?;
    serde_saphyr::from_str(&text).ok()
}

fn entry<'a>(config: &'a Value, list: &str, name: &str) -> Option<&'a Value> {
    config.get(list)?.as_array()?.iter().find(|item| item.get("name").and_then(Value::as_str) == Some(name))
}

fn contexts(request: &Request<'_>) -> Vec<String> {
    let Some(config) = config(request) else { return Vec::new() };
    let list = config.get("contexts").and_then(Value::as_array).cloned().unwrap_or_default();
    list.iter().filter_map(|item| item.get("name").and_then(Value::as_str).map(str::to_string)).collect()
}

fn current(config: &Value) -> Option<&Value> {
    let name = config.get("current-context")?.as_str()?;
    entry(config, "contexts", name)?.get("context")
}

fn cluster<'a>(request: &Request<'a>) -> Option<&'a Cluster> {
    let config = config(request)?;
    let name = current(&config)?.get("cluster")?.as_str()?;
    let server = entry(&config, "clusters", name)?.pointer("/cluster/server")?.as_str()?;
    let address = server.trim_start_matches("https://").split([':', '/']).next()?;
    let key = request.world.cloud.cluster_at(address)?;
    request.world.cloud.kubernetes(key)
}

/// `-n NAME` on the line, else the context's namespace.
fn namespace(request: &Request<'_>) -> String {
    let mut words = request.words.iter();
    while let Some(word) = words.next() {
        if word == "-n" || word == "--namespace" {
            return words.next().cloned().unwrap_or_default();
        }
        if let Some(name) = word.strip_prefix("--namespace=") {
            return name.to_string();
        }
    }
    let config = config(request).unwrap_or_default();
    let name = current(&config).and_then(|context| context.get("namespace")).and_then(Value::as_str);
    name.unwrap_or("default").to_string()
}
