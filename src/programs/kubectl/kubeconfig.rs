//! Kubeconfig files in the virtual home: loading with kubectl's order of precedence, and writing back.

use super::context::Context;
use super::fail::{Failure, Outcome};
use super::output::yaml;
use crate::image::files::FsError;
use serde_json::{Map, Value, json};

/// The configuration in force and the file that changes go to.
#[derive(Debug, Clone)]
pub struct Kubeconfig {
    pub value: Value,
    pub path: String,
}

impl Kubeconfig {
    /// As [`Kubeconfig::load`], but a file that is named and not there is an empty one: who reads or writes
    /// configurations does not need one to begin with.
    pub fn load_if_there(cx: &Context) -> Outcome<Self> {
        let path = cx.path(cx.flags.text("kubeconfig"));
        match cx.flags.given("kubeconfig") && matches!(cx.sys.read_text(&path), Err(FsError::NotFound)) {
            true => Ok(Kubeconfig { value: empty(), path }),
            false => Kubeconfig::load(cx),
        }
    }

    /// `--kubeconfig`, else `$KUBECONFIG`, else `~/.kube/config`.
    pub fn load(cx: &Context) -> Outcome<Self> {
        let explicit = cx.flags.text("kubeconfig");
        if !explicit.is_empty() {
            let path = cx.path(explicit);
            return match cx.sys.read_text(&path) {
                Ok(text) => Ok(Kubeconfig { value: parse(&text, &path)?, path }),
                Err(FsError::NotFound) => {
                    Err(Failure::Message(format!("stat {explicit}: no such file or directory")))
                }
                Err(error) => Err(Failure::Message(format!(
                    "error loading config file \"{path}\": open {path}: {}",
                    error.to_string().to_lowercase()
                ))),
            };
        }
        let home = cx.env.get("HOME").cloned().unwrap_or_else(|| "/root".into());
        let paths: Vec<String> = match cx.env.get("KUBECONFIG").filter(|list| !list.is_empty()) {
            Some(list) => list.split(':').filter(|path| !path.is_empty()).map(str::to_owned).collect(),
            None => vec![format!("{home}/.kube/config")],
        };
        let mut merged = empty();
        let mut target = None;
        for path in &paths {
            if let Ok(text) = cx.sys.read_text(&cx.path(path)) {
                merge(&mut merged, parse(&text, path)?);
                target = target.or_else(|| Some(path.clone()));
            }
        }
        let path = target.or_else(|| paths.last().cloned()).unwrap_or_default();
        Ok(Kubeconfig { value: merged, path: cx.path(&path) })
    }

    /// Writes the file.
    pub fn save(&self, cx: &Context) -> Outcome {
        let directory = self.path.rsplit_once('/').map_or("/", |(directory, _)| directory).to_string();
        cx.sys
            .change(
                &directory,
                |tree, path, now| if tree.get(path).is_some() { Ok(()) } else { tree.mkdir(path, true, now) },
            )
            .ok();
        let text = yaml::emit(&self.value);
        let failed = |error: FsError| {
            Failure::Message(format!("open {}: {}", self.path, error.to_string().to_lowercase()))
        };
        cx.sys.write(&self.path, text.into_bytes()).map_err(failed)
    }

    pub fn current(&self) -> &str {
        self.value.get("current-context").and_then(Value::as_str).unwrap_or_default()
    }

    /// The named entry of `clusters`, `contexts` or `users`: its inner object.
    pub fn entry(&self, list: &str, name: &str) -> Option<&Value> {
        let inner = inner_key(list);
        self.items(list).iter().find(|item| item["name"] == name).and_then(|item| item.get(inner))
    }

    pub fn items(&self, list: &str) -> &[Value] {
        self.value.get(list).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    pub fn names(&self, list: &str) -> Vec<String> {
        let mut names: Vec<String> =
            self.items(list).iter().filter_map(|item| item["name"].as_str()).map(str::to_string).collect();
        names.sort();
        names
    }

    /// The named entry, made if it is not there.
    pub fn entry_mut(&mut self, list: &str, name: &str) -> &mut Map<String, Value> {
        let inner = inner_key(list);
        if !self.value.is_object() {
            self.value = empty();
        }
        if !self.value[list].is_array() {
            self.value[list] = json!([]);
        }
        let at = match self.items(list).iter().position(|item| item["name"] == name) {
            Some(at) => at,
            None => {
                let before = self
                    .items(list)
                    .iter()
                    .filter(|item| item["name"].as_str().is_some_and(|other| other < name))
                    .count();
                if let Some(items) = self.value[list].as_array_mut() {
                    items.insert(before, json!({"name": name, inner: {}}));
                }
                before
            }
        };
        let item = &mut self.value[list][at];
        if !item[inner].is_object() {
            item[inner] = json!({});
        }
        match &mut item[inner] {
            Value::Object(map) => map,
            _ => unreachable!("made an object above"),
        }
    }

    /// Removes an entry; false when there is none.
    pub fn remove(&mut self, list: &str, name: &str) -> bool {
        let Some(items) = self.value.get_mut(list).and_then(Value::as_array_mut) else { return false };
        let before = items.len();
        items.retain(|item| item["name"] != name);
        items.len() < before
    }
}

fn inner_key(list: &str) -> &'static str {
    match list {
        "clusters" => "cluster",
        "contexts" => "context",
        _ => "user",
    }
}

/// What kubectl has without any file.
pub fn empty() -> Value {
    json!({"apiVersion": "v1", "kind": "Config", "clusters": [], "contexts": [], "current-context": "", "users": []})
}

fn parse(text: &str, path: &str) -> Outcome<Value> {
    if text.trim().is_empty() {
        return Ok(empty());
    }
    let bad = |error: String| Failure::Message(format!("error loading config file \"{path}\": {error}"));
    let value = super::resource::manifest::parse_yaml(text).map_err(bad)?;
    for (list, kind) in
        [("clusters", "NamedCluster"), ("contexts", "NamedContext"), ("users", "NamedAuthInfo")]
    {
        let found = match &value[list] {
            Value::Null | Value::Array(_) => continue,
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Object(_) => "object",
        };
        return Err(bad(format!(
            "json: cannot unmarshal {found} into Go struct field Config.{list} of type []v1.{kind}"
        )));
    }
    Ok(value)
}

/// Earlier files win.
fn merge(into: &mut Value, from: Value) {
    for list in ["clusters", "contexts", "users"] {
        for item in from.get(list).and_then(Value::as_array).into_iter().flatten() {
            let known = into[list]
                .as_array()
                .is_some_and(|items| items.iter().any(|other| other["name"] == item["name"]));
            if let Some(items) = into[list].as_array_mut().filter(|_| !known) {
                items.push(item.clone());
            }
        }
    }
    if into["current-context"] == "" {
        into["current-context"] = from.get("current-context").cloned().unwrap_or_else(|| json!(""));
    }
    for (key, value) in from.as_object().into_iter().flatten() {
        if into.get(key).is_none() {
            into[key] = value.clone();
        }
    }
}
