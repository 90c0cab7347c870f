//! Manifests: YAML and JSON, several documents, lists, files, directories and standard input, with the resource
//! builder's errors.

use super::super::client::cause;
use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::mapper;
use super::select::Info;
use crate::programs::net::url::Url;
use crate::world::http::HttpRequest;
use serde_json::Value;

const EXTENSIONS: [&str; 3] = [".json", ".yaml", ".yml"];
/// Documents in all files of one command.
const DOCUMENT_LIMIT: usize = 10_000;

/// A document and where it is from.
pub struct Document {
    /// As messages name it: the path as given, or `STDIN`.
    pub source: String,
    /// The bytes as JSON, or why they are none.
    pub value: Result<Value, String>,
}

/// Every document of the given files.
pub async fn read(cx: &Context, files: &[String], recursive: bool) -> Outcome<Vec<Document>> {
    let mut documents = Vec::new();
    let mut failures = Vec::new();
    for file in files {
        if file == "-" {
            let (bytes, _) = cx.io.stdin.read_to_end().await;
            push(&mut documents, "STDIN", &String::from_utf8_lossy(&bytes));
            continue;
        }
        if file.starts_with("http://") || file.starts_with("https://") {
            match fetch(cx, file).await {
                Ok(text) => push(&mut documents, file, &text),
                Err(failure) => failures.push(failure),
            }
            continue;
        }
        match paths(cx, file, recursive) {
            Ok(paths) => {
                for path in paths {
                    match cx.sys.read_text(&cx.path(&path)) {
                        Ok(text) => push(&mut documents, &path, &text),
                        Err(error) => failures.push(Failure::Message(format!(
                            "open {path}: {}",
                            error.to_string().to_lowercase()
                        ))),
                    }
                }
            }
            Err(failure) => failures.push(failure),
        }
    }
    if documents.len() > DOCUMENT_LIMIT {
        return Err(Failure::message("too many documents"));
    }
    match failures.len() {
        0 => Ok(documents),
        _ => Err(Failure::Many(failures)),
    }
}

/// What a web server answers: one in the simulation, because there is no Internet behind it.
async fn fetch(cx: &Context, url: &str) -> Outcome<String> {
    let Ok(parsed) = Url::parse(url) else {
        return Err(Failure::Message(format!("the URL passed to filename {url:?} is not valid")));
    };
    let (host, port) = (parsed.host.clone(), parsed.port());
    let request = HttpRequest { tls: parsed.is_tls(), ..HttpRequest::get(&host, port, &parsed.target) };
    match cx.sys.http(request).await {
        Ok(reply) if reply.status == 200 => Ok(String::from_utf8_lossy(&reply.body).into_owned()),
        Ok(reply) => Err(Failure::Message(format!(
            "unable to read URL {url:?}, server reported {} {}, status code={}",
            reply.status, reply.reason, reply.status
        ))),
        Err(refusal) => {
            cx.errln(format!("KubeJam has no Internet: write the manifest to a file instead of {url}."))
                .await;
            Err(Failure::Unreachable { long: format!("Get {url:?}: {}", cause(&refusal, &host, port)), host })
        }
    }
}

/// A file itself, or the manifests of a directory.
fn paths(cx: &Context, file: &str, recursive: bool) -> Outcome<Vec<String>> {
    let absolute = cx.path(file);
    if !cx.sys.exists(&absolute) {
        return Err(Failure::Message(format!("the path {file:?} does not exist")));
    }
    if !cx.sys.is_dir(&absolute) {
        return Ok(vec![file.to_string()]);
    }
    let mut found = Vec::new();
    let mut open = vec![file.trim_end_matches('/').to_string()];
    while let Some(directory) = open.pop() {
        for name in cx.sys.list(&cx.path(&directory)).unwrap_or_default() {
            let path = if directory == "." { name.clone() } else { format!("{directory}/{name}") };
            if cx.sys.is_dir(&cx.path(&path)) {
                if recursive {
                    open.push(path);
                }
            } else if EXTENSIONS.iter().any(|extension| name.ends_with(extension)) {
                found.push(path);
            }
        }
    }
    found.sort();
    if found.is_empty() {
        return Err(Failure::Message(format!(
            "error reading [{file}]: recognized file extensions are [{}]",
            EXTENSIONS.join(" ")
        )));
    }
    Ok(found)
}

/// The documents of one text.
pub fn documents(source: &str, text: &str) -> Vec<Document> {
    let mut documents = Vec::new();
    push(&mut documents, source, text);
    documents
}

fn push(documents: &mut Vec<Document>, source: &str, text: &str) {
    for part in split(text) {
        let value = parse_document(&part);
        if !matches!(&value, Ok(Value::Null)) {
            documents.push(Document { source: source.to_string(), value });
        }
    }
}

/// The documents of a text; a JSON text is one or several objects after each other.
fn split(text: &str) -> Vec<String> {
    if text.trim_start().starts_with('{') {
        let stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        let values: Result<Vec<Value>, _> = stream.collect();
        return match values {
            Ok(values) => values.iter().map(Value::to_string).collect(),
            Err(_) => vec![text.to_string()],
        };
    }
    let mut parts = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "---" || line.starts_with("--- ") {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push_str(line);
        }
    }
    let blank =
        |part: &String| part.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
    parts.retain(|part| !blank(part));
    parts
}

fn parse_document(text: &str) -> Result<Value, String> {
    if text.trim_start().starts_with('{') {
        match serde_json::from_str(text) {
            Ok(value) => return Ok(value),
            Err(error) if error.is_eof() => return Err("unexpected EOF".into()),
            Err(_) => {}
        }
    }
    parse_yaml(text)
}

/// One YAML document as JSON; the error is go-yaml's sentence where it is known.
pub fn parse_yaml(text: &str) -> Result<Value, String> {
    if let Some(line) = text.lines().position(|line| line.trim_start_matches(' ').starts_with('\t')) {
        return Err(format!(
            "error converting YAML to JSON: yaml: line {}: found character that cannot start any token",
            line + 1
        ));
    }
    let options = serde_saphyr::options! { legacy_octal_numbers: true, strict_booleans: false };
    serde_saphyr::from_str_with_options::<Value>(text, options).map_err(|error| {
        let line = error.location().map_or(1, |location| location.line());
        let complaint = complaint(&error.to_string());
        // go-yaml counts from 0 in what its parser says, and from 1 in what its scanner says.
        let line = if complaint.starts_with("did not find") { line.saturating_sub(1) } else { line };
        format!("error converting YAML to JSON: yaml: line {line}: {complaint}")
    })
}

/// The parser's reason in go-yaml's words.
fn complaint(reason: &str) -> &'static str {
    if reason.contains("mapping values") {
        "mapping values are not allowed in this context"
    } else if reason.contains("simple key") || reason.contains("':'") {
        "could not find expected ':'"
    } else if reason.contains("duplicate") {
        "mapping key already defined"
    } else if reason.contains("block sequence") || reason.contains("-") && reason.contains("indicator") {
        "did not find expected '-' indicator"
    } else {
        "did not find expected key"
    }
}

/// Documents as objects with their kinds; lists are taken apart.
pub fn infos(documents: Vec<Document>, namespace: &str, enforce: bool) -> (Vec<Info>, Vec<Failure>) {
    let (mut infos, mut failures) = (Vec::new(), Vec::new());
    // What cannot be read or checked ends the reading of its file.
    let mut given_up = String::new();
    for document in documents {
        if document.source == given_up {
            continue;
        }
        let value = match document.value {
            Ok(value) => value,
            Err(error) => {
                failures.push(Failure::Message(format!("error parsing {}: {error}", document.source)));
                given_up = document.source;
                continue;
            }
        };
        let items = match (value.get("kind").and_then(Value::as_str), value.get("items")) {
            (Some(kind), Some(Value::Array(items))) if kind.ends_with("List") => items.clone(),
            _ => vec![value],
        };
        for item in items {
            match info(item, &document.source, namespace, enforce) {
                Ok(info) => infos.push(info),
                Err(failure) => {
                    if matches!(&failure, Failure::Message(text) if text.starts_with("error validating")) {
                        given_up.clone_from(&document.source);
                    }
                    failures.push(failure);
                }
            }
        }
    }
    (infos, failures)
}

fn info(value: Value, source: &str, namespace: &str, enforce: bool) -> Outcome<Info> {
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_string();
    let (version, kind, name) = (text("/apiVersion"), text("/kind"), text("/metadata/name"));
    if value.is_string() || value.is_array() {
        return Err(Failure::Message(format!(
            "error validating {source:?}: error validating data: invalid object to validate; if you choose to ignore these errors, turn validation off with --validate=false"
        )));
    }
    if !value.is_object() {
        let error = format!(
            "couldn't get version/kind; json parse error: json: cannot unmarshal {} into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}",
            go_kind(&value)
        );
        return Err(Failure::Message(format!("unable to decode {source:?}: {error}")));
    }
    if kind.is_empty() {
        return Err(Failure::Message(format!(
            "error validating {source:?}: error validating data: kind not set; if you choose to ignore these errors, turn validation off with --validate=false"
        )));
    }
    if version.is_empty() {
        return Err(Failure::Message(format!(
            "error validating {source:?}: error validating data: apiVersion not set; if you choose to ignore these errors, turn validation off with --validate=false"
        )));
    }
    let own = text("/metadata/namespace");
    let Some(resource) = mapper::for_manifest(&version, &kind) else {
        return Err(Failure::Message(format!(
            "resource mapping not found for name: {name:?} namespace: {own:?} from {source:?}: no matches for kind {kind:?} in version {version:?}\nensure CRDs are installed first"
        )));
    };
    if let Some(kind) = ["labels", "annotations"].iter().find_map(|key| not_text(&value, key)) {
        return Err(Failure::Message(format!("unable to decode {source:?}: {kind}")));
    }
    if enforce && resource.namespaced && !own.is_empty() && own != namespace {
        return Err(Failure::Message(format!(
            "the namespace from the provided object {own:?} does not match the namespace {namespace:?}. You must pass '--namespace={own}' to perform this operation."
        )));
    }
    let namespace = resource.namespaced.then(|| if own.is_empty() { namespace.to_string() } else { own });
    let mut value = value;
    if let (Some(namespace), Some(metadata)) =
        (&namespace, value.get_mut("metadata").and_then(Value::as_object_mut))
    {
        metadata.insert("namespace".into(), namespace.clone().into());
    }
    Ok(Info { resource, namespace, name, object: Some(value), source: Some(source.to_string()) })
}

/// Labels and annotations are read on the client already, and must be texts.
fn not_text(object: &Value, key: &str) -> Option<String> {
    let map = object.pointer(&format!("/metadata/{key}"))?.as_object()?;
    let bad = map.values().find(|value| !value.is_string() && !value.is_null())?;
    Some(format!(
        "json: cannot unmarshal {} into Go struct field ObjectMeta.metadata.{key} of type string",
        go_kind(bad)
    ))
}

fn go_kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Number(_) => "number",
        Value::Bool(_) => "bool",
        _ => "null",
    }
}

#[cfg(test)]
mod tests {
    use super::{parse_yaml, split};
    use serde_json::json;

    #[test]
    fn documents_are_split_and_read() {
        assert_eq!(split("a: 1\n---\n# nothing\n---\nb: 2\n"), ["a: 1\n", "b: 2\n"]);
        assert_eq!(split("{\"a\":1}{\"b\":2}"), ["{\"a\":1}", "{\"b\":2}"]);
        assert_eq!(
            parse_yaml("a: 0644\nb: \"x\"\nc: yes\nd: [1, two]\n"),
            Ok(json!({"a": 420, "b": "x", "c": true, "d": [1, "two"]}))
        );
        assert_eq!(
            parse_yaml("a:\n\tb: 1\n"),
            Err("error converting YAML to JSON: yaml: line 2: found character that cannot start any token"
                .into())
        );
    }
}
