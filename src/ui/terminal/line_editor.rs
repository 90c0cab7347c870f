//! One line being typed, with readline's emacs keys. The text may hold newlines (a paste, a recalled heredoc).
//!
//! The cursor always stands between graphemes. Editing here sends nothing anywhere.

use unicode_segmentation::UnicodeSegmentation;

/// Longest line that can be typed or pasted, in bytes; more is refused with a bell.
pub const MAX_LINE_BYTES: usize = 64 * 1024;
const MAX_UNDO: usize = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    Left,
    Right,
    Start,
    End,
    WordLeft,
    WordRight,
    Backspace,
    Delete,
    KillToEnd,
    KillToStart,
    /// Back to the blank before (Ctrl-W).
    KillBlankWord,
    /// Back to the start of the word (Alt-Backspace).
    KillWordLeft,
    KillWordRight,
    Yank,
    Transpose,
    Upcase,
    Downcase,
    Capitalize,
    Undo,
}

#[derive(Clone, Debug, Default)]
pub struct LineEditor {
    text: String,
    cursor: usize,
    killed: String,
    /// The last edit was a kill, so another one adds to it.
    killing: bool,
    undo: Vec<(String, usize)>,
    typing: bool,
}

impl LineEditor {
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Byte offset of the cursor.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    pub fn set(&mut self, text: &str) {
        self.text = text.to_owned();
        self.cursor = self.text.len();
        self.killing = false;
        self.typing = false;
    }

    /// Takes the line and starts a new one; the kill buffer stays.
    pub fn take(&mut self) -> String {
        self.cursor = 0;
        self.undo.clear();
        self.killing = false;
        self.typing = false;
        std::mem::take(&mut self.text)
    }

    /// Inserts at the cursor; false when the line would get too long.
    pub fn insert(&mut self, text: &str) -> bool {
        if self.text.len() + text.len() > MAX_LINE_BYTES {
            return false;
        }
        // A run of typed letters is undone at once, as readline does.
        if !self.typing || text.len() > 4 || text == " " {
            self.remember();
        }
        self.typing = true;
        self.killing = false;
        self.text.insert_str(self.cursor, text);
        self.cursor += text.len();
        true
    }

    /// Replaces from `start` to the cursor, for completion.
    pub fn replace_from(&mut self, start: usize, text: &str) {
        if start > self.cursor || !self.text.is_char_boundary(start) {
            return;
        }
        self.remember();
        self.text.replace_range(start..self.cursor, text);
        self.cursor = start + text.len();
        self.typing = false;
    }

    pub fn apply(&mut self, edit: Edit) {
        let was_killing = std::mem::take(&mut self.killing);
        self.typing = false;
        match edit {
            Edit::Left => self.cursor = self.before(),
            Edit::Right => self.cursor = self.after(),
            Edit::Start => self.cursor = self.text[..self.cursor].rfind('\n').map_or(0, |at| at + 1),
            Edit::End => {
                self.cursor =
                    self.text[self.cursor..].find('\n').map_or(self.text.len(), |at| self.cursor + at)
            }
            Edit::WordLeft => self.cursor = self.word_left(),
            Edit::WordRight => self.cursor = self.word_right(),
            Edit::Backspace => self.cut(self.before(), self.cursor),
            Edit::Delete => self.cut(self.cursor, self.after()),
            Edit::KillToEnd => {
                let end =
                    self.text[self.cursor..].find('\n').map_or(self.text.len(), |at| self.cursor + at.max(1));
                self.kill(self.cursor, end, was_killing);
            }
            Edit::KillToStart => self.kill(0, self.cursor, was_killing),
            Edit::KillBlankWord => self.kill(self.blank_left(), self.cursor, was_killing),
            Edit::KillWordLeft => self.kill(self.word_left(), self.cursor, was_killing),
            Edit::KillWordRight => self.kill(self.cursor, self.word_right(), was_killing),
            Edit::Yank => {
                let killed = self.killed.clone();
                self.insert(&killed);
                self.typing = false;
            }
            Edit::Transpose => self.transpose(),
            Edit::Upcase => self.recase(|word| word.to_uppercase()),
            Edit::Downcase => self.recase(|word| word.to_lowercase()),
            Edit::Capitalize => self.recase(capitalized),
            Edit::Undo => {
                if let Some((text, cursor)) = self.undo.pop() {
                    self.text = text;
                    self.cursor = cursor;
                }
            }
        }
    }

    fn remember(&mut self) {
        if self.undo.len() == MAX_UNDO {
            self.undo.remove(0);
        }
        self.undo.push((self.text.clone(), self.cursor));
    }

    fn before(&self) -> usize {
        self.text[..self.cursor].grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        self.text[self.cursor..].graphemes(true).next().map_or(self.cursor, |g| self.cursor + g.len())
    }

    fn word_left(&self) -> usize {
        let head = &self.text[..self.cursor];
        let trimmed = head.trim_end_matches(|c: char| !c.is_alphanumeric());
        trimmed
            .rfind(|c: char| !c.is_alphanumeric())
            .map_or(0, |at| at + trimmed[at..].chars().next().map_or(1, char::len_utf8))
    }

    fn word_right(&self) -> usize {
        let tail = &self.text[self.cursor..];
        let skip = tail.find(char::is_alphanumeric).unwrap_or(tail.len());
        let word = &tail[skip..];
        self.cursor + skip + word.find(|c: char| !c.is_alphanumeric()).unwrap_or(word.len())
    }

    fn blank_left(&self) -> usize {
        let trimmed = self.text[..self.cursor].trim_end();
        trimmed
            .rfind(char::is_whitespace)
            .map_or(0, |at| at + trimmed[at..].chars().next().map_or(1, char::len_utf8))
    }

    fn cut(&mut self, from: usize, to: usize) {
        if from < to {
            self.remember();
            self.text.replace_range(from..to, "");
            self.cursor = from;
        }
    }

    fn kill(&mut self, from: usize, to: usize, more: bool) {
        let cut = self.text[from..to].to_owned();
        if !more {
            self.killed.clear();
        }
        if from < self.cursor {
            self.killed.insert_str(0, &cut)
        } else {
            self.killed.push_str(&cut)
        }
        self.cut(from, to);
        self.killing = true;
    }

    fn transpose(&mut self) {
        if self.cursor == 0 || self.text.graphemes(true).count() < 2 {
            return;
        }
        self.remember();
        if self.cursor == self.text.len() {
            self.cursor = self.before();
        }
        let (left, right) = (self.before(), self.after());
        let (a, b) = (self.text[left..self.cursor].to_owned(), self.text[self.cursor..right].to_owned());
        self.text.replace_range(left..right, &(b + &a));
        self.cursor = right;
    }

    fn recase(&mut self, case: impl Fn(&str) -> String) {
        let end = self.word_right();
        self.remember();
        let word = case(&self.text[self.cursor..end]);
        self.text.replace_range(self.cursor..end, &word);
        self.cursor += word.len();
    }
}

fn capitalized(word: &str) -> String {
    let mut done = false;
    word.chars()
        .map(|c| {
            if done || !c.is_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                done = true;
                c.to_ascii_uppercase()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Edit, LineEditor};

    /// `|` marks the cursor, before and after.
    fn check(before: &str, edits: &[Edit], after: &str) {
        let mut editor = LineEditor::default();
        let at = before.find('|').expect("a cursor");
        editor.set(&before.replace('|', ""));
        editor.cursor = at;
        for edit in edits {
            editor.apply(*edit);
        }
        let mut shown = editor.text().to_owned();
        shown.insert(editor.cursor(), '|');
        assert_eq!(shown, after, "{before} {edits:?}");
    }

    #[test]
    fn as_readline_moves() {
        check("kubectl get pods|", &[Edit::WordLeft], "kubectl get |pods");
        check("deploy/hello-node|", &[Edit::WordLeft, Edit::WordLeft], "deploy/|hello-node");
        check("|kubectl get", &[Edit::WordRight], "kubectl| get");
        check("가나|다", &[Edit::Left], "가|나다");
        check("ab|c", &[Edit::Start], "|abc");
    }

    #[test]
    fn as_readline_kills_and_yanks() {
        check("kubectl get --all|", &[Edit::KillBlankWord], "kubectl get |");
        check("kubectl get --all|", &[Edit::KillWordLeft], "kubectl get --|");
        check("one two|", &[Edit::KillBlankWord, Edit::KillBlankWord, Edit::Yank], "one two|");
        check("one| two", &[Edit::KillToEnd, Edit::Start, Edit::Yank], " two|one");
        check("one| two", &[Edit::KillToStart], "| two");
        check("파드|", &[Edit::Backspace], "파|");
        check("sl|", &[Edit::Transpose], "ls|");
        check("|make it", &[Edit::Upcase], "MAKE| it");
        check("one two|", &[Edit::KillBlankWord, Edit::Undo], "one two|");
    }
}
