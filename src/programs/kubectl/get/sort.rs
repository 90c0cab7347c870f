//! `--sort-by`: objects and table rows by a field, as kubectl's sorter compares values.

use super::super::fail::{Failure, Outcome};
use super::super::output::jsonpath::{JsonPath, relaxed};
use super::super::quantity::Quantity;
use crate::cluster::api::{Table, codec};
use serde_json::Value;
use std::cmp::Ordering;

fn path_of(field: &str) -> Outcome<JsonPath> {
    let text = relaxed(field).map_err(Failure::Message)?;
    let mut path = JsonPath::parse(&text).map_err(Failure::Message)?;
    path.allow_missing_keys = true;
    Ok(path)
}

fn key_of(path: &JsonPath, object: &Value) -> Option<Value> {
    path.find(object).ok()?.into_iter().flatten().next()
}

/// Sorts objects in place.
pub fn sort_values(objects: &mut [Value], field: &str) -> Outcome {
    let path = path_of(field)?;
    objects.sort_by(|a, b| compare(key_of(&path, a).as_ref(), key_of(&path, b).as_ref()));
    Ok(())
}

/// Sorts a table's rows by fields of their objects; false when no row has the field.
pub fn sort_rows(table: &mut Table, field: &str) -> Outcome<bool> {
    let path = path_of(field)?;
    let mut keyed: Vec<(Option<Value>, _)> =
        table.rows.drain(..).map(|row| (key_of(&path, &codec::encode(&row.object)), row)).collect();
    if !keyed.iter().any(|(key, _)| key.is_some()) {
        return Ok(false);
    }
    keyed.sort_by(|(a, _), (b, _)| compare(a.as_ref(), b.as_ref()));
    table.rows = keyed.into_iter().map(|(_, row)| row).collect();
    Ok(true)
}

fn compare(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    match (a, b) {
        (Some(Value::Number(a)), Some(Value::Number(b))) => {
            a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal)
        }
        (Some(Value::String(a)), Some(Value::String(b))) => match (Quantity::parse(a), Quantity::parse(b)) {
            (Ok(a), Ok(b)) => a.milli.cmp(&b.milli),
            _ => natural(a, b),
        },
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}

/// Runs of digits by value, everything else by bytes.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    while let (Some(x), Some(y)) = (a.chars().next(), b.chars().next()) {
        if x.is_ascii_digit() && y.is_ascii_digit() {
            let run = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            let (na, nb) = (a[..run(a)].trim_start_matches('0'), b[..run(b)].trim_start_matches('0'));
            let order = na.len().cmp(&nb.len()).then(na.cmp(nb));
            if order != Ordering::Equal {
                return order;
            }
            (a, b) = (&a[run(a)..], &b[run(b)..]);
            continue;
        }
        if x != y {
            return x.cmp(&y);
        }
        (a, b) = (&a[x.len_utf8()..], &b[y.len_utf8()..]);
    }
    a.len().cmp(&b.len())
}

#[cfg(test)]
mod tests {
    use super::sort_values;
    use serde_json::json;

    #[test]
    fn by_number_by_quantity_and_by_name() {
        let mut objects =
            vec![json!({"n": "web-10", "r": 3}), json!({"n": "web-9", "r": 1}), json!({"n": "web-1"})];
        sort_values(&mut objects, ".n").unwrap();
        let names: Vec<_> = objects.iter().map(|object| object["n"].as_str().unwrap()).collect();
        assert_eq!(names, ["web-1", "web-9", "web-10"]);
        sort_values(&mut objects, "{.r}").unwrap();
        assert_eq!(objects[2]["r"], 3);
    }
}
