//! The repositories that can be cloned: their files and their history, as data in `assets/repositories`. Must never
//! touch a host.

use std::collections::BTreeMap;

use include_dir::{Dir, DirEntry, include_dir};
use serde::Deserialize;

use crate::base::SimTime;

static ASSETS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/repositories");

/// Depth of `host/owner/name` below the assets.
const LEVELS: usize = 3;

/// A repository as its server has it.
pub struct Repository {
    about: About,
    /// Path to content, sorted.
    pub files: BTreeMap<String, &'static [u8]>,
}

/// `repository.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    branch: String,
    objects: u32,
    deltas: u32,
    bytes: u64,
    /// Newest first.
    commit: Vec<CommitFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommitFile {
    id: String,
    author: String,
    at: String,
    subject: String,
}

/// One commit.
pub struct Commit<'a> {
    pub id: &'a str,
    pub author: &'a str,
    pub at: SimTime,
    pub subject: &'a str,
}

impl Repository {
    /// The repository behind a URL, with or without `.git`; `git@host:owner/name` means the same.
    pub fn find(url: &str) -> Option<Repository> {
        let (host, path) = parts(url)?;
        read(&format!("{host}/{path}"))
    }

    /// Name of the branch that is checked out.
    pub fn branch(&self) -> &str {
        &self.about.branch
    }

    /// Objects, deltas among them, and bytes that travel.
    pub fn size(&self) -> (u32, u32, u64) {
        (self.about.objects, self.about.deltas, self.about.bytes)
    }

    /// The history, newest first.
    pub fn commits(&self) -> impl Iterator<Item = Commit<'_>> {
        self.about.commit.iter().map(|c| Commit {
            id: &c.id,
            author: &c.author,
            at: c.at.parse().map(SimTime::from_timestamp).unwrap_or_default(),
            subject: &c.subject,
        })
    }
}

/// URLs of all repositories there are.
pub fn urls() -> Vec<String> {
    let mut found = Vec::new();
    collect(&ASSETS, LEVELS, &mut found);
    found.into_iter().map(|path| format!("https://{path}")).collect()
}

fn collect(dir: &Dir<'_>, levels: usize, found: &mut Vec<String>) {
    for below in dir.dirs() {
        match levels {
            1 => found.push(below.path().to_string_lossy().replace('\\', "/")),
            _ => collect(below, levels - 1, found),
        }
    }
}

/// Host and path of a URL.
pub fn parts(url: &str) -> Option<(String, String)> {
    let (host, path) = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?,
        None => url.split_once('@').map_or(url, |(_, rest)| rest).split_once(':')?,
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let path = path.trim_matches('/');
    Some((host.to_ascii_lowercase(), path.strip_suffix(".git").unwrap_or(path).to_owned()))
}

fn read(path: &str) -> Option<Repository> {
    let dir = ASSETS.get_dir(path)?;
    let about = dir.get_file(format!("{path}/repository.toml"))?.contents_utf8()?;
    // A file that does not parse is a fault of the program; `every_repository_is_sound` finds it.
    let about: About = toml::from_str(about).ok()?;
    let mut files = BTreeMap::new();
    gather(dir.get_dir(format!("{path}/tree"))?, &format!("{path}/tree/"), &mut files);
    Some(Repository { about, files })
}

fn gather(dir: &'static Dir<'static>, prefix: &str, files: &mut BTreeMap<String, &'static [u8]>) {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(below) => gather(below, prefix, files),
            DirEntry::File(file) => {
                let path = file.path().to_string_lossy().replace('\\', "/");
                files.insert(path.strip_prefix(prefix).unwrap_or(&path).to_owned(), file.contents());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_repository_is_sound() {
        assert!(!urls().is_empty());
        for url in urls() {
            let found = Repository::find(&url).unwrap_or_else(|| panic!("{url} cannot be read"));
            assert!(!found.files.is_empty() && found.commits().count() > 0, "{url}");
            assert!(found.commits().all(|c| c.id.len() == 40 && c.at > SimTime(0)), "{url}");
        }
    }

    #[test]
    fn ways_to_write_the_same_url() {
        let check = |url: &str, expect: Option<(&str, &str)>| {
            let expect = expect.map(|(h, p)| (h.to_owned(), p.to_owned()));
            assert_eq!(parts(url), expect, "{url}");
        };
        check("https://github.com/a/b.git", Some(("github.com", "a/b")));
        check("https://me@GitHub.com/a/b/", Some(("github.com", "a/b")));
        check("git@github.com:a/b.git", Some(("github.com", "a/b")));
        check("a-folder", None);
    }
}
