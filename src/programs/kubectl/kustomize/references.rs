//! Names inside objects that follow when the object they name is renamed.

use serde_json::Value;

/// Old name, new name, by kind.
pub type Renamed = Vec<(String, String, String)>;

/// A field, the field it is in, and the kind it names.
const PLACES: [(&str, &str, &str); 13] = [
    ("configMapRef", "name", "ConfigMap"),
    ("configMapKeyRef", "name", "ConfigMap"),
    ("configMap", "name", "ConfigMap"),
    ("secretRef", "name", "Secret"),
    ("secretKeyRef", "name", "Secret"),
    ("secret", "name", "Secret"),
    ("secret", "secretName", "Secret"),
    ("imagePullSecrets", "name", "Secret"),
    ("tls", "secretName", "Secret"),
    ("service", "name", "Service"),
    ("persistentVolumeClaim", "claimName", "PersistentVolumeClaim"),
    ("*", "serviceAccountName", "ServiceAccount"),
    ("*", "serviceName", "Service"),
];
/// References that say the kind beside the name.
const TYPED: [&str; 3] = ["scaleTargetRef", "roleRef", "subjects"];

/// Follows the renames in everything below a value.
pub fn follow(value: &mut Value, parent: &str, renamed: &Renamed) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| follow(item, parent, renamed)),
        Value::Object(map) => {
            let kind_beside = map.get("kind").and_then(Value::as_str).map(str::to_string);
            for (key, inner) in map.iter_mut() {
                let kind = match kind_beside.as_deref() {
                    Some(kind) if key == "name" && TYPED.contains(&parent) => Some(kind),
                    _ => PLACES
                        .iter()
                        .find(|(place, field, _)| (*place == "*" || *place == parent) && field == key)
                        .map(|place| place.2),
                };
                let next = kind.and_then(|kind| {
                    renamed.iter().find(|(of, old, _)| of == kind && Some(old.as_str()) == inner.as_str())
                });
                match next {
                    Some((_, _, new)) => *inner = new.clone().into(),
                    None => follow(inner, key, renamed),
                }
            }
        }
        _ => {}
    }
}
