//! How two trees differ. Reads both, changes neither.

use std::rc::Rc;

use super::FileTree;
use super::entry::{Entry, EntryKind};
use super::lookup::collect;

/// One difference between two trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeChange {
    pub path: String,
    pub kind: ChangeKind,
}

/// As `docker diff` letters them: A, C, D.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    Changed,
    Added,
    Deleted,
}

impl FileTree {
    /// What changed from `base` to this tree, sorted by path, as `docker diff` lists it: a directory whose content
    /// changed is listed as changed; below an added or deleted directory, additions are listed and deletions are not.
    pub fn diff(&self, base: &FileTree) -> Vec<TreeChange> {
        let mut out = Vec::new();
        compare("", &base.root, &self.root, &mut out);
        out
    }
}

fn compare(path: &str, old: &Rc<Entry>, new: &Rc<Entry>, out: &mut Vec<TreeChange>) {
    if Rc::ptr_eq(old, new) {
        return;
    }
    let change = |path: &str, kind| TreeChange { path: path.to_owned(), kind };
    let (EntryKind::Dir(before), EntryKind::Dir(after)) = (&old.kind, &new.kind) else {
        if old != new {
            out.push(change(path, ChangeKind::Changed));
            if new.is_dir() {
                let mut all = Vec::new();
                collect(path.to_owned(), new, &mut all);
                out.extend(all.iter().skip(1).map(|(p, _)| change(p, ChangeKind::Added)));
            }
        }
        return;
    };
    let mut below = Vec::new();
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let child = format!("{path}/{name}");
        match (before.get(name), after.get(name)) {
            (Some(old), Some(new)) => compare(&child, old, new, &mut below),
            (Some(_), None) => below.push(change(&child, ChangeKind::Deleted)),
            (None, Some(new)) => {
                let mut all = Vec::new();
                collect(child, new, &mut all);
                below.extend(all.iter().map(|(p, _)| change(p, ChangeKind::Added)));
            }
            (None, None) => {}
        }
    }
    let own = old.mode != new.mode || old.owner != new.owner || old.group != new.group;
    if !path.is_empty() && (own || !below.is_empty()) {
        out.push(change(path, ChangeKind::Changed));
    }
    out.extend(below);
}
