//! A pod's volumes as its containers see them: ConfigMaps, Secrets, tokens and the downward API become file trees,
//! the others names of shared storage. Reads objects; never changes any.

use std::collections::BTreeMap;
use std::rc::Rc;

use k8s_openapi::api::core::v1::{
    ConfigMap, Container, DownwardAPIVolumeFile, KeyToPath, PersistentVolumeClaim, Pod,
    ProjectedVolumeSource, Secret, ServiceAccountTokenProjection, Volume,
};

use super::environment::pod_field;
use crate::base::time::SimTime;
use crate::cluster::store::Store;
use crate::image::files::{Entry, EntryKind, FileTree};
use crate::image::process::{Mount, MountSource};

/// What volumes are made from.
pub struct Sources<'a> {
    pub store: &'a Store,
    pub pod: &'a Pod,
    pub pod_ip: &'a str,
    pub host_ip: &'a str,
    pub now: SimTime,
}

type Files = BTreeMap<String, Vec<u8>>;

/// The volumes that cannot be set up: name and reason, as `MountVolume.SetUp failed` tells it.
pub fn failures(sources: &Sources) -> Vec<(String, String)> {
    let volumes = sources.pod.spec.as_ref().and_then(|s| s.volumes.as_ref());
    let failures =
        volumes.into_iter().flatten().filter_map(|v| Some((v.name.clone(), content(v, sources).err()?)));
    failures.collect()
}

/// The mounts of one container.
pub fn mounts(container: &Container, sources: &Sources) -> Result<Vec<Mount>, String> {
    let volumes = sources.pod.spec.as_ref().and_then(|s| s.volumes.as_ref());
    let mut mounts = Vec::new();
    for mount in container.volume_mounts.iter().flatten() {
        let volume = volumes.into_iter().flatten().find(|v| v.name == mount.name);
        let Some(volume) = volume else { continue };
        let sub_path = mount.sub_path.as_deref().filter(|p| !p.is_empty());
        let source = match (content(volume, sources)?, sub_path) {
            (Content::Files(files), None) => MountSource::Tree(data_directory(files, sources.now)),
            (Content::Files(files), Some(sub)) => {
                MountSource::Tree(sub_tree(&data_directory(files, sources.now), sub)?)
            }
            (Content::Shared(name), None) => MountSource::Volume(name),
            (Content::Shared(name), Some(sub)) => MountSource::Volume(format!("{name}/{sub}")),
            (Content::Host(path), _) => MountSource::HostPath(path),
        };
        mounts.push(Mount {
            path: mount.mount_path.clone(),
            source,
            read_only: mount.read_only.unwrap_or(false) || is_read_only(volume),
        });
    }
    Ok(mounts)
}

/// ConfigMaps, Secrets and projections are always mounted read-only by the runtime.
fn is_read_only(volume: &Volume) -> bool {
    volume.config_map.is_some()
        || volume.secret.is_some()
        || volume.projected.is_some()
        || volume.downward_api.is_some()
}

fn sub_tree(tree: &FileTree, path: &str) -> Result<FileTree, String> {
    let path = format!("/{}", path.trim_start_matches('/'));
    match tree.get(&path) {
        Some(entry) => Ok(FileTree::from_root(entry.clone())),
        None => Ok(FileTree::new()),
    }
}

/// What a volume holds, before it is laid out for a container.
enum Content {
    Files(Files),
    /// Storage that is known by a name.
    Shared(String),
    /// A path of the node.
    Host(String),
}

fn content(volume: &Volume, sources: &Sources) -> Result<Content, String> {
    let namespace = sources.pod.metadata.namespace.as_deref().unwrap_or_default();
    let store = sources.store;
    if let Some(map) = &volume.config_map {
        let files = config_map_files(store, namespace, &map.name, map.items.as_deref(), map.optional);
        return files.map(Content::Files);
    }
    if let Some(secret) = &volume.secret {
        let name = secret.secret_name.as_deref().unwrap_or_default();
        let files = secret_files(store, namespace, name, secret.items.as_deref(), secret.optional);
        return files.map(Content::Files);
    }
    if let Some(projected) = &volume.projected {
        return projected_files(projected, namespace, sources).map(Content::Files);
    }
    if let Some(downward) = &volume.downward_api {
        let items = downward.items.as_deref().unwrap_or_default();
        return downward_files(items, sources).map(Content::Files);
    }
    if let Some(host) = &volume.host_path {
        return Ok(Content::Host(host.path.clone()));
    }
    if let Some(claim) = &volume.persistent_volume_claim {
        return claim_volume(sources.store, namespace, &claim.claim_name);
    }
    let uid = sources.pod.metadata.uid.as_deref().unwrap_or_default();
    Ok(Content::Shared(format!("emptydir/{uid}/{}", volume.name)))
}

fn claim_volume(store: &Store, namespace: &str, name: &str) -> Result<Content, String> {
    let claim = store
        .get_as::<PersistentVolumeClaim>(namespace, name)
        .ok_or_else(|| format!("persistentvolumeclaim {name:?} not found"))?;
    match claim.spec.as_ref().and_then(|s| s.volume_name.clone()).filter(|v| !v.is_empty()) {
        Some(volume) => Ok(Content::Shared(format!("pv/{volume}"))),
        None => Err(format!("PVC {namespace}/{name} is not bound")),
    }
}

/// The files of a map of keys: all, or the listed ones under their paths.
fn pick(
    data: Files,
    items: Option<&[KeyToPath]>,
    optional: bool,
    missing: impl Fn(&str) -> String,
) -> Result<Files, String> {
    let Some(items) = items.filter(|i| !i.is_empty()) else { return Ok(data) };
    let mut files = Files::new();
    for item in items {
        match data.get(&item.key) {
            Some(bytes) => {
                files.insert(item.path.clone(), bytes.clone());
            }
            None if optional => {}
            None => return Err(missing(&item.key)),
        }
    }
    Ok(files)
}

fn config_map_files(
    store: &Store,
    namespace: &str,
    name: &str,
    items: Option<&[KeyToPath]>,
    optional: Option<bool>,
) -> Result<Files, String> {
    let optional = optional == Some(true);
    let Some(map) = store.get_as::<ConfigMap>(namespace, name) else {
        return if optional { Ok(Files::new()) } else { Err(format!("configmap {name:?} not found")) };
    };
    let text = map.data.iter().flatten().map(|(k, v)| (k.clone(), v.clone().into_bytes()));
    let binary = map.binary_data.iter().flatten().map(|(k, v)| (k.clone(), v.0.clone()));
    pick(text.chain(binary).collect(), items, optional, |_| {
        format!("configmap references non-existent config key: {}", missing_key(items, &map.data))
    })
}

fn missing_key(items: Option<&[KeyToPath]>, data: &Option<BTreeMap<String, String>>) -> String {
    let has = |key: &str| data.as_ref().is_some_and(|d| d.contains_key(key));
    items.into_iter().flatten().find(|i| !has(&i.key)).map(|i| i.key.clone()).unwrap_or_default()
}

fn secret_files(
    store: &Store,
    namespace: &str,
    name: &str,
    items: Option<&[KeyToPath]>,
    optional: Option<bool>,
) -> Result<Files, String> {
    let optional = optional == Some(true);
    let Some(secret) = store.get_as::<Secret>(namespace, name) else {
        return if optional { Ok(Files::new()) } else { Err(format!("secret {name:?} not found")) };
    };
    let data = secret.data.iter().flatten().map(|(k, v)| (k.clone(), v.0.clone()));
    pick(data.collect(), items, optional, |key| format!("references non-existent secret key: {key}"))
}

fn projected_files(
    projected: &ProjectedVolumeSource,
    namespace: &str,
    sources: &Sources,
) -> Result<Files, String> {
    let mut files = Files::new();
    for source in projected.sources.iter().flatten() {
        if let Some(token) = &source.service_account_token {
            files.insert(token.path.clone(), token_text(token, namespace, sources.pod).into_bytes());
        }
        if let Some(map) = &source.config_map {
            let found =
                config_map_files(sources.store, namespace, &map.name, map.items.as_deref(), map.optional)?;
            files.extend(found);
        }
        if let Some(secret) = &source.secret {
            files.extend(secret_files(
                sources.store,
                namespace,
                &secret.name,
                secret.items.as_deref(),
                secret.optional,
            )?);
        }
        if let Some(downward) = &source.downward_api {
            files.extend(downward_files(downward.items.as_deref().unwrap_or_default(), sources)?);
        }
    }
    Ok(files)
}

/// A token that looks like one and opens nothing.
fn token_text(token: &ServiceAccountTokenProjection, namespace: &str, pod: &Pod) -> String {
    use base64::Engine as _;
    let account = pod.spec.as_ref().and_then(|s| s.service_account_name.clone()).unwrap_or_default();
    let claims = format!(
        "{{\"aud\":[{:?}],\"sub\":\"system:serviceaccount:{namespace}:{account}\"}}",
        token.audience.as_deref().unwrap_or("https://kubernetes.default.svc.cluster.local")
    );
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let uid = pod.metadata.uid.as_deref().unwrap_or_default();
    format!("{}.{}.{}", encode("{\"alg\":\"RS256\",\"kid\":\"kubejam\"}"), encode(&claims), encode(uid))
}

fn downward_files(items: &[DownwardAPIVolumeFile], sources: &Sources) -> Result<Files, String> {
    let mut files = Files::new();
    for item in items {
        if let Some(field) = &item.field_ref {
            let text = pod_field(sources.pod, &field.field_path, sources.pod_ip, sources.host_ip)?;
            files.insert(item.path.clone(), text.into_bytes());
        }
    }
    Ok(files)
}

/// A directory as the kubelet's atomic writer lays it out: the files in a dated directory, `..data` pointing to it,
/// and a link per first path element.
fn data_directory(files: Files, now: SimTime) -> FileTree {
    let dated = now.timestamp().strftime("..%Y_%m_%d_%H_%M_%S.%9f").to_string();
    let directory = |names| Rc::new(Entry::new(EntryKind::Dir(names), 0o755, now));
    let link = |target: String| Rc::new(Entry::new(EntryKind::Symlink(target), 0o777, now));
    let mut inner = FileTree::from_root(directory(BTreeMap::new()));
    let mut names = BTreeMap::from([("..data".to_owned(), link(dated.clone()))]);
    // Paths come from validated objects; one that cannot be written is left out, as an unreadable file would be.
    for (path, bytes) in files {
        let path = path.trim_start_matches('/');
        if let Some((above, _)) = path.rsplit_once('/') {
            let _ = inner.mkdir(&format!("/{above}"), true, now);
        }
        let _ = inner.write(&format!("/{path}"), bytes, now);
        let first = path.split('/').next().unwrap_or(path);
        names.insert(first.to_owned(), link(format!("..data/{first}")));
    }
    names.insert(dated, inner.root().clone());
    FileTree::from_root(directory(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_link_through_data_into_the_dated_directory() {
        let files = Files::from([("app.conf".to_owned(), b"x=1".to_vec())]);
        let tree = data_directory(files, SimTime(1_795_351_539_042));
        assert_eq!(tree.read_text("/app.conf").as_deref(), Ok("x=1"));
        let names = tree.list("/").expect("a root");
        assert_eq!(names, ["..2026_11_22_12_45_39.042000000", "..data", "app.conf"]);
    }
}
