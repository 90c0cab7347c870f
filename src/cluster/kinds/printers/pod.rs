//! The pod row: READY, STATUS and RESTARTS are computed here as `printPod` does.

use k8s_openapi::api::core::v1::{ContainerStatus, Pod, PodStatus};

use super::format::{age, human_duration, name, seconds_between};
use crate::base::time::SimTime;
use crate::cluster::sim_time;

/// What `printPod` finds out about the containers.
struct Summary {
    reason: String,
    ready: usize,
    total: usize,
    restarts: i32,
    last_restart: Option<SimTime>,
}

/// The STATUS word of a pod, as the table shows it.
pub fn status_word(pod: &Pod) -> String {
    summary(pod).reason
}

pub fn cells(pod: &Pod, now: SimTime) -> Vec<String> {
    let summary = summary(pod);
    let status = pod.status.as_ref();
    let spec = pod.spec.as_ref();
    let restarts = match summary.last_restart {
        Some(at) if summary.restarts != 0 => {
            format!("{} ({} ago)", summary.restarts, human_duration(seconds_between(at, now)))
        }
        _ => summary.restarts.to_string(),
    };
    let or_none = |text: Option<&str>| match text {
        Some(text) if !text.is_empty() => text.to_owned(),
        _ => "<none>".to_owned(),
    };
    let gates = spec.and_then(|s| s.readiness_gates.as_ref()).filter(|g| !g.is_empty());
    let gates = gates.map_or("<none>".to_owned(), |gates| {
        let is_true = |type_: &str| has_condition(status, type_);
        let passed = gates.iter().filter(|g| is_true(&g.condition_type)).count();
        format!("{passed}/{}", gates.len())
    });
    vec![
        name(&pod.metadata),
        format!("{}/{}", summary.ready, summary.total),
        summary.reason,
        restarts,
        age(&pod.metadata, now),
        or_none(status.and_then(|s| s.pod_ips.as_ref()?.first()).map(|ip| ip.ip.as_str())),
        or_none(spec.and_then(|s| s.node_name.as_deref())),
        or_none(status.and_then(|s| s.nominated_node_name.as_deref())),
        gates,
    ]
}

fn has_condition(status: Option<&PodStatus>, type_: &str) -> bool {
    let conditions = status.and_then(|s| s.conditions.as_deref()).unwrap_or_default();
    conditions.iter().any(|c| c.type_ == type_ && c.status == "True")
}

fn summary(pod: &Pod) -> Summary {
    let empty = PodStatus::default();
    let status = pod.status.as_ref().unwrap_or(&empty);
    let mut reason = status.phase.clone().unwrap_or_default();
    if let Some(given) = status.reason.as_ref().filter(|r| !r.is_empty()) {
        reason = given.clone();
    }
    let gated = |c: &&k8s_openapi::api::core::v1::PodCondition| {
        c.type_ == "PodScheduled" && c.reason.as_deref() == Some("SchedulingGated")
    };
    if status.conditions.iter().flatten().any(|c| gated(&c)) {
        reason = "SchedulingGated".to_owned();
    }
    let mut all = Summary { reason, ready: 0, total: 0, restarts: 0, last_restart: None };
    let initializing = init_containers(pod, status, &mut all);
    if !initializing || has_condition(Some(status), "Initialized") {
        app_containers(status, &mut all);
    }
    let terminal = matches!(status.phase.as_deref(), Some("Succeeded" | "Failed"));
    if pod.metadata.deletion_timestamp.is_some() {
        if status.reason.as_deref() == Some("NodeLost") {
            all.reason = "Unknown".to_owned();
        } else if !terminal {
            all.reason = "Terminating".to_owned();
        }
    }
    all
}

fn ended(container: &ContainerStatus) -> Option<SimTime> {
    container.last_state.as_ref()?.terminated.as_ref()?.finished_at.as_ref().map(sim_time)
}

/// Counts init containers; true while they have not all done their part. What counts once the app
/// containers run (the sidecars' restarts) is all that is left in `all` then.
fn init_containers(pod: &Pod, status: &PodStatus, all: &mut Summary) -> bool {
    let declared = pod.spec.as_ref().and_then(|s| s.init_containers.as_deref()).unwrap_or_default();
    let containers = pod.spec.as_ref().map_or(0, |s| s.containers.len());
    let is_sidecar =
        |name: &str| declared.iter().any(|c| c.name == name && c.restart_policy.as_deref() == Some("Always"));
    all.total = containers + declared.iter().filter(|c| is_sidecar(&c.name)).count();
    let mut initializing = false;
    let (mut sidecar_restarts, mut sidecar_last) = (0, None);
    for (index, container) in status.init_container_statuses.iter().flatten().enumerate() {
        all.restarts += container.restart_count;
        all.last_restart = all.last_restart.max(ended(container));
        let sidecar = is_sidecar(&container.name);
        if sidecar {
            sidecar_restarts += container.restart_count;
            sidecar_last = ended(container).max(sidecar_last);
        }
        let state = container.state.as_ref();
        let terminated = state.and_then(|s| s.terminated.as_ref());
        match (terminated, state.and_then(|s| s.waiting.as_ref())) {
            (Some(t), _) if t.exit_code == 0 => continue,
            _ if sidecar && container.started == Some(true) => {
                all.ready += usize::from(container.ready);
                continue;
            }
            (Some(t), _) => {
                all.reason = match (t.reason.as_deref().unwrap_or_default(), t.signal.unwrap_or(0)) {
                    ("", 0) => format!("Init:ExitCode:{}", t.exit_code),
                    ("", signal) => format!("Init:Signal:{signal}"),
                    (reason, _) => format!("Init:{reason}"),
                };
            }
            (_, Some(w)) if !matches!(w.reason.as_deref().unwrap_or_default(), "" | "PodInitializing") => {
                all.reason = format!("Init:{}", w.reason.as_deref().unwrap_or_default());
            }
            _ => all.reason = format!("Init:{index}/{}", declared.len()),
        }
        initializing = true;
        break;
    }
    if !initializing || has_condition(Some(status), "Initialized") {
        all.restarts = sidecar_restarts;
        all.last_restart = sidecar_last;
    }
    initializing
}

fn app_containers(status: &PodStatus, all: &mut Summary) {
    let mut has_running = false;
    for container in status.container_statuses.iter().flatten().rev() {
        all.restarts += container.restart_count;
        all.last_restart = all.last_restart.max(ended(container));
        let Some(state) = &container.state else { continue };
        let waiting = state.waiting.as_ref().and_then(|w| w.reason.as_deref()).filter(|r| !r.is_empty());
        match (waiting, &state.terminated) {
            (Some(reason), _) => all.reason = reason.to_owned(),
            (None, Some(t)) => {
                all.reason = match (t.reason.as_deref().unwrap_or_default(), t.signal.unwrap_or(0)) {
                    ("", 0) => format!("ExitCode:{}", t.exit_code),
                    ("", signal) => format!("Signal:{signal}"),
                    (reason, _) => reason.to_owned(),
                };
            }
            (None, None) if container.ready && state.running.is_some() => {
                has_running = true;
                all.ready += 1;
            }
            (None, None) => {}
        }
    }
    if all.reason == "Completed" && has_running {
        let ready = has_condition(Some(status), "Ready");
        all.reason = if ready { "Running" } else { "NotReady" }.to_owned();
    }
}
