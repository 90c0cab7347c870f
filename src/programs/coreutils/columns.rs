//! Commands that put files side by side or in columns: `paste`, `join`, `comm`, `column`, `split`. Must never sort.

use unicode_width::UnicodeWidthStr;

use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Quit, Tool, chomp};
use crate::world::Call;

static PASTE: Spec = Spec::new(
    &["d,delimiters=", "s,serial"],
    "Usage: paste [OPTION]... [FILE]...\n\nPuts the lines of the FILEs side by side.\n\n  -d LIST  instead of tabs   -s  one file after the other\n",
);
static COMM: Spec = Spec::new(
    &["1", "2", "3", "check-order", "nocheck-order", "output-delimiter=", "total"],
    "Usage: comm [OPTION]... FILE1 FILE2\n\nCompares two sorted files line by line: only in the first, only in the second, in both.\n\n  -1  -2  -3  without that column\n",
);
static JOIN: Spec = Spec::new(
    &["1=", "2=", "t=", "a=", "v=", "j=", "i", "e=", "o="],
    "Usage: join [OPTION]... FILE1 FILE2\n\nJoins lines of two sorted files that have the same first field.\n\n  -1 FIELD  -2 FIELD  -t CHAR  -a FILENUM\n",
);
static COLUMN: Spec = Spec::new(
    &[
        "t,table",
        "s,separator=",
        "o,output-separator=",
        "N,table-columns=",
        "c,output-width=",
        "n",
        "R=",
        "x",
    ],
    "Usage: column [OPTION]... [FILE]...\n\nPuts lines into columns.\n\n  -t  as a table   -s CHARS  columns end at these   -o STRING  between columns\n",
);
static SPLIT: Spec = Spec::new(
    &["l,lines=", "b,bytes=", "d,numeric-suffixes", "a,suffix-length=", "n="],
    "Usage: split [OPTION]... [FILE [PREFIX]]\n\nCuts a file into pieces PREFIXaa, PREFIXab, ...\n\n  -l NUM  lines each (1000)   -b SIZE  bytes each   -d  numbers instead of letters\n",
);

/// Pieces that `split` makes.
const MAX_PIECES: usize = 1_000;

async fn read(tool: &Tool, name: &str) -> Result<Vec<String>, Quit> {
    match tool.open(name) {
        Ok(input) => {
            let bytes = tool.slurp(&input).await?;
            Ok(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
        }
        Err(error) => Err(tool.die(format!("{name}: {error}")).await),
    }
}

async fn two(tool: &Tool) -> Result<(Vec<String>, Vec<String>), Quit> {
    match tool.options.operands.as_slice() {
        [a, b] => Ok((read(tool, a).await?, read(tool, b).await?)),
        [] => Err(tool.misuse("missing operand").await),
        [a] => Err(tool.misuse(&format!("missing operand after ‘{a}’")).await),
        [_, _, c, ..] => Err(tool.misuse(&format!("extra operand ‘{c}’")).await),
    }
}

/// `paste`.
pub async fn paste(call: Call) -> Outcome {
    let tool = Tool::new(call, &PASTE).await?;
    let text =
        tool.options.value("d").unwrap_or("\t").replace("\\n", "\n").replace("\\t", "\t").replace("\\0", "");
    let delimiters: Vec<char> = text.chars().collect();
    let between = |index: usize| {
        delimiters.get(index % delimiters.len().max(1)).map(char::to_string).unwrap_or_default()
    };
    let names = tool.inputs();
    let dashes = names.iter().filter(|n| *n == "-").count();
    let mut files = Vec::new();
    let mut piped: Option<Vec<String>> = None;
    for (index, name) in names.iter().enumerate() {
        if name == "-" && dashes > 1 {
            // Several `-` take turns.
            if piped.is_none() {
                piped = Some(read(&tool, "-").await?);
            }
            let turn = names[..index].iter().filter(|n| *n == "-").count();
            files.push(piped.iter().flatten().skip(turn).step_by(dashes).cloned().collect());
        } else {
            files.push(read(&tool, name).await?);
        }
    }
    let joined = |parts: Vec<&str>| {
        let mut line = String::new();
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                line += &between(index - 1);
            }
            line += part;
        }
        line + "\n"
    };
    if tool.options.has("s") {
        for file in &files {
            tool.out(joined(file.iter().map(String::as_str).collect())).await?;
        }
        return tool.done();
    }
    let rows = files.iter().map(Vec::len).max().unwrap_or(0);
    for row in 0..rows {
        tool.out(joined(files.iter().map(|f| f.get(row).map_or("", String::as_str)).collect())).await?;
    }
    tool.done()
}

/// `comm`.
pub async fn comm(call: Call) -> Outcome {
    let tool = Tool::new(call, &COMM).await?;
    let (a, b) = two(&tool).await?;
    let shown = |n: &str| !tool.options.has(n);
    let (second, third) = (
        "\t".repeat(usize::from(shown("1"))),
        "\t".repeat(usize::from(shown("1")) + usize::from(shown("2"))),
    );
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        let order = match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) => x.cmp(y),
            (Some(_), None) => std::cmp::Ordering::Less,
            _ => std::cmp::Ordering::Greater,
        };
        match order {
            std::cmp::Ordering::Less => {
                if shown("1") {
                    tool.out(format!("{}\n", a[i])).await?;
                }
                i += 1;
            }
            std::cmp::Ordering::Greater => {
                if shown("2") {
                    tool.out(format!("{second}{}\n", b[j])).await?;
                }
                j += 1;
            }
            std::cmp::Ordering::Equal => {
                if shown("3") {
                    tool.out(format!("{third}{}\n", a[i])).await?;
                }
                (i, j) = (i + 1, j + 1);
            }
        }
    }
    tool.done()
}

/// `join`.
pub async fn join(call: Call) -> Outcome {
    let tool = Tool::new(call, &JOIN).await?;
    let (a, b) = two(&tool).await?;
    let field = |key: &str| {
        tool.options.value(key).or(tool.options.value("j")).and_then(|n| n.parse::<usize>().ok()).unwrap_or(1)
    };
    let (first, second) = (field("1"), field("2"));
    let separator = tool.options.value("t").map(str::to_owned);
    let fields = |line: &str| -> Vec<String> {
        match &separator {
            Some(s) => line.split(s.as_str()).map(str::to_owned).collect(),
            None => line.split_whitespace().map(str::to_owned).collect(),
        }
    };
    let glue = separator.clone().unwrap_or_else(|| " ".to_owned());
    for line in &a {
        let left = fields(line);
        let key = left.get(first - 1).cloned().unwrap_or_default();
        let mut met = false;
        for other in &b {
            let right = fields(other);
            if right.get(second - 1) == Some(&key) {
                met = true;
                let rest = left.iter().enumerate().filter(|(i, _)| *i != first - 1).map(|(_, f)| f);
                let more = right.iter().enumerate().filter(|(i, _)| *i != second - 1).map(|(_, f)| f);
                let all: Vec<String> = std::iter::once(&key).chain(rest).chain(more).cloned().collect();
                tool.out(format!("{}\n", all.join(&glue))).await?;
            }
        }
        if !met && tool.options.values("a").contains(&"1") {
            tool.out(format!("{}\n", left.join(&glue))).await?;
        }
    }
    tool.done()
}

/// `column`.
pub async fn column(call: Call) -> Outcome {
    let tool = Tool::new(call, &COLUMN).await?;
    let bytes = tool.read_all().await?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let lines = text.lines().filter(|l| !l.trim().is_empty());
    if !tool.options.has("t") {
        let words: Vec<&str> = lines.collect();
        let widest = words.iter().map(|w| w.width()).max().unwrap_or(0);
        let cell = (widest / 8 + 1) * 8;
        let per_row = (tool.columns() / cell).max(1);
        let rows = words.len().div_ceil(per_row);
        for row in 0..rows {
            let cells: Vec<&&str> = (0..per_row).filter_map(|c| words.get(c * rows + row)).collect();
            let mut line = String::new();
            for (index, word) in cells.iter().enumerate() {
                line += word;
                if index + 1 < cells.len() {
                    line += &"\t".repeat((cell - word.width()).div_ceil(8));
                }
            }
            tool.out(line + "\n").await?;
        }
        return tool.done();
    }
    let separators: Option<Vec<char>> = tool.options.value("s").map(|s| s.chars().collect());
    let mut rows: Vec<Vec<&str>> = lines
        .map(|line| match &separators {
            Some(separators) => line.split(|c| separators.contains(&c)).collect(),
            None => line.split_whitespace().collect(),
        })
        .collect();
    let names: Vec<&str> = tool.options.value("N").map(|n| n.split(',').collect()).unwrap_or_default();
    if !names.is_empty() {
        rows.insert(0, names);
    }
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count)
        .map(|c| rows.iter().filter_map(|r| r.get(c)).map(|w| w.width()).max().unwrap_or(0))
        .collect();
    let glue = tool.options.value("o").unwrap_or("  ").to_owned();
    for row in rows {
        let mut line = String::new();
        for (index, word) in row.iter().enumerate() {
            line += word;
            if index + 1 < row.len() {
                line += &" ".repeat(widths[index] - word.width());
                line += &glue;
            }
        }
        tool.out(line + "\n").await?;
    }
    tool.done()
}

/// `split`.
pub async fn split(call: Call) -> Outcome {
    let tool = Tool::new(call, &SPLIT).await?;
    let operands = &tool.options.operands;
    let (name, prefix) =
        (operands.first().map_or("-", String::as_str), operands.get(1).map_or("x", String::as_str));
    let input = match tool.open(name) {
        Ok(input) => input,
        Err(error) => return Err(tool.die(format!("cannot open '{name}' for reading: {error}")).await),
    };
    let bytes = tool.slurp(&input).await?;
    let pieces: Vec<Vec<u8>> = match tool.options.value("b").map(super::numbers::size) {
        Some(Some(size)) if size > 0 => bytes.chunks(size as usize).map(<[u8]>::to_vec).collect(),
        Some(_) => return Err(tool.die("invalid number of bytes").await),
        None => {
            let count = tool.options.value("l").and_then(|l| l.parse().ok()).unwrap_or(1000usize).max(1);
            let lines: Vec<&[u8]> = bytes.split_inclusive(|&b| b == b'\n').collect();
            lines.chunks(count).map(<[&[u8]]>::concat).collect()
        }
    };
    let length = tool.options.value("a").and_then(|a| a.parse().ok()).unwrap_or(2usize);
    for (index, piece) in pieces.into_iter().enumerate() {
        if index >= MAX_PIECES {
            return Err(tool.die("output file suffixes exhausted").await);
        }
        let suffix = match tool.options.has("d") {
            true => format!("{index:0length$}"),
            false => {
                let mut rest = index;
                let letters = (0..length).map(|_| {
                    let letter = (b'a' + (rest % 26) as u8) as char;
                    rest /= 26;
                    letter
                });
                letters.collect::<Vec<_>>().into_iter().rev().collect()
            }
        };
        tool.call.sys.write(&tool.path(&format!("{prefix}{suffix}")), piece).ok();
    }
    tool.done()
}

/// A line without its newline as text.
pub fn text_of(line: &[u8]) -> String {
    String::from_utf8_lossy(chomp(line)).into_owned()
}
