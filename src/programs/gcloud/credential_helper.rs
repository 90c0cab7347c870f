//! The programs that others run for gcloud's credentials: `docker-credential-gcloud` for Docker, and kubectl's plugin.

use serde_json::{Map, json};

use super::auth::token;
use super::docker_config::{GCR_HOSTS, supported};
use crate::world::{Call, LocalFuture};

/// The name by which Docker runs the helper.
const HELPER: &str = "docker-credential-gcloud";
const USER: &str = "_dcgcloud_token";

/// `docker-credential-gcloud list`, `get`, `store`, `erase`.
pub fn docker(call: Call) -> LocalFuture<i32> {
    Box::pin(async move {
        let answer = match call.args().first().map(String::as_str) {
            Some("list") => {
                let hosts = GCR_HOSTS.iter().map(|host| (format!("https://{host}"), json!(USER)));
                json!(hosts.collect::<Map<_, _>>())
            }
            Some("get") => {
                let line = call.io.stdin.read_line().await.unwrap_or_default();
                let url = String::from_utf8_lossy(&line).trim().to_owned();
                let host = url.trim_start_matches("https://");
                if !supported().iter().any(|known| known == host) {
                    let text = format!(
                        "ERROR: (gcloud.auth.docker-helper) Repository url [{url}] is not supported\n"
                    );
                    call.io.stderr.write(text).await.ok();
                    return 1;
                }
                json!({ "Secret": token(&call), "Username": USER })
            }
            Some("store" | "erase") => return 0,
            _ => {
                let text = format!("Usage: {HELPER} get|store|erase|list\n");
                call.io.stderr.write(text).await.ok();
                return 2;
            }
        };
        let text = serde_json::to_string_pretty(&answer).unwrap_or_default();
        call.io.stdout.write(format!("{text}\n")).await.ok();
        0
    })
}

/// `gke-gcloud-auth-plugin`: a token as kubectl wants it.
pub fn kubernetes(call: Call) -> LocalFuture<i32> {
    Box::pin(async move {
        if call.args().iter().any(|arg| arg == "--version") {
            call.io.stdout.write("Kubernetes v1.30.0-gke.0\n").await.ok();
            return 0;
        }
        let until = call.sys.now() + std::time::Duration::from_secs(3600);
        let credential = json!({
            "kind": "ExecCredential",
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "spec": { "interactive": false },
            "status": { "expirationTimestamp": until.rfc3339(), "token": token(&call) },
        });
        let text = serde_json::to_string_pretty(&credential).unwrap_or_default();
        call.io.stdout.write(format!("{text}\n")).await.ok();
        0
    })
}
