//! What a command takes: its positional arguments, flags and groups of them, read from `assets/gcloud/commands.txt`.
//! Must never look at a command line.

const TEXT: &str = include_str!("../../../assets/gcloud/commands.txt");

/// Commands that help does not list, and the one whose arguments they share.
const UNLISTED: &[(&str, &str)] = &[("config get-value", "config get")];

/// A command's arguments.
#[derive(Debug, Clone)]
pub struct Spec {
    /// In the order of the usage.
    pub arguments: Vec<Argument>,
}

/// An argument, or several that belong together.
#[derive(Debug, Clone)]
pub enum Argument {
    /// Without a name on the line.
    Positional(Positional),
    /// With one.
    Flag(Flag),
    /// Several.
    Group(Group),
}

/// A positional argument.
#[derive(Debug, Clone)]
pub struct Positional {
    /// As the usage names it.
    pub name: &'static str,
    /// How often it comes.
    pub count: Count,
    /// What is said when it is given: that it goes out of use.
    pub warning: Option<&'static str>,
}

/// How often a positional argument comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Exactly once.
    One,
    /// At most once.
    Optional,
    /// As often as one likes.
    Any,
    /// At least once.
    Some,
    /// Everything behind `--`.
    Rest,
}

/// A flag.
#[derive(Debug, Clone)]
pub struct Flag {
    /// As help shows it, with all names, value and default.
    pub usage: &'static str,
    /// Its names with dashes, the long one first.
    pub names: Vec<&'static str>,
    /// What its value may be.
    pub kind: Kind,
    /// Whether the command cannot do without it.
    pub required: bool,
    /// Whether help shows both `--x` and `--no-x`.
    pub both: bool,
    /// Whether help shows `--no-x` only.
    pub inverted: bool,
    /// Whether its value may be left out.
    pub optional_value: bool,
    /// Whether neither usage nor help shows it.
    pub hidden: bool,
    /// The flag that it is another word for.
    pub same_as: Option<&'static str>,
    /// What is said when it is given: that it goes out of use.
    pub warning: Option<&'static str>,
}

/// What a flag's value may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// There is none.
    Switch,
    /// Anything.
    Text,
    /// A whole number, perhaps within bounds.
    Int { bounded: bool, low: Option<i64>, high: Option<i64> },
    /// Items with commas, at least so many, of these words if any are named.
    List { least: usize, of: Vec<&'static str> },
    /// `KEY=VALUE` with commas, of these keys if any are named, perhaps without values.
    Dict { keys: Vec<&'static str>, bare: bool },
    /// One of these words, after a change of case.
    Choice { words: Vec<&'static str>, upper: bool, lower: bool },
    /// An amount of bytes.
    Size,
    /// A span of time.
    Duration,
}

/// Arguments that belong together.
#[derive(Debug, Clone)]
pub struct Group {
    /// Whether only one of them may be given.
    pub one_of: bool,
    /// Whether something of it must be given.
    pub required: bool,
    /// Its members.
    pub members: Vec<Argument>,
}

impl Flag {
    /// How the flag is called when it is spoken of.
    pub fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or_default()
    }
}

impl Spec {
    /// Every flag, of groups too.
    pub fn flags(&self) -> Vec<&Flag> {
        let mut flags = Vec::new();
        collect(&self.arguments, &mut flags, &mut Vec::new());
        flags
    }

    /// Every positional argument in order, of groups too.
    pub fn positionals(&self) -> Vec<&Positional> {
        let mut positionals = Vec::new();
        collect(&self.arguments, &mut Vec::new(), &mut positionals);
        positionals
    }
}

fn collect<'a>(all: &'a [Argument], flags: &mut Vec<&'a Flag>, positionals: &mut Vec<&'a Positional>) {
    for argument in all {
        match argument {
            Argument::Positional(positional) => positionals.push(positional),
            Argument::Flag(flag) => flags.push(flag),
            Argument::Group(group) => collect(&group.members, flags, positionals),
        }
    }
}

/// The arguments of a command, by its words; the empty path gives the flags that every command has.
pub fn spec(path: &str) -> Option<Spec> {
    let path = UNLISTED.iter().find(|(name, _)| *name == path).map_or(path, |(_, same)| same);
    let mut lines = TEXT.lines();
    lines.find(|line| line.strip_prefix("$ ").is_some_and(|p| p == path))?;
    let mut lines = lines.take_while(|line| !line.starts_with('$'));
    Some(Spec { arguments: read(&mut lines) })
}

/// Whether a path is a command that help does not list.
pub fn is_unlisted(path: &str) -> bool {
    UNLISTED.iter().any(|(name, _)| *name == path)
}

fn read(lines: &mut dyn Iterator<Item = &'static str>) -> Vec<Argument> {
    let mut all = Vec::new();
    while let Some(line) = lines.next() {
        let line = line.trim_start();
        if line == ")" {
            break;
        }
        all.push(match line.split_at_checked(1) {
            Some(("(", how)) => Argument::Group(Group {
                one_of: how.contains('m'),
                required: how.contains('r'),
                members: read(lines),
            }),
            Some(("@", name)) => Argument::Positional(positional(name)),
            _ => Argument::Flag(flag(line)),
        });
    }
    all
}

fn positional(text: &'static str) -> Positional {
    let (name, rest) = text.split_once('\t').unwrap_or((text, ""));
    let (count, warning) = rest.split_once('\t').map_or((rest, None), |(count, text)| (count, Some(text)));
    let count = match count {
        "?" => Count::Optional,
        "*" => Count::Any,
        "+" => Count::Some,
        "--" => Count::Rest,
        _ => Count::One,
    };
    Positional { name, count, warning }
}

fn flag(line: &'static str) -> Flag {
    let (usage, rest) = line.split_once('\t').unwrap_or((line, ""));
    let (rest, warning) = rest.split_once('\t').map_or((rest, None), |(rest, text)| (rest, Some(text)));
    let bare = usage.split("; default=").next().unwrap_or(usage);
    let mut names: Vec<&str> = bare
        .match_indices(", -")
        .map(|(at, _)| &bare[at + 2..])
        .map(|name| name.split([' ', '=', '[']).next().unwrap_or(name))
        .collect();
    names.insert(0, bare.split(['=', ' ', ',', '[']).next().unwrap_or(bare));
    let words: Vec<&str> = rest.split(' ').collect();
    let has = |word: &str| words.contains(&word);
    Flag {
        usage,
        names,
        kind: kind(bare, &words),
        required: has("required"),
        both: has("both"),
        inverted: has("inverted"),
        optional_value: has("optional"),
        hidden: has("hidden"),
        same_as: words.iter().find_map(|word| word.strip_prefix("as=")),
        warning,
    }
}

fn kind(bare: &str, words: &[&'static str]) -> Kind {
    let value = |key: &str| words.iter().find_map(|word| word.strip_prefix(key));
    let has = |word: &str| words.contains(&word);
    let list = |text: &'static str| text.split(',').collect::<Vec<&'static str>>();
    if let Some(choices) = value("choices=") {
        return Kind::Choice { words: list(choices), upper: has("upper"), lower: has("lower") };
    }
    if let Some(bounds) = value("int=") {
        let (low, high) = bounds.split_once("..").unwrap_or((bounds, ""));
        return Kind::Int { bounded: true, low: low.parse().ok(), high: high.parse().ok() };
    }
    if let Some(least) = value("list=") {
        return Kind::List {
            least: least.parse().unwrap_or(0),
            of: value("of=").map(list).unwrap_or_default(),
        };
    }
    match () {
        () if has("int") => Kind::Int { bounded: false, low: None, high: None },
        () if has("dict") => {
            Kind::Dict { keys: value("keys=").map(list).unwrap_or_default(), bare: has("bare") }
        }
        () if has("size") => Kind::Size,
        () if has("duration") => Kind::Duration,
        () if bare.split(',').next().is_some_and(|first| first.contains(['=', ' ', '['])) => Kind::Text,
        () => Kind::Switch,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_read_with_their_groups() {
        let spec = spec("container clusters resize").expect("a command");
        let names: Vec<&str> = spec.flags().iter().map(|f| f.name()).collect();
        assert_eq!(
            names,
            ["--async", "--node-pool", "--num-nodes", "--size", "--location", "--region", "--zone"]
        );
        assert_eq!(spec.flags()[6].names, ["--zone", "-z"]);
        let groups = spec.arguments.iter().filter(|a| matches!(a, Argument::Group(_))).count();
        assert_eq!((groups, spec.positionals().len()), (2, 1));
    }

    #[test]
    fn kinds_are_what_the_table_says() {
        let spec = spec("container clusters create").expect("a command");
        let kind = |name: &str| spec.flags().into_iter().find(|f| f.name() == name).map(|f| f.kind.clone());
        assert_eq!(kind("--num-nodes"), Some(Kind::Int { bounded: true, low: Some(1), high: None }));
        assert_eq!(kind("--async"), Some(Kind::Switch));
        assert_eq!(kind("--machine-type"), Some(Kind::Text));
        assert_eq!(kind("--labels"), Some(Kind::Dict { keys: Vec::new(), bare: false }));
    }
}
