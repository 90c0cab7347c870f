//! The solver: base images, stages in the order of need, each step from the cache or anew, and the image at the end.
//! Never reads the context from anywhere but the [`Context`] it was given.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use crate::image::{Digest, Image, Layer};
use crate::machine::docker::cache::Record;
use crate::machine::docker::images::chain_ids;
use crate::programs::docker::Docker;
use crate::programs::docker::format::quote;

use super::bases::{Base, base_name, fail, global_args, needed_stages, stage_named};
use super::context::Context;
use super::dockerfile::{Dockerfile, Instruction, json_form};
use super::layers::{STEP_MS, copy_key, run_key, workdir_key};
use super::progress::{self, Progress};
use super::step::{Built, makes_layer};
use super::{Failure, Options, expand};

/// How fast base images arrive, bytes a millisecond, and the longest it may take.
const PULL_BYTES_PER_MS: u64 = 100_000;
const PULL_LIMIT_MS: u64 = 5_000;

/// A build under way.
pub struct Solver<'a> {
    pub(super) docker: &'a Docker,
    pub(super) options: &'a Options,
    pub(super) file: &'a Dockerfile,
    globals: BTreeMap<String, String>,
    pub(super) bases: BTreeMap<String, Base>,
    pub(super) context: Context,
    needed: Vec<usize>,
    pub(super) built: BTreeMap<usize, Built>,
}

/// Where a stage's vertices get their names from.
pub struct Labels {
    prefix: String,
    next: usize,
    total: usize,
}

impl Labels {
    /// The next step's name, its number and its stage in front of it.
    pub fn next(&mut self, text: &str) -> String {
        self.next += 1;
        let prefix = if self.prefix.is_empty() { String::new() } else { format!("{} ", self.prefix) };
        format!("[{prefix}{}/{}] {text}", self.next, self.total)
    }
}

impl<'a> Solver<'a> {
    pub fn new(
        docker: &'a Docker,
        options: &'a Options,
        file: &'a Dockerfile,
        bases: BTreeMap<String, Base>,
        context: Context,
    ) -> Result<Self, Failure> {
        let globals = global_args(&options.args, file);
        let needed = needed_stages(options, file, &globals)?;
        let solver =
            Solver { docker, options, file, globals, bases, context, needed, built: BTreeMap::new() };
        solver.validate()?;
        Ok(solver)
    }

    /// Mistakes that show before anything is built.
    fn validate(&self) -> Result<(), Failure> {
        for index in &self.needed {
            let stage = &self.file.stages[*index];
            let base = self.bases.get(&base_name(stage, &self.globals)).map(|base| base.image.as_ref());
            let mut built = Built::from_image(base);
            for step in &stage.steps {
                self.later_stage(step, *index)?;
                let tried = match step.name.as_str() {
                    "RUN" => Ok(()),
                    "COPY" | "ADD" | "WORKDIR" => built.try_expand(&step.rest).map(drop),
                    _ => built.configure(step, &self.options.args, &self.globals),
                };
                tried.map_err(|message| fail(message, step.lines, None))?;
            }
        }
        Ok(())
    }

    /// A COPY from a stage that is not built yet at this point.
    fn later_stage(&self, step: &Instruction, index: usize) -> Result<(), Failure> {
        let later = |from: &&str| stage_named(self.file, from).is_some_and(|found| found > index);
        let Some(from) = step.flag("from").filter(later) else { return Ok(()) };
        let alone = self.file.stages.len() == 1;
        let own = self.file.stages[index].name.clone();
        let own = own.unwrap_or_else(|| if alone { String::new() } else { format!("stage-{index}") });
        let message = format!(
            "cannot copy from stage {}, it needs to be defined before current stage {}",
            quote(from),
            quote(&own)
        );
        Err(fail(message, step.lines, None))
    }

    /// Builds what is needed and stores the image.
    pub async fn solve(&mut self, progress: &mut Progress<'_>) -> Result<Rc<Image>, Failure> {
        let sources = self.context_sources();
        if !sources.is_empty() {
            self.load_context(&sources, progress).await;
        }
        for index in self.needed.clone() {
            let built = self.stage(index, progress).await?;
            self.built.insert(index, built);
        }
        let target = self.needed.last().copied().unwrap_or(0);
        let built = self.built.remove(&target).unwrap_or_else(|| Built::from_image(None));
        self.export(built, progress).await
    }

    /// The COPY and ADD sources that come out of the context.
    fn context_sources(&self) -> Vec<String> {
        let steps = self.needed.iter().flat_map(|index| &self.file.stages[*index].steps);
        let local = steps.filter(|s| matches!(s.name.as_str(), "COPY" | "ADD") && s.flag("from").is_none());
        local
            .flat_map(|s| {
                let mut words = json_form(&s.rest).unwrap_or_else(|| expand::words(&s.rest));
                words.pop();
                words
            })
            .collect()
    }

    async fn load_context(&mut self, sources: &[String], progress: &mut Progress<'_>) {
        let vertex = progress.begin("[internal] load build context").await;
        self.docker.call.sys.sleep(Duration::from_millis(super::LOAD_MS)).await;
        let before = self.docker.engine(|engine, _| engine.cache.sent(&self.options.root));
        let (bytes, sent) = self.context.transfer(sources, &before);
        let context_bytes = self.context.bytes();
        let file_bytes = self.docker.call.sys.stat(&self.options.file.1).map_or(0, |e| e.size());
        self.docker.engine(|engine, now| {
            engine.cache.note_sent(&self.options.root, sent);
            let mut rng = engine.draw("cache");
            for (what, bytes) in
                [("dockerfile", file_bytes), ("context", context_bytes), (".dockerignore", 0)]
            {
                engine.cache.note_source(&format!("{what} of {}", self.options.root), bytes, now, &mut rng);
            }
        });
        let size = crate::programs::docker::format::size(bytes, 4);
        progress.status(vertex, &format!("transferring context: {size}")).await;
        progress.done(vertex).await;
    }

    async fn stage(&mut self, index: usize, progress: &mut Progress<'_>) -> Result<Built, Failure> {
        let stage = &self.file.stages[index];
        let name = base_name(stage, &self.globals);
        let earlier = self.file.stages[..index]
            .iter()
            .rposition(|s| s.name.as_deref() == Some(name.to_lowercase().as_str()));
        let earlier = earlier.or_else(|| name.parse::<usize>().ok().filter(|n| *n < index));
        let prefix = match &stage.name {
            _ if self.is_alone() => String::new(),
            Some(name) => name.clone(),
            None => format!("stage-{index}"),
        };
        let own = usize::from(earlier.is_none() && name != "scratch");
        let base = self.bases.get(&name).cloned();
        let triggers = self.triggers(base.as_ref());
        let steps: Vec<Instruction> = triggers.into_iter().chain(stage.steps.iter().cloned()).collect();
        let total = steps.iter().filter(|s| makes_layer(s)).count() + own;
        let mut labels = Labels { prefix, next: 0, total };
        let mut built = match (earlier.and_then(|e| self.built.get(&e)), &base) {
            (Some(stage), _) => Built::from_stage(stage),
            (None, Some(base)) => {
                let vertex_name = from_name(&mut labels, base);
                let next_is_cached = self.next_is_cached(base, &steps);
                // Stages on the same image share the step that loads it.
                let before = self.needed.iter().take_while(|other| **other < index);
                let mut bases = before.map(|other| base_name(&self.file.stages[*other], &self.globals));
                if !bases.any(|other| other == name) {
                    self.load_base(base, &vertex_name, next_is_cached, progress).await;
                }
                Built::from_image(Some(&base.image))
            }
            (None, None) => Built::from_image(None),
        };
        built.config.onbuild.clear();
        for step in &steps {
            if makes_layer(step) {
                self.layer(step, &mut built, &mut labels, progress).await?;
            } else {
                let done = built.configure(step, &self.options.args, &self.globals);
                done.map_err(|message| fail(message, step.lines, None))?;
            }
        }
        Ok(built)
    }

    /// Whether there is one stage, and no image that is copied from: steps are then named without their stage.
    fn is_alone(&self) -> bool {
        let steps = self.file.stages.iter().flat_map(|stage| &stage.steps);
        let outside = steps.filter_map(|step| step.flag("from")).any(|f| stage_named(self.file, f).is_none());
        self.file.stages.len() == 1 && !outside
    }

    /// ONBUILD instructions of the base.
    fn triggers(&self, base: Option<&Base>) -> Vec<Instruction> {
        let texts = base.map(|b| b.image.config.onbuild.clone()).unwrap_or_default();
        let parse = |text: &String| super::dockerfile::parse(&format!("FROM scratch\n{text}\n")).ok();
        texts
            .iter()
            .filter_map(parse)
            .flat_map(|file| file.stages.into_iter().flat_map(|s| s.steps))
            .collect()
    }

    /// Whether the first step on a base comes out of the cache; then the base itself is not touched.
    fn next_is_cached(&self, base: &Base, steps: &[Instruction]) -> bool {
        let mut built = Built::from_image(Some(&base.image));
        for step in steps {
            if makes_layer(step) {
                let key = match step.name.as_str() {
                    "WORKDIR" => Some(workdir_key(&built, step)),
                    "RUN" => Some(run_key(&built, step)),
                    _ => self.copy(step, &built).ok().map(|(copy, from)| {
                        let fingerprint =
                            copy.select(&from).map(|s| copy.fingerprint(&s)).unwrap_or_default();
                        copy_key(&built, step, &fingerprint)
                    }),
                };
                let forced = self.options.no_cache && step.name != "WORKDIR";
                return !forced
                    && key.is_some_and(|key| self.docker.view(|engine, _| engine.cache.has(&key)));
            }
            if built.configure(step, &self.options.args, &self.globals).is_err() {
                return false;
            }
        }
        false
    }

    async fn load_base(&self, base: &Base, name: &str, next_is_cached: bool, progress: &mut Progress<'_>) {
        let vertex = progress.begin(name).await;
        let key = Digest::of(format!("base {}", base.image.id).as_bytes());
        let known = self.docker.view(|engine, _| engine.cache.has(&key));
        if base.remote && !known {
            let digest = base.image.manifest_digest();
            progress.status(vertex, &format!("resolve {}@{digest}", base.reference.canonical())).await;
            let config = crate::programs::docker::format::size(base.image.config_size(), 4);
            progress.status(vertex, &format!("{} {config} / {config}", base.image.id)).await;
            let total: u64 = base.image.compressed_bytes();
            let speed = PULL_BYTES_PER_MS * (total / PULL_BYTES_PER_MS / PULL_LIMIT_MS + 1);
            for layer in &base.image.layers {
                self.fetch_layer(layer, speed, vertex, progress).await;
            }
            for layer in &base.image.layers {
                progress.status(vertex, &format!("extracting {}", layer.digest)).await;
            }
        }
        if known && !next_is_cached {
            progress.cached(vertex).await;
        } else {
            progress.done(vertex).await;
        }
        if !known {
            self.note_base(&base.image, &key);
        }
    }

    /// Fetches one layer of a base image, so much at a time as a screen shows.
    async fn fetch_layer(&self, layer: &Layer, speed: u64, vertex: usize, progress: &mut Progress<'_>) {
        let size = |bytes: u64| crate::programs::docker::format::size(bytes, 4);
        let (name, all) = (layer.digest.to_string(), layer.compressed_bytes);
        let step = match progress.moves() {
            true => (speed * progress::REDRAW.as_millis() as u64).max(1),
            false => all.max(1),
        };
        let mut done = 0;
        while done < all {
            let now = step.min(all - done);
            self.docker.call.sys.sleep(Duration::from_millis(now / speed.max(1))).await;
            done += now;
            let count = format!("{} / {}", size(done), size(all));
            progress.under_way(vertex, &name, &count, done == all).await;
        }
    }

    /// The cache holds a base image's layers from now on.
    fn note_base(&self, image: &Image, key: &Digest) {
        let chains = chain_ids(image);
        self.docker.engine(|engine, now| {
            let mut rng = engine.draw("cache");
            for (chain, layer) in chains.into_iter().zip(&image.layers) {
                let record = Record {
                    id: String::new(),
                    kind: "regular",
                    description: String::new(),
                    size_bytes: 0,
                    created: now,
                    last_used: now,
                    usage_count: 1,
                    layer: Some(layer.clone()),
                    chain: Some(chain),
                };
                engine.cache.add(key, record, &mut rng);
            }
        });
    }

    async fn export(&self, built: Built, progress: &mut Progress<'_>) -> Result<Rc<Image>, Failure> {
        let image = Rc::new(built.into_image(&self.options.labels));
        let vertex = progress.begin("exporting to image").await;
        self.docker.call.sys.sleep(Duration::from_millis(STEP_MS)).await;
        progress.status(vertex, "exporting layers").await;
        progress.status(vertex, &format!("writing image {}", image.id)).await;
        self.docker.engine(|engine, now| {
            engine.images.add(&image, None);
            for tag in &self.options.tags {
                engine.images.tag(tag, &image.id, now);
            }
            engine.touch();
        });
        for tag in &self.options.tags {
            progress.status(vertex, &format!("naming to {}", tag.canonical())).await;
        }
        progress.done(vertex).await;
        Ok(image)
    }
}

fn from_name(labels: &mut Labels, base: &Base) -> String {
    let canonical = base.reference.canonical();
    let digest = if base.remote && base.reference.digest.is_none() {
        format!("@{}", base.image.manifest_digest())
    } else {
        String::new()
    };
    labels.next(&format!("FROM {canonical}{digest}"))
}
