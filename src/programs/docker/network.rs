//! `docker network`: create, ls, rm, prune, connect, disconnect.

use crate::machine::docker::inspect::Json;
use crate::machine::docker::{EngineError, ErrorKind};

use super::flags::Parsed;
use super::rows::Listing;
use super::{Docker, format, system};

pub async fn create(docker: Docker, parsed: Parsed) -> i32 {
    let driver = parsed.get("driver").unwrap_or("bridge");
    let done = docker.engine(|engine, now| {
        let mut rng = engine.draw("network");
        let id = engine.networks.create(parsed.arg(0), driver, &mut rng, now)?;
        engine.events.add(now, "network", "create", &id, [("name", parsed.arg(0).to_owned())]);
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

pub async fn list(docker: Docker, parsed: Parsed) -> i32 {
    let full = parsed.is("no-trunc");
    let fits = |name: &str, driver: &str, id: &str| {
        parsed.all("filter").iter().filter_map(|f| f.split_once('=')).all(|(key, value)| match key {
            "name" => name.contains(value),
            "driver" => driver == value,
            "id" => id.starts_with(value),
            _ => true,
        })
    };
    let rows = docker.view(|engine, _| {
        let shown = engine.networks.list().into_iter().filter(|n| fits(&n.name, &n.driver, &n.id));
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
                    ("Labels", Json::from("")),
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
    let removed = docker.engine(|engine, _| engine.networks.prune());
    if !removed.is_empty() {
        docker.out(format!("Deleted Networks:\n{}\n\n", removed.join("\n"))).await;
    }
    0
}

pub async fn connect(docker: Docker, parsed: Parsed) -> i32 {
    let aliases = parsed.all("alias").to_vec();
    done(&docker, docker.engine(|engine, now| engine.connect(parsed.arg(0), parsed.arg(1), aliases, now)))
        .await
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
