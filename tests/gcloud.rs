//! Recorded transcripts of the real gcloud, answered by the simulation: what agrees must not become less. Masked are
//! times, addresses, drawn names and versions, and how often a progress was redrawn.
#![allow(clippy::disallowed_methods, reason = "recordings are files beside the test")]

use std::fs;
use std::path::Path;

use regex::Regex;
use serde_json::Value;

use kubejam::authoring::golden::record::Transcript;
use kubejam::authoring::golden::{Files, answer};

/// What varies, and what stands for it.
const MASKS: &[(&str, &str)] = &[
    (r"\x1b\[[0-9;?]*[A-Za-z]", ""),
    (r"(?m)\.\.\.(working\.*|[⠀-⣿])(Created|Deleted|Updated|done|$)", "...$2"),
    (r"(?m)^\.+(done\.|Created \[|Deleted \[|failed)", "..$1"),
    (r"(?m)^\.+\n", ""),
    (r"\boperation-\d{13}-[0-9a-f]{8,13}-[0-9a-f-]+", "operation-ID"),
    (r"operations/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "operations/UUID"),
    (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", "TIME"),
    (r"ya29\.[A-Za-z0-9_.-]+", "TOKEN"),
    (r"\b(gke-[a-z0-9-]+?)-[0-9a-f]{8}-[0-9a-z]{4}\b", "$1-NODE"),
    (r"\b(34|35)\.\d{1,3}\.\d{1,3}\.\d{1,3}\b", "EXTERNAL"),
    (r"\b10\.1\d\d\.0\.\d{1,3}\b", "INTERNAL"),
    (r#"(\bid: ')\d{15,20}'"#, "${1}ID'"),
    (r#"("id": ")\d{15,20}""#, "${1}ID\""),
    (r#"(fingerprint|labelFingerprint|etag)(: |": ")\S+"#, "$1$2X"),
    (r"\b1\.\d\d\.\d+-gke\.\d+", "VERSION"),
];

/// What is left on a terminal's screen: of lines that were drawn over, the last state.
fn screen(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.replace("\r\r\n", "\r\n").split("\r\n") {
        let mut shown = String::new();
        for part in line.split('\r').filter(|part| !part.is_empty()) {
            let behind: String = shown.chars().skip(part.chars().count()).collect();
            shown = if part.trim().is_empty() { String::new() } else { format!("{part}{behind}") };
        }
        lines.push(shown.trim_end().to_owned());
    }
    lines.join("\n")
}

fn masked(text: &str, is_terminal: bool, masks: &[(Regex, &str)]) -> String {
    let text = if is_terminal { screen(text) } else { text.to_owned() };
    let text = masks.iter().fold(text, |text, (mask, with)| mask.replace_all(&text, *with).into_owned());
    let blanks = Regex::new("  +").expect("a pattern");
    let line = |line: &str| match line.starts_with(' ') {
        true => line.trim_end().to_owned(),
        false => blanks.replace_all(line.trim_end(), "  ").into_owned(),
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// Answers a scenario: every command must agree.
#[track_caller]
fn check(scenario: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/gcloud/{scenario}.jsonl"));
    let text = fs::read_to_string(path).expect("the recording");
    let transcript = Transcript::parse(scenario, &text).expect("a transcript");
    let masks: Vec<(Regex, &str)> =
        MASKS.iter().map(|(mask, with)| (Regex::new(mask).expect("a pattern"), *with)).collect();
    let answers = answer(&transcript, &Files::new());
    let mut wrong = Vec::new();
    for (record, answer) in transcript.records.iter().zip(&answers) {
        let is_terminal = record.raw.get("mode").and_then(Value::as_str) == Some("tty");
        let shown = |value: &Value| {
            let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
            let streams =
                (masked(&text("stdout"), is_terminal, &masks), masked(&text("stderr"), false, &masks));
            (streams, value["exit"].clone())
        };
        let (expected, actual) = (shown(&Value::Object(record.raw.clone())), shown(answer));
        if expected != actual {
            wrong.push(format!("{} {}\n  - {expected:?}\n  + {actual:?}", record.id, record.cmd));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), answers.len(), wrong.join("\n"));
}

#[test]
fn accounts_and_configuration() {
    check("p01_auth_config");
}

#[test]
fn a_cluster_from_begin_to_end() {
    check("p02_hello_cluster");
}

#[test]
fn progress_on_a_terminal() {
    check("p03_create_tty");
}

#[test]
fn tables() {
    check("p04_tables");
}

#[test]
fn instances_and_formats() {
    check("p05_instances");
}

#[test]
fn firewall_rules() {
    check("p06_firewall");
}

#[test]
fn repositories_and_images() {
    check("p07_artifacts");
    check("p08_images");
}

#[test]
fn docker_credentials() {
    check("p09_docker_auth");
    check("p10_docker_auth_cloudshell");
}

#[test]
fn refusals() {
    check("p11_usage_a");
    check("p13_cluster_errors_a");
    check("p16_errors_tty");
}

#[test]
fn more_refusals() {
    check("q01_usage");
}

#[test]
fn formats_filters_and_orders() {
    check("q02_formats");
}

#[test]
fn the_plugin_of_kubectl_and_gcloud_itself() {
    check("p14_no_plugin");
    check("p15_info");
}

#[test]
fn changes_and_prompts() {
    check("q03_changes");
}

#[test]
fn projects_that_cannot_be() {
    check("q04_projects");
}
