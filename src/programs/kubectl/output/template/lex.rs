//! Template text into text runs and tokens of actions. Knows lines for messages, nothing of meaning.

/// A piece of the template, with the line it starts on.
pub enum Piece {
    Text(String),
    Action(usize, Vec<Placed>),
}

/// A token and its byte in the template; of a chain of fields the second one's, as Go counts them.
pub type Placed = (Token, usize);

#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// `.a.b`, `.` alone is an empty list.
    Field(Vec<String>),
    /// `$x.a`
    Variable(String, Vec<String>),
    Word(String),
    Text(String),
    Int(i64),
    Float(f64),
    Char(char),
    /// A field directly after `)`.
    Chain(Vec<String>),
}

impl Token {
    /// As it was written, about.
    pub fn shown(&self) -> String {
        match self {
            Token::Field(fields) | Token::Chain(fields) => format!(".{}", fields.join(".")),
            Token::Variable(name, fields) => std::iter::once(name.as_str())
                .chain(fields.iter().map(String::as_str))
                .collect::<Vec<_>>()
                .join("."),
            Token::Word(word) => word.clone(),
            Token::Text(text) => format!("{text:?}"),
            Token::Int(number) => number.to_string(),
            Token::Float(number) => number.to_string(),
            Token::Char(letter) => letter.to_string(),
        }
    }
}

pub fn error(line: usize, message: &str) -> String {
    format!("template: output:{line}: {message}")
}

pub fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut out = Vec::new();
    let (mut rest, mut line, mut trim_next) = (text, 1, false);
    loop {
        let Some(open) = rest.find("{{") else {
            push_text(&mut out, rest, trim_next, false);
            return Ok(out);
        };
        let after = &rest[open + 2..];
        let trims = after.starts_with('-') && after[1..].starts_with([' ', '\t', '\r', '\n']);
        push_text(&mut out, &rest[..open], trim_next, trims);
        line += rest[..open].matches('\n').count();
        let body = if trims { &after[1..] } else { after };
        let start_line = line;
        if body.trim_start().starts_with("/*") {
            let Some(close) = body.find("*/") else { return Err(error(line, "unclosed comment")) };
            let Some(end) = body[close..].find("}}") else {
                return Err(error(line, "comment ends before closing delimiter"));
            };
            trim_next = body[close + 2..close + end].trim() == "-";
            line += body[..close + end].matches('\n').count();
            rest = &body[close + end + 2..];
            continue;
        }
        let (tokens, used, trim) = action(body, start_line, text.len() - body.len())?;
        line += body[..used].matches('\n').count();
        trim_next = trim;
        out.push(Piece::Action(start_line, tokens));
        rest = &body[used..];
    }
}

fn push_text(out: &mut Vec<Piece>, text: &str, trim_start: bool, trim_end: bool) {
    let text = if trim_start { text.trim_start() } else { text };
    let text = if trim_end { text.trim_end() } else { text };
    if !text.is_empty() {
        out.push(Piece::Text(text.to_string()));
    }
}

/// Tokens up to `}}`; how many bytes were used, and whether the next text is to be trimmed. `start` is where the
/// body stands in the template.
fn action(body: &str, line: usize, start: usize) -> Result<(Vec<Placed>, usize, bool), String> {
    let mut tokens: Vec<Placed> = Vec::new();
    let chars: Vec<(usize, char)> = body.char_indices().collect();
    let at = |i: usize| chars.get(i).map(|(_, c)| *c);
    let mut i = 0;
    while let Some(c) = at(i) {
        if c == '}' && at(i + 1) == Some('}') {
            return Ok((tokens, chars[i].0 + 2, false));
        }
        if c == '-'
            && at(i + 1) == Some('}')
            && at(i + 2) == Some('}')
            && i > 0
            && at(i - 1).is_some_and(char::is_whitespace)
        {
            return Ok((tokens, chars[i].0 + 3, true));
        }
        let mut place = start + chars[i].0;
        let mut push = |token: Token| {
            if let Token::Field(fields) = &token
                && let [first, _, ..] = fields.as_slice()
            {
                place += 1 + first.len();
            }
            if let Token::Variable(name, fields) = &token
                && !fields.is_empty()
            {
                place += name.len();
            }
            tokens.push((token, place));
        };
        match c {
            c if c.is_whitespace() => i += 1,
            '.' if at(i + 1).is_none_or(|c| !(c.is_alphanumeric() || c == '_')) => {
                push(Token::Field(Vec::new()));
                i += 1;
            }
            '.' => {
                let chained = i > 0 && at(i - 1) == Some(')');
                let fields = fields(&chars, &mut i);
                push(if chained { Token::Chain(fields) } else { Token::Field(fields) });
            }
            '$' => {
                i += 1;
                let name = word(&chars, &mut i);
                push(Token::Variable(format!("${name}"), fields(&chars, &mut i)));
            }
            '"' | '`' => push(Token::Text(quoted(&chars, &mut i, c, line)?)),
            '(' | ')' | '|' | ',' | '=' => {
                push(Token::Char(c));
                i += 1;
            }
            ':' if at(i + 1) == Some('=') => {
                push(Token::Char(':'));
                i += 2;
            }
            c if c.is_ascii_digit()
                || (matches!(c, '+' | '-') && at(i + 1).is_some_and(|c| c.is_ascii_digit())) =>
            {
                push(number(&chars, &mut i, line)?);
            }
            c if c.is_alphabetic() || c == '_' => push(Token::Word(word(&chars, &mut i))),
            c => return Err(error(line, &format!("unexpected {c:?} in operand"))),
        }
    }
    Err(error(line, "unclosed action"))
}

fn word(chars: &[(usize, char)], i: &mut usize) -> String {
    let mut out = String::new();
    while let Some((_, c)) = chars.get(*i).filter(|(_, c)| c.is_alphanumeric() || *c == '_') {
        out.push(*c);
        *i += 1;
    }
    out
}

fn fields(chars: &[(usize, char)], i: &mut usize) -> Vec<String> {
    let mut out = Vec::new();
    while chars.get(*i).is_some_and(|(_, c)| *c == '.')
        && chars.get(*i + 1).is_some_and(|(_, c)| c.is_alphanumeric() || *c == '_')
    {
        *i += 1;
        out.push(word(chars, i));
    }
    out
}

fn quoted(chars: &[(usize, char)], i: &mut usize, quote: char, line: usize) -> Result<String, String> {
    let mut out = String::new();
    *i += 1;
    while let Some((_, c)) = chars.get(*i) {
        *i += 1;
        match c {
            c if *c == quote => return Ok(out),
            '\n' if quote == '"' => break,
            '\\' if quote == '"' => {
                let escaped = chars.get(*i).map(|(_, c)| *c);
                *i += 1;
                out.push(match escaped {
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some('r') => '\r',
                    Some(c @ ('"' | '\\' | '\'')) => c,
                    _ => return Err(error(line, "invalid syntax")),
                });
            }
            c => out.push(*c),
        }
    }
    Err(error(
        line,
        if quote == '"' { "unterminated quoted string" } else { "unterminated raw quoted string" },
    ))
}

fn number(chars: &[(usize, char)], i: &mut usize, line: usize) -> Result<Token, String> {
    let mut text = String::new();
    while let Some((_, c)) =
        chars.get(*i).filter(|(_, c)| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-'))
    {
        text.push(*c);
        *i += 1;
    }
    if let Ok(number) = text.parse() {
        return Ok(Token::Int(number));
    }
    text.parse().map(Token::Float).map_err(|_| error(line, &format!("bad number syntax: {text:?}")))
}
