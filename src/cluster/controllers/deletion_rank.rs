//! Which of a ReplicaSet's pods go first when there are too many. Pure ordering; never deletes.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Pod;

use super::pod_state;
use crate::base::time::SimTime;

const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// `pods` with those to delete first (controller.ActivePodsWithRanks). `related_on_node` counts the active pods of all
/// ReplicaSets of the same owner per node: doubled-up pods go before lonely ones.
///
/// The real comparison of two pods is no order: the same age leads on to the next question, nearly the same age (one step
/// of a logarithmic scale) to the UID. So pods of nearly the same age are taken together here: are their ages all the
/// same, the next question decides, otherwise the UID.
pub fn by_deletion_preference<'a>(
    pods: impl Iterator<Item = &'a Pod>,
    related_on_node: &BTreeMap<String, usize>,
    now: SimTime,
) -> Vec<&'a Pod> {
    let mut all: Vec<Standing> = pods.map(|pod| Standing::of(pod, related_on_node, now)).collect();
    sort_groups(
        &mut all,
        |s| s.first,
        |alike| {
            settle(
                alike,
                |s| s.ready_since,
                |alike| {
                    sort_groups(alike, |s| s.second, |alike| settle(alike, |s| s.created, |_| {}));
                },
            );
        },
    );
    all.into_iter().map(|s| s.pod).collect()
}

/// What is asked about a pod, in the order of asking: there are many pods, and each is looked at once.
struct Standing<'a> {
    pod: &'a Pod,
    /// Assigned, phase, ready, deletion cost, how many share its node, the step of its age as a ready pod.
    first: (bool, u8, bool, i32, Reverse<usize>, i64),
    ready_since: Option<SimTime>,
    /// Restarts, the step of its age.
    second: (Reverse<i32>, i64),
    created: Option<SimTime>,
}

impl<'a> Standing<'a> {
    fn of(pod: &'a Pod, related_on_node: &BTreeMap<String, usize>, now: SimTime) -> Standing<'a> {
        let node = pod_state::node_name(pod);
        let related = related_on_node.get(node).copied().unwrap_or(0);
        let ready = pod_state::is_ready(pod);
        let ready_since = ready.then(|| pod_state::ready_since(pod)).flatten();
        let created = created(pod);
        let age = age_rank(ready_since, now);
        Standing {
            pod,
            first: (!node.is_empty(), phase_order(pod), ready, deletion_cost(pod), Reverse(related), age),
            ready_since,
            second: (Reverse(most_restarts(pod)), age_rank(created, now)),
            created,
        }
    }
}

/// Sorts by a key; each group with the same one is then sorted by `within`.
fn sort_groups<K: Ord>(all: &mut [Standing], key: impl Fn(&Standing) -> K, within: impl Fn(&mut [Standing])) {
    all.sort_by_key(&key);
    all.chunk_by_mut(|a, b| key(a) == key(b)).for_each(within);
}

/// Pods of nearly the same age: by `equal` when it is the same, otherwise by UID, which is as good as random.
fn settle(
    alike: &mut [Standing],
    age: impl Fn(&Standing) -> Option<SimTime>,
    equal: impl Fn(&mut [Standing]),
) {
    match alike.windows(2).all(|two| age(&two[0]) == age(&two[1])) {
        true => equal(alike),
        false => alike.sort_by(|a, b| a.pod.metadata.uid.cmp(&b.pod.metadata.uid)),
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

    fn pod(name: &str, node: &str, phase: &str, ready_at: Option<u64>) -> Pod {
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
        pod
    }

    fn order(pods: Vec<Pod>, related: &[(&str, usize)]) -> Vec<String> {
        let related = related.iter().map(|(n, c)| ((*n).to_owned(), *c)).collect();
        let order = by_deletion_preference(pods.iter(), &related, SimTime::from_secs(1000));
        order.into_iter().filter_map(|p| p.metadata.name.clone()).collect()
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
        let ready = |pods: &[(String, u64)]| -> Vec<Pod> {
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
