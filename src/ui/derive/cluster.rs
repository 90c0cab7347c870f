//! A cluster's objects as the picture shows them.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::core::v1::{Node, Pod, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;

use crate::base::SimTime;
use crate::base::net::Hop;
use crate::cloud::gke::{ClusterStatus, GkeCluster};
use crate::cluster::kinds::printers::pod::status_word;
use crate::cluster::object::Kind;
use crate::cluster::store::Store;
use crate::ui::scene::{self, Shape};
use crate::world::World;
use crate::world::network::Trace;

/// The namespace that is drawn.
const NAMESPACE: &str = "default";
const REVISION: &str = "deployment.kubernetes.io/revision";
/// Requests looked back on for the picture.
const MAX_TRIPS: usize = 16;

pub fn cluster(gke: &GkeCluster, _now: SimTime) -> scene::Cluster {
    let store = gke.cluster.store();
    let note = match gke.status {
        ClusterStatus::Running => String::new(),
        other => other.word().to_owned(),
    };
    let nodes = match gke.status {
        ClusterStatus::Provisioning(_) => Vec::new(),
        _ => store.each::<Node>(None).map(node).collect(),
    };
    let versions = versions(store);
    let system = |namespace: &str| {
        namespace.starts_with("kube-") || namespace.starts_with("gke-") || namespace.starts_with("gmp-")
    };
    let elsewhere = store
        .each::<Pod>(None)
        .filter_map(|p| p.metadata.namespace.as_deref())
        .filter(|n| *n != NAMESPACE && !system(n))
        .count();
    scene::Cluster {
        name: gke.spec.name.clone(),
        note,
        namespace: NAMESPACE.to_owned(),
        elsewhere,
        nodes,
        pods: store.each::<Pod>(Some(NAMESPACE)).map(|p| pod(p, &versions)).collect(),
        workloads: store.each::<Deployment>(Some(NAMESPACE)).map(|d| workload(d, store)).collect(),
        services: store
            .each::<Service>(Some(NAMESPACE))
            .filter(|s| s.metadata.name.as_deref() != Some("kubernetes"))
            .map(|s| service(s, store))
            .collect(),
        autoscalers: store.each::<HorizontalPodAutoscaler>(Some(NAMESPACE)).map(autoscaler).collect(),
    }
}

fn node(node: &Node) -> scene::Node {
    let name = node.metadata.name.clone().unwrap_or_default();
    let conditions = node.status.as_ref().and_then(|s| s.conditions.as_deref()).unwrap_or_default();
    scene::Node {
        short: name.rsplit('-').next().unwrap_or(&name).to_owned(),
        ready: conditions.iter().any(|c| c.type_ == "Ready" && c.status == "True"),
        schedulable: !node.spec.as_ref().and_then(|s| s.unschedulable).unwrap_or(false),
        name,
    }
}

/// The index of each ReplicaSet's version: its Deployment's revision, from 0.
fn versions(store: &Store) -> BTreeMap<String, usize> {
    let sets = store.each::<ReplicaSet>(Some(NAMESPACE));
    sets.map(|set| (set.metadata.name.clone().unwrap_or_default(), revision(set))).collect()
}

fn revision(set: &ReplicaSet) -> usize {
    let annotations = set.metadata.annotations.as_ref();
    let number = annotations.and_then(|a| a.get(REVISION)).and_then(|r| r.parse::<usize>().ok());
    number.unwrap_or(1).saturating_sub(1)
}

fn owner<K: Kind>(object: &K, kind: &str) -> Option<String> {
    let owners = object.meta().owner_references.as_deref().unwrap_or_default();
    owners.iter().find(|o| o.kind == kind).map(|o| o.name.clone())
}

/// What an image's name ends with: its tag, or the beginning of its digest.
pub fn tag(image: &str) -> String {
    let last = image.rsplit('/').next().unwrap_or(image);
    if let Some((_, digest)) = last.split_once("@sha256:") {
        return digest.chars().take(7).collect();
    }
    last.split_once(':').map_or("latest", |(_, tag)| tag).to_owned()
}

fn first_image(spec: Option<&k8s_openapi::api::core::v1::PodSpec>) -> String {
    spec.and_then(|s| s.containers.first()).and_then(|c| c.image.clone()).unwrap_or_default()
}

fn pod(pod: &Pod, versions: &BTreeMap<String, usize>) -> scene::Pod {
    let name = pod.metadata.name.clone().unwrap_or_default();
    let status = pod.status.as_ref();
    let containers = status.and_then(|s| s.container_statuses.as_deref()).unwrap_or_default();
    let total = pod.spec.as_ref().map_or(0, |s| s.containers.len());
    let ready = containers.iter().filter(|c| c.ready).count();
    let word = status_word(pod);
    let set = owner(pod, "ReplicaSet");
    scene::Pod {
        uid: pod.metadata.uid.clone().unwrap_or_default(),
        suffix: if set.is_some() {
            name.rsplit('-').next().unwrap_or(&name).to_owned()
        } else {
            name.clone()
        },
        name,
        node: pod.spec.as_ref().and_then(|s| s.node_name.clone()),
        shape: shape(&word, ready, total),
        ready: (ready, total),
        restarts: containers.iter().map(|c| c.restart_count.max(0) as u32).sum(),
        tag: tag(&first_image(pod.spec.as_ref())),
        version: set.and_then(|s| versions.get(&s).copied()).unwrap_or(0),
        progress: None,
        ip: status.and_then(|s| s.pod_ip.clone()).unwrap_or_default(),
        word,
    }
}

/// The shape for a STATUS word.
fn shape(word: &str, ready: usize, total: usize) -> Shape {
    match word {
        "Running" if ready == total => Shape::Ready,
        "Running" | "NotReady" => Shape::Half,
        "Pending" | "ContainerCreating" | "PodInitializing" | "SchedulingGated" => Shape::Waiting,
        "Terminating" => Shape::Leaving,
        "Completed" | "Succeeded" => Shape::Done,
        _ if word.starts_with("Init:") && !word.contains("Err") && !word.contains("Back") => Shape::Waiting,
        _ => Shape::Failed,
    }
}

fn workload(deployment: &Deployment, store: &Store) -> scene::Workload {
    let name = deployment.metadata.name.clone().unwrap_or_default();
    let status = deployment.status.as_ref();
    let spec = deployment.spec.as_ref();
    let count = |n: Option<i32>| n.unwrap_or(0).max(0) as usize;
    let mut versions: Vec<scene::Version> = store
        .each::<ReplicaSet>(Some(NAMESPACE))
        .filter(|set| owner(*set, "Deployment").as_deref() == Some(&name))
        .map(|set| {
            let full = set.metadata.name.clone().unwrap_or_default();
            let template = set.spec.as_ref().and_then(|s| s.template.as_ref()).and_then(|t| t.spec.as_ref());
            scene::Version {
                hash: full.strip_prefix(&format!("{name}-")).unwrap_or(&full).to_owned(),
                tag: tag(&first_image(template)),
                index: revision(set),
                desired: count(set.spec.as_ref().and_then(|s| s.replicas)),
                ready: count(set.status.as_ref().and_then(|s| s.ready_replicas)),
            }
        })
        .collect();
    versions.sort_by_key(|v| v.index);
    scene::Workload {
        kind: "Deployment".to_owned(),
        desired: spec.and_then(|s| s.replicas).unwrap_or(1).max(0) as usize,
        ready: count(status.and_then(|s| s.ready_replicas)),
        paused: spec.and_then(|s| s.paused).unwrap_or(false),
        name,
        versions,
    }
}

fn service(service: &Service, store: &Store) -> scene::Service {
    let name = service.metadata.name.clone().unwrap_or_default();
    let spec = service.spec.clone().unwrap_or_default();
    let kind = spec.type_.clone().unwrap_or_else(|| "ClusterIP".to_owned());
    let external = kind == "LoadBalancer";
    let ingress =
        service.status.as_ref().and_then(|s| s.load_balancer.as_ref()).and_then(|l| l.ingress.as_ref());
    let address = ingress.and_then(|i| i.first()).and_then(|i| i.ip.clone().or_else(|| i.hostname.clone()));
    let pending = external && address.is_none();
    let shown = match (external, address) {
        (true, Some(address)) => address,
        (true, None) => "<pending>".to_owned(),
        _ => spec.cluster_ip.clone().unwrap_or_default(),
    };
    let port = |p: &k8s_openapi::api::core::v1::ServicePort| match (kind.as_str(), p.node_port) {
        ("NodePort", Some(node)) => format!("{}:{node}", p.port),
        _ => p.port.to_string(),
    };
    let (mut endpoints, mut matches_any) = (Vec::new(), false);
    for slice in store.each::<EndpointSlice>(Some(NAMESPACE)) {
        let labels = slice.metadata.labels.as_ref();
        if labels.and_then(|l| l.get("kubernetes.io/service-name")) != Some(&name) {
            continue;
        }
        for endpoint in slice.endpoints.as_deref().unwrap_or_default() {
            matches_any = true;
            let ready = endpoint.conditions.as_ref().and_then(|c| c.ready).unwrap_or(true);
            if let (true, Some(target)) = (ready, &endpoint.target_ref) {
                endpoints.extend(target.uid.clone());
            }
        }
    }
    scene::Service {
        name,
        address: shown,
        external,
        pending,
        ports: spec.ports.as_deref().unwrap_or_default().iter().map(port).collect(),
        endpoints,
        matches_any,
        kind,
    }
}

fn autoscaler(autoscaler: &HorizontalPodAutoscaler) -> scene::Autoscaler {
    let spec = &autoscaler.spec;
    let current = autoscaler.status.as_ref().and_then(|s| s.current_metrics.as_ref());
    let metrics = spec.metrics.as_deref().unwrap_or_default();
    let target = metrics.iter().find_map(|m| m.resource.as_ref());
    let now = current.into_iter().flatten().find_map(|m| m.resource.as_ref()?.current.average_utilization);
    let metric = target.map_or(String::new(), |resource| {
        let now = now.map_or("<unknown>".to_owned(), |n| format!("{n}%"));
        let wanted = resource.target.average_utilization.map_or(String::new(), |t| format!("/{t}%"));
        format!("{}: {now}{wanted}", resource.name)
    });
    scene::Autoscaler {
        name: autoscaler.metadata.name.clone().unwrap_or_default(),
        target: format!("{}/{}", spec.scale_target_ref.kind, spec.scale_target_ref.name),
        metric,
        min: spec.min_replicas.unwrap_or(1).max(0) as usize,
        max: spec.max_replicas.max(0) as usize,
        replicas: autoscaler.status.as_ref().map_or(0, |s| s.desired_replicas.max(0) as usize),
    }
}

/// Finished requests that went into the cluster.
pub fn trips(world: &World, cluster: Option<&scene::Cluster>) -> Vec<scene::Trip> {
    let Some(cluster) = cluster else { return Vec::new() };
    let skip = world.traces.len().saturating_sub(MAX_TRIPS);
    world.traces.iter().skip(skip).filter_map(|trace| trip(trace, cluster)).collect()
}

fn trip(trace: &Trace, cluster: &scene::Cluster) -> Option<scene::Trip> {
    let outcome = trace.outcome.as_ref()?;
    let mut service = None;
    let mut pod = None;
    for hop in &trace.hops {
        match hop {
            Hop::Service { name, .. } => service = Some(name.clone()),
            Hop::Pod { name, .. } => {
                pod = cluster.pods.iter().find(|p| p.name == *name).map(|p| p.uid.clone())
            }
            Hop::LoadBalancer { address } => {
                service = cluster.services.iter().find(|s| s.address == *address).map(|s| s.name.clone());
            }
            _ => {}
        }
    }
    if service.is_none() && pod.is_none() {
        return None;
    }
    let (ok, word) = match outcome {
        Ok(status) => (*status < 400, status.to_string()),
        Err(refusal) => (false, format!("{refusal:?}").to_lowercase()),
    };
    Some(scene::Trip { id: trace.id, service, pod, outcome: word, ok })
}
