//! `gcloud container get-server-config` and `operations`: what the Kubernetes API of Google offers, and what it did.

use serde_json::{Value, json};

use super::args::Parsed;
use super::clusters::status_error;
use super::{Failure, Gcloud, LocalFutureOf, cluster_resource, listings, locations};
use crate::cloud::gke::GKE_VERSION;

/// Versions that are offered beside the default one, newest first.
const NEWER: &str = "1.37.0-gke.1103000";
const OLDER: [&str; 2] = ["1.35.6-gke.1239000", "1.34.9-gke.1139000"];

/// `container get-server-config`.
pub fn show<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let location = locations::required(gcloud, parsed)?;
        gcloud.err(&format!("Fetching server config for {location}\n")).await;
        let project = gcloud.project()?;
        gcloud.credentials()?;
        if let Some(refusal) = gcloud.refusal(&project, Some(&location)) {
            return status_error(gcloud, "PERMISSION_DENIED", &refusal);
        }
        let channel = |name: &str, version: &str| {
            json!({
                "channel": name, "defaultVersion": version, "upgradeTargetVersion": version, "validVersions": [version],
            })
        };
        let item = json!({
            "channels": [channel("RAPID", NEWER), channel("REGULAR", GKE_VERSION), channel("STABLE", OLDER[0])],
            "defaultClusterVersion": GKE_VERSION,
            "defaultImageType": "COS_CONTAINERD",
            "validImageTypes": ["COS_CONTAINERD", "UBUNTU_CONTAINERD", "WINDOWS_LTSC_CONTAINERD"],
            "validMasterVersions": [NEWER, GKE_VERSION, OLDER[0]],
            "validNodeVersions": [NEWER, GKE_VERSION, OLDER[0], OLDER[1]],
        });
        gcloud.describe(parsed, item).await
    })
}

fn operations(gcloud: &Gcloud, only: Option<&str>) -> Vec<Value> {
    gcloud.call.sys.view(|w| {
        let all = w.cloud.operations.iter().filter(|o| only.is_none_or(|l| o.zone == l));
        all.map(|operation| cluster_resource::operation(operation, &w.cloud.project, w.now)).collect()
    })
}

/// The operation that began last.
pub fn last_operation(gcloud: &Gcloud) -> Option<Value> {
    operations(gcloud, None).pop()
}

/// `container operations list`.
pub fn list_operations<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let only = locations::named(parsed).filter(|l| *l != "-");
        gcloud.cluster_project(only)?;
        gcloud.list(parsed, operations(gcloud, only), listings::OPERATIONS).await.map(drop)
    })
}

/// `container operations describe` and `wait`.
pub fn describe_operation<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let location = locations::required(gcloud, parsed)?;
        let project = gcloud.cluster_project(Some(&location))?;
        let id = parsed.positional(0);
        let find = || operations(gcloud, Some(&location)).into_iter().find(|o| o["name"] == id);
        if find().is_none() {
            let message = format!("Not found: projects/{project}/zones/{location}/operations/{id}.");
            return Failure::error(gcloud.response_error(404, &message));
        }
        if parsed.place.path.last().is_some_and(|word| word == "wait") {
            let done = || find().is_none_or(|o| o["status"] == "DONE");
            gcloud.progress(&format!("Waiting for {id} to complete"), done).await?;
        }
        match find() {
            Some(item) => gcloud.describe(parsed, item).await,
            None => Ok(()),
        }
    })
}
