//! POSIX regular expressions, basic and extended, with GNU's additions, as expressions of the regex crate. Must
//! never match anything itself. Back-references within a pattern are not imitated; the message says so.

use regex::bytes::{Regex, RegexBuilder};

/// Bytes that a compiled expression may take.
const SIZE_LIMIT_BYTES: usize = 4 * 1024 * 1024;

/// The dialect of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `grep`, `sed`.
    Basic,
    /// `grep -E`, `sed -E`, `awk`.
    Extended,
    /// `grep -F`.
    Fixed,
}

/// How a pattern is compiled.
#[derive(Debug, Clone, Copy, Default)]
pub struct How {
    pub ignore_case: bool,
    /// `grep -w`.
    pub word: bool,
    /// `grep -x`.
    pub line: bool,
    /// `sed`'s M flag.
    pub multi_line: bool,
}

/// Compiles a pattern.
///
/// # Errors
/// The message of GNU's regular expression library.
pub fn compile(pattern: &str, dialect: Dialect, how: How) -> Result<Regex, String> {
    let mut text = match dialect {
        Dialect::Fixed => regex::escape(pattern),
        _ => translate(pattern, dialect == Dialect::Extended)?,
    };
    if how.word {
        text = format!(r"(?:\b|^)(?:{text})(?:\b|$)");
    }
    if how.line {
        text = format!("^(?:{text})$");
    }
    RegexBuilder::new(&text)
        .case_insensitive(how.ignore_case)
        .multi_line(how.multi_line)
        .dot_matches_new_line(true)
        .unicode(true)
        .size_limit(SIZE_LIMIT_BYTES)
        .build()
        .or_else(|_| {
            let bytes = RegexBuilder::new(&text).unicode(false).case_insensitive(how.ignore_case).build();
            bytes.map_err(|_| "Invalid regular expression".to_owned())
        })
}

/// A pattern in the regex crate's syntax.
fn translate(pattern: &str, extended: bool) -> Result<String, String> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut out = String::new();
    let (mut at, mut depth) = (0, 0u32);
    // Whether a `*` here would have nothing to repeat.
    let mut start = true;
    while let Some(&c) = chars.get(at) {
        at += 1;
        let was_start = std::mem::take(&mut start);
        match c {
            '\\' => {
                let Some(&next) = chars.get(at) else { return Err("Trailing backslash".into()) };
                at += 1;
                match next {
                    '(' if !extended => {
                        out.push('(');
                        (depth, start) = (depth + 1, true);
                    }
                    ')' if !extended => {
                        depth = depth.checked_sub(1).ok_or("Unmatched ) or \\)")?;
                        out.push(')');
                    }
                    '|' if !extended => {
                        out.push('|');
                        start = true;
                    }
                    '{' if !extended => at = interval(&chars, at, &mut out, true)?,
                    '+' | '?' if !extended => out.push(next),
                    '1'..='9' => return Err("back-references are not imitated by KubeJam".into()),
                    '<' => out.push_str(r"\b{start}"),
                    '>' => out.push_str(r"\b{end}"),
                    'w' | 'W' | 's' | 'S' | 'b' | 'B' => out.extend(['\\', next]),
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    'd' => out.push('d'),
                    '`' => out.push_str(r"\A"),
                    '\'' => out.push_str(r"\z"),
                    other => out.push_str(&regex::escape(&other.to_string())),
                }
            }
            '[' => at = bracket(&chars, at, &mut out)?,
            '.' => out.push('.'),
            '*' if was_start && !extended => out.push_str(r"\*"),
            '*' if was_start => {}
            '*' => out.push('*'),
            '^' if extended || was_start => {
                out.push('^');
                start = true;
            }
            '^' => out.push_str(r"\^"),
            '$' if extended || ends_here(&chars, at) => out.push('$'),
            '$' => out.push_str(r"\$"),
            '(' if extended => {
                out.push('(');
                (depth, start) = (depth + 1, true);
            }
            ')' if extended && depth > 0 => {
                depth -= 1;
                out.push(')');
            }
            ')' if extended => out.push_str(r"\)"),
            '|' if extended => {
                out.push('|');
                start = true;
            }
            '+' | '?' if extended && !was_start => out.push(c),
            '{' if extended && !was_start && chars.get(at).is_some_and(char::is_ascii_digit) => {
                at = interval(&chars, at, &mut out, false)?;
            }
            other => out.push_str(&regex::escape(&other.to_string())),
        }
    }
    if depth > 0 { Err("Unmatched ( or \\(".into()) } else { Ok(out) }
}

fn ends_here(chars: &[char], at: usize) -> bool {
    at >= chars.len() || matches!(chars.get(at..at + 2), Some(['\\', ')' | '|']))
}

/// `{m,n}`; the brace is behind us.
fn interval(chars: &[char], at: usize, out: &mut String, escaped: bool) -> Result<usize, String> {
    let rest: String = chars.get(at..).unwrap_or_default().iter().collect();
    let end = if escaped { "\\}" } else { "}" };
    let Some((body, _)) = rest.split_once(end) else { return Err("Unmatched { or \\{".into()) };
    let fine = !body.is_empty() && body.chars().all(|c| c.is_ascii_digit() || c == ',');
    if !fine || body.split(',').any(|n| n.parse::<u32>().is_ok_and(|n| n > 1000)) {
        return Err("Invalid content of \\{\\}".into());
    }
    let body = if body.starts_with(',') { format!("0{body}") } else { body.to_owned() };
    out.push_str(&format!("{{{body}}}"));
    Ok(at + rest.split_once(end).map_or(0, |(b, _)| b.chars().count()) + end.len())
}

/// `[...]`; the bracket is behind us.
fn bracket(chars: &[char], mut at: usize, out: &mut String) -> Result<usize, String> {
    const UNMATCHED: &str = "Unmatched [, [^, [:, [., or [=";
    out.push('[');
    if chars.get(at) == Some(&'^') {
        out.push('^');
        at += 1;
    }
    let first = at;
    loop {
        let c = *chars.get(at).ok_or(UNMATCHED)?;
        at += 1;
        match c {
            ']' if at - 1 > first => break,
            '[' if chars.get(at) == Some(&':') => {
                let rest: String = chars[at + 1..].iter().collect();
                let (name, _) = rest.split_once(":]").ok_or(UNMATCHED)?;
                let known = [
                    "alpha", "digit", "alnum", "upper", "lower", "space", "blank", "punct", "print", "graph",
                    "cntrl", "xdigit",
                ];
                if !known.contains(&name) {
                    return Err("Invalid character class name".into());
                }
                out.push_str(&format!("[:{name}:]"));
                at += name.len() + 3;
            }
            '\\' if matches!(chars.get(at), Some('n' | 't' | ']' | '\\')) && chars.get(at) != Some(&']') => {
                out.extend(['\\', chars[at]]);
                at += 1;
            }
            '-' if at - 1 == first || chars.get(at) == Some(&']') => out.push_str(r"\-"),
            '-' => out.push('-'),
            '[' | ']' | '\\' | '&' | '~' | '^' => out.extend(['\\', c]),
            other => out.push(other),
        }
    }
    out.push(']');
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the pattern matches in the text; `!` and the message where it is wrong.
    fn check(pattern: &str, dialect: Dialect, text: &str, expect: &str) {
        let got = match compile(pattern, dialect, How::default()) {
            Ok(regex) => regex
                .find(text.as_bytes())
                .map_or_else(|| "-".to_owned(), |m| String::from_utf8_lossy(m.as_bytes()).into_owned()),
            Err(error) => format!("!{error}"),
        };
        assert_eq!(got, expect, "for {pattern:?} in {text:?}");
    }

    #[test]
    fn basic_and_extended() {
        check("a+b", Dialect::Basic, "aab a+b", "a+b");
        check(r"a\+b", Dialect::Basic, "aab", "aab");
        check("a+b", Dialect::Extended, "aab", "aab");
        check("*a", Dialect::Basic, "x*a", "*a");
        check(r"\(ab\)\{2\}", Dialect::Basic, "abab", "abab");
        check("(ab){2}", Dialect::Extended, "abab", "abab");
        check("a{2", Dialect::Extended, "aa", "!Unmatched { or \\{");
        check("[]x]", Dialect::Basic, "]", "]");
        check("[[:digit:]-]*", Dialect::Basic, "1-2x", "1-2");
        check("a$b^c", Dialect::Basic, "a$b^c", "a$b^c");
        check("[a", Dialect::Basic, "", "!Unmatched [, [^, [:, [., or [=");
        check("(a", Dialect::Extended, "", "!Unmatched ( or \\(");
        check("a)", Dialect::Extended, "a)", "a)");
        check(r"\bcat\b", Dialect::Basic, "a cat.", "cat");
        check("a.b", Dialect::Fixed, "axb a.b", "a.b");
    }
}
