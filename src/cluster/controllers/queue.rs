//! The work queue: which controller looks at which key, and when. One entry per controller and key; an earlier
//! time wins, as in client-go's delaying queue.

use std::collections::{BTreeMap, BTreeSet};

use super::all;
use crate::base::time::SimTime;
use crate::cluster::object::Key;
use crate::cluster::store::Store;

/// A due reconciliation.
#[derive(Clone, Debug)]
pub struct Item {
    pub at: SimTime,
    pub controller: usize,
    pub key: Key,
    /// The revision of the change that asked for it.
    pub cause: Option<u64>,
}

#[derive(Debug, Default)]
pub struct WorkQueue {
    /// In the order of work: time, then the order of asking.
    order: BTreeSet<(SimTime, u64, usize, Key)>,
    waiting: BTreeMap<(usize, Key), (SimTime, u64, Option<u64>)>,
    asked: u64,
    /// Changes up to here have woken whom they concern.
    dispatched: u64,
}

impl WorkQueue {
    /// Asks for a look at `key`; keeps an earlier appointment.
    pub fn add(&mut self, at: SimTime, controller: usize, key: Key, cause: Option<u64>) {
        if let Some((earlier, asked, _)) = self.waiting.get(&(controller, key.clone())).copied() {
            if earlier <= at {
                return;
            }
            self.order.remove(&(earlier, asked, controller, key.clone()));
        }
        self.asked += 1;
        self.order.insert((at, self.asked, controller, key.clone()));
        self.waiting.insert((controller, key), (at, self.asked, cause));
    }

    /// As `add`, for a controller by name.
    pub fn wake(&mut self, at: SimTime, controller: &str, key: Key) {
        if let Some(index) = all().iter().position(|c| c.name() == controller) {
            self.add(at, index, key, None);
        }
    }

    /// Turns new changes into work.
    pub fn dispatch(&mut self, store: &Store, now: SimTime) {
        if self.dispatched == store.revision() {
            return;
        }
        let mut keys = Vec::new();
        for change in store.changes_since(self.dispatched) {
            for (index, controller) in all().iter().enumerate() {
                controller.wakes_for(change, store, &mut keys);
                for key in keys.drain(..) {
                    self.add(now + controller.latency(), index, key, Some(change.revision));
                }
            }
        }
        self.dispatched = store.revision();
    }

    /// The next item that is due by `to`.
    pub fn pop_due(&mut self, to: SimTime) -> Option<Item> {
        if self.order.first()?.0 > to {
            return None;
        }
        let (at, _, controller, key) = self.order.pop_first()?;
        let (_, _, cause) = self.waiting.remove(&(controller, key.clone()))?;
        Some(Item { at, controller, key, cause })
    }

    pub fn next_wakeup(&self, store: &Store, now: SimTime) -> Option<SimTime> {
        match self.dispatched == store.revision() {
            true => self.order.first().map(|item| item.0),
            false => Some(now),
        }
    }
}
