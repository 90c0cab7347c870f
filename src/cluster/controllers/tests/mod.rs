//! Stories of a small cluster in virtual time: three nodes, a registry that knows every image but those with a typo,
//! a runtime that starts everything, and ends what is asked to.

mod deployments;
mod kinds;
mod pods;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Event, Pod};
use serde_json::{Value, json};

use super::{Outside, PullCredentials, PullError};
use crate::base::seed::Seed;
use crate::base::time::SimTime;
use crate::cluster::api::{Request, UserInfo, Verb};
use crate::cluster::object::Kind;
use crate::cluster::store::Origin;
use crate::cluster::{Cluster, ClusterConfig};
use crate::image::config::ImageParts;
use crate::image::process::{
    ContainerId, LogStream, ProbeAction, ProbeResult, RuntimeEvent, RuntimeRequest, Signal,
};
use crate::image::{Image, ImageConfig, ImageRef};

/// A cloud that has every image and hands out one address after five seconds.
#[derive(Default)]
struct FakeCloud {
    asked: BTreeMap<String, SimTime>,
}

impl Outside for FakeCloud {
    fn resolve_image(
        &mut self,
        _now: SimTime,
        _node: &str,
        image: &ImageRef,
        _credentials: &PullCredentials,
    ) -> Result<Rc<Image>, PullError> {
        let name = image.canonical();
        if name.contains("typo") {
            let message = format!("{name}: not found");
            return Err(PullError { message });
        }
        let config = ImageConfig { cmd: vec!["serve".to_owned()], ..ImageConfig::default() };
        Ok(Rc::new(Image::new(ImageParts { config, ..ImageParts::default() })))
    }
    fn pull_time(&mut self, _node: &str, _image: &ImageRef) -> Duration {
        Duration::from_millis(500)
    }
    fn allocate_load_balancer(&mut self, now: SimTime, service_uid: &str, _ports: &[u16]) -> Option<String> {
        let asked = *self.asked.entry(service_uid.to_owned()).or_insert(now);
        (now.since(asked) >= Duration::from_secs(5)).then(|| "34.10.20.30".to_owned())
    }
    fn release_load_balancer(&mut self, _now: SimTime, service_uid: &str) {
        self.asked.remove(service_uid);
    }
}

/// What a started process does, by the words of its command line.
struct FakeRuntime {
    running: BTreeMap<ContainerId, Vec<String>>,
    due: Vec<(SimTime, RuntimeEvent)>,
    /// HTTP probes answer with this.
    probe_code: u16,
}

impl FakeRuntime {
    fn take(&mut self, now: SimTime, request: RuntimeRequest) {
        match request {
            RuntimeRequest::Start(start) => {
                let id = start.id.clone();
                if start.argv.first().is_some_and(|a| a == "nosuch") {
                    let error = "exec: \"nosuch\": executable file not found in $PATH".to_owned();
                    return self.due.push((now, RuntimeEvent::StartFailed { id, error, code: 127 }));
                }
                self.due.push((now, RuntimeEvent::Started { id: id.clone() }));
                if start.argv.first().is_some_and(|a| a == "devour") {
                    let end = RuntimeEvent::Exited { id: id.clone(), code: 137, oom: true };
                    self.due.push((now + Duration::from_millis(5), end));
                }
                if let Some(code) = start.argv.get(1).filter(|_| start.argv[0] == "exit") {
                    let code = code.parse().unwrap_or(0);
                    let bytes = b"bye\n".to_vec();
                    self.due
                        .push((now, RuntimeEvent::Log { id: id.clone(), stream: LogStream::Stdout, bytes }));
                    let end = RuntimeEvent::Exited { id: id.clone(), code, oom: false };
                    self.due.push((now + Duration::from_millis(5), end));
                }
                self.running.insert(id, start.argv);
            }
            RuntimeRequest::Signal { id, signal } => {
                let stubborn = self.running.get(&id).is_some_and(|argv| argv[0] == "sleep");
                if signal == Signal::Kill || !stubborn {
                    let code = if signal == Signal::Kill { 137 } else { 0 };
                    self.due.push((
                        now + Duration::from_millis(30),
                        RuntimeEvent::Exited { id, code, oom: false },
                    ));
                }
            }
            RuntimeRequest::Probe { id, token, probe, .. } => {
                let result = match probe {
                    ProbeAction::Http { .. } => {
                        ProbeResult::HttpStatus { code: self.probe_code, body: String::new() }
                    }
                    _ => ProbeResult::Ok,
                };
                self.due.push((now, RuntimeEvent::ProbeResult { id, token, result }));
            }
            _ => {}
        }
    }
}

pub struct Lab {
    pub cluster: Cluster,
    cloud: FakeCloud,
    runtime: FakeRuntime,
    pub now: SimTime,
}

/// Steps of one `run`; met only by a cluster that never comes to rest.
const STEP_LIMIT: usize = 2_000_000;

impl Lab {
    pub fn new() -> Lab {
        Lab::with_nodes(3, 110)
    }

    fn with_nodes(nodes: u8, pods: u32) -> Lab {
        let now = SimTime::from_secs(1_795_351_500);
        let mut config = ClusterConfig::example(Seed(7), now, nodes);
        for (index, node) in config.nodes.iter_mut().enumerate() {
            node.allocatable.pods = pods.to_string();
            node.pod_cidr = format!("10.{}.{}.0/22", 4 + index / 60, (index % 60) * 4);
        }
        let cluster = Cluster::new(config);
        let runtime = FakeRuntime { running: BTreeMap::new(), due: Vec::new(), probe_code: 200 };
        Lab { cluster, cloud: FakeCloud::default(), runtime, now }
    }

    /// Lets time pass: the cluster, the cloud and the runtime take turns.
    pub fn run(&mut self, span: Duration) {
        let end = self.now + span;
        for _ in 0..STEP_LIMIT {
            let next = self.cluster.next_wakeup().unwrap_or(SimTime::NEVER);
            let event = self.runtime.due.iter().map(|(at, _)| *at).min().unwrap_or(SimTime::NEVER);
            let at = next.min(event).max(self.now);
            if at > end {
                self.now = end;
                return;
            }
            self.now = at;
            let (due, later) = std::mem::take(&mut self.runtime.due).into_iter().partition(|(t, _)| *t <= at);
            self.runtime.due = later;
            let due: Vec<(SimTime, RuntimeEvent)> = due;
            for (_, event) in due {
                self.cluster.runtime_event(at, event);
            }
            self.cluster.advance(at, &mut self.cloud);
            for request in self.cluster.take_runtime_requests() {
                self.runtime.take(at, request);
            }
        }
        panic!("the cluster does not come to rest");
    }

    fn request(
        &mut self,
        verb: Verb,
        group: &str,
        version: &str,
        resource: &str,
        name: Option<&str>,
        body: Option<Value>,
    ) {
        let mut request = Request::new(UserInfo::admin("you"), "kubectl", verb, group, version, resource);
        request.namespace = Some("default".to_owned());
        request.name = name.map(str::to_owned);
        request.body = body;
        let response = self.cluster.handle(self.now, request);
        response.result.unwrap_or_else(|e| panic!("{resource}: {}", e.message));
    }

    pub fn create(&mut self, group: &str, version: &str, resource: &str, body: Value) {
        self.request(Verb::Create, group, version, resource, None, Some(body));
    }

    pub fn delete(&mut self, group: &str, version: &str, resource: &str, name: &str) {
        self.request(Verb::Delete, group, version, resource, Some(name), None);
    }

    /// Changes an object in place, as a person would with `kubectl edit`.
    pub fn edit<K: Kind>(&mut self, name: &str, change: impl FnOnce(&mut K)) {
        let stored = self.cluster.store().get_as::<K>("default", name).expect("the object");
        let mut copy = K::clone(&stored);
        change(&mut copy);
        let meta = copy.meta_mut();
        meta.generation = meta.generation.map(|g| g + 1);
        meta.resource_version = None;
        let origin = Origin { actor: "kubectl-edit".into(), at: self.now, cause: None };
        self.cluster.api.store.update(copy.into_object(), &origin);
    }

    /// Every event of one object: seconds since the start, reason, message, count.
    pub fn events(&self, object: &str) -> Vec<String> {
        let mut events: Vec<&Event> = self.cluster.store().each::<Event>(None).collect();
        events.retain(|e| e.involved_object.name.as_deref().is_some_and(|n| n.starts_with(object)));
        events.sort_by_key(|e| e.metadata.resource_version.as_deref().and_then(|v| v.parse::<u64>().ok()));
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let line = |e: &Event| {
            let count = e.count.filter(|c| *c > 1).map(|c| format!(" x{c}")).unwrap_or_default();
            format!("{}{count}: {}", text(&e.reason), text(&e.message))
        };
        events.into_iter().map(line).collect()
    }

    pub fn pods(&self) -> Vec<&Pod> {
        self.cluster.store().each::<Pod>(Some("default")).collect()
    }

    /// The pods' words as `kubectl get pods` would show them, sorted.
    pub fn pod_words(&self) -> Vec<String> {
        let mut words: Vec<String> = self.pods().iter().map(|p| pod_word(p)).collect();
        words.sort();
        words
    }

    pub fn set_probe_code(&mut self, code: u16) {
        self.runtime.probe_code = code;
    }
}

fn pod_word(pod: &Pod) -> String {
    let status = pod.status.clone().unwrap_or_default();
    if pod.metadata.deletion_timestamp.is_some() {
        return "Terminating".to_owned();
    }
    let state = status.container_statuses.iter().flatten().find_map(|c| {
        let state = c.state.as_ref()?;
        let waiting = state.waiting.as_ref().and_then(|w| w.reason.clone());
        waiting.or(state.terminated.as_ref().and_then(|t| t.reason.clone()))
    });
    let ready = super::pod_state::is_ready(pod);
    let phase = super::pod_state::phase(pod).to_owned();
    state.unwrap_or(if phase == "Running" && !ready { "NotReady".to_owned() } else { phase })
}

pub fn deployment(name: &str, image: &str, replicas: i32) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "generation": 1},
        "spec": {
            "replicas": replicas, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {
                "terminationGracePeriodSeconds": 30, "restartPolicy": "Always",
                "containers": [{"name": "web", "image": image, "imagePullPolicy": "IfNotPresent"}]}}
        }
    })
}

pub(super) fn set_image(lab: &mut Lab, name: &str, image: &str) {
    lab.edit::<Deployment>(name, |d| {
        if let Some(spec) = d.spec.as_mut().and_then(|s| s.template.spec.as_mut()) {
            spec.containers[0].image = Some(image.to_owned());
        }
    });
}

pub(super) fn conditions(lab: &Lab, name: &str) -> Vec<String> {
    let d = lab.cluster.store().get_as::<Deployment>("default", name).expect("the deployment");
    let conditions = d.status.as_ref().and_then(|s| s.conditions.clone()).unwrap_or_default();
    conditions
        .iter()
        .map(|c| format!("{} {} {}", c.type_, c.status, c.reason.clone().unwrap_or_default()))
        .collect()
}

pub(super) fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

pub(super) fn pod(name: &str, command: Value, restart: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"run": name}},
        "spec": {"restartPolicy": restart, "terminationGracePeriodSeconds": 5,
                 "containers": [{"name": "web", "image": "busybox", "command": command}]}
    })
}

pub(super) fn service(name: &str, kind: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
        "spec": {"type": kind, "selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]}})
}

pub(super) fn workload(kind: &str, name: &str, image: &str, replicas: Option<i32>) -> Value {
    let mut body = deployment(name, image, 1);
    body["kind"] = json!(kind);
    body["spec"] = json!({"selector": body["spec"]["selector"], "template": body["spec"]["template"], "serviceName": name});
    if let Some(replicas) = replicas {
        body["spec"]["replicas"] = json!(replicas);
    } else {
        body["spec"].as_object_mut().map(|s| s.remove("serviceName"));
    }
    body
}
