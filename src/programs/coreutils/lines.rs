//! Filters that change lines one after another: `uniq`, `nl`, `rev`, `fold`, `expand`. Must never keep more than a line
//! or two, but for `uniq -D`.

use unicode_width::UnicodeWidthChar;

use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Quit, Tool, chomp};
use crate::world::Call;

static UNIQ: Spec = Spec::new(
    &[
        "c,count",
        "d,repeated",
        "D",
        "f,skip-fields=",
        "i,ignore-case",
        "s,skip-chars=",
        "u,unique",
        "w,check-chars=",
    ],
    "Usage: uniq [OPTION]... [INPUT [OUTPUT]]\n\nJoins equal lines that follow each other.\n\n  -c  with their number   -d  only repeated ones   -u  only single ones   -i  ignore case\n",
);
static NL: Spec = Spec::new(
    &[
        "b,body-numbering=",
        "n,number-format=",
        "s,number-separator=",
        "v,starting-line-number=",
        "w,number-width=",
        "i,line-increment=",
    ],
    "Usage: nl [OPTION]... [FILE]...\n\nNumbers lines.\n\n  -b a  all lines, -b t only those that are not empty   -w WIDTH   -s SEPARATOR   -v FIRST\n",
);
static REV: Spec = Spec::new(&[], "Usage: rev [FILE]...\n\nReverses the characters of every line.\n");
static FOLD: Spec = Spec::new(
    &["b,bytes", "s,spaces", "w,width="],
    "Usage: fold [OPTION]... [FILE]...\n\nBreaks long lines.\n\n  -w WIDTH  instead of 80   -s  at blanks\n",
);
static EXPAND: Spec = Spec::new(
    &["t,tabs=", "i,initial", "a,all", "first-only"],
    "Usage: expand [OPTION]... [FILE]...\n\nTabs to blanks.\n\n  -t N  tabs are N apart\n",
);

/// What `work` makes of every line of the operands.
pub(super) async fn each_line(tool: &Tool, mut work: impl FnMut(&[u8]) -> Vec<u8>) -> Result<(), Quit> {
    for operand in tool.inputs() {
        match tool.open(&operand) {
            Ok(input) => {
                while let Some(line) = input.read_line().await {
                    let out = work(&line);
                    tool.out(out).await?;
                }
            }
            Err(error) => tool.complain(format!("{operand}: {error}")).await,
        }
    }
    Ok(())
}

/// `uniq`.
pub async fn uniq(call: Call) -> Outcome {
    let tool = Tool::new(call, &UNIQ).await?;
    let options = &tool.options;
    let name = options.operands.first().map_or("-", String::as_str);
    let input = match tool.open(name) {
        Ok(input) => input,
        Err(error) => return Err(tool.die(format!("{name}: {error}")).await),
    };
    let number = |key: &str| options.value(key).and_then(|n| n.parse::<usize>().ok());
    let (fields, chars, most) = (number("f").unwrap_or(0), number("s").unwrap_or(0), number("w"));
    let ignore = options.has("i");
    let key = |line: &[u8]| {
        let text = String::from_utf8_lossy(chomp(line)).into_owned();
        let mut rest = text.as_str();
        for _ in 0..fields {
            rest = rest.trim_start();
            rest = &rest[rest.find(char::is_whitespace).unwrap_or(rest.len())..];
        }
        let key: String = rest.chars().skip(chars).take(most.unwrap_or(usize::MAX)).collect();
        if ignore { key.to_lowercase() } else { key }
    };
    let all = options.has("D");
    let ended = |mut line: Vec<u8>| {
        if !line.ends_with(b"\n") {
            line.push(b'\n');
        }
        line
    };
    let mut group: Option<(Vec<u8>, String, u64)> = None;
    loop {
        let line = input.read_line().await;
        let this = line.as_deref().map(&key);
        match (&mut group, &this) {
            (Some((text, before, count)), Some(now)) if before == now => {
                *count += 1;
                if all {
                    text.extend(ended(line.unwrap_or_default()));
                }
            }
            _ => {
                if let Some((mut text, _, count)) = group.take() {
                    let shown = all && count > 1
                        || !all
                            && match (options.has("d"), options.has("u")) {
                                (true, false) => count > 1,
                                (false, true) => count == 1,
                                (true, true) => false,
                                _ => true,
                            };
                    if shown {
                        if options.has("c") {
                            text = [format!("{count:7} ").into_bytes(), text].concat();
                        }
                        tool.out(ended(text)).await?;
                    }
                }
                let (Some(line), Some(key)) = (line, this) else { return tool.done() };
                group = Some((if all { ended(line) } else { line }, key, 1));
            }
        }
    }
}

/// `nl`.
pub async fn nl(call: Call) -> Outcome {
    let tool = Tool::new(call, &NL).await?;
    let options = &tool.options;
    let width = options.value("w").and_then(|w| w.parse().ok()).unwrap_or(6usize);
    let separator = options.value("s").unwrap_or("\t").to_owned();
    let mut number: i64 = options.value("v").and_then(|v| v.parse().ok()).unwrap_or(1);
    let step: i64 = options.value("i").and_then(|v| v.parse().ok()).unwrap_or(1);
    let style = options.value("b").unwrap_or("t").to_owned();
    let format = options.value("n").unwrap_or("rn").to_owned();
    each_line(&tool, |line| {
        let numbered = style == "a" || (style == "t" && line != b"\n");
        let head = if numbered {
            let text = match format.as_str() {
                "ln" => format!("{number:<width$}"),
                "rz" => format!("{number:0width$}"),
                _ => format!("{number:>width$}"),
            };
            number += step;
            format!("{text}{separator}")
        } else {
            " ".repeat(width + separator.len())
        };
        let end: &[u8] = if line.ends_with(b"\n") { b"" } else { b"\n" };
        [head.as_bytes(), line, end].concat()
    })
    .await?;
    tool.done()
}

/// `rev`.
pub async fn rev(call: Call) -> Outcome {
    let tool = Tool::new(call, &REV).await?;
    each_line(&tool, |line| {
        let text = String::from_utf8_lossy(chomp(line)).chars().rev().collect::<String>();
        let end: &[u8] = if line.ends_with(b"\n") { b"\n" } else { b"" };
        [text.as_bytes(), end].concat()
    })
    .await?;
    tool.done()
}

/// `fold`.
pub async fn fold(call: Call) -> Outcome {
    let tool = Tool::new(call, &FOLD).await?;
    let width = tool
        .options
        .value("w")
        .or(tool.options.value("#"))
        .and_then(|w| w.parse().ok())
        .unwrap_or(80usize)
        .max(1);
    let at_blanks = tool.options.has("s");
    each_line(&tool, |line| {
        let text = String::from_utf8_lossy(line).into_owned();
        let (mut out, mut current, mut columns) = (String::new(), String::new(), 0);
        for c in text.chars() {
            if c == '\n' {
                out += &current;
                out.push('\n');
                current.clear();
                continue;
            }
            let w = c.width().unwrap_or(0);
            if columns + w > width && !current.is_empty() {
                let cut = if at_blanks { current.rfind(' ').map(|i| i + 1) } else { None };
                let rest = current.split_off(cut.unwrap_or(current.len()));
                out += &current;
                out.push('\n');
                columns = rest.chars().filter_map(UnicodeWidthChar::width).sum();
                current = rest;
            }
            current.push(c);
            columns += w;
        }
        out += &current;
        out.into_bytes()
    })
    .await?;
    tool.done()
}

/// `expand`.
pub async fn expand(call: Call) -> Outcome {
    let tool = Tool::new(call, &EXPAND).await?;
    let stop = tool.options.value("t").and_then(|t| t.parse().ok()).unwrap_or(8usize).max(1);
    each_line(&tool, |line| {
        let mut out = Vec::new();
        let mut column = 0;
        for &byte in line {
            match byte {
                b'\t' => {
                    let blanks = stop - column % stop;
                    out.extend(std::iter::repeat_n(b' ', blanks));
                    column += blanks;
                }
                other => {
                    out.push(other);
                    column += 1;
                }
            }
        }
        out
    })
    .await?;
    tool.done()
}
