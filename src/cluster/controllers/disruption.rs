//! The disruption controller: counts for every PodDisruptionBudget how many of its pods may be evicted now. Evicts
//! nothing; the eviction subresource asks its status. As pkg/controller/disruption.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::core::v1::{Pod, ReplicationController};
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::deployment::scaled_value;
use super::{Controller, Ctx, Outcome, pod_state};
use crate::cluster::api::selector::Selector;
use crate::cluster::object::{Key, Kind, KindId, Typed, controller_of};
use crate::cluster::store::{Change, Store};
use crate::cluster::time_of;

pub struct DisruptionController;

impl Controller for DisruptionController {
    fn name(&self) -> &'static str {
        "controllermanager"
    }

    fn wakes_for(&self, change: &Change, store: &Store, keys: &mut Vec<Key>) {
        if store.count(KindId::PodDisruptionBudget) == 0 {
            return;
        }
        match change.key.kind {
            KindId::PodDisruptionBudget => keys.push(change.key.clone()),
            KindId::Pod => {
                for budget in store.list(KindId::PodDisruptionBudget, Some(&change.key.namespace)) {
                    let selector = PodDisruptionBudget::of(budget).map(selector_of);
                    let hit = |o: &std::rc::Rc<crate::cluster::object::Object>| {
                        selector
                            .as_ref()
                            .and_then(Option::as_ref)
                            .is_some_and(|s| s.matches(o.meta().labels.as_ref()))
                    };
                    if change.new.iter().chain(&change.old).any(hit) {
                        keys.push(budget.key());
                    }
                }
            }
            KindId::Deployment | KindId::ReplicaSet | KindId::StatefulSet => {
                keys.extend(
                    store.list(KindId::PodDisruptionBudget, Some(&change.key.namespace)).map(|b| b.key()),
                );
            }
            _ => {}
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(budget) = ctx.get_key::<PodDisruptionBudget>(key) else { return Outcome::Done };
        let selector = selector_of(&budget);
        let pods: Vec<Typed<Pod>> = ctx
            .list::<Pod>(Some(&key.namespace))
            .into_iter()
            .filter(|p| selector.as_ref().is_some_and(|s| s.matches(p.metadata.labels.as_ref())))
            .collect();
        if pods.is_empty() {
            ctx.record_event(&*budget, "Normal", "NoPods", "No matching pods found");
        }
        match write_status(&budget, &pods, ctx) {
            true => Outcome::Done,
            false => Outcome::Retry,
        }
    }
}

/// A budget without a selector covers nothing.
fn selector_of(budget: &PodDisruptionBudget) -> Option<Selector> {
    budget.spec.as_ref()?.selector.as_ref().map(Selector::of_label_selector)
}

fn write_status(budget: &Typed<PodDisruptionBudget>, pods: &[Typed<Pod>], ctx: &mut Ctx) -> bool {
    let (expected, desired) = expectation(budget, pods, ctx);
    let healthy = pods.iter().filter(|p| pod_state::is_ready(p) && !pod_state::is_deleting(p)).count();
    let healthy = i32::try_from(healthy).unwrap_or(i32::MAX);
    let allowed = if expected > 0 { (healthy - desired).max(0) } else { 0 };
    let old = budget.status.clone().unwrap_or_default();
    let status = PodDisruptionBudgetStatus {
        conditions: Some(vec![condition(budget, allowed, ctx)]),
        current_healthy: Some(healthy),
        desired_healthy: Some(desired),
        disruptions_allowed: Some(allowed),
        expected_pods: Some(expected),
        observed_generation: budget.metadata.generation,
        disrupted_pods: old.disrupted_pods,
    };
    let mut copy = PodDisruptionBudget::clone(budget);
    copy.status = Some(status);
    ctx.update_status(copy).is_ok()
}

fn condition(budget: &PodDisruptionBudget, allowed: i32, ctx: &Ctx) -> Condition {
    let (word, reason) = if allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
    let known = budget.status.as_ref().and_then(|s| s.conditions.as_ref());
    let same = known.into_iter().flatten().find(|c| c.status == word);
    Condition {
        type_: "DisruptionAllowed".to_owned(),
        status: word.to_owned(),
        reason: reason.to_owned(),
        message: String::new(),
        observed_generation: budget.metadata.generation,
        last_transition_time: same.map_or_else(|| time_of(ctx.now), |c| c.last_transition_time.clone()),
    }
}

/// How many pods there should be, and how many of them must stay healthy (getExpectedPodCount).
fn expectation(budget: &PodDisruptionBudget, pods: &[Typed<Pod>], ctx: &Ctx) -> (i32, i32) {
    let spec = budget.spec.clone().unwrap_or_default();
    match (&spec.max_unavailable, &spec.min_available) {
        (Some(most), _) => {
            let expected = expected_scale(pods, ctx);
            (expected, (expected - scaled_value(Some(most), expected, true)).max(0))
        }
        (None, Some(IntOrString::Int(least))) => (i32::try_from(pods.len()).unwrap_or(i32::MAX), *least),
        (None, Some(least)) => {
            let expected = expected_scale(pods, ctx);
            (expected, scaled_value(Some(least), expected, true))
        }
        (None, None) => (0, 0),
    }
}

/// The replicas that the pods' controllers want, each counted once.
fn expected_scale(pods: &[Typed<Pod>], ctx: &Ctx) -> i32 {
    let mut scales: BTreeMap<String, i32> = BTreeMap::new();
    for pod in pods {
        let namespace = pod.namespace();
        let Some(owner) = controller_of(&pod.metadata) else { continue };
        let (uid, replicas) = match owner.kind.as_str() {
            "ReplicaSet" => {
                let Some(set) = ctx.get::<ReplicaSet>(namespace, &owner.name) else { continue };
                let above = controller_of(&set.metadata).filter(|o| o.kind == "Deployment");
                let deployment = above.and_then(|o| ctx.get::<Deployment>(namespace, &o.name));
                match deployment {
                    Some(d) => (d.uid().to_owned(), d.spec.as_ref().and_then(|s| s.replicas)),
                    None => (set.uid().to_owned(), set.spec.as_ref().and_then(|s| s.replicas)),
                }
            }
            "StatefulSet" => match ctx.get::<StatefulSet>(namespace, &owner.name) {
                Some(set) => (set.uid().to_owned(), set.spec.as_ref().and_then(|s| s.replicas)),
                None => continue,
            },
            "ReplicationController" => match ctx.get::<ReplicationController>(namespace, &owner.name) {
                Some(set) => (set.uid().to_owned(), set.spec.as_ref().and_then(|s| s.replicas)),
                None => continue,
            },
            _ => continue,
        };
        scales.insert(uid, replicas.unwrap_or(1));
    }
    scales.values().sum()
}
