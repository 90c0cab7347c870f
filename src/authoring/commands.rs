//! `kubejam solve` and `kubejam lint`: arguments, files of the host, and what is printed. The work is done beside this file.
#![allow(clippy::disallowed_methods, reason = "lessons are files of the host")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::authoring::lint::{Report, lint};
use crate::authoring::solve::solve;
use crate::base::SimTime;
use crate::lesson::course::{Course, Files, Quest, shared_coach};
use crate::lesson::format::{Action, LessonError};

/// When solved and proven quests begin, in virtual time. Fixed, so that two runs print the same.
const BEGIN: SimTime = SimTime::from_secs(1_795_351_539);
/// A lesson's folder may hold this many files.
const MAX_FILES: usize = 500;

/// Arguments of `kubejam solve`.
#[derive(Debug, Args)]
pub struct SolveArgs {
    /// The quest's id or number.
    quest: String,
    /// Stop at the beginning of this step.
    #[arg(long, value_name = "STEP")]
    until: Option<String>,
    /// Print what is typed, not only the steps.
    #[arg(short, long)]
    verbose: bool,
}

/// Arguments of `kubejam lint`.
#[derive(Debug, Args)]
pub struct LintArgs {
    /// A lesson's folder, or a folder of such folders; without it the lessons inside the program.
    dir: Option<PathBuf>,
}

/// Plays a quest's solutions; fails when one does not pass its step.
///
/// # Errors
/// When there is no such quest.
pub fn run_solve(args: &SolveArgs) -> Result<ExitCode> {
    let course = embedded()?;
    let Some(quest) = course.quest(&args.quest) else {
        let known: Vec<&str> = course.quests.iter().map(|q| q.id()).collect();
        bail!("there is no quest `{}`; there is {}", args.quest, known.join(", "));
    };
    let total = quest.lesson.steps.len();
    let mut number = 0;
    let mut out = std::io::stdout().lock();
    let solved = solve(quest, "student-0000", BEGIN, args.until.as_deref(), &mut |step, player| {
        number += 1;
        writeln!(out, "✔ {number:>2}/{total} {step}").ok();
        let solution = quest.step(step).map(|s| s.solution.as_slice()).unwrap_or_default();
        for line in solution.iter().filter(|_| args.verbose).map(told) {
            let names = player.run().map(|r| r.names().clone()).unwrap_or_default();
            writeln!(out, "      {}", crate::lesson::template::fill(&line, &names).replace('\n', "\n      "))
                .ok();
        }
    });
    match solved {
        Ok(player) => {
            let words = if args.until.is_some() { "ready to begin" } else { "complete" };
            let span = player.session().now().since(BEGIN);
            writeln!(
                out,
                "{}: {words}, {} inputs, {} s of virtual time",
                quest.id(),
                player.inputs.len(),
                span.as_secs()
            )
            .ok();
            Ok(ExitCode::SUCCESS)
        }
        Err(stuck) => {
            writeln!(out, "✘ {stuck}").ok();
            Ok(ExitCode::FAILURE)
        }
    }
}

fn told(action: &Action) -> String {
    match action {
        Action::Line(line) => format!("$ {}", line.trim()),
        Action::Full(full) => {
            let line = full.line.as_ref().map(|l| format!("$ {}", l.trim()));
            let press = full.press.as_ref().map(|k| format!("[{k}]"));
            let answer = full.answer.as_ref().map(|a| format!("[answers {a}]"));
            let wait = full.wait_s.map(|s| format!("[waits {s} s]"));
            let mut said = line.or(press).or(answer).or(wait).unwrap_or_default();
            for (from, to) in &full.edit {
                said.push_str(&format!("  [in the editor: {from} -> {to}]"));
            }
            said
        }
    }
}

/// Proves lessons; fails when one has a mistake.
///
/// # Errors
/// When a folder cannot be read.
pub fn run_lint(args: &LintArgs) -> Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    let mut failed = false;
    let quests = match &args.dir {
        None => embedded()?
            .quests
            .into_iter()
            .map(|q| (format!("{:02}-{}", q.lesson.order, q.id()), Ok(q)))
            .collect(),
        Some(dir) => on_disk(dir)?,
    };
    for (folder, quest) in quests {
        let report = match quest {
            Ok(quest) => lint(&quest, &format!("{folder}/lesson.toml"), BEGIN),
            Err(errors) => Report { errors, ..Report::default() },
        };
        for error in &report.errors {
            writeln!(out, "{error}").ok();
        }
        let verdict = if report.errors.is_empty() {
            "proven".to_owned()
        } else {
            format!("{} mistakes", report.errors.len())
        };
        writeln!(out, "{folder}: {verdict} ({} steps, {} ways played)", report.steps, report.ways).ok();
        failed |= !report.errors.is_empty();
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn embedded() -> Result<Course> {
    Course::embedded().map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}", lines.join("\n"))
    })
}

/// The outcome of reading one folder.
type Read = (String, Result<Rc<Quest>, Vec<LessonError>>);

/// The lessons in a folder on disk: the folder itself, or those in it.
fn on_disk(dir: &Path) -> Result<Vec<Read>> {
    let coach = Rc::new(shared_coach().unwrap_or_default());
    let mut folders: Vec<PathBuf> = Vec::new();
    if dir.join("lesson.toml").is_file() {
        folders.push(dir.to_owned());
    } else {
        for entry in fs::read_dir(dir).with_context(|| dir.display().to_string())? {
            folders.push(entry?.path());
        }
        folders.retain(|f| f.join("lesson.toml").is_file());
        folders.sort();
    }
    if folders.is_empty() {
        bail!("{}: no lesson.toml here, nor in a folder below", dir.display());
    }
    let mut read = Vec::new();
    for folder in folders {
        let mut files = Files::new();
        collect(&folder, "", &mut files)?;
        let name = folder.file_name().map_or_else(|| ".".to_owned(), |n| n.to_string_lossy().into_owned());
        read.push((name.clone(), Quest::read(&name, &files, Rc::clone(&coach)).map(Rc::new)));
    }
    Ok(read)
}

fn collect(dir: &Path, prefix: &str, files: &mut Files) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| dir.display().to_string())? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if files.len() >= MAX_FILES {
            bail!("{}: more than {MAX_FILES} files; a lesson's folder holds its lesson only", dir.display());
        }
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.insert(name, fs::read(entry.path()).with_context(|| entry.path().display().to_string())?);
        }
    }
    Ok(())
}
