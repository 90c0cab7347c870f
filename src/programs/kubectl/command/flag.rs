//! What a flag is, and reading its value as pflag does, with Go's complaints. Knows no command.

use super::super::output::duration;

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Bool,
    Text,
    Int,
    Duration,
    /// `a,b` and repetition both add.
    Slice,
    /// Only repetition adds.
    Array,
    Count,
}

#[derive(Debug, Clone, Copy)]
pub struct Flag {
    pub name: &'static str,
    pub short: Option<char>,
    pub kind: Kind,
    /// As help prints it, without quotes.
    pub default: &'static str,
    /// The value when none is given (`NoOptDefVal`).
    pub bare: Option<&'static str>,
    /// Our own sentence.
    pub help: &'static str,
    /// Not shown by `--help`.
    pub hidden: bool,
    /// What to use instead: printed when the flag is used.
    pub deprecated: Option<&'static str>,
}

const fn new(name: &'static str, kind: Kind, default: &'static str, help: &'static str) -> Flag {
    Flag { name, short: None, kind, default, bare: None, help, hidden: false, deprecated: None }
}

pub const fn switch(name: &'static str, help: &'static str) -> Flag {
    Flag { bare: Some("true"), ..new(name, Kind::Bool, "false", help) }
}

pub const fn text(name: &'static str, help: &'static str) -> Flag {
    new(name, Kind::Text, "", help)
}

pub const fn int(name: &'static str, default: &'static str, help: &'static str) -> Flag {
    new(name, Kind::Int, default, help)
}

pub const fn span(name: &'static str, default: &'static str, help: &'static str) -> Flag {
    new(name, Kind::Duration, default, help)
}

pub const fn slice(name: &'static str, help: &'static str) -> Flag {
    new(name, Kind::Slice, "[]", help)
}

pub const fn array(name: &'static str, help: &'static str) -> Flag {
    new(name, Kind::Array, "[]", help)
}

impl Flag {
    pub const fn short(self, short: char) -> Flag {
        Flag { short: Some(short), ..self }
    }

    pub const fn default(self, default: &'static str) -> Flag {
        Flag { default, ..self }
    }

    pub const fn bare(self, bare: &'static str) -> Flag {
        Flag { bare: Some(bare), ..self }
    }

    pub const fn hidden(self) -> Flag {
        Flag { hidden: true, ..self }
    }

    pub const fn deprecated(self, instead: &'static str) -> Flag {
        Flag { deprecated: Some(instead), hidden: true, ..self }
    }

    pub const fn count(self) -> Flag {
        Flag { kind: Kind::Count, ..self }
    }

    /// `-r, --replicas` as error messages name it.
    fn title(&self) -> String {
        match self.short {
            Some(short) => format!("-{short}, --{}", self.name),
            None => format!("--{}", self.name),
        }
    }

    /// The values that one occurrence adds, or pflag's error.
    pub fn read(&self, value: &str) -> Result<Vec<String>, String> {
        let invalid = |why: String| format!("invalid argument {value:?} for {:?} flag: {why}", self.title());
        match self.kind {
            Kind::Text | Kind::Array => Ok(vec![value.to_string()]),
            Kind::Slice => Ok(split(value)),
            Kind::Bool => match value {
                "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(vec!["true".into()]),
                "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(vec!["false".into()]),
                _ => Err(invalid(format!("strconv.ParseBool: parsing {value:?}: invalid syntax"))),
            },
            Kind::Int | Kind::Count => match parse_int(value) {
                Ok(number) => Ok(vec![number.to_string()]),
                Err(why) => Err(invalid(format!("strconv.ParseInt: parsing {value:?}: {why}"))),
            },
            Kind::Duration => duration::parse_go(value).map(|ms| vec![ms.to_string()]).map_err(invalid),
        }
    }
}

fn parse_int(value: &str) -> Result<i64, &'static str> {
    let body = value.strip_prefix(['+', '-']).unwrap_or(value);
    if let Some(hex) = body.strip_prefix("0x").or_else(|| body.strip_prefix("0X")) {
        return i64::from_str_radix(hex, 16).map_err(|_| "invalid syntax");
    }
    if body.is_empty() || !body.chars().all(|c| c.is_ascii_digit()) {
        return Err("invalid syntax");
    }
    match value.parse::<i64>() {
        Ok(number) if i32::try_from(number).is_ok() => Ok(number),
        _ => Err("value out of range"),
    }
}

/// Comma-separated values; a part in double quotes may hold commas (pflag reads them as CSV).
fn split(value: &str) -> Vec<String> {
    if value.is_empty() {
        return Vec::new();
    }
    let (mut out, mut current, mut quoted) = (Vec::new(), String::new(), false);
    for c in value.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(std::mem::take(&mut current)),
            c => current.push(c),
        }
    }
    out.push(current);
    out
}
