//! Stories of a small cluster in virtual time: three nodes, a registry that knows every image but those with a typo,
//! a runtime that starts everything, and ends what is asked to.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Endpoints, Event, Namespace, Pod, Service, ServiceAccount};
use k8s_openapi::api::discovery::v1::EndpointSlice;
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
    start: SimTime,
}

/// Steps of one `run`; met only by a cluster that never comes to rest.
const STEP_LIMIT: usize = 2_000_000;

impl Lab {
    pub fn new() -> Lab {
        Lab::with_nodes(3, 110)
    }

    pub fn with_nodes(nodes: u8, pods: u32) -> Lab {
        let now = SimTime::from_secs(1_795_351_500);
        let mut config = ClusterConfig::example(Seed(7), now, nodes);
        for (index, node) in config.nodes.iter_mut().enumerate() {
            node.allocatable.pods = pods.to_string();
            node.pod_cidr = format!("10.{}.{}.0/22", 4 + index / 60, (index % 60) * 4);
        }
        let cluster = Cluster::new(config);
        let runtime = FakeRuntime { running: BTreeMap::new(), due: Vec::new(), probe_code: 200 };
        Lab { cluster, cloud: FakeCloud::default(), runtime, now, start: now }
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

    pub fn elapsed(&self) -> Duration {
        self.now - self.start
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

fn set_image(lab: &mut Lab, name: &str, image: &str) {
    lab.edit::<Deployment>(name, |d| {
        if let Some(spec) = d.spec.as_mut().and_then(|s| s.template.spec.as_mut()) {
            spec.containers[0].image = Some(image.to_owned());
        }
    });
}

fn conditions(lab: &Lab, name: &str) -> Vec<String> {
    let d = lab.cluster.store().get_as::<Deployment>("default", name).expect("the deployment");
    let conditions = d.status.as_ref().and_then(|s| s.conditions.clone()).unwrap_or_default();
    conditions
        .iter()
        .map(|c| format!("{} {} {}", c.type_, c.status, c.reason.clone().unwrap_or_default()))
        .collect()
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn a_deployment_becomes_pods_that_run() {
    let mut lab = Lab::new();
    lab.create("apps", "v1", "deployments", deployment("web", "nginx:1.25", 3));
    lab.run(seconds(5));
    assert_eq!(lab.pod_words(), ["Running", "Running", "Running"]);
    assert_eq!(
        conditions(&lab, "web"),
        ["Available True MinimumReplicasAvailable", "Progressing True NewReplicaSetAvailable"]
    );
    let nodes: std::collections::BTreeSet<&str> =
        lab.pods().iter().map(|p| super::pod_state::node_name(p)).collect();
    assert_eq!(nodes.len(), 3, "one pod on each node");
    let pod = lab.pods()[0].metadata.name.clone().expect("a name");
    let reasons: Vec<String> =
        lab.events(&pod).iter().map(|e| e.split(':').next().unwrap_or_default().to_owned()).collect();
    assert_eq!(reasons, ["Scheduled", "Pulling", "Pulled", "Created", "Started"]);
}

#[test]
fn a_rolling_update_of_three_goes_up_one_down_one() {
    let mut lab = Lab::new();
    lab.create("apps", "v1", "deployments", deployment("web", "nginx:1.25", 3));
    lab.run(seconds(5));
    set_image(&mut lab, "web", "nginx:1.26");
    lab.run(seconds(20));
    let mut rs: Vec<&ReplicaSet> = lab.cluster.store().each::<ReplicaSet>(Some("default")).collect();
    rs.sort_by_key(|rs| {
        rs.metadata.annotations.as_ref().map(|a| a["deployment.kubernetes.io/revision"].clone())
    });
    let names: Vec<String> = rs.iter().filter_map(|rs| rs.metadata.name.clone()).collect();
    let told: Vec<String> = lab
        .events("web")
        .iter()
        .filter(|e| e.starts_with("ScalingReplicaSet"))
        .map(|e| e.replace(&names[0], "OLD").replace(&names[1], "NEW"))
        .collect();
    assert_eq!(
        told,
        [
            "ScalingReplicaSet: Scaled up replica set OLD from 0 to 3",
            "ScalingReplicaSet: Scaled up replica set NEW from 0 to 1",
            "ScalingReplicaSet: Scaled down replica set OLD from 3 to 2",
            "ScalingReplicaSet: Scaled up replica set NEW from 1 to 2",
            "ScalingReplicaSet: Scaled down replica set OLD from 2 to 1",
            "ScalingReplicaSet: Scaled up replica set NEW from 2 to 3",
            "ScalingReplicaSet: Scaled down replica set OLD from 1 to 0",
        ]
    );
    assert_eq!(lab.pod_words(), ["Running", "Running", "Running"]);
}

#[test]
fn a_bad_image_alternates_between_its_two_words_and_the_old_pods_stay() {
    let mut lab = Lab::new();
    lab.create("apps", "v1", "deployments", deployment("web", "nginx:1.25", 3));
    lab.run(seconds(5));
    set_image(&mut lab, "web", "nginx:typo");
    let mut words = Vec::new();
    for _ in 0..60 {
        lab.run(seconds(1));
        let word = lab.pod_words().into_iter().find(|w| w.contains("Image"));
        if let Some(word) = word.filter(|w| words.last() != Some(w)) {
            words.push(word);
        }
    }
    assert_eq!(words[..3], ["ErrImagePull", "ImagePullBackOff", "ErrImagePull"]);
    assert_eq!(lab.pod_words().iter().filter(|w| *w == "Running").count(), 3);
}

#[test]
fn a_crashing_container_backs_off() {
    let mut lab = Lab::new();
    lab.cluster.node.pace.tells_back_off = true;
    lab.create("", "v1", "pods", pod("crash", json!(["exit", "1"]), "Always"));
    lab.run(seconds(8));
    assert_eq!(lab.pod_words(), ["CrashLoopBackOff"]);
    lab.run(seconds(60));
    let restarts =
        lab.pods()[0].status.as_ref().and_then(|s| s.container_statuses.as_ref()).map(|c| c[0].restart_count);
    assert!(matches!(restarts, Some(3..=4)), "{restarts:?}");
    let log = lab.cluster.node.read_log(
        &lab.cluster.store().get_as::<Pod>("default", "crash").expect("the pod"),
        "web",
        &Default::default(),
        lab.now,
    );
    assert_eq!(log.as_deref(), Ok("bye\n"));
}

fn pod(name: &str, command: Value, restart: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"run": name}},
        "spec": {"restartPolicy": restart, "terminationGracePeriodSeconds": 5,
                 "containers": [{"name": "web", "image": "busybox", "command": command}]}
    })
}

#[test]
fn a_pod_that_has_done_its_work_is_completed_first_and_succeeded_a_second_later() {
    let mut lab = Lab::new();
    lab.create("", "v1", "pods", pod("hi", json!(["exit", "0"]), "Never"));
    let mut phases = Vec::new();
    for _ in 0..60 {
        lab.run(Duration::from_millis(100));
        let phase = format!("{} {}", lab.pod_words()[0], super::pod_state::phase(lab.pods()[0]));
        if phases.last() != Some(&phase) {
            phases.push(phase);
        }
    }
    assert_eq!(phases[phases.len() - 2..], ["Completed Running", "Completed Succeeded"]);
}

#[test]
fn a_program_that_is_not_there_is_a_start_error() {
    let mut lab = Lab::new();
    lab.create("", "v1", "pods", pod("bad", json!(["nosuch"]), "Never"));
    lab.run(seconds(6));
    assert_eq!(lab.pod_words(), ["StartError"]);
}

#[test]
fn nobody_has_room_for_it() {
    let mut lab = Lab::new();
    let mut body = pod("big", json!(["serve"]), "Always");
    body["spec"]["containers"][0]["resources"] = json!({"requests": {"cpu": "64"}});
    lab.create("", "v1", "pods", body);
    lab.run(seconds(1));
    assert_eq!(lab.pod_words(), ["Pending"]);
    assert_eq!(
        lab.events("big"),
        [
            "FailedScheduling: 0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: \
          0/3 nodes are available: 3 Preemption is not helpful for scheduling."
        ]
    );
}

#[test]
fn a_failing_readiness_probe_keeps_the_pod_out_and_a_good_one_lets_it_in() {
    let mut lab = Lab::new();
    lab.set_probe_code(503);
    let mut body = pod("web", json!(["serve"]), "Always");
    body["spec"]["containers"][0]["readinessProbe"] =
        json!({"httpGet": {"path": "/", "port": 80}, "periodSeconds": 2});
    lab.create("", "v1", "pods", body);
    lab.run(seconds(9));
    assert_eq!(lab.pod_words(), ["NotReady"]);
    assert!(
        lab.events("web")
            .iter()
            .any(|e| e.contains("Readiness probe failed: HTTP probe failed with statuscode: 503"))
    );
    lab.set_probe_code(200);
    lab.run(seconds(3));
    assert_eq!(lab.pod_words(), ["Running"]);
}

#[test]
fn a_failing_liveness_probe_restarts_the_container() {
    let mut lab = Lab::new();
    lab.set_probe_code(500);
    let mut body = pod("web", json!(["serve"]), "Always");
    body["spec"]["containers"][0]["livenessProbe"] =
        json!({"httpGet": {"path": "/", "port": 80}, "periodSeconds": 2, "failureThreshold": 2});
    lab.create("", "v1", "pods", body);
    lab.run(seconds(9));
    let events = lab.events("web");
    let killing =
        |e: &String| e.starts_with("Killing") && e.ends_with("failed liveness probe, will be restarted");
    assert!(events.iter().any(killing), "{events:#?}");
    let status = lab.pods()[0].status.clone().unwrap_or_default();
    assert!(status.container_statuses.is_some_and(|c| c[0].restart_count >= 1));
}

fn service(name: &str, kind: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
        "spec": {"type": kind, "selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]}})
}

#[test]
fn a_service_knows_the_ready_pods_and_a_balancer_gets_its_address_after_a_while() {
    let mut lab = Lab::new();
    lab.create("apps", "v1", "deployments", deployment("web", "nginx:1.25", 2));
    lab.create("", "v1", "services", service("front", "LoadBalancer"));
    lab.run(seconds(4));
    let store = lab.cluster.store();
    let endpoints = store.get_as::<Endpoints>("default", "front").expect("endpoints");
    let subset = endpoints.subsets.as_ref().expect("subsets")[0].clone();
    assert_eq!((subset.addresses.map(|a| a.len()), subset.ports.map(|p| p[0].port)), (Some(2), Some(8080)));
    let slices: Vec<usize> = store
        .each::<EndpointSlice>(Some("default"))
        .filter(|s| s.metadata.name.as_deref() != Some("kubernetes"))
        .map(|s| s.endpoints.as_ref().map_or(0, Vec::len))
        .collect();
    assert_eq!(slices, [2]);
    let address = |lab: &Lab| {
        let service = lab.cluster.store().get_as::<Service>("default", "front")?;
        service.status.as_ref()?.load_balancer.as_ref()?.ingress.as_ref()?[0].ip.clone()
    };
    assert_eq!(address(&lab), None);
    lab.run(seconds(2));
    assert_eq!(address(&lab).as_deref(), Some("34.10.20.30"));
    assert_eq!(
        lab.events("front"),
        ["EnsuringLoadBalancer: Ensuring load balancer", "EnsuredLoadBalancer: Ensured load balancer"]
    );
    lab.delete("", "v1", "services", "front");
    lab.run(seconds(1));
    assert!(lab.cluster.store().get_as::<Service>("default", "front").is_none());
    assert!(lab.cluster.store().get_as::<Endpoints>("default", "front").is_none());
}

#[test]
fn deleting_a_deployment_takes_its_replica_sets_and_pods_with_it() {
    let mut lab = Lab::new();
    lab.create("apps", "v1", "deployments", deployment("web", "nginx:1.25", 2));
    lab.run(seconds(4));
    lab.delete("apps", "v1", "deployments", "web");
    lab.run(Duration::from_millis(10));
    assert_eq!(lab.pod_words(), ["Terminating", "Terminating"]);
    lab.run(seconds(2));
    assert_eq!(lab.pod_words(), Vec::<String>::new());
    assert_eq!(lab.cluster.store().each::<ReplicaSet>(Some("default")).count(), 0);
}

#[test]
fn a_program_that_ignores_the_signal_is_killed_after_its_grace() {
    let mut lab = Lab::new();
    lab.create("", "v1", "pods", pod("stubborn", json!(["sleep", "3600"]), "Always"));
    lab.run(seconds(3));
    lab.delete("", "v1", "pods", "stubborn");
    lab.run(seconds(4));
    assert_eq!(lab.pod_words(), ["Terminating"]);
    lab.run(seconds(3));
    assert_eq!(lab.pod_words(), Vec::<String>::new());
}

#[test]
fn a_deleted_pod_of_a_replica_set_comes_back_under_another_name() {
    let mut lab = Lab::new();
    lab.create("apps", "v1", "deployments", deployment("web", "nginx:1.25", 1));
    lab.run(seconds(4));
    let first = lab.pods()[0].metadata.name.clone().expect("a name");
    lab.delete("", "v1", "pods", &first);
    lab.run(seconds(5));
    let now: Vec<String> = lab.pods().iter().filter_map(|p| p.metadata.name.clone()).collect();
    assert_eq!(now.len(), 1);
    assert_ne!(now[0], first);
    assert_eq!(lab.pod_words(), ["Running"]);
}

#[test]
fn a_deleted_namespace_takes_everything_with_it_and_the_kubernetes_service_returns() {
    let mut lab = Lab::new();
    lab.create(
        "",
        "v1",
        "namespaces",
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}),
    );
    lab.run(seconds(1));
    let store = lab.cluster.store();
    assert!(store.get_as::<ServiceAccount>("shop", "default").is_some());
    lab.delete("", "v1", "namespaces", "shop");
    lab.delete("", "v1", "services", "kubernetes");
    lab.run(seconds(5));
    let store = lab.cluster.store();
    assert!(store.get_as::<Namespace>("", "shop").is_none());
    assert!(store.get_as::<ServiceAccount>("shop", "default").is_none());
    assert!(store.get_as::<Service>("default", "kubernetes").is_some());
}

#[test]
fn a_job_runs_its_pods_to_the_end_and_a_failing_one_gives_up() {
    let mut lab = Lab::new();
    let job = |name: &str, code: &str, completions: i32, limit: i32| {
        json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": {
            "completions": completions, "parallelism": 2, "backoffLimit": limit, "template": {"spec": {
                "restartPolicy": "Never", "containers": [{"name": "x", "image": "busybox", "command": ["exit", code]}]}}}})
    };
    lab.create("batch", "v1", "jobs", job("good", "0", 3, 6));
    lab.create("batch", "v1", "jobs", job("doomed", "1", 1, 1));
    lab.run(seconds(30));
    let told = |lab: &Lab, name: &str| {
        let job = lab.cluster.store().get_as::<Job>("default", name).expect("the job");
        let status = job.status.clone().unwrap_or_default();
        let last = status.conditions.and_then(|c| c.last().map(|c| c.type_.clone())).unwrap_or_default();
        (last, status.succeeded, status.failed)
    };
    assert_eq!(told(&lab, "good"), ("Complete".to_owned(), Some(3), None));
    assert_eq!(told(&lab, "doomed"), ("Failed".to_owned(), None, Some(2)));
    let events: Vec<String> =
        lab.events("doomed").into_iter().filter(|e| e.starts_with("BackoffLimit")).collect();
    assert_eq!(events, ["BackoffLimitExceeded: Job has reached the specified backoff limit"]);
}

#[test]
fn an_autoscaler_without_metrics_keeps_to_its_minimum_and_with_them_follows_the_load() {
    let mut lab = Lab::new();
    let mut body = deployment("web", "nginx:1.25", 1);
    body["spec"]["template"]["spec"]["containers"][0]["resources"] = json!({"requests": {"cpu": "100m"}});
    lab.create("apps", "v1", "deployments", body);
    lab.create("autoscaling", "v2", "horizontalpodautoscalers", json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"}, "spec": {
            "minReplicas": 2, "maxReplicas": 5, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}}}]}}));
    lab.run(seconds(14));
    assert_eq!(lab.pod_words().len(), 1);
    lab.run(seconds(5));
    assert_eq!(lab.pod_words().len(), 2);
    lab.run(seconds(15));
    assert!(
        lab.events("web")
            .iter()
            .any(|e| e.starts_with("FailedGetResourceMetric: failed to get cpu utilization"))
    );
    let busy = crate::cluster::node::PodUsage { milli_cpu: 120, memory_bytes: 0 };
    let names = lab
        .pods()
        .iter()
        .filter_map(|p| Some(("default".to_owned(), p.metadata.name.clone()?)))
        .collect::<Vec<_>>();
    lab.cluster.node.metrics = Some(names.into_iter().map(|name| (name, busy)).collect());
    lab.run(seconds(16));
    assert_eq!(lab.pod_words().len(), 4);
}

fn workload(kind: &str, name: &str, image: &str, replicas: Option<i32>) -> Value {
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

#[test]
fn a_daemon_set_has_a_pod_on_every_node_and_renews_them_one_by_one() {
    let mut lab = Lab::new();
    lab.create("apps", "v1", "daemonsets", workload("DaemonSet", "agent", "nginx:1.26", None));
    lab.run(seconds(4));
    assert_eq!(lab.pod_words(), ["Running", "Running", "Running"]);
    lab.edit::<DaemonSet>("agent", |set| {
        if let Some(spec) = set.spec.as_mut().and_then(|s| s.template.spec.as_mut()) {
            spec.containers[0].image = Some("nginx:1.27".to_owned());
        }
    });
    let mut fewest = 3;
    for _ in 0..200 {
        lab.run(Duration::from_millis(100));
        fewest = fewest.min(lab.pod_words().iter().filter(|w| *w == "Running").count());
    }
    let images: Vec<String> =
        lab.pods().iter().filter_map(|p| p.spec.as_ref()?.containers[0].image.clone()).collect();
    assert_eq!((fewest, images), (2, vec!["nginx:1.27".to_owned(); 3]));
}

#[test]
fn a_stateful_set_goes_up_and_down_in_order() {
    let mut lab = Lab::new();
    lab.create("apps", "v1", "statefulsets", workload("StatefulSet", "ring", "nginx:1.26", Some(3)));
    lab.run(Duration::from_millis(500));
    assert_eq!(lab.pods().len(), 1);
    lab.run(seconds(8));
    let names = |lab: &Lab| lab.pods().iter().filter_map(|p| p.metadata.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&lab), ["ring-0", "ring-1", "ring-2"]);
    lab.edit::<StatefulSet>("ring", |set| set.spec.get_or_insert_default().replicas = Some(1));
    lab.run(seconds(6));
    assert_eq!(names(&lab), ["ring-0"]);
    let told =
        lab.events("ring").into_iter().filter(|e| e.starts_with("SuccessfulDelete")).collect::<Vec<_>>();
    assert_eq!(
        told,
        [
            "SuccessfulDelete: Delete Pod ring-2 in StatefulSet ring successful",
            "SuccessfulDelete: Delete Pod ring-1 in StatefulSet ring successful",
        ]
    );
}

/// Only measures when asked to: `cargo test --release thousand -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement, not a check"]
#[allow(clippy::print_stdout, reason = "a measurement prints")]
fn a_thousand_replicas() {
    for (nodes, replicas) in [(10, 1_000), (100, 10_000)] {
        let mut lab = Lab::with_nodes(nodes, 200);
        lab.create("apps", "v1", "deployments", deployment("web", "nginx:1.25", replicas));
        lab.run(seconds(60));
        let running = lab.pod_words().iter().filter(|w| *w == "Running").count();
        println!("{replicas}: {running} running after {:?} of virtual time", lab.elapsed());
    }
}
