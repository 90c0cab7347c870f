//! The horizontal pod autoscaler: looks every fifteen seconds at what its target's pods use and says how many there
//! should be. Writes the target's size and its own status; never touches a pod. As podautoscaler/horizontal.go.

use std::time::Duration;

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::autoscaling::v2::{
    HorizontalPodAutoscaler, HorizontalPodAutoscalerCondition, HorizontalPodAutoscalerStatus, MetricSpec,
    MetricStatus, MetricValueStatus, ResourceMetricStatus,
};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::{Controller, Ctx, Outcome, pod_state};
use crate::base::time::SimTime;
use crate::cluster::api::selector::Selector;
use crate::cluster::object::{Key, Kind, KindId, Typed};
use crate::cluster::store::{Change, Store};
use crate::cluster::usage::Demand;
use crate::cluster::{sim_time, time_of};

const PERIOD: Duration = Duration::from_secs(15);
/// Before this has passed since the last scaling, nothing is scaled down.
const DOWN_STABILIZATION: Duration = Duration::from_secs(300);
/// Deviations from the target up to this many hundredths change nothing.
const TOLERANCE_PERCENT: i64 = 10;
const NO_METRICS: &str = "unable to get metrics for resource {}: unable to fetch metrics from resource metrics API: \
                          the server could not find the requested resource (get pods.metrics.k8s.io)";

pub struct HpaController;

impl Controller for HpaController {
    fn name(&self) -> &'static str {
        "horizontal-pod-autoscaler"
    }

    fn wakes_for(&self, change: &Change, _store: &Store, keys: &mut Vec<Key>) {
        if change.key.kind == KindId::HorizontalPodAutoscaler
            && &*change.actor != self.name()
            && change.new.is_some()
        {
            keys.push(change.key.clone());
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(hpa) = ctx.get_key::<HorizontalPodAutoscaler>(key) else { return Outcome::Done };
        let born = hpa.metadata.creation_timestamp.as_ref().map_or(ctx.now, sim_time);
        // Rounds fall on multiples of the period since its creation: a look in between changes nothing.
        let age = ctx.now.since(born).as_millis() as u64;
        let period = PERIOD.as_millis() as u64;
        if age >= period && age % period < 1000 && !looked_just_now(&hpa, ctx.now) {
            look(&hpa, ctx);
        }
        Outcome::RequeueAt(born + Duration::from_millis((age / period + 1) * period))
    }
}

/// The round of this second is done when its status was written in it; without a change it is cheap to repeat.
fn looked_just_now(hpa: &HorizontalPodAutoscaler, now: SimTime) -> bool {
    let scaled = hpa.status.as_ref().and_then(|s| s.last_scale_time.as_ref());
    scaled.is_some_and(|at| now.since(sim_time(at)) < Duration::from_secs(1))
}

/// What is scaled, whatever its kind.
struct Target {
    replicas: i32,
    selector: LabelSelector,
    current: i32,
}

fn target(hpa: &HorizontalPodAutoscaler, ctx: &Ctx) -> Result<Target, String> {
    let namespace = hpa.metadata.namespace.as_deref().unwrap_or_default();
    let reference = hpa.spec.scale_target_ref.clone();
    let name = reference.name.as_str();
    let missing = |plural: &str| format!("{plural}.apps {name:?} not found");
    match reference.kind.as_str() {
        "Deployment" => {
            let d = ctx.get::<Deployment>(namespace, name).ok_or_else(|| missing("deployments"))?;
            let spec = d.spec.clone().unwrap_or_default();
            let current = d.status.as_ref().and_then(|s| s.replicas).unwrap_or(0);
            Ok(Target { replicas: spec.replicas.unwrap_or(1), selector: spec.selector, current })
        }
        "ReplicaSet" => {
            let rs = ctx.get::<ReplicaSet>(namespace, name).ok_or_else(|| missing("replicasets"))?;
            let spec = rs.spec.clone().unwrap_or_default();
            let current = rs.status.as_ref().map_or(0, |s| s.replicas);
            Ok(Target { replicas: spec.replicas.unwrap_or(1), selector: spec.selector, current })
        }
        "StatefulSet" => {
            let set = ctx.get::<StatefulSet>(namespace, name).ok_or_else(|| missing("statefulsets"))?;
            let spec = set.spec.clone().unwrap_or_default();
            let current = set.status.as_ref().map_or(0, |s| s.replicas);
            Ok(Target { replicas: spec.replicas.unwrap_or(1), selector: spec.selector, current })
        }
        kind => Err(format!(
            "no matches for kind {kind:?} in version {:?}",
            reference.api_version.unwrap_or_default()
        )),
    }
}

fn write_size(hpa: &HorizontalPodAutoscaler, size: i32, ctx: &mut Ctx) -> bool {
    let namespace = hpa.metadata.namespace.clone().unwrap_or_default();
    let reference = hpa.spec.scale_target_ref.clone();
    fn resize<K: Kind>(ctx: &mut Ctx, namespace: &str, name: &str, set: impl FnOnce(&mut K)) -> bool {
        let Some(known) = ctx.get::<K>(namespace, name) else { return false };
        let mut copy = K::clone(&known);
        set(&mut copy);
        ctx.update(copy).is_ok()
    }
    match reference.kind.as_str() {
        "Deployment" => resize::<Deployment>(ctx, &namespace, &reference.name, |d| {
            d.spec.get_or_insert_default().replicas = Some(size);
        }),
        "ReplicaSet" => resize::<ReplicaSet>(ctx, &namespace, &reference.name, |rs| {
            rs.spec.get_or_insert_default().replicas = Some(size);
        }),
        _ => resize::<StatefulSet>(ctx, &namespace, &reference.name, |set| {
            set.spec.get_or_insert_default().replicas = Some(size);
        }),
    }
}

fn set(
    status: &mut HorizontalPodAutoscalerStatus,
    kind: &str,
    value: &str,
    reason: &str,
    message: String,
    now: SimTime,
) {
    let conditions = status.conditions.get_or_insert_default();
    let position = conditions.iter().position(|c| c.type_ == kind).unwrap_or_else(|| {
        conditions.push(HorizontalPodAutoscalerCondition { type_: kind.to_owned(), ..Default::default() });
        conditions.len() - 1
    });
    let condition = &mut conditions[position];
    if condition.status != value {
        condition.last_transition_time = Some(time_of(now));
    }
    condition.status = value.to_owned();
    condition.reason = Some(reason.to_owned());
    condition.message = Some(message);
}

/// One round (reconcileAutoscaler).
fn look(hpa: &Typed<HorizontalPodAutoscaler>, ctx: &mut Ctx) {
    let mut status = hpa.status.clone().unwrap_or_default();
    let spec = hpa.spec.clone();
    let now = ctx.now;
    let target = match target(hpa, ctx) {
        Ok(target) => target,
        Err(why) => {
            ctx.record_event(&**hpa, "Warning", "FailedGetScale", why.clone());
            let message = format!("the HPA controller was unable to get the target's current scale: {why}");
            set(&mut status, "AbleToScale", "False", "FailedGetScale", message, now);
            return write_status(hpa, status, ctx);
        }
    };
    let message = "the HPA controller was able to get the target's current scale".to_owned();
    set(&mut status, "AbleToScale", "True", "SucceededGetScale", message, now);
    let (min, max) = (spec.min_replicas.unwrap_or(1), spec.max_replicas);
    status.current_replicas = Some(target.current);
    let (wanted, reason) = match target.replicas {
        0 => {
            let message = "scaling is disabled since the replica count of the target is zero".to_owned();
            set(&mut status, "ScalingActive", "False", "ScalingDisabled", message, now);
            (0, "")
        }
        n if n > max => (max, "Current number of replicas above Spec.MaxReplicas"),
        n if n < min => (min, "Current number of replicas below Spec.MinReplicas"),
        n => match by_metrics(hpa, &target, &mut status, ctx) {
            Some((wanted, reason)) => (bounded(wanted, n, min, max, &mut status, now), reason),
            None => return write_status(hpa, status, ctx),
        },
    };
    status.desired_replicas = wanted;
    if wanted != target.replicas {
        if !write_size(hpa, wanted, ctx) {
            return;
        }
        let message = format!("the HPA controller was able to update the target scale to {wanted}");
        set(&mut status, "AbleToScale", "True", "SucceededRescale", message, now);
        ctx.record_event(
            &**hpa,
            "Normal",
            "SuccessfulRescale",
            format!("New size: {wanted}; reason: {reason}"),
        );
        status.last_scale_time = Some(time_of(now));
    }
    write_status(hpa, status, ctx);
}

fn write_status(hpa: &Typed<HorizontalPodAutoscaler>, status: HorizontalPodAutoscalerStatus, ctx: &mut Ctx) {
    if hpa.status.as_ref() == Some(&status) {
        return;
    }
    let mut copy = HorizontalPodAutoscaler::clone(hpa);
    copy.status = Some(status);
    // A conflict is made good by the next round.
    let _ = ctx.update_status(copy);
}

/// What the metrics ask for, and the reason for an event; `None` when none can be had.
fn by_metrics(
    hpa: &Typed<HorizontalPodAutoscaler>,
    target: &Target,
    status: &mut HorizontalPodAutoscalerStatus,
    ctx: &mut Ctx,
) -> Option<(i32, &'static str)> {
    let metrics = hpa.spec.metrics.clone().unwrap_or_default();
    let total = metrics.len();
    let mut best: Option<i32> = None;
    let mut current = Vec::new();
    let mut failures = Vec::new();
    for metric in &metrics {
        match one_metric(hpa, target, metric, ctx) {
            Ok((wanted, told)) => {
                best = Some(best.map_or(wanted, |b| b.max(wanted)));
                current.push(told);
            }
            Err(why) => failures.push(why),
        }
    }
    status.current_metrics = Some(current).filter(|c| !c.is_empty());
    if let Some(why) = failures.first() {
        ctx.record_event(&**hpa, "Warning", "FailedGetResourceMetric", why.clone());
        if best.is_none() {
            let name = metrics.first().and_then(|m| m.resource.as_ref()).map_or("cpu", |r| r.name.as_str());
            let message = format!(
                "invalid metrics ({} invalid out of {total}), first error is: failed to get {name} resource metric value: {why}",
                failures.len()
            );
            ctx.record_event(&**hpa, "Warning", "FailedComputeMetricsReplicas", message);
            let message = format!("the HPA was unable to compute the replica count: {why}");
            set(status, "ScalingActive", "False", "FailedGetResourceMetric", message, ctx.now);
            return None;
        }
    }
    let message = "the HPA was able to successfully calculate a replica count from cpu resource utilization \
                   (percentage of request)";
    set(status, "ScalingActive", "True", "ValidMetricFound", message.to_owned(), ctx.now);
    let wanted = best?;
    let reason = match wanted > target.replicas {
        true => "cpu resource utilization (percentage of request) above target",
        false => "All metrics below target",
    };
    Some((wanted, reason))
}

fn one_metric(
    hpa: &HorizontalPodAutoscaler,
    target: &Target,
    metric: &MetricSpec,
    ctx: &Ctx,
) -> Result<(i32, MetricStatus), String> {
    let resource =
        metric.resource.as_ref().ok_or_else(|| format!("unknown metric source type {:?}", metric.type_))?;
    let name = resource.name.as_str();
    let failed = |why: String| format!("failed to get {name} utilization: {why}");
    let usage = ctx.node.metrics.as_ref().ok_or_else(|| failed(NO_METRICS.replace("{}", name)))?;
    let namespace = hpa.metadata.namespace.as_deref().unwrap_or_default();
    let selector = Selector::of_label_selector(&target.selector);
    let pods = ctx.store().list(KindId::Pod, Some(namespace)).filter_map(|o| Pod::of(o));
    let pods = pods.filter(|p| selector.matches(p.metadata.labels.as_ref()) && pod_state::is_ready(p));
    let (mut used, mut asked, mut count) = (0i64, 0i64, 0i64);
    for pod in pods {
        let pod_name = pod.metadata.name.as_deref().unwrap_or_default();
        let Some(sample) = usage.get(&(namespace.to_owned(), pod_name.to_owned())) else { continue };
        let request = Demand::of(pod).requests.get(name).copied().unwrap_or(0);
        if request == 0 {
            let container =
                pod.spec.as_ref().and_then(|s| s.containers.first()).map_or("", |c| c.name.as_str());
            return Err(failed(format!(
                "missing request for {name} in container {container} of Pod {pod_name}"
            )));
        }
        used += if name == "cpu" { sample.milli_cpu } else { sample.memory_bytes };
        asked += request;
        count += 1;
    }
    if count == 0 {
        return Err(failed("no metrics returned from resource metrics API".to_owned()));
    }
    let goal = i64::from(resource.target.average_utilization.unwrap_or(80)).max(1);
    let utilization = used * 100 / asked.max(1);
    let off = (utilization - goal).abs() * 100 / goal;
    let wanted = if off <= TOLERANCE_PERCENT {
        i64::from(target.replicas)
    } else {
        (utilization * count + goal - 1) / goal
    };
    let average = used / count;
    let current = MetricValueStatus {
        average_utilization: i32::try_from(utilization).ok(),
        average_value: Some(Quantity(if name == "cpu" {
            format!("{average}m")
        } else {
            average.to_string()
        })),
        value: None,
    };
    let told = MetricStatus {
        type_: "Resource".to_owned(),
        resource: Some(ResourceMetricStatus { name: name.to_owned(), current }),
        ..MetricStatus::default()
    };
    Ok((i32::try_from(wanted).unwrap_or(i32::MAX), told))
}

/// Keeps the wish within the limits, the allowed growth (double, or four more), and the calm after a scaling.
fn bounded(
    wanted: i32,
    replicas: i32,
    min: i32,
    max: i32,
    status: &mut HorizontalPodAutoscalerStatus,
    now: SimTime,
) -> i32 {
    let scaled = status.last_scale_time.as_ref().map(sim_time);
    if wanted < replicas && scaled.is_some_and(|at| now.since(at) < DOWN_STABILIZATION) {
        let message =
            "recent recommendations were higher than current one, applying the highest recent recommendation";
        set(status, "AbleToScale", "True", "ScaleDownStabilized", message.to_owned(), now);
        return replicas;
    }
    let message = "recommended size matches current size".to_owned();
    set(status, "AbleToScale", "True", "ReadyForNewScale", message, now);
    let growth = (replicas * 2).max(replicas + 4);
    let (size, reason, message) = match wanted {
        n if n > max => {
            (max, "TooManyReplicas", "the desired replica count is more than the maximum replica count")
        }
        n if n < min => {
            (min, "TooFewReplicas", "the desired replica count is less than the minimum replica count")
        }
        n if n > growth => (
            growth.min(max),
            "ScaleUpLimit",
            "the desired replica count is increasing faster than the maximum scale rate",
        ),
        n => (n, "DesiredWithinRange", "the desired count is within the acceptable range"),
    };
    let limited = if reason == "DesiredWithinRange" { "False" } else { "True" };
    set(status, "ScalingLimited", limited, reason, message.to_owned(), now);
    size
}
