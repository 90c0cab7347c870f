//! `docker rm`, `rename`, `port`, `wait` and `update`: small commands on containers that are there.

use crate::machine::docker::ErrorKind;
use crate::machine::docker::host::Limits;
use crate::machine::docker::inspect::addresses;

use super::flags::Parsed;
use super::{Docker, create, limits};

pub async fn rm(docker: Docker, parsed: Parsed) -> i32 {
    let (force, volumes) = (parsed.is("force"), parsed.is("volumes"));
    let mut status = 0;
    let mut errors = Vec::new();
    for name in &parsed.args {
        if parsed.is("link") {
            let found = docker.view(|engine, _| engine.find_id(name).map(drop));
            let why = found.err().map_or_else(
                || "Conflict, cannot remove the default link name of the container".to_owned(),
                |error| error.to_string(),
            );
            errors.push(format!("Error response from daemon: {why}\n"));
            status = 1;
            continue;
        }
        match docker.engine(|engine, now| engine.remove(name, force, volumes, now)) {
            Ok(()) => docker.out(format!("{name}\n")).await,
            Err(error) => {
                if !(force && error.kind == ErrorKind::NotFound) {
                    status = 1;
                }
                errors.push(format!("Error response from daemon: {error}\n"));
            }
        }
    }
    docker.err(errors.concat()).await;
    status
}

pub async fn rename(docker: Docker, parsed: Parsed) -> i32 {
    if parsed.args.iter().any(|name| name.trim().is_empty()) {
        docker.err("Error: Neither old nor new names may be empty\n").await;
        return 1;
    }
    match docker.engine(|engine, now| engine.rename(parsed.arg(0), parsed.arg(1).trim(), now)) {
        Ok(()) => 0,
        Err(error) => {
            docker.err(format!("Error response from daemon: {error}\n")).await;
            docker.err(format!("Error: failed to rename container named {}\n", parsed.arg(0))).await;
            1
        }
    }
}

pub async fn port(docker: Docker, parsed: Parsed) -> i32 {
    let found = docker.view(|engine, _| {
        engine.find(parsed.arg(0)).map(|c| (c.published.clone(), c.state.status.is_running()))
    });
    let (published, _running) = match found {
        Ok(found) => found,
        Err(error) => return docker.fail(&error).await,
    };
    let number = parsed.args.get(1).map(|w| w.split('/').next().unwrap_or_default());
    if let Some(bad) = number.filter(|number| number.parse::<u16>().is_err()) {
        let why = super::values::bad_number("ParseUint", bad);
        docker.err(format!("Error: invalid port ({bad}): {why}\n")).await;
        return 1;
    }
    let wanted = parsed.args.get(1).map(|w| if w.contains('/') { w.clone() } else { format!("{w}/tcp") });
    let mut lines = Vec::new();
    for p in &published {
        let port = format!("{}/{}", p.container_port, p.protocol);
        for ip in addresses(p) {
            let ip = if ip.contains(':') { format!("[{ip}]") } else { ip };
            match &wanted {
                Some(wanted) if *wanted == port => lines.push(format!("{ip}:{}\n", p.host_port)),
                Some(_) => {}
                None => lines.push(format!("{port} -> {ip}:{}\n", p.host_port)),
            }
        }
    }
    if wanted.is_some() && lines.is_empty() {
        docker
            .err(format!("Error: No public port '{}' published for {}\n", parsed.arg(1), parsed.arg(0)))
            .await;
        return 1;
    }
    docker.out(lines.concat()).await;
    0
}

pub async fn wait(docker: Docker, parsed: Parsed) -> i32 {
    let mut status = 0;
    for name in &parsed.args {
        let id = match docker.view(|engine, _| engine.find_id(name)) {
            Ok(id) => id,
            Err(error) => {
                status = docker.fail(&error).await;
                continue;
            }
        };
        let code = docker
            .until(|engine, _| match engine.container_or_removed(&id) {
                Some(c) if c.state.status.is_running() || c.state.starting => None,
                Some(c) => Some(c.state.exit_code),
                None => Some(0),
            })
            .await;
        docker.out(format!("{code}\n")).await;
    }
    status
}

pub async fn update(docker: Docker, parsed: Parsed) -> i32 {
    if parsed.values().is_empty() {
        docker.err("you must provide one or more flags when using this command\n").await;
        return 1;
    }
    let restart = match parsed.get("restart").map(create::restart_policy).transpose() {
        Ok(restart) => restart,
        Err(error) => {
            docker.err(format!("{error}\n")).await;
            return 1;
        }
    };
    let mut status = 0;
    for name in &parsed.args {
        let change = |limits: &mut Limits| limits::change(&parsed, limits);
        match docker.engine(|engine, now| engine.update(name, restart, change, now)) {
            Ok(()) => docker.out(format!("{name}\n")).await,
            Err(error) => status = docker.fail(&error).await,
        }
    }
    status
}
