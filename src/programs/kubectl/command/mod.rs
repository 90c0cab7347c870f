//! Commands as data: names, usage lines, flags. The same table reads command lines, prints help and says what a
//! command line means. Never runs anything.

mod cluster_commands;
mod create_commands;
pub mod flag;
pub mod groups;
mod help;
pub mod meaning;
mod object_commands;
mod parse;
mod settings_commands;
mod tree;
mod workload_commands;

pub use help::{options, text as help_text, unknown_topic};
pub use parse::{Mistake, Parsed, parse};
pub use tree::ROOT;

use flag::Flag;

/// One command or group of commands.
#[derive(Debug)]
pub struct Command {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    /// Other words that the "Did you mean this?" list answers to.
    pub suggest_for: &'static [&'static str],
    /// One line, in the list of the parent's help.
    pub short: &'static str,
    /// Our own explanation.
    pub long: &'static str,
    /// Example command lines, each with a sentence of our own.
    pub examples: &'static [(&'static str, &'static str)],
    /// The usage line after `kubectl`, with `[flags]` where cobra adds it.
    pub usage: &'static str,
    pub flags: &'static [&'static [Flag]],
    pub children: &'static [&'static Command],
    /// Flags end at the first word that is none (exec).
    pub stops_at_words: bool,
    pub required: &'static [&'static str],
    pub hidden: bool,
    /// Whether it does something itself (a group only prints its help).
    pub runs: bool,
}

impl Command {
    /// The values that most commands share; tables fill in the rest.
    pub const BASE: Command = Command {
        name: "",
        aliases: &[],
        suggest_for: &[],
        short: "",
        long: "",
        examples: &[],
        usage: "",
        flags: &[],
        children: &[],
        stops_at_words: false,
        required: &[],
        hidden: false,
        runs: true,
    };

    /// Every flag of its own, by name.
    pub fn sorted_flags(&self) -> Vec<&'static Flag> {
        let mut flags: Vec<&Flag> = self.flags.iter().flat_map(|group| group.iter()).collect();
        flags.sort_by_key(|flag| flag.name);
        flags
    }

    /// A flag of its own or a global one.
    pub fn flag(&self, name: &str) -> Option<&'static Flag> {
        self.flags.iter().flat_map(|group| group.iter()).chain(groups::GLOBAL).find(|flag| flag.name == name)
    }

    fn short_flag(&self, short: char) -> Option<&'static Flag> {
        self.flags
            .iter()
            .flat_map(|group| group.iter())
            .chain(groups::GLOBAL)
            .find(|flag| flag.short == Some(short))
    }

    fn child(&self, name: &str) -> Option<&'static Command> {
        self.children.iter().copied().find(|child| child.name == name || child.aliases.contains(&name))
    }
}

#[cfg(test)]
mod tests;
