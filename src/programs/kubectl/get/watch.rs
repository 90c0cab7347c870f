//! `kubectl get -w`: the objects that are there, then every change until it is interrupted.

use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::super::print::Printer;
use super::super::resource::Selection;
use super::super::resource::select::Targets;
use super::tables::TablePrinter;
use crate::cluster::api::{Options, Reply, Table, Verb, codec};
use crate::cluster::kinds::table::Resource;
use crate::world::World;

pub async fn run(cx: &Context, selection: &Selection, printer: Option<Printer>) -> Outcome {
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
    let mut tables = TablePrinter::of(cx, false, selection.all_namespaces);
    let revision = table.resource_version.clone();
    if !cx.flags.on("watch-only") {
        show(cx, resource, &table, printer.as_ref(), &mut tables).await?;
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
            show(cx, resource, &table, printer.as_ref(), &mut tables).await?;
        }
        cx.sys.changed(epoch).await;
    }
}

async fn show(
    cx: &Context,
    resource: &'static Resource,
    table: &Table,
    printer: Option<&Printer>,
    tables: &mut TablePrinter,
) -> Outcome {
    let Some(printer) = printer else {
        cx.out(tables.print(resource, table)).await;
        return Ok(());
    };
    for row in &table.rows {
        cx.out(printer.render(cx, &codec::encode(&row.object))?).await;
    }
    Ok(())
}
