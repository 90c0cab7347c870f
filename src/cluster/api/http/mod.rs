//! The HTTP face of the API server: what a method, a target, headers and a body ask for, and how answers are written.
//!
//! Used by `kubectl --raw` and `kubectl proxy` on the learner's machine, and by the door for outside clients. Must never
//! own a socket.

mod discovery;
mod protobuf;
mod reply;
mod stream;
mod target;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{PatchType, Propagation, Reply, Request, Status, UserInfo, Verb};
use crate::base::SimTime;
use crate::cluster::Cluster;
use crate::cluster::kinds::table;

pub use discovery::version;
pub use stream::Stream;

/// A call as it came in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// `GET`, `POST` ...
    pub method: String,
    /// Path and query, percent-encoded.
    pub target: String,
    /// The `Accept` header: whether a table is wanted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub accept: String,
    /// The `Content-Type` header: which kind of patch it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub content_type: String,
    /// The `User-Agent` header: whoever names no field manager is called after it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub agent: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
}

impl Call {
    /// Takes a body of the wire in: as it is, or as JSON when it came in protobuf.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn with_body(mut self, bytes: &[u8]) -> Result<Self, Status> {
        self.body = if self.content_type.starts_with("application/vnd.kubernetes.protobuf") {
            let value = protobuf::to_json(bytes).map_err(Status::bad_request)?;
            "application/json".clone_into(&mut self.content_type);
            value.to_string()
        } else {
            String::from_utf8_lossy(bytes).into_owned()
        };
        Ok(self)
    }

    /// Whether it only looks.
    pub fn reads(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD")
    }
}

/// An answer that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub code: u16,
    pub content_type: &'static str,
    pub body: String,
    /// The texts of `Warning` headers.
    pub warnings: Vec<String>,
}

impl Answer {
    fn text(body: &str) -> Self {
        Answer { code: 200, content_type: "text/plain", body: body.to_owned(), warnings: Vec::new() }
    }

    fn json(code: u16, body: &Value) -> Self {
        Answer { code, content_type: "application/json", body: body.to_string(), warnings: Vec::new() }
    }

    /// A refusal.
    pub fn refusal(status: &Status) -> Self {
        Answer::json(status.code, &status.to_value())
    }
}

/// What comes of a call.
#[derive(Debug)]
pub enum Outcome {
    Whole(Answer),
    /// More comes with time.
    Streams(Stream),
}

/// What a call asks for.
#[derive(Clone, Debug)]
pub enum Asked {
    /// A document that the server has ready: discovery, the version.
    Document(Value),
    /// Health, in plain text.
    Text(String),
    /// The objects.
    Request(Box<Request>),
}

/// Answers a call of a user at a moment.
pub fn answer(cluster: &mut Cluster, now: SimTime, user: UserInfo, call: &Call) -> Outcome {
    let request = match read(cluster, user, call) {
        Ok(Asked::Document(document)) => return Outcome::Whole(Answer::json(200, &document)),
        Ok(Asked::Text(text)) => return Outcome::Whole(Answer::text(&text)),
        Ok(Asked::Request(request)) => *request,
        Err(status) => return Outcome::Whole(Answer::refusal(&status)),
    };
    if request.options.log.follow && request.subresource.as_deref() == Some("log") {
        return Stream::log(cluster, now, request);
    }
    let creates = request.verb == Verb::Create;
    let response = cluster.handle(now, request);
    let mut answer = match response.result {
        Err(status) => Answer::refusal(&status),
        Ok(Reply::Text(text)) => Answer::text(&text),
        Ok(Reply::Object(value) | Reply::List(value)) => {
            Answer::json(if creates { 201 } else { 200 }, &value)
        }
        Ok(Reply::Table(table)) => Answer::json(200, &reply::table(&cluster.api, &table, true)),
        Ok(Reply::Watch(from)) => return Outcome::Streams(Stream::watch(cluster, from, &call.target)),
    };
    answer.warnings = response.warnings;
    Outcome::Whole(answer)
}

/// Reads a call of a user.
///
/// # Errors
/// As the server would answer: no such path, a method that is not allowed, a body that cannot be read.
pub fn read(cluster: &Cluster, user: UserInfo, call: &Call) -> Result<Asked, Status> {
    let (path, query) = call.target.split_once('?').unwrap_or((&call.target, ""));
    let path: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(target::decoded).collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    if let [probe @ ("healthz" | "livez" | "readyz"), check @ ..] = path.as_slice() {
        let verbose = query.split('&').any(|part| part == "verbose" || part.starts_with("verbose="));
        return discovery::health(probe, check, verbose).map(Asked::Text).ok_or_else(Status::no_such_path);
    }
    if call.reads()
        && let Some(document) = discovery::document(cluster.version(), &path)
    {
        return Ok(Asked::Document(document));
    }
    let place = target::Place::of(&path).ok_or_else(Status::no_such_path)?;
    let resource = table::find(place.group, place.version, place.plural).ok_or_else(Status::no_such_path)?;
    let query = target::query(query);
    let wants = |key: &str| query.iter().any(|(k, v)| k == key && matches!(v.as_str(), "true" | "1"));
    let verb = match (call.method.as_str(), place.name) {
        ("GET" | "HEAD", _) if wants("watch") => Verb::Watch,
        ("GET" | "HEAD", Some(_)) => Verb::Get,
        ("GET" | "HEAD", None) => Verb::List,
        ("POST", _) => Verb::Create,
        ("PUT", _) => Verb::Update,
        ("PATCH", _) => Verb::Patch(patch_type(&call.content_type)?),
        ("DELETE", Some(_)) => Verb::Delete,
        ("DELETE", None) => Verb::DeleteCollection,
        (other, _) => return Err(Status::method_not_allowed(resource.group, resource.plural, other)),
    };
    let agent = call.agent.split('/').next().unwrap_or_default();
    let mut request = Request::new(user, agent, verb, place.group, place.version, place.plural);
    request.namespace = place.namespace.map(str::to_owned);
    request.name = place.name.map(str::to_owned);
    request.subresource = place.subresource.map(str::to_owned);
    request.options = target::options(&query);
    request.options.as_table = call.accept.contains("as=Table");
    if let Some((_, manager)) = query.iter().find(|(key, value)| key == "fieldManager" && !value.is_empty()) {
        request.manager.clone_from(manager);
    }
    request.body = body(call)?;
    if matches!(verb, Verb::Delete | Verb::DeleteCollection) {
        delete_options(&mut request);
    }
    Ok(Asked::Request(Box::new(request)))
}

fn patch_type(content_type: &str) -> Result<PatchType, Status> {
    match content_type.split(';').next().unwrap_or_default().trim() {
        "application/json-patch+json" => Ok(PatchType::Json),
        "application/merge-patch+json" => Ok(PatchType::Merge),
        "application/strategic-merge-patch+json" => Ok(PatchType::Strategic),
        "application/apply-patch+yaml" => Ok(PatchType::Apply),
        _ => Err(Status::unsupported_media_type(
            "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml",
        )),
    }
}

/// The body as JSON; YAML is taken as well, as the server does.
fn body(call: &Call) -> Result<Option<Value>, Status> {
    if call.body.is_empty() {
        return Ok(None);
    }
    let unknown = "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml";
    if call.content_type.contains("cbor") {
        return Err(Status::unsupported_media_type(unknown));
    }
    if let Ok(value) = serde_json::from_str(&call.body) {
        return Ok(Some(value));
    }
    serde_saphyr::from_str(&call.body).map(Some).map_err(|why| Status::bad_request(why.to_string()))
}

/// What a DELETE says in its body.
fn delete_options(request: &mut Request) {
    let Some(body) = request.body.take() else { return };
    let options = &mut request.options;
    options.grace_period_seconds = body["gracePeriodSeconds"].as_i64().or(options.grace_period_seconds);
    options.propagation = body["propagationPolicy"].as_str().and_then(propagation).or(options.propagation);
    options.precondition_uid = body["preconditions"]["uid"].as_str().map(str::to_owned);
    options.precondition_resource_version =
        body["preconditions"]["resourceVersion"].as_str().map(str::to_owned);
    options.dry_run |= body["dryRun"].as_array().is_some_and(|all| !all.is_empty());
}

fn propagation(word: &str) -> Option<Propagation> {
    match word {
        "Background" => Some(Propagation::Background),
        "Foreground" => Some(Propagation::Foreground),
        "Orphan" => Some(Propagation::Orphan),
        _ => None,
    }
}
