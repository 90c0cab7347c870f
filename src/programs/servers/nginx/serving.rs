//! nginx at work: sockets, requests, logs, signals. Must never parse its configuration.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use super::config::{Config, Location, Server};
use super::{Addresses, check, pages};
use crate::base::net::Refusal;
use crate::image::process::Signal;
use crate::programs::net::certificate;
use crate::programs::net::url::Url;
use crate::programs::servers::serve::{answered_by, http_date, log, log_date, remote_ip, slash_date};
use crate::world::http::{Certificate, Exchange, HttpRequest, HttpResponse};
use crate::world::network::Bind;
use crate::world::sockets::Listener;
use crate::world::{Call, ExitStatus, LocalFuture};

/// How long an upstream may take.
const PROXY_TIMEOUT: Duration = Duration::from_secs(60);
/// Redirects inside nginx (`index`, `try_files`, `error_page`).
const MAX_INTERNAL: usize = 10;

/// A running nginx.
pub struct Nginx {
    call: Call,
    config: Rc<Config>,
    addresses: Addresses,
    version: String,
    conf: String,
    /// Connections served, and the next member of an upstream with several.
    connections: Cell<u64>,
}

impl Nginx {
    pub fn new(call: Call, config: Rc<Config>, addresses: Addresses, version: String, conf: String) -> Self {
        Nginx { call, config, addresses, version, conf, connections: Cell::new(0) }
    }

    /// Runs until a signal ends it.
    pub async fn run(mut self) -> ExitStatus {
        let mut listeners = match self.listen().await {
            Ok(listeners) => listeners,
            Err(status) => return status,
        };
        self.hello().await;
        for signal in [Signal::Term, Signal::Int, Signal::Quit, Signal::Hup, Signal::Usr1, Signal::Winch] {
            self.call.sys.handle(signal);
        }
        loop {
            let accepts: Vec<LocalFuture<Exchange>> = listeners.iter().map(accept).collect();
            // A configuration without servers listens nowhere and still runs.
            let next = async {
                match accepts.is_empty() {
                    true => std::future::pending().await,
                    false => futures_util::future::select_all(accepts).await,
                }
            };
            match self.call.sys.interruptible(next).await {
                Ok((exchange, _, _)) => self.serve(exchange).await,
                Err(Signal::Hup) => {
                    self.notice(&format!(
                        "signal 1 (SIGHUP) received from {}, reconfiguring",
                        self.call.sys.pid()
                    ))
                    .await;
                    let read = Config::read(&self.call.sys, &self.conf, &self.version);
                    let checked =
                        read.and_then(|c| check(&self.call.sys, &c).map(|addresses| (c, addresses)));
                    if let Err(trouble) = &checked {
                        self.error("emerg", &trouble.to_string()).await;
                    }
                    if let Ok((config, addresses)) = checked {
                        (self.config, self.addresses) = (config, addresses);
                        listeners.clear();
                        listeners = match self.listen().await {
                            Ok(listeners) => listeners,
                            Err(status) => return status,
                        };
                    }
                }
                Err(Signal::Usr1 | Signal::Winch) => {}
                Err(signal) => {
                    self.goodbye(signal).await;
                    return 0;
                }
            }
        }
    }

    async fn listen(&self) -> Result<Vec<Rc<Listener>>, ExitStatus> {
        let mut out = Vec::new();
        let mut ports: Vec<u16> = self.config.servers.iter().flat_map(|s| s.ports.clone()).collect();
        ports.sort_unstable();
        ports.dedup();
        for port in ports {
            match self.call.sys.listen(port, Bind::Any) {
                Ok(listener) => {
                    if let Some(shown) = self.certificate_of(port) {
                        listener.show(shown);
                    }
                    out.push(Rc::new(listener));
                }
                Err(_) => {
                    let text = format!("bind() to 0.0.0.0:{port} failed (98: Address already in use)");
                    self.error("emerg", &text).await;
                    log(&self.call.io.stderr, format!("nginx: [emerg] {text}")).await;
                    self.error("emerg", "still could not bind()").await;
                    log(&self.call.io.stderr, "nginx: [emerg] still could not bind()").await;
                    return Err(1);
                }
            }
        }
        Ok(out)
    }

    /// What clients are shown on a port that speaks TLS.
    fn certificate_of(&self, port: u16) -> Option<Certificate> {
        let server = self.config.servers.iter().find(|s| s.tls && s.ports.contains(&port))?;
        let pem = self.call.sys.read_text(server.certificate.as_deref()?).ok()?;
        Some(certificate::read(&pem))
    }

    async fn error(&self, level: &str, text: &str) {
        let pid = self.call.sys.pid();
        log(
            &self.call.io.stderr,
            format!("{} [{level}] {pid}#{pid}: {text}", slash_date(self.call.sys.now())),
        )
        .await;
    }

    async fn notice(&self, text: &str) {
        if self.config.notices {
            self.error("notice", text).await;
        }
    }

    async fn hello(&self) {
        self.notice("using the \"epoll\" event method").await;
        self.notice(&format!("nginx/{}", self.version)).await;
        self.notice("built by gcc 12.2.0 (Debian 12.2.0-14+deb12u1) ").await;
        self.notice("OS: Linux 6.6.97+").await;
        self.notice("getrlimit(RLIMIT_NOFILE): 1048576:1048576").await;
        self.notice("start worker processes").await;
        for worker in [29, 30] {
            self.notice(&format!("start worker process {worker}")).await;
        }
    }

    async fn goodbye(&self, signal: Signal) {
        let (number, name) = (signal.number(), signal.name());
        let what = if signal == Signal::Quit { "shutting down" } else { "exiting" };
        self.notice(&format!("signal {number} (SIG{name}) received, {what}")).await;
        for worker in [29, 30] {
            self.notice(&format!("worker process {worker} exited with code 0")).await;
        }
        self.notice("exit").await;
    }

    async fn serve(&self, exchange: Exchange) {
        self.connections.set(self.connections.get() + 1);
        let port = exchange.local_port;
        let name = exchange
            .request
            .header("Host")
            .unwrap_or_default()
            .split(':')
            .next()
            .unwrap_or_default()
            .to_owned();
        let mut on_port = self.config.servers.iter().filter(|s| s.ports.contains(&port));
        let first = on_port.clone().next();
        let Some(server) = on_port.find(|s| s.names.contains(&name)).or(first) else { return };
        let mut response = match (server.tls, exchange.request.tls) {
            (true, false) => self.page(400, pages::plain_to_tls(&self.version).into_bytes(), "text/html"),
            _ => self.answer(server, &exchange).await,
        };
        if exchange.request.method == "HEAD" {
            response.body.clear();
        }
        let request = &exchange.request;
        let line = format!(
            "{} - - [{}] \"{} {} HTTP/1.1\" {} {} \"{}\" \"{}\" \"{}\"",
            remote_ip(&exchange),
            log_date(self.call.sys.now()),
            request.method,
            request.target,
            response.status,
            response.body.len(),
            request.header("Referer").unwrap_or("-"),
            request.header("User-Agent").unwrap_or("-"),
            request.header("X-Forwarded-For").unwrap_or("-"),
        );
        log(&self.call.io.stdout, line).await;
        response.answered_by = answered_by(&self.call.sys);
        exchange.respond(response);
    }

    fn page(&self, status: u16, body: Vec<u8>, kind: &str) -> HttpResponse {
        let headers = vec![
            ("Server".to_owned(), format!("nginx/{}", self.version)),
            ("Date".to_owned(), http_date(self.call.sys.now(), "GMT")),
            ("Content-Type".to_owned(), kind.to_owned()),
            ("Content-Length".to_owned(), body.len().to_string()),
            ("Connection".to_owned(), if status == 400 { "close" } else { "keep-alive" }.to_owned()),
        ];
        HttpResponse {
            status,
            reason: pages::reason(status).to_owned(),
            headers,
            body,
            ..HttpResponse::default()
        }
    }

    async fn answer(&self, server: &Server, exchange: &Exchange) -> HttpResponse {
        let mut path = exchange.request.target.split('?').next().unwrap_or("/").to_owned();
        let mut status = None;
        for _ in 0..MAX_INTERNAL {
            let location = choose(server, &path);
            let result = self.in_location(server, location, exchange, &path).await;
            match result {
                Step::Done(mut response) => {
                    let extra =
                        if location.headers.is_empty() { &server.outer.headers } else { &location.headers };
                    response.headers.extend(extra.iter().cloned());
                    if let Some(status) = status {
                        response.status = status;
                        response.reason = pages::reason(status).to_owned();
                    }
                    return response;
                }
                Step::Again(next) => path = next,
                Step::Fail(code) => {
                    let target = server.error_pages.iter().find(|(c, _)| *c == code).map(|(_, t)| t.clone());
                    match target.filter(|t| t.starts_with('/') && status.is_none() && *t != path) {
                        Some(target) => {
                            status = Some(code);
                            path = target;
                        }
                        None => {
                            return self.page(
                                status.unwrap_or(code),
                                pages::page(code, &self.version).into_bytes(),
                                "text/html",
                            );
                        }
                    }
                }
            }
        }
        self.page(500, pages::page(500, &self.version).into_bytes(), "text/html")
    }

    async fn in_location(
        &self,
        server: &Server,
        location: &Location,
        exchange: &Exchange,
        path: &str,
    ) -> Step {
        let answer = location.answer.as_ref().or(server.outer.answer.as_ref());
        if let Some((code, text)) = answer {
            return Step::Done(self.returned(*code, &self.expand(text, exchange, path), location));
        }
        if location.stub_status {
            let text = "Active connections: 1 \nserver accepts handled requests\n 1 1 1 \nReading: 0 Writing: 1 Waiting: 0 \n";
            return Step::Done(self.page(200, text.into(), "text/plain"));
        }
        if let Some((target, _)) = &location.proxy_pass {
            return self.proxy(server, location, target, exchange, path).await;
        }
        if !matches!(exchange.request.method.as_str(), "GET" | "HEAD") {
            return Step::Fail(405);
        }
        self.file(server, location, path)
    }

    fn expand(&self, text: &str, exchange: &Exchange, path: &str) -> String {
        let request = &exchange.request;
        let host = request.header("Host").unwrap_or_default();
        let table = [
            ("$request_uri", request.target.as_str()),
            ("$hostname", &answered_by(&self.call.sys)),
            ("$host", host.split(':').next().unwrap_or_default()),
            ("$http_host", host),
            ("$uri", path),
            ("$scheme", if request.tls { "https" } else { "http" }),
            ("$remote_addr", remote_ip(exchange)),
            ("$proxy_add_x_forwarded_for", remote_ip(exchange)),
            ("$server_addr", &self.call.sys.own_address()),
            ("$request_method", &request.method),
        ];
        table.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }

    fn returned(&self, code: u16, text: &str, location: &Location) -> HttpResponse {
        if (301..=308).contains(&code) && code != 304 {
            let mut response = self.page(code, pages::page(code, &self.version).into_bytes(), "text/html");
            response.headers.push(("Location".to_owned(), text.to_owned()));
            return response;
        }
        let kind = location.default_type.clone().unwrap_or_else(|| self.config.default_type.clone());
        match text.is_empty() && code >= 400 {
            true => self.page(code, pages::page(code, &self.version).into_bytes(), "text/html"),
            false => self.page(code, text.as_bytes().to_vec(), &kind),
        }
    }

    fn file(&self, server: &Server, location: &Location, path: &str) -> Step {
        let sys = &self.call.sys;
        let root =
            location.root.as_ref().or(server.outer.root.as_ref()).map_or("/etc/nginx/html", String::as_str);
        let full = |path: &str| match &location.alias {
            Some(alias) => format!("{alias}{}", path.strip_prefix(&location.path).unwrap_or(path)),
            None => format!("{}{path}", root.trim_end_matches('/')),
        };
        if !location.try_files.is_empty() {
            let (last, candidates) =
                location.try_files.split_last().map_or(("", &[][..]), |(l, c)| (l.as_str(), c));
            for candidate in candidates {
                let name = candidate.replace("$uri", path);
                if sys.exists(&full(&name)) && (candidate.ends_with('/') || !sys.is_dir(&full(&name))) {
                    if !sys.is_dir(&full(&name)) {
                        return self.plain(&full(&name));
                    }
                    break;
                }
            }
            return match last.strip_prefix('=').and_then(|c| c.parse().ok()) {
                Some(code) => Step::Fail(code),
                None if last == path => Step::Fail(404),
                None => Step::Again(last.replace("$uri", path)),
            };
        }
        if path.ends_with('/') {
            let index = if location.index.is_empty() { &server.outer.index } else { &location.index };
            let default = ["index.html".to_owned()];
            let names = if index.is_empty() { &default[..] } else { index };
            return match names.iter().find(|n| sys.exists(&full(&format!("{path}{n}")))) {
                Some(name) => self.plain(&full(&format!("{path}{name}"))),
                None if sys.is_dir(&full(path)) => Step::Fail(403),
                None => Step::Fail(404),
            };
        }
        if sys.is_dir(&full(path)) {
            return Step::Done(self.returned(301, &format!("{path}/"), location));
        }
        self.plain(&full(path))
    }

    fn plain(&self, file: &str) -> Step {
        let Ok(bytes) = self.call.sys.read(file) else { return Step::Fail(404) };
        let ending = file.rsplit_once('.').map_or("", |(_, e)| e);
        let kind = self.config.types.get(ending).unwrap_or(&self.config.default_type);
        let mut response = self.page(200, bytes.to_vec(), kind);
        if let Ok(entry) = self.call.sys.stat(file) {
            response.headers.insert(4, ("Last-Modified".to_owned(), http_date(entry.mtime, "GMT")));
            response
                .headers
                .push(("ETag".to_owned(), format!("\"{:x}-{:x}\"", entry.mtime.secs(), bytes.len())));
            response.headers.push(("Accept-Ranges".to_owned(), "bytes".to_owned()));
        }
        Step::Done(response)
    }

    async fn proxy(
        &self,
        server: &Server,
        location: &Location,
        target: &str,
        exchange: &Exchange,
        path: &str,
    ) -> Step {
        let target = self.expand(target, exchange, path);
        let Ok(url) = Url::parse(&target) else { return Step::Fail(500) };
        let members = self.config.upstreams.get(&url.host).filter(|m| !m.is_empty());
        // Round robin, one request after the other.
        let turn = self.connections.get().saturating_sub(1) as usize;
        let address = members.and_then(|m| m.get(turn % m.len())).map(|(a, _)| a.as_str());
        let (host, port) = match address.and_then(|a| a.split_once(':')) {
            Some((host, port)) => (host.to_owned(), port.parse().unwrap_or(80)),
            None => (address.map_or_else(|| url.host.clone(), str::to_owned), url.port()),
        };
        // The address is the one that the name had when nginx started.
        let host = self.addresses.get(&host).cloned().unwrap_or(host);
        let request = &exchange.request;
        let has_uri = target.splitn(4, '/').count() > 3;
        let uri = match has_uri {
            true => {
                format!("{}{}", url.target.trim_end_matches('/'), prefixed(&request.target, &location.path))
            }
            false => request.target.clone(),
        };
        let mut headers =
            vec![("Host".to_owned(), url.host_header()), ("Connection".to_owned(), "close".to_owned())];
        for (name, value) in &request.headers {
            if !name.eq_ignore_ascii_case("host") && !name.eq_ignore_ascii_case("connection") {
                headers.push((name.clone(), value.clone()));
            }
        }
        for (name, value) in location.proxy_headers.iter().chain(&server.outer.proxy_headers) {
            headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
            headers.push((name.clone(), self.expand(value, exchange, path)));
        }
        let onward = HttpRequest {
            method: request.method.clone(),
            tls: url.is_tls(),
            host: host.clone(),
            port,
            target: uri.clone(),
            headers,
            body: request.body.clone(),
        };
        let sys = &self.call.sys;
        let result = sys.timeout(PROXY_TIMEOUT, sys.http(onward)).await;
        let (code, text) = match result {
            Some(Ok(response)) => return Step::Done(self.passed_on(response)),
            Some(Err(Refusal::Refused)) => {
                (502, "connect() failed (111: Connection refused) while connecting to upstream")
            }
            Some(Err(Refusal::Reset)) => (
                502,
                "recv() failed (104: Connection reset by peer) while reading response header from upstream",
            ),
            Some(Err(Refusal::EmptyReply)) => {
                (502, "upstream prematurely closed connection while reading response header from upstream")
            }
            Some(Err(Refusal::Resolve(_))) => (502, "no resolver defined to resolve host"),
            Some(Err(_)) | None => {
                (504, "upstream timed out (110: Connection timed out) while connecting to upstream")
            }
        };
        let line = format!(
            "*{} {text}, client: {}, server: {}, request: \"{} {} HTTP/1.1\", upstream: \"{}://{host}:{port}{uri}\", host: \"{}\"",
            self.connections.get(),
            remote_ip(exchange),
            server.names.first().map_or("", String::as_str),
            request.method,
            request.target,
            url.scheme,
            request.header("Host").unwrap_or_default()
        );
        self.error("error", &line).await;
        Step::Fail(code)
    }

    fn passed_on(&self, upstream: HttpResponse) -> HttpResponse {
        let kind = upstream.header("Content-Type").unwrap_or("text/plain").to_owned();
        let mut response = self.page(upstream.status, upstream.body.clone(), &kind);
        response.reason.clone_from(&upstream.reason);
        if upstream.header("Content-Type").is_none() {
            response.headers.retain(|(n, _)| n != "Content-Type");
        }
        for (name, value) in upstream.headers {
            let own = [
                "server",
                "date",
                "content-type",
                "content-length",
                "connection",
                "keep-alive",
                "transfer-encoding",
            ];
            if !own.contains(&name.to_ascii_lowercase().as_str()) {
                response.headers.push((name, value));
            }
        }
        response
    }
}

enum Step {
    Done(HttpResponse),
    Fail(u16),
    /// Again with another path, inside nginx.
    Again(String),
}

fn accept(listener: &Rc<Listener>) -> LocalFuture<Exchange> {
    let listener = Rc::clone(listener);
    Box::pin(async move { listener.accept().await })
}

fn prefixed(target: &str, location: &str) -> String {
    let rest = target.strip_prefix(location).unwrap_or(target);
    if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") }
}

/// nginx's choice: exact, then the longest prefix unless a regular expression matches.
fn choose<'a>(server: &'a Server, path: &str) -> &'a Location {
    if let Some(exact) = server.locations.iter().find(|l| l.kind == "=" && l.path == path) {
        return exact;
    }
    let prefix = server
        .locations
        .iter()
        .filter(|l| matches!(l.kind.as_str(), "" | "^~") && path.starts_with(&l.path))
        .max_by_key(|l| l.path.len());
    if prefix.is_none_or(|l| l.kind != "^~") {
        let regex = server.locations.iter().filter(|l| l.kind.starts_with('~')).find(|l| {
            let flags = if l.kind == "~*" { "(?i)" } else { "" };
            regex::Regex::new(&format!("{flags}{}", l.path)).is_ok_and(|r| r.is_match(path))
        });
        if let Some(found) = regex {
            return found;
        }
    }
    prefix.unwrap_or(&server.outer)
}
