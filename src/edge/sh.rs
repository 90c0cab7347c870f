//! `kubejam sh`: the shell and world without the interface, for scripts, pipes and tools.
#![allow(clippy::disallowed_methods, reason = "scripts are files of the host")]

use std::fs;
use std::io::{BufRead, Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Value, json};

use crate::authoring::player::Player;
use crate::authoring::solve::solve_on;
use crate::base::{Seed, SimTime};
use crate::edge::options::Common;
use crate::lesson::course::Course;
use crate::session::batch::BatchShell;
use crate::session::{Session, Start, WorldKind};
use crate::world::Input;

/// When sessions without a person begin: always the same moment, so that the same commands give the same bytes.
const BEGIN: SimTime = SimTime::from_secs(1_795_351_539);

/// Arguments of `kubejam sh`.
#[derive(Debug, Args)]
pub struct ShArgs {
    /// Run this command and exit with its status.
    #[arg(short = 'c', value_name = "CMD", conflicts_with = "file")]
    command: Option<String>,
    /// A script to run; `-` reads it from standard input.
    #[arg(value_name = "FILE")]
    file: Option<String>,
    /// Read commands as JSON Lines and answer in JSON Lines.
    #[arg(long)]
    json: bool,
    /// The world to start in: cloudshell or cluster.
    #[arg(long, value_name = "WORLD", default_value = "cloudshell")]
    world: String,
    /// Start as this quest starts.
    #[arg(long, value_name = "QUEST")]
    quest: Option<String>,
    /// Start where this step of the quest starts: what comes before is played as its solutions say.
    #[arg(long, value_name = "ID", requires = "quest")]
    step: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// When the script cannot be read, or a name is unknown.
pub fn run(args: &ShArgs, common: &Common) -> Result<ExitCode> {
    let mut session = session(args, common)?;
    if args.json {
        return run_json(&mut session);
    }
    let script = match (&args.command, args.file.as_deref()) {
        (Some(command), _) => command.clone(),
        (None, Some("-") | None) => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("standard input")?;
            text
        }
        (None, Some(path)) => fs::read_to_string(path).with_context(|| path.to_owned())?,
    };
    let shell = open_shell(&mut session)?;
    let ran = session.run_command(&shell, &script, Input::Null, None);
    std::io::stdout().write_all(&ran.stdout).ok();
    std::io::stderr().write_all(&ran.stderr).ok();
    Ok(ExitCode::from(u8::try_from(ran.exit.unwrap_or(130)).unwrap_or(1)))
}

fn session(args: &ShArgs, common: &Common) -> Result<Session> {
    let mut kind = WorldKind::parse(&args.world)
        .with_context(|| format!("there is no world {:?}; there are cloudshell and cluster", args.world))?;
    let mut quest = None;
    if let Some(id) = &args.quest {
        let course = Course::embedded().map_err(|errors| anyhow::anyhow!("{}", errors[0]))?;
        let found = course
            .quest(id)
            .with_context(|| format!("there is no quest {id:?}; `kubejam list` shows them"))?;
        kind = WorldKind::parse(&found.lesson.world).unwrap_or(kind);
        quest = Some(found.clone());
    }
    let mut start = Start::new("student-7f3a", BEGIN, kind);
    start.quest = quest.clone();
    if let Some(seed) = common.seed {
        start.seed = Seed(seed);
    }
    match quest.zip(args.step.as_deref()) {
        Some((quest, step)) => {
            let player = solve_on(Player::of(start), &quest, Some(step), &mut |_, _| {});
            Ok(player.map_err(|stuck| anyhow::anyhow!("{stuck}"))?.into_session())
        }
        None => Ok(Session::new(start)),
    }
}

fn open_shell(session: &mut Session) -> Result<BatchShell> {
    let home = session.view(|w| w.machine_host().map(|h| h.home.clone())).unwrap_or_default();
    Ok(session.open_shell(&home)?)
}

/// One command per line in, one answer per line out; the world goes on from line to line.
fn run_json(session: &mut Session) -> Result<ExitCode> {
    let begin = session.now();
    let mut shell = open_shell(session)?;
    for line in std::io::stdin().lock().lines() {
        let line = line.context("standard input")?;
        if line.trim().is_empty() {
            continue;
        }
        let request: Value =
            serde_json::from_str(&line).with_context(|| format!("not a JSON object: {line}"))?;
        let Some(cmd) = request["cmd"].as_str() else { bail!("a line needs \"cmd\": {line}") };
        if let Some(seconds) = request["wait_before_s"].as_f64().filter(|s| *s > 0.0) {
            let until = session.now() + Duration::from_secs_f64(seconds);
            session.advance(until);
        }
        let stdin =
            request["stdin"].as_str().map_or(Input::Null, |text| Input::bytes(text.as_bytes().to_vec()));
        let interrupt = request["interrupt_after_s"].as_f64().map(Duration::from_secs_f64);
        let ran = session.run_command(&shell, cmd, stdin, interrupt);
        if !session.is_open(&shell) {
            shell = open_shell(session)?;
        }
        let answer = json!({
            "id": request["id"],
            "stdout": String::from_utf8_lossy(&ran.stdout),
            "stderr": String::from_utf8_lossy(&ran.stderr),
            "exit": ran.exit,
            "t_s": (ran.started.0 - begin.0) as f64 / 1000.0,
        });
        let mut out = std::io::stdout().lock();
        if writeln!(out, "{answer}").and_then(|()| out.flush()).is_err() {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}
