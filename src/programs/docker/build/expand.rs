//! Variables in a Dockerfile: `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME#pattern}` and their like. And words with
//! quotes. Pure.

use crate::programs::docker::format::quote;

/// How deep defaults may nest.
const DEPTH_LIMIT: usize = 20;

/// Where a value comes from: its name in, its value out.
pub type LookUp<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A text with its variables filled in, and the names that nothing was known of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expanded {
    pub text: String,
    pub unknown: Vec<String>,
}

/// Replaces variables; an unknown one is empty. Quotes stay.
pub fn variables(text: &str, look_up: LookUp<'_>) -> String {
    expanded(text, look_up).map_or_else(|_| text.to_owned(), |done| done.text)
}

/// Replaces variables that something is known of, and leaves the others as they stand.
pub fn known_variables(text: &str, look_up: LookUp<'_>) -> String {
    let mut out = String::new();
    let mut rest = text;
    let mut single = false;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        single ^= c == '\'';
        let braces = after.starts_with('{');
        let inside = if braces { &after[1..] } else { after };
        let end = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inside.len());
        let closed = !braces || inside[end..].starts_with('}');
        let value = if c == '$' && !single && end > 0 && closed { look_up(&inside[..end]) } else { None };
        match value {
            Some(value) => {
                out.push_str(&value);
                rest = &inside[end + usize::from(braces)..];
            }
            None => {
                out.push(c);
                rest = after;
            }
        }
    }
    out
}

/// Replaces variables. The error is BuildKit's sentence about the text.
pub fn expanded(text: &str, look_up: LookUp<'_>) -> Result<Expanded, String> {
    let mut out = Expanded::default();
    expand(text, look_up, &mut out, 0).map_err(|why| format!("failed to process {}: {why}", quote(text)))?;
    Ok(out)
}

fn expand(text: &str, look_up: LookUp<'_>, out: &mut Expanded, depth: usize) -> Result<(), String> {
    if depth > DEPTH_LIMIT {
        return Ok(());
    }
    let mut rest = text;
    let mut open = None;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        match (open, c) {
            (Some(quote), c) if c == quote => open = None,
            (None, '\'' | '"') => open = Some(c),
            (None | Some('"'), '\\') if after.starts_with('$') => {
                out.text.push('$');
                rest = &after[1..];
                continue;
            }
            (None | Some('"'), '\\') if after.starts_with(['"', '\'', '\\']) => {
                out.text.push_str(&rest[..2]);
                rest = &after[1..];
                continue;
            }
            (None | Some('"'), '$') => {
                rest = dollar(after, look_up, out, depth)?;
                continue;
            }
            _ => {}
        }
        out.text.push(c);
        rest = after;
    }
    match open {
        Some('"') => Err("unexpected end of statement while looking for matching double-quote".to_owned()),
        Some(_) => Err("unexpected end of statement while looking for matching single-quote".to_owned()),
        None => Ok(()),
    }
}

/// What follows a `$`: its value goes out, the text behind it is returned.
fn dollar<'t>(
    after: &'t str,
    look_up: LookUp<'_>,
    out: &mut Expanded,
    depth: usize,
) -> Result<&'t str, String> {
    let Some(inside) = after.strip_prefix('{') else {
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
        if end == 0 {
            out.text.push('$');
        } else {
            let value = known(&after[..end], look_up, out);
            out.text.push_str(&value.unwrap_or_default());
        }
        return Ok(&after[end..]);
    };
    if inside.starts_with(['{', '}', ':']) {
        return Err("syntax error: bad substitution".to_owned());
    }
    let (inner, tail) = braced(inside).ok_or("syntax error: missing '}'")?;
    braced_value(inner, look_up, out, depth)?;
    Ok(tail)
}

/// A variable's value; its name is noted when there is none.
fn known(name: &str, look_up: LookUp<'_>, out: &mut Expanded) -> Option<String> {
    let value = look_up(name);
    if value.is_none() && !out.unknown.iter().any(|n| n == name) {
        out.unknown.push(name.to_owned());
    }
    value
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

fn braced_value(inner: &str, look_up: LookUp<'_>, out: &mut Expanded, depth: usize) -> Result<(), String> {
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
    let (name, operator) = inner.split_at(end);
    let value = known(name, look_up, out);
    let (colon, behind) = operator.strip_prefix(':').map_or((false, operator), |o| (true, o));
    let set = value.as_ref().is_some_and(|v| !colon || !v.is_empty());
    let word = behind.get(1..).unwrap_or_default();
    match behind.chars().next() {
        None if !colon => out.text.push_str(&value.unwrap_or_default()),
        Some('-') if !set => expand(word, look_up, out, depth + 1)?,
        Some('+') if set => expand(word, look_up, out, depth + 1)?,
        Some('+') => {}
        Some('?') if !set => {
            let state = if value.is_some() { "empty" } else { "unset" };
            let why = if word.is_empty() { format!("is not allowed to be {state}") } else { word.to_owned() };
            return Err(format!("{name}: {why}"));
        }
        Some('-' | '?') => out.text.push_str(&value.unwrap_or_default()),
        Some('#' | '%' | '/') if !colon => out.text.push_str(&trimmed(&value.unwrap_or_default(), behind)),
        _ => {
            let modifier = operator.chars().take(if colon { 2 } else { 1 }).collect::<String>();
            return Err(format!("unsupported modifier ({modifier}) in substitution"));
        }
    }
    Ok(())
}

/// `#pattern`, `##pattern`, `%pattern`, `%%pattern`, `/pattern/replacement` and `//pattern/replacement`.
fn trimmed(value: &str, operator: &str) -> String {
    let kind = operator.chars().next().unwrap_or_default();
    let word = &operator[1..];
    let (greedy, word) = word.strip_prefix(kind).map_or((false, word), |word| (true, word));
    let cuts: Vec<usize> = value.char_indices().map(|(at, _)| at).chain([value.len()]).collect();
    let longest_first = |cuts: &[usize], from_start: bool| -> Vec<usize> {
        let mut cuts = cuts.to_vec();
        if greedy == from_start {
            cuts.reverse();
        }
        cuts
    };
    match kind {
        '#' => {
            let at = longest_first(&cuts, true).into_iter().find(|at| glob(word, &value[..*at]));
            value[at.unwrap_or(0)..].to_owned()
        }
        '%' => {
            let at = longest_first(&cuts, false).into_iter().find(|at| glob(word, &value[*at..]));
            value[..at.unwrap_or(value.len())].to_owned()
        }
        _ => {
            let (pattern, replacement) = word.split_once('/').unwrap_or((word, ""));
            replaced(value, pattern, replacement, greedy)
        }
    }
}

/// Replaces the first part that fits a pattern, or every one.
fn replaced(value: &str, pattern: &str, replacement: &str, all: bool) -> String {
    let mut out = String::new();
    let mut rest = value;
    let mut done = false;
    while !rest.is_empty() {
        let ends: Vec<usize> = rest.char_indices().map(|(at, c)| at + c.len_utf8()).rev().collect();
        match ends.into_iter().find(|end| glob(pattern, &rest[..*end])) {
            Some(end) if all || !done => {
                out.push_str(replacement);
                done = true;
                rest = &rest[end..];
            }
            _ => {
                let length = rest.chars().next().map_or(0, char::len_utf8);
                out.push_str(&rest[..length]);
                rest = &rest[length..];
            }
        }
    }
    out
}

/// Whether a text fits a pattern of `*` and `?`.
fn glob(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            let mut starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            starts.any(|at| glob(&pattern[1..], &text[at..]))
        }
        Some(wanted) => text.chars().next().is_some_and(|c| {
            (wanted == '?' || wanted == c) && glob(&pattern[wanted.len_utf8()..], &text[c.len_utf8()..])
        }),
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
    fn complaints_and_unknown_names() {
        let look_up = |name: &str| (name == "V").then(|| "20".to_owned());
        let done = expanded("$A/${B:-x}/$V", &look_up).expect("sound");
        assert_eq!((done.text.as_str(), done.unknown), ("/x/20", vec!["A".to_owned(), "B".to_owned()]));
        let why = |text: &str| expanded(text, &look_up).expect_err(text);
        assert_eq!(why("${V"), "failed to process \"${V\": syntax error: missing '}'");
        assert_eq!(why("${}"), "failed to process \"${}\": syntax error: bad substitution");
        assert_eq!(why("${N:?}"), "failed to process \"${N:?}\": N: is not allowed to be unset");
        assert_eq!(
            why("\"x"),
            "failed to process \"\\\"x\": unexpected end of statement while looking for matching double-quote"
        );
    }

    #[test]
    fn variables_and_words() {
        check("node:$V-x ${V}", "node:20-x 20");
        check("${N:-def} ${V:-def} ${V:+yes} ${N:+yes}.", "def 20 yes .");
        check("\\$V '$V' $", "$V '$V' $");
        check("${V#2} ${V%0} ${V/0/1} ${N##*/}.", "0 2 21 .");
        assert_eq!(words("a \"b c\" 'd e' f\\ g"), ["a", "b c", "d e", "f g"]);
        assert_eq!(pairs("A=1 B=\"x y\""), [("A".into(), "1".into()), ("B".into(), "x y".into())]);
        assert_eq!(pairs("K some value"), [("K".into(), "some value".into())]);
    }
}
