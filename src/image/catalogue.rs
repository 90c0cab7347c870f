//! The catalogue: what Docker Hub and the other public registries hold, as data in `assets/images` (a file per
//! repository, read when it is first asked for). Never knows a lesson; whoever pulls goes through a registry.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use super::config::{History, Image, ImageConfig, ImageParts};
use super::files::{Entry, EntryKind, FileTree};
use super::layer::Layer;
use super::reference::ImageRef;
use crate::base::SimTime;

static ASSETS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/images");

/// When base layers were made (2025-09-08): the same for all, so that equal bases are one layer.
const BASE_LAYERS_MADE: SimTime = SimTime::from_secs(1_757_289_600);

/// How many `same_as` steps one look-up follows.
const ALIAS_LIMIT: usize = 4;

type Tags = BTreeMap<String, Rc<Image>>;

/// Public images by reference. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Catalogue {
    source: Source,
    /// Repositories read so far; `None` for those that do not exist.
    read: Rc<RefCell<BTreeMap<String, Option<Rc<Tags>>>>>,
    /// First layers made so far: many images stand on the same one.
    bases: Rc<RefCell<Bases>>,
}

/// A first layer and its files, by user land and declaration.
type Bases = BTreeMap<(String, String, u64, u64), (Rc<Layer>, FileTree)>;

#[derive(Debug, Clone)]
enum Source {
    Assets,
    /// Texts by file name, for worlds set up by hand.
    Texts(Rc<BTreeMap<String, String>>),
}

/// One repository's file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RepositoryFile {
    /// The same images are found under another canonical name.
    same_as: Option<String>,
    #[serde(default)]
    image: Vec<ImageFile>,
}

/// One image of a repository.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ImageFile {
    tags: Vec<String>,
    /// RFC 3339.
    created: String,
    #[serde(default)]
    env: Vec<String>,
    #[serde(default)]
    entrypoint: Vec<String>,
    #[serde(default)]
    cmd: Vec<String>,
    #[serde(default)]
    workdir: String,
    #[serde(default)]
    user: String,
    #[serde(default)]
    expose: Vec<String>,
    #[serde(default)]
    volumes: Vec<String>,
    #[serde(default)]
    stop_signal: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    comment: String,
    /// A set of `userland.toml` that the first layer holds; empty for images from scratch.
    #[serde(default)]
    userland: String,
    /// `["created by", size, compressed size]`; without sizes the step has no layer. Oldest first.
    history: Vec<Step>,
    /// Executables of the last layer: path to program name.
    #[serde(default)]
    programs: BTreeMap<String, String>,
    /// Files of the last layer: path to content. A leading `#!` makes them executable.
    #[serde(default)]
    files: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Step {
    Empty(String),
    Layer(String, u64, u64),
}

/// What a base image contains, by name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Userland {
    #[serde(default)]
    dirs: Vec<String>,
    /// Directory to program names, separated by blanks. The program's name is its file's name.
    #[serde(default)]
    programs: BTreeMap<String, String>,
    /// Path to target.
    #[serde(default)]
    links: BTreeMap<String, String>,
    #[serde(default)]
    files: BTreeMap<String, String>,
}

impl Default for Catalogue {
    fn default() -> Self {
        Catalogue::builtin()
    }
}

impl Catalogue {
    /// The catalogue that comes with the program. Its files never change, so what a thread has read is shared by
    /// all its worlds.
    pub fn builtin() -> Self {
        thread_local! {
            static BUILTIN: Catalogue = Catalogue { source: Source::Assets, read: Rc::default(), bases: Rc::default() };
        }
        BUILTIN.with(Catalogue::clone)
    }

    /// A catalogue of given texts by file name (`nginx.toml`); user lands are the built-in ones.
    pub fn of_texts(texts: BTreeMap<String, String>) -> Self {
        Catalogue { source: Source::Texts(Rc::new(texts)), read: Rc::default(), bases: Rc::default() }
    }

    /// Whether any tag of the reference's repository is known.
    pub fn has_repository(&self, reference: &ImageRef) -> bool {
        self.repository(&reference.name(), ALIAS_LIMIT).is_some()
    }

    /// The image a reference means: by digest when it has one, else by tag.
    pub fn find(&self, reference: &ImageRef) -> Option<Rc<Image>> {
        let tags = self.repository(&reference.name(), ALIAS_LIMIT)?;
        match &reference.digest {
            Some(digest) => tags.values().find(|image| image.manifest_digest() == *digest).cloned(),
            None => tags.get(reference.tag_or_latest()).cloned(),
        }
    }

    /// The tags of a repository, sorted.
    pub fn tags(&self, reference: &ImageRef) -> Vec<String> {
        let tags = self.repository(&reference.name(), ALIAS_LIMIT);
        tags.map(|tags| tags.keys().cloned().collect()).unwrap_or_default()
    }

    fn repository(&self, name: &str, aliases: usize) -> Option<Rc<Tags>> {
        if let Some(known) = self.read.borrow().get(name) {
            return known.clone();
        }
        let tags = self.read_repository(name, aliases);
        self.read.borrow_mut().insert(name.to_owned(), tags.clone());
        tags
    }

    fn read_repository(&self, name: &str, aliases: usize) -> Option<Rc<Tags>> {
        let text = match &self.source {
            Source::Assets => ASSETS.get_file(file_name(name))?.contents_utf8()?,
            Source::Texts(texts) => texts.get(&file_name(name))?.as_str(),
        };
        // A file that does not parse is a fault of the program; `every_file_of_the_catalogue_is_sound` finds it.
        let file: RepositoryFile = toml::from_str(text).ok()?;
        if let Some(other) = file.same_as {
            return if aliases == 0 { None } else { self.repository(&other, aliases - 1) };
        }
        let mut tags = Tags::new();
        for image in file.image {
            let names = image.tags.clone();
            let image = Rc::new(build(image, &mut self.bases.borrow_mut()));
            tags.extend(names.into_iter().map(|tag| (tag, image.clone())));
        }
        Some(Rc::new(tags))
    }
}

/// The file of a canonical name: `docker.io/library/nginx` is `nginx.toml`, slashes become underscores.
fn file_name(name: &str) -> String {
    let short = name.strip_prefix("docker.io/").unwrap_or(name);
    let short = short.strip_prefix("library/").unwrap_or(short);
    format!("{}.toml", short.replace('/', "_"))
}

fn build(file: ImageFile, bases: &mut Bases) -> Image {
    let created = file.created.parse().map(SimTime::from_timestamp).unwrap_or_default();
    let sized = file.history.iter().filter(|s| matches!(s, Step::Layer(..))).count();
    let (mut layers, mut history) = (Vec::new(), Vec::new());
    let mut below = FileTree::new();
    for step in &file.history {
        let line = |by: &str, empty_layer| History {
            created,
            created_by: by.to_owned(),
            comment: file.comment.clone(),
            empty_layer,
        };
        match step {
            Step::Empty(by) => history.push(line(by, true)),
            Step::Layer(by, size, compressed) => {
                let (first, last) = (layers.is_empty(), layers.len() + 1 == sized);
                let make = |below: &FileTree| {
                    let mut tree = below.clone();
                    if first {
                        add_userland(&mut tree, &file.userland, BASE_LAYERS_MADE);
                    }
                    if last {
                        add_own(&mut tree, &file, created);
                    }
                    let changes = Layer::between(below, &tree).changes;
                    (Rc::new(Layer::declared(by, *size, *compressed, changes)), tree)
                };
                let (layer, tree) = match first && !last {
                    true => {
                        let key = (file.userland.clone(), by.clone(), *size, *compressed);
                        bases.entry(key).or_insert_with(|| make(&below)).clone()
                    }
                    false => make(&below),
                };
                layers.push(layer);
                history.push(line(by, false));
                below = tree;
            }
        }
    }
    let config = ImageConfig {
        entrypoint: file.entrypoint,
        cmd: file.cmd,
        env: file.env.iter().map(|e| split_env(e)).collect(),
        workdir: file.workdir,
        user: file.user,
        exposed_ports: file.expose,
        labels: file.labels,
        stop_signal: file.stop_signal,
        volumes: file.volumes,
        ..ImageConfig::default()
    };
    let (author, comment) = (String::new(), file.comment);
    Image::with_files(ImageParts { config, layers, history, created, author, comment }, below)
}

fn split_env(text: &str) -> (String, String) {
    text.split_once('=')
        .map_or_else(|| (text.to_owned(), String::new()), |(n, v)| (n.to_owned(), v.to_owned()))
}

fn add_own(tree: &mut FileTree, file: &ImageFile, created: SimTime) {
    for (path, program) in &file.programs {
        // Only the content limit could refuse, and the catalogue stays far below it.
        let _refused = tree.put_program(path, program, created);
    }
    for (path, content) in &file.files {
        add_file(tree, path, content, created);
    }
}

fn add_file(tree: &mut FileTree, path: &str, content: &str, created: SimTime) {
    let parent = super::files::split_parent(path).0;
    let mode = if content.starts_with("#!") { 0o755 } else { 0o644 };
    if tree.mkdir(parent, true, created).is_ok() {
        let entry = Entry::new(EntryKind::File(content.as_bytes().into()), mode, created);
        let _refused = tree.put(path, entry);
    }
}

/// Adds the directories, programs and files of a named user land.
fn add_userland(tree: &mut FileTree, name: &str, created: SimTime) {
    let Some(userland) = userland(name) else { return };
    for dir in &userland.dirs {
        let _exists = tree.mkdir(dir, true, created);
    }
    for (dir, names) in &userland.programs {
        for program in names.split_whitespace() {
            let _refused = tree.put_program(&format!("{dir}/{program}"), program, created);
        }
    }
    for (path, content) in &userland.files {
        add_file(tree, path, content, created);
    }
    for (path, target) in &userland.links {
        let _exists = tree.symlink(target, path, created);
    }
}

fn userland(name: &str) -> Option<Userland> {
    let text = ASSETS.get_file("userland.toml")?.contents_utf8()?;
    let mut all: BTreeMap<String, Userland> = toml::from_str(text).ok()?;
    all.remove(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str) -> Rc<Image> {
        let reference = ImageRef::parse(text).expect("a reference");
        Catalogue::builtin().find(&reference).unwrap_or_else(|| panic!("{text} is in the catalogue"))
    }

    #[test]
    fn every_file_of_the_catalogue_is_sound() {
        let userlands: BTreeMap<String, Userland> =
            toml::from_str(ASSETS.get_file("userland.toml").unwrap().contents_utf8().unwrap()).unwrap();
        for file in ASSETS.files() {
            let name = file.path().display().to_string();
            if name == "userland.toml" {
                continue;
            }
            let parsed: Result<RepositoryFile, _> = toml::from_str(file.contents_utf8().unwrap());
            let parsed = parsed.unwrap_or_else(|error| panic!("{name}: {error}"));
            for image in parsed.image {
                let tags = image.tags.join(", ");
                assert!(
                    image.userland.is_empty() || userlands.contains_key(&image.userland),
                    "{name}: {tags}"
                );
                assert!(image.created.parse::<jiff::Timestamp>().is_ok(), "{name}: {tags}: created");
                let image = build(image, &mut Bases::new());
                let argv = image.argv(None, &[]);
                let Some(first) = argv.first() else { continue };
                let path = image.config.env.iter().find(|(n, _)| n == "PATH").map_or("", |(_, v)| v.as_str());
                let files = image.files();
                let runs = first.starts_with('/') && files.exists(first)
                    || path.split(':').any(|dir| files.exists(&format!("{dir}/{first}")));
                assert!(runs, "{name}: {tags}: {first} is not in the image");
            }
        }
    }

    #[test]
    fn images_of_the_labs_are_there() {
        for text in [
            "hello-world",
            "node:lts",
            "node:6",
            "node:6.9.2",
            "nginx",
            "nginx:1.27.0",
            "nginx:1.10.0",
            "nginx:1.9.14",
            "busybox",
            "alpine",
            "ubuntu",
            "debian",
            "bash",
            "redis",
            "httpd",
            "python",
            "perl",
            "postgres",
            "mysql",
            "curlimages/curl",
            "kelseyhightower/monolith:1.0.0",
            "kelseyhightower/auth:2.0.0",
            "kelseyhightower/hello:1.0.0",
            "kelseyhightower/hello:2.0.0",
            "kelseyhightower/auth:1.0.0",
            "gcr.io/google-samples/hello-app:1.0",
            "gcr.io/google-samples/hello-app:2.0",
            "us-docker.pkg.dev/google-samples/containers/gke/hello-app:1.0",
            "registry.k8s.io/e2e-test-images/agnhost:2.39",
            "registry.k8s.io/echoserver:1.4",
            "registry.k8s.io/pause:3.9",
            "k8s.gcr.io/echoserver:1.4",
            "registry.k8s.io/hpa-example",
            "k8s.gcr.io/hpa-example",
            "registry.k8s.io/coredns/coredns:v1.12.1",
            "registry.k8s.io/kube-proxy:v1.36.2",
            "registry.k8s.io/metrics-server/metrics-server:v0.8.0",
        ] {
            assert!(!find(text).layers.is_empty(), "{text}");
        }
    }

    #[test]
    fn tags_share_an_image_and_digests_are_stable() {
        assert_eq!(find("node:lts").id, find("node").id.clone());
        let digest = find("nginx:1.27").manifest_digest();
        assert_eq!(find(&format!("nginx@{digest}")).id, find("nginx:1.27").id);
        assert_eq!(find("node:20").layers[0].digest, find("node:18").layers[0].digest);
    }
}
