//! `kubectl explain`. The field documentation is the server's; the simulated server has none to give yet.

use super::context::Context;
use super::fail::{Failure, Outcome};
use super::not_imitated;
use super::resource::mapper;

pub async fn run(cx: &Context) -> Outcome {
    let Some(word) = cx.args.first() else {
        return Err(Failure::message(
            "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of supported resources.",
        ));
    };
    if cx.args.len() > 1 {
        return Err(Failure::message("We accept only this format: explain RESOURCE"));
    }
    cx.client()?.discover(cx).await?;
    let kind = word.split('.').next().unwrap_or(word);
    if mapper::lookup(kind).is_none() {
        return Err(Failure::Plain(format!("the server doesn't have a resource type {kind:?}")));
    }
    Err(not_imitated(&["explain"]))
}
