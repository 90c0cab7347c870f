//! Help and usage as docker's cobra templates lay them out. The usage lines and flags are the real ones, the sentences
//! are ours. Never runs a command.

use super::command::{Command, Flag, read_flags};
use super::table::{GROUPS, MAIN, TOP_FLAGS, commands};

/// What docker calls itself where it says how it is used.
const ABOUT: &str = "A self-sufficient runtime for containers";
/// Groups that the list of commands leaves out.
const UNLISTED: &[&str] = &["buildx", "checkpoint", "config", "node", "secret", "service", "stack"];
/// What every group of the plug-in that builds takes.
const PLUGIN_FLAGS: &str = "--builder | string | Which builder builds\n-D, --debug | | Says more";
/// Commands of `docker swarm` for an engine that is in none.
const OUTSIDE_A_SWARM: &[&str] = &["init", "join"];

/// Whether docker has a group of that name.
pub fn is_group(path: &str) -> bool {
    GROUPS.iter().any(|(name, _)| *name == path)
}

/// How a group says it is used by itself: most say nothing.
pub fn own_usage(group: &str) -> &'static str {
    match group {
        "volume" | "manifest" => " COMMAND",
        "stack" => " [OPTIONS]",
        _ => "",
    }
}

/// How a command is used: `docker ps [OPTIONS]`.
pub fn usage(command: &Command, path: &str) -> String {
    format!("{} {}", command.shown(path), command.usage).trim_end().to_owned()
}

/// `docker COMMAND --help`.
pub fn of_command(command: &Command, typed: &str) -> String {
    let mut out = format!("Usage:  {}\n\n{}\n", usage(command, typed), command.about);
    // Names below a group come first.
    let mut names = vec![command.path];
    names.extend(command.aliases);
    names.sort_by_key(|name| !name.contains(' '));
    // The plug-in leaves out the name it goes by.
    if command.aliases.contains(&"buildx build") {
        names.retain(|name| *name != "buildx build");
        names.sort_unstable();
    }
    if names.len() > 1 && !command.path.starts_with("buildx") {
        let names: Vec<String> = names.iter().map(|n| format!("docker {n}")).collect();
        out.push_str(&format!("\nAliases:\n  {}\n", names.join(", ")));
    }
    let flags = flag_lines(&command.flag_list());
    if !flags.is_empty() {
        out.push_str(&format!("\nOptions:\n{flags}"));
    }
    out
}

/// The lines of a table of flags, in columns.
pub fn flag_lines(flags: &[Flag]) -> String {
    let rows: Vec<(String, &str)> = flags
        .iter()
        .filter(|flag| !flag.hidden)
        .map(|flag| {
            let short = flag.short.map_or_else(|| "      ".to_owned(), |short| format!("  -{short}, "));
            (format!("{short}--{} {}", flag.long, flag.type_name).trim_end().to_owned(), flag.about)
        })
        .collect();
    let width = rows.iter().map(|(left, _)| left.len()).max().unwrap_or(0);
    rows.iter().map(|(left, about)| format!("{left:width$}   {about}\n")).collect()
}

/// The commands of a group, `container` for instance; `None` when there is no such group.
pub fn of_group(group: &str) -> Option<String> {
    let (_, about) = GROUPS.iter().find(|(name, _)| *name == group)?;
    let below = format!("{group} ");
    let groups: Vec<(&str, &str)> = GROUPS
        .iter()
        .filter_map(|(name, about)| Some((name.strip_prefix(below.as_str())?, *about)))
        .collect();
    let mut members: Vec<(&str, &str)> = members(group);
    members.extend(super::beyond::members(group).into_iter().map(|name| (name, "Not imitated by KubeJam")));
    members.retain(|(name, _)| group != "swarm" || OUTSIDE_A_SWARM.contains(name));
    members.sort_unstable();
    let list = |title: &str, members: &[(&str, &str)]| {
        let width = members.iter().map(|(name, _)| name.len()).max().unwrap_or(0).max(11);
        let lines: String =
            members.iter().map(|(name, about)| format!("  {name:width$} {about}\n")).collect();
        if members.is_empty() { String::new() } else { format!("{title}:\n{lines}\n") }
    };
    let plugin = group.starts_with("buildx");
    let options =
        if plugin { format!("Options:\n{}\n", flag_lines(&read_flags(PLUGIN_FLAGS))) } else { String::new() };
    let usage = if plugin { "[OPTIONS] COMMAND" } else { "COMMAND" };
    Some(format!(
        "Usage:  docker {group} {usage}\n\n{about}\n\n{options}{}{}Run 'docker {group} COMMAND --help' for more information on a command.\n",
        list("Management Commands", &groups),
        list("Commands", &members),
    ))
}

fn members(group: &str) -> Vec<(&'static str, &'static str)> {
    let prefix = format!("{group} ");
    let mut members: Vec<(&str, &str)> = commands()
        .flat_map(|c| {
            std::iter::once(c.path).chain(c.aliases.iter().copied()).map(move |path| (path, c.about))
        })
        .filter_map(|(path, about)| path.strip_prefix(prefix.as_str()).map(|name| (name, about)))
        .filter(|(name, _)| {
            !matches!(*name, "list" | "remove" | "b") && (group, *name) != ("container", "ps")
        })
        .collect();
    members.sort_unstable();
    members
}

/// `docker --help`.
pub fn of_docker() -> String {
    let command = |name: &str| commands().find(|c| c.path == name || c.aliases.contains(&name));
    let line = |name: &str, about: &str| format!("  {name:11} {about}\n");
    let common: String = MAIN.iter().filter_map(|n| command(n).map(|c| line(n, c.about))).collect();
    // Groups that only a swarm's manager or an experimental engine has a use for are not listed.
    let (swarm, groups): (Vec<_>, Vec<_>) = GROUPS
        .iter()
        .filter(|(name, _)| !UNLISTED.contains(name) && !name.contains(' '))
        .partition(|(name, _)| *name == "swarm");
    let management: String = groups.iter().map(|(name, about)| line(name, about)).collect();
    let swarm: String = swarm.iter().map(|(name, about)| line(name, about)).collect();
    let mut rest: Vec<&Command> =
        commands().filter(|c| !c.path.contains(' ') && !MAIN.contains(&c.path)).collect();
    rest.sort_by_key(|c| c.path);
    let rest: String = rest.iter().map(|c| line(c.path, c.about)).collect();
    let flags = flag_lines(&read_flags(TOP_FLAGS));
    format!(
        "Usage:  docker [OPTIONS] COMMAND\n\n{ABOUT}\n\nCommon Commands:\n{common}\nManagement Commands:\n{management}\nSwarm Commands:\n{swarm}\nCommands:\n{rest}\nGlobal Options:\n{flags}\nRun 'docker COMMAND --help' for more information on a command.\n"
    )
}
