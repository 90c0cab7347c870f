//! Docker's volumes: named file trees that outlive containers. Never decides who mounts them.

use std::collections::BTreeMap;

use crate::base::SimTime;
use crate::image::FileTree;

use super::error::EngineError;

/// A volume.
#[derive(Debug, Clone)]
pub struct Volume {
    pub name: String,
    pub created: SimTime,
    pub labels: BTreeMap<String, String>,
    /// Options of its driver.
    pub options: BTreeMap<String, String>,
    /// Made for a container without a name given.
    pub anonymous: bool,
    pub files: FileTree,
}

impl Volume {
    /// Where it lies on the machine.
    pub fn mountpoint(&self) -> String {
        format!("/var/lib/docker/volumes/{}/_data", self.name)
    }
}

/// The machine's volumes by name.
#[derive(Debug, Clone, Default)]
pub struct Volumes {
    all: BTreeMap<String, Volume>,
}

impl Volumes {
    pub fn list(&self) -> impl Iterator<Item = &Volume> {
        self.all.values()
    }

    pub fn find(&self, name: &str) -> Option<&Volume> {
        self.all.get(name)
    }

    pub fn find_mut(&mut self, name: &str) -> Option<&mut Volume> {
        self.all.get_mut(name)
    }

    /// Creates a volume holding `files`; an existing one stays as it is.
    pub fn create(
        &mut self,
        name: &str,
        anonymous: bool,
        files: FileTree,
        now: SimTime,
    ) -> Result<(), EngineError> {
        let good = |(index, b): (usize, u8)| {
            b.is_ascii_alphanumeric() || index > 0 && matches!(b, b'_' | b'.' | b'-')
        };
        if name.len() == 1 {
            return Err(EngineError::invalid(format!(
                "create {name}: volume name is too short, names should be at least two alphanumeric characters"
            )));
        }
        if name.is_empty() || !name.bytes().enumerate().all(good) {
            return Err(EngineError::invalid(format!(
                "create {name}: \"{name}\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path"
            )));
        }
        self.all.entry(name.to_owned()).or_insert_with(|| Volume {
            name: name.to_owned(),
            created: now,
            labels: BTreeMap::new(),
            options: BTreeMap::new(),
            anonymous,
            files,
        });
        Ok(())
    }

    /// Removes a volume; `users` are the containers that refer to it.
    pub fn remove(&mut self, name: &str, users: &[String]) -> Result<(), EngineError> {
        if !self.all.contains_key(name) {
            return Err(EngineError::not_found(format!("get {name}: no such volume")));
        }
        if !users.is_empty() {
            let users = users.join(", ");
            return Err(EngineError::conflict(format!("remove {name}: volume is in use - [{users}]")));
        }
        self.all.remove(name);
        Ok(())
    }
}
