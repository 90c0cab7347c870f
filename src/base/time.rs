//! Virtual time: milliseconds since the Unix epoch, always a parameter. Never reads a clock.

use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A moment of virtual time, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SimTime(pub u64);

impl SimTime {
    /// The latest representable moment; stands for "never" where an order is needed.
    pub const NEVER: SimTime = SimTime(u64::MAX);

    /// From whole seconds since the Unix epoch.
    pub const fn from_secs(secs: u64) -> Self {
        SimTime(secs.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the Unix epoch.
    pub const fn secs(self) -> u64 {
        self.0 / 1000
    }

    /// The time elapsed since `earlier`; zero when `earlier` lies ahead.
    pub fn since(self, earlier: SimTime) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// The same moment as jiff's timestamp. Moments beyond jiff's range are clamped to its last one.
    pub fn timestamp(self) -> Timestamp {
        i64::try_from(self.0)
            .ok()
            .and_then(|ms| Timestamp::from_millisecond(ms).ok())
            .unwrap_or(Timestamp::MAX)
    }

    /// From jiff's timestamp; moments before 1970 become the epoch.
    pub fn from_timestamp(at: Timestamp) -> Self {
        SimTime(u64::try_from(at.as_millisecond()).unwrap_or(0))
    }

    /// RFC 3339 with whole seconds, as Kubernetes prints times: `2026-11-22T12:45:39Z`.
    pub fn rfc3339(self) -> String {
        self.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// RFC 3339 with nanoseconds, as Docker prints times; below a millisecond everything is zero.
    pub fn rfc3339_nanos(self) -> String {
        self.timestamp().strftime("%Y-%m-%dT%H:%M:%S.%9fZ").to_string()
    }
}

impl Add<Duration> for SimTime {
    type Output = SimTime;
    fn add(self, span: Duration) -> SimTime {
        SimTime(self.0.saturating_add(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))
    }
}

impl AddAssign<Duration> for SimTime {
    fn add_assign(&mut self, span: Duration) {
        *self = *self + span;
    }
}

impl Sub<SimTime> for SimTime {
    type Output = Duration;
    fn sub(self, earlier: SimTime) -> Duration {
        self.since(earlier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_kubernetes_and_docker_do() {
        let t = SimTime(1_795_351_539_042);
        assert_eq!(t.rfc3339(), "2026-11-22T12:45:39Z");
        assert_eq!(t.rfc3339_nanos(), "2026-11-22T12:45:39.042000000Z");
        assert_eq!(SimTime::from_timestamp(t.timestamp()), t);
    }

    #[test]
    fn never_wraps() {
        assert_eq!(SimTime::NEVER + Duration::from_secs(1), SimTime::NEVER);
        assert_eq!(SimTime(5) - SimTime(9), Duration::ZERO);
    }
}
