//! Traps: commands that run when a signal arrives, on exit and after errors.

use crate::image::process::Signal;

use super::super::state::Shell;
use super::lines::Origin;
use super::{Flow, LocalFuture};

impl Shell {
    /// Runs the trap of that name; `$?` is kept.
    pub(in super::super) fn run_trap<'a>(&'a mut self, name: &'a str) -> LocalFuture<'a, Result<(), Flow>> {
        Box::pin(async move {
            let command = match name {
                // They run once, and not inside themselves.
                "EXIT" => self.traps.remove(name),
                _ => self.traps.get(name).cloned(),
            };
            let Some(command) = command.filter(|command| !command.is_empty()) else { return Ok(()) };
            let held = (name == "ERR").then(|| self.traps.remove(name)).flatten();
            let status = self.status;
            let (replaces, line) = (std::mem::take(&mut self.may_replace), self.line);
            let result = self.run_text(&command, line.max(1), Origin::Eval).await;
            self.may_replace = replaces;
            if let Some(held) = held {
                self.traps.entry("ERR".into()).or_insert(held);
            }
            match result {
                Ok(_) => {
                    self.status = status;
                    Ok(())
                }
                Err(flow) => Err(flow),
            }
        })
    }

    /// Runs the traps of signals that arrived meanwhile.
    pub(super) async fn run_arrived_traps(&mut self) -> Result<(), Flow> {
        if self.owns_signals && !self.traps.is_empty() {
            while let Some(signal) = self.sys.take_signal() {
                self.arrived.borrow_mut().push_back(signal);
            }
        }
        loop {
            let next = self.arrived.borrow_mut().pop_front();
            let Some(signal) = next else { return Ok(()) };
            self.run_trap(signal.name()).await?;
        }
    }

    /// Runs `work` unless a trapped signal arrives; then the trap runs and the signal is returned.
    pub(in super::super) async fn unless_trapped<T>(
        &mut self,
        work: impl std::future::Future<Output = T>,
    ) -> Result<Result<T, Signal>, Flow> {
        if !self.owns_signals || self.traps.is_empty() {
            return Ok(Ok(work.await));
        }
        match self.sys.interruptible(work).await {
            Ok(value) => Ok(Ok(value)),
            Err(signal) => {
                self.run_trap(signal.name()).await?;
                Ok(Err(signal))
            }
        }
    }
}
