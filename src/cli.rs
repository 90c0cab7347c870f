//! The command line: parses arguments and hands over to edge and authoring. Must never do the work itself.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::authoring::{commands, new_quest};
use crate::edge::options::Common;
use crate::edge::terminal::{self, Open};
use crate::edge::{check, export, golden, kube_http, list, sh};

/// A study jam in a terminal: type real Docker and Kubernetes commands and watch a simulated cluster react.
#[derive(Debug, Parser)]
#[command(name = "kubejam", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Play a quest, from where you were.
    Start {
        /// The quest's id or number, or the folder of one of your own.
        quest: String,
        /// From its beginning; what was there is kept beside it.
        #[arg(long)]
        fresh: bool,
        /// At the beginning of this step; everything before it is played for you.
        #[arg(long, value_name = "ID")]
        step: Option<String>,
        /// Let your own kubectl in, on this port of 127.0.0.1.
        #[arg(long, value_name = "PORT", num_args = 0..=1, default_missing_value = "8001")]
        serve: Option<u16>,
    },
    /// Quests and their steps, and how far you are.
    List(list::ListArgs),
    /// Free play on a three-node cluster: no goal.
    Sandbox {
        /// From the beginning; what was there is kept beside it.
        #[arg(long)]
        fresh: bool,
        /// Let your own kubectl in, on this port of 127.0.0.1.
        #[arg(long, value_name = "PORT", num_args = 0..=1, default_missing_value = "8001")]
        serve: Option<u16>,
    },
    /// A Kubernetes API on loopback, for your own kubectl.
    Serve(kube_http::ServeArgs),
    /// The same shell and world without the interface.
    Sh(sh::ShArgs),
    /// Write a quest's record, for whoever collects them.
    Export(export::ExportArgs),
    /// Play records again and say which are complete.
    Check(check::CheckArgs),
    /// Write a journal with versions into one file, to report a mistake of KubeJam's.
    Report(export::ReportArgs),
    /// Make a small quest of your own, to begin with.
    New(new_quest::NewArgs),
    /// Play a quest's solutions without the interface.
    Solve(commands::SolveArgs),
    /// Prove lessons: every solution passes, every near miss does not.
    Lint(commands::LintArgs),
    /// Run recorded transcripts and compare.
    Golden(golden::GoldenArgs),
}

/// Runs the program; what it returns is the process's exit status.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Some(Command::Sh(args)) => sh::run(&args, &cli.common),
        Some(Command::Serve(args)) => kube_http::run(&args, &cli.common),
        Some(Command::Export(args)) => export::run_export(&args, &cli.common),
        Some(Command::Check(args)) => check::run(&args, &cli.common),
        Some(Command::Report(args)) => export::run_report(&args, &cli.common),
        Some(Command::New(args)) => new_quest::run(&args),
        Some(Command::Solve(args)) => commands::run_solve(&args),
        Some(Command::Lint(args)) => commands::run_lint(&args),
        Some(Command::Golden(args)) => golden::run(&args),
        Some(Command::List(args)) => list::run(&args, &cli.common),
        Some(Command::Start { quest, fresh, step, serve }) => {
            play(Open::Quest { id: quest, fresh, step }, &cli.common, serve)
        }
        Some(Command::Sandbox { fresh, serve }) => play(Open::Sandbox { fresh }, &cli.common, serve),
        None => play(Open::Home, &cli.common, None),
    };
    result.unwrap_or_else(|error| {
        eprintln!("kubejam: {error:#}");
        ExitCode::FAILURE
    })
}

fn play(open: Open, common: &Common, serve: Option<u16>) -> anyhow::Result<ExitCode> {
    terminal::run(open, common, serve).map(|()| ExitCode::SUCCESS)
}
