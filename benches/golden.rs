//! What it costs to answer every recorded kubectl command: wall time by scenario, and how much virtual time passed.
#![allow(clippy::disallowed_methods, reason = "a benchmark reads files and the wall clock")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use kubejam::authoring::golden::record::Transcript;
use kubejam::authoring::golden::{Files, answer};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/kubectl");
    let mut paths: Vec<_> = fs::read_dir(&root)
        .expect("the recordings")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .collect();
    paths.sort();
    println!("{:<24} {:>9} {:>9} {:>12}", "scenario", "commands", "ms", "virtual s");
    let (mut commands, mut wall, mut virtual_s) = (0, Duration::ZERO, 0.0);
    for path in paths {
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let text = fs::read_to_string(&path).expect("a recording");
        let transcript = Transcript::parse(&name, &text).expect("a transcript");
        let mut files = Files::new();
        collect(&path.with_extension(""), "", &mut files);
        let begin = Instant::now();
        let answers = answer(&transcript, &files);
        let took = begin.elapsed();
        let last = answers.last().map_or(0.0, |answer| answer["t_s"].as_f64().unwrap_or_default());
        println!("{name:<24} {:>9} {:>9.1} {last:>12.0}", answers.len(), took.as_secs_f64() * 1000.0);
        commands += answers.len();
        wall += took;
        virtual_s += last;
    }
    println!("{:<24} {commands:>9} {:>9.1} {virtual_s:>12.0}", "all", wall.as_secs_f64() * 1000.0);
}

fn collect(dir: &Path, prefix: &str, files: &mut Files) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.filter_map(Result::ok) {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        match entry.path().is_dir() {
            true => collect(&entry.path(), &format!("{name}/"), files),
            false => files.push((name, fs::read(entry.path()).expect("a file"))),
        }
    }
    files.sort();
}
