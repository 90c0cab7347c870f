//! `kubectl proxy`: the API server on a port of this machine, for curl and the like.

use super::context::Context;
use super::fail::{Failure, Outcome};
use super::{output::json, raw};
use crate::cluster::api::http::Call;
use crate::world::http::{Exchange, HttpResponse};
use crate::world::network::Bind;
use serde_json::Value;

pub async fn run(cx: &Context) -> Outcome {
    if !cx.flags.text("unix-socket").is_empty() || !cx.flags.text("www").is_empty() {
        return Err(Failure::message(
            "kubectl proxy listens on a port and offers the API only; --unix-socket and --www are not imitated by KubeJam",
        ));
    }
    let reject = regex::Regex::new(&format!("(?:{})", cx.flags.text("reject-paths").replace(',', "|")))
        .map_err(|error| Failure::Message(error.to_string()))?;
    cx.client()?.reach(cx).await?;
    let port = cx.flags.int("port");
    let port = u16::try_from(port)
        .map_err(|_| Failure::Message(format!("listen tcp: address {port}: invalid port")))?;
    let address = cx.flags.text("address");
    let bind = if matches!(address, "127.0.0.1" | "localhost") { Bind::Loopback } else { Bind::Any };
    let wanted = if port == 0 { any_port(cx) } else { port };
    let Ok(listener) = cx.sys.listen(wanted, bind) else {
        return Err(Failure::Message(format!("listen tcp {address}:{port}: bind: address already in use")));
    };
    cx.outln(format!("Starting to serve on {address}:{}", listener.port)).await;
    loop {
        let exchange = listener.accept().await;
        let refused = !cx.flags.on("disable-filter") && reject.is_match(&exchange.request.target);
        let response =
            if refused { text(403, "Forbidden", "Forbidden\n") } else { answer(cx, &exchange).await };
        exchange.respond(response);
    }
}

/// What the kernel gives who asks for port 0.
fn any_port(cx: &Context) -> u16 {
    const FIRST: u64 = 33_000;
    const LAST: u64 = 60_999;
    (FIRST + cx.sys.stream(&format!("kubectl/proxy/{}", cx.sys.me.0)).below(LAST - FIRST)) as u16
}

async fn answer(cx: &Context, exchange: &Exchange) -> HttpResponse {
    let request = &exchange.request;
    if !matches!(request.method.as_str(), "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "PATCH") {
        return text(405, "Method Not Allowed", "Method not allowed\n");
    }
    let call = Call {
        method: request.method.clone(),
        target: request.target.clone(),
        content_type: request.header("content-type").unwrap_or_default().to_owned(),
        body: String::from_utf8_lossy(&request.body).into_owned(),
        ..Call::default()
    };
    match raw::answer(cx, call).await {
        Ok(raw::Answer::Object(value)) => {
            let code = if request.method == "POST" { (201, "Created") } else { (200, "OK") };
            HttpResponse::text(code.0, code.1, "application/json", readable(&value))
        }
        Ok(raw::Answer::Text(found)) => text(200, "OK", &found),
        Err(Failure::Status(status)) => {
            let value = status.to_value();
            HttpResponse::text(status.code, status.reason.word(), "application/json", readable(&value))
        }
        Err(other) => text(502, "Bad Gateway", &format!("{}\n", other.bare())),
    }
}

/// Indented by two blanks, as the server does for curl.
fn readable(value: &Value) -> String {
    let wide = json::pretty_typed(value);
    let lines = wide.lines().map(|line| {
        let body = line.trim_start_matches(' ');
        format!("{:width$}{body}", "", width = (line.len() - body.len()) / 2)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn text(code: u16, reason: &str, body: &str) -> HttpResponse {
    HttpResponse::text(code, reason, "text/plain; charset=utf-8", body)
}
