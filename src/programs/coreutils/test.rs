//! `test`, `[` and `expr`, as programs; shells have their own `test`. Must never write to standard output, except `expr`.

use crate::image::files::EntryKind;
use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Tool};
use crate::world::Call;

static TEST: Spec =
    Spec::new(&[], "Usage: test EXPRESSION\n   or: [ EXPRESSION ]\n\nIs true or false.\n").misuse(2);
static EXPR: Spec = Spec::new(&[], "Usage: expr EXPRESSION\n\nPrints the value of EXPRESSION: + - * / % < <= = != >= > & | : length substr index\n").misuse(2);

/// `test` and `[`.
pub async fn test(call: Call) -> Outcome {
    let tool = Tool::bare(call, &TEST);
    let mut words = tool.call.args().to_vec();
    if tool.name == "[" && words.pop().is_none_or(|w| w != "]") {
        return Err(tool.die_with(2, "missing ']'").await);
    }
    let mut at = 0;
    match or(&tool, &words, &mut at) {
        Ok(value) if at >= words.len() => Ok(i32::from(!value)),
        Ok(_) => Err(tool.die_with(2, format!("extra argument ‘{}’", words[at])).await),
        Err(text) => Err(tool.die_with(2, text).await),
    }
}

fn or(tool: &Tool, words: &[String], at: &mut usize) -> Result<bool, String> {
    if words.is_empty() {
        return Ok(false);
    }
    let mut value = and(tool, words, at)?;
    while words.get(*at).is_some_and(|w| w == "-o") {
        *at += 1;
        value |= and(tool, words, at)?;
    }
    Ok(value)
}

fn and(tool: &Tool, words: &[String], at: &mut usize) -> Result<bool, String> {
    let mut value = one(tool, words, at)?;
    while words.get(*at).is_some_and(|w| w == "-a") {
        *at += 1;
        value &= one(tool, words, at)?;
    }
    Ok(value)
}

fn one(tool: &Tool, words: &[String], at: &mut usize) -> Result<bool, String> {
    let Some(word) = words.get(*at) else { return Err("argument expected".into()) };
    if let (Some(operator), Some(right)) = (words.get(*at + 1), words.get(*at + 2))
        && let Some(value) = binary(tool, word, operator, right)?
    {
        *at += 3;
        return Ok(value);
    }
    *at += 1;
    match word.as_str() {
        "!" if *at < words.len() => Ok(!one(tool, words, at)?),
        "(" if *at < words.len() => {
            let value = or(tool, words, at)?;
            if words.get(*at).is_none_or(|w| w != ")") {
                return Err("')' expected".into());
            }
            *at += 1;
            Ok(value)
        }
        flag if flag.len() == 2 && flag.starts_with('-') && *at < words.len() => {
            let operand = &words[*at];
            match unary(tool, flag, operand) {
                Some(value) => {
                    *at += 1;
                    Ok(value)
                }
                None => Err(format!("{flag}: unary operator expected")),
            }
        }
        text => Ok(!text.is_empty()),
    }
}

fn unary(tool: &Tool, flag: &str, operand: &str) -> Option<bool> {
    let sys = &tool.call.sys;
    let path = tool.path(operand);
    let entry = sys.stat(&path).ok();
    Some(match flag {
        "-z" => operand.is_empty(),
        "-n" => !operand.is_empty(),
        "-e" | "-a" => entry.is_some(),
        "-f" => entry.is_some_and(|e| !e.is_dir()),
        "-d" => entry.is_some_and(|e| e.is_dir()),
        "-s" => entry.is_some_and(|e| e.is_dir() || e.size() > 0),
        "-r" | "-w" => entry.is_some(),
        "-x" => entry.is_some_and(|e| e.is_executable() || e.is_dir()),
        "-L" | "-h" => sys.lstat(&path).is_ok_and(|e| matches!(e.kind, EntryKind::Symlink(_))),
        "-t" => match operand {
            "0" => tool.call.io.stdin.is_terminal(),
            "1" => tool.call.io.stdout.is_terminal(),
            _ => tool.call.io.stderr.is_terminal(),
        },
        "-O" | "-G" | "-N" => entry.is_some(),
        "-b" | "-c" | "-p" | "-S" | "-u" | "-g" | "-k" => false,
        _ => return None,
    })
}

fn binary(tool: &Tool, left: &str, operator: &str, right: &str) -> Result<Option<bool>, String> {
    let numbers = || -> Result<(i64, i64), String> {
        let number = |text: &str| text.trim().parse().map_err(|_| format!("invalid integer ‘{text}’"));
        Ok((number(left)?, number(right)?))
    };
    let time = |name: &str| tool.call.sys.stat(&tool.path(name)).ok().map(|e| e.mtime);
    Ok(Some(match operator {
        "=" | "==" => left == right,
        "!=" => left != right,
        "<" => left < right,
        ">" => left > right,
        "-eq" => numbers().map(|(a, b)| a == b)?,
        "-ne" => numbers().map(|(a, b)| a != b)?,
        "-lt" => numbers().map(|(a, b)| a < b)?,
        "-le" => numbers().map(|(a, b)| a <= b)?,
        "-gt" => numbers().map(|(a, b)| a > b)?,
        "-ge" => numbers().map(|(a, b)| a >= b)?,
        "-nt" => time(left) > time(right),
        "-ot" => time(left) < time(right),
        "-ef" => tool.path(left) == tool.path(right),
        _ => return Ok(None),
    }))
}

/// `expr`.
pub async fn expr(call: Call) -> Outcome {
    let tool = Tool::bare(call, &EXPR);
    let words = tool.call.args().to_vec();
    if words.is_empty() {
        return Err(tool.misuse("missing operand").await);
    }
    let mut at = 0;
    match level(&words, &mut at, 0) {
        Ok(value) if at >= words.len() => {
            tool.out(format!("{value}\n")).await?;
            Ok(i32::from(value.is_empty() || value == "0"))
        }
        Ok(_) => Err(tool.die_with(2, format!("syntax error: unexpected argument ‘{}’", words[at])).await),
        Err(text) => Err(tool.die_with(2, text).await),
    }
}

const LEVELS: &[&[&str]] =
    &[&["|"], &["&"], &["<", "<=", "=", "==", "!=", ">=", ">"], &["+", "-"], &["*", "/", "%"], &[":"]];

fn level(words: &[String], at: &mut usize, depth: usize) -> Result<String, String> {
    let Some(operators) = LEVELS.get(depth) else { return primary(words, at) };
    let mut left = level(words, at, depth + 1)?;
    while let Some(operator) = words.get(*at).filter(|w| operators.contains(&w.as_str())) {
        *at += 1;
        let right = level(words, at, depth + 1)?;
        left = combine(&left, operator, &right)?;
    }
    Ok(left)
}

fn primary(words: &[String], at: &mut usize) -> Result<String, String> {
    let Some(word) = words.get(*at).cloned() else {
        return Err(format!(
            "syntax error: missing argument after ‘{}’",
            words.last().map_or("", String::as_str)
        ));
    };
    *at += 1;
    let mut next = || {
        let word = words.get(*at).cloned().ok_or_else(|| "syntax error: missing argument".to_owned());
        *at += 1;
        word
    };
    match word.as_str() {
        "length" => next().map(|t| t.chars().count().to_string()),
        "substr" => {
            let (text, from, count) = (next()?, next()?, next()?);
            let (from, count) = (from.parse::<usize>().unwrap_or(0), count.parse::<usize>().unwrap_or(0));
            Ok(if from == 0 { String::new() } else { text.chars().skip(from - 1).take(count).collect() })
        }
        "index" => {
            let (text, chars) = (next()?, next()?);
            Ok(text.chars().position(|c| chars.contains(c)).map_or(0, |i| i + 1).to_string())
        }
        "(" => {
            let value = level(words, at, 0)?;
            if words.get(*at).is_none_or(|w| w != ")") {
                return Err(format!(
                    "syntax error: expecting ‘)’ after ‘{}’",
                    words.get(at.saturating_sub(1)).map_or("", String::as_str)
                ));
            }
            *at += 1;
            Ok(value)
        }
        _ => Ok(word),
    }
}

fn combine(left: &str, operator: &str, right: &str) -> Result<String, String> {
    let truth = |text: &str| !text.is_empty() && text != "0";
    let both = || Some((left.parse::<i64>().ok()?, right.parse::<i64>().ok()?));
    let flag = |value: bool| Ok(i64::from(value).to_string());
    match operator {
        "|" => {
            return Ok(if truth(left) {
                left
            } else if truth(right) {
                right
            } else {
                "0"
            }
            .to_owned());
        }
        "&" => return Ok(if truth(left) && truth(right) { left } else { "0" }.to_owned()),
        ":" => return matched(left, right),
        _ => {}
    }
    let order = both().map_or_else(|| left.cmp(right), |(a, b)| a.cmp(&b));
    match operator {
        "<" => return flag(order.is_lt()),
        "<=" => return flag(order.is_le()),
        "=" | "==" => return flag(order.is_eq()),
        "!=" => return flag(order.is_ne()),
        ">=" => return flag(order.is_ge()),
        ">" => return flag(order.is_gt()),
        _ => {}
    }
    let Some((a, b)) = both() else { return Err("non-integer argument".into()) };
    let value = match operator {
        "+" => a.checked_add(b),
        "-" => a.checked_sub(b),
        "*" => a.checked_mul(b),
        _ if b == 0 => return Err("division by zero".into()),
        "/" => a.checked_div(b),
        _ => a.checked_rem(b),
    };
    value.map(|v| v.to_string()).ok_or_else(|| "integer result too large".into())
}

fn matched(text: &str, pattern: &str) -> Result<String, String> {
    let regex = super::posix::compile(
        &format!("^{}", pattern.trim_start_matches('^')),
        super::posix::Dialect::Basic,
        Default::default(),
    )?;
    let groups = regex.captures_len() > 1;
    Ok(match regex.captures(text.as_bytes()) {
        None if groups => String::new(),
        None => "0".to_owned(),
        Some(captures) => match captures.get(1) {
            Some(group) => String::from_utf8_lossy(group.as_bytes()).into_owned(),
            None => String::from_utf8_lossy(&captures[0]).chars().count().to_string(),
        },
    })
}
