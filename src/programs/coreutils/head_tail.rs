//! `head` and `tail`. `tail -f` must never poll faster than the real one.

use std::collections::VecDeque;
use std::time::Duration;

use crate::image::files::FsError;
use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Quit, Tool};
use crate::world::{Call, Input};

const POLL: Duration = Duration::from_secs(1);

static HEAD: Spec = Spec::new(
    &["c,bytes=", "n,lines=", "q,quiet,silent", "v,verbose", "z,zero-terminated", "#="],
    "Usage: head [OPTION]... [FILE]...

Writes the first 10 lines of each FILE.

  -n [-]NUM  the first NUM lines; with - all but the last NUM
  -c [-]NUM  the same in bytes
  -q  never a header with the file's name   -v  always one
",
);

static TAIL: Spec = Spec::new(
    &[
        "c,bytes=",
        "n,lines=",
        "f,follow=?",
        "F",
        "q,quiet,silent",
        "v,verbose",
        "s,sleep-interval=",
        "retry",
        "pid=",
        "#=",
    ],
    "Usage: tail [OPTION]... [FILE]...

Writes the last 10 lines of each FILE.

  -n [+]NUM  the last NUM lines; with + from line NUM on
  -c [+]NUM  the same in bytes
  -f, -F     go on as the file grows
  -q  never a header with the file's name   -v  always one
",
);

/// How much: the number, whether in bytes, and its sign.
struct Amount {
    count: usize,
    bytes: bool,
    sign: Option<char>,
}

async fn amount(tool: &Tool) -> Result<Amount, Quit> {
    let options = &tool.options;
    let key = options.last_of(&["c", "n", "#"]);
    let Some(text) = key.and_then(|k| options.value(k)) else {
        return Ok(Amount { count: 10, bytes: false, sign: None });
    };
    let bytes = key == Some("c");
    let sign = text.chars().next().filter(|c| *c == '+' || *c == '-');
    let digits = text.trim_start_matches(['+', '-']);
    let split = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let scale = match &digits[split..] {
        "" => 1,
        "b" => 512,
        "k" | "K" | "KiB" => 1024,
        "kB" | "KB" => 1000,
        "M" | "m" => 1024 * 1024,
        _ => 0,
    };
    match digits[..split].parse::<usize>() {
        Ok(count) if scale > 0 => Ok(Amount { count: count.saturating_mul(scale), bytes, sign }),
        _ => {
            let what = if bytes { "bytes" } else { "lines" };
            Err(tool.die(format!("invalid number of {what}: ‘{text}’")).await)
        }
    }
}

async fn cannot_open(tool: &Tool, operand: &str, error: FsError) {
    match error {
        FsError::IsADirectory => tool.complain(format!("error reading '{operand}': Is a directory")).await,
        _ if tool.busybox => tool.complain(format!("{operand}: {error}")).await,
        _ => tool.complain(format!("cannot open '{operand}' for reading: {error}")).await,
    }
}

async fn header(tool: &Tool, operand: &str, first: &mut bool) -> Result<(), Quit> {
    let name = if operand == "-" { "standard input" } else { operand };
    let gap = if std::mem::take(first) { "" } else { "\n" };
    tool.out(format!("{gap}==> {name} <==\n")).await
}

fn headers(tool: &Tool, count: usize) -> bool {
    match tool.options.last_of(&["q", "v"]) {
        Some("q") => false,
        Some(_) => true,
        None => count > 1,
    }
}

/// `head`.
pub async fn head(call: Call) -> Outcome {
    let tool = Tool::new(call, &HEAD).await?;
    let amount = amount(&tool).await?;
    let inputs = tool.inputs();
    let headers = headers(&tool, inputs.len());
    let mut first = true;
    for operand in inputs {
        let input = match tool.open(&operand) {
            Ok(input) => input,
            Err(error) => {
                if headers && error == FsError::IsADirectory {
                    header(&tool, &operand, &mut first).await?;
                }
                cannot_open(&tool, &operand, error).await;
                continue;
            }
        };
        if headers {
            header(&tool, &operand, &mut first).await?;
        }
        match (amount.bytes, amount.sign) {
            (_, Some('-')) => all_but_last(&tool, &input, &amount).await?,
            (true, _) => {
                let mut left = amount.count;
                while left > 0 {
                    let bytes = input.read_some(left.min(65536)).await;
                    if bytes.is_empty() {
                        break;
                    }
                    left -= bytes.len();
                    tool.out(bytes).await?;
                }
            }
            (false, _) => {
                for _ in 0..amount.count {
                    let Some(line) = input.read_line().await else { break };
                    tool.out(line).await?;
                }
            }
        }
    }
    tool.done()
}

async fn all_but_last(tool: &Tool, input: &Input, amount: &Amount) -> Result<(), Quit> {
    let all = tool.slurp(input).await?;
    if amount.bytes {
        return tool.out(&all[..all.len().saturating_sub(amount.count)]).await;
    }
    let lines: Vec<&[u8]> = all.split_inclusive(|&b| b == b'\n').collect();
    tool.out(lines[..lines.len().saturating_sub(amount.count)].concat()).await
}

/// `tail`.
pub async fn tail(mut call: Call) -> Outcome {
    // The old way to begin at a line: `tail +2 FILE`.
    let old = call.argv.get(1).filter(|word| {
        word.strip_prefix('+').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    });
    if let Some(from) = old.cloned().filter(|_| call.argv.len() <= 3) {
        call.argv.splice(1..2, ["-n".to_owned(), from]);
    }
    let tool = Tool::new(call, &TAIL).await?;
    let amount = amount(&tool).await?;
    let inputs = tool.inputs();
    let headers = headers(&tool, inputs.len());
    let mut first = true;
    let mut sizes = Vec::new();
    for operand in &inputs {
        let input = match tool.open(operand) {
            Ok(input) => input,
            Err(error) => {
                cannot_open(&tool, operand, error).await;
                sizes.push(0);
                continue;
            }
        };
        if headers {
            header(&tool, operand, &mut first).await?;
        }
        sizes.push(end_of(&tool, &input, &amount).await?);
    }
    if tool.options.has("f") || tool.options.has("F") {
        return follow(&tool, &inputs, sizes, headers).await;
    }
    tool.done()
}

/// Writes the end of an input; gives its length.
async fn end_of(tool: &Tool, input: &Input, amount: &Amount) -> Result<usize, Quit> {
    // The end of what never ends is sought for ever, with all of it in memory.
    let endless = matches!(input, Input::Endless(_));
    if endless || amount.bytes || amount.sign == Some('+') {
        let all = tool.slurp(input).await?;
        let from = match (amount.bytes, amount.sign) {
            (true, Some('+')) => amount.count.saturating_sub(1).min(all.len()),
            (true, _) => all.len().saturating_sub(amount.count),
            _ => {
                let lines = all.split_inclusive(|&b| b == b'\n');
                lines.take(amount.count.saturating_sub(1)).map(<[u8]>::len).sum()
            }
        };
        tool.out(&all[from..]).await?;
        return Ok(all.len());
    }
    let mut kept: VecDeque<Vec<u8>> = VecDeque::new();
    let mut size = 0;
    while let Some(line) = input.read_line().await {
        size += line.len();
        kept.push_back(line);
        if kept.len() > amount.count {
            kept.pop_front();
        }
    }
    for line in kept {
        tool.out(line).await?;
    }
    Ok(size)
}

async fn follow(tool: &Tool, inputs: &[String], mut sizes: Vec<usize>, headers: bool) -> Outcome {
    if inputs.len() == 1 && inputs[0] == "-" {
        while let Some(line) = tool.call.io.stdin.read_line().await {
            tool.out(line).await?;
        }
        return tool.done();
    }
    let by_name = tool.options.has("F");
    if !by_name && sizes.iter().all(|s| *s == 0) && tool.status() > 0 {
        return Err(tool.die("no files remaining").await);
    }
    let mut last = inputs.len().saturating_sub(1);
    loop {
        tool.pause(POLL).await;
        for (index, name) in inputs.iter().enumerate() {
            let Ok(bytes) = tool.call.sys.read(&tool.path(name)) else { continue };
            if bytes.len() < sizes[index] {
                tool.note(format!("{}: {name}: file truncated\n", tool.name)).await;
                sizes[index] = 0;
            }
            if bytes.len() > sizes[index] {
                if headers && last != index {
                    header(tool, name, &mut false).await?;
                }
                last = index;
                tool.out(&bytes[sizes[index]..]).await?;
                sizes[index] = bytes.len();
            }
        }
    }
}
