//! A cluster's objects as the picture shows them.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::core::v1::{ContainerStatus, Node, Pod};

use crate::cloud::gke::{ClusterStatus, GkeCluster};
use crate::cluster::kinds::printers::pod::status_word;
use crate::cluster::object::Kind;
use crate::cluster::store::Store;
use crate::ui::derive::services;
use crate::ui::scene::{self, Shape};
use crate::world::World;

/// The namespace that is drawn.
pub(super) const NAMESPACE: &str = "default";
const REVISION: &str = "deployment.kubernetes.io/revision";

pub fn cluster(world: &World, gke: &GkeCluster) -> scene::Cluster {
    let store = gke.cluster.store();
    let note = match gke.status {
        ClusterStatus::Running => String::new(),
        other => other.word().to_owned(),
    };
    let nodes = match gke.status {
        ClusterStatus::Provisioning(_) => Vec::new(),
        _ => store.each::<Node>(None).map(|n| node(n, gke)).collect(),
    };
    let sets = Sets::of(store);
    let system = |namespace: &str| {
        namespace.starts_with("kube-") || namespace.starts_with("gke-") || namespace.starts_with("gmp-")
    };
    let elsewhere = store
        .each::<Pod>(None)
        .filter_map(|p| p.metadata.namespace.as_deref())
        .filter(|n| *n != NAMESPACE && !system(n))
        .count();
    let deployments = store.each::<Deployment>(Some(NAMESPACE)).map(|d| deployment(d, store));
    let stateful = store.each::<StatefulSet>(Some(NAMESPACE)).map(stateful_set);
    let daemons = store.each::<DaemonSet>(Some(NAMESPACE)).map(daemon_set);
    scene::Cluster {
        name: gke.spec.name.clone(),
        note,
        namespace: NAMESPACE.to_owned(),
        elsewhere,
        nodes,
        pods: store.each::<Pod>(Some(NAMESPACE)).map(|p| pod(p, &sets)).collect(),
        workloads: deployments.chain(stateful).chain(daemons).collect(),
        services: services::services(world, store),
        autoscalers: store.each::<HorizontalPodAutoscaler>(Some(NAMESPACE)).map(autoscaler).collect(),
        tunnels: services::tunnels(world),
        lit: services::lit(world, store),
    }
}

fn node(node: &Node, gke: &GkeCluster) -> scene::Node {
    let name = node.metadata.name.clone().unwrap_or_default();
    let conditions = node.status.as_ref().and_then(|s| s.conditions.as_deref()).unwrap_or_default();
    let instance = gke.instances.iter().find(|i| i.name == name);
    scene::Node {
        external_ip: instance.map(|i| i.external_ip.clone()).unwrap_or_default(),
        short: name.rsplit('-').next().unwrap_or(&name).to_owned(),
        ready: conditions.iter().any(|c| c.type_ == "Ready" && c.status == "True"),
        schedulable: !node.spec.as_ref().and_then(|s| s.unschedulable).unwrap_or(false),
        name,
    }
}

/// What each ReplicaSet belongs to, and the index of its version: its Deployment's revision, from 0.
struct Sets(BTreeMap<String, (Option<String>, usize)>);

impl Sets {
    fn of(store: &Store) -> Self {
        let sets = store.each::<ReplicaSet>(Some(NAMESPACE));
        let entry = |set: &ReplicaSet| {
            let name = set.metadata.name.clone().unwrap_or_default();
            (name, (owner(set, "Deployment"), revision(set)))
        };
        Sets(sets.map(entry).collect())
    }
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

fn pod(pod: &Pod, sets: &Sets) -> scene::Pod {
    let name = pod.metadata.name.clone().unwrap_or_default();
    let status = pod.status.as_ref();
    let containers = status.and_then(|s| s.container_statuses.as_deref()).unwrap_or_default();
    let total = pod.spec.as_ref().map_or(0, |s| s.containers.len());
    let ready = containers.iter().filter(|c| c.ready).count();
    let word = status_word(pod);
    let set = owner(pod, "ReplicaSet");
    let of_set = set.as_ref().and_then(|s| sets.0.get(s));
    let other = pod.metadata.owner_references.as_deref().unwrap_or_default().first();
    let workload = match (of_set, other) {
        (Some((Some(deployment), _)), _) => format!("Deployment/{deployment}"),
        (_, Some(owner)) => format!("{}/{}", owner.kind, owner.name),
        _ => String::new(),
    };
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
        workload,
        containers: if total > 1 { containers.iter().map(container).collect() } else { Vec::new() },
        tag: tag(&first_image(pod.spec.as_ref())),
        version: of_set.map_or(0, |(_, index)| *index),
        progress: None,
        ip: status.and_then(|s| s.pod_ip.clone()).unwrap_or_default(),
        word,
    }
}

/// One container of several, by its own state.
fn container(status: &ContainerStatus) -> (String, Shape) {
    let state = status.state.as_ref();
    let shape = match state {
        Some(s) if s.running.is_some() && status.ready => Shape::Ready,
        Some(s) if s.running.is_some() => Shape::Half,
        Some(s) if s.terminated.as_ref().is_some_and(|t| t.exit_code == 0) => Shape::Done,
        Some(s) if s.terminated.is_some() => Shape::Failed,
        Some(s) => {
            let reason = s.waiting.as_ref().and_then(|w| w.reason.as_deref()).unwrap_or_default();
            if matches!(reason, "" | "ContainerCreating" | "PodInitializing") {
                Shape::Waiting
            } else {
                Shape::Failed
            }
        }
        None => Shape::Waiting,
    };
    (status.name.clone(), shape)
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

fn deployment(deployment: &Deployment, store: &Store) -> scene::Workload {
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

fn stateful_set(set: &StatefulSet) -> scene::Workload {
    let count = |n: Option<i32>| n.unwrap_or(0).max(0) as usize;
    scene::Workload {
        kind: "StatefulSet".to_owned(),
        name: set.metadata.name.clone().unwrap_or_default(),
        desired: count(set.spec.as_ref().and_then(|s| s.replicas).or(Some(1))),
        ready: count(set.status.as_ref().and_then(|s| s.ready_replicas)),
        ..scene::Workload::default()
    }
}

fn daemon_set(set: &DaemonSet) -> scene::Workload {
    let status = set.status.as_ref();
    scene::Workload {
        kind: "DaemonSet".to_owned(),
        name: set.metadata.name.clone().unwrap_or_default(),
        desired: status.map_or(0, |s| s.desired_number_scheduled.max(0) as usize),
        ready: status.map_or(0, |s| s.number_ready.max(0) as usize),
        ..scene::Workload::default()
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
