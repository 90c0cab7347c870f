//! `curl`: one request after the other. Must never know who answers; the network does.

use std::time::Duration;

use base64::Engine as _;

use super::curl_options::{Output, Refused, Wanted, parse};
use super::curl_texts::{CERTIFICATE_ADVICE, HELP, METER_HEAD, VERSION, VERSION_TEXT, meter, refusal};
use super::tls;
use super::url::{BadUrl, Url};
use crate::base::net::Refusal;
use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Quit, Tool};
use crate::world::Call;
use crate::world::http::{HttpRequest, HttpResponse};
use crate::world::network::Route;

static SPEC: Spec = Spec::new(&[], HELP);

/// The longest a request takes before curl is told that nobody answers.
const PATIENCE: Duration = Duration::from_secs(3600);

/// A transfer that failed: message and exit code.
struct Failure(String, i32);

/// `curl`.
pub async fn curl(call: Call) -> Outcome {
    let wanted = match parse(&call).await {
        Ok(wanted) => wanted,
        Err(refused) => return refuse(call, refused).await,
    };
    let mut tool = Tool::bare(call, &SPEC);
    tool.name = "curl".to_owned();
    if wanted.urls.is_empty() {
        let missing = if tool.call.args().is_empty() { "" } else { "curl: no URL specified!\n" };
        let hint = "curl: try 'curl --help' or 'curl --manual' for more information";
        tool.note(format!("{missing}{hint}\n")).await;
        return Ok(2);
    }
    for warning in wanted.warnings.iter().filter(|_| !wanted.silent) {
        tool.note(format!("Warning: {warning}\n")).await;
    }
    let mut status = 0;
    for (index, text) in wanted.urls.iter().enumerate() {
        status = transfer(&tool, &wanted, index, text).await?;
    }
    Ok(status)
}

async fn refuse(call: Call, refused: Refused) -> Outcome {
    let (stream, text, status) = match refused {
        Refused::Help => (&call.io.stdout, HELP.to_owned(), 0),
        Refused::Version => (&call.io.stdout, VERSION_TEXT.to_owned(), 0),
        Refused::Complaint(text, status) => (&call.io.stderr, format!("curl: {text}\n"), status),
    };
    stream.write(text).await.ok();
    Ok(status)
}

/// One URL: its request, repeated and redirected as asked, and what is written.
async fn transfer(tool: &Tool, wanted: &Wanted, index: usize, text: &str) -> Outcome {
    let destination = wanted.outputs.get(index);
    let to_terminal = tool.on_terminal() && destination.is_none();
    let started = tool.call.sys.now();
    let mut attempt = 0;
    let result = loop {
        let result = follow(tool, wanted, text).await;
        let again = match &result {
            Err(Failure(_, code)) => {
                matches!(code, 28) || (wanted.retry_refused && matches!(code, 6 | 7 | 52 | 56))
            }
            Ok((response, _, _)) => matches!(response.status, 408 | 429 | 500 | 502 | 503 | 504),
        };
        if !again || attempt >= wanted.retries {
            break result;
        }
        let delay =
            wanted.retry_delay_ms.map_or(Duration::from_secs(1 << attempt.min(9)), Duration::from_millis);
        attempt += 1;
        if !wanted.silent {
            let why = match &result {
                Err(Failure(_, 7)) => "connection refused".to_owned(),
                Err(Failure(_, 28)) => "timeout".to_owned(),
                Ok((response, _, _)) => format!("HTTP error {}", response.status),
                Err(_) => "problem".to_owned(),
            };
            let left = wanted.retries - attempt + 1;
            let seconds = delay.as_secs();
            tool.note(format!(
                "Warning: Problem: {why}. Will retry in {seconds} seconds. {left} \nWarning: retries left.\n"
            ))
            .await;
        }
        tool.pause(delay).await;
    };
    // A URL that cannot be asked for begins no transfer.
    let is_begun = !matches!(result, Err(Failure(_, 1 | 3)));
    let meter_shown = !wanted.silent && !to_terminal && is_begun;
    if meter_shown {
        tool.note(METER_HEAD).await;
    }
    let spent = tool.call.sys.now() - started;
    let status = match result {
        Ok((response, url, size)) => {
            if meter_shown {
                let sent = wanted.data.as_ref().map_or(0, Vec::len);
                tool.note(format!("{}{}\n", meter(0, 0, Duration::ZERO), meter(size, sent, spent))).await;
            }
            finish(tool, wanted, destination, &response, &url, size, spent).await?
        }
        Err(Failure(message, code)) => {
            if meter_shown {
                tool.note(format!("{0}{0}\n", meter(0, 0, spent))).await;
            }
            if !wanted.silent || wanted.show_error {
                tool.note(format!("curl: ({code}) {message}\n")).await;
            }
            if let Some(format) = &wanted.write_out {
                let none = HttpResponse::default();
                tool.out(write_out(format, &none, text, 0, spent)).await?;
            }
            code
        }
    };
    Ok(status)
}

/// Asks, and asks again where it is sent. Gives the answer, the last URL and the bytes received.
async fn follow(tool: &Tool, wanted: &Wanted, text: &str) -> Result<(HttpResponse, Url, usize), Failure> {
    let mut url = Url::parse(text).map_err(|bad| bad_url(&bad, text))?;
    let mut redirects = 0;
    loop {
        let response = ask(tool, wanted, &url, redirects > 0).await?;
        let location = response.header("Location").map(str::to_owned);
        match location {
            Some(location) if wanted.follow && (300..400).contains(&response.status) => {
                redirects += 1;
                if redirects > wanted.max_redirects {
                    return Err(Failure(
                        format!("Maximum ({}) redirects followed", wanted.max_redirects),
                        47,
                    ));
                }
                url = url.follow(&location).map_err(|bad| bad_url(&bad, &location))?;
            }
            _ => {
                let size = response.body.len();
                return Ok((response, url, size));
            }
        }
    }
}

fn bad_url(bad: &BadUrl, text: &str) -> Failure {
    match bad {
        BadUrl::Port => Failure("URL using bad/illegal format or missing URL".to_owned(), 3),
        BadUrl::Host if text.contains(['<', '>', '{']) => {
            Failure("nested brace in URL position 8:".to_owned(), 3)
        }
        _ => Failure("URL using bad/illegal format or missing URL".to_owned(), 3),
    }
}

async fn ask(tool: &Tool, wanted: &Wanted, url: &Url, redirected: bool) -> Result<HttpResponse, Failure> {
    if !matches!(url.scheme.as_str(), "http" | "https") {
        return Err(Failure(format!("Protocol \"{}\" not supported or disabled in libcurl", url.scheme), 1));
    }
    let request = request(tool, wanted, url, redirected).await;
    let sys = &tool.call.sys;
    let started = sys.now();
    let address = sys.view(|w| w.resolve(&sys.netns(), &request.host)).unwrap_or_else(|_| url.host.clone());
    if wanted.verbose && crate::world::routing::is_address(&address) {
        tool.note(format!("*   Trying {address}:{}...\n", url.port())).await;
    }
    let sent = describe(&request);
    let limit =
        [wanted.max_ms, wanted.connect_ms.filter(|_| sys.can_connect(&request.host, request.port).is_err())];
    let limit = limit.into_iter().flatten().min().map(Duration::from_millis);
    let connected = sys.can_connect(&request.host, request.port).is_ok();
    let port = request.port;
    if let (true, Ok(route)) = (request.tls, sys.can_connect(&request.host, port)) {
        handshake(tool, wanted, url, &request, &route).await?;
    }
    let result = sys.timeout(limit.unwrap_or(PATIENCE), sys.http(request)).await;
    let spent = sys.now() - started;
    let Some(result) = result else {
        let ms = spent.as_millis() + 1;
        let text = match connected {
            true => format!("Operation timed out after {ms} milliseconds with 0 bytes received"),
            false => format!("Connection timed out after {ms} milliseconds"),
        };
        return Err(Failure(text, 28));
    };
    if wanted.verbose {
        let name = &url.host;
        let line = match &result {
            Err(Refusal::Refused | Refusal::TimedOut) => {
                format!(
                    "* connect to {address} port {port} failed: {}\n* {}\n* Closing connection 0\n",
                    reason(&result),
                    refusal(&Refusal::Refused, name, port, spent).0
                )
            }
            Err(Refusal::Resolve(_)) => format!("* Could not resolve host: {name}\n* Closing connection 0\n"),
            _ if url.is_tls() => String::new(),
            _ => format!("* Connected to {name} ({address}) port {port} (#0)\n"),
        };
        tool.note(line).await;
    }
    let response = result.map_err(|r| {
        let (text, code) = refusal(&r, &url.host, port, spent);
        Failure(text, code)
    })?;
    if wanted.verbose {
        tool.note(verbose(&sent, &response, url, tool.on_terminal())).await;
    }
    Ok(response)
}

fn reason(result: &Result<HttpResponse, Refusal>) -> &'static str {
    match result {
        Err(Refusal::TimedOut) => "Connection timed out",
        _ => "Connection refused",
    }
}

async fn request(tool: &Tool, wanted: &Wanted, url: &Url, redirected: bool) -> HttpRequest {
    let mut headers = vec![("Host".to_owned(), url.host_header())];
    if let Some(user) = wanted.user.clone().or_else(|| url.user.clone()) {
        let user = match user.contains(':') {
            true => user,
            false => format!("{user}:{}", ask_password(tool, &user).await),
        };
        let code = base64::engine::general_purpose::STANDARD.encode(user);
        headers.push(("Authorization".to_owned(), format!("Basic {code}")));
    }
    headers
        .push(("User-Agent".to_owned(), wanted.agent.clone().unwrap_or_else(|| format!("curl/{VERSION}"))));
    headers.push(("Accept".to_owned(), "*/*".to_owned()));
    let mut body = if redirected { Vec::new() } else { wanted.data.clone().unwrap_or_default() };
    let mut target = url.target.clone();
    let mut method = "GET";
    if wanted.head_only {
        method = "HEAD";
    } else if let Some(file) = &wanted.upload {
        method = "PUT";
        body = tool.call.sys.read(&tool.path(file)).map(|b| b.to_vec()).unwrap_or_default();
    } else if wanted.get {
        let query = String::from_utf8_lossy(&std::mem::take(&mut body)).into_owned();
        if !query.is_empty() {
            target = format!("{target}{}{query}", if target.contains('?') { '&' } else { '?' });
        }
    } else if wanted.data.is_some() && !redirected {
        method = "POST";
        headers.push(("Content-Length".to_owned(), body.len().to_string()));
        let kind = if wanted.json { "application/json" } else { "application/x-www-form-urlencoded" };
        headers.push(("Content-Type".to_owned(), kind.to_owned()));
        if wanted.json {
            replace(&mut headers, "Accept", Some("application/json".to_owned()));
        }
    }
    for line in &wanted.headers {
        match line.split_once(':') {
            Some((name, value)) => {
                let value = value.trim();
                replace(&mut headers, name, (!value.is_empty()).then(|| value.to_owned()));
            }
            None => {
                if let Some(name) = line.strip_suffix(';') {
                    replace(&mut headers, name, Some(String::new()));
                }
            }
        }
    }
    let method = wanted.method.clone().unwrap_or_else(|| method.to_owned());
    let port = url.port();
    let host = wanted
        .resolve
        .iter()
        .find_map(|r| r.strip_prefix(&format!("{}:{port}:", url.host)))
        .map_or_else(|| url.host.clone(), str::to_owned);
    HttpRequest { method, tls: url.is_tls(), host, port, target, headers, body }
}

fn replace(headers: &mut Vec<(String, String)>, name: &str, value: Option<String>) {
    let at = headers.iter().position(|(n, _)| n.eq_ignore_ascii_case(name));
    match (at, value) {
        (Some(at), Some(value))
            if matches!(
                headers[at].0.as_str(),
                "Host" | "User-Agent" | "Accept" | "Content-Type" | "Authorization" | "Content-Length"
            ) =>
        {
            headers[at] = (name.to_owned(), value);
        }
        (Some(at), None) => drop(headers.remove(at)),
        (_, Some(value)) => headers.push((name.to_owned(), value)),
        (None, None) => {}
    }
}

async fn ask_password(tool: &Tool, user: &str) -> String {
    let prompt = format!("Enter host password for user '{user}':");
    let Some(tty) = tool.call.sys.tty() else { return String::new() };
    tty.write(prompt.as_bytes());
    let line = crate::world::Input::Terminal(tty).read_secret_line(&prompt).await.unwrap_or_default();
    String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned()
}

/// Meets the server before anything is sent: an untrusted certificate ends the transfer, and the server sees no request.
async fn handshake(
    tool: &Tool,
    wanted: &Wanted,
    url: &Url,
    request: &HttpRequest,
    route: &Route,
) -> Result<(), Failure> {
    let sys = &tool.call.sys;
    let file = wanted.authorities.as_deref();
    let authorities = match file {
        Some(name) => match sys.read_text(&tool.path(name)) {
            Ok(text) => text,
            Err(_) => return Err(Failure(format!("error setting certificate file: {name}"), 77)),
        },
        None => sys.read_text(tls::DEFAULT_AUTHORITIES).unwrap_or_default(),
    };
    let Some(shown) = sys.certificate_at(route) else {
        sys.note_broken_handshake(request, route);
        return Err(Failure("error:0A00010B:SSL routines::wrong version number".to_owned(), 35));
    };
    let problem = tls::problem(&shown, &authorities, sys.now());
    let trusting = (!wanted.insecure).then(|| file.unwrap_or(tls::DEFAULT_AUTHORITIES));
    if wanted.verbose {
        let address = sys.view(|w| w.resolve(&sys.netns(), &request.host)).unwrap_or_default();
        let port = request.port;
        let met = tls::handshake(&shown, trusting, problem, tool.on_terminal());
        tool.note(format!("* Connected to {} ({address}) port {port} (#0)\n{met}", url.host)).await;
    }
    if wanted.insecure {
        return Ok(());
    }
    let text = match problem {
        Some(problem) => format!("SSL certificate problem: {problem}"),
        None if tls::is_for(&shown, &url.host) => return Ok(()),
        None => {
            format!("SSL: no alternative certificate subject name matches target host name '{}'", url.host)
        }
    };
    sys.note_broken_handshake(request, route);
    Err(Failure(format!("{text}\n{}", CERTIFICATE_ADVICE.trim_end()), 60))
}

fn describe(request: &HttpRequest) -> String {
    let mut out = format!("> {} {} HTTP/1.1\n", request.method, request.target);
    for (name, value) in &request.headers {
        out += &format!("> {name}: {value}\n");
    }
    out + "> \n"
}

fn verbose(sent: &str, response: &HttpResponse, url: &Url, terminal: bool) -> String {
    let head: String = head(response).lines().map(|l| format!("< {l}\n")).collect();
    let body = if terminal || response.body.is_empty() {
        String::new()
    } else {
        format!("{{ [{} bytes data]\n", response.body.len())
    };
    let tickets = if url.is_tls() { tls::tickets(terminal) } else { String::new() };
    format!("{sent}{tickets}{head}{body}* Connection #0 to host {} left intact\n", url.host)
}

fn head(response: &HttpResponse) -> String {
    let mut out = format!("HTTP/1.1 {} {}\r\n", response.status, response.reason);
    for (name, value) in &response.headers {
        out += &format!("{name}: {value}\r\n");
    }
    out + "\r\n"
}

async fn finish(
    tool: &Tool,
    wanted: &Wanted,
    destination: Option<&Output>,
    response: &HttpResponse,
    url: &Url,
    size: usize,
    spent: Duration,
) -> Outcome {
    if wanted.fail && response.status >= 400 {
        if !wanted.silent || wanted.show_error {
            tool.note(format!("curl: (22) The requested URL returned error: {}\n", response.status)).await;
        }
        if let Some(format) = &wanted.write_out {
            tool.out(write_out(format, response, &url.text(), 0, spent)).await?;
        }
        return Ok(22);
    }
    let mut bytes = Vec::new();
    if wanted.show_head || wanted.head_only {
        bytes.extend(head(response).bytes());
    }
    if let Some(file) = &wanted.dump_header {
        match file.as_str() {
            "-" => bytes.extend(head(response).bytes()),
            file => drop(tool.call.sys.write(&tool.path(file), head(response).into_bytes())),
        }
    }
    if !wanted.head_only {
        bytes.extend_from_slice(&response.body);
    }
    if let Err(quit) = put(tool, destination, url, bytes).await {
        return Ok(quit.0);
    }
    if let Some(format) = &wanted.write_out {
        tool.out(write_out(format, response, &url.text(), size, spent)).await?;
    }
    Ok(if wanted.fail_with_body && response.status >= 400 { 22 } else { 0 })
}

async fn put(tool: &Tool, destination: Option<&Output>, url: &Url, bytes: Vec<u8>) -> Result<(), Quit> {
    let name = match destination {
        None => None,
        Some(Output::File(name)) if name == "-" => None,
        Some(Output::File(name)) => Some(name.clone()),
        Some(Output::RemoteName) => {
            let path = url.target.split('?').next().unwrap_or_default();
            let name = path.rsplit('/').next().unwrap_or_default();
            if name.is_empty() {
                tool.note("curl: Remote file name has no length!\ncurl: (23) Failed writing received data to disk/application\n").await;
                return Err(Quit(23));
            }
            Some(name.to_owned())
        }
    };
    match name {
        None => {
            if tool.on_terminal() && bytes.contains(&0) {
                tool.note("Warning: Binary output can mess up your terminal. Use \"--output -\" to tell \nWarning: curl to output it to your terminal anyway, or consider \"--output \nWarning: <FILE>\" to save to a file.\n").await;
                return Err(Quit(23));
            }
            tool.out(bytes).await
        }
        Some(name) if name == "/dev/null" => Ok(()),
        Some(name) => match tool.call.sys.write(&tool.path(&name), bytes) {
            Ok(()) => Ok(()),
            Err(error) => {
                tool.note(format!("Warning: Failed to open the file {name}: {error}\ncurl: (23) Failure writing output to destination\n")).await;
                Err(Quit(23))
            }
        },
    }
}

fn write_out(format: &str, response: &HttpResponse, url: &str, size: usize, spent: Duration) -> String {
    let mut out = String::new();
    let mut rest = format;
    while let Some(at) = rest.find(['%', '\\']) {
        out += &rest[..at];
        let tail = &rest[at..];
        if let Some((name, after)) = tail.strip_prefix("%{").and_then(|t| t.split_once('}')) {
            out += &match name {
                "http_code" | "response_code" => format!("{:03}", response.status),
                "size_download" => size.to_string(),
                "time_total" | "time_starttransfer" | "time_connect" | "time_namelookup" => {
                    format!("{:.6}", spent.as_secs_f64())
                }
                "url_effective" | "url" => url.to_owned(),
                "content_type" => response.header("Content-Type").unwrap_or_default().to_owned(),
                "http_version" => "1.1".to_owned(),
                "num_connects" => "1".to_owned(),
                "exitcode" => "0".to_owned(),
                _ => String::new(),
            };
            rest = after;
            continue;
        }
        let (piece, length) = match tail.as_bytes() {
            [b'%', b'%', ..] => ("%", 2),
            [b'\\', b'n', ..] => ("\n", 2),
            [b'\\', b't', ..] => ("\t", 2),
            [b'\\', b'r', ..] => ("\r", 2),
            _ => (&tail[..1], 1),
        };
        out += piece;
        rest = &tail[length..];
    }
    out + rest
}
