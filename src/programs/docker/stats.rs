//! `docker stats` and `docker top`: what containers use and run. The numbers are plausible and steady, not measured.

use crate::machine::docker::inspect::Json;

use super::flags::Parsed;
use super::rows::Listing;
use super::{Docker, format};

/// Memory of the machine, in bytes.
const MACHINE_BYTES: u64 = 8_218_034_176;
/// What a process is taken to use.
const PROCESS_BYTES: u64 = 11_300_000;

/// Threads of a node process.
const NODE_THREADS: u64 = 7;

pub async fn stats(docker: Docker, parsed: Parsed) -> i32 {
    for name in &parsed.args {
        if let Err(error) = docker.view(|engine, _| engine.find_id(name)) {
            return docker.fail(&error).await;
        }
    }
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
                        Json::from(format!("{} / {}", format::binary_size(used), format::binary_size(limit))),
                    ),
                    ("MemPerc", Json::from(format!("{share:.2}%"))),
                    ("NetIO", Json::from(if processes > 0 { "1.05kB / 126B" } else { "0B / 0B" })),
                    ("BlockIO", Json::from("0B / 0B")),
                    ("PIDs", Json::from(threads.to_string())),
                ]
            })
            .collect()
    });
    let listing = Listing {
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
    };
    let status = listing.print(&docker, parsed.get("format"), false).await;
    if status == 0 && !parsed.is("no-stream") {
        docker.err("KubeJam shows docker stats once; --no-stream says so.\n").await;
    }
    status
}

pub async fn top(docker: Docker, parsed: Parsed) -> i32 {
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
            let started = process.started.timestamp().strftime("%H:%M").to_string();
            let pid = container.state.pid + process.pid - 1;
            let parent = if process.pid == 1 { container.state.pid - 24 } else { container.state.pid };
            lines.push([
                "root".to_owned(),
                pid.to_string(),
                parent.to_string(),
                "0".to_owned(),
                started,
                if container.tty { "pts/0".to_owned() } else { "?".to_owned() },
                "00:00:00".to_owned(),
                process.argv.join(" "),
            ]);
        }
        Ok(lines)
    });
    let lines = match found {
        Ok(lines) => lines,
        Err(error) => return docker.fail(&error).await,
    };
    let head = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"].map(str::to_owned);
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(lines).map(|l| l.to_vec()).collect();
    let layout = crate::base::table::Layout { gap: 3, min_width: 17, pad_last: false };
    docker.out(crate::base::table::render(&rows, layout)).await;
    0
}
