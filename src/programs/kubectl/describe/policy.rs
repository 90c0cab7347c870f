//! The pages of what bounds and permits: namespaces, quotas, limits, accounts, roles, budgets, autoscalers.

use super::super::auth::rules;
use super::Subject;
use super::multiline::{annotations, format_labels, format_selector, labels};
use super::page::{Page, flag, list, number, plain, text, texts, time};
use serde_json::{Map, Value};

fn object<'a>(value: &'a Value, pointer: &str) -> Option<&'a Map<String, Value>> {
    value.pointer(pointer).and_then(Value::as_object)
}

pub fn namespace(subject: &Subject<'_>, page: &mut Page) {
    let namespace = subject.object;
    page.field(0, "Name", text(namespace, "/metadata/name"));
    labels(page, "Labels", namespace, "/metadata/labels");
    annotations(page, "Annotations", namespace, "/metadata/annotations");
    page.field(0, "Status", text(namespace, "/status/phase"));
    let conditions = list(namespace, "/status/conditions");
    if !conditions.is_empty() {
        page.line(0, "Conditions:");
        page.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
        page.line(1, "----\t------\t------------------\t------\t-------");
        for found in conditions {
            let (kind, status, when) =
                (text(found, "/type"), text(found, "/status"), time(found, "/lastTransitionTime"));
            page.line(1, &[kind, status, &when, text(found, "/reason"), text(found, "/message")].join("\t"));
        }
    }
    page.line(0, "");
    let quotas = subject.related("resourcequotas");
    page.line(0, if quotas.is_empty() { "No resource quota." } else { "Resource Quotas" });
    for quota in quotas {
        page.field(1, "Name", text(quota, "/metadata/name"));
        page.line(1, "Resource\tUsed\tHard");
        page.line(1, "--------\t---\t---");
        quota_rows(page, quota, 1);
    }
    page.line(0, "");
    let limits = subject.related("limitranges");
    if limits.is_empty() {
        return page.line(0, "No LimitRange resource.");
    }
    page.line(0, "Resource Limits");
    limit_head(page, " ");
    for range in limits {
        limit_rows(page, range, " ");
    }
}

fn quota_rows(page: &mut Page, quota: &Value, level: usize) {
    for (name, hard) in object(quota, "/status/hard").into_iter().flatten() {
        let used = object(quota, "/status/used").and_then(|used| used.get(name)).map_or("0".into(), plain);
        page.line(level, &format!("{name}\t{used}\t{}", plain(hard)));
    }
}

pub fn quota(subject: &Subject<'_>, page: &mut Page) {
    let quota = subject.object;
    page.field(0, "Name", text(quota, "/metadata/name"));
    page.field(0, "Namespace", text(quota, "/metadata/namespace"));
    let mut scopes = texts(quota, "/spec/scopes");
    if !scopes.is_empty() {
        scopes.sort();
        page.field(0, "Scopes", scopes.join(", "));
        for matches in scopes.iter().filter_map(|scope| scope_matches(scope)) {
            page.line(0, &format!(" * Matches all pods that {matches}"));
        }
    }
    page.line(0, "Resource\tUsed\tHard");
    page.line(0, "--------\t----\t----");
    quota_rows(page, quota, 0);
}

/// Which pods a scope is about, and what they are like.
fn scope_matches(scope: &str) -> Option<&'static str> {
    Some(match scope {
        "Terminating" => {
            "have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system."
        }
        "NotTerminating" => {
            "do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate."
        }
        "BestEffort" => {
            "do not have resource requirements set. These pods have a best effort quality of service."
        }
        "NotBestEffort" => {
            "have at least one resource requirement set. These pods have a burstable or guaranteed quality of service."
        }
        _ => return None,
    })
}

fn limit_head(page: &mut Page, prefix: &str) {
    let titles = "Resource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio";
    let rule = "--------\t---\t---\t---------------\t-------------\t-----------------------";
    page.line(0, &format!("{prefix}Type\t{titles}"));
    page.line(0, &format!("{prefix}----\t{rule}"));
}

fn limit_rows(page: &mut Page, range: &Value, prefix: &str) {
    for item in list(range, "/spec/limits") {
        let keys = ["min", "max", "defaultRequest", "default", "maxLimitRequestRatio"];
        let mut names: Vec<&String> =
            keys.iter().filter_map(|key| item.get(key)?.as_object()).flat_map(Map::keys).collect();
        names.sort();
        names.dedup();
        for name in names {
            let cells: Vec<String> = keys
                .iter()
                .map(|key| item.get(key).and_then(|map| map.get(name)).map_or("-".into(), plain))
                .collect();
            page.line(0, &format!("{prefix}{}\t{name}\t{}", text(item, "/type"), cells.join("\t")));
        }
    }
}

pub fn limit_range(subject: &Subject<'_>, page: &mut Page) {
    page.field(0, "Name", text(subject.object, "/metadata/name"));
    page.field(0, "Namespace", text(subject.object, "/metadata/namespace"));
    limit_head(page, "");
    limit_rows(page, subject.object, "");
}

pub fn service_account(subject: &Subject<'_>, page: &mut Page) {
    let account = subject.object;
    page.field(0, "Name", text(account, "/metadata/name"));
    page.field(0, "Namespace", text(account, "/metadata/namespace"));
    labels(page, "Labels", account, "/metadata/labels");
    annotations(page, "Annotations", account, "/metadata/annotations");
    let secrets = list(account, "/imagePullSecrets");
    if secrets.is_empty() {
        page.line(0, "Image pull secrets:\t<none>");
    }
    for (i, secret) in secrets.iter().enumerate() {
        let title = if i == 0 { "Image pull secrets:" } else { "                   " };
        page.line(0, &format!("{title}\t{}", text(secret, "/name")));
    }
}

pub fn role(subject: &Subject<'_>, page: &mut Page) {
    let role = subject.object;
    page.field(0, "Name", text(role, "/metadata/name"));
    labels(page, "Labels", role, "/metadata/labels");
    annotations(page, "Annotations", role, "/metadata/annotations");
    page.line(0, "PolicyRule:");
    page.line(1, "Resources\tNon-Resource URLs\tResource Names\tVerbs");
    page.line(1, "---------\t-----------------\t--------------\t-----");
    rules::rows(list(role, "/rules")).iter().for_each(|cells| page.line(1, &cells.join("\t")));
}

pub fn role_binding(subject: &Subject<'_>, page: &mut Page) {
    let binding = subject.object;
    page.field(0, "Name", text(binding, "/metadata/name"));
    labels(page, "Labels", binding, "/metadata/labels");
    annotations(page, "Annotations", binding, "/metadata/annotations");
    page.line(0, "Role:");
    page.field(1, "Kind", text(binding, "/roleRef/kind"));
    page.field(1, "Name", text(binding, "/roleRef/name"));
    page.line(0, "Subjects:");
    page.line(1, "Kind\tName\tNamespace");
    page.line(1, "----\t----\t---------");
    for found in list(binding, "/subjects") {
        page.line(1, &[text(found, "/kind"), text(found, "/name"), text(found, "/namespace")].join("\t"));
    }
}

pub fn disruption_budget(subject: &Subject<'_>, page: &mut Page) {
    let budget = subject.object;
    page.field(0, "Name", text(budget, "/metadata/name"));
    page.field(0, "Namespace", text(budget, "/metadata/namespace"));
    match (budget.pointer("/spec/minAvailable"), budget.pointer("/spec/maxUnavailable")) {
        (Some(least), _) => page.field(0, "Min available", plain(least)),
        (_, Some(most)) => page.field(0, "Max unavailable", plain(most)),
        _ => {}
    }
    let selector = budget.pointer("/spec/selector");
    page.field(0, "Selector", selector.map_or("<unset>".into(), |found| format_selector(Some(found))));
    page.line(0, "Status:");
    page.field(2, "Allowed disruptions", number(budget, "/status/disruptionsAllowed"));
    page.field(2, "Current", number(budget, "/status/currentHealthy"));
    page.field(2, "Desired", number(budget, "/status/desiredHealthy"));
    page.field(2, "Total", number(budget, "/status/expectedPods"));
}

pub fn priority_class(subject: &Subject<'_>, page: &mut Page) {
    let class = subject.object;
    page.field(0, "Name", text(class, "/metadata/name"));
    page.field(0, "Value", number(class, "/value"));
    page.field(0, "GlobalDefault", flag(class, "/globalDefault"));
    page.field(0, "PreemptionPolicy", text(class, "/preemptionPolicy"));
    page.field(0, "Description", text(class, "/description"));
    page.field(0, "Annotations", format_labels(class, "/metadata/annotations"));
}

pub fn autoscaler(subject: &Subject<'_>, page: &mut Page) {
    let scaler = subject.object;
    page.field(0, "Name", text(scaler, "/metadata/name"));
    page.field(0, "Namespace", text(scaler, "/metadata/namespace"));
    labels(page, "Labels", scaler, "/metadata/labels");
    annotations(page, "Annotations", scaler, "/metadata/annotations");
    page.field(0, "CreationTimestamp", time(scaler, "/metadata/creationTimestamp"));
    let kind = text(scaler, "/spec/scaleTargetRef/kind");
    page.field(0, "Reference", format!("{kind}/{}", text(scaler, "/spec/scaleTargetRef/name")));
    page.field(0, "Metrics", "( current / target )");
    for (i, metric) in list(scaler, "/spec/metrics").iter().enumerate() {
        autoscaler_metric(page, metric, list(scaler, "/status/currentMetrics").get(i));
    }
    page.field(0, "Min replicas", scaler.pointer("/spec/minReplicas").map_or("<unset>".into(), plain));
    page.field(0, "Max replicas", number(scaler, "/spec/maxReplicas"));
    if let Some(behavior) = scaler.pointer("/spec/behavior") {
        page.line(0, "Behavior:");
        direction(page, "Scale Up", behavior.get("scaleUp"));
        direction(page, "Scale Down", behavior.get("scaleDown"));
    }
    let (current, desired) =
        (number(scaler, "/status/currentReplicas"), number(scaler, "/status/desiredReplicas"));
    page.field(0, &format!("{kind} pods"), format!("{current} current / {desired} desired"));
    let conditions = list(scaler, "/status/conditions");
    if !conditions.is_empty() {
        page.line(0, "Conditions:");
        page.line(1, "Type\tStatus\tReason\tMessage");
        page.line(1, "----\t------\t------\t-------");
        for found in conditions {
            page.line(
                1,
                &["/type", "/status", "/reason", "/message"].map(|pointer| text(found, pointer)).join("\t"),
            );
        }
    }
}

fn autoscaler_metric(page: &mut Page, metric: &Value, current: Option<&Value>) {
    let now = |pointer: &str| {
        current.and_then(|found| found.pointer(pointer)).filter(|found| !found.is_null()).map(plain)
    };
    let unknown = || "<unknown>".to_string();
    match text(metric, "/type") {
        "Resource" => {
            let name = text(metric, "/resource/name");
            if let Some(target) = metric.pointer("/resource/target/averageValue") {
                let have = now("/resource/current/averageValue").unwrap_or_else(unknown);
                return page.line(1, &format!("resource {name} on pods:\t{have} / {}", plain(target)));
            }
            let have =
                match (now("/resource/current/averageUtilization"), now("/resource/current/averageValue")) {
                    (Some(percent), Some(value)) => format!("{percent}% ({value})"),
                    _ => unknown(),
                };
            let target = metric
                .pointer("/resource/target/averageUtilization")
                .map_or("<auto>".into(), |found| format!("{found}%"));
            page.line(
                1,
                &format!("resource {name} on pods  (as a percentage of request):\t{have} / {target}"),
            );
        }
        "Pods" => {
            let have = now("/pods/current/averageValue").unwrap_or_else(unknown);
            let target = metric.pointer("/pods/target/averageValue").map(plain).unwrap_or_default();
            page.line(1, &format!("{:?} on pods:\t{have} / {target}", text(metric, "/pods/metric/name")));
        }
        other => page.line(1, &format!("<unknown metric type {other:?}>")),
    }
}

fn direction(page: &mut Page, title: &str, rules: Option<&Value>) {
    let Some(rules) = rules else { return };
    page.line(1, &format!("{title}:"));
    if let Some(seconds) = rules.get("stabilizationWindowSeconds") {
        page.line(2, &format!("Stabilization Window: {seconds} seconds"));
    }
    let policies = list(rules, "/policies");
    if policies.is_empty() {
        return;
    }
    let select = text(rules, "/selectPolicy");
    page.line(2, &format!("Select Policy: {}", if select.is_empty() { "Max" } else { select }));
    page.line(2, "Policies:");
    for policy in policies {
        let (kind, value, period) =
            (text(policy, "/type"), number(policy, "/value"), number(policy, "/periodSeconds"));
        page.line(3, &format!("- Type: {kind}\tValue: {value}\tPeriod: {period} seconds"));
    }
}
