//! Rows of the workload kinds.

use k8s_openapi::api::apps::v1::{ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::autoscaling::v2::{
    HorizontalPodAutoscaler, MetricStatus, MetricTarget, MetricValueStatus,
};
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{Container, PodTemplate, PodTemplateSpec, ReplicationController};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::format::{age, containers, human_duration, labels, name, seconds_between, selector, since};
use crate::base::time::SimTime;
use crate::cluster::object::controller_of;
use crate::cluster::sim_time;

/// HPA metrics shown before `+ N more...`.
const METRIC_LIMIT: usize = 2;

fn of_template(template: Option<&PodTemplateSpec>) -> &[Container] {
    template.and_then(|t| t.spec.as_ref()).map_or(&[], |s| s.containers.as_slice())
}

pub fn pod_template(o: &PodTemplate) -> Vec<String> {
    let (names, images) = containers(of_template(o.template.as_ref()));
    let meta = o.template.as_ref().and_then(|t| t.metadata.as_ref());
    vec![name(&o.metadata), names, images, labels(meta.and_then(|m| m.labels.as_ref()))]
}

pub fn replication_controller(o: &ReplicationController, now: SimTime) -> Vec<String> {
    let spec = o.spec.clone().unwrap_or_default();
    let status = o.status.clone().unwrap_or_default();
    let (names, images) = containers(of_template(spec.template.as_ref()));
    vec![
        name(&o.metadata),
        spec.replicas.unwrap_or(0).to_string(),
        status.replicas.to_string(),
        status.ready_replicas.unwrap_or(0).to_string(),
        age(&o.metadata, now),
        names,
        images,
        labels(spec.selector.as_ref()),
    ]
}

pub fn replica_set(o: &ReplicaSet, now: SimTime) -> Vec<String> {
    let spec = o.spec.as_ref();
    let status = o.status.as_ref();
    let (names, images) = containers(of_template(spec.and_then(|s| s.template.as_ref())));
    vec![
        name(&o.metadata),
        spec.and_then(|s| s.replicas).unwrap_or(0).to_string(),
        status.map_or(0, |s| s.replicas).to_string(),
        status.and_then(|s| s.ready_replicas).unwrap_or(0).to_string(),
        age(&o.metadata, now),
        names,
        images,
        selector(spec.map(|s| &s.selector)),
    ]
}

pub fn deployment(o: &Deployment, now: SimTime) -> Vec<String> {
    let spec = o.spec.as_ref();
    let status = o.status.clone().unwrap_or_default();
    let (names, images) = containers(of_template(spec.map(|s| &s.template)));
    vec![
        name(&o.metadata),
        format!("{}/{}", status.ready_replicas.unwrap_or(0), spec.and_then(|s| s.replicas).unwrap_or(0)),
        status.updated_replicas.unwrap_or(0).to_string(),
        status.available_replicas.unwrap_or(0).to_string(),
        age(&o.metadata, now),
        names,
        images,
        selector(spec.map(|s| &s.selector)),
    ]
}

pub fn daemon_set(o: &DaemonSet, now: SimTime) -> Vec<String> {
    let spec = o.spec.as_ref();
    let status = o.status.clone().unwrap_or_default();
    let (names, images) = containers(of_template(spec.map(|s| &s.template)));
    let node_selector = spec.and_then(|s| s.template.spec.as_ref()).and_then(|s| s.node_selector.as_ref());
    vec![
        name(&o.metadata),
        status.desired_number_scheduled.to_string(),
        status.current_number_scheduled.to_string(),
        status.number_ready.to_string(),
        status.updated_number_scheduled.unwrap_or(0).to_string(),
        status.number_available.unwrap_or(0).to_string(),
        labels(node_selector),
        age(&o.metadata, now),
        names,
        images,
        selector(spec.map(|s| &s.selector)),
    ]
}

pub fn stateful_set(o: &StatefulSet, now: SimTime) -> Vec<String> {
    let spec = o.spec.as_ref();
    let ready = o.status.as_ref().and_then(|s| s.ready_replicas).unwrap_or(0);
    let (names, images) = containers(of_template(spec.map(|s| &s.template)));
    vec![
        name(&o.metadata),
        format!("{ready}/{}", spec.and_then(|s| s.replicas).unwrap_or(0)),
        age(&o.metadata, now),
        names,
        images,
    ]
}

pub fn controller_revision(o: &ControllerRevision, now: SimTime) -> Vec<String> {
    let owner = controller_of(&o.metadata).map(|owner| {
        let group = owner.api_version.split_once('/').map_or(String::new(), |(group, _)| format!(".{group}"));
        format!("{}{group}/{}", owner.kind.to_ascii_lowercase(), owner.name)
    });
    let owner = owner.unwrap_or_else(|| "<none>".to_owned());
    vec![name(&o.metadata), owner, o.revision.to_string(), age(&o.metadata, now)]
}

pub fn job(o: &Job, now: SimTime) -> Vec<String> {
    let spec = o.spec.clone().unwrap_or_default();
    let status = o.status.clone().unwrap_or_default();
    let succeeded = status.succeeded.unwrap_or(0);
    let completions = match (spec.completions, spec.parallelism.unwrap_or(0)) {
        (Some(wanted), _) => format!("{succeeded}/{wanted}"),
        (None, parallel) if parallel > 1 => format!("{succeeded}/1 of {parallel}"),
        (None, _) => format!("{succeeded}/1"),
    };
    let duration = match (&status.start_time, &status.completion_time) {
        (None, _) => String::new(),
        (Some(start), end) => {
            let end = end.as_ref().map_or(now, sim_time);
            human_duration(seconds_between(sim_time(start), end))
        }
    };
    let is = |type_: &str| status.conditions.iter().flatten().any(|c| c.type_ == type_ && c.status == "True");
    let word = match () {
        () if is("Complete") => "Complete",
        () if is("Failed") => "Failed",
        () if o.metadata.deletion_timestamp.is_some() => "Terminating",
        () if is("Suspended") => "Suspended",
        () if is("FailureTarget") => "FailureTarget",
        () if is("SuccessCriteriaMet") => "SuccessCriteriaMet",
        () => "Running",
    };
    let (names, images) = containers(of_template(Some(&spec.template)));
    vec![
        name(&o.metadata),
        word.to_owned(),
        completions,
        duration,
        age(&o.metadata, now),
        names,
        images,
        selector(spec.selector.as_ref()),
    ]
}

pub fn cron_job(o: &CronJob, now: SimTime) -> Vec<String> {
    let status = o.status.clone().unwrap_or_default();
    let template = o.spec.job_template.spec.as_ref();
    let (names, images) = containers(of_template(template.map(|s| &s.template)));
    let last = status.last_schedule_time.as_ref().map_or("<none>".to_owned(), |t| since(Some(t), now));
    vec![
        name(&o.metadata),
        o.spec.schedule.clone(),
        o.spec.time_zone.clone().unwrap_or_else(|| "<none>".to_owned()),
        if o.spec.suspend == Some(true) { "True" } else { "False" }.to_owned(),
        status.active.map_or(0, |a| a.len()).to_string(),
        last,
        age(&o.metadata, now),
        names,
        images,
        selector(template.and_then(|s| s.selector.as_ref())),
    ]
}

pub fn autoscaler(o: &HorizontalPodAutoscaler, now: SimTime) -> Vec<String> {
    let current: &[MetricStatus] =
        o.status.as_ref().and_then(|s| s.current_metrics.as_deref()).unwrap_or_default();
    let metrics = o.spec.metrics.as_deref().unwrap_or_default();
    let shown: Vec<String> = metrics
        .iter()
        .take(METRIC_LIMIT)
        .enumerate()
        .filter_map(|(index, metric)| {
            let resource = metric.resource.as_ref()?;
            let now = current.get(index).and_then(|c| c.resource.as_ref()).map(|r| &r.current);
            Some(format!("{}: {}", resource.name, target(&resource.target, now)))
        })
        .collect();
    let targets = match metrics.len() {
        0 => "<none>".to_owned(),
        n if n > METRIC_LIMIT => format!("{} + {} more...", shown.join(", "), n - METRIC_LIMIT),
        _ => shown.join(", "),
    };
    let replicas = o.status.as_ref().and_then(|s| s.current_replicas).unwrap_or(0);
    let reference = &o.spec.scale_target_ref;
    vec![
        name(&o.metadata),
        format!("{}/{}", reference.kind, reference.name),
        targets,
        o.spec.min_replicas.map_or("<unset>".to_owned(), |n| n.to_string()),
        o.spec.max_replicas.to_string(),
        replicas.to_string(),
        age(&o.metadata, now),
    ]
}

fn target(target: &MetricTarget, current: Option<&MetricValueStatus>) -> String {
    let unknown = || "<unknown>".to_owned();
    match (&target.average_value, target.average_utilization) {
        (Some(average), _) => {
            let now = current.and_then(|c| c.average_value.as_ref()).map_or_else(unknown, |q| q.0.clone());
            format!("{now}/{}", average.0)
        }
        (None, Some(percent)) => {
            let now = current.and_then(|c| c.average_utilization).map_or_else(unknown, |p| format!("{p}%"));
            format!("{now}/{percent}%")
        }
        (None, None) => format!("{}/<auto>", unknown()),
    }
}

pub fn budget(o: &PodDisruptionBudget, now: SimTime) -> Vec<String> {
    let spec = o.spec.clone().unwrap_or_default();
    let text = |value: Option<IntOrString>| match value {
        Some(IntOrString::Int(n)) => n.to_string(),
        Some(IntOrString::String(s)) => s,
        None => "N/A".to_owned(),
    };
    let allowed = o.status.as_ref().and_then(|s| s.disruptions_allowed).unwrap_or(0);
    vec![
        name(&o.metadata),
        text(spec.min_available),
        text(spec.max_unavailable),
        allowed.to_string(),
        age(&o.metadata, now),
    ]
}
