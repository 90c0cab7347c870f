//! `gcloud services`: which APIs are switched on.

use serde_json::{Value, json};

use super::args::Parsed;
use super::{Failure, Gcloud, LocalFutureOf, listings};

/// APIs that can be switched on, and their names.
const KNOWN: &[(&str, &str)] = &[
    ("artifactregistry.googleapis.com", "Artifact Registry API"),
    ("cloudbuild.googleapis.com", "Cloud Build API"),
    ("cloudresourcemanager.googleapis.com", "Cloud Resource Manager API"),
    ("compute.googleapis.com", "Compute Engine API"),
    ("container.googleapis.com", "Kubernetes Engine API"),
    ("containeranalysis.googleapis.com", "Container Analysis API"),
    ("containerregistry.googleapis.com", "Container Registry API"),
    ("containerscanning.googleapis.com", "Container Scanning API"),
    ("iam.googleapis.com", "Identity and Access Management (IAM) API"),
    ("logging.googleapis.com", "Cloud Logging API"),
    ("monitoring.googleapis.com", "Cloud Monitoring API"),
    ("pubsub.googleapis.com", "Cloud Pub/Sub API"),
    ("run.googleapis.com", "Cloud Run Admin API"),
    ("serviceusage.googleapis.com", "Service Usage API"),
    ("storage.googleapis.com", "Cloud Storage API"),
];

/// How long switching one takes.
const SWITCH_TIME: std::time::Duration = std::time::Duration::from_secs(1);

fn project(gcloud: &Gcloud) -> Result<String, Failure> {
    let project = gcloud.project()?;
    gcloud.credentials()?;
    if gcloud.is_own(&project) {
        return Ok(project);
    }
    Failure::error(format!(
        "PERMISSION_DENIED: Permission denied to access services of project [{project}]. {}",
        gcloud.authenticated_as()
    ))
}

/// `services list`.
pub fn list<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        project(gcloud)?;
        let number = gcloud.call.sys.view(|w| w.cloud.project.number.clone());
        let enabled = gcloud.call.sys.view(|w| w.cloud.services.clone());
        let title = |name: &str| {
            KNOWN.iter().find(|(known, _)| *known == name).map_or("", |(_, title)| *title).to_owned()
        };
        let value = |name: &str| {
            let state = if enabled.contains(name) { "ENABLED" } else { "DISABLED" };
            json!({
                "config": { "name": name, "title": title(name) },
                "name": format!("projects/{number}/services/{name}"),
                "parent": format!("projects/{number}"),
                "state": state,
            })
        };
        let items: Vec<Value> = match parsed.has("--available") {
            true => KNOWN.iter().map(|(name, _)| value(name)).collect(),
            false => enabled.iter().map(|name| value(name)).collect(),
        };
        gcloud.list_or_say(parsed, items, listings::SERVICES).await
    })
}

/// Switches APIs on or off. What is as it should be takes no time.
///
/// # Errors
/// When one does not exist.
pub async fn switch(gcloud: &Gcloud, names: &[String], on: bool) -> Result<(), Failure> {
    let project = project(gcloud)?;
    let strangers: Vec<&String> =
        names.iter().filter(|name| !KNOWN.iter().any(|(known, _)| known == name)).collect();
    if let Some(name) = strangers.first() {
        return Failure::error(format!(
            "PERMISSION_DENIED: Not found or permission denied for service(s): {name}.\nHelp Token: {}",
            gcloud.call.sys.stream(&format!("help-token/{name}")).hex(24)
        ));
    }
    let changes = gcloud.call.sys.with(|w| {
        let before = w.cloud.services.len();
        for name in names {
            match on {
                true => drop(w.cloud.services.insert(name.clone())),
                false => drop(w.cloud.services.remove(name)),
            }
        }
        w.cloud.touch();
        before != w.cloud.services.len()
    });
    if changes {
        gcloud.call.sys.sleep(SWITCH_TIME).await;
        let number = gcloud.call.sys.view(|w| w.cloud.project.number.clone());
        let id = gcloud.call.sys.stream(&format!("services/{project}/{names:?}/{on}")).uuid();
        gcloud.err(&format!("Operation \"operations/acat.p2-{number}-{id}\" finished successfully.\n")).await;
    }
    Ok(())
}

/// `services enable`.
pub fn enable<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(switch(gcloud, &parsed.positionals, true))
}

/// `services disable`.
pub fn disable<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(switch(gcloud, &parsed.positionals, false))
}
