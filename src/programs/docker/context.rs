//! `docker context`: which engine the client talks to. Contexts are files below `~/.docker/contexts`, as docker keeps
//! them; only the machine's own engine is there to be talked to. Never asks an engine.

use serde_json::{Value, json};

use crate::image::Digest;
use crate::machine::docker::inspect::Json;

use super::flags::Parsed;
use super::rows::Listing;
use super::{Docker, config, inspect};

/// Where this machine's engine listens.
pub const SOCKET: &str = "unix:///var/run/docker.sock";
const DEFAULT: &str = "default";
const DEFAULT_ABOUT: &str = "Current DOCKER_HOST based configuration";
/// What `--docker` may say of an endpoint.
const KEYS: &[&str] = &["from", "host", "ca", "cert", "key", "skip-tls-verify"];

/// A context as `meta.json` holds it.
struct Context {
    name: String,
    about: String,
    host: String,
}

impl Context {
    /// The one that always is: whatever flags and environment say.
    fn default(docker: &Docker) -> Self {
        let host = docker.call.var("DOCKER_HOST").filter(|h| !h.is_empty()).unwrap_or(SOCKET);
        Context { name: DEFAULT.to_owned(), about: DEFAULT_ABOUT.to_owned(), host: host.to_owned() }
    }

    fn read(text: &str) -> Option<Self> {
        let meta: Value = serde_json::from_str(text).ok()?;
        let field = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Some(Context {
            name: meta["Name"].as_str()?.to_owned(),
            about: field(&meta["Metadata"]["Description"]),
            host: field(&meta["Endpoints"]["docker"]["Host"]),
        })
    }

    fn find(docker: &Docker, name: &str) -> Result<Self, String> {
        if name == DEFAULT {
            return Ok(Self::default(docker));
        }
        let text = docker.call.sys.read_text(&format!("{}/meta.json", directory(docker, name)));
        let found = text.ok().and_then(|text| Self::read(&text));
        found.ok_or_else(|| {
            let path = format!("{}/meta.json", directory(docker, name));
            format!("context \"{name}\": context not found: open {path}: no such file or directory")
        })
    }

    fn store(&self, docker: &Docker) -> Result<(), String> {
        let about = if self.about.is_empty() { json!({}) } else { json!({ "Description": self.about }) };
        let endpoint = json!({ "docker": { "Host": self.host, "SkipTLSVerify": false } });
        let meta = json!({ "Name": self.name, "Metadata": about, "Endpoints": endpoint });
        config::make_directory(docker, &directory(docker, &self.name))?;
        let path = format!("{}/meta.json", directory(docker, &self.name));
        docker.call.sys.write(&path, meta.to_string().into_bytes()).map_err(|e| e.to_string())
    }

    fn described(&self, docker: &Docker) -> Json {
        let endpoint = vec![("Host", Json::from(self.host.as_str())), ("SkipTLSVerify", Json::from(false))];
        let (meta, tls) = match self.name.as_str() {
            DEFAULT => ("<IN MEMORY>".to_owned(), "<IN MEMORY>".to_owned()),
            name => (directory(docker, name), directory(docker, name).replace("/meta/", "/tls/")),
        };
        let about = Json::from(self.about.as_str());
        let about =
            (self.name != DEFAULT && !self.about.is_empty()).then_some(("Description".to_owned(), about));
        let storage = vec![("MetadataPath", Json::from(meta)), ("TLSPath", Json::from(tls))];
        Json::fields(vec![
            ("Name", Json::from(self.name.as_str())),
            ("Metadata", Json::map(about.into_iter())),
            ("Endpoints", Json::map(std::iter::once(("docker".to_owned(), Json::fields(endpoint))))),
            ("TLSMaterial", Json::Map(Vec::new())),
            ("Storage", Json::fields(storage)),
        ])
    }
}

/// Where a context of that name is kept.
fn directory(docker: &Docker, name: &str) -> String {
    format!("{}/contexts/meta/{}", config::directory(docker), Digest::of(name.as_bytes()).hex())
}

/// Every context, by name.
fn all(docker: &Docker) -> Vec<Context> {
    let kept = format!("{}/contexts/meta", config::directory(docker));
    let names = docker.call.sys.list(&kept).unwrap_or_default();
    let texts = names.iter().filter_map(|n| docker.call.sys.read_text(&format!("{kept}/{n}/meta.json")).ok());
    let mut found: Vec<Context> = texts.filter_map(|text| Context::read(&text)).collect();
    found.push(Context::default(docker));
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// The name of the context in use: flag, environment, configuration, in that order; a host that is named elsewhere
/// means the default one.
fn current(docker: &Docker, flag: Option<&str>, host: Option<&str>) -> String {
    let variable = |name: &str| docker.call.var(name).filter(|v| !v.is_empty());
    if let Some(name) = flag.filter(|c| !c.is_empty()) {
        return name.to_owned();
    }
    if host.is_some() || variable("DOCKER_HOST").is_some() {
        return DEFAULT.to_owned();
    }
    let configured = || config::read(docker)["currentContext"].as_str().map(str::to_owned);
    variable("DOCKER_CONTEXT").map(str::to_owned).or_else(configured).unwrap_or_else(|| DEFAULT.to_owned())
}

/// The engine that flags, environment and configuration lead to; empty for the machine's own.
pub fn endpoint(docker: &Docker, global: &Parsed) -> Result<String, String> {
    let (context, host) = (global.get("context"), global.get("host"));
    let name = current(docker, context, host);
    let context = Context::find(docker, &name)?;
    let host = match (name.as_str(), host) {
        (DEFAULT, Some(host)) => host.trim().to_owned(),
        _ => context.host,
    };
    match host.split_once("://") {
        Some(("tcp", "")) => Ok("tcp://localhost:2375".to_owned()),
        Some(("tcp" | "unix" | "ssh" | "fd" | "npipe" | "http" | "https", _)) | None => Ok(host),
        Some(_) => Err(format!("invalid bind address format: {host}")),
    }
}

async fn refuse(docker: &Docker, why: &str) -> i32 {
    docker.err(format!("{why}\n")).await;
    1
}

pub async fn list(docker: Docker, parsed: Parsed) -> i32 {
    let used = current(&docker, None, None);
    // In the table the one in use is marked; a template gets the bare name.
    let marked = parsed.get("format").is_none_or(|f| f.starts_with("table") && !f.contains("{{"));
    let mut contexts: Vec<(Context, String)> =
        all(&docker).into_iter().map(|context| (context, String::new())).collect();
    if let Err(why) = Context::find(&docker, &used) {
        contexts.push((Context { name: used.clone(), about: String::new(), host: String::new() }, why));
        contexts.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
    }
    let row = |(context, error): &(Context, String)| {
        let mark = marked && !parsed.is("quiet") && context.name == used;
        vec![
            ("Current", Json::from(context.name == used)),
            ("Description", Json::from(context.about.as_str())),
            ("DockerEndpoint", Json::from(context.host.as_str())),
            ("Error", Json::from(error.as_str())),
            ("Name", Json::from(format!("{}{}", context.name, if mark { " *" } else { "" }))),
        ]
    };
    let listing = Listing {
        columns: vec![
            ("Name", "NAME"),
            ("Description", "DESCRIPTION"),
            ("DockerEndpoint", "DOCKER ENDPOINT"),
            ("Error", "ERROR"),
        ],
        more: &[],
        type_name: "*formatter.clientContextContext",
        quiet: "Name",
        raw: "",
        rows: contexts.iter().map(row).collect(),
    };
    let status = listing.print(&docker, parsed.get("format"), parsed.is("quiet")).await;
    if status == 0 && docker.call.var("DOCKER_HOST").is_some_and(|h| !h.is_empty()) {
        docker
            .err("Warning: DOCKER_HOST environment variable overrides the active context. To use a context, either set the global --context flag, or unset DOCKER_HOST environment variable.\n")
            .await;
    }
    status
}

pub async fn show(docker: Docker, _parsed: Parsed) -> i32 {
    docker.out(format!("{}\n", current(&docker, None, None))).await;
    0
}

pub async fn choose(docker: Docker, parsed: Parsed) -> i32 {
    let name = parsed.arg(0);
    if name != DEFAULT
        && let Err(why) = valid_name(name).and_then(|()| Context::find(&docker, name).map(drop))
    {
        return refuse(&docker, &why).await;
    }
    if let Err(why) = remember(&docker, if name == DEFAULT { "" } else { name }) {
        return refuse(&docker, &why).await;
    }
    docker.out(format!("{name}\n")).await;
    docker.err(format!("Current context is now \"{name}\"\n")).await;
    if name != DEFAULT && docker.call.var("DOCKER_HOST").is_some_and(|h| !h.is_empty()) {
        docker
            .err(format!("Warning: DOCKER_HOST environment variable overrides the active context. To use \"{name}\", either set the global --context flag, or unset DOCKER_HOST environment variable.\n"))
            .await;
    }
    0
}

/// Writes which context is in use; the default one leaves no trace.
fn remember(docker: &Docker, name: &str) -> Result<(), String> {
    let mut config = config::read(docker);
    if config["currentContext"].as_str().unwrap_or_default() == name {
        return Ok(());
    }
    match config.as_object_mut() {
        Some(fields) if name.is_empty() => drop(fields.remove("currentContext")),
        _ => config["currentContext"] = json!(name),
    }
    config::write(docker, &config)
}

pub async fn rm(docker: Docker, parsed: Parsed) -> i32 {
    let used = current(&docker, None, None);
    let mut complaints = Vec::new();
    for name in &parsed.args {
        let forced = parsed.is("force");
        let refusal = if name == DEFAULT {
            Some("context \"default\" cannot be removed".to_owned())
        } else if *name == used && !forced {
            Some(format!("context \"{name}\" is in use, set -f flag to force remove"))
        } else if !forced && Context::find(&docker, name).is_err() {
            Some(format!("context \"{name}\" does not exist"))
        } else {
            None
        };
        if let Some(refusal) = refusal {
            complaints.push(refusal);
            continue;
        }
        let forgotten = if *name == used { remember(&docker, "") } else { Ok(()) };
        let removed =
            docker.call.sys.change(&directory(&docker, name), |tree, path, now| tree.remove(path, true, now));
        // What was not there needs no removing.
        let _gone = removed.is_ok();
        match forgotten {
            Ok(()) => docker.out(format!("{name}\n")).await,
            Err(why) => complaints.push(why),
        }
    }
    for complaint in &complaints {
        docker.err(format!("{complaint}\n")).await;
    }
    i32::from(!complaints.is_empty())
}

/// What a name must look like.
fn valid_name(name: &str) -> Result<(), String> {
    let inner = |c: char| c.is_ascii_alphanumeric() || "_.+-".contains(c);
    if name.is_empty() {
        return Err("context name cannot be empty".to_owned());
    }
    if name == DEFAULT {
        return Err("\"default\" is a reserved context name".to_owned());
    }
    if name.len() < 2 || !name.starts_with(|c: char| c.is_ascii_alphanumeric()) || !name.chars().all(inner) {
        let pattern = "^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$";
        return Err(format!(
            "context name \"{name}\" is invalid, names are validated against regexp \"{pattern}\""
        ));
    }
    Ok(())
}

/// The endpoint that `--docker host=…` describes; `None` when nothing was said.
fn described_host(docker: &Docker, parsed: &Parsed) -> Result<Option<String>, String> {
    if !parsed.has("docker") {
        return Ok(None);
    }
    let wrap = |why: String| format!("unable to create docker endpoint config: {why}");
    let pairs = parsed.all("docker").iter().flat_map(|text| text.split(',')).filter(|pair| !pair.is_empty());
    let mut host = String::new();
    for (key, value) in pairs.filter_map(|pair| pair.split_once('=')) {
        match key {
            "host" => value.clone_into(&mut host),
            "from" => host = Context::find(docker, value).map_err(wrap)?.host,
            key if KEYS.contains(&key) => {}
            key => return Err(wrap(format!("unrecognized config key: {key}"))),
        }
    }
    Ok(Some(host))
}

pub async fn create(docker: Docker, parsed: Parsed) -> i32 {
    match created(&docker, &parsed) {
        Ok(name) => {
            docker.out(format!("{name}\n")).await;
            docker.err(format!("Successfully created context \"{name}\"\n")).await;
            0
        }
        Err(why) => refuse(&docker, &why).await,
    }
}

fn created(docker: &Docker, parsed: &Parsed) -> Result<String, String> {
    let name = parsed.arg(0);
    valid_name(name)?;
    if Context::find(docker, name).is_ok() {
        return Err(format!("context \"{name}\" already exists"));
    }
    let from = parsed.get("from").filter(|from| !from.is_empty());
    if from.is_some() && parsed.has("docker") {
        return Err("cannot use --docker flag when --from is set".to_owned());
    }
    let model = match described_host(docker, parsed)? {
        Some(host) => Context { name: String::new(), about: String::new(), host },
        None => Context::find(docker, from.unwrap_or(&current(docker, None, None)))?,
    };
    let about = parsed.get("description").filter(|d| !d.is_empty()).map_or(model.about, str::to_owned);
    Context { name: name.to_owned(), about, host: model.host }.store(docker)?;
    Ok(name.to_owned())
}

pub async fn update(docker: Docker, parsed: Parsed) -> i32 {
    match updated(&docker, &parsed) {
        Ok(name) => {
            docker.out(format!("{name}\n")).await;
            docker.err(format!("Successfully updated context \"{name}\"\n")).await;
            0
        }
        Err(why) => refuse(&docker, &why).await,
    }
}

fn updated(docker: &Docker, parsed: &Parsed) -> Result<String, String> {
    let name = parsed.arg(0);
    valid_name(name)?;
    let mut context = Context::find(docker, name)?;
    if let Some(about) = parsed.get("description").filter(|d| !d.is_empty()) {
        about.clone_into(&mut context.about);
    }
    if let Some(host) = described_host(docker, parsed)? {
        context.host = host;
    }
    context.store(docker)?;
    Ok(name.to_owned())
}

pub async fn inspect(docker: Docker, mut parsed: Parsed) -> i32 {
    if parsed.args.is_empty() {
        parsed.args.push(current(&docker, None, None));
    }
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for name in &parsed.args {
        match Context::find(&docker, name) {
            Ok(context) => found.push(context.described(&docker)),
            Err(why) => missing.push(why),
        }
    }
    if parsed.get("format").is_some_and(|format| !format.is_empty()) || found.is_empty() {
        return inspect::show(&docker, &parsed, found, missing).await;
    }
    // What the client writes itself, it writes with angle brackets escaped.
    let text = Json::List(found).pretty().replace('<', "\\u003c").replace('>', "\\u003e");
    docker.out(format!("{text}\n")).await;
    for why in &missing {
        docker.err(format!("{why}\n")).await;
    }
    i32::from(!missing.is_empty())
}
