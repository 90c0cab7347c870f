//! BuildKit's cache: what a build step made, found again by what went into it. Never builds.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::base::{Rng, SimTime};
use crate::image::{Digest, Layer};

/// Records kept; the oldest unused go first.
const RECORD_LIMIT: usize = 200;

/// One record, as `docker system df -v` and `docker builder du` list it.
#[derive(Debug, Clone)]
pub struct Record {
    /// 25 characters.
    pub id: String,
    /// `regular` or `source.local`.
    pub kind: &'static str,
    pub description: String,
    pub size_bytes: u64,
    pub created: SimTime,
    pub last_used: SimTime,
    pub usage_count: u32,
    /// The layer that the step made.
    pub layer: Option<Rc<Layer>>,
    /// The chain id up to and with that layer.
    pub chain: Option<Digest>,
}

impl Record {
    /// Whether an image holds the same layer.
    pub fn is_shared(&self, held: &BTreeSet<Digest>) -> bool {
        self.chain.as_ref().is_some_and(|chain| held.contains(chain))
    }
}

/// The cache.
#[derive(Debug, Clone, Default)]
pub struct BuildCache {
    records: Vec<Record>,
    keys: BTreeMap<Digest, String>,
    /// Per context directory, the files that were sent and their digests.
    contexts: BTreeMap<String, BTreeMap<String, Digest>>,
}

impl BuildCache {
    /// Records, oldest first.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The layer that a step with this key made before; the record counts as used.
    pub fn find(&mut self, key: &Digest, now: SimTime) -> Option<(Rc<Layer>, SimTime)> {
        let id = self.keys.get(key)?;
        let record = self.records.iter_mut().find(|r| r.id == *id)?;
        record.last_used = now;
        record.usage_count += 1;
        Some((record.layer.clone()?, record.created))
    }

    /// Whether a step with this key was made before.
    pub fn has(&self, key: &Digest) -> bool {
        self.keys.contains_key(key)
    }

    /// What was sent of a context directory before.
    pub fn sent(&self, root: &str) -> BTreeMap<String, Digest> {
        self.contexts.get(root).cloned().unwrap_or_default()
    }

    /// Notes what was sent of a context directory.
    pub fn note_sent(&mut self, root: &str, sent: BTreeMap<String, Digest>) {
        if self.contexts.len() < RECORD_LIMIT || self.contexts.contains_key(root) {
            self.contexts.insert(root.to_owned(), sent);
        }
    }

    /// Keeps what a step made.
    pub fn add(&mut self, key: &Digest, mut record: Record, rng: &mut Rng) {
        record.id = rng.letters(b"abcdefghijklmnopqrstuvwxyz0123456789", 25);
        self.keys.insert(key.clone(), record.id.clone());
        self.records.push(record);
        if self.records.len() > RECORD_LIMIT {
            self.records.remove(0);
        }
        let alive: BTreeSet<&String> = self.records.iter().map(|r| &r.id).collect();
        self.keys.retain(|_, id| alive.contains(id));
    }

    /// The chain ids of all records: layers that removing an image must leave.
    pub fn chains(&self) -> BTreeSet<Digest> {
        self.records.iter().filter_map(|r| r.chain.clone()).collect()
    }

    /// What the records weigh that no image holds, too; `held` are the images' chain ids.
    pub fn size_bytes(&self, held: &BTreeSet<Digest>) -> u64 {
        self.records.iter().filter(|r| !r.is_shared(held)).map(|r| r.size_bytes).sum()
    }

    /// Notes what was sent to the builder, as a record that the next build of the same place renews.
    pub fn note_source(&mut self, description: &str, size_bytes: u64, now: SimTime, rng: &mut Rng) {
        if let Some(known) = self.records.iter_mut().find(|r| r.description == description) {
            known.size_bytes = size_bytes;
            known.last_used = now;
            return;
        }
        let record = Record {
            id: String::new(),
            kind: "source.local",
            description: description.to_owned(),
            size_bytes,
            created: now,
            last_used: now,
            usage_count: 1,
            layer: None,
            chain: None,
        };
        self.add(&Digest::of(description.as_bytes()), record, rng);
    }

    /// Empties the cache; what was removed, newest first.
    pub fn prune(&mut self) -> Vec<Record> {
        self.keys.clear();
        self.contexts.clear();
        let mut removed = std::mem::take(&mut self.records);
        removed.reverse();
        removed
    }
}
