//! Commands: the compound ones and function definitions. Simple commands are read in `simple`.

use std::rc::Rc;

use super::ast::{CaseArm, CaseEnd, Command, CommandKind, List, Word};
use super::error::ErrorKind;
use super::parser::{Parsed, Parser, is_meta};

impl Parser {
    pub(super) fn command(&mut self) -> Parsed<Command> {
        self.enter()?;
        let result = self.command_inner();
        self.leave();
        result
    }

    fn command_inner(&mut self) -> Parsed<Command> {
        self.skip_blanks();
        while self.expand_alias() {
            self.skip_blanks();
        }
        if self.peek().is_none() {
            return Err(self.end_error());
        }
        let (start, line) = (self.pos, self.line);
        let Some(kind) = self.compound()? else { return self.simple_or_function() };
        self.finish_compound(kind, start, line)
    }

    fn finish_compound(&mut self, kind: CommandKind, start: usize, line: u32) -> Parsed<Command> {
        let redirects = self.redirects()?;
        self.skip_blanks();
        let ends = self.peek().is_none_or(|c| c == '\n' || self.peek_operator().is_some_and(|op| op != "("));
        if !ends && !self.at_closing_word() {
            return Err(self.unexpected());
        }
        Ok(Command { kind, redirects, span: self.span_from(start, line) })
    }

    /// bash accepts a reserved word directly after a compound command: `{ (echo a) }`.
    fn at_closing_word(&self) -> bool {
        matches!(self.peek_reserved(), Some("then" | "elif" | "else" | "fi" | "do" | "done" | "esac" | "}"))
    }

    fn compound(&mut self) -> Parsed<Option<CommandKind>> {
        if self.looking_at("((")
            && let Some(expression) = self.arith_command()?
        {
            return Ok(Some(CommandKind::Arith(expression)));
        }
        if self.eat("(") {
            let list = self.compound_list()?;
            self.skip_newlines()?;
            self.expect_operator(")")?;
            return Ok(Some(CommandKind::Subshell(list)));
        }
        let Some(word) = self.peek_reserved() else { return Ok(None) };
        if matches!(word, "if" | "for" | "select" | "while" | "until" | "case" | "function" | "{" | "[[") {
            self.eat_reserved(word);
        }
        let kind = match word {
            "{" => CommandKind::Group(self.group()?),
            "if" => self.if_command()?,
            "for" => self.for_command(false)?,
            "select" => self.for_command(true)?,
            "while" => self.while_command(false)?,
            "until" => self.while_command(true)?,
            "case" => self.case_command()?,
            "function" => self.function_keyword()?,
            "[[" => CommandKind::Cond(self.cond_command()?),
            "in" | "]]" | "coproc" => return Ok(None),
            _ => return Err(self.unexpected()),
        };
        Ok(Some(kind))
    }

    fn expect_operator(&mut self, op: &str) -> Parsed<()> {
        self.skip_blanks();
        if self.eat(op) { Ok(()) } else { Err(self.unexpected()) }
    }

    pub(super) fn expect_reserved(&mut self, word: &str) -> Parsed<()> {
        self.skip_newlines()?;
        if self.eat_reserved(word) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn group(&mut self) -> Parsed<List> {
        let list = self.compound_list()?;
        self.expect_reserved("}")?;
        Ok(list)
    }

    fn if_command(&mut self) -> Parsed<CommandKind> {
        let mut arms = Vec::new();
        loop {
            let condition = self.compound_list()?;
            self.expect_reserved("then")?;
            let body = self.compound_list()?;
            arms.push((condition, body));
            self.skip_newlines()?;
            if self.eat_reserved("elif") {
                continue;
            }
            let otherwise = if self.eat_reserved("else") { Some(self.compound_list()?) } else { None };
            self.expect_reserved("fi")?;
            return Ok(CommandKind::If { arms, otherwise });
        }
    }

    fn while_command(&mut self, until: bool) -> Parsed<CommandKind> {
        let condition = self.compound_list()?;
        let body = self.do_group()?;
        Ok(CommandKind::While { until, condition, body })
    }

    fn do_group(&mut self) -> Parsed<List> {
        self.expect_reserved("do")?;
        let body = self.compound_list()?;
        self.expect_reserved("done")?;
        Ok(body)
    }

    fn for_command(&mut self, select: bool) -> Parsed<CommandKind> {
        self.skip_blanks();
        if !select && self.looking_at("((") {
            return self.for_arith();
        }
        if matches!(self.peek(), None | Some('\n')) {
            return Err(self.unexpected_or_newline());
        }
        let start = self.pos;
        if self.word()?.is_none() {
            return Err(self.unexpected());
        }
        let name = self.slice(start, self.pos);
        self.skip_newlines()?;
        let words = if self.eat_reserved("in") {
            Some(self.words_to_separator()?)
        } else {
            if self.looking_at(";") && !self.looking_at(";;") {
                self.bump();
            }
            None
        };
        self.skip_newlines()?;
        let body = if self.eat_reserved("{") { self.group()? } else { self.do_group()? };
        Ok(CommandKind::For { name, words, body, select })
    }

    fn words_to_separator(&mut self) -> Parsed<Vec<Word>> {
        let mut words = Vec::new();
        loop {
            self.skip_blanks();
            if let Some(word) = self.word()? {
                words.push(word);
                continue;
            }
            if self.looking_at(";") && !self.looking_at(";;") {
                self.bump();
            } else if self.peek().is_some_and(|c| c != '\n') {
                return Err(self.unexpected());
            }
            return Ok(words);
        }
    }

    fn for_arith(&mut self) -> Parsed<CommandKind> {
        let line = self.line;
        self.eat("((");
        let mut parts = Vec::new();
        while parts.len() < 3 {
            let end: &[&str] = if parts.len() < 2 { &[";"] } else { &["))"] };
            parts.push(self.arith_text(end, line)?);
        }
        self.skip_blanks();
        if self.looking_at(";") {
            self.bump();
        }
        self.skip_newlines()?;
        let body = if self.eat_reserved("{") { self.group()? } else { self.do_group()? };
        let parts: [Word; 3] = parts.try_into().unwrap_or_default();
        Ok(CommandKind::ForArith { parts, body })
    }

    /// `(( expression ))`; `None` (and nothing read) when the parentheses turn out to be two subshells.
    fn arith_command(&mut self) -> Parsed<Option<Word>> {
        let (pos, line) = (self.pos, self.line);
        if !self.closes_as_arith(pos + 2) {
            return Ok(None);
        }
        self.eat("((");
        self.arith_text(&["))"], line).map(Some)
    }

    fn case_command(&mut self) -> Parsed<CommandKind> {
        self.skip_blanks();
        let Some(word) = self.word()? else { return Err(self.unexpected_or_newline()) };
        self.expect_reserved("in")?;
        let mut arms = Vec::new();
        loop {
            self.skip_newlines()?;
            if self.eat_reserved("esac") {
                return Ok(CommandKind::Case { word, arms });
            }
            if self.peek().is_none() {
                return Err(self.end_error());
            }
            arms.push(self.case_arm()?);
        }
    }

    fn case_arm(&mut self) -> Parsed<CaseArm> {
        self.eat("(");
        let mut patterns = Vec::new();
        loop {
            self.skip_blanks();
            let Some(pattern) = self.word()? else { return Err(self.unexpected()) };
            patterns.push(pattern);
            self.skip_blanks();
            if !self.eat("|") {
                break;
            }
        }
        self.expect_operator(")")?;
        self.skip_newlines()?;
        let empty = self.looking_at(";;") || self.looking_at(";&") || self.peek_reserved() == Some("esac");
        let body = if empty { List::default() } else { self.compound_list()? };
        self.skip_newlines()?;
        let end = if self.eat(";;&") {
            CaseEnd::TestNext
        } else if self.eat(";;") {
            CaseEnd::Break
        } else if self.eat(";&") {
            CaseEnd::FallThrough
        } else if self.peek_reserved() == Some("esac") {
            CaseEnd::Break
        } else {
            return Err(self.unexpected());
        };
        Ok(CaseArm { patterns, body, end })
    }

    fn function_keyword(&mut self) -> Parsed<CommandKind> {
        self.skip_blanks();
        let start = self.pos;
        while self.peek().is_some_and(|c| !is_meta(c)) {
            self.pos += 1;
        }
        let name = self.slice(start, self.pos);
        if name.is_empty() {
            return Err(self.unexpected_or_newline());
        }
        self.skip_blanks();
        if self.looking_at("(") && self.chars[self.pos + 1..].iter().find(|c| **c != ' ') == Some(&')') {
            self.bump();
            self.skip_blanks();
            self.bump();
        }
        self.function_body(name)
    }

    /// The body of a function, after its name and parentheses.
    pub(super) fn function_body(&mut self, name: String) -> Parsed<CommandKind> {
        self.skip_newlines()?;
        let (start, line) = (self.pos, self.line);
        if self.peek().is_none() {
            return Err(self.end_error());
        }
        let Some(kind) = self.compound()? else { return Err(self.unexpected()) };
        let redirects = self.redirects()?;
        let body = Command { kind, redirects, span: self.span_from(start, line) };
        Ok(CommandKind::Function { name, body: Rc::new(body) })
    }

    pub(super) fn unmatched<T>(&self, wanted: char, line: u32) -> Parsed<T> {
        Err(super::error::ParseError { kind: ErrorKind::Unmatched(wanted), line })
    }
}
