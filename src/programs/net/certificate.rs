//! The few fields of an X.509 certificate that a client of this world checks. Must never verify a signature.

use base64::Engine as _;

use crate::world::http::Certificate;

/// Nested values read at most.
const MAX_DEPTH: usize = 12;

/// A certificate in PEM; a made-up one when the text is none, as nobody here checks keys.
pub fn read(pem: &str) -> Certificate {
    let body: String = pem
        .lines()
        .skip_while(|l| !l.starts_with("-----BEGIN CERTIFICATE"))
        .skip(1)
        .take_while(|l| !l.starts_with("-----"))
        .collect();
    let der = base64::engine::general_purpose::STANDARD.decode(body).unwrap_or_default();
    parse(&der).unwrap_or(Certificate {
        subject: "CN=unreadable".into(),
        issuer: "CN=unreadable".into(),
        names: Vec::new(),
        not_before_secs: 0,
        not_after_secs: u64::MAX,
    })
}

/// The value at the start of `der`: its tag, its content, and what follows.
fn value(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let count = usize::from(first & 0x7f);
        let digits = rest.get(..count.min(4))?;
        let length = digits.iter().fold(0usize, |n, b| (n << 8) | usize::from(*b));
        (length, rest.get(count..)?)
    };
    Some((tag, rest.get(..length)?, rest.get(length..)?))
}

fn parse(der: &[u8]) -> Option<Certificate> {
    let (_, certificate, _) = value(der)?;
    let (_, mut body, _) = value(certificate)?;
    if body.first() == Some(&0xa0) {
        body = value(body)?.2;
    }
    let (_, _, rest) = value(body)?;
    let (_, _, rest) = value(rest)?;
    let (_, issuer, rest) = value(rest)?;
    let (_, validity, rest) = value(rest)?;
    let (_, subject, rest) = value(rest)?;
    let (begin_tag, begin, after_begin) = value(validity)?;
    let (tag, end, _) = value(after_begin)?;
    let mut names = Vec::new();
    alternative_names(rest, &mut names, 0);
    Some(Certificate {
        subject: name(subject),
        issuer: name(issuer),
        names,
        not_before_secs: seconds(begin_tag, begin)?,
        not_after_secs: seconds(tag, end)?,
    })
}

fn seconds(tag: u8, text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?.trim_end_matches('Z');
    let text = if tag == 0x17 {
        format!("{}{text}", if text < "50" { "20" } else { "19" })
    } else {
        text.to_owned()
    };
    let part = |from: usize, to: usize| text.get(from..to).and_then(|p| p.parse::<i8>().ok());
    let date = jiff::civil::date(text.get(..4)?.parse().ok()?, part(4, 6)?, part(6, 8)?);
    let at = date.at(part(8, 10)?, part(10, 12)?, part(12, 14)?, 0).to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    u64::try_from(at.timestamp().as_second()).ok()
}

/// `O=Kubernetes, CN=*.example.com`.
fn name(mut der: &[u8]) -> String {
    let mut parts = Vec::new();
    while let Some((_, set, rest)) = value(der) {
        der = rest;
        let Some((_, pair, _)) = value(set) else { continue };
        let Some((_, oid, after)) = value(pair) else { continue };
        let Some((_, text, _)) = value(after) else { continue };
        let kind = match oid {
            [0x55, 0x04, 0x03] => "CN",
            [0x55, 0x04, 0x06] => "C",
            [0x55, 0x04, 0x07] => "L",
            [0x55, 0x04, 0x08] => "ST",
            [0x55, 0x04, 0x0a] => "O",
            [0x55, 0x04, 0x0b] => "OU",
            _ => continue,
        };
        parts.push(format!("{kind}={}", String::from_utf8_lossy(text)));
    }
    parts.join(", ")
}

/// Finds the extension 2.5.29.17 wherever it stands.
fn alternative_names(mut der: &[u8], names: &mut Vec<String>, depth: usize) {
    while let Some((tag, content, rest)) = value(der) {
        if tag == 0x06 && content == [0x55, 0x1d, 0x11] {
            let octets = value(rest).and_then(|(_, octets, _)| value(octets));
            let mut list = octets.map_or(&[][..], |(_, list, _)| list);
            while let Some((kind, text, more)) = value(list) {
                match (kind, text) {
                    (0x82, text) => names.push(String::from_utf8_lossy(text).into_owned()),
                    (0x87, [a, b, c, d]) => names.push(format!("{a}.{b}.{c}.{d}")),
                    _ => {}
                }
                list = more;
            }
            return;
        }
        if tag & 0x20 != 0 && depth < MAX_DEPTH {
            alternative_names(content, names, depth + 1);
        }
        der = rest;
    }
}
