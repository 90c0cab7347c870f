//! Layers: what one build step or base image adds to a file tree, with its digests and sizes. Never random.

use super::digest::Digest;
use super::files::{ChangeKind, Entry, EntryKind, FileTree, split_parent};
use crate::base::SimTime;

/// One layer of an image.
#[derive(Debug, Clone)]
pub struct Layer {
    /// The digest of the uncompressed content (`RootFS.Layers`, what `docker push` shows).
    pub diff_id: Digest,
    /// The digest of the compressed blob (what `docker pull` shows).
    pub digest: Digest,
    /// Uncompressed size in bytes, as images and history show it.
    pub size_bytes: u64,
    /// Size of the blob that travels.
    pub compressed_bytes: u64,
    /// What the layer does to the tree below it, parents first.
    pub changes: Vec<LayerChange>,
}

/// One entry of a layer.
#[derive(Debug, Clone)]
pub struct LayerChange {
    pub path: String,
    /// The new entry (a directory is put without its children), or `None` for a whiteout.
    pub entry: Option<Entry>,
}

/// What an empty tar archive weighs.
const TAR_END_BYTES: u64 = 1024;
const TAR_BLOCK_BYTES: u64 = 512;
/// What gzip makes of an archive's frame and of one header in it: a directory alone is a blob of some 92 bytes.
const GZIP_BYTES: u64 = 62;
const GZIP_ENTRY_BYTES: u64 = 30;

impl Layer {
    /// A layer of the catalogue: its files are few, its size is as declared. `name` and `sizes` fix its digests.
    pub fn declared(name: &str, size_bytes: u64, compressed_bytes: u64, changes: Vec<LayerChange>) -> Self {
        let text = format!("{name}\n{size_bytes}\n{}", manifest(&changes));
        let diff_id = Digest::of(text.as_bytes());
        let digest = Digest::of(format!("gzip\n{diff_id}").as_bytes());
        Layer { diff_id, digest, size_bytes, compressed_bytes, changes }
    }

    /// The layer that turns `base` into `tree`.
    pub fn between(base: &FileTree, tree: &FileTree) -> Self {
        let mut changes = Vec::new();
        for change in tree.diff(base) {
            let entry = match change.kind {
                ChangeKind::Deleted => None,
                ChangeKind::Changed | ChangeKind::Added => {
                    let Ok(entry) = tree.lstat(&change.path) else { continue };
                    Some(without_children(entry))
                }
            };
            changes.push(LayerChange { path: change.path, entry });
        }
        Layer::of_changes(changes)
    }

    /// A layer of just these changes, sized by their content.
    pub fn of_changes(changes: Vec<LayerChange>) -> Self {
        let size_bytes = changes.iter().filter_map(|c| c.entry.as_ref()).map(file_bytes).sum();
        let archive: u64 = changes.iter().map(archived_bytes).sum::<u64>() + TAR_END_BYTES;
        let diff_id = Digest::of(manifest(&changes).as_bytes());
        let digest = Digest::of(format!("gzip\n{diff_id}").as_bytes());
        let content = if size_bytes == 0 { 0 } else { (archive / 12).min(size_bytes / 2 + 100) };
        let compressed_bytes = GZIP_BYTES + changes.len() as u64 * GZIP_ENTRY_BYTES + content;
        Layer { diff_id, digest, size_bytes, compressed_bytes, changes }
    }

    /// Whether the layer changes nothing.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The uncompressed archive's size, which `docker push` counts.
    pub fn archive_bytes(&self) -> u64 {
        let listed: u64 = self.changes.iter().map(archived_bytes).sum::<u64>() + TAR_END_BYTES;
        listed.max(self.size_bytes)
    }

    /// Applies the layer to a tree. Missing parents are made; a path that cannot be made is skipped, as its layer was
    /// produced from a tree where it could.
    pub fn apply(&self, tree: &mut FileTree) {
        for change in &self.changes {
            let now = change.entry.as_ref().map_or(SimTime(0), |e| e.mtime);
            match &change.entry {
                None => {
                    let _missing = tree.remove(&change.path, true, now);
                }
                Some(entry) => put_keeping_children(tree, &change.path, entry, now),
            }
        }
    }
}

fn put_keeping_children(tree: &mut FileTree, path: &str, entry: &Entry, now: SimTime) {
    if tree.mkdir(split_parent(path).0, true, now).is_err() {
        return;
    }
    let mut entry = entry.clone();
    if let (EntryKind::Dir(new), Ok(old)) = (&mut entry.kind, tree.lstat(path))
        && let EntryKind::Dir(children) = &old.kind
    {
        for (name, child) in children {
            new.entry(name.clone()).or_insert_with(|| child.clone());
        }
    }
    // A full tree cannot take the entry; the image then misses it, as a full disk would.
    let _full = tree.put(path, entry);
}

fn without_children(entry: &Entry) -> Entry {
    let mut entry = entry.clone();
    if let EntryKind::Dir(children) = &mut entry.kind {
        children.clear();
    }
    entry
}

fn file_bytes(entry: &Entry) -> u64 {
    match &entry.kind {
        EntryKind::File(bytes) => bytes.len() as u64,
        EntryKind::Program(_) => entry.size(),
        EntryKind::Dir(_) | EntryKind::Symlink(_) => 0,
    }
}

fn archived_bytes(change: &LayerChange) -> u64 {
    let content = change.entry.as_ref().map_or(0, file_bytes);
    TAR_BLOCK_BYTES + content.div_ceil(TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES
}

/// The layer's content as text, for its digest: equal content, equal digest. Times count, as they do in a tar.
fn manifest(changes: &[LayerChange]) -> String {
    let mut out = String::new();
    for change in changes {
        out.push_str(&change.path);
        match &change.entry {
            None => out.push_str(" deleted"),
            Some(entry) => {
                let kind = match &entry.kind {
                    EntryKind::Dir(_) => "dir".to_owned(),
                    EntryKind::File(bytes) => Digest::of(bytes).to_string(),
                    EntryKind::Symlink(target) => format!("link {target}"),
                    EntryKind::Program(name) => format!("program {name}"),
                };
                let secs = entry.mtime.secs();
                out.push_str(&format!(" {:o} {}:{} {secs} {kind}", entry.mode, entry.owner, entry.group));
            }
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_between_two_trees_rebuilds_the_second() {
        let now = SimTime::from_secs(5);
        let mut base = FileTree::new();
        base.mkdir("/etc", true, now).unwrap();
        base.write("/etc/old", *b"old", now).unwrap();
        let mut tree = base.clone();
        tree.remove("/etc/old", false, now).unwrap();
        tree.mkdir("/app", true, now).unwrap();
        tree.write("/app/app.js", *b"hello", now).unwrap();
        let layer = Layer::between(&base, &tree);
        layer.apply(&mut base);
        assert!(base.diff(&tree).is_empty());
        assert_eq!(layer.size_bytes, 5);
        assert_ne!(layer.diff_id, Layer::of_changes(Vec::new()).diff_id);
    }
}
