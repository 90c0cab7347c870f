//! What curl says: help, version, messages for what went wrong. Must never decide anything.

use std::time::Duration;

use crate::base::net::Refusal;

/// The version whose messages these are.
pub const VERSION: &str = "7.88.1";

pub const HELP: &str = "\
Usage: curl [options...] <url>
 -d, --data <data>           Send DATA as the body of a POST
 -f, --fail                  No output and status 22 on HTTP errors
 -h, --help                  This page
 -H, --header <header/@file> Add a header
 -i, --include               Show the response's headers too
 -I, --head                  Ask for the headers only
 -k, --insecure              Accept any certificate
 -L, --location              Follow redirects
 -m, --max-time <seconds>    Give up after so long
 -o, --output <file>         Write the body to a file
 -O, --remote-name           Write it to a file named as in the URL
 -s, --silent                No progress meter, no messages
 -S, --show-error            Messages in spite of -s
 -u, --user <user:password>  Name and password
 -v, --verbose               Show what is sent and received
 -w, --write-out <format>    Print FORMAT when done
 -X, --request <method>      Use METHOD
     --connect-timeout, --retry, --retry-connrefused, --resolve, --data-raw, --json, ...
";

pub const VERSION_TEXT: &str = "\
curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1 OpenSSL/3.0.17 zlib/1.2.13
Release-Date: 2023-02-20, security patched: 7.88.1-10+deb12u14
Protocols: http https
Features: HTTPS-proxy IPv6 Largefile SSL threadsafe
";

/// curl's message and exit code for a request that got no answer. `host` is as in the URL; `spent` is how long it took,
/// `limit` whether curl's own limit ended it.
pub fn refusal(refusal: &Refusal, host: &str, port: u16, spent: Duration) -> (String, i32) {
    let ms = spent.as_millis();
    match refusal {
        Refusal::Resolve(name) => (format!("Could not resolve host: {name}"), 6),
        Refusal::Refused => {
            (format!("Failed to connect to {host} port {port} after {ms} ms: Couldn't connect to server"), 7)
        }
        Refusal::NoRoute => {
            (format!("Failed to connect to {host} port {port} after {ms} ms: Couldn't connect to server"), 7)
        }
        Refusal::TimedOut => {
            (format!("Failed to connect to {host} port {port} after {ms} ms: Couldn't connect to server"), 28)
        }
        Refusal::Reset => ("Recv failure: Connection reset by peer".to_owned(), 56),
        Refusal::EmptyReply => ("Empty reply from server".to_owned(), 52),
    }
}

/// What follows the message of code 60.
pub const CERTIFICATE_ADVICE: &str = "\
More details here: https://curl.se/docs/sslcerts.html

curl failed to verify the legitimacy of the server and therefore could not
establish a secure connection to it. To learn more about this situation and
how to fix it, please visit the web page mentioned above.
";

/// The head of the progress meter.
pub const METER_HEAD: &str = "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current
                                 Dload  Upload   Total   Spent    Left  Speed
";

/// One line of the progress meter.
pub fn meter(received: usize, sent: usize, spent: Duration) -> String {
    let total = received + sent;
    let speed = |n: usize| amount((n as u128 * 1000 / spent.as_millis().max(1)) as usize);
    let percent = |n: usize| if n == 0 { 0 } else { 100 };
    let time = if spent.as_secs() == 0 { "--:--:--".to_owned() } else { clock(spent.as_secs()) };
    format!(
        "\r{:>3} {:>5}  {:>3} {:>5}  {:>3} {:>5}  {:>5}  {:>5} {:>8} {:>8} {:>8} {:>5}",
        percent(total),
        amount(total),
        percent(received),
        amount(received),
        percent(sent),
        amount(sent),
        speed(received),
        speed(sent),
        time,
        time,
        "--:--:--",
        speed(total)
    )
}

fn clock(seconds: u64) -> String {
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// At most five characters.
fn amount(n: usize) -> String {
    match n {
        0..100_000 => n.to_string(),
        100_000..10_240_000 => format!("{}k", n / 1024),
        _ => format!("{}M", n / (1024 * 1024)),
    }
}
