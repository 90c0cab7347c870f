//! What a container is given of the machine, as `docker inspect` shows it. Never changes it.

use std::collections::BTreeMap;

use super::Json;
use crate::machine::docker::container::Container;
use crate::machine::docker::host::{HostConfig, RestartPolicy};

const SHM_BYTES: i64 = 64 * 1024 * 1024;
const MASKED: &[&str] = &[
    "/proc/asound",
    "/proc/acpi",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
    "/sys/devices/virtual/powercap",
];
const READ_ONLY: &[&str] = &["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

pub fn host_config(c: &Container) -> Json {
    let h = &c.host;
    let int = |n: i64| Json::from(n);
    let empty = || Json::List(Vec::new());
    let (limits, isolation, names) = (&h.limits, &h.isolation, &h.names);
    let text = |text: &String| Json::from(text.as_str());
    let options = Json::map(h.log.options.iter().map(|(k, v)| (k.clone(), Json::from(v.as_str()))));
    let log = Json::fields(vec![("Type", Json::from(h.log.driver())), ("Config", options)]);
    let max_retries = match h.restart {
        RestartPolicy::OnFailure(n) => i64::from(n),
        _ => 0,
    };
    let restart =
        Json::fields(vec![("Name", Json::from(h.restart.name())), ("MaximumRetryCount", int(max_retries))]);
    let network = if h.network.is_empty() { "bridge" } else { &h.network };
    let mut fields = vec![
        ("Binds", Json::texts_or_null(h.binds.iter().filter(|b| b.contains(':')))),
        ("ContainerIDFile", text(&h.id_file)),
        ("LogConfig", log),
        ("NetworkMode", Json::from(network)),
        ("PortBindings", port_bindings(c)),
        ("RestartPolicy", restart),
        ("AutoRemove", Json::from(h.auto_remove)),
        ("VolumeDriver", Json::from("")),
        ("VolumesFrom", Json::texts_or_null(&h.volumes_from)),
        ("ConsoleSize", Json::List(vec![int(0), int(0)])),
        ("CapAdd", capabilities(&isolation.cap_add)),
        ("CapDrop", capabilities(&isolation.cap_drop)),
        ("CgroupnsMode", Json::from(or(&isolation.cgroupns, "host"))),
        ("Dns", Json::texts(&names.servers)),
        ("DnsOptions", Json::texts(&names.options)),
        ("DnsSearch", Json::texts(&names.search)),
        ("ExtraHosts", Json::texts_or_null(&names.hosts)),
        ("GroupAdd", Json::texts_or_null(&isolation.groups)),
        ("IpcMode", Json::from(or(&isolation.ipc, "private"))),
        ("Cgroup", Json::from("")),
        ("Links", Json::texts_or_null(&names.links)),
        ("OomScoreAdj", int(isolation.oom_score_adj)),
        ("PidMode", text(&isolation.pid)),
        ("Privileged", Json::from(h.privileged)),
        ("PublishAllPorts", Json::from(h.publish_all)),
        ("ReadonlyRootfs", Json::from(h.read_only_root)),
        ("SecurityOpt", security(h)),
        ("UTSMode", text(&isolation.uts)),
        ("UsernsMode", text(&isolation.userns)),
        ("ShmSize", int(if isolation.shm_bytes > 0 { isolation.shm_bytes } else { SHM_BYTES })),
        ("Runtime", Json::from(or(&isolation.runtime, "runc"))),
        ("Isolation", Json::from("")),
        ("CpuShares", int(limits.cpu_shares)),
        ("Memory", int(limits.memory_bytes)),
        ("NanoCpus", int(limits.nano_cpus)),
        ("CgroupParent", text(&isolation.cgroup_parent)),
        ("BlkioWeight", int(limits.blkio_weight)),
        ("BlkioWeightDevice", empty()),
        ("BlkioDeviceReadBps", empty()),
        ("BlkioDeviceWriteBps", empty()),
        ("BlkioDeviceReadIOps", empty()),
        ("BlkioDeviceWriteIOps", empty()),
        ("CpuPeriod", int(limits.cpu_period_us)),
        ("CpuQuota", int(limits.cpu_quota_us)),
        ("CpuRealtimePeriod", int(0)),
        ("CpuRealtimeRuntime", int(0)),
        ("CpusetCpus", text(&limits.cpuset_cpus)),
        ("CpusetMems", text(&limits.cpuset_mems)),
        ("Devices", devices(h)),
        ("DeviceCgroupRules", Json::Null),
        ("DeviceRequests", Json::Null),
        ("MemoryReservation", int(limits.memory_reservation_bytes)),
        ("MemorySwap", int(limits.swap_bytes())),
        ("MemorySwappiness", Json::Null),
        ("OomKillDisable", Json::from(false)),
        ("PidsLimit", limits.pids.map_or(Json::Null, int)),
        ("Ulimits", ulimits(h)),
        ("CpuCount", int(0)),
        ("CpuPercent", int(0)),
        ("IOMaximumIOps", int(0)),
        ("IOMaximumBandwidth", int(0)),
        ("MaskedPaths", Json::texts(MASKED)),
        ("ReadonlyPaths", Json::texts(READ_ONLY)),
    ];
    // What is not set has no place in the JSON.
    let texts = |map: &BTreeMap<String, String>| {
        Json::map(map.iter().map(|(k, v)| (k.clone(), Json::from(v.as_str()))))
    };
    if !h.tmpfs.is_empty() {
        put_before(&mut fields, "UTSMode", ("Tmpfs", texts(&h.tmpfs)));
    }
    if !isolation.sysctls.is_empty() {
        put_before(&mut fields, "Runtime", ("Sysctls", texts(&isolation.sysctls)));
    }
    if h.init {
        fields.push(("Init", Json::from(true)));
    }
    Json::fields(fields)
}

fn put_before(fields: &mut Vec<(&'static str, Json)>, before: &str, field: (&'static str, Json)) {
    let at = fields.iter().position(|(name, _)| *name == before).unwrap_or(fields.len());
    fields.insert(at, field);
}

fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}

/// Rights by their full names, as the engine keeps them.
fn capabilities(names: &[String]) -> Json {
    let full = |name: &String| {
        let upper = name.to_uppercase();
        if upper == "ALL" || upper.starts_with("CAP_") { upper } else { format!("CAP_{upper}") }
    };
    let mut names: Vec<String> = names.iter().map(full).collect();
    names.sort();
    Json::texts_or_null(&names)
}

/// A privileged container is not labelled.
fn security(h: &HostConfig) -> Json {
    let given = h.isolation.security.clone();
    let all = if h.privileged { [given, vec!["label=disable".to_owned()]].concat() } else { given };
    Json::texts_or_null(&all)
}

fn devices(h: &HostConfig) -> Json {
    let one = |text: &String| {
        let mut parts = text.split(':');
        let host = parts.next().unwrap_or_default();
        let inside = parts.next().unwrap_or(host);
        let rights = parts.next().unwrap_or("rwm");
        Json::fields(vec![
            ("PathOnHost", Json::from(host)),
            ("PathInContainer", Json::from(inside)),
            ("CgroupPermissions", Json::from(rights)),
        ])
    };
    Json::List(h.isolation.devices.iter().map(one).collect())
}

fn ulimits(h: &HostConfig) -> Json {
    let one = |(name, soft, hard): &(String, i64, i64)| {
        Json::fields(vec![
            ("Name", Json::from(name.as_str())),
            ("Hard", Json::from(*hard)),
            ("Soft", Json::from(*soft)),
        ])
    };
    Json::List(h.limits.ulimits.iter().map(one).collect())
}

fn port_bindings(c: &Container) -> Json {
    let mut by_port: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for binding in &c.host.ports {
        let port = if binding.host_port == 0 { String::new() } else { binding.host_port.to_string() };
        let entry = Json::fields(vec![
            ("HostIp", Json::from(binding.host_ip.as_str())),
            ("HostPort", Json::from(port)),
        ]);
        by_port.entry(format!("{}/{}", binding.container_port, binding.protocol)).or_default().push(entry);
    }
    Json::map(by_port.into_iter().map(|(port, list)| (port, Json::List(list))))
}
