//! What a stage is while it is being built, and the instructions that only change its configuration. Never touches
//! files.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::base::SimTime;
use crate::image::config::{History, ImageParts};
use crate::image::files::{FileTree, join};
use crate::image::health::Healthcheck;
use crate::image::process::Signal;
use crate::image::{Digest, Image, ImageConfig, Layer};
use crate::machine::docker::images::chain_ids;
use crate::programs::docker::format;
use crate::programs::docker::logs::go_duration;
use crate::programs::kubectl::output::duration::go_string;

use super::dockerfile::{Instruction, json_form};
use super::{expand, ports};

/// The shell that runs shell forms unless SHELL says otherwise.
const SHELL: &[&str] = &["/bin/sh", "-c"];
const COMMENT: &str = "buildkit.dockerfile.v0";

/// A stage under construction.
#[derive(Debug, Clone)]
pub struct Built {
    pub config: ImageConfig,
    pub layers: Vec<Rc<Layer>>,
    pub history: Vec<History>,
    pub tree: FileTree,
    /// What the cache knows this state by.
    pub key: Digest,
    /// When the last layer was made.
    pub created: SimTime,
    /// ARGs in force.
    pub args: BTreeMap<String, String>,
    /// Who MAINTAINER names.
    author: String,
    /// Whether CMD was set in this file.
    cmd_set: bool,
    chain: Option<Digest>,
}

/// Instructions that `--change` takes.
const CHANGES: &[&str] = &[
    "CMD",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "HEALTHCHECK",
    "LABEL",
    "ONBUILD",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

impl Built {
    /// A stage on an image, or on nothing.
    pub fn from_image(image: Option<&Image>) -> Self {
        let Some(image) = image else {
            let env = (
                "PATH".to_owned(),
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned(),
            );
            return Built {
                config: ImageConfig { env: vec![env], ..ImageConfig::default() },
                layers: Vec::new(),
                history: Vec::new(),
                tree: FileTree::new(),
                key: Digest::of(b"scratch"),
                created: SimTime(0),
                args: BTreeMap::new(),
                author: String::new(),
                cmd_set: false,
                chain: None,
            };
        };
        Built {
            config: image.config.clone(),
            layers: image.layers.clone(),
            history: image.history.clone(),
            tree: image.files(),
            key: image.id.clone(),
            created: image.created,
            args: BTreeMap::new(),
            author: image.author.clone(),
            cmd_set: false,
            chain: chain_ids(image).pop(),
        }
    }

    /// A stage on another stage.
    pub fn from_stage(other: &Built) -> Self {
        Built { args: BTreeMap::new(), cmd_set: false, ..other.clone() }
    }

    /// The image it has become.
    pub fn into_image(mut self, labels: &[(String, String)]) -> Image {
        self.config.labels.extend(labels.iter().cloned());
        Image::new(ImageParts {
            config: self.config,
            layers: self.layers,
            history: self.history,
            created: self.created,
            author: self.author,
            comment: COMMENT.to_owned(),
        })
    }

    /// A configuration with `docker commit --change` carried out on it, one instruction a line. The error is the
    /// engine's sentence.
    pub fn changed(config: &ImageConfig, changes: &[String]) -> Result<ImageConfig, String> {
        let mut built = Built::from_image(None);
        built.config = config.clone();
        for change in changes {
            let name = change.split_whitespace().next().unwrap_or_default().to_uppercase();
            if !CHANGES.contains(&name.as_str()) {
                return Err(format!("{name} is not a valid change command"));
            }
            let file =
                super::dockerfile::parse(&format!("FROM scratch\n{change}\n")).map_err(|c| c.message)?;
            for step in file.stages.iter().flat_map(|stage| &stage.steps) {
                match step.name.as_str() {
                    "WORKDIR" => built.config.workdir = built.workdir(&step.rest),
                    _ => built.configure(step, &BTreeMap::new(), &BTreeMap::new())?,
                }
            }
        }
        Ok(built.config)
    }

    /// Puts a layer on top.
    pub fn push_layer(&mut self, layer: &Rc<Layer>, created_by: String, created: SimTime, key: Digest) {
        layer.apply(&mut self.tree);
        self.layers.push(layer.clone());
        self.created = created;
        self.key = key;
        self.chain = Some(match &self.chain {
            None => layer.diff_id.clone(),
            Some(below) => Digest::of(format!("{below} {}", layer.diff_id).as_bytes()),
        });
        self.history.push(History { created, created_by, comment: COMMENT.to_owned(), empty_layer: false });
    }

    /// The chain id of the topmost layer.
    pub fn chain(&self) -> Option<Digest> {
        self.chain.clone()
    }

    fn note(&mut self, created_by: String) {
        let created = self.created;
        self.history.push(History { created, created_by, comment: COMMENT.to_owned(), empty_layer: true });
    }

    /// A variable as instructions see it: the environment, then ARGs.
    pub fn variable(&self, name: &str) -> Option<String> {
        let env = self.config.env.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        env.or_else(|| self.args.get(name).cloned())
    }

    /// The names of all variables that instructions see.
    pub fn variable_names(&self) -> Vec<String> {
        self.config.env.iter().map(|(name, _)| name).chain(self.args.keys()).cloned().collect()
    }

    /// Text with its variables filled in.
    pub fn expand(&self, text: &str) -> String {
        expand::variables(text, &|name| self.variable(name))
    }

    /// A command as the progress shows it: with the variables that are set.
    pub fn shown(&self, text: &str) -> String {
        let path = |name: &str| (name == "PATH").then(|| crate::machine::docker::create::PATH.to_owned());
        expand::known_variables(text, &|name| self.variable(name).or_else(|| path(name)))
    }

    /// Text with its variables filled in; the error is BuildKit's sentence about the text.
    pub fn try_expand(&self, text: &str) -> Result<String, String> {
        expand::expanded(text, &|name| self.variable(name)).map(|done| done.text)
    }

    /// The shell for shell forms.
    pub fn shell(&self) -> Vec<String> {
        if self.config.shell.is_empty() {
            SHELL.iter().map(|s| (*s).to_owned()).collect()
        } else {
            self.config.shell.clone()
        }
    }

    /// JSON form as it stands, shell form behind the shell.
    pub fn command_line(&self, rest: &str) -> Vec<String> {
        json_form(rest).unwrap_or_else(|| {
            let mut argv = self.shell();
            argv.push(rest.to_owned());
            argv
        })
    }

    /// The directory that WORKDIR now means.
    pub fn workdir(&self, rest: &str) -> String {
        let base = if self.config.workdir.is_empty() { "/" } else { &self.config.workdir };
        join(base, &expand::words(&self.expand(rest)).concat())
    }

    /// Carries out an instruction that changes no files. `build_args` are `--build-arg`, `globals` the ARGs before the
    /// first FROM. The error is BuildKit's sentence.
    pub fn configure(
        &mut self,
        step: &Instruction,
        build_args: &BTreeMap<String, String>,
        globals: &BTreeMap<String, String>,
    ) -> Result<(), String> {
        if matches!(step.name.as_str(), "ENV" | "ARG" | "LABEL" | "EXPOSE" | "USER" | "VOLUME" | "STOPSIGNAL")
        {
            self.try_expand(&step.rest)?;
        }
        match step.name.as_str() {
            "ENV" => self.env(step),
            "ARG" => self.arg(step, build_args, globals),
            "LABEL" => self.label(step),
            "EXPOSE" => return self.expose(step),
            "CMD" => {
                self.config.cmd = self.command_line(&step.rest);
                self.cmd_set = true;
                self.note(format!("CMD {}", quoted(&self.config.cmd)));
            }
            "ENTRYPOINT" => {
                self.config.entrypoint = self.command_line(&step.rest);
                if !self.cmd_set {
                    self.config.cmd.clear();
                }
                self.note(format!("ENTRYPOINT {}", quoted(&self.config.entrypoint)));
            }
            "USER" => {
                self.config.user = self.expand(&step.rest);
                self.note(format!("USER {}", self.config.user));
            }
            "VOLUME" => {
                let list = json_form(&step.rest).unwrap_or_else(|| expand::words(&self.expand(&step.rest)));
                self.note(format!("VOLUME [{}]", list.join(" ")));
                self.config.volumes.extend(list);
            }
            "STOPSIGNAL" => {
                let signal = self.expand(&step.rest);
                if Signal::parse(&signal).is_none() {
                    return Err(format!("invalid signal: {signal}"));
                }
                self.config.stop_signal = signal;
                self.note(format!("STOPSIGNAL {}", self.config.stop_signal));
            }
            "SHELL" => {
                let shell = json_form(&step.rest).unwrap_or_default();
                self.note(format!("SHELL [{}]", shell.join(" ")));
                self.config.shell = shell;
            }
            "HEALTHCHECK" => self.healthcheck(step),
            // The trigger is kept without a line in the history.
            "ONBUILD" => self.config.onbuild.push(step.rest.clone()),
            "MAINTAINER" => {
                self.author.clone_from(&step.rest);
                self.note(format!("MAINTAINER {}", step.rest));
            }
            _ => self.note(format!("{} {}", step.name, step.rest)),
        }
        Ok(())
    }

    fn env(&mut self, step: &Instruction) {
        let mut shown = Vec::new();
        for (name, value) in expand::pairs(&self.expand(&step.rest)) {
            shown.push(format!("{name}={value}"));
            match self.config.env.iter_mut().find(|(n, _)| *n == name) {
                Some((_, old)) => *old = value,
                None => self.config.env.push((name, value)),
            }
        }
        self.note(format!("ENV {}", shown.join(" ")));
    }

    fn arg(
        &mut self,
        step: &Instruction,
        build_args: &BTreeMap<String, String>,
        globals: &BTreeMap<String, String>,
    ) {
        let mut shown = Vec::new();
        for word in expand::words(&self.expand(&step.rest)) {
            let (name, default) =
                word.split_once('=').map_or((word.as_str(), None), |(n, v)| (n, Some(v.to_owned())));
            let value = build_args.get(name).cloned().or(default).or_else(|| globals.get(name).cloned());
            shown.push(value.as_ref().map_or_else(|| name.to_owned(), |value| format!("{name}={value}")));
            if let Some(value) = value {
                self.args.insert(name.to_owned(), value);
            }
        }
        self.note(format!("ARG {}", shown.join(" ")));
    }

    fn label(&mut self, step: &Instruction) {
        let pairs = expand::pairs(&self.expand(&step.rest));
        let shown: Vec<String> = pairs.iter().map(|(n, v)| format!("{n}={v}")).collect();
        self.config.labels.extend(pairs);
        self.note(format!("LABEL {}", shown.join(" ")));
    }

    fn expose(&mut self, step: &Instruction) -> Result<(), String> {
        let mut shown = Vec::new();
        let mut words = expand::words(&self.expand(&step.rest));
        words.sort_unstable();
        for word in words {
            for port in ports::exposed(&word)? {
                shown.push(port.clone());
                if !self.config.exposed_ports.contains(&port) {
                    self.config.exposed_ports.push(port);
                }
            }
        }
        self.note(format!("EXPOSE [{}]", shown.join(" ")));
        Ok(())
    }

    fn healthcheck(&mut self, step: &Instruction) {
        let (kind, rest) = step.rest.split_once(char::is_whitespace).unwrap_or((&step.rest, ""));
        let test = match json_form(rest.trim()) {
            _ if kind.eq_ignore_ascii_case("none") => vec!["NONE".to_owned()],
            Some(argv) => std::iter::once("CMD".to_owned()).chain(argv).collect(),
            None => vec!["CMD-SHELL".to_owned(), rest.trim().to_owned()],
        };
        let flag = |name: &str| step.flag(name);
        let span = |name: &str| flag(name).and_then(go_duration).unwrap_or_default();
        self.config.healthcheck = Healthcheck {
            test,
            interval: span("interval"),
            timeout: span("timeout"),
            start_period: span("start-period"),
            start_interval: span("start-interval"),
            retries: flag("retries").and_then(|n| n.parse().ok()).unwrap_or(0),
        };
        self.note(history_of_check(&self.config.healthcheck));
    }
}

/// A health check in the history: Go's `%q` of its parts, the number of retries as a character.
fn history_of_check(check: &Healthcheck) -> String {
    let test: Vec<String> = check.test.iter().map(|word| format::quote(word)).collect();
    let spans = [check.interval, check.timeout, check.start_period, check.start_interval];
    let spans: Vec<String> = spans
        .iter()
        .map(|span| format::quote(&go_string(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))))
        .collect();
    let retries = match char::from_u32(check.retries) {
        Some(c) if !c.is_control() => format!("'{c}'"),
        _ => match check.retries {
            7 => "'\\a'".to_owned(),
            8 => "'\\b'".to_owned(),
            9 => "'\\t'".to_owned(),
            10 => "'\\n'".to_owned(),
            n => format!("'\\x{n:02x}'"),
        },
    };
    format!("HEALTHCHECK &{{[{}] {} {retries}}}", test.join(" "), spans.join(" "))
}

/// Whether an instruction changes files, so that it is a step of its own.
pub fn makes_layer(step: &Instruction) -> bool {
    matches!(step.name.as_str(), "RUN" | "COPY" | "ADD" | "WORKDIR")
}

/// `["node" "app.js"]`, as the history shows command lines.
fn quoted(argv: &[String]) -> String {
    let words: Vec<String> = argv.iter().map(|w| format::quote(w)).collect();
    format!("[{}]", words.join(" "))
}
