//! The work queue: which controller looks at which key, and when. One entry per controller and key; an earlier
//! time wins, as in client-go's delaying queue.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::all;
use crate::base::time::SimTime;
use crate::cluster::object::Key;
use crate::cluster::store::Store;

/// The first wait after a failure and the longest, as workqueue.DefaultControllerRateLimiter.
const FIRST_RETRY: Duration = Duration::from_millis(5);
const LAST_RETRY: Duration = Duration::from_secs(1000);
const MAX_DOUBLINGS: u32 = 18;

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
    /// How often a key failed in a row.
    failures: BTreeMap<(usize, Key), u32>,
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

    /// Asks for another look after a failure, later with every failure in a row (client-go's exponential limiter).
    pub fn retry(&mut self, now: SimTime, controller: usize, key: Key) {
        let failures = self.failures.entry((controller, key.clone())).or_insert(0);
        let delay = (FIRST_RETRY * 2u32.saturating_pow(*failures)).min(LAST_RETRY);
        *failures = (*failures + 1).min(MAX_DOUBLINGS);
        self.add(now + delay, controller, key, None);
    }

    /// A success: the next failure counts as the first.
    pub fn forget(&mut self, controller: usize, key: &Key) {
        if !self.failures.is_empty() {
            self.failures.remove(&(controller, key.clone()));
        }
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
                    self.add(now + controller.latency(store), index, key, Some(change.revision));
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
