//! ConfigMaps, Secrets, volumes and claims, ingresses.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{
    ConfigMap, PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimSpec, Secret,
};
use k8s_openapi::api::networking::v1::Ingress;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::{check_name, internal, one_of};
use crate::cluster::api::codec;
use crate::cluster::kinds::field::{Errors, quoted};
use crate::cluster::kinds::names;
use crate::cluster::quantity;

/// The content of a ConfigMap or Secret, in bytes.
const SIZE_LIMIT: usize = 1024 * 1024;
const MODES: &[&str] = &["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
const CLAIM_UPDATES: &str = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
const FROZEN: &str = "field is immutable when `immutable` is set";

pub(super) fn config_map(o: &ConfigMap, errors: &mut Errors) {
    let binary = o.binary_data.clone().unwrap_or_default();
    let mut total = 0;
    for (key, value) in o.data.iter().flatten() {
        check_name(&format!("data[{key}]"), key, names::config_key, errors);
        if binary.contains_key(key) {
            errors.invalid_text(&format!("data[{key}]"), key, "duplicate of key present in binaryData");
        }
        total += value.len();
    }
    for (key, value) in &binary {
        check_name(&format!("binaryData[{key}]"), key, names::config_key, errors);
        total += value.0.len();
    }
    if total > SIZE_LIMIT {
        errors.too_long("", SIZE_LIMIT);
    }
}

pub(super) fn config_map_update(new: &ConfigMap, old: &ConfigMap, errors: &mut Errors) {
    if old.immutable != Some(true) {
        return;
    }
    if new.immutable != Some(true) {
        errors.forbidden("immutable", FROZEN);
    }
    if new.data != old.data {
        errors.forbidden("data", FROZEN);
    }
    if new.binary_data != old.binary_data {
        errors.forbidden("binaryData", FROZEN);
    }
}

pub(super) fn secret(o: &Secret, errors: &mut Errors) {
    let empty: BTreeMap<String, ByteString> = BTreeMap::new();
    let data = o.data.as_ref().unwrap_or(&empty);
    for key in data.keys() {
        check_name(&format!("data[{key}]"), key, names::config_key, errors);
    }
    if data.values().map(|v| v.0.len()).sum::<usize>() > SIZE_LIMIT {
        errors.too_long("data", SIZE_LIMIT);
    }
    let needed: &[&str] = match o.type_.as_deref().unwrap_or_default() {
        "kubernetes.io/dockerconfigjson" => &[".dockerconfigjson"],
        "kubernetes.io/dockercfg" => &[".dockercfg"],
        "kubernetes.io/ssh-auth" => &["ssh-privatekey"],
        "kubernetes.io/tls" => &["tls.crt", "tls.key"],
        // One of the two is enough.
        "kubernetes.io/basic-auth" if !data.contains_key("username") && !data.contains_key("password") => {
            &["username", "password"]
        }
        _ => &[],
    };
    for key in needed.iter().filter(|key| !data.contains_key(**key)) {
        errors.required(&format!("data[{key}]"), "");
    }
}

pub(super) fn secret_update(new: &Secret, old: &Secret, errors: &mut Errors) {
    errors.immutable("type", &new.type_, &old.type_, || quoted(new.type_.as_deref().unwrap_or_default()));
    if old.immutable == Some(true) {
        if new.immutable != Some(true) {
            errors.forbidden("immutable", FROZEN);
        }
        if new.data != old.data {
            errors.forbidden("data", FROZEN);
        }
    }
}

pub(super) fn claim(o: &PersistentVolumeClaim, errors: &mut Errors) {
    let spec = o.spec.clone().unwrap_or_default();
    let modes = spec.access_modes.unwrap_or_default();
    if modes.is_empty() {
        errors.required("spec.accessModes", "at least 1 access mode is required");
    }
    modes.iter().for_each(|mode| one_of("spec.accessModes", mode, MODES, errors));
    let requests = spec.resources.and_then(|r| r.requests).unwrap_or_default();
    if !requests.contains_key("storage") {
        errors.required("spec.resources[storage]", "");
    }
}

pub(super) fn claim_update(new: &PersistentVolumeClaim, old: &PersistentVolumeClaim, errors: &mut Errors) {
    let (Some(n), Some(o)) = (&new.spec, &old.spec) else { return };
    let (mut same, mut before) = (n.clone(), o.clone());
    if before.volume_name.as_deref().unwrap_or_default().is_empty() {
        before.volume_name.clone_from(&same.volume_name);
    }
    let size = |spec: &PersistentVolumeClaimSpec| {
        Some(spec.resources.as_ref()?.requests.as_ref()?.get("storage")?.clone())
    };
    if new.status.as_ref().and_then(|s| s.phase.as_deref()) == Some("Bound") {
        if let (Some(requests), Some(size)) =
            (same.resources.as_mut().and_then(|r| r.requests.as_mut()), size(o))
        {
            requests.insert("storage".to_owned(), size);
        }
        same.volume_attributes_class_name.clone_from(&o.volume_attributes_class_name);
    }
    if same != before {
        let diff = internal::claim_diff(&before, &same);
        errors.forbidden("spec", &format!("{CLAIM_UPDATES}\n{diff}"));
    }
    let amount = |text: &Quantity| quantity::parse(&text.0).ok().map(quantity::Quantity::milli_value);
    let held = old.status.as_ref().and_then(|s| s.capacity.as_ref()?.get("storage").cloned());
    let asked = size(n).as_ref().and_then(amount);
    if asked < size(o).as_ref().and_then(amount) && asked <= held.as_ref().and_then(amount) {
        errors.forbidden("spec.resources.requests.storage", "field can not be less than status.capacity");
    }
}

pub(super) fn volume(o: &PersistentVolume, errors: &mut Errors) {
    let spec = o.spec.clone().unwrap_or_default();
    let modes = spec.access_modes.clone().unwrap_or_default();
    if modes.is_empty() {
        errors.required("spec.accessModes", "");
    }
    modes.iter().for_each(|mode| one_of("spec.accessModes", mode, MODES, errors));
    match spec.capacity.as_ref().filter(|c| !c.is_empty()) {
        None => errors.required("spec.capacity", ""),
        Some(capacity) if !capacity.contains_key("storage") => {
            let shown = codec::encode_value(capacity).to_string();
            errors.invalid("spec.capacity", &shown, "must be storage");
        }
        Some(_) => {}
    }
    let policy = spec.persistent_volume_reclaim_policy.as_deref().unwrap_or_default();
    one_of("spec.persistentVolumeReclaimPolicy", policy, &["Delete", "Recycle", "Retain"], errors);
}

pub(super) fn ingress(o: &Ingress, errors: &mut Errors) {
    let spec = o.spec.clone().unwrap_or_default();
    let rules = spec.rules.unwrap_or_default();
    if rules.is_empty() && spec.default_backend.is_none() {
        errors.invalid("spec", "{}", "either `defaultBackend` or `rules` must be specified");
    }
    for (index, rule) in rules.iter().enumerate() {
        if let Some(host) = rule.host.as_deref().filter(|h| !h.is_empty()) {
            check_name(
                &format!("spec.rules[{index}].host"),
                host.trim_start_matches("*."),
                names::dns_subdomain,
                errors,
            );
        }
        for (n, path) in rule.http.iter().flat_map(|h| &h.paths).enumerate() {
            let at = format!("spec.rules[{index}].http.paths[{n}]");
            one_of(
                &format!("{at}.pathType"),
                &path.path_type,
                &["Exact", "ImplementationSpecific", "Prefix"],
                errors,
            );
            let text = path.path.as_deref().unwrap_or_default();
            if path.path_type != "ImplementationSpecific" && !text.starts_with('/') {
                errors.invalid_text(&format!("{at}.path"), text, "must be an absolute path");
            }
        }
    }
}
