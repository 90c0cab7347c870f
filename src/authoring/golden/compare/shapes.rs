//! Outputs of which only the shape counts: tables as sets of rows, help texts as their flags, a watch as the last
//! state of each object, the waiting lines of a rollout as one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::{Literals, WATCHES, normalise, pattern};

static TITLES: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\s*[A-Z][A-Z0-9()%/_ -]*(  [A-Z][A-Z0-9()%/_ -]*)*$"));
static RULE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*----  "));
static UNORDERED: LazyLock<Regex> = LazyLock::new(|| pattern(r"-o[= ]?(name|custom-columns)|--no-headers"));
static FLAG: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s+(?:(-\w), )?(--[\w-]+)(=[^\s:]*)?"));
static CELLS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\s{2,}"));
static WAITING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r#"^(?:Waiting for deployment "\S+" rollout to finish: (?:\d+ out of \d+ new replicas have been updated"#,
        r"|\d+ old replicas are pending termination|\d+ of \d+ updated replicas are available)\.\.\.",
        r"|Waiting for deployment spec update to be observed\.\.\.",
        r#"|Waiting for daemon set "\S+" rollout to finish: (?:\d+ out of \d+ new pods have been updated"#,
        r"|\d+ of \d+ updated pods are available)\.\.\.",
        r"|Waiting for (?:daemon set|statefulset) spec update to be observed\.\.\.",
        r"|Waiting for \d+ pods to be ready\.\.\.",
        r"|Waiting for partitioned roll out to finish: \d+ out of \d+ new pods have been updated\.\.\.",
        r"|waiting for statefulset rolling update to complete \d+ pods at revision \S+)$",
    ))
});

fn is_titles(line: &str) -> bool {
    TITLES.is_match(line)
}

/// Rows under their titles, sorted: their order follows generated names.
pub fn sorted_tables(lines: Vec<String>, cmd: &str) -> Vec<String> {
    let watches = WATCHES.is_match(cmd);
    let mut out: Vec<String> = Vec::with_capacity(lines.len());
    let mut at = 0;
    while at < lines.len() {
        let line = &lines[at];
        let begins = (is_titles(line) && line.len() > 3 && !watches) || RULE.is_match(line);
        out.push(line.clone());
        at += 1;
        if begins {
            let rows = lines[at..].iter().take_while(|l| !l.trim().is_empty() && !is_titles(l)).count();
            let mut sorted = lines[at..at + rows].to_vec();
            sorted.sort();
            out.extend(sorted);
            at += rows;
        }
    }
    if !watches && UNORDERED.is_match(cmd) {
        out.sort();
    }
    out
}

/// All well-formed waiting lines count as one.
pub fn rollout(lines: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut waited = false;
    for line in lines {
        if !WAITING.is_match(&line) {
            out.push(line);
        } else if !std::mem::replace(&mut waited, true) {
            out.push("<WAITING>".to_owned());
        }
    }
    out
}

/// The last state of every object, and which words of STATUS were seen.
pub fn watch(raw: &str, cmd: &str, literals: &Literals) -> Vec<String> {
    let mut rows: BTreeMap<String, String> = BTreeMap::new();
    let mut titles: Option<Vec<String>> = None;
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for line in raw.lines().filter(|line| !line.trim().is_empty()) {
        let cells: Vec<String> = CELLS.split(line.trim()).map(str::to_owned).collect();
        let Some(titles) = &titles else {
            titles = Some(cells);
            continue;
        };
        let middle = cells[1..cells.len().max(2) - 1].join(" ");
        rows.insert(cells[0].clone(), normalise(&middle, cmd, literals).join("\n").trim().to_owned());
        if let Some(at) = titles.iter().position(|title| title == "STATUS") {
            seen.insert(cells[at.min(cells.len() - 1)].clone());
        }
    }
    seen.remove("Pending");
    let seen: Vec<String> = seen.into_iter().collect();
    let name = |name: &str| normalise(name, cmd, literals).join("\n");
    let mut last: Vec<String> = rows.iter().map(|(key, state)| format!("{} : {state}", name(key))).collect();
    last.sort();
    [titles.unwrap_or_default().join(" "), format!("seen: {}", seen.join(" "))]
        .into_iter()
        .chain(last)
        .collect()
}

pub fn is_help(text: &str) -> bool {
    let lines = text.split('\n').count();
    lines > 9 && text.lines().any(|line| line.starts_with("Usage:"))
}

/// A help text as its usage lines and its flags with defaults.
pub fn help(text: &str) -> Vec<String> {
    let mut out: BTreeSet<String> = BTreeSet::new();
    let mut usage = false;
    for line in text.split('\n') {
        if let Some(found) = FLAG.captures(line) {
            let parts: Vec<&str> = found.iter().skip(1).flatten().map(|part| part.as_str()).collect();
            out.insert(parts.join(" "));
        } else if let Some(rest) = line.strip_prefix("Usage:") {
            usage = true;
            if !rest.trim().is_empty() {
                out.insert(format!("usage {}", rest.trim()));
            }
        } else if usage && !line.trim().is_empty() {
            out.insert(format!("usage {}", line.split_whitespace().collect::<Vec<_>>().join(" ")));
            usage = false;
        }
    }
    out.into_iter().collect()
}
