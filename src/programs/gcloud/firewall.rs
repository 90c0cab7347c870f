//! `gcloud compute firewall-rules`: what the Internet may reach.

use serde_json::{Value, json};

use super::args::Parsed;
use super::compute::{API, named};
use super::terminal::{Progress, Unanswered};
use super::{Failure, Gcloud, LocalFutureOf, listings};
use crate::cloud::firewall::Rule;

/// Protocols that have names.
const PROTOCOLS: [&str; 8] = ["tcp", "udp", "icmp", "esp", "ah", "sctp", "ipip", "all"];
/// How long the API takes.
const OPERATION: std::time::Duration = std::time::Duration::from_secs(2);

fn link(project: &str, name: &str) -> String {
    format!("{API}/{project}/global/firewalls/{name}")
}

/// A rule as the Compute API shows it.
fn resource(gcloud: &Gcloud, rule: &Rule, project: &str) -> Value {
    let entry = |spec: &String| match spec.split_once(':') {
        Some((protocol, ports)) => json!({ "IPProtocol": protocol, "ports": [ports] }),
        None => json!({ "IPProtocol": spec }),
    };
    let protocols = rule.protocols.iter().map(entry).collect();
    let mut rng = gcloud.call.sys.stream(&format!("firewall-id/{}", rule.name));
    let mut value = json!({
        "creationTimestamp": rule.created.rfc3339(),
        "description": rule.description,
        "direction": rule.direction,
        "disabled": rule.disabled,
        "id": rng.range(1_000_000_000_000_000_000, 9_000_000_000_000_000_000).to_string(),
        "kind": "compute#firewall",
        "logConfig": { "enable": false },
        "name": rule.name,
        "network": format!("{API}/{project}/global/networks/default"),
        "priority": rule.priority,
        "selfLink": link(project, &rule.name),
    });
    let ranges = if rule.direction == "EGRESS" { "destinationRanges" } else { "sourceRanges" };
    value[if rule.allow { "allowed" } else { "denied" }] = Value::Array(protocols);
    if !rule.sources.is_empty() {
        value[ranges] = json!(rule.sources);
    }
    if !rule.target_tags.is_empty() {
        value["targetTags"] = json!(rule.target_tags);
    }
    value
}

fn all(gcloud: &Gcloud, project: &str) -> Vec<Value> {
    let rules = gcloud.call.sys.view(|w| w.cloud.firewall.clone());
    rules.iter().map(|rule| resource(gcloud, rule, project)).collect()
}

/// Flags that change no rule.
const GLOBAL: &[&str] = &["--account", "--configuration", "--format", "--project", "--quiet", "--verbosity"];

/// `compute firewall-rules list`.
pub fn list<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let project = gcloud.compute_project(true)?;
        gcloud.list_or_say(parsed, named(parsed, all(gcloud, &project)), listings::FIREWALL_RULES).await?;
        if !parsed.has("--format") {
            gcloud.err("\nTo show all fields of the firewall, please show in JSON format: --format=json\nTo show all fields in table format, please see the examples in --help.\n\n").await;
        }
        Ok(())
    })
}

/// `compute firewall-rules describe`.
pub fn describe<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let project = gcloud.compute_project(false)?;
        gcloud.describe_of(parsed, all(gcloud, &project), "global/firewalls").await
    })
}

/// `compute firewall-rules create`.
pub fn create<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let rule = rule_of(gcloud, parsed)?;
        let project = gcloud.project()?;
        gcloud.credentials()?;
        let mut progress = Progress::begin(gcloud, "Creating firewall").await;
        if let Some(problem) = problem(gcloud, parsed, &rule, &project) {
            progress.end("failed.").await;
            return Failure::error(format!("Could not fetch resource:\n - {problem}\n"));
        }
        let ready = gcloud.call.sys.now() + OPERATION;
        progress.wait(|| gcloud.call.sys.now() >= ready, |_| "").await?;
        let item = resource(gcloud, &rule, &project);
        gcloud.call.sys.with(|w| {
            w.cloud.firewall.push(rule);
            w.cloud.touch();
        });
        // The real client writes this into the middle of the progress too.
        gcloud.err(&format!("Created [{}].\n", item["selfLink"].as_str().unwrap_or_default())).await;
        progress.end("done.").await;
        gcloud.list(parsed, vec![item], listings::FIREWALL_RULES).await.map(drop)
    })
}

/// `tcp:80`, `icmp` ... as they were given.
fn protocols(specs: &[String]) -> Result<Vec<&str>, Failure> {
    for spec in specs {
        let ports = spec.split_once(':').map_or("0", |(_, ports)| ports);
        let number = |p: &str| !p.is_empty() && p.chars().all(|c| c.is_ascii_digit());
        let word = spec.split(':').next().is_some_and(|p| {
            !p.is_empty() && p.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
        });
        if !word || ports.split('-').count() > 2 || !ports.split('-').all(number) {
            return Failure::error(format!(
                "Firewall rules must be of the form PROTOCOL[:PORT[-PORT]]; received [{spec}]."
            ));
        }
    }
    Ok(specs.iter().map(String::as_str).collect())
}

fn rule_of(gcloud: &Gcloud, parsed: &Parsed) -> Result<Rule, Failure> {
    let deny = parsed.flag("--action").is_some_and(|a| a.eq_ignore_ascii_case("deny"));
    if parsed.has("--rules") && parsed.has("--allow") {
        return Failure::error("Can NOT specify --rules and --allow in the same request.");
    }
    if parsed.has("--rules") != parsed.has("--action") {
        return Failure::error("Must specify --rules with --action.");
    }
    let specs = parsed.list(if parsed.has("--rules") { "--rules" } else { "--allow" });
    let protocols = protocols(&specs)?;
    let egress = parsed.flag("--direction").is_some_and(|d| matches!(d, "EGRESS" | "OUT"));
    let ranges = parsed.list(if egress { "--destination-ranges" } else { "--source-ranges" });
    let everywhere = vec!["0.0.0.0/0".to_owned()];
    let tagged = parsed.has("--source-tags") || parsed.has("--source-service-accounts");
    let ranges = if ranges.is_empty() && !tagged { everywhere } else { ranges };
    let ranges: Vec<&str> = ranges.iter().map(String::as_str).collect();
    let priority = parsed.flag("--priority").and_then(|p| p.parse().ok()).unwrap_or(1000);
    let mut rule = Rule::allowing(parsed.positional(0), priority, &protocols, &ranges, gcloud.call.sys.now());
    rule.allow = !deny;
    rule.disabled = parsed.has("--disabled");
    rule.direction = if egress { "EGRESS" } else { "INGRESS" }.to_owned();
    rule.description = parsed.flag("--description").unwrap_or_default().to_owned();
    rule.target_tags = parsed.list("--target-tags");
    rule.source_tags = parsed.list("--source-tags");
    Ok(rule)
}

/// What the API refuses.
fn problem(gcloud: &Gcloud, parsed: &Parsed, rule: &Rule, project: &str) -> Option<String> {
    if !gcloud.is_own(project) {
        return Some(format!(
            "Required 'compute.firewalls.create' permission for 'projects/{project}/global/firewalls/{}'",
            rule.name
        ));
    }
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
    let field = if rule.allow { "allowed" } else { "denied" };
    for (index, spec) in rule.protocols.iter().enumerate() {
        let (protocol, ports) = spec.split_once(':').unwrap_or((spec, ""));
        let number = protocol.parse::<u8>().is_ok();
        if !PROTOCOLS.contains(&protocol) && !number {
            return Some(format!(
                "Invalid value for field 'resource.{field}[{index}].IPProtocol': '{protocol}'. Invalid IP protocol specification."
            ));
        }
        if ports.split('-').any(|p| !p.is_empty() && p.parse::<u16>().is_err()) {
            return Some(format!(
                "Invalid value for field 'resource.{field}[{index}].ports[0]': '{ports}'. Ports should be in the range 0 to 65535."
            ));
        }
    }
    if let Some(network) = parsed.flag("--network").filter(|n| *n != "default") {
        return Some(format!("The resource 'projects/{project}/global/networks/{network}' was not found"));
    }
    let taken = gcloud.call.sys.view(|w| w.cloud.firewall.iter().any(|r| r.name == rule.name));
    taken.then(|| format!("The resource 'projects/{project}/global/firewalls/{}' already exists", rule.name))
}

/// `compute firewall-rules update`.
pub fn update<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (project, name) = (gcloud.compute_project(false)?, parsed.positional(0));
        let known = gcloud.call.sys.view(|w| w.cloud.firewall.iter().find(|r| r.name == name).cloned());
        let Some(mut rule) = known else {
            return gcloud.no_such_resource(&format!("projects/{project}/global/firewalls/{name}"));
        };
        if parsed.flags.keys().all(|flag| GLOBAL.contains(&flag.as_str())) {
            return Failure::error("At least one property must be modified.");
        }
        let specs = parsed.list(if parsed.has("--allow") { "--allow" } else { "--rules" });
        if !specs.is_empty() {
            rule.protocols = protocols(&specs)?.into_iter().map(str::to_owned).collect();
        }
        if parsed.has("--source-ranges") {
            rule.sources = parsed.list("--source-ranges");
        }
        if let Some(priority) = parsed.flag("--priority").and_then(|p| p.parse().ok()) {
            rule.priority = priority;
        }
        if let Some(text) = parsed.flag("--description") {
            text.clone_into(&mut rule.description);
        }
        if parsed.has("--target-tags") {
            rule.target_tags = parsed.list("--target-tags");
        }
        rule.disabled = (rule.disabled || parsed.has("--disabled")) && !parsed.has("--no-disabled");
        gcloud.call.sys.sleep(OPERATION).await;
        gcloud.call.sys.with(|w| {
            if let Some(stored) = w.cloud.firewall.iter_mut().find(|r| r.name == rule.name) {
                *stored = rule;
            }
            w.cloud.touch();
        });
        gcloud.err(&format!("Updated [{}].\n", link(&project, name))).await;
        Ok(())
    })
}

/// `compute firewall-rules delete`.
pub fn delete<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let project = gcloud.compute_project(false)?;
        let names: String = parsed.positionals.iter().map(|n| format!(" - [{n}]\n")).collect();
        let message = format!("The following firewalls will be deleted:\n{names}");
        if !gcloud.ask(&message, true, Unanswered::Default).await? {
            return Failure::error("Deletion aborted by user.");
        }
        let mut missing = String::new();
        for name in &parsed.positionals {
            let removed = gcloud.call.sys.with(|w| {
                let before = w.cloud.firewall.len();
                w.cloud.firewall.retain(|r| &r.name != name);
                w.cloud.touch();
                before != w.cloud.firewall.len()
            });
            if removed {
                gcloud.err(&format!("Deleted [{}].\n", link(&project, name))).await;
            } else {
                missing.push_str(&format!(
                    " - The resource 'projects/{project}/global/firewalls/{name}' was not found\n"
                ));
            }
        }
        if missing.is_empty() {
            Ok(())
        } else {
            Failure::error(format!("Could not fetch resource:\n{missing}"))
        }
    })
}
