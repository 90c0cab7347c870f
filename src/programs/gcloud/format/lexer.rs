//! The words of format and filter expressions: keys, tokens, arguments, and where one goes wrong. Must never know what
//! an expression is for.

/// A part of a resource key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A field.
    Name(String),
    /// An item; negative ones count from the end.
    Index(i64),
    /// Every item.
    Each,
}

/// A resource key such as `a.b[0].c`.
pub type Key = Vec<Part>;

/// Characters that end a field's name.
const RESERVED: &str = "[].(){},:=!<>+*/%&|^~@#;?-";
/// Those of them that a name may hold behind its first character.
const INNER: &str = "-";

/// Reads an expression from left to right.
pub struct Lexer {
    text: Vec<char>,
    at: usize,
}

impl Lexer {
    /// At the expression's begin.
    pub fn new(text: &str) -> Self {
        Lexer { text: text.chars().collect(), at: 0 }
    }

    /// Where it stands.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Goes elsewhere.
    pub fn set_position(&mut self, at: usize) {
        self.at = at;
    }

    /// Whether nothing is left.
    pub fn at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    /// The expression with a mark at a position.
    pub fn annotate(&self, at: usize) -> String {
        let blank = |index: usize| self.text.get(index).is_none_or(|c| c.is_whitespace());
        let before = if at > 0 && !blank(at - 1) { " " } else { "" };
        let behind = if at < self.text.len() && !blank(at) { " " } else { "" };
        let (head, tail): (String, String) =
            (self.text[..at].iter().collect(), self.text[at..].iter().collect());
        format!("{head}{before}*HERE*{behind}{tail}")
    }

    /// A refusal that points at a position.
    ///
    /// # Errors
    /// Always.
    pub fn fail<T>(&self, what: &str, at: usize) -> Result<T, String> {
        Err(format!("{what} [{}].", self.annotate(at)))
    }

    /// Whether more follows behind blanks.
    pub fn skip_space(&mut self) -> bool {
        while self.text.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
        !self.at_end()
    }

    /// The next character.
    pub fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    /// Takes the next character if it is one of these.
    pub fn take(&mut self, of: &str) -> Option<char> {
        let next = self.peek().filter(|c| of.contains(*c))?;
        self.at += 1;
        Some(next)
    }

    /// As [`Lexer::take`], where the expression must not end yet.
    ///
    /// # Errors
    /// When it does.
    pub fn need(&mut self, of: &str) -> Result<Option<char>, String> {
        if self.at_end() {
            return self.fail("More tokens expected", self.at);
        }
        Ok(self.take(of))
    }

    /// Takes a word that stands alone, such as `AND`.
    pub fn word(&mut self, word: &str, keep: bool) -> bool {
        if !self.skip_space() {
            return false;
        }
        let end = self.at + word.len();
        let same = self.text[self.at..].iter().take(word.len()).copied().eq(word.chars());
        let ends = self.text.get(end).is_none_or(|c| c.is_whitespace() || *c == '(');
        if same && ends && !keep {
            self.at = end;
        }
        same && ends
    }

    /// A token up to one of the terminators, without its quotes; parentheses may have to balance.
    ///
    /// # Errors
    /// A quote without end.
    pub fn token(&mut self, terminators: &str, balance: bool) -> Result<Option<String>, String> {
        let (mut token, mut quote, mut depth): (Option<String>, Option<char>, usize) = (None, None, 0);
        let mut at = self.at;
        // How much of the token stays when blanks at its end go: quoted ones do not.
        let mut kept = 0;
        while let Some(c) = self.text.get(at).copied() {
            match c {
                '\\' if at + 1 < self.text.len() => {
                    let next = self.text[at + 1];
                    let text = token.get_or_insert_default();
                    if next != '\\' && Some(next) != quote && (quote.is_some() || !"'\"".contains(next)) {
                        text.push('\\');
                    }
                    text.push(next);
                    at += 1;
                }
                c if Some(c) == quote => {
                    quote = None;
                    kept = token.as_ref().map_or(0, String::len);
                }
                '\'' | '"' if quote.is_none() => {
                    quote = Some(c);
                    token.get_or_insert_default();
                }
                c if quote.is_none() && balance && "()".contains(c) => {
                    if c == ')' && depth == 0 && terminators.contains(c) {
                        break;
                    }
                    depth = if c == '(' { depth + 1 } else { depth.saturating_sub(1) };
                    token.get_or_insert_default().push(c);
                }
                c if quote.is_none() && depth == 0 && terminators.contains(c) => break,
                c if c.is_whitespace() && quote.is_none() => match &mut token {
                    None => {}
                    Some(text) if balance => text.push(c),
                    Some(_) => break,
                },
                c => token.get_or_insert_default().push(c),
            }
            at += 1;
        }
        if let Some(quote) = quote {
            return Err(format!("Unterminated [{quote}] quote [{}].", self.annotate(self.at)));
        }
        self.at = at;
        if let Some(text) = token.as_mut().filter(|_| balance) {
            let end = text.trim_end().len().max(kept);
            text.truncate(end);
        }
        Ok(token)
    }

    /// Arguments up to the closing parenthesis, separated by one of the separators.
    ///
    /// # Errors
    /// An argument that is missing.
    pub fn arguments(&mut self, separators: &str) -> Result<Vec<String>, String> {
        let terminators = format!("{separators})");
        let (mut arguments, mut required) = (Vec::new(), false);
        loop {
            let here = self.at;
            let argument = self.token(&terminators, true)?;
            let end = self.need(")")?.is_some();
            let separator = if end { None } else { self.take(separators) };
            let blank = separator.is_some_and(char::is_whitespace);
            match argument {
                Some(text) if !text.is_empty() || !blank => arguments.push(text),
                Some(_) => {}
                None if blank => {}
                None if required || !end => return self.fail("Argument expected", here),
                None => {}
            }
            if end {
                return Ok(arguments);
            }
            required = separator.is_some() && !blank;
        }
    }

    /// A key.
    ///
    /// # Errors
    /// What is no key.
    pub fn key(&mut self) -> Result<Key, String> {
        let mut key = Key::new();
        loop {
            if !self.skip_space() {
                return self.fail("More tokens expected", self.at);
            }
            let here = self.at;
            let name = self.name()?;
            match name {
                Some(name) if name.is_empty() => return self.fail("Non-empty key name expected", here),
                Some(name) => key.push(Part::Name(name)),
                None if self.peek() == Some('[') => {}
                None if self.peek() == Some('.') && key.is_empty() => {
                    self.at += 1;
                    return Ok(key);
                }
                None => return self.fail("Non-empty key name expected", here),
            }
            while self.take("[").is_some() {
                let here = self.at;
                let index = self.token("]", false)?;
                self.need("]")?;
                key.push(match index.as_deref().map(str::trim) {
                    None | Some("") => Part::Each,
                    Some(text) => match text.parse() {
                        Ok(index) => Part::Index(index),
                        Err(_) => return self.fail("Integer index expected", here),
                    },
                });
            }
            if self.peek() != Some('.') {
                return Ok(key);
            }
            self.at += 1;
        }
    }

    fn name(&mut self) -> Result<Option<String>, String> {
        self.skip_space();
        if self.peek().is_some_and(|c| "'\"".contains(c)) {
            let quote = self.peek();
            self.at += 1;
            let begin = self.at;
            while self.peek() != quote {
                if self.at_end() {
                    return self.fail("Unterminated quote", begin);
                }
                self.at += 1;
            }
            self.at += 1;
            return Ok(Some(self.text[begin..self.at - 1].iter().collect()));
        }
        let begin = self.at;
        while let Some(c) = self.peek() {
            let inner = self.at > begin && INNER.contains(c);
            if c.is_whitespace() || (RESERVED.contains(c) && !inner) {
                break;
            }
            self.at += 1;
        }
        Ok((self.at > begin).then(|| self.text[begin..self.at].iter().collect()))
    }
}

/// A key as it is written.
pub fn key_name(key: &[Part]) -> String {
    let mut text = String::new();
    for part in key {
        match part {
            Part::Name(name) if text.is_empty() => text.push_str(name),
            Part::Name(name) => text.push_str(&format!(".{name}")),
            Part::Index(index) => text.push_str(&format!("[{index}]")),
            Part::Each => text.push_str("[]"),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_names_indices_and_slices() {
        let key = Lexer::new("a.b-c[0].d[]").key().expect("a key");
        assert_eq!(key_name(&key), "a.b-c[0].d[]");
        assert_eq!(key.len(), 5);
    }

    #[test]
    fn what_goes_wrong_is_marked() {
        let mut lexer = Lexer::new("value(name");
        lexer.set_position(10);
        assert_eq!(lexer.need(")"), Err("More tokens expected [value(name *HERE*].".to_owned()));
    }

    #[test]
    fn arguments_may_hold_parentheses_and_quotes() {
        let arguments = Lexer::new("a(b,c), \"x,y\")").arguments(",").expect("arguments");
        assert_eq!(arguments, ["a(b,c)", "x,y"]);
        let arguments = Lexer::new("a , separator=\"; \" )").arguments(",").expect("arguments");
        assert_eq!(arguments, ["a", "separator=; "]);
    }
}
