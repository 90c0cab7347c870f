//! What each transform does to a value. As resource_transform.py and the transforms of compute and container in the
//! real client. Must never fail: what a transform cannot use becomes what the real one makes of it.

use base64::Engine;
use jiff::Timestamp;
use regex::RegexBuilder;
use serde_json::{Map, Value, json};

use super::moments;
use super::property::{is_something, repr, text};
use super::transform::by_key;
use crate::programs::gcloud::filter;

/// Every transform that can be called.
const NAMES: &str = "always basename collection color count date decode duration encode enum external_ip extract filter \
    firewall_rule firstof flatten float format group if internal_ip iso join len list location location_scope lower \
    machine_type map master_version name next_maintenance notnull project quota regex scope \
    scoped_suffixes segment size slice sort split status sub trailoff type_suffix upper uri yesno zone";

/// Whether there is a transform of that name.
pub fn is_known(name: &str) -> bool {
    NAMES.split(' ').any(|known| known == name)
}

/// The arguments of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    /// As they stand.
    pub all: Vec<String>,
    /// When it is, for what counts from now.
    pub now: Option<Timestamp>,
}

impl Arguments {
    /// One argument.
    pub fn of(argument: &str) -> Self {
        Arguments { all: vec![argument.to_owned()], now: None }
    }

    /// An argument by its name, or by its place among those without.
    pub fn get(&self, place: usize, name: &str) -> Option<&str> {
        let named = self.all.iter().find_map(|a| a.strip_prefix(name)?.strip_prefix('='));
        let plain = |a: &&String| {
            !a.split_once('=').is_some_and(|(n, _)| n.chars().all(|c| c.is_alphanumeric() || c == '_'))
        };
        named.or_else(|| self.all.iter().filter(plain).nth(place).map(String::as_str))
    }

    /// As [`Arguments::get`], or what it is without.
    pub fn or<'a>(&'a self, place: usize, name: &str, default: &'a str) -> &'a str {
        self.get(place, name).unwrap_or(default)
    }
}

/// What a transform makes of a value.
pub fn call(name: &str, value: &Value, arguments: &Arguments) -> Value {
    match name {
        "basename" | "name" | "machine_type" | "scope" | "scoped_suffixes" | "segment" | "project"
        | "type_suffix" | "uri" => path(name, value, arguments),
        "external_ip" | "internal_ip" | "firewall_rule" | "location" | "location_scope"
        | "master_version" | "next_maintenance" | "quota" | "status" | "zone" => of_resource(name, value),
        "count" | "extract" | "filter" | "flatten" | "group" | "join" | "len" | "list" | "notnull"
        | "slice" | "sort" => of_list(name, value, arguments),
        "date" => moments::date(value, arguments),
        "iso" => moments::date(value, &Arguments::of("%Y-%m-%dT%H:%M:%S.%3f%:z")),
        "duration" => moments::duration(value, arguments),
        "collection" | "enum" => json!(""),
        "color" => json!(text(value)),
        "firstof" => {
            arguments.all.iter().map(|k| by_key(value, k)).find(|v| !v.is_null()).unwrap_or(json!(""))
        }
        "float" => {
            let number = value.as_f64().or_else(|| text(value).parse().ok());
            number.map_or(json!(""), |n| json!(python_float(n)))
        }
        "format" => formatted(value, arguments),
        "size" => json!(size(value, arguments)),
        "yesno" if is_something(value) => {
            arguments.get(0, "yes").map_or_else(|| value.clone(), |yes| json!(yes))
        }
        "yesno" => json!(arguments.or(1, "no", "No")),
        _ => of_text(name, value, arguments),
    }
}

/// Transforms of paths and links.
fn path(name: &str, value: &Value, arguments: &Arguments) -> Value {
    if let (Value::Array(items), "basename") = (value, name) {
        return Value::Array(items.iter().map(|item| path(name, item, arguments)).collect());
    }
    let whole = text(value);
    let last = |s: &str| s.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    match name {
        "uri" => match value {
            Value::String(s) if s.starts_with("https://") => value.clone(),
            _ => value.get("selfLink").cloned().unwrap_or_else(|| json!(arguments.or(0, "undefined", "."))),
        },
        "project" => {
            let link = text(&by_key(value, "selfLink"));
            json!(link.split("/projects/").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default())
        }
        _ if !is_something(value) => json!(arguments.or(usize::from(name == "segment"), "undefined", "")),
        "scope" => {
            let scopes: Vec<&str> = match arguments.all.as_slice() {
                [] => vec!["regions", "zones"],
                some => some.iter().map(String::as_str).collect(),
            };
            let found = scopes.iter().find_map(|scope| whole.rsplit_once(&format!("/{scope}/")));
            json!(match found {
                Some((_, rest)) => rest.to_owned(),
                None if whole.starts_with("https://") => last(&whole),
                None => whole,
            })
        }
        "segment" => {
            let segments: Vec<&str> = whole.split('/').collect();
            let index: i64 = arguments.or(0, "index", "-1").parse().unwrap_or(-1);
            let at = if index < 0 { segments.len() as i64 + index } else { index };
            let found = usize::try_from(at).ok().and_then(|at| segments.get(at)).filter(|s| !s.is_empty());
            json!(found.copied().unwrap_or(arguments.or(1, "undefined", "")))
        }
        "scoped_suffixes" | "type_suffix" => {
            let parts: Vec<&str> = whole.rsplit('/').take(2).collect();
            json!(parts.into_iter().rev().collect::<Vec<_>>().join("/"))
        }
        "machine_type" => value.clone(),
        _ => json!(last(&whole)),
    }
}

/// Transforms that know what the resource is.
fn of_resource(name: &str, value: &Value) -> Value {
    let field = |key: &str| by_key(value, key);
    let joined = |values: Vec<String>| json!(values.join("\n"));
    match name {
        "firewall_rule" => {
            let protocol = text(&field("IPProtocol"));
            match field("ports") {
                Value::Array(ports) => {
                    json!(
                        ports.iter().map(|p| format!("{protocol}:{}", text(p))).collect::<Vec<_>>().join(",")
                    )
                }
                _ => json!(protocol),
            }
        }
        "external_ip" => {
            let interfaces = field("networkInterfaces");
            let all = interfaces.as_array().into_iter().flatten();
            let configs = all.flat_map(|i| i["accessConfigs"].as_array().cloned().unwrap_or_default());
            joined(configs.map(|c| text(&c["natIP"])).filter(|ip| !ip.is_empty()).collect())
        }
        "internal_ip" => {
            let all = value.as_array().into_iter().flatten();
            joined(all.map(|i| text(&i["networkIP"])).filter(|ip| !ip.is_empty()).collect())
        }
        "location" | "location_scope" => {
            let found = ["zone", "region"].into_iter().find(|scope| is_something(&field(scope)));
            match (found, name) {
                (Some(scope), "location_scope") => json!(scope),
                (Some(scope), _) => path("basename", &field(scope), &Arguments::default()),
                (None, _) => json!(""),
            }
        }
        "zone" => path("segment", &field("selfLink"), &Arguments::of("-3")),
        "master_version" => json!(text(&field("currentMasterVersion"))),
        "quota" => match (field("usage").as_f64(), field("limit").as_f64()) {
            (Some(usage), Some(limit)) => json!(format!("{}/{}", usage as i64, limit as i64)),
            _ => json!(""),
        },
        "next_maintenance" => match value {
            Value::Array(items) if !items.is_empty() => {
                json!(format!("{}--{}", text(&items[0]["beginTime"]), text(&items[0]["endTime"])))
            }
            _ => json!(""),
        },
        _ => field("status"),
    }
}

/// Transforms of lists and maps.
fn of_list(name: &str, value: &Value, arguments: &Arguments) -> Value {
    let items = value.as_array();
    match name {
        "len" => json!(match value {
            Value::Array(items) => items.len(),
            Value::Object(map) => map.len(),
            Value::String(s) => s.chars().count(),
            _ => 0,
        }),
        "count" => {
            let mut counts = Map::new();
            for item in items.into_iter().flatten() {
                let count = counts.entry(text(item)).or_insert(json!(0));
                *count = json!(count.as_u64().unwrap_or(0) + 1);
            }
            Value::Object(counts)
        }
        "extract" if matches!(value, Value::Array(_) | Value::Object(_)) => {
            let values = arguments.all.iter().map(|key| by_key(value, key));
            Value::Array(values.filter(is_something).collect())
        }
        "extract" => json!(""),
        "filter" => {
            // An expression, which may look like an argument with a name.
            let expression = arguments.all.first().map_or("", String::as_str);
            let holds = |item: &Value| filter::holds(expression, item).unwrap_or(false);
            match items {
                Some(items) => Value::Array(items.iter().filter(|item| holds(item)).cloned().collect()),
                None if holds(value) => value.clone(),
                None => json!(""),
            }
        }
        "group" => json!(group(items, arguments)),
        "notnull" => {
            json!(items.map_or(Vec::new(), |items| items.iter().filter(|i| !i.is_null()).cloned().collect()))
        }
        "slice" => {
            slice(value, arguments.or(0, "op", ":")).unwrap_or(json!(arguments.or(1, "undefined", "")))
        }
        "sort" => {
            let key = arguments.or(0, "attr", "");
            let mut sorted = items.cloned().unwrap_or_default();
            sorted.sort_by_key(|item| if key.is_empty() { text(item) } else { text(&by_key(item, key)) });
            Value::Array(sorted)
        }
        "join" => match items {
            Some(items) => {
                json!(items.iter().map(python_text).collect::<Vec<_>>().join(arguments.or(0, "sep", "/")))
            }
            None => json!(arguments.or(1, "undefined", "")),
        },
        _ => listed(name, value, arguments),
    }
}

/// `list` and `flatten`: one text of a list or map.
fn listed(name: &str, value: &Value, arguments: &Arguments) -> Value {
    let separator = arguments.or(2, "separator", ",");
    let inner = |value: &Value| match name {
        "flatten" => text(&listed(name, value, arguments)),
        _ => python_text(value),
    };
    match value {
        Value::Object(map) => {
            let show = arguments.or(0, "show", "");
            let words = map.iter().map(|(k, v)| match show {
                "keys" => k.clone(),
                "values" => inner(v),
                _ => format!("{k}={}", inner(v)),
            });
            json!(words.collect::<Vec<_>>().join(separator))
        }
        Value::Array(items) if items.is_empty() => json!(arguments.or(1, "undefined", "")),
        Value::Array(items) => json!(items.iter().map(inner).collect::<Vec<_>>().join(separator)),
        value if is_something(value) => value.clone(),
        _ => json!(arguments.or(1, "undefined", "")),
    }
}

/// A value as Python's `str` writes it.
fn python_text(value: &Value) -> String {
    if value.is_null() { "None".to_owned() } else { text(value) }
}

fn group(items: Option<&Vec<Value>>, arguments: &Arguments) -> String {
    let of = |item: &Value| {
        let values: Vec<String> = arguments.all.iter().map(|key| text(&by_key(item, key))).collect();
        match values.split_first() {
            None => format!("[{}]", text(item)),
            Some((first, [])) => format!("[{first}]"),
            Some((first, rest)) => format!("[{first}: {}]", rest.join(", ")),
        }
    };
    match items.filter(|items| !items.is_empty()) {
        Some(items) => items.iter().map(of).collect::<Vec<_>>().join(" "),
        None => "[]".to_owned(),
    }
}

fn slice(value: &Value, op: &str) -> Option<Value> {
    let bounds: Vec<Option<i64>> = op
        .split(':')
        .map(|b| if b.trim().is_empty() { Some(None) } else { b.trim().parse().ok().map(Some) })
        .collect::<Option<_>>()?;
    let all: Vec<Value> = match value {
        Value::Array(items) => items.clone(),
        Value::String(s) => s.chars().map(|c| json!(c.to_string())).collect(),
        _ => return None,
    };
    let length = all.len() as i64;
    let at = |bound: Option<i64>, default: i64| {
        let bound = bound.map_or(default, |b| if b < 0 { length + b } else { b });
        bound.clamp(0, length) as usize
    };
    let (from, to) = match bounds.as_slice() {
        [Some(one)] => (at(Some(*one), 0), if *one == -1 { all.len() } else { at(Some(one + 1), length) }),
        [from, to, ..] => (at(*from, 0), at(*to, length)),
        _ => (0, all.len()),
    };
    let kept: Vec<Value> = all.get(from..to.max(from)).unwrap_or_default().to_vec();
    (!kept.is_empty()).then_some(Value::Array(kept))
}

/// Transforms of text.
fn of_text(name: &str, value: &Value, arguments: &Arguments) -> Value {
    let Value::String(s) = value else {
        return match name {
            "encode" => json!(base64::engine::general_purpose::STANDARD.encode(text(value))),
            "split" | "regex" | "decode" => json!(""),
            _ => value.clone(),
        };
    };
    match name {
        "lower" => json!(s.to_lowercase()),
        "upper" => json!(s.to_uppercase()),
        "split" if s.is_empty() => json!(""),
        "split" => json!(s.split(arguments.or(0, "sep", "/")).collect::<Vec<_>>()),
        "encode" => json!(base64::engine::general_purpose::STANDARD.encode(s)),
        "decode" => {
            let bytes = base64::engine::general_purpose::STANDARD.decode(s).unwrap_or_default();
            json!(format!("b{}", repr(&json!(String::from_utf8_lossy(&bytes)))))
        }
        "sub" => {
            let pattern = RegexBuilder::new(arguments.or(0, "pattern", "")).case_insensitive(true).build();
            let count = arguments.or(2, "count", "0").parse().unwrap_or(0);
            pattern.map_or_else(
                |_| value.clone(),
                |p| json!(p.replacen(s, count, arguments.or(1, "replacement", ""))),
            )
        }
        "regex" => {
            let pattern = RegexBuilder::new(&format!("^(?:{})", arguments.or(0, "expression", ""))).build();
            match pattern.is_ok_and(|p| p.is_match(s)) {
                true => json!(arguments.get(1, "does_match").unwrap_or(s)),
                false => json!(arguments.or(2, "nomatch", "")),
            }
        }
        "trailoff" => {
            let limit: usize = arguments.or(0, "character_limit", "").parse().unwrap_or(0);
            match limit {
                0..=3 => json!(""),
                _ if s.chars().count() < limit => value.clone(),
                _ => json!(format!("{}...", s.chars().take(limit - 3).collect::<String>())),
            }
        }
        _ => value.clone(),
    }
}

fn formatted(value: &Value, arguments: &Arguments) -> Value {
    let Some((format, keys)) = arguments.all.split_first() else { return json!("") };
    let cells: Vec<Value> = match (keys, value) {
        ([], Value::Array(items)) => items.clone(),
        ([], value) => vec![value.clone()],
        (keys, value) => keys.iter().map(|key| by_key(value, key)).collect(),
    };
    json!(filled(format, &cells))
}

/// A format with its `{0}` and `{0[field]}` filled in.
fn filled(format: &str, cells: &[Value]) -> String {
    let (mut out, mut rest, mut next) = (String::new(), format, 0);
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        let Some((inside, after)) = behind.split_once('}') else {
            return format!("{out}{{{behind}");
        };
        let name = inside.split([':', '!']).next().unwrap_or_default();
        let (index, key) = name.split_at(name.find(['[', '.']).unwrap_or(name.len()));
        let at = index.parse().unwrap_or(next);
        next += 1;
        let key = key.trim_start_matches(['[', '.']).trim_end_matches(']');
        let cell = cells.get(at).map(|cell| if key.is_empty() { cell.clone() } else { by_key(cell, key) });
        out.push_str(&cell.map(|cell| text(&cell)).unwrap_or_default());
        rest = after;
    }
    out + rest
}

fn python_float(number: f64) -> String {
    if number.fract() == 0.0 { format!("{number:.1}") } else { format!("{}", (number * 1e5).round() / 1e5) }
}

fn size(value: &Value, arguments: &Arguments) -> String {
    if !is_something(value) {
        return arguments.or(0, "zero", "0").to_owned();
    }
    let scale = |unit: &str| match unit.chars().next().map(|c| c.to_ascii_uppercase()) {
        Some('K') => 1024_f64,
        Some('M') => 1024_f64.powi(2),
        Some('G') => 1024_f64.powi(3),
        Some('T') => 1024_f64.powi(4),
        _ => unit.parse().unwrap_or(1.0),
    };
    let precision: usize = arguments.or(1, "precision", "1").parse().unwrap_or(1);
    let number = value.as_f64().or_else(|| text(value).parse().ok()).unwrap_or(0.0);
    let mut size = number * scale(arguments.or(2, "units_in", "1"));
    if let Some(unit) = arguments.get(3, "units_out") {
        return format!("{:.precision$}", size / scale(unit));
    }
    let mut units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"].into_iter().peekable();
    let mut unit = units.next().unwrap_or_default();
    while size >= 1024.0 && units.peek().is_some() {
        size /= 1024.0;
        unit = units.next().unwrap_or_default();
    }
    if size.fract() == 0.0 { format!("{size:.0} {unit}") } else { format!("{size:.precision$} {unit}") }
}
