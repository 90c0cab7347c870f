//! What the cluster remembers: every object by kind, namespace and name, and a log of every change with who
//! made it and because of which earlier change.
//!
//! Knows nothing of defaults, validation or permission; `api` does that before it writes here.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

use super::object::{Key, Kind, KindId, Object, Typed};
use super::replicas::{Facts, Replicas};
use super::usage::Usage;
use crate::base::seed::Seed;
use crate::base::time::SimTime;

/// Changes kept for watchers and for the story on the screen; older ones answer "410 Gone".
const CHANGE_LOG_LIMIT: usize = 20_000;

/// What a change did to the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeVerb {
    Created,
    Updated,
    Deleted,
}

/// One write. `actor` is the field manager (`kubectl-scale`, `replicaset-controller`).
#[derive(Clone, Debug)]
pub struct Change {
    pub revision: u64,
    pub at: SimTime,
    pub actor: Rc<str>,
    /// The revision of the change that made the actor act; `None` for people.
    pub cause: Option<u64>,
    pub verb: ChangeVerb,
    pub key: Key,
    pub old: Option<Rc<Object>>,
    pub new: Option<Rc<Object>>,
}

impl Change {
    /// The new version, or for a deletion the last one.
    pub fn object(&self) -> Option<&Rc<Object>> {
        self.new.as_ref().or(self.old.as_ref())
    }
    /// The new version as its type; `None` for deletions and other kinds.
    pub fn new_as<K: Kind>(&self) -> Option<&K> {
        K::of(self.new.as_deref()?)
    }
    pub fn old_as<K: Kind>(&self) -> Option<&K> {
        K::of(self.old.as_deref()?)
    }
}

/// Who writes, when, and because of what.
#[derive(Clone, Debug)]
pub struct Origin {
    pub actor: Rc<str>,
    pub at: SimTime,
    pub cause: Option<u64>,
}

type Names = BTreeMap<Rc<str>, Rc<Object>>;

pub struct Store {
    seed: Seed,
    kinds: Vec<BTreeMap<Rc<str>, Names>>,
    counts: Vec<usize>,
    revision: u64,
    log: VecDeque<Change>,
    by_owner: BTreeMap<Rc<str>, BTreeSet<Key>>,
    by_node: BTreeMap<String, BTreeSet<Key>>,
    by_address: BTreeMap<String, BTreeSet<Key>>,
    orphan_pods: BTreeMap<Rc<str>, BTreeSet<Key>>,
    usage: Usage,
    replicas: Replicas,
    by_subject: BTreeMap<String, BTreeSet<Key>>,
    names_drawn: BTreeMap<String, u64>,
}

impl Store {
    pub fn new(seed: Seed) -> Store {
        let kinds = KindId::ALL.len();
        Store {
            seed,
            kinds: vec![BTreeMap::new(); kinds],
            counts: vec![0; kinds],
            revision: 0,
            log: VecDeque::new(),
            by_owner: BTreeMap::new(),
            by_node: BTreeMap::new(),
            by_address: BTreeMap::new(),
            orphan_pods: BTreeMap::new(),
            usage: Usage::default(),
            replicas: Replicas::default(),
            by_subject: BTreeMap::new(),
            names_drawn: BTreeMap::new(),
        }
    }

    /// The revision of the last change.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub fn get(&self, kind: KindId, namespace: &str, name: &str) -> Option<&Rc<Object>> {
        self.kinds[kind as usize].get(namespace)?.get(name)
    }

    pub fn get_key(&self, key: &Key) -> Option<&Rc<Object>> {
        self.get(key.kind, &key.namespace, &key.name)
    }

    pub fn get_as<K: Kind>(&self, namespace: &str, name: &str) -> Option<Typed<K>> {
        Typed::new(self.get(K::KIND, namespace, name)?.clone())
    }

    /// All objects of a kind in the order of namespace and name; `namespace` limits them.
    pub fn list<'a>(
        &'a self,
        kind: KindId,
        namespace: Option<&str>,
    ) -> Box<dyn Iterator<Item = &'a Rc<Object>> + 'a> {
        let namespaces = &self.kinds[kind as usize];
        match namespace {
            Some(namespace) => Box::new(namespaces.get(namespace).into_iter().flat_map(|n| n.values())),
            None => Box::new(namespaces.values().flat_map(|n| n.values())),
        }
    }

    /// Borrowed and typed: the cheap way to look at many objects.
    pub fn each<'a, K: Kind>(&'a self, namespace: Option<&str>) -> impl Iterator<Item = &'a K> + 'a {
        self.list(K::KIND, namespace).filter_map(|o| K::of(o))
    }

    pub fn count(&self, kind: KindId) -> usize {
        self.counts[kind as usize]
    }

    /// The objects that name `uid` in their owner references, by key.
    pub fn dependents(&self, uid: &str) -> impl Iterator<Item = &Rc<Object>> {
        self.by_owner.get(uid).into_iter().flatten().filter_map(|key| self.get_key(key))
    }

    /// What nodes offer and what their pods have asked for.
    pub fn usage(&self) -> &Usage {
        &self.usage
    }

    /// How the pods of each controller count.
    pub fn replicas(&self) -> &Replicas {
        &self.replicas
    }

    /// The pods bound to a node, by key; the empty name stands for pods without a node.
    pub fn pods_on(&self, node: &str) -> impl Iterator<Item = &Rc<Object>> {
        self.by_node.get(node).into_iter().flatten().filter_map(|key| self.get_key(key))
    }

    /// The pods that have an address of the pod network, by key; those that ended count too.
    pub fn pods_at(&self, address: &str) -> impl Iterator<Item = &Pod> {
        let keys = self.by_address.get(address).into_iter().flatten();
        keys.filter_map(|key| Pod::of(self.get_key(key)?))
    }

    /// The events about an object, by its uid.
    pub fn events_about(&self, uid: &str) -> impl Iterator<Item = &Rc<Object>> {
        self.by_subject.get(uid).into_iter().flatten().filter_map(|key| self.get_key(key))
    }

    /// The objects of a kind in a namespace that no controller owns. Pods come from an index, as they are many.
    pub fn orphans<'a>(
        &'a self,
        kind: KindId,
        namespace: &'a str,
    ) -> Box<dyn Iterator<Item = &'a Rc<Object>> + 'a> {
        match kind {
            KindId::Pod => Box::new(
                self.orphan_pods.get(namespace).into_iter().flatten().filter_map(|key| self.get_key(key)),
            ),
            _ => Box::new(self.list(kind, Some(namespace)).filter(|o| o.controller_ref().is_none())),
        }
    }

    /// The changes after `revision`, oldest first; `None` when they are no longer kept.
    pub fn try_changes_since(&self, revision: u64) -> Option<impl Iterator<Item = &Change>> {
        let oldest = self.log.front().map_or(self.revision + 1, |c| c.revision);
        (revision + 1 >= oldest || revision >= self.revision).then(|| self.changes_since(revision))
    }

    /// The changes after `revision` that are still kept, oldest first.
    pub fn changes_since(&self, revision: u64) -> impl Iterator<Item = &Change> {
        // Every change has the next revision.
        let oldest = self.log.front().map_or(self.revision + 1, |c| c.revision);
        let skip = usize::try_from((revision + 1).saturating_sub(oldest)).unwrap_or(usize::MAX);
        self.log.range(skip.min(self.log.len())..)
    }

    /// `prefix` and five characters, not in use in `namespace`.
    pub fn draw_name(&mut self, kind: KindId, namespace: &str, prefix: &str) -> String {
        let purpose = format!("name/{kind:?}/{namespace}/{prefix}");
        let drawn = self.names_drawn.entry(purpose.clone()).or_insert(0);
        *drawn += 1;
        format!("{prefix}{}", self.seed.stream(&format!("{purpose}/{drawn}")).kube_suffix(5))
    }

    /// A uid for an object that is about to be stored.
    pub fn draw_uid(&self, object: &Object) -> String {
        let purpose =
            format!("uid/{:?}/{}/{}/{}", object.kind(), object.namespace(), object.name(), self.revision);
        self.seed.stream(&purpose).uuid()
    }

    /// Stores a new object: gives it a uid (if it has none), a creation time and a resource version.
    pub fn create(&mut self, mut object: Object, origin: &Origin) -> Rc<Object> {
        if object.meta().uid.is_none() {
            object.meta_mut().uid = Some(self.draw_uid(&object));
        }
        object.meta_mut().creation_timestamp.get_or_insert_with(|| super::time_of(origin.at));
        self.write(object, None, origin)
    }

    /// Replaces the object of the same key.
    pub fn update(&mut self, object: Object, origin: &Origin) -> Rc<Object> {
        let old = self.get_key(&object.key()).cloned();
        self.write(object, old, origin)
    }

    /// Takes an object out; `None` when there is none. The change shows the object's last version.
    pub fn delete(&mut self, key: &Key, origin: &Origin) -> Option<Rc<Object>> {
        let names = self.kinds[key.kind as usize].get_mut(&key.namespace)?;
        let old = names.remove(&key.name)?;
        if names.is_empty() {
            self.kinds[key.kind as usize].remove(&key.namespace);
        }
        self.counts[key.kind as usize] -= 1;
        self.index(&old, false);
        self.count_replicas(Some(&old), None);
        self.record(ChangeVerb::Deleted, key.clone(), Some(old.clone()), None, origin);
        Some(old)
    }

    fn write(&mut self, mut object: Object, old: Option<Rc<Object>>, origin: &Origin) -> Rc<Object> {
        object.meta_mut().resource_version = Some((self.revision + 1).to_string());
        let key = object.key();
        let object = Rc::new(object);
        let namespaces = &mut self.kinds[key.kind as usize];
        namespaces.entry(key.namespace.clone()).or_default().insert(key.name.clone(), object.clone());
        let verb = match &old {
            Some(_) => ChangeVerb::Updated,
            None => {
                self.counts[key.kind as usize] += 1;
                ChangeVerb::Created
            }
        };
        let same = old.as_ref().is_some_and(|old| index_facts(old) == index_facts(&object));
        if !same || key.kind == KindId::Node {
            if let Some(old) = &old {
                self.index(old, false);
            }
            self.index(&object, true);
        }
        self.count_replicas(old.as_deref(), Some(&object));
        self.record(verb, key, old, Some(object.clone()), origin);
        object
    }

    fn count_replicas(&mut self, old: Option<&Object>, new: Option<&Object>) {
        let facts = |object| Pod::of(object).map(Facts::of);
        let (before, after) = (old.and_then(facts), new.and_then(facts));
        if before == after {
            return;
        }
        for (facts, add) in [(before, false), (after, true)] {
            if let Some(facts) = facts {
                self.replicas.note(&facts, add);
            }
        }
    }

    fn record(
        &mut self,
        verb: ChangeVerb,
        key: Key,
        old: Option<Rc<Object>>,
        new: Option<Rc<Object>>,
        origin: &Origin,
    ) {
        self.revision += 1;
        if self.log.len() == CHANGE_LOG_LIMIT {
            self.log.pop_front();
        }
        let Origin { actor, at, cause } = origin.clone();
        self.log.push_back(Change { revision: self.revision, at, actor, cause, verb, key, old, new });
    }

    fn index(&mut self, object: &Rc<Object>, add: bool) {
        let owners = object.meta().owner_references.as_deref().unwrap_or_default();
        if owners.is_empty() && !matches!(object.kind(), KindId::Pod | KindId::Event | KindId::Node) {
            return;
        }
        self.usage.note(object, add);
        let key = object.key();
        if let Object::Event(event) = &**object
            && let Some(uid) = &event.involved_object.uid
        {
            toggle(&mut self.by_subject, uid, &key, add);
        }
        for owner in owners {
            toggle(&mut self.by_owner, &Rc::from(owner.uid.as_str()), &key, add);
        }
        if object.kind() == KindId::Pod && object.controller_ref().is_none() {
            toggle(&mut self.orphan_pods, &key.namespace, &key, add);
        }
        if let Object::Pod(pod) = &**object {
            let node = pod.spec.as_ref().and_then(|s| s.node_name.clone()).unwrap_or_default();
            toggle(&mut self.by_node, &node, &key, add);
            if let Some(address) = own_address(pod) {
                toggle(&mut self.by_address, address, &key, add);
            }
        }
    }
}

/// What the indexes are made from: a write that leaves it as it was need not touch them.
fn index_facts(object: &Object) -> (Option<&[OwnerReference]>, [Option<&str>; 2], bool, Option<&String>) {
    let owners = object.meta().owner_references.as_deref();
    let Object::Pod(pod) = object else { return (owners, [None; 2], false, None) };
    let node = pod.spec.as_ref().and_then(|s| s.node_name.as_deref());
    let phase = pod.status.as_ref().and_then(|s| s.phase.as_deref());
    let nominated = pod.status.as_ref().and_then(|s| s.nominated_node_name.as_deref());
    (owners, [node, nominated], matches!(phase, Some("Succeeded" | "Failed")), own_address(pod))
}

/// A pod's address, unless it has its node's.
fn own_address(pod: &Pod) -> Option<&String> {
    let own = pod.spec.as_ref().is_none_or(|s| s.host_network != Some(true));
    pod.status.as_ref()?.pod_ip.as_ref().filter(|ip| own && !ip.is_empty())
}

fn toggle<I: Ord + Clone>(index: &mut BTreeMap<I, BTreeSet<Key>>, at: &I, key: &Key, add: bool) {
    if add {
        index.entry(at.clone()).or_default().insert(key.clone());
    } else if let Some(keys) = index.get_mut(at) {
        keys.remove(key);
        if keys.is_empty() {
            index.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::PodSpec;

    use super::*;

    fn pod(name: &str, node: &str) -> Object {
        let mut pod = Pod::default();
        pod.metadata.name = Some(name.to_owned());
        pod.metadata.namespace = Some("default".to_owned());
        pod.spec = Some(PodSpec { node_name: Some(node.to_owned()), ..PodSpec::default() });
        Object::Pod(pod)
    }

    #[test]
    fn a_write_is_found_by_name_by_node_and_in_the_log() {
        let mut store = Store::new(Seed(1));
        let origin = Origin { actor: "me".into(), at: SimTime(5_000), cause: None };
        let first = store.create(pod("a", "n1"), &origin);
        assert_eq!((first.revision(), store.count(KindId::Pod)), (1, 1));
        assert!(!first.uid().is_empty());
        store.update(pod("a", "n2"), &origin);
        assert_eq!((store.pods_on("n1").count(), store.pods_on("n2").count()), (0, 1));
        store.delete(&first.key(), &origin);
        let verbs: Vec<ChangeVerb> = store.changes_since(0).map(|c| c.verb).collect();
        assert_eq!(verbs, [ChangeVerb::Created, ChangeVerb::Updated, ChangeVerb::Deleted]);
        assert_eq!(store.changes_since(2).count(), 1);
        assert!(store.get(KindId::Pod, "default", "a").is_none() && store.pods_on("n2").next().is_none());
    }

    #[test]
    fn drawn_names_do_not_depend_on_other_draws() {
        let mut one = Store::new(Seed(1));
        let mut two = Store::new(Seed(1));
        two.draw_name(KindId::Pod, "default", "other-");
        assert_eq!(
            one.draw_name(KindId::Pod, "default", "web-"),
            two.draw_name(KindId::Pod, "default", "web-")
        );
        assert_ne!(
            one.draw_name(KindId::Pod, "default", "web-"),
            two.draw_name(KindId::Pod, "default", "x-")
        );
    }
}
