//! From a command line to the command that answers it, as cobra goes: which command the first words name, its flags,
//! help, the number of arguments, and docker's words for each mistake. Never does what a command does.

use super::beyond::{self, Beyond};
use super::command::{self, Args, Command, Flag};
use super::flags::{self, Help, Parsed};
use super::{CLIENT_BUILD, CLIENT_VERSION, Docker, build, compose, context, help, system, table};

/// What `-l` takes.
const LOG_LEVELS: &[&str] = &["trace", "debug", "info", "warn", "warning", "error", "fatal", "panic"];
/// How docker itself is used, where a mistake is answered.
const TOP_USAGE: &str = "docker [OPTIONS] COMMAND [ARG...]";
/// Other names of commands within a group: the group (any, when empty), the other name, the name.
const OTHER_NAMES: &[(&str, &str, &str)] = &[
    ("", "list", "ls"),
    ("", "remove", "rm"),
    ("container", "ps", "ls"),
    ("stack", "down", "rm"),
    ("stack", "up", "deploy"),
];

/// What the first words of a command line name.
enum Named {
    /// A command, and its path by its own name: `container ls` for `container ps`.
    Command(&'static Command, String),
    /// A command that is not imitated.
    Beyond(Beyond),
    /// A group, whose command is yet to come or is none.
    Group(String),
    Nothing,
}

pub async fn dispatch(docker: Docker) -> i32 {
    let words = docker.call.args().to_vec();
    let global = match flags::parse(&words, &top_flags(), false) {
        Ok(parsed) => parsed,
        Err(error) => return usage_error(&docker, &error, "docker", TOP_USAGE).await,
    };
    if let Some(asked) = global.help {
        return asked_for_help(&docker, asked, &global.args).await;
    }
    if let Some(level) = global.get("log-level").filter(|l| !LOG_LEVELS.contains(l)) {
        docker.err(format!("Unable to parse logging level: {level}\n")).await;
        return 1;
    }
    if global.is("version") && global.args.is_empty() {
        docker.out(format!("Docker version {CLIENT_VERSION}, build {CLIENT_BUILD}\n")).await;
        return 0;
    }
    let host = match context::endpoint(&docker, &global) {
        Ok(host) => host,
        Err(why) => {
            docker.err(format!("Failed to initialize: unable to resolve docker endpoint: {why}\n")).await;
            return 1;
        }
    };
    if global.args.is_empty() {
        docker.err(help::of_docker()).await;
        return 0;
    }
    if global.args[0] == "help" {
        return help_command(&docker, &global.args[1..]).await;
    }
    run(docker, global.args, &host).await
}

/// `docker --help`, or help on whatever command follows it.
async fn asked_for_help(docker: &Docker, asked: Help, words: &[String]) -> i32 {
    if asked == Help::Short {
        docker.err("Flag shorthand -h has been deprecated, use --help\n").await;
    }
    let text = help_on(&name(words).0).unwrap_or_else(help::of_docker);
    docker.out(text).await;
    0
}

async fn run(docker: Docker, words: Vec<String>, host: &str) -> i32 {
    let (named, taken) = name(&words);
    let rest = &words[taken..];
    match named {
        Named::Command(command, path) => run_command(docker, command, path, rest, host).await,
        Named::Beyond(command) => beyond::answer(&docker, &command, rest).await,
        Named::Group(group) => answer_group(&docker, &group, rest).await,
        Named::Nothing => unknown_command(&docker, &words).await,
    }
}

async fn run_command(
    docker: Docker,
    command: &'static Command,
    path: String,
    rest: &[String],
    host: &str,
) -> i32 {
    let legacy = command.path == "build" && path != "buildx build";
    let command = match docker.call.var("DOCKER_BUILDKIT").filter(|value| legacy && !value.is_empty()) {
        None => command,
        Some("0" | "f" | "F" | "false" | "FALSE" | "False") => {
            docker.err(build::DEPRECATED).await;
            &table::LEGACY_BUILD
        }
        Some("1" | "t" | "T" | "true" | "TRUE" | "True") => command,
        Some(other) => {
            let shown = super::format::quote(other);
            docker
                .err(format!("DOCKER_BUILDKIT environment variable expects boolean value: strconv.ParseBool: parsing {shown}: invalid syntax\n"))
                .await;
            return 1;
        }
    };
    let shown = command.shown(&path);
    let mut parsed = match flags::parse(rest, &command.flag_list(), command.mixed) {
        Ok(parsed) => parsed,
        Err(error) => {
            return usage_error(&docker, &error, &shown, &help::usage(command, &path)).await;
        }
    };
    warn(&docker, &parsed).await;
    if parsed.help.is_some() {
        docker.out(help::of_command(command, &path)).await;
        return 0;
    }
    if let Some(complaint) = count_complaint(command.args, parsed.args.len()) {
        let prefix = if shown.starts_with("docker buildx ") { "ERROR: " } else { "" };
        return count_error(&docker, prefix, &shown, &help::usage(command, &path), complaint).await;
    }
    if let Some(why) = flags::unsupported(&parsed) {
        docker.err(format!("{why}\n")).await;
        return 1;
    }
    parsed.typed = path;
    // What the client keeps for itself needs no engine.
    let asks = !parsed.typed.starts_with("context ");
    if asks && !host.is_empty() && host != context::SOCKET {
        return system::unreachable(&docker, &parsed, host).await;
    }
    (command.run)(docker, parsed).await
}

/// What pflag says about flags that should not be used any more. Cobra prints it where help goes, so it is on standard
/// output; only docker's own first look at its flags has standard error.
pub async fn warn(docker: &Docker, parsed: &Parsed) {
    for note in &parsed.notes {
        docker.out(format!("{note}\n")).await;
    }
}

/// What a command line asks of docker: the command by its plain path (`ps`, also for `container ls`), taken apart.
/// `None` for what docker itself would refuse.
pub fn understand(words: &[String]) -> Option<(&'static str, Parsed)> {
    let global = flags::parse(words, &top_flags(), false).ok()?;
    if global.is("version") && global.args.is_empty() {
        return Some(("version", Parsed::default()));
    }
    let (Named::Command(command, _), taken) = name(&global.args) else { return None };
    let mut parsed = flags::parse(&global.args[taken..], &command.flag_list(), command.mixed).ok()?;
    if !command.mixed && parsed.args.len() > 1 {
        parsed.command = parsed.args.split_off(1);
    }
    Some((command.path, parsed))
}

/// The long names of the flags that a command has; none for words that name no command.
pub fn flags_of(words: &[String]) -> Vec<&'static str> {
    let Named::Command(command, _) = name(words).0 else { return Vec::new() };
    command.flag_list().into_iter().map(|flag| flag.long).collect()
}

/// What the first words name, and how many of them that took.
fn name(words: &[String]) -> (Named, usize) {
    let deepest = (1..=words.len().min(2)).rev().find(|n| help::is_group(&words[..*n].join(" ")));
    let Some(depth) = deepest else {
        return match words.first().and_then(|first| command(first)) {
            Some(found) => (Named::Command(found, words[0].clone()), 1),
            None => (Named::Nothing, 0),
        };
    };
    // The plug-in that builds answers for the group that built before it.
    let group = words[..depth].join(" ");
    let group = if group == "builder" { "buildx".to_owned() } else { group };
    let Some(word) = words.get(depth) else { return (Named::Group(group), depth) };
    let other = OTHER_NAMES.iter().find(|(of, other, _)| (of.is_empty() || *of == group) && other == word);
    let own = format!("{group} {}", other.map_or(word.as_str(), |(.., name)| name));
    let typed = format!("{group} {word}");
    if let Some(found) = command(&typed) {
        let path = if command(&own).is_some() { own } else { typed };
        return (Named::Command(found, path), depth + 1);
    }
    match Beyond::find(&typed).or_else(|| Beyond::find(&own).filter(Beyond::has_other_names)) {
        Some(found) => (Named::Beyond(found), depth + 1),
        None => (Named::Group(group), depth),
    }
}

fn command(path: &str) -> Option<&'static Command> {
    table::commands().find(|c| c.path == path || c.aliases.contains(&path))
}

/// The help on what was named; `None` where nothing was. Docker's own help knows the builder that was before.
fn help_on(named: &Named) -> Option<String> {
    match named {
        Named::Command(command, path) if command.path == "build" && path != "buildx build" => {
            Some(help::of_command(&table::LEGACY_BUILD, path))
        }
        Named::Beyond(command) if command.path.starts_with("checkpoint ") => {
            Some(format!("docker {} {}\n", command.path, beyond::EXPERIMENTAL))
        }
        Named::Group(group) if group == "checkpoint" => {
            Some(format!("docker {group} {}\n", beyond::EXPERIMENTAL))
        }
        Named::Command(command, path) => Some(help::of_command(command, path)),
        Named::Beyond(command) => Some(command.help()),
        Named::Group(group) => help::of_group(group),
        Named::Nothing => None,
    }
}

/// A group without one of its commands.
async fn answer_group(docker: &Docker, group: &str, rest: &[String]) -> i32 {
    if group == "checkpoint" {
        return beyond::experimental(docker, "docker checkpoint", rest).await;
    }
    let shown = format!("docker {group}");
    let usage = format!("{shown}{}", help::own_usage(group));
    let parsed = match flags::parse(rest, &[], true) {
        Ok(parsed) => parsed,
        Err(error) => return usage_error(docker, &error, &shown, &usage).await,
    };
    warn(docker, &parsed).await;
    let help = help::of_group(group).unwrap_or_default();
    if parsed.help.is_some() {
        docker.out(help).await;
        return 0;
    }
    let plugin = group.starts_with("buildx");
    let Some(word) = parsed.args.first() else {
        if plugin {
            docker.out(help).await
        } else {
            docker.err(help).await
        }
        return 0;
    };
    if plugin {
        docker.out(help).await;
        docker.err(format!("ERROR: unknown command: {}\n", super::format::quote(word))).await;
        return 1;
    }
    docker
        .err(format!(
            "docker: unknown command: {shown} {word}\n\nUsage:  {usage}\n\nRun '{shown} --help' for more information\n"
        ))
        .await;
    1
}

async fn unknown_command(docker: &Docker, words: &[String]) -> i32 {
    let first = &words[0];
    if first == "compose" {
        return compose::run(docker, &words[1..]).await;
    }
    if let Some(why) = table::NOT_IMITATED.iter().find(|(name, _)| name == first).map(|(_, why)| why) {
        docker.err(format!("docker {first}: {why} KubeJam does not imitate it.\n")).await;
        return 1;
    }
    // Docker reads its own flags among the words before it finds that it has no such command.
    let parsed = match flags::parse(&words[1..], &top_flags(), true) {
        Ok(parsed) => parsed,
        Err(error) => return usage_error(docker, &error, "docker", TOP_USAGE).await,
    };
    warn(docker, &parsed).await;
    if parsed.help.is_some() {
        docker.out(help::of_docker()).await;
        return 0;
    }
    docker
        .err(format!("docker: unknown command: docker {first}\n\nRun 'docker --help' for more information\n"))
        .await;
    1
}

async fn help_command(docker: &Docker, words: &[String]) -> i32 {
    let usage = "docker help [command]";
    let parsed = match flags::parse(words, &[], true) {
        Ok(parsed) => parsed,
        Err(error) => return usage_error(docker, &error, "docker help", usage).await,
    };
    warn(docker, &parsed).await;
    if parsed.help.is_some() || parsed.args.first().is_some_and(|word| word == "help") {
        docker.out(format!("Usage:  {usage}\n\nPrints the help of a command\n")).await;
        return 0;
    }
    let (named, taken) = name(&parsed.args);
    let left = &parsed.args[taken..];
    if left.is_empty() {
        docker.out(help_on(&named).unwrap_or_else(help::of_docker)).await;
        return 0;
    }
    let topic = if matches!(named, Named::Command(..) | Named::Beyond(_)) { &left[..1] } else { left };
    docker.err(format!("unknown help topic: {}\n", topic.join(" "))).await;
    1
}

pub async fn usage_error(docker: &Docker, error: &str, shown: &str, usage: &str) -> i32 {
    docker.err(format!("{error}\n\nUsage:  {usage}\n\nRun '{shown} --help' for more information\n")).await;
    125
}

/// What is wrong with a number of arguments, and how the closing line begins: docker 28 is not consistent there.
pub fn count_complaint(args: Args, count: usize) -> Option<(String, &'static str)> {
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
        // Cobra's own check, which docker forgot to put its words around.
        Args::Plainly(n) if count != n => Some((format!("accepts {n} arg(s), received {count}"), "")),
        _ => None,
    }
}

pub async fn count_error(
    docker: &Docker,
    prefix: &str,
    shown: &str,
    usage: &str,
    complaint: (String, &str),
) -> i32 {
    let message = match complaint {
        (what, "") => format!("{what}\n"),
        (what, verb) => format!(
            "{prefix}docker: '{shown}' {what}\n\nUsage:  {usage}\n\n{verb} '{shown} --help' for more information\n"
        ),
    };
    docker.err(message).await;
    1
}

fn top_flags() -> Vec<Flag> {
    command::read_flags(table::TOP_FLAGS)
}
