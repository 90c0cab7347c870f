//! `docker inspect` and its forms for one kind of thing.

use crate::machine::Engine;
use crate::machine::docker::EngineError;
use crate::machine::docker::inspect::{self, Json};

use super::Docker;
use super::flags::Parsed;
use super::template::{self, TemplateError};

/// How one thing is looked up.
type Find = fn(&Engine, &str) -> Result<Json, EngineError>;

fn find_container(engine: &Engine, name: &str) -> Result<Json, EngineError> {
    engine.find(name).map(|c| inspect::container(engine, c))
}

fn find_image(engine: &Engine, name: &str) -> Result<Json, EngineError> {
    engine.images.find(name).map(|stored| inspect::image(engine, stored))
}

fn find_network(engine: &Engine, name: &str) -> Result<Json, EngineError> {
    let found = engine.networks.find(name).map(|n| inspect::network(engine, n));
    found.ok_or_else(|| EngineError::not_found(format!("network {name} not found")))
}

fn find_volume(engine: &Engine, name: &str) -> Result<Json, EngineError> {
    let found = engine.volumes.find(name).map(inspect::volume);
    found.ok_or_else(|| EngineError::not_found(format!("get {name}: no such volume")))
}

const TYPES: &[(&str, Find)] = &[
    ("container", find_container),
    ("image", find_image),
    ("network", find_network),
    ("volume", find_volume),
];

pub async fn any(docker: Docker, parsed: Parsed) -> i32 {
    let Some(wanted) = parsed.get("type") else { return print(docker, parsed, None).await };
    match TYPES.iter().find(|(name, _)| *name == wanted) {
        Some((_, find)) => print(docker, parsed, Some(*find)).await,
        None => {
            docker
                .err(format!(
                    "unknown type: \"{wanted}\": must be one of \"config\", \"container\", \"image\", \"network\", \"node\", \"plugin\", \"secret\", \"service\", \"task\", \"volume\"\n"
                ))
                .await;
            1
        }
    }
}

pub async fn container(docker: Docker, parsed: Parsed) -> i32 {
    print(docker, parsed, Some(find_container)).await
}

pub async fn image(docker: Docker, parsed: Parsed) -> i32 {
    print(docker, parsed, Some(find_image)).await
}

pub async fn network(docker: Docker, parsed: Parsed) -> i32 {
    print(docker, parsed, Some(find_network)).await
}

pub async fn volume(docker: Docker, parsed: Parsed) -> i32 {
    print(docker, parsed, Some(find_volume)).await
}

/// Looks up one name; without a kind, every kind is tried in turn.
fn look_up(engine: &Engine, name: &str, find: Option<Find>) -> Result<Json, String> {
    if name.trim().is_empty() {
        return Err("invalid container name or ID: value is empty".to_owned());
    }
    match find {
        Some(find) => find(engine, name).map_err(|error| format!("Error response from daemon: {error}")),
        None => TYPES
            .iter()
            .find_map(|(_, find)| find(engine, name).ok())
            .ok_or_else(|| format!("Error: No such object: {name}")),
    }
}

async fn print(docker: Docker, parsed: Parsed, find: Option<Find>) -> i32 {
    if let Some(TemplateError::Parse(error)) = template_of(&parsed).and_then(parse_error) {
        docker.err(format!("template parsing error: {error}\n")).await;
        return 64;
    }
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for name in &parsed.args {
        match docker.view(|engine, _| look_up(engine, name, find)) {
            Ok(json) => found.push(with_size(&docker, json, parsed.is("size"))),
            Err(error) => errors.push(error),
        }
    }
    show(&docker, &parsed, found, errors).await
}

fn template_of(parsed: &Parsed) -> Option<&str> {
    parsed.get("format").filter(|f| !f.is_empty() && *f != "json")
}

/// Prints what was found, by the template or as a list, then what was not.
pub async fn show(docker: &Docker, parsed: &Parsed, found: Vec<Json>, errors: Vec<String>) -> i32 {
    let Some(format) = template_of(parsed) else {
        let list = Json::List(found);
        let text = match &list {
            Json::List(items) if items.is_empty() => "[]".to_owned(),
            list if parsed.get("format") == Some("json") => list.compact(),
            list => list.pretty(),
        };
        docker.out(format!("{text}\n")).await;
        return report(docker, errors).await;
    };
    for json in &found {
        // What the Go types have no field for is looked up once more in the JSON, where everything is a map.
        let typed = if format.contains("json") { json.clone() } else { as_typed("", json) };
        let filled = match template::render(format, &typed, "") {
            Err(TemplateError::Execute(_)) => template::render_raw(format, &as_raw(json)),
            typed => typed,
        };
        match filled {
            Ok(text) => docker.out(format!("{text}\n")).await,
            Err(TemplateError::Parse(error) | TemplateError::Execute(error)) => {
                docker.out("\n").await;
                docker.err(format!("template parsing error: {error}\n")).await;
                return 1;
            }
        }
    }
    if found.is_empty() {
        docker.out("\n").await;
    }
    report(docker, errors).await
}

/// JSON names of fields that Go names otherwise.
const GO_NAMES: &[(&str, &str)] = &[
    ("Id", "ID"),
    ("CpuShares", "CPUShares"),
    ("NanoCpus", "NanoCPUs"),
    ("CpuPeriod", "CPUPeriod"),
    ("CpuQuota", "CPUQuota"),
    ("CpuRealtimePeriod", "CPURealtimePeriod"),
    ("CpuRealtimeRuntime", "CPURealtimeRuntime"),
    ("CpuCount", "CPUCount"),
    ("CpuPercent", "CPUPercent"),
    ("Dns", "DNS"),
    ("DnsOptions", "DNSOptions"),
    ("DnsSearch", "DNSSearch"),
    ("HostIp", "HostIP"),
];
/// Lists and maps that JSON writes as null when nothing is in them; `%v` of Go's prints them empty.
const LISTS: &[&str] = &[
    "Aliases",
    "Binds",
    "CapAdd",
    "CapDrop",
    "Cmd",
    "Config",
    "DNSNames",
    "DeviceCgroupRules",
    "DeviceRequests",
    "Entrypoint",
    "ExecIDs",
    "ExtraHosts",
    "GroupAdd",
    "Links",
    "OnBuild",
    "SecondaryIPAddresses",
    "SecondaryIPv6Addresses",
    "SecurityOpt",
    "VolumesFrom",
];
const MAPS: &[&str] = &["DriverOpts", "ExposedPorts", "Labels", "Options", "Volumes"];

/// Fields of a Go struct that JSON leaves out when they are not set: the field that holds the struct, one that is
/// always in it, and what is left out.
fn left_out(holder: &str, fields: &[(String, Json)]) -> Vec<(&'static str, Json)> {
    let has = |name: &str| fields.iter().any(|(n, _)| n == name);
    let map = || Json::Map(Vec::new());
    match holder {
        "" if has("RestartCount") => vec![("SizeRw", Json::Null), ("SizeRootFs", Json::Null)],
        "State" => vec![("Health", Json::Null)],
        "Config" if has("Env") => {
            vec![("Healthcheck", Json::Null), ("ExposedPorts", map()), ("StopSignal", Json::from(""))]
        }
        "HostConfig" => vec![
            ("Tmpfs", map()),
            ("Sysctls", map()),
            ("Init", Json::Null),
            ("Mounts", Json::List(Vec::new())),
        ],
        "Config" if has("Subnet") => {
            vec![("IPRange", Json::from("")), ("Gateway", Json::from("")), ("AuxAddress", map())]
        }
        "Mounts" => vec![("Name", Json::from("")), ("Driver", Json::from(""))],
        _ => Vec::new(),
    }
}

/// A thing as the Go types have it.
fn as_typed(holder: &str, json: &Json) -> Json {
    match json {
        Json::Null if LISTS.contains(&holder) => Json::List(Vec::new()),
        Json::Null if MAPS.contains(&holder) => Json::Map(Vec::new()),
        Json::List(items) => Json::List(items.iter().map(|item| as_typed(holder, item)).collect()),
        Json::Map(entries) => {
            Json::Map(entries.iter().map(|(key, v)| (key.clone(), as_typed("", v))).collect())
        }
        Json::Struct(fields) => {
            let go = |name: &str| {
                GO_NAMES
                    .iter()
                    .find(|(json, _)| *json == name)
                    .map_or(name.to_owned(), |(_, go)| (*go).to_owned())
            };
            let mut typed: Vec<(String, Json)> =
                fields.iter().map(|(name, value)| (go(name), as_typed(name, value))).collect();
            for (name, value) in left_out(holder, fields) {
                if !fields.iter().any(|(known, _)| known == name) {
                    typed.push((name.to_owned(), value));
                }
            }
            Json::Struct(typed)
        }
        other => other.clone(),
    }
}

/// A thing as its JSON is read back: maps all the way down.
fn as_raw(json: &Json) -> Json {
    match json {
        Json::List(items) => Json::List(items.iter().map(as_raw).collect()),
        Json::Struct(fields) | Json::Map(fields) => {
            Json::map(fields.iter().map(|(name, value)| (name.clone(), as_raw(value))))
        }
        other => other.clone(),
    }
}

fn parse_error(format: &str) -> Option<TemplateError> {
    template::render(format, &Json::Map(Vec::new()), "")
        .err()
        .filter(|e| matches!(e, TemplateError::Parse(_)))
}

async fn report(docker: &Docker, errors: Vec<String>) -> i32 {
    if errors.is_empty() {
        return 0;
    }
    docker.err(format!("{}\n", errors.join("\n"))).await;
    1
}

/// With `-s`, a container also tells its sizes.
fn with_size(docker: &Docker, json: Json, sized: bool) -> Json {
    let root_bytes = match &json {
        Json::Struct(fields) => {
            let id = fields.iter().find(|(name, _)| name == "Id").map(|(_, id)| id.go_print());
            let bytes =
                |engine: &Engine| engine.find(&id.unwrap_or_default()).map_or(0, |c| c.image.size_bytes());
            docker.view(|engine, _| bytes(engine))
        }
        _ => 0,
    };
    match json {
        Json::Struct(mut fields) if sized && fields.iter().any(|(name, _)| name == "RestartCount") => {
            let at = fields.iter().position(|(name, _)| name == "GraphDriver").map_or(0, |p| p + 1);
            fields.insert(at, ("SizeRw".to_owned(), Json::from(0i64)));
            fields.insert(at + 1, ("SizeRootFs".to_owned(), Json::from(root_bytes)));
            Json::Struct(fields)
        }
        other => other,
    }
}
