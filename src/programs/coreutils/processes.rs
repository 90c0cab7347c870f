//! Looking at processes and signalling them: `ps`, `top`, `kill`, `pkill`, `pgrep`, `killall`, `pidof`. Must never see another
//! host's processes.

use crate::base::SimTime;
use crate::image::process::Signal;
use crate::programs::identity;
use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Quit, Tool};
use crate::world::process::State;
use crate::world::{Call, ProcessId};

static PS: Spec = Spec::new(
    &[
        "e",
        "A",
        "f",
        "a",
        "u=",
        "x",
        "o=",
        "p=",
        "l",
        "w",
        "aux",
        "C=",
        "no-headers",
        "sort=",
        "forest",
        "H",
        "T",
        "user=",
    ],
    "Usage: ps [options]\n\nLists processes.\n\n  aux  all of them with their load   -ef  all with their parents   -p PID   -o FORMAT  only these columns\n",
);
static KILL: Spec = Spec::new(
    &[],
    "Usage: kill [-SIGNAL] PID...\n\nSends a signal, TERM by default.\n\n  -l  names of signals\n",
);
static PKILL: Spec = Spec::new(&["f,full", "x,exact", "l,list-name", "a,list-full", "c,count", "n,newest", "o,oldest", "u,euid=", "signal=", "9", "v,inverse", "e,echo"], "Usage: pkill [-SIGNAL] [options] PATTERN\n       pgrep [options] PATTERN\n\nSignals (or lists) processes by name.\n\n  -f  the whole command line   -x  exactly   -l  with names   -a  with command lines\n").misuse(2);
static TOP: Spec = Spec::new(
    &["b", "n=", "d=", "p=", "u=", "H", "c"],
    "Usage: top [-b] [-n COUNT] [-d SECONDS]\n\nLists the busiest processes.\n",
);
static PIDOF: Spec =
    Spec::new(&["s", "x"], "Usage: pidof NAME...\n\nPrints the numbers of processes with that name.\n");

struct Row {
    id: ProcessId,
    pid: u32,
    ppid: u32,
    started: SimTime,
    argv: Vec<String>,
    tty: Option<u32>,
    stopped: bool,
    me: bool,
}

impl Row {
    fn command(&self) -> String {
        self.argv.join(" ")
    }

    fn name(&self) -> String {
        let first = self.argv.first().map_or("", String::as_str).trim_start_matches('-');
        first.rsplit('/').next().unwrap_or(first).chars().take(15).collect()
    }

    fn terminal(&self) -> String {
        self.tty.map_or_else(|| "?".to_owned(), |n| format!("pts/{n}"))
    }
}

/// The processes of this host, in the order of their numbers.
fn rows(tool: &Tool) -> Vec<Row> {
    let sys = &tool.call.sys;
    sys.view(|w| {
        let pid_of = |id: Option<ProcessId>| {
            id.and_then(|p| w.processes.get(&p)).filter(|p| p.host == sys.host).map_or(0, |p| p.pid)
        };
        let mut rows: Vec<Row> = w
            .processes
            .values()
            .filter(|p| p.host == sys.host && p.is_alive())
            .map(|p| Row {
                id: p.id,
                pid: p.pid,
                ppid: pid_of(p.parent),
                started: p.started,
                argv: p.argv.clone(),
                tty: p.tty.as_ref().map(|t| t.id),
                stopped: matches!(p.state, State::Stopped(_)),
                me: p.id == sys.me,
            })
            .collect();
        rows.sort_by_key(|r| r.pid);
        rows
    })
}

/// `ps`.
pub async fn ps(call: Call) -> Outcome {
    // `ps aux` has no dash.
    let argv: Vec<String> = call
        .argv
        .iter()
        .enumerate()
        .map(|(i, a)| {
            if i > 0 && !a.starts_with('-') && a.chars().all(|c| "auxwfe".contains(c)) {
                "--aux".to_owned()
            } else {
                a.clone()
            }
        })
        .collect();
    let bsd = argv.iter().any(|a| a == "--aux");
    let argv: Vec<String> =
        argv.iter().map(|a| if a == "-aux" { "--aux".to_owned() } else { a.clone() }).collect();
    let tool = Tool::new(Call { argv, ..call }, &PS).await?;
    let options = &tool.options;
    let user = identity::user(&tool.call.sys).name;
    let mut list = rows(&tool);
    if let Some(pids) = options.value("p") {
        let wanted: Vec<u32> = pids.split([',', ' ']).filter_map(|p| p.parse().ok()).collect();
        list.retain(|r| wanted.contains(&r.pid));
        if list.is_empty() {
            tool.set_status(1);
        }
    } else if !(options.has("e") || options.has("A") || options.has("aux") || tool.busybox) {
        let mine = list.iter().find(|r| r.me).and_then(|r| r.tty);
        list.retain(|r| r.tty == mine);
    }
    let now = tool.call.sys.now();
    let clock = |at: SimTime| at.timestamp().strftime("%H:%M").to_string();
    let mut out = String::new();
    if tool.busybox {
        out += "PID   USER     TIME  COMMAND\n";
        for r in &list {
            out += &format!("{:5} {user:<8}  0:00 {}\n", r.pid, r.command());
        }
    } else if let Some(format) = options.value("o") {
        out += &chosen(&list, format, &user, now);
    } else if options.has("aux") || bsd {
        out += "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n";
        for r in &list {
            let stat = if r.stopped {
                "T"
            } else if r.me {
                "R+"
            } else {
                "Ss"
            };
            let rss = 3_000 + r.command().len() * 97 % 40_000;
            out += &format!(
                "{user:<8} {:7}  0.0  0.{} {:6} {rss:5} {:<8} {stat:<4} {}   0:00 {}\n",
                r.pid,
                rss / 81_312,
                rss * 3,
                r.terminal(),
                clock(r.started),
                r.command()
            );
        }
    } else if options.has("f") {
        out += "UID          PID    PPID  C STIME TTY          TIME CMD\n";
        for r in &list {
            out += &format!(
                "{user:<8} {:7} {:7}  0 {} {:<8} 00:00:00 {}\n",
                r.pid,
                r.ppid,
                clock(r.started),
                r.terminal(),
                r.command()
            );
        }
    } else {
        out += "    PID TTY          TIME CMD\n";
        for r in &list {
            out += &format!("{:7} {:<8} 00:00:00 {}\n", r.pid, r.terminal(), r.name());
        }
    }
    tool.out(out).await?;
    tool.done()
}

fn chosen(list: &[Row], format: &str, user: &str, now: SimTime) -> String {
    let columns: Vec<(&str, Option<&str>)> =
        format.split(',').map(|c| c.split_once('=').map_or((c, None), |(n, t)| (n, Some(t)))).collect();
    let cell = |r: &Row, name: &str| match name {
        "pid" => format!("{:7}", r.pid),
        "ppid" => format!("{:7}", r.ppid),
        "user" | "euser" | "uname" => format!("{user:<8}"),
        "comm" | "ucmd" => r.name(),
        "args" | "cmd" | "command" => r.command(),
        "stat" | "s" | "state" => if r.stopped { "T" } else { "S" }.to_owned(),
        "etime" => {
            let secs = (now - r.started).as_secs();
            format!("{:>11}", format!("{:02}:{:02}", secs / 60, secs % 60))
        }
        "tty" => r.terminal(),
        "%cpu" | "pcpu" | "%mem" | "pmem" => " 0.0".to_owned(),
        _ => "-".to_owned(),
    };
    let title = |name: &str| match name {
        "pid" => "    PID".to_owned(),
        "ppid" => "   PPID".to_owned(),
        "user" | "euser" | "uname" => "USER    ".to_owned(),
        "comm" => "COMMAND".to_owned(),
        "args" | "command" => "COMMAND".to_owned(),
        "cmd" => "CMD".to_owned(),
        "etime" => "    ELAPSED".to_owned(),
        other => other.to_uppercase(),
    };
    let mut out = String::new();
    if columns.iter().any(|(_, t)| t.is_none_or(|t| !t.is_empty())) {
        let heads: Vec<String> =
            columns.iter().map(|(n, t)| t.map_or_else(|| title(n), str::to_owned)).collect();
        out += &format!("{}\n", heads.join(" "));
    }
    for r in list {
        let cells: Vec<String> = columns.iter().map(|(n, _)| cell(r, n)).collect();
        out += &format!("{}\n", cells.join(" "));
    }
    out
}

/// `top`.
pub async fn top(call: Call) -> Outcome {
    let tool = Tool::new(call, &TOP).await?;
    let rounds = tool.options.value("n").and_then(|n| n.parse::<u32>().ok());
    let delay =
        tool.options.value("d").and_then(super::date::span).unwrap_or(std::time::Duration::from_secs(3));
    let user = identity::user(&tool.call.sys).name;
    let batch = tool.options.has("b") || !tool.on_terminal();
    let mut round = 0;
    loop {
        let list = rows(&tool);
        let now = tool.call.sys.now().timestamp().strftime("%H:%M:%S").to_string();
        let mut out = if batch { String::new() } else { "\x1b[H\x1b[2J".to_owned() };
        out += &format!("top - {now} up  2:14,  1 user,  load average: 0.08, 0.03, 0.01\n");
        out += &format!(
            "Tasks: {:3} total,   1 running, {:3} sleeping,   0 stopped,   0 zombie\n",
            list.len(),
            list.len().saturating_sub(1)
        );
        out += "%Cpu(s):  0.7 us,  0.3 sy,  0.0 ni, 99.0 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st\n";
        out += "MiB Mem :   7940.7 total,   3970.6 free,   1176.1 used,   2794.0 buff/cache\nMiB Swap:      0.0 total,      0.0 free,      0.0 used.   6666.9 avail Mem\n\n";
        out += "    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND\n";
        for r in &list {
            let rss = 3_000 + r.command().len() * 97 % 40_000;
            out += &format!(
                "{:7} {user:<8}  20   0 {:7} {rss:6} {:6} S   0.0   0.1   0:00.01 {}\n",
                r.pid,
                rss * 3,
                rss / 2,
                r.name()
            );
        }
        tool.out(out).await?;
        round += 1;
        if rounds.is_some_and(|n| round >= n) || (batch && rounds.is_none() && round >= 1000) {
            return Ok(0);
        }
        tool.pause(delay).await;
    }
}

fn signal_of(text: &str) -> Option<Signal> {
    Signal::parse(text.trim_start_matches("SIG")).or_else(|| Signal::parse(&text.to_uppercase()))
}

/// `kill`.
pub async fn kill(call: Call) -> Outcome {
    let tool = Tool::bare(call, &KILL);
    let mut signal = Some(Signal::Term);
    let mut pids = Vec::new();
    let mut args = tool.call.args().iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--help" => {
                tool.out(KILL.help).await?;
                return Ok(0);
            }
            "-l" | "-L" => {
                tool.out("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT\nCHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS\n").await?;
                return Ok(0);
            }
            "-s" | "-n" => signal = signal_from(&tool, args.next().map_or("", String::as_str)).await?,
            "--" => pids.extend(args.by_ref().cloned()),
            text if text.starts_with('-') && pids.is_empty() => {
                signal = signal_from(&tool, &text[1..]).await?
            }
            text => pids.push(text.to_owned()),
        }
    }
    if pids.is_empty() {
        return Err(tool.misuse("not enough arguments").await);
    }
    for text in pids {
        let Ok(pid) = text.parse::<u32>() else {
            tool.complain(format!("failed to parse argument: '{text}'")).await;
            continue;
        };
        match (tool.call.sys.find_process(pid), signal) {
            (Some(id), Some(signal)) => tool.call.sys.kill(id, signal),
            (Some(_), None) => {}
            (None, _) if tool.busybox => {
                tool.complain(format!("can't kill pid {pid}: No such process")).await
            }
            (None, _) => tool.complain(format!("({pid}): No such process")).await,
        }
    }
    tool.done()
}

async fn signal_from(tool: &Tool, text: &str) -> Result<Option<Signal>, Quit> {
    if text == "0" {
        return Ok(None);
    }
    match signal_of(text) {
        Some(signal) => Ok(Some(signal)),
        None => Err(tool.die(format!("unknown signal {text}")).await),
    }
}

/// `pkill`, `pgrep`, `killall`.
pub async fn pkill(call: Call) -> Outcome {
    let mut signal = Signal::Term;
    let mut argv = Vec::new();
    for (index, arg) in call.argv.iter().enumerate() {
        match arg.strip_prefix('-').filter(|_| index > 0).and_then(signal_of) {
            Some(found) => signal = found,
            None => argv.push(arg.clone()),
        }
    }
    let tool = Tool::new(Call { argv, ..call }, &PKILL).await?;
    let options = &tool.options;
    if let Some(text) = options.value("signal") {
        signal = signal_of(text).unwrap_or(signal);
    }
    let Some(pattern) = options.operands.first().cloned() else {
        return Err(tool.misuse("no matching criteria specified").await);
    };
    let regex = match super::posix::compile(&pattern, super::posix::Dialect::Extended, Default::default()) {
        Ok(regex) => regex,
        Err(error) => return Err(tool.die_with(2, error).await),
    };
    let exact = options.has("x") || tool.name == "killall";
    let hits = |r: &Row| {
        let text = if options.has("f") { r.command() } else { r.name() };
        if exact { text == pattern } else { regex.is_match(text.as_bytes()) }
    };
    let mut list: Vec<Row> =
        rows(&tool).into_iter().filter(|r| !r.me && hits(r) != options.has("v")).collect();
    match options.last_of(&["n", "o"]) {
        Some("n") => drop(list.drain(..list.len().saturating_sub(1))),
        Some(_) => list.truncate(1),
        None => {}
    }
    let listing = tool.name == "pgrep";
    if options.has("c") {
        tool.out(format!("{}\n", list.len())).await?;
    }
    for row in &list {
        if !listing {
            tool.call.sys.kill(row.id, signal);
        } else if options.has("a") {
            tool.out(format!("{} {}\n", row.pid, row.command())).await?;
        } else if options.has("l") {
            tool.out(format!("{} {}\n", row.pid, row.name())).await?;
        } else if !options.has("c") {
            tool.out(format!("{}\n", row.pid)).await?;
        }
    }
    if list.is_empty() && tool.name == "killall" {
        tool.note(format!("{pattern}: no process found\n")).await;
    }
    Ok(i32::from(list.is_empty()))
}

/// `pidof`.
pub async fn pidof(call: Call) -> Outcome {
    let tool = Tool::new(call, &PIDOF).await?;
    let list = rows(&tool);
    let pids: Vec<String> = list
        .iter()
        .rev()
        .filter(|r| tool.options.operands.contains(&r.name()))
        .map(|r| r.pid.to_string())
        .collect();
    if pids.is_empty() {
        return Ok(1);
    }
    tool.out(format!("{}\n", pids.join(" "))).await?;
    Ok(0)
}
