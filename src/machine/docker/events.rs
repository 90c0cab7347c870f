//! The engine's events, as `docker events` shows them. Never causes anything.

use std::collections::{BTreeMap, VecDeque};

use crate::base::SimTime;

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
        self.next += 1;
        let attributes = attributes.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
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
