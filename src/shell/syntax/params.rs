//! `$name`, `${...}` and the text of arithmetic. What an operator means is decided when it is expanded.

use super::ast::{CaseChange, Index, Op, Param, Part, Replace, Word};
use super::parser::{Parsed, Parser, is_name_char, is_name_start};
use super::words::{Quotes, Stop, push_literal};

const SPECIAL: [char; 8] = ['@', '*', '#', '?', '-', '$', '!', '0'];

impl Parser {
    /// After `$`: a name, one digit or a special parameter.
    pub(super) fn plain_parameter(&mut self) -> Option<Part> {
        let start = self.pos;
        let first = self.peek()?;
        if is_name_start(first) {
            while self.peek().is_some_and(is_name_char) {
                self.pos += 1;
            }
        } else if first.is_ascii_digit() || SPECIAL.contains(&first) {
            self.pos += 1;
        } else {
            return None;
        }
        let name = self.slice(start, self.pos);
        let text = format!("${name}");
        Some(Part::Param(Box::new(Param { name, index: None, indirect: false, op: Op::None, text })))
    }

    /// After `${`: up to and including `}`. `start` is where the dollar stands.
    pub(super) fn braced_parameter(&mut self, start: usize, quoted: bool) -> Parsed<Part> {
        self.enter()?;
        let line = self.line;
        let param = self.braced_inner(quoted);
        self.leave();
        let param = param?;
        if let Some(mut param) = param
            && self.eat("}")
        {
            param.text = self.slice(start, self.pos);
            return Ok(Part::Param(Box::new(param)));
        }
        // Not understood: everything up to the brace is one bad substitution.
        self.unquoted_parts(Stop::Chars(&['}']))?;
        if !self.eat("}") {
            return self.unmatched('}', line);
        }
        Ok(Part::Bad(self.slice(start, self.pos)))
    }

    fn braced_inner(&mut self, quoted: bool) -> Parsed<Option<Param>> {
        let mut param =
            Param { name: String::new(), index: None, indirect: false, op: Op::None, text: String::new() };
        let next = self.peek_at(1).unwrap_or('}');
        let names = is_name_char(next) || SPECIAL.contains(&next);
        if self.peek() == Some('#')
            && names
            && !matches!((next, self.peek_at(2)), ('#' | '?' | '-', Some(c)) if c != '}')
        {
            self.bump();
            param.op = Op::Length;
        } else if self.peek() == Some('!') && names && !matches!(next, '-' | '?') {
            self.bump();
            param.indirect = true;
        }
        let Some(name) = self.parameter_name() else { return Ok(None) };
        param.name = name;
        if self.peek() == Some('[') && is_name_start(param.name.chars().next().unwrap_or('0')) {
            param.index = Some(self.index()?);
        }
        if param.op == Op::Length || self.peek() == Some('}') {
            if param.indirect {
                let star = match param.index {
                    Some(Index::At) => Some(false),
                    Some(Index::Star) => Some(true),
                    _ => None,
                };
                if let Some(star) = star {
                    param.op = Op::Keys { star };
                    param.indirect = false;
                }
            }
            return Ok(Some(param));
        }
        if param.indirect && (self.looking_at("*}") || self.looking_at("@}")) {
            param.op = Op::Names { star: self.bump() == Some('*') };
            param.indirect = false;
            return Ok(Some(param));
        }
        match self.operator(quoted)? {
            Some(op) => {
                param.op = op;
                Ok(Some(param))
            }
            None => Ok(None),
        }
    }

    fn parameter_name(&mut self) -> Option<String> {
        let start = self.pos;
        let first = self.peek()?;
        if is_name_start(first) {
            while self.peek().is_some_and(is_name_char) {
                self.pos += 1;
            }
        } else if first.is_ascii_digit() {
            while self.peek().is_some_and(|c| c.is_ascii_digit()) {
                self.pos += 1;
            }
        } else if SPECIAL.contains(&first) {
            self.pos += 1;
        }
        (self.pos > start).then(|| self.slice(start, self.pos))
    }

    /// `[..]` after a name.
    pub(super) fn index(&mut self) -> Parsed<Index> {
        let line = self.line;
        if self.eat("[@]") {
            return Ok(Index::At);
        }
        if self.eat("[*]") {
            return Ok(Index::Star);
        }
        self.bump();
        let word = self.braced_word(&[']'])?;
        if self.eat("]") { Ok(Index::Expr(word)) } else { self.unmatched(']', line) }
    }

    fn operator(&mut self, quoted: bool) -> Parsed<Option<Op>> {
        let colon = self.peek() == Some(':');
        let op = if colon { self.peek_at(1) } else { self.peek() };
        if let Some(c @ ('-' | '=' | '?' | '+')) = op {
            self.pos += 1 + usize::from(colon);
            let word = self.default_word(quoted)?;
            return Ok(Some(match c {
                '-' => Op::Default { colon, word },
                '=' => Op::Assign { colon, word },
                '?' => Op::Error { colon, word },
                _ => Op::Alternative { colon, word },
            }));
        }
        if self.eat(":") {
            return self.substring().map(Some);
        }
        let Some(c) = self.bump() else { return Ok(None) };
        Ok(Some(match c {
            '#' | '%' => {
                let longest = self.peek() == Some(c) && self.bump().is_some();
                let pattern = self.braced_word(&['}'])?;
                match c {
                    '#' => Op::RemovePrefix { longest, pattern },
                    _ => Op::RemoveSuffix { longest, pattern },
                }
            }
            '/' => self.replacement()?,
            '^' | ',' | '~' => {
                let all = self.peek() == Some(c) && self.bump().is_some();
                let pattern = self.braced_word(&['}'])?;
                let upper = match c {
                    '^' => CaseChange::Upper,
                    ',' => CaseChange::Lower,
                    _ => CaseChange::Toggle,
                };
                Op::Case { upper, all, pattern: (!pattern.parts.is_empty()).then_some(pattern) }
            }
            '@' => match self.peek() {
                Some(c @ ('Q' | 'U' | 'u' | 'L' | 'E' | 'P' | 'A' | 'a' | 'K' | 'k')) => {
                    self.bump();
                    Op::Transform(c)
                }
                _ => return Ok(None),
            },
            _ => {
                self.pos -= 1;
                return Ok(None);
            }
        }))
    }

    fn replacement(&mut self) -> Parsed<Op> {
        let how = match self.peek() {
            Some('/') => Replace::All,
            Some('#') => Replace::Prefix,
            Some('%') => Replace::Suffix,
            _ => Replace::First,
        };
        if how != Replace::First {
            self.bump();
        }
        let pattern = self.braced_word(&['/', '}'])?;
        let with = if self.eat("/") { self.braced_word(&['}'])? } else { Word::default() };
        Ok(Op::Replace { how, pattern, with })
    }

    fn substring(&mut self) -> Parsed<Op> {
        let line = self.line;
        let offset = self.arith_text_before(&[":", "}"], line)?;
        let length = match self.eat(":") {
            true => Some(self.arith_text_before(&["}"], line)?),
            false => None,
        };
        Ok(Op::Substring { offset, length })
    }

    /// The word of `${x:-word}`: between double quotes, single quotes in it mean nothing.
    fn default_word(&mut self, quoted: bool) -> Parsed<Word> {
        if !quoted {
            return self.braced_word(&['}']);
        }
        let start = self.pos;
        let parts = self.quoted_parts(Quotes::Braces)?;
        Ok(Word { parts: vec![Part::Double(parts)], raw: self.slice(start, self.pos).into() })
    }

    fn braced_word(&mut self, stops: &[char]) -> Parsed<Word> {
        let (start, line) = (self.pos, self.line);
        let parts = self.unquoted_parts(Stop::Chars(stops))?;
        if self.peek().is_none() {
            return self.unmatched(*stops.last().unwrap_or(&'}'), line);
        }
        Ok(Word { parts, raw: self.slice(start, self.pos).into() })
    }

    /// Whether `((` at `from - 2` ends in `))`, so that it is arithmetic and not two parentheses.
    pub(super) fn closes_as_arith(&self, from: usize) -> bool {
        let mut depth = 0usize;
        let mut at = from;
        while let Some(&c) = self.chars.get(at) {
            match c {
                '\\' => at += 1,
                '\'' | '"' => {
                    let rest = self.chars.get(at + 1..).unwrap_or(&[]);
                    match rest.iter().position(|&other| other == c) {
                        Some(len) => at += len + 1,
                        None => return true,
                    }
                }
                '(' => depth += 1,
                ')' if depth == 0 => return self.chars.get(at + 1) == Some(&')'),
                ')' => depth -= 1,
                _ => {}
            }
            at += 1;
        }
        true
    }

    /// Arithmetic up to and including one of `ends`, with the expansions of double quotes.
    pub(super) fn arith_text(&mut self, ends: &[&str], line: u32) -> Parsed<Word> {
        let word = self.arith_text_before(ends, line)?;
        for end in ends {
            if self.eat(end) {
                break;
            }
        }
        Ok(word)
    }

    fn arith_text_before(&mut self, ends: &[&str], line: u32) -> Parsed<Word> {
        let start = self.pos;
        let mut parts = Vec::new();
        let (mut depth, mut questions) = (0usize, 0usize);
        self.enter()?;
        loop {
            let Some(c) = self.peek() else {
                let wanted = ends.last().and_then(|end| end.chars().next()).unwrap_or(')');
                return self.unmatched(wanted, line);
            };
            let ternary = c == ':' && questions > 0;
            if depth == 0 && !ternary && ends.iter().any(|end| self.looking_at(end)) {
                break;
            }
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth = depth.saturating_sub(1),
                '?' => questions += 1,
                ':' => questions = questions.saturating_sub(1),
                _ => {}
            }
            match c {
                '$' => match self.dollar(true)? {
                    Some(part) => parts.push(part),
                    None => push_literal(&mut parts, '$'),
                },
                '`' => {
                    let mut piece =
                        self.unquoted_parts(Stop::Chars(&[' ', ')', '+', '-', '*', '/', '}', ':']))?;
                    parts.append(&mut piece);
                }
                '\\' if self.peek_at(1) == Some('\n') => {
                    self.bump();
                    self.bump();
                }
                '"' => {
                    self.bump();
                }
                c => {
                    self.bump();
                    push_literal(&mut parts, c);
                }
            }
        }
        self.leave();
        Ok(Word { parts, raw: self.slice(start, self.pos).into() })
    }
}
