//! `--filter`, `--sort-by` and `--limit` over resources.

use std::cmp::Ordering;

use regex::Regex;
use serde_json::Value;

use super::args::Parsed;
use super::format::text_of;

/// The resources that a command line asks for, in its order.
///
/// # Errors
/// An expression that cannot be read.
pub fn select(parsed: &Parsed, items: Vec<Value>) -> Result<Vec<Value>, String> {
    let mut items = match parsed.flag("--filter") {
        Some(expression) => {
            let mut kept = Vec::new();
            for item in items {
                if holds(expression, &item)? {
                    kept.push(item);
                }
            }
            kept
        }
        None => items,
    };
    if let Some(keys) = parsed.flag("--sort-by") {
        for key in keys.split(',').rev() {
            let (key, reverse) = key.strip_prefix('~').map_or((key, false), |k| (k, true));
            items.sort_by(|a, b| {
                let order = compare(&text_of(&lookup(a, key)), &text_of(&lookup(b, key)));
                if reverse { order.reverse() } else { order }
            });
        }
    }
    if let Some(limit) = parsed.flag("--limit").and_then(|l| l.parse::<usize>().ok()) {
        items.truncate(limit);
    }
    Ok(items)
}

fn holds(expression: &str, item: &Value) -> Result<bool, String> {
    let words: Vec<&str> = expression.split_whitespace().collect();
    let mut any = false;
    for alternative in words.split(|w| *w == "OR") {
        let mut all = true;
        let mut negated = false;
        for word in alternative.iter().filter(|w| **w != "AND") {
            match *word {
                "NOT" => negated = true,
                term => {
                    let (term, minus) = term.strip_prefix('-').map_or((term, false), |t| (t, true));
                    all &= self::term(term.trim_matches(['(', ')']), item)? != (negated || minus);
                    negated = false;
                }
            }
        }
        any |= all;
    }
    Ok(any)
}

fn term(term: &str, item: &Value) -> Result<bool, String> {
    let operators = ["!=", "!~", ">=", "<=", "=", ":", "~", ">", "<"];
    let found = operators
        .iter()
        .filter_map(|op| Some((term.find(op)?, *op)))
        .min_by_key(|(at, op)| (*at, usize::MAX - op.len()));
    let Some((at, operator)) = found else {
        return Ok(text_of(item).contains(term));
    };
    let (key, operand) = (&term[..at], term[at + operator.len()..].trim_matches(['"', '\'']));
    if key.is_empty() || operand.is_empty() {
        return Err(format!("Non-empty key name and operand expected [{term} *HERE*]."));
    }
    let value = text_of(&lookup(item, key));
    let short = value.rsplit('/').next().unwrap_or_default().to_owned();
    let matches = |pattern: &str| Regex::new(pattern).map(|r| r.is_match(&value)).map_err(|e| e.to_string());
    Ok(match operator {
        "=" => value.eq_ignore_ascii_case(operand) || short.eq_ignore_ascii_case(operand),
        "!=" => !(value.eq_ignore_ascii_case(operand) || short.eq_ignore_ascii_case(operand)),
        ":" => operand == "*" && !value.is_empty() || has(&value, operand),
        "~" => matches(operand)?,
        "!~" => !matches(operand)?,
        ">" => compare(&value, operand) == Ordering::Greater,
        "<" => compare(&value, operand) == Ordering::Less,
        ">=" => compare(&value, operand) != Ordering::Less,
        _ => compare(&value, operand) != Ordering::Greater,
    })
}

/// `:` finds a word, or a prefix with `*`.
fn has(value: &str, operand: &str) -> bool {
    let (value, operand) = (value.to_lowercase(), operand.to_lowercase());
    let words = || value.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_' && c != '.');
    match operand.strip_suffix('*') {
        Some(prefix) => value.starts_with(prefix) || words().any(|w| w.starts_with(prefix)),
        None => value == operand || words().any(|w| w == operand) || value.contains(&operand),
    }
}

fn compare(a: &str, b: &str) -> Ordering {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a.total_cmp(&b),
        _ => a.cmp(b),
    }
}

fn lookup(item: &Value, path: &str) -> Value {
    path.split('.').try_fold(item, |value, key| value.get(key)).cloned().unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(filter: &str, expect: bool) {
        let item = json!({"name": "gke-io-1", "status": "RUNNING", "zone": "x/zones/us-east1-b", "n": 3});
        assert_eq!(holds(filter, &item), Ok(expect), "{filter}");
    }

    #[test]
    fn filters() {
        check("name=gke-io-1", true);
        check("name~^gke", true);
        check("zone:us-east1-b", true);
        check("status=TERMINATED OR n>2", true);
        check("status=RUNNING AND NOT name:gke*", false);
        check("-status=RUNNING", false);
        assert!(holds("name=", &json!({})).is_err());
    }
}
