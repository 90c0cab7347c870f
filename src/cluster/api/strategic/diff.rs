//! Making strategic merge patches: what turns one object into another, and apply's three-way patch. As apimachinery's
//! `strategicpatch.CreateTwoWayMergePatch` and `CreateThreeWayMergePatch`. Never applies one.

use serde_json::{Map, Value, json};

use super::{ListMerge, identity, in_order, list_merge, retains_keys};

const ORDER: &str = "$setElementOrder/";
const DELETED_WORDS: &str = "$deleteFromPrimitiveList/";
const RETAINED: &str = "$retainKeys";

/// Which half of a difference is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Both,
    /// What is new or other, but nothing that is gone.
    Changes,
    /// Only what is gone.
    Deletions,
}

impl Half {
    fn changes(self) -> bool {
        self != Half::Deletions
    }

    fn deletions(self) -> bool {
        self != Half::Changes
    }
}

type Fields = Map<String, Value>;

/// The patch that makes `modified` of `original`; empty when they are the same.
pub fn two_way(original: &Value, modified: &Value) -> Fields {
    maps(&fields(original), &fields(modified), "", false, Half::Both)
}

/// Apply's patch: what `modified` says otherwise than `current`, and what it no longer says though `original` did.
///
/// # Errors
/// The orders of a list's two halves differ: its items cannot be told apart by their key.
pub fn three_way(original: &Value, modified: &Value, current: &Value) -> Result<Fields, String> {
    let modified = fields(modified);
    let changes = maps(&fields(current), &modified, "", false, Half::Changes);
    let deletions = maps(&fields(original), &modified, "", false, Half::Deletions);
    combine(deletions, changes, "")
}

fn fields(value: &Value) -> Fields {
    value.as_object().cloned().unwrap_or_default()
}

fn maps(old: &Fields, new: &Fields, place: &str, retain: bool, half: Half) -> Fields {
    let mut patch = Fields::new();
    for (key, value) in new {
        match (old.get(key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => {
                let inner = maps(old, new, key, retains_keys(place, key), half);
                if !inner.is_empty() {
                    patch.insert(key.clone(), Value::Object(inner));
                }
            }
            (Some(Value::Array(old)), Value::Array(new)) => lists(&mut patch, key, old, new, place, half),
            (Some(old), new) if old == new => {}
            _ if half.changes() => drop(patch.insert(key.clone(), value.clone())),
            _ => {}
        }
    }
    if half.deletions() {
        patch.extend(old.keys().filter(|key| !new.contains_key(*key)).map(|key| (key.clone(), Value::Null)));
    }
    let differs = !patch.is_empty() || old.keys().any(|key| !new.contains_key(key));
    if retain && differs && !new.is_empty() {
        let kept: Vec<&String> =
            new.iter().filter(|(_, value)| !value.is_null()).map(|(key, _)| key).collect();
        patch.insert(RETAINED.to_owned(), json!(kept));
    }
    patch
}

/// What a list's difference puts into the patch: changed items, and the order that all of them have.
fn lists(patch: &mut Fields, key: &str, old: &[Value], new: &[Value], place: &str, half: Half) {
    let merge = list_merge(place, key);
    if merge == ListMerge::Replace {
        if half.changes() && old != new {
            patch.insert(key.to_owned(), json!(new));
        }
        return;
    }
    if old.is_empty() {
        if half.changes() && !new.is_empty() {
            patch.insert(key.to_owned(), json!(new));
        }
        return;
    }
    let (items, gone, ordered) = match merge {
        ListMerge::Key(name) => keyed(key, old, new, name, retains_keys(place, key), half),
        _ => words(old, new, half),
    };
    if !items.is_empty() {
        patch.insert(key.to_owned(), Value::Array(items));
    }
    if !gone.is_empty() {
        patch.insert(format!("{DELETED_WORDS}{key}"), Value::Array(gone));
    }
    if ordered {
        let order: Vec<Value> = match merge {
            ListMerge::Key(name) => new.iter().map(|item| json!({name: item.get(name)})).collect(),
            _ => new.to_vec(),
        };
        if !order.is_empty() {
            patch.insert(format!("{ORDER}{key}"), Value::Array(order));
        }
    }
}

/// Items of the patch, deleted words, and whether the order must be told.
type Listed = (Vec<Value>, Vec<Value>, bool);

fn keyed(place: &str, old: &[Value], new: &[Value], name: &str, retain: bool, half: Half) -> Listed {
    let find =
        |list: &[Value], item: &Value| list.iter().find(|other| other.get(name) == item.get(name)).cloned();
    let mut items = Vec::new();
    for item in new {
        match find(old, item) {
            Some(before) => {
                let mut inner = maps(&fields(&before), &fields(item), place, retain, half);
                if !inner.is_empty() {
                    inner.insert(name.to_owned(), item.get(name).cloned().unwrap_or_default());
                    items.push(Value::Object(inner));
                }
            }
            None if half.changes() => items.push(item.clone()),
            None => {}
        }
    }
    // Where several items have one key, all of them come where the first stands.
    items.sort_by_key(|item| new.iter().position(|other| other.get(name) == item.get(name)));
    if half.deletions() {
        let mut gone: Vec<&Value> = old.iter().filter(|item| find(new, item).is_none()).collect();
        gone.sort_by_key(|item| item.get(name).map(Value::to_string));
        items.extend(gone.into_iter().map(|item| json!({"$patch": "delete", name: item.get(name)})));
    }
    let keys =
        |list: &[Value]| -> Vec<Option<Value>> { list.iter().map(|item| item.get(name).cloned()).collect() };
    let ordered = !items.is_empty() || (half.changes() && keys(old) != keys(new));
    (items, Vec::new(), ordered)
}

fn words(old: &[Value], new: &[Value], half: Half) -> Listed {
    let missing = |from: &[Value], list: &[Value]| -> Vec<Value> {
        list.iter().filter(|word| !from.contains(word)).cloned().collect()
    };
    let added = if half.changes() { missing(old, new) } else { Vec::new() };
    let gone = if half.deletions() { missing(new, old) } else { Vec::new() };
    let ordered = !gone.is_empty() || (half.changes() && old != new);
    (added, gone, ordered)
}

/// Two patches as one: the second wins, and nothing of either is carried out yet.
fn combine(mut first: Fields, mut second: Fields, place: &str) -> Result<Fields, String> {
    if let Some(kept) = second.remove(RETAINED) {
        first.entry(RETAINED).or_insert(kept);
    }
    let orders: Vec<String> = second.keys().filter(|key| key.starts_with(ORDER)).cloned().collect();
    for key in orders {
        let Some(Value::Array(order)) = second.remove(&key) else { continue };
        if first.get(&key).is_some_and(|known| known.as_array() != Some(&order)) {
            return Err("invalid patch format of setElementOrder list".to_owned());
        }
        first.insert(key.clone(), Value::Array(order.clone()));
        let field = key.trim_start_matches(ORDER);
        let merge = list_merge(place, field);
        let patch = list_of(second.remove(field));
        fits_order(&patch, &order, merge)?;
        let known = list_of(first.remove(field));
        if known.is_empty() && patch.is_empty() {
            continue;
        }
        let merged = combine_items(known.clone(), patch, merge, field)?;
        let (named, others): (Vec<Value>, Vec<Value>) = merged
            .into_iter()
            .partition(|item| order.iter().any(|other| identity(other, merge) == identity(item, merge)));
        let ordered = in_order(named, &order, &known, merge).into_iter().chain(others);
        first.insert(field.to_owned(), Value::Array(ordered.collect()));
    }
    for (key, value) in second {
        let merged = match (first.remove(&key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => Value::Object(combine(old, new, &key)?),
            (Some(Value::Array(old)), Value::Array(new)) => match list_merge(place, &key) {
                ListMerge::Replace => Value::Array(new),
                merge => Value::Array(combine_items(old, new, merge, &key)?),
            },
            (_, new) => new,
        };
        first.insert(key, merged);
    }
    Ok(first)
}

fn list_of(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    }
}

fn combine_items(
    mut known: Vec<Value>,
    patch: Vec<Value>,
    merge: ListMerge,
    field: &str,
) -> Result<Vec<Value>, String> {
    for item in patch {
        let at = known.iter().position(|other| identity(other, merge) == identity(&item, merge));
        match (at, item) {
            (Some(at), Value::Object(new)) => {
                known[at] = Value::Object(combine(fields(&known[at]), new, field)?);
            }
            (Some(_), _) => {}
            (None, new) => known.push(new),
        }
    }
    Ok(known)
}

/// The items of the patch must stand in the order's order, each once.
fn fits_order(patch: &[Value], order: &[Value], merge: ListMerge) -> Result<(), String> {
    let mut rest = order.iter();
    let in_turn = |item: &Value| rest.by_ref().any(|other| identity(other, merge) == identity(item, merge));
    if patch.is_empty() || order.is_empty() || patch.iter().all(in_turn) {
        return Ok(());
    }
    let shown = |list: &[Value]| go_list(list);
    Err(format!(
        "The order in patch list:\n{}\n doesn't match $setElementOrder list:\n{}\n",
        shown(patch),
        shown(order)
    ))
}

/// Maps and lists as Go's `%v` prints them.
fn go_list(list: &[Value]) -> String {
    format!("[{}]", list.iter().map(go_value).collect::<Vec<_>>().join(" "))
}

fn go_value(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let pairs: Vec<String> =
                map.iter().map(|(key, value)| format!("{key}:{}", go_value(value))).collect();
            format!("map[{}]", pairs.join(" "))
        }
        Value::Array(list) => go_list(list),
        Value::String(text) => text.clone(),
        Value::Null => "<nil>".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::apply;
    use super::{three_way, two_way};

    #[track_caller]
    fn check(original: Value, modified: Value, current: Value, patch: Value) {
        assert_eq!(three_way(&original, &modified, &current).map(Value::Object), Ok(patch));
    }

    #[test]
    fn a_changed_container_is_named_and_ordered() {
        let file = |image: &str| json!({"spec": {"containers": [{"name": "a", "image": image}]}});
        let live =
            json!({"spec": {"containers": [{"name": "a", "image": "x", "pull": "Always"}], "other": 1}});
        check(
            file("x"),
            file("y"),
            live.clone(),
            json!({"spec": {
                "$setElementOrder/containers": [{"name": "a"}],
                "containers": [{"name": "a", "image": "y"}],
            }}),
        );
        check(file("x"), file("x"), live, json!({}));
    }

    #[test]
    fn what_the_file_lost_is_deleted_and_what_others_added_stays() {
        let original = json!({"spec": {"paused": true, "containers": [
            {"name": "a", "env": [{"name": "A", "value": "1"}]}, {"name": "gone"}]}});
        let modified = json!({"spec": {"containers": [{"name": "a", "image": "y"}]}});
        let live = json!({"spec": {"paused": true, "containers": [
            {"name": "a", "image": "x", "env": [{"name": "A", "value": "1"}]}, {"name": "gone"}, {"name": "sidecar"}]}});
        let patch = json!({"spec": {
            "paused": null,
            "$setElementOrder/containers": [{"name": "a"}],
            "containers": [{"name": "a", "image": "y", "env": null}, {"name": "gone", "$patch": "delete"}],
        }});
        check(original, modified, live.clone(), patch.clone());
        let after = apply(&live, patch.as_object().expect("a map"));
        let expect = json!({"spec": {"containers": [{"name": "a", "image": "y"}, {"name": "sidecar"}]}});
        assert_eq!(after, Ok(expect));
    }

    #[test]
    fn a_strategy_retains_its_keys() {
        let before =
            json!({"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}});
        let after = json!({"spec": {"strategy": {"type": "Recreate"}}});
        let patch = two_way(&before, &after);
        let expect = json!({"spec": {"strategy": {"$retainKeys": ["type"], "rollingUpdate": null, "type": "Recreate"}}});
        assert_eq!(Value::Object(patch.clone()), expect);
        assert_eq!(apply(&before, &patch), Ok(after));
    }

    #[test]
    fn items_with_the_same_key_cannot_be_ordered() {
        let variable = |name: &str, value: &str| json!({"name": name, "value": value});
        let modified = json!({"env": [variable("A", "1"), variable("B", "2"), variable("A", "3")]});
        let live = json!({"env": [variable("A", "0"), variable("B", "0")]});
        let error = three_way(&Value::Null, &modified, &live).expect_err("one variable twice");
        let expect = "The order in patch list:\n[map[name:A value:1] map[name:A value:3] map[name:B value:2]]\n \
                      doesn't match $setElementOrder list:\n[map[name:A] map[name:B] map[name:A]]\n";
        assert_eq!(error, expect);
    }
}
