//! gcloud's command line: which command is meant, its positional arguments and flags, and the words with which the
//! real parser refuses the rest. Must never run anything.

use std::collections::BTreeMap;

use super::commands::COMMANDS;

/// A command of the tree.
pub struct Command {
    /// Its words after `gcloud`.
    pub path: &'static str,
    /// Its positional arguments as the usage line shows them; `[X]` is optional, `X...` takes all that remain.
    pub positionals: &'static [&'static str],
    /// Its own flags.
    pub flags: &'static [Flag],
    /// What it does, in a sentence of ours.
    pub about: &'static str,
    /// What runs it.
    pub run: super::Run,
}

/// A flag of a command.
pub struct Flag {
    /// With its dashes.
    pub name: &'static str,
    /// Whether it takes a value.
    pub takes_value: bool,
    /// Whether the command cannot do without it.
    pub required: bool,
}

/// A flag that takes a value.
pub const fn value(name: &'static str) -> Flag {
    Flag { name, takes_value: true, required: false }
}

/// A flag without a value.
pub const fn switch(name: &'static str) -> Flag {
    Flag { name, takes_value: false, required: false }
}

/// A flag that must be given.
pub const fn required(name: &'static str) -> Flag {
    Flag { name, takes_value: true, required: true }
}

/// Flags of every command.
const COMMON: &[Flag] = &[
    value("--account"),
    value("--billing-project"),
    value("--configuration"),
    value("--filter"),
    value("--flatten"),
    value("--format"),
    switch("--help"),
    switch("--log-http"),
    value("--limit"),
    value("--page-size"),
    value("--project"),
    switch("--quiet"),
    value("--sort-by"),
    switch("--uri"),
    switch("--user-output-enabled"),
    value("--verbosity"),
    switch("--async"),
];

/// A command line that was understood.
pub struct Parsed {
    /// The command.
    pub command: &'static Command,
    /// Positional arguments.
    pub positionals: Vec<String>,
    /// Flags by name with dashes; a switch has an empty value. The last one counts.
    pub flags: BTreeMap<String, String>,
    /// What followed `--`.
    pub rest: Vec<String>,
}

/// A command line that was refused: what to print, and the exit status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// For standard error; for standard output when the status is 0.
    pub text: String,
    /// 0 for help, else 2.
    pub exit: i32,
}

impl Parsed {
    /// A flag's value.
    pub fn flag(&self, name: &str) -> Option<&str> {
        self.flags.get(name).map(String::as_str)
    }

    /// Whether a flag was given.
    pub fn has(&self, name: &str) -> bool {
        self.flags.contains_key(name)
    }

    /// The name by which errors call the command: `gcloud.container.clusters.create`.
    pub fn dotted(&self) -> String {
        dotted(self.command.path)
    }
}

/// `gcloud.container.clusters` from `container clusters`.
pub fn dotted(path: &str) -> String {
    if path.is_empty() { "gcloud".to_owned() } else { format!("gcloud.{}", path.replace(' ', ".")) }
}

/// Understands a command line (without `gcloud`).
///
/// # Errors
/// What the parser refuses, or asked-for help.
pub fn parse(words: &[String]) -> Result<Parsed, Refused> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let words = without_release_track(&words);
    let (command, used) = find(&words)?;
    let mut positionals = Vec::new();
    let mut flags = BTreeMap::new();
    let mut unknown = Vec::new();
    let mut rest = Vec::new();
    let mut at = 0;
    let args: Vec<&str> =
        words.iter().enumerate().filter(|(i, _)| !used.contains(i)).map(|(_, w)| *w).collect();
    while at < args.len() {
        let word = args[at];
        at += 1;
        if word == "--" {
            rest = args[at..].iter().map(|w| (*w).to_owned()).collect();
            break;
        }
        let Some(dashed) = word.strip_prefix('-').filter(|w| !w.is_empty()) else {
            positionals.push(word.to_owned());
            continue;
        };
        let (name, inline) = word.split_once('=').map_or((word, None), |(n, v)| (n, Some(v)));
        let name = if dashed == "q" {
            "--quiet"
        } else if dashed == "h" {
            "--help"
        } else {
            name
        };
        match known(command, name) {
            Some(flag) if !flag.takes_value => {
                flags.insert(flag.name.to_owned(), String::new());
            }
            Some(flag) => {
                let value = match inline {
                    Some(value) => Some(value),
                    None => args.get(at).copied().inspect(|_| at += 1),
                };
                let missing = value.is_none_or(|v| v.is_empty() || (inline.is_none() && v.starts_with("--")));
                if missing {
                    let text = if value.is_none() || inline.is_none() {
                        "expected one argument"
                    } else {
                        "not enough args"
                    };
                    return Err(usage_error(command, &format!("argument {}: {text}", flag.name)));
                }
                flags.insert(flag.name.to_owned(), value.unwrap_or_default().to_owned());
            }
            None => unknown.push(word.to_owned()),
        }
    }
    if flags.contains_key("--help") {
        return Err(Refused { text: help(command), exit: 0 });
    }
    let takes_all = command.positionals.last().is_some_and(|p| p.ends_with("..."));
    if !takes_all && positionals.len() > command.positionals.len() {
        unknown.splice(0..0, positionals.split_off(command.positionals.len()));
    }
    if !unknown.is_empty() {
        return Err(unrecognized(command, &unknown));
    }
    let parsed = Parsed { command, positionals, flags, rest };
    missing(&parsed)?;
    Ok(parsed)
}

fn missing(parsed: &Parsed) -> Result<(), Refused> {
    let command = parsed.command;
    let needed: Vec<&&str> = command.positionals.iter().filter(|p| !p.starts_with('[')).collect();
    let mut absent: Vec<String> =
        needed.iter().skip(parsed.positionals.len()).map(|p| p.trim_end_matches("...").to_owned()).collect();
    absent.extend(
        command.flags.iter().filter(|f| f.required && !parsed.has(f.name)).map(|f| f.name.to_owned()),
    );
    if absent.is_empty() {
        return Ok(());
    }
    let what = match absent.as_slice() {
        [one] => format!("argument {one}: Must be specified."),
        several => format!("argument {}: Must be specified.", several.join(" ")),
    };
    Err(usage_error(command, &what))
}

fn without_release_track<'a>(words: &[&'a str]) -> Vec<&'a str> {
    match words {
        ["beta" | "alpha", rest @ ..] => rest.to_vec(),
        all => all.to_vec(),
    }
}

fn known(command: &Command, name: &str) -> Option<&'static Flag> {
    let own = COMMANDS.iter().find(|c| c.path == command.path).map_or(&[][..], |c| c.flags);
    let all = || own.iter().chain(COMMON);
    let exact = all().find(|flag| flag.name == name);
    exact.or_else(|| {
        name.strip_prefix("--no-").and_then(|bare| all().find(|f| f.name[2..] == *bare && !f.takes_value))
    })
}

/// The command that the words mean, and which of them named it: flags may stand in between.
fn find(words: &[&str]) -> Result<(&'static Command, Vec<usize>), Refused> {
    let mut path = String::new();
    let mut used = Vec::new();
    for (index, word) in words.iter().enumerate() {
        if word.starts_with('-') {
            if matches!(*word, "--version" | "-v") && path.is_empty() {
                path = "version".into();
                used.push(index);
                break;
            }
            if matches!(*word, "--help" | "-h") {
                break;
            }
            continue;
        }
        let longer = if path.is_empty() { (*word).to_owned() } else { format!("{path} {word}") };
        let is_group = COMMANDS.iter().any(|c| c.path.starts_with(&format!("{longer} ")));
        let exact = COMMANDS.iter().find(|c| c.path == longer);
        if exact.is_none() && !is_group {
            return Err(invalid_choice(&path, word));
        }
        used.push(index);
        path = longer;
        if let Some(command) = exact.filter(|_| !is_group) {
            return Ok((command, used));
        }
    }
    match COMMANDS.iter().find(|c| c.path == path) {
        Some(command) => Ok((command, used)),
        None if words.iter().any(|w| matches!(*w, "--help" | "-h")) => {
            Err(Refused { text: group_help(&path), exit: 0 })
        }
        None => Err(Refused { text: group_without_command(&path), exit: 2 }),
    }
}

/// Names directly below a group, with what they are for.
fn children(path: &str) -> Vec<(&'static str, &'static str)> {
    let prefix = if path.is_empty() { String::new() } else { format!("{path} ") };
    let mut names: Vec<(&str, &str)> = Vec::new();
    for command in COMMANDS {
        let Some(rest) = command.path.strip_prefix(prefix.as_str()) else { continue };
        let name = rest.split(' ').next().unwrap_or_default();
        if names.last().is_none_or(|(last, _)| *last != name) {
            names.push((name, if name == rest { command.about } else { "" }));
        }
    }
    names
}

fn group_without_command(path: &str) -> String {
    let mut text = format!("ERROR: ({}) Command name argument expected.\n\n", dotted(path));
    text.push_str(&listing(path));
    text
}

fn listing(path: &str) -> String {
    let words = if path.is_empty() { "gcloud".to_owned() } else { format!("gcloud {path}") };
    let mut text = format!("Available commands for {words}:\n\n");
    for (name, about) in children(path) {
        text.push_str(format!("      {name:<23} {about}").trim_end_matches(' '));
        text.push('\n');
    }
    text.push_str(&format!(
        "\nFor detailed information on this command and its flags, run:\n  {words} --help\n"
    ));
    text
}

fn invalid_choice(path: &str, word: &str) -> Refused {
    let mut near: Vec<(usize, &str)> = COMMANDS
        .iter()
        .filter(|c| c.path.split(' ').any(|part| strsim::levenshtein(part, word) <= 2))
        .map(|c| (c.path.len(), c.path))
        .collect();
    near.sort_unstable();
    near.truncate(3);
    let mut text = format!("ERROR: ({}) Invalid choice: '{word}'.\n", dotted(path));
    if !near.is_empty() {
        text.push_str("Maybe you meant:\n");
        for (_, path) in near {
            text.push_str(&format!("  gcloud {path}\n"));
        }
        text.push('\n');
    }
    text.push_str(SEARCH);
    Refused { text, exit: 2 }
}

const SEARCH: &str = "To search the help text of gcloud commands, run:\n  gcloud help -- SEARCH_TERMS\n";

fn unrecognized(command: &Command, unknown: &[String]) -> Refused {
    let name = dotted(command.path);
    let text = match unknown {
        [one] => {
            let flag = one.split('=').next().unwrap_or(one);
            let near = command
                .flags
                .iter()
                .chain(COMMON)
                .map(|f| f.name)
                .min_by_key(|n| strsim::levenshtein(n, flag));
            let hint = near.filter(|n| one.starts_with("--") && strsim::levenshtein(n, flag) <= 3);
            let hint = hint.map(|n| format!(" (did you mean '{n}'?)")).unwrap_or_default();
            format!("ERROR: ({name}) unrecognized arguments: {one}{hint} \n\n{SEARCH}")
        }
        several => {
            let lines: Vec<String> = several.iter().map(|word| format!("  {word}\n")).collect();
            let search: Vec<String> = SEARCH.lines().map(|l| format!("  {}\n", l.trim_start())).collect();
            format!("ERROR: ({name}) unrecognized arguments:\n{}{}", lines.concat(), search.concat())
        }
    };
    Refused { text, exit: 2 }
}

/// A refusal with the command's usage.
pub fn usage_error(command: &Command, what: &str) -> Refused {
    let text = format!(
        "ERROR: ({}) {what}\n{}\nFor detailed information on this command and its flags, run:\n  gcloud {} --help\n",
        dotted(command.path),
        usage(command),
        command.path
    );
    Refused { text, exit: 2 }
}

/// The usage line and the optional flags, wrapped at 80 columns.
fn usage(command: &Command) -> String {
    let mut words = vec!["gcloud".to_owned(), command.path.to_owned()];
    words.extend(command.positionals.iter().map(|p| (*p).to_owned()));
    let upper = |name: &str| name.trim_start_matches('-').replace('-', "_").to_uppercase();
    words
        .extend(command.flags.iter().filter(|f| f.required).map(|f| format!("{}={}", f.name, upper(f.name))));
    words.push("[optional flags]".into());
    let mut optional: Vec<&str> = command.flags.iter().filter(|f| !f.required).map(|f| f.name).collect();
    optional.push("--help");
    optional.sort_unstable();
    let mut text = format!("Usage: {}\n  optional flags may be  ", words.join(" "));
    let mut column = 25;
    for (index, flag) in optional.iter().enumerate() {
        let last = index + 1 == optional.len();
        let piece = if last { (*flag).to_owned() } else { format!("{flag} |") };
        if column + piece.len() > 79 && index > 0 {
            text.push_str(&format!("\n{}", " ".repeat(25)));
            column = 25;
        } else if index > 0 {
            text.push(' ');
            column += 1;
        }
        column += piece.len();
        text.push_str(&piece);
    }
    text.push('\n');
    text
}

fn help(command: &Command) -> String {
    let usage = usage(command);
    let line = usage.lines().next().unwrap_or_default().trim_start_matches("Usage: ");
    let mut flags: Vec<&str> = command.flags.iter().map(|f| f.name).collect();
    flags.sort_unstable();
    format!(
        "NAME\n    gcloud {} - {}\n\nSYNOPSIS\n    {line}\n\nFLAGS\n     {}\n",
        command.path,
        command.about,
        flags.join("\n     ")
    )
}

fn group_help(path: &str) -> String {
    let words = if path.is_empty() { "gcloud".to_owned() } else { format!("gcloud {path}") };
    format!(
        "NAME\n    {words}\n\nSYNOPSIS\n    {words} GROUP | COMMAND [GCLOUD_WIDE_FLAG ...]\n\n{}",
        listing(path)
    )
}
