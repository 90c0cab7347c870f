//! The digests by which the classic builder knows what COPY and ADD bring, as its history shows them: `dir:e9d1…`. As
//! moby: pkg/tarsum (version 1: everything of a tar header but the time) and builder/dockerfile/copy.go. Pure.

use std::rc::Rc;

use crate::image::Digest;
use crate::image::files::{Entry, EntryKind, FileTree};

/// The digest of the selected entries, with the word before it: `file:`, `dir:` or `multi:`.
pub fn of(selected: &[(String, Rc<Entry>)]) -> String {
    let each: Vec<String> = selected.iter().map(|(path, entry)| of_source(path, entry)).collect();
    match each.as_slice() {
        [one] => one.clone(),
        many => format!("multi:{}", Digest::of(many.join(",").as_bytes()).hex()),
    }
}

fn of_source(path: &str, entry: &Rc<Entry>) -> String {
    if !entry.is_dir() {
        return format!("file:{}", of_entry(path, entry));
    }
    let below = FileTree::from_root(entry.clone()).walk("/");
    let mut sums: Vec<String> = below
        .iter()
        .skip(1)
        .map(|(inner, entry)| of_entry(&format!("{}{inner}", path.trim_end_matches('/')), entry))
        .collect();
    sums.sort_unstable();
    format!("dir:{}", Digest::of(sums.join(",").as_bytes()).hex())
}

/// One entry: the fields of its header with their names, then its content. The client sends everything as root's.
fn of_entry(path: &str, entry: &Entry) -> String {
    let name = path.trim_start_matches('/');
    let nothing: &[u8] = &[];
    let (name, kind, link, content) = match &entry.kind {
        EntryKind::Dir(_) => (format!("{name}/"), '5', "", nothing),
        EntryKind::Symlink(target) => (name.to_owned(), '2', target.as_str(), nothing),
        EntryKind::File(bytes) => (name.to_owned(), '0', "", &**bytes),
        EntryKind::Program(program) => (name.to_owned(), '0', "", program.as_bytes()),
    };
    let mode = entry.mode & 0o7777;
    let size = content.len();
    let mut summed = format!(
        "name{name}mode{mode}uid0gid0size{size}typeflag{kind}linkname{link}unamegnamedevmajor0devminor0"
    )
    .into_bytes();
    summed.extend_from_slice(content);
    Digest::of(&summed).hex().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SimTime;

    fn check(path: &str, expect: &str) {
        let mut tree = FileTree::new();
        tree.write("/hello.txt", *b"hello\n", SimTime(0)).expect("written");
        tree.mkdir("/src", true, SimTime(0)).expect("made");
        tree.write("/src/a", *b"", SimTime(9)).expect("written");
        let entry = tree.stat(path).expect("there").clone();
        assert_eq!(of(&[(path.to_owned(), entry)]), expect);
    }

    #[test]
    fn of_a_file_and_of_a_directory() {
        check("/hello.txt", "file:c50ecf0f8081044924e199cfe6cfd18d0c9dd4d16be07790bb24f7088112b98e");
        check("/src", "dir:e5c3a44e624dc2792841de2d8d9d67b68d2d5038a6bada6894901263b60e34d5");
        check("/", "dir:9293c57ce875d75c20d99e9652c84d445284b9f0b19b6c01e00bb7dfbb91bbce");
    }
}
