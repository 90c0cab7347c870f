//! `kubejam check`: records are played again, several at a time, and each gets a verdict within limits, whatever is
//! in the file. Must never believe a file, follow a link out of a folder, or wait for a pipe.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "records are files, checked by threads"
)]

mod table;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::authoring::folder;
use crate::edge::options::Common;
use crate::lesson::course::Quest;
use crate::session::proof::{self, Report, Verdict};

/// Longest record that is read; a finished quest has some tens of kilobytes.
pub const FILE_LIMIT_BYTES: u64 = 16 * 1024 * 1024;
/// Most files that one run checks.
const FILES_LIMIT: usize = 100_000;
/// How deep folders are searched.
const DEPTH_LIMIT: usize = 8;
/// Steps between two looks at the clock and at the memory.
const STEPS_BETWEEN_LOOKS: u64 = 256;
/// Deeply nested commands need stack; untouched, it costs nothing.
const STACK_BYTES: usize = 256 * 1024 * 1024;

/// Exit status when not all records are complete.
const SOME_INCOMPLETE: u8 = 1;

/// Arguments of `kubejam check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Records, or folders with records (*.jam).
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// As JSON, with every step.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// As CSV, for a spreadsheet.
    #[arg(long)]
    csv: bool,
    /// The folder of a quest of your own, besides those of the program.
    #[arg(long, value_name = "DIR")]
    quest: Vec<PathBuf>,
}

/// What one record may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Wall time.
    pub time: Duration,
    /// Steps of the simulation.
    pub steps: u64,
    /// Memory that the process may have beyond what it began with, for each record that is being checked.
    pub memory_bytes: u64,
}

impl Limits {
    /// What `kubejam check` allows.
    pub const USUAL: Limits =
        Limits { time: Duration::from_secs(20), steps: 20_000_000, memory_bytes: 512 * 1024 * 1024 };
}

/// A record that was looked at.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The file as it was named or found.
    pub file: String,
    /// What came of it.
    pub report: Report,
    /// The file it repeats.
    pub repeats: Option<String>,
}

/// Runs the command. The exit status is 0 when every record is complete and 1 when one is not.
///
/// # Errors
/// When there is nothing to check, or a quest's folder cannot be read.
pub fn run(args: &CheckArgs, _common: &Common) -> Result<ExitCode> {
    let mut files = Vec::new();
    for path in &args.paths {
        gather(path, 0, &mut files).with_context(|| path.display().to_string())?;
    }
    if files.is_empty() {
        bail!("no records (*.jam) in {}", args.paths[0].display());
    }
    let checked = check_all(&files, &args.quest, Limits::USUAL)?;
    let text = if args.json {
        table::json(&checked)?
    } else if args.csv {
        table::csv(&checked)
    } else {
        table::text(&checked)
    };
    // A closed pipe is the reader's way to say "enough".
    std::io::stdout().write_all(text.as_bytes()).ok();
    let complete = checked.iter().all(|c| c.report.verdict == Verdict::Complete);
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::from(SOME_INCOMPLETE) })
}

/// The files at a path: itself, or the records in a folder and below. Links in folders are not followed.
fn gather(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<()> {
    if files.len() >= FILES_LIMIT {
        bail!("more than {FILES_LIMIT} files");
    }
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let mut entries: Vec<_> = fs::read_dir(path)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let kind = entry.file_type()?;
        let is_record = entry.path().extension().is_some_and(|e| e == "jam");
        if kind.is_dir() && depth < DEPTH_LIMIT {
            gather(&entry.path(), depth + 1, files)?;
        } else if is_record && !kind.is_dir() {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// Checks files on as many threads as there are processors; the reports come in the order of the files.
///
/// # Errors
/// When a quest cannot be read.
pub fn check_all(files: &[PathBuf], own_quests: &[PathBuf], limits: Limits) -> Result<Vec<Checked>> {
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get).min(files.len()).max(1);
    let next = AtomicUsize::new(0);
    let reports = Mutex::new(BTreeMap::new());
    let ceiling = memory_bytes().map(|begun| begun + limits.memory_bytes * threads as u64);
    // A replay that panics is a verdict; its message is not for the reader of the table.
    let loud = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let worked = thread::scope(|scope| {
        let work = || -> Result<()> {
            let quests = quests(own_quests)?;
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(file) = files.get(index) else { return Ok(()) };
                let report = check_file(file, &quests, limits, ceiling);
                if let Ok(mut reports) = reports.lock() {
                    reports.insert(index, report);
                }
            }
        };
        let spawn = |_| thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work);
        let running: Vec<_> = (0..threads).map(spawn).collect();
        running.into_iter().try_for_each(|thread| {
            thread.context("a thread")?.join().unwrap_or_else(|_| bail!("a thread ended early"))
        })
    });
    std::panic::set_hook(loud);
    worked?;
    let reports = reports.into_inner().unwrap_or_default();
    let named = |(index, report): (usize, Report)| Checked {
        file: files.get(index).map(|f| f.display().to_string()).unwrap_or_default(),
        report,
        repeats: None,
    };
    let mut checked: Vec<Checked> = reports.into_iter().map(named).collect();
    point_out_repeats(&mut checked);
    Ok(checked)
}

/// The quests of the program, and those in folders.
fn quests(own: &[PathBuf]) -> Result<BTreeMap<String, Vec<Rc<Quest>>>> {
    let mut all: BTreeMap<String, Vec<Rc<Quest>>> = BTreeMap::new();
    let own = own.iter().map(|folder| folder::read(folder)).collect::<Result<Vec<_>>>()?;
    for quest in own.into_iter().chain(folder::embedded()?.quests) {
        all.entry(quest.id().to_owned()).or_default().push(quest);
    }
    Ok(all)
}

fn check_file(
    path: &Path,
    quests: &BTreeMap<String, Vec<Rc<Quest>>>,
    limits: Limits,
    ceiling: Option<u64>,
) -> Report {
    let text = match read(path) {
        Ok(text) => text,
        Err(why) => return Report::of(Verdict::NotARecord(why)),
    };
    let content = content_of(&text);
    // Of two quests with one id, that with the record's own content; else any, to say that it is another version.
    let find = |id: &str| {
        let all = quests.get(id)?;
        all.iter().find(|q| Some(&q.digest) == content.as_ref()).or(all.first()).cloned()
    };
    let (begun, mut steps) = (Instant::now(), 0_u64);
    let mut go_on = || {
        steps += 1;
        let look = steps.is_multiple_of(STEPS_BETWEEN_LOOKS);
        let too_long = steps > limits.steps || (look && begun.elapsed() > limits.time);
        let too_large = look && ceiling.zip(memory_bytes()).is_some_and(|(most, now)| now > most);
        !too_long && !too_large
    };
    catch_unwind(AssertUnwindSafe(|| proof::examine(&text, &find, &mut go_on))).unwrap_or_else(|_| {
        let why = "the simulation failed on it; please send it with `kubejam report`".to_owned();
        Report::of(Verdict::DoesNotReplay { line: 1, why })
    })
}

fn content_of(text: &[u8]) -> Option<String> {
    let first = text.split(|b| *b == b'\n').next()?;
    let header: serde_json::Value = serde_json::from_slice(first).ok()?;
    header["content"].as_str().map(str::to_owned)
}

/// The bytes of an ordinary file of a size that records have.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let failed = |e: std::io::Error| format!("it cannot be read: {e}");
    let about = fs::metadata(path).map_err(failed)?;
    if !about.is_file() {
        return Err("it is not a file".to_owned());
    }
    let too_large = || format!("it is larger than {} MB", FILE_LIMIT_BYTES / 1024 / 1024);
    if about.len() > FILE_LIMIT_BYTES {
        return Err(too_large());
    }
    let mut text = Vec::new();
    let file = File::open(path).map_err(failed)?;
    // Some files claim to be empty and never end.
    file.take(FILE_LIMIT_BYTES + 1).read_to_end(&mut text).map_err(failed)?;
    if text.len() as u64 > FILE_LIMIT_BYTES { Err(too_large()) } else { Ok(text) }
}

/// Memory of this process, where the system tells.
fn memory_bytes() -> Option<u64> {
    let pages = fs::read_to_string("/proc/self/statm").ok()?;
    pages.split_whitespace().nth(1)?.parse::<u64>().ok().map(|pages| pages * 4096)
}

/// Names, for each record that is the same as an earlier one or was typed in the very same rhythm, the earlier.
fn point_out_repeats(checked: &mut [Checked]) {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for one in checked {
        let Some(rhythm) = &one.report.rhythm else { continue };
        match seen.get(rhythm) {
            Some(earlier) => one.repeats = Some(earlier.clone()),
            None => drop(seen.insert(rhythm.clone(), one.file.clone())),
        }
    }
}
