//! One terminal tab: what the shell asks, the line being typed, history, search and completion.
//!
//! Keys go in, at most one thing to do comes out. A tab never runs anything.

use crate::ui::measure;
use crate::ui::terminal::history::History;
use crate::ui::terminal::line_editor::{Edit, LineEditor};
use crate::ui::terminal::output::{Output, styled_graphemes};
use crate::ui::terminal::popup::{Completions, Popup};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::collections::VecDeque;

/// Lines of one paste that wait for their prompt.
const MAX_QUEUED_LINES: usize = 500;

/// Who reads from the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asking {
    /// A program runs; what is typed is its input. Without echo it is a password.
    Program { echo: bool },
    /// The shell, with its prompt. A continuation asks for the rest of a command (PS2).
    Shell { prompt: String, continuation: bool },
    /// The shell has ended.
    Nobody,
}

/// What a key asks the rest of the program to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    Nothing,
    Line(String),
    /// With the half-typed line.
    Interrupt(String),
    Eof,
    Suspend,
    Bell,
    /// The key is not the tab's: F-keys and such.
    Pass,
}

#[derive(Clone, Debug, Default)]
pub struct Search {
    pub needle: String,
    pub found: Option<(usize, String)>,
    pub failed: bool,
}

#[derive(Debug)]
pub struct Tab {
    pub id: u32,
    pub output: Output,
    pub asking: Asking,
    pub editor: LineEditor,
    pub history: History,
    pub search: Option<Search>,
    pub popup: Option<Popup>,
    /// Rows scrolled back.
    pub back: usize,
    /// Output came while scrolled back.
    pub news: bool,
    /// First word of what runs, for the tab's title.
    pub running: String,
    queued: VecDeque<String>,
    /// A command typed over several lines, for the history.
    entry: String,
    last_word_back: Option<(usize, usize)>,
}

impl Tab {
    pub fn new(id: u32, rows: u16, columns: u16, history: Vec<String>) -> Self {
        Self {
            id,
            output: Output::new(rows, columns),
            asking: Asking::Program { echo: true },
            editor: LineEditor::default(),
            history: History::new(history),
            search: None,
            popup: None,
            back: 0,
            news: false,
            running: String::new(),
            queued: VecDeque::new(),
            entry: String::new(),
            last_word_back: None,
        }
    }

    pub fn write(&mut self, bytes: &[u8]) {
        let before = self.output.scrollback_len();
        self.output.write(bytes);
        if self.back > 0 {
            self.back += self.output.scrollback_len() - before.min(self.output.scrollback_len());
            self.news = true;
        }
    }

    /// The shell has written its prompt and reads a line. Returns the next line of a paste, when one waits.
    pub fn prompt(&mut self, prompt: &str, continuation: bool) -> Option<String> {
        if !continuation && !self.entry.is_empty() {
            let entry = std::mem::take(&mut self.entry);
            self.history.push(&entry);
        }
        self.running.clear();
        self.asking = Asking::Shell { prompt: prompt.to_owned(), continuation };
        let line = self.queued.pop_front()?;
        Some(self.accept(line))
    }

    /// A program asks for a line (a question, a password).
    pub fn program_reads(&mut self, echo: bool) {
        self.asking = Asking::Program { echo };
    }

    /// A line leaves. The terminal driver echoes it, so nothing is written here.
    fn accept(&mut self, line: String) -> String {
        if let Asking::Shell { continuation, .. } = &self.asking {
            if *continuation {
                self.entry.push('\n');
            } else {
                self.running = line.split_whitespace().next().unwrap_or("").to_owned();
            }
            self.entry.push_str(&line);
            self.asking = Asking::Program { echo: true };
        }
        line
    }

    /// A line that left could not be taken: it stands at the prompt again.
    pub fn give_back(&mut self, reading: &crate::world::tty::Reading, line: &str) {
        self.entry.clear();
        self.queued.clear();
        self.running.clear();
        self.asking = if reading.shell {
            Asking::Shell { prompt: reading.prompt.clone(), continuation: reading.prompt == "> " }
        } else {
            Asking::Program { echo: reading.echo }
        };
        self.editor.set(line);
    }

    /// Ctrl-C: the line is given up, queued lines too. What stood there goes along, for the terminal driver to
    /// leave on the screen.
    fn interrupt(&mut self) -> Act {
        let typed = self.editor.take();
        self.queued.clear();
        self.entry.clear();
        self.history.last();
        if self.asking == (Asking::Program { echo: false }) {
            return Act::Interrupt(String::new());
        }
        Act::Interrupt(typed)
    }

    pub fn at_prompt(&self) -> bool {
        matches!(self.asking, Asking::Shell { .. })
    }

    /// A paste goes in as it is; several lines wait for Enter.
    pub fn paste(&mut self, text: &str) -> Act {
        self.snap();
        self.popup = None;
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let text: String = text.chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control()).collect();
        let text = if matches!(self.asking, Asking::Shell { .. }) { text } else { text.replace('\t', " ") };
        if self.editor.insert(&text) { Act::Nothing } else { Act::Bell }
    }

    fn snap(&mut self) {
        self.back = 0;
        self.news = false;
    }

    /// Scrolls the view; positive is towards older output.
    pub fn scroll(&mut self, rows: isize) {
        let most = self.output.scrollback_len();
        self.back = self.back.saturating_add_signed(rows).min(most);
        if self.back == 0 {
            self.news = false;
        }
    }

    /// `complete` answers for the line up to the cursor.
    pub fn key(&mut self, key: KeyEvent, complete: &dyn Fn(&str, usize) -> Completions) -> Act {
        if self.asking == Asking::Nobody {
            return if matches!(key.code, KeyCode::F(_)) { Act::Pass } else { Act::Bell };
        }
        if self.search.is_some() {
            return self.search_key(key);
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        if self.popup.is_some()
            && let Some(act) = self.popup_key(key, complete)
        {
            return act;
        }
        if let Some(edit) = edit_for(key, self.editor.text().is_empty()) {
            self.snap();
            self.last_word_back = None;
            self.editor.apply(edit);
            return Act::Nothing;
        }
        match key.code {
            KeyCode::Enter => self.enter(),
            KeyCode::Char('j' | 'm') if control => self.enter(),
            KeyCode::Char('c') if control => {
                self.snap();
                self.interrupt()
            }
            KeyCode::Char('d') if control => Act::Eof,
            KeyCode::Char('z') if control => Act::Suspend,
            KeyCode::Char('l') if control => {
                self.snap();
                self.output.clear();
                if let Asking::Shell { prompt, .. } = &self.asking {
                    self.output.write(prompt.as_bytes());
                }
                Act::Nothing
            }
            KeyCode::Char('r') if control && self.at_prompt() => {
                self.search = Some(Search::default());
                Act::Nothing
            }
            KeyCode::Up => self.recall(true),
            KeyCode::Down => self.recall(false),
            KeyCode::Char('p') if control => self.recall(true),
            KeyCode::Char('n') if control => self.recall(false),
            KeyCode::Char('<') if alt => self.recall_end(true),
            KeyCode::Char('>') if alt => self.recall_end(false),
            KeyCode::Char('.' | '_') if alt => self.insert_last_word(),
            KeyCode::Tab => self.tab(complete),
            KeyCode::Char(c) if !control && !alt => {
                self.snap();
                self.last_word_back = None;
                if self.editor.insert(c.encode_utf8(&mut [0; 4])) { Act::Nothing } else { Act::Bell }
            }
            _ => Act::Pass,
        }
    }

    fn enter(&mut self) -> Act {
        self.snap();
        self.popup = None;
        let text = self.editor.take();
        let mut lines = text.split('\n').map(str::to_owned);
        let first = lines.next().unwrap_or_default();
        let room = MAX_QUEUED_LINES.saturating_sub(self.queued.len());
        self.queued.extend(lines.take(room));
        if self.queued.back().is_some_and(String::is_empty) {
            // A paste that ends with a line break has no further line.
            self.queued.pop_back();
        }
        Act::Line(self.accept(first))
    }

    fn recall(&mut self, up: bool) -> Act {
        if !self.at_prompt() {
            return Act::Nothing;
        }
        self.snap();
        let text = self.editor.text().to_owned();
        let entry = if up { self.history.up(&text) } else { self.history.down() };
        match entry.map(str::to_owned) {
            Some(entry) => self.editor.set(&entry),
            None => return Act::Bell,
        }
        Act::Nothing
    }

    fn recall_end(&mut self, first: bool) -> Act {
        let text = self.editor.text().to_owned();
        let entry = if first { self.history.first(&text) } else { self.history.last() };
        if let Some(entry) = entry.map(str::to_owned) {
            self.editor.set(&entry);
        }
        Act::Nothing
    }

    /// Alt-.: the last word of the last command; again, of the one before.
    fn insert_last_word(&mut self) -> Act {
        let (back, start) = match self.last_word_back {
            Some((back, start)) => (back + 1, start),
            None => (0, self.editor.cursor()),
        };
        let Some(word) = self.history.last_word(back).map(str::to_owned) else { return Act::Bell };
        self.editor.replace_from(start, &word);
        self.last_word_back = Some((back, start));
        Act::Nothing
    }

    fn tab(&mut self, complete: &dyn Fn(&str, usize) -> Completions) -> Act {
        self.snap();
        if !self.at_prompt() {
            self.editor.insert("\t");
            return Act::Nothing;
        }
        let completions = complete(self.editor.text(), self.editor.cursor());
        let typed = self.editor.text().get(completions.start..self.editor.cursor()).unwrap_or("").to_owned();
        match completions.candidates.as_slice() {
            [] => Act::Bell,
            [only] => {
                let mut text = only.text.clone();
                let at_end = self.editor.text()[self.editor.cursor()..].is_empty();
                if only.complete && (at_end || !self.editor.text()[self.editor.cursor()..].starts_with(' ')) {
                    text.push(' ');
                }
                self.editor.replace_from(completions.start, &text);
                Act::Nothing
            }
            _ => {
                let common = completions.common().to_owned();
                if common.len() > typed.len() && common.starts_with(&typed) {
                    self.editor.replace_from(completions.start, &common);
                }
                self.popup = Some(Popup { completions, selected: None });
                Act::Nothing
            }
        }
    }

    /// Keys while the list is open; none: the list closes and the key is an ordinary one.
    fn popup_key(&mut self, key: KeyEvent, complete: &dyn Fn(&str, usize) -> Completions) -> Option<Act> {
        let popup = self.popup.as_mut()?;
        match key.code {
            KeyCode::Tab | KeyCode::Down => popup.step(true),
            KeyCode::BackTab | KeyCode::Up => popup.step(false),
            KeyCode::Esc => self.popup = None,
            KeyCode::Enter | KeyCode::Right if popup.selected.is_some() => {
                let chosen = &popup.completions.candidates[popup.selected.unwrap_or(0)];
                let text = if chosen.complete { format!("{} ", chosen.text) } else { chosen.text.clone() };
                let start = popup.completions.start;
                self.editor.replace_from(start, &text);
                self.popup = None;
            }
            KeyCode::Char(c) if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => {
                self.editor.insert(c.encode_utf8(&mut [0; 4]));
                self.narrow(complete);
            }
            KeyCode::Backspace => {
                self.editor.apply(Edit::Backspace);
                self.narrow(complete);
            }
            _ => {
                self.popup = None;
                return None;
            }
        }
        Some(Act::Nothing)
    }

    fn narrow(&mut self, complete: &dyn Fn(&str, usize) -> Completions) {
        let completions = complete(self.editor.text(), self.editor.cursor());
        self.popup = (!completions.candidates.is_empty() && !self.editor.text().ends_with(' '))
            .then_some(Popup { completions, selected: None });
    }

    fn search_key(&mut self, key: KeyEvent) -> Act {
        let Some(search) = &mut self.search else { return Act::Nothing };
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let mut from = self.history.len();
        match key.code {
            KeyCode::Char('r') if control => from = search.found.as_ref().map_or(from, |(at, _)| *at),
            KeyCode::Char('g' | 'c') if control => {
                self.search = None;
                return Act::Nothing;
            }
            KeyCode::Char(c) if !control => {
                search.needle.push(c);
                from = search.found.as_ref().map_or(from, |(at, _)| at + 1);
            }
            KeyCode::Backspace => {
                search.needle.pop();
            }
            KeyCode::Enter => {
                self.take_found();
                return self.enter();
            }
            _ => {
                self.take_found();
                return if matches!(key.code, KeyCode::F(_)) { Act::Pass } else { Act::Nothing };
            }
        }
        if search.needle.is_empty() {
            search.found = None;
            search.failed = false;
            return Act::Nothing;
        }
        match self.history.search(&search.needle, from) {
            Some((at, entry)) => {
                search.found = Some((at, entry.to_owned()));
                search.failed = false;
            }
            None => {
                search.failed = true;
                return Act::Bell;
            }
        }
        Act::Nothing
    }

    fn take_found(&mut self) {
        if let Some((_, entry)) = self.search.take().and_then(|s| s.found) {
            self.editor.set(&entry);
        }
    }

    /// What stands after the output: while searching, the text in place of the prompt; then the line being
    /// typed, and the cursor's offset in it.
    pub fn input_line(&self) -> (Option<String>, String, usize) {
        if let Some(search) = &self.search {
            let failed = if search.failed { "failed " } else { "" };
            let found = search.found.as_ref().map_or("", |(_, e)| e.as_str());
            let cursor = found.find(&search.needle).unwrap_or(0);
            let head = format!("({failed}reverse-i-search)`{}': ", search.needle);
            return (Some(head), found.to_owned(), cursor);
        }
        match &self.asking {
            Asking::Shell { .. } | Asking::Program { echo: true } => {
                (None, self.editor.text().to_owned(), self.editor.cursor())
            }
            Asking::Program { echo: false } | Asking::Nobody => (None, String::new(), 0),
        }
    }

    /// Columns that the prompt takes on the row of the cursor.
    pub fn prompt_width(&self) -> usize {
        let Asking::Shell { prompt, .. } = &self.asking else { return 0 };
        let last = prompt.rsplit('\n').next().unwrap_or(prompt);
        styled_graphemes(last).iter().map(|(g, _)| measure::width(g)).sum()
    }
}

/// readline's keys in emacs mode.
fn edit_for(key: KeyEvent, empty: bool) -> Option<Edit> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    Some(match key.code {
        KeyCode::Left if control || alt => Edit::WordLeft,
        KeyCode::Right if control || alt => Edit::WordRight,
        KeyCode::Left => Edit::Left,
        KeyCode::Right => Edit::Right,
        KeyCode::Home => Edit::Start,
        KeyCode::End => Edit::End,
        KeyCode::Backspace if alt || control => Edit::KillWordLeft,
        KeyCode::Backspace => Edit::Backspace,
        KeyCode::Delete => Edit::Delete,
        KeyCode::Char(c) if control => match c {
            'b' => Edit::Left,
            'f' => Edit::Right,
            'a' => Edit::Start,
            'e' => Edit::End,
            'h' => Edit::Backspace,
            'd' if !empty => Edit::Delete,
            'k' => Edit::KillToEnd,
            'u' => Edit::KillToStart,
            'w' => Edit::KillBlankWord,
            'y' => Edit::Yank,
            '_' | '/' | '7' => Edit::Undo,
            _ => return None,
        },
        KeyCode::Char(c) if alt => match c {
            'b' => Edit::WordLeft,
            'f' => Edit::WordRight,
            'd' => Edit::KillWordRight,
            't' => Edit::Transpose,
            'u' => Edit::Upcase,
            'l' => Edit::Downcase,
            'c' => Edit::Capitalize,
            _ => return None,
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Act, Tab};
    use crate::ui::terminal::popup::{Candidate, Completions};
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    fn complete(line: &str, cursor: usize) -> Completions {
        let start = line[..cursor].rfind(' ').map_or(0, |at| at + 1);
        let typed = &line[start..cursor];
        let all = ["kubectl", "get", "pods", "podtemplates", "services"];
        let candidates = all.iter().filter(|w| w.starts_with(typed)).map(|w| Candidate {
            text: (*w).into(),
            complete: true,
            ..Candidate::default()
        });
        Completions { start, candidates: candidates.collect() }
    }

    fn press(tab: &mut Tab, keys: &str) -> Act {
        let mut last = Act::Nothing;
        for key in keys.split(' ') {
            let (code, modifiers) = match key {
                "Enter" => (KeyCode::Enter, KeyModifiers::NONE),
                "Tab" => (KeyCode::Tab, KeyModifiers::NONE),
                "Up" => (KeyCode::Up, KeyModifiers::NONE),
                "Space" => (KeyCode::Char(' '), KeyModifiers::NONE),
                _ => match key.strip_prefix("C-") {
                    Some(c) => (KeyCode::Char(c.chars().next().expect("a letter")), KeyModifiers::CONTROL),
                    None => {
                        for c in key.chars() {
                            last = tab.key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE), &complete);
                        }
                        continue;
                    }
                },
            };
            last = tab.key(KeyEvent::new(code, modifiers), &complete);
        }
        last
    }

    fn tab() -> Tab {
        let mut tab = Tab::new(1, 10, 40, Vec::new());
        tab.prompt("$ ", false);
        tab
    }

    #[test]
    fn lines_go_out_and_come_back_from_history() {
        let mut tab = tab();
        assert_eq!(press(&mut tab, "ls Enter"), Act::Line("ls".into()));
        tab.prompt("$ ", false);
        assert_eq!(press(&mut tab, "Up Enter"), Act::Line("ls".into()));
    }

    #[test]
    fn several_lines_are_sent_one_prompt_at_a_time_and_remembered_as_one() {
        let mut tab = tab();
        tab.paste("cat <<E\nhi\nE\n");
        assert_eq!(press(&mut tab, "Enter"), Act::Line("cat <<E".into()));
        assert_eq!(tab.prompt("> ", true), Some("hi".into()));
        assert_eq!(tab.prompt("> ", true), Some("E".into()));
        assert_eq!(tab.prompt("$ ", false), None);
        assert_eq!(tab.history.entries(), ["cat <<E\nhi\nE"]);
    }

    #[test]
    fn tab_completes_and_lists() {
        let mut tab = tab();
        press(&mut tab, "kub Tab");
        assert_eq!(tab.editor.text(), "kubectl ");
        press(&mut tab, "get Space po Tab");
        assert_eq!(tab.editor.text(), "kubectl get pod");
        press(&mut tab, "Tab Tab Enter");
        assert_eq!(tab.editor.text(), "kubectl get podtemplates ");
        assert_eq!(press(&mut tab, "zzz Tab"), Act::Bell);
    }

    #[test]
    fn ctrl_r_finds_and_runs() {
        let mut tab = tab();
        for line in ["kubectl get pods", "ls"] {
            press(&mut tab, &format!("{} Enter", line.replace(' ', " Space ")));
            tab.prompt("$ ", false);
        }
        assert_eq!(press(&mut tab, "C-r pods Enter"), Act::Line("kubectl get pods".into()));
    }

    #[test]
    fn a_password_is_not_shown() {
        let mut tab = tab();
        press(&mut tab, "login Enter");
        tab.program_reads(false);
        press(&mut tab, "hunter2");
        assert_eq!(tab.input_line().1, "");
        assert_eq!(press(&mut tab, "Enter"), Act::Line("hunter2".into()));
        let text = tab.output.text_between(0, (0, 0), (9, 39));
        assert!(!text.contains("hunter2"), "{text}");
    }

    #[test]
    fn ctrl_c_gives_the_line_up() {
        let mut tab = tab();
        assert_eq!(press(&mut tab, "oops C-c"), Act::Interrupt("oops".into()));
        assert_eq!(tab.editor.text(), "");
    }
}
