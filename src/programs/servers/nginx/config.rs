//! What of nginx's configuration this imitation understands. Must never open a socket.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use super::syntax::{Directive, Place, Reader, Seen, Trouble};
use crate::world::Sys;

/// Configurations that are kept in mind.
const KNOWN_LIMIT: usize = 8;

/// A `location`.
#[derive(Debug, Clone, Default)]
pub struct Location {
    /// `=`, `~`, `~*`, `^~` or nothing.
    pub kind: String,
    pub path: String,
    pub root: Option<String>,
    pub alias: Option<String>,
    pub index: Vec<String>,
    pub proxy_pass: Option<(String, Place)>,
    /// `return CODE [TEXT]`.
    pub answer: Option<(u16, String)>,
    pub headers: Vec<(String, String)>,
    pub default_type: Option<String>,
    pub try_files: Vec<String>,
    pub stub_status: bool,
    pub proxy_headers: Vec<(String, String)>,
    pub autoindex: bool,
}

/// A `server`.
#[derive(Debug, Clone, Default)]
pub struct Server {
    pub ports: Vec<u16>,
    pub names: Vec<String>,
    pub tls: bool,
    pub certificate: Option<String>,
    pub outer: Location,
    pub locations: Vec<Location>,
    pub error_pages: Vec<(u16, String)>,
    pub place: Place,
}

/// What nginx does.
#[derive(Debug, Clone, Default)]
pub struct Config {
    pub servers: Vec<Server>,
    /// Name to `host:port`s.
    pub upstreams: BTreeMap<String, Vec<(String, Place)>>,
    pub types: BTreeMap<String, String>,
    pub default_type: String,
    /// Whether start-up notices are logged.
    pub notices: bool,
}

impl Config {
    /// Reads the main file and what it includes. Hosts with the same files, as the pods of a Deployment are, share
    /// what came of it.
    pub fn read(sys: &Sys, file: &str, version: &str) -> Result<Rc<Config>, Trouble> {
        thread_local! {
            static KNOWN: RefCell<VecDeque<Known>> = const { RefCell::new(VecDeque::new()) };
        }
        let same = |known: &&Known| {
            known.file == file && known.version == version && known.seen.iter().all(|seen| seen.holds(sys))
        };
        if let Some(config) = KNOWN.with_borrow(|known| known.iter().find(same).map(|k| k.config.clone())) {
            return Ok(config);
        }
        let mut reader = Reader::new(sys);
        let config = Rc::new(Config::parse(&mut reader, file, version)?);
        KNOWN.with_borrow_mut(|known| {
            known.truncate(KNOWN_LIMIT - 1);
            known.push_front(Known {
                file: file.to_owned(),
                version: version.to_owned(),
                seen: reader.seen,
                config: config.clone(),
            });
        });
        Ok(config)
    }

    fn parse(reader: &mut Reader, file: &str, version: &str) -> Result<Config, Trouble> {
        let mut config = Config { default_type: "text/plain".into(), ..Config::default() };
        let directives = reader.load(file, 0)?;
        if let Some(place) = ssl_directive(&directives).filter(|_| !knows_ssl(version)) {
            return Err(unknown("ssl", place));
        }
        for directive in &directives {
            match (directive.words[0].as_str(), &directive.block) {
                ("http", Some(block)) => config.http(block)?,
                ("error_log", _) => {
                    config.notices = directive.words.get(2).is_some_and(|w| w == "notice" || w == "info")
                }
                (
                    "events"
                    | "user"
                    | "worker_processes"
                    | "pid"
                    | "daemon"
                    | "worker_rlimit_nofile"
                    | "load_module"
                    | "env"
                    | "stream",
                    _,
                ) => {}
                (name @ ("server" | "location" | "listen" | "upstream"), _) => {
                    return Err(misplaced(name, &directive.place));
                }
                (name, _) => return Err(unknown(name, &directive.place)),
            }
        }
        Ok(config)
    }

    fn http(&mut self, block: &[Directive]) -> Result<(), Trouble> {
        for directive in block {
            let word = |at: usize| directive.words.get(at).cloned().unwrap_or_default();
            match (directive.words[0].as_str(), &directive.block) {
                ("server", Some(block)) => {
                    let server = server(block, &directive.place)?;
                    self.servers.push(server);
                }
                ("upstream", Some(block)) => {
                    let members = block.iter().filter(|d| d.words[0] == "server");
                    let members = members
                        .map(|d| (d.words.get(1).cloned().unwrap_or_default(), d.place.clone()))
                        .collect();
                    self.upstreams.insert(word(1), members);
                }
                ("types", Some(block)) => {
                    for line in block {
                        for ending in &line.words[1..] {
                            self.types.insert(ending.clone(), line.words[0].clone());
                        }
                    }
                }
                ("default_type", _) => self.default_type = word(1),
                ("location", _) => return Err(misplaced("location", &directive.place)),
                (name, _) if is_known(name) => {}
                (name, _) => return Err(unknown(name, &directive.place)),
            }
        }
        Ok(())
    }

    /// Host names that must be known when nginx starts.
    pub fn upstream_hosts(&self) -> Vec<Upstream> {
        let host = |address: &str| address.split(['/', ':']).next().unwrap_or_default().to_owned();
        let member = |(written, place): &(String, Place)| Upstream {
            host: host(written),
            written: written.clone(),
            place: place.clone(),
        };
        let mut out: Vec<Upstream> = self.upstreams.values().flatten().map(member).collect();
        let passes = self.servers.iter().flat_map(|s| &s.locations).filter_map(|l| l.proxy_pass.as_ref());
        for (target, place) in passes {
            let target = target.trim_start_matches("http://").trim_start_matches("https://");
            let name = host(target);
            if !self.upstreams.contains_key(&name) && !name.contains('$') {
                out.push(Upstream { host: name.clone(), written: name, place: place.clone() });
            }
        }
        out
    }
}

/// A configuration and what it was read from.
struct Known {
    file: String,
    version: String,
    seen: Vec<Seen>,
    config: Rc<Config>,
}

/// A host that requests are passed on to.
pub struct Upstream {
    pub host: String,
    /// As the configuration has it, perhaps with a port.
    pub written: String,
    pub place: Place,
}

/// `ssl on;` went away with 1.25.1, after years of warnings: `listen ... ssl` says it now.
const LAST_WITH_SSL: (u32, u32, u32) = (1, 25, 0);

fn knows_ssl(version: &str) -> bool {
    let mut parts = version.split('.').map(|p| p.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next()) <= LAST_WITH_SSL
}

fn unknown(name: &str, place: &Place) -> Trouble {
    Trouble::new(format!("unknown directive \"{name}\""), &place.0, place.1)
}

/// Where the first `ssl on;` stands.
fn ssl_directive(directives: &[Directive]) -> Option<&Place> {
    directives.iter().find_map(|d| match &d.block {
        Some(block) => ssl_directive(block),
        None => (d.words[0] == "ssl").then_some(&d.place),
    })
}

fn misplaced(name: &str, place: &Place) -> Trouble {
    Trouble::new(format!("\"{name}\" directive is not allowed here"), &place.0, place.1)
}

/// Directives that change nothing here.
fn is_known(name: &str) -> bool {
    const KNOWN: &[&str] = &[
        "access_log",
        "error_log",
        "sendfile",
        "tcp_nopush",
        "tcp_nodelay",
        "keepalive_timeout",
        "gzip",
        "log_format",
        "include",
        "server_tokens",
        "client_max_body_size",
        "proxy_http_version",
        "proxy_read_timeout",
        "proxy_connect_timeout",
        "proxy_send_timeout",
        "proxy_redirect",
        "proxy_buffering",
        "ssl",
        "ssl_certificate",
        "ssl_certificate_key",
        "ssl_protocols",
        "ssl_ciphers",
        "ssl_prefer_server_ciphers",
        "ssl_session_cache",
        "ssl_session_timeout",
        "charset",
        "expires",
        "resolver",
        "map",
        "set",
        "if",
        "rewrite",
        "deny",
        "allow",
        "limit_except",
        "gzip_types",
        "types_hash_max_size",
        "server_names_hash_bucket_size",
        "ssl_session_tickets",
        "fastcgi_pass",
        "root",
        "index",
        "add_header",
        "error_page",
        "internal",
        "etag",
        "http2",
        "proxy_set_header",
        "proxy_pass_header",
        "proxy_hide_header",
        "open_file_cache",
        "reset_timedout_connection",
        "proxy_cache",
        "limit_req",
        "limit_req_zone",
        "client_body_timeout",
        "send_timeout",
        "proxy_ssl_verify",
    ];
    KNOWN.contains(&name)
}

fn server(block: &[Directive], place: &Place) -> Result<Server, Trouble> {
    let mut out = Server { place: place.clone(), ..Server::default() };
    for directive in block {
        let word = |at: usize| directive.words.get(at).cloned().unwrap_or_default();
        match (directive.words[0].as_str(), &directive.block) {
            ("listen", _) => {
                let address = word(1);
                let port = address.rsplit(':').next().and_then(|p| p.parse().ok());
                let Some(port) = port.or_else(|| (!address.contains(':')).then_some(80)) else {
                    let text = format!("invalid port in \"{address}\" of the \"listen\" directive");
                    return Err(Trouble::new(text, &directive.place.0, directive.place.1));
                };
                if !out.ports.contains(&port) {
                    out.ports.push(port);
                }
                out.tls |= directive.words.iter().any(|w| w == "ssl");
            }
            ("ssl", _) => out.tls |= word(1) == "on",
            ("ssl_certificate", _) => out.certificate = Some(word(1)),
            ("server_name", _) => out.names = directive.words[1..].to_vec(),
            ("location", Some(block)) => out.locations.push(location(&directive.words, block)?),
            ("error_page", _) => {
                let target = directive.words.last().cloned().unwrap_or_default();
                out.error_pages.extend(
                    directive.words[1..].iter().filter_map(|w| w.parse().ok()).map(|c| (c, target.clone())),
                );
            }
            _ => shared(&mut out.outer, directive)?,
        }
    }
    if out.ports.is_empty() {
        out.ports.push(80);
    }
    Ok(out)
}

fn location(words: &[String], block: &[Directive]) -> Result<Location, Trouble> {
    let (kind, path) = match words {
        [_, kind, path, ..] => (kind.clone(), path.clone()),
        [_, path] => (String::new(), path.clone()),
        _ => (String::new(), "/".to_owned()),
    };
    let mut out = Location { kind, path, ..Location::default() };
    for directive in block {
        shared(&mut out, directive)?;
    }
    Ok(out)
}

/// Directives that stand in a server as well as in a location.
fn shared(out: &mut Location, directive: &Directive) -> Result<(), Trouble> {
    let word = |at: usize| directive.words.get(at).cloned().unwrap_or_default();
    match directive.words[0].as_str() {
        "root" => out.root = Some(word(1)),
        "alias" => out.alias = Some(word(1)),
        "index" => out.index = directive.words[1..].to_vec(),
        "proxy_pass" => out.proxy_pass = Some((word(1), directive.place.clone())),
        "return" => {
            let code = word(1).parse().unwrap_or(302);
            let text = if word(1).parse::<u16>().is_ok() { word(2) } else { word(1) };
            out.answer = Some((code, text));
        }
        "add_header" => out.headers.push((word(1), word(2))),
        "proxy_set_header" => out.proxy_headers.push((word(1), word(2))),
        "default_type" => out.default_type = Some(word(1)),
        "try_files" => out.try_files = directive.words[1..].to_vec(),
        "stub_status" => out.stub_status = true,
        "autoindex" => out.autoindex = word(1) == "on",
        name if is_known(name) => {}
        name => return Err(unknown(name, &directive.place)),
    }
    Ok(())
}
