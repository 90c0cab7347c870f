//! Registries: Docker Hub and the other public ones (the catalogue), and the project's own under gcr.io and
//! REGION-docker.pkg.dev, whose repositories must exist and whose doors ask for credentials. Never runs an image,
//! never knows who prints the answer.

pub mod refusal;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::base::SimTime;
use crate::image::reference::DOCKER_HUB;
use crate::image::{Catalogue, Digest, Image, ImageRef};

pub use refusal::Refusal;

/// Who asks a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// No credentials came with the request.
    Anonymous,
    /// Somebody with a token: the learner through gcloud's helper or `docker login`, or a node's service account.
    /// The projects are those whose artifacts it may read and write.
    Account { name: String, projects: BTreeSet<String> },
}

/// A repository of Artifact Registry, as `gcloud artifacts repositories` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    pub project: String,
    pub location: String,
    pub name: String,
    /// `DOCKER`, or another format that no image can be pushed to.
    pub format: String,
    pub description: String,
    pub created: SimTime,
    pub updated: SimTime,
}

/// What was pushed under one image name.
#[derive(Debug, Clone, Default)]
pub struct Pushed {
    pub tags: BTreeMap<String, Digest>,
    /// Every manifest ever pushed; a tag that moved leaves the old one behind, untagged.
    pub manifests: BTreeMap<Digest, Manifest>,
}

/// One pushed manifest.
#[derive(Debug, Clone)]
pub struct Manifest {
    pub image: Rc<Image>,
    pub uploaded: SimTime,
    pub updated: SimTime,
}

/// All registries that can be reached.
#[derive(Debug, Clone, Default)]
pub struct Registries {
    catalogue: Catalogue,
    /// Answers instead of everything else, in worlds that are set up by hand.
    rule: Option<Rule>,
    /// By project, location, name.
    repositories: BTreeMap<(String, String, String), Repository>,
    /// By canonical name without tag.
    pushed: BTreeMap<String, Pushed>,
    /// Counts every change, for whoever watches.
    revision: u64,
}

/// Which image a reference means, by rule.
pub type Rule = fn(&ImageRef) -> Result<Rc<Image>, Refusal>;

/// Which part of the world a name points at.
enum Place {
    /// A repository of some project: project, location, repository.
    Project { project: String, location: String, repository: String },
    /// A public registry of the catalogue.
    Public,
    /// Nothing answers at that host.
    NoSuchHost,
    /// The machine itself, where no registry listens.
    Localhost,
}

/// Hosts of public registries that the catalogue draws from.
const PUBLIC_HOSTS: &[&str] =
    &[DOCKER_HUB, "registry.k8s.io", "k8s.gcr.io", "quay.io", "ghcr.io", "mcr.microsoft.com"];
/// gcr.io's hosts and the location of the Artifact Registry repositories behind them.
const GCR_HOSTS: &[(&str, &str)] =
    &[("gcr.io", "us"), ("us.gcr.io", "us"), ("eu.gcr.io", "europe"), ("asia.gcr.io", "asia")];
/// What ends the host names of Artifact Registry's Docker repositories.
pub const ARTIFACT_REGISTRY_SUFFIX: &str = "-docker.pkg.dev";

impl Registries {
    /// Registries over a catalogue, with nothing pushed.
    pub fn new(catalogue: Catalogue) -> Self {
        Registries { catalogue, ..Registries::default() }
    }

    /// Registries that answer every pull by a rule.
    pub fn by_rule(rule: Rule) -> Self {
        Registries { rule: Some(rule), ..Registries::default() }
    }

    /// The public images.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Counts up with every push and every change of a repository.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Adds a repository; `false` when it exists.
    pub fn create_repository(&mut self, repository: Repository) -> bool {
        let key = (repository.project.clone(), repository.location.clone(), repository.name.clone());
        if self.repositories.contains_key(&key) {
            return false;
        }
        self.repositories.insert(key, repository);
        self.revision += 1;
        true
    }

    /// Removes a repository with everything in it; `false` when there is none.
    pub fn delete_repository(&mut self, project: &str, location: &str, name: &str) -> bool {
        let key = (project.to_owned(), location.to_owned(), name.to_owned());
        let known = self.repositories.remove(&key).is_some();
        if known {
            let prefix = format!("{location}{ARTIFACT_REGISTRY_SUFFIX}/{project}/{name}/");
            self.pushed.retain(|image, _| !image.starts_with(&prefix));
            self.revision += 1;
        }
        known
    }

    /// A repository by its name.
    pub fn repository(&self, project: &str, location: &str, name: &str) -> Option<&Repository> {
        self.repositories.get(&(project.to_owned(), location.to_owned(), name.to_owned()))
    }

    /// All repositories of a project, by location and name.
    pub fn repositories(&self, project: &str) -> Vec<&Repository> {
        self.repositories.values().filter(|r| r.project == project).collect()
    }

    /// Everything pushed whose canonical name starts with `prefix`, such as `gcr.io/PROJECT/`.
    pub fn pushed_under(&self, prefix: &str) -> Vec<(&str, &Pushed)> {
        let matching = self.pushed.iter().filter(|(name, _)| name.starts_with(prefix));
        matching.map(|(name, pushed)| (name.as_str(), pushed)).collect()
    }

    /// Removes a tag, or a manifest with its tags, from what was pushed; `false` when there was none.
    pub fn delete_pushed(&mut self, reference: &ImageRef) -> bool {
        let Some(pushed) = self.pushed.get_mut(&reference.name()) else { return false };
        let removed = match (&reference.digest, &reference.tag) {
            (Some(digest), _) => {
                pushed.tags.retain(|_, d| d != digest);
                pushed.manifests.remove(digest).is_some()
            }
            (None, Some(tag)) => pushed.tags.remove(tag).is_some(),
            (None, None) => !std::mem::take(&mut *pushed).manifests.is_empty(),
        };
        self.pushed.retain(|_, p| !p.manifests.is_empty());
        self.revision += 1;
        removed
    }

    /// The image a reference means to `caller`.
    ///
    /// # Errors
    /// Why the registry does not hand it out.
    pub fn pull(&self, reference: &ImageRef, caller: &Caller) -> Result<Rc<Image>, Refusal> {
        if let Some(rule) = self.rule {
            return rule(reference);
        }
        match self.place(reference) {
            Place::NoSuchHost => Err(Refusal::NoSuchHost),
            Place::Localhost => Err(Refusal::ConnectionRefused),
            Place::Public if self.catalogue.has_repository(reference) => {
                self.catalogue.find(reference).ok_or(Refusal::ManifestUnknown)
            }
            Place::Public => Err(Refusal::HubDenied),
            Place::Project { project, location, repository } => {
                if self.catalogue.has_repository(reference) {
                    return self.catalogue.find(reference).ok_or(Refusal::ManifestUnknown);
                }
                self.admit(
                    caller,
                    &project,
                    &location,
                    &repository,
                    "artifactregistry.repositories.downloadArtifacts",
                )?;
                self.pushed_image(reference).ok_or(Refusal::ManifestUnknown)
            }
        }
    }

    /// Whether `caller` may push under this name, and which of the image's layers are there already.
    ///
    /// # Errors
    /// Why not.
    pub fn admit_push(
        &self,
        reference: &ImageRef,
        image: &Image,
        caller: &Caller,
    ) -> Result<Vec<bool>, Refusal> {
        match self.place(reference) {
            Place::NoSuchHost => return Err(Refusal::NoSuchHost),
            Place::Localhost => return Err(Refusal::ConnectionRefused),
            Place::Public => return Err(Refusal::HubDenied),
            Place::Project { project, location, repository } => {
                self.admit(
                    caller,
                    &project,
                    &location,
                    &repository,
                    "artifactregistry.repositories.uploadArtifacts",
                )?;
            }
        }
        let known: BTreeSet<&Digest> = self
            .pushed
            .get(&reference.name())
            .into_iter()
            .flat_map(|p| p.manifests.values())
            .flat_map(|m| m.image.layers.iter().map(|l| &l.diff_id))
            .collect();
        Ok(image.layers.iter().map(|layer| known.contains(&layer.diff_id)).collect())
    }

    /// The bytes that a repository's images take; layers that they share count once.
    pub fn stored_bytes(&self, repository: &Repository) -> u64 {
        let inside = format!(".pkg.dev/{}/{}/", repository.project, repository.name);
        let place = format!("{}-", repository.location);
        let of = |name: &str| name.starts_with(&place) && name.contains(&inside);
        let images = self.pushed.iter().filter(|(name, _)| of(name)).flat_map(|(_, p)| p.manifests.values());
        let layers: BTreeMap<_, u64> =
            images.flat_map(|m| m.image.layers.iter().map(|l| (&l.diff_id, l.compressed_bytes))).collect();
        layers.values().sum()
    }

    /// Puts an image under a name with its digest and tags, as if it had been pushed at that moment.
    pub fn put(&mut self, name: &str, digest: Digest, image: Rc<Image>, tags: &[String], at: SimTime) {
        let pushed = self.pushed.entry(name.to_owned()).or_default();
        pushed.tags.extend(tags.iter().map(|tag| (tag.clone(), digest.clone())));
        pushed.manifests.insert(digest, Manifest { image, uploaded: at, updated: at });
        self.revision += 1;
    }

    /// Moves a tag to a digest that is there; false when it is not.
    pub fn set_tag(&mut self, name: &str, tag: &str, digest: &str) -> bool {
        let Some(pushed) = self.pushed.get_mut(name) else { return false };
        let Some(known) = pushed.manifests.keys().find(|known| known.to_string() == digest).cloned() else {
            return false;
        };
        pushed.tags.insert(tag.to_owned(), known);
        self.revision += 1;
        true
    }

    /// Takes a tag away; false when it is not there.
    pub fn remove_tag(&mut self, name: &str, tag: &str) -> bool {
        self.revision += 1;
        self.pushed.get_mut(name).is_some_and(|pushed| pushed.tags.remove(tag).is_some())
    }

    /// Stores an image that was admitted and moves the tag to it.
    pub fn push(&mut self, reference: &ImageRef, image: &Rc<Image>, now: SimTime) -> Digest {
        let digest = image.manifest_digest();
        let pushed = self.pushed.entry(reference.name()).or_default();
        let manifest = pushed.manifests.entry(digest.clone()).or_insert_with(|| Manifest {
            image: image.clone(),
            uploaded: now,
            updated: now,
        });
        manifest.updated = now;
        pushed.tags.insert(reference.tag_or_latest().to_owned(), digest.clone());
        self.revision += 1;
        digest
    }

    fn pushed_image(&self, reference: &ImageRef) -> Option<Rc<Image>> {
        let pushed = self.pushed.get(&reference.name())?;
        let digest = match &reference.digest {
            Some(digest) => digest,
            None => pushed.tags.get(reference.tag_or_latest())?,
        };
        pushed.manifests.get(digest).map(|m| m.image.clone())
    }

    fn admit(
        &self,
        caller: &Caller,
        project: &str,
        location: &str,
        repository: &str,
        permission: &'static str,
    ) -> Result<(), Refusal> {
        let resource = format!("projects/{project}/locations/{location}/repositories/{repository}");
        match caller {
            Caller::Anonymous => Err(Refusal::Unauthenticated { permission, resource }),
            Caller::Account { projects, .. } if !projects.contains(project) => {
                Err(Refusal::Forbidden { permission, resource })
            }
            // gcr.io's repositories come into being with the first push.
            Caller::Account { .. } if repository.ends_with("gcr.io") => Ok(()),
            Caller::Account { .. } => match self.repository(project, location, repository) {
                Some(found) if found.format == "DOCKER" => Ok(()),
                _ => Err(Refusal::RepositoryNotFound { repository: repository.to_owned() }),
            },
        }
    }

    fn place(&self, reference: &ImageRef) -> Place {
        let host = reference.registry.as_str();
        let mut parts = reference.repository.split('/');
        let project = parts.next().unwrap_or_default().to_owned();
        if let Some((gcr, location)) = GCR_HOSTS.iter().find(|(gcr, _)| *gcr == host) {
            let (location, repository) = ((*location).to_owned(), (*gcr).to_owned());
            return Place::Project { project, location, repository };
        }
        if let Some(location) = host.strip_suffix(ARTIFACT_REGISTRY_SUFFIX) {
            let repository = parts.next().unwrap_or_default().to_owned();
            return Place::Project { project, location: location.to_owned(), repository };
        }
        if host == "localhost" || host.starts_with("localhost:") || host.starts_with("127.") {
            return Place::Localhost;
        }
        if PUBLIC_HOSTS.contains(&host) { Place::Public } else { Place::NoSuchHost }
    }
}

#[cfg(test)]
mod tests;
