//! All that a controller sees of the world: the time, the objects, and the API server under its own name.

use k8s_openapi::api::core::v1::{Event, EventSource, ObjectReference};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::Outside;
use crate::base::seed::{Rng, Seed};
use crate::base::time::SimTime;
use crate::cluster::Cluster;
use crate::cluster::api::server::{Caller, DeleteOptions, Part};
use crate::cluster::api::{ApiServer, Status};
use crate::cluster::kinds::table;
use crate::cluster::node::NodeState;
use crate::cluster::object::{Key, Kind, KindId, Object, Typed};
use crate::cluster::store::Store;
use crate::cluster::time_of;
use crate::image::process::RuntimeRequest;

pub struct Ctx<'a> {
    pub now: SimTime,
    pub outside: &'a mut dyn Outside,
    /// What kubelets remember; for the kubelet only.
    pub node: &'a mut NodeState,
    pub runtime_requests: &'a mut Vec<RuntimeRequest>,
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

    pub fn create<K: Kind>(&mut self, object: K) -> Result<Typed<K>, Status> {
        let created = self.api.create(&self.caller(), object.into_object(), false)?;
        Typed::new(created).ok_or_else(|| Status::internal("created another kind"))
    }

    /// Writes everything but the status.
    pub fn update<K: Kind>(&mut self, object: K) -> Result<Typed<K>, Status> {
        self.write(object, Part::Main)
    }

    /// Writes only the status.
    pub fn update_status<K: Kind>(&mut self, object: K) -> Result<Typed<K>, Status> {
        self.write(object, Part::Status)
    }

    fn write<K: Kind>(&mut self, object: K, part: Part) -> Result<Typed<K>, Status> {
        let written = self.api.update(&self.caller(), object.into_object(), part, false)?;
        Typed::new(written).ok_or_else(|| Status::internal("updated another kind"))
    }

    pub fn delete(&mut self, key: &Key, options: &DeleteOptions) -> Result<(), Status> {
        self.api.delete(&self.caller(), key, options).map(|_| ())
    }

    /// As the scheduler binds: sets the node name and the PodScheduled condition.
    pub fn bind(&mut self, namespace: &str, pod: &str, node: &str) -> Result<(), Status> {
        self.api.bind(&self.caller(), namespace, pod, node)
    }

    /// Records an event about `object`, as client-go's recorder: the same event again counts up.
    pub fn record_event(&mut self, object: &Object, type_: &str, reason: &str, message: &str) {
        self.record_event_at(object, None, None, type_, reason, message);
    }

    /// As `record_event`, about a part of the object (`spec.containers{web}`) and from a host.
    pub fn record_event_at(
        &mut self,
        object: &Object,
        field_path: Option<&str>,
        host: Option<&str>,
        type_: &str,
        reason: &str,
        message: &str,
    ) {
        let involved = reference(object, field_path);
        let namespace = match object.namespace().is_empty() {
            true => "default".to_owned(),
            false => object.namespace().to_owned(),
        };
        let source = EventSource { component: Some(self.actor.to_owned()), host: host.map(str::to_owned) };
        let now = Some(time_of(self.now));
        if let Some(known) = self.repeated(&namespace, &involved, &source, type_, reason, message) {
            let mut event = (*known).clone();
            event.count = Some(event.count.unwrap_or(1) + 1);
            event.last_timestamp = now;
            let _ = self.api.update(&self.caller(), event.into_object(), Part::Main, false);
            return;
        }
        let drawn = self
            .seed()
            .stream(&format!("event/{namespace}/{}/{}", object.name(), self.api.store.revision()))
            .hex(16);
        let event = Event {
            metadata: ObjectMeta {
                name: Some(format!("{}.{drawn}", object.name())),
                namespace: Some(namespace),
                ..ObjectMeta::default()
            },
            involved_object: involved,
            reason: Some(reason.to_owned()),
            message: Some(message.to_owned()),
            type_: Some(type_.to_owned()),
            first_timestamp: now.clone(),
            last_timestamp: now,
            count: Some(1),
            reporting_component: Some(self.actor.to_owned()),
            reporting_instance: Some(host.unwrap_or_default().to_owned()),
            source: Some(source),
            ..Event::default()
        };
        // An event that cannot be written (its namespace is going) is lost, as in the real recorder.
        let _ = self.api.create(&self.caller(), event.into_object(), false);
    }

    fn repeated(
        &self,
        namespace: &str,
        involved: &ObjectReference,
        source: &EventSource,
        type_: &str,
        reason: &str,
        message: &str,
    ) -> Option<Typed<Event>> {
        self.api.store.events_about(involved.uid.as_deref().unwrap_or_default()).find_map(|object| {
            let event = Event::of(object)?;
            let same = event.reason.as_deref() == Some(reason)
                && event.message.as_deref() == Some(message)
                && event.type_.as_deref() == Some(type_)
                && event.source.as_ref() == Some(source)
                && event.involved_object.field_path == involved.field_path
                && event.metadata.namespace.as_deref() == Some(namespace);
            same.then(|| Typed::new(object.clone())).flatten()
        })
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
