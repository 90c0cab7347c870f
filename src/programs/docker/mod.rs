//! The `docker` command: finds the command, reads its flags, answers mistakes as docker does. Each command is a file.
//! Never keeps state: the engine is the machine's.

pub mod command;
pub mod complete;
pub mod flags;
pub mod format;
mod help;
mod rows;
mod table;
mod template;

mod attach;
mod beyond;
mod build;
mod containers;
mod context;
mod copy;
mod create;
mod events;
mod exec;
mod filters;
mod images;
mod inspect;
mod login;
mod logs;
mod mounts;
mod network;
mod prune;
mod ps;
mod pull;
mod push;
mod refusals;
mod run;
mod start;
mod stats;
mod stop;
mod system;
mod values;
mod versions;
mod volume;

use crate::base::SimTime;
use crate::machine::Engine;
use crate::machine::docker::EngineError;
use crate::machine::docker::work::{Progress, WorkKind};
use crate::world::{Call, ExitStatus, LocalFuture, Output};

use command::{Args, Command};
use flags::{Help, Parsed};

/// Version of the client that is imitated.
pub const CLIENT_VERSION: &str = "28.2.2";
/// Build of the client.
pub const CLIENT_BUILD: &str = "e6534b4";

/// What `-l` takes.
const LOG_LEVELS: &[&str] = &["trace", "debug", "info", "warn", "warning", "error", "fatal", "panic"];

/// A running docker command: its call, and the shortest ways to the engine and the streams.
pub struct Docker {
    pub call: Call,
}

impl Docker {
    /// Looks at or changes the engine.
    pub fn engine<R>(&self, act: impl FnOnce(&mut Engine, SimTime) -> R) -> R {
        self.call.sys.with(|w| act(&mut w.machine.docker, w.now))
    }

    /// Only looks.
    pub fn view<R>(&self, look: impl FnOnce(&Engine, SimTime) -> R) -> R {
        self.call.sys.view(|w| look(&w.machine.docker, w.now))
    }

    /// Begins work that the picture shows; its number.
    pub fn begin_work(&self, kind: WorkKind, subject: &str) -> u64 {
        let client = self.call.sys.pid();
        self.engine(|engine, _| engine.works.begin(kind, subject, client))
    }

    /// How far a part of that work is.
    pub fn work_part(&self, work: u64, name: &str, progress: Progress) {
        self.engine(|engine, _| engine.works.part(work, name, progress));
    }

    /// Writes to standard output. A reader that went away is no concern of docker's.
    pub async fn out(&self, text: impl AsRef<[u8]>) {
        let _reader_gone = self.call.io.stdout.write(text).await;
    }

    /// Writes to standard error.
    pub async fn err(&self, text: impl AsRef<[u8]>) {
        let _reader_gone = self.call.io.stderr.write(text).await;
    }

    /// The engine refused: the sentence on standard error, 1.
    pub async fn fail(&self, error: &EngineError) -> ExitStatus {
        self.err(format!("Error response from daemon: {error}\n")).await;
        1
    }

    /// `docker run` and `docker create` failed: their frame around the sentence, 125 or what the engine gave.
    pub async fn fail_run(&self, typed: &str, message: &str, code: i32) -> ExitStatus {
        self.err(format!("docker: {message}\n\nRun 'docker {typed} --help' for more information\n")).await;
        code
    }

    /// Waits until `done` gives an answer, looking again after every change of the engine.
    pub async fn until<T>(&self, mut done: impl FnMut(&Engine, SimTime) -> Option<T>) -> T {
        loop {
            let (found, epoch) = self.call.sys.with(|w| {
                let epoch = w.epoch();
                (done(&w.machine.docker, w.now), epoch)
            });
            if let Some(found) = found {
                return found;
            }
            self.call.sys.changed(epoch).await;
        }
    }

    /// Whether standard output is a terminal.
    pub fn on_terminal(&self) -> bool {
        self.call.io.stdout.is_terminal()
    }

    /// Columns of the terminal behind a stream.
    pub fn columns(&self, stream: &Output) -> usize {
        stream.tty().map_or(80, |tty| usize::from(tty.size().cols))
    }

    /// The ports that programs on the machine itself listen on.
    pub fn busy_ports(&self) -> std::collections::BTreeSet<u16> {
        self.call.sys.view(|w| {
            let machine = w.hosts.get(&crate::world::HostId::MACHINE).map(|h| h.netns.clone());
            let network = machine.and_then(|id| w.networks.get(&id));
            network.map(|n| n.sockets.keys().copied().collect()).unwrap_or_default()
        })
    }
}

/// The program.
pub fn main(call: Call) -> LocalFuture<ExitStatus> {
    Box::pin(async move { dispatch(Docker { call }).await })
}

async fn dispatch(docker: Docker) -> ExitStatus {
    let words = docker.call.args().to_vec();
    let global = match flags::parse(&words, &top_flags(), false) {
        Ok(parsed) => parsed,
        Err(error) => {
            return usage_error(&docker, &error, "docker", "docker [OPTIONS] COMMAND [ARG...]").await;
        }
    };
    if let Some(help) = global.help {
        return print_help(&docker, &help::of_docker(), help).await;
    }
    if let Some(level) = global.get("log-level").filter(|l| !LOG_LEVELS.contains(l)) {
        docker.err(format!("Unable to parse logging level: {level}\n")).await;
        return 1;
    }
    if global.is("version") {
        docker.out(format!("Docker version {CLIENT_VERSION}, build {CLIENT_BUILD}\n")).await;
        return 0;
    }
    if let Some(context) = global.get("context").filter(|c| !matches!(*c, "default" | "")) {
        let why = context::not_found(&docker, context);
        docker.err(format!("Failed to initialize: unable to resolve docker endpoint: {why}\n")).await;
        return 1;
    }
    if global.args.is_empty() {
        docker.err(help::of_docker()).await;
        return 0;
    }
    if global.args[0] == "help" {
        return help_command(&docker, &global.args[1..]).await;
    }
    let host = global.get("host").or(docker.call.var("DOCKER_HOST")).unwrap_or_default().to_owned();
    run_command(docker, global.args, &host).await
}

async fn run_command(docker: Docker, words: Vec<String>, host: &str) -> ExitStatus {
    let Some((command, typed, rest)) = find_command(&words) else {
        return unknown_command(&docker, &words).await;
    };
    let mut parsed = match flags::parse(&rest, &command.flag_list(), command.mixed) {
        Ok(parsed) => parsed,
        Err(error) => {
            let usage = format!("{} {}", command.shown(&typed), command.usage);
            return usage_error(&docker, &error, &command.shown(&typed), usage.trim_end()).await;
        }
    };
    for note in &parsed.notes {
        docker.err(format!("{note}\n")).await;
    }
    if let Some(help) = parsed.help {
        return print_help(&docker, &help::of_command(command, &typed), help).await;
    }
    if let Some(complaint) = count_complaint(command.args, parsed.args.len()) {
        return count_error(&docker, command, &typed, complaint).await;
    }
    if let Some(why) = flags::unsupported(&parsed) {
        docker.err(format!("{why}\n")).await;
        return 1;
    }
    parsed.typed.clone_from(&typed);
    if !host.is_empty() && host != "unix:///var/run/docker.sock" {
        return system::unreachable(&docker, &parsed, host).await;
    }
    (command.run)(docker, parsed).await
}

/// What a command line asks of docker: the command by its plain path (`ps`, also for `container ls`), taken apart.
/// `None` for what docker itself would refuse.
pub fn understand(words: &[String]) -> Option<(&'static str, Parsed)> {
    let global = flags::parse(words, &top_flags(), false).ok()?;
    if global.is("version") {
        return Some(("version", Parsed::default()));
    }
    let (command, _, rest) = find_command(&global.args)?;
    let mut parsed = flags::parse(&rest, &command.flag_list(), command.mixed).ok()?;
    if !command.mixed && parsed.args.len() > 1 {
        parsed.command = parsed.args.split_off(1);
    }
    Some((command.path, parsed))
}

/// The long names of the flags that a command has; none for words that name no command.
pub fn flags_of(words: &[String]) -> Vec<&'static str> {
    let command = find_command(words).map(|(command, ..)| command.flag_list());
    command.unwrap_or_default().into_iter().map(|flag| flag.long).collect()
}

/// The command that the first words name, the words that name it, and the rest.
fn find_command(words: &[String]) -> Option<(&'static Command, String, Vec<String>)> {
    for taken in [2, 1] {
        let Some(path) = words.get(..taken).map(|w| w.join(" ")) else { continue };
        let found = table::commands().find(|c| c.path == path || c.aliases.contains(&path.as_str()));
        if let Some(command) = found {
            return Some((command, path, words[taken..].to_vec()));
        }
    }
    None
}

async fn unknown_command(docker: &Docker, words: &[String]) -> ExitStatus {
    let first = &words[0];
    if let Some(code) = beyond::answer(docker, words).await {
        return code;
    }
    if let Some(group) = help::of_group(first) {
        return match words.get(1).map(String::as_str) {
            None => {
                docker.err(group).await;
                0
            }
            Some("--help" | "-h") => print_help(docker, &group, Help::Long).await,
            Some(flag) if flag.starts_with('-') => {
                let error = match flag.strip_prefix("--") {
                    Some(long) => format!("unknown flag: --{long}"),
                    None => {
                        format!("unknown shorthand flag: '{}' in {flag}", flag.chars().nth(1).unwrap_or('-'))
                    }
                };
                usage_error(docker, &error, &format!("docker {first}"), &format!("docker {first}")).await
            }
            Some(second) => {
                docker
                    .err(format!(
                        "docker: unknown command: docker {first} {second}\n\nUsage:  docker {first}{}\n\nRun 'docker {first} --help' for more information\n",
                        // Two groups are commands that could run themselves, and say so.
                        if matches!(first.as_str(), "volume" | "manifest") { " COMMAND" } else { "" }
                    ))
                    .await;
                1
            }
        };
    }
    if let Some(why) = table::NOT_IMITATED.iter().find(|(name, _)| name == first).map(|(_, why)| why) {
        docker.err(format!("docker {first}: {why} KubeJam does not imitate it.\n")).await;
        return 1;
    }
    docker
        .err(format!("docker: unknown command: docker {first}\n\nRun 'docker --help' for more information\n"))
        .await;
    1
}

async fn help_command(docker: &Docker, words: &[String]) -> ExitStatus {
    if words.is_empty() {
        return print_help(docker, &help::of_docker(), Help::Long).await;
    }
    if let Some((command, typed, rest)) = find_command(words) {
        if let Some(topic) = rest.first() {
            docker.err(format!("unknown help topic: {topic}\n")).await;
            return 1;
        }
        return print_help(docker, &help::of_command(command, &typed), Help::Long).await;
    }
    let group = help::of_group(&words[0]);
    if let (Some(group), 1) = (&group, words.len()) {
        return print_help(docker, group, Help::Long).await;
    }
    let topic = if group.is_some() { words[1..].join(" ") } else { words.join(" ") };
    docker.err(format!("unknown help topic: {topic}\n")).await;
    1
}

async fn print_help(docker: &Docker, text: &str, help: Help) -> ExitStatus {
    if help == Help::Short {
        docker.err("Flag shorthand -h has been deprecated, use --help\n").await;
    }
    docker.out(text).await;
    0
}

async fn usage_error(docker: &Docker, error: &str, shown: &str, usage: &str) -> ExitStatus {
    docker.err(format!("{error}\n\nUsage:  {usage}\n\nRun '{shown} --help' for more information\n")).await;
    125
}

/// What is wrong with a number of arguments, and how the closing line begins: docker 28 is not consistent there.
fn count_complaint(args: Args, count: usize) -> Option<(String, &'static str)> {
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    match args {
        Args::None if count > 0 => Some(("accepts no arguments".to_owned(), "Run")),
        Args::Exactly(n) if count != n => Some((format!("requires {n} argument{}", plural(n)), "Run")),
        Args::AtLeast(n) if count < n => {
            Some((format!("requires at least {n} argument{}", plural(n)), "See"))
        }
        Args::Between(low, high) if count < low || count > high => {
            Some((format!("requires at least {low} and at most {high} argument{}", plural(high)), "Run"))
        }
        Args::AtMost(n) if count > n => Some((format!("requires at most {n} argument{}", plural(n)), "SRun")),
        _ => None,
    }
}

async fn count_error(
    docker: &Docker,
    command: &Command,
    typed: &str,
    complaint: (String, &str),
) -> ExitStatus {
    let shown = command.shown(typed);
    let prefix = if shown == "docker buildx build" { "ERROR: " } else { "" };
    let (what, verb) = complaint;
    docker
        .err(format!(
            "{prefix}docker: '{shown}' {what}\n\n{}\n\n{verb} '{shown} --help' for more information\n",
            help::usage(command, typed)
        ))
        .await;
    1
}

fn top_flags() -> Vec<command::Flag> {
    let top = Command {
        path: "",
        aliases: &[],
        usage: "",
        about: "",
        args: Args::Any,
        flags: table::TOP_FLAGS,
        mixed: false,
        run: |_, _| Box::pin(async { 0 }),
    };
    top.flag_list()
}

/// Splits a line into words as a Dockerfile does; for tests.
#[cfg(test)]
fn build_words(line: &str) -> Vec<String> {
    build::words(line)
}

#[cfg(test)]
mod tests;
