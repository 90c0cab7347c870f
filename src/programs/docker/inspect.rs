//! `docker inspect` and its forms for one kind of thing.

use crate::machine::Engine;
use crate::machine::docker::EngineError;
use crate::machine::docker::inspect::{self, Json};

use super::Docker;
use super::flags::Parsed;
use super::template::{self, TemplateError};

/// How one thing is looked up.
type Find = fn(&Engine, &str) -> Result<Json, EngineError>;

fn find_container(engine: &Engine, name: &str) -> Result<Json, EngineError> {
    engine.find(name).map(|c| inspect::container(engine, c))
}

fn find_image(engine: &Engine, name: &str) -> Result<Json, EngineError> {
    engine.images.find(name).map(|stored| inspect::image(engine, stored))
}

fn find_network(engine: &Engine, name: &str) -> Result<Json, EngineError> {
    let found = engine.networks.find(name).map(|n| inspect::network(engine, n));
    found.ok_or_else(|| EngineError::not_found(format!("network {name} not found")))
}

fn find_volume(engine: &Engine, name: &str) -> Result<Json, EngineError> {
    let found = engine.volumes.find(name).map(inspect::volume);
    found.ok_or_else(|| EngineError::not_found(format!("get {name}: no such volume")))
}

const TYPES: &[(&str, Find)] = &[
    ("container", find_container),
    ("image", find_image),
    ("network", find_network),
    ("volume", find_volume),
];

pub async fn any(docker: Docker, parsed: Parsed) -> i32 {
    let Some(wanted) = parsed.get("type") else { return print(docker, parsed, None).await };
    match TYPES.iter().find(|(name, _)| *name == wanted) {
        Some((_, find)) => print(docker, parsed, Some(*find)).await,
        None => {
            docker
                .err(format!(
                    "unknown type: \"{wanted}\": must be one of \"config\", \"container\", \"image\", \"network\", \"node\", \"plugin\", \"secret\", \"service\", \"task\", \"volume\"\n"
                ))
                .await;
            1
        }
    }
}

pub async fn container(docker: Docker, parsed: Parsed) -> i32 {
    print(docker, parsed, Some(find_container)).await
}

pub async fn image(docker: Docker, parsed: Parsed) -> i32 {
    print(docker, parsed, Some(find_image)).await
}

pub async fn network(docker: Docker, parsed: Parsed) -> i32 {
    print(docker, parsed, Some(find_network)).await
}

pub async fn volume(docker: Docker, parsed: Parsed) -> i32 {
    print(docker, parsed, Some(find_volume)).await
}

/// Looks up one name; without a kind, every kind is tried in turn.
fn look_up(engine: &Engine, name: &str, find: Option<Find>) -> Result<Json, String> {
    match find {
        Some(find) => find(engine, name).map_err(|error| format!("Error response from daemon: {error}")),
        None => TYPES
            .iter()
            .find_map(|(_, find)| find(engine, name).ok())
            .ok_or_else(|| format!("Error: No such object: {name}")),
    }
}

async fn print(docker: Docker, parsed: Parsed, find: Option<Find>) -> i32 {
    if let Some(TemplateError::Parse(error)) = template_of(&parsed).and_then(parse_error) {
        docker.err(format!("template parsing error: {error}\n")).await;
        return 64;
    }
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for name in &parsed.args {
        match docker.view(|engine, _| look_up(engine, name, find)) {
            Ok(json) => found.push(with_size(&docker, json, parsed.is("size"))),
            Err(error) => errors.push(error),
        }
    }
    show(&docker, &parsed, found, errors).await
}

fn template_of(parsed: &Parsed) -> Option<&str> {
    let format = parsed.get("format").filter(|f| !f.is_empty());
    format.map(|f| if f == "json" { "{{json .}}" } else { f })
}

/// Prints what was found, by the template or as a list, then what was not.
pub async fn show(docker: &Docker, parsed: &Parsed, found: Vec<Json>, errors: Vec<String>) -> i32 {
    let Some(format) = template_of(parsed) else {
        let list = Json::List(found);
        let text = if list == Json::List(Vec::new()) { "[]".to_owned() } else { list.pretty() };
        docker.out(format!("{text}\n")).await;
        return report(docker, errors).await;
    };
    for json in &found {
        let filled = match format.contains("json") {
            true => template::render(format, json, ""),
            false => template::render(format, &with_absent(json.clone()), ""),
        };
        match filled {
            Ok(text) => docker.out(format!("{text}\n")).await,
            Err(TemplateError::Parse(error) | TemplateError::Execute(error)) => {
                docker.out("\n").await;
                docker.err(format!("template parsing error: {error}\n")).await;
                return 1;
            }
        }
    }
    if found.is_empty() {
        docker.out("\n").await;
    }
    report(docker, errors).await
}

/// Fields that Go has and JSON leaves out when they are not set; templates print `<nil>` for them.
fn with_absent(json: Json) -> Json {
    let Json::Struct(mut fields) = json else { return json };
    let has = |fields: &[(String, Json)], name: &str| fields.iter().any(|(n, _)| n == name);
    if !has(&fields, "RestartCount") {
        return Json::Struct(fields);
    }
    for name in ["SizeRw", "SizeRootFs"] {
        if !has(&fields, name) {
            fields.push((name.to_owned(), Json::Null));
        }
    }
    for (part, name) in [("State", "Health"), ("Config", "Healthcheck")] {
        if let Some((_, Json::Struct(inner))) = fields.iter_mut().find(|(n, _)| n == part)
            && !has(inner, name)
        {
            inner.push((name.to_owned(), Json::Null));
        }
    }
    Json::Struct(fields)
}

fn parse_error(format: &str) -> Option<TemplateError> {
    template::render(format, &Json::Map(Vec::new()), "")
        .err()
        .filter(|e| matches!(e, TemplateError::Parse(_)))
}

async fn report(docker: &Docker, errors: Vec<String>) -> i32 {
    if errors.is_empty() {
        return 0;
    }
    docker.err(format!("{}\n", errors.join("\n"))).await;
    1
}

/// With `-s`, a container also tells its sizes.
fn with_size(docker: &Docker, json: Json, sized: bool) -> Json {
    let root_bytes = match &json {
        Json::Struct(fields) => {
            let id = fields.iter().find(|(name, _)| name == "Id").map(|(_, id)| id.go_print());
            let bytes =
                |engine: &Engine| engine.find(&id.unwrap_or_default()).map_or(0, |c| c.image.size_bytes());
            docker.view(|engine, _| bytes(engine))
        }
        _ => 0,
    };
    match json {
        Json::Struct(mut fields) if sized && fields.iter().any(|(name, _)| name == "RestartCount") => {
            let at = fields.iter().position(|(name, _)| name == "GraphDriver").map_or(0, |p| p + 1);
            fields.insert(at, ("SizeRw".to_owned(), Json::from(0i64)));
            fields.insert(at + 1, ("SizeRootFs".to_owned(), Json::from(root_bytes)));
            Json::Struct(fields)
        }
        other => other,
    }
}
