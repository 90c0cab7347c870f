//! Bodies in Kubernetes' protobuf, as JSON: clients made for the built-in kinds send nothing else. What a message looks
//! like is in `assets/kubernetes/protobuf.txt`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::prelude::{BASE64_STANDARD, Engine};
use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use prost::encoding::{WireType, decode_key, decode_varint};
use serde_json::{Map, Value, json};

/// What every body begins with.
const MAGIC: &[u8] = b"k8s\0";
/// Messages within messages beyond this are nobody's manifest.
const DEEPEST: usize = 32;

struct Field {
    number: u32,
    /// Its key in JSON; `-`: what it holds stands in the message itself.
    name: &'static str,
    kind: &'static str,
    /// Go leaves it out of JSON when it is zero.
    drops_zero: bool,
}

/// By `apps/v1.Deployment`.
static MESSAGES: LazyLock<BTreeMap<&'static str, Vec<Field>>> = LazyLock::new(|| {
    let mut messages: BTreeMap<&'static str, Vec<Field>> = BTreeMap::new();
    let mut last = "";
    for line in
        include_str!("../../../../assets/kubernetes/protobuf.txt").lines().filter(|l| !l.starts_with('#'))
    {
        match line.strip_prefix(' ') {
            None => last = line,
            Some(field) => {
                let mut words = field.split(' ');
                let mut word = || words.next().unwrap_or_default();
                let (number, name, kind) = (word().parse().unwrap_or(0), word(), word());
                let drops_zero = kind.starts_with('?');
                let kind = kind.trim_start_matches('?');
                messages.entry(last).or_default().push(Field { number, name, kind, drops_zero });
            }
        }
    }
    messages
});

/// A body as the JSON of the object it holds.
///
/// # Errors
/// What is wrong with it.
pub fn to_json(body: &[u8]) -> Result<Value, String> {
    let body = body.strip_prefix(MAGIC).ok_or("provided data does not appear to be a protobuf message")?;
    let (mut api_version, mut kind, mut raw) = (String::new(), String::new(), &body[..0]);
    each(body, &mut |number, part| match (number, part) {
        (1, Part::Bytes(meta)) => each(meta, &mut |number, part| {
            match (number, part) {
                (1, Part::Bytes(text)) => api_version = words(text),
                (2, Part::Bytes(text)) => kind = words(text),
                _ => {}
            }
            Ok(())
        }),
        (2, Part::Bytes(bytes)) => {
            raw = bytes;
            Ok(())
        }
        _ => Ok(()),
    })?;
    let group = if api_version.contains('/') { api_version.clone() } else { format!("core/{api_version}") };
    let name = match kind.as_str() {
        "DeleteOptions" => "meta/v1.DeleteOptions".to_owned(),
        kind => format!("{group}.{kind}"),
    };
    let mut object = Map::new();
    message(&name, raw, &mut object, 0)?;
    object.insert("apiVersion".to_owned(), json!(api_version));
    object.insert("kind".to_owned(), json!(kind));
    Ok(Value::Object(object))
}

/// A field's payload.
enum Part<'b> {
    Number(u64),
    Bytes(&'b [u8]),
}

/// Takes a message apart.
fn each<'b>(
    mut rest: &'b [u8],
    take: &mut dyn FnMut(u32, Part<'b>) -> Result<(), String>,
) -> Result<(), String> {
    let broken = |why: prost::DecodeError| why.to_string();
    let cut = || "unexpected EOF".to_owned();
    while !rest.is_empty() {
        let (number, wire) = decode_key(&mut rest).map_err(broken)?;
        let bytes = match wire {
            WireType::Varint => {
                take(number, Part::Number(decode_varint(&mut rest).map_err(broken)?))?;
                continue;
            }
            WireType::LengthDelimited => decode_varint(&mut rest).map_err(broken)?,
            WireType::SixtyFourBit => 8,
            WireType::ThirtyTwoBit => 4,
            WireType::StartGroup | WireType::EndGroup => return Err("a group in a message".to_owned()),
        };
        let length = usize::try_from(bytes).map_err(|_| cut())?;
        let (part, after) = rest.split_at_checked(length).ok_or_else(cut)?;
        rest = after;
        take(number, Part::Bytes(part))?;
    }
    Ok(())
}

fn message(name: &str, bytes: &[u8], into: &mut Map<String, Value>, depth: usize) -> Result<(), String> {
    let fields = MESSAGES.get(name).ok_or_else(|| format!("no kind {name:?} is registered"))?;
    if depth > DEEPEST {
        return Err("messages nested too deeply".to_owned());
    }
    let group = name.rsplit_once('.').map_or("", |(group, _)| group);
    each(bytes, &mut |number, part| {
        let Some(field) = fields.iter().find(|field| field.number == number) else { return Ok(()) };
        if field.name == "-" {
            let (Part::Bytes(bytes), Some(inner)) = (part, message_of(field.kind, group)) else {
                return Ok(());
            };
            return message(&inner, bytes, into, depth + 1);
        }
        if let Some(item) = field.kind.strip_prefix('*') {
            let value = value(item, group, part, depth)?;
            let list = into.entry(field.name).or_insert_with(|| json!([]));
            list.as_array_mut().into_iter().for_each(|list| list.push(value.clone()));
            return Ok(());
        }
        if let (Some(item), Part::Bytes(entry)) = (field.kind.strip_prefix('%'), &part) {
            let (key, value) = entry_of(item, group, entry, depth)?;
            let map = into.entry(field.name).or_insert_with(|| json!({}));
            map[key] = value;
            return Ok(());
        }
        let value = value(field.kind, group, part, depth)?;
        if !(field.drops_zero && is_zero(&value)) {
            into.insert(field.name.to_owned(), value);
        }
        Ok(())
    })
}

/// The message that `@apps/v1.Deployment` or `@.Deployment` is.
fn message_of(kind: &str, group: &str) -> Option<String> {
    let name = kind.strip_prefix('@')?;
    Some(if name.starts_with('.') { format!("{group}{name}") } else { name.to_owned() })
}

fn entry_of(item: &str, group: &str, bytes: &[u8], depth: usize) -> Result<(String, Value), String> {
    let (mut key, mut found) = (String::new(), Value::Null);
    each(bytes, &mut |number, part| {
        match (number, part) {
            (1, Part::Bytes(text)) => key = words(text),
            (2, part) => found = value(item, group, part, depth)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok((key, found))
}

fn value(kind: &str, group: &str, part: Part<'_>, depth: usize) -> Result<Value, String> {
    if let Part::Number(number) = part {
        return Ok(if kind == "b" { json!(number != 0) } else { json!(number as i64) });
    }
    let Part::Bytes(bytes) = part else { return Ok(Value::Null) };
    match kind {
        "s" => Ok(json!(words(bytes))),
        "f" => Ok(bytes.try_into().map_or(Value::Null, |eight| json!(f64::from_le_bytes(eight)))),
        "y" => Ok(json!(BASE64_STANDARD.encode(bytes))),
        "*s" => items(bytes),
        "Q" | "X" | "T" | "U" | "D" | "R" => special(kind, bytes),
        _ => {
            let mut object = Map::new();
            let name = message_of(kind, group).ok_or_else(|| format!("{kind:?} is no bytes"))?;
            message(&name, bytes, &mut object, depth + 1)?;
            Ok(Value::Object(object))
        }
    }
}

/// A list of texts within a map.
fn items(bytes: &[u8]) -> Result<Value, String> {
    let mut all = Vec::new();
    each(bytes, &mut |_, part| {
        if let Part::Bytes(text) = part {
            all.push(json!(words(text)));
        }
        Ok(())
    })?;
    Ok(Value::Array(all))
}

/// Types that are messages on the wire and something else in JSON.
fn special(kind: &str, bytes: &[u8]) -> Result<Value, String> {
    let (mut numbers, mut raw) = ([0_i64; 4], None);
    each(bytes, &mut |number, part| {
        match part {
            Part::Number(found) => {
                if let Some(place) = numbers.get_mut(number as usize) {
                    *place = found as i64;
                }
            }
            Part::Bytes(found) => raw = Some(found),
        }
        Ok(())
    })?;
    let text = || raw.map(words).unwrap_or_default();
    let time = |digits: u8| {
        let at = Timestamp::new(numbers[1], i32::try_from(numbers[2]).unwrap_or(0));
        let printer = DateTimePrinter::new().precision(Some(digits));
        at.map(|at| printer.timestamp_to_string(&at)).map_err(|why| why.to_string())
    };
    Ok(match kind {
        "X" if numbers[1] == 0 => json!(numbers[2]),
        "D" => json!(format!("{}s", numbers[1] as f64 / 1e9)),
        "R" => raw.and_then(|raw| serde_json::from_slice(raw).ok()).unwrap_or_default(),
        "T" | "U" if bytes.is_empty() => Value::Null,
        "T" => json!(time(0)?),
        "U" => json!(time(6)?),
        _ => json!(text()),
    })
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Bool(value) => !value,
        Value::Number(value) => value.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{MAGIC, to_json};

    /// A field with bytes; texts and messages alike.
    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, u8::try_from(bytes.len()).expect("a short field")], bytes].concat()
    }

    fn number(at: u8, value: u8) -> Vec<u8> {
        vec![at << 3, value]
    }

    /// A body of a kind, as a client sends it.
    fn check(api_version: &str, kind: &str, raw: &[Vec<u8>], expect: &str) {
        let meta = [field(1, api_version.as_bytes()), field(2, kind.as_bytes())].concat();
        let body = [MAGIC.to_vec(), field(1, &meta), field(2, &raw.concat())].concat();
        let found = to_json(&body).map_or_else(|why| why, |value| value.to_string());
        assert_eq!(found, expect);
    }

    #[test]
    fn bodies_become_the_json_that_go_writes() {
        let name = field(1, &[field(1, b"web"), field(3, b"")].concat());
        let pair = field(2, &[field(1, b"k"), field(2, b"v")].concat());
        check(
            "v1",
            "ConfigMap",
            &[name.clone(), pair],
            r#"{"apiVersion":"v1","data":{"k":"v"},"kind":"ConfigMap","metadata":{"name":"web"}}"#,
        );
        let secret = field(2, &[field(1, b"k"), field(2, b"v")].concat());
        check(
            "v1",
            "Secret",
            &[name.clone(), secret],
            r#"{"apiVersion":"v1","data":{"k":"dg=="},"kind":"Secret","metadata":{"name":"web"}}"#,
        );
        // A pointer to zero stays, a zero that Go leaves out goes; what is embedded stands in the message itself.
        let path = field(2, &[field(1, b"/"), field(2, &[number(1, 0), number(2, 80)].concat())].concat());
        let probe = field(10, &[field(1, &path), number(2, 0), number(4, 9)].concat());
        let limits = field(8, &field(1, &[field(1, b"cpu"), field(2, &field(1, b"100m"))].concat()));
        let container = field(2, &[field(1, b"c"), field(3, b"a"), field(3, b"b"), limits, probe].concat());
        let template = field(3, &field(2, &container));
        let deployment = field(2, &[number(1, 0), template].concat());
        check(
            "apps/v1",
            "Deployment",
            &[name, deployment],
            concat!(
                r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":0,"template":{"#,
                r#""spec":{"containers":[{"command":["a","b"],"livenessProbe":{"httpGet":{"path":"/","port":80},"#,
                r#""periodSeconds":9},"name":"c","resources":{"limits":{"cpu":"100m"}}}]}}}}"#
            ),
        );
    }

    #[test]
    fn what_is_no_body_is_refused() {
        assert!(to_json(b"{}").is_err());
        check("v9", "Thing", &[], r#"no kind "core/v9.Thing" is registered"#);
        let cut = [MAGIC, &[0x12, 9, 1]].concat();
        assert_eq!(to_json(&cut), Err("unexpected EOF".to_owned()));
    }
}
