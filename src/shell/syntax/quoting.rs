//! Quotation as text: `$'..'` escapes, removal of quotes from a here-document's delimiter, and quoting for output.

/// Decodes the escapes of `$'..'`.
pub fn ansi_c(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        at += 1;
        if c != '\\' {
            out.push(c);
            continue;
        }
        let Some(&kind) = chars.get(at) else {
            out.push('\\');
            break;
        };
        at += 1;
        match kind {
            'c' => {
                if let Some(&control) = chars.get(at) {
                    at += 1;
                    out.push(char::from((control.to_ascii_uppercase() as u32 as u8) & 0x1f));
                }
            }
            '\'' | '"' | '?' => out.push(kind),
            _ => at = escape(kind, &chars, at, &mut out),
        }
    }
    // A string ends at its first NUL.
    out.truncate(out.find('\0').unwrap_or(out.len()));
    out
}

/// One escape that `echo -e`, `printf` and `$'..'` share: `kind` is read, digits follow at `at`. An unknown one stays
/// as it was written. Returns where reading goes on.
pub fn escape(kind: char, chars: &[char], at: usize, out: &mut String) -> usize {
    let simple = match kind {
        'a' => Some('\x07'),
        'b' => Some('\x08'),
        'e' | 'E' => Some('\x1b'),
        'f' => Some('\x0c'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'v' => Some('\x0b'),
        '\\' => Some('\\'),
        _ => None,
    };
    if let Some(c) = simple {
        out.push(c);
        return at;
    }
    let (radix, most, from) = match kind {
        'x' => (16, 2, at),
        'u' => (16, 4, at),
        'U' => (16, 8, at),
        '0'..='7' => (8, 3, at - 1),
        _ => {
            out.extend(['\\', kind]);
            return at;
        }
    };
    let digits: String = chars[from..].iter().take(most).take_while(|c| c.is_digit(radix)).collect();
    if digits.is_empty() {
        out.extend(['\\', kind]);
        return at;
    }
    let value = u32::from_str_radix(&digits, radix).unwrap_or(0xfffd);
    let value = if kind.is_ascii_digit() { value & 0xff } else { value };
    out.push(char::from_u32(value).unwrap_or('\u{fffd}'));
    from + digits.len()
}

/// The delimiter of a here-document without its quotes, and whether it had any.
pub fn remove_quotes(chars: &[char]) -> (String, bool) {
    let mut out = String::new();
    let mut quoted = false;
    let mut within: Option<char> = None;
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        at += 1;
        match (within, c) {
            (None, '\'' | '"') => {
                quoted = true;
                within = Some(c);
            }
            (Some(quote), _) if c == quote => within = None,
            (None, '\\') | (Some('"'), '\\') => {
                quoted = true;
                if let Some(&next) = chars.get(at) {
                    out.push(next);
                    at += 1;
                }
            }
            _ => out.push(c),
        }
    }
    (out, quoted)
}

/// Quotes so that the shell reads it back: bare if harmless, `$'..'` for control characters, else `'..'`.
/// As bash prints values in `set`, `export -p` wants double quotes: see `double_quoted`.
pub fn single_quoted(text: &str) -> String {
    if text.chars().any(char::is_control) {
        return dollar_quoted(text);
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// `%q`: backslashes before what is special.
pub fn backslash_quoted(text: &str) -> String {
    if text.is_empty() {
        return "''".into();
    }
    if text.chars().any(char::is_control) {
        return dollar_quoted(text);
    }
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        let special = " \t!\"$&'()*,;<>?[\\]^`{|}".contains(c) || (i == 0 && matches!(c, '~' | '#'));
        if special {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// As `declare -p` and `export -p` print values.
pub fn double_quoted(text: &str) -> String {
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t' || c == '\n') {
        return dollar_quoted(text);
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        if matches!(c, '"' | '$' | '`' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// As `set` and `set -x` print a word: bare when nothing in it is special.
pub fn quoted_if_needed(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./:=@%+,^".contains(c);
    if text.is_empty() {
        return "''".into();
    }
    if text.chars().all(plain) { text.to_string() } else { single_quoted(text) }
}

fn dollar_quoted(text: &str) -> String {
    let mut out = String::from("$'");
    for c in text.chars() {
        match c {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x1b' => out.push_str("\\E"),
            '\x0b' => out.push_str("\\v"),
            '\x0c' => out.push_str("\\f"),
            c if c.is_control() => out.push_str(&format!("\\{:03o}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}
