//! `--filter NAME=VALUE` of lists and prunes: which names there are, and the ones that several commands share. Never
//! lists anything.

use std::collections::BTreeMap;

use crate::base::SimTime;

use super::flags::Parsed;
use super::{format, logs};

/// The engine's sentence about the first filter whose name it does not know.
pub fn unknown(parsed: &Parsed, known: &[&str]) -> Option<String> {
    let names = parsed.all("filter").iter().filter_map(|f| f.split_once('=')).map(|(name, _)| name.trim());
    let unknown = names.map(str::to_lowercase).find(|name| !known.contains(&name.as_str()))?;
    Some(format!("invalid filter '{unknown}'"))
}

/// Every value that a filter was given.
pub fn values<'a>(parsed: &'a Parsed, name: &str) -> Vec<&'a str> {
    let pairs = parsed.all("filter").iter().filter_map(|f| f.split_once('='));
    pairs.filter(|(n, _)| n.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).collect()
}

/// Whether any of the values of a filter holds; without values everything passes.
pub fn any(parsed: &Parsed, name: &str, holds: impl Fn(&str) -> bool) -> bool {
    let values = values(parsed, name);
    values.is_empty() || values.into_iter().any(holds)
}

/// `label=KEY`, `label=KEY=VALUE`, all of which must be there, and `label!=` of which none may be.
pub fn labels(parsed: &Parsed, labels: &BTreeMap<String, String>) -> bool {
    let there = |text: &str| match text.split_once('=') {
        Some((key, wanted)) => labels.get(key).is_some_and(|value| value == wanted),
        None => labels.contains_key(text),
    };
    values(parsed, "label").into_iter().all(there) && !values(parsed, "label!").into_iter().any(there)
}

/// The value of a filter that is yes or no; the error is the engine's sentence.
pub fn truth(parsed: &Parsed, name: &str) -> Result<Option<bool>, String> {
    match values(parsed, name).as_slice() {
        [] => Ok(None),
        ["1" | "t" | "T" | "true" | "TRUE" | "True"] => Ok(Some(true)),
        ["0" | "f" | "F" | "false" | "FALSE" | "False"] => Ok(Some(false)),
        other => Err(format!("invalid filter '{name}=[{}]'", other.join(" "))),
    }
}

/// `until=`: a span before now (`24h`) or a moment. The error is the engine's sentence.
pub fn until(parsed: &Parsed, now: SimTime) -> Result<Option<SimTime>, String> {
    match values(parsed, "until").as_slice() {
        [] => Ok(None),
        [text] => match logs::moment(text, now) {
            Some(at) => Ok(Some(at)),
            None => Err(format!("failed to parse value as time or duration: {}", format::quote(text))),
        },
        _ => Err("more than one until filter specified".to_owned()),
    }
}
