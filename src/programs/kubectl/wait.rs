//! `kubectl wait`, and waiting for other commands.

use super::context::Context;
use super::fail::{Failure, Outcome};
use super::output::jsonpath::{JsonPath, relaxed, text};
use super::print::Printer;
use super::resource::{Info, Selection};
use crate::world::World;
use serde_json::Value;
use std::time::Duration;

/// A negative timeout waits for a week.
const WEEK_MS: i64 = 7 * 24 * 3_600_000;

/// What to wait for.
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

fn wanted(cx: &Context) -> Outcome<For> {
    let given = cx.flags.list("for");
    let Some(text) = given.first() else { return Err(Failure::message("unrecognized condition: []")) };
    let lower = text.to_lowercase();
    if lower == "delete" {
        return Ok(For::Delete);
    }
    if lower == "create" {
        return Ok(For::Create);
    }
    if let Some(rest) = text.strip_prefix("condition=") {
        let (name, status) = rest.split_once('=').unwrap_or((rest, "true"));
        return Ok(For::Condition { name: name.to_string(), status: status.to_string() });
    }
    if let Some(rest) = text.strip_prefix("jsonpath=") {
        let rest = rest.trim_matches('\'');
        let end = rest.rfind('}').map_or(rest.len(), |at| at + 1);
        let (path, value) = rest.split_at(end);
        let value = value
            .trim_start_matches('\'')
            .strip_prefix('=')
            .map(|value| value.trim_matches(['\'', '"']).to_string());
        let relaxed = relaxed(path.trim_matches('\'')).map_err(Failure::Message)?;
        let mut path = JsonPath::parse(&relaxed).map_err(Failure::Message)?;
        path.allow_missing_keys = true;
        return Ok(For::Path { path, value });
    }
    Err(Failure::Message(format!("unrecognized condition: {given:?}").replace(['"'], "")))
}

impl For {
    fn holds(&self, object: Option<&Value>) -> bool {
        match (self, object) {
            (For::Delete, object) => object.is_none(),
            (_, None) => false,
            (For::Create, Some(_)) => true,
            (For::Condition { name, status }, Some(object)) => {
                let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
                let word = |item: &Value, key: &str| {
                    item.get(key).and_then(Value::as_str).unwrap_or_default().to_lowercase()
                };
                let generation =
                    object.pointer("/metadata/generation").and_then(Value::as_i64).unwrap_or_default();
                let seen = object
                    .pointer("/status/observedGeneration")
                    .and_then(Value::as_i64)
                    .unwrap_or(generation);
                let found =
                    conditions.into_iter().flatten().find(|item| word(item, "type") == name.to_lowercase());
                seen >= generation && found.is_some_and(|item| word(item, "status") == status.to_lowercase())
            }
            (For::Path { path, value }, Some(object)) => {
                let found = path.find(object).unwrap_or_default().concat();
                match value {
                    None => !found.is_empty(),
                    Some(value) => found.len() == 1 && text(&found[0]) == *value,
                }
            }
        }
    }
}

pub async fn run(cx: &Context) -> Outcome {
    let goal = wanted(cx)?;
    let timeout = match cx.flags.span_ms("timeout") {
        ms if ms < 0 => WEEK_MS,
        ms => ms,
    };
    let deletes = matches!(goal, For::Delete);
    let selection = Selection { names_only: matches!(goal, For::Create), ..Selection::of(cx, &cx.args) };
    let (infos, failures) = selection.infos(cx).await?;
    let failures: Vec<Failure> =
        failures.into_iter().filter(|failure| !(deletes && failure.is_not_found())).collect();
    if infos.is_empty() && failures.is_empty() {
        if deletes {
            return Ok(());
        }
        return Err(Failure::message("no matching resources found"));
    }
    let end = cx.sys.now() + Duration::from_millis(timeout as u64);
    let mut late = failures;
    for info in infos {
        let left = if timeout == 0 { 0 } else { (end.0 as i64 - cx.now_ms()).max(0) };
        match until(cx, &info, Some(left), |object| goal.holds(object)).await {
            Ok(()) => cx.out(met(cx, &info, deletes).await?).await,
            Err(failure) => late.push(failure),
        }
    }
    Failure::all(late)
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
