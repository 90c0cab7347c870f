//! `kubectl auth`.

use super::context::Context;
use super::fail::{Failure, Outcome};
use super::not_imitated;
use super::output::tabwriter::TabWriter;
use super::resource::mapper;

pub async fn run(cx: &Context) -> Outcome {
    match cx.flags.path[1] {
        "whoami" => whoami(cx).await,
        "can-i" => can_i(cx).await,
        _ => Err(not_imitated(&cx.flags.path)),
    }
}

async fn whoami(cx: &Context) -> Outcome {
    let client = cx.client()?;
    client.reach(cx).await?;
    let mut writer = TabWriter::table();
    writer.row(&["ATTRIBUTE", "VALUE"]);
    writer.row(&["Username", client.user.name.as_str()]);
    writer.row(&["Groups", &format!("[{}]", client.user.groups.join(" "))]);
    cx.out(writer.flush()).await;
    Ok(())
}

/// The learner's account may do everything; for others nothing is known.
async fn can_i(cx: &Context) -> Outcome {
    let client = cx.client()?;
    if cx.flags.on("list") || !cx.flags.text("as").is_empty() {
        return Err(not_imitated(&["auth can-i --list and --as"]));
    }
    let [verb, target, ..] = cx.args.as_slice() else {
        return Err(Failure::message("you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples."));
    };
    client.discover(cx).await?;
    let known = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "use", "bind", "impersonate", "*", "approve", "sign", "escalate", "attest", "proxy"];
    if !known.contains(&verb.as_str()) {
        cx.errln(format!("Warning: verb '{verb}' is not a known verb\n")).await;
    }
    let kind = target.split('/').next().unwrap_or(target);
    match mapper::lookup(kind) {
        _ if kind == "*" || target.starts_with('/') => {}
        None => cx.errln(format!("Warning: the server doesn't have a resource type '{kind}'\n")).await,
        Some(resource) if !resource.namespaced && !cx.flags.on("all-namespaces") => {
            let group = if resource.group.is_empty() { String::new() } else { format!(" in group '{}'", resource.group) };
            cx.errln(format!("Warning: resource '{}' is not namespace scoped{group}\n", resource.plural)).await;
        }
        Some(_) => {}
    }
    if !cx.flags.on("quiet") {
        cx.outln("yes").await;
    }
    Ok(())
}
