//! Completion of gcloud's command line: groups, commands, flags, clusters. Reads tables and the project, nothing else.

use super::args::Command;
use super::commands::COMMANDS;
use crate::shell::complete::{Candidate, Request};

/// What could follow.
pub fn complete(request: &Request<'_>) -> Option<Vec<Candidate>> {
    let words: Vec<&str> =
        request.words[1..].iter().map(String::as_str).filter(|word| !word.starts_with('-')).collect();
    let command = (1..=words.len()).rev().find_map(|count| {
        let path = words[..count].join(" ");
        COMMANDS.iter().find(|command| command.path == path).map(|command| (command, count))
    });
    if request.word.starts_with('-') {
        return Some(command.map(|(command, _)| flags(command)).unwrap_or_default());
    }
    match command {
        None => Some(next_words(&words)),
        Some((command, _)) if command.path.starts_with("container clusters") => {
            let clusters = request.world.cloud.clusters.values();
            Some(
                clusters.map(|cluster| Candidate::word(&cluster.spec.name, &cluster.spec.location)).collect(),
            )
        }
        Some(_) => None,
    }
}

fn next_words(words: &[&str]) -> Vec<Candidate> {
    let lead = if words.is_empty() { String::new() } else { format!("{} ", words.join(" ")) };
    let rests =
        COMMANDS.iter().filter_map(|command| Some((command, command.path.strip_prefix(lead.as_str())?)));
    rests
        .map(|(command, rest)| match rest.split_once(' ') {
            Some((first, _)) => Candidate::word(first, ""),
            None => Candidate::word(rest, command.about),
        })
        .collect()
}

fn flags(command: &Command) -> Vec<Candidate> {
    let shown = |flag: &super::args::Flag| match flag.takes_value {
        true => Candidate::prefix(&format!("{}=", flag.name), ""),
        false => Candidate::word(flag.name, ""),
    };
    command.flags.iter().map(shown).collect()
}
