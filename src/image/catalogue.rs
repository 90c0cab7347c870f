//! The catalogue: what Docker Hub and the other public registries hold, as data in `assets/images`. Never knows a
//! lesson; whoever pulls goes through a registry.

use std::rc::Rc;

use super::config::Image;
use super::reference::ImageRef;

/// Public images by reference.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    images: std::collections::BTreeMap<(String, String), std::collections::BTreeMap<String, Rc<Image>>>,
}

impl Catalogue {
    /// The catalogue that comes with the program.
    pub fn builtin() -> Self {
        Catalogue::default()
    }

    /// Whether any tag of the reference's repository is known.
    pub fn has_repository(&self, reference: &ImageRef) -> bool {
        self.images.contains_key(&(reference.registry.clone(), reference.repository.clone()))
    }

    /// The image a reference means: by digest when it has one, else by tag.
    pub fn find(&self, reference: &ImageRef) -> Option<Rc<Image>> {
        let tags = self.images.get(&(reference.registry.clone(), reference.repository.clone()))?;
        match &reference.digest {
            Some(digest) => tags.values().find(|image| image.manifest_digest() == *digest).cloned(),
            None => tags.get(reference.tag_or_latest()).cloned(),
        }
    }
}
