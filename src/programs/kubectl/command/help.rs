//! `--help` in kubectl's layout. The sentences are our own; usage lines, flags and defaults are the real ones.

use super::flag::{Flag, Kind};
use super::{Command, ROOT, groups, tree};

const OPTIONS_HINT: &str =
    "Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n";

/// The help of a command, given the path that names it.
pub fn text(command: &Command, path: &[&str]) -> String {
    let full = std::iter::once("kubectl").chain(path.iter().copied()).collect::<Vec<_>>().join(" ");
    let mut out = String::new();
    out.push_str(if command.long.is_empty() { command.short } else { command.long });
    out.push_str(if command.long.is_empty() { ".\n" } else { "\n" });
    if !command.aliases.is_empty() {
        let names: Vec<&str> = std::iter::once(command.name).chain(command.aliases.iter().copied()).collect();
        out.push_str(&format!("\nAliases:\n{}\n", names.join(", ")));
    }
    if !command.examples.is_empty() {
        let examples: Vec<String> =
            command.examples.iter().map(|(what, line)| format!("  # {what}\n  {line}\n")).collect();
        out.push_str(&format!("\nExamples:\n{}", examples.join("  \n")));
    }
    out.push_str(&usage(command, &full));
    out
}

/// Everything from the list of commands on.
fn usage(command: &Command, full: &str) -> String {
    let mut out = String::new();
    if command.name == ROOT.name {
        out.push_str(&root_groups());
    } else if !command.children.is_empty() {
        out.push_str(&format!("\nAvailable Commands:\n{}", list(command.children)));
    }
    let flags: Vec<&Flag> = command.sorted_flags().into_iter().filter(|flag| !flag.hidden).collect();
    if !flags.is_empty() {
        out.push_str("\nOptions:\n");
        flags.iter().for_each(|flag| out.push_str(&flag_text(flag)));
        out.pop();
    }
    let line = if command.usage.is_empty() { String::new() } else { format!(" {}", command.usage) };
    let suffix = if line.contains("[options]") { "" } else { " [options]" };
    let parent =
        full.strip_suffix(command.name).filter(|_| command.name != ROOT.name).unwrap_or("kubectl").trim_end();
    out.push_str(&format!("\nUsage:\n  {parent}{line}{suffix}\n\n"));
    if !command.children.is_empty() {
        out.push_str(&format!(
            "Use \"{full} <command> --help\" for more information about a given command.\n"
        ));
    }
    out.push_str(OPTIONS_HINT);
    out
}

/// The commands of the root in their groups.
fn root_groups() -> String {
    let mut out = String::new();
    for (title, commands) in tree::GROUPS {
        out.push_str(&format!("\n{title}\n{}", list(commands)));
    }
    out
}

fn list(commands: &[&Command]) -> String {
    const NAME_PADDING: usize = 11;
    let shown: Vec<&&Command> = commands.iter().filter(|command| !command.hidden).collect();
    let width = if std::ptr::eq(commands, ROOT.children) || tree::in_root(commands) {
        tree::WIDEST_ROOT_NAME
    } else {
        shown.iter().map(|command| command.name.len()).max().unwrap_or(0)
    };
    let width = width.max(NAME_PADDING);
    shown.iter().map(|command| format!("  {:width$}   {}\n", command.name, command.short)).collect()
}

fn flag_text(flag: &Flag) -> String {
    let short = flag.short.map_or(String::new(), |short| format!("-{short}, "));
    let default = match flag.kind {
        Kind::Text => format!("'{}'", flag.default),
        _ => flag.default.to_string(),
    };
    format!("    {short}--{}={default}:\n\t{}\n\n", flag.name, flag.help)
}

/// `kubectl options`, for somebody whose home is `home`.
pub fn options(home: &str) -> String {
    let mut flags: Vec<&Flag> = groups::GLOBAL.iter().collect();
    flags.sort_by_key(|flag| flag.name);
    let body: String = flags.iter().map(|flag| flag_text(flag)).collect();
    format!("The following options can be passed to any command:\n\n{}", body.replace("$HOME", home))
}

/// What `kubectl help WORD` prints on stderr for an unknown word.
pub fn unknown_topic(words: &[String]) -> String {
    format!("Unknown help topic [`{}`]\n{}", words.join("` `"), format_args!("\n{}", usage(&ROOT, "kubectl")))
}
