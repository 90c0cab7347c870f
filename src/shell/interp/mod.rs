//! Running a tree: lists, and-or chains and the flow between commands. Everything here waits only in virtual time
//! and can be dropped at any wait.

mod compound;
mod cond;
pub(super) use cond::compare;
mod external;
mod job;
mod lines;
mod pipeline;
mod simple;
mod substitute;
mod trap;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

pub use lines::Origin;
pub use substitute::Substituted;

use super::state::Shell;
use super::syntax::ast::{AndOr, Command, Connector, Item, List};

pub type LocalFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Why what comes next is not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    Break(u32),
    Continue(u32),
    Return(i32),
    Exit(i32),
    /// The rest of the command line is dropped; an interactive shell asks again.
    Abort(i32),
}

/// The status of a command, or a change of flow.
pub type Outcome = Result<i32, Flow>;

/// Commands nested in commands, functions included. Deeper, bash itself would run out of stack; so would we, and a
/// debug build's frames are several times as large.
pub const MAX_NESTING: usize = if cfg!(debug_assertions) { 150 } else { 600 };
/// Builtin commands that fit into a millisecond of virtual time.
const STEPS_PER_MILLISECOND: u32 = 200;
/// Steps after which others get their turn.
const STEPS_PER_TURN: u32 = 50;

impl Shell {
    /// A small cost for every command: time passes, others run, and signals are noticed.
    pub(super) async fn step(&mut self) -> Result<(), Flow> {
        self.steps = self.steps.wrapping_add(1);
        if self.steps.is_multiple_of(STEPS_PER_MILLISECOND) {
            self.sys.sleep(Duration::from_millis(1)).await;
        } else if self.steps.is_multiple_of(STEPS_PER_TURN) {
            self.sys.yield_now().await;
        }
        self.run_arrived_traps().await
    }

    pub fn run_list<'a>(&'a mut self, list: &'a List) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            for item in &list.items {
                self.run_item(item).await?;
            }
            Ok(self.status)
        })
    }

    fn run_item<'a>(&'a mut self, item: &'a Item) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            if item.background {
                return self.start_background(&item.chain).await;
            }
            let AndOr { first, rest } = &item.chain;
            if rest.is_empty() {
                return self.run_pipeline(first).await;
            }
            self.condition_depth += 1;
            let result = self.run_pipeline(first).await;
            self.condition_depth -= 1;
            result?;
            let last = rest.len() - 1;
            for (i, (connector, pipeline)) in rest.iter().enumerate() {
                let wanted = match connector {
                    Connector::And => self.status == 0,
                    Connector::Or => self.status != 0,
                };
                if !wanted {
                    continue;
                }
                let inner = u32::from(i < last);
                self.condition_depth += inner;
                let result = self.run_pipeline(pipeline).await;
                self.condition_depth -= inner;
                result?;
            }
            Ok(self.status)
        })
    }

    /// A condition: `set -e` does not count in it.
    pub(super) async fn run_condition(&mut self, list: &List) -> Result<bool, Flow> {
        self.condition_depth += 1;
        let result = self.run_list(list).await;
        self.condition_depth -= 1;
        result.map(|status| status == 0)
    }

    /// Runs one command in this shell.
    pub(super) fn run_command<'a>(&'a mut self, command: &'a Command) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            if self.nesting >= MAX_NESTING {
                let name = self.function_names.last().cloned().unwrap_or_else(|| "eval".into());
                let message = format!("{name}: maximum function nesting level exceeded ({MAX_NESTING})");
                return self.abort(&message).await;
            }
            self.step().await?;
            self.nesting += 1;
            let result = self.run_kind(command).await;
            self.nesting -= 1;
            if let Ok(status) = result {
                self.status = status;
            }
            result
        })
    }

    /// After a pipeline: the ERR trap, and `set -e`.
    pub(super) async fn check_status(&mut self, status: i32) -> Outcome {
        if status == 0 || self.condition_depth > 0 {
            return Ok(status);
        }
        let inherited = self.function_names.is_empty() || self.options.errtrace;
        if inherited && self.traps.contains_key("ERR") {
            self.run_trap("ERR").await?;
            self.status = status;
        }
        if self.options.errexit {
            return Err(Flow::Exit(status));
        }
        Ok(status)
    }
}
