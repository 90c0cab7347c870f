//! Running a text: `-c`, a script, `eval`, a trap; and the complaint when it cannot be read.

use super::super::state::{Flavor, Shell};
use super::super::syntax::{ErrorKind, ParseError, Parser};
use super::{Flow, LocalFuture, Outcome};

/// Where a text comes from: it decides the words of a complaint, and what an aborted line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// `-c`
    Argument,
    /// A script, or a sourced file: the next line goes on after an aborted one.
    File,
    /// Standard input, line by line.
    Input,
    /// `eval` and traps.
    Eval,
}

impl Shell {
    /// Runs every command line of a text.
    pub fn run_text<'a>(
        &'a mut self,
        text: &'a str,
        first_line: u32,
        origin: Origin,
    ) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            let mut parser = Parser::new(text, first_line, self.dialect(false));
            let mut ran = false;
            loop {
                parser.set_dialect(self.dialect(false));
                let before = parser.position();
                let parsed = parser.next_line();
                self.warn(&mut parser).await;
                let list = match parsed {
                    Ok(Some(list)) => list,
                    Ok(None) => return Ok(if ran { self.status } else { 0 }),
                    Err(error) => {
                        let line = parser.current_source_line();
                        return self.syntax_error(&error, &line, origin).await;
                    }
                };
                ran = true;
                if self.options.verbose {
                    let read: String = text.chars().skip(before).take(parser.position() - before).collect();
                    self.err_text(&format!("{}\n", read.trim_end_matches('\n'))).await?;
                }
                if self.options.noexec && !self.interactive {
                    continue;
                }
                match self.run_list(&list).await {
                    Ok(_) => {}
                    Err(Flow::Abort(status)) if origin == Origin::File && self.subshell_depth == 0 => {
                        self.status = status;
                    }
                    Err(flow) => return Err(flow),
                }
            }
        })
    }

    pub(in super::super) async fn warn(&mut self, parser: &mut Parser) {
        for (line, warning) in parser.take_warnings() {
            self.line = line;
            self.complain(&format!("warning: {warning}")).await;
        }
    }

    /// Complains about a text that cannot be read. The status is 2.
    pub(in super::super) async fn syntax_error(
        &mut self,
        error: &ParseError,
        source_line: &str,
        origin: Origin,
    ) -> Outcome {
        self.line = error.line;
        if !self.is_bash() && error.kind == ErrorKind::UnexpectedEnd {
            self.line = error.line.saturating_sub(1).max(1);
        }
        let text = match self.flavor {
            Flavor::Bash => self.bash_syntax_error(error, source_line, origin),
            Flavor::Dash => format!("{}{}\n", self.prefix(), dash_syntax_error(error)),
            Flavor::Ash => format!("{}syntax error: {}\n", self.prefix(), ash_syntax_error(error)),
        };
        self.err_text(&text).await?;
        self.status = 2;
        match origin {
            Origin::Eval if self.is_bash() => Ok(2),
            _ if self.interactive => Ok(2),
            _ => Err(Flow::Exit(2)),
        }
    }

    fn bash_syntax_error(&self, error: &ParseError, source_line: &str, origin: Origin) -> String {
        let line = error.line;
        let prefix = match (origin, self.sources.last()) {
            (Origin::Eval, _) if self.interactive => format!("{}: eval: line {line}: ", self.arg0),
            (_, Some(source)) => format!("{source}: line {line}: "),
            (Origin::Argument, _) => format!("{}: -c: line {line}: ", self.arg0),
            (Origin::Eval, _) => format!("{}: eval: line {line}: ", self.arg0),
            _ => self.prefix(),
        };
        let mut text = format!("{prefix}{}\n", error.message());
        if error.shows_line() && !(self.interactive && origin == Origin::Input) {
            text.push_str(&format!("{prefix}`{source_line}'\n"));
        }
        text
    }
}

fn dash_syntax_error(error: &ParseError) -> String {
    match &error.kind {
        ErrorKind::Unexpected(token) if token == "newline" => "Syntax error: newline unexpected".into(),
        ErrorKind::Unexpected(token) => format!("Syntax error: \"{token}\" unexpected"),
        ErrorKind::Unmatched('\'' | '"') => "Syntax error: Unterminated quoted string".into(),
        ErrorKind::Unmatched(_) | ErrorKind::UnexpectedEnd | ErrorKind::Unfinished => {
            "Syntax error: end of file unexpected".into()
        }
        _ => format!("Syntax error: {}", error.message()),
    }
}

fn ash_syntax_error(error: &ParseError) -> String {
    match &error.kind {
        ErrorKind::Unexpected(token) if token == "newline" => "unexpected newline".into(),
        ErrorKind::Unexpected(token) => format!("unexpected \"{token}\""),
        ErrorKind::Unmatched('\'' | '"') => "unterminated quoted string".into(),
        ErrorKind::Unmatched(_) | ErrorKind::UnexpectedEnd | ErrorKind::Unfinished => {
            "unexpected end of file".into()
        }
        _ => error.message(),
    }
}
