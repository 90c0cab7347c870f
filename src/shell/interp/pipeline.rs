//! Pipelines: every part of one is a process of its own, joined by pipes with back-pressure.

use crate::world::{Input, Output, pipe};

use super::super::jobs::Member;
use super::super::redirect::Fd;
use super::super::state::Shell;
use super::super::syntax::ast::{CommandKind, List, Pipeline};
use super::super::syntax::pipeline_text;
use super::job::Part;
use super::{Flow, LocalFuture, Outcome};

impl Shell {
    pub(super) fn run_pipeline<'a>(&'a mut self, pipeline: &'a Pipeline) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            let started = self.sys.now();
            let negated = u32::from(pipeline.negated);
            self.condition_depth += negated;
            let result = match pipeline.commands.as_slice() {
                [] => Ok(0),
                [command] => {
                    let result = self.run_command(command).await;
                    if let Ok(status) = result {
                        self.vars.set_array("PIPESTATUS", [status.to_string()]);
                    }
                    result
                }
                _ => self.run_parts(pipeline).await,
            };
            self.condition_depth -= negated;
            let mut status = result?;
            if let Some(posix) = pipeline.timed {
                let elapsed = self.sys.now().since(started);
                self.err_text(&times(elapsed, posix)).await?;
            }
            if pipeline.negated {
                status = i32::from(status == 0);
            }
            self.status = status;
            if pipeline.negated || !counts(pipeline) {
                return Ok(status);
            }
            self.check_status(status).await
        })
    }

    fn run_parts<'a>(&'a mut self, pipeline: &'a Pipeline) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            let mut members: Vec<Member> = Vec::new();
            let mut input: Option<Input> = None;
            let last = pipeline.commands.len() - 1;
            for (i, command) in pipeline.commands.iter().enumerate() {
                let mut fds = self.fds.clone();
                if let Some(input) = input.take() {
                    fds.set(0, Fd::In(input));
                }
                if i < last {
                    let (writer, reader) = pipe::pipe();
                    fds.set(1, Fd::Out(Output::Pipe(writer)));
                    input = Some(Input::Pipe(reader));
                }
                let leader = members.first().map(|member| member.id);
                let part = Part::Command(command.clone());
                match self.start_part(part, fds, leader, false).await {
                    Ok(member) => members.push(member),
                    Err(flow) => {
                        self.kill_members(&members);
                        return Err(flow);
                    }
                }
            }
            let text = pipeline_text(pipeline);
            let statuses = self.wait_foreground(members, text).await?;
            self.vars.set_array("PIPESTATUS", statuses.iter().map(i32::to_string));
            let last = statuses.last().copied().unwrap_or(0);
            Ok(match self.options.pipefail {
                true => statuses.iter().rev().copied().find(|status| *status != 0).unwrap_or(0),
                false => last,
            })
        })
    }

    /// `( list )`: a process of its own.
    pub(super) fn run_subshell<'a>(&'a mut self, list: &'a List) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            let part = Part::List(list.clone());
            let member = self.start_part(part, self.fds.clone(), None, false).await?;
            let text = "( ... )".to_string();
            let statuses = self.wait_foreground(vec![member], text).await?;
            Ok(statuses.last().copied().unwrap_or(0))
        })
    }

    fn kill_members(&self, members: &[Member]) {
        for member in members {
            self.sys.kill(member.id, crate::image::process::Signal::Kill);
        }
    }
}

/// Whether a failure of the pipeline as such ends a shell under `set -e`; a group's parts have counted already.
fn counts(pipeline: &Pipeline) -> bool {
    match pipeline.commands.as_slice() {
        [command] => matches!(
            command.kind,
            CommandKind::Simple(_) | CommandKind::Subshell(_) | CommandKind::Arith(_) | CommandKind::Cond(_)
        ),
        _ => true,
    }
}

/// What `time` prints. All time here is waiting.
fn times(elapsed: std::time::Duration, posix: bool) -> String {
    let millis = elapsed.as_millis();
    let (minutes, seconds, rest) = (millis / 60_000, millis / 1000 % 60, millis % 1000);
    match posix {
        true => format!("real {}.{:02}\nuser 0.00\nsys 0.00\n", millis / 1000, rest / 10),
        false => {
            format!("\nreal\t{minutes}m{seconds}.{rest:03}s\nuser\t0m0.000s\nsys\t0m0.000s\n")
        }
    }
}

impl Shell {
    /// Writes to standard output; a broken pipe ends the shell as SIGPIPE would.
    pub async fn out_text(&mut self, text: &str) -> Result<(), Flow> {
        self.out_bytes(text.as_bytes()).await.map(drop)
    }

    /// The same for bytes; false when it could not be written and that was complained about.
    pub async fn out_bytes(&mut self, bytes: &[u8]) -> Result<bool, Flow> {
        use crate::world::WriteError;
        if bytes.is_empty() {
            return Ok(true);
        }
        match self.fds.output(1).write(bytes).await {
            Ok(()) => Ok(true),
            Err(WriteError::BrokenPipe) => Err(Flow::Exit(141)),
            Err(error) => {
                self.complain(&format!("write error: {error}")).await;
                Ok(false)
            }
        }
    }

    pub async fn err_text(&mut self, text: &str) -> Result<(), Flow> {
        let _ = self.fds.output(2).write(text).await;
        Ok(())
    }
}
