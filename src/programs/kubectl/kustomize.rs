//! Kustomizations are not imitated; what kubectl says about a directory without one is.

use super::context::Context;
use super::fail::{Failure, Outcome};

/// Why a directory is no kustomization that can be used.
pub fn missing(cx: &Context, directory: &str) -> Failure {
    let path = cx.path(directory);
    let there = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
    if there.iter().any(|name| cx.sys.exists(&format!("{path}/{name}"))) {
        return Failure::message("kustomizations are not imitated by KubeJam yet");
    }
    Failure::Message(format!(
        "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{path}'"
    ))
}

pub async fn run(cx: &Context) -> Outcome {
    Err(missing(cx, cx.args.first().map_or(".", String::as_str)))
}
