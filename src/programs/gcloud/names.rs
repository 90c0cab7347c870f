//! The index of every group and command that gcloud has, imitated or not: for suggestions and for what stands below a
//! group. Must never say what a command does.

use std::sync::OnceLock;

const TEXT: &str = include_str!("../../../assets/gcloud/names.txt");

/// A group or, without members, a command.
pub struct Name {
    /// Its last word.
    pub word: &'static str,
    /// What stands below it.
    pub members: Vec<Name>,
}

impl Name {
    /// Whether something stands below it.
    pub fn is_group(&self) -> bool {
        !self.members.is_empty()
    }

    /// A member by its word.
    pub fn member(&self, word: &str) -> Option<&Name> {
        self.members.iter().find(|m| m.word == word)
    }

    fn leaves(&'static self, path: &mut Vec<&'static str>, all: &mut Vec<Vec<&'static str>>) {
        for member in &self.members {
            path.push(member.word);
            if member.is_group() {
                member.leaves(path, all);
            } else {
                all.push(path.clone());
            }
            path.pop();
        }
    }
}

/// The root: `gcloud` itself.
pub fn root() -> &'static Name {
    static ROOT: OnceLock<Name> = OnceLock::new();
    ROOT.get_or_init(|| {
        let members = TEXT.lines().filter(|line| !line.starts_with('#')).flat_map(read).collect();
        Name { word: "gcloud", members }
    })
}

/// What a path names.
pub fn at(path: &[&str]) -> Option<&'static Name> {
    path.iter().try_fold(root(), |name, word| name.member(word))
}

/// The words of every command.
pub fn commands() -> Vec<Vec<&'static str>> {
    let mut all = Vec::new();
    root().leaves(&mut Vec::new(), &mut all);
    all
}

/// `a(b c(d)) e` as a list of names.
fn read(text: &'static str) -> Vec<Name> {
    // Open groups with their members so far; the last is the one being filled.
    let mut open: Vec<(&str, Vec<Name>)> = vec![("", Vec::new())];
    let mut rest = text;
    while let Some(end) = rest.find(['(', ')', ' ']) {
        let (word, stop) = (&rest[..end], rest.as_bytes()[end]);
        rest = &rest[end + 1..];
        match stop {
            b'(' => open.push((word, Vec::new())),
            _ => {
                add(&mut open, word);
                if stop == b')' && open.len() > 1 {
                    let (word, members) = open.pop().unwrap_or_default();
                    if let Some((_, into)) = open.last_mut() {
                        into.push(Name { word, members });
                    }
                }
            }
        }
    }
    add(&mut open, rest);
    open.pop().map(|(_, members)| members).unwrap_or_default()
}

fn add(open: &mut [(&'static str, Vec<Name>)], word: &'static str) {
    if let Some((_, members)) = open.last_mut().filter(|_| !word.is_empty()) {
        members.push(Name { word, members: Vec::new() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_nest() {
        let names = read("a(b c(d e)) f");
        let words: Vec<&str> = names.iter().map(|n| n.word).collect();
        assert_eq!(words, ["a", "f"]);
        let inner = names[0].member("c").map(|c| c.members.len());
        assert_eq!((names[0].members.len(), inner), (2, Some(2)));
    }

    #[test]
    fn the_index_knows_the_commands_of_the_quests() {
        assert!(at(&["container", "clusters", "create"]).is_some_and(|n| !n.is_group()));
        assert!(at(&["compute", "firewall-rules"]).is_some_and(Name::is_group));
        assert!(at(&["container", "cluster"]).is_none());
    }
}
