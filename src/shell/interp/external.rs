//! Programs: finding them and running them as processes, with bash's words when that fails.

use crate::world::Env;
use crate::world::sys::{Child, ExecError, Executable, Group};
use crate::world::{Call, Program};

use super::super::jobs::Member;
use super::super::state::{Flavor, Shell};
use super::{Flow, LocalFuture, Outcome};

/// A program ready to run.
struct Ready {
    program: Program,
    argv: Vec<String>,
    path: String,
}

impl Shell {
    /// Runs a command that is neither function nor builtin. `extra` is the command's own environment.
    pub(in super::super) fn run_external<'a>(
        &'a mut self,
        argv: Vec<String>,
        extra: Env,
    ) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            let search = extra.get("PATH").cloned();
            let ready = match self.prepare(&argv, search.as_deref()) {
                Ok(ready) => ready,
                Err((message, status)) => {
                    if status == 127
                        && !argv[0].contains('/')
                        && self.functions.contains_key("command_not_found_handle")
                    {
                        return self.not_found_handle(argv).await;
                    }
                    self.complain(&message).await;
                    return Ok(status);
                }
            };
            let mut env = self.vars.environment();
            env.extend(extra);
            env.insert("_".into(), ready.path.clone());
            if self.may_replace && self.owns_signals && self.traps.is_empty() {
                return Err(Flow::Exit(self.replace(ready, env).await));
            }
            let group = if self.job_control() { Group::Own } else { Group::Inherit };
            let text = argv.join(" ");
            let child = Child { argv: ready.argv, env, cwd: self.cwd.clone(), io: self.io(), group };
            match self.sys.spawn_program(ready.program, child) {
                Ok(id) => {
                    let pid = self.sys.view(|w| w.processes.get(&id).map_or(0, |process| process.pid));
                    let statuses = self.wait_foreground(vec![Member { id, pid, status: None }], text).await?;
                    Ok(statuses.last().copied().unwrap_or(0))
                }
                Err(error) => {
                    self.complain(&format!("fork: retry: {error}")).await;
                    self.status = 254;
                    Err(if self.interactive { Flow::Abort(254) } else { Flow::Exit(254) })
                }
            }
        })
    }

    fn not_found_handle<'a>(&'a mut self, argv: Vec<String>) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            let name = "command_not_found_handle";
            let Some(body) = self.functions.get(name).cloned() else { return Ok(127) };
            let words = std::iter::once(name.to_string()).chain(argv).collect();
            self.run_function(name, &body, words).await
        })
    }

    /// `exec command`: the program takes the place of the shell.
    pub(in super::super) async fn run_exec(&mut self, argv: Vec<String>, env: Env) -> Outcome {
        match self.prepare(&argv, None) {
            Ok(ready) => {
                let status = self.replace(ready, env).await;
                self.traps.remove("EXIT");
                Err(Flow::Exit(status))
            }
            Err((message, status)) => {
                let message = match status {
                    127 => format!("exec: {}: not found", argv[0]),
                    _ => format!("exec: {message}"),
                };
                self.complain(&message).await;
                if self.interactive { Ok(status) } else { Err(Flow::Exit(status)) }
            }
        }
    }

    /// Runs a program in this very process.
    async fn replace(&mut self, ready: Ready, env: Env) -> i32 {
        let me = self.sys.me;
        self.sys.with(|w| {
            if let Some(process) = w.processes.get_mut(&me) {
                process.argv = ready.argv.clone();
                process.handled.clear();
                process.cwd = self.cwd.clone();
            }
        });
        let io = self.io();
        // The program holds the only handles now, so that pipes end when it ends.
        self.fds = Default::default();
        let call = Call { argv: ready.argv, env, cwd: self.cwd.clone(), io, sys: self.sys.clone() };
        (ready.program)(call).await
    }

    fn prepare(&mut self, argv: &[String], search: Option<&str>) -> Result<Ready, (String, i32)> {
        let name = argv[0].as_str();
        let path = search.map(str::to_string).or_else(|| self.vars.text("PATH").map(str::to_string));
        let found = self.sys.find_executable(name, &self.cwd, &path.unwrap_or_default());
        match found {
            Ok(Executable::Program { name: program, path }) => {
                self.note_hash(name, &path);
                match self.sys.kernel().program(&program) {
                    Some(program) => Ok(Ready { program, argv: argv.to_vec(), path }),
                    None => Err((format!("{name}: cannot execute: required file not found"), 127)),
                }
            }
            Ok(Executable::Script { interpreter, path }) => {
                self.note_hash(name, &path);
                self.prepare_script(argv, interpreter, path)
            }
            Err(error) => Err(self.exec_message(name, &error)),
        }
    }

    fn note_hash(&mut self, name: &str, path: &str) {
        if self.options.hashall && !name.contains('/') {
            let entry = self.hashed.entry(name.to_string()).or_insert_with(|| (path.to_string(), 0));
            entry.1 += 1;
        }
    }

    fn prepare_script(
        &mut self,
        argv: &[String],
        interpreter: Vec<String>,
        path: String,
    ) -> Result<Ready, (String, i32)> {
        let shown = if argv[0].contains('/') { argv[0].clone() } else { path.clone() };
        if interpreter.is_empty() {
            let bytes = self.sys.read(&path).unwrap_or_else(|_| [].into());
            if bytes.iter().take(80).any(|byte| *byte == 0) {
                return Err((format!("{shown}: cannot execute binary file: Exec format error"), 126));
            }
            let mut script = vec![self.arg0.clone(), shown];
            script.extend_from_slice(&argv[1..]);
            let program: Program = match self.flavor {
                Flavor::Bash => super::super::bash,
                Flavor::Dash => super::super::dash,
                Flavor::Ash => super::super::ash,
            };
            return Ok(Ready { program, argv: script, path });
        }
        let bad = interpreter.first().cloned().unwrap_or_default();
        let mut words = argv.to_vec();
        words[0] = shown.clone();
        let resolved = self.sys.view(|w| w.script_argv(self.sys.host, interpreter, path.clone(), words));
        match resolved {
            Ok((program, mut argv)) => match self.sys.kernel().program(&program) {
                Some(program) => {
                    // `$0` is the script as it was called, not where it was found.
                    if let Some(script) = argv.iter_mut().find(|word| **word == path) {
                        script.clone_from(&shown);
                    }
                    Ok(Ready { program, argv, path })
                }
                None => Err((format!("{shown}: cannot execute: required file not found"), 127)),
            },
            Err(_) if bad.ends_with("/env") => Err((format!("{shown}: No such file or directory"), 127)),
            Err(_) if self.is_bash() => {
                Err((format!("{shown}: cannot execute: required file not found"), 127))
            }
            Err(_) => Err((format!("{shown}: not found"), 127)),
        }
    }

    fn exec_message(&self, name: &str, error: &ExecError) -> (String, i32) {
        let not_found = match self.flavor {
            Flavor::Bash => format!("{name}: command not found"),
            Flavor::Dash | Flavor::Ash => format!("{name}: not found"),
        };
        match error {
            ExecError::NotFound => (not_found, 127),
            ExecError::NoSuchFile if self.is_bash() => (format!("{name}: No such file or directory"), 127),
            ExecError::NoSuchFile => (not_found, 127),
            ExecError::Permission => (format!("{name}: Permission denied"), 126),
            ExecError::IsADirectory if self.is_bash() => (format!("{name}: Is a directory"), 126),
            ExecError::IsADirectory => (format!("{name}: Permission denied"), 126),
            ExecError::Format => (format!("{name}: cannot execute binary file: Exec format error"), 126),
        }
    }
}
