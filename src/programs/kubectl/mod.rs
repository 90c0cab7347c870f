//! kubectl 1.36, as a program of the simulated world: a file per command.
//!
//! It sees `cluster::api` (and the table of kinds that discovery would give) and nothing else of the cluster. What is
//! real but not built says so; nothing pretends.

mod client;
pub mod command;
pub mod complete;
mod context;
pub mod describe;
mod fail;
mod identity;
mod kubeconfig;
mod kustomize;
mod merge;
pub mod output;
mod print;
mod quantity;
mod resource;

mod api_resources;
mod apply;
mod attach;
mod auth;
mod autoscale;
mod cluster_info;
mod config;
mod cp;
mod create;
mod debug;
mod delete;
mod diff;
mod describe_command;
mod drain;
mod edit;
mod events;
mod exec;
mod explain;
mod expose;
mod get;
mod label;
mod logs;
mod patch;
mod port_forward;
mod proxy;
mod raw;
mod replace;
mod rollout;
mod run;
mod scale;
mod set;
mod taint;
mod template;
mod tools;
mod top;
mod version;
mod wait;

use std::future::ready;
use std::pin::Pin;

use crate::world::{Call, ExitStatus, LocalFuture};
use command::{Parsed, help_text, options, parse, unknown_topic};
use context::Context;
use fail::{Failure, Outcome};

/// How long kubectl takes to start.
const STARTUP: std::time::Duration = std::time::Duration::from_millis(30);

/// The program.
pub fn kubectl(call: Call) -> LocalFuture<ExitStatus> {
    Box::pin(main(call))
}

async fn main(call: Call) -> ExitStatus {
    call.sys.sleep(STARTUP).await;
    let words = call.args().to_vec();
    let parsed = match parse(&words) {
        Ok(parsed) => parsed,
        Err(mistake) => {
            let hint =
                mistake.path.map(|path| format!("\nSee '{path} --help' for usage.")).unwrap_or_default();
            let text = format!("{}{hint}", mistake.message.trim_end());
            call.io.stderr.write(text + "\n").await.ok();
            return 1;
        }
    };
    let cx = Context::new(call, parsed);
    for warning in cx.flags.warnings.clone() {
        cx.errln(warning).await;
    }
    match start(&cx).await {
        Ok(()) => 0,
        Err(failure) => {
            let (text, code) = failure.report();
            cx.out(failure.output()).await;
            cx.err(text).await;
            code
        }
    }
}

/// Help and missing flags come before the command itself.
async fn start(cx: &Context) -> Outcome {
    let Parsed { command, path, .. } = &cx.flags;
    if cx.flags.help || path.is_empty() {
        cx.out(help_text(command, path)).await;
        return Ok(());
    }
    let missing: Vec<String> = command
        .required
        .iter()
        .filter(|name| !cx.flags.given(name))
        .map(|name| format!("{name:?}"))
        .collect();
    if !missing.is_empty() {
        return Err(Failure::Message(format!("required flag(s) {} not set", missing.join(", "))));
    }
    if !command.runs {
        return group(cx).await;
    }
    dispatch(cx).await
}

/// A group of commands without one of them: its help, and status 1.
async fn group(cx: &Context) -> Outcome {
    if !cx.args.is_empty() {
        return Err(cx.usage(format!("unknown command {:?}", cx.args.join(" "))));
    }
    let help = help_text(cx.flags.command, &cx.flags.path);
    match cx.flags.path.as_slice() {
        ["rollout"] => cx.out(help).await,
        _ => cx.err(help).await,
    }
    Err(Failure::Exit(1))
}

/// A future for each command: one that held them all by value would be as large as all of them, for the compiler too.
fn dispatch(cx: &Context) -> Pin<Box<dyn Future<Output = Outcome> + '_>> {
    match cx.flags.path.as_slice() {
        ["help"] => Box::pin(help(cx)),
        ["options"] => Box::pin(print_options(cx)),
        ["alpha"] => Box::pin(no_alpha(cx)),
        ["get"] => Box::pin(get::run(cx)),
        ["describe"] => Box::pin(describe_command::run(cx)),
        ["create", ..] => Box::pin(create::run(cx)),
        ["run"] => Box::pin(run::run(cx)),
        ["expose"] => Box::pin(expose::run(cx)),
        ["scale"] => Box::pin(scale::run(cx)),
        ["autoscale"] => Box::pin(autoscale::run(cx)),
        ["set", ..] => Box::pin(set::run(cx)),
        ["rollout", ..] => Box::pin(rollout::run(cx)),
        ["delete"] => Box::pin(delete::run(cx)),
        ["apply", ..] => Box::pin(apply::run(cx)),
        ["edit"] => Box::pin(edit::run(cx)),
        ["patch"] => Box::pin(patch::run(cx)),
        ["replace"] => Box::pin(replace::run(cx)),
        ["label"] | ["annotate"] => Box::pin(label::run(cx)),
        ["logs"] => Box::pin(logs::run(cx)),
        ["exec"] => Box::pin(exec::run(cx)),
        ["attach"] => Box::pin(attach::run(cx)),
        ["port-forward"] => Box::pin(port_forward::run(cx)),
        ["wait"] => Box::pin(wait::run(cx)),
        ["events"] => Box::pin(events::run(cx)),
        ["cluster-info", ..] => Box::pin(cluster_info::run(cx)),
        ["config", ..] => Box::pin(config::run(cx)),
        ["version"] => Box::pin(version::run(cx)),
        ["api-resources"] => Box::pin(api_resources::resources(cx)),
        ["api-versions"] => Box::pin(api_resources::versions(cx)),
        ["explain"] => Box::pin(explain::run(cx)),
        ["auth", ..] => Box::pin(auth::run(cx)),
        ["cordon"] | ["uncordon"] => Box::pin(drain::cordon(cx)),
        ["drain"] => Box::pin(drain::drain(cx)),
        ["taint"] => Box::pin(taint::run(cx)),
        ["diff"] => Box::pin(diff::run(cx)),
        ["cp"] => Box::pin(cp::run(cx)),
        ["debug"] => Box::pin(debug::run(cx)),
        ["kustomize"] => Box::pin(kustomize::run(cx)),
        ["top", ..] => Box::pin(top::run(cx)),
        ["proxy"] => Box::pin(proxy::run(cx)),
        ["completion"] => Box::pin(tools::completion(cx)),
        ["plugin", ..] => Box::pin(tools::plugins(cx)),
        path => Box::pin(ready(Err(not_imitated(path)))),
    }
}

/// Says plainly that a real command is not built.
fn not_imitated(path: &[&str]) -> Failure {
    Failure::Message(format!("kubectl {} is not imitated by KubeJam yet", path.join(" ")))
}

async fn help(cx: &Context) -> Outcome {
    match parse(&cx.args) {
        Ok(found) if found.args.is_empty() => cx.out(help_text(found.command, &found.path)).await,
        _ => cx.err(unknown_topic(&cx.args)).await,
    }
    Ok(())
}

async fn no_alpha(cx: &Context) -> Outcome {
    cx.errln("No alpha commands are available in this version of kubectl").await;
    Ok(())
}

async fn print_options(cx: &Context) -> Outcome {
    let home = cx.env.get("HOME").map_or("/root", String::as_str);
    cx.out(options(home)).await;
    Ok(())
}
