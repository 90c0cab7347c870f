//! What counts of all inputs once Undo and Redo are carried out, and what was taken back on the way. Must never
//! run anything: it only keeps lists.

use super::Input;
use super::journal::Entry;

/// An input that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Which of all inputs it was, from 0.
    pub number: usize,
    /// The input.
    pub entry: Entry,
}

/// The inputs of a session, in the order in which they count.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    kept: Vec<Kept>,
    /// Commands that were taken back, each with what followed it, the last one taken back at the end.
    undone: Vec<Vec<Kept>>,
    taken: usize,
    commands: usize,
    /// For each Undo, how many inputs counted after it.
    undos: Vec<usize>,
    /// For each hint that was asked for, also those taken back, how many inputs counted before it.
    hints: Vec<usize>,
}

impl Ledger {
    /// The next input. Undo and Redo act on the others; false when there was nothing for them to act on.
    pub fn take(&mut self, entry: Entry) -> bool {
        let number = self.taken;
        self.taken += 1;
        match entry.input {
            Input::Undo => self.undo(),
            Input::Redo => self.redo(),
            _ => {
                if entry.input == Input::Hint {
                    self.hints.push(self.kept.len());
                }
                // The program's own notes do not close the way forward.
                if !matches!(entry.input, Input::Passed { .. }) {
                    self.undone.clear();
                }
                self.commands += usize::from(entry.input.is_command());
                self.kept.push(Kept { number, entry });
                true
            }
        }
    }

    /// What counts, oldest first.
    pub fn kept(&self) -> &[Kept] {
        &self.kept
    }

    /// How many inputs there were, those taken back and the taking back included.
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// How many commands count.
    pub fn commands(&self) -> usize {
        self.commands
    }

    /// How many commands can be put back.
    pub fn redoable(&self) -> usize {
        self.undone.len()
    }

    /// The moment of the command that was taken back last.
    pub fn undone_at(&self) -> Option<u64> {
        self.undone.last().and_then(|group| group.first()).map(|kept| kept.entry.at)
    }

    /// How many inputs counted after each Undo.
    pub fn undos(&self) -> &[usize] {
        &self.undos
    }

    /// How many inputs counted when each hint was asked for.
    pub fn hints(&self) -> &[usize] {
        &self.hints
    }

    fn undo(&mut self) -> bool {
        let Some(at) = self.kept.iter().rposition(|kept| kept.entry.input.is_command()) else {
            return false;
        };
        self.undone.push(self.kept.split_off(at));
        self.commands -= 1;
        self.undos.push(at);
        true
    }

    fn redo(&mut self) -> bool {
        let Some(group) = self.undone.pop() else { return false };
        self.kept.extend(group);
        self.commands += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{Input, Ledger};
    use crate::session::journal::Entry;

    /// `a` types a, `+` opens a terminal, `<` and `>` are Undo and Redo; what counts in the end.
    fn check(inputs: &str, expect: &str) {
        let mut ledger = Ledger::default();
        for (at, c) in inputs.chars().enumerate() {
            let input = match c {
                '<' => Input::Undo,
                '>' => Input::Redo,
                '+' => Input::OpenTerminal,
                _ => Input::Line { terminal: 1, text: c.to_string() },
            };
            ledger.take(Entry { at: at as u64, input });
        }
        let word = |input: &Input| match input {
            Input::Line { text, .. } => text.clone(),
            _ => "+".to_owned(),
        };
        let kept: String = ledger.kept().iter().map(|kept| word(&kept.entry.input)).collect();
        assert_eq!(kept, expect, "{inputs}");
        let commands = kept.chars().filter(|c| *c != '+').count();
        assert_eq!(ledger.commands(), commands, "{inputs}");
    }

    #[test]
    fn undo_takes_the_last_command_and_redo_puts_it_back() {
        check("abc", "abc");
        check("abc<", "ab");
        check("abc<<>", "ab");
        check("abc<<>>", "abc");
        check("abc<d>", "abd");
        check("<>a", "a");
    }

    #[test]
    fn what_followed_a_command_goes_and_comes_with_it() {
        check("a+b<<", "");
        check("a+b<<>", "a+");
        check("a+b<<>>", "a+b");
    }
}
