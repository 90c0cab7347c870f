//! `kubectl wait`, and waiting for other commands.

use super::context::Context;
use super::fail::{Failure, Outcome};
use super::output::jsonpath::{JsonPath, relaxed, text};
use super::print::Printer;
use super::resource::{Info, Selection};
use crate::base::time::SimTime;
use crate::world::World;
use serde_json::Value;
use std::cell::RefCell;
use std::time::Duration;

/// A negative timeout waits for a week.
const WEEK_MS: i64 = 7 * 24 * 3_600_000;

/// How often `--for=create` looks.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// One of the things to wait for.
enum For {
    Create,
    Delete,
    Condition { name: String, status: String },
    Path { path: JsonPath, value: Option<String> },
}

/// Waits until `holds` says yes about an object (`None`: it does not exist).
pub async fn until(
    cx: &Context,
    info: &Info,
    timeout_ms: Option<i64>,
    holds: impl Fn(Option<&Value>) -> bool,
) -> Outcome {
    let client = cx.client()?;
    let deadline = timeout_ms.map(|ms| cx.sys.now() + Duration::from_millis(ms.max(0) as u64));
    loop {
        let epoch = cx.sys.view(World::epoch);
        let found = match client.get(cx, info.resource, info.namespace.as_deref(), &info.name).await {
            Ok(object) => Some(object),
            Err(failure) if failure.is_not_found() => None,
            Err(failure) => return Err(failure),
        };
        if holds(found.as_ref()) {
            return Ok(());
        }
        match deadline {
            None => {
                cx.sys.changed(epoch).await;
            }
            Some(deadline) if cx.sys.now() >= deadline => {
                return Err(Failure::Message(format!(
                    "timed out waiting for the condition on {}/{}",
                    info.resource.plural, info.name
                )));
            }
            Some(deadline) => {
                cx.sys.timeout(deadline - cx.sys.now(), cx.sys.changed(epoch)).await;
            }
        }
    }
}

/// What `--for` names, one after the other.
fn goals(cx: &Context) -> Outcome<Vec<For>> {
    let given = cx.flags.list("for");
    if given.is_empty() {
        return Err(Failure::message("unrecognized condition: []"));
    }
    given.iter().map(|text| goal(text)).collect()
}

fn goal(text: &str) -> Outcome<For> {
    if text.eq_ignore_ascii_case("delete") {
        return Ok(For::Delete);
    }
    if text.eq_ignore_ascii_case("create") {
        return Ok(For::Create);
    }
    if let Some(rest) = text.strip_prefix("condition=") {
        let (name, status) = rest.split_once('=').unwrap_or((rest, "true"));
        return Ok(For::Condition { name: name.to_string(), status: status.to_string() });
    }
    let Some(rest) = text.strip_prefix("jsonpath=") else {
        return Err(Failure::Message(format!("unrecognized condition: {text:?}")));
    };
    let (path, value) = path_and_value(rest)?;
    let relaxed = relaxed(&path).map_err(Failure::Message)?;
    let mut path = JsonPath::parse(&relaxed).map_err(Failure::Message)?;
    path.allow_missing_keys = true;
    Ok(For::Path { path, value })
}

/// `{.status.replicas}=3` in two; a doubled `=` belongs to a filter.
fn path_and_value(text: &str) -> Outcome<(String, Option<String>)> {
    const DOUBLED: &str = "\u{0}";
    let marked = text.replace("==", DOUBLED);
    let parts: Vec<String> = marked.split('=').map(|part| part.replace(DOUBLED, "==")).collect();
    match parts.as_slice() {
        [path] => Ok((path.clone(), None)),
        [path, value] => match value.trim_matches(['\'', '"']) {
            "" => Err(Failure::message(
                "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
            )),
            value => Ok((path.clone(), Some(value.to_string()))),
        },
        _ => Err(Failure::message(
            "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'",
        )),
    }
}

impl For {
    /// Is it so? An error is a path that names more than one plain value.
    fn holds(&self, object: Option<&Value>) -> Result<bool, String> {
        match (self, object) {
            (For::Delete, object) => Ok(object.is_none()),
            (_, None) => Ok(false),
            (For::Create, Some(_)) => Ok(true),
            (For::Condition { name, status }, Some(object)) => Ok(condition_is(object, name, status)),
            (For::Path { path, value }, Some(object)) => {
                let found = path.find(object)?;
                match found.as_slice() {
                    [] => return Ok(false),
                    [list] if list.is_empty() => return Ok(false),
                    [list] if list.len() > 1 => {
                        return Err("given jsonpath expression matches more than one value".into());
                    }
                    [_] => {}
                    _ => return Err("given jsonpath expression matches more than one list".into()),
                }
                match (&found[0][0], value) {
                    (_, None) => Ok(true),
                    (found, Some(_)) if found.is_object() || found.is_array() => {
                        Err("jsonpath leads to a nested object or list which is not supported".into())
                    }
                    (found, Some(value)) => Ok(text(found).trim() == value.trim()),
                }
            }
        }
    }
}

fn condition_is(object: &Value, name: &str, status: &str) -> bool {
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
    let word =
        |item: &Value, key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let found = conditions.into_iter().flatten().find(|item| word(item, "type") == name.to_lowercase());
    let Some(found) = found else { return false };
    let of_object = || object.pointer("/status/observedGeneration").and_then(Value::as_i64);
    let seen = found.get("observedGeneration").and_then(Value::as_i64).or_else(of_object);
    let generation = object.pointer("/metadata/generation").and_then(Value::as_i64);
    let stale = generation.zip(seen).is_some_and(|(generation, seen)| seen < generation);
    !stale && word(found, "status") == status.to_lowercase()
}

pub async fn run(cx: &Context) -> Outcome {
    let goals = goals(cx)?;
    let timeout = match cx.flags.span_ms("timeout") {
        ms if ms < 0 => WEEK_MS,
        ms => ms,
    };
    let end = cx.sys.now() + Duration::from_millis(timeout as u64);
    let deletes = goals.iter().any(|goal| matches!(goal, For::Delete));
    if goals.iter().any(|goal| matches!(goal, For::Create)) {
        until_found(cx, end).await?;
    }
    let (infos, failures) = Selection::of(cx, &cx.args).infos(cx).await?;
    let mut late: Vec<Failure> =
        failures.into_iter().filter(|failure| !(deletes && failure.is_not_found())).collect();
    if infos.is_empty() && late.is_empty() {
        if deletes {
            return Ok(());
        }
        return Err(Failure::message("no matching resources found"));
    }
    for info in infos {
        for goal in &goals {
            let left = if timeout == 0 { 0 } else { (end.0 as i64 - cx.now_ms()).max(0) };
            match reach(cx, &info, goal, left, timeout == 0).await {
                Ok(()) => cx.out(met(cx, &info, matches!(goal, For::Delete)).await?).await,
                Err(failure) => {
                    late.push(failure);
                    break;
                }
            }
        }
    }
    Failure::all(late)
}

/// Looks every half second whether the objects exist.
async fn until_found(cx: &Context, end: SimTime) -> Outcome {
    loop {
        let (infos, failures) = Selection::of(cx, &cx.args).infos(cx).await?;
        let missing = failures.iter().any(Failure::is_not_found);
        if !missing {
            Failure::all(failures)?;
            if !infos.is_empty() {
                return Ok(());
            }
        }
        if cx.sys.now() >= end {
            return Err(Failure::message("timed out waiting for the condition"));
        }
        cx.sys.sleep((end - cx.sys.now()).min(LOOK_EVERY)).await;
    }
}

async fn reach(cx: &Context, info: &Info, goal: &For, left: i64, once: bool) -> Outcome {
    let wrong = RefCell::new(None);
    let holds = |object: Option<&Value>| match goal.holds(object) {
        Ok(holds) => holds,
        Err(why) => {
            *wrong.borrow_mut() = Some(why);
            true
        }
    };
    let ended = until(cx, info, Some(left), holds).await;
    match (wrong.into_inner(), ended) {
        (Some(why), _) => Err(Failure::Message(why)),
        (None, Err(_)) if once => {
            Err(Failure::Message(format!("condition not met for {}/{}", info.resource.plural, info.name)))
        }
        (None, ended) => ended,
    }
}

async fn met(cx: &Context, info: &Info, deletes: bool) -> Outcome<String> {
    match Printer::of(cx, false)? {
        Some(printer) => {
            let object = match deletes {
                true => info.object().clone(),
                false => cx.client()?.get(cx, info.resource, info.namespace.as_deref(), &info.name).await?,
            };
            printer.render(cx, &object)
        }
        None => Ok(format!("{} condition met\n", info.title())),
    }
}
