//! What a build stands on: the stages that are needed, the images they begin with, and their metadata. Never builds.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use crate::image::{Image, ImageRef};
use crate::programs::docker::{Docker, pull};

use super::dockerfile::{Complaint, Dockerfile, Stage};
use super::progress::Progress;
use super::{Failure, Options, expand};

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

/// ARGs before the first FROM with their values.
pub fn global_args(options: &Options, file: &Dockerfile) -> BTreeMap<String, String> {
    let mut args = BTreeMap::new();
    for step in &file.globals {
        for word in expand::words(&step.rest) {
            let (name, default) = word.split_once('=').map_or((word.as_str(), ""), |(n, v)| (n, v));
            let default = expand::variables(default, &|n| args.get(n).cloned());
            let value = options.args.get(name).cloned().unwrap_or(default);
            args.insert(name.to_owned(), value);
        }
    }
    args
}

/// The base a FROM names, its variables filled in.
pub fn base_name(stage: &Stage, globals: &BTreeMap<String, String>) -> String {
    expand::variables(&stage.base, &|name| globals.get(name).cloned())
}

/// The stages that the wanted one needs, itself included, lowest first.
pub fn needed_stages(
    options: &Options,
    file: &Dockerfile,
    globals: &BTreeMap<String, String>,
) -> Result<Vec<usize>, Failure> {
    let named = |text: &str, below: usize| {
        let lower = text.to_lowercase();
        let by_name = file.stages[..below].iter().rposition(|s| s.name.as_deref() == Some(lower.as_str()));
        by_name.or_else(|| text.parse::<usize>().ok().filter(|n| *n < below))
    };
    let last = file.stages.len() - 1;
    let target = match &options.target {
        None => last,
        Some(target) => named(target, file.stages.len()).ok_or_else(|| Failure {
            vertex: None,
            complaint: Complaint {
                message: format!("target stage \"{target}\" could not be found"),
                lines: None,
            },
        })?,
    };
    let mut needed = BTreeSet::new();
    let mut pending = vec![target];
    while let Some(stage) = pending.pop() {
        if !needed.insert(stage) {
            continue;
        }
        pending.extend(named(&base_name(&file.stages[stage], globals), stage));
        for step in &file.stages[stage].steps {
            pending
                .extend(step.flags.iter().filter(|(k, _)| k == "from").filter_map(|(_, v)| named(v, stage)));
        }
    }
    Ok(needed.into_iter().collect())
}

/// The images that a file builds on from outside: FROMs, and COPY --from of images.
fn outside_images(options: &Options, file: &Dockerfile) -> Result<Vec<(String, (usize, usize))>, Failure> {
    let globals = global_args(options, file);
    let mut wanted: Vec<(String, (usize, usize))> = Vec::new();
    for index in needed_stages(options, file, &globals)? {
        let stage = &file.stages[index];
        let earlier = |name: &str| {
            file.stages[..index].iter().any(|s| s.name.as_deref() == Some(name.to_lowercase().as_str()))
                || name.parse::<usize>().is_ok_and(|n| n < index)
        };
        let from = stage
            .steps
            .iter()
            .flat_map(|s| s.flags.iter().filter(|(k, _)| k == "from").map(move |(_, v)| (v, s.lines)));
        let all = std::iter::once((base_name(stage, &globals), stage.from.lines))
            .chain(from.map(|(v, lines)| (v.clone(), lines)));
        for (name, lines) in all {
            if name != "scratch" && !earlier(&name) && !wanted.iter().any(|(n, _)| *n == name) {
                wanted.push((name, lines));
            }
        }
    }
    Ok(wanted)
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
        let invalid = || {
            let message = if name.is_empty() {
                "base name (${..}) should not be blank".to_owned()
            } else {
                format!("failed to parse stage name \"{name}\": invalid reference format")
            };
            fail(message, lines, None)
        };
        let reference = ImageRef::parse(&name).map_err(|_| invalid())?.with_default_tag();
        let canonical = reference.canonical();
        let vertex = progress.begin(&format!("[internal] load metadata for {canonical}")).await;
        let local = docker.view(|engine, _| {
            engine.images.tagged(&reference).and_then(|id| engine.images.get(id)).map(|s| s.image.clone())
        });
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
                return Err(fail(message, lines, Some(vertex)));
            }
        }
    }
    Ok(bases)
}
