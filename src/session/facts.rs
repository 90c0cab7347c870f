//! The world as lessons may see it. Only reads.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use crate::base::SimTime;
use crate::cloud::firewall;
use crate::cloud::gke::GkeCluster;
use crate::cloud::registry::Caller;
use crate::cluster::api::codec;
use crate::cluster::kinds::table::{RESOURCES, Resource};
use crate::cluster::object::{KindId, Object};
use crate::image::ImageRef;
use crate::lesson::facts::{ClusterFacts, ContainerFacts, Facts, ReplyFacts};
use crate::machine::docker::container::Container;
use crate::machine::docker::images::Stored;
use crate::programs::gcloud;
use crate::world::network::{Hop, NetNsId, Trace};
use crate::world::{HostId, World};

/// Requests that a lesson may look back on.
const REPLIES: usize = 64;

/// Most objects whose JSON is kept.
const ENCODED_LIMIT: usize = 4096;

/// What was found out in earlier looks at the same world. Each answer is kept with what it was found in, the very
/// same bytes or object, so it can never be out of date.
#[derive(Default)]
pub struct Memory {
    /// A kubeconfig, and the host that its current context points at.
    kubeconfig: RefCell<Option<(Rc<[u8]>, Option<String>)>>,
    /// Objects and their JSON.
    encoded: RefCell<BTreeMap<(KindId, String, String), (Rc<Object>, Rc<Value>)>>,
}

/// Lessons' view of a world.
pub struct WorldFacts<'a> {
    world: &'a World,
    /// The cluster of kubectl's context, looked up once.
    context: OnceCell<Option<String>>,
    memory: Rc<Memory>,
}

impl<'a> WorldFacts<'a> {
    /// A view of the world as it is now.
    pub fn new(world: &'a World) -> Self {
        WorldFacts::remembering(world, Rc::default())
    }

    /// The same, by somebody who has looked before.
    pub fn remembering(world: &'a World, memory: Rc<Memory>) -> Self {
        WorldFacts { world, context: OnceCell::new(), memory }
    }

    /// The key of the cluster that kubectl's current context on the learner's machine points at.
    pub fn context(&self) -> Option<&String> {
        self.context.get_or_init(|| self.looked_up()).as_ref()
    }

    fn looked_up(&self) -> Option<String> {
        let bytes = self.file(&gcloud::kubeconfig::path(self.world, HostId::MACHINE))?;
        let mut kept = self.memory.kubeconfig.borrow_mut();
        let known = kept.as_ref().filter(|(before, _)| *before == bytes).map(|(_, host)| host.clone());
        let host =
            known.unwrap_or_else(|| gcloud::kubeconfig::current_host(&String::from_utf8_lossy(&bytes)));
        *kept = Some((bytes, host.clone()));
        self.world.cloud.cluster_at(&host?).map(str::to_owned)
    }

    /// The cluster that kubectl's current context on the learner's machine points at.
    fn current(&self) -> Option<&GkeCluster> {
        self.world.cloud.clusters.get(self.context()?)
    }

    fn encode(&self, object: &Rc<Object>) -> Rc<Value> {
        let key = (object.kind(), object.namespace().to_owned(), object.name().to_owned());
        let mut encoded = self.memory.encoded.borrow_mut();
        if let Some((_, json)) = encoded.get(&key).filter(|(same, _)| Rc::ptr_eq(same, object)) {
            return Rc::clone(json);
        }
        if encoded.len() >= ENCODED_LIMIT {
            encoded.clear();
        }
        let json = Rc::new(codec::encode(object));
        encoded.insert(key, (Rc::clone(object), Rc::clone(&json)));
        json
    }

    fn machine_netns(&self) -> NetNsId {
        self.world.machine_host().map_or_else(|| NetNsId(String::new()), |h| h.netns.clone())
    }
}

impl Facts for WorldFacts<'_> {
    fn now(&self) -> SimTime {
        self.world.now
    }

    fn stamp(&self) -> u64 {
        let finished = self.world.traces.iter().filter(|t| t.outcome.is_some()).count() as u64;
        let asked = self.world.traces.back().map_or(0, |t| t.id);
        let files = self.world.file_changes;
        let sockets: u64 =
            self.world.networks.get(&self.machine_netns()).map_or(0, |n| n.sockets.len() as u64);
        self.world
            .epoch()
            .wrapping_mul(31)
            .wrapping_add(finished + asked * 1000 + files * 7919 + sockets * 104_729)
    }

    fn names(&self) -> BTreeMap<String, String> {
        let project = &self.world.cloud.project;
        let host = self.world.machine_host();
        let user = host.map(|h| h.user.clone()).unwrap_or_default();
        let home = host.map(|h| h.home.clone()).unwrap_or_default();
        let pairs = [
            ("project", project.id.clone()),
            ("region", project.region.clone()),
            ("zone", project.zone.clone()),
            ("account", project.account.clone()),
            ("user", user),
            ("home", home),
        ];
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn object(&self, kind: &str, namespace: &str, name: &str) -> Option<Rc<Value>> {
        let (kind, namespaced) = resource(kind)?;
        let namespace = if namespaced { namespace } else { "" };
        let object = self.current()?.cluster.store().get(kind, namespace, name)?;
        Some(self.encode(object))
    }

    fn objects(&self, kind: &str, namespace: &str) -> Vec<Rc<Value>> {
        let Some(((kind, namespaced), cluster)) = resource(kind).zip(self.current()) else {
            return Vec::new();
        };
        let namespace = namespaced.then_some(namespace);
        cluster.cluster.store().list(kind, namespace).map(|object| self.encode(object)).collect()
    }

    fn first_labelled(&self, kind: &str, key: &str, value: &str) -> Option<Rc<Value>> {
        let ((kind, namespaced), cluster) = resource(kind).zip(self.current())?;
        let namespace = namespaced.then_some("default");
        let fits = |o: &&Rc<Object>| o.label(key) == Some(value) && !o.is_deleting();
        // Looked for before it is put into JSON: names in the text are looked up after every change.
        cluster.cluster.store().list(kind, namespace).find(fits).map(|object| self.encode(object))
    }

    fn file(&self, path: &str) -> Option<Rc<[u8]>> {
        self.world.look(HostId::MACHINE, path, |tree, path| tree.read(path).ok())?
    }

    fn exists(&self, path: &str) -> bool {
        self.world.look(HostId::MACHINE, path, |tree, path| tree.exists(path)).unwrap_or(false)
    }

    fn local_image(&self, reference: &str) -> Option<String> {
        self.world.machine.docker.images.find(reference).ok().map(|stored| stored.image.id.to_string())
    }

    fn local_images(&self) -> Vec<String> {
        let images = &self.world.machine.docker.images;
        let names = |stored: &Stored| match images.tags_of(&stored.image.id) {
            tags if tags.is_empty() => vec!["<none>:<none>".to_owned()],
            tags => tags,
        };
        images.list().into_iter().flat_map(names).collect()
    }

    fn registry_image(&self, reference: &str) -> Option<String> {
        let reference = ImageRef::parse(reference).ok()?;
        let project = &self.world.cloud.project;
        let caller = Caller::Account { name: project.account.clone(), projects: [project.id.clone()].into() };
        let image = self.world.cloud.registries.pull(&reference, &caller).ok()?;
        Some(image.manifest_digest().to_string())
    }

    fn repository(&self, location: &str, name: &str) -> bool {
        let project = &self.world.cloud.project.id;
        self.world.cloud.registries.repository(project, location, name).is_some_and(|r| r.format == "DOCKER")
    }

    fn containers(&self) -> Vec<ContainerFacts> {
        let facts = |c: &&Container| ContainerFacts {
            id: c.id.0.clone(),
            name: c.name.clone(),
            image: c.image_name.clone(),
            image_id: c.image.id.to_string(),
            running: c.state.status.is_running(),
            published: c.published.iter().map(|p| (p.host_port, p.container_port)).collect(),
        };
        self.world.machine.docker.containers().iter().map(facts).collect()
    }

    fn clusters(&self) -> Vec<ClusterFacts> {
        let facts = |c: &GkeCluster| ClusterFacts {
            name: c.spec.name.clone(),
            location: c.spec.location.clone(),
            status: c.status.word().to_owned(),
            nodes: c.pools.iter().map(|pool| pool.nodes).sum(),
        };
        self.world.cloud.clusters.values().map(facts).collect()
    }

    fn kubectl_connected(&self) -> bool {
        self.context().is_some()
    }

    fn gcloud_property(&self, property: &str) -> Option<String> {
        gcloud::properties::get(self.world, HostId::MACHINE, property)
    }

    fn port_is_open(&self, port: u16) -> bool {
        firewall::lets_in(&self.world.cloud.firewall, port)
    }

    fn listener(&self, port: u16) -> Option<String> {
        let netns = self.machine_netns();
        let socket = self.world.networks.get(&netns).and_then(|n| n.sockets.get(&port));
        if let Some(socket) = socket {
            let process = self.world.processes.get(&socket.owner);
            return Some(process.and_then(|p| p.argv.first().cloned()).unwrap_or_default());
        }
        self.world.machine.published(port).map(|_| "docker".to_owned())
    }

    fn replies(&self) -> Vec<ReplyFacts> {
        let skip = self.world.traces.len().saturating_sub(REPLIES);
        self.world.traces.iter().skip(skip).filter(|t| t.outcome.is_some()).map(reply).collect()
    }

    fn answering_pods(&self, address: &str, port: u16) -> Vec<String> {
        self.world.cloud.pods_behind(address, port)
    }
}

fn reply(trace: &Trace) -> ReplyFacts {
    let by = match trace.hops.last() {
        Some(Hop::Container(name)) => format!("container/{name}"),
        Some(Hop::Pod { name, .. }) => format!("pod/{name}"),
        _ => format!("process/{}", trace.by),
    };
    let status = trace.outcome.as_ref().and_then(|outcome| outcome.as_ref().ok()).copied();
    let (host, port, path) = (trace.host.clone(), trace.port, trace.path.clone());
    ReplyFacts { at: trace.at, host, port, path, status, body: trace.body.clone(), by }
}

/// The resource of a plural name that objects are kept of.
fn resource(plural: &str) -> Option<(KindId, bool)> {
    let kept = |r: &&Resource| r.plural == plural && r.id.is_some();
    RESOURCES.iter().find(kept).and_then(|r| Some((r.id?, r.namespaced)))
}
