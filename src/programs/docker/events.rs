//! `docker events`: what happened in the engine, and what happens while one watches. Never causes anything.

use std::collections::BTreeMap;

use crate::base::SimTime;
use crate::machine::docker::events::Event;
use crate::machine::docker::inspect::Json;

use super::flags::Parsed;
use super::template::{self, TemplateError};
use super::{Docker, logs};

pub async fn run(docker: Docker, parsed: Parsed) -> i32 {
    let now = docker.call.sys.now();
    let mut bounds = [None, None];
    for (bound, name) in bounds.iter_mut().zip(["since", "until"]) {
        let Some(text) = parsed.get(name).filter(|text| !text.is_empty()) else { continue };
        let Some(at) = logs::moment(text, now) else {
            let shown = super::format::quote(text);
            docker.err(format!("failed to parse value as time or duration: {shown}\n")).await;
            return 1;
        };
        *bound = Some(at);
    }
    let [since, until] = bounds;
    if let Some(error) = parsed.get("format").and_then(probe) {
        docker.err(format!("Error parsing format: {error}\n")).await;
        return 64;
    }
    let mut seen = if since.is_some() { 0 } else { docker.view(|engine, _| engine.events.latest()) };
    loop {
        let (fresh, epoch) = docker.call.sys.with(|w| {
            let epoch = w.epoch();
            (w.machine.docker.events.after(seen).cloned().collect::<Vec<Event>>(), epoch)
        });
        for event in &fresh {
            seen = event.number;
            let inside =
                since.is_none_or(|since| event.at >= since) && until.is_none_or(|until| event.at <= until);
            if inside && passes(event, parsed.all("filter")) {
                match shown(event, parsed.get("format")) {
                    Ok(line) => docker.out(line).await,
                    Err(TemplateError::Parse(error) | TemplateError::Execute(error)) => {
                        docker.err(format!("{error}\n")).await;
                        return 1;
                    }
                }
            }
        }
        let changed = docker.call.sys.changed(epoch);
        match until {
            Some(until) if until <= docker.call.sys.now() => return 0,
            Some(until) => drop(docker.call.sys.timeout(until.since(docker.call.sys.now()), changed).await),
            None => drop(changed.await),
        }
    }
}

fn passes(event: &Event, filters: &[String]) -> bool {
    let pairs: Vec<(&str, &str)> = filters.iter().filter_map(|f| f.split_once('=')).collect();
    let names: std::collections::BTreeSet<&str> = pairs.iter().map(|(name, _)| *name).collect();
    // Several values of one filter are alternatives.
    names.into_iter().all(|name| {
        pairs.iter().filter(|(other, _)| *other == name).any(|(_, value)| fits(event, name, value))
    })
}

fn fits(event: &Event, name: &str, value: &str) -> bool {
    let attribute = |name: &str| event.attributes.get(name).map(String::as_str);
    let named = |kind: &str| {
        event.kind == kind && (event.id.starts_with(value) || attribute("name").is_some_and(|n| n == value))
    };
    match name {
        "event" => event.action.split(':').next() == Some(value),
        "type" => event.kind == value,
        "container" => named("container") || attribute("container").is_some_and(|c| c.starts_with(value)),
        "network" | "volume" => named(name),
        "image" => attribute("image").is_some_and(|i| i == value) || event.id == value || named("image"),
        "label" => match value.split_once('=') {
            Some((key, wanted)) => attribute(key) == Some(wanted),
            None => attribute(value).is_some(),
        },
        _ => true,
    }
}

/// An event as a line of its own, or as a template has it.
fn shown(event: &Event, format: Option<&str>) -> Result<String, TemplateError> {
    let Some(format) = format.filter(|f| !f.is_empty()) else { return Ok(line(event)) };
    if format == "json" {
        return Ok(format!("{}\n", json(event, true).compact()));
    }
    let in_json = format.contains("json .}}");
    // An attribute that an event does not have is empty.
    let mut event = event.clone();
    for name in format.split(".Attributes.").skip(1) {
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
        event.attributes.entry(name[..end].to_owned()).or_default();
    }
    template::render(format, &json(&event, in_json), "*events.Message").map(|text| format!("{text}\n"))
}

/// What is wrong with a template, tried out on an event of which nothing is known.
fn probe(format: &str) -> Option<String> {
    let nothing = Event {
        number: 0,
        at: SimTime(0),
        kind: "container",
        action: String::new(),
        id: String::new(),
        attributes: BTreeMap::from([("image".to_owned(), String::new())]),
    };
    match shown(&nothing, Some(format)) {
        Err(TemplateError::Parse(error) | TemplateError::Execute(error)) => Some(error),
        Ok(_) => None,
    }
}

fn json(event: &Event, in_json: bool) -> Json {
    let attributes = Json::map(event.attributes.iter().map(|(k, v)| (k.clone(), Json::from(v.as_str()))));
    let actor = Json::fields(vec![("ID", Json::from(event.id.as_str())), ("Attributes", attributes)]);
    let (status, id, from) = if in_json { ("status", "id", "from") } else { ("Status", "ID", "From") };
    let mut fields = Vec::new();
    if matches!(event.kind, "container" | "image") {
        fields.push((status, Json::from(event.action.as_str())));
        fields.push((id, Json::from(event.id.as_str())));
        if let Some(image) = event.attributes.get("image") {
            fields.push((from, Json::from(image.as_str())));
        }
    }
    let (scope, time, nanos) =
        if in_json { ("scope", "time", "timeNano") } else { ("Scope", "Time", "TimeNano") };
    fields.extend([
        ("Type", Json::from(event.kind)),
        ("Action", Json::from(event.action.as_str())),
        ("Actor", actor),
        (scope, Json::from("local")),
        (time, Json::from(seconds(event.at))),
        (nanos, Json::from(seconds(event.at) * 1_000_000_000 + (event.at.0 % 1000) as i64 * 1_000_000)),
    ]);
    Json::fields(fields)
}

fn seconds(at: SimTime) -> i64 {
    i64::try_from(at.0 / 1000).unwrap_or(i64::MAX)
}

fn line(event: &Event) -> String {
    let attributes: &BTreeMap<String, String> = &event.attributes;
    let list: Vec<String> = attributes.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let tail = if list.is_empty() { String::new() } else { format!(" ({})", list.join(", ")) };
    format!("{} {} {} {}{tail}\n", event.at.rfc3339_nanos(), event.kind, event.action, event.id)
}
