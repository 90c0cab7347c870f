//! `diff` and `cmp`. Must never hold files larger than its limit of lines.

use crate::image::files::FsError;
use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Quit, Tool};
use crate::world::Call;

/// Lines of one side that are compared exactly; longer files are cut to blocks.
const MAX_LINES: usize = 20_000;
/// Cells of the table of common lines.
const MAX_CELLS: usize = 16_000_000;

static DIFF: Spec = Spec::new(
    &["u", "U,unified=", "c", "q,brief", "s,report-identical-files", "r,recursive", "i,ignore-case", "w,ignore-all-space", "b,ignore-space-change", "B,ignore-blank-lines", "N,new-file", "y,side-by-side", "color=?", "a,text", "label=", "L=", "x,exclude=", "normal", "strip-trailing-cr", "p"],
    "Usage: diff [OPTION]... FILES\n\nCompares two files line by line.\n\n  -u  with lines around, as patches   -U NUM  so many   -q  only whether they differ   -r  directories\n  -i  ignore case   -w  ignore blanks   -B  ignore empty lines   -N  missing files are empty   -s  say when equal\n",
)
.misuse(2);
static CMP: Spec = Spec::new(
    &["s,quiet,silent", "l,verbose", "b,print-bytes", "n,bytes="],
    "Usage: cmp [OPTION]... FILE1 [FILE2]\n\nCompares two files byte by byte.\n\n  -s  only the status\n",
)
.misuse(2);

/// One step of an edit script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    Keep(usize, usize),
    Delete(usize),
    Insert(usize),
}

/// How to make `b` of `a`: the longest common subsequence between what is equal at both ends.
pub fn edits(a: &[String], b: &[String]) -> Vec<Edit> {
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail = a[same..].iter().rev().zip(b[same..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (left, right) = (&a[same..a.len() - tail], &b[same..b.len() - tail]);
    let mut out: Vec<Edit> = (0..same).map(|i| Edit::Keep(i, i)).collect();
    out.extend(middle(left, right).into_iter().map(|edit| match edit {
        Edit::Keep(i, j) => Edit::Keep(i + same, j + same),
        Edit::Delete(i) => Edit::Delete(i + same),
        Edit::Insert(j) => Edit::Insert(j + same),
    }));
    out.extend((0..tail).map(|k| Edit::Keep(a.len() - tail + k, b.len() - tail + k)));
    out
}

fn middle(a: &[String], b: &[String]) -> Vec<Edit> {
    let (n, m) = (a.len(), b.len());
    if n * m > MAX_CELLS {
        return (0..n).map(Edit::Delete).chain((0..m).map(Edit::Insert)).collect();
    }
    let mut table = vec![0u32; (n + 1) * (m + 1)];
    let at = |i: usize, j: usize| i * (m + 1) + j;
    for i in (0..n).rev() {
        for j in (0..m).rev() {
            table[at(i, j)] = match a[i] == b[j] {
                true => table[at(i + 1, j + 1)] + 1,
                false => table[at(i + 1, j)].max(table[at(i, j + 1)]),
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut out = Vec::new();
    while i < n || j < m {
        if i < n && j < m && a[i] == b[j] {
            out.push(Edit::Keep(i, j));
            (i, j) = (i + 1, j + 1);
        } else if i < n && (j == m || table[at(i + 1, j)] >= table[at(i, j + 1)]) {
            out.push(Edit::Delete(i));
            i += 1;
        } else {
            out.push(Edit::Insert(j));
            j += 1;
        }
    }
    out
}

/// Unified hunks with `context` lines around. Lines come without newlines; the flags say whether the last one lacks it.
pub fn unified(a: &[String], b: &[String], context: usize, no_newline: (bool, bool)) -> String {
    let script = edits(a, b);
    let changes: Vec<usize> = (0..script.len()).filter(|&i| !matches!(script[i], Edit::Keep(..))).collect();
    let mut out = String::new();
    let mut index = 0;
    while index < changes.len() {
        let start = changes[index].saturating_sub(context);
        let mut end = changes[index];
        while index < changes.len() && changes[index] <= end + 2 * context + 1 {
            end = changes[index];
            index += 1;
        }
        let stop = (end + context + 1).min(script.len());
        let part = &script[start..stop];
        let before = |edit: &Edit| matches!(edit, Edit::Keep(..) | Edit::Delete(_));
        let after = |edit: &Edit| matches!(edit, Edit::Keep(..) | Edit::Insert(_));
        let (mut from, mut to) = (0, 0);
        for edit in &script[..start] {
            from += usize::from(before(edit));
            to += usize::from(after(edit));
        }
        let (olds, news) =
            (part.iter().filter(|e| before(e)).count(), part.iter().filter(|e| after(e)).count());
        let range = |from: usize, count: usize| match count {
            1 => (from + 1).to_string(),
            0 => format!("{from},0"),
            count => format!("{},{count}", from + 1),
        };
        out += &format!("@@ -{} +{} @@\n", range(from, olds), range(to, news));
        for edit in part {
            let (mark, line, last) = match edit {
                Edit::Keep(i, _) => (' ', &a[*i], no_newline.0 && *i + 1 == a.len()),
                Edit::Delete(i) => ('-', &a[*i], no_newline.0 && *i + 1 == a.len()),
                Edit::Insert(j) => ('+', &b[*j], no_newline.1 && *j + 1 == b.len()),
            };
            out += &format!("{mark}{line}\n");
            if last {
                out += "\\ No newline at end of file\n";
            }
        }
    }
    out
}

/// Hunks as `diff` prints them without options.
fn normal(a: &[String], b: &[String], no_newline: (bool, bool)) -> String {
    let mut out = String::new();
    let script = edits(a, b);
    let mut at = 0;
    let (mut i, mut j) = (0, 0);
    while at < script.len() {
        if let Edit::Keep(..) = script[at] {
            (i, j, at) = (i + 1, j + 1, at + 1);
            continue;
        }
        let (first, second) = (i, j);
        while at < script.len() {
            match script[at] {
                Edit::Keep(..) => break,
                Edit::Delete(_) => i += 1,
                Edit::Insert(_) => j += 1,
            }
            at += 1;
        }
        let range = |from: usize, to: usize| {
            if to - from == 1 { to.to_string() } else { format!("{},{to}", from + 1) }
        };
        out += &match (i > first, j > second) {
            (true, true) => format!("{}c{}\n", range(first, i), range(second, j)),
            (true, false) => format!("{}d{second}\n", range(first, i)),
            _ => format!("{first}a{}\n", range(second, j)),
        };
        for (k, line) in a.iter().enumerate().take(i).skip(first) {
            out += &format!("< {line}\n");
            if no_newline.0 && k + 1 == a.len() {
                out += "\\ No newline at end of file\n";
            }
        }
        if i > first && j > second {
            out += "---\n";
        }
        for (k, line) in b.iter().enumerate().take(j).skip(second) {
            out += &format!("> {line}\n");
            if no_newline.1 && k + 1 == b.len() {
                out += "\\ No newline at end of file\n";
            }
        }
    }
    out
}

/// `diff`.
pub async fn diff(call: Call) -> Outcome {
    let tool = Tool::new(call, &DIFF).await?;
    let operands = tool.options.operands.clone();
    let [a, b] = operands.as_slice() else {
        let text = match operands.len() {
            0 => "missing operand after ‘diff’".to_owned(),
            1 => format!("missing operand after ‘{}’", operands[0]),
            _ => format!("extra operand ‘{}’", operands[2]),
        };
        return Err(tool.misuse(&text).await);
    };
    let sys = &tool.call.sys;
    match (sys.is_dir(&tool.path(a)), sys.is_dir(&tool.path(b))) {
        (true, true) => directories(&tool, a.clone(), b.clone()).await,
        (true, false) => {
            let name = b.rsplit('/').next().unwrap_or(b);
            files(&tool, &format!("{a}/{name}"), b).await
        }
        (false, true) => {
            let name = a.rsplit('/').next().unwrap_or(a);
            files(&tool, a, &format!("{b}/{name}")).await
        }
        _ => files(&tool, a, b).await,
    }
}

async fn directories(tool: &Tool, a: String, b: String) -> Outcome {
    let mut stack = vec![(a, b)];
    let mut status = 0;
    while let Some((a, b)) = stack.pop() {
        let list = |dir: &str| tool.call.sys.list(&tool.path(dir)).unwrap_or_default();
        let (left, right) = (list(&a), list(&b));
        let mut names: Vec<String> = left.iter().chain(&right).cloned().collect();
        names.sort();
        names.dedup();
        names.retain(|n| !tool.options.values("x").iter().any(|g| super::glob::matches(g, n)));
        for name in names {
            let (x, y) = (
                format!("{}/{name}", a.trim_end_matches('/')),
                format!("{}/{name}", b.trim_end_matches('/')),
            );
            let is_dir = |p: &str| tool.call.sys.is_dir(&tool.path(p));
            match (left.contains(&name), right.contains(&name)) {
                (true, true) if is_dir(&x) && is_dir(&y) && tool.options.has("r") => stack.push((x, y)),
                (true, true) if is_dir(&x) && is_dir(&y) => {
                    tool.out(format!("Common subdirectories: {x} and {y}\n")).await?
                }
                (true, true) => {
                    status = status.max(if tool.options.has("q") {
                        files(tool, &x, &y).await?
                    } else {
                        headed(tool, &x, &y).await?
                    });
                }
                (here, _) if !tool.options.has("N") => {
                    tool.out(format!("Only in {}: {name}\n", if here { &a } else { &b })).await?;
                    status = 1;
                }
                _ => status = status.max(headed(tool, &x, &y).await?),
            }
        }
    }
    Ok(status)
}

async fn headed(tool: &Tool, a: &str, b: &str) -> Outcome {
    let read = |p: &str| tool.call.sys.read(&tool.path(p)).map(|x| x.to_vec()).unwrap_or_default();
    if read(a) != read(b) {
        let flags: String =
            tool.call.args().iter().filter(|x| x.starts_with('-')).map(|x| format!(" {x}")).collect();
        tool.out(format!("diff{flags} {a} {b}\n")).await?;
    }
    files(tool, a, b).await
}

async fn read(tool: &Tool, name: &str) -> Result<Vec<u8>, Quit> {
    match tool.open(name) {
        Ok(input) => tool.slurp(&input).await,
        Err(FsError::NotFound) if tool.options.has("N") => Ok(Vec::new()),
        Err(error) => Err(tool.die_with(2, format!("{name}: {error}")).await),
    }
}

fn lines(tool: &Tool, bytes: &[u8]) -> (Vec<String>, Vec<String>, bool) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let shown: Vec<String> = text.lines().take(MAX_LINES).map(str::to_owned).collect();
    let key = |line: &String| {
        let mut line = line.clone();
        if tool.options.has("i") {
            line = line.to_lowercase();
        }
        if tool.options.has("w") {
            line.retain(|c| !c.is_whitespace());
        } else if tool.options.has("b") {
            line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        line
    };
    let keys = shown.iter().map(key).collect();
    (shown, keys, !bytes.is_empty() && !bytes.ends_with(b"\n"))
}

async fn files(tool: &Tool, a: &str, b: &str) -> Outcome {
    let (left, right) = (read(tool, a).await?, read(tool, b).await?);
    let options = &tool.options;
    let (_, mut x, no_x) = lines(tool, &left);
    let (_, mut y, no_y) = lines(tool, &right);
    if options.has("B") {
        x.retain(|l| !l.trim().is_empty());
        y.retain(|l| !l.trim().is_empty());
    }
    let equal = x == y && (no_x == no_y || options.has("w") || options.has("b"));
    if equal {
        if options.has("s") {
            tool.out(format!("Files {a} and {b} are identical\n")).await?;
        }
        return Ok(0);
    }
    if options.has("q") {
        tool.out(format!("Files {a} and {b} differ\n")).await?;
        return Ok(1);
    }
    if left.contains(&0) || right.contains(&0) {
        tool.out(format!("Binary files {a} and {b} differ\n")).await?;
        return Ok(2);
    }
    // A missing newline at the end makes the last lines differ.
    if no_x != no_y && !x.is_empty() && x.last() == y.last() {
        let side = if no_x { x.last_mut() } else { y.last_mut() };
        if let Some(last) = side {
            last.push('\u{0}');
        }
    }
    let mut text = String::new();
    if options.has("u") || options.has("U") {
        let context = options.value("U").and_then(|n| n.parse().ok()).unwrap_or(3);
        let stamp = |name: &str| {
            let at = tool.call.sys.stat(&tool.path(name)).map_or(tool.call.sys.now(), |e| e.mtime);
            at.timestamp().strftime("%Y-%m-%d %H:%M:%S.%9f +0000").to_string()
        };
        let labels = options.values("label");
        let title = |index: usize, name: &str| {
            labels.get(index).map_or_else(|| format!("{name}\t{}", stamp(name)), |l| (*l).to_owned())
        };
        text += &format!("--- {}\n+++ {}\n", title(0, a), title(1, b));
        text += &unified(&x, &y, context, (no_x, no_y));
    } else {
        text += &normal(&x, &y, (no_x, no_y));
    }
    tool.out(text.replace('\u{0}', "")).await?;
    Ok(1)
}

/// `cmp`.
pub async fn cmp(call: Call) -> Outcome {
    let tool = Tool::new(call, &CMP).await?;
    let operands = tool.options.operands.clone();
    let Some(a) = operands.first() else { return Err(tool.misuse("missing operand after 'cmp'").await) };
    let b = operands.get(1).map_or("-", String::as_str);
    let (left, right) = (read(&tool, a).await?, read(&tool, b).await?);
    let quiet = tool.options.has("s");
    let place = left.iter().zip(&right).position(|(x, y)| x != y);
    if let Some(at) = place {
        if !quiet {
            let line = left[..at].iter().filter(|x| **x == b'\n').count() + 1;
            tool.out(format!("{a} {b} differ: byte {}, line {line}\n", at + 1)).await?;
        }
        return Ok(1);
    }
    if left.len() != right.len() {
        if !quiet {
            let (name, short) = if left.len() < right.len() { (a.as_str(), &left) } else { (b, &right) };
            let line = short.iter().filter(|x| **x == b'\n').count();
            let text = if short.is_empty() {
                format!("cmp: EOF on {name} which is empty\n")
            } else {
                format!("cmp: EOF on {name} after byte {}, line {line}\n", short.len())
            };
            tool.note(text).await;
        }
        return Ok(1);
    }
    Ok(0)
}
