//! What stands below a group in each release track, and under which sections a list of it is divided. Must never say
//! what a group is for.

use super::names::{self, Name};

const TEXT: &str = include_str!("../../../assets/gcloud/sections.txt");
/// Where a list puts what has no section.
const OTHER: &str = "Other";
/// What the table writes where a track has no section for what has one elsewhere.
const NONE: &str = "none";

/// A group or command below a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Its word.
    pub word: &'static str,
    /// Whether something stands below it.
    pub is_group: bool,
    /// Its section, if it has one.
    section: Option<&'static str>,
}

/// The tracks whose trees make up a track's: earlier tracks have what later ones have.
fn later(track: Option<&str>) -> &'static [&'static str] {
    match track {
        Some("alpha") => &["alpha", "beta", ""],
        Some("beta") => &["beta", ""],
        Some("preview") => &["preview"],
        _ => &[""],
    }
}

/// A path in one track's tree.
fn in_track(track: &str, path: &str) -> String {
    [track, path].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What a path names in a track.
pub fn at(track: Option<&str>, path: &str) -> Option<&'static Name> {
    let lacks = |track: &str| line(&format!("- {track}")).any(|one| one == path);
    if track.is_some_and(lacks) {
        return None;
    }
    later(track).iter().find_map(|of| {
        let words = in_track(of, path);
        names::at(&words.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>())
    })
}

/// What stands below a group, by its words.
pub fn members(track: Option<&str>, path: &str) -> Vec<Member> {
    let mut words: Vec<&'static str> = Vec::new();
    for of in later(track) {
        let place = in_track(of, path);
        let group = names::at(&place.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>());
        words.extend(group.into_iter().flat_map(|group| &group.members).map(|member| member.word));
    }
    words.sort_unstable();
    words.dedup();
    let below = |word: &str| if path.is_empty() { word.to_owned() } else { format!("{path} {word}") };
    words
        .into_iter()
        .filter_map(|word| {
            let name = at(track, &below(word))?;
            let section = section(track, &below(word));
            Some(Member { word: name.word, is_group: name.is_group(), section })
        })
        .collect()
}

/// The section of a group or command.
fn section(track: Option<&str>, path: &str) -> Option<&'static str> {
    later(track)
        .iter()
        .find_map(|of| {
            let words = in_track(of, path);
            let found = TEXT.lines().filter(|text| !text.starts_with(['#', '-']));
            found
                .filter_map(|text| text.split_once(": "))
                .find_map(|(section, all)| all.split(", ").any(|one| one == words).then_some(section))
        })
        .filter(|section| *section != NONE)
}

fn line(name: &str) -> impl Iterator<Item = &'static str> {
    let found = TEXT.lines().filter_map(|text| text.split_once(": ")).find(|(head, _)| *head == name);
    found.into_iter().flat_map(|(_, all)| all.split(", "))
}

/// Whether a list of these is divided into sections at all.
pub fn are_divided(members: &[Member]) -> bool {
    members.iter().any(|member| member.section.is_some())
}

/// Members by their sections, sorted; the heading is left out where all belong to no section.
pub fn divided(members: &[Member]) -> Vec<(Option<&'static str>, Vec<Member>)> {
    let mut sections: Vec<&'static str> = members.iter().map(|m| m.section.unwrap_or(OTHER)).collect();
    sections.sort_unstable();
    sections.dedup();
    let is_plain = !are_divided(members);
    sections
        .into_iter()
        .map(|section| {
            let of = members.iter().filter(|member| member.section.unwrap_or(OTHER) == section);
            ((!is_plain).then_some(section), of.copied().collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(track: Option<&str>, path: &str, word: &str, expect: Option<Option<&str>>) {
        let members = members(track, path);
        let found = members.iter().find(|member| member.word == word).map(|member| member.section);
        assert_eq!(found, expect, "{track:?} {path} {word}");
    }

    #[test]
    fn tracks_have_what_later_ones_have_but_for_some() {
        check(None, "container", "clusters", Some(Some("Compute")));
        check(None, "container", "aws", Some(Some("Compute")));
        check(Some("beta"), "container", "aws", None);
        check(Some("beta"), "container", "backup-restore", Some(Some("Compute")));
        check(Some("alpha"), "container clusters", "config", Some(None));
        check(None, "container", "get-server-config", Some(None));
    }

    #[test]
    fn what_has_no_section_stands_under_one_when_others_have() {
        let root = members(None, "");
        let commands: Vec<Member> = root.into_iter().filter(|member| !member.is_group).collect();
        let sections: Vec<Option<&str>> =
            divided(&commands).into_iter().map(|(section, _)| section).collect();
        assert_eq!(sections, [Some("Other"), Some("SDK Tools")]);
    }
}
