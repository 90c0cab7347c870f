//! `docker network`: create, ls, rm, prune, connect, disconnect.

use std::collections::BTreeMap;

use crate::machine::docker::inspect::Json;
use crate::machine::docker::network::{Network, NetworkSpec, PREDEFINED, Subnet};
use crate::machine::docker::{EngineError, ErrorKind};

use super::flags::Parsed;
use super::rows::{Listing, labels};
use super::{Docker, filters, format, system};

/// Filters of `network ls`.
const FILTERS: &[&str] = &["dangling", "driver", "id", "label", "name", "scope", "type"];
/// Filters of `network prune`.
const PRUNE_FILTERS: &[&str] = &["label", "label!", "until"];

pub async fn create(docker: Docker, parsed: Parsed) -> i32 {
    if parsed.arg(0).trim().is_empty() {
        return docker.fail(&EngineError::invalid("invalid name: name is empty")).await;
    }
    if parsed.is("ingress") {
        return docker.fail(&EngineError::invalid("Ingress network can only be global scope network")).await;
    }
    if parsed.get("scope") == Some("swarm") {
        let why = "cannot create a swarm scoped network when swarm is not active";
        return docker.fail(&EngineError::invalid(why)).await;
    }
    let spec = match spec(&parsed) {
        Ok(spec) => spec,
        Err(error) => {
            docker.err(format!("{error}\n")).await;
            return 1;
        }
    };
    let done = docker.engine(|engine, now| {
        let mut rng = engine.draw("network");
        let name = spec.name.clone();
        let id = engine.networks.create(spec, &mut rng, now)?;
        engine.events.add(now, "network", "create", &id, [("name", name), ("type", "bridge".to_owned())]);
        engine.touch();
        Ok::<String, EngineError>(id)
    });
    match done {
        Ok(id) => {
            docker.out(format!("{id}\n")).await;
            0
        }
        Err(error) => docker.fail(&error).await,
    }
}

/// What the flags ask for; the error is the whole line that docker says.
fn spec(parsed: &Parsed) -> Result<NetworkSpec, String> {
    let pairs = |name: &str| -> BTreeMap<String, String> {
        let pair = |text: &String| {
            let (key, value) = text.split_once('=').unwrap_or((text, ""));
            (key.to_owned(), value.to_owned())
        };
        parsed.all(name).iter().map(pair).collect()
    };
    Ok(NetworkSpec {
        name: parsed.arg(0).to_owned(),
        driver: parsed.get("driver").unwrap_or("bridge").to_owned(),
        subnet: subnet(parsed)?,
        chosen_gateway: parsed.has("gateway"),
        internal: parsed.is("internal"),
        attachable: parsed.is("attachable"),
        options: pairs("opt"),
        labels: pairs("label"),
    })
}

fn subnet(parsed: &Parsed) -> Result<Option<Subnet>, String> {
    let (subnets, gateways) = (parsed.all("subnet"), parsed.all("gateway"));
    if subnets.len() < gateways.len() || subnets.len() < parsed.all("ip-range").len() {
        return Err("every ip-range or gateway must have a corresponding subnet".to_owned());
    }
    let Some(text) = subnets.first() else { return Ok(None) };
    let refused = |why: String| {
        format!("Error response from daemon: invalid network config:\ninvalid subnet {text}: {why}")
    };
    let whole = text.split_once('/').filter(|(base, bits)| {
        base.parse::<std::net::Ipv4Addr>().is_ok() && bits.parse::<u8>().is_ok_and(|bits| bits <= 32)
    });
    let Some((base, bits)) = whole else { return Err(refused("invalid CIDR block notation".to_owned())) };
    let Some(mut subnet) = Subnet::parse(text) else {
        let masked = Subnet::masked(base, bits).unwrap_or_default();
        return Err(refused(format!("it should be {masked}")));
    };
    let ranges = parsed.all("ip-range").iter();
    for range in ranges {
        let base = range.split('/').next().and_then(|base| base.parse().ok());
        if !base.is_some_and(|base| subnet.contains(base)) {
            return Err(format!("no matching subnet for range {range}"));
        }
    }
    if let Some(gateway) = gateways.first() {
        let address = gateway.parse().ok().filter(|address| subnet.contains(*address));
        subnet.gateway = address.ok_or_else(|| format!("no matching subnet for gateway {gateway}"))?;
    }
    Ok(Some(subnet))
}

pub async fn list(docker: Docker, parsed: Parsed) -> i32 {
    let full = parsed.is("no-trunc");
    let dangling = filters::truth(&parsed, "dangling");
    let unknown = filters::unknown(&parsed, FILTERS).or_else(|| dangling.clone().err());
    if let Some(error) = unknown {
        docker.err(format!("Error response from daemon: {error}\n")).await;
        return 1;
    }
    let dangling = dangling.unwrap_or_default();
    if let Some(kind) =
        filters::values(&parsed, "type").into_iter().find(|k| !["builtin", "custom"].contains(k))
    {
        docker.err(format!("Error response from daemon: invalid filter: 'type'='{kind}'\n")).await;
        return 1;
    }
    let fits = |n: &Network| {
        let predefined = PREDEFINED.contains(&n.name.as_str());
        let kind = if predefined { "builtin" } else { "custom" };
        filters::any(&parsed, "name", |value| n.name.contains(value))
            && filters::any(&parsed, "driver", |value| n.driver == value)
            && filters::any(&parsed, "id", |value| n.id.starts_with(value))
            && filters::any(&parsed, "scope", |value| value == "local")
            && filters::any(&parsed, "type", |value| value == kind)
            && filters::labels(&parsed, &n.labels)
            && dangling.is_none_or(|wanted| wanted == (!predefined && n.endpoints.is_empty()))
    };
    let rows = docker.view(|engine, _| {
        let shown = engine.networks.list().into_iter().filter(|n| fits(n));
        shown
            .map(|n| {
                let id = if full { n.id.clone() } else { n.id[..12].to_owned() };
                vec![
                    ("ID", Json::from(id)),
                    ("Name", Json::from(n.name.as_str())),
                    ("Driver", Json::from(n.driver.as_str())),
                    ("Scope", Json::from("local")),
                    ("IPv4", Json::from("true")),
                    ("IPv6", Json::from("false")),
                    ("Internal", Json::from(n.internal.to_string())),
                    ("Labels", Json::from(labels(&n.labels))),
                    ("CreatedAt", Json::from(format::go_time(n.created))),
                ]
            })
            .collect()
    });
    let listing = Listing {
        columns: vec![("ID", "NETWORK ID"), ("Name", "NAME"), ("Driver", "DRIVER"), ("Scope", "SCOPE")],
        more: &[("Internal", "INTERNAL"), ("Labels", "LABELS"), ("CreatedAt", "CREATED AT")],
        type_name: "*network.networkContext",
        quiet: "ID",
        raw: "",
        rows,
    };
    listing.print(&docker, parsed.get("format"), parsed.is("quiet")).await
}

pub async fn rm(docker: Docker, parsed: Parsed) -> i32 {
    let mut failed = false;
    for name in &parsed.args {
        let done = docker.engine(|engine, _| {
            engine.touch();
            engine.networks.remove(name)
        });
        match done {
            Ok(()) => docker.out(format!("{name}\n")).await,
            Err(error) if parsed.is("force") && error.kind == ErrorKind::NotFound => {}
            Err(error) => {
                docker.fail(&error).await;
                failed = true;
            }
        }
    }
    if failed {
        docker.err("exit status 1\n").await;
    }
    i32::from(failed)
}

pub async fn prune(docker: Docker, parsed: Parsed) -> i32 {
    let warning = "WARNING! This will remove all custom networks not used by at least one container.\n";
    if !system::confirmed(&docker, &parsed, warning).await {
        return 0;
    }
    let now = docker.view(|_, now| now);
    let until =
        match filters::unknown(&parsed, PRUNE_FILTERS).map_or_else(|| filters::until(&parsed, now), Err) {
            Ok(until) => until,
            Err(error) => {
                docker.err(format!("Error response from daemon: {error}\n")).await;
                return 1;
            }
        };
    let removed = docker.engine(|engine, _| {
        engine
            .networks
            .prune(|n| filters::labels(&parsed, &n.labels) && until.is_none_or(|until| n.created < until))
    });
    if !removed.is_empty() {
        docker.out(format!("Deleted Networks:\n{}\n\n", removed.join("\n"))).await;
    }
    0
}

pub async fn connect(docker: Docker, parsed: Parsed) -> i32 {
    let aliases = parsed.all("alias").to_vec();
    let address = parsed.get("ip").unwrap_or_default();
    let connected =
        docker.engine(|engine, now| engine.connect(parsed.arg(0), parsed.arg(1), aliases, address, now));
    done(&docker, connected).await
}

pub async fn disconnect(docker: Docker, parsed: Parsed) -> i32 {
    done(&docker, docker.engine(|engine, now| engine.disconnect(parsed.arg(0), parsed.arg(1), now))).await
}

async fn done(docker: &Docker, result: Result<(), EngineError>) -> i32 {
    match result {
        Ok(()) => 0,
        Err(error) => docker.fail(&error).await,
    }
}
