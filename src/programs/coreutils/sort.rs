//! `sort`, `shuf`, and the order of versions. Must never sort more than it may hold.

use std::cmp::Ordering;

use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Quit, Tool};
use crate::world::Call;

static SORT: Spec = Spec::new(
    &["b,ignore-leading-blanks", "c,check=?", "C", "d,dictionary-order", "f,ignore-case", "g,general-numeric-sort", "h,human-numeric-sort", "i", "k,key=", "M,month-sort", "m,merge", "n,numeric-sort", "o,output=", "r,reverse", "R,random-sort", "s,stable", "t,field-separator=", "u,unique", "V,version-sort", "z,zero-terminated", "parallel=", "S,buffer-size=", "T,temporary-directory="],
    "Usage: sort [OPTION]... [FILE]...\n\nSorts the lines of all FILEs.\n\n  -n  by number   -h  by size (1K, 2M)   -V  by version   -M  by month   -f  ignoring case   -r  reversed\n  -k F[.C][OPTS][,F[.C][OPTS]]  by these fields   -t SEP  separated by SEP   -u  equal ones once   -s  stable\n  -c  only check   -o FILE  write there\n",
)
.misuse(2);
static SHUF: Spec = Spec::new(
    &["e,echo", "i,input-range=", "n,head-count=", "r,repeat"],
    "Usage: shuf [OPTION]... [FILE]\n\nShuffles lines.\n\n  -n COUNT   -i LO-HI  numbers   -e  the arguments\n",
);

#[derive(Debug, Clone, Default)]
struct How {
    blanks: bool,
    dictionary: bool,
    fold: bool,
    kind: Kind,
    reverse: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Text,
    Number,
    General,
    Human,
    Version,
    Month,
}

impl How {
    fn set(&mut self, letter: char) -> bool {
        match letter {
            'b' => self.blanks = true,
            'd' => self.dictionary = true,
            'f' => self.fold = true,
            'n' => self.kind = Kind::Number,
            'g' => self.kind = Kind::General,
            'h' => self.kind = Kind::Human,
            'V' => self.kind = Kind::Version,
            'M' => self.kind = Kind::Month,
            'r' => self.reverse = true,
            _ => return false,
        }
        true
    }

    fn is_default(&self) -> bool {
        !self.blanks && !self.dictionary && !self.fold && self.kind == Kind::Text && !self.reverse
    }
}

/// How lines of text follow each other.
type Order = fn(&[u8], &[u8]) -> Ordering;

#[derive(Debug, Clone)]
struct Key {
    from: (usize, usize),
    to: Option<(usize, usize)>,
    how: How,
}

fn key(text: &str) -> Option<Key> {
    let mut how = How::default();
    let mut place = |part: &str| -> Option<(usize, usize)> {
        let digits = part.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(part.len());
        for letter in part[digits..].chars() {
            how.set(letter).then_some(())?;
        }
        let (field, chars) = part[..digits].split_once('.').unwrap_or((&part[..digits], ""));
        Some((field.parse().ok()?, chars.parse().unwrap_or(0)))
    };
    let (from, to) = match text.split_once(',') {
        Some((from, to)) => (place(from)?, Some(place(to)?)),
        None => (place(text)?, None),
    };
    (from.0 > 0).then_some(Key { from, to, how })
}

/// `sort`.
pub async fn sort(call: Call) -> Outcome {
    let tool = Tool::new(call, &SORT).await?;
    let options = &tool.options;
    let mut global = How::default();
    for (flag, _) in options.given() {
        flag.chars().next().filter(|_| flag.len() == 1).map(|c| global.set(c));
    }
    let mut keys = Vec::new();
    for text in options.values("k") {
        match key(text) {
            Some(mut key) => {
                if key.how.is_default() {
                    key.how = global.clone();
                }
                keys.push(key);
            }
            None => {
                let text = if text.starts_with('0') {
                    format!("-: invalid field specification ‘{text}’")
                        .replace("-: ", "field number is zero: ")
                } else {
                    format!("invalid number at field start: invalid count at start of ‘{text}’")
                };
                return Err(tool.die_with(2, text).await);
            }
        }
    }
    if keys.is_empty() {
        keys.push(Key { from: (1, 0), to: None, how: global.clone() });
    }
    let separator = match options.value("t") {
        Some("\\0") => Some(b'\0'),
        Some("\\t") => return Err(tool.die_with(2, "multi-character tab ‘\\\\t’").await),
        Some(text) if text.len() == 1 => Some(text.as_bytes()[0]),
        Some("") => return Err(tool.die_with(2, "empty tab").await),
        Some(text) => return Err(tool.die_with(2, format!("multi-character tab ‘{text}’")).await),
        None => None,
    };
    let text_order: Order = if tool.localized() { language_order } else { byte_order };
    let bytes = read(&tool).await?;
    let end = if options.has("z") { b'\0' } else { b'\n' };
    let bare = |line: &'_ [u8]| line.strip_suffix(&[end]).map_or(line.len(), <[u8]>::len);
    let mut lines: Vec<&[u8]> =
        bytes.split_inclusive(|&b| b == end).map(|line| &line[..bare(line)]).collect();
    let by_keys = |a: &&[u8], b: &&[u8]| {
        for key in &keys {
            let order = compare(&key.how, text_order, field(a, key, separator), field(b, key, separator));
            if order != Ordering::Equal {
                return if key.how.reverse { order.reverse() } else { order };
            }
        }
        Ordering::Equal
    };
    let stable = options.has("s") || options.has("u");
    let full = |a: &&[u8], b: &&[u8]| {
        by_keys(a, b).then_with(|| match stable {
            true => Ordering::Equal,
            false if global.reverse => text_order(b, a),
            false => text_order(a, b),
        })
    };
    if options.has("c") || options.has("C") {
        let wrong = lines.windows(2).position(|w| full(&w[0], &w[1]) == Ordering::Greater);
        if let Some(at) = wrong {
            if options.has("c") {
                let name = tool.inputs()[0].clone();
                tool.note(format!(
                    "sort: {name}:{}: disorder: {}\n",
                    at + 2,
                    String::from_utf8_lossy(lines[at + 1])
                ))
                .await;
            }
            return Ok(1);
        }
        return Ok(0);
    }
    lines.sort_by(full);
    if options.has("u") {
        lines.dedup_by(|b, a| by_keys(a, b) == Ordering::Equal);
    }
    let mut out = Vec::with_capacity(bytes.len() + 1);
    for line in lines {
        out.extend_from_slice(line);
        out.push(end);
    }
    match options.value("o") {
        Some(file) => {
            if let Err(error) = tool.call.sys.write(&tool.path(file), out) {
                return Err(tool.die_with(2, format!("open failed: {file}: {error}")).await);
            }
        }
        None => tool.out(out).await?,
    }
    tool.done()
}

async fn read(tool: &Tool) -> Result<Vec<u8>, Quit> {
    let mut all = Vec::new();
    for operand in tool.inputs() {
        match tool.open(&operand) {
            Ok(input) => {
                all.extend(tool.slurp(&input).await?);
                if all.last().is_some_and(|b| *b != b'\n') {
                    all.push(b'\n');
                }
            }
            Err(crate::image::files::FsError::IsADirectory) => {
                return Err(tool.die_with(2, format!("read failed: {operand}: Is a directory")).await);
            }
            Err(error) => return Err(tool.die_with(2, format!("cannot read: {operand}: {error}")).await),
        }
    }
    Ok(all)
}

/// The part of a line that a key means.
fn field<'a>(line: &'a [u8], key: &Key, separator: Option<u8>) -> &'a [u8] {
    let starts = starts(line, separator);
    let end_of =
        |n: usize| starts.get(n).map_or(line.len(), |s| if separator.is_some() { s - 1 } else { *s });
    let mut from = starts.get(key.from.0 - 1).copied().unwrap_or(line.len());
    if key.how.blanks {
        from += line[from..].iter().take_while(|b| b.is_ascii_whitespace()).count();
    }
    from = (from + key.from.1.saturating_sub(1)).min(line.len());
    let to = match key.to {
        None => line.len(),
        Some((field, 0)) => end_of(field),
        Some((field, chars)) => {
            (starts.get(field.saturating_sub(1)).copied().unwrap_or(line.len()) + chars).min(line.len())
        }
    };
    line.get(from..to.max(from)).unwrap_or_default()
}

/// Where fields begin. Without a separator a field takes its leading blanks with it.
fn starts(line: &[u8], separator: Option<u8>) -> Vec<usize> {
    let mut out = vec![0];
    match separator {
        Some(separator) => {
            out.extend(line.iter().enumerate().filter(|(_, b)| **b == separator).map(|(i, _)| i + 1))
        }
        None => {
            let blank = |at: usize| line[at] == b' ' || line[at] == b'\t';
            out.extend((1..line.len()).filter(|&at| blank(at) && !blank(at - 1)));
        }
    }
    out
}

/// Text as a UTF-8 locale orders it: letters and digits first, case and punctuation where nothing else differs.
fn language_order(a: &[u8], b: &[u8]) -> Ordering {
    let key = |text: &[u8]| -> Vec<char> {
        String::from_utf8_lossy(text)
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    if a.is_ascii()
        && b.is_ascii()
        && !a.iter().chain(b).any(|c| c.is_ascii_uppercase() || !c.is_ascii_alphanumeric())
    {
        return a.cmp(b);
    }
    let swapped = |text: &[u8]| -> Vec<u8> {
        text.iter().map(|c| if c.is_ascii_alphabetic() { c ^ 0x20 } else { *c }).collect()
    };
    key(a).cmp(&key(b)).then_with(|| swapped(a).cmp(&swapped(b)))
}

fn byte_order(a: &[u8], b: &[u8]) -> Ordering {
    a.cmp(b)
}

fn compare(how: &How, text_order: Order, a: &[u8], b: &[u8]) -> Ordering {
    match how.kind {
        Kind::Number => number(a).total_cmp(&number(b)),
        Kind::General => general(a).total_cmp(&general(b)),
        Kind::Human => human(a).total_cmp(&human(b)),
        Kind::Version => version_order(a, b),
        Kind::Month => month(a).cmp(&month(b)),
        Kind::Text => {
            let clean = |text: &[u8]| -> Vec<u8> {
                let skip =
                    if how.blanks { text.iter().take_while(|b| b.is_ascii_whitespace()).count() } else { 0 };
                let kept = text[skip..]
                    .iter()
                    .filter(|b| !how.dictionary || b.is_ascii_alphanumeric() || **b == b' ');
                kept.map(|b| if how.fold { b.to_ascii_uppercase() } else { *b }).collect()
            };
            if how.blanks || how.dictionary || how.fold {
                text_order(&clean(a), &clean(b))
            } else {
                text_order(a, b)
            }
        }
    }
}

fn number(text: &[u8]) -> f64 {
    let text = String::from_utf8_lossy(text);
    let text = text.trim_start();
    let end = text
        .char_indices()
        .find(|(i, c)| !(c.is_ascii_digit() || *c == '.' || (*i == 0 && *c == '-')))
        .map_or(text.len(), |(i, _)| i);
    text[..end].parse().unwrap_or(0.0)
}

fn general(text: &[u8]) -> f64 {
    String::from_utf8_lossy(text).trim().parse().unwrap_or(f64::NEG_INFINITY)
}

fn human(text: &[u8]) -> f64 {
    let value = number(text);
    let text = String::from_utf8_lossy(text);
    let unit = text
        .trim_start()
        .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-')
        .chars()
        .next();
    let power = unit.and_then(|u| "KMGTPE".find(u.to_ascii_uppercase())).map_or(0, |i| i + 1);
    value * 1024f64.powi(power as i32)
}

fn month(text: &[u8]) -> usize {
    let text = String::from_utf8_lossy(text).trim_start().to_uppercase();
    let months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    months.iter().position(|m| text.starts_with(m)).map_or(0, |i| i + 1)
}

/// The order of version numbers: runs of digits compare as numbers.
pub fn version_order(mut a: &[u8], mut b: &[u8]) -> Ordering {
    loop {
        let text = |s: &[u8]| s.iter().take_while(|c| !c.is_ascii_digit()).count();
        let (ta, tb) = (text(a), text(b));
        let order = a[..ta].cmp(&b[..tb]);
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (&a[ta..], &b[tb..]);
        let digits = |s: &[u8]| s.iter().take_while(|c| c.is_ascii_digit()).count();
        let (da, db) = (digits(a), digits(b));
        let value = |s: &[u8]| -> Vec<u8> { s.iter().skip_while(|c| **c == b'0').copied().collect() };
        let (va, vb) = (value(&a[..da]), value(&b[..db]));
        let order = va.len().cmp(&vb.len()).then_with(|| va.cmp(&vb));
        if order != Ordering::Equal {
            return order;
        }
        if da == 0 && db == 0 {
            return a.len().cmp(&b.len());
        }
        (a, b) = (&a[da..], &b[db..]);
    }
}

/// `shuf`.
pub async fn shuf(call: Call) -> Outcome {
    let tool = Tool::new(call, &SHUF).await?;
    let mut lines: Vec<String> = if let Some(range) = tool.options.value("i") {
        let parsed =
            range.split_once('-').and_then(|(a, b)| Some((a.parse::<u64>().ok()?, b.parse::<u64>().ok()?)));
        match parsed {
            Some((low, high)) if low <= high && high - low < 1_000_000 => {
                (low..=high).map(|n| n.to_string()).collect()
            }
            _ => return Err(tool.die(format!("invalid input range: ‘{range}’")).await),
        }
    } else if tool.options.has("e") {
        tool.options.operands.clone()
    } else {
        let bytes = tool.read_all().await?;
        String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect()
    };
    let sys = &tool.call.sys;
    let mut rng = sys.stream(&format!("shuf/{}", sys.me.0));
    for index in (1..lines.len()).rev() {
        lines.swap(index, rng.below(index as u64 + 1) as usize);
    }
    let most = tool.options.value("n").and_then(|n| n.parse().ok()).unwrap_or(usize::MAX);
    for line in lines.iter().take(most) {
        tool.out(format!("{line}\n")).await?;
    }
    tool.done()
}
