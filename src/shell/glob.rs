//! File names from patterns. It asks a `Directory` for listings and knows no other file system.

use super::pattern::{Pattern, has_specials};

/// Names one pattern may produce.
pub const MAX_NAMES: usize = 100_000;

/// What globbing needs to see. Paths are as written by the user, absolute or relative to the shell's directory.
pub trait Directory {
    /// The names in a directory; empty when it is not one.
    fn names(&self, path: &str) -> Vec<String>;
    fn exists(&self, path: &str) -> bool;
    fn is_directory(&self, path: &str) -> bool;
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    pub extglob: bool,
    pub dotglob: bool,
    pub nocase: bool,
    pub globstar: bool,
}

/// The sorted names that match; empty when none does. In `source` a backslash quotes the next character.
pub fn expand(source: &str, directory: &dyn Directory, options: Options) -> Vec<String> {
    let mut segments: Vec<&str> = source.split('/').collect();
    let mut bases = vec![String::new()];
    if segments.first() == Some(&"") {
        bases = vec!["/".to_string()];
        segments.remove(0);
    }
    let last = segments.len().saturating_sub(1);
    for (i, segment) in segments.iter().enumerate() {
        let more = i < last;
        let mut next = Vec::new();
        for base in &bases {
            if segment.is_empty() {
                if !more && directory.is_directory(if base.is_empty() { "." } else { base }) {
                    next.push(base.clone());
                } else if more {
                    next.push(base.clone());
                }
                continue;
            }
            matches_in(base, segment, more, directory, options, &mut next);
            if next.len() > MAX_NAMES {
                next.truncate(MAX_NAMES);
                break;
            }
        }
        bases = next;
    }
    bases.sort();
    bases
}

fn matches_in(
    base: &str,
    segment: &str,
    more: bool,
    directory: &dyn Directory,
    options: Options,
    out: &mut Vec<String>,
) {
    let slash = if more { "/" } else { "" };
    if !has_specials(segment, options.extglob) {
        let plain = unescape(segment);
        let path = format!("{base}{plain}");
        if if more { directory.is_directory(&path) } else { directory.exists(&path) } {
            out.push(format!("{path}{slash}"));
        }
        return;
    }
    if options.globstar && segment == "**" {
        descend(base, more, directory, out, 0);
        return;
    }
    let pattern = Pattern::new(segment, options.extglob).ignoring_case(options.nocase);
    let dot_explicit = segment.starts_with('.') || segment.starts_with("\\.");
    let mut names = directory.names(if base.is_empty() { "." } else { base });
    if dot_explicit {
        names.extend([".".to_string(), "..".to_string()]);
    }
    for name in names {
        if name.starts_with('.') && !dot_explicit && !options.dotglob {
            continue;
        }
        if !pattern.matches(&name) {
            continue;
        }
        let path = format!("{base}{name}");
        if !more || directory.is_directory(&path) {
            out.push(format!("{path}{slash}"));
        }
    }
}

const MAX_DESCENT: usize = 40;

fn descend(base: &str, more: bool, directory: &dyn Directory, out: &mut Vec<String>, depth: usize) {
    if depth > MAX_DESCENT || out.len() > MAX_NAMES {
        return;
    }
    if more {
        out.push(base.to_string());
    }
    for name in directory.names(if base.is_empty() { "." } else { base }) {
        if name.starts_with('.') {
            continue;
        }
        let path = format!("{base}{name}");
        if !more {
            out.push(path.clone());
        }
        if directory.is_directory(&path) {
            descend(&format!("{path}/"), more, directory, out, depth + 1);
        }
    }
}

/// A pattern's text without the backslashes that quote.
pub fn unescape(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            out.push(chars.next().unwrap_or('\\'));
        } else {
            out.push(c);
        }
    }
    out
}
