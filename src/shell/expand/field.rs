//! The fields a word turns into: text that remembers which of it was quoted, split as bash splits.

use super::super::pattern::escaped;

/// Characters all fields of one word may hold together.
pub const MAX_EXPANSION_CHARS: usize = 8 * 1024 * 1024;

/// One field: runs of text, each quoted or not.
#[derive(Debug, Clone, Default)]
pub struct Field {
    runs: Vec<(String, bool)>,
}

impl Field {
    pub fn push(&mut self, text: &str, quoted: bool) {
        match self.runs.last_mut() {
            Some((last, was)) if *was == quoted => last.push_str(text),
            _ => self.runs.push((text.to_string(), quoted)),
        }
    }

    pub fn text(&self) -> String {
        self.runs.iter().map(|(text, _)| text.as_str()).collect()
    }

    /// The text as a pattern in which what was quoted is ordinary.
    pub fn pattern(&self) -> String {
        let runs = self.runs.iter();
        runs.map(|(text, quoted)| if *quoted { escaped(text) } else { text.clone() }).collect()
    }

    /// The text as a regular expression in which what was quoted is ordinary.
    pub fn regex(&self) -> String {
        let runs = self.runs.iter();
        runs.map(|(text, quoted)| if *quoted { regex::escape(text) } else { text.clone() }).collect()
    }

    /// Whether unquoted text could be a pattern.
    pub fn has_unquoted(&self) -> bool {
        self.runs.iter().any(|(text, quoted)| !quoted && text.contains(['*', '?', '[', '(']))
    }
}

/// Collects the pieces of a word.
pub struct Sink {
    pub done: Vec<Field>,
    current: Option<Field>,
    /// The characters of IFS, or `None` where nothing is split (assignments, case words, here-documents).
    ifs: Option<String>,
    /// Literal text is split too: the word of an unquoted `${x:-word}`.
    pub split_literals: bool,
    size: usize,
}

impl Sink {
    pub fn new(ifs: Option<String>) -> Self {
        Sink { done: Vec::new(), current: None, ifs, split_literals: false, size: 0 }
    }

    pub fn splits(&self) -> bool {
        self.ifs.is_some()
    }

    pub fn too_big(&self) -> bool {
        self.size > MAX_EXPANSION_CHARS
    }

    /// Text that stays whole.
    pub fn push(&mut self, text: &str, quoted: bool) {
        self.size += text.len();
        self.current.get_or_insert_default().push(text, quoted);
    }

    /// Ends the current field, if one has begun.
    pub fn break_field(&mut self) {
        self.done.extend(self.current.take());
    }

    /// The result of an unquoted expansion: split at IFS, or kept whole where nothing is split.
    pub fn push_split(&mut self, text: &str) {
        let Some(ifs) = self.ifs.clone() else {
            return self.push(text, false);
        };
        self.size += text.len();
        let is_space = |c: char| matches!(c, ' ' | '\t' | '\n') && ifs.contains(c);
        // A separator of blanks may be followed by one other separator, which belongs to it.
        let mut after_blanks = false;
        let mut run = String::new();
        for c in text.chars() {
            if !ifs.contains(c) {
                run.push(c);
                after_blanks = false;
                continue;
            }
            if !run.is_empty() {
                self.current.get_or_insert_default().push(&run, false);
                run.clear();
            }
            if is_space(c) {
                after_blanks |= self.current.is_some();
                self.break_field();
            } else if after_blanks && self.current.is_none() {
                after_blanks = false;
            } else {
                self.done.push(self.current.take().unwrap_or_default());
            }
        }
        if !run.is_empty() {
            self.current.get_or_insert_default().push(&run, false);
        }
    }

    pub fn finish(mut self) -> Vec<Field> {
        self.break_field();
        self.done
    }

    /// Everything as one field: for places that take exactly one text.
    pub fn finish_joined(self) -> Field {
        let mut all = Field::default();
        for (i, field) in self.finish().into_iter().enumerate() {
            if i > 0 {
                all.push(" ", true);
            }
            for (text, quoted) in field.runs {
                all.push(&text, quoted);
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::Sink;

    fn check(ifs: &str, text: &str, expect: &[&str]) {
        let mut sink = Sink::new(Some(ifs.into()));
        sink.push_split(text);
        let got: Vec<String> = sink.finish().iter().map(super::Field::text).collect();
        assert_eq!(got, expect, "{text:?} at {ifs:?}");
    }

    #[test]
    fn splitting() {
        check(" \t\n", "  a  b\nc ", &["a", "b", "c"]);
        check(":", "a:b::c:", &["a", "b", "", "c"]);
        check(" :", "a : b", &["a", "b"]);
        check(" :", "a :: b", &["a", "", "b"]);
        check(":", ":a", &["", "a"]);
        check("", "a b", &["a b"]);
        check(" ", "", &[]);
    }
}
