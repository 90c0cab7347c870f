//! The event loop around a script's engine: carries out what it asks of the world and tells it what happens. Must
//! never look into JavaScript.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use super::asks::{Ask, Setup, Start, Tell};
use super::engine::{DEFAULT_HEAP_BYTES, Engine, Status, Stop};
use super::files::{Errno, Files, Stat};
use crate::base::SimTime;
use crate::image::files::{EntryKind, FsError};
use crate::image::process::Signal;
use crate::world::http::{Exchange, HttpRequest, HttpResponse};
use crate::world::network::{Bind, Refusal};
use crate::world::sockets::{ListenError, Listener};
use crate::world::{Call, ExitStatus, Io, LocalFuture, Sys};

/// Requests that one script may have under way.
const MAX_EXCHANGES: usize = 1000;
/// The longest wait of one turn of the loop; nothing waits longer in a lesson.
const FAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// What ends a wait.
enum Event {
    Accepted(u64, Exchange),
    Told(Tell),
    Signal(Signal),
    Due,
}

struct Driver {
    sys: Sys,
    io: Io,
    engine: Engine,
    listeners: BTreeMap<u64, Rc<Listener>>,
    /// What is waited for, with the server it belongs to.
    pending: Vec<(Option<u64>, LocalFuture<Event>)>,
    exchanges: BTreeMap<u64, (Exchange, HttpResponse)>,
    next_exchange: u64,
    queue: Vec<Tell>,
    hostname: String,
}

/// Runs a script until it is over.
pub async fn run(call: Call, setup: Setup, check_only: bool) -> ExitStatus {
    if check_only {
        return 0;
    }
    let files = Box::new(HostFiles { sys: call.sys.clone() });
    let rng = call.sys.stream(&format!("node/{}", call.sys.me.0));
    let repl = setup.start == Start::Repl;
    let version = setup.version.clone();
    let hostname = setup.hostname.clone();
    let engine = match Engine::new(&setup, files, rng, DEFAULT_HEAP_BYTES) {
        Ok(engine) => engine,
        Err(error) => {
            call.io.stderr.write(format!("node: {error}\n")).await.ok();
            return 1;
        }
    };
    let Call { io, sys, .. } = call;
    let mut driver = Driver {
        sys,
        io,
        engine,
        listeners: BTreeMap::new(),
        pending: Vec::new(),
        exchanges: BTreeMap::new(),
        next_exchange: 0,
        queue: vec![Tell::Main],
        hostname,
    };
    if repl { driver.prompt(&version).await } else { driver.event_loop().await }
}

impl Driver {
    async fn event_loop(&mut self) -> ExitStatus {
        let mut empty = false;
        loop {
            let tell = match self.queue.is_empty() {
                false => self.queue.remove(0),
                true => Tell::Timers,
            };
            let leaving = tell == Tell::BeforeExit;
            let status = self.turn(&tell).await;
            if let Some(stop) = self.engine.stopped() {
                return self.farewell(stop).await;
            }
            if !self.queue.is_empty() {
                empty = false;
                continue;
            }
            if !status.alive {
                if empty || leaving {
                    return self.leave().await;
                }
                empty = true;
                self.queue.push(Tell::BeforeExit);
                continue;
            }
            empty = false;
            self.wait(&status).await;
        }
    }

    /// One turn of the engine, and everything it left to do.
    async fn turn(&mut self, tell: &Tell) -> Status {
        let status = self.engine.tell(self.sys.now().millis(), tell);
        for (fd, bytes) in self.engine.take_output() {
            let stream = if fd == 2 { &self.io.stderr } else { &self.io.stdout };
            // A closed pipe does not end node: it gets EPIPE and goes on, as here.
            stream.write(bytes).await.ok();
        }
        for ask in self.engine.take_asks() {
            self.perform(ask);
        }
        let clock = SimTime(self.engine.clock_ms());
        if clock > self.sys.now() + Duration::from_millis(1) {
            self.sys.sleep_until(clock).await;
        }
        status
    }

    /// An empty event loop: `process.exitCode` or 0. The engine is asked so that 'exit' handlers run.
    async fn leave(&mut self) -> ExitStatus {
        self.turn(&Tell::Exit).await;
        match self.engine.stopped() {
            Some(stop) => self.farewell(stop).await,
            None => 0,
        }
    }

    async fn farewell(&mut self, stop: Stop) -> ExitStatus {
        for (fd, bytes) in self.engine.take_output() {
            let stream = if fd == 2 { &self.io.stderr } else { &self.io.stdout };
            stream.write(bytes).await.ok();
        }
        match stop {
            Stop::Exit(code) => code,
            Stop::Hung => {
                self.io.stderr.write(HUNG).await.ok();
                137
            }
            Stop::OutOfMemory => {
                self.io.stderr.write(out_of_memory(self.sys.pid())).await.ok();
                134
            }
            Stop::Killed(name) => {
                if let Some(signal) = signal_named(&name) {
                    self.sys.kill(self.sys.me, signal);
                    self.sys.yield_now().await;
                    return 128 + signal.number();
                }
                1
            }
        }
    }

    /// Waits for the next thing that concerns the script.
    async fn wait(&mut self, status: &Status) {
        let now = self.sys.now();
        let due = status.next.map_or(now + FAR, SimTime);
        let event = {
            let sys = self.sys.clone();
            let mut sleep = std::pin::pin!(sys.sleep_until(due));
            let mut signal = std::pin::pin!(sys.next_signal());
            let pending = &mut self.pending;
            poll_fn(|cx| {
                for index in 0..pending.len() {
                    if let Poll::Ready(event) = pending[index].1.as_mut().poll(cx) {
                        drop(pending.remove(index));
                        return Poll::Ready(event);
                    }
                }
                if let Poll::Ready(signal) = signal.as_mut().poll(cx) {
                    return Poll::Ready(Event::Signal(signal));
                }
                sleep.as_mut().poll(cx).map(|()| Event::Due)
            })
            .await
        };
        match event {
            Event::Due => self.queue.push(Tell::Timers),
            Event::Told(tell) => {
                if matches!(tell, Tell::Stdin { .. }) {
                    self.read_stdin();
                }
                self.queue.push(tell);
            }
            Event::Signal(signal) => {
                self.queue.push(Tell::Signal { signal: format!("SIG{}", signal.name()) })
            }
            Event::Accepted(server, exchange) => self.accept(server, exchange),
        }
    }

    fn perform(&mut self, ask: Ask) {
        match ask {
            Ask::Listen { server, port, host } => self.listen(server, port, host),
            Ask::Close { server } => self.close(server),
            Ask::Head { exchange, status, reason, headers } => {
                if let Some((_, response)) = self.exchanges.get_mut(&exchange) {
                    *response = HttpResponse { status, reason, headers, ..HttpResponse::default() };
                }
            }
            Ask::Chunk { exchange, body } => {
                if let Some((_, response)) = self.exchanges.get_mut(&exchange) {
                    response.body.extend_from_slice(&body);
                }
            }
            Ask::End { exchange } => {
                if let Some((exchange, mut response)) = self.exchanges.remove(&exchange) {
                    response.answered_by.clone_from(&self.hostname);
                    exchange.respond(response);
                }
            }
            Ask::Drop { exchange } => drop(self.exchanges.remove(&exchange)),
            Ask::Request { id, method, url, headers, timeout_ms, body } => {
                self.request(id, &method, &url, headers, timeout_ms, body);
            }
            Ask::HandleSignal { signal } => {
                if let Some(signal) = signal_named(&signal) {
                    self.sys.handle(signal);
                }
            }
            Ask::ReleaseSignal { signal } => {
                if let Some(signal) = signal_named(&signal) {
                    self.sys.default_action(signal);
                }
            }
            Ask::ReadStdin => self.read_stdin(),
            Ask::Kill { pid, signal } => {
                let target = u32::try_from(pid).ok().and_then(|pid| self.sys.find_process(pid));
                if let (Some(target), Some(signal)) = (target, signal_named(&signal)) {
                    self.sys.kill(target, signal);
                }
            }
        }
    }

    fn listen(&mut self, server: u64, port: u16, host: Option<String>) {
        let own = self.sys.own_address();
        let (bind, address) = match host.as_deref() {
            None | Some("::" | "") => (Some(Bind::Any), "::".to_owned()),
            Some("0.0.0.0") => (Some(Bind::Any), "0.0.0.0".to_owned()),
            Some("localhost" | "127.0.0.1") => (Some(Bind::Loopback), "127.0.0.1".to_owned()),
            Some("::1") => (Some(Bind::Loopback), "::1".to_owned()),
            Some(other) if other == own || other == self.hostname => (Some(Bind::Any), own),
            Some(other) => (None, other.to_owned()),
        };
        let result = match bind {
            Some(bind) => self.sys.listen(port, bind).map_err(|error| match error {
                ListenError::InUse => "EADDRINUSE",
                ListenError::Permission => "EACCES",
            }),
            None => Err("EADDRNOTAVAIL"),
        };
        match result {
            Ok(listener) => {
                let port = listener.port;
                self.listeners.insert(server, Rc::new(listener));
                self.arm(server);
                self.queue.push(Tell::Listening { server, port, address });
            }
            Err(code) => self.queue.push(Tell::ListenError { server, port, address, code: code.to_owned() }),
        }
    }

    /// Waits for the server's next connection.
    fn arm(&mut self, server: u64) {
        if let Some(listener) = self.listeners.get(&server).cloned() {
            let accept = async move { Event::Accepted(server, listener.accept().await) };
            self.pending.push((Some(server), Box::pin(accept)));
        }
    }

    fn close(&mut self, server: u64) {
        self.pending.retain(|(of, _)| *of != Some(server));
        self.listeners.remove(&server);
    }

    fn accept(&mut self, server: u64, exchange: Exchange) {
        self.arm(server);
        if self.exchanges.len() >= MAX_EXCHANGES {
            exchange.fail(Refusal::Reset);
            return;
        }
        self.next_exchange += 1;
        let number = self.next_exchange;
        let request = &exchange.request;
        let (address, port) = match exchange.remote.rsplit_once(':') {
            Some((address, port)) if !address.contains(':') => (address.to_owned(), port.parse().ok()),
            _ => (exchange.remote.clone(), None),
        };
        let any = self.sys.stream(&format!("node/ephemeral/{}/{number}", self.sys.me.0)).range(32768, 60999);
        self.queue.push(Tell::Request {
            server,
            exchange: number,
            method: request.method.clone(),
            url: request.target.clone(),
            headers: request.headers.clone(),
            remote_address: format!("::ffff:{address}"),
            remote_port: port.unwrap_or(any as u16),
            body: request.body.clone(),
        });
        self.exchanges.insert(number, (exchange, HttpResponse::default()));
    }

    fn request(
        &mut self,
        id: u64,
        method: &str,
        url: &str,
        headers: Vec<(String, String)>,
        timeout_ms: Option<u64>,
        body: Vec<u8>,
    ) {
        let Some(request) = request_to(method, url, headers, body) else {
            let code = "ENOTFOUND".to_owned();
            self.queue.push(Tell::ResponseError { id, code, address: url.to_owned(), port: 0 });
            return;
        };
        let sys = self.sys.clone();
        let ask = async move {
            let (host, port) = (request.host.clone(), request.port);
            let limit = timeout_ms.map_or(FAR, Duration::from_millis);
            let result = sys.timeout(limit, sys.http(request)).await;
            Event::Told(told(id, &host, port, result))
        };
        self.pending.push((None, Box::pin(ask)));
    }

    fn read_stdin(&mut self) {
        let stdin = self.io.stdin.clone();
        let read = async move {
            let body = stdin.read_some(65536).await;
            Event::Told(if body.is_empty() { Tell::StdinEnd } else { Tell::Stdin { body } })
        };
        self.pending.push((None, Box::pin(read)));
    }

    /// The interactive prompt: a line, its value, the next line.
    async fn prompt(&mut self, version: &str) -> ExitStatus {
        let hello = format!("Welcome to Node.js v{version}.\nType \".help\" for more information.\n");
        self.io.stdout.write(hello).await.ok();
        self.queue.clear();
        self.turn(&Tell::Main).await;
        loop {
            self.io.stdout.write("> ").await.ok();
            let Some(line) = self.io.stdin.read_line().await else { return 0 };
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            match line.as_str() {
                "" => continue,
                ".exit" => return 0,
                ".help" => {
                    let help = ".exit    Exit the REPL\n.help    Print this help message\n";
                    self.io.stdout.write(help).await.ok();
                }
                _ => {
                    self.turn(&Tell::Repl { line }).await;
                }
            }
            while let Some(tell) = (!self.queue.is_empty()).then(|| self.queue.remove(0)) {
                self.turn(&tell).await;
            }
            if let Some(stop) = self.engine.stopped() {
                return self.farewell(stop).await;
            }
        }
    }
}

fn told(id: u64, host: &str, port: u16, result: Option<Result<HttpResponse, Refusal>>) -> Tell {
    let code = match result {
        Some(Ok(HttpResponse { status, reason, headers, body, .. })) => {
            return Tell::Response { id, status, reason, headers, body };
        }
        None | Some(Err(Refusal::TimedOut | Refusal::NoRoute)) => "ETIMEDOUT",
        Some(Err(Refusal::Resolve(_))) => "ENOTFOUND",
        Some(Err(Refusal::Refused)) => "ECONNREFUSED",
        Some(Err(Refusal::Reset | Refusal::EmptyReply)) => "ECONNRESET",
    };
    let address = if host == "localhost" { "127.0.0.1" } else { host };
    let address = if code == "ENOTFOUND" { host } else { address };
    Tell::ResponseError { id, code: code.to_owned(), address: address.to_owned(), port }
}

fn request_to(method: &str, url: &str, headers: Vec<(String, String)>, body: Vec<u8>) -> Option<HttpRequest> {
    let (scheme, rest) = url.split_once("://")?;
    let tls = scheme == "https";
    let (authority, target) = match rest.find('/') {
        Some(at) => (&rest[..at], &rest[at..]),
        None => (rest, "/"),
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (authority, if tls { 443 } else { 80 }),
    };
    let mut all = headers;
    if !all.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        all.push(("Host".to_owned(), authority.to_owned()));
    }
    all.push(("Connection".to_owned(), "keep-alive".to_owned()));
    let (host, target) = (host.to_owned(), target.to_owned());
    Some(HttpRequest { method: method.to_owned(), tls, host, port, target, headers: all, body })
}

fn signal_named(name: &str) -> Option<Signal> {
    Signal::parse(name.trim_start_matches("SIG"))
}

const HUNG: &str = "\
kubejam: this script ran for a very long time without returning to its event loop, and was stopped.
kubejam: (real node would go on, one processor fully busy, answering nobody, until you press Ctrl-C)
";

fn out_of_memory(pid: u32) -> String {
    let megabytes = DEFAULT_HEAP_BYTES / (1024 * 1024);
    format!(
        "\n<--- Last few GCs --->\n\n[{pid}:0x2b4a6000]     1873 ms: Mark-Compact {megabytes}.0 ({megabytes}.6) -> \
         {megabytes}.0 ({megabytes}.6) MB, 41.55 / 0.00 ms  (average mu = 0.148, current mu = 0.011) allocation failure; \
         scavenge might not succeed\n\n\n<--- JS stacktrace --->\n\nFATAL ERROR: Reached heap limit Allocation failed - \
         JavaScript heap out of memory\n----- Native stack trace -----\n\n"
    )
}

/// The host's files as a script sees them.
struct HostFiles {
    sys: Sys,
}

fn errno(error: FsError) -> Errno {
    match error {
        FsError::NotFound => "ENOENT",
        FsError::NotADirectory => "ENOTDIR",
        FsError::IsADirectory => "EISDIR",
        FsError::Exists => "EEXIST",
        FsError::Permission => "EACCES",
        FsError::NotEmpty => "ENOTEMPTY",
        FsError::NoSpace => "ENOSPC",
        FsError::TooManyLinks => "ELOOP",
        FsError::ReadOnly => "EROFS",
        _ => "EINVAL",
    }
}

impl Files for HostFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, Errno> {
        self.sys.read(path).map(|b| b.to_vec()).map_err(errno)
    }

    fn write(&self, path: &str, bytes: &[u8], append: bool) -> Result<(), Errno> {
        let result = if append { self.sys.append(path, bytes) } else { self.sys.write(path, bytes.to_vec()) };
        result.map_err(errno)
    }

    fn stat(&self, path: &str, follow: bool) -> Result<Stat, Errno> {
        let entry = if follow { self.sys.stat(path) } else { self.sys.lstat(path) }.map_err(errno)?;
        Ok(Stat {
            directory: entry.is_dir(),
            symlink: matches!(entry.kind, EntryKind::Symlink(_)),
            mode: entry.mode,
            size: entry.size(),
            mtime_ms: entry.mtime.millis(),
        })
    }

    fn list(&self, path: &str) -> Result<Vec<String>, Errno> {
        self.sys.list(path).map_err(errno)
    }

    fn mkdir(&self, path: &str, parents: bool) -> Result<(), Errno> {
        self.sys.change(path, |tree, path, now| tree.mkdir(path, parents, now)).map_err(errno)
    }

    fn remove(&self, path: &str, directory: bool) -> Result<(), Errno> {
        let entry = self.sys.lstat(path).map_err(errno)?;
        match (entry.is_dir(), directory) {
            (true, false) => return Err("EISDIR"),
            (false, true) => return Err("ENOTDIR"),
            _ => {}
        }
        self.sys.change(path, |tree, path, now| tree.remove(path, false, now)).map_err(errno)
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), Errno> {
        let host = self.sys.host;
        self.sys
            .with(|w| {
                let (_, to, _) = w.place(host, to);
                w.change(host, from, |tree, from, now| tree.rename(from, &to, now))
            })
            .map_err(errno)
    }

    fn real_path(&self, path: &str) -> Result<String, Errno> {
        let host = self.sys.host;
        self.sys
            .view(|w| w.look(host, path, |tree, inner| tree.resolve(inner, true).map(|_| path.to_owned())))
            .unwrap_or(Err(FsError::NotFound))
            .map_err(errno)
    }
}
