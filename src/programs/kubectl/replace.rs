//! `kubectl replace`.

use super::client::Write;
use super::context::{Context, DryRun};
use super::create::validation;
use super::fail::{Failure, Outcome};
use super::print::Printer;
use super::resource::{Info, Selection, mapper};
use super::{delete, wait};
use crate::cluster::api::Verb;
use serde_json::Value;

pub async fn run(cx: &Context) -> Outcome {
    if !cx.flags.text("raw").is_empty() {
        return super::raw::run(cx, Verb::Update).await;
    }
    if cx.flags.list("filename").is_empty() && cx.flags.text("kustomize").is_empty() {
        return Err(Failure::message("must specify one of -f and -k"));
    }
    let dry_run = cx.dry_run().await?;
    let printer = Printer::for_operation(cx, "replaced", dry_run)?;
    let (infos, mut failures) = Selection::of(cx, &[]).infos(cx).await?;
    for info in infos {
        match one(cx, &info, dry_run).await {
            Ok(object) => cx.out(printer.render(cx, &object)?).await,
            Err(failure) => failures.push(failure.about("replacing", info.source.as_deref())),
        }
    }
    Failure::all(failures)
}

async fn one(cx: &Context, info: &Info, dry_run: DryRun) -> Outcome<Value> {
    let mut object = info.object().clone();
    if cx.flags.on("save-config") {
        super::apply::annotate(&mut object);
    }
    cx.record(&mut object);
    if dry_run == DryRun::Client {
        return Ok(object);
    }
    let client = cx.client()?;
    let write = Write::new(info.resource, info.namespace.as_deref(), cx.flags.text("field-manager"))
        .dry(dry_run)
        .validated(validation(cx)?)
        .on(cx.flags.text("subresource"));
    if cx.flags.on("force") {
        let resource = mapper::find(&mapper::full_name(info.resource))?;
        delete::remove_quietly(cx, resource, info.namespace.as_deref().unwrap_or_default(), &info.name)
            .await?;
        wait::until(cx, info, None, |object| object.is_none()).await?;
        return client.create(cx, &write, object).await;
    }
    if object.pointer("/metadata/resourceVersion").is_none() {
        let live = client.get(cx, info.resource, info.namespace.as_deref(), &info.name).await?;
        object["metadata"]["resourceVersion"] =
            live.pointer("/metadata/resourceVersion").cloned().unwrap_or_default();
    }
    client.update(cx, &write, &info.name, object).await
}
