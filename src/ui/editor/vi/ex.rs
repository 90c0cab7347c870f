//! The bottom line: `:` commands and the typing of searches. Messages and their numbers are vim's.

use super::pattern;
use super::{Mode, Vi};
use crate::ui::editor::text::Place;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

impl Vi {
    pub(super) fn begin_line(&mut self, kind: char) {
        self.line = match self.mode {
            Mode::Visual { .. } if kind == ':' => "'<,'>".to_owned(),
            _ => String::new(),
        };
        if let Mode::Visual { .. } = self.mode {
            let (from, to) = (self.anchor.min(self.cursor), self.anchor.max(self.cursor));
            self.marks.insert('<', from);
            self.marks.insert('>', to);
        }
        self.mode = Mode::Line { kind };
    }

    pub(super) fn line_key(&mut self, kind: char, key: KeyEvent) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => {
                self.mode = Mode::Normal;
                self.awaiting = None;
            }
            KeyCode::Backspace if self.line.pop().is_none() => {
                self.mode = Mode::Normal;
            }
            KeyCode::Char('u') if control => self.line.clear(),
            KeyCode::Char('w') if control => {
                let cut = self.line.trim_end().rfind(' ').map_or(0, |at| at + 1);
                self.line.truncate(cut);
            }
            KeyCode::Enter => {
                self.mode = Mode::Normal;
                let line = std::mem::take(&mut self.line);
                if kind == ':' { self.ex(&line) } else { self.search_for(&line, kind == '/') }
            }
            KeyCode::Char(c) if !control => self.line.push(c),
            _ => {}
        }
    }

    fn search_for(&mut self, typed: &str, forward: bool) {
        let end = if forward { '/' } else { '?' };
        let source = typed.split(end).next().unwrap_or("");
        if source.is_empty() {
            match &mut self.search {
                Some((_, direction)) => *direction = forward,
                None => return self.fail("E35: No previous regular expression"),
            }
        } else {
            match pattern::compile(source) {
                Some(regex) => self.search = Some((regex, forward)),
                None => return self.fail(&format!("E383: Invalid search string: {source}")),
            }
        }
        self.jumped_from = self.cursor;
        let again = super::command::Motion::SearchAgain { reversed: false };
        match self.awaiting.take() {
            Some(command) => self.operate_to(command, again),
            None => self.execute(plain(super::command::Action::Move(again))),
        }
    }

    pub(super) fn last_pattern(&self) -> String {
        self.search.as_ref().map_or(String::new(), |(regex, _)| regex.as_str().replace(r"\b", ""))
    }

    /// Runs a `:` command.
    pub(super) fn ex(&mut self, line: &str) {
        let line = line.trim().trim_start_matches(':').trim_start();
        let (range, rest) = match self.range_of(line) {
            Ok(parsed) => parsed,
            Err(message) => return self.fail(message),
        };
        let word_end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        let (word, rest) = rest.split_at(word_end);
        let forced = rest.starts_with('!');
        let argument = rest.trim_start_matches('!').trim();
        match word {
            "" if rest.is_empty() => self.go_to_range(range),
            "w" | "write" => {
                self.write(argument, forced);
            }
            "wq" | "x" | "xit" | "wqa" | "xa" | "wqall" | "exit" => {
                let write = word.starts_with('w')
                    || self.modified()
                    || self.new_file && self.saved.is_none() && self.modified();
                self.left = !write || self.write(argument, true);
            }
            "q" | "quit" | "qa" | "qall" => {
                if self.modified() && !forced {
                    self.fail("E37: No write since last change (add ! to override)");
                } else {
                    self.left = true;
                }
            }
            "cq" | "cquit" => {
                self.saved = None;
                self.left = true;
            }
            "e" | "edit" => self.reload(forced, argument),
            "s" | "substitute" => self.substitute(range, rest),
            "d" | "delete" => self.delete_lines(range),
            "set" | "se" => self.set(argument),
            "noh" | "nohlsearch" | "syntax" | "syn" => {}
            "u" | "undo" => self.execute(plain(super::command::Action::Undo)),
            "red" | "redo" => self.execute(plain(super::command::Action::Redo)),
            "h" | "help" => {
                self.say("i: insert  Esc: commands  :wq save and leave  :q! leave without saving".to_owned())
            }
            _ => self.fail(&format!("E492: Not an editor command: {line}")),
        }
    }

    /// Lines before a command: `5`, `1,3`, `%`, `.`, `$`, `'<,'>`; from 0, both included.
    fn range_of<'l>(&self, line: &'l str) -> Result<(Option<(usize, usize)>, &'l str), &'static str> {
        if let Some(rest) = line.strip_prefix('%') {
            return Ok((Some((0, self.text.last_line())), rest.trim_start()));
        }
        let (first, rest) = self.address(line)?;
        let Some(first) = first else { return Ok((None, rest)) };
        if let Some(after) = rest.strip_prefix(',') {
            let (second, rest) = self.address(after)?;
            let second = second.unwrap_or(self.cursor.line);
            return Ok((Some((first.min(second), first.max(second))), rest));
        }
        Ok((Some((first, first)), rest))
    }

    fn address<'l>(&self, line: &'l str) -> Result<(Option<usize>, &'l str), &'static str> {
        let last = self.text.last_line();
        let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (mut at, mut rest) = if digits > 0 {
            let number: usize = line[..digits].parse().unwrap_or(usize::MAX);
            (number.saturating_sub(1), &line[digits..])
        } else if let Some(rest) = line.strip_prefix('.') {
            (self.cursor.line, rest)
        } else if let Some(rest) = line.strip_prefix('$') {
            (last, rest)
        } else if let Some(rest) = line.strip_prefix('\'') {
            let name = rest.chars().next().ok_or("E20: Mark not set")?;
            let place = self.marks.get(&name).ok_or("E20: Mark not set")?;
            (place.line, &rest[name.len_utf8()..])
        } else if line.starts_with(['+', '-']) {
            (self.cursor.line, line)
        } else {
            return Ok((None, line));
        };
        while let Some(sign) = rest.chars().next().filter(|c| matches!(c, '+' | '-')) {
            rest = &rest[1..];
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let by = if digits == 0 { 1 } else { rest[..digits].parse().unwrap_or(0) };
            at = if sign == '+' { at.saturating_add(by) } else { at.saturating_sub(by) };
            rest = &rest[digits..];
        }
        Ok((Some(at.min(last)), rest.trim_start()))
    }

    fn go_to_range(&mut self, range: Option<(usize, usize)>) {
        if let Some((_, line)) = range {
            self.jumped_from = self.cursor;
            self.cursor = Place { line, column: self.text.indent(line) };
        }
    }

    /// Keeps the bytes as saved; false when it may not.
    fn write(&mut self, argument: &str, _forced: bool) -> bool {
        if !argument.is_empty() && argument != self.path && !self.path.ends_with(&format!("/{argument}")) {
            self.fail("E212: Can't open file for writing: this editor writes the file it was opened with");
            return false;
        }
        let bytes = self.text.bytes();
        let new = if self.new_file { " [New]" } else { "" };
        self.say(format!("\"{}\"{new} {}L, {}B written", self.path, self.text.file_lines(), bytes.len()));
        self.saved = Some(bytes);
        self.new_file = false;
        self.saved_changes = self.text.changes();
        true
    }

    fn reload(&mut self, forced: bool, argument: &str) {
        if !argument.is_empty() {
            return self.fail("E37: One file at a time here: leave with :wq or :q! and open the other");
        }
        if self.modified() && !forced {
            return self.fail("E37: No write since last change (add ! to override)");
        }
        while self.modified() {
            match self.text.undo(self.cursor) {
                Some(place) => self.cursor = place,
                None => break,
            }
            if self.saved.as_ref().is_some_and(|saved| *saved == self.text.bytes()) {
                break;
            }
        }
        self.saved_changes = self.text.changes();
    }

    fn delete_lines(&mut self, range: Option<(usize, usize)>) {
        let (from, to) = range.unwrap_or((self.cursor.line, self.cursor.line));
        self.text.remember(self.cursor);
        self.register = super::Register { text: self.text.remove_lines(from, to), lines: true };
        let line = from.min(self.text.last_line());
        self.cursor = Place { line, column: self.text.indent(line) };
        if to - from > 1 {
            self.say(format!("{} fewer lines", to - from + 1));
        }
    }

    fn set(&mut self, argument: &str) {
        for option in argument.split_whitespace() {
            match option {
                "number" | "nu" => self.numbers = true,
                "nonumber" | "nonu" => self.numbers = false,
                "number!" | "nu!" | "invnumber" => self.numbers = !self.numbers,
                _ if option.contains('=') => {}
                "paste" | "nopaste" | "hlsearch" | "nohlsearch" | "ai" | "autoindent" | "noai"
                | "expandtab" | "et" | "list" | "nolist" | "ignorecase" | "ic" | "noic" | "wrap"
                | "nowrap" | "ruler" | "ts" | "sw" | "nocompatible" | "incsearch" | "is" => {}
                _ => return self.fail(&format!("E518: Unknown option: {option}")),
            }
        }
    }

    /// `:s/pattern/replacement/flags` with any separator.
    fn substitute(&mut self, range: Option<(usize, usize)>, rest: &str) {
        let Some(separator) = rest.chars().next().filter(|c| !c.is_alphanumeric() && !c.is_whitespace())
        else {
            return self.fail("E35: No previous regular expression");
        };
        let parts = split(&rest[separator.len_utf8()..], separator);
        let source = parts.first().map_or("", String::as_str);
        let with = pattern::replacement(parts.get(1).map_or("", String::as_str));
        let flags = parts.get(2).map_or("", String::as_str);
        if flags.contains('i')
            && let Some(regex) = pattern::compile(&format!(r"\c{source}"))
        {
            self.search = Some((regex, true));
        } else if !source.is_empty() {
            let Some(regex) = pattern::compile(source) else {
                return self.fail(&format!("E486: Pattern not found: {source}"));
            };
            self.search = Some((regex, true));
        }
        let Some((regex, _)) = self.search.clone() else {
            return self.fail("E35: No previous regular expression");
        };
        let (from, to) = range.unwrap_or((self.cursor.line, self.cursor.line));
        self.text.remember(self.cursor);
        let (mut count, mut lines, mut last) = (0, 0, None);
        let mut at = from;
        let mut end = to;
        while at <= end.min(self.text.last_line()) {
            let line = self.text.line_text(at);
            let limit = if flags.contains('g') { 0 } else { 1 };
            let hits = regex.find_iter(&line).take(if limit == 0 { usize::MAX } else { 1 }).count();
            if hits > 0 {
                let changed = regex.replacen(&line, limit, with.as_str()).into_owned();
                self.text.remove_lines(at, at);
                self.text.insert_lines(at, &(changed.clone() + "\n"));
                if self.text.last_line() > 0
                    && self.text.line(self.text.last_line()).is_empty()
                    && at == end
                    && line_count(&changed) == 0
                {
                    self.text.set_line(at, &changed);
                }
                let added = line_count(&changed);
                at += added;
                end += added;
                count += hits;
                lines += 1;
                last = Some(at);
            }
            at += 1;
        }
        match last {
            Some(line) => {
                self.cursor = Place { line, column: self.text.indent(line) };
                if count > 2 || lines > 2 {
                    let s = if lines == 1 { "" } else { "s" };
                    self.say(format!("{count} substitutions on {lines} line{s}"));
                }
            }
            None => {
                self.text.forget_if_same();
                self.fail(&format!("E486: Pattern not found: {source}"));
            }
        }
    }
}

fn line_count(text: &str) -> usize {
    text.matches('\n').count()
}

fn plain(action: super::command::Action) -> super::command::Command {
    super::command::Command { count: None, action }
}

/// Parts between separators; a separator after a backslash is an ordinary character.
fn split(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let last = parts.len() - 1;
        if c == '\\' && chars.peek() == Some(&separator) {
            parts[last].extend(chars.next());
        } else if c == '\\' {
            parts[last].push(c);
            parts[last].extend(chars.next());
        } else if c == separator {
            parts.push(String::new());
        } else {
            parts[last].push(c);
        }
    }
    parts
}
