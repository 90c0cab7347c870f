//! curl's command line. Must never send anything.

use crate::world::Call;

/// What a curl command line asks for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub urls: Vec<String>,
    pub method: Option<String>,
    pub headers: Vec<String>,
    pub data: Option<Vec<u8>>,
    pub json: bool,
    pub get: bool,
    pub user: Option<String>,
    pub agent: Option<String>,
    pub outputs: Vec<Output>,
    pub show_head: bool,
    pub head_only: bool,
    pub verbose: bool,
    pub silent: bool,
    pub show_error: bool,
    pub fail: bool,
    pub fail_with_body: bool,
    pub insecure: bool,
    /// The file of `--cacert`.
    pub authorities: Option<String>,
    pub follow: bool,
    pub max_ms: Option<u64>,
    pub connect_ms: Option<u64>,
    pub retries: u32,
    pub retry_refused: bool,
    pub retry_delay_ms: Option<u64>,
    pub write_out: Option<String>,
    pub max_redirects: u32,
    pub resolve: Vec<String>,
    pub upload: Option<String>,
    pub dump_header: Option<String>,
    /// What is odd about the words, said before the first transfer.
    pub warnings: Vec<String>,
}

/// Where a URL's body goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    File(String),
    RemoteName,
}

/// Why there is nothing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    Help,
    Version,
    /// curl's complaint after `curl: ` and its exit code.
    Complaint(String, i32),
}

/// Long name, short letter, whether a value follows.
static OPTIONS: &[(&str, char, bool)] = &[
    ("request", 'X', true),
    ("header", 'H', true),
    ("data", 'd', true),
    ("data-ascii", '\0', true),
    ("data-raw", '\0', true),
    ("data-binary", '\0', true),
    ("data-urlencode", '\0', true),
    ("json", '\0', true),
    ("get", 'G', false),
    ("user", 'u', true),
    ("user-agent", 'A', true),
    ("output", 'o', true),
    ("remote-name", 'O', false),
    ("include", 'i', false),
    ("show-headers", '\0', false),
    ("head", 'I', false),
    ("verbose", 'v', false),
    ("silent", 's', false),
    ("show-error", 'S', false),
    ("fail", 'f', false),
    ("fail-with-body", '\0', false),
    ("insecure", 'k', false),
    ("location", 'L', false),
    ("max-time", 'm', true),
    ("connect-timeout", '\0', true),
    ("retry", '\0', true),
    ("retry-connrefused", '\0', false),
    ("retry-delay", '\0', true),
    ("retry-all-errors", '\0', false),
    ("retry-max-time", '\0', true),
    ("write-out", 'w', true),
    ("max-redirs", '\0', true),
    ("resolve", '\0', true),
    ("referer", 'e', true),
    ("cookie", 'b', true),
    ("cookie-jar", 'c', true),
    ("upload-file", 'T', true),
    ("compressed", '\0', false),
    ("http1.1", '\0', false),
    ("http2", '\0', false),
    ("http1.0", '0', false),
    ("ipv4", '4', false),
    ("ipv6", '6', false),
    ("no-buffer", 'N', false),
    ("proxy", 'x', true),
    ("noproxy", '\0', true),
    ("cacert", '\0', true),
    ("cert", 'E', true),
    ("key", '\0', true),
    ("dump-header", 'D', true),
    ("url", '\0', true),
    ("oauth2-bearer", '\0', true),
    ("form", 'F', true),
    ("progress-bar", '#', false),
    ("no-progress-meter", '\0', false),
    ("globoff", 'g', false),
    ("keepalive-time", '\0', true),
    ("basic", '\0', false),
    ("create-dirs", '\0', false),
    ("max-filesize", '\0', true),
    ("interface", '\0', true),
    ("path-as-is", '\0', false),
    ("tlsv1.2", '\0', false),
    ("ssl-no-revoke", '\0', false),
    ("disable", 'q', false),
    ("location-trusted", '\0', false),
    ("range", 'r', true),
    ("remote-header-name", 'J', false),
    ("trace-ascii", '\0', true),
];

/// Reads the command line; `@file` data is read from the caller's host.
pub async fn parse(call: &Call) -> Result<Wanted, Refused> {
    let mut wanted = Wanted { max_redirects: 50, ..Wanted::default() };
    let mut args = call.args().iter().cloned();
    while let Some(arg) = args.next() {
        if let Some(long) = arg.strip_prefix("--").filter(|l| !l.is_empty()) {
            match long {
                "help" => return Err(Refused::Help),
                "version" => return Err(Refused::Version),
                _ => {}
            }
            let (name, negated) = long.strip_prefix("no-").map_or((long, false), |rest| (rest, true));
            let candidates: Vec<_> = OPTIONS.iter().filter(|(n, _, _)| n.starts_with(long)).collect();
            let exact = OPTIONS.iter().find(|(n, _, _)| *n == long);
            let option = match (exact, candidates.as_slice()) {
                (Some(found), _) => found,
                (None, [one]) => one,
                (None, [_, _, ..]) => return Err(complaint(format!("option --{long}: is ambiguous"))),
                _ if negated && OPTIONS.iter().any(|(n, _, v)| *n == name && !v) => continue,
                _ => return Err(complaint(format!("option --{long}: is unknown"))),
            };
            let value = if option.2 {
                Some(args.next().ok_or_else(|| complaint(format!("option --{long}: requires parameter")))?)
            } else {
                None
            };
            apply(call, &mut wanted, option.0, value).await?;
        } else if arg.len() > 1 && arg.starts_with('-') && arg != "--" {
            short(call, &mut wanted, &arg[1..], &mut args).await?;
        } else if arg != "--" {
            wanted.urls.push(arg);
        }
    }
    Ok(wanted)
}

fn complaint(text: String) -> Refused {
    Refused::Complaint(format!("{text}\ncurl: try 'curl --help' or 'curl --manual' for more information"), 2)
}

async fn short(
    call: &Call,
    wanted: &mut Wanted,
    letters: &str,
    args: &mut impl Iterator<Item = String>,
) -> Result<(), Refused> {
    for (at, letter) in letters.char_indices() {
        match letter {
            'h' => return Err(Refused::Help),
            'V' => return Err(Refused::Version),
            _ => {}
        }
        let Some(option) = OPTIONS.iter().find(|(_, l, _)| *l == letter) else {
            return Err(complaint(format!("option -{letters}: is unknown")));
        };
        if !option.2 {
            apply(call, wanted, option.0, None).await?;
            continue;
        }
        let rest = &letters[at + letter.len_utf8()..];
        let value = match rest.is_empty() {
            false => rest.to_owned(),
            true => args.next().ok_or_else(|| complaint(format!("option -{letters}: requires parameter")))?,
        };
        return apply(call, wanted, option.0, Some(value)).await;
    }
    Ok(())
}

fn milliseconds(name: &str, value: &str) -> Result<u64, Refused> {
    match value.parse::<f64>() {
        Ok(seconds) if seconds >= 0.0 => Ok((seconds * 1000.0) as u64),
        _ => Err(complaint(format!("option --{name}: expected a proper numerical parameter"))),
    }
}

async fn apply(call: &Call, wanted: &mut Wanted, name: &str, value: Option<String>) -> Result<(), Refused> {
    let value = value.unwrap_or_default();
    match name {
        "request" => wanted.method = Some(value),
        "header" => wanted.headers.push(value),
        "data" | "data-ascii" | "data-raw" | "data-binary" | "data-urlencode" | "json" => {
            data(call, wanted, name, &value).await?;
        }
        "get" => wanted.get = true,
        "user" => wanted.user = Some(value),
        "oauth2-bearer" => wanted.headers.push(format!("Authorization: Bearer {value}")),
        "user-agent" => wanted.agent = Some(value),
        "referer" => wanted.headers.push(format!("Referer: {value}")),
        "cookie" => wanted.headers.push(format!("Cookie: {value}")),
        "output" => wanted.outputs.push(Output::File(value)),
        "remote-name" => wanted.outputs.push(Output::RemoteName),
        "include" | "show-headers" => wanted.show_head = true,
        "head" => wanted.head_only = true,
        "verbose" => wanted.verbose = true,
        "silent" => wanted.silent = true,
        "show-error" => wanted.show_error = true,
        "fail" => wanted.fail = true,
        "fail-with-body" => wanted.fail_with_body = true,
        "cacert" => wanted.authorities = Some(value),
        "insecure" => wanted.insecure = true,
        "location" | "location-trusted" => wanted.follow = true,
        "max-time" => wanted.max_ms = Some(milliseconds(name, &value)?),
        "connect-timeout" => wanted.connect_ms = Some(milliseconds(name, &value)?),
        "retry" => wanted.retries = value.parse().unwrap_or(0),
        "retry-connrefused" | "retry-all-errors" => wanted.retry_refused = true,
        "retry-delay" => wanted.retry_delay_ms = Some(milliseconds(name, &value)?),
        "write-out" => wanted.write_out = Some(value),
        "max-redirs" => wanted.max_redirects = value.parse().unwrap_or(50),
        "resolve" => wanted.resolve.push(value),
        "upload-file" => wanted.upload = Some(value),
        "dump-header" => wanted.dump_header = Some(value),
        "url" => wanted.urls.push(value),
        "form" => {
            let text = "option -F: multipart forms are not imitated by KubeJam".to_owned();
            return Err(Refused::Complaint(text, 2));
        }
        _ => {}
    }
    Ok(())
}

async fn data(call: &Call, wanted: &mut Wanted, name: &str, value: &str) -> Result<(), Refused> {
    let bytes = match value.strip_prefix('@').filter(|_| name != "data-raw") {
        Some("-") => call.io.stdin.read_to_end().await.0,
        Some(file) => match call.sys.read(&call.path(file)) {
            Ok(bytes) if name == "data-binary" || name == "json" => bytes.to_vec(),
            Ok(bytes) => bytes.iter().copied().filter(|b| !matches!(b, b'\n' | b'\r' | 0)).collect(),
            Err(_) => {
                wanted
                    .warnings
                    .push(format!("Couldn't read data from file \"{file}\", this makes an empty POST."));
                Vec::new()
            }
        },
        None if name == "data-urlencode" => urlencoded(value).into_bytes(),
        None => value.as_bytes().to_vec(),
    };
    wanted.json |= name == "json";
    match &mut wanted.data {
        Some(before) => {
            if name != "json" {
                before.push(b'&');
            }
            before.extend(bytes);
        }
        none => *none = Some(bytes),
    }
    Ok(())
}

fn urlencoded(value: &str) -> String {
    let (name, text) = match value.split_once('=') {
        Some(("", text)) => (String::new(), text),
        Some((name, text)) => (format!("{name}="), text),
        None => (String::new(), value),
    };
    let encode = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => (b as char).to_string(),
        other => format!("%{other:02X}"),
    };
    name + &text.bytes().map(encode).collect::<String>()
}
