//! Shell patterns against one name, for `find -name`, `grep --include`, `tar`. Must never look at files.

/// Whether `name` matches the pattern: `*`, `?`, `[...]`, `\x`.
pub fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        if p < pattern.len() && pattern[p] == '*' {
            star = Some((p + 1, n));
            p += 1;
            continue;
        }
        if n == name.len() && p == pattern.len() {
            return true;
        }
        if n < name.len()
            && let Some(next) = single(&pattern, p, name[n])
        {
            (p, n) = (next, n + 1);
            continue;
        }
        match star {
            Some((back, from)) if from < name.len() => {
                star = Some((back, from + 1));
                (p, n) = (back, from + 1);
            }
            _ => return false,
        }
    }
}

/// Where the pattern goes on if its piece at `at` takes the character.
fn single(pattern: &[char], at: usize, c: char) -> Option<usize> {
    match *pattern.get(at)? {
        '?' => Some(at + 1),
        '\\' => (*pattern.get(at + 1)? == c).then_some(at + 2),
        '[' => match set(pattern, at + 1, c) {
            Some((found, end)) => found.then_some(end),
            None => (c == '[').then_some(at + 1),
        },
        other => (other == c).then_some(at + 1),
    }
}

/// Whether the set that begins at `at` has the character, and where it ends.
fn set(pattern: &[char], mut at: usize, c: char) -> Option<(bool, usize)> {
    let negated = matches!(pattern.get(at), Some('!' | '^'));
    at += usize::from(negated);
    let first = at;
    let mut found = false;
    loop {
        let low = *pattern.get(at)?;
        if low == ']' && at > first {
            return Some((found != negated, at + 1));
        }
        if pattern.get(at + 1) == Some(&'-') && pattern.get(at + 2).is_some_and(|h| *h != ']') {
            let high = *pattern.get(at + 2)?;
            found |= (low..=high).contains(&c);
            at += 3;
        } else {
            found |= low == c;
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let check = |pattern: &str, name: &str, expect: bool| {
            assert_eq!(matches(pattern, name), expect, "{pattern} against {name}");
        };
        check("*.js", "server.js", true);
        check("*.js", "server.json", false);
        check("s?r*[a-c]", "serxb", true);
        check("[!a]*", "abc", false);
        check("**x**", "axb", true);
        check("\\*", "*", true);
        check("[", "[", true);
    }
}
