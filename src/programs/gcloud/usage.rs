//! Usage lines, lists of what stands below a group, and help, all from the tree. Must never run a command.

use super::commands::about;
use super::sections::{self, Member};
use super::tree::{Argument, Count, Flag, Group, Kind, Spec};

/// Where the second column of a usage begins, and how wide a usage is whatever the terminal is.
const INDENT: usize = 25;
const WIDTH: usize = 80;

const BOLD: &str = "\u{1b}[m\u{1b}[1m";
const PLAIN: &str = "\u{1b}[m";

/// The sentence under most refusals.
pub const SEARCH: &str = "To search the help text of gcloud commands, run:\n  gcloud help -- SEARCH_TERMS";

fn mark_optional(usage: String) -> String {
    let inner = usage.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let marked = inner.is_some_and(|inner| {
        // Brackets inside may only stand side by side, one level deep.
        let mut depth = 0_i32;
        inner.chars().all(|c| {
            depth += i32::from(c == '[') - i32::from(c == ']');
            (0..=1).contains(&depth)
        }) && depth == 0
    });
    if marked { usage } else { format!("[{usage}]") }
}

/// A group's only member that is shown, if it has no more.
fn only(group: &Group) -> Option<&Argument> {
    let mut shown = group.members.iter().filter(|member| !is_hidden(member));
    match (shown.next(), shown.next()) {
        (Some(Argument::Group(inner)), None) => only(inner),
        (one, None) => one,
        _ => None,
    }
}

/// Whether neither usage nor help shows it.
fn is_hidden(argument: &Argument) -> bool {
    match argument {
        Argument::Positional(_) => false,
        Argument::Flag(flag) => flag.hidden,
        Argument::Group(group) => group.members.iter().all(is_hidden),
    }
}

/// Whether an argument must be given.
pub fn is_required(argument: &Argument) -> bool {
    match argument {
        Argument::Positional(p) => matches!(p.count, Count::One | Count::Some),
        Argument::Flag(flag) => flag.required,
        Argument::Group(group) => group.required,
    }
}

/// Whether a positional argument is in it.
fn has_positional(argument: &Argument) -> bool {
    match argument {
        Argument::Positional(_) => true,
        Argument::Flag(_) => false,
        Argument::Group(group) => group.members.iter().any(has_positional),
    }
}

fn flag_usage(flag: &Flag, value: bool) -> String {
    let text = if value { flag.usage } else { flag.name() };
    match (flag.both, flag.inverted) {
        (true, _) => text.replacen("--", "--[no-]", 1),
        (_, true) => text.replacen("--", "--no-", 1),
        _ => text.to_owned(),
    }
}

fn positional_usage(name: &str, count: Count) -> String {
    match count {
        Count::One => name.to_owned(),
        Count::Optional => format!("[{name}]"),
        Count::Any => format!("[{name} ...]"),
        Count::Some => format!("{name} [{name} ...]"),
        Count::Rest => format!("[-- {name} ...]"),
    }
}

/// An argument as the usage shows it, with flags' values; or as refusals name it, without them, hidden flags too.
pub fn argument_usage(argument: &Argument, value: bool) -> String {
    match argument {
        Argument::Positional(p) => positional_usage(p.name, p.count),
        Argument::Flag(flag) => flag_usage(flag, value),
        Argument::Group(group) => match only(group) {
            Some(one) => argument_usage(one, value),
            None => group_usage(group, value),
        },
    }
}

/// A group: positional arguments, what is required, and behind a colon what is not.
fn group_usage(group: &Group, value: bool) -> String {
    let between = if group.one_of { " | " } else { " " };
    let (mut positionals, mut required, mut optional) = (Vec::new(), Vec::new(), Vec::new());
    for member in group.members.iter().filter(|member| !value || !is_hidden(member)) {
        match member {
            _ if has_positional(member) && is_required(member) => {
                positionals.push(argument_usage(member, true))
            }
            _ if has_positional(member) => positionals.push(mark_optional(argument_usage(member, true))),
            _ if is_required(member) => required.push(argument_usage(member, value)),
            _ => optional.push(argument_usage(member, value)),
        }
    }
    let leads = !positionals.is_empty() || !required.is_empty();
    let mut all = positionals;
    if !required.is_empty() {
        all.push(required.join(between));
    }
    if !optional.is_empty() {
        all.extend(leads.then(|| ":".to_owned()));
        all.push(optional.join(between));
    }
    let usage = all.join(" ");
    match () {
        () if group.required => format!("({usage})"),
        () if all.len() > 1 => mark_optional(usage),
        () => usage,
    }
}

/// Several arguments that are missing, as a refusal names them.
pub fn missing_usage(missing: &[&Argument]) -> String {
    let of = |positional: bool| missing.iter().filter(move |a| has_positional(a) == positional);
    let names = of(true).map(|a| argument_usage(a, true)).chain(of(false).map(|a| argument_usage(a, false)));
    names.collect::<Vec<_>>().join(" ")
}

/// The words behind the command in its usage line.
fn usage_words(spec: &Spec) -> String {
    let mut words: Vec<String> = Vec::new();
    let rest = |a: &&Argument| matches!(a, Argument::Positional(p) if p.count == Count::Rest);
    for argument in spec.arguments.iter().filter(|a| has_positional(a) && !rest(a)) {
        let usage = argument_usage(argument, true);
        words.push(if is_required(argument) { usage } else { mark_optional(usage) });
    }
    let required = spec.arguments.iter().filter(|a| !has_positional(a) && is_required(a));
    words.extend(required.map(|a| argument_usage(a, true)));
    words.push("[optional flags]".to_owned());
    words.extend(spec.arguments.iter().filter(rest).map(|a| argument_usage(a, true)));
    words.join(" ")
}

/// The flags that a command can do without.
fn optional_flags(spec: &Spec) -> Vec<String> {
    fn walk(all: &[Argument], required: bool, flags: &mut Vec<String>) {
        for argument in all {
            match argument {
                Argument::Flag(flag) if !(flag.hidden || required && flag.required) => {
                    flags.push(flag.name().to_owned());
                }
                Argument::Group(group) => walk(&group.members, required && group.required, flags),
                _ => {}
            }
        }
    }
    let mut flags = vec!["--help".to_owned()];
    walk(&spec.arguments, true, &mut flags);
    flags.sort_by_key(|flag| {
        let inverted = flag.starts_with("--no-");
        (flag.trim_start_matches("--no-").trim_start_matches('-').to_owned(), inverted)
    });
    flags.dedup();
    flags
}

/// Two columns: a heading, and words separated by bars, wrapped.
fn columns(heading: &str, words: &[String]) -> String {
    let joined: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(index, word)| if index + 1 < words.len() { format!("{word} |") } else { word.clone() })
        .collect();
    let lines = wrap(&joined, WIDTH - INDENT);
    format!("  {heading:<width$}{}\n", lines.join(&format!("\n{}", " ".repeat(INDENT))), width = INDENT - 2)
}

/// Fills lines with words; a word longer than a line is broken where the line ends.
fn wrap(words: &[String], width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words {
        let mut rest = word.as_str();
        let at = |lines: &[String]| {
            let line = lines.last().map_or(0, String::len);
            (line, usize::from(line > 0))
        };
        let broken = rest.len() > width;
        while rest.len() > width {
            let (line, gap) = at(&lines);
            let (head, tail) = rest.split_at(width.saturating_sub(line + gap));
            if let Some(last) = lines.last_mut() {
                last.push_str(&" ".repeat(gap));
                last.push_str(head);
            }
            lines.push(String::new());
            rest = tail;
        }
        let (line, gap) = at(&lines);
        if !broken && line + gap + rest.len() > width {
            lines.push(String::new());
        }
        if let Some(last) = lines.last_mut() {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(rest);
        }
    }
    lines
}

fn hint(words: &str) -> String {
    format!("For detailed information on this command and its flags, run:\n  {words} --help\n")
}

/// A command's usage with its optional flags. `words` are the command's, with `gcloud`.
pub fn command_usage(words: &str, spec: &Spec) -> String {
    if words.starts_with("gcloud topic ") {
        // A topic is read, not run: it takes nothing.
        return format!(
            "Usage: {words} \n{}\n{}",
            columns("optional flags may be", &optional_flags(spec)),
            hint(words)
        );
    }
    let flags = columns("optional flags may be", &optional_flags(spec));
    format!("Usage: {words} {}\n{flags}\n{}", usage_words(spec), hint(words))
}

/// A group's usage: everything that stands below it.
pub fn group_choices(words: &str, track: Option<&str>, path: &str) -> String {
    let members = sections::members(track, path);
    let names = |groups: bool| -> Vec<String> {
        members.iter().filter(|m| m.is_group == groups).map(|m| m.word.to_owned()).collect()
    };
    let (groups, commands) = (names(true), names(false));
    let kinds: Vec<&str> = [("group", &groups), ("command", &commands)]
        .iter()
        .filter(|k| !k.1.is_empty())
        .map(|k| k.0)
        .collect();
    let mut text = format!("Usage: {words} [optional flags] <{}>\n", kinds.join(" | "));
    for (heading, all) in [("group may be", &groups), ("command may be", &commands)] {
        if !all.is_empty() {
            text.push_str(&columns(heading, all));
        }
    }
    format!("{text}\n{}", hint(words))
}

/// What stands below a group, with a sentence of ours for each.
pub fn group_listing(words: &str, track: Option<&str>, path: &str) -> String {
    let members = sections::members(track, path);
    let divided = sections::are_divided(&members);
    let mut text = String::new();
    for (heading, groups) in [("group", true), ("command", false)] {
        let members: Vec<Member> = members.iter().filter(|m| m.is_group == groups).copied().collect();
        if members.is_empty() {
            continue;
        }
        let heading = if divided && groups { "command group" } else { heading };
        text.push_str(&format!("{BOLD}Available {heading}s for {words}:{PLAIN}\n\n"));
        for (section, members) in sections::divided(&members) {
            if let Some(section) = section {
                text.push_str(&format!("{PLAIN}  \u{1b}[1m{section}{PLAIN}\n"));
            }
            let entries: Vec<String> = members.iter().map(|member| entry(member, track, path)).collect();
            text.push_str(&entries.join("      \n"));
            text.push('\n');
        }
    }
    if divided { format!("{text}{PLAIN}") } else { format!("{text}{PLAIN}{}", hint(words)) }
}

fn entry(member: &Member, track: Option<&str>, path: &str) -> String {
    let below = if path.is_empty() { member.word.to_owned() } else { format!("{path} {}", member.word) };
    let lead = track.map(|track| format!("*({})*  ", track.to_uppercase())).unwrap_or_default();
    format!("      {}\n      {lead}{}\n", member.word, sentence(about(&below)))
}

/// Words as a sentence.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// A command's help.
pub fn command_help(words: &str, path: &str, spec: &Spec) -> String {
    let mut synopsis: Vec<String> = Vec::new();
    for argument in spec.arguments.iter().filter(|argument| !is_hidden(argument)) {
        let usage = argument_usage(argument, true);
        synopsis.push(if is_required(argument) { usage } else { mark_optional(usage) });
    }
    synopsis.push("[GCLOUD_WIDE_FLAG ...]".to_owned());
    let lead = format!("{BOLD}{words}{PLAIN}");
    let mut text = page("NAME", &[format!("{words} - {}", about(path))]);
    text.push_str(&page("SYNOPSIS", &[indented(&lead, words.len(), &synopsis)]));
    let positionals: Vec<String> =
        spec.positionals().iter().map(|p| positional_usage(p.name, p.count)).collect();
    if !positionals.is_empty() {
        text.push_str(&page("POSITIONAL ARGUMENTS", &positionals));
    }
    let flags: Vec<String> = spec.flags().into_iter().filter(|flag| !flag.hidden).map(flag_help).collect();
    if !flags.is_empty() {
        text.push_str(&page("FLAGS", &flags));
    }
    text.push_str(&page("GCLOUD WIDE FLAGS", &[wide_flags()]));
    text
}

/// The help of a group.
pub fn group_help(words: &str, track: Option<&str>, path: &str) -> String {
    let members = sections::members(track, path);
    let has = |groups: bool| members.iter().any(|m| m.is_group == groups);
    let kinds = match (has(true), has(false)) {
        (true, true) => "GROUP | COMMAND",
        (true, false) => "GROUP",
        _ => "COMMAND",
    };
    let what = match track.filter(|_| path.is_empty()) {
        Some(track) => format!("{track} versions of commands"),
        None => about(path).to_owned(),
    };
    let mut text = page("NAME", &[format!("{words} - {what}")]);
    let mut synopsis: Vec<String> = kinds.split(' ').map(str::to_owned).collect();
    match path {
        "" => synopsis.extend(wide_synopsis(track.is_none())),
        _ => synopsis.push("[GCLOUD_WIDE_FLAG ...]".to_owned()),
    }
    let lead = format!("{BOLD}{words}{PLAIN}");
    text.push_str(&page("SYNOPSIS", &[indented(&lead, words.len(), &synopsis)]));
    text.push_str(&page("GCLOUD WIDE FLAGS", &[wide_flags()]));
    for (heading, groups) in [("GROUPS", true), ("COMMANDS", false)] {
        let of_kind = members.iter().filter(|m| m.is_group == groups);
        let entries: Vec<String> = of_kind
            .map(|member| {
                let below =
                    if path.is_empty() { member.word.to_owned() } else { format!("{path} {}", member.word) };
                format!(" {BOLD}{}{PLAIN}\n        {}", member.word, sentence(about(&below)))
            })
            .collect();
        if !entries.is_empty() {
            text.push_str(&page(heading, &entries));
        }
    }
    text
}

fn page(heading: &str, paragraphs: &[String]) -> String {
    format!("{BOLD}{heading}{PLAIN}\n    {}\n\n", paragraphs.join("\n\n    "))
}

/// Flags of every command that come behind the others where all are listed.
const RARE: [&str; 5] = [
    "--access-token-file",
    "--impersonate-service-account",
    "--log-http",
    "--trace-token",
    "--user-output-enabled",
];

/// The flags that every command has, as the help of the root and of the tracks lists them.
fn wide_synopsis(with_version: bool) -> Vec<String> {
    let spec = super::tree::spec("");
    let flags: Vec<&Flag> = spec.iter().flat_map(Spec::flags).collect();
    let (rare, usual): (Vec<&Flag>, Vec<&Flag>) = flags.into_iter().partition(|f| RARE.contains(&f.name()));
    let shown = |flag: &&Flag| format!("[{}]", flag_usage(flag, true));
    let version = with_version.then(|| "[--version, -v]".to_owned());
    let (short, long): (Vec<&Flag>, Vec<&Flag>) = usual.into_iter().partition(|f| f.name() == "-h");
    let long = long.iter().map(shown);
    long.chain(version).chain(short.iter().map(shown)).chain(rare.iter().map(shown)).collect()
}

fn wide_flags() -> String {
    let spec = super::tree::spec("");
    let names: Vec<&str> =
        spec.iter().flat_map(Spec::flags).map(|flag| flag.name()).filter(|name| name.len() > 2).collect();
    let lines = wrap(&names.iter().map(|n| format!("{n},")).collect::<Vec<_>>(), WIDTH - 8);
    let text = lines.join("\n    ");
    format!("{}.", text.trim_end_matches(','))
}

/// A flag, and what its table says about its value, in words of ours.
fn flag_help(flag: &Flag) -> String {
    let usage = flag_usage(flag, true);
    let said = match &flag.kind {
        Kind::Int { low: Some(low), .. } => format!("A whole number, {low} or more."),
        Kind::Int { .. } => "A whole number.".to_owned(),
        Kind::List { .. } => "Several are separated by commas.".to_owned(),
        Kind::Dict { .. } => "Pairs of KEY=VALUE, separated by commas.".to_owned(),
        Kind::Choice { words, .. } => format!("One of: {}.", words.join(", ")),
        _ => String::new(),
    };
    let said = super::commands::flag_about(flag.name()).map_or(said.clone(), |own| format!("{own} {said}"));
    let said = said.trim_end();
    if said.is_empty() { format!(" {usage}") } else { format!(" {usage}\n        {said}") }
}

/// Words behind a lead, wrapped at the page's width; the lead has escape codes, so its width is given.
fn indented(lead: &str, lead_width: usize, words: &[String]) -> String {
    let (mut text, mut column) = (lead.to_owned(), 4 + lead_width);
    for word in words {
        if column + 1 + word.len() > WIDTH {
            text.push_str("\n       ");
            column = 7;
        }
        text.push(' ');
        text.push_str(word);
        column += 1 + word.len();
    }
    text
}
