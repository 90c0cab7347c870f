//! What a create or an update may set: generations, statuses and fields the server alone decides, as the
//! `PrepareForCreate` and `PrepareForUpdate` of each registry strategy.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Container, Pod, PodCondition, PodStatus, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use crate::cluster::object::{KindId, Object};

/// Kinds that count changes of their spec in `metadata.generation`.
pub fn has_generation(kind: KindId) -> bool {
    matches!(
        kind,
        KindId::Pod
            | KindId::ReplicationController
            | KindId::ReplicaSet
            | KindId::Deployment
            | KindId::DaemonSet
            | KindId::StatefulSet
            | KindId::Job
            | KindId::CronJob
            | KindId::EndpointSlice
            | KindId::Ingress
            | KindId::IngressClass
            | KindId::NetworkPolicy
            | KindId::PodDisruptionBudget
            | KindId::PriorityClass
    )
}

/// Makes `target`'s status that of `from`. Kinds without a status are left as they are.
pub fn copy_status(target: &mut Object, from: &Object) {
    match (target, from) {
        (Object::Pod(t), Object::Pod(f)) => t.status.clone_from(&f.status),
        (Object::Service(t), Object::Service(f)) => t.status.clone_from(&f.status),
        (Object::Namespace(t), Object::Namespace(f)) => t.status.clone_from(&f.status),
        (Object::Node(t), Object::Node(f)) => t.status.clone_from(&f.status),
        (Object::PersistentVolume(t), Object::PersistentVolume(f)) => t.status.clone_from(&f.status),
        (Object::PersistentVolumeClaim(t), Object::PersistentVolumeClaim(f)) => {
            t.status.clone_from(&f.status)
        }
        (Object::ResourceQuota(t), Object::ResourceQuota(f)) => t.status.clone_from(&f.status),
        (Object::ReplicationController(t), Object::ReplicationController(f)) => {
            t.status.clone_from(&f.status)
        }
        (Object::Deployment(t), Object::Deployment(f)) => t.status.clone_from(&f.status),
        (Object::ReplicaSet(t), Object::ReplicaSet(f)) => t.status.clone_from(&f.status),
        (Object::DaemonSet(t), Object::DaemonSet(f)) => t.status.clone_from(&f.status),
        (Object::StatefulSet(t), Object::StatefulSet(f)) => t.status.clone_from(&f.status),
        (Object::HorizontalPodAutoscaler(t), Object::HorizontalPodAutoscaler(f)) => {
            t.status.clone_from(&f.status)
        }
        (Object::Job(t), Object::Job(f)) => t.status.clone_from(&f.status),
        (Object::CronJob(t), Object::CronJob(f)) => t.status.clone_from(&f.status),
        (Object::Ingress(t), Object::Ingress(f)) => t.status.clone_from(&f.status),
        (Object::PodDisruptionBudget(t), Object::PodDisruptionBudget(f)) => t.status.clone_from(&f.status),
        _ => {}
    }
}

/// Kinds whose status is written through `/status` only.
pub fn has_status(kind: KindId) -> bool {
    matches!(
        kind,
        KindId::Pod
            | KindId::Service
            | KindId::Namespace
            | KindId::Node
            | KindId::PersistentVolume
            | KindId::PersistentVolumeClaim
            | KindId::ResourceQuota
            | KindId::ReplicationController
            | KindId::Deployment
            | KindId::ReplicaSet
            | KindId::DaemonSet
            | KindId::StatefulSet
            | KindId::HorizontalPodAutoscaler
            | KindId::Job
            | KindId::CronJob
            | KindId::Ingress
            | KindId::PodDisruptionBudget
    )
}

/// Whether an update changes what the generation counts.
pub fn counts_as_change(new: &Object, old: &Object) -> bool {
    match (new, old) {
        (Object::Pod(n), Object::Pod(o)) => n.spec != o.spec,
        (Object::ReplicationController(n), Object::ReplicationController(o)) => n.spec != o.spec,
        (Object::ReplicaSet(n), Object::ReplicaSet(o)) => n.spec != o.spec,
        // The deployment strategy counts annotations as well.
        (Object::Deployment(n), Object::Deployment(o)) => {
            n.spec != o.spec || n.metadata.annotations != o.metadata.annotations
        }
        (Object::DaemonSet(n), Object::DaemonSet(o)) => n.spec != o.spec,
        (Object::StatefulSet(n), Object::StatefulSet(o)) => n.spec != o.spec,
        (Object::Job(n), Object::Job(o)) => n.spec != o.spec,
        (Object::CronJob(n), Object::CronJob(o)) => n.spec != o.spec,
        (Object::EndpointSlice(n), Object::EndpointSlice(o)) => {
            n.endpoints != o.endpoints || n.ports != o.ports || n.metadata.labels != o.metadata.labels
        }
        (Object::Ingress(n), Object::Ingress(o)) => n.spec != o.spec,
        (Object::IngressClass(n), Object::IngressClass(o)) => n.spec != o.spec,
        (Object::NetworkPolicy(n), Object::NetworkPolicy(o)) => n.spec != o.spec,
        (Object::PodDisruptionBudget(n), Object::PodDisruptionBudget(o)) => n.spec != o.spec,
        _ => false,
    }
}

/// Before an object is stored for the first time; its uid is known.
pub fn prepare_for_create(object: &mut Object) {
    let kind = object.kind();
    // Nodes bring their own status; everything else begins without one.
    if has_status(kind) && kind != KindId::Node {
        copy_status(object, &Object::empty(kind));
    }
    let meta = object.meta_mut();
    meta.generation = has_generation(kind).then_some(1);
    meta.deletion_timestamp = None;
    meta.deletion_grace_period_seconds = None;
    meta.resource_version = None;
    meta.self_link = None;
    meta.managed_fields = None;
    meta.labels.take_if(|l| l.is_empty());
    meta.annotations.take_if(|a| a.is_empty());
    meta.finalizers.take_if(|f| f.is_empty());
    meta.owner_references.take_if(|o| o.is_empty());
    match object {
        Object::Pod(pod) => prepare_pod(pod),
        Object::Job(job) => generate_job_selector(job),
        Object::DaemonSet(set) => note_generation(&mut set.metadata, 1),
        Object::Namespace(namespace) => {
            let finalizers = namespace.spec.get_or_insert_default().finalizers.get_or_insert_default();
            if !finalizers.iter().any(|f| f == "kubernetes") {
                finalizers.push("kubernetes".to_owned());
            }
        }
        Object::PersistentVolumeClaim(claim) => {
            add_finalizer(&mut claim.metadata.finalizers, "kubernetes.io/pvc-protection");
        }
        Object::PersistentVolume(volume) => {
            add_finalizer(&mut volume.metadata.finalizers, "kubernetes.io/pv-protection");
        }
        _ => {}
    }
}

/// A DaemonSet counts the versions of its template in an annotation, a field of older API versions.
const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

fn note_generation(meta: &mut ObjectMeta, generation: i64) {
    let annotations = meta.annotations.get_or_insert_default();
    annotations.insert(TEMPLATE_GENERATION.to_owned(), generation.to_string());
}

fn add_finalizer(finalizers: &mut Option<Vec<String>>, name: &str) {
    let finalizers = finalizers.get_or_insert_default();
    if !finalizers.iter().any(|f| f == name) {
        finalizers.push(name.to_owned());
    }
}

fn prepare_pod(pod: &mut Pod) {
    let class = pod.spec.as_ref().map_or("BestEffort", |s| quality_of_service(&s.containers));
    pod.status = Some(PodStatus {
        phase: Some("Pending".to_owned()),
        qos_class: Some(class.to_owned()),
        conditions: is_gated(pod).then(|| vec![gated(pod)]),
        ..PodStatus::default()
    });
}

/// Something holds the pod back from the scheduler.
fn is_gated(pod: &Pod) -> bool {
    let gates = pod.spec.as_ref().and_then(|s| s.scheduling_gates.as_ref());
    gates.is_some_and(|gates| !gates.is_empty())
}

fn gated(pod: &Pod) -> PodCondition {
    PodCondition {
        type_: "PodScheduled".to_owned(),
        status: "False".to_owned(),
        reason: Some("SchedulingGated".to_owned()),
        message: Some("Scheduling is blocked due to non-empty scheduling gates".to_owned()),
        last_transition_time: pod.metadata.creation_timestamp.clone(),
        ..PodCondition::default()
    }
}

/// Guaranteed when every container limits cpu and memory and requests as much, BestEffort when none asks for
/// anything.
pub fn quality_of_service(containers: &[Container]) -> &'static str {
    let empty = BTreeMap::new();
    let counted = ["cpu", "memory"];
    let amounts = |r: Option<&ResourceRequirements>, limits: bool| {
        let map =
            r.and_then(|r| if limits { r.limits.as_ref() } else { r.requests.as_ref() }).unwrap_or(&empty);
        let amount = |name: &str| map.get(name).and_then(|q| crate::cluster::quantity::parse(&q.0).ok());
        counted.map(|name| amount(name).filter(|q| !q.is_zero()))
    };
    let mut any = false;
    let mut guaranteed = true;
    for container in containers {
        let requests = amounts(container.resources.as_ref(), false);
        let limits = amounts(container.resources.as_ref(), true);
        any |= requests.iter().chain(&limits).any(Option::is_some);
        guaranteed &= limits.iter().all(Option::is_some) && requests == limits;
    }
    match (any, guaranteed) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

/// As `pkg/registry/batch/job/strategy.go`, generateSelector.
fn generate_job_selector(job: &mut Job) {
    let uid = job.metadata.uid.clone().unwrap_or_default();
    let name = job.metadata.name.clone().unwrap_or_default();
    let Some(spec) = &mut job.spec else { return };
    if spec.manual_selector == Some(true) {
        return;
    }
    let labels = spec.template.metadata.get_or_insert_default().labels.get_or_insert_default();
    for (key, value) in [("controller-uid", &uid), ("job-name", &name)] {
        labels.insert(key.to_owned(), value.clone());
        labels.insert(format!("batch.kubernetes.io/{key}"), value.clone());
    }
    let labels = labels.clone();
    let selector = spec.selector.get_or_insert_with(LabelSelector::default);
    let matching = selector.match_labels.get_or_insert_default();
    matching.insert("batch.kubernetes.io/controller-uid".to_owned(), uid);
    if job.metadata.labels.as_ref().is_none_or(|l| l.is_empty()) {
        job.metadata.labels = Some(labels);
    }
}

/// Before an update of everything but the status: takes from the old version what an update may not touch.
pub fn prepare_for_update(new: &mut Object, old: &Object) {
    copy_status(new, old);
    keep_system_fields(new, old);
    match (&mut *new, old) {
        (Object::Namespace(n), Object::Namespace(o)) => n.spec.clone_from(&o.spec),
        (Object::Pod(n), Object::Pod(_)) => {
            if let Some(spec) = &mut n.spec {
                spec.scheduling_gates.take_if(|gates| gates.is_empty());
            }
        }
        (Object::DaemonSet(n), Object::DaemonSet(o)) => {
            let known =
                o.metadata.annotations.as_ref().and_then(|a| a.get(TEMPLATE_GENERATION)?.parse().ok());
            let template = |set: &DaemonSet| set.spec.as_ref().map(|s| s.template.clone());
            let changed = i64::from(template(n) != template(o));
            note_generation(&mut n.metadata, known.unwrap_or(0) + changed);
        }
        (Object::Secret(n), Object::Secret(o)) if n.type_.is_none() => n.type_.clone_from(&o.type_),
        _ => {}
    }
    let generation = old.meta().generation;
    let bump = has_generation(new.kind()) && counts_as_change(new, old);
    new.meta_mut().generation = generation.map(|g| g + i64::from(bump));
}

/// What becomes of a write to `/status`: the old version with the new status, and the annotations that some
/// controllers write along with it.
pub fn status_update(new: &Object, old: &Object) -> Object {
    let mut result = old.clone();
    copy_status(&mut result, new);
    if matches!(
        old.kind(),
        KindId::Deployment | KindId::ReplicaSet | KindId::Pod | KindId::Node | KindId::Service
    ) {
        result.meta_mut().annotations.clone_from(&new.meta().annotations);
    }
    if matches!(old.kind(), KindId::Pod | KindId::Node) {
        result.meta_mut().labels.clone_from(&new.meta().labels);
    }
    result
}

fn keep_system_fields(new: &mut Object, old: &Object) {
    let (meta, kept) = (new.meta_mut(), old.meta());
    meta.uid.clone_from(&kept.uid);
    meta.creation_timestamp.clone_from(&kept.creation_timestamp);
    meta.deletion_timestamp.clone_from(&kept.deletion_timestamp);
    meta.deletion_grace_period_seconds = kept.deletion_grace_period_seconds;
    meta.generate_name.clone_from(&kept.generate_name);
    meta.self_link = None;
    meta.managed_fields = None;
    meta.labels.take_if(|l| l.is_empty());
    meta.annotations.take_if(|a| a.is_empty());
    meta.finalizers.take_if(|f| f.is_empty());
    meta.owner_references.take_if(|o| o.is_empty());
}
