//! Completion of gcloud's command line: groups, commands, flags, clusters. Reads tables and the project, nothing else.

use super::commands::{COMMANDS, about};
use super::tree::{self, Flag, Kind};
use crate::shell::complete::{Candidate, Request};

/// What could follow.
pub fn complete(request: &Request<'_>) -> Option<Vec<Candidate>> {
    let words: Vec<&str> =
        request.words[1..].iter().map(String::as_str).filter(|word| !word.starts_with('-')).collect();
    let command = (1..=words.len()).rev().map(|count| words[..count].join(" ")).find(|path| is_command(path));
    if request.word.starts_with('-') {
        let spec = command.and_then(|path| tree::spec(&path));
        let global = tree::spec("");
        let flags = spec.iter().chain(&global).flat_map(tree::Spec::flags);
        return Some(flags.filter(|flag| !flag.hidden).map(candidate).collect());
    }
    match command {
        None => Some(next_words(&words)),
        Some(path) if path.starts_with("container clusters") => {
            let clusters = request.world.cloud.clusters.values();
            Some(
                clusters.map(|cluster| Candidate::word(&cluster.spec.name, &cluster.spec.location)).collect(),
            )
        }
        Some(_) => None,
    }
}

fn is_command(path: &str) -> bool {
    COMMANDS.iter().any(|command| command.path == path)
}

/// Only what is imitated is offered.
fn next_words(words: &[&str]) -> Vec<Candidate> {
    let lead = if words.is_empty() { String::new() } else { format!("{} ", words.join(" ")) };
    let mut names: Vec<&str> = Vec::new();
    for command in COMMANDS.iter().filter(|command| !tree::is_unlisted(command.path)) {
        let Some(rest) = command.path.strip_prefix(lead.as_str()) else { continue };
        let name = rest.split(' ').next().unwrap_or_default();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.into_iter().map(|name| Candidate::word(name, about(&format!("{lead}{name}")))).collect()
}

fn candidate(flag: &Flag) -> Candidate {
    match flag.kind {
        Kind::Switch => Candidate::word(flag.name(), ""),
        _ => Candidate::prefix(&format!("{}=", flag.name()), ""),
    }
}
