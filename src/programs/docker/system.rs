//! `docker version`, `info`, `system df`, the prunes, `events`, `context ls`, and a daemon that does not answer.

use std::collections::BTreeMap;

use crate::machine::Engine;
use crate::machine::docker::Status;
use crate::machine::docker::events::Event;
use crate::machine::docker::inspect::Json;

use super::flags::Parsed;
use super::rows::Listing;
use super::template::{self, TemplateError};
use super::{CLIENT_BUILD, CLIENT_VERSION, Docker, format, images, ps};

/// The engine as Debian packages it.
const SERVER_VERSION: &str = "28.5.2+dfsg4";
const GO_VERSION: &str = "go1.24.3";
const API_VERSION: &str = "1.50";
const SERVER_API_VERSION: &str = "1.51";
const SERVER_GO_VERSION: &str = "go1.27.1";
const BUILT: &str = "Fri May 30 12:07:14 2025";
const SERVER_BUILD: &str = "3ef3c07c883be49a2e8097bcf6d2952fce1d70eb";
const SERVER_BUILT: &str = "Tue Sep 15 11:02:57 2026";
const CONTAINERD_VERSION: &str = "2.1.9+unknown";
const RUNC_VERSION: &str = "1.3.6+ds1";
const RUNC_COMMIT: &str = "1.3.6+ds1-1";
const KERNEL: &str = "6.6.105+";
const MEMORY: &str = "7.654GiB";

/// The client's half of `docker version`.
fn client_version() -> String {
    format!(
        "Client:\n Version:           {CLIENT_VERSION}\n API version:       {API_VERSION}\n Go version:        {GO_VERSION}\n Git commit:        {CLIENT_BUILD}\n Built:             {BUILT}\n OS/Arch:           linux/amd64\n Context:           default\n"
    )
}

pub async fn version(docker: Docker, parsed: Parsed) -> i32 {
    if let Some(format) = parsed.get("format") {
        return templated(&docker, format, &version_json()).await;
    }
    docker
        .out(format!(
            "{}\nServer:\n Engine:\n  Version:          {SERVER_VERSION}\n  API version:      {SERVER_API_VERSION} (minimum version 1.24)\n  Go version:       {SERVER_GO_VERSION}\n  Git commit:       {SERVER_BUILD}\n  Built:            {SERVER_BUILT}\n  OS/Arch:          linux/amd64\n  Experimental:     false\n containerd:\n  Version:          {CONTAINERD_VERSION}\n  GitCommit:        \n runc:\n  Version:          {RUNC_VERSION}\n  GitCommit:        {RUNC_COMMIT}\n docker-init:\n  Version:          0.19.0\n  GitCommit:        \n",
            client_version()
        ))
        .await;
    0
}

fn version_json() -> Json {
    let side = |version: &str, api: &str, commit: &str| {
        vec![
            ("Version", Json::from(version)),
            ("ApiVersion", Json::from(api)),
            ("APIVersion", Json::from(api)),
            ("GitCommit", Json::from(commit)),
            ("GoVersion", Json::from(GO_VERSION)),
            ("Os", Json::from("linux")),
            ("Arch", Json::from("amd64")),
        ]
    };
    Json::fields(vec![
        ("Client", Json::fields(side(CLIENT_VERSION, API_VERSION, CLIENT_BUILD))),
        ("Server", Json::fields(side(SERVER_VERSION, SERVER_API_VERSION, SERVER_BUILD))),
    ])
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
        let number = |n: usize| Json::from(n as u64);
        let json = Json::fields(vec![
            ("ID", Json::from("b1f0c3a2-7d54-4c1e-9a51-2f8c3d0e6b77")),
            ("Containers", number(all)),
            ("ContainersRunning", number(running)),
            ("ContainersPaused", number(paused)),
            ("ContainersStopped", number(stopped)),
            ("Images", number(images)),
            ("Driver", Json::from("overlay2")),
            ("LoggingDriver", Json::from("json-file")),
            ("CgroupDriver", Json::from("cgroupfs")),
            ("KernelVersion", Json::from(KERNEL)),
            ("OperatingSystem", Json::from("Ubuntu 24.04.3 LTS (containerized)")),
            ("OSType", Json::from("linux")),
            ("Architecture", Json::from("x86_64")),
            ("NCPU", Json::from(2i64)),
            ("Name", Json::from(name)),
            ("ServerVersion", Json::from(SERVER_VERSION)),
        ]);
        return templated(&docker, format, &json).await;
    }
    docker
        .out(format!(
            "{} Containers: {all}\n  Running: {running}\n  Paused: {paused}\n  Stopped: {stopped}\n Images: {images}\n Server Version: {SERVER_VERSION}\n Storage Driver: overlay2\n  Backing Filesystem: extfs\n  Supports d_type: true\n  Using metacopy: false\n  Native Overlay Diff: true\n  userxattr: false\n Logging Driver: json-file\n Cgroup Driver: cgroupfs\n Cgroup Version: 2\n Plugins:\n  Volume: local\n  Network: bridge host ipvlan macvlan null overlay\n  Log: awslogs fluentd gelf journald json-file local splunk syslog\n CDI spec directories:\n  /etc/cdi\n  /var/run/cdi\n Swarm: inactive\n Runtimes: runc io.containerd.runc.v2\n Default Runtime: runc\n Init Binary: docker-init\n containerd version: \n runc version: {RUNC_COMMIT}\n init version: \n Security Options:\n  seccomp\n   Profile: builtin\n Kernel Version: {KERNEL}\n Operating System: Ubuntu 24.04.3 LTS (containerized)\n OSType: linux\n Architecture: x86_64\n CPUs: 2\n Total Memory: {MEMORY}\n Name: {name}\n ID: b1f0c3a2-7d54-4c1e-9a51-2f8c3d0e6b77\n Docker Root Dir: /var/lib/docker\n Debug Mode: false\n Experimental: false\n Insecure Registries:\n  ::1/128\n  127.0.0.0/8\n Live Restore Enabled: false\n\n",
            client_info()
        ))
        .await;
    0
}

async fn templated(docker: &Docker, format: &str, json: &Json) -> i32 {
    let format = if format == "json" { "{{json .}}" } else { format };
    match template::render(format, json, "") {
        Ok(text) => {
            docker.out(format!("{text}\n")).await;
            0
        }
        Err(TemplateError::Parse(error) | TemplateError::Execute(error)) => {
            docker.err(format!("template parsing error: {error}\n")).await;
            if error.contains("unclosed") { 64 } else { 1 }
        }
    }
}

/// Any command when `DOCKER_HOST` or `-H` names an engine that is not there.
pub async fn unreachable(docker: &Docker, parsed: &Parsed, host: &str) -> i32 {
    let message = match host.split_once("://") {
        Some(_) => format!("Cannot connect to the Docker daemon at {host}. Is the docker daemon running?"),
        None => format!(
            "error during connect: Get \"http://{host}:2375/v{API_VERSION}/containers/json\": dial tcp: lookup {host}: no such host"
        ),
    };
    match parsed.typed.as_str() {
        "run" | "container run" | "create" | "container create" => {
            return docker.fail_run(&parsed.typed, &message, 125).await;
        }
        "build" | "image build" | "builder build" | "buildx build" => {
            docker.err(format!("ERROR: {message}\n")).await
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

/// Asks before something is removed; `true` with `-f` or after `y`.
pub async fn confirmed(docker: &Docker, parsed: &Parsed, warning: &str) -> bool {
    if parsed.is("force") {
        return true;
    }
    docker.out(format!("{warning}Are you sure you want to continue? [y/N] ")).await;
    let line = docker.call.io.stdin.read_line().await.unwrap_or_default();
    matches!(String::from_utf8_lossy(&line).trim(), "y" | "Y")
}

fn reclaimed(bytes: u64) -> String {
    format!("Total reclaimed space: {}\n", format::size(bytes, 4))
}

pub async fn prune_containers(docker: Docker, parsed: Parsed) -> i32 {
    if confirmed(&docker, &parsed, "WARNING! This will remove all stopped containers.\n").await {
        let ids = docker.engine(|engine, now| engine.prune_containers(now));
        docker.out(deleted("Deleted Containers:", &ids)).await;
        docker.out(reclaimed(0)).await;
    }
    0
}

pub async fn prune_images(docker: Docker, parsed: Parsed) -> i32 {
    let all = parsed.is("all");
    let which =
        if all { "images without at least one container associated to them" } else { "dangling images" };
    if confirmed(&docker, &parsed, &format!("WARNING! This will remove all {which}.\n")).await {
        let (done, bytes) = docker.engine(|engine, _| engine.prune_images(all));
        if !done.is_empty() {
            docker.out(format!("Deleted Images:\n{}\n", images::removals(&done, false))).await;
        }
        docker.out(reclaimed(bytes)).await;
    }
    0
}

pub async fn prune_builder(docker: Docker, parsed: Parsed) -> i32 {
    let which = if parsed.is("all") { "build cache" } else { "dangling build cache" };
    if confirmed(&docker, &parsed, &format!("WARNING! This will remove all {which}.\n")).await {
        let (bytes, records) = docker.engine(|engine, _| (engine.cache_size(), engine.cache.prune()));
        let ids: Vec<String> = records.iter().map(|r| r.id.clone()).collect();
        docker.out(deleted("Deleted build cache objects:", &ids)).await;
        docker.out(reclaimed(bytes)).await;
    }
    0
}

fn deleted(title: &str, ids: &[String]) -> String {
    if ids.is_empty() { String::new() } else { format!("{title}\n{}\n\n", ids.join("\n")) }
}

pub async fn prune(docker: Docker, parsed: Parsed) -> i32 {
    let (all, volumes) = (parsed.is("all"), parsed.is("volumes"));
    let mut warning = String::from(
        "WARNING! This will remove:\n  - all stopped containers\n  - all networks not used by at least one container\n",
    );
    if volumes {
        warning.push_str("  - all anonymous volumes not used by at least one container\n");
    }
    let which =
        if all { "images without at least one container associated to them" } else { "dangling images" };
    let cache = if all { "build cache" } else { "unused build cache" };
    warning.push_str(&format!("  - all {which}\n  - {cache}\n\n"));
    if !confirmed(&docker, &parsed, &warning).await {
        return 0;
    }
    let containers = docker.engine(|engine, now| engine.prune_containers(now));
    docker.out(deleted("Deleted Containers:", &containers)).await;
    let networks = docker.engine(|engine, _| engine.networks.prune());
    docker.out(deleted("Deleted Networks:", &networks)).await;
    if volumes {
        let names = docker.engine(|engine, _| engine.prune_volumes(false));
        docker.out(deleted("Deleted Volumes:", &names)).await;
    }
    let (cached, records, (done, bytes)) =
        docker.engine(|engine, _| (engine.cache_size(), engine.cache.prune(), engine.prune_images(all)));
    if !done.is_empty() {
        docker.out(format!("Deleted Images:\n{}\n", images::removals(&done, false))).await;
    }
    let ids: Vec<String> = records.iter().map(|r| r.id.clone()).collect();
    docker.out(deleted("Deleted build cache objects:", &ids)).await;
    docker.out(reclaimed(bytes + cached)).await;
    0
}

pub async fn df(docker: Docker, parsed: Parsed) -> i32 {
    if parsed.is("verbose") {
        docker.out(docker.view(df_verbose)).await;
        return 0;
    }
    let rows = docker.view(|engine, _| {
        let images = engine.image_usage();
        let containers = engine.containers();
        let running = containers.iter().filter(|c| c.state.status.is_running()).count();
        let share = |part: u64, whole: u64| {
            (part * 100).checked_div(whole).map(|percent| format!(" ({percent}%)")).unwrap_or_default()
        };
        let volumes = engine.volumes.list().count();
        let used = engine.volumes.list().filter(|v| !engine.volume_users(&v.name).is_empty()).count();
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
            line("Local Volumes", volumes, used, 0, "0B".to_owned()),
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
        type_name: "*formatter.diskUsageContext",
        quiet: "Type",
        rows,
    };
    listing.print(&docker, parsed.get("format"), false).await
}

fn df_verbose(engine: &Engine, now: crate::base::SimTime) -> String {
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
        volumes.push(vec![v.name.clone(), engine.volume_users(&v.name).len().to_string(), "0B".to_owned()]);
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

pub async fn events(docker: Docker, parsed: Parsed) -> i32 {
    let mut seen = if parsed.has("since") { 0 } else { docker.view(|engine, _| engine.events.latest()) };
    loop {
        let (fresh, epoch) = docker.call.sys.with(|w| {
            let epoch = w.epoch();
            (w.machine.docker.events.after(seen).cloned().collect::<Vec<Event>>(), epoch)
        });
        for event in &fresh {
            seen = event.number;
            if passes(event, parsed.all("filter")) {
                docker.out(event_line(event)).await;
            }
        }
        if parsed.has("until") {
            return 0;
        }
        docker.call.sys.changed(epoch).await;
    }
}

fn passes(event: &Event, filters: &[String]) -> bool {
    filters.iter().filter_map(|f| f.split_once('=')).all(|(name, value)| match name {
        "event" => event.action == value,
        "type" => event.kind == value,
        "container" => {
            event.id.starts_with(value) || event.attributes.get("name").is_some_and(|n| n == value)
        }
        "image" => event.attributes.get("image").is_some_and(|i| i == value) || event.id == value,
        _ => true,
    })
}

fn event_line(event: &Event) -> String {
    let attributes: &BTreeMap<String, String> = &event.attributes;
    let list: Vec<String> = attributes.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let tail = if list.is_empty() { String::new() } else { format!(" ({})", list.join(", ")) };
    format!("{} {} {} {}{tail}\n", event.at.rfc3339_nanos(), event.kind, event.action, event.id)
}
