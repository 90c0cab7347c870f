//! Exponential back-off as client-go's flowcontrol.Backoff: for image pulls (since the last failure) and for
//! crashing containers (since the last exit). State only; the caller asks with the time.

use std::time::Duration;

use crate::base::time::SimTime;

pub const INITIAL: Duration = Duration::from_secs(10);
pub const MAXIMUM: Duration = Duration::from_secs(300);

/// One item's back-off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backoff {
    entry: Option<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    delay: Duration,
    updated: SimTime,
}

impl Backoff {
    /// The present delay; zero when there was no failure yet.
    pub fn delay(&self) -> Duration {
        self.entry.as_ref().map_or(Duration::ZERO, |e| e.delay)
    }

    /// When a wait that counts from `event` is over; `None` when there is nothing to wait for.
    pub fn until_since(&self, event: SimTime, now: SimTime) -> Option<SimTime> {
        let entry = self.entry.as_ref().filter(|e| !expired(e, event))?;
        let until = event + entry.delay;
        (now < until).then_some(until)
    }

    /// When a wait that counts from the last failure is over.
    pub fn until_since_update(&self, now: SimTime) -> Option<SimTime> {
        let entry = self.entry.as_ref().filter(|e| !expired(e, now))?;
        let until = entry.updated + entry.delay;
        (now < until).then_some(until)
    }

    /// Another failure: doubles the delay, or begins anew after a long quiet time.
    pub fn next(&mut self, event: SimTime, now: SimTime) {
        let delay = match &self.entry {
            Some(entry) if !expired(entry, event) => (entry.delay * 2).min(MAXIMUM),
            _ => INITIAL,
        };
        self.entry = Some(Entry { delay, updated: now });
    }
}

fn expired(entry: &Entry, event: SimTime) -> bool {
    event.since(entry.updated) > MAXIMUM * 2
}

/// A span as Go prints it: `10s`, `2m40s`, `504ms`, `1.204s`.
pub fn go_duration(span: Duration) -> String {
    let ms = span.as_millis();
    if ms < 1000 {
        return if ms == 0 { "0s".to_owned() } else { format!("{ms}ms") };
    }
    let (minutes, rest) = (ms / 60_000, ms % 60_000);
    let seconds = match rest % 1000 {
        0 => format!("{}s", rest / 1000),
        fraction => format!("{}.{}s", rest / 1000, format!("{fraction:03}").trim_end_matches('0')),
    };
    match (minutes / 60, minutes % 60) {
        (0, 0) => seconds,
        (0, minutes) => format!("{minutes}m{seconds}"),
        (hours, minutes) => format!("{hours}h{minutes}m{seconds}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crashing_container_restarts_at_once_then_after_ten_twenty_forty_seconds() {
        let mut backoff = Backoff::default();
        let mut crash = SimTime::from_secs(100);
        let mut waits = Vec::new();
        for _ in 0..7 {
            let until = backoff.until_since(crash, crash).unwrap_or(crash);
            waits.push((until - crash).as_secs());
            backoff.next(crash, until);
            crash = until + Duration::from_secs(1);
        }
        assert_eq!(waits, [0, 10, 20, 40, 80, 160, 300]);
    }

    #[test]
    fn after_ten_quiet_minutes_it_begins_anew() {
        let mut backoff = Backoff::default();
        backoff.next(SimTime(0), SimTime(0));
        backoff.next(SimTime(0), SimTime(0));
        assert_eq!(backoff.delay().as_secs(), 20);
        backoff.next(SimTime::from_secs(601), SimTime::from_secs(601));
        assert_eq!(backoff.delay().as_secs(), 10);
    }

    #[test]
    fn spans_print_as_go_prints_them() {
        let check = |ms, expect| assert_eq!(go_duration(Duration::from_millis(ms)), expect);
        check(504, "504ms");
        check(1204, "1.204s");
        check(10_000, "10s");
        check(160_000, "2m40s");
        check(300_000, "5m0s");
        check(1_500, "1.5s");
    }
}
