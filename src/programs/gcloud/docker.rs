//! `gcloud docker`: the way of 2019 to run docker with the project's credentials. It still works, with a warning.

use base64::Engine;
use serde_json::json;

use super::args::Parsed;
use super::docker_config::{self, GCR_HOSTS, Ordered};
use super::{Failure, Gcloud, LocalFutureOf};

const WARNING: &str = "`gcloud docker` will not be supported for Docker client versions above 18.03.\n\nAs an alternative, use `gcloud auth configure-docker` to configure `docker` to\nuse `gcloud` as a credential helper, then use `docker` as you would for non-GCR\nregistries, e.g. `docker pull gcr.io/project-id/my-image`. Add\n`--verbosity=error` to silence this warning: `gcloud docker\n--verbosity=error -- pull gcr.io/project-id/my-image`.\n\nSee: https://cloud.google.com/container-registry/docs/support/deprecation-notices#gcloud-docker\n";

/// Runs docker with the words after `--`, signed in to Container Registry.
pub fn run<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        gcloud.warn(WARNING).await;
        gcloud.credentials()?;
        let named = parsed.list("--server");
        let hosts: Vec<String> = if named.is_empty() { GCR_HOSTS.map(str::to_owned).to_vec() } else { named };
        sign_in(gcloud, &hosts)?;
        if parsed.has("--authorize-only") {
            let hosts: Vec<String> = hosts.iter().map(|host| format!("'{host}'")).collect();
            gcloud.err(&format!("Short-lived access for [{}] configured.\n", hosts.join(", "))).await;
            return Ok(());
        }
        let mut argv = vec!["docker".to_owned()];
        if let Some(host) = parsed.flag("--docker-host") {
            argv.extend(["-H".to_owned(), host.to_owned()]);
        }
        argv.extend(parsed.rest.iter().cloned());
        let call = &gcloud.call;
        match call.sys.run(argv, &call.env, &call.cwd, call.io.clone()).await {
            Ok(0) => Ok(()),
            Ok(status) => Err(Failure::Status(status)),
            Err(_) => Failure::error("Docker is not installed."),
        }
    })
}

/// Writes tokens for the hosts into Docker's configuration.
fn sign_in(gcloud: &Gcloud, hosts: &[String]) -> Result<(), Failure> {
    let mut config = docker_config::load(gcloud);
    let words = format!("gclouddockertoken:{}", gcloud.token());
    let auth = base64::engine::general_purpose::STANDARD.encode(words);
    let auths = config.object("auths");
    for host in hosts {
        let name = format!("https://{host}");
        let leaf = |value: &str| Ordered::Leaf(json!(value));
        let entry =
            Ordered::Object(vec![("auth".to_owned(), leaf(&auth)), ("email".to_owned(), leaf("not@val.id"))]);
        match auths.iter_mut().find(|(known, _)| *known == name) {
            Some((_, value)) => *value = entry,
            None => auths.push((name, entry)),
        }
    }
    docker_config::save(gcloud, &config)
}
