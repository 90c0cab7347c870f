//! `docker push`: offers an image's layers to a registry. Never makes them.

use std::time::Duration;

use crate::image::ImageRef;
use crate::machine::docker::work::{Progress as Far, WorkKind};

use super::Docker;
use super::flags::Parsed;
use super::pull::{Progress, caller, transfer};

/// What asking a registry takes.
const ASK_TIME: Duration = Duration::from_millis(300);
/// How fast layers leave, bytes a millisecond: a teaching pace.
const UPLOAD_BYTES_PER_MS: u64 = 200_000;
const PUSH_LIMIT_MS: u64 = 5_000;
/// Layers sent at the same time; the others wait.
const PARALLEL: usize = 5;

pub async fn run(docker: Docker, parsed: Parsed) -> i32 {
    let name = parsed.arg(0);
    let reference = match ImageRef::parse(name) {
        Ok(reference) => reference,
        Err(error) => {
            docker.err(format!("{error}\n")).await;
            return 1;
        }
    };
    if parsed.is("all-tags") {
        return all_tags(&docker, &reference, parsed.is("quiet")).await;
    }
    let quiet = parsed.is("quiet");
    if reference.tag.is_none() && !quiet {
        docker.out("Using default tag: latest\n").await;
    }
    let reference = reference.with_default_tag();
    let out = docker.call.io.stdout.clone();
    let work = docker.begin_work(WorkKind::Push, &reference.familiar());
    let mut progress = Progress { tty: out.is_terminal(), out, quiet, lines: Vec::new(), work };
    progress.text(&format!("The push refers to repository [{}]\n", reference.name())).await;
    let pushed = push(&docker, &reference, &mut progress).await;
    docker.engine(|engine, _| engine.works.end(work));
    match pushed {
        Ok(()) => {
            if quiet {
                docker.out(format!("{}\n", reference.canonical())).await;
            }
            0
        }
        Err(error) => {
            docker.err(format!("{error}\n")).await;
            1
        }
    }
}

/// Every tag that a repository has here, one after the other.
async fn all_tags(docker: &Docker, repository: &ImageRef, quiet: bool) -> i32 {
    if repository.tag.is_some() || repository.digest.is_some() {
        docker.err("tag can't be used with --all-tags/-a\n").await;
        return 1;
    }
    let tags = docker.view(|engine, _| engine.images.tags_in(repository));
    let out = docker.call.io.stdout.clone();
    let work = docker.begin_work(WorkKind::Push, &repository.familiar_name());
    let mut progress = Progress { tty: out.is_terminal(), out, quiet, lines: Vec::new(), work };
    progress.text(&format!("The push refers to repository [{}]\n", repository.name())).await;
    let mut pushed = match tags.is_empty() {
        true => Err(format!("An image does not exist locally with the tag: {}", repository.familiar_name())),
        false => Ok(()),
    };
    for tag in &tags {
        if pushed.is_ok() {
            progress.lines.clear();
            pushed = push(docker, tag, &mut progress).await;
        }
    }
    docker.engine(|engine, _| engine.works.end(work));
    match pushed {
        Ok(()) => 0,
        Err(error) => {
            docker.err(format!("{error}\n")).await;
            1
        }
    }
}

async fn push(docker: &Docker, reference: &ImageRef, progress: &mut Progress) -> Result<(), String> {
    let image = docker.view(|engine, _| {
        engine
            .images
            .tagged(reference)
            .and_then(|id| engine.images.get(id))
            .map(|stored| stored.image.clone())
    });
    let others = docker.view(|engine, _| !engine.images.tags_in(reference).is_empty());
    let image = image.ok_or_else(|| match others {
        true => format!("tag does not exist: {}", reference.familiar()),
        false => format!("An image does not exist locally with the tag: {}", reference.familiar_name()),
    })?;
    let ids: Vec<String> = image.layers.iter().rev().map(|l| l.diff_id.short().to_owned()).collect();
    for id in &ids {
        docker.work_part(progress.work, id, Far::Waiting);
        progress.line(id, "Preparing").await;
    }
    for id in ids.iter().skip(PARALLEL) {
        progress.line(id, "Waiting").await;
    }
    docker.call.sys.sleep(ASK_TIME).await;
    let caller = caller(docker, reference);
    let known = docker
        .call
        .sys
        .view(|w| w.cloud.registries.admit_push(reference, &image, &caller))
        .map_err(|refusal| refusal.of_docker_push(reference))?;
    let total: u64 =
        image.layers.iter().zip(&known).filter(|(_, known)| !**known).map(|(l, _)| l.archive_bytes()).sum();
    let speed = UPLOAD_BYTES_PER_MS * (total / UPLOAD_BYTES_PER_MS / PUSH_LIMIT_MS + 1);
    for ((layer, id), known) in image.layers.iter().rev().zip(&ids).zip(known.iter().rev()) {
        if *known {
            docker.work_part(progress.work, id, Far::There);
            progress.line(id, "Layer already exists").await;
            continue;
        }
        transfer(docker, progress, id, "Pushing", layer.archive_bytes(), speed).await;
        docker.work_part(progress.work, id, Far::Done);
        progress.line(id, "Pushed").await;
    }
    docker.call.sys.sleep(ASK_TIME).await;
    let digest = docker.call.sys.with(|w| {
        let now = w.now;
        let digest = w.cloud.registries.push(reference, &image, now);
        w.machine.docker.images.note_digest(reference, &digest, &image.id);
        w.machine.docker.events.add(
            now,
            "image",
            "push",
            &reference.familiar(),
            [("name", reference.familiar_name())],
        );
        w.machine.docker.touch();
        digest
    });
    let tag = reference.tag_or_latest();
    progress.text(&format!("{tag}: digest: {digest} size: {}\n", image.manifest_size())).await;
    Ok(())
}
