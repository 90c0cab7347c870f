//! A container as `docker inspect` shows it. Never changes it.

use std::collections::BTreeMap;

use crate::image::Digest;

use super::host::host_config;
use super::{Json, graph_driver, labels, time};
use crate::machine::docker::Engine;
use crate::machine::docker::Status;
use crate::machine::docker::container::{Container, MountPoint};
use crate::machine::docker::health::Health;
use crate::machine::docker::host::PublishedPort;
use crate::machine::docker::network::{Endpoint, Network};

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

fn health(health: &Health) -> Json {
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
        ("Paused", Json::from(s.status == Status::Paused)),
        ("Restarting", Json::from(s.status == Status::Restarting)),
        ("OOMKilled", Json::from(s.oom_killed)),
        ("Dead", Json::from(s.status == Status::Dead)),
        ("Pid", Json::from(if s.status.is_running() { i64::from(s.pid) } else { 0 })),
        ("ExitCode", Json::from(i64::from(s.exit_code))),
        ("Error", Json::from(s.error.as_str())),
        ("StartedAt", time(s.started)),
        ("FinishedAt", time(s.finished)),
    ];
    fields.extend(s.health.as_ref().map(|h| ("Health", health(h))));
    Json::fields(fields)
}

fn mounts(c: &Container) -> Json {
    let one = |m: &MountPoint| {
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
    let on: Vec<(&Network, &Endpoint)> = engine.networks.of_container(&c.id).collect();
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

fn endpoint(network: &Network, endpoint: Option<&Endpoint>, c: &Container) -> Json {
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
