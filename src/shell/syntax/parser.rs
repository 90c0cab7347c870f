//! The parser's hold on the source: position, line, depth, and the small questions every rule asks of it.
//! It works on characters directly, because what a character means in bash depends on the rule that reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::ast::{HereDoc, List, Span};
use super::error::{ErrorKind, ParseError};

/// Nested commands, substitutions and quotations; beyond it the program is refused.
pub const MAX_DEPTH: usize = 120;
/// Alias replacements in one command line; a guard against aliases that feed each other.
const MAX_ALIAS_EXPANSIONS: usize = 200;

pub type Parsed<T> = Result<T, ParseError>;

/// What changes how the same characters are read.
#[derive(Debug, Clone, Default)]
pub struct Dialect {
    pub extglob: bool,
    /// `sh`: no arrays, `[[ ]]`, process substitution or here-strings.
    pub posix: bool,
    /// Aliases to replace; empty when they are off.
    pub aliases: BTreeMap<String, String>,
    /// More input may follow: a here-document that ends with the text is not finished.
    pub partial: bool,
}

/// Reads a program one complete command line at a time, so that what runs can change how the rest is read.
pub struct Parser {
    pub(super) chars: Vec<char>,
    pub(super) pos: usize,
    pub(super) line: u32,
    pub(super) depth: usize,
    pub(super) dialect: Dialect,
    pub(super) pending_heredocs: Vec<(Rc<HereDoc>, u32)>,
    /// Aliases being replaced: the name may not be replaced again before this position.
    pub(super) alias_ends: Vec<(String, usize)>,
    alias_count: usize,
    /// `bash: line 2: warning: ...` to print before running.
    pub(super) warnings: Vec<(u32, String)>,
    /// The source ends in a backslash before its newline: the command goes on in the next line.
    ends_continued: bool,
}

impl Parser {
    pub fn new(source: &str, first_line: u32, dialect: Dialect) -> Self {
        Parser {
            chars: source.chars().collect(),
            pos: 0,
            line: first_line,
            depth: 0,
            dialect,
            pending_heredocs: Vec::new(),
            alias_ends: Vec::new(),
            alias_count: 0,
            warnings: Vec::new(),
            ends_continued: false,
        }
    }

    /// Whether a backslash before the last newline asked for another line.
    pub fn ends_continued(&self) -> bool {
        self.ends_continued
    }

    /// Takes a backslash and the newline after it.
    pub(super) fn continued_line(&mut self) {
        self.bump();
        self.bump();
        self.ends_continued |= self.pos == self.chars.len();
    }

    /// Aliases and options may have changed since the last command line ran.
    pub fn set_dialect(&mut self, dialect: Dialect) {
        self.dialect = dialect;
    }

    pub fn take_warnings(&mut self) -> Vec<(u32, String)> {
        std::mem::take(&mut self.warnings)
    }

    /// The number of characters read so far.
    pub fn position(&self) -> usize {
        self.pos
    }

    pub fn line(&self) -> u32 {
        self.line
    }

    /// The text not yet read.
    pub fn rest(&self) -> String {
        self.chars[self.pos..].iter().collect()
    }

    /// The next complete command line: a list up to its newline. `None` at the end of the input.
    pub fn next_line(&mut self) -> Parsed<Option<List>> {
        self.alias_count = 0;
        self.alias_ends.clear();
        loop {
            self.skip_blanks();
            match self.peek() {
                None => return Ok(None),
                Some('\n') => self.newline()?,
                Some(_) => break,
            }
        }
        let list = self.line_list()?;
        self.skip_blanks();
        match self.peek() {
            None => self.end_heredocs()?,
            Some('\n') => self.newline()?,
            Some(_) => return Err(self.unexpected()),
        }
        Ok(Some(list))
    }

    /// The source line that contains the current position, as bash repeats it after an error.
    pub fn current_source_line(&self) -> String {
        let at = self.pos.min(self.chars.len());
        let start = self.chars[..at].iter().rposition(|&c| c == '\n').map_or(0, |i| i + 1);
        let end = self.chars[at..].iter().position(|&c| c == '\n').map_or(self.chars.len(), |i| at + i);
        self.chars[start..end].iter().collect()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.chars.get(self.pos).copied()
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.pos + ahead).copied()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.pos += 1;
        if c == '\n' {
            self.line += 1;
        }
        Some(c)
    }

    pub(super) fn looking_at(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.peek_at(i) == Some(c))
    }

    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.looking_at(text);
        if found {
            for _ in text.chars() {
                self.bump();
            }
        }
        found
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> String {
        self.chars[start..end.min(self.chars.len())].iter().collect()
    }

    pub(super) fn span_from(&self, start: usize, line: u32) -> Span {
        Span { start, end: self.pos, line }
    }

    /// Blanks, continued lines, and a comment up to (not including) its newline.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t') => self.pos += 1,
                Some('\\') if self.peek_at(1) == Some('\n') => self.continued_line(),
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.pos += 1;
                    }
                }
                _ => return,
            }
        }
    }

    /// Newlines, comments and blanks between commands.
    pub(super) fn skip_newlines(&mut self) -> Parsed<()> {
        loop {
            self.skip_blanks();
            if self.peek() != Some('\n') {
                return Ok(());
            }
            self.newline()?;
        }
    }

    /// Takes a newline, and the bodies of the here-documents announced on the line it ends.
    pub(super) fn newline(&mut self) -> Parsed<()> {
        self.bump();
        self.read_heredocs()
    }

    pub(super) fn error<T>(&self, kind: ErrorKind) -> Parsed<T> {
        Err(ParseError { kind, line: self.line })
    }

    /// The input ended. bash counts the end as the start of another line.
    pub(super) fn end_error(&self) -> ParseError {
        let ended_with_newline = self.chars.last() == Some(&'\n');
        ParseError { kind: ErrorKind::UnexpectedEnd, line: self.line + u32::from(!ended_with_newline) }
    }

    /// An error about whatever stands at the current position.
    pub(super) fn unexpected(&mut self) -> ParseError {
        self.skip_blanks();
        let line = self.line;
        match self.token_text() {
            Some(token) => ParseError { kind: ErrorKind::Unexpected(token), line },
            None => self.end_error(),
        }
    }

    /// The same, where bash reads the end of the text as a newline.
    pub(super) fn unexpected_or_newline(&mut self) -> ParseError {
        self.skip_blanks();
        match self.token_text() {
            Some(token) => ParseError { kind: ErrorKind::Unexpected(token), line: self.line },
            None if self.dialect.partial => self.end_error(),
            None => ParseError { kind: ErrorKind::Unexpected("newline".into()), line: self.line },
        }
    }

    fn token_text(&mut self) -> Option<String> {
        if let Some(op) = self.peek_operator() {
            return Some(op.to_string());
        }
        match self.peek()? {
            '\n' => Some("newline".into()),
            '<' | '>' => Some(self.peek_redirect_operator()),
            _ => {
                let (start, line) = (self.pos, self.line);
                let word = self.word().ok().flatten();
                let text = self.slice(start, self.pos);
                (self.pos, self.line) = (start, line);
                word.map(|_| text)
            }
        }
    }

    /// The control operator at the current position.
    pub(super) fn peek_operator(&self) -> Option<&'static str> {
        const OPERATORS: [&str; 11] = [";;&", ";;", ";&", "&&", "||", "|&", ";", "&", "|", "(", ")"];
        if self.looking_at("&>") {
            return None;
        }
        OPERATORS.into_iter().find(|op| self.looking_at(op))
    }

    fn peek_redirect_operator(&self) -> String {
        const OPERATORS: [&str; 10] = ["<<<", "<<-", "<<", "<&", "<>", "<", ">>", ">&", ">|", ">"];
        OPERATORS.into_iter().find(|op| self.looking_at(op)).unwrap_or("<").to_string()
    }

    /// The reserved word at the current position, if one stands there alone.
    pub(super) fn peek_reserved(&self) -> Option<&'static str> {
        let mut end = self.pos;
        while end - self.pos < 9 && self.chars.get(end).is_some_and(|c| !is_meta(*c)) {
            end += 1;
        }
        if self.chars.get(end).is_some_and(|c| !is_meta(*c)) {
            return None;
        }
        let text: String = self.chars[self.pos..end].iter().collect();
        RESERVED
            .into_iter()
            .find(|word| *word == text && !(self.dialect.posix && POSIX_UNKNOWN.contains(word)))
    }

    pub(super) fn eat_reserved(&mut self, word: &str) -> bool {
        let found = self.peek_reserved() == Some(word);
        if found {
            self.pos += word.chars().count();
        }
        found
    }

    /// One level deeper; every caller leaves again through `leave`.
    pub(super) fn enter(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { self.error(ErrorKind::TooDeep(MAX_DEPTH)) } else { Ok(()) }
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Replaces an alias at the start of a command. True when the source changed and must be read again.
    pub(super) fn expand_alias(&mut self) -> bool {
        if self.dialect.aliases.is_empty() || self.alias_count >= MAX_ALIAS_EXPANSIONS {
            return false;
        }
        let start = self.pos;
        let end =
            self.chars[start..].iter().position(|&c| is_meta(c)).map_or(self.chars.len(), |i| start + i);
        let name: String = self.chars[start..end].iter().collect();
        self.alias_ends.retain(|(_, alias_end)| *alias_end > start);
        if self.alias_ends.iter().any(|(busy, _)| *busy == name) {
            return false;
        }
        let Some(value) = self.dialect.aliases.get(&name) else { return false };
        let value: Vec<char> = value.chars().collect();
        let grown = value.len() as isize - (end - start) as isize;
        for (_, alias_end) in &mut self.alias_ends {
            *alias_end = alias_end.saturating_add_signed(grown);
        }
        self.alias_ends.push((name, start + value.len()));
        self.chars.splice(start..end, value);
        self.alias_count += 1;
        true
    }
}

const RESERVED: [&str; 22] = [
    "if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "in",
    "select", "function", "time", "{", "}", "!", "[[", "]]", "coproc",
];
const POSIX_UNKNOWN: [&str; 6] = ["select", "function", "time", "[[", "]]", "coproc"];

/// A character that ends an unquoted word.
pub(super) fn is_meta(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '|' | '&' | ';' | '(' | ')' | '<' | '>')
}

pub(super) fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

pub(super) fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The names of all reserved words, for completion and `type`.
pub fn reserved_words() -> BTreeSet<&'static str> {
    RESERVED.into_iter().filter(|word| *word != "coproc").collect()
}
