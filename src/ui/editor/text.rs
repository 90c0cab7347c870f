//! A text being edited: lines of characters, places, ranges, undo. Knows no keys and no modes.

/// The largest file an editor takes; a longer one is cut, with a message.
pub const MAX_BYTES: usize = 1024 * 1024;
/// Undo steps kept.
const MAX_UNDO: usize = 300;

/// A line and a character in it, both from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

#[derive(Clone, Debug, Default)]
pub struct Text {
    lines: Vec<Vec<char>>,
    undo: Vec<(Vec<Vec<char>>, Place)>,
    redo: Vec<(Vec<Vec<char>>, Place)>,
    /// Counts changes; compares with the count at the last save.
    changes: u64,
}

impl Text {
    pub fn new(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_BYTES)]);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let lines = text.split('\n').map(|l| l.chars().collect()).collect();
        Self { lines, ..Self::default() }
    }

    /// The file's bytes, with a newline at its end, as vi and nano write them. An empty text is an empty file.
    pub fn bytes(&self) -> Vec<u8> {
        if self.lines.len() == 1 && self.lines[0].is_empty() {
            return Vec::new();
        }
        let mut out = String::new();
        for line in &self.lines {
            out.extend(line);
            out.push('\n');
        }
        out.into_bytes()
    }

    /// At least 1.
    pub fn lines(&self) -> usize {
        self.lines.len()
    }

    /// Lines as a file counts them: an empty file has none.
    pub fn file_lines(&self) -> usize {
        if self.lines.len() == 1 && self.lines[0].is_empty() { 0 } else { self.lines.len() }
    }

    pub fn line(&self, at: usize) -> &[char] {
        self.lines.get(at).map_or(&[], Vec::as_slice)
    }

    pub fn line_text(&self, at: usize) -> String {
        self.line(at).iter().collect()
    }

    pub fn char_at(&self, at: Place) -> Option<char> {
        self.line(at.line).get(at.column).copied()
    }

    pub fn last_line(&self) -> usize {
        self.lines.len() - 1
    }

    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// Brings a place into the text; `past_end` allows the column after the last character.
    pub fn clamp(&self, at: Place, past_end: bool) -> Place {
        let line = at.line.min(self.last_line());
        let length = self.line(line).len();
        let most = if past_end { length } else { length.saturating_sub(1) };
        Place { line, column: at.column.min(most) }
    }

    /// Marks the start of a change that one undo takes back.
    pub fn remember(&mut self, cursor: Place) {
        if self.undo.len() == MAX_UNDO {
            self.undo.remove(0);
        }
        self.undo.push((self.lines.clone(), cursor));
        self.redo.clear();
    }

    /// Drops the newest undo step when nothing was changed since.
    pub fn forget_if_same(&mut self) {
        if self.undo.last().is_some_and(|(lines, _)| *lines == self.lines) {
            self.undo.pop();
        }
    }

    /// Takes a change back; where the cursor was before it.
    pub fn undo(&mut self, cursor: Place) -> Option<Place> {
        let (lines, at) = self.undo.pop()?;
        self.redo.push((std::mem::replace(&mut self.lines, lines), cursor));
        self.changes += 1;
        Some(at)
    }

    pub fn redo(&mut self, cursor: Place) -> Option<Place> {
        let (lines, at) = self.redo.pop()?;
        let first = self.lines.iter().zip(&lines).position(|(a, b)| a != b);
        self.undo.push((std::mem::replace(&mut self.lines, lines), cursor));
        self.changes += 1;
        Some(first.map_or(at, |line| Place { line, column: 0 }))
    }

    /// The line where undo and the present differ first; where vi puts the cursor.
    pub fn first_difference(&self) -> Option<usize> {
        let (lines, _) = self.redo.last()?;
        let same = self.lines.iter().zip(lines).take_while(|(a, b)| a == b).count();
        Some(same.min(self.last_line()))
    }

    /// Inserts text (newlines split the line); returns the place after it.
    pub fn insert(&mut self, at: Place, text: &str) -> Place {
        let at = self.clamp(at, true);
        self.changes += 1;
        let mut place = at;
        for c in text.chars() {
            if c == '\n' {
                let rest = self.lines[place.line].split_off(place.column);
                self.lines.insert(place.line + 1, rest);
                place = Place { line: place.line + 1, column: 0 };
            } else {
                self.lines[place.line].insert(place.column, c);
                place.column += 1;
            }
        }
        place
    }

    /// Removes from `from` up to, not including, `to`; returns what was there.
    pub fn remove(&mut self, from: Place, to: Place) -> String {
        let (from, to) = (self.clamp(from, true), self.clamp(to, true));
        if from >= to {
            return String::new();
        }
        self.changes += 1;
        if from.line == to.line {
            return self.lines[from.line].drain(from.column..to.column).collect();
        }
        let mut removed: String = self.lines[from.line].split_off(from.column).into_iter().collect();
        for line in self.lines.drain(from.line + 1..to.line) {
            removed.push('\n');
            removed.extend(line);
        }
        let rest = self.lines.remove(from.line + 1);
        removed.push('\n');
        removed.extend(&rest[..to.column]);
        self.lines[from.line].extend_from_slice(&rest[to.column..]);
        removed
    }

    /// What stands from `from` up to, not including, `to`.
    pub fn slice(&self, from: Place, to: Place) -> String {
        let mut out = String::new();
        for at in from.line..=to.line.min(self.last_line()) {
            let line = self.line(at);
            let start = if at == from.line { from.column.min(line.len()) } else { 0 };
            let end = if at == to.line { to.column.min(line.len()) } else { line.len() };
            out.extend(&line[start.min(end)..end]);
            if at < to.line {
                out.push('\n');
            }
        }
        out
    }

    /// Whole lines `from..=to`, each with its newline.
    pub fn line_block(&self, from: usize, to: usize) -> String {
        (from..=to.min(self.last_line())).map(|at| self.line_text(at) + "\n").collect()
    }

    pub fn remove_lines(&mut self, from: usize, to: usize) -> String {
        let block = self.line_block(from, to);
        self.changes += 1;
        self.lines.drain(from..=to.min(self.lines.len() - 1));
        if self.lines.is_empty() {
            self.lines.push(Vec::new());
        }
        block
    }

    /// Inserts whole lines (each ended by a newline) before line `at`.
    pub fn insert_lines(&mut self, at: usize, block: &str) {
        self.changes += 1;
        let lines: Vec<Vec<char>> =
            block.strip_suffix('\n').unwrap_or(block).split('\n').map(|l| l.chars().collect()).collect();
        let at = at.min(self.lines.len());
        self.lines.splice(at..at, lines);
    }

    pub fn set_line(&mut self, at: usize, text: &str) {
        if let Some(line) = self.lines.get_mut(at) {
            self.changes += 1;
            *line = text.chars().collect();
        }
    }

    /// nano's way: below the last line of the file there is always an empty one to write on.
    pub fn end_with_empty_line(&mut self) {
        if self.lines.last().is_some_and(|l| !l.is_empty()) {
            self.lines.push(Vec::new());
        }
    }

    /// Columns of the first character that is not blank.
    pub fn indent(&self, line: usize) -> usize {
        self.line(line).iter().take_while(|c| c.is_whitespace()).count()
    }
}
