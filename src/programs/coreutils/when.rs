//! Times as people write them, for `date -d` and `touch -d`: `@123`, `2026-11-22 12:45`, `yesterday`, `2 days ago`,
//! `next monday`, `2026-03-02 +1 day`. Must never ask the real clock; the zone is UTC.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, ToSpan};

use crate::base::SimTime;

const TIMES_OF_DAY: &[&str] = &["%H:%M:%S", "%H:%M", "%I:%M %p", "%I:%M%p", "%I %p", "%I%p"];
const DATES: &[&str] = &[
    "%Y-%m-%d",
    "%m/%d/%Y",
    "%Y/%m/%d",
    "%d %b %Y",
    "%b %d %Y",
    "%d %B %Y",
    "%B %d %Y",
    "%b %d, %Y",
    "%Y%m%d",
];
const DAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/// A time as it is written.
pub fn read(text: &str, now: SimTime) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(seconds) = text.strip_prefix('@') {
        return Timestamp::from_second(seconds.split('.').next()?.parse().ok()?).ok();
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let now = now.timestamp().to_zoned(TimeZone::UTC).datetime();
    if words.is_empty() {
        return stamp(now.date().to_datetime(Time::midnight()));
    }
    // The longest beginning that is a date or a time of day; what follows moves it.
    for count in (0..=words.len()).rev() {
        let (head, tail) = words.split_at(count);
        let begin = if count == 0 { Some((now, 0)) } else { absolute(&head.join(" "), now) };
        let Some((base, offset_s)) = begin else { continue };
        if let Some(at) = moved(tail, base) {
            return stamp(at)?.checked_sub(SignedDuration::from_secs(offset_s)).ok();
        }
    }
    None
}

/// `[[CC]YY]MMDDhhmm[.ss]`, as POSIX has it for `touch -t`.
pub fn posix(text: &str, now: SimTime) -> Option<Timestamp> {
    let (digits, seconds) = text.split_once('.').unwrap_or((text, "00"));
    let year = now.timestamp().to_zoned(TimeZone::UTC).year();
    let full = match digits.len() {
        8 => format!("{year:04}{digits}"),
        10 => format!("20{digits}"),
        12 => digits.to_owned(),
        _ => return None,
    };
    stamp(DateTime::strptime("%Y%m%d%H%M%S", format!("{full}{seconds}")).ok()?)
}

fn stamp(at: DateTime) -> Option<Timestamp> {
    Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// A date, a time of day, or both; and how many seconds its zone is ahead.
fn absolute(text: &str, now: DateTime) -> Option<(DateTime, i64)> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some((at.to_zoned(TimeZone::UTC).datetime(), 0));
    }
    let (text, offset_s) = zone(text);
    let time = |text: &str| TIMES_OF_DAY.iter().find_map(|format| Time::strptime(format, text).ok());
    let date = |text: &str| DATES.iter().find_map(|format| Date::strptime(format, text).ok());
    if let Some(date) = date(text) {
        return Some((date.to_datetime(Time::midnight()), offset_s));
    }
    if let Some(time) = time(text) {
        return Some((now.date().to_datetime(time), offset_s));
    }
    let separators = text.char_indices().filter(|(_, c)| *c == ' ' || *c == 'T');
    separators.map(|(at, _)| (&text[..at], &text[at + 1..])).find_map(|(head, tail)| {
        let both = date(head).zip(time(tail)).or_else(|| date(tail).zip(time(head)));
        both.map(|(date, time)| (date.to_datetime(time), offset_s))
    })
}

/// The text without its zone, and how many seconds that is ahead.
fn zone(text: &str) -> (&str, i64) {
    let Some((head, last)) = text.rsplit_once(' ') else {
        return (text.strip_suffix('Z').unwrap_or(text), 0);
    };
    let last = match last.strip_prefix("UTC").or_else(|| last.strip_prefix("GMT")) {
        Some("") => return (head, 0),
        Some(rest) => rest,
        None if last == "Z" => return (head, 0),
        None => last,
    };
    let (sign, digits) = match last.split_at_checked(1) {
        Some(("+", digits)) => (1, digits),
        Some(("-", digits)) => (-1, digits),
        _ => return (text, 0),
    };
    let digits = digits.replace(':', "");
    let Ok(number) = digits.parse::<i64>() else { return (text, 0) };
    match digits.len() {
        1 | 2 => (head, sign * number * 3600),
        4 => (head, sign * (number / 100 * 3600 + number % 100 * 60)),
        _ => (text, 0),
    }
}

/// A time moved by words such as `+1 day`, `2 weeks ago`, `next monday`.
fn moved(words: &[&str], base: DateTime) -> Option<DateTime> {
    let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let (mut at, mut index) = (base, 0);
    while let Some(word) = words.get(index) {
        index += 1;
        let (count, unit) = match word.as_str() {
            "now" | "today" => continue,
            "noon" => {
                at = at.date().at(12, 0, 0, 0);
                continue;
            }
            "midnight" => {
                at = at.date().to_datetime(Time::midnight());
                continue;
            }
            "yesterday" => (-1, "day".to_owned()),
            "tomorrow" => (1, "day".to_owned()),
            "next" | "last" | "this" => {
                let unit = words.get(index)?.clone();
                index += 1;
                (
                    match word.as_str() {
                        "next" => 1,
                        "last" => -1,
                        _ => 0,
                    },
                    unit,
                )
            }
            name if day(name).is_some() => (0, name.to_owned()),
            number => {
                let sign = number.len() - number.trim_start_matches(['+', '-']).len();
                let split = number[sign..].find(|c: char| c.is_alphabetic()).map(|at| at + sign);
                let (digits, attached) = number.split_at(split.unwrap_or(number.len()));
                let unit = if attached.is_empty() {
                    let unit = words.get(index)?.clone();
                    index += 1;
                    unit
                } else {
                    attached.to_owned()
                };
                (digits.parse::<i64>().ok()?, unit)
            }
        };
        let ago = words.get(index).is_some_and(|word| word == "ago");
        index += usize::from(ago);
        let count = if ago { -count } else { count };
        at = match day(&unit) {
            Some(day) => weekday(at, day, count)?,
            None if matches!(unit.trim_end_matches('s'), "month" | "year") => {
                // A day that the month does not have is counted on into the next.
                let first = at.date().first_of_month().to_datetime(at.time());
                let begin = first.checked_add(span(&unit, count)?).ok()?;
                begin.checked_add((i64::from(at.day()) - 1).days()).ok()?
            }
            None => at.checked_add(span(&unit, count)?).ok()?,
        };
    }
    Some(at)
}

fn span(unit: &str, count: i64) -> Option<Span> {
    Some(match unit.trim_end_matches('s') {
        "sec" | "second" => count.seconds(),
        "min" | "minute" => count.minutes(),
        "hour" => count.hours(),
        "day" => count.days(),
        "week" => count.weeks(),
        "fortnight" => (2 * count).weeks(),
        "month" => count.months(),
        "year" => count.years(),
        _ => return None,
    })
}

/// A day of the week by its name, Sunday first.
fn day(name: &str) -> Option<i64> {
    let at = DAYS.iter().position(|day| *day == name || (name.len() == 3 && day.starts_with(name)))?;
    i64::try_from(at).ok()
}

/// The next such day, at its begin; `count` weeks on, as GNU counts them.
fn weekday(at: DateTime, day: i64, count: i64) -> Option<DateTime> {
    let today = i64::from(at.weekday().to_sunday_zero_offset());
    let weeks = count - i64::from(count > 0 && today != day);
    let days = (day - today).rem_euclid(7) + 7 * weeks;
    at.date().to_datetime(Time::midnight()).checked_add(days.days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Option<&str>) {
        let now = SimTime::from_timestamp("2026-11-25T12:30:00Z".parse().expect("a time"));
        let found = read(text, now).map(|at| at.to_string());
        assert_eq!(found.as_deref(), expect, "{text}");
    }

    #[test]
    fn dates_and_times() {
        check("@86400", Some("1970-01-02T00:00:00Z"));
        check("2026-03-02", Some("2026-03-02T00:00:00Z"));
        check("2026-03-02 10:00", Some("2026-03-02T10:00:00Z"));
        check("2026-03-02 12:00 UTC+3", Some("2026-03-02T09:00:00Z"));
        check("2026-03-02 12:00 -0500", Some("2026-03-02T17:00:00Z"));
        check("10:15", Some("2026-11-25T10:15:00Z"));
        check("1 jan 2026", Some("2026-01-01T00:00:00Z"));
        check("nonsense", None);
    }

    #[test]
    fn what_follows_moves_it() {
        check("yesterday", Some("2026-11-24T12:30:00Z"));
        check("2 days ago", Some("2026-11-23T12:30:00Z"));
        check("2026-03-02 +1 day", Some("2026-03-03T00:00:00Z"));
        check("2026-03-02 yesterday", Some("2026-03-01T00:00:00Z"));
        check("next month", Some("2026-12-25T12:30:00Z"));
        check("2026-01-31 1 month", Some("2026-03-03T00:00:00Z"));
        check("monday", Some("2026-11-30T00:00:00Z"));
        check("last monday", Some("2026-11-23T00:00:00Z"));
        check("next wed", Some("2026-12-02T00:00:00Z"));
    }
}
