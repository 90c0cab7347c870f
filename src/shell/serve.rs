//! A shell that answers commands one by one, each with its own streams, and keeps its variables, functions and working
//! directory in between: `kubejam sh --json` and tests talk to it. Must never read the commands' own input.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use crate::world::{Call, ExitStatus, Io, LocalFuture};

use super::interp::{Flow, Origin};
use super::redirect::Fds;
use super::state::{Flavor, Shell};

/// Commands waiting for a shell. Clones are the same queue.
#[derive(Clone, Default)]
pub struct Commands(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    waiting: VecDeque<(String, Io)>,
    /// The exit status of the last command, once it has ended.
    ended: Option<ExitStatus>,
    waker: Option<Waker>,
}

impl Commands {
    /// Hands a command to the shell.
    pub fn push(&self, text: &str, io: Io) {
        let mut state = self.0.borrow_mut();
        state.ended = None;
        state.waiting.push_back((text.to_owned(), io));
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }

    /// The exit status of the command handed over last, once.
    pub fn take_ended(&self) -> Option<ExitStatus> {
        self.0.borrow_mut().ended.take()
    }

    async fn next(&self) -> (String, Io) {
        poll_fn(|cx| {
            let mut state = self.0.borrow_mut();
            match state.waiting.pop_front() {
                Some(command) => Poll::Ready(command),
                None => {
                    state.waker = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    fn end(&self, status: ExitStatus) {
        self.0.borrow_mut().ended = Some(status);
    }
}

/// A bash that serves `commands` until one of them exits the shell.
pub fn serve(call: Call, commands: Commands) -> LocalFuture<ExitStatus> {
    Box::pin(async move {
        let mut shell = Shell::new(call, Flavor::Bash);
        shell.options.expand_aliases = true;
        // Each command is a `bash -c` to whoever asks.
        shell.from_c = true;
        loop {
            let (text, io) = commands.next().await;
            shell.fds = Fds::of(io);
            let result = shell.run_text(&text, 1, Origin::Argument).await;
            // What a command wants done at its end is done there.
            if let Ok(status) | Err(Flow::Exit(status) | Flow::Abort(status) | Flow::Return(status)) = &result
            {
                shell.status = *status;
            }
            shell.run_trap("EXIT").await.ok();
            // The streams are closed before the status is told, so that whoever asked has everything.
            shell.fds = Fds::of(Io::none());
            match result {
                Ok(status) | Err(Flow::Abort(status) | Flow::Return(status)) => {
                    shell.status = status;
                    commands.end(status);
                }
                Err(Flow::Break(_) | Flow::Continue(_)) => commands.end(shell.status),
                Err(Flow::Exit(status)) => {
                    commands.end(status);
                    return status;
                }
            }
        }
    })
}
