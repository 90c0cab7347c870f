//! `kubejam golden`: reads transcripts, lets the simulation answer them, writes the answers and prints what differs.
#![allow(clippy::disallowed_methods, reason = "transcripts are files of the host")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use crate::authoring::golden::compare::compare;
use crate::authoring::golden::record::Transcript;
use crate::authoring::golden::{self, Files};

/// Arguments of `kubejam golden`.
#[derive(Debug, Args)]
pub struct GoldenArgs {
    /// Transcripts, JSON Lines.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where to write the actual records, one file per transcript.
    #[arg(long, value_name = "DIR")]
    actual: Option<PathBuf>,
    /// Print every difference, not only the totals.
    #[arg(long)]
    show: bool,
}

/// Runs the command; fails when an answer differs from what was recorded.
///
/// # Errors
/// When a file cannot be read or written.
pub fn run(args: &GoldenArgs) -> Result<ExitCode> {
    let mut sum = Score::default();
    for path in &args.files {
        let score = run_file(path, args)?;
        sum.same += score.same;
        sum.agreed += score.agreed;
        sum.total += score.total;
    }
    let mut out = std::io::stdout().lock();
    let Score { same, agreed, total } = sum;
    writeln!(
        out,
        "{same} of {total} commands answered to the byte, {agreed} when names, times and addresses are masked"
    )
    .ok();
    Ok(if agreed == total { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How many commands were answered to the byte, how many apart from what varies, and how many there are.
#[derive(Debug, Clone, Copy, Default)]
struct Score {
    same: usize,
    agreed: usize,
    total: usize,
}

fn run_file(path: &Path, args: &GoldenArgs) -> Result<Score> {
    let name = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default().to_owned();
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut transcript = Transcript::parse(&name, &text).map_err(anyhow::Error::msg)?;
    let beside = path.with_extension("meta.json");
    if let Ok(meta) = fs::read_to_string(&beside) {
        transcript.meta = serde_json::from_str(&meta).with_context(|| beside.display().to_string())?;
    }
    let mut files = Files::new();
    collect(&path.with_extension(""), "", &mut files)?;
    let answers = golden::answer(&transcript, &files);
    let mut out = std::io::stdout().lock();
    let mut same = 0;
    let mut lines = String::new();
    let agrees: Vec<bool> = match golden::is_kubectl(&transcript) {
        true => compare(&transcript, &files, &answers).iter().map(|verdict| verdict.agrees).collect(),
        // Those of the others are not masked here.
        false => transcript.records.iter().zip(&answers).map(|(r, a)| golden::agrees(r, a)).collect(),
    };
    for ((record, answer), agrees) in transcript.records.iter().zip(&answers).zip(&agrees) {
        same += usize::from(golden::agrees(record, answer));
        if args.show && !agrees {
            writeln!(
                out,
                "{}: {}\n--- recorded\n{}{}--- answered\n{}{}",
                record.id,
                record.cmd,
                record.stdout,
                record.stderr,
                answer["stdout"].as_str().unwrap_or(""),
                answer["stderr"].as_str().unwrap_or("")
            )
            .ok();
        }
        lines.push_str(&answer.to_string());
        lines.push('\n');
    }
    let agreed = agrees.iter().filter(|agrees| **agrees).count();
    writeln!(out, "{name}: {same} to the byte, {agreed} masked, of {}", answers.len()).ok();
    if let Some(dir) = &args.actual {
        fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
        let file = dir.join(format!("{name}.jsonl"));
        fs::write(&file, lines).with_context(|| file.display().to_string())?;
    }
    Ok(Score { same, agreed, total: answers.len() })
}

/// The files below a scenario's directory, if it has one.
fn collect(dir: &Path, prefix: &str, files: &mut Files) -> Result<()> {
    if !dir.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(dir).with_context(|| dir.display().to_string())? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.push((name, fs::read(entry.path())?));
        }
    }
    files.sort();
    Ok(())
}
