//! Bytes as text: `base64`, the sums, `od`, `hexdump`, `xxd`, `strings`, `stat`, `file`. Must never interpret what it shows.

use base64::Engine as _;
use sha2::{Digest, Sha256, Sha512};

use crate::image::files::{Entry, EntryKind};
use crate::programs::hashes::{hex, md5, sha1};
use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Quit, Tool};
use crate::world::Call;

static BASE64: Spec = Spec::new(
    &["d,decode,D", "i,ignore-garbage", "w,wrap="],
    "Usage: base64 [OPTION]... [FILE]\n\nEncodes, or with -d decodes, base64.\n\n  -w COLS  lines of COLS characters (76), 0 for one line\n",
);
static SUM: Spec = Spec::new(
    &["b,binary", "c,check", "t,text", "quiet", "status", "w,warn", "tag", "strict", "ignore-missing", "z"],
    "Usage: md5sum [OPTION]... [FILE]...\n\nPrints or (with -c) checks checksums.\n",
);
static OD: Spec = Spec::new(
    &["A,address-radix=", "t,format=", "c", "x", "b", "d", "N,read-bytes=", "v", "j=", "w=?", "o"],
    "Usage: od [OPTION]... [FILE]...\n\nPrints bytes.\n\n  -c  as characters   -x  in hexadecimal words   -t TYPE  o, x1, c, d1   -A n  without addresses   -N MAX\n",
);
static HEXDUMP: Spec = Spec::new(
    &["C,canonical", "n,length=", "v", "s=", "e="],
    "Usage: hexdump [options] FILE...\n\nPrints bytes.\n\n  -C  with characters beside   -n LENGTH\n",
);
static XXD: Spec = Spec::new(
    &["r,revert", "p,ps,plain", "l=", "c=", "g=", "u", "s=", "b"],
    "Usage: xxd [options] [infile]\n\nPrints bytes in hexadecimal, or with -r makes bytes of that.\n\n  -p  plain   -l LENGTH   -c COLUMNS\n",
);
static STAT: Spec = Spec::new(
    &["c,format=", "f,file-system", "L,dereference", "t,terse", "printf="],
    "Usage: stat [OPTION]... FILE...\n\nPrints what is known about a FILE.\n\n  -c FORMAT  %n name %s size %a mode %A mode text %U owner %G group %y time %F kind\n",
);
static FILE: Spec = Spec::new(
    &["b,brief", "i,mime", "L"],
    "Usage: file [OPTION...] FILE...\n\nSays what kind of file it is.\n\n  -b  without the name\n",
);
static STRINGS: Spec = Spec::new(
    &["n,bytes=", "a", "t="],
    "Usage: strings [option(s)] [file(s)]\n\nPrints runs of printable characters.\n",
);

/// `base64`.
pub async fn base64(call: Call) -> Outcome {
    let tool = Tool::new(call, &BASE64).await?;
    let bytes = tool.read_all().await?;
    if tool.status() > 0 {
        return tool.done();
    }
    let engine = base64::engine::general_purpose::STANDARD;
    if tool.options.has("d") {
        let keep = |b: &u8| {
            !b.is_ascii_whitespace()
                && (!tool.options.has("i") || b.is_ascii_alphanumeric() || b"+/=".contains(b))
        };
        let text: Vec<u8> = bytes.iter().copied().filter(keep).collect();
        return match engine.decode(&text) {
            Ok(out) => {
                tool.out(out).await?;
                Ok(0)
            }
            Err(_) => {
                // What can be decoded comes out before the complaint.
                let whole =
                    text.iter().take_while(|b| b.is_ascii_alphanumeric() || b"+/".contains(b)).count() / 4
                        * 4;
                tool.out(engine.decode(&text[..whole]).unwrap_or_default()).await?;
                Err(tool.die("invalid input").await)
            }
        };
    }
    let text = engine.encode(bytes);
    let wrap = tool.options.value("w").and_then(|w| w.parse().ok()).unwrap_or(76usize);
    if wrap == 0 {
        tool.out(text).await?;
        return Ok(0);
    }
    for line in text.as_bytes().chunks(wrap) {
        tool.out([line, b"\n"].concat()).await?;
    }
    Ok(0)
}

fn digest(name: &str, bytes: &[u8]) -> String {
    match name {
        "md5sum" => hex(&md5(bytes)),
        "sha1sum" => hex(&sha1(bytes)),
        "sha512sum" => hex(&Sha512::digest(bytes)),
        _ => hex(&Sha256::digest(bytes)),
    }
}

/// `md5sum`, `sha1sum`, `sha256sum`, `sha512sum`.
pub async fn sums(call: Call) -> Outcome {
    let tool = Tool::new(call, &SUM).await?;
    let check = tool.options.has("c");
    let mut failed = 0;
    for operand in tool.inputs() {
        let bytes = match tool.open(&operand) {
            Ok(input) => tool.slurp(&input).await?,
            Err(error) => {
                tool.complain(format!("{operand}: {error}")).await;
                continue;
            }
        };
        if !check {
            tool.out(format!("{}  {operand}\n", digest(&tool.name, &bytes))).await?;
            continue;
        }
        for line in String::from_utf8_lossy(&bytes).lines() {
            let Some((sum, name)) = line.split_once(' ') else { continue };
            let name = name.trim_start_matches([' ', '*']);
            let text = match tool.call.sys.read(&tool.path(name)) {
                Ok(bytes) if digest(&tool.name, &bytes) == sum => "OK",
                Ok(_) => {
                    failed += 1;
                    "FAILED"
                }
                Err(error) => {
                    tool.complain(format!("{name}: {error}")).await;
                    "FAILED open or read"
                }
            };
            if !(tool.options.has("status") || (tool.options.has("quiet") && text == "OK")) {
                tool.out(format!("{name}: {text}\n")).await?;
            }
        }
    }
    if failed > 0 {
        let (s, did) = if failed == 1 { ("", "did") } else { ("s", "did") };
        tool.complain(format!("WARNING: {failed} computed checksum{s} {did} NOT match")).await;
    }
    tool.done()
}

fn printable(byte: u8) -> char {
    if (b' '..=b'~').contains(&byte) { byte as char } else { '.' }
}

/// `hexdump`.
pub async fn hexdump(call: Call) -> Outcome {
    let tool = Tool::new(call, &HEXDUMP).await?;
    let mut bytes = tool.read_all().await?;
    if let Some(most) = tool.options.value("n").and_then(|n| n.parse().ok()) {
        bytes.truncate(most);
    }
    let canonical = tool.options.has("C") || tool.name == "hd";
    for (row, chunk) in bytes.chunks(16).enumerate() {
        let line = if canonical {
            let cells: String = chunk
                .iter()
                .enumerate()
                .map(|(i, b)| format!("{}{b:02x}", if i == 8 { "  " } else { " " }))
                .collect();
            let text: String = chunk.iter().map(|b| printable(*b)).collect();
            format!("{:08x} {cells:<49}  |{text}|\n", row * 16)
        } else {
            format!("{:07x}{}\n", row * 16, words(chunk))
        };
        tool.out(line).await?;
    }
    if !bytes.is_empty() {
        tool.out(if canonical { format!("{:08x}\n", bytes.len()) } else { format!("{:07x}\n", bytes.len()) })
            .await?;
    }
    tool.done()
}

fn words(chunk: &[u8]) -> String {
    chunk.chunks(2).map(|w| format!(" {:02x}{:02x}", w.get(1).copied().unwrap_or(0), w[0])).collect()
}

/// `od`.
pub async fn od(call: Call) -> Outcome {
    let tool = Tool::new(call, &OD).await?;
    let mut bytes = tool.read_all().await?;
    if let Some(most) = tool.options.value("N").and_then(|n| n.parse().ok()) {
        bytes.truncate(most);
    }
    let kind = match tool.options.last_of(&["c", "x", "b", "t"]) {
        Some("t") => tool.options.value("t").unwrap_or("o2").to_owned(),
        Some("c") => "c".to_owned(),
        Some("x") => "x2".to_owned(),
        Some("b") => "o1".to_owned(),
        _ => "o2".to_owned(),
    };
    let address = |at: usize| match tool.options.value("A") {
        Some("n") => String::new(),
        Some("x") => format!("{at:06x}"),
        Some("d") => format!("{at:07}"),
        _ => format!("{at:07o}"),
    };
    for (row, chunk) in bytes.chunks(16).enumerate() {
        let cells: String = match kind.trim_end_matches('z') {
            "c" => chunk.iter().map(|b| character(*b)).collect(),
            "x1" => chunk.iter().map(|b| format!(" {b:02x}")).collect(),
            "o1" => chunk.iter().map(|b| format!(" {b:03o}")).collect(),
            "d1" | "u1" => chunk.iter().map(|b| format!(" {b:4}")).collect(),
            "x" | "x2" => words(chunk),
            _ => chunk
                .chunks(2)
                .map(|w| format!(" {:06o}", u16::from_le_bytes([w[0], w.get(1).copied().unwrap_or(0)])))
                .collect(),
        };
        tool.out(format!("{}{cells}\n", address(row * 16))).await?;
    }
    if tool.options.value("A") != Some("n") {
        tool.out(format!("{}\n", address(bytes.len()))).await?;
    }
    tool.done()
}

fn character(byte: u8) -> String {
    match byte {
        b'\n' => "  \\n".into(),
        b'\t' => "  \\t".into(),
        b'\r' => "  \\r".into(),
        0 => "  \\0".into(),
        b' '..=b'~' => format!("   {}", byte as char),
        other => format!(" {other:03o}"),
    }
}

/// `xxd`.
pub async fn xxd(call: Call) -> Outcome {
    let tool = Tool::new(call, &XXD).await?;
    let mut bytes = tool.read_all().await?;
    if tool.options.has("r") {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let digits: String = match tool.options.has("p") {
            true => text.chars().filter(char::is_ascii_hexdigit).collect(),
            false => text
                .lines()
                .filter_map(|l| l.split_once(": "))
                .map(|(_, rest)| rest.split("  ").next().unwrap_or_default().replace(' ', ""))
                .collect(),
        };
        let out: Vec<u8> = digits
            .as_bytes()
            .chunks(2)
            .filter_map(|p| u8::from_str_radix(std::str::from_utf8(p).ok()?, 16).ok())
            .collect();
        tool.out(out).await?;
        return Ok(0);
    }
    if let Some(most) = tool.options.value("l").and_then(|n| n.parse().ok()) {
        bytes.truncate(most);
    }
    if tool.options.has("p") {
        for line in bytes.chunks(30) {
            tool.out(format!("{}\n", hex(line))).await?;
        }
        return Ok(0);
    }
    let columns = tool.options.value("c").and_then(|c| c.parse().ok()).unwrap_or(16usize).max(1);
    for (row, chunk) in bytes.chunks(columns).enumerate() {
        let cells: String = chunk.chunks(2).map(|w| format!("{} ", hex(w))).collect();
        let text: String = chunk.iter().map(|b| printable(*b)).collect();
        tool.out(format!(
            "{:08x}: {cells:<width$} {text}\n",
            row * columns,
            width = columns * 2 + columns.div_ceil(2)
        ))
        .await?;
    }
    tool.done()
}

/// `strings`.
pub async fn strings(call: Call) -> Outcome {
    let tool = Tool::new(call, &STRINGS).await?;
    let bytes = tool.read_all().await?;
    let least = tool.options.value("n").and_then(|n| n.parse().ok()).unwrap_or(4usize);
    for run in bytes.split(|b| !(b' '..=b'~').contains(b) && *b != b'\t') {
        if run.len() >= least {
            tool.out([run, b"\n"].concat()).await?;
        }
    }
    tool.done()
}

fn kind(entry: &Entry) -> &'static str {
    match &entry.kind {
        EntryKind::Dir(_) => "directory",
        EntryKind::Symlink(_) => "symbolic link",
        EntryKind::File(bytes) if bytes.is_empty() => "regular empty file",
        _ => "regular file",
    }
}

/// `stat`.
pub async fn stat(call: Call) -> Outcome {
    let tool = Tool::new(call, &STAT).await?;
    if tool.options.operands.is_empty() {
        return Err(tool.misuse("missing operand").await);
    }
    for name in &tool.options.operands {
        let path = tool.path(name);
        let sys = &tool.call.sys;
        let entry = match if tool.options.has("L") { sys.stat(&path) } else { sys.lstat(&path) } {
            Ok(entry) => entry,
            Err(error) => {
                let text = if tool.busybox {
                    format!("can't stat '{name}': {error}")
                } else {
                    format!("cannot statx '{name}': {error}")
                };
                tool.complain(text).await;
                continue;
            }
        };
        let text = match tool.options.value("c").or(tool.options.value("printf")) {
            Some(format) => {
                let end = if tool.options.has("c") { "\n" } else { "" };
                format!("{}{end}", formatted(&tool, format, name, &entry))
            }
            None => full(&tool, name, &entry),
        };
        tool.out(text).await?;
    }
    tool.done()
}

fn ids(tool: &Tool, entry: &Entry) -> (u32, u32) {
    let find = |name: &str| crate::programs::identity::find(&tool.call.sys, name).map_or(0, |u| u.uid);
    (find(&entry.owner), find(&entry.group))
}

fn size(entry: &Entry) -> u64 {
    if entry.is_dir() { 4096 } else { entry.size() }
}

fn formatted(tool: &Tool, format: &str, name: &str, entry: &Entry) -> String {
    let time = entry.mtime.timestamp().strftime("%Y-%m-%d %H:%M:%S.%9f +0000").to_string();
    let (bytes, _) = super::echo::unescape(format.as_bytes(), false);
    let mut out = String::new();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out += name,
            Some('N') => out += &format!("'{name}'"),
            Some('s') => out += &size(entry).to_string(),
            Some('a') => out += &format!("{:o}", entry.mode),
            Some('A') => out += &super::ls::mode_text(entry),
            Some('U') => out += &entry.owner,
            Some('G') => out += &entry.group,
            Some('u') => out += &ids(tool, entry).0.to_string(),
            Some('g') => out += &ids(tool, entry).1.to_string(),
            Some('F') => out += kind(entry),
            Some('y' | 'x' | 'z' | 'w') => out += &time,
            Some('Y' | 'X' | 'Z') => out += &entry.mtime.secs().to_string(),
            Some('i') => out += &super::ls::inode(&tool.path(name)).to_string(),
            Some('h') => out.push('1'),
            Some('%') => out.push('%'),
            other => {
                out.push('?');
                out.extend(other.filter(|_| false));
            }
        }
    }
    out
}

fn full(tool: &Tool, name: &str, entry: &Entry) -> String {
    let time = entry.mtime.timestamp().strftime("%Y-%m-%d %H:%M:%S.%9f +0000").to_string();
    let (uid, gid) = ids(tool, entry);
    let arrow = match &entry.kind {
        EntryKind::Symlink(target) => format!(" -> {target}"),
        _ => String::new(),
    };
    format!(
        "  File: {name}{arrow}\n  Size: {:<15}\tBlocks: {:<10} IO Block: 4096   {}\nDevice: 0,58\tInode: {:<11} Links: 1\nAccess: ({:04o}/{})  Uid: ({uid:5}/{:>8})   Gid: ({gid:5}/{:>8})\nAccess: {time}\nModify: {time}\nChange: {time}\n Birth: {time}\n",
        size(entry),
        size(entry).div_ceil(4096) * 8,
        kind(entry),
        super::ls::inode(&tool.path(name)),
        entry.mode,
        super::ls::mode_text(entry),
        entry.owner,
        entry.group,
    )
}

/// `file`.
pub async fn file(call: Call) -> Outcome {
    let tool = Tool::new(call, &FILE).await?;
    for name in &tool.options.operands {
        let kind = match tool.call.sys.lstat(&tool.path(name)) {
            Err(error) => format!("cannot open `{name}' ({error})"),
            Ok(entry) => match &entry.kind {
                EntryKind::Dir(_) => "directory".to_owned(),
                EntryKind::Symlink(target) => format!("symbolic link to {target}"),
                EntryKind::Program(_) => {
                    "ELF 64-bit LSB pie executable, x86-64, version 1 (SYSV), dynamically linked".to_owned()
                }
                EntryKind::File(bytes) => content(bytes).to_owned(),
            },
        };
        let line: Result<(), Quit> = match tool.options.has("b") {
            true => tool.out(format!("{kind}\n")).await,
            false => tool.out(format!("{name}: {kind}\n")).await,
        };
        line?;
    }
    tool.done()
}

fn content(bytes: &[u8]) -> &'static str {
    let starts = |head: &[u8]| bytes.starts_with(head);
    match bytes {
        [] => "empty",
        _ if starts(b"#!/bin/bash") || starts(b"#!/usr/bin/env bash") => {
            "Bourne-Again shell script, ASCII text executable"
        }
        _ if starts(b"#!/bin/sh") => "POSIX shell script, ASCII text executable",
        _ if starts(b"#!/usr/bin/env node") => "Node.js script text executable, ASCII text",
        _ if starts(b"-----BEGIN CERTIFICATE") => "PEM certificate",
        _ if starts(b"-----BEGIN RSA PRIVATE KEY") => "PEM RSA private key",
        _ if starts(b"\x1f\x8b") => "gzip compressed data",
        _ if starts(b"{") && serde_json::from_slice::<serde_json::Value>(bytes).is_ok() => "JSON text data",
        _ if bytes.contains(&0) => "data",
        _ if bytes.is_ascii() => "ASCII text",
        _ if std::str::from_utf8(bytes).is_ok() => "Unicode text, UTF-8 text",
        _ => "data",
    }
}
