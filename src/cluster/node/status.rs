//! A pod's status as its kubelet writes it: phase, conditions, container statuses. A pure function of what the
//! kubelet remembers; never acts. As kubelet_pods.go (generateAPIPodStatus, getPhase) and status/generate.go.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    ContainerState, ContainerStateRunning, ContainerStateTerminated, ContainerStateWaiting, ContainerStatus,
    ContainerUser, HostIP, LinuxContainerUser, Pod, PodCondition, PodIP, PodStatus, ResourceRequirements,
    VolumeMountStatus,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::run::{Blocked, Instance, Role, Run, State, Terminated, may_restart, restart_policy};
use crate::base::time::SimTime;
use crate::cluster::{quantity, time_of};

/// What the status is made from.
pub struct Facts<'a> {
    pub pod: &'a Pod,
    pub runs: &'a [Run],
    /// The sandbox stands; its address.
    pub sandbox_ip: Option<&'a str>,
    pub host_ip: &'a str,
    /// No container runs any more and none will.
    pub terminal: bool,
    /// Containers may still run: a terminal phase is then not told yet.
    pub may_run: bool,
    /// Why the kubelet put an end to the pod, if it did: reason and message.
    pub evicted: Option<(&'static str, &'static str)>,
    pub now: SimTime,
}

/// Conditions that belong to the kubelet; all others are kept as they are.
const KUBELET_CONDITIONS: &[&str] =
    &["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

pub fn generate(facts: &Facts) -> PodStatus {
    let default = PodStatus::default();
    let old = facts.pod.status.as_ref().unwrap_or(&default);
    let statuses = |wanted: &dyn Fn(Role) -> bool| -> Vec<ContainerStatus> {
        facts.runs.iter().filter(|r| wanted(r.role)).map(|r| container_status(r, facts)).collect()
    };
    let init = statuses(&Role::is_init);
    let ephemeral = statuses(&|role| role == Role::Ephemeral);
    let mut regular = statuses(&|role| role == Role::Regular);
    regular.sort_by(|a, b| a.name.cmp(&b.name));
    let mut phase = if facts.evicted.is_some() { "Failed" } else { phase(facts) };
    let is_terminal = |phase: &str| matches!(phase, "Succeeded" | "Failed");
    let old_phase = old.phase.as_deref().unwrap_or("Pending");
    if is_terminal(old_phase) {
        phase = if old_phase == "Failed" { "Failed" } else { "Succeeded" };
    }
    let generation = facts.pod.metadata.generation;
    let told_phase =
        if is_terminal(phase) && facts.may_run && !is_terminal(old_phase) { old_phase } else { phase };
    let conditions = conditions(facts, old, phase);
    let ip = facts.sandbox_ip.map(str::to_owned).or(old.pod_ip.clone());
    let terminal = told_phase == phase;
    let resources = pod_resources(facts);
    PodStatus {
        observed_generation: generation,
        phase: Some(told_phase.to_owned()),
        reason: facts.evicted.map(|why| why.0.to_owned()).or(old.reason.clone()).filter(|_| terminal),
        message: facts.evicted.map(|why| why.1.to_owned()).or(old.message.clone()).filter(|_| terminal),
        conditions: Some(conditions),
        init_container_statuses: Some(init).filter(|s| !s.is_empty()),
        container_statuses: Some(regular),
        ephemeral_container_statuses: Some(ephemeral).filter(|s| !s.is_empty()),
        host_ip: Some(facts.host_ip.to_owned()),
        host_ips: Some(vec![HostIP { ip: facts.host_ip.to_owned() }]),
        pod_ips: ip.clone().map(|ip| vec![PodIP { ip }]),
        pod_ip: ip,
        qos_class: old.qos_class.clone(),
        allocated_resources: resources.requests.clone(),
        resources: Some(resources),
        start_time: old.start_time.clone().or_else(|| Some(time_of(facts.now))),
        nominated_node_name: old.nominated_node_name.clone(),
        ..PodStatus::default()
    }
}

/// What the pod's containers may use together, once they stand.
fn pod_resources(facts: &Facts) -> ResourceRequirements {
    let mut sum = ResourceRequirements::default();
    let regular = facts.runs.iter().filter(|r| r.role != Role::Init && r.current.is_some());
    for resources in regular.filter_map(|r| r.spec(facts.pod)?.resources.as_ref()) {
        add(&mut sum.limits, resources.limits.as_ref());
        add(&mut sum.requests, resources.requests.as_ref());
    }
    sum
}

type Listed = BTreeMap<String, Quantity>;

fn add(sum: &mut Option<Listed>, more: Option<&Listed>) {
    for (name, amount) in more.into_iter().flatten() {
        let known =
            sum.get_or_insert_default().entry(name.clone()).or_insert_with(|| Quantity("0".to_owned()));
        if let (Ok(a), Ok(b)) = (quantity::parse(&known.0), quantity::parse(&amount.0)) {
            *known = Quantity(if a.is_zero() { b } else { a + b }.to_string());
        }
    }
}

/// The default waiting reason: what a container waits for when nothing went wrong.
fn default_wait(facts: &Facts) -> ContainerState {
    let has_init = facts.runs.iter().any(|r| r.role.is_init());
    waiting(if has_init { "PodInitializing" } else { "ContainerCreating" }, None)
}

fn waiting(reason: &str, message: Option<String>) -> ContainerState {
    let waiting = ContainerStateWaiting { reason: Some(reason.to_owned()), message };
    ContainerState { waiting: Some(waiting), ..ContainerState::default() }
}

fn terminated(end: &Terminated) -> ContainerState {
    let terminated = ContainerStateTerminated {
        container_id: Some(format!("containerd://{}", end.id)),
        exit_code: end.code,
        reason: Some(end.reason.to_owned()),
        message: end.message.clone(),
        started_at: Some(time_of(end.started.unwrap_or(SimTime(0)))),
        finished_at: Some(time_of(end.finished)),
        signal: None,
    };
    ContainerState { terminated: Some(terminated), ..ContainerState::default() }
}

fn container_status(run: &Run, facts: &Facts) -> ContainerStatus {
    let spec = run.spec(facts.pod).cloned().unwrap_or_default();
    let last = run.previous.as_ref().map(terminated);
    let mut status = ContainerStatus {
        name: run.name.clone(),
        image: spec.image.clone().unwrap_or_default(),
        restart_count: run.restarts,
        ready: is_ready(run),
        started: (run.role != Role::Ephemeral).then(|| run.is_running() && run.probes.is_started()),
        state: Some(default_wait(facts)),
        last_state: Some(last.unwrap_or_default()),
        volume_mounts: mount_statuses(&spec),
        ..ContainerStatus::default()
    };
    if let Some(instance) = &run.current {
        status.image = instance.image_name.clone();
        status.image_id = instance.image_id.clone();
        status.container_id = Some(format!("containerd://{}", instance.id));
        status.resources = Some(spec.resources.clone().unwrap_or_default());
        status.allocated_resources = spec.resources.as_ref().and_then(|r| r.requests.clone());
        status.user = Some(root_user());
        status.state = Some(match &instance.state {
            State::Created => {
                ContainerState { waiting: Some(ContainerStateWaiting::default()), ..Default::default() }
            }
            State::Running { since } => ContainerState {
                running: Some(ContainerStateRunning { started_at: Some(time_of(*since)) }),
                ..ContainerState::default()
            },
            State::Exited(end) => terminated(end),
        });
    }
    if let Some(blocked) = blocked(run, facts) {
        if let Some(end) = run.exited() {
            status.last_state = Some(terminated(end));
        }
        status.state = Some(waiting(blocked.reason, Some(blocked.message.clone()).filter(|m| !m.is_empty())));
    }
    status
}

/// A container that should start but cannot shows why.
fn blocked<'a>(run: &'a Run, facts: &Facts) -> Option<&'a Blocked> {
    if facts.terminal || !run.wants_start(restart_policy(facts.pod)) {
        return None;
    }
    run.blocked.as_ref()
}

fn is_ready(run: &Run) -> bool {
    match run.role {
        Role::Init => run.has_initialized(),
        Role::Sidecar | Role::Regular => run.is_running() && run.probes.is_ready(),
        Role::Ephemeral => false,
    }
}

fn root_user() -> ContainerUser {
    let linux = LinuxContainerUser { uid: 0, gid: 0, supplemental_groups: Some(vec![0]) };
    ContainerUser { linux: Some(linux) }
}

fn mount_statuses(spec: &k8s_openapi::api::core::v1::Container) -> Option<Vec<VolumeMountStatus>> {
    let mounts = spec.volume_mounts.as_ref()?.iter().map(|mount| {
        let read_only = mount.read_only.filter(|ro| *ro);
        VolumeMountStatus {
            name: mount.name.clone(),
            mount_path: mount.mount_path.clone(),
            read_only,
            recursive_read_only: read_only.map(|_| "Disabled".to_owned()),
            volume_status: None,
        }
    });
    Some(mounts.collect())
}

/// The phase (getPhase): what the containers' states add up to.
fn phase(facts: &Facts) -> &'static str {
    let policy = restart_policy(facts.pod);
    let ended = |run: &Run| -> Option<i32> {
        match (&run.current, blocked(run, facts)) {
            (Some(Instance { state: State::Exited(end), .. }), _) => Some(end.code),
            (None, _) | (Some(_), _) => None,
        }
    };
    let regular = || facts.runs.iter().filter(|r| r.role == Role::Regular);
    let any_regular_started = regular().any(|r| r.current.is_some());
    for run in facts.runs.iter().filter(|r| r.role == Role::Init) {
        match ended(run) {
            Some(0) => {}
            Some(code) if !may_restart(Role::Init, policy, code) => return "Failed",
            _ => return "Pending",
        }
    }
    let sidecar_pending = facts.runs.iter().any(|r| r.role == Role::Sidecar && !r.has_initialized());
    if sidecar_pending && !any_regular_started {
        return "Pending";
    }
    let waiting = |r: &Run| match &r.current {
        None => r.previous.is_none(),
        Some(instance) => instance.state == State::Created && r.previous.is_none(),
    };
    if regular().any(waiting) {
        return "Pending";
    }
    let sidecar_running = facts.runs.iter().any(|r| r.role == Role::Sidecar && r.is_running());
    if sidecar_running || regular().any(Run::is_running) {
        let all_over = regular().all(|r| ended(r).is_some_and(|c| !may_restart(r.role, policy, c)));
        if !(sidecar_running && all_over) {
            return "Running";
        }
    }
    let codes: Vec<i32> =
        regular().map(|r| ended(r).or(r.previous.as_ref().map(|p| p.code)).unwrap_or(0)).collect();
    let succeeded = codes.iter().all(|c| *c == 0);
    let again = codes.iter().any(|c| may_restart(Role::Regular, policy, *c));
    match (facts.terminal || !again, succeeded) {
        (true, true) => "Succeeded",
        (true, false) => "Failed",
        (false, _) => "Running",
    }
}

/// All conditions in the order in which kubelets write them.
fn conditions(facts: &Facts, old: &PodStatus, phase: &str) -> Vec<PodCondition> {
    let kept = old.conditions.iter().flatten().filter(|c| !KUBELET_CONDITIONS.contains(&c.type_.as_str()));
    let mut all: Vec<PodCondition> = kept.cloned().collect();
    let containers_ready = containers_ready(facts, phase);
    let ready = match &containers_ready {
        (true, ..) => readiness_gates(facts, &all),
        not_ready => not_ready.clone(),
    };
    let truth = |ok: bool| (ok, None, None);
    let owned = [
        ("PodReadyToStartContainers", truth(facts.sandbox_ip.is_some() && !facts.terminal)),
        ("Initialized", initialized(facts, phase)),
        ("Ready", ready),
        ("ContainersReady", containers_ready),
        ("PodScheduled", truth(true)),
    ];
    for (kind, (ok, reason, message)) in owned {
        let status = if ok { "True" } else { "False" };
        let before = old.conditions.iter().flatten().find(|c| c.type_ == kind && c.status == status);
        let since = before.and_then(|c| c.last_transition_time.clone());
        all.push(PodCondition {
            type_: kind.to_owned(),
            status: status.to_owned(),
            reason: reason.map(str::to_owned),
            message,
            observed_generation: facts.pod.metadata.generation,
            last_probe_time: None,
            last_transition_time: Some(since.unwrap_or_else(|| time_of(facts.now))),
        });
    }
    all
}

/// A condition's truth, reason and message.
type Verdict = (bool, Option<&'static str>, Option<String>);

fn containers_ready(facts: &Facts, phase: &str) -> Verdict {
    match phase {
        "Succeeded" => return (false, Some("PodCompleted"), None),
        "Failed" => return (false, Some("PodFailed"), None),
        _ => {}
    }
    let counts = |r: &&Run| matches!(r.role, Role::Regular | Role::Sidecar);
    let unready = facts.runs.iter().filter(counts).filter(|r| !is_ready(r));
    let names: Vec<&str> = unready.map(|r| r.name.as_str()).collect();
    if names.is_empty() {
        return (true, None, None);
    }
    let message = format!("containers with unready status: [{}]", names.join(" "));
    (false, Some("ContainersNotReady"), Some(message))
}

fn readiness_gates(facts: &Facts, conditions: &[PodCondition]) -> Verdict {
    let gates = facts.pod.spec.as_ref().and_then(|s| s.readiness_gates.as_ref());
    let mut complaints = Vec::new();
    for gate in gates.into_iter().flatten() {
        match conditions.iter().find(|c| c.type_ == gate.condition_type) {
            None => complaints.push(format!(
                "corresponding condition of pod readiness gate {:?} does not exist.",
                gate.condition_type
            )),
            Some(c) if c.status != "True" => complaints.push(format!(
                "the status of pod readiness gate {:?} is not \"True\", but {}",
                gate.condition_type, c.status
            )),
            Some(_) => {}
        }
    }
    match complaints.is_empty() {
        true => (true, None, None),
        false => (false, Some("ReadinessGatesNotReady"), Some(complaints.join(", "))),
    }
}

fn initialized(facts: &Facts, phase: &str) -> Verdict {
    if phase == "Succeeded" {
        return (true, Some("PodCompleted"), None);
    }
    let regular_started =
        facts.runs.iter().any(|r| r.role == Role::Regular && (r.current.is_some() || r.previous.is_some()));
    let incomplete = facts.runs.iter().filter(|r| r.role.is_init() && !r.has_initialized());
    let names: Vec<&str> = incomplete.map(|r| r.name.as_str()).collect();
    if names.is_empty() || regular_started {
        return (true, None, None);
    }
    let message = format!("containers with incomplete status: [{}]", names.join(" "));
    (false, Some("ContainersNotInitialized"), Some(message))
}
