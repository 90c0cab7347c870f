//! What the flags of `run`, `create` and `update` say of limits, namespaces, names and logs, as the engine takes it.
//! Never judges it: the engine does.

use std::collections::BTreeMap;

use crate::machine::docker::host::{Isolation, Limits, LogConfig, Names};

use super::flags::Parsed;
use super::format;

fn bytes(parsed: &Parsed, name: &str) -> Option<i64> {
    let text = parsed.get(name)?;
    if text == "-1" {
        return Some(-1);
    }
    format::parse_bytes(text).and_then(|bytes| i64::try_from(bytes).ok())
}

/// Puts what was asked for over the limits there are.
pub fn change(parsed: &Parsed, limits: &mut Limits) {
    fn over<T>(field: &mut T, asked: Option<T>) {
        if let Some(asked) = asked {
            *field = asked;
        }
    }
    over(&mut limits.memory_bytes, bytes(parsed, "memory"));
    over(&mut limits.memory_swap_bytes, bytes(parsed, "memory-swap"));
    over(&mut limits.memory_reservation_bytes, bytes(parsed, "memory-reservation"));
    let cpus = parsed.get("cpus").and_then(|text| text.parse::<f64>().ok());
    over(&mut limits.nano_cpus, cpus.map(|cpus| (cpus * 1e9) as i64));
    over(&mut limits.cpu_shares, parsed.int("cpu-shares"));
    over(&mut limits.cpu_period_us, parsed.int("cpu-period"));
    over(&mut limits.cpu_quota_us, parsed.int("cpu-quota"));
    over(&mut limits.cpuset_cpus, parsed.get("cpuset-cpus").map(str::to_owned));
    over(&mut limits.cpuset_mems, parsed.get("cpuset-mems").map(str::to_owned));
    over(&mut limits.blkio_weight, parsed.int("blkio-weight"));
    if let Some(pids) = parsed.int("pids-limit") {
        limits.pids = (pids != 0).then_some(pids);
    }
    for (name, soft, hard) in parsed.all("ulimit").iter().filter_map(|text| ulimit(text)) {
        limits.ulimits.retain(|(known, ..)| *known != name);
        limits.ulimits.push((name, soft, hard));
    }
    limits.ulimits.sort();
}

/// `nofile=1024:2048`.
fn ulimit(text: &str) -> Option<(String, i64, i64)> {
    let (name, limits) = text.split_once('=')?;
    let (soft, hard) = limits.split_once(':').unwrap_or((limits, limits));
    Some((name.to_owned(), soft.parse().ok()?, hard.parse().ok()?))
}

/// `-o NAME=VALUE`, as often as it was given.
pub fn pairs(texts: &[String]) -> BTreeMap<String, String> {
    let pair = |text: &String| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        (name.to_owned(), value.to_owned())
    };
    texts.iter().map(pair).collect()
}

pub fn isolation(parsed: &Parsed) -> Isolation {
    let text = |name: &str| parsed.get(name).unwrap_or_default().to_owned();
    Isolation {
        cap_add: parsed.all("cap-add").to_vec(),
        cap_drop: parsed.all("cap-drop").to_vec(),
        security: parsed.all("security-opt").to_vec(),
        groups: parsed.all("group-add").to_vec(),
        pid: text("pid"),
        ipc: text("ipc"),
        uts: text("uts"),
        userns: text("userns"),
        cgroupns: text("cgroupns"),
        cgroup_parent: text("cgroup-parent"),
        runtime: text("runtime"),
        sysctls: pairs(parsed.all("sysctl")),
        devices: parsed.all("device").to_vec(),
        gpus: parsed.has("gpus"),
        shm_bytes: bytes(parsed, "shm-size").unwrap_or(0),
        oom_score_adj: parsed.int("oom-score-adj").unwrap_or(0),
    }
}

pub fn names(parsed: &Parsed) -> Names {
    Names {
        servers: parsed.all("dns").to_vec(),
        options: parsed.all("dns-option").to_vec(),
        search: parsed.all("dns-search").to_vec(),
        hosts: parsed.all("add-host").iter().map(|text| text.replacen('=', ":", 1)).collect(),
        links: parsed.all("link").to_vec(),
    }
}

pub fn log(parsed: &Parsed) -> LogConfig {
    LogConfig {
        driver: parsed.get("log-driver").unwrap_or_default().to_owned(),
        options: pairs(parsed.all("log-opt")),
    }
}
