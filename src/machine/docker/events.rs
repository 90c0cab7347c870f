//! The engine's events, as `docker events` shows them. Never causes anything.

use std::collections::{BTreeMap, VecDeque};

use crate::base::SimTime;

use crate::image::process::ContainerId;

use super::Engine;

/// Events kept.
pub const EVENT_LIMIT: usize = 256;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Counts up from 1.
    pub number: u64,
    pub at: SimTime,
    /// `container`, `image`, `network`, `volume`.
    pub kind: &'static str,
    /// `start`, `die`, `kill`, `tag` ...
    pub action: String,
    /// The id of whom it happened to.
    pub id: String,
    pub attributes: BTreeMap<String, String>,
}

/// The latest events.
#[derive(Debug, Clone, Default)]
pub struct Events {
    all: VecDeque<Event>,
    next: u64,
}

impl Events {
    /// Notes an event.
    pub fn add(
        &mut self,
        at: SimTime,
        kind: &'static str,
        action: &str,
        id: &str,
        attributes: impl IntoIterator<Item = (&'static str, String)>,
    ) {
        let attributes = attributes.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        self.push(at, kind, action, id, attributes);
    }

    fn push(
        &mut self,
        at: SimTime,
        kind: &'static str,
        action: &str,
        id: &str,
        attributes: BTreeMap<String, String>,
    ) {
        self.next += 1;
        let event =
            Event { number: self.next, at, kind, action: action.to_owned(), id: id.to_owned(), attributes };
        self.all.push_back(event);
        if self.all.len() > EVENT_LIMIT {
            self.all.pop_front();
        }
    }

    /// The number of the latest event.
    pub fn latest(&self) -> u64 {
        self.next
    }

    /// The events after a number.
    pub fn after(&self, number: u64) -> impl Iterator<Item = &Event> {
        self.all.iter().filter(move |e| e.number > number)
    }
}

impl Engine {
    /// Notes what happened to a container, with its image, name and labels.
    pub fn note(
        &mut self,
        now: SimTime,
        id: &ContainerId,
        action: &str,
        more: impl IntoIterator<Item = (&'static str, String)>,
    ) {
        let Some(container) = self.containers.get(id) else { return };
        let mut attributes = container.labels.clone();
        attributes.insert("image".to_owned(), container.image_name.clone());
        attributes.insert("name".to_owned(), container.name.clone());
        attributes.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
        self.events.push(now, "container", action, &id.0, attributes);
    }

    /// Notes that a container mounts its volumes, or no longer does.
    pub(super) fn note_volumes(&mut self, now: SimTime, id: &ContainerId, action: &'static str) {
        let Some(container) = self.containers.get(id) else { return };
        let volumes = container.mounts.iter().filter(|mount| mount.kind == "volume").cloned();
        for mount in volumes.collect::<Vec<_>>() {
            let mut attributes = vec![("container", id.0.clone()), ("driver", "local".to_owned())];
            if action == "mount" {
                attributes.push(("destination", mount.target));
                attributes.push(("propagation", String::new()));
                attributes.push(("read/write", (!mount.read_only).to_string()));
            }
            self.events.add(now, "volume", action, &mount.name, attributes);
        }
    }

    /// Notes that a container came to its networks, or left them.
    pub(super) fn note_network(&mut self, now: SimTime, id: &ContainerId, action: &str) {
        let of: Vec<(String, String, String)> = self
            .networks
            .of_container(id)
            .map(|(network, _)| (network.id.clone(), network.name.clone(), network.driver.to_string()))
            .collect();
        for (network, name, driver) in of {
            let attributes = [("container", id.0.clone()), ("name", name), ("type", driver)];
            self.events.add(now, "network", action, &network, attributes);
        }
    }
}
