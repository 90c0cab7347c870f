//! `kubectl explain`: the words that the server's OpenAPI description has for a kind and its fields.

mod openapi_v2;
mod plaintext;
mod wrap;

use super::context::Context;
use super::fail::{Failure, Outcome};
use super::resource::mapper;
use crate::cluster::kinds::fields::{self, Field, Level, Shape, Type};
use crate::cluster::kinds::table::{RESOURCES, Resource};

/// What is asked for.
struct Question {
    resource: &'static Resource,
    /// The names after the kind.
    path: Vec<String>,
    recursive: bool,
}

const NO_FIELD: &str = "invalid jsonpath syntax, first node must be field node";

pub async fn run(cx: &Context) -> Outcome {
    let Some(word) = cx.args.first() else {
        return Err(Failure::message(
            "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of supported resources.",
        ));
    };
    if cx.args.len() > 1 {
        return Err(Failure::message("We accept only this format: explain RESOURCE"));
    }
    cx.client()?.discover(cx).await?;
    cx.client()?.welcome()?;
    let (resource, path) = split(word, cx.flags.text("api-version"))?;
    let question = Question { resource, path, recursive: cx.flags.on("recursive") };
    let (text, failure) = match cx.flags.text("output") {
        "plaintext" => plaintext::explain(&question),
        "plaintext-openapiv2" => openapi_v2::explain(&question),
        other => return Err(Failure::Message(format!("unrecognized format: {other}"))),
    };
    cx.out(text).await;
    failure.map_or(Ok(()), |message| Err(Failure::Message(message)))
}

/// The kind, and the path of fields below it.
fn split(word: &str, api_version: &str) -> Outcome<(&'static Resource, Vec<String>)> {
    let word = word.trim_end_matches('.');
    if word.is_empty() {
        return Err(Failure::message("a resource must be present, got: /, Resource="));
    }
    let mut names = word.split('.');
    let kind = names.next().unwrap_or_default();
    // Two dots in a row mean any depth, which no field is.
    if kind.is_empty() || word.contains("..") {
        return Err(Failure::message(NO_FIELD));
    }
    let Some(found) = mapper::lookup(kind) else {
        return Err(Failure::Plain(format!("the server doesn't have a resource type {kind:?}")));
    };
    if word.contains(['[', '{', '*']) {
        return Err(Failure::message(match api_version {
            "" => NO_FIELD,
            _ => "invalid jsonpath syntax, all nodes must be field nodes",
        }));
    }
    if !api_version.is_empty() {
        return Ok((in_version(found, api_version)?, names.map(str::to_owned).collect()));
    }
    // A kind may be named with its group: deployments.apps.spec.
    let same = |resource: &&Resource| resource.plural == found.plural;
    let full = RESOURCES.iter().filter(same).find_map(|resource| {
        let rest = word.strip_prefix(mapper::full_name(resource).as_str())?;
        (rest.is_empty() || rest.starts_with('.')).then_some((resource, rest))
    });
    let (resource, rest) = full.unwrap_or((found, &word[kind.len()..]));
    Ok((resource, rest.split('.').skip(1).map(str::to_owned).collect()))
}

/// The same resource in the version that `--api-version` names.
fn in_version(found: &Resource, api_version: &str) -> Outcome<&'static Resource> {
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
    let gvr = format!("{group}/{version}, Resource={}", found.plural);
    let served = |resource: &&Resource| resource.group == group && resource.version == version;
    if !RESOURCES.iter().any(|resource| served(&resource)) {
        return Err(Failure::Message(format!("couldn't find resource for \"{gvr}\"")));
    }
    RESOURCES
        .iter()
        .filter(served)
        .find(|resource| resource.plural == found.plural)
        .ok_or_else(|| Failure::Message(format!("GVR ({gvr}) not found in OpenAPI schema")))
}

/// The named type at the end of lists and maps.
fn named(shape: Shape) -> Option<&'static str> {
    match shape.level() {
        Level::Named(name) => Some(name),
        Level::List(of) | Level::Map(of) => named(of),
        Level::Basic(_) | Level::OneOf(_) => None,
    }
}

/// That type itself.
fn inner(shape: Shape) -> Option<Type> {
    named(shape).and_then(fields::find)
}

/// The field at the end of a path below a type.
fn follow(root: &Type, path: &[String]) -> Result<Field, usize> {
    let mut fields = root.fields.clone();
    let mut found: Option<Field> = None;
    for (depth, name) in path.iter().enumerate() {
        let field = fields.into_iter().find(|field| field.name == name).ok_or(depth)?;
        fields = inner(field.shape).map(|of| of.fields).unwrap_or_default();
        found = Some(field);
    }
    found.ok_or(0)
}

/// A field's own words; an enumeration adds its values.
fn words(field: &Field) -> String {
    let Level::OneOf(name) = field.shape.level() else { return field.text.clone() };
    let values: Vec<String> = fields::values(name)
        .into_iter()
        .map(|(value, text)| format!(" - `{value:?}` {text}").trim_end().to_owned())
        .collect();
    format!("{}\n\nPossible enum values:\n{}", field.text, values.join("\n")).trim_start().to_owned()
}

/// A shape as it is printed: `[]Container`, `map[string]string`, `integer`. `of_named` says how a named type with this
/// base (empty for an enumeration or a type that has none) is called.
fn type_name(shape: Shape, of_named: fn(&'static str, &'static str) -> String) -> String {
    match shape.level() {
        Level::Basic(name) => name.to_owned(),
        Level::OneOf(_) => "string".to_owned(),
        Level::List(of) => format!("[]{}", type_name(of, of_named)),
        Level::Map(of) => format!("map[string]{}", type_name(of, of_named)),
        Level::Named(name) => of_named(name, fields::find(name).map_or("", |of| of.base)),
    }
}

#[cfg(test)]
mod tests;
