//! What was begun with clusters and when it ends, as `gcloud container operations` lists it. Must never do any of it.

use std::collections::VecDeque;

use crate::base::{Seed, SimTime};

/// How many operations are remembered.
const KEPT: usize = 100;

/// Something that takes its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its name.
    pub id: String,
    /// `CREATE_CLUSTER` ...
    pub kind: &'static str,
    /// Where.
    pub zone: String,
    /// The link of what it is about.
    pub target: String,
    /// When it began.
    pub began: SimTime,
    /// When it ends.
    pub ends: SimTime,
}

/// The last operations, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Operations(VecDeque<Operation>);

impl Operations {
    /// Remembers one more.
    pub fn note(&mut self, operation: Operation) {
        if self.0.len() >= KEPT {
            self.0.pop_front();
        }
        self.0.push_back(operation);
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Operation> {
        self.0.iter()
    }
}

/// The name of an operation that begins now.
pub fn id(seed: Seed, now: SimTime, target: &str) -> String {
    let mut rng = seed.stream(&format!("operation/{}/{target}", now.0));
    format!("operation-{}-{}", now.0, rng.uuid())
}
