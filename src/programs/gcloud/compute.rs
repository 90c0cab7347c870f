//! `gcloud compute`: instances, zones, regions and firewall rules.

use serde_json::{Value, json};

use super::args::Parsed;
use super::terminal::Unanswered;
use super::{Failure, Gcloud, LocalFutureOf};
use crate::cloud::firewall::Rule;
use crate::cloud::project::REGIONS;

const API: &str = "https://www.googleapis.com/compute/v1/projects";

const INSTANCES: &str = "table(name,zone.basename(),machineType.basename(),scheduling.preemptible.yesno(true),networkInterfaces[0].networkIP:label=INTERNAL_IP,networkInterfaces[0].accessConfigs[0].natIP:label=EXTERNAL_IP,status)";

const RULES: &str = "table(name,network.basename(),direction,priority,allowed[].firewall_rule().list():label=ALLOW,denied[].firewall_rule().list():label=DENY,disabled)";

/// `compute instances list`.
pub fn instances<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let project = gcloud.own_project()?.to_owned();
        let mut items: Vec<Value> = gcloud.call.sys.view(|w| {
            let all = w.cloud.clusters.values().flat_map(|c| &c.instances);
            all.map(|i| json!({
                "name": i.name,
                "zone": format!("{API}/{project}/zones/{}", i.zone),
                "machineType": format!("{API}/{project}/zones/{}/machineTypes/{}", i.zone, i.machine_type),
                "networkInterfaces": [{ "networkIP": i.internal_ip, "accessConfigs": [{ "natIP": i.external_ip }] }],
                "scheduling": {},
                "status": "RUNNING",
                "creationTimestamp": i.created.rfc3339(),
                "selfLink": format!("{API}/{project}/zones/{}/instances/{}", i.zone, i.name),
            })).collect()
        });
        items.sort_by_key(|i| (i["zone"].to_string(), i["name"].to_string()));
        if let Some(zones) = parsed.flag("--zones") {
            let wanted: Vec<&str> = zones.split(',').collect();
            items.retain(|i| wanted.iter().any(|z| i["zone"].as_str().is_some_and(|zone| zone.ends_with(z))));
        }
        list(gcloud, parsed, items, INSTANCES).await
    })
}

async fn list(gcloud: &Gcloud, parsed: &Parsed, items: Vec<Value>, format: &str) -> super::Outcome {
    if parsed.has("--uri") {
        let links: Vec<String> =
            items.iter().filter_map(|i| Some(format!("{}\n", i["selfLink"].as_str()?))).collect();
        gcloud.out(&links.concat()).await;
        return Ok(());
    }
    if gcloud.print(parsed, items, format).await? == 0 && !parsed.has("--format") {
        gcloud.err("Listed 0 items.\n").await;
    }
    Ok(())
}

/// `compute zones list`.
pub fn zones<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let zone = |region: &str, letter: char| {
            json!({
                "name": format!("{region}-{letter}"), "region": region, "status": "UP", "nextMaintenance": "", "turndownDate": "",
            })
        };
        let items = REGIONS
            .iter()
            .flat_map(|(region, letters)| letters.chars().map(move |l| zone(region, l)))
            .collect();
        let format = "table(name,region.basename(),status,nextMaintenance,turndownDate)";
        list(gcloud, parsed, items, format).await
    })
}

/// `compute regions list`.
pub fn regions<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let items = REGIONS.iter().map(|(name, _)| json!({
            "name": name, "cpus": "0/24", "disks": "0/4096", "addresses": "0/8", "reserved": "0/8", "status": "UP", "turndownDate": "",
        }));
        let format = "table(name,cpus,disks:label=DISKS_GB,addresses,reserved:label=RESERVED_ADDRESSES,status,turndownDate)";
        list(gcloud, parsed, items.collect(), format).await
    })
}

fn resource(rule: &Rule, project: &str) -> Value {
    let protocols: Vec<Value> = rule
        .protocols
        .iter()
        .map(|p| match p.split_once(':') {
            Some((protocol, ports)) => json!({ "IPProtocol": protocol, "ports": [ports] }),
            None => json!({ "IPProtocol": p }),
        })
        .collect();
    let mut value = json!({
        "name": rule.name,
        "network": format!("{API}/{project}/global/networks/default"),
        "direction": rule.direction,
        "priority": rule.priority,
        "disabled": rule.disabled,
        "sourceRanges": rule.sources,
        "description": rule.description,
        "creationTimestamp": rule.created.rfc3339(),
        "kind": "compute#firewall",
        "logConfig": { "enable": false },
        "selfLink": format!("{API}/{project}/global/firewalls/{}", rule.name),
    });
    if let Some(map) = value.as_object_mut() {
        map.insert(if rule.allow { "allowed" } else { "denied" }.into(), Value::Array(protocols));
        if !rule.target_tags.is_empty() {
            map.insert("targetTags".into(), json!(rule.target_tags));
        }
    }
    value
}

/// `compute firewall-rules list`.
pub fn firewall_list<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let project = gcloud.own_project()?.to_owned();
        let items =
            gcloud.call.sys.view(|w| w.cloud.firewall.iter().map(|r| resource(r, &project)).collect());
        list(gcloud, parsed, items, RULES).await?;
        if !parsed.has("--format") && !parsed.has("--uri") {
            gcloud.err("\nTo show all fields of the firewall, please show in JSON format: --format=json\nTo show all fields in table format, please see the examples in --help.\n\n").await;
        }
        Ok(())
    })
}

/// `compute firewall-rules describe`.
pub fn firewall_describe<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let project = gcloud.own_project()?.to_owned();
        let name = parsed.positionals.first().cloned().unwrap_or_default();
        let found = gcloud
            .call
            .sys
            .view(|w| w.cloud.firewall.iter().find(|r| r.name == name).map(|r| resource(r, &project)));
        match found {
            Some(item) => gcloud.print(parsed, vec![item], "describe").await.map(drop),
            None => Failure::error(format!(
                "Could not fetch resource:\n - The resource 'projects/{project}/global/firewalls/{name}' was not found\n"
            )),
        }
    })
}

/// `compute firewall-rules create`.
pub fn firewall_create<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        if !parsed.has("--allow") && !parsed.has("--action") {
            let refused = super::args::usage_error(
                parsed.command,
                "Exactly one of (--action | --allow) must be specified.",
            );
            return Err(Failure::Refused(refused));
        }
        let rule = rule_of(gcloud, parsed)?;
        let project = gcloud.own_project()?.to_owned();
        let begun = if gcloud.call.io.stderr.is_terminal() {
            "Creating firewall...working.."
        } else {
            "Creating firewall...\n"
        };
        gcloud.err(begun).await;
        gcloud.call.sys.sleep(std::time::Duration::from_secs(2)).await;
        if let Some(problem) = problem(gcloud, parsed, &rule, &project) {
            gcloud.err("failed.\n").await;
            return Failure::error(format!("Could not fetch resource:\n - {problem}\n"));
        }
        let item = resource(&rule, &project);
        gcloud.call.sys.with(|w| {
            w.cloud.firewall.push(rule);
            w.cloud.firewall.sort_by(|a, b| (b.priority, &a.name).cmp(&(a.priority, &b.name)));
            w.cloud.touch();
        });
        let link = item["selfLink"].as_str().unwrap_or_default();
        if gcloud.call.io.stderr.is_terminal() {
            gcloud.err(&format!("Created [{link}].\nCreating firewall...done.\n")).await;
        } else {
            gcloud.err(&format!("..Created [{link}].\ndone.\n")).await;
        }
        gcloud.print(parsed, vec![item], RULES).await?;
        Ok(())
    })
}

fn rule_of(gcloud: &Gcloud, parsed: &Parsed) -> Result<Rule, Failure> {
    let deny = parsed.flag("--action").is_some_and(|a| a.eq_ignore_ascii_case("deny"));
    let specs = parsed.flag("--allow").or_else(|| parsed.flag("--rules")).unwrap_or("all");
    let protocols: Vec<&str> = specs.split(',').filter(|s| !s.is_empty()).collect();
    for spec in &protocols {
        let ports = spec.split_once(':').map_or("", |(_, ports)| ports);
        if spec.contains(':')
            && !ports.split('-').all(|p| !p.is_empty() && p.chars().all(|c| c.is_ascii_digit()))
        {
            return Failure::error(format!(
                "Firewall rules must be of the form PROTOCOL[:PORT[-PORT]]; received [{spec}]."
            ));
        }
    }
    let sources: Vec<&str> =
        parsed.flag("--source-ranges").map_or(vec!["0.0.0.0/0"], |s| s.split(',').collect());
    let name = parsed.positionals.first().map_or("", String::as_str);
    let priority = parsed.flag("--priority").and_then(|p| p.parse().ok()).unwrap_or(1000);
    let mut rule = Rule::allowing(name, priority, &protocols, &sources, gcloud.call.sys.now());
    rule.allow = !deny;
    rule.disabled = parsed.has("--disabled");
    rule.direction = parsed.flag("--direction").unwrap_or("INGRESS").to_uppercase();
    rule.description = parsed.flag("--description").unwrap_or_default().to_owned();
    rule.target_tags =
        parsed.flag("--target-tags").map(|t| t.split(',').map(str::to_owned).collect()).unwrap_or_default();
    Ok(rule)
}

/// What the API refuses.
fn problem(gcloud: &Gcloud, parsed: &Parsed, rule: &Rule, project: &str) -> Option<String> {
    let name_is_fine = rule.name.len() <= 63
        && rule.name.starts_with(|c: char| c.is_ascii_lowercase())
        && !rule.name.ends_with('-')
        && rule.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !name_is_fine {
        return Some(format!(
            "Invalid value for field 'resource.name': '{}'. Must be a match of regex '(?:[a-z](?:[-a-z0-9]{{0,61}}[a-z0-9])?)'",
            rule.name
        ));
    }
    for (index, spec) in rule.protocols.iter().enumerate() {
        let (protocol, ports) = spec.split_once(':').unwrap_or((spec, ""));
        if !["tcp", "udp", "icmp", "esp", "ah", "sctp", "ipip", "all"].contains(&protocol) {
            return Some(format!(
                "Invalid value for field 'resource.allowed[{index}].IPProtocol': '{protocol}'. Invalid IP protocol specification."
            ));
        }
        if ports.split('-').any(|p| !p.is_empty() && p.parse::<u16>().is_err()) {
            return Some(format!(
                "Invalid value for field 'resource.allowed[{index}].ports[0]': '{ports}'. Ports should be in the range 0 to 65535."
            ));
        }
    }
    if let Some(network) = parsed.flag("--network").filter(|n| *n != "default") {
        return Some(format!("The resource 'projects/{project}/global/networks/{network}' was not found"));
    }
    let taken = gcloud.call.sys.view(|w| w.cloud.firewall.iter().any(|r| r.name == rule.name));
    taken.then(|| format!("The resource 'projects/{project}/global/firewalls/{}' already exists", rule.name))
}

/// `compute firewall-rules delete`.
pub fn firewall_delete<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let project = gcloud.own_project()?.to_owned();
        let names: Vec<String> = parsed.positionals.iter().map(|n| format!(" - [{n}]\n")).collect();
        let message = format!("The following firewalls will be deleted:\n{}\n", names.concat());
        gcloud.confirm(&message, Unanswered::Yes).await?;
        for name in &parsed.positionals {
            let removed = gcloud.call.sys.with(|w| {
                let before = w.cloud.firewall.len();
                w.cloud.firewall.retain(|r| &r.name != name);
                w.cloud.touch();
                before != w.cloud.firewall.len()
            });
            if !removed {
                return Failure::error(format!(
                    "Could not fetch resource:\n - The resource 'projects/{project}/global/firewalls/{name}' was not found\n"
                ));
            }
            gcloud.err(&format!("Deleted [{API}/{project}/global/firewalls/{name}].\n")).await;
        }
        Ok(())
    })
}
