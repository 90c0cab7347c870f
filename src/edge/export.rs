//! `kubejam export`: a record of a quest for whoever collects them, and its certificate. `kubejam report`: a journal
//! with versions, for whoever mends a mistake. Must never change the journal, and a report never says more of the
//! machine than versions.
#![allow(clippy::disallowed_methods, reason = "records are files of the host")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::authoring::folder::{self, Named};
use crate::edge::options::Common;
use crate::edge::storage::{Storage, proper_name, write_in_one_step};
use crate::edge::terminal;
use crate::lesson::course::Quest;
use crate::session::journal::{FORMAT, Footer, Header, Journal, Lines, SIMULATOR};
use crate::session::proof::{self, Verdict};
use crate::ui::certificate::{Certificate, svg};
use crate::ui::texts::Texts;

/// Arguments of `kubejam export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The quest's id or number, or the folder of one of your own.
    quest: String,
    /// Where to; `-` is standard output. Without it QUEST-ID.jam in this folder.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Also write the certificate, an SVG page.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
}

/// Arguments of `kubejam report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The quest it is about, or `sandbox`; without it what was played last.
    quest: Option<String>,
    /// Where to; `-` is standard output. Without it kubejam-report-QUEST.txt in this folder.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Writes the record. The exit status is 0 when the quest is complete and 1 when it is not.
///
/// # Errors
/// When nothing was played, or the file cannot be written.
pub fn run_export(args: &ExportArgs, common: &Common) -> Result<ExitCode> {
    let storage = Storage::open(common.data_dir.as_deref())?;
    let learner = storage.learner()?;
    let Named { quest, name } = folder::find(&folder::embedded()?, &args.quest)?;
    let path = storage.journal_path(&name);
    let text = fs::read(&path).ok().filter(|text| !text.is_empty());
    let Some(text) = text else { bail!("{} was not played yet; `kubejam start {}`", quest.id(), args.quest) };
    let (journal, damage) =
        Journal::salvage(&text).with_context(|| format!("{} cannot be exported", path.display()))?;
    let chosen = common.name.as_deref().map_or_else(|| learner.name.clone(), proper_name);
    let record = record(&journal, &chosen);
    let find = |_: &str| -> Option<Rc<Quest>> { Some(Rc::clone(&quest)) };
    let report = proof::examine(record.as_bytes(), &find, &mut || true);
    let output = args
        .output
        .clone()
        .unwrap_or_else(|| format!("{}-{}.jam", quest.id(), journal.header.learner).into());
    write_out(&output, record.as_bytes(), &path)?;
    let complete = report.verdict == Verdict::Complete;
    let verdict = format!("{} {}", report.verdict.word(), report.verdict.detail());
    let (passed, of) = (report.passed(), report.steps.len());
    eprintln!("{}: {}, {passed} of {of} steps", output.display(), verdict.trim_end());
    if let Some(error) = damage {
        eprintln!("The journal is damaged, and only what stands before that was exported: {error}");
    }
    let language = terminal::language(common, &learner);
    match (&args.certificate, Certificate::of(&report, &quest, language)) {
        (Some(file), Some(certificate)) => {
            write_out(file, svg(&certificate, &Texts::new(language)).as_bytes(), &path)?;
            eprintln!("{}: certificate, record {}", file.display(), certificate.digest);
        }
        (Some(_), None) => eprintln!("There is a certificate once the quest is complete."),
        (None, Some(certificate)) => eprintln!("record {}", certificate.digest),
        (None, None) => {}
    }
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The journal up to the quest's completion, under the name that was chosen.
fn record(journal: &Journal, name: &str) -> String {
    let entries = &journal.entries[..journal.ended.as_ref().map_or(journal.entries.len(), |e| e.after)];
    let footer = journal.ended.as_ref().map(|ended| Footer { name: name.to_owned(), ..ended.footer.clone() });
    Lines::all(&journal.header, entries, footer.as_ref())
}

/// Writes a report for whoever mends a mistake.
///
/// # Errors
/// When nothing was played, or the file cannot be written.
pub fn run_report(args: &ReportArgs, common: &Common) -> Result<ExitCode> {
    let storage = Storage::open(common.data_dir.as_deref())?;
    let name = match &args.quest {
        Some(quest) if storage.journal_path(quest).is_file() => quest.clone(),
        Some(quest) => folder::find(&folder::embedded()?, quest)?.name,
        None => storage.progress().last.unwrap_or_else(|| "sandbox".to_owned()),
    };
    let path = storage.journal_path(&name);
    let bytes = fs::read(&path)
        .with_context(|| format!("there is no journal of {name}; say which quest: `kubejam report QUEST`"))?;
    let course = folder::embedded()?;
    let contents = course.quests.iter().map(|q| format!("# quest {}: {}\n", q.id(), q.digest));
    let text = format!(
        "# KubeJam report\n# version: {}, journal format {FORMAT}, simulator {SIMULATOR}\n{}# journal: {name}\n{}",
        env!("CARGO_PKG_VERSION"),
        contents.collect::<String>(),
        without_name(&bytes)
    );
    let output = args.output.clone().unwrap_or_else(|| format!("kubejam-report-{name}.txt").into());
    write_out(&output, text.as_bytes(), &path)?;
    eprintln!(
        "{}: the versions of KubeJam and what was typed, without your name. Look through it before you send it.",
        output.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// The journal as it is, but for the name of a person.
fn without_name(bytes: &[u8]) -> String {
    match Journal::parse(bytes) {
        Ok(journal) => {
            let header = Header { name: String::new(), ..journal.header };
            let footer = journal.ended.map(|ended| Footer { name: String::new(), ..ended.footer });
            let after = footer.is_some().then_some(journal.entries.len());
            let entries = &journal.entries[..after.unwrap_or(journal.entries.len())];
            Lines::all(&header, entries, footer.as_ref())
        }
        // Damage is what the report may be about: it goes along as it is, the first line's name left out.
        Err(_) => {
            let text = String::from_utf8_lossy(bytes);
            let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
            let name = regex::Regex::new(r#""name":"(?:[^"\\]|\\.)*""#)
                .map_or_else(|_| first.to_owned(), |name| name.replace(first, "\"name\":\"\"").into_owned());
            format!("{name}\n{rest}")
        }
    }
}

/// Writes a file in one step, or to standard output. The journal itself is never written over.
fn write_out(output: &Path, bytes: &[u8], journal: &Path) -> Result<()> {
    if output == Path::new("-") {
        std::io::stdout().write_all(bytes).ok();
        return Ok(());
    }
    let same = output.canonicalize().ok().is_some_and(|to| journal.canonicalize().ok() == Some(to));
    if same {
        bail!("{} is the journal itself; write the record somewhere else", output.display());
    }
    write_in_one_step(output, bytes)
}
