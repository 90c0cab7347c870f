//! What all imitated servers share: listening, dates, log lines, the loop that answers until a signal. Must never
//! know what is answered.

use crate::base::SimTime;
use crate::image::process::Signal;
use crate::world::http::{Exchange, HttpResponse};
use crate::world::network::Bind;
use crate::world::sockets::Listener;
use crate::world::{Call, Output, Sys};

/// `Sat, 26 Mar 2022 12:32:16 GMT`, with the zone's name given.
pub fn http_date(at: SimTime, zone: &str) -> String {
    format!("{} {zone}", at.timestamp().strftime("%a, %d %b %Y %H:%M:%S"))
}

/// `2022/03/26 12:32:16`, as Go's log package and nginx's error log write it.
pub fn slash_date(at: SimTime) -> String {
    at.timestamp().strftime("%Y/%m/%d %H:%M:%S").to_string()
}

/// `26/Mar/2022:12:32:16 +0000`, as access logs write it.
pub fn log_date(at: SimTime) -> String {
    at.timestamp().strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()
}

/// Writes a line; a server does not end because nobody reads its log.
pub async fn log(stream: &Output, line: impl AsRef<str>) {
    stream.write(format!("{}\n", line.as_ref())).await.ok();
}

/// The host name of the machine that answers.
pub fn answered_by(sys: &Sys) -> String {
    crate::programs::identity::hostname(sys)
}

/// The client's address without its port.
pub fn remote_ip(exchange: &Exchange) -> &str {
    match exchange.remote.rsplit_once(':') {
        Some((ip, port)) if !ip.contains(':') && port.parse::<u16>().is_ok() => ip,
        _ => &exchange.remote,
    }
}

/// The client's address with a port; one is drawn when the network does not name it.
pub fn remote_with_port(sys: &Sys, exchange: &Exchange, number: u64) -> String {
    let ip = remote_ip(exchange);
    if ip != exchange.remote {
        return exchange.remote.clone();
    }
    let port = sys.stream(&format!("ephemeral/{}/{number}", sys.me.0)).range(32768, 60999);
    format!("{ip}:{port}")
}

/// Listens on all addresses, or says why that fails as the caller's words want it.
pub fn listen(sys: &Sys, port: u16) -> Result<Listener, String> {
    sys.listen(port, Bind::Any).map_err(|error| error.to_string().to_lowercase())
}

/// Answers requests until one of `signals` arrives.
pub async fn until_signal(
    call: &Call,
    listener: &Listener,
    signals: &[Signal],
    mut answer: impl FnMut(&Exchange, u64) -> (HttpResponse, Option<String>),
) -> Signal {
    for signal in signals {
        call.sys.handle(*signal);
    }
    let host = answered_by(&call.sys);
    let mut number = 0;
    loop {
        match call.sys.interruptible(listener.accept()).await {
            Err(signal) => return signal,
            Ok(exchange) => {
                number += 1;
                let (mut response, line) = answer(&exchange, number);
                if let Some(line) = line {
                    log(&call.io.stdout, line).await;
                }
                response.answered_by.clone_from(&host);
                exchange.respond(response);
            }
        }
    }
}

/// Waits for one of `signals`.
pub async fn wait_for(call: &Call, signals: &[Signal]) -> Signal {
    for signal in signals {
        call.sys.handle(*signal);
    }
    call.sys.next_signal().await
}
