//! The shape of a command: its path, its usage, its flags, its code. Never runs anything itself.

use crate::world::LocalFuture;

use super::Docker;
use super::flags::Parsed;

/// What follows the flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Args {
    None,
    Exactly(usize),
    AtLeast(usize),
    AtMost(usize),
    Between(usize, usize),
    /// Exactly so many, where docker left the complaint to cobra.
    Plainly(usize),
    Any,
}

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Bool,
    Text,
    /// A whole number.
    Int,
    /// May be given several times.
    List,
}

impl Kind {
    /// What a flag takes whose type has that name.
    pub fn of(type_name: &str) -> Self {
        match type_name {
            "" => Kind::Bool,
            "int" | "uint16" | "uint64" => Kind::Int,
            "list" | "stringArray" | "stringToString" | "strings" | "filter" | "map" | "mount" | "ulimit"
            | "network" => Kind::List,
            _ => Kind::Text,
        }
    }
}

/// A flag.
#[derive(Debug, Clone, Copy)]
pub struct Flag {
    pub short: Option<char>,
    pub long: &'static str,
    pub kind: Kind,
    /// The type's name in the help, empty for switches.
    pub type_name: &'static str,
    pub about: &'static str,
    /// Taken, but not shown in help; what is said about it there is a warning to whoever types it.
    pub hidden: bool,
}

/// The code of a command.
pub type Run = fn(Docker, Parsed) -> LocalFuture<i32>;

/// A command.
#[derive(Clone, Copy)]
pub struct Command {
    /// `ps`, `container ls`.
    pub path: &'static str,
    /// Other paths that mean the same.
    pub aliases: &'static [&'static str],
    /// What follows `docker PATH ` in the usage line.
    pub usage: &'static str,
    pub about: &'static str,
    pub args: Args,
    /// A line per flag: `-a, --all | | what it does`, `--name | string | ...`, `-e, --env | list | ...`. A line that
    /// begins with `!` is of a hidden flag, with what to use instead in place of what it does. A line `@name` stands for
    /// flags that several commands have.
    pub flags: &'static str,
    /// Whether flags may follow the first argument; not where a command line follows.
    pub mixed: bool,
    pub run: Run,
}

impl Command {
    /// The flags, in order.
    pub fn flag_list(&self) -> Vec<Flag> {
        read_flags(self.flags)
    }

    /// The name shown in messages for the path as typed: `docker ps`, `docker buildx build`.
    pub fn shown(&self, typed: &str) -> String {
        // The builder is a plug-in, and names itself.
        if self.aliases.contains(&"buildx build") {
            return "docker buildx build".to_owned();
        }
        format!("docker {typed}")
    }
}

/// Reads a table of flags, by name.
pub fn read_flags(table: &'static str) -> Vec<Flag> {
    let mut flags = Vec::new();
    collect(table, &mut flags);
    flags.sort_by_key(|flag| flag.long);
    flags
}

fn collect(table: &'static str, flags: &mut Vec<Flag>) {
    for line in table.lines() {
        match line.strip_prefix('@') {
            Some(name) => collect(super::table::shared(name), flags),
            None => flags.extend(parse_flag(line)),
        }
    }
}

fn parse_flag(line: &'static str) -> Option<Flag> {
    let mut columns = line.splitn(3, '|').map(str::trim);
    let names = columns.next().filter(|n| !n.is_empty())?;
    let (hidden, names) = names.strip_prefix('!').map_or((false, names), |names| (true, names));
    let type_name = columns.next().unwrap_or_default();
    let about = columns.next().unwrap_or_default();
    let (short, long) = match names.split_once(", ") {
        Some((short, long)) => (short.chars().nth(1), long),
        None => (None, names),
    };
    let kind = Kind::of(type_name);
    Some(Flag { short, long: long.trim_start_matches('-'), kind, type_name, about, hidden })
}
