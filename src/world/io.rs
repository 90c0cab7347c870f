//! The three streams of a program. A clone is the same open file, as after `dup`. Never formats anything.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use crate::base::Rng;

use super::pipe::{BrokenPipe, Reader, Writer};
use super::sys::FileRef;
use super::tty::{Reading, Tty};

/// Most bytes that a program may take in with [`Input::read_to_end`].
pub const READ_LIMIT_BYTES: usize = 64 * 1024 * 1024;

/// Standard input, output and error.
#[derive(Clone)]
pub struct Io {
    /// Where the program reads.
    pub stdin: Input,
    /// Where its results go.
    pub stdout: Output,
    /// Where its complaints go.
    pub stderr: Output,
}

impl Io {
    /// Nothing to read, and nobody who listens.
    pub fn none() -> Self {
        Io { stdin: Input::Null, stdout: Output::Null, stderr: Output::Null }
    }

    /// All three on one terminal.
    pub fn terminal(tty: &Tty) -> Self {
        Io {
            stdin: Input::Terminal(tty.clone()),
            stdout: Output::Terminal(tty.clone()),
            stderr: Output::Terminal(tty.clone()),
        }
    }
}

/// Something to read from.
#[derive(Clone)]
pub enum Input {
    /// `/dev/null`, or closed.
    Null,
    /// Bytes known beforehand (a here-document), with the position read so far.
    Bytes(Rc<[u8]>, Rc<Cell<usize>>),
    /// A pipe's reading end.
    Pipe(Reader),
    /// A terminal.
    Terminal(Tty),
    /// `/dev/zero` and `/dev/urandom`: bytes without end, drawn from a stream or all zero.
    Endless(Option<Rc<RefCell<Rng>>>),
}

impl Input {
    /// Known bytes, such as a here-document or an opened file's content.
    pub fn bytes(bytes: impl Into<Rc<[u8]>>) -> Self {
        Input::Bytes(bytes.into(), Rc::new(Cell::new(0)))
    }

    /// Whether a person types here (`test -t 0`).
    pub fn is_terminal(&self) -> bool {
        matches!(self, Input::Terminal(_))
    }

    /// The next line with its newline, the rest without one at the end, `None` after that.
    pub async fn read_line(&self) -> Option<Vec<u8>> {
        match self {
            Input::Null => None,
            Input::Bytes(bytes, position) => {
                let rest = bytes.get(position.get()..).unwrap_or_default();
                let count = rest.iter().position(|&b| b == b'\n').map_or(rest.len(), |at| at + 1);
                position.set(position.get() + count);
                (count > 0).then(|| rest[..count].to_vec())
            }
            Input::Pipe(reader) => reader.read_line().await,
            Input::Terminal(tty) => tty.read_line(Reading::plain()).await,
            Input::Endless(rng) => Some(endless(rng.as_ref(), super::pipe::CAPACITY_BYTES).await),
        }
    }

    /// Asks on the terminal (the prompt is written by the caller) without showing what is typed.
    pub async fn read_secret_line(&self, prompt: &str) -> Option<Vec<u8>> {
        match self {
            Input::Terminal(tty) => {
                tty.read_line(Reading { prompt: prompt.to_owned(), echo: false, shell: false }).await
            }
            other => other.read_line().await,
        }
    }

    /// Some bytes, at most `limit`; empty at the end.
    pub async fn read_some(&self, limit: usize) -> Vec<u8> {
        match self {
            Input::Null => Vec::new(),
            Input::Bytes(bytes, position) => {
                let rest = bytes.get(position.get()..).unwrap_or_default();
                let count = rest.len().min(limit);
                position.set(position.get() + count);
                rest[..count].to_vec()
            }
            Input::Pipe(reader) => reader.read(limit).await,
            Input::Terminal(_) => self.read_line().await.unwrap_or_default(),
            Input::Endless(rng) => endless(rng.as_ref(), limit).await,
        }
    }

    /// Everything up to the end, at most [`READ_LIMIT_BYTES`]; the flag is false when that limit cut it off.
    pub async fn read_to_end(&self) -> (Vec<u8>, bool) {
        let mut all = Vec::new();
        loop {
            let some = self.read_some(super::pipe::CAPACITY_BYTES).await;
            if some.is_empty() {
                return (all, true);
            }
            all.extend_from_slice(&some);
            if all.len() > READ_LIMIT_BYTES {
                return (all, false);
            }
        }
    }
}

/// How often a reader of what never ends gives way for so many bytes: that is what they cost in virtual time, and a
/// reader that wants no end of them can be interrupted.
const BYTES_PER_PAUSE: usize = 200;

async fn endless(rng: Option<&Rc<RefCell<Rng>>>, limit: usize) -> Vec<u8> {
    let count = limit.min(super::pipe::CAPACITY_BYTES);
    let mut pauses = count.div_ceil(BYTES_PER_PAUSE);
    poll_fn(|cx| {
        if pauses == 0 {
            return Poll::Ready(());
        }
        pauses -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
    match rng {
        None => vec![0; count],
        Some(rng) => {
            let mut rng = rng.borrow_mut();
            (0..count).map(|_| rng.below(256) as u8).collect()
        }
    }
}

/// Something to write to.
#[derive(Clone)]
pub enum Output {
    /// `/dev/null`.
    Null,
    /// A pipe's writing end.
    Pipe(Writer),
    /// A terminal.
    Terminal(Tty),
    /// A file on some host, written at its own position or always at the end.
    File(FileRef),
    /// Bytes collected by whoever holds the other handle. `limit` bounds them.
    Buffer(Rc<RefCell<Vec<u8>>>, usize),
    /// A container's log stream: see `world::container`.
    Log(super::container::LogWriter),
    /// A container's terminal whose client watches, and its log.
    TerminalAndLog(Tty, super::container::LogWriter),
    /// Closed (`>&-`).
    Closed,
}

/// Why a write did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The reader went away: the program gets SIGPIPE.
    #[error("Broken pipe")]
    BrokenPipe,
    /// The disk is full, or the file has reached its limit.
    #[error("No space left on device")]
    NoSpace,
    /// The descriptor is closed.
    #[error("Bad file descriptor")]
    Closed,
}

impl From<BrokenPipe> for WriteError {
    fn from(_: BrokenPipe) -> Self {
        WriteError::BrokenPipe
    }
}

impl Output {
    /// A buffer to collect at most `limit` bytes in, and the handle to read it by.
    pub fn buffer(limit: usize) -> (Self, Rc<RefCell<Vec<u8>>>) {
        let bytes = Rc::new(RefCell::new(Vec::new()));
        (Output::Buffer(Rc::clone(&bytes), limit), bytes)
    }

    /// Whether a person reads here (`test -t 1`).
    pub fn is_terminal(&self) -> bool {
        matches!(self, Output::Terminal(_) | Output::TerminalAndLog(..))
    }

    /// The terminal behind it, if there is one.
    pub fn tty(&self) -> Option<&Tty> {
        match self {
            Output::Terminal(tty) | Output::TerminalAndLog(tty, _) => Some(tty),
            _ => None,
        }
    }

    /// Writes all of `bytes`; waits where the reader is slow.
    ///
    /// # Errors
    /// When the reader is gone, the disk full or the descriptor closed. A program without better manners ends
    /// with `exit::PIPE` on a broken pipe.
    pub async fn write(&self, bytes: impl AsRef<[u8]>) -> Result<(), WriteError> {
        let bytes = bytes.as_ref();
        match self {
            Output::Null => Ok(()),
            Output::Pipe(writer) => Ok(writer.write(bytes).await?),
            Output::Terminal(tty) => {
                tty.write(bytes);
                Ok(())
            }
            Output::File(file) => file.write(bytes),
            Output::Buffer(buffer, limit) => {
                let mut buffer = buffer.borrow_mut();
                if buffer.len() + bytes.len() > *limit {
                    return Err(WriteError::NoSpace);
                }
                buffer.extend_from_slice(bytes);
                Ok(())
            }
            Output::Log(stream) => {
                stream.write(bytes);
                Ok(())
            }
            Output::TerminalAndLog(tty, log) => {
                tty.write(bytes);
                log.write(bytes);
                Ok(())
            }
            Output::Closed => Err(WriteError::Closed),
        }
    }
}
