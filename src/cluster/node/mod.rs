//! Nodes: the scheduler's targets, and the kubelet's memory of what its container runtime told it.
//!
//! The kubelet runs no program: it asks for containers (`RuntimeRequest`) and hears about them (`RuntimeEvent`).

mod backoff;
mod claims;
mod environment;
mod fit;
mod hooks;
mod kubelet;
mod logs;
mod pace;
mod preemption;
mod probes;
mod pull;
mod run;
mod scheduler;
mod start;
mod status;
mod stop;
mod volumes;
mod worker;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use k8s_openapi::api::core::v1::Pod;

use self::logs::Log;
use self::worker::Worker;
use crate::base::time::SimTime;
use crate::cluster::api::{LogOptions, Status};
use crate::cluster::controllers::WorkQueue;
use crate::cluster::object::{Key, Typed};
use crate::image::Image;
use crate::image::process::{ContainerId, RuntimeEvent};

pub use fit::{accepts, term_matches as node_matches, tolerates};
pub use kubelet::Kubelet;
pub use pace::Pace;
pub use scheduler::Scheduler;

/// Reports of one pod's containers that wait to be heard; beyond it the oldest is dropped.
const INBOX_LIMIT: usize = 10_000;

/// What of a log stands in for a termination message (MaxContainerTerminationMessageLogLength and …Lines).
const FALLBACK_LINES: usize = 80;
const FALLBACK_BYTES: usize = 2048;

/// Which container of which pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    pub id: ContainerId,
    pub key: Key,
    pub uid: String,
    pub run: usize,
    pub name: String,
}

/// What one node has on its disk and in its network.
#[derive(Debug, Default)]
struct Local {
    images: BTreeMap<String, Rc<Image>>,
    /// Until when the node is busy pulling; pulls are made one after the other.
    pulling_until: SimTime,
    pulling: BTreeMap<String, SimTime>,
    /// The first address of the node's pod range.
    base: u32,
    last_host: u32,
    used_hosts: BTreeSet<u32>,
}

/// The logs of one container of a pod.
#[derive(Debug, Default)]
struct Logs {
    current: Log,
    previous: Option<Log>,
}

/// What a pod used when it was last measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PodUsage {
    pub milli_cpu: i64,
    pub memory_bytes: i64,
}

/// What kubelets remember outside the API: pods at work, runtime events not yet acted on, container logs.
#[derive(Debug, Default)]
pub struct NodeState {
    pub pace: Pace,
    workers: BTreeMap<Key, Vec<Worker>>,
    inbox: BTreeMap<Key, VecDeque<(Rc<Owner>, RuntimeEvent)>>,
    containers: BTreeMap<ContainerId, Rc<Owner>>,
    /// Every container that a pod had, by the pod's uid.
    of_pod: BTreeMap<String, Vec<ContainerId>>,
    /// By the pod's uid and the container's name.
    logs: BTreeMap<String, BTreeMap<String, Logs>>,
    locals: BTreeMap<String, Local>,
    tokens: u64,
    /// What pods use, by namespace and name; `None`: there is no metrics server.
    pub metrics: Option<BTreeMap<(String, String), PodUsage>>,
}

impl NodeState {
    /// Takes note of a runtime's report and wakes the pod it concerns.
    pub fn runtime_event(&mut self, now: SimTime, event: RuntimeEvent, queue: &mut WorkQueue) {
        let id = match &event {
            RuntimeEvent::Started { id }
            | RuntimeEvent::StartFailed { id, .. }
            | RuntimeEvent::Exited { id, .. }
            | RuntimeEvent::LastWords { id, .. }
            | RuntimeEvent::Log { id, .. }
            | RuntimeEvent::ProbeResult { id, .. } => id,
        };
        let Some(owner) = self.containers.get(id).map(Rc::clone) else { return };
        if let RuntimeEvent::Log { stream, bytes, .. } = event {
            if let Some(logs) = self.logs.get_mut(&owner.uid).and_then(|of_pod| of_pod.get_mut(&owner.name)) {
                logs.current.write(now, stream, &bytes);
            }
            return;
        }
        let key = owner.key.clone();
        let inbox = self.inbox.entry(key.clone()).or_default();
        if inbox.len() >= INBOX_LIMIT {
            inbox.pop_front();
        }
        inbox.push_back((owner, event));
        queue.wake(now, kubelet::NAME, key);
    }

    /// A container's log as `GET pods/NAME/log` returns it.
    pub fn read_log(
        &self,
        pod: &Typed<Pod>,
        container: &str,
        options: &LogOptions,
        now: SimTime,
    ) -> Result<String, Status> {
        if crate::cluster::pod_state::node_name(pod).is_empty() {
            // Nobody could have written anything yet, and there is no kubelet to ask.
            return Ok(String::new());
        }
        if let Some(refusal) = logs::refusal(pod, container, options.previous) {
            return Err(refusal);
        }
        let logs = self.logs_of(pod.uid(), container);
        let log = match options.previous {
            true => logs.and_then(|l| l.previous.as_ref()),
            false => logs.map(|l| &l.current),
        };
        Ok(log.map(|log| log.read(options, now)).unwrap_or_default())
    }

    /// The end of a container's log, as a terminated container shows it that left no other message.
    fn log_tail(&self, uid: &str, container: &str, now: SimTime) -> String {
        let options = LogOptions {
            tail_lines: Some(FALLBACK_LINES),
            limit_bytes: Some(FALLBACK_BYTES),
            ..LogOptions::default()
        };
        self.logs_of(uid, container).map(|l| l.current.read(&options, now)).unwrap_or_default()
    }

    fn logs_of(&self, uid: &str, container: &str) -> Option<&Logs> {
        self.logs.get(uid)?.get(container)
    }

    /// The running container of a pod: where `kubectl exec` and its like go.
    pub fn container_id(&self, pod: &Typed<Pod>, container: &str) -> Option<ContainerId> {
        let worker = self.workers.get(&pod.key())?.iter().find(|w| w.uid == pod.uid())?;
        let run = worker.runs.iter().find(|r| r.name == container && r.is_running())?;
        run.id().cloned()
    }

    fn register(&mut self, id: &ContainerId, key: &Key, uid: &str, run: usize, name: &str) {
        let owner =
            Owner { id: id.clone(), key: key.clone(), uid: uid.to_owned(), run, name: name.to_owned() };
        let logs = self.logs.entry(uid.to_owned()).or_default().entry(name.to_owned());
        logs.and_modify(|l| l.previous = Some(std::mem::take(&mut l.current))).or_default();
        self.containers.insert(id.clone(), Rc::new(owner));
        self.of_pod.entry(uid.to_owned()).or_default().push(id.clone());
    }

    /// A pod left its node: nothing of it is kept.
    fn forget(&mut self, uid: &str) {
        for id in self.of_pod.remove(uid).unwrap_or_default() {
            self.containers.remove(&id);
        }
        self.logs.remove(uid);
    }

    fn token(&mut self) -> u64 {
        self.tokens += 1;
        self.tokens
    }

    fn local(&mut self, node: &str) -> &mut Local {
        self.locals.entry(node.to_owned()).or_default()
    }

    fn image(&self, node: &str, name: &str) -> Option<Rc<Image>> {
        self.locals.get(node)?.images.get(name).cloned()
    }

    fn keep_image(&mut self, node: &str, name: &str, image: Rc<Image>) {
        let local = self.local(node);
        local.pulling.remove(name);
        local.images.insert(name.to_owned(), image);
    }

    fn is_pulling(&self, node: &str, name: &str) -> bool {
        self.locals.get(node).is_some_and(|l| l.pulling.contains_key(name))
    }

    /// When the node is free to pull the next image.
    fn pull_slot(&self, node: &str) -> SimTime {
        self.locals.get(node).map_or(SimTime(0), |l| l.pulling_until)
    }

    fn note_pull(&mut self, node: &str, name: &str, until: SimTime) {
        let local = self.local(node);
        local.pulling_until = until;
        local.pulling.insert(name.to_owned(), until);
    }

    /// The next free address of a node's range, going round as host-local IPAM does; `.1` is the bridge.
    fn allocate_ip(&mut self, node: &str, cidr: &str) -> String {
        let (base, bits) = cidr.split_once('/').unwrap_or((cidr, "24"));
        let base = u32::from(base.parse::<std::net::Ipv4Addr>().unwrap_or(std::net::Ipv4Addr::UNSPECIFIED));
        let size = 1u32 << (32 - bits.parse::<u32>().unwrap_or(24).clamp(8, 30));
        let local = self.local(node);
        local.base = base;
        let mut host = local.last_host.max(1);
        for _ in 0..size {
            host = if host + 2 >= size { 2 } else { host + 1 };
            if local.used_hosts.insert(host) {
                break;
            }
        }
        local.last_host = host;
        std::net::Ipv4Addr::from(base + host).to_string()
    }

    /// An address that is in use already.
    fn reserve_ip(&mut self, node: &str, cidr: &str, ip: &str) {
        let base = cidr.split('/').next().unwrap_or_default();
        let parsed = |text: &str| text.parse::<std::net::Ipv4Addr>().map(u32::from).ok();
        let (Some(base), Some(address)) = (parsed(base), parsed(ip)) else { return };
        self.local(node).used_hosts.insert(address.wrapping_sub(base));
    }

    fn release_ip(&mut self, node: &str, ip: &str) {
        let Ok(address) = ip.parse::<std::net::Ipv4Addr>() else { return };
        let local = self.local(node);
        local.used_hosts.remove(&u32::from(address).wrapping_sub(local.base));
    }
}
