//! Images: layers, the configuration that a container starts from, and the digests that name both. Never mutable:
//! another content is another image.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Value, json};

use super::digest::Digest;
use super::files::FileTree;
use super::health::Healthcheck;
use super::layer::Layer;
use crate::base::SimTime;

/// What a container gets from its image unless it says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageConfig {
    pub entrypoint: Vec<String>,
    pub cmd: Vec<String>,
    /// In order; names are unique.
    pub env: Vec<(String, String)>,
    /// Empty means `/`.
    pub workdir: String,
    /// Empty means root.
    pub user: String,
    /// `80/tcp`, in order of declaration.
    pub exposed_ports: Vec<String>,
    pub labels: BTreeMap<String, String>,
    /// `SIGQUIT`; empty means SIGTERM.
    pub stop_signal: String,
    pub volumes: Vec<String>,
    pub healthcheck: Healthcheck,
    pub shell: Vec<String>,
    pub onbuild: Vec<String>,
}

/// One line of `docker history`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    pub created: SimTime,
    pub created_by: String,
    pub comment: String,
    /// Whether no layer belongs to this line.
    pub empty_layer: bool,
}

/// An image. Shared by reference; its file tree is made once.
#[derive(Debug, Clone)]
pub struct Image {
    /// The digest of the configuration, which is what `docker images` shows as id.
    pub id: Digest,
    pub config: ImageConfig,
    pub layers: Vec<Rc<Layer>>,
    pub history: Vec<History>,
    pub created: SimTime,
    pub author: String,
    pub comment: String,
    files: FileTree,
    config_bytes: u64,
    /// The manifest's digest and size, once somebody asked.
    manifest: OnceCell<(Digest, u64)>,
}

/// What an image is made from.
#[derive(Debug, Clone, Default)]
pub struct ImageParts {
    pub config: ImageConfig,
    pub layers: Vec<Rc<Layer>>,
    pub history: Vec<History>,
    pub created: SimTime,
    pub author: String,
    pub comment: String,
}

impl Image {
    /// Puts an image together and computes its id.
    pub fn new(parts: ImageParts) -> Self {
        let mut files = FileTree::new();
        for layer in &parts.layers {
            layer.apply(&mut files);
        }
        Image::with_files(parts, files)
    }

    /// As `new`, by who has the files that the layers make.
    pub(super) fn with_files(parts: ImageParts, files: FileTree) -> Self {
        let mut image = Image {
            id: Digest::of(b""),
            config: parts.config,
            layers: parts.layers,
            history: parts.history,
            created: parts.created,
            author: parts.author,
            comment: parts.comment,
            files,
            config_bytes: 0,
            manifest: OnceCell::new(),
        };
        let config = image.config_json().to_string();
        image.id = Digest::of(config.as_bytes());
        image.config_bytes = config.len() as u64;
        image
    }

    /// The file tree a container starts with.
    pub fn files(&self) -> FileTree {
        self.files.clone()
    }

    /// The sum of the layers' uncompressed sizes.
    pub fn size_bytes(&self) -> u64 {
        self.layers.iter().map(|l| l.size_bytes).sum()
    }

    /// What has to travel when nothing is there yet.
    pub fn compressed_bytes(&self) -> u64 {
        self.layers.iter().map(|l| l.compressed_bytes).sum()
    }

    /// The digest of the manifest, which is what a registry knows the image by.
    pub fn manifest_digest(&self) -> Digest {
        self.manifest().0.clone()
    }

    /// The configuration blob's size in bytes.
    pub fn config_size(&self) -> u64 {
        self.config_bytes
    }

    /// The manifest's size in bytes, which `docker push` prints.
    pub fn manifest_size(&self) -> u64 {
        self.manifest().1
    }

    fn manifest(&self) -> &(Digest, u64) {
        self.manifest.get_or_init(|| {
            let text = self.manifest_json();
            (Digest::of(text.as_bytes()), text.len() as u64)
        })
    }

    /// The argv a container of this image runs: the entrypoint, then `cmd` or the image's own.
    pub fn argv(&self, entrypoint: Option<&[String]>, cmd: &[String]) -> Vec<String> {
        let own_entrypoint = entrypoint.is_none();
        let entrypoint = entrypoint.unwrap_or(&self.config.entrypoint);
        let cmd = if cmd.is_empty() && own_entrypoint { &self.config.cmd } else { cmd };
        entrypoint.iter().chain(cmd).cloned().collect()
    }

    /// The environment in `NAME=value` form.
    pub fn env_strings(&self) -> Vec<String> {
        self.config.env.iter().map(|(name, value)| format!("{name}={value}")).collect()
    }

    /// The manifest as docker writes it: three blanks a level, fields in the order of the Go struct.
    fn manifest_json(&self) -> String {
        let blob = |indent: &str, kind: &str, size: u64, digest: &Digest| {
            format!(
                "{{\n{indent}   \"mediaType\": \"{kind}\",\n{indent}   \"size\": {size},\n{indent}   \"digest\": \"{digest}\"\n{indent}}}"
            )
        };
        let config =
            blob("   ", "application/vnd.docker.container.image.v1+json", self.config_size(), &self.id);
        let kind = "application/vnd.docker.image.rootfs.diff.tar.gzip";
        let layers: Vec<String> = self
            .layers
            .iter()
            .map(|l| format!("      {}", blob("      ", kind, l.compressed_bytes, &l.digest)))
            .collect();
        format!(
            "{{\n   \"schemaVersion\": 2,\n   \"mediaType\": \"application/vnd.docker.distribution.manifest.v2+json\",\n   \"config\": {config},\n   \"layers\": [\n{}\n   ]\n}}",
            layers.join(",\n")
        )
    }

    /// The configuration blob, of which the id is the digest.
    fn config_json(&self) -> Value {
        let c = &self.config;
        let history: Vec<Value> = self
            .history
            .iter()
            .map(|h| {
                json!({"created": h.created.rfc3339_nanos(), "created_by": h.created_by, "comment": h.comment,
                    "empty_layer": h.empty_layer})
            })
            .collect();
        json!({
            "architecture": "amd64", "os": "linux", "author": self.author,
            "created": self.created.rfc3339_nanos(),
            "config": {
                "Entrypoint": c.entrypoint, "Cmd": c.cmd, "Env": self.env_strings(), "WorkingDir": c.workdir,
                "User": c.user, "ExposedPorts": c.exposed_ports, "Labels": c.labels, "StopSignal": c.stop_signal,
                "Volumes": c.volumes, "Healthcheck": c.healthcheck.test, "Shell": c.shell, "OnBuild": c.onbuild,
            },
            "history": history,
            "rootfs": {"type": "layers", "diff_ids": self.layers.iter().map(|l| l.diff_id.as_str()).collect::<Vec<_>>()},
        })
    }
}
