//! What jq says about a filter that is none: which word it did not expect, and where. Reads words only; the interpreter
//! has already said that they make no filter.

/// Words that are no names.
const KEYWORDS: &[&str] = &[
    "and", "as", "catch", "def", "elif", "else", "end", "foreach", "if", "import", "include", "label", "or",
    "reduce", "then", "try",
];
/// Symbols of two characters, before those of one.
const PAIRS: &[&str] = &["==", "!=", "<=", ">=", "//", "|=", "+=", "-=", "*=", "/=", "%=", "?//", ".."];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    Keyword,
    /// A field, number, variable or string: ends a term.
    Term,
    Symbol,
    Stranger,
    /// A string that does not end.
    Open,
}

/// The complaint, with the blanks in front of the place as jq prints them.
pub fn complaint(filter: &str) -> String {
    let tokens = tokens(filter);
    let mut open: Vec<(char, bool)> = Vec::new();
    // Whether the words so far end a term.
    let mut ended = false;
    for (index, (start, text, kind)) in tokens.iter().enumerate() {
        let first = text.chars().next().unwrap_or(' ');
        let is_first = index == 0;
        let expected = expecting(&open, ended || is_first, false);
        match kind {
            Kind::Stranger => return report(filter, "INVALID_CHARACTER", &expected, *start),
            Kind::Open => break,
            Kind::Name if ended => return report(filter, "IDENT", &expected, *start),
            Kind::Name | Kind::Term => ended = true,
            Kind::Keyword => ended = *text == "end",
            Kind::Symbol => match first {
                '(' | '[' | '{' => {
                    let call = index > 0 && tokens[index - 1].2 == Kind::Name;
                    open.push((first, call));
                    ended = false;
                }
                ')' | ']' | '}' => {
                    let opener = match first {
                        ')' => '(',
                        ']' => '[',
                        _ => '{',
                    };
                    if open.last().is_none_or(|(c, _)| *c != opener) {
                        return report(filter, "INVALID_CHARACTER", &expected, *start);
                    }
                    // `.[]` and `{}` hold nothing.
                    let empty = index > 0 && tokens[index - 1].0 + 1 == *start && first != ')';
                    let is_empty = empty && tokens[index - 1].1.starts_with(opener);
                    if !ended && !is_empty {
                        return report(filter, &format!("'{text}'"), "", *start);
                    }
                    open.pop();
                    ended = true;
                }
                '.' | '?' => ended = true,
                '-' if !ended => {}
                ':' => ended = false,
                _ if !ended => return report(filter, &format!("'{text}'"), &expected, *start),
                ';' if open.is_empty() => return report(filter, "';'", &expected, *start),
                _ => ended = false,
            },
        }
    }
    let last = tokens.last().map_or(0, |(start, ..)| *start);
    report(filter, "$end", &expecting(&open, ended, true), last)
}

/// What jq names as expected: only where few words would do.
fn expecting(open: &[(char, bool)], ended: bool, at_end: bool) -> String {
    let what = match open.last() {
        _ if !ended => return String::new(),
        None if at_end => return String::new(),
        None => "$end",
        Some(('{', _)) => "'}'",
        Some(('(', true)) => "';' or ')'",
        Some(_) => return String::new(),
    };
    format!(", expecting {what}")
}

fn report(filter: &str, unexpected: &str, expected: &str, place: usize) -> String {
    let blanks = " ".repeat(filter.get(..place).map_or(place, |before| before.chars().count()));
    format!(
        "syntax error, unexpected {unexpected}{expected} (Unix shell quoting issues?) at <top-level>, line 1:\n\
         {filter}{blanks}"
    )
}

fn tokens(filter: &str) -> Vec<(usize, &str, Kind)> {
    let name =
        |text: &str| text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = filter[at..].chars().next() {
        let rest = &filter[at..];
        let (length, kind) = match first {
            c if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            '"' => match end_of_string(rest) {
                Some(end) => (end, Kind::Term),
                None => (rest.len(), Kind::Open),
            },
            'a'..='z' | 'A'..='Z' | '_' => {
                let length = name(rest);
                (length, if KEYWORDS.contains(&&rest[..length]) { Kind::Keyword } else { Kind::Name })
            }
            '0'..='9' => {
                (rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len()), Kind::Term)
            }
            '.' | '$' | '@' if name(&rest[1..]) > 0 => (1 + name(&rest[1..]), Kind::Term),
            _ => match PAIRS.iter().find(|pair| rest.starts_with(**pair)) {
                Some(pair) => (pair.len(), Kind::Symbol),
                None if "()[]{}|,.:;=<>+-*/%?".contains(first) => (1, Kind::Symbol),
                None => (first.len_utf8(), Kind::Stranger),
            },
        };
        found.push((at, &filter[at..at + length], kind));
        at += length;
    }
    found
}

/// Where a string that starts here ends.
fn end_of_string(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return Some(index + 1),
            _ => escaped = c == '\\' && !escaped,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_jq_says_it() {
        let said = |filter: &str| complaint(filter).replace("syntax error, unexpected ", "");
        let rest = " (Unix shell quoting issues?) at <top-level>, line 1:\n";
        for (filter, what, blanks) in [
            (".[", "$end", 1),
            (".a |", "$end", 3),
            (".items[.name", "$end", 7),
            ("map(.a", "$end, expecting ';' or ')'", 4),
            ("(.a", "$end", 1),
            ("{a", "$end, expecting '}'", 1),
            ("length(", "$end", 6),
            (".a)", "INVALID_CHARACTER, expecting $end", 2),
            (".items[].name}", "INVALID_CHARACTER, expecting $end", 13),
            (".a && .b", "INVALID_CHARACTER, expecting $end", 3),
            ("select(.a = 'x')", "INVALID_CHARACTER", 12),
            ("select(.a ==)", "')'", 12),
            (".a | | .b", "'|'", 5),
            (".a b", "IDENT, expecting $end", 3),
            ("{a b}", "IDENT, expecting '}'", 3),
            ("[.a,]", "']'", 4),
            ("{a:}", "'}'", 3),
            (".a; .b", "';', expecting $end", 2),
            ("%", "'%', expecting $end", 0),
        ] {
            assert_eq!(said(filter), format!("{what}{rest}{filter}{}", " ".repeat(blanks)));
        }
    }
}
