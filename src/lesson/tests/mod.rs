//! Checks and coach over constructed situations: no session, only facts.

mod checks;
mod coaching;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Value, json};

use crate::base::SimTime;
use crate::lesson::facts::{ClusterFacts, ContainerFacts, Facts, ReplyFacts};

const IMAGE: &str = "us-central1-docker.pkg.dev/jam-1/my-docker-repo/hello-node";

/// Facts as a test states them.
#[derive(Default)]
struct Stated {
    objects: BTreeMap<(String, String), Rc<Value>>,
    files: BTreeMap<String, String>,
    local: BTreeMap<String, String>,
    registry: BTreeMap<String, String>,
    repositories: BTreeSet<String>,
    containers: Vec<ContainerFacts>,
    clusters: Vec<ClusterFacts>,
    connected: bool,
    listeners: BTreeMap<u16, String>,
    open_ports: BTreeSet<u16>,
    replies: Vec<ReplyFacts>,
}

impl Facts for Stated {
    fn now(&self) -> SimTime {
        SimTime::from_secs(2000)
    }
    fn stamp(&self) -> u64 {
        0
    }
    fn names(&self) -> BTreeMap<String, String> {
        let pairs = [
            ("project", "jam-1"),
            ("region", "us-central1"),
            ("zone", "us-central1-a"),
            ("home", "/home/me"),
        ];
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }
    fn object(&self, kind: &str, _: &str, name: &str) -> Option<Rc<Value>> {
        self.objects.get(&(kind.to_owned(), name.to_owned())).cloned()
    }
    fn objects(&self, kind: &str, _: &str) -> Vec<Rc<Value>> {
        self.objects.iter().filter(|((k, _), _)| k == kind).map(|(_, o)| Rc::clone(o)).collect()
    }
    fn file(&self, path: &str) -> Option<Rc<[u8]>> {
        self.files.get(path).map(|text| Rc::from(text.as_bytes()))
    }
    fn local_image(&self, reference: &str) -> Option<String> {
        self.local.get(reference).cloned()
    }
    fn local_images(&self) -> Vec<String> {
        self.local.keys().cloned().collect()
    }
    fn registry_image(&self, reference: &str) -> Option<String> {
        self.registry.get(reference).cloned()
    }
    fn repository(&self, location: &str, name: &str) -> bool {
        self.repositories.contains(&format!("{location}/{name}"))
    }
    fn containers(&self) -> Vec<ContainerFacts> {
        self.containers.clone()
    }
    fn clusters(&self) -> Vec<ClusterFacts> {
        self.clusters.clone()
    }
    fn kubectl_connected(&self) -> bool {
        self.connected
    }
    fn gcloud_property(&self, _: &str) -> Option<String> {
        Some("jam-1".to_owned())
    }
    fn port_is_open(&self, port: u16) -> bool {
        self.open_ports.contains(&port)
    }
    fn listener(&self, port: u16) -> Option<String> {
        self.listeners.get(&port).cloned()
    }
    fn replies(&self) -> Vec<ReplyFacts> {
        self.replies.clone()
    }
    fn answering_pods(&self, _: &str, _: u16) -> Vec<String> {
        Vec::new()
    }
}

impl Stated {
    fn with(mut self, kind: &str, name: &str, mut object: Value) -> Self {
        object["metadata"]["name"] = json!(name);
        self.objects.insert((kind.to_owned(), name.to_owned()), Rc::new(object));
        self
    }

    fn deployment(self, image: &str, replicas: u64) -> Self {
        let spec = json!({"replicas": replicas, "selector": {"matchLabels": {"app": "hello-node"}},
            "template": {"spec": {"containers": [{"image": image}]}}});
        self.with("deployments", "hello-node", json!({ "spec": spec }))
    }

    /// A pod; `how` is `ready`, `running`, `deleting` or a waiting reason.
    fn pod(self, name: &str, image: &str, how: &str) -> Self {
        let ready = if matches!(how, "ready" | "deleting") { "True" } else { "False" };
        let phase = if matches!(how, "ready" | "running" | "deleting") { "Running" } else { "Pending" };
        let state =
            if phase == "Running" { json!({"running": {}}) } else { json!({"waiting": {"reason": how}}) };
        let mut pod = json!({
            "metadata": {"labels": {"app": "hello-node"}, "creationTimestamp": "1970-01-01T00:20:00Z",
                "ownerReferences": [{"name": "hello-node-5d"}]},
            "spec": {"containers": [{"image": image}]},
            "status": {"phase": phase, "podIP": "10.8.0.4", "conditions": [{"type": "Ready", "status": ready}],
                "containerStatuses": [{"imageID": "repo@sha256:old", "state": state}]}});
        if how == "deleting" {
            pod["metadata"]["deletionTimestamp"] = json!("1970-01-01T00:30:00Z");
        }
        self.with("pods", name, pod)
    }

    fn service(self, selector: &str, address: Option<&str>) -> Self {
        let ingress = address.map(|ip| json!([{ "ip": ip }])).unwrap_or(json!([]));
        let service = json!({"spec": {"type": "LoadBalancer", "clusterIP": "34.118.1.2", "selector": {"app": selector}},
            "status": {"loadBalancer": {"ingress": ingress}}});
        self.with("services", "hello-node", service)
    }

    fn file_of(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }

    fn local(mut self, reference: &str) -> Self {
        self.local.insert(reference.to_owned(), "sha256:local".to_owned());
        self
    }

    fn registry(mut self, reference: &str, digest: &str) -> Self {
        self.registry.insert(reference.to_owned(), digest.to_owned());
        self
    }

    fn reply(mut self, host: &str, port: u16, body: &str, by: &str) -> Self {
        let at = SimTime::from_secs(1500);
        self.replies.push(ReplyFacts {
            at,
            host: host.into(),
            port,
            path: "/".into(),
            status: Some(200),
            body: body.into(),
            by: by.into(),
        });
        self
    }
}
