//! The DaemonSet controller: one pod on every node that takes it, renewed node by node. Leaves the binding to the
//! scheduler; never looks into a node. As pkg/controller/daemon.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec, DaemonSetStatus};
use k8s_openapi::api::core::v1::{
    Affinity, Node, NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, Pod, PodSpec,
    Toleration,
};

use super::ownership::{Claim, claim};
use super::pod_template::{controller_reference, pod_from_template};
use super::revisions::{self, History, Owner, REVISION_LABEL, hash_of};
use super::{Controller, Ctx, Outcome, look_through_pods, pod_state, scaled_value};
use crate::cluster::api::Status;
use crate::cluster::node::accepts;
use crate::cluster::object::{Key, KindId, Typed, controller_of};
use crate::cluster::store::{Change, Store};

const GENERATION_LABEL: &str = "pod-template-generation";
/// Taints that daemon pods live with: key and effect.
const TOLERATED: &[(&str, &str)] = &[
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];

pub struct DaemonSetController;

impl Controller for DaemonSetController {
    fn name(&self) -> &'static str {
        "daemonset-controller"
    }

    fn latency(&self, store: &Store) -> Duration {
        look_through_pods(store)
    }

    fn wakes_for(&self, change: &Change, store: &Store, keys: &mut Vec<Key>) {
        match change.key.kind {
            KindId::DaemonSet => keys.push(change.key.clone()),
            KindId::Pod => {
                let owner =
                    change.object().and_then(|o| controller_of(o.meta())).filter(|o| o.kind == "DaemonSet");
                keys.extend(owner.map(|o| Key::new(KindId::DaemonSet, &change.key.namespace, &o.name)));
            }
            KindId::Node => keys.extend(store.list(KindId::DaemonSet, None).map(|o| o.key())),
            _ => {}
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(set) = ctx.get_key::<DaemonSet>(key) else { return Outcome::Done };
        if set.metadata.deletion_timestamp.is_some() {
            return Outcome::Done;
        }
        match sync(&set, ctx) {
            Ok(()) => Outcome::Done,
            Err(_) => Outcome::Retry,
        }
    }
}

/// One look (syncDaemonSet).
fn sync(set: &Typed<DaemonSet>, ctx: &mut Ctx) -> Result<(), Status> {
    let spec = set.spec.clone().unwrap_or_default();
    let owner = Owner {
        meta: &set.metadata,
        kind: "DaemonSet",
        template: &spec.template,
        collisions: set.status.as_ref().and_then(|s| s.collision_count),
        history_limit: usize::try_from(spec.revision_history_limit.unwrap_or(10)).unwrap_or(10),
    };
    let history = revisions::sync(&owner, ctx)?;
    let pods = claim::<Pod>(
        Claim {
            owner: &set.metadata,
            api_version: "apps/v1",
            kind: "DaemonSet",
            selector: Some(&spec.selector),
        },
        ctx,
    );
    let template = daemon_pod(set, &spec, hash_of(&history.current), "");
    let nodes: Vec<(String, bool)> = ctx
        .store()
        .each::<Node>(None)
        .map(|node| (node.metadata.name.clone().unwrap_or_default(), accepts(&template, node)))
        .collect();
    let mut by_node: BTreeMap<String, Vec<Typed<Pod>>> = BTreeMap::new();
    for pod in &pods {
        by_node.entry(target_node(pod)).or_default().push(pod.clone());
    }
    place(set, &spec, &history, &nodes, &by_node, ctx)?;
    if spec.update_strategy.as_ref().is_none_or(|s| s.type_.as_deref() != Some("OnDelete")) {
        renew(set, &spec, &history, &nodes, &by_node, ctx)?;
    }
    let in_use = |hash: &str| pods.iter().any(|p| p.object().label(REVISION_LABEL) == Some(hash));
    revisions::clean_up(&owner, &history, &in_use, ctx);
    write_status(set, &spec, &history, &nodes, &by_node, ctx)
}

/// The node a daemon pod is bound to or meant for.
fn target_node(pod: &Pod) -> String {
    let bound = pod_state::node_name(pod);
    if !bound.is_empty() {
        return bound.to_owned();
    }
    let affinity = pod.spec.as_ref().and_then(|s| s.affinity.as_ref()).and_then(|a| a.node_affinity.as_ref());
    let required = affinity.and_then(|a| a.required_during_scheduling_ignored_during_execution.as_ref());
    let fields = required.and_then(|r| r.node_selector_terms.first()).and_then(|t| t.match_fields.as_ref());
    let value = fields.and_then(|f| f.first()).and_then(|f| f.values.as_ref()).and_then(|v| v.first());
    value.cloned().unwrap_or_default()
}

fn daemon_pod(set: &Typed<DaemonSet>, spec: &DaemonSetSpec, hash: &str, node: &str) -> Pod {
    let owner = controller_reference("apps/v1", "DaemonSet", &set.metadata);
    let mut pod = pod_from_template(&spec.template, set.name(), owner);
    pod.metadata.namespace = set.metadata.namespace.clone();
    let labels = pod.metadata.labels.get_or_insert_default();
    labels.insert(REVISION_LABEL.to_owned(), hash.to_owned());
    let generation =
        set.metadata.annotations.as_ref().and_then(|a| a.get("deprecated.daemonset.template.generation"));
    labels.insert(GENERATION_LABEL.to_owned(), generation.cloned().unwrap_or_else(|| "1".to_owned()));
    let pod_spec = pod.spec.get_or_insert_default();
    let tolerations = pod_spec.tolerations.get_or_insert_default();
    for (key, effect) in TOLERATED {
        tolerations.push(Toleration {
            key: Some((*key).to_owned()),
            effect: Some((*effect).to_owned()),
            operator: Some("Exists".to_owned()),
            ..Toleration::default()
        });
    }
    if !node.is_empty() {
        pin(pod_spec, node);
    }
    pod
}

/// Makes the scheduler put the pod on this node only.
fn pin(spec: &mut PodSpec, node: &str) {
    let field = NodeSelectorRequirement {
        key: "metadata.name".to_owned(),
        operator: "In".to_owned(),
        values: Some(vec![node.to_owned()]),
    };
    let affinity = spec.affinity.get_or_insert_with(Affinity::default);
    let node_affinity = affinity.node_affinity.get_or_insert_with(NodeAffinity::default);
    let required = node_affinity
        .required_during_scheduling_ignored_during_execution
        .get_or_insert_with(NodeSelector::default);
    if required.node_selector_terms.is_empty() {
        required.node_selector_terms.push(NodeSelectorTerm::default());
    }
    for term in &mut required.node_selector_terms {
        term.match_fields = Some(vec![field.clone()]);
    }
}

type ByNode = BTreeMap<String, Vec<Typed<Pod>>>;

/// Creates what is missing and deletes what is too much or where it should not be (manage).
fn place(
    set: &Typed<DaemonSet>,
    spec: &DaemonSetSpec,
    history: &History,
    nodes: &[(String, bool)],
    by_node: &ByNode,
    ctx: &mut Ctx,
) -> Result<(), Status> {
    for (node, wanted) in nodes {
        let here = by_node.get(node).map(Vec::as_slice).unwrap_or_default();
        let (finished, running): (Vec<&Typed<Pod>>, Vec<&Typed<Pod>>) =
            here.iter().filter(|p| !pod_state::is_deleting(p)).partition(|p| pod_state::is_finished(p));
        for pod in finished {
            ctx.delete(&pod.key())?;
        }
        let stopping = here.iter().any(|p| pod_state::is_deleting(p));
        if *wanted && running.is_empty() && !stopping {
            create(set, daemon_pod(set, spec, hash_of(&history.current), node), ctx)?;
        }
        let keep = usize::from(*wanted);
        for pod in running.iter().skip(keep) {
            delete(set, pod, ctx)?;
        }
    }
    Ok(())
}

fn create(set: &Typed<DaemonSet>, pod: Pod, ctx: &mut Ctx) -> Result<(), Status> {
    match ctx.create(pod) {
        Ok(created) => {
            ctx.record_event(
                &**set,
                "Normal",
                "SuccessfulCreate",
                format!("Created pod: {}", created.name()),
            );
            Ok(())
        }
        Err(error) => {
            ctx.record_event(&**set, "Warning", "FailedCreate", format!("Error creating: {}", error.message));
            Err(error)
        }
    }
}

fn delete(set: &Typed<DaemonSet>, pod: &Typed<Pod>, ctx: &mut Ctx) -> Result<(), Status> {
    ctx.delete(&pod.key())?;
    ctx.record_event(&**set, "Normal", "SuccessfulDelete", format!("Deleted pod: {}", pod.name()));
    Ok(())
}

/// Deletes old pods, as many at a time as may be unavailable; unready ones first (rollingUpdate).
fn renew(
    set: &Typed<DaemonSet>,
    spec: &DaemonSetSpec,
    history: &History,
    nodes: &[(String, bool)],
    by_node: &ByNode,
    ctx: &mut Ctx,
) -> Result<(), Status> {
    let wanted: Vec<&String> = nodes.iter().filter(|(_, wanted)| *wanted).map(|(name, _)| name).collect();
    let rolling = spec.update_strategy.as_ref().and_then(|s| s.rolling_update.as_ref());
    let total = i32::try_from(wanted.len()).unwrap_or(i32::MAX);
    let limit = rolling
        .and_then(|r| r.max_unavailable.as_ref())
        .map_or(1, |v| scaled_value(Some(v), total, true))
        .max(1);
    let min_ready = spec.min_ready_seconds.unwrap_or(0);
    let current = hash_of(&history.current);
    let mut unavailable = 0;
    let (mut unready, mut ready) = (Vec::new(), Vec::new());
    for node in wanted {
        let alive = by_node.get(node).into_iter().flatten().find(|p| pod_state::is_active(p));
        let Some(pod) = alive else {
            unavailable += 1;
            continue;
        };
        let available = pod_state::is_available(pod, min_ready, ctx.now);
        let is_old = pod.object().label(REVISION_LABEL) != Some(current);
        unavailable += i32::from(!available);
        match (is_old, available) {
            (true, true) => ready.push(pod.clone()),
            (true, false) => unready.push(pod.clone()),
            (false, _) => {}
        }
    }
    let room = usize::try_from(limit - unavailable).unwrap_or(0);
    for pod in unready.iter().chain(ready.iter().take(room)) {
        delete(set, pod, ctx)?;
    }
    Ok(())
}

fn write_status(
    set: &Typed<DaemonSet>,
    spec: &DaemonSetSpec,
    history: &History,
    nodes: &[(String, bool)],
    by_node: &ByNode,
    ctx: &mut Ctx,
) -> Result<(), Status> {
    let current = hash_of(&history.current);
    let min_ready = spec.min_ready_seconds.unwrap_or(0);
    let mut status = DaemonSetStatus {
        observed_generation: set.metadata.generation,
        collision_count: set.status.as_ref().and_then(|s| s.collision_count),
        ..DaemonSetStatus::default()
    };
    let (mut updated, mut available) = (0, 0);
    for (node, wanted) in nodes {
        let alive = by_node.get(node).into_iter().flatten().find(|p| pod_state::is_active(p));
        match (wanted, alive) {
            (true, Some(pod)) => {
                status.current_number_scheduled += 1;
                status.number_ready += i32::from(pod_state::is_ready(pod));
                available += i32::from(pod_state::is_available(pod, min_ready, ctx.now));
                updated += i32::from(pod.object().label(REVISION_LABEL) == Some(current));
            }
            (false, Some(_)) => status.number_misscheduled += 1,
            _ => {}
        }
        status.desired_number_scheduled += i32::from(*wanted);
    }
    let some = |n: i32| Some(n).filter(|n| *n != 0);
    status.updated_number_scheduled = some(updated);
    status.number_available = some(available);
    status.number_unavailable = some(status.desired_number_scheduled - available);
    if set.status.as_ref() == Some(&status) {
        return Ok(());
    }
    let mut copy = DaemonSet::clone(set);
    copy.status = Some(status);
    ctx.update_status(copy).map(|_| ())
}
