//! A Dockerfile's text into instructions: lines joined, comments left out, name and flags split off, with the
//! complaints of BuildKit's first reading (frontend/dockerfile/parser). Never looks at what an instruction means.

use super::dockerfile::{Complaint, Heredoc, Instruction, complaint};
use crate::programs::docker::format::quote;

/// The longest Dockerfile that is read.
const LINE_LIMIT: usize = 2_000;

/// The instructions, and the last lines of those that are continued over an empty line.
pub fn instructions(text: &str) -> Result<(Vec<Instruction>, Vec<usize>), Complaint> {
    let mut out = Vec::new();
    let mut empty = Vec::new();
    let mut pending: Option<Pending> = None;
    let mut last = 0;
    let escape = escape(text);
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let mut number = index + 1;
        last = number;
        if number > LINE_LIMIT {
            let message = format!("KubeJam reads at most {LINE_LIMIT} lines of a Dockerfile");
            return Err(complaint(message, (number, number)));
        }
        let trimmed = line.trim_start();
        if trimmed.starts_with('#') {
            continue;
        }
        if trimmed.is_empty() {
            if let Some(pending) = &mut pending {
                pending.over_empty = true;
            }
            continue;
        }
        let mut whole =
            pending.take().unwrap_or(Pending { start: number, text: String::new(), over_empty: false });
        let piece = if whole.text.is_empty() { trimmed } else { line };
        let (piece, goes_on) = match piece.trim_end_matches([' ', '\t']).strip_suffix(escape) {
            Some(more) if !more.ends_with(escape) => (more, true),
            _ => (piece, false),
        };
        whole.text.push_str(piece);
        if goes_on {
            pending = Some(whole);
            continue;
        }
        let mut heredoc = None;
        if let Some((word, tabs)) = heredoc_of(&whole.text) {
            let mut text = String::new();
            for (index, line) in lines.by_ref() {
                number = index + 1;
                let line = if tabs { line.trim_start_matches('\t') } else { line };
                if line == word {
                    break;
                }
                text.push_str(line);
                text.push('\n');
            }
            last = number;
            heredoc = Some(Heredoc { word, text });
        }
        whole.finish(number, heredoc, &mut out, &mut empty)?;
    }
    if let Some(whole) = pending {
        whole.finish(last, None, &mut out, &mut empty)?;
    }
    if out.is_empty() {
        return Err(complaint("file with no instructions".to_owned(), (last, last)));
    }
    Ok((out, empty))
}

/// The directives at the top: comments of the form `# name=value`, before anything else.
fn directives(text: &str) -> impl Iterator<Item = (String, &str)> {
    let pairs = text.lines().map_while(|line| line.trim().strip_prefix('#')?.split_once('='));
    pairs.map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim()))
}

/// The sign that lets a line go on: a backslash, or what `# escape=` says.
fn escape(text: &str) -> char {
    let said = directives(text).find(|(name, _)| name == "escape");
    if said.is_some_and(|(_, value)| value == "`") { '`' } else { '\\' }
}

/// What `# check=skip=RULE,RULE;error=true` says.
#[derive(Default)]
pub struct Checks {
    pub skipped: Vec<String>,
    pub are_errors: bool,
}

/// Reads the directives about checks.
pub fn checks(text: &str) -> Checks {
    let mut checks = Checks::default();
    let values = directives(text).filter(|(name, _)| name == "check").map(|(_, value)| value);
    for option in values.flat_map(|value| value.split(';')) {
        match option.trim().split_once('=') {
            Some(("skip", rules)) => {
                checks.skipped.extend(rules.split(',').map(|rule| rule.trim().to_owned()));
            }
            Some(("error", value)) => checks.are_errors = matches!(value.trim(), "true" | "1" | "t"),
            _ => {}
        }
    }
    checks
}

/// The word that ends a here-document, and whether its lines lose their tabs; for instructions that can have one.
fn heredoc_of(line: &str) -> Option<(String, bool)> {
    let (name, rest) = line.trim().split_once(char::is_whitespace)?;
    if !["RUN", "COPY", "ADD"].contains(&name.to_ascii_uppercase().as_str()) {
        return None;
    }
    let word =
        rest.split_whitespace().find_map(|word| word.strip_prefix("<<").filter(|w| !w.starts_with('<')))?;
    let (word, tabs) = word.strip_prefix('-').map_or((word, false), |word| (word, true));
    let word = word.trim_matches(['"', '\'']);
    let good = word.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    (good && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')).then(|| (word.to_owned(), tabs))
}

/// An instruction whose lines go on.
struct Pending {
    start: usize,
    text: String,
    over_empty: bool,
}

impl Pending {
    fn finish(
        self,
        end: usize,
        heredoc: Option<Heredoc>,
        out: &mut Vec<Instruction>,
        empty: &mut Vec<usize>,
    ) -> Result<(), Complaint> {
        let lines = (self.start, end);
        if self.over_empty {
            empty.push(end);
        }
        let instruction = Instruction { heredoc, ..split(&self.text, lines) };
        shape(&instruction).map_err(|why| complaint(why, lines))?;
        out.push(instruction);
        Ok(())
    }
}

/// Name, flags, and the rest of a whole instruction.
fn split(line: &str, lines: (usize, usize)) -> Instruction {
    let line = line.trim();
    let (typed, mut rest) =
        line.split_once(char::is_whitespace).map_or((line, ""), |(word, rest)| (word, rest.trim()));
    let mut flags = Vec::new();
    while rest.starts_with("--") {
        let (word, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        rest = after.trim_start();
        if word == "--" {
            break;
        }
        let (key, value) = match word[2..].split_once('=') {
            Some((key, value)) => (key, Some(value.trim_matches(['"', '\'']))),
            None => (&word[2..], None),
        };
        flags.push((key.to_owned(), value.map(str::to_owned)));
    }
    let name = typed.to_ascii_uppercase();
    Instruction { lines, typed: typed.to_owned(), name, flags, rest: rest.to_owned(), heredoc: None }
}

/// What cannot be read at all, whatever it means.
fn shape(instruction: &Instruction) -> Result<(), String> {
    let (name, rest) = (instruction.name.as_str(), instruction.rest.as_str());
    match name {
        "ENV" | "LABEL" => pairs(name, rest),
        "ADD" | "CMD" | "COPY" | "ENTRYPOINT" | "RUN" | "SHELL" | "VOLUME" => strings_only(rest),
        "HEALTHCHECK" => {
            strings_only(rest.split_once(char::is_whitespace).map_or("", |(_, command)| command))
        }
        _ => Ok(()),
    }
}

fn pairs(name: &str, rest: &str) -> Result<(), String> {
    let words = raw_words(rest);
    let Some(first) = words.first() else { return Ok(()) };
    if !first.contains('=') {
        let two = rest.split_once(char::is_whitespace).is_some();
        return if two { Ok(()) } else { Err(format!("{name} must have two arguments")) };
    }
    match words.iter().find(|word| !word.contains('=')) {
        Some(word) => {
            let word = quote(word);
            Err(format!("Syntax error - can't find = in {word}. Must be of the form: name=value"))
        }
        None => Ok(()),
    }
}

fn strings_only(rest: &str) -> Result<(), String> {
    let list: Option<Vec<serde_json::Value>> =
        rest.trim_start().starts_with('[').then(|| serde_json::from_str(rest).ok()).flatten();
    if list.is_some_and(|list| list.iter().any(|item| !item.is_string())) {
        return Err("when using JSON array syntax, arrays must be comprised of strings only".to_owned());
    }
    Ok(())
}

/// Words at blanks outside quotes; quotes and backslashes stay.
fn raw_words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, c) if c.is_whitespace() => {
                if !word.is_empty() {
                    out.push(std::mem::take(&mut word));
                }
                continue;
            }
            (Some('"') | None, '\\') => {
                word.push(c);
                word.extend(chars.next());
                continue;
            }
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            _ => {}
        }
        word.push(c);
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}
