//! Carries out a gathered command on the text: moves, operators, puts, undo, repeat.

use super::command::{Action, Command, Motion, Operator, Target};
use super::motion::{self, Reach};
use super::object;
use super::{Mode, Register, Vi};
use crate::ui::editor::text::Place;

/// Columns that `>` shifts by.
const SHIFT_COLUMNS: usize = 2;

impl Vi {
    pub(super) fn execute(&mut self, command: Command) {
        let count = command.count;
        let n = count.unwrap_or(1);
        match command.action {
            Action::Move(motion) => self.go(motion, count),
            Action::Operate(operator, target) => self.operate(command, operator, target, count),
            Action::OperateSearch { forward, .. } => {
                self.awaiting = Some(command);
                self.begin_line(if forward { '/' } else { '?' });
            }
            Action::Insert
            | Action::InsertAtIndent
            | Action::Append
            | Action::AppendAtEnd
            | Action::OpenBelow
            | Action::OpenAbove
            | Action::ReplaceMode => self.begin_insert(command),
            Action::ReplaceChar(c) => self.replace_char(command, c, n),
            Action::ToggleCase => self.toggle_case(command, n),
            Action::Join { blanks } => self.join(command, n, blanks),
            Action::Put { before } => self.put(command, before, n),
            Action::Undo => self.undo(n),
            Action::Redo => self.redo(n),
            Action::Repeat => self.repeat(count),
            Action::Visual { lines } => self.visual(lines),
            Action::SwapEnds => std::mem::swap(&mut self.cursor, &mut self.anchor),
            Action::SelectObject { around, kind } => self.select_object(around, kind),
            Action::Ex => self.begin_line(':'),
            Action::Search { forward } => self.begin_line(if forward { '/' } else { '?' }),
            Action::SaveAndQuit => self.ex("x"),
            Action::QuitWithoutSaving => self.ex("q!"),
            Action::HalfPage { down } => self.page(down, count.unwrap_or((self.rows / 2).max(1))),
            Action::Page { down } => self.page(down, n * self.rows.saturating_sub(2).max(1)),
            Action::ScrollLine { down } => self.wheel(if down { n as isize } else { -(n as isize) }),
            Action::Scroll(to) => self.scroll_to(to),
            Action::SetMark(name) => {
                self.marks.insert(name, self.cursor);
            }
            Action::FileInfo => {
                let (line, of) = (self.cursor.line + 1, self.text.lines());
                let modified = if self.modified() { " [Modified]" } else { "" };
                self.say(format!("\"{}\"{modified} line {line} of {of} --{}%--", self.path, line * 100 / of));
            }
            Action::Add { down } => self.add(command, if down { -(n as i64) } else { n as i64 }),
        }
    }

    fn go(&mut self, motion: Motion, count: Option<usize>) {
        let vertical = matches!(motion, Motion::Up | Motion::Down);
        let Some((place, _)) = self.reach(motion, count) else { return };
        if matches!(
            motion,
            Motion::FirstLine
                | Motion::LastLine
                | Motion::SearchAgain { .. }
                | Motion::WordUnder { .. }
                | Motion::Match
        ) {
            self.jumped_from = self.cursor;
        }
        self.cursor = self
            .text
            .clamp(place, matches!(self.mode, Mode::Visual { lines: false }) && motion == Motion::Right);
        if !vertical {
            self.aim = if motion == Motion::LineEnd { usize::MAX } else { self.cursor.column };
        }
    }

    fn page(&mut self, down: bool, rows: usize) {
        let line = if down { self.cursor.line + rows } else { self.cursor.line.saturating_sub(rows) };
        let line = line.min(self.text.last_line());
        self.top =
            if down { self.top + rows } else { self.top.saturating_sub(rows) }.min(self.text.last_line());
        self.cursor = Place { line, column: self.text.indent(line) };
        self.top = self.top.min(line);
    }

    fn scroll_to(&mut self, to: char) {
        let line = self.cursor.line;
        self.top = match to {
            't' | '+' => line,
            'b' | '-' => (line + 1).saturating_sub(self.rows),
            _ => line.saturating_sub(self.rows / 2),
        };
    }

    fn visual(&mut self, lines: bool) {
        self.mode = match self.mode {
            Mode::Visual { lines: now } if now == lines => Mode::Normal,
            Mode::Visual { .. } => Mode::Visual { lines },
            _ => {
                self.anchor = self.cursor;
                Mode::Visual { lines }
            }
        };
    }

    fn select_object(&mut self, around: bool, kind: char) {
        if let Some((from, to, lines)) = object::range(&self.text, self.cursor, around, kind) {
            self.anchor = from;
            self.cursor = Place { column: to.column.saturating_sub(1), ..to };
            if lines {
                self.mode = Mode::Visual { lines: true };
            }
        }
    }

    /// The range an operator works on: from, to (not included), whole lines.
    fn range(&mut self, operator: Operator, target: Target, count: Option<usize>) -> Option<object::Range> {
        let at = self.cursor;
        let line_end = |line: usize| Place { line, column: self.text.line(line).len() };
        match target {
            Target::Lines => {
                let last = (at.line + count.unwrap_or(1) - 1).min(self.text.last_line());
                Some((Place { column: 0, ..at }, line_end(last), true))
            }
            Target::Object { around, kind } => object::range(&self.text, at, around, kind),
            Target::Selection => {
                let lines = self.mode == Mode::Visual { lines: true };
                let (from, to) = if self.anchor <= at { (self.anchor, at) } else { (at, self.anchor) };
                if lines {
                    return Some((Place { column: 0, ..from }, line_end(to.line), true));
                }
                if self.aim == usize::MAX && to == at && to.line < self.text.last_line() {
                    // `$` in visual mode takes the line's end along.
                    return Some((from, Place { line: to.line + 1, column: 0 }, false));
                }
                Some((from, Place { column: to.column + 1, ..to }, false))
            }
            Target::Motion(motion) => self.motion_range(operator, motion, count),
        }
    }

    fn motion_range(
        &mut self,
        operator: Operator,
        motion: Motion,
        count: Option<usize>,
    ) -> Option<object::Range> {
        let at = self.cursor;
        let blank = self.text.char_at(at).is_none_or(char::is_whitespace);
        // cw on a word changes to its end, not the blank after it.
        let motion = match motion {
            Motion::Word { big } if operator == Operator::Change && !blank => {
                return self.change_word(big, count.unwrap_or(1));
            }
            other => other,
        };
        let is_word = matches!(motion, Motion::Word { .. });
        let (place, mut reach) = self.reach(motion, count)?;
        let (from, mut to) = if place < at { (place, at) } else { (at, place) };
        if reach == Reach::Lines {
            let end = Place { line: to.line, column: self.text.line(to.line).len() };
            return Some((Place { column: 0, ..from }, end, true));
        }
        if is_word && to.line > from.line {
            // The last word of a line takes no part of the next.
            let over = to.line > from.line && to.column <= self.text.indent(to.line);
            if over {
                let line = to.line - 1;
                to = Place { line, column: self.text.line(line).len() };
                let whole = self.text.line(from.line).is_empty();
                return Some((from, to, whole));
            }
        }
        if reach == Reach::Exclusive && to.column == 0 && to.line > from.line {
            let line = to.line - 1;
            to = Place { line, column: self.text.line(line).len() };
            let from_start = from.column <= self.text.indent(from.line);
            if from_start && !is_word {
                return Some((Place { column: 0, ..from }, to, true));
            }
            reach = Reach::Exclusive;
        }
        if reach == Reach::Inclusive {
            to.column = (to.column + 1).min(self.text.line(to.line).len());
        }
        Some((from, to, false))
    }

    /// Like `e`, but a cursor on the last character of a word stays on it.
    fn change_word(&self, big: bool, count: usize) -> Option<object::Range> {
        let at = self.cursor;
        let mut end = motion::run_end(&self.text, at, big);
        for _ in 1..count {
            end = motion::word_end(&self.text, end, big).unwrap_or(end);
        }
        Some((at, Place { column: end.column + 1, ..end }, false))
    }

    /// An operator whose search has been typed.
    pub(super) fn operate_to(&mut self, command: Command, motion: Motion) {
        if let Action::OperateSearch { operator, .. } = command.action {
            self.operate(command, operator, Target::Motion(motion), None);
        }
    }

    fn operate(&mut self, command: Command, operator: Operator, target: Target, count: Option<usize>) {
        let was_visual = target == Target::Selection;
        let Some((from, to, lines)) = self.range(operator, target, count) else {
            self.mode = Mode::Normal;
            return;
        };
        self.mode = Mode::Normal;
        if from == to && !lines && operator != Operator::Change {
            return;
        }
        match operator {
            Operator::Yank => {
                self.fill_register(from, to, lines);
                let vertical = lines && matches!(target, Target::Lines);
                if !vertical || was_visual {
                    self.cursor =
                        if lines { Place { line: from.line, column: self.cursor.column } } else { from };
                }
                let count = to.line - from.line + 1;
                if lines && count > 2 {
                    self.say(format!("{count} lines yanked"));
                }
            }
            Operator::Delete => {
                self.text.remember(self.cursor);
                self.delete(from, to, lines);
                self.finish_change(command, String::new());
            }
            Operator::Change => self.change(command, from, to, lines),
            Operator::Indent | Operator::Outdent => {
                self.text.remember(self.cursor);
                for line in from.line..=to.line {
                    self.shift(line, operator == Operator::Indent);
                }
                self.cursor = Place { line: from.line, column: self.text.indent(from.line) };
                self.finish_change(command, String::new());
            }
            Operator::Lower | Operator::Upper | Operator::Toggle => {
                self.text.remember(self.cursor);
                let changed: String =
                    self.text.slice(from, to).chars().map(|c| recased(c, operator)).collect();
                self.text.remove(from, to);
                self.text.insert(from, &changed);
                self.cursor = from;
                self.finish_change(command, String::new());
            }
        }
        self.cursor = self.text.clamp(self.cursor, self.mode == Mode::Insert);
        self.aim = self.cursor.column;
    }

    fn fill_register(&mut self, from: Place, to: Place, lines: bool) {
        let text = if lines { self.text.line_block(from.line, to.line) } else { self.text.slice(from, to) };
        self.register = Register { text, lines };
    }

    fn delete(&mut self, from: Place, to: Place, lines: bool) {
        self.fill_register(from, to, lines);
        if lines {
            let count = to.line - from.line + 1;
            self.text.remove_lines(from.line, to.line);
            let line = from.line.min(self.text.last_line());
            self.cursor = Place { line, column: self.text.indent(line) };
            if count > 2 {
                let all = self.text.file_lines() == 0;
                self.say(if all {
                    "--No lines in buffer--".to_owned()
                } else {
                    format!("{count} fewer lines")
                });
            }
        } else {
            self.text.remove(from, to);
            self.cursor = from;
        }
    }

    fn change(&mut self, command: Command, from: Place, to: Place, lines: bool) {
        self.text.remember(self.cursor);
        self.fill_register(from, to, lines);
        if lines {
            let indent: String = if self.keeps_indent() {
                self.text.line(from.line)[..self.text.indent(from.line)].iter().collect()
            } else {
                String::new()
            };
            if to.line > from.line {
                self.text.remove_lines(from.line + 1, to.line);
            }
            self.text.set_line(from.line, &indent);
            self.cursor = Place { line: from.line, column: indent.chars().count() };
        } else {
            self.text.remove(from, to);
            self.cursor = from;
        }
        self.enter_insert(command, 1);
    }

    fn shift(&mut self, line: usize, right: bool) {
        if self.text.line(line).is_empty() {
            return;
        }
        let start = Place { line, column: 0 };
        if right {
            self.text.insert(start, &" ".repeat(SHIFT_COLUMNS));
        } else {
            let blanks = self.text.indent(line).min(SHIFT_COLUMNS);
            self.text.remove(start, Place { line, column: blanks });
        }
    }

    fn replace_char(&mut self, command: Command, c: char, n: usize) {
        if let Mode::Visual { .. } = self.mode {
            let Some((from, to, _)) = self.range(Operator::Delete, Target::Selection, None) else { return };
            self.text.remember(self.cursor);
            let old = self.text.slice(from, to);
            let new: String = old.chars().map(|o| if o == '\n' { '\n' } else { c }).collect();
            self.text.remove(from, to);
            self.text.insert(from, &new);
            self.cursor = from;
            self.mode = Mode::Normal;
            return;
        }
        if self.cursor.column + n > self.text.line(self.cursor.line).len() {
            return;
        }
        self.text.remember(self.cursor);
        let to = Place { column: self.cursor.column + n, ..self.cursor };
        self.text.remove(self.cursor, to);
        self.text.insert(self.cursor, &c.to_string().repeat(n));
        self.cursor.column += n - 1;
        self.finish_change(command, String::new());
    }

    fn toggle_case(&mut self, command: Command, n: usize) {
        let length = self.text.line(self.cursor.line).len();
        let to = Place { column: (self.cursor.column + n).min(length), ..self.cursor };
        self.text.remember(self.cursor);
        let changed: String =
            self.text.remove(self.cursor, to).chars().map(|c| recased(c, Operator::Toggle)).collect();
        self.cursor = self.text.insert(self.cursor, &changed);
        self.finish_change(command, String::new());
    }

    fn join(&mut self, command: Command, n: usize, blanks: bool) {
        let (first, count) = match self.mode {
            Mode::Visual { .. } => {
                let (a, b) = (self.anchor.line.min(self.cursor.line), self.anchor.line.max(self.cursor.line));
                (a, (b - a).max(1))
            }
            _ => (self.cursor.line, n.max(2) - 1),
        };
        self.mode = Mode::Normal;
        if first + 1 > self.text.last_line() {
            return;
        }
        self.text.remember(self.cursor);
        for _ in 0..count.min(self.text.last_line() - first) {
            let head = self.text.line_text(first);
            let tail = self.text.line_text(first + 1);
            let head_length = head.chars().count();
            let (joined, column) = if blanks {
                let tail = tail.trim_start();
                let gap = !(head.is_empty()
                    || head.ends_with([' ', '\t'])
                    || tail.is_empty()
                    || tail.starts_with(')'));
                (format!("{head}{}{tail}", if gap { " " } else { "" }), head_length)
            } else {
                (format!("{head}{tail}"), head_length)
            };
            self.text.remove_lines(first + 1, first + 1);
            self.text.set_line(first, &joined);
            self.cursor = Place { line: first, column };
        }
        self.finish_change(command, String::new());
    }

    fn put(&mut self, command: Command, before: bool, n: usize) {
        let register = self.register.clone();
        if register.text.is_empty() {
            return;
        }
        self.text.remember(self.cursor);
        if let Mode::Visual { .. } = self.mode {
            // What was selected goes into the register, as vim does.
            if let Some((from, to, lines)) = self.range(Operator::Delete, Target::Selection, None) {
                self.mode = Mode::Normal;
                self.delete(from, to, lines);
                if lines {
                    self.text.insert_lines(from.line, &register.text);
                } else if register.lines {
                    // Whole lines in the middle of a line split it.
                    let at = self.text.insert(from, "\n");
                    self.text.insert(at, &register.text);
                } else {
                    self.text.insert(from, &register.text);
                }
            }
            return;
        }
        let text = register.text.repeat(n);
        if register.lines {
            let line = if before { self.cursor.line } else { self.cursor.line + 1 };
            self.text.insert_lines(line, &text);
            self.cursor = Place { line, column: self.text.indent(line) };
        } else {
            let empty = self.text.line(self.cursor.line).is_empty();
            let column = if before || empty { self.cursor.column } else { self.cursor.column + 1 };
            let start = Place { column, ..self.cursor };
            let end = self.text.insert(start, &text);
            self.cursor = if text.contains('\n') {
                start
            } else {
                Place { column: end.column.saturating_sub(1), ..end }
            };
        }
        self.finish_change(command, String::new());
    }

    fn undo(&mut self, n: usize) {
        for _ in 0..n {
            match self.text.undo(self.cursor) {
                Some(place) => {
                    let line = self.text.first_difference().unwrap_or(place.line);
                    let column = if line == place.line { place.column } else { self.text.indent(line) };
                    self.cursor = Place { line, column };
                }
                None => return self.say("Already at oldest change".to_owned()),
            }
        }
    }

    fn redo(&mut self, n: usize) {
        for _ in 0..n {
            match self.text.redo(self.cursor) {
                Some(place) => self.cursor = Place { column: self.text.indent(place.line), ..place },
                None => return self.say("Already at newest change".to_owned()),
            }
        }
    }

    /// `.`: the last change again, with its own count or a new one.
    fn repeat(&mut self, count: Option<usize>) {
        let Some((mut command, typed)) = self.last_change.clone() else { return };
        if count.is_some() {
            command.count = count;
        }
        self.execute(command);
        if matches!(self.mode, Mode::Insert | Mode::Replace) {
            self.type_text(&typed);
            self.end_insert();
        }
        self.last_change = Some((command, typed));
    }

    /// Remembers the change for `.`.
    pub(super) fn finish_change(&mut self, command: Command, typed: String) {
        self.text.forget_if_same();
        self.last_change = Some((command, typed));
        self.cursor = self.text.clamp(self.cursor, false);
        self.aim = self.cursor.column;
    }

    /// Ctrl-A and Ctrl-X: the number at or after the cursor.
    fn add(&mut self, command: Command, by: i64) {
        let line = self.text.line(self.cursor.line).to_vec();
        let digit = |at: usize| line.get(at).is_some_and(char::is_ascii_digit);
        let Some(mut start) = (self.cursor.column..line.len()).find(|at| digit(*at)) else { return };
        while start > 0 && digit(start - 1) {
            start -= 1;
        }
        let end = (start..line.len()).find(|at| !digit(*at)).unwrap_or(line.len());
        let negative = start > 0 && line[start - 1] == '-';
        let number: String = line[start - usize::from(negative)..end].iter().collect();
        let Ok(value) = number.parse::<i64>() else { return };
        self.text.remember(self.cursor);
        let from = Place { column: start - usize::from(negative), ..self.cursor };
        self.text.remove(from, Place { column: end, ..self.cursor });
        let after = self.text.insert(from, &value.saturating_add(by).to_string());
        self.cursor = Place { column: after.column - 1, ..after };
        self.finish_change(command, String::new());
    }
}

fn recased(c: char, operator: Operator) -> char {
    let upper = match operator {
        Operator::Upper => true,
        Operator::Lower => false,
        _ => c.is_lowercase(),
    };
    if upper { c.to_uppercase().next().unwrap_or(c) } else { c.to_lowercase().next().unwrap_or(c) }
}
