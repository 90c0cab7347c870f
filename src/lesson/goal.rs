//! One line of a step's checklist: a predicate over the world. `goal_file` reads it from a lesson, `check` evaluates it.

use regex::Regex;
use serde_json::Value;

/// A goal, read and checked.
#[derive(Debug, Clone)]
pub struct Goal {
    pub predicate: Predicate,
    /// Counts only once every goal above it holds.
    pub then: bool,
}

/// What a goal says about the world. Texts may hold `{names}`.
#[derive(Debug, Clone)]
pub enum Predicate {
    Object {
        kind: String,
        namespace: String,
        name: String,
        path: Option<String>,
        test: Test,
    },
    Count {
        kind: String,
        namespace: String,
        selector: Vec<(String, String)>,
        of: Option<(String, String)>,
        ready: bool,
        image: Option<String>,
        runs: Option<String>,
        new: bool,
        test: Test,
    },
    File {
        path: String,
        test: Test,
    },
    LocalImage {
        reference: String,
        /// Not the same content as this one.
        differs_from: Option<String>,
        /// It must not be there; `*` is any image.
        gone: bool,
    },
    RegistryImage {
        reference: String,
        differs_from: Option<(String, String)>,
        new: bool,
    },
    Repository {
        location: String,
        name: String,
    },
    Container {
        image: String,
        running: bool,
        port: Option<u16>,
        /// There must be none, not even a stopped one; `*` is any container.
        gone: bool,
    },
    Reply {
        url: String,
        by: Option<String>,
        fails: bool,
        test: Test,
    },
    OpenPort {
        port: u16,
    },
    Cluster {
        name: String,
        nodes: Option<u32>,
    },
    Gcloud {
        property: String,
        test: Test,
    },
    Ran {
        any: Vec<String>,
        succeeds: bool,
    },
    Answered {
        question: String,
    },
}

/// What must be true of a value.
#[derive(Debug, Clone)]
pub enum Test {
    Exists,
    Is(Value),
    IsNot(Value),
    AtLeast(i64),
    Contains(String),
    Matches(Regex),
}

impl Goal {
    /// The question this goal asks for.
    pub fn question(&self) -> Option<&str> {
        match &self.predicate {
            Predicate::Answered { question } => Some(question),
            _ => None,
        }
    }
}
