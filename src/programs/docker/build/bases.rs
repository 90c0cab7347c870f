//! What a build stands on: the stages that are needed, the images they begin with, and their metadata. Never builds.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use crate::image::{Image, ImageRef};
use crate::programs::docker::{Docker, pull};

use super::arguments::{near, with_hint};
use super::dockerfile::{Complaint, Dockerfile, Stage};
use super::progress::Progress;
use super::{Failure, Options, expand};
use crate::programs::docker::format::quote;

/// What asking a registry for an image's metadata takes.
const METADATA_MS: u64 = 200;

/// A base image and where it came from.
#[derive(Debug, Clone)]
pub struct Base {
    pub reference: ImageRef,
    pub image: Rc<Image>,
    /// The builder fetched it itself: its digest is shown.
    pub remote: bool,
}

/// A failure that points at lines of the Dockerfile.
pub fn fail(message: String, lines: (usize, usize), vertex: Option<usize>) -> Failure {
    Failure { vertex, complaint: Complaint { message, lines: Some(lines) } }
}

/// What BuildKit declares by itself before the first FROM.
const PLATFORM_ARGS: &[(&str, &str)] = &[
    ("BUILDPLATFORM", "linux/amd64"),
    ("BUILDOS", "linux"),
    ("BUILDARCH", "amd64"),
    ("BUILDVARIANT", ""),
    ("TARGETPLATFORM", "linux/amd64"),
    ("TARGETOS", "linux"),
    ("TARGETARCH", "amd64"),
    ("TARGETVARIANT", ""),
];

/// Images that BuildKit takes a name that it cannot find for a misspelling of.
const COMMON_IMAGES: &[&str] = &["alpine", "busybox", "centos", "debian", "golang", "ubuntu", "fedora"];

/// ARGs before the first FROM with their values.
pub fn global_args(given: &BTreeMap<String, String>, file: &Dockerfile) -> BTreeMap<String, String> {
    let mut args: BTreeMap<String, String> =
        PLATFORM_ARGS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    for step in &file.globals {
        for word in expand::words(&step.rest) {
            let (name, default) = word.split_once('=').map_or((word.as_str(), None), |(n, v)| (n, Some(v)));
            let default = default.map(|text| expand::variables(text, &|n| args.get(n).cloned()));
            if let Some(value) = given.get(name).cloned().or(default) {
                args.insert(name.to_owned(), value);
            }
        }
    }
    args
}

/// The base a FROM names, its variables filled in.
pub fn base_name(stage: &Stage, globals: &BTreeMap<String, String>) -> String {
    expand::variables(&stage.base, &|name| globals.get(name).cloned())
}

/// Mistakes in how stages refer to images and to each other, before anything is asked for.
pub fn check_references(file: &Dockerfile, globals: &BTreeMap<String, String>) -> Result<(), Failure> {
    for stage in &file.stages {
        let lines = stage.from.lines;
        expand::expanded(&stage.base, &|name| globals.get(name).cloned())
            .map_err(|why| fail(why, lines, None))?;
        if base_name(stage, globals).is_empty() {
            return Err(fail(format!("base name ({}) should not be blank", stage.base), lines, None));
        }
    }
    for (index, stage) in file.stages.iter().enumerate() {
        for step in &stage.steps {
            let Some(from) = step.flag("from") else { continue };
            if from.contains('$') {
                let message = "variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround";
                return Err(without_lines(message.to_owned()));
            }
            if from.parse::<usize>().is_ok_and(|n| n >= file.stages.len()) {
                return Err(without_lines(format!("invalid stage index {from}")));
            }
            if stage_named(file, from) == Some(index) {
                let name = stage.name.clone().unwrap_or_else(|| format!("stage-{index}"));
                let message = format!("circular dependency detected on stage: {name}");
                return Err(fail(message, step.lines, None));
            }
        }
    }
    Ok(())
}

/// The stage that `COPY --from` means, wherever it stands.
pub fn stage_named(file: &Dockerfile, name: &str) -> Option<usize> {
    let lower = name.to_lowercase();
    let by_name = file.stages.iter().rposition(|s| s.name.as_deref() == Some(lower.as_str()));
    by_name.or_else(|| name.parse::<usize>().ok().filter(|n| *n < file.stages.len()))
}

fn without_lines(message: String) -> Failure {
    Failure { vertex: None, complaint: Complaint { message, lines: None } }
}

/// The stages that the wanted one needs, itself included, lowest first.
pub fn needed_stages(
    options: &Options,
    file: &Dockerfile,
    globals: &BTreeMap<String, String>,
) -> Result<Vec<usize>, Failure> {
    let below = |text: &str, below: usize| stage_named(file, text).filter(|index| *index < below);
    let last = file.stages.len() - 1;
    let target = match &options.target {
        None => last,
        Some(target) => stage_named(file, target).ok_or_else(|| {
            let hint = near(target, file.stages.iter().filter_map(|stage| stage.name.clone()));
            let message = format!("target stage {} could not be found", quote(target));
            without_lines(with_hint(&message, hint.as_deref()))
        })?,
    };
    let mut needed = BTreeSet::new();
    let mut pending = vec![target];
    while let Some(stage) = pending.pop() {
        if !needed.insert(stage) {
            continue;
        }
        pending.extend(below(&base_name(&file.stages[stage], globals), stage));
        for step in &file.stages[stage].steps {
            pending.extend(step.flag("from").and_then(|from| below(from, stage)));
        }
    }
    Ok(needed.into_iter().collect())
}

/// The images that a file builds on from outside: FROMs, and COPY --from of images.
pub fn outside_images(
    options: &Options,
    file: &Dockerfile,
) -> Result<Vec<(String, (usize, usize))>, Failure> {
    let globals = global_args(&options.args, file);
    let mut wanted: Vec<(String, (usize, usize))> = Vec::new();
    for index in needed_stages(options, file, &globals)? {
        let stage = &file.stages[index];
        let earlier = |name: &str| stage_named(file, name).is_some_and(|found| found < index);
        // A stage that stands further down is no image either; the solver says what is wrong with it.
        let from = stage.steps.iter().filter_map(|s| s.flag("from").map(|v| (v, s.lines)));
        let from = from.filter(|(name, _)| stage_named(file, name).is_none());
        let all = std::iter::once((base_name(stage, &globals), stage.from.lines))
            .chain(from.map(|(v, lines)| (v.to_owned(), lines)));
        for (name, lines) in all {
            if name != "scratch" && !earlier(&name) && !wanted.iter().any(|(n, _)| *n == name) {
                wanted.push((name, lines));
            }
        }
    }
    Ok(wanted)
}

/// What a name may have been meant to be: stages, and images that many use.
fn likely_names(file: &Dockerfile) -> Vec<String> {
    let stages = file.stages.iter().filter_map(|stage| stage.name.clone());
    let images = COMMON_IMAGES.iter().flat_map(|name| [(*name).to_owned(), format!("{name}:latest")]);
    stages.chain(images).collect()
}

/// The image that is here under a name.
pub fn local_image(docker: &Docker, reference: &ImageRef) -> Option<Rc<Image>> {
    docker.view(|engine, _| {
        engine.images.tagged(reference).and_then(|id| engine.images.get(id)).map(|s| s.image.clone())
    })
}

/// Asks for the metadata of every base image.
pub async fn load_bases(
    docker: &Docker,
    options: &Options,
    file: &Dockerfile,
    progress: &mut Progress<'_>,
) -> Result<BTreeMap<String, Base>, Failure> {
    let mut bases = BTreeMap::new();
    for (name, lines) in outside_images(options, file)? {
        let reference = ImageRef::parse(&name).map_err(|error| {
            fail(format!("failed to parse stage name {}: {error}", quote(&name)), lines, None)
        })?;
        let reference = reference.with_default_tag();
        let canonical = reference.canonical();
        let vertex = progress.begin(&format!("[internal] load metadata for {canonical}")).await;
        let local = local_image(docker, &reference);
        if let (Some(image), false) = (local, options.pull) {
            docker.call.sys.sleep(Duration::from_millis(super::LOAD_MS)).await;
            progress.done(vertex).await;
            bases.insert(name, Base { reference, image, remote: false });
            continue;
        }
        docker.call.sys.sleep(Duration::from_millis(METADATA_MS)).await;
        let caller = pull::caller(docker, &reference);
        match docker.call.sys.view(|w| w.cloud.registries.pull(&reference, &caller)) {
            Ok(image) => {
                progress.done(vertex).await;
                bases.insert(name, Base { reference, image, remote: true });
            }
            Err(refusal) => {
                let why = refusal.of_buildkit(&reference);
                progress.failed(vertex, &why).await;
                let message = format!("{name}: failed to resolve source metadata for {canonical}: {why}");
                let hint = near(&name, likely_names(file).into_iter());
                return Err(fail(with_hint(&message, hint.as_deref()), lines, Some(vertex)));
            }
        }
    }
    Ok(bases)
}
