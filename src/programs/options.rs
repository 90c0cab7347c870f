//! Command lines as GNU's getopt_long reads them, and its complaints. Must never know a command.

/// What a command accepts.
///
/// A flag is written `"n,lines="`: its names (one letter or long) separated by commas, `=` when it takes a value, `=?`
/// when the value is optional and must be attached. The first name is the key it is asked by.
#[derive(Debug)]
pub struct Spec {
    /// The flags.
    pub flags: &'static [&'static str],
    /// What `--help` prints.
    pub help: &'static str,
    /// The exit status of a wrong command line.
    pub misuse: i32,
    /// Whether options end at the first operand (`env`, `xargs`, `timeout`).
    pub stop_at_operand: bool,
}

impl Spec {
    /// A command whose misuse ends with 1, as most do.
    pub const fn new(flags: &'static [&'static str], help: &'static str) -> Self {
        Spec { flags, help, misuse: 1, stop_at_operand: false }
    }

    /// The same with another status for misuse.
    pub const fn misuse(mut self, status: i32) -> Self {
        self.misuse = status;
        self
    }

    /// The same where the first operand ends the options.
    pub const fn stop_at_operand(mut self) -> Self {
        self.stop_at_operand = true;
        self
    }

    fn find(&self, name: &str) -> Option<Flag> {
        self.all().find(|flag| flag.names.contains(&name))
    }

    fn all(&self) -> impl Iterator<Item = Flag> {
        self.flags.iter().map(|text| Flag::read(text))
    }

    /// Long options that begin with `name`.
    fn candidates(&self, name: &str) -> Vec<(Flag, &'static str)> {
        let long = |flag: Flag| {
            let names: Vec<_> =
                flag.names.iter().filter(|n| n.len() > 1 && n.starts_with(name)).copied().collect();
            names.into_iter().map(move |n| (flag.clone(), n)).collect::<Vec<_>>()
        };
        self.all().flat_map(long).collect()
    }
}

#[derive(Debug, Clone)]
struct Flag {
    names: Vec<&'static str>,
    takes: Takes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    Value,
    Maybe,
}

impl Flag {
    fn read(text: &'static str) -> Flag {
        let (names, takes) = match (text.strip_suffix("=?"), text.strip_suffix('=')) {
            (Some(names), _) => (names, Takes::Maybe),
            (None, Some(names)) => (names, Takes::Value),
            _ => (text, Takes::Nothing),
        };
        Flag { names: names.split(',').collect(), takes }
    }

    fn key(&self) -> &'static str {
        self.names.first().copied().unwrap_or_default()
    }
}

/// A command line that was understood.
#[derive(Debug, Clone, Default)]
pub struct Options {
    given: Vec<(&'static str, Option<String>)>,
    /// What is not an option.
    pub operands: Vec<String>,
}

impl Options {
    /// Whether a flag was given.
    pub fn has(&self, key: &str) -> bool {
        self.given.iter().any(|(k, _)| *k == key)
    }

    /// The last value of a flag.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.given.iter().rev().find(|(k, _)| *k == key).and_then(|(_, v)| v.as_deref())
    }

    /// All values of a flag, in order.
    pub fn values(&self, key: &str) -> Vec<&str> {
        self.given.iter().filter(|(k, _)| *k == key).filter_map(|(_, v)| v.as_deref()).collect()
    }

    /// Which of these flags was given last.
    pub fn last_of(&self, keys: &[&str]) -> Option<&'static str> {
        self.given.iter().rev().find(|(k, _)| keys.contains(k)).map(|(k, _)| *k)
    }

    /// The flags in the order in which they were given.
    pub fn given(&self) -> &[(&'static str, Option<String>)] {
        &self.given
    }
}

/// Why there are no options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// `--help` was asked for.
    Help,
    /// `--version` was asked for.
    Version,
    /// getopt's complaint, without the command's name.
    Misuse(String),
}

/// Reads a command line.
///
/// # Errors
/// When it asks for help or is wrong.
pub fn parse(spec: &Spec, args: &[String]) -> Result<Options, Stop> {
    let mut out = Options::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if arg == "--" {
            out.operands.extend(args.by_ref().cloned());
        } else if let Some(long) = arg.strip_prefix("--") {
            long_option(spec, long, &mut args, &mut out)?;
        } else if arg.len() > 1 && arg.starts_with('-') {
            short_options(spec, &arg[1..], &mut args, &mut out)?;
        } else {
            out.operands.push(arg.clone());
            if spec.stop_at_operand {
                out.operands.extend(args.by_ref().cloned());
            }
        }
    }
    Ok(out)
}

type Args<'a> = std::slice::Iter<'a, String>;

fn long_option(spec: &Spec, text: &str, args: &mut Args<'_>, out: &mut Options) -> Result<(), Stop> {
    let (name, inline) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (text, None),
    };
    let candidates = spec.candidates(name);
    let exact = candidates.iter().find(|(_, n)| *n == name);
    let (flag, full) = match exact {
        Some(found) => found.clone(),
        None if "help".starts_with(name) && candidates.is_empty() && !name.is_empty() => {
            return Err(Stop::Help);
        }
        None if "version".starts_with(name) && candidates.is_empty() && !name.is_empty() => {
            return Err(Stop::Version);
        }
        None => {
            let keys: std::collections::BTreeSet<_> = candidates.iter().map(|(f, _)| f.key()).collect();
            match (candidates.first(), keys.len()) {
                (Some(found), 1) => found.clone(),
                (None, _) => return Err(Stop::Misuse(format!("unrecognized option '--{text}'"))),
                _ => {
                    let list: String = candidates.iter().map(|(_, n)| format!(" '--{n}'")).collect();
                    return Err(Stop::Misuse(format!(
                        "option '--{text}' is ambiguous; possibilities:{list}"
                    )));
                }
            }
        }
    };
    let value = match (flag.takes, inline) {
        (Takes::Nothing, Some(_)) => {
            return Err(Stop::Misuse(format!("option '--{full}' doesn't allow an argument")));
        }
        (Takes::Value, None) => match args.next() {
            Some(value) => Some(value.clone()),
            None => return Err(Stop::Misuse(format!("option '--{full}' requires an argument"))),
        },
        (_, inline) => inline,
    };
    out.given.push((flag.key(), value));
    Ok(())
}

fn short_options(spec: &Spec, text: &str, args: &mut Args<'_>, out: &mut Options) -> Result<(), Stop> {
    for (at, letter) in text.char_indices() {
        let name = letter.to_string();
        let Some(flag) = spec.find(&name) else {
            // `head -5`, `tail -20`: a number for whoever takes one.
            if letter.is_ascii_digit() && at == 0 && spec.find("#").is_some() {
                out.given.push(("#", Some(text.to_owned())));
                return Ok(());
            }
            return Err(Stop::Misuse(format!("invalid option -- '{letter}'")));
        };
        let rest = &text[at + letter.len_utf8()..];
        let attached = (!rest.is_empty()).then(|| rest.to_owned());
        match flag.takes {
            Takes::Nothing => out.given.push((flag.key(), None)),
            Takes::Maybe => {
                out.given.push((flag.key(), attached));
                return Ok(());
            }
            Takes::Value => {
                let Some(value) = attached.or_else(|| args.next().cloned()) else {
                    return Err(Stop::Misuse(format!("option requires an argument -- '{letter}'")));
                };
                out.given.push((flag.key(), Some(value)));
                return Ok(());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    static SPEC: Spec =
        Spec::new(&["a,all", "n,lines=", "color=?", "r,reverse", "R,recursive", "#="], "Usage: x\n");

    fn check(line: &str, expect: &str) {
        let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let got = match parse(&SPEC, &args) {
            Ok(options) => format!("{:?} {:?}", options.given, options.operands),
            Err(stop) => format!("{stop:?}"),
        };
        assert_eq!(got, expect, "for {line:?}");
    }

    #[test]
    fn options_and_complaints() {
        check("-an5 x --lines=7 -- -y", r#"[("a", None), ("n", Some("5")), ("n", Some("7"))] ["x", "-y"]"#);
        check(
            "-3 --color --color=auto",
            r##"[("#", Some("3")), ("color", None), ("color", Some("auto"))] []"##,
        );
        check("--al", r#"[("a", None)] []"#);
        check("-z", r#"Misuse("invalid option -- 'z'")"#);
        check("-n", r#"Misuse("option requires an argument -- 'n'")"#);
        check("--re", r#"Misuse("option '--re' is ambiguous; possibilities: '--reverse' '--recursive'")"#);
        check("--zip", r#"Misuse("unrecognized option '--zip'")"#);
        check("--all=3", r#"Misuse("option '--all' doesn't allow an argument")"#);
        check("--help", "Help");
    }
}
