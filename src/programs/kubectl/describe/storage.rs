//! The pages of what keeps data: config maps, secrets, volumes, claims, storage classes.

use super::Subject;
use super::multiline::{annotations, format_labels, labels};
use super::page::{Page, flag, list, or_none, plain, text, texts, time, title_bool};
use base64::Engine;
use serde_json::Value;

fn head(page: &mut Page, object: &Value) {
    page.field(0, "Name", text(object, "/metadata/name"));
    page.field(0, "Namespace", text(object, "/metadata/namespace"));
    labels(page, "Labels", object, "/metadata/labels");
    annotations(page, "Annotations", object, "/metadata/annotations");
}

/// The number of bytes that a base64 value stands for.
fn decoded_length(value: &Value) -> usize {
    base64::engine::general_purpose::STANDARD.decode(plain(value)).map_or(0, |bytes| bytes.len())
}

pub fn config_map(subject: &Subject<'_>, page: &mut Page) {
    let map = subject.object;
    head(page, map);
    page.line(0, "\nData\n====");
    for (key, value) in map.get("data").and_then(Value::as_object).into_iter().flatten() {
        page.line(0, &format!("{key}:\n----\n{}\n", plain(value)));
    }
    page.line(0, "\nBinaryData\n====");
    for (key, value) in map.get("binaryData").and_then(Value::as_object).into_iter().flatten() {
        page.line(0, &format!("{key}: {} bytes", decoded_length(value)));
    }
    page.line(0, "");
}

pub fn secret(subject: &Subject<'_>, page: &mut Page) {
    let secret = subject.object;
    head(page, secret);
    page.line(0, &format!("\nType:\t{}", text(secret, "/type")));
    page.line(0, "\nData\n====");
    for (key, value) in secret.get("data").and_then(Value::as_object).into_iter().flatten() {
        page.field(0, key, format!("{} bytes", decoded_length(value)));
    }
}

/// `RWO,ROX`.
fn modes(object: &Value, pointer: &str) -> String {
    let short = |mode: String| match mode.as_str() {
        "ReadWriteOnce" => "RWO".to_string(),
        "ReadOnlyMany" => "ROX".into(),
        "ReadWriteMany" => "RWX".into(),
        "ReadWriteOncePod" => "RWOP".into(),
        _ => mode,
    };
    texts(object, pointer).into_iter().map(short).collect::<Vec<_>>().join(",")
}

fn phase(page: &mut Page, object: &Value) {
    match object.pointer("/metadata/deletionTimestamp") {
        Some(deleted) => page.field(0, "Status", format!("Terminating (lasts {})", page.age(Some(deleted)))),
        None => page.field(0, "Status", text(object, "/status/phase")),
    }
}

pub fn volume(subject: &Subject<'_>, page: &mut Page) {
    let volume = subject.object;
    page.field(0, "Name", text(volume, "/metadata/name"));
    labels(page, "Labels", volume, "/metadata/labels");
    annotations(page, "Annotations", volume, "/metadata/annotations");
    page.field(0, "Finalizers", format!("[{}]", texts(volume, "/metadata/finalizers").join(" ")));
    page.field(0, "StorageClass", text(volume, "/spec/storageClassName"));
    phase(page, volume);
    let claim = volume.pointer("/spec/claimRef");
    let claim = claim.map(|claim| format!("{}/{}", text(claim, "/namespace"), text(claim, "/name")));
    page.field(0, "Claim", claim.unwrap_or_default());
    page.field(0, "Reclaim Policy", text(volume, "/spec/persistentVolumeReclaimPolicy"));
    page.field(0, "Access Modes", modes(volume, "/spec/accessModes"));
    page.optional(0, "VolumeMode", volume.pointer("/spec/volumeMode"));
    page.field(0, "Capacity", volume.pointer("/spec/capacity/storage").map_or("0".into(), plain));
    affinity(page, volume);
    page.field(0, "Message", text(volume, "/status/message"));
    page.line(0, "Source:");
    let spec = &volume["spec"];
    if let Some(path) = spec.get("hostPath") {
        page.field(2, "Type", "HostPath (bare host directory volume)");
        page.field(2, "Path", text(path, "/path"));
        page.field(2, "HostPathType", text(path, "/type"));
    } else if let Some(nfs) = spec.get("nfs") {
        page.field(2, "Type", "NFS (an NFS mount that lasts the lifetime of a pod)");
        page.field(2, "Server", text(nfs, "/server"));
        page.field(2, "Path", text(nfs, "/path"));
        page.field(2, "ReadOnly", flag(nfs, "/readOnly"));
    } else if let Some(local) = spec.get("local") {
        page.field(2, "Type", "LocalVolume (a persistent volume backed by local storage on a node)");
        page.field(2, "Path", text(local, "/path"));
    } else if let Some(csi) = spec.get("csi") {
        page.field(2, "Type", "CSI (a Container Storage Interface (CSI) volume source)");
        page.field(2, "Driver", text(csi, "/driver"));
        page.field(2, "FSType", text(csi, "/fsType"));
        page.field(2, "VolumeHandle", text(csi, "/volumeHandle"));
        page.field(2, "ReadOnly", flag(csi, "/readOnly"));
        page.field(2, "VolumeAttributes", format_labels(csi, "/volumeAttributes"));
    } else {
        page.line(1, "<unknown>");
    }
}

fn affinity(page: &mut Page, volume: &Value) {
    page.write(0, "Node Affinity:\t");
    let terms = list(volume, "/spec/nodeAffinity/required/nodeSelectorTerms");
    if volume.pointer("/spec/nodeAffinity/required").is_none() {
        return page.line(0, "<none>");
    }
    page.line(0, "");
    page.write(1, "Required Terms:\t");
    page.line(0, if terms.is_empty() { "<none>" } else { "" });
    for (i, term) in terms.iter().enumerate() {
        page.write(2, &format!("Term {i}:\t"));
        for (j, found) in list(term, "/matchExpressions").iter().enumerate() {
            let (key, operator) = (text(found, "/key"), text(found, "/operator").to_lowercase());
            let indent = if j > 0 { "    \t" } else { "" };
            page.line(0, &format!("{indent}{key} {operator} [{}]", texts(found, "/values").join(", ")));
        }
    }
}

pub fn claim(subject: &Subject<'_>, page: &mut Page) {
    let claim = subject.object;
    page.field(0, "Name", text(claim, "/metadata/name"));
    page.field(0, "Namespace", text(claim, "/metadata/namespace"));
    page.field(0, "StorageClass", text(claim, "/spec/storageClassName"));
    phase(page, claim);
    let volume = text(claim, "/spec/volumeName");
    page.field(0, "Volume", volume);
    labels(page, "Labels", claim, "/metadata/labels");
    annotations(page, "Annotations", claim, "/metadata/annotations");
    page.field(0, "Finalizers", format!("[{}]", texts(claim, "/metadata/finalizers").join(" ")));
    let bound = !volume.is_empty();
    let capacity = claim.pointer("/status/capacity/storage").filter(|_| bound).map(plain).unwrap_or_default();
    page.field(0, "Capacity", capacity);
    page.field(0, "Access Modes", if bound { modes(claim, "/status/accessModes") } else { String::new() });
    page.optional(0, "VolumeMode", claim.pointer("/spec/volumeMode"));
    let name = text(claim, "/metadata/name");
    let mut users: Vec<&str> = subject
        .related("pods")
        .iter()
        .filter(|pod| {
            list(pod, "/spec/volumes")
                .iter()
                .any(|found| text(found, "/persistentVolumeClaim/claimName") == name)
        })
        .map(|pod| text(pod, "/metadata/name"))
        .collect();
    users.sort_unstable();
    page.field(0, "Used By", or_none(&users.join("\n\t")));
    let conditions = list(claim, "/status/conditions");
    if !conditions.is_empty() {
        page.line(0, "Conditions:");
        page.line(1, "Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage");
        page.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
        for found in conditions {
            let (probe, change) = (time(found, "/lastProbeTime"), time(found, "/lastTransitionTime"));
            let (kind, status) = (text(found, "/type"), text(found, "/status"));
            let tail = format!("{} \t{}", text(found, "/reason"), text(found, "/message"));
            page.line(1, &format!("{kind} \t{status} \t{probe} \t{change} \t{tail}"));
        }
    }
}

pub fn class(subject: &Subject<'_>, page: &mut Page) {
    let class = subject.object;
    page.field(0, "Name", text(class, "/metadata/name"));
    let default = class.pointer("/metadata/annotations/storageclass.kubernetes.io~1is-default-class");
    let default = default.and_then(Value::as_str) == Some("true");
    page.field(0, "IsDefaultClass", if default { "Yes" } else { "No" });
    page.field(0, "Annotations", format_labels(class, "/metadata/annotations"));
    page.field(0, "Provisioner", text(class, "/provisioner"));
    page.field(0, "Parameters", format_labels(class, "/parameters"));
    let expands = class.get("allowVolumeExpansion").and_then(Value::as_bool);
    page.field(0, "AllowVolumeExpansion", expands.map_or("<unset>", title_bool));
    let options = texts(class, "/mountOptions");
    if options.is_empty() {
        page.field(0, "MountOptions", "<none>");
    } else {
        page.line(0, "MountOptions:");
        options.iter().for_each(|option| page.line(1, option));
    }
    page.optional(0, "ReclaimPolicy", class.get("reclaimPolicy"));
    page.optional(0, "VolumeBindingMode", class.get("volumeBindingMode"));
}
