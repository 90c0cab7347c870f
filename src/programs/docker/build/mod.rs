//! `docker build`: options, context, Dockerfile, then the solver. Never keeps anything: images and cache are the
//! engine's.

mod bases;
pub mod context;
mod copy;
pub mod dockerfile;
mod expand;
mod legacy;
mod lint;
mod progress;
mod run_step;
mod solve;
mod step;
mod tarsum;

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::image::files::{Entry, join, split_parent};
use crate::image::reference::ReferenceError;
use crate::image::{Image, ImageRef};

use super::Docker;
use super::flags::Parsed;
use context::Context;
use dockerfile::{Complaint, Dockerfile};
use progress::{Mode, Progress};

/// What reading a definition, an ignore file or a context takes.
pub const LOAD_MS: u64 = 20;

/// What was asked for.
pub struct Options {
    pub tags: Vec<ImageRef>,
    pub args: BTreeMap<String, String>,
    pub labels: Vec<(String, String)>,
    pub target: Option<String>,
    pub no_cache: bool,
    pub pull: bool,
    /// The context directory, absolute.
    pub root: String,
    /// The Dockerfile: as typed for messages, absolute for reading.
    pub file: (String, String),
}

/// Why a build ended, in the words after `ERROR: failed to build: `, and what is shown before them.
pub struct Failure {
    pub vertex: Option<usize>,
    pub complaint: Complaint,
}

pub async fn run(docker: Docker, parsed: Parsed) -> i32 {
    if docker.call.var("DOCKER_BUILDKIT") == Some("0") {
        return legacy::run(&docker, &parsed).await;
    }
    let options = match options(&docker, &parsed) {
        Ok(options) => options,
        Err(error) => {
            docker.err(format!("ERROR: failed to build: {error}\n")).await;
            return 1;
        }
    };
    let mode = match (parsed.get("progress"), parsed.is("quiet")) {
        (_, true) | (Some("quiet"), _) => Mode::Quiet,
        (Some("plain"), _) => Mode::Plain,
        (Some("tty"), _) => Mode::Terminal,
        _ if docker.call.io.stderr.is_terminal() => Mode::Terminal,
        _ => Mode::Plain,
    };
    let subject = options.tags.first().map(ImageRef::familiar).unwrap_or_default();
    let Some(root) = directory(&docker, &options.root) else {
        if mode == Mode::Terminal {
            Progress::new(&docker, mode, &subject).await.close();
        }
        let path = parsed.arg(0);
        docker
            .err(format!("ERROR: failed to build: unable to prepare context: path \"{path}\" not found\n"))
            .await;
        return 1;
    };
    let mut progress = Progress::new(&docker, mode, &subject).await;
    let built = build(&docker, &options, &root, &mut progress).await;
    progress.close();
    match built {
        Ok(image) => {
            progress.finish().await;
            finish(&docker, &parsed, &image, mode).await
        }
        Err((failure, text)) => {
            if let Some(vertex) = failure.vertex {
                progress.summary(vertex).await;
            }
            if let Some(lines) = failure.complaint.lines {
                let name = split_parent(&options.file.1).1;
                docker.err(dockerfile::excerpt(name, &text, lines)).await;
            }
            docker
                .err(format!("ERROR: failed to build: failed to solve: {}\n", failure.complaint.message))
                .await;
            1
        }
    }
}

async fn finish(docker: &Docker, parsed: &Parsed, image: &Image, mode: Mode) -> i32 {
    if let Some(path) = parsed.get("iidfile")
        && docker.call.sys.write(&docker.call.path(path), image.id.as_str().as_bytes()).is_err()
    {
        docker.err(format!("ERROR: failed to build: open {path}: permission denied\n")).await;
        return 1;
    }
    if mode == Mode::Quiet {
        docker.out(format!("{}\n", image.id)).await;
    }
    0
}

/// The directory at a path of the machine.
pub fn directory(docker: &Docker, path: &str) -> Option<Rc<Entry>> {
    docker.call.sys.stat(path).ok().filter(|e| e.is_dir())
}

/// Reads the flags.
pub fn options(docker: &Docker, parsed: &Parsed) -> Result<Options, String> {
    let path = parsed.arg(0);
    if path == "-" || path.contains("://") {
        return Err(
            "KubeJam builds from a directory; contexts from standard input or a URL are not imitated"
                .to_owned(),
        );
    }
    if parsed.is("push") || !parsed.all("output").is_empty() {
        return Err(
            "KubeJam keeps the result as an image here; --push and --output are not imitated".to_owned()
        );
    }
    let root = docker.call.path(path);
    let file = match parsed.get("file") {
        Some(file) => (file.to_owned(), docker.call.path(file)),
        None => ("Dockerfile".to_owned(), join(&root, "Dockerfile")),
    };
    let mut tags = Vec::new();
    for tag in parsed.all("tag") {
        tags.push(ImageRef::parse(tag).map_err(|error| match error {
            ReferenceError::Uppercase(_) => {
                format!("invalid tag \"{tag}\": repository name must be lowercase")
            }
            other => format!("invalid tag \"{tag}\": {other}"),
        })?);
    }
    let pair = |text: &String| match text.split_once('=') {
        Some((name, value)) => Some((name.to_owned(), value.to_owned())),
        None => docker.call.var(text).map(|value| (text.clone(), value.to_owned())),
    };
    Ok(Options {
        tags,
        args: parsed.all("build-arg").iter().filter_map(pair).collect(),
        labels: parsed
            .all("label")
            .iter()
            .map(|l| l.split_once('=').unwrap_or((l, "")))
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect(),
        target: parsed.get("target").map(str::to_lowercase),
        no_cache: parsed.is("no-cache"),
        pull: parsed.is("pull"),
        root,
        file,
    })
}

async fn build(
    docker: &Docker,
    options: &Options,
    root: &Rc<Entry>,
    progress: &mut Progress<'_>,
) -> Result<Rc<Image>, (Failure, String)> {
    let (file, text) = definition(docker, options, progress).await?;
    let with_text = |failure: Failure| (failure, text.clone());
    let bases = bases::load_bases(docker, options, &file, progress).await.map_err(with_text)?;
    let context = ignore_file(docker, root, progress).await;
    let mut solver = solve::Solver::new(docker, options, &file, bases, context).map_err(with_text)?;
    solver.solve(progress).await.map_err(with_text)
}

async fn definition(
    docker: &Docker,
    options: &Options,
    progress: &mut Progress<'_>,
) -> Result<(Dockerfile, String), (Failure, String)> {
    let name = split_parent(&options.file.1).1.to_owned();
    let vertex = progress.begin(&format!("[internal] load build definition from {name}")).await;
    docker.call.sys.sleep(std::time::Duration::from_millis(LOAD_MS)).await;
    let entry = docker.call.sys.stat(&options.file.1).ok();
    let bytes = context::single_file_bytes(&name, entry.as_deref());
    let size = super::format::size(bytes, 4);
    progress.status(vertex, &format!("transferring dockerfile: {size}")).await;
    let read = docker.call.sys.read_text(&options.file.1);
    let parsed = read.as_deref().ok().map(dockerfile::parse);
    if let Some(Ok(file)) = &parsed {
        for finding in lint::findings(file) {
            progress.warn(vertex, &finding).await;
        }
    }
    progress.done(vertex).await;
    let (complaint, text) = match (parsed, read) {
        (Some(Ok(file)), Ok(text)) => return Ok((file, text)),
        (Some(Err(complaint)), Ok(text)) => (complaint, text),
        _ => {
            let message = format!("failed to read dockerfile: open {name}: no such file or directory");
            (Complaint { message, lines: None }, String::new())
        }
    };
    Err((Failure { vertex: None, complaint }, text))
}

async fn ignore_file(docker: &Docker, root: &Rc<Entry>, progress: &mut Progress<'_>) -> Context {
    let vertex = progress.begin("[internal] load .dockerignore").await;
    docker.call.sys.sleep(std::time::Duration::from_millis(LOAD_MS)).await;
    let tree = crate::image::FileTree::from_root(root.clone());
    let entry = tree.get("/.dockerignore").cloned();
    let size = super::format::size(context::single_file_bytes(".dockerignore", entry.as_deref()), 4);
    progress.status(vertex, &format!("transferring context: {size}")).await;
    progress.done(vertex).await;
    let ignore = tree.read_text("/.dockerignore").unwrap_or_default();
    Context::new(root, &ignore)
}

/// Words of a line; for tests.
#[cfg(test)]
pub fn words(line: &str) -> Vec<String> {
    expand::words(line)
}
