//! Workload kinds: selectors, templates, strategies and schedules.

use k8s_openapi::api::apps::v1::{
    DaemonSet, Deployment, DeploymentStrategy, ReplicaSet, StatefulSet, StatefulSetSpec,
};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::batch::v1::{CronJob, Job, JobSpec};
use k8s_openapi::api::core::v1::{
    PersistentVolumeClaimVolumeSource, PodTemplateSpec, ReplicationController, Volume,
};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{internal, labels, one_of, pod, schedule};
use crate::cluster::api::codec;
use crate::cluster::api::selector::Selector;
use crate::cluster::kinds::field::{Errors, quoted};

/// The name of a CronJob leaves room for the suffix of its Jobs.
const CRON_JOB_NAME_LIMIT: usize = 52;

fn is_empty(selector: &LabelSelector) -> bool {
    selector.match_labels.as_ref().is_none_or(|l| l.is_empty())
        && selector.match_expressions.as_ref().is_none_or(|e| e.is_empty())
}

/// A selector that is missing cannot be told from an empty one here; both are the server's "Required".
fn selector_and_template(
    selector: &LabelSelector,
    template: &PodTemplateSpec,
    kind: &str,
    errors: &mut Errors,
) {
    let usable = match is_empty(selector) {
        true => {
            errors.required("spec.selector", "");
            true
        }
        false => labels::selector("spec.selector", selector, errors),
    };
    if !usable {
        return errors.invalid("spec.selector", &labels::shown_selector(selector), "invalid label selector");
    }
    let of_template = template.metadata.as_ref().and_then(|m| m.labels.as_ref());
    if is_empty(selector) || !Selector::of_label_selector(selector).matches(of_template) {
        let why = "`selector` does not match template `labels`";
        errors.invalid("spec.template.metadata.labels", &labels::shown(of_template), why);
    }
    pod::template("spec.template", template, errors);
    always_restarts(template, kind, errors);
}

fn always_restarts(template: &PodTemplateSpec, kind: &str, errors: &mut Errors) {
    let Some(spec) = &template.spec else { return };
    let policy = spec.restart_policy.as_deref().unwrap_or_default();
    if policy != "Always" && !policy.is_empty() {
        errors.not_supported("spec.template.spec.restartPolicy", policy, &["Always"]);
    }
    if spec.active_deadline_seconds.is_some() {
        let why = format!("activeDeadlineSeconds in {kind} is not Supported");
        errors.forbidden("spec.template.spec.activeDeadlineSeconds", &why);
    }
}

pub(super) fn selector_is_immutable(
    new: Option<LabelSelector>,
    old: Option<LabelSelector>,
    errors: &mut Errors,
) {
    if let (Some(new), Some(old)) = (new, old) {
        errors.immutable("spec.selector", &new, &old, || labels::shown_selector(&new));
    }
}

pub(super) fn deployment(o: &Deployment, errors: &mut Errors) {
    let Some(spec) = &o.spec else { return errors.required("spec", "") };
    errors.at_least_zero("spec.replicas", spec.replicas.unwrap_or(0));
    selector_and_template(&spec.selector, &spec.template, "ReplicaSet", errors);
    if let Some(strategy) = &spec.strategy {
        deployment_strategy(strategy, errors);
    }
    let min_ready = spec.min_ready_seconds.unwrap_or(0);
    errors.at_least_zero("spec.minReadySeconds", min_ready);
    errors.at_least_zero("spec.revisionHistoryLimit", spec.revision_history_limit.unwrap_or(0));
    if let Some(deadline) = spec.progress_deadline_seconds {
        errors.at_least_zero("spec.progressDeadlineSeconds", deadline);
        if deadline <= min_ready {
            let why = "must be greater than minReadySeconds";
            errors.invalid("spec.progressDeadlineSeconds", &deadline.to_string(), why);
        }
    }
}

fn deployment_strategy(strategy: &DeploymentStrategy, errors: &mut Errors) {
    match strategy.type_.as_deref().unwrap_or_default() {
        "Recreate" => {
            if strategy.rolling_update.is_some() {
                let why = "may not be specified when strategy `type` is 'Recreate'";
                errors.forbidden("spec.strategy.rollingUpdate", why);
            }
        }
        "RollingUpdate" => {
            let Some(rolling) = &strategy.rolling_update else { return };
            let zero = IntOrString::Int(0);
            let unavailable = rolling.max_unavailable.as_ref().unwrap_or(&zero);
            let surge = rolling.max_surge.as_ref().unwrap_or(&zero);
            let at = "spec.strategy.rollingUpdate.maxUnavailable";
            int_or_percent(at, unavailable, errors);
            int_or_percent("spec.strategy.rollingUpdate.maxSurge", surge, errors);
            if number_of(unavailable) == 0 && number_of(surge) == 0 {
                errors.invalid(at, &shown_number(unavailable), "may not be 0 when `maxSurge` is 0");
            }
            at_most_all(at, unavailable, errors);
        }
        other => {
            let shown = codec::encode_value(strategy).to_string();
            let message =
                format!("Unsupported value: {shown}: supported values: \"Recreate\", \"RollingUpdate\"");
            debug_assert!(!other.is_empty() || shown.contains("type"));
            errors.unsupported_object("spec.strategy", message);
        }
    }
}

fn number_of(value: &IntOrString) -> i32 {
    match value {
        IntOrString::Int(n) => *n,
        IntOrString::String(text) => text.trim_end_matches('%').parse().unwrap_or(0),
    }
}

fn shown_number(value: &IntOrString) -> String {
    match value {
        IntOrString::Int(n) => n.to_string(),
        IntOrString::String(text) => quoted(text),
    }
}

fn int_or_percent(path: &str, value: &IntOrString, errors: &mut Errors) {
    match value {
        IntOrString::Int(n) => errors.at_least_zero(path, *n),
        IntOrString::String(text) => {
            let digits = text.strip_suffix('%').unwrap_or_default();
            if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
                errors.invalid_text(path, text, "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
            }
        }
    }
}

fn at_most_all(path: &str, value: &IntOrString, errors: &mut Errors) {
    if let IntOrString::String(text) = value
        && number_of(value) > 100
    {
        errors.invalid_text(path, text, "must not be greater than 100%");
    }
}

pub(super) fn replica_set(o: &ReplicaSet, errors: &mut Errors) {
    let Some(spec) = &o.spec else { return errors.required("spec", "") };
    errors.at_least_zero("spec.replicas", spec.replicas.unwrap_or(0));
    errors.at_least_zero("spec.minReadySeconds", spec.min_ready_seconds.unwrap_or(0));
    let empty = PodTemplateSpec::default();
    selector_and_template(&spec.selector, spec.template.as_ref().unwrap_or(&empty), "ReplicaSet", errors);
}

pub(super) fn replication_controller(o: &ReplicationController, errors: &mut Errors) {
    let Some(spec) = &o.spec else { return errors.required("spec", "") };
    errors.at_least_zero("spec.replicas", spec.replicas.unwrap_or(0));
    if spec.selector.as_ref().is_none_or(|s| s.is_empty()) {
        errors.required("spec.selector", "");
    }
    match &spec.template {
        Some(template) => {
            pod::template("spec.template", template, errors);
            always_restarts(template, "ReplicationController", errors);
        }
        None => errors.required("spec.template", ""),
    }
}

pub(super) fn daemon_set(o: &DaemonSet, errors: &mut Errors) {
    let Some(spec) = &o.spec else { return errors.required("spec", "") };
    selector_and_template(&spec.selector, &spec.template, "DaemonSet", errors);
    if let Some(strategy) = &spec.update_strategy {
        let type_ = strategy.type_.as_deref().unwrap_or_default();
        one_of("spec.updateStrategy.type", type_, &["OnDelete", "RollingUpdate"], errors);
    }
}

pub(super) fn stateful_set(o: &StatefulSet, errors: &mut Errors) {
    let Some(spec) = &o.spec else { return errors.required("spec", "") };
    let policy = spec.pod_management_policy.as_deref().unwrap_or_default();
    one_of("spec.podManagementPolicy", policy, &["OrderedReady", "Parallel"], errors);
    errors.at_least_zero("spec.replicas", spec.replicas.unwrap_or(0));
    selector_and_template(&spec.selector, &with_claims(spec), "StatefulSet", errors);
}

/// The template as its pods have it: the claims are volumes too.
fn with_claims(spec: &StatefulSetSpec) -> PodTemplateSpec {
    let mut template = spec.template.clone();
    let Some(pod) = template.spec.as_mut().filter(|_| spec.volume_claim_templates.is_some()) else {
        return template;
    };
    let claims = spec.volume_claim_templates.iter().flatten().map(|claim| {
        let name = claim.metadata.name.clone().unwrap_or_default();
        let source = PersistentVolumeClaimVolumeSource { claim_name: name.clone(), read_only: None };
        Volume { name, persistent_volume_claim: Some(source), ..Volume::default() }
    });
    let mut volumes: Vec<Volume> = claims.collect();
    for volume in pod.volumes.take().into_iter().flatten() {
        if volumes.iter().all(|v| v.name != volume.name) {
            volumes.push(volume);
        }
    }
    pod.volumes = Some(volumes);
    template
}

/// Of a StatefulSet's spec only a few fields may change.
pub(super) fn stateful_set_update(new: &StatefulSet, old: &StatefulSet, errors: &mut Errors) {
    let (Some(n), Some(o)) = (&new.spec, &old.spec) else { return };
    let mut same = n.clone();
    same.replicas = o.replicas;
    same.template = o.template.clone();
    same.update_strategy = o.update_strategy.clone();
    same.ordinals = o.ordinals.clone();
    same.revision_history_limit = o.revision_history_limit;
    same.persistent_volume_claim_retention_policy = o.persistent_volume_claim_retention_policy.clone();
    same.min_ready_seconds = o.min_ready_seconds;
    if same != *o {
        errors.forbidden("spec", "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
    }
}

fn job_spec(path: &str, spec: &JobSpec, errors: &mut Errors) {
    for (field, value) in [
        ("parallelism", spec.parallelism),
        ("completions", spec.completions),
        ("backoffLimit", spec.backoff_limit),
        ("ttlSecondsAfterFinished", spec.ttl_seconds_after_finished),
    ] {
        errors.at_least_zero(&format!("{path}.{field}"), value.unwrap_or(0));
    }
    if let Some(seconds) = spec.active_deadline_seconds {
        errors.at_least_zero(&format!("{path}.activeDeadlineSeconds"), seconds);
    }
    pod::template(&format!("{path}.template"), &spec.template, errors);
    let policy = spec.template.spec.as_ref().and_then(|s| s.restart_policy.as_deref()).unwrap_or_default();
    let at = format!("{path}.template.spec.restartPolicy");
    match policy {
        "Always" => errors.required(&at, "valid values: \"OnFailure\", \"Never\""),
        "OnFailure" | "Never" | "" => {}
        other => errors.not_supported(&at, other, &["OnFailure", "Never"]),
    }
}

pub(super) fn job(o: &Job, errors: &mut Errors) {
    if let Some(spec) = &o.spec {
        job_spec("spec", spec, errors);
    }
}

pub(super) fn job_update(new: &Job, old: &Job, errors: &mut Errors) {
    let (Some(n), Some(o)) = (&new.spec, &old.spec) else { return };
    if n.completions != o.completions && n.completion_mode.as_deref() != Some("Indexed") {
        let shown = n.completions.map_or("null".to_owned(), |c| c.to_string());
        errors.invalid("spec.completions", &shown, "field is immutable");
    }
    errors.immutable("spec.selector", &n.selector, &o.selector, || {
        codec::encode_value(&n.selector).to_string()
    });
    errors.immutable("spec.template", &n.template, &o.template, || internal::template(&n.template));
}

pub(super) fn cron_job(o: &CronJob, errors: &mut Errors) {
    let name = o.metadata.name.as_deref().unwrap_or_default();
    if name.len() > CRON_JOB_NAME_LIMIT {
        let why = format!("must be no more than {CRON_JOB_NAME_LIMIT} characters");
        errors.invalid_text("metadata.name", name, &why);
    }
    let schedule = &o.spec.schedule;
    if schedule.is_empty() {
        errors.required("spec.schedule", "");
    } else if let Some(why) = schedule::problem(schedule) {
        errors.invalid_text("spec.schedule", schedule, &why);
    }
    let policy = o.spec.concurrency_policy.as_deref().unwrap_or_default();
    one_of("spec.concurrencyPolicy", policy, &["Allow", "Forbid", "Replace"], errors);
    if let Some(spec) = &o.spec.job_template.spec {
        job_spec("spec.jobTemplate.spec", spec, errors);
    }
}

pub(super) fn autoscaler(o: &HorizontalPodAutoscaler, errors: &mut Errors) {
    let spec = &o.spec;
    let min = spec.min_replicas.unwrap_or(1);
    if min < 1 {
        errors.invalid("spec.minReplicas", &min.to_string(), "must be greater than or equal to 1");
    }
    if spec.max_replicas < 1 {
        errors.invalid("spec.maxReplicas", &spec.max_replicas.to_string(), "must be greater than 0");
    }
    if spec.max_replicas < min {
        let why = "must be greater than or equal to `minReplicas`";
        errors.invalid("spec.maxReplicas", &spec.max_replicas.to_string(), why);
    }
    if spec.scale_target_ref.kind.is_empty() {
        errors.required("spec.scaleTargetRef.kind", "");
    }
    if spec.scale_target_ref.name.is_empty() {
        errors.required("spec.scaleTargetRef.name", "");
    }
}

pub(super) fn budget(o: &PodDisruptionBudget, errors: &mut Errors) {
    let Some(spec) = &o.spec else { return };
    if spec.min_available.is_some() && spec.max_unavailable.is_some() {
        let shown = codec::encode_value(spec).to_string();
        errors.invalid("spec", &shown, "minAvailable and maxUnavailable cannot be both set");
    }
    if let Some(value) = &spec.min_available {
        int_or_percent("spec.minAvailable", value, errors);
        at_most_all("spec.minAvailable", value, errors);
    }
    if let Some(value) = &spec.max_unavailable {
        int_or_percent("spec.maxUnavailable", value, errors);
        at_most_all("spec.maxUnavailable", value, errors);
    }
}
