//! The kubeconfig that gcloud writes, and which cluster it points at. Must never answer for kubectl: kubectl reads
//! the file itself.

use serde_json::{Map, Value, json};

use crate::base::Seed;
use crate::image::files::FsError;
use crate::world::{HostId, World};

use super::format::yaml;
use super::{Failure, Gcloud};

/// What kubectl runs for a token.
pub const PLUGIN: &str = "gke-gcloud-auth-plugin";
const MISSING_PLUGIN: &str = "CRITICAL: ACTION REQUIRED: gke-gcloud-auth-plugin, which is needed for continued use of kubectl, was not found or is not executable. Install gke-gcloud-auth-plugin for use with kubectl by following https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl#install_plugin\n";

/// Writes a cluster's entry and says so.
///
/// # Errors
/// When the file cannot be written.
pub async fn persist(gcloud: &Gcloud, key: &str) -> Result<(), Failure> {
    let call = &gcloud.call;
    let search = call.var("PATH").unwrap_or_default();
    if call.sys.find_executable(PLUGIN, &call.cwd, search).is_err() {
        gcloud.err(MISSING_PLUGIN).await;
    }
    if let Err(error) = call.sys.with(|w| add(w, call.sys.host, key)) {
        return Failure::error(format!("Unable to write kubeconfig: {error}"));
    }
    let name = key.rsplit('/').next().unwrap_or(key);
    gcloud.err(&format!("kubeconfig entry generated for {name}.\n")).await;
    Ok(())
}

/// Where kubectl looks, unless `KUBECONFIG` says otherwise.
pub fn path(world: &World, host: HostId) -> String {
    let home = world.hosts.get(&host).map_or("/root", |h| h.home.as_str());
    format!("{home}/.kube/config")
}

/// The name of a cluster, its user and its context in the file.
pub fn entry_name(project: &str, location: &str, cluster: &str) -> String {
    format!("gke_{project}_{location}_{cluster}")
}

/// The file's content, or an empty configuration when there is none or it cannot be read as one.
pub fn load(world: &World, host: HostId) -> Value {
    let path = path(world, host);
    let text = world.look(host, &path, |tree, path| tree.read_text(path).ok()).flatten().unwrap_or_default();
    parsed(&text)
}

fn parsed(text: &str) -> Value {
    let parsed: Option<Value> = serde_saphyr::from_str(text).ok();
    parsed.filter(Value::is_object).unwrap_or_else(empty)
}

fn empty() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Config", "preferences": {}, "current-context": "",
        "clusters": [], "contexts": [], "users": [],
    })
}

/// Adds a cluster of the project and makes it the current one.
///
/// # Errors
/// What the file system answers.
pub fn add(world: &mut World, host: HostId, key: &str) -> Result<(), FsError> {
    let Some(cluster) = world.cloud.clusters.get(key) else { return Ok(()) };
    let name = entry_name(&world.cloud.project.id, &cluster.spec.location, &cluster.spec.name);
    let server = format!("https://{}", cluster.endpoint);
    let authority = authority(world.seed, key);
    let mut config = load(world, host);
    let user = json!({ "exec": {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": PLUGIN,
        "installHint": "Install gke-gcloud-auth-plugin for use with kubectl by following https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl#install_plugin",
        "provideClusterInfo": true,
    }});
    set(
        &mut config,
        "clusters",
        "cluster",
        &name,
        json!({ "certificate-authority-data": authority, "server": server }),
    );
    set(&mut config, "contexts", "context", &name, json!({ "cluster": name, "user": name }));
    set(&mut config, "users", "user", &name, user);
    if let Some(config) = config.as_object_mut() {
        config.insert("current-context".into(), Value::String(name));
    }
    save(world, host, &config)
}

/// Takes a cluster away again, as gcloud does when it deletes one.
///
/// # Errors
/// What the file system answers.
pub fn remove(world: &mut World, host: HostId, name: &str) -> Result<(), FsError> {
    let mut config = load(world, host);
    for list in ["clusters", "contexts", "users"] {
        if let Some(entries) = config.get_mut(list).and_then(Value::as_array_mut) {
            entries.retain(|entry| entry["name"] != name);
        }
    }
    if config["current-context"] == name {
        config["current-context"] = Value::String(String::new());
    }
    save(world, host, &config)
}

fn set(config: &mut Value, list: &str, field: &str, name: &str, value: Value) {
    let Some(config) = config.as_object_mut() else { return };
    let entries = config.entry(list).or_insert_with(|| json!([]));
    if !entries.is_array() {
        *entries = json!([]);
    }
    let Some(entries) = entries.as_array_mut() else { return };
    entries.retain(|entry| entry["name"] != name);
    let mut entry = Map::new();
    entry.insert(field.to_owned(), value);
    entry.insert("name".to_owned(), Value::String(name.to_owned()));
    entries.push(Value::Object(entry));
}

fn save(world: &mut World, host: HostId, config: &Value) -> Result<(), FsError> {
    let path = path(world, host);
    let text = yaml::emit(config);
    world.change(host, &path, |tree, path, now| {
        tree.mkdir(path.rsplit_once('/').map_or("/", |(dir, _)| dir), true, now)?;
        tree.write(path, text.into_bytes(), now)?;
        tree.chmod(path, 0o600)
    })
}

/// What stands for the cluster's certificate; the simulated network never reads it.
fn authority(seed: Seed, key: &str) -> String {
    use base64::Engine;
    let mut rng = seed.stream(&format!("authority/{key}"));
    let body: Vec<String> = (0..8)
        .map(|_| rng.letters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 64))
        .collect();
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", body.join("\n"));
    base64::engine::general_purpose::STANDARD.encode(pem)
}

/// The host of the API server that the current context of a kubeconfig points at.
pub fn current_host(text: &str) -> Option<String> {
    let config = parsed(text);
    let current = config["current-context"].as_str()?;
    let context = named(&config["contexts"], current)?;
    let cluster = named(&config["clusters"], context["context"]["cluster"].as_str()?)?;
    let server = cluster["cluster"]["server"].as_str()?;
    let host = server.trim_start_matches("https://").trim_end_matches('/');
    Some(host.strip_suffix(":443").unwrap_or(host).to_owned())
}

fn named<'a>(list: &'a Value, name: &str) -> Option<&'a Value> {
    list.as_array()?.iter().find(|entry| entry["name"] == name)
}
