//! Roles and bindings out of flags.

use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::super::resource::mapper;
use super::one_name;
use serde_json::{Value, json};

const GROUP: &str = "rbac.authorization.k8s.io";

pub async fn role(cx: &Context) -> Outcome<Value> {
    let name = one_name(cx)?;
    let rules = rules(cx).await?;
    Ok(
        json!({"apiVersion": format!("{GROUP}/v1"), "kind": "Role", "metadata": {"name": name}, "rules": rules}),
    )
}

pub async fn cluster_role(cx: &Context) -> Outcome<Value> {
    let name = one_name(cx)?;
    let mut object =
        json!({"apiVersion": format!("{GROUP}/v1"), "kind": "ClusterRole", "metadata": {"name": name}});
    let aggregated = cx.flags.text("aggregation-rule");
    if !aggregated.is_empty() {
        let others = ["non-resource-url", "verb", "resource", "resource-name"];
        if others.iter().any(|flag| !cx.flags.list(flag).is_empty()) {
            return Err(Failure::message(
                "aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames",
            ));
        }
        let labels = super::parse_labels(aggregated)?;
        object["aggregationRule"] = json!({"clusterRoleSelectors": [{"matchLabels": labels}]});
        object["rules"] = Value::Null;
        return Ok(object);
    }
    let (verbs, urls) = (verbs(cx)?, cx.flags.list("non-resource-url"));
    if cx.flags.list("resource").is_empty() && urls.is_empty() {
        return Err(Failure::message("one of resource or nonResourceURL must be specified"));
    }
    let mut all = if cx.flags.list("resource").is_empty() { Vec::new() } else { rules(cx).await? };
    if !urls.is_empty() {
        check_urls(&verbs, &urls)?;
        all.push(json!({"nonResourceURLs": urls, "verbs": verbs}));
    }
    object["rules"] = json!(all);
    Ok(object)
}

fn check_urls(verbs: &[String], urls: &[String]) -> Outcome {
    let known = ["*", "get", "post", "put", "delete", "patch", "head", "options"];
    if let Some(verb) = verbs.iter().find(|verb| !known.contains(&verb.as_str())) {
        return Err(Failure::Message(format!("invalid verb: '{verb}' for nonResourceURL")));
    }
    for url in urls.iter().filter(|url| *url != "*") {
        if !url.starts_with('/') {
            return Err(Failure::message("nonResourceURL should start with /"));
        }
        if url[..url.len() - 1].contains('*') {
            return Err(Failure::message(
                "nonResourceURL only supports wildcard matches when '*' is at the end",
            ));
        }
    }
    Ok(())
}

fn verbs(cx: &Context) -> Outcome<Vec<String>> {
    let given = cx.flags.list("verb");
    if given.is_empty() {
        return Err(Failure::message("at least one verb must be specified"));
    }
    if given.iter().any(|verb| verb == "*") {
        return Ok(vec!["*".into()]);
    }
    let mut verbs: Vec<String> = Vec::new();
    for verb in given {
        if !verbs.contains(&verb) {
            verbs.push(verb);
        }
    }
    Ok(verbs)
}

/// One rule per API group, in the order of groups.
async fn rules(cx: &Context) -> Outcome<Vec<Value>> {
    const KNOWN: [&str; 14] = [
        "*",
        "get",
        "delete",
        "list",
        "create",
        "update",
        "patch",
        "watch",
        "proxy",
        "deletecollection",
        "use",
        "bind",
        "escalate",
        "impersonate",
    ];
    let verbs = verbs(cx)?;
    for verb in verbs.iter().filter(|verb| !KNOWN.contains(&verb.as_str())) {
        cx.errln(format!("Warning: '{verb}' is not a standard resource verb")).await;
    }
    let resources = cx.flags.list("resource");
    if resources.is_empty() {
        return Err(Failure::message("at least one resource must be specified"));
    }
    cx.client()?.discover(cx).await?;
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for word in resources {
        let (kind, sub) = word.split_once('/').map_or((word.as_str(), None), |(kind, sub)| (kind, Some(sub)));
        if kind.is_empty() || kind.starts_with('.') {
            return Err(Failure::message("resource must be specified if apiGroup/subresource specified"));
        }
        let (bare, given_group) = kind.split_once('.').unwrap_or((kind, ""));
        let found = mapper::lookup(kind);
        let (group, plural) = match found {
            _ if bare == "*" => (given_group.to_owned(), "*".to_owned()),
            Some(found) => (found.group.to_owned(), found.plural.to_owned()),
            None => (given_group.to_owned(), bare.to_owned()),
        };
        if bare != "*" {
            special(&verbs, &group, &plural, found.is_some())?;
        }
        let full = sub.map_or(plural.clone(), |sub| format!("{plural}/{sub}"));
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, list)) => list.push(full),
            None => groups.push((group, vec![full])),
        }
    }
    groups.sort();
    let names = cx.flags.list("resource-name");
    Ok(groups
        .into_iter()
        .map(|(group, resources)| {
            let mut rule = json!({"apiGroups": [group], "resources": resources, "verbs": verbs});
            if !names.is_empty() {
                rule["resourceNames"] = json!(names);
            }
            rule
        })
        .collect())
}

/// Verbs that only some resources know, a few of which the server does not serve.
fn special(verbs: &[String], group: &str, plural: &str, served: bool) -> Outcome {
    let mut known = served;
    for verb in verbs {
        let targets: &[(&str, &str)] = match verb.as_str() {
            "use" => &[("policy", "podsecuritypolicies"), ("extensions", "podsecuritypolicies")],
            "bind" | "escalate" => &[(GROUP, "roles"), (GROUP, "clusterroles")],
            "impersonate" => &[
                ("", "users"),
                ("", "serviceaccounts"),
                ("", "groups"),
                ("authentication.k8s.io", "userextras"),
            ],
            _ => continue,
        };
        if !targets.contains(&(group, plural)) {
            return Err(Failure::Message(format!(
                "can not perform '{verb}' on '{plural}' in group '{group}'"
            )));
        }
        known = true;
    }
    match known {
        true => Ok(()),
        false => Err(Failure::Plain(format!("the server doesn't have a resource type {plural:?}"))),
    }
}

pub fn role_binding(cx: &Context) -> Outcome<Value> {
    let name = one_name(cx)?;
    let (cluster, role) = (cx.flags.text("clusterrole"), cx.flags.text("role"));
    if cluster.is_empty() == role.is_empty() {
        return Err(Failure::message("exactly one of clusterrole or role must be specified"));
    }
    let (kind, target) = if role.is_empty() { ("ClusterRole", cluster) } else { ("Role", role) };
    Ok(binding("RoleBinding", &name, kind, target, subjects(cx)?))
}

pub fn cluster_role_binding(cx: &Context) -> Outcome<Value> {
    let name = one_name(cx)?;
    Ok(binding("ClusterRoleBinding", &name, "ClusterRole", cx.flags.text("clusterrole"), subjects(cx)?))
}

fn binding(kind: &str, name: &str, role_kind: &str, role: &str, subjects: Vec<Value>) -> Value {
    let reference = json!({"apiGroup": GROUP, "kind": role_kind, "name": role});
    let mut object = json!({"apiVersion": format!("{GROUP}/v1"), "kind": kind, "metadata": {"name": name}, "roleRef": reference});
    if !subjects.is_empty() {
        object["subjects"] = json!(subjects);
    }
    object
}

fn subjects(cx: &Context) -> Outcome<Vec<Value>> {
    let mut found = Vec::new();
    for (flag, kind) in [("user", "User"), ("group", "Group")] {
        let names = cx.flags.list(flag);
        found.extend(names.into_iter().map(|name| json!({"apiGroup": GROUP, "kind": kind, "name": name})));
    }
    for account in cx.flags.list("serviceaccount") {
        let (namespace, name) = account
            .split_once(':')
            .filter(|(namespace, name)| !namespace.is_empty() && !name.is_empty())
            .ok_or_else(|| Failure::message("serviceaccount must be <namespace>:<name>"))?;
        found.push(json!({"kind": "ServiceAccount", "name": name, "namespace": namespace}));
    }
    Ok(found)
}
