//! "Maybe you meant": commands whose words resemble what was typed, scored over the index of all names. Must never know
//! which command would have been right.
//!
//! As suggest_commands.py of the real client: every word of a command is compared with every typed word, and what was
//! used lately counts more.

use std::collections::{BTreeMap, BTreeSet};

use super::names;

/// A suggestion must reach this part of the best score.
const LEAST_OF_BEST: f64 = 0.7;
/// With suggestions from fewer groups than this, the groups are suggested instead.
const GROUPS: usize = 4;
/// Most suggestions.
const SUGGESTIONS: usize = 10;
/// What a group that was always used would add to a score.
const HABIT: f64 = 100.0;

/// Words that people use for others.
const SYNONYMS: &[(&str, &str)] = &[
    ("change", "update"),
    ("copy-files", "scp"),
    ("create", "add"),
    ("delete", "remove"),
    ("describe", "get"),
    ("docker", "auth-configure-docker"),
    ("get", "describe"),
    ("image", "images"),
    ("instance", "instances"),
    ("instances", "instance"),
    ("make", "create"),
    ("modify", "update"),
    ("patch", "update"),
    ("remove", "delete"),
    ("show", "describe"),
];

type Scored = (Vec<&'static str>, i64);

/// Commands or groups that the typed words may have meant, with `gcloud` in front. `used` are the groups of the last
/// commands.
pub fn suggestions(typed: &[&str], used: &[String]) -> Vec<String> {
    let scored = scored(typed, used);
    let Some(best) = scored.first().map(|(_, score)| *score as f64) else { return Vec::new() };
    let near: Vec<&Scored> =
        scored.iter().take_while(|(_, score)| *score as f64 / best >= LEAST_OF_BEST).collect();
    let shown: Vec<&Scored> = near.iter().take(SUGGESTIONS).copied().collect();
    let groups: BTreeSet<&[&str]> = shown.iter().map(|(words, _)| &words[..words.len() - 1]).collect();
    let line = |words: &[&str]| format!("gcloud {}", words.join(" "));
    if shown.len() == SUGGESTIONS && groups.len() < GROUPS {
        let shortest = near.iter().map(|(words, _)| words.len()).min().unwrap_or(1);
        if shortest > 1 {
            let mut common = BTreeSet::new();
            for (words, _) in near {
                common.insert(line(&words[..shortest - 1]));
                if common.len() >= SUGGESTIONS {
                    break;
                }
            }
            return common.into_iter().collect();
        }
    }
    shown.into_iter().map(|(words, _)| line(words)).collect()
}

/// Commands that share a word with what was typed, the best first.
fn scored(typed: &[&str], used: &[String]) -> Vec<Scored> {
    let typed: Vec<String> = typed.iter().map(|word| word.to_lowercase().replace('_', "-")).collect();
    let mut habits: BTreeMap<&str, f64> = BTreeMap::new();
    for group in used {
        *habits.entry(group).or_default() += 1.0 / used.len() as f64;
    }
    let mut all: Vec<Scored> = Vec::new();
    for words in names::commands() {
        let mut score = score(&words, &typed);
        if score > 0 {
            let group = words[..words.len() - 1].join(".");
            score += habits.get(group.as_str()).map_or(0, |share| (share * HABIT) as i64);
            if matches!(words[0], "alpha" | "beta") {
                score -= 5;
            }
            all.push((words, score));
        }
    }
    all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    all
}

fn score(words: &[&str], typed: &[String]) -> i64 {
    let mut matched = BTreeSet::new();
    let mut total = 0;
    for (index, word) in words.iter().enumerate() {
        for given in typed {
            let other = SYNONYMS.iter().find(|(name, _)| name == given).map(|(_, other)| *other);
            let of_other = other.map_or(0, |other| word_score(index, other, word, words.len()));
            let gained = word_score(index, given, word, words.len()).max(of_other);
            if gained > 0 {
                matched.insert(given.as_str());
                total += gained;
            }
        }
    }
    if matched.len() == typed.len() { total + 10 } else { total }
}

/// How much a typed word speaks for a word of a command, at its place in a command of that many words.
fn word_score(index: usize, typed: &str, word: &str, length: usize) -> i64 {
    let (shorter, longer) = match (word.contains(typed), typed.contains(word)) {
        (true, _) => (typed, word),
        (false, true) => (word, typed),
        (false, false) => return 0,
    };
    let at = longer.find(shorter).unwrap_or(0);
    if at > 0 && longer.as_bytes()[at - 1] != b'-' {
        return 0;
    }
    let few_words = [30, 20, 10].get(length - 1).copied().unwrap_or(0);
    let place = [25, 15].get(index).copied().unwrap_or(5);
    let surplus = longer.len() - shorter.len();
    let alike = if surplus > 2 {
        0
    } else if longer.starts_with(shorter) {
        2 * (3 - surplus as i64)
    } else {
        3 - surplus as i64
    };
    let group = match index {
        0 if length > 1 => 30,
        _ if index > 0 && length > index + 1 => 15,
        _ => 0,
    };
    10 + few_words + place + alike + group
}

#[cfg(test)]
mod tests {
    use super::suggestions;

    fn check(typed: &str, used: &[&str], expect: &[&str]) {
        let words: Vec<&str> = typed.split(' ').collect();
        let used: Vec<String> = used.iter().map(|group| (*group).to_owned()).collect();
        let found = suggestions(&words, &used);
        let found: Vec<&str> = found.iter().take(expect.len()).map(String::as_str).collect();
        assert_eq!(found, expect, "{typed}");
    }

    #[test]
    fn a_misspelt_word_leads_to_commands_that_share_the_others() {
        check("compute firewall-rule list", &[], &["gcloud compute firewall-rules list"]);
        check("container cluster list", &[], &["gcloud container clusters list"]);
    }

    #[test]
    fn many_commands_of_few_groups_are_suggested_as_groups() {
        check("auth lst", &[], &["gcloud auth"]);
        check("container clusters craete x", &[], &["gcloud container attached", "gcloud container aws"]);
    }

    #[test]
    fn what_was_used_lately_comes_first() {
        check("artifacts repository list", &["container.clusters"], &["gcloud container clusters list"]);
    }
}
