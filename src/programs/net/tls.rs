//! A client's side of TLS: whom it trusts, what is wrong with a certificate, and the lines that curl shows of a
//! handshake. Must never send anything, and verifies names and dates, not signatures.

use crate::base::SimTime;
use crate::programs::net::certificate;
use crate::world::http::Certificate;

/// Authorities that a client knows when it is given no others: none of this world's.
pub const DEFAULT_AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// What OpenSSL finds wrong with a server's certificate, in its order: first the chain, then the dates; the name is
/// the client's own business. `authorities` is the text of the file with the trusted ones.
pub fn problem(shown: &Certificate, authorities: &str, now: SimTime) -> Option<&'static str> {
    let begin = "-----BEGIN CERTIFICATE-----";
    let known: Vec<Certificate> =
        authorities.split(begin).skip(1).map(|pem| certificate::read(&format!("{begin}{pem}"))).collect();
    let trusted = known.iter().any(|ca| ca.subject == shown.issuer || ca == shown);
    match () {
        () if !trusted && shown.subject == shown.issuer => Some("self-signed certificate"),
        () if !trusted => Some("unable to get local issuer certificate"),
        () if shown.not_before_secs > now.secs() => Some("certificate is not yet valid"),
        () if shown.not_after_secs < now.secs() => Some("certificate has expired"),
        () => None,
    }
}

/// Whether the certificate is for this host: a name, a name with a star for its first part, or an address.
pub fn is_for(shown: &Certificate, host: &str) -> bool {
    let star = |name: &str| {
        name.strip_prefix("*.")
            .is_some_and(|domain| host.split_once('.').is_some_and(|(_, rest)| rest == domain))
    };
    shown.names.iter().any(|name| name.eq_ignore_ascii_case(host) || star(name))
}

/// A line that curl -v shows, or bytes that it shows only when its output is no terminal.
enum Shown {
    Line(&'static str),
    Sent(usize),
    Received(usize),
}

const HELLO: &[Shown] = &[
    Shown::Line("ALPN: offers h2,http/1.1"),
    Shown::Sent(5),
    Shown::Line("TLSv1.3 (OUT), TLS handshake, Client hello (1):"),
    Shown::Sent(512),
];
const ANSWER: &[Shown] = &[
    Shown::Line("TLSv1.3 (IN), TLS handshake, Server hello (2):"),
    Shown::Received(122),
    Shown::Line("TLSv1.3 (IN), TLS handshake, Encrypted Extensions (8):"),
    Shown::Received(25),
    Shown::Line("TLSv1.3 (IN), TLS handshake, Certificate (11):"),
    Shown::Received(883),
];
const DONE: &[Shown] = &[
    Shown::Line("TLSv1.3 (IN), TLS handshake, CERT verify (15):"),
    Shown::Received(264),
    Shown::Line("TLSv1.3 (IN), TLS handshake, Finished (20):"),
    Shown::Received(52),
    Shown::Line("TLSv1.3 (OUT), TLS change cipher, Change cipher spec (1):"),
    Shown::Sent(1),
    Shown::Line("TLSv1.3 (OUT), TLS handshake, Finished (20):"),
    Shown::Sent(52),
    Shown::Line("SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384"),
    Shown::Line("ALPN: server accepted http/1.1"),
];
const TICKETS: &[Shown] = &[
    Shown::Received(5),
    Shown::Line("TLSv1.3 (IN), TLS handshake, Newsession Ticket (4):"),
    Shown::Received(233),
    Shown::Line("TLSv1.3 (IN), TLS handshake, Newsession Ticket (4):"),
    Shown::Received(233),
    Shown::Line("old SSL session ID is stale, removing"),
    Shown::Received(5),
];

fn text(shown: &[Shown], terminal: bool) -> String {
    let line = |s: &Shown| match s {
        Shown::Line(line) => format!("* {line}\n"),
        _ if terminal => String::new(),
        Shown::Sent(bytes) => format!("}} [{bytes} bytes data]\n"),
        Shown::Received(bytes) => format!("{{ [{bytes} bytes data]\n"),
    };
    shown.iter().map(line).collect()
}

/// What curl -v shows of a handshake. `authorities` is the file it trusts; `None` with `-k`.
pub fn handshake(
    shown: &Certificate,
    authorities: Option<&str>,
    problem: Option<&str>,
    terminal: bool,
) -> String {
    let mut out = text(HELLO, terminal);
    if let Some(file) = authorities {
        out += &format!("*  CAfile: {file}\n*  CApath: /etc/ssl/certs\n");
        out += &text(&[Shown::Received(5)], terminal);
    }
    out += &text(ANSWER, terminal);
    if let (Some(problem), Some(_)) = (problem, authorities) {
        let (alert, number) = match problem {
            "certificate has expired" => ("certificate expired", 557),
            "certificate is not yet valid" => ("bad certificate", 554),
            _ => ("unknown CA", 560),
        };
        out += &format!("* TLSv1.3 (OUT), TLS alert, {alert} ({number}):\n");
        out += &text(&[Shown::Sent(2)], terminal);
        return out + &format!("* SSL certificate problem: {problem}\n* Closing connection 0\n");
    }
    out += &text(DONE, terminal);
    let date = |secs: u64| SimTime::from_secs(secs).timestamp().strftime("%b %e %H:%M:%S %Y GMT").to_string();
    let names = |text: &str| text.replace(", ", "; ");
    out += &format!(
        "* Server certificate:\n*  subject: {}\n*  start date: {}\n*  expire date: {}\n*  issuer: {}\n",
        names(&shown.subject),
        date(shown.not_before_secs),
        date(shown.not_after_secs),
        names(&shown.issuer)
    );
    out += &match problem {
        Some(problem) => {
            let number = match problem {
                "self-signed certificate" => 18,
                "certificate has expired" => 10,
                "certificate is not yet valid" => 9,
                _ => 20,
            };
            format!("*  SSL certificate verify result: {problem} ({number}), continuing anyway.\n")
        }
        None => "*  SSL certificate verify ok.\n".to_owned(),
    };
    out += "* using HTTP/1.x\n";
    out + &text(&[Shown::Sent(5)], terminal)
}

/// What it shows between the request and the answer.
pub fn tickets(terminal: bool) -> String {
    text(TICKETS, terminal)
}
