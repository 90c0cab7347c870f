//! YAML as go-yaml v2 writes it (sigs.k8s.io/yaml): which strings are quoted and how, lists not indented below
//! their key, folding after column 80, natural order of keys. Reading YAML is `manifest.rs`'s work.

use serde_json::{Map, Value};
use std::cmp::Ordering;

const WIDTH: usize = 80;

/// One document, with a final newline.
pub fn emit(value: &Value) -> String {
    let mut emitter = Emitter { out: String::new(), column: 0 };
    match value {
        Value::Object(map) if !map.is_empty() => emitter.mapping(map, 0, true),
        Value::Array(items) if !items.is_empty() => emitter.sequence(items, 0, true),
        scalar => {
            emitter.scalar(scalar, 0);
            emitter.newline();
        }
    }
    emitter.out
}

struct Emitter {
    out: String,
    column: usize,
}

impl Emitter {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn newline(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    fn indent(&mut self, indent: usize) {
        for _ in 0..indent {
            self.put(" ");
        }
    }

    /// `inline`: the first key continues the current line (after `- `, or at the start).
    fn mapping(&mut self, map: &Map<String, Value>, indent: usize, inline: bool) {
        let mut keys: Vec<&String> = map.keys().collect();
        keys.sort_by(|a, b| natural(a, b));
        for (i, key) in keys.into_iter().enumerate() {
            if i > 0 || !inline {
                self.indent(indent);
            }
            self.string(key, indent, true);
            self.put(":");
            match &map[key] {
                Value::Object(inner) if !inner.is_empty() => {
                    self.newline();
                    self.mapping(inner, indent + 2, false);
                }
                Value::Array(items) if !items.is_empty() => {
                    self.newline();
                    self.sequence(items, indent, false);
                }
                scalar => {
                    self.put(" ");
                    self.scalar(scalar, indent);
                    self.newline();
                }
            }
        }
    }

    fn sequence(&mut self, items: &[Value], indent: usize, inline: bool) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 || !inline {
                self.indent(indent);
            }
            self.put("- ");
            match item {
                Value::Object(map) if !map.is_empty() => self.mapping(map, indent + 2, true),
                Value::Array(inner) if !inner.is_empty() => self.sequence(inner, indent + 2, true),
                scalar => {
                    self.scalar(scalar, indent);
                    self.newline();
                }
            }
        }
    }

    fn scalar(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Null => self.put("null"),
            Value::Bool(true) => self.put("true"),
            Value::Bool(false) => self.put("false"),
            Value::Number(number) => self.put(&number.to_string()),
            Value::String(text) => self.string(text, indent, false),
            Value::Array(_) => self.put("[]"),
            Value::Object(_) => self.put("{}"),
        }
    }

    fn string(&mut self, text: &str, indent: usize, key: bool) {
        let found = analyse(text);
        match style(text, &found, key) {
            Style::Plain => self.folded(text, indent, key, false),
            Style::Single => {
                self.put("'");
                self.folded(&text.replace('\'', "''"), indent, key, true);
                self.put("'");
            }
            Style::Double => self.double(text, indent, key),
            Style::Literal => self.literal(text, indent),
        }
    }

    fn folded(&mut self, text: &str, indent: usize, key: bool, quoted: bool) {
        let chars: Vec<char> = text.chars().collect();
        let mut after_blank = false;
        let mut after_break = false;
        for (i, &c) in chars.iter().enumerate() {
            if c == ' ' {
                let edge = quoted && (i == 0 || i + 1 == chars.len());
                let next_blank = chars.get(i + 1) == Some(&' ');
                if !key && !after_blank && self.column > WIDTH && !edge && !next_blank {
                    self.newline();
                    self.indent(indent + 2);
                } else {
                    self.put(" ");
                }
                after_blank = true;
            } else if c == '\n' {
                if !after_break {
                    self.newline();
                }
                self.newline();
                after_break = true;
                after_blank = false;
            } else {
                if after_break {
                    self.indent(indent + 2);
                }
                self.put(c.encode_utf8(&mut [0; 4]));
                (after_blank, after_break) = (false, false);
            }
        }
    }

    fn double(&mut self, text: &str, indent: usize, key: bool) {
        self.put("\"");
        let chars: Vec<char> = text.chars().collect();
        let mut after_blank = false;
        for (i, &c) in chars.iter().enumerate() {
            if c == ' ' {
                if !key && !after_blank && self.column > WIDTH && i > 0 && i + 1 < chars.len() {
                    self.newline();
                    self.indent(indent + 2);
                    if chars.get(i + 1) == Some(&' ') {
                        self.put("\\");
                    }
                } else {
                    self.put(" ");
                }
                after_blank = true;
                continue;
            }
            after_blank = false;
            match escape(c) {
                Some(escaped) => self.put(&escaped),
                None => self.put(c.encode_utf8(&mut [0; 4])),
            }
        }
        self.put("\"");
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.put("|");
        if text.starts_with([' ', '\n']) {
            self.put("2");
        }
        if !text.ends_with('\n') {
            self.put("-");
        } else if text == "\n" || text.ends_with("\n\n") {
            self.put("+");
        }
        let body = text.strip_suffix('\n').unwrap_or(text);
        for line in body.split('\n') {
            self.newline();
            if !line.is_empty() {
                self.indent(indent + 2);
                self.put(line);
            }
        }
    }
}

enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

struct Analysis {
    plain: bool,
    single: bool,
    block: bool,
}

fn style(text: &str, found: &Analysis, key: bool) -> Style {
    if text.contains('\n') {
        return if found.block && !key { Style::Literal } else { Style::Double };
    }
    if !resolves_to_string(text) {
        return Style::Double;
    }
    match (found.plain, found.single) {
        (true, _) => Style::Plain,
        (false, true) => Style::Single,
        _ => Style::Double,
    }
}

/// As go-yaml's `yaml_emitter_analyze_scalar`, for block context.
fn analyse(text: &str) -> Analysis {
    let mut block_indicators = text.starts_with("---") || text.starts_with("...");
    let (mut line_breaks, mut special, mut break_space, mut space_break) = (false, false, false, false);
    let chars: Vec<char> = text.chars().collect();
    let (mut previous_space, mut previous_break, mut preceded) = (false, false, true);
    for (i, &c) in chars.iter().enumerate() {
        let followed = chars.get(i + 1).is_none_or(|next| matches!(next, ' ' | '\t' | '\n' | '\r'));
        block_indicators |= match c {
            '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@'
            | '`'
                if i == 0 =>
            {
                true
            }
            '-' | '?' if i == 0 => followed,
            ':' => followed,
            '#' => preceded,
            _ => false,
        };
        special |= escape(c).is_some_and(|_| !matches!(c, '"' | '\\' | '\n'));
        match c {
            ' ' => {
                break_space |= previous_break;
                (previous_space, previous_break) = (true, false);
            }
            '\n' => {
                line_breaks = true;
                space_break |= previous_space;
                (previous_space, previous_break) = (false, true);
            }
            _ => (previous_space, previous_break) = (false, false),
        }
        preceded = matches!(c, ' ' | '\t' | '\n');
    }
    let edge = text.starts_with([' ', '\n']) || text.ends_with([' ', '\n']);
    let broken = space_break || special;
    Analysis {
        plain: !(edge || break_space || broken || line_breaks || block_indicators),
        single: !(break_space || broken),
        block: !(text.ends_with(' ') || broken || text.is_empty()),
    }
}

fn escape(c: char) -> Option<String> {
    Some(match c {
        '"' => "\\\"".into(),
        '\\' => "\\\\".into(),
        '\n' => "\\n".into(),
        '\t' => "\\t".into(),
        '\r' => "\\r".into(),
        '\0' => "\\0".into(),
        '\u{7}' => "\\a".into(),
        '\u{8}' => "\\b".into(),
        '\u{b}' => "\\v".into(),
        '\u{c}' => "\\f".into(),
        '\u{1b}' => "\\e".into(),
        '\u{85}' => "\\N".into(),
        '\u{a0}' => return None,
        '\u{2028}' => "\\L".into(),
        '\u{2029}' => "\\P".into(),
        '\u{feff}' => "\\uFEFF".into(),
        c if (c as u32) < 0x20 || (0x7f..0xa0).contains(&(c as u32)) => format!("\\x{:02X}", c as u32),
        _ => return None,
    })
}

/// Whether a plain scalar of this text would be read back as a string (go-yaml's `resolve`, YAML 1.1).
fn resolves_to_string(text: &str) -> bool {
    const WORDS: [&str; 32] = [
        "", "~", "null", "Null", "NULL", "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On",
        "ON", "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF", ".nan", ".NaN",
        ".NAN", "<<", "=",
    ];
    if WORDS[..31].contains(&text) || matches!(text.trim_start_matches(['+', '-']), ".inf" | ".Inf" | ".INF")
    {
        return false;
    }
    let first = text.chars().next().unwrap_or(' ');
    if !(first.is_ascii_digit() || matches!(first, '+' | '-' | '.')) {
        return true;
    }
    !(is_number(text) || is_timestamp(text) || is_base60(text))
}

fn is_number(text: &str) -> bool {
    let plain = text.replace('_', "");
    let body = plain.strip_prefix(['+', '-']).unwrap_or(&plain);
    let radix = |prefix: &str, radix: u32| {
        body.strip_prefix(prefix)
            .is_some_and(|digits| !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix)))
    };
    if radix("0x", 16) || radix("0X", 16) || radix("0b", 2) || radix("0o", 8) {
        return true;
    }
    let (mantissa, exponent) = match body.find(['e', 'E']) {
        Some(at) => (&body[..at], Some(&body[at + 1..])),
        None => (body, None),
    };
    let digits = mantissa.chars().filter(char::is_ascii_digit).count();
    let mantissa_ok = digits > 0
        && mantissa.chars().all(|c| c.is_ascii_digit() || c == '.')
        && mantissa.matches('.').count() <= 1;
    let exponent_ok = exponent.is_none_or(|e| {
        let e = e.strip_prefix(['+', '-']).unwrap_or(e);
        !e.is_empty() && e.chars().all(|c| c.is_ascii_digit())
    });
    mantissa_ok && exponent_ok
}

fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return false;
    }
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let parts: Vec<&str> = date.split('-').collect();
    let number =
        |part: &&str| !part.is_empty() && part.len() <= 2 && part.chars().all(|c| c.is_ascii_digit());
    let date_ok = parts.len() == 3 && number(&parts[1]) && number(&parts[2]);
    date_ok
        && time.is_none_or(|time| {
            time.matches(':').count() >= 2 && time.starts_with(|c: char| c.is_ascii_digit())
        })
}

fn is_base60(text: &str) -> bool {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut parts = body.split(':');
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    !rest.is_empty()
        && first.starts_with(|c: char| c.is_ascii_digit())
        && first.chars().all(|c| c.is_ascii_digit() || c == '_')
        && rest.iter().enumerate().all(|(i, part)| {
            let whole = if i + 1 == rest.len() { part.split('.').next().unwrap_or_default() } else { part };
            matches!(whole.len(), 1 | 2)
                && whole.chars().all(|c| c.is_ascii_digit())
                && whole.parse::<u8>().is_ok_and(|n| n < 60)
        })
}

/// go-yaml's order of keys: digits by value, letters after everything else.
fn natural(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    for i in 0..a.len().min(b.len()) {
        if a[i] == b[i] {
            continue;
        }
        match (a[i].is_alphabetic(), b[i].is_alphabetic()) {
            (true, true) => return a[i].cmp(&b[i]),
            (true, false) => return Ordering::Greater,
            (false, true) => return Ordering::Less,
            _ => {}
        }
        let number = |chars: &[char]| -> (u64, usize) {
            let digits: String = chars[i..].iter().take_while(|c| c.is_ascii_digit()).take(18).collect();
            (digits.parse().unwrap_or(0), digits.len())
        };
        let ((an, al), (bn, bl)) = (number(&a), number(&b));
        return an.cmp(&bn).then(al.cmp(&bl)).then(a[i].cmp(&b[i]));
    }
    a.len().cmp(&b.len())
}

#[cfg(test)]
mod tests;
