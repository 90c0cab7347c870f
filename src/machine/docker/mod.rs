//! The Docker engine of the learner's machine: images, containers, networks, volumes and the build cache. It asks the
//! runtime for what must run and hears what became of it. Never runs a program, never pulls, never prints.

mod admission;
pub mod archives;
pub mod cache;
pub mod container;
pub mod create;
pub mod error;
mod etc;
pub mod events;
pub mod images;
pub mod inspect;
pub mod json;
pub mod health;
pub mod host;
pub mod lifecycle;
pub mod logs;
pub mod names;
mod reports;
pub mod network;
pub mod ports;
pub mod prune;
pub mod size;
pub mod steps;
pub mod volume;
pub mod work;

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use crate::base::{Rng, Seed, SimTime};
use crate::image::process::{ContainerId, RuntimeRequest};
use crate::image::{Image, ImageRef};

pub use cache::BuildCache;
pub use container::{Container, CreateSpec, Status};
pub use error::{EngineError, ErrorKind};
pub use images::Images;

/// Containers one machine may hold; past it, creating fails.
pub const CONTAINER_LIMIT: usize = 500;

/// Removed containers remembered.
const REMOVED_LIMIT: usize = 32;

/// The engine.
#[derive(Debug, Clone)]
pub struct Engine {
    seed: Seed,
    drawn: u64,
    pub images: Images,
    pub cache: BuildCache,
    pub networks: network::Networks,
    pub volumes: volume::Volumes,
    pub events: events::Events,
    pub works: work::Works,
    containers: BTreeMap<ContainerId, Container>,
    /// Containers removed a moment ago: clients that watched them still ask how they ended and what they wrote.
    removed: VecDeque<Container>,
    requests: Vec<RuntimeRequest>,
    /// What archives hold: they name it, and it is kept here.
    pub archives: archives::Archives,
    steps: steps::Steps,
    /// The next port tried for `-P`.
    next_ephemeral: u16,
    epoch: u64,
}

impl Engine {
    /// A fresh engine: no images, the three predefined networks.
    pub fn new(seed: Seed, now: SimTime) -> Self {
        let mut rng = seed.stream("docker/networks");
        Engine {
            seed,
            drawn: 0,
            images: Images::default(),
            cache: BuildCache::default(),
            networks: network::Networks::new(&mut rng, now),
            volumes: volume::Volumes::default(),
            events: events::Events::default(),
            works: work::Works::default(),
            containers: BTreeMap::new(),
            removed: VecDeque::new(),
            requests: Vec::new(),
            archives: archives::Archives::default(),
            steps: steps::Steps::new(),
            next_ephemeral: ports::EPHEMERAL_FIRST,
            epoch: 0,
        }
    }

    /// Grows with every change that somebody may be waiting for.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Tells whoever waits that something changed from outside, such as a new tag.
    pub fn touch(&mut self) {
        self.epoch += 1;
    }

    /// A stream of its own for the next thing that needs a name or id.
    pub fn draw(&mut self, purpose: &str) -> Rng {
        self.drawn += 1;
        self.seed.stream(&format!("docker/{purpose}/{}", self.drawn))
    }

    /// What the runtime must do, in order.
    pub fn take_requests(&mut self) -> Vec<RuntimeRequest> {
        std::mem::take(&mut self.requests)
    }

    /// Containers, newest first.
    pub fn containers(&self) -> Vec<&Container> {
        let mut list: Vec<&Container> = self.containers.values().collect();
        list.sort_by_key(|c| std::cmp::Reverse(c.order));
        list
    }

    /// By exact id.
    pub fn container(&self, id: &ContainerId) -> Option<&Container> {
        self.containers.get(id)
    }

    /// By exact id, also when it was removed a moment ago.
    pub fn container_or_removed(&self, id: &ContainerId) -> Option<&Container> {
        self.containers.get(id).or_else(|| self.removed.iter().find(|c| c.id == *id))
    }

    /// By name, id, or unambiguous beginning of an id.
    pub fn find(&self, text: &str) -> Result<&Container, EngineError> {
        let name = text.strip_prefix('/').unwrap_or(text);
        let exact = self.containers.values().find(|c| c.name == name || c.id.0 == text);
        if let Some(found) = exact {
            return Ok(found);
        }
        let mut matching = self.containers.values().filter(|c| !text.is_empty() && c.id.0.starts_with(text));
        match (matching.next(), matching.next()) {
            (Some(found), None) => Ok(found),
            (Some(_), Some(_)) => {
                Err(EngineError::invalid(format!("Multiple IDs found with provided prefix: {text}")))
            }
            _ => Err(EngineError::no_such_container(text)),
        }
    }

    /// The id behind a name or prefix.
    pub fn find_id(&self, text: &str) -> Result<ContainerId, EngineError> {
        self.find(text).map(|c| c.id.clone())
    }

    fn get_mut(&mut self, id: &ContainerId) -> Result<&mut Container, EngineError> {
        self.epoch += 1;
        self.containers.get_mut(id).ok_or_else(|| EngineError::no_such_container(&id.0))
    }

    /// How the tables name a container's image: as typed, or by id when that name no longer means it.
    pub fn image_shown(&self, container: &Container) -> String {
        let named = self.images.find(&container.image_name).map(|s| s.image.id == container.image.id);
        if named.unwrap_or(false) {
            container.image_name.clone()
        } else {
            container.image.id.short().to_owned()
        }
    }

    /// Takes in a pulled or built image under a name.
    pub fn add_image(&mut self, reference: &ImageRef, image: &Rc<Image>, now: SimTime) {
        self.images.add(image, None);
        if reference.digest.is_none() {
            self.images.tag(reference, &image.id, now);
        }
        self.touch();
    }

    /// Points another name at an image.
    pub fn tag(&mut self, source: &str, target: &ImageRef, now: SimTime) -> Result<(), EngineError> {
        let id = self.images.find(source)?.image.id.clone();
        self.images.tag(target, &id, now);
        self.events.add(now, "image", "tag", id.as_str(), [("name", target.familiar())]);
        self.touch();
        Ok(())
    }

    /// Removes an image by name or id.
    pub fn remove_image(
        &mut self,
        text: &str,
        force: bool,
        prune: bool,
        now: SimTime,
    ) -> Result<Vec<images::Removal>, EngineError> {
        let users = self.image_users();
        let done = self.images.remove(text, force, prune, &users)?;
        for removal in &done {
            let (action, id) = match removal {
                images::Removal::Untagged(name) => ("untag", name),
                images::Removal::Deleted(id) => ("delete", id),
            };
            self.events.add(now, "image", action, id, []);
        }
        self.touch();
        Ok(done)
    }

    /// Which containers and cache records hold which images.
    pub fn image_users(&self) -> images::Users {
        let mut users = images::Users { cached_chains: self.cache.chains(), ..images::Users::default() };
        for container in self.containers() {
            let user = (container.image.id.clone(), container.id.short().to_owned());
            if container.state.status.is_running() {
                users.running.push(user);
            } else {
                users.stopped.push(user);
            }
        }
        users.running.reverse();
        users.stopped.reverse();
        users.stopped.sort_by_key(|(_, id)| self.find(id).is_ok_and(|c| c.state.status == Status::Created));
        users
    }
}

#[cfg(test)]
mod tests;
