//! The functions of templates, and how Go prints values. Pure.

use super::Go;
use base64::{DecodeError, Engine};
use serde_json::Value;
use std::cmp::Ordering;

/// `strconv` turns to exponents here when the digits are the shortest possible.
const FLOAT_EXPONENT: i32 = 6;

pub const NAMES: [&str; 20] = [
    "and",
    "or",
    "not",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "len",
    "index",
    "slice",
    "print",
    "printf",
    "println",
    "html",
    "js",
    "urlquery",
    "exists",
    "base64decode",
];

/// What Go says when a function is given too few or too many arguments; `piped` is one more from a pipeline.
pub fn wrong_count(name: &str, given: usize, piped: bool) -> Option<String> {
    let (count, variadic) = match name {
        "not" | "len" | "base64decode" => (1, false),
        "ne" | "lt" | "le" | "gt" | "ge" => (2, false),
        "and" | "or" | "eq" | "index" | "slice" | "printf" | "exists" => (1, true),
        _ => (0, true),
    };
    let all = given + usize::from(piped);
    match variadic {
        true if all < count => {
            Some(format!("wrong number of args for {name}: want at least {count} got {given}"))
        }
        false if all != count => Some(format!("wrong number of args for {name}: want {count} got {all}")),
        _ => None,
    }
}

pub fn call(name: &str, arguments: Vec<Go>) -> Result<Go, String> {
    let text = |value: String| Ok(Go::Json(Value::String(value)));
    let flag = |value: bool| Ok(Go::Json(Value::Bool(value)));
    match name {
        "and" | "or" => arguments.into_iter().last().ok_or_else(|| "wrong number of args".to_string()),
        "not" => flag(!truth(arguments.first().unwrap_or(&Go::NoValue))),
        "eq" => flag(compare_any(&arguments)?),
        "ne" => flag(order(&arguments)? != Ordering::Equal),
        "lt" => flag(order(&arguments)?.is_lt()),
        "le" => flag(order(&arguments)?.is_le()),
        "gt" => flag(order(&arguments)?.is_gt()),
        "ge" => flag(order(&arguments)?.is_ge()),
        "len" => length(arguments.first()),
        "index" => index(&arguments),
        "slice" => slice(&arguments),
        "print" | "html" | "js" | "urlquery" => {
            text(arguments.iter().map(print).collect::<Vec<_>>().join(" "))
        }
        "println" => text(arguments.iter().map(print).collect::<Vec<_>>().join(" ") + "\n"),
        "printf" => text(printf(&arguments)),
        "exists" => flag(index(&arguments).is_ok_and(|value| value != Go::NoValue)),
        "base64decode" => decode(&arguments),
        other => Err(format!("function {other:?} not defined")),
    }
}

pub fn truth(value: &Go) -> bool {
    match value {
        Go::NoValue | Go::Json(Value::Null) => false,
        Go::Int(number) => *number != 0,
        Go::Json(Value::Bool(flag)) => *flag,
        Go::Json(Value::Number(number)) => number.as_f64() != Some(0.0),
        Go::Json(Value::String(text)) => !text.is_empty(),
        Go::Json(Value::Array(items)) => !items.is_empty(),
        Go::Json(Value::Object(map)) => !map.is_empty(),
    }
}

pub fn type_name(value: &Go) -> &'static str {
    match value {
        Go::Int(_) => "int",
        Go::NoValue | Go::Json(Value::Null) => "<nil>",
        Go::Json(Value::Bool(_)) => "bool",
        Go::Json(Value::Number(number)) if number.is_f64() => "float64",
        Go::Json(Value::Number(_)) => "int64",
        Go::Json(Value::String(_)) => "string",
        Go::Json(Value::Array(_)) => "[]interface {}",
        Go::Json(Value::Object(_)) => "map[string]interface {}",
    }
}

/// `%v`.
pub fn print(value: &Go) -> String {
    match value {
        Go::Int(number) => number.to_string(),
        Go::NoValue => "<no value>".into(),
        Go::Json(value) => print_json(value, true),
    }
}

pub fn print_json(value: &Value, top: bool) -> String {
    match value {
        Value::Null if top => "<no value>".into(),
        Value::Null => "<nil>".into(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) if number.is_f64() => float(number.as_f64().unwrap_or_default()),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(|item| print_json(item, false)).collect::<Vec<_>>().join(" "))
        }
        Value::Object(map) => {
            let inner: Vec<String> =
                map.iter().map(|(key, item)| format!("{key}:{}", print_json(item, false))).collect();
            format!("map[{}]", inner.join(" "))
        }
    }
}

/// Go's `%v` of a float64: the shortest digits, with an exponent below -4 and from 6 (as `fmt.Print(1e6)`).
pub fn float(number: f64) -> String {
    let shortest = format!("{number:e}");
    let (digits, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..FLOAT_EXPONENT).contains(&exponent) {
        return format!("{number}");
    }
    format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

fn length(value: Option<&Go>) -> Result<Go, String> {
    let length = match value {
        Some(Go::Json(Value::Array(items))) => items.len(),
        Some(Go::Json(Value::Object(map))) => map.len(),
        Some(Go::Json(Value::String(text))) => text.len(),
        Some(Go::NoValue | Go::Json(Value::Null)) | None => return Err("len of nil pointer".into()),
        Some(other) => return Err(format!("len of type {}", type_name(other))),
    };
    Ok(Go::Int(length as i64))
}

fn whole(value: &Go) -> Option<i64> {
    match value {
        Go::Int(number) => Some(*number),
        Go::Json(Value::Number(number)) => number.as_i64(),
        _ => None,
    }
}

fn index(arguments: &[Go]) -> Result<Go, String> {
    let mut value = arguments.first().cloned().unwrap_or(Go::NoValue);
    for key in arguments.iter().skip(1) {
        value = match (value, key) {
            (Go::Json(Value::Object(mut map)), Go::Json(Value::String(key))) => {
                map.remove(key).map_or(Go::NoValue, Go::Json)
            }
            (Go::Json(Value::Array(items)), key) => {
                let at = whole(key)
                    .ok_or_else(|| format!("cannot index slice/array with type {}", type_name(key)))?;
                let found = usize::try_from(at).ok().and_then(|at| items.get(at).cloned());
                Go::Json(found.ok_or_else(|| format!("index out of range: {at}"))?)
            }
            (Go::NoValue | Go::Json(Value::Null), _) => return Err("index of untyped nil".into()),
            (other, _) => return Err(format!("can't index item of type {}", type_name(&other))),
        };
    }
    Ok(value)
}

fn slice(arguments: &[Go]) -> Result<Go, String> {
    let bound =
        |i: usize, default: usize| arguments.get(i).and_then(whole).map_or(default, |n| n.max(0) as usize);
    match arguments.first() {
        Some(Go::Json(Value::String(text))) => {
            let range = bound(1, 0)..bound(2, text.len());
            text.get(range)
                .map(|part| Go::Json(Value::from(part)))
                .ok_or_else(|| "index out of range".to_string())
        }
        Some(Go::Json(Value::Array(items))) => {
            let range = bound(1, 0)..bound(2, items.len());
            items
                .get(range)
                .map(|part| Go::Json(Value::from(part.to_vec())))
                .ok_or_else(|| "index out of range".to_string())
        }
        other => Err(format!("can't slice item of type {}", other.map_or("<nil>", type_name))),
    }
}

fn compare_any(arguments: &[Go]) -> Result<bool, String> {
    if arguments.len() < 2 {
        return Err("missing argument for comparison".into());
    }
    for other in &arguments[1..] {
        if order(&[arguments[0].clone(), other.clone()])? == Ordering::Equal {
            return Ok(true);
        }
    }
    Ok(false)
}

fn order(arguments: &[Go]) -> Result<Ordering, String> {
    let incompatible = || "incompatible types for comparison".to_string();
    if let [a, b] = arguments
        && let (Some(a), Some(b)) = (whole(a), whole(b))
    {
        return Ok(a.cmp(&b));
    }
    match arguments {
        [Go::Json(Value::Number(a)), Go::Json(Value::Number(b))] if a.is_f64() && b.is_f64() => {
            a.as_f64().partial_cmp(&b.as_f64()).ok_or_else(incompatible)
        }
        [Go::Json(Value::String(a)), Go::Json(Value::String(b))] => Ok(a.cmp(b)),
        [Go::Json(Value::Bool(a)), Go::Json(Value::Bool(b))] => Ok(a.cmp(b)),
        [Go::NoValue | Go::Json(Value::Null), Go::NoValue | Go::Json(Value::Null)] => Ok(Ordering::Equal),
        [Go::NoValue | Go::Json(Value::Null), _] | [_, Go::NoValue | Go::Json(Value::Null)] => {
            Ok(Ordering::Less)
        }
        [_, _] => Err(incompatible()),
        _ => Err("missing argument for comparison".into()),
    }
}

fn decode(arguments: &[Go]) -> Result<Go, String> {
    let text = arguments.first().map(print).unwrap_or_default();
    let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim()).map_err(|error| {
        let at = match error {
            DecodeError::InvalidByte(at, _) | DecodeError::InvalidLastSymbol(at, _) => at,
            _ => text.trim().len(),
        };
        format!("base64 decode failed: illegal base64 data at input byte {at}")
    })?;
    Ok(Go::Json(Value::String(String::from_utf8_lossy(&bytes).into_owned())))
}

/// `fmt.Sprintf` for the verbs people use: v s q d f g t x %, with width, precision, `-` and `0`.
fn printf(arguments: &[Go]) -> String {
    let format = arguments.first().map(print).unwrap_or_default();
    let mut rest = arguments.iter().skip(1);
    let mut out = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut spec = String::new();
        while let Some(c) = chars.next_if(|c| matches!(c, '-' | '+' | '#' | ' ' | '.') || c.is_ascii_digit())
        {
            spec.push(c);
        }
        match chars.next() {
            None => out.push_str("%!(NOVERB)"),
            Some('%') => out.push('%'),
            Some(verb) => match rest.next() {
                Some(value) => out.push_str(&pad(&spec, formatted(verb, &spec, value))),
                None => out.push_str(&format!("%!{verb}(MISSING)")),
            },
        }
    }
    let extra: Vec<String> = rest.map(|value| format!("{}={}", type_name(value), print(value))).collect();
    if !extra.is_empty() {
        out.push_str(&format!("%!(EXTRA {})", extra.join(", ")));
    }
    out
}

fn formatted(verb: char, spec: &str, value: &Go) -> String {
    let precision = spec.split_once('.').map(|(_, digits)| digits.parse::<usize>().unwrap_or(0));
    match (verb, value) {
        ('v', value) => print(value),
        ('T', value) => type_name(value).to_owned(),
        ('s', Go::Json(Value::String(text))) => text.chars().take(precision.unwrap_or(usize::MAX)).collect(),
        ('q', Go::Json(Value::String(text))) => format!("{text:?}"),
        ('t', Go::Json(Value::Bool(flag))) => flag.to_string(),
        ('d' | 'x' | 'X' | 'o' | 'b', value) if whole(value).is_some() => {
            let number = whole(value).unwrap_or_default();
            match verb {
                'x' => format!("{number:x}"),
                'X' => format!("{number:X}"),
                'o' => format!("{number:o}"),
                'b' => format!("{number:b}"),
                _ => number.to_string(),
            }
        }
        ('f' | 'F', Go::Json(Value::Number(number))) if number.is_f64() => {
            format!("{:.*}", precision.unwrap_or(6), number.as_f64().unwrap_or_default())
        }
        ('g', Go::Json(Value::Number(number))) if number.is_f64() => {
            float(number.as_f64().unwrap_or_default())
        }
        ('s', Go::Json(Value::Array(_) | Value::Object(_))) => print(value),
        (_, Go::NoValue) => format!("%!{verb}(<nil>)"),
        (verb, value) => format!("%!{verb}({}={})", type_name(value), print(value)),
    }
}

fn pad(spec: &str, text: String) -> String {
    let left = spec.contains('-');
    let zero = spec.trim_start_matches(['-', '+', '#', ' ']).starts_with('0') && !left;
    let width: usize = spec
        .trim_start_matches(['-', '+', '#', ' ', '0'])
        .split('.')
        .next()
        .unwrap_or("")
        .parse()
        .unwrap_or(0);
    let missing = width.min(10_000).saturating_sub(text.chars().count());
    let fill = if zero { "0" } else { " " }.repeat(missing);
    if left { text + &fill } else { fill + &text }
}
