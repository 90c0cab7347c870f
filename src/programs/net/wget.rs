//! `wget`, GNU's and busybox's. Must never follow more redirects than the real ones.

use std::time::Duration;

use super::tls;
use super::url::Url;
use crate::base::net::Refusal;
use crate::programs::identity;
use crate::programs::options::{self, Spec};
use crate::programs::tool::{Outcome, Tool};
use crate::world::Call;
use crate::world::http::{HttpRequest, HttpResponse};

const MAX_REDIRECTS: usize = 20;

static SPEC: Spec = Spec::new(
    &[
        "q,quiet",
        "O,output-document=",
        "T,timeout=",
        "t,tries=",
        "S,server-response",
        "spider",
        "header=",
        "post-data=",
        "no-check-certificate",
        "c",
        "P=",
        "U,user-agent=",
        "nv,no-verbose",
        "method=",
        "body-data=",
        "4",
        "6",
        "user=",
        "password=",
        "show-progress",
        "N",
    ],
    "Usage: wget [OPTION]... [URL]...\n\nFetches URLs into files.\n\n  -O FILE  into FILE, - for standard output   -q  say nothing   -S  show headers   -T SECONDS  give up after\n  --spider  only look   --header=LINE   --post-data=TEXT   --no-check-certificate\n",
);

const USAGE: &str = "Usage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n";

/// `wget`.
pub async fn wget(call: Call) -> Outcome {
    // `-qO-` and `-nv` as people write them.
    let argv =
        call.argv.iter().map(|a| if a == "-nv" { "--no-verbose".to_owned() } else { a.clone() }).collect();
    let call = Call { argv, ..call };
    let is_busybox = identity::is_busybox(&call.sys);
    if let (Err(options::Stop::Misuse(complaint)), false) = (options::parse(&SPEC, call.args()), is_busybox) {
        call.io.stderr.write(format!("wget: {complaint}\n{USAGE}")).await.ok();
        return Ok(2);
    }
    let tool = Tool::new(call, &SPEC).await?;
    if tool.options.operands.is_empty() {
        tool.note(format!("wget: missing URL\n{USAGE}")).await;
        return Ok(1);
    }
    for text in tool.options.operands.clone() {
        fetch(&tool, &text).await?;
    }
    tool.done()
}

fn stamp(tool: &Tool) -> String {
    tool.call.sys.now().timestamp().strftime("%Y-%m-%d %H:%M:%S").to_string()
}

async fn say(tool: &Tool, text: String) {
    if !tool.options.has("q") {
        tool.note(text).await;
    }
}

async fn fetch(tool: &Tool, text: &str) -> Outcome {
    let Ok(mut url) = Url::parse(text) else {
        tool.fail_with(1, format!("{text}: Invalid URL or host name.")).await;
        return Ok(1);
    };
    for _ in 0..MAX_REDIRECTS {
        if !tool.busybox {
            say(tool, format!("--{}--  {}\n", stamp(tool), url.text())).await;
        }
        let response = match ask(tool, &url).await {
            Ok(response) => response,
            Err(status) => {
                tool.set_status(status);
                return Ok(status);
            }
        };
        if tool.options.has("S") {
            let mut lines = format!("  HTTP/1.1 {} {}\n", response.status, response.reason);
            for (name, value) in &response.headers {
                lines += &format!("  {name}: {value}\n");
            }
            tool.note(lines).await;
        }
        if let (301..=308, Some(location)) = (response.status, response.header("Location")) {
            say(tool, format!("Location: {location} [following]\n")).await;
            match url.follow(location) {
                Ok(next) => url = next,
                Err(_) => return Ok(1),
            }
            continue;
        }
        if response.status >= 400 {
            let text = match tool.busybox {
                true => {
                    format!("wget: server returned error: HTTP/1.1 {} {}\n", response.status, response.reason)
                }
                false => format!("{} ERROR {}: {}.\n\n", stamp(tool), response.status, response.reason),
            };
            if tool.busybox {
                tool.note(text).await;
            } else {
                say(tool, text).await;
            }
            tool.set_status(if tool.busybox { 1 } else { 8 });
            return tool.done();
        }
        return save(tool, &url, response).await;
    }
    tool.fail_with(1, "too many redirections").await;
    Ok(1)
}

async fn ask(tool: &Tool, url: &Url) -> Result<HttpResponse, i32> {
    let sys = &tool.call.sys;
    let (host, port) = (url.host.clone(), url.port());
    let address = match sys.view(|w| w.resolve(&sys.netns(), &host)) {
        Ok(address) => address,
        Err(_) => {
            if tool.busybox {
                tool.note(format!("wget: bad address '{}'\n", url.host_header())).await;
                return Err(1);
            }
            say(tool, format!("Resolving {host} ({host})... failed: Name or service not known.\nwget: unable to resolve host address ‘{host}’\n")).await;
            return Err(4);
        }
    };
    if tool.busybox {
        say(tool, format!("Connecting to {} ({address}:{port})\n", url.host_header())).await;
    } else {
        if !crate::world::routing::is_address(&host) {
            say(tool, format!("Resolving {host} ({host})... {address}\n")).await;
        }
        let name = if crate::world::routing::is_address(&host) {
            host.clone()
        } else {
            format!("{host} ({host})|{address}|")
        };
        say(tool, format!("Connecting to {name}:{port}... ")).await;
    }
    let agent = tool.options.value("U").unwrap_or(if tool.busybox { "Wget" } else { "Wget/1.21.3" });
    let mut headers =
        vec![("Host".to_owned(), url.host_header()), ("User-Agent".to_owned(), agent.to_owned())];
    if !tool.busybox {
        headers.extend([
            ("Accept".to_owned(), "*/*".to_owned()),
            ("Accept-Encoding".to_owned(), "identity".to_owned()),
        ]);
    }
    headers.push(("Connection".to_owned(), if tool.busybox { "close" } else { "Keep-Alive" }.to_owned()));
    headers.extend(
        tool.options
            .values("header")
            .iter()
            .filter_map(|h| h.split_once(':'))
            .map(|(n, v)| (n.to_owned(), v.trim().to_owned())),
    );
    let body = tool
        .options
        .value("post-data")
        .or(tool.options.value("body-data"))
        .unwrap_or_default()
        .as_bytes()
        .to_vec();
    let method = match tool.options.value("method") {
        Some(method) => method.to_owned(),
        None if tool.options.has("post-data") => "POST".to_owned(),
        None if tool.options.has("spider") => "HEAD".to_owned(),
        None => "GET".to_owned(),
    };
    let request =
        HttpRequest { method, tls: url.is_tls(), host, port, target: url.target.clone(), headers, body };
    let limit = tool
        .options
        .value("T")
        .and_then(crate::programs::coreutils::date::span)
        .unwrap_or(Duration::from_secs(900));
    if request.tls && !tool.busybox && !tool.options.has("no-check-certificate") {
        refuse_untrusted(tool, url, &request).await?;
    }
    let result = sys.timeout(limit, sys.http(request)).await;
    let why = match result {
        Some(Ok(response)) => {
            if !tool.busybox {
                say(
                    tool,
                    format!(
                        "connected.\nHTTP request sent, awaiting response... {} {}\n",
                        response.status, response.reason
                    ),
                )
                .await;
            }
            return Ok(response);
        }
        None if tool.busybox => {
            tool.note("wget: download timed out\n").await;
            return Err(1);
        }
        None | Some(Err(Refusal::TimedOut | Refusal::NoRoute)) => "Connection timed out",
        Some(Err(Refusal::Refused)) => "Connection refused",
        Some(Err(Refusal::Reset)) => "Connection reset by peer",
        Some(Err(_)) => "No data received",
    };
    if tool.busybox {
        let text = match why {
            "Connection reset by peer" | "No data received" => "wget: error getting response\n".to_owned(),
            why => format!("wget: can't connect to remote host ({address}): {why}\n"),
        };
        tool.note(text).await;
        return Err(1);
    }
    say(
        tool,
        if why == "No data received" {
            format!("connected.\nHTTP request sent, awaiting response... {why}.\n")
        } else {
            format!("failed: {why}.\n")
        },
    )
    .await;
    Err(4)
}

/// GNU wget verifies; busybox's does not.
async fn refuse_untrusted(tool: &Tool, url: &Url, request: &HttpRequest) -> Result<(), i32> {
    let sys = &tool.call.sys;
    let Ok(route) = sys.can_connect(&request.host, request.port) else { return Ok(()) };
    let shown = sys.certificate_at(&route);
    let authorities = sys.read_text(tls::DEFAULT_AUTHORITIES).unwrap_or_default();
    let Some(shown) = shown.filter(|c| tls::problem(c, &authorities, sys.now()).is_some()) else {
        return Ok(());
    };
    let (host, issuer) = (&url.host, shown.issuer.replace(", ", ","));
    sys.note_broken_handshake(request, &route);
    let text = format!(
        "connected.\nERROR: cannot verify {host}'s certificate, issued by ‘{issuer}’:\n  Unable to locally verify the issuer's authority.\n\
         To connect to {host} insecurely, use `--no-check-certificate'.\n"
    );
    say(tool, text).await;
    Err(5)
}

async fn save(tool: &Tool, url: &Url, response: HttpResponse) -> Outcome {
    if tool.options.has("spider") {
        say(
            tool,
            if tool.busybox {
                "remote file exists\n".to_owned()
            } else {
                "Remote file exists.\n\n".to_owned()
            },
        )
        .await;
        return tool.done();
    }
    let path = url.target.split('?').next().unwrap_or("/");
    let default = path.rsplit('/').next().filter(|n| !n.is_empty()).unwrap_or("index.html");
    let name = tool.options.value("O").unwrap_or(default).to_owned();
    let size = response.body.len();
    if name == "-" {
        if !tool.busybox {
            say(tool, format!("Length: {size}\nSaving to: ‘STDOUT’\n\n")).await;
        }
        tool.out(response.body).await?;
        return tool.done();
    }
    if let Err(error) = tool.call.sys.write(&tool.path(&name), response.body.clone()) {
        let text =
            if tool.busybox { format!("can't open '{name}': {error}") } else { format!("{name}: {error}") };
        return Err(tool.die_with(if tool.busybox { 1 } else { 3 }, text).await);
    }
    if tool.busybox {
        let bar = "*".repeat(32);
        say(
            tool,
            format!("saving to '{name}'\n{name:<20.20} 100% |{bar}| {size:5}  0:00:00 ETA\n'{name}' saved\n"),
        )
        .await;
        return tool.done();
    }
    let kind = response
        .header("Content-Type")
        .map(|k| format!(" [{}]", k.split(';').next().unwrap_or(k)))
        .unwrap_or_default();
    say(tool, format!("Length: {size}{kind}\nSaving to: ‘{name}’\n\n     0K {:<50} 100% 1.20M=0s\n\n{} (1.20 MB/s) - ‘{name}’ saved [{size}/{size}]\n\n", ".".repeat(size.div_ceil(1024).min(50)), stamp(tool))).await;
    tool.done()
}
