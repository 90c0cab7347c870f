//! Volumes of a pod: names, and exactly one source each.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Volume;
use serde_json::Value;

use super::check_name;
use crate::cluster::api::codec;
use crate::cluster::kinds::field::{Errors, quoted};
use crate::cluster::kinds::names;

/// Checks the volumes and returns the names that mounts may use.
pub(super) fn validate(path: &str, list: &[Volume], errors: &mut Errors) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for (index, volume) in list.iter().enumerate() {
        let at = format!("{path}[{index}]");
        let before = errors.len();
        source(&at, volume, errors);
        if volume.name.is_empty() {
            errors.required(&format!("{at}.name"), "");
        } else {
            check_name(&format!("{at}.name"), &volume.name, names::dns_label, errors);
        }
        if known.contains(&volume.name) {
            errors.duplicate(&format!("{at}.name"), &quoted(&volume.name));
        }
        if errors.len() == before {
            known.insert(volume.name.clone());
        }
    }
    known
}

fn source(path: &str, volume: &Volume, errors: &mut Errors) {
    let Value::Object(fields) = codec::encode_value(volume) else { return };
    let mut sources = fields.keys().filter(|k| *k != "name");
    let Some(first) = sources.next() else {
        return errors.required(path, "must specify a volume type");
    };
    for other in sources {
        errors.forbidden(&format!("{path}.{other}"), "may not specify more than 1 volume type");
    }
    let text = |field: &str| fields[first.as_str()][field].as_str().unwrap_or_default().is_empty();
    let needed = match first.as_str() {
        "hostPath" => "path",
        "secret" => "secretName",
        "configMap" => "name",
        "persistentVolumeClaim" => "claimName",
        "csi" => "driver",
        _ => return,
    };
    if text(needed) {
        errors.required(&format!("{path}.{first}.{needed}"), "");
    }
}
