//! Variables in a Dockerfile: `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME:+word}`. And words with quotes. Pure.

/// How deep defaults may nest.
const DEPTH_LIMIT: usize = 20;

/// Replaces variables; an unknown one is empty. Quotes stay.
pub fn variables(text: &str, look_up: &dyn Fn(&str) -> Option<String>) -> String {
    expand(text, look_up, 0)
}

fn expand(text: &str, look_up: &dyn Fn(&str) -> Option<String>, depth: usize) -> String {
    if depth > DEPTH_LIMIT {
        return String::new();
    }
    let mut out = String::new();
    let mut rest = text;
    let mut single = false;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        match c {
            '\'' => {
                single = !single;
                out.push(c);
                rest = after;
            }
            '\\' if after.starts_with('$') => {
                out.push('$');
                rest = &after[1..];
            }
            '$' if !single => match after.strip_prefix('{').and_then(braced) {
                Some((inner, tail)) => {
                    out.push_str(&braced_value(inner, look_up, depth));
                    rest = tail;
                }
                None => {
                    let end =
                        after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
                    if end == 0 {
                        out.push('$');
                    } else {
                        out.push_str(&look_up(&after[..end]).unwrap_or_default());
                    }
                    rest = &after[end..];
                }
            },
            _ => {
                out.push(c);
                rest = after;
            }
        }
    }
    out
}

/// The text up to the closing brace, and what follows it.
fn braced(text: &str) -> Option<(&str, &str)> {
    let mut depth = 1;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&text[..at], &text[at + 1..]));
        }
    }
    None
}

fn braced_value(inner: &str, look_up: &dyn Fn(&str) -> Option<String>, depth: usize) -> String {
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
    let (name, operator) = inner.split_at(end);
    let value = look_up(name);
    let set = |colon: bool| value.as_ref().is_some_and(|v| !colon || !v.is_empty());
    let (colon, operator) = operator.strip_prefix(':').map_or((false, operator), |o| (true, o));
    match (operator.chars().next(), operator.get(1..)) {
        (Some('-'), Some(word)) if !set(colon) => expand(word, look_up, depth + 1),
        (Some('+'), Some(word)) => {
            if set(colon) {
                expand(word, look_up, depth + 1)
            } else {
                String::new()
            }
        }
        _ => value.unwrap_or_default(),
    }
}

/// Splits into words at blanks; quotes group and vanish.
pub fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let (mut quote, mut any) = (None, false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some('\''), c) => word.push(c),
            (_, '\\') => word.extend(chars.next()),
            (Some(_), c) => word.push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                any = true;
            }
            (None, c) if c.is_whitespace() => {
                if any || !word.is_empty() {
                    out.push(std::mem::take(&mut word));
                }
                any = false;
            }
            (None, c) => word.push(c),
        }
    }
    if any || !word.is_empty() {
        out.push(word);
    }
    out
}

/// `A=1 B="two words"`, or the old `A one and more`.
pub fn pairs(text: &str) -> Vec<(String, String)> {
    let first = text.split_whitespace().next().unwrap_or_default();
    if !first.contains('=') {
        let (name, value) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        return vec![(name.to_owned(), value.trim().to_owned())];
    }
    words(text)
        .into_iter()
        .map(|w| {
            w.split_once('=')
                .map_or_else(|| (w.clone(), String::new()), |(n, v)| (n.to_owned(), v.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let look_up = |name: &str| (name == "V").then(|| "20".to_owned());
        assert_eq!(variables(text, &look_up), expect, "{text}");
    }

    #[test]
    fn variables_and_words() {
        check("node:$V-x ${V}", "node:20-x 20");
        check("${N:-def} ${V:-def} ${V:+yes} ${N:+yes}.", "def 20 yes .");
        check("\\$V '$V' $", "$V '$V' $");
        assert_eq!(words("a \"b c\" 'd e' f\\ g"), ["a", "b c", "d e", "f g"]);
        assert_eq!(pairs("A=1 B=\"x y\""), [("A".into(), "1".into()), ("B".into(), "x y".into())]);
        assert_eq!(pairs("K some value"), [("K".into(), "some value".into())]);
    }
}
