//! Words: quoting, and what hides inside it. A word ends at a metacharacter; inside `${..}` at what the rule says.

use std::rc::Rc;

use super::ast::{List, Part, Substitution, Word};
use super::error::{ErrorKind, ParseError};
use super::parser::{Parsed, Parser, is_meta};
use super::quoting::ansi_c;

/// What ends a run of unquoted parts.
#[derive(Clone, Copy)]
pub(super) enum Stop<'a> {
    /// A blank, newline or operator: an ordinary word.
    Meta,
    /// As a word, with extended patterns whatever the options say: the right side of `==` in `[[ ]]`.
    Pattern,
    /// A blank outside parentheses: the right side of `=~`.
    Regex,
    /// One of these characters: inside `${..}` and `[..]`.
    Chars(&'a [char]),
}

/// How text between quotes is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    /// Up to `"`.
    Double,
    /// Up to the end of the text.
    HereDoc,
    /// Up to `}`: the word of `${x:-word}` that stands inside quotes itself.
    Braces,
}

impl Parser {
    /// A word, or `None` (and nothing read) where none stands.
    pub(super) fn word(&mut self) -> Parsed<Option<Word>> {
        self.word_until(Stop::Meta)
    }

    /// The one word the text consists of.
    pub fn single_word(&mut self) -> Parsed<Option<Word>> {
        self.word()
    }

    pub(super) fn word_until(&mut self, stop: Stop) -> Parsed<Option<Word>> {
        let start = self.pos;
        let parts = self.unquoted_parts(stop)?;
        if self.pos == start {
            return Ok(None);
        }
        Ok(Some(Word { parts, raw: self.slice(start, self.pos).into() }))
    }

    pub(super) fn unquoted_parts(&mut self, stop: Stop) -> Parsed<Vec<Part>> {
        self.enter()?;
        let result = self.unquoted_parts_inner(stop);
        self.leave();
        result
    }

    fn unquoted_parts_inner(&mut self, stop: Stop) -> Parsed<Vec<Part>> {
        let mut parts = Vec::new();
        let mut nesting = 0usize;
        while let Some(c) = self.peek() {
            if self.at_process_substitution(stop) {
                parts.push(self.process_substitution(c == '<')?);
                continue;
            }
            if self.at_extended_pattern(stop) {
                self.extended_pattern(&mut parts)?;
                continue;
            }
            if stops(c, stop, nesting) {
                break;
            }
            match (stop, c) {
                (Stop::Regex, '(') | (Stop::Chars([']']), '[') => nesting += 1,
                (Stop::Regex, ')') | (Stop::Chars([']']), ']') => nesting -= 1,
                _ => {}
            }
            self.unquoted_part(&mut parts)?;
        }
        Ok(parts)
    }

    fn unquoted_part(&mut self, parts: &mut Vec<Part>) -> Parsed<()> {
        let line = self.line;
        match self.peek() {
            Some('\\') if self.peek_at(1) == Some('\n') => self.continued_line(),
            Some('\\') => {
                self.bump();
                match self.bump() {
                    None if self.dialect.partial => return self.error(ErrorKind::Unfinished),
                    None => push_quoted(parts, '\\'),
                    Some(c) => push_quoted(parts, c),
                }
            }
            Some('\'') => {
                self.bump();
                let text = self.until_quote(line)?;
                parts.push(Part::Quoted(text));
            }
            Some('"') => {
                self.bump();
                let inner = self.quoted_parts(Quotes::Double)?;
                self.bump();
                parts.push(Part::Double(inner));
            }
            Some('$') => match self.dollar(false)? {
                Some(part) => parts.push(part),
                None => push_literal(parts, '$'),
            },
            Some('`') => parts.push(self.backquotes(false)?),
            Some(c) => {
                self.bump();
                push_literal(parts, c);
            }
            None => {}
        }
        Ok(())
    }

    fn until_quote(&mut self, line: u32) -> Parsed<String> {
        let mut text = String::new();
        loop {
            match self.bump() {
                None => return self.unmatched('\'', line),
                Some('\'') => return Ok(text),
                Some(c) => text.push(c),
            }
        }
    }

    /// Parts between quotes, up to (not including) what ends them.
    pub(super) fn quoted_parts(&mut self, quotes: Quotes) -> Parsed<Vec<Part>> {
        self.enter()?;
        let result = self.quoted_parts_inner(quotes);
        self.leave();
        result
    }

    fn quoted_parts_inner(&mut self, quotes: Quotes) -> Parsed<Vec<Part>> {
        let mut parts = Vec::new();
        let line = self.line;
        loop {
            let Some(c) = self.peek() else {
                return match quotes {
                    Quotes::Double => self.unmatched('"', line),
                    Quotes::Braces => self.unmatched('}', line),
                    Quotes::HereDoc => Ok(parts),
                };
            };
            match c {
                '"' if quotes == Quotes::Double => return Ok(parts),
                '}' if quotes == Quotes::Braces => return Ok(parts),
                '"' if quotes == Quotes::Braces => {
                    self.bump();
                    let inner = self.quoted_parts(Quotes::Double)?;
                    self.bump();
                    parts.push(Part::Double(inner));
                }
                '\\' => self.quoted_backslash(quotes, &mut parts),
                '$' => match self.dollar(true)? {
                    Some(part) => parts.push(part),
                    None => push_literal(&mut parts, '$'),
                },
                '`' => parts.push(self.backquotes(quotes != Quotes::HereDoc)?),
                c => {
                    self.bump();
                    push_literal(&mut parts, c);
                }
            }
        }
    }

    fn quoted_backslash(&mut self, quotes: Quotes, parts: &mut Vec<Part>) {
        self.bump();
        match self.peek() {
            Some('\n') => {
                self.bump();
            }
            Some(c @ ('$' | '`' | '\\')) => {
                self.bump();
                push_literal(parts, c);
            }
            Some('"') if quotes != Quotes::HereDoc => {
                self.bump();
                push_literal(parts, '"');
            }
            Some('}') if quotes == Quotes::Braces => {
                self.bump();
                push_literal(parts, '}');
            }
            _ => push_literal(parts, '\\'),
        }
    }

    /// Whatever `$` begins; `None` (the dollar read) when it is only a dollar.
    pub(super) fn dollar(&mut self, quoted: bool) -> Parsed<Option<Part>> {
        let (start, line) = (self.pos, self.line);
        self.bump();
        match self.peek() {
            Some('\'') if !quoted && !self.dialect.posix => {
                self.bump();
                self.ansi_quoted(line).map(Some)
            }
            Some('"') if !quoted && !self.dialect.posix => {
                self.bump();
                let inner = self.quoted_parts(Quotes::Double)?;
                self.bump();
                Ok(Some(Part::Double(inner)))
            }
            Some('(') if self.peek_at(1) == Some('(') && self.closes_as_arith(self.pos + 2) => {
                self.eat("((");
                self.arith_text(&["))"], line).map(|word| Some(Part::Arith(word)))
            }
            Some('(') => {
                self.bump();
                self.command_substitution().map(Some)
            }
            Some('[') if !self.dialect.posix => {
                self.bump();
                self.arith_text(&["]"], line).map(|word| Some(Part::Arith(word)))
            }
            Some('{') => {
                self.bump();
                self.braced_parameter(start, quoted).map(Some)
            }
            _ => Ok(self.plain_parameter()),
        }
    }

    fn ansi_quoted(&mut self, line: u32) -> Parsed<Part> {
        let start = self.pos;
        loop {
            match self.bump() {
                None => return self.unmatched('\'', line),
                Some('\\') => {
                    self.bump();
                }
                Some('\'') => return Ok(Part::Quoted(ansi_c(&self.slice(start, self.pos - 1)))),
                Some(_) => {}
            }
        }
    }

    /// The commands of `$( )`, up to and including the parenthesis.
    fn command_substitution(&mut self) -> Parsed<Part> {
        let start = self.pos;
        let list = self.enclosed_list()?;
        let text = self.slice(start, self.pos - 1);
        Ok(Part::Command(Rc::new(Substitution { list: Ok(list), text })))
    }

    fn at_process_substitution(&self, stop: Stop) -> bool {
        matches!(stop, Stop::Meta) && !self.dialect.posix && (self.looking_at("<(") || self.looking_at(">("))
    }

    fn process_substitution(&mut self, input: bool) -> Parsed<Part> {
        self.bump();
        self.bump();
        let list = Rc::new(self.enclosed_list()?);
        Ok(Part::Process { input, list })
    }

    fn enclosed_list(&mut self) -> Parsed<List> {
        self.enter()?;
        let pending = std::mem::take(&mut self.pending_heredocs);
        let aliases = std::mem::take(&mut self.alias_ends);
        let result = self.enclosed_list_inner();
        self.alias_ends = aliases;
        let inner = std::mem::replace(&mut self.pending_heredocs, pending);
        self.pending_heredocs.extend(inner);
        self.leave();
        result.map_err(|error| match error.kind {
            ErrorKind::UnexpectedEnd => ParseError { kind: ErrorKind::Unmatched(')'), line: error.line },
            _ => error,
        })
    }

    fn enclosed_list_inner(&mut self) -> Parsed<List> {
        self.skip_newlines()?;
        let list = if self.peek() == Some(')') { List::default() } else { self.compound_list()? };
        self.skip_newlines()?;
        if self.eat(")") { Ok(list) } else { Err(self.unexpected()) }
    }

    fn backquotes(&mut self, quoted: bool) -> Parsed<Part> {
        let line = self.line;
        self.bump();
        let mut text = String::new();
        loop {
            match self.bump() {
                None => return self.unmatched('`', line),
                Some('`') => break,
                Some('\\') => match self.bump() {
                    Some(c @ ('`' | '\\' | '$')) => text.push(c),
                    Some('"') if quoted => text.push('"'),
                    Some(c) => text.extend(['\\', c]),
                    None => return self.unmatched('`', line),
                },
                Some(c) => text.push(c),
            }
        }
        let mut inner = Parser::new(&text, line, self.dialect.clone());
        inner.dialect.partial = false;
        inner.depth = self.depth + 1;
        let list = inner.whole_program().map_err(|error| {
            let shown =
                if error.shows_line() { format!("\n{}", inner.current_source_line()) } else { String::new() };
            format!("{}{shown}", error.message())
        });
        Ok(Part::Command(Rc::new(Substitution { list, text })))
    }

    /// Every command line of the text, as one list.
    pub fn whole_program(&mut self) -> Parsed<List> {
        let mut whole = List::default();
        while let Some(list) = self.next_line()? {
            whole.items.extend(list.items);
        }
        Ok(whole)
    }

    fn at_extended_pattern(&self, stop: Stop) -> bool {
        let allowed = match stop {
            Stop::Pattern => true,
            Stop::Meta | Stop::Chars(_) => self.dialect.extglob,
            Stop::Regex => false,
        };
        allowed && self.peek_at(1) == Some('(') && matches!(self.peek(), Some('?' | '*' | '+' | '@' | '!'))
    }

    fn extended_pattern(&mut self, parts: &mut Vec<Part>) -> Parsed<()> {
        let line = self.line;
        for _ in 0..2 {
            if let Some(c) = self.bump() {
                push_literal(parts, c);
            }
        }
        loop {
            match self.peek() {
                None => return self.unmatched(')', line),
                Some(')') => {
                    self.bump();
                    push_literal(parts, ')');
                    return Ok(());
                }
                Some(_) if self.at_extended_pattern(Stop::Pattern) => {
                    self.enter()?;
                    self.extended_pattern(parts)?;
                    self.leave();
                }
                Some(_) => self.unquoted_part(parts)?,
            }
        }
    }
}

fn stops(c: char, stop: Stop, nesting: usize) -> bool {
    match stop {
        Stop::Meta | Stop::Pattern => is_meta(c),
        Stop::Regex => (nesting == 0 && (is_meta(c) && !matches!(c, '(' | '|'))) || c == '\n',
        Stop::Chars(stops) => nesting == 0 && stops.contains(&c),
    }
}

pub(super) fn push_literal(parts: &mut Vec<Part>, c: char) {
    match parts.last_mut() {
        Some(Part::Literal(text)) => text.push(c),
        _ => parts.push(Part::Literal(c.to_string())),
    }
}

fn push_quoted(parts: &mut Vec<Part>, c: char) {
    parts.push(Part::Quoted(c.to_string()));
}
