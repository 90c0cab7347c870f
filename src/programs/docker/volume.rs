//! `docker volume`: create, ls, rm, prune.

use crate::image::FileTree;
use crate::machine::docker::inspect::Json;
use crate::machine::docker::{EngineError, ErrorKind};

use super::flags::Parsed;
use super::rows::Listing;
use super::{Docker, system};

pub async fn create(docker: Docker, parsed: Parsed) -> i32 {
    let made = docker.engine(|engine, now| {
        let anonymous = parsed.args.is_empty();
        let name = if anonymous { engine.draw("volume").hex(64) } else { parsed.arg(0).to_owned() };
        engine.volumes.create(&name, anonymous, FileTree::new(), now)?;
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
    let fits = |name: &str, used: bool| {
        parsed.all("filter").iter().filter_map(|f| f.split_once('=')).all(|(key, value)| match key {
            "name" => name.contains(value),
            "dangling" => used != matches!(value, "true" | "1"),
            _ => true,
        })
    };
    let rows = docker.view(|engine, _| {
        let shown = engine.volumes.list().filter(|v| fits(&v.name, !engine.volume_users(&v.name).is_empty()));
        shown
            .map(|v| {
                vec![
                    ("Driver", Json::from("local")),
                    ("Name", Json::from(v.name.as_str())),
                    ("Mountpoint", Json::from(v.mountpoint())),
                    ("Scope", Json::from("local")),
                    ("Labels", Json::from("")),
                    ("Links", Json::from("N/A")),
                    ("Size", Json::from("N/A")),
                ]
            })
            .collect()
    });
    let listing = Listing {
        columns: vec![("Driver", "DRIVER"), ("Name", "VOLUME NAME")],
        more: &[("Mountpoint", "MOUNTPOINT"), ("Scope", "SCOPE"), ("Labels", "LABELS"), ("Size", "SIZE")],
        type_name: "*formatter.volumeContext",
        quiet: "Name",
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
