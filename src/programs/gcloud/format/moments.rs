//! Transforms of times: dates and durations. Must never look at a clock: when it is, the call knows.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::functions::Arguments;
use super::property::text;
use super::transform::by_key;

/// A duration's units, largest first: the letter, its length in milliseconds, and whether it belongs to the calendar.
const UNITS: &[(char, i64, bool)] =
    &[('D', 86_400_000, true), ('H', 3_600_000, false), ('M', 60_000, false), ('S', 1_000, false)];

/// A time as it is asked for.
pub fn date(value: &Value, arguments: &Arguments) -> Value {
    let format = arguments.or(0, "format", "%Y-%m-%dT%H:%M:%S");
    // Zones as ISO 8601 has them: all times are UTC's here.
    let format = &format.replace("%Ez", "Z").replace("%Oz", "+00:00");
    let undefined = || json!(arguments.or(2, "undefined", ""));
    let written = match value {
        Value::Number(n) => {
            let seconds = n.as_f64().unwrap_or(0.0) / arguments.or(1, "unit", "1").parse().unwrap_or(1.0);
            Timestamp::from_second(seconds as i64).ok().map(|at| at.strftime(format).to_string())
        }
        Value::String(s) => {
            let there = s.get(..19).and_then(|head| head.replace(' ', "T").parse::<DateTime>().ok());
            let at = s.parse::<Timestamp>().ok();
            match (arguments.get(3, "tz"), at, there) {
                (Some(_), Some(at), _) => Some(at.to_zoned(TimeZone::UTC).strftime(format).to_string()),
                (_, Some(at), None) => Some(at.strftime(format).to_string()),
                (_, _, Some(there)) => {
                    there.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.strftime(format).to_string())
                }
                _ => None,
            }
        }
        _ => None,
    };
    written.map_or_else(undefined, |text| json!(text))
}

/// How long something takes, in ISO 8601's form: a number of seconds, a time until now, or one field of the resource
/// until another.
pub fn duration(value: &Value, arguments: &Arguments) -> Value {
    let undefined = || json!(arguments.or(6, "undefined", ""));
    let time = |value: &Value| text(value).parse::<Timestamp>().ok();
    let until = |begin: Option<Timestamp>, end: Option<Timestamp>| {
        Some(end?.as_millisecond() - begin?.as_millisecond())
    };
    let unit: f64 = arguments.or(5, "unit", "1").parse().unwrap_or(1.0);
    let number = value.as_f64().or_else(|| text(value).parse().ok());
    let length_ms = match (arguments.get(0, "start").filter(|key| !key.is_empty()), number) {
        (Some(start), _) => {
            let end = arguments.get(1, "end").map(|key| by_key(value, key)).filter(|end| !end.is_null());
            until(time(&by_key(value, start)), end.map_or(arguments.now, |end| time(&end)))
        }
        (None, Some(number)) => Some((number / unit * 1e3).round() as i64),
        (None, None) => until(time(value), arguments.now),
    };
    let parts = arguments.or(2, "parts", "3").parse().ok();
    let calendar = !arguments.or(4, "calendar", "true").eq_ignore_ascii_case("false");
    match (length_ms, parts) {
        (Some(length_ms), Some(parts)) => json!(span(length_ms, parts, calendar)),
        _ => undefined(),
    }
}

/// At most so many parts, from the largest on; 0 for all.
fn span(length_ms: i64, parts: usize, calendar: bool) -> String {
    let (mut left_ms, mut count, mut out) = (length_ms.abs(), 0, String::new());
    out.push_str(if length_ms < 0 { "-P" } else { "P" });
    for (letter, unit_ms, of_calendar) in UNITS.iter().filter(|unit| calendar || !unit.2) {
        if !of_calendar && !out.ends_with('T') && !out.contains('T') {
            out.push('T');
        }
        let number = left_ms / unit_ms;
        let begun = count > 0 || number > 0;
        let shown = if *letter == 'S' { left_ms > 0 } else { number > 0 };
        if shown && (parts == 0 || count < parts) {
            match (left_ms % unit_ms, letter) {
                (rest_ms, 'S') if rest_ms > 0 => {
                    let fraction = format!("{:03}", rest_ms);
                    out.push_str(&format!("{number}.{}S", fraction.trim_end_matches('0')));
                }
                _ => out.push_str(&format!("{number}{letter}")),
            }
        }
        count += usize::from(begun);
        left_ms -= number * unit_ms;
    }
    let out = out.trim_end_matches('T').to_owned();
    if out.ends_with('P') { format!("{out}0") } else { out }
}
