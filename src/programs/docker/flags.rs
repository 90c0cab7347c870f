//! Flags as pflag reads them, with its messages. Never decides what a flag means.

use std::collections::BTreeMap;

use super::command::{Flag, Kind};

/// A command line taken apart.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    /// The command as typed, without its flags: `ps`, `container ls`.
    pub typed: String,
    values: BTreeMap<&'static str, Vec<String>>,
    /// What is no flag.
    pub args: Vec<String>,
    /// What `run` and `exec` hand to the container; only [`super::understand`] takes it off `args`.
    pub command: Vec<String>,
    /// `--help`, or the deprecated `-h`.
    pub help: Option<Help>,
    /// What pflag says about flags that should not be used any more.
    pub notes: Vec<String>,
}

/// Which way help was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Help {
    Long,
    Short,
}

impl Parsed {
    /// Whether a switch is on.
    pub fn is(&self, name: &str) -> bool {
        self.values.get(name).and_then(|v| v.last()).is_some_and(|v| v == "true")
    }

    /// Whether a flag was given at all.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Every flag that was given, with its values.
    pub fn values(&self) -> &BTreeMap<&'static str, Vec<String>> {
        &self.values
    }

    /// The last value given.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(|v| v.last()).map(String::as_str)
    }

    /// Every value given.
    pub fn all(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// A whole number; `None` when it was not given. Only numbers get past the parser.
    pub fn int(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(|v| v.parse().ok())
    }

    /// The argument at a position, empty when there is none.
    pub fn arg(&self, at: usize) -> &str {
        self.args.get(at).map_or("", String::as_str)
    }
}

/// Hidden names of flags, and the flags they mean.
const OTHER_NAMES: &[(&str, &str)] =
    &[("net", "network"), ("net-alias", "network-alias"), ("dns-opt", "dns-option")];

/// Takes words apart; `mixed` lets flags follow arguments. The error is pflag's sentence.
pub fn parse(words: &[String], flags: &[Flag], mixed: bool) -> Result<Parsed, String> {
    let mut parsed = Parsed::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if word == "--" {
            parsed.args.extend(rest.by_ref().cloned());
        } else if let Some(long) = word.strip_prefix("--") {
            parse_long(long, flags, &mut rest, &mut parsed)?;
        } else if word.len() > 1 && word.starts_with('-') {
            parse_shorts(&word[1..], flags, &mut rest, &mut parsed)?;
        } else {
            parsed.args.push(word.clone());
            if !mixed {
                parsed.args.extend(rest.by_ref().cloned());
            }
        }
    }
    Ok(parsed)
}

/// Flags for engines of another kind than this one, and the kind.
const OTHER_ENGINES: &[(&str, &str)] = &[
    ("cpu-count", WINDOWS),
    ("cpu-percent", WINDOWS),
    ("io-maxbandwidth", WINDOWS),
    ("io-maxiops", WINDOWS),
    ("checkpoint", EXPERIMENTAL),
    ("checkpoint-dir", EXPERIMENTAL),
];
const WINDOWS: &str = "running on windows, but the Docker daemon is running on linux";
const EXPERIMENTAL: &str = "with experimental features enabled";

/// Why this engine cannot do what a flag asks for.
pub fn unsupported(parsed: &Parsed) -> Option<String> {
    let (flag, kind) = OTHER_ENGINES.iter().find(|(flag, _)| parsed.has(flag))?;
    Some(format!("\"--{flag}\" is only supported on a Docker daemon {kind}"))
}

fn parse_long<'a>(
    text: &str,
    flags: &[Flag],
    rest: &mut impl Iterator<Item = &'a String>,
    parsed: &mut Parsed,
) -> Result<(), String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (text, None),
    };
    if name == "help" {
        let off = matches!(value.as_deref(), Some("0" | "f" | "F" | "false" | "FALSE" | "False"));
        if let Some(value) =
            value.filter(|v| !matches!(v.as_str(), "1" | "t" | "T" | "true" | "TRUE" | "True"))
        {
            let why = format!("strconv.ParseBool: parsing \"{value}\": invalid syntax");
            return if off {
                Ok(())
            } else {
                Err(format!("invalid argument \"{value}\" for \"--help\" flag: {why}"))
            };
        }
        parsed.help = Some(Help::Long);
        return Ok(());
    }
    if name.is_empty() || name.starts_with('-') {
        return Err(format!("bad flag syntax: --{text}"));
    }
    let asked = name;
    let name = OTHER_NAMES.iter().find(|(other, _)| *other == name).map_or(name, |(_, name)| *name);
    let Some(flag) = flags.iter().find(|f| f.long == name) else {
        return Err(format!("unknown flag: --{asked}"));
    };
    let value = match (value, flag.kind) {
        (Some(value), _) => value,
        (None, Kind::Bool) => "true".to_owned(),
        (None, _) => rest.next().cloned().ok_or_else(|| format!("flag needs an argument: --{name}"))?,
    };
    store(flag, value, parsed)
}

fn parse_shorts<'a>(
    cluster: &str,
    flags: &[Flag],
    rest: &mut impl Iterator<Item = &'a String>,
    parsed: &mut Parsed,
) -> Result<(), String> {
    let mut left = cluster;
    while let Some(short) = left.chars().next() {
        left = &left[short.len_utf8()..];
        let Some(flag) = flags.iter().find(|f| f.short == Some(short)) else {
            if short == 'h' {
                parsed.help = Some(Help::Short);
                parsed.notes.push("Flag shorthand -h has been deprecated, use --help".to_owned());
                continue;
            }
            return Err(format!("unknown shorthand flag: '{short}' in -{short}{left}"));
        };
        // An equals sign with nothing behind it is no value of a switch, and itself the value of another flag.
        let value = left.strip_prefix('=').filter(|value| !value.is_empty());
        if flag.kind == Kind::Bool {
            let value = value.map_or_else(
                || "true".to_owned(),
                |value| {
                    left = "";
                    value.to_owned()
                },
            );
            store(flag, value, parsed)?;
            continue;
        }
        let value = match value.unwrap_or(left) {
            "" => rest
                .next()
                .cloned()
                .ok_or_else(|| format!("flag needs an argument: '{short}' in -{short}"))?,
            attached => attached.to_owned(),
        };
        return store(flag, value, parsed);
    }
    Ok(())
}

fn store(flag: &Flag, value: String, parsed: &mut Parsed) -> Result<(), String> {
    let named = match flag.short {
        Some(short) => format!("-{short}, --{}", flag.long),
        None => format!("--{}", flag.long),
    };
    let invalid = |why: &str| Err(format!("invalid argument \"{value}\" for \"{named}\" flag: {why}"));
    let value = match flag.kind {
        Kind::Bool => match value.as_str() {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => "true".to_owned(),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => "false".to_owned(),
            _ => return invalid(&format!("strconv.ParseBool: parsing \"{value}\": invalid syntax")),
        },
        _ => match super::values::refusal(flag, &value) {
            Some(why) => return invalid(&why),
            None => value,
        },
    };
    if flag.hidden && !flag.about.is_empty() {
        parsed.notes.push(format!("Flag --{} has been deprecated, {}", flag.long, flag.about));
    }
    parsed.values.entry(flag.long).or_default().push(value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: &[Flag] = &[
        Flag { short: Some('d'), long: "detach", kind: Kind::Bool, type_name: "", about: "", hidden: false },
        Flag {
            short: Some('p'),
            long: "publish",
            kind: Kind::List,
            type_name: "list",
            about: "",
            hidden: false,
        },
        Flag { short: Some('n'), long: "last", kind: Kind::Int, type_name: "int", about: "", hidden: false },
        Flag { short: None, long: "name", kind: Kind::Text, type_name: "string", about: "", hidden: false },
    ];

    fn check(line: &str, mixed: bool, expect: &str) {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let got = match parse(&words, FLAGS, mixed) {
            Ok(p) => {
                format!("d={} p={:?} name={:?} {:?}", p.is("detach"), p.all("publish"), p.get("name"), p.args)
            }
            Err(error) => error,
        };
        assert_eq!(got, expect, "{line}");
    }

    #[test]
    fn as_pflag_reads_them() {
        check("-dp 80:80 x", true, "d=true p=[\"80:80\"] name=None [\"x\"]");
        check("-d=false -p1 --publish=2 --name x", true, "d=false p=[\"1\", \"2\"] name=Some(\"x\") []");
        check("x -d", true, "d=true p=[] name=None [\"x\"]");
        check("x -d", false, "d=false p=[] name=None [\"x\", \"-d\"]");
        check("-- -d", true, "d=false p=[] name=None [\"-d\"]");
        check("--nme x", true, "unknown flag: --nme");
        check("-z", true, "unknown shorthand flag: 'z' in -z");
        check("-p", true, "flag needs an argument: 'p' in -p");
        check("--name", true, "flag needs an argument: --name");
        check("-dp", true, "flag needs an argument: 'p' in -p");
        check("-p=", true, "d=false p=[\"=\"] name=None []");
        check("-d=", true, "unknown shorthand flag: '=' in -=");
        check("--help --nme", true, "unknown flag: --nme");
        check(
            "-n abc",
            true,
            "invalid argument \"abc\" for \"-n, --last\" flag: strconv.ParseInt: parsing \"abc\": invalid syntax",
        );
    }
}
