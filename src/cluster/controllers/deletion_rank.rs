//! Which of a ReplicaSet's pods go first when there are too many. Pure ordering; never deletes.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Pod;

use super::pod_state;
use crate::base::time::SimTime;

const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// Sorts `pods` so that those to delete come first (controller.ActivePodsWithRanks). `related_on_node` counts the
/// active pods of all ReplicaSets of the same owner per node: doubled-up pods go before lonely ones.
pub fn by_deletion_preference<P: AsRef<Pod>>(
    pods: &mut [P],
    related_on_node: &BTreeMap<String, usize>,
    now: SimTime,
) {
    pods.sort_by(|a, b| compare(a.as_ref(), b.as_ref(), related_on_node, now));
}

fn compare(a: &Pod, b: &Pod, related: &BTreeMap<String, usize>, now: SimTime) -> Ordering {
    let rank = |pod: &Pod| related.get(pod_state::node_name(pod)).copied().unwrap_or(0);
    let unassigned_first = |pod: &Pod| !pod_state::node_name(pod).is_empty();
    unassigned_first(a)
        .cmp(&unassigned_first(b))
        .then_with(|| phase_order(a).cmp(&phase_order(b)))
        .then_with(|| pod_state::is_ready(a).cmp(&pod_state::is_ready(b)))
        .then_with(|| deletion_cost(a).cmp(&deletion_cost(b)))
        .then_with(|| Reverse(rank(a)).cmp(&Reverse(rank(b))))
        .then_with(|| by_time(pod_state::ready_since(a), pod_state::ready_since(b), a, b, now))
        .then_with(|| Reverse(most_restarts(a)).cmp(&Reverse(most_restarts(b))))
        .then_with(|| by_time(created(a), created(b), a, b, now))
}

fn phase_order(pod: &Pod) -> u8 {
    match pod_state::phase(pod) {
        "Pending" => 0,
        "Unknown" => 1,
        _ => 2,
    }
}

fn deletion_cost(pod: &Pod) -> i32 {
    let annotations = pod.metadata.annotations.as_ref();
    annotations.and_then(|a| a.get(DELETION_COST)).and_then(|v| v.parse().ok()).unwrap_or(0)
}

fn most_restarts(pod: &Pod) -> i32 {
    let statuses = pod.status.as_ref().and_then(|s| s.container_statuses.as_ref());
    statuses.into_iter().flatten().map(|c| c.restart_count).max().unwrap_or(0)
}

fn created(pod: &Pod) -> Option<SimTime> {
    pod.metadata.creation_timestamp.as_ref().map(|t| SimTime::from_timestamp(t.0))
}

/// The younger first, on a logarithmic scale; within one step of it by UID, which is as good as random.
fn by_time(ta: Option<SimTime>, tb: Option<SimTime>, a: &Pod, b: &Pod, now: SimTime) -> Ordering {
    let (Some(ta), Some(tb)) = (ta, tb) else { return Ordering::Equal };
    if ta == tb {
        return Ordering::Equal;
    }
    let (rank_a, rank_b) = (age_rank(ta, now), age_rank(tb, now));
    rank_a.cmp(&rank_b).then_with(|| a.metadata.uid.cmp(&b.metadata.uid))
}

/// The power of two of an age in nanoseconds; -1 for what has no age yet.
fn age_rank(since: SimTime, now: SimTime) -> i64 {
    match now.since(since).as_nanos() {
        0 => -1,
        nanos => i64::from(nanos.ilog2()),
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{PodCondition, PodSpec, PodStatus};
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

    use super::*;

    struct P(Pod);
    impl AsRef<Pod> for P {
        fn as_ref(&self) -> &Pod {
            &self.0
        }
    }

    fn pod(name: &str, node: &str, phase: &str, ready_at: Option<u64>) -> P {
        let ready = PodCondition {
            type_: "Ready".into(),
            status: if ready_at.is_some() { "True".into() } else { "False".into() },
            last_transition_time: ready_at.map(|s| Time(SimTime::from_secs(s).timestamp())),
            ..Default::default()
        };
        let mut pod = Pod {
            spec: Some(PodSpec {
                node_name: Some(node.into()).filter(|n: &String| !n.is_empty()),
                ..Default::default()
            }),
            status: Some(PodStatus {
                phase: Some(phase.into()),
                conditions: Some(vec![ready]),
                ..Default::default()
            }),
            ..Default::default()
        };
        pod.metadata.name = Some(name.into());
        pod.metadata.uid = Some(name.into());
        P(pod)
    }

    fn order(mut pods: Vec<P>, related: &[(&str, usize)]) -> Vec<String> {
        let related = related.iter().map(|(n, c)| ((*n).to_owned(), *c)).collect();
        by_deletion_preference(&mut pods, &related, SimTime::from_secs(1000));
        pods.into_iter().filter_map(|p| p.0.metadata.name).collect()
    }

    #[test]
    fn the_unscheduled_the_pending_and_the_unready_go_first() {
        let pods = vec![
            pod("ready", "n1", "Running", Some(900)),
            pod("unready", "n1", "Running", None),
            pod("pending", "n1", "Pending", None),
            pod("unscheduled", "", "Pending", None),
        ];
        assert_eq!(order(pods, &[]), ["unscheduled", "pending", "unready", "ready"]);
    }

    #[test]
    fn doubled_up_pods_go_before_lonely_ones_and_young_before_old() {
        let pods = vec![
            pod("lonely", "n1", "Running", Some(990)),
            pod("old", "n2", "Running", Some(10)),
            pod("young", "n2", "Running", Some(995)),
        ];
        assert_eq!(order(pods, &[("n1", 1), ("n2", 2)]), ["young", "old", "lonely"]);
    }
}
