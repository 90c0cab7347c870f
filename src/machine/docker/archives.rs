//! What `docker save` and `docker export` wrote into archives. An archive on the machine is a file that names images and
//! trees; they themselves stay here, shared with whoever else has them. Never writes a file.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::image::{Digest, FileTree, Image};

/// How many images and trees are kept; past it, archiving fails.
const LIMIT: usize = 200;

/// Everything that was archived.
#[derive(Debug, Clone, Default)]
pub struct Archives {
    images: BTreeMap<Digest, Rc<Image>>,
    trees: BTreeMap<String, FileTree>,
}

impl Archives {
    /// Keeps an image; `false` when there is no room.
    pub fn keep_image(&mut self, image: &Rc<Image>) -> bool {
        let room = self.images.len() < LIMIT;
        if room {
            self.images.insert(image.id.clone(), image.clone());
        }
        room
    }

    /// An image that was kept.
    pub fn image(&self, id: &str) -> Option<Rc<Image>> {
        self.images.iter().find(|(known, _)| known.as_str() == id).map(|(_, image)| image.clone())
    }

    /// Keeps a tree under a name of the caller's; `false` when there is no room.
    pub fn keep_tree(&mut self, name: &str, tree: FileTree) -> bool {
        let room = self.trees.len() < LIMIT;
        if room {
            self.trees.insert(name.to_owned(), tree);
        }
        room
    }

    /// A tree that was kept.
    pub fn tree(&self, name: &str) -> Option<FileTree> {
        self.trees.get(name).cloned()
    }
}
