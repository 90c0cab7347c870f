//! What `docker ... prune` and `docker system df` count and take away. Never asks whether it may.

use std::collections::BTreeSet;

use crate::base::SimTime;
use crate::image::{Digest, Image};

use super::container::Container;
use super::images::{Removal, chain_ids};
use super::{Engine, Status};

/// One line of `docker system df`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    pub total: usize,
    pub active: usize,
    pub size_bytes: u64,
    pub reclaimable_bytes: u64,
}

impl Engine {
    /// Removes containers that do not run and that `fits` lets through; their ids, newest first.
    pub fn prune_containers(&mut self, fits: impl Fn(&Container) -> bool, now: SimTime) -> Vec<String> {
        let stopped = |s: Status| matches!(s, Status::Created | Status::Exited | Status::Dead);
        let gone = |c: &&Container| stopped(c.state.status) && fits(c);
        let ids: Vec<String> = self.containers().into_iter().filter(gone).map(|c| c.id.to_string()).collect();
        for id in &ids {
            // A stopped container is removed without asking; the id was just listed.
            let _gone = self.remove(id, false, true, now);
        }
        ids
    }

    /// Removes dangling images, or with `all` those without a container, as far as `fits` lets them through.
    pub fn prune_images(&mut self, all: bool, fits: &dyn Fn(&Image) -> bool) -> (Vec<Removal>, u64) {
        let before = self.images_size();
        let users = self.image_users();
        let done = self.images.prune(all, &users, fits);
        self.touch();
        (done, before.saturating_sub(self.images_size()))
    }

    /// Removes unnamed volumes that nobody mounts, with `all` the named ones too; their names and size.
    pub fn prune_volumes(&mut self, all: bool) -> Vec<String> {
        let unused: Vec<String> = self
            .volumes
            .list()
            .filter(|v| (all || v.anonymous) && self.volume_users(&v.name).is_empty())
            .map(|v| v.name.clone())
            .collect();
        for name in &unused {
            let _gone = self.volumes.remove(name, &[]);
        }
        self.touch();
        unused
    }

    /// What all images weigh together, layers they share counted once.
    pub fn images_size(&self) -> u64 {
        let mut seen = BTreeSet::new();
        let mut size = 0;
        for stored in self.images.list() {
            for (chain, layer) in chain_ids(&stored.image).into_iter().zip(&stored.image.layers) {
                if seen.insert(chain) {
                    size += layer.size_bytes;
                }
            }
        }
        size
    }

    /// The chain ids of all images.
    pub fn held_chains(&self) -> BTreeSet<Digest> {
        self.images.list().iter().flat_map(|s| chain_ids(&s.image)).collect()
    }

    /// What the build cache weighs beyond the images.
    pub fn cache_size(&self) -> u64 {
        self.cache.size_bytes(&self.held_chains())
    }

    /// How many bytes of an image other images have too.
    pub fn shared_size(&self, id: &Digest) -> u64 {
        let others: BTreeSet<Digest> = self
            .images
            .list()
            .iter()
            .filter(|s| s.image.id != *id)
            .flat_map(|s| chain_ids(&s.image))
            .collect();
        let Some(stored) = self.images.get(id) else { return 0 };
        let shared = chain_ids(&stored.image).into_iter().zip(&stored.image.layers);
        shared.filter(|(chain, _)| others.contains(chain)).map(|(_, layer)| layer.size_bytes).sum()
    }

    /// The line of images in `docker system df`.
    pub fn image_usage(&self) -> Usage {
        let images = self.images.list();
        let used: BTreeSet<&Digest> = self.containers.values().map(|c| &c.image.id).collect();
        // docker counts only what an image in use does not share with others as not reclaimable.
        let active = images.iter().filter(|s| used.contains(&s.image.id));
        let kept: u64 = active.map(|s| s.image.size_bytes() - self.shared_size(&s.image.id)).sum();
        let size_bytes = self.images_size();
        Usage {
            total: images.len(),
            active: used.len(),
            size_bytes,
            reclaimable_bytes: size_bytes.saturating_sub(kept),
        }
    }
}
