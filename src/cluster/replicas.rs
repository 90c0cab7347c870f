//! How the pods of every controller count, kept up to date with every write, so that a ReplicaSet of ten thousand need
//! not look through its pods when one of them changes. Knows nothing of what a controller wants.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;

use super::api::selector::Selector;
use super::object::controller_of;
use super::pod_state;
use crate::base::time::SimTime;

type Labels = BTreeMap<String, String>;

/// What a pod is counted by; a write that leaves it as it was changes no count.
#[derive(Debug, PartialEq)]
pub(super) struct Facts<'a> {
    owner: Option<&'a str>,
    labels: Option<&'a Labels>,
    standing: Standing,
    ready_since: Option<SimTime>,
    node: &'a str,
}

#[derive(Debug, PartialEq)]
enum Standing {
    Active,
    Terminating,
    Finished,
}

impl<'a> Facts<'a> {
    pub(super) fn of(pod: &'a Pod) -> Facts<'a> {
        let standing = match (pod_state::is_finished(pod), pod_state::is_deleting(pod)) {
            (true, _) => Standing::Finished,
            (false, true) => Standing::Terminating,
            (false, false) => Standing::Active,
        };
        Facts {
            owner: controller_of(&pod.metadata).map(|o| o.uid.as_str()),
            labels: pod.metadata.labels.as_ref(),
            standing,
            ready_since: pod_state::ready_since(pod),
            node: pod_state::node_name(pod),
        }
    }
}

/// Pods of one controller with the same labels.
#[derive(Debug, Default)]
struct Alike {
    all: usize,
    active: usize,
    terminating: usize,
    /// Active and ready pods, by the moment they became ready.
    ready: BTreeMap<SimTime, usize>,
}

/// The pods of one controller.
#[derive(Debug, Default)]
pub struct Owned {
    by_labels: BTreeMap<Option<Labels>, Alike>,
    active_on: BTreeMap<String, usize>,
}

/// The pods of all controllers, by the controller's uid.
#[derive(Debug, Default)]
pub struct Replicas {
    by_owner: BTreeMap<String, Owned>,
}

/// How the pods that a selector matches count.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Counts {
    pub active: usize,
    pub terminating: usize,
    /// Active pods that carry all labels of the template.
    pub fully_labeled: usize,
    pub ready: usize,
    pub available: usize,
    /// When the next ready pod becomes available.
    pub next_available: Option<SimTime>,
}

impl Replicas {
    pub fn of(&self, owner: &str) -> Option<&Owned> {
        self.by_owner.get(owner)
    }

    /// A pod was written (`add`), or its earlier version is gone.
    pub(super) fn note(&mut self, facts: &Facts, add: bool) {
        let Some(owner) = facts.owner else { return };
        if !self.by_owner.contains_key(owner) {
            self.by_owner.insert(owner.to_owned(), Owned::default());
        }
        let Some(owned) = self.by_owner.get_mut(owner) else { return };
        owned.note(facts, add);
        if owned.by_labels.is_empty() {
            self.by_owner.remove(owner);
        }
    }
}

impl Owned {
    fn note(&mut self, facts: &Facts, add: bool) {
        let labels = facts.labels.cloned();
        let alike = self.by_labels.entry(labels.clone()).or_default();
        count(&mut alike.all, add);
        match facts.standing {
            Standing::Active => {
                count(&mut alike.active, add);
                if let Some(since) = facts.ready_since {
                    count_at(&mut alike.ready, since, add);
                }
                count_at(&mut self.active_on, facts.node.to_owned(), add);
            }
            Standing::Terminating => count(&mut alike.terminating, add),
            Standing::Finished => {}
        }
        if alike.all == 0 {
            self.by_labels.remove(&labels);
        }
    }

    /// Whether the selector matches every pod.
    pub fn all_match(&self, selector: &Selector) -> bool {
        self.by_labels.keys().all(|labels| selector.matches(labels.as_ref()))
    }

    /// Active pods by node; those without a node under the empty name.
    pub fn active_on_nodes(&self) -> impl Iterator<Item = (&str, usize)> {
        self.active_on.iter().map(|(node, count)| (node.as_str(), *count))
    }

    /// Counts the pods that `selector` matches; a pod is available `min_ready` after it became ready.
    pub fn count(
        &self,
        selector: &Selector,
        template: &Selector,
        min_ready: Duration,
        now: SimTime,
    ) -> Counts {
        let mut counts = Counts::default();
        for (labels, alike) in self.by_labels.iter().filter(|(labels, _)| selector.matches(labels.as_ref())) {
            counts.active += alike.active;
            counts.terminating += alike.terminating;
            if template.matches(labels.as_ref()) {
                counts.fully_labeled += alike.active;
            }
            for (since, pods) in &alike.ready {
                counts.ready += pods;
                let at = *since + min_ready;
                if at <= now {
                    counts.available += pods;
                } else {
                    counts.next_available = Some(counts.next_available.map_or(at, |next| next.min(at)));
                }
            }
        }
        counts
    }
}

fn count(number: &mut usize, add: bool) {
    *number = if add { *number + 1 } else { number.saturating_sub(1) };
}

fn count_at<K: Ord>(numbers: &mut BTreeMap<K, usize>, key: K, add: bool) {
    if add {
        *numbers.entry(key).or_insert(0) += 1;
    } else if let Some(number) = numbers.get_mut(&key) {
        *number -= 1;
        if *number == 0 {
            numbers.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{PodCondition, PodStatus};
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

    use super::*;
    use crate::cluster::time_of;

    fn pod(app: &str, ready_since_secs: Option<u64>) -> Pod {
        let mut pod = Pod::default();
        pod.metadata.labels = Some(BTreeMap::from([("app".to_owned(), app.to_owned())]));
        let owner = OwnerReference { uid: "u1".into(), controller: Some(true), ..OwnerReference::default() };
        pod.metadata.owner_references = Some(vec![owner]);
        let ready = ready_since_secs.map(|at| PodCondition {
            type_: "Ready".into(),
            status: "True".into(),
            last_transition_time: Some(time_of(SimTime::from_secs(at))),
            ..PodCondition::default()
        });
        pod.status =
            Some(PodStatus { conditions: Some(ready.into_iter().collect()), ..PodStatus::default() });
        pod
    }

    fn labels(app: &str) -> Selector {
        Selector::of_map(&BTreeMap::from([("app".to_owned(), app.to_owned())]))
    }

    #[test]
    fn pods_count_by_readiness_age_and_labels_until_they_go() {
        let mut replicas = Replicas::default();
        let pods = [pod("web", None), pod("web", Some(10)), pod("web", Some(18)), pod("other", Some(1))];
        for pod in &pods {
            replicas.note(&Facts::of(pod), true);
        }
        let owned = replicas.of("u1").expect("owned pods");
        let counts =
            owned.count(&labels("web"), &labels("web"), Duration::from_secs(5), SimTime::from_secs(20));
        let expected = Counts {
            active: 3,
            terminating: 0,
            fully_labeled: 3,
            ready: 2,
            available: 1,
            next_available: Some(SimTime::from_secs(23)),
        };
        assert_eq!(counts, expected);
        assert!(!owned.all_match(&labels("web")));
        assert_eq!(owned.active_on_nodes().collect::<Vec<_>>(), [("", 4)]);
        for pod in &pods {
            replicas.note(&Facts::of(pod), false);
        }
        assert!(replicas.of("u1").is_none());
    }
}
