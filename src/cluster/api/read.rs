//! Reading: get, list, watch, and server-side tables.

use std::rc::Rc;

use serde_json::{Value, json};

use super::server::{ApiServer, namespace_of};
use super::types::{Reply, Request, Row, Table, WatchEvent, WatchFrom, WatchKind};
use super::{Status, codec};
use crate::base::time::SimTime;
use crate::cluster::kinds::printers;
use crate::cluster::kinds::table::Resource;
use crate::cluster::object::Object;
use crate::cluster::store::Change;

impl ApiServer {
    pub(super) fn handle_get(
        &self,
        resource: &Resource,
        request: &Request,
        now: SimTime,
    ) -> Result<Reply, Status> {
        let object = self.named(resource, request)?;
        if request.options.as_table {
            return Ok(Reply::Table(self.table_of(resource, vec![object.clone()], now)));
        }
        Ok(Reply::Object(self.encode(resource, object)))
    }

    /// The JSON of a stored object in the version of `resource`.
    pub fn encode(&self, _resource: &Resource, object: &Object) -> Value {
        codec::encode(object)
    }

    pub(super) fn handle_list(
        &self,
        resource: &Resource,
        request: &Request,
        now: SimTime,
    ) -> Result<Reply, Status> {
        let objects: Vec<Rc<Object>> = self.selected(resource, request)?.into_iter().cloned().collect();
        if request.options.as_table {
            return Ok(Reply::Table(self.table_of(resource, objects, now)));
        }
        let items: Vec<Value> = objects.iter().map(|o| self.encode(resource, o)).collect();
        Ok(Reply::List(json!({
            "apiVersion": resource.api_version(),
            "kind": format!("{}List", resource.kind),
            "metadata": {"resourceVersion": self.store.revision().to_string()},
            "items": items,
        })))
    }

    /// The objects a list asks for, in order.
    pub(super) fn selected(
        &self,
        resource: &Resource,
        request: &Request,
    ) -> Result<Vec<&Rc<Object>>, Status> {
        let Some(kind) = resource.id else { return Ok(Vec::new()) };
        let namespace = match resource.namespaced {
            true => request.namespace.as_deref(),
            false => None,
        };
        Ok(self.store.list(kind, namespace).collect())
    }

    pub(super) fn handle_watch(&self, _resource: &Resource, request: &Request) -> Result<Reply, Status> {
        let asked = request.options.resource_version.as_deref().and_then(|v| v.parse().ok()).unwrap_or(0);
        let revision = if asked == 0 { self.store.revision() } else { asked };
        Ok(Reply::Watch(WatchFrom { request: Box::new(request.clone()), revision }))
    }

    /// What has happened to a watch's objects since its revision, and the revision to go on from.
    pub fn watch_events(&self, from: &WatchFrom) -> Result<(Vec<WatchEvent>, u64), Status> {
        let request = &from.request;
        let resource =
            crate::cluster::kinds::table::find(&request.group, &request.version, &request.resource)
                .ok_or_else(Status::no_such_path)?;
        let too_old = || Status::expired(&format!("too old resource version: {}", from.revision));
        let changes = self.store.try_changes_since(from.revision).ok_or_else(too_old)?;
        let concerns = |c: &&Change| {
            Some(c.key.kind) == resource.id
                && (request.namespace.is_none() || *c.key.namespace == *namespace_of(resource, request))
                && request.name.as_deref().is_none_or(|n| *c.key.name == *n)
        };
        let events = changes.filter(concerns).filter_map(|c| self.event_of(c)).collect();
        Ok((events, self.store.revision()))
    }

    fn event_of(&self, change: &Change) -> Option<WatchEvent> {
        let kind = match (&change.old, &change.new) {
            (None, Some(_)) => WatchKind::Added,
            (_, None) => WatchKind::Deleted,
            _ => WatchKind::Modified,
        };
        Some(WatchEvent { kind, object: change.object()?.clone(), revision: change.revision })
    }

    /// The table `kubectl get` prints for these objects.
    pub fn table_of(&self, resource: &Resource, objects: Vec<Rc<Object>>, now: SimTime) -> Table {
        let rows =
            objects.into_iter().map(|object| Row { cells: printers::cells(&object, now), object }).collect();
        Table {
            columns: resource.id.map_or(&[] as &[_], printers::columns).to_vec(),
            rows,
            resource_version: self.store.revision().to_string(),
            continue_token: None,
            remaining: None,
        }
    }
}
