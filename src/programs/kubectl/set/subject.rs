//! `kubectl set subject`: who a role is given to, besides those who have it.

use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::{Manner, agree, change, selected};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const MANNER: Manner =
    Manner { done: "subjects updated", failed: "failed to patch subjects to rolebinding: ", always: false };

pub async fn run(cx: &Context) -> Outcome {
    let dry_run = cx.dry_run().await?;
    let infos = selected(cx, &cx.args).await?;
    agree(cx, dry_run)?;
    let of = |flag: &str| -> BTreeSet<String> { cx.flags.list(flag).into_iter().collect() };
    let (users, groups, accounts) = (of("user"), of("group"), of("serviceaccount"));
    if users.is_empty() && groups.is_empty() && accounts.is_empty() {
        return Err(Failure::message("you must specify at least one value of user, group or serviceaccount"));
    }
    let everywhere = infos.iter().any(|info| info.resource.kind == "ClusterRoleBinding");
    let role = |kind: &str, name: &String| json!({"kind": kind, "apiGroup": "rbac.authorization.k8s.io", "name": name});
    let mut subjects: Vec<Value> = users.iter().map(|name| role("User", name)).collect();
    subjects.extend(groups.iter().map(|name| role("Group", name)));
    for account in &accounts {
        subjects.push(service_account(account, everywhere, &cx.namespace()?)?);
    }
    change(cx, infos, &MANNER, dry_run, |object| {
        if !matches!(object["kind"].as_str(), Some("RoleBinding" | "ClusterRoleBinding")) {
            return Err("setting subjects is only supported for RoleBinding/ClusterRoleBinding".into());
        }
        let mut all = object["subjects"].as_array().cloned().unwrap_or_default();
        all.extend(subjects.iter().filter(|subject| !all.contains(subject)).cloned().collect::<Vec<_>>());
        object["subjects"] = all.into();
        Ok(Vec::new())
    })
    .await
}

fn service_account(text: &str, everywhere: bool, own: &str) -> Outcome<Value> {
    match text.split(':').collect::<Vec<_>>()[..] {
        [_, ""] => {}
        ["", _] if everywhere => {
            return Err(Failure::message(
                "serviceaccount must be <namespace>:<name>, namespace must be specified",
            ));
        }
        [namespace, name] => {
            let namespace = if namespace.is_empty() { own } else { namespace };
            return Ok(json!({"kind": "ServiceAccount", "namespace": namespace, "name": name}));
        }
        _ => {}
    }
    Err(Failure::message("serviceaccount must be <namespace>:<name>"))
}
