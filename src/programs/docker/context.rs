//! `docker context`: which engine the client talks to. There is one here, so there is one context. Never adds any.

use crate::image::Digest;
use crate::machine::docker::inspect::Json;

use super::flags::Parsed;
use super::rows::Listing;
use super::{Docker, inspect};

const SOCKET: &str = "unix:///var/run/docker.sock";
const DEFAULT: &str = "default";

/// What the client says of a context that is not there.
pub fn not_found(docker: &Docker, name: &str) -> String {
    let home = docker.call.var("HOME").unwrap_or("/root");
    let digest = Digest::of(name.as_bytes());
    format!(
        "context \"{name}\": context not found: open {home}/.docker/contexts/meta/{}/meta.json: no such file or directory",
        digest.hex()
    )
}

pub async fn list(docker: Docker, parsed: Parsed) -> i32 {
    // In the table the one in use is marked; a template gets the bare name.
    let marked = parsed.get("format").is_none_or(|f| f.starts_with("table") && !f.contains("{{"));
    let listing = Listing {
        columns: vec![
            ("Name", "NAME"),
            ("Description", "DESCRIPTION"),
            ("DockerEndpoint", "DOCKER ENDPOINT"),
            ("Error", "ERROR"),
        ],
        more: &[],
        type_name: "*formatter.clientContextContext",
        quiet: "Name",
        raw: "",
        rows: vec![vec![
            ("Current", Json::from(true)),
            ("Description", Json::from("Current DOCKER_HOST based configuration")),
            ("DockerEndpoint", Json::from(SOCKET)),
            ("Error", Json::from("")),
            ("Name", Json::from(if marked && !parsed.is("quiet") { "default *" } else { DEFAULT })),
        ]],
    };
    listing.print(&docker, parsed.get("format"), parsed.is("quiet")).await
}

pub async fn show(docker: Docker, _parsed: Parsed) -> i32 {
    docker.out(format!("{DEFAULT}\n")).await;
    0
}

pub async fn choose(docker: Docker, parsed: Parsed) -> i32 {
    if parsed.arg(0) != DEFAULT {
        docker.err(format!("{}\n", not_found(&docker, parsed.arg(0)))).await;
        return 1;
    }
    docker.out(format!("{DEFAULT}\n")).await;
    docker.err(format!("Current context is now \"{DEFAULT}\"\n")).await;
    0
}

pub async fn rm(docker: Docker, parsed: Parsed) -> i32 {
    for name in &parsed.args {
        let why = match name.as_str() {
            DEFAULT => "context \"default\" cannot be removed".to_owned(),
            other => format!("context \"{other}\" does not exist"),
        };
        docker.err(format!("{why}\n")).await;
    }
    1
}

pub async fn inspect(docker: Docker, mut parsed: Parsed) -> i32 {
    if parsed.args.is_empty() {
        parsed.args.push(DEFAULT.to_owned());
    }
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for name in &parsed.args {
        match name.as_str() {
            DEFAULT => found.push(described()),
            other => missing.push(not_found(&docker, other)),
        }
    }
    inspect::show(&docker, &parsed, found, missing).await
}

fn described() -> Json {
    let endpoint = Json::fields(vec![("Host", Json::from(SOCKET)), ("SkipTLSVerify", Json::from(false))]);
    let memory = || Json::from("<IN MEMORY>");
    Json::fields(vec![
        ("Name", Json::from(DEFAULT)),
        ("Metadata", Json::Map(Vec::new())),
        ("Endpoints", Json::fields(vec![("docker", endpoint)])),
        ("TLSMaterial", Json::Map(Vec::new())),
        ("Storage", Json::fields(vec![("MetadataPath", memory()), ("TLSPath", memory())])),
    ])
}
