//! Volumes of pods and templates. Kinds of volume that the simulation has no use for print `<unknown>`.

use super::page::{Page, flag, list, number, plain, text};
use serde_json::Value;

pub fn write(page: &mut Page, volumes: &[Value], space: &str) {
    if volumes.is_empty() {
        return page.line(0, &format!("{space}Volumes:\t<none>"));
    }
    page.line(0, &format!("{space}Volumes:"));
    for volume in volumes {
        let indent = if space.is_empty() { "" } else { " " };
        page.line(1, &format!("{indent}{}:", text(volume, "/name")));
        source(page, volume);
    }
}

fn source(page: &mut Page, volume: &Value) {
    let get = |key: &str| volume.get(key).filter(|value| !value.is_null());
    if let Some(path) = get("hostPath") {
        page.field(2, "Type", "HostPath (bare host directory volume)");
        page.field(2, "Path", text(path, "/path"));
        page.field(2, "HostPathType", text(path, "/type"));
    } else if let Some(empty) = get("emptyDir") {
        page.field(2, "Type", "EmptyDir (a temporary directory that shares a pod's lifetime)");
        page.field(2, "Medium", text(empty, "/medium"));
        page.field(2, "SizeLimit", empty.get("sizeLimit").map_or("<unset>".into(), plain));
    } else if let Some(secret) = get("secret") {
        page.field(2, "Type", "Secret (a volume populated by a Secret)");
        page.field(2, "SecretName", text(secret, "/secretName"));
        page.field(2, "Optional", flag(secret, "/optional"));
    } else if let Some(map) = get("configMap") {
        page.field(2, "Type", "ConfigMap (a volume populated by a ConfigMap)");
        page.field(2, "Name", text(map, "/name"));
        page.field(2, "Optional", flag(map, "/optional"));
    } else if let Some(claim) = get("persistentVolumeClaim") {
        page.field(
            2,
            "Type",
            "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        );
        page.field(2, "ClaimName", text(claim, "/claimName"));
        page.field(2, "ReadOnly", flag(claim, "/readOnly"));
    } else if let Some(nfs) = get("nfs") {
        page.field(2, "Type", "NFS (an NFS mount that lasts the lifetime of a pod)");
        page.field(2, "Server", text(nfs, "/server"));
        page.field(2, "Path", text(nfs, "/path"));
        page.field(2, "ReadOnly", flag(nfs, "/readOnly"));
    } else if let Some(downward) = get("downwardAPI") {
        page.field(2, "Type", "DownwardAPI (a volume populated by information about the pod)");
        page.line(2, "Items:");
        for item in list(downward, "/items") {
            let from = text(item, "/fieldRef/fieldPath");
            let from = if from.is_empty() { text(item, "/resourceFieldRef/resource") } else { from };
            page.line(3, &format!("{from} -> {}", text(item, "/path")));
        }
    } else if let Some(projected) = get("projected") {
        self::projected(page, projected);
    } else {
        page.line(1, "<unknown>");
    }
}

fn projected(page: &mut Page, projected: &Value) {
    page.field(2, "Type", "Projected (a volume that contains injected data from multiple sources)");
    for source in list(projected, "/sources") {
        if let Some(secret) = source.get("secret") {
            page.field(2, "SecretName", text(secret, "/name"));
            page.field(2, "Optional", flag(secret, "/optional"));
        } else if source.get("downwardAPI").is_some() {
            page.field(2, "DownwardAPI", true);
        } else if let Some(map) = source.get("configMap") {
            page.field(2, "ConfigMapName", text(map, "/name"));
            page.field(2, "Optional", flag(map, "/optional"));
        } else if let Some(token) = source.get("serviceAccountToken") {
            page.field(2, "TokenExpirationSeconds", number(token, "/expirationSeconds"));
        }
    }
}
