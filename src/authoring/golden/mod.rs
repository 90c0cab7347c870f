//! Recorded transcripts of the real programs, answered by the simulation in virtual time. Must never look at the
//! expected answers before its own are written.

pub mod compare;
pub mod docker;
pub mod gcloud;
pub mod kubectl;
pub mod record;
pub mod wait;

use std::time::Duration;

use serde_json::{Value, json};

use crate::session::Session;
use crate::session::batch::Ran;
use crate::world::Input;

use record::{Record, Transcript};

/// Longest that a transcript's condition is waited for.
const WAIT_LIMIT: Duration = Duration::from_secs(900);

/// Files that a scenario uses, as path and content.
pub type Files = Vec<(String, Vec<u8>)>;

/// Answers every command of a transcript; the answers are records in the same shape.
pub fn answer(transcript: &Transcript, files: &Files) -> Vec<Value> {
    if transcript.records.iter().any(|r| r.raw.contains_key("mode") && !r.raw.contains_key("trimmed"))
        && transcript.meta.contains_key("start_cwd")
    {
        return docker::answer(transcript);
    }
    if transcript
        .meta
        .get("client")
        .and_then(Value::as_str)
        .is_some_and(|client| client.starts_with("Google"))
    {
        return gcloud::answer(transcript);
    }
    let (mut session, cwd) = kubectl::session(&transcript.name, files);
    let begin = session.now();
    let mut answers = Vec::with_capacity(transcript.records.len());
    for record in &transcript.records {
        wait(&mut session, record, &cwd);
        let ran = run(&mut session, &record.cmd, record, &cwd);
        answers.push(answered(record, &ran, begin.0));
    }
    answers
}

fn run(session: &mut Session, cmd: &str, record: &Record, cwd: &str) -> Ran {
    let stdin = record.stdin.as_ref().map_or(Input::Null, |text| Input::bytes(text.clone().into_bytes()));
    let interrupt_after = record.interrupt_after_s.map(Duration::from_secs_f64);
    // Each recorded command ran in a bash of its own.
    match session.open_shell(cwd) {
        Ok(shell) => {
            let ran = session.run_command(&shell, cmd, stdin, interrupt_after);
            session.close_shell(shell);
            ran
        }
        Err(error) => {
            let now = session.now();
            Ran {
                stdout: Vec::new(),
                stderr: error.to_string().into_bytes(),
                exit: Some(254),
                started: now,
                ended: now,
            }
        }
    }
}

/// Lets time pass as the transcript did: at least the recorded pause, and until its conditions hold.
fn wait(session: &mut Session, record: &Record, cwd: &str) {
    let words: Vec<&str> = record.wait_for.iter().map(String::as_str).collect();
    // The recorded pause first: a condition that held earlier here may not have brought its companions yet.
    if words.iter().any(|word| !word.starts_with("sleep ") && !word.starts_with("setup:")) {
        let until = session.now() + Duration::from_secs_f64(record.wait_before_s);
        session.advance(until);
    }
    for word in &words {
        if let Some(seconds) = word.strip_prefix("sleep ").and_then(|s| s.trim().parse::<f64>().ok()) {
            let until = session.now() + Duration::from_secs_f64(seconds);
            session.advance(until);
        } else if !word.starts_with("setup:") {
            wait_for(session, word, record, cwd);
        }
    }
    if words.is_empty() && record.wait_before_s > 0.0 {
        let until = session.now() + Duration::from_secs_f64(record.wait_before_s);
        session.advance(until);
    }
}

fn wait_for(session: &mut Session, word: &str, record: &Record, cwd: &str) {
    let of_cluster = |session: &mut Session| {
        session.view(|w| w.cloud.clusters.values().next().and_then(|c| wait::holds(&c.cluster, word)))
    };
    if of_cluster(session).is_some() {
        session.wait_until(WAIT_LIMIT, |session| of_cluster(session).unwrap_or(true));
        // The recorder polled several times a second: what holds for a moment only is not seen at once.
        let until = session.now() + Duration::from_millis(150);
        session.advance(until);
        return;
    }
    let end = session.now() + WAIT_LIMIT;
    while session.now() < end && run(session, word, record, cwd).exit != Some(0) {
        let next = session.now() + Duration::from_millis(300);
        session.advance(next);
    }
}

fn answered(record: &Record, ran: &Ran, begin_ms: u64) -> Value {
    let seconds = |ms: u64| (ms as f64) / 1000.0;
    let mut answer = record.raw.clone();
    answer.insert("stdout".into(), json!(String::from_utf8_lossy(&ran.stdout)));
    answer.insert("stderr".into(), json!(String::from_utf8_lossy(&ran.stderr)));
    answer.insert("exit".into(), json!(ran.exit));
    answer.insert("t_s".into(), json!(seconds(ran.started.0 - begin_ms)));
    answer.insert("dur_s".into(), json!(seconds(ran.ended.0 - ran.started.0)));
    Value::Object(answer)
}

/// Whether the recording is kubectl's: those of Docker and gcloud say how each command was run.
pub fn is_kubectl(transcript: &Transcript) -> bool {
    !transcript.records.iter().any(|record| record.raw.contains_key("mode"))
}

/// Whether an answer is the recorded one to the byte; what varies from run to run is not masked here.
pub fn agrees(record: &Record, answer: &Value) -> bool {
    answer["stdout"] == json!(record.stdout)
        && answer["stderr"] == json!(record.stderr)
        && answer["exit"] == json!(record.exit)
}
