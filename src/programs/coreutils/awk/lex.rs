//! The words of an awk program. Must never know the grammar, except where a `/` begins a regular expression.

/// A word with the line it stands on.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    pub kind: Kind,
    pub line: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Number(f64),
    Text(String),
    Regex(String),
    Name(String),
    /// A name directly followed by `(`.
    Call(String),
    Word(&'static str),
    Newline,
    End,
}

/// A program that does not parse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub line: usize,
    pub near: String,
}

const KEYWORDS: &[&str] = &[
    "BEGIN", "END", "function", "if", "else", "while", "for", "do", "break", "continue", "next", "exit",
    "return", "delete", "in", "getline", "print", "printf",
];
const OPERATORS: &[&str] = &[
    "**=", "&&", "||", "==", "!=", "<=", ">=", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "!~", ">>",
    "**", "{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!", ">", "<", "|", "?", ":",
    "~", "$", "=",
];

/// All words; the last is `End`.
pub fn tokens(text: &str) -> Result<Vec<Token>, Failure> {
    let chars: Vec<char> = text.chars().collect();
    let mut out: Vec<Token> = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(&c) = chars.get(at) {
        let start_line = line;
        let kind = match c {
            '\n' => {
                line += 1;
                at += 1;
                Kind::Newline
            }
            '\\' if chars.get(at + 1) == Some(&'\n') => {
                (at, line) = (at + 2, line + 1);
                continue;
            }
            c if c.is_whitespace() => {
                at += 1;
                continue;
            }
            '#' => {
                while chars.get(at).is_some_and(|c| *c != '\n') {
                    at += 1;
                }
                continue;
            }
            '"' => Kind::Text(string(&chars, &mut at, line)?),
            '/' if regex_allowed(out.last()) => Kind::Regex(regex(&chars, &mut at, line)?),
            c if c.is_ascii_digit() || (c == '.' && chars.get(at + 1).is_some_and(char::is_ascii_digit)) => {
                number(&chars, &mut at)
            }
            c if c.is_ascii_alphabetic() || c == '_' => name(&chars, &mut at),
            _ => {
                let rest: String = chars[at..(at + 3).min(chars.len())].iter().collect();
                match OPERATORS.iter().find(|o| rest.starts_with(**o)) {
                    Some(operator) => {
                        at += operator.len();
                        Kind::Word(match *operator {
                            "**" => "^",
                            "**=" => "^=",
                            other => other,
                        })
                    }
                    None => return Err(Failure { line, near: c.to_string() }),
                }
            }
        };
        out.push(Token { kind, line: start_line });
    }
    out.push(Token { kind: Kind::End, line });
    Ok(out)
}

fn regex_allowed(before: Option<&Token>) -> bool {
    !matches!(
        before.map(|t| &t.kind),
        Some(Kind::Number(_) | Kind::Text(_) | Kind::Name(_) | Kind::Word(")" | "]" | "$"))
    )
}

fn name(chars: &[char], at: &mut usize) -> Kind {
    let start = *at;
    while chars.get(*at).is_some_and(|c| c.is_ascii_alphanumeric() || *c == '_') {
        *at += 1;
    }
    let name: String = chars[start..*at].iter().collect();
    if name == "func" {
        return Kind::Word("function");
    }
    match KEYWORDS.iter().find(|k| **k == name) {
        Some(word) => Kind::Word(word),
        None if chars.get(*at) == Some(&'(') => Kind::Call(name),
        None => Kind::Name(name),
    }
}

fn number(chars: &[char], at: &mut usize) -> Kind {
    let start = *at;
    while chars.get(*at).is_some_and(|c| c.is_ascii_digit() || *c == '.') {
        *at += 1;
    }
    if matches!(chars.get(*at), Some('e' | 'E')) {
        let sign = usize::from(matches!(chars.get(*at + 1), Some('+' | '-')));
        if chars.get(*at + 1 + sign).is_some_and(char::is_ascii_digit) {
            *at += 1 + sign;
            while chars.get(*at).is_some_and(char::is_ascii_digit) {
                *at += 1;
            }
        }
    }
    Kind::Number(chars[start..*at].iter().collect::<String>().parse().unwrap_or(0.0))
}

fn string(chars: &[char], at: &mut usize, line: usize) -> Result<String, Failure> {
    let mut out = String::new();
    *at += 1;
    loop {
        match chars.get(*at) {
            None | Some('\n') => return Err(Failure { line, near: format!("\"{out}") }),
            Some('"') => {
                *at += 1;
                return Ok(out);
            }
            Some('\\') => {
                *at += 1;
                match chars.get(*at) {
                    Some('n') => out.push('\n'),
                    Some('t') => out.push('\t'),
                    Some('r') => out.push('\r'),
                    Some('"') => out.push('"'),
                    Some('\\') => out.push('\\'),
                    Some('/') => out.push('/'),
                    Some('a') => out.push('\x07'),
                    Some('0'..='7') => {
                        let digits: String =
                            chars[*at..].iter().take(3).take_while(|c| ('0'..='7').contains(*c)).collect();
                        *at += digits.len() - 1;
                        out.extend(u32::from_str_radix(&digits, 8).ok().and_then(char::from_u32));
                    }
                    Some(other) => out.extend(['\\', *other]),
                    None => {}
                }
            }
            Some(other) => out.push(*other),
        }
        *at += 1;
    }
}

fn regex(chars: &[char], at: &mut usize, line: usize) -> Result<String, Failure> {
    let mut out = String::new();
    *at += 1;
    let mut bracket = false;
    loop {
        match chars.get(*at) {
            None | Some('\n') => return Err(Failure { line, near: format!("/{out}") }),
            Some('/') if !bracket => {
                *at += 1;
                return Ok(out);
            }
            Some('\\') if chars.get(*at + 1) == Some(&'/') => {
                out.push('/');
                *at += 1;
            }
            Some('\\') => {
                out.push('\\');
                *at += 1;
                out.extend(chars.get(*at));
            }
            Some(c) => {
                bracket = (bracket || *c == '[') && *c != ']';
                out.push(*c);
            }
        }
        *at += 1;
    }
}
