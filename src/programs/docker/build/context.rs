//! The build context: which files of a directory take part, what `.dockerignore` leaves out, what travels. Reads only.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::image::Digest;
use crate::image::files::{Entry, EntryKind, FileTree};

/// A directory's files, ready to be copied from: a tree whose root is the context.
#[derive(Debug, Clone)]
pub struct Context {
    pub files: FileTree,
}

/// Path and digest of what was sent before, so that only changes travel.
pub type Sent = BTreeMap<String, Digest>;

impl Context {
    /// The directory `entry` without what the ignore file names.
    pub fn new(entry: &Rc<Entry>, ignore: &str) -> Self {
        let mut files = FileTree::from_root(entry.clone());
        let patterns = patterns(ignore);
        if !patterns.is_empty() {
            for (path, _) in FileTree::from_root(entry.clone()).walk("/") {
                let inner = path.trim_start_matches('/');
                if !inner.is_empty() && ignored(inner, &patterns) && !kept_below(entry, &path, &patterns) {
                    // It may already have gone with its directory.
                    let _gone = files.remove(&path, true, entry.mtime);
                }
            }
        }
        Context { files }
    }

    /// The entries that these COPY sources need, in order of their paths.
    fn needed(&self, sources: &[String]) -> Vec<(String, Rc<Entry>)> {
        let all = self.files.walk("/").into_iter().skip(1);
        let wanted: Vec<&str> =
            sources.iter().map(|s| s.trim_matches('/').trim_start_matches("./")).collect();
        let inside = |path: &str| {
            wanted.iter().any(|w| {
                matches!(*w, "" | ".")
                    || glob(w, path)
                    || path.strip_prefix(w).is_some_and(|rest| rest.starts_with('/'))
                    || w.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
            })
        };
        all.filter(|(path, _)| inside(path.trim_start_matches('/'))).collect()
    }

    /// Bytes that travel to the builder, as its protocol counts them, and what it then has.
    pub fn transfer(&self, sources: &[String], before: &Sent) -> (u64, Sent) {
        let mut bytes = 2;
        let mut sent = Sent::new();
        for (index, (path, entry)) in self.needed(sources).iter().enumerate() {
            let name = path.trim_start_matches('/');
            bytes += stat_bytes(name, entry);
            if let EntryKind::File(content) = &entry.kind {
                let digest = Digest::of(content);
                if before.get(name) != Some(&digest) {
                    bytes += data_bytes(content.len() as u64, index as u64);
                }
                sent.insert(name.to_owned(), digest);
            }
        }
        (bytes, sent)
    }

    /// Bytes of file content.
    pub fn bytes(&self) -> u64 {
        self.files.used_bytes()
    }

    /// What a legacy build sends: a tar of everything.
    pub fn archive_bytes(&self) -> u64 {
        let entries = self.files.walk("/");
        let one = |entry: &Entry| match &entry.kind {
            EntryKind::File(bytes) => 512 + (bytes.len() as u64).div_ceil(512) * 512,
            _ => 512,
        };
        let content: u64 = entries.iter().skip(1).map(|(_, e)| one(e)).sum();
        content + 1024
    }
}

fn varint(value: u64) -> u64 {
    (1..10).find(|n| value < 1 << (7 * n)).unwrap_or(10)
}

/// A file's announcement in the protocol that sends contexts (fsutil's packets).
fn stat_bytes(name: &str, entry: &Entry) -> u64 {
    let size = match &entry.kind {
        EntryKind::File(bytes) if !bytes.is_empty() => 1 + varint(bytes.len() as u64),
        EntryKind::Dir(_) => 3,
        _ => 0,
    };
    17 + name.len() as u64 + size
}

fn data_bytes(length: u64, id: u64) -> u64 {
    let id = if id == 0 { 0 } else { 1 + varint(id) };
    let content = if length == 0 { 0 } else { 2 + id + 1 + varint(length) + length };
    content + 2 + id
}

/// Bytes that sending one file alone takes; `None`: it is not there.
pub fn single_file_bytes(name: &str, entry: Option<&Entry>) -> u64 {
    match entry {
        None => 2,
        Some(entry) => {
            let length = if let EntryKind::File(bytes) = &entry.kind { bytes.len() as u64 } else { 0 };
            2 + stat_bytes(name, entry) + data_bytes(length, 0)
        }
    }
}

/// Patterns of an ignore file; `true` for exceptions (`!`).
fn patterns(text: &str) -> Vec<(bool, String)> {
    text.lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .map(|line| {
            let (exception, pattern) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
            (exception, pattern.trim_matches('/').trim_start_matches("./").to_owned())
        })
        .collect()
}

/// The last pattern that fits decides; a directory's pattern holds for what is in it.
fn ignored(path: &str, patterns: &[(bool, String)]) -> bool {
    let mut out = false;
    for (exception, pattern) in patterns {
        let parents = path.match_indices('/').map(|(at, _)| &path[..at]);
        if std::iter::once(path).chain(parents).any(|p| glob(pattern, p)) {
            out = !exception;
        }
    }
    out
}

fn kept_below(root: &Rc<Entry>, path: &str, patterns: &[(bool, String)]) -> bool {
    let tree = FileTree::from_root(root.clone());
    let below = tree.walk(path);
    below.iter().skip(1).any(|(p, _)| !ignored(p.trim_start_matches('/'), patterns))
}

/// `*`, `?` within a component, `**` across them.
pub fn glob(pattern: &str, text: &str) -> bool {
    let bytes = pattern.as_bytes();
    match bytes.first() {
        None => text.is_empty(),
        Some(b'*') if bytes.get(1) == Some(&b'*') => {
            let rest = pattern[2..].trim_start_matches('/');
            rest.is_empty() || text.char_indices().map(|(at, _)| &text[at..]).any(|tail| glob(rest, tail))
        }
        Some(b'*') => {
            let limit = text.find('/').unwrap_or(text.len());
            (0..=limit).filter(|at| text.is_char_boundary(*at)).any(|at| glob(&pattern[1..], &text[at..]))
        }
        Some(b'?') => {
            text.chars().next().is_some_and(|c| c != '/' && glob(&pattern[1..], &text[c.len_utf8()..]))
        }
        Some(_) => {
            let first = pattern.chars().next().unwrap_or_default();
            text.strip_prefix(first).is_some_and(|rest| glob(&pattern[first.len_utf8()..], rest))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SimTime;

    fn tree(files: &[(&str, usize)]) -> Rc<Entry> {
        let mut tree = FileTree::new();
        for (path, size) in files {
            tree.mkdir(crate::image::files::split_parent(path).0, true, SimTime(0)).expect("made");
            tree.write(path, vec![b'x'; *size], SimTime(0)).expect("written");
        }
        tree.root().clone()
    }

    #[test]
    fn bytes_are_counted_as_the_protocol_counts_them() {
        let context = Context::new(&tree(&[("/Dockerfile", 358), ("/app.js", 446)]), "");
        let (first, sent) = context.transfer(&[".".to_owned()], &Sent::new());
        assert_eq!(first, 880);
        assert_eq!(context.transfer(&[".".to_owned()], &sent).0, 58);
        let changed = Context::new(&tree(&[("/Dockerfile", 358), ("/app.js", 451)]), "");
        assert_eq!(changed.transfer(&[".".to_owned()], &sent).0, 520);
        assert_eq!(context.transfer(&["missing.js".to_owned()], &Sent::new()).0, 2);
    }

    #[test]
    fn the_ignore_file_leaves_out() {
        let root = tree(&[
            ("/a.log", 1),
            ("/src/b.log", 1),
            ("/src/c", 1),
            ("/node_modules/m/x", 1),
            ("/keep.log", 1),
        ]);
        let context = Context::new(&root, "# none\n**/*.log\nnode_modules\n!keep.log\n");
        let left: Vec<String> = context.files.walk("/").into_iter().map(|(p, _)| p).collect();
        assert_eq!(left, ["/", "/keep.log", "/src", "/src/c"]);
    }
}
