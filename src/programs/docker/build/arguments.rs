//! What BuildKit refuses about one instruction's flags and arguments, in its words and order
//! (frontend/dockerfile/instructions). Never looks at other instructions.

use super::dockerfile::{INSTRUCTIONS, Instruction, json_form};
use crate::programs::docker::format::quote;
use crate::programs::docker::{logs, values};

/// How many letters may differ between a word and the one that was meant.
const NEAR: usize = 3;

/// What a flag of an instruction takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// Nothing, or true or false.
    Bool,
    Text,
    /// May be given several times.
    Many,
}

/// Why an instruction cannot be; the sentence behind `dockerfile parse error on line N: `.
pub fn check(instruction: &Instruction) -> Result<(), String> {
    let name = instruction.name.as_str();
    if !INSTRUCTIONS.contains(&name) {
        let hint = near(&instruction.typed.to_lowercase(), INSTRUCTIONS.iter().map(|i| i.to_lowercase()));
        let hint = hint.map(|hint| in_case_of(&instruction.typed, &hint));
        return Err(with_hint(&format!("unknown instruction: {}", instruction.typed), hint.as_deref()));
    }
    let counted = count(instruction);
    // These three look at their arguments before their flags, the others after them; two have no flags to look at.
    match name {
        "ADD" | "COPY" | "MAINTAINER" | "USER" | "EXPOSE" | "VOLUME" | "WORKDIR" | "ONBUILD" => {
            counted?;
            flags(instruction)
        }
        "FROM" => {
            counted?;
            stage_name(&instruction.rest)?;
            flags(instruction)
        }
        "ARG" | "STOPSIGNAL" => counted,
        "HEALTHCHECK" => {
            counted?;
            healthcheck(instruction)
        }
        _ => {
            flags(instruction)?;
            counted
        }
    }?;
    further(instruction)
}

/// The known word that is nearest to `typed`, if one is near.
pub fn near(typed: &str, known: impl Iterator<Item = String>) -> Option<String> {
    let mut best: Option<(usize, String)> = None;
    for word in known {
        let distance = strsim::levenshtein(typed, &word);
        if distance == 0 {
            return None;
        }
        if distance < best.as_ref().map_or(NEAR, |(least, _)| *least) {
            best = Some((distance, word));
        }
    }
    best.map(|(_, word)| word)
}

/// The sentence with BuildKit's question behind it.
pub fn with_hint(sentence: &str, hint: Option<&str>) -> String {
    hint.map_or_else(|| sentence.to_owned(), |hint| format!("{sentence} (did you mean {hint}?)"))
}

fn in_case_of(typed: &str, hint: &str) -> String {
    let all_upper = typed == typed.to_uppercase();
    if all_upper { hint.to_uppercase() } else { hint.to_lowercase() }
}

/// The flags that an instruction takes.
fn known_flags(name: &str) -> &'static [(&'static str, Takes)] {
    use Takes::{Bool, Many, Text};
    match name {
        "COPY" => &[("from", Text), ("chown", Text), ("chmod", Text), ("link", Bool), ("exclude", Many)],
        "ADD" => &[
            ("chown", Text),
            ("chmod", Text),
            ("link", Bool),
            ("keep-git-dir", Bool),
            ("checksum", Text),
            ("unpack", Bool),
            ("exclude", Many),
        ],
        "RUN" => &[("mount", Many), ("network", Text), ("security", Text)],
        "FROM" => &[("platform", Text)],
        "HEALTHCHECK" => &[
            ("interval", Text),
            ("timeout", Text),
            ("start-period", Text),
            ("start-interval", Text),
            ("retries", Text),
        ],
        _ => &[],
    }
}

fn flags(instruction: &Instruction) -> Result<(), String> {
    let known = known_flags(&instruction.name);
    let mut seen: Vec<&str> = Vec::new();
    for (key, value) in &instruction.flags {
        let Some((_, takes)) = known.iter().find(|(name, _)| name == key) else {
            let hint = near(key, known.iter().map(|(name, _)| (*name).to_owned()));
            return Err(with_hint(&format!("unknown flag: --{key}"), hint.as_deref()));
        };
        if seen.contains(&key.as_str()) && *takes != Takes::Many {
            return Err(format!("duplicate flag specified: --{key}"));
        }
        seen.push(key);
        match (takes, value.as_deref().map(str::to_lowercase).as_deref()) {
            (Takes::Bool, None | Some("true" | "false")) | (Takes::Text | Takes::Many, Some(_)) => {}
            (Takes::Bool, Some("")) | (_, None) => return Err(format!("missing a value on flag: --{key}")),
            (Takes::Bool, Some(_)) => {
                let given = value.as_deref().unwrap_or_default();
                return Err(format!("expecting boolean value for flag --{key}, not: {given}"));
            }
        }
    }
    Ok(())
}

/// Complaints about the number of arguments.
fn count(instruction: &Instruction) -> Result<(), String> {
    let (name, rest) = (instruction.name.as_str(), instruction.rest.as_str());
    let words = json_form(rest).map_or_else(|| rest.split_whitespace().count(), |list| list.len());
    match name {
        "COPY" | "ADD" if words < 2 => Err(format!(
            "{name} requires at least two arguments, but only one was provided. Destination could not be determined"
        )),
        "FROM" => {
            let words: Vec<&str> = rest.split_whitespace().collect();
            match words.as_slice() {
                [_] => Ok(()),
                [_, word, _] if word.eq_ignore_ascii_case("as") => Ok(()),
                _ => Err("FROM requires either one or three arguments".to_owned()),
            }
        }
        "WORKDIR" | "USER" | "STOPSIGNAL" | "MAINTAINER" if rest.is_empty() => {
            Err(format!("{name} requires exactly one argument"))
        }
        "EXPOSE" | "ENV" | "LABEL" | "ARG" | "VOLUME" | "ONBUILD" | "HEALTHCHECK" | "SHELL" if words == 0 => {
            Err(format!("{name} requires at least one argument"))
        }
        _ => Ok(()),
    }
}

fn stage_name(rest: &str) -> Result<(), String> {
    let Some(name) = rest.split_whitespace().nth(2) else { return Ok(()) };
    let lower = name.to_lowercase();
    let good = lower.starts_with(|c: char| c.is_ascii_lowercase())
        && lower.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if good {
        return Ok(());
    }
    let shown = quote(name);
    Err(format!("invalid name for build stage: {shown}, name can't start with a number or contain symbols"))
}

fn healthcheck(instruction: &Instruction) -> Result<(), String> {
    let (kind, command) = instruction.rest.split_once(char::is_whitespace).unwrap_or((&instruction.rest, ""));
    let kind = kind.to_uppercase();
    let command = command.trim();
    if kind == "NONE" {
        let alone = command.is_empty();
        return if alone { Ok(()) } else { Err("HEALTHCHECK NONE takes no arguments".to_owned()) };
    }
    flags(instruction)?;
    match kind.as_str() {
        "CMD" if command.is_empty() || json_form(command).is_some_and(|list| list.is_empty()) => {
            return Err("Missing command after HEALTHCHECK CMD".to_owned());
        }
        "CMD" => {}
        _ => return Err(format!("Unknown type {} in HEALTHCHECK (try CMD)", quote(&kind))),
    }
    for name in ["interval", "timeout", "start-period", "start-interval"] {
        let Some(text) = instruction.flag(name).filter(|text| !text.is_empty()) else { continue };
        if let Some(why) = values::duration(text) {
            return Err(why);
        }
        let short = text.starts_with('-')
            || logs::go_duration(text).is_some_and(|span| !span.is_zero() && span.as_millis() < 1);
        if short {
            return Err(format!("Interval {} cannot be less than 1ms", quote(name)));
        }
    }
    match instruction.flag("retries").filter(|text| !text.is_empty()).map(|text| (text, text.parse::<i32>()))
    {
        Some((_, Ok(retries))) if retries < 0 => Err(format!("--retries cannot be negative ({retries})")),
        Some((text, Err(_))) => Err(values::bad_number("ParseInt", text)),
        _ => Ok(()),
    }
}

/// What is left to complain about when flags and numbers are right.
fn further(instruction: &Instruction) -> Result<(), String> {
    let rest = instruction.rest.as_str();
    match instruction.name.as_str() {
        "ARG" if rest.split_whitespace().any(|word| word.starts_with('=')) => {
            Err("ARG names can not be blank".to_owned())
        }
        name @ ("ENV" | "LABEL") if rest.split_whitespace().next().is_some_and(|w| w.starts_with('=')) => {
            Err(format!("{name} names can not be blank"))
        }
        "ONBUILD" => {
            let trigger = rest.split_whitespace().next().unwrap_or_default().to_uppercase();
            match trigger.as_str() {
                "ONBUILD" => Err("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed".to_owned()),
                "MAINTAINER" | "FROM" => Err(format!("{trigger} isn't allowed as an ONBUILD trigger")),
                _ => Ok(()),
            }
        }
        "VOLUME" if json_form(rest).is_some_and(|list| list.iter().any(|v| v.trim().is_empty())) => {
            Err("VOLUME specified can not be an empty string".to_owned())
        }
        "SHELL" if json_form(rest).is_none() => {
            Err("SHELL requires the arguments to be in JSON form".to_owned())
        }
        _ => Ok(()),
    }
}
