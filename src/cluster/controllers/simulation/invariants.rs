//! What must hold at every change, and what must hold once the cluster has come to rest.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::core::v1::{Pod, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;

use super::Game;
use crate::cluster::api::selector::Selector;
use crate::cluster::api::{Request, UserInfo, Verb, WatchFrom, WatchKind};
use crate::cluster::controllers::{pod_state, scaled_value};
use crate::cluster::object::{Key, Kind, KindId, Object, controller_of};
use crate::cluster::store::Change;

/// What is watched as a client would watch it.
const WATCHED: &[(&str, &str, KindId)] = &[
    ("", "pods", KindId::Pod),
    ("apps", "replicasets", KindId::ReplicaSet),
    ("", "services", KindId::Service),
];

type Objects = BTreeMap<Key, Rc<Object>>;

/// Follows the change log and the watches from the beginning.
pub struct Watcher {
    revision: u64,
    /// Everything, as the changes so far make it.
    all: Objects,
    watches: Vec<(WatchFrom, Objects)>,
}

impl Watcher {
    pub fn new(game: &Game) -> Watcher {
        let store = game.lab.cluster.store();
        let of = |kind: KindId| store.list(kind, None).map(|o| (o.key(), o.clone()));
        let watch = |(group, resource, kind): &(&str, &str, KindId)| {
            let request = Request::new(UserInfo::admin("you"), "watcher", Verb::Watch, group, "v1", resource);
            (WatchFrom { request: Box::new(request), revision: store.revision() }, of(*kind).collect())
        };
        Watcher {
            revision: store.revision(),
            all: KindId::ALL.iter().flat_map(|kind| of(*kind)).collect(),
            watches: WATCHED.iter().map(watch).collect(),
        }
    }

    /// Looks at every change since the last call, in order.
    pub fn follow(&mut self, game: &Game) {
        let store = game.lab.cluster.store();
        let Some(changes) = store.try_changes_since(self.revision) else {
            game.fail("changes were forgotten")
        };
        for change in changes {
            self.check_revision(game, change);
            if let Some(pod) = change.new_as::<Pod>() {
                self.check_pod(game, change, pod);
            }
            if let Some(set) = change.new_as::<ReplicaSet>() {
                self.check_rollout(game, change, set);
            }
            match &change.new {
                Some(new) => drop(self.all.insert(change.key.clone(), new.clone())),
                None => drop(self.all.remove(&change.key)),
            }
        }
        for (from, seen) in &mut self.watches {
            let Ok((events, revision)) = game.lab.cluster.watch_events(from) else {
                game.fail("a watch ended")
            };
            from.revision = revision;
            for event in events {
                match event.kind {
                    WatchKind::Deleted => drop(seen.remove(&event.object.key())),
                    _ => drop(seen.insert(event.object.key(), event.object)),
                }
            }
        }
    }

    fn check_revision(&mut self, game: &Game, change: &Change) {
        if change.revision != self.revision + 1 {
            game.fail(&format!("revision {} follows {}", change.revision, self.revision));
        }
        self.revision = change.revision;
        let known = self.all.get(&change.key);
        if known.map(|o| o.revision()) != change.old.as_ref().map(|o| o.revision()) {
            game.fail(&format!("{:?} {} was not what the change says it was", change.key.kind, change.key));
        }
        if change.new.as_ref().is_some_and(|o| o.revision() != change.revision) {
            game.fail(&format!("{} does not carry its revision", change.key));
        }
    }

    /// A pod never moves, and no two living pods share an address.
    fn check_pod(&self, game: &Game, change: &Change, pod: &Pod) {
        let before = change.old_as::<Pod>().map(pod_state::node_name).unwrap_or_default();
        if !before.is_empty() && before != pod_state::node_name(pod) {
            game.fail(&format!("pod {} moved", change.key));
        }
        let address = |p: &Pod| p.status.as_ref().and_then(|s| s.pod_ip.clone());
        let is_new = change.old_as::<Pod>().and_then(address).is_none();
        let Some(ip) = address(pod).filter(|_| is_new && !pod_state::is_finished(pod)) else { return };
        let host_network = |p: &Pod| p.spec.as_ref().and_then(|s| s.host_network) == Some(true);
        let mut others =
            self.all.iter().filter(|(key, _)| **key != change.key).filter_map(|(_, o)| Pod::of(o));
        if others.any(|p| address(p).as_ref() == Some(&ip) && !pod_state::is_finished(p) && !host_network(p))
        {
            game.fail(&format!("pod {} has the address of another, {ip}", change.key));
        }
    }

    /// A rolling update never asks for more than maxSurge above the wanted number, and takes no available pod away
    /// below what maxUnavailable allows.
    fn check_rollout(&self, game: &Game, change: &Change, set: &ReplicaSet) {
        if &*change.actor != "deployment-controller" {
            return;
        }
        let wants = |s: &ReplicaSet| s.spec.as_ref().and_then(|s| s.replicas).unwrap_or(0);
        let before = change.old_as::<ReplicaSet>().map_or(0, wants);
        let Some(owner) = controller_of(&set.metadata).filter(|_| wants(set) != before) else { return };
        let key = Key::new(KindId::Deployment, &change.key.namespace, &owner.name);
        let Some(deployment) = self.all.get(&key).and_then(|o| Deployment::of(o)) else { return };
        let spec = deployment.spec.clone().unwrap_or_default();
        let rolling = spec.strategy.as_ref().and_then(|s| s.rolling_update.clone()).unwrap_or_default();
        let wanted = spec.replicas.unwrap_or(1);
        let surge = scaled_value(rolling.max_surge.as_ref(), wanted, true);
        let mut unavailable = scaled_value(rolling.max_unavailable.as_ref(), wanted, false);
        if surge == 0 && unavailable == 0 {
            unavailable = 1;
        }
        let siblings =
            self.all.iter().filter(|(k, _)| **k != change.key).filter_map(|(_, o)| ReplicaSet::of(o));
        let siblings: Vec<&ReplicaSet> =
            siblings.filter(|s| controller_of(&s.metadata).is_some_and(|o| o.uid == owner.uid)).collect();
        let others: i32 = siblings.iter().map(|s| wants(s)).sum();
        if wants(set) > before && others + wants(set) > wanted + surge {
            game.fail(&format!("{} wants {} pods of {wanted}+{surge}", change.key, others + wants(set)));
        }
        let available = |s: &ReplicaSet| s.status.as_ref().and_then(|s| s.available_replicas).unwrap_or(0);
        let kept = |s: &ReplicaSet, n: i32| available(s).min(n);
        let elsewhere: i32 = siblings.iter().map(|s| kept(s, wants(s))).sum();
        let (was, is) = (elsewhere + kept(set, before), elsewhere + kept(set, wants(set)));
        // Scaling in the midst of an update shares the loss among old and new pods, available or not.
        let told =
            change.old.as_ref().and_then(|o| o.annotation("deployment.kubernetes.io/desired-replicas"));
        let is_scaling = told.is_some_and(|told| told != wanted.to_string());
        if !is_scaling && wants(set) < before && is < was.min(wanted - unavailable) {
            game.fail(&format!("{} leaves {is} available of {wanted}-{unavailable}", change.key));
        }
    }

    /// List and watch gives what a later list gives.
    pub fn lists_agree(&self, game: &Game) {
        let store = game.lab.cluster.store();
        for ((_, seen), (_, resource, kind)) in self.watches.iter().zip(WATCHED) {
            let listed: Objects = store.list(*kind, None).map(|o| (o.key(), o.clone())).collect();
            if *seen != listed {
                game.fail(&format!(
                    "watching {resource} gave {} objects, listing {}",
                    seen.len(),
                    listed.len()
                ));
            }
        }
    }
}

pub fn is_ready(game: &Game, pod: &str) -> bool {
    let pod = game.lab.cluster.store().get_as::<Pod>("default", pod);
    pod.is_some_and(|p| pod_state::is_ready(&p) && !pod_state::is_deleting(&p))
}

/// Every budget that covers the evicted pod still has its healthy pods.
pub fn budgets_hold(game: &Game, evicted: &str) {
    let store = game.lab.cluster.store();
    let labels = store.get_as::<Pod>("default", evicted).and_then(|p| p.metadata.labels.clone());
    for budget in store.each::<PodDisruptionBudget>(Some("default")) {
        let spec = budget.spec.clone().unwrap_or_default();
        let selector = spec.selector.as_ref().map(Selector::of_label_selector).unwrap_or_default();
        if !selector.matches(labels.as_ref()) {
            continue;
        }
        let healthy = store
            .each::<Pod>(Some("default"))
            .filter(|p| selector.matches(p.metadata.labels.as_ref()))
            .filter(|p| pod_state::is_ready(p) && !pod_state::is_deleting(p))
            .count();
        if healthy < 1 {
            game.fail(&format!("evicting {evicted} left its budget without a healthy pod"));
        }
    }
}

/// Nothing refers to an owner that is not there.
pub fn owners_exist(game: &Game) {
    let store = game.lab.cluster.store();
    let all = || KindId::ALL.iter().flat_map(|kind| store.list(*kind, None));
    let uids: BTreeSet<&str> = all().map(|o| o.uid()).collect();
    for object in all() {
        for owner in object.meta().owner_references.iter().flatten() {
            if !uids.contains(owner.uid.as_str()) {
                game.fail(&format!(
                    "{} is owned by {} {}, which is gone",
                    object.key(),
                    owner.kind,
                    owner.name
                ));
            }
        }
    }
}

/// The slices of every Service hold the ready pods that it selects, and no others.
pub fn endpoints_are_the_ready_pods(game: &Game) {
    let store = game.lab.cluster.store();
    for service in store.each::<Service>(Some("default")) {
        let name = service.metadata.name.clone().unwrap_or_default();
        let Some(labels) = service.spec.as_ref().and_then(|s| s.selector.as_ref()) else { continue };
        let selector = Selector::of_map(labels);
        let pods =
            store.each::<Pod>(Some("default")).filter(|p| selector.matches(p.metadata.labels.as_ref()));
        let ready = pods.filter(|p| pod_state::is_ready(p) && !pod_state::is_deleting(p));
        let expected: BTreeSet<String> =
            ready.filter_map(|p| p.status.as_ref().and_then(|s| s.pod_ip.clone())).collect();
        let slices = store.each::<EndpointSlice>(Some("default")).filter(|s| {
            s.metadata.labels.as_ref().and_then(|l| l.get("kubernetes.io/service-name")) == Some(&name)
        });
        let endpoints = slices.flat_map(|s| s.endpoints.iter().flatten());
        let open = endpoints.filter(|e| e.conditions.as_ref().and_then(|c| c.ready) == Some(true));
        let actual: BTreeSet<String> = open.flat_map(|e| e.addresses.clone()).collect();
        if actual != expected {
            game.fail(&format!("service {name} has endpoints {actual:?}, its ready pods are {expected:?}"));
        }
    }
}

/// Every workload has as many ready pods as it asks for, all of its present template.
pub fn specs_are_met(game: &Game) {
    let store = game.lab.cluster.store();
    for object in store.each::<Deployment>(Some("default")) {
        let status = object.status.clone().unwrap_or_default();
        let wanted = object.spec.as_ref().and_then(|s| s.replicas).unwrap_or(1);
        let told =
            [status.replicas, status.updated_replicas, status.available_replicas].map(|n| n.unwrap_or(0));
        if told != [wanted; 3] {
            game.fail(&format!("deployment {:?} of {wanted} is at {told:?}", object.metadata.name));
        }
    }
    for object in store.each::<StatefulSet>(Some("default")) {
        let status = object.status.clone().unwrap_or_default();
        let wanted = object.spec.as_ref().and_then(|s| s.replicas).unwrap_or(1);
        let told =
            [Some(status.replicas), status.updated_replicas, status.ready_replicas].map(|n| n.unwrap_or(0));
        if told != [wanted; 3] {
            game.fail(&format!("stateful set {:?} of {wanted} is at {told:?}", object.metadata.name));
        }
    }
    for object in store.each::<DaemonSet>(Some("default")) {
        let status = object.status.clone().unwrap_or_default();
        let nodes = i32::try_from(store.count(KindId::Node)).unwrap_or(0);
        if [status.desired_number_scheduled, status.number_ready] != [nodes; 2] {
            game.fail(&format!(
                "daemon set {:?} has {} of {nodes}",
                object.metadata.name, status.number_ready
            ));
        }
    }
    let orphaned = store.each::<ReplicaSet>(Some("default"));
    for set in orphaned.filter(|s| controller_of(&s.metadata).is_none()) {
        let wanted = set.spec.as_ref().and_then(|s| s.replicas).unwrap_or(1);
        let have = set.status.as_ref().map_or(0, |s| s.replicas);
        if wanted != have {
            game.fail(&format!("replica set {:?} of {wanted} has {have}", set.metadata.name));
        }
    }
}
