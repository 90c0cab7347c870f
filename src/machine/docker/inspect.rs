//! What `docker inspect` shows: everything the engine knows about a thing, in the fields and order of its API.
//! Never changes anything.

use std::collections::BTreeMap;

use crate::base::SimTime;
use crate::image::Digest;

pub use super::json::Json;

use super::Engine;
use super::container::Container;
use super::host::{HostConfig, PublishedPort};
use super::images::{Stored, chain_ids};
use super::network::Network;
use super::volume::Volume;

const NEVER: &str = "0001-01-01T00:00:00Z";
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

fn time(at: Option<SimTime>) -> Json {
    at.map_or_else(|| Json::from(NEVER), |at| Json::from(at.rfc3339_nanos()))
}

fn labels(labels: &BTreeMap<String, String>) -> Json {
    Json::map(labels.iter().map(|(k, v)| (k.clone(), Json::from(v.as_str()))))
}

/// A container as `docker inspect` shows it.
pub fn container(engine: &Engine, c: &Container) -> Json {
    let dir = format!("/var/lib/docker/containers/{}", c.id);
    let argv = c.argv();
    let log = format!("{}-json.log", c.id);
    // Nothing is written for a container before it starts.
    let written =
        |name: &str| Json::from(if c.state.starts > 0 { format!("{dir}/{name}") } else { String::new() });
    Json::fields(vec![
        ("Id", Json::from(c.id.0.as_str())),
        ("Created", time(Some(c.created))),
        ("Path", Json::from(argv.first().map_or("", String::as_str))),
        ("Args", Json::texts(argv.iter().skip(1))),
        ("State", state(c)),
        ("Image", Json::from(c.image.id.as_str())),
        ("ResolvConfPath", written("resolv.conf")),
        ("HostnamePath", written("hostname")),
        ("HostsPath", written("hosts")),
        ("LogPath", written(&log)),
        ("Name", Json::from(format!("/{}", c.name))),
        ("RestartCount", Json::from(i64::from(c.state.restart_count))),
        ("Driver", Json::from("overlay2")),
        ("Platform", Json::from("linux")),
        ("MountLabel", Json::from("")),
        ("ProcessLabel", Json::from("")),
        ("AppArmorProfile", Json::from("")),
        ("ExecIDs", Json::Null),
        ("HostConfig", host_config(c)),
        ("GraphDriver", graph_driver(engine, &c.image, Some(&c.id.0))),
        ("Mounts", mounts(c)),
        ("Config", config(c)),
        ("NetworkSettings", network_settings(engine, c)),
    ])
}

/// What zero means to Docker is left out.
fn healthcheck(check: &crate::image::health::Healthcheck) -> Json {
    let spans = [
        ("Interval", check.interval),
        ("Timeout", check.timeout),
        ("StartPeriod", check.start_period),
        ("StartInterval", check.start_interval),
    ];
    let mut fields = vec![("Test", Json::texts(&check.test))];
    fields.extend(
        spans.iter().filter(|(_, span)| !span.is_zero()).map(|(n, s)| (*n, Json::from(s.as_nanos() as u64))),
    );
    if check.retries > 0 {
        fields.push(("Retries", Json::from(u64::from(check.retries))));
    }
    Json::fields(fields)
}

fn health(health: &super::health::Health) -> Json {
    let log = health.log.iter().map(|r| {
        Json::fields(vec![
            ("Start", time(Some(r.start))),
            ("End", time(Some(r.end))),
            ("ExitCode", Json::from(i64::from(r.exit_code))),
            ("Output", Json::from(r.output.as_str())),
        ])
    });
    Json::fields(vec![
        ("Status", Json::from(health.status.name())),
        ("FailingStreak", Json::from(u64::from(health.failing_streak))),
        ("Log", Json::List(log.collect())),
    ])
}

fn state(c: &Container) -> Json {
    let s = &c.state;
    let mut fields = vec![
        ("Status", Json::from(s.status.name())),
        ("Running", Json::from(s.status.is_running())),
        ("Paused", Json::from(s.status == super::Status::Paused)),
        ("Restarting", Json::from(s.status == super::Status::Restarting)),
        ("OOMKilled", Json::from(s.oom_killed)),
        ("Dead", Json::from(s.status == super::Status::Dead)),
        ("Pid", Json::from(if s.status.is_running() { i64::from(s.pid) } else { 0 })),
        ("ExitCode", Json::from(i64::from(s.exit_code))),
        ("Error", Json::from(s.error.as_str())),
        ("StartedAt", time(s.started)),
        ("FinishedAt", time(s.finished)),
    ];
    fields.extend(s.health.as_ref().map(|h| ("Health", health(h))));
    Json::fields(fields)
}

fn host_config(c: &Container) -> Json {
    let h = &c.host;
    let int = |n: i64| Json::from(n);
    let empty = || Json::List(Vec::new());
    let (limits, isolation, names) = (&h.limits, &h.isolation, &h.names);
    let text = |text: &String| Json::from(text.as_str());
    let options = Json::map(h.log.options.iter().map(|(k, v)| (k.clone(), Json::from(v.as_str()))));
    let log = Json::fields(vec![("Type", Json::from(h.log.driver())), ("Config", options)]);
    let max_retries = match h.restart {
        super::host::RestartPolicy::OnFailure(n) => i64::from(n),
        _ => 0,
    };
    let restart =
        Json::fields(vec![("Name", Json::from(h.restart.name())), ("MaximumRetryCount", int(max_retries))]);
    let network = if h.network.is_empty() { "bridge" } else { &h.network };
    Json::fields(vec![
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
    ])
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

/// The directory of a layer: the build cache's id for one that was built here, else one made of its chain id.
fn layer_directory(engine: &Engine, chain: &Digest) -> String {
    let built =
        engine.cache.records().iter().find(|r| r.chain.as_ref() == Some(chain) && !r.description.is_empty());
    let name = built.map_or_else(|| Digest::of(chain.as_str().as_bytes()).hex().to_owned(), |r| r.id.clone());
    format!("/var/lib/docker/overlay2/{name}")
}

fn graph_driver(engine: &Engine, image: &crate::image::Image, container: Option<&str>) -> Json {
    let mut layers: Vec<String> =
        chain_ids(image).iter().rev().map(|chain| layer_directory(engine, chain)).collect();
    let mut data = Vec::new();
    let top = match container {
        Some(id) => {
            let top = format!("/var/lib/docker/overlay2/{}", Digest::of(id.as_bytes()).hex());
            data.push(("ID".to_owned(), Json::from(id)));
            layers.insert(0, format!("{top}-init"));
            top
        }
        None if layers.is_empty() => "/var/lib/docker/overlay2".to_owned(),
        None => layers.remove(0),
    };
    if !layers.is_empty() {
        let lower: Vec<String> = layers.iter().map(|l| format!("{l}/diff")).collect();
        data.push(("LowerDir".to_owned(), Json::from(lower.join(":"))));
    }
    data.push(("MergedDir".to_owned(), Json::from(format!("{top}/merged"))));
    data.push(("UpperDir".to_owned(), Json::from(format!("{top}/diff"))));
    data.push(("WorkDir".to_owned(), Json::from(format!("{top}/work"))));
    Json::fields(vec![("Data", Json::Map(data)), ("Name", Json::from("overlay2"))])
}

fn mounts(c: &Container) -> Json {
    let one = |m: &super::container::MountPoint| {
        let mut fields = vec![("Type", Json::from(m.kind))];
        if !m.name.is_empty() {
            fields.push(("Name", Json::from(m.name.as_str())));
        }
        fields.push(("Source", Json::from(m.source.as_str())));
        fields.push(("Destination", Json::from(m.target.as_str())));
        if !m.name.is_empty() {
            fields.push(("Driver", Json::from("local")));
        }
        fields.push(("Mode", Json::from(m.mode.as_str())));
        fields.push(("RW", Json::from(!m.read_only)));
        fields.push(("Propagation", Json::from(if m.kind == "bind" { "rprivate" } else { "" })));
        Json::fields(fields)
    };
    Json::List(c.mounts.iter().map(one).collect())
}

fn config(c: &Container) -> Json {
    let env = c.env.iter().map(|(name, value)| format!("{name}={value}"));
    let mut fields = vec![
        ("Hostname", Json::from(c.hostname.as_str())),
        ("Domainname", Json::from(c.domainname.as_str())),
        ("User", Json::from(c.user.as_str())),
        ("AttachStdin", Json::from(c.attach[0])),
        ("AttachStdout", Json::from(c.attach[1])),
        ("AttachStderr", Json::from(c.attach[2])),
    ];
    if !c.exposed.is_empty() {
        fields.push(("ExposedPorts", Json::key_set(&c.exposed)));
    }
    fields.extend([
        ("Tty", Json::from(c.tty)),
        ("OpenStdin", Json::from(c.open_stdin)),
        ("StdinOnce", Json::from(c.open_stdin && c.attach[0])),
        ("Env", Json::texts(env)),
        ("Cmd", Json::texts_or_null(&c.cmd)),
        ("Image", Json::from(c.image_name.as_str())),
        ("Volumes", Json::key_set(c.image.config.volumes.iter())),
        ("WorkingDir", Json::from(c.workdir.as_str())),
        ("Entrypoint", Json::texts_or_null(&c.entrypoint)),
        ("OnBuild", Json::Null),
        ("Labels", labels(&c.labels)),
    ]);
    if !c.stop_signal.is_empty() {
        fields.push(("StopSignal", Json::from(c.stop_signal.as_str())));
    }
    Json::fields(fields)
}

/// The published ports of a running container by container port, exposed ones with null.
fn ports(c: &Container) -> Json {
    if !c.state.status.is_running() || !c.has_ports() {
        return Json::Map(Vec::new());
    }
    let mut by_port: BTreeMap<String, Vec<Json>> =
        c.exposed.iter().map(|p| (p.clone(), Vec::new())).collect();
    for published in &c.published {
        let list = by_port.entry(format!("{}/{}", published.container_port, published.protocol)).or_default();
        for ip in addresses(published) {
            list.push(Json::fields(vec![
                ("HostIp", Json::from(ip)),
                ("HostPort", Json::from(published.host_port.to_string())),
            ]));
        }
    }
    let entry = |list: Vec<Json>| if list.is_empty() { Json::Null } else { Json::List(list) };
    Json::map(by_port.into_iter().map(|(port, list)| (port, entry(list))))
}

/// The addresses a published port is bound to: both families unless one was named.
pub fn addresses(published: &PublishedPort) -> Vec<String> {
    match published.host_ip.as_str() {
        "" => vec!["0.0.0.0".to_owned(), "::".to_owned()],
        ip => vec![ip.to_owned()],
    }
}

fn network_settings(engine: &Engine, c: &Container) -> Json {
    let running = c.state.status.is_running();
    let on: Vec<(&Network, &super::network::Endpoint)> = engine.networks.of_container(&c.id).collect();
    let bridge = on.iter().find(|(n, _)| n.name == "bridge" && running);
    let text = |value: Option<String>| Json::from(value.unwrap_or_default());
    let sandbox = Digest::of(format!("sandbox{}{}", c.id, c.state.starts).as_bytes());
    let sandbox = if running { sandbox.hex().to_owned() } else { String::new() };
    let key = if running { format!("/var/run/docker/netns/{}", &sandbox[..12]) } else { String::new() };
    let mut networks: Vec<(String, Json)> =
        on.iter().map(|(n, e)| (n.name.clone(), endpoint(n, Some(e), c))).collect();
    if networks.is_empty()
        && let Some(network) = engine.networks.find(c.network())
    {
        networks.push((network.name.clone(), endpoint(network, None, c)));
    }
    Json::fields(vec![
        ("Bridge", Json::from("")),
        ("SandboxID", Json::from(sandbox)),
        ("SandboxKey", Json::from(key)),
        ("Ports", ports(c)),
        ("HairpinMode", Json::from(false)),
        ("LinkLocalIPv6Address", Json::from("")),
        ("LinkLocalIPv6PrefixLen", Json::from(0i64)),
        ("SecondaryIPAddresses", Json::Null),
        ("SecondaryIPv6Addresses", Json::Null),
        ("EndpointID", text(bridge.map(|(_, e)| e.id.clone()))),
        ("Gateway", text(bridge.map(|(n, _)| n.gateway()))),
        ("GlobalIPv6Address", Json::from("")),
        ("GlobalIPv6PrefixLen", Json::from(0i64)),
        ("IPAddress", text(bridge.map(|(_, e)| e.address.clone()))),
        ("IPPrefixLen", Json::from(bridge.map_or(0, |(n, _)| i64::from(n.prefix_bits())))),
        ("IPv6Gateway", Json::from("")),
        ("MacAddress", text(bridge.map(|(_, e)| e.mac.clone()))),
        ("Networks", Json::map(networks)),
    ])
}

fn endpoint(network: &Network, endpoint: Option<&super::network::Endpoint>, c: &Container) -> Json {
    let text = |value: Option<String>| Json::from(value.unwrap_or_default());
    let names = endpoint.filter(|_| network.has_names()).map(|e| &e.names);
    let gateway = endpoint.filter(|e| !e.address.is_empty()).map(|_| network.gateway());
    Json::fields(vec![
        ("IPAMConfig", Json::Null),
        ("Links", Json::Null),
        ("Aliases", Json::texts_or_null(&c.host.network_aliases)),
        ("MacAddress", text(endpoint.map(|e| e.mac.clone()))),
        ("DriverOpts", Json::Null),
        ("GwPriority", Json::from(0i64)),
        ("NetworkID", Json::from(network.id.as_str())),
        ("EndpointID", text(endpoint.map(|e| e.id.clone()))),
        ("Gateway", text(gateway.clone())),
        ("IPAddress", text(endpoint.map(|e| e.address.clone()))),
        ("IPPrefixLen", Json::from(gateway.as_ref().map_or(0, |_| i64::from(network.prefix_bits())))),
        ("IPv6Gateway", Json::from("")),
        ("GlobalIPv6Address", Json::from("")),
        ("GlobalIPv6PrefixLen", Json::from(0i64)),
        ("DNSNames", names.map_or(Json::Null, Json::texts)),
    ])
}

/// An image as `docker inspect` shows it.
pub fn image(engine: &Engine, stored: &Stored) -> Json {
    let image = &stored.image;
    let digests = engine.images.digests_of(&image.id);
    let buildkit = image.comment.starts_with("buildkit");
    let root_fs = Json::fields(vec![
        ("Type", Json::from("layers")),
        ("Layers", Json::texts(image.layers.iter().map(|l| l.diff_id.as_str()))),
    ]);
    Json::fields(vec![
        ("Id", Json::from(image.id.as_str())),
        ("RepoTags", Json::texts(engine.images.tags_of(&image.id))),
        ("RepoDigests", Json::texts(digests.iter().map(|(name, digest)| format!("{name}@{digest}")))),
        ("Parent", Json::from(stored.parent.as_ref().map_or("", Digest::as_str))),
        ("Comment", Json::from(image.comment.as_str())),
        ("Created", time(Some(image.created))),
        ("DockerVersion", Json::from(if buildkit || stored.parent.is_none() { "" } else { "28.5.2+dfsg4" })),
        ("Author", Json::from(image.author.as_str())),
        ("Architecture", Json::from("amd64")),
        ("Os", Json::from("linux")),
        ("Size", Json::from(image.size_bytes())),
        ("GraphDriver", graph_driver(engine, image, None)),
        ("RootFS", root_fs),
        ("Metadata", Json::fields(vec![("LastTagTime", time(stored.last_tagged))])),
        ("Config", image_config(image)),
    ])
}

fn image_config(image: &crate::image::Image) -> Json {
    let c = &image.config;
    let mut fields = Vec::new();
    if image.comment.starts_with("buildkit") {
        fields.push(("ArgsEscaped", Json::from(true)));
    }
    fields.push(("Cmd", Json::texts_or_null(&c.cmd)));
    fields.push(("Entrypoint", Json::texts_or_null(&c.entrypoint)));
    fields.push(("Env", Json::texts(image.env_strings())));
    if !c.exposed_ports.is_empty() {
        fields.push(("ExposedPorts", Json::key_set(&c.exposed_ports)));
    }
    if !c.healthcheck.test.is_empty() {
        fields.push(("Healthcheck", healthcheck(&c.healthcheck)));
    }
    fields.push(("Labels", if c.labels.is_empty() { Json::Null } else { labels(&c.labels) }));
    fields.push(("OnBuild", Json::texts_or_null(&c.onbuild)));
    if !c.stop_signal.is_empty() {
        fields.push(("StopSignal", Json::from(c.stop_signal.as_str())));
    }
    fields.push(("User", Json::from(c.user.as_str())));
    fields.push(("Volumes", Json::key_set(&c.volumes)));
    fields.push(("WorkingDir", Json::from(c.workdir.as_str())));
    Json::fields(fields)
}

/// A network as `docker network inspect` shows it.
pub fn network(engine: &Engine, n: &Network) -> Json {
    let subnets = if n.subnet.is_none() {
        Json::Null
    } else {
        let mut subnet = vec![("Subnet", Json::from(n.subnet()))];
        // Of a chosen range, only what was said is kept.
        if !n.chosen_subnet || n.chosen_gateway {
            subnet.push(("Gateway", Json::from(n.gateway())));
        }
        Json::List(vec![Json::fields(subnet)])
    };
    let ipam = Json::fields(vec![
        ("Driver", Json::from("default")),
        ("Options", if n.has_names() { Json::Map(Vec::new()) } else { Json::Null }),
        ("Config", subnets),
    ]);
    let containers = n.endpoints.iter().map(|(id, e)| {
        let name = engine.container(id).map_or("", |c| c.name.as_str());
        let address =
            if e.address.is_empty() { String::new() } else { format!("{}/{}", e.address, n.prefix_bits()) };
        let entry = Json::fields(vec![
            ("Name", Json::from(name)),
            ("EndpointID", Json::from(e.id.as_str())),
            ("MacAddress", Json::from(e.mac.as_str())),
            ("IPv4Address", Json::from(address)),
            ("IPv6Address", Json::from("")),
        ]);
        (id.0.clone(), entry)
    });
    let fixed: &[(&str, &str)] = if n.name == "bridge" {
        &[
            ("com.docker.network.bridge.default_bridge", "true"),
            ("com.docker.network.bridge.enable_icc", "true"),
            ("com.docker.network.bridge.enable_ip_masquerade", "true"),
            ("com.docker.network.bridge.host_binding_ipv4", "0.0.0.0"),
            ("com.docker.network.bridge.name", "docker0"),
            ("com.docker.network.driver.mtu", "1500"),
        ]
    } else {
        &[]
    };
    let given = n.options.iter().map(|(k, v)| (k.as_str(), v.as_str()));
    let options = fixed.iter().copied().chain(given).map(|(k, v)| (k.to_owned(), Json::from(v)));
    Json::fields(vec![
        ("Name", Json::from(n.name.as_str())),
        ("Id", Json::from(n.id.as_str())),
        ("Created", time(Some(n.created))),
        ("Scope", Json::from("local")),
        ("Driver", Json::from(n.driver.as_str())),
        ("EnableIPv4", Json::from(true)),
        ("EnableIPv6", Json::from(false)),
        ("IPAM", ipam),
        ("Internal", Json::from(n.internal)),
        ("Attachable", Json::from(n.attachable)),
        ("Ingress", Json::from(false)),
        ("ConfigFrom", Json::fields(vec![("Network", Json::from(""))])),
        ("ConfigOnly", Json::from(false)),
        ("Containers", Json::map(containers)),
        ("Options", Json::map(options)),
        ("Labels", labels(&n.labels)),
    ])
}

/// A volume as `docker volume inspect` shows it.
pub fn volume(v: &Volume) -> Json {
    let label_map = if v.labels.is_empty() { Json::Null } else { labels(&v.labels) };
    Json::fields(vec![
        ("CreatedAt", Json::from(v.created.rfc3339())),
        ("Driver", Json::from("local")),
        ("Labels", label_map),
        ("Mountpoint", Json::from(v.mountpoint())),
        ("Name", Json::from(v.name.as_str())),
        ("Options", if v.options.is_empty() { Json::Null } else { labels(&v.options) }),
        ("Scope", Json::from("local")),
    ])
}
