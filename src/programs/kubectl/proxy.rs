//! `kubectl proxy`: the API server on a port of this machine, for curl and the like.

use super::context::Context;
use super::fail::{Failure, Outcome};
use super::{output::json, raw};
use crate::cluster::api::{PatchType, Verb};
use crate::world::http::{Exchange, HttpResponse};
use crate::world::network::Bind;
use serde_json::{Value, json};

pub async fn run(cx: &Context) -> Outcome {
    if !cx.flags.text("unix-socket").is_empty() || !cx.flags.text("www").is_empty() {
        return Err(Failure::message(
            "kubectl proxy listens on a port and offers the API only; --unix-socket and --www are not imitated by KubeJam",
        ));
    }
    let reject = regex::Regex::new(&format!("(?:{})", cx.flags.text("reject-paths").replace(',', "|")))
        .map_err(|error| Failure::Message(error.to_string()))?;
    cx.client()?.reach(cx).await?;
    let port = u16::try_from(cx.flags.int("port")).map_err(|_| Failure::message("invalid port"))?;
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
    let verb = match request.method.as_str() {
        "GET" | "HEAD" => Verb::Get,
        "POST" => Verb::Create,
        "PUT" => Verb::Update,
        "DELETE" => Verb::Delete,
        "PATCH" => Verb::Patch(match request.header("content-type").unwrap_or_default() {
            kind if kind.starts_with("application/json-patch") => PatchType::Json,
            kind if kind.starts_with("application/strategic") => PatchType::Strategic,
            kind if kind.starts_with("application/apply") => PatchType::Apply,
            _ => PatchType::Merge,
        }),
        _ => return text(405, "Method Not Allowed", "Method not allowed\n"),
    };
    let body = Some(request.body.as_slice()).filter(|body| !body.is_empty());
    let body: Option<Value> = body.and_then(|body| serde_json::from_slice(body).ok());
    match raw::answer(cx, verb, &request.target, body).await {
        Ok(raw::Answer::Object(value)) => {
            let code = if verb == Verb::Create { (201, "Created") } else { (200, "OK") };
            HttpResponse::text(code.0, code.1, "application/json", readable(&value))
        }
        Ok(raw::Answer::Text(found)) => text(200, "OK", &found),
        Err(Failure::Status(status)) => {
            let value = json!({
                "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                "message": status.message, "reason": status.reason.word(), "code": status.code,
            });
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
