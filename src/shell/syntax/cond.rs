//! `[[ ... ]]`: its own small grammar with its own messages.

use super::ast::{Cond, Word};
use super::error::ErrorKind;
use super::parser::{Parsed, Parser};
use super::words::Stop;

const BINARY: [&str; 15] =
    ["==", "=", "!=", "=~", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"];

impl Parser {
    pub(super) fn cond_command(&mut self) -> Parsed<Cond> {
        let cond = self.cond_or()?;
        self.cond_blanks()?;
        if self.eat_reserved("]]") {
            return Ok(cond);
        }
        let message = match self.cond_token() {
            Some(token) => format!("syntax error in conditional expression: unexpected token `{token}'"),
            None => return Err(self.end_error()),
        };
        self.error(ErrorKind::Conditional(message))
    }

    fn cond_blanks(&mut self) -> Parsed<()> {
        self.skip_newlines()
    }

    fn cond_or(&mut self) -> Parsed<Cond> {
        let mut left = self.cond_and()?;
        loop {
            self.cond_blanks()?;
            if !self.eat("||") {
                return Ok(left);
            }
            left = Cond::Or(Box::new(left), Box::new(self.cond_and()?));
        }
    }

    fn cond_and(&mut self) -> Parsed<Cond> {
        let mut left = self.cond_not()?;
        loop {
            self.cond_blanks()?;
            if !self.eat("&&") {
                return Ok(left);
            }
            left = Cond::And(Box::new(left), Box::new(self.cond_not()?));
        }
    }

    fn cond_not(&mut self) -> Parsed<Cond> {
        self.cond_blanks()?;
        self.enter()?;
        let result = if self.eat_reserved("!") {
            self.cond_not().map(|inner| Cond::Not(Box::new(inner)))
        } else {
            self.cond_primary()
        };
        self.leave();
        result
    }

    fn cond_primary(&mut self) -> Parsed<Cond> {
        if self.eat("(") {
            let inner = self.cond_or()?;
            self.cond_blanks()?;
            if self.eat(")") {
                return Ok(inner);
            }
            return match self.cond_token() {
                Some(token) => {
                    self.error(ErrorKind::Conditional(format!("unexpected token `{token}', expected `)'")))
                }
                None => Err(self.end_error()),
            };
        }
        if self.peek_reserved() == Some("]]") || self.peek_operator().is_some() {
            let token = self.cond_token().unwrap_or_default();
            let message = format!("unexpected token `{token}' in conditional command");
            return self.error(ErrorKind::Conditional(message));
        }
        let Some(left) = self.cond_word(Stop::Meta)? else { return Err(self.end_error()) };
        self.skip_blanks();
        if let Some(op) = left.literal().filter(|text| is_unary(text)).map(str::to_string)
            && (self.cond_binary_operator().is_none() || self.peek_reserved().is_some())
        {
            if self.peek_reserved() == Some("]]") || self.cond_at_end() {
                return self.cond_argument_error("unary");
            }
            if let Some(operand) = self.cond_word(Stop::Meta)? {
                return Ok(Cond::Unary(op, operand));
            }
            return self.cond_argument_error("unary");
        }
        self.cond_rest(left)
    }

    fn cond_rest(&mut self, left: Word) -> Parsed<Cond> {
        let Some(op) = self.cond_binary_operator() else {
            if self.cond_at_end() && self.dialect.partial {
                return Err(self.end_error());
            }
            if self.peek_reserved() == Some("]]") || matches!(self.peek_operator(), Some("&&" | "||" | ")")) {
                return Ok(Cond::Word(left));
            }
            let message = match self.cond_at_end() {
                true => "unexpected token `newline', conditional binary operator expected",
                false => "conditional binary operator expected",
            };
            return self.error(ErrorKind::Conditional(message.into()));
        };
        self.eat(op);
        self.skip_blanks();
        if self.peek_reserved() == Some("]]") || self.cond_at_end() {
            return self.cond_argument_error("binary");
        }
        let stop = match op {
            "=~" => Stop::Regex,
            "==" | "=" | "!=" => Stop::Pattern,
            _ => Stop::Meta,
        };
        match self.cond_word(stop)? {
            Some(right) => Ok(Cond::Binary(op.to_string(), left, right)),
            None => self.cond_argument_error("binary"),
        }
    }

    fn cond_word(&mut self, stop: Stop) -> Parsed<Option<Word>> {
        self.skip_blanks();
        self.word_until(stop)
    }

    fn cond_at_end(&self) -> bool {
        matches!(self.peek(), None | Some('\n'))
    }

    fn cond_binary_operator(&self) -> Option<&'static str> {
        BINARY.into_iter().find(|op| {
            let after = self.peek_at(op.chars().count());
            self.looking_at(op)
                && (matches!(*op, "<" | ">") || after.is_none_or(|c| matches!(c, ' ' | '\t' | '\n')))
        })
    }

    fn cond_argument_error<T>(&mut self, arity: &str) -> Parsed<T> {
        match self.cond_token() {
            Some(token) => {
                let text = format!("unexpected argument `{token}' to conditional {arity} operator");
                self.error(ErrorKind::Conditional(text))
            }
            None => Err(self.end_error()),
        }
    }

    fn cond_token(&mut self) -> Option<String> {
        self.skip_blanks();
        match self.peek()? {
            '\n' => Some("newline".into()),
            _ => match self.peek_operator() {
                Some(op) => Some(op.into()),
                None => self.word().ok().flatten().map(|word| word.raw.to_string()),
            },
        }
    }
}

fn is_unary(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next() == Some('-')
        && chars.next().is_some_and(|c| "abcdefghknoprstuvwxzGLNORS".contains(c))
        && chars.next().is_none()
}
