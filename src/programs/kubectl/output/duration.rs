//! Ages as kubectl prints them. Pure arithmetic: the current time is always an argument.

use serde_json::Value;

/// `duration.HumanDuration`: whole seconds in, at most two units out.
pub fn human(seconds: i64) -> String {
    if seconds < -1 {
        return "<invalid>".into();
    }
    let seconds = seconds.max(0);
    if seconds < 120 {
        return format!("{seconds}s");
    }
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    if minutes < 10 {
        return two(minutes, "m", seconds % 60, "s");
    }
    if minutes < 180 {
        return format!("{minutes}m");
    }
    match hours {
        0..8 => two(hours, "h", minutes % 60, "m"),
        8..48 => format!("{hours}h"),
        48..192 => two(hours / 24, "d", hours % 24, "h"),
        192..17520 => format!("{}d", hours / 24),
        17520..70080 => two(hours / 24 / 365, "y", hours / 24 % 365, "d"),
        _ => format!("{}y", hours / 24 / 365),
    }
}

fn two(large: i64, large_unit: &str, small: i64, small_unit: &str) -> String {
    if small == 0 {
        format!("{large}{large_unit}")
    } else {
        format!("{large}{large_unit}{small}{small_unit}")
    }
}

/// Why Go's `time.Parse` does not take a text for an RFC 3339 time; nothing when it does.
pub fn time_fault(text: &str) -> Option<String> {
    const LAYOUT: [(&str, usize); 10] = [
        ("2006", 4),
        ("-", 1),
        ("01", 2),
        ("-", 1),
        ("02", 2),
        ("T", 1),
        ("15", 2),
        (":", 1),
        ("04", 2),
        (":", 1),
    ];
    let fault = |rest: &str, wanted: &str| {
        Some(format!(
            "parsing time {text:?} as \"2006-01-02T15:04:05Z07:00\": cannot parse {rest:?} as {wanted:?}"
        ))
    };
    if text.parse::<jiff::Timestamp>().is_ok() {
        return None;
    }
    let mut rest = text;
    for (wanted, length) in LAYOUT.into_iter().chain([("05", 2)]) {
        let Some((part, after)) = rest.split_at_checked(length) else { return fault(rest, wanted) };
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        if if wanted.len() == 1 { part != wanted } else { !digits } {
            return fault(rest, wanted);
        }
        rest = after;
    }
    fault(rest, "Z07:00")
}

/// Seconds since the epoch of an RFC 3339 time.
pub fn parse_time(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(|time| time.as_second())
}

/// Milliseconds since the epoch of an RFC 3339 time (MicroTime keeps fractions).
pub fn parse_time_ms(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(|time| time.as_millisecond())
}

/// `translateTimestampSince`: the age of a JSON time at `now` (milliseconds since the epoch).
pub fn since(value: Option<&Value>, now_ms: i64) -> String {
    match value.and_then(Value::as_str).and_then(parse_time_ms) {
        Some(then) => human((now_ms - then).div_euclid(1000)),
        None => "<unknown>".into(),
    }
}

/// Go's `time.RFC1123Z` as describe prints times: `Sun, 22 Nov 2026 12:45:39 +0000`.
pub fn rfc1123z(text: &str) -> String {
    match text.parse::<jiff::Timestamp>() {
        Ok(time) => {
            time.to_zoned(jiff::tz::TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
        }
        Err(_) => "<unset>".into(),
    }
}

/// Go's `time.ParseDuration`, in milliseconds; the error carries Go's words.
pub fn parse_go(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {text:?}");
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().map_err(|_| invalid())?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        total += number
            * match &rest[..unit] {
                "ns" => 1e-6,
                "us" | "µs" | "μs" => 1e-3,
                "ms" => 1.0,
                "s" => 1e3,
                "m" => 6e4,
                "h" => 3.6e6,
                "" => return Err(format!("time: missing unit in duration {text:?}")),
                other => return Err(format!("time: unknown unit {other:?} in duration {text:?}")),
            };
        rest = &rest[unit..];
    }
    Ok(if negative { -total } else { total } as i64)
}

/// Go's `Duration.String()` for whole milliseconds: `1m0s`, `20s`, `0s`, `1h2m3s`.
pub fn go_string(ms: i64) -> String {
    let (sign, ms) = if ms < 0 { ("-", -ms) } else { ("", ms) };
    if ms == 0 {
        return "0s".into();
    }
    if ms < 1000 {
        return format!("{sign}{ms}ms");
    }
    let (hours, minutes, rest) = (ms / 3_600_000, ms / 60_000 % 60, ms % 60_000);
    let mut seconds = format!("{}", rest / 1000);
    if rest % 1000 != 0 {
        seconds.push_str(format!(".{:03}", rest % 1000).trim_end_matches('0'));
    }
    match (hours, minutes) {
        (0, 0) => format!("{sign}{seconds}s"),
        (0, _) => format!("{sign}{minutes}m{seconds}s"),
        _ => format!("{sign}{hours}h{minutes}m{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::{go_string, human, parse_go, rfc1123z};

    #[test]
    fn ages_lose_precision_as_they_grow() {
        for (seconds, text) in [
            (-5, "<invalid>"),
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (134, "2m14s"),
            (600, "10m"),
            (10_799, "179m"),
            (10_800, "3h"),
            (12_000, "3h20m"),
            (90_000, "25h"),
            (200_000, "2d7h"),
            (900_000, "10d"),
        ] {
            assert_eq!(human(seconds), text, "{seconds}");
        }
    }

    #[test]
    fn go_durations_go_both_ways() {
        assert_eq!(parse_go("1m30s"), Ok(90_000));
        assert_eq!(parse_go("5"), Err("time: missing unit in duration \"5\"".into()));
        assert_eq!(go_string(90_000), "1m30s");
        assert_eq!(go_string(20_000), "20s");
        assert_eq!(rfc1123z("2026-11-22T12:45:39Z"), "Sun, 22 Nov 2026 12:45:39 +0000");
    }
}
