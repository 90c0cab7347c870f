//! `docker volume`: create, ls, rm, prune.

use crate::image::FileTree;
use crate::machine::docker::inspect::Json;
use crate::machine::docker::volume::Volume;
use crate::machine::docker::{EngineError, ErrorKind};

use super::flags::Parsed;
use super::rows::{Listing, labels};
use super::{Docker, filters, limits, system};

/// What the local driver takes.
const OPTIONS: &[&str] = &["type", "o", "device", "size"];
/// Filters of `volume prune`.
const PRUNE_FILTERS: &[&str] = &["all", "label", "label!"];
/// Filters of `volume ls`.
const FILTERS: &[&str] = &["dangling", "driver", "label", "name"];

pub async fn create(docker: Docker, parsed: Parsed) -> i32 {
    if parsed.has("name") && !parsed.args.is_empty() {
        docker
            .err("conflicting options: cannot specify a volume-name through both --name and as a positional arg\n")
            .await;
        return 1;
    }
    let driver = parsed.get("driver").unwrap_or("local");
    if driver != "local" {
        let error = format!(
            "create {}: error looking up volume plugin {driver}: plugin {} not found",
            parsed.arg(0),
            super::format::quote(driver)
        );
        return docker.fail(&EngineError::not_found(error)).await;
    }
    let made = docker.engine(|engine, now| {
        let anonymous = parsed.args.is_empty();
        let asked = parsed.get("name").unwrap_or(parsed.arg(0)).to_owned();
        let anonymous = anonymous && asked.is_empty();
        let name = if anonymous { engine.draw("volume").hex(64) } else { asked };
        let options = limits::pairs(parsed.all("opt"));
        if let Some(option) = options.keys().find(|option| !OPTIONS.contains(&option.as_str())) {
            let shown = super::format::quote(option);
            return Err(EngineError::invalid(format!("create {name}: invalid option: {shown}")));
        }
        engine.volumes.create(&name, anonymous, FileTree::new(), now)?;
        let given = parsed.all("label").iter().map(|l| l.split_once('=').unwrap_or((l, "")));
        if let Some(volume) = engine.volumes.find_mut(&name) {
            volume.labels.extend(given.map(|(k, v)| (k.to_owned(), v.to_owned())));
            volume.options = options;
        }
        engine.events.add(now, "volume", "create", &name, [("driver", "local".to_owned())]);
        engine.touch();
        Ok::<String, EngineError>(name)
    });
    match made {
        Ok(name) => {
            docker.out(format!("{name}\n")).await;
            0
        }
        Err(error) => docker.fail(&error).await,
    }
}

pub async fn list(docker: Docker, parsed: Parsed) -> i32 {
    let dangling = filters::truth(&parsed, "dangling");
    if let Some(error) = filters::unknown(&parsed, FILTERS).or_else(|| dangling.clone().err()) {
        docker.err(format!("Error response from daemon: {error}\n")).await;
        return 1;
    }
    let dangling = dangling.unwrap_or_default();
    let fits = |v: &Volume, used: bool| {
        filters::any(&parsed, "name", |value| v.name.contains(value))
            && filters::any(&parsed, "driver", |value| value == "local")
            && filters::labels(&parsed, &v.labels)
            && dangling.is_none_or(|wanted| wanted != used)
    };
    let rows = docker.view(|engine, _| {
        let shown = engine.volumes.list().filter(|v| fits(v, !engine.volume_users(&v.name).is_empty()));
        shown
            .map(|v| {
                vec![
                    ("Driver", Json::from("local")),
                    ("Name", Json::from(v.name.as_str())),
                    ("Mountpoint", Json::from(v.mountpoint())),
                    ("Scope", Json::from("local")),
                    ("Labels", Json::from(labels(&v.labels))),
                    ("Links", Json::from("N/A")),
                    ("Size", Json::from("N/A")),
                    ("Availability", Json::from("N/A")),
                    ("Group", Json::from("N/A")),
                    ("Status", Json::from("N/A")),
                ]
            })
            .collect()
    });
    let listing = Listing {
        columns: vec![("Driver", "DRIVER"), ("Name", "VOLUME NAME")],
        more: &[("Mountpoint", "MOUNTPOINT"), ("Scope", "SCOPE"), ("Labels", "LABELS"), ("Size", "SIZE")],
        type_name: "*formatter.volumeContext",
        quiet: "Name",
        raw: "",
        rows,
    };
    listing.print(&docker, parsed.get("format"), parsed.is("quiet")).await
}

pub async fn rm(docker: Docker, parsed: Parsed) -> i32 {
    let mut status = 0;
    for name in &parsed.args {
        let done = docker.call.sys.with(|w| {
            let engine = &mut w.machine.docker;
            let users = engine.volume_users(name);
            let done = engine.volumes.remove(name, &users);
            engine.touch();
            if done.is_ok() {
                w.volumes.remove(name);
            }
            done
        });
        match done {
            Ok(()) => docker.out(format!("{name}\n")).await,
            Err(error) if parsed.is("force") && error.kind == ErrorKind::NotFound => {
                docker.out(format!("{name}\n")).await;
            }
            Err(error) => status = docker.fail(&error).await,
        }
    }
    status
}

pub async fn prune(docker: Docker, parsed: Parsed) -> i32 {
    let all = parsed.is("all");
    let which = if all { "all local volumes" } else { "anonymous local volumes" };
    let warning = format!("WARNING! This will remove {which} not used by at least one container.\n");
    if !system::confirmed(&docker, &parsed, &warning).await {
        return 0;
    }
    if let Some(error) = filters::unknown(&parsed, PRUNE_FILTERS) {
        docker.err(format!("Error response from daemon: {error}\n")).await;
        return 1;
    }
    let all = all || filters::truth(&parsed, "all").ok().flatten() == Some(true);
    let removed = docker.call.sys.with(|w| {
        let removed = w.machine.docker.prune_volumes(all);
        for name in &removed {
            w.volumes.remove(name);
        }
        removed
    });
    if !removed.is_empty() {
        docker.out(format!("Deleted Volumes:\n{}\n\n", removed.join("\n"))).await;
    }
    docker.out("Total reclaimed space: 0B\n").await;
    0
}
