//! `kubectl get --raw`: the few paths that have no objects behind them.

use super::context::Context;
use super::fail::Outcome;
use super::version;
use crate::cluster::api::Status;
use serde_json::Value;

pub async fn get(cx: &Context) -> Outcome {
    let path = cx.flags.text("raw").split('?').next().unwrap_or_default().trim_end_matches('/').to_string();
    let client = cx.client()?;
    client.reach(cx).await?;
    match path.as_str() {
        "/healthz" | "/livez" | "/readyz" => cx.out("ok").await,
        "/version" => cx.out(fields(&version::server(cx).await?)).await,
        _ if path.starts_with("/api") => {
            return Err(super::not_imitated(&["get --raw with paths of objects"]));
        }
        _ => return Err(Status::no_such_path().into()),
    }
    Ok(())
}

const VERSION_FIELDS: [&str; 13] = [
    "major",
    "minor",
    "emulationMajor",
    "emulationMinor",
    "minCompatibilityMajor",
    "minCompatibilityMinor",
    "gitVersion",
    "gitCommit",
    "gitTreeState",
    "buildDate",
    "goVersion",
    "compiler",
    "platform",
];

/// The version as the server writes it: two spaces, its own order, no newline.
fn fields(version: &Value) -> String {
    let line = |key: &&str| version.get(*key).map(|value| format!("  \"{key}\": {value}"));
    format!("{{\n{}\n}}", VERSION_FIELDS.iter().filter_map(line).collect::<Vec<_>>().join(",\n"))
}
