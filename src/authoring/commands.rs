//! `kubejam solve` and `kubejam lint`: arguments, files of the host, and what is printed. The work is done beside this file.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;
use std::thread;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::authoring::folder::{self, Named};
use crate::authoring::lint::{self, Report, lint_folder};
use crate::authoring::solve::solve;
use crate::base::SimTime;
use crate::lesson::course::{Course, Files, Quest};
use crate::lesson::format::{Action, LessonError};
use crate::session::journal::is_id;

/// When solved and proven quests begin, in virtual time. Fixed, so that two runs print the same.
const BEGIN: SimTime = SimTime::from_secs(1_795_351_539);

/// Deeply nested commands need stack; untouched, it costs nothing.
const STACK_BYTES: usize = 256 * 1024 * 1024;

/// Arguments of `kubejam solve`.
#[derive(Debug, Args)]
pub struct SolveArgs {
    /// The quest's id or number, or the folder of one of your own.
    quest: String,
    /// Stop at the beginning of this step.
    #[arg(long, value_name = "STEP")]
    until: Option<String>,
    /// Print what is typed, not only the steps.
    #[arg(short, long)]
    verbose: bool,
    /// Play as this learner: names, addresses and how long things take differ from learner to learner.
    #[arg(long, value_name = "ID", default_value = "student-0000")]
    learner: String,
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
    ensure!(is_id(&args.learner), "an id has letters, digits, - and _ only, not {:?}", args.learner);
    let Named { quest, .. } = folder::find(&folder::embedded()?, &args.quest)?;
    let quest = &quest;
    let total = quest.lesson.steps.len();
    let mut number = 0;
    let mut out = std::io::stdout().lock();
    let solved = solve(quest, &args.learner, BEGIN, args.until.as_deref(), &mut |step, player| {
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
    let lessons = match &args.dir {
        None => Course::embedded_files(),
        Some(dir) => on_disk(dir)?,
    };
    let mut mistakes = shared(&lessons);
    for error in &mistakes {
        writeln!(out, "{error}").ok();
    }
    for ((name, _), report) in lessons.iter().zip(side_by_side(&lessons)) {
        let mut report = report?;
        for error in &report.errors {
            writeln!(out, "{error}").ok();
        }
        let verdict = match report.errors.len() {
            0 => "proven".to_owned(),
            1 => "1 mistake".to_owned(),
            many => format!("{many} mistakes"),
        };
        writeln!(out, "{name}: {verdict} ({} steps, {} ways played)", report.steps, report.ways).ok();
        mistakes.append(&mut report.errors);
    }
    Ok(if mistakes.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Lessons are proven beside each other; the reports come in their order.
fn side_by_side(lessons: &[(String, Files)]) -> Vec<Result<Report>> {
    thread::scope(|scope| {
        let begin = |(name, files): &'_ (String, Files)| {
            let (name, files) = (name.clone(), files.clone());
            let work = move || lint_folder(&name, &files, BEGIN);
            thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work)
        };
        let running: Vec<_> = lessons.iter().map(begin).collect();
        let end = |thread: std::io::Result<thread::ScopedJoinHandle<'_, Report>>| {
            thread.context("a thread")?.join().map_err(|_| anyhow::anyhow!("a lesson ended lint early"))
        };
        running.into_iter().map(end).collect()
    })
}

/// What lessons must not share.
fn shared(lessons: &[(String, Files)]) -> Vec<LessonError> {
    let read =
        |(name, files): &(String, Files)| Some((name.clone(), Quest::read(name, files, Rc::default()).ok()?));
    let quests: Vec<(String, Quest)> = lessons.iter().filter_map(read).collect();
    let named: Vec<(&str, &Quest)> = quests.iter().map(|(name, quest)| (name.as_str(), quest)).collect();
    lint::folder::shared(&named)
}

/// The lessons at a place on disk.
fn on_disk(dir: &Path) -> Result<Vec<(String, Files)>> {
    let read = |folder: PathBuf| Ok((folder::name_of(&folder), folder::files(&folder)?));
    folder::folders(dir)?.into_iter().map(read).collect()
}
