//! The parser's refusals: what is printed when a line is not understood, and help. Must never run a command.

use super::args::Refused;
use super::close_match::closest;
use super::names::Name;
use super::sections;
use super::suggest::suggestions;
use super::tree::{self, Flag, Spec};
use super::usage;

/// What some call a project.
const PROJECT_TOO: &str = "--application";

/// A place in the tree of commands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// `alpha` or `beta`, if it was named.
    pub track: Option<String>,
    /// The words behind.
    pub path: Vec<String>,
}

impl Place {
    /// `gcloud.beta.container`.
    pub fn dotted(&self) -> String {
        self.words().replace(' ', ".")
    }

    /// `gcloud beta container`.
    pub fn words(&self) -> String {
        let words = std::iter::once("gcloud").chain(self.track.as_deref());
        words.chain(self.path.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
    }

    fn below(&self, word: &str) -> String {
        self.path.iter().map(String::as_str).chain([word]).collect::<Vec<_>>().join(" ")
    }

    /// What stands here under a word.
    pub fn member(&self, word: &str) -> Option<&'static Name> {
        sections::at(self.track.as_deref(), &self.below(word))
    }

    /// Whether a word is a command here that help does not list.
    pub fn is_unlisted(&self, word: &str) -> bool {
        tree::is_unlisted(&self.below(word))
    }

    /// Whether it is a group.
    fn is_group(&self) -> bool {
        self.path.is_empty()
            || sections::at(self.track.as_deref(), &self.path.join(" ")).is_some_and(Name::is_group)
    }

    /// The same command in other tracks, where it exists.
    fn elsewhere(&self, word: &str) -> Vec<String> {
        let tracks = [None, Some("alpha"), Some("beta"), Some("preview")];
        let others = tracks.into_iter().filter(|track| *track != self.track.as_deref());
        others
            .map(|track| Place { track: track.map(str::to_owned), path: self.path.clone() })
            .filter(|place| place.member(word).is_some())
            .map(|place| format!("{} {word}", place.words()))
            .collect()
    }
}

/// A refusal with the usage of a command or group.
pub fn usage_error(place: &Place, spec: Option<&Spec>, what: &str) -> Refused {
    Refused { text: format!("ERROR: ({}) {what}\n{}", place.dotted(), usage_of(place, spec)), exit: 2 }
}

fn usage_of(place: &Place, spec: Option<&Spec>) -> String {
    match spec {
        Some(spec) => usage::command_usage(&place.words(), spec),
        None if place.is_group() => {
            usage::group_choices(&place.words(), place.track.as_deref(), &place.path.join(" "))
        }
        None => usage::command_usage(&place.words(), &Spec { arguments: Vec::new() }),
    }
}

/// Help, in full or only the usage.
pub fn help(place: &Place, spec: Option<&Spec>, full: bool) -> Refused {
    let path = place.path.join(" ");
    let text = match (full, spec) {
        (false, _) => usage_of(place, spec),
        (true, None) if place.is_group() => usage::group_help(&place.words(), place.track.as_deref(), &path),
        (true, spec) => {
            let none = Spec { arguments: Vec::new() };
            usage::command_help(&place.words(), &path, spec.unwrap_or(&none))
        }
    };
    Refused { text, exit: 0 }
}

/// A group where a command is needed.
pub fn group_without_command(place: &Place) -> Refused {
    let words = place.words();
    let listing = usage::group_listing(&words, place.track.as_deref(), &place.path.join(" "));
    let text = format!("ERROR: ({}) Command name argument expected.\n\n{listing}", place.dotted());
    Refused { text, exit: 2 }
}

/// A word that names nothing here.
pub fn invalid_choice(place: &Place, word: &str, words: &[&str], used: &dyn Fn() -> Vec<String>) -> Refused {
    let what = format!("Invalid choice: '{word}'.");
    let elsewhere = place.elsewhere(word);
    if elsewhere.is_empty() {
        return choice(place, None, &what, words, used);
    }
    let text = format!(
        "ERROR: ({}) {what}\nThis command is available in one or more alternate release tracks.  Try:\n  {}\n",
        place.dotted(),
        elsewhere.join("\n  ")
    );
    Refused { text, exit: 2 }
}

/// A refused choice of a command or value: with suggestions, or with the usage.
pub fn choice(
    place: &Place,
    spec: Option<&Spec>,
    what: &str,
    words: &[&str],
    used: &dyn Fn() -> Vec<String>,
) -> Refused {
    if what.contains('\n') {
        return Refused { text: format!("ERROR: ({}) {what}\n", place.dotted()), exit: 2 };
    }
    let meant = suggestions(words, &used());
    if meant.is_empty() {
        return usage_error(place, spec, what);
    }
    let text = format!(
        "ERROR: ({}) {what}\nMaybe you meant:\n  {}\n\n{}\n",
        place.dotted(),
        meant.join("\n  "),
        usage::SEARCH
    );
    Refused { text, exit: 2 }
}

/// Words that the command does not take.
pub fn unrecognized(place: &Place, known: &[&Flag], unknown: &[String]) -> Refused {
    let shown = known.iter().filter(|flag| !flag.hidden);
    let mut names: Vec<&str> = shown.flat_map(|flag| flag.names.iter().copied()).collect();
    if place.path.is_empty() && place.track.is_none() {
        names.extend(["--version", "-v"]);
    }
    names.push(PROJECT_TOO);
    let mut messages: Vec<String> = Vec::new();
    for word in unknown {
        let flag = word.split('=').next().unwrap_or(word);
        let asks = flag.starts_with("--") || word.split('=').nth(1).is_some_and(|value| !value.is_empty());
        let message = match closest(flag, names.iter().copied()).filter(|_| asks) {
            Some(PROJECT_TOO) => format!("{word} (did you mean '--project'?)"),
            Some(near) => format!("{word} (did you mean '{near}'?)"),
            None => word.clone(),
        };
        if !messages.contains(word) {
            messages.push(message);
        }
    }
    let name = place.dotted();
    let text = match messages.as_slice() {
        [one] => format!("ERROR: ({name}) unrecognized arguments: {one} \n\n{}\n", usage::SEARCH),
        several => {
            format!(
                "ERROR: ({name}) unrecognized arguments:\n  {}\n  {}\n",
                several.join("\n  "),
                usage::SEARCH
            )
        }
    };
    Refused { text, exit: 2 }
}
