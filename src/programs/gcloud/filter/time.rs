//! Times in comparisons: of resources, and of operands, which may count from now. Must never look at a clock.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// A resource's time: it has a date and a time of day.
pub fn of_value(text: &str) -> Option<Timestamp> {
    let head = text.get(..19)?;
    let is_time = head.bytes().enumerate().all(|(at, c)| match at {
        4 | 7 => c == b'-',
        10 => matches!(c, b'T' | b' '),
        13 | 16 => c == b':',
        _ => c.is_ascii_digit(),
    });
    is_time.then(|| absolute(text)).flatten()
}

/// An operand's time: a date, with a time of day or without, or a span from now such as `-P1D`.
pub fn of_operand(text: &str, now: Option<Timestamp>) -> Option<Timestamp> {
    absolute(text).or_else(|| relative(text, now?))
}

fn absolute(text: &str) -> Option<Timestamp> {
    let text = text.replacen(' ', "T", 1);
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let civil = text
        .parse::<DateTime>()
        .ok()
        .or_else(|| Some(text.parse::<Date>().ok()?.to_datetime(Default::default())))?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// ISO 8601's spans, in either case, also without the P.
fn relative(text: &str, now: Timestamp) -> Option<Timestamp> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let rest = rest.to_uppercase();
    let rest = rest.strip_prefix('P').unwrap_or(&rest);
    let span: Span = format!("{sign}P{rest}").parse().or_else(|_| format!("{sign}PT{rest}").parse()).ok()?;
    let zoned = now.to_zoned(TimeZone::UTC).checked_add(span).ok()?;
    Some(zoned.timestamp())
}
