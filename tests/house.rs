//! House rules as tests: the direction of imports, and what may reach the outside world.
#![allow(clippy::disallowed_methods, reason = "tests read the sources")]

use std::fs;
use std::path::{Path, PathBuf};

/// The modules in reading order, as `src/lib.rs` lists them.
fn modules() -> Vec<String> {
    let lib = fs::read_to_string("src/lib.rs").expect("src/lib.rs");
    lib.lines().filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';')).map(str::to_owned).collect()
}

fn rust_files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a readable directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// Every source file: its module, its path, its text.
fn sources() -> Vec<(String, PathBuf, String)> {
    let mut files = Vec::new();
    rust_files(Path::new("src"), &mut files);
    files.sort();
    let named = files.into_iter().map(|path| {
        let below = path.strip_prefix("src").expect("below src");
        let first = below.components().next().expect("a component").as_os_str().to_string_lossy();
        let text = fs::read_to_string(&path).expect("readable source");
        (first.trim_end_matches(".rs").to_owned(), path.clone(), text)
    });
    named.collect()
}

#[test]
fn a_module_uses_only_those_above_it() {
    let order = modules();
    let rank = |name: &str| order.iter().position(|m| m == name);
    let mut wrong = Vec::new();
    for (module, path, text) in sources() {
        let Some(own) = rank(&module) else { continue };
        for (number, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for piece in line.split("crate::").skip(1) {
                let name: String = piece.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if rank(&name).is_some_and(|used| used > own) {
                    wrong.push(format!("{}:{}: {module} uses {name}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "modules may only use those above them in src/lib.rs:\n{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|(_, _, text)| !text.trim_start().starts_with("//!"))
        .map(|(_, path, _)| path.display().to_string())
        .collect();
    assert!(silent.is_empty(), "files without an opening `//!`:\n{}", silent.join("\n"));
}

#[test]
fn only_the_edge_may_allow_the_outside_world() {
    let wrong: Vec<String> = sources()
        .into_iter()
        .filter(|(module, _, text)| {
            !matches!(module.as_str(), "edge" | "authoring" | "cli" | "main")
                && (text.contains("allow(clippy::disallowed") || text.contains("expect(clippy::disallowed"))
        })
        .map(|(_, path, _)| path.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "only edge/, authoring/ and cli.rs may reach the host:\n{}", wrong.join("\n"));
}
