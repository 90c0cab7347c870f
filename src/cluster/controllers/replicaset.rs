//! The ReplicaSet controller: creates and deletes pods until there are as many as the spec says. Never touches a
//! pod's spec, and does not care on which node it runs. As pkg/controller/replicaset.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::apps::v1::{ReplicaSet, ReplicaSetCondition, ReplicaSetSpec, ReplicaSetStatus};
use k8s_openapi::api::core::v1::Pod;

use super::ownership::{Claim, claim, has_claimed_pods};
use super::pod_template::{controller_reference, pod_from_template};
use super::{Controller, Ctx, Outcome, deletion_rank, look_through_pods, pod_state};
use crate::base::time::SimTime;
use crate::cluster::api::selector::Selector;
use crate::cluster::api::{Reason, Status};
use crate::cluster::object::{Key, Kind, KindId, Typed, controller_of};
use crate::cluster::replicas::Counts;
use crate::cluster::store::{Change, Store};
use crate::cluster::time_of;

/// How many pods one look may create or delete; the rest follows in the next.
const BURST_REPLICAS: usize = 500;
/// The first batch of a slow start; each successful batch is followed by one twice as large, so that a quota that
/// refuses everything is asked few times.
const SLOW_START_BATCH: usize = 1;
const REPLICA_FAILURE: &str = "ReplicaFailure";

pub struct ReplicaSetController;

impl Controller for ReplicaSetController {
    fn name(&self) -> &'static str {
        "replicaset-controller"
    }

    fn latency(&self, store: &Store) -> Duration {
        look_through_pods(store)
    }

    fn wakes_for(&self, change: &Change, store: &Store, keys: &mut Vec<Key>) {
        match change.key.kind {
            KindId::ReplicaSet => keys.push(change.key.clone()),
            KindId::Pod if pod_state::counts_differently(change) => owners_of(change, store, keys),
            _ => {}
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(rs) = ctx.get::<ReplicaSet>(&key.namespace, &key.name) else { return Outcome::Done };
        match sync(&rs, ctx) {
            Ok(Some(at)) => Outcome::RequeueAt(at),
            Ok(None) => Outcome::Done,
            Err(_) => Outcome::Retry,
        }
    }
}

/// The ReplicaSets concerned by a pod's change: its controller before and after, or for an orphan those that could
/// adopt it.
fn owners_of(change: &Change, store: &Store, keys: &mut Vec<Key>) {
    let before = keys.len();
    for object in change.new.iter().chain(&change.old) {
        if let Some(owner) = object.controller_ref().filter(|o| o.kind == "ReplicaSet") {
            let key = Key::new(KindId::ReplicaSet, &change.key.namespace, &owner.name);
            if !keys[before..].contains(&key) {
                keys.push(key);
            }
        }
    }
    let Some(pod) = change.new.as_ref().filter(|o| o.controller_ref().is_none()) else { return };
    for object in store.list(KindId::ReplicaSet, Some(&change.key.namespace)) {
        let selector = ReplicaSet::of(object).and_then(|rs| rs.spec.as_ref()).map(|s| &s.selector);
        if selector.is_some_and(|s| Selector::of_label_selector(s).matches(pod.meta().labels.as_ref())) {
            keys.push(object.key());
        }
    }
}

/// One look (syncReplicaSet). Returns when a pod that is ready becomes available by the passing of time alone.
fn sync(rs: &Typed<ReplicaSet>, ctx: &mut Ctx) -> Result<Option<SimTime>, Status> {
    let unspecified = ReplicaSetSpec::default();
    let spec = rs.spec.as_ref().unwrap_or(&unspecified);
    if !has_claimed_pods(&rs.metadata, &Selector::of_label_selector(&spec.selector), ctx.store()) {
        claim_pods(rs, spec, ctx);
    }
    let counts = count(rs, spec, ctx);
    let mut failure = None;
    if rs.metadata.deletion_timestamp.is_none() {
        failure = manage(rs, spec, counts.active, ctx).err();
    }
    let status = calculate(rs, spec, &counts, failure.as_ref(), ctx.now);
    write_status(rs, status, ctx)?;
    match failure {
        Some(error) => Err(error),
        None => Ok(counts.next_available.filter(|_| spec.min_ready_seconds.is_some_and(|s| s > 0))),
    }
}

fn claim_pods(rs: &Typed<ReplicaSet>, spec: &ReplicaSetSpec, ctx: &mut Ctx) -> Vec<Typed<Pod>> {
    let (owner, selector) = (&rs.metadata, Some(&spec.selector));
    claim::<Pod>(Claim { owner, api_version: "apps/v1", kind: "ReplicaSet", selector }, ctx)
}

fn count(rs: &Typed<ReplicaSet>, spec: &ReplicaSetSpec, ctx: &Ctx) -> Counts {
    let labels = spec.template.as_ref().and_then(|t| t.metadata.as_ref()).and_then(|m| m.labels.as_ref());
    let template = labels.map(Selector::of_map).unwrap_or_default();
    let min_ready = Duration::from_secs(u64::try_from(spec.min_ready_seconds.unwrap_or(0)).unwrap_or(0));
    let owned = ctx.store().replicas().of(rs.uid());
    let selector = Selector::of_label_selector(&spec.selector);
    owned.map(|owned| owned.count(&selector, &template, min_ready, ctx.now)).unwrap_or_default()
}

fn manage(rs: &Typed<ReplicaSet>, spec: &ReplicaSetSpec, active: usize, ctx: &mut Ctx) -> Result<(), Status> {
    let wanted = usize::try_from(spec.replicas.unwrap_or(1)).unwrap_or(0);
    if active < wanted {
        create_pods(rs, spec, (wanted - active).min(BURST_REPLICAS), ctx)
    } else {
        delete_pods(rs, spec, (active - wanted).min(BURST_REPLICAS), ctx)
    }
}

fn create_pods(
    rs: &Typed<ReplicaSet>,
    spec: &ReplicaSetSpec,
    count: usize,
    ctx: &mut Ctx,
) -> Result<(), Status> {
    let Some(template) = &spec.template else { return Ok(()) };
    let owner = controller_reference("apps/v1", "ReplicaSet", &rs.metadata);
    let mut pod = pod_from_template(template, rs.name(), owner);
    pod.metadata.namespace = rs.metadata.namespace.clone();
    let (mut remaining, mut batch) = (count, SLOW_START_BATCH);
    while remaining > 0 {
        let size = batch.min(remaining);
        let mut refused = None;
        for _ in 0..size {
            refused = create_pod(rs, pod.clone(), ctx).err().or(refused);
        }
        if let Some(error) = refused {
            return Err(error);
        }
        remaining -= size;
        batch *= 2;
    }
    Ok(())
}

fn create_pod(rs: &Typed<ReplicaSet>, pod: Pod, ctx: &mut Ctx) -> Result<(), Status> {
    match ctx.create(pod) {
        Ok(created) => {
            let message = format!("Created pod: {}", created.name());
            ctx.record_event(&**rs, "Normal", "SuccessfulCreate", message);
            Ok(())
        }
        // In a namespace that is going away all creations fail; that is nobody's failure.
        Err(error) if is_namespace_terminating(&error) => Ok(()),
        Err(error) => {
            let message = format!("Error creating: {}", error.message);
            ctx.record_event(&**rs, "Warning", "FailedCreate", message);
            Err(error)
        }
    }
}

fn delete_pods(
    rs: &Typed<ReplicaSet>,
    spec: &ReplicaSetSpec,
    count: usize,
    ctx: &mut Ctx,
) -> Result<(), Status> {
    if count == 0 {
        return Ok(());
    }
    let claimed = claim_pods(rs, spec, ctx);
    let active = claimed.iter().map(|p| &**p).filter(|p| pod_state::is_active(p));
    let mut candidates: Vec<&Pod> = active.collect();
    if count < candidates.len() {
        let related = related_pods_by_node(rs, ctx);
        candidates = deletion_rank::by_deletion_preference(candidates.into_iter(), &related, ctx.now);
    }
    for pod in candidates.into_iter().take(count) {
        let name = pod.metadata.name.as_deref().unwrap_or_default();
        match ctx.delete(&Key::new(KindId::Pod, rs.namespace(), name)) {
            Ok(()) => {
                let message = format!("Deleted pod: {name}");
                ctx.record_event(&**rs, "Normal", "SuccessfulDelete", message);
            }
            Err(error) if error.reason == Reason::NotFound => {}
            Err(error) => {
                let message = format!("Error deleting: {}", error.message);
                ctx.record_event(&**rs, "Warning", "FailedDelete", message);
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Active pods per node of all ReplicaSets with the same controller (getIndirectlyRelatedPods).
fn related_pods_by_node(rs: &Typed<ReplicaSet>, ctx: &Ctx) -> BTreeMap<String, usize> {
    let siblings = match controller_of(&rs.metadata) {
        Some(owner) => ctx.dependents::<ReplicaSet>(&owner.uid),
        None => vec![rs.clone()],
    };
    let mut counts = BTreeMap::new();
    for sibling in siblings {
        let owned = ctx.store().replicas().of(sibling.uid());
        for (node, active) in owned.into_iter().flat_map(|o| o.active_on_nodes()) {
            *counts.entry(node.to_owned()).or_insert(0) += active;
        }
    }
    counts
}

/// As calculateStatus: counts before this look's creations and deletions, which the next look will see.
fn calculate(
    rs: &ReplicaSet,
    spec: &ReplicaSetSpec,
    counts: &Counts,
    failure: Option<&Status>,
    now: SimTime,
) -> ReplicaSetStatus {
    let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let some = |n: usize| Some(number(n)).filter(|n| *n != 0);
    let replicas = number(counts.active);
    ReplicaSetStatus {
        replicas,
        fully_labeled_replicas: some(counts.fully_labeled),
        ready_replicas: some(counts.ready),
        available_replicas: some(counts.available),
        terminating_replicas: Some(number(counts.terminating)),
        observed_generation: rs.metadata.generation,
        conditions: failure_condition(rs, replicas, spec.replicas.unwrap_or(1), failure, now),
    }
}

fn failure_condition(
    rs: &ReplicaSet,
    actual: i32,
    wanted: i32,
    failure: Option<&Status>,
    now: SimTime,
) -> Option<Vec<ReplicaSetCondition>> {
    let mut conditions = rs.status.as_ref().and_then(|s| s.conditions.clone()).unwrap_or_default();
    let known = conditions.iter().any(|c| c.type_ == REPLICA_FAILURE);
    match failure {
        Some(error) if !known => conditions.push(ReplicaSetCondition {
            type_: REPLICA_FAILURE.into(),
            status: "True".into(),
            reason: Some(if actual < wanted { "FailedCreate" } else { "FailedDelete" }.into()),
            message: Some(error.message.clone()),
            last_transition_time: Some(time_of(now)),
        }),
        None => conditions.retain(|c| c.type_ != REPLICA_FAILURE),
        Some(_) => {}
    }
    Some(conditions).filter(|c| !c.is_empty())
}

fn write_status(rs: &Typed<ReplicaSet>, status: ReplicaSetStatus, ctx: &mut Ctx) -> Result<(), Status> {
    if rs.status.as_ref() == Some(&status) {
        return Ok(());
    }
    let mut copy = ReplicaSet::clone(rs);
    copy.status = Some(status);
    ctx.update_status(copy).map(|_| ())
}

/// A refusal because the namespace is going away (cause NamespaceTerminating).
fn is_namespace_terminating(error: &Status) -> bool {
    error.causes.iter().any(|c| c.reason == "NamespaceTerminating")
}
