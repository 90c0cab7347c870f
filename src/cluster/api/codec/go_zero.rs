//! Zero values that Go writes and these types leave out: `lastProbeTime: null`, `currentMetrics: null`.
//!
//! They come from Go fields without `omitempty`; the list is what the recordings of real servers show.

use serde_json::{Value, json};

use crate::cluster::object::KindId;

/// Adds what Go would have written.
pub(super) fn fill(kind: KindId, object: &mut Value) {
    match kind {
        KindId::Pod => each(&mut object["status"], "conditions", |c| null(c, "lastProbeTime")),
        KindId::HorizontalPodAutoscaler => null_if_present(object, "status", "currentMetrics"),
        KindId::Event => event(object),
        KindId::Role | KindId::ClusterRole => null(object, "rules"),
        KindId::EndpointSlice => {
            null(object, "endpoints");
            null(object, "ports");
        }
        KindId::PodDisruptionBudget => {
            for field in ["currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"] {
                set(&mut object["status"], field, json!(0));
            }
        }
        _ => {}
    }
}

fn event(object: &mut Value) {
    for field in ["eventTime", "firstTimestamp", "lastTimestamp"] {
        null(object, field);
    }
    set(object, "reportingComponent", json!(""));
    set(object, "reportingInstance", json!(""));
    set(object, "source", json!({}));
}

fn set(object: &mut Value, field: &str, value: Value) {
    if let Some(map) = object.as_object_mut()
        && !map.contains_key(field)
    {
        map.insert(field.to_owned(), value);
    }
}

fn null(object: &mut Value, field: &str) {
    set(object, field, Value::Null);
}

fn null_if_present(object: &mut Value, parent: &str, field: &str) {
    if let Some(inner) = object.get_mut(parent) {
        null(inner, field);
    }
}

fn each(parent: &mut Value, list: &str, change: impl Fn(&mut Value)) {
    if let Some(items) = parent.get_mut(list).and_then(Value::as_array_mut) {
        items.iter_mut().for_each(change);
    }
}
