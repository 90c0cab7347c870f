//! gcloud's command line: which command is meant, and its positional arguments and flags. Must never run anything.

use std::collections::BTreeMap;

use super::names;
use super::properties;
use super::refusal::{self, Place};
use super::tree::{self, Count, Flag, Kind, Spec};
use super::value;

/// What `gcloud help WORDS` puts behind the words.
const HELP_STYLE: &str = "--document=style=help";

/// A command line that was understood.
#[derive(Debug)]
pub struct Parsed {
    /// Where in the tree of commands.
    pub place: Place,
    /// What the command takes, if it is known in detail.
    pub spec: Option<Spec>,
    /// Positional arguments.
    pub positionals: Vec<String>,
    /// Flags by name with dashes; a switch has an empty value. The last one counts.
    pub flags: BTreeMap<String, String>,
    /// What followed `--`.
    pub rest: Vec<String>,
    /// What was said about words that go out of use.
    pub warnings: Vec<&'static str>,
}

/// A command line that was refused, or answered with help: what to print, and the exit status.
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

    /// A positional argument.
    pub fn positional(&self, index: usize) -> &str {
        self.positionals.get(index).map_or("", String::as_str)
    }

    /// The items of a list flag.
    pub fn list(&self, name: &str) -> Vec<String> {
        self.flag(name).map(value::items).unwrap_or_default()
    }

    /// The name by which errors call the command: `gcloud.container.clusters.create`.
    pub fn dotted(&self) -> String {
        self.place.dotted()
    }
}

/// Understands a line. `used` are the groups of the last commands, for suggestions.
///
/// # Errors
/// The parser's refusal, or help that was asked for.
pub fn parse(words: &[String], used: &dyn Fn() -> Vec<String>) -> Result<Parsed, Refused> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if matches!(words.as_slice(), ["help", rest @ ..] if !rest.is_empty() && rest[0] != "--") {
        let mut asked: Vec<&str> = words[1..].to_vec();
        asked.push(HELP_STYLE);
        return parse_words(&asked, used);
    }
    parse_words(&words, used)
}

fn parse_words(words: &[&str], used: &dyn Fn() -> Vec<String>) -> Result<Parsed, Refused> {
    let global = tree::spec("").unwrap_or(Spec { arguments: Vec::new() });
    let (place, arguments) = find(words, &global, used)?;
    let path = place.path.join(" ");
    let spec = tree::spec(&path);
    let own = spec.as_ref().map(Spec::flags).unwrap_or_default();
    let known: Vec<&Flag> = own.into_iter().chain(global.flags()).collect();
    let mut reader = Reader {
        place: &place,
        known: &known,
        spec: spec.as_ref(),
        words,
        used,
        positionals: Vec::new(),
        flags: BTreeMap::new(),
        rest: Vec::new(),
        unknown: Vec::new(),
        warnings: Vec::new(),
    };
    let read = reader.read(&arguments);
    let Reader { positionals, flags, rest, unknown, warnings, .. } = reader;
    let parsed =
        read.and_then(|()| complete(&place, spec.as_ref(), &known, positionals.len(), &flags, &unknown));
    match parsed {
        Ok(()) => Ok(Parsed { place, spec, positionals, flags, rest, warnings }),
        Err(refused) => {
            let said: String = warnings.iter().map(|warning| format!("WARNING: {warning}\n")).collect();
            Err(Refused { text: said + &refused.text, ..refused })
        }
    }
}

/// Whether the words make a command, once they are read.
fn complete(
    place: &Place,
    spec: Option<&Spec>,
    known: &[&Flag],
    positionals: usize,
    flags: &BTreeMap<String, String>,
    unknown: &[String],
) -> Result<(), Refused> {
    if flags.contains_key("--help") || flags.contains_key("-h") {
        return Err(refusal::help(place, spec, flags.contains_key("--help")));
    }
    if !unknown.is_empty() {
        return Err(refusal::unrecognized(place, known, unknown));
    }
    let Some(spec) = spec else { return Ok(()) };
    super::groups::check(spec, positionals, flags)
        .map_err(|what| refusal::usage_error(place, Some(spec), &what))
}

/// The command that the words mean, and the words that did not name it: flags may stand in between.
fn find<'a>(
    words: &[&'a str],
    global: &Spec,
    used: &dyn Fn() -> Vec<String>,
) -> Result<(Place, Vec<&'a str>), Refused> {
    let mut place = Place::default();
    let mut others = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let word = words[at];
        at += 1;
        if word.starts_with('-') {
            match word {
                "--version" | "-v" if place.path.is_empty() => {
                    place.path.push("version".to_owned());
                    return Ok((place, Vec::new()));
                }
                "--help" | HELP_STYLE => return Err(refusal::help(&place, None, true)),
                "-h" => return Err(refusal::help(&place, None, false)),
                _ => {}
            }
            others.push(word);
            let project = word.strip_prefix("--project=");
            let project = project.or_else(|| words.get(at).copied().filter(|_| word == "--project"));
            project.map_or(Ok(()), check_project)?;
            let flag = global.flags().into_iter().find(|f| f.names.contains(&word));
            if let Some(flag) = flag.filter(|f| f.kind != Kind::Switch) {
                match words.get(at).filter(|value| !value.starts_with('-')) {
                    Some(value) => others.push(value),
                    None => {
                        let what = format!("argument {}: expected one argument", flag.names.join("/"));
                        return Err(refusal::usage_error(&place, None, &what));
                    }
                }
                at += 1;
            }
            continue;
        }
        if place.path.is_empty() && place.track.is_none() && matches!(word, "alpha" | "beta" | "preview") {
            place.track = Some(word.to_owned());
            continue;
        }
        let strangers = strangers(global, &others);
        if !strangers.is_empty() {
            // Each group refuses the flags in front of its own member, before it looks at that.
            return Err(refusal::unrecognized(&place, &global.flags(), &strangers));
        }
        let is_group = place.member(word).map(names::Name::is_group);
        let Some(is_group) = is_group.or_else(|| place.is_unlisted(word).then_some(false)) else {
            return Err(refusal::invalid_choice(&place, word, words, used));
        };
        place.path.push(word.to_owned());
        if !is_group {
            others.extend(&words[at..]);
            return Ok((place, others));
        }
    }
    Err(without_command(&place, global, &others))
}

/// The project is looked at as soon as it is read, before anything else that may be wrong.
fn check_project(value: &str) -> Result<(), Refused> {
    match properties::bad_project(value).filter(|_| !value.is_empty()) {
        Some(problem) => Err(Refused { text: format!("ERROR: (gcloud) {problem}\n"), exit: 1 }),
        None => Ok(()),
    }
}

/// The words end at a group: a flag that nobody knows is worse than the missing command.
fn without_command(place: &Place, global: &Spec, others: &[&str]) -> Refused {
    let strangers = strangers(global, others);
    if strangers.is_empty() {
        return refusal::group_without_command(place);
    }
    refusal::unrecognized(place, &global.flags(), &strangers)
}

/// The flags among the words that no group knows.
fn strangers(global: &Spec, words: &[&str]) -> Vec<String> {
    let known: Vec<&Flag> = global.flags();
    let stranger = |word: &&&str| {
        let name = word.split('=').next().unwrap_or(word);
        is_flag(word) && !known.iter().any(|flag| flag.names.contains(&name))
    };
    words.iter().filter(stranger).map(|word| (*word).to_owned()).collect()
}

/// Reads a command's arguments.
struct Reader<'a> {
    place: &'a Place,
    known: &'a [&'a Flag],
    spec: Option<&'a Spec>,
    words: &'a [&'a str],
    used: &'a dyn Fn() -> Vec<String>,
    positionals: Vec<String>,
    flags: BTreeMap<String, String>,
    rest: Vec<String>,
    unknown: Vec<String>,
    warnings: Vec<&'static str>,
}

/// Whether a word is a flag's name rather than a value: negative numbers are values.
fn is_flag(word: &str) -> bool {
    let name = word.split('=').next().unwrap_or(word);
    word.len() > 1 && word.starts_with('-') && word.parse::<f64>().is_err() && !name.contains(' ')
}

impl<'a> Reader<'a> {
    fn read(&mut self, arguments: &[&str]) -> Result<(), Refused> {
        let mut at = 0;
        while at < arguments.len() {
            let word = arguments[at];
            at += 1;
            match word {
                "--" => {
                    let takes_rest = self
                        .spec
                        .is_none_or(|spec| spec.positionals().iter().any(|p| p.count == Count::Rest));
                    let rest = arguments[at..].iter().map(|w| (*w).to_owned());
                    match takes_rest {
                        true => self.rest = rest.collect(),
                        false => rest.for_each(|word| self.positional(word)),
                    }
                    return Ok(());
                }
                HELP_STYLE => drop(self.flags.insert("--help".to_owned(), String::new())),
                flag if is_flag(flag) => at += self.flag(flag, arguments.get(at).copied())?,
                _ => self.positional(word.to_owned()),
            }
        }
        Ok(())
    }

    fn positional(&mut self, word: String) {
        let places = self.spec.map(Spec::positionals);
        let room = places.map_or(usize::MAX, |all| {
            let many = all.iter().any(|p| matches!(p.count, Count::Any | Count::Some));
            let own = all.iter().filter(|p| p.count != Count::Rest).count();
            if many { usize::MAX } else { own }
        });
        if self.positionals.len() < room {
            self.warn(self.spec.and_then(|spec| {
                let all = spec.positionals();
                all.get(self.positionals.len()).or(all.last())?.warning
            }));
            self.positionals.push(word);
        } else {
            self.unknown.push(word);
        }
    }

    fn warn(&mut self, warning: Option<&'static str>) {
        if let Some(warning) = warning.filter(|warning| !self.warnings.contains(warning)) {
            self.warnings.push(warning);
        }
    }

    /// A flag; how many of the following words it took.
    fn flag(&mut self, word: &str, next: Option<&str>) -> Result<usize, Refused> {
        let (name, inline) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word, None),
        };
        let Some((flag, negated)) = self.find_flag(name) else {
            // Of a command that is not known in detail, flags cannot be checked.
            if self.spec.is_none() {
                self.flags.insert(name.to_owned(), inline.unwrap_or_default().to_owned());
            } else {
                self.unknown.push(word.to_owned());
            }
            return Ok(0);
        };
        let refuse = |reader: &Self, what: &str| {
            let what = format!("argument {}: {what}", flag.names.join("/"));
            refusal::usage_error(reader.place, reader.spec, &what)
        };
        if flag.kind == Kind::Switch || negated {
            if let Some(value) = inline {
                return Err(refuse(self, &format!("ignored explicit argument '{value}'")));
            }
            self.warn(flag.warning);
            let (set, cleared) = (flag.name().to_owned(), flag.name().replacen("--", "--no-", 1));
            let (insert, remove) = if negated { (cleared, set) } else { (set, cleared) };
            self.flags.remove(&remove);
            self.flags.insert(insert, String::new());
            return Ok(0);
        }
        let next = next.filter(|value| !is_flag(value));
        let (value, taken) = match (inline, next) {
            (Some(value), _) => (value, 0),
            (None, Some(value)) => (value, 1),
            (None, None) if flag.optional_value => ("", 0),
            (None, None) => return Err(refuse(self, "expected one argument")),
        };
        match value::check(&flag.kind, value) {
            Ok(value) => {
                if flag.name() == "--project" {
                    check_project(&value)?;
                }
                self.flags.insert(flag.name().to_owned(), value);
                self.warn(flag.warning);
            }
            Err(value::Bad::Value(what)) => return Err(refuse(self, &what)),
            Err(value::Bad::Choice(what)) => {
                let what = format!("argument {}: {what}", flag.name());
                return Err(refusal::choice(self.place, self.spec, &what, self.words, self.used));
            }
        }
        Ok(taken)
    }

    /// A flag by one of its names, and whether it was called by the name that switches it off.
    fn find_flag(&self, name: &str) -> Option<(&'a Flag, bool)> {
        let by = |name: &str| self.known.iter().find(|f| f.names.contains(&name)).copied();
        by(name).map(|flag| (flag, false)).or_else(|| {
            let flag = by(&name.strip_prefix("--no-").map(|rest| format!("--{rest}"))?)?;
            (flag.kind == Kind::Switch).then_some((flag, true))
        })
    }
}
