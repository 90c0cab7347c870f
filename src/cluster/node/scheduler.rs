//! The scheduler: puts each pod without a node on the best node that fits, or says why none does. Binds through the
//! API; never touches a pod that has a node. As kube-scheduler with its default plug-ins.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Pod, PodCondition};

use super::claims::Claims;
use super::fit::{self, Misfit};
use super::preemption::{self, Place};
use crate::cluster::controllers::{Controller, Ctx, Outcome};
use crate::cluster::object::{Key, KindId, Typed};
use crate::cluster::store::{Change, ChangeVerb, Store};
use crate::cluster::time_of;
use crate::cluster::usage::Demand;

const NAME: &str = "default-scheduler";
/// Waiting pods that one change of a node or one freed place wakes; the others follow with the next.
const WAKE_LIMIT: usize = 1000;

pub struct Scheduler;

impl Controller for Scheduler {
    fn name(&self) -> &'static str {
        NAME
    }

    fn wakes_for(&self, change: &Change, store: &Store, keys: &mut Vec<Key>) {
        let waiting = |keys: &mut Vec<Key>| {
            keys.extend(store.pods_on("").take(WAKE_LIMIT).map(|pod| pod.key()));
        };
        match (change.key.kind, change.verb) {
            (KindId::Pod, ChangeVerb::Deleted) => waiting(keys),
            (KindId::Pod, _) if &*change.actor == NAME => {}
            (KindId::Pod, _) => match change.new_as::<Pod>() {
                Some(pod) if is_unbound(pod) => keys.push(change.key.clone()),
                Some(pod) if pod.status.as_ref().is_some_and(|s| frees_its_place(s.phase.as_deref())) => {
                    waiting(keys)
                }
                _ => {}
            },
            (KindId::Node, _) if &*change.actor != NAME => waiting(keys),
            (KindId::PersistentVolumeClaim, ChangeVerb::Updated | ChangeVerb::Created) => waiting(keys),
            _ => {}
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(pod) = ctx.get::<Pod>(&key.namespace, &key.name) else { return Outcome::Done };
        if !is_unbound(&pod) || pod.metadata.deletion_timestamp.is_some() || !is_ours(&pod) {
            return Outcome::Done;
        }
        let claims = Claims::of(&pod, ctx.store());
        let claims = claims.map_err(|why| Refusal { message: without_claims(&why, ctx), place: None });
        match claims.and_then(|c| Ok((choose(&pod, &c, ctx)?, c))) {
            Ok((node, claims)) if claims.settle(&node, ctx) => bind(&pod, &node, ctx),
            // The claims' volumes come first; each change of a claim wakes the pods that wait.
            Ok(_) => Outcome::Done,
            Err(Refusal { message, place: None }) => refuse(&pod, message, None, ctx),
            Err(Refusal { message, place: Some(place) }) => match preemption::evict(&pod, &place, ctx) {
                Ok(()) => refuse(&pod, message, Some(place.node), ctx),
                Err(_) => Outcome::Retry,
            },
        }
    }
}

/// Why a pod has no node, and the place that others are sent away from for it.
struct Refusal {
    message: String,
    place: Option<Place>,
}

/// The sentence for a pod whose claims let it be placed nowhere.
fn without_claims(why: &str, ctx: &Ctx) -> String {
    let total = ctx.store().usage().nodes().count();
    format!(
        "0/{total} nodes are available: {why}. not found, preemption: 0/{total} nodes are available: {total} \
         Preemption is not helpful for scheduling."
    )
}

fn is_unbound(pod: &Pod) -> bool {
    pod.spec.as_ref().is_none_or(|s| s.node_name.as_deref().unwrap_or_default().is_empty())
}

fn frees_its_place(phase: Option<&str>) -> bool {
    matches!(phase, Some("Succeeded" | "Failed"))
}

fn is_ours(pod: &Pod) -> bool {
    let spec = pod.spec.as_ref();
    let name = spec.and_then(|s| s.scheduler_name.as_deref()).unwrap_or(NAME);
    let gated = spec.and_then(|s| s.scheduling_gates.as_ref()).is_some_and(|g| !g.is_empty());
    name == NAME && !gated
}

/// The best node, or the sentence of FailedScheduling.
fn choose(pod: &Typed<Pod>, claims: &Claims, ctx: &mut Ctx) -> Result<String, Refusal> {
    let demand = Demand::of(pod);
    let mut misfits: Vec<Misfit> = Vec::new();
    let store = ctx.store();
    let group = fit::Group::new(pod, store);
    let mut fitting = Vec::new();
    for (name, info) in store.usage().nodes() {
        let kept = preemption::kept_places(pod, name, info, store);
        let misfit = kept.as_ref().and_then(|kept| fit::misfit(pod, &demand, kept, &group));
        let misfit = misfit.or_else(|| fit::misfit(pod, &demand, info, &group));
        match misfit.or_else(|| claims.misfit(name, store)) {
            None => fitting.push((name, fit::score(pod, &demand, info, &group))),
            Some(misfit) => misfits.push(misfit),
        }
    }
    let Some(best) = fitting.iter().map(|(_, score)| *score).max() else {
        return Err(no_node(pod, claims, &misfits, store));
    };
    let best: Vec<&str> = fitting.iter().filter(|(_, score)| *score == best).map(|(name, _)| *name).collect();
    // Equal scores are drawn by lot, as the real scheduler does.
    let drawn = ctx.stream(&format!("tie/{}", pod.uid())).below(best.len() as u64);
    Ok(best[drawn as usize].to_owned())
}

/// `0/3 nodes are available: 3 Insufficient cpu. …` (FitError.Error), with what came of the search for victims.
fn no_node(pod: &Typed<Pod>, claims: &Claims, misfits: &[Misfit], store: &Store) -> Refusal {
    let total = misfits.len();
    if total == 0 {
        return Refusal { message: "no nodes available to schedule pods".to_owned(), place: None };
    }
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in misfits.iter().flat_map(|m| &m.reasons) {
        *reasons.entry(reason).or_insert(0) += 1;
    }
    let why = format!("0/{total} nodes are available: {}.", counted(reasons.into_iter().collect()));
    if let Some(not_now) = preemption::not_eligible(pod, store) {
        let message = format!("{why} no new claims to deallocate, preemption: {not_now}");
        return Refusal { message, place: None };
    }
    if let Some(place) = preemption::find(pod, claims, store) {
        return Refusal { message: why, place: Some(place) };
    }
    let hopeless = misfits.iter().filter(|m| m.unresolvable).count();
    let mut preemption = Vec::new();
    if hopeless < total {
        preemption.push(("No preemption victims found for incoming pod", total - hopeless));
    }
    if hopeless > 0 {
        preemption.push(("Preemption is not helpful for scheduling", hopeless));
    }
    let message = format!(
        "{why} no new claims to deallocate, preemption: 0/{total} nodes are available: {}.",
        counted(preemption)
    );
    Refusal { message, place: None }
}

fn counted(counts: Vec<(&str, usize)>) -> String {
    let mut lines: Vec<String> = counts.iter().map(|(reason, n)| format!("{n} {reason}")).collect();
    lines.sort();
    lines.join(", ")
}

fn bind(pod: &Typed<Pod>, node: &str, ctx: &mut Ctx) -> Outcome {
    if ctx.bind(pod.namespace(), pod.name(), node).is_err() {
        return Outcome::Retry;
    }
    let note = format!("Successfully assigned {}/{} to {node}", pod.namespace(), pod.name());
    ctx.record_new_event(&**pod, "Normal", "Scheduled", "Binding", note);
    Outcome::Done
}

/// Says in the pod's condition and in an event why it waits.
fn refuse(pod: &Typed<Pod>, message: String, nominated: Option<String>, ctx: &mut Ctx) -> Outcome {
    ctx.record_new_event(&**pod, "Warning", "FailedScheduling", "Scheduling", message.clone());
    let mut copy = Pod::clone(pod);
    let status = copy.status.get_or_insert_default();
    let news = nominated.is_some() && status.nominated_node_name != nominated;
    status.nominated_node_name = nominated.or(status.nominated_node_name.take());
    let conditions = status.conditions.get_or_insert_default();
    let old = conditions.iter().find(|c| c.type_ == "PodScheduled");
    if !news && old.is_some_and(|c| c.status == "False" && c.message.as_deref() == Some(&message)) {
        return Outcome::Done;
    }
    let since = old.filter(|c| c.status == "False").and_then(|c| c.last_transition_time.clone());
    conditions.retain(|c| c.type_ != "PodScheduled");
    conditions.push(PodCondition {
        type_: "PodScheduled".to_owned(),
        status: "False".to_owned(),
        reason: Some("Unschedulable".to_owned()),
        message: Some(message),
        observed_generation: pod.metadata.generation,
        last_transition_time: Some(since.unwrap_or_else(|| time_of(ctx.now))),
        last_probe_time: None,
    });
    match ctx.update_status(copy) {
        Ok(_) => Outcome::Done,
        Err(_) => Outcome::Retry,
    }
}
