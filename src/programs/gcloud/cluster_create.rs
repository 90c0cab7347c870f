//! `gcloud container clusters create` and `create-auto`.

use serde_json::Value;

use super::args::Parsed;
use super::terminal::Progress;
use super::{
    Failure, Gcloud, LocalFutureOf, cluster_resource, cluster_update, kubeconfig, listings, locations,
};
use crate::cloud::CreateClusterError;
use crate::cloud::gke::ClusterSpec;
use crate::cloud::project::machine_type;

const READONLY_PORT: &str = "Note: The Kubelet readonly port (10255) is now deprecated. Please update your workloads to use the recommended alternatives. See https://cloud.google.com/kubernetes-engine/docs/how-to/disable-kubelet-readonly-port for ways to check usage and for migration instructions.\n";
const POD_RANGE: &str =
    "Note: Your Pod address range (`--cluster-ipv4-cidr`) can accommodate at most 1008 node(s).\n";
const HEALTH: &str = "Cluster is being health-checked (Kubernetes Control Plane is healthy)";
/// Flags that need others, and what is said when those are missing.
const TOGETHER: &[(&str, &[&str], &str)] = &[
    (
        "--enable-autoprovisioning",
        &["--max-cpu", "--max-memory"],
        "Must specify both --max-cpu and --max-memory to enable autoprovisioning.\n",
    ),
    (
        "--enable-private-nodes",
        &["--enable-ip-alias"],
        "Cannot specify --enable-private-nodes without --enable-ip-alias.\n",
    ),
];
/// When the progress says so.
const HEALTH_AFTER_SECS: usize = 5;
const API: &str = "container.googleapis.com";

/// `container clusters create`.
pub fn create<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let location = locations::required(gcloud, parsed)?;
        let name = parsed.positional(0).to_owned();
        gcloud.err(READONLY_PORT).await;
        if !parsed.has("--enable-ip-alias") {
            gcloud.err(POD_RANGE).await;
        }
        for (flag, needs, refusal) in TOGETHER {
            if parsed.has(flag) && !needs.iter().all(|needed| parsed.has(needed)) {
                return Failure::error(*refusal);
            }
        }
        let nodes = parsed.flag("--num-nodes").and_then(|n| n.parse().ok()).unwrap_or(3);
        let machine_type = parsed.flag("--machine-type").unwrap_or("e2-medium").to_owned();
        begin_and_wait(gcloud, parsed, ClusterSpec { name, location, nodes, machine_type }).await
    })
}

/// `container clusters create-auto`.
pub fn create_auto<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let location = locations::required(gcloud, parsed)?;
        if gcloud.call.sys.view(|w| w.cloud.project.is_zone(&location)) {
            return Failure::error(
                gcloud.response_error(400, "Autopilot clusters must be regional clusters."),
            );
        }
        let name = parsed.positional(0).to_owned();
        let spec = ClusterSpec { name, location, nodes: 1, machine_type: "e2-standard-2".to_owned() };
        begin_and_wait(gcloud, parsed, spec).await
    })
}

async fn begin_and_wait(gcloud: &Gcloud, parsed: &Parsed, spec: ClusterSpec) -> super::Outcome {
    let (name, location) = (spec.name.clone(), spec.location.clone());
    need_api(gcloud).await?;
    let project = gcloud.cluster_project(Some(&location))?;
    check(gcloud, &spec)?;
    begin(gcloud, spec, &project)?;
    let key = format!("{location}/{name}");
    gcloud.call.sys.with(|w| {
        let cluster = w.cloud.clusters.get_mut(&key);
        cluster.into_iter().for_each(|cluster| {
            cluster_update::changes(parsed).into_iter().for_each(|change| cluster.change(change));
        });
    });
    let resource = || {
        let of = |w: &crate::world::World| {
            w.cloud.clusters.get(&key).map(|c| cluster_resource::cluster(c, &w.cloud.project, w.now))
        };
        gcloud.call.sys.view(of).into_iter().collect::<Vec<Value>>()
    };
    if parsed.has("--async") {
        return gcloud.list(parsed, resource(), listings::OPERATIONS).await.map(drop);
    }
    let provisioning = || {
        gcloud
            .call
            .sys
            .view(|w| w.cloud.clusters.get(&key).is_some_and(|c| c.status.word() == "PROVISIONING"))
    };
    let mut progress = Progress::begin(gcloud, &format!("Creating cluster {name} in {location}")).await;
    let detail = |seconds: usize| if seconds > HEALTH_AFTER_SECS { HEALTH } else { "" };
    progress.wait(|| !provisioning(), detail).await?;
    progress.end("done.").await;
    if resource().is_empty() {
        return Failure::error(format!(
            "Operation finished with error: the cluster {name} was deleted meanwhile"
        ));
    }
    let console = locations::console(&project, &location, &name);
    let created = locations::link(&project, &location, &name);
    gcloud
        .err(&format!("Created [{created}].\nTo inspect the contents of your cluster, go to: {console}\n"))
        .await;
    kubeconfig::persist(gcloud, &key).await?;
    gcloud.list(parsed, resource(), listings::CLUSTERS).await.map(drop)
}

/// The API must be switched on; on a terminal that can be done at once.
async fn need_api(gcloud: &Gcloud) -> Result<(), Failure> {
    let project = gcloud.project()?;
    if gcloud.call.sys.view(|w| w.cloud.services.contains(API)) || !gcloud.is_own(&project) {
        return Ok(());
    }
    if !gcloud.call.io.stdin.is_terminal() || gcloud.quiet {
        gcloud.warn(&format!("Service {API} is not enabled. This operation may not succeed.")).await;
        return Ok(());
    }
    let message = format!(
        "API [{API}] not enabled on project [{project}]. Would you like to enable and retry (this will take a few minutes)?"
    );
    if gcloud.ask_whether(&message, false).await? {
        gcloud.err(&format!("Enabling service [{API}] on project [{project}]...\n")).await;
        super::services::switch(gcloud, &[API.to_owned()], true).await?;
    }
    Ok(())
}

/// What the API refuses before it begins.
fn check(gcloud: &Gcloud, spec: &ClusterSpec) -> Result<(), Failure> {
    let name = &spec.name;
    let fine = name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !fine {
        let message = "Invalid value for field \"cluster.name\": only lowercase alphanumeric characters or '-' allowed, start with a letter, end with an alphanumeric, and must be no longer than 40 characters.";
        return Failure::error(gcloud.response_error(400, message));
    }
    if !gcloud.call.sys.view(|w| w.cloud.services.contains(API)) {
        let number = gcloud.call.sys.view(|w| w.cloud.project.number.clone());
        let message = format!(
            "Kubernetes Engine API has not been used in project {number} before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/{API}/overview?project={number} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry."
        );
        return Failure::error(gcloud.response_error(403, &message));
    }
    check_machine_type(gcloud, &spec.machine_type, &spec.location)
}

/// The machine type must exist.
///
/// # Errors
/// The API's refusal.
pub fn check_machine_type(gcloud: &Gcloud, machine: &str, location: &str) -> Result<(), Failure> {
    if machine_type(machine).is_some() {
        return Ok(());
    }
    let zone = gcloud.call.sys.view(|w| w.cloud.project.node_zones(location).first().cloned());
    let zone = zone.unwrap_or_default();
    let message = format!("Machine type with name \"{machine}\" does not exist in zone \"{zone}\".");
    Failure::error(gcloud.response_error(400, &message))
}

fn begin(gcloud: &Gcloud, spec: ClusterSpec, project: &str) -> Result<(), Failure> {
    let (name, location) = (spec.name.clone(), spec.location.clone());
    let begun = gcloud.call.sys.with(|w| {
        let now = w.now;
        w.cloud.create_cluster(spec, now).map(drop)
    });
    match begun {
        Ok(()) => Ok(()),
        Err(CreateClusterError::Exists) => Failure::error(gcloud.response_error(
            409,
            &format!("Already exists: projects/{project}/zones/{location}/clusters/{name}."),
        )),
        Err(CreateClusterError::Quota { wanted, available }) => {
            Failure::error(gcloud.response_error(403, &quota_message(gcloud, project, wanted, available)))
        }
        Err(CreateClusterError::Limit) => {
            let message = "Quota exceeded: this project has as many clusters and nodes as it may have. Delete a cluster first.";
            Failure::error(gcloud.response_error(429, message))
        }
    }
}

/// What is said when there are not CPUs enough.
pub fn quota_message(gcloud: &Gcloud, project: &str, wanted: u32, available: u32) -> String {
    let quota = gcloud.call.sys.view(|w| w.cloud.cpu_quota);
    format!(
        "Insufficient regional quota to satisfy request: resource \"CPUS\": request requires '{wanted}.0' and is short '{}.0'. project has a quota of '{quota}.0' with '{available}.0' available. View and manage quotas at https://console.cloud.google.com/iam-admin/quotas?usage=USED&project={project}.",
        wanted.saturating_sub(available)
    )
}
