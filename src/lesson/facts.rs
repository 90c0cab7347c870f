//! What a lesson may know about the world: a read-only trait and the plain facts it answers with.
//!
//! Checks and the coach see nothing else, so a test can state a situation in a few lines and a lesson can
//! never change what it observes. Nothing here runs a program, sends a request or moves the clock.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use crate::base::time::SimTime;
use crate::lesson::object::{deleting, pointer};

/// The most output of one command that is kept for the coach, in bytes; the end is kept, not the start.
pub const MAX_OUTPUT_KEPT_BYTES: usize = 4096;

/// The world as checks and the coach see it.
pub trait Facts {
    /// Virtual time now.
    fn now(&self) -> SimTime;
    /// Changes whenever an answer below may have changed; lets the run skip an evaluation.
    fn stamp(&self) -> u64;
    /// Names the learner's world gives: `project`, `region`, `zone`, `user`, `home`.
    fn names(&self) -> BTreeMap<String, String>;
    /// An object of the current cluster as JSON. `kind` is the plural resource, `deployments`; a resource
    /// without namespaces ignores `namespace`.
    fn object(&self, kind: &str, namespace: &str, name: &str) -> Option<Rc<Value>>;
    /// Every object of a kind in a namespace as JSON, in name order.
    fn objects(&self, kind: &str, namespace: &str) -> Vec<Rc<Value>>;
    /// The first object of a kind in the default namespace that has this label and is not being deleted.
    fn first_labelled(&self, kind: &str, key: &str, value: &str) -> Option<Rc<Value>> {
        let fits =
            |o: &Rc<Value>| pointer(o, "/metadata/labels").is_some_and(|l| l[key] == value) && !deleting(o);
        self.objects(kind, "default").into_iter().find(fits)
    }
    /// Bytes of a file on the learner's machine; `path` is absolute.
    fn file(&self, path: &str) -> Option<Rc<[u8]>>;
    /// Whether there is a file or folder of that path on the learner's machine.
    fn exists(&self, path: &str) -> bool {
        self.file(path).is_some()
    }
    /// Id of an image in the local Docker engine, by any reference to it.
    fn local_image(&self, reference: &str) -> Option<String>;
    /// Every name that images of the local engine have; an image without a name counts as `<none>:<none>`.
    fn local_images(&self) -> Vec<String>;
    /// Digest of an image that the registry serves, by its full reference.
    fn registry_image(&self, reference: &str) -> Option<String>;
    /// Whether a Docker repository of that name exists in the project at that location.
    fn repository(&self, location: &str, name: &str) -> bool;
    /// Containers of the local engine, running and stopped.
    fn containers(&self) -> Vec<ContainerFacts>;
    /// Clusters of the project.
    fn clusters(&self) -> Vec<ClusterFacts>;
    /// Whether kubectl has a current context.
    fn kubectl_connected(&self) -> bool;
    /// A gcloud property such as `core/project` in the active configuration.
    fn gcloud_property(&self, property: &str) -> Option<String>;
    /// Whether the project's firewall lets a TCP port of the nodes in from anywhere.
    fn port_is_open(&self, port: u16) -> bool;
    /// Who listens on a TCP port of the learner's machine: a program's name, `docker` for a published port.
    fn listener(&self, port: u16) -> Option<String>;
    /// HTTP exchanges the learner's own commands made, oldest first (a bounded tail).
    fn replies(&self) -> Vec<ReplyFacts>;
    /// Addresses of ready pods that would answer at a Service's external address and port.
    fn answering_pods(&self, address: &str, port: u16) -> Vec<String>;
}

/// A container of the local Docker engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContainerFacts {
    pub id: String,
    pub name: String,
    /// The image as it was asked for.
    pub image: String,
    /// The id of that image, as [`Facts::local_image`] gives it.
    pub image_id: String,
    pub running: bool,
    /// `(host, container)` ports.
    pub published: Vec<(u16, u16)>,
}

/// A cluster of the project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClusterFacts {
    pub name: String,
    pub location: String,
    /// `PROVISIONING`, `RUNNING` ...
    pub status: String,
    pub nodes: u32,
}

/// An HTTP exchange that a command of the learner made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplyFacts {
    pub at: SimTime,
    /// As it was asked for: `localhost`, `34.72.10.5`.
    pub host: String,
    pub port: u16,
    pub path: String,
    /// `None`: no reply came (refused, timed out).
    pub status: Option<u16>,
    /// The body, or its first 4096 bytes.
    pub body: String,
    /// Who answered: `process/node`, `container/NAME`, `pod/NAME`.
    pub by: String,
}

/// A line the learner typed at a prompt, and what came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Executed {
    pub at: SimTime,
    pub terminal: usize,
    pub line: String,
    /// The directory it was typed in.
    pub cwd: String,
    /// `None` while it still runs.
    pub exit: Option<i32>,
    /// The end of what it wrote, stdout and stderr as they came, at most [`MAX_OUTPUT_KEPT_BYTES`].
    pub output: String,
}

impl Executed {
    /// A line that ended with this status and output.
    pub fn ended(line: &str, exit: i32, output: &str) -> Self {
        Executed { line: line.to_owned(), exit: Some(exit), output: output.to_owned(), ..Executed::default() }
    }
}
