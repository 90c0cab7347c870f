//! `docker logs`: what a container wrote, on the streams it wrote it to. Never interprets it.

use std::time::Duration;

use crate::base::SimTime;
use crate::image::process::{ContainerId, LogStream};
use crate::machine::Engine;
use crate::machine::docker::EngineError;
use crate::machine::docker::container::Container;
use crate::machine::docker::logs::Logs;

use super::Docker;
use super::flags::Parsed;

/// How far a reader of a log has come: line, and bytes of that line.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cursor {
    line: u64,
    bytes: usize,
}

impl Cursor {
    /// At the end of a container's log.
    pub fn at_end(container: &Container) -> Self {
        Cursor { line: container.logs.end(), bytes: 0 }
    }

    /// What was written since, and moves on.
    pub fn read(&mut self, container: &Container) -> Vec<(LogStream, SimTime, bool, Vec<u8>)> {
        self.read_logs(&container.logs)
    }

    /// The same for logs that are no container's.
    pub fn read_logs(&mut self, logs: &Logs) -> Vec<(LogStream, SimTime, bool, Vec<u8>)> {
        let mut out = Vec::new();
        for (number, line) in logs.from(self.line) {
            let skip = if number == self.line { self.bytes } else { 0 };
            let rest = line.bytes.get(skip..).unwrap_or_default();
            if !rest.is_empty() {
                out.push((line.stream, line.at, skip == 0, rest.to_vec()));
            }
            if line.bytes.ends_with(b"\n") {
                *self = Cursor { line: number + 1, bytes: 0 };
            } else {
                *self = Cursor { line: number, bytes: line.bytes.len() };
            }
        }
        out
    }
}

pub async fn run(docker: Docker, parsed: Parsed) -> i32 {
    let now = docker.call.sys.now();
    let mut bounds = [None, None];
    for (bound, name) in bounds.iter_mut().zip(["since", "until"]) {
        let Some(text) = parsed.get(name) else { continue };
        let Some(at) = moment(text, now) else {
            docker
                .err(format!(
                    "invalid value for \"{name}\": failed to parse value as time or duration: {}\n",
                    super::format::quote(text)
                ))
                .await;
            return 1;
        };
        *bound = Some(at);
    }
    let id = match docker.view(|engine, _| engine.find_id(parsed.arg(0))) {
        Ok(id) => id,
        Err(error) => return docker.fail(&error).await,
    };
    let log = docker.view(|engine, _| engine.container(&id).map(|c| c.host.log.clone()).unwrap_or_default());
    if !matches!(log.driver(), "json-file" | "local" | "journald") {
        return docker.fail(&EngineError::server("configured logging driver does not support reading")).await;
    }
    let details =
        if parsed.is("details") { docker.view(|engine, _| details(engine, &id)) } else { String::new() };
    let tail = parsed.get("tail").and_then(|t| t.parse::<u64>().ok());
    let mut cursor = docker.view(|engine, _| {
        let end = engine.container(&id).map_or(0, |c| c.logs.end());
        Cursor { line: tail.map_or(0, |tail| end.saturating_sub(tail)), bytes: 0 }
    });
    loop {
        let (pieces, running, epoch) = docker.call.sys.with(|w| {
            let epoch = w.epoch();
            let container = w.machine.docker.container(&id);
            let running = container.is_some_and(|c| c.state.status.is_running() || c.state.starting);
            (container.map(|c| cursor.read(c)).unwrap_or_default(), running, epoch)
        });
        for (stream, at, whole, bytes) in pieces {
            if bounds[0].is_some_and(|since| at < since) || bounds[1].is_some_and(|until| at > until) {
                continue;
            }
            let stamp = if parsed.is("timestamps") && whole {
                format!("{} ", at.rfc3339_nanos())
            } else {
                String::new()
            };
            let told = if parsed.is("details") && whole { format!("{details} ") } else { String::new() };
            write(&docker, stream, [stamp.as_bytes(), told.as_bytes(), &bytes].concat()).await;
        }
        if !parsed.is("follow") || !running {
            return 0;
        }
        docker.call.sys.changed(epoch).await;
    }
}

/// What `--log-opt labels=…` and `env=…` say is to be told of a container: `a=b,X=1`.
fn details(engine: &Engine, id: &ContainerId) -> String {
    let Some(container) = engine.container(id) else { return String::new() };
    let asked = |name: &str| {
        let text = container.host.log.options.get(name).map(String::as_str).unwrap_or_default();
        text.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect::<Vec<String>>()
    };
    let labels =
        asked("labels").into_iter().filter_map(|n| container.labels.get(&n).cloned().map(|v| (n, v)));
    let env = asked("env").into_iter().filter_map(|name| {
        let found = container.env.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (name, value.clone()))
    });
    let mut pairs: Vec<String> = labels.chain(env).map(|(name, value)| format!("{name}={value}")).collect();
    pairs.sort();
    pairs.join(",")
}

/// Writes a piece of a log to the stream it came from.
pub async fn write(docker: &Docker, stream: LogStream, bytes: Vec<u8>) {
    match stream {
        LogStream::Stdout => docker.out(bytes).await,
        LogStream::Stderr => docker.err(bytes).await,
    }
}

/// `1h30m` ago, `2026-11-22T12:00:00Z`, `2026-11-22`, or seconds since the epoch.
pub fn moment(text: &str, now: SimTime) -> Option<SimTime> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(SimTime::from_timestamp(at));
    }
    if let Ok(at) = format!("{text}Z").parse::<jiff::Timestamp>() {
        return Some(SimTime::from_timestamp(at));
    }
    if let Ok(at) = format!("{text}T00:00:00Z").parse::<jiff::Timestamp>() {
        return Some(SimTime::from_timestamp(at));
    }
    if let Ok(seconds) = text.parse::<f64>() {
        return Some(SimTime((seconds * 1000.0) as u64));
    }
    let ago = go_duration(text)?;
    Some(SimTime(now.0.saturating_sub(u64::try_from(ago.as_millis()).unwrap_or(u64::MAX))))
}

/// Go's time.ParseDuration for positive spans.
pub fn go_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let value: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit_length = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let factor = match &rest[..unit_length] {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 0.001,
            "us" | "µs" => 0.000_001,
            _ => return None,
        };
        total += value * factor;
        rest = &rest[unit_length..];
    }
    (!text.is_empty()).then(|| Duration::from_secs_f64(total))
}
