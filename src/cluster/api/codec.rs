//! JSON to typed and back: the only place where the Kubernetes types meet serde.
//!
//! Decoding walks the JSON with a deserializer of its own, because serde alone cannot say what the server says:
//! which fields are unknown, by their path, and `json: cannot unmarshal string into Go struct field …`.
//! One deserializer type for everything keeps the generated code of the types from existing twice.

mod decode;
mod go_zero;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::cluster::object::{Kind, KindId, Object, per_kind};

/// What decoding found.
pub struct Decoded {
    pub object: Object,
    /// The paths of fields that the type does not have, in the order of the JSON.
    pub unknown_fields: Vec<String>,
}

/// Reads an object of `kind`. The error is Go's sentence (`json: cannot unmarshal …`).
pub fn decode(kind: KindId, value: &Value) -> Result<Decoded, String> {
    per_kind!(kind, decode_as)(value)
}

/// The JSON of an object, with `apiVersion` and `kind`.
pub fn encode(object: &Object) -> Value {
    let mut value = per_kind!(object.kind(), encode_as)(object);
    go_zero::fill(object.kind(), &mut value);
    value
}

fn decode_as<K: Kind + DeserializeOwned>(value: &Value) -> Result<Decoded, String> {
    let (object, unknown_fields) = decode_value::<K>(value)?;
    Ok(Decoded { object: object.into_object(), unknown_fields })
}

/// Reads any of the Kubernetes types, such as the body of a subresource.
pub fn decode_value<T: DeserializeOwned>(value: &Value) -> Result<(T, Vec<String>), String> {
    decode::run(value)
}

fn encode_as<K: Kind + Serialize>(object: &Object) -> Value {
    K::of(object).map_or(Value::Null, encode_value)
}

/// The JSON of any of the Kubernetes types.
pub fn encode_value<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}
