//! The start state of Docker's recordings, and how their commands are carried out: pipes, terminals with typed keys,
//! commands left in the background. None of it is how the product behaves.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::base::{Seed, SimTime};
use crate::cloud::registry::{Registries, Repository};
use crate::image::process::Signal;
use crate::image::{Catalogue, ImageRef};
use crate::programs;
use crate::session::{Session, Start, WorldKind};
use crate::world::kernel::Spawn;
use crate::world::tty::{Shown, Size};
use crate::world::{Env, HostId, Input, Io, Output, ProcessId, Tty};

use super::record::{Record, Transcript};

/// When the recordings were made.
const BEGIN: SimTime = SimTime::from_secs(1_795_351_000);
const HOME: &str = "/home/student";
const PROJECT: &str = "qwiklabs-gcp-00-0123456789ab";
/// What the recorder took between two commands, and before it went on after leaving one in the background.
const PAUSE: Duration = Duration::from_millis(30);
const SETTLE: Duration = Duration::from_millis(1500);
/// How long a command may take in virtual time.
const LIMIT: Duration = Duration::from_secs(120);
const OUTPUT_LIMIT: usize = 16 * 1024 * 1024;
const TERMINAL: u32 = 900;

/// The stand-ins for public images that the recordings were made with.
const IMAGES: &[(&str, &str)] = &[
    ("busybox.toml", include_str!("docker_images/busybox.toml")),
    ("hello-world.toml", include_str!("docker_images/hello-world.toml")),
    ("nginx.toml", include_str!("docker_images/nginx.toml")),
    ("node.toml", include_str!("docker_images/node.toml")),
];

/// Where a command writes.
pub(super) enum Streams {
    Pipes(Rc<RefCell<Vec<u8>>>, Rc<RefCell<Vec<u8>>>),
    Terminal(Tty, Vec<u8>),
}

/// A command under way.
pub(super) struct Running {
    process: ProcessId,
    pub(super) streams: Streams,
    began: SimTime,
    pub(super) exit: Option<i32>,
}

/// Answers every command of a transcript of Docker's.
pub fn answer(transcript: &Transcript) -> Vec<Value> {
    let mut session = session(transcript);
    for line in transcript.meta.get("setup").and_then(Value::as_array).into_iter().flatten() {
        let mut running = start(&mut session, line.as_str().unwrap_or_default(), HOME, None, None, 0);
        finish(&mut session, &mut running, LIMIT);
    }
    let mut answers: BTreeMap<String, Value> = BTreeMap::new();
    let mut background: Vec<(&Record, Running)> = Vec::new();
    for (number, record) in transcript.records.iter().enumerate() {
        let running = carry_out(&mut session, record, number as u32);
        if record.raw.get("background").is_some() {
            background.push((record, running));
        } else {
            answers.insert(record.id.clone(), answered(&mut session, record, running));
        }
        let (due, rest) = background.into_iter().partition(|(r, _)| ended_after(r) == record.id);
        background = rest;
        let due: Vec<(&Record, Running)> = due;
        for (record, running) in due {
            let ended = end_background(&mut session, record, running);
            answers.insert(record.id.clone(), answered(&mut session, record, ended));
        }
        pass(&mut session, PAUSE);
    }
    for (record, running) in background {
        answers.insert(record.id.clone(), answered(&mut session, record, running));
    }
    transcript.records.iter().filter_map(|r| answers.remove(&r.id)).collect()
}

fn ended_after(record: &Record) -> &str {
    record.raw.get("ended_after").and_then(Value::as_str).unwrap_or_default()
}

/// The world that the recordings were made in.
fn session(transcript: &Transcript) -> Session {
    let mut start = Start::new("student", BEGIN, WorldKind::CloudShell);
    start.seed = Seed::from_text(&transcript.name);
    let mut world = start.world();
    world.cloud.project.id = PROJECT.to_owned();
    // The recorded machine had no way out: its registries were on loopback.
    world.machine.name_server_reached = false;
    let texts = IMAGES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    world.cloud.registries = Registries::new(Catalogue::of_texts(texts));
    world.cloud.registries.create_repository(Repository {
        project: PROJECT.to_owned(),
        location: "us-central1".to_owned(),
        name: "my-repository".to_owned(),
        format: "DOCKER".to_owned(),
        description: String::new(),
        created: BEGIN,
        updated: BEGIN,
    });
    for name in transcript.meta.get("images").and_then(Value::as_array).into_iter().flatten() {
        let Some(reference) = name.as_str().and_then(|n| ImageRef::parse(n).ok()) else { continue };
        if let Some(image) = world.cloud.registries.catalogue().find(&reference) {
            world.machine.docker.add_image(&reference, &image, BEGIN);
            world.machine.docker.images.note_digest(&reference, &image.manifest_digest(), &image.id);
        }
    }
    if let Some(host) = world.hosts.get_mut(&HostId::MACHINE) {
        host.files.remove(&format!("{HOME}/.docker"), true, BEGIN).ok();
        host.hostname = "labhost".to_owned();
        host.env.insert("LANG".to_owned(), "C".to_owned());
        for (path, _) in host.files.walk(HOME) {
            if path != HOME {
                host.files.remove(&path, true, BEGIN).ok();
            }
        }
    }
    Session::in_world(start, world, programs::find)
}

/// Starts a record's command and types what was typed.
fn carry_out(session: &mut Session, record: &Record, number: u32) -> Running {
    let cmd = filled_in(session, record);
    let cwd = record.cwd.clone().unwrap_or_else(|| HOME.to_owned());
    let whole = |name: &str| record.raw.get(name).and_then(Value::as_u64).map(|n| n as u16);
    let size = (record.raw.get("mode") == Some(&json!("tty")))
        .then(|| Size { cols: whole("cols").unwrap_or(120), rows: whole("rows").unwrap_or(40) });
    let mut running = start(session, &cmd, &cwd, record.stdin.as_deref(), size, number);
    if record.raw.get("background").is_some() {
        pass(session, SETTLE);
        return running;
    }
    for key in record.raw.get("keys").and_then(Value::as_array).into_iter().flatten() {
        let after = key.get(0).and_then(Value::as_f64).unwrap_or(1.0);
        pass(session, Duration::from_secs_f64(after));
        type_keys(session, &mut running, key.get(1).and_then(Value::as_str).unwrap_or_default());
    }
    if let Some(after) = record.interrupt_after_s {
        pass(session, Duration::from_secs_f64(after));
        interrupt(session, &running, Signal::Int);
    }
    finish(session, &mut running, LIMIT);
    running
}

fn end_background(session: &mut Session, record: &Record, mut running: Running) -> Running {
    for keys in record.raw.get("end_keys").and_then(Value::as_array).into_iter().flatten() {
        type_keys(session, &mut running, keys.as_str().unwrap_or_default());
        pass(session, Duration::from_millis(300));
    }
    if record.raw.get("end_signal").is_some() {
        interrupt(session, &running, Signal::Int);
    }
    finish(session, &mut running, Duration::from_secs(15));
    running
}

/// Starts `bash -c CMD` on pipes, or on a terminal of that size.
pub(super) fn start(
    session: &mut Session,
    cmd: &str,
    cwd: &str,
    stdin: Option<&str>,
    size: Option<Size>,
    number: u32,
) -> Running {
    let env: Env = session.view(|w| w.hosts.get(&HostId::MACHINE).map(|h| h.env.clone())).unwrap_or_default();
    let (io, tty, streams) = match size {
        Some(size) => {
            let tty = Tty::new(TERMINAL + number, size);
            // Not among the session's terminals: those are drained into effects.
            (Io::terminal(&tty), Some(tty.clone()), Streams::Terminal(tty, Vec::new()))
        }
        None => {
            let (stdout, out) = Output::buffer(OUTPUT_LIMIT);
            let (stderr, err) = Output::buffer(OUTPUT_LIMIT);
            let stdin = stdin.map_or(Input::Null, |text| Input::bytes(text.as_bytes().to_vec()));
            (Io { stdin, stdout, stderr }, None, Streams::Pipes(out, err))
        }
    };
    // The recorder put two lines of its own before the command: bash counts them in its messages.
    let argv = vec!["bash".to_owned(), "-c".to_owned(), format!("\n\n{cmd}")];
    let spec =
        Spawn { host: HostId::MACHINE, parent: None, group: None, argv, env, cwd: cwd.to_owned(), io, tty };
    let bash = programs::find("bash").expect("bash is a program");
    let process = session.kernel().spawn_watched(spec, bash).expect("room for a process");
    if let Streams::Terminal(tty, _) = &streams {
        session.kernel().with(|w| w.foreground.insert(tty.id, process));
    }
    Running { process, streams, began: session.now(), exit: None }
}

pub(super) fn pass(session: &mut Session, span: Duration) {
    let until = session.now() + span;
    session.advance(until);
}

/// Runs until the command has ended, at most `limit` longer.
pub(super) fn finish(session: &mut Session, running: &mut Running, limit: Duration) {
    let end = session.now() + limit;
    while running.exit.is_none() && session.now() < end {
        running.exit = session.kernel().with(|w| w.take_exit(running.process));
        if running.exit.is_none() {
            let next =
                session.next_wakeup().unwrap_or(end).min(end).max(session.now() + Duration::from_millis(1));
            session.advance(next);
        }
    }
    collect(running);
}

pub(super) fn collect(running: &mut Running) {
    if let Streams::Terminal(tty, bytes) = &mut running.streams {
        for shown in tty.take_shown() {
            if let Shown::Bytes(more) = shown {
                bytes.extend(more);
            }
        }
    }
}

fn type_keys(session: &mut Session, running: &mut Running, keys: &str) {
    let Streams::Terminal(tty, _) = &running.streams else { return };
    let tty = tty.clone();
    match keys {
        "\u{3}" => {
            tty.write(b"^C");
            interrupt(session, running, Signal::Int);
        }
        other => {
            if let Some(line) = other.strip_suffix('\r') {
                tty.type_line(line.as_bytes());
            }
        }
    }
    pass(session, Duration::from_millis(1));
    collect(running);
}

/// Ctrl-C on the command's terminal, or SIGINT to its process group.
pub(super) fn interrupt(session: &mut Session, running: &Running, signal: Signal) {
    let group = match &running.streams {
        Streams::Terminal(tty, _) => session.view(|w| w.foreground.get(&tty.id).copied()),
        Streams::Pipes(..) => None,
    };
    session.kernel().signal_group(group.unwrap_or(running.process), signal);
}

/// The command with this world's ids in place of the recorded ones.
fn filled_in(session: &Session, record: &Record) -> String {
    let Some(template) = &record.template else { return record.cmd.clone() };
    let mut out = String::new();
    let mut rest = template.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (inside, tail) = after.split_once('}').unwrap_or((after, ""));
        let (what, length) = inside.split_once('|').unwrap_or((inside, "12"));
        let id = match what.split_once('=') {
            Some(("id", name)) => session.view(|w| w.machine.docker.find_id(name).map(|id| id.0).ok()),
            Some(("img", name)) => {
                session.view(|w| w.machine.docker.images.find(name).map(|s| s.image.id.hex().to_owned()).ok())
            }
            _ => None,
        };
        match id {
            Some(id) => out.push_str(&id[..length.parse::<usize>().unwrap_or(12).min(id.len())]),
            None => out.push_str(&format!("{{{inside}}}")),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn answered(session: &mut Session, record: &Record, mut running: Running) -> Value {
    collect(&mut running);
    let text = |bytes: &[u8]| json!(String::from_utf8_lossy(bytes));
    let mut answer = record.raw.clone();
    if record.template.is_some() {
        answer.insert("cmd".into(), json!(filled_in(session, record)));
    }
    match &running.streams {
        Streams::Pipes(out, err) => {
            answer.insert("stdout".into(), text(&out.borrow()));
            answer.insert("stderr".into(), text(&err.borrow()));
        }
        Streams::Terminal(_, bytes) => {
            answer.insert("stdout".into(), text(bytes));
            answer.insert("stderr".into(), json!(""));
        }
    }
    answer.insert("exit".into(), json!(running.exit));
    answer.insert("ms".into(), json!(session.now().since(running.began).as_millis() as u64));
    Value::Object(answer)
}
