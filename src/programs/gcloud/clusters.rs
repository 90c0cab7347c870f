//! `gcloud container`: clusters and their node pools.

use serde_json::{Value, json};

use super::args::Parsed;
use super::terminal::Unanswered;
use super::{Failure, Gcloud, LocalFutureOf, kubeconfig, properties};
use crate::cloud::CreateClusterError;
use crate::cloud::gke::{ClusterSpec, GKE_VERSION, GkeCluster};
use crate::cloud::project::{is_region, is_zone, machine_type};

const NOTES: &str = "Note: The Kubelet readonly port (10255) is now deprecated. Please update your workloads to use the recommended alternatives. See https://cloud.google.com/kubernetes-engine/docs/how-to/disable-kubelet-readonly-port for ways to check usage and for migration instructions.\nNote: Your Pod address range (`--cluster-ipv4-cidr`) can accommodate at most 1008 node(s).\n";

const LIST: &str = "table(name,location,currentMasterVersion:label=MASTER_VERSION,endpoint:label=MASTER_IP,machineType,currentNodeVersion:label=NODE_VERSION,currentNodeCount:label=NUM_NODES,status)";

const HEALTH: &str = " Cluster is being health-checked (Kubernetes Control Plane is healthy)...";

/// The zone or region that a command line names, or the configuration.
fn location(gcloud: &Gcloud, parsed: &Parsed) -> Result<String, Failure> {
    let named =
        ["--location", "--zone", "--region"].iter().find_map(|flag| parsed.flag(flag)).map(str::to_owned);
    let property = |name: &str| gcloud.call.sys.view(|w| properties::get(w, gcloud.call.sys.host, name));
    named
        .or_else(|| property("compute/zone"))
        .or_else(|| property("compute/region"))
        .map_or_else(|| Failure::error("One of [--location, --zone, --region] must be supplied."), Ok)
}

fn name(parsed: &Parsed) -> String {
    parsed.positionals.first().cloned().unwrap_or_default()
}

/// A cluster as the API shows it.
fn resource(cluster: &GkeCluster, project: &str) -> Value {
    let (name, location) = (&cluster.spec.name, &cluster.spec.location);
    json!({
        "name": name,
        "location": location,
        "zone": location,
        "currentMasterVersion": GKE_VERSION,
        "currentNodeVersion": GKE_VERSION,
        "currentNodeCount": cluster.instances.len(),
        "initialNodeCount": cluster.spec.nodes,
        "endpoint": cluster.endpoint,
        "machineType": cluster.spec.machine_type,
        "status": cluster.status.word(),
        "createTime": cluster.created.rfc3339(),
        "network": "default",
        "subnetwork": "default",
        "nodePools": [{
            "name": "default-pool", "initialNodeCount": cluster.spec.nodes, "status": "RUNNING", "version": GKE_VERSION,
            "config": { "machineType": cluster.spec.machine_type, "diskSizeGb": 100, "imageType": "COS_CONTAINERD" },
        }],
        "selfLink": link(project, location, name),
    })
}

fn link(project: &str, location: &str, name: &str) -> String {
    format!("https://container.googleapis.com/v1/projects/{project}/zones/{location}/clusters/{name}")
}

/// `container clusters list`.
pub fn list<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let project = gcloud.own_project()?.to_owned();
        let only = ["--location", "--zone", "--region"].iter().find_map(|flag| parsed.flag(flag));
        let items = gcloud.call.sys.view(|w| {
            let wanted = |c: &&GkeCluster| only.is_none_or(|l| c.spec.location == l);
            w.cloud.clusters.values().filter(wanted).map(|c| resource(c, &project)).collect()
        });
        gcloud.print(parsed, items, LIST).await?;
        Ok(())
    })
}

/// `container clusters create`.
pub fn create<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (name, location) = (name(parsed), location(gcloud, parsed)?);
        let nodes = parsed.flag("--num-nodes").unwrap_or("3");
        let Ok(nodes) = nodes.parse::<u32>() else {
            let what = format!("argument --num-nodes: Invalid value: {nodes}: Value must be an integer");
            return Err(Failure::Refused(super::args::usage_error(parsed.command, &what)));
        };
        gcloud.err(NOTES).await;
        let project = gcloud.own_project()?.to_owned();
        let machine = parsed.flag("--machine-type").unwrap_or("e2-medium").to_owned();
        check(gcloud, &project, &name, &location, nodes, &machine)?;
        let spec =
            ClusterSpec { name: name.clone(), location: location.clone(), nodes, machine_type: machine };
        begin(gcloud, spec, &project)?;
        let key = format!("{location}/{name}");
        if parsed.has("--async") {
            return Ok(());
        }
        let status = || gcloud.call.sys.view(|w| w.cloud.clusters.get(&key).map(|c| c.status.word()));
        gcloud
            .progress(&format!("Creating cluster {name} in {location}"), HEALTH, || {
                status() != Some("PROVISIONING")
            })
            .await;
        if status().is_none() {
            return Failure::error(format!(
                "Operation finished with error: the cluster {name} was deleted meanwhile"
            ));
        }
        let console = format!(
            "https://console.cloud.google.com/kubernetes/workload_/gcloud/{location}/{name}?project={project}"
        );
        gcloud
            .err(&format!(
                "Created [{}].\nTo inspect the contents of your cluster, go to: {console}\nkubeconfig entry generated for {name}.\n",
                link(&project, &location, &name)
            ))
            .await;
        let written = gcloud.call.sys.with(|w| kubeconfig::add(w, gcloud.call.sys.host, &key));
        if let Err(error) = written {
            return Failure::error(format!("Unable to write kubeconfig: {error}"));
        }
        let items = gcloud.call.sys.view(|w| w.cloud.clusters.get(&key).map(|c| resource(c, &project)));
        gcloud.print(parsed, items.into_iter().collect(), LIST).await?;
        Ok(())
    })
}

/// What the API refuses before it begins.
fn check(
    gcloud: &Gcloud,
    project: &str,
    name: &str,
    location: &str,
    nodes: u32,
    machine: &str,
) -> Result<(), Failure> {
    let fine = name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !fine {
        return Failure::error(format!(
            "ResponseError: code=400, message=Invalid value for field \"cluster.name\": {name:?}. Must be a match of regex '(?:[a-z](?:[-a-z0-9]{{0,38}}[a-z0-9])?)' (only alphanumerics and '-' allowed, must start with a letter and end with an alphanumeric, and must be no longer than 40 characters)."
        ));
    }
    if !is_zone(location) && !is_region(location) {
        return Failure::error(format!(
            "ResponseError: code=403, message=Permission denied on 'locations/{location}' (or it may not exist). {}",
            gcloud.authenticated_as()
        ));
    }
    if nodes == 0 {
        return Failure::error(
            "ResponseError: code=400, message=Cluster.initial_node_count must be greater than zero.",
        );
    }
    if machine_type(machine).is_none() {
        return Failure::error(format!(
            "ResponseError: code=400, message=Machine type with name '{machine}' does not exist in zone '{location}'. Requested in project {project}."
        ));
    }
    Ok(())
}

fn begin(gcloud: &Gcloud, spec: ClusterSpec, project: &str) -> Result<(), Failure> {
    let (name, location) = (spec.name.clone(), spec.location.clone());
    let begun = gcloud.call.sys.with(|w| {
        let now = w.now;
        w.cloud.create_cluster(spec, now).map(drop)
    });
    match begun {
        Ok(()) => Ok(()),
        Err(CreateClusterError::Exists) => Failure::error(format!(
            "ResponseError: code=409, message=Already exists: projects/{project}/zones/{location}/clusters/{name}."
        )),
        Err(CreateClusterError::Quota) => Failure::error(
            "ResponseError: code=403, message=Insufficient regional quota to satisfy request: resource \"CPUS\".",
        ),
    }
}

fn not_found(gcloud: &Gcloud, name: &str, location: &str) -> String {
    let project = gcloud.project.clone().unwrap_or_default();
    let elsewhere = gcloud
        .call
        .sys
        .view(|w| w.cloud.clusters.values().find(|c| c.spec.name == name).map(|c| c.spec.location.clone()));
    let hint = match elsewhere {
        Some(other) => {
            format!("Could not find [{name}] in [{location}].\nDid you mean [{name}] in [{other}]?")
        }
        None => format!("No cluster named '{name}' in {project}."),
    };
    format!(
        "ResponseError: code=404, message=Not found: projects/{project}/zones/{location}/clusters/{name}. {}\n{hint}",
        gcloud.authenticated_as()
    )
}

fn find(gcloud: &Gcloud, parsed: &Parsed) -> Result<(String, String), Failure> {
    let (name, location) = (name(parsed), location(gcloud, parsed)?);
    gcloud.own_project()?;
    Ok((name, location))
}

fn exists(gcloud: &Gcloud, name: &str, location: &str) -> Result<String, Failure> {
    let key = format!("{location}/{name}");
    if gcloud.call.sys.view(|w| w.cloud.clusters.contains_key(&key)) {
        return Ok(key);
    }
    Failure::error(not_found(gcloud, name, location))
}

/// `container clusters describe`.
pub fn describe<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (name, location) = find(gcloud, parsed)?;
        let key = exists(gcloud, &name, &location)?;
        let project = gcloud.project()?.to_owned();
        let items = gcloud.call.sys.view(|w| w.cloud.clusters.get(&key).map(|c| resource(c, &project)));
        gcloud.print(parsed, items.into_iter().collect(), "describe").await?;
        Ok(())
    })
}

/// `container clusters get-credentials`.
pub fn get_credentials<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (name, location) = find(gcloud, parsed)?;
        gcloud.err("Fetching cluster endpoint and auth data.\n").await;
        let key = exists(gcloud, &name, &location)?;
        let written = gcloud.call.sys.with(|w| kubeconfig::add(w, gcloud.call.sys.host, &key));
        if let Err(error) = written {
            return Failure::error(format!("Unable to write kubeconfig: {error}"));
        }
        gcloud.err(&format!("kubeconfig entry generated for {name}.\n")).await;
        Ok(())
    })
}

/// `container clusters delete`.
pub fn delete<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (name, location) = find(gcloud, parsed)?;
        let message = format!("The following clusters will be deleted.\n - [{name}] in [{location}]\n");
        gcloud.confirm(&message, Unanswered::Fail).await?;
        let key = match exists(gcloud, &name, &location) {
            Ok(key) => key,
            Err(Failure::Error(message)) => {
                let message = message.replace('\n', "\\n");
                return Failure::error(format!(
                    "Some requests did not succeed:\n - args: [\"{message}\"]\n   exit_code: 1\n"
                ));
            }
            Err(other) => return Err(other),
        };
        gcloud.call.sys.with(|w| {
            let now = w.now;
            w.cloud.delete_cluster(&key, now)
        });
        let gone = || gcloud.call.sys.view(|w| !w.cloud.clusters.contains_key(&key));
        gcloud.progress(&format!("Deleting cluster {name}"), "", gone).await;
        let project = gcloud.project()?;
        gcloud.err(&format!("Deleted [{}].\n", link(project, &location, &name))).await;
        let entry = kubeconfig::entry_name(project, &location, &name);
        gcloud.call.sys.with(|w| kubeconfig::remove(w, gcloud.call.sys.host, &entry)).ok();
        Ok(())
    })
}

/// `container node-pools list`.
pub fn node_pools<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let location = location(gcloud, parsed)?;
        let Some(cluster) = parsed.flag("--cluster") else {
            return Failure::error(
                "Please specify cluster using --cluster or set the property [container/cluster].",
            );
        };
        let key = exists(gcloud, cluster, &location)?;
        let items = gcloud.call.sys.view(|w| {
            w.cloud.clusters.get(&key).map(|c| {
                json!({
                    "name": "default-pool", "version": GKE_VERSION, "initialNodeCount": c.spec.nodes,
                    "config": { "machineType": c.spec.machine_type, "diskSizeGb": 100 },
                })
            })
        });
        let format = "table(name,config.machineType,config.diskSizeGb,version:label=NODE_VERSION)";
        gcloud.print(parsed, items.into_iter().collect(), format).await?;
        Ok(())
    })
}
