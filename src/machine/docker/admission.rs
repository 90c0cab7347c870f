//! What the engine refuses of a container before there is one, in moby's order (daemon/container.go:
//! verifyContainerSettings; daemon/daemon_unix.go: verifyPlatformContainerSettings). Never changes anything.

use std::time::Duration;

use crate::image::process::Signal;

use super::container::CreateSpec;
use super::host::{HostConfig, Isolation, Limits, LogConfig};
use super::{Engine, EngineError};

/// How many processors the machine has.
pub const MACHINE_CPUS: i64 = 2;
/// The least memory that a container may be limited to.
const MEMORY_MINIMUM_BYTES: i64 = 6 * 1024 * 1024;
/// The shortest times that a health check may be given.
const SHORTEST: Duration = Duration::from_millis(1);
/// What `json-file` and `local` take.
const LOG_OPTIONS: &[&str] =
    &["max-file", "max-size", "compress", "labels", "labels-regex", "env", "env-regex", "tag"];
/// Drivers that the engine has built in.
const LOG_DRIVERS: &[&str] =
    &["none", "json-file", "local", "awslogs", "fluentd", "gcplogs", "gelf", "journald", "splunk", "syslog"];
/// Devices of the machine.
const DEVICES: &[&str] = &[
    "/dev/fuse",
    "/dev/full",
    "/dev/kmsg",
    "/dev/kvm",
    "/dev/net/tun",
    "/dev/null",
    "/dev/random",
    "/dev/tty",
    "/dev/urandom",
    "/dev/zero",
];
const CAPABILITIES: &[&str] = &[
    "AUDIT_CONTROL",
    "AUDIT_READ",
    "AUDIT_WRITE",
    "BLOCK_SUSPEND",
    "BPF",
    "CHECKPOINT_RESTORE",
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "IPC_LOCK",
    "IPC_OWNER",
    "KILL",
    "LEASE",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "MKNOD",
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_RAW",
    "PERFMON",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_CHROOT",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PACCT",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "WAKE_ALARM",
    "ALL",
];

type Judged = Result<(), EngineError>;

fn refuse<T>(why: impl Into<String>) -> Result<T, EngineError> {
    Err(EngineError::invalid(why))
}

/// Judges what was asked for.
pub fn settings(spec: &CreateSpec) -> Judged {
    let workdir = spec.workdir.as_deref().unwrap_or_default();
    if !workdir.is_empty() && !workdir.starts_with('/') {
        return refuse(format!(
            "the working directory '{workdir}' is invalid, it needs to be an absolute path"
        ));
    }
    if let Some(signal) = spec.stop_signal.as_deref().filter(|signal| Signal::parse(signal).is_none()) {
        return refuse(format!("invalid signal: {signal}"));
    }
    health(&spec.host)?;
    capabilities("CapAdd", &spec.host.isolation.cap_add)?;
    capabilities("CapDrop", &spec.host.isolation.cap_drop)?;
    limits(&spec.host.limits, false)?;
    isolation(&spec.host.isolation)?;
    shared_network(spec)
}

/// Who has the network of another has no ports and no name of its own.
fn shared_network(spec: &CreateSpec) -> Judged {
    if !spec.host.network.starts_with("container:") {
        return Ok(());
    }
    let conflicts = [
        (spec.hostname.is_some(), "hostname and the network mode"),
        (!spec.host.names.servers.is_empty(), "dns and the network mode"),
        (!spec.host.names.hosts.is_empty(), "custom host-to-IP mapping and the network mode"),
        (
            !spec.host.ports.is_empty() || spec.host.publish_all,
            "port publishing and the container type network mode",
        ),
        (!spec.expose.is_empty(), "port exposing and the container type network mode"),
    ];
    match conflicts.iter().find(|(there, _)| *there) {
        Some((_, what)) => refuse(format!("conflicting options: {what}")),
        None => Ok(()),
    }
}

/// What else must be there when the image is.
pub fn at_creation(engine: &Engine, host: &HostConfig) -> Judged {
    log(&host.log)?;
    security(&host.isolation)?;
    links(engine, host)?;
    address(engine, host)
}

fn health(host: &HostConfig) -> Judged {
    let check = &host.health;
    let spans = [
        ("Interval", check.interval),
        ("Timeout", check.timeout),
        ("StartPeriod", check.start_period),
        ("StartInterval", check.start_interval),
    ];
    let short = |span: &Option<Duration>| span.is_some_and(|span| !span.is_zero() && span < SHORTEST);
    match spans.iter().find(|(_, span)| short(span)) {
        Some((name, _)) => refuse(format!("{name} in Healthcheck cannot be less than 1ms")),
        None => Ok(()),
    }
}

fn capabilities(list: &str, names: &[String]) -> Judged {
    for name in names {
        let upper = name.to_uppercase();
        let bare = upper.strip_prefix("CAP_").unwrap_or(&upper);
        if !CAPABILITIES.contains(&bare) {
            return refuse(format!("invalid {list}: unknown capability: \"CAP_{bare}\""));
        }
    }
    Ok(())
}

/// What the machine cannot give. `update`: of a container that is there already.
pub fn limits(l: &Limits, update: bool) -> Judged {
    if l.memory_bytes != 0 && l.memory_bytes < MEMORY_MINIMUM_BYTES {
        return refuse("Minimum memory limit allowed is 6MB");
    }
    if l.memory_bytes > 0 && l.memory_swap_bytes > 0 && l.memory_swap_bytes < l.memory_bytes {
        return refuse("Minimum memoryswap limit should be larger than memory limit, see usage");
    }
    if l.memory_bytes == 0 && l.memory_swap_bytes > 0 && !update {
        return refuse("You should always set the Memory limit when using Memoryswap limit, see usage");
    }
    let reserved = l.memory_reservation_bytes;
    if reserved > 0 && reserved < MEMORY_MINIMUM_BYTES {
        return refuse("Minimum memory reservation allowed is 6MB");
    }
    if l.memory_bytes > 0 && reserved > l.memory_bytes {
        return refuse("Minimum memory limit can not be less than memory reservation limit, see usage");
    }
    for (set, name) in [(l.cpu_period_us, "CPU Period"), (l.cpu_quota_us, "CPU Quota")] {
        if l.nano_cpus > 0 && set > 0 {
            return refuse(format!("Conflicting options: Nano CPUs and {name} cannot both be set"));
        }
    }
    if l.nano_cpus < 0 || l.nano_cpus > MACHINE_CPUS * 1_000_000_000 {
        return refuse(format!(
            "range of CPUs is from 0.01 to {MACHINE_CPUS}.00, as there are only {MACHINE_CPUS} CPUs available"
        ));
    }
    if l.cpu_period_us != 0 && !(1_000..=1_000_000).contains(&l.cpu_period_us) {
        return refuse(
            "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
        );
    }
    if l.cpu_quota_us > 0 && l.cpu_quota_us < 1_000 {
        return refuse("CPU cfs quota can not be less than 1ms (i.e. 1000)");
    }
    set_of("cpus", "CPUs", &l.cpuset_cpus, MACHINE_CPUS)?;
    set_of("mems", "memory nodes", &l.cpuset_mems, 1)?;
    if l.blkio_weight > 0 && !(10..=1000).contains(&l.blkio_weight) {
        return refuse("Range of blkio weight is from 10 to 1000");
    }
    Ok(())
}

/// `0-1,3`, of so many.
fn set_of(short: &str, name: &str, text: &str, count: i64) -> Judged {
    if text.is_empty() {
        return Ok(());
    }
    let mut highest = 0;
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        match (first.parse::<i64>(), last.parse::<i64>()) {
            (Ok(first), Ok(last)) if first <= last => highest = highest.max(last),
            _ => return refuse(format!("Invalid value {text} for cpuset {short}: invalid format: {text}")),
        }
    }
    if highest < count {
        return Ok(());
    }
    let available = if count == 1 { "0".to_owned() } else { format!("0-{}", count - 1) };
    refuse(format!("Requested {name} are not available - requested {text}, available: {available}"))
}

fn isolation(i: &Isolation) -> Judged {
    let shared = |text: &str| text.strip_prefix("container:").is_some_and(|other| !other.is_empty());
    if !matches!(i.ipc.as_str(), "" | "none" | "private" | "shareable" | "host") && !shared(&i.ipc) {
        return refuse(format!("invalid IPC mode: {}", i.ipc));
    }
    if !(-1000..=1000).contains(&i.oom_score_adj) {
        return refuse(format!(
            "Invalid value {}, range for oom score adj is [-1000, 1000]",
            i.oom_score_adj
        ));
    }
    if !matches!(i.runtime.as_str(), "" | "runc" | "io.containerd.runc.v2") {
        return refuse(format!("unknown or invalid runtime name: {}", i.runtime));
    }
    Ok(())
}

fn log(log: &LogConfig) -> Judged {
    let driver = log.driver();
    if !LOG_DRIVERS.contains(&driver) {
        return refuse(format!("error looking up logging plugin {driver}: plugin \"{driver}\" not found"));
    }
    let unknown = log
        .options
        .keys()
        .find(|key| matches!(driver, "json-file" | "local") && !LOG_OPTIONS.contains(&key.as_str()));
    match unknown {
        Some(key) => refuse(format!("unknown log opt '{key}' for {driver} log driver")),
        None => Ok(()),
    }
}

fn security(i: &Isolation) -> Judged {
    for option in &i.security {
        let key = option.split(['=', ':']).next().unwrap_or_default();
        let known = ["label", "apparmor", "seccomp", "no-new-privileges", "writable-cgroups", "systempaths"];
        if !known.contains(&key) {
            return refuse(format!("invalid --security-opt 2: \"{option}\""));
        }
    }
    Ok(())
}

fn links(engine: &Engine, host: &HostConfig) -> Judged {
    for link in &host.names.links {
        let name = link.split(':').next().unwrap_or_default();
        if let Err(error) = engine.find(name) {
            return Err(EngineError::invalid(format!("could not get container for {name}: {error}")));
        }
    }
    Ok(())
}

/// Whether an address can be asked for on the network.
fn address(engine: &Engine, host: &HostConfig) -> Judged {
    if host.address.is_empty() {
        return Ok(());
    }
    let network = if matches!(host.network.as_str(), "" | "default") { "bridge" } else { &host.network };
    let found = engine.networks.find(network);
    let mut why = Vec::new();
    if found.is_some_and(|n| !n.has_names()) {
        why.push("user specified IP address is supported on user defined networks only".to_owned());
    }
    let configured = found.is_none_or(|n| n.chosen_subnet);
    if !configured {
        why.push(
            "user specified IP address is supported only when connecting to networks with user configured subnets"
                .to_owned(),
        );
    } else if let Some(network) = found
        && !network.contains(&host.address)
    {
        why.push(format!("no configured subnet or ip-range contain the IP address {}", host.address));
    }
    match why.len() {
        0 => Ok(()),
        1 => refuse(format!("invalid config for network {network}: invalid endpoint settings:\n{}", why[0])),
        _ => {
            let list: Vec<String> = why.iter().map(|line| format!("* {line}")).collect();
            refuse(format!(
                "invalid config for network {network}: invalid endpoint settings:\n{}",
                list.join("\n")
            ))
        }
    }
}

/// What is found out only when a container is to start: containers whose namespaces it shares, devices, the log.
pub fn at_start(engine: &Engine, host: &HostConfig) -> Judged {
    let isolation = &host.isolation;
    for shared in [&isolation.pid, &isolation.ipc] {
        if let Some(other) = shared.strip_prefix("container:") {
            let found = engine.find(other)?;
            if !found.state.status.is_running() {
                return Err(EngineError::conflict(format!(
                    "cannot join namespace of a non running container: container {} is {}",
                    found.id,
                    found.state.status.name()
                )));
            }
        }
    }
    for device in &isolation.devices {
        let path = device.split(':').next().unwrap_or_default();
        if !DEVICES.contains(&path) {
            return refuse(format!(
                "error gathering device information while adding custom device \"{path}\": no such file or directory"
            ));
        }
    }
    if isolation.gpus {
        return refuse("could not select device driver \"\" with capabilities: [[gpu]]");
    }
    if let Some(size) = host.log.options.get("max-size")
        && let Some(why) = super::size::complaint(size)
    {
        return refuse(format!(
            "failed to create task for container: failed to initialize logging driver: {why}"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_judged_as_moby_does() {
        let check = |limits: Limits, expect: &str| {
            let got = super::limits(&limits, false).err().map_or(String::new(), |e| e.to_string());
            assert_eq!(got, expect);
        };
        let mib = 1024 * 1024;
        check(Limits::default(), "");
        check(Limits { memory_bytes: mib, ..Limits::default() }, "Minimum memory limit allowed is 6MB");
        check(
            Limits { memory_bytes: 64 * mib, memory_swap_bytes: 32 * mib, ..Limits::default() },
            "Minimum memoryswap limit should be larger than memory limit, see usage",
        );
        check(
            Limits { memory_swap_bytes: 32 * mib, ..Limits::default() },
            "You should always set the Memory limit when using Memoryswap limit, see usage",
        );
        check(
            Limits { nano_cpus: -1_000_000_000, ..Limits::default() },
            "range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available",
        );
        check(
            Limits { cpuset_cpus: "0,99".to_owned(), ..Limits::default() },
            "Requested CPUs are not available - requested 0,99, available: 0-1",
        );
        check(Limits { cpuset_cpus: "0-1".to_owned(), ..Limits::default() }, "");
    }

    #[test]
    fn capabilities_go_with_and_without_their_prefix() {
        let check = |name: &str, good: bool| {
            assert_eq!(capabilities("CapAdd", &[name.to_owned()]).is_ok(), good, "{name}");
        };
        check("net_admin", true);
        check("CAP_SYS_PTRACE", true);
        check("ALL", true);
        check("FOO", false);
    }
}
