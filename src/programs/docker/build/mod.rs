//! `docker build`: options, context, Dockerfile, then the solver. Never keeps anything: images and cache are the
//! engine's.

mod arguments;
mod bases;
mod calls;
pub mod context;
mod copy;
pub mod dockerfile;
mod expand;
mod layers;
mod legacy;
mod lint;
mod ports;
mod progress;
mod reading;
mod run_step;
mod solve;
mod step;
mod tarsum;

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::image::files::{Entry, EntryKind, join, split_parent};
use crate::image::reference::ReferenceError;
use crate::image::{Image, ImageRef};

use super::Docker;
use super::flags::Parsed;
use context::Context;
use dockerfile::{Complaint, Dockerfile};
use lint::Findings;
use progress::{Mode, Progress};

/// What reading a definition, an ignore file or a context takes.
pub const LOAD_MS: u64 = 20;

/// What was asked for.
pub struct Options {
    pub tags: Vec<ImageRef>,
    pub args: BTreeMap<String, String>,
    pub labels: Vec<(String, String)>,
    pub target: Option<String>,
    pub call: Call,
    pub no_cache: bool,
    pub pull: bool,
    /// The context directory, absolute.
    pub root: String,
    /// The Dockerfile: as typed for messages, absolute for reading.
    pub file: (String, String),
    /// The Dockerfile's text when it came from standard input.
    pub given: Option<String>,
}

/// Why a build ended, in the words after `ERROR: failed to build: `, and what is shown before them.
pub struct Failure {
    pub vertex: Option<usize>,
    pub complaint: Complaint,
}

pub use legacy::DEPRECATED;
pub use step::Built;

/// `docker build` of the builder before BuildKit.
pub async fn run_legacy(docker: Docker, parsed: Parsed) -> i32 {
    legacy::run(&docker, &parsed).await
}

pub async fn run(docker: Docker, parsed: Parsed) -> i32 {
    let mode = match mode(&docker, &parsed) {
        Ok(mode) => mode,
        Err(error) => {
            docker.err(format!("ERROR: {error}\n")).await;
            return 1;
        }
    };
    if let Some(bad) = parsed.all("label").iter().find(|label| label.starts_with('=')) {
        docker.err(format!("ERROR: invalid key-value pair {}: empty key\n", super::format::quote(bad))).await;
        return 1;
    }
    if let Some(bad) = parsed.all("secret").iter().flat_map(|text| text.split(',')).find(|f| !f.contains('='))
    {
        docker.err(format!("ERROR: invalid field '{bad}' must be a key=value pair\n")).await;
        return 1;
    }
    if parsed.is("squash") {
        docker
            .err("WARNING: experimental flag squash is removed with BuildKit. You should squash inside build using a multi-stage Dockerfile for efficiency.\n")
            .await;
    }
    let (options, root) = match prepare(&docker, &parsed).await {
        Ok(prepared) => prepared,
        Err(error) => {
            if mode == Mode::Terminal {
                Progress::new(&docker, mode, "").await.close();
            }
            docker.err(format!("ERROR: failed to build: {error}\n")).await;
            return 1;
        }
    };
    let subject = options.tags.first().map(ImageRef::familiar).unwrap_or_default();
    let mut progress = Progress::new(&docker, mode, &subject).await;
    let built = build(&docker, &options, &root, &mut progress).await;
    progress.close();
    let failed = match &built {
        Err((failure, _)) => failure.vertex,
        Ok(_) => None,
    };
    if let Some(vertex) = failed {
        progress.summary(vertex).await;
    }
    progress.finish().await;
    match built {
        Ok(Made::Image(image)) => finish(&docker, &parsed, &image, mode).await,
        Ok(Made::Said((text, bad))) => {
            docker.out(text).await;
            i32::from(bad)
        }
        Err((failure, text)) => {
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

/// How progress is shown; the error is buildx's sentence.
fn mode(docker: &Docker, parsed: &Parsed) -> Result<Mode, String> {
    let asked = parsed.get("progress").unwrap_or("auto");
    match (asked, parsed.is("quiet")) {
        ("auto" | "quiet", true) | ("quiet" | "none", false) => Ok(Mode::Quiet),
        (other, true) => Err(format!("progress={other} and quiet cannot be used together")),
        ("tty", _) => Ok(Mode::Terminal),
        ("auto" | "", _) if docker.call.io.stderr.is_terminal() => Ok(Mode::Terminal),
        ("auto" | "" | "plain", _) => Ok(Mode::Plain),
        ("rawjson", _) => Err("KubeJam does not show progress as rawjson".to_owned()),
        (other, _) => Err(format!("invalid progress mode {other}")),
    }
}

/// The options, and the directory that is the context: an empty one when the Dockerfile comes from standard input.
async fn prepare(docker: &Docker, parsed: &Parsed) -> Result<(Options, Rc<Entry>), String> {
    if let Some(why) = refusal(docker, parsed) {
        return Err(why);
    }
    let mut options = options(docker, parsed)?;
    let (path, file) = (parsed.arg(0), parsed.get("file"));
    let empty = || crate::image::FileTree::new().root().clone();
    let root = match (path, file) {
        ("", _) => {
            return Err("please specify build context (e.g. \".\" for the current directory)".to_owned());
        }
        ("-", Some("-")) => {
            return Err("invalid argument: can't use stdin for both build context and dockerfile".to_owned());
        }
        ("-", Some(_)) => {
            return Err(
                "ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles".to_owned()
            );
        }
        ("-", None) => empty(),
        _ => directory(docker, &options.root)
            .ok_or_else(|| format!("unable to prepare context: path \"{path}\" not found"))?,
    };
    if path == "-" || file == Some("-") {
        let (bytes, _) = docker.call.io.stdin.read_to_end().await;
        options.given = Some(String::from_utf8_lossy(&bytes).into_owned());
        options.file = ("Dockerfile".to_owned(), join(&options.root, "Dockerfile"));
    } else if file.is_none() && !docker.call.sys.exists(&options.file.1) {
        let lower = join(&options.root, "dockerfile");
        if docker.call.sys.exists(&lower) {
            options.file = ("dockerfile".to_owned(), lower);
        }
    }
    Ok((options, root))
}

async fn finish(docker: &Docker, parsed: &Parsed, image: &Image, mode: Mode) -> i32 {
    if let Some(path) = parsed.get("iidfile")
        && docker.call.sys.write(&docker.call.path(path), image.id.as_str().as_bytes()).is_err()
    {
        docker.err(format!("ERROR: failed to build: open {path}: permission denied\n")).await;
        return 1;
    }
    if mode == Mode::Quiet && parsed.get("progress") != Some("none") {
        docker.out(format!("{}\n", image.id)).await;
    }
    0
}

/// The directory at a path of the machine.
pub fn directory(docker: &Docker, path: &str) -> Option<Rc<Entry>> {
    docker.call.sys.stat(path).ok().filter(|e| e.is_dir())
}

/// What `--check` and `--call` ask for.
fn call(parsed: &Parsed) -> Call {
    let asked = parsed.get("call").or(parsed.get("print")).unwrap_or("build");
    let asked = asked.split(',').next().unwrap_or_default();
    match asked {
        "build" | "" if parsed.is("check") => Call::Check,
        "build" | "" => Call::Build,
        "check" | "lint" => Call::Check,
        "outline" => Call::Outline,
        "targets" => Call::Targets,
        other => Call::Unknown(other.to_owned()),
    }
}

/// What the flags ask for that cannot be, as buildx says it.
fn refusal(docker: &Docker, parsed: &Parsed) -> Option<String> {
    let file = |field: &str, text: &str| {
        text.split(',')
            .find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == field))
            .map(|(_, v)| v.to_owned())
    };
    for secret in parsed.all("secret") {
        let source = file("src", secret).or_else(|| file("source", secret)).or_else(|| file("id", secret));
        let source = source.filter(|_| file("env", secret).is_none())?;
        if !docker.call.sys.exists(&docker.call.path(&source)) {
            return Some(format!("failed to stat {source}: stat {source}: no such file or directory"));
        }
    }
    if parsed.all("ssh").iter().any(|ssh| !ssh.contains('=')) && docker.call.var("SSH_AUTH_SOCK").is_none() {
        let id = parsed.all("ssh").first().map_or("default", String::as_str);
        return Some(format!(
            "failed to convert agent config {{{id} [] false}}: invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set"
        ));
    }
    if let Some(host) = parsed.all("add-host").iter().find(|host| !host.contains([':', '='])) {
        return Some(format!("invalid host {host}"));
    }
    let platforms = parsed.all("platform").iter().flat_map(|text| text.split(','));
    if let Some(why) = platforms.into_iter().find_map(|text| super::create::platform_complaint(text.trim())) {
        return Some(why);
    }
    if parsed.is("push") && parsed.all("tag").is_empty() {
        return Some("tag is needed when pushing to registry".to_owned());
    }
    // A Dockerfile's directory must be there, whatever is in it.
    let typed = parsed.get("file").filter(|file| *file != "-")?;
    let clean = typed.strip_prefix("./").unwrap_or(typed);
    let parents = clean.char_indices().filter(|(at, c)| *c == '/' && *at > 0).map(|(at, _)| &clean[..at]);
    let missing = parents.into_iter().find(|dir| !docker.call.sys.exists(&docker.call.path(dir)))?;
    Some(format!("resolve : lstat {missing}: no such file or directory"))
}

/// Reads the flags.
pub fn options(docker: &Docker, parsed: &Parsed) -> Result<Options, String> {
    let path = parsed.arg(0);
    if path.contains("://") || path.starts_with("git@") {
        return Err("KubeJam builds from a directory; contexts from a URL are not imitated".to_owned());
    }
    if parsed.is("push") || !parsed.all("output").is_empty() {
        return Err(
            "KubeJam keeps the result as an image here; --push and --output are not imitated".to_owned()
        );
    }
    match parsed.get("network").unwrap_or("default") {
        "default" | "host" | "none" | "" => {}
        other => {
            return Err(format!(
                "network mode \"{other}\" not supported by buildkit - you can define a custom network for your builder using the network driver-opt in buildx create"
            ));
        }
    }
    let root = docker.call.path(if path == "-" { "." } else { path });
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
            _ if tag.is_empty() => {
                "invalid tag \"\": repository name must have at least one component".to_owned()
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
        call: call(parsed),
        no_cache: parsed.is("no-cache"),
        pull: parsed.is("pull"),
        root,
        file,
        given: None,
    })
}

async fn build(
    docker: &Docker,
    options: &Options,
    root: &Rc<Entry>,
    progress: &mut Progress<'_>,
) -> Result<Made, (Failure, String)> {
    let (definition, mut findings) = definition(docker, options, progress).await?;
    let Definition { vertex, file, text, told } = &definition;
    let with_text = |failure: Failure| (failure, text.clone());
    if let Call::Unknown(name) = &options.call {
        let request = format!("unsupported request frontend.{name}");
        let message = format!("{request}: {request}");
        return Err(with_text(Failure { vertex: None, complaint: Complaint { message, lines: None } }));
    }
    if options.call == Call::Targets {
        return Ok(Made::Said((calls::targets(file), false)));
    }
    let bases = bases::load_bases(docker, options, file, progress).await.map_err(with_text)?;
    if !told {
        findings.of_stages(options, file, &|name| bases.get(name).map(|base| base.image.clone()));
        for finding in findings.take().into_iter().filter(|_| options.call != Call::Check) {
            progress.warn(*vertex, &finding).await;
        }
    }
    let context = ignore_file(docker, root, progress).await;
    if file.checks_are_errors && !findings.rules().is_empty() && options.call == Call::Build {
        let message = format!("lint violation found for rules: {}", findings.rules().join(", "));
        return Err(with_text(Failure { vertex: None, complaint: Complaint { message, lines: None } }));
    }
    if options.call != Call::Build {
        return Ok(Made::Said(calls::answer(options, file, text, &findings)));
    }
    if let Some((step, message)) = file.steps().find_map(|step| Some((step, layers::refused_mode(step)?))) {
        let complaint = Complaint { message, lines: Some(step.lines) };
        return Err(with_text(Failure { vertex: None, complaint }));
    }
    let mut solver = solve::Solver::new(docker, options, file, bases, context).map_err(with_text)?;
    solver.solve(progress).await.map(Made::Image).map_err(with_text)
}

/// What comes of a build.
enum Made {
    Image(Rc<Image>),
    /// The answer to `--check` or `--call`, and whether it is a bad one.
    Said((String, bool)),
}

/// What is asked of the Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    Build,
    Check,
    Outline,
    Targets,
    /// What BuildKit does not know.
    Unknown(String),
}

/// A Dockerfile that was read.
struct Definition {
    vertex: usize,
    file: Dockerfile,
    text: String,
    /// Whether the checks of its stages were told already.
    told: bool,
}

async fn definition(
    docker: &Docker,
    options: &Options,
    progress: &mut Progress<'_>,
) -> Result<(Definition, Findings), (Failure, String)> {
    let name = split_parent(&options.file.1).1.to_owned();
    let vertex = progress.begin(&format!("[internal] load build definition from {name}")).await;
    docker.call.sys.sleep(std::time::Duration::from_millis(LOAD_MS)).await;
    let entry = match &options.given {
        Some(text) => {
            let content = EntryKind::File(text.as_bytes().into());
            Some(Rc::new(Entry::new(content, 0o600, docker.call.sys.now())))
        }
        None => docker.call.sys.stat(&options.file.1).ok(),
    };
    let bytes = context::single_file_bytes(&name, entry.as_deref());
    let size = super::format::size(bytes, 4);
    progress.status(vertex, &format!("transferring dockerfile: {size}")).await;
    let read = options.given.clone().or_else(|| docker.call.sys.read_text(&options.file.1).ok());
    let Some(text) = read else {
        progress.done(vertex).await;
        let message = format!("failed to read dockerfile: open {name}: no such file or directory");
        return Err((Failure { vertex: None, complaint: Complaint { message, lines: None } }, String::new()));
    };
    let (file, read) = dockerfile::parse_partly(&text);
    let mut findings = Findings::new(&file);
    if let Err(complaint) = read {
        // What was seen on the way is told all the same.
        findings.of_parsing(&file);
        for finding in findings.take() {
            progress.warn(vertex, &finding).await;
        }
        progress.done(vertex).await;
        return Err((Failure { vertex: None, complaint }, text));
    }
    let checked = checked(docker, options, &file, &mut findings);
    let told_elsewhere = !matches!(options.call, Call::Build | Call::Outline);
    for finding in findings.take().into_iter().filter(|_| !told_elsewhere) {
        progress.warn(vertex, &finding).await;
    }
    progress.done(vertex).await;
    match checked {
        Ok(told) => Ok((Definition { vertex, file, text, told }, findings)),
        Err(failure) => Err((failure, text)),
    }
}

/// Finds what is unwise in a file and whether its references hold. True when its stages were looked at, too: with every
/// base image here, that happens before the definition's lines are printed.
fn checked(
    docker: &Docker,
    options: &Options,
    file: &Dockerfile,
    findings: &mut Findings,
) -> Result<bool, Failure> {
    findings.of_reading(file, &options.args);
    bases::check_references(file, &bases::global_args(&options.args, file))?;
    let local = |name: &str| {
        let reference = ImageRef::parse(name).ok()?.with_default_tag();
        bases::local_image(docker, &reference)
    };
    let outside = bases::outside_images(options, file)?;
    let told = !options.pull && outside.iter().all(|(name, _)| local(name).is_some());
    if told {
        findings.of_stages(options, file, &local);
    }
    Ok(told)
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
