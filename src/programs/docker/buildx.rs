//! `docker buildx`: the one builder there is, which belongs to the engine. Never builds; `build` does.

use super::Docker;
use super::flags::Parsed;
use super::format;

/// The plug-in's version, and the BuildKit inside the engine.
const VERSION: &str = "0.29.1+ds1";
const BUILDKIT: &str = "v0.25.2";
const PLATFORMS: &str = "linux/amd64, linux/amd64/v2, linux/amd64/v3, linux/386";
const NAME: &str = "default";

pub async fn version(docker: Docker, _parsed: Parsed) -> i32 {
    docker.out(format!("github.com/docker/buildx {VERSION} \n")).await;
    0
}

pub async fn list(docker: Docker, parsed: Parsed) -> i32 {
    let platforms = if parsed.is("no-trunc") { PLATFORMS } else { "linux/amd64 (+3), linux/386" };
    let rows = [
        ["NAME/NODE", "DRIVER/ENDPOINT", "STATUS", "BUILDKIT", "PLATFORMS"],
        ["default*", "docker", "", "", ""],
        [" \\_ default", " \\_ default", "running", BUILDKIT, platforms],
    ];
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|c| (*c).to_owned()).collect()).collect();
    docker.out(crate::base::table::render(&rows, crate::base::table::Layout::DOCKER)).await;
    0
}

/// What the plug-in says of a builder that was never made.
async fn missing(docker: &Docker, name: &str) -> i32 {
    let good = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let shown = format::quote(name);
    let why = match good {
        true => {
            let path = format!("{}/buildx/instances/{name}", super::config::directory(docker));
            format!("failed to find instance {shown}: open {path}: no such file or directory")
        }
        false => format!(
            "failed to find instance {shown}: invalid name {name}, name needs to start with a letter and may not contain symbols, except ._-"
        ),
    };
    docker.err(format!("ERROR: {why}\n")).await;
    1
}

pub async fn choose(docker: Docker, parsed: Parsed) -> i32 {
    let asked = parsed.get("builder").unwrap_or(parsed.arg(0));
    if asked == NAME { 0 } else { missing(&docker, asked).await }
}

pub async fn inspect(docker: Docker, parsed: Parsed) -> i32 {
    let asked = parsed.get("builder").or(parsed.args.first().map(String::as_str)).unwrap_or(NAME);
    if asked != NAME {
        let shown = format::quote(asked);
        docker.err(format!("ERROR: no builder {shown} found\n")).await;
        return 1;
    }
    docker
        .out(format!(
            "Name:          {NAME}\nDriver:        docker\nLast Activity: {}\n\nNodes:\nName:             {NAME}\nEndpoint:         {NAME}\nStatus:           running\nBuildKit version: {BUILDKIT}\nPlatforms:        {PLATFORMS}\nLabels:\n org.mobyproject.buildkit.worker.moby.host-gateway-ip: 172.17.0.1\n",
            format::go_time(docker.call.sys.now())
        ))
        .await;
    0
}

pub async fn du(docker: Docker, _parsed: Parsed) -> i32 {
    let now = docker.call.sys.now();
    let (held, records) = docker.view(|engine, _| (engine.held_chains(), engine.cache.records().to_vec()));
    let mut out = String::new();
    let (mut shared, mut private) = (0, 0);
    for (index, record) in records.iter().enumerate() {
        if index == 0 {
            out.push_str("ID\t\t\t\t\t\tRECLAIMABLE\tSIZE\t\tLAST ACCESSED\n");
        }
        let is_shared = record.is_shared(&held);
        *(if is_shared { &mut shared } else { &mut private }) += record.size_bytes;
        let id = format!("{}{}", record.id, if record.kind == "source.local" { "*" } else { "" });
        let size = format!("{}{}", format::size(record.size_bytes, 4), if is_shared { "*" } else { "" });
        out.push_str(&format!("{id:40}\ttrue \t\t{size:10}\t{}\n", format::ago(record.last_used, now)));
    }
    if shared > 0 {
        let (shared, private) = (format::size(shared, 4), format::size(private, 4));
        out.push_str(&format!("Shared:\t\t{shared}\nPrivate:\t{private}\n"));
    }
    let total = format::size(shared + private, 4);
    docker.out(format!("{out}Reclaimable:\t{total}\nTotal:\t\t{total}\n")).await;
    0
}
