//! How values are compared with operands: word by word, as patterns, by their order. Must never read an expression.

use jiff::Timestamp;
use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::super::format::lexer::{Key, Part, key_name};
use super::super::format::property::{self, is_something};
use super::time;

/// Text in any value of a resource; names of fields do not count.
pub fn anywhere(value: &Value, text: &str) -> bool {
    match value {
        Value::Array(all) => all.iter().any(|v| anywhere(v, text)),
        Value::Object(map) => map.iter().any(|(k, v)| !k.starts_with('_') && anywhere(v, text)),
        other => is_something(other) && property::text(other).to_lowercase().contains(text),
    }
}

/// Whether a pattern is found; lists and maps are no text.
pub fn matches(value: &Value, pattern: &str) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_))
        && Regex::new(pattern).is_ok_and(|regex| regex.is_match(&property::text(value)))
}

/// What is wrong with a pattern, in the words of Python's `re`.
pub fn pattern_problem(pattern: &str) -> Option<String> {
    Regex::new(pattern).err()?;
    let chars: Vec<char> = pattern.chars().collect();
    let (mut at, mut open) = (0, Vec::new());
    while at < chars.len() {
        let repeats = |at: usize| matches!(chars[at], '*' | '+' | '?');
        match chars[at] {
            '\\' if at + 1 == chars.len() => {
                return Some(format!("bad escape (end of pattern) at position {at}"));
            }
            '\\' => at += 1,
            '[' => {
                // A bracket right behind the opening one is a member of the set.
                let first = at + 1 + usize::from(chars.get(at + 1) == Some(&'^'));
                let end = (first + 1..chars.len()).find(|end| chars[*end] == ']' && chars[end - 1] != '\\');
                match end {
                    Some(end) => at = end,
                    None => return Some(format!("unterminated character set at position {at}")),
                }
            }
            '(' => open.push(at),
            ')' if open.pop().is_none() => return Some(format!("unbalanced parenthesis at position {at}")),
            '*' | '+' | '?' if at == 0 || matches!(chars[at - 1], '(' | '|') => {
                return Some(format!("nothing to repeat at position {at}"));
            }
            '*' | '+' if at > 0 && repeats(at - 1) => {
                return Some(format!("multiple repeat at position {at}"));
            }
            _ => {}
        }
        at += 1;
    }
    open.pop().map(|at| format!("missing ), unterminated subpattern at position {at}"))
}

/// Word by word: numbers by value, truth by its word, everything else as text.
pub fn words(value: &Value, operand: &str, same: &dyn Fn(&str, &str) -> bool) -> bool {
    let as_number = operand.parse::<f64>().ok();
    match value {
        Value::Object(map) => {
            map.iter().any(|(k, v)| same(&k.to_lowercase(), operand) || words(v, operand, same))
        }
        Value::Array(all) => all.iter().any(|v| words(v, operand, same)),
        Value::Number(n) => n.as_f64() == as_number || same(&n.to_string(), operand),
        Value::Bool(set) => {
            let (number, word) = if *set { (1.0, "true") } else { (0.0, "false") };
            as_number == Some(number) || same(word, operand)
        }
        Value::Null => operand.is_empty() || (operand != "*" && same("null", operand)),
        Value::String(s) => {
            let numbers = s.parse::<f64>().ok().zip(as_number);
            s == operand || numbers.is_some_and(|(a, b)| a == b) || same(&s.to_lowercase(), operand)
        }
    }
}

/// Whether a key is a resource's zone or region, which is compared by its last part too.
pub fn is_place(key: &Key) -> bool {
    matches!(key.as_slice(), [Part::Name(name)] if matches!(name.as_str(), "zone" | "region"))
}

/// The whole text, case aside.
pub fn equals(text: &str, operand: &str, by_place: bool) -> bool {
    let operand = operand.to_lowercase();
    text == operand || (by_place && text.rsplit('/').next() == Some(operand.as_str()))
}

/// As the operators are to mean one day: whole words within the text.
fn word_within(text: &str, operand: &str, operator: &str) -> bool {
    let operand = operand.to_lowercase();
    let (word, tail) = match operand.strip_suffix('*').filter(|_| operator == ":") {
        Some(head) => (head, ""),
        None => (operand.as_str(), "\\b"),
    };
    let pattern = format!("\\b{}{tail}", regex::escape(word));
    RegexBuilder::new(&pattern).multi_line(true).build().is_ok_and(|regex| regex.is_match(text))
}

/// What is said when a comparison is about to change its meaning.
pub fn warning(key: &Key, operator: &str, operand: &str, text: &str) -> Option<String> {
    if operand == "*" || text == operand.to_lowercase() {
        return None;
    }
    let now = if operator == ":" { has(text, operand) } else { equals(text, operand, is_place(key)) };
    let then = word_within(text, operand, operator);
    let old = if now { "matches" } else { "does not match" };
    let new = if then { "will match" } else { "will not match" };
    (now != then).then(|| {
        format!("--filter : operator evaluation is changing for consistency across Google APIs.  {}{operator}{operand} currently {old} but {new} in the near future.  Run `gcloud topic filters` for details.", key_name(key))
    })
}

/// Whole words within the text; `*` stands for their rest.
pub fn has(text: &str, operand: &str) -> bool {
    let operand = operand.to_lowercase();
    let parts: Vec<String> = operand.split('*').map(regex::escape).collect();
    let pattern = match parts.as_slice() {
        _ if operand == "*" => ".".to_owned(),
        [whole] => whole.clone(),
        [head, tail] if tail.is_empty() => format!("^{head}"),
        [head, tail] if head.is_empty() => format!("{tail}$"),
        parts => format!("^{}$", parts.join(".*")),
    };
    RegexBuilder::new(&pattern).multi_line(true).build().is_ok_and(|regex| regex.is_match(text))
}

/// By value where both are numbers or times, else as text.
pub fn ordered(value: &Value, operator: &str, operand: &str, now: Option<Timestamp>) -> bool {
    let number = |value: &Value| value.as_f64().or_else(|| property::text(value).parse().ok());
    let times = || Some((time::of_value(value.as_str()?)?, time::of_operand(operand, now)?));
    let order = match (number(value), operand.parse::<f64>().ok()) {
        (Some(a), Some(b)) => a.partial_cmp(&b),
        _ if !is_something(value) || matches!(value, Value::Array(_) | Value::Object(_)) => None,
        _ => match times() {
            Some((a, b)) => Some(a.cmp(&b)),
            None if value.as_str().is_some_and(|text| time::of_value(text).is_some()) => None,
            None => Some(property::text(value).as_str().cmp(operand)),
        },
    };
    order.is_some_and(|order| match operator {
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        _ => order.is_ge(),
    })
}
