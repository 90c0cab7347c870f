//! `--sort-by`: objects and table rows by a field, as kubectl's sorter compares values.

use super::super::fail::{Failure, Outcome};
use super::super::output::jsonpath::{JsonPath, relaxed};
use super::super::quantity::Quantity;
use crate::cluster::api::{Row, Table, codec};
use serde_json::Value;

fn path_of(field: &str) -> Outcome<JsonPath> {
    let text = relaxed(field).map_err(Failure::Message)?;
    let mut path = JsonPath::parse(&text).map_err(Failure::Message)?;
    path.allow_missing_keys = true;
    Ok(path)
}

fn key_of(path: &JsonPath, object: &Value) -> Option<Value> {
    path.find(object).ok()?.into_iter().flatten().next()
}

/// What is said when nothing has the field.
pub fn no_field(field: &str) -> Failure {
    let path = relaxed(field).unwrap_or_else(|_| field.to_owned());
    Failure::Message(format!("couldn't find any field with path {path:?} in the list of objects"))
}

/// Sorts objects in place; false when none has the field.
pub fn sort_values(objects: &mut [Value], field: &str) -> Outcome<bool> {
    let path = path_of(field)?;
    let keys: Vec<Option<Value>> = objects.iter().map(|object| key_of(&path, object)).collect();
    if keys.iter().all(Option::is_none) {
        return Ok(false);
    }
    let amounts = are_amounts(&keys);
    objects.sort_by_cached_key(|object| Rank::of(key_of(&path, object), amounts));
    Ok(true)
}

/// Sorts a table's rows by fields of their objects; false when no row has the field, or it is none.
pub fn sort_rows(table: &mut Table, field: &str) -> bool {
    let Ok(path) = path_of(field) else { return false };
    let keys: Vec<Option<Value>> =
        table.rows.iter().map(|row| key_of(&path, &codec::encode(&row.object))).collect();
    if keys.iter().all(Option::is_none) {
        return false;
    }
    let amounts = are_amounts(&keys);
    let mut keyed: Vec<(Rank, Row)> =
        keys.into_iter().map(|key| Rank::of(key, amounts)).zip(table.rows.drain(..)).collect();
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    table.rows = keyed.into_iter().map(|(_, row)| row).collect();
    true
}

/// Where a value stands: a total order, unlike the pairwise comparison of the original, which looks at two texts at a
/// time to decide whether they are amounts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Missing,
    Null,
    Amount(i128),
    Text(String),
    Other,
}

impl Rank {
    fn of(key: Option<Value>, amounts: bool) -> Rank {
        match key {
            None => Rank::Missing,
            Some(Value::Null) => Rank::Null,
            Some(Value::Number(number)) => match number.as_i64() {
                Some(whole) => Rank::Amount(i128::from(whole) * 1000),
                None => Rank::Amount((number.as_f64().unwrap_or_default() * 1000.0) as i128),
            },
            Some(Value::String(text)) if amounts => {
                Quantity::parse(&text).map_or(Rank::Text(text), |amount| Rank::Amount(amount.milli))
            }
            Some(Value::String(text)) => Rank::Text(text),
            Some(_) => Rank::Other,
        }
    }
}

/// Whether every text is an amount, such as `100m` or `2Gi`.
fn are_amounts(keys: &[Option<Value>]) -> bool {
    let texts = keys.iter().flatten().filter_map(Value::as_str);
    texts.into_iter().all(|text| Quantity::parse(text).is_ok())
}

#[cfg(test)]
mod tests {
    use super::sort_values;
    use serde_json::json;

    #[test]
    fn by_number_by_quantity_and_by_name() {
        let mut objects =
            vec![json!({"n": "web-10", "r": 3}), json!({"n": "web-9", "r": 1}), json!({"n": "web-1"})];
        assert!(sort_values(&mut objects, ".n").unwrap());
        let names: Vec<_> = objects.iter().map(|object| object["n"].as_str().unwrap()).collect();
        assert_eq!(names, ["web-1", "web-10", "web-9"]);
        assert!(sort_values(&mut objects, "{.r}").unwrap());
        assert_eq!(objects[2]["r"], 3);
        let mut amounts = vec![json!({"m": "1Gi"}), json!({"m": "900Mi"}), json!({"m": null})];
        assert!(sort_values(&mut amounts, ".m").unwrap());
        assert!(!sort_values(&mut amounts, ".nope").unwrap());
        assert_eq!(amounts[1]["m"], "900Mi");
    }
}
