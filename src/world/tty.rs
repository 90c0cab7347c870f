//! A terminal as the programs see it: whole lines come in, bytes go out. Line editing and editors live in the
//! interface; a terminal here never knows what is on the screen.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// A terminal's number; the first one is 1.
pub type TerminalId = u32;

/// Output kept for the interface before the oldest is dropped: a runaway program must not eat memory.
pub const OUTPUT_LIMIT_BYTES: usize = 4 * 1024 * 1024;

/// Bytes of output that are remembered of a running command.
pub const RECORDING_LIMIT_BYTES: usize = 8 * 1024;

/// Lines typed ahead that are kept.
const TYPED_AHEAD_LIMIT: usize = 1000;

/// Columns and rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Size {
    /// Columns.
    pub cols: u16,
    /// Rows.
    pub rows: u16,
}

impl Default for Size {
    fn default() -> Self {
        Size { cols: 80, rows: 24 }
    }
}

/// What a program that reads from the terminal is waiting for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The text before the cursor that belongs to the question (already written to the output).
    pub prompt: String,
    /// Whether what is typed may be shown; false for passwords.
    pub echo: bool,
    /// Whether it is a shell's prompt, with history and completion.
    pub shell: bool,
}

impl Reading {
    /// A program reads a line without asking anything.
    pub fn plain() -> Self {
        Reading { prompt: String::new(), echo: true, shell: false }
    }
}

/// What a shell that asks for a command knows: for completion. The shell puts it up with its prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptView {
    /// Where the shell runs.
    pub host: super::HostId,
    /// Its directory.
    pub cwd: String,
    /// `$HOME`, `$PATH` and `$KUBECONFIG`.
    pub home: String,
    /// Where programs are looked for.
    pub path: String,
    /// The value of `KUBECONFIG`, empty without one.
    pub kubeconfig: String,
    /// Builtins, functions, aliases and reserved words.
    pub commands: Vec<String>,
    /// What aliases stand for.
    pub aliases: std::collections::BTreeMap<String, String>,
    /// The names of variables.
    pub variables: Vec<String>,
}

/// A file handed to the interface's editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditRequest {
    /// The program that was typed: vi, vim, nano, emacs.
    pub program: String,
    /// Absolute path on the host where the editor runs.
    pub path: String,
    /// The file's bytes; empty for a new file.
    pub bytes: Vec<u8>,
}

/// How the editor was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited {
    /// The last saved bytes.
    Saved(Vec<u8>),
    /// Left without saving.
    Unchanged,
}

/// One item of what the interface must show, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// Bytes for the terminal emulator.
    Bytes(Vec<u8>),
    /// A program reads a line.
    Reading(Reading),
    /// Nobody reads any more.
    NotReading,
    /// An editor is wanted.
    Edit(EditRequest),
}

#[derive(Default)]
struct State {
    size: Size,
    typed: VecDeque<Vec<u8>>,
    end_of_file: bool,
    hung_up: bool,
    reading: Option<Reading>,
    prompt_view: Option<Rc<PromptView>>,
    shown: Vec<Shown>,
    shown_bytes: usize,
    edited: Option<Edited>,
    editing: bool,
    column_zero: bool,
    recording: VecDeque<u8>,
    waiting: Vec<Waker>,
}

/// A terminal. Clones are the same terminal.
#[derive(Clone)]
pub struct Tty {
    /// Its number.
    pub id: TerminalId,
    state: Rc<RefCell<State>>,
}

impl Tty {
    /// A terminal of the given size, nothing typed yet.
    pub fn new(id: TerminalId, size: Size) -> Self {
        Tty { id, state: Rc::new(RefCell::new(State { size, column_zero: true, ..State::default() })) }
    }

    /// Columns and rows.
    pub fn size(&self) -> Size {
        self.state.borrow().size
    }

    /// Changes the size; programs see it with their next question.
    pub fn resize(&self, size: Size) {
        self.state.borrow_mut().size = size;
    }

    /// Shows bytes, with `\n` as carriage return and line feed, as a terminal line discipline does.
    pub fn write(&self, bytes: &[u8]) {
        let mut state = self.state.borrow_mut();
        let mut cooked = Vec::with_capacity(bytes.len() + 8);
        for &byte in bytes {
            if byte == b'\n' {
                cooked.push(b'\r');
            }
            cooked.push(byte);
        }
        if let Some(&last) = bytes.last() {
            state.column_zero = last == b'\n' || last == b'\r';
        }
        let kept = &bytes[bytes.len().saturating_sub(RECORDING_LIMIT_BYTES)..];
        state.recording.extend(kept);
        let excess = state.recording.len().saturating_sub(RECORDING_LIMIT_BYTES);
        state.recording.drain(..excess);
        state.shown_bytes += cooked.len();
        if state.shown_bytes > OUTPUT_LIMIT_BYTES {
            state.shown.retain(|item| !matches!(item, Shown::Bytes(_)));
            state.shown_bytes = cooked.len();
        }
        match state.shown.last_mut() {
            Some(Shown::Bytes(last)) => last.extend_from_slice(&cooked),
            _ => state.shown.push(Shown::Bytes(cooked)),
        }
    }

    /// From now on the last [`RECORDING_LIMIT_BYTES`] of what is written are remembered.
    pub fn begin_recording(&self) {
        self.state.borrow_mut().recording.clear();
    }

    /// What was written since [`Tty::begin_recording`], its end.
    pub fn recorded(&self) -> String {
        let bytes: Vec<u8> = self.state.borrow().recording.iter().copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Whether the cursor stands at the beginning of a line.
    pub fn at_column_zero(&self) -> bool {
        self.state.borrow().column_zero
    }

    /// A line was typed (without its newline). It is echoed where the reader wants that.
    pub fn type_line(&self, line: &[u8]) {
        let echo = self.state.borrow().reading.as_ref().is_none_or(|r| r.echo);
        if echo {
            self.write(line);
        }
        self.write(b"\n");
        let mut state = self.state.borrow_mut();
        if state.typed.len() < TYPED_AHEAD_LIMIT {
            let mut bytes = line.to_vec();
            bytes.push(b'\n');
            state.typed.push_back(bytes);
        }
        wake(&mut state);
    }

    /// Ctrl-D on an empty line.
    pub fn type_end_of_file(&self) {
        let mut state = self.state.borrow_mut();
        state.end_of_file = true;
        wake(&mut state);
    }

    /// Forgets what was typed ahead, as Ctrl-C does.
    pub fn flush_input(&self) {
        let mut state = self.state.borrow_mut();
        state.typed.clear();
        state.end_of_file = false;
    }

    /// The terminal is closed: every read ends.
    pub fn hang_up(&self) {
        let mut state = self.state.borrow_mut();
        state.hung_up = true;
        wake(&mut state);
    }

    /// Waits for one line, newline included; `None` at end-of-file (Ctrl-D, or the terminal was closed). The
    /// prompt must already be written by the reader; here it only tells the interface what is being asked.
    pub async fn read_line(&self, reading: Reading) -> Option<Vec<u8>> {
        let _attention = Attention(self);
        poll_fn(|cx| {
            let mut state = self.state.borrow_mut();
            if let Some(line) = state.typed.pop_front() {
                return Poll::Ready(Some(line));
            }
            if std::mem::take(&mut state.end_of_file) || state.hung_up {
                return Poll::Ready(None);
            }
            if state.reading.as_ref() != Some(&reading) {
                state.reading = Some(reading.clone());
                state.shown.push(Shown::Reading(reading.clone()));
            }
            state.waiting.push(cx.waker().clone());
            Poll::Pending
        })
        .await
    }

    /// Hands a file to the interface's editor and waits until it is left.
    pub async fn edit(&self, request: EditRequest) -> Edited {
        {
            let mut state = self.state.borrow_mut();
            state.edited = None;
            state.editing = true;
            state.shown.push(Shown::Edit(request));
        }
        poll_fn(|cx| {
            let mut state = self.state.borrow_mut();
            if let Some(edited) = state.edited.take() {
                state.editing = false;
                return Poll::Ready(edited);
            }
            if state.hung_up {
                return Poll::Ready(Edited::Unchanged);
            }
            state.waiting.push(cx.waker().clone());
            Poll::Pending
        })
        .await
    }

    /// The interface's editor was left.
    pub fn finish_edit(&self, edited: Edited) {
        let mut state = self.state.borrow_mut();
        if state.editing {
            state.edited = Some(edited);
            wake(&mut state);
        }
    }

    /// Whether the interface's editor has this terminal.
    pub fn is_editing(&self) -> bool {
        self.state.borrow().editing
    }

    /// Puts up what the shell in front knows.
    pub fn set_prompt_view(&self, view: PromptView) {
        self.state.borrow_mut().prompt_view = Some(Rc::new(view));
    }

    /// What the shell that asked last knows.
    pub fn prompt_view(&self) -> Option<Rc<PromptView>> {
        self.state.borrow().prompt_view.clone()
    }

    /// What a program waits for right now, if it reads from here.
    pub fn reading(&self) -> Option<Reading> {
        self.state.borrow().reading.clone()
    }

    /// What must be shown since the last call.
    pub fn take_shown(&self) -> Vec<Shown> {
        let mut state = self.state.borrow_mut();
        state.shown_bytes = 0;
        std::mem::take(&mut state.shown)
    }
}

/// Ends the reading when the reader got its line or was killed.
struct Attention<'a>(&'a Tty);

impl Drop for Attention<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state.borrow_mut();
        if state.reading.take().is_some() {
            state.shown.push(Shown::NotReading);
        }
    }
}

fn wake(state: &mut State) {
    for waker in state.waiting.drain(..) {
        waker.wake();
    }
}
