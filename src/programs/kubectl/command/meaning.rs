//! What a command line means, so that two spellings of one command compare equal: order of words, aliases, short
//! names, `=` or blank, `TYPE NAME` or `TYPE/NAME` make no difference. Never asks a cluster.

use super::{Mistake, Parsed, parse};
use crate::cluster::kinds::table::RESOURCES;
use std::collections::{BTreeMap, BTreeSet};

/// A command line without its spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// `create deployment`, `get`.
    pub verb: String,
    /// `deployments/web`, `pods`, or words that are no objects (`nginx=nginx:1.26`).
    pub targets: BTreeSet<String>,
    pub namespace: Option<String>,
    /// Flags that change the effect, by name, with their values; defaults spelled out are left out.
    pub flags: BTreeMap<String, Vec<String>>,
    /// The words after `--`.
    pub command: Vec<String>,
}

/// Reads the words after `kubectl`.
///
/// # Errors
/// What kubectl would say.
pub fn meaning(words: &[String]) -> Result<Meaning, Mistake> {
    parse(words).map(|parsed| of(&parsed))
}

/// The meaning of a command line that was read.
pub fn of(parsed: &Parsed) -> Meaning {
    let (before, after) = match parsed.dash_at {
        Some(at) => parsed.args.split_at(at),
        None => (parsed.args.as_slice(), [].as_slice()),
    };
    let mut flags = BTreeMap::new();
    let mut namespace = None;
    for (name, values) in parsed.values() {
        let default = parsed.command.flag(name).map_or("", |flag| flag.default);
        match *name {
            "namespace" => namespace = values.last().cloned(),
            "v" | "field-manager" | "request-timeout" => {}
            _ if values.len() == 1 && values[0] == default => {}
            "selector" | "labels" => {
                let mut parts: Vec<String> =
                    values.iter().flat_map(|v| v.split(',')).map(str::to_string).collect();
                parts.sort();
                flags.insert((*name).to_string(), parts);
            }
            _ => {
                flags.insert((*name).to_string(), values.clone());
            }
        }
    }
    let targets =
        if names_objects(&parsed.path) { targets(before) } else { before.iter().cloned().collect() };
    Meaning { verb: parsed.path.join(" "), targets, namespace, flags, command: after.to_vec() }
}

/// Whether the words of a command are kinds and names.
fn names_objects(path: &[&str]) -> bool {
    match path {
        ["create", ..] | ["config", ..] | ["cp"] | ["run"] | ["explain"] | ["auth", ..] => false,
        ["drain" | "cordon" | "uncordon"] => false,
        _ => !path.is_empty(),
    }
}

fn targets(words: &[String]) -> BTreeSet<String> {
    let Some(first) = words.first() else { return BTreeSet::new() };
    if let Some((kind, name)) = first.split_once('/') {
        let mut found = BTreeSet::from([format!("{}/{name}", plural(kind))]);
        found.extend(words[1..].iter().map(|word| match word.split_once('/') {
            Some((kind, name)) if is_kind(kind) => format!("{}/{name}", plural(kind)),
            _ => word.clone(),
        }));
        return found;
    }
    let kinds: Vec<String> = first.split(',').map(plural).collect();
    let (names, rest): (Vec<&String>, Vec<&String>) =
        words[1..].iter().partition(|word| !word.contains(['=', ':']) && !word.ends_with('-'));
    let mut found: BTreeSet<String> = rest.into_iter().cloned().collect();
    for kind in kinds {
        if names.is_empty() {
            found.insert(kind.clone());
        }
        found.extend(names.iter().map(|name| format!("{kind}/{name}")));
    }
    found
}

fn is_kind(word: &str) -> bool {
    let lower = word.to_lowercase();
    let bare = lower.split('.').next().unwrap_or(&lower);
    RESOURCES.iter().any(|r| r.plural == bare || r.singular() == bare || r.short_names.contains(&bare))
}

/// `deploy`, `Deployment` and `deployments.apps` are `deployments`; unknown words stay.
pub fn plural(word: &str) -> String {
    let lower = word.to_lowercase();
    let bare = lower.split('.').next().unwrap_or(&lower);
    RESOURCES
        .iter()
        .find(|r| r.plural == bare || r.singular() == bare || r.short_names.contains(&bare))
        .map_or_else(|| word.to_string(), |resource| resource.plural.to_string())
}
