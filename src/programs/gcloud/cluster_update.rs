//! `gcloud container clusters update` and `upgrade`: what of a cluster can be changed while it runs.

use super::args::Parsed;
use super::clusters::{known_pool, status_error};
use super::locations::{link, not_found};
use super::terminal::Unanswered;
use super::{Failure, Gcloud, LocalFutureOf, locations};
use crate::cloud::gke::{Change, DEFAULT_POOL, GKE_VERSION, RESIZE_TIME};

/// What takes part in an autoscaler's change: these flags go together.
const AUTOSCALING: [&str; 5] =
    ["--enable-autoscaling", "--no-enable-autoscaling", "--min-nodes", "--max-nodes", "--node-pool"];

/// `container clusters update`.
pub fn update<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (name, location) = (parsed.positional(0), locations::required(gcloud, parsed)?);
        let key = match gcloud.find_cluster(name, &location) {
            Err(Failure::Error(message)) => {
                let problem = format!("Problem loading details of cluster to update:\n\n{message}");
                gcloud.warn(&format!("{problem}\n\nYou can still attempt updates to the cluster.\n")).await;
                return Err(Failure::Error(message));
            }
            found => found?,
        };
        let changes = changes(parsed);
        if changes.is_empty() {
            return Failure::error(
                "This change is not imitated here: labels, autoscaling, add-ons and the release channel are.",
            );
        }
        if parsed.has("--node-pool") {
            known_pool(gcloud, &key, name, pool_of(parsed))?;
        }
        gcloud.call.sys.with(|w| {
            let now = w.now;
            changes.into_iter().for_each(|change| w.cloud.change_cluster(&key, change, now));
        });
        let project = gcloud.project()?;
        if !parsed.has("--async") {
            gcloud.progress_for(&format!("Updating {name}"), RESIZE_TIME).await?;
            let console = locations::console(&project, &location, name);
            let updated = link(&project, &location, name);
            let said =
                format!("Updated [{updated}].\nTo inspect the contents of your cluster, go to: {console}\n");
            gcloud.err(&said).await;
        }
        Ok(())
    })
}

fn pool_of(parsed: &Parsed) -> &str {
    parsed.flag("--node-pool").unwrap_or(DEFAULT_POOL)
}

fn number(parsed: &Parsed, flag: &str) -> Option<u32> {
    parsed.flag(flag).and_then(|n| n.parse().ok())
}

/// The changes that flags ask for, of `create` as of `update`.
pub fn changes(parsed: &Parsed) -> Vec<Change> {
    let mut changes = Vec::new();
    let pairs = |flag: &str| -> Vec<(String, String)> {
        let split = |item: &String| {
            let (key, value) = item.split_once('=').unwrap_or((item, ""));
            (key.to_owned(), value.to_owned())
        };
        parsed.list(flag).iter().map(split).collect()
    };
    for (key, value) in ["--labels", "--update-labels"].into_iter().flat_map(pairs) {
        changes.push(Change::Label(key, Some(value)));
    }
    changes.extend(parsed.list("--remove-labels").into_iter().map(|key| Change::Label(key, None)));
    for (addon, state) in pairs("--update-addons") {
        changes.push(Change::Addon { addon, enabled: state == "ENABLED" });
    }
    changes.extend(parsed.list("--release-channel").into_iter().map(Change::Channel));
    if AUTOSCALING.iter().any(|flag| *flag != "--node-pool" && parsed.has(flag)) {
        let off = parsed.has("--no-enable-autoscaling");
        let bounds =
            (number(parsed, "--min-nodes").unwrap_or(0), number(parsed, "--max-nodes").unwrap_or(1000));
        changes.push(Change::Autoscaling(pool_of(parsed).to_owned(), (!off).then_some(bounds)));
    }
    changes
}

/// `container clusters upgrade`: every version here is the newest of its channel.
pub fn upgrade<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (name, location) = (parsed.positional(0), locations::required(gcloud, parsed)?);
        let found = gcloud.find_cluster(name, &location);
        let nodes = match &found {
            Ok(key) => gcloud.call.sys.view(|w| w.cloud.clusters.get(key).map(|c| c.node_count())),
            Err(Failure::Error(message)) => {
                gcloud.warn(&format!("Problem loading details of cluster to upgrade:\n\n{message}\n\nYou can still attempt to upgrade the cluster.\n")).await;
                None
            }
            Err(other) => return Err(other.clone()),
        };
        if let (Ok(key), Some(pool)) = (&found, parsed.flag("--node-pool")) {
            known_pool(gcloud, key, name, pool)
                .or_else(|_| Failure::error(format!("No node pool found matching the name [{pool}].")))?;
        }
        let what = match (parsed.has("--master"), parsed.flag("--node-pool"), nodes) {
            (true, ..) => "Master".to_owned(),
            (false, Some(pool), _) => format!("All nodes in node pool [{pool}]"),
            (false, None, Some(count)) => {
                format!("All nodes ({count} {})", if count == 1 { "node" } else { "nodes" })
            }
            (false, None, None) => "All nodes".to_owned(),
        };
        let version = parsed.flag("--cluster-version").filter(|version| *version != "-");
        let (from, to) = match (nodes.is_some(), version) {
            (true, version) => {
                (format!("version [{GKE_VERSION}]"), format!("version [{}]", version.unwrap_or(GKE_VERSION)))
            }
            (false, Some(version)) => ("its current version".to_owned(), format!("version [{version}]")),
            (false, None) if parsed.has("--master") => {
                ("its current version".to_owned(), format!("version [{GKE_VERSION}]"))
            }
            (false, None) => ("its current version".to_owned(), "the master version".to_owned()),
        };
        // The client's own words: "longs-running".
        let message = format!(
            "{what} of cluster [{name}] will be upgraded from {from} to {to}. This operation is longs-running and will block other operations on the cluster (except other node pool upgrades) until it has run to completion."
        );
        gcloud.confirm(&message, Unanswered::Fail).await?;
        let project = gcloud.project()?;
        if found.is_err() {
            return status_error(gcloud, "NOT_FOUND", &not_found(&project, name, &location));
        }
        if let Some(version) = version.filter(|version| *version != GKE_VERSION) {
            return Failure::error(format!("INVALID_ARGUMENT: Version \"{version}\" is invalid."));
        }
        if !parsed.has("--async") {
            gcloud.progress_for(&format!("Upgrading {name}"), RESIZE_TIME).await?;
        }
        gcloud.err(&format!("Updated [{}].\n", link(&project, &location, name))).await;
        Ok(())
    })
}
