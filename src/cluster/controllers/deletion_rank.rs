//! Which of a ReplicaSet's pods go first when there are too many. Pure ordering; never deletes.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Pod;

use super::pod_state;
use crate::base::time::SimTime;

const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// Sorts `pods` so that those to delete come first (controller.ActivePodsWithRanks). `related_on_node` counts the
/// active pods of all ReplicaSets of the same owner per node: doubled-up pods go before lonely ones.
///
/// The real comparison of two pods is no order: the same age leads on to the next question, nearly the same age (one step
/// of a logarithmic scale) to the UID. So pods of nearly the same age are taken together here: are their ages all the same,
/// the next question decides, otherwise the UID.
pub fn by_deletion_preference<P: AsRef<Pod>>(
    pods: &mut [P],
    related_on_node: &BTreeMap<String, usize>,
    now: SimTime,
) {
    let rank = |pod: &Pod| related_on_node.get(pod_state::node_name(pod)).copied().unwrap_or(0);
    let first = |pod: &Pod| {
        let assigned = !pod_state::node_name(pod).is_empty();
        let ready = pod_state::is_ready(pod);
        (
            assigned,
            phase_order(pod),
            ready,
            deletion_cost(pod),
            Reverse(rank(pod)),
            age_rank(ready_since(pod), now),
        )
    };
    sort_groups(pods, first, &mut |alike| {
        settle(alike, ready_since, &mut |alike| {
            let second = |pod: &Pod| (Reverse(most_restarts(pod)), age_rank(created(pod), now));
            sort_groups(alike, second, &mut |alike| settle(alike, created, &mut |_| {}));
        });
    });
}

/// Sorts by a key; each group with the same one is then sorted by `within`.
fn sort_groups<P: AsRef<Pod>, K: Ord>(
    pods: &mut [P],
    key: impl Fn(&Pod) -> K,
    within: &mut dyn FnMut(&mut [P]),
) {
    pods.sort_by_cached_key(|pod| key(pod.as_ref()));
    pods.chunk_by_mut(|a, b| key(a.as_ref()) == key(b.as_ref())).for_each(within);
}

/// Pods of nearly the same age: by `equal` when it is the same, otherwise by UID, which is as good as random.
fn settle<P: AsRef<Pod>>(
    pods: &mut [P],
    time: impl Fn(&Pod) -> Option<SimTime>,
    equal: &mut dyn FnMut(&mut [P]),
) {
    match pods.windows(2).all(|two| time(two[0].as_ref()) == time(two[1].as_ref())) {
        true => equal(pods),
        false => pods.sort_by(|a, b| a.as_ref().metadata.uid.cmp(&b.as_ref().metadata.uid)),
    }
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

fn ready_since(pod: &Pod) -> Option<SimTime> {
    pod_state::is_ready(pod).then(|| pod_state::ready_since(pod)).flatten()
}

/// The power of two of an age in nanoseconds, so that the younger come first; -1 for what has no age yet.
fn age_rank(since: Option<SimTime>, now: SimTime) -> i64 {
    match since.map(|since| now.since(since).as_nanos()) {
        None | Some(0) => -1,
        Some(nanos) => i64::from(nanos.ilog2()),
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

    #[test]
    fn ages_that_are_nearly_the_same_are_put_in_one_order() {
        // The same age among nearly the same ones, in every mixture: the answer does not depend on how they stood before.
        let mut pods: Vec<(String, u64)> =
            (0..60).map(|n| (format!("p{:02}", n * 37 % 60), 600 + n / 3)).collect();
        let ready = |pods: &[(String, u64)]| -> Vec<P> {
            pods.iter().map(|(name, at)| pod(name, "n1", "Running", Some(*at))).collect()
        };
        let expect = order(ready(&pods), &[]);
        for _ in 0..59 {
            pods.rotate_left(7);
            pods.swap(3, 40);
            assert_eq!(order(ready(&pods), &[]), expect);
        }
        assert_eq!(expect[..2], ["p00", "p01"]);
    }
}
