//! The sample apps of the Orchestrating lab: monolith, auth and hello, with their login, health port and access log
//! (kelseyhightower/app). Must never know how they are deployed.

use base64::Engine as _;

use super::serve::{answered_by, http_date, listen, log, remote_with_port, slash_date};
use super::token;
use crate::image::process::Signal;
use crate::world::http::{Exchange, HttpResponse};
use crate::world::{Call, ExitStatus};

/// What one of the apps answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum App {
    Monolith,
    Auth,
    Hello,
}

struct Flags {
    http: String,
    health: String,
    secret: String,
}

/// The key that `/secure` checks with, whatever `-secret` says: as in the original.
const CHECKING_KEY: &str = "secret";
const TEXT: &str = "text/plain; charset=utf-8";

/// `monolith`.
pub async fn monolith(call: Call) -> ExitStatus {
    run(call, App::Monolith).await
}

/// `auth`.
pub async fn auth(call: Call) -> ExitStatus {
    run(call, App::Auth).await
}

/// `hello`.
pub async fn hello(call: Call) -> ExitStatus {
    run(call, App::Hello).await
}

fn flags(call: &Call, app: App) -> Result<Flags, String> {
    let mut flags = Flags { http: "0.0.0.0:80".into(), health: "0.0.0.0:81".into(), secret: "secret".into() };
    let mut args = call.args().iter();
    while let Some(arg) = args.next() {
        let Some(body) = arg.strip_prefix("--").or_else(|| arg.strip_prefix('-')) else { break };
        let (name, inline) = match body.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (body, None),
        };
        let slot = match name {
            "http" => &mut flags.http,
            "health" => &mut flags.health,
            "secret" if app != App::Hello => &mut flags.secret,
            "h" | "help" => return Err(usage(&call.argv[0], app)),
            _ => {
                return Err(format!("flag provided but not defined: -{name}\n{}", usage(&call.argv[0], app)));
            }
        };
        match inline.or_else(|| args.next().cloned()) {
            Some(value) => *slot = value,
            None => return Err(format!("flag needs an argument: -{name}\n{}", usage(&call.argv[0], app))),
        }
    }
    Ok(flags)
}

fn usage(name: &str, app: App) -> String {
    let secret = if app == App::Hello {
        ""
    } else {
        "  -secret string\n    \tJWT signing secret. (default \"secret\")\n"
    };
    format!(
        "Usage of {name}:\n  -health string\n    \tHealth service address. (default \"0.0.0.0:81\")\n  -http string\n    \t\
         HTTP service address. (default \"0.0.0.0:80\")\n{secret}"
    )
}

fn port_of(address: &str) -> u16 {
    address.rsplit(':').next().and_then(|p| p.parse().ok()).unwrap_or(80)
}

async fn run(call: Call, app: App) -> ExitStatus {
    let flags = match flags(&call, app) {
        Ok(flags) => flags,
        Err(text) => {
            call.io.stderr.write(text).await.ok();
            return 2;
        }
    };
    let note = |text: String| {
        let line = format!("{} {text}", slash_date(call.sys.now()));
        let stderr = call.io.stderr.clone();
        async move { log(&stderr, line).await }
    };
    note(if app == App::Auth { "Starting Auth service...".into() } else { "Starting server...".into() })
        .await;
    note(format!("Health service listening on {}", flags.health)).await;
    note(format!("HTTP service listening on {}", flags.http)).await;
    let (http, health) =
        match (listen(&call.sys, port_of(&flags.http)), listen(&call.sys, port_of(&flags.health))) {
            (Ok(http), Ok(health)) => (http, health),
            (Err(error), _) => {
                note(format!("listen tcp {}: bind: {error}", flags.http)).await;
                return 1;
            }
            (_, Err(error)) => {
                note(format!("listen tcp {}: bind: {error}", flags.health)).await;
                return 1;
            }
        };
    let version = call.sys.read_text("/etc/app-version").unwrap_or_else(|_| "1.0.0".into()).trim().to_owned();
    for signal in [Signal::Int, Signal::Term] {
        call.sys.handle(signal);
    }
    let host = answered_by(&call.sys);
    let mut state = Health { alive: true, ready: true };
    let mut number = 0;
    loop {
        let next = futures_util::future::select(Box::pin(http.accept()), Box::pin(health.accept()));
        let (exchange, on_health) = match call.sys.interruptible(next).await {
            Err(signal) => {
                let name = if signal == Signal::Int { "interrupt" } else { "terminated" };
                note(format!("Captured {name}. Exiting...")).await;
                return 0;
            }
            Ok(futures_util::future::Either::Left((exchange, _))) => (exchange, false),
            Ok(futures_util::future::Either::Right((exchange, _))) => (exchange, true),
        };
        number += 1;
        let request = &exchange.request;
        let now = call.sys.now();
        let remote = remote_with_port(&call.sys, &exchange, number);
        let path = request.target.split('?').next().unwrap_or("/");
        let agent = request.header("User-Agent").unwrap_or_default();
        let line = format!(
            "{remote} - - [{}] \"{} {path} HTTP/1.1\" {agent}",
            http_date(now, "UTC"),
            request.method
        );
        log(&call.io.stdout, line).await;
        let mut response = match on_health {
            true => state.answer(path),
            false => answer(app, &exchange, path, &version, &flags.secret, now.secs()),
        };
        response.headers.insert(0, ("Date".to_owned(), http_date(now, "GMT")));
        response.answered_by.clone_from(&host);
        exchange.respond(response);
    }
}

struct Health {
    alive: bool,
    ready: bool,
}

impl Health {
    fn answer(&mut self, path: &str) -> HttpResponse {
        let fine = match path {
            "/healthz" => self.alive,
            "/readiness" => self.ready,
            "/healthz/status" => {
                self.alive = !self.alive;
                true
            }
            "/readiness/status" => {
                self.ready = !self.ready;
                true
            }
            _ => return not_found(),
        };
        let (status, reason) = if fine { (200, "OK") } else { (503, "Service Unavailable") };
        let headers = vec![("Content-Length".to_owned(), "0".to_owned())];
        HttpResponse { status, reason: reason.to_owned(), headers, ..HttpResponse::default() }
    }
}

fn not_found() -> HttpResponse {
    HttpResponse::text(404, "Not Found", TEXT, "404 page not found\n")
}

fn unauthorized() -> HttpResponse {
    HttpResponse::text(401, "Unauthorized", TEXT, "authorization failed\n")
}

fn answer(
    app: App,
    exchange: &Exchange,
    path: &str,
    version: &str,
    secret: &str,
    now_secs: u64,
) -> HttpResponse {
    let hello = || HttpResponse::text(200, "OK", TEXT, "{\"message\":\"Hello\"}\n");
    match (app, path) {
        (_, "/version") => HttpResponse::text(200, "OK", TEXT, format!("{{\"version\":\"{version}\"}}\n")),
        (App::Monolith | App::Auth, "/login") => match knows_password(exchange) {
            true => {
                let token = token::issue(secret, now_secs);
                HttpResponse::text(200, "OK", TEXT, format!("{{\"token\":\"{token}\"}}\n"))
            }
            false => unauthorized(),
        },
        (App::Auth, _) => not_found(),
        (_, "/secure") => match bearer(exchange).is_some_and(|t| token::is_valid(&t, CHECKING_KEY, now_secs))
        {
            true => hello(),
            false => unauthorized(),
        },
        _ => hello(),
    }
}

fn knows_password(exchange: &Exchange) -> bool {
    let header = exchange.request.header("Authorization").unwrap_or_default();
    let code = header.strip_prefix("Basic ").unwrap_or_default();
    let text = base64::engine::general_purpose::STANDARD.decode(code).unwrap_or_default();
    text == b"user:password"
}

/// The token of a request: in its header, or in the query.
fn bearer(exchange: &Exchange) -> Option<String> {
    let request = &exchange.request;
    if let Some(header) = request.header("Authorization")
        && let Some((scheme, token)) = header.split_once(' ')
        && scheme.eq_ignore_ascii_case("bearer")
    {
        return Some(token.to_owned());
    }
    let query = request.target.split_once('?')?.1;
    query.split('&').find_map(|pair| pair.strip_prefix("access_token=")).map(str::to_owned)
}
