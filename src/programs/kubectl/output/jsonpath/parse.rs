//! JSONPath text into nodes, with client-go's errors. Never evaluates.

use super::{Bound, Node};

/// Actions nested in filters and unions stop here.
const NESTING_LIMIT: usize = 32;

pub fn template(text: &str) -> Result<Vec<Vec<Node>>, String> {
    let chars: Vec<char> = text.chars().collect();
    let mut parser = Parser { chars: &chars, at: 0, nesting: 0 };
    let mut actions = Vec::new();
    while parser.at < parser.chars.len() {
        let start = parser.at;
        while parser.peek().is_some_and(|c| c != '{') {
            parser.at += 1;
        }
        if parser.at > start {
            actions.push(vec![Node::Text(chars[start..parser.at].iter().collect())]);
        }
        if parser.peek() == Some('{') {
            parser.at += 1;
            actions.push(parser.action()?);
        }
    }
    Ok(actions)
}

struct Parser<'a> {
    chars: &'a [char],
    at: usize,
    nesting: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.chars.get(self.at + i) == Some(&c))
    }

    /// Everything up to and including the closing brace.
    fn action(&mut self) -> Result<Vec<Node>, String> {
        let mut nodes = Vec::new();
        loop {
            if self.starts_with("[?(") {
                nodes.push(self.filter()?);
                continue;
            }
            if self.starts_with("..") {
                if matches!(nodes.last(), Some(Node::Recursive)) {
                    return Err("invalid multiple recursive descent".into());
                }
                self.at += 2;
                nodes.push(Node::Recursive);
                if self.peek().is_some_and(|c| c == '_' || c.is_alphanumeric()) {
                    nodes.push(self.field());
                }
                continue;
            }
            match self.peek() {
                None | Some('\n' | '\r') => return Err("unclosed action".into()),
                Some('}') => {
                    self.at += 1;
                    return Ok(nodes);
                }
                Some(' ' | '@' | '$') => self.at += 1,
                Some('[') => self.array(&mut nodes)?,
                Some(quote @ ('"' | '\'')) => nodes.push(self.quoted(quote)?),
                Some('.') => {
                    self.at += 1;
                    nodes.push(self.field());
                }
                Some(c) if matches!(c, '+' | '-') || c.is_ascii_digit() => nodes.push(self.number()?),
                Some(c) if c == '_' || c.is_alphanumeric() => nodes.push(self.identifier()),
                Some(c) => return Err(format!("unrecognized character in action: U+{:04X} '{c}'", c as u32)),
            }
        }
    }

    fn field(&mut self) -> Node {
        let mut name = String::new();
        while let Some(c) = self.peek() {
            if c == '\\' {
                self.at += 1;
                if let Some(escaped) = self.peek() {
                    name.push(escaped);
                    self.at += 1;
                }
                continue;
            }
            if is_terminator(c) {
                break;
            }
            name.push(c);
            self.at += 1;
        }
        if name == "*" { Node::Wildcard } else { Node::Field(name) }
    }

    fn identifier(&mut self) -> Node {
        let start = self.at;
        while self.peek().is_some_and(|c| !is_terminator(c)) {
            self.at += 1;
        }
        match self.chars[start..self.at].iter().collect::<String>().as_str() {
            "true" => Node::Bool(true),
            "false" => Node::Bool(false),
            name => Node::Identifier(name.to_string()),
        }
    }

    fn number(&mut self) -> Result<Node, String> {
        let start = self.at;
        self.at += 1;
        while self.peek().is_some_and(|c| c == '.' || c.is_ascii_digit()) {
            self.at += 1;
        }
        let text: String = self.chars[start..self.at].iter().collect();
        if let Ok(number) = text.parse() {
            return Ok(Node::Int(number));
        }
        text.parse().map(Node::Float).map_err(|_| format!("cannot parse number {text}"))
    }

    fn quoted(&mut self, quote: char) -> Result<Node, String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            match self.peek() {
                None | Some('\n') => return Err("unterminated quoted string".into()),
                Some('\\') => {
                    let escaped = self.chars.get(self.at + 1).copied();
                    self.at += 2;
                    out.push(match escaped {
                        Some('n') => '\n',
                        Some('t') => '\t',
                        Some('r') => '\r',
                        Some('a') => '\u{7}',
                        Some('b') => '\u{8}',
                        Some('f') => '\u{c}',
                        Some('v') => '\u{b}',
                        Some(c @ ('\\' | '"' | '\'')) => c,
                        Some('u') => self.unicode()?,
                        _ => return Err(format!("unquote string {out:?} error invalid syntax")),
                    });
                }
                Some(c) if c == quote => {
                    self.at += 1;
                    return Ok(Node::Text(out));
                }
                Some(c) => {
                    out.push(c);
                    self.at += 1;
                }
            }
        }
    }

    fn unicode(&mut self) -> Result<char, String> {
        let digits: String = self.chars.iter().skip(self.at).take(4).collect();
        self.at += digits.chars().count();
        u32::from_str_radix(&digits, 16)
            .ok()
            .and_then(char::from_u32)
            .ok_or_else(|| "invalid syntax".to_string())
    }

    fn array(&mut self, nodes: &mut Vec<Node>) -> Result<(), String> {
        let start = self.at + 1;
        loop {
            match self.peek() {
                None | Some('\n') => return Err("unterminated array".into()),
                Some(']') => break,
                Some(_) => self.at += 1,
            }
        }
        let text: String = self.chars[start..self.at].iter().collect();
        self.at += 1;
        if text.contains(',') {
            let lists: Result<Vec<_>, _> =
                text.split(',').map(|part| self.nested(&format!("[{}]", part.trim_matches(' ')))).collect();
            nodes.push(Node::Union(lists?));
            return Ok(());
        }
        let key = text
            .strip_prefix('\'')
            .and_then(|rest| rest.strip_suffix('\''))
            .filter(|key| !key.contains('\''));
        if let Some(key) = key {
            nodes.extend(self.nested(&format!(".{key}"))?);
            return Ok(());
        }
        nodes.push(slice(if text == "*" { ":" } else { &text })?);
        Ok(())
    }

    fn filter(&mut self) -> Result<Node, String> {
        self.at += 3;
        let start = self.at;
        let (mut begun, mut ended, mut pair) = (false, false, ' ');
        loop {
            match self.peek() {
                None | Some('\n') => return Err("unterminated filter".into()),
                Some(c @ ('"' | '\'')) => {
                    if !begun {
                        (begun, pair) = (true, c);
                    } else if c == pair && self.chars[self.at - 1] != '\\' {
                        ended = true;
                    }
                }
                Some(')') if begun == ended => break,
                Some(_) => {}
            }
            self.at += 1;
        }
        let text: String = self.chars[start..self.at].iter().collect();
        self.at += 1;
        if self.peek() != Some(']') {
            return Err("unclosed array expect ]".into());
        }
        self.at += 1;
        let is_operator = |c: char| matches!(c, '!' | '<' | '>' | '=');
        let from = text.find(is_operator).filter(|&at| at > 0);
        let split =
            from.map(|from| (from, text[from..].find(|c| !is_operator(c)).map(|length| from + length)));
        Ok(match split {
            Some((from, Some(to))) => Node::Filter {
                left: self.nested(&text[..from])?,
                operator: text[from..to].to_string(),
                right: self.nested(&text[to..])?,
            },
            _ => Node::Filter { left: self.nested(&text)?, operator: "exists".into(), right: Vec::new() },
        })
    }

    fn nested(&self, text: &str) -> Result<Vec<Node>, String> {
        if self.nesting >= NESTING_LIMIT {
            return Err("jsonpath is nested too deeply".into());
        }
        let chars: Vec<char> = text.chars().chain(['}']).collect();
        Parser { chars: &chars, at: 0, nesting: self.nesting + 1 }.action()
    }
}

fn slice(text: &str) -> Result<Node, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let digits = |part: &&str| part.strip_prefix('-').unwrap_or(part).chars().all(|c| c.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(digits) || text.is_empty() {
        return Err(format!("invalid array index {text}"));
    }
    let number = |part: &str| -> Result<Option<i64>, String> {
        match part {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| format!("array index {text} is not a number")),
        }
    };
    let from = number(parts[0])?;
    let to = match parts.get(1) {
        None => Bound::Derived(from.unwrap_or(0) + 1),
        Some(part) => number(part)?.map_or(Bound::Open, Bound::At),
    };
    Ok(Node::Array { from, to, step: parts.get(2).map_or(Ok(None), |part| number(part))? })
}

fn is_terminator(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}
