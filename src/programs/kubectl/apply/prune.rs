//! `kubectl apply --prune`: what was applied before, is selected, and is in no file now, is deleted.

use super::super::context::{Context, DryRun};
use super::super::delete;
use super::super::fail::{Failure, Outcome};
use super::super::print::Printer;
use super::super::resource::{Info, mapper};
use super::LAST_APPLIED;
use crate::cluster::api::{Options, Propagation};
use crate::cluster::kinds::table::Resource;
use serde_json::Value;
use std::collections::BTreeSet;

/// The kinds that are pruned when `--prune-allowlist` names none.
const KINDS: [&str; 14] = [
    "configmaps",
    "endpoints",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "secrets",
    "services",
    "jobs",
    "cronjobs",
    "ingresses",
    "daemonsets",
    "deployments",
    "replicasets",
    "statefulsets",
];

/// What was applied: it stays.
#[derive(Default)]
pub struct Applied {
    uids: BTreeSet<String>,
    namespaces: BTreeSet<String>,
}

impl Applied {
    pub fn note(&mut self, info: &Info, object: &Value) {
        self.uids.extend(object["metadata"]["uid"].as_str().map(str::to_owned));
        self.namespaces.extend(info.namespace.clone());
    }
}

/// The kinds that may be pruned.
pub fn kinds(cx: &Context) -> Outcome<Vec<&'static Resource>> {
    let given = cx.flags.list("prune-allowlist");
    if given.is_empty() {
        return KINDS.iter().map(|plural| mapper::find(plural)).collect();
    }
    given.iter().map(|text| kind(text)).collect()
}

/// `core/v1/ConfigMap`.
fn kind(text: &str) -> Outcome<&'static Resource> {
    let [group, version, kind] = text.split('/').collect::<Vec<_>>()[..] else {
        return Err(Failure::Message(format!(
            "invalid GroupVersionKind format: {text}, please follow <group/version/kind>"
        )));
    };
    let group = if group == "core" { "" } else { group };
    let name = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    mapper::for_manifest(&name, kind)
        .ok_or_else(|| Failure::Message(format!("no matches for kind {kind:?} in version {name:?}")))
}

pub async fn run(cx: &Context, kinds: &[&'static Resource], applied: &Applied, dry_run: DryRun) -> Outcome {
    let client = cx.client()?;
    let selector = Some(cx.flags.text("selector").to_owned()).filter(|text| !text.is_empty());
    let mut places: Vec<(Option<&str>, &'static Resource)> = Vec::new();
    for namespace in &applied.namespaces {
        places.extend(
            kinds.iter().filter(|kind| kind.namespaced).map(|kind| (Some(namespace.as_str()), *kind)),
        );
    }
    places.extend(kinds.iter().filter(|kind| !kind.namespaced).map(|kind| (None, *kind)));
    let printer = Printer::for_operation(cx, "pruned", dry_run)?;
    for (namespace, resource) in places {
        let options = Options { label_selector: selector.clone(), ..Options::default() };
        for object in client.items(cx, resource, namespace, options).await? {
            let metadata = &object["metadata"];
            let is_applied = metadata["annotations"].get(LAST_APPLIED).is_some();
            let uid = metadata["uid"].as_str().unwrap_or_default();
            if !is_applied || applied.uids.contains(uid) {
                continue;
            }
            if dry_run != DryRun::Client {
                let name = metadata["name"].as_str().unwrap_or_default().to_owned();
                let namespace = namespace.map(str::to_owned);
                let info = Info { resource, namespace, name, object: None, source: None };
                delete::delete(cx, &info, -1, Propagation::Background, dry_run).await?;
            }
            cx.out(printer.render(cx, &object)?).await;
        }
    }
    Ok(())
}
