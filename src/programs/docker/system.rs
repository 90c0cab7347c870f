//! `docker version`, `info`, `system df`, the question before something is removed, and a daemon that does not answer.

use std::collections::BTreeMap;

use crate::machine::Engine;
use crate::machine::docker::Status;
use crate::machine::docker::inspect::Json;

use super::flags::Parsed;
use super::rows::Listing;
use super::template::{self, TemplateError};
use super::versions::{self, Counted};
use super::{CLIENT_BUILD, CLIENT_VERSION, Docker, format, ps};

/// The engine as Debian packages it.
pub const SERVER_VERSION: &str = "28.5.2+dfsg4";
pub const GO_VERSION: &str = "go1.24.3";
pub const API_VERSION: &str = "1.50";
pub const SERVER_API_VERSION: &str = "1.51";
pub const SERVER_GO_VERSION: &str = "go1.27.1";
pub const BUILT: &str = "Fri May 30 12:07:14 2025";
pub const SERVER_BUILD: &str = "3ef3c07c883be49a2e8097bcf6d2952fce1d70eb";
pub const SERVER_BUILT: &str = "Tue Sep 15 11:02:57 2026";
pub const CONTAINERD_VERSION: &str = "2.1.9+unknown";
pub const RUNC_VERSION: &str = "1.3.6+ds1";
pub const RUNC_COMMIT: &str = "1.3.6+ds1-1";
pub const KERNEL: &str = "6.6.105+";
const MEMORY: &str = "7.654GiB";

/// The client's half of `docker version`.
fn client_version() -> String {
    format!(
        "Client:\n Version:           {CLIENT_VERSION}\n API version:       {API_VERSION}\n Go version:        {GO_VERSION}\n Git commit:        {CLIENT_BUILD}\n Built:             {BUILT}\n OS/Arch:           linux/amd64\n Context:           default\n"
    )
}

pub async fn version(docker: Docker, parsed: Parsed) -> i32 {
    if let Some(format) = parsed.get("format") {
        return templated(
            &docker,
            format,
            &versions::version(names_as_in_json(format)),
            "version",
            "system.versionInfo",
        )
        .await;
    }
    docker
        .out(format!(
            "{}\nServer:\n Engine:\n  Version:          {SERVER_VERSION}\n  API version:      {SERVER_API_VERSION} (minimum version 1.24)\n  Go version:       {SERVER_GO_VERSION}\n  Git commit:       {SERVER_BUILD}\n  Built:            {SERVER_BUILT}\n  OS/Arch:          linux/amd64\n  Experimental:     false\n containerd:\n  Version:          {CONTAINERD_VERSION}\n  GitCommit:        \n runc:\n  Version:          {RUNC_VERSION}\n  GitCommit:        {RUNC_COMMIT}\n docker-init:\n  Version:          0.19.0\n  GitCommit:        \n",
            client_version()
        ))
        .await;
    0
}

/// The client's half of `docker info`.
fn client_info() -> String {
    format!(
        "Client:\n Version:    {CLIENT_VERSION}\n Context:    default\n Debug Mode: false\n Plugins:\n  buildx: Docker Buildx (Docker Inc.)\n    Version:  0.29.1+ds1\n    Path:     /usr/libexec/docker/cli-plugins/docker-buildx\n  compose: Docker Compose (Docker Inc.)\n    Version:  2.40.3-3\n    Path:     /usr/libexec/docker/cli-plugins/docker-compose\n\nServer:\n"
    )
}

fn count(engine: &Engine, status: Status) -> usize {
    engine.containers().iter().filter(|c| c.state.status == status).count()
}

pub async fn info(docker: Docker, parsed: Parsed) -> i32 {
    let (all, running, paused, images) = docker.view(|engine, _| {
        let running = count(engine, Status::Running);
        (engine.containers().len(), running, count(engine, Status::Paused), engine.images.list().len())
    });
    let stopped = all - running - paused;
    let name = docker
        .call
        .sys
        .view(|w| w.hosts.get(&docker.call.sys.host).map(|h| h.hostname.clone()))
        .unwrap_or_default();
    if let Some(format) = parsed.get("format") {
        let json = {
            let now = docker.call.sys.now();
            versions::info(Counted { all, running, paused, images }, &name, now, names_as_in_json(format))
        };
        return templated(&docker, format, &json, "", "system.dockerInfo").await;
    }
    docker
        .out(format!(
            "{} Containers: {all}\n  Running: {running}\n  Paused: {paused}\n  Stopped: {stopped}\n Images: {images}\n Server Version: {SERVER_VERSION}\n Storage Driver: overlay2\n  Backing Filesystem: extfs\n  Supports d_type: true\n  Using metacopy: false\n  Native Overlay Diff: true\n  userxattr: false\n Logging Driver: json-file\n Cgroup Driver: cgroupfs\n Cgroup Version: 2\n Plugins:\n  Volume: local\n  Network: bridge host ipvlan macvlan null overlay\n  Log: awslogs fluentd gelf journald json-file local splunk syslog\n CDI spec directories:\n  /etc/cdi\n  /var/run/cdi\n Swarm: inactive\n Runtimes: runc io.containerd.runc.v2\n Default Runtime: runc\n Init Binary: docker-init\n containerd version: \n runc version: {RUNC_COMMIT}\n init version: \n Security Options:\n  seccomp\n   Profile: builtin\n Kernel Version: {KERNEL}\n Operating System: Ubuntu 24.04.3 LTS (containerized)\n OSType: linux\n Architecture: x86_64\n CPUs: 2\n Total Memory: {MEMORY}\n Name: {name}\n ID: b1f0c3a2-7d54-4c1e-9a51-2f8c3d0e6b77\n Docker Root Dir: /var/lib/docker\n Debug Mode: false\n Experimental: false\n Insecure Registries:\n  ::1/128\n  127.0.0.0/8\n Live Restore Enabled: false\n\n",
            client_info()
        ))
        .await;
    0
}

/// Whether a template writes JSON, whose names are not everywhere those of the Go fields.
fn names_as_in_json(format: &str) -> bool {
    format.contains("json")
}

/// Fills a template whose own name is `name` with something of a type.
async fn templated(docker: &Docker, format: &str, json: &Json, name: &str, type_name: &str) -> i32 {
    let format = if format == "json" { "{{json .}}" } else { format };
    let named = |error: String| {
        error
            .replace("template: :", &format!("template: {name}:"))
            .replace("executing \"\"", &format!("executing \"{name}\""))
    };
    match template::render(format, json, type_name) {
        Ok(text) => {
            docker.out(format!("{text}\n")).await;
            0
        }
        Err(TemplateError::Parse(error)) => {
            docker.err(format!("template parsing error: {}\n", named(error))).await;
            64
        }
        Err(TemplateError::Execute(error)) => {
            docker.out("\n").await;
            docker.err(format!("{}\n", named(error))).await;
            1
        }
    }
}

/// Any command when `DOCKER_HOST` or `-H` names an engine that is not there.
pub async fn unreachable(docker: &Docker, parsed: &Parsed, host: &str) -> i32 {
    let message = match host.split_once("://") {
        Some(_) => format!("Cannot connect to the Docker daemon at {host}. Is the docker daemon running?"),
        None => {
            let path = first_request(parsed);
            let why = docker.call.sys.view(|w| w.machine.lookup_failure(host));
            format!("error during connect: Get \"http://{host}:2375/v{API_VERSION}{path}\": dial tcp: {why}")
        }
    };
    match parsed.typed.as_str() {
        "run" | "container run" | "create" | "container create" => {
            return docker.fail_run(&parsed.typed, &message, 125).await;
        }
        "build" | "image build" | "builder build" | "buildx build" => {
            docker.err(format!("ERROR: {message}\n")).await
        }
        "version" if parsed.has("format") => {
            let format = parsed.get("format").unwrap_or_default();
            let client = versions::client_only(names_as_in_json(format));
            // The template may ask for what only an engine knows; that it is not there is said in any case.
            let _status = templated(docker, format, &client, "version", "system.versionInfo").await;
            docker.err(format!("{message}\n")).await;
        }
        "version" => {
            docker.out(client_version()).await;
            docker.err(format!("{message}\n")).await;
        }
        "info" | "system info" => {
            docker.out(client_info()).await;
            docker.err(format!("{message}\n")).await;
        }
        _ => docker.err(format!("{message}\n")).await,
    }
    1
}

/// What a command asks the engine first.
fn first_request(parsed: &Parsed) -> String {
    let name = parsed.arg(0);
    match parsed.typed.split(' ').next_back().unwrap_or_default() {
        "images" => "/images/json".to_owned(),
        "ls" | "list" if parsed.typed.starts_with("image ") => "/images/json".to_owned(),
        "ls" | "list" if parsed.typed.starts_with("network ") => "/networks".to_owned(),
        "ls" | "list" if parsed.typed.starts_with("volume ") => "/volumes".to_owned(),
        "version" => "/version".to_owned(),
        "info" => "/info".to_owned(),
        "logs" | "inspect" => format!("/containers/{name}/json"),
        _ => "/containers/json".to_owned(),
    }
}

/// Asks before something is removed; `true` with `-f` or after `y`.
pub async fn confirmed(docker: &Docker, parsed: &Parsed, warning: &str) -> bool {
    if parsed.is("force") {
        return true;
    }
    docker.out(format!("{warning}Are you sure you want to continue? [y/N] ")).await;
    let line = docker.call.io.stdin.read_line().await.unwrap_or_default();
    matches!(String::from_utf8_lossy(&line).trim(), "y" | "Y")
}

pub async fn df(docker: Docker, parsed: Parsed) -> i32 {
    if parsed.is("verbose") {
        let sizes = volume_sizes(&docker);
        docker.out(docker.view(|engine, now| df_verbose(engine, &sizes, now))).await;
        return 0;
    }
    let sizes = volume_sizes(&docker);
    let rows = docker.view(|engine, _| {
        let images = engine.image_usage();
        let containers = engine.containers();
        let running = containers.iter().filter(|c| c.state.status.is_running()).count();
        let share = |part: u64, whole: u64| {
            (part * 100).checked_div(whole).map(|percent| format!(" ({percent}%)")).unwrap_or_default()
        };
        let volumes = engine.volumes.list().count();
        let used = engine.volumes.list().filter(|v| !engine.volume_users(&v.name).is_empty()).count();
        let held: u64 = sizes.values().sum();
        let free = |name: &&String| engine.volume_users(name).is_empty();
        let unused: u64 = sizes.keys().filter(free).filter_map(|name| sizes.get(name)).sum();
        let unused = format!("{}{}", format::size(unused, 4), share(unused, held));
        let cache = engine.cache_size();
        let line = |kind: &str, total: usize, active: usize, size: u64, free: String| {
            vec![
                ("Type", Json::from(kind)),
                ("TotalCount", Json::from(total.to_string())),
                ("Active", Json::from(active.to_string())),
                ("Size", Json::from(format::size(size, 4))),
                ("Reclaimable", Json::from(free)),
            ]
        };
        let free = images.reclaimable_bytes;
        vec![
            line(
                "Images",
                images.total,
                images.active,
                images.size_bytes,
                format!("{}{}", format::size(free, 4), share(free, images.size_bytes)),
            ),
            line("Containers", containers.len(), running, 0, "0B".to_owned()),
            line("Local Volumes", volumes, used, held, unused),
            line("Build Cache", engine.cache.records().len(), 0, cache, format::size(cache, 4)),
        ]
    });
    let listing = Listing {
        columns: vec![
            ("Type", "TYPE"),
            ("TotalCount", "TOTAL"),
            ("Active", "ACTIVE"),
            ("Size", "SIZE"),
            ("Reclaimable", "RECLAIMABLE"),
        ],
        more: &[],
        type_name: "*formatter.diskUsageImagesContext",
        quiet: "Type",
        raw: "",
        rows,
    };
    listing.print(&docker, parsed.get("format"), false).await
}

/// How many bytes every volume holds.
fn volume_sizes(docker: &Docker) -> BTreeMap<String, u64> {
    docker.call.sys.view(|w| {
        let names = w.machine.docker.volumes.list().map(|v| v.name.clone());
        names
            .map(|name| {
                let bytes = w.volumes.get(&name).map_or(0, |files| files.root().size());
                (name, bytes)
            })
            .collect()
    })
}

fn df_verbose(engine: &Engine, sizes: &BTreeMap<String, u64>, now: crate::base::SimTime) -> String {
    let table =
        |rows: Vec<Vec<String>>| crate::base::table::render(&rows, crate::base::table::Layout::DOCKER);
    let head = |names: &str| names.split('|').map(str::to_owned).collect::<Vec<String>>();
    let mut images = vec![head("REPOSITORY|TAG|IMAGE ID|CREATED|SIZE|SHARED SIZE|UNIQUE SIZE|CONTAINERS")];
    for stored in engine.images.list() {
        let id = &stored.image.id;
        let (size, shared) = (stored.image.size_bytes(), engine.shared_size(id));
        let users = engine.containers().iter().filter(|c| c.image.id == *id).count();
        let tags = engine.images.tags_of(id);
        let name = tags.first().and_then(|t| t.rsplit_once(':')).unwrap_or(("<none>", "<none>"));
        images.push(vec![
            name.0.to_owned(),
            name.1.to_owned(),
            id.short().to_owned(),
            format::ago(stored.image.created, now),
            format::size(size, 3),
            format::size(shared, 4),
            format::size(size - shared, 4),
            users.to_string(),
        ]);
    }
    let mut containers = vec![head("CONTAINER ID|IMAGE|COMMAND|LOCAL VOLUMES|SIZE|CREATED|STATUS|NAMES")];
    for c in engine.containers() {
        let volumes = c.mounts.iter().filter(|m| m.kind == "volume").count();
        containers.push(vec![
            c.id.short().to_owned(),
            engine.image_shown(c),
            format::quote(&format::ellipsis(&c.command(), 20)),
            volumes.to_string(),
            "0B".to_owned(),
            format::ago(c.created, now),
            ps::status(c, now),
            c.name.clone(),
        ]);
    }
    let mut volumes = vec![head("VOLUME NAME|LINKS|SIZE")];
    for v in engine.volumes.list() {
        let size = format::size(sizes.get(&v.name).copied().unwrap_or(0), 4);
        volumes.push(vec![v.name.clone(), engine.volume_users(&v.name).len().to_string(), size]);
    }
    let mut cache = vec![head("CACHE ID|CACHE TYPE|SIZE|CREATED|LAST USED|USAGE|SHARED")];
    let held = engine.held_chains();
    for r in engine.cache.records() {
        cache.push(vec![
            r.id[..12].to_owned(),
            r.kind.to_owned(),
            format::size(r.size_bytes, 4),
            format::ago(r.created, now),
            format::ago(r.last_used, now),
            r.usage_count.to_string(),
            r.is_shared(&held).to_string(),
        ]);
    }
    let used = format::size(engine.cache_size(), 4);
    format!(
        "Images space usage:\n\n{}\nContainers space usage:\n\n{}\nLocal Volumes space usage:\n\n{}\nBuild cache usage: {used}\n\n{}",
        table(images),
        table(containers),
        table(volumes),
        table(cache)
    )
}
