//! nginx's configuration files as text: words, blocks, includes. Must never know what a directive means.

use std::fmt;
use std::rc::Rc;

use crate::programs::coreutils::glob;
use crate::world::Sys;

/// Nested includes.
const MAX_DEPTH: usize = 10;
/// Directives of one configuration.
const MAX_DIRECTIVES: usize = 5_000;

/// File and line.
pub type Place = (String, usize);

/// Why nginx does not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub text: String,
    pub place: Option<Place>,
}

impl Trouble {
    pub fn new(text: String, file: &str, line: usize) -> Self {
        Trouble { text, place: Some((file.to_owned(), line)) }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some((file, line)) => write!(f, "{} in {file}:{line}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// One directive with its block.
#[derive(Debug, Clone)]
pub struct Directive {
    pub words: Vec<String>,
    pub block: Option<Vec<Directive>>,
    pub place: Place,
}

/// Something that was read of a host's files.
pub enum Seen {
    File(String, Rc<[u8]>),
    /// A directory with its names.
    Names(String, Vec<String>),
}

impl Seen {
    /// Whether it is the same on this host.
    pub fn holds(&self, sys: &Sys) -> bool {
        match self {
            Seen::File(path, bytes) => sys.read(path).is_ok_and(|now| now == *bytes),
            Seen::Names(path, names) => sys.list(path).unwrap_or_default() == *names,
        }
    }
}

/// Reads configuration files and notes what it saw.
pub struct Reader<'a> {
    sys: &'a Sys,
    pub seen: Vec<Seen>,
}

impl<'a> Reader<'a> {
    pub fn new(sys: &'a Sys) -> Self {
        Reader { sys, seen: Vec::new() }
    }

    /// The directives of a file, includes among them.
    ///
    /// # Errors
    /// What nginx says when it does not start.
    pub fn load(&mut self, file: &str, depth: usize) -> Result<Vec<Directive>, Trouble> {
        let bytes = self.sys.read(file).map_err(|error| {
            let number = if error == crate::image::files::FsError::NotFound { 2 } else { 13 };
            Trouble { text: format!("open() \"{file}\" failed ({number}: {error})"), place: None }
        })?;
        let tokens = tokens(&String::from_utf8_lossy(&bytes));
        self.seen.push(Seen::File(file.to_owned(), bytes));
        let mut at = 0;
        let mut budget = MAX_DIRECTIVES;
        block(self, file, &tokens, &mut at, depth, false, &mut budget)
    }

    /// The names in a directory; none when there is no such directory.
    fn names(&mut self, dir: &str) -> Vec<String> {
        let names = self.sys.list(dir).unwrap_or_default();
        self.seen.push(Seen::Names(dir.to_owned(), names.clone()));
        names
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Open,
    Close,
    Semicolon,
}

fn tokens(text: &str) -> Vec<(Token, usize)> {
    let mut out = Vec::new();
    let mut line = 1;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => line += 1,
            c if c.is_whitespace() => {}
            '#' => while chars.next_if(|c| *c != '\n').is_some() {},
            '{' => out.push((Token::Open, line)),
            '}' => out.push((Token::Close, line)),
            ';' => out.push((Token::Semicolon, line)),
            mark @ ('"' | '\'') => {
                let mut word = String::new();
                let start = line;
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => match chars.next() {
                            Some('n') => word.push('\n'),
                            Some('t') => word.push('\t'),
                            other => word.extend(other),
                        },
                        c if c == mark => break,
                        c => {
                            line += usize::from(c == '\n');
                            word.push(c);
                        }
                    }
                }
                out.push((Token::Word(word), start));
            }
            first => {
                let mut word = String::from(first);
                loop {
                    let next = chars.next_if(|c| !c.is_whitespace() && !matches!(c, ';' | '{' | '}'));
                    match next {
                        Some(c) => word.push(c),
                        None if word.ends_with('$') && chars.peek() == Some(&'{') => {
                            word.extend(chars.next())
                        }
                        None if word.contains("${") && !word.ends_with('}') && chars.peek() == Some(&'}') => {
                            word.extend(chars.next())
                        }
                        None => break,
                    }
                }
                out.push((Token::Word(word), line));
            }
        }
    }
    out
}

fn block(
    reader: &mut Reader,
    file: &str,
    tokens: &[(Token, usize)],
    at: &mut usize,
    depth: usize,
    inner: bool,
    budget: &mut usize,
) -> Result<Vec<Directive>, Trouble> {
    let mut out = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let last_line = tokens.last().map_or(1, |(_, line)| *line);
    let mut start = 1;
    loop {
        let Some((token, line)) = tokens.get(*at) else {
            if !words.is_empty() {
                return Err(Trouble::new(
                    "unexpected end of file, expecting \";\" or \"}\"".into(),
                    file,
                    last_line + 1,
                ));
            }
            if inner {
                return Err(Trouble::new(
                    "unexpected end of file, expecting \"}\"".into(),
                    file,
                    last_line + 1,
                ));
            }
            return Ok(out);
        };
        *at += 1;
        *budget = budget.saturating_sub(1);
        if *budget == 0 {
            return Err(Trouble::new("the configuration is too long for KubeJam".into(), file, *line));
        }
        match token {
            Token::Word(word) => {
                if words.is_empty() {
                    start = *line;
                }
                words.push(word.clone());
            }
            Token::Semicolon if words.is_empty() => {
                return Err(Trouble::new("unexpected \";\"".into(), file, *line));
            }
            Token::Semicolon => {
                let words = std::mem::take(&mut words);
                if words[0] == "include" && words.len() > 1 {
                    out.extend(include(reader, file, *line, &words[1], depth)?);
                } else {
                    out.push(Directive { words, block: None, place: (file.to_owned(), start) });
                }
            }
            Token::Open if words.is_empty() => {
                return Err(Trouble::new("unexpected \"{\"".into(), file, *line));
            }
            Token::Open => {
                let words = std::mem::take(&mut words);
                if depth + 1 > MAX_DEPTH {
                    return Err(Trouble::new("blocks are nested too deeply".into(), file, *line));
                }
                let inner = block(reader, file, tokens, at, depth + 1, true, budget)?;
                out.push(Directive { words, block: Some(inner), place: (file.to_owned(), start) });
            }
            Token::Close if !words.is_empty() || !inner => {
                return Err(Trouble::new("unexpected \"}\"".into(), file, *line));
            }
            Token::Close => return Ok(out),
        }
    }
}

fn include(
    reader: &mut Reader,
    file: &str,
    line: usize,
    pattern: &str,
    depth: usize,
) -> Result<Vec<Directive>, Trouble> {
    if depth >= MAX_DEPTH {
        return Err(Trouble::new("includes are nested too deeply".into(), file, line));
    }
    let pattern = if pattern.starts_with('/') { pattern.to_owned() } else { format!("/etc/nginx/{pattern}") };
    if !pattern.contains(['*', '?', '[']) {
        return reader.load(&pattern, depth + 1).map_err(|mut trouble| {
            trouble.place.get_or_insert((file.to_owned(), line));
            trouble
        });
    }
    let (dir, name) = pattern.rsplit_once('/').unwrap_or(("", &pattern));
    let mut out = Vec::new();
    for entry in reader.names(dir) {
        if glob::matches(name, &entry) && !entry.starts_with('.') {
            out.extend(reader.load(&format!("{dir}/{entry}"), depth + 1)?);
        }
    }
    Ok(out)
}
