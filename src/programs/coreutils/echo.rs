//! `echo`, `printf`, `yes`, `true`, `false`, `clear`, `reset`, `tput`, as programs; shells have their own. Must never read input.

use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Quit, Tool};
use crate::world::Call;

static ECHO: Spec = Spec::new(
    &[],
    "Usage: echo [SHORT-OPTION]... [STRING]...\n\nWrites the STRINGs with blanks between.\n\n  -n  no newline   -e  backslash escapes   -E  none\n",
);
static YES: Spec = Spec::new(&[], "Usage: yes [STRING]...\n\nWrites the STRINGs, or y, again and again.\n");
static PRINTF: Spec =
    Spec::new(&[], "Usage: printf FORMAT [ARGUMENT]...\n\nWrites the ARGUMENTs as FORMAT says.\n");
static TPUT: Spec = Spec::new(
    &["T="],
    "Usage: tput [-T terminal] capability [parameters]\n\nWrites what makes the terminal do it.\n",
)
.misuse(2);

/// `true`.
pub async fn succeed(_call: Call) -> Outcome {
    Ok(0)
}

/// `false`.
pub async fn fail(_call: Call) -> Outcome {
    Ok(1)
}

/// `echo`.
pub async fn echo(call: Call) -> Outcome {
    let tool = Tool::bare(call, &ECHO);
    let mut args = tool.call.args();
    if args == ["--help"] {
        tool.out(ECHO.help).await?;
        return Ok(0);
    }
    let (mut newline, mut escapes) = (true, false);
    while let Some((first, rest)) = args.split_first() {
        let flags = first.strip_prefix('-').filter(|f| !f.is_empty() && f.chars().all(|c| "neE".contains(c)));
        let Some(flags) = flags else { break };
        for flag in flags.chars() {
            match flag {
                'n' => newline = false,
                flag => escapes = flag == 'e',
            }
        }
        args = rest;
    }
    let mut text = args.join(" ").into_bytes();
    if escapes {
        let (unescaped, stopped) = unescape(&text, true);
        text = unescaped;
        newline &= !stopped;
    }
    if newline {
        text.push(b'\n');
    }
    tool.out(text).await?;
    Ok(0)
}

/// Backslash escapes; the flag says that `\c` ended the output. Octal is `\0nnn` in `echo` and `\nnn` in a format.
pub fn unescape(text: &[u8], echo: bool) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let byte = text[at];
        at += 1;
        if byte != b'\\' || at >= text.len() {
            out.push(byte);
            continue;
        }
        let code = text[at];
        at += 1;
        let simple = match code {
            b'a' => Some(7),
            b'b' => Some(8),
            b'e' | b'E' => Some(27),
            b'f' => Some(12),
            b'n' => Some(10),
            b'r' => Some(13),
            b't' => Some(9),
            b'v' => Some(11),
            b'\\' => Some(b'\\'),
            b'"' if !echo => Some(b'"'),
            b'\'' if !echo => Some(b'\''),
            _ => None,
        };
        match code {
            _ if simple.is_some() => out.extend(simple),
            b'c' => return (out, true),
            b'x' => {
                let digits = text[at..].iter().take(2).take_while(|b| b.is_ascii_hexdigit()).count();
                match std::str::from_utf8(&text[at..at + digits])
                    .ok()
                    .and_then(|d| u8::from_str_radix(d, 16).ok())
                {
                    Some(value) => out.push(value),
                    None => out.extend(b"\\x"),
                }
                at += digits;
            }
            b'0'..=b'7' if echo == (code == b'0') || !echo => {
                let from = if echo { at } else { at - 1 };
                let digits = text[from..].iter().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
                let value = text[from..from + digits].iter().fold(0u32, |n, b| n * 8 + u32::from(b - b'0'));
                out.push(value as u8);
                at = from + digits;
            }
            other => out.extend([b'\\', other]),
        }
    }
    (out, false)
}

/// `yes`.
pub async fn yes(call: Call) -> Outcome {
    let tool = Tool::new(call, &YES).await?;
    let words = &tool.options.operands;
    let line = if words.is_empty() { "y\n".to_owned() } else { format!("{}\n", words.join(" ")) };
    let block = line.repeat(1 + 2048 / line.len());
    loop {
        tool.out(&block).await?;
    }
}

/// `printf`.
pub async fn printf(call: Call) -> Outcome {
    let tool = Tool::bare(call, &PRINTF);
    let Some((format, mut args)) = tool.call.args().split_first() else {
        return Err(tool.misuse("missing operand").await);
    };
    if format == "--help" {
        tool.out(PRINTF.help).await?;
        return Ok(0);
    }
    loop {
        let before = args.len();
        let (bytes, rest, complaints, stopped) = formatted(format.as_bytes(), args);
        for complaint in complaints {
            tool.complain(complaint).await;
        }
        tool.out(bytes).await?;
        if stopped || rest.is_empty() || rest.len() == before {
            return tool.done();
        }
        args = rest;
    }
}

/// One pass over a format: the text, the arguments left, complaints, and whether `\c` ended it.
fn formatted<'a>(format: &[u8], mut args: &'a [String]) -> (Vec<u8>, &'a [String], Vec<String>, bool) {
    let mut out = Vec::new();
    let mut complaints = Vec::new();
    let mut rest = format;
    while let Some(at) = rest.iter().position(|&b| b == b'%') {
        let (text, stopped) = unescape(&rest[..at], false);
        out.extend(text);
        if stopped {
            return (out, &[], complaints, true);
        }
        rest = &rest[at + 1..];
        if rest.first() == Some(&b'%') {
            out.push(b'%');
            rest = &rest[1..];
            continue;
        }
        let length = rest.iter().position(|b| b.is_ascii_alphabetic()).unwrap_or(rest.len());
        let mut spec = String::from_utf8_lossy(&rest[..length]).into_owned();
        while spec.contains('*') {
            let (value, more) = next(args);
            args = more;
            spec = spec.replacen('*', if value.is_empty() { "0" } else { value }, 1);
        }
        let kind = rest.get(length).copied().unwrap_or(b'%');
        rest = rest.get(length + 1..).unwrap_or_default();
        let (value, more) = next(args);
        args = more;
        let (piece, stopped) = directive(&spec, kind, value, &mut complaints);
        out.extend(piece);
        if stopped {
            return (out, &[], complaints, true);
        }
    }
    let (text, stopped) = unescape(rest, false);
    out.extend(text);
    (out, args, complaints, stopped)
}

fn next(args: &[String]) -> (&str, &[String]) {
    args.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest))
}

fn directive(spec: &str, kind: u8, value: &str, complaints: &mut Vec<String>) -> (Vec<u8>, bool) {
    let (width, precision) =
        spec.split_once('.').map_or((spec, None), |(w, p)| (w, Some(p.parse().unwrap_or(0))));
    let flags: String = width.chars().take_while(|c| "-+ 0#".contains(*c)).collect();
    let width: usize = width[flags.len()..].parse::<usize>().unwrap_or(0).min(10_000);
    let body = match kind {
        b's' => value.chars().take(precision.unwrap_or(usize::MAX)).collect::<String>().into_bytes(),
        b'b' => {
            let (text, stopped) = unescape(value.as_bytes(), true);
            if stopped {
                return (text, true);
            }
            text
        }
        b'c' => value.chars().take(1).collect::<String>().into_bytes(),
        b'q' => quoted(value).into_bytes(),
        b'd' | b'i' | b'u' | b'o' | b'x' | b'X' => {
            let number = integer(value, complaints);
            let mut digits = match kind {
                b'o' => format!("{number:o}"),
                b'x' => format!("{number:x}"),
                b'X' => format!("{number:X}"),
                b'u' => (number as u64).to_string(),
                _ => number.unsigned_abs().to_string(),
            };
            if let Some(least) = precision {
                digits = format!("{digits:0>least$}");
            }
            let signed = matches!(kind, b'd' | b'i');
            let sign = match () {
                () if signed && number < 0 => "-",
                () if signed && flags.contains('+') => "+",
                () if signed && flags.contains(' ') => " ",
                () if flags.contains('#') && kind == b'x' && number != 0 => "0x",
                () => "",
            };
            return (padded(sign, &digits, width, &flags), false);
        }
        b'f' | b'F' | b'e' | b'g' => {
            let number: f64 = value.trim().parse().unwrap_or_else(|_| {
                if !value.is_empty() {
                    complaints.push(format!("‘{value}’: expected a numeric value"));
                }
                0.0
            });
            let text = super::numbers::float(number.abs(), kind as char, precision);
            let sign = if number < 0.0 {
                "-"
            } else if flags.contains('+') {
                "+"
            } else {
                ""
            };
            return (padded(sign, &text, width, &flags), false);
        }
        other => {
            complaints.push(format!("%{spec}{}: invalid conversion specification", other as char));
            return (Vec::new(), true);
        }
    };
    let blanks = vec![b' '; width.saturating_sub(String::from_utf8_lossy(&body).chars().count())];
    (if flags.contains('-') { [body, blanks].concat() } else { [blanks, body].concat() }, false)
}

fn padded(sign: &str, digits: &str, width: usize, flags: &str) -> Vec<u8> {
    let blanks = width.saturating_sub(sign.len() + digits.len());
    let text = if flags.contains('-') {
        format!("{sign}{digits}{}", " ".repeat(blanks))
    } else if flags.contains('0') {
        format!("{sign}{}{digits}", "0".repeat(blanks))
    } else {
        format!("{}{sign}{digits}", " ".repeat(blanks))
    };
    text.into_bytes()
}

fn integer(value: &str, complaints: &mut Vec<String>) -> i64 {
    let text = value.trim();
    if let Some(quoted) = text.strip_prefix(['\'', '"']) {
        return quoted.chars().next().map_or(0, |c| i64::from(u32::from(c)));
    }
    let (sign, digits) = text.strip_prefix('-').map_or((1, text.trim_start_matches('+')), |d| (-1, d));
    let parsed = match digits {
        d if d.starts_with("0x") || d.starts_with("0X") => i64::from_str_radix(&d[2..], 16),
        d if d.len() > 1 && d.starts_with('0') => i64::from_str_radix(d, 8),
        d => d.parse(),
    };
    parsed.map(|n| n * sign).unwrap_or_else(|_| {
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        if !text.is_empty() {
            let what = if end > 0 { "value not completely converted" } else { "expected a numeric value" };
            complaints.push(format!("‘{value}’: {what}"));
        }
        digits[..end].parse::<i64>().unwrap_or(0) * sign
    })
}

fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', "'\\''"))
    }
}

/// `clear` and `reset`.
pub async fn clear(call: Call) -> Outcome {
    let tool = Tool::bare(call, &TPUT);
    tool.out("\x1b[H\x1b[2J\x1b[3J").await?;
    Ok(0)
}

/// `tput`.
pub async fn tput(call: Call) -> Outcome {
    let tool = Tool::new(call, &TPUT).await?;
    let words: Vec<&str> = tool.options.operands.iter().map(String::as_str).collect();
    let text = match words.as_slice() {
        ["cols"] => format!("{}\n", tool.columns()),
        ["lines"] => format!("{}\n", tool.call.io.stdout.tty().map_or(24, |t| t.size().rows)),
        ["colors"] => "256\n".to_owned(),
        ["clear"] => "\x1b[H\x1b[2J".to_owned(),
        ["bold"] => "\x1b[1m".to_owned(),
        ["sgr0"] => "\x1b(B\x1b[m".to_owned(),
        ["rev" | "smso"] => "\x1b[7m".to_owned(),
        ["smul"] => "\x1b[4m".to_owned(),
        ["rmul"] => "\x1b[24m".to_owned(),
        ["setaf", n] => format!("\x1b[38;5;{n}m"),
        ["setab", n] => format!("\x1b[48;5;{n}m"),
        ["civis"] => "\x1b[?25l".to_owned(),
        ["cnorm"] => "\x1b[?25h".to_owned(),
        [other, ..] => return Err(unknown(&tool, other).await),
        [] => return Err(tool.misuse("missing operand").await),
    };
    tool.out(text).await?;
    Ok(0)
}

async fn unknown(tool: &Tool, name: &str) -> Quit {
    tool.note(format!("tput: unknown terminfo capability '{name}'\n")).await;
    Quit(4)
}
