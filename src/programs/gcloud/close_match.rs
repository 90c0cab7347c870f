//! Words that are close to another, measured as Python's difflib does (Ratcliff and Obershelp): gcloud's "did you mean"
//! depends on its very numbers. Must never know what the words are for.

/// Below that, words are strangers.
const CUTOFF: f64 = 0.6;

/// The word closest to `typed`, if one is close enough.
pub fn closest<'a>(typed: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let scored = words.map(|word| (ratio(word, &typed), word)).filter(|(ratio, _)| *ratio >= CUTOFF);
    scored.max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1))).map(|(_, word)| word)
}

/// Twice the length of what two words have in common, over their total length.
fn ratio(a: &str, b: &str) -> f64 {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.is_empty() && b.is_empty() {
        return 1.0;
    }
    2.0 * common(&a, &b) as f64 / (a.len() + b.len()) as f64
}

/// The longest common block and, on both sides of it, the same again.
fn common(a: &[char], b: &[char]) -> usize {
    let (mut best_a, mut best_b, mut best) = (0, 0, 0);
    for i in 0..a.len() {
        for j in 0..b.len() {
            let length = a[i..].iter().zip(&b[j..]).take_while(|(x, y)| x == y).count();
            if length > best {
                (best_a, best_b, best) = (i, j, length);
            }
        }
    }
    if best == 0 {
        return 0;
    }
    best + common(&a[..best_a], &b[..best_b]) + common(&a[best_a + best..], &b[best_b + best..])
}

#[cfg(test)]
mod tests {
    use super::closest;

    fn check(typed: &str, expect: Option<&str>) {
        let words = ["--format", "--filter", "--zone", "--num-nodes", "--node-locations"];
        assert_eq!(closest(typed, words.into_iter()), expect, "{typed}");
    }

    #[test]
    fn near_words_are_found_and_strangers_are_not() {
        check("--frmat", Some("--format"));
        check("--num-node", Some("--num-nodes"));
        check("--ZOME", Some("--zone"));
        check("--xyzzy", None);
    }
}
