//! Byte pipes between processes of the simulation, with back-pressure and end-of-file as the kernel has them.
//! Never touches the world: a pipe may be dropped while the world is borrowed.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// What a pipe holds before its writer waits, as Linux: 64 KiB.
pub const CAPACITY_BYTES: usize = 64 * 1024;

#[derive(Default)]
struct State {
    bytes: VecDeque<u8>,
    readers: usize,
    writers: usize,
    unbounded: bool,
    waiting: Vec<Waker>,
}

impl State {
    fn wake(&mut self) {
        for waker in self.waiting.drain(..) {
            waker.wake();
        }
    }
}

/// The reading end. Clones share it; the pipe is broken when the last one is dropped.
pub struct Reader(Rc<RefCell<State>>);

/// The writing end. Clones share it; readers see end-of-file when the last one is dropped.
pub struct Writer(Rc<RefCell<State>>);

/// The reader is gone: what a process learns by SIGPIPE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Broken pipe")]
pub struct BrokenPipe;

/// A pipe whose writer waits when [`CAPACITY_BYTES`] are unread.
pub fn pipe() -> (Writer, Reader) {
    make(false)
}

/// A pipe whose writer never waits: for collecting what a program prints. The caller bounds it.
pub fn collector() -> (Writer, Reader) {
    make(true)
}

fn make(unbounded: bool) -> (Writer, Reader) {
    let state = Rc::new(RefCell::new(State { readers: 1, writers: 1, unbounded, ..State::default() }));
    (Writer(Rc::clone(&state)), Reader(state))
}

impl Clone for Reader {
    fn clone(&self) -> Self {
        self.0.borrow_mut().readers += 1;
        Reader(Rc::clone(&self.0))
    }
}

impl Clone for Writer {
    fn clone(&self) -> Self {
        self.0.borrow_mut().writers += 1;
        Writer(Rc::clone(&self.0))
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.0.borrow_mut();
        state.readers -= 1;
        state.wake();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let mut state = self.0.borrow_mut();
        state.writers -= 1;
        state.wake();
    }
}

impl Reader {
    /// Up to `limit` bytes; waits for the first of them. Empty at end-of-file.
    pub async fn read(&self, limit: usize) -> Vec<u8> {
        poll_fn(|cx| {
            let mut state = self.0.borrow_mut();
            if state.bytes.is_empty() && state.writers > 0 {
                state.waiting.push(cx.waker().clone());
                return Poll::Pending;
            }
            let count = state.bytes.len().min(limit);
            let bytes = state.bytes.drain(..count).collect();
            state.wake();
            Poll::Ready(bytes)
        })
        .await
    }

    /// Up to and including the next newline; the rest without one at end-of-file; `None` when nothing is left.
    pub async fn read_line(&self) -> Option<Vec<u8>> {
        poll_fn(|cx| {
            let mut state = self.0.borrow_mut();
            let newline = state.bytes.iter().position(|&b| b == b'\n');
            let full = state.bytes.len() >= CAPACITY_BYTES && !state.unbounded;
            let count = match newline {
                Some(at) => at + 1,
                None if state.writers == 0 || full => state.bytes.len(),
                None => {
                    state.waiting.push(cx.waker().clone());
                    return Poll::Pending;
                }
            };
            let line: Vec<u8> = state.bytes.drain(..count).collect();
            state.wake();
            Poll::Ready((!line.is_empty()).then_some(line))
        })
        .await
    }

    /// What is there now, without waiting.
    pub fn take_available(&self) -> Vec<u8> {
        let mut state = self.0.borrow_mut();
        let bytes = state.bytes.drain(..).collect();
        state.wake();
        bytes
    }

    /// Whether every writer is gone and everything was read.
    pub fn at_end(&self) -> bool {
        let state = self.0.borrow();
        state.writers == 0 && state.bytes.is_empty()
    }
}

impl Writer {
    /// Writes all of `bytes`, waiting while the pipe is full.
    ///
    /// # Errors
    /// [`BrokenPipe`] when every reader is gone.
    pub async fn write(&self, bytes: &[u8]) -> Result<(), BrokenPipe> {
        let mut rest = bytes;
        poll_fn(|cx| {
            let mut state = self.0.borrow_mut();
            if state.readers == 0 {
                return Poll::Ready(Err(BrokenPipe));
            }
            let room =
                if state.unbounded { rest.len() } else { CAPACITY_BYTES.saturating_sub(state.bytes.len()) };
            let count = room.min(rest.len());
            state.bytes.extend(&rest[..count]);
            rest = &rest[count..];
            if count > 0 {
                state.wake();
            }
            if rest.is_empty() {
                return Poll::Ready(Ok(()));
            }
            state.waiting.push(cx.waker().clone());
            Poll::Pending
        })
        .await
    }
}
