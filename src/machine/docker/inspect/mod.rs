//! What `docker inspect` shows: everything the engine knows about a thing, in the fields and order of its API.
//! Never changes anything.

use std::collections::BTreeMap;

use crate::base::SimTime;
use crate::image::Digest;

mod container;
mod host;

pub use super::json::Json;
pub use container::{addresses, container};

use super::Engine;
use super::images::{Stored, chain_ids};
use super::network::Network;
use super::volume::Volume;

const NEVER: &str = "0001-01-01T00:00:00Z";
fn time(at: Option<SimTime>) -> Json {
    at.map_or_else(|| Json::from(NEVER), |at| Json::from(at.rfc3339_nanos()))
}

fn labels(labels: &BTreeMap<String, String>) -> Json {
    Json::map(labels.iter().map(|(k, v)| (k.clone(), Json::from(v.as_str()))))
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
