//! Progress and prompts, as gcloud shows them on a terminal and through a pipe.

use std::time::Duration;

use super::{Failure, Gcloud};

/// How a question ends when nobody can answer it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// The command fails.
    Fail,
    /// The default, yes, is taken.
    Yes,
}

const NOT_INTERACTIVE: &str = "This prompt could not be answered because you are not in an interactive session.  You can re-run the command with the --quiet flag to accept default answers for all prompts.";

/// Most wrong answers before a question counts as unanswered.
const ANSWERS: usize = 20;

/// Colours the words that gcloud colours on a terminal.
pub fn colour(text: &str) -> String {
    text.replace("ERROR:", "\u{1b}[1;31mERROR:\u{1b}[0m").replace("WARNING:", "\u{1b}[1;33mWARNING:\u{1b}[0m")
}

impl Gcloud {
    /// Shows a message and waits for something that takes until `done` says so, polling every second.
    pub async fn progress(&self, message: &str, details: &str, done: impl Fn() -> bool) {
        let on_terminal = self.call.io.stderr.is_terminal();
        if !on_terminal {
            self.err(&format!("{message}...\n")).await;
        }
        let mut ticks = 0_usize;
        while !done() {
            let detail = if ticks > 2 { details } else { "" };
            if on_terminal {
                let dots = ".".repeat(ticks % 4);
                let working =
                    if self.screen_reader { format!("working{dots}") } else { BRAILLE[ticks % 6].to_owned() };
                self.redraw(&format!("{message}...{detail}{working}")).await;
            } else {
                self.err(".").await;
            }
            ticks += 1;
            self.call.sys.sleep(Duration::from_secs(1)).await;
        }
        if on_terminal {
            let detail = if ticks > 2 { details } else { "" };
            self.redraw(&format!("{message}...{detail}done.")).await;
            self.err("\n").await;
        } else {
            self.err("done.\n").await;
        }
    }

    async fn redraw(&self, line: &str) {
        let width =
            usize::from(self.call.io.stderr.tty().map_or(80, |tty| tty.size().cols)).saturating_sub(1);
        let shown: String = line.chars().take(width).collect();
        self.err(&format!("\r\u{1b}[K{shown}")).await;
    }

    /// Asks `Do you want to continue (Y/n)?` after a message.
    ///
    /// # Errors
    /// When the answer is no, or there is none and the command does not do without.
    pub async fn confirm(&self, message: &str, unanswered: Unanswered) -> Result<(), Failure> {
        if self.ask(message, unanswered).await? { Ok(()) } else { Failure::error("Aborted by user.") }
    }

    /// As [`Gcloud::confirm`], but gives the answer.
    ///
    /// # Errors
    /// When there is none and the command does not do without.
    pub async fn ask(&self, message: &str, unanswered: Unanswered) -> Result<bool, Failure> {
        if self.quiet {
            return Ok(true);
        }
        let on_terminal = self.call.io.stdin.is_terminal();
        self.err(&format!("{}\nDo you want to continue (Y/n)?  ", wrap(message))).await;
        for _ in 0..ANSWERS {
            let line = self.call.io.stdin.read_line().await;
            self.err("\n").await;
            let Some(line) = line else { break };
            match String::from_utf8_lossy(&line).trim().to_ascii_lowercase().as_str() {
                "" | "y" | "yes" => return Ok(true),
                "n" | "no" => return Ok(false),
                _ => self.err("Please enter 'y' or 'n':  ").await,
            }
        }
        match unanswered {
            Unanswered::Yes => Ok(true),
            Unanswered::Fail if on_terminal => Ok(true),
            Unanswered::Fail => Failure::error(NOT_INTERACTIVE),
        }
    }
}

const BRAILLE: [&str; 6] = ["⠛", "⠹", "⠼", "⠶", "⠧", "⠏"];

/// Wraps a message at 80 columns as gcloud does: the blank before the break stays.
pub fn wrap(message: &str) -> String {
    let mut text = String::new();
    for line in message.split_inclusive('\n') {
        let mut column = 0;
        for word in line.split_inclusive(' ') {
            let length = word.trim_end_matches('\n').chars().count();
            if column > 0 && column + word.trim_end().chars().count() > 79 && !line.starts_with(' ') {
                text.push('\n');
                column = 0;
            }
            text.push_str(word);
            column += length;
        }
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn long_questions_break_after_a_blank() {
        let text =
            "Pool [default-pool] for [hello-world] will be resized to 3 node(s) in each zone it spans.";
        let expect =
            "Pool [default-pool] for [hello-world] will be resized to 3 node(s) in each zone \nit spans.\n";
        assert_eq!(wrap(text), expect);
    }
}
