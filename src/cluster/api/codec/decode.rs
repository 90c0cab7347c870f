//! A serde deserializer over JSON values that reports as Go's decoder does: unknown fields by path, wrong types
//! by struct, field and Go type. Lenient where Go is lenient (numbers as quantities, null for absent).

use std::cell::RefCell;
use std::fmt::{self, Display};
use std::slice;

use serde::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::cluster::quantity;

/// Unknown fields reported at most; the server stops at a hundred as well.
const UNKNOWN_FIELD_LIMIT: usize = 100;

pub(super) fn run<T: DeserializeOwned>(value: &Value) -> Result<(T, Vec<String>), String> {
    let report = RefCell::new(Vec::new());
    let root = Node { value, place: None, owner: "", report: &report };
    let decoded = T::deserialize(root).map_err(|e| e.0)?;
    Ok((decoded, report.into_inner()))
}

#[derive(Debug)]
pub(super) struct GoError(String);

impl Display for GoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for GoError {}

impl de::Error for GoError {
    fn custom<T: Display>(message: T) -> Self {
        GoError(in_go_words(message.to_string()))
    }
}

/// Errors of the types' own code, such as a ByteString's, as Go's libraries put them.
fn in_go_words(message: String) -> String {
    let offset = message.rsplit_once("offset ").map(|(_, n)| n.trim_end_matches('.'));
    match offset {
        Some(offset) if message.starts_with("Invalid") => {
            format!("illegal base64 data at input byte {offset}")
        }
        _ => message,
    }
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Field(&'a str),
    Key(&'a str),
    Index(usize),
}

/// Where in the document we are: a list that lives on the stack.
#[derive(Clone, Copy)]
struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step<'a>,
}

impl Place<'_> {
    /// `spec.containers[0].name`
    fn path(&self, out: &mut String) {
        if let Some(parent) = self.parent {
            parent.path(out);
        }
        match self.step {
            Step::Field(name) | Step::Key(name) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(name);
            }
            Step::Index(index) => out.push_str(&format!("[{index}]")),
        }
    }

    /// Only the struct fields: `spec.containers.name`, as Go's error names the place.
    fn fields(&self, out: &mut String) {
        if let Some(parent) = self.parent {
            parent.fields(out);
        }
        if let Step::Field(name) = self.step {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(name);
        }
    }
}

#[derive(Clone, Copy)]
struct Node<'de, 'a> {
    value: &'de Value,
    place: Option<&'a Place<'a>>,
    /// The struct whose field this is.
    owner: &'static str,
    report: &'a RefCell<Vec<String>>,
}

impl Node<'_, '_> {
    fn wrong(&self, go_type: &str) -> GoError {
        let found = match self.value {
            Value::Null => "null".to_owned(),
            Value::Bool(_) => "bool".to_owned(),
            Value::Number(n) if go_type.starts_with("int") && !n.is_i64() => format!("number {n}"),
            Value::Number(_) => "number".to_owned(),
            Value::String(_) => "string".to_owned(),
            Value::Array(_) => "array".to_owned(),
            Value::Object(_) => "object".to_owned(),
        };
        let mut fields = String::new();
        if let Some(place) = self.place {
            place.fields(&mut fields);
        }
        GoError(match fields.is_empty() {
            true => format!("json: cannot unmarshal {found} into Go value of type {go_type}"),
            false => {
                format!(
                    "json: cannot unmarshal {found} into Go struct field {}.{fields} of type {go_type}",
                    self.owner
                )
            }
        })
    }

    fn integer<'de, V: Visitor<'de>>(
        self,
        visitor: V,
        go_type: &str,
        min: i64,
        max: i64,
    ) -> Result<V::Value, GoError> {
        match self.value.as_i64() {
            Some(n) if (min..=max).contains(&n) => visitor.visit_i64(n),
            _ => Err(self.wrong(go_type)),
        }
    }
}

/// The Go type of a list's elements, by the field's name; only for messages.
fn element_type(field: Option<&Place<'_>>) -> &'static str {
    match field.map(|p| p.step) {
        Some(Step::Field("containers" | "initContainers")) => "v1.Container",
        Some(Step::Field("ports")) => "v1.ContainerPort",
        Some(Step::Field("env")) => "v1.EnvVar",
        Some(Step::Field("envFrom")) => "v1.EnvFromSource",
        Some(Step::Field("volumes")) => "v1.Volume",
        Some(Step::Field("volumeMounts")) => "v1.VolumeMount",
        Some(Step::Field("tolerations")) => "v1.Toleration",
        Some(Step::Field("rules")) => "v1.PolicyRule",
        Some(Step::Field("subjects")) => "v1.Subject",
        Some(Step::Field("ownerReferences")) => "v1.OwnerReference",
        Some(Step::Field("matchExpressions")) => "v1.LabelSelectorRequirement",
        _ => "string",
    }
}

fn number<'de, V: Visitor<'de>>(n: &Number, visitor: V) -> Result<V::Value, GoError> {
    match (n.as_i64(), n.as_u64(), n.as_f64()) {
        (Some(n), _, _) => visitor.visit_i64(n),
        (_, Some(n), _) => visitor.visit_u64(n),
        (_, _, n) => visitor.visit_f64(n.unwrap_or(0.0)),
    }
}

impl<'de> Deserializer<'de> for Node<'de, '_> {
    type Error = GoError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(b) => visitor.visit_bool(*b),
            Value::Number(n) => number(n, visitor),
            Value::String(s) => visitor.visit_borrowed_str(s),
            Value::Array(items) => visitor.visit_seq(Items { items: items.iter(), index: 0, node: self }),
            Value::Object(map) => visitor.visit_map(Entries::new(map, self, None)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        self.value.as_bool().map_or_else(|| Err(self.wrong("bool")), |b| visitor.visit_bool(b))
    }

    fn deserialize_i8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        self.integer(visitor, "int8", i8::MIN.into(), i8::MAX.into())
    }
    fn deserialize_i16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        self.integer(visitor, "int16", i16::MIN.into(), i16::MAX.into())
    }
    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        self.integer(visitor, "int32", i32::MIN.into(), i32::MAX.into())
    }
    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        self.integer(visitor, "int64", i64::MIN, i64::MAX)
    }
    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        self.integer(visitor, "uint8", 0, u8::MAX.into())
    }
    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        self.integer(visitor, "uint16", 0, u16::MAX.into())
    }
    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        self.integer(visitor, "uint32", 0, u32::MAX.into())
    }
    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        self.integer(visitor, "uint64", 0, i64::MAX)
    }
    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        self.deserialize_f64(visitor)
    }
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        self.value.as_f64().map_or_else(|| Err(self.wrong("float64")), |n| visitor.visit_f64(n))
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        self.deserialize_str(visitor)
    }
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        match self.value {
            Value::String(s) => visitor.visit_borrowed_str(s),
            _ => Err(self.wrong("string")),
        }
    }
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        self.deserialize_str(visitor)
    }
    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        self.deserialize_str(visitor)
    }
    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        self.deserialize_str(visitor)
    }
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        visitor.visit_unit()
    }
    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, GoError> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, GoError> {
        if name != "Quantity" {
            return visitor.visit_newtype_struct(self);
        }
        let text = match self.value {
            Value::String(s) => s.clone(),
            Value::Number(n) => n.to_string(),
            _ => return Err(self.wrong("string")),
        };
        let quantity = quantity::parse(&text).map_err(GoError)?;
        visitor.visit_newtype_struct(StringDeserializer::new(quantity.to_string()))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        match self.value {
            Value::Array(items) => visitor.visit_seq(Items { items: items.iter(), index: 0, node: self }),
            _ => Err(self.wrong(&format!("[]{}", element_type(self.place)))),
        }
    }
    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, GoError> {
        self.deserialize_seq(visitor)
    }
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, GoError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        match self.value {
            Value::Object(map) => visitor.visit_map(Entries::new(map, self, None)),
            _ => Err(self.wrong("map[string]string")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, GoError> {
        match self.value {
            Value::Object(map) => {
                self.owner = name;
                visitor.visit_map(Entries::new(map, self, Some(fields)))
            }
            _ => Err(self.wrong(&format!("v1.{name}"))),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, GoError> {
        self.deserialize_any(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GoError> {
        visitor.visit_unit()
    }
}

struct Items<'de, 'a> {
    items: slice::Iter<'de, Value>,
    index: usize,
    node: Node<'de, 'a>,
}

impl<'de> SeqAccess<'de> for Items<'de, '_> {
    type Error = GoError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, GoError> {
        let Some(value) = self.items.next() else { return Ok(None) };
        let place = Place { parent: self.node.place, step: Step::Index(self.index) };
        self.index += 1;
        seed.deserialize(Node { value, place: Some(&place), ..self.node }).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// A map's or a struct's entries; for a struct, with the fields it has.
struct Entries<'de, 'a> {
    entries: serde_json::map::Iter<'de>,
    value: Option<(&'de str, &'de Value)>,
    node: Node<'de, 'a>,
    fields: Option<&'static [&'static str]>,
}

impl<'de, 'a> Entries<'de, 'a> {
    fn new(
        map: &'de Map<String, Value>,
        node: Node<'de, 'a>,
        fields: Option<&'static [&'static str]>,
    ) -> Self {
        Entries { entries: map.iter(), value: None, node, fields }
    }

    fn report_unknown(&self, name: &str) {
        let mut unknown = self.node.report.borrow_mut();
        if unknown.len() < UNKNOWN_FIELD_LIMIT {
            let mut path = String::new();
            Place { parent: self.node.place, step: Step::Field(name) }.path(&mut path);
            unknown.push(path);
        }
    }
}

impl<'de> MapAccess<'de> for Entries<'de, '_> {
    type Error = GoError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, GoError> {
        let Some((name, value)) = self.entries.next() else { return Ok(None) };
        if self.fields.is_some_and(|fields| !fields.contains(&name.as_str())) {
            self.report_unknown(name);
        }
        self.value = Some((name, value));
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, GoError> {
        let Some((name, value)) = self.value.take() else {
            return Err(de::Error::custom("a value was asked for before its key"));
        };
        let step = if self.fields.is_some() { Step::Field(name) } else { Step::Key(name) };
        let place = Place { parent: self.node.place, step };
        seed.deserialize(Node { value, place: Some(&place), ..self.node })
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::Deployment;
    use serde_json::json;

    use super::run;

    fn check(value: serde_json::Value, expect: Result<&[&str], &str>) {
        let found = run::<Deployment>(&value).map(|(_, unknown)| unknown);
        assert_eq!(found, expect.map(|u| u.iter().map(|s| (*s).to_owned()).collect()).map_err(str::to_owned));
    }

    #[test]
    fn wrong_types_and_unknown_fields_are_named_as_go_names_them() {
        let containers = json!([{"name": "a", "imagePullPolcy": "x"}]);
        check(
            json!({"spec": {"replica": 1, "selector": {}, "template": {"spec": {"containers": containers}}}}),
            Ok(&["spec.replica", "spec.template.spec.containers[0].imagePullPolcy"]),
        );
        check(
            json!({"spec": {"replicas": "three"}}),
            Err(
                "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
            ),
        );
        check(
            json!({"metadata": {"labels": {"a": 1}}}),
            Err(
                "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
            ),
        );
    }
}
