//! Simple commands: assignments, words, redirections; and `name()` that turns out to be a function.

use std::cell::OnceCell;
use std::rc::Rc;

use super::ast::{Arg, Command, CommandKind, HereDoc, Redirect, RedirectKind, Simple, Word};
use super::error::ErrorKind;
use super::parser::{Parsed, Parser};

/// Builtins whose arguments are read as assignments.
const DECLARATIONS: [&str; 5] = ["declare", "typeset", "local", "export", "readonly"];

impl Parser {
    pub(super) fn simple_or_function(&mut self) -> Parsed<Command> {
        let (start, line) = (self.pos, self.line);
        let mut simple = Simple::default();
        let mut redirects = Vec::new();
        let mut declaring = false;
        let mut alias_next = false;
        loop {
            self.skip_blanks();
            if let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
                continue;
            }
            if std::mem::take(&mut alias_next) || (simple.args.is_empty() && !simple.assignments.is_empty()) {
                while self.expand_alias() {
                    self.skip_blanks();
                }
            }
            if (simple.args.is_empty() || declaring)
                && let Some(assignment) = self.assignment()?
            {
                match simple.args.is_empty() {
                    true => simple.assignments.push(assignment),
                    false => simple.args.push(Arg::Assignment(assignment)),
                }
                continue;
            }
            let word_start = self.pos;
            let Some(word) = self.word()? else { break };
            if simple.args.is_empty() {
                if simple.assignments.is_empty()
                    && redirects.is_empty()
                    && let Some(kind) = self.function_after(word_start)?
                {
                    return Ok(Command { kind, redirects: Vec::new(), span: self.span_from(start, line) });
                }
                declaring = word.literal().is_some_and(|name| DECLARATIONS.contains(&name));
            }
            alias_next = self.ended_alias_with_blank();
            simple.args.push(Arg::Word(word));
        }
        if simple.args.is_empty() && simple.assignments.is_empty() && redirects.is_empty() {
            return Err(self.unexpected());
        }
        if self.peek() == Some('(') {
            // After one word it could still be a function, so bash blames what follows the parenthesis.
            if simple.args.len() == 1 && simple.assignments.is_empty() {
                self.bump();
            }
            return Err(self.unexpected_or_newline());
        }
        Ok(Command { kind: CommandKind::Simple(simple), redirects, span: self.span_from(start, line) })
    }

    /// An alias whose text ends in a blank lets the next word be an alias too.
    fn ended_alias_with_blank(&self) -> bool {
        self.alias_ends.iter().any(|(_, end)| *end >= self.pos && *end <= self.pos + 1)
            && self.alias_ends.iter().any(|(name, _)| {
                self.dialect.aliases.get(name).is_some_and(|value| value.ends_with([' ', '\t']))
            })
    }

    fn function_after(&mut self, word_start: usize) -> Parsed<Option<CommandKind>> {
        let name = self.slice(word_start, self.pos);
        let (pos, line) = (self.pos, self.line);
        self.skip_blanks();
        if self.eat("(") {
            self.skip_blanks();
            if self.eat(")") && !name.contains(['$', '"', '\'', '`']) {
                return self.function_body(name).map(Some);
            }
        }
        (self.pos, self.line) = (pos, line);
        Ok(None)
    }

    pub(super) fn redirects(&mut self) -> Parsed<Vec<Redirect>> {
        let mut redirects = Vec::new();
        loop {
            self.skip_blanks();
            match self.redirect()? {
                Some(redirect) => redirects.push(redirect),
                None => return Ok(redirects),
            }
        }
    }

    fn redirect(&mut self) -> Parsed<Option<Redirect>> {
        let (start, line) = (self.pos, self.line);
        let mut digits = 0;
        while self.peek_at(digits).is_some_and(|c| c.is_ascii_digit()) {
            digits += 1;
        }
        let operator = self.peek_at(digits);
        let process = matches!(operator, Some('<' | '>')) && self.peek_at(digits + 1) == Some('(');
        let both = digits == 0 && self.looking_at("&>") && !self.dialect.posix;
        if !(matches!(operator, Some('<' | '>')) && !process || both) {
            return Ok(None);
        }
        let fd = self.slice(start, start + digits).parse::<i32>().ok();
        self.pos += digits;
        let kind = self.redirect_kind(fd)?;
        Ok(Some(Redirect { fd, kind, span: self.span_from(start, line) }))
    }

    fn redirect_kind(&mut self, fd: Option<i32>) -> Parsed<RedirectKind> {
        if !self.dialect.posix {
            if self.eat("&>>") {
                return Ok(RedirectKind::Both { target: self.redirect_target()?, append: true });
            }
            if self.eat("&>") {
                return Ok(RedirectKind::Both { target: self.redirect_target()?, append: false });
            }
            if self.eat("<<<") {
                return Ok(RedirectKind::HereString(self.redirect_target()?));
            }
        }
        if self.eat("<<-") {
            return self.here_document(true);
        }
        if self.eat("<<") {
            return self.here_document(false);
        }
        if self.eat("<&") {
            return Ok(RedirectKind::Duplicate { target: self.redirect_target()?, input: true });
        }
        if self.eat(">&") {
            let target = self.redirect_target()?;
            let to_file = fd.is_none() && target.literal().is_some_and(|text| !is_descriptor(text));
            return Ok(match to_file {
                true => RedirectKind::Both { target, append: false },
                false => RedirectKind::Duplicate { target, input: false },
            });
        }
        if self.eat("<>") {
            return Ok(RedirectKind::ReadWrite(self.redirect_target()?));
        }
        if self.eat(">>") {
            return Ok(RedirectKind::Append(self.redirect_target()?));
        }
        if self.eat(">|") {
            return Ok(RedirectKind::Write { target: self.redirect_target()?, clobber: true });
        }
        if self.eat(">") {
            return Ok(RedirectKind::Write { target: self.redirect_target()?, clobber: false });
        }
        self.eat("<");
        Ok(RedirectKind::Read(self.redirect_target()?))
    }

    fn redirect_target(&mut self) -> Parsed<Word> {
        self.skip_blanks();
        match self.word()? {
            Some(word) => Ok(word),
            None => Err(self.redirect_target_error()),
        }
    }

    fn redirect_target_error(&mut self) -> super::error::ParseError {
        let mut error = self.unexpected_or_newline();
        if self.peek().is_none() {
            error.kind = ErrorKind::Unexpected("newline".into());
        }
        error
    }

    fn here_document(&mut self, strip_tabs: bool) -> Parsed<RedirectKind> {
        self.skip_blanks();
        let line = self.line;
        let start = self.pos;
        if self.word()?.is_none() {
            return Err(self.redirect_target_error());
        }
        let (delimiter, quoted) = super::quoting::remove_quotes(&self.chars[start..self.pos]);
        let doc = Rc::new(HereDoc { delimiter, quoted, strip_tabs, body: OnceCell::new() });
        self.pending_heredocs.push((doc.clone(), line));
        Ok(RedirectKind::HereDoc(doc))
    }
}

fn is_descriptor(text: &str) -> bool {
    let number = text.strip_suffix('-').unwrap_or(text);
    text == "-" || (!number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
}
