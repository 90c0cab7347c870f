//! `docker pull`, and the pull inside `docker run`: layers with their progress, then digest and status. Never builds.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use crate::cloud::registry::Caller;
use crate::image::{Digest, Image, ImageRef};
use crate::machine::docker::images::chain_ids;
use crate::machine::docker::work::{Progress as Far, WorkKind};
use crate::world::Output;

use super::flags::Parsed;
use super::{Docker, format, login};

/// What asking a registry takes.
const ASK_TIME: Duration = Duration::from_millis(300);
/// How fast layers arrive and unpack, bytes a millisecond: a teaching pace.
const DOWNLOAD_BYTES_PER_MS: u64 = 120_000;
const EXTRACT_BYTES_PER_MS: u64 = 400_000;
/// How long one image may take at most.
const PULL_LIMIT_MS: u64 = 6_000;
/// Progress is redrawn so often.
const REDRAW: Duration = Duration::from_millis(100);
/// Layers fetched at the same time; the others wait.
const PARALLEL: usize = 3;

pub async fn run(docker: Docker, parsed: Parsed) -> i32 {
    let name = parsed.arg(0);
    let reference = match ImageRef::parse(name) {
        Ok(reference) => reference,
        Err(error) => {
            docker.err(format!("{error}\n")).await;
            return 1;
        }
    };
    if parsed.is("all-tags") && (reference.tag.is_some() || reference.digest.is_some()) {
        docker.err("tag can't be used with --all-tags/-a\n").await;
        return 1;
    }
    if parsed.is("all-tags") {
        docker.err("docker pull: pulling every tag (--all-tags) is not imitated by KubeJam.\n").await;
        return 1;
    }
    let quiet = parsed.is("quiet");
    if reference.tag.is_none() && reference.digest.is_none() && !quiet {
        docker.out("Using default tag: latest\n").await;
    }
    let platform = parsed.get("platform").filter(|text| !text.is_empty());
    if let Some(why) = platform.and_then(super::create::platform_complaint) {
        docker.err(format!("Error response from daemon: {why}\n")).await;
        return 1;
    }
    let reference = reference.with_default_tag();
    let out = docker.call.io.stdout.clone();
    match pull(&docker, &reference, &out, quiet).await {
        Ok(_) => {
            docker.out(format!("{}\n", reference.canonical())).await;
            0
        }
        Err(error) => {
            docker.err(format!("Error response from daemon: {error}\n")).await;
            1
        }
    }
}

/// Who the client is to a registry: whatever `~/.docker/config.json` holds for its host.
pub fn caller(docker: &Docker, reference: &ImageRef) -> Caller {
    let project = docker.call.sys.view(|w| (w.cloud.project.id.clone(), w.cloud.project.account.clone()));
    if login::has_credentials(docker, &reference.registry) {
        Caller::Account { name: project.1, projects: BTreeSet::from([project.0]) }
    } else {
        Caller::Anonymous
    }
}

/// Pulls an image and names it; the error is the engine's sentence. Progress goes to `out` unless `quiet`.
pub async fn pull(
    docker: &Docker,
    reference: &ImageRef,
    out: &Output,
    quiet: bool,
) -> Result<Rc<Image>, String> {
    docker.call.sys.sleep(ASK_TIME).await;
    let caller = caller(docker, reference);
    let image = docker
        .call
        .sys
        .view(|w| w.cloud.registries.pull(reference, &caller))
        .map_err(|refusal| refusal.of_docker_pull(reference))?;
    let tag =
        reference.digest.as_ref().map_or_else(|| reference.tag_or_latest().to_owned(), ToString::to_string);
    let path = match reference.registry.as_str() {
        "docker.io" => reference.repository.clone(),
        _ => reference.repository.clone(),
    };
    let digest = image.manifest_digest();
    let known = docker.view(|engine, _| engine.images.tagged(reference) == Some(&image.id));
    let work = docker.begin_work(WorkKind::Pull, &reference.familiar());
    let mut progress = Progress { out: out.clone(), quiet, lines: Vec::new(), tty: out.is_terminal(), work };
    progress.text(&format!("{tag}: Pulling from {path}\n")).await;
    if !known {
        fetch(docker, &image, &mut progress).await;
    }
    progress.text(&format!("Digest: {digest}\n")).await;
    let status = if known { "Image is up to date for" } else { "Downloaded newer image for" };
    progress.text(&format!("Status: {status} {}\n", reference.familiar())).await;
    docker.engine(|engine, now| {
        engine.works.end(work);
        engine.add_image(reference, &image, now);
        engine.images.note_digest(reference, &digest, &image.id);
        engine.events.add(now, "image", "pull", &reference.familiar(), [("name", reference.familiar_name())]);
    });
    Ok(image)
}

/// Fetches the layers that are not here yet, with the lines that docker shows for each.
async fn fetch(docker: &Docker, image: &Image, progress: &mut Progress) {
    let held: BTreeSet<Digest> = docker.view(|engine, _| {
        let images = engine.images.list();
        images.iter().flat_map(|s| chain_ids(&s.image)).chain(engine.cache.chains()).collect()
    });
    let chains = chain_ids(image);
    let mut wanted = Vec::new();
    for (layer, chain) in image.layers.iter().zip(&chains) {
        let id = layer.digest.short().to_owned();
        if held.contains(chain) {
            docker.work_part(progress.work, &id, Far::There);
            progress.line(&id, "Already exists").await;
        } else {
            docker.work_part(progress.work, &id, Far::Waiting);
            progress.line(&id, "Pulling fs layer").await;
            wanted.push(layer.clone());
        }
    }
    for layer in wanted.iter().skip(PARALLEL) {
        progress.line(layer.digest.short(), "Waiting").await;
    }
    let total: u64 = wanted.iter().map(|l| l.compressed_bytes).sum();
    let natural_ms = (total / DOWNLOAD_BYTES_PER_MS).max(1);
    let speed = (DOWNLOAD_BYTES_PER_MS * natural_ms.div_ceil(PULL_LIMIT_MS)).max(1);
    for layer in &wanted {
        let id = layer.digest.short();
        transfer(docker, progress, id, "Downloading", layer.compressed_bytes, speed).await;
        if !progress.tty {
            progress.line(id, "Verifying Checksum").await;
        }
        progress.line(id, "Download complete").await;
    }
    for layer in &wanted {
        let id = layer.digest.short();
        transfer(docker, progress, id, "Extracting", layer.compressed_bytes, EXTRACT_BYTES_PER_MS.max(speed))
            .await;
        docker.work_part(progress.work, id, Far::Done);
        progress.line(id, "Pull complete").await;
    }
}

/// Moves bytes at a speed; the bar is shown on terminals only.
pub async fn transfer(
    docker: &Docker,
    progress: &mut Progress,
    id: &str,
    verb: &str,
    bytes: u64,
    bytes_per_ms: u64,
) {
    let columns = docker.columns(&progress.out);
    let step = (bytes_per_ms * REDRAW.as_millis() as u64).max(1);
    let mut done = 0;
    while done < bytes {
        let now = step.min(bytes - done);
        docker.call.sys.sleep(Duration::from_millis(now / bytes_per_ms.max(1))).await;
        done += now;
        docker.work_part(progress.work, id, Far::Moving { done, of: bytes });
        if progress.tty {
            progress.line(id, &format!("{verb} {}", bar(done, bytes, columns))).await;
        }
    }
}

/// `[====>     ]  26.21MB/59.24MB`, as docker draws it; on a terminal of 110 columns or less the numbers alone.
pub fn bar(done: u64, total: u64, columns: usize) -> String {
    const WIDTH: u64 = 50;
    const WIDE_COLUMNS: usize = 110;
    if columns <= WIDE_COLUMNS {
        return format!("{:>8}/{}", format::size(done, 4), format::size(total, 4));
    }
    let filled = (done * WIDTH).checked_div(total).unwrap_or(WIDTH).min(WIDTH);
    let blanks = WIDTH.saturating_sub(filled);
    let arrow = format!("{}>{}", "=".repeat(filled as usize), " ".repeat(blanks as usize));
    format!("[{arrow}]  {:>6}/{}", format::size(done, 4), format::size(total, 4))
}

/// Lines with an id each that change in place on a terminal, and follow each other elsewhere.
pub struct Progress {
    pub out: Output,
    pub quiet: bool,
    pub tty: bool,
    pub lines: Vec<String>,
    /// The engine's number of the work that is shown.
    pub work: u64,
}

impl Progress {
    /// A line of its own.
    pub async fn text(&mut self, text: &str) {
        if !self.quiet {
            // Whoever read the output may be gone; docker goes on.
            let _gone = self.out.write(text).await;
        }
    }

    /// The line of an id.
    pub async fn line(&mut self, id: &str, status: &str) {
        if self.quiet {
            return;
        }
        if !self.tty {
            return self.text(&format!("{id}: {status}\n")).await;
        }
        let at = match self.lines.iter().position(|l| l == id) {
            Some(at) => at,
            None => {
                self.lines.push(id.to_owned());
                self.text("\n").await;
                self.lines.len() - 1
            }
        };
        let up = self.lines.len() - at;
        // A line that was pushed off a small screen cannot be reached; writing it would spoil another one.
        if self.out.tty().is_some_and(|tty| up >= usize::from(tty.size().rows)) {
            return;
        }
        self.text(&format!("\x1b[{up}A\x1b[2K\r{id}: {status} \r\x1b[{up}B")).await;
    }
}

pub async fn search(docker: Docker, parsed: Parsed) -> i32 {
    docker
        .err(format!(
            "docker search: KubeJam has no index of Docker Hub to look for {} in.\n",
            format::quote(parsed.arg(0))
        ))
        .await;
    1
}
