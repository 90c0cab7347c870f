//! All that a controller sees of the world: the time, the objects, and the API server under its own name.

use k8s_openapi::api::core::v1::{
    Event, EventSeries, EventSource, Namespace, ObjectReference, ResourceQuota,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::Outside;
use super::events::{Decision, Draft, Recorder};
use crate::base::seed::{Rng, Seed};
use crate::base::time::SimTime;
use crate::cluster::api::server::{Caller, DeleteOptions, Part};
use crate::cluster::api::{ApiServer, Status};
use crate::cluster::kinds::table;
use crate::cluster::node::NodeState;
use crate::cluster::object::{Key, Kind, KindId, Object, Typed};
use crate::cluster::store::Store;
use crate::cluster::{Cluster, ClusterConfig};
use crate::cluster::{micro_time_of, time_of};
use crate::image::process::RuntimeRequest;

pub struct Ctx<'a> {
    pub now: SimTime,
    pub outside: &'a mut dyn Outside,
    /// What kubelets remember; for the kubelet only.
    pub node: &'a mut NodeState,
    pub runtime_requests: &'a mut Vec<RuntimeRequest>,
    recorder: &'a mut Recorder,
    api: &'a mut ApiServer,
    actor: &'static str,
    cause: Option<u64>,
}

impl<'a> Ctx<'a> {
    pub(super) fn new(
        cluster: &'a mut Cluster,
        actor: &'static str,
        cause: Option<u64>,
        outside: &'a mut dyn Outside,
    ) -> Ctx<'a> {
        Ctx {
            now: cluster.now,
            outside,
            node: &mut cluster.node,
            runtime_requests: &mut cluster.runtime_requests,
            recorder: &mut cluster.recorder,
            api: &mut cluster.api,
            actor,
            cause,
        }
    }

    pub fn store(&self) -> &Store {
        &self.api.store
    }

    pub fn seed(&self) -> Seed {
        self.api.config.seed
    }

    /// A stream of draws for this controller's purpose.
    pub fn stream(&self, purpose: &str) -> Rng {
        self.seed().stream(&format!("{}/{purpose}", self.actor))
    }

    pub fn get<K: Kind>(&self, namespace: &str, name: &str) -> Option<Typed<K>> {
        self.api.store.get_as(namespace, name)
    }

    pub fn get_key<K: Kind>(&self, key: &Key) -> Option<Typed<K>> {
        self.api.store.get_as(&key.namespace, &key.name)
    }

    /// Everything of a kind, counted references; `store().each` borrows instead.
    pub fn list<K: Kind>(&self, namespace: Option<&str>) -> Vec<Typed<K>> {
        self.api.store.list(K::KIND, namespace).filter_map(|o| Typed::new(o.clone())).collect()
    }

    /// The objects of a kind that name `uid` as an owner.
    pub fn dependents<K: Kind>(&self, uid: &str) -> Vec<Typed<K>> {
        self.api.store.dependents(uid).filter_map(|o| Typed::new(o.clone())).collect()
    }

    fn caller(&self) -> Caller {
        Caller::controller(self.actor, self.now, self.cause)
    }

    /// A quota with its status computed.
    pub fn quota_status(&self, quota: &ResourceQuota) -> Option<ResourceQuota> {
        self.api.quota_status(quota)
    }

    pub fn create<K: Kind>(&mut self, object: K) -> Result<Typed<K>, Status> {
        let created = self.api.create(&self.caller(), object.into_object(), false)?;
        Typed::new(created).ok_or_else(|| Status::internal("created another kind"))
    }

    /// Writes everything but the status.
    pub fn update<K: Kind>(&mut self, object: K) -> Result<Typed<K>, Status> {
        self.write(object, Part::Main)
    }

    /// As `update`, for an object of any kind.
    pub fn update_object(&mut self, object: Object) -> Result<(), Status> {
        self.api.update(&self.caller(), object, Part::Main, false).map(|_| ())
    }

    /// As `create`, for an object of any kind.
    pub fn create_object(&mut self, object: Object) -> Result<(), Status> {
        self.api.create(&self.caller(), object, false).map(|_| ())
    }

    /// Writes a namespace's `spec.finalizers`; without any, a namespace that is being deleted is gone.
    pub fn finalize(&mut self, namespace: Namespace) -> Result<(), Status> {
        self.api.update(&self.caller(), namespace.into_object(), Part::Finalize, false).map(|_| ())
    }

    pub fn config(&self) -> &ClusterConfig {
        &self.api.config
    }

    /// Writes only the status.
    pub fn update_status<K: Kind>(&mut self, object: K) -> Result<Typed<K>, Status> {
        self.write(object, Part::Status)
    }

    fn write<K: Kind>(&mut self, object: K, part: Part) -> Result<Typed<K>, Status> {
        let written = self.api.update(&self.caller(), object.into_object(), part, false)?;
        Typed::new(written).ok_or_else(|| Status::internal("updated another kind"))
    }

    /// Deletes as `kubectl delete` would: with the object's own grace period, dependents in the background.
    pub fn delete(&mut self, key: &Key) -> Result<(), Status> {
        self.delete_with(key, &DeleteOptions::default())
    }

    pub fn delete_with(&mut self, key: &Key, options: &DeleteOptions) -> Result<(), Status> {
        self.api.delete(&self.caller(), key, options).map(|_| ())
    }

    /// The objects of a kind in a namespace that have no controller.
    pub fn orphans<K: Kind>(&self, namespace: &str) -> Vec<Typed<K>> {
        self.api.store.orphans(K::KIND, namespace).filter_map(|o| Typed::new(o.clone())).collect()
    }

    /// As the scheduler binds: sets the node name and the PodScheduled condition.
    pub fn bind(&mut self, namespace: &str, pod: &str, node: &str) -> Result<(), Status> {
        self.api.bind(&self.caller(), namespace, pod, node)
    }

    /// Records an event about `object`, as client-go's recorder: the same event again counts up, many similar ones
    /// are combined, too many are dropped.
    pub fn record_event<K: Kind>(
        &mut self,
        object: &K,
        type_: &str,
        reason: &str,
        message: impl Into<String>,
    ) {
        self.record_event_at(object, None, None, type_, reason, message);
    }

    /// As `record_event`, about a part of the object (`spec.containers{web}`) and from a host.
    pub fn record_event_at<K: Kind>(
        &mut self,
        object: &K,
        field_path: Option<&str>,
        host: Option<&str>,
        type_: &str,
        reason: &str,
        message: impl Into<String>,
    ) {
        let draft = Draft {
            about: reference_of(object, field_path),
            source: EventSource { component: Some(self.actor.to_owned()), host: host.map(str::to_owned) },
            type_: type_.to_owned(),
            reason: reason.to_owned(),
            message: message.into(),
        };
        match self.recorder.decide(&draft, self.now) {
            Decision::Drop => {}
            Decision::Create { message, key } => self.write_event(draft, message, Some(key)),
            Decision::CountUp { name, message, count } => {
                let namespace = event_namespace(&draft.about);
                let Some(known) = self.get::<Event>(&namespace, &name) else {
                    self.recorder.lost(&name);
                    return self.write_event(draft, message, None);
                };
                let mut event = Event::clone(&known);
                event.count = Some(count);
                event.message = Some(message);
                event.last_timestamp = Some(time_of(self.now));
                // An event that cannot be written (its namespace is going) is lost, as in the real recorder.
                let _ = self.update(event);
            }
        }
    }

    fn write_event(&mut self, draft: Draft, message: String, key: Option<String>) {
        let now = Some(time_of(self.now));
        let event = Event {
            metadata: self.event_meta(&draft.about),
            reason: Some(draft.reason),
            message: Some(message),
            type_: Some(draft.type_),
            first_timestamp: now.clone(),
            last_timestamp: now,
            count: Some(1),
            reporting_component: draft.source.component.clone(),
            reporting_instance: Some(draft.source.host.clone().unwrap_or_default()),
            source: Some(draft.source),
            involved_object: draft.about,
            ..Event::default()
        };
        let name = event.metadata.name.clone().unwrap_or_default();
        if self.create(event).is_ok()
            && let Some(key) = key
        {
            self.recorder.written(key, &name);
        }
    }

    /// Records an event of the newer kind (events.k8s.io), as the scheduler does: no count, an event time, and a
    /// series once it repeats.
    pub fn record_new_event<K: Kind>(
        &mut self,
        object: &K,
        type_: &str,
        reason: &str,
        action: &str,
        note: String,
    ) {
        let about = reference_of(object, None);
        let namespace = event_namespace(&about);
        let uid = about.uid.clone().unwrap_or_default();
        let known = self.api.store.events_about(&uid).find_map(|o| {
            let event = Event::of(o)?;
            let same = event.reason.as_deref() == Some(reason)
                && event.type_.as_deref() == Some(type_)
                && event.message.as_deref() == Some(&note)
                && event.reporting_component.as_deref() == Some(self.actor);
            same.then(|| event.metadata.name.clone()).flatten()
        });
        if let Some(event) = known.and_then(|name| self.get::<Event>(&namespace, &name)) {
            let mut event = Event::clone(&event);
            let count = event.series.as_ref().and_then(|s| s.count).unwrap_or(1) + 1;
            event.series =
                Some(EventSeries { count: Some(count), last_observed_time: Some(micro_time_of(self.now)) });
            let _ = self.update(event);
            return;
        }
        let event = Event {
            metadata: self.event_meta(&about),
            event_time: Some(micro_time_of(self.now)),
            reason: Some(reason.to_owned()),
            action: Some(action.to_owned()),
            message: Some(note),
            type_: Some(type_.to_owned()),
            reporting_component: Some(self.actor.to_owned()),
            reporting_instance: Some(format!("{}-control-plane", self.actor)),
            source: Some(EventSource::default()),
            involved_object: about,
            ..Event::default()
        };
        let _ = self.create(event);
    }

    fn event_meta(&self, about: &ObjectReference) -> ObjectMeta {
        let namespace = event_namespace(about);
        let name = about.name.as_deref().unwrap_or_default();
        let revision = self.api.store.revision();
        let drawn = self.seed().stream(&format!("event/{namespace}/{name}/{revision}")).hex(16);
        ObjectMeta {
            name: Some(format!("{name}.{drawn}")),
            namespace: Some(namespace),
            ..ObjectMeta::default()
        }
    }
}

/// Events about cluster-scoped objects live in `default`.
fn event_namespace(about: &ObjectReference) -> String {
    about.namespace.clone().filter(|n| !n.is_empty()).unwrap_or_else(|| "default".to_owned())
}

/// An object reference to a typed object.
pub fn reference_of<K: Kind>(object: &K, field_path: Option<&str>) -> ObjectReference {
    let resource = table::of(K::KIND);
    let meta = object.meta();
    ObjectReference {
        api_version: Some(resource.api_version()),
        kind: Some(resource.kind.to_owned()),
        name: meta.name.clone(),
        namespace: meta.namespace.clone(),
        uid: meta.uid.clone(),
        resource_version: meta.resource_version.clone(),
        field_path: field_path.map(str::to_owned),
    }
}

/// An object reference to `object`.
pub fn reference(object: &Object, field_path: Option<&str>) -> ObjectReference {
    let resource = table::of(object.kind());
    ObjectReference {
        api_version: Some(resource.api_version()),
        kind: Some(resource.kind.to_owned()),
        name: Some(object.name().to_owned()),
        namespace: object.meta().namespace.clone(),
        uid: Some(object.uid().to_owned()),
        resource_version: object.meta().resource_version.clone(),
        field_path: field_path.map(str::to_owned),
    }
}

/// The kind of an owner reference, when it is one of ours.
pub fn kind_named(api_version: &str, kind: &str) -> Option<KindId> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    table::find_kind(group, version, kind)?.id
}
