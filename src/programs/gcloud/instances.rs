//! `gcloud compute instances`: the nodes of clusters and machines of their own.

use serde_json::{Value, json};

use super::args::Parsed;
use super::cluster_resource::region_of;
use super::compute::{API, named};
use super::format::lexer::Part;
use super::terminal::Unanswered;
use super::{Failure, Gcloud, LocalFutureOf, listings};
use crate::cloud::gke::Instance;
use crate::cloud::project::machine_type;

/// How long switching a machine on or off takes.
const SWITCH_TIME: std::time::Duration = std::time::Duration::from_secs(3);

/// A machine as the Compute API shows it.
fn resource(gcloud: &Gcloud, instance: &Instance, running: bool, project: &str) -> Value {
    let Instance { name, zone, machine_type, internal_ip, external_ip, .. } = instance;
    let mut rng = gcloud.call.sys.stream(&format!("instance-id/{zone}/{name}"));
    let print = |rng: &mut crate::base::seed::Rng| {
        format!("{}=", rng.letters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 11))
    };
    let mut interface = json!({
        "fingerprint": print(&mut rng),
        "kind": "compute#networkInterface",
        "name": "nic0",
        "network": format!("{API}/{project}/global/networks/default"),
        "networkIP": internal_ip,
        "stackType": "IPV4_ONLY",
        "subnetwork": format!("{API}/{project}/regions/{}/subnetworks/default", region_of(zone)),
    });
    if running {
        interface["accessConfigs"] = json!([{
            "kind": "compute#accessConfig",
            "name": "External NAT",
            "natIP": external_ip,
            "networkTier": "PREMIUM",
            "type": "ONE_TO_ONE_NAT",
        }]);
    }
    let created = instance.created.rfc3339();
    json!({
        "canIpForward": false,
        "cpuPlatform": "Intel Broadwell",
        "creationTimestamp": created,
        "deletionProtection": false,
        "disks": [{
            "autoDelete": true,
            "boot": true,
            "deviceName": "persistent-disk-0",
            "diskSizeGb": "100",
            "index": 0,
            "interface": "SCSI",
            "kind": "compute#attachedDisk",
            "mode": "READ_WRITE",
            "shieldedInstanceInitialState": {},
            "source": format!("{API}/{project}/zones/{zone}/disks/{name}"),
            "type": "PERSISTENT",
        }],
        "fingerprint": print(&mut rng),
        "id": rng.range(1_000_000_000_000_000_000, 9_000_000_000_000_000_000).to_string(),
        "kind": "compute#instance",
        "labelFingerprint": print(&mut rng),
        "lastStartTimestamp": created,
        "machineType": format!("{API}/{project}/zones/{zone}/machineTypes/{machine_type}"),
        "name": name,
        "networkInterfaces": [interface],
        "scheduling": {
            "automaticRestart": true,
            "onHostMaintenance": "MIGRATE",
            "preemptible": false,
            "provisioningModel": "STANDARD",
        },
        "selfLink": link(project, zone, name),
        "startRestricted": false,
        "status": if running { "RUNNING" } else { "TERMINATED" },
        "tags": { "fingerprint": print(&mut rng) },
        "zone": format!("{API}/{project}/zones/{zone}"),
    })
}

fn link(project: &str, zone: &str, name: &str) -> String {
    format!("{API}/{project}/zones/{zone}/instances/{name}")
}

/// Every machine, by zone and name.
fn all(gcloud: &Gcloud) -> Vec<(Instance, bool)> {
    let mut all = gcloud.call.sys.view(|w| {
        let nodes = w.cloud.clusters.values().flat_map(|c| &c.instances).map(|i| (i.clone(), true));
        let own = w.cloud.machines.iter().map(|m| (m.instance.clone(), m.running));
        nodes.chain(own).collect::<Vec<(Instance, bool)>>()
    });
    all.sort_by(|(a, _), (b, _)| (&a.zone, &a.name).cmp(&(&b.zone, &b.name)));
    all
}

/// `compute instances list`.
pub fn list<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let project = gcloud.compute_project(true)?;
        let mut machines = all(gcloud);
        let zones = parsed.list("--zones");
        if !zones.is_empty() {
            machines.retain(|(instance, _)| zones.contains(&instance.zone));
            let unknown: Vec<String> = gcloud.call.sys.view(|w| {
                let unknown = zones.iter().filter(|zone| !w.cloud.project.is_zone(zone));
                unknown
                    .map(|zone| format!(" - Invalid value for field 'zone': '{zone}'. Unknown zone.\n"))
                    .collect()
            });
            if !unknown.is_empty() {
                gcloud.warn(&format!("Some requests did not succeed.\n{}", unknown.concat())).await;
            }
            if machines.is_empty() {
                gcloud.warn_absent(vec![&vec![Part::Name("zone".to_owned())]]).await;
            }
        }
        let items = machines.iter().map(|(i, running)| resource(gcloud, i, *running, &project)).collect();
        gcloud.list_or_say(parsed, named(parsed, items), listings::INSTANCES).await
    })
}

/// The zone that the command line names, or the configuration.
fn zone(gcloud: &Gcloud, parsed: &Parsed) -> Result<String, Failure> {
    parsed.flag("--zone").map(str::to_owned).or_else(|| gcloud.property("compute/zone")).map_or_else(
        || {
            let name = parsed.positionals.join(", ");
            Failure::error(format!("Underspecified resource [{name}]. Specify the [--zone] flag."))
        },
        Ok,
    )
}

fn not_found<T>(gcloud: &Gcloud, project: &str, zone: &str, name: &str) -> Result<T, Failure> {
    gcloud.no_such_resource(&format!("projects/{project}/zones/{zone}/instances/{name}"))
}

/// `compute instances describe`.
pub fn describe<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let zone = zone(gcloud, parsed)?;
        let (project, name) = (gcloud.compute_project(false)?, parsed.positional(0));
        let found = all(gcloud).into_iter().find(|(i, _)| i.zone == zone && i.name == name);
        match found {
            Some((instance, running)) => {
                gcloud.describe(parsed, resource(gcloud, &instance, running, &project)).await
            }
            None => not_found(gcloud, &project, &zone, name),
        }
    })
}

/// `compute instances create`.
pub fn create<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let zone = zone(gcloud, parsed)?;
        let project = gcloud.compute_project(false)?;
        let machine = parsed.flag("--machine-type").unwrap_or("n1-standard-1");
        let refuse = |message: String| Failure::error(format!("Could not fetch resource:\n - {message}\n"));
        if !gcloud.call.sys.view(|w| w.cloud.project.is_zone(&zone)) {
            return refuse(format!("Invalid value for field 'zone': '{zone}'. Unknown zone."));
        }
        if machine_type(machine).is_none() {
            let path = format!("projects/{project}/zones/{zone}/machineTypes/{machine}");
            return refuse(format!(
                "Invalid value for field 'resource.machineType': '{API}/{project}/zones/{zone}/machineTypes/{machine}'. The referenced resource does not exist: '{path}'"
            ));
        }
        let taken = all(gcloud);
        for name in &parsed.positionals {
            if taken.iter().any(|(i, _)| i.zone == zone && &i.name == name) {
                return refuse(format!(
                    "The resource 'projects/{project}/zones/{zone}/instances/{name}' already exists"
                ));
            }
        }
        gcloud.call.sys.sleep(SWITCH_TIME).await;
        for name in &parsed.positionals {
            gcloud.call.sys.with(|w| {
                let now = w.now;
                w.cloud.add_machine(&zone, name, machine, true, now);
            });
            gcloud.err(&format!("Created [{}].\n", link(&project, &zone, name))).await;
        }
        let made =
            all(gcloud).into_iter().filter(|(i, _)| i.zone == zone && parsed.positionals.contains(&i.name));
        let items = made.map(|(i, running)| resource(gcloud, &i, running, &project)).collect();
        gcloud.list(parsed, items, listings::INSTANCES).await.map(drop)
    })
}

/// A machine of its own must be there: nodes belong to their cluster.
fn own(gcloud: &Gcloud, project: &str, zone: &str, name: &str) -> Result<(), Failure> {
    let is = |i: &Instance| i.zone == zone && i.name == name;
    if gcloud.call.sys.view(|w| w.cloud.machines.iter().any(|m| is(&m.instance))) {
        return Ok(());
    }
    if all(gcloud).iter().any(|(i, _)| is(i)) {
        return Failure::error(
            "This instance is a node of a cluster: change it with `gcloud container clusters resize`.",
        );
    }
    not_found(gcloud, project, zone, name)
}

/// `compute instances delete`.
pub fn delete<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let zone = zone(gcloud, parsed)?;
        let project = gcloud.compute_project(false)?;
        let lines: String =
            parsed.positionals.iter().map(|name| format!(" - [{name}] in [{zone}]\n")).collect();
        let message = format!(
            "The following instances will be deleted. Any attached disks configured to be auto-deleted will be deleted unless they are attached to any other instances or the `--keep-disks` flag is given and specifies them for keeping. Deleting a disk is irreversible and any data on the disk will be lost.\n{lines}"
        );
        if !gcloud.ask(&message, true, Unanswered::Default).await? {
            return Failure::error("Deletion aborted by user.");
        }
        for name in &parsed.positionals {
            own(gcloud, &project, &zone, name)?;
            gcloud.call.sys.sleep(SWITCH_TIME).await;
            gcloud.call.sys.with(|w| {
                w.cloud.machines.retain(|m| m.instance.zone != zone || &m.instance.name != name);
                w.cloud.touch();
            });
            gcloud.err(&format!("Deleted [{}].\n", link(&project, &zone, name))).await;
        }
        Ok(())
    })
}

/// `compute instances start`, `stop` and `reset`.
pub fn switch<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let zone = zone(gcloud, parsed)?;
        let project = gcloud.compute_project(false)?;
        let verb = parsed.place.path.last().map_or("", String::as_str);
        for name in &parsed.positionals {
            own(gcloud, &project, &zone, name)?;
        }
        let names = parsed.positionals.join(", ");
        match verb {
            "start" => gcloud.progress_for(&format!("Starting instance(s) {names}"), SWITCH_TIME).await?,
            "stop" => gcloud.progress_for(&format!("Stopping instance(s) {names}"), SWITCH_TIME).await?,
            _ => gcloud.call.sys.sleep(SWITCH_TIME).await,
        }
        for name in &parsed.positionals {
            gcloud.call.sys.with(|w| {
                let all = w.cloud.machines.iter_mut();
                for machine in all.filter(|m| m.instance.zone == zone && &m.instance.name == name) {
                    machine.running = verb != "stop";
                }
                w.cloud.touch();
            });
            gcloud.err(&format!("Updated [{}].\n", link(&project, &zone, name))).await;
            if verb == "start" {
                gcloud.err(&addresses(gcloud, &zone, name)).await;
            }
        }
        Ok(())
    })
}

/// What is said of the addresses of a machine that was switched on.
fn addresses(gcloud: &Gcloud, zone: &str, name: &str) -> String {
    let of = |instance: &Instance| {
        let (internal, external) = (&instance.internal_ip, &instance.external_ip);
        format!("Instance internal IP is {internal}\nInstance external IP is {external}\n")
    };
    gcloud.call.sys.view(|w| {
        let found = w.cloud.machines.iter().find(|m| m.instance.zone == zone && m.instance.name == name);
        found.map(|machine| of(&machine.instance)).unwrap_or_default()
    })
}
