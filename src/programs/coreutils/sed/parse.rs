//! `sed` scripts: commands with addresses, blocks and labels. Must never run them.

use regex::bytes::Regex;

use super::super::posix::{Dialect, How, compile};

/// Nested blocks and commands of one script.
const MAX_COMMANDS: usize = 2_000;

/// A script that does not parse: the character where that showed, and GNU's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub at: usize,
    pub message: String,
}

/// A parsed script: commands in a row; blocks and branches are jumps.
#[derive(Debug, Default)]
pub struct Script {
    pub commands: Vec<Command>,
}

#[derive(Debug)]
pub struct Command {
    pub from: Option<Address>,
    pub to: Option<Address>,
    pub negated: bool,
    pub action: Action,
}

#[derive(Debug, Clone)]
pub enum Address {
    Line(u64),
    Last,
    /// `first~step`.
    Step(u64, u64),
    Match(Option<Regex>),
    /// `addr,+N`.
    Plus(u64),
    /// `addr,~N`.
    Multiple(u64),
}

#[derive(Debug)]
pub enum Action {
    /// `{`: the index after the matching `}`.
    Block(usize),
    Append(String),
    Insert(String),
    Change(String),
    /// `b label`, `t label`, `T label`: the index to go to.
    Branch(When, usize),
    Delete,
    DeleteFirst,
    Equals,
    Get,
    GetAppend,
    Hold,
    HoldAppend,
    List,
    Next,
    NextAppend,
    Print,
    PrintFirst,
    Quit(i32, bool),
    Read(String),
    Write(String),
    Substitute(Box<Substitution>),
    Translate(Vec<(char, char)>),
    Exchange,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Always,
    Substituted,
    NotSubstituted,
}

#[derive(Debug)]
pub struct Substitution {
    /// `None`: the last regular expression used.
    pub regex: Option<Regex>,
    pub replacement: Vec<Piece>,
    pub global: bool,
    pub nth: usize,
    pub print: bool,
    pub write: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    Group(usize),
    Case(Case),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    Upper,
    Lower,
    UpperNext,
    LowerNext,
    End,
}

struct Parser<'a> {
    chars: Vec<char>,
    at: usize,
    extended: bool,
    script: Script,
    open: Vec<usize>,
    labels: Vec<(String, usize)>,
    jumps: Vec<(usize, String)>,
    text: std::marker::PhantomData<&'a str>,
}

/// Parses a script.
pub fn parse(text: &str, extended: bool) -> Result<Script, Failure> {
    let mut parser = Parser {
        chars: text.chars().collect(),
        at: 0,
        extended,
        script: Script::default(),
        open: Vec::new(),
        labels: Vec::new(),
        jumps: Vec::new(),
        text: std::marker::PhantomData,
    };
    while parser.command()? {
        if parser.script.commands.len() > MAX_COMMANDS {
            return Err(parser.fail("the script is too long for KubeJam"));
        }
    }
    if !parser.open.is_empty() {
        return Err(Failure { at: 0, message: "unmatched `{'".into() });
    }
    for (index, label) in std::mem::take(&mut parser.jumps) {
        let end = parser.script.commands.len();
        let found = parser.labels.iter().find(|(name, _)| *name == label).map(|(_, at)| *at);
        let target = match (label.is_empty(), found) {
            (true, _) => end,
            (_, Some(target)) => target,
            _ => {
                return Err(Failure {
                    at: parser.at,
                    message: format!("can't find label for jump to `{label}'"),
                });
            }
        };
        if let Action::Branch(_, to) = &mut parser.script.commands[index].action {
            *to = target;
        }
    }
    Ok(parser.script)
}

impl Parser<'_> {
    fn fail(&self, message: &str) -> Failure {
        Failure { at: self.at, message: message.to_owned() }
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += usize::from(c.is_some());
        c
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|c| c == ' ' || c == '\t') {
            self.at += 1;
        }
    }

    fn number(&mut self) -> Option<u64> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect::<String>().parse().ok()
    }

    /// One command; false at the end of the script.
    fn command(&mut self) -> Result<bool, Failure> {
        while self.peek().is_some_and(|c| c.is_whitespace() || c == ';') {
            self.at += 1;
        }
        if self.peek().is_none() {
            return Ok(false);
        }
        let from = self.address(false)?;
        self.blanks();
        let mut to = None;
        if from.is_some() && self.peek() == Some(',') {
            self.at += 1;
            self.blanks();
            to = self.address(true)?;
            if to.is_none() {
                self.at += 1;
                return Err(self.fail("unexpected `,'"));
            }
        }
        self.blanks();
        let mut negated = false;
        while self.peek() == Some('!') {
            negated = true;
            self.at += 1;
            self.blanks();
        }
        let Some(letter) = self.take() else { return Err(self.fail("missing command")) };
        let has_address = from.is_some();
        let action = self.action(letter, has_address)?;
        if let Some(action) = action {
            self.script.commands.push(Command { from, to, negated, action });
        }
        Ok(true)
    }

    fn address(&mut self, second: bool) -> Result<Option<Address>, Failure> {
        match self.peek() {
            Some('$') => {
                self.at += 1;
                Ok(Some(Address::Last))
            }
            Some(c) if c.is_ascii_digit() => {
                let first = self.number().unwrap_or(0);
                if self.peek() == Some('~') && !second {
                    self.at += 1;
                    let step = self.number().unwrap_or(0);
                    return Ok(Some(Address::Step(first, step)));
                }
                if first == 0 && !second && self.peek() != Some(',') {
                    return Err(self.fail("invalid usage of line address 0"));
                }
                Ok(Some(Address::Line(first)))
            }
            Some('+') if second => {
                self.at += 1;
                Ok(Some(Address::Plus(self.number().unwrap_or(0))))
            }
            Some('~') if second => {
                self.at += 1;
                Ok(Some(Address::Multiple(self.number().unwrap_or(0))))
            }
            Some('/' | '\\') => {
                let mut mark = self.take().unwrap_or('/');
                if mark == '\\' {
                    mark = self.take().unwrap_or('/');
                }
                let Some(pattern) = self.delimited(mark, true) else {
                    return Err(self.fail("unterminated address regex"));
                };
                let mut how = How::default();
                while let Some(flag @ ('I' | 'M')) = self.peek() {
                    how.ignore_case |= flag == 'I';
                    how.multi_line |= flag == 'M';
                    self.at += 1;
                }
                Ok(Some(Address::Match(self.regex(&pattern, how)?)))
            }
            _ => Ok(None),
        }
    }

    fn regex(&self, pattern: &str, how: How) -> Result<Option<Regex>, Failure> {
        if pattern.is_empty() {
            return Ok(None);
        }
        let dialect = if self.extended { Dialect::Extended } else { Dialect::Basic };
        compile(pattern, dialect, how).map(Some).map_err(|message| self.fail(&message))
    }

    /// Text up to an unescaped `mark`, which is consumed. In a regular expression `\n` stays, and the mark inside
    /// brackets does not count.
    fn delimited(&mut self, mark: char, pattern: bool) -> Option<String> {
        let mut out = String::new();
        let mut bracket = false;
        loop {
            let c = self.take()?;
            match c {
                '\\' => {
                    let next = self.take()?;
                    if next == mark && mark != '\\' {
                        out.push(mark);
                    } else {
                        out.extend(['\\', next]);
                    }
                    continue;
                }
                '[' if pattern && !bracket => {
                    bracket = true;
                    out.push(c);
                    for first in ['^', ']'] {
                        if self.peek() == Some(first) {
                            out.push(first);
                            self.at += 1;
                        }
                    }
                    continue;
                }
                ']' if bracket => bracket = false,
                _ if c == mark && !bracket => return Some(out),
                '\n' if pattern && bracket => return None,
                _ => {}
            }
            out.push(c);
        }
    }

    /// The action behind a letter; `None` for what leaves no command (labels, comments, closing braces).
    fn action(&mut self, letter: char, has_address: bool) -> Result<Option<Action>, Failure> {
        let index = self.script.commands.len();
        let action = match letter {
            '#' if !has_address => {
                self.rest_of_line();
                return Ok(None);
            }
            ':' => {
                if has_address {
                    return Err(self.fail(": doesn't want any addresses"));
                }
                let label = self.word();
                if label.is_empty() {
                    return Err(self.fail("\":\" lacks a label"));
                }
                self.labels.push((label, index));
                return Ok(None);
            }
            '{' => {
                self.open.push(index);
                return Ok(Some(Action::Block(0)));
            }
            '}' => {
                let Some(open) = self.open.pop() else { return Err(self.fail("unexpected `}'")) };
                if let Action::Block(end) = &mut self.script.commands[open].action {
                    *end = index;
                }
                self.end()?;
                return Ok(None);
            }
            'a' => return self.text_of().map(|t| Some(Action::Append(t))),
            'i' => return self.text_of().map(|t| Some(Action::Insert(t))),
            'c' => return self.text_of().map(|t| Some(Action::Change(t))),
            'b' | 't' | 'T' => {
                let label = self.word();
                self.jumps.push((index, label));
                let when = match letter {
                    'b' => When::Always,
                    't' => When::Substituted,
                    _ => When::NotSubstituted,
                };
                return Ok(Some(Action::Branch(when, 0)));
            }
            'r' | 'w' => {
                self.blanks();
                let name = self.rest_of_line();
                if name.is_empty() {
                    return Err(self.fail("missing filename in r/R/w/W commands"));
                }
                return Ok(Some(if letter == 'r' { Action::Read(name) } else { Action::Write(name) }));
            }
            's' => Action::Substitute(Box::new(self.substitution()?)),
            'y' => Action::Translate(self.translation()?),
            'q' | 'Q' => {
                self.blanks();
                let code = self.number().unwrap_or(0);
                Action::Quit(i32::try_from(code).unwrap_or(1), letter == 'q')
            }
            'l' => Action::List,
            other => match simple(other) {
                Some(action) => action,
                None => return Err(self.fail(&format!("unknown command: `{other}'"))),
            },
        };
        self.end()?;
        Ok(Some(action))
    }

    /// A command must end here.
    fn end(&mut self) -> Result<(), Failure> {
        self.blanks();
        match self.peek() {
            None | Some('\n' | ';' | '}' | '#') => Ok(()),
            Some(_) => {
                self.at += 1;
                Err(self.fail("extra characters after command"))
            }
        }
    }

    fn word(&mut self) -> String {
        self.blanks();
        let start = self.at;
        while self.peek().is_some_and(|c| !c.is_whitespace() && c != ';' && c != '}') {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect()
    }

    fn rest_of_line(&mut self) -> String {
        let start = self.at;
        while self.peek().is_some_and(|c| c != '\n') {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect()
    }

    /// The text of `a`, `i`, `c`: on the same line, or after `\` and a newline.
    fn text_of(&mut self) -> Result<String, Failure> {
        self.blanks();
        if self.peek().is_none() {
            return Err(self.fail("expected \\ after `a', `c' or `i'"));
        }
        if self.peek() == Some('\\') {
            self.at += 1;
            self.blanks();
            if self.peek() == Some('\n') {
                self.at += 1;
            }
        }
        let mut out = String::new();
        while let Some(c) = self.take() {
            match c {
                '\\' => out.extend(self.take()),
                '\n' => break,
                other => out.push(other),
            }
        }
        out.push('\n');
        Ok(out)
    }

    fn substitution(&mut self) -> Result<Substitution, Failure> {
        let unterminated = "unterminated `s' command";
        let Some(mark) = self.take() else { return Err(self.fail(unterminated)) };
        let pattern = self.delimited(mark, true).ok_or_else(|| self.fail(unterminated))?;
        let replacement = self.delimited(mark, false).ok_or_else(|| self.fail(unterminated))?;
        let mut how = How::default();
        let mut out = Substitution {
            regex: None,
            replacement: pieces(&replacement),
            global: false,
            nth: 1,
            print: false,
            write: None,
        };
        loop {
            match self.peek() {
                Some('g') => out.global = true,
                Some('p') => out.print = true,
                Some('i' | 'I') => how.ignore_case = true,
                Some('m' | 'M') => how.multi_line = true,
                Some(c) if c.is_ascii_digit() => {
                    out.nth = usize::try_from(self.number().unwrap_or(1)).unwrap_or(1);
                    if out.nth == 0 {
                        return Err(self.fail("number option to `s' command may not be zero"));
                    }
                    continue;
                }
                Some('w') => {
                    self.at += 1;
                    self.blanks();
                    out.write = Some(self.rest_of_line());
                    break;
                }
                None | Some('\n' | ';' | '}' | '#' | ' ' | '\t') => break,
                Some(_) => {
                    self.at += 1;
                    return Err(self.fail("unknown option to `s'"));
                }
            }
            self.at += 1;
        }
        out.regex = self.regex(&pattern, how)?;
        let groups = out.regex.as_ref().map_or(9, |r| r.captures_len() - 1);
        let highest = out
            .replacement
            .iter()
            .filter_map(|p| if let Piece::Group(n) = p { Some(*n) } else { None })
            .max();
        if let Some(n) = highest.filter(|n| *n > groups) {
            return Err(self.fail(&format!("invalid reference \\{n} on `s' command's RHS")));
        }
        Ok(out)
    }

    fn translation(&mut self) -> Result<Vec<(char, char)>, Failure> {
        let unterminated = "unterminated `y' command";
        let Some(mark) = self.take() else { return Err(self.fail(unterminated)) };
        let from = self.delimited(mark, false).ok_or_else(|| self.fail(unterminated))?;
        let to = self.delimited(mark, false).ok_or_else(|| self.fail(unterminated))?;
        let plain = |text: &str| text.replace("\\n", "\n").replace("\\\\", "\\").chars().collect::<Vec<_>>();
        let (from, to) = (plain(&from), plain(&to));
        if from.len() != to.len() {
            return Err(self.fail("strings for `y' command are different lengths"));
        }
        Ok(from.into_iter().zip(to).collect())
    }
}

/// Commands without arguments.
fn simple(letter: char) -> Option<Action> {
    Some(match letter {
        'd' => Action::Delete,
        'D' => Action::DeleteFirst,
        '=' => Action::Equals,
        'g' => Action::Get,
        'G' => Action::GetAppend,
        'h' => Action::Hold,
        'H' => Action::HoldAppend,
        'n' => Action::Next,
        'N' => Action::NextAppend,
        'p' => Action::Print,
        'P' => Action::PrintFirst,
        'x' => Action::Exchange,
        'z' => Action::Change(String::new()),
        _ => return None,
    })
}

/// A replacement text.
fn pieces(text: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let piece = match c {
            '&' => Piece::Group(0),
            '\\' => match chars.next() {
                Some(d) if d.is_ascii_digit() => Piece::Group(d as usize - '0' as usize),
                Some('n') => {
                    plain.push('\n');
                    continue;
                }
                Some('t') => {
                    plain.push('\t');
                    continue;
                }
                Some('U') => Piece::Case(Case::Upper),
                Some('L') => Piece::Case(Case::Lower),
                Some('u') => Piece::Case(Case::UpperNext),
                Some('l') => Piece::Case(Case::LowerNext),
                Some('E') => Piece::Case(Case::End),
                Some(other) => {
                    plain.push(other);
                    continue;
                }
                None => continue,
            },
            other => {
                plain.push(other);
                continue;
            }
        };
        if !plain.is_empty() {
            out.push(Piece::Text(std::mem::take(&mut plain)));
        }
        out.push(piece);
    }
    if !plain.is_empty() {
        out.push(Piece::Text(plain));
    }
    out
}
