//! Following a container as an attached terminal does. Output comes from its log, input goes into its standard
//! input where that is open.

use super::context::Context;
use super::fail::Outcome;
use super::logs;

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
