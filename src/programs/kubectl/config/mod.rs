//! `kubectl config`: reads and writes the kubeconfig in the virtual home.

mod change;
mod view;

use super::command::help_text;
use super::context::Context;
use super::fail::{Failure, Outcome};
use super::not_imitated;
use super::output::tabwriter::TabWriter;
use serde_json::Value;

pub async fn run(cx: &Context) -> Outcome {
    match cx.flags.path[1] {
        "view" => view::run(cx).await,
        "current-context" => current_context(cx).await,
        "get-contexts" => get_contexts(cx).await,
        "get-clusters" => names(cx, "clusters").await,
        "get-users" => names(cx, "users").await,
        "use-context" => change::use_context(cx).await,
        "set-context" => change::set_context(cx).await,
        "rename-context" => change::rename_context(cx).await,
        "delete-context" => change::delete(cx, "contexts", "context").await,
        "delete-cluster" => change::delete(cx, "clusters", "cluster").await,
        "delete-user" => change::delete(cx, "users", "user").await,
        "set-cluster" => change::set_cluster(cx).await,
        "set-credentials" => change::set_credentials(cx).await,
        "set" => change::set(cx).await,
        "unset" => change::unset(cx).await,
        _ => Err(not_imitated(&cx.flags.path)),
    }
}

/// Prints the command's help on stdout and complains about the arguments.
async fn unexpected(cx: &Context) -> Failure {
    cx.out(help_text(cx.flags.command, &cx.flags.path)).await;
    Failure::Message(format!("Unexpected args: [{}]", cx.args.join(" ")))
}

async fn current_context(cx: &Context) -> Outcome {
    let config = cx.kubeconfig()?;
    if config.current().is_empty() {
        return Err(Failure::message("current-context is not set"));
    }
    cx.outln(config.current()).await;
    Ok(())
}

async fn get_contexts(cx: &Context) -> Outcome {
    let config = cx.kubeconfig()?;
    let names_only = match cx.flags.text("output") {
        "" => false,
        "name" => true,
        other => {
            return Err(Failure::Message(format!(
                "--output {other} is not available in kubectl config get-contexts; resetting to default output format"
            )));
        }
    };
    let wanted = if cx.args.is_empty() { config.names("contexts") } else { cx.args.clone() };
    let mut writer = TabWriter::table();
    if !names_only && !cx.flags.on("no-headers") {
        writer.row(&["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"]);
    }
    let mut failures = Vec::new();
    for name in wanted {
        let Some(context) = config.entry("contexts", &name) else {
            failures.push(Failure::Message(format!("context {name} not found")));
            continue;
        };
        if names_only {
            writer.row(&[name]);
            continue;
        }
        let text = |key: &str| context.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
        let star = if name == config.current() { "*" } else { "" };
        writer.row(&[star.to_string(), name, text("cluster"), text("user"), text("namespace")]);
    }
    cx.out(writer.flush()).await;
    match failures.is_empty() {
        true => Ok(()),
        false => Err(Failure::Message(failures.iter().map(Failure::bare).collect::<Vec<_>>().join("; "))),
    }
}

async fn names(cx: &Context, list: &str) -> Outcome {
    cx.outln("NAME").await;
    for name in cx.kubeconfig()?.names(list) {
        cx.outln(name).await;
    }
    Ok(())
}
