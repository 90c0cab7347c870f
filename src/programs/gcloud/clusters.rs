//! `gcloud container clusters`: what is there, its credentials, its size, its end.

use serde_json::Value;

use super::args::Parsed;
use super::cluster_create::quota_message;
use super::locations::{link, not_found};
use super::terminal::Unanswered;
use super::{Failure, Gcloud, LocalFutureOf, cluster_resource, kubeconfig, listings, locations};
use crate::cloud::CreateClusterError;
use crate::cloud::gke::{ClusterStatus, DEFAULT_POOL, GkeCluster};

impl Gcloud {
    /// A cluster as the API shows it.
    pub fn cluster_value(&self, key: &str) -> Option<Value> {
        self.call.sys.view(|w| {
            w.cloud.clusters.get(key).map(|c| cluster_resource::cluster(c, &w.cloud.project, w.now))
        })
    }
}

/// `container clusters list`.
pub fn list<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let only = locations::named(parsed).filter(|l| *l != "-");
        gcloud.cluster_project(only)?;
        let items = gcloud.call.sys.view(|w| {
            let wanted = |c: &&GkeCluster| only.is_none_or(|l| c.spec.location == l);
            let all = w.cloud.clusters.values().filter(wanted);
            all.map(|c| cluster_resource::cluster(c, &w.cloud.project, w.now)).collect()
        });
        gcloud.list(parsed, items, listings::CLUSTERS).await.map(drop)
    })
}

/// `container clusters describe`.
pub fn describe<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let location = locations::required(gcloud, parsed)?;
        let key = gcloud.find_cluster(parsed.positional(0), &location)?;
        match gcloud.cluster_value(&key) {
            Some(item) => gcloud.describe(parsed, item).await,
            None => Ok(()),
        }
    })
}

/// `container clusters get-credentials`.
pub fn get_credentials<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (name, location) = (parsed.positional(0), locations::required(gcloud, parsed)?);
        gcloud.err("Fetching cluster endpoint and auth data.\n").await;
        let key = gcloud.find_cluster(name, &location)?;
        let runs = gcloud.call.sys.view(|w| w.cloud.clusters.get(&key).map(|c| c.status))
            == Some(ClusterStatus::Running);
        if !runs {
            gcloud.warn(&format!("cluster {name} is not RUNNING. The kubernetes API may or may not be available. Check the cluster status for more information.")).await;
        }
        if parsed.has("--internal-ip") {
            return Failure::error(format!("cluster {name} is not a private cluster."));
        }
        if parsed.has("--dns-endpoint") {
            return Failure::error(format!(
                "controlPlaneEndpointsConfig.dnsEndpointConfig.allowExternalTraffic is disabled for cluster {name}."
            ));
        }
        kubeconfig::persist(gcloud, &key).await
    })
}

/// `container clusters delete`.
pub fn delete<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let location = locations::required(gcloud, parsed)?;
        let names = &parsed.positionals;
        let lines: String = names.iter().map(|name| format!(" - [{name}] in [{location}]\n")).collect();
        gcloud
            .confirm(&format!("The following clusters will be deleted.\n{lines}"), Unanswered::Fail)
            .await?;
        let (mut begun, mut errors) = (Vec::new(), Vec::new());
        for name in names {
            match gcloud.find_cluster(name, &location) {
                Ok(key) => {
                    gcloud.call.sys.with(|w| {
                        let now = w.now;
                        w.cloud.delete_cluster(&key, now)
                    });
                    begun.push((key, name));
                }
                Err(Failure::Error(message)) => errors.push(message),
                Err(other) => return Err(other),
            }
        }
        let project = gcloud.project()?;
        for (key, name) in begun.iter().filter(|_| !parsed.has("--async")) {
            let gone = || gcloud.call.sys.view(|w| !w.cloud.clusters.contains_key(key));
            gcloud.progress(&format!("Deleting cluster {name}"), gone).await?;
            let entry = kubeconfig::entry_name(&project, &location, name);
            gcloud.call.sys.with(|w| kubeconfig::remove(w, gcloud.call.sys.host, &entry)).ok();
            gcloud.err(&format!("Deleted [{}].\n", link(&project, &location, name))).await;
        }
        if errors.is_empty() {
            return Ok(());
        }
        let lines: String = errors
            .iter()
            .map(|error| {
                format!(" - args: [{}]\n   exit_code: 1\n", serde_json::to_string(error).unwrap_or_default())
            })
            .collect();
        Failure::error(format!("Some requests did not succeed:\n{lines}"))
    })
}

/// `container clusters resize`.
pub fn resize<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (name, location) = (parsed.positional(0), locations::required(gcloud, parsed)?);
        let size: u32 = parsed
            .flag("--num-nodes")
            .or_else(|| parsed.flag("--size"))
            .and_then(|n| n.parse().ok())
            .unwrap_or(0);
        let pool = parsed.flag("--node-pool").unwrap_or(DEFAULT_POOL);
        let found = gcloud.find_cluster(name, &location);
        match &found {
            Ok(key) => known_pool(gcloud, key, name, pool)?,
            Err(Failure::Error(message)) => {
                gcloud.warn(&format!("Problem loading details of cluster to resize:\n\n{message}\n\nYou can still attempt to resize the cluster.\n")).await;
            }
            Err(_) => {}
        }
        let message =
            format!("Pool [{pool}] for [{name}] will be resized to {size} node(s) in each zone it spans.");
        gcloud.confirm(&message, Unanswered::Fail).await?;
        let project = gcloud.project()?;
        let key = begin_resize(gcloud, found, &project, name, &location, pool, size)?;
        if !parsed.has("--async") {
            let busy = || {
                gcloud.call.sys.view(|w| w.cloud.clusters.get(&key).is_some_and(|c| !c.resizes.is_empty()))
            };
            gcloud.progress(&format!("Resizing {name}"), || !busy()).await?;
        }
        gcloud.err(&format!("Updated [{}].\n", link(&project, &location, name))).await;
        Ok(())
    })
}

/// The pool must be one of the cluster's.
///
/// # Errors
/// With the pools that there are.
pub fn known_pool(gcloud: &Gcloud, key: &str, name: &str, pool: &str) -> Result<(), Failure> {
    let pools: Vec<String> = gcloud.call.sys.view(|w| {
        w.cloud
            .clusters
            .get(key)
            .map(|c| c.pools.iter().map(|p| p.name.clone()).collect())
            .unwrap_or_default()
    });
    if pools.iter().any(|known| known == pool) {
        return Ok(());
    }
    Failure::error(format!(
        "No node pool named '{pool}' in {name}.\nPlease specify one of the following node pools:\n{}",
        pools.join("\n")
    ))
}

/// The API's other way to refuse: with a word for the code.
///
/// # Errors
/// Always.
pub fn status_error<T>(gcloud: &Gcloud, word: &str, message: &str) -> Result<T, Failure> {
    Failure::error(format!("{word}: {message} {}", gcloud.authenticated_as()))
}

fn begin_resize(
    gcloud: &Gcloud,
    found: Result<String, Failure>,
    project: &str,
    name: &str,
    location: &str,
    pool: &str,
    size: u32,
) -> Result<String, Failure> {
    if let Some(message) = gcloud.refusal(project, Some(location)) {
        return status_error(gcloud, "PERMISSION_DENIED", &message);
    }
    let Ok(key) = found else {
        return status_error(gcloud, "NOT_FOUND", &not_found(project, name, location));
    };
    let begun = gcloud.call.sys.with(|w| {
        let now = w.now;
        let cluster = w.cloud.clusters.get(&key);
        let kind = cluster.and_then(|c| c.pool(pool)).map(|p| (p.machine_type.clone(), p.zones.len() as u32));
        let (machine, zones) = kind.unwrap_or_default();
        w.cloud.within_quota(size * zones, &machine, Some(&key))?;
        w.cloud.resize_pool(&key, pool, size, now);
        Ok(())
    });
    match begun {
        Err(CreateClusterError::Quota { wanted, available }) => {
            status_error(gcloud, "PERMISSION_DENIED", &quota_message(gcloud, project, wanted, available))
        }
        _ => Ok(key),
    }
}
