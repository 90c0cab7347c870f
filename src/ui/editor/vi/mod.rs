//! vi, as a learner knows vim: modes, counts, operators with motions and text objects, visual mode, the `:` line.
//!
//! Keys gather until they make a command (`command`), which is then carried out (`execute`, `insert`). Messages
//! are vim's.

mod command;
mod draw;
mod ex;
mod execute;
mod insert;
mod motion;
mod object;
mod pattern;
#[cfg(test)]
mod tests;

use crate::ui::editor::text::{Place, Text};
use crate::ui::highlight::Syntax;
use command::{Command, Find, Gathered};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use regex::Regex;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Normal,
    Insert,
    Replace,
    Visual {
        lines: bool,
    },
    /// The bottom line is being typed: `:`, `/` or `?`.
    Line {
        kind: char,
    },
}

/// Text deleted or yanked.
#[derive(Clone, Debug, Default)]
struct Register {
    text: String,
    lines: bool,
}

#[derive(Debug)]
pub struct Vi {
    pub path: String,
    pub saved: Option<Vec<u8>>,
    text: Text,
    cursor: Place,
    /// The column that j and k aim for.
    aim: usize,
    mode: Mode,
    anchor: Place,
    pending: Vec<char>,
    register: Register,
    search: Option<(Regex, bool)>,
    find: Option<Find>,
    /// An operator waits for the search being typed.
    awaiting: Option<Command>,
    /// The last change, for `.`: its command and what was typed.
    last_change: Option<(Command, String)>,
    /// What is being typed in insert mode, how often it goes in.
    typed: String,
    insert_count: usize,
    inserting: Option<Command>,
    /// The bottom line being typed.
    line: String,
    message: String,
    message_is_error: bool,
    top: usize,
    rows: usize,
    numbers: bool,
    saved_changes: u64,
    new_file: bool,
    syntax: Syntax,
    left: bool,
    /// Visual mode's place to come back to.
    marks: std::collections::BTreeMap<char, Place>,
    jumped_from: Place,
}

impl Vi {
    pub fn open(path: &str, bytes: &[u8]) -> Self {
        let text = Text::new(bytes);
        let new_file = bytes.is_empty();
        let name = path;
        let message = if new_file {
            format!("\"{name}\" [New]")
        } else {
            format!("\"{name}\" {}L, {}B", text.file_lines(), bytes.len())
        };
        Self {
            path: path.to_owned(),
            saved: None,
            text,
            cursor: Place::default(),
            aim: 0,
            mode: Mode::Normal,
            anchor: Place::default(),
            pending: Vec::new(),
            register: Register::default(),
            search: None,
            find: None,
            awaiting: None,
            last_change: None,
            typed: String::new(),
            insert_count: 1,
            inserting: None,
            line: String::new(),
            message,
            message_is_error: false,
            top: 0,
            rows: 20,
            numbers: false,
            saved_changes: 0,
            new_file,
            syntax: syntax(path, bytes),
            left: false,
            marks: std::collections::BTreeMap::new(),
            jumped_from: Place::default(),
        }
    }

    /// Takes a key; true when the editor has been left.
    pub fn key(&mut self, key: KeyEvent, rows: usize) -> bool {
        self.rows = rows.saturating_sub(1).max(1);
        let key = normal(key);
        match self.mode {
            Mode::Insert | Mode::Replace => self.insert_key(key),
            Mode::Line { kind } => self.line_key(kind, key),
            Mode::Normal | Mode::Visual { .. } => self.command_key(key),
        }
        self.settle();
        self.left
    }

    fn command_key(&mut self, key: KeyEvent) {
        self.say(String::new());
        let Some(c) = command_char(key) else { return };
        if c == command::ESCAPE {
            self.pending.clear();
            self.mode = Mode::Normal;
            return;
        }
        self.pending.push(c);
        let visual = matches!(self.mode, Mode::Visual { .. });
        match command::gather(&self.pending, visual) {
            Gathered::More => {}
            Gathered::Wrong => self.pending.clear(),
            Gathered::Done(command) => {
                self.pending.clear();
                self.execute(command);
            }
        }
    }

    /// A paste: into the text in insert mode, on the bottom line while that is typed, and never as commands.
    pub fn paste(&mut self, text: &str) {
        match self.mode {
            Mode::Insert | Mode::Replace => self.type_text(text),
            Mode::Line { .. } => self.line.push_str(text.lines().next().unwrap_or("")),
            _ => {
                self.text.remember(self.cursor);
                let after = self.text.insert(self.cursor, text);
                self.cursor = Place { column: after.column.saturating_sub(1), ..after };
            }
        }
        self.settle();
    }

    pub fn wheel(&mut self, rows: isize) {
        self.top = self.top.saturating_add_signed(rows).min(self.text.last_line());
        let last = self.top + self.rows.saturating_sub(1);
        self.cursor.line = self.cursor.line.clamp(self.top, last.max(self.top));
        self.settle();
    }

    /// Brings cursor and view into range after anything.
    fn settle(&mut self) {
        let past_end = matches!(self.mode, Mode::Insert | Mode::Replace);
        self.cursor = self.text.clamp(self.cursor, past_end);
        self.top = crate::ui::editor::scrolled(self.top, self.cursor.line, self.rows);
        self.top = self.top.min(self.text.last_line());
    }

    fn say(&mut self, message: String) {
        self.message = message;
        self.message_is_error = false;
    }

    fn fail(&mut self, message: &str) {
        self.message = message.to_owned();
        self.message_is_error = true;
    }

    fn modified(&self) -> bool {
        self.text.changes() != self.saved_changes
    }
}

/// What the file is: by its name, else (`kubectl edit` writes names that tell nothing) by its beginning.
fn syntax(path: &str, bytes: &[u8]) -> Syntax {
    match Syntax::from_path(path) {
        Syntax::Plain if bytes.windows(11).any(|w| w == b"apiVersion:") => Syntax::Yaml,
        known => known,
    }
}

/// Ctrl-[ is Esc, Ctrl-C too; Ctrl-H is Backspace, Ctrl-M and Ctrl-J are Enter.
fn normal(key: KeyEvent) -> KeyEvent {
    if !key.modifiers.contains(KeyModifiers::CONTROL) {
        return key;
    }
    let code = match key.code {
        KeyCode::Char('[' | 'c' | '3') => KeyCode::Esc,
        KeyCode::Char('h') => KeyCode::Backspace,
        KeyCode::Char('m' | 'j') => KeyCode::Enter,
        _ => return key,
    };
    KeyEvent::new(code, KeyModifiers::NONE)
}

/// Keys of normal mode as the characters that name them; control keys as their control codes.
fn command_char(key: KeyEvent) -> Option<char> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    Some(match key.code {
        KeyCode::Char(c) if control && c.is_ascii_alphabetic() => {
            char::from((c.to_ascii_lowercase() as u8) & 0x1f)
        }
        KeyCode::Char(c) => c,
        KeyCode::Esc => command::ESCAPE,
        KeyCode::Enter => '+',
        KeyCode::Left | KeyCode::Backspace => 'h',
        KeyCode::Right => 'l',
        KeyCode::Up => 'k',
        KeyCode::Down => 'j',
        KeyCode::Home => '0',
        KeyCode::End => '$',
        KeyCode::PageDown => '\x06',
        KeyCode::PageUp => '\x02',
        KeyCode::Delete => 'x',
        KeyCode::Insert => 'i',
        _ => return None,
    })
}
