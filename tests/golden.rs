//! Recorded transcripts of the real kubectl, answered by the simulation: what agrees must not become less. What varies
//! from run to run is masked by the rules in `authoring::golden::compare`.
#![allow(clippy::disallowed_methods, reason = "recordings are files beside the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use kubejam::authoring::golden::compare::compare;
use kubejam::authoring::golden::record::Transcript;
use kubejam::authoring::golden::{Files, answer};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/kubectl")
}

/// Answers a scenario; at least `floor` of its commands must agree, apart from those that differed between two
/// recordings of the real thing.
#[track_caller]
fn check(scenario: &str, floor: usize) {
    let text = fs::read_to_string(directory().join(format!("{scenario}.jsonl"))).expect("the recording");
    let transcript = Transcript::parse(scenario, &text).expect("a transcript");
    let mut files = Files::new();
    collect(&directory().join(scenario), "", &mut files);
    files.sort();
    let answers = answer(&transcript, &files);
    let noisy = noisy();
    let verdicts = compare(&transcript, &files, &answers);
    let counted: Vec<_> = verdicts.iter().filter(|verdict| !noisy.contains(&verdict.id)).collect();
    let agreed = counted.iter().filter(|verdict| verdict.agrees).count();
    let wrong: Vec<String> = counted
        .iter()
        .filter_map(|verdict| {
            verdict.difference.as_ref().map(|(e, a)| format!("{}\n  - {e}\n  + {a}", verdict.id))
        })
        .collect();
    assert!(agreed >= floor, "{agreed} of {} agree, {floor} must:\n{}", counted.len(), wrong.join("\n"));
}

fn noisy() -> BTreeSet<String> {
    let text = fs::read_to_string(directory().join("noise.txt")).expect("the list of noisy commands");
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.trim().to_owned()).collect()
}

/// The files that a scenario works with.
fn collect(dir: &Path, prefix: &str, files: &mut Files) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries {
        let entry = entry.expect("an entry");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), files);
        } else {
            files.push((name, fs::read(entry.path()).expect("a file")));
        }
    }
}

#[test]
fn hello_node() {
    check("A1_hello_node", 42);
}

#[test]
fn output_formats() {
    check("A2_output_formats", 58);
}

#[test]
fn rollouts() {
    check("A3_rollouts", 53);
}

#[test]
fn cluster_info() {
    check("A4_cluster_info", 55);
}

#[test]
fn run_pods() {
    check("A5_run_pods", 51);
}

#[test]
fn forward_and_attach() {
    check("A6_forward_attach", 32);
}

#[test]
fn orchestrate() {
    check("B1_orchestrate", 65);
}

#[test]
fn config_and_secrets() {
    check("B2_config_secrets", 57);
}

#[test]
fn services() {
    check("B3_services", 63);
}

#[test]
fn labels() {
    check("B4_labels", 71);
}

#[test]
fn deployment_mechanics() {
    check("C1_deploy_mechanics", 48);
}

#[test]
fn failed_rollouts() {
    check("C2_failed_rollout", 51);
}

#[test]
fn errors() {
    check("D1_errors", 131);
}

#[test]
fn bad_manifests() {
    check("D2_bad_manifests", 82);
}

#[test]
fn workloads() {
    check("E1_workloads", 82);
}

#[test]
fn cluster_operations() {
    check("E2_cluster_ops", 105);
}

#[test]
fn apply_and_patch() {
    check("E3_apply_patch", 80);
}

#[test]
fn creating() {
    check("G1_create", 177);
}

#[test]
fn changing() {
    check("G2_change", 170);
}

#[test]
fn jobs() {
    check("G3_jobs", 67);
}

#[test]
fn reading() {
    check("G4_reading", 173);
}
