//! Progress and prompts, as gcloud shows them on a terminal and through a pipe.

use std::time::Duration;

use super::{Failure, Gcloud};
use crate::image::process::Signal;

/// How a question ends when nobody can answer it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// The command fails.
    Fail,
    /// The default is taken.
    Default,
}

const NOT_INTERACTIVE: &str = "This prompt could not be answered because you are not in an interactive session.  You can re-run the command with the --quiet flag to accept default answers for all prompts.";

/// Most wrong answers before a question counts as unanswered.
const ANSWERS: usize = 20;
/// How wide text is where there is no terminal.
const WIDTH: usize = 80;

/// Most ticks that are waited for.
const TICKS: usize = 36_000;

const BRAILLE: [&str; 6] = ["⠛", "⠹", "⠼", "⠶", "⠧", "⠏"];

/// Colours the words that gcloud colours on a terminal, at the beginning of a line.
pub fn colour(text: &str) -> String {
    let mark = |line: &str, word: &str, code: u8| {
        line.strip_prefix(word).map(|rest| format!("\u{1b}[1;{code}m{word}\u{1b}[0m{rest}"))
    };
    text.split_inclusive('\n')
        .map(|line| {
            let critical = line.strip_suffix('\n').filter(|l| l.starts_with("CRITICAL:"));
            mark(line, "ERROR:", 31)
                .or_else(|| mark(line, "WARNING:", 33))
                .or_else(|| critical.map(|line| format!("\u{1b}[1;31m{line}\u{1b}[0m\n")))
                .unwrap_or_else(|| line.to_owned())
        })
        .collect()
}

/// A message with what is going on behind it.
pub struct Progress<'a> {
    gcloud: &'a Gcloud,
    message: String,
    detail: String,
    ticks: usize,
    /// The lines above the one that is redrawn.
    above: Vec<String>,
}

impl<'a> Progress<'a> {
    /// Shows the message.
    pub async fn begin(gcloud: &'a Gcloud, message: &str) -> Self {
        let message = format!("{message}...");
        let mut progress = Progress { gcloud, message, detail: String::new(), ticks: 0, above: Vec::new() };
        if progress.on_terminal() {
            progress.draw("").await;
        } else {
            gcloud.err(&format!("{}\n", progress.message)).await;
        }
        progress
    }

    /// What is going on; shown on a terminal only.
    pub fn detail(&mut self, text: &str) {
        self.detail = if text.is_empty() { String::new() } else { format!(" {text}...") };
    }

    fn on_terminal(&self) -> bool {
        self.gcloud.call.io.stderr.is_terminal()
    }

    /// Waits until `done` says so, or for the time it names.
    ///
    /// # Errors
    /// When Ctrl-C ended it.
    pub async fn wait(
        &mut self,
        done: impl Fn() -> bool,
        detail: impl Fn(usize) -> &'static str,
    ) -> Result<(), Failure> {
        let pace = if self.gcloud.screen_reader { 1000 } else { 200 };
        while !done() {
            if self.ticks >= TICKS {
                self.end("failed.").await;
                return Failure::error("The operation took too long; it may still be going on.");
            }
            let tick = self.gcloud.call.sys.sleep(Duration::from_millis(pace));
            if self.gcloud.call.sys.interruptible(tick).await.is_err() {
                self.end("aborted by ctrl-c.").await;
                return Failure::error("Aborted by user.");
            }
            self.ticks += 1;
            let seconds = self.ticks * pace as usize / 1000;
            self.detail(detail(seconds));
            if !self.on_terminal() {
                self.gcloud.err(".").await;
            } else if !done() {
                let mark = self.mark();
                self.draw(&mark).await;
            }
        }
        Ok(())
    }

    fn mark(&self) -> String {
        match self.gcloud.screen_reader {
            true => format!("working{}", ".".repeat(self.ticks % 4)),
            false => BRAILLE[(self.ticks + 5) % BRAILLE.len()].to_owned(),
        }
    }

    /// Says how it ended.
    pub async fn end(&mut self, how: &str) {
        if self.on_terminal() {
            self.draw(how).await;
            self.gcloud.err("\n").await;
        } else {
            self.gcloud.err(&format!("{how}\n")).await;
        }
    }

    /// Draws the last line again; lines above it only when they change.
    async fn draw(&mut self, suffix: &str) {
        let width = self.gcloud.width().saturating_sub(1).max(1);
        let whole: Vec<char> = format!("{}{}{suffix}", self.message, self.detail).chars().collect();
        let mut lines: Vec<String> = whole.chunks(width).map(|line| line.iter().collect()).collect();
        let last = lines.pop().unwrap_or_default();
        let clear = format!("\r{}\r", " ".repeat(width));
        let fresh =
            if lines == self.above { Vec::new() } else { lines.split_off(self.above.len().min(lines.len())) };
        let text: String = fresh.iter().map(|line| format!("{line}\n")).collect();
        self.above.extend(fresh);
        self.gcloud.err(&format!("{clear}{text}{last}")).await;
    }
}

impl Gcloud {
    /// How wide the terminal is, or what counts as its width.
    pub fn width(&self) -> usize {
        let tty = self.call.io.stderr.tty();
        tty.map_or(WIDTH, |tty| usize::from(tty.size().cols))
    }

    /// Shows a message and waits for something, then says that it is done.
    ///
    /// # Errors
    /// When Ctrl-C ended it.
    pub async fn progress(&self, message: &str, done: impl Fn() -> bool) -> Result<(), Failure> {
        let mut progress = Progress::begin(self, message).await;
        progress.wait(done, |_| "").await?;
        progress.end("done.").await;
        Ok(())
    }

    /// As [`Gcloud::progress`], for so long.
    ///
    /// # Errors
    /// When Ctrl-C ended it.
    pub async fn progress_for(&self, message: &str, time: Duration) -> Result<(), Failure> {
        let ready = self.call.sys.now() + time;
        self.progress(message, || self.call.sys.now() >= ready).await
    }

    /// Asks `Do you want to continue (Y/n)?` after a message.
    ///
    /// # Errors
    /// When the answer is no, or there is none and the command does not do without.
    pub async fn confirm(&self, message: &str, unanswered: Unanswered) -> Result<(), Failure> {
        if self.ask(message, true, unanswered).await? { Ok(()) } else { Failure::error("Aborted by user.") }
    }

    /// As [`Gcloud::confirm`], but gives the answer. `default` is what Enter means.
    ///
    /// # Errors
    /// When there is none and the command does not do without.
    pub async fn ask(&self, message: &str, default: bool, unanswered: Unanswered) -> Result<bool, Failure> {
        let lead =
            if message.is_empty() { String::new() } else { format!("{}\n\n", wrap(message, self.width())) };
        self.ask_after(&lead, "Do you want to continue", default, unanswered).await
    }

    /// Asks a question of its own.
    ///
    /// # Errors
    /// When Ctrl-C is the answer.
    pub async fn ask_whether(&self, question: &str, default: bool) -> Result<bool, Failure> {
        self.ask_after("", question, default, Unanswered::Default).await
    }

    async fn ask_after(
        &self,
        lead: &str,
        question: &str,
        default: bool,
        unanswered: Unanswered,
    ) -> Result<bool, Failure> {
        if self.quiet {
            return Ok(default);
        }
        let on_terminal = self.call.io.stdin.is_terminal();
        let choice = if default { "(Y/n)" } else { "(y/N)" };
        let question = wrap(&format!("{question} {choice}?  "), self.width());
        self.err(&format!("{lead}{question}")).await;
        let mut answer = None;
        for _ in 0..ANSWERS {
            let line = self.call.sys.interruptible(self.call.io.stdin.read_line()).await;
            let Ok(line) = line else { return Err(Failure::Interrupted) };
            let Some(line) = line else { break };
            match String::from_utf8_lossy(&line).trim().to_ascii_lowercase().as_str() {
                "" => answer = Some(default),
                "y" | "yes" => answer = Some(true),
                "n" | "no" => answer = Some(false),
                _ => {
                    self.err("Please enter 'y' or 'n':  ").await;
                    continue;
                }
            }
            break;
        }
        self.err("\n").await;
        match (answer, unanswered) {
            (Some(answer), _) => Ok(answer),
            (None, Unanswered::Fail) if !on_terminal => Failure::error(NOT_INTERACTIVE),
            (None, _) => Ok(default),
        }
    }

    /// From here on, Ctrl-C is ours to answer.
    pub fn handle_interrupts(&self) {
        self.call.sys.handle(Signal::Int);
    }
}

/// Wraps a message as gcloud does: the blank before a break stays.
pub fn wrap(message: &str, width: usize) -> String {
    let lines: Vec<String> = message.lines().map(|line| wrap_line(line, width)).collect();
    lines.join("\n")
}

fn wrap_line(line: &str, width: usize) -> String {
    let (mut text, mut column) = (String::new(), 0);
    for word in line.split_inclusive(' ') {
        let mut bare = word.trim_end_matches(' ');
        let blanks = word.len() - bare.len();
        // A word that fits on no line is broken where this one ends.
        while bare.chars().count() > width {
            let room = width.saturating_sub(column).max(1);
            let (head, tail) = bare.split_at(bare.char_indices().nth(room).map_or(bare.len(), |(at, _)| at));
            text.push_str(head);
            text.push('\n');
            (bare, column) = (tail, 0);
        }
        let length = bare.chars().count();
        if column > 0 && column + length > width {
            text.push('\n');
            column = 0;
        }
        text.push_str(bare);
        column += length;
        if column + blanks > width {
            text.push('\n');
            column = 0;
        }
        text.push_str(&" ".repeat(blanks));
        column += blanks;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{colour, wrap};

    #[test]
    fn long_questions_break_after_a_blank() {
        let text =
            "Pool [default-pool] for [hello-world] will be resized to 3 node(s) in each zone it spans.";
        let wide =
            "Pool [default-pool] for [hello-world] will be resized to 3 node(s) in each zone \nit spans.";
        assert_eq!(wrap(text, 80), wide);
        let narrow =
            "Pool [default-pool] for [hello-world] will be resized to 3 \nnode(s) in each zone it spans.";
        assert_eq!(wrap(text, 60), narrow);
        assert_eq!(wrap("tag [us-docker.pkg.dev/a/b]", 12), "tag [us-dock\ner.pkg.dev/a\n/b]");
    }

    #[test]
    fn only_the_words_at_the_begin_are_coloured() {
        assert_eq!(colour("ERROR: an ERROR: x\n"), "\u{1b}[1;31mERROR:\u{1b}[0m an ERROR: x\n");
    }
}
