//! Completion of docker's command line: commands, flags, containers, images. Looks at the engine, never asks it.

use super::command::{Command, Kind};
use super::table::commands;
use crate::shell::complete::{Candidate, Request};

/// What could follow.
pub fn complete(request: &Request<'_>) -> Option<Vec<Candidate>> {
    let words: Vec<&str> = request.words[1..].iter().map(String::as_str).collect();
    let found = longest(&words);
    if request.word.starts_with('-') {
        return Some(found.map(|(command, _)| flags(command)).unwrap_or_default());
    }
    let Some((command, used)) = found else { return Some(next_words(&words)) };
    if used == words.len() {
        let more = next_words(&words);
        if !more.is_empty() && !takes_arguments(command) {
            return Some(more);
        }
    }
    let last = words.last().copied().unwrap_or_default();
    if last.starts_with('-') && takes_value(command, last) {
        return None;
    }
    arguments(request, command)
}

/// The command with the longest path that begins the line, and how many words that took.
fn longest(words: &[&str]) -> Option<(&'static Command, usize)> {
    (1..=words.len().min(3)).rev().find_map(|count| {
        let path = words[..count].join(" ");
        let command =
            commands().find(|command| command.path == path || command.aliases.contains(&path.as_str()))?;
        Some((command, count))
    })
}

fn next_words(words: &[&str]) -> Vec<Candidate> {
    let lead = if words.is_empty() { String::new() } else { format!("{} ", words.join(" ")) };
    let mut found = Vec::new();
    for command in commands() {
        for path in std::iter::once(&command.path).chain(command.aliases) {
            if let Some(rest) = path.strip_prefix(lead.as_str()) {
                let mut rest = rest.split(' ');
                let first = rest.next().unwrap_or_default();
                let note = if rest.next().is_none() { command.about } else { "" };
                found.push(Candidate::word(first, note));
            }
        }
    }
    found
}

fn takes_arguments(command: &Command) -> bool {
    command.args != super::command::Args::None
}

fn takes_value(command: &Command, word: &str) -> bool {
    let flags = command.flag_list();
    let found = match word.strip_prefix("--") {
        Some(name) => flags.iter().find(|flag| flag.long.trim_start_matches('-') == name),
        None => flags.iter().find(|flag| flag.short.is_some_and(|short| word == format!("-{short}"))),
    };
    found.is_some_and(|flag| flag.kind != Kind::Bool)
}

fn flags(command: &Command) -> Vec<Candidate> {
    let all = command.flag_list();
    all.iter()
        .map(|flag| Candidate::word(&format!("--{}", flag.long.trim_start_matches('-')), flag.about))
        .collect()
}

fn arguments(request: &Request<'_>, command: &Command) -> Option<Vec<Candidate>> {
    let engine = &request.world.machine.docker;
    let containers = || {
        engine
            .containers()
            .into_iter()
            .map(|container| Candidate::word(&container.name, &container.image_name))
    };
    match command.path.rsplit(' ').next().unwrap_or_default() {
        "stop" | "start" | "restart" | "rm" | "logs" | "exec" | "inspect" | "kill" | "attach" | "top"
        | "stats" | "port" | "wait" | "pause" | "unpause" | "rename" | "diff" | "commit"
            if !command.path.starts_with("image") && !command.path.starts_with("volume") =>
        {
            let mut found: Vec<Candidate> = containers().collect();
            if command.path == "inspect" {
                found.extend(images(request));
            }
            Some(found)
        }
        "run" | "rmi" | "tag" | "push" | "pull" | "history" | "create" | "save" => Some(images(request)),
        "rm" | "inspect" if command.path.starts_with("image") => Some(images(request)),
        _ => None,
    }
}

fn images(request: &Request<'_>) -> Vec<Candidate> {
    let images = &request.world.machine.docker.images;
    let mut found = Vec::new();
    for stored in images.list() {
        for tag in images.tags_of(&stored.image.id) {
            found.push(Candidate::word(&tag, ""));
        }
    }
    found
}
