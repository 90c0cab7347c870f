//! What becomes of running containers by themselves: what is due, what the runtime reports, and the restarts that
//! follow. Delays are moments kept in the container's state; an early wake-up changes nothing. Never runs a program.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::base::SimTime;
use crate::image::process::{ContainerId, RuntimeEvent, RuntimeRequest, Signal};

use super::Engine;
use super::container::{Container, Status};
use super::host::RestartPolicy;
use super::lifecycle::{START_FAILED, netns_of};

/// The first pause before an automatic restart; it doubles each time, up to a minute.
const RESTART_DELAY: Duration = Duration::from_millis(100);
const RESTART_DELAY_LIMIT: Duration = Duration::from_secs(60);
/// A container that ran this long starts its delays over.
const RESTART_RESET: Duration = Duration::from_secs(10);

impl Engine {
    /// When the engine must be woken next.
    pub fn next_wakeup(&self) -> Option<SimTime> {
        let own = self.containers.values().flat_map(|c| [c.state.kill_at, c.state.restart_at]).flatten();
        own.chain(self.next_check()).min()
    }

    /// Does what is due by `now`.
    pub fn advance(&mut self, now: SimTime) {
        self.check_health(now);
        let due = |at: Option<SimTime>| at.is_some_and(|at| at <= now);
        let kill: Vec<ContainerId> =
            self.containers.values().filter(|c| due(c.state.kill_at)).map(|c| c.id.clone()).collect();
        for id in kill {
            if let Ok(container) = self.get_mut(&id) {
                container.state.kill_at = None;
            }
            self.signal(&id, Signal::Kill, now);
        }
        let start: Vec<ContainerId> =
            self.containers.values().filter(|c| due(c.state.restart_at)).map(|c| c.id.clone()).collect();
        for id in start {
            if let Ok(container) = self.get_mut(&id) {
                container.state.restart_at = None;
            }
            if let Err(error) = self.launch(&id, &BTreeSet::new(), now) {
                self.note_failed_start(&id, &error.message, 128);
            }
        }
    }

    /// Takes in what the runtime reports.
    pub fn runtime_event(&mut self, now: SimTime, event: RuntimeEvent) {
        let Some(event) = self.step_event(now, event) else { return };
        match event {
            RuntimeEvent::Started { id } => self.started(&id, now),
            RuntimeEvent::StartFailed { id, error, code } => self.start_failed(&id, &error, code),
            RuntimeEvent::Exited { id, code, oom } => self.exited(&id, code, oom, now),
            RuntimeEvent::Log { id, stream, bytes } => {
                if let Ok(container) = self.get_mut(&id) {
                    container.logs.write(now, stream, &bytes);
                }
            }
            RuntimeEvent::ProbeResult { id, token, result } => self.note_check(&id, token, &result, now),
            RuntimeEvent::LastWords { .. } => {}
        }
    }

    fn started(&mut self, id: &ContainerId, now: SimTime) {
        if let Ok(container) = self.get_mut(id) {
            container.state.starting = false;
            container.state.status = Status::Running;
            container.state.started = Some(now);
            container.state.oom_killed = false;
            container.state.exit_code = 0;
            container.watch_health(now);
        }
    }

    fn start_failed(&mut self, id: &ContainerId, error: &str, code: i32) {
        self.note_failed_start(id, &format!("{START_FAILED}{error}"), code);
        if let Ok(container) = self.get_mut(id) {
            let netns = netns_of(container);
            self.requests.push(RuntimeRequest::RemoveNetNs { id: netns });
        }
    }

    fn exited(&mut self, id: &ContainerId, code: i32, oom: bool, now: SimTime) {
        let Ok(container) = self.get_mut(id) else { return };
        let state = &mut container.state;
        if !state.status.is_running() && !state.starting {
            return;
        }
        let ran = now.since(state.started.unwrap_or(now));
        state.starting = false;
        state.exit_code = code;
        state.oom_killed = oom;
        state.finished = Some(now);
        let stopping = state.kill_at.take().is_some();
        state.pid = 0;
        state.status = Status::Exited;
        container.published.clear();
        let again = std::mem::take(&mut container.state.start_again);
        let restart = wants_restart(container, code);
        if restart {
            let state = &mut container.state;
            state.restart_count = if ran >= RESTART_RESET { 1 } else { state.restart_count + 1 };
            let doubled = RESTART_DELAY * 2u32.saturating_pow(state.restart_count.saturating_sub(1).min(10));
            state.status = Status::Restarting;
            state.restart_at = Some(now + doubled.min(RESTART_DELAY_LIMIT));
        }
        let remove = container.host.auto_remove && !again;
        let seconds = ran.as_secs().to_string();
        self.note_network(now, id, "disconnect");
        self.note_volumes(now, id, "unmount");
        self.networks.disconnect_all(id);
        if stopping {
            self.note(now, id, "stop", []);
        }
        self.note(now, id, "die", [("execDuration", seconds), ("exitCode", code.to_string())]);
        if again {
            if let Ok(container) = self.get_mut(id) {
                container.state.stopped_by_hand = false;
            }
            if let Err(error) = self.launch(id, &BTreeSet::new(), now) {
                self.note_failed_start(id, &error.message, 128);
            }
        } else if remove {
            self.forget(id, true, now);
        }
    }
}

fn wants_restart(container: &Container, code: i32) -> bool {
    if container.state.stopped_by_hand {
        return false;
    }
    match container.host.restart {
        RestartPolicy::No => false,
        RestartPolicy::Always | RestartPolicy::UnlessStopped => true,
        RestartPolicy::OnFailure(limit) => code != 0 && (limit == 0 || container.state.restart_count < limit),
    }
}
