//! COPY and ADD: which entries go where. Never reads outside the tree it is given.

use std::rc::Rc;

use crate::base::SimTime;
use crate::image::files::{Entry, EntryKind, FileTree, join, split_parent};

use super::context::glob;

/// Files one COPY may bring.
const FILE_LIMIT: usize = 20_000;

/// What a COPY does.
#[derive(Debug, Clone, Default)]
pub struct Copy {
    pub sources: Vec<String>,
    /// Absolute; a trailing slash means a directory.
    pub target: String,
    pub owner: Option<String>,
    pub mode: Option<u32>,
}

impl Copy {
    /// The source entries with their paths.
    ///
    /// # Errors
    /// The first source that is not there, with a leading slash.
    pub fn select(&self, from: &FileTree) -> Result<Vec<(String, Rc<Entry>)>, String> {
        let mut out = Vec::new();
        for source in &self.sources {
            let path = join("/", source);
            if source.contains(['*', '?']) {
                let pattern = path.trim_start_matches('/');
                let all = from.walk("/").into_iter().skip(1);
                // A pattern that nothing fits copies nothing.
                out.extend(all.filter(|(p, _)| glob(pattern, p.trim_start_matches('/'))).take(FILE_LIMIT));
                continue;
            }
            let entry = from.stat(&path).map_err(|_| path.clone())?;
            out.push((path, entry.clone()));
        }
        Ok(out)
    }

    /// Everything that decides the result, for the cache: paths, kinds, contents and modes, not times.
    pub fn fingerprint(&self, selected: &[(String, Rc<Entry>)]) -> String {
        let mut out = format!("{:?} {} {:?} {:?}\n", self.sources, self.target, self.owner, self.mode);
        for (path, entry) in selected {
            for (below, entry) in FileTree::from_root(entry.clone()).walk("/") {
                let what = match &entry.kind {
                    EntryKind::Dir(_) => "dir".to_owned(),
                    EntryKind::File(bytes) => crate::image::Digest::of(bytes).to_string(),
                    EntryKind::Symlink(target) => format!("-> {target}"),
                    EntryKind::Program(name) => format!("program {name}"),
                };
                out.push_str(&format!("{path}{below} {:o} {what}\n", entry.mode));
            }
        }
        out
    }

    /// Copies the selected entries into a tree.
    pub fn apply(
        &self,
        selected: &[(String, Rc<Entry>)],
        tree: &mut FileTree,
        now: SimTime,
    ) -> Result<(), String> {
        let target = join("/", &self.target);
        let into = self.target.ends_with('/') || selected.len() > 1 || tree.is_dir(&target);
        let fail = |path: &str, e: crate::image::FsError| {
            format!("failed to copy to {path}: {}", e.to_string().to_lowercase())
        };
        for (path, entry) in selected {
            if entry.is_dir() {
                tree.mkdir(&target, true, now).map_err(|e| fail(&target, e))?;
                self.merge(entry, &target, tree)?;
                continue;
            }
            let place = if into { join(&target, split_parent(path).1) } else { target.clone() };
            tree.mkdir(split_parent(&place).0, true, now).map_err(|e| fail(&place, e))?;
            tree.put(&place, self.owned(entry)).map_err(|e| fail(&place, e))?;
        }
        Ok(())
    }

    /// Lays a directory's entries over a directory of the tree.
    fn merge(&self, directory: &Rc<Entry>, target: &str, tree: &mut FileTree) -> Result<(), String> {
        let source = FileTree::from_root(directory.clone());
        for (path, entry) in source.walk("/").into_iter().skip(1).take(FILE_LIMIT) {
            let place = format!("{}{path}", target.trim_end_matches('/'));
            if entry.is_dir() && tree.is_dir(&place) {
                continue;
            }
            let mut entry = self.owned(&entry);
            if let EntryKind::Dir(children) = &mut entry.kind {
                children.clear();
            }
            tree.put(&place, entry)
                .map_err(|e| format!("failed to copy to {place}: {}", e.to_string().to_lowercase()))?;
        }
        Ok(())
    }

    fn owned(&self, entry: &Rc<Entry>) -> Entry {
        let mut entry = Entry::clone(entry);
        let owner = self.owner.as_deref().unwrap_or("root");
        let (user, group) = owner.split_once(':').unwrap_or((owner, owner));
        entry.owner = Rc::from(user);
        entry.group = Rc::from(group);
        if let (Some(mode), false) = (self.mode, entry.is_dir()) {
            entry.mode = mode;
        }
        entry
    }
}
