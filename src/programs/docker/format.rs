//! Sizes, ages and quotes as docker prints them (go-units, strconv). Pure.

use std::time::Duration;

use crate::base::SimTime;

pub use crate::machine::docker::size::bytes as parse_bytes;

/// `220MB`, `9.51kB`: decimal units with `digits` significant digits, as go-units' HumanSizeWithPrecision.
pub fn size(bytes: u64, digits: usize) -> String {
    const UNITS: &[&str] = &["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{}{}", significant(value, digits), UNITS[unit])
}

/// `23.54GiB`: binary units with four digits, as go-units' BytesSize.
pub fn binary_size(bytes: u64) -> String {
    const UNITS: &[&str] = &["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{}{}", significant(value, 4), UNITS[unit])
}

/// Go's `%.Ng` for values below 1000 or so.
fn significant(value: f64, digits: usize) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{value:.*e}", digits.saturating_sub(1));
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if exponent >= digits as i32 {
        let mantissa = trim_zeros(mantissa);
        return format!("{mantissa}e+{exponent:02}");
    }
    let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
    trim_zeros(&format!("{value:.decimals$}"))
}

fn trim_zeros(text: &str) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text.to_owned()
    }
}

/// `2 weeks`, `About a minute`: go-units' HumanDuration.
pub fn duration(span: Duration) -> String {
    let secs = span.as_secs();
    let hours = (span.as_secs_f64() / 3600.0 + 0.5) as u64;
    match (secs, secs / 60, hours) {
        (0, ..) => "Less than a second".to_owned(),
        (1, ..) => "1 second".to_owned(),
        (s, ..) if s < 60 => format!("{s} seconds"),
        (_, 1, _) => "About a minute".to_owned(),
        (_, m, _) if m < 60 => format!("{m} minutes"),
        (_, _, 1) => "About an hour".to_owned(),
        (_, _, h) if h < 48 => format!("{h} hours"),
        (_, _, h) if h < 24 * 7 * 2 => format!("{} days", h / 24),
        (_, _, h) if h < 24 * 30 * 2 => format!("{} weeks", h / 24 / 7),
        (_, _, h) if h < 24 * 365 * 2 => format!("{} months", h / 24 / 30),
        (_, _, h) => format!("{} years", h / 24 / 365),
    }
}

/// `2 weeks ago`.
pub fn ago(then: SimTime, now: SimTime) -> String {
    format!("{} ago", duration(now.since(then)))
}

/// `2026-11-22 12:39:56 +0000 UTC`: Go's `time.Time` in UTC without its fraction.
pub fn go_time(at: SimTime) -> String {
    at.timestamp().strftime("%Y-%m-%d %H:%M:%S +0000 UTC").to_string()
}

/// Cuts to `width` characters, the last one an ellipsis when something was lost.
pub fn ellipsis(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(width.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// Go's strconv.Quote.
pub fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let all: Vec<String> =
            [0, 804, 9512, 220_248_376, 1_000_000_000, 2_070_000].iter().map(|b| size(*b, 3)).collect();
        assert_eq!(all, ["0B", "804B", "9.51kB", "220MB", "1GB", "2.07MB"]);
        assert_eq!([size(220_248_376, 4), size(1162, 4)], ["220.2MB", "1.162kB"]);
        assert_eq!(
            [parse_bytes("512m"), parse_bytes("1.5g"), parse_bytes("x")],
            [Some(536_870_912), Some(1_610_612_736), None]
        );
    }

    #[test]
    fn durations() {
        let at = |secs| duration(Duration::from_secs(secs));
        let all = [
            at(0),
            at(1),
            at(59),
            at(60),
            at(119),
            at(120),
            at(3600),
            at(7200),
            at(86_400 * 14),
            at(86_400 * 245),
        ];
        let expect = [
            "Less than a second",
            "1 second",
            "59 seconds",
            "About a minute",
            "About a minute",
            "2 minutes",
            "About an hour",
            "2 hours",
            "2 weeks",
            "8 months",
        ];
        assert_eq!(all, expect);
    }
}
