//! Play without a screen: a line is read, what came of it is printed, nothing is drawn or moves. For screen readers,
//! for terminals that can do no more, and through pipes. Lines that begin with `:` speak to KubeJam, all others to
//! the shell. Must never decide what happens in the world.
#![allow(clippy::disallowed_methods, reason = "time passes between two lines as the wall clock says")]

use std::io::{self, BufRead, IsTerminal, Write};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::edge::journal_file::JournalFile;
use crate::edge::pacing::Pacing;
use crate::edge::storage::Storage;
use crate::edge::terminal::Look;
use crate::lesson::course::Language;
use crate::lesson::run::Event as QuestEvent;
use crate::session::journal::Footer;
use crate::session::play::Play;
use crate::session::{Effect, Input};
use crate::ui::derive::{self, chronicle::Chronicle};
use crate::ui::paint::Brush;
use crate::ui::plain;
use crate::ui::texts::Texts;
use crate::ui::theme::Theme;
use crate::ui::view::View;
use crate::world::TerminalId;

/// Virtual time that a command gets before the learner is asked again.
const PATIENCE: Duration = Duration::from_secs(60);
/// What `:wait` lets pass.
const WAIT: Duration = Duration::from_secs(10);
/// Time between two lines beyond this is not played.
const MAX_CATCH_UP: Duration = Duration::from_secs(60);
/// Lines that may be typed into an editor's file.
const MAX_EDITED_LINES: usize = 5000;

pub struct PlainLoop<'a> {
    play: Play,
    journal: JournalFile,
    storage: &'a Storage,
    /// The journal's name, under which progress is kept as well.
    name: String,
    language: Language,
    theme: Theme,
    texts: Texts,
    chronicle: Chronicle,
    /// What was told last.
    told: View,
    pacing: Pacing,
    terminal: TerminalId,
    /// What the shell asks with.
    prompt: String,
    /// What was typed and comes back from the terminal: whoever typed it has read it.
    echo: Option<String>,
    /// A file that a program wants edited.
    edit: Option<(TerminalId, String, String)>,
}

impl<'a> PlainLoop<'a> {
    pub fn new(
        play: Play,
        journal: JournalFile,
        storage: &'a Storage,
        name: &str,
        look: &Look,
        theme: Theme,
    ) -> Self {
        let pacing = Pacing::new(look.speed, Instant::now(), play.session().now());
        let terminal = play.session().terminals().first().copied().unwrap_or(1);
        let texts = Texts::new(look.language);
        Self {
            play,
            journal,
            storage,
            name: name.to_owned(),
            language: look.language,
            theme,
            texts,
            chronicle: Chronicle::default(),
            told: View::default(),
            pacing,
            terminal,
            prompt: String::new(),
            echo: None,
            edit: None,
        }
    }

    /// Runs until `:quit` or the end of the input.
    ///
    /// # Errors
    /// When input, output or journal are gone.
    pub fn run(&mut self, effects: Vec<Effect>) -> Result<()> {
        let brush = Brush { theme: &self.theme, texts: &self.texts, now_ms: 0 };
        let view = derive::view(self.play.session(), &mut self.chronicle, self.language);
        let mut lines = vec![brush.texts.say("plain-intro")];
        lines.extend(view.quest.iter().flat_map(|quest| plain::step(&brush, quest)));
        self.told = view;
        print(&lines)?;
        // What is in the journal already is not noted again.
        self.apply(effects.into_iter().filter(|e| !matches!(e, Effect::Quest(_))).collect())?;
        for line in io::stdin().lock().lines() {
            self.pass_time()?;
            if !self.line(&line?)? {
                return Ok(());
            }
            self.settle()?;
            self.tell()?;
        }
        Ok(())
    }

    /// What the clock on the wall let pass since the last line.
    fn pass_time(&mut self) -> Result<()> {
        let now = self.play.session().now();
        if self.play.session().next_wakeup().is_some() {
            let to = self.pacing.now(Instant::now()).min(now + MAX_CATCH_UP);
            let effects = self.play.advance(to.max(now));
            self.apply(effects)?;
        }
        self.pacing.set(Instant::now(), self.play.session().now());
        Ok(())
    }

    /// Runs ahead until the command in front returns.
    fn settle(&mut self) -> Result<()> {
        let until = self.play.session().now() + PATIENCE;
        while self.play.session().is_busy(self.terminal) && self.edit.is_none() {
            let Some(next) = self.play.session().next_wakeup().filter(|at| *at <= until) else { break };
            let effects = self.play.advance(next);
            self.apply(effects)?;
        }
        if self.play.session().is_busy(self.terminal) && self.edit.is_none() {
            print(&[self.texts.say("plain-busy")])?;
        }
        self.pacing.set(Instant::now(), self.play.session().now());
        Ok(())
    }

    /// Takes one line; false: the learner leaves.
    fn line(&mut self, text: &str) -> Result<bool> {
        if let Some((terminal, path, typed)) = self.edit.take() {
            return self.edited(terminal, path, typed, text).map(|()| true);
        }
        let Some(command) = text.strip_prefix(':').filter(|c| !c.starts_with([' ', '>'])) else {
            self.echo = io::stdin().is_terminal().then(|| text.to_owned());
            self.input(Input::Line { terminal: self.terminal, text: text.to_owned() })?;
            return Ok(true);
        };
        let brush = Brush { theme: &self.theme, texts: &self.texts, now_ms: 0 };
        let (word, rest) = command.split_once(' ').unwrap_or((command, ""));
        match word {
            "quit" | "q" => return Ok(false),
            "lesson" => {
                print(&self.told.quest.iter().flat_map(|q| plain::step(&brush, q)).collect::<Vec<_>>())?
            }
            "goals" => print(
                &self.told.quest.iter().flat_map(|q| plain::goals(&brush, &q.step)).collect::<Vec<_>>(),
            )?,
            "look" => print(&plain::picture(&brush, &self.told.scene))?,
            "hint" => self.input(Input::Hint)?,
            "next" => self.input(Input::Advance)?,
            "undo" => self.input(Input::Undo)?,
            "redo" => self.input(Input::Redo)?,
            "stop" => self.input(Input::Interrupt { terminal: self.terminal, typed: String::new() })?,
            "end" => self.input(Input::EndOfFile { terminal: self.terminal })?,
            "new" => self.input(Input::OpenTerminal)?,
            "tab" => self.tab(rest)?,
            "wait" => self.wait()?,
            digit if digit.parse::<usize>().is_ok() => self.answer(digit)?,
            _ => print(&[brush.texts.say("plain-help")])?,
        }
        Ok(true)
    }

    fn tab(&mut self, text: &str) -> Result<()> {
        let terminals = self.play.session().terminals();
        match text.trim().parse().ok().filter(|id| terminals.contains(id)) {
            Some(id) => self.terminal = id,
            None => {
                let ids: Vec<String> = terminals.iter().map(ToString::to_string).collect();
                print(&[self.texts.say_with("plain-tabs", &[("tabs", &ids.join(", "))])])?;
            }
        }
        Ok(())
    }

    fn wait(&mut self) -> Result<()> {
        let to = self.play.session().now() + WAIT;
        let effects = self.play.advance(to);
        self.apply(effects)
    }

    fn answer(&mut self, digit: &str) -> Result<()> {
        let question = self.play.session().run().and_then(|run| run.open_question());
        let at = digit.parse::<usize>().unwrap_or(0).wrapping_sub(1);
        match question.and_then(|q| q.choices.get(at)).cloned() {
            Some(choice) => self.input(Input::Predict { choice }),
            None => print(&[self.texts.say("plain-no-question")]),
        }
    }

    /// A line of the file being edited: `.` saves, `:q` leaves it as it was.
    fn edited(&mut self, terminal: TerminalId, path: String, mut typed: String, line: &str) -> Result<()> {
        match line {
            "." => self.input(Input::FileSaved { terminal, text: Some(typed) }),
            ":q" => self.input(Input::FileSaved { terminal, text: None }),
            _ => {
                if typed.lines().count() < MAX_EDITED_LINES {
                    typed.push_str(line);
                    typed.push('\n');
                }
                self.edit = Some((terminal, path, typed));
                Ok(())
            }
        }
    }

    /// Journal first, then the session: what the journal does not take does not happen.
    fn input(&mut self, input: Input) -> Result<()> {
        let Some(entry) = self.play.entry(self.play.session().now(), input) else {
            return print(&[self.texts.say("nothing-to-undo")]);
        };
        if let Err(error) = self.journal.entries(std::slice::from_ref(&entry)) {
            let (path, why) = (self.journal.path().display().to_string(), error.to_string());
            return print(&[self.texts.say_with("not-kept", &[("path", &path), ("why", &why)])]);
        }
        let played = self.play.handle(vec![entry]);
        if played.afresh {
            // The terminals would be written anew from their beginning: what happened there was read already.
            self.chronicle = Chronicle::default();
            print(&[self.texts.say("plain-undone")])?;
            return Ok(());
        }
        self.apply(played.effects)
    }

    fn apply(&mut self, effects: Vec<Effect>) -> Result<()> {
        for effect in effects {
            match effect {
                Effect::Output { terminal, bytes } => {
                    let text = readable(&String::from_utf8_lossy(&bytes));
                    let text = match self.echo.take().and_then(|typed| text.strip_prefix(&typed)) {
                        Some(rest) => rest.trim_start_matches('\n').to_owned(),
                        None => text,
                    };
                    let other = terminal != self.terminal && !text.trim().is_empty();
                    write(&if other { format!("[{terminal}] {text}") } else { text })?;
                }
                Effect::Edit { terminal, request } => {
                    let content = String::from_utf8_lossy(&request.bytes).into_owned();
                    print(&[content, self.texts.say_with("plain-edit", &[("path", &request.path)])])?;
                    self.edit = Some((terminal, request.path, String::new()));
                }
                Effect::TerminalOpened { terminal } => {
                    self.terminal = terminal;
                    let n = terminal.to_string();
                    print(&[self.texts.say_with("tab-shell", &[("n", &n)])])?;
                }
                Effect::TerminalClosed { .. } => match self.play.session().terminals().first() {
                    Some(first) => self.terminal = *first,
                    None => print(&[self.texts.say("terminal-closed")])?,
                },
                Effect::Quest(event) => self.quest_event(&event)?,
                Effect::Prompt { terminal, reading } if terminal == self.terminal => {
                    self.prompt = readable(&reading.prompt);
                }
                Effect::Prompt { .. } | Effect::NoPrompt { .. } | Effect::ApiReply { .. } | Effect::Bell => {}
            }
        }
        Ok(())
    }

    fn quest_event(&mut self, event: &QuestEvent) -> Result<()> {
        match event {
            QuestEvent::StepPassed { step } => self.input(Input::Passed { step: step.clone() })?,
            QuestEvent::QuestComplete => {
                // Without its footer the record is still whole: the next start writes it.
                self.journal.footer(&Footer::of(self.play.session())).ok();
            }
            _ => {}
        }
        if let Some(run) = self.play.session().run() {
            self.storage.keep_progress(&self.name, run);
        }
        Ok(())
    }

    /// Says what is new.
    fn tell(&mut self) -> Result<()> {
        let view = derive::view(self.play.session(), &mut self.chronicle, self.language);
        let brush = Brush { theme: &self.theme, texts: &self.texts, now_ms: 0 };
        let mut lines = plain::news(&brush, &self.told, &view);
        if let Some(finish) = view.quest.as_ref().and_then(|q| q.finished.as_ref())
            && self.told.quest.as_ref().is_some_and(|q| q.finished.is_none())
        {
            lines.push(format!("{}: {}", brush.texts.say("complete-title"), finish.heading));
        }
        self.told = view;
        // After the prompt, which stands on the last line.
        if !lines.is_empty() {
            write("\n")?;
            print(&lines)?;
            write(&self.prompt)?;
        }
        Ok(())
    }
}

/// Terminal output without escape sequences; of a line that was rewritten in place only its last state.
fn readable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut line = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' if chars.peek() == Some(&'[') => {
                chars.next();
                while chars.next().is_some_and(|c| !c.is_ascii_alphabetic()) {}
            }
            '\r' if chars.peek() != Some(&'\n') => line.clear(),
            '\n' => {
                out.push_str(&line);
                out.push('\n');
                line.clear();
            }
            c if c.is_control() && c != '\t' => {}
            c => line.push(c),
        }
    }
    out + &line
}

fn print(lines: &[String]) -> Result<()> {
    let mut out = io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    Ok(())
}

fn write(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn escapes_go_and_rewritten_lines_keep_their_last_state() {
        assert_eq!(readable("\x1b[1;32mme\x1b[0m:~$ "), "me:~$ ");
        assert_eq!(readable("10%\r20%\rdone\r\nnext"), "done\nnext");
    }
}
