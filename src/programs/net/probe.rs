//! Is something there: `ping`, `nc`, `telnet`, `wget`'s and `curl`'s poorer relatives. Must never send what no program here would answer.

use std::time::Duration;

use crate::base::net::Refusal;
use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Tool};
use crate::world::Call;
use crate::world::http::HttpRequest;

static PING: Spec = Spec::new(&["c=", "i=", "W=", "w=", "q", "4", "6", "n", "s=", "t=", "I="], "Usage: ping [options] <destination>\n\nAsks a host whether it is there.\n\n  -c COUNT   -i SECONDS between   -W SECONDS to wait\n").misuse(2);
static NC: Spec = Spec::new(
    &["z", "v", "w=", "n", "u", "l", "p=", "k", "q=", "N", "4", "6"],
    "Usage: nc [options] HOST PORT\n\nConnects to a port.\n\n  -z  only whether it is open   -v  say so   -w SECONDS  wait no longer\n",
);

/// Most pings of one run without `-c`.
const MAX_PINGS: u64 = 3_600;

/// `ping`.
pub async fn ping(call: Call) -> Outcome {
    let tool = Tool::new(call, &PING).await?;
    let Some(target) = tool.options.operands.last().cloned() else {
        tool.note("ping: usage error: Destination address required\n").await;
        return Ok(1);
    };
    let sys = &tool.call.sys;
    let address = match sys.view(|w| w.resolve(&sys.netns(), &target)) {
        Ok(address) => address,
        Err(_) if tool.busybox => return Err(tool.die(format!("bad address '{target}'")).await),
        Err(_) => return Err(tool.die_with(2, format!("{target}: Name or service not known")).await),
    };
    let count = tool.options.value("c").and_then(|c| c.parse::<u64>().ok()).unwrap_or(MAX_PINGS);
    let gap = tool
        .options
        .value("i")
        .and_then(crate::programs::coreutils::date::span)
        .unwrap_or(Duration::from_secs(1));
    let reachable = sys.view(|w| w.answers_ping(&sys.netns(), &address));
    let head = if tool.busybox {
        format!("PING {target} ({address}): 56 data bytes\n")
    } else {
        format!("PING {target} ({address}) 56(84) bytes of data.\n")
    };
    tool.out(head).await?;
    let mut rng = sys.stream(&format!("ping/{}", sys.me.0));
    sys.handle(crate::image::process::Signal::Int);
    let (mut sent, mut times) = (0u64, Vec::new());
    let began = sys.now();
    while sent < count {
        sent += 1;
        if reachable {
            let ms = 0.4 + rng.below(1100) as f64 / 1000.0 + if is_private(&address) { 0.0 } else { 0.6 };
            times.push(ms);
            let line = match tool.busybox {
                true => format!("64 bytes from {address}: seq={} ttl=114 time={ms:.3} ms\n", sent - 1),
                false => format!("64 bytes from {address}: icmp_seq={sent} ttl=114 time={ms:.2} ms\n"),
            };
            tool.out(line).await?;
        }
        if sent < count && sys.interruptible(sys.sleep(gap)).await.is_err() {
            break;
        }
    }
    if !reachable {
        sys.interruptible(sys.sleep(Duration::from_secs(2))).await.ok();
    }
    let lost = 100 * (sent - times.len() as u64) / sent.max(1);
    let spent = (sys.now() - began).as_millis();
    tool.out(format!("\n--- {target} ping statistics ---\n")).await?;
    let summary = match tool.busybox {
        true => {
            format!("{sent} packets transmitted, {} packets received, {lost}% packet loss\n", times.len())
        }
        false => format!(
            "{sent} packets transmitted, {} received, {lost}% packet loss, time {spent}ms\n",
            times.len()
        ),
    };
    tool.out(summary).await?;
    if !times.is_empty() {
        let (low, high) = times.iter().fold((f64::MAX, 0f64), |(l, h), t| (l.min(*t), h.max(*t)));
        let mean = times.iter().sum::<f64>() / times.len() as f64;
        let text = match tool.busybox {
            true => format!("round-trip min/avg/max = {low:.3}/{mean:.3}/{high:.3} ms\n"),
            false => {
                format!("rtt min/avg/max/mdev = {low:.3}/{mean:.3}/{high:.3}/{:.3} ms\n", (high - low) / 3.0)
            }
        };
        tool.out(text).await?;
    }
    Ok(i32::from(times.is_empty()))
}

fn is_private(address: &str) -> bool {
    address.starts_with("10.")
        || address.starts_with("192.168.")
        || address.starts_with("172.")
        || address.starts_with("127.")
}

/// `nc` and `telnet`.
pub async fn nc(call: Call) -> Outcome {
    let tool = Tool::new(call, &NC).await?;
    let operands = tool.options.operands.clone();
    if tool.options.has("l") {
        return Err(tool.die("KubeJam does not imitate raw connections; let a program speak HTTP").await);
    }
    let [host, port, ..] = operands.as_slice() else {
        tool.note("usage: nc [-46vz] [-w timeout] [destination] [port]\n").await;
        return Ok(1);
    };
    let Ok(port) = port.parse::<u16>() else {
        return Err(tool.die(format!("port number invalid: {port}")).await);
    };
    let sys = &tool.call.sys;
    let loud = tool.options.has("v");
    let limit = tool
        .options
        .value("w")
        .and_then(|w| w.parse().ok())
        .map_or(Duration::from_secs(131), Duration::from_secs);
    let reached = sys.can_connect(host, port);
    if matches!(reached, Err(Refusal::TimedOut | Refusal::NoRoute)) {
        sys.sleep(limit).await;
    }
    match reached {
        Err(Refusal::Resolve(_)) if tool.busybox => {
            return Err(tool.die(format!("bad address '{host}'")).await);
        }
        Err(Refusal::Resolve(_)) => {
            tool.note(format!(
                "nc: getaddrinfo for host \"{host}\" port {port}: Name or service not known\n"
            ))
            .await;
            return Ok(1);
        }
        Err(refusal) => {
            let why = if refusal == Refusal::Refused { "Connection refused" } else { "Connection timed out" };
            if tool.busybox {
                if loud {
                    tool.note(format!("nc: {host} ({host}:{port}): {why}\n")).await;
                }
            } else if loud {
                tool.note(format!("nc: connect to {host} port {port} (tcp) failed: {why}\n")).await;
            }
            return Ok(1);
        }
        Ok(_) => {}
    }
    if loud {
        let address = sys.view(|w| w.resolve(&sys.netns(), host)).unwrap_or_else(|_| host.clone());
        let text = match tool.busybox {
            true => format!("{host} ({address}:{port}) open\n"),
            false => format!("Connection to {host} ({address}) {port} port [tcp/*] succeeded!\n"),
        };
        tool.note(text).await;
    }
    if tool.options.has("z") {
        return Ok(0);
    }
    speak(&tool, host, port).await
}

/// What is typed is taken as one HTTP request; everything that listens here speaks HTTP.
async fn speak(tool: &Tool, host: &str, port: u16) -> Outcome {
    let mut lines = Vec::new();
    while let Some(line) = tool.call.io.stdin.read_line().await {
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let Some(first) = lines.first() else { return Ok(0) };
    let mut words = first.split_whitespace();
    let mut request = HttpRequest::get(host, port, "/");
    if let Some(method) = words.next() {
        request.method = method.to_owned();
    }
    if let Some(target) = words.next() {
        request.target = target.to_owned();
    }
    request.headers = lines[1..]
        .iter()
        .filter_map(|l| l.split_once(':'))
        .map(|(n, v)| (n.to_owned(), v.trim().to_owned()))
        .collect();
    match tool.call.sys.http(request).await {
        Ok(response) => {
            let mut out = format!("HTTP/1.1 {} {}\r\n", response.status, response.reason);
            for (name, value) in &response.headers {
                out += &format!("{name}: {value}\r\n");
            }
            tool.out(format!("{out}\r\n")).await?;
            tool.out(response.body).await?;
            Ok(0)
        }
        Err(_) => Ok(1),
    }
}
