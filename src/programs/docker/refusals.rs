//! What the client refuses about `docker run` and `create` once all flags are read, before it asks the engine
//! (docker/cli: cli/command/container/opts.go, in its order). Never asks the engine either.

use super::flags::Parsed;
use super::{Docker, create, joining, mounts};

/// Namespaces that can be shared: the flag, what it may be besides `container:NAME`, and its name in the complaint.
const NAMESPACES: &[(&str, &[&str], &str)] = &[
    ("pid", &["host", "private"], "PID"),
    ("uts", &["host"], "UTS"),
    ("userns", &["host"], "USER"),
    ("cgroupns", &["host", "private"], "CGROUP"),
];
const DURATIONS: &[&str] =
    &["health-interval", "health-timeout", "health-start-period", "health-start-interval"];

/// Why the flags do not go together, as docker says it behind `docker: `.
pub fn of_container(docker: &Docker, parsed: &Parsed) -> Option<String> {
    let pull = parsed.get("pull").unwrap_or("missing");
    if !matches!(pull, "always" | "missing" | "never" | "") {
        return Some(format!(
            "invalid pull option: '{pull}': must be one of \"always\", \"missing\" or \"never\""
        ));
    }
    mac(parsed)
        .or_else(|| swappiness(parsed))
        .or_else(|| parsed.all("volume").iter().find_map(|v| mounts::refusal_of_volume(v)))
        .or_else(|| parsed.all("publish").iter().find_map(|p| joining::port_bindings(p).err()))
        .or_else(|| parsed.all("expose").iter().find_map(|e| expose(e)))
        .or_else(|| files(docker, parsed))
        .or_else(|| namespaces(parsed))
        .or_else(|| parsed.get("restart").and_then(|r| create::restart_policy(r).err()))
        .or_else(|| options(parsed))
        .or_else(|| health(parsed))
        .or_else(|| network(parsed))
        .or_else(|| cidfile(docker, parsed))
}

fn mac(parsed: &Parsed) -> Option<String> {
    let text = parsed.get("mac-address").filter(|text| !text.is_empty())?;
    let parts: Vec<&str> = text.split([':', '-']).collect();
    let octet = |part: &&str| part.len() == 2 && u8::from_str_radix(part, 16).is_ok();
    let good = matches!(parts.len(), 6 | 8 | 20) && parts.iter().all(octet);
    (!good).then(|| format!("{text} is not a valid mac address"))
}

fn swappiness(parsed: &Parsed) -> Option<String> {
    let value = parsed.int("memory-swappiness").filter(|v| !(-1..=100).contains(v))?;
    Some(format!("invalid value: {value}. Valid memory swappiness range is 0-100"))
}

fn expose(text: &str) -> Option<String> {
    if text.contains(':') {
        return Some(format!("invalid port format for --expose: {text}"));
    }
    // What stands behind the slash is nobody's business here.
    let (ports, _) = text.split_once('/').unwrap_or((text, "tcp"));
    let bad = ports.split('-').find(|p| p.parse::<u16>().is_err());
    bad.map(|bad| {
        let shown = super::format::quote(bad);
        format!(
            "invalid range format for --expose: {text}, error: strconv.ParseUint: parsing {shown}: invalid syntax"
        )
    })
}

/// Files of variables and labels must be there.
fn files(docker: &Docker, parsed: &Parsed) -> Option<String> {
    let all = parsed.all("env-file").iter().chain(parsed.all("label-file"));
    let missing = all.into_iter().find(|path| !docker.call.sys.exists(&docker.call.path(path)))?;
    Some(format!("open {missing}: no such file or directory"))
}

fn namespaces(parsed: &Parsed) -> Option<String> {
    NAMESPACES.iter().find_map(|(flag, known, name)| {
        let value = parsed.get(flag)?;
        let shared = *flag == "pid" && value.strip_prefix("container:").is_some_and(|c| !c.is_empty());
        let good = value.is_empty() || known.contains(&value) || shared;
        (!good).then(|| format!("--{flag}: invalid {name} mode"))
    })
}

fn options(parsed: &Parsed) -> Option<String> {
    if parsed.get("log-driver") == Some("none") && parsed.has("log-opt") {
        return Some("invalid logging opts for driver none".to_owned());
    }
    let known =
        |text: &str| text.contains(['=', ':']) || matches!(text, "no-new-privileges" | "writable-cgroups");
    if let Some(bad) = parsed.all("security-opt").iter().find(|o| !known(o)) {
        return Some(format!("Invalid --security-opt: {}", super::format::quote(bad)));
    }
    let bad = parsed.all("storage-opt").iter().any(|o| !o.contains('='));
    bad.then(|| "invalid storage option".to_owned())
}

fn health(parsed: &Parsed) -> Option<String> {
    let given =
        parsed.has("health-cmd") || parsed.has("health-retries") || DURATIONS.iter().any(|f| parsed.has(f));
    if parsed.is("no-healthcheck") && given {
        return Some("--no-healthcheck conflicts with --health-* options".to_owned());
    }
    let negative = |flag: &&&str| parsed.get(flag).is_some_and(|v| v.starts_with('-'));
    let bad = DURATIONS.iter().find(negative).copied();
    let bad = bad.or_else(|| parsed.int("health-retries").filter(|n| *n < 0).map(|_| "health-retries"));
    bad.map(|flag| format!("--{flag} cannot be negative"))
}

fn network(parsed: &Parsed) -> Option<String> {
    parsed.all("network").iter().any(String::is_empty).then(|| "no name set for network".to_owned())
}

fn cidfile(docker: &Docker, parsed: &Parsed) -> Option<String> {
    let path = parsed.get("cidfile")?;
    docker.call.sys.exists(&docker.call.path(path)).then(|| {
        format!("container ID file found, make sure the other container isn't running or delete {path}")
    })
}
