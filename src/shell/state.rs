//! What a shell is between two commands: variables, options, descriptors, jobs. Changing it is cheap and never
//! waits; what waits is in `interp`.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use crate::base::{Rng, SimTime};
use crate::image::process::Signal;
use crate::world::{Call, Io, ProcessId, Sys};

use super::builtins::Getopts;
use super::history::History;
use super::interp::Flow;
use super::jobs::Jobs;
use super::options::Options;
use super::redirect::{Fd, Fds};
use super::syntax::ast::Command;
use super::syntax::{Dialect, double_quoted};
use super::vars::{Data, Variable, Variables};

/// Characters one variable may hold.
pub const MAX_VALUE_CHARS: usize = 16 * 1024 * 1024;
/// Elements one array may hold.
pub const MAX_ARRAY: usize = 1_000_000;

/// Which shell speaks: the grammar's extras and the wording of complaints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavor {
    Bash,
    /// Debian's `sh`.
    Dash,
    /// busybox's `sh`.
    Ash,
}

#[derive(Clone)]
pub struct Shell {
    pub sys: Sys,
    pub flavor: Flavor,
    pub vars: Variables,
    pub functions: BTreeMap<String, Rc<Command>>,
    pub aliases: BTreeMap<String, String>,
    pub options: Options,
    pub fds: Fds,
    pub cwd: String,
    /// `$0`
    pub arg0: String,
    /// `$1`, `$2`, ...
    pub params: Vec<String>,
    /// `$?`
    pub status: i32,
    /// The status of the last command substitution, which a bare assignment takes over.
    pub substitution_status: Option<i32>,
    /// `$$`
    pub shell_pid: u32,
    /// `$!`
    pub last_background: Option<u32>,
    pub jobs: Jobs,
    pub traps: BTreeMap<String, String>,
    /// Trapped signals that arrived and wait for the current command to end.
    pub arrived: Rc<RefCell<VecDeque<Signal>>>,
    pub history: Rc<RefCell<History>>,
    /// Where commands were found, and how often that was used.
    pub hashed: BTreeMap<String, (String, u32)>,
    pub directories: Vec<String>,
    pub getopts: Getopts,
    pub umask: u32,
    pub random: Rng,
    pub seconds_from: SimTime,
    pub seconds_base: i64,
    pub line: u32,
    pub interactive: bool,
    pub from_c: bool,
    pub from_stdin: bool,
    pub subshell_depth: u32,
    pub function_names: Vec<String>,
    /// Files being sourced, innermost last.
    pub sources: Vec<String>,
    pub loop_depth: u32,
    /// Inside a condition, where `set -e` does not count.
    pub condition_depth: u32,
    /// Commands nested in commands right now; bounded.
    pub nesting: usize,
    /// This shell is a process of its own and fetches its signals itself.
    pub owns_signals: bool,
    /// The next external command may take over this process.
    pub may_replace: bool,
    /// Files that stand for process substitutions, and what reads the writable ones.
    pub substituted: Vec<super::interp::Substituted>,
    /// Commands since the shell last let others run.
    pub steps: u32,
    /// `exit` was refused once because of stopped jobs.
    pub warned_of_jobs: bool,
}

impl Shell {
    pub fn new(call: Call, flavor: Flavor) -> Self {
        let Call { argv, env, cwd, io, sys } = call;
        let arg0 = argv.first().cloned().unwrap_or_else(|| "bash".into());
        let pid = sys.pid();
        let random = sys.stream(&format!("shell/{}", sys.me.0));
        let now = sys.now();
        let mut shell = Shell {
            sys,
            flavor,
            vars: Variables::default(),
            functions: BTreeMap::new(),
            aliases: BTreeMap::new(),
            options: Options::default(),
            fds: standard_fds(io),
            cwd,
            arg0,
            params: Vec::new(),
            status: 0,
            substitution_status: None,
            shell_pid: pid,
            last_background: None,
            jobs: Jobs::default(),
            traps: BTreeMap::new(),
            arrived: Rc::default(),
            history: Rc::default(),
            hashed: BTreeMap::new(),
            directories: Vec::new(),
            getopts: Getopts::default(),
            umask: 0o022,
            random,
            seconds_from: now,
            seconds_base: 0,
            line: 0,
            interactive: false,
            from_c: false,
            from_stdin: false,
            subshell_depth: 0,
            function_names: Vec::new(),
            sources: Vec::new(),
            loop_depth: 0,
            condition_depth: 0,
            nesting: 0,
            owns_signals: true,
            may_replace: false,
            substituted: Vec::new(),
            steps: 0,
            warned_of_jobs: false,
        };
        shell.options.braceexpand = flavor == Flavor::Bash;
        shell.import(env);
        shell
    }

    fn import(&mut self, env: crate::world::Env) {
        for (name, text) in env {
            if is_name(&name) {
                self.vars.set_exported(&name, &text);
            }
        }
        let parent = self.sys.view(|w| {
            let parent = w.processes.get(&self.sys.me).and_then(|process| process.parent);
            parent.and_then(|parent| w.processes.get(&parent)).map_or(0, |process| process.pid)
        });
        let host = self.sys.view(|w| {
            w.hosts.get(&self.sys.host).map(|h| (h.hostname.clone(), w.user_of(self.sys.me).to_owned()))
        });
        let (hostname, user) = host.unwrap_or_default();
        let level = self.vars.text("SHLVL").and_then(|text| text.parse::<i64>().ok()).unwrap_or(0) + 1;
        self.vars.set_exported("SHLVL", &level.to_string());
        self.vars.set_exported("PWD", &self.cwd.clone());
        if self.vars.text("PATH").is_none() {
            self.vars.set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        }
        self.vars.set("IFS", " \t\n");
        self.vars.set("PS4", "+ ");
        self.vars.set("OPTIND", "1");
        self.vars.set("PPID", &parent.to_string());
        let numeric = if user.is_empty() || user == "root" { "0" } else { "1000" };
        if self.flavor == Flavor::Bash {
            self.vars.set("UID", numeric);
            self.vars.set("EUID", numeric);
            self.vars.set("BASH", "/bin/bash");
            self.vars.set("BASH_VERSION", "5.2.21(1)-release");
            let version = ["5", "2", "21", "1", "release", "x86_64-pc-linux-gnu"].map(str::to_string);
            self.vars.set_array("BASH_VERSINFO", version);
            self.vars.set("HOSTNAME", &hostname);
            self.vars.set("HOSTTYPE", "x86_64");
            self.vars.set("OSTYPE", "linux-gnu");
            self.vars.set("MACHTYPE", "x86_64-pc-linux-gnu");
            for name in ["UID", "EUID", "PPID", "BASH_VERSINFO"] {
                self.vars.entry(name).readonly = true;
            }
            for name in ["UID", "EUID", "PPID"] {
                self.vars.entry(name).integer = true;
            }
        }
    }

    pub fn is_bash(&self) -> bool {
        self.flavor == Flavor::Bash
    }

    /// The state a subshell starts from: everything is inherited except jobs and traps.
    pub fn fork(&self, call_sys: Sys) -> Shell {
        let mut child = self.clone();
        child.sys = call_sys;
        child.subshell_depth += 1;
        child.interactive = false;
        child.jobs = Jobs::default();
        child.arrived = Rc::default();
        child.loop_depth = 0;
        child.condition_depth = 0;
        child.may_replace = false;
        child.substituted = Vec::new();
        child.random = child.sys.stream(&format!("shell/{}/{}", child.sys.me.0, child.steps));
        // Ignored signals stay ignored; trapped ones get their default action back.
        child.traps.retain(|_, command| command.is_empty());
        child
    }

    pub fn dialect(&self, partial: bool) -> Dialect {
        let aliases = if self.options.expand_aliases { self.aliases.clone() } else { BTreeMap::new() };
        Dialect { extglob: self.options.extglob, posix: !self.is_bash(), aliases, partial }
    }

    /// The descriptors a program gets.
    pub fn io(&self) -> Io {
        Io { stdin: self.fds.input(0), stdout: self.fds.output(1), stderr: self.fds.output(2) }
    }

    /// `bash: line 3: `, as the situation has it.
    pub fn prefix(&self) -> String {
        if let Some(source) = self.sources.last() {
            return format!("{source}: line {}: ", self.line);
        }
        match self.flavor {
            Flavor::Bash if self.interactive => "bash: ".to_string(),
            Flavor::Bash if self.from_c && !self.function_names.is_empty() => {
                format!("environment: line {}: ", self.line)
            }
            Flavor::Bash => format!("{}: line {}: ", self.arg0, self.line),
            Flavor::Dash if self.interactive => "sh: ".to_string(),
            Flavor::Dash => format!("{}: {}: ", self.arg0, self.line),
            Flavor::Ash if self.interactive || self.from_c => "sh: ".to_string(),
            Flavor::Ash => format!("{}: line {}: ", self.arg0, self.line),
        }
    }

    /// Writes a complaint to standard error.
    pub async fn complain(&self, message: &str) {
        let text = format!("{}{message}\n", self.prefix());
        let _ = self.fds.output(2).write(text).await;
    }

    /// A mistake that ends the command line.
    pub async fn abort<T>(&mut self, message: &str) -> Result<T, Flow> {
        self.complain(message).await;
        // dash leaves where bash only drops the line.
        self.status = if self.flavor == Flavor::Dash { 2 } else { 1 };
        Err(Flow::Abort(self.status))
    }

    /// A mistake that ends the shell, unless a person is there.
    pub async fn fatal<T>(&mut self, message: &str) -> Result<T, Flow> {
        self.complain(message).await;
        self.status = 1;
        if self.interactive {
            return Err(Flow::Abort(1));
        }
        let status = match self.flavor {
            Flavor::Bash if self.from_c && self.subshell_depth == 0 && !self.options.errexit => 127,
            Flavor::Bash => 1,
            Flavor::Dash | Flavor::Ash => 2,
        };
        Err(Flow::Exit(status))
    }

    /// Assigns; the error is bash's message.
    pub fn assign(
        &mut self,
        name: &str,
        index: Option<&str>,
        text: &str,
        append: bool,
    ) -> Result<(), String> {
        let target = self.vars.resolve(name);
        let (name, index) = match target.split_once('[') {
            Some((base, rest)) => (base.to_string(), Some(rest.trim_end_matches(']').to_string())),
            None => (target, index.map(str::to_string)),
        };
        if self.vars.get(&name).is_some_and(|variable| variable.readonly) {
            let words = if self.flavor == Flavor::Dash { "is read only" } else { "readonly variable" };
            return Err(format!("{name}: {words}"));
        }
        let integer = self.vars.get(&name).is_some_and(|variable| variable.integer);
        let mut value = if integer { self.arith_value(text)?.to_string() } else { text.to_string() };
        let key = match &index {
            None => None,
            Some(index) => Some(self.element_key(&name, index)?),
        };
        if append {
            let old = match &key {
                None => self.vars.text(&name).unwrap_or_default().to_string(),
                Some(key) => self.stored(&name, key).unwrap_or_default(),
            };
            value = if integer {
                let old = self.arith_value(&old)?;
                old.wrapping_add(value.parse::<i64>().unwrap_or(0)).to_string()
            } else {
                old + &value
            };
        }
        if value.len() > MAX_VALUE_CHARS {
            return Err(format!("xrealloc: cannot allocate {} bytes", value.len()));
        }
        self.store(&name, key, value);
        self.assigned(&name);
        Ok(())
    }

    fn element_key(&mut self, name: &str, index: &str) -> Result<Key, String> {
        if matches!(self.vars.get(name).map(|v| &v.data), Some(Data::Assoc(_))) {
            return Ok(Key::Text(index.to_string()));
        }
        let last = match self.vars.get(name).map(|variable| &variable.data) {
            Some(Data::Indexed(map)) => map.keys().next_back().copied(),
            Some(Data::Scalar(_)) => Some(0),
            _ => None,
        };
        self.array_index(name, index, last).map(Key::Number)
    }

    fn stored(&self, name: &str, key: &Key) -> Option<String> {
        match (&self.vars.get(name)?.data, key) {
            (Data::Indexed(map), Key::Number(at)) => map.get(at).cloned(),
            (Data::Assoc(map), Key::Text(key)) => map.get(key).cloned(),
            (Data::Scalar(text), Key::Number(0)) => Some(text.clone()),
            _ => None,
        }
    }

    fn store(&mut self, name: &str, key: Option<Key>, value: String) {
        let allexport = self.options.allexport;
        let variable = self.vars.entry(name);
        variable.exported |= allexport;
        let value = variable.adjusted(value);
        match (key, &mut variable.data) {
            (None, Data::Indexed(map)) => drop(map.insert(0, value)),
            (None, Data::Assoc(map)) => drop(map.insert("0".into(), value)),
            (None, data) => *data = Data::Scalar(value),
            (Some(Key::Number(at)), Data::Indexed(map)) if map.len() < MAX_ARRAY => {
                drop(map.insert(at, value))
            }
            (Some(Key::Number(_)), Data::Indexed(_)) => {}
            (Some(Key::Text(key)), Data::Assoc(map)) if map.len() < MAX_ARRAY => drop(map.insert(key, value)),
            (Some(Key::Text(_)), _) => {}
            (Some(Key::Number(at)), data) => {
                let mut map = BTreeMap::new();
                if let Data::Scalar(text) = data {
                    map.insert(0, std::mem::take(text));
                }
                map.insert(at, value);
                *data = Data::Indexed(map);
            }
        }
    }

    /// Variables whose change the shell must notice.
    fn assigned(&mut self, name: &str) {
        match name {
            "PATH" => self.hashed.clear(),
            "SECONDS" => {
                self.seconds_base = self.vars.text("SECONDS").and_then(|text| text.parse().ok()).unwrap_or(0);
                self.seconds_from = self.sys.now();
            }
            "RANDOM" => {
                let seed = self.vars.text("RANDOM").unwrap_or_default().to_string();
                self.random = self.sys.stream(&format!("shell/RANDOM={seed}"));
            }
            "OPTIND" => self.getopts = Getopts::default(),
            _ => {}
        }
    }

    /// The command that would make the variable again: `declare -- x="1"`.
    pub fn declaration(&self, name: &str) -> Option<String> {
        let variable = self.vars.get_raw(name)?;
        let flags = variable.flags();
        let flags = if flags.is_empty() { "-".to_string() } else { flags };
        let value = value_text(variable);
        Some(format!("declare -{flags} {name}{value}"))
    }

    pub fn directory_stack(&self) -> Vec<String> {
        let mut stack = vec![self.cwd.clone()];
        stack.extend(self.directories.iter().rev().cloned());
        stack
    }

    /// The process group of a pipeline's members: their own under job control.
    pub fn job_control(&self) -> bool {
        self.options.monitor && self.subshell_depth == 0
    }

    pub fn my_group(&self) -> Option<ProcessId> {
        self.sys.view(|w| w.processes.get(&self.sys.me).map(|process| process.group))
    }
}

enum Key {
    Number(i64),
    Text(String),
}

/// `="value"` or `=([0]="a")` as `declare -p` prints it; empty when the variable has no value.
pub fn value_text(variable: &Variable) -> String {
    match &variable.data {
        Data::Unset => String::new(),
        Data::Scalar(text) => format!("={}", double_quoted(text)),
        Data::Indexed(map) => {
            let items: Vec<String> =
                map.iter().map(|(at, text)| format!("[{at}]={}", double_quoted(text))).collect();
            format!("=({})", items.join(" "))
        }
        Data::Assoc(_) => {
            let pairs = variable.keys().into_iter().zip(variable.values());
            let items: String = pairs
                .map(|(key, text)| {
                    let plain = key.chars().all(|c| c.is_alphanumeric() || c == '_');
                    let key = if plain { key } else { double_quoted(&key) };
                    format!("[{key}]={} ", double_quoted(&text))
                })
                .collect();
            format!("=({items})")
        }
    }
}

fn standard_fds(io: Io) -> Fds {
    let mut fds = Fds::default();
    fds.set(0, Fd::In(io.stdin));
    fds.set(1, Fd::Out(io.stdout));
    fds.set(2, Fd::Out(io.stderr));
    fds
}

/// Whether the text can name a variable.
pub fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
