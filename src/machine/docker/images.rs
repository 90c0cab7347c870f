//! The engine's images: by id, by tag, by digest, and what removing one takes along. Never pulls.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::base::SimTime;
use crate::image::{Digest, Image, ImageRef};

use super::error::EngineError;

/// An image on the machine.
#[derive(Debug, Clone)]
pub struct Stored {
    pub image: Rc<Image>,
    /// The image the legacy builder made it from.
    pub parent: Option<Digest>,
    pub last_tagged: Option<SimTime>,
    /// Counts up; tells apart images of the same creation time.
    pub order: u64,
}

/// Images, tags and repository digests.
#[derive(Debug, Clone, Default)]
pub struct Images {
    stored: BTreeMap<Digest, Stored>,
    /// `docker.io/library/nginx` and tag, to image.
    tags: BTreeMap<(String, String), Digest>,
    /// Name and manifest digest, to image.
    digests: BTreeMap<(String, Digest), Digest>,
    next_order: u64,
}

/// What became of a reference or image, in the order in which it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    Untagged(String),
    Deleted(String),
}

/// Who uses an image, as removal must know it.
#[derive(Debug, Clone, Default)]
pub struct Users {
    /// Short ids of running containers, oldest first.
    pub running: Vec<(Digest, String)>,
    /// Short ids of the others: those that have ended, then those that never ran.
    pub stopped: Vec<(Digest, String)>,
    /// Chain ids that the build cache holds.
    pub cached_chains: BTreeSet<Digest>,
}

impl Users {
    fn first<'a>(list: &'a [(Digest, String)], id: &Digest) -> Option<&'a str> {
        list.iter().find(|(image, _)| image == id).map(|(_, container)| container.as_str())
    }
}

/// One reference to an image.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reference {
    Tag(String, String),
    Digest(String, Digest),
}

impl Reference {
    fn name(&self) -> &str {
        match self {
            Reference::Tag(name, _) | Reference::Digest(name, _) => name,
        }
    }

    fn canonical(&self) -> String {
        match self {
            Reference::Tag(name, tag) => format!("{name}:{tag}"),
            Reference::Digest(name, digest) => format!("{name}@{digest}"),
        }
    }

    fn familiar(&self) -> String {
        match self {
            Reference::Tag(name, tag) => format!("{}:{tag}", familiar(name)),
            Reference::Digest(name, digest) => format!("{}@{digest}", familiar(name)),
        }
    }
}

/// `docker.io/library/nginx` as docker shows it.
pub fn familiar(name: &str) -> &str {
    let short = name.strip_prefix("docker.io/").unwrap_or(name);
    short.strip_prefix("library/").unwrap_or(short)
}

/// The chain ids of an image's layers, lowest first: what the layer store counts references by.
pub fn chain_ids(image: &Image) -> Vec<Digest> {
    let mut chains: Vec<Digest> = Vec::with_capacity(image.layers.len());
    for layer in &image.layers {
        let chain = match chains.last() {
            None => layer.diff_id.clone(),
            Some(below) => Digest::of(format!("{below} {}", layer.diff_id).as_bytes()),
        };
        chains.push(chain);
    }
    chains
}

impl Images {
    /// All images, newest first.
    pub fn list(&self) -> Vec<&Stored> {
        let mut list: Vec<&Stored> = self.stored.values().collect();
        list.sort_by(|a, b| b.image.created.cmp(&a.image.created).then(a.order.cmp(&b.order)));
        list
    }

    pub fn get(&self, id: &Digest) -> Option<&Stored> {
        self.stored.get(id)
    }

    /// Every tag of a repository.
    pub fn tags_in(&self, repository: &ImageRef) -> Vec<ImageRef> {
        let all = self
            .list()
            .into_iter()
            .flat_map(|stored| self.tags_of(&stored.image.id))
            .collect::<Vec<String>>();
        let tags = all.iter().filter_map(|tag| ImageRef::parse(tag).ok());
        let mut own: Vec<ImageRef> = tags.filter(|tag| tag.name() == repository.name()).collect();
        own.sort_by_key(ImageRef::familiar);
        own.dedup();
        own
    }

    /// The tags of an image as docker shows them, sorted: `node-app:0.1`.
    pub fn tags_of(&self, id: &Digest) -> Vec<String> {
        self.references(id)
            .iter()
            .filter(|r| matches!(r, Reference::Tag(..)))
            .map(Reference::familiar)
            .collect()
    }

    /// Name and manifest digest of each repository the image was pulled from or pushed to.
    pub fn digests_of(&self, id: &Digest) -> Vec<(String, Digest)> {
        let own = self.digests.iter().filter(|(_, image)| *image == id);
        own.map(|((name, digest), _)| (familiar(name).to_owned(), digest.clone())).collect()
    }

    /// Whether another image names this one as its parent.
    pub fn has_children(&self, id: &Digest) -> bool {
        self.stored.values().any(|s| s.parent.as_ref() == Some(id))
    }

    /// Whether no reference names the image.
    pub fn is_dangling(&self, id: &Digest) -> bool {
        self.references(id).is_empty()
    }

    /// Adds an image without naming it; one that is there stays.
    pub fn add(&mut self, image: &Rc<Image>, parent: Option<Digest>) {
        if self.stored.contains_key(&image.id) {
            return;
        }
        self.next_order += 1;
        let stored = Stored { image: image.clone(), parent, last_tagged: None, order: self.next_order };
        self.stored.insert(image.id.clone(), stored);
    }

    /// Points a tag at an image; whoever had it loses it.
    pub fn tag(&mut self, reference: &ImageRef, id: &Digest, now: SimTime) {
        self.tags.insert((reference.name(), reference.tag_or_latest().to_owned()), id.clone());
        if let Some(stored) = self.stored.get_mut(id) {
            stored.last_tagged = Some(now);
        }
    }

    /// Notes under which digest a registry knows the image.
    pub fn note_digest(&mut self, reference: &ImageRef, digest: &Digest, id: &Digest) {
        self.digests.insert((reference.name(), digest.clone()), id.clone());
    }

    /// The image that a tag points at.
    pub fn tagged(&self, reference: &ImageRef) -> Option<&Digest> {
        match &reference.digest {
            Some(digest) => self.digests.get(&(reference.name(), digest.clone())),
            None => self.tags.get(&(reference.name(), reference.tag_or_latest().to_owned())),
        }
    }

    /// The image that a name or the beginning of an id means, as the engine looks them up.
    pub fn find(&self, text: &str) -> Result<&Stored, EngineError> {
        let missing = || EngineError::not_found(format!("No such image: {}", with_tag(text)));
        if let Some(hex) = text.strip_prefix("sha256:") {
            return self.by_prefix(hex).ok_or_else(missing);
        }
        if let Err(error) = ImageRef::parse(text)
            && !text.bytes().all(|b| b.is_ascii_hexdigit())
        {
            return Err(EngineError::invalid(error.to_string()));
        }
        let by_name =
            ImageRef::parse(text).ok().and_then(|r| self.tagged(&r)).and_then(|id| self.stored.get(id));
        by_name.or_else(|| self.by_prefix(text)).ok_or_else(missing)
    }

    fn by_prefix(&self, hex: &str) -> Option<&Stored> {
        if hex.is_empty() || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let mut matching = self.stored.values().filter(|s| s.image.id.hex().starts_with(hex));
        let first = matching.next()?;
        matching.next().is_none().then_some(first)
    }

    fn references(&self, id: &Digest) -> Vec<Reference> {
        let tags = self.tags.iter().filter(|(_, image)| *image == id);
        let tags = tags.map(|((name, tag), _)| Reference::Tag(name.clone(), tag.clone()));
        let digests = self.digests.iter().filter(|(_, image)| *image == id);
        let mut all: Vec<Reference> = tags
            .chain(digests.map(|((name, digest), _)| Reference::Digest(name.clone(), digest.clone())))
            .collect();
        all.sort_by_key(Reference::canonical);
        all
    }

    fn drop_reference(&mut self, reference: &Reference) {
        match reference {
            Reference::Tag(name, tag) => drop(self.tags.remove(&(name.clone(), tag.clone()))),
            Reference::Digest(name, digest) => drop(self.digests.remove(&(name.clone(), digest.clone()))),
        }
    }

    /// Removes a reference, and the image when it was the last one.
    /// As moby: daemon/images/image_delete.go.
    pub fn remove(
        &mut self,
        text: &str,
        force: bool,
        prune: bool,
        users: &Users,
    ) -> Result<Vec<Removal>, EngineError> {
        let id = self.find(text)?.image.id.clone();
        let mut done = Vec::new();
        let asked = named_reference(text, &id);
        let mut by_name = false;
        if let Some(asked) = asked {
            by_name = true;
            self.untag_one(&asked, &id, force, users, &mut done)?;
            if !self.references(&id).is_empty() {
                return Ok(done);
            }
        } else if is_single(&self.references(&id)) {
            self.check(&id, !force, false, users)?;
            for reference in self.references(&id) {
                self.drop_reference(&reference);
                done.push(Removal::Untagged(reference.familiar()));
            }
        }
        self.delete(&id, force, prune, by_name, users, &mut done)?;
        Ok(done)
    }

    fn untag_one(
        &mut self,
        asked: &Reference,
        id: &Digest,
        force: bool,
        users: &Users,
        done: &mut Vec<Removal>,
    ) -> Result<(), EngineError> {
        let references = self.references(id);
        if !force && is_single(&references) {
            // Docker names any of them, in the order of a Go map. Here it is one that has ended: `docker ps` does not
            // show those, so they are the ones that people have forgotten.
            let user = Users::first(&users.stopped, id).or_else(|| Users::first(&users.running, id));
            if let Some(container) = user {
                return Err(EngineError::conflict(format!(
                    "conflict: unable to remove repository reference \"{}\" (must force) - container {container} is using its referenced image {}",
                    asked.familiar().trim_end_matches(":latest"),
                    id.short()
                )));
            }
        }
        self.drop_reference(asked);
        done.push(Removal::Untagged(asked.familiar()));
        let left = self.references(id);
        let tag_left = left.iter().any(|r| matches!(r, Reference::Tag(..)) && r.name() == asked.name());
        if matches!(asked, Reference::Tag(..)) && !tag_left {
            for reference in left.iter().filter(|r| r.name() == asked.name()) {
                self.drop_reference(reference);
                done.push(Removal::Untagged(reference.familiar()));
            }
        }
        Ok(())
    }

    fn delete(
        &mut self,
        id: &Digest,
        force: bool,
        prune: bool,
        quiet: bool,
        users: &Users,
        done: &mut Vec<Removal>,
    ) -> Result<(), EngineError> {
        if let Err(error) = self.check(id, !force, !force, users) {
            let used =
                Users::first(&users.running, id).or_else(|| Users::first(&users.stopped, id)).is_some();
            return if quiet && (!self.is_dangling(id) || used) { Ok(()) } else { Err(error) };
        }
        for reference in self.references(id) {
            self.drop_reference(&reference);
            done.push(Removal::Untagged(reference.familiar()));
        }
        let Some(stored) = self.stored.remove(id) else { return Ok(()) };
        done.push(Removal::Deleted(id.to_string()));
        let held: BTreeSet<Digest> = self.stored.values().flat_map(|s| chain_ids(&s.image)).collect();
        for chain in chain_ids(&stored.image).into_iter().rev() {
            if held.contains(&chain) || users.cached_chains.contains(&chain) {
                break;
            }
            done.push(Removal::Deleted(chain.to_string()));
        }
        match stored.parent {
            // The parents of the legacy builder go along as far as nothing else needs them.
            Some(parent) if prune && self.is_dangling(&parent) => {
                self.delete(&parent, false, true, true, users, done).or(Ok(()))
            }
            _ => Ok(()),
        }
    }

    /// What stands in the way of deleting an image. `soft` counts stopped containers, `references` several names.
    fn check(&self, id: &Digest, soft: bool, references: bool, users: &Users) -> Result<(), EngineError> {
        let conflict = |how: &str, why: String| {
            Err(EngineError::conflict(format!("conflict: unable to delete {} ({how}) - {why}", id.short())))
        };
        if self.has_children(id) {
            return conflict("cannot be forced", "image has dependent child images".to_owned());
        }
        if let Some(container) = Users::first(&users.running, id) {
            return conflict(
                "cannot be forced",
                format!("image is being used by running container {container}"),
            );
        }
        if references && !self.references(id).is_empty() {
            return conflict("must be forced", "image is referenced in multiple repositories".to_owned());
        }
        if soft && let Some(container) = Users::first(&users.stopped, id) {
            return conflict(
                "must be forced",
                format!("image is being used by stopped container {container}"),
            );
        }
        Ok(())
    }

    /// Removes what nothing uses: dangling images, or with `all` every image without a container.
    pub fn prune(&mut self, all: bool, users: &Users, fits: &dyn Fn(&Image) -> bool) -> Vec<Removal> {
        let mut done = Vec::new();
        let list = self.list();
        let candidates: Vec<Digest> =
            list.iter().rev().filter(|s| fits(&s.image)).map(|s| s.image.id.clone()).collect();
        for id in candidates {
            let used =
                Users::first(&users.running, &id).or_else(|| Users::first(&users.stopped, &id)).is_some();
            if used || self.has_children(&id) || !all && !self.is_dangling(&id) {
                continue;
            }
            // Deleting with force skips only soft conflicts, of which an unused image has none.
            let _kept = self.delete(&id, true, true, true, users, &mut done);
        }
        done
    }
}

/// The reference that `text` spells, unless it means an id.
fn named_reference(text: &str, id: &Digest) -> Option<Reference> {
    let hex = text.strip_prefix("sha256:").unwrap_or(text);
    if id.hex().starts_with(hex) {
        return None;
    }
    let parsed = ImageRef::parse(text).ok()?;
    let name = parsed.name();
    Some(match parsed.digest {
        Some(digest) => Reference::Digest(name, digest),
        None => Reference::Tag(name, parsed.tag.unwrap_or_else(|| "latest".to_owned())),
    })
}

/// Whether the references amount to one: one tag, its digests in the same repository aside.
fn is_single(references: &[Reference]) -> bool {
    if references.len() <= 1 {
        return true;
    }
    let tags: Vec<&Reference> = references.iter().filter(|r| matches!(r, Reference::Tag(..))).collect();
    let names: BTreeSet<&str> = references.iter().map(Reference::name).collect();
    tags.len() <= 1 && names.len() == 1
}

/// A name with `:latest` filled in, as the engine's messages show it; what is no reference stays.
fn with_tag(text: &str) -> String {
    ImageRef::parse(text).map_or_else(|_| text.to_owned(), |r| r.with_default_tag().familiar())
}
