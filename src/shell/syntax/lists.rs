//! Lists, and-or chains and pipelines. Newlines separate commands here and only here.

use super::ast::{AndOr, Command, Connector, Item, List, Pipeline, Redirect, RedirectKind, Word};
use super::parser::{Parsed, Parser};

impl Parser {
    /// A list on one command line: it ends at the newline.
    pub(super) fn line_list(&mut self) -> Parsed<List> {
        let mut items = Vec::new();
        loop {
            let chain = self.and_or()?;
            let background = self.looking_at("&") && !self.looking_at("&&");
            items.push(Item { chain, background });
            if !(background || self.looking_at(";") && !self.looking_at(";;")) {
                break;
            }
            self.bump();
            self.skip_blanks();
            if matches!(self.peek(), None | Some('\n')) {
                break;
            }
        }
        Ok(List { items })
    }

    /// A list inside a compound command: it runs on over newlines to whatever closes it. At least one command.
    pub(super) fn compound_list(&mut self) -> Parsed<List> {
        self.skip_newlines()?;
        if self.peek().is_none() {
            return Err(self.end_error());
        }
        let mut items = Vec::new();
        loop {
            let chain = self.and_or()?;
            let background = self.looking_at("&") && !self.looking_at("&&");
            items.push(Item { chain, background });
            let separated =
                background || self.looking_at(";") && !self.looking_at(";;") && !self.looking_at(";&");
            if separated {
                self.bump();
            }
            let before = self.pos;
            self.skip_blanks();
            let newline = self.peek() == Some('\n');
            if !separated && !newline {
                self.pos = before.max(self.pos);
                break;
            }
            self.skip_newlines()?;
            if self.at_list_end() {
                break;
            }
        }
        Ok(List { items })
    }

    /// What closes a compound list: a reserved word that opens nothing, `)`, `;;` or the end.
    fn at_list_end(&self) -> bool {
        if self.peek().is_none() || matches!(self.peek_operator(), Some(")" | ";;" | ";&" | ";;&")) {
            return true;
        }
        matches!(self.peek_reserved(), Some("then" | "elif" | "else" | "fi" | "do" | "done" | "esac" | "}"))
    }

    fn and_or(&mut self) -> Parsed<AndOr> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.skip_blanks();
            let connector = if self.eat("&&") {
                Connector::And
            } else if self.eat("||") {
                Connector::Or
            } else {
                return Ok(AndOr { first, rest });
            };
            self.skip_newlines()?;
            rest.push((connector, self.pipeline()?));
        }
    }

    fn pipeline(&mut self) -> Parsed<Pipeline> {
        let mut pipeline = Pipeline { negated: false, timed: None, commands: Vec::new() };
        self.skip_blanks();
        loop {
            if self.eat_reserved("!") {
                pipeline.negated = !pipeline.negated;
            } else if self.eat_reserved("time") {
                self.skip_blanks();
                let posix = self.looking_at("-p") && self.peek_at(2).is_none_or(|c| c == ' ');
                if posix {
                    self.eat("-p");
                }
                pipeline.timed = Some(posix);
            } else {
                break;
            }
            self.skip_blanks();
            let nothing = matches!(self.peek(), None | Some('\n' | ';'));
            if nothing && !(self.dialect.partial && self.peek().is_none()) {
                return Ok(pipeline);
            }
        }
        loop {
            let mut command = self.command()?;
            self.skip_blanks();
            let both = self.looking_at("|&");
            let piped = both || self.looking_at("|") && !self.looking_at("||");
            if both {
                command.redirects.push(stderr_to_stdout(&command));
            }
            pipeline.commands.push(command);
            if !piped {
                return Ok(pipeline);
            }
            self.bump();
            if both {
                self.bump();
            }
            self.skip_newlines()?;
        }
    }
}

/// `|&` is `2>&1 |`.
fn stderr_to_stdout(command: &Command) -> Redirect {
    let target = Word::from_text("1");
    Redirect { fd: Some(2), kind: RedirectKind::Duplicate { target, input: false }, span: command.span }
}
