//! How virtual time runs against the wall clock: speed, pause, one step, and standing still when nothing will
//! happen by itself. Arithmetic only; the loop tells it what time it is.
#![allow(clippy::disallowed_methods, reason = "tests begin at the wall clock's present")]

use std::time::{Duration, Instant};

use crate::base::SimTime;

/// The speeds F5 goes through.
pub const SPEEDS: [f32; 5] = [0.5, 1.0, 2.0, 4.0, 8.0];
/// What one step forward is while paused.
pub const STEP: Duration = Duration::from_secs(1);

#[derive(Debug, Clone)]
pub struct Pacing {
    speed: f32,
    paused: bool,
    /// This wall time is that virtual time.
    anchor: (Instant, SimTime),
}

impl Pacing {
    pub fn new(speed: f32, wall: Instant, now: SimTime) -> Self {
        Pacing { speed: if speed > 0.0 { speed } else { 1.0 }, paused: false, anchor: (wall, now) }
    }

    pub fn speed(&self) -> f32 {
        self.speed
    }

    pub fn paused(&self) -> bool {
        self.paused
    }

    /// The virtual time at a wall time.
    pub fn now(&self, wall: Instant) -> SimTime {
        if self.paused {
            return self.anchor.1;
        }
        let passed = wall.saturating_duration_since(self.anchor.0).mul_f32(self.speed);
        self.anchor.1 + passed
    }

    /// The wall time of a virtual moment; none while paused. A moment that has passed is due now.
    pub fn due(&self, at: SimTime, wall: Instant) -> Option<Instant> {
        if self.paused {
            return None;
        }
        let ahead = Duration::from_millis(at.0.saturating_sub(self.now(wall).0));
        Some(wall + ahead.div_f32(self.speed))
    }

    /// Lets this wall time be that virtual time: after a skip, an undo, or standing still.
    pub fn set(&mut self, wall: Instant, now: SimTime) {
        self.anchor = (wall, now);
    }

    pub fn toggle_pause(&mut self, wall: Instant) {
        let now = self.now(wall);
        self.paused = !self.paused;
        self.anchor = (wall, now);
    }

    /// The next speed, after the last the first.
    pub fn next_speed(&mut self, wall: Instant) {
        let now = self.now(wall);
        let next = SPEEDS.iter().find(|speed| **speed > self.speed).unwrap_or(&SPEEDS[0]);
        self.speed = *next;
        self.anchor = (wall, now);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Pacing;
    use crate::base::SimTime;

    #[test]
    fn time_runs_at_its_speed_and_stands_when_paused() {
        let wall = Instant::now();
        let after = |seconds| wall + Duration::from_secs(seconds);
        let mut pacing = Pacing::new(1.0, wall, SimTime(1000));
        assert_eq!(pacing.now(after(2)), SimTime(3000));
        pacing.next_speed(after(2));
        assert_eq!(pacing.now(after(3)), SimTime(5000));
        assert_eq!(pacing.due(SimTime(7000), after(3)), Some(after(4)));
        pacing.toggle_pause(after(3));
        assert_eq!(pacing.now(after(9)), SimTime(5000));
        assert_eq!(pacing.due(SimTime(7000), after(9)), None);
        pacing.toggle_pause(after(9));
        assert_eq!(pacing.now(after(10)), SimTime(7000));
    }

    #[test]
    fn speeds_go_around() {
        let wall = Instant::now();
        let mut pacing = Pacing::new(8.0, wall, SimTime(0));
        pacing.next_speed(wall);
        assert!((pacing.speed() - 0.5).abs() < f32::EPSILON);
    }
}
