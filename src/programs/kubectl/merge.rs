//! JSON merge patches on the client: what flags such as `--overrides` lay over a generated object.

use serde_json::{Map, Value};

/// RFC 7386.
pub fn apply_patch(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(map) = target.as_object_mut() else { return };
    for (key, value) in patch {
        if value.is_null() {
            map.remove(key);
        } else {
            apply_patch(map.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::apply_patch;
    use serde_json::json;

    #[test]
    fn null_takes_away_and_lists_are_replaced() {
        let mut target = json!({"a": {"b": 1, "c": [1, 2]}, "d": 3});
        apply_patch(&mut target, &json!({"a": {"b": null, "c": [3]}, "e": {"f": null}}));
        assert_eq!(target, json!({"a": {"c": [3]}, "d": 3, "e": {}}));
    }
}
