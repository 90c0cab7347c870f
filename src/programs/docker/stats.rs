//! `docker stats` and `docker top`: what containers use and run. The numbers are plausible and steady, not measured.

use std::time::Duration;

use crate::machine::docker::inspect::Json;

use super::flags::Parsed;
use super::rows::Listing;
use super::{Docker, format};

/// Memory of the machine, in bytes.
const MACHINE_BYTES: u64 = 8_218_034_176;
/// What a process is taken to use.
const PROCESS_BYTES: u64 = 11_300_000;

/// How often the numbers are shown anew.
const ROUND: Duration = Duration::from_millis(500);
/// Threads of a node process.
const NODE_THREADS: u64 = 7;

pub async fn stats(docker: Docker, parsed: Parsed) -> i32 {
    for name in &parsed.args {
        if let Err(error) = docker.view(|engine, _| engine.find_id(name)) {
            return docker.fail(&error).await;
        }
    }
    if parsed.is("no-stream") {
        return listing(&docker, &parsed).print(&docker, parsed.get("format"), false).await;
    }
    loop {
        let text = match listing(&docker, &parsed).text(parsed.get("format"), false) {
            Ok(text) => text,
            Err(why) => {
                docker.err(format!("{why}\n")).await;
                return 1;
            }
        };
        if docker.call.io.stdout.write(round(&text)).await.is_err() {
            // Nobody reads any more.
            return 1;
        }
        docker.call.sys.sleep(ROUND).await;
    }
}

/// A round as it is drawn over the one before: the client writes it, and once more with the rest of each line erased.
fn round(text: &str) -> String {
    let first = format!("\x1b[H{text}");
    let again: String = first.split('\n').map(|line| format!("{line} \x1b[K\n")).collect();
    format!("{first}{again}\x1b[J")
}

/// The containers that were asked for, with what they use now.
fn listing(docker: &Docker, parsed: &Parsed) -> Listing {
    let rows = docker.call.sys.view(|w| {
        let engine = &w.machine.docker;
        let named: Vec<_> = parsed.args.iter().filter_map(|n| engine.find_id(n).ok()).collect();
        let shown = engine.containers().into_iter().filter(|c| {
            named.contains(&c.id) || named.is_empty() && (c.state.status.is_running() || parsed.is("all"))
        });
        shown
            .map(|c| {
                let alive = w.container_processes(&c.id);
                let processes = alive.len() as u64;
                let names = alive.iter().filter_map(|id| w.processes.get(id)).filter_map(|p| p.argv.first());
                let threads: u64 = names.map(|n| if n.ends_with("node") { NODE_THREADS } else { 1 }).sum();
                let used = processes * PROCESS_BYTES;
                let limit = u64::try_from(c.host.limits.memory_bytes).ok().filter(|bytes| *bytes > 0);
                let limit = limit.unwrap_or(MACHINE_BYTES);
                let share = used as f64 * 100.0 / limit as f64;
                vec![
                    ("ID", Json::from(c.id.short())),
                    ("Container", Json::from(c.id.short())),
                    ("Name", Json::from(c.name.as_str())),
                    ("CPUPerc", Json::from("0.00%")),
                    (
                        "MemUsage",
                        Json::from(match processes {
                            0 => "0B / 0B".to_owned(),
                            _ => format!("{} / {}", format::binary_size(used), format::binary_size(limit)),
                        }),
                    ),
                    ("MemPerc", Json::from(format!("{share:.2}%"))),
                    ("NetIO", Json::from(if processes > 0 { "1.05kB / 126B" } else { "0B / 0B" })),
                    ("BlockIO", Json::from("0B / 0B")),
                    ("PIDs", Json::from(threads.to_string())),
                ]
            })
            .collect()
    });
    Listing {
        columns: vec![
            ("ID", "CONTAINER ID"),
            ("Name", "NAME"),
            ("CPUPerc", "CPU %"),
            ("MemUsage", "MEM USAGE / LIMIT"),
            ("MemPerc", "MEM %"),
            ("NetIO", "NET I/O"),
            ("BlockIO", "BLOCK I/O"),
            ("PIDs", "PIDS"),
        ],
        more: &[("Container", "CONTAINER")],
        type_name: "*container.statsContext",
        quiet: "ID",
        raw: "",
        rows,
    }
}

pub async fn top(docker: Docker, parsed: Parsed) -> i32 {
    let asked = parsed.args[1..].join(" ");
    let columns = match columns(&asked) {
        Ok(columns) => columns,
        Err(bad) => {
            let why = format!("ps: exit status 1: error: unknown user-defined format specifier \"{bad}\"");
            return docker.fail(&crate::machine::docker::EngineError::server(why)).await;
        }
    };
    let found = docker.call.sys.view(|w| {
        let container = w.machine.docker.find(parsed.arg(0))?;
        if !container.state.status.is_running() {
            return Err(crate::machine::docker::EngineError::conflict(format!(
                "container {} is not running",
                container.id
            )));
        }
        let mut lines = Vec::new();
        for id in w.container_processes(&container.id) {
            let Some(process) = w.processes.get(&id) else { continue };
            let command = process.argv.join(" ");
            let name = process.argv.first().map_or("", String::as_str);
            let cell = |column: &str| match column {
                "UID" | "USER" | "RUSER" | "EUSER" => "root".to_owned(),
                "PID" => (container.state.pid + process.pid - 1).to_string(),
                "PPID" if process.pid == 1 => (container.state.pid - 24).to_string(),
                "PPID" => container.state.pid.to_string(),
                "C" => "0".to_owned(),
                "%CPU" | "%MEM" => "0.0".to_owned(),
                "VSZ" => "4400".to_owned(),
                "RSS" => "1024".to_owned(),
                "STAT" | "S" => if process.pid == 1 { "Ss" } else { "S" }.to_owned(),
                "STIME" | "START" => process.started.timestamp().strftime("%H:%M").to_string(),
                "TTY" | "TT" => if container.tty { "pts/0" } else { "?" }.to_owned(),
                "TIME" if asked_bsd(&columns) => "0:00".to_owned(),
                "TIME" => "00:00:00".to_owned(),
                "COMMAND" if !asked_bsd(&columns) => name.rsplit('/').next().unwrap_or(name).to_owned(),
                _ => command.clone(),
            };
            lines.push(columns.iter().map(|column| cell(column)).collect::<Vec<String>>());
        }
        Ok(lines)
    });
    let lines = match found {
        Ok(lines) => lines,
        Err(error) => return docker.fail(&error).await,
    };
    let head = columns.iter().map(|column| (*column).to_owned()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(lines).collect();
    let layout = crate::base::table::Layout { gap: 3, min_width: 17, pad_last: false };
    docker.out(crate::base::table::render(&rows, layout)).await;
    0
}

/// The headings of `ps` with those options: `-ef` when there are none. The error is a name that ps does not know.
fn columns(options: &str) -> Result<Vec<&'static str>, String> {
    let full = vec!["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"];
    let words: Vec<&str> = options.split_whitespace().collect();
    let chosen = words.iter().position(|word| matches!(*word, "-o" | "o" | "-eo" | "-axo"));
    if let Some(at) = chosen {
        let names = words[at + 1..].iter().flat_map(|word| word.split(','));
        return names.map(|name| heading(name).ok_or_else(|| name.to_owned())).collect();
    }
    match words.first() {
        Some(first) if !first.starts_with('-') && first.contains('u') => {
            Ok(vec!["USER", "PID", "%CPU", "%MEM", "VSZ", "RSS", "TTY", "STAT", "START", "TIME", "COMMAND"])
        }
        Some(first) if !first.starts_with('-') => Ok(vec!["PID", "TTY", "STAT", "TIME", "COMMAND"]),
        _ => Ok(full),
    }
}

/// Whether those are the columns of `ps aux` and its like, with whole command lines.
fn asked_bsd(columns: &[&str]) -> bool {
    columns.contains(&"STAT") && columns.last() == Some(&"COMMAND")
}

fn heading(name: &str) -> Option<&'static str> {
    Some(match name {
        "pid" => "PID",
        "ppid" => "PPID",
        "user" | "uname" => "USER",
        "uid" => "UID",
        "comm" | "ucmd" => "COMMAND",
        "cmd" | "args" | "command" => "CMD",
        "pcpu" | "%cpu" => "%CPU",
        "pmem" | "%mem" => "%MEM",
        "vsz" | "vsize" => "VSZ",
        "rss" | "rssize" => "RSS",
        "tty" | "tt" | "tname" => "TT",
        "stat" => "STAT",
        "s" | "state" => "S",
        "stime" | "start_time" => "STIME",
        "time" | "cputime" => "TIME",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_goes_over_the_one_before() {
        assert_eq!(round("A\nb\n"), "\x1b[HA\nb\n\x1b[HA \x1b[K\nb \x1b[K\n \x1b[K\n\x1b[J");
    }

    #[test]
    fn ps_has_the_columns_it_is_asked_for() {
        let check = |options: &str, expect: &str| {
            let got = columns(options).map_or_else(|bad| format!("unknown {bad}"), |names| names.join(" "));
            assert_eq!(got, expect, "{options}");
        };
        check("", "UID PID PPID C STIME TTY TIME CMD");
        check("-ef", "UID PID PPID C STIME TTY TIME CMD");
        check("-o pid,comm", "PID COMMAND");
        check("aux", "USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND");
        check("-o pid,nope", "unknown nope");
    }
}
