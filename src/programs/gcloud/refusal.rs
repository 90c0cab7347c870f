//! The parser's refusals: what is printed when a line is not understood, and help. Must never run a command.

use super::args::Refused;
use super::close_match::closest;
use super::names::{self, Name};
use super::suggest::suggestions;
use super::tree::{self, Flag, Spec};
use super::usage;

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

    fn words_of<'a>(&'a self, more: Option<&'a str>) -> Vec<&'a str> {
        self.path.iter().map(String::as_str).chain(more).collect()
    }

    /// What stands here under a word: earlier tracks have everything that later ones have.
    pub fn member(&self, word: &str) -> Option<&'static Name> {
        let path = self.words_of(Some(word));
        let of_track = |track: &str| {
            let with_track: Vec<&str> = std::iter::once(track).chain(path.iter().copied()).collect();
            names::at(&with_track)
        };
        match self.track.as_deref() {
            Some(track) => {
                of_track(track).filter(|_| names::at(&path).is_none()).or_else(|| names::at(&path))
            }
            None => names::at(&path),
        }
    }

    /// Whether a word is a command here that help does not list.
    pub fn is_unlisted(&self, word: &str) -> bool {
        tree::is_unlisted(&self.words_of(Some(word)).join(" "))
    }

    fn group(&self) -> Option<&'static Name> {
        let path = self.words_of(None);
        let track = self.track.as_deref().filter(|_| path.is_empty());
        track.map_or_else(|| usage::group(&path), |track| names::at(&[track]))
    }

    /// The same command in other tracks, where it exists.
    fn elsewhere(&self, word: &str) -> Vec<String> {
        let tracks = [None, Some("alpha"), Some("beta")];
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
    match (spec, place.group()) {
        (Some(spec), _) => usage::command_usage(&place.words(), spec),
        (None, Some(group)) => usage::group_choices(&place.words(), group),
        (None, None) => usage::command_usage(&place.words(), &Spec { arguments: Vec::new() }),
    }
}

/// Help, in full or only the usage.
pub fn help(place: &Place, spec: Option<&Spec>, full: bool) -> Refused {
    let path = place.path.join(" ");
    let text = match (full, spec, place.group()) {
        (false, ..) => usage_of(place, spec),
        (true, None, Some(group)) => usage::group_help(&place.words(), &path, group),
        (true, spec, _) => {
            let none = Spec { arguments: Vec::new() };
            usage::command_help(&place.words(), &path, spec.unwrap_or(&none))
        }
    };
    Refused { text, exit: 0 }
}

/// A group where a command is needed.
pub fn group_without_command(place: &Place) -> Refused {
    let words = place.words();
    let listing = place.group().map(|group| usage::group_listing(&words, &place.path.join(" "), group));
    let text = format!(
        "ERROR: ({}) Command name argument expected.\n\n{}",
        place.dotted(),
        listing.unwrap_or_default()
    );
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
    let names: Vec<&str> = known.iter().flat_map(|flag| flag.names.iter().copied()).collect();
    let mut messages: Vec<String> = Vec::new();
    for word in unknown {
        let flag = word.split('=').next().unwrap_or(word);
        let asks = flag.starts_with("--") || word.split('=').nth(1).is_some_and(|value| !value.is_empty());
        let message = match closest(flag, names.iter().copied()).filter(|_| asks) {
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
