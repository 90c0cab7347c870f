//! Filters that look at one line at a time: `wc`, `cut`, `tr`, `tee`, and `seq`. Must never keep more than a line or two.

use unicode_width::UnicodeWidthChar;

use super::lines::each_line;
use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Tool, chomp};
use crate::world::{Call, Input, Output};

static WC: Spec = Spec::new(
    &["c,bytes", "m,chars", "l,lines", "L,max-line-length", "w,words"],
    "Usage: wc [OPTION]... [FILE]...\n\nCounts lines, words and bytes.\n\n  -l  lines   -w  words   -c  bytes   -m  characters   -L  the widest line\n",
);
static CUT: Spec = Spec::new(
    &[
        "b,bytes=",
        "c,characters=",
        "d,delimiter=",
        "f,fields=",
        "s,only-delimited",
        "complement",
        "output-delimiter=",
        "n",
    ],
    "Usage: cut OPTION... [FILE]...\n\nPrints parts of each line.\n\n  -f LIST  these fields   -d DELIM  separated by DELIM instead of a tab   -s  only lines that have it\n  -c LIST  these characters   -b LIST  these bytes\nLIST is made of N, N-, N-M and -M with commas.\n",
);
static TR: Spec = Spec::new(
    &["c,C,complement", "d,delete", "s,squeeze-repeats", "t,truncate-set1"],
    "Usage: tr [OPTION]... SET1 [SET2]\n\nTranslates, squeezes or deletes characters of standard input.\n\n  -d  delete SET1   -s  squeeze repeats   -c  all but SET1\n",
);
static TEE: Spec = Spec::new(
    &["a,append", "i,ignore-interrupts", "p"],
    "Usage: tee [OPTION]... [FILE]...\n\nCopies standard input to the FILEs and to standard output.\n\n  -a  append\n",
);
static SEQ: Spec = Spec::new(
    &["f,format=", "s,separator=", "w,equal-width"],
    "Usage: seq [OPTION]... [FIRST [INCREMENT]] LAST\n\nPrints numbers from FIRST to LAST.\n\n  -s STRING  between them   -w  equally wide   -f FORMAT\n",
);

#[derive(Default, Clone, Copy)]
struct Counts {
    lines: u64,
    words: u64,
    chars: u64,
    bytes: u64,
    widest: u64,
}

/// `wc`.
pub async fn wc(call: Call) -> Outcome {
    let tool = Tool::new(call, &WC).await?;
    let inputs = tool.inputs();
    let (mut rows, mut total) = (Vec::new(), Counts::default());
    // Sizes of files are known beforehand; of everything else, columns are wide.
    let mut regular = true;
    for operand in &inputs {
        match tool.open(operand) {
            Ok(input) => {
                regular &= matches!(input, Input::Bytes(..));
                let counts = count(&input).await;
                total.lines += counts.lines;
                total.words += counts.words;
                total.chars += counts.chars;
                total.bytes += counts.bytes;
                total.widest = total.widest.max(counts.widest);
                rows.push((counts, operand.clone()));
            }
            Err(crate::image::files::FsError::IsADirectory) => {
                tool.complain(format!("{operand}: Is a directory")).await;
                regular = false;
                rows.push((Counts::default(), operand.clone()));
            }
            Err(error) => tool.complain(format!("{operand}: {error}")).await,
        }
    }
    if inputs.len() > 1 {
        rows.push((total, "total".to_owned()));
    }
    let chosen: Vec<&str> = ["l", "w", "m", "c", "L"].into_iter().filter(|k| tool.options.has(k)).collect();
    let chosen = if chosen.is_empty() { vec!["l", "w", "c"] } else { chosen };
    let single = inputs.len() == 1 && chosen.len() == 1;
    let from_stdin = tool.options.operands.is_empty();
    let digits = total.bytes.max(total.lines).to_string().len();
    let width = match (single || tool.busybox, regular) {
        (true, _) => 1,
        (false, true) => digits,
        (false, false) => digits.max(7),
    };
    for (counts, name) in rows {
        let cell = |key: &&str| {
            let n = match *key {
                "l" => counts.lines,
                "w" => counts.words,
                "m" => counts.chars,
                "L" => counts.widest,
                _ => counts.bytes,
            };
            if tool.busybox && !single { format!("{n:9}") } else { format!("{n:width$}") }
        };
        let mut line = chosen.iter().map(cell).collect::<Vec<_>>().join(" ");
        if name != "-" || !from_stdin {
            line += &format!(" {name}");
        }
        tool.out(format!("{line}\n")).await?;
    }
    tool.done()
}

async fn count(input: &Input) -> Counts {
    let mut counts = Counts::default();
    let mut in_word = false;
    while let Some(line) = input.read_line().await {
        counts.bytes += line.len() as u64;
        counts.lines += u64::from(line.ends_with(b"\n"));
        let text = String::from_utf8_lossy(&line);
        counts.chars += text.chars().count() as u64;
        let width: usize = text.chars().filter_map(UnicodeWidthChar::width).sum();
        counts.widest = counts.widest.max(width as u64);
        for c in text.chars() {
            if c.is_whitespace() {
                in_word = false;
            } else if !in_word {
                in_word = true;
                counts.words += 1;
            }
        }
        if line.ends_with(b"\n") {
            in_word = false;
        }
    }
    counts
}

/// `N`, `N-`, `N-M`, `-M` with commas, as 1-based inclusive ranges.
fn ranges(list: &str) -> Option<Vec<(usize, usize)>> {
    list.split(',')
        .map(|piece| {
            let (low, high) = match piece.split_once('-') {
                Some(("", "")) => return None,
                Some((low, high)) => {
                    let low = if low.is_empty() { 1 } else { low.parse().ok()? };
                    (low, if high.is_empty() { usize::MAX } else { high.parse().ok()? })
                }
                None => {
                    let n = piece.parse().ok()?;
                    (n, n)
                }
            };
            (low > 0 && low <= high).then_some((low, high))
        })
        .collect()
}

/// `cut`.
pub async fn cut(call: Call) -> Outcome {
    let tool = Tool::new(call, &CUT).await?;
    let options = &tool.options;
    if ["b", "c", "f"].into_iter().filter(|kind| options.has(kind)).count() > 1 {
        return Err(tool.misuse("only one list may be specified").await);
    }
    let Some(kind) = options.last_of(&["b", "c", "f"]) else {
        return Err(tool.misuse("you must specify a list of bytes, characters, or fields").await);
    };
    let delimiter = options.value("d").unwrap_or("\t").to_owned();
    if delimiter.chars().count() > 1 {
        return Err(tool.misuse("the delimiter must be a single character").await);
    }
    if kind != "f" && options.has("d") {
        return Err(tool.misuse("an input delimiter may be specified only when operating on fields").await);
    }
    let list = options.value(kind).unwrap_or_default();
    let Some(ranges) = ranges(list) else {
        let what = if kind == "f" {
            "fields are numbered from 1"
        } else {
            "byte/character positions are numbered from 1"
        };
        let text = match list.split([',', '-']).find(|p| !p.is_empty() && p.parse::<usize>().is_err()) {
            Some(bad) if kind == "f" => format!("invalid field value ‘{bad}’"),
            Some(bad) => format!("invalid byte/character position ‘{bad}’"),
            None if list.contains("0") => what.to_owned(),
            None => "invalid decreasing range".to_owned(),
        };
        return Err(tool.misuse(&text).await);
    };
    let (complement, only) = (options.has("complement"), options.has("s"));
    let joiner = options.value("output-delimiter").map_or_else(|| delimiter.clone(), str::to_owned);
    let kind = kind.to_owned();
    each_line(&tool, |line| {
        let text = chomp(line);
        let wanted = |n: usize| ranges.iter().any(|(low, high)| (*low..=*high).contains(&n)) != complement;
        let mut out = match kind.as_str() {
            "f" => {
                let text = String::from_utf8_lossy(text);
                if !text.contains(&delimiter) {
                    if only {
                        return Vec::new();
                    }
                    text.into_owned().into_bytes()
                } else {
                    let fields =
                        text.split(&delimiter).enumerate().filter(|(i, _)| wanted(i + 1)).map(|(_, f)| f);
                    fields.collect::<Vec<_>>().join(&joiner).into_bytes()
                }
            }
            _ => text.iter().enumerate().filter(|(i, _)| wanted(i + 1)).map(|(_, b)| *b).collect(),
        };
        out.push(b'\n');
        out
    })
    .await?;
    tool.done()
}

/// The characters of a `tr` set: ranges, classes, escapes, `[x*n]`.
fn set(text: &str) -> Result<Vec<char>, String> {
    let bytes: Vec<char> = text.chars().collect();
    let mut plain: Vec<(char, bool)> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest: String = bytes[at..].iter().collect();
        if let Some((name, _)) = rest.strip_prefix("[:").and_then(|r| r.split_once(":]")) {
            let all = (0u8..128).map(char::from);
            let class: Vec<char> = match name {
                "alpha" => all.filter(char::is_ascii_alphabetic).collect(),
                "digit" => all.filter(char::is_ascii_digit).collect(),
                "alnum" => all.filter(char::is_ascii_alphanumeric).collect(),
                "upper" => all.filter(char::is_ascii_uppercase).collect(),
                "lower" => all.filter(char::is_ascii_lowercase).collect(),
                "space" => "\t\n\x0b\x0c\r ".chars().collect(),
                "blank" => "\t ".chars().collect(),
                "punct" => all.filter(char::is_ascii_punctuation).collect(),
                "cntrl" => all.filter(char::is_ascii_control).collect(),
                "xdigit" => all.filter(char::is_ascii_hexdigit).collect(),
                "print" => all.filter(|c| (' '..='~').contains(c)).collect(),
                "graph" => all.filter(|c| ('!'..='~').contains(c)).collect(),
                other => return Err(format!("invalid character class ‘{other}’")),
            };
            plain.extend(class.into_iter().map(|c| (c, true)));
            at += name.chars().count() + 4;
            continue;
        }
        if bytes[at] == '\\' && at + 1 < bytes.len() {
            let escape: String = bytes[at..(at + 4).min(bytes.len())].iter().collect();
            let octal = escape[1..].chars().take_while(|c| ('0'..='7').contains(c)).count();
            let (c, used) = match bytes[at + 1] {
                'n' => ('\n', 2),
                't' => ('\t', 2),
                'r' => ('\r', 2),
                'a' => ('\x07', 2),
                'b' => ('\x08', 2),
                'f' => ('\x0c', 2),
                'v' => ('\x0b', 2),
                _ if octal > 0 => (
                    u32::from_str_radix(&escape[1..=octal], 8).ok().and_then(char::from_u32).unwrap_or('\0'),
                    octal + 1,
                ),
                other => (other, 2),
            };
            plain.push((c, true));
            at += used;
            continue;
        }
        plain.push((bytes[at], false));
        at += 1;
    }
    let mut out = Vec::new();
    let mut index = 0;
    while index < plain.len() {
        if index + 2 < plain.len() && plain[index + 1] == ('-', false) {
            let (low, high) = (plain[index].0, plain[index + 2].0);
            if low > high {
                return Err(format!(
                    "range-endpoints of '{low}-{high}' are in reverse collating sequence order"
                ));
            }
            out.extend(low..=high);
            index += 3;
        } else {
            out.push(plain[index].0);
            index += 1;
        }
    }
    Ok(out)
}

/// `tr`.
pub async fn tr(call: Call) -> Outcome {
    let tool = Tool::new(call, &TR).await?;
    let (delete, squeeze, complement) = (tool.options.has("d"), tool.options.has("s"), tool.options.has("c"));
    let operands = tool.options.operands.clone();
    let Some(first) = operands.first() else { return Err(tool.misuse("missing operand").await) };
    if operands.len() == 1 && !delete && !squeeze {
        return Err(tool
            .misuse(&format!("missing operand after ‘{first}’\nTwo strings must be given when translating."))
            .await);
    }
    if let Some(extra) = operands.get(if delete && !squeeze { 1 } else { 2 }) {
        return Err(tool.misuse(&format!("extra operand ‘{extra}’")).await);
    }
    let (from, to) = match (set(first), operands.get(1).map(|t| set(t)).transpose()) {
        (Ok(mut from), Ok(to)) => {
            if tool.options.has("t") {
                from.truncate(to.as_ref().map_or(usize::MAX, Vec::len));
            }
            (from, to)
        }
        (Err(error), _) | (_, Err(error)) => return Err(tool.die(error).await),
    };
    let member = |c: char| from.contains(&c) != complement;
    let squeezed = |c: char| match &to {
        Some(to) if !delete || squeeze => to.contains(&c),
        _ => member(c),
    };
    let mut last = None;
    while let Some(line) = tool.call.io.stdin.read_line().await {
        let text = String::from_utf8_lossy(&line).into_owned();
        let mut out = String::new();
        for c in text.chars() {
            let mapped = match (&to, delete) {
                (_, true) if member(c) => continue,
                (Some(to), false) if member(c) => {
                    let index =
                        if complement { usize::MAX } else { from.iter().rposition(|f| *f == c).unwrap_or(0) };
                    to.get(index).or(to.last()).copied().unwrap_or(c)
                }
                _ => c,
            };
            if squeeze && last == Some(mapped) && squeezed(mapped) {
                continue;
            }
            last = Some(mapped);
            out.push(mapped);
        }
        tool.out(out).await?;
    }
    Ok(0)
}

/// `tee`.
pub async fn tee(call: Call) -> Outcome {
    let tool = Tool::new(call, &TEE).await?;
    let mut outputs: Vec<(String, Output)> = Vec::new();
    for name in &tool.options.operands {
        match tool.call.sys.open_output(&tool.path(name), tool.options.has("a")) {
            Ok(output) => outputs.push((name.clone(), output)),
            Err(error) => tool.complain(format!("{name}: {error}")).await,
        }
    }
    loop {
        let bytes = tool.call.io.stdin.read_some(65536).await;
        if bytes.is_empty() {
            return tool.done();
        }
        for (name, output) in &outputs {
            if let Err(error) = output.write(&bytes).await {
                tool.complain(format!("{name}: {error}")).await;
            }
        }
        tool.out(bytes).await?;
    }
}

/// `seq`.
pub async fn seq(call: Call) -> Outcome {
    // Negative numbers are operands, not options.
    let split = call.argv.iter().skip(1).position(|a| {
        a.len() > 1 && a.starts_with('-') && a[1..].starts_with(|c: char| c.is_ascii_digit() || c == '.')
    });
    let mut argv = call.argv.clone();
    if let Some(at) = split {
        argv.insert(at + 1, "--".to_owned());
    }
    let tool = Tool::new(Call { argv, ..call }, &SEQ).await?;
    let mut numbers = Vec::new();
    for text in &tool.options.operands {
        match text.parse::<f64>() {
            Ok(n) if n.is_finite() => numbers.push(n),
            _ => return Err(tool.misuse(&format!("invalid floating point argument: ‘{text}’")).await),
        }
    }
    let (first, step, last) = match numbers.as_slice() {
        [last] => (1.0, 1.0, *last),
        [first, last] => (*first, 1.0, *last),
        [first, step, last] => (*first, *step, *last),
        [] => return Err(tool.misuse("missing operand").await),
        _ => return Err(tool.misuse(&format!("extra operand ‘{}’", tool.options.operands[3])).await),
    };
    if step == 0.0 {
        return Err(tool
            .misuse(&format!("invalid Zero increment value: ‘{}’", tool.options.operands[1]))
            .await);
    }
    let decimals = tool
        .options
        .operands
        .iter()
        .map(|t| t.split_once('.').map_or(0, |(_, d)| d.len()))
        .max()
        .unwrap_or(0);
    let separator = tool.options.value("s").unwrap_or("\n").to_owned();
    let width = if tool.options.has("w") {
        [first, last].iter().map(|n| format!("{n:.decimals$}").len()).max().unwrap_or(0)
    } else {
        0
    };
    let mut index = 0u64;
    loop {
        let value = first + step * index as f64;
        if (step > 0.0 && value > last + 1e-9) || (step < 0.0 && value < last - 1e-9) {
            break;
        }
        let text = match tool.options.value("f") {
            Some(format) if format.contains('%') => {
                let (before, rest) = format.split_once('%').unwrap_or((format, ""));
                let end = rest.find(['f', 'g', 'e']).unwrap_or(0);
                let spec = &rest[..end];
                let (w, p) = spec.split_once('.').map_or((spec, None), |(w, p)| (w, p.parse().ok()));
                let text = super::numbers::float(value, rest[end..].chars().next().unwrap_or('g'), p);
                let text = if w.starts_with('0') {
                    format!("{text:0>w$}", w = w.parse().unwrap_or(0))
                } else {
                    format!("{text:>w$}", w = w.parse().unwrap_or(0))
                };
                format!("{before}{text}{}", rest.get(end + 1..).unwrap_or_default())
            }
            _ => format!("{value:0width$.decimals$}"),
        };
        let lead = if index == 0 { "" } else { separator.as_str() };
        tool.out(format!("{lead}{text}")).await?;
        index += 1;
    }
    if index > 0 {
        tool.out("\n").await?;
    }
    Ok(0)
}
