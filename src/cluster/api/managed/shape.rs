//! How a part of an object is merged: field by field, item by item, or as a whole; as the API types' `listType`,
//! `listMapKey`, `mapType` and `structType` markers say.

use serde_json::{Map, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A scalar, or a list or map that is one value.
    Atomic,
    Map,
    /// A list of items told apart by these fields.
    Keys(&'static [&'static str]),
    /// A list of scalars without order.
    Set,
}

/// Maps and structs that are one value.
const ATOMIC: &[&str] = &[
    "selector",
    "nodeSelector",
    "labelSelector",
    "namespaceSelector",
    "podSelector",
    "configMapKeyRef",
    "secretKeyRef",
    "fieldRef",
    "resourceFieldRef",
    "roleRef",
    "targetRef",
    "involvedObject",
    "dataSource",
    "dataSourceRef",
    "requiredDuringSchedulingIgnoredDuringExecution",
    "ownerReferences",
    "secretRef",
];

/// The shape of a value in `field` under `parent` (the field above it, through lists).
pub fn shape(parent: &str, field: &str, value: &Value) -> Shape {
    match value {
        Value::Object(_) if ATOMIC.contains(&field) && parent != "envFrom" => Shape::Atomic,
        Value::Object(_) => Shape::Map,
        Value::Array(_) => list_shape(parent, field),
        _ => Shape::Atomic,
    }
}

fn list_shape(parent: &str, field: &str) -> Shape {
    match (parent, field) {
        (_, "containers" | "initContainers" | "ephemeralContainers" | "volumes" | "env") => {
            Shape::Keys(&["name"])
        }
        (_, "imagePullSecrets" | "schedulingGates" | "resourceClaims") => Shape::Keys(&["name"]),
        ("containers" | "initContainers" | "ephemeralContainers", "ports") => {
            Shape::Keys(&["containerPort", "protocol"])
        }
        ("spec", "ports") => Shape::Keys(&["port", "protocol"]),
        (_, "volumeMounts") => Shape::Keys(&["mountPath"]),
        (_, "volumeDevices") => Shape::Keys(&["devicePath"]),
        (_, "hostAliases" | "podIPs" | "hostIPs") => Shape::Keys(&["ip"]),
        (_, "topologySpreadConstraints") => Shape::Keys(&["topologyKey", "whenUnsatisfiable"]),
        ("status", "conditions" | "addresses") => Shape::Keys(&["type"]),
        ("metadata", "ownerReferences") => Shape::Keys(&["uid"]),
        ("metadata", "finalizers") => Shape::Set,
        _ => Shape::Atomic,
    }
}

/// An item's step: its keys as JSON, the protocol being TCP unless it says otherwise.
pub fn item_step(item: &Value, keys: &[&str]) -> String {
    let key = |name: &&str| {
        let value = match item.get(*name) {
            Some(value) => value.clone(),
            None if *name == "protocol" => Value::from("TCP"),
            None => Value::Null,
        };
        ((*name).to_owned(), value)
    };
    let keys: Map<String, Value> = keys.iter().map(key).collect();
    format!("k:{}", Value::Object(keys))
}
