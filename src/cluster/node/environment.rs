//! A container's environment and command line: values from ConfigMaps, Secrets and the pod's own fields, `$(VAR)`
//! references, and the variables that tell of Services. Reads objects; never writes any.
//! As kubelet_pods.go, makeEnvironmentVariables, and pkg/kubelet/envvars.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use k8s_openapi::api::core::v1::{
    ConfigMap, Container, EnvFromSource, EnvVarSource, Node, Pod, ResourceFieldSelector, Secret, Service,
};

use super::run::restart_policy;
use crate::cluster::quantity;
use crate::cluster::store::Store;

type Vars = IndexMap<String, String>;

/// Where a value may come from.
pub struct Sources<'a> {
    pub store: &'a Store,
    pub pod: &'a Pod,
    pub container: &'a Container,
    pub pod_ip: &'a str,
    pub host_ip: &'a str,
}

/// The variables in the order: declared sources, declared variables, Services. The error is the message of
/// CreateContainerConfigError.
pub fn variables(sources: &Sources) -> Result<Vars, String> {
    let namespace = sources.pod.metadata.namespace.as_deref().unwrap_or_default();
    let services = service_variables(sources, namespace);
    let mut vars = Vars::new();
    for from in sources.container.env_from.iter().flatten() {
        add_all(sources.store, namespace, from, &mut vars)?;
    }
    for var in sources.container.env.iter().flatten() {
        let value = match (&var.value, &var.value_from) {
            (Some(text), _) if !text.is_empty() => Some(expand(text, &[&vars, &services])),
            (_, Some(source)) => value_from(sources, namespace, source)?,
            _ => Some(String::new()),
        };
        if let Some(value) = value {
            vars.insert(var.name.clone(), value);
        }
    }
    for (name, value) in services {
        vars.entry(name).or_insert(value);
    }
    Ok(vars)
}

fn add_all(store: &Store, namespace: &str, from: &EnvFromSource, vars: &mut Vars) -> Result<(), String> {
    let prefix = from.prefix.clone().unwrap_or_default();
    if let Some(reference) = &from.config_map_ref {
        match config_map(store, namespace, &reference.name, reference.optional)? {
            Some(data) => vars.extend(data.into_iter().map(|(k, v)| (format!("{prefix}{k}"), v))),
            None => return Ok(()),
        }
    }
    if let Some(reference) = &from.secret_ref
        && let Some(data) = secret(store, namespace, &reference.name, reference.optional)?
    {
        vars.extend(data.into_iter().map(|(k, v)| (format!("{prefix}{k}"), v)));
    }
    Ok(())
}

type Data = BTreeMap<String, String>;

/// A ConfigMap's data; `None` when it is missing and optional.
fn config_map(
    store: &Store,
    namespace: &str,
    name: &str,
    optional: Option<bool>,
) -> Result<Option<Data>, String> {
    match store.get_as::<ConfigMap>(namespace, name) {
        Some(map) => Ok(Some(map.data.clone().unwrap_or_default())),
        None if optional == Some(true) => Ok(None),
        None => Err(format!("configmap {name:?} not found")),
    }
}

fn secret(
    store: &Store,
    namespace: &str,
    name: &str,
    optional: Option<bool>,
) -> Result<Option<Data>, String> {
    match store.get_as::<Secret>(namespace, name) {
        Some(secret) => {
            let data = secret.data.iter().flatten();
            Ok(Some(data.map(|(k, v)| (k.clone(), String::from_utf8_lossy(&v.0).into_owned())).collect()))
        }
        None if optional == Some(true) => Ok(None),
        None => Err(format!("secret {name:?} not found")),
    }
}

fn value_from(sources: &Sources, namespace: &str, source: &EnvVarSource) -> Result<Option<String>, String> {
    if let Some(field) = &source.field_ref {
        return pod_field(sources.pod, &field.field_path, sources.pod_ip, sources.host_ip).map(Some);
    }
    if let Some(field) = &source.resource_field_ref {
        return resource_field(sources, field).map(Some);
    }
    let pick = |data: Option<Data>, key: &str, optional: Option<bool>, kind: &str, name: &str| match data {
        None => Ok(None),
        Some(data) => match data.get(key) {
            Some(value) => Ok(Some(value.clone())),
            None if optional == Some(true) => Ok(None),
            None => Err(format!("couldn't find key {key} in {kind} {namespace}/{name}")),
        },
    };
    if let Some(key) = &source.config_map_key_ref {
        let data = config_map(sources.store, namespace, &key.name, key.optional)?;
        return pick(data, &key.key, key.optional, "ConfigMap", &key.name);
    }
    if let Some(key) = &source.secret_key_ref {
        let data = secret(sources.store, namespace, &key.name, key.optional)?;
        return pick(data, &key.key, key.optional, "Secret", &key.name);
    }
    Ok(Some(String::new()))
}

/// A field of the pod by its path (downward API).
pub fn pod_field(pod: &Pod, path: &str, pod_ip: &str, host_ip: &str) -> Result<String, String> {
    let meta = &pod.metadata;
    let spec = pod.spec.as_ref();
    let subscript = |map: Option<&Data>, rest: &str| {
        let key = rest.trim_start_matches("['").trim_end_matches("']");
        map.and_then(|m| m.get(key)).cloned().unwrap_or_default()
    };
    if let Some(rest) = path.strip_prefix("metadata.labels[") {
        return Ok(subscript(meta.labels.as_ref(), &format!("[{rest}")));
    }
    if let Some(rest) = path.strip_prefix("metadata.annotations[") {
        return Ok(subscript(meta.annotations.as_ref(), &format!("[{rest}")));
    }
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    Ok(match path {
        "metadata.name" => text(&meta.name),
        "metadata.namespace" => text(&meta.namespace),
        "metadata.uid" => text(&meta.uid),
        "metadata.labels" => lines(meta.labels.as_ref()),
        "metadata.annotations" => lines(meta.annotations.as_ref()),
        "spec.nodeName" => spec.map(|s| text(&s.node_name)).unwrap_or_default(),
        "spec.serviceAccountName" => spec.map(|s| text(&s.service_account_name)).unwrap_or_default(),
        "spec.restartPolicy" => restart_policy(pod).to_owned(),
        "status.hostIP" | "status.hostIPs" => host_ip.to_owned(),
        "status.podIP" | "status.podIPs" => pod_ip.to_owned(),
        other => return Err(format!("unsupported fieldPath: {other}")),
    })
}

fn lines(map: Option<&Data>) -> String {
    map.into_iter().flatten().map(|(k, v)| format!("{k}={v:?}")).collect::<Vec<_>>().join("\n")
}

/// `limits.cpu` and its like, in units of the divisor, rounded up; without a limit the node's allocatable counts.
fn resource_field(sources: &Sources, field: &ResourceFieldSelector) -> Result<String, String> {
    let (kind, name) = field.resource.split_once('.').unwrap_or((&field.resource, ""));
    let resources = sources.container.resources.clone().unwrap_or_default();
    let listed = match kind {
        "limits" => resources.limits.as_ref(),
        _ => resources.requests.as_ref(),
    };
    let node_name = sources.pod.spec.as_ref().and_then(|s| s.node_name.clone()).unwrap_or_default();
    let node = sources.store.get_as::<Node>("", &node_name);
    let of_node = || {
        let allocatable = node.as_ref()?.status.as_ref()?.allocatable.as_ref()?.get(name)?.0.clone();
        (kind == "limits").then_some(allocatable)
    };
    let text = listed.and_then(|l| l.get(name)).map(|q| q.0.clone()).or_else(of_node);
    let value = quantity::parse(&text.unwrap_or_else(|| "0".to_owned()))?;
    let divisor = field.divisor.as_ref().map(|d| d.0.clone()).filter(|d| !d.is_empty() && d != "0");
    let divisor = quantity::parse(&divisor.unwrap_or_else(|| "1".to_owned()))?;
    let (value, divisor) = (value.milli_value(), divisor.milli_value().max(1));
    Ok(((value + divisor - 1) / divisor).to_string())
}

/// The variables of the Services a pod may see: those of its namespace, and always `kubernetes`.
fn service_variables(sources: &Sources, namespace: &str) -> Vars {
    let links = sources.pod.spec.as_ref().and_then(|s| s.enable_service_links).unwrap_or(true);
    let mut services: BTreeMap<String, &Service> = BTreeMap::new();
    for service in sources
        .store
        .each::<Service>(Some("default"))
        .filter(|s| s.metadata.name.as_deref() == Some("kubernetes"))
    {
        services.insert("kubernetes".to_owned(), service);
    }
    if links {
        for service in sources.store.each::<Service>(Some(namespace)) {
            services.insert(service.metadata.name.clone().unwrap_or_default(), service);
        }
    }
    let mut vars = Vars::new();
    for (name, service) in services {
        add_service(&name, service, &mut vars);
    }
    vars
}

fn add_service(name: &str, service: &Service, vars: &mut Vars) {
    let Some(spec) = &service.spec else { return };
    let ip = spec.cluster_ip.clone().filter(|ip| !ip.is_empty() && ip != "None");
    let (Some(ip), Some(ports)) = (ip, spec.ports.as_ref().filter(|p| !p.is_empty())) else { return };
    let upper = |text: &str| text.replace('-', "_").to_uppercase();
    let name = upper(name);
    vars.insert(format!("{name}_SERVICE_HOST"), ip.clone());
    vars.insert(format!("{name}_SERVICE_PORT"), ports[0].port.to_string());
    for port in ports {
        if let Some(port_name) = port.name.as_ref().filter(|n| !n.is_empty()) {
            vars.insert(format!("{name}_SERVICE_PORT_{}", upper(port_name)), port.port.to_string());
        }
    }
    for (index, port) in ports.iter().enumerate() {
        let protocol = port.protocol.clone().unwrap_or_else(|| "TCP".to_owned());
        let url = format!("{}://{ip}:{}", protocol.to_lowercase(), port.port);
        if index == 0 {
            vars.insert(format!("{name}_PORT"), url.clone());
        }
        let prefix = format!("{name}_PORT_{}_{}", port.port, protocol.to_uppercase());
        vars.insert(prefix.clone(), url);
        vars.insert(format!("{prefix}_PROTO"), protocol.to_lowercase());
        vars.insert(format!("{prefix}_PORT"), port.port.to_string());
        vars.insert(format!("{prefix}_ADDR"), ip.clone());
    }
}

/// Replaces `$(NAME)`; `$$` is a dollar sign, an unknown name stays as written.
pub fn expand(text: &str, scopes: &[&Vars]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((name, after)) = rest.strip_prefix('(').and_then(|r| r.split_once(')')) {
            match scopes.iter().find_map(|vars| vars.get(name)) {
                Some(value) => out.push_str(value),
                None => out.push_str(&format!("$({name})")),
            }
            rest = after;
        } else {
            out.push('$');
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_expand_escapes_stay_and_unknown_names_are_kept() {
        let vars: Vars = [("HOST".to_owned(), "db".to_owned())].into_iter().collect();
        let check = |text, expect| assert_eq!(expand(text, &[&vars]), expect, "{text}");
        check("http://$(HOST):80", "http://db:80");
        check("$$(HOST)", "$(HOST)");
        check("$(NOPE) $HOST", "$(NOPE) $HOST");
        check("$", "$");
    }
}
