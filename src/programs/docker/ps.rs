//! `docker ps`: lists containers. Never changes them.

use crate::base::SimTime;
use crate::machine::Engine;
use crate::machine::docker::container::{Container, Status};
use crate::machine::docker::health::HealthStatus;
use crate::machine::docker::inspect::{Json, addresses};

use super::flags::Parsed;
use super::rows::Listing;
use super::{Docker, filters, format};

/// What `--format raw` means.
const RAW: &str = "container_id: {{.ID}}\nimage: {{.Image}}\ncommand: {{.Command}}\ncreated_at: {{.CreatedAt}}\nstate: {{- pad .State 1 0}}\nstatus: {{- pad .Status 1 0}}\nnames: {{.Names}}\nlabels: {{- pad .Labels 1 0}}\nports: {{- pad .Ports 1 0}}\n";
/// Filters that exist.
const FILTERS: &[&str] = &[
    "id",
    "name",
    "status",
    "exited",
    "ancestor",
    "label",
    "before",
    "since",
    "volume",
    "network",
    "publish",
    "expose",
    "health",
    "is-task",
    "isolation",
];
/// What a container can be, in the engine's order.
const STATES: &[&str] = &["created", "running", "paused", "restarting", "removing", "exited", "dead"];
/// How a container's health can be.
const HEALTH: &[&str] = &["none", "starting", "healthy", "unhealthy"];

pub async fn run(docker: Docker, parsed: Parsed) -> i32 {
    if let Some(error) = docker.view(|engine, _| bad_value(engine, &parsed)) {
        docker.err(format!("Error response from daemon: {error}\n")).await;
        return 1;
    }
    for filter in parsed.all("filter") {
        let name = filter.split('=').next().unwrap_or_default();
        if !FILTERS.contains(&name) {
            docker.err(format!("Error response from daemon: invalid filter '{name}'\n")).await;
            return 1;
        }
    }
    let listing = docker.view(|engine, now| listing(engine, now, &parsed));
    listing.print(&docker, parsed.get("format"), parsed.is("quiet")).await
}

fn listing(engine: &Engine, now: SimTime, parsed: &Parsed) -> Listing {
    let last = if parsed.is("latest") { Some(1) } else { parsed.int("last").filter(|n| *n > 0) };
    let filters = parsed.all("filter");
    let by_state = filters.iter().any(|f| f.starts_with("status=") || f.starts_with("exited="));
    let all = parsed.is("all") || last.is_some() || by_state;
    let shown = engine
        .containers()
        .into_iter()
        .filter(|c| all || c.state.status.is_running() || c.state.status == Status::Restarting);
    let shown = shown.filter(|c| passes(engine, c, filters)).take(last.map_or(usize::MAX, |n| n as usize));
    let full = parsed.is("no-trunc");
    let mut columns = vec![
        ("ID", "CONTAINER ID"),
        ("Image", "IMAGE"),
        ("Command", "COMMAND"),
        ("RunningFor", "CREATED"),
        ("Status", "STATUS"),
        ("Ports", "PORTS"),
        ("Names", "NAMES"),
    ];
    let sized = parsed.is("size")
        || parsed.get("format").is_some_and(|f| f.contains("Size") || f.contains("{{json .}}"));
    if parsed.is("size") {
        columns.push(("Size", "SIZE"));
    }
    Listing {
        columns,
        more: &[
            ("CreatedAt", "CREATED AT"),
            ("Labels", "LABELS"),
            ("Mounts", "MOUNTS"),
            ("LocalVolumes", "LOCAL VOLUMES"),
            ("Networks", "NETWORKS"),
            ("State", "STATE"),
            ("Platform", "PLATFORM"),
            ("Size", "SIZE"),
        ],
        type_name: "*formatter.ContainerContext",
        quiet: "ID",
        raw: RAW,
        rows: shown.map(|c| row(engine, c, now, full, sized)).collect(),
    }
}

fn row(engine: &Engine, c: &Container, now: SimTime, full: bool, sized: bool) -> Vec<(&'static str, Json)> {
    let command = if full { c.command() } else { format::ellipsis(&c.command(), 20) };
    let id = if full { c.id.0.clone() } else { c.id.short().to_owned() };
    let labels: Vec<String> = c.labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let mounts: Vec<String> = c
        .mounts
        .iter()
        .map(|m| if m.name.is_empty() { m.source.clone() } else { m.name.clone() })
        .map(|m| if full { m } else { format::ellipsis(&m, 15) })
        .collect();
    let volumes = c.mounts.iter().filter(|m| m.kind == "volume").count();
    let size = if sized {
        format!("0B (virtual {})", format::size(c.image.size_bytes(), 3))
    } else {
        "0B".to_owned()
    };
    vec![
        ("ID", Json::from(id)),
        ("Image", Json::from(engine.image_shown(c))),
        ("Command", Json::from(format::quote(&command))),
        ("CreatedAt", Json::from(format::go_time(c.created))),
        ("RunningFor", Json::from(format::ago(c.created, now))),
        ("Status", Json::from(status(c, now))),
        ("State", Json::from(c.state.status.name())),
        ("Ports", Json::from(ports(c))),
        ("Names", Json::from(c.name.as_str())),
        ("Labels", Json::from(labels.join(","))),
        ("Mounts", Json::from(mounts.join(","))),
        ("LocalVolumes", Json::from(volumes.to_string())),
        ("Networks", Json::from(c.network())),
        ("Platform", Json::Null),
        ("Size", Json::from(size)),
    ]
}

/// `Up 2 seconds`, `Exited (0) 3 minutes ago`.
pub fn status(c: &Container, now: SimTime) -> String {
    let since = |at: Option<SimTime>| format::duration(now.since(at.unwrap_or(now)));
    let s = &c.state;
    match s.status {
        Status::Created => "Created".to_owned(),
        Status::Running => format!("Up {}{}", since(s.started), health(c)),
        Status::Paused => format!("Up {} (Paused)", since(s.started)),
        Status::Restarting => format!("Restarting ({}) {} ago", s.exit_code, since(s.finished)),
        Status::Exited => format!("Exited ({}) {} ago", s.exit_code, since(s.finished)),
        Status::Dead => "Dead".to_owned(),
    }
}

fn health(c: &Container) -> String {
    match c.state.health.as_ref().map(|h| h.status) {
        None => String::new(),
        Some(HealthStatus::Starting) => " (health: starting)".to_owned(),
        Some(status) => format!(" ({})", status.name()),
    }
}

/// `80/tcp, 0.0.0.0:4000->80/tcp, [::]:4000->80/tcp`, sorted as docker sorts: by container port, private ones first.
fn ports(c: &Container) -> String {
    if !c.state.status.is_running() || !c.has_ports() {
        return String::new();
    }
    let number = |port: &str| port.split('/').next().and_then(|n| n.parse::<u16>().ok()).unwrap_or(0);
    let published =
        |port: &str| c.published.iter().any(|p| format!("{}/{}", p.container_port, p.protocol) == port);
    let mut all: Vec<Shown> = c
        .exposed
        .iter()
        .filter(|e| !published(e))
        .map(|e| Shown { ip: String::new(), private: number(e), public: 0, protocol: protocol(e) })
        .collect();
    for p in &c.published {
        all.extend(addresses(p).into_iter().map(|ip| Shown {
            ip,
            private: p.container_port,
            public: p.host_port,
            protocol: p.protocol.clone(),
        }));
    }
    displayable(all)
}

/// A port as a row shows it.
struct Shown {
    ip: String,
    private: u16,
    /// 0: not published.
    public: u16,
    protocol: String,
}

fn protocol(port: &str) -> String {
    port.split_once('/').map_or("tcp", |(_, protocol)| protocol).to_owned()
}

/// As docker/cli's formatter: DisplayablePorts. Neighbours with the same number on both sides become one range; those
/// with another number outside come last.
fn displayable(mut all: Vec<Shown>) -> String {
    all.sort_by(|a, b| {
        (a.private, &a.ip, a.public, &a.protocol).cmp(&(b.private, &b.ip, b.public, &b.protocol))
    });
    let mut mapped = Vec::new();
    let mut shown = Vec::new();
    let mut groups: Vec<(String, String, u16, u16)> = Vec::new();
    for port in all {
        let ip = if port.ip.contains(':') { format!("[{}]", port.ip) } else { port.ip };
        if !ip.is_empty() && port.public != port.private {
            mapped.push(format!("{ip}:{}->{}/{}", port.public, port.private, port.protocol));
            continue;
        }
        let group =
            groups.iter_mut().find(|(known, protocol, ..)| *known == ip && *protocol == port.protocol);
        match group {
            Some((.., last)) if port.private == *last + 1 => *last = port.private,
            Some(group) => {
                shown.push(group_of_ports(group));
                (group.2, group.3) = (port.private, port.private);
            }
            None => groups.push((ip, port.protocol, port.private, port.private)),
        }
    }
    shown.extend(groups.iter().map(group_of_ports));
    shown.extend(mapped);
    shown.join(", ")
}

fn group_of_ports((ip, protocol, first, last): &(String, String, u16, u16)) -> String {
    let range = if first == last { first.to_string() } else { format!("{first}-{last}") };
    match ip.as_str() {
        "" => format!("{range}/{protocol}"),
        ip => format!("{ip}:{range}->{range}/{protocol}"),
    }
}

/// What the engine refuses about the filters' values.
fn bad_value(engine: &Engine, parsed: &Parsed) -> Option<String> {
    let one_of = |name: &str, what: &str, known: &[&str]| {
        let value = filters::values(parsed, name).into_iter().find(|value| !known.contains(value))?;
        let list = known.join(", ");
        Some(format!(
            "invalid filter '{name}={value}': invalid value for {what} ({value}): must be one of {list}"
        ))
    };
    let exited = filters::values(parsed, "exited").into_iter().find(|value| value.parse::<i64>().is_err());
    if let Some(value) = exited {
        let shown = format::quote(value);
        return Some(format!(
            "invalid filter 'exited={value}': strconv.Atoi: parsing {shown}: invalid syntax"
        ));
    }
    for name in ["publish", "expose"] {
        let ports =
            filters::values(parsed, name).into_iter().map(|v| v.split('/').next().unwrap_or_default());
        let mut ends = ports.flat_map(|range| range.split('-'));
        if let Some(bad) = ends.find(|end| end.parse::<u16>().is_err()) {
            let why = super::values::bad_number("ParseUint", bad);
            return Some(format!("error while looking up for {name} {bad}: {why}"));
        }
    }
    one_of("status", "state", STATES)
        .or_else(|| filters::truth(parsed, "is-task").err())
        .or_else(|| one_of("health", "health", HEALTH))
        .or_else(|| {
            let others = ["before", "since"].into_iter().flat_map(|name| filters::values(parsed, name));
            others.into_iter().find_map(|name| engine.find(name).err()).map(|error| error.to_string())
        })
}

/// Whether a container passes every filter; several of one name are alternatives.
fn passes(engine: &Engine, c: &Container, filters: &[String]) -> bool {
    let names: std::collections::BTreeSet<&str> =
        filters.iter().filter_map(|f| f.split('=').next()).collect();
    names.into_iter().all(|name| {
        let mut values = filters.iter().filter_map(|f| f.split_once('=')).filter(|(n, _)| *n == name);
        let any = values.any(|(_, value)| fits(engine, c, name, value));
        // Labels must all be there.
        match name {
            "label" => {
                filters.iter().filter_map(|f| f.strip_prefix("label=")).all(|v| fits(engine, c, "label", v))
            }
            _ => any,
        }
    })
}

fn fits(engine: &Engine, c: &Container, name: &str, value: &str) -> bool {
    let order = |text: &str| engine.find(text).map(|other| other.order).ok();
    match name {
        "id" => c.id.0.starts_with(value),
        "name" => regex::Regex::new(value).map_or_else(
            |_| c.name.contains(value),
            |r| r.is_match(&c.name) || r.is_match(&format!("/{}", c.name)),
        ),
        "status" => c.state.status.name() == value,
        "exited" => c.state.status == Status::Exited && c.state.exit_code.to_string() == value,
        "ancestor" => engine.images.find(value).is_ok_and(|s| s.image.id == c.image.id),
        "label" => match value.split_once('=') {
            Some((key, wanted)) => c.labels.get(key).is_some_and(|v| v == wanted),
            None => c.labels.contains_key(value),
        },
        "health" => c.state.health.as_ref().map_or("none", |h| h.status.name()) == value,
        "before" => order(value).is_some_and(|other| c.order < other),
        "since" => order(value).is_some_and(|other| c.order > other),
        "volume" => c.mounts.iter().any(|m| m.name == value || m.target == value || m.source == value),
        "network" => {
            c.network() == value
                || engine.networks.find(value).is_some_and(|n| n.endpoints.contains_key(&c.id))
        }
        // Nothing here is a task of a swarm's service.
        "is-task" => matches!(value, "0" | "f" | "F" | "false" | "FALSE" | "False"),
        "isolation" => value == "default",
        "publish" => c.published.iter().any(|p| value.starts_with(&p.host_port.to_string())),
        "expose" => c.exposed.iter().any(|e| e == value || e.split('/').next() == Some(value)),
        _ => false,
    }
}
