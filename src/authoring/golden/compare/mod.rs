//! Whether an answer agrees with a recording of kubectl, apart from what varies from run to run: the rules that
//! `NORMALISE.md` beside the recordings lists. Must never mask wording, order of fields, counts or exit status.

mod masks;
mod shapes;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::Files;
use super::record::{Record, Transcript};

/// Numbers and addresses that the user wrote down: these are never masked.
pub type Literals = BTreeSet<String>;

/// How one command's answer compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub id: String,
    pub agrees: bool,
    /// The first line that differs: expected and answered.
    pub difference: Option<(String, String)>,
}

/// A pattern of this file or its neighbours; they are constants, and each is used by a test.
fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| unreachable!("{text}: {error}"))
}

static WRITTEN: LazyLock<Regex> = LazyLock::new(|| pattern(r"\d{1,3}(?:\.\d{1,3}){3}|\b3[0-2]\d{3}\b"));
static WATCHES: LazyLock<Regex> = LazyLock::new(|| pattern(r" (-w|--watch)\b"));
static STRUCTURED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"-o[= ]?(yaml|json\b)|--output[= ](yaml|json)|help|--help| -h\b|explain|kustomize")
});
static ANY_ORDER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"-- (?:env|printenv)$|--list$|^kubectl drain|^kubectl logs .*(?:-l |--all)"));
static CHOSEN_PORT: LazyLock<Regex> = LazyLock::new(|| pattern(r"port-forward .* :\d+"));
static LOCAL_PORT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(127\.0\.0\.1|\[::1\]):\d+ ->"));
static BLANKS: LazyLock<Regex> = LazyLock::new(|| pattern(r"[ \t]{2,}"));

/// Compares every answer of a transcript with its recording.
pub fn compare(transcript: &Transcript, files: &Files, answers: &[Value]) -> Vec<Verdict> {
    let literals = literals(transcript, files);
    transcript
        .records
        .iter()
        .zip(answers)
        .map(|(record, answer)| verdict(record, answer, &literals))
        .collect()
}

fn literals(transcript: &Transcript, files: &Files) -> Literals {
    let commands = transcript.records.iter().map(|record| record.cmd.clone());
    let texts = files.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned());
    let all: Vec<String> = commands.chain(texts).collect();
    all.iter().flat_map(|text| WRITTEN.find_iter(text)).map(|found| found.as_str().to_owned()).collect()
}

fn verdict(record: &Record, answer: &Value, literals: &Literals) -> Verdict {
    let text = |name: &str| answer[name].as_str().unwrap_or_default();
    let (stdout, stderr) = (text("stdout"), text("stderr"));
    let cmd = record.cmd.as_str();
    let (expected, answered, same_exit) = if record.interrupt_after_s.is_some() && WATCHES.is_match(cmd) {
        let shape = |raw: &str| shapes::watch(raw, cmd, literals);
        (shape(&record.stdout), shape(stdout), true)
    } else {
        let both = |out: &str, err: &str, lines: &dyn Fn(&str) -> Vec<String>| -> Vec<String> {
            lines(out).into_iter().chain(["--stderr--".to_owned()]).chain(lines(err)).collect()
        };
        let plain = |raw: &str| normalise(raw, cmd, literals);
        let same_exit = record.exit == answer["exit"].as_i64();
        let helps = shapes::is_help(&format!("{}{}", record.stdout, record.stderr));
        let lines: &dyn Fn(&str) -> Vec<String> = if helps { &shapes::help } else { &plain };
        (both(&record.stdout, &record.stderr, lines), both(stdout, stderr, lines), same_exit)
    };
    let difference = first_difference(&expected, &answered).or_else(|| {
        let exits = || (format!("exit {:?}", record.exit), format!("exit {}", answer["exit"]));
        (!same_exit).then(exits)
    });
    Verdict { id: record.id.clone(), agrees: difference.is_none(), difference }
}

fn first_difference(expected: &[String], answered: &[String]) -> Option<(String, String)> {
    let at = (0..expected.len().max(answered.len())).find(|at| expected.get(*at) != answered.get(*at))?;
    let line = |lines: &[String]| lines.get(at).cloned().unwrap_or_else(|| "(end)".to_owned());
    Some((line(expected), line(answered)))
}

/// A text's lines with everything masked that varies.
pub fn normalise(raw: &str, cmd: &str, literals: &Literals) -> Vec<String> {
    let structured = STRUCTURED.is_match(cmd);
    let mut text = masks::always(raw, literals);
    if !structured {
        text = masks::ages(&text);
    }
    let mut lines: Vec<String> = text.split('\n').map(one_blank).collect();
    if !structured {
        lines = shapes::sorted_tables(lines, cmd);
    }
    if ANY_ORDER.is_match(cmd) {
        lines.sort();
    }
    if CHOSEN_PORT.is_match(cmd) {
        for line in &mut lines {
            *line = LOCAL_PORT.replace_all(line, "$1:<PORT> ->").into_owned();
        }
    }
    if cmd.contains("rollout status") { shapes::rollout(lines) } else { lines }
}

/// Column widths say nothing: runs of blanks after the indentation become two.
fn one_blank(line: &str) -> String {
    let line = line.trim_end();
    let lead = line.len() - line.trim_start().len();
    format!("{}{}", &line[..lead], BLANKS.replace_all(&line[lead..], "  "))
}

#[cfg(test)]
mod tests;
