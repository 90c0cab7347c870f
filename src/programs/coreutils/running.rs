//! Commands that run others: `env`, `xargs`, `timeout`, `watch`, `nohup`, `nice`, `sudo`, `time`, `busybox`. Must never look into what they
//! run.

use std::time::Duration;

use crate::image::process::Signal;
use crate::programs::exec::exec;
use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Quit, Tool};
use crate::world::sys::{Child, ExecError, Executable, Group};
use crate::world::{Call, ExitStatus, Input, Io, Output, ProcessId};

/// Commands of one `xargs`.
const MAX_RUNS: usize = 10_000;
/// Bytes of one screen of `watch`.
const MAX_SCREEN_BYTES: usize = 1024 * 1024;

static ENV: Spec = Spec::new(&["i,ignore-environment", "u,unset=", "0,null", "C,chdir=", "S,split-string=", "v"], "Usage: env [OPTION]... [NAME=VALUE]... [COMMAND [ARG]...]\n\nPrints the environment, or runs COMMAND in a changed one.\n\n  -i  an empty one   -u NAME  without NAME\n").misuse(125).stop_at_operand();
static XARGS: Spec = Spec::new(&["0,null", "d,delimiter=", "I,replace=", "L=", "n,max-args=", "P,max-procs=", "r,no-run-if-empty", "t,verbose", "a,arg-file=", "p", "s=", "x", "i=?", "E="], "Usage: xargs [OPTION]... COMMAND [INITIAL-ARGS]...\n\nRuns COMMAND with words of standard input as arguments.\n\n  -n MAX  so many at once   -I R  once per line, in place of R   -0  words end in NUL   -r  not without words\n  -L MAX  so many lines at once   -P MAX  so many in parallel (one after the other here)   -t  say each\n").stop_at_operand();
static TIMEOUT: Spec = Spec::new(&["s,signal=", "k,kill-after=", "preserve-status", "foreground", "v,verbose"], "Usage: timeout [OPTION] DURATION COMMAND [ARG]...\n\nRuns COMMAND, and ends it after DURATION.\n\n  -s SIGNAL   -k DURATION  and kills it after that\n").misuse(125).stop_at_operand();
static WATCH: Spec = Spec::new(&["n,interval=", "d,differences=?", "t,no-title", "g,chgexit", "e,errexit", "b,beep", "x,exec", "c,color"], "Usage: watch [options] COMMAND\n\nRuns COMMAND again and again and shows its output full screen.\n\n  -n SECONDS  instead of 2   -t  no title   -g  end when the output changes   -d  mark differences\n").stop_at_operand();
static NOHUP: Spec = Spec::new(
    &["n,adjustment="],
    "Usage: nohup COMMAND [ARG]...\n\nRuns COMMAND so that the end of the terminal does not end it.\n",
)
.misuse(125)
.stop_at_operand();
static SUDO: Spec = Spec::new(&["u,user=", "E,preserve-env=?", "i,login", "s,shell", "n", "k", "v", "l,list", "H", "S"], "usage: sudo [options] COMMAND [ARG]...\n\nRuns COMMAND as root. Here everyone may do what they need already.\n").stop_at_operand();
static TIME: Spec = Spec::new(
    &["p,portability", "v,verbose", "o,output=", "f,format="],
    "Usage: time [-p] COMMAND [ARG]...\n\nRuns COMMAND and says how long that took.\n",
)
.stop_at_operand();

fn complaint(error: &ExecError) -> (&'static str, ExitStatus) {
    match error {
        ExecError::NotFound | ExecError::NoSuchFile => ("No such file or directory", 127),
        ExecError::Permission => ("Permission denied", 126),
        ExecError::IsADirectory => ("Permission denied", 126),
        ExecError::Format => ("Exec format error", 126),
    }
}

/// Becomes the command of the operands.
async fn become_command(tool: Tool, argv: Vec<String>) -> Outcome {
    let name = argv[0].clone();
    let own = tool.name.clone();
    match exec(tool.call, argv).await {
        Ok(status) => Ok(status),
        Err((call, error)) => {
            let (text, status) = complaint(&error);
            let shown = if own == "env" || own == "nohup" || own == "timeout" {
                format!("‘{name}’")
            } else {
                name
            };
            let verb = if own == "nohup" || own == "timeout" { "failed to run command " } else { "" };
            call.io
                .stderr
                .write(format!("{own}: {verb}{}: {text}\n", if own == "env" { shown.clone() } else { shown }))
                .await
                .ok();
            Ok(status)
        }
    }
}

/// Starts a command as a child.
async fn start(tool: &Tool, argv: Vec<String>, io: Io, group: Group) -> Result<ProcessId, ExecError> {
    let sys = &tool.call.sys;
    let name = argv.first().cloned().unwrap_or_default();
    let search = tool.call.var("PATH").unwrap_or("/usr/local/bin:/usr/bin:/bin").to_owned();
    let (program, argv) = match sys.find_executable(&name, &tool.call.cwd, &search)? {
        Executable::Program { name, .. } => (name, argv),
        Executable::Script { path, .. } => {
            let mut words = vec!["sh".to_owned(), path];
            words.extend(argv.into_iter().skip(1));
            ("sh".to_owned(), words)
        }
    };
    let program = sys.kernel().program(&program).ok_or(ExecError::Format)?;
    let child = Child { argv, env: tool.call.env.clone(), cwd: tool.call.cwd.clone(), io, group };
    sys.spawn_program(program, child).map_err(|_| ExecError::Format)
}

/// `env`.
pub async fn env(call: Call) -> Outcome {
    let mut tool = Tool::new(call, &ENV).await?;
    let options = std::mem::take(&mut tool.options);
    if options.has("i") || options.operands.first().is_some_and(|o| o == "-") {
        tool.call.env.clear();
    }
    for name in options.values("u") {
        tool.call.env.remove(name);
    }
    if let Some(dir) = options.value("C") {
        tool.call.cwd = tool.path(dir);
    }
    let mut operands = options.operands.clone().into_iter().skip_while(|o| o == "-").peekable();
    let search = tool.call.env.get("PATH").cloned();
    while let Some(word) = operands.next_if(|w| w.contains('=')) {
        if let Some((name, value)) = word.split_once('=') {
            tool.call.env.insert(name.to_owned(), value.to_owned());
        }
    }
    let mut argv: Vec<String> = operands.collect();
    if let Some(text) = options.value("S").map(str::to_owned) {
        argv = text.split_whitespace().map(str::to_owned).chain(argv).collect();
    }
    if argv.is_empty() {
        for (name, value) in tool.call.env.clone() {
            tool.out(format!("{name}={value}\n")).await?;
        }
        return Ok(0);
    }
    if let (Some(path), false) = (search, tool.call.env.contains_key("PATH")) {
        // execvp still searches the old path, as the C library's default does.
        if let Ok(Executable::Program { path, .. }) =
            tool.call.sys.find_executable(&argv[0], &tool.call.cwd, &path)
        {
            argv[0] = path;
        }
    }
    become_command(tool, argv).await
}

/// `nohup`, `nice`.
pub async fn nohup(call: Call) -> Outcome {
    let mut tool = Tool::new(call, &NOHUP).await?;
    let argv = std::mem::take(&mut tool.options.operands);
    if argv.is_empty() {
        return Err(tool.misuse("missing operand").await);
    }
    if tool.name == "nohup" {
        tool.call.sys.ignore(Signal::Hup);
        if tool.on_terminal() {
            tool.note("nohup: ignoring input and appending output to 'nohup.out'\n").await;
            match tool.call.sys.open_output(&tool.path("nohup.out"), true) {
                Ok(output) => {
                    tool.call.io.stderr = output.clone();
                    tool.call.io.stdout = output;
                    tool.call.io.stdin = Input::Null;
                }
                Err(error) => {
                    return Err(tool.die_with(127, format!("failed to open 'nohup.out': {error}")).await);
                }
            }
        }
    }
    become_command(tool, argv).await
}

/// `sudo`.
pub async fn sudo(call: Call) -> Outcome {
    let mut tool = Tool::new(call, &SUDO).await?;
    let mut argv: Vec<String> =
        tool.options.operands.iter().skip_while(|w| w.contains('=')).cloned().collect();
    if argv.is_empty() && (tool.options.has("i") || tool.options.has("s")) {
        argv = vec!["bash".to_owned()];
    }
    if argv.is_empty() {
        tool.note("usage: sudo -h | -K | -k | -V\nusage: sudo [-ABbEHknPS] [-u user] [VAR=value] [-i | -s] [command [arg ...]]\n").await;
        return Ok(1);
    }
    tool.name = "sudo".to_owned();
    let name = argv[0].clone();
    match exec(tool.call, argv).await {
        Ok(status) => Ok(status),
        Err((call, _)) => {
            call.io.stderr.write(format!("sudo: {name}: command not found\n")).await.ok();
            Ok(1)
        }
    }
}

/// `busybox APPLET`.
pub async fn busybox(call: Call) -> Outcome {
    let argv: Vec<String> = call.args().to_vec();
    if argv.is_empty() || argv[0] == "--help" {
        let text = "BusyBox v1.37.0 (2025-05-26 20:04:45 UTC) multi-call binary.\n\nUsage: busybox [function [arguments]...]\n";
        call.io.stdout.write(text).await.ok();
        return Ok(0);
    }
    let name = argv[0].clone();
    match exec(call, argv).await {
        Ok(status) => Ok(status),
        Err((call, _)) => {
            call.io.stderr.write(format!("{name}: applet not found\n")).await.ok();
            Ok(127)
        }
    }
}

/// `time`, the program; shells have their own.
pub async fn time(call: Call) -> Outcome {
    let tool = Tool::new(call, &TIME).await?;
    let argv = tool.options.operands.clone();
    if argv.is_empty() {
        return Err(tool.misuse("missing program to run").await);
    }
    let began = tool.call.sys.now();
    let status = match start(&tool, argv.clone(), tool.call.io.clone(), Group::Inherit).await {
        Ok(id) => tool.call.sys.wait(id).await,
        Err(error) => {
            let (text, status) = complaint(&error);
            tool.note(format!("time: cannot run {}: {text}\n", argv[0])).await;
            status
        }
    };
    let spent = (tool.call.sys.now() - began).as_secs_f64();
    tool.note(format!("real {spent:.2}\nuser 0.00\nsys 0.00\n")).await;
    Ok(status)
}

/// `timeout`.
pub async fn timeout(call: Call) -> Outcome {
    let tool = Tool::new(call, &TIMEOUT).await?;
    let operands = tool.options.operands.clone();
    let Some((limit, argv)) = operands.split_first() else {
        return Err(tool.misuse("missing operand").await);
    };
    let Some(span) = super::date::span(limit) else {
        return Err(tool.misuse(&format!("invalid time interval ‘{limit}’")).await);
    };
    if argv.is_empty() {
        return Err(tool.misuse("missing operand").await);
    }
    let signal = tool
        .options
        .value("s")
        .and_then(|s| Signal::parse(s.trim_start_matches("SIG")))
        .unwrap_or(Signal::Term);
    let id = match start(&tool, argv.to_vec(), tool.call.io.clone(), Group::Inherit).await {
        Ok(id) => id,
        Err(error) => {
            let (text, status) = complaint(&error);
            return Err(tool.die_with(status, format!("failed to run command ‘{}’: {text}", argv[0])).await);
        }
    };
    let sys = &tool.call.sys;
    let span = if span.is_zero() { Duration::from_secs(u64::from(u32::MAX)) } else { span };
    if let Some(status) = sys.timeout(span, sys.wait(id)).await {
        return Ok(status);
    }
    sys.kill(id, signal);
    if let Some(after) = tool.options.value("k").and_then(super::date::span)
        && sys.timeout(after, sys.wait(id)).await.is_none()
    {
        sys.kill(id, Signal::Kill);
        sys.wait(id).await;
        return Ok(137);
    }
    let status = sys.wait(id).await;
    Ok(if tool.options.has("preserve-status") {
        status
    } else if signal == Signal::Kill {
        137
    } else {
        124
    })
}

/// `watch`.
pub async fn watch(call: Call) -> Outcome {
    let tool = Tool::new(call, &WATCH).await?;
    let words = tool.options.operands.clone();
    if words.is_empty() {
        return Err(tool.misuse("missing operand").await);
    }
    let text = words.join(" ");
    let interval = match tool.options.value("n").map(|n| n.replace(',', ".")) {
        Some(text) => match super::date::span(&text) {
            Some(span) => span.max(Duration::from_millis(100)),
            None => {
                return Err(tool.die(format!("failed to parse argument: '{text}': Invalid argument")).await);
            }
        },
        None => Duration::from_secs(2),
    };
    let mut before: Option<Vec<u8>> = None;
    loop {
        let (stdout, bytes) = Output::buffer(MAX_SCREEN_BYTES);
        let io = Io { stdin: Input::Null, stdout: stdout.clone(), stderr: stdout };
        let argv = vec!["sh".to_owned(), "-c".to_owned(), text.clone()];
        let status = match start(&tool, argv, io, Group::Inherit).await {
            Ok(id) => tool.call.sys.wait(id).await,
            Err(_) => return Err(tool.die("unable to run sh").await),
        };
        let shown = bytes.borrow().clone();
        let rows = tool.call.io.stdout.tty().map_or(24, |t| usize::from(t.size().rows));
        tool.out(screen(&tool, &shown, &text, interval, rows)).await?;
        if tool.options.has("e") && status != 0 {
            return Ok(status);
        }
        if tool.options.has("g") && before.as_ref().is_some_and(|b| *b != shown) {
            return Ok(0);
        }
        before = Some(shown);
        tool.pause(interval).await;
    }
}

fn screen(tool: &Tool, shown: &[u8], text: &str, interval: Duration, rows: usize) -> String {
    let width = tool.columns();
    let mut out = String::from("\x1b[H\x1b[2J");
    let mut lines = rows;
    if !tool.options.has("t") {
        let left = format!("Every {:.1}s: {text}", interval.as_secs_f64());
        let host = crate::programs::identity::hostname(&tool.call.sys);
        let right = format!("{host}: {}", tool.call.sys.now().timestamp().strftime("%a %b %e %H:%M:%S %Y"));
        let room = width.saturating_sub(right.len() + 1);
        let left: String = left.chars().take(room).collect();
        out += &format!("{left:<room$} {right}\r\n\r\n");
        lines = lines.saturating_sub(2);
    }
    let body = String::from_utf8_lossy(shown).into_owned();
    for line in body.lines().take(lines.saturating_sub(1)) {
        out += &line.chars().take(width).collect::<String>();
        out += "\r\n";
    }
    out
}

/// `xargs`.
pub async fn xargs(call: Call) -> Outcome {
    let tool = Tool::new(call, &XARGS).await?;
    let options = &tool.options;
    let command =
        if options.operands.is_empty() { vec!["echo".to_owned()] } else { options.operands.clone() };
    let input = match options.value("a") {
        Some(file) => match tool.open(file) {
            Ok(input) => input,
            Err(error) => return Err(tool.die(format!("Cannot open input file '{file}': {error}")).await),
        },
        None => tool.call.io.stdin.clone(),
    };
    let bytes = tool.slurp(&input).await?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let replace = options.value("I").or(options.has("i").then_some("{}"));
    let delimiter = if options.has("0") {
        Some('\0')
    } else {
        options.value("d").map(|d| if d == "\\n" { '\n' } else { d.chars().next().unwrap_or('\n') })
    };
    let lines = options.value("L").and_then(|n| n.parse::<usize>().ok());
    let words: Vec<String> = match (delimiter, replace) {
        (Some(delimiter), _) => text
            .strip_suffix(delimiter)
            .unwrap_or(&text)
            .split(delimiter)
            .filter(|_| !text.is_empty())
            .map(str::to_owned)
            .collect(),
        (None, Some(_)) => {
            text.lines().map(str::trim_start).filter(|l| !l.is_empty()).map(str::to_owned).collect()
        }
        (None, None) if lines.is_some() => {
            text.lines().filter(|l| !l.trim().is_empty()).map(str::to_owned).collect()
        }
        (None, None) => match quoted_words(&text) {
            Ok(words) => words,
            Err(mark) => {
                let kind = if mark == '"' { "double" } else { "single" };
                return Err(tool.die(format!("unmatched {kind} quote; by default quotes are special to xargs unless you use the -0 option")).await);
            }
        },
    };
    let per_run = match options.value("n").map(str::parse::<usize>) {
        Some(Ok(n)) if n > 0 => n,
        Some(_) => {
            return Err(tool
                .misuse(&format!(
                    "invalid number \"{}\" for -n option",
                    options.value("n").unwrap_or_default()
                ))
                .await);
        }
        None => lines.unwrap_or(5000),
    };
    let mut runs: Vec<Vec<String>> = Vec::new();
    if let Some(mark) = replace {
        runs.extend(
            words.iter().map(|word| command.iter().map(|c| c.replace(mark, word)).collect::<Vec<_>>()),
        );
    } else if words.is_empty() {
        if !options.has("r") && !tool.busybox {
            runs.push(command.clone());
        }
    } else {
        let expand = |chunk: &[String]| -> Vec<String> {
            match lines {
                Some(_) => chunk.iter().flat_map(|l| l.split_whitespace().map(str::to_owned)).collect(),
                None => chunk.to_vec(),
            }
        };
        runs.extend(words.chunks(per_run).map(|chunk| [command.clone(), expand(chunk)].concat()));
    }
    for (count, argv) in runs.into_iter().enumerate() {
        if count >= MAX_RUNS {
            return Err(tool.die("too many commands; stopped").await);
        }
        if options.has("t") {
            tool.note(format!("{}\n", argv.join(" "))).await;
        }
        let mut io = tool.call.io.clone();
        io.stdin = Input::Null;
        match start(&tool, argv.clone(), io, Group::Inherit).await {
            Ok(id) => match tool.call.sys.wait(id).await {
                0 => {}
                255 => {
                    tool.note(format!("xargs: {}: exited with status 255; aborting\n", argv[0])).await;
                    return Ok(124);
                }
                _ => tool.set_status(123),
            },
            Err(error) => {
                let (text, status) = complaint(&error);
                return Err(tool.die_with(status, format!("{}: {text}", argv[0])).await);
            }
        }
    }
    tool.done()
}

/// Words with quotes and backslashes, as xargs reads them; the open quote where one is not closed.
fn quoted_words(text: &str) -> Result<Vec<String>, char> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_whitespace() => words.extend(word.take()),
            '\\' => word.get_or_insert_default().extend(chars.next()),
            mark @ ('"' | '\'') => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some(c) if c == mark => break,
                        Some('\n') | None => return Err(mark),
                        Some(c) => word.push(c),
                    }
                }
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Ok(words)
}

/// The end of a command that could not be started.
pub type Stopped = Quit;
