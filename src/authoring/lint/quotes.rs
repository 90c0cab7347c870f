//! Commands and outputs that the prose quotes, held against the simulation. A plain block that begins with a program's
//! name is what the learner types; a `console` block shows `$ commands` and what they print. Must never change a
//! session that a way is played on.

use std::time::Duration;

use regex::Regex;

use crate::authoring::player::Player;
use crate::lesson::format::{NearMiss, Step};
use crate::lesson::meaning;
use crate::lesson::template;
use crate::session::Session;
use crate::world::{HostId, Input, Tty};

/// How long a quoted command may run, in virtual time, before it counts as one that stays.
const LONGEST_COMMAND: Duration = Duration::from_secs(120);
/// A word that stands for something left out.
const LEFT_OUT: [&str; 2] = ["...", "…"];

/// A word that the reader is to replace: `EXTERNAL-IP`, `PROJECT_ID`.
const PLACEHOLDER: &str = r"\b[A-Z]{2,}[-_][A-Z]{2,}\b";

/// Something quoted in a Markdown file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// From 1.
    pub line: usize,
    /// The step it stands in.
    pub step: Option<String>,
    /// The block it stands in, `hint`, `done` ...; empty for the step's text.
    pub place: String,
    pub kind: Kind,
}

/// How it is quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Between fences.
    Block { info: String, text: String },
    /// Between backticks.
    Inline(String),
}

/// Everything quoted in a file, in its order.
pub fn scan(text: &str) -> Vec<Quote> {
    let mut found = Vec::new();
    let (mut step, mut place) = (None, String::new());
    let mut open: Option<(usize, String, String, String)> = None;
    for (number, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if let Some((at, fence, info, body)) = &mut open {
            if trimmed == fence {
                let kind = Kind::Block { info: info.clone(), text: body.trim_end().to_owned() };
                found.push(Quote { line: *at, step: step.clone(), place: place.clone(), kind });
                open = None;
            } else {
                body.push_str(line);
                body.push('\n');
            }
        } else if trimmed.starts_with("```") {
            let fence: String = trimmed.chars().take_while(|c| *c == '`').collect();
            let info = trimmed[fence.len()..].trim().to_owned();
            open = Some((number + 1, fence, info, String::new()));
        } else if let Some(words) = line.strip_prefix(":::") {
            place = words.split_whitespace().next().unwrap_or_default().to_owned();
        } else if let Some(heading) = line.strip_prefix("## ") {
            step = heading
                .rsplit_once("{#")
                .and_then(|(_, id)| Some(id.trim_end().strip_suffix('}')?.to_owned()));
        } else {
            let pieces = line.split('`').skip(1).step_by(2).filter(|piece| !piece.is_empty());
            found.extend(pieces.map(|piece| Quote {
                line: number + 1,
                step: step.clone(),
                place: place.clone(),
                kind: Kind::Inline(piece.to_owned()),
            }));
        }
    }
    found
}

/// A command of a `console` block and what it should print.
struct Shown {
    command: String,
    output: Vec<String>,
}

/// What a step's quotes are held against.
pub struct Held<'a> {
    pub step: &'a Step,
    /// Sessions at the step's beginning, made anew.
    pub begin: &'a dyn Fn() -> Option<Player>,
    /// After its solution.
    pub end: Session,
}

impl Held<'_> {
    /// What is wrong with quotes of this step, with their lines and what to do. Both languages quote the same: a
    /// quote is looked at once.
    pub fn wrong(mut self, quotes: &[&Quote]) -> Vec<(usize, String, &'static str)> {
        let mut wrong = Vec::new();
        let mut start = None;
        for quote in quotes {
            match &quote.kind {
                Kind::Inline(text) => {
                    if let Some(message) = self.unknown(text) {
                        let fix = "Correct it, or write what is left out as ...";
                        wrong.push((quote.line, message, fix));
                    }
                }
                Kind::Block { info, text } => {
                    let fix =
                        "Quote what the simulation prints; `...` stands for lines, `…` for words left out.";
                    if info == "console" {
                        for shown in console(text) {
                            wrong.extend(self.differs(&shown, &mut start).map(|m| (quote.line, m, fix)));
                        }
                    } else if matches!(info.as_str(), "" | "sh" | "bash") && is_command(text) {
                        let fix = "Correct it, let a solution type it, or mark the block with `text`.";
                        wrong.extend(self.fails(text, &mut start).map(|m| (quote.line, m, fix)));
                    }
                }
            }
        }
        wrong
    }

    fn typed(&self) -> Vec<String> {
        let missed = self.step.near_misses.iter().flat_map(NearMiss::all);
        let ways = self.step.solution.iter().chain(self.step.also.iter().flatten()).cloned();
        ways.chain(missed).filter_map(|action| action.line().map(str::to_owned)).collect()
    }

    fn names_filled(&self, text: &str) -> String {
        let names = self.end.run().map(|run| run.names().clone()).unwrap_or_default();
        template::fill(text, &names)
    }

    /// A quoted `kubectl ...` or `docker ...` whose command does not exist.
    fn unknown(&mut self, text: &str) -> Option<String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (program, verb) = (words.first()?, words.get(1)?);
        let plain = verb.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') && !verb.starts_with('-');
        if !matches!(*program, "kubectl" | "docker") || !plain || LEFT_OUT.iter().any(|l| verb.contains(l)) {
            return None;
        }
        // `docker NOTHING --help` is help for docker itself, and succeeds.
        let asked = match *program {
            "docker" => format!("docker help {verb}"),
            _ => format!("{program} {verb} --help"),
        };
        let (_, exit) = run(&mut self.end, &asked);
        (exit != Some(0)).then(|| format!("`{text}`: {program} has no command `{verb}`"))
    }

    /// A block of commands that nobody types in this step and that fails when it is run.
    fn fails(&mut self, text: &str, start: &mut Option<Session>) -> Option<String> {
        if Regex::new(PLACEHOLDER).is_ok_and(|placeholder| placeholder.is_match(text)) {
            return None;
        }
        let typed = self.typed();
        let squeezed: Vec<String> = typed.iter().map(|t| squeeze(t)).collect();
        let whole = squeeze(text);
        if squeezed.iter().any(|t| t.contains(&whole)) {
            return None;
        }
        let meant: Vec<_> = typed.iter().flat_map(|t| meaning::of_line(t)).collect();
        let is_typed = |line: &str| {
            let meanings = meaning::of_line(line);
            squeezed.iter().any(|t| t.contains(&squeeze(line)))
                || !meanings.is_empty() && meanings.iter().all(|m| meant.iter().any(|t| t.covers(m)))
        };
        if !text.contains("<<") && text.lines().all(|line| line.trim().is_empty() || is_typed(line)) {
            return None;
        }
        let filled = self.names_filled(text);
        let (output, exit) = run(&mut self.end, &filled);
        if exit.is_none_or(|exit| exit == 0) {
            return None;
        }
        let start = self.start(start)?;
        let (early, exit) = run(start, &filled);
        if exit.is_none_or(|exit| exit == 0) {
            return None;
        }
        let said = output.lines().chain(early.lines()).find(|l| !l.trim().is_empty()).unwrap_or_default();
        Some(format!("`{}` fails: {said}", text.lines().next().unwrap_or_default()))
    }

    /// A command that does not print what is quoted: not in the solution, not after it, not before it.
    fn differs(&mut self, shown: &Shown, start: &mut Option<Session>) -> Option<String> {
        let command = self.names_filled(&shown.command);
        let expect: Vec<String> = shown.output.iter().map(|line| self.names_filled(line)).collect();
        let played: Vec<String> = self.end.view(|w| {
            let same = w.history.iter().filter(|record| squeeze(&record.line) == squeeze(&command));
            same.map(|record| record.output.clone()).collect()
        });
        if played.iter().any(|output| matches(&expect, output)) {
            return None;
        }
        let (late, _) = run(&mut self.end, &command);
        if matches(&expect, &late) {
            return None;
        }
        let early = self.start(start).map(|session| run(session, &command).0).unwrap_or_default();
        if matches(&expect, &early) {
            return None;
        }
        let got = played.first().unwrap_or(&late).trim_end().replace('\n', "\n  | ");
        Some(format!("`{}` prints something else:\n  | {got}", shown.command))
    }

    fn start<'a>(&self, start: &'a mut Option<Session>) -> Option<&'a mut Session> {
        if start.is_none() {
            *start = (self.begin)().map(Player::into_session);
        }
        start.as_mut()
    }
}

/// Whether a block begins as a command does: with a program's name.
fn is_command(text: &str) -> bool {
    text.split_whitespace()
        .next()
        .is_some_and(|first| crate::programs::find(first).is_some() || first == "cd")
}

/// Runs a command beside the terminals, in the folder that the learner is in; what it printed and how it ended.
fn run(session: &mut Session, command: &str) -> (String, Option<i32>) {
    let Ok(shell) = session.open_shell(&folder(session)) else { return (String::new(), None) };
    let ran = session.run_command(&shell, command, Input::Null, Some(LONGEST_COMMAND));
    session.close_shell(shell);
    let text = [ran.stdout, ran.stderr].concat();
    (String::from_utf8_lossy(&text).into_owned(), ran.exit)
}

/// Where the terminal stands that was typed in last.
fn folder(session: &Session) -> String {
    session.view(|w| {
        let last = w.history.iter().rev().find_map(|record| w.terminals.get(&record.terminal?));
        let shell = last.or_else(|| w.terminals.values().next()).and_then(Tty::prompt_view);
        let here = shell.filter(|shell| shell.host == HostId::MACHINE).map(|shell| shell.cwd.clone());
        here.or_else(|| w.machine_host().map(|h| h.home.clone())).unwrap_or_default()
    })
}

fn console(text: &str) -> Vec<Shown> {
    let mut all: Vec<Shown> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("$ "), all.last_mut()) {
            (Some(command), _) => all.push(Shown { command: command.to_owned(), output: Vec::new() }),
            (None, Some(shown)) => shown.output.push(line.to_owned()),
            (None, None) => {}
        }
    }
    all
}

/// Whether an output is as quoted. Blanks count as one, wherever columns are as wide as the learner's names.
fn matches(expect: &[String], output: &str) -> bool {
    let lines: Vec<String> = output.lines().map(squeeze).filter(|l| !l.is_empty()).collect();
    let mut pattern = String::from("\\A");
    for line in expect.iter().filter(|l| !l.trim().is_empty()) {
        if LEFT_OUT.contains(&line.trim()) {
            pattern.push_str("(?:.*\n)*?");
        } else {
            let words = squeeze(line);
            let pieces: Vec<String> = words.split('…').map(regex::escape).collect();
            pattern.push_str(&pieces.join(".*"));
            pattern.push('\n');
        }
    }
    pattern.push_str("\\z");
    let text: String = lines.iter().map(|l| format!("{l}\n")).collect();
    Regex::new(&pattern).is_ok_and(|pattern| pattern.is_match(&text))
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Kind, matches, scan};

    #[test]
    fn quotes_know_their_line_step_and_place() {
        let text = "# T\n## One {#one}\nType `ls -l` now:\n```\nls\n```\n:::hint\n`cat x`\n:::\n```console\n$ ls\nx\n```\n";
        let found: Vec<String> = scan(text)
            .into_iter()
            .map(|q| {
                let what = match q.kind {
                    Kind::Inline(text) => text,
                    Kind::Block { info, text } => format!("[{info}]{text}"),
                };
                format!("{} {} {} {what}", q.line, q.step.unwrap_or_default(), q.place)
            })
            .collect();
        assert_eq!(found, ["3 one  ls -l", "4 one  []ls", "8 one hint cat x", "10 one  [console]$ ls\nx"]);
    }

    #[test]
    fn outputs_match_with_what_is_left_out() {
        let check = |expect: &str, output: &str, holds: bool| {
            let lines: Vec<String> = expect.lines().map(str::to_owned).collect();
            assert_eq!(matches(&lines, output), holds, "{expect} | {output}");
        };
        check("NAME READY\nweb-… 1/1", "NAME      READY\nweb-x2jk4   1/1\n", true);
        check("NAME READY\nweb-… 2/2", "NAME      READY\nweb-x2jk4   1/1\n", false);
        check("a\n...\nc", "a\nb\nb\nc\n", true);
        check("a\n...\nc", "a\nc\n", true);
        check("a", "a\nb\n", false);
        check("a.c", "abc\n", false);
    }
}
