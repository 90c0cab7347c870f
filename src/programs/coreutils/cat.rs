//! `cat` and `tac`. Must never wait for more than one line.

use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Quit, Tool};
use crate::world::Call;

static CAT: Spec = Spec::new(
    &[
        "A,show-all",
        "b,number-nonblank",
        "e",
        "E,show-ends",
        "n,number",
        "s,squeeze-blank",
        "t",
        "T,show-tabs",
        "u",
        "v,show-nonprinting",
    ],
    "Usage: cat [OPTION]... [FILE]...

Writes the FILEs one after the other; standard input without a FILE, or where FILE is -.

  -n  number all lines       -b  number lines that are not empty
  -A  show everything: -vET  -E  $ at line ends   -T  tabs as ^I   -v  other control characters
  -s  one empty line in a row at most
",
);

struct Style {
    number: bool,
    nonblank: bool,
    squeeze: bool,
    ends: bool,
    tabs: bool,
    controls: bool,
}

/// `cat`.
pub async fn cat(call: Call) -> Outcome {
    let tool = Tool::new(call, &CAT).await?;
    let has = |key: &str| tool.options.has(key);
    let style = Style {
        number: has("n") || has("b"),
        nonblank: has("b"),
        squeeze: has("s"),
        ends: has("E") || has("A") || has("e"),
        tabs: has("T") || has("A") || has("t"),
        controls: has("v") || has("A") || has("e") || has("t"),
    };
    let plain = !(style.number || style.squeeze || style.ends || style.tabs || style.controls);
    let (mut number, mut blank) = (0u64, false);
    for operand in tool.inputs() {
        let input = match tool.open(&operand) {
            Ok(input) => input,
            Err(error) => {
                tool.complain(format!("{operand}: {error}")).await;
                continue;
            }
        };
        if plain {
            loop {
                let bytes = input.read_some(65536).await;
                if bytes.is_empty() {
                    break;
                }
                tool.out(bytes).await?;
            }
            continue;
        }
        while let Some(line) = input.read_line().await {
            let empty = line == b"\n";
            if style.squeeze && empty && blank {
                continue;
            }
            blank = empty;
            let mut out = Vec::new();
            if style.number && !(style.nonblank && empty) {
                number += 1;
                out.extend(format!("{number:6}\t").bytes());
            }
            out.extend(dressed(&style, &line));
            tool.out(out).await?;
        }
    }
    tool.done()
}

fn dressed(style: &Style, line: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for &byte in line {
        match byte {
            b'\n' if style.ends => out.extend(b"$\n"),
            b'\n' => out.push(byte),
            b'\t' if style.tabs => out.extend(b"^I"),
            b'\t' => out.push(byte),
            byte if style.controls => {
                let low = byte & 0x7f;
                if byte >= 0x80 {
                    out.extend(b"M-");
                }
                match low {
                    0..0x20 => out.extend([b'^', low + 64]),
                    0x7f => out.extend(b"^?"),
                    other => out.push(other),
                }
            }
            byte => out.push(byte),
        }
    }
    out
}

static TAC: Spec = Spec::new(
    &["b,before", "r,regex", "s,separator="],
    "Usage: tac [OPTION]... [FILE]...\n\nWrites the lines of each FILE, last line first.\n",
);

/// `tac`.
pub async fn tac(call: Call) -> Outcome {
    let tool = Tool::new(call, &TAC).await?;
    for operand in tool.inputs() {
        match tool.open(&operand) {
            Ok(input) => {
                let bytes = tool.slurp(&input).await?;
                reversed(&tool, &bytes).await?;
            }
            Err(error) => tool.complain(format!("failed to open '{operand}' for reading: {error}")).await,
        }
    }
    tool.done()
}

async fn reversed(tool: &Tool, bytes: &[u8]) -> Result<(), Quit> {
    let out: Vec<u8> = bytes.split_inclusive(|&b| b == b'\n').rev().flatten().copied().collect();
    tool.out(out).await
}
