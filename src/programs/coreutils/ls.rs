//! `ls` and `dir`. Must never change a file.

use std::cmp::Ordering;
use std::rc::Rc;

use unicode_width::UnicodeWidthStr;

use super::numbers::human;
use crate::base::SimTime;
use crate::image::files::{Entry, EntryKind, join};
use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Quit, Tool};
use crate::world::Call;

/// Directories of one recursive listing.
const MAX_DIRECTORIES: usize = 5_000;
/// Files older than this show the year.
const HALF_YEAR_SECS: u64 = 15_778_476;

static SPEC: Spec = Spec::new(
    &[
        "a,all",
        "A,almost-all",
        "l",
        "h,human-readable",
        "R,recursive",
        "t",
        "r,reverse",
        "S",
        "1",
        "d,directory",
        "F,classify=?",
        "i,inode",
        "n,numeric-uid-gid",
        "s,size",
        "p",
        "C",
        "m",
        "x",
        "U",
        "X",
        "v",
        "c",
        "u",
        "g",
        "o",
        "G,no-group",
        "color=?",
        "full-time",
        "time-style=",
        "group-directories-first",
        "Q,quote-name",
        "N,literal",
        "L,dereference",
        "sort=",
        "k",
        "w,width=",
        "T=",
        "Z",
        "b,escape",
        "B,ignore-backups",
    ],
    "Usage: ls [OPTION]... [FILE]...

Lists the FILEs, or what is in the working directory, by name.

  -a  also names that begin with .     -A  the same without . and ..
  -l  one per line, with everything    -h  sizes with units     -n  numbers for owners
  -1  one per line    -C  in columns   -d  directories themselves   -F  marks for kinds
  -t  newest first    -S  largest first   -r  reversed   -R  all directories below
  -i  inode numbers   --color[=WHEN]
",
)
.misuse(2);

struct Item {
    name: String,
    entry: Rc<Entry>,
    target: Option<String>,
    path: String,
}

/// `ls`.
pub async fn ls(call: Call) -> Outcome {
    let tool = Tool::new(call, &SPEC).await?;
    let operands =
        if tool.options.operands.is_empty() { vec![".".to_owned()] } else { tool.options.operands.clone() };
    let (mut files, mut directories) = (Vec::new(), Vec::new());
    for operand in &operands {
        let path = tool.path(operand);
        let sys = &tool.call.sys;
        let follow = !tool.options.has("l") || tool.options.has("L") || operand.ends_with('/');
        let entry = if follow { sys.stat(&path).or_else(|_| sys.lstat(&path)) } else { sys.lstat(&path) };
        match entry {
            Ok(entry) if entry.is_dir() && !tool.options.has("d") => {
                directories.push((operand.clone(), entry))
            }
            Ok(entry) => files.push(item(&tool, operand.clone(), path, entry)),
            Err(error) if tool.busybox => tool.fail_with(1, format!("{operand}: {error}")).await,
            Err(error) => tool.fail_with(2, format!("cannot access {}: {error}", quote(operand))).await,
        }
    }
    sort(&tool, &mut files);
    let mut first = files.is_empty();
    if !files.is_empty() {
        show(&tool, &files).await?;
    }
    let titles = operands.len() > 1 || tool.options.has("R");
    directories.sort_by(|a, b| a.0.cmp(&b.0));
    let mut stack: Vec<String> = directories.into_iter().map(|(name, _)| name).rev().collect();
    let mut listed = 0;
    while let Some(name) = stack.pop() {
        listed += 1;
        if listed > MAX_DIRECTORIES {
            return Err(tool.die_with(1, "too many directories; stopped").await);
        }
        if titles {
            let gap = if std::mem::take(&mut first) { "" } else { "\n" };
            tool.out(format!("{gap}{name}:\n")).await?;
        }
        let items = directory(&tool, &name).await;
        if tool.options.has("l")
            || tool.options.has("s")
            || tool.options.has("n")
            || tool.options.has("g")
            || tool.options.has("o")
        {
            let blocks: u64 = items.iter().map(|i| blocks(&i.entry)).sum();
            let total = if tool.options.has("h") { human(blocks * 1024, 1024.0) } else { blocks.to_string() };
            tool.out(format!("total {total}\n")).await?;
        }
        show(&tool, &items).await?;
        if tool.options.has("R") {
            let below = items.iter().filter(|i| i.entry.is_dir() && i.name != "." && i.name != "..");
            let below: Vec<String> =
                below.map(|i| format!("{}/{}", name.trim_end_matches('/'), i.name)).collect();
            stack.extend(below.into_iter().rev());
        }
    }
    tool.done()
}

fn quote(name: &str) -> String {
    format!("'{name}'")
}

fn item(tool: &Tool, name: String, path: String, entry: Rc<Entry>) -> Item {
    let target = match &entry.kind {
        EntryKind::Symlink(target) => Some(target.clone()),
        _ => None,
    };
    let entry = match (&target, tool.options.has("L")) {
        (Some(_), true) => tool.call.sys.stat(&path).unwrap_or(entry),
        _ => entry,
    };
    Item { name, entry, target, path }
}

async fn directory(tool: &Tool, name: &str) -> Vec<Item> {
    let path = tool.path(name);
    let sys = &tool.call.sys;
    let names = match sys.list(&path) {
        Ok(names) => names,
        Err(error) => {
            tool.fail_with(2, format!("cannot open directory {}: {error}", quote(name))).await;
            return Vec::new();
        }
    };
    let all = tool.options.has("a");
    let hidden = all || tool.options.has("A");
    let mut items = Vec::new();
    if all {
        for dot in [".", ".."] {
            if let Ok(entry) = sys.stat(&join(&path, dot)) {
                items.push(Item { name: dot.to_owned(), entry, target: None, path: join(&path, dot) });
            }
        }
    }
    for entry_name in names {
        let is_backup = entry_name.ends_with('~') && tool.options.has("B");
        if entry_name.starts_with('.') && !hidden || is_backup {
            continue;
        }
        let full = join(&path, &entry_name);
        if let Ok(entry) = sys.lstat(&full) {
            items.push(item(tool, entry_name, full, entry));
        }
    }
    sort(tool, &mut items);
    items
}

/// The order of names in a UTF-8 locale: letters first, case and punctuation only where they are all that differs.
fn by_name(a: &str, b: &str) -> Ordering {
    let key = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    // Small letters come before their capitals.
    let swapped = |text: &str| -> Vec<u8> {
        text.bytes().map(|c| if c.is_ascii_alphabetic() { c ^ 0x20 } else { c }).collect()
    };
    key(a).cmp(&key(b)).then_with(|| swapped(a).cmp(&swapped(b)))
}

fn sort(tool: &Tool, items: &mut [Item]) {
    let options = &tool.options;
    let c_locale = tool.busybox || !tool.localized();
    items.sort_by(|a, b| if c_locale { a.name.cmp(&b.name) } else { by_name(&a.name, &b.name) });
    let key = options.value("sort").map(|s| match s {
        "time" => "t",
        "size" => "S",
        "none" => "U",
        _ => "",
    });
    match key.or_else(|| options.last_of(&["t", "S", "U", "X", "v"])) {
        Some("t") => items.sort_by_key(|i| std::cmp::Reverse(i.entry.mtime)),
        Some("S") => items.sort_by_key(|i| std::cmp::Reverse(size(&i.entry))),
        Some("X") => items.sort_by_key(|i| i.name.rsplit_once('.').map(|(_, e)| e.to_owned())),
        Some("v") => items.sort_by(|a, b| super::sort::version_order(a.name.as_bytes(), b.name.as_bytes())),
        _ => {}
    }
    if options.has("r") {
        items.reverse();
    }
    if options.has("group-directories-first") {
        items.sort_by_key(|i| !i.entry.is_dir());
    }
}

fn size(entry: &Entry) -> u64 {
    match &entry.kind {
        EntryKind::Dir(_) => 4096,
        EntryKind::Symlink(target) => target.len() as u64,
        EntryKind::Program(_) => entry.size().max(35_664),
        EntryKind::File(_) => entry.size(),
    }
}

fn blocks(entry: &Entry) -> u64 {
    match entry.kind {
        EntryKind::Symlink(_) => 0,
        _ => size(entry).div_ceil(4096) * 4,
    }
}

/// `drwxr-xr-x`.
pub fn mode_text(entry: &Entry) -> String {
    let kind = match entry.kind {
        EntryKind::Dir(_) => 'd',
        EntryKind::Symlink(_) => 'l',
        _ => '-',
    };
    let mode = if kind == 'l' { 0o777 } else { entry.mode };
    let mut text = String::from(kind);
    for shift in [6, 3, 0] {
        let bits = mode >> shift & 7;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(if bits & 1 != 0 { 'x' } else { '-' });
    }
    if mode & 0o1000 != 0 {
        text.pop();
        text.push(if mode & 1 != 0 { 't' } else { 'T' });
    }
    text
}

fn colors(tool: &Tool) -> bool {
    match tool.options.value("color") {
        Some("always" | "yes" | "force") => true,
        Some("never" | "no" | "none") => false,
        _ => tool.options.has("color") && tool.on_terminal(),
    }
}

fn label(tool: &Tool, item: &Item) -> String {
    let name = match tool.on_terminal()
        && !tool.options.has("N")
        && item.name.contains([' ', '\'', '"', '*', '$', '&', ';', '(', ')', '|', '<', '>', '?', '\\'])
    {
        true => format!("'{}'", item.name.replace('\'', "'\\''")),
        false if tool.options.has("Q") => format!("\"{}\"", item.name),
        false => item.name.clone(),
    };
    if !colors(tool) {
        return name;
    }
    let code = match &item.entry.kind {
        EntryKind::Dir(_) => "01;34",
        EntryKind::Symlink(_) => "01;36",
        _ if item.entry.is_executable() => "01;32",
        _ => return name,
    };
    format!("\x1b[{code}m{name}\x1b[0m")
}

fn mark(tool: &Tool, item: &Item) -> &'static str {
    let classify = tool.options.has("F");
    match &item.entry.kind {
        EntryKind::Dir(_) if classify || tool.options.has("p") => "/",
        EntryKind::Symlink(_) if classify && !tool.options.has("l") => "@",
        EntryKind::File(_) | EntryKind::Program(_) if classify && item.entry.is_executable() => "*",
        _ => "",
    }
}

async fn show(tool: &Tool, items: &[Item]) -> Result<(), Quit> {
    let options = &tool.options;
    if options.has("l")
        || options.has("n")
        || options.has("g")
        || options.has("o")
        || options.has("full-time")
    {
        return long(tool, items).await;
    }
    let prefix =
        |item: &Item| if options.has("i") { format!("{} ", inode(&item.path)) } else { String::new() };
    let texts: Vec<(String, usize)> = items
        .iter()
        .map(|i| {
            let plain = prefix(i).width() + i.name.width() + mark(tool, i).len();
            let text = format!("{}{}{}", prefix(i), label(tool, i), mark(tool, i));
            let quotes = if text.contains('\'') && tool.on_terminal() { 2 } else { 0 };
            (text, plain + quotes)
        })
        .collect();
    if options.has("m") {
        let joined: Vec<&str> = texts.iter().map(|(t, _)| t.as_str()).collect();
        return tool.out(format!("{}\n", joined.join(", "))).await;
    }
    let in_columns = match options.last_of(&["1", "C", "x"]) {
        Some("1") => false,
        Some(_) => true,
        None => tool.on_terminal(),
    };
    if !in_columns || texts.is_empty() {
        let out: String = texts.iter().map(|(t, _)| format!("{t}\n")).collect();
        return tool.out(out).await;
    }
    tool.out(columns(&texts, tool.columns())).await
}

/// The fewest rows that fit the width, filled column by column.
fn columns(texts: &[(String, usize)], width: usize) -> String {
    let mut rows = 1;
    let widths = loop {
        let widths: Vec<usize> =
            texts.chunks(rows).map(|c| c.iter().map(|(_, w)| w + 2).max().unwrap_or(0)).collect();
        if widths.iter().sum::<usize>() <= width + 1 || rows >= texts.len() {
            break widths;
        }
        rows += 1;
    };
    let mut out = String::new();
    for row in 0..rows {
        for (column, cell_width) in widths.iter().enumerate() {
            let Some((text, own)) = texts.get(column * rows + row) else { continue };
            out.push_str(text);
            if texts.get((column + 1) * rows + row).is_some() {
                out.push_str(&" ".repeat(cell_width - own));
            }
        }
        out.push('\n');
    }
    out
}

/// A number that stays the same for a path.
pub fn inode(path: &str) -> u64 {
    path.bytes().fold(1_048_576, |hash: u64, b| (hash * 31 + u64::from(b)) % 8_000_000) + 2_000_000
}

fn moment(tool: &Tool, at: SimTime) -> String {
    let zoned = at.timestamp();
    if tool.options.has("full-time") || tool.options.value("time-style") == Some("full-iso") {
        return zoned.strftime("%Y-%m-%d %H:%M:%S.%9f +0000").to_string();
    }
    match tool.options.value("time-style") {
        Some("long-iso") => return zoned.strftime("%Y-%m-%d %H:%M").to_string(),
        Some("iso") => return zoned.strftime("%m-%d %H:%M").to_string(),
        Some(format) if format.starts_with('+') => return zoned.strftime(&format[1..]).to_string(),
        _ => {}
    }
    let now = tool.call.sys.now().secs();
    let recent = at.secs() <= now + 60 && at.secs() + HALF_YEAR_SECS > now;
    zoned.strftime(if recent { "%b %e %H:%M" } else { "%b %e  %Y" }).to_string()
}

async fn long(tool: &Tool, items: &[Item]) -> Result<(), Quit> {
    let options = &tool.options;
    let on_machine = crate::programs::identity::is_machine(&tool.call.sys);
    let rows: Vec<[String; 7]> = items
        .iter()
        .map(|item| {
            let links = match &item.entry.kind {
                // Directories of a container's overlay do not count what is in them.
                EntryKind::Dir(_) if !on_machine => 1,
                EntryKind::Dir(below) => 2 + below.values().filter(|e| e.is_dir()).count(),
                _ => 1,
            };
            let bytes = size(&item.entry);
            let shown = if options.has("h") { human(bytes, 1024.0) } else { bytes.to_string() };
            let arrow = item.target.as_ref().map(|t| format!(" -> {t}")).unwrap_or_default();
            let name = format!("{}{}{arrow}", label(tool, item), mark(tool, item));
            let number = if options.has("i") { format!("{} ", inode(&item.path)) } else { String::new() };
            [
                format!("{number}{}", mode_text(&item.entry)),
                links.to_string(),
                if options.has("g") { String::new() } else { item.entry.owner.to_string() },
                if options.has("o") || options.has("G") {
                    String::new()
                } else {
                    item.entry.group.to_string()
                },
                shown,
                moment(tool, item.entry.mtime),
                name,
            ]
        })
        .collect();
    let width = |column: usize| rows.iter().map(|r| r[column].width()).max().unwrap_or(0);
    let (links, owner, group, bytes) = (width(1), width(2), width(3), width(4));
    let mut out = String::new();
    for [mode, l, o, g, s, time, name] in &rows {
        out.push_str(&format!("{mode} {l:>links$} "));
        if owner > 0 {
            out.push_str(&format!("{o:<owner$} "));
        }
        if group > 0 {
            out.push_str(&format!("{g:<group$} "));
        }
        out.push_str(&format!("{s:>bytes$} {time} {name}\n"));
    }
    tool.out(out).await
}
