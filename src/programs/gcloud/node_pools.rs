//! `gcloud container node-pools`.

use super::args::Parsed;
use super::cluster_create::{check_machine_type, quota_message};
use super::locations::link;
use super::terminal::Unanswered;
use super::{Failure, Gcloud, LocalFutureOf, cluster_resource, listings, locations, server_config};
use crate::cloud::CreateClusterError;
use crate::cloud::gke::NodePool;

/// The cluster that the command line names, or the configuration: its key.
fn cluster(gcloud: &Gcloud, parsed: &Parsed) -> Result<(String, String, String), Failure> {
    let location = locations::required(gcloud, parsed)?;
    let named = parsed.flag("--cluster").map(str::to_owned).or_else(|| gcloud.property("container/cluster"));
    let Some(name) = named else {
        return Failure::error(
            "The required property [cluster] is not currently set.\nIt can be set on a per-command basis by re-running your command with the [--cluster] flag.\n\nYou may set it for your current workspace by running:\n\n  $ gcloud config set container/cluster VALUE\n\nor it can be set temporarily by the environment variable [CLOUDSDK_CONTAINER_CLUSTER]",
        );
    };
    let key = gcloud.named_cluster(&name, &location)?;
    Ok((key, name, location))
}

fn value(gcloud: &Gcloud, key: &str, name: &str) -> Option<serde_json::Value> {
    gcloud.call.sys.view(|w| {
        let cluster = w.cloud.clusters.get(key)?;
        Some(cluster_resource::node_pool(cluster, cluster.pool(name)?, &w.cloud.project))
    })
}

/// The pool must be there.
fn known(gcloud: &Gcloud, key: &str, cluster: &str, location: &str, name: &str) -> Result<(), Failure> {
    if value(gcloud, key, name).is_some() {
        return Ok(());
    }
    let project = gcloud.project()?;
    let message =
        format!("Not found: projects/{project}/zones/{location}/clusters/{cluster}/nodePools/{name}.");
    Failure::error(gcloud.response_error(404, &message))
}

fn pool_link(gcloud: &Gcloud, location: &str, cluster: &str, name: &str) -> Result<String, Failure> {
    Ok(format!("{}/nodePools/{name}", link(&gcloud.project()?, location, cluster)))
}

/// `container node-pools list`.
pub fn list<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (key, ..) = cluster(gcloud, parsed)?;
        let items = gcloud.call.sys.view(|w| {
            let cluster = w.cloud.clusters.get(&key);
            let pools = cluster.into_iter().flat_map(|c| c.pools.iter().map(move |pool| (c, pool)));
            pools.map(|(c, pool)| cluster_resource::node_pool(c, pool, &w.cloud.project)).collect()
        });
        gcloud.list_or_say(parsed, items, listings::NODE_POOLS).await
    })
}

/// `container node-pools describe`.
pub fn describe<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (key, cluster, location) = cluster(gcloud, parsed)?;
        let name = parsed.positional(0);
        known(gcloud, &key, &cluster, &location, name)?;
        match value(gcloud, &key, name) {
            Some(item) => gcloud.describe(parsed, item).await,
            None => Ok(()),
        }
    })
}

/// `container node-pools create`.
pub fn create<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (key, cluster, location) = cluster(gcloud, parsed)?;
        let (name, project) = (parsed.positional(0), gcloud.project()?);
        let machine_type = parsed.flag("--machine-type").unwrap_or("e2-medium").to_owned();
        check_machine_type(gcloud, &machine_type, &location)?;
        if value(gcloud, &key, name).is_some() {
            let message = format!(
                "Already exists: projects/{project}/zones/{location}/clusters/{cluster}/nodePools/{name}."
            );
            return Failure::error(gcloud.response_error(409, &message));
        }
        let nodes: u32 = parsed.flag("--num-nodes").and_then(|n| n.parse().ok()).unwrap_or(3);
        let disk_gb = parsed
            .flag("--disk-size")
            .and_then(|size| size.trim_end_matches(char::is_alphabetic).parse().ok());
        let begun = gcloud.call.sys.with(|w| {
            let now = w.now;
            let zones = w.cloud.project.node_zones(&location);
            w.cloud.within_quota(nodes * zones.len() as u32, &machine_type, None)?;
            let pool = NodePool {
                name: name.to_owned(),
                machine_type,
                disk_gb: disk_gb.unwrap_or(100),
                nodes,
                zones,
                members: Vec::new(),
                autoscaling: None,
            };
            w.cloud.create_pool(&key, pool, now);
            Ok(())
        });
        if let Err(CreateClusterError::Quota { wanted, available }) = begun {
            return Failure::error(
                gcloud.response_error(403, &quota_message(gcloud, &project, wanted, available)),
            );
        }
        if parsed.has("--async") {
            let items = server_config::last_operation(gcloud).into_iter().collect();
            return gcloud.list(parsed, items, listings::OPERATIONS).await.map(drop);
        }
        settle(gcloud, &key, &format!("Creating node pool {name}")).await?;
        gcloud.err(&format!("Created [{}].\n", pool_link(gcloud, &location, &cluster, name)?)).await;
        let items = value(gcloud, &key, name).into_iter().collect();
        gcloud.list(parsed, items, listings::NODE_POOLS).await.map(drop)
    })
}

/// Waits until the cluster's size has settled.
async fn settle(gcloud: &Gcloud, key: &str, message: &str) -> Result<(), Failure> {
    let busy = || gcloud.call.sys.view(|w| w.cloud.clusters.get(key).is_some_and(|c| !c.resizes.is_empty()));
    gcloud.progress(message, || !busy()).await
}

/// `container node-pools delete`.
pub fn delete<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (key, cluster, location) = cluster(gcloud, parsed)?;
        let name = parsed.positional(0);
        let message = format!(
            "The following node pool will be deleted.\n[{name}] in cluster [{cluster}] in [{location}]"
        );
        gcloud.confirm(&message, Unanswered::Fail).await?;
        known(gcloud, &key, &cluster, &location, name)?;
        gcloud.call.sys.with(|w| {
            let now = w.now;
            w.cloud.delete_pool(&key, name, now)
        });
        if parsed.has("--async") {
            let items = server_config::last_operation(gcloud).into_iter().collect();
            return gcloud.list(parsed, items, listings::OPERATIONS).await.map(drop);
        }
        settle(gcloud, &key, &format!("Deleting node pool {name}")).await?;
        gcloud.err(&format!("Deleted [{}].\n", pool_link(gcloud, &location, &cluster, name)?)).await;
        Ok(())
    })
}
