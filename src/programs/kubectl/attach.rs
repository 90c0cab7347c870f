//! Following a container as an attached terminal does. Output comes from its log, input goes into its standard
//! input where that is open.

use super::context::Context;
use super::fail::{Failure, Outcome};
use super::logs;
use super::resource::Selection;
use serde_json::Value;

/// `kubectl attach`.
pub async fn run(cx: &Context) -> Outcome {
    let Some(target) = cx.args.first() else {
        return Err(cx.usage("at least 1 argument is required for attach"));
    };
    let word = if target.contains('/') { target.clone() } else { format!("pods/{target}") };
    let infos = Selection { args: vec![word], ..Selection::default() }.all_or_fail(cx).await?;
    let Some(info) = infos.into_iter().next() else { return Err(Failure::message("no pod was found")) };
    let pod = match info.resource.kind {
        "Pod" => info.object().clone(),
        _ => logs::pods_of(cx, &info).await?.into_iter().next().unwrap_or_default(),
    };
    let text = |pointer: &str| pod.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let phase = text("/status/phase");
    if matches!(phase, "Succeeded" | "Failed") {
        return Err(Failure::Message(format!(
            "cannot attach a container in a completed pod; current phase is {phase}"
        )));
    }
    if cx.flags.on("stdin") && !cx.flags.on("quiet") {
        cx.errln("If you don't see a command prompt, try pressing enter.").await;
    }
    stream(cx, text("/metadata/namespace"), text("/metadata/name"), true).await
}

/// Shows what the container writes until it ends; with `-i`, hands standard input over.
pub async fn stream(cx: &Context, namespace: &str, name: &str, running: bool) -> Outcome {
    let input = async {
        if running && cx.flags.on("stdin") {
            feed(cx, namespace, name).await;
        }
        std::future::pending::<()>().await;
    };
    let follow = logs::follow_one(cx, namespace, name);
    let (input, follow) = (std::pin::pin!(input), std::pin::pin!(follow));
    match futures_util::future::select(follow, input).await {
        futures_util::future::Either::Left((result, _)) => result,
        futures_util::future::Either::Right(_) => Ok(()),
    }
}

async fn feed(cx: &Context, namespace: &str, name: &str) {
    let Some(container) = super::exec::container_of(cx, namespace, name, "").await else { return };
    while let Some(line) = cx.io.stdin.read_line().await {
        let writer = cx.sys.view(|w| w.container_input(&container));
        match writer {
            Some(writer) if writer.write(&line).await.is_ok() => {}
            _ => return,
        }
    }
    cx.sys.with(|w| w.close_container_input(&container));
}
