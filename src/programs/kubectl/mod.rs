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
            let text = format!("error: {}{hint}", mistake.message.trim_end());
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

async fn dispatch(cx: &Context) -> Outcome {
    match cx.flags.path.as_slice() {
        ["help"] => help(cx).await,
        ["options"] => print_options(cx).await,
        ["get"] => get::run(cx).await,
        ["describe"] => describe_command::run(cx).await,
        ["create", ..] => create::run(cx).await,
        ["run"] => run::run(cx).await,
        ["expose"] => expose::run(cx).await,
        ["scale"] => scale::run(cx).await,
        ["autoscale"] => autoscale::run(cx).await,
        ["set", ..] => set::run(cx).await,
        ["rollout", ..] => rollout::run(cx).await,
        ["delete"] => delete::run(cx).await,
        ["apply", ..] => apply::run(cx).await,
        ["edit"] => edit::run(cx).await,
        ["patch"] => patch::run(cx).await,
        ["replace"] => replace::run(cx).await,
        ["label"] | ["annotate"] => label::run(cx).await,
        ["logs"] => logs::run(cx).await,
        ["exec"] => exec::run(cx).await,
        ["attach"] => attach::run(cx).await,
        ["port-forward"] => port_forward::run(cx).await,
        ["wait"] => wait::run(cx).await,
        ["events"] => events::run(cx).await,
        ["cluster-info", ..] => cluster_info::run(cx).await,
        ["config", ..] => config::run(cx).await,
        ["version"] => version::run(cx).await,
        ["api-resources"] => api_resources::resources(cx).await,
        ["api-versions"] => api_resources::versions(cx).await,
        ["explain"] => explain::run(cx).await,
        ["auth", ..] => auth::run(cx).await,
        ["cordon"] | ["uncordon"] => drain::cordon(cx).await,
        ["drain"] => drain::drain(cx).await,
        ["taint"] => taint::run(cx).await,
        ["diff"] => diff::run(cx).await,
        ["cp"] => cp::run(cx).await,
        ["debug"] => debug::run(cx).await,
        ["kustomize"] => kustomize::run(cx).await,
        ["top", ..] => top::run(cx).await,
        ["proxy"] => proxy::run(cx).await,
        ["completion"] => tools::completion(cx).await,
        ["plugin", ..] => tools::plugins(cx).await,
        path => Err(not_imitated(path)),
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

async fn print_options(cx: &Context) -> Outcome {
    let home = cx.env.get("HOME").map_or("/root", String::as_str);
    cx.out(options(home)).await;
    Ok(())
}
