//! `kubectl get -w`: the objects that are there, then every change until it is interrupted.

use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::super::output::json;
use super::super::print::Printer;
use super::super::resource::Selection;
use super::super::resource::select::Targets;
use super::tables::TablePrinter;
use crate::cluster::api::{Options, Reply, Table, Verb, WatchKind, codec};
use crate::cluster::kinds::table::Resource;
use crate::world::World;
use serde_json::json;

pub async fn run(cx: &Context, selection: &Selection) -> Outcome {
    if !cx.flags.text("sort-by").is_empty() {
        cx.errln(match cx.flags.on("watch") {
            true => "warning: --watch requested, --sort-by will be ignored for watch events received",
            false => "warning: --watch-only requested, --sort-by will be ignored",
        })
        .await;
    }
    let client = cx.client()?;
    let (resource, namespace, name): (&'static Resource, _, _) = match selection.targets(cx).await? {
        Targets::Kinds(kinds) if kinds.len() == 1 => {
            let resource = kinds[0];
            (
                resource,
                (resource.namespaced && !selection.all_namespaces).then(|| client.namespace.clone()),
                None,
            )
        }
        Targets::Named(pairs) if pairs.len() == 1 => {
            let (resource, name) = pairs[0].clone();
            (resource, resource.namespaced.then(|| client.namespace.clone()), Some(name))
        }
        Targets::Files(infos, failures) => {
            Failure::all(failures)?;
            match infos.as_slice() {
                [one] => (one.resource, one.namespace.clone(), Some(one.name.clone())),
                _ => {
                    return Err(Failure::message(
                        "watch is only supported on individual resources and resource collections - more than 1 resource was found",
                    ));
                }
            }
        }
        _ => return Err(Failure::message("you may only specify a single resource type")),
    };
    let verb = if name.is_some() { Verb::Get } else { Verb::List };
    let options =
        Options { as_table: true, ..if name.is_some() { Options::default() } else { selection.options() } };
    let mut request = client.request("kubectl", verb, resource).with_options(options);
    (request.namespace, request.name) = (namespace.clone(), name.clone());
    let Reply::Table(table) = client.send(cx, request).await? else {
        return Err(Failure::message("the server did not answer with a table"));
    };
    let mut shown = Shown {
        resource,
        printer: Printer::of(cx, true)?,
        tables: TablePrinter::of(cx, false, selection.all_namespaces),
        printed: 0,
    };
    let revision = table.resource_version.clone();
    if !cx.flags.on("watch-only") {
        shown.show(cx, WatchKind::Added, &table).await?;
    }
    let options = Options { resource_version: Some(revision), ..selection.options() };
    let mut request = client.request("kubectl", Verb::Watch, resource).with_options(options);
    (request.namespace, request.name) = (namespace, name);
    let Reply::Watch(mut from) = client.send(cx, request).await? else {
        return Err(Failure::message("the server did not begin a watch"));
    };
    loop {
        let epoch = cx.sys.view(World::epoch);
        for event in client.watch_events(cx, &mut from)? {
            let table = client.table_of(cx, resource, event.object);
            shown.show(cx, event.kind, &table).await?;
        }
        cx.sys.changed(epoch).await;
    }
}

/// How what is seen is printed.
struct Shown {
    resource: &'static Resource,
    printer: Option<Printer>,
    tables: TablePrinter,
    printed: usize,
}

impl Shown {
    async fn show(&mut self, cx: &Context, kind: WatchKind, table: &Table) -> Outcome {
        let event = cx.flags.on("output-watch-events").then(|| kind.word());
        let Some(printer) = &self.printer else {
            cx.out(self.tables.print_event(self.resource, table, event)).await;
            return Ok(());
        };
        for row in &table.rows {
            self.printed += 1;
            if self.printed > 1 && matches!(printer, Printer::Yaml) {
                cx.out("---\n").await;
            }
            let object = codec::encode(&row.object);
            let text = match (event, printer) {
                (Some(event), Printer::Json) => {
                    format!("{{\"type\":{event:?},\"object\":{}}}\n", json::compact(&object))
                }
                (_, Printer::Name(_)) | (None, _) => printer.render(cx, &object)?,
                (Some(event), _) => printer.render(cx, &json!({"type": event, "object": object}))?,
            };
            cx.out(text).await;
        }
        Ok(())
    }
}
