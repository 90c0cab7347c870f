//! `kubectl get`.

mod sort;
mod tables;
mod watch;

use super::context::Context;
use super::fail::{Failure, Outcome};
use super::print::{Printer, list_of};
use super::resource::select::Targets;
use super::resource::{Info, Selection};
use crate::cluster::api::{Options, Reply, Table, Verb};
use crate::cluster::kinds::table::Resource;
use tables::TablePrinter;

use sort::sort_values;

const NO_TYPE: &str = "You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported resources.\n\n";

pub async fn run(cx: &Context) -> Outcome {
    let output = cx.flags.text("output");
    let watches = cx.flags.on("watch") || cx.flags.on("watch-only");
    let raw = !cx.flags.text("raw").is_empty();
    if raw && !cx.args.is_empty() {
        return Err(Failure::message("arguments may not be passed when --raw is specified"));
    }
    let files = !cx.flags.list("filename").is_empty() || !cx.flags.text("kustomize").is_empty();
    if cx.args.is_empty() && !files && !watches && !raw {
        cx.err(NO_TYPE).await;
        let hint = "Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed description of that resource (e.g. kubectl explain pods).";
        return Err(cx.usage(hint));
    }
    if raw && (watches || !cx.flags.text("selector").is_empty()) {
        return Err(Failure::message(
            "--raw may not be specified with other flags that filter the server request or alter the output",
        ));
    }
    if raw && !output.is_empty() {
        return Err(Failure::message("--raw and --output are mutually exclusive"));
    }
    if cx.flags.on("show-labels") && !matches!(output, "" | "wide") {
        return Err(Failure::Message(format!("--show-labels option cannot be used with {output} printer")));
    }
    if cx.flags.on("output-watch-events") && !watches {
        return Err(Failure::message(
            "--output-watch-events option can only be used with --watch or --watch-only",
        ));
    }
    if raw {
        return super::raw::run(cx, Verb::Get).await;
    }
    let mut selection = Selection::of(cx, &cx.args).kind_alone(true).latest();
    if selection.all_namespaces {
        selection.kind_alone = true;
    }
    if watches {
        return watch::run(cx, &selection).await;
    }
    if !cx.flags.text("subresource").is_empty()
        && !matches!(selection.targets(cx).await?, Targets::Named(_) | Targets::Files(..))
    {
        return Err(Failure::message("subresource cannot be used when bulk resources are specified"));
    }
    if output == "wide" || (output.is_empty() && cx.flags.text("template").is_empty()) {
        human(cx, &selection).await
    } else {
        generic(cx, &selection).await
    }
}

/// `-o` with a machine format: one object as it is, several in a List.
async fn generic(cx: &Context, selection: &Selection) -> Outcome {
    let (infos, failures) = selection.infos(cx).await?;
    let failures = ignorable(cx, failures);
    if selection.single() && infos.is_empty() && !failures.is_empty() {
        return Failure::all(failures);
    }
    if infos.is_empty() && (selection.single() || cx.flags.on("ignore-not-found")) {
        return Failure::all(failures);
    }
    let printer = Printer::of(cx, true)?.unwrap_or(Printer::Json);
    let mut objects: Vec<_> = infos.into_iter().filter_map(|info| info.object).collect();
    if selection.single() && objects.len() == 1 {
        cx.out(printer.render(cx, &objects[0])?).await;
        return Failure::all(failures);
    }
    let field = cx.flags.text("sort-by");
    if !field.is_empty() && !objects.is_empty() && !sort_values(&mut objects, field)? {
        let all = failures.into_iter().chain([sort::no_field(field)]).collect();
        return Failure::all(all);
    }
    cx.out(printer.render(cx, &list_of(objects))?).await;
    Failure::all(failures)
}

fn ignorable(cx: &Context, failures: Vec<Failure>) -> Vec<Failure> {
    let ignore = cx.flags.on("ignore-not-found");
    failures.into_iter().filter(|failure| !(ignore && failure.is_not_found())).collect()
}

/// Tables, made by the server.
async fn human(cx: &Context, selection: &Selection) -> Outcome {
    let field = cx.flags.text("sort-by").to_string();
    let (found, failures) = tables(cx, selection).await?;
    let failures = ignorable(cx, failures);
    if !field.is_empty() && found.len() > 1 {
        // Several tables are not sorted row by row: what is compared are the tables themselves.
        return Err(sort::no_field(&field));
    }
    let several = {
        let mut kinds: Vec<*const Resource> =
            found.iter().map(|(resource, _)| *resource as *const Resource).collect();
        kinds.dedup();
        kinds.len() > 1
    };
    let mut printer = TablePrinter::of(cx, several, selection.all_namespaces);
    let namespaced = !selection.all_namespaces && found.iter().all(|(resource, _)| resource.namespaced);
    let mut written = false;
    for (resource, mut table) in found {
        if !field.is_empty() && table.rows.len() > 1 && !sort::sort_rows(&mut table, &field) {
            continue;
        }
        let text = printer.print(resource, &table);
        written |= !text.is_empty();
        cx.out(text).await;
    }
    if !written && failures.is_empty() && !cx.flags.on("ignore-not-found") {
        if namespaced {
            cx.errln(format!("No resources found in {} namespace.", cx.namespace()?)).await;
        } else {
            cx.errln("No resources found").await;
        }
    }
    Failure::all(failures)
}

type Found = (Vec<(&'static Resource, Table)>, Vec<Failure>);

async fn tables(cx: &Context, selection: &Selection) -> Outcome<Found> {
    let client = cx.client()?;
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    let mut ask = Vec::new();
    match selection.targets(cx).await? {
        Targets::Kinds(kinds) => {
            for resource in kinds {
                let namespace =
                    (resource.namespaced && !selection.all_namespaces).then(|| client.namespace.clone());
                ask.push((resource, namespace, None));
            }
        }
        Targets::Named(pairs) => {
            for (resource, name) in pairs {
                ask.push((resource, resource.namespaced.then(|| client.namespace.clone()), Some(name)));
            }
        }
        Targets::Files(infos, bad) => {
            failures.extend(bad);
            for Info { resource, namespace, name, .. } in infos {
                ask.push((resource, namespace, Some(name)));
            }
        }
    }
    for (resource, namespace, name) in ask {
        let verb = if name.is_some() { Verb::Get } else { Verb::List };
        let filters = if name.is_some() { Options::default() } else { selection.options() };
        let options = Options { as_table: true, ..filters };
        let mut request = client.request("kubectl", verb, resource).with_options(options);
        (request.namespace, request.name) = (namespace.clone(), name.clone());
        let subresource = cx.flags.text("subresource");
        if !subresource.is_empty() {
            request = request.on_subresource(subresource);
        }
        match client.send(cx, request).await {
            Ok(Reply::Table(table)) if cx.flags.text("server-print") == "false" => {
                found.push((resource, TablePrinter::plain(&table, cx.sys.now())));
            }
            Ok(Reply::Table(table)) => found.push((resource, table)),
            Ok(_) => failures.push(Failure::message("the server did not answer with a table")),
            Err(failure) if name.is_some() => {
                failures.push(client.or_no_namespace(cx, namespace.as_deref(), failure).await);
            }
            Err(failure) => failures.push(selection.list_failure(resource, failure)),
        }
    }
    Ok((found, failures))
}
