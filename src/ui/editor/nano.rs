//! nano, as a learner knows it: no modes, the shortcuts along the bottom, questions on the line above them.

use crate::ui::editor::text::{Place, Text};
use crate::ui::editor::{TextView, draw_text, scrolled};
use crate::ui::highlight::Syntax;
use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::theme::Role;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;

/// What the line above the shortcuts asks.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Question {
    /// Save before leaving?
    Leave,
    FileName {
        then_leave: bool,
        name: String,
    },
    Search {
        typed: String,
    },
    Replace {
        typed: String,
        with: Option<String>,
    },
    Line {
        typed: String,
    },
}

#[derive(Debug)]
pub struct Nano {
    pub path: String,
    pub saved: Option<Vec<u8>>,
    text: Text,
    cursor: Place,
    aim: usize,
    top: usize,
    rows: usize,
    question: Option<Question>,
    message: String,
    cut: String,
    /// The last key cut a line, so the next one adds to it.
    cutting: bool,
    searched: String,
    mark: Option<Place>,
    saved_changes: u64,
    /// The last key typed a character, so undo takes the word back at once.
    typing: bool,
    syntax: Syntax,
    help: bool,
}

const SHORTCUTS: [[(&str, &str); 6]; 2] = [
    [
        ("^G", "Help"),
        ("^O", "Write Out"),
        ("^W", "Where Is"),
        ("^K", "Cut"),
        ("^T", "Execute"),
        ("^C", "Location"),
    ],
    [
        ("^X", "Exit"),
        ("^R", "Read File"),
        ("^\\", "Replace"),
        ("^U", "Paste"),
        ("^J", "Justify"),
        ("^/", "Go To Line"),
    ],
];

impl Nano {
    pub fn open(path: &str, bytes: &[u8]) -> Self {
        let mut text = Text::new(bytes);
        let lines = text.file_lines();
        text.end_with_empty_line();
        let message = match lines {
            0 => "New File".to_owned(),
            1 => "Read 1 line".to_owned(),
            n => format!("Read {n} lines"),
        };
        Self {
            path: path.to_owned(),
            saved: None,
            text,
            cursor: Place::default(),
            aim: 0,
            top: 0,
            rows: 20,
            question: None,
            message,
            cut: String::new(),
            cutting: false,
            searched: String::new(),
            mark: None,
            saved_changes: 0,
            typing: false,
            syntax: Syntax::from_path(path),
            help: false,
        }
    }

    fn modified(&self) -> bool {
        self.text.changes() != self.saved_changes
    }

    /// Takes a key; true when nano has been left.
    pub fn key(&mut self, key: KeyEvent, rows: usize) -> bool {
        self.rows = rows.saturating_sub(4).max(1);
        if self.help {
            self.help = false;
            return false;
        }
        let left = match self.question.take() {
            Some(question) => self.answer(question, key),
            None => self.edit_key(key),
        };
        self.text.end_with_empty_line();
        self.cursor = self.text.clamp(self.cursor, true);
        self.top = scrolled(self.top, self.cursor.line, self.rows);
        left
    }

    /// The file: the empty line that nano keeps after the last one is not part of it.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.text.bytes();
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        bytes
    }

    fn edit_key(&mut self, key: KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let was_cutting = std::mem::take(&mut self.cutting);
        let was_typing = std::mem::take(&mut self.typing);
        self.message.clear();
        match key.code {
            KeyCode::Char(c) if control => return self.control_key(c, was_cutting),
            KeyCode::Char(c) if alt => self.alt_key(c),
            KeyCode::Char(c) => {
                if !was_typing || c == ' ' {
                    self.text.remember(self.cursor);
                }
                self.typing = true;
                self.cursor = self.text.insert(self.cursor, c.encode_utf8(&mut [0; 4]));
                self.aim = self.cursor.column;
            }
            KeyCode::Enter => self.insert("\n"),
            KeyCode::Tab => self.insert("\t"),
            KeyCode::Backspace => self.rub_out(),
            KeyCode::Delete => self.delete(),
            _ => self.move_key(key.code, control),
        }
        false
    }

    fn control_key(&mut self, c: char, was_cutting: bool) -> bool {
        match c {
            'x' if self.modified() => self.question = Some(Question::Leave),
            'x' => return true,
            'o' | 's' => {
                if c == 's' {
                    self.save();
                } else {
                    self.question = Some(Question::FileName { then_leave: false, name: self.path.clone() });
                }
            }
            'k' => self.cut_line(was_cutting),
            'u' => {
                let text = self.cut.clone();
                self.insert(&text);
            }
            'w' | 'f' if c == 'w' => self.question = Some(Question::Search { typed: String::new() }),
            '\\' | '4' => self.question = Some(Question::Replace { typed: String::new(), with: None }),
            '_' | '/' | '7' => self.question = Some(Question::Line { typed: String::new() }),
            'g' => self.help = true,
            'c' => {
                let (line, of) = (self.cursor.line + 1, self.text.lines());
                let (column, columns) = (self.cursor.column + 1, self.text.line(self.cursor.line).len() + 1);
                self.message = format!(
                    "line {line}/{of} ({}%), col {column}/{columns} ({}%)",
                    line * 100 / of,
                    column * 100 / columns
                );
            }
            'a' => self.move_key(KeyCode::Home, false),
            'e' => self.move_key(KeyCode::End, false),
            'b' => self.move_key(KeyCode::Left, false),
            'f' => self.move_key(KeyCode::Right, false),
            'p' => self.move_key(KeyCode::Up, false),
            'n' => self.move_key(KeyCode::Down, false),
            'v' => self.move_key(KeyCode::PageDown, false),
            'y' => self.move_key(KeyCode::PageUp, false),
            'd' => self.delete(),
            'h' => self.rub_out(),
            'm' | 'j' if c == 'm' => self.insert("\n"),
            'i' => self.insert("\t"),
            'r' | 't' | 'j' => self.message = "Not available here".to_owned(),
            _ => self.message = format!("Unbound key: ^{}", c.to_ascii_uppercase()),
        }
        false
    }

    fn alt_key(&mut self, c: char) {
        match c {
            'u' => match self.text.undo(self.cursor) {
                Some(place) => {
                    self.cursor = place;
                    self.message = "Undid edit".to_owned();
                }
                None => self.message = "Nothing to undo".to_owned(),
            },
            'e' => match self.text.redo(self.cursor) {
                Some(place) => {
                    self.cursor = place;
                    self.message = "Redid edit".to_owned();
                }
                None => self.message = "Nothing to redo".to_owned(),
            },
            'w' => self.find(&self.searched.clone()),
            'a' => {
                self.mark = if self.mark.is_some() { None } else { Some(self.cursor) };
                self.message = if self.mark.is_some() { "Mark Set" } else { "Mark Unset" }.to_owned();
            }
            '6' => {
                self.cut = self.marked().map_or_else(
                    || self.text.line_block(self.cursor.line, self.cursor.line),
                    |(from, to)| self.text.slice(from, to),
                );
                self.mark = None;
            }
            '\\' | '|' => self.cursor = Place::default(),
            '/' | '?' => self.cursor = Place { line: self.text.last_line(), column: usize::MAX },
            'g' => self.question = Some(Question::Line { typed: String::new() }),
            'r' => self.question = Some(Question::Replace { typed: String::new(), with: None }),
            _ => self.message = format!("Unbound key: M-{}", c.to_uppercase()),
        }
    }

    fn marked(&self) -> Option<(Place, Place)> {
        let mark = self.mark?;
        Some((mark.min(self.cursor), mark.max(self.cursor)))
    }

    fn cut_line(&mut self, more: bool) {
        self.text.remember(self.cursor);
        if let Some((from, to)) = self.marked() {
            self.cut = self.text.remove(from, to);
            self.cursor = from;
            self.mark = None;
            return;
        }
        if !more {
            self.cut.clear();
        }
        self.cut.push_str(&self.text.remove_lines(self.cursor.line, self.cursor.line));
        self.cursor.column = 0;
        self.cutting = true;
    }

    fn rub_out(&mut self) {
        let to = self.cursor;
        if to.column > 0 {
            self.cursor.column -= 1;
        } else if to.line > 0 {
            self.cursor = Place { line: to.line - 1, column: self.text.line(to.line - 1).len() };
        } else {
            return;
        }
        self.text.remember(to);
        self.text.remove(self.cursor, to);
        self.aim = self.cursor.column;
    }

    fn delete(&mut self) {
        let length = self.text.line(self.cursor.line).len();
        let to = if self.cursor.column < length {
            Place { column: self.cursor.column + 1, ..self.cursor }
        } else {
            Place { line: self.cursor.line + 1, column: 0 }
        };
        self.text.remember(self.cursor);
        self.text.remove(self.cursor, to);
    }

    pub fn insert(&mut self, text: &str) {
        if let Some(
            Question::FileName { name: typed, .. } | Question::Search { typed } | Question::Line { typed },
        ) = &mut self.question
        {
            typed.push_str(text.lines().next().unwrap_or(""));
            return;
        }
        self.text.remember(self.cursor);
        self.cursor = self.text.insert(self.cursor, text);
        self.aim = self.cursor.column;
    }

    pub fn wheel(&mut self, rows: isize) {
        self.top = self.top.saturating_add_signed(rows).min(self.text.last_line());
        let last = self.top + self.rows.saturating_sub(1);
        self.cursor.line = self.cursor.line.clamp(self.top, last.max(self.top));
        self.cursor = self.text.clamp(self.cursor, true);
    }

    fn move_key(&mut self, code: KeyCode, control: bool) {
        let at = self.cursor;
        let length = self.text.line(at.line).len();
        let vertical = |line: usize| Place { line, column: self.aim };
        let place = match code {
            KeyCode::Left if at.column > 0 => Place { column: at.column - 1, ..at },
            KeyCode::Left if at.line > 0 => Place { line: at.line - 1, column: usize::MAX },
            KeyCode::Right if at.column < length => Place { column: at.column + 1, ..at },
            KeyCode::Right if at.line < self.text.last_line() => Place { line: at.line + 1, column: 0 },
            KeyCode::Up => vertical(at.line.saturating_sub(1)),
            KeyCode::Down => vertical((at.line + 1).min(self.text.last_line())),
            KeyCode::PageUp => vertical(at.line.saturating_sub(self.rows)),
            KeyCode::PageDown => vertical((at.line + self.rows).min(self.text.last_line())),
            KeyCode::Home if control => Place::default(),
            KeyCode::End if control => Place { line: self.text.last_line(), column: usize::MAX },
            KeyCode::Home => Place { column: 0, ..at },
            KeyCode::End => Place { column: length, ..at },
            _ => return,
        };
        self.cursor = self.text.clamp(place, true);
        if !matches!(code, KeyCode::Up | KeyCode::Down | KeyCode::PageUp | KeyCode::PageDown) {
            self.aim = self.cursor.column;
        }
    }

    fn answer(&mut self, question: Question, key: KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let cancel = key.code == KeyCode::Esc || control && matches!(key.code, KeyCode::Char('c'));
        if cancel {
            self.message = "Cancelled".to_owned();
            return false;
        }
        match question {
            Question::Leave => match key.code {
                KeyCode::Char('y' | 'Y') => {
                    self.question = Some(Question::FileName { then_leave: true, name: self.path.clone() });
                }
                KeyCode::Char('n' | 'N') => return true,
                _ => self.question = Some(Question::Leave),
            },
            Question::FileName { then_leave, mut name } => {
                if key.code == KeyCode::Enter {
                    if name != self.path {
                        self.message = "Here a file is written under the name it was opened with".to_owned();
                        return false;
                    }
                    self.save();
                    return then_leave;
                }
                type_into(&mut name, key);
                self.question = Some(Question::FileName { then_leave, name });
            }
            Question::Search { mut typed } => {
                if key.code == KeyCode::Enter {
                    let sought = if typed.is_empty() { self.searched.clone() } else { typed };
                    self.find(&sought);
                } else {
                    type_into(&mut typed, key);
                    self.question = Some(Question::Search { typed });
                }
            }
            Question::Replace { mut typed, mut with } => {
                if key.code == KeyCode::Enter {
                    match with {
                        Some(with) => self.replace_all(&typed, &with),
                        None if typed.is_empty() => self.message = "Cancelled".to_owned(),
                        None => self.question = Some(Question::Replace { typed, with: Some(String::new()) }),
                    }
                } else {
                    type_into(with.as_mut().unwrap_or(&mut typed), key);
                    self.question = Some(Question::Replace { typed, with });
                }
            }
            Question::Line { mut typed } => {
                if key.code == KeyCode::Enter {
                    let mut numbers = typed.split([',', ' ']).map(|n| n.trim().parse::<usize>());
                    match numbers.next() {
                        Some(Ok(line)) => {
                            let column = numbers.next().and_then(Result::ok).unwrap_or(1);
                            self.cursor =
                                Place { line: line.saturating_sub(1), column: column.saturating_sub(1) };
                        }
                        _ => self.message = "Invalid line or column number".to_owned(),
                    }
                } else {
                    type_into(&mut typed, key);
                    self.question = Some(Question::Line { typed });
                }
            }
        }
        false
    }

    fn save(&mut self) {
        let lines = self.text.lines() - 1;
        self.saved = Some(self.bytes());
        self.saved_changes = self.text.changes();
        self.message = if lines == 1 { "Wrote 1 line".to_owned() } else { format!("Wrote {lines} lines") };
    }

    fn find(&mut self, sought: &str) {
        if sought.is_empty() {
            self.message = "No current search pattern".to_owned();
            return;
        }
        self.searched = sought.to_owned();
        let lower = sought.to_lowercase();
        let count = self.text.lines();
        for step in 0..=count {
            let line = (self.cursor.line + step) % count;
            let content = self.text.line_text(line).to_lowercase();
            let mut hits = content.match_indices(&lower).map(|(at, _)| content[..at].chars().count());
            let hit = hits.find(|column| step > 0 || *column > self.cursor.column);
            if let Some(column) = hit {
                if line < self.cursor.line || step == count {
                    self.message = "Search Wrapped".to_owned();
                }
                self.cursor = Place { line, column };
                return;
            }
        }
        self.message = format!("\"{sought}\" not found");
    }

    fn replace_all(&mut self, sought: &str, with: &str) {
        self.text.remember(self.cursor);
        let mut count = 0;
        for line in 0..self.text.lines() {
            let content = self.text.line_text(line);
            let hits = content.matches(sought).count();
            if hits > 0 {
                count += hits;
                self.text.set_line(line, &content.replace(sought, with));
            }
        }
        self.text.forget_if_same();
        self.message = match count {
            0 => format!("\"{sought}\" not found"),
            1 => "Replaced 1 occurrence".to_owned(),
            n => format!("Replaced {n} occurrences"),
        };
    }

    pub fn draw(&mut self, buffer: &mut Buffer, area: Rect, brush: &Brush<'_>) -> Option<Position> {
        if area.height < 5 {
            return None;
        }
        self.rows = usize::from(area.height - 4);
        self.top = scrolled(self.top, self.cursor.line, self.rows);
        let bar = brush.style(Role::Text).add_modifier(Modifier::REVERSED);
        let mut title = measure::padded("  GNU nano 7.2", usize::from(area.width));
        let name = &self.path;
        let at = (usize::from(area.width).saturating_sub(measure::width(name))) / 2;
        title = format!("{}{name}", measure::padded(&title, at.max(15)));
        if self.modified() {
            let room = usize::from(area.width).saturating_sub(10);
            title = format!("{}Modified", measure::padded(&title, room));
        }
        paint::put(buffer, area, area.x, area.y, &measure::padded(&title, usize::from(area.width)), bar);
        let inside = Rect { y: area.y + 1, height: area.height - 4, ..area };
        if self.help {
            return self.draw_help(buffer, inside, brush);
        }
        let selected =
            self.marked().map(|(from, to)| (from, Place { column: to.column.saturating_sub(1), ..to }));
        let view = TextView { top: self.top, syntax: self.syntax, numbers: false, selected, filler: "" };
        let cursor = draw_text(buffer, inside, brush, &self.text, self.cursor, &view);
        let y = area.bottom() - 3;
        self.draw_shortcuts(buffer, area, brush);
        if let Some(question) = &self.question {
            let text = match question {
                Question::Leave => "Save modified buffer?  (Y)es (N)o (^C) Cancel ".to_owned(),
                Question::FileName { name, .. } => format!("File Name to Write: {name}"),
                Question::Search { typed } if self.searched.is_empty() => format!("Search: {typed}"),
                Question::Search { typed } => format!("Search [{}]: {typed}", self.searched),
                Question::Replace { typed, with: None } => format!("Search (to replace): {typed}"),
                Question::Replace { with: Some(with), .. } => format!("Replace with: {with}"),
                Question::Line { typed } => format!("Enter line number, column number: {typed}"),
            };
            paint::put(buffer, area, area.x, y, &measure::padded(&text, usize::from(area.width)), bar);
            let x = area.x + (measure::width(&text) as u16).min(area.width - 1);
            return Some(Position::new(x, y));
        }
        if !self.message.is_empty() {
            let text = format!("[ {} ]", self.message);
            let x = area.x + area.width.saturating_sub(measure::width(&text) as u16) / 2;
            paint::put(buffer, area, x, y, &text, bar);
        }
        Some(cursor)
    }

    fn draw_shortcuts(&self, buffer: &mut Buffer, area: Rect, brush: &Brush<'_>) {
        let count = (area.width / 14).clamp(2, 6);
        let width = area.width / count;
        for (row, shortcuts) in SHORTCUTS.iter().enumerate() {
            for (column, (key, label)) in shortcuts.iter().take(usize::from(count)).enumerate() {
                let x = area.x + column as u16 * width;
                let y = area.bottom() - 2 + row as u16;
                let cell = Rect::new(x, y, width - 1, 1);
                let bar = brush.style(Role::Text).add_modifier(Modifier::REVERSED);
                let x = paint::put(buffer, cell, x, y, key, bar);
                paint::put(buffer, cell, x + 1, y, label, brush.style(Role::Text));
            }
        }
    }

    fn draw_help(&self, buffer: &mut Buffer, area: Rect, brush: &Brush<'_>) -> Option<Position> {
        let lines = [
            "Just type. The keys along the bottom: ^ is Ctrl, M- is Alt.",
            "",
            "^O  save                 ^X  leave (asks when there are changes)",
            "^K  cut the line         ^U  paste it",
            "^W  find                 ^\\  find and replace",
            "^A ^E  start, end        ^Y ^V  page up, down",
            "M-U  undo                M-E  redo",
            "M-A  mark                ^/  go to a line",
            "",
            "Any key closes this.",
        ];
        for (row, line) in lines.iter().enumerate() {
            paint::put(buffer, area, area.x + 1, area.y + row as u16, line, brush.style(Role::Text));
        }
        Some(Position::new(area.x, area.y))
    }
}

fn type_into(text: &mut String, key: KeyEvent) {
    match key.code {
        KeyCode::Backspace => {
            text.pop();
        }
        KeyCode::Char('h') if key.modifiers.contains(KeyModifiers::CONTROL) => {
            text.pop();
        }
        KeyCode::Char('u' | 'k') if key.modifiers.contains(KeyModifiers::CONTROL) => text.clear(),
        KeyCode::Char(c) if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => {
            text.push(c)
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::Nano;
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    /// `^x` is Ctrl-X, `!u` is Alt-U, `\n` Enter.
    fn check(before: &str, keys: &str, after: Option<&str>, left: bool) {
        let mut nano = Nano::open("/home/a.txt", before.as_bytes());
        let mut gone = false;
        let mut chars = keys.chars();
        while let Some(c) = chars.next() {
            let (code, modifiers) = match c {
                '^' => (KeyCode::Char(chars.next().expect("a key")), KeyModifiers::CONTROL),
                '!' => (KeyCode::Char(chars.next().expect("a key")), KeyModifiers::ALT),
                '\n' => (KeyCode::Enter, KeyModifiers::NONE),
                '>' => (KeyCode::Down, KeyModifiers::NONE),
                c => (KeyCode::Char(c), KeyModifiers::NONE),
            };
            gone = nano.key(KeyEvent::new(code, modifiers), 20);
        }
        let saved = nano.saved.map(|b| String::from_utf8(b).expect("text"));
        assert_eq!((saved.as_deref(), gone), (after, left), "{keys:?}");
    }

    #[test]
    fn typing_saving_leaving() {
        check("", "hi^o\n", Some("hi\n"), false);
        check("", "hi^xy\n", Some("hi\n"), true);
        check("", "hi^xn", None, true);
        check("one\n", "^x", None, true);
        check("one\ntwo\n", "^k^o\n", Some("two\n"), false);
        check(
            "one\ntwo\nthree\n",
            "^k^k>^u^s",
            Some("one\ntwo\nthree\n").map(|_| "three\none\ntwo\n"),
            false,
        );
        check("a v1\nb v1\n", "^\\v1\nv2\n^s", Some("a v2\nb v2\n"), false);
        check("a\nb v1\n", "^wv1\nX^s", Some("a\nb Xv1\n"), false);
        check("one", "x!u^s", Some("one\n"), false);
    }
}
