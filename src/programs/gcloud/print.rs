//! What commands show: lists that are filtered, sorted and limited as asked, and single resources. Must never fetch
//! anything.

use serde_json::{Value, json};

use super::args::Parsed;
use super::filter;
use super::format::lexer::{Key, Lexer, Part, key_name};
use super::format::projection::{self, Format};
use super::format::{Manner, property, render};
use super::value::items as list_items;
use super::{Failure, Gcloud};

impl Gcloud {
    /// Prints a list of resources in the asked-for format or the command's own. How many were printed comes back.
    ///
    /// # Errors
    /// A bad expression.
    pub async fn list(&self, parsed: &Parsed, items: Vec<Value>, own: &str) -> Result<usize, Failure> {
        self.show(parsed, items, own, false).await
    }

    /// As [`Gcloud::list`]; when nothing is left, that is said.
    ///
    /// # Errors
    /// A bad expression.
    pub async fn list_or_say(&self, parsed: &Parsed, items: Vec<Value>, own: &str) -> Result<(), Failure> {
        if self.list(parsed, items, own).await? == 0 && !parsed.has("--format") {
            self.err("Listed 0 items.\n").await;
        }
        Ok(())
    }

    /// Prints one resource.
    ///
    /// # Errors
    /// A bad expression.
    pub async fn describe(&self, parsed: &Parsed, item: Value) -> Result<(), Failure> {
        self.show(parsed, vec![item], "default", true).await.map(drop)
    }

    async fn show(
        &self,
        parsed: &Parsed,
        items: Vec<Value>,
        own: &str,
        single: bool,
    ) -> Result<usize, Failure> {
        let expression = self.expression(parsed, own);
        let now = self.call.sys.now().timestamp();
        let mut format = projection::parse(&expression).map_err(Failure::Error)?;
        format.columns.iter_mut().for_each(|column| column.transforms.happen_at(now));
        self.debug(&format!("Chosen display Format:{expression}")).await;
        self.info(&format!("Display format: \"{expression}\"")).await;
        let total_keys = |items: &[Value], key: &Key| items.iter().any(|item| property::contains(item, key));
        let mut items = flatten(parsed, items).map_err(Failure::Error)?;
        if let Some(text) = parsed.flag("--filter") {
            let reading = filter::Reading {
                format: Some(&format),
                now: Some(now),
                by_server: parsed.place.path.first().is_some_and(|word| word == "compute"),
            };
            let tree = filter::parse(text, reading).map_err(Failure::Error)?;
            let absent: Vec<&Key> = tree.keys().into_iter().filter(|key| !total_keys(&items, key)).collect();
            if let Some(warning) = tree.warning(&items) {
                self.warn(&warning).await;
            }
            items.retain(|item| tree.holds(item));
            self.warn_absent(absent).await;
        }
        sort(parsed, &format, &mut items).map_err(Failure::Error)?;
        if let Some(limit) = parsed.flag("--limit").and_then(|l| l.parse::<usize>().ok()) {
            items.truncate(limit);
        }
        if parsed.has("--uri") {
            items = items.iter().map(|item| json!(property::text(&item["selfLink"]))).collect();
        }
        let manner = Manner { single, screen_reader: self.screen_reader };
        let text = render(&format, &items, manner).map_err(Failure::Error)?;
        self.out(&text).await;
        Ok(items.len())
    }

    /// The command's own expression with the user's behind it.
    fn expression(&self, parsed: &Parsed, own: &str) -> String {
        let asked = parsed.flag("--format").map(str::to_owned);
        match asked {
            _ if parsed.has("--uri") && !parsed.has("--format") => "value(.)".to_owned(),
            Some(asked) if !asked.is_empty() => format!("{own} {asked}"),
            _ => own.to_owned(),
        }
    }

    /// Warns about keys of a filter that nothing has.
    pub async fn warn_absent(&self, keys: Vec<&Key>) {
        if !keys.is_empty() {
            let mut names: Vec<String> = keys.into_iter().map(|key| key_name(key)).collect();
            names.sort();
            names.dedup();
            let names = names.join(", ");
            self.warn(&format!("The following filter keys were not present in any resource : {names}")).await;
        }
    }
}

fn key_of(text: &str) -> Result<Key, String> {
    Lexer::new(text).key()
}

/// A record for each item of the asked-for slices.
fn flatten(parsed: &Parsed, mut items: Vec<Value>) -> Result<Vec<Value>, String> {
    for text in parsed.flag("--flatten").map(list_items).unwrap_or_default() {
        let mut key = key_of(&text)?;
        while key.last() == Some(&Part::Each) {
            key.pop();
        }
        let mut flat = Vec::new();
        for item in items {
            slices(&item, &key, &mut flat);
        }
        items = flat;
    }
    Ok(items)
}

/// A record for each item of the lists on the way to a key; one that says nothing where the key leads nowhere.
fn slices(item: &Value, key: &[Part], flat: &mut Vec<Value>) {
    if let Some(at) = key.iter().position(|part| *part == Part::Each) {
        let (outer, inner) = (&key[..at], &key[at + 1..]);
        let mut outer_flat = Vec::new();
        slices(item, outer, &mut outer_flat);
        let key: Vec<Part> = outer.iter().chain(inner).cloned().collect();
        return outer_flat.iter().for_each(|item| slices(item, &key, flat));
    }
    match property::get(item, key) {
        Value::Array(all) => flat.extend(all.into_iter().map(|one| replaced(item, key, one))),
        Value::Null => flat.push(Value::Null),
        _ => flat.push(item.clone()),
    }
}

fn replaced(item: &Value, key: &[Part], value: Value) -> Value {
    match (key.split_first(), item) {
        (None, _) => value,
        (Some((Part::Name(name), rest)), Value::Object(map)) => {
            let mut map = map.clone();
            let inner = map.get(name).cloned().unwrap_or(json!({}));
            map.insert(name.clone(), replaced(&inner, rest, value));
            Value::Object(map)
        }
        _ => item.clone(),
    }
}

fn sort(parsed: &Parsed, format: &Format, items: &mut [Value]) -> Result<(), String> {
    let keys = parsed.flag("--sort-by").map(list_items).unwrap_or_default();
    for text in keys.iter().rev() {
        let (text, reverse) = text.strip_prefix('~').map_or((text.as_str(), false), |rest| (rest, true));
        let key = match format.aliases.get(text).filter(|column| !column.key.is_empty()) {
            Some(column) => column.key.clone(),
            None => key_of(text)?,
        };
        items.sort_by(|a, b| {
            let order = super::format::compare(&property::get(a, &key), &property::get(b, &key));
            if reverse { order.reverse() } else { order }
        });
    }
    Ok(())
}
