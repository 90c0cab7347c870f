//! vim's patterns as regular expressions, and searching with them.

use crate::ui::editor::text::{Place, Text};
use regex::Regex;

/// Longest pattern taken.
const MAX_PATTERN_BYTES: usize = 1000;

/// A pattern in vim's "magic" as a regular expression; none when it does not make one.
pub fn compile(pattern: &str) -> Option<Regex> {
    if pattern.len() > MAX_PATTERN_BYTES {
        return None;
    }
    let mut out = String::new();
    let mut chars = pattern.chars().peekable();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            _ if in_class => {
                in_class = c != ']';
                out.push(c);
            }
            '\\' => match chars.next() {
                Some(c @ ('(' | ')' | '|' | '+' | '{')) => out.push(c),
                Some('?' | '=') => out.push('?'),
                Some('<' | '>') => out.push_str(r"\b"),
                Some('c') => out.insert_str(0, "(?i)"),
                Some('v') => {
                    // "Very magic" is close to what follows as it is.
                    out.extend(chars.by_ref());
                }
                Some(c @ ('d' | 'w' | 's' | 'S' | 'D' | 'W' | 't' | 'n')) => {
                    out.push('\\');
                    out.push(c);
                }
                Some(c) => out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
                None => out.push_str(r"\\"),
            },
            '[' => {
                in_class = true;
                out.push('[');
                if chars.peek() == Some(&'^') {
                    out.extend(chars.next());
                }
            }
            '+' | '?' | '(' | ')' | '{' | '}' | '|' => {
                out.push('\\');
                out.push(c);
            }
            '*' if out.is_empty() || out == "^" => out.push_str(r"\*"),
            _ => out.push(c),
        }
    }
    Regex::new(&out).ok()
}

pub fn whole_word(word: &str) -> Option<Regex> {
    Regex::new(&format!(r"\b{}\b", regex::escape(word))).ok()
}

/// Columns where the pattern matches in a line.
fn columns(text: &Text, regex: &Regex, line: usize) -> Vec<usize> {
    let content = text.line_text(line);
    regex.find_iter(&content).map(|m| content[..m.start()].chars().count()).collect()
}

/// The next match from `at` (not at it), and whether the search went around the end.
pub fn next(text: &Text, regex: &Regex, at: Place, forward: bool) -> Option<(Place, bool)> {
    let count = text.lines();
    for step in 0..=count {
        let line = if forward { (at.line + step) % count } else { (at.line + count * 2 - step) % count };
        let wrapped = if forward { at.line + step >= count } else { step > at.line };
        let mut found = columns(text, regex, line);
        if !forward {
            found.reverse();
        }
        let hit = found.into_iter().find(|column| match (step, forward) {
            (0, true) => *column > at.column,
            (0, false) => *column < at.column,
            _ => true,
        });
        if let Some(column) = hit {
            return Some((Place { line, column }, wrapped));
        }
    }
    None
}

/// vim's replacement text for the regex crate: `&` and `\0` are the match, `\1` a group, `\r` a new line.
pub fn replacement(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '&' => out.push_str("${0}"),
            '$' => out.push_str("$$"),
            '\\' => match chars.next() {
                Some(digit @ '0'..='9') => {
                    out.push_str(&format!("${{{digit}}}"));
                }
                Some('r' | 'n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('$') => out.push_str("$$"),
                Some(c) => out.push(c),
                None => out.push('\\'),
            },
            _ => out.push(c),
        }
    }
    out
}
