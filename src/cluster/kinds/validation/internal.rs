//! Values as the server shows them in messages: the internal types' JSON, whose fields have Go's names and order and
//! are never left out, on one line or as a unified diff of two.

use std::fmt::Write;

use k8s_openapi::api::core::v1::{PersistentVolumeClaimSpec, PodSpec, PodTemplateSpec};
use k8s_openapi::api::rbac::v1::RoleRef;
use serde_json::Value;

use crate::cluster::api::codec;

/// Unchanged lines around a change.
const CONTEXT: usize = 3;
/// Lines compared; longer specs are cut.
const LINE_LIMIT: usize = 2_000;

/// What stands for a field that is not set, or how its value is written.
#[derive(Clone, Copy)]
enum Kind {
    /// A pointer, list or map: `null` when unset, else as it is in the API.
    Raw,
    Text,
    Bool,
    Number,
    /// A struct that is always there; its fields may live in another place of the API's JSON.
    Struct(&'static [Field]),
    Pointer(&'static [Field]),
    List(&'static [Field]),
}

/// Go's name, the API's name, and the kind.
type Field = (&'static str, &'static str, Kind);

use Kind::{Bool, List, Number, Pointer, Raw, Struct, Text};

#[rustfmt::skip]
const POD_SPEC: &[Field] = &[
    ("Volumes", "volumes", List(VOLUME)), ("InitContainers", "initContainers", List(CONTAINER)),
    ("Containers", "containers", List(CONTAINER)), ("EphemeralContainers", "ephemeralContainers", Raw),
    ("RestartPolicy", "restartPolicy", Text), ("TerminationGracePeriodSeconds", "terminationGracePeriodSeconds", Raw),
    ("ActiveDeadlineSeconds", "activeDeadlineSeconds", Raw), ("DNSPolicy", "dnsPolicy", Text),
    ("NodeSelector", "nodeSelector", Raw), ("ServiceAccountName", "serviceAccountName", Text),
    ("AutomountServiceAccountToken", "automountServiceAccountToken", Raw), ("NodeName", "nodeName", Text),
    ("SecurityContext", "", Struct(SECURITY)), ("ImagePullSecrets", "imagePullSecrets", List(&[("Name", "name", Text)])),
    ("Hostname", "hostname", Text), ("Subdomain", "subdomain", Text), ("SetHostnameAsFQDN", "setHostnameAsFQDN", Raw),
    ("Affinity", "affinity", Raw), ("SchedulerName", "schedulerName", Text),
    ("Tolerations", "tolerations", List(&[("Key", "key", Text), ("Operator", "operator", Text), ("Value", "value", Text),
        ("Effect", "effect", Text), ("TolerationSeconds", "tolerationSeconds", Raw)])),
    ("HostAliases", "hostAliases", Raw), ("PriorityClassName", "priorityClassName", Text), ("Priority", "priority", Raw),
    ("PreemptionPolicy", "preemptionPolicy", Raw), ("DNSConfig", "dnsConfig", Raw),
    ("ReadinessGates", "readinessGates", Raw), ("RuntimeClassName", "runtimeClassName", Raw),
    ("Overhead", "overhead", Raw), ("EnableServiceLinks", "enableServiceLinks", Raw),
    ("TopologySpreadConstraints", "topologySpreadConstraints", Raw), ("OS", "os", Raw),
    ("SchedulingGates", "schedulingGates", Raw), ("ResourceClaims", "resourceClaims", Raw),
    ("Resources", "resources", Raw), ("HostnameOverride", "hostnameOverride", Raw),
    ("SchedulingGroup", "schedulingGroup", Raw),
];

#[rustfmt::skip]
const CLAIM_SPEC: &[Field] = &[
    ("AccessModes", "accessModes", Raw), ("Selector", "selector", Raw),
    ("Resources", "resources", Struct(&[("Limits", "limits", Raw), ("Requests", "requests", Raw)])),
    ("VolumeName", "volumeName", Text), ("StorageClassName", "storageClassName", Raw),
    ("VolumeMode", "volumeMode", Raw), ("DataSource", "dataSource", Raw), ("DataSourceRef", "dataSourceRef", Raw),
    ("VolumeAttributesClassName", "volumeAttributesClassName", Raw),
];

const ROLE_REF: &[Field] = &[("APIGroup", "apiGroup", Text), ("Kind", "kind", Text), ("Name", "name", Text)];

/// The pod's security context; the host's namespaces are fields of the spec in the API.
#[rustfmt::skip]
const SECURITY: &[Field] = &[
    ("HostNetwork", "hostNetwork", Bool), ("HostPID", "hostPID", Bool), ("HostIPC", "hostIPC", Bool),
    ("ShareProcessNamespace", "shareProcessNamespace", Raw), ("HostUsers", "hostUsers", Raw),
    ("SELinuxOptions", "securityContext/seLinuxOptions", Raw), ("WindowsOptions", "securityContext/windowsOptions", Raw),
    ("RunAsUser", "securityContext/runAsUser", Raw), ("RunAsGroup", "securityContext/runAsGroup", Raw),
    ("RunAsNonRoot", "securityContext/runAsNonRoot", Raw),
    ("SupplementalGroups", "securityContext/supplementalGroups", Raw),
    ("SupplementalGroupsPolicy", "securityContext/supplementalGroupsPolicy", Raw),
    ("FSGroup", "securityContext/fsGroup", Raw), ("FSGroupChangePolicy", "securityContext/fsGroupChangePolicy", Raw),
    ("Sysctls", "securityContext/sysctls", Raw), ("SeccompProfile", "securityContext/seccompProfile", Raw),
    ("AppArmorProfile", "securityContext/appArmorProfile", Raw),
    ("SELinuxChangePolicy", "securityContext/seLinuxChangePolicy", Raw),
];

#[rustfmt::skip]
const CONTAINER: &[Field] = &[
    ("Name", "name", Text), ("Image", "image", Text), ("Command", "command", Raw), ("Args", "args", Raw),
    ("WorkingDir", "workingDir", Text),
    ("Ports", "ports", List(&[("Name", "name", Text), ("HostPort", "hostPort", Number),
        ("ContainerPort", "containerPort", Number), ("Protocol", "protocol", Text), ("HostIP", "hostIP", Text)])),
    ("EnvFrom", "envFrom", Raw),
    ("Env", "env", List(&[("Name", "name", Text), ("Value", "value", Text), ("ValueFrom", "valueFrom", Raw)])),
    ("Resources", "resources", Struct(&[("Limits", "limits", Raw), ("Requests", "requests", Raw), ("Claims", "claims", Raw)])),
    ("ResizePolicy", "resizePolicy", Raw), ("RestartPolicy", "restartPolicy", Raw),
    ("RestartPolicyRules", "restartPolicyRules", Raw),
    ("VolumeMounts", "volumeMounts", List(&[("Name", "name", Text), ("ReadOnly", "readOnly", Bool),
        ("RecursiveReadOnly", "recursiveReadOnly", Raw), ("MountPath", "mountPath", Text), ("SubPath", "subPath", Text),
        ("MountPropagation", "mountPropagation", Raw), ("SubPathExpr", "subPathExpr", Text)])),
    ("VolumeDevices", "volumeDevices", Raw), ("LivenessProbe", "livenessProbe", Raw),
    ("ReadinessProbe", "readinessProbe", Raw), ("StartupProbe", "startupProbe", Raw), ("Lifecycle", "lifecycle", Raw),
    ("TerminationMessagePath", "terminationMessagePath", Text),
    ("TerminationMessagePolicy", "terminationMessagePolicy", Text), ("ImagePullPolicy", "imagePullPolicy", Text),
    ("SecurityContext", "securityContext", Raw), ("Stdin", "stdin", Bool), ("StdinOnce", "stdinOnce", Bool),
    ("TTY", "tty", Bool),
];

const ITEMS: Kind = List(&[("Key", "key", Text), ("Path", "path", Text), ("Mode", "mode", Raw)]);
const REFERENCES: &[Field] = &[
    ("Path", "path", Text),
    (
        "FieldRef",
        "fieldRef",
        Pointer(&[("APIVersion", "apiVersion", Text), ("FieldPath", "fieldPath", Text)]),
    ),
    ("ResourceFieldRef", "resourceFieldRef", Raw),
    ("Mode", "mode", Raw),
];

#[rustfmt::skip]
const VOLUME: &[Field] = &[
    ("Name", "name", Text), ("HostPath", "hostPath", Pointer(&[("Path", "path", Text), ("Type", "type", Raw)])),
    ("EmptyDir", "emptyDir", Pointer(&[("Medium", "medium", Text), ("SizeLimit", "sizeLimit", Raw)])),
    ("GCEPersistentDisk", "gcePersistentDisk", Raw), ("AWSElasticBlockStore", "awsElasticBlockStore", Raw),
    ("GitRepo", "gitRepo", Raw),
    ("Secret", "secret", Pointer(&[("SecretName", "secretName", Text), ("Items", "items", ITEMS),
        ("DefaultMode", "defaultMode", Raw), ("Optional", "optional", Raw)])),
    ("NFS", "nfs", Raw), ("ISCSI", "iscsi", Raw), ("Glusterfs", "glusterfs", Raw),
    ("PersistentVolumeClaim", "persistentVolumeClaim", Pointer(&[("ClaimName", "claimName", Text), ("ReadOnly", "readOnly", Bool)])),
    ("RBD", "rbd", Raw), ("Quobyte", "quobyte", Raw), ("FlexVolume", "flexVolume", Raw), ("Cinder", "cinder", Raw),
    ("CephFS", "cephfs", Raw), ("Flocker", "flocker", Raw), ("DownwardAPI", "downwardAPI", Raw), ("FC", "fc", Raw),
    ("AzureFile", "azureFile", Raw),
    ("ConfigMap", "configMap", Pointer(&[("Name", "name", Text), ("Items", "items", ITEMS),
        ("DefaultMode", "defaultMode", Raw), ("Optional", "optional", Raw)])),
    ("VsphereVolume", "vsphereVolume", Raw), ("AzureDisk", "azureDisk", Raw),
    ("PhotonPersistentDisk", "photonPersistentDisk", Raw),
    ("Projected", "projected", Pointer(&[("Sources", "sources", List(PROJECTION)), ("DefaultMode", "defaultMode", Raw)])),
    ("PortworxVolume", "portworxVolume", Raw), ("ScaleIO", "scaleIO", Raw), ("StorageOS", "storageos", Raw),
    ("CSI", "csi", Raw), ("Ephemeral", "ephemeral", Raw), ("Image", "image", Raw),
];

#[rustfmt::skip]
const PROJECTION: &[Field] = &[
    ("Secret", "secret", Pointer(&[("Name", "name", Text), ("Items", "items", ITEMS), ("Optional", "optional", Raw)])),
    ("DownwardAPI", "downwardAPI", Pointer(&[("Items", "items", List(REFERENCES))])),
    ("ConfigMap", "configMap", Pointer(&[("Name", "name", Text), ("Items", "items", ITEMS), ("Optional", "optional", Raw)])),
    ("ServiceAccountToken", "serviceAccountToken", Pointer(&[("Audience", "audience", Text),
        ("ExpirationSeconds", "expirationSeconds", Raw), ("Path", "path", Text)])),
    ("ClusterTrustBundle", "clusterTrustBundle", Raw), ("PodCertificate", "podCertificate", Raw),
];

/// A field of the API's JSON; the fields of some structs are spread over the one around them.
fn found<'a>(json: &'a Value, place: &str) -> &'a Value {
    place.split('/').filter(|p| !p.is_empty()).try_fold(json, |v, part| v.get(part)).unwrap_or(&Value::Null)
}

/// The lines of an indented JSON text.
struct Lines(Vec<String>);

impl Lines {
    fn push(&mut self, depth: usize, text: String) {
        self.0.push(format!("{}{text}", " ".repeat(depth)));
    }

    fn object(&mut self, depth: usize, head: &str, fields: &[Field], json: &Value, tail: &str) {
        self.push(depth, format!("{head}{{"));
        for (index, (name, place, kind)) in fields.iter().enumerate() {
            let comma = if index + 1 < fields.len() { "," } else { "" };
            self.value(depth + 1, &format!("\"{name}\": "), *kind, found(json, place), comma);
        }
        self.push(depth, format!("}}{tail}"));
    }

    fn value(&mut self, depth: usize, head: &str, kind: Kind, json: &Value, tail: &str) {
        match (kind, json) {
            (Text, Value::Null) => self.push(depth, format!("{head}\"\"{tail}")),
            (Bool, Value::Null) => self.push(depth, format!("{head}false{tail}")),
            (Number, Value::Null) => self.push(depth, format!("{head}0{tail}")),
            (Struct(fields), json) => self.object(depth, head, fields, json, tail),
            (Pointer(fields), Value::Object(_)) => self.object(depth, head, fields, json, tail),
            (List(fields), Value::Array(items)) => {
                self.push(depth, format!("{head}["));
                for (index, item) in items.iter().enumerate() {
                    let comma = if index + 1 < items.len() { "," } else { "" };
                    self.object(depth + 1, "", fields, item, comma);
                }
                self.push(depth, format!("]{tail}"));
            }
            (_, json) => self.plain(depth, head, json, tail),
        }
    }

    /// JSON as it is, indented by one blank a level.
    fn plain(&mut self, depth: usize, head: &str, json: &Value, tail: &str) {
        match json {
            Value::Array(items) if !items.is_empty() => {
                self.push(depth, format!("{head}["));
                for (index, item) in items.iter().enumerate() {
                    self.plain(depth + 1, "", item, if index + 1 < items.len() { "," } else { "" });
                }
                self.push(depth, format!("]{tail}"));
            }
            Value::Object(map) if !map.is_empty() => {
                self.push(depth, format!("{head}{{"));
                for (index, (key, value)) in map.iter().enumerate() {
                    let comma = if index + 1 < map.len() { "," } else { "" };
                    self.plain(depth + 1, &format!("\"{key}\": "), value, comma);
                }
                self.push(depth, format!("}}{tail}"));
            }
            other => self.push(depth, format!("{head}{other}{tail}")),
        }
    }
}

fn dump(fields: &[Field], json: &Value) -> Vec<String> {
    let mut lines = Lines(Vec::new());
    lines.object(0, "", fields, json, "");
    lines.0.truncate(LINE_LIMIT);
    lines.0
}

/// The unified diff from `old` to `new`, hunks only.
pub(super) fn pod_diff(old: &PodSpec, new: &PodSpec) -> String {
    unified(&dump(POD_SPEC, &codec::encode_value(old)), &dump(POD_SPEC, &codec::encode_value(new)))
}

/// As [`pod_diff`], for claims.
pub(super) fn claim_diff(old: &PersistentVolumeClaimSpec, new: &PersistentVolumeClaimSpec) -> String {
    unified(&dump(CLAIM_SPEC, &codec::encode_value(old)), &dump(CLAIM_SPEC, &codec::encode_value(new)))
}

/// A pod template on one line; its metadata keeps the API's names.
pub(super) fn template(template: &PodTemplateSpec) -> String {
    let metadata = template.metadata.as_ref().map(codec::encode_value).unwrap_or_default();
    let mut text = String::from("{");
    for (key, value) in metadata.as_object().into_iter().flatten() {
        // Writing into a String cannot fail.
        let _ = write!(text, "\"{key}\":{value},");
    }
    text.push_str("\"Spec\":");
    on_one_line(Struct(POD_SPEC), &codec::encode_value(&template.spec), &mut text);
    text + "}"
}

/// The role of a binding on one line.
pub(super) fn role(role: &RoleRef) -> String {
    let mut text = String::new();
    on_one_line(Struct(ROLE_REF), &codec::encode_value(role), &mut text);
    text
}

fn on_one_line(kind: Kind, json: &Value, text: &mut String) {
    let separate = |text: &mut String, index: usize| text.push_str(if index > 0 { "," } else { "" });
    match (kind, json) {
        (Text, Value::Null) => text.push_str("\"\""),
        (Bool, Value::Null) => text.push_str("false"),
        (Number, Value::Null) => text.push('0'),
        (Struct(fields), json) | (Pointer(fields), json @ Value::Object(_)) => {
            text.push('{');
            for (index, (name, place, kind)) in fields.iter().enumerate() {
                separate(text, index);
                let _ = write!(text, "\"{name}\":");
                on_one_line(*kind, found(json, place), text);
            }
            text.push('}');
        }
        (List(fields), Value::Array(items)) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(text, index);
                on_one_line(Struct(fields), item, text);
            }
            text.push(']');
        }
        (_, json) => text.push_str(&json.to_string()),
    }
}

/// Longest common subsequence by the classic table; specs have a few hundred lines.
fn edits(a: &[String], b: &[String]) -> Vec<(char, usize, usize)> {
    let width = b.len() + 1;
    let mut longest = vec![0u16; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i * width + j] = match a[i] == b[j] {
                true => longest[(i + 1) * width + j + 1] + 1,
                false => longest[(i + 1) * width + j].max(longest[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut script = Vec::new();
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            script.push((' ', i, j));
            (i, j) = (i + 1, j + 1);
        } else if i < a.len() && (j == b.len() || longest[(i + 1) * width + j] >= longest[i * width + j + 1])
        {
            script.push(('-', i, j));
            i += 1;
        } else {
            script.push(('+', i, j));
            j += 1;
        }
    }
    script
}

fn unified(a: &[String], b: &[String]) -> String {
    let script = edits(a, b);
    let changed: Vec<usize> = script.iter().enumerate().filter(|(_, e)| e.0 != ' ').map(|(n, _)| n).collect();
    let mut text = String::new();
    let mut next = 0;
    while let Some(first) = changed.get(next) {
        let start = first.saturating_sub(CONTEXT);
        let mut end = (first + 1 + CONTEXT).min(script.len());
        while let Some(at) = changed.get(next) {
            if at.saturating_sub(CONTEXT) > end {
                break;
            }
            end = (at + 1 + CONTEXT).min(script.len());
            next += 1;
        }
        let hunk = &script[start..end];
        let (of_a, of_b) =
            (hunk.iter().filter(|e| e.0 != '+').count(), hunk.iter().filter(|e| e.0 != '-').count());
        let _ = writeln!(text, "@@ -{},{of_a} +{},{of_b} @@", hunk[0].1 + 1, hunk[0].2 + 1);
        for (mark, i, j) in hunk {
            let line = if *mark == '+' { &b[*j] } else { &a[*i] };
            let _ = writeln!(text, "{mark}{line}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{Container, PodSpec};

    #[test]
    fn a_changed_command_shows_among_its_neighbours() {
        let container = |command: Option<Vec<String>>| Container {
            name: "fixed".into(),
            image: Some("nginx:1.27".into()),
            command,
            ..Container::default()
        };
        let old = PodSpec { containers: vec![container(None)], ..PodSpec::default() };
        let new = PodSpec { containers: vec![container(Some(vec!["x".into()]))], ..PodSpec::default() };
        let expect = "@@ -5,7 +5,9 @@\n   {\n    \"Name\": \"fixed\",\n    \"Image\": \"nginx:1.27\",\n-   \"Command\": null,\n+   \"Command\": [\n+    \"x\"\n+   ],\n    \"Args\": null,\n    \"WorkingDir\": \"\",\n    \"Ports\": null,\n";
        assert_eq!(super::pod_diff(&old, &new), expect);
    }
}
