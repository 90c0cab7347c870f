//! agnhost, the test image of Kubernetes: `netexec`, `serve-hostname`, `pause`, `connect`. Must never do what these do
//! not need.

use super::serve::{answered_by, http_date, listen, log, remote_with_port, until_signal, wait_for};
use crate::image::process::Signal;
use crate::world::http::{Exchange, HttpResponse};
use crate::world::{Call, ExitStatus};

const TEXT: &str = "text/plain; charset=utf-8";

/// `agnhost SUBCOMMAND`.
pub async fn agnhost(call: Call) -> ExitStatus {
    let command = call.args().first().cloned().unwrap_or_default();
    let option = |name: &str| {
        let args = call.args();
        let at = args.iter().position(|a| a == &format!("--{name}"));
        let inline = args.iter().find_map(|a| a.strip_prefix(&format!("--{name}=")));
        inline.or_else(|| args.get(at? + 1).map(String::as_str)).map(str::to_owned)
    };
    match command.as_str() {
        "netexec" => {
            let port = option("http-port").and_then(|p| p.parse().ok()).unwrap_or(8080);
            let udp = option("udp-port").unwrap_or_else(|| "8081".to_owned());
            netexec(call, port, &udp).await
        }
        "serve-hostname" => {
            let port = option("port").and_then(|p| p.parse().ok()).unwrap_or(9376);
            serve_hostname(call, port).await
        }
        "pause" | "" => {
            log(&call.io.stdout, "Paused").await;
            wait_for(&call, &[Signal::Term, Signal::Int]).await;
            0
        }
        "connect" => connect(&call).await,
        "--version" | "version" => {
            log(&call.io.stdout, "2.53").await;
            0
        }
        other => {
            log(
                &call.io.stderr,
                format!("Error: unknown command \"{other}\" for \"app\"\nRun 'app --help' for usage."),
            )
            .await;
            1
        }
    }
}

async fn connect(call: &Call) -> ExitStatus {
    let target = call.args().iter().skip(1).find(|a| !a.starts_with('-')).cloned().unwrap_or_default();
    let (host, port) = target.rsplit_once(':').unwrap_or((&target, "80"));
    match call.sys.can_connect(host, port.parse().unwrap_or(80)) {
        Ok(_) => 0,
        Err(crate::base::net::Refusal::Resolve(_)) => {
            log(&call.io.stderr, "DNS: lookup failed").await;
            1
        }
        Err(crate::base::net::Refusal::Refused) => {
            log(&call.io.stderr, "REFUSED").await;
            1
        }
        Err(_) => {
            log(&call.io.stderr, "TIMEOUT").await;
            1
        }
    }
}

async fn serve_hostname(call: Call, port: u16) -> ExitStatus {
    let Ok(listener) = listen(&call.sys, port) else { return 1 };
    let host = answered_by(&call.sys);
    until_signal(&call, &listener, &[Signal::Term, Signal::Int], |_, _| {
        (HttpResponse::text(200, "OK", TEXT, host.clone()), None)
    })
    .await
    .exit_code()
}

async fn netexec(call: Call, port: u16, udp: &str) -> ExitStatus {
    let stamp = |text: &str| {
        let at = call.sys.now().timestamp().strftime("%Y/%m/%d %H:%M:%S").to_string();
        format!("{at} {text}")
    };
    log(&call.io.stderr, stamp(&format!("Started HTTP server on port {port}"))).await;
    log(&call.io.stderr, stamp(&format!("Started UDP server on port  {udp}"))).await;
    let Ok(listener) = listen(&call.sys, port) else { return 1 };
    let host = answered_by(&call.sys);
    for signal in [Signal::Term, Signal::Int] {
        call.sys.handle(signal);
    }
    let mut number = 0;
    loop {
        let exchange = match call.sys.interruptible(listener.accept()).await {
            Ok(exchange) => exchange,
            Err(signal) => return signal.exit_code(),
        };
        number += 1;
        let path = exchange.request.target.split('?').next().unwrap_or("/").to_owned();
        if let Some(line) = note(&path) {
            log(&call.io.stderr, stamp(line)).await;
        }
        if path == "/exit" {
            let code = query(&exchange, "code").and_then(|c| c.parse().ok()).unwrap_or(0);
            return code;
        }
        let remote = remote_with_port(&call.sys, &exchange, number);
        let body = answer(&call, &exchange, &path, &host, &remote).await;
        let mut response = match body {
            Some(body) => HttpResponse::text(200, "OK", TEXT, body),
            None => HttpResponse::text(404, "Not Found", TEXT, "404 page not found\n"),
        };
        response.headers.insert(0, ("Date".to_owned(), http_date(call.sys.now(), "GMT")));
        response.answered_by.clone_from(&host);
        exchange.respond(response);
    }
}

fn note(path: &str) -> Option<&'static str> {
    match path {
        "/" => Some("GET /"),
        "/hostname" => Some("GET /hostname"),
        "/clientip" => Some("GET /clientip"),
        "/healthz" => Some("GET /healthz"),
        _ => None,
    }
}

fn query(exchange: &Exchange, name: &str) -> Option<String> {
    let query = exchange.request.target.split_once('?')?.1.to_owned();
    query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")).map(str::to_owned))
}

async fn answer(call: &Call, exchange: &Exchange, path: &str, host: &str, remote: &str) -> Option<String> {
    let now = call.sys.now();
    match path {
        "/" => Some(format!("NOW: {}", now.timestamp().strftime("%Y-%m-%d %H:%M:%S.%9f +0000 UTC"))),
        "/hostname" | "/hostName" => Some(host.to_owned()),
        "/clientip" => Some(remote.to_owned()),
        "/healthz" => Some(String::new()),
        "/echo" => Some(query(exchange, "msg").unwrap_or_default()),
        "/header" => {
            let key = query(exchange, "key").unwrap_or_default();
            Some(exchange.request.header(&key).unwrap_or_default().to_owned())
        }
        "/shell" => {
            let command = query(exchange, "cmd").unwrap_or_default().replace('+', " ").replace("%20", " ");
            let (stdout, bytes) = crate::world::Output::buffer(1024 * 1024);
            let io =
                crate::world::Io { stdin: crate::world::Input::Null, stdout: stdout.clone(), stderr: stdout };
            let argv = vec!["/bin/sh".to_owned(), "-c".to_owned(), command];
            let status = call.sys.run(argv, &call.env, &call.cwd, io).await;
            let text = String::from_utf8_lossy(&bytes.borrow()).into_owned();
            let mut reply = serde_json::Map::new();
            if !matches!(status, Ok(0)) {
                reply.insert("error".into(), format!("exit status {}", status.unwrap_or(127)).into());
            }
            reply.insert("output".into(), text.into());
            Some(serde_json::Value::Object(reply).to_string())
        }
        _ => None,
    }
}
