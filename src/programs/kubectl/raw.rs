//! `kubectl get --raw`: the few paths that have no objects behind them.

use super::context::Context;
use super::fail::Outcome;
use super::output::json;
use super::version;
use crate::cluster::api::Status;

pub async fn get(cx: &Context) -> Outcome {
    let path = cx.flags.text("raw").split('?').next().unwrap_or_default().trim_end_matches('/').to_string();
    let client = cx.client()?;
    client.reach(cx).await?;
    match path.as_str() {
        "/healthz" | "/livez" | "/readyz" => cx.out("ok").await,
        "/version" => cx.out(json::pretty_typed(&version::server(cx).await?).trim_end().replace("    ", "  ")).await,
        _ if path.starts_with("/api") => return Err(super::not_imitated(&["get --raw with paths of objects"])),
        _ => return Err(Status::no_such_path().into()),
    }
    Ok(())
}
