//! Recognised by what the world looks like, whoever did it.

use serde_json::Value;

use super::typed::counted_deployment;
use super::{Args, Rule, Situation};
use crate::lesson::check::State;
use crate::lesson::facts::Executed;
use crate::lesson::goal::{Goal, Predicate, Test};
use crate::lesson::meaning;
use crate::lesson::object::{deleting, first_image, is_ready, pointer, selects, waiting_reason};
use crate::lesson::template;

/// After a command, when nothing else was recognised.
pub(super) const RULES: &[Rule] = &[
    Rule::after("lb-pending", lb_pending),
    Rule::after("selector-mismatch", selector_mismatch),
    Rule::after("running-not-ready", running_not_ready),
    Rule::unasked("placeholder-in-image", placeholder_in_image),
    Rule::unasked("image-only-local", image_only_local),
    Rule::unasked("not-pushed", not_pushed),
    Rule::unasked("image-missing", image_missing),
    Rule::unasked("crash-loop", crash_loop),
    Rule::after("deleted-deployment", deployment_still_gone),
    Rule::after("too-many", too_many),
    Rule::after("another-runs", another_runs),
];

/// `<pending>` seen twice, or the Service taken away while it waits.
fn lb_pending(s: &Situation<'_>) -> Option<Args> {
    let looked =
        s.command("kubectl", &["get"]).is_some() && s.wrote("<pending>") && s.times("kubectl", &["get"]) >= 2;
    let gave_up = s.worked("kubectl", &["delete"]).is_some_and(|m| m.kinds.contains("services"))
        && s.executed.iter().any(|e| e.output.contains("<pending>"));
    (looked || gave_up && asks_for_address(s)).then(Vec::new)
}

fn asks_for_address(s: &Situation<'_>) -> bool {
    s.goals.iter().any(|g| matches!(&g.predicate, Predicate::Object { kind, .. } if kind == "services"))
}

/// curl finds nobody, and the application listens on 127.0.0.1 inside its container.
pub(super) fn bound_to_loopback(s: &Situation<'_>) -> Option<Args> {
    s.commands.iter().find(|m| m.program == "curl").filter(|_| s.exit() != Some(0))?;
    let home = s.names.get("home").map_or("/root", String::as_str);
    let path = s.names.get("app_file").map_or("~/server.js", String::as_str).replacen('~', home, 1);
    let text = String::from_utf8_lossy(&s.facts.file(&path)?).into_owned();
    let addresses = ["'127.0.0.1'", "\"127.0.0.1\"", "'localhost'", "\"localhost\""];
    let container = s.facts.containers().iter().any(|c| c.running);
    (addresses.iter().any(|address| text.contains(address)) && (container || s.facts.kubectl_connected()))
        .then(Vec::new)
}

/// A Service whose selector finds no pod, looked at or asked.
fn selector_mismatch(s: &Situation<'_>) -> Option<Args> {
    // Silence comes from somewhere before the Service.
    let asked = s.commands.iter().any(|m| m.program == "curl") && s.exit() == Some(7);
    let looked = s.command("kubectl", &["get"]).or(s.command("kubectl", &["describe"]));
    let looked = looked
        .is_some_and(|m| ["services", "endpoints", "endpointslices"].iter().any(|k| m.kinds.contains(*k)));
    if !asked && !looked {
        return None;
    }
    let pods = s.pods();
    let services = s.facts.objects("services", "default");
    let lost = services.iter().find(|svc| {
        let selector = pointer(svc, "/spec/selector").and_then(Value::as_object);
        selector
            .is_some_and(|sel| !sel.is_empty() && !pods.is_empty() && !pods.iter().any(|p| selects(sel, p)))
    })?;
    let selector = pointer(lost, "/spec/selector").and_then(Value::as_object)?;
    let text: Vec<String> =
        selector.iter().map(|(k, v)| format!("{k}={}", v.as_str().unwrap_or_default())).collect();
    let name = pointer(lost, "/metadata/name").and_then(Value::as_str).unwrap_or_default();
    Some(vec![("service", name.to_owned()), ("selector", text.join(","))])
}

fn running_not_ready(s: &Situation<'_>) -> Option<Args> {
    s.worked("kubectl", &["get"]).filter(|m| m.kinds.contains("pods"))?;
    if s.times("kubectl", &["get"]) < 3 {
        return None;
    }
    let pods = s.pods();
    let pod = pods.iter().find(|p| {
        pointer(p, "/status/phase").is_some_and(|ph| ph == "Running")
            && !is_ready(p)
            && !deleting(p)
            && waiting_reason(p).is_none()
    })?;
    Some(vec![("pod", name_of(pod))])
}

/// The Deployment was deleted in this step, and nobody has made it again.
fn deployment_still_gone(s: &Situation<'_>) -> Option<Args> {
    s.commands.iter().find(|m| m.program == "kubectl")?;
    let counted = s.goals.iter().filter_map(|g| counted_deployment(&g.predicate));
    let mut gone = counted.filter(|name| s.facts.object("deployments", "default", name).is_none());
    let deleted = |name: &String, e: &Executed| {
        let mut commands = meaning::of_line(&e.line).into_iter();
        e.exit == Some(0)
            && commands.any(|m| {
                m.is("kubectl", &["delete"]) && m.kinds.contains("deployments") && m.names.contains(name)
            })
    };
    gone.any(|name| s.executed.iter().any(|e| deleted(name, e))).then(Vec::new)
}

/// The Deployment wants more pods than a goal counts. Where its number is what the step is about, the checklist says it.
fn too_many(s: &Situation<'_>) -> Option<Args> {
    s.commands.iter().find(|m| m.program == "kubectl")?;
    let about = |goal: &Goal, counted: &str| matches!(&goal.predicate, Predicate::Object { kind, name, .. } if kind == "deployments" && name == counted);
    s.goals.iter().zip(s.lines).filter(|(_, line)| line.state != State::Done).find_map(|(goal, _)| {
        let name = counted_deployment(&goal.predicate)?;
        let Predicate::Count { test: Test::Is(want), .. } = &goal.predicate else { return None };
        let want = want.as_u64().filter(|_| !s.goals.iter().any(|g| about(g, name)))?;
        let deployment = s.facts.object("deployments", "default", name)?;
        let wants = pointer(&deployment, "/spec/replicas").and_then(Value::as_u64).filter(|n| *n > want)?;
        Some(vec![("name", name.clone()), ("have", wants.to_string()), ("want", want.to_string())])
    })
}

/// A container was stopped, and another of the same image, which should not run either, still does.
fn another_runs(s: &Situation<'_>) -> Option<Args> {
    s.worked("docker", &["stop"]).or_else(|| s.worked("docker", &["rm"]))?;
    let images = s.goals.iter().zip(s.lines).filter_map(|(goal, line)| match &goal.predicate {
        Predicate::Container { image, running: false, gone: false, .. } if line.state != State::Done => {
            Some(template::fill(image, s.names))
        }
        _ => None,
    });
    let containers = s.facts.containers();
    images.into_iter().find_map(|image| {
        let left = containers.iter().find(|c| c.running && c.image == image)?;
        Some(vec![("name", left.name.clone()), ("image", image)])
    })
}

fn image_trouble(pods: &[std::rc::Rc<Value>]) -> Option<(&Value, &String)> {
    let bad = |p: &&std::rc::Rc<Value>| {
        matches!(waiting_reason(p), Some("ErrImagePull" | "ImagePullBackOff" | "InvalidImageName"))
            && !deleting(p)
    };
    let pod = pods.iter().find(bad)?;
    Some((pod, first_image(pod)?))
}

fn placeholder_in_image(s: &Situation<'_>) -> Option<Args> {
    let pods = s.pods();
    let (_, image) = image_trouble(&pods)?;
    let literal = ["PROJECT_ID", "PROJECT-ID", "REGION", "ZONE"].iter().any(|w| image.contains(w));
    literal.then(|| vec![("typed", image.clone())])
}

/// An image of the learner's own Docker whose name no registry knows.
fn only_local(s: &Situation<'_>, named_for_a_registry: bool) -> Option<Args> {
    let pods = s.pods();
    let (_, image) = image_trouble(&pods)?;
    let host = image.split('/').next().is_some_and(|first| image.contains('/') && first.contains('.'));
    let local = s.facts.local_image(image).is_some() && s.facts.registry_image(image).is_none();
    (local && host == named_for_a_registry).then(|| vec![("typed", image.clone())])
}

fn image_only_local(s: &Situation<'_>) -> Option<Args> {
    only_local(s, false)
}

fn not_pushed(s: &Situation<'_>) -> Option<Args> {
    only_local(s, true)
}

/// Where the reason is known better, this is not said as well.
fn image_missing(s: &Situation<'_>) -> Option<Args> {
    let known = [placeholder_in_image, image_only_local, not_pushed];
    if known.iter().any(|better| better(s).is_some()) {
        return None;
    }
    let pods = s.pods();
    let (pod, image) = image_trouble(&pods)?;
    Some(vec![
        ("typed", image.clone()),
        ("pod", name_of(pod)),
        ("reason", waiting_reason(pod).unwrap_or_default().to_owned()),
    ])
}

fn crash_loop(s: &Situation<'_>) -> Option<Args> {
    let pods = s.pods();
    let pod = pods.iter().find(|p| waiting_reason(p) == Some("CrashLoopBackOff") && !deleting(p))?;
    Some(vec![("pod", name_of(pod))])
}

fn name_of(object: &Value) -> String {
    pointer(object, "/metadata/name").and_then(Value::as_str).unwrap_or_default().to_owned()
}
