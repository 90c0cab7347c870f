//! The builder of `DOCKER_BUILDKIT=0`: a step, a container, an image, each with the one before as its parent. Its
//! cache is those images.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::image::files::join;
use crate::image::{Digest, FileTree, Image, ImageRef, Layer};
use crate::machine::docker::CreateSpec;
use crate::programs::docker::flags::Parsed;
use crate::programs::docker::{Docker, format, pull};

use super::context::Context;
use super::copy::Copy;
use super::dockerfile::{self, Dockerfile, Instruction, json_form};
use super::progress::{Mode, Progress};
use super::run_step::{self, Outcome};
use super::step::Built;
use super::{Options, directory, expand, options, tarsum};

pub const DEPRECATED: &str = "DEPRECATED: The legacy builder is deprecated and will be removed in a future release.\n            BuildKit is currently disabled; enable it by removing the DOCKER_BUILDKIT=0\n            environment-variable.\n\n";

/// A build under way.
struct Legacy<'a> {
    docker: &'a Docker,
    options: &'a Options,
    context: Context,
    quiet: bool,
    stages: BTreeMap<String, Rc<Image>>,
    current: Option<Rc<Image>>,
    built: Built,
}

pub async fn run(docker: &Docker, parsed: &Parsed) -> i32 {
    docker.err(DEPRECATED).await;
    match build(docker, parsed).await {
        Ok(()) => 0,
        Err(message) => {
            docker.err(format!("{message}\n")).await;
            1
        }
    }
}

async fn build(docker: &Docker, parsed: &Parsed) -> Result<(), String> {
    let options = options(docker, parsed)?;
    let path = parsed.arg(0);
    let root = directory(docker, &options.root)
        .ok_or_else(|| format!("unable to prepare context: path \"{path}\" not found"))?;
    let text = docker.call.sys.read_text(&options.file.1).map_err(|_| {
        let file = &options.file.1;
        format!("unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat {file}: no such file or directory")
    })?;
    let ignore = FileTree::from_root(root.clone()).read_text("/.dockerignore").unwrap_or_default();
    let context = Context::new(&root, &ignore);
    let quiet = parsed.is("quiet");
    if !quiet {
        let size = format::size(context.archive_bytes(), 4);
        docker.out(format!("Sending build context to Docker daemon  {size}\n")).await;
    }
    let file = dockerfile::parse(&text).map_err(|c| format!("Error response from daemon: {}", c.message))?;
    let mut legacy = Legacy {
        docker,
        options: &options,
        context,
        quiet,
        stages: BTreeMap::new(),
        current: None,
        built: Built::from_image(None),
    };
    legacy.all(&file).await?;
    legacy.finish().await
}

impl Legacy<'_> {
    async fn say(&self, text: &str) {
        if !self.quiet {
            self.docker.out(text).await;
        }
    }

    async fn all(&mut self, file: &Dockerfile) -> Result<(), String> {
        let total = file.stages.iter().map(|s| s.steps.len() + 1).sum::<usize>();
        let mut number = 0;
        for (index, stage) in file.stages.iter().enumerate() {
            number += 1;
            self.say(&format!("Step {number}/{total} : FROM {}\n", stage.from.rest)).await;
            self.from(&stage.base).await?;
            for step in &stage.steps {
                number += 1;
                let flags = step.shown_flags();
                self.say(&format!("Step {number}/{total} : {} {flags}{}\n", step.name, step.rest)).await;
                self.step(step).await?;
            }
            if let Some(image) = &self.current {
                self.stages.insert(index.to_string(), image.clone());
                if let Some(name) = &stage.name {
                    self.stages.insert(name.clone(), image.clone());
                }
            }
        }
        Ok(())
    }

    async fn from(&mut self, base: &str) -> Result<(), String> {
        if base == "scratch" {
            self.current = None;
            self.built = Built::from_image(None);
            return Ok(());
        }
        let image = match self.stages.get(&base.to_lowercase()) {
            Some(image) => image.clone(),
            None => self.base_image(base).await?,
        };
        self.say(&format!(" ---> {}\n", image.id.short())).await;
        self.built = Built::from_image(Some(&image));
        self.current = Some(image);
        Ok(())
    }

    async fn base_image(&self, base: &str) -> Result<Rc<Image>, String> {
        let local = self.docker.view(|engine, _| engine.images.find(base).map(|s| s.image.clone()).ok());
        if let Some(image) = local {
            return Ok(image);
        }
        let reference =
            ImageRef::parse(base).map_err(|e| format!("Error response from daemon: {e}"))?.with_default_tag();
        let out = self.docker.call.io.stdout.clone();
        pull::pull(self.docker, &reference, &out, self.quiet).await
    }

    async fn step(&mut self, step: &Instruction) -> Result<(), String> {
        let (layer, created_by) = match step.name.as_str() {
            "RUN" => return self.run(step).await,
            "COPY" | "ADD" => self.copy(step)?,
            "WORKDIR" => {
                let path = self.built.workdir(&step.rest);
                let mut tree = self.built.tree.clone();
                tree.mkdir(&path, true, self.docker.call.sys.now()).map_err(|e| e.to_string())?;
                let layer = Layer::between(&self.built.tree, &tree);
                self.built.config.workdir.clone_from(&path);
                (Some(layer), format!("/bin/sh -c #(nop) WORKDIR {path}"))
            }
            _ => {
                let lines = self.built.history.len();
                self.built
                    .configure(step, &self.options.args, &BTreeMap::new())
                    .map_err(|e| format!("Error response from daemon: {e}"))?;
                let by = self.built.history.get(lines).map(|h| h.created_by.clone()).unwrap_or_default();
                self.built.history.truncate(lines);
                let by = if step.name == "EXPOSE" { format!("EXPOSE {}", step.rest) } else { by };
                (None, format!("/bin/sh -c #(nop)  {by}"))
            }
        };
        if self.reuse(&created_by).await {
            return Ok(());
        }
        if !matches!(step.name.as_str(), "COPY" | "ADD") {
            let id = self.docker.engine(|engine, _| engine.draw("step").hex(12));
            self.say(&format!(" ---> Running in {id}\n ---> Removed intermediate container {id}\n")).await;
        }
        self.commit(layer, created_by).await;
        Ok(())
    }

    /// Takes the image that this step made of the current one before.
    async fn reuse(&mut self, created_by: &str) -> bool {
        let parent = self.current.as_ref().map(|i| i.id.clone());
        if self.options.no_cache || parent.is_none() {
            return false;
        }
        let found = self.docker.view(|engine, _| {
            let images = engine.images.list();
            let same = |image: &Image| image.history.last().is_some_and(|h| h.created_by == created_by);
            images.iter().find(|s| s.parent == parent && same(&s.image)).map(|s| s.image.clone())
        });
        let Some(image) = found else { return false };
        self.say(&format!(" ---> Using cache\n ---> {}\n", image.id.short())).await;
        let args = std::mem::take(&mut self.built.args);
        self.built = Built::from_image(Some(&image));
        self.built.args = args;
        self.current = Some(image);
        true
    }

    /// Makes an image of the current state.
    async fn commit(&mut self, layer: Option<Layer>, created_by: String) {
        let now = self.docker.call.sys.now();
        let empty_layer = layer.is_none();
        match layer {
            Some(layer) => self.built.push_layer(&Rc::new(layer), created_by, now, Digest::of(b"legacy")),
            None => self.built.history.push(crate::image::config::History {
                created: now,
                created_by,
                comment: String::new(),
                empty_layer,
            }),
        }
        if let Some(line) = self.built.history.last_mut() {
            line.comment.clear();
        }
        let image = Rc::new(Image::new(crate::image::config::ImageParts {
            config: self.built.config.clone(),
            layers: self.built.layers.clone(),
            history: self.built.history.clone(),
            created: now,
            author: String::new(),
            comment: String::new(),
        }));
        let parent = self.current.as_ref().map(|i| i.id.clone());
        self.docker.engine(|engine, _| {
            engine.images.add(&image, parent);
            engine.touch();
        });
        self.say(&format!(" ---> {}\n", image.id.short())).await;
        self.current = Some(image);
    }

    fn copy(&self, step: &Instruction) -> Result<(Option<Layer>, String), String> {
        let mut words =
            json_form(&step.rest).unwrap_or_else(|| expand::words(&self.built.expand(&step.rest)));
        let target = words.pop().unwrap_or_default();
        let base = if self.built.config.workdir.is_empty() { "/" } else { &self.built.config.workdir };
        let mut absolute = join(base, &target);
        if target.ends_with('/') || target == "." {
            absolute.push('/');
        }
        let from = step.flag("from").map(str::to_lowercase);
        let files = match &from {
            None => self.context.files.clone(),
            Some(name) => {
                let stage = self.stages.get(name);
                stage
                    .map(|image| image.files())
                    .ok_or_else(|| format!("invalid from flag value {name}: pull access denied"))?
            }
        };
        let copy = Copy { sources: words, target: absolute.clone(), owner: None, mode: None };
        let selected = copy.select(&files).map_err(|missing| {
            format!(
                "{} failed: file not found in build context or excluded by .dockerignore: stat {}: file does not exist",
                step.name,
                missing.trim_start_matches('/')
            )
        })?;
        let digest = tarsum::of(&selected);
        let mut tree = self.built.tree.clone();
        copy.apply(&selected, &mut tree, self.docker.call.sys.now())?;
        let layer = Layer::between(&self.built.tree, &tree);
        let shown = absolute.trim_end_matches('/');
        let shown = if shown.is_empty() { "/" } else { shown };
        Ok((Some(layer), format!("/bin/sh -c #(nop) {} {digest} in {shown} ", step.name)))
    }

    async fn run(&mut self, step: &Instruction) -> Result<(), String> {
        let argv = self.built.command_line(&step.rest);
        let created_by = argv.join(" ");
        if self.reuse(&created_by).await {
            return Ok(());
        }
        let container = self.container(&argv);
        let id = container.as_ref().map_or("", |c| c.short()).to_owned();
        self.say(&format!(" ---> Running in {id}\n")).await;
        let mut lines = Progress::new(self.docker, Mode::Quiet, "").await;
        let vertex = lines.begin(&created_by).await;
        let outcome = run_step::run(self.docker, &self.built, argv.clone(), &mut lines, vertex).await;
        lines.close();
        for line in lines.lines_of(vertex) {
            self.say(&format!("{line}\n")).await;
        }
        let code = match outcome {
            Outcome::Files(tree) => {
                self.docker.engine(|engine, now| engine.remove(&id, true, false, now).ok());
                self.say(&format!(" ---> Removed intermediate container {id}\n")).await;
                let layer = Layer::between(&self.built.tree, &tree);
                self.commit(Some(layer), created_by).await;
                return Ok(());
            }
            Outcome::Exit(code) => code,
            Outcome::NotStarted(error) => return Err(error),
        };
        if let Some(container) = container {
            self.docker.engine(|engine, now| engine.note_exited(&container, code, now));
        }
        Err(format!("The command '{created_by}' returned a non-zero code: {code}"))
    }

    /// The container that a step runs in; a step that fails leaves it behind.
    fn container(&self, argv: &[String]) -> Option<crate::image::process::ContainerId> {
        let image = self.current.as_ref()?;
        let spec = CreateSpec {
            image_name: image.id.short().to_owned(),
            entrypoint: Some(Vec::new()),
            cmd: argv.to_vec(),
            ..CreateSpec::default()
        };
        self.docker.engine(|engine, now| engine.create(spec, now).ok())
    }

    async fn finish(&self) -> Result<(), String> {
        let Some(image) = &self.current else {
            return Err("No image was generated. Is your Dockerfile empty?".to_owned());
        };
        self.docker.engine(|engine, now| {
            for tag in &self.options.tags {
                engine.images.tag(tag, &image.id, now);
            }
            engine.touch();
        });
        if self.quiet {
            self.docker.out(format!("{}\n", image.id)).await;
            return Ok(());
        }
        self.docker.out(format!("Successfully built {}\n", image.id.short())).await;
        for tag in &self.options.tags {
            let shown = tag.clone().with_default_tag().familiar();
            self.docker.out(format!("Successfully tagged {shown}\n")).await;
        }
        Ok(())
    }
}
