//! `grep`, `egrep`, `fgrep`. Must never read a whole input before it answers: it stands behind `logs -f`.

use regex::bytes::Regex;

use super::posix::{Dialect, How, compile};
use crate::image::files::FsError;
use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Quit, Tool, chomp};
use crate::world::{Call, Input};

static SPEC: Spec = Spec::new(
    &[
        "E,extended-regexp",
        "F,fixed-strings",
        "G,basic-regexp",
        "P,perl-regexp",
        "e,regexp=",
        "f,file=",
        "i,ignore-case,y",
        "v,invert-match",
        "w,word-regexp",
        "x,line-regexp",
        "c,count",
        "l,files-with-matches",
        "L,files-without-match",
        "m,max-count=",
        "o,only-matching",
        "q,quiet,silent",
        "s,no-messages",
        "n,line-number",
        "H,with-filename",
        "h,no-filename",
        "A,after-context=",
        "B,before-context=",
        "C,context=",
        "#=",
        "r,recursive",
        "R,dereference-recursive",
        "color,colour=?",
        "a,text",
        "line-buffered",
        "include=",
        "exclude=",
        "exclude-dir=",
        "b,byte-offset",
        "z,null-data",
        "I",
    ],
    "Usage: grep [OPTION]... PATTERNS [FILE]...

Prints the lines of each FILE (or of standard input) that match a pattern.

  -E  extended expressions        -F  fixed strings          -e PATTERN
  -i  ignore case                 -v  lines without a match  -w  whole words   -x  whole lines
  -c  count lines                 -l  names of files with a match              -L  names of those without
  -n  line numbers                -o  only the matching part                   -m NUM  stop after NUM lines
  -q  say nothing, only exit      -s  no complaints about files
  -H / -h  with / without file names
  -r  search directories          --include=GLOB  --exclude=GLOB
  -A NUM  -B NUM  -C NUM  lines after, before, around
  --color[=WHEN]

The status is 0 when a line was found, 1 when none was, 2 after an error.
",
)
.misuse(2);

/// Files that one recursive search opens.
const MAX_FILES: usize = 10_000;

struct Search {
    regexes: Vec<Regex>,
    invert: bool,
    count: bool,
    only: bool,
    quiet: bool,
    names: Option<bool>,
    numbers: bool,
    show_name: bool,
    most: Option<u64>,
    before: usize,
    after: usize,
    color: bool,
}

/// `grep`.
pub async fn grep(call: Call) -> Outcome {
    let tool = Tool::new(call, &SPEC).await?;
    let patterns = patterns(&tool).await?;
    let search = search(&tool, patterns).await?;
    let mut found = false;
    for operand in files(&tool).await {
        match tool.open(&operand) {
            Ok(input) => found |= one(&tool, &search, &operand, &input).await?,
            Err(FsError::IsADirectory) => complain(&tool, &format!("{operand}: Is a directory")).await,
            Err(error) => complain(&tool, &format!("{operand}: {error}")).await,
        }
        if found && search.quiet {
            return Ok(0);
        }
    }
    Ok(if tool.status() > 0 { tool.status() } else { i32::from(!found) })
}

async fn complain(tool: &Tool, text: &str) {
    if tool.options.has("s") {
        tool.set_status(2);
    } else {
        tool.fail_with(2, text).await;
    }
}

/// The patterns, and the operands without them.
async fn patterns(tool: &Tool) -> Result<(Vec<String>, Vec<String>), Quit> {
    let mut operands = tool.options.operands.clone();
    let mut patterns: Vec<String> =
        tool.options.values("e").iter().flat_map(|e| e.split('\n')).map(str::to_owned).collect();
    for file in tool.options.values("f") {
        match tool.call.sys.read_text(&tool.path(file)) {
            Ok(text) => patterns.extend(text.lines().map(str::to_owned)),
            Err(error) => return Err(tool.die_with(2, format!("{file}: {error}")).await),
        }
    }
    if !tool.options.has("e") && !tool.options.has("f") {
        if operands.is_empty() {
            let usage =
                "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n";
            tool.note(usage).await;
            return Err(Quit(2));
        }
        patterns.extend(operands.remove(0).split('\n').map(str::to_owned));
    }
    Ok((patterns, operands))
}

async fn search(tool: &Tool, (patterns, operands): (Vec<String>, Vec<String>)) -> Result<Search, Quit> {
    let options = &tool.options;
    let dialect = match (tool.name.as_str(), options.last_of(&["E", "F", "G", "P"])) {
        (_, Some("F")) | ("fgrep", None) => Dialect::Fixed,
        (_, Some("E" | "P")) | ("egrep", None) => Dialect::Extended,
        _ => Dialect::Basic,
    };
    let how = How {
        ignore_case: options.has("i"),
        word: options.has("w"),
        line: options.has("x"),
        multi_line: false,
    };
    let mut regexes = Vec::new();
    for pattern in &patterns {
        let pattern = if options.has("P") { pattern.replace("\\d", "[0-9]") } else { pattern.clone() };
        match compile(&pattern, dialect, how) {
            Ok(regex) => regexes.push(regex),
            Err(error) => return Err(tool.die_with(2, error).await),
        }
    }
    let number = |key: &str| options.value(key).and_then(|n| n.parse::<usize>().ok());
    for key in ["A", "B", "C"] {
        if let Some(text) = options.value(key)
            && text.parse::<usize>().is_err()
        {
            return Err(tool.die_with(2, format!("{text}: invalid context length argument")).await);
        }
    }
    let around = number("C").or(number("#")).unwrap_or(0);
    let recursive = options.has("r") || options.has("R");
    let show_name = match options.last_of(&["H", "h"]) {
        Some("H") => true,
        Some(_) => false,
        None => recursive || operands.len() > 1,
    };
    let color = match options.value("color") {
        Some("always") => true,
        Some("never") => false,
        _ => options.has("color") && tool.on_terminal(),
    };
    Ok(Search {
        regexes,
        invert: options.has("v"),
        count: options.has("c"),
        only: options.has("o"),
        quiet: options.has("q"),
        names: options.last_of(&["l", "L"]).map(|k| k == "l"),
        numbers: options.has("n"),
        show_name,
        most: options.value("m").and_then(|n| n.parse().ok()),
        before: number("B").unwrap_or(around),
        after: number("A").unwrap_or(around),
        color,
    })
}

/// What is searched: the operands, and with `-r` the files below them.
async fn files(tool: &Tool) -> Vec<String> {
    let options = &tool.options;
    let explicit = options.has("e") || options.has("f");
    let operands: Vec<String> = options.operands.iter().skip(usize::from(!explicit)).cloned().collect();
    let recursive = options.has("r") || options.has("R");
    match (operands.is_empty(), recursive) {
        (true, false) => return vec!["-".to_owned()],
        (_, false) => return operands,
        _ => {}
    }
    let bare = operands.is_empty();
    let roots = if bare { vec![".".to_owned()] } else { operands };
    let mut out = Vec::new();
    for root in roots {
        let mut stack = vec![root];
        while let Some(name) = stack.pop() {
            if out.len() >= MAX_FILES {
                break;
            }
            if tool.call.sys.is_dir(&tool.path(&name)) {
                let mut entries = tool.call.sys.list(&tool.path(&name)).unwrap_or_default();
                entries.retain(|e| !options.values("exclude-dir").contains(&e.as_str()));
                entries.reverse();
                stack.extend(entries.iter().map(|e| format!("{}/{e}", name.trim_end_matches('/'))));
            } else if wanted(options, &name) {
                out.push(if bare { name.trim_start_matches("./").to_owned() } else { name });
            }
        }
    }
    out
}

fn wanted(options: &crate::programs::options::Options, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let include = options.values("include");
    (include.is_empty() || include.iter().any(|g| super::glob::matches(g, name)))
        && !options.values("exclude").iter().any(|g| super::glob::matches(g, name))
}

/// Searches one input; whether a line was found.
async fn one(tool: &Tool, search: &Search, operand: &str, input: &Input) -> Result<bool, Quit> {
    let name = if operand == "-" { "(standard input)" } else { operand };
    let (mut count, mut number) = (0u64, 0u64);
    let mut earlier: std::collections::VecDeque<(u64, Vec<u8>)> = std::collections::VecDeque::new();
    let (mut trailing, mut last_shown) = (0usize, 0u64);
    let contexts = search.before > 0 || search.after > 0;
    while let Some(line) = input.read_line().await {
        number += 1;
        let text = chomp(&line);
        let hit = search.regexes.iter().any(|r| r.is_match(text)) != search.invert;
        if !hit {
            if trailing > 0 && !search.count && search.names.is_none() {
                trailing -= 1;
                last_shown = number;
                show(tool, search, name, number, text, '-').await?;
            } else if search.before > 0 {
                earlier.push_back((number, text.to_vec()));
                if earlier.len() > search.before {
                    earlier.pop_front();
                }
            }
            continue;
        }
        count += 1;
        if search.quiet || search.names.is_some() {
            break;
        }
        if !search.count {
            let first = earlier.front().map_or(number, |(n, _)| *n);
            if contexts && last_shown > 0 && first > last_shown + 1 {
                tool.out("--\n").await?;
            }
            for (n, text) in std::mem::take(&mut earlier) {
                show(tool, search, name, n, &text, '-').await?;
            }
            show(tool, search, name, number, text, ':').await?;
            (last_shown, trailing) = (number, search.after);
        }
        if search.most.is_some_and(|most| count >= most) {
            break;
        }
    }
    if search.quiet {
        return Ok(count > 0);
    }
    if let Some(with) = search.names {
        if with == (count > 0) {
            tool.out(format!("{name}\n")).await?;
        }
        return Ok(with == (count > 0));
    }
    if search.count {
        let prefix = if search.show_name { format!("{name}:") } else { String::new() };
        tool.out(format!("{prefix}{count}\n")).await?;
    }
    Ok(count > 0)
}

async fn show(
    tool: &Tool,
    search: &Search,
    name: &str,
    number: u64,
    text: &[u8],
    mark: char,
) -> Result<(), Quit> {
    let mut head = String::new();
    let paint = |code: &str, text: &str| match search.color {
        true => format!("\x1b[{code}m\x1b[K{text}\x1b[m\x1b[K"),
        false => text.to_owned(),
    };
    if search.show_name {
        head += &paint("35", name);
        head += &paint("36", &mark.to_string());
    }
    if search.numbers {
        head += &paint("32", &number.to_string());
        head += &paint("36", &mark.to_string());
    }
    if search.only && mark == ':' {
        for (from, to) in parts(search, text) {
            let mut line = head.clone().into_bytes();
            line.extend(marked(search, &text[from..to]));
            line.push(b'\n');
            tool.out(line).await?;
        }
        return Ok(());
    }
    let mut line = head.into_bytes();
    if search.color && mark == ':' && !search.invert {
        let mut done = 0;
        for (from, to) in parts(search, text) {
            line.extend_from_slice(&text[done..from]);
            line.extend(marked(search, &text[from..to]));
            done = to;
        }
        line.extend_from_slice(&text[done..]);
    } else {
        line.extend_from_slice(text);
    }
    line.push(b'\n');
    tool.out(line).await
}

fn marked(search: &Search, text: &[u8]) -> Vec<u8> {
    match search.color {
        true => [b"\x1b[01;31m\x1b[K", text, b"\x1b[m\x1b[K"].concat(),
        false => text.to_vec(),
    }
}

/// The matching parts of a line, left to right, empty ones left out.
fn parts(search: &Search, text: &[u8]) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut at = 0;
    while at <= text.len() {
        let found = search
            .regexes
            .iter()
            .filter_map(|r| r.find_at(text, at))
            .min_by_key(|m| (m.start(), usize::MAX - m.end()));
        let Some(found) = found else { break };
        if found.end() > found.start() {
            out.push((found.start(), found.end()));
        }
        at = found.end().max(at + usize::from(found.end() == found.start()));
        if found.end() == found.start() {
            at = at.max(found.end() + 1);
        }
    }
    out
}
