//! The story out of the change log: which changes are worth a sentence, and which sentence caused which.
//!
//! A change that is not told (a status, a lease) passes its own cause on, so a chain has no holes. It reads the
//! log from where it stopped; nothing calls it.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{Event, Pod, PodTemplateSpec, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;

use crate::base::SimTime;
use crate::cluster::kinds::printers::pod::status_word;
use crate::cluster::object::{KindId, Object};
use crate::cluster::store::{Change, ChangeVerb, Store};
use crate::ui::derive::cluster::tag;
use crate::ui::scene::{Happening, What};

/// Happenings kept; older ones are forgotten.
const MAX_HAPPENINGS: usize = 500;
/// How far back a cause is looked for by its subject.
const LOOK_BACK: usize = 60;
/// Revisions whose place in the chain is remembered.
const MAX_TOLD: usize = 20_000;

#[derive(Clone, Debug, Default)]
pub struct Chronicle {
    cluster: String,
    revision: u64,
    story: Vec<Happening>,
    /// Revision -> the happening that stands for it in a chain.
    told: BTreeMap<u64, u64>,
}

impl Chronicle {
    pub fn story(&self) -> &[Happening] {
        &self.story
    }

    /// Reads on. Another cluster, or one that went back in time, is read from its beginning.
    pub fn take_in(&mut self, cluster: &str, store: &Store, begin: SimTime) {
        if self.cluster != cluster || store.revision() < self.revision {
            *self = Self { cluster: cluster.to_owned(), ..Self::default() };
        }
        for change in store.changes_since(self.revision) {
            let cause = change.cause.and_then(|c| self.told.get(&c)).copied();
            let at_ms = change.at.0.saturating_sub(begin.0);
            let id = match tell(change) {
                Some((actor, what)) => {
                    // What acts by itself (an event, a status) follows from what last happened to the same thing.
                    let cause = cause.or_else(|| self.before(&actor, &what));
                    Some(self.add(change.revision, cause, at_ms, actor, what))
                }
                None => cause,
            };
            if let Some(id) = id {
                self.told.insert(change.revision, id);
            }
        }
        self.revision = store.revision();
        if self.story.len() > MAX_HAPPENINGS {
            self.story.drain(..self.story.len() - MAX_HAPPENINGS);
        }
        while self.told.len() > MAX_TOLD {
            self.told.pop_first();
        }
    }

    /// The last happening about the same pod or Service, unless the learner acts.
    fn before(&self, actor: &str, what: &What) -> Option<u64> {
        let subject = subject(what)?;
        let by_itself = !actor.is_empty() || matches!(what, What::Ready { .. });
        let same = |h: &&Happening| self::subject(&h.what) == Some(subject);
        by_itself.then(|| self.story.iter().rev().take(LOOK_BACK).find(same).map(|h| h.id))?
    }

    /// Adds a happening, or counts it to the last one of the same kind, actor and cause.
    fn add(&mut self, revision: u64, cause: Option<u64>, at_ms: u64, actor: String, what: What) -> u64 {
        let recent = self.story.iter_mut().rev().take(12);
        for last in
            recent.filter(|h| h.actor == actor && h.cause == cause && at_ms - h.at_ms.min(at_ms) < 2000)
        {
            match (&mut last.what, &what) {
                (What::CreatedPods { count }, What::CreatedPods { count: more })
                | (What::DeletedPods { count }, What::DeletedPods { count: more }) => {
                    *count += more;
                    return last.id;
                }
                (What::Endpoints { service, count }, What::Endpoints { service: same, count: now })
                    if service == same =>
                {
                    *count = *now;
                    return last.id;
                }
                _ => {}
            }
        }
        self.story.push(Happening { id: revision, cause, at_ms, actor, what });
        revision
    }
}

/// The pod or Service that a happening is about.
fn subject(what: &What) -> Option<&str> {
    match what {
        What::Scheduled { pod, .. }
        | What::Unschedulable { pod, .. }
        | What::Pulling { pod, .. }
        | What::PullFailed { pod, .. }
        | What::Started { pod }
        | What::Ready { pod }
        | What::NotReady { pod }
        | What::Crashed { pod, .. }
        | What::Stopping { pod } => Some(pod),
        What::Address { service, .. } => Some(service),
        What::Created { kind, name } if kind == "Service" || kind == "Pod" => Some(name),
        _ => None,
    }
}

/// The sentence of a change, if it is worth one, with its actor; the learner's is empty.
fn tell(change: &Change) -> Option<(String, What)> {
    let namespace = change.object()?.meta().namespace.as_deref().unwrap_or_default();
    if namespace.starts_with("kube-") || namespace.starts_with("gke-") || namespace.starts_with("gmp-") {
        return None;
    }
    let by_you = change.actor.starts_with("kubectl");
    let actor = if by_you { String::new() } else { change.actor.to_string() };
    let what = match change.object()?.as_ref() {
        Object::Deployment(_) => deployment(change),
        Object::ReplicaSet(_) => replica_set(change),
        Object::Pod(_) => return pod(change, actor),
        Object::Service(service) => self::service(change, service),
        Object::EndpointSlice(_) => endpoints(change),
        Object::Event(event) => return self::event(change, event),
        other if by_you => plain(change, other),
        _ => None,
    };
    Some((actor, what?))
}

/// Created, deleted or changed, for whatever a person writes.
fn plain(change: &Change, object: &Object) -> Option<What> {
    let kind = format!("{:?}", object.kind());
    let name = object.name().to_owned();
    match change.verb {
        ChangeVerb::Created => Some(What::Created { kind, name }),
        ChangeVerb::Deleted => Some(What::Deleted { kind, name }),
        ChangeVerb::Updated => {
            let generation = |o: Option<&std::rc::Rc<Object>>| o.and_then(|o| o.meta().generation);
            let same = generation(change.old.as_ref()) == generation(change.new.as_ref());
            let leaving = object.meta().deletion_timestamp.is_some();
            (!same && !leaving || object.kind() == KindId::ConfigMap).then_some(What::Changed { kind, name })
        }
    }
}

fn image(template: Option<&PodTemplateSpec>) -> Option<&str> {
    template?.spec.as_ref()?.containers.first()?.image.as_deref()
}

fn deployment(change: &Change) -> Option<What> {
    let object = change.object()?;
    let (Some(old), Some(new)) = (change.old_as::<Deployment>(), change.new_as::<Deployment>()) else {
        return plain(change, object);
    };
    let (old, new) = (old.spec.as_ref()?, new.spec.as_ref()?);
    let (kind, name) = ("Deployment".to_owned(), object.name().to_owned());
    let (from, to) = (image(Some(&old.template)), image(Some(&new.template)));
    if let (Some(from), Some(to)) = (from, to)
        && from != to
    {
        return Some(What::ChangedTemplate { kind, name, from: tag(from), to: tag(to) });
    }
    let replicas = |n: Option<i32>| i64::from(n.unwrap_or(1));
    if old.replicas != new.replicas {
        return Some(What::Scaled { kind, name, from: replicas(old.replicas), to: replicas(new.replicas) });
    }
    (old != new).then_some(What::Changed { kind, name })
}

/// A ReplicaSet is told by its own part of the name.
fn replica_set(change: &Change) -> Option<What> {
    let set = change.object()?;
    let name = own_part(set, "Deployment");
    let kind = "ReplicaSet".to_owned();
    let replicas = |set: Option<&ReplicaSet>| {
        set.and_then(|s| s.spec.as_ref()).and_then(|s| s.replicas).map_or(1, i64::from)
    };
    match change.verb {
        ChangeVerb::Created => Some(What::Created { kind, name }),
        ChangeVerb::Deleted => Some(What::Deleted { kind, name }),
        ChangeVerb::Updated => {
            let (from, to) = (replicas(change.old_as()), replicas(change.new_as()));
            (from != to).then_some(What::Scaled { kind, name, from, to })
        }
    }
}

/// What an object's name adds to its owner's.
fn own_part(object: &Object, owner_kind: &str) -> String {
    let owners = object.meta().owner_references.as_deref().unwrap_or_default();
    let owner = owners.iter().find(|o| o.kind == owner_kind).map(|o| format!("{}-", o.name));
    owner
        .and_then(|o| object.name().strip_prefix(&o).map(str::to_owned))
        .unwrap_or_else(|| object.name().to_owned())
}

fn pod(change: &Change, actor: String) -> Option<(String, What)> {
    let object = change.object()?;
    let owned = object.meta().owner_references.as_ref().is_some_and(|o| !o.is_empty());
    let name = own_part(object, "ReplicaSet");
    let kind = "Pod".to_owned();
    match (change.verb, owned) {
        (ChangeVerb::Created, true) => return Some((actor, What::CreatedPods { count: 1 })),
        (ChangeVerb::Created, false) => return Some((actor, What::Created { kind, name })),
        (ChangeVerb::Deleted, _) => return None,
        _ => {}
    }
    let (old, new) = (change.old_as::<Pod>()?, change.new_as::<Pod>()?);
    if old.metadata.deletion_timestamp.is_none() && new.metadata.deletion_timestamp.is_some() {
        let what = if owned && !actor.is_empty() {
            What::DeletedPods { count: 1 }
        } else {
            What::Deleted { kind, name }
        };
        return Some((actor, what));
    }
    let node = |p: &Pod| p.spec.as_ref().and_then(|s| s.node_name.clone());
    if let (None, Some(node)) = (node(old), node(new)) {
        let node = node.rsplit('-').next().unwrap_or(&node).to_owned();
        return Some(("scheduler".to_owned(), What::Scheduled { pod: name, node, fits: None }));
    }
    let (was_ready, is_ready) = (is_ready(old), is_ready(new));
    if was_ready != is_ready && new.metadata.deletion_timestamp.is_none() {
        let what = if is_ready { What::Ready { pod: name } } else { What::NotReady { pod: name } };
        return Some((actor, what));
    }
    let (was, is) = (status_word(old), status_word(new));
    if was == is {
        return None;
    }
    let what = match is.as_str() {
        "ErrImagePull" | "ImagePullBackOff" | "ErrImageNeverPull" | "InvalidImageName"
            if was != "ErrImagePull" =>
        {
            What::PullFailed { pod: name, word: is }
        }
        "Error" | "OOMKilled" => What::Crashed { pod: name, code: exit_code(new) },
        "CrashLoopBackOff" if was == "Running" => What::Crashed { pod: name, code: exit_code(new) },
        _ => return None,
    };
    Some((actor, what))
}

fn exit_code(pod: &Pod) -> i64 {
    let statuses = pod.status.as_ref().and_then(|s| s.container_statuses.as_deref()).unwrap_or_default();
    let ended = statuses.iter().find_map(|c| {
        let now = c.state.as_ref().and_then(|s| s.terminated.as_ref());
        now.or_else(|| c.last_state.as_ref().and_then(|s| s.terminated.as_ref()))
    });
    ended.map_or(0, |t| i64::from(t.exit_code))
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|s| s.conditions.as_deref()).unwrap_or_default();
    conditions.iter().any(|c| c.type_ == "Ready" && c.status == "True")
}

fn service(change: &Change, service: &Service) -> Option<What> {
    let name = service.metadata.name.clone().unwrap_or_default();
    let address = |s: Option<&Service>| {
        let ingress = s?.status.as_ref()?.load_balancer.as_ref()?.ingress.as_ref()?.first()?;
        ingress.ip.clone()
    };
    let (was, is) = (address(change.old_as()), address(change.new_as()));
    if let (ChangeVerb::Updated, Some(is)) = (change.verb, is)
        && was.is_none()
    {
        return Some(What::Address { service: name, address: is });
    }
    if name == "kubernetes" {
        return None;
    }
    let spec = |s: Option<&Service>| s.and_then(|s| s.spec.clone());
    match change.verb {
        ChangeVerb::Updated if spec(change.old_as()) != spec(change.new_as()) => {
            Some(What::Changed { kind: "Service".into(), name })
        }
        ChangeVerb::Updated => None,
        _ => plain(change, change.object()?),
    }
}

fn endpoints(change: &Change) -> Option<What> {
    let slice = change.object()?;
    let service = slice.meta().labels.as_ref()?.get("kubernetes.io/service-name")?.clone();
    if service == "kubernetes" || change.verb == ChangeVerb::Deleted {
        return None;
    }
    let ready = |slice: Option<&EndpointSlice>| {
        let endpoints = slice.and_then(|s| s.endpoints.as_deref()).unwrap_or_default();
        endpoints.iter().filter(|e| e.conditions.as_ref().and_then(|c| c.ready).unwrap_or(true)).count()
    };
    let (was, is) = (ready(change.old_as()), ready(change.new_as()));
    (was != is).then_some(What::Endpoints { service, count: is })
}

/// Events tell what objects do not: that a pull began, that no node fits.
fn event(change: &Change, event: &Event) -> Option<(String, What)> {
    let about = &event.involved_object;
    if change.verb != ChangeVerb::Created || about.kind.as_deref() != Some("Pod") {
        return None;
    }
    let pod = about.name.as_deref()?.rsplit('-').next()?.to_owned();
    let message = event.message.clone().unwrap_or_default();
    match event.reason.as_deref()? {
        "Pulling" => {
            let image = message.split('"').nth(1).unwrap_or_default();
            let image = image.rsplit('/').next().unwrap_or(image).to_owned();
            Some(("kubelet".to_owned(), What::Pulling { pod, image }))
        }
        "FailedScheduling" => Some(("scheduler".to_owned(), What::Unschedulable { pod, reason: message })),
        _ => None,
    }
}
