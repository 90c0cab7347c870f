//! The client's own files: `~/.docker`, or what `--config` and `DOCKER_CONFIG` name. Never decides what is kept there.

use serde_json::{Value, json};

use super::Docker;

/// The directory of the client's files.
pub fn directory(docker: &Docker) -> String {
    let home = docker.call.var("HOME").unwrap_or("/root");
    docker.call.var("DOCKER_CONFIG").map_or_else(|| format!("{home}/.docker"), str::to_owned)
}

/// The file that holds logins, helpers and the context in use.
pub fn path(docker: &Docker) -> String {
    format!("{}/config.json", directory(docker))
}

/// What that file says; an empty object when it says nothing that can be read.
pub fn read(docker: &Docker) -> Value {
    let text = docker.call.sys.read_text(&path(docker)).unwrap_or_default();
    serde_json::from_str(&text).ok().filter(Value::is_object).unwrap_or_else(|| json!({}))
}

/// Writes the configuration as docker does: tabs, and the directory made when it is missing.
pub fn write(docker: &Docker, config: &Value) -> Result<(), String> {
    let mut out = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"\t");
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, formatter);
    serde::Serialize::serialize(config, &mut serializer).map_err(|e| e.to_string())?;
    make_directory(docker, &directory(docker))?;
    docker.call.sys.write(&path(docker), out).map_err(|e| e.to_string())
}

/// Makes a directory and those above it.
pub fn make_directory(docker: &Docker, path: &str) -> Result<(), String> {
    docker.call.sys.change(path, |tree, path, now| tree.mkdir(path, true, now)).map_err(|e| e.to_string())
}
