//! `docker container prune`, `image prune`, `builder prune` and `system prune`. Networks and volumes prune in their own
//! files. Never decides what is unused: the engine does.

use crate::base::SimTime;
use crate::image::Image;
use crate::machine::docker::container::Container;

use super::flags::Parsed;
use super::system::confirmed;
use super::{Docker, filters, format, images};

/// Filters that prunes know.
const FILTERS: &[&str] = &["label", "label!", "until"];

/// The moment of `until=`; what is wrong with the filters was said, the code is returned.
async fn until(docker: &Docker, parsed: &Parsed) -> Result<Option<SimTime>, i32> {
    let now = docker.call.sys.now();
    let read = filters::unknown(parsed, FILTERS).map_or_else(|| filters::until(parsed, now), Err);
    match read {
        Ok(until) => Ok(until),
        Err(error) => {
            docker.err(format!("Error response from daemon: {error}\n")).await;
            Err(1)
        }
    }
}

fn reclaimed(bytes: u64) -> String {
    format!("Total reclaimed space: {}\n", format::size(bytes, 4))
}

pub async fn prune_containers(docker: Docker, parsed: Parsed) -> i32 {
    if confirmed(&docker, &parsed, "WARNING! This will remove all stopped containers.\n").await {
        let until = match until(&docker, &parsed).await {
            Ok(until) => until,
            Err(code) => return code,
        };
        let ids = docker.engine(|engine, now| {
            let fits = |c: &Container| {
                filters::labels(&parsed, &c.labels) && until.is_none_or(|until| c.created < until)
            };
            engine.prune_containers(fits, now)
        });
        docker.out(deleted("Deleted Containers:", &ids)).await;
        docker.out(reclaimed(0)).await;
    }
    0
}

pub async fn prune_images(docker: Docker, parsed: Parsed) -> i32 {
    let all = parsed.is("all");
    let which =
        if all { "images without at least one container associated to them" } else { "dangling images" };
    if confirmed(&docker, &parsed, &format!("WARNING! This will remove all {which}.\n")).await {
        let until = match until(&docker, &parsed).await {
            Ok(until) => until,
            Err(code) => return code,
        };
        let fits = |image: &Image| {
            filters::labels(&parsed, &image.config.labels) && until.is_none_or(|until| image.created < until)
        };
        let (done, bytes) = docker.engine(|engine, _| engine.prune_images(all, &fits));
        if !done.is_empty() {
            docker.out(format!("Deleted Images:\n{}\n", images::removals(&done, false))).await;
        }
        docker.out(reclaimed(bytes)).await;
    }
    0
}

pub async fn prune_builder(docker: Docker, parsed: Parsed) -> i32 {
    let which = if parsed.is("all") { "build cache" } else { "dangling build cache" };
    if !confirmed(&docker, &parsed, &format!("WARNING! This will remove all {which}. ")).await {
        return 0;
    }
    let (held, records) = docker.engine(|engine, _| (engine.held_chains(), engine.cache.prune()));
    let now = docker.call.sys.now();
    let mut out = String::new();
    let mut total = 0;
    for (index, record) in records.iter().enumerate() {
        if index == 0 {
            out.push_str("ID\t\t\t\t\t\tRECLAIMABLE\tSIZE\t\tLAST ACCESSED\n");
        }
        total += record.size_bytes;
        let id = format!("{}{}", record.id, if record.kind == "source.local" { "*" } else { "" });
        let shared = if record.is_shared(&held) { "*" } else { "" };
        let size = format!("{}{shared}", format::size(record.size_bytes, 4));
        // The first row is laid out together with the headings.
        let gap = if index == 0 { "\t\t" } else { "\t" };
        out.push_str(&format!("{id:40}\ttrue {gap}{size:10}\t{}\n", format::ago(record.last_used, now)));
    }
    docker.out(format!("{out}Total:\t{}\n", format::size(total, 4))).await;
    0
}

fn deleted(title: &str, ids: &[String]) -> String {
    if ids.is_empty() { String::new() } else { format!("{title}\n{}\n\n", ids.join("\n")) }
}

pub async fn prune(docker: Docker, parsed: Parsed) -> i32 {
    let (all, volumes) = (parsed.is("all"), parsed.is("volumes"));
    let mut warning = String::from(
        "WARNING! This will remove:\n  - all stopped containers\n  - all networks not used by at least one container\n",
    );
    if volumes {
        warning.push_str("  - all anonymous volumes not used by at least one container\n");
    }
    let which =
        if all { "images without at least one container associated to them" } else { "dangling images" };
    let cache = if all { "all build cache" } else { "unused build cache" };
    warning.push_str(&format!("  - all {which}\n  - {cache}\n\n"));
    let filtered: Vec<String> = ["label", "label!", "until"]
        .into_iter()
        .flat_map(|name| {
            filters::values(&parsed, name).into_iter().map(move |value| format!("{name}={value}"))
        })
        .collect();
    if volumes && filtered.iter().any(|f| f.starts_with("until=")) {
        docker.err("ERROR: The \"until\" filter is not supported with \"--volumes\"\n").await;
        return 1;
    }
    if !filtered.is_empty() {
        warning.push_str("  Items to be pruned will be filtered with:\n");
        warning.extend(filtered.iter().map(|filter| format!("  - {filter}\n")));
        warning.push('\n');
    }
    if !confirmed(&docker, &parsed, &warning).await {
        return 0;
    }
    let until = match until(&docker, &parsed).await {
        Ok(until) => until,
        Err(code) => return code,
    };
    let old = |at: SimTime| until.is_none_or(|until| at < until);
    let containers = docker.engine(|engine, now| {
        let fits = |c: &Container| filters::labels(&parsed, &c.labels) && old(c.created);
        engine.prune_containers(fits, now)
    });
    docker.out(deleted("Deleted Containers:", &containers)).await;
    let networks = docker
        .engine(|engine, _| engine.networks.prune(|n| filters::labels(&parsed, &n.labels) && old(n.created)));
    docker.out(deleted("Deleted Networks:", &networks)).await;
    if volumes {
        let names = docker.engine(|engine, _| engine.prune_volumes(false));
        docker.out(deleted("Deleted Volumes:", &names)).await;
    }
    let fits = |image: &Image| filters::labels(&parsed, &image.config.labels) && old(image.created);
    let (cached, records, (done, bytes)) = docker
        .engine(|engine, _| (engine.cache_size(), engine.cache.prune(), engine.prune_images(all, &fits)));
    if !done.is_empty() {
        docker.out(format!("Deleted Images:\n{}\n", images::removals(&done, false))).await;
    }
    let ids: Vec<String> = records.iter().map(|r| r.id.clone()).collect();
    docker.out(deleted("Deleted build cache objects:", &ids)).await;
    docker.out(reclaimed(bytes + cached)).await;
    0
}
