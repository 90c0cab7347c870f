//! The pages of what makes pods: deployments, replica sets, stateful sets, daemon sets, jobs, cron jobs.

use super::containers::{self, Source};
use super::multiline::{annotations, controller, format_labels, format_selector, labels, tolerations};
use super::page::{Page, flag, list, number, plain, text, time, title_bool};
use super::{Subject, pods, volumes};
use serde_json::Value;

fn head(page: &mut Page, object: &Value) {
    page.field(0, "Name", text(object, "/metadata/name"));
    page.field(0, "Namespace", text(object, "/metadata/namespace"));
}

fn marks(page: &mut Page, object: &Value) {
    labels(page, "Labels", object, "/metadata/labels");
    annotations(page, "Annotations", object, "/metadata/annotations");
}

/// `DescribePodTemplate`.
pub fn template(page: &mut Page, template: Option<&Value>) {
    page.line(0, "Pod Template:");
    let Some(template) = template else { return page.write(1, "<unset>") };
    labels(page, "  Labels", template, "/metadata/labels");
    if template.pointer("/metadata/annotations").and_then(Value::as_object).is_some_and(|map| !map.is_empty())
    {
        annotations(page, "  Annotations", template, "/metadata/annotations");
    }
    page.optional(1, "Service Account", template.pointer("/spec/serviceAccountName"));
    for (label, pointer) in [("Init Containers", "/spec/initContainers"), ("Containers", "/spec/containers")]
    {
        let found = list(template, pointer);
        if !found.is_empty() || label == "Containers" {
            containers::write(
                page,
                &Source { label, containers: found, statuses: &[], pod: None, space: "  " },
            );
        }
    }
    volumes::write(page, list(template, "/spec/volumes"), "  ");
    pods::spread(page, list(template, "/spec/topologySpreadConstraints"), "  ");
    page.optional(1, "Priority Class Name", template.pointer("/spec/priorityClassName"));
    labels(page, "  Node-Selectors", template, "/spec/nodeSelector");
    tolerations(page, "  Tolerations", template, "/spec/tolerations");
}

/// The template with its tabs unexpanded, as `rollout history --revision` prints it.
pub fn pod_template_raw(found: &Value) -> String {
    let mut page = Page::raw();
    template(&mut page, Some(found));
    page.finish()
}

fn conditions(page: &mut Page, object: &Value) {
    let conditions = list(object, "/status/conditions");
    if conditions.is_empty() {
        return;
    }
    page.line(0, "Conditions:\n  Type\tStatus\tReason");
    page.line(1, "----\t------\t------");
    for condition in conditions {
        let (kind, status) = (text(condition, "/type"), text(condition, "/status"));
        page.line(1, &format!("{kind} \t{status}\t{}", text(condition, "/reason")));
    }
}

/// `N Running / N Waiting / N Succeeded / N Failed` of the pods that this object controls.
fn pods_status(page: &mut Page, subject: &Subject<'_>) {
    let uid = text(subject.object, "/metadata/uid");
    let owned = |pod: &&Value| {
        list(pod, "/metadata/ownerReferences")
            .iter()
            .any(|owner| flag(owner, "/controller") && text(owner, "/uid") == uid)
    };
    let count = |phase: &str| {
        subject.related("pods").iter().filter(owned).filter(|pod| text(pod, "/status/phase") == phase).count()
    };
    let (running, waiting) = (count("Running"), count("Pending"));
    let (succeeded, failed) = (count("Succeeded"), count("Failed"));
    let line = format!("{running} Running / {waiting} Waiting / {succeeded} Succeeded / {failed} Failed");
    page.field(0, "Pods Status", line);
}

pub fn deployment(subject: &Subject<'_>, page: &mut Page) {
    let object = subject.object;
    head(page, object);
    page.field(0, "CreationTimestamp", time(object, "/metadata/creationTimestamp"));
    marks(page, object);
    page.field(0, "Selector", format_selector(object.pointer("/spec/selector")));
    let replicas = format!(
        "{} desired | {} updated | {} total | {} available | {} unavailable",
        number(object, "/spec/replicas"),
        number(object, "/status/updatedReplicas"),
        number(object, "/status/replicas"),
        number(object, "/status/availableReplicas"),
        number(object, "/status/unavailableReplicas")
    );
    page.field(0, "Replicas", replicas);
    page.field(0, "StrategyType", text(object, "/spec/strategy/type"));
    page.field(0, "MinReadySeconds", number(object, "/spec/minReadySeconds"));
    if let Some(rolling) = object.pointer("/spec/strategy/rollingUpdate") {
        let part = |key: &str| rolling.get(key).map(plain).unwrap_or_default();
        let line = format!("{} max unavailable, {} max surge", part("maxUnavailable"), part("maxSurge"));
        page.field(0, "RollingUpdateStrategy", line);
    }
    template(page, object.pointer("/spec/template"));
    conditions(page, object);
    let (new, old) = split_replica_sets(object, subject.related("replicasets"));
    if !new.is_empty() || !old.is_empty() {
        page.field(0, "OldReplicaSets", replica_sets(&old));
        page.field(0, "NewReplicaSet", replica_sets(&new));
    }
}

/// The replica set whose template is the deployment's, and the other ones it controls.
fn split_replica_sets<'a>(deployment: &Value, sets: &'a [Value]) -> (Vec<&'a Value>, Vec<&'a Value>) {
    let uid = text(deployment, "/metadata/uid");
    let owned = sets
        .iter()
        .filter(|set| list(set, "/metadata/ownerReferences").iter().any(|owner| text(owner, "/uid") == uid));
    let (mut new, mut old) = (Vec::new(), Vec::new());
    for set in owned {
        let mut template = set.pointer("/spec/template").cloned().unwrap_or_default();
        if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
            labels.remove("pod-template-hash");
        }
        if new.is_empty() && Some(&template) == deployment.pointer("/spec/template") {
            new.push(set)
        } else {
            old.push(set)
        }
    }
    (new, old)
}

fn replica_sets(sets: &[&Value]) -> String {
    let parts: Vec<String> = sets
        .iter()
        .map(|set| {
            let (name, have, want) =
                (text(set, "/metadata/name"), number(set, "/status/replicas"), number(set, "/spec/replicas"));
            format!("{name} ({have}/{want} replicas created)")
        })
        .collect();
    if parts.is_empty() { "<none>".into() } else { parts.join(", ") }
}

pub fn replica_set(subject: &Subject<'_>, page: &mut Page) {
    let object = subject.object;
    head(page, object);
    page.field(0, "Selector", format_selector(object.pointer("/spec/selector")));
    marks(page, object);
    if let Some(owner) = controller(object) {
        page.field(0, "Controlled By", owner);
    }
    current_desired(page, object);
    pods_status(page, subject);
    template(page, object.pointer("/spec/template"));
    conditions(page, object);
}

fn current_desired(page: &mut Page, object: &Value) {
    let (current, desired) = (number(object, "/status/replicas"), number(object, "/spec/replicas"));
    page.field(0, "Replicas", format!("{current} current / {desired} desired"));
}

pub fn replication_controller(subject: &Subject<'_>, page: &mut Page) {
    let object = subject.object;
    head(page, object);
    page.field(0, "Selector", format_labels(object, "/spec/selector"));
    marks(page, object);
    current_desired(page, object);
    pods_status(page, subject);
    template(page, object.pointer("/spec/template"));
    conditions(page, object);
}

pub fn stateful_set(subject: &Subject<'_>, page: &mut Page) {
    let object = subject.object;
    head(page, object);
    page.field(0, "CreationTimestamp", time(object, "/metadata/creationTimestamp"));
    page.field(0, "Selector", format_selector(object.pointer("/spec/selector")));
    marks(page, object);
    let (desired, total) = (number(object, "/spec/replicas"), number(object, "/status/replicas"));
    page.field(0, "Replicas", format!("{desired} desired | {total} total"));
    page.field(0, "Update Strategy", text(object, "/spec/updateStrategy/type"));
    page.optional(1, "Partition", object.pointer("/spec/updateStrategy/rollingUpdate/partition"));
    pods_status(page, subject);
    template(page, object.pointer("/spec/template"));
    let claims = list(object, "/spec/volumeClaimTemplates");
    if claims.is_empty() {
        return page.field(0, "Volume Claims", "<none>");
    }
    page.line(0, "Volume Claims:");
    for claim in claims {
        page.field(1, "Name", text(claim, "/metadata/name"));
        page.field(1, "StorageClass", text(claim, "/spec/storageClassName"));
        labels(page, "  Labels", claim, "/metadata/labels");
        labels(page, "  Annotations", claim, "/metadata/annotations");
        page.field(
            1,
            "Capacity",
            claim.pointer("/spec/resources/requests/storage").map_or("<default>".into(), plain),
        );
        page.field(
            1,
            "Access Modes",
            format!("[{}]", super::page::texts(claim, "/spec/accessModes").join(" ")),
        );
    }
}

pub fn daemon_set(subject: &Subject<'_>, page: &mut Page) {
    let object = subject.object;
    head(page, object);
    page.field(0, "Selector", format_selector(object.pointer("/spec/selector")));
    page.field(0, "Node-Selector", format_labels(object, "/spec/template/spec/nodeSelector"));
    marks(page, object);
    for (title, pointer) in [
        ("Desired Number of Nodes Scheduled", "/status/desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "/status/currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "/status/updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "/status/numberAvailable"),
        ("Number of Nodes Misscheduled", "/status/numberMisscheduled"),
    ] {
        page.line(0, &format!("{title}: {}", number(object, pointer)));
    }
    pods_status(page, subject);
    template(page, object.pointer("/spec/template"));
}

pub fn job(subject: &Subject<'_>, page: &mut Page) {
    let object = subject.object;
    head(page, object);
    page.field(0, "Selector", format_selector(object.pointer("/spec/selector")));
    marks(page, object);
    if let Some(owner) = controller(object) {
        page.field(0, "Controlled By", owner);
    }
    page.optional(0, "Parallelism", object.pointer("/spec/parallelism"));
    page.field(0, "Completions", object.pointer("/spec/completions").map_or("<unset>".into(), plain));
    page.optional(0, "Completion Mode", object.pointer("/spec/completionMode"));
    page.optional(0, "Suspend", object.pointer("/spec/suspend"));
    page.optional(0, "Backoff Limit", object.pointer("/spec/backoffLimit"));
    page.optional(0, "TTL Seconds After Finished", object.pointer("/spec/ttlSecondsAfterFinished"));
    let stamp = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
    let (start, end) = (stamp("/status/startTime"), stamp("/status/completionTime"));
    if start.is_some() {
        page.field(0, "Start Time", time(object, "/status/startTime"));
    }
    if end.is_some() {
        page.field(0, "Completed At", time(object, "/status/completionTime"));
    }
    if let (Some(start), Some(end)) = (start, end) {
        let seconds = |text| super::super::output::duration::parse_time(text).unwrap_or_default();
        page.field(0, "Duration", super::super::output::duration::human(seconds(end) - seconds(start)));
    }
    if let Some(deadline) = object.pointer("/spec/activeDeadlineSeconds") {
        page.field(0, "Active Deadline Seconds", format!("{deadline}s"));
    }
    let (active, succeeded) = (number(object, "/status/active"), number(object, "/status/succeeded"));
    let ready = object.pointer("/status/ready").map(|ready| format!(" ({ready} Ready)")).unwrap_or_default();
    let failed = number(object, "/status/failed");
    page.field(
        0,
        "Pods Statuses",
        format!("{active} Active{ready} / {succeeded} Succeeded / {failed} Failed"),
    );
    if text(object, "/spec/completionMode") == "Indexed" {
        let indexes = text(object, "/status/completedIndexes");
        page.field(0, "Completed Indexes", super::page::or_none(indexes));
    }
    template(page, object.pointer("/spec/template"));
}

pub fn cron_job(subject: &Subject<'_>, page: &mut Page) {
    let object = subject.object;
    head(page, object);
    marks(page, object);
    page.field(0, "Schedule", text(object, "/spec/schedule"));
    page.field(0, "Concurrency Policy", text(object, "/spec/concurrencyPolicy"));
    let suspend = object.pointer("/spec/suspend").and_then(Value::as_bool);
    page.field(0, "Suspend", suspend.map_or("<unset>", title_bool));
    let unset = |pointer: &str| object.pointer(pointer).map_or("<unset>".into(), plain);
    page.field(0, "Time Zone", unset("/spec/timeZone"));
    page.field(0, "Successful Job History Limit", unset("/spec/successfulJobsHistoryLimit"));
    page.field(0, "Failed Job History Limit", unset("/spec/failedJobsHistoryLimit"));
    match object.pointer("/spec/startingDeadlineSeconds") {
        Some(seconds) => page.field(0, "Starting Deadline Seconds", format!("{seconds}s")),
        None => page.field(0, "Starting Deadline Seconds", "<unset>"),
    }
    let job = object.pointer("/spec/jobTemplate/spec").cloned().unwrap_or_default();
    page.field(
        0,
        "Selector",
        job.get("selector").map_or("<unset>".into(), |found| format_selector(Some(found))),
    );
    page.field(0, "Parallelism", job.get("parallelism").map_or("<unset>".into(), plain));
    page.field(0, "Completions", job.get("completions").map_or("<unset>".into(), plain));
    template(page, job.get("template"));
    match object.pointer("/status/lastScheduleTime") {
        Some(_) => page.field(0, "Last Schedule Time", time(object, "/status/lastScheduleTime")),
        None => page.field(0, "Last Schedule Time", "<unset>"),
    }
    let active: Vec<&str> = list(object, "/status/active").iter().map(|job| text(job, "/name")).collect();
    page.field(0, "Active Jobs", super::page::or_none(&active.join(", ")));
}
