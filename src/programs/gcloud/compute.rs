//! `gcloud compute`: zones, regions, machine types, networks, addresses, forwarding rules, disks. Instances and firewall
//! rules have files of their own.

use regex::Regex;
use serde_json::{Value, json};

use super::args::Parsed;
use super::cluster_resource::region_of;
use super::{Failure, Gcloud, LocalFutureOf, listings};
use crate::cloud::project::{MACHINE_TYPES, machine_type};

/// Where the Compute API's resources have their links.
pub const API: &str = "https://www.googleapis.com/compute/v1/projects";

impl Gcloud {
    /// The project of a compute command, if the account may use it.
    ///
    /// # Errors
    /// The API's refusal.
    pub fn compute_project(&self, many: bool) -> Result<String, Failure> {
        let project = self.project()?;
        self.credentials()?;
        if self.is_own(&project) {
            return Ok(project);
        }
        let lead = if many { "Some requests did not succeed:" } else { "Could not fetch resource:" };
        Failure::error(format!(
            "{lead}\n - Required 'compute.projects.get' permission for 'projects/{project}'\n"
        ))
    }

    /// A resource of the project that is not there.
    ///
    /// # Errors
    /// Always.
    pub fn no_such_resource<T>(&self, path: &str) -> Result<T, Failure> {
        Failure::error(format!("Could not fetch resource:\n - The resource '{path}' was not found\n"))
    }

    /// Prints the resource of that name, or says that there is none.
    ///
    /// # Errors
    /// When there is none.
    pub async fn describe_of(
        &self,
        parsed: &Parsed,
        items: Vec<Value>,
        collection: &str,
    ) -> Result<(), Failure> {
        let (name, project) = (parsed.positional(0), self.project()?);
        match items.into_iter().find(|item| item["name"] == name) {
            Some(item) => self.describe(parsed, item).await,
            None => self.no_such_resource(&format!("projects/{project}/{collection}/{name}")),
        }
    }
}

/// Only the resources whose names the command line has, if it has any.
pub fn named(parsed: &Parsed, mut items: Vec<Value>) -> Vec<Value> {
    if !parsed.positionals.is_empty() {
        items.retain(|item| parsed.positionals.iter().any(|name| item["name"] == name.as_str()));
    }
    if let Some(pattern) = parsed.flag("--regexp").and_then(|text| Regex::new(&format!("^(?:{text})$")).ok())
    {
        items.retain(|item| item["name"].as_str().is_some_and(|name| pattern.is_match(name)));
    }
    items
}

fn zone_values(gcloud: &Gcloud, project: &str) -> Vec<Value> {
    let zones: Vec<String> = gcloud.call.sys.view(|w| w.cloud.project.zones().collect());
    zones
        .into_iter()
        .map(|zone| {
            json!({
                "creationTimestamp": "1969-12-31T16:00:00.000-08:00",
                "description": zone,
                "kind": "compute#zone",
                "name": zone,
                "region": format!("{API}/{project}/regions/{}", region_of(&zone)),
                "selfLink": format!("{API}/{project}/zones/{zone}"),
                "status": "UP",
            })
        })
        .collect()
}

/// `compute zones list`.
pub fn zones<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let project = gcloud.compute_project(true)?;
        gcloud.list_or_say(parsed, named(parsed, zone_values(gcloud, &project)), listings::ZONES).await
    })
}

/// `compute zones describe`.
pub fn zone<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let project = gcloud.compute_project(false)?;
        gcloud.describe_of(parsed, zone_values(gcloud, &project), "zones").await
    })
}

fn region_values(gcloud: &Gcloud, project: &str) -> Vec<Value> {
    let (regions, machines) = gcloud.call.sys.view(|w| {
        let nodes = w.cloud.clusters.values().flat_map(|c| &c.instances);
        let all = nodes.chain(w.cloud.machines.iter().map(|m| &m.instance));
        let machines: Vec<(String, u32)> = all
            .map(|i| (region_of(&i.zone).to_owned(), machine_type(&i.machine_type).map_or(0, |m| m.cpus)))
            .collect();
        (w.cloud.project.regions, machines)
    });
    let quota =
        |metric: &str, limit: u32, usage: u32| json!({ "limit": limit, "metric": metric, "usage": usage });
    let value = |name: &str, letters: &str| {
        let cpus = machines.iter().filter(|(region, _)| region == name).map(|(_, cpus)| cpus).sum();
        let zones = letters.chars().map(|letter| format!("{API}/{project}/zones/{name}-{letter}"));
        json!({
            "description": name,
            "kind": "compute#region",
            "name": name,
            "quotas": [
                quota("CPUS", 24, cpus),
                quota("DISKS_TOTAL_GB", 4096, 0),
                quota("IN_USE_ADDRESSES", 8, 0),
                quota("STATIC_ADDRESSES", 8, 0),
            ],
            "selfLink": format!("{API}/{project}/regions/{name}"),
            "status": "UP",
            "zones": zones.collect::<Vec<_>>(),
        })
    };
    regions.iter().map(|(name, letters)| value(name, letters)).collect()
}

/// `compute regions list`.
pub fn regions<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let project = gcloud.compute_project(true)?;
        gcloud.list_or_say(parsed, named(parsed, region_values(gcloud, &project)), listings::REGIONS).await
    })
}

/// `compute regions describe`.
pub fn region<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let project = gcloud.compute_project(false)?;
        gcloud.describe_of(parsed, region_values(gcloud, &project), "regions").await
    })
}

fn machine_type_values(project: &str, zones: &[String]) -> Vec<Value> {
    let value = |zone: &String, machine: &crate::cloud::project::MachineType| {
        json!({
            "guestCpus": machine.cpus,
            "kind": "compute#machineType",
            "memoryMb": machine.memory_kib.div_ceil(1_000_000) * 1024,
            "name": machine.name,
            "selfLink": format!("{API}/{project}/zones/{zone}/machineTypes/{}", machine.name),
            "zone": zone,
        })
    };
    zones.iter().flat_map(|zone| MACHINE_TYPES.iter().map(move |machine| value(zone, machine))).collect()
}

/// `compute machine-types list`.
pub fn machine_types<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let project = gcloud.compute_project(true)?;
        let asked = parsed.list("--zones");
        let zones: Vec<String> = gcloud.call.sys.view(|w| w.cloud.project.zones().collect());
        let zones: Vec<String> =
            zones.into_iter().filter(|z| asked.is_empty() || asked.contains(z)).collect();
        let items = named(parsed, machine_type_values(&project, &zones));
        gcloud.list_or_say(parsed, items, listings::MACHINE_TYPES).await
    })
}

/// The default network, which every project begins with.
fn network(gcloud: &Gcloud, project: &str) -> Value {
    let regions = gcloud.call.sys.view(|w| w.cloud.project.regions);
    let subnets: Vec<String> = regions
        .iter()
        .map(|(region, _)| format!("{API}/{project}/regions/{region}/subnetworks/default"))
        .collect();
    json!({
        "autoCreateSubnetworks": true,
        "description": "Default network for the project",
        "kind": "compute#network",
        "name": "default",
        "networkFirewallPolicyEnforcementOrder": "AFTER_CLASSIC_FIREWALL",
        "routingConfig": { "routingMode": "REGIONAL" },
        "selfLink": format!("{API}/{project}/global/networks/default"),
        "subnetworks": subnets,
        "x_gcloud_bgp_routing_mode": "REGIONAL",
        "x_gcloud_subnet_mode": "AUTO",
    })
}

/// `compute networks list`.
pub fn networks<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let project = gcloud.compute_project(true)?;
        let items = named(parsed, vec![network(gcloud, &project)]);
        gcloud.list_or_say(parsed, items, listings::NETWORKS).await
    })
}

/// `compute networks describe`.
pub fn describe_network<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let project = gcloud.compute_project(false)?;
        gcloud.describe_of(parsed, vec![network(gcloud, &project)], "global/networks").await
    })
}

/// `compute networks subnets list`.
pub fn subnets<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let project = gcloud.compute_project(true)?;
        let regions = gcloud.call.sys.view(|w| w.cloud.project.regions);
        let value = |(index, (region, _)): (usize, &(&str, &str))| {
            json!({
                "gatewayAddress": format!("10.{}.0.1", 128 + 4 * index),
                "ipCidrRange": format!("10.{}.0.0/20", 128 + 4 * index),
                "kind": "compute#subnetwork",
                "name": "default",
                "network": format!("{API}/{project}/global/networks/default"),
                "region": format!("{API}/{project}/regions/{region}"),
                "selfLink": format!("{API}/{project}/regions/{region}/subnetworks/default"),
                "stackType": "IPV4_ONLY",
            })
        };
        let items = named(parsed, regions.iter().enumerate().map(value).collect());
        gcloud.list_or_say(parsed, items, listings::SUBNETS).await
    })
}

/// `compute addresses list` and `target-pools list`: nothing here reserves any.
pub fn none<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        gcloud.compute_project(true)?;
        let own = match parsed.place.path.get(1).map(String::as_str) {
            Some("addresses") => listings::ADDRESSES,
            _ => listings::TARGET_POOLS,
        };
        gcloud.list_or_say(parsed, Vec::new(), own).await
    })
}

fn forwarding_rule_values(gcloud: &Gcloud, project: &str) -> Vec<Value> {
    gcloud.call.sys.view(|w| {
        let ready = w.cloud.balancers.iter().filter(|(_, balancer)| balancer.ready <= w.now);
        ready
            .map(|(uid, balancer)| {
                let name = format!("a{}", uid.replace('-', "").get(..31).unwrap_or_default());
                let location = balancer.cluster.split('/').next().unwrap_or_default();
                let region = if w.cloud.project.is_region(location) { location } else { region_of(location) };
                let ports = balancer.ports.iter().min().zip(balancer.ports.iter().max());
                let base = format!("{API}/{project}/regions/{region}");
                json!({
                    "IPAddress": balancer.address,
                    "IPProtocol": "TCP",
                    "kind": "compute#forwardingRule",
                    "loadBalancingScheme": "EXTERNAL",
                    "name": name,
                    "portRange": ports.map(|(low, high)| format!("{low}-{high}")).unwrap_or_default(),
                    "region": base,
                    "selfLink": format!("{base}/forwardingRules/{name}"),
                    "target": format!("{base}/targetPools/{name}"),
                })
            })
            .collect()
    })
}

/// `compute forwarding-rules list`: one for each load balancer that a Service asked for.
pub fn forwarding_rules<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let project = gcloud.compute_project(true)?;
        let items = named(parsed, forwarding_rule_values(gcloud, &project));
        gcloud.list_or_say(parsed, items, listings::FORWARDING_RULES).await
    })
}

/// The region that the command line names; a resource that could be global needs that or a region.
fn region_or_global(gcloud: &Gcloud, parsed: &Parsed) -> Result<Option<String>, Failure> {
    let region = parsed.flag("--region").map(str::to_owned).or_else(|| gcloud.property("compute/region"));
    if region.is_none() && !parsed.has("--global") {
        let name = parsed.positional(0);
        return Failure::error(format!(
            "Underspecified resource [{name}]. Specify one of the [--global, --region] flags."
        ));
    }
    Ok(region.filter(|_| !parsed.has("--global")))
}

/// `compute forwarding-rules describe`.
pub fn forwarding_rule<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let region = region_or_global(gcloud, parsed)?;
        let project = gcloud.compute_project(false)?;
        let mut items = forwarding_rule_values(gcloud, &project);
        let of = |item: &Value| {
            item["region"].as_str().and_then(|link| link.rsplit('/').next().map(str::to_owned))
        };
        items.retain(|item| of(item) == region);
        let place = region.map_or("global".to_owned(), |region| format!("regions/{region}"));
        gcloud.describe_of(parsed, items, &format!("{place}/forwardingRules")).await
    })
}

/// `compute addresses describe` and `delete`: none is ever reserved here.
pub fn address<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let region = region_or_global(gcloud, parsed)?;
        let project = gcloud.compute_project(false)?;
        let place = region.map_or("global".to_owned(), |region| format!("regions/{region}"));
        gcloud.no_such_resource(&format!("projects/{project}/{place}/addresses/{}", parsed.positional(0)))
    })
}
