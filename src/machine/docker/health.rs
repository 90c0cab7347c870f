//! Health checks: when one is due, what its result means, what `docker ps` and inspect then say. As moby:
//! daemon/health.go. Never runs a check; the runtime does.

use std::collections::VecDeque;
use std::time::Duration;

use crate::base::SimTime;
use crate::image::health::Healthcheck;
use crate::image::process::{ContainerId, ProbeAction, ProbeResult, RuntimeRequest};

use super::Engine;
use super::container::Container;

const INTERVAL: Duration = Duration::from_secs(30);
const TIMEOUT: Duration = Duration::from_secs(30);
const START_INTERVAL: Duration = Duration::from_secs(5);
const RETRIES: u32 = 3;
/// Results kept.
const LOG_LIMIT: usize = 5;
/// Bytes kept of what a check wrote.
const OUTPUT_LIMIT_BYTES: usize = 4096;

/// The `--health-*` flags, each over what the image says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HealthFlags {
    pub test: Option<Vec<String>>,
    pub interval: Option<Duration>,
    pub timeout: Option<Duration>,
    pub start_period: Option<Duration>,
    pub start_interval: Option<Duration>,
    pub retries: Option<u32>,
}

impl HealthFlags {
    /// The image's check with the flags over it.
    pub fn over(&self, image: &Healthcheck) -> Healthcheck {
        Healthcheck {
            test: self.test.clone().unwrap_or_else(|| image.test.clone()),
            interval: self.interval.unwrap_or(image.interval),
            timeout: self.timeout.unwrap_or(image.timeout),
            start_period: self.start_period.unwrap_or(image.start_period),
            start_interval: self.start_interval.unwrap_or(image.start_interval),
            retries: self.retries.unwrap_or(image.retries),
        }
    }
}

/// What the checks so far say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthStatus {
    Starting,
    Healthy,
    Unhealthy,
}

impl HealthStatus {
    /// As inspect and filters name it.
    pub fn name(self) -> &'static str {
        match self {
            HealthStatus::Starting => "starting",
            HealthStatus::Healthy => "healthy",
            HealthStatus::Unhealthy => "unhealthy",
        }
    }
}

/// One check that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    pub start: SimTime,
    pub end: SimTime,
    pub exit_code: i32,
    pub output: String,
}

/// The health of a running container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    pub status: HealthStatus,
    pub failing_streak: u32,
    pub log: VecDeque<CheckResult>,
    /// When the next check begins; `None` while one runs.
    pub due: Option<SimTime>,
    began: SimTime,
    /// Tells a check's result from one that belongs to an earlier start.
    token: u64,
}

fn or(span: Duration, default: Duration) -> Duration {
    if span.is_zero() { default } else { span }
}

/// The pause before the next check.
fn pause(check: &Healthcheck, status: HealthStatus, started: SimTime, now: SimTime) -> Duration {
    let starting = status == HealthStatus::Starting && now.since(started) < check.start_period;
    match starting {
        true => or(check.start_interval, START_INTERVAL),
        false => or(check.interval, INTERVAL),
    }
}

impl Container {
    /// Begins to watch over a container that has just come up.
    pub(super) fn watch_health(&mut self, now: SimTime) {
        if self.health.is_none() {
            self.state.health = None;
            return;
        }
        let status = HealthStatus::Starting;
        self.state.health = Some(Health {
            status,
            failing_streak: 0,
            log: VecDeque::new(),
            due: Some(now + pause(&self.health, status, now, now)),
            began: now,
            token: u64::from(self.state.starts) << 32,
        });
    }

    /// Takes in how a check ended; the new status when it has changed.
    fn note_check(&mut self, now: SimTime, token: u64, result: &ProbeResult) -> Option<HealthStatus> {
        let check = &self.health;
        let started = self.state.started.unwrap_or(now);
        let health = self.state.health.as_mut().filter(|h| h.token == token && h.due.is_none())?;
        let (exit_code, output) = match result {
            ProbeResult::Ok => (0, String::new()),
            ProbeResult::ExecFailed { code, output } => {
                (*code, output.chars().take(OUTPUT_LIMIT_BYTES).collect())
            }
            _ => {
                let limit = or(check.timeout, TIMEOUT).as_secs_f64();
                (-1, format!("Health check exceeded timeout ({limit}s)"))
            }
        };
        health.log.push_back(CheckResult { start: health.began, end: now, exit_code, output });
        if health.log.len() > LOG_LIMIT {
            health.log.pop_front();
        }
        let before = health.status;
        let forgiven = before == HealthStatus::Starting && now.since(started) < check.start_period;
        if exit_code == 0 {
            health.failing_streak = 0;
            health.status = HealthStatus::Healthy;
        } else if !forgiven {
            health.failing_streak += 1;
            let retries = if check.retries == 0 { RETRIES } else { check.retries };
            if health.failing_streak >= retries {
                health.status = HealthStatus::Unhealthy;
            }
        }
        health.due = Some(now + pause(check, health.status, started, now));
        (health.status != before).then_some(health.status)
    }
}

impl Engine {
    /// Asks for the checks that are due.
    pub(super) fn check_health(&mut self, now: SimTime) {
        let mut requests = Vec::new();
        for container in self.containers.values_mut().filter(|c| c.state.status.is_running()) {
            let argv = container.health.argv(&container.image.config.shell);
            let timeout = or(container.health.timeout, TIMEOUT);
            let Some(health) = &mut container.state.health else { continue };
            if health.due.is_none_or(|due| due > now) {
                continue;
            }
            health.due = None;
            health.began = now;
            health.token += 1;
            requests.push(RuntimeRequest::Probe {
                id: container.id.clone(),
                token: health.token,
                probe: ProbeAction::Exec { argv },
                timeout,
            });
        }
        self.requests.extend(requests);
    }

    /// When the next check is due.
    pub(super) fn next_check(&self) -> Option<SimTime> {
        let running = self.containers.values().filter(|c| c.state.status.is_running());
        running.filter_map(|c| c.state.health.as_ref()?.due).min()
    }

    /// Takes in how a check ended.
    pub(super) fn note_check(&mut self, id: &ContainerId, token: u64, result: &ProbeResult, now: SimTime) {
        let Ok(container) = self.get_mut(id) else { return };
        if let Some(status) = container.note_check(now, token, result) {
            self.note(now, id, &format!("health_status: {}", status.name()), []);
        }
        self.touch();
    }
}
