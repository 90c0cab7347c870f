//! Does a pod fit a node, and how well? The default scheduler's filters and scores, as pure functions over one node
//! at a time. Never binds.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Node, NodeSelectorRequirement, NodeSelectorTerm, Pod, PodAffinityTerm, Taint, Toleration,
    TopologySpreadConstraint,
};

use crate::cluster::api::selector::{Operator, Requirement, Selector};
use crate::cluster::controllers::pod_state;
use crate::cluster::object::{Kind, KindId, Object, controller_of};
use crate::cluster::store::Store;
use crate::cluster::usage::{Demand, NodeInfo};

/// Why a node will not do.
#[derive(Debug, PartialEq, Eq)]
pub struct Misfit {
    pub reasons: Vec<String>,
    /// Evicting pods would not help.
    pub unresolvable: bool,
}

fn misfit_of(reason: &str, unresolvable: bool) -> Option<Misfit> {
    Some(Misfit { reasons: vec![reason.to_owned()], unresolvable })
}

/// Would the node take the pod, were there room? (what a DaemonSet asks)
pub fn accepts(pod: &Pod, node: &Node) -> bool {
    let object = Object::Node(node.clone());
    unselected(pod, &object).is_none() && untolerated(pod, node).is_none()
}

/// What is the same for all nodes: where related pods are.
pub struct Group {
    owner: Option<String>,
    /// Per required or forbidden affinity term: pods matching it by the values of the term's topology key.
    affinity: Vec<(PodAffinityTerm, BTreeMap<String, i64>)>,
    anti_affinity: Vec<(PodAffinityTerm, BTreeMap<String, i64>)>,
    spread: Vec<(TopologySpreadConstraint, BTreeMap<String, i64>)>,
    matches_itself: Vec<bool>,
}

impl Group {
    pub fn new(pod: &Pod, store: &Store) -> Group {
        let affinity = pod.spec.as_ref().and_then(|s| s.affinity.as_ref());
        let required = affinity.and_then(|a| a.pod_affinity.as_ref());
        let required = required.and_then(|a| a.required_during_scheduling_ignored_during_execution.clone());
        let forbidden = affinity.and_then(|a| a.pod_anti_affinity.as_ref());
        let forbidden = forbidden.and_then(|a| a.required_during_scheduling_ignored_during_execution.clone());
        let constraints = pod.spec.as_ref().and_then(|s| s.topology_spread_constraints.clone());
        let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
        let term = |term: PodAffinityTerm| {
            let selector = term.label_selector.as_ref().map(Selector::of_label_selector);
            let counts = count(store, namespace, selector.as_ref(), &term.topology_key);
            (term, counts)
        };
        let affinity: Vec<_> = required.into_iter().flatten().map(term).collect();
        let matches_itself = affinity.iter().map(|(t, _)| {
            let selector = t.label_selector.as_ref().map(Selector::of_label_selector);
            selector.is_some_and(|s| s.matches(pod.metadata.labels.as_ref()))
        });
        let spread = constraints.into_iter().flatten().map(|c| {
            let selector = c.label_selector.as_ref().map(Selector::of_label_selector);
            let counts = count(store, namespace, selector.as_ref(), &c.topology_key);
            (c, counts)
        });
        Group {
            owner: controller_of(&pod.metadata).map(|o| o.uid.clone()),
            matches_itself: matches_itself.collect(),
            affinity,
            anti_affinity: forbidden.into_iter().flatten().map(term).collect(),
            spread: spread.collect(),
        }
    }
}

/// Active bound pods that match, by the value that their node has for the topology key. Every value that a node has
/// is in the result.
fn count(
    store: &Store,
    namespace: &str,
    selector: Option<&Selector>,
    topology_key: &str,
) -> BTreeMap<String, i64> {
    let value = |node: &str| {
        let info = store.usage().node(node)?;
        info.node.as_ref()?.label(topology_key).map(str::to_owned)
    };
    let mut counts: BTreeMap<String, i64> =
        store.usage().nodes().filter_map(|(name, _)| value(name)).map(|v| (v, 0)).collect();
    let Some(selector) = selector else { return counts };
    for object in store.list(KindId::Pod, Some(namespace)) {
        let Some(pod) = Pod::of(object) else { continue };
        if pod_state::is_active(pod)
            && selector.matches(pod.metadata.labels.as_ref())
            && let Some(value) = value(pod_state::node_name(pod))
        {
            *counts.entry(value).or_insert(0) += 1;
        }
    }
    counts
}

/// The first filter that rejects the node, in the order of the default plug-ins.
pub fn misfit(pod: &Pod, demand: &Demand, info: &NodeInfo, group: &Group) -> Option<Misfit> {
    let object = info.node.as_ref()?;
    let node = Node::of(object)?;
    unschedulable(pod, node)
        .or_else(|| untolerated(pod, node))
        .or_else(|| unselected(pod, object))
        .or_else(|| port_conflict(demand, info))
        .or_else(|| too_little(demand, info))
        .or_else(|| badly_spread(object, group))
        .or_else(|| affinity(object, group))
}

fn tolerations(pod: &Pod) -> &[Toleration] {
    pod.spec.as_ref().and_then(|s| s.tolerations.as_deref()).unwrap_or_default()
}

pub fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    let same =
        |wanted: &Option<String>, actual: &str| wanted.as_deref().is_none_or(|w| w.is_empty() || w == actual);
    let value = match toleration.operator.as_deref().unwrap_or("Equal") {
        "Exists" => true,
        _ => toleration.value.as_deref().unwrap_or_default() == taint.value.as_deref().unwrap_or_default(),
    };
    same(&toleration.effect, &taint.effect) && same(&toleration.key, &taint.key) && value
}

fn unschedulable(pod: &Pod, node: &Node) -> Option<Misfit> {
    let cordoned = node.spec.as_ref().and_then(|s| s.unschedulable).unwrap_or(false);
    let taint = Taint {
        key: "node.kubernetes.io/unschedulable".to_owned(),
        effect: "NoSchedule".to_owned(),
        ..Taint::default()
    };
    let tolerated = tolerations(pod).iter().any(|t| tolerates(t, &taint));
    if cordoned && !tolerated { misfit_of("node(s) were unschedulable", true) } else { None }
}

fn untolerated(pod: &Pod, node: &Node) -> Option<Misfit> {
    let taints = node.spec.as_ref().and_then(|s| s.taints.as_ref());
    let hard = taints.into_iter().flatten().filter(|t| t.effect != "PreferNoSchedule");
    let mut hard = hard.filter(|taint| !tolerations(pod).iter().any(|t| tolerates(t, taint)));
    hard.next().and_then(|_| misfit_of("node(s) had untolerated taint(s)", true))
}

fn unselected(pod: &Pod, node: &Object) -> Option<Misfit> {
    let spec = pod.spec.as_ref()?;
    let by_labels = spec.node_selector.iter().flatten().all(|(k, v)| node.label(k) == Some(v.as_str()));
    let affinity = spec.affinity.as_ref().and_then(|a| a.node_affinity.as_ref());
    let required = affinity.and_then(|a| a.required_during_scheduling_ignored_during_execution.as_ref());
    let by_affinity = required.is_none_or(|r| r.node_selector_terms.iter().any(|t| term_matches(t, node)));
    match by_labels && by_affinity {
        true => None,
        false => misfit_of("node(s) didn't match Pod's node affinity/selector", true),
    }
}

/// Does a node meet a selector term: its labels, and its name as the only field?
pub fn term_matches(term: &NodeSelectorTerm, node: &Object) -> bool {
    let expressions = requirements(term.match_expressions.as_deref().unwrap_or_default());
    let fields = term.match_fields.iter().flatten().all(|field| {
        let is_name = field.values.iter().flatten().any(|v| v == node.name());
        if field.operator == "NotIn" { !is_name } else { is_name }
    });
    let empty = term.match_expressions.as_ref().is_none_or(Vec::is_empty)
        && term.match_fields.as_ref().is_none_or(Vec::is_empty);
    !empty && fields && expressions.matches(node.meta().labels.as_ref())
}

fn requirements(listed: &[NodeSelectorRequirement]) -> Selector {
    let requirement = |r: &NodeSelectorRequirement| Requirement {
        key: r.key.clone(),
        operator: match r.operator.as_str() {
            "NotIn" => Operator::NotIn,
            "Exists" => Operator::Exists,
            "DoesNotExist" => Operator::DoesNotExist,
            "Gt" => Operator::GreaterThan,
            "Lt" => Operator::LessThan,
            _ => Operator::In,
        },
        values: r.values.clone().unwrap_or_default(),
    };
    Selector { requirements: listed.iter().map(requirement).collect() }
}

fn port_conflict(demand: &Demand, info: &NodeInfo) -> Option<Misfit> {
    let taken = demand.ports.iter().any(|port| info.ports.contains_key(port));
    if taken { misfit_of("node(s) didn't have free ports for the requested pod ports", false) } else { None }
}

fn too_little(demand: &Demand, info: &NodeInfo) -> Option<Misfit> {
    let mut reasons = Vec::new();
    let mut unresolvable = false;
    if info.pods + 1 > info.pods_allowed {
        reasons.push("Too many pods".to_owned());
    }
    for (name, wanted) in demand.requests.iter().filter(|(_, n)| **n > 0) {
        let total = info.allocatable.get(name).copied().unwrap_or(0);
        let used = info.requested.get(name).copied().unwrap_or(0);
        if *wanted > total - used {
            reasons.push(format!("Insufficient {name}"));
            unresolvable |= *wanted > total;
        }
    }
    (!reasons.is_empty()).then_some(Misfit { reasons, unresolvable })
}

fn badly_spread(node: &Object, group: &Group) -> Option<Misfit> {
    for (constraint, counts) in group.spread.iter().filter(|(c, _)| c.when_unsatisfiable == "DoNotSchedule") {
        let Some(value) = node.label(&constraint.topology_key) else {
            return misfit_of(
                "node(s) didn't match pod topology spread constraints (missing required label)",
                true,
            );
        };
        let here = counts.get(value).copied().unwrap_or(0);
        let least = counts.values().copied().min().unwrap_or(0);
        if here + 1 - least > i64::from(constraint.max_skew) {
            return misfit_of("node(s) didn't match pod topology spread constraints", false);
        }
    }
    None
}

fn affinity(node: &Object, group: &Group) -> Option<Misfit> {
    for ((term, counts), matches_itself) in group.affinity.iter().zip(&group.matches_itself) {
        let here = node.label(&term.topology_key).and_then(|v| counts.get(v)).copied().unwrap_or(0);
        let nowhere = counts.values().all(|n| *n == 0);
        // The first pod of a group that wants to be together may go anywhere.
        if here == 0 && !(nowhere && *matches_itself) {
            return misfit_of("node(s) didn't match pod affinity rules", true);
        }
    }
    for (term, counts) in &group.anti_affinity {
        let here = node.label(&term.topology_key).and_then(|v| counts.get(v)).copied().unwrap_or(0);
        if here > 0 {
            return misfit_of("node(s) didn't match pod anti-affinity rules", false);
        }
    }
    None
}

/// The weighted sum of the scores that matter here, each up to 100: free resources, balance, spreading of the same
/// owner's pods, preferred node affinity, soft taints.
pub fn score(pod: &Pod, demand: &Demand, info: &NodeInfo, group: &Group) -> i64 {
    let share = |used: i64, name: &str| {
        let total = info.allocatable.get(name).copied().unwrap_or(0).max(1);
        (used * 100 / total).clamp(0, 100)
    };
    let cpu = share(info.assumed_milli_cpu + demand.assumed_milli_cpu, "cpu");
    let memory = share(info.assumed_memory + demand.assumed_memory, "memory");
    let free = (200 - cpu - memory) / 2;
    let balanced = 100 - (cpu - memory).abs() / 2;
    let siblings = group.owner.as_ref().and_then(|o| info.by_owner.get(o)).copied().unwrap_or(0);
    // Fewer pods of the same owner is better; the weight lets it outdo small differences in free resources.
    let spread = (100 - siblings * 10).clamp(-10_000, 100);
    free + balanced + 2 * spread + 2 * preferred(pod, info) - 3 * soft_taints(pod, info)
}

fn preferred(pod: &Pod, info: &NodeInfo) -> i64 {
    let Some(node) = &info.node else { return 0 };
    let affinity = pod.spec.as_ref().and_then(|s| s.affinity.as_ref()).and_then(|a| a.node_affinity.as_ref());
    let terms = affinity.and_then(|a| a.preferred_during_scheduling_ignored_during_execution.as_ref());
    let fitting = terms.into_iter().flatten().filter(|t| term_matches(&t.preference, node));
    fitting.map(|t| i64::from(t.weight)).sum()
}

fn soft_taints(pod: &Pod, info: &NodeInfo) -> i64 {
    let node = info.node.as_deref().and_then(Node::of);
    let taints = node.and_then(|n| n.spec.as_ref()).and_then(|s| s.taints.as_ref());
    let soft = taints.into_iter().flatten().filter(|t| t.effect == "PreferNoSchedule");
    let open = soft.filter(|taint| !tolerations(pod).iter().any(|t| tolerates(t, taint)));
    i64::try_from(open.count()).unwrap_or(i64::MAX / 1000) * 100
}
