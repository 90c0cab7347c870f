//! `docker create`, and what `docker run` shares with it: reading the flags into what the engine wants. Never starts
//! anything.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::image::ImageRef;
use crate::image::process::ContainerId;
use crate::machine::docker::CreateSpec;
use crate::machine::docker::health::HealthFlags;
use crate::machine::docker::host::{HostConfig, Joined, Limits, RestartPolicy};

use super::flags::Parsed;
use super::{Docker, format, joining, limits, logs, mounts, pull, refusals};

pub async fn run(docker: Docker, parsed: Parsed) -> i32 {
    let spec = match spec(&docker, &parsed, [parsed.is("interactive"), true, true]) {
        Ok(spec) => spec,
        Err(error) => return docker.fail_run(&parsed.typed, &error, 125).await,
    };
    match create(&docker, &parsed, spec).await {
        Ok(id) => {
            docker.out(format!("{id}\n")).await;
            0
        }
        Err(code) => code,
    }
}

/// Creates the container, with the file that `--cidfile` asks for; what went wrong was said, the code is returned.
pub async fn create(docker: &Docker, parsed: &Parsed, spec: CreateSpec) -> Result<ContainerId, i32> {
    let Some(path) = parsed.get("cidfile").filter(|path| !path.is_empty()) else {
        return pull_and_create(docker, parsed, spec).await;
    };
    // The file is there before the container, and goes when there comes none.
    let whole = docker.call.path(path);
    if let Err(error) = docker.call.sys.write(&whole, Vec::new()) {
        let why = format!(
            "failed to create the container ID file: open {path}: {}",
            error.to_string().to_lowercase()
        );
        return Err(docker.fail_run(&parsed.typed, &why, 125).await);
    }
    let created = pull_and_create(docker, parsed, spec).await;
    let text = created.as_ref().map(|id| id.0.clone());
    let kept = match text {
        Ok(id) => docker.call.sys.write(&whole, id.into_bytes()),
        Err(_) => docker.call.sys.change(&whole, |tree, path, now| tree.remove(path, false, now)),
    };
    match kept {
        Ok(()) => created,
        Err(error) => Err(docker.fail_run(&parsed.typed, &error.to_string(), 125).await),
    }
}

async fn pull_and_create(docker: &Docker, parsed: &Parsed, spec: CreateSpec) -> Result<ContainerId, i32> {
    let typed = &parsed.typed;
    let image = spec.image_name.clone();
    if let Err(why) = platform(parsed) {
        return Err(docker.fail_run(typed, &why, 125).await);
    }
    let refused = docker.view(|engine, _| engine.admits(&spec).err());
    if let Some(error) = refused {
        return Err(docker.fail_run(typed, &format!("Error response from daemon: {error}"), 125).await);
    }
    let always = parsed.get("pull") == Some("always");
    let known = docker.view(|engine, _| engine.images.find(&image).is_ok());
    if !known && parsed.get("pull") == Some("never") {
        let shown = ImageRef::parse(&image).map_or(image.clone(), |r| r.with_default_tag().familiar());
        let message = format!("Error response from daemon: No such image: {shown}");
        return Err(docker.fail_run(typed, &message, 125).await);
    }
    if always || !known {
        let reference = match ImageRef::parse(&image) {
            Ok(reference) => reference.with_default_tag(),
            Err(error) => return Err(docker.fail_run(typed, &error.to_string(), 125).await),
        };
        if !known {
            docker.err(format!("Unable to find image '{}' locally\n", reference.familiar())).await;
        }
        let out = docker.call.io.stderr.clone();
        if let Err(error) = pull::pull(docker, &reference, &out, parsed.is("quiet")).await {
            return Err(docker.fail_run(typed, &format!("Error response from daemon: {error}"), 125).await);
        }
    }
    let discarded = spec.host.network == "host" && !spec.host.ports.is_empty();
    let created = docker.engine(|engine, now| engine.create(spec, now));
    match created {
        Ok(id) => {
            if discarded {
                docker.err("WARNING: Published ports are discarded when using host network mode\n").await;
            }
            prepare_volumes(docker, &id);
            Ok(id)
        }
        Err(error) => Err(docker.fail_run(typed, &format!("Error response from daemon: {error}"), 125).await),
    }
}

/// Operating systems and processors that containerd knows by name.
const SYSTEMS: &[&str] =
    &["linux", "windows", "darwin", "freebsd", "solaris", "android", "netbsd", "openbsd"];
const PROCESSORS: &[&str] = &[
    "386", "i386", "amd64", "x86_64", "x86-64", "arm", "armhf", "armel", "arm64", "aarch64", "ppc64",
    "ppc64le", "mips", "mipsle", "mips64", "mips64le", "riscv64", "s390x", "loong64", "wasm",
];

/// Reads `--platform`; the error is what the client says.
fn platform(parsed: &Parsed) -> Result<(), String> {
    let text = parsed.get("platform").filter(|text| !text.is_empty());
    match text.and_then(platform_complaint) {
        Some(why) => Err(format!("error parsing specified platform: {why}")),
        None => Ok(()),
    }
}

/// What is wrong with a platform's name.
pub fn platform_complaint(text: &str) -> Option<String> {
    let refused = |why: &str| Some(format!("{}: {why}: invalid argument", format::quote(text)));
    let parts: Vec<String> = text.split('/').map(str::to_lowercase).collect();
    match parts.as_slice() {
        [one] if SYSTEMS.contains(&one.as_str()) || PROCESSORS.contains(&one.as_str()) => None,
        [_] => refused("unknown operating system or architecture"),
        [_, _] | [_, _, _] => None,
        _ => refused("cannot parse platform specifier"),
    }
}

/// Lets new volumes begin with the files that the image has there, and makes missing bind sources.
fn prepare_volumes(docker: &Docker, id: &ContainerId) {
    docker.call.sys.with(|w| {
        let Some(container) = w.machine.docker.container(id) else { return };
        let mounts = container.mounts.clone();
        for mount in mounts {
            if let Some(volume) = w.machine.docker.volumes.find(&mount.name) {
                let files = volume.files.clone();
                w.volumes.entry(mount.name.clone()).or_insert(files);
            } else if mount.kind == "bind" {
                let now = w.now;
                if let Some(host) = w.hosts.get_mut(&crate::world::HostId::MACHINE)
                    && !host.files.exists(&mount.source)
                {
                    // A source that cannot be made stays missing; the container then sees an empty directory.
                    let _refused = host.files.mkdir(&mount.source, true, now);
                }
            }
        }
    });
}

/// Reads the flags; the error is what docker says after `docker: `.
pub fn spec(docker: &Docker, parsed: &Parsed, attach: [bool; 3]) -> Result<CreateSpec, String> {
    let image_name = parsed.arg(0).to_owned();
    if let Some(refusal) = refusals::of_container(docker, parsed) {
        return Err(refusal);
    }
    if let Err(error) = ImageRef::parse(&image_name) {
        let hex = image_name.len() == 64 && image_name.bytes().all(|b| b.is_ascii_hexdigit());
        if !hex && !image_name.starts_with("sha256:") {
            return Err(error.to_string());
        }
    }
    let entrypoint =
        parsed.get("entrypoint").map(|e| if e.is_empty() { Vec::new() } else { vec![e.to_owned()] });
    let stop_timeout =
        parsed.int("stop-timeout").and_then(|s| u64::try_from(s).ok()).map(Duration::from_secs);
    Ok(CreateSpec {
        name: parsed.get("name").unwrap_or_default().to_owned(),
        image_name,
        entrypoint,
        cmd: parsed.args[1..].to_vec(),
        env: environment(docker, parsed)?,
        workdir: parsed.get("workdir").map(str::to_owned),
        user: parsed.get("user").map(str::to_owned),
        hostname: parsed.get("hostname").map(str::to_owned),
        domainname: parsed.get("domainname").unwrap_or_default().to_owned(),
        labels: labels(docker, parsed),
        expose: parsed.all("expose").iter().map(|p| with_protocol(p)).collect(),
        tty: parsed.is("tty"),
        open_stdin: parsed.is("interactive"),
        attach,
        stop_signal: parsed.get("stop-signal").map(str::to_owned),
        stop_timeout,
        host: host_config(docker, parsed)?,
    })
}

fn with_protocol(port: &str) -> String {
    if port.contains('/') { port.to_owned() } else { format!("{port}/tcp") }
}

fn host_config(docker: &Docker, parsed: &Parsed) -> Result<HostConfig, String> {
    let mut ports = Vec::new();
    for text in parsed.all("publish") {
        ports.extend(joining::port_bindings(text)?);
    }
    let mut tmpfs: BTreeMap<String, String> =
        parsed.all("tmpfs").iter().map(|t| target_of_tmpfs(t)).collect();
    let restart = parsed.get("restart").map_or(Ok(RestartPolicy::No), restart_policy)?;
    if restart != RestartPolicy::No && parsed.is("rm") {
        return Err("conflicting options: cannot specify both --restart and --rm".to_owned());
    }
    let mut networks = joining::networks(parsed)?;
    let first = if networks.is_empty() { Joined::default() } else { networks.remove(0) };
    let mut binds: Vec<String> = parsed.all("volume").iter().map(|v| absolute_bind(docker, v)).collect();
    for mount in parsed.all("mount").iter().filter_map(|text| mounts::parse(text).ok()) {
        match mount.kind.as_str() {
            "tmpfs" => drop(tmpfs.insert(mount.target, String::new())),
            "bind" if mount.source.is_empty() => {
                return Err("Error response from daemon: invalid mount config for type \"bind\": field Source must not be empty".to_owned());
            }
            "bind" if !docker.call.sys.exists(&docker.call.path(&mount.source)) => {
                return Err(format!(
                    "Error response from daemon: invalid mount config for type \"bind\": bind source path does not exist: {}",
                    docker.call.path(&mount.source)
                ));
            }
            "bind" | "volume" => binds.push(as_bind(docker, &mount)),
            other => {
                return Err(format!(
                    "Error response from daemon: invalid mount config for type \"{other}\": mount type unknown"
                ));
            }
        }
    }
    let mut asked = Limits::default();
    limits::change(parsed, &mut asked);
    Ok(HostConfig {
        binds,
        tmpfs,
        ports,
        publish_all: parsed.is("publish-all"),
        restart,
        network: first.network,
        network_aliases: first.aliases,
        auto_remove: parsed.is("rm"),
        address: first.address,
        more_networks: networks,
        limits: asked,
        isolation: limits::isolation(parsed),
        names: limits::names(parsed),
        log: limits::log(parsed),
        volumes_from: parsed.all("volumes-from").to_vec(),
        id_file: parsed.get("cidfile").unwrap_or_default().to_owned(),
        health: health(parsed),
        read_only_root: parsed.is("read-only"),
        privileged: parsed.is("privileged"),
        init: parsed.is("init"),
    })
}

/// `./dir:/x` is taken from the working directory.
fn absolute_bind(docker: &Docker, bind: &str) -> String {
    match bind.split_once(':') {
        Some((source, rest)) if source.starts_with('.') => format!("{}:{rest}", docker.call.path(source)),
        _ => bind.to_owned(),
    }
}

/// A mount of a directory or volume, written as `-v` writes it.
fn as_bind(docker: &Docker, mount: &mounts::Mount) -> String {
    let mode = if mount.read_only { ":ro" } else { "" };
    match (mount.kind.as_str(), mount.source.as_str()) {
        (_, "") => mount.target.clone(),
        ("bind", source) => format!("{}:{}{mode}", docker.call.path(source), mount.target),
        (_, source) => format!("{source}:{}{mode}", mount.target),
    }
}

/// `/scratch:size=64m` is about `/scratch`.
fn target_of_tmpfs(text: &str) -> (String, String) {
    let (target, options) = text.split_once(':').unwrap_or((text, ""));
    (target.to_owned(), options.to_owned())
}

/// The health check that the flags ask for, over the image's.
fn health(parsed: &Parsed) -> HealthFlags {
    let span = |name: &str| parsed.get(name).and_then(logs::go_duration);
    let test = match (parsed.is("no-healthcheck"), parsed.get("health-cmd")) {
        (true, _) => Some(vec!["NONE".to_owned()]),
        (false, Some(command)) => Some(vec!["CMD-SHELL".to_owned(), command.to_owned()]),
        (false, None) => None,
    };
    HealthFlags {
        test,
        interval: span("health-interval"),
        timeout: span("health-timeout"),
        start_period: span("health-start-period"),
        start_interval: span("health-start-interval"),
        retries: parsed.int("health-retries").and_then(|n| u32::try_from(n).ok()),
    }
}

/// `-e NAME` takes the value from here; `--env-file` holds lines of them.
fn environment(docker: &Docker, parsed: &Parsed) -> Result<Vec<String>, String> {
    let mut env = env_files(docker, parsed)?;
    env.extend(parsed.all("env").iter().filter_map(|item| one_variable(docker, item)));
    Ok(env)
}

/// The variables in the files of `--env-file`.
pub fn env_files(docker: &Docker, parsed: &Parsed) -> Result<Vec<String>, String> {
    let mut env = Vec::new();
    for path in parsed.all("env-file") {
        let whole = docker.call.path(path);
        let text = docker
            .call
            .sys
            .read_text(&whole)
            .map_err(|_| format!("open {path}: no such file or directory"))?;
        for line in text.lines().map(str::trim_start).filter(|l| !l.is_empty() && !l.starts_with('#')) {
            let name = line.split('=').next().unwrap_or_default();
            let refused = |why: String| Err(format!("invalid env file ({path}): {why}"));
            if name.is_empty() {
                return refused(format!("no variable name on line '{line}'"));
            }
            if name.contains([' ', '\t']) {
                return refused(format!("variable '{name}' contains whitespaces"));
            }
            env.extend(one_variable(docker, line));
        }
    }
    Ok(env)
}

/// `NAME` alone is copied from the client's environment, or left out when it is not there.
pub fn one_variable(docker: &Docker, item: &str) -> Option<String> {
    if item.contains('=') {
        return Some(item.to_owned());
    }
    docker.call.var(item).map(|value| format!("{item}={value}"))
}

/// `-l NAME=VALUE`, over the lines of `--label-file`.
fn labels(docker: &Docker, parsed: &Parsed) -> BTreeMap<String, String> {
    let texts = parsed.all("label-file").iter().filter_map(|path| {
        // That it is there was checked before.
        docker.call.sys.read_text(&docker.call.path(path)).ok()
    });
    let lines: Vec<String> = texts.flat_map(|t| t.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    let filled = lines.iter().filter(|l| !l.trim().is_empty() && !l.starts_with('#'));
    filled
        .chain(parsed.all("label"))
        .map(|l| l.split_once('=').map_or((l.clone(), String::new()), |(k, v)| (k.to_owned(), v.to_owned())))
        .collect()
}

/// `no`, `always`, `unless-stopped`, `on-failure[:N]`.
pub fn restart_policy(text: &str) -> Result<RestartPolicy, String> {
    let (name, count) = match text.split_once(':') {
        Some((name, count)) => (name, Some(count)),
        None => (text, None),
    };
    let number = count.map(str::parse::<i64>).transpose();
    let number = number
        .map_err(|_| "invalid restart policy format: maximum retry count must be an integer".to_owned())?;
    let number = number.map(u32::try_from).transpose().map_err(|_| {
        "Error response from daemon: invalid restart policy: maximum retry count cannot be negative"
            .to_owned()
    })?;
    match (name, number) {
        ("" | "no", _) => Ok(RestartPolicy::No),
        ("on-failure", number) => Ok(RestartPolicy::OnFailure(number.unwrap_or(0))),
        ("always" | "unless-stopped", Some(_)) => {
            Err("Error response from daemon: invalid restart policy: maximum retry count can only be used with 'on-failure'".to_owned())
        }
        ("always", None) => Ok(RestartPolicy::Always),
        ("unless-stopped", None) => Ok(RestartPolicy::UnlessStopped),
        (other, _) => Err(format!(
            "Error response from daemon: invalid restart policy: unknown policy '{other}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies() {
        assert_eq!(restart_policy("on-failure:3"), Ok(RestartPolicy::OnFailure(3)));
        assert!(restart_policy("sometimes").is_err() && restart_policy("always:3").is_err());
    }
}
