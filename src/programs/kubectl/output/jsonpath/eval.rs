//! Evaluation of parsed JSONPath, as client-go's jsonpath.go walks. Never mutates the value.

use super::{Bound, DEPTH_LIMIT, JsonPath, Node};
use serde_json::Value;
use std::borrow::Cow;

type Found<'a> = Vec<Cow<'a, Value>>;

/// What running one action said about loops.
#[derive(PartialEq)]
enum Flow {
    Next,
    Begin,
    End,
}

pub fn find(path: &JsonPath, data: &Value) -> Result<Vec<Vec<Value>>, String> {
    let mut out = Vec::new();
    run(path, 0, data, 0, &mut out)?;
    Ok(out)
}

/// Runs actions from `start` until the `end` of the enclosing range; the index where it stopped.
fn run(
    path: &JsonPath,
    start: usize,
    data: &Value,
    depth: usize,
    out: &mut Vec<Vec<Value>>,
) -> Result<Option<usize>, String> {
    if depth > DEPTH_LIMIT {
        return Err("jsonpath is nested too deeply".into());
    }
    let mut at = start;
    while at < path.actions.len() {
        let (found, flow) = walk(path, &path.actions[at], vec![Cow::Borrowed(data)], depth)?;
        match flow {
            Flow::End => return Ok(Some(at)),
            Flow::Begin => {
                let mut ended = None;
                if found.is_empty() {
                    ended = run(path, at + 1, &Value::Null, depth + 1, &mut Vec::new()).unwrap_or_default();
                }
                for value in &found {
                    ended = run(path, at + 1, value, depth + 1, out)?;
                }
                at = ended.unwrap_or(at);
            }
            Flow::Next => out.push(found.into_iter().map(Cow::into_owned).collect()),
        }
        at += 1;
    }
    Ok(None)
}

fn walk<'a>(
    path: &JsonPath,
    nodes: &[Node],
    input: Found<'a>,
    depth: usize,
) -> Result<(Found<'a>, Flow), String> {
    let mut current = input;
    let mut flow = Flow::Next;
    for node in nodes {
        current = match node {
            Node::Text(text) => vec![Cow::Owned(Value::String(text.clone()))],
            Node::Int(number) => current.iter().map(|_| Cow::Owned(Value::from(*number))).collect(),
            Node::Float(number) => current.iter().map(|_| Cow::Owned(Value::from(*number))).collect(),
            Node::Bool(flag) => current.iter().map(|_| Cow::Owned(Value::from(*flag))).collect(),
            Node::Field(name) => field(path, current, name)?,
            Node::Wildcard => current.into_iter().flat_map(children).collect(),
            Node::Recursive => {
                let mut out = Vec::new();
                recurse(current, depth, &mut out)?;
                out
            }
            Node::Array { from, to, step } => slice(current, *from, *to, *step)?,
            Node::Union(lists) => {
                let mut out = Vec::new();
                for list in lists {
                    out.extend(walk(path, list, current.clone(), depth)?.0);
                }
                out
            }
            Node::Filter { left, operator, right } => filter(path, current, left, operator, right, depth)?,
            Node::Identifier(name) if name == "range" => {
                flow = Flow::Begin;
                current
            }
            Node::Identifier(name) if name == "end" && depth > 0 => {
                flow = Flow::End;
                Vec::new()
            }
            Node::Identifier(name) if name == "end" => return Err("not in range, nothing to end".into()),
            Node::Identifier(name) => return Err(format!("unrecognized identifier {name}")),
        };
    }
    Ok((current, flow))
}

fn field<'a>(path: &JsonPath, input: Found<'a>, name: &str) -> Result<Found<'a>, String> {
    if input.is_empty() {
        return Ok(input);
    }
    let found: Found<'a> = input
        .into_iter()
        .filter_map(|value| match value {
            Cow::Borrowed(value) => value.get(name).map(Cow::Borrowed),
            Cow::Owned(value) => value.get(name).cloned().map(Cow::Owned),
        })
        .collect();
    if found.is_empty() && !path.allow_missing_keys {
        return Err(format!("{name} is not found"));
    }
    Ok(found)
}

fn children(value: Cow<'_, Value>) -> Found<'_> {
    match value {
        Cow::Borrowed(Value::Object(map)) => map.values().map(Cow::Borrowed).collect(),
        Cow::Borrowed(Value::Array(items)) => items.iter().map(Cow::Borrowed).collect(),
        Cow::Owned(Value::Object(map)) => map.into_iter().map(|(_, value)| Cow::Owned(value)).collect(),
        Cow::Owned(Value::Array(items)) => items.into_iter().map(Cow::Owned).collect(),
        _ => Vec::new(),
    }
}

fn recurse<'a>(input: Found<'a>, depth: usize, out: &mut Found<'a>) -> Result<(), String> {
    if depth > DEPTH_LIMIT {
        return Err("jsonpath is nested too deeply".into());
    }
    for value in input {
        let inner = children(value.clone());
        if !inner.is_empty() {
            out.push(value);
            recurse(inner, depth + 1, out)?;
        }
    }
    Ok(())
}

fn slice<'a>(input: Found<'a>, from: Option<i64>, to: Bound, step: Option<i64>) -> Result<Found<'a>, String> {
    let mut out = Vec::new();
    for value in input {
        if value.is_null() {
            continue;
        }
        let Some(length) = value.as_array().map(|items| items.len() as i64) else {
            return Err(format!("{} is not array or slice", go_type(&value)));
        };
        let start = from.map_or(0, |from| if from < 0 { from + length } else { from });
        let end = match to {
            Bound::Open => length,
            Bound::At(to) if to < 0 => to + length,
            Bound::At(to) => to,
            Bound::Derived(to) if to <= 0 => to + length,
            Bound::Derived(to) => to,
        };
        if start == end {
            return Ok(out);
        }
        if start >= length || start < 0 {
            return Err(format!("array index out of bounds: index {start}, length {length}"));
        }
        if end > length || end < 0 {
            return Err(format!("array index out of bounds: index {}, length {length}", end - 1));
        }
        if start > end {
            return Err(format!("starting index {start} is greater than ending index {end}"));
        }
        let step = step.unwrap_or(1);
        if step <= 0 {
            return Err("step must be > 0".into());
        }
        let inner = children(value);
        let chosen = inner.into_iter().take(end as usize).skip(start as usize).step_by(step as usize);
        out.extend(chosen);
    }
    Ok(out)
}

fn filter<'a>(
    path: &JsonPath,
    input: Found<'a>,
    left: &[Node],
    operator: &str,
    right: &[Node],
    depth: usize,
) -> Result<Found<'a>, String> {
    let mut out = Vec::new();
    for value in input {
        if !value.is_array() {
            return Err(format!("{} is not array or slice and cannot be filtered", super::text(&value)));
        }
        for item in children(value) {
            let lefts = walk(path, left, vec![item.clone()], depth);
            if operator == "exists" {
                if lefts.is_ok_and(|(found, _)| !found.is_empty()) {
                    out.push(item);
                }
                continue;
            }
            let (lefts, _) = lefts?;
            let (rights, _) = walk(path, right, vec![item.clone()], depth)?;
            if lefts.len() > 1 || rights.len() > 1 {
                return Err("can only compare one element at a time".into());
            }
            if let (Some(left), Some(right)) = (lefts.first(), rights.first())
                && compare(left, operator, right)?
            {
                out.push(item);
            }
        }
    }
    Ok(out)
}

fn compare(left: &Value, operator: &str, right: &Value) -> Result<bool, String> {
    let order = match (left, right) {
        (Value::Number(a), Value::Number(b)) => a.as_f64().partial_cmp(&b.as_f64()),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) if matches!(operator, "==" | "!=") => Some(a.cmp(b)),
        _ => None,
    };
    let Some(order) = order else {
        return Err("incompatible types for comparison".into());
    };
    Ok(match operator {
        "<" => order.is_lt(),
        ">" => order.is_gt(),
        "==" => order.is_eq(),
        "!=" => order.is_ne(),
        "<=" => order.is_le(),
        ">=" => order.is_ge(),
        other => return Err(format!("unrecognized filter operator {other}")),
    })
}

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::Object(_) => "map[string]interface {}",
        Value::Array(_) => "[]interface {}",
        Value::Null => "nil",
    }
}
