//! `gcloud docker`: the way of 2019 to run docker with the project's credentials. It still works, with a warning.

use super::args::Parsed;
use super::{Failure, Gcloud, LocalFutureOf};

const WARNING: &str = "WARNING: `gcloud docker` will not be supported for Docker client versions above 18.03.\n\nAs an alternative, use `gcloud auth configure-docker` to configure `docker` to\nuse `gcloud` as a credential helper, then use `docker` as you would for non-GCR\nregistries, e.g. `docker pull gcr.io/project-id/my-image`. Add\n`--verbosity=error` to silence this warning: `gcloud docker\n--verbosity=error -- pull gcr.io/project-id/my-image`.\n\nSee: https://cloud.google.com/container-registry/docs/support/deprecation-notices#gcloud-docker\n\n";

/// The hosts that get a token for the time of the command.
const HOSTS: [&str; 4] = ["gcr.io", "us.gcr.io", "eu.gcr.io", "asia.gcr.io"];

/// Runs docker with the words after `--`, signed in to gcr.io.
pub fn run<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        if parsed.flag("--verbosity") != Some("error") {
            gcloud.err(WARNING).await;
        }
        sign_in(gcloud);
        if parsed.has("--authorize-only") {
            let hosts = HOSTS.map(|h| format!("'{h}'")).join(", ");
            gcloud.err(&format!("Short-lived access for [{hosts}] configured.\n")).await;
            return Ok(());
        }
        let mut argv = vec!["docker".to_owned()];
        argv.extend(parsed.rest.iter().cloned());
        let call = &gcloud.call;
        match call.sys.run(argv, &call.env, &call.cwd, call.io.clone()).await {
            Ok(0) => Ok(()),
            Ok(status) => Err(Failure::Status(status)),
            Err(_) => Failure::error("Docker is not installed."),
        }
    })
}

/// Writes tokens for gcr.io's hosts into Docker's configuration.
fn sign_in(gcloud: &Gcloud) {
    let sys = &gcloud.call.sys;
    let home = sys.view(|w| w.hosts.get(&sys.host).map(|h| h.home.clone())).unwrap_or_default();
    let path = format!("{home}/.docker/config.json");
    let text = sys.read_text(&path).unwrap_or_default();
    let mut config: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|_| serde_json::json!({}));
    let Some(map) = config.as_object_mut() else { return };
    let auths = map.entry("auths").or_insert_with(|| serde_json::json!({}));
    for host in HOSTS {
        let token = sys.stream(&format!("docker-token/{host}")).hex(40);
        let auth = base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            format!("_dcgcloud_token:{token}"),
        );
        if let Some(auths) = auths.as_object_mut() {
            auths.insert(
                format!("https://{host}"),
                serde_json::json!({ "auth": auth, "email": "not@val.id" }),
            );
        }
    }
    let written = serde_json::to_string_pretty(&config).unwrap_or_default();
    sys.change(&path, |tree, path, now| {
        tree.mkdir(path.rsplit_once('/').map_or("/", |(dir, _)| dir), true, now)?;
        tree.write(path, written.into_bytes(), now)
    })
    .ok();
}
