//! The builder of `DOCKER_BUILDKIT=0`: a step, a container, an image, each with the one before as its parent. Its
//! cache is those images.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::image::files::join;
use crate::image::process::LogStream;
use crate::image::{Digest, FileTree, Image, ImageRef, Layer};
use crate::machine::docker::CreateSpec;
use crate::machine::docker::lifecycle::START_FAILED;
use crate::programs::docker::flags::Parsed;
use crate::programs::docker::{Docker, format, pull};

use super::context::Context;
use super::copy::Copy;
use super::dockerfile::{self, Complaint, Dockerfile, Instruction, json_form};
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
    /// `--rm=false`: the containers of steps stay.
    keeps: bool,
    /// The ARGs before the first FROM.
    globals: BTreeMap<String, String>,
    stages: BTreeMap<String, Rc<Image>>,
    current: Option<Rc<Image>>,
    built: Built,
}

pub async fn run(docker: &Docker, parsed: &Parsed) -> i32 {
    match build(docker, parsed).await {
        Ok(()) => 0,
        Err(stop) => {
            docker.err(format!("{}\n", stop.message)).await;
            stop.code
        }
    }
}

/// Why a build ended, and the code of the command that failed.
struct Stop {
    message: String,
    code: i32,
}

impl From<String> for Stop {
    fn from(message: String) -> Self {
        Stop { message, code: 1 }
    }
}

/// The sentences of the first reading have a frame; those about an instruction have their own.
fn of_reading(complaint: &Complaint) -> String {
    let own = ["dockerfile parse error", "no build stage", "dockerfile contains no stages"];
    match complaint.message.as_str() {
        "the Dockerfile cannot be empty" => "the Dockerfile (Dockerfile) cannot be empty".to_owned(),
        message if own.iter().any(|begin| message.starts_with(begin)) => message.to_owned(),
        message => format!("failed to parse Dockerfile: {message}"),
    }
}

async fn build(docker: &Docker, parsed: &Parsed) -> Result<(), Stop> {
    let options = options(docker, parsed)?;
    let path = parsed.arg(0);
    let root =
        directory(docker, &options.root).ok_or_else(|| match docker.call.sys.exists(&options.root) {
            true => format!("unable to prepare context: context must be a directory: {}", options.root),
            false => format!("unable to prepare context: path \"{path}\" not found"),
        })?;
    let text = docker.call.sys.read_text(&options.file.1).map_err(|_| {
        let file = &options.file.1;
        format!("unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat {file}: no such file or directory")
    })?;
    let ignore = FileTree::from_root(root.clone()).read_text("/.dockerignore").unwrap_or_default();
    let context = Context::new(&root, &ignore);
    let quiet = parsed.is("quiet");
    if !quiet {
        let size = format::size(context.archive_bytes(), 4);
        docker.out(format!("Sending build context to Docker daemon  {size}\r\r\n")).await;
    }
    let mut file =
        dockerfile::parse(&text).map_err(|c| format!("Error response from daemon: {}", of_reading(&c)))?;
    if let Some(target) = &options.target {
        let at = file.stages.iter().position(|stage| stage.name.as_ref() == Some(target));
        let at = at.or_else(|| target.parse().ok().filter(|at| *at < file.stages.len()));
        let missing = || format!("Error response from daemon: target stage \"{target}\" could not be found");
        file.stages.truncate(at.ok_or_else(missing)? + 1);
    }
    // Labels of the command line are one more instruction.
    if let (Some(stage), false) = (file.stages.last_mut(), options.labels.is_empty()) {
        let pairs: Vec<String> =
            options.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let line = stage.steps.last().map_or(stage.from.lines, |step| step.lines);
        stage.steps.push(Instruction {
            lines: line,
            typed: "LABEL".to_owned(),
            name: "LABEL".to_owned(),
            flags: Vec::new(),
            rest: pairs.join(" "),
            heredoc: None,
        });
    }
    let mut legacy = Legacy {
        docker,
        options: &options,
        context,
        quiet,
        keeps: parsed.get("rm") == Some("false"),
        globals: super::bases::global_args(&options.args, &file),
        stages: BTreeMap::new(),
        current: None,
        built: Built::from_image(None),
    };
    legacy.all(&file).await?;
    let known = |name: &String| {
        let args = file.globals.iter().chain(file.stages.iter().flat_map(|stage| &stage.steps));
        args.filter(|step| step.name == "ARG").any(|step| step.rest.split('=').next() == Some(name.as_str()))
            || name.to_lowercase().ends_with("_proxy")
    };
    let left: Vec<&str> = options.args.keys().filter(|name| !known(name)).map(String::as_str).collect();
    if !left.is_empty() {
        let list = left.join(" ");
        legacy.say(&format!("[Warning] One or more build-args [{list}] were not consumed\n")).await;
    }
    let image = legacy.finish().await?;
    if let Some(path) = parsed.get("iidfile") {
        let written = docker.call.sys.write(&docker.call.path(path), image.into_bytes());
        written.map_err(|error| format!("open {path}: {}", error.to_string().to_lowercase()))?;
    }
    Ok(())
}

impl Legacy<'_> {
    async fn say(&self, text: &str) {
        if !self.quiet {
            self.docker.out(text).await;
        }
    }

    async fn all(&mut self, file: &Dockerfile) -> Result<(), Stop> {
        let total = file.globals.len() + file.stages.iter().map(|s| s.steps.len() + 1).sum::<usize>();
        let mut number = 0;
        for arg in &file.globals {
            number += 1;
            self.say(&format!("Step {number}/{total} : ARG {}\n", arg.rest)).await;
        }
        for (index, stage) in file.stages.iter().enumerate() {
            number += 1;
            self.say(&format!("Step {number}/{total} : FROM {}\n", stage.from.rest)).await;
            self.from(&super::bases::base_name(stage, &self.globals)).await?;
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

    async fn from(&mut self, base: &str) -> Result<(), Stop> {
        if base == "scratch" {
            self.say(" ---> \n").await;
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
        let reference = ImageRef::parse(base).map_err(|e| e.to_string())?.with_default_tag();
        let out = self.docker.call.io.stdout.clone();
        pull::pull(self.docker, &reference, &out, self.quiet).await
    }

    async fn step(&mut self, step: &Instruction) -> Result<(), Stop> {
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
                self.built.configure(step, &self.options.args, &self.globals)?;
                let by = self.built.history.get(lines).map(|h| h.created_by.clone()).unwrap_or_default();
                self.built.history.truncate(lines);
                let as_written = matches!(step.name.as_str(), "EXPOSE" | "ONBUILD");
                let by = if as_written { format!("{} {}", step.name, step.rest) } else { by };
                (None, format!("/bin/sh -c #(nop)  {by}"))
            }
        };
        if self.reuse(&created_by).await {
            return Ok(());
        }
        if !matches!(step.name.as_str(), "COPY" | "ADD") {
            let id = self.docker.engine(|engine, _| engine.draw("step").hex(12));
            self.say(&format!(" ---> Running in {id}\n")).await;
            if !self.keeps {
                self.say(&format!(" ---> Removed intermediate container {id}\n")).await;
            }
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
            let whence = match &from {
                None => "file not found in build context or excluded by .dockerignore: ",
                Some(_) => "",
            };
            let missing = missing.trim_start_matches('/');
            format!("{} failed: {whence}stat {missing}: file does not exist", step.name)
        })?;
        let digest = tarsum::of(&selected);
        let mut tree = self.built.tree.clone();
        copy.apply(&selected, &mut tree, self.docker.call.sys.now())?;
        let layer = Layer::between(&self.built.tree, &tree);
        let shown = absolute.trim_end_matches('/');
        let shown = if shown.is_empty() { "/" } else { shown };
        Ok((Some(layer), format!("/bin/sh -c #(nop) {} {digest} in {shown} ", step.name)))
    }

    async fn run(&mut self, step: &Instruction) -> Result<(), Stop> {
        if let Some((flag, _)) = step.flags.first() {
            return Err(Stop::from(format!(
                "the --{flag} option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled"
            )));
        }
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
        for (stream, line) in lines.lines_of(vertex) {
            // What went wrong is red.
            let shown = match stream {
                LogStream::Stdout => format!("{line}\n"),
                LogStream::Stderr => format!("\x1b[91m{line}\n\x1b[0m"),
            };
            self.say(&shown).await;
        }
        let code = match outcome {
            Outcome::Files(tree) => {
                if let (true, Some(container)) = (self.keeps, &container) {
                    self.docker.engine(|engine, now| engine.note_exited(container, 0, now));
                } else {
                    self.docker.engine(|engine, now| engine.remove(&id, true, false, now).ok());
                    self.say(&format!(" ---> Removed intermediate container {id}\n")).await;
                }
                let layer = Layer::between(&self.built.tree, &tree);
                self.commit(Some(layer), created_by).await;
                return Ok(());
            }
            Outcome::Exit(code) => code,
            Outcome::NotStarted(error) if error.starts_with("unable to find") => {
                return Err(Stop::from(error));
            }
            Outcome::NotStarted(error) => return Err(Stop::from(format!("{START_FAILED}{error}"))),
        };
        if let Some(container) = container {
            self.docker.engine(|engine, now| engine.note_exited(&container, code, now));
        }
        Err(Stop { message: format!("The command '{created_by}' returned a non-zero code: {code}"), code })
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

    /// Tags what was built; its id.
    async fn finish(&self) -> Result<String, Stop> {
        let Some(image) = &self.current else {
            return Err(Stop::from("No image was generated. Is your Dockerfile empty?".to_owned()));
        };
        self.docker.engine(|engine, now| {
            for tag in &self.options.tags {
                engine.images.tag(tag, &image.id, now);
            }
            engine.touch();
        });
        if self.quiet {
            self.docker.out(format!("{}\n", image.id)).await;
            return Ok(image.id.to_string());
        }
        self.docker.out(format!("Successfully built {}\n", image.id.short())).await;
        for tag in &self.options.tags {
            let shown = tag.clone().with_default_tag().familiar();
            self.docker.out(format!("Successfully tagged {shown}\n")).await;
        }
        Ok(image.id.to_string())
    }
}
