//! What a kustomization changes in its objects: names, namespace, labels, images, replicas, patches.

use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::super::resource::{manifest, mapper};
use super::references::{self, Renamed};
use super::{Item, generate, list, strings, text};
use crate::cluster::api::strategic;
use serde_json::{Map, Value};

/// Kinds that keep their names.
const UNNAMED: [&str; 3] = ["CustomResourceDefinition", "APIService", "Namespace"];
/// Kinds that come first, in this order; all others follow, then the two hooks.
const FIRST: [&str; 22] = [
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];
const LAST: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];
const WITH_TEMPLATE: [&str; 6] =
    ["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "ReplicationController", "Job"];

/// Where an object stands in the output.
pub fn order(object: &Value) -> (usize, String, String, String) {
    let kind = text(object, "/kind");
    let place = match FIRST.iter().position(|first| *first == kind) {
        Some(place) => place,
        None => FIRST.len() + LAST.iter().position(|last| *last == kind).map_or(0, |place| place + 1),
    };
    let word = |pointer: &str| text(object, pointer).to_string();
    (place, word("/apiVersion") + kind, word("/metadata/namespace"), word("/metadata/name"))
}

pub fn all(cx: &Context, directory: &str, file: &Map<String, Value>, items: &mut Vec<Item>) -> Outcome {
    patches(cx, directory, file, items)?;
    let word = |key: &str| file.get(key).and_then(Value::as_str).unwrap_or_default();
    if !word("namespace").is_empty() {
        items.iter_mut().for_each(|item| set_namespace(&mut item.value, word("namespace")));
    }
    rename(items, |item| match UNNAMED.contains(&item.kind()) {
        true => item.name().to_string(),
        false => format!("{}{}{}", word("namePrefix"), item.name(), word("nameSuffix")),
    });
    for item in items.iter_mut() {
        labels(&mut item.value, file);
        for image in list(file, "images") {
            set_image(&mut item.value, image);
        }
        for replicas in list(file, "replicas") {
            let known = item.known_as == text(replicas, "/name") || item.name() == text(replicas, "/name");
            if known
                && matches!(
                    item.kind(),
                    "Deployment" | "ReplicaSet" | "StatefulSet" | "ReplicationController"
                )
            {
                item.value["spec"]["replicas"] = replicas["count"].clone();
            }
        }
    }
    Ok(())
}

/// Puts the hashes to the names, and gives back the objects.
pub fn finish(mut items: Vec<Item>) -> Vec<Value> {
    rename(&mut items, |item| match item.hashed {
        true => format!("{}-{}", item.name(), generate::hash(&item.value)),
        false => item.name().to_string(),
    });
    items.into_iter().map(|item| item.value).collect()
}

fn rename(items: &mut [Item], to: impl Fn(&Item) -> String) {
    let mut renamed = Renamed::new();
    for item in items.iter_mut() {
        let (old, new) = (item.name().to_string(), to(item));
        if old != new {
            item.value["metadata"]["name"] = new.clone().into();
            renamed.push((item.kind().to_string(), old, new));
        }
    }
    items.iter_mut().for_each(|item| references::follow(&mut item.value, "", &renamed));
}

fn set_namespace(object: &mut Value, namespace: &str) {
    let (version, kind) = (text(object, "/apiVersion").to_string(), text(object, "/kind").to_string());
    if mapper::for_manifest(&version, &kind).is_none_or(|resource| resource.namespaced) {
        object["metadata"]["namespace"] = namespace.into();
    }
    for subject in object.get_mut("subjects").and_then(Value::as_array_mut).into_iter().flatten() {
        if text(subject, "/kind") == "ServiceAccount" && text(subject, "/name") == "default" {
            subject["namespace"] = namespace.into();
        }
    }
}

fn labels(object: &mut Value, file: &Map<String, Value>) {
    if let Some(Value::Object(pairs)) = file.get("commonLabels") {
        put(object, "/metadata/labels", pairs);
        selectors(object, pairs);
        templates(object, "labels", pairs);
    }
    for entry in list(file, "labels") {
        let Some(pairs) = entry.get("pairs").and_then(Value::as_object) else { continue };
        let on = |key: &str| entry.get(key).and_then(Value::as_bool).unwrap_or(false);
        put(object, "/metadata/labels", pairs);
        if on("includeSelectors") {
            selectors(object, pairs);
        }
        if on("includeSelectors") || on("includeTemplates") {
            templates(object, "labels", pairs);
        }
    }
    if let Some(Value::Object(pairs)) = file.get("commonAnnotations") {
        put(object, "/metadata/annotations", pairs);
        templates(object, "annotations", pairs);
    }
}

fn selectors(object: &mut Value, pairs: &Map<String, Value>) {
    let pointer = match text(object, "/kind") {
        "Service" | "ReplicationController" => "/spec/selector",
        "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet" => "/spec/selector/matchLabels",
        "Job" | "PodDisruptionBudget" if object.pointer("/spec/selector/matchLabels").is_some() => {
            "/spec/selector/matchLabels"
        }
        "NetworkPolicy" if object.pointer("/spec/podSelector/matchLabels").is_some() => {
            "/spec/podSelector/matchLabels"
        }
        _ => return,
    };
    put(object, pointer, pairs);
}

fn templates(object: &mut Value, field: &str, pairs: &Map<String, Value>) {
    let kind = text(object, "/kind").to_string();
    if WITH_TEMPLATE.contains(&kind.as_str()) {
        put(object, &format!("/spec/template/metadata/{field}"), pairs);
    }
    if kind == "CronJob" {
        put(object, &format!("/spec/jobTemplate/metadata/{field}"), pairs);
        put(object, &format!("/spec/jobTemplate/spec/template/metadata/{field}"), pairs);
    }
    for claim in
        object.pointer_mut("/spec/volumeClaimTemplates").and_then(Value::as_array_mut).into_iter().flatten()
    {
        put(claim, &format!("/metadata/{field}"), pairs);
    }
}

/// Adds pairs to a map, which is made where it is missing.
fn put(object: &mut Value, pointer: &str, pairs: &Map<String, Value>) {
    let mut place = object;
    for step in pointer.split('/').skip(1) {
        if !place.is_object() && !place.is_null() {
            return;
        }
        place = &mut place[step];
    }
    if place.is_null() {
        *place = Value::Object(Map::new());
    }
    if let Some(map) = place.as_object_mut() {
        map.extend(pairs.clone());
    }
}

/// Changes an image wherever containers name it.
fn set_image(value: &mut Value, image: &Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| set_image(item, image)),
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                if matches!(key.as_str(), "containers" | "initContainers") {
                    inner
                        .as_array_mut()
                        .into_iter()
                        .flatten()
                        .for_each(|container| replace_image(container, image));
                } else {
                    set_image(inner, image);
                }
            }
        }
        _ => {}
    }
}

fn replace_image(container: &mut Value, image: &Value) {
    let current = text(container, "/image").to_string();
    let (rest, digest) =
        current.split_once('@').map_or((current.as_str(), None), |(rest, digest)| (rest, Some(digest)));
    let (name, tag) = match rest.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (rest, None),
    };
    if name != text(image, "/name") {
        return;
    }
    let given = |key: &str| {
        image.get(key).and_then(|value| {
            value.as_str().map(str::to_string).or_else(|| value.as_number().map(ToString::to_string))
        })
    };
    let name = given("newName").unwrap_or_else(|| name.to_string());
    container["image"] = match (given("digest"), given("newTag")) {
        (Some(digest), _) => format!("{name}@{digest}"),
        (None, Some(tag)) => format!("{name}:{tag}"),
        (None, None) => {
            name + &tag.map(|tag| format!(":{tag}")).unwrap_or_default()
                + &digest.map(|digest| format!("@{digest}")).unwrap_or_default()
        }
    }
    .into();
}

fn patches(cx: &Context, directory: &str, file: &Map<String, Value>, items: &mut Vec<Item>) -> Outcome {
    let content = |path: &str| {
        let absolute = cx.path(&format!("{directory}/{path}"));
        cx.sys
            .read_text(&absolute)
            .map_err(|_| Failure::Message(format!("open {absolute}: no such file or directory")))
    };
    for entry in strings(file, "patchesStrategicMerge") {
        let patch = if entry.contains('\n') { entry } else { content(&entry)? };
        patch_with(&patch, &Value::Null, items)?;
    }
    for entry in list(file, "patches").iter().chain(list(file, "patchesJson6902")) {
        let patch = match (text(entry, "/patch"), text(entry, "/path")) {
            ("", path) => content(path)?,
            (inline, _) => inline.to_string(),
        };
        patch_with(&patch, entry.get("target").unwrap_or(&Value::Null), items)?;
    }
    Ok(())
}

/// One patch: operations for the target, or partial objects that name what they belong to.
fn patch_with(patch: &str, target: &Value, items: &mut Vec<Item>) -> Outcome {
    for document in manifest::documents("patch", patch) {
        let patch = document.value.map_err(Failure::Message)?;
        let mut found = false;
        let own = Value::from(Map::from_iter([
            ("kind".into(), patch["kind"].clone()),
            ("name".into(), patch.pointer("/metadata/name").cloned().unwrap_or_default()),
        ]));
        let wanted = if target.is_null() { &own } else { target };
        for item in items.iter_mut().filter(|item| matches(item, wanted)) {
            found = true;
            if patch.is_array() {
                let operations: json_patch::Patch = serde_json::from_value(patch.clone())
                    .map_err(|error| Failure::Message(error.to_string()))?;
                json_patch::patch(&mut item.value, &operations)
                    .map_err(|error| Failure::Message(error.to_string()))?;
            } else {
                let name = item.value["metadata"]["name"].clone();
                let fields = patch.as_object().cloned().unwrap_or_default();
                item.value = strategic::apply(&item.value, &fields).map_err(Failure::Message)?;
                if patch["$patch"] != "delete" {
                    item.value["metadata"]["name"] = name;
                }
            }
        }
        items.retain(|item| item.value.as_object().is_none_or(|map| !map.is_empty()));
        if !found && target.is_null() {
            return Err(Failure::Message(format!(
                "no matches for Id {}.[noGrp]/{}.[noNs]; failed to find unique target for patch {0}.[noGrp]/{1}.[noNs]",
                text(&own, "/kind"),
                text(&own, "/name")
            )));
        }
    }
    Ok(())
}

fn matches(item: &Item, target: &Value) -> bool {
    let group = text(&item.value, "/apiVersion").rsplit_once('/').map_or("", |(group, _)| group);
    let fits = |pointer: &str, is: &str| text(target, pointer).is_empty() || text(target, pointer) == is;
    let selector = text(target, "/labelSelector");
    let labelled = selector.split(',').filter(|part| !part.is_empty()).all(|part| {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        item.value.pointer("/metadata/labels").and_then(|labels| labels.get(key)).and_then(Value::as_str)
            == Some(value.trim_start_matches('='))
    });
    fits("/kind", item.kind())
        && (fits("/name", item.name()) || fits("/name", &item.known_as))
        && fits("/group", group)
        && labelled
}
