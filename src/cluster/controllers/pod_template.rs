//! From a pod template to pods: the template's hash, comparison that ignores it, and the pod itself.
//! Never stores anything; the same template gives the same hash in every session.

use k8s_openapi::api::core::v1::{Pod, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};

use crate::base::seed::KUBE_ALPHABET;
use crate::cluster::api::codec;

/// The label that tells the ReplicaSets of one Deployment apart.
pub const HASH_LABEL: &str = "pod-template-hash";

const LEAST_HASH: u32 = 10_000_000;

/// Kubernetes truncates a generated name's prefix so that five characters of suffix still fit into 63.
const MAX_GENERATED_PREFIX: usize = 58;

/// The hash of a template: 32 bits of FNV-1a as decimal digits, each digit mapped into the alphabet of generated
/// names (controller.ComputeHash and rand.SafeEncodeString; ours hashes the JSON form, so values differ from the
/// real ones while shape and alphabet agree).
pub fn template_hash(template: &PodTemplateSpec, collision_count: Option<i32>) -> String {
    let mut bytes = codec::encode_value(template).to_string().into_bytes();
    if let Some(count) = collision_count {
        bytes.extend_from_slice(&count.to_le_bytes());
    }
    // At least eight digits, as nearly all 32-bit numbers have.
    let hash = fnv1a(&bytes);
    let digits = if hash < LEAST_HASH { hash + LEAST_HASH } else { hash }.to_string();
    digits.bytes().map(|b| KUBE_ALPHABET[usize::from(b) % KUBE_ALPHABET.len()] as char).collect()
}

fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, &b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193))
}

/// Are two templates the same apart from the hash label? (deploymentutil.EqualIgnoreHash)
pub fn equal_ignoring_hash(a: &PodTemplateSpec, b: &PodTemplateSpec) -> bool {
    if a.spec != b.spec {
        return false;
    }
    without_hash(a.metadata.clone()) == without_hash(b.metadata.clone())
}

/// Template metadata without the hash label; an empty map and an absent one are the same.
fn without_hash(meta: Option<ObjectMeta>) -> ObjectMeta {
    let mut meta = meta.unwrap_or_default();
    if let Some(labels) = &mut meta.labels {
        labels.remove(HASH_LABEL);
    }
    meta.labels = meta.labels.filter(|l| !l.is_empty());
    meta.annotations = meta.annotations.filter(|a| !a.is_empty());
    meta
}

/// A pod as a workload controller creates it: the template's labels, annotations and spec, a generated name, and
/// its controller as owner (controller.GetPodFromTemplate).
pub fn pod_from_template(template: &PodTemplateSpec, parent: &str, owner: OwnerReference) -> Pod {
    let meta = template.metadata.clone().unwrap_or_default();
    Pod {
        metadata: ObjectMeta {
            generate_name: Some(generate_prefix(parent)),
            labels: meta.labels,
            annotations: meta.annotations,
            finalizers: meta.finalizers,
            owner_references: Some(vec![owner]),
            ..ObjectMeta::default()
        },
        spec: Some(template.spec.clone().unwrap_or_default()),
        status: None,
    }
}

/// `parent-`, as long as a name made of it would be valid.
pub fn generate_prefix(parent: &str) -> String {
    let end = parent.len().min(MAX_GENERATED_PREFIX - 1);
    let cut = parent.get(..end).unwrap_or(parent);
    format!("{cut}-")
}

/// The owner reference a controller puts on what it creates.
pub fn controller_reference(api_version: &str, kind: &str, owner: &ObjectMeta) -> OwnerReference {
    OwnerReference {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        name: owner.name.clone().unwrap_or_default(),
        uid: owner.uid.clone().unwrap_or_default(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use k8s_openapi::api::core::v1::PodSpec;

    use super::*;

    fn template(image: &str, hash: Option<&str>) -> PodTemplateSpec {
        let mut labels = BTreeMap::from([("app".to_owned(), "kiosk".to_owned())]);
        labels.extend(hash.map(|h| (HASH_LABEL.to_owned(), h.to_owned())));
        let container = k8s_openapi::api::core::v1::Container {
            name: "web".into(),
            image: Some(image.into()),
            ..Default::default()
        };
        PodTemplateSpec {
            metadata: Some(ObjectMeta { labels: Some(labels), ..Default::default() }),
            spec: Some(PodSpec { containers: vec![container], ..Default::default() }),
        }
    }

    #[test]
    fn a_hash_depends_on_the_template_and_the_collisions_and_uses_the_safe_alphabet() {
        let one = template_hash(&template("nginx:1.25", None), None);
        assert_eq!(one, template_hash(&template("nginx:1.25", None), None));
        assert_ne!(one, template_hash(&template("nginx:1.26", None), None));
        assert_ne!(one, template_hash(&template("nginx:1.25", None), Some(1)));
        assert!(one.bytes().all(|b| KUBE_ALPHABET.contains(&b)), "{one}");
        assert!(one.len() <= 10, "{one}");
    }

    #[test]
    fn the_hash_label_does_not_make_templates_differ() {
        assert!(equal_ignoring_hash(&template("a", None), &template("a", Some("55b754fd"))));
        assert!(!equal_ignoring_hash(&template("a", None), &template("b", None)));
    }
}
