//! Insert and replace mode: what is typed goes into the text until Esc.

use super::command::{Action, Command};
use super::{Mode, Vi};
use crate::ui::editor::text::Place;
use crate::ui::highlight::Syntax;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

impl Vi {
    /// YAML keeps its indentation on a new line, as vim's file type plug-in for it does.
    pub(super) fn keeps_indent(&self) -> bool {
        self.syntax == Syntax::Yaml
    }

    pub(super) fn begin_insert(&mut self, command: Command) {
        self.text.remember(self.cursor);
        let length = self.text.line(self.cursor.line).len();
        match command.action {
            Action::InsertAtIndent => self.cursor.column = self.text.indent(self.cursor.line),
            Action::Append => self.cursor.column = (self.cursor.column + 1).min(length),
            Action::AppendAtEnd => self.cursor.column = length,
            Action::OpenBelow | Action::OpenAbove => self.open_line(command.action == Action::OpenAbove),
            _ => {}
        }
        let count = command.count.unwrap_or(1);
        self.enter_insert(command, count);
        if command.action == Action::ReplaceMode {
            self.mode = Mode::Replace;
        }
    }

    fn open_line(&mut self, above: bool) {
        let indent = self.indent_of(self.cursor.line);
        let line = if above { self.cursor.line } else { self.cursor.line + 1 };
        self.text.insert_lines(line, &format!("{indent}\n"));
        self.cursor = Place { line, column: indent.chars().count() };
    }

    /// The indentation a line after `line` gets.
    fn indent_of(&self, line: usize) -> String {
        if !self.keeps_indent() {
            return String::new();
        }
        self.text.line(line)[..self.text.indent(line)].iter().collect()
    }

    pub(super) fn enter_insert(&mut self, command: Command, count: usize) {
        self.mode = Mode::Insert;
        self.typed.clear();
        self.insert_count = count;
        self.inserting = Some(command);
    }

    pub(super) fn insert_key(&mut self, key: KeyEvent) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => self.end_insert(),
            KeyCode::Enter => self.type_text("\n"),
            KeyCode::Tab if self.keeps_indent() => self.type_text("  "),
            KeyCode::Tab => self.type_text("\t"),
            KeyCode::Backspace => self.rub_out(1),
            KeyCode::Char('w') if control => {
                let line = self.text.line(self.cursor.line);
                let head = &line[..self.cursor.column.min(line.len())];
                let blanks = head.iter().rev().take_while(|c| c.is_whitespace()).count();
                let rest = &head[..head.len() - blanks];
                let is_word = |c: &char| c.is_alphanumeric() || *c == '_';
                let kind = rest.last().is_some_and(is_word);
                let word = rest.iter().rev().take_while(|c| !c.is_whitespace() && is_word(c) == kind).count();
                self.rub_out((blanks + word).max(1));
            }
            KeyCode::Char('u') if control => self.rub_out(self.cursor.column.max(1)),
            KeyCode::Char('t') if control => {
                let column = self.cursor.column;
                self.text.insert(Place { column: 0, ..self.cursor }, "  ");
                self.cursor.column = column + 2;
            }
            KeyCode::Delete => {
                let after = Place { column: self.cursor.column + 1, ..self.cursor };
                if self.cursor.column < self.text.line(self.cursor.line).len() {
                    self.text.remove(self.cursor, after);
                } else if self.cursor.line < self.text.last_line() {
                    self.text.remove(self.cursor, Place { line: self.cursor.line + 1, column: 0 });
                }
            }
            KeyCode::Char(c) if !control => self.type_text(c.encode_utf8(&mut [0; 4])),
            _ => self.insert_move(key.code, control),
        }
    }

    fn insert_move(&mut self, code: KeyCode, control: bool) {
        let line = self.cursor.line;
        let length = self.text.line(line).len();
        let moved = match code {
            KeyCode::Left if control => {
                super::motion::word_back(&self.text, self.cursor, false).unwrap_or_default()
            }
            KeyCode::Right if control => {
                let end = Place { line, column: length };
                super::motion::word(&self.text, self.cursor, false).unwrap_or(end)
            }
            KeyCode::Left => Place { column: self.cursor.column.saturating_sub(1), ..self.cursor },
            KeyCode::Right => Place { column: (self.cursor.column + 1).min(length), ..self.cursor },
            KeyCode::Up => Place { line: line.saturating_sub(1), ..self.cursor },
            KeyCode::Down => Place { line: (line + 1).min(self.text.last_line()), ..self.cursor },
            KeyCode::Home => Place { column: 0, ..self.cursor },
            KeyCode::End => Place { column: length, ..self.cursor },
            KeyCode::PageDown => Place { line: (line + self.rows).min(self.text.last_line()), ..self.cursor },
            KeyCode::PageUp => Place { line: line.saturating_sub(self.rows), ..self.cursor },
            _ => return,
        };
        self.cursor = self.text.clamp(moved, true);
        // Moving breaks what `.` and a count would repeat, as in vim.
        self.typed.clear();
        self.insert_count = 1;
    }

    /// Puts text in at the cursor, over what is there in replace mode.
    pub(super) fn type_text(&mut self, text: &str) {
        self.typed.push_str(text);
        if self.mode == Mode::Replace && text != "\n" {
            let length = self.text.line(self.cursor.line).len();
            let over = text.chars().count().min(length.saturating_sub(self.cursor.column));
            self.text.remove(self.cursor, Place { column: self.cursor.column + over, ..self.cursor });
        }
        let newline = text == "\n" && self.keeps_indent();
        let indent = if newline { self.indent_of(self.cursor.line) } else { String::new() };
        self.cursor = self.text.insert(self.cursor, text);
        if !indent.is_empty() {
            self.cursor = self.text.insert(self.cursor, &indent);
        }
    }

    fn rub_out(&mut self, count: usize) {
        for _ in 0..count {
            self.typed.pop();
            let to = self.cursor;
            if to.column > 0 {
                self.cursor = Place { column: to.column - 1, ..to };
            } else if to.line > 0 {
                let line = to.line - 1;
                self.cursor = Place { line, column: self.text.line(line).len() };
            } else {
                return;
            }
            self.text.remove(self.cursor, to);
        }
    }

    pub(super) fn end_insert(&mut self) {
        let typed = std::mem::take(&mut self.typed);
        let opened = |action: &Command| matches!(action.action, Action::OpenBelow | Action::OpenAbove);
        let opens = self.inserting.as_ref().is_some_and(opened);
        for _ in 1..self.insert_count {
            if opens {
                self.open_line(false);
            }
            self.cursor = self.text.insert(self.cursor, &typed);
        }
        // A line that holds nothing but the indentation it was given is left empty.
        let line = self.text.line(self.cursor.line);
        if self.keeps_indent()
            && !line.is_empty()
            && line.iter().all(|c| c.is_whitespace())
            && typed.trim().is_empty()
        {
            self.text.set_line(self.cursor.line, "");
        }
        self.mode = Mode::Normal;
        self.cursor.column = self.cursor.column.saturating_sub(1);
        self.insert_count = 1;
        if let Some(command) = self.inserting.take() {
            self.finish_change(command, typed);
        }
    }
}
