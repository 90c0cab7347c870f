//! Reading: get, list, watch, and server-side tables.

use std::rc::Rc;

use serde_json::{Value, json};

use super::selector::{FieldSelector, Selector};
use super::server::{ApiServer, namespace_of};
use super::types::{Reply, Request, Row, Table, WatchEvent, WatchFrom, WatchKind};
use super::{Status, codec};
use crate::base::time::SimTime;
use crate::cluster::kinds::table::Resource;
use crate::cluster::kinds::{autoscaler, printers, table};
use crate::cluster::object::{KindId, Object};
use crate::cluster::store::Change;

/// What a list or watch asks for, parsed.
struct Filter<'a> {
    namespace: Option<&'a str>,
    name: Option<&'a str>,
    labels: Selector,
    fields: FieldSelector,
}

impl<'a> Filter<'a> {
    fn new(resource: &Resource, kind: KindId, request: &'a Request) -> Result<Filter<'a>, Status> {
        let labels = request.options.label_selector.as_deref().unwrap_or_default();
        let fields = request.options.field_selector.as_deref().unwrap_or_default();
        Ok(Filter {
            namespace: request.namespace.as_deref().filter(|_| resource.namespaced),
            name: request.name.as_deref(),
            labels: Selector::parse(labels).map_err(Status::bad_request)?,
            fields: FieldSelector::parse(fields, kind).map_err(Status::bad_request)?,
        })
    }

    fn matches(&self, object: &Object) -> bool {
        self.namespace.is_none_or(|n| n == object.namespace())
            && self.name.is_none_or(|n| n == object.name())
            && self.labels.matches(object.meta().labels.as_ref())
            && self.fields.matches(object)
    }
}

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

    /// The JSON of a stored object in the version of `resource`, with who manages its fields.
    pub fn encode(&self, resource: &Resource, object: &Object) -> Value {
        let mut value = self.encode_plain(resource, object);
        if object.kind() != KindId::Event {
            let told = self.managers.told(object, &value);
            value["metadata"]["managedFields"] = told;
        }
        value
    }

    /// The JSON of an object without that.
    pub(super) fn encode_plain(&self, resource: &Resource, object: &Object) -> Value {
        let value = codec::encode(object);
        match (object.kind(), resource.version) {
            (KindId::HorizontalPodAutoscaler, "v1") => autoscaler::to_v1(value),
            (KindId::ComponentStatus, _) => asked_afresh(value),
            _ => value,
        }
    }

    pub(super) fn handle_list(
        &self,
        resource: &Resource,
        request: &Request,
        now: SimTime,
    ) -> Result<Reply, Status> {
        let selected = self.selected(resource, request)?;
        let from: usize = request.options.continue_token.as_deref().and_then(|t| t.parse().ok()).unwrap_or(0);
        let limit = request.options.limit.filter(|l| *l > 0).unwrap_or(usize::MAX);
        let objects: Vec<Rc<Object>> = selected.iter().skip(from).take(limit).map(|o| Rc::clone(o)).collect();
        let end = from.saturating_add(objects.len());
        let remaining = selected.len().saturating_sub(end);
        let token = (remaining > 0).then(|| end.to_string());
        if request.options.as_table {
            let mut table = self.table_of(resource, objects, now);
            table.continue_token = token;
            table.remaining = (remaining > 0).then_some(remaining);
            return Ok(Reply::Table(table));
        }
        let items: Vec<Value> = objects.iter().map(|o| self.encode(resource, o)).collect();
        let mut metadata = json!({"resourceVersion": self.store.revision().to_string()});
        if let Some(token) = token {
            metadata["continue"] = json!(token);
            metadata["remainingItemCount"] = json!(remaining);
        }
        Ok(Reply::List(json!({
            "apiVersion": resource.api_version(),
            "kind": format!("{}List", resource.kind),
            "metadata": metadata,
            "items": items,
        })))
    }

    /// The objects a list asks for, in order.
    pub(in crate::cluster) fn selected(
        &self,
        resource: &Resource,
        request: &Request,
    ) -> Result<Vec<&Rc<Object>>, Status> {
        let Some(kind) = resource.id else { return Ok(Vec::new()) };
        let filter = Filter::new(resource, kind, request)?;
        Ok(self.store.list(kind, filter.namespace).filter(|o| filter.matches(o)).collect())
    }

    pub(super) fn handle_watch(&self, resource: &Resource, request: &Request) -> Result<Reply, Status> {
        if let Some(kind) = resource.id {
            Filter::new(resource, kind, request)?;
        }
        let asked = request.options.resource_version.as_deref().and_then(|v| v.parse().ok()).unwrap_or(0);
        let revision = if asked == 0 { self.store.revision() } else { asked };
        Ok(Reply::Watch(WatchFrom { request: Box::new(request.clone()), revision }))
    }

    /// What has happened to a watch's objects since its revision, and the revision to go on from.
    pub fn watch_events(&self, from: &WatchFrom) -> Result<(Vec<WatchEvent>, u64), Status> {
        let request = &from.request;
        let resource = table::find(&request.group, &request.version, &request.resource)
            .ok_or_else(Status::no_such_path)?;
        let Some(kind) = resource.id else { return Ok((Vec::new(), self.store.revision())) };
        let filter = Filter::new(resource, kind, request)?;
        let too_old = || Status::expired(&format!("too old resource version: {}", from.revision));
        let changes = self.store.try_changes_since(from.revision).ok_or_else(too_old)?;
        let of_kind = changes.filter(|c| c.key.kind == kind);
        let events = of_kind.filter_map(|c| event_of(c, &filter)).collect();
        Ok((events, self.store.revision()))
    }

    /// The table `kubectl get` prints for these objects.
    pub fn table_of(&self, resource: &Resource, objects: Vec<Rc<Object>>, now: SimTime) -> Table {
        let row = |object: Rc<Object>| Row { cells: printers::cells(&object, now), object };
        let unknown: &[super::Column] =
            &[super::Column { name: "Name", type_: "string", format: "name", priority: 0 }];
        Table {
            columns: resource.id.map_or(unknown, printers::columns).to_vec(),
            rows: objects.into_iter().map(row).collect(),
            resource_version: self.store.revision().to_string(),
            continue_token: None,
            remaining: None,
        }
    }

    /// The namespace that a request is about, as errors and tables name it.
    pub fn namespace_in<'a>(&self, resource: &Resource, request: &'a Request) -> &'a str {
        namespace_of(resource, request)
    }
}

/// A component's status is asked for at every request and never stored: it has a name and nothing else of its own.
fn asked_afresh(mut value: Value) -> Value {
    if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|field, _| field == "name");
    }
    value
}

/// A change as the watch with this filter sees it: an object that no longer matches is deleted to it.
fn event_of(change: &Change, filter: &Filter<'_>) -> Option<WatchEvent> {
    let before = change.old.as_ref().filter(|o| filter.matches(o));
    let after = change.new.as_ref().filter(|o| filter.matches(o));
    let (kind, object) = match (before, after) {
        (None, Some(new)) => (WatchKind::Added, new),
        (Some(_), Some(new)) => (WatchKind::Modified, new),
        (Some(old), None) => (WatchKind::Deleted, change.new.as_ref().unwrap_or(old)),
        (None, None) => return None,
    };
    Some(WatchEvent { kind, object: object.clone(), revision: change.revision })
}
