//! Recorded answers of the real Docker client and engine to commands that are refused, byte for byte: what agrees must
//! not become less.
#![allow(clippy::disallowed_methods, reason = "recordings are files beside the test")]

use std::fs;
use std::path::Path;

use kubejam::authoring::golden::record::Transcript;
use kubejam::authoring::golden::{Files, answer};

/// Answers a scenario; every command must have the recorded standard output, standard error and exit status.
#[track_caller]
fn check(scenario: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/docker/{scenario}.jsonl"));
    let text = fs::read_to_string(path).expect("the recording");
    let transcript = Transcript::parse(scenario, &text).expect("a transcript");
    let answers = answer(&transcript, &Files::new());
    assert_eq!(answers.len(), transcript.records.len());
    let mut wrong = Vec::new();
    for (record, answer) in transcript.records.iter().zip(&answers) {
        for field in ["stdout", "stderr", "exit"] {
            if record.raw[field] != answer[field] {
                wrong.push(format!(
                    "{} {field}\n  - {}\n  + {}",
                    record.raw["cmd"], record.raw[field], answer[field]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn refusals() {
    check("refusals");
}
