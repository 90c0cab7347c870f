//! A set of fields as a tree, in the notation of `FieldsV1`: `f:name`, `k:{"name":"web"}` for an item of a keyed list,
//! `v:"x"` for an item of a set. Knows no object.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// The place itself is in the set.
    pub own: bool,
    pub children: BTreeMap<String, Fields>,
}

impl Fields {
    pub fn is_empty(&self) -> bool {
        !self.own && self.children.is_empty()
    }

    /// Adds a child unless there is nothing in it.
    pub fn put(&mut self, step: String, child: Fields) {
        if !child.is_empty() {
            self.children.insert(step, child);
        }
    }

    /// Adds a place; with `above` also the one right above it.
    pub fn insert(&mut self, path: &[&str], above: bool) {
        let Some((last, rest)) = path.split_last() else { return };
        let mut at = self;
        for step in rest {
            at = at.children.entry((*step).to_owned()).or_default();
        }
        at.own |= above;
        at.children.entry((*last).to_owned()).or_default().own = true;
    }

    /// Is there anything at or under a place?
    pub fn has(&self, path: &[&str]) -> bool {
        let mut at = self;
        for step in path {
            match at.children.get(*step) {
                Some(child) => at = child,
                None => return false,
            }
        }
        true
    }

    /// Takes out a place and everything under it.
    pub fn remove(&mut self, path: &[&str]) {
        let Some((first, rest)) = path.split_first() else { return };
        if rest.is_empty() {
            self.children.remove(*first);
        } else if let Some(child) = self.children.get_mut(*first) {
            child.remove(rest);
            if child.is_empty() {
                self.children.remove(*first);
            }
        }
    }

    pub fn union(&mut self, other: &Fields) {
        self.own |= other.own;
        for (step, child) in &other.children {
            self.children.entry(step.clone()).or_default().union(child);
        }
    }

    pub fn subtract(&mut self, other: &Fields) {
        self.own &= !other.own;
        for (step, child) in &other.children {
            if let Some(mine) = self.children.get_mut(step) {
                mine.subtract(child);
                if mine.is_empty() {
                    self.children.remove(step);
                }
            }
        }
    }

    pub fn intersection(&self, other: &Fields) -> Fields {
        let mut both = Fields { own: self.own && other.own, children: BTreeMap::new() };
        for (step, child) in &self.children {
            if let Some(theirs) = other.children.get(step) {
                both.put(step.clone(), child.intersection(theirs));
            }
        }
        both
    }

    /// The places in the set as messages write them: `.spec.template.spec.containers[name="web"].image`.
    pub fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        self.collect("", &mut paths);
        paths
    }

    fn collect(&self, prefix: &str, paths: &mut Vec<String>) {
        if self.own && !prefix.is_empty() {
            paths.push(prefix.to_owned());
        }
        for (step, child) in &self.children {
            child.collect(&format!("{prefix}{}", shown(step)), paths);
        }
    }

    pub fn from_value(value: &Value) -> Fields {
        let map = value.as_object();
        let children = map.into_iter().flatten().filter(|(step, _)| *step != ".");
        Fields {
            own: map.is_some_and(|map| map.is_empty() || map.contains_key(".")),
            children: children.map(|(step, child)| (step.clone(), Fields::from_value(child))).collect(),
        }
    }

    pub fn to_value(&self) -> Value {
        let mut map = Map::new();
        if self.own && !self.children.is_empty() {
            map.insert(".".to_owned(), Value::Object(Map::new()));
        }
        for (step, child) in &self.children {
            map.insert(step.clone(), child.to_value());
        }
        Value::Object(map)
    }
}

fn shown(step: &str) -> String {
    match step.split_once(':') {
        Some(("f", name)) => format!(".{name}"),
        Some(("k", keys)) => {
            let keys: Value = serde_json::from_str(keys).unwrap_or_default();
            let pairs = keys.as_object().into_iter().flatten().map(|(name, value)| format!("{name}={value}"));
            format!("[{}]", pairs.collect::<Vec<_>>().join(","))
        }
        Some(("v", value)) => format!("[={value}]"),
        _ => step.to_owned(),
    }
}
