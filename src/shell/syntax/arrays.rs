//! Assignments: `name=value`, `name[index]+=value`, `name=(elements)`.

use super::ast::{Assignment, Element, Index, Value, Word};
use super::error::{ErrorKind, ParseError};
use super::parser::{Parsed, Parser, is_name_char, is_name_start};

impl Parser {
    /// An assignment, or `None` (and nothing read) where the word is not one.
    pub(super) fn assignment(&mut self) -> Parsed<Option<Assignment>> {
        let (pos, line) = (self.pos, self.line);
        if !self.peek().is_some_and(is_name_start) {
            return Ok(None);
        }
        while self.peek().is_some_and(is_name_char) {
            self.pos += 1;
        }
        let name = self.slice(pos, self.pos);
        let index = match self.subscript()? {
            Some(index) => index,
            None => {
                (self.pos, self.line) = (pos, line);
                return Ok(None);
            }
        };
        let append = self.looking_at("+=") && self.bump().is_some();
        if !self.eat("=") {
            (self.pos, self.line) = (pos, line);
            return Ok(None);
        }
        let value = if self.peek() == Some('(') && !self.dialect.posix {
            Value::Array(self.elements()?)
        } else {
            Value::Scalar(self.word()?.unwrap_or_default())
        };
        Ok(Some(Assignment { name, index, append, value }))
    }

    /// `Some(None)`: no subscript. `None`: a bracket that is not a subscript of an assignment.
    #[allow(clippy::option_option)]
    fn subscript(&mut self) -> Parsed<Option<Option<Word>>> {
        if self.peek() != Some('[') || self.dialect.posix {
            return Ok(Some(None));
        }
        if !self.bracket_then_equals() {
            return Ok(None);
        }
        let start = self.pos + 1;
        Ok(match self.index()? {
            Index::Expr(word) => Some(Some(word)),
            Index::At | Index::Star => Some(Some(Word::from_text(&self.slice(start, start + 1)))),
        })
    }

    fn bracket_then_equals(&self) -> bool {
        let mut depth = 0usize;
        for ahead in 0.. {
            match self.peek_at(ahead) {
                None | Some('\n') => return false,
                Some('[') => depth += 1,
                Some(']') if depth == 1 => {
                    let plus = usize::from(self.peek_at(ahead + 1) == Some('+'));
                    return self.peek_at(ahead + 1 + plus) == Some('=');
                }
                Some(']') => depth -= 1,
                Some(_) => {}
            }
        }
        false
    }

    fn elements(&mut self) -> Parsed<Vec<Element>> {
        let line = self.line;
        self.bump();
        let mut elements = Vec::new();
        loop {
            self.skip_newlines()?;
            if self.eat(")") {
                return Ok(elements);
            }
            if self.peek().is_none() {
                return Err(ParseError { kind: ErrorKind::Unmatched(')'), line });
            }
            let mut element = Element { index: None, append: false, word: Word::default() };
            if self.peek() == Some('[') && self.bracket_then_equals() {
                if let Index::Expr(index) = self.index()? {
                    element.index = Some(index);
                }
                element.append = self.eat("+");
                self.eat("=");
                element.word = self.word()?.unwrap_or_default();
            } else {
                match self.word()? {
                    Some(word) => element.word = word,
                    None => return Err(self.unexpected()),
                }
            }
            elements.push(element);
        }
    }
}
