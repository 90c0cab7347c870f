//! The steps that make a layer: WORKDIR, RUN, COPY and ADD, each out of the cache or anew. Never decides their order.

use std::rc::Rc;
use std::time::Duration;

use crate::base::SimTime;
use crate::image::files::{FileTree, FsError, join};
use crate::image::{Digest, Layer};
use crate::machine::docker::cache::Record;

use super::bases::fail;
use super::copy::Copy;
use super::dockerfile::{Instruction, json_form};
use super::progress::Progress;
use super::run_step::{self, Outcome};
use super::solve::{Labels, Solver};
use super::step::Built;
use super::{Failure, expand};

/// What copying files and making a directory takes.
pub const STEP_MS: u64 = 40;

/// A step under its names: in the cache, in the progress, in the image's history.
struct Named {
    key: Digest,
    name: String,
    by: String,
}

impl Solver<'_> {
    /// Carries out a step that makes a layer.
    pub async fn layer(
        &self,
        step: &Instruction,
        built: &mut Built,
        labels: &mut Labels,
        progress: &mut Progress<'_>,
    ) -> Result<(), Failure> {
        match step.name.as_str() {
            "WORKDIR" => self.workdir(step, built, labels, progress).await,
            "RUN" => self.run(step, built, labels, progress).await,
            _ => self.copy_step(step, built, labels, progress).await,
        }
    }

    /// Takes a step's layer from the cache; `false` when it must be made.
    async fn take_cached(
        &self,
        key: &Digest,
        name: &str,
        created_by: &str,
        built: &mut Built,
        progress: &mut Progress<'_>,
    ) -> bool {
        let Some((layer, created)) = self.docker.engine(|engine, now| engine.cache.find(key, now)) else {
            return false;
        };
        let vertex = progress.begin(name).await;
        built.push_layer(&layer, created_by.to_owned(), created, key.clone());
        progress.cached(vertex).await;
        true
    }

    /// Puts a fresh layer on and remembers it.
    fn keep(&self, key: Digest, layer: Layer, created_by: String, built: &mut Built) {
        let layer = Rc::new(layer);
        let now = self.docker.call.sys.now();
        built.push_layer(&layer, created_by.clone(), now, key.clone());
        let record = Record {
            id: String::new(),
            kind: "regular",
            description: created_by,
            size_bytes: layer.size_bytes,
            created: now,
            last_used: now,
            usage_count: 1,
            layer: Some(layer),
            chain: built.chain(),
        };
        self.docker.engine(|engine, _| {
            let mut rng = engine.draw("cache");
            engine.cache.add(&key, record, &mut rng);
        });
    }

    async fn workdir(
        &self,
        step: &Instruction,
        built: &mut Built,
        labels: &mut Labels,
        progress: &mut Progress<'_>,
    ) -> Result<(), Failure> {
        let path = built.workdir(&step.rest);
        let name = labels.next(&format!("WORKDIR {}", built.expand(&step.rest)));
        if built.expand(&step.rest).trim().is_empty() {
            return Ok(());
        }
        let key = workdir_key(built, step);
        let by = format!("WORKDIR {path}");
        built.config.workdir.clone_from(&path);
        if self.take_cached(&key, &name, &by, built, progress).await {
            return Ok(());
        }
        let made = |tree: &mut FileTree, now| {
            let failed = |error: FsError| {
                format!("failed to create workdir {path}: {}", error.to_string().to_lowercase())
            };
            tree.mkdir(&path, true, now).map_err(failed)
        };
        self.change_files(step, Named { key, name, by }, built, progress, made).await
    }

    /// Makes a layer of what `change` does to the files.
    async fn change_files(
        &self,
        step: &Instruction,
        named: Named,
        built: &mut Built,
        progress: &mut Progress<'_>,
        change: impl FnOnce(&mut FileTree, SimTime) -> Result<(), String>,
    ) -> Result<(), Failure> {
        let vertex = progress.begin(&named.name).await;
        self.docker.call.sys.sleep(Duration::from_millis(STEP_MS)).await;
        let mut tree = built.tree.clone();
        if let Err(message) = change(&mut tree, self.docker.call.sys.now()) {
            progress.failed(vertex, &message).await;
            return Err(fail(message, step.lines, Some(vertex)));
        }
        let layer = Layer::between(&built.tree, &tree);
        self.keep(named.key, layer, named.by, built);
        progress.done(vertex).await;
        Ok(())
    }

    async fn run(
        &self,
        step: &Instruction,
        built: &mut Built,
        labels: &mut Labels,
        progress: &mut Progress<'_>,
    ) -> Result<(), Failure> {
        let argv = run_line(built, step);
        let name = labels.next(&run_name(built, step));
        let key = run_key(built, step);
        let args: String = if built.args.is_empty() {
            String::new()
        } else {
            let list: Vec<String> = built.args.iter().map(|(n, v)| format!("{n}={v}")).collect();
            format!("|{} {} ", list.len(), list.join(" "))
        };
        let by = format!("RUN {args}{} # buildkit", argv.join(" "));
        if !self.options.no_cache && self.take_cached(&key, &name, &by, built, progress).await {
            return Ok(());
        }
        let vertex = progress.begin(&name).await;
        let shown = argv.join(" ").replace('\n', "\\n");
        let message = match run_step::run(self.docker, built, argv, progress, vertex).await {
            Outcome::Files(tree) => {
                let layer = Layer::between(&built.tree, &tree);
                self.keep(key, layer, by, built);
                progress.done(vertex).await;
                return Ok(());
            }
            Outcome::Exit(code) => {
                format!("process \"{shown}\" did not complete successfully: exit code: {code}")
            }
            // The engine refuses a user that is not there; everything else is told by runc, which then ends with 1.
            Outcome::NotStarted(error) if error.starts_with("unable to find") => {
                format!("process \"{shown}\" did not complete successfully: {error}")
            }
            Outcome::NotStarted(error) => {
                let line = format!(
                    "runc run failed: unable to start container process: error during container init: {error}"
                );
                progress.log(vertex, &line).await;
                format!("process \"{shown}\" did not complete successfully: exit code: 1")
            }
        };
        progress.failed(vertex, &message).await;
        Err(fail(message, step.lines, Some(vertex)))
    }

    /// What a COPY copies, and the tree it copies from. The error is BuildKit's sentence.
    pub fn copy(&self, step: &Instruction, built: &Built) -> Result<(Copy, FileTree), String> {
        let mut words = json_form(&step.rest).unwrap_or_else(|| expand::words(&built.expand(&step.rest)));
        let target = words.pop().unwrap_or_default();
        let base = if built.config.workdir.is_empty() { "/" } else { &built.config.workdir };
        let directory = target.ends_with('/') || matches!(target.rsplit('/').next(), Some("." | ".."));
        let mut absolute = join(base, &target);
        if directory && !absolute.ends_with('/') {
            absolute.push('/');
        }
        let flag = |name: &str| step.flag(name).map(|value| built.expand(value));
        let from = match flag("from") {
            None => self.context.files.clone(),
            Some(from) => self.other_tree(&from)?,
        };
        if step.name == "ADD" && words.iter().any(|w| w.contains("://")) {
            return Err("KubeJam has no Internet to ADD from".to_owned());
        }
        let mode = flag("chmod").map(|mode| octal(&mode)).transpose()?;
        Ok((Copy { sources: words, target: absolute, owner: flag("chown"), mode }, from))
    }

    fn other_tree(&self, from: &str) -> Result<FileTree, String> {
        let lower = from.to_lowercase();
        let by_name = self.file.stages.iter().position(|s| s.name.as_deref() == Some(lower.as_str()));
        let stage = by_name.or_else(|| from.parse().ok()).and_then(|index| self.built.get(&index));
        if let Some(stage) = stage {
            return Ok(stage.tree.clone());
        }
        let base = self.bases.get(from).ok_or_else(|| format!("stage {from} not found"))?;
        Ok(base.image.files())
    }

    async fn copy_step(
        &self,
        step: &Instruction,
        built: &mut Built,
        labels: &mut Labels,
        progress: &mut Progress<'_>,
    ) -> Result<(), Failure> {
        let flags = step.shown_flags();
        let name = labels.next(&format!("{} {flags}{}", step.name, built.expand(&step.rest)));
        let (copy, from) = self.copy(step, built).map_err(|message| fail(message, step.lines, None))?;
        let selected = match copy.select(&from) {
            Ok(selected) => selected,
            Err(missing) => {
                let vertex = progress.begin(&name).await;
                let (engine, reference) = self.docker.engine(|engine, _| {
                    (
                        engine.draw("engine").uuid(),
                        engine.draw("ref").letters(b"abcdefghijklmnopqrstuvwxyz0123456789", 25),
                    )
                });
                let why = format!(
                    "failed to calculate checksum of ref {engine}::{reference}: \"{missing}\": not found"
                );
                progress.failed(vertex, &why).await;
                return Err(fail(format!("failed to compute cache key: {why}"), step.lines, Some(vertex)));
            }
        };
        let key = copy_key(built, step, &copy.fingerprint(&selected));
        let kept: String = ["chown", "chmod"]
            .into_iter()
            .filter_map(|flag| Some(format!("--{flag}={} ", built.expand(step.flag(flag)?))))
            .collect();
        let by = format!("{} {kept}{} # buildkit", step.name, built.expand(&step.rest));
        if !self.options.no_cache && self.take_cached(&key, &name, &by, built, progress).await {
            return Ok(());
        }
        let applied = |tree: &mut FileTree, now| copy.apply(&selected, tree, now);
        self.change_files(step, Named { key, name, by }, built, progress, applied).await
    }
}

/// What the cache knows the step by.
pub fn workdir_key(built: &Built, step: &Instruction) -> Digest {
    Digest::of(format!("{} WORKDIR {}", built.key, built.workdir(&step.rest)).as_bytes())
}

/// The command line of a RUN; a here-document that stands alone is its script.
fn run_line(built: &Built, step: &Instruction) -> Vec<String> {
    match &step.heredoc {
        None => built.command_line(&step.rest),
        Some(heredoc) if step.rest.trim_start().starts_with("<<") => built.command_line(&heredoc.text),
        Some(heredoc) => built.command_line(&format!("{}\n{}{}", step.rest, heredoc.text, heredoc.word)),
    }
}

/// A RUN as the progress names it.
fn run_name(built: &Built, step: &Instruction) -> String {
    let shown = built.shown(&step.rest);
    let first = step.heredoc.as_ref().map(|h| h.text.lines().next().unwrap_or_default().trim().to_owned());
    match first {
        Some(first) => format!("RUN {shown} ({first}...)"),
        None => format!("RUN {shown}"),
    }
}

/// What is wrong with a `--chmod` that holds no variable: seen before anything is built.
pub fn refused_mode(step: &Instruction) -> Option<String> {
    let text = step.flag("chmod").filter(|text| !text.contains('$'))?;
    octal(text).err()
}

/// `--chmod`; the error is BuildKit's sentence.
fn octal(text: &str) -> Result<u32, String> {
    let mode = u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777);
    mode.ok_or_else(|| {
        format!("invalid chmod parameter: '{text}'. it should be octal string and between 0 and 07777")
    })
}

/// What the cache knows the step by.
pub fn run_key(built: &Built, step: &Instruction) -> Digest {
    let text = format!(
        "{} RUN {:?} {:?} {:?} {} {}",
        built.key,
        run_line(built, step),
        built.config.env,
        built.args,
        built.config.workdir,
        built.config.user
    );
    Digest::of(text.as_bytes())
}

/// What the cache knows the step by.
pub fn copy_key(built: &Built, step: &Instruction, fingerprint: &str) -> Digest {
    Digest::of(format!("{} {} {fingerprint}", built.key, step.name).as_bytes())
}
