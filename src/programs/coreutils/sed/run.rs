//! Runs a `sed` script over lines. Must never hold more than the pattern space, the hold space and the next line.

use regex::bytes::{Captures, Regex};

use super::parse::{Action, Address, Case, Piece, Script, Substitution, When};
use crate::programs::tool::{Quit, Tool};
use crate::world::Input;

/// Commands run for one line: a branch back without progress ends here.
const MAX_STEPS: u32 = 100_000;
/// Bytes of the pattern space and hold space.
const MAX_SPACE_BYTES: usize = 8 * 1024 * 1024;

/// A script at work. Keeps its state (ranges, hold space, line number) from file to file.
pub struct Machine<'a> {
    script: &'a Script,
    quiet: bool,
    space: Vec<u8>,
    hold: Vec<u8>,
    number: u64,
    last: bool,
    newline: bool,
    /// Whether the last line that was put out lacks its newline: it had none, and perhaps nothing follows.
    owes_newline: bool,
    /// For each command with two addresses: the line where its open range ends, if known.
    ranges: Vec<Range>,
    last_regex: Option<Regex>,
    queue: Vec<Vec<u8>>,
    out: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Range {
    Closed,
    Open,
    Until(u64),
}

enum Step {
    Go(usize),
    /// End of the script: print and read on.
    EndCycle,
    /// The same without printing.
    Drop,
    /// `D`: again without reading.
    Restart,
    Quit(i32, bool),
    /// `n`, `N` want a line.
    Read {
        append: bool,
        then: usize,
    },
}

struct Lines {
    inputs: std::collections::VecDeque<Input>,
    ahead: Option<Vec<u8>>,
}

impl Lines {
    async fn fetch(&mut self) -> Option<Vec<u8>> {
        while let Some(input) = self.inputs.front() {
            if let Some(line) = input.read_line().await {
                return Some(line);
            }
            self.inputs.pop_front();
        }
        None
    }

    /// The next line, and whether it is the last.
    async fn next(&mut self, look: bool) -> Option<(Vec<u8>, bool)> {
        let line = match self.ahead.take() {
            Some(line) => line,
            None => self.fetch().await?,
        };
        if look {
            self.ahead = self.fetch().await;
        }
        let last = look && self.ahead.is_none();
        Some((line, last))
    }
}

impl<'a> Machine<'a> {
    pub fn new(script: &'a Script, quiet: bool) -> Self {
        Machine {
            script,
            quiet,
            space: Vec::new(),
            hold: Vec::new(),
            number: 0,
            last: false,
            newline: true,
            owes_newline: false,
            ranges: vec![Range::Closed; script.commands.len()],
            last_regex: None,
            queue: Vec::new(),
            out: Vec::new(),
        }
    }

    /// Whether the script asks for the last line: then one line is read ahead.
    fn looks_ahead(&self) -> bool {
        let last = |a: &Option<Address>| matches!(a, Some(Address::Last));
        self.script
            .commands
            .iter()
            .any(|c| last(&c.from) || last(&c.to) || matches!(c.action, Action::Next | Action::NextAppend))
    }

    /// Runs over inputs; a status when the script quit.
    pub async fn run(&mut self, tool: &Tool, inputs: Vec<Input>) -> Result<Option<i32>, Quit> {
        let mut lines = Lines { inputs: inputs.into(), ahead: None };
        let status = self.cycle(tool, &mut lines, true).await?;
        Ok(status)
    }

    /// Runs over bytes and gives the result; the rest of the file is kept after a quit.
    pub async fn run_on_bytes(&mut self, tool: &Tool, bytes: &[u8]) -> Result<Vec<u8>, Quit> {
        let input = Input::bytes(bytes.to_vec());
        let mut lines = Lines { inputs: vec![input].into(), ahead: None };
        let status = self.cycle(tool, &mut lines, false).await?;
        if status.is_some() {
            while let Some((line, _)) = lines.next(false).await {
                self.out.extend(line);
            }
        }
        Ok(std::mem::take(&mut self.out))
    }

    async fn flush(&mut self, tool: &Tool, direct: bool) -> Result<(), Quit> {
        if direct && !self.out.is_empty() {
            let bytes = std::mem::take(&mut self.out);
            tool.out(bytes).await?;
        }
        Ok(())
    }

    async fn cycle(&mut self, tool: &Tool, lines: &mut Lines, direct: bool) -> Result<Option<i32>, Quit> {
        let look = self.looks_ahead();
        let mut fresh = true;
        loop {
            if fresh {
                let Some((line, last)) = lines.next(look).await else { return Ok(None) };
                self.take_line(&line, last, false);
            }
            fresh = true;
            let mut substituted = false;
            let (mut at, mut steps) = (0, 0);
            let quit = loop {
                steps += 1;
                if steps > MAX_STEPS
                    || self.space.len() > MAX_SPACE_BYTES
                    || self.hold.len() > MAX_SPACE_BYTES
                {
                    self.flush(tool, direct).await?;
                    return Err(tool.die("the script does not come to an end; stopped").await);
                }
                match self.step(tool, at, &mut substituted)? {
                    Step::Go(next) => at = next,
                    Step::EndCycle => {
                        self.auto_print();
                        break None;
                    }
                    Step::Drop => break None,
                    Step::Restart => {
                        fresh = false;
                        break None;
                    }
                    Step::Quit(status, print) => {
                        if print {
                            self.auto_print();
                        }
                        break Some(status);
                    }
                    Step::Read { append, then } => {
                        if !append {
                            self.auto_print();
                        }
                        self.append_queue();
                        self.flush(tool, direct).await?;
                        match lines.next(look).await {
                            Some((line, last)) => self.take_line(&line, last, append),
                            None => {
                                if append {
                                    self.auto_print();
                                }
                                return self.finish(tool, direct, None).await;
                            }
                        }
                        at = then;
                    }
                }
            };
            self.append_queue();
            self.flush(tool, direct).await?;
            if quit.is_some() {
                return Ok(quit);
            }
        }
    }

    async fn finish(&mut self, tool: &Tool, direct: bool, status: Option<i32>) -> Result<Option<i32>, Quit> {
        self.append_queue();
        self.flush(tool, direct).await?;
        Ok(status)
    }

    fn take_line(&mut self, line: &[u8], last: bool, append: bool) {
        self.number += 1;
        self.last = last;
        self.newline = line.ends_with(b"\n");
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        if append {
            self.space.push(b'\n');
        } else {
            self.space.clear();
        }
        self.space.extend_from_slice(line);
    }

    fn auto_print(&mut self) {
        if !self.quiet {
            self.print_space();
        }
    }

    fn print_space(&mut self) {
        let space = self.space.clone();
        self.emit(&space);
        match self.newline {
            true => self.out.push(b'\n'),
            false => self.owes_newline = true,
        }
    }

    /// Puts text out: behind a last line that had no newline, after one.
    fn emit(&mut self, text: &[u8]) {
        if std::mem::take(&mut self.owes_newline) {
            self.out.push(b'\n');
        }
        self.out.extend_from_slice(text);
    }

    fn append_queue(&mut self) {
        for text in std::mem::take(&mut self.queue) {
            self.emit(&text);
        }
    }

    fn matches(&mut self, address: &Address) -> bool {
        match address {
            Address::Line(n) => self.number == *n,
            Address::Last => self.last,
            Address::Step(first, step) => match step {
                0 => self.number == *first,
                step => self.number >= *first && (self.number - first).is_multiple_of(*step),
            },
            Address::Match(regex) => {
                let regex = regex.clone().or_else(|| self.last_regex.clone());
                let hit = regex.as_ref().is_some_and(|r| r.is_match(&self.space));
                self.last_regex = regex;
                hit
            }
            Address::Plus(_) | Address::Multiple(_) => false,
        }
    }

    /// Whether the command at `at` applies to this line.
    fn selected(&mut self, at: usize) -> bool {
        let script = self.script;
        let command = &script.commands[at];
        let hit = match (&command.from, &command.to) {
            (None, _) => true,
            (Some(from), None) => self.matches(from),
            (Some(from), Some(to)) => self.in_range(at, from, to),
        };
        hit != command.negated
    }

    fn in_range(&mut self, at: usize, from: &Address, to: &Address) -> bool {
        match self.ranges[at] {
            Range::Closed => {
                let zero = matches!(from, Address::Line(0)) && self.number == 1;
                if !zero && !self.matches(from) {
                    return false;
                }
                self.ranges[at] = match to {
                    Address::Line(n) if *n <= self.number => Range::Closed,
                    Address::Line(n) => Range::Until(*n),
                    Address::Plus(0) => Range::Closed,
                    Address::Plus(n) => Range::Until(self.number + n),
                    Address::Multiple(n) if *n == 0 || self.number.is_multiple_of(*n) => Range::Closed,
                    Address::Multiple(n) => Range::Until(self.number.div_ceil(*n) * n),
                    Address::Match(_) if zero && self.matches(to) => Range::Closed,
                    Address::Last if self.last => Range::Closed,
                    _ => Range::Open,
                };
                true
            }
            Range::Until(n) => {
                if self.number >= n {
                    self.ranges[at] = Range::Closed;
                }
                self.number <= n
            }
            Range::Open => {
                if self.matches(to) {
                    self.ranges[at] = Range::Closed;
                }
                true
            }
        }
    }

    fn step(&mut self, tool: &Tool, at: usize, substituted: &mut bool) -> Result<Step, Quit> {
        let script = self.script;
        let Some(command) = script.commands.get(at) else { return Ok(Step::EndCycle) };
        let selected = self.selected(at);
        if let Action::Block(end) = command.action {
            return Ok(Step::Go(if selected { at + 1 } else { end }));
        }
        if !selected {
            return Ok(Step::Go(at + 1));
        }
        let next = Step::Go(at + 1);
        Ok(match &command.action {
            Action::Block(_) => next,
            Action::Append(text) => {
                self.queue.push(text.clone().into_bytes());
                next
            }
            Action::Insert(text) => {
                self.emit(text.as_bytes());
                next
            }
            Action::Change(text) if text.is_empty() => {
                self.space.clear();
                next
            }
            Action::Change(text) => {
                // A range is changed once, at its end.
                if command.to.is_none() || command.negated || self.ranges[at] == Range::Closed {
                    self.emit(text.as_bytes());
                }
                Step::Drop
            }
            Action::Branch(when, target) => {
                let go = match when {
                    When::Always => true,
                    When::Substituted => std::mem::take(substituted),
                    When::NotSubstituted => !std::mem::take(substituted),
                };
                if go { Step::Go(*target) } else { next }
            }
            Action::Delete => Step::Drop,
            Action::DeleteFirst => match self.space.iter().position(|&b| b == b'\n') {
                Some(end) => {
                    self.space.drain(..=end);
                    Step::Restart
                }
                None => Step::Drop,
            },
            Action::Next => Step::Read { append: false, then: at + 1 },
            Action::NextAppend => Step::Read { append: true, then: at + 1 },
            Action::Quit(status, print) => Step::Quit(*status, *print),
            other => {
                self.plain(tool, other, substituted);
                next
            }
        })
    }

    /// Actions that go on with the next command.
    fn plain(&mut self, tool: &Tool, action: &Action, substituted: &mut bool) {
        match action {
            Action::Equals => self.emit(format!("{}\n", self.number).as_bytes()),
            Action::Get => self.space = self.hold.clone(),
            Action::GetAppend => {
                self.space.push(b'\n');
                self.space.extend_from_slice(&self.hold);
            }
            Action::Hold => self.hold = self.space.clone(),
            Action::HoldAppend => {
                self.hold.push(b'\n');
                self.hold.extend_from_slice(&self.space);
            }
            Action::Exchange => std::mem::swap(&mut self.space, &mut self.hold),
            Action::Print => self.print_space(),
            Action::PrintFirst => {
                let end = self.space.iter().position(|&b| b == b'\n').unwrap_or(self.space.len());
                let first = [&self.space[..end], b"\n"].concat();
                self.emit(&first);
            }
            Action::List => {
                let text = listed(&self.space);
                self.emit(&text);
            }
            Action::Read(name) => {
                if let Ok(bytes) = tool.call.sys.read(&tool.path(name)) {
                    self.queue.push(bytes.to_vec());
                }
            }
            Action::Write(name) => self.write_space(tool, name),
            Action::Substitute(s) => *substituted |= self.substitute(tool, s),
            Action::Translate(pairs) => {
                let text = String::from_utf8_lossy(&self.space).into_owned();
                let map = |c| pairs.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to);
                self.space = text.chars().map(map).collect::<String>().into_bytes();
            }
            _ => {}
        }
    }

    fn write_space(&mut self, tool: &Tool, name: &str) {
        let mut line = self.space.clone();
        line.push(b'\n');
        match name {
            "/dev/stdout" => self.emit(&line),
            // The file's content is only this run's when the script writes it first; `sed` truncates at start.
            name => drop(tool.call.sys.append(&tool.path(name), &line)),
        }
    }

    fn substitute(&mut self, tool: &Tool, s: &Substitution) -> bool {
        let Some(regex) = s.regex.clone().or_else(|| self.last_regex.clone()) else { return false };
        let mut out = Vec::new();
        let (mut done, mut count) = (0, 0);
        for captures in regex.captures_iter(&self.space) {
            let Some(whole) = captures.get(0) else { continue };
            count += 1;
            if count < s.nth {
                continue;
            }
            out.extend_from_slice(&self.space[done..whole.start()]);
            out.extend(replaced(&s.replacement, &captures));
            done = whole.end();
            if !s.global {
                break;
            }
        }
        let hit = count >= s.nth;
        self.last_regex = Some(regex);
        if !hit {
            return false;
        }
        out.extend_from_slice(&self.space[done..]);
        self.space = out;
        if s.print {
            self.print_space();
        }
        if let Some(name) = &s.write {
            self.write_space(tool, name);
        }
        true
    }
}

fn replaced(pieces: &[Piece], captures: &Captures<'_>) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    let (mut mode, mut once) = (None, None);
    for piece in pieces {
        let text = match piece {
            Piece::Text(text) => text.clone(),
            Piece::Group(n) => {
                let bytes = captures.get(*n).map_or(&b""[..], |m| m.as_bytes());
                if mode.is_none() && once.is_none() {
                    out.extend_from_slice(bytes);
                    continue;
                }
                String::from_utf8_lossy(bytes).into_owned()
            }
            Piece::Case(Case::End) => {
                mode = None;
                continue;
            }
            Piece::Case(case @ (Case::UpperNext | Case::LowerNext)) => {
                once = Some(*case);
                continue;
            }
            Piece::Case(case) => {
                mode = Some(*case);
                continue;
            }
        };
        let text = match mode {
            Some(Case::Upper) => text.to_uppercase(),
            Some(Case::Lower) => text.to_lowercase(),
            _ => text,
        };
        let mut chars = text.chars();
        if let (Some(case), Some(first)) = (once, text.chars().next()) {
            chars.next();
            once = None;
            match case {
                Case::UpperNext => out.extend(first.to_uppercase().to_string().bytes()),
                _ => out.extend(first.to_lowercase().to_string().bytes()),
            }
        }
        out.extend(chars.as_str().bytes());
    }
    out
}

/// `l`: the pattern space with everything unprintable spelled out.
fn listed(space: &[u8]) -> Vec<u8> {
    let mut out = String::new();
    for &byte in space {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b' '..=b'~' => out.push(byte as char),
            other => out.push_str(&format!("\\{other:03o}")),
        }
    }
    out.push_str("$\n");
    out.into_bytes()
}
