//! The shells as programs: their command lines, and the loop that asks a person for commands.

use crate::image::process::Signal;
use crate::world::tty::{PromptView, Reading};
use crate::world::{Call, ExitStatus, LocalFuture};

use super::history::Expansion;
use super::interp::{Flow, Origin, Outcome};
use super::state::{Flavor, Shell};
use super::syntax::Parser;
use super::syntax::ast::{CommandKind, List};

/// Characters one command may have before the shell gives up on it.
const MAX_COMMAND_CHARS: usize = 1 << 20;

/// `bash`
pub fn bash(call: Call) -> LocalFuture<ExitStatus> {
    start(call, Flavor::Bash)
}

/// `sh`: whichever of the two plainer shells the host has.
pub fn sh(call: Call) -> LocalFuture<ExitStatus> {
    let busybox = call.sys.exists("/bin/busybox");
    start(call, if busybox { Flavor::Ash } else { Flavor::Dash })
}

/// `sh` of Debian.
pub fn dash(call: Call) -> LocalFuture<ExitStatus> {
    start(call, Flavor::Dash)
}

/// `sh` of busybox.
pub fn ash(call: Call) -> LocalFuture<ExitStatus> {
    start(call, Flavor::Ash)
}

fn start(call: Call, flavor: Flavor) -> LocalFuture<ExitStatus> {
    Box::pin(async move {
        let args = call.argv.get(1..).unwrap_or_default().to_vec();
        let mut shell = Shell::new(call, flavor);
        let result = shell.run_program(&args).await;
        shell.finish(result).await
    })
}

/// What the command line asks for.
#[derive(Default)]
struct CommandLine {
    command: bool,
    stdin: bool,
    interactive: bool,
    login: bool,
    norc: bool,
    rcfile: Option<String>,
    rest: Vec<String>,
}

impl Shell {
    async fn run_program(&mut self, args: &[String]) -> Outcome {
        let Some(line) = self.command_line(args).await? else { return Ok(self.status) };
        if line.command {
            let Some((text, rest)) = line.rest.split_first() else {
                self.err_text(&format!("{}: -c: option requires an argument\n", self.arg0)).await?;
                return Ok(2);
            };
            self.from_c = true;
            if let Some((name, params)) = rest.split_first() {
                self.arg0 = name.clone();
                self.params = params.to_vec();
            }
            return self.run_argument(text).await;
        }
        match line.rest.split_first() {
            Some((file, params)) if !line.stdin => {
                self.params = params.to_vec();
                self.run_file(file).await
            }
            _ => {
                self.params = line.rest.clone();
                self.from_stdin = true;
                let person = self.fds.is_terminal(0) && self.fds.is_terminal(2);
                match line.interactive || person {
                    true => self.run_interactive(&line).await,
                    false => self.run_input().await,
                }
            }
        }
    }

    async fn command_line(&mut self, args: &[String]) -> Result<Option<CommandLine>, Flow> {
        let mut line = CommandLine { login: self.arg0.starts_with('-'), ..CommandLine::default() };
        let mut at = 0;
        while let Some(arg) = args.get(at) {
            at += 1;
            match arg.as_str() {
                "--" | "-" => break,
                "--version" if self.is_bash() => {
                    let version = self.vars.text("BASH_VERSION").unwrap_or_default();
                    let text = format!("GNU bash, version {version} (x86_64-pc-linux-gnu)\n");
                    self.out_text(&text).await?;
                    return Ok(None);
                }
                "--login" => line.login = true,
                "--norc" | "--noprofile" | "--noediting" => line.norc |= arg == "--norc",
                "--posix" => self.options.posix = true,
                "--rcfile" | "--init-file" => {
                    line.rcfile = args.get(at).cloned();
                    at += 1;
                }
                long if long.starts_with("--") => {
                    self.err_text(&format!("{}: {long}: invalid option\n", self.arg0)).await?;
                    self.err_text("Usage:\tbash [GNU long option] [option] ...\n\tbash [GNU long option] [option] script-file ...\n").await?;
                    self.status = 2;
                    return Ok(None);
                }
                flags if flags.len() > 1 && flags.starts_with(['-', '+']) => {
                    let on = flags.starts_with('-');
                    for letter in flags.chars().skip(1) {
                        match letter {
                            'c' => line.command = true,
                            's' => line.stdin = true,
                            'i' => line.interactive = true,
                            'l' => line.login = true,
                            'o' => {
                                let name = args.get(at).cloned().unwrap_or_default();
                                at += 1;
                                match self.options.by_name(&name) {
                                    Some(place) => *place = on,
                                    None => {
                                        let text = format!("{}: {name}: invalid option name\n", self.arg0);
                                        self.err_text(&text).await?;
                                        self.status = 2;
                                        return Ok(None);
                                    }
                                }
                            }
                            'O' => {
                                let name = args.get(at).cloned().unwrap_or_default();
                                at += 1;
                                if let Some(place) = self.options.shopt(&name) {
                                    *place = on;
                                }
                            }
                            other => match self.options.by_letter(other) {
                                Some(place) => *place = on,
                                None => {
                                    let text = format!("{}: -{other}: invalid option\n", self.arg0);
                                    self.err_text(&text).await?;
                                    self.status = 2;
                                    return Ok(None);
                                }
                            },
                        }
                    }
                }
                _ => {
                    at -= 1;
                    break;
                }
            }
        }
        line.rest = args[at.min(args.len())..].to_vec();
        Ok(Some(line))
    }

    /// `-c TEXT`. A text that is one program becomes that program.
    async fn run_argument(&mut self, text: &str) -> Outcome {
        let mut parser = Parser::new(text, 1, self.dialect(false));
        if let (Ok(Some(list)), Ok(None)) = (parser.next_line(), parser.next_line()) {
            self.may_replace = single_command(&list);
        }
        self.run_text(text, 1, Origin::Argument).await
    }

    async fn run_file(&mut self, file: &str) -> Outcome {
        let path = self.absolute(file);
        let bytes = match self.sys.read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let (message, status) = match (self.flavor, error) {
                    (Flavor::Bash, crate::image::FsError::IsADirectory) => {
                        (format!("{0}: {file}: {error}", self.arg0), 126)
                    }
                    (Flavor::Bash, _) => (format!("{}: {file}: {error}", self.arg0), 127),
                    (Flavor::Dash, _) => (format!("{}: 0: cannot open {file}: No such file", self.arg0), 2),
                    (Flavor::Ash, _) => (format!("{}: can't open '{file}': {error}", self.arg0), 2),
                };
                self.err_text(&format!("{message}\n")).await?;
                return Ok(status);
            }
        };
        if bytes.iter().take(80).any(|byte| *byte == 0) || bytes.starts_with(b"\x7fELF") {
            let text = format!("{0}: {file}: cannot execute binary file\n", self.arg0);
            self.err_text(&text).await?;
            return Ok(126);
        }
        self.arg0 = file.to_string();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        self.run_text(&text, 1, Origin::File).await
    }

    /// Commands from standard input that is no terminal: read as they are needed, so that commands can read the rest.
    async fn run_input(&mut self) -> Outcome {
        let mut next_line = 1;
        loop {
            let Some(outcome) = self.read_command(&mut next_line, None).await? else {
                return Ok(self.status);
            };
            let Some(list) = outcome else { continue };
            match self.run_list(&list).await {
                Ok(_) => {}
                Err(Flow::Abort(status)) => self.status = status,
                Err(flow) => return Err(flow),
            }
        }
    }

    async fn run_interactive(&mut self, line: &CommandLine) -> Outcome {
        self.interactive = true;
        self.options.expand_aliases = true;
        self.options.histexpand = self.is_bash();
        self.options.history = true;
        self.options.monitor = true;
        self.options.emacs = true;
        self.options.login_shell = line.login;
        self.sys.handle(Signal::Int);
        for signal in [Signal::Term, Signal::Quit, Signal::Tstp, Signal::Ttin, Signal::Ttou] {
            self.sys.ignore(signal);
        }
        self.take_foreground();
        if self.is_bash() && self.vars.text("PS1").is_none() {
            self.vars.set("PS1", "\\s-\\v\\$ ");
        }
        if self.is_bash() && self.vars.text("PS2").is_none() {
            self.vars.set("PS2", "> ");
        }
        for file in self.startup_files(line) {
            let path = self.absolute(&file);
            if let Ok(text) = self.sys.read_text(&path) {
                self.interactive = false;
                let result = self.run_text(&text, 1, Origin::File).await;
                self.interactive = true;
                if let Err(Flow::Exit(status)) = result
                    && self.status != 2
                {
                    return Err(Flow::Exit(status));
                }
            }
        }
        self.status = 0;
        self.prompt_loop().await
    }

    fn startup_files(&self, line: &CommandLine) -> Vec<String> {
        let home = self.vars.text("HOME").unwrap_or("/root").to_string();
        if !self.is_bash() || line.norc {
            return Vec::new();
        }
        if line.login {
            let candidates =
                [".bash_profile", ".bash_login", ".profile"].map(|name| format!("{home}/{name}"));
            let own = candidates.into_iter().find(|path| self.sys.exists(path));
            return std::iter::once("/etc/profile".to_string()).chain(own).collect();
        }
        vec!["/etc/bash.bashrc".into(), line.rcfile.clone().unwrap_or(format!("{home}/.bashrc"))]
    }

    async fn prompt_loop(&mut self) -> Outcome {
        let mut next_line = 1;
        loop {
            self.show_changed_jobs().await;
            if let Some(command) = self.vars.text("PROMPT_COMMAND").map(str::to_string) {
                let status = self.status;
                let _ = self.run_text(&command, 1, Origin::Eval).await;
                self.status = status;
            }
            let mut typed = String::new();
            let read = self.read_interruptible(&mut next_line, &mut typed).await;
            let list = match read {
                None => {
                    self.status = 130;
                    // As readline does: the next prompt has a line of its own, whatever stood at this one.
                    if self.sys.tty().is_some_and(|tty| !tty.at_column_zero()) {
                        self.err_text("\n").await?;
                    }
                    continue;
                }
                Some(Ok(None)) => {
                    if self.leaves_at_eof().await? {
                        return Ok(self.status);
                    }
                    continue;
                }
                Some(Ok(Some(None))) => continue,
                Some(Ok(Some(Some(list)))) => list,
                Some(Err(flow)) => return Err(flow),
            };
            let started = self.note_command(&typed);
            let result = self.run_typed(&list).await;
            let exit = match result {
                Ok(status) | Err(Flow::Abort(status) | Flow::Exit(status) | Flow::Return(status)) => status,
                Err(Flow::Break(_) | Flow::Continue(_)) => 0,
            };
            self.status = exit;
            self.note_exit(started, exit);
            if let Err(Flow::Exit(status)) = result {
                return Err(Flow::Exit(status));
            }
        }
    }

    /// Ctrl-D: leaves, unless jobs are stopped and that was not said yet.
    async fn leaves_at_eof(&mut self) -> Result<bool, Flow> {
        let word = if self.options.login_shell { "logout" } else { "exit" };
        self.err_text(&format!("{word}\n")).await?;
        let sys = self.sys.clone();
        self.jobs.refresh(&sys);
        let stopped = |state| matches!(state, super::jobs::JobState::Stopped(_));
        if self.jobs.all().iter().any(|job| stopped(job.state)) && !self.warned_of_jobs {
            self.warned_of_jobs = true;
            self.err_text("There are stopped jobs.\n").await?;
            return Ok(false);
        }
        Ok(true)
    }

    /// Reads one command; `None` when Ctrl-C dropped it.
    async fn read_interruptible(
        &mut self,
        next_line: &mut u32,
        typed: &mut String,
    ) -> Option<Result<Option<Option<List>>, Flow>> {
        let sys = self.sys.clone();
        let traps = self.arrived.clone();
        let int_trapped = self.traps.contains_key("INT");
        let mut reading = Box::pin(self.read_command(next_line, Some(typed)));
        loop {
            match futures_util::future::select(reading, Box::pin(sys.next_signal())).await {
                futures_util::future::Either::Left((result, _)) => return Some(result),
                futures_util::future::Either::Right((signal, rest)) => {
                    if signal != Signal::Int || int_trapped {
                        traps.borrow_mut().push_back(signal);
                    }
                    if signal == Signal::Int {
                        return None;
                    }
                    reading = rest;
                }
            }
        }
    }

    /// Runs a typed command; Ctrl-C drops it, wherever it is.
    async fn run_typed(&mut self, list: &List) -> Outcome {
        self.warned_of_jobs &= self.status == 1;
        let sys = self.sys.clone();
        let traps = self.arrived.clone();
        let fds = self.fds.clone();
        let depth = self.vars.depth();
        let mut running = self.run_list(list);
        let result = loop {
            match futures_util::future::select(running, Box::pin(sys.next_signal())).await {
                futures_util::future::Either::Left((result, _)) => break result,
                futures_util::future::Either::Right((Signal::Int, rest)) => {
                    drop(rest);
                    break Err(Flow::Abort(130));
                }
                futures_util::future::Either::Right((signal, rest)) => {
                    traps.borrow_mut().push_back(signal);
                    running = rest;
                }
            }
        };
        if result == Err(Flow::Abort(130)) {
            if self.traps.contains_key("INT") {
                traps.borrow_mut().push_back(Signal::Int);
            } else if self.sys.tty().is_some_and(|tty| !tty.at_column_zero()) {
                self.err_text("\n").await?;
            }
        }
        if result.is_err() {
            self.reset(fds, depth);
        }
        result
    }

    /// Back to the state between two commands, whatever was dropped.
    fn reset(&mut self, fds: super::redirect::Fds, depth: usize) {
        self.fds = fds;
        while self.vars.depth() > depth {
            self.vars.pop_scope();
        }
        self.function_names.clear();
        self.sources.clear();
        self.loop_depth = 0;
        self.condition_depth = 0;
        self.nesting = 0;
        self.interactive = true;
        self.take_foreground();
    }

    /// Reads lines until they make a command. `None`: the input ended. `Some(None)`: nothing to run.
    /// `typed` is given when a person types: prompts, history and its `!` belong to that.
    async fn read_command(
        &mut self,
        next_line: &mut u32,
        mut typed: Option<&mut String>,
    ) -> Result<Option<Option<List>>, Flow> {
        let person = typed.is_some();
        let first_line = *next_line;
        let mut text = String::new();
        loop {
            let line = match person {
                true => self.ask(text.is_empty()).await,
                false => self.fds.input(0).read_line().await,
            };
            let ended = line.is_none();
            let line = String::from_utf8_lossy(&line.unwrap_or_default()).into_owned();
            if ended && text.is_empty() {
                return Ok(None);
            }
            *next_line += u32::from(!ended);
            let Some(line) = self.history_expanded(line, person).await? else { return Ok(Some(None)) };
            if let Some(typed) = typed.as_deref_mut().filter(|_| !ended) {
                self.remember(&line, text.is_empty());
                typed.push_str(&line);
            }
            text.push_str(&line);
            if text.len() > MAX_COMMAND_CHARS {
                self.complain("command line too long").await;
                return Ok(Some(None));
            }
            if self.options.verbose {
                self.err_text(&line).await?;
            }
            let mut parser = Parser::new(&text, if person { 1 } else { first_line }, self.dialect(!ended));
            let parsed = parser.next_line();
            match parsed {
                Ok(_) if parser.ends_continued() && !ended => {}
                Ok(list) => {
                    self.warn(&mut parser).await;
                    return Ok(Some(list));
                }
                Err(error) if error.is_incomplete() && !ended => {}
                Err(error) => {
                    let source_line = parser.current_source_line();
                    self.syntax_error(&error, &source_line, Origin::Input).await?;
                    return if ended && !person { Ok(None) } else { Ok(Some(None)) };
                }
            }
        }
    }

    /// What completion may know of this shell.
    fn prompt_view(&self) -> PromptView {
        let names = super::builtins::names(self.flavor).map(|builtin| builtin.name);
        let mut commands: Vec<String> =
            names.chain(super::syntax::reserved_words()).map(str::to_string).collect();
        commands.extend(self.functions.keys().cloned());
        commands.extend(self.aliases.keys().cloned());
        let text = |name: &str| self.vars.text(name).unwrap_or_default().to_string();
        PromptView {
            host: self.sys.host,
            cwd: self.cwd.clone(),
            home: text("HOME"),
            path: text("PATH"),
            kubeconfig: text("KUBECONFIG"),
            commands,
            aliases: self.aliases.clone(),
            variables: self.vars.visible().into_keys().map(str::to_string).collect(),
        }
    }

    async fn ask(&mut self, first: bool) -> Option<Vec<u8>> {
        let prompt = match (first, self.is_bash()) {
            (true, true) => self.prompt("PS1", "\\s-\\v\\$ ").await,
            (false, true) => self.prompt("PS2", "> ").await,
            (true, false) if self.flavor == Flavor::Ash => self.prompt("PS1", "\\w \\$ ").await,
            (true, false) => self.prompt("PS1", "\\$ ").await,
            (false, false) => self.prompt("PS2", "> ").await,
        };
        let _ = self.err_text(&prompt).await;
        match self.fds.input(0) {
            crate::world::Input::Terminal(tty) => {
                tty.set_prompt_view(self.prompt_view());
                tty.read_line(Reading { prompt, echo: true, shell: true }).await
            }
            other => other.read_line().await,
        }
    }

    /// The line after `!` references; `None` when there is nothing to run.
    async fn history_expanded(&mut self, line: String, person: bool) -> Result<Option<String>, Flow> {
        if !person || !self.options.histexpand || !line.contains(['!', '^']) {
            return Ok(Some(line));
        }
        let body = line.trim_end_matches('\n');
        let expansion = self.history.borrow().expand(body);
        match expansion {
            Expansion::Unchanged => Ok(Some(line)),
            Expansion::Changed(text) => {
                self.err_text(&format!("{text}\n")).await?;
                Ok(Some(text + "\n"))
            }
            Expansion::Print(text) => {
                self.err_text(&format!("{text}\n")).await?;
                self.history.borrow_mut().push(&text, false);
                Ok(None)
            }
            Expansion::Error(message) => {
                self.complain(&message).await;
                self.status = 1;
                Ok(None)
            }
        }
    }

    fn remember(&mut self, line: &str, first: bool) {
        if !self.options.history {
            return;
        }
        let control = self.vars.text("HISTCONTROL").unwrap_or_default().to_string();
        let both = control.contains("ignoreboth");
        let mut history = self.history.borrow_mut();
        match first {
            true if line.starts_with(' ') && (both || control.contains("ignorespace")) => {}
            true => history.push(line, both || control.contains("ignoredups")),
            false => history.extend_last(line, "\n"),
        }
    }

    /// Tells the world what a person ran.
    fn note_command(&mut self, typed: &str) -> Option<u64> {
        let line = typed.trim_end_matches('\n');
        if line.trim().is_empty() {
            return None;
        }
        let terminal = self.sys.tty().map(|tty| tty.id);
        Some(self.sys.with(|w| w.command_began(terminal, line, &self.cwd)))
    }

    fn note_exit(&self, command: Option<u64>, exit: i32) {
        if let Some(number) = command {
            self.sys.with(|w| w.command_ended(number, exit));
        }
    }
}

/// One simple command: what a loop runs must come back to the loop.
fn single_command(list: &List) -> bool {
    match list.items.as_slice() {
        [item] => {
            !item.background
                && item.chain.rest.is_empty()
                && matches!(item.chain.first.commands.as_slice(), [one] if matches!(one.kind, CommandKind::Simple(_)))
                && !item.chain.first.negated
                && item.chain.first.timed.is_none()
        }
        _ => false,
    }
}
