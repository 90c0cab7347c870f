//! `kubectl events`.

use super::context::Context;
use super::describe::sort_events;
use super::fail::{Failure, Outcome};
use super::output::duration;
use super::output::tabwriter::TabWriter;
use super::print::{Printer, list_of};
use super::resource::mapper;
use crate::cluster::api::{Options, Reply, Verb, codec};
use crate::world::World;
use serde_json::Value;

pub async fn run(cx: &Context) -> Outcome {
    if !cx.args.is_empty() {
        return Err(cx.usage(format!("unknown command {:?} for \"kubectl events\"", cx.args[0])));
    }
    let types = cx.flags.list("types");
    for kind in &types {
        if !["Normal", "Warning"].iter().any(|known| kind.eq_ignore_ascii_case(known)) {
            return Err(Failure::message("valid --types are Normal or Warning"));
        }
    }
    let client = cx.client()?;
    client.discover(cx).await?;
    let resource = mapper::find("events")?;
    let all = cx.flags.on("all-namespaces");
    let namespace = (!all).then(|| client.namespace.clone());
    let about = about(cx)?;
    let wanted = |event: &Value| {
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let type_fits = types.is_empty() || types.iter().any(|kind| kind.eq_ignore_ascii_case(text("/type")));
        type_fits
            && about.as_ref().is_none_or(|(kind, name)| {
                text("/involvedObject/kind") == kind && text("/involvedObject/name") == name
            })
    };
    let mut events: Vec<Value> = client
        .items(cx, resource, namespace.as_deref(), Options::default())
        .await?
        .into_iter()
        .filter(wanted)
        .collect();
    sort_events(&mut events);
    let printer = Printer::of(cx, false)?;
    let mut writer = TabWriter::table();
    if cx.flags.on("watch") {
        return watch(cx, printer, events, wanted, &mut writer).await;
    }
    if events.is_empty() {
        match all {
            true => cx.errln("No events found.").await,
            false => cx.errln(format!("No events found in {} namespace.", client.namespace)).await,
        }
        return Ok(());
    }
    match printer {
        // Names are not printed of such lists; nobody is told.
        Some(Printer::Name(_)) => return Ok(()),
        Some(printer) => {
            cx.out(printer.render(cx, &list_of(events))?).await;
            return Ok(());
        }
        None => {}
    }
    header(cx, &mut writer);
    events.iter().for_each(|event| row(cx, &mut writer, event));
    cx.out(writer.flush()).await;
    Ok(())
}

/// `--for`: kind and name.
fn about(cx: &Context) -> Outcome<Option<(String, String)>> {
    let text = cx.flags.text("for");
    if text.is_empty() {
        return Ok(None);
    }
    let (kind, name) = text
        .split_once('/')
        .filter(|(kind, name)| !kind.is_empty() && !name.is_empty())
        .ok_or_else(|| Failure::message("--for must be in resource/name form"))?;
    let resource = mapper::lookup(kind)
        .ok_or_else(|| Failure::Message(format!("the server doesn't have a resource type {kind:?}")))?;
    Ok(Some((resource.kind.to_string(), name.to_string())))
}

fn header(cx: &Context, writer: &mut TabWriter) {
    if cx.flags.on("no-headers") {
        return;
    }
    let titles = ["NAMESPACE", "LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"];
    writer.row(&titles[usize::from(!cx.flags.on("all-namespaces"))..]);
}

fn row(cx: &Context, writer: &mut TabWriter, event: &Value) {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_string();
    let now = cx.now_ms();
    let first = match event.get("firstTimestamp").filter(|time| !time.is_null()) {
        Some(time) => duration::since(Some(time), now),
        None => duration::since(event.get("eventTime"), now),
    };
    let count = event.get("count").and_then(Value::as_i64).unwrap_or_default();
    let seen = if let Some(series) = event.get("series").filter(|series| series.is_object()) {
        format!(
            "{} (x{} over {first})",
            duration::since(series.get("lastObservedTime"), now),
            series["count"]
        )
    } else if count > 1 {
        format!("{} (x{count} over {first})", duration::since(event.get("lastTimestamp"), now))
    } else {
        first
    };
    let object = format!("{}/{}", text("/involvedObject/kind"), text("/involvedObject/name"));
    let cells = [
        text("/metadata/namespace"),
        seen,
        text("/type"),
        text("/reason"),
        object,
        text("/message").trim().to_string(),
    ];
    writer.row(&cells[usize::from(!cx.flags.on("all-namespaces"))..]);
}

async fn watch(
    cx: &Context,
    printer: Option<Printer>,
    events: Vec<Value>,
    wanted: impl Fn(&Value) -> bool,
    writer: &mut TabWriter,
) -> Outcome {
    let client = cx.client()?;
    let mut request = client.request("kubectl", Verb::Watch, mapper::find("events")?);
    request.namespace = (!cx.flags.on("all-namespaces")).then(|| client.namespace.clone());
    let Reply::Watch(mut from) = client.send(cx, request).await? else {
        return Err(Failure::message("the server did not begin a watch"));
    };
    let mut due = events;
    header(cx, writer);
    loop {
        for event in &due {
            match &printer {
                Some(printer) => cx.out(printer.render(cx, event)?).await,
                None => {
                    row(cx, writer, event);
                    cx.out(writer.flush()).await;
                }
            }
        }
        let epoch = cx.sys.view(World::epoch);
        due = client
            .watch_events(cx, &mut from)?
            .iter()
            .map(|event| codec::encode(&event.object))
            .filter(&wanted)
            .collect();
        if due.is_empty() {
            cx.sys.changed(epoch).await;
        }
    }
}
