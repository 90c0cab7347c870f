//! A command line against the table, as cobra and pflag read it, with their messages.

use super::flag::{Flag, Kind};
use super::{Command, ROOT};
use std::collections::BTreeMap;

/// A command line that was understood.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// `["create", "deployment"]`, canonical names.
    pub path: Vec<&'static str>,
    pub command: &'static Command,
    /// The words that are no flags.
    pub args: Vec<String>,
    /// How many of `args` stood before `--`, if it was there.
    pub dash_at: Option<usize>,
    /// Command, words and flags as one line, in the order in which pflag visits them.
    cause: (Vec<String>, Vec<String>),
    /// Flags that were given.
    values: BTreeMap<&'static str, Vec<String>>,
    /// `-h` or `--help` was there.
    pub help: bool,
    /// `Flag --x has been deprecated, ...` lines.
    pub warnings: Vec<String>,
}

/// A command line that was not, and what to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub message: String,
    /// The path of the command whose help shall be named, if any.
    pub path: Option<String>,
}

impl Parsed {
    /// The value of a text or number flag, or its default.
    pub fn text(&self, name: &str) -> &str {
        match self.values.get(name).and_then(|values| values.last()) {
            Some(value) => value,
            None => self.command.flag(name).map_or("", |flag| flag.default),
        }
    }

    pub fn on(&self, name: &str) -> bool {
        self.text(name) == "true"
    }

    pub fn int(&self, name: &str) -> i64 {
        self.text(name).parse().unwrap_or_default()
    }

    /// A duration in milliseconds.
    pub fn span_ms(&self, name: &str) -> i64 {
        match self.values.get(name).and_then(|values| values.last()) {
            Some(value) => value.parse().unwrap_or_default(),
            None => super::super::output::duration::parse_go(self.text(name)).unwrap_or_default(),
        }
    }

    pub fn list(&self, name: &str) -> Vec<String> {
        match self.values.get(name) {
            Some(values) => values.clone(),
            None => {
                let default = self.command.flag(name).map_or("", |flag| flag.default);
                let inner = default.trim_start_matches('[').trim_end_matches(']');
                inner.split(',').filter(|part| !part.is_empty()).map(str::to_string).collect()
            }
        }
    }

    /// Whether the flag was given.
    pub fn given(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Flags given, with their values.
    pub fn values(&self) -> &BTreeMap<&'static str, Vec<String>> {
        &self.values
    }

    /// The command line as `--record` keeps it: words first, then flags.
    pub fn change_cause(&self) -> String {
        let (typed, flags) = &self.cause;
        let words = std::iter::once("kubectl").chain(typed.iter().map(String::as_str));
        words.chain(self.args.iter().chain(flags).map(String::as_str)).collect::<Vec<_>>().join(" ")
    }

    /// `kubectl create deployment`.
    pub fn full_path(&self) -> String {
        full_path(&self.path)
    }
}

fn full_path(path: &[&str]) -> String {
    std::iter::once("kubectl").chain(path.iter().copied()).collect::<Vec<_>>().join(" ")
}

/// Reads the words after `kubectl`.
pub fn parse(words: &[String]) -> Result<Parsed, Mistake> {
    let (command, path, typed, rest) = find(words);
    if command.name == ROOT.name
        && let Some(unknown) = first_word(command, &rest)
    {
        // What no command is may be a plug-in, and these come first.
        if let Some(flag) = words.first().filter(|word| word.starts_with('-')) {
            let flag = flag.split('=').next().unwrap_or(flag);
            let message = format!("Error: flags cannot be placed before plugin name: {flag}");
            return Err(Mistake { message, path: None });
        }
        return Err(Mistake { message: format!("error: {}", unknown_command(&unknown)), path: None });
    }
    let mut parsed = Parsed {
        path,
        command,
        args: Vec::new(),
        dash_at: None,
        cause: (typed, Vec::new()),
        values: BTreeMap::new(),
        help: false,
        warnings: Vec::new(),
    };
    read_flags(&mut parsed, &rest).map_err(|message| Mistake {
        message: format!("error: {message}"),
        path: Some(parsed.full_path()),
    })?;
    Ok(parsed)
}

/// The innermost command that the words name, its path, that path as it was typed, and the other words.
#[allow(clippy::type_complexity, reason = "read at one place")]
fn find(words: &[String]) -> (&'static Command, Vec<&'static str>, Vec<String>, Vec<String>) {
    let (mut path, mut typed, mut rest) = (Vec::new(), Vec::new(), words.to_vec());
    let mut command: &'static Command = &ROOT;
    loop {
        let Some(at) = first_word_at(command, &rest) else { return (command, path, typed, rest) };
        let Some(child) = command.child(&rest[at]) else { return (command, path, typed, rest) };
        typed.push(rest.remove(at));
        path.push(child.name);
        command = child;
    }
}

fn first_word(command: &Command, words: &[String]) -> Option<String> {
    first_word_at(command, words).map(|at| words[at].clone())
}

/// The first word that is neither a flag nor a flag's value (cobra's `stripFlags`).
fn first_word_at(command: &Command, words: &[String]) -> Option<usize> {
    let mut at = 0;
    while at < words.len() {
        let word = &words[at];
        if word == "--" {
            return None;
        }
        let takes_value = |flag: Option<&Flag>| flag.is_none_or(|flag| flag.bare.is_none());
        if let Some(name) = word.strip_prefix("--") {
            at += usize::from(
                !name.contains('=') && !name.is_empty() && takes_value(command.flag(name)) && name != "help",
            );
        } else if word.len() == 2 && word.starts_with('-') {
            let short = word.chars().nth(1).unwrap_or(' ');
            at += usize::from(short != 'h' && takes_value(command.short_flag(short)));
        } else if !word.starts_with('-') || word == "-" {
            return Some(at);
        }
        at += 1;
    }
    None
}

fn read_flags(parsed: &mut Parsed, words: &[String]) -> Result<(), String> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            parsed.dash_at = Some(parsed.args.len());
            parsed.args.extend(words.cloned());
            return Ok(());
        }
        if let Some(long) = word.strip_prefix("--") {
            read_long(parsed, long, &mut words)?;
        } else if word.len() > 1 && word.starts_with('-') {
            read_short(parsed, word, &mut words)?;
        } else {
            parsed.args.push(word.clone());
            if parsed.command.stops_at_words {
                let mut rest: Vec<String> = words.cloned().collect();
                if parsed.dash_at.is_none() && !rest.is_empty() {
                    return read_after_word(parsed, &mut rest);
                }
                return Ok(());
            }
        }
    }
    Ok(())
}

/// After the first word of `exec`, flags still count up to the next word or `--`: kubectl asks cobra for it by
/// letting flags stand between the pod and the dash.
fn read_after_word(parsed: &mut Parsed, rest: &mut [String]) -> Result<(), String> {
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            parsed.dash_at = Some(parsed.args.len());
            parsed.args.extend(words.cloned());
            return Ok(());
        }
        match word.strip_prefix("--") {
            Some(long) => read_long(parsed, long, &mut words)?,
            None if word.len() > 1 && word.starts_with('-') => read_short(parsed, word, &mut words)?,
            None => parsed.args.push(word.clone()),
        }
    }
    Ok(())
}

fn read_long<'a>(
    parsed: &mut Parsed,
    long: &str,
    words: &mut impl Iterator<Item = &'a String>,
) -> Result<(), String> {
    let (name, inline) = match long.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (long, None),
    };
    if name.is_empty() || name.starts_with('-') {
        return Err(format!("bad flag syntax: --{long}"));
    }
    let name = name.replace('_', "-");
    if name == "help" {
        parsed.help = true;
        return Ok(());
    }
    let Some(flag) = parsed.command.flag(&name) else { return Err(format!("unknown flag: --{name}")) };
    let value = match (inline, flag.bare) {
        (Some(value), _) => value.to_string(),
        (None, Some(bare)) => bare.to_string(),
        (None, None) => words.next().cloned().ok_or_else(|| format!("flag needs an argument: --{name}"))?,
    };
    set(parsed, flag, &value)
}

fn read_short<'a>(
    parsed: &mut Parsed,
    word: &str,
    words: &mut impl Iterator<Item = &'a String>,
) -> Result<(), String> {
    let letters: Vec<char> = word.chars().skip(1).collect();
    for (i, &letter) in letters.iter().enumerate() {
        let Some(flag) = parsed.command.short_flag(letter) else {
            if letter == 'h' {
                parsed.help = true;
                return Ok(());
            }
            let all: String = letters[i..].iter().collect();
            return Err(format!("unknown shorthand flag: '{letter}' in -{all}"));
        };
        let rest: String = letters[i + 1..].iter().collect();
        // `-o=` alone is a value of one character to pflag.
        if let Some(value) = rest.strip_prefix('=').filter(|value| !value.is_empty()) {
            return set(parsed, flag, value);
        }
        match flag.bare {
            Some(bare) => set(parsed, flag, bare)?,
            None if !rest.is_empty() => return set(parsed, flag, &rest),
            None => {
                let all: String = letters[i..].iter().collect();
                let value = words.next().cloned();
                let value = value.ok_or_else(|| format!("flag needs an argument: '{letter}' in -{all}"))?;
                return set(parsed, flag, &value);
            }
        }
    }
    Ok(())
}

fn set(parsed: &mut Parsed, flag: &'static Flag, value: &str) -> Result<(), String> {
    let read = flag.read(value)?;
    if let Some(instead) = flag.deprecated {
        parsed.warnings.push(format!("Flag --{} has been deprecated, {instead}", flag.name));
    }
    parsed.cause.1.push(format!("--{}={value}", flag.name));
    match flag.kind {
        Kind::Slice | Kind::Array => parsed.values.entry(flag.name).or_default().extend(read),
        _ => {
            parsed.values.insert(flag.name, read);
        }
    }
    Ok(())
}

/// Cobra's message about an unknown word, with its suggestions.
fn unknown_command(word: &str) -> String {
    const DISTANCE: usize = 2;
    let lower = word.to_lowercase();
    // A command that is near by its name and by what it is also called is named twice.
    let times = |command: &Command| {
        let near = strsim::levenshtein(&lower, command.name) <= DISTANCE || command.name.starts_with(&lower);
        usize::from(near)
            + command.suggest_for.iter().filter(|other| other.eq_ignore_ascii_case(word)).count()
    };
    let shown = ROOT.children.iter().filter(|command| !command.hidden);
    let names: Vec<&str> =
        shown.flat_map(|command| std::iter::repeat_n(command.name, times(command))).collect();
    let mut message = format!("unknown command {word:?} for \"kubectl\"");
    if !names.is_empty() {
        message.push_str("\n\nDid you mean this?\n");
        names.iter().for_each(|name| message.push_str(&format!("\t{name}\n")));
    }
    message
}
