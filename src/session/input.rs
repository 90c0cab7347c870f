//! What goes into a session and what comes out. Inputs are what a journal keeps: short, readable, and the same
//! whether typed or replayed. Must never carry anything that only one interface understands.

use serde::{Deserialize, Serialize};

use crate::cluster::api::http::{Answer, Call};
use crate::lesson::run::Event;
use crate::world::TerminalId;
use crate::world::tty::{EditRequest, Reading, Shown, Size};

/// What a learner does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Input {
    /// Opens another terminal.
    OpenTerminal,
    /// Closes one.
    CloseTerminal {
        /// Which.
        terminal: TerminalId,
    },
    /// A line, without its newline.
    Line {
        /// Where.
        terminal: TerminalId,
        /// What was typed.
        text: String,
    },
    /// Ctrl-C, with what stood on the line.
    Interrupt {
        /// Where.
        terminal: TerminalId,
        /// The half-typed line.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        typed: String,
    },
    /// Ctrl-Z.
    Suspend {
        /// Where.
        terminal: TerminalId,
    },
    /// Ctrl-D on an empty line.
    EndOfFile {
        /// Where.
        terminal: TerminalId,
    },
    /// The terminal's size changed.
    Resize {
        /// Where.
        terminal: TerminalId,
        /// Columns and rows.
        size: Size,
    },
    /// The editor was left: with the saved text, or without saving.
    FileSaved {
        /// Where.
        terminal: TerminalId,
        /// The last saved text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// Asks for the next hint.
    Hint,
    /// Answers the open question.
    Predict {
        /// The choice's id.
        choice: String,
    },
    /// Goes on to the next step.
    Advance,
    /// Leaves the step without passing it.
    Skip,
    /// A client outside asks the API server of the current cluster to change something. What only looks is no input:
    /// [`Session::ask`](super::Session::ask).
    Api {
        /// As it came in.
        call: Call,
    },
    /// The program's own note that a step had passed here: a replay is held against it.
    Passed {
        /// The step's id.
        step: String,
    },
    /// Takes the last command back; only a journal's reader acts on it.
    Undo,
    /// Puts it back.
    Redo,
}

impl Input {
    /// Whether it is something a learner did and may want to take back, not just a window that was resized.
    pub fn is_command(&self) -> bool {
        !matches!(
            self,
            Input::Resize { .. }
                | Input::OpenTerminal
                | Input::CloseTerminal { .. }
                | Input::Passed { .. }
                | Input::Undo
                | Input::Redo
        )
    }
}

/// What an interface must do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Show bytes on a terminal.
    Output {
        /// Where.
        terminal: TerminalId,
        /// For the terminal emulator.
        bytes: Vec<u8>,
    },
    /// A program reads a line there; its prompt is already shown.
    Prompt {
        /// Where.
        terminal: TerminalId,
        /// What is read, and how.
        reading: Reading,
    },
    /// What the API server answers to an [`Input::Api`].
    ApiReply {
        /// For whoever called.
        answer: Answer,
    },
    /// Nobody reads there any more.
    NoPrompt {
        /// Where.
        terminal: TerminalId,
    },
    /// Open the editor; answer with [`Input::FileSaved`].
    Edit {
        /// Where.
        terminal: TerminalId,
        /// Program, path and content.
        request: EditRequest,
    },
    /// A terminal was opened.
    TerminalOpened {
        /// Which.
        terminal: TerminalId,
    },
    /// A terminal is gone.
    TerminalClosed {
        /// Which.
        terminal: TerminalId,
    },
    /// Something about the quest.
    Quest(Event),
    /// That was not possible.
    Bell,
}

impl Effect {
    pub(super) fn of_shown(terminal: TerminalId, shown: Shown) -> Self {
        match shown {
            Shown::Bytes(bytes) => Effect::Output { terminal, bytes },
            Shown::Reading(reading) => Effect::Prompt { terminal, reading },
            Shown::NotReading => Effect::NoPrompt { terminal },
            Shown::Edit(request) => Effect::Edit { terminal, request },
        }
    }
}
