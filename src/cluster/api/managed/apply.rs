//! Server-side apply: an applied configuration is merged into the live object, fields that its manager no longer
//! states go, and a field of another manager is not changed without force. As apiserver's fieldmanager.

use serde_json::Value;

use super::compare::{changed, has_keys, is_written, stated};
use super::fields::Fields;
use super::shape::{Shape, item_step, shape};
use super::{Entry, Operation, manager_name, strip};
use crate::cluster::api::server::{ApiServer, Caller};
use crate::cluster::api::types::{Reply, Request};
use crate::cluster::api::write::{body_of, check_namespace_matches, part_of};
use crate::cluster::api::{Cause, FieldValidation, Reason, Status};
use crate::cluster::kinds::table::Resource;
use crate::cluster::kinds::validation;
use crate::cluster::object::Object;

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

impl ApiServer {
    pub(in crate::cluster::api) fn handle_apply(
        &mut self,
        resource: &Resource,
        caller: &Caller,
        request: &Request,
        warnings: &mut Vec<String>,
    ) -> Result<Reply, Status> {
        let config = body_of(request)?;
        if config["metadata"].get("managedFields").is_some() {
            return Err(Status::bad_request("metadata.managedFields must be nil"));
        }
        self.check_declared(resource, request, config)?;
        let quiet = Caller { tracks: false, ..caller.clone() };
        let manager = manager_name(&caller.manager);
        let Ok(live) = self.named(resource, request).cloned() else {
            let reply = self.handle_create(resource, &quiet, request, warnings)?;
            if !request.options.dry_run
                && let Ok(made) = self.named(resource, request).cloned()
            {
                self.managers.of.insert(made.uid().to_owned(), Vec::new());
                self.managers.applied(caller, &manager, &made, stated_by(config));
                return Ok(Reply::Object(self.encode(resource, &made)));
            }
            return Ok(reply);
        };
        let before = self.encode_plain(resource, &live);
        let mut wanted = config.clone();
        let updates_annotation = manager == "kubectl" && live.annotation(LAST_APPLIED).is_some();
        if updates_annotation {
            wanted["metadata"]["annotations"][LAST_APPLIED] = format!("{config}\n").into();
        }
        let mut merged = merge(&before, &wanted, "", "");
        let gone = self.managers.no_longer_stated(&live, &manager, &stated_by(config));
        take_out(&mut merged, &gone);
        let conflicts = self.conflicts(&live, &manager, &before, config);
        if !request.options.force && !conflicts.is_empty() {
            return Err(refusal(&conflicts, &resource.api_version()));
        }
        let mut object = self.decode(resource, &merged, FieldValidation::Ignore, warnings)?;
        check_namespace_matches(resource, request, &mut object)?;
        if config["metadata"].get("resourceVersion").is_none() {
            object.meta_mut().resource_version = None;
        }
        validation::warnings(&object, warnings);
        let updated = self.update(&quiet, object, part_of(request), request.options.dry_run)?;
        if !request.options.dry_run {
            for (other, fields) in &conflicts {
                self.managers.take_from(&live, other, fields);
            }
            self.managers.applied(caller, &manager, &updated, stated_by(config));
        }
        Ok(Reply::Object(self.encode(resource, &updated)))
    }

    /// A configuration with fields that the type does not have is no configuration of that type.
    fn check_declared(&self, resource: &Resource, request: &Request, config: &Value) -> Result<(), Status> {
        let mut unknown = Vec::new();
        let decoded = self.decode(resource, config, FieldValidation::Warn, &mut unknown)?;
        let paths: Vec<String> = unknown
            .iter()
            .filter_map(|w| w.strip_prefix("unknown field \"")?.strip_suffix('"').map(|p| format!(".{p}")))
            .map(|path| format!("{path}: field not declared in schema"))
            .collect();
        let why = match paths.as_slice() {
            [] => return Ok(()),
            [one] => one.clone(),
            several => format!("errors:\n  {}", several.join("\n  ")),
        };
        let place = match resource.namespaced {
            true => format!("{}/{}", self.namespace_in(resource, request), decoded.name()),
            false => format!("/{}", decoded.name()),
        };
        let version = resource.api_version();
        let message = format!(
            "failed to create typed patch object ({place}; {version}, Kind={}): {why}",
            resource.kind
        );
        Err(Status::new(Reason::InternalError, message))
    }

    /// By manager, the fields of others that the configuration would change.
    fn conflicts(
        &self,
        live: &Object,
        manager: &str,
        before: &Value,
        config: &Value,
    ) -> Vec<(Entry, Fields)> {
        let after = merge(before, config, "", "");
        let mut changes = changed(Some(before), &after).intersection(&stated_by(config));
        if manager == "kubectl"
            && let Some(known) =
                live.annotation(LAST_APPLIED).and_then(|t| serde_json::from_str::<Value>(t).ok())
        {
            // What kubectl applied on its own side and nobody changed since is its own.
            let mut own = stated_by(&known);
            own.subtract(&changed(Some(&known), before));
            changes.subtract(&own);
        }
        let entries = self.managers.of.get(live.uid()).cloned().unwrap_or_else(|| super::base(live));
        let others =
            entries.into_iter().filter(|e| !(e.operation == Operation::Apply && e.manager == manager));
        let mut found: Vec<(Entry, Fields)> = others
            .map(|entry| {
                let fields = entry.fields.intersection(&changes);
                (entry, fields)
            })
            .filter(|(_, fields)| !fields.paths().is_empty())
            .collect();
        found.sort_by_key(|(entry, _)| (entry.manager.clone(), entry.subresource));
        found
    }
}

/// A manager as refusals name it: `"kubectl" with subresource "scale" using apps/v1`.
fn title(entry: &Entry, version: &str) -> String {
    let mut title = format!("{:?}", entry.manager);
    if !entry.subresource.is_empty() {
        title.push_str(&format!(" with subresource {:?}", entry.subresource));
    }
    if entry.operation == Operation::Update {
        title.push_str(&format!(" using {version}"));
    }
    title
}

fn refusal(conflicts: &[(Entry, Fields)], version: &str) -> Status {
    let each: Vec<(String, Vec<String>)> =
        conflicts.iter().map(|(entry, fields)| (title(entry, version), fields.paths())).collect();
    let count: usize = each.iter().map(|(_, paths)| paths.len()).sum();
    let message = match each.as_slice() {
        [(title, paths)] if paths.len() == 1 => {
            format!("Apply failed with 1 conflict: conflict with {title}: {}", paths[0])
        }
        several => {
            let lines = several.iter().map(|(title, paths)| {
                let paths: Vec<String> = paths.iter().map(|p| format!("\n- {p}")).collect();
                format!("conflicts with {title}:{}", paths.concat())
            });
            format!("Apply failed with {count} conflicts: {}", lines.collect::<Vec<_>>().join("\n"))
        }
    };
    let causes = each.iter().flat_map(|(title, paths)| {
        paths.iter().map(move |path| Cause {
            reason: "FieldManagerConflict",
            message: format!("conflict with {title}"),
            field: path.clone(),
        })
    });
    Status { causes: causes.collect(), ..Status::new(Reason::Conflict, message) }
}

/// The fields a configuration states, without those that nobody manages.
fn stated_by(config: &Value) -> Fields {
    let mut fields = stated(config);
    strip(&mut fields);
    fields
}

impl super::Managers {
    fn applied(&mut self, caller: &Caller, manager: &str, object: &Object, fields: Fields) {
        let entry = self.entry(object, Operation::Apply, manager, "");
        entry.time = caller.now;
        entry.fields = fields;
    }

    /// What the manager applied before and does not state any more, unless another manager has it too.
    fn no_longer_stated(&self, live: &Object, manager: &str, now: &Fields) -> Fields {
        let entries = self.of.get(live.uid()).map(Vec::as_slice).unwrap_or_default();
        let mut gone = Fields::default();
        for entry in entries.iter().filter(|e| e.operation == Operation::Apply && e.manager == manager) {
            gone.union(&entry.fields);
        }
        gone.subtract(now);
        for entry in entries.iter().filter(|e| !(e.operation == Operation::Apply && e.manager == manager)) {
            gone.subtract(&entry.fields);
        }
        gone
    }

    /// Takes fields from a manager.
    fn take_from(&mut self, live: &Object, from: &Entry, fields: &Fields) {
        for entry in self.of.entry(live.uid().to_owned()).or_insert_with(|| super::base(live)) {
            let same = entry.manager == from.manager
                && entry.operation == from.operation
                && entry.subresource == from.subresource;
            if same {
                entry.fields.subtract(fields);
            }
        }
    }
}

/// The configuration over the live object.
fn merge(live: &Value, config: &Value, parent: &str, field: &str) -> Value {
    match (shape(parent, field, config), live, config) {
        (Shape::Map, Value::Object(old), Value::Object(new)) => {
            let mut result = old.clone();
            for (name, value) in new.iter().filter(|(_, v)| !v.is_null()) {
                let before = old.get(name).unwrap_or(&Value::Null);
                result.insert(name.clone(), merge(before, value, field, name));
            }
            Value::Object(result)
        }
        (Shape::Keys(keys), Value::Array(old), Value::Array(new)) => {
            let mut result = old.clone();
            for item in new {
                let step = item_step(item, keys);
                match result.iter().position(|o| item_step(o, keys) == step) {
                    Some(at) => result[at] = merge(&result[at], item, parent, field),
                    None => result.push(item.clone()),
                }
            }
            Value::Array(result)
        }
        (Shape::Set, Value::Array(old), Value::Array(new)) => {
            let more = new.iter().filter(|item| !old.contains(item));
            Value::Array(old.iter().chain(more).cloned().collect())
        }
        _ => config.clone(),
    }
}

/// Removes the places of a set from an object.
fn take_out(value: &mut Value, gone: &Fields) {
    for (step, child) in &gone.children {
        let whole = child.own || child.children.is_empty();
        match (&mut *value, step.split_once(':')) {
            (Value::Object(map), Some(("f", name))) if whole => drop(map.remove(name)),
            (Value::Object(map), Some(("f", name))) => {
                if let Some(inner) = map.get_mut(name) {
                    take_out(inner, child);
                }
            }
            (Value::Array(items), Some(("k", keys))) if whole => items.retain(|item| !has_keys(item, keys)),
            (Value::Array(items), Some(("k", keys))) => {
                items.iter_mut().filter(|item| has_keys(item, keys)).for_each(|item| take_out(item, child));
            }
            (Value::Array(items), Some(("v", text))) => items.retain(|item| !is_written(item, text)),
            _ => {}
        }
    }
}
