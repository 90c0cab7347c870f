//! Earlier commands of one terminal: Up and Down from where the learner is, and Ctrl-R.
//!
//! The newest is last. Lines starting with a blank and repeats of the last one are not kept (bash's ignoreboth,
//! as Cloud Shell sets it).

/// As bash's HISTSIZE in Cloud Shell.
const MAX_ENTRIES: usize = 1000;

#[derive(Clone, Debug, Default)]
pub struct History {
    entries: Vec<String>,
    /// Where Up has led; `entries.len()` is the line being typed.
    at: usize,
    draft: String,
}

impl History {
    pub fn new(entries: Vec<String>) -> Self {
        Self { at: entries.len(), entries, draft: String::new() }
    }

    pub fn push(&mut self, line: &str) {
        if !line.trim().is_empty()
            && !line.starts_with(' ')
            && self.entries.last().map(String::as_str) != Some(line)
        {
            if self.entries.len() == MAX_ENTRIES {
                self.entries.remove(0);
            }
            self.entries.push(line.to_owned());
        }
        self.at = self.entries.len();
        self.draft.clear();
    }

    /// The entry before; `current` is kept for coming back down.
    pub fn up(&mut self, current: &str) -> Option<&str> {
        if self.at == 0 {
            return None;
        }
        if self.at == self.entries.len() {
            self.draft = current.to_owned();
        }
        self.at -= 1;
        Some(&self.entries[self.at])
    }

    pub fn down(&mut self) -> Option<&str> {
        if self.at >= self.entries.len() {
            return None;
        }
        self.at += 1;
        Some(self.entries.get(self.at).unwrap_or(&self.draft))
    }

    pub fn first(&mut self, current: &str) -> Option<&str> {
        if self.at == self.entries.len() {
            self.draft = current.to_owned();
        }
        self.at = 0;
        self.entries.first().map(String::as_str)
    }

    pub fn last(&mut self) -> Option<&str> {
        self.at = self.entries.len();
        Some(&self.draft)
    }

    /// The newest entry before `before` that contains `needle`, with its index.
    pub fn search(&self, needle: &str, before: usize) -> Option<(usize, &str)> {
        let until = before.min(self.entries.len());
        let found = self.entries[..until].iter().enumerate().rev().find(|(_, e)| e.contains(needle));
        found.map(|(at, entry)| (at, entry.as_str()))
    }

    /// The last word of the n-th newest entry (Alt-.).
    pub fn last_word(&self, back: usize) -> Option<&str> {
        let at = self.entries.len().checked_sub(back + 1)?;
        self.entries[at].split_whitespace().next_back()
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn entries(&self) -> &[String] {
        &self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::History;

    #[test]
    fn up_and_down_keep_the_line_being_typed() {
        let mut history = History::default();
        for line in ["one", "two", "two", " secret", "three"] {
            history.push(line);
        }
        assert_eq!(history.entries(), ["one", "two", "three"]);
        assert_eq!(history.up("draft"), Some("three"));
        assert_eq!(history.up(""), Some("two"));
        assert_eq!(history.down(), Some("three"));
        assert_eq!(history.down(), Some("draft"));
        assert_eq!(history.down(), None);
        assert_eq!(history.search("o", 2), Some((1, "two")));
        assert_eq!(history.search("zzz", 9), None);
        assert_eq!(history.last_word(0), Some("three"));
    }
}
