//! Who manages which fields of an object (`metadata.managedFields`), and server-side apply, which goes by it.
//!
//! Kept beside the store, and only for objects that somebody other than a part of the control plane has written: what
//! controllers alone make and write is told from the object itself when it is asked for. Never changes an object.

mod apply;
mod compare;
mod fields;
mod shape;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use self::compare::{changed, prune};
use self::fields::Fields;
use super::codec;
use super::server::{Caller, Part};
use crate::base::time::SimTime;
use crate::cluster::kinds::{strategy, table};
use crate::cluster::object::{KindId, Object};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Operation {
    Apply,
    Update,
}

impl Operation {
    fn word(self) -> &'static str {
        match self {
            Operation::Apply => "Apply",
            Operation::Update => "Update",
        }
    }
}

/// The fields of one manager. Those of a status are worked out when they are asked for.
#[derive(Clone, Debug)]
struct Entry {
    operation: Operation,
    time: SimTime,
    manager: String,
    subresource: &'static str,
    fields: Fields,
}

/// The managers of all objects that people have written, by uid.
#[derive(Debug, Default)]
pub struct Managers {
    of: BTreeMap<String, Vec<Entry>>,
}

impl Managers {
    /// An object was created with what `stated` says, before admission added its own.
    pub(super) fn created(&mut self, caller: &Caller, kind: KindId, uid: &str, stated: &Value) {
        let mut fields = changed(Some(&skeleton(kind)), stated);
        strip(&mut fields);
        fields.remove(&["f:status"]);
        let entry = Entry {
            operation: Operation::Update,
            time: caller.now,
            manager: manager_name(&caller.manager),
            subresource: "",
            fields,
        };
        self.of.insert(uid.to_owned(), vec![entry]);
    }

    /// An object was written over. `subresource` is `scale` when it came by that door.
    pub(super) fn updated(&mut self, caller: &Caller, part: Part, old: &Object, new: &Object) {
        let known = self.of.contains_key(old.uid());
        if !known && !caller.is_person() {
            return;
        }
        let manager = manager_name(&caller.manager);
        if part == Part::Status {
            let entry = self.entry(old, Operation::Update, &manager, "status");
            entry.time = caller.now;
            return;
        }
        let (before, after) = (codec::encode(old), codec::encode(new));
        let mut fields = changed(Some(&before), &after);
        strip(&mut fields);
        fields.remove(&["f:status"]);
        if !fields.is_empty() {
            let entry = self.entry(old, Operation::Update, &manager, caller.subresource);
            entry.time = caller.now;
            entry.fields.union(&fields);
        }
        let entries = self.of.entry(old.uid().to_owned()).or_default();
        for entry in entries.iter_mut() {
            let same = entry.operation == Operation::Update
                && entry.manager == manager
                && entry.subresource == caller.subresource;
            if !same {
                entry.fields.subtract(&fields);
            }
            prune(&mut entry.fields, &after);
        }
        entries.retain(|e| e.subresource == "status" || !e.fields.is_empty());
    }

    /// Somebody has said who manages which fields. One empty entry stands for nobody.
    pub(super) fn restated(&mut self, caller: &Caller, object: &Object, told: &Value) {
        let known = self.of.get(object.uid()).cloned().unwrap_or_else(|| base(object));
        let entry = |value: &Value| {
            let manager = value["manager"].as_str()?;
            let operation = match value["operation"].as_str()? {
                "Apply" => Operation::Apply,
                _ => Operation::Update,
            };
            let named = value["subresource"].as_str().unwrap_or_default();
            let subresource = ["", "status", "scale"].into_iter().find(|name| *name == named)?;
            let same = |e: &&Entry| e.manager == manager && e.subresource == subresource;
            Some(Entry {
                operation,
                time: known.iter().find(same).map_or(caller.now, |e| e.time),
                manager: manager.to_owned(),
                subresource,
                fields: Fields::from_value(&value["fieldsV1"]),
            })
        };
        let entries = told.as_array().into_iter().flatten().filter_map(entry).collect();
        self.of.insert(object.uid().to_owned(), entries);
    }

    /// The object is gone.
    pub(super) fn forget(&mut self, uid: &str) {
        self.of.remove(uid);
    }

    /// The entry of a manager, made if need be.
    fn entry(
        &mut self,
        object: &Object,
        operation: Operation,
        manager: &str,
        subresource: &'static str,
    ) -> &mut Entry {
        let entries = self.of.entry(object.uid().to_owned()).or_insert_with(|| base(object));
        let same =
            |e: &Entry| e.operation == operation && e.manager == manager && e.subresource == subresource;
        let at = match entries.iter().position(same) {
            Some(at) => at,
            None => {
                entries.push(Entry {
                    operation,
                    time: SimTime(0),
                    manager: manager.to_owned(),
                    subresource,
                    fields: Fields::default(),
                });
                entries.len() - 1
            }
        };
        &mut entries[at]
    }

    /// `metadata.managedFields` of an object whose JSON is `value`.
    pub(super) fn told(&self, object: &Object, value: &Value) -> Value {
        let mut entries = self.of.get(object.uid()).cloned().unwrap_or_else(|| base(object));
        let mut unowned = status_fields(object, value);
        if object.kind() == KindId::Deployment {
            // The controller writes the revision together with the status.
            let name = "f:deployment.kubernetes.io/revision";
            if value["metadata"]["annotations"].get(&name[2..]).is_some() {
                let alone = entries.iter().all(|e| !e.fields.has(&["f:metadata", "f:annotations"]));
                unowned.insert(&["f:metadata", "f:annotations", name], alone);
            }
        }
        let last = entries.iter().filter(|e| e.subresource == "status").map(|e| e.time).max();
        for entry in entries.iter_mut().filter(|e| e.subresource == "status") {
            entry.fields = if Some(entry.time) == last { unowned.clone() } else { Fields::default() };
        }
        entries.retain(|e| !e.fields.is_empty());
        entries.sort_by(|a, b| {
            (a.operation, a.time.secs(), &a.manager).cmp(&(b.operation, b.time.secs(), &b.manager))
        });
        let version = table::of(object.kind()).api_version();
        Value::Array(entries.iter().map(|e| entry_value(e, &version)).collect())
    }
}

fn entry_value(entry: &Entry, version: &str) -> Value {
    let mut value = json!({
        "apiVersion": version,
        "fieldsType": "FieldsV1",
        "fieldsV1": entry.fields.to_value(),
        "manager": entry.manager,
        "operation": entry.operation.word(),
        "time": SimTime::from_secs(entry.time.secs()).rfc3339(),
    });
    if !entry.subresource.is_empty() {
        value["subresource"] = json!(entry.subresource);
    }
    value
}

/// The managers of an object that only the control plane has written: who made it, and who tells its status.
fn base(object: &Object) -> Vec<Entry> {
    let value = codec::encode(object);
    let created = object.meta().creation_timestamp.as_ref().map_or(SimTime(0), crate::cluster::sim_time);
    let mut main = changed(Some(&skeleton(object.kind())), &value);
    strip(&mut main);
    main.remove(&["f:status"]);
    // What the scheduler and admission add belongs to nobody.
    main.remove(&["f:spec", "f:nodeName"]);
    let entry = |manager: &str, subresource, fields| Entry {
        operation: Operation::Update,
        time: created,
        manager: manager.to_owned(),
        subresource,
        fields,
    };
    let of_status = if matches!(object, Object::Pod(_) | Object::Node(_)) { "kubelet" } else { COMPONENT };
    let mut entries = vec![entry(COMPONENT, "", main)];
    if strategy::has_status(object.kind()) {
        entries.push(entry(of_status, "status", Fields::default()));
    }
    entries
}

fn status_fields(object: &Object, value: &Value) -> Fields {
    let mut fields = Fields::default();
    if strategy::has_status(object.kind())
        && let Some(status) = value.get("status").filter(|s| s.as_object().is_some_and(|s| !s.is_empty()))
    {
        let all = changed(Some(&json!({"status": {}})), &json!({"status": status}));
        fields.union(&all);
    }
    fields
}

const COMPONENT: &str = "kube-controller-manager";

/// The manager's name as the server sees it: controllers are one program, and scaling sends none of its own.
fn manager_name(actor: &str) -> String {
    let name = match actor {
        "kubelet" | "kube-apiserver" | "service-controller" => actor,
        "default-scheduler" => "kube-scheduler",
        "kubectl-scale" => "kubectl",
        other if other.starts_with("kubectl") || !other.ends_with("-controller") => other,
        _ => COMPONENT,
    };
    name.to_owned()
}

/// Fields that nobody manages.
fn strip(fields: &mut Fields) {
    fields.remove(&["f:apiVersion"]);
    fields.remove(&["f:kind"]);
    for name in [
        "f:name",
        "f:namespace",
        "f:creationTimestamp",
        "f:selfLink",
        "f:uid",
        "f:clusterName",
        "f:generation",
        "f:managedFields",
        "f:resourceVersion",
        "f:deletionTimestamp",
        "f:deletionGracePeriodSeconds",
    ] {
        fields.remove(&["f:metadata", name]);
    }
}

/// What an object of a kind has before anybody says anything: the parts that are always written out.
fn skeleton(kind: KindId) -> Value {
    let template = json!({"metadata": {}, "spec": {"containers": []}});
    let spec = match kind {
        KindId::Pod => json!({"containers": []}),
        KindId::Deployment => json!({"strategy": {}, "template": template}),
        KindId::DaemonSet | KindId::StatefulSet => json!({"updateStrategy": {}, "template": template}),
        KindId::ReplicaSet | KindId::Job => json!({"template": template}),
        KindId::CronJob => json!({"jobTemplate": {"metadata": {}, "spec": {"template": template}}}),
        KindId::HorizontalPodAutoscaler => json!({"scaleTargetRef": {}}),
        KindId::PersistentVolumeClaim => json!({"resources": {}}),
        _ => json!({}),
    };
    json!({"metadata": {}, "spec": spec, "status": {}})
}

#[cfg(test)]
mod tests;
