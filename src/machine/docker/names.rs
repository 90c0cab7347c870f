//! Names for containers that got none: adjective_surname, as moby's namesgenerator shapes them. The words are ours.

use crate::base::Rng;

const ADJECTIVES: &[&str] = &[
    "amber",
    "bold",
    "brave",
    "breezy",
    "bright",
    "busy",
    "calm",
    "candid",
    "cheerful",
    "clever",
    "cosmic",
    "crisp",
    "curious",
    "daring",
    "dazzling",
    "eager",
    "earnest",
    "elated",
    "elegant",
    "epic",
    "fearless",
    "festive",
    "focused",
    "friendly",
    "gentle",
    "gifted",
    "graceful",
    "happy",
    "hopeful",
    "humble",
    "jolly",
    "keen",
    "kind",
    "lively",
    "lucid",
    "merry",
    "mindful",
    "modest",
    "nimble",
    "noble",
    "optimistic",
    "patient",
    "peaceful",
    "playful",
    "polite",
    "quick",
    "quiet",
    "quirky",
    "radiant",
    "relaxed",
    "serene",
    "sharp",
    "sleepy",
    "steady",
    "stoic",
    "sunny",
    "tender",
    "thirsty",
    "trusting",
    "upbeat",
    "vibrant",
    "vigilant",
    "wise",
    "wonderful",
    "youthful",
    "zealous",
    "zen",
];

const SURNAMES: &[&str] = &[
    "allen",
    "archimedes",
    "babbage",
    "bardeen",
    "bell",
    "blackwell",
    "bohr",
    "carson",
    "cerf",
    "chandrasekhar",
    "clarke",
    "curie",
    "darwin",
    "dijkstra",
    "easley",
    "einstein",
    "elion",
    "engelbart",
    "euclid",
    "euler",
    "faraday",
    "fermat",
    "fermi",
    "feynman",
    "franklin",
    "galileo",
    "gauss",
    "goldberg",
    "goodall",
    "hamilton",
    "hawking",
    "heisenberg",
    "hertz",
    "hodgkin",
    "hoover",
    "hopper",
    "hypatia",
    "jang",
    "jennings",
    "johnson",
    "kepler",
    "kilby",
    "knuth",
    "lamarr",
    "leavitt",
    "liskov",
    "lovelace",
    "maxwell",
    "mayer",
    "mcclintock",
    "meitner",
    "mendel",
    "mirzakhani",
    "newton",
    "nightingale",
    "nobel",
    "noether",
    "pasteur",
    "perlman",
    "ptolemy",
    "raman",
    "ritchie",
    "sammet",
    "shannon",
    "sutherland",
    "tesla",
    "thompson",
    "torvalds",
    "turing",
    "volhard",
    "wing",
    "wozniak",
    "wright",
    "yalow",
];

/// How often a taken name is drawn again before a digit is appended.
const DRAW_LIMIT: usize = 6;

/// A name that `taken` does not hold.
pub fn generate(rng: &mut Rng, taken: impl Fn(&str) -> bool) -> String {
    let mut name = String::new();
    for _ in 0..DRAW_LIMIT {
        let adjective = rng.pick(ADJECTIVES).copied().unwrap_or("calm");
        let surname = rng.pick(SURNAMES).copied().unwrap_or("hopper");
        name = format!("{adjective}_{surname}");
        if !taken(&name) {
            return name;
        }
    }
    (0..=u32::MAX).map(|n| format!("{name}{n}")).find(|candidate| !taken(candidate)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;

    #[test]
    fn a_taken_name_is_not_given_again() {
        let first = generate(&mut Seed(1).stream("names"), |_| false);
        let second = generate(&mut Seed(1).stream("names"), |name| name == first);
        assert_ne!(first, second);
        let last = generate(&mut Seed(1).stream("names"), |name| !name.ends_with('3'));
        assert!(last.ends_with('3') && last.contains('_'), "{last}");
    }
}
