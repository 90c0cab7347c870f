//! `read` and `mapfile`.

use std::time::Duration;

use super::super::interp::{LocalFuture, Outcome};
use super::super::state::{Shell, is_name};
use super::super::vars::Data;
use crate::world::Input;

type Args = Vec<String>;

/// Characters `read` takes in for one line.
const MAX_LINE_BYTES: usize = 4 * 1024 * 1024;
/// Lines `mapfile` takes in.
const MAX_LINES: usize = 200_000;

#[derive(Default)]
struct Options {
    raw: bool,
    silent: bool,
    array: Option<String>,
    delimiter: Option<u8>,
    count: Option<(usize, bool)>,
    prompt: Option<String>,
    timeout_ms: Option<u64>,
    fd: i32,
    names: Vec<String>,
}

pub(super) fn read<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let options = match parse(shell, &args) {
            Ok(options) => options,
            Err(complaint)
                if complaint.ends_with("invalid option") || complaint.ends_with("requires an argument") =>
            {
                return shell.usage("read", &complaint).await;
            }
            Err(complaint) => return shell.builtin_error("read", &complaint).await,
        };
        for name in &options.names {
            if !is_name(name.split('[').next().unwrap_or_default()) {
                return shell.builtin_error("read", &format!("`{name}': not a valid identifier")).await;
            }
        }
        if shell.fds.get(options.fd).is_none() {
            let message = format!("{}: invalid file descriptor: Bad file descriptor", options.fd);
            return shell.builtin_error("read", &message).await;
        }
        let input = shell.fds.input(options.fd);
        if let Some(prompt) = options.prompt.as_ref().filter(|_| input.is_terminal()) {
            let prompt = prompt.clone();
            shell.err_text(&prompt).await?;
        }
        let sys = shell.sys.clone();
        let reading = take(&input, &options);
        let limited = async {
            match options.timeout_ms {
                Some(limit) => sys.timeout(Duration::from_millis(limit), reading).await,
                None => Some(reading.await),
            }
        };
        let taken = match shell.unless_trapped(limited).await? {
            Ok(Some(taken)) => taken,
            Ok(None) => return Ok(142),
            Err(signal) => return Ok(signal.exit_code()),
        };
        store(shell, &options, &taken.text).await?;
        Ok(i32::from(taken.ended))
    })
}

fn parse(shell: &mut Shell, args: &[String]) -> Result<Options, String> {
    let mut options = Options::default();
    let mut at = 0;
    while let Some(flags) =
        args.get(at).and_then(|arg| arg.strip_prefix('-')).filter(|flags| !flags.is_empty())
    {
        at += 1;
        if flags == "-" {
            break;
        }
        let letters: Vec<char> = flags.chars().collect();
        for (i, letter) in letters.iter().enumerate() {
            match letter {
                'r' => options.raw = true,
                's' => options.silent = true,
                'e' => {}
                'a' | 'd' | 'i' | 'n' | 'N' | 'p' | 't' | 'u' => {
                    let attached: String = letters[i + 1..].iter().collect();
                    let value = match attached.is_empty() {
                        false => attached,
                        true => {
                            at += 1;
                            args.get(at - 1)
                                .cloned()
                                .ok_or(format!("-{letter}: option requires an argument"))?
                        }
                    };
                    value_option(shell, &mut options, *letter, value)?;
                    break;
                }
                other => return Err(format!("-{other}: invalid option")),
            }
        }
    }
    options.names = args[at.min(args.len())..].to_vec();
    Ok(options)
}

fn value_option(_: &mut Shell, options: &mut Options, letter: char, value: String) -> Result<(), String> {
    match letter {
        'a' => options.array = Some(value),
        'd' => options.delimiter = Some(value.bytes().next().unwrap_or(0)),
        'p' => options.prompt = Some(value),
        'n' | 'N' => {
            let count = value.parse().map_err(|_| format!("{value}: invalid number"))?;
            options.count = Some((count, letter == 'N'));
        }
        't' => {
            let seconds: f64 =
                value.parse().map_err(|_| format!("{value}: invalid timeout specification"))?;
            options.timeout_ms = Some((seconds * 1000.0) as u64);
        }
        'u' => {
            options.fd =
                value.parse().map_err(|_| format!("{value}: invalid file descriptor specification"))?
        }
        _ => {}
    }
    Ok(())
}

/// What was read, with `\x` marking characters that a backslash protects.
struct Taken {
    text: Vec<(char, bool)>,
    /// The input ended before the delimiter.
    ended: bool,
}

async fn take(input: &Input, options: &Options) -> Taken {
    let mut bytes = Vec::new();
    let mut ended = false;
    loop {
        match (options.count, options.delimiter) {
            (None, None | Some(b'\n')) => {
                let line = match options.silent {
                    true => input.read_secret_line(options.prompt.as_deref().unwrap_or_default()).await,
                    false => input.read_line().await,
                };
                match line {
                    Some(line) => bytes.extend(line),
                    None => ended = true,
                }
                ended |= bytes.last() != Some(&b'\n');
                // A backslash joins lines.
                let joins = !options.raw && !ended && trailing_backslashes(&bytes) % 2 == 1;
                if joins && bytes.len() < MAX_LINE_BYTES {
                    let len = bytes.len();
                    bytes.truncate(len - 2);
                    continue;
                }
                if bytes.last() == Some(&b'\n') {
                    bytes.pop();
                }
            }
            (count, delimiter) => {
                let delimiter = delimiter.unwrap_or(b'\n');
                let (most, exact) = count.unwrap_or((MAX_LINE_BYTES, false));
                while bytes.len() < most {
                    let one = input.read_some(1).await;
                    match one.first() {
                        None => {
                            ended = true;
                            break;
                        }
                        Some(byte) if *byte == delimiter && !exact => break,
                        Some(_) => bytes.extend(one),
                    }
                }
            }
        }
        break;
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Taken { text: marked(&text, options.raw), ended }
}

fn trailing_backslashes(line: &[u8]) -> usize {
    line.iter().rev().skip(1).take_while(|byte| **byte == b'\\').count()
}

fn marked(text: &str, raw: bool) -> Vec<(char, bool)> {
    let mut out = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\0' => {}
            '\\' if !raw => out.extend(chars.next().map(|next| (next, true))),
            c => out.push((c, false)),
        }
    }
    out
}

async fn store(shell: &mut Shell, options: &Options, text: &[(char, bool)]) -> Outcome {
    let ifs = shell.ifs();
    let plain = |part: &[(char, bool)]| part.iter().map(|(c, _)| *c).collect::<String>();
    if let Some(array) = &options.array {
        let fields = split(text, &ifs, usize::MAX);
        shell.vars.set_array(array, fields);
        return Ok(0);
    }
    if options.names.is_empty() {
        shell.vars.set("REPLY", &plain(text));
        return Ok(0);
    }
    let fields = match options.count {
        Some((_, true)) => vec![plain(text)],
        _ => split(text, &ifs, options.names.len()),
    };
    for (i, name) in options.names.iter().enumerate() {
        let value = fields.get(i).map_or("", String::as_str);
        let (base, index) = match name.split_once('[') {
            Some((base, rest)) => (base, Some(rest.trim_end_matches(']'))),
            None => (name.as_str(), None),
        };
        if let Err(message) = shell.assign(base, index, value, false) {
            shell.complain(&message).await;
            return Ok(1);
        }
    }
    Ok(0)
}

/// At most `most` fields; the last one takes the rest of the line.
fn split(text: &[(char, bool)], ifs: &str, most: usize) -> Vec<String> {
    let separates = |(c, quoted): &(char, bool)| !quoted && ifs.contains(*c);
    let blank = |item: &(char, bool)| separates(item) && matches!(item.0, ' ' | '\t' | '\n');
    let mut fields = Vec::new();
    let mut at = 0;
    while text.get(at).is_some_and(&blank) {
        at += 1;
    }
    while at < text.len() {
        if fields.len() + 1 == most {
            let mut end = text.len();
            while end > at && blank(&text[end - 1]) {
                end -= 1;
            }
            // One trailing separator belongs to a last field that has no other.
            let rest = &text[at..end];
            let inner = rest.iter().position(&separates);
            let rest = match inner {
                Some(i) if i + 1 == rest.len() => &rest[..i],
                _ => rest,
            };
            fields.push(rest.iter().map(|(c, _)| *c).collect());
            return fields;
        }
        let start = at;
        while at < text.len() && !separates(&text[at]) {
            at += 1;
        }
        fields.push(text[start..at].iter().map(|(c, _)| *c).collect());
        while text.get(at).is_some_and(&blank) {
            at += 1;
        }
        if text.get(at).is_some_and(&separates) {
            at += 1;
            while text.get(at).is_some_and(&blank) {
                at += 1;
            }
        }
    }
    fields
}

pub(super) fn mapfile<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let (mut trim, mut count, mut skip, mut origin, mut fd) = (false, 0usize, 0usize, None, 0);
        let mut delimiter = b'\n';
        let mut name = "MAPFILE".to_string();
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            let mut number = || args.next().and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
            match arg.as_str() {
                "-t" => trim = true,
                "-n" => count = number(),
                "-s" => skip = number(),
                "-O" => origin = Some(number()),
                "-u" => fd = number() as i32,
                "-d" => delimiter = args.next().and_then(|text| text.bytes().next()).unwrap_or(0),
                flag if flag.starts_with('-') && flag.len() > 1 => {
                    return shell.usage("mapfile", &format!("{flag}: invalid option")).await;
                }
                other => name = other.to_string(),
            }
        }
        let (bytes, _) = shell.fds.input(fd).read_to_end().await;
        let mut items: Vec<String> = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == delimiter).skip(skip).take(MAX_LINES) {
            if count > 0 && items.len() == count {
                break;
            }
            let piece = if trim { piece.strip_suffix(&[delimiter]).unwrap_or(piece) } else { piece };
            items.push(String::from_utf8_lossy(piece).into_owned());
        }
        match origin {
            None => shell.vars.set_array(&name, items),
            Some(from) => {
                let entry = shell.vars.entry(&name);
                let mut map = match std::mem::take(&mut entry.data) {
                    Data::Indexed(map) => map,
                    _ => Default::default(),
                };
                map.extend((from as i64..).zip(items));
                entry.data = Data::Indexed(map);
            }
        }
        Ok(0)
    })
}
